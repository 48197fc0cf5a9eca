"""Typed sheets in, the bytes of an .xlsx file out: the one place that knows openpyxl.

Whatever a source wrote is shown as the text it is: never a formula, never an error, never cut in silence.
Equal sheets give equal bytes.
"""

from __future__ import annotations

import errno
import html
import os
import re
import shutil
import string
import textwrap
from collections import Counter
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from io import BytesIO
from itertools import repeat, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
from lxml.etree import SerialisationError
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.packaging.core import DocumentProperties
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.writer.excel import ExcelWriter

from reconcile.processes import in_processes
from reconcile.sheets import MARKS, ROWS_A_SHEET
from reconcile.workbook.apart import Deflated, Written, hand_over, put_styles, style_mark, take_over
from reconcile.workbook.charts import (
    INK,
    PAPER,
    RULE,
    add_charts,
    extras_beside,
    plan_charts,
    refuse_chart,
    room_above,
)
from reconcile.workbook.rows import new_sheet
from reconcile.workbook.values import Day, Plain, shown_values, values_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    # openpyxl's stubs give a write-only sheet half of what it has; the ordinary sheet names the same things.
    from openpyxl.worksheet.worksheet import Worksheet

    from reconcile.sheets import Block, Column, Format, Sheet
    from reconcile.workbook.charts import Extra

# Past these, Excel repairs the file as it opens it, or cuts without saying so.
_MAX_ROWS = ROWS_A_SHEET
_MAX_LINKS = 65_530
_MAX_NAME = 31
_MAX_URL = 2_079
_MAX_CHOICES, _MAX_WARNING = 255, 225
_ROWS_AT_ONCE = 5_000
# Fewer are written before a second process is there.
_CELLS_APART = 50_000

_LINK = "1F5C99"
_SEVERITY_FILLS = {"S1": "F3C9C5", "S2": "FAE6C3", "S3": "E3E9EF"}
_FAINT = "5B6672"
_MARK_FILLS = {
    "outlier": PatternFill("solid", start_color="FAE6C3"),
    "alarm": PatternFill("solid", start_color="F3C9C5"),
    "hatched": PatternFill("lightUp", start_color="9AA5B1"),
}
_MARK_EDGES: dict[str, Literal["thin", "thick"]] = {"outlier": "thin", "alarm": "thick"}
# From the least to the most of a column; letters are legible on the darkest, and greys as far apart as the colours.
_HEATS = "FFFFFFFF", "FFCBDCEC", "FF7FA6CB"
_NUMBER_FORMATS = {
    "integer": "#,##0",
    "heat": "#,##0",
    "bits": "+0.00;-0.00;0.00",
    "number": "#,##0.0###",
    "share": "0.0%",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}
_SIZES = {"title": 16, "heading": 13}
_HEADERS = frozenset({"header", "header_right"})
_TO_THE_RIGHT = frozenset({"integer", "number", "tiny", "bits", "share", "range", "header_right"})
_PROSE = frozenset({"title", "heading", "note"})

# In lines of text and points; in characters; in centimetres, and in rows of the usual height.
_TALLEST, _LINE_HEIGHT = 20, 15
_NARROWEST_PROSE, _WIDEST_PROSE, _USUAL_WIDTH, _BUTTON_WIDTH = 80, 110, 9, 3
_A4 = 9
# Characters abreast on a page before a table goes on beside it, each page with the columns that stay in view.
_PAGE_CHARACTERS = 240

# With the full-width signs, which Excel takes for the plain ones, and the '#' that error values begin with.
_SIGN = r"[=+\-@#\uff1d\uff0b\uff0d\uff20]"
_RISKY = re.compile(rf"\s*{_SIGN}|[\t\r]")
_RISKY_LINE = re.compile(rf"^[ \t\r]*{_SIGN}|^[\t\r]", re.MULTILINE)
_RTL_LETTER = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]"
_RTL_ANYWHERE = re.compile(_RTL_LETTER)
_RTL_FIRST = re.compile(rf"[\W\d_]*+{_RTL_LETTER}")
_URL = re.compile(
    r"https?://[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d{1,5})?"
    r"([/?#][^\s\"<>\\^`{|}\x00-\x20\x7f-\xa0\ud800-\udfff\ufffe\uffff]*)?",
    re.IGNORECASE,
)
_BAD_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'|'$|^history$|^\s*$", re.IGNORECASE)
_CHOICE = re.compile(r"(?![\s=])[^\",\x00-\x1f]+(?<!\s)")
_DRAWING = re.compile(r"xl/drawings/drawing(\d+)\.xml")

_Setting = Literal["flat", "tall", "page"]


def workbook_bytes(
    sheets: Sequence[Sheet],
    *,
    title: str,
    stamp: date,
    properties: Mapping[str, str] | None = None,
    workers: int = 1,
) -> bytes:
    """Lay the sheets out as one Excel workbook.

    Args:
        sheets: in the order of their tabs; the first is the one in view when the workbook opens.
        title: of the document, as its properties show it.
        stamp: the day the document says it was made.
        properties: of the document, by name, for programs.
        workers: processes at work at the same time, where several tables are long.

    Returns:
        The .xlsx file.

    Raises:
        ValueError: if the sheets contradict themselves, such as two of one name or a column its frame lacks.
        OSError: if the rows find no room on disk, where they wait for the sheet they belong to.
    """
    _refuse_mistakes(sheets)
    rooms = TemporaryDirectory(prefix="reconcile.") if workers > 1 else nullcontext("")
    with _faults_of_disk(), rooms as room:
        return _laid_out(sheets, title, stamp, properties or {}, workers, Path(room))


@contextmanager
def _faults_of_disk() -> Iterator[None]:
    try:
        yield
    except SerialisationError as error:
        # The library of XML tells the system's fault by its name alone: IO_ENOSPC.
        code = getattr(errno, str(error).removeprefix("IO_"), errno.EIO)
        raise OSError(code, f"{os.strerror(code)} in the folder for temporary files") from None


def _laid_out(
    sheets: Sequence[Sheet],
    title: str,
    stamp: date,
    properties: Mapping[str, str],
    workers: int,
    room: Path,
) -> bytes:
    midnight = datetime.combine(stamp, time())
    names = frozenset(sheet.name for sheet in sheets)
    book = _Book(Workbook(write_only=True), _places(sheets), names, sheets[0].name)
    book.workbook.properties = DocumentProperties(
        creator="reconcile",
        lastModifiedBy="reconcile",
        title=visible(title),
        created=midnight,
        modified=midnight,
    )
    for name, text in properties.items():
        # openpyxl's stubs leave these properties out.
        book.workbook.custom_doc_props.append(  # type: ignore[attr-defined]
            StringProperty(name=name, value=visible(text))
        )
    parts = [
        (place, part, start)
        for place, sheet in enumerate(sheets)
        for part, start in enumerate(_starts(sheet))
    ]
    made = _made_apart(parts, sheets, book, workers, room)
    drawings: list[list[str]] = []
    numbered = []
    for place, part, start in parts:
        if found := made.get((place, part)):
            written, looks = found
            ws = _begin_table(book, sheets[place], part, start)
            take_over(ws, written)
            numbered.append((written.path, tuple(book.style_id(ws, look) for look in looks)))
        elif texts := _write_sheet(book, sheets[place], part, start):
            drawings.append(texts)
    deflated = in_processes(put_styles, numbered, workers)
    book.workbook.active = 0
    out = BytesIO()
    paths = (path for path, _ in numbered)
    ExcelWriter(book.workbook, _StillZip(out, drawings, dict(zip(paths, deflated, strict=True)))).save()
    return out.getvalue()


def _made_apart(
    parts: Sequence[tuple[int, int, int]], sheets: Sequence[Sheet], book: _Book, workers: int, room: Path
) -> dict[tuple[int, int], tuple[Written, tuple[_Look, ...]]]:
    """Return the long tables that other processes wrote, by the sheet's place and part, with the looks of their cells."""
    cells = {
        (place, part, start): min(len(block.rows) - start, _MAX_ROWS) * len(block.columns)
        for place, part, start in parts
        for block in sheets[place].blocks[:1]
        if sheets[place].is_table and not sheets[place].charts
    }
    wide = [one for one, count in cells.items() if count >= _CELLS_APART]
    if workers <= 1 or len(wide) <= 1:
        return {}
    shared = (sheets, book.places, book.names, book.first, room)
    made = in_processes(_write_apart, wide, workers, shared, [cells[one] for one in wide])
    return {(place, part): one for (place, part, _), one in zip(wide, made, strict=True)}


def _write_apart(
    part: tuple[int, int, int],
    sheets: Sequence[Sheet],
    places: Mapping[str, Mapping[str, int]],
    names: frozenset[str],
    first: str,
    room: Path,
) -> tuple[Written, tuple[_Look, ...]]:
    place, number, start = part
    path = room / f"{place}-{number}.xml"
    book = _Book(Workbook(write_only=True), places, names, first, apart=path)
    with _faults_of_disk():
        _write_table(book, sheets[place], number, start)
        written = hand_over(book.workbook.worksheets[0])
    return written, tuple(book.style_ids)


def _refuse_mistakes(sheets: Sequence[Sheet]) -> None:
    if not sheets:
        raise ValueError("a workbook needs a sheet")
    names = [_part_name(sheet.name, part) for sheet in sheets for part in range(len(_starts(sheet)))]
    for name, times in Counter(name.casefold() for name in names).items():
        if times > 1:
            raise ValueError(f"{times} sheets are called {name!r}, which Excel refuses")
    keys = {sheet.name: sheet.key for sheet in sheets}
    for sheet in sheets:
        _refuse_sheet(sheet)
        for block in sheet.blocks:
            _refuse_columns(sheet.name, block, keys)
        for chart in sheet.charts:
            refuse_chart(sheet, chart)


def _refuse_sheet(sheet: Sheet) -> None:
    if len(sheet.name) > _MAX_NAME or _BAD_NAME.search(sheet.name):
        raise ValueError(f"Excel refuses {sheet.name!r} as the name of a sheet")
    if sheet.is_table and not sheet.blocks[0].columns:
        raise ValueError(f"table {sheet.name!r} has no columns")
    if sheet.key is not None and not (sheet.is_table and sheet.key in sheet.blocks[0].rows):
        raise ValueError(f"sheet {sheet.name!r} is no table with the key {sheet.key!r}")
    if any(block.is_filtered for block in sheet.blocks[:-1]):
        raise ValueError(f"page {sheet.name!r} has a filter above its last table")
    if not sheet.is_table and sum(len(block.rows) for block in sheet.blocks) >= _MAX_ROWS:
        raise ValueError(f"page {sheet.name!r} has more rows than a sheet holds")


def _refuse_columns(name: str, block: Block, keys: Mapping[str, str | None]) -> None:
    for column in block.columns:
        if list(block.rows.columns).count(column.name) != 1:
            raise ValueError(f"sheet {name!r}: the rows have no one column {column.name!r}")
        if column.link_sheet is not None and keys.get(column.link_sheet) is None:
            raise ValueError(
                f"sheet {name!r}: {column.name!r} links to {column.link_sheet!r}, which has no key"
            )
        if column.marks and not (column.marks in block.rows and block.rows[column.marks].isin(MARKS).all()):
            raise ValueError(f"sheet {name!r}: {column.name!r} has marks that are not known")
        if column.choices and not _are_choices(column.choices):
            raise ValueError(f"sheet {name!r}: Excel can't offer the choices of {column.name!r}")


def _are_choices(choices: Sequence[str]) -> bool:
    """Return whether Excel can offer these: short, none twice, and without what stands between them."""
    return (
        all(_CHOICE.fullmatch(choice) for choice in choices)
        and len({choice.casefold() for choice in choices}) == len(choices)
        and len(",".join(choices)) <= _MAX_CHOICES
    )


class _Look(NamedTuple):
    """All that decides a cell's style: the workbook has one style for each look that occurs.

    Attributes:
        shape: a format of `sheets` or a variant of one, a severity, or a part of a page.
        quoted: Excel keeps the text as text when a person edits the cell, though it begins like a formula.
        rtl: the text reads from right to left.
        linked: the cell leads somewhere.
        setting: flat, where rows are one line high; tall, where some wrap; or a page, whose rows are ruled.
        mark: what sets it apart, of `MARKS`.
    """

    shape: str = "text"
    quoted: bool = False
    rtl: bool = False
    linked: bool = False
    setting: _Setting = "flat"
    mark: str = ""


# In a row one line high, text as Excel has it by itself: without a style, which is the fastest to write.
_BARE = _Look()


def _shape(value: Plain, kind: Format) -> str:
    """Return how a value is shown in a column of this kind."""
    if isinstance(value, str):
        if kind == "severity" and value in _SEVERITY_FILLS:
            return value
        return kind if kind in {"long_text", "range", "heat"} else "text"
    if isinstance(value, Day):
        return "date" if value.is_integer() else "moment"
    if value is None or isinstance(value, bool) or kind not in {"integer", "number", "bits", "heat", "share"}:
        return "text"
    if kind in {"bits", "heat", "share"}:
        return kind
    # As a number with decimals, a smaller one would be shown as 0.0.
    decimals = "number" if abs(value) >= 0.001 else "tiny"  # noqa: PLR2004
    return "integer" if float(value).is_integer() else decimals


def _looks(values: Sequence[Plain], kind: Format, setting: _Setting, marks: Iterable[str]) -> list[_Look]:
    shapes = [_shape(value, kind) for value in values]
    texts = "\n".join(value for value in values if isinstance(value, str))
    quoted = _begin(_RISKY, values) if _RISKY_LINE.search(texts) else repeat(False)
    rtl = _begin(_RTL_FIRST, values) if _RTL_ANYWHERE.search(texts) else repeat(False)
    # Far fewer looks than cells, so one of each and not one per cell.
    made = {
        flags: _Look(*flags[:3], setting=setting, mark=flags[3])
        for flags in set(zip(shapes, quoted, rtl, marks, strict=False))
    }
    return [made[flags] for flags in zip(shapes, quoted, rtl, marks, strict=False)]


def _begin(pattern: re.Pattern[str], values: Sequence[Plain]) -> list[bool]:
    return [isinstance(value, str) and pattern.match(value) is not None for value in values]


def _style_id(ws: Worksheet, look: _Look) -> int:
    """Add a look to the workbook's styles, and return the number cells name it by."""
    cell = WriteOnlyCell(ws)
    is_header = look.shape in _HEADERS
    if font := _font(look):
        cell.font = font
    if look.mark in _MARK_FILLS:
        cell.fill = _MARK_FILLS[look.mark]
    elif is_header or look.shape in _SEVERITY_FILLS:
        cell.fill = PatternFill("solid", start_color=_SEVERITY_FILLS.get(look.shape, INK))
    if look.mark in _MARK_EDGES:
        edge = Side(_MARK_EDGES[look.mark], color=INK)
        cell.border = Border(edge, edge, edge, edge)
    elif look.setting == "page" and not is_header and look.shape not in _PROSE:
        cell.border = Border(bottom=Side("thin", color=RULE))
    cell.alignment = _alignment(look)
    cell.number_format = _NUMBER_FORMATS.get(look.shape, "General")
    cell.quotePrefix = look.quoted
    return cell.style_id


def _font(look: _Look) -> Font | None:
    if look.linked:
        return Font(name="Calibri", size=11, color=_LINK, underline="single")
    if look.mark in {"faint", "hatched"}:
        return Font(name="Calibri", size=11, italic=True, color=_FAINT)
    if look.shape == "S1" or look.mark:
        return Font(name="Calibri", size=11, bold=True)
    if look.shape in _HEADERS or look.shape in _SIZES:
        color = PAPER if look.shape in _HEADERS else INK
        return Font(name="Calibri", size=_SIZES.get(look.shape, 11), bold=True, color=color)
    return None


def _alignment(look: _Look) -> Alignment:
    return Alignment(
        horizontal=_horizontal(look),
        # Without it text from right to left touches the text beside it.
        indent=1 if look.rtl and look.shape not in _PROSE else 0,
        vertical="center" if look.shape in _HEADERS else None if look.setting == "flat" else "top",
        wrap_text=look.shape in _HEADERS or look.shape == "long_text" or None,
        readingOrder=2 if look.rtl else 0,
    )


def _horizontal(look: _Look) -> Literal["left", "center", "right"] | None:
    # Prose is to spill into the empty cells to its right, even if it reads from right to left.
    if look.shape in _PROSE:
        return "left"
    if look.shape == "heat":
        return "center"
    if look.rtl or look.shape in _TO_THE_RIGHT:
        return "right"
    if look.setting == "page":
        return "left"
    # At either side a date would touch a neighbour.
    return "center" if look.shape in {"date", "moment"} else None


class _Link(NamedTuple):
    """Where a cell leads: to a page of the web, to a place in it, or to a place in this workbook."""

    target: str | None
    location: str | None


class _Stamp(Cell):
    """A cell of one style, written over and over with other values: far cheaper than a new one each time."""

    __slots__ = ("_known_style_id",)

    def __init__(self, ws: Worksheet, style_id: int | str) -> None:
        super().__init__(ws, row=1, column=1)
        self._known_style_id = style_id

    @property
    def has_style(self) -> bool:
        return True

    @property
    def style_id(self) -> int | str:  # type: ignore[override]
        return self._known_style_id

    def __repr__(self) -> str:
        # openpyxl puts each cell in the message of an error that it then drops.
        return "<cell>"

    def showing(self, value: Plain, link: _Link | None = None) -> _Stamp:
        """Return this same cell, now with another value."""
        # Not by way of `Cell.value`, which makes a formula or an error of text that looks like one.
        self._value = value
        self.data_type = "s" if isinstance(value, str) else "b" if isinstance(value, bool) else "n"
        self.hyperlink = link and Hyperlink(ref="A1", target=link.target, location=link.location)
        return self


@dataclass(frozen=True, slots=True)
class _Book:
    """The workbook being written, and what its sheets share.

    Attributes:
        workbook: openpyxl's.
        places: by the name of each sheet that others link to, the row of each of its keys, counted from 0.
        names: of all sheets.
        first: the sheet that is in view when the workbook opens.
        style_ids: by look.
        apart: where the rows go, if one sheet is written here for a workbook elsewhere, which numbers the styles.
    """

    workbook: Workbook
    places: Mapping[str, Mapping[str, int]]
    names: frozenset[str]
    first: str
    style_ids: dict[_Look, int | str] = field(default_factory=dict)
    apart: Path | None = None

    def style_id(self, ws: Worksheet, look: _Look) -> int | str:
        """Return what a cell of this look names its style by."""
        if look not in self.style_ids:
            marked = self.apart is not None
            self.style_ids[look] = style_mark(len(self.style_ids)) if marked else _style_id(ws, look)
        return self.style_ids[look]

    def stamp(self, ws: Worksheet, look: _Look) -> _Stamp:
        """Return a new cell of this look."""
        return _Stamp(ws, self.style_id(ws, look))


def _places(sheets: Sequence[Sheet]) -> dict[str, dict[str, int]]:
    wanted = {column.link_sheet for sheet in sheets for block in sheet.blocks for column in block.columns}
    places: dict[str, dict[str, int]] = {}
    for sheet in sheets:
        if sheet.name in wanted and sheet.key is not None:
            rows = places.setdefault(sheet.name, {})
            for row, key in enumerate(values_of(sheet.blocks[0].rows[sheet.key])):
                if key is not None:
                    rows.setdefault(str(key), row)
    return places


def _links(values: Sequence[Plain], column: Column, book: _Book) -> Iterable[_Link | None]:
    """Return where each cell of a column leads, if anywhere."""
    if column.link_sheet is not None:
        name, rows = column.link_sheet, book.places[column.link_sheet]
        return [None if value is None else _inner_link(str(value), name, rows) for value in values]
    if column.format == "sheet":
        return [
            _Link(None, f"{quote_sheetname(str(value))}!A1") if value in book.names else None
            for value in values
        ]
    if column.format == "url":
        return [_web_link(value) if isinstance(value, str) else None for value in values]
    return repeat(None)


def _inner_link(text: str, name: str, rows: Mapping[str, int]) -> _Link | None:
    row = next((rows[key] for key in (text, *text.split()) if key in rows), None)
    if row is None:
        return None
    part, below_header = divmod(row, _MAX_ROWS - 1)
    return _Link(None, f"{quote_sheetname(_part_name(name, part))}!A{below_header + 2}")


def _web_link(text: str) -> _Link | None:
    if len(text) > _MAX_URL or not _URL.fullmatch(text):
        return None
    # Excel itself keeps what follows the '#' apart.
    page, _, spot = quote(text, safe=string.punctuation).partition("#")
    return _Link(page, spot or None)


@dataclass(frozen=True, slots=True)
class _Filling:
    """What one column is to be written as, from top to bottom."""

    values: list[Plain]
    looks: list[_Look]
    links: Iterable[_Link | None]

    def cells(self, book: _Book, ws: Worksheet, budget: Iterator[int]) -> Iterator[_Stamp | Plain]:
        """Yield the cells; each must be written before the next is asked for: they may be one object."""
        if isinstance(self.links, repeat) and self.looks.count(_BARE) == len(self.looks):
            yield from self.values
            return
        stamps: dict[_Look, _Stamp] = {}
        for value, look, wish in zip(self.values, self.looks, self.links, strict=False):
            link = None if wish is None or next(budget, None) is None else wish
            if link is None and (look == _BARE or (value is None and look.setting != "page")):
                yield value
                continue
            worn = look if link is None else look._replace(linked=True)
            if worn not in stamps:
                stamps[worn] = book.stamp(ws, worn)
            yield stamps[worn].showing(value, link)


def _filling(book: _Book, column: Column, rows: pd.DataFrame, setting: _Setting) -> _Filling:
    raw = values_of(rows[column.name])
    values = shown_values(raw)
    marks: Iterable[str] = rows[column.marks].astype("object") if column.marks else repeat("")
    return _Filling(values, _looks(values, column.format, setting, marks), _links(raw, column, book))


def _starts(sheet: Sheet) -> range:
    """Return the first row of each part: a table too long for one sheet goes on in others."""
    rows = len(sheet.blocks[0].rows) if sheet.is_table else 0
    return range(0, max(rows, 1), _MAX_ROWS - 1)


def _part_name(name: str, part: int) -> str:
    suffix = f" ({part + 1})" if part else ""
    return name[: _MAX_NAME - len(suffix)] + suffix


def _write_sheet(book: _Book, sheet: Sheet, part: int, start: int) -> list[str]:
    """Write a sheet, or a part of one, and return what describes the charts on it."""
    return _write_table(book, sheet, part, start) if sheet.is_table else _write_page(book, sheet)


def _begin_table(book: _Book, sheet: Sheet, part: int, start: int) -> Worksheet:
    """Return a new sheet for a table, with all that the workbook itself tells of it, and no rows."""
    block = sheet.blocks[0]
    rows = min(len(block.rows) - start, _MAX_ROWS - 1)
    widths = [_width(column, spare=_BUTTON_WIDTH) for column in block.columns]
    beside = () if part else extras_beside(plan_charts(sheet, _MAX_ROWS - 1), 0)
    ws = _new_sheet(book, sheet, _part_name(sheet.name, part), widths, len(beside))
    # With what is hidden beside it, so that a sort takes it along.
    ws.auto_filter.ref = f"A1:{get_column_letter(len(widths) + len(beside))}{rows + 1}"
    ws.freeze_panes = f"{get_column_letter(sheet.freeze_columns + 1)}2"
    ws.print_title_rows = "1:1"
    _print_abreast(ws, sheet, sum(widths))
    return ws


def _write_table(book: _Book, sheet: Sheet, part: int, start: int) -> list[str]:
    whole = sheet.blocks[0]
    block = replace(whole, rows=whole.rows.iloc[start : start + _MAX_ROWS - 1])
    plans = () if part else plan_charts(sheet, _MAX_ROWS - 1)
    ws = _begin_table(book, sheet, part, start)
    beside = _Beside(extras_beside(plans, 0), len(block.columns))
    _append_table(book, ws, block, 1, iter(range(_MAX_LINKS)), beside)
    if sheet.foot:
        ws.append([])
        _append_prose(book, ws, [("note", visible(sheet.foot))], len(block.rows) + 3)
    return add_charts(ws, sheet, plans, [1], _MAX_ROWS)


def _write_page(book: _Book, sheet: Sheet) -> list[str]:
    stacks = zip_longest(*(block.columns for block in sheet.blocks))
    widths = [max(_width(column) for column in stack if column) for stack in stacks]
    plans = plan_charts(sheet, _MAX_ROWS)
    hidden = max((len(extras_beside(plans, place)) for place in range(len(sheet.blocks))), default=0)
    ws = _new_sheet(book, sheet, sheet.name, widths, hidden)
    ws.sheet_view.showGridLines = False
    budget = iter(range(_MAX_LINKS))
    row = 1
    header_rows = []
    for place, block in enumerate(sheet.blocks):
        if place:
            ws.append([])
            row += 1
        # A chart over two pages is none; the first one stands below the page's own lines.
        if place > 1 and room_above(sheet, place):
            ws.row_breaks.append(Break(id=row - 1))
        row += _append_prose(book, ws, _prose(block, _prose_width(widths)), row)
        row += _append_room(ws, room_above(sheet, place), row)
        header_rows.append(row)
        if block.columns:
            if block.is_filtered:
                ws.auto_filter.ref = f"A{row}:{get_column_letter(len(block.columns))}{row + len(block.rows)}"
            _append_table(book, ws, block, row, budget, _Beside(extras_beside(plans, place), len(widths)))
            row += 1 + len(block.rows)
    return add_charts(ws, sheet, plans, header_rows, _MAX_ROWS)


class _Beside(NamedTuple):
    """What stands right of a table, for charts alone, and how many columns the sheet has before it."""

    extras: tuple[Extra, ...]
    width: int


def _prose(block: Block, width: int) -> list[tuple[str, str]]:
    """Return the lines above a block's table, each with its shape.

    A note takes as many rows as it has lines, and each spills over the empty cells to its right: wrapped
    inside the first column it would be a tower, and merged cells break sorting and selecting.
    """
    lines = [("heading", visible(block.heading))] if block.heading else []
    for note in block.notes:
        for line in visible(note).split("\n"):
            pieces = textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
            lines += [("note", piece) for piece in pieces or [""]]
    return lines


def _append_prose(book: _Book, ws: Worksheet, lines: Sequence[tuple[str, str]], row: int) -> int:
    for offset, (shape, text) in enumerate(lines):
        # The first words of a page are its title.
        worn = "title" if shape == "heading" and row == 1 else shape
        if worn in _SIZES:
            ws.row_dimensions[row + offset] = _FittedRow(ws, index=row + offset, ht=1.6 * _SIZES[worn])
        ws.append([book.stamp(ws, _prose_look(worn, text)).showing(text)])
    return len(lines)


def _append_room(ws: Worksheet, rows: int, row: int) -> int:
    """Leave rows empty for a chart, each as high as the chart takes it to be."""
    for number in range(row, row + rows):
        ws.row_dimensions[number] = RowDimension(ws, index=number, ht=_LINE_HEIGHT)
        ws.append([])
    return rows


def _prose_look(shape: str, text: str) -> _Look:
    return _Look(shape, bool(_RISKY.match(text)), bool(_RTL_FIRST.match(text)))


def _prose_width(widths: Sequence[int]) -> int:
    return min(max(sum(widths), _NARROWEST_PROSE), _WIDEST_PROSE)


def _append_table(
    book: _Book, ws: Worksheet, block: Block, row: int, budget: Iterator[int], beside: _Beside
) -> None:
    extras = beside.extras
    gap = [None] * (beside.width - len(block.columns)) if extras else []
    titles = [book.stamp(ws, _BARE).showing(extra.title) for extra in extras]
    _append_header(book, ws, block, row, [*gap, *titles])
    numbers = zip(*(extra.numbers for extra in extras), strict=True) if extras else repeat(())
    _append_rows(book, ws, block, row + 1, budget, ((*gap, *each) for each in numbers))
    _offer_choices(ws, block, row + 1)


def _append_header(
    book: _Book, ws: Worksheet, block: Block, row: int, beside: Sequence[_Stamp | None]
) -> None:
    filtered = ws.auto_filter.ref is not None
    cells: list[_Stamp | None] = []
    lines = 1
    for position, column in enumerate(block.columns, start=1):
        text = visible(column.header)
        right = not filtered and column.format in {"integer", "number", "bits", "share", "range"}
        look = _Look("header_right" if right else "header", bool(_RISKY.match(text)))
        cells.append(book.stamp(ws, look).showing(text))
        room = int(_width_of(ws, position)) - (_BUTTON_WIDTH if filtered else 1)
        lines = max(lines, len(textwrap.wrap(text, room)))
    ws.row_dimensions[row] = _FittedRow(ws, index=row, ht=lines * _LINE_HEIGHT + 4)
    ws.append([*cells, *beside])


def _append_rows(
    book: _Book,
    ws: Worksheet,
    block: Block,
    first: int,
    budget: Iterator[int],
    beside: Iterator[tuple[float | None, ...]],
) -> None:
    wraps = [column.format == "long_text" for column in block.columns]
    is_page = ws.sheet_view.showGridLines is False
    setting: _Setting = "page" if is_page else "tall" if any(wraps) else "flat"
    # Cells are far larger than the frame they stand in, so never all of them at once.
    for start in range(0, len(block.rows), _ROWS_AT_ONCE):
        rows = block.rows.iloc[start : start + _ROWS_AT_ONCE]
        fillings = [_filling(book, column, rows, setting) for column in block.columns]
        for position in np.flatnonzero(wraps):
            _fit_rows(ws, fillings[position].values, first + start, _width_of(ws, int(position) + 1))
        columns = [filling.cells(book, ws, budget) for filling in fillings]
        for row in zip(*columns, strict=True):
            ws.append(row + next(beside))
    _shade_heat(ws, block, first)


def _shade_heat(ws: Worksheet, block: Block, first: int) -> None:
    """Shade the numbers of each column of heat on a scale of its own, from its least to its most."""
    low, middle, high = _HEATS
    for position, column in enumerate(block.columns, start=1):
        if column.format == "heat" and len(block.rows):
            letter = get_column_letter(position)
            scale = ColorScaleRule(  # type: ignore[no-untyped-call]
                start_type="min",
                start_color=low,
                mid_type="percentile",
                mid_value=50,
                mid_color=middle,
                end_type="max",
                end_color=high,
            )
            ws.conditional_formatting.add(f"{letter}{first}:{letter}{first + len(block.rows) - 1}", scale)


def _offer_choices(ws: Worksheet, block: Block, first: int) -> None:
    """Give the cells of a column with choices a list to pick from, which refuses anything else but nothing."""
    for position, column in enumerate(block.columns, start=1):
        if column.choices and len(block.rows):
            letter = get_column_letter(position)
            listed = ", ".join(column.choices)
            ws.data_validations.append(
                DataValidation(
                    type="list",
                    formula1=f'"{",".join(column.choices)}"',
                    allow_blank=True,
                    showErrorMessage=True,
                    errorStyle="stop",
                    errorTitle=visible(column.header)[:_MAX_NAME],
                    error=textwrap.shorten(f"Pick one of {listed}; or leave the cell empty.", _MAX_WARNING),
                    sqref=f"{letter}{first}:{letter}{first + len(block.rows) - 1}",
                )
            )


def _fit_rows(ws: Worksheet, texts: Sequence[Plain], first: int, width: float) -> None:
    """Make room for texts that wrap, which LibreOffice leaves to the file.

    One that would fill the screen gets less: its cell holds it all, and its row can be pulled taller.
    """
    room = max(int(0.95 * width), 1)
    for row, text in enumerate(texts, start=first):
        if isinstance(text, str) and (len(text) > room or "\n" in text):
            lines = min(sum(len(line) // room + 1 for line in text.split("\n")), _TALLEST)
            known = ws.row_dimensions[row].height if row in ws.row_dimensions else None
            if lines * _LINE_HEIGHT > (known or 0):
                ws.row_dimensions[row] = _FittedRow(ws, index=row, ht=lines * _LINE_HEIGHT)


def _width_of(ws: Worksheet, position: int) -> float:
    return ws.column_dimensions[get_column_letter(position)].width


class _FittedRow(RowDimension):
    """A row's height as a first guess, which Excel may better when a person edits the row."""

    @property
    def customHeight(self) -> bool:  # noqa: N802 - openpyxl's name
        return False


def _new_sheet(book: _Book, sheet: Sheet, name: str, widths: Sequence[int], hidden: int) -> Worksheet:
    """Return an empty sheet with all that openpyxl must know before the first row."""
    ws = new_sheet(book.workbook, name, book.apart)
    for position, width in enumerate(widths, start=1):
        ws.column_dimensions[get_column_letter(position)].width = width
    for position in range(len(widths) + 1, len(widths) + hidden + 1):
        ws.column_dimensions[get_column_letter(position)].hidden = True
    ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    ws.page_setup.orientation = "landscape" if sheet.landscape else "portrait"
    ws.page_setup.paperSize = _A4
    ws.page_setup.fitToWidth = 1
    ws.page_setup.fitToHeight = 0
    ws.page_margins = PageMargins(left=0.5, right=0.5, top=0.6, bottom=0.7, header=0.3, footer=0.3)
    footer = HeaderFooterItem()
    footer.left.text, footer.right.text = "&A", "Page &P of &N"
    ws.HeaderFooter.oddFooter = footer
    ws.sheet_view.tabSelected = name == book.first
    ws.sheet_state = "hidden" if sheet.is_hidden else "visible"
    return ws


def _print_abreast(ws: Worksheet, sheet: Sheet, width: int) -> None:
    """Print a table too wide to be read on one page on several abreast, each with the columns that stay in view."""
    ws.page_setup.fitToWidth = -(-width // _PAGE_CHARACTERS)
    if ws.page_setup.fitToWidth > 1:
        ws.page_setup.pageOrder = "overThenDown"
        if sheet.freeze_columns:
            ws.print_title_cols = f"A:{get_column_letter(sheet.freeze_columns)}"


def _width(column: Column, spare: int = 2) -> int:
    """Return a column's width, wide enough that no word of its header breaks."""
    return max(column.width, spare + max(map(len, column.header.split()), default=0))


class _StillZip(ZipFile):
    """A zip file without a clock, which also adds the charts' descriptions, as openpyxl cannot."""

    def __init__(
        self, out: BytesIO, drawings: Sequence[Sequence[str]], deflated: Mapping[str, bytes]
    ) -> None:
        super().__init__(out, "w", ZIP_DEFLATED)
        self._drawings = drawings
        self._deflated = deflated

    def writestr(self, name: Any, body: Any, *_: Any) -> None:
        """Write a member from memory."""
        if drawing := _DRAWING.fullmatch(name):
            for number, description in enumerate(self._drawings[int(drawing[1]) - 1], start=1):
                plain = f'name="Chart {number}"'.encode()
                body = body.replace(plain, plain + f' descr="{html.escape(visible(description))}"'.encode())
        super().writestr(_still(name), body)

    def write(self, filename: Any, arcname: Any = None, *_: Any) -> None:
        """Write a member from openpyxl's scratch file."""
        entry = _still(arcname)
        entry.file_size = Path(filename).stat().st_size
        with Path(filename).open("rb") as scratch, self.open(entry, "w") as member:
            if known := self._deflated.get(str(filename)):
                # zipfile counts and sums the bytes that go in, and has no other way to be spared the deflating.
                member._compressor = Deflated(known)  # type: ignore[attr-defined]  # noqa: SLF001
            shutil.copyfileobj(scratch, member)


def _still(name: str) -> ZipInfo:
    entry = ZipInfo(name)
    # Otherwise that of the machine it is written on.
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    entry.compress_type = ZIP_DEFLATED
    return entry
