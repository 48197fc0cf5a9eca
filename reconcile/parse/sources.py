"""A source as a record words it ("SOHR; AFP quoting SOHR") -> who first asserted it, and through whom it came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

EDGES = " \t\r\n\"'“”.,;:()[]-–"
SEPARATORS = (";", "///", " // ", " | ", "\n")
_QUOTES = (
    "quoting|quotes|quoted|citing|cites|cited|according to|attributed to|attributing to|referring to|relaying|based on|"
    "citant|selon|citando an?|citando|según|со ссылкой на|نقلا عن|نقلاً عن|بحسب|حسب"
)
_CARRIED = (
    "as quoted by|quoted by|quoted in|as cited by|cited by|cited in|as reported by|reported by|as told to|told to|told|"
    "speaking to|in a statement to|carried by|relayed by|published by|via|through"
)
# The passive before the active: "SOHR cited by AFP" is no "SOHR" that cites.
_PASSIVE = re.compile(rf"^(?P<first>.+?),?\s+\(?(?:{_CARRIED})\s+(?P<via>.+)$", re.IGNORECASE | re.DOTALL)
_ACTIVE = re.compile(rf"^(?P<via>.+?),?\s+\(?(?:{_QUOTES})\s+(?P<first>.+)$", re.IGNORECASE | re.DOTALL)
_LEAD = re.compile(rf"^(?:{_QUOTES}|via|reported by|source:|sources:)\s+", re.IGNORECASE)
# A person who speaks for a body is that body; her name is not kept.
_SPEAKER = re.compile(
    r"^(?P<body>.+?)(?:['’]s?)?\s+(?:director|head|chief|founder|chairman|spokes(?:man|woman|person)|representative|activists?|sources?|"
    r"reports?|said|says|announced|stated)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
# What kind of body it is, before its name: "the official news agency SANA".
_DESCRIBED = re.compile(
    r"^.*\b(?:agency|channel|newspaper|website|group|network|state-run|state-owned|state television)\s+(?P<body>.+)$",
    re.IGNORECASE | re.DOTALL,
)
# An article as UCDP lists it: the office, its day, the headline.
_ARTICLE = re.compile(r"(?:^|[\"“;/])\s*(?P<office>[^\",;/]{2,80}),\s*\d{4}-\d{2}-\d{2}\s*(?=[,\"”;]|$)")
# A comma before such a word ends no source: "AFP, citing SOHR".
_GOES_ON = rf"(?!\s*(?i:{_CARRIED}|{_QUOTES})\b)"
# An address names its site; what follows in it is no source.
_ADDRESS = re.compile(r"https?://(?:www\.)?(?P<site>[^/\s;,]+)\S*", re.IGNORECASE)
_AND = re.compile(r",\s+and\s+|\s+and\s+|\s*&\s*|,\s*|\s+و\s*(?=ال)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sourced:
    """One source of a record.

    Attributes:
        first: who first asserted it, as worded.
        via: who passed it on, the last one first; empty where the record has it from the first asserter.
    """

    first: str
    via: tuple[str, ...] = ()


def parse_sources(
    text: str, is_known: Callable[[str], bool], separators: Sequence[str] = ()
) -> tuple[Sourced, ...]:
    """Return the sources that a cell names, in its order, each once.

    Args:
        text: of the cell.
        is_known: tells whether a text is one name; such a text is never cut ("Sound and Picture").
        separators: that the column cuts sources with, beside those that are common to all.
    """
    if offices := _ARTICLE.findall(text):
        return tuple(dict.fromkeys(Sourced(office.strip(EDGES)) for office in offices))
    text = _ADDRESS.sub(lambda found: found["site"], text)
    marks = sorted({*SEPARATORS, *separators}, key=lambda mark: (-len(mark), mark))
    cut = "|".join(re.escape(mark) + (_GOES_ON if mark.strip() == "," else "") for mark in marks)
    pieces = [text] if is_known(text) else re.split(cut, text)
    return tuple(dict.fromkeys(one for piece in pieces for one in _read(piece, (), is_known)))


def _read(piece: str, via: tuple[str, ...], is_known: Callable[[str], bool]) -> Iterator[Sourced]:
    text = piece.strip() if is_known(piece.strip()) else piece.strip(EDGES)
    if not text:
        return
    if is_known(text):
        yield Sourced(text, via)
        return
    # In "AFP via BBC quoting SOHR" the last link is the first asserter: the chain is cut at its first mark.
    found = _PASSIVE.match(text) or _ACTIVE.match(text)
    if found:
        passed_on = _LEAD.sub("", found["via"].strip(EDGES))
        yield from _read(found["first"], (*via, passed_on), is_known)
        return
    bare = _LEAD.sub("", text)
    if bare != text:
        yield from _read(bare, via, is_known)
        return
    for parts in (_AND.split(text), text.split()):
        # Only where all are names is it a list: "Sound and Picture" is one.
        if len(parts) > 1 and all(is_known(part.strip(EDGES)) for part in parts if part.strip(EDGES)):
            for part in parts:
                yield from _read(part, via, is_known)
            return
    described = _DESCRIBED.match(text)
    if described and is_known(described["body"]):
        yield Sourced(described["body"], via)
        return
    speaker = _SPEAKER.match(text)
    yield Sourced(speaker["body"].strip(EDGES) if speaker else text, via)
