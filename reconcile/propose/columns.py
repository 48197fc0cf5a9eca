"""What the values of one column are: days, numbers, codes, addresses, or words whose shape alone may be told."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.normalize.cells import EDGES, ID_WORD
from reconcile.parse.counts import decimal_mark_of, parse_count
from reconcile.parse.dates import order_of, parse_serial, parse_window
from reconcile.parse.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from reconcile.parse.dates import Order, Window

# Distinct values that tell what a column holds; first a few, since most columns are told by them.
PROBED, FIRST_PROBED = 400, 40
# Stand-ins for a blank, as people write them.
BLANK_WORDS = frozenset(
    {"n/a", "na", "nan", "null", "-", "--", "?", "unknown", "unk", "not known", "nil", "nat", "#n/a", "."}
)
SENTINELS = frozenset({"-1", "-9", "-77", "-88", "-99", "-999", "-9999"})
# A list of codes: few, short, each of them more than once.
MOST_CODES, LONGEST_CODE, CODE_WORDS = 25, 40, 4
# From so many words on a text is prose.
PROSE_WORDS, PROSE_SIGNS = 12, 80
SAMPLES, SHOWN_CODES, SHOWN_SIGNS = 3, 8, 50
LONGEST_DAY = 40
LEAST_YEAR, LAST_YEAR = 1900, 2100
# A unique number from here on may be one of a register, too.
LEAST_REGISTER = 10_000
_DIGITS = re.compile(r"\d")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_COMPACT_DAY = re.compile(r"(?:19|20)\d{6}")
_DAY_MARK = re.compile(r"[-/.:\s,]|[^\W\d_]")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MAIL = re.compile(r"\S+@\S+\.\S+")
# A telephone's number, or one of a register: nine digits or more, however they are parted.
_REGISTER = re.compile(r"(?:\d[\s().+/-]*){9,}")
_HIDDEN = re.compile(r"\S*@\S*|(?:https?://|www\.)", re.IGNORECASE)
_WHOLE_FLOAT = re.compile(r"\d+\.0+")


@dataclass(frozen=True)
class Column:
    """The cells of one column below the header.

    Attributes:
        name: as a rule file knows it.
        counts: how many cells hold each text; blank ones aside.
        rows: how many cells there are.
        tag: its HXL tag, where the file states one.
    """

    name: str
    counts: Counter[str]
    rows: int
    tag: str = ""

    @cached_property
    def filled(self) -> int:
        """How many cells are not blank."""
        return self.counts.total()

    @cached_property
    def probed(self) -> list[tuple[str, int]]:
        """Distinct texts from all over the column with their numbers of cells, stand-ins for blanks aside."""
        told = [(text, count) for text, count in self.counts.items() if text not in self.missing]
        return told[:: max(len(told) // PROBED, 1)]

    @cached_property
    def numbers(self) -> list[float]:
        """The numbers it holds, sentinels aside; each distinct text once."""
        texts = (text for text in self.counts if text not in self.missing)
        return [number for text in texts if (number := self._number(text)) is not None]

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The values that seem to stand for a blank: words for it, and -99 and the like where no other number is below 0."""
        words = [text for text in self.counts if text.casefold() in BLANK_WORDS]
        low = [text for text in self.counts if text.startswith("-") and _NUMBER.fullmatch(text)]
        fits = all(text.removesuffix(".0") in SENTINELS for text in low)
        return (*words, *(low if fits else ()))

    @cached_property
    def decimal_mark(self) -> str:
        """What parts decimals, where its cells prove that."""
        return decimal_mark_of(self.counts) or ""

    @cached_property
    def is_doubtful(self) -> bool:
        """Whether a cell could be thousands or a fraction, and no other proves which."""
        return not self.decimal_mark and any(
            re.fullmatch(r"-?\d{1,3}(?:[.,]\d{3})+", text) for text in self.counts
        )

    @cached_property
    def order(self) -> tuple[Order | None, str]:
        """The order of day and month that its cells prove, and the sentence on it."""
        return order_of(self.counts.keys(), self.counts.values())

    @cached_property
    def days(self) -> list[Window]:
        """The windows of days of what was probed, in the order that is proved, else with the day first."""
        return [window for text, _ in self.probed if (window := self.day(text)) is not None]

    @cached_property
    def is_ordered(self) -> bool:
        """Whether every day it holds has one reading only."""
        return all(_day(text, "dmy") == _day(text, "mdy") for text, _ in self.probed)

    @cached_property
    def words(self) -> tuple[int, int]:
        """The fewest and the most words of a value."""
        counts = [len(text.split()) for text in self.counts] or [0]
        return min(counts), max(counts)

    def day(self, text: str) -> Window | None:
        """Return the window that a text states, None where it is no day."""
        order = self.order[0]
        return _day(text, order) if order else _day(text, "dmy") or _day(text, "mdy")

    def _number(self, text: str) -> float | None:
        return _number(text, self.decimal_mark or ".")

    def share(self, test: Callable[[str], object]) -> float:
        """Return the share of cells that pass a test, by those that were probed; 0 of a blank column."""
        found = self.probed[:: max(len(self.probed) // FIRST_PROBED, 1)]
        share = _share(found, test)
        return share if share < 0.5 or len(found) == len(self.probed) else _share(self.probed, test)  # noqa: PLR2004 - a half

    # -- kinds

    @cached_property
    def day_share(self) -> float:
        """The share of cells that are days."""
        return self.share(self.day)

    @cached_property
    def number_share(self) -> float:
        """The share of cells that are numbers."""
        return self.share(lambda text: self._number(text) is not None)

    @cached_property
    def url_share(self) -> float:
        """The share of cells that are addresses of pages."""
        return self.share(_URL.match)

    @cached_property
    def is_delicate(self) -> bool:
        """Whether a cell may be a telephone's number, an address of mail, or a number of the state's register."""
        return any(_REGISTER.search(text) or _MAIL.search(text) for text in self.counts)

    @cached_property
    def is_numbered(self) -> bool:
        """Whether its numbers may be ids of persons: long ones, or ones of which none stands twice."""
        return self.is_delicate or (
            self.is_unique and self.is_whole and max(map(abs, self.numbers)) >= LEAST_REGISTER
        )

    @cached_property
    def is_whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return bool(self.numbers) and all(number.is_integer() for number in self.numbers)

    @cached_property
    def is_unique(self) -> bool:
        """Whether no value stands twice."""
        return self.filled > 0 and len(self.counts) == self.filled

    @cached_property
    def is_id(self) -> bool:
        """Whether each value is one word with a digit in it."""
        return bool(self.counts) and all(ID_WORD.fullmatch(text) for text in self.counts)

    @cached_property
    def has_whole_floats(self) -> bool:
        """Whether a conversion turned ids into 240985.0."""
        return bool(self.counts) and all(_WHOLE_FLOAT.fullmatch(text) for text in self.counts)

    @cached_property
    def is_code_list(self) -> bool:
        """Whether few short values come up again and again."""
        return (
            0 < len(self.counts) <= MOST_CODES
            and all(count > 1 and _is_short(text) for text, count in self.counts.items())
            and not self.is_delicate
        )

    @cached_property
    def is_latin(self) -> bool:
        """Whether most of its letters are Latin ones, or it has none."""
        return _script(self.counts) in {"Latin script", "no letters"}

    @cached_property
    def is_prose(self) -> bool:
        """Whether values are sentences."""
        long = sum(
            count
            for text, count in self.counts.items()
            if len(text.split()) >= PROSE_WORDS or len(text) >= PROSE_SIGNS
        )
        return long * 4 >= self.filled > 0

    # -- what may be told of it

    def filled_told(self) -> str:
        """Return how much of it is filled, and with how many values."""
        share = f"{self.filled / self.rows:.0%}" if self.rows else "0%"
        return f"{self.filled:,} of {self.rows:,} filled ({share}), {len(self.counts):,} distinct"

    def span_told(self) -> str:
        """Return the first and the last day it holds."""
        known: list[date] = [one for window in self.days for one in (window.start, window.end) if one]
        if not known:
            return "days"
        return f"days from {min(known)} to {max(known)}" if min(known) < max(known) else "one day"

    def range_told(self) -> str:
        """Return the least and the greatest number it holds; none where they may be of a register."""
        if not self.numbers or self.is_delicate:
            return "numbers"
        if min(self.numbers) == max(self.numbers):
            return "one number"
        return f"from {min(self.numbers):.12g} to {max(self.numbers):.12g}"

    def samples(self, test: Callable[[str], object] = bool) -> str:
        """Return the commonest values that pass a test; they stand in no order of rows."""
        told = [text for text, _ in _commonest(self.counts) if test(text)]
        return ", ".join(one_line(text) for text in told[:SAMPLES])

    def codes_told(self) -> str:
        """Return the commonest values with how often each stands."""
        told = [f"{one_line(text)} ({count:,})" for text, count in _commonest(self.counts)[:SHOWN_CODES]]
        more = len(self.counts) - len(told)
        return ", ".join(told) + (f" and {more} more" if more > 0 else "")

    def shape_told(self) -> str:
        """Return what the values look like, none of them shown."""
        if not self.counts:
            return "blank throughout"
        least, most = self.words
        signs = [len(text) for text in self.counts]
        masks = (
            {_mask(text) for text in self.counts}
            if most == 1 and self.is_id and not self.url_share
            else set()
        )
        like = f", like {one_line(masks.pop())}" if len(masks) == 1 else ""
        words = f"{least} to {most} words" if least != most else f"{most} word{'s' if most > 1 else ''}"
        length = f"{min(signs)} to {max(signs)}" if min(signs) < max(signs) else f"{max(signs)}"
        return f"{words}, {_script(self.counts)}, {length} sign{'s' if max(signs) > 1 else ''}{like}"


def column_of(name: str, cells: pd.Series[str], tag: str = "") -> Column:
    """Return the column of some cells, the space and the direction marks around each taken off."""
    codes, distinct = pd.factorize(cells)
    counts: Counter[str] = Counter()
    for text, count in zip(distinct, np.bincount(codes, minlength=len(distinct)).tolist(), strict=True):
        if bare := str(text).strip(EDGES):
            counts[bare] += count
    return Column(name, counts, len(cells), tag)


def one_line(text: str) -> str:
    """Return a text cut short, without anything that breaks a line, hides or turns the text around it."""
    flat = "".join(sign if sign.isprintable() else " " for sign in text)
    flat = " ".join(flat.split())
    return flat if len(flat) <= SHOWN_SIGNS else flat[:SHOWN_SIGNS] + "…"


def is_hidden(text: str) -> bool:
    """Return whether a text is shown to nobody who does not ask for names: mail, pages, numbers of nine digits or more."""
    return bool(_HIDDEN.search(text) or _REGISTER.search(text))


def _is_short(text: str) -> bool:
    """Return whether a text is as short as a code is, and leads nowhere."""
    is_plain = "<" not in text and not is_hidden(text)
    return len(text) <= LONGEST_CODE and len(text.split()) <= CODE_WORDS and is_plain


def _share(found: Iterable[tuple[str, int]], test: Callable[[str], object]) -> float:
    told = [(count, bool(test(text))) for text, count in found]
    return sum(count for count, passed in told if passed) / max(sum(count for count, _ in told), 1)


def _commonest(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda told: (-told[1], told[0]))


def _day(text: str, order: Order) -> Window | None:
    if len(text) > LONGEST_DAY or not _DIGITS.search(text):
        return None
    # A number is a day only as 20170618; what has neither letters nor marks is none.
    is_plain = _NUMBER.fullmatch(text) or not _DAY_MARK.search(text.strip("-+"))
    if is_plain and not _COMPACT_DAY.fullmatch(text):
        return None
    try:
        return parse_window(text, order)
    except Unreadable:
        return None


def is_serial(text: str) -> bool:
    """Return whether a text is a number such as Excel shows for a day."""
    return parse_serial(text) is not None


def _number(text: str, mark: str) -> float | None:
    try:
        return parse_count(text, mark)
    except Unreadable:
        return None


def _mask(text: str) -> str:
    return "".join("9" if sign.isdigit() else "A" if sign.isalpha() else sign for sign in text)


def _script(texts: Iterable[str]) -> str:
    """Return the name of the script in which most letters stand."""
    letters = Counter(
        unicodedata.name(sign, "OTHER").split()[0]
        for text in list(texts)[:PROBED]
        for sign in text
        if sign.isalpha()
    )
    return f"{letters.most_common(1)[0][0].capitalize()} script" if letters else "no letters"
