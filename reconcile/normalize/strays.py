"""Rows that stand among the records of an export and are none: blank ones, notes, its header again, HXL tags, sums of other rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from reconcile.normalize.cells import EDGES
from reconcile.ruleset import fold_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

    from reconcile.ruleset import Layout

    Positions = npt.NDArray[np.intp]
    Bools = npt.NDArray[np.bool_]

# A lone cell may be anything; two that repeat their header are no chance.
FEWEST_CELLS = 2
# A file of two columns may well hold one cell in a row.
FEW_COLUMNS = 2
DELIMITERS = ",;\t|"
_EDGE = f"[{re.escape(EDGES)}]*"
_TAG = r"#[A-Za-z]\w*(?:\s*\+\s*\w+)*"
_TOTALS = (
    r"(?:(?:grand|overall|sub)[ -]*)?totals?\b[^\n]{0,40}|[^\n]{1,40}\b(?:sub-?)?totals?|sum|summe|toplam"
    "|(?:ال)?مجموع(?: الكلي)?|ال[إا]جمالي|جمع کل|итого|всего|усього|разом"
)
_SUM = rf"{_EDGE}(?:{_TOTALS})[:. ]*{_EDGE}"
_SUM_OR_BLANK = rf"(?:{_SUM}|{_EDGE})"
# Columns that say which record a row is: a sum has no day, no name and no id of its own.
_ANCHORS = frozenset({"date_start", "date_end", "start_year", "victim_name", "victim_name_native"})


def repeats(own: pd.DataFrame, rows: Positions, spelled: Mapping[str, str]) -> Positions:
    """Return which rows hold the names of their columns again, or HXL tags (#event+code), and nothing else.

    Args:
        own: the columns of the file.
        rows: positions of rows with more than one cell filled.
        spelled: the layout's column by folded header.
    """
    named = {name: _spellings(str(name), spelled) for name in own.columns}
    for name, spellings in named.items():
        if not len(rows):
            break
        told = "|".join(re.escape(one).replace(r"\ ", r"[\s_]+") for one in spellings)
        rows = rows[_fits(own[name], rows, f"{_EDGE}(?:{told}|{_TAG})?{_EDGE}")]
    return rows


def _spellings(name: str, spelled: Mapping[str, str]) -> list[str]:
    """Return the folded headers under which a file's column may have stood."""
    folded = fold_header(name)
    own = [spelling for spelling, column in spelled.items() if fold_header(column) == folded]
    return sorted({folded, *own})


def sums(
    own: pd.DataFrame, layout: Layout, columns: Mapping[str, Sequence[str]]
) -> tuple[Positions, Positions]:
    """Return which rows are sums of others, by their label or by several numbers and nothing else, and which hold one number only.

    Args:
        own: the columns of the file.
        layout: of its columns; in one of totals a sum is a record.
        columns: the file's columns that each column of the layout stands for.
    """
    anchors, ids, numbers, prose = _roles(layout, columns)
    if layout.kind_code == "total" or not anchors:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    every = np.arange(len(own))
    called = [every[_fits(own[name], every, _SUM)] for name in ids]
    bare = every
    for name in (*anchors, *(ids if layout.kind_code == "incident" else ())):
        bare = bare[_fits(own[name], bare, _SUM_OR_BLANK)]
    if not len(bare):
        return np.unique(np.concatenate([bare, *called])), bare
    others = [name for name in own.columns if name not in numbers]
    labels = [name for name in others if name not in prose]
    labelled = _any(own, bare, labels, _SUM)
    wordless = ~_any(own, bare, others, rf"{_EDGE}[^{re.escape(EDGES)}](?s:.*)")
    count = np.zeros(len(bare), dtype=np.int64)
    for name in numbers:
        count += _fits(own[name], bare, r"(?s:.*)[0-9](?s:.*)")
    wordless &= layout.kind_code == "incident"
    found = bare[labelled | (wordless & (count > 1))]
    return np.unique(np.concatenate([found, *called])), bare[~labelled & wordless & (count == 1)]


def _roles(
    layout: Layout, columns: Mapping[str, Sequence[str]]
) -> tuple[list[str], list[str], set[str], set[str]]:
    """Return a file's columns that say which record a row is, those of ids, of numbers, and of prose."""
    anchors: list[str] = []
    ids: list[str] = []
    numbers: set[str] = set()
    prose: set[str] = set()
    for name, rule in layout.column_rules():
        held = columns.get(name, ())
        anchors += held if rule.field in _ANCHORS else ()
        ids += held if rule.field == "native_id" else ()
        numbers.update(held if rule.number or rule.field == "quantity" else ())
        prose.update(held if rule.free_text else ())
    return list(dict.fromkeys(anchors)), list(dict.fromkeys(ids)), numbers, prose


def _any(own: pd.DataFrame, rows: Positions, names: Iterable[str], pattern: str) -> Bools:
    """Return which rows have a cell under one of the names that the whole pattern fits."""
    found = np.zeros(len(rows), dtype=bool)
    for name in names:
        found |= _fits(own[name], rows, pattern)
    return found


def _fits(cells: pd.Series[str], rows: Positions, pattern: str) -> Bools:
    some = cells if len(rows) == len(cells) else cells.iloc[rows]
    return some.str.fullmatch(pattern, case=False).to_numpy(dtype=bool)


def parted_otherwise(own: pd.DataFrame, lone: Positions) -> Positions:
    """Return which rows of one cell hold as many cells as the header, parted by another mark than the file's."""
    width = sum(not str(name).startswith("(column ") for name in own.columns)
    if width <= FEWEST_CELLS or not len(lone):
        return lone[:0]
    told = own.iloc[lone].agg("".join, axis=1)
    return lone[[any(text.count(mark) >= width - 1 for mark in DELIMITERS) for text in told]]


def is_filled(cells: pd.Series[str]) -> Bools:
    """Return which cells hold more than the marks of `EDGES`."""
    return ~cells.str.fullmatch(f"[{re.escape(EDGES)}]*").to_numpy(dtype=bool)


def bare_rows(own: pd.DataFrame) -> Positions:
    """Return the positions of rows with fewer than two cells filled; mostly two columns tell that there are none."""
    rows = np.arange(len(own))
    count = np.zeros(len(own), dtype=np.int64)
    for at in range(len(own.columns)):
        if not len(rows):
            break
        column = own.iloc[:, at]
        count[rows] += is_filled(column if len(rows) == len(own) else column.iloc[rows])
        rows = rows[count[rows] <= 1]
    return rows


def is_tag_row(first: pd.Series[str]) -> bool:
    """Return whether all that a file's first row holds are tags (#event+code), as HDX puts them below the header."""
    filled = first[is_filled(first.astype("str"))]
    return bool(len(filled)) and bool(filled.str.startswith("#").all())


def lone_notes(
    own: pd.DataFrame, lone: Positions, layout: Layout, columns: Mapping[str, Sequence[str]]
) -> Positions:
    """Return which rows of one cell hold neither a number nor what every record has."""
    required = [first for name in layout.required for first in columns.get(name, ())[:1]]
    if not required or len(own.columns) <= FEW_COLUMNS or not len(lone):
        return lone[:0]
    numbers = [
        spelled
        for name, rule in layout.column_rules()
        for spelled in columns.get(name, ())
        if rule.number or rule.field == "quantity"
    ]
    kept = np.ones(len(lone), dtype=bool)
    for name in numbers:
        kept &= ~is_filled(own[name].iloc[lone])
    lacking = np.column_stack([own[name].iloc[lone].str.strip() == "" for name in required]).any(axis=1)
    return lone[kept & lacking]
