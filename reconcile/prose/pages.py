"""A saved web page -> the paragraphs of its article: the one place that knows trafilatura.

Nothing is fetched. What trafilatura leaves in doubt is settled before it looks: a table that holds running text is no
table but the frame of an old page, and boxes that call themselves adverts, captions or links to other articles go.
"""

from __future__ import annotations

import email
import email.policy
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile.errors import InputFault

if TYPE_CHECKING:
    from collections.abc import Iterable

    # lxml has no types of its own, and those that others wrote lag behind it.
    HtmlElement = Any

# A cell with more characters than this holds prose, and its table is the frame of a page.
PROSE_CELL = 200
# From this share of its text in links on, a cell of a frame is a menu.
MENU_SHARE = 0.5
# No box that holds more of a page's text than this is thrown away, whatever it calls itself: some pages are one form, or call
# their body after the adverts that they do not show.
WHOLE_SHARE = 0.5
LONGEST = 2_000_000
PROBED_BYTES = 2048
# What points to another article is no longer than a headline.
HEADLINE = 200
# What only marks words of a paragraph, which a reading of short pages would tear apart there.
INLINE = frozenset((
    "b", "strong", "i", "em", "u", "font", "span", "mark", "abbr", "cite", "small", "big", "sub", "sup", "q", "time", "bdi",
    "bdo", "a",
))  # fmt: skip
# Stands for a paragraph's end inside an element, where old pages put two line breaks.
_BREAK = "\u204b"

_MARKUP = re.compile(
    rb"\s*(<\?xml|<!doctype html|<html|<head|<body|<main|<article|<div|<p[ >]|<!--|<meta|<title)",
    re.IGNORECASE,
)
_ARCHIVED = re.compile(rb"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
_HEADER_LINE = re.compile(
    rb"(from|mime-version|snapshot-content-location|subject|date|content-type):", re.IGNORECASE
)
# Pictures written into the page itself: megabytes that no reader of text wants.
_INLINE = re.compile(r"data:[\w/+.;=-]{0,80};base64,[A-Za-z0-9+/=%]+")
_BREAKS = re.compile(r"<br\b[^<>]{0,200}>(\s*<br\b[^<>]{0,200}>)*", re.IGNORECASE)
# What a document declares of its own entities is left unread, so none of them grows or opens a file.
_DECLARED = re.compile(r"\A\s*(<\?xml[^>]*>)?\s*(<!doctype[^\[>]*)\[[^\]]*\]", re.IGNORECASE)
_LINKED_DAY = re.compile(r'"datePublished"\s*:\s*"(\d{4}-\d\d-\d\d[^"]{0,40})"')
_DAY_OF_META = (
    "//meta[@property='article:published_time' or @property='og:published_time' or @itemprop='datePublished'"
    " or @name='article:published_time' or @name='pubdate' or @name='publishdate' or @name='DC.date.issued'"
    " or @name='dc.date' or @name='parsely-pub-date' or @name='date']/@content"
    " | //time[@itemprop='datePublished']/@datetime"
)
_OTHER_PARTS = (
    "//figure | //figcaption | //aside | //nav | //footer | //button | //form | //dialog | //noscript | //template"
    " | //*[@role='navigation' or @role='complementary' or @role='contentinfo' or @role='dialog' or @hidden]"
)
# Words by which boxes that are no part of an article name themselves, each a whole word of a class or an id.
_BOX = re.compile(
    r"(?<![a-z])(ads?|advert(isement|ising)?|sponsored|promo|captions?|cookies?|consent|gdpr|newsletter|related|recommended"
    r"|comments?|commentlist|shar(e|ing)|social|breadcrumbs?|paywall|subscribe|readmore|trending)(?![a-z])"
)
_WORD_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])")
# No tree of a page takes them, though a page may spell them as &#11;.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# What stands alone between paragraphs and belongs to the page.
_FURNITURE = re.compile(
    r"(advertisement|sponsored|(read|see) (more|also)|also read|related( articles| stories)?|share( this)?( article| story)?"
    r"|continue reading|sign up|subscribe|comments?|print|إعلان|اقرأ أيض[اً]+)\W*",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"((read|see) (more|also|next)|also read|related|more on this|اقرأ (أيض[اً]+|المزيد))\s*:", re.IGNORECASE
)
# A footnote's mark: behind a number it would read as one of its digits.
_FOOTNOTE = re.compile(r"[\s\[\]()\d,;*†‡]+")
_LISTED = re.compile(r"[-•*]\s+")
_SENTENCE_END = re.compile(r"[.!?؟。…]")


@dataclass(frozen=True, slots=True)
class Page:
    """What a saved page holds of an article.

    Attributes:
        paragraphs: of the running text, the headline first where the page shows one.
        title: the headline as shown, else as the page calls itself.
        stated_day: the moment of publication as the page writes it; empty where it states none.
    """

    paragraphs: tuple[str, ...]
    title: str
    stated_day: str


def is_page(content: bytes) -> bool:
    """Return whether bytes begin as a web page does."""
    return bool(_MARKUP.match(content[:PROBED_BYTES].removeprefix(b"\xef\xbb\xbf")))


def is_archived(content: bytes) -> bool:
    """Return whether bytes are a page that a browser saved with its pictures as one file (.mhtml)."""
    probe = content[:PROBED_BYTES].lstrip()
    return bool(_HEADER_LINE.match(probe) and _ARCHIVED.search(probe))


def archived_page(name: str, content: bytes) -> bytes:
    """Return the page itself from a page saved as one file.

    Raises:
        InputFault: when there is none in it.
    """
    message = email.message_from_bytes(content, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            page = part.get_payload(decode=True)
            return page if isinstance(page, bytes) else b""
    raise InputFault(
        name, "is an archive of a web page without the page.", "Save it again as HTML, or as text."
    )


def read_page(name: str, text: str) -> Page:
    """Return the article of a page.

    Args:
        name: of the file.
        text: of the page, as HTML.

    Raises:
        InputFault: when no running text is found, or what reads pages is not installed.
    """
    try:
        from lxml import etree, html  # noqa: PLC0415 - most articles are plain text
        from trafilatura import bare_extraction  # noqa: PLC0415 - the same
    except ImportError:
        raise InputFault(
            name,
            "is a web page, and what reads those is not installed.",
            "Install it with: pip install 'reconcile[prose]'. Or save the article as plain text (.txt).",
        ) from None
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(_plainer(text).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError):
        raise _without_text(name) from None
    refuse_book(name, _length(root))
    title, is_shown = _title_of(root)
    stated = _stated_day(root, text)
    _unframe(root)
    _drop_boxes(root)
    _smooth(root)
    # It tells of every page that it makes nothing of, which is told here.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    # Lenient, so that no list and no short paragraph is lost: the boxes around the article are gone already.
    found = bare_extraction(root, include_comments=False, include_tables=False, favor_recall=True)
    if found is None or isinstance(found, dict) or not found.text:
        raise _without_text(name)
    paragraphs = _paragraphs(found.text.replace(_BREAK, "\n").splitlines(), title)
    return Page((title, *paragraphs) if is_shown else paragraphs, title, stated)


def _without_text(name: str) -> InputFault:
    return InputFault(
        name,
        "is a web page in which no running text was found.",
        "Open it in a browser, copy the article into a text file (.txt), and give that.",
    )


def refuse_book(name: str, characters: int) -> None:
    """Raise InputFault for a text that is no article."""
    if characters > LONGEST:
        raise InputFault(
            name,
            f"holds {characters:,} characters of text, more than an article or a report has.",
            "Give the articles one by one.",
        )


def _plainer(text: str) -> str:
    """Return a page without what readers of text choke on: pictures, entities of its own, line breaks as elements."""
    text = _CONTROLS.sub(" ", text)
    bare = _DECLARED.sub(r"\2", _INLINE.sub("", text), count=1)
    return _BREAKS.sub(lambda found: f" {_BREAK} " if found[1] else " ", bare)


def _words(text: str) -> str:
    return " ".join(text.split())


def _title_of(root: HtmlElement) -> tuple[str, bool]:
    """Return the headline, and whether the page shows it; of several large headings the one that the page is called by."""
    named = [
        _words(str(text)) for text in root.xpath("//meta[@property='og:title']/@content | //title/text()")
    ]
    named = [text for text in named if text]
    headings = {_words(element.text_content()): None for element in root.iter("h1")}
    shown = [text for text in headings if text]
    own = [text for text in shown if any(text in name or name in text for name in named)]
    inside = [_words(element.text_content()) for element in root.xpath("//article//h1 | //main//h1")]
    for text in (*own, *inside, *(shown if len(shown) == 1 else ())):
        if text:
            return text, True
    return (named[0] if named else ""), False


def _stated_day(root: HtmlElement, text: str) -> str:
    stated = [str(value).strip() for value in root.xpath(_DAY_OF_META)]
    linked = _LINKED_DAY.search(text)
    return next((value for value in (*stated, *(linked.groups() if linked else ())) if value), "")


def _unframe(root: HtmlElement) -> None:
    """Turn tables that are the frame of a page into boxes, without the cells beside the text that hold menus."""
    for table in list(root.iter("table")):
        cells = [cell for cell in table.iter("td") if next(cell.iterancestors("table")) is table]
        if any(True for _ in table.iter("th")) or not any(_length(cell) > PROSE_CELL for cell in cells):
            continue
        for cell in cells:
            if _is_menu(cell):
                cell.drop_tree()
        frame = {"table", "tbody", "thead", "tfoot", "tr", "td", "center"}
        for element in [table, *table.iterdescendants()]:
            is_own = element is table or next(element.iterancestors("table"), table) is table
            if is_own and element.tag in frame:
                element.tag = "div"


def _length(element: HtmlElement) -> int:
    return len(_words(element.text_content()))


def _is_menu(cell: HtmlElement) -> bool:
    linked = sum(_length(link) for link in cell.iter("a"))
    return linked > MENU_SHARE * _length(cell) or not _SENTENCE_END.search(cell.text_content())


def _drop_boxes(root: HtmlElement) -> None:
    whole = _length(root)
    named = (element for element in root.xpath("//*[@class or @id]") if _is_box(element))
    for element in [*root.xpath(_OTHER_PARTS), *named]:
        is_there = element.getparent() is not None and element.tag not in {"html", "body", "main", "article"}
        if is_there and _length(element) <= WHOLE_SHARE * whole:
            element.drop_tree()


def _is_box(element: HtmlElement) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return bool(_BOX.search(_WORD_BREAK.sub(" ", names).lower()))


def _smooth(root: HtmlElement) -> None:
    """Leave plain text in paragraphs: no footnotes, and no marks on words."""
    for mark in list(root.iter("sup")):
        if _FOOTNOTE.fullmatch(mark.text_content()):
            del mark[:]
            mark.text = None
    for paragraph in list(root.iter("p", "li", "blockquote", "h1", "h2", "h3")):
        linked = sum(_length(link) for link in paragraph.iter("a"))
        if linked <= MENU_SHARE * _length(paragraph) and all(
            element.tag in INLINE for element in paragraph.iterdescendants()
        ):
            text = _CONTROLS.sub(" ", paragraph.text_content())
            del paragraph[:]
            paragraph.text = text


def _paragraphs(lines: Iterable[str], title: str) -> tuple[str, ...]:
    """Return distinct paragraphs, without the headline, the furniture of the page and what points to other articles."""
    texts = (
        _LISTED.sub("", _words(line), count=1) if _LISTED.match(line) else _words(line) for line in lines
    )
    return tuple(
        dict.fromkeys(
            text
            for text in texts
            if text
            and text != title
            and not _FURNITURE.fullmatch(text)
            and not (len(text) < HEADLINE and _POINTER.match(text))
        )
    )
