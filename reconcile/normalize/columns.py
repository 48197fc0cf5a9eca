"""The values of one column, each distinct one held once, so that work goes by distinct values and not by rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Codes = npt.NDArray[np.intp]

LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class Column:
    """A column: cell i holds `distinct[codes[i]]`, and `distinct[i]` where there are no codes.

    Attributes:
        distinct: texts (a pandas array, blank where nothing is stated), numbers (null likewise), spans of numbers or of days
            (first and last in two columns), or other objects (None likewise).
        codes: position of each cell's value.
    """

    distinct: Any
    codes: Codes | None = None

    def cells(self) -> Any:
        """Return the value of each cell."""
        return self.distinct if self.codes is None else self.distinct[self.codes]

    def blank(self) -> Bools:
        """Return which cells state nothing."""
        blank = _is_blank(self.distinct)
        return blank if self.codes is None else blank[self.codes]

    def mapped(self, make: Callable[[str], str]) -> Any:
        """Return the texts of the cells made anew, each distinct one once."""
        known = self if self.codes is not None else factorized(self.distinct)
        return texts([make(text) for text in known.distinct]).take(known.codes)


def _is_blank(values: Any) -> Bools:
    if isinstance(values, np.ndarray) and values.dtype != object:
        first = values if values.ndim == 1 else values[:, 0]
        # A span may be open above; one that is blank below states nothing.
        return np.asarray(np.isnat(first) if values.dtype.kind == "M" else np.isnan(first))
    if isinstance(values, np.ndarray):
        return np.array([value is None for value in values], dtype=bool)
    return np.asarray(values == "", dtype=bool)


def texts(strings: Iterable[str]) -> Any:
    """Return strings as the array that frames hold texts in."""
    return pd.array(list(strings), dtype="str")


def constant(text: str, length: int) -> Any:
    """Return the array of one text, repeated."""
    return texts([text]).take(np.zeros(length, dtype=np.intp))


def factorized(cells: Any) -> Column:
    """Return an array of texts with each distinct one once, in the order in which they come."""
    codes, distinct = pd.factorize(cells, use_na_sentinel=False)
    return Column(distinct, codes)


def first_stated(one: Column, other: Column) -> Column:
    """Return the cells of `one`, those of `other` where it is blank."""
    blank = one.blank()
    if not blank.any():
        return one
    if blank.all():
        return other
    first, second = one.cells(), other.cells()
    if isinstance(first, np.ndarray):
        return Column(np.where(blank if first.ndim == 1 else blank[:, None], second, first))
    return Column(pd.Series(first).mask(blank, pd.Series(second)).array)


def only_where(one: Column, rows: Bools) -> Column:
    """Return the cells of some rows, blank ones in the others."""
    cells = one.cells()
    if not isinstance(cells, np.ndarray):
        return Column(pd.Series(cells).where(rows, "").array)
    blank: Any = (
        None if cells.dtype == object else np.datetime64("NaT") if cells.dtype.kind == "M" else np.nan
    )
    return Column(np.where(rows if cells.ndim == 1 else rows[:, None], cells, blank))


def joined(one: Column, other: Column, make: Callable[[str], str]) -> Column:
    """Return the texts of both, cell by cell, made into one by a function of "one other"."""
    both = pd.Series(one.cells()) + " " + pd.Series(other.cells())
    return Column(factorized(both.array).mapped(make))


def combined(columns: Sequence[Codes]) -> tuple[Codes, Codes]:
    """Return a row of each distinct combination of codes, and the combination that each row holds."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    size = 1
    for codes in columns:
        count = int(codes.max(initial=0)) + 1
        if size * count > LARGEST:
            key, distinct = pd.factorize(key)
            size = len(distinct)
        key = key * count + codes
        size *= count
    held, distinct = pd.factorize(key)
    rows = np.empty(len(distinct), dtype=np.intp)
    rows[held[::-1]] = np.arange(len(held))[::-1]
    return rows, held


def first_text(stated: pd.Series[str], fallback: pd.Series[str] | str) -> pd.Series[str]:
    """Return texts, another where they are blank."""
    blank = stated == ""
    return stated.mask(blank, fallback) if blank.any() else stated
