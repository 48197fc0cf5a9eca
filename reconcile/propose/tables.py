"""Grids whose layout nobody knows -> tables: where the header stands, and what the columns are called."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from reconcile.errors import InputFault
from reconcile.read import SourceFile, read_grids, unpack
from reconcile.read.files import OLE_MAGIC, ZIP_MAGIC
from reconcile.read.headers import is_tag_row
from reconcile.read.text import PROBED_RECORDS, guessed_encoding
from reconcile.ruleset import fold_header

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from reconcile.read.files import Grid
    from reconcile.ruleset import Ruleset

    Records = Sequence[Sequence[str]]

LONGEST_NAME = 60
# A later row has to look that much more like a header than an earlier one.
CLEARLY = 0.5
# Of a column below a second row of the header, the share of cells that are numbers or days.
MOSTLY = 0.6
# What the program itself calls columns of a table; one of the file is then "(as published)".
RESERVED = ("source_file", "source_sheet", "source_row", "file_sha256")
_VALUE = re.compile(r"[-+\d.,:/\s%TZ°]*\d[-+\d.,:/\s%TZ°]*|https?://.*|www\..*|.+@.+\..+", re.IGNORECASE)
_WHOLE = re.compile(r"\d{1,4}")


@dataclass(frozen=True, slots=True)
class Source:
    """One grid of a file that was given: the file in an archive, its encoding where it had to be guessed, the grid."""

    file: str
    encoding: str
    grid: Grid


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its header found.

    Attributes:
        titles: of the sheets, or files, that have this header.
        file: in which it stands.
        encoding: where it had to be guessed.
        names: of the columns, each once, as the reader calls them.
        written: the header's cells, as they stand.
        body: the rows below, a column a position.
        header_row: the number of its first record; 0 where the file has none.
        header_rows: over how many it stands.
        tags: the row of HXL tags below the header; mostly none.
        first: the first record, where there is no header.
    """

    titles: tuple[str, ...]
    file: str
    encoding: str
    names: tuple[str, ...]
    written: tuple[str, ...]
    body: pd.DataFrame
    header_row: int
    header_rows: int
    tags: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What two sheets share that are of one layout."""
        return tuple(map(fold_header, self.names)), self.header_row, self.header_rows, self.encoding


def sources_of(source: SourceFile, rules: Ruleset, sheet: str | None) -> list[Source]:
    """Return every grid of a file, those of the files in an archive among them.

    Raises:
        InputFault: when nothing in it can be read, or it has no such sheet.
    """
    unpacked = unpack(source)
    found = []
    for file in unpacked.files:
        text, encoding = in_utf8(file)
        found += [
            Source(file.name, encoding, grid)
            for grid in read_grids(text, list(rules.monitors.values()), sheet)
            if any((grid.cells[name].str.strip() != "").any() for name in grid.cells.columns)
        ]
    if not found:
        raise next(iter(unpacked.faults), InputFault(source.name, "has no rows.", "Export it again."))
    return found


def sheets_of(sources: Iterable[Source], known: Collection[str]) -> list[Sheet]:
    """Return the tables of grids; those of one header are one.

    Args:
        sources: the grids.
        known: folded headers that some layout knows.
    """
    found: dict[tuple[object, ...], Sheet] = {}
    for source in sources:
        sheet = _sheet(source, known)
        other = found.get(sheet.key)
        if other:
            body = pd.concat([other.body, sheet.body], ignore_index=True)
            sheet = Sheet(
                (*other.titles, *sheet.titles), other.file, other.encoding, other.names, other.written, body,
                other.header_row, other.header_rows, other.tags or sheet.tags,
            )  # fmt: skip
        found[sheet.key] = sheet
    return list(found.values())


def _sheet(source: Source, known: Collection[str]) -> Sheet:
    cells = source.grid.cells
    records = [
        [str(cell) for cell in record] for record in cells.head(PROBED_RECORDS).itertuples(index=False)
    ]
    first, last = (0, 0) if not source.grid.starts_at else find_header(records, known)
    if last >= 0:
        # A release without header is told by how many cells it has, blank ones and all.
        cells = _without_margin(cells)
        records = [record[: cells.shape[1]] for record in records]
    header = (
        joined(records[first : last + 1])
        if last >= 0
        else tuple(f"column {at + 1}" for at in range(cells.shape[1]))
    )
    body = cells.iloc[last + 1 :].reset_index(drop=True)
    tags: tuple[str, ...] = ()
    if len(body) and is_tag_row(below := [str(cell) for cell in body.iloc[0]]):
        body, tags = body.iloc[1:].reset_index(drop=True), tuple(below)
    return Sheet(
        (source.grid.sheet or source.file,), source.file, source.encoding, names_of(header), header, body,
        first + 1 if last >= 0 else 0, last - first + 1 if last >= 0 else 1, tags,
    )  # fmt: skip


def _without_margin(cells: pd.DataFrame) -> pd.DataFrame:
    """Return cells without the columns at the right in which nothing stands."""
    filled = [at for at in range(cells.shape[1]) if (cells.iloc[:, at].str.strip() != "").any()]
    return cells.iloc[:, : max(filled, default=0) + 1]


# ---- the header ----------------------------------------------------------------------------------------------------


def find_header(records: Records, known: Collection[str]) -> tuple[int, int]:
    """Return the positions of the first and the last row of a header; (0, -1) where the first row is a record already.

    Args:
        records: the first of a file, of one width.
        known: folded headers that some layout knows.
    """
    filled = [sum(bool(cell.strip()) for cell in record) for record in records]
    width = max(filled, default=0)
    if not width:
        return 0, 0
    usual = sorted(filter(None, filled))[sum(map(bool, filled)) // 2]
    likely = [
        at
        for at, record in enumerate(records)
        if filled[at] >= max(min(2, width), usual / 2) and not is_tag_row(record)
    ]
    if not likely:
        return 0, 0
    best = likely[0]
    for at in likely[1:]:
        if _likeness(records[at], known, width) > _likeness(records[best], known, width) + CLEARLY:
            best = at
    for first in (best, best - 1):
        if 0 <= first < len(records) - 2 and _is_double(records, first):
            return first, first + 1
    return (0, -1) if best == 0 and _is_record(records, known) else (best, best)


def joined(rows: Records) -> tuple[str, ...]:
    """Return the header that stands in rows: merged cells of the upper ones are carried on to the right."""
    if len(rows) == 1:
        return tuple(rows[0])
    upper: list[str] = []
    for cell in rows[0]:
        upper.append(cell if cell.strip() or not upper else upper[-1])
    return tuple(" ".join(filter(None, map(str.strip, cells))) for cells in zip(upper, rows[1], strict=True))


def names_of(header: Iterable[str]) -> tuple[str, ...]:
    """Return what the reader calls the columns of a header: each name once, a second one with its column's number."""
    names: list[str] = []
    folded: dict[str, str] = {}
    for position, written in enumerate(header, start=1):
        name = written.replace("\ufeff", "").strip() or f"(column {position})"
        name = f"{name} (as published)" if name in RESERVED else name
        while fold_header(name) in folded:
            name = f"{folded[fold_header(name)]} (column {position})"
        folded[fold_header(name)] = name
        names.append(name)
    return tuple(names)


def is_name(cell: str) -> bool:
    """Return whether a cell looks like the name of a column rather than like a value."""
    return len(cell) <= LONGEST_NAME and not _VALUE.fullmatch(cell.strip())


def _likeness(record: Sequence[str], known: Collection[str], width: int) -> float:
    """Return how much a row looks like a header, known names before others; at least -1 and at most 3."""
    score = 0.0
    for cell in filter(None, map(str.strip, record)):
        score += (1 if is_name(cell) else -1) + 2 * (fold_header(cell) in known)
    return score / width


def _columns(records: Records) -> Iterator[list[str]]:
    return (list(filter(None, map(str.strip, column))) for column in zip(*records, strict=True))


def _is_double(records: Records, first: int) -> bool:
    """Return whether two rows are one header: words above merged cells, and words below that need them."""
    upper, lower = ([cell.strip() for cell in record] for record in records[first : first + 2])
    if not all(is_name(cell) for cell in (*upper, *lower) if cell) or sum(map(bool, upper)) < 2:  # noqa: PLR2004 - a title is one
        return False
    stated = [cell for cell in lower if cell]
    is_merged = any(
        over and not beside and below
        for over, beside, below in zip(upper, upper[1:], lower[1:], strict=False)
    )
    needs_upper = len({fold_header(cell) for cell in stated}) < len(stated) or any(
        over and not under for over, under in zip(upper, lower, strict=True)
    )
    whole = [fold_header(cell) for cell in joined([upper, lower]) if cell]
    if not (is_merged and needs_upper and len(set(whole)) == len(whole)):
        return False
    below = list(_columns(records[first + 2 :]))
    repeats = any(cell and cell in cells for cell, cells in zip(lower, below, strict=True))
    return not repeats and any(
        cell and cells and sum(not is_name(one) for one in cells) >= MOSTLY * len(cells)
        for cell, cells in zip(lower, below, strict=True)
    )


def _is_record(records: Records, known: Collection[str]) -> bool:
    """Return whether the first row is one of the rows: its values look like those below, and no layout knows a cell of it."""
    first = [cell.strip() for cell in records[0]]
    if any(fold_header(cell) in known for cell in first if cell):
        return False
    below = list(_columns(records[1:]))
    values = [
        (cell, cells)
        for cell, cells in zip(first, below or [[]] * len(first), strict=True)
        if cell and not is_name(cell)
    ]
    if not values or not below:
        return False
    numbers = [int(cell) for cell, _ in values if _WHOLE.fullmatch(cell)]
    # Years, or numbers, that go up by one are a header: a column for each.
    if len(numbers) == len(values) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return False
    return all(cells and sum(not is_name(one) for one in cells) >= MOSTLY * len(cells) for _, cells in values)


def in_utf8(source: SourceFile) -> tuple[SourceFile, str]:
    """Return a file with its text in UTF-8, and the encoding that had to be guessed for that; "" where none had to."""
    content = source.content
    is_other = content[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} or b"\x00" in content[:4096]
    if is_other or content[:4] in {ZIP_MAGIC, OLE_MAGIC}:
        return source, ""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        encoding = guessed_encoding(content)
        return SourceFile(source.name, content.decode(encoding, errors="replace").encode("utf-8")), encoding
    return source, ""
