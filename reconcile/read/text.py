"""Delimited text -> a grid of cells, whatever its encoding, its delimiter and the state of its quotes."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from charset_normalizer import from_bytes
from pyarrow import csv as arrow_csv

from reconcile.errors import InputFault
from reconcile.read.files import Grid
from reconcile.read.headers import recognise

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from reconcile.read.files import SourceFile
    from reconcile.ruleset import Monitor

PROBED_RECORDS = 40
PROBED_CHARACTERS = 2**18
FIELD_LIMIT = 2**31 - 1
BLOCK_BYTES = 2**22
DELIMITERS = ",;\t|"
GUESSED_BYTES = 2**20
# A header's worth of bytes, and the share of zeros among every fourth of them from which on a text is wide.
WIDE_BYTES, WIDE_SHARE = 4096, 0.7
# By which of four bytes are zero in most signs.
_WIDE: dict[tuple[bool, ...], str] = {
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
}
# Western, Arabic, Cyrillic (three), Turkish and Hebrew, as Excel and older databases write them.
LEGACY_ENCODINGS = ("cp1252", "cp1256", "cp1251", "koi8_u", "cp866", "cp1254", "cp1255")


def read_text(source: SourceFile, monitors: Sequence[Monitor]) -> Grid:
    """Return the grid of a delimited text."""
    orderly = split_orderly(source.content.removeprefix(codecs.BOM_UTF8), monitors)
    if orderly is not None:
        return Grid("", orderly, {}, ())
    text, remarks = _decode(source, monitors)
    delimiter = _delimiter(text, monitors)
    cells, ragged, broken = _split_cells(text, delimiter)
    if broken:
        remarks = (*remarks, ("error", broken))
    return Grid("", cells, ragged, remarks)


def split_orderly(content: bytes, monitors: Sequence[Monitor]) -> pd.DataFrame | None:
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


def _decode(source: SourceFile, monitors: Sequence[Monitor]) -> tuple[str, tuple[tuple[str, str], ...]]:
    content = source.content
    if wide := wide_encoding(content):
        return content.decode(wide, errors="replace"), ()
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
    stated = _stated_encodings(content, monitors)
    for encoding in (*stated, guessed_encoding(content), "cp1252", "latin-1"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    known = encoding in stated
    sentence = f"Line {line} is not UTF-8; the file was read as {encoding}" + (
        ", which the rule file allows."
        if known
        else ", a guess: check names with accents, and export it as CSV (UTF-8)."
    )
    return text, (("note" if known else "error", sentence),)


def wide_encoding(content: bytes) -> str:
    """Return the encoding of a text of two or four bytes a sign, by its byte-order mark or its zero bytes; "" for any other."""
    probe = content[:WIDE_BYTES]
    if probe[:4] in {codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE}:
        return "utf-32"
    if probe[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return "utf-16"
    # Most signs of a header are ASCII: then every second byte is zero, or three of four are.
    zeros = tuple(
        probe[at::4].count(0) > WIDE_SHARE * len(probe[at::4]) if probe[at::4] else False for at in range(4)
    )
    return _WIDE.get(zeros, "")


def _stated_encodings(content: bytes, monitors: Sequence[Monitor]) -> list[str]:
    """Return what the layouts whose header the file bears say of its encoding; headers read alike in most."""
    probe = content[:PROBED_CHARACTERS].decode("cp1252", errors="replace")
    lines = csv.reader(io.StringIO(probe, newline=""), delimiter=_delimiter(probe, monitors))
    found = recognise(list(islice(lines, PROBED_RECORDS)), monitors)
    stated = [encoding for one in found for encoding in one.layout.encodings]
    return [encoding for encoding in dict.fromkeys(stated) if encoding.lower() not in {"utf-8", "utf8"}]


def guessed_encoding(content: bytes) -> str:
    """Return the likeliest of the encodings that exports come in, by the letters they make of the bytes."""
    best = from_bytes(content[:GUESSED_BYTES], cp_isolation=list(LEGACY_ENCODINGS)).best()
    return best.encoding if best else "cp1252"


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
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
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
