"""Elements of a page, as text: whatever is not markup already is escaped, by construction.

What a source wrote may hold anything: tags, control characters, halves of characters, signs that turn the order of
letters, forty thousand letters. None of it may become markup, break the page's encoding or scramble the text around it.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_LETTERS = 2_000
# Elements that have no end tag in HTML.
_VOID = frozenset({"meta", "br", "hr", "input"})

# Control characters, halves of surrogate pairs, non-characters, and the signs that turn the order of letters around them.
_UNSHOWN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_RTL_LETTER = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]"
# From the first letter that reads from right to left to the last one with nothing but signs between.
_RTL_RUN = re.compile(rf"{_RTL_LETTER}+(?:[^\w<>&]+{_RTL_LETTER}+)*")
_ADDRESS = re.compile(
    r"https?://[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d{1,5})?([/?#][^\s\"<>\\^`{|}\x00-\x20\x7f-\xa0\ud800-\udfff]*)?",
    re.IGNORECASE,
)


class Markup(str):
    """Text that is markup, and is written as it is."""

    __slots__ = ()


def plain(text: str, most: int = MOST_LETTERS) -> Markup:
    """Return text of a source as it can stand in any element or attribute, with what had to change in plain view.

    Args:
        text: as the source has it.
        most: letters; what is longer is cut, and says so.
    """
    if len(text) > most:
        text = f"{text[:most]}… [cut: {len(text):,} characters in all; whole in tables/]"
    return Markup(html.escape(_UNSHOWN.sub(_spelled, text)))


def _spelled(match: re.Match[str]) -> str:
    if match[0] in "\r\x0b\x0c":
        return " "
    character = ord(match[0])
    return f"\\x{character:02x}" if match[0].isascii() else f"\\u{character:04x}"


def prose(text: str, most: int = MOST_LETTERS) -> Markup:
    """Return text of a source as it can stand in a sentence: a name from right to left turns nothing around it."""
    return Markup(_RTL_RUN.sub(r'<bdi dir="rtl">\g<0></bdi>', plain(text, most)))


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """Return parts behind each other, each escaped unless it is markup; empty ones are left out."""
    return Markup(prose(between).join(_inside(part) for part in parts if part))


def _inside(part: str) -> Markup:
    return part if isinstance(part, Markup) else prose(part)


def tag(name: str, /, *inside: str, **attributes: str | float | None) -> Markup:
    """Return one element.

    Args:
        name: of the element.
        inside: what stands in it; text is escaped.
        attributes: `class_` is written class, `data_kind` data-kind; None leaves one out.
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{plain(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{told}>")
    return Markup(f"<{name}{told}>{''.join(map(_inside, inside))}</{name}>")


def drawn(name: str, /, *inside: str, **attributes: str | float | None) -> Markup:
    """Return one element of a drawing, in whose texts no element of HTML may stand."""
    return tag(name, *(part if isinstance(part, Markup) else plain(part) for part in inside), **attributes)


def _number(value: str | float) -> str:
    """Return an attribute's value; a number with at most two decimals, so that equal drawings have equal bytes."""
    if isinstance(value, str):
        return value
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def link(address: str, *inside: str) -> Markup:
    """Return what leads to an address of the web; only what it says, where the address is of another kind."""
    if not _ADDRESS.fullmatch(address):
        return joined(inside)
    return tag("a", *inside, href=address, rel="noopener noreferrer")
