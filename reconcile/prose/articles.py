"""Articles: the bytes of a text file or of a saved page in, the running text of an article out.

Guarantees:
    paragraphs_stand_apart: paragraphs are split by one blank line, and none holds a line break.
    words_are_kept: every word of a plain text is in the article, in its order.
    nothing_else_is_raised: whatever the bytes are, an article comes out, or one InputFault that says what to do.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING

from reconcile.errors import InputFault
from reconcile.prose.pages import archived_page, is_archived, is_page, read_page, refuse_book
from reconcile.read.text import guessed_encoding, wide_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

LARGEST_BYTES = 30 * 2**20
PROBED_BYTES = 2**16
# Past this number and this share of control characters, bytes are no text.
STRAY_CONTROLS, BINARY_SHARE = 8, 0.01
# The shortest and the longest line of a text that was wrapped, and how full all of its lines are but the last.
NARROW, WIDE, FULL_SHARE = 50, 100, 0.6
HEADLINE = 200
# Between this share and its rest of Arabic letters, the larger script decides.
HALF = 0.5
# Letters of Persian, Urdu, Kurdish and Pashto that Arabic does not have, and from which share on a text is in one of those.
OTHER_LETTERS, OTHER_SHARE = frozenset("پچژگکیڕڵۆێەٹڈےډړټښۍې"), 0.03
_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3\u06fa-\u06fc\ufb50-\ufdfb\ufe70-\ufefc]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
# Words that few sentences do without, each in one language only.
_ENGLISH = re.compile(
    r"\b(the|of|and|to|was|were|said|by|at|that|which|who|from|has|have|had|been|after|their|as|it|with|than|on|in)\b"
)
_OTHERS = re.compile(
    r"\b(le|la|les|des|et|une|dans|est|sur|pour|que|qui|du|aux|el|los|las|en|y|por|del|con|il|di|che|gli|nella|sono"
    r"|der|das|und|den|von|mit|ist|dem|ein|eine|auf|für|nicht|ve|bir|bu|için|ile|olarak|het|een|dat|niet"
    r"|os|em|um|uma|não|foi|jest|nie|że|się)\b"
)
# From so many on, and without one word of English, letters with accents tell another language.
ACCENTS = 3

# What files begin with that hold text and can't be read as such.
NO_TEXTS = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a Word document, a workbook or an archive",
    b"\xd0\xcf\x11\xe0": "a document of an older Word or Excel",
    b"{\\rtf": "a document in rich text (.rtf)",
    b"\x1f\x8b": "a packed file",
}
_STATED_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]{2,40})""", re.IGNORECASE)
# Of the control characters, line breaks and tabs belong to texts.
_CONTROL = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r\f\x1b\x1a")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# Signs that only turn the direction of writing, or join and part nothing that is seen.
_MARKS = re.compile(r"[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_SENTENCE_ENDS = re.compile(r"[.!?؟:;…][\"'”’»)\]]*$")
_MARKDOWN = (
    (re.compile(r"^\s{0,3}(#{1,6}|>+|[-*+])\s+", re.MULTILINE), ""),
    (re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)"), ""),
    (re.compile(r"\[([^\]\n]+)\]\([^)\n]*\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)([^\n]+?)(?<=\S)\1"), r"\2"),
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Article:
    """The running text of one article and what is known of it.

    Attributes:
        name: file it was read from.
        text: plain text, paragraphs split by one blank line; it begins with the headline where the file shows one.
        publisher: who published it.
        published: day of publication.
        language: ISO code of its language, `en` or `ar`.
        title: headline, or empty.
    """

    name: str
    text: str
    publisher: str
    published: date
    language: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article, and sentences on what was doubtful about its file."""

    article: Article
    remarks: tuple[str, ...] = ()


def read_article(name: str, content: bytes, publisher: str, published: date) -> ReadArticle:
    """Return the article in a file: plain text, Markdown, or a page saved from a browser.

    Args:
        name: of the file; what counts is the content, but for Markdown.
        content: its bytes.
        publisher: who published it.
        published: day of publication.

    Raises:
        InputFault: when the file holds no text of an article in English or Arabic.
    """
    _refuse(name, content)
    if is_archived(content):
        content = archived_page(name, content)
    text, remarks = _decoded(name, content)
    if is_page(text[:PROBED_BYTES].encode("utf-8", "replace")):
        page = read_page(name, text)
        paragraphs, title = [_cleaned(paragraph) for paragraph in page.paragraphs], _cleaned(page.title)
        remarks += _day_remark(name, page.stated_day, published)
    else:
        if PurePath(name).suffix.lower() in {".md", ".markdown"}:
            text = _without_markdown(text)
        refuse_book(name, len(text))
        paragraphs = list(_paragraphs(text))
        title = _headline(paragraphs)
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    if not paragraphs:
        raise InputFault(name, "is blank.", "Save the article again; nothing was read from it.")
    whole = "\n\n".join(paragraphs)
    return ReadArticle(Article(name, whole, publisher, published, _language(name, whole), title), remarks)


def refuse_size(name: str, size: int) -> None:
    """Raise InputFault for a file larger than any article, before it is read."""
    if size > LARGEST_BYTES:
        raise InputFault(
            name,
            f"is {size / 2**20:,.0f} MB large; articles are read up to {LARGEST_BYTES // 2**20} MB.",
            "Copy the article itself into a text file (.txt).",
        )


def _refuse(name: str, content: bytes) -> None:
    refuse_size(name, len(content))
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise InputFault(name, "is empty.", "Save the article again; nothing was read from it.")
    for mark, kind in NO_TEXTS.items():
        if content.startswith(mark):
            raise InputFault(
                name,
                f"is {kind}.",
                "Open it in the program it was made for, and export it as plain text (.txt).",
            )
    probe = content[:PROBED_BYTES]
    controls = len(probe) - len(probe.translate(None, _CONTROL))
    if not wide_encoding(content) and controls > max(STRAY_CONTROLS, BINARY_SHARE * len(probe)):
        raise InputFault(
            name, "is neither text nor a web page.", "Give the article as text (.txt) or as HTML."
        )


def _decoded(name: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file without control characters, and a sentence where its encoding was a guess."""
    remarks: tuple[str, ...] = ()
    if wide := wide_encoding(content):
        text = content.decode(wide, errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            encoding = _stated_encoding(content) or ""
            if not encoding:
                encoding = guessed_encoding(content)
                remarks = (
                    f"{name}: is not UTF-8; it was read as {encoding}, a guess. Check names with accents in the sentences.",
                )
            text = content.decode(encoding, errors="replace")
    bare = _CONTROLS.sub("", text)
    if bare != text:
        remarks += (f"{name}: held {len(text) - len(bare):,} control characters, which were left out.",)
    return bare, remarks


def _stated_encoding(content: bytes) -> str:
    """Return the encoding that a page states, where the page can be read by it."""
    found = _STATED_CHARSET.search(content[:4096]) if is_page(content) else None
    try:
        stated = codecs.lookup(found[1].decode("ascii")).name if found else ""
        # As browsers do: pages that say Latin-1 mean what Windows makes of it.
        stated = "cp1252" if stated == "iso8859-1" else stated
        return stated if stated and content.decode(stated) else ""
    except (LookupError, UnicodeDecodeError):
        return ""


def _cleaned(text: str) -> str:
    return " ".join(part for part in _MARKS.sub("", text).split(" ") if part).strip()


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a plain text: its blocks, or where lines were not wrapped, its lines."""
    even = "\n".join(_MARKS.sub("", text).splitlines())
    width = max(map(len, even.split("\n")))
    for block in _BLANK_LINES.split(even):
        lines = [stripped for line in block.split("\n") if (stripped := _cleaned(line.replace("\t", " ")))]
        yield from [" ".join(lines)] if _is_wrapped(lines, width) else lines


def _is_wrapped(lines: Sequence[str], width: int) -> bool:
    """Return whether lines are one paragraph, broken where the next word no longer fitted, or by hand inside a sentence.

    Args:
        lines: of one block.
        width: of the longest line of the text.
    """
    pairs = list(pairwise(lines))
    if not NARROW <= width <= WIDE:
        return False
    is_greedy = all(len(line) + 1 + len(following.split()[0]) > width for line, following in pairs)
    is_full = all(len(line) >= FULL_SHARE * width for line, _ in pairs)
    return is_greedy or (is_full and any(following[0].islower() for _, following in pairs))


def _headline(paragraphs: list[str]) -> str:
    first = paragraphs[0] if len(paragraphs) > 1 else ""
    return first if len(first) <= HEADLINE and not _SENTENCE_ENDS.search(first) else ""


def _without_markdown(text: str) -> str:
    for pattern, kept in _MARKDOWN:
        text = pattern.sub(kept, text)
    return text


def _language(name: str, text: str) -> str:
    """Return the language of a text, by its script, and by the words and letters that tell others of the same script.

    Raises:
        InputFault: when it is neither English nor Arabic.
    """
    arabic, latin = _ARABIC.findall(text), len(_LATIN.findall(text))
    others = sum(character.isalpha() for character in text) - len(arabic) - latin
    if others > max(len(arabic), latin):
        raise _foreign(name)
    if len(arabic) > HALF * (len(arabic) + latin):
        if sum(letter in OTHER_LETTERS for letter in arabic) > OTHER_SHARE * len(arabic):
            raise _foreign(name)
        return "ar"
    english, foreign = (len(words.findall(text.lower())) for words in (_ENGLISH, _OTHERS))
    accents = sum(letter.isalpha() and not letter.isascii() for letter in text) - len(arabic)
    if foreign > english or (not english and accents >= ACCENTS):
        raise _foreign(name)
    return "en"


def _foreign(name: str) -> InputFault:
    return InputFault(
        name,
        "seems to be written in another language than English and Arabic, and only those are read.",
        "Give a translation, or write its claims into the sheet by hand.",
    )


def _day_remark(name: str, stated: str, published: date) -> tuple[str, ...]:
    found = _DAY.match(stated)
    if not found or found[0] == published.isoformat():
        return ()
    remark = (
        f"{name}: the page says it was published on {found[0]}; --published says {published.isoformat()}, which was kept. "
        "Days such as “on Saturday” are reckoned from it, so give the right one."
    )
    return (remark,)
