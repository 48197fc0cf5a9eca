"""files -> SourceRows: the bytes of an export become rows of text, each with its place of origin.

Nothing is interpreted here: a date is still the text that stood in the cell, and every record of the file is a row,
blank ones and notes included. The layout is found by the header, or, where a job names the monitor, among its layouts;
a printed text is cut into entries by the grammar of a layout.

Guarantees:
    every_record_is_a_row: as many rows come out as records stand in the file, its header aside.
    text_is_untouched: cells of a text file come out as they stood, spaces and all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from reconcile.errors import InputFault
from reconcile.frames import SourceRows
from reconcile.read.books import read_workbook
from reconcile.read.files import OLE_MAGIC, ZIP_MAGIC, FarFile, SourceFile
from reconcile.read.headers import nearest, recognise
from reconcile.read.lines import cut, decoded
from reconcile.read.records import read_records
from reconcile.read.text import PROBED_CHARACTERS, PROBED_RECORDS, read_text
from reconcile.read.unpack import kinds_of, unpack
from reconcile.ruleset import fold_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reconcile.read.files import Grid
    from reconcile.read.headers import Found
    from reconcile.ruleset import Grammar, Monitor

__all__ = [
    "FarFile",
    "ReadTable",
    "SourceFile",
    "kinds_of",
    "read_grids",
    "read_tables",
    "recognise",
    "unpack",
]

BLANKS = b"\x00 \t\r\n\xef\xbb\xbf"
# What files begin with that hold text and are no tables: many programs save a web page under the name of a workbook.
NO_TABLES = {b"%pdf-": "a PDF", b"<!doctype html": "a web page", b"<html": "a web page", b"<?xml": "XML"}
NAMED_COLUMNS = 6
NAMED_LAYOUTS = 3


@dataclass(frozen=True, slots=True)
class ReadTable:
    """One table of one file, its layout recognised.

    Attributes:
        rows: a `SourceRows` frame; its other columns carry the names of the header.
        ragged: source rows with more or fewer cells than the header, by row, with the number of cells found.
        remarks: sentences about the file as a whole (an encoding that had to be guessed), with their severity.
        unread: sheets of the workbook that no layout of the monitor knows, with their numbers of rows.
        aside: source rows that are no records: what stands above a header, and the lines between the entries of a text.
        broken: source rows that are records and can't be taken apart, with the reason.
    """

    monitor_id: str
    layout_id: str
    rows: pd.DataFrame
    ragged: dict[int, int]
    remarks: tuple[tuple[str, str], ...]
    unread: tuple[tuple[str, int], ...] = ()
    aside: frozenset[int] = frozenset()
    broken: Mapping[int, str] = field(default_factory=dict)


def read_tables(
    source: SourceFile,
    monitors: Sequence[Monitor],
    sheet: str | None = None,
    grammars: Mapping[str, Grammar] | None = None,
) -> list[ReadTable]:
    """Read one file.

    Args:
        source: the file.
        monitors: whose layouts may be recognised: all of them, or the one a job names.
        sheet: the only sheet to read of a workbook.
        grammars: of printed texts, by id.

    Returns:
        A table for each sheet that a layout knows; one for any other file.

    Raises:
        InputFault: when the file is empty, damaged, or of no known layout, or of more than one.
    """
    if not source.content[:PROBED_CHARACTERS].strip(BLANKS) and not source.content.strip(BLANKS):
        raise InputFault(source.name, "is empty.", "Export it again; nothing was read from it.")
    grids, is_text = _grids(source, monitors, sheet)
    tables: list[ReadTable] = []
    strangers: list[tuple[Grid, list[Found]]] = []
    for grid in grids:
        if grid.cells.empty:
            continue
        found = recognise(_probe(grid.cells), monitors)
        if len(found) == 1:
            tables.append(_table(source, grid, found[0]))
        else:
            strangers.append((grid, found))
    if is_text and not tables:
        tables = _printed(source, monitors, grammars or {})
    if not tables:
        raise _unrecognised(source, strangers, monitors)
    unread = tuple((grid.sheet, len(grid.cells)) for grid, _ in strangers) if not is_text else ()
    return [replace(table, unread=unread) for table in tables]


def read_grids(source: SourceFile, monitors: Sequence[Monitor], sheet: str | None = None) -> list[Grid]:
    """Return the cells of one file, of whatever layout: a grid for each sheet of a workbook, one for any other file.

    Args:
        source: the file.
        monitors: whose headers tell the delimiter, and whose encodings are tried.
        sheet: the only sheet to read of a workbook.

    Raises:
        InputFault: when the file is damaged, or has no such sheet.
    """
    return _grids(source, monitors, sheet)[0]


def _grids(source: SourceFile, monitors: Sequence[Monitor], sheet: str | None) -> tuple[list[Grid], bool]:
    """Return the grids of a file, and whether it is a text that may be something else than a table."""
    _refuse_pages(source)
    if (records := read_records(source)) is not None:
        return records, False
    if source.content[:4] in {ZIP_MAGIC, OLE_MAGIC}:
        return read_workbook(source, sheet), False
    return [read_text(source, monitors)], True


def _refuse_pages(source: SourceFile) -> None:
    start = source.content[:100].lstrip(BLANKS).lower()
    for mark, kind in NO_TABLES.items():
        if start.startswith(mark):
            raise InputFault(
                source.name,
                f"is {kind} and no table, whatever it is called.",
                "Open it in the program it was made for, and save it as CSV (UTF-8) or XLSX.",
            )


def _probe(cells: pd.DataFrame) -> list[list[str]]:
    return [[str(cell) for cell in record] for record in cells.head(PROBED_RECORDS).itertuples(index=False)]


def _table(source: SourceFile, grid: Grid, found: Found) -> ReadTable:
    cells, layout = grid.cells, found.layout
    numbers = pd.Series(range(grid.starts_at, grid.starts_at + len(cells)), dtype="int64")
    # Rows above the header are rows too; mostly there are none, and then nothing is copied.
    kept = [slice(0, max(found.first, 0)), slice(found.last + 1, None)][found.first <= 0 :]
    body = pd.concat([cells.iloc[rows] for rows in kept], ignore_index=True)
    numbers = pd.concat([numbers.iloc[rows] for rows in kept], ignore_index=True)
    spelled = {fold_header(name): name for name in layout.columns}
    names: list[str] = []
    remarks = list(grid.remarks)
    if found.first < 0:
        remarks.append(
            ("note", f"The file has no header; it was read as {layout.id} by what its first row holds.")
        )
    if layout.hxl:
        remarks.append(("note", "No layout knows the header; the file was read by its HXL tags."))
    for position, written in enumerate(found.header):
        name = written.strip()
        known = spelled.get(fold_header(name), name or f"(column {position + 1})")
        if known in names:
            remarks.append(
                ("warning", f"The header {known!r} stands twice; column {position + 1} was not read.")
            )
            known = f"{known} (column {position + 1})"
        names.append(known)
    body.columns = pd.Index(names)
    first = grid.starts_at + found.first
    aside = numbers[numbers < first] if found.first > 0 else numbers[:0]
    return ReadTable(
        found.monitor.id,
        layout.id,
        _with_provenance(source, grid.sheet, numbers, body),
        {row: width for row, width in grid.ragged.items() if row > first},
        tuple(remarks),
        aside=frozenset(aside),
    )


def _with_provenance(
    source: SourceFile, sheet: str, numbers: Sequence[int] | pd.Series[int], body: pd.DataFrame
) -> pd.DataFrame:
    provenance = pd.DataFrame(
        {
            "source_file": source.name,
            "source_sheet": sheet,
            "source_row": numbers,
            "file_sha256": source.sha256,
        },
        index=body.index,
    ).astype({"source_file": "str", "source_sheet": "str", "source_row": "int64", "file_sha256": "str"})
    clashing = [name for name in body.columns if name in provenance.columns]
    body = body.rename(columns={name: f"{name} (as published)" for name in clashing})
    return SourceRows.validate(pd.concat([provenance, body], axis=1), lazy=True)


def _printed(
    source: SourceFile, monitors: Iterable[Monitor], grammars: Mapping[str, Grammar]
) -> list[ReadTable]:
    """Return the table of a printed text, by the grammar that makes the most entries of it; none where none makes any."""
    text = decoded(source)
    made = [
        (cut(text, grammars[layout.grammar]), monitor, layout)
        for monitor in monitors
        for layout in monitor.layouts
        if layout.grammar in grammars
    ]
    if not made:
        return []
    entries, monitor, layout = max(made, key=lambda one: len(one[0].rows) - len(one[0].aside))
    if len(entries.rows) - len(entries.aside) <= len(entries.broken):
        return []
    rows = _with_provenance(source, "", entries.numbers, entries.rows)
    return [ReadTable(monitor.id, layout.id, rows, {}, (), aside=entries.aside, broken=entries.broken)]


def _unrecognised(
    source: SourceFile, strangers: Sequence[tuple[Grid, list[Found]]], monitors: Sequence[Monitor]
) -> InputFault:
    if not strangers:
        return InputFault(source.name, "has no rows.", "Export it again.")
    grid, found = strangers[0]
    if found:
        names = ", ".join(f"{one.monitor.id} ({one.layout.id})" for one in found)
        return InputFault(
            source.name,
            f"could be an export of more than one monitor: {names}.",
            "Say which in a job file: `inputs: - {monitor: ..., files: [...]}`.",
        )
    records = _probe(grid.cells)
    misses = "; ".join(
        f"{monitor_id} ({layout_id}) lacks {', '.join(lost[:NAMED_COLUMNS])}"
        for monitor_id, layout_id, lost in nearest(records, monitors)[:NAMED_LAYOUTS]
    )
    # Only cells that some layout knows are told: where the header is missing, the first row may hold names.
    known = {column for monitor in monitors for layout in monitor.layouts for column in layout.spelled()}
    cells = [cell for cell in records[0] if cell.strip()]
    told = ", ".join(" ".join(cell.split()) for cell in cells if fold_header(cell) in known)
    return InputFault(
        source.name,
        f"has a header that no known layout has ({len(cells)} cells, known among them: {told[:200] or 'none'}). Nearest: {misses or 'none'}.",
        "Check the header, or let `reconcile monitors draft` write a rule file for it (docs/add-a-monitor.md).",
    )
