"""Workbooks -> grids of cells, one a sheet, and what a person sees in a workbook that its values do not say.

Values come from calamine. It leaves out errors such as #N/A, and does not tell what is hidden, merged or was never computed:
that is looked up in the file's own XML, or in the records of an old XLS.
"""

from __future__ import annotations

import html
import io
import re
import struct
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, islice, pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse
from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from reconcile.errors import InputFault
from reconcile.read.files import ZIP_FAULTS, ZIP_MAGIC, Grid, cell_text, refuse_bomb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt
    from python_calamine import CalamineSheet, SheetMetadata

    from reconcile.read.files import SourceFile

    Remark = tuple[str, str]
    Range = tuple[tuple[int, int], tuple[int, int]]

# More cells than any export has; two cells in far corners would make as many, and fill the memory.
CELL_LIMIT = 200_000_000
NAMED = 4
# A workbook keeps numbers to so many digits.
KEPT_DIGITS = 15
# An OpenDocument is looked into element by element, which takes seconds up to here.
LOOKED_INTO = 2**27
# To so many cells an error of an OpenDocument is carried, where a row and a cell state that they stand many times.
FILLED = 10_000
PROLOG_BYTES = 2**16
_BOOK, _BOOK_LINKS, _CONTENT, _MANIFEST = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "content.xml", "META-INF/manifest.xml"  # fmt: skip
_LOCKED_MARK = "EncryptedPackage".encode("utf-16-le")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_ATTRIBUTE = re.compile(rb"(?:\w+:)?(\w+)=\"([^\"]*)\"")
_QUOTED = re.compile(rb"='([^'\"<>]*)'")
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d+)")
_FORMULA = rb"<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)"
_ERROR = re.compile(rb"<(?:\w+:)?c\b([^>]*\bt=\"e\"[^>/]*)>(?:" + _FORMULA + rb")?\s*<(?:\w+:)?v>([^<]*)<")
_HOLLOW = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*" + _FORMULA + rb"\s*(?:<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v>\s*</(?:\w+:)?v>\s*)?</(?:\w+:)?c>"
)  # fmt: skip
_HIDDEN = re.compile(rb"<(?:\w+:)?(row|col)\b([^>]*\bhidden=\"(?:1|true)\"[^>]*)>")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*\br=\"(\d{1,9})\"")
# A cell with something in it, in a column behind Z.
_FAR_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*\br=\"([A-Z]{2,3})\d+\"(?:[^>]*[^/>])?>")
# Of the compound file that an XLS is: sizes of sectors, the words where its tables are listed, kinds of entries with a length.
_SECTOR_SHIFTS, _NO_SECTOR = (9, 12), 0xFFFFFFFA
_FIRST_TABLE, _TABLES_IN_HEADER, _ENTRY_BYTES, _PIECE_BYTES, _STREAMS = 19, 109, 128, 64, (2, 5)
# Of the records in it: their kinds, and the errors a cell may hold.
_BIFF8 = b"\x09\x08\x10\x00\x00\x06"
_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _DIMENSIONS = 0x0809, 0x000A, 0x002F, 0x0085, 0x0200
_ROW_RECORD, _COLUMNS, _BOOLERR, _FORMULA_RECORD, _IS_ERROR = 0x0208, 0x007D, 0x0205, 0x0006, 2
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"


@dataclass(slots=True)
class _Looks:
    """What stands in the XML of one sheet beside its values; rows and columns are counted from 0.

    Attributes:
        errors: row, column and text of cells with an error.
        unplaced: how many more errors there are whose cell is not known.
        hollow: cells whose formula was never computed.
        merged: ranges of merged cells, where calamine does not know them.
    """

    errors: list[tuple[int, int, str]] = field(default_factory=list)
    unplaced: int = 0
    hollow: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[Range] = field(default_factory=list)


def read_workbook(source: SourceFile, sheet: str | None) -> list[Grid]:
    """Read a workbook.

    Args:
        source: an XLSX, XLSM, XLSB, XLS or ODS, whatever it is called.
        sheet: the only sheet to read.

    Returns:
        A grid for each sheet, hidden ones too, with remarks on what is hidden, merged, not computed or not kept whole.

    Raises:
        InputFault: when it can't be opened, is locked, a bomb, or has no such sheet.
    """
    looks = _looked_into(source)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(source.content))
        wanted = _wanted(source, book, sheet)
        return [_grid(one, book.get_sheet_by_name(one.name), looks) for one in wanted]
    except PasswordError:
        raise _locked(source) from None
    except (CalamineError, OSError, ValueError) as error:
        raise _unopened(source, error) from None
    except BaseException as error:
        # Calamine is written in Rust, whose own failures are no Exceptions.
        if type(error).__name__ == "PanicException":
            raise _unopened(source, error) from None
        raise


def _wanted(source: SourceFile, book: CalamineWorkbook, sheet: str | None) -> list[SheetMetadata]:
    known = [
        one for one in book.sheets_metadata if one.typ in (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet)
    ]
    wanted = [one for one in known if sheet is None or one.name == sheet]
    if sheet is not None and not wanted:
        raise InputFault(
            source.name,
            f"has no sheet {sheet!r}; it has {', '.join(repr(one.name) for one in known)}.",
            "Correct `sheet` in the job.",
        )
    return wanted


def _unopened(source: SourceFile, error: BaseException) -> InputFault:
    said = str(error).split("\n")[0].rstrip(".") or type(error).__name__
    return InputFault(
        source.name, f"is a workbook that can't be opened ({said}).", "It may be cut off: download it again."
    )


def _locked(source: SourceFile) -> InputFault:
    return InputFault(source.name, "is a workbook locked with a password.", "Save it without the password.")


def _told(sheet: str, severity: str, sentence: str) -> Remark:
    return severity, f"Sheet {sheet!r} {sentence}."


# ---- values ----------------------------------------------------------------------------------------------------------


def _grid(stated: SheetMetadata, sheet: CalamineSheet, known: Mapping[str, _Looks]) -> Grid:
    name, looks = stated.name, known.get(stated.name, _Looks())
    # Counted from the sheet's first row, so that row numbers are those a person sees.
    records = sheet.to_python(skip_empty_area=False)
    columns: list[list[str]] = []
    long: list[tuple[int, int]] = []
    for number, values in enumerate(zip(*records, strict=True)):
        long += [(row, number) for row in _long_numbers(values)]
        columns.append([one if type(one) is str else cell_text(one) for one in values])
    lost = looks.unplaced
    for row, column, error in looks.errors:
        if column >= len(columns) or row >= len(records):
            lost += 1
        elif not columns[column][row]:
            columns[column][row] = error
    cells = pa.table(
        [pa.array(one, pa.large_string()) for one in columns], names=[str(n) for n in range(len(columns))]
    )
    frame: pd.DataFrame = cells.to_pandas()
    frame.columns = pd.RangeIndex(len(columns))
    remarks = [*_of_the_sheet(stated, known), *_hidden(name, looks, columns), *_hollow(name, looks)]
    remarks += _merged(name, [*(sheet.merged_cell_ranges or ()), *looks.merged], columns)
    remarks += [*_not_whole(name, long), *_lost(name, lost)]
    return Grid(name, frame, {}, tuple(remarks) if columns else ())


def _long_numbers(values: Sequence[object]) -> list[int]:
    """Return the rows of whole numbers that have more digits than a workbook keeps; beyond an id's length none is meant to."""
    if not {int, float} & set(map(type, values)):
        return []
    return [
        row
        for row, one in enumerate(values)
        if type(one) in {int, float} and 10**KEPT_DIGITS <= abs(one) < 10**21 and one == int(one)  # type: ignore[arg-type, call-overload]
    ]


# ---- what is told of a sheet -----------------------------------------------------------------------------------------


def _of_the_sheet(stated: SheetMetadata, known: Mapping[str, _Looks]) -> Iterator[Remark]:
    if stated.visible is not SheetVisibleEnum.Visible:
        yield _told(stated.name, "note", "is hidden in the workbook; it was read like any other")
    if stated.name not in known:
        # A very old XLS, an XLSB, or an ODS that is too large to be looked into.
        sentence = "comes from a kind of workbook of which only the values are read: errors such as #N/A are blank, and what is hidden or was never computed is not told; save it as XLSX to see it"
        yield _told(stated.name, "note", sentence)


def _not_whole(name: str, long: Sequence[tuple[int, int]]) -> Iterator[Remark]:
    if long:
        sentence = f"has {len(long):,} numbers of more than {KEPT_DIGITS} digits ({_addresses(long)}): a workbook keeps {KEPT_DIGITS}, so the last ones are lost; ids have to be stored as text"
        yield _told(name, "warning", sentence)


def _lost(name: str, count: int) -> Iterator[Remark]:
    if count:
        yield _told(
            name, "warning", f"has {count:,} cells with an error such as #N/A that were read as blank"
        )


def _hidden(name: str, looks: _Looks, columns: Sequence[Sequence[str]]) -> Iterator[Remark]:
    height = len(columns[0]) if columns else 0
    filled = [
        row for row in sorted(looks.hidden_rows) if row < height and any(column[row] for column in columns)
    ]
    if filled:
        yield _told(name, "warning", f"has hidden rows ({_spans(filled)}); they were read like any other")
    numbers = [
        number for number in sorted(looks.hidden_columns) if number < len(columns) and any(columns[number])
    ]
    if numbers:
        shown = ", ".join(_letters(number) for number in numbers[:NAMED]) + _more(len(numbers))
        yield _told(name, "note", f"has hidden columns ({shown}); they were read like any other")


def _hollow(name: str, looks: _Looks) -> Iterator[Remark]:
    if looks.hollow:
        yield _told(name, "warning", f"has {len(looks.hollow):,} cells with a formula that was never computed ({_addresses(looks.hollow)}), read as blank; open it in a spreadsheet program and save it")  # fmt: skip


def _merged(name: str, ranges: Iterable[Range], columns: Sequence[Sequence[str]]) -> Iterator[Remark]:
    """Yield what is to be told of merged cells below the header: only the first of them has the value."""
    header = _header_row(columns)
    below = sorted({
        (start, end) for start, end in ranges
        if start != end and start[0] > header and start[1] < len(columns) and start[0] < len(columns[0]) and columns[start[1]][start[0]]
    })  # fmt: skip
    if below:
        shown = ", ".join(f"{_address(*start)}:{_address(*end)}" for start, end in below[:NAMED])
        yield _told(name, "warning", f"has merged cells ({shown}{_more(len(below))}); only the first of each holds the value, and the others were read as blank")  # fmt: skip


def _header_row(columns: Sequence[Sequence[str]]) -> int:
    """Return the first row with something in half of the columns: what is merged above is a title or a part of the header."""
    if not columns:
        return -1
    used = [column for column in columns if any(column)]
    filled = (sum(map(bool, row)) for row in zip(*used, strict=True))
    return next((number for number, count in enumerate(filled) if 2 * count >= len(used)), -1)


def _spans(numbers: Sequence[int]) -> str:
    """Return rows, counted from 0 and in order, as a person counts them: 5 to 7, 9."""
    starts = [0, *(place + 1 for place, (one, other) in enumerate(pairwise(numbers)) if other != one + 1)]
    ends = [*(start - 1 for start in starts[1:]), len(numbers) - 1]
    spans = [(numbers[start] + 1, numbers[end] + 1) for start, end in zip(starts, ends, strict=True)]
    return ", ".join(
        f"{one}" if one == other else f"{one} to {other}" for one, other in spans[:NAMED]
    ) + _more(len(spans))


def _more(count: int) -> str:
    return f" and {count - NAMED:,} more" if count > NAMED else ""


def _addresses(cells: Sequence[tuple[int, int]]) -> str:
    return ", ".join(_address(*cell) for cell in cells[:NAMED]) + _more(len(cells))


def _address(row: int, column: int) -> str:
    return f"{_letters(column)}{row + 1}"


def _letters(column: int) -> str:
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@cache
def _column_number(letters: str) -> int:
    return (
        list(accumulate(letters, lambda number, letter: number * 26 + ord(letter) - ord("A") + 1, initial=0))[
            -1
        ]
        - 1
    )


# ---- the file's own XML ----------------------------------------------------------------------------------------------


def _looked_into(source: SourceFile) -> dict[str, _Looks]:
    """Return what stands in the XML of each sheet; raises InputFault for what must not be opened."""
    if not source.content.startswith(ZIP_MAGIC):
        if _LOCKED_MARK in source.content:
            raise _locked(source)
        return _xls_looks(source)
    refuse_bomb(source)
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            members = set(archive.namelist())
            if {_BOOK, _BOOK_LINKS} <= members:
                return dict(_xlsx_looks(source, archive, members))
            return _ods_looks(source, archive) if _CONTENT in members else {}
    except ZIP_FAULTS as error:
        raise _unopened(source, error) from None


def _member(source: SourceFile, archive: zipfile.ZipFile, path: str) -> bytes:
    content = archive.read(path)
    prolog = content[:PROLOG_BYTES].replace(b"\x00", b"")
    if b"<!DOCTYPE" in prolog or b"<!ENTITY" in prolog:
        raise _with_entities(source)
    return content


def _with_entities(source: SourceFile) -> InputFault:
    return InputFault(
        source.name,
        "is a workbook with declarations in its XML that no spreadsheet program writes, and was not opened.",
        "Save it anew from a spreadsheet program, or as CSV.",
    )


def _xlsx_looks(
    source: SourceFile, archive: zipfile.ZipFile, members: set[str]
) -> Iterator[tuple[str, _Looks]]:
    for path in ("[Content_Types].xml", "xl/sharedStrings.xml", "xl/styles.xml"):
        if path in members:
            _member(source, archive, path)
    links = [_attributes(link) for link in _LINK.findall(_member(source, archive, _BOOK_LINKS))]
    paths = {link.get("Id", ""): link.get("Target", "") for link in links}
    for sheet in _SHEET.findall(_member(source, archive, _BOOK)):
        stated = _attributes(sheet)
        target = paths.get(stated.get("id", ""), "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in members:
            yield stated.get("name", ""), _sheet_looks(source, _member(source, archive, path))


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        name.decode(): html.unescape(value.decode("utf-8", "replace"))
        for name, value in _ATTRIBUTE.findall(tag)
    }


def _sheet_looks(source: SourceFile, xml: bytes) -> _Looks:
    """Return what a sheet of an XLSX has; each search is made only where there is something to find."""
    if b"='" in xml:
        xml = _QUOTED.sub(rb'="\1"', xml)
    _refuse_far_corners(source, xml)
    looks = _Looks()
    for tag, text in _ERROR.findall(xml) if b't="e"' in xml else ():
        placed = _place(tag)
        if placed:
            looks.errors.append((*placed, html.unescape(text.decode("utf-8", "replace"))))
        looks.unplaced += placed is None
    for tag in _HOLLOW.findall(xml) if re.search(rb"<(?:\w+:)?f\b", xml) else ():
        if (placed := _place(tag)) and b't="str"' not in tag:
            looks.hollow.append(placed)
    for kind, tag in _HIDDEN.findall(xml) if b"hidden=" in xml else ():
        stated = _attributes(tag)
        if kind == b"row":
            looks.hidden_rows.add(_number(stated.get("r")) - 1)
        else:
            looks.hidden_columns.update(
                range(_number(stated.get("min")) - 1, min(_number(stated.get("max")), 2**14))
            )
    return looks


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < KEPT_DIGITS else 0


def _place(tag: bytes) -> tuple[int, int] | None:
    placed = _ADDRESS.fullmatch(_attributes(tag).get("r", ""))
    return (int(placed[2]) - 1, _column_number(placed[1])) if placed else None


def _refuse_far_corners(source: SourceFile, xml: bytes) -> None:
    """Raise InputFault where cells stand so far apart that the cells between them would fill the memory."""
    last = max(map(int, _ROW.findall(xml)), default=0)
    if last * 2**14 <= CELL_LIMIT:
        return
    letters = set(_FAR_CELL.findall(xml))
    _refuse_size(source, last, max((_column_number(one.decode()) + 1 for one in letters), default=26))


def _refuse_size(source: SourceFile, rows: int, columns: int) -> None:
    if rows * columns > CELL_LIMIT:
        raise InputFault(
            source.name,
            f"has a sheet that reaches over {rows:,} rows and {columns:,} columns, nearly all of them empty.",
            "Delete the empty rows and columns below and beside the table, or save it as CSV.",
        )


# ---- old workbooks ---------------------------------------------------------------------------------------------------


class _Compound:
    """The parts of the compound file that an XLS is: a small file system of its own, in sectors of one size.

    Raises ValueError, IndexError or struct.error where its tables ask for more than the file holds: calamine would ask for
    the memory, and end the program.
    """

    def __init__(self, content: bytes) -> None:
        (self._shift,) = struct.unpack_from("<H", content, 30)
        tables, directory = struct.unpack_from("<II", content, 44)
        self._smallest, self._minis, minis, more, mores = struct.unpack_from("<5I", content, 56)
        if self._shift not in _SECTOR_SHIFTS or max(tables, minis, mores) << self._shift > len(content):
            raise ValueError
        self._words = np.frombuffer(content[: len(content) & ~3], dtype="<u4")
        listed = self._words[_FIRST_TABLE : _FIRST_TABLE + _TABLES_IN_HEADER].tolist()
        for _ in range(mores):
            *numbers, more = self._sector(more).tolist()
            listed += numbers
        self._following = np.concatenate([self._sector(number) for number in listed[:tables]]).tolist()
        entries = self._chain(directory)
        self._entries = [
            entries[start : start + _ENTRY_BYTES] for start in range(0, len(entries), _ENTRY_BYTES)
        ]
        if any(entry[66] in _STREAMS and _length(entry) > len(content) for entry in self._entries):
            raise ValueError

    def stream(self, name: str) -> bytes:
        """Return a stream by its name; nothing where there is none."""
        for entry in self._entries:
            if entry.startswith(name.encode("utf-16-le") + b"\x00\x00"):
                (place,) = struct.unpack_from("<I", entry, 116)
                length = _length(entry)
                return (self._chain(place) if length >= self._smallest else self._small_chain(place))[:length]
        return b""

    def _small_chain(self, number: int) -> bytes:
        """Return a stream that is too small for sectors: it lies in pieces in the stream of the first entry."""
        body = self._chain(*struct.unpack_from("<I", self._entries[0], 116))
        following = np.frombuffer(self._chain(self._minis), dtype="<u4").tolist()
        pieces: list[bytes] = []
        while number < _NO_SECTOR:
            if len(pieces) > len(following):
                raise ValueError
            pieces.append(body[number * _PIECE_BYTES : (number + 1) * _PIECE_BYTES])
            number = following[number]
        return b"".join(pieces)

    def _sector(self, number: int) -> npt.NDArray[np.uint32]:
        size = 1 << (self._shift - 2)
        # The header takes the room of one sector, the smallest being as long as it.
        start = (number + 1) * size
        if start >= len(self._words):
            raise IndexError
        return self._words[start : start + size]

    def _chain(self, number: int) -> bytes:
        pieces: list[bytes] = []
        while number < _NO_SECTOR:
            if len(pieces) > len(self._following):
                raise ValueError
            pieces.append(self._sector(number).tobytes())
            number = self._following[number]
        return b"".join(pieces)


def _length(entry: bytes) -> int:
    length: int = struct.unpack_from("<I", entry, 120)[0]
    return length


def _xls_looks(source: SourceFile) -> dict[str, _Looks]:
    """Return what the records of an XLS of 1997 or later say beside its values."""
    try:
        stream = _Compound(source.content).stream("Workbook")
        if not stream.startswith(_BIFF8):
            return {}
        looks = {}
        for kind, start, size in _records(stream, 0):
            if kind == _FILEPASS:
                raise _locked(source)
            if kind == _BOUNDSHEET:
                (place,) = struct.unpack_from("<I", stream, start)
                is_wide = stream[start + 7] & 1
                name = stream[start + 8 : start + size].decode("utf-16-le" if is_wide else "latin-1")
                looks[name] = _old_sheet_looks(source, stream, place)
    except (ValueError, IndexError, struct.error):
        raise _unopened(source, ValueError("its tables are torn")) from None
    return looks


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield kind, place and size of the records of one part of a workbook, those of charts inside it aside."""
    depth = 0
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, start)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, start + 4, size
        start += 4 + size


def _old_sheet_looks(source: SourceFile, stream: bytes, place: int) -> _Looks:
    looks = _Looks()
    if not stream.startswith(_BIFF8[:2], place):
        raise ValueError
    for kind, start, _ in _records(stream, place):
        if kind == _DIMENSIONS:
            top, bottom, left, right = struct.unpack_from("<IIHH", stream, start)
            if bottom < top or right < left:
                raise ValueError
            _refuse_size(source, bottom, right)
        elif kind == _ROW_RECORD and stream[start + 12] & 0x20:
            looks.hidden_rows.add(struct.unpack_from("<H", stream, start)[0])
        elif kind == _COLUMNS and stream[start + 8] & 1:
            first, last = struct.unpack_from("<HH", stream, start)
            looks.hidden_columns.update(range(first, last + 1))
        elif kind == _BOOLERR and stream[start + 7]:
            looks.errors.append(
                (*struct.unpack_from("<HH", stream, start), _ERRORS.get(stream[start + 6], "#ERROR"))
            )
        elif (
            kind == _FORMULA_RECORD
            and stream[start + 12 : start + 14] == b"\xff\xff"
            and stream[start + 6] == _IS_ERROR
        ):
            looks.errors.append(
                (*struct.unpack_from("<HH", stream, start), _ERRORS.get(stream[start + 8], "#ERROR"))
            )
    return looks


# ---- OpenDocument ----------------------------------------------------------------------------------------------------


def _ods_looks(source: SourceFile, archive: zipfile.ZipFile) -> dict[str, _Looks]:
    if _MANIFEST in archive.namelist() and b"encryption-data" in archive.read(_MANIFEST):
        raise _locked(source)
    if archive.getinfo(_CONTENT).file_size > LOOKED_INTO:
        return {}
    content = _member(source, archive, _CONTENT)
    tables = _OdsTables(source)
    try:
        for event, element in iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True):
            tables.meet(event, element)
    except DefusedXmlException:
        raise _with_entities(source) from None
    except ParseError:
        # What is wrong with it, calamine says.
        return {}
    return tables.looks


class _OdsTables:
    """The tables of an OpenDocument, met element by element; rows and cells that repeat are written once."""

    def __init__(self, source: SourceFile) -> None:
        self.looks: dict[str, _Looks] = {}
        self._source = source
        self._at: Counter[str] = Counter()

    def meet(self, event: str, element: Any) -> None:
        tag = element.tag.removeprefix(_TABLE)
        if tag == "table" and event == "start":
            self.looks[element.get(f"{_TABLE}name", "")] = _Looks()
            self._at.clear()
        elif tag in {"table-column", "table-row"} and event == "end" and self.looks:
            looks = next(reversed(self.looks.values()))
            first = self._at[tag]
            self._at[tag] += _repeated(element, tag.removeprefix("table-") + "s")
            is_hidden = element.get(f"{_TABLE}visibility", "visible") != "visible"
            span = range(first, min(self._at[tag], first + 2**14)) if is_hidden else range(0)
            (looks.hidden_rows if tag == "table-row" else looks.hidden_columns).update(span)
            if tag == "table-row":
                self._row(looks, element, first)
                element.clear()

    def _row(self, looks: _Looks, row: Any, first: int) -> None:
        column = 0
        for cell in row:
            times = _repeated(cell, "columns")
            kind = cell.get(f"{_OFFICE}value-type")
            if kind is not None:
                _refuse_size(self._source, self._at["table-row"], column + times)
            if cell.get(f"{_CALC}value-type") == "error":
                text = "".join(cell.itertext())
                places = product(range(first, self._at["table-row"]), range(column, column + times))
                looks.errors += [(*place, text) for place in islice(places, FILLED)]
            elif cell.get(f"{_TABLE}formula") and kind is None:
                looks.hollow.append((first, column))
            spanned = [
                _number(cell.get(f"{_TABLE}number-{name}-spanned", "1")) for name in ("rows", "columns")
            ]
            if spanned != [1, 1]:
                looks.merged.append(((first, column), (first + spanned[0] - 1, column + spanned[1] - 1)))
            column += times


def _repeated(element: Any, what: str) -> int:
    return _number(element.get(f"{_TABLE}number-{what}-repeated", "1"))
