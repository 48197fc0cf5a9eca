"""Read tables -> InputColumns: which columns a file has, how far they are filled, and by what they would be known again.

A column that may name persons leaves no sketch: hashes of names can be guessed back.

Guarantees:
    every_column_is_counted: each column of a table stands there once, with the rows in which it is not blank.
    names_leave_no_sketch: a column that may name persons has none, and one that is not read has none outside the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.errors import InputFault
from reconcile.frames import InputColumns, SourceRows, columns_of, empty, typed
from reconcile.read import SourceFile, read_grids
from reconcile.ruleset import fold_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconcile.read import ReadTable
    from reconcile.ruleset import Monitor

PROVENANCE = frozenset(columns_of(SourceRows))
# Values that a sketch is made of, and hashes that it keeps.
SKETCHED_ROWS = 4_000
KEPT_HASHES = 16
# A record is a header whose cells are mostly known, and enough of them.
PROBED_RECORDS = 50
KNOWN_CELLS = 3


def observe(table: ReadTable, monitor: Monitor) -> pd.DataFrame:
    """Return the columns of one table.

    Args:
        table: as read.
        monitor: whose layouts say what is read of it.

    Returns:
        An `InputColumns` frame. It stays in the run: `kept` is what may be written.
    """
    own = [str(name) for name in table.rows.columns if name not in PROVENANCE]
    called, uses, named = _uses(own, monitor, table.layout_id)
    cells = [table.rows[name] for name in own]
    file = str(table.rows["source_file"].iloc[0]) if len(table.rows) else ""
    rows = {
        "monitor": monitor.id,
        "layout": table.layout_id,
        "file": file,
        "column": called,
        "use_code": uses,
        "filled": [int((column != "").sum()) for column in cells],
        "rows": len(table.rows),
        "sketch": ["" if name in named else _sketch(column) for name, column in zip(own, cells, strict=True)],
    }
    return typed(InputColumns, pd.DataFrame(rows)) if own and file else empty(InputColumns)


def glimpse(source: SourceFile, monitor: str, known: Sequence[Monitor], sheet: str | None) -> pd.DataFrame:
    """Return the header of a file that no layout recognised, as columns of which nothing else is known.

    A record counts as a header only where most of its cells are known ones: the first row of a file without header may name
    persons.

    Args:
        source: the file.
        monitor: the id a job states; empty otherwise.
        known: monitors whose headers are known.
        sheet: the only sheet to read of a workbook.

    Returns:
        An `InputColumns` frame, empty where there is no such record.
    """
    spelled = {header for one in known for layout in one.layouts for header in layout.spelled()}
    try:
        grids = read_grids(source, known, sheet)
    except InputFault:
        return empty(InputColumns)
    records = [
        [str(cell).strip() for cell in record if str(cell).strip()]
        for grid in grids
        for record in grid.cells.head(PROBED_RECORDS).itertuples(index=False)
    ]
    counts = [sum(fold_header(cell) in spelled for cell in record) for record in records]
    best = max(range(len(records)), key=counts.__getitem__, default=-1)
    if best < 0 or counts[best] < max(KNOWN_CELLS, len(records[best]) / 2):
        return empty(InputColumns)
    rows = {
        "monitor": monitor,
        "layout": "",
        "file": source.name,
        "column": list(dict.fromkeys(records[best])),
        "use_code": "unknown",
        "filled": 0,
        "rows": 0,
        "sketch": "",
    }
    return typed(InputColumns, pd.DataFrame(rows))


def joined(observed: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the columns of all files, sheets of one file together.

    Args:
        observed: by `observe` and `glimpse`.

    Returns:
        An `InputColumns` frame, by monitor, layout, file and column.
    """
    keys = ["monitor", "layout", "file", "column"]
    rows = pd.concat([empty(InputColumns), *observed], ignore_index=True)
    grouped = rows.groupby(keys, sort=True)
    counted = grouped.agg(
        use_code=("use_code", "first"),
        filled=("filled", "sum"),
        rows=("rows", "sum"),
        sketch=("sketch", "first"),
    )
    return typed(InputColumns, counted.reset_index())


def kept(columns: pd.DataFrame) -> pd.DataFrame:
    """Return an `InputColumns` frame as it may be written: what no layout knows, or reads, may name persons."""
    return columns.assign(sketch=columns["sketch"].where(columns["use_code"] == "read", ""))


def _uses(
    own: Sequence[str], monitor: Monitor, layout_id: str
) -> tuple[list[str], list[str], frozenset[str]]:
    """Return what the layout calls each column, what it does with it, and which may name persons; companions count too."""
    called = {name: name for name in own}
    uses = dict.fromkeys(own, "unknown")
    named: set[str] = set()
    for layout in monitor.layouts:
        if layout_id not in {layout.id, layout.reads_with}:
            continue
        if layout.for_each and not layout.numbers_in(own):
            continue
        laid = layout.laid_on(own)
        for name, held in laid.columns_in(own).items():
            is_read = any(rule.ignore is None for rule in laid.columns[name])
            uses |= {column: "read" if is_read or uses[column] == "read" else "ignored" for column in held}
            named.update(held if name in laid.restricted_columns() else ())
            if name not in called:
                called[held[0]] = name
    return [called[name] for name in own], [uses[name] for name in own], frozenset(named)


def _sketch(cells: pd.Series[str]) -> str:
    distinct = cells.head(SKETCHED_ROWS).str.strip().unique()
    values = np.array([value for value in distinct if value], dtype=object)
    if not len(values):
        return ""
    return " ".join(f"{number:016x}" for number in np.sort(pd.util.hash_array(values))[:KEPT_HASHES].tolist())
