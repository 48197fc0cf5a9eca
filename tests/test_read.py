"""Bytes of an export become rows of text: every record is there, untouched, and what can't be read says why."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.errors import InputFault
from reconcile.read import SourceFile, read_tables, recognise
from reconcile.read.text import split_orderly

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconcile.read import ReadTable
    from reconcile.ruleset import Monitor, Ruleset

HEADER = "code,incident_date,location_en,civ_killed_min\n"
ROW = "CS9001,2017-06-10,Tell Example,1\n"


def tables(
    content: bytes | str, rules: Ruleset, *, monitor: str = "", sheet: str | None = None
) -> list[ReadTable]:
    """The tables of one file, among all monitors or of one."""
    known = [rules.monitors[monitor]] if monitor else list(rules.monitors.values())
    content = content.encode() if isinstance(content, str) else content
    return read_tables(SourceFile("export.csv", content), known, sheet)


def one(content: bytes | str, rules: Ruleset, **where: Any) -> ReadTable:
    """The only table of one file."""
    (table,) = tables(content, rules, **where)
    return table


def fault(content: bytes | str, rules: Ruleset, **where: Any) -> str:
    """What is said of a file that can't be read."""
    with pytest.raises(InputFault) as caught:
        tables(content, rules, **where)
    return str(caught.value)


def book(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook's bytes."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_layout(monitor: Monitor, **changes: Any) -> Monitor:
    """A monitor whose first layout is changed."""
    layout = monitor.layouts[0].model_copy(update=changes)
    return monitor.model_copy(update={"layouts": (layout,)})


# ---- text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        pytest.param((HEADER + ROW).encode(), id="plain"),
        pytest.param(("\ufeff" + HEADER + ROW).encode(), id="byte-order mark"),
        pytest.param((HEADER + ROW).replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param((HEADER + ROW).replace("\n", "\r").encode(), id="old line ends"),
        pytest.param((HEADER + ROW).rstrip("\n").encode(), id="no last line end"),
        pytest.param((HEADER + ROW).replace(",", ";").encode(), id="semicolons"),
        pytest.param((HEADER + ROW).replace(",", "\t").encode(), id="tabs"),
        pytest.param((HEADER + ROW).replace(",", "|").encode(), id="bars"),
        pytest.param((HEADER + ROW).encode("utf-16"), id="UTF-16"),
        pytest.param((HEADER.replace(",", " , ").upper() + ROW).encode(), id="header spaced and in capitals"),
    ],
)
def test_same_table_however_it_is_saved(content: bytes, rules: Ruleset) -> None:
    """Marks, line ends, delimiters and the header's case and spaces do not change what is read."""
    table = one(content, rules)
    assert (table.monitor_id, table.remarks, table.ragged) == ("airwars", (), {})
    assert table.rows.drop(columns="file_sha256").to_dict("records") == [
        {
            "source_file": "export.csv",
            "source_sheet": "",
            "source_row": 2,
            "code": "CS9001",
            "incident_date": "2017-06-10",
            "location_en": "Tell Example",
            "civ_killed_min": "1",
        }
    ]


def test_cells_come_out_as_they_stood(rules: Ruleset) -> None:
    """Spaces, leading zeros and words that look like blanks stay."""
    published = ["0012", " 2017-06-10 ", "NA", "null", "nan", "1e3"]
    text = f"code,incident_date,location_en,civ_killed_min,civ_killed_max,n_sources\n{','.join(published)}\n"
    row = one(text, rules).rows.iloc[0]
    assert list(row)[4:] == published


def test_every_record_is_a_row(rules: Ruleset) -> None:
    """Blank records count, and a row's number is the one that a spreadsheet shows, also after a broken line."""
    text = HEADER + '\nCS9001,2017-06-10,"Tell\nExample",1\n,,,\nCS9002,2017-06-11,x,2\n\n'
    rows = one(text, rules).rows
    assert rows["source_row"].tolist() == [2, 3, 4, 5, 6]
    assert rows["code"].tolist() == ["", "CS9001", "", "CS9002", ""]
    assert rows["location_en"].iloc[1] == "Tell\nExample"


def test_long_cells_are_whole(rules: Ruleset) -> None:
    """A statement longer than csv's default limit is read, by the slow reader too."""
    text = HEADER + f'CS9001,2017-06-10,"{"x" * 200_000}",1,one cell too many\n'
    assert len(one(text, rules).rows["location_en"].iloc[0]) == 200_000


def test_digest_is_of_the_bytes(rules: Ruleset) -> None:
    """Each row names the SHA-256 of the very file."""
    source = SourceFile("export.csv", (HEADER + ROW).encode())
    assert one(source.content, rules).rows["file_sha256"].tolist() == [source.sha256]
    assert source.sha256 != SourceFile("export.csv", source.content + b"\n").sha256


def test_ragged_rows_are_told_and_kept(rules: Ruleset) -> None:
    """Rows with too few or too many cells are listed with their widths, and every other row is there."""
    text = HEADER + "CS9001,2017-06-10\nCS9002,2017-06-11,x,2,8,9\n" + ROW
    table = one(text, rules)
    assert table.ragged == {2: 2, 3: 6}
    assert table.rows["code"].tolist() == ["CS9001", "CS9002", "CS9001"]


@pytest.mark.parametrize("cut", ["CS9003,2017-06-1", "CS9003,2017-06-12,Tell Exam"])
def test_row_cut_short_is_told(cut: str, rules: Ruleset) -> None:
    """A download that ends inside a row leaves a row of too few cells, and no row of too many: it is ragged all the same."""
    assert one(HEADER + ROW + cut, rules).ragged == {3: cut.count(",") + 1}


def test_quote_left_open_is_told(rules: Ruleset) -> None:
    """A file that ends inside quotation marks is an error of the file; the rows before are there."""
    table = one(HEADER + ROW + 'CS9002,2017-06-11,"cut o', rules)
    assert table.rows["code"].tolist() == ["CS9001", "CS9002"]
    ((severity, sentence),) = table.remarks
    assert severity == "error"
    assert "row 3" in sentence


def test_wrong_encoding_is_said(rules: Ruleset) -> None:
    """A guessed encoding is an error with its line; one that the rule file states is a note."""
    content = (HEADER + ROW + "CS9002,2017-06-11,Café,1\n").encode("cp1252")
    table = one(content, rules)
    assert table.rows["location_en"].iloc[1] == "Café"
    ((severity, sentence),) = table.remarks
    assert severity == "error"
    assert sentence.startswith("Line 3 is not UTF-8")
    stated = with_layout(rules.monitors["airwars"], encodings=("utf-8", "cp1252"))
    (table,) = read_tables(SourceFile("export.csv", content), [stated])
    assert [severity for severity, _ in table.remarks] == ["note"]


def test_delimiter_is_the_header_s(rules: Ruleset) -> None:
    """A cell with more semicolons than the header has commas does not turn the file into a table of semicolons."""
    text = "monitor,published,place,measure,number,note\n"
    text += "SOHR,2017-06-18,Raqqa,killed,5,one; two; three; four; five; six; seven\n"
    table = one(text, rules)
    assert table.monitor_id == "totals"
    assert table.rows["number"].tolist() == ["5"]


def test_event_of_many_sources_is_read(rules: Ruleset) -> None:
    """UCDP parts the offices behind an event by semicolons: an event of many reports is still a row of commas."""
    names = rules.monitors["ucdp_ged"].layouts[0].required
    text = ",".join([*names, "source_office"]) + "\n" + "," * len(names) + "Agency;" * 30 + "\n"
    assert one(text, rules).monitor_id == "ucdp_ged"


def test_headers_that_repeat_or_clash(rules: Ruleset) -> None:
    """A header that stands twice, a blank one, and one that we use ourselves keep apart."""
    text = "code,incident_date,location_en,civ_killed_min,code,,source_file\nCS9001,2017-06-10,x,1,second,blank,theirs\n"
    table = one(text, rules)
    row = table.rows.iloc[0]
    assert (row["code"], row["code (column 5)"], row["(column 6)"]) == ("CS9001", "second", "blank")
    assert (row["source_file"], row["source_file (as published)"]) == ("export.csv", "theirs")
    assert [severity for severity, _ in table.remarks] == ["warning"]


def test_header_below_a_preamble(rules: Ruleset) -> None:
    """A header is found below a title and a note; rows keep their numbers in the file, and those above are set aside."""
    for stated in (1, 3):
        known = with_layout(rules.monitors["airwars"], header_row=stated)
        content = ("A note on the data\n\n" + HEADER + ROW).encode()
        (table,) = read_tables(SourceFile("export.csv", content), [known])
        assert table.rows["source_row"].tolist() == [1, 2, 4]
        assert table.aside == {1, 2}
        assert table.rows["code"].tolist() == ["A note on the data", "", "CS9001"]


def test_header_alone_is_a_table_without_rows(rules: Ruleset) -> None:
    """An export of nothing is recognised, and has no rows."""
    table = one(HEADER, rules)
    assert (table.monitor_id, len(table.rows)) == ("airwars", 0)


# ---- workbooks -----------------------------------------------------------------------------------------------------


def test_workbook_cells_become_plain_text(rules: Ruleset) -> None:
    """Numbers, days and truth values of a workbook are written as a CSV would have them, whatever the file is called."""
    header = ["code", "incident_date", "location_en", "civ_killed_min", "civ_killed_max", "n_sources"]
    content = book(
        {
            "Incidents": [
                header,
                ["CS9001", date(2017, 6, 10), "الرقة", 3.0, 12345678901, True],
                ["0012", datetime(2017, 6, 10, 13, 30), None, 1.5, 2, time(3, 4)],  # noqa: DTZ001 - cells have no zone
            ]
        }
    )
    table = one(content, rules)
    assert table.rows[header].to_numpy().tolist() == [
        ["CS9001", "2017-06-10", "الرقة", "3", "12345678901", "TRUE"],
        ["0012", "2017-06-10 13:30:00", "", "1.5", "2", "03:04:00"],
    ]
    assert table.rows["source_sheet"].unique().tolist() == ["Incidents"]
    assert table.rows["source_row"].tolist() == [2, 3]


def test_error_of_a_cell_is_no_blank(rules: Ruleset) -> None:
    """A cell that Excel shows as #N/A comes out as that, so that it is told and not taken for a blank."""
    rows = [HEADER.strip().split(","), ["CS9001", "2017-06-10", "Tell Example", "#N/A"]]
    assert one(book({"Data": rows}), rules).rows["civ_killed_min"].tolist() == ["#N/A"]


def test_every_sheet_of_a_known_layout_is_read(rules: Ruleset) -> None:
    """Sheets that no layout knows are named with their rows; the job may ask for one sheet."""
    known = [HEADER.strip().split(","), ROW.strip().split(",")]
    content = book({"Read me": [["a", "b"], ["c", "d"]], "Syria": known, "Iraq": known})
    assert [table.rows["source_sheet"].iloc[0] for table in tables(content, rules)] == ["Syria", "Iraq"]
    assert tables(content, rules)[0].unread == (("Read me", 2),)
    assert one(content, rules, sheet="Iraq").rows["source_sheet"].tolist() == ["Iraq"]
    assert "has no sheet 'Libya'; it has 'Read me', 'Syria', 'Iraq'" in fault(content, rules, sheet="Libya")


def test_blank_rows_of_a_sheet_keep_their_numbers(rules: Ruleset) -> None:
    """A row's number is the one a person sees, blank rows above it counted."""
    rows = [HEADER.strip().split(","), [None] * 4, ROW.strip().split(",")]
    assert one(book({"Data": rows}), rules).rows["source_row"].tolist() == [2, 3]


# ---- what can't be read --------------------------------------------------------------------------------------------


def zipped(name: str, content: bytes) -> bytes:
    """A zip of one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf \r\n\n", "is empty", id="blank"),
        pytest.param(b"\x01\x00\x02\xff" * 20, "is neither text nor a workbook", id="binary"),
        pytest.param(book({"Data": [["a", "b"], ["c", "d"]]})[:900], "ends too early", id="cut workbook"),
        pytest.param(zipped("export.csv", b"a,b\n"), "can't be opened", id="zip of something else"),
        pytest.param(zipped("x", bytes(2**27)), "was not opened", id="zip bomb"),
        pytest.param(book({"Data": []}), "has no rows", id="empty sheet"),
    ],
)
def test_unreadable_file_says_why(content: bytes, said: str, rules: Ruleset) -> None:
    """A file that can't be read is one sentence with its name and what to do."""
    sentence = fault(content, rules)
    assert sentence.startswith("export.csv: ")
    assert said in sentence
    assert sentence.endswith(".")


def test_unknown_header_lists_the_near_misses(rules: Ruleset) -> None:
    """A header that lacks one column is told which layout it nearly is, the nearest first, and what it lacks."""
    sentence = fault("code,location_en,civ_killed_min\nCS9001,x,1\n", rules)
    assert "known among them: code, location_en, civ_killed_min" in sentence
    assert "Nearest: airwars (incident_pages) lacks incident_date;" in sentence


def test_one_of_each_group_is_needed(rules: Ruleset) -> None:
    """Where a layout needs one column of several, none of them is a miss."""
    sentence = fault("code,incident_date,location_en\nCS9001,2017-06-10,x\n", rules)
    assert "lacks civ_killed_min or civ_killed_max" in sentence


def test_ambiguous_header_is_a_fault_until_the_job_decides(rules: Ruleset) -> None:
    """A header of two layouts is refused with both names; a job that names the monitor settles it."""
    text = "code,incident_date,location_en,civ_killed_min,statement_id,date,place_text,verdict\n1,2,3,4,5,6,7,8\n"
    assert "airwars (incident_pages), cjtf_oir (assessments)" in fault(text, rules)
    assert one(text, rules, monitor="cjtf_oir").monitor_id == "cjtf_oir"


def test_recognise_looks_further_down(rules: Ruleset) -> None:
    """A header is looked for in the layout's own row first, and then in the rows below."""
    monitors = list(rules.monitors.values())
    header = HEADER.strip().split(",")
    assert [(one.monitor.id, one.first) for one in recognise([header, header], monitors)] == [("airwars", 0)]
    assert [(one.monitor.id, one.first) for one in recognise([["a note"], header], monitors)] == [
        ("airwars", 1)
    ]
    assert recognise([["a note"]], monitors) == []
    assert recognise([], monitors) == []


def test_general_layout_gives_way(rules: Ruleset) -> None:
    """A layout of nobody's in particular is taken only where no other one knows the header."""
    header = "code,incident_date,location_en,civ_killed_min,name,age\n"
    assert one(header + "CS9001,2017-06-10,Tell Example,1,Planted,4\n", rules).monitor_id == "airwars"
    assert one("name,age\nPlanted,4\n", rules).monitor_id == "victim_list"
    assert one(
        header + "CS9001,2017-06-10,Tell Example,1,Planted,4\n", rules, monitor="victim_list"
    ).layout_id == ("named_victims")


def test_general_layout_gives_way_to_a_header_that_is_nearly_right(rules: Ruleset) -> None:
    """One column short of a monitor's header is that monitor's export, misspelt, and no list of anybody's."""
    assert "lacks verdict" in fault(
        "statement_id,date,place_text,veredict,name,age\nR1,2017-06-10,Raqqa,credible,Planted,4\n", rules
    )


@pytest.mark.parametrize("header", ["Date_Of_Death", "date of death", "DATE  OF DEATH", "\ufeffdied"])
def test_headers_meet_without_case_spacing_and_underscores(rules: Ruleset, header: str) -> None:
    """A header is known however its words are joined and cased."""
    assert one(f"{header},Full_Name\n2017-06-10,Planted\n", rules).monitor_id == "victim_list"


# ---- the fast way through orderly files ----------------------------------------------------------------------------

CELL = st.text(st.sampled_from(list('ab1 ,;"\n\r\t|é\u2028')), max_size=6)


@given(st.integers(min_value=2, max_value=4), st.data(), st.sampled_from(["\n", "\r\n"]))
def test_orderly_files_are_read_as_the_slow_reader_reads_them(
    width: int, data: st.DataObject, end: str
) -> None:
    """Whatever a writer puts into cells, the fast reader gives those cells, or leaves the file to the slow one."""
    rows = data.draw(st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=6))
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerows([["left_id", "name", "age", "sex"][:width], *rows])
    cells = split_orderly(out.getvalue().encode(), ())
    if cells is not None and len(cells.columns) == width:
        assert cells.to_numpy().tolist() == list(csv.reader(io.StringIO(out.getvalue(), newline="")))


@pytest.mark.parametrize(
    "text",
    [
        'a,b\n1,"x\n2,y\n3,z"\n4,w\n',
        'a,b\n1,x"y\n',
        'a,b\n1,"x"y\n',
        'a,b\n1,"x\n',
        "a,b\n1\n",
        "a,b\n1,2,3\n",
        "a,b\r1,2\r",
        "a,b\n1,\x00\n",
        "a\n1\n",
        "",
    ],
)
def test_disorderly_files_are_left_to_the_slow_reader(text: str) -> None:
    """Torn quotes, rows of another width and the like are looked at record by record."""
    assert split_orderly(text.encode(), ()) is None


def test_cells_of_several_lines_are_no_disorder() -> None:
    """A remark over several lines is one cell, on the fast way too."""
    cells = split_orderly(b'a,b,c\n1,x,"one\ntwo, three\nfour"\n2,y,z\n', ())
    assert cells is not None
    assert cells[2].tolist() == ["c", "one\ntwo, three\nfour", "z"]
