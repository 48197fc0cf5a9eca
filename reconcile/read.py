"""files -> SourceRows: the bytes of an export become rows of text, each with its place of origin.

Nothing is interpreted here: a date is still the text that stood in the cell, and every record of the file is a row,
blank ones and notes included. The layout is found by the header, or, where a job names the monitor, among its layouts.

Guarantees:
    every_record_is_a_row: as many rows come out as records stand below the header.
    text_is_untouched: cells of a text file come out as they stood, spaces and all.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import html
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv
from python_calamine import CalamineError, CalamineWorkbook

from reconcile.errors import InputFault
from reconcile.frames import SourceRows
from reconcile.ruleset import fold_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from reconcile.ruleset import Layout, Monitor

UNZIPPED_LIMIT = 2 * 1024**3
UNZIPPED_RATIO_LIMIT = 250
PROBED_RECORDS = 40
PROBED_CHARACTERS = 2**18
FIELD_LIMIT = 2**31 - 1
BLANKS = b"\x00 \t\r\n\xef\xbb\xbf"
BLOCK_BYTES = 2**22
NAMED_COLUMNS = 6
DELIMITERS = ",;\t|"
_BOOK, _BOOK_LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_LINK = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_CELL = re.compile(
    r"<(?:\w+:)?c\b([^>]*\bt=\"e\"[^>/]*)>(?:<(?:\w+:)?f\b[^<]*(?:</(?:\w+:)?f>)?)?<(?:\w+:)?v>([^<]*)<"
)
_ATTRIBUTE = re.compile(r"(?:\w+:)?(\w+)=\"([^\"]*)\"")
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d+)")
_ZIP_MAGIC, _OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The bytes of one input file and the name to call it by."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class ReadTable:
    """One table of one file, its layout recognised.

    Attributes:
        rows: a `SourceRows` frame; its other columns carry the names of the header.
        ragged: source rows with more or fewer cells than the header, by row, with the number of cells found.
        remarks: sentences about the file as a whole (an encoding that had to be guessed), with their severity.
        unread: sheets of the workbook that no layout of the monitor knows, with their numbers of rows.
    """

    monitor_id: str
    layout_id: str
    rows: pd.DataFrame
    ragged: dict[int, int]
    remarks: tuple[tuple[str, str], ...]
    unread: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Grid:
    """Cells as text, `records[i]` being row i + 1 of the sheet."""

    sheet: str
    cells: pd.DataFrame
    ragged: dict[int, int]
    remarks: tuple[tuple[str, str], ...]


def read_tables(source: SourceFile, monitors: Sequence[Monitor], sheet: str | None = None) -> list[ReadTable]:
    """Read one file.

    Args:
        source: the file.
        monitors: whose layouts may be recognised: all of them, or the one a job names.
        sheet: the only sheet to read of a workbook.

    Returns:
        A table for each sheet that a layout knows; one for a text file.

    Raises:
        InputFault: when the file is empty, damaged, or of no known layout, or of more than one.
    """
    if not source.content[:PROBED_CHARACTERS].strip(BLANKS) and not source.content.strip(BLANKS):
        raise InputFault(source.name, "is empty.", "Export it again; nothing was read from it.")
    if source.content[:4] in {_ZIP_MAGIC, _OLE_MAGIC}:
        grids = _read_workbook(source, sheet)
    else:
        grids = [_read_text(source, monitors)]
    tables, strangers = [], []
    for grid in grids:
        if grid.cells.empty:
            continue
        found = recognise(_probe(grid.cells), monitors)
        if len(found) == 1:
            tables.append(_table(source, grid, *found[0]))
        else:
            strangers.append((grid, found))
    if not tables:
        raise _unrecognised(source, strangers, monitors)
    unread = tuple((grid.sheet, len(grid.cells)) for grid, _ in strangers)
    return [ReadTable(t.monitor_id, t.layout_id, t.rows, t.ragged, t.remarks, unread) for t in tables]


def recognise(records: Sequence[Sequence[str]], monitors: Iterable[Monitor]) -> list[tuple[Monitor, Layout]]:
    """Return the layouts whose header stands where it should in the first records of a file.

    A layout is recognised when all its required columns stand in its header row, and one of each `any_of` group. One
    that gives way counts only where no other is recognised, nor nearly: a misspelt header is told, and not read as a list
    of anybody's.
    """
    lost = [
        (len(_lost(layout, records[layout.header_row - 1])), monitor, layout)
        for monitor in monitors
        for layout in monitor.layouts
        if len(records) >= layout.header_row
    ]
    own = [(monitor, layout) for count, monitor, layout in lost if not count and not layout.gives_way]
    is_near = any(
        count == 1 < len(layout.required) + len(layout.any_of)
        for count, _, layout in lost
        if not layout.gives_way
    )
    if own or is_near:
        return own
    return [(monitor, layout) for count, monitor, layout in lost if not count]


def _lost(layout: Layout, header: Sequence[str]) -> list[str]:
    present = layout.columns_in(header)
    lost = [name for name in layout.required if name not in present]
    lost += [" or ".join(group) for group in layout.any_of if not any(name in present for name in group)]
    return lost


def _encodings(monitors: Iterable[Monitor]) -> list[str]:
    stated = [encoding for monitor in monitors for layout in monitor.layouts for encoding in layout.encodings]
    return [encoding for encoding in dict.fromkeys(stated) if encoding.lower() not in {"utf-8", "utf8"}]


# ---- text ----------------------------------------------------------------------------------------------------------


def _read_text(source: SourceFile, monitors: Sequence[Monitor]) -> _Grid:
    orderly = _split_orderly(source.content.removeprefix(codecs.BOM_UTF8), monitors)
    if orderly is not None:
        return _Grid("", orderly, {}, ())
    text, remarks = _decode(source, _encodings(monitors))
    delimiter = _delimiter(text, monitors)
    cells, ragged, broken = _split_cells(text, delimiter)
    if broken:
        remarks = (*remarks, ("error", broken))
    return _Grid("", cells, ragged, remarks)


def _split_orderly(content: bytes, monitors: Sequence[Monitor]) -> pd.DataFrame | None:
    """Return the cells of a text in UTF-8 whose quotes are in order and whose records are of one width, None of any other.

    Most exports are so, and Arrow reads them many times faster than what it takes to find out what is wrong with the rest.
    """
    probe = content[:PROBED_CHARACTERS].decode("utf-8", errors="ignore")
    delimiter = _delimiter(probe, monitors)
    width = len(next(csv.reader(io.StringIO(probe, newline=""), delimiter=delimiter), []))
    if width <= 1 or b"\x00" in content or not _is_orderly(content, delimiter, width):
        return None
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(content),
            arrow_csv.ReadOptions(autogenerate_column_names=True, block_size=BLOCK_BYTES, use_threads=False),
            arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=b'"' in content, ignore_empty_lines=False
            ),
            arrow_csv.ConvertOptions(
                column_types={f"f{column}": pa.large_string() for column in range(width)},
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    cells: pd.DataFrame = table.combine_chunks().to_pandas()
    cells.columns = pd.RangeIndex(width)
    return cells


def _is_orderly(content: bytes, delimiter: str, width: int) -> bool:
    """Return whether every quotation mark stands at the edge of a cell, and none has swallowed a row."""
    if content.count(b"\r") != content.count(b"\r\n"):
        return False
    if b'"' not in content:
        return True
    marks = np.frombuffer(content, dtype=np.uint8)
    quotes = _positions(marks, '"')
    opening, closing = quotes[::2], quotes[1::2]
    is_edge = np.zeros(256, dtype=bool)
    is_edge[[ord(mark) for mark in (delimiter, "\n", "\r", '"')]] = True
    before, after = marks[opening[opening > 0] - 1], marks[closing[closing + 1 < len(marks)] + 1]
    if len(quotes) % 2 or not is_edge[before].all() or not is_edge[after].all():
        return False
    feeds = np.append(_positions(marks, "\n"), len(marks))
    starts = np.concatenate([[0], feeds[:-1] + 1])
    inside = np.searchsorted(quotes, feeds) % 2 == 1
    # A row that was swallowed shows as a line of its own width inside another record.
    record = np.cumsum(~inside) - ~inside
    broken = np.unique(record[inside])
    for first, last in zip(
        np.searchsorted(record, broken), np.searchsorted(record, broken, "right"), strict=True
    ):
        pieces = [
            content[starts[line] : feeds[line]].decode("utf-8", "replace") for line in range(first, last)
        ]
        if sum(_cells_of(piece, delimiter) == width for piece in pieces) > 1:
            return False
    return True


def _positions(marks: npt.NDArray[np.uint8], sign: str) -> npt.NDArray[np.intp]:
    blocks = range(0, len(marks), BLOCK_BYTES)
    found = [np.flatnonzero(marks[start : start + BLOCK_BYTES] == ord(sign)) + start for start in blocks]
    return np.concatenate([np.empty(0, dtype=np.intp), *found])


def _cells_of(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def _decode(source: SourceFile, encodings: Sequence[str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    content = source.content
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", errors="replace"), ()
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        if b"\x00" in content[:4096]:
            raise InputFault(
                source.name,
                "is neither text nor a workbook that can be read.",
                "Export it as CSV (UTF-8) or XLSX.",
            ) from None
        line = content.count(b"\n", 0, error.start) + 1
        for encoding in (*encodings, "cp1252", "latin-1"):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            break
        known = encoding in encodings
        sentence = f"Line {line} is not UTF-8; the file was read as {encoding}" + (
            ", which the rule file allows."
            if known
            else ", a guess: check names with accents, and export it as CSV (UTF-8)."
        )
        return text, (("note" if known else "error", sentence),)


def _delimiter(text: str, monitors: Sequence[Monitor]) -> str:
    """Return the delimiter under which a header is recognised, else the commonest mark of the widest line."""
    csv.field_size_limit(FIELD_LIMIT)
    for mark in DELIMITERS:
        lines = csv.reader(io.StringIO(text[:PROBED_CHARACTERS], newline=""), delimiter=mark)
        if recognise(list(islice(lines, PROBED_RECORDS)), monitors):
            return mark
    probed = [line for line in text[:PROBED_CHARACTERS].splitlines() if line.strip()][:PROBED_RECORDS]
    widest = max(probed, key=lambda line: max(line.count(mark) for mark in DELIMITERS), default="")
    return max(DELIMITERS, key=lambda mark: (widest.count(mark), -DELIMITERS.index(mark)))


def _split_cells(text: str, delimiter: str) -> tuple[pd.DataFrame, dict[int, int], str]:
    """Return cells, ragged rows and a sentence where the file ends inside quotes."""
    fast = _split_fast(text, delimiter)
    # As many lines as records: no cell holds a line break, so no quotation mark can have swallowed a row.
    if fast is not None and text.count("\n") <= len(fast):
        return fast, {}, ""
    csv.field_size_limit(FIELD_LIMIT)
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    lines = [next(csv.reader([line], delimiter=delimiter), []) for line in text.splitlines()]
    width = _usual_width(records)
    broken = ""
    if sum(len(line) == width for line in lines) > sum(len(record) == width for record in records):
        torn = next(
            number for number, line in enumerate(lines, start=1) if lines[:number] != records[:number]
        )
        broken = f"Quotation marks are torn from row {torn} on, so every line was read as a row of its own."
        records = lines
    elif fast is not None:
        return fast, {}, ""
    elif records and text.count('"') % 2:
        broken = f"The last record (row {len(records)}) ends inside quotation marks. The file looks cut off; every row before that is there."
    ragged = {
        number: len(record)
        for number, record in enumerate(records, start=1)
        if len(record) != width and any(cell.strip() for cell in record)
    }
    widest = max((len(record) for record in records), default=0)
    padded = [record + [""] * (widest - len(record)) for record in records]
    return pd.DataFrame(padded, dtype="str"), ragged, broken


def _split_fast(text: str, delimiter: str) -> pd.DataFrame | None:
    try:
        cells = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            dtype="str",
            keep_default_na=False,
            na_values=[],
            skip_blank_lines=False,
            engine="c",
            low_memory=False,
        )
    except pd.errors.ParserError:
        return None
    if cells.isna().to_numpy().any():
        blank = cells.isna() | (cells == "")
        if not bool((blank.all(axis=1) | ~cells.isna().any(axis=1)).all()):
            return None
        cells = cells.fillna("")
    # The fast reader fills a row that is cut short with blanks, and says nothing.
    last = cells.iloc[:, -1] == ""
    if len(cells.columns) > 1 and bool(last.any()) and not _is_even(text, delimiter, len(cells.columns)):
        return None
    return cells


def _is_even(text: str, delimiter: str, width: int) -> bool:
    """Return whether every record but blank lines has this many cells; False where quotes leave that open."""
    marks = np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    quote, mark, feed, back = (marks == ord(sign) for sign in ('"', delimiter, "\n", "\r"))
    if quote.any():
        # Doubled quotes cancel out. A quote inside a plain cell opens nothing, and then the slow reader decides.
        inside = np.logical_xor.accumulate(quote)
        if (quote & inside)[1:][~(quote | mark | feed | back)[:-1]].any():
            return False
        outside = ~inside
        mark, feed, back = mark & outside, feed & outside, back & outside
    lone = back.copy()
    lone[:-1] &= ~feed[1:]
    ends = np.flatnonzero(feed | lone)
    ends = ends if len(ends) and ends[-1] == len(marks) - 1 else np.append(ends, len(marks))
    starts = np.concatenate([[0], ends[:-1] + 1])
    found = np.searchsorted(np.flatnonzero(mark), np.append(starts, len(marks)))
    length = ends - starts
    blank = (length == 0) | ((length == 1) & np.append(back, False)[starts])
    return bool(((np.diff(found) == width - 1) | blank).all())


def _usual_width(records: Sequence[Sequence[str]]) -> int:
    """Return the commonest width of records; of several, the one that stands first, the header's."""
    widths = pd.Series([len(record) for record in records if len(record) > 1], dtype="int64")
    commonest = widths.mode()
    return int(widths[widths.isin(commonest)].iloc[0]) if len(widths) else 1


# ---- workbooks -----------------------------------------------------------------------------------------------------


def _read_workbook(source: SourceFile, sheet: str | None) -> list[_Grid]:
    if source.content[:4] == _ZIP_MAGIC:
        _refuse_bomb(source)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(source.content))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            raise InputFault(
                source.name,
                f"has no sheet {sheet!r}; it has {', '.join(map(repr, names))}.",
                "Correct `sheet` in the job.",
            )
        errors = _cell_errors(source)
        grids = []
        for name in [sheet] if sheet is not None else names:
            # Counted from the sheet's first row, so that row numbers are those a person sees.
            records = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            cells = pd.DataFrame([[_cell_text(cell) for cell in record] for record in records], dtype="str")
            cells = cells.fillna("")
            cells, remarks = _restore_errors(cells, name, errors.get(name, []))
            grids.append(_Grid(name, cells, {}, remarks))
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputFault(
            source.name,
            f"is a workbook that can't be opened ({error}).",
            "It may be cut off: download it again.",
        ) from None
    return grids


def _cell_errors(source: SourceFile) -> dict[str, list[tuple[str, str]]]:
    """Return (address, error) of the cells of an XLSX that hold #N/A and its like, by sheet: calamine makes them blank."""
    found: dict[str, list[tuple[str, str]]] = {}
    if source.content[:4] != _ZIP_MAGIC:
        return found
    with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
        members = set(archive.namelist())
        if not {_BOOK, _BOOK_LINKS} <= members:
            return found
        links = [dict(_ATTRIBUTE.findall(link)) for link in _LINK.findall(_member(archive, _BOOK_LINKS))]
        paths = {link.get("Id", ""): link.get("Target", "") for link in links}
        for sheet in _SHEET.findall(_member(archive, _BOOK)):
            stated = dict(_ATTRIBUTE.findall(sheet))
            target = paths.get(stated.get("id", ""), "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if path not in members:
                continue
            cells = [
                (dict(_ATTRIBUTE.findall(attributes)), value)
                for attributes, value in _CELL.findall(_member(archive, path))
            ]
            found[html.unescape(stated.get("name", ""))] = [
                (cell.get("r", ""), html.unescape(value)) for cell, value in cells if cell.get("t") == "e"
            ]
    return found


def _member(archive: zipfile.ZipFile, path: str) -> str:
    content = archive.read(path)
    # Only a sheet that holds an error is taken apart.
    if path not in {_BOOK, _BOOK_LINKS} and b't="e"' not in content:
        return ""
    return content.decode("utf-8", errors="replace")


def _restore_errors(
    cells: pd.DataFrame, sheet: str, errors: Sequence[tuple[str, str]]
) -> tuple[pd.DataFrame, tuple[tuple[str, str], ...]]:
    """Return the cells with errors where calamine left blanks, and a remark on those that can't be placed."""
    if not errors:
        return cells, ()
    values = cells.to_numpy(dtype=object, copy=True)
    lost = 0
    for address, error in errors:
        placed = _ADDRESS.fullmatch(address)
        row, column = (int(placed[2]) - 1, _column_number(placed[1])) if placed else (-1, -1)
        if not (0 <= row < values.shape[0] and 0 <= column < values.shape[1]):
            lost += 1
        elif values[row, column] == "":
            values[row, column] = error
    sentence = f"Sheet {sheet!r}: {lost} cells with an error such as #N/A were read as blank."
    return pd.DataFrame(values, dtype="str"), (("warning", sentence),) if lost else ()


@cache
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _refuse_bomb(source: SourceFile) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            unzipped = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        raise InputFault(
            source.name,
            "is a workbook (or another zip) that ends too early or is damaged.",
            "Download it again.",
        ) from None
    if unzipped > UNZIPPED_LIMIT or (
        unzipped > 2**26 and unzipped > UNZIPPED_RATIO_LIMIT * len(source.content)
    ):
        raise InputFault(
            source.name,
            f"would unpack to {unzipped / 2**20:,.0f} MB from {len(source.content) / 2**20:,.1f} MB and was not opened.",
            "Save it as CSV if it is really that large.",
        )


def _cell_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


# ---- both ----------------------------------------------------------------------------------------------------------


def _probe(cells: pd.DataFrame) -> list[list[str]]:
    return [[str(cell) for cell in record] for record in cells.head(PROBED_RECORDS).itertuples(index=False)]


def _table(source: SourceFile, grid: _Grid, monitor: Monitor, layout: Layout) -> ReadTable:
    cells = grid.cells
    written = [str(cell).replace("﻿", "") for cell in cells.iloc[layout.header_row - 1]]
    body = cells.iloc[layout.header_row :].reset_index(drop=True)
    spelled = {fold_header(name): name for name in layout.columns}
    names: list[str] = []
    remarks = list(grid.remarks)
    for position, name in enumerate(written):
        known = spelled.get(fold_header(name), name.strip() or f"(column {position + 1})")
        if known in names:
            remarks.append(
                ("warning", f"The header {known!r} stands twice; column {position + 1} was not read.")
            )
            known = f"{known} (column {position + 1})"
        names.append(known)
    body.columns = pd.Index(names)
    provenance = pd.DataFrame(
        {
            "source_file": source.name,
            "source_sheet": grid.sheet,
            "source_row": range(layout.header_row + 1, layout.header_row + 1 + len(body)),
            "file_sha256": source.sha256,
        }
    ).astype({"source_file": "str", "source_sheet": "str", "source_row": "int64", "file_sha256": "str"})
    clashing = [name for name in names if name in provenance.columns]
    body = body.rename(columns={name: f"{name} (as published)" for name in clashing})
    rows = SourceRows.validate(pd.concat([provenance, body], axis=1), lazy=True)
    ragged = {row: width for row, width in grid.ragged.items() if row > layout.header_row}
    return ReadTable(monitor.id, layout.id, rows, ragged, tuple(remarks))


def _unrecognised(
    source: SourceFile,
    strangers: Sequence[tuple[_Grid, list[tuple[Monitor, Layout]]]],
    monitors: Sequence[Monitor],
) -> InputFault:
    if not strangers:
        return InputFault(source.name, "has no rows.", "Export it again.")
    grid, found = strangers[0]
    if found:
        names = ", ".join(f"{monitor.id} ({layout.id})" for monitor, layout in found)
        return InputFault(
            source.name,
            f"could be an export of more than one monitor: {names}.",
            "Say which in a job file: `inputs: - {monitor: ..., files: [...]}`.",
        )
    records = _probe(grid.cells)
    near = sorted(
        ((len(lost := _lost(layout, records[layout.header_row - 1])) / max(len(layout.required), 1), monitor.id, layout.id, lost)
         for monitor in monitors for layout in monitor.layouts if len(records) >= layout.header_row and not layout.gives_way),
        key=lambda miss: miss[:3],
    )[:3]  # fmt: skip
    misses = "; ".join(
        f"{monitor_id} ({layout_id}) lacks {', '.join(lost[:NAMED_COLUMNS])}"
        for _, monitor_id, layout_id, lost in near
    )
    # Only cells that some layout knows are told: where the header is missing, the first row may hold names.
    known = {column for monitor in monitors for layout in monitor.layouts for column in layout.spelled()}
    cells = [cell for cell in records[0] if cell.strip()]
    told = ", ".join(" ".join(cell.split()) for cell in cells if fold_header(cell) in known)
    return InputFault(
        source.name,
        f"has a header that no known layout has ({len(cells)} cells, known among them: {told[:200] or 'none'}). Nearest: {misses or 'none'}.",
        "Check the header, or write a rule file for it (docs/add-a-monitor.md).",
    )
