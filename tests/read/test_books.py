"""Workbooks of every kind: values as text, and what a person sees in a workbook beside them is told."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from strategies import budget

from reconcile.errors import InputFault
from reconcile.read import read_tables
from reconcile.read.books import read_workbook
from reconcile.read.files import Grid, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.ruleset import Ruleset

CONTAINERS = ROOT / "fixtures" / "containers"
HEADER = ["code", "incident_date", "location_en", "civ_killed_min"]
SHEET = "xl/worksheets/sheet1.xml"


def saved(book: openpyxl.Workbook) -> bytes:
    """A workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(*rows: list[Any]) -> openpyxl.Workbook:
    """A workbook of one sheet, with the header of an export above these rows."""
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in (HEADER, *rows):
        book.active.append(row)
    return book


def changed(content: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one of its members changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == member else old.read(name))
    return out.getvalue()


def more_rows(content: bytes, rows: str) -> bytes:
    """A workbook with more rows behind the last one."""
    return changed(content, SHEET, lambda xml: xml.replace(b"</sheetData>", rows.encode() + b"</sheetData>"))


def grid(content: bytes, sheet: str | None = None) -> Grid:
    """The first grid of a workbook."""
    return read_workbook(SourceFile("export.xlsx", content), sheet)[0]


def cells(content: bytes) -> list[list[str]]:
    """The cells below the header of a workbook of which nothing is to be told."""
    one = grid(content)
    assert (one.remarks, one.ragged, one.starts_at) == ((), {}, 1)
    return one.cells.to_numpy().tolist()[1:]


def told(content: bytes) -> list[tuple[str, str]]:
    """What is told of the first sheet, without the sheet's name."""
    return [
        (severity, sentence.removeprefix("Sheet 'Data' ")) for severity, sentence in grid(content).remarks
    ]


def fault(content: bytes, sheet: str | None = None) -> str:
    """What is said of a workbook that can't be read."""
    with pytest.raises(InputFault) as caught:
        grid(content, sheet)
    sentence = str(caught.value)
    assert sentence.startswith("export.xlsx: ")
    assert sentence.endswith(".")
    return sentence


# ---- the same workbook in three formats ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["incidents.ods", "incidents.xls"])
def test_old_and_open_formats(name: str) -> None:
    """An ODS and an XLS give the values of an XLSX: days, computed formulas, texts of digits, blank rows of merged cells."""
    source = SourceFile(name, (CONTAINERS / name).read_bytes())
    first, second = read_workbook(source, None)
    rows = [row[:4] for row in first.cells.to_numpy().tolist()]
    assert rows == [
        HEADER,
        ["CS9001", "2017-06-10", "Tell Example", "1"],
        ["CS9002", "2017-06-11 13:30:00", "Bir Example", "0.5"],
        ["CS9003", "June 2017", "Tell Example", "#N/A"],
        ["CS9004", "2017-06-12", "Khan Example", "2"],
        ["CS9005", "2017-06-12", "", "4"],
        ["CS9006", "2017-06-13", "Tell Example", "6"],
    ]
    assert first.cells[4].tolist()[1] == "2"
    assert first.cells[5].tolist()[1] == "00123"
    assert any("merged cells (C5:C6)" in sentence for _, sentence in first.remarks)
    assert any("numbers of more than 15 digits (F3)" in sentence for _, sentence in first.remarks)
    assert second.cells.to_numpy().tolist() == [["code", "note"], ["CS1", "invented"]]
    assert ("note", "Sheet 'Old' is hidden in the workbook; it was read like any other.") in second.remarks


@pytest.mark.parametrize("name", ["incidents.ods", "incidents.xls"])
def test_other_formats_tell_what_an_xlsx_tells(name: str) -> None:
    """Errors, hidden rows and hidden columns are found, whatever the format."""
    first = read_workbook(SourceFile(name, (CONTAINERS / name).read_bytes()), None)[0]
    assert first.cells[4].tolist()[2:4] == ["#DIV/0!", "#N/A"]
    sentences = [sentence for _, sentence in first.remarks]
    assert "Sheet 'Incidents' has hidden rows (3); they were read like any other." in sentences
    assert "Sheet 'Incidents' has hidden columns (F); they were read like any other." in sentences


# ---- values ----------------------------------------------------------------------------------------------------------


def test_days_of_the_1904_system() -> None:
    """A workbook of an old Mac counts its days from another one, and gives the same."""
    book = book_of(["CS9001", date(2017, 6, 10), "Tell Example", 1])
    usual = saved(book)
    book.epoch = CALENDAR_MAC_1904
    assert cells(saved(book)) == cells(usual) == [["CS9001", "2017-06-10", "Tell Example", "1"]]
    assert saved(book) != usual


def test_text_of_digits_stays_text() -> None:
    """Numbers that are stored as text keep their zeros and all their digits."""
    row = ["0012", "12345678901234567890", "1.10", "1e3"]
    assert cells(saved(book_of(row))) == [row]


def test_long_numbers_are_told() -> None:
    """Ids that became numbers are written as digits; that the last ones are lost is told with their cells."""
    content = saved(book_of([1234567890123456789, 999999999999999, 1e15, 0.1], [2.5, 1e300, -1e16, 7]))
    assert grid(content).cells.to_numpy().tolist()[1:] == [
        ["1234567890123457000", "999999999999999", "1000000000000000", "0.1"],
        ["2.5", "1e+300", "-10000000000000000", "7"],
    ]
    ((severity, sentence),) = told(content)
    assert severity == "warning"
    assert sentence.startswith("has 3 numbers of more than 15 digits (A2, C2, C3)")


def test_sheet_without_cells_is_an_empty_grid() -> None:
    """An empty sheet has no cells and nothing to tell, hidden or not."""
    book = book_of(["CS9001", "2017-06-10", "x", 1])
    book.create_sheet("Empty").sheet_state = "hidden"
    first, empty = read_workbook(SourceFile("a.xlsx", saved(book)), None)
    assert (len(first.cells), empty.cells.empty, empty.remarks) == (2, True, ())


# ---- what is told ----------------------------------------------------------------------------------------------------


def test_hidden_parts_are_read_and_told() -> None:
    """Hidden sheets, rows and columns are read like any other, and named; hidden rows without anything in them are not."""
    book = book_of(*([f"CS900{number}", "2017-06-10", "x", number] for number in range(8)))
    sheet = book.active
    for row in (3, 5, 6, 7, 40):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.column_dimensions["Z"].hidden = True
    sheet.sheet_state = "veryHidden"
    book.create_sheet("Other")["A1"] = "x"
    content = saved(book)
    assert len(grid(content).cells) == 9
    assert told(content) == [
        ("note", "is hidden in the workbook; it was read like any other."),
        ("warning", "has hidden rows (3, 5 to 7); they were read like any other."),
        ("note", "has hidden columns (C); they were read like any other."),
    ]


def test_many_hidden_rows_are_counted() -> None:
    """The first few are named, the others counted."""
    book = book_of(*([f"CS{number}", "2017-06-10", "x", number] for number in range(30)))
    for row in range(2, 30, 2):
        book.active.row_dimensions[row].hidden = True
    ((_, sentence),) = told(saved(book))
    assert sentence.startswith("has hidden rows (2, 4, 6, 8 and 10 more);")


def test_formula_that_was_never_computed_is_told() -> None:
    """A program that writes formulas and no values leaves blanks: they are told with their cells."""
    content = saved(book_of(["CS9001", "2017-06-10", "x", "=1+1"], ["CS9002", "2017-06-10", "=A1", 2]))
    ((severity, sentence),) = told(content)
    assert severity == "warning"
    assert sentence.startswith("has 2 cells with a formula that was never computed (D2, C3), read as blank;")


@pytest.mark.parametrize(
    ("cell", "value", "is_told"),
    [
        ('<c r="D2"><f>1+1</f><v>2</v></c>', "2", False),
        ('<c r="D2" t="str"><f>""</f><v></v></c>', "", False),
        ('<c r="D2" t="str"><f>"a"</f><v>a</v></c>', "a", False),
        ('<c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!", False),
        ('<c r="D2"><f t="shared" si="0"/><v>3</v></c>', "3", False),
        ('<c r="D2"><f t="shared" si="0"/></c>', "", True),
        ('<c r="D2"><f>1+1</f></c>', "", True),
        ('<c r="D2"><f>1+1</f><v/></c>', "", True),
    ],
)
def test_formulas_as_programs_write_them(cell: str, value: str, is_told: bool) -> None:  # noqa: FBT001 - a column of the table
    """A computed formula gives its value, an empty text is one, and an error is its own text."""
    content = saved(book_of())
    one = grid(more_rows(content, f'<row r="2"><c r="A2"><v>1</v></c>{cell}</row>'))
    assert one.cells.iloc[1].tolist() == ["1", "", "", value]
    assert bool(one.remarks) == is_told


def test_merged_cells_below_the_header_are_told() -> None:
    """The first cell of a range has the value; titles, parts of the header and ranges without a value are nothing to tell."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    for row in (
        ["A list of invented events"],
        ["code", "when", "killed", None],
        [None, None, "min", "max"],
        ["CS1", "2017", 1, 2],
        ["CS2", None, 3, 4],
        ["CS3", "2018", 5, None],
    ):
        sheet.append(row)
    for merged in ("A1:D1", "A2:A3", "B2:B3", "C2:D2", "B4:B5", "C6:D6", "B8:B9"):
        sheet.merge_cells(merged)
    ((severity, sentence),) = told(saved(book))
    assert severity == "warning"
    assert sentence.startswith("has merged cells (B4:B5, C6:D6); only the first of each holds the value")


def test_many_merged_ranges_are_counted() -> None:
    """The first few ranges are named, the others counted."""
    book = book_of(*(["CS", "2017-06-10", "x", 1] for _ in range(20)))
    for row in range(2, 20, 2):
        book.active.merge_cells(f"A{row}:A{row + 1}")
    assert "A2:A3, A4:A5, A6:A7, A8:A9 and 5 more" in told(saved(book))[0][1]


def test_error_that_can_not_be_placed_is_counted() -> None:
    """An error outside the cells that calamine gives is no silent blank."""
    content = more_rows(
        saved(book_of(["CS9001", "2017-06-10", "x", 1])), '<row r="3"><c t="e"><v>#N/A</v></c></row>'
    )
    assert ("warning", "has 1 cells with an error such as #N/A that were read as blank.") in told(content)


def test_namespace_may_have_a_prefix() -> None:
    """Some programs write every element with a prefix."""

    def prefixed(xml: bytes) -> bytes:
        xml = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", xml)
        return xml.replace(b'xmlns="', b'xmlns:x="')

    content = more_rows(
        saved(book_of()),
        '<row r="2" hidden="1"><c r="A2"><v>1</v></c><c r="D2"><f>1+1</f></c><c r="E2" t="e"><v>#REF!</v></c></row>',
    )
    one = grid(changed(content, SHEET, prefixed))
    assert one.cells.iloc[1].tolist() == ["1", "", "", "", "#REF!"]
    assert [sentence.split("(")[0] for _, sentence in one.remarks] == [
        "Sheet 'Data' has hidden rows ",
        "Sheet 'Data' has 1 cells with a formula that was never computed ",
    ]


# ---- what is refused -------------------------------------------------------------------------------------------------

PLAIN = saved(book_of(["CS9001", "2017-06-10", "x", 1]))
OPEN = (CONTAINERS / "incidents.ods").read_bytes()
OLD = (CONTAINERS / "incidents.xls").read_bytes()
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def repeated(xml: bytes) -> bytes:
    """An OpenDocument whose first cell stands a milliard times."""
    cell = b'<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16000" office:value-type'
    return re.sub(rb"<table:table-row[^>]*><table:table-cell office:value-type", cell, xml, count=1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(changed(PLAIN, SHEET, lambda xml: ENTITIES + xml), "declarations in its XML", id="entities in a sheet"),
        pytest.param(changed(PLAIN, "xl/workbook.xml", lambda xml: ENTITIES + xml), "declarations in its XML", id="entities in the book"),
        pytest.param(changed(OPEN, "content.xml", lambda xml: xml.replace(b"<office:document", ENTITIES + b"<office:document", 1)), "declarations in its XML", id="entities in an ODS"),
        pytest.param(changed(OPEN, "content.xml", repeated), "reaches over 1,000,000 rows and 16,000 columns", id="repeated cells"),
        pytest.param(more_rows(PLAIN, FAR), "reaches over 1,048,576 rows and 16,384 columns", id="far corners"),
        pytest.param(OLD[:8] + b"EncryptedPackage".decode().encode("utf-16-le"), "locked with a password", id="locked XLSX"),
        pytest.param(changed(OPEN, "META-INF/manifest.xml", lambda xml: xml + b"<!-- encryption-data -->"), "locked with a password", id="locked ODS"),
        pytest.param(OLD[:700], "can't be opened", id="cut XLS"),
        pytest.param(OLD[:44] + b"\xff" * 8 + OLD[52:], "can't be opened", id="XLS with a torn header"),
        pytest.param(OLD.replace(b"\x00\x02\x0e\x00" + bytes(4) + b"\x07", b"\x00\x02\x0e\x00\x00\xff\x00\x00\x07", 1), "can't be opened", id="XLS that ends before it begins"),
        pytest.param(OLD.replace(b"\x00\x02\x0e\x00" + bytes(4) + b"\x07\x00\x00\x00", b"\x00\x02\x0e\x00" + bytes(7) + b"\xff", 1), "reaches over", id="XLS of too many rows"),
        pytest.param(PLAIN[:900], "ends too early", id="cut XLSX"),
        pytest.param(changed(PLAIN, SHEET, lambda xml: xml[:300]), "can't be opened", id="cut sheet"),
        pytest.param(changed(OPEN, "content.xml", lambda xml: xml[:3000]), "can't be opened", id="cut ODS"),
    ],
)  # fmt: skip
def test_workbook_that_must_not_be_opened(content: bytes, said: str) -> None:
    """Bombs, locks and damage are one sentence, and no bomb goes off."""
    assert said in fault(content)


def test_sheet_that_is_not_there() -> None:
    """A sheet that the workbook lacks is answered with those it has."""
    assert "has no sheet 'July'; it has 'Data'." in fault(PLAIN, "July")


def test_formatted_rows_without_cells_are_no_rows() -> None:
    """A sheet that was painted to its last row has the rows in it that hold something."""
    painted = "".join(
        f'<row r="{row}"><c r="A{row}" s="0"/><c r="Z{row}" s="0"/></row>' for row in range(3, 100_000)
    )
    content = more_rows(PLAIN, painted + '<row r="1048576"><c r="XFD1048576" s="0"/></row>')
    assert cells(content) == [["CS9001", "2017-06-10", "x", "1"]]


@pytest.mark.parametrize("name", ["export.csv", "export.json", "export.xlsx", "export.xls", "export.parquet"])
def test_content_counts_and_not_the_name(name: str, rules: Ruleset) -> None:
    """A workbook called .csv is a workbook, and a CSV or a JSON called .xlsx is none."""
    text = ",".join(HEADER) + "\nCS9001,2017-06-10,x,1\n"
    json = '[{"code":"CS9001","incident_date":"2017-06-10","location_en":"x","civ_killed_min":1}]'
    for content in (PLAIN, text.encode(), json.encode()):
        (table,) = read_tables(SourceFile(name, content), list(rules.monitors.values()))
        assert table.monitor_id == "airwars"
        assert table.rows["code"].tolist() == ["CS9001"]


@budget(60)
@given(st.data(), st.sampled_from([PLAIN, OPEN]))
def test_spoiled_workbooks_end_in_a_sentence(data: st.DataObject, whole: bytes) -> None:
    """Whatever happens to the XML of a workbook, it is read or refused, and nothing else."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        member = data.draw(st.sampled_from(sorted(archive.namelist())))
        xml = bytearray(archive.read(member))
    for place in data.draw(st.lists(st.integers(0, len(xml) - 1), max_size=4)):
        xml[place] = data.draw(st.integers(0, 255))
    xml = xml[: data.draw(st.sampled_from([len(xml), len(xml), len(xml) // 2]))]
    try:
        read_workbook(SourceFile("export.xlsx", changed(whole, member, lambda _: bytes(xml))), None)
    except InputFault:
        return
