"""Values as a cell can hold them: numbers, truth values, days as Excel counts them, and text with nothing lost in silence."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

# Past it, Excel cuts without saying so, or rounds.
_MAX_TEXT = 32_767
_MAX_EXACT = 10**15

# Excel counts days from here, once past the 29 February 1900 that it believes in.
EPOCH = pd.Timestamp("1899-12-30")
_FIRST_DAY = pd.Timestamp("1900-03-01")

# "_x0041_" is how a workbook may spell "A": text that happens to say so gets its first underscore spelled.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

Plain = str | int | float | bool | None


class Day(float):
    """Days since Excel's epoch, so that a date is told from any other number."""

    __slots__ = ()


def visible(text: str) -> str:
    """Return the text as a cell can hold it, with whatever had to change in plain view."""
    shown = _UNWRITABLE.sub(_escape, text)
    # Excel counts UTF-16 units, of which a character has one or two.
    if 2 * len(shown) <= _MAX_TEXT or len(shown.encode("utf-16-le")) <= 2 * _MAX_TEXT:
        return shown
    note = f"… [cut: {len(text):,} characters in all; whole in tables/]"
    kept = shown.encode("utf-16-le")[: 2 * (_MAX_TEXT - len(note))]
    return kept.decode("utf-16-le", errors="ignore") + note


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character == "_":
        return "_x005F_"
    return f"\\x{ord(character):02x}" if character < "\x80" else f"\\u{ord(character):04x}"


def _plain(value: object) -> Plain:  # noqa: PLR0911 - one line for each kind of value
    """Return one value as Excel keeps it without loss: a number, a truth value, a date or text."""
    if value is None:
        return None
    if isinstance(value, str):
        return str(value) or None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value) if abs(int(value)) <= _MAX_EXACT else str(value)
    if isinstance(value, float | np.floating | Decimal):
        return float(value) if np.isfinite(float(value)) else str(float(value))
    if isinstance(value, date):
        return _day(pd.Timestamp(value))
    return str(value)


def _day(moment: pd.Timestamp) -> Day | str:
    if moment.tzinfo is not None:
        moment = moment.tz_convert("UTC").tz_localize(None)
    if moment < _FIRST_DAY:
        return moment.isoformat().removesuffix("T00:00:00")
    return Day((moment - EPOCH).total_seconds() / 86_400)


def values_of(series: pd.Series[Any]) -> list[Plain]:
    """Return a column in plain Python, None where it says nothing."""
    if series.dtype == object:
        return [_plain(value) for value in series.where(series.notna(), None)]
    if isinstance(series.dtype, pd.StringDtype):
        return [value or None for value in series.astype(object).where(series.notna(), None)]
    codes, uniques = pd.factorize(series)
    # The code of a missing value is -1, which picks the last.
    plain = [*(_plain(value) for value in uniques), None]
    return [plain[code] for code in codes]


def shown_values(values: list[Plain]) -> list[Plain]:
    """Return values with their texts as cells can hold them."""
    texts = [value for value in values if isinstance(value, str)]
    if 2 * max(map(len, texts), default=0) <= _MAX_TEXT and not _UNWRITABLE.search("\n".join(texts)):
        return values
    return [visible(value) if isinstance(value, str) else value for value in values]
