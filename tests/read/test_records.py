"""Records that name their own cells become a grid: a row each, nothing lost on the way, and no file that brings it down."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from strategies import budget

from reconcile.errors import InputFault
from reconcile.read.files import Grid, SourceFile
from reconcile.read.records import COLUMN_LIMIT, read_records

if TYPE_CHECKING:
    from collections.abc import Iterator


def grid(content: bytes | str, name: str = "export.json") -> Grid:
    """The only grid of a file."""
    content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    grids = read_records(SourceFile(name, content))
    assert grids is not None
    (one,) = grids
    assert all(str(kind) == "str" for kind in one.cells.dtypes)
    return one


def lines(content: bytes | str, name: str = "export.json") -> list[list[str]]:
    """The cells of a file that nothing is remarked of, the header first."""
    one = grid(content, name)
    assert (one.remarks, one.ragged, one.starts_at) == ((), {}, 0)
    return one.cells.to_numpy().tolist()


def fault(content: bytes | str) -> str:
    """What is said of a file that can't be read."""
    with pytest.raises(InputFault) as caught:
        grid(content)
    sentence = str(caught.value)
    assert sentence.startswith("export.json: ")
    assert sentence.endswith(".")
    return sentence


# ---- which files are JSON --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"code,incident_date\nCS9001,2017-06-10\n",
        b"{code},{date}\n1,2\n",
        b"[1] A report of invented events\n",
        b"[10 June 2017] one killed\n",
        b"#affected,[a]\n",
        b"[1, 2, 3]",
        b'"text"',
        b"PAR1,name\n1,2\n",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0",
        b"",
    ],
)
def test_other_files_are_left_to_others(content: bytes) -> None:
    """What counts is the content: a CSV called .json is no JSON."""
    assert read_records(SourceFile("export.json", content)) is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param('[{"place":"Téll"}]'.encode(), id="plain"),
        pytest.param('\ufeff [{"place":"Téll"}]\n'.encode(), id="byte-order mark"),
        pytest.param('\ufeff[{"place":"Téll"}]'.encode("utf-16"), id="UTF-16"),
        pytest.param('[{"place":"Téll"}]'.encode("utf-16-be"), id="UTF-16 without its mark"),
        pytest.param(b'\r\n[\r\n  {"place": "T\\u00e9ll"}\r\n]', id="spread out"),
        pytest.param('{"place":"Téll"}\n'.encode(), id="one object"),
        pytest.param('{"events":[{"place":"Téll"}]}'.encode(), id="in an object"),
        pytest.param('{"a":{"b":{"events":[{"place":"Téll"}]}}}'.encode(), id="three keys down"),
        pytest.param('\x1e{"place":"Téll"}\n'.encode(), id="text sequence"),
        pytest.param('{"place":{"0":"Téll"}}'.encode(), id="column by column, as pandas writes"),
    ],
)
def test_same_table_however_it_is_saved(content: bytes) -> None:
    """Marks, encodings, spaces and wrappings do not change what is read, nor does the file's name."""
    for name in ("export.json", "export.csv", "export.xlsx"):
        assert lines(content, name) == [["place"], ["Téll"]]


def test_wrong_encoding_is_said() -> None:
    """An encoding that had to be guessed is an error with its line."""
    one = grid('[\n{"place":"Café"}]'.encode("cp1252"))
    assert one.cells[0].tolist() == ["place", "Café"]
    ((severity, sentence),) = one.remarks
    assert severity == "error"
    assert sentence.startswith("Line 2 is not UTF-8; the file was read as cp1252")


# ---- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("1.10", "1.10"),
        ("0012.5e3", None),
        ("1E5", "1E5"),
        ("-0", "-0"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("9" * 5000, "9" * 5000),
        ("null", ""),
        ("true", "TRUE"),
        ("false", "FALSE"),
        ("Infinity", "Infinity"),
        ('" 0012 "', " 0012 "),
        ('"NaN"', "NaN"),
        ('"a\\nb"', "a\nb"),
        ('"a\tb"', "a\tb"),
        ('"\\ud800x"', "\ufffdx"),
        ('"\\ud83d\\udd4a"', "\U0001f54a"),
        ("[]", ""),
        ("{}", None),
        ('[1, 2.0, null, "x"]', "1; 2.0; x"),
    ],
)
def test_value_is_what_was_written(written: str, cell: str | None) -> None:
    """Digits stay as they stood, null is blank, truth values are Excel's words, lists of plain values one cell."""
    if written == "0012.5e3":
        assert "damaged" in fault(f'[{{"id":1,"a":{written}}}]')
        return
    row = lines(f'[{{"id":1,"a":{written}}}]')
    assert row == ([["id", "a"], ["1", cell]] if cell is not None else [["id", "a"], ["1", ""]])


def test_not_a_number_is_blank_and_said() -> None:
    """NaN is what numpy writes for a missing value."""
    one = grid('[{"a":NaN,"b":1},{"a":2,"b":NaN}]')
    assert one.cells.to_numpy().tolist() == [["a", "b"], ["", "1"], ["2", ""]]
    assert one.remarks == (("note", "2 values are NaN, which was read as blank."),)


def test_nested_parts_are_flattened() -> None:
    """Objects, lists of objects, lists of lists and mixtures each have their columns, where they were first seen."""
    text = '[{"a":{"b":1,"c":{"d":2}},"e":[{"f":3},{"f":4,"g":5}],"h":[[6,7],[8]],"i":[9,{"j":10}]},{"k":11,"a":{"b":12}}]'
    assert lines(text) == [
        ["a/b", "a/c/d", "e/1/f", "e/2/f", "e/2/g", "h/1", "h/2", "i/1", "i/2/j", "k"],
        ["1", "2", "3", "4", "5", "6; 7", "8", "9", "10", ""],
        ["12", "", "", "", "", "", "", "", "", "11"],
    ]


def test_null_among_objects_makes_no_column() -> None:
    """A null, or an empty list, where other records have an object, is no value; a text there is."""
    assert lines('[{"id":1,"a":null},{"id":2,"a":{"x":1}},{"id":3,"a":[]}]') == [
        ["id", "a/x"],
        ["1", ""],
        ["2", "1"],
        ["3", ""],
    ]
    assert lines('[{"a":"text"},{"a":{"x":1}}]') == [["a", "a/x"], ["text", ""], ["", "1"]]


def test_key_that_stands_twice_is_said_and_kept() -> None:
    """The first value stands under its name, the other beside it; the key may be a name, and is not told."""
    one = grid('[{"code":"X1","code":"X2"},{"code":"X3"}]')
    assert one.cells.to_numpy().tolist() == [["code", "code (2)"], ["X1", "X2"], ["X3", ""]]
    ((severity, sentence),) = one.remarks
    assert severity == "warning"
    assert sentence.startswith("1 times a key stands twice")


def test_path_and_key_that_are_alike_keep_apart() -> None:
    """A key "a/b" is another column than b inside a."""
    assert lines('[{"a/b":1,"a":{"b":2}}]') == [["a/b", "a/b (2)"], ["1", "2"]]


KEYS = st.sampled_from(["id", "place", "naïve", "x y", "Ä", ""])
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "a", " b ", "الرقة", '"', "\\", "\n", "1.10"])
)
NESTED = st.recursive(
    PLAIN | st.lists(PLAIN, max_size=3),
    lambda inner: (
        st.dictionaries(KEYS, inner, max_size=3)
        | st.lists(st.dictionaries(KEYS, inner, max_size=3), max_size=3)
    ),
    max_leaves=12,
)
RECORDS = st.lists(st.dictionaries(KEYS, NESTED, min_size=1, max_size=5), min_size=1, max_size=5)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The cells of one record, one after the other: what the reader does column by column."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, f"{path}/{key}" if path != "" else f"/{key}")
    elif isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value):
        for number, below in enumerate(value, start=1):
            yield from leaves(below, f"{path}/{number}")
    elif isinstance(value, list):
        yield path[1:], "; ".join(text for one in value if (text := word(one)))
    else:
        yield path[1:], word(value)


def word(value: object) -> str:
    """A plain value as a cell has it."""
    return (
        {True: "TRUE", False: "FALSE"}[value]
        if isinstance(value, bool)
        else ""
        if value is None
        else str(value)
    )


@budget(150)
@given(RECORDS, st.sampled_from(["list", "lines", "wrapped"]))
def test_records_every_record_is_a_row(records: list[dict[str, Any]], shape: str) -> None:
    """Whatever is nested in whatever: a row a record, each value under its path, and nothing beside."""
    if shape == "lines":
        text = "".join(json.dumps(record) + "\n" for record in records)
    else:
        text = json.dumps(records if shape == "list" else {"status": 200, "events": records})
    expected = [{path: text for path, text in leaves(record) if text} for record in records]
    try:
        one = grid(text, "export.jsonl" if shape == "lines" else "export.json")
    except InputFault as hollow:
        assert "hold nothing" in str(hollow)  # noqa: PT017 - records of empty objects are no table
        assert not any(expected)
        return
    header = one.cells.iloc[0].tolist()
    assert len(one.cells) == len(records) + 1
    assert len(set(header)) == len(header)
    found = [
        {name: cell for name, cell in zip(header, row, strict=True) if cell}
        for row in one.cells.iloc[1:].to_numpy().tolist()
    ]
    assert found == expected
    assert one.ragged == {}


# ---- the table in a document -----------------------------------------------------------------------------------------


def test_largest_list_is_the_table() -> None:
    """Of several lists of objects the largest is read, and the others are told."""
    text = '{"fields":[{"id":"a"}],"sources":[{"id":9}],"result":{"records":[{"a":1},{"a":2}]}}'
    one = grid(text)
    assert one.cells[0].tolist() == ["a", "1", "2"]
    assert [(severity, sentence.split("(")[0]) for severity, sentence in one.remarks] == [
        ("note", "The list 'fields' "),
        ("warning", "The list 'sources' "),
    ]


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ('"TotalCount":5,"NextPageUrl":""', "states TotalCount 5, and holds 2 records"),
        ('"count":2,"next":"https://example.org/?page=2"', "'next' that more pages follow"),
        ('"count":2,"next":null', ""),
        ('"status":200,"last_update":13', ""),
    ],
)
def test_one_page_of_several_is_said(beside: str, said: str) -> None:
    """What an API says of more records than the file holds is told, its address is not."""
    remarks = grid(f'{{{beside},"Result":[{{"id":1}},{{"id":2}}]}}').remarks
    assert [severity for severity, _ in remarks] == (["warning"] if said else [])
    assert all(said in sentence and "example.org" not in sentence for _, sentence in remarks)


def test_objects_under_their_ids() -> None:
    """An object of objects is a table whose keys are a column, also one key down, and though records hold lists themselves."""
    text = (
        '{"CS1":{"place":"Tell Example","parties":[{"n":1},{"n":2},{"n":3}]},"CS2":{"place":"Bir Example"}}'
    )
    expected = [
        ["key", "place", "parties/1/n", "parties/2/n", "parties/3/n"],
        ["CS1", "Tell Example", "1", "2", "3"],
        ["CS2", "Bir Example", "", "", ""],
    ]
    assert lines(text) == expected
    assert lines(f'{{"status":200,"incidents":{text}}}') == expected
    assert lines('{"CS1":{"place":"x"}}') == [["key", "place"], ["CS1", "x"]]


def test_rows_of_cells_are_a_table() -> None:
    """A list of lists, as the HXL proxy writes it, has its header in the first row; uneven rows are told."""
    one = grid('[["Place","Killed"],["#loc","#affected+killed"],["Tell Example",1.50],["Bir"]]')
    assert one.starts_at == 1
    assert one.cells.to_numpy().tolist() == [
        ["Place", "Killed"],
        ["#loc", "#affected+killed"],
        ["Tell Example", "1.50"],
        ["Bir", ""],
    ]
    assert one.ragged == {4: 1}


def test_entry_that_is_no_record_is_a_row_to_be_told() -> None:
    """A number or a null among objects keeps its place as a row that can't be read."""
    one = grid('[{"a":1},5,null,{"a":2}]')
    assert one.cells[0].tolist() == ["a", "1", "", "", "2"]
    assert one.ragged == {2: 0, 3: 0}
    assert [severity for severity, _ in one.remarks] == ["error"]


# ---- JSON lines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_json_lines(end: str) -> None:
    """One object a line, blank lines aside; a text may hold the line separators that JSON allows."""
    text = f'{{"a":1,"b":"x\u2028y"}}{end}{{"a":2,"c":[1]}}{end}'
    assert lines(text) == [["a", "b", "c"], ["1", "x\u2028y", ""], ["2", "", "1"]]


def test_single_line_of_json_lines_is_a_record() -> None:
    """The ending of the name decides what one object alone is that has a list in it."""
    text = '{"code":"X1","parties":[{"n":1},{"n":2}]}\n'
    assert lines(text, "export.jsonl") == [["code", "parties/1/n", "parties/2/n"], ["X1", "1", "2"]]


def test_objects_one_after_the_other() -> None:
    """Objects over several lines each, as jq writes them, are records too."""
    assert lines('{\n "a": 1\n}\n{\n "a": 2\n}\n') == [["a"], ["1"], ["2"]]


@pytest.mark.parametrize("broken", [1, 2, 4])
@pytest.mark.parametrize("spoiled", ['{"a":', '{"a":"x', "} or", '{"a":1} {"a":2}', "7"])
def test_broken_line_keeps_its_place(broken: int, spoiled: str) -> None:
    """A line that is no JSON is a row without cells, listed for quarantine, and told by its number; the others are read."""
    written = [spoiled if number == broken else f'{{"a":"v{number}"}}' for number in (1, 2, 3, 4)]
    if spoiled == "} or" and broken == 1:
        return
    if broken == 1 and spoiled == "7":
        assert read_records(SourceFile("export.json", "\n".join(written).encode())) is None
        return
    one = grid("\n".join(written))
    assert one.cells[0].tolist() == [
        "a",
        *("" if number == broken else f"v{number}" for number in (1, 2, 3, 4)),
    ]
    assert one.ragged == {broken: 0}
    ((severity, sentence),) = one.remarks
    assert severity == "error"
    assert f"line {broken}." in sentence


def test_cut_download_of_json_lines() -> None:
    """Where the last line was cut, every line before it is a row."""
    assert grid('{"a":1}\n{"a":').ragged == {2: 0}


# ---- GeoJSON ---------------------------------------------------------------------------------------------------------


def feature(geometry: str, properties: str = '{"n":1}') -> str:
    """A feature."""
    return f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}'


def collection(*features: str) -> str:
    """A collection of features."""
    return f'{{"type":"FeatureCollection","crs":{{"type":"name"}},"features":[{",".join(features)}]}}'


POINT = '{"type":"Point","coordinates":[39.010,35.950,120]}'


def test_points_become_coordinates() -> None:
    """Properties are columns, and a point is its longitude and latitude, digit by digit."""
    expected = [["n", "longitude", "latitude"], ["1", "39.010", "35.950"], ["1", "", ""], ["", "", ""]]
    features = (feature(POINT), feature("null"), feature("null", "null"))
    assert lines(collection(*features)) == expected
    assert lines(f"[{','.join(features)}]") == expected
    assert lines("\n".join(features)) == expected
    assert lines("\n".join(f"\x1e{one}" for one in features)) == expected


@pytest.mark.parametrize("name", ["latitude", "Latitude"])
def test_properties_keep_their_own_coordinates(name: str) -> None:
    """Where the properties state coordinates, the point adds none."""
    assert lines(collection(feature(POINT, f'{{"{name}":1}}'))) == [[name], ["1"]]


def test_id_of_a_feature_is_kept() -> None:
    """What stands beside the properties is a column, under another name where one is taken."""
    text = collection('{"type":"Feature","id":7,"properties":{"id":"X1"},"geometry":null}')
    assert lines(text) == [["id", "id (2)"], ["X1", "7"]]


def test_other_shapes_are_text_and_said() -> None:
    """An outline gives no coordinates; it stands as text and is told."""
    outline = '{"type":"Polygon","coordinates":[[[1.0,2],[3,4],[1.0,2]]]}'
    one = grid(collection(feature(POINT), feature(outline), feature('{"type":"Point","coordinates":[]}')))
    assert one.cells.iloc[0].tolist() == ["n", "longitude", "latitude", "geometry"]
    assert one.cells.iloc[2].tolist() == ["1", "", "", outline]
    assert [severity for severity, _ in one.remarks] == ["warning", "warning"]
    assert "1 features are a Polygon" in one.remarks[0][1]


# ---- what can't be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param('[{"a":1},\n{"a":', "ends too early: line 2, character 6, expected a value", id="cut"),
        pytest.param(
            '[{"a":1},\n{"a":"x', "line 2, character 6, expected the closing quotation mark", id="cut text"
        ),
        pytest.param(
            '[{"a":1}\n{"a":2}]', "is damaged: line 2, character 1, expected a comma", id="no comma"
        ),
        pytest.param('[{"a":1,}]', "expected a name in double quotes", id="comma too many"),
        pytest.param('[{"a":"\\x"}]', "found an invalid", id="escape"),
        pytest.param("{", "ends too early", id="bracket alone"),
        pytest.param("[]", "without any record", id="no records"),
        pytest.param("{}", "hold nothing", id="nothing"),
        pytest.param("[{},{}]", "hold nothing", id="hollow records"),
        pytest.param('{"a":[' * 10_000, "nests so many brackets", id="brackets"),
        pytest.param("[" * 10_000, "nests so many brackets", id="more brackets"),
        pytest.param('{"a":' * 10_000 + "1" + "}" * 10_000, "nests so many brackets", id="objects"),
        pytest.param(
            json.dumps([{f"k{number}": 1 for number in range(COLUMN_LIMIT + 1)}]),
            "columns",
            id="too many names",
        ),
        pytest.param(json.dumps([{"a": [{}] * (COLUMN_LIMIT + 1)}]), "columns", id="too long a list"),
        pytest.param(b"PAR1" + bytes(50), "Parquet file that can't be opened", id="cut Parquet"),
        pytest.param(b"PARE" + bytes(50), "Parquet file that can't be opened", id="locked Parquet"),
    ],
)
def test_unreadable_file_says_why(content: bytes | str, said: str) -> None:
    """Damage is one sentence, with its line and what was expected there."""
    assert said in fault(content)


@budget(150)
@given(RECORDS, st.data())
def test_cut_or_spoiled_files_end_in_a_sentence(records: list[dict[str, Any]], data: st.DataObject) -> None:
    """Whatever happens to a file on its way, it is read, left to others or refused, and nothing else."""
    content = bytearray(json.dumps(records, ensure_ascii=data.draw(st.booleans())).encode())
    content = content[: data.draw(st.integers(0, len(content)))]
    for place in data.draw(st.lists(st.integers(0, max(len(content) - 1, 0)), max_size=3)) if content else []:
        content[place] = data.draw(st.integers(0, 255))
    try:
        grids = read_records(SourceFile("export.json", bytes(content)))
    except InputFault:
        return
    assert grids is None or len(grids) == 1


def test_cell_of_ten_megabytes() -> None:
    """A text of any length is a cell."""
    assert len(grid(json.dumps([{"a": "x" * 10_000_000}])).cells.iloc[1, 0]) == 10_000_000


def test_many_records_take_seconds() -> None:
    """A hundred thousand records, which take half a second on an idle machine, take no minute on a busy one."""
    record = {
        "id": 1,
        "place": "Tell Example",
        "lat": 35.95,
        "killed": None,
        "parties": ["a", "b"],
        "at": {"x": 1},
    }
    for text in (json.dumps([record] * 100_000), (json.dumps(record) + "\n") * 100_000):
        start = time.perf_counter()
        assert grid(text).cells.shape == (100_001, 6)
        assert time.perf_counter() - start < 30


# ---- Parquet ---------------------------------------------------------------------------------------------------------


def parquet_of(table: pa.Table) -> bytes:
    """A table as a Parquet file."""
    out = io.BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()


NOON = dt.datetime(2017, 6, 10, 12, tzinfo=dt.UTC)
MIDNIGHT = dt.datetime(2017, 6, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("values", "kind", "cells"),
    [
        ([1, None], pa.int64(), ["1", ""]),
        ([2**63 + 5, None], pa.uint64(), ["9223372036854775813", ""]),
        ([3.0, 2.5], pa.float64(), ["3", "2.5"]),
        ([float("nan"), float("inf")], pa.float64(), ["", "inf"]),
        ([Decimal("1.10"), None], pa.decimal128(9, 2), ["1.10", ""]),
        (["0012", None], pa.string(), ["0012", ""]),
        ([" الرقة ", "a\nb"], pa.large_string(), [" الرقة ", "a\nb"]),
        (["a", "b"], pa.dictionary(pa.int8(), pa.string()), ["a", "b"]),
        (["a", None], pa.string_view(), ["a", ""]),
        ([True, None], pa.bool_(), ["TRUE", ""]),
        ([MIDNIGHT.date(), None], pa.date32(), ["2017-06-10", ""]),
        ([MIDNIGHT.replace(tzinfo=None), NOON.replace(tzinfo=None)], pa.timestamp("ns"), ["2017-06-10", "2017-06-10 12:00:00"]),
        ([MIDNIGHT, NOON], pa.timestamp("us", "UTC"), ["2017-06-10 00:00:00+00:00", "2017-06-10 12:00:00+00:00"]),
        ([b"abc", None], pa.binary(), ["abc", ""]),
        ([None, None], pa.null(), ["", ""]),
        ([[1, 2], []], pa.list_(pa.int64()), ["1; 2", ""]),
    ],
)  # fmt: skip
def test_parquet_values_become_plain_text(values: list[Any], kind: pa.DataType, cells: list[str]) -> None:
    """Values are written as a CSV would have them; a missing one is blank."""
    content = parquet_of(pa.table({"id": ["X1", "X2"], "a": pa.array(values, kind)}))
    assert lines(content, "export.csv") == [["id", "a"], ["X1", cells[0]], ["X2", cells[1]]]


def test_nested_parquet_is_flattened() -> None:
    """Structures, lists of them and maps have the columns that the same JSON has."""
    table = pa.table(
        {
            "a": [{"b": 1, "c": {"d": 2.5}}, None],
            "e": [[{"f": 3}, {"f": 4}], []],
            "m": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
        }
    )
    assert lines(parquet_of(table)) == [
        ["a/b", "a/c/d", "e/1/f", "e/2/f", "m/k"],
        ["1", "2.5", "3", "4", "1"],
        ["", "", "", "", ""],
    ]


def test_bytes_that_are_no_text_are_said() -> None:
    """A column of bytes is shown as digits, with a remark."""
    one = grid(parquet_of(pa.table({"a": [b"\xff\x00", None]})))
    assert one.cells[0].tolist() == ["a", "ff00", ""]
    assert [severity for severity, _ in one.remarks] == ["warning"]


def test_parquet_in_a_wrong_encoding_is_refused() -> None:
    """A text that is no UTF-8 is refused in a sentence."""
    spoiled = pa.StringArray.from_buffers(
        2, pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0"), pa.py_buffer(b"ab\xff\xfe")
    )
    assert "Invalid UTF8" in fault(parquet_of(pa.table({"a": spoiled})))


def test_parquet_without_rows_or_columns() -> None:
    """A header alone is a table; nothing at all is none."""
    assert lines(parquet_of(pa.table({"a": pa.array([], pa.string())}))) == [["a"]]
    assert "without columns" in fault(parquet_of(pa.table({})))


def test_parquet_that_unfolds_to_a_bomb_is_refused() -> None:
    """A value repeated beyond all measure packs to nothing, and is not unpacked."""
    chunk = pa.table({"a": pa.array([None] * 4_000_000, pa.null())})
    content = parquet_of(pa.concat_tables([chunk] * 110))
    assert len(content) < 1_000_000
    assert "columns and more of 440,000,000 rows" in fault(content)
