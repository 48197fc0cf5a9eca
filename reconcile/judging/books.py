"""Workbooks that persons decided in -> the rows with a decision, found by their headers, wherever they were sorted or moved to."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from reconcile.decisions import (
    ACTION,
    ADJUDICATION,
    CLAIM,
    CODE,
    COLUMN,
    DECISION,
    EXPECTED,
    FINDING,
    KEY,
    LEFT,
    MARK,
    NOTE,
    PROPERTY,
    REASON,
    REVIEWER,
    RIGHT,
    RUN_KEYS,
    RUN_SHEET,
    TOLD,
    VALUE,
)
from reconcile.errors import InputFault, UsageFault
from reconcile.read.books import read_workbook
from reconcile.read.files import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from reconcile.read.files import Grid

DecisionKind = Literal["judgement", "finding", "correction"]
# A title or a note may have been put above a table.
HEADER_ROWS = 20
NAMED_BY: dict[DecisionKind, tuple[str, ...]] = {
    "judgement": (LEFT, RIGHT),
    "finding": (FINDING,),
    "correction": (CLAIM, ACTION, COLUMN, VALUE),
}
NEEDED: dict[DecisionKind, tuple[str, ...]] = {
    "judgement": (LEFT, RIGHT, DECISION, MARK),
    "finding": (FINDING, DECISION, MARK),
    "correction": (CLAIM, ACTION, COLUMN, EXPECTED, VALUE, REASON),
}
MORE: dict[DecisionKind, tuple[str, ...]] = {
    "judgement": (REVIEWER, NOTE),
    "finding": (CODE, REVIEWER, NOTE),
    "correction": (REVIEWER,),
}
# The columns in which a person writes; what stands in others was there before.
TYPED: dict[DecisionKind, tuple[str, ...]] = {
    "judgement": (DECISION, REVIEWER, NOTE),
    "finding": (DECISION, REVIEWER, NOTE),
    "correction": (ACTION, CLAIM, COLUMN, VALUE),
}
_PROPERTY_FILES = ("docProps/custom.xml", "meta.xml")
_PROPERTY_LIMIT = 2**20
_NAME = re.compile(r"(?:\{[^}]*\})?name")


@dataclass(frozen=True, slots=True)
class Row:
    """A row in which a person wrote.

    Attributes:
        number: as the spreadsheet shows it.
        cells: by header, blank ones included.
    """

    book: str
    sheet: str
    number: int
    kind: DecisionKind
    cells: Mapping[str, str]

    @property
    def where(self) -> str:
        """Where it stands, in words."""
        return f"{self.book}, {self.sheet}, row {self.number}"

    @property
    def decision(self) -> str:
        """What was picked; empty where nothing was."""
        return self.cells[ACTION if self.kind == "correction" else DECISION]


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook that persons decided in.

    Attributes:
        workbook: a report, or an adjudication of what reviewers disagree on.
        job: id of the job it is of.
        run: digest of the run.
        as_of: day of the run.
        rows: those with a decision.
        remarks: what could not be read as it should stand, and what may have been forgotten.
    """

    path: Path
    workbook: str
    job: str
    run: str
    as_of: str
    rows: tuple[Row, ...]
    remarks: tuple[str, ...]

    @property
    def is_adjudication(self) -> bool:
        """Whether what it decides settles what reviewers disagreed on."""
        return self.workbook == ADJUDICATION


def read_book(path: Path) -> Book:
    """Read a workbook that persons decided in.

    Raises:
        UsageFault: when it can't be read, or is no workbook of a run.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UsageFault(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise UsageFault(f"{path}: is a folder; give the workbook in it.") from None
    except OSError as error:
        raise UsageFault(
            f"{path}: can't be read ({error.strerror}). Close it where it is open, and try again."
        ) from None
    source = SourceFile(path.name, content)
    try:
        grids = read_workbook(source, None)
    except InputFault as fault:
        raise UsageFault(f"{fault} Nothing was taken from it.") from None
    told = _told_of_run(grids) or _properties(source)
    if set(RUN_KEYS) - set(told):
        raise UsageFault(
            f"{path}: does not say of which run it is: no workbook of reconcile, or its hidden sheet {RUN_SHEET} and its properties are gone. Copy the decisions into the report's own workbook."
        )
    rows: list[Row] = []
    remarks = _left_open(path)
    for grid in grids:
        found, said = _rows_of(path.name, grid)
        rows += found
        remarks += said
    workbook, job, run, as_of = (told[key] for key in RUN_KEYS)
    return Book(path, workbook, job, run, as_of, tuple(rows), tuple(remarks))


def _left_open(path: Path) -> list[str]:
    """Return whether an office program has the workbook open, in a sentence: what is not saved is not in the file."""
    marks = (path.with_name(f".~lock.{path.name}#"), path.with_name(f"~${path.name}"))
    is_open = any(mark.exists() for mark in marks)
    return (
        [f"{path.name}: is open in another program; what was not saved there is not taken."]
        if is_open
        else []
    )


# ---- of which run --------------------------------------------------------------------------------------------------


def _told_of_run(grids: Sequence[Grid]) -> dict[str, str]:
    """Return what a hidden sheet tells of the run, by whatever name it goes now."""
    for grid in grids:
        for header, columns in _headers(grid.cells):
            if {KEY, TOLD} <= set(columns):
                keys, texts = (grid.cells.iloc[header + 1 :, columns[name]] for name in (KEY, TOLD))
                told = {key.strip(): text.strip() for key, text in zip(keys, texts, strict=True)}
                if set(RUN_KEYS) <= set(told):
                    return {key: told[key] for key in RUN_KEYS}
    return {}


def _properties(source: SourceFile) -> dict[str, str]:
    """Return what the properties of the document tell of the run: of an Office file, or of an OpenDocument."""
    told: dict[str, str] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            for name in set(_PROPERTY_FILES) & set(archive.namelist()):
                if archive.getinfo(name).file_size < _PROPERTY_LIMIT:
                    told |= _named_texts(archive.read(name))
    except (zipfile.BadZipFile, OSError, ParseError, DefusedXmlException):
        return {}
    return {key: told[f"{PROPERTY}{key}"] for key in RUN_KEYS if f"{PROPERTY}{key}" in told}


def _named_texts(xml: bytes) -> dict[str, str]:
    """Return the text of each element that has a name."""
    return {
        value: "".join(element.itertext()).strip()
        for element in fromstring(xml).iter()
        for key, value in element.attrib.items()
        if _NAME.fullmatch(key)
    }


# ---- rows ----------------------------------------------------------------------------------------------------------


def _headers(cells: pd.DataFrame) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield each of the first rows that may hold headers, with the place of each; one that stands twice has none."""
    known = {
        header.casefold(): header
        for header in {KEY, TOLD, *(one for columns in (*NEEDED.values(), *MORE.values()) for one in columns)}
    }
    for number in range(min(HEADER_ROWS, len(cells))):
        columns: dict[str, int] = {}
        twice: set[str] = set()
        for place, text in enumerate(cells.iloc[number].tolist()):
            header = known.get(" ".join(str(text).split()).casefold())
            if header in columns:
                twice.add(header)
            elif header:
                columns[header] = place
        yield number, {header: place for header, place in columns.items() if header not in twice}


def _rows_of(book: str, grid: Grid) -> tuple[list[Row], list[str]]:
    """Return the rows of a sheet in which a decision stands, and what to say of it; nothing where it asks for none."""
    for header, columns in _headers(grid.cells):
        for kind, named in NAMED_BY.items():
            if not set(named) <= set(columns):
                continue
            body = grid.cells.iloc[header + 1 :]
            if lost := [name for name in NEEDED[kind] if name not in columns]:
                return [], _lost(book, grid.sheet, body, columns, lost, kind)
            wanted = [name for name in (*NEEDED[kind], *MORE[kind]) if name in columns]
            texts = {name: body.iloc[:, columns[name]].str.strip() for name in wanted}
            typed = [texts[name] != "" for name in TYPED[kind] if name in texts]
            touched = typed[0].copy()
            for one in typed[1:]:
                touched |= one
            decided = typed[0].to_numpy()
            lists = {name: texts[name][decided].tolist() for name in wanted}
            numbers = [int(place) + grid.starts_at for place in range(header + 1, len(grid.cells))]
            rows = [
                Row(
                    book,
                    grid.sheet,
                    number,
                    kind,
                    {
                        name: lists[name][place] if name in lists else ""
                        for name in (*NEEDED[kind], *MORE[kind])
                    },
                )
                for place, number in enumerate(
                    number for number, is_decided in zip(numbers, decided, strict=True) if is_decided
                )
            ]
            forgotten = int((touched.to_numpy() & ~decided).sum())
            said = f"{book}, {grid.sheet}: {forgotten:,} rows were written in and have no {DECISION.lower() if kind != 'correction' else ACTION.lower()}; nothing was taken from them."
            return rows, [said] if forgotten else []
    return [], []


def _lost(
    book: str,
    sheet: str,
    body: pd.DataFrame,
    columns: Mapping[str, int],
    lost: Sequence[str],
    kind: DecisionKind,
) -> list[str]:
    """Return that a sheet has no longer all columns, where somebody seems to have decided in it."""
    typed = [body.iloc[:, columns[name]].str.strip() != "" for name in TYPED[kind] if name in columns]
    if kind == "correction" or not any(one.any() for one in typed):
        return []
    return [
        f"{book}, {sheet}: the column {', '.join(lost)} is gone, or stands twice; nothing was taken from this sheet. Put it back from the report's own workbook."
    ]
