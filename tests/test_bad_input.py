"""Bad input: each fault is a sentence with its place, the right exit code, and every other row is still there."""

import csv
import io
import re
import shutil
import zipfile
from datetime import date

import openpyxl
import pytest
from conftest import ROOT
from test_cli import HEADER, UCDP_HEADER, airwars_export, airwars_line, command, summary_of, table_of

AS_OF = ("--as-of", "2017-07-01")
ROWS = 24
FATES = ("claimed", "quarantined", "corrected_away", "out_of_scope", "not_data")
COLUMNS = HEADER.split(",")


def is_conserved(one):
    """Whether the rows of a file add up to those read."""
    return one["rows_read"] == sum(one[f"rows_{fate}"] for fate in FATES)


def run_of(folder, *files, code):
    """Run files, check the exit code and the conservation sum; return what was said and the summary (None without a report)."""
    said = command("run", *files, "--out", folder / "reports", *AS_OF)
    assert said.code == code, said.err
    assert "fault of the program" not in said.err
    if code == 2:
        assert not list(folder.rglob("run.json"))
        return said, None
    summary = summary_of(folder / "reports")
    assert all(is_conserved(one) for one in summary["inputs"])
    return said, summary


def book_bytes(*sheets):
    """Return the bytes of a workbook of (name, rows)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plain_rows(tag="X"):
    """Return header and rows of an export, numbers and days as a spreadsheet holds them."""
    cells = [airwars_line(number, tag).split(",") for number in range(1, ROWS + 1)]
    for row in cells:
        row[1] = date.fromisoformat(row[1])
        row[6:10] = [float(row[6]), float(row[7]), int(row[8]), int(row[9])]
    return [COLUMNS, *cells]


def zip_bytes(**members):
    """Return the bytes of a zip that unpacks to many times its size."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_member(workbook, name, change):
    """Return a workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
    return out.getvalue()


WORKBOOK = book_bytes(("June", plain_rows()))
SHEET = "xl/worksheets/sheet1.xml"
# It claims three thousand million bytes, in both of its lists.
BOMB = zip_bytes(**{SHEET: b" " * 9001}).replace(
    (9001).to_bytes(4, "little"), (3 * 10**9).to_bytes(4, "little")
)
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)


def entity_bomb(sheet):
    """Return a sheet whose first cell asks for ten thousand million letters."""
    return ENTITIES + sheet.partition(b"?>")[2].replace(b"code", b"&j;", 1)


# Files of which nothing can be read: what stands in them, and what is said.
UNREADABLE = {
    "empty": ("a.csv", b"", "a.csv: is empty."),
    "blank": ("a.csv", b"\xef\xbb\xbf \r\n\n", "a.csv: is empty."),
    "zero bytes": ("a.csv", bytes(4096), "a.csv: is empty."),
    "no text": ("a.csv", bytes(range(256)) * 20, "a.csv: is neither text nor a workbook"),
    "truncated workbook": ("a.xlsx", WORKBOOK[: len(WORKBOOK) // 2], "a.xlsx: is a workbook (or another zip) that ends too early"),
    "workbook without a workbook": ("a.xlsx", zip_bytes(note="nothing"), "a.xlsx: is a workbook that can't be opened"),
    "workbook with a torn sheet": (
        "a.xlsx", with_member(WORKBOOK, SHEET, lambda sheet: sheet[: len(sheet) // 2]), "a.xlsx: is a workbook that can't be opened",
    ),
    "old workbook that is none": ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(range(256)) * 20, "a.xls: is a workbook that can't be opened"),
    "zip bomb": ("a.xlsx", BOMB, "a.xlsx: would unpack to 2,861 MB from 0.0 MB and was not opened"),
    "workbook without rows": ("a.xlsx", book_bytes(("June", [])), "a.xlsx: has no rows"),
    "other header": ("a.csv", b"name,colour\nOne,red\n", "a.csv: has a header that no known layout has"),
}  # fmt: skip


class TestUnreadable:
    """A file that gives no row."""

    @pytest.mark.parametrize(("name", "content", "sentence"), UNREADABLE.values(), ids=UNREADABLE)
    def test_alone_is_two(self, tmp_path, name, content, sentence):
        """Alone, it ends the run in 2 with a sentence that names it, and leaves no report."""
        (tmp_path / name).write_bytes(content)
        said, _ = run_of(tmp_path, tmp_path / name, code=2)
        assert sentence in said.err

    def test_all_of_them_beside_one(self, tmp_path):
        """Beside a good file they degrade the run by name; every row of the good one is a claim."""
        for number, (name, content, _) in enumerate(UNREADABLE.values()):
            (tmp_path / "in").mkdir(exist_ok=True)
            (tmp_path / "in" / f"{number:02d}_{name}").write_bytes(content)
        airwars_export(tmp_path / "in" / "good.csv", rows=ROWS)
        said, summary = run_of(tmp_path, tmp_path / "in", code=1)
        good = [one for one in summary["inputs"] if one["health"] == "ok"]
        assert [(one["file"], one["rows_claimed"]) for one in good] == [("good.csv", ROWS)]
        failed = [one["file"] for one in summary["inputs"] if one["health"] == "failed"]
        assert len(failed) == len(UNREADABLE)
        assert all(name in said.err for name in failed)
        assert summary["issues"]["file_failed"] == len(UNREADABLE)

    def test_missing_file_and_empty_folder(self, tmp_path):
        """A file that is not there, and a folder without exports, are named."""
        (tmp_path / "hollow").mkdir()
        (tmp_path / "hollow" / "readme.md").write_text("Nothing to read.")
        said, _ = run_of(tmp_path, tmp_path / "no.csv", tmp_path / "hollow", code=2)
        assert "no.csv: no such file." in said.err
        assert "hollow: is an empty folder" in said.err

    def test_entity_bomb(self, tmp_path):
        """A workbook that asks for ten thousand million letters is refused, or read without them."""
        (tmp_path / "a.xlsx").write_bytes(with_member(WORKBOOK, SHEET, entity_bomb))
        said, _ = run_of(tmp_path, tmp_path / "a.xlsx", code=2)
        assert "a.xlsx: " in said.err
        assert len(said.err) < 2000

    def test_workbook_that_lies_about_its_size(self, tmp_path):
        """A zip whose list of contents understates a part is refused once the part turns out larger."""
        grown = with_member(WORKBOOK, SHEET, lambda sheet: sheet + b" " * (20 * 2**20))
        with zipfile.ZipFile(io.BytesIO(grown)) as archive:
            size = archive.getinfo(SHEET).file_size
        (tmp_path / "a.xlsx").write_bytes(
            grown.replace(size.to_bytes(4, "little"), (9000).to_bytes(4, "little"))
        )
        said, _ = run_of(tmp_path, tmp_path / "a.xlsx", code=2)
        assert "a.xlsx: is a workbook that can't be opened" in said.err


class TestHeaderOnly:
    """A file with a header and no rows."""

    def test_alone(self, tmp_path):
        """It is a report of no claims, degraded, because rows were expected."""
        said, summary = run_of(tmp_path, airwars_export(tmp_path / "a.csv", rows=0), code=1)
        assert "0 rows, at least 1 expected" in said.err
        assert summary["totals"]["rows_read"] == 0

    def test_beside_another(self, tmp_path):
        """Beside another file it is said, and the other one is read."""
        none, some = (
            airwars_export(tmp_path / "none.csv", rows=0),
            airwars_export(tmp_path / "some.csv", rows=ROWS),
        )
        said, summary = run_of(tmp_path, none, some, code=1)
        assert "none.csv" in said.err
        assert [one["rows_claimed"] for one in summary["inputs"]] == [0, ROWS]


def text_of(header=HEADER, tag="X", **changed):
    """Return the text of an export of plain rows."""
    lines = [changed.get(f"row{number}", airwars_line(number, tag)) for number in range(1, ROWS + 1)]
    return "\n".join([header, *lines]) + "\n"


def written(rows, delimiter):
    """Return rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


STATEMENTS = [
    ["statement_id", "date", "place_text", "verdict", "conceded_min", "conceded_max", "statement_scrubbed"],
    *(
        [
            f"S{n}",
            f"2017-06-{n:02d}",
            "Tell Example",
            "credible",
            "1",
            "2",
            "{0} a{0} b{0} c{0} d{0} e{0} f{0} g{0} h{0} i",
        ]
        for n in range(1, ROWS + 1)
    ),
]
TAGS = "#event+id,#date,#loc,#adm1,#actor,#status,#geo+lat,#geo+lon,#killed+min,#killed+max,#url"

# Files that are odd and whole: all their rows are claims, and nothing is degraded. Not data: rows that are no records.
ODD = {
    "semicolons": ("a.csv", text_of().replace(",", ";").encode(), 0),
    "tabs": ("a.tsv", text_of().replace(",", "\t").encode(), 0),
    "byte order mark": ("a.csv", b"\xef\xbb\xbf" + text_of().encode(), 0),
    "utf-16": ("a.csv", text_of(row5=airwars_line(5, location_en="الرقة")).encode("utf-16"), 0),
    "windows line ends": ("a.csv", text_of().replace("\n", "\r\n").encode(), 0),
    "old mac line ends": ("a.csv", text_of().replace("\n", "\r").encode(), 0),
    "no last line end": ("a.csv", text_of().rstrip("\n").encode(), 0),
    "everything quoted": ("a.csv", ('"' + text_of().rstrip("\n").replace(",", '","').replace("\n", '"\n"') + '"\n').encode(), 0),
    "spaces in the header": ("a.csv", text_of(header=HEADER.replace(",", " , ").upper()).encode(), 0),
    "empty last column": ("a.csv", (HEADER + "\n" + text_of().partition("\n")[2].replace("\n", ",\n")).encode(), 0),
    "tag row": ("a.csv", text_of(header=f"{HEADER}\n{TAGS}").encode(), 1),
    "blank rows": ("a.csv", (text_of(row5=airwars_line(5) + "\n\n" + "," * 10) + "\n\n").encode(), 4),
    "note row": ("a.csv", (text_of() + "Source: an example" + "," * 10 + "\n").encode(), 1),
    "note row of one cell": ("a.csv", (text_of() + "Source: an example\n").encode(), 1),
    "table that is a workbook": ("a.csv", WORKBOOK, 0),
    "workbook that is a table": ("a.xlsx", text_of().encode(), 0),
    "many commas in the prose": ("a.csv", written(STATEMENTS, ";").replace("{0}", ",").encode(), 0),
    "many semicolons in the prose": ("a.csv", written(STATEMENTS, ",").replace("{0}", ";").encode(), 0),
    "line breaks in the prose": (
        "a.csv", written([[cell.replace("{0}", "\n") for cell in row] for row in STATEMENTS], ",").encode(), 0,
    ),
}  # fmt: skip


class TestOdd:
    """Files that are not as one would wish, and lose nothing for it."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def said(cls, tmp_path_factory):
        """One check of all the odd files."""
        folder = tmp_path_factory.mktemp("odd")
        return {case: cls.check(folder / case, *ODD[case][:2]) for case in ODD}

    @staticmethod
    def check(folder, name, content):
        """What `check` says of one file."""
        folder.mkdir()
        (folder / name).write_bytes(content)
        return command("check", folder / name)

    @pytest.mark.parametrize("case", ODD)
    def test_every_row_is_a_claim(self, said, case):
        """Each of the rows is a claim with its figure, and rows that are no records are counted beside them."""
        name, _, others = ODD[case]
        assert said[case].err == ""
        assert said[case].out.startswith(f"{name}: {ROWS + others} rows read, {ROWS} claims, {ROWS} figures.")
        assert said[case].code == 0, said[case].out

    def test_rows_that_are_no_records_are_counted(self, tmp_path):
        """Tag rows, blank rows and notes are `not data` in run.json, and a note is listed."""
        text = text_of(header=f"{HEADER}\n{TAGS}", row5=airwars_line(5) + "\n\n") + "Source: an example\n"
        (tmp_path / "a.csv").write_text(text)
        _, summary = run_of(tmp_path, tmp_path / "a.csv", code=0)
        (one,) = summary["inputs"]
        assert (one["rows_read"], one["rows_claimed"], one["rows_not_data"]) == (ROWS + 4, ROWS, 4)
        issues = table_of(tmp_path / "reports", "issues")
        assert list(issues.loc[issues["code"] == "note_row", "source_row"]) == [ROWS + 5]

    def test_cp1252(self, tmp_path):
        """A file in a Windows code page is read by a guess, which is said with its line, and degrades the run."""
        changed = text_of(row5=airwars_line(5, location_en="Caf\u00e9 \u2019Example\u2019"))
        (tmp_path / "a.csv").write_bytes(changed.encode("cp1252"))
        said, summary = run_of(tmp_path, tmp_path / "a.csv", code=1)
        assert "Line 6 is not UTF-8; the file was read as cp1252" in said.err
        assert "a.csv" in said.err
        assert summary["totals"]["rows_claimed"] == ROWS
        assert "Caf\u00e9 \u2019Example\u2019" in set(table_of(tmp_path / "reports", "claims")["place_name"])

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
    def test_wide_text_without_its_mark(self, tmp_path, encoding):
        """Wide text that can't be read is said to be so; no zero bytes reach the terminal."""
        (tmp_path / "a.csv").write_bytes(text_of().encode(encoding))
        said = command("check", tmp_path / "a.csv")
        assert said.code in {0, 2}
        assert said.code == 0 or "a.csv" in said.err
        assert "\x00" not in said.err


# One bad cell or line each: the fifth line, its issues as (code, row, column), and what it does to its row.
BAD_ROW = {
    "number": (airwars_line(5, civ_killed_min="some"), [("unreadable", 6, "civ_killed_min")], "claimed"),
    "negative number": (airwars_line(5, civ_killed_min="-9"), [("unreadable", 6, "civ_killed_min")], "claimed"),
    "number beyond all people": (airwars_line(5, civ_killed_max="9" * 20), [("unreadable", 6, "civ_killed_max")], "claimed"),
    "not a number": (airwars_line(5, civ_killed_max="nan"), [("unreadable", 6, "civ_killed_max")], "claimed"),
    "date": (airwars_line(5, incident_date="soon"), [("unreadable", 6, "incident_date")], "claimed"),
    "date that does not exist": (airwars_line(5, incident_date="2017-06-31"), [("unreadable", 6, "incident_date")], "claimed"),
    "date before all": (airwars_line(5, incident_date="0001-01-01"), [("unreadable", 6, "incident_date")], "claimed"),
    "ambiguous date": (airwars_line(5, incident_date="05/06/2017"), [("unreadable", 6, "incident_date")], "claimed"),
    "latitude": (airwars_line(5, latitude="4239"), [("unreadable", 6, "latitude"), ("half_coordinate", 6, "latitude")], "claimed"),
    "longitude only": (airwars_line(5, latitude=""), [("half_coordinate", 6, "latitude")], "claimed"),
    "sea off Africa": (airwars_line(5, latitude="0", longitude="0"), [("zero_coordinate", 6, "latitude")], "claimed"),
    "swapped coordinates": (airwars_line(5, latitude="39.01", longitude="35.95"), [("outside_country", 6, "latitude")], "claimed"),
    "low above high": (airwars_line(5, civ_killed_min="9", civ_killed_max="2"), [("bounds_crossed", 6, "civ_killed_min")], "claimed"),
    "grade": (airwars_line(5, civilian_harm_status="Grand"), [("unknown_term", 6, "civilian_harm_status")], "claimed"),
    "id of the row below": (airwars_line(5, code="X6"), [("duplicate_id", 7, "")], "claimed"),
    "too many cells": (airwars_line(5) + ",more,and more", [("ragged_row", 6, "")], "quarantined"),
    "one cell too many": (airwars_line(5, location_en="Tell Example, north"), [("ragged_row", 6, "")], "quarantined"),
    "one cell too few": (airwars_line(5).replace(",Raqqa,", ",", 1), [("ragged_row", 6, "")], "quarantined"),
    "three cells": ("X5,2017-06-05,Tell Example", [("ragged_row", 6, "")], "quarantined"),
    "no number, day or place": (",,,Raqqa,,Fair,,,,,", [("hollow_row", 6, "")], "quarantined"),
}  # fmt: skip
SENTENCES = {
    "number": "Row 6, civ_killed_min: found 'some', not one number",
    "ambiguous date": "Row 6, incident_date: found '05/06/2017', ambiguous between day/month and month/day",
    "latitude": "Row 6, latitude: found '4239' as a latitude, outside -90..90",
    "low above high": "Row 6: civ_killed_min, civ_killed_max are not in order (9 / 2)",
    "id of the row below": "Row 7: the id X6 stands on another row of this monitor too; both were kept",
    "too many cells": "Row 6 has 13 cells where the header has 11",
    "three cells": "Row 6 has 3 cells where the header has 11",
}


class TestBadRow:
    """One bad row among many, each in a file of its own, all read in one run."""

    @pytest.fixture(scope="class")
    @classmethod
    def done(cls, tmp_path_factory):
        """Run a folder of files with one bad row each; return its summary and issues."""
        folder = tmp_path_factory.mktemp("bad")
        for number, (line, _, _) in enumerate(BAD_ROW.values()):
            tag = f"F{number:02d}N"
            changed = re.sub(r"^X(\d)", rf"{tag}\1", line)
            airwars_export(folder / "in" / f"{tag}.csv", rows=ROWS, tag=tag, row5=changed)
        _, summary = run_of(folder, folder / "in", code=0)
        return summary, table_of(folder / "reports", "issues"), table_of(folder / "reports", "claims")

    @pytest.mark.parametrize("case", BAD_ROW)
    def test_issue_has_its_place(self, done, case):
        """The issue has the file, the row and the column, and no other row has one."""
        file = f"F{list(BAD_ROW).index(case):02d}N.csv"
        issues = done[1]
        own = issues[(issues["source_file"] == file) & (issues["source_row"] > 0)]
        found = set(own[["code", "source_row", "column"]].itertuples(index=False, name=None))
        assert found == set(BAD_ROW[case][1])

    @pytest.mark.parametrize("case", BAD_ROW)
    def test_other_rows_are_still_there(self, done, case):
        """Every other row is a claim, and the bad one is too, unless its cells may be shifted or say nothing."""
        summary, _, claims = done
        number = list(BAD_ROW).index(case)
        (one,) = [one for one in summary["inputs"] if one["file"] == f"F{number:02d}N.csv"]
        lost = 0 if BAD_ROW[case][2] == "claimed" else 1
        assert (one["rows_read"], one["rows_claimed"], one["rows_quarantined"]) == (ROWS, ROWS - lost, lost)
        rows = claims.loc[claims["source_file"] == one["file"], "source_row"]
        assert sorted(rows) == [row for row in range(2, ROWS + 2) if not (lost and row == 6)]

    @pytest.mark.parametrize("case", SENTENCES)
    def test_sentence(self, done, case):
        """The message says where, what was found and what was allowed."""
        file = f"F{list(BAD_ROW).index(case):02d}N.csv"
        issues = done[1]
        messages = " | ".join(issues.loc[issues["source_file"] == file, "message"])
        expected = SENTENCES[case].replace("X6", file.replace(".csv", "6"))
        assert expected in messages

    def test_share_of_bad_rows_degrades(self, tmp_path):
        """Where more rows than a layout expects have something unreadable, the file is degraded."""
        bad = {f"row{number}": airwars_line(number, civ_killed_min="some") for number in range(1, 5)}
        said, summary = run_of(tmp_path, airwars_export(tmp_path / "a.csv", **bad), code=1)
        assert "4 of 24 rows have something unreadable; at most 5% expected" in said.err
        assert summary["totals"]["rows_claimed"] == ROWS


class TestTornText:
    """Quotation marks that open and do not close."""

    def test_open_quote_keeps_the_rows_below(self, tmp_path):
        """A quotation mark that never closes costs its own row, and no row below it."""
        torn = airwars_line(5, location_en='"Tell Example')
        said, summary = run_of(tmp_path, airwars_export(tmp_path / "a.csv", row5=torn), code=1)
        assert "a.csv" in said.err
        assert "row 6" in said.err
        assert summary["totals"]["rows_claimed"] >= ROWS - 1

    def test_two_stray_quotes_are_said(self, tmp_path):
        """Rows that vanish between two stray quotation marks do not vanish in silence."""
        changed = {
            "row5": airwars_line(5, location_en='"Tell Example'),
            "row10": airwars_line(10, location_en='Tell" Example'),
        }
        said = command("check", airwars_export(tmp_path / "a.csv", **changed))
        assert said.out.startswith("a.csv: 24 rows read") or "Row 6" in said.out

    def test_cut_off_in_a_number(self, tmp_path):
        """A download that ends in the middle of the last row is said, and the torn row is not taken for whole."""
        whole = airwars_export(tmp_path / "a.csv").read_text()
        (tmp_path / "a.csv").write_text(whole[: whole.rindex(",25,") + 2])
        said = command("check", tmp_path / "a.csv")
        assert said.code == 1
        assert "Row 25" in said.out


class TestColumns:
    """Columns that are more, fewer, or twice."""

    def test_unknown_column(self, tmp_path):
        """A column that no rule describes is named with its filled cells, and the rows are claims."""
        (tmp_path / "a.csv").write_text(text_of().replace("\n", ",yes\n").replace("url,yes", "url,weather"))
        said = command("check", tmp_path / "a.csv")
        assert said.code == 1
        assert (
            f"Column 'weather' ({ROWS} cells filled) is not described in the layout incident_pages"
            in said.out
        )
        assert f"{ROWS} rows read, {ROWS} claims" in said.out

    def test_column_that_stands_twice(self, tmp_path):
        """Of two columns of one name the first is read, and the second is said."""
        (tmp_path / "a.csv").write_text(
            text_of().replace("\n", ",99\n").replace("url,99", "url,civ_killed_max")
        )
        said = command("check", tmp_path / "a.csv")
        assert said.code == 1
        assert "The header 'civ_killed_max' stands twice; column 12 was not read" in said.out
        assert f"{ROWS} claims, {ROWS} figures" in said.out

    def test_columns_in_another_order(self, tmp_path):
        """The order of columns means nothing."""
        rows = [line.split(",")[::-1] for line in text_of().splitlines()]
        (tmp_path / "a.csv").write_text(written(rows, ","))
        assert command("check", tmp_path / "a.csv").code == 0


class TestIds:
    """Ids that are not as unique as they look."""

    def test_id_like_one_that_we_make(self, tmp_path):
        """A monitor's own `X1~2` beside two rows `X1` keeps all three apart."""
        changed = {"row2": airwars_line(2, code="X1"), "row3": airwars_line(3, code="X1~2")}
        _, summary = run_of(tmp_path, airwars_export(tmp_path / "a.csv", **changed), code=0)
        assert summary["totals"]["claims"] == ROWS
        assert table_of(tmp_path / "reports", "claims")["claim_id"].is_unique

    def test_same_ids_in_two_files(self, tmp_path):
        """The same ids in two files of a monitor are kept apart and said."""
        files = [
            airwars_export(tmp_path / f"{name}.csv", row5=airwars_line(5, url=name)) for name in ("a", "b")
        ]
        said = command("check", *files)
        assert said.code == 1
        assert re.findall(r"(\d+) rows read, (\d+) claims", said.out) == [(str(ROWS), str(ROWS))] * 2
        assert said.out.count("stands on another row of this monitor too; both were kept") == ROWS

    def test_rows_without_an_id(self, tmp_path):
        """Rows without an id are claims, also where two of them are alike."""
        line = airwars_line(5, code="")
        said = command("check", airwars_export(tmp_path / "a.csv", row5=line, row6=line))
        assert said.out.startswith(f"a.csv: {ROWS} rows read, {ROWS} claims"), said.err


class TestWorkbooks:
    """Workbooks with more than one plain sheet in them."""

    def test_two_sheets(self, tmp_path):
        """Sheets of one layout are both read, and counted apart."""
        content = book_bytes(("June", plain_rows()), ("July", plain_rows("Y")))
        (tmp_path / "a.xlsx").write_bytes(content)
        _, summary = run_of(tmp_path, tmp_path / "a.xlsx", code=0)
        assert [one["rows_claimed"] for one in summary["inputs"]] == [ROWS, ROWS]
        assert set(table_of(tmp_path / "reports", "claims")["source_sheet"]) == {"June", "July"}

    def test_sheets_of_two_monitors(self, tmp_path):
        """Sheets of two monitors are told apart by their headers."""
        ucdp = [UCDP_HEADER.split(","), ["7", "1", "A - B", "2017-06-01", "2017-06-01", 2, 2, 2, 2, 35.9, 39]]
        (tmp_path / "a.xlsx").write_bytes(book_bytes(("Airwars", plain_rows()), ("UCDP", ucdp)))
        said = command("check", tmp_path / "a.xlsx")
        assert said.code == 0, said.out
        assert f"a.xlsx: {ROWS} rows read, {ROWS} claims, {ROWS} figures." in said.out
        assert "a.xlsx: 1 rows read, 1 claims, 2 figures." in said.out

    def test_sheet_that_nobody_knows(self, tmp_path):
        """A sheet with another header is named with its rows, and the one beside it is read."""
        (tmp_path / "a.xlsx").write_bytes(
            book_bytes(("Read me", [["Hello"], ["there"]]), ("June", plain_rows()))
        )
        said = command("check", tmp_path / "a.xlsx")
        assert said.code == 1
        assert "Sheet 'Read me' (2 rows) has a header that no layout knows; it was not read." in said.out
        assert f"{ROWS} rows read, {ROWS} claims" in said.out

    def test_cell_with_an_error(self, tmp_path):
        """A cell that holds #N/A is an issue with its row and column, and not a blank."""
        rows = plain_rows()
        rows[5][8] = "#N/A"
        (tmp_path / "a.xlsx").write_bytes(book_bytes(("June", rows)))
        said = command("check", tmp_path / "a.xlsx")
        assert said.code == 1
        assert "Row 6, civ_killed_min" in said.out

    def test_rows_are_numbered_as_seen(self, tmp_path):
        """A blank row in a sheet shifts no number: the row below it is said by the number that Excel shows."""
        rows = plain_rows()
        rows.insert(3, [None] * len(COLUMNS))
        rows[6][6] = 4239
        (tmp_path / "a.xlsx").write_bytes(book_bytes(("June", rows)))
        said = command("check", tmp_path / "a.xlsx")
        assert "Row 7, latitude: found '4239'" in said.out
        assert f"{ROWS + 1} rows read, {ROWS} claims" in said.out


HOSTILE = {
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+1+1",
    "minus": "-1+1",
    "at": "@SUM(1)",
    "tab": "\t=1+1",
    "control characters": "Tell\x07\x1b[31m\x00\x0bExample",
    "too long": "T" * 40_000,
    "surrogate": "\\ud800 _xD800_ &#xD800;",
    "markup": "[bold red]Tell[/nothing] <b>&amp;</b> {0} %s",
    "direction marks": "\u202egnipmalf\u202c",
    "arabic": "الرقة / تل المثال",
}


class TestHostileCells:
    """Text that was made, or happens, to do harm."""

    @pytest.fixture(scope="class")
    @classmethod
    def done(cls, tmp_path_factory):
        """Run one export whose places, ids and addresses are hostile; return its folder."""
        folder = tmp_path_factory.mktemp("hostile")
        rows = [line.split(",") for line in text_of().splitlines()]
        for row, text in zip(rows[1:], HOSTILE.values(), strict=False):
            row[2] = text
        rows[12][0] = "=1+1"
        rows[13][0] = "I" * 40_000
        rows[14][10] = "javascript:alert(1)"
        rows[15][10] = "http://example.org/" + "a" * 4000
        rows[16][5] = "=1+1"
        rows[17][8] = "=1+1"
        (folder / "a.csv").write_text(written(rows, ","), encoding="utf-8", newline="")
        said, summary = run_of(folder, folder / "a.csv", code=0)
        return said, summary, folder / "reports"

    def test_every_row_is_there(self, done):
        """Whatever its cells hold, each row is a claim."""
        assert done[1]["totals"]["rows_claimed"] == ROWS
        claims = table_of(done[2], "claims").set_index("source_row")
        edges = "\t\u202e\u202c"
        shown = [claims.loc[row, "place_name"].strip(edges) for row in range(2, len(HOSTILE) + 2)]
        assert shown == [text.strip(edges) for text in HOSTILE.values()]

    def test_workbook_opens_and_computes_nothing(self, done):
        """The workbook opens, holds no formula, and no cell longer than Excel can hold."""
        (path,) = done[2].glob("*/*/discrepancies.xlsx")
        book = openpyxl.load_workbook(path)
        cells = [
            cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
        ]
        assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
        assert max(len(cell.value) for cell in cells if isinstance(cell.value, str)) <= 32_767
        shown = {cell.value for cell in cells}
        assert HOSTILE["arabic"] in shown
        assert HOSTILE["markup"] in shown

    def test_links_lead_to_pages_only(self, done):
        """No cell links to anything but web pages, and to none longer than Excel takes."""
        (path,) = done[2].glob("*/*/discrepancies.xlsx")
        with zipfile.ZipFile(path) as book:
            targets = [
                target
                for name in book.namelist()
                if name.endswith(".rels") and "worksheets" in name
                for target in re.findall(r'Target="([^"]*)" TargetMode="External"', book.read(name).decode())
            ]
        assert all(target.startswith(("http://", "https://")) and len(target) < 2080 for target in targets)

    def test_terminal_stays_as_it_was(self, done, tmp_path):
        """What is printed holds no escape sequence, whichever cell it quotes."""
        line = airwars_line(5, civ_killed_min="\x1b[31mred\x07", civilian_harm_status="\x1b]0;title\x07")
        said = command("check", airwars_export(tmp_path / "a.csv", row5=line))
        assert not {"\x1b", "\x07", "\x00"} & set(said.out + said.err + done[0].out + done[0].err)


class TestRules:
    """Rule files with faults."""

    FAULTS = (
        ("monitors/airwars.yaml", "claims_per_incident: one", "claims_per_incedent: one"),
        ("monitors/snhr.yaml", "kind_code: monitor", "kind_code: gossip"),
        ("monitors/sohr.yaml", "licence:", "id: sohr\nlicence:"),
        ("monitors/cjtf_oir.yaml", "credible: conceded", "credible: admitted"),
        (
            "monitors/ucdp_ged.yaml",
            "date_start: {field: date_start, parse: day}",
            "date_start: {field: date_start}",
        ),
        (
            "monitors/ucdp_ged.yaml",
            "latitude: {field: latitude, parse: latitude}",
            "latitude: {field: latitude}",
        ),
        ("monitors/ucdp_ged.yaml", "best: {number: true, parse: number,", "best: {number: true,"),
        ("linkage/incidents.yaml", "prior_bits:", "prior_bits: much #"),
    )

    @pytest.fixture
    def rules(self, tmp_path):
        """A copy of the shipped rules."""
        return shutil.copytree(ROOT / "rules", tmp_path / "rules")

    @pytest.fixture(scope="class")
    @classmethod
    def said(cls, tmp_path_factory):
        """What a run says of a copy of the rules with many faults."""
        folder = tmp_path_factory.mktemp("faults")
        rules = shutil.copytree(ROOT / "rules", folder / "rules")
        for name, old, new in cls.FAULTS:
            text = (rules / name).read_text(encoding="utf-8")
            assert text.count(old) >= 1, old
            (rules / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        said = command("run", airwars_export(folder / "a.csv"), "--rules", rules, "--out", folder / "reports")
        assert not (folder / "reports").exists()
        return said

    @pytest.mark.parametrize(
        ("place", "sentence"),
        [
            ("monitors/airwars.yaml:", "claims_per_incedent: not a key that is known here"),
            ("monitors/airwars.yaml:", "claims_per_incident: missing"),
            ("monitors/snhr.yaml:6: kind_code", "found 'gossip'; allowed are 'monitor'"),
            ("monitors/sohr.yaml:", 'found duplicate key "id"'),
            ("monitors/cjtf_oir.yaml:", "admitted not in the vocabulary 'positions'"),
            ("linkage/incidents.yaml:", "prior_bits: found 'much'"),
        ],
    )
    def test_all_faults_at_once(self, said, place, sentence):
        """Faults of several files are all said in one go, each with its file and key, and nothing is read."""
        assert said.code == 2
        assert any(
            line.startswith(f"rules/{place}") and sentence in line for line in said.err.splitlines()
        ), said.err

    def test_every_fault_has_a_line(self, said):
        """Each fault has its line, those too that show only when files are laid side by side."""
        without = [
            line for line in said.err.splitlines() if not re.match(r"rules/[a-z_/]+\.yaml:\d+: ", line)
        ]
        assert without == []

    @pytest.mark.parametrize("column", ["date_start", "latitude", "best"])
    def test_parser_that_does_not_fit(self, said, column):
        """A day, a coordinate and a number that name no parser of their kind are faults of the rules, not of a run."""
        assert any(
            line.startswith("rules/monitors/ucdp_ged.yaml") and column in line
            for line in said.err.splitlines()
        )

    def test_kind_without_a_severity(self, rules, tmp_path):
        """A kind of discrepancy that no rule grades ends a check of the rules, and a run, by name."""
        path = rules / "discrepancies.yaml"
        path.write_text(
            re.sub(r"\n *CNT-DISJ:.*", "", path.read_text(encoding="utf-8"), count=1), encoding="utf-8"
        )
        checked = command("rules", "check", rules)
        assert (checked.code, "CNT-DISJ is missing" in checked.err) == (2, True)
        said = command(
            "run", airwars_export(tmp_path / "a.csv"), "--rules", rules, "--out", tmp_path / "reports"
        )
        assert (said.code, "CNT-DISJ is missing" in said.err) == (2, True), said.err

    @pytest.mark.parametrize("part", ["discrepancies.yaml", "linkage", "vocabularies"])
    def test_part_that_is_missing(self, rules, tmp_path, part):
        """Rules without one of their parts are named, not crashed on."""
        gone = rules / part
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        said = command(
            "run", airwars_export(tmp_path / "a.csv", rows=2), "--rules", rules, "--out", tmp_path / "reports"
        )
        assert said.code == 2
        assert "fault of the program" not in said.err
        assert part in said.err
