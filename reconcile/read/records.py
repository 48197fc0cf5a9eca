"""JSON, JSON lines, GeoJSON and Parquet -> a grid of text: the header is made of the names that records give their cells.

Numbers of a JSON stay the digits that stood in the file. What lies inside a record is flattened: an object to `a/b`, a list of
objects to `a/1/b`, a list of plain values to one cell joined by "; ". null is blank, true and false are TRUE and FALSE.

Guarantees:
    every_record_is_a_row: as many rows come out below the header as records stand in the table, each value as it stood.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
from pyarrow import compute, parquet

from reconcile.errors import InputFault
from reconcile.read.files import Grid, cell_text, refuse_bulk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reconcile.read.files import SourceFile

    Remark = tuple[str, str]
    Columns = Iterator[tuple[str, pa.Array]]

DEEPEST_TABLE = 3
JOINT = "; "
COLUMN_LIMIT = 16_384
CELL_LIMIT = 400_000_000
NAMED = 6
BATCH_LINES = 10_000
PARQUET_MAGIC, PARQUET_LOCKED = b"PAR1", b"PARE"
# How a JSON begins that may hold a table. A report that begins with "[1]" or a CSV with "{" begins otherwise.
_BEGINNING = re.compile(r"[\ufeff\x1e\s]*(?:\{\s*(?:[\"}]|$)|\[\s*(?:[{\]]|$|\[\s*(?:\"|null\b|\]|\[|$)))")
_EDGES = " \t\r\x1e\ufeff"
_SPACE = re.compile(r"[\ufeff\x1e\s]*")
_EXPECTED = {
    "Expecting value": "a value",
    "Expecting property name enclosed in double quotes": "a name in double quotes",
    "Expecting ':' delimiter": "a colon",
    "Expecting ',' delimiter": "a comma or the closing bracket",
    "Unterminated string starting at": "the closing quotation mark of the text that begins there",
    "Extra data": "the end of the file",
}
# Lists that describe the table beside them, in the APIs of CKAN, ArcGIS and their like.
_DESCRIPTIONS = frozenset({"fields", "columns", "links", "messages", "errors", "warnings", "schema", "crs"})
_LINES_SUFFIXES = (".jsonl", ".ndjson", ".geojsonl", ".geojsons", ".jsonlines")
_POINTS = ("longitude", "latitude")
_TOTAL = re.compile(r"total[_ ]?(count|records|results|rows|items|features)?|count|num(ber)?[_ ]?(found|matched)", re.IGNORECASE)  # fmt: skip
_NEXT = re.compile(r"next([_ ]?(page)?[_ ]?(url|link|token|uri)?)?", re.IGNORECASE)


def read_records(source: SourceFile) -> list[Grid] | None:
    """Read a file whose records name their own cells.

    Args:
        source: any file.

    Returns:
        Its table, the names as row 0 (`starts_at`), so that the first record is row 1; None where the content is neither
        JSON nor Parquet, whatever the file is called.

    Raises:
        InputFault: when the file is damaged or cut off, nests without end, or holds no records.
    """
    if source.content[:4] in {PARQUET_MAGIC, PARQUET_LOCKED} and b"\x00" in source.content[:4096]:
        return [_read_parquet(source)]
    encoding = json.detect_encoding(source.content[:64])
    if not _BEGINNING.match(source.content[:4096].decode(encoding, errors="replace")):
        return None
    try:
        return [_read_json(source)]
    except RecursionError:
        raise InputFault(
            source.name,
            "is JSON that nests so many brackets in each other that no export can have meant it.",
            "Export it again.",
        ) from None


# ---- JSON ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Table:
    """The records of a file, before they are flattened.

    Attributes:
        records: objects, or whatever stood where one should.
        keys: the keys under which the records stood, where they stood in an object.
        path: the keys that lead to the table.
        remarks: on the file as a whole.
        is_told: whether the remarks say already which records are none.
    """

    records: list[Any]
    keys: list[str] | None = None
    path: tuple[str, ...] = ()
    remarks: list[Remark] = field(default_factory=list)
    is_told: bool = False


class _Decoder:
    """Text -> values, numbers as they are written; counts what JSON leaves open: keys that stand twice, and NaN."""

    def __init__(self) -> None:
        self.repeated: Counter[str] = Counter()
        self.not_numbers = 0
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=str,
            parse_int=str,
            parse_constant=self._constant,
            strict=False,
        )

    def decode(self, text: str, start: int = 0) -> tuple[Any, int]:
        """Return the value that begins here, and where it ends; raises JSONDecodeError."""
        return self._decoder.raw_decode(text, _after_space(text, start))

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        return made if len(made) == len(pairs) else self._kept_apart(pairs)

    def _kept_apart(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                self.repeated[key] += 1
            _put(made, key, value)
        return made

    def _constant(self, written: str) -> str | None:
        # What pandas and numpy write for a value that is missing.
        if written == "NaN":
            self.not_numbers += 1
            return None
        return written

    def remarks(self) -> Iterator[Remark]:
        if self.repeated:
            # The keys themselves stay untold: where objects are keyed by persons they are names.
            yield (
                "warning",
                f"{self.repeated.total():,} times a key stands twice in one object; the first value was read, any other stands in a column with (2) behind its name.",
            )
        if self.not_numbers:
            yield "note", f"{self.not_numbers:,} values are NaN, which was read as blank."


def _put(made: dict[str, Any], key: str, value: object) -> None:
    """Add a value under its key, or where that is taken under the key with a number behind it."""
    name, number = key, 1
    while name in made:
        number += 1
        name = f"{key} ({number})"
    made[name] = value


def _after_space(text: str, start: int) -> int:
    found = _SPACE.match(text, start)
    return found.end() if found else start


def _read_json(source: SourceFile) -> Grid:
    text, encoding_remarks = _decode(source)
    decoder = _Decoder()
    try:
        value, end = decoder.decode(text)
    except json.JSONDecodeError as error:
        if not _is_lines(text):
            raise _broken(source, error) from None
        table = _lines(text, decoder)
    else:
        if _after_space(text, end) < len(text):
            decoder = _Decoder()
            table = (
                _lines(text, decoder) if "\n" not in text[:end].strip() else _several(source, text, decoder)
            )
        elif isinstance(value, dict) and source.name.lower().endswith(_LINES_SUFFIXES):
            table = _Table([value])
        else:
            table = _table_in(value)
    remarks = [*encoding_remarks, *table.remarks]
    if not table.records:
        raise InputFault(source.name, "is JSON without any record in it.", "Export it again.")
    if all(isinstance(record, list) for record in table.records):
        return _grid_of_lists(source, table.records, (*remarks, *decoder.remarks()))
    return _grid_of_objects(source, table, (*remarks, *decoder.remarks()))


def _decode(source: SourceFile) -> tuple[str, tuple[Remark, ...]]:
    encoding = json.detect_encoding(source.content[:64])
    try:
        return source.content.decode(encoding), ()
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf-8"):
            return source.content.decode(encoding, errors="replace"), (
                ("error", f"Not all of the text is {encoding.upper()}; what is not shows as \ufffd."),
            )
        line = source.content.count(b"\n", 0, error.start) + 1
    try:
        text, guess = source.content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        text, guess = source.content.decode("latin-1"), "latin-1"
    sentence = f"Line {line} is not UTF-8; the file was read as {guess}, a guess: check names with accents, and export it in UTF-8."
    return text, (("error", sentence),)


def _broken(source: SourceFile, error: json.JSONDecodeError) -> InputFault:
    expected = _EXPECTED.get(error.msg)
    wanted = f"expected {expected}" if expected else f"found an {error.msg.lower().removesuffix(' at')}"
    is_cut = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
    return InputFault(
        source.name,
        f"is JSON that {'ends too early' if is_cut else 'is damaged'}: line {error.lineno}, character {error.colno}, {wanted}.",
        "Download it again." if is_cut else "Export it again.",
    )


# ---- one document after another --------------------------------------------------------------------------------------


def _is_lines(text: str) -> bool:
    """Return whether a text that is no JSON as a whole is JSON line by line, a few lines of the first being broken."""
    lines = [line for line in text[: 2**20].split("\n") if line.strip()][: 2 * NAMED]
    decoder = _Decoder()
    return sum(_record_of(line, decoder) is not None for line in lines) > len(lines) / 2 > 1


def _record_of(line: str, decoder: _Decoder) -> Any | None:
    """Return the object or the list that is all of a line, else None."""
    try:
        value, end = decoder.decode(line)
    except json.JSONDecodeError:
        return None
    is_whole = isinstance(value, (dict, list)) and _after_space(line, end) == len(line)
    return value if is_whole else None


def _several(source: SourceFile, text: str, decoder: _Decoder) -> _Table:
    """Return the records of a text that is one JSON after the other, each over several lines."""
    records, end = [], 0
    while (start := _after_space(text, end)) < len(text):
        try:
            record, end = decoder.decode(text, start)
        except json.JSONDecodeError as error:
            raise _broken(source, error) from None
        records.append(record)
    return _Table(records)


def _lines(text: str, decoder: _Decoder) -> _Table:
    """Return the records of a text that is one JSON a line; None stands for a line that is none."""
    numbered = [
        (number, line) for number, raw in enumerate(text.split("\n"), start=1) if (line := raw.strip(_EDGES))
    ]
    records: list[Any] = []
    for start in range(0, len(numbered), BATCH_LINES):
        lines = [line for _, line in numbered[start : start + BATCH_LINES]]
        records += _batch(lines) or [_record_of(line, decoder) for line in lines]
    broken = [number for (number, _), record in zip(numbered, records, strict=True) if record is None]
    table = _Table(records, is_told=True)
    if broken:
        named = ", ".join(map(str, broken[:NAMED])) + (" and more" if len(broken) > NAMED else "")
        sentence = (
            f"{len(broken):,} lines are no JSON and were kept as rows that can't be read: line {named}."
        )
        table.remarks.append(("error", sentence))
    return table


def _batch(lines: Sequence[str]) -> list[Any]:
    """Return the objects of lines decoded in one go, which takes half the time; nothing where a line has a peculiarity."""
    decoder = _Decoder()
    try:
        records, _ = decoder.decode("[" + ",\n".join(lines) + "]")
    except json.JSONDecodeError:
        return []
    is_plain = len(records) == len(lines) and all(type(record) is dict for record in records)
    return records if is_plain and not any(decoder.remarks()) else []


# ---- the table in a document -----------------------------------------------------------------------------------------


def _table_in(value: object) -> _Table:
    """Return the table of a document: itself, the largest list of objects in it, objects under their keys, or one record."""
    if isinstance(value, list):
        return _Table(value)
    if not isinstance(value, dict):
        return _Table([])
    if columns := _by_columns(value):
        return _Table(columns)
    found = list(_tables(value, ()))
    if not found:
        return _keyed(value) if _is_keyed(value, least=1) else _Table([value])
    table = max(found, key=lambda one: len(one.records))
    table.remarks += _told_beside(value, table, found)
    return table


def _tables(value: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[_Table]:
    """Yield every list of objects, and every object of objects that are alike, down to where we look."""
    if _is_keyed(value, least=2):
        table = _keyed(value)
        table.path = path
        yield table
        return
    for key, below in value.items():
        if isinstance(below, list) and below and isinstance(below[0], dict):
            yield _Table(below, path=(*path, key))
        elif isinstance(below, dict) and len(path) + 1 < DEEPEST_TABLE:
            yield from _tables(below, (*path, key))


def _is_keyed(value: Mapping[str, Any], least: int) -> bool:
    """Return whether an object holds records under their ids: objects only, with a key that all of them have."""
    if len(value) < least or not all(isinstance(below, dict) for below in value.values()):
        return False
    return bool(set.intersection(*map(set, value.values())))


def _keyed(value: Mapping[str, Any]) -> _Table:
    return _Table(list(value.values()), keys=list(value))


def _by_columns(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the records of a table that pandas wrote column by column, `{"place": {"0": ..., "1": ...}, ...}`, else nothing."""
    if not value or not all(isinstance(below, dict) and below for below in value.values()):
        return []
    numbers = [str(number) for number in range(len(next(iter(value.values()))))]
    if any(list(below) != numbers for below in value.values()):
        return []
    return [{name: below[number] for name, below in value.items()} for number in numbers]


def _told_beside(value: Mapping[str, Any], table: _Table, found: Sequence[_Table]) -> Iterator[Remark]:
    for other in found:
        if other is not table:
            severity = "note" if other.path and other.path[-1].lower() in _DESCRIPTIONS else "warning"
            name = "/".join(other.path)
            yield (
                severity,
                f"The list {name!r} ({len(other.records):,} records) beside the table was not read.",
            )
    around = value
    for key in table.path[:-1]:
        around = around[key]
    stated = {**value, **around}.items()
    held = len(table.records)
    total = [
        (key, one)
        for key, one in stated
        if _TOTAL.fullmatch(key) and isinstance(one, str) and one.isdecimal()
    ]
    if missed := [(key, one) for key, one in total if int(one[:18]) > held]:
        key, one = missed[0]
        yield (
            "warning",
            f"The file states {key} {one}, and holds {held:,} records: it may be one page of several.",
        )
    elif pages := [key for key, one in stated if _NEXT.fullmatch(key) and isinstance(one, str) and one]:
        yield "warning", f"The file says under {pages[0]!r} that more pages follow it; they were not read."


# ---- GeoJSON ---------------------------------------------------------------------------------------------------------


def _unwrapped(records: Sequence[Any]) -> tuple[list[Any], list[Remark]]:
    """Return the properties of GeoJSON features with their points; any other records as they are."""
    if not all(_is_feature(record) for record in records if record is not None):
        return list(records), []
    own = {key.strip().casefold() for record in records if record for key in record["properties"] or ()}
    shapes: Counter[str] = Counter()
    made = [record and _properties(record, own, shapes) for record in records]
    remarks = [
        (
            "warning",
            f"{count:,} features are a {shape}, which stands as text in the column geometry; no coordinates were taken from it.",
        )
        for shape, count in shapes.items()
    ]
    return made, remarks


def _is_feature(record: object) -> bool:
    return (
        isinstance(record, dict)
        and record.get("type") == "Feature"
        and isinstance(record.get("properties"), (dict, type(None)))
        and "geometry" in record
    )


def _properties(feature: Mapping[str, Any], own: set[str], shapes: Counter[str]) -> dict[str, Any]:
    made = dict(feature["properties"] or {})
    for key, value in feature.items():
        if key not in {"type", "properties", "geometry", "bbox"}:
            _put(made, key, value)
    shape = feature["geometry"]
    point = _point(shape)
    if point and not own.intersection(_POINTS):
        made |= dict(zip(_POINTS, point, strict=True))
    elif shape is not None and not point:
        kind = shape.get("type") if isinstance(shape, dict) else None
        shapes[kind if isinstance(kind, str) and kind else "shape without a type"] += 1
        _put(made, "geometry", _json_text(shape))
    return made


def _point(shape: object) -> tuple[object, ...]:
    if not isinstance(shape, dict) or shape.get("type") != "Point":
        return ()
    place = shape.get("coordinates")
    is_place = (
        isinstance(place, list) and len(place) > 1 and not any(isinstance(one, (list, dict)) for one in place)
    )
    return tuple(place[:2]) if isinstance(place, list) and is_place else ()


def _json_text(shape: object) -> str:
    """Return a geometry as JSON: its texts are names, but those in its lists are the numbers of coordinates."""
    if isinstance(shape, dict):
        return (
            "{"
            + ",".join(
                f"{json.dumps(key, ensure_ascii=False)}:{_member_text(one)}" for key, one in shape.items()
            )
            + "}"
        )
    if isinstance(shape, list):
        return "[" + ",".join(map(_json_text, shape)) + "]"
    return shape if isinstance(shape, str) else json.dumps(shape)


def _member_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else _json_text(value)


# ---- records -> columns ------------------------------------------------------------------------------------------------


def _grid_of_objects(source: SourceFile, table: _Table, remarks: Sequence[Remark]) -> Grid:
    records, more = _unwrapped(table.records)
    strangers = [number for number, record in enumerate(records) if not isinstance(record, dict)]
    if len(strangers) == len(records):
        raise InputFault(
            source.name,
            "is JSON, but holds no list of records.",
            "Export it as a table, or as a list of objects.",
        )
    for number in strangers:
        records[number] = {}
    if strangers and not table.is_told:
        more.append(
            (
                "error",
                f"{len(strangers):,} entries of the list are no records, and were kept as rows that can't be read.",
            )
        )
    arrays = _Arrays(source.name, len(records))
    if table.keys is not None:
        arrays.add("key", _array(table.keys))
    for name, array in _columns_of(source.name, "", records):
        arrays.add(name, array)
    if not arrays.width:
        raise InputFault(source.name, "is JSON whose records hold nothing.", "Export it again.")
    ragged = {number + 1: 0 for number in strangers}
    return Grid("", arrays.frame(), ragged, (*remarks, *more), starts_at=0)


class _Arrays:
    """The columns of a grid as they come, each name once, and no more of them than a machine can bear."""

    def __init__(self, file: str, height: int) -> None:
        self._file = file
        self._height = height
        self._columns: dict[str, Any] = {}

    def add(self, name: str, array: pa.Array) -> None:
        _put(self._columns, name, array)
        _refuse_width(self._file, len(self._columns), self._height)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self._columns)

    def frame(self) -> pd.DataFrame:
        headed = [
            pa.chunked_array([_array([name]), *_chunks(array)], pa.large_string())
            for name, array in self._columns.items()
        ]
        made = pa.table(headed, names=[str(number) for number in range(len(headed))])
        cells: pd.DataFrame = made.combine_chunks().to_pandas()
        cells.columns = pd.RangeIndex(len(headed))
        return cells


def _chunks(array: Any) -> Sequence[pa.Array]:
    return array.chunks if isinstance(array, pa.ChunkedArray) else [array]


def _refuse_width(file: str, columns: int, height: int) -> None:
    if columns > COLUMN_LIMIT or columns * height > CELL_LIMIT:
        raise InputFault(
            file,
            f"has records whose names and lists would make {columns:,} columns and more of {height:,} rows.",
            "Export it as a table, or without its nested parts.",
        )


def _columns_of(file: str, prefix: str, objects: Sequence[Mapping[str, Any]]) -> Columns:
    """Yield the columns of objects that stand at one place of every record; `{}` where there is none."""
    names = dict.fromkeys(chain.from_iterable(objects))
    _refuse_width(file, len(names), len(objects))
    for name in names:
        yield from _columns(file, prefix + name, [one.get(name) for one in objects])


def _columns(file: str, name: str, values: Sequence[Any]) -> Columns:
    """Yield the columns that values of one name make: themselves, what is in the objects, what is in the lists."""
    kinds = set(map(type, values))
    if not kinds & {dict, list}:
        yield name, _array(_texts(values, kinds))
        return
    lists = [one if type(one) is list and _is_nested(one) else () for one in values]
    objects = [one if type(one) is dict else {} for one in values]
    is_plain = [not one and not inner for one, inner in zip(objects, lists, strict=True)]
    plain = [
        JOINT.join(filter(None, map(_text, one)))
        if type(one) is list
        else _text(None if type(one) is dict else one)
        for one in (value if keep else None for value, keep in zip(values, is_plain, strict=True))
    ]
    # A null or an empty list among objects is no value of its own.
    if any(plain) or all(is_plain):
        yield name, _array(plain)
    yield from _columns_of(file, f"{name}/", objects)
    width = max(map(len, lists))
    _refuse_width(file, width, len(values))
    for number in range(width):
        inner = [one[number] if len(one) > number else None for one in lists]
        yield from _columns(file, f"{name}/{number + 1}", inner)


def _is_nested(values: Sequence[Any]) -> bool:
    return any(type(one) in {dict, list} for one in values)


def _texts(values: Sequence[Any], kinds: set[type]) -> Sequence[str]:
    return values if kinds == {str} else [one if type(one) is str else _text(one) for one in values]


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return value if isinstance(value, str) else cell_text(value)


def _array(texts: Sequence[str]) -> pa.Array:
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        # Half of a character pair, escaped, which no text can hold.
        whole = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
        return pa.array(whole, pa.large_string())


def _grid_of_lists(source: SourceFile, rows: Sequence[Sequence[Any]], remarks: Sequence[Remark]) -> Grid:
    """Return the grid of a JSON that is rows of cells, the header first, as the HXL proxy writes it."""
    width = max(map(len, rows))
    _refuse_width(source.name, width, len(rows))
    usual = len(rows[0])
    ragged = {number: len(row) for number, row in enumerate(rows, start=1) if len(row) != usual}
    texts = [[_cell(one) for one in row] + [""] * (width - len(row)) for row in rows]
    columns = [_array([row[number] for row in texts]) for number in range(width)]
    cells = pa.table(columns, names=[str(number) for number in range(width)]).to_pandas()
    cells.columns = pd.RangeIndex(width)
    return Grid("", cells, ragged, tuple(remarks))


def _cell(value: object) -> str:
    if isinstance(value, list) and not _is_nested(value):
        return JOINT.join(filter(None, map(_text, value)))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else _text(value)


# ---- Parquet -----------------------------------------------------------------------------------------------------------


def _read_parquet(source: SourceFile) -> Grid:
    try:
        file = parquet.ParquetFile(pa.BufferReader(source.content))
        held = file.metadata
        unpacked = sum(held.row_group(number).total_byte_size for number in range(held.num_row_groups))
        refuse_bulk(source.name, unpacked, len(source.content))
        _refuse_width(source.name, held.num_columns, held.num_rows)
        table = file.read(use_threads=False)
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputFault(
            source.name,
            f"is a Parquet file that can't be opened ({_shown(error)}).",
            "It may be cut off, encrypted or in a wrong encoding: download it again, or save it as CSV (UTF-8).",
        ) from None
    if not table.num_columns:
        raise InputFault(source.name, "is a Parquet file without columns.", "Export it again.")
    arrays = _Arrays(source.name, table.num_rows)
    remarks: list[Remark] = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        for own, array in _parquet_columns(source.name, name, column, remarks):
            arrays.add(own, array)
    return Grid("", arrays.frame(), {}, tuple(remarks), starts_at=0)


def _shown(error: Exception) -> str:
    return str(error).split("\n")[0][:200].rstrip(".") or type(error).__name__


def _parquet_columns(file: str, name: str, column: pa.ChunkedArray, remarks: list[Remark]) -> Columns:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield name, compute.fill_null(column.cast(pa.large_string()), "")
        return
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        yield name, _from_bytes(name, column, remarks)
        return
    try:
        if pa.types.is_nested(kind):
            yield from _columns(file, name, [_plain(value) for value in column.to_pylist()])
        else:
            yield name, _array(_distinct_texts(column))
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise InputFault(
            file,
            f"has values in the column {name!r} that can't be read ({_shown(error)}).",
            "Save it as CSV (UTF-8).",
        ) from None


def _distinct_texts(column: pa.ChunkedArray) -> list[str]:
    """Return the texts of a column's values; each value is put into words once."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts: list[str] = []
    for chunk in coded.chunks:
        words = [*map(_text, map(_plain, chunk.dictionary.to_pylist())), ""]
        codes = compute.fill_null(chunk.indices.cast(pa.int64()), len(words) - 1)
        texts += map(words.__getitem__, codes.to_pylist())
    return texts


def _plain(value: Any) -> Any:
    """Return a value of Arrow as JSON would have it: maps as objects, bytes as text."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        is_map = bool(value) and all(isinstance(one, tuple) for one in value)
        return {_text(key): _plain(one) for key, one in value} if is_map else [_plain(one) for one in value]
    return value.decode("utf-8", errors="backslashreplace") if isinstance(value, bytes) else value


def _from_bytes(name: str, column: pa.ChunkedArray, remarks: list[Remark]) -> pa.Array:
    try:
        return _array(["" if one is None else one.decode("utf-8") for one in column.to_pylist()])
    except UnicodeDecodeError:
        remarks.append(
            ("warning", f"The column {name!r} holds bytes and no text; they were read as hexadecimal digits.")
        )
        return _array(["" if one is None else one.hex() for one in column.to_pylist()])
