"""Exports as they come from hands and hard disks: sums among the rows, two files in one, marks that nobody sees.

Each case is one file of invented rows. What is said has to name the place; what is no record must not become an incident.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from test_cli import HEADER, airwars_line, command

from reconcile.drafts import gather
from reconcile.normalize import build_context, normalize
from reconcile.read import SourceFile, read_tables
from reconcile.validate import Within, validate

if TYPE_CHECKING:
    from pathlib import Path

    from reconcile.normalize.cells import Context
    from reconcile.ruleset import Ruleset
    from reconcile.validate import Validated

ROWS = 6
LINES = [airwars_line(number) for number in range(1, ROWS + 1)]
TAGS = "#event+id,#date,#loc,#adm1,#actor,#status,#geo+lat,#geo+lon,#killed+min,#killed+max,#url"
LIST = "id,name,en_name,age,dob,sex,source"
PERSON = "90000000{0},مثال {0},Testname Example {0},4,,m,h"


@pytest.fixture(scope="module")
def context(rules: Ruleset) -> Context:
    """What reading cells needs."""
    return build_context(rules, "airwars")


class Files:
    """Reads one file at a time, as the pipeline does up to its contracts."""

    def __init__(self, rules: Ruleset, context: Context) -> None:
        self.rules, self.context = rules, context

    def valid(self, content: str | bytes, name: str = "a.csv") -> Validated:
        """Return what comes of a file; every row of it has one fate."""
        source = SourceFile(name, content if isinstance(content, bytes) else content.encode())
        drafts, read = [], 0
        for table in read_tables(source, list(self.rules.monitors.values()), grammars=self.rules.grammars):
            monitor = self.rules.monitors[table.monitor_id]
            layout = next(one for one in monitor.layouts if one.id == table.layout_id)
            drafts.append(normalize(table, monitor, layout, self.context))
            read += len(table.rows)
        valid = validate(gather(drafts), Within(), self.rules.vocabularies["countries"].terms)
        assert len(valid.fates) == read
        return valid


@pytest.fixture(scope="module")
def files(rules: Ruleset, context: Context) -> Files:
    """Reads one file at a time."""
    return Files(rules, context)


def export(*lines: str, header: str = HEADER) -> str:
    """Return an export of lines."""
    return "\n".join([header, *lines]) + "\n"


def fates_of(valid: Validated) -> dict[str, list[int]]:
    """Return the rows of each fate but `claimed`."""
    other = valid.fates[valid.fates["fate_code"] != "claimed"]
    return other.groupby("fate_code")["source_row"].apply(sorted).to_dict()


def told(valid: Validated) -> set[tuple[int, str, str]]:
    """Return row, code and severity of the issues that have a row."""
    rows = valid.issues[valid.issues["source_row"] > 0]
    return set(rows[["source_row", "code", "severity"]].itertuples(index=False, name=None))


class TestSums:
    """A sum of other rows must not become an incident, nor a person, nor vanish."""

    @pytest.mark.parametrize(
        "line",
        [
            "Total,,,,,,,,21,27,",
            "TOTAL:,,,,,,,,21,27,",
            ",,Total,,,,,,21,27,",
            ",Grand total,,,,,,,21,27,",
            ",,,Raqqa subtotal,,,,,21,27,",
            "Sub-total,,,Raqqa,,,,,21,27,",
            "المجموع,,,,,,,,21,27,",
            "Итого,,,,,,,,21,27,",
            "Total,2017-06-30,,,,,,,21,27,",
            ",,,,,,,,21,27,",
        ],
    )
    @pytest.mark.parametrize("place", [2, ROWS])
    def test_sum_is_set_aside(self, files: Files, line: str, place: int) -> None:
        """In the middle or at the end, by whatever label or by none, it is quarantined and said."""
        valid = files.valid(export(*LINES[:place], line, *LINES[place:]))
        assert fates_of(valid) == {"quarantined": [place + 2]}
        assert told(valid) == {(place + 2, "sum_row", "error")}
        assert len(valid.figures) == ROWS

    def test_lone_number_is_said(self, files: Files) -> None:
        """One number by itself may be a sum: it stays a claim, with a warning."""
        valid = files.valid(export(*LINES, ",,,,,,,,21,,"))
        assert told(valid) == {(ROWS + 2, "lone_number", "warning")}

    @pytest.mark.parametrize("line", ["Total,6,,,,,", ",Total,,6,,,", "7,,TOTAL,,,,"])
    def test_sum_is_no_person(self, files: Files, line: str) -> None:
        """A list's last row is not one more victim."""
        valid = files.valid(export(*map(PERSON.format, range(1, 4)), line, header=LIST))
        assert fates_of(valid) == {"quarantined": [5]}
        assert len(valid.victims) == 3

    @pytest.mark.parametrize(
        "line",
        [
            airwars_line(7, location_en="Total oil field"),
            airwars_line(7, location_en="Total"),
            airwars_line(7, incident_date="", location_en="Total oil field"),
            ",2017-06-07,,,,,,,2,3,",
        ],
    )
    def test_record_is_kept(self, files: Files, line: str) -> None:
        """A row with an id of its own, or with a day, is a record, whatever its place is called."""
        assert fates_of(files.valid(export(*LINES, line))) == {}


class TestSeveralInOne:
    """Exports that were put one behind the other."""

    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_header_again(self, files: Files, mark: str) -> None:
        """The second file's header, with or without its byte-order mark, is no record, and its rows are."""
        valid = files.valid(export(*LINES[:2]) + mark + export(*LINES[2:]))
        assert fates_of(valid) == {"not_data": [4]}
        assert told(valid) == {(4, "header_again", "note")}

    def test_header_and_tags_again(self, files: Files) -> None:
        """HDX's row of tags is no record in the middle either."""
        valid = files.valid(export(TAGS, *LINES[:2]) + export(TAGS, *LINES[2:]))
        assert fates_of(valid) == {"not_data": [2, 5, 6]}
        assert len(valid.figures) == ROWS

    def test_other_delimiter(self, files: Files) -> None:
        """Rows parted by another mark than the header's are no notes: they are set aside, and said."""
        valid = files.valid(export(*LINES[:4], *(line.replace(",", ";") for line in LINES[4:])))
        assert fates_of(valid) == {"quarantined": [6, 7]}
        assert told(valid) == {(6, "ragged_row", "error"), (7, "ragged_row", "error")}


class TestUnseenMarks:
    """Signs that nobody sees, and text in an encoding that nobody states."""

    def test_direction_marks_in_the_header(self, files: Files) -> None:
        """No-break spaces and direction marks around and inside a header's cells change nothing."""
        header = (
            HEADER.replace("code", "\u200fcode\u00a0")
            .replace("civ_killed_min", "civ\u00a0killed\u200e min")
            .replace("url", "\u202aurl\u202c")
        )
        valid = files.valid(export(*LINES, header=header))
        assert len(valid.figures) == ROWS
        assert "unknown_column" not in set(valid.issues["code"])

    def test_direction_marks_in_cells(self, files: Files) -> None:
        """Nor do they around ids, days, numbers and coordinates."""
        cells = dict.fromkeys(("code", "incident_date", "latitude", "civ_killed_min", "civ_killed_max"), "")
        plain = dict(zip(HEADER.split(","), LINES[0].split(","), strict=True))
        marked = airwars_line(1, **{name: f"\u200f{plain[name]}\u200e\u00a0" for name in cells})
        valid = files.valid(export(marked))
        assert valid.claims["claim_id"].tolist() == ["airwars:X1"]
        assert told(valid) == set()

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
    def test_wide_text(self, files: Files, encoding: str) -> None:
        """Text of two or four bytes a sign is read, with a byte-order mark or without."""
        lines = [airwars_line(1, location_en="الرقة"), *LINES[1:]]
        valid = files.valid(export(*lines).encode(encoding))
        assert len(valid.figures) == ROWS
        assert valid.claims["place_name"].tolist()[0] == "الرقة"


class TestOtherKindsOfFile:
    """What is no table is called by its name."""

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\n", "is a PDF"),
            (b"\n<!DOCTYPE html>\n<html><table><tr><th>code</th></tr></table></html>", "is a web page"),
            (b"<html><table><tr><th>code</th></tr></table></html>", "is a web page"),
            (b'<?xml version="1.0"?>\n<Workbook></Workbook>', "is XML"),
        ],
    )
    def test_it_is_named(self, tmp_path: Path, content: bytes, sentence: str) -> None:
        """A page saved as .xls, a PDF and XML are said to be so, and what to do."""
        (tmp_path / "a.xls").write_bytes(content)
        said = command("check", tmp_path / "a.xls")
        assert said.code == 2
        assert f"a.xls: {sentence}" in said.err
        assert "save it as CSV" in said.err

    def test_header_that_is_like_none(self, tmp_path: Path) -> None:
        """Where no cell of a header is known, no monitor is called near."""
        (tmp_path / "a.csv").write_text("colour,shape\nred,round\n", encoding="utf-8")
        assert "Nearest: none." in command("check", tmp_path / "a.csv").err


class TestWideFiles:
    """Columns by the thousand."""

    def test_columns_nobody_knows(self, files: Files) -> None:
        """Hundreds of unknown columns are a few sentences, and none is left out of the count."""
        more = [f"c{number}" for number in range(500)]
        valid = files.valid(
            export(*(f"{line}{',1' * 500}" for line in LINES), header=",".join([HEADER, *more]))
        )
        noted = valid.issues[valid.issues["code"] == "unknown_column"]
        assert len(noted) <= 60
        assert any("450 more columns" in message for message in noted["message"])

    def test_blank_columns_without_a_name(self, files: Files) -> None:
        """Trailing delimiters make one note, not one a column."""
        valid = files.valid(export(*(f"{line}{',' * 300}" for line in LINES), header=HEADER + "," * 300))
        noted = valid.issues[valid.issues["code"] == "unknown_column"]
        assert noted["severity"].tolist() == ["note"]
        assert "(300)" in noted["message"].iloc[0]


def test_two_columns_of_one_meaning(files: Files) -> None:
    """Where a sheet has a number under two names, and they differ, one is not dropped without a word."""
    sheet = ("2017-06-01,Raqqa,3,9", "2017-06-02,Raqqa,,7", "2017-06-03,Raqqa,5,5")
    valid = files.valid(export(*sheet, header="date,place,killed,fatalities"))
    assert told(valid) == {(2, "spelled_twice", "warning")}
    assert sorted(valid.figures["low"]) == [3, 5, 7]


NAME = "Plantedname Inventedson"


def text_of(path: Path) -> str:
    """Return what a file of a run holds; tables are packed, so their cells are."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    return path.read_bytes().decode(errors="replace")


class TestNames:
    """A name that stands where none is expected stays inside."""

    CASES = (
        ("id,name,en_name,age,sex", f"1,مثال,{NAME},{NAME},{NAME}"),
        ("id,name,en_name,age,sex", f"{NAME},مثال,Example,3,m,{NAME}"),
        ("id,name,en_name,age,dob,sex,source", f"1,مثال,{NAME},4,{NAME},m,{NAME}"),
        ("name,gov_id,dob,sex", f"{NAME},{NAME},{NAME},{NAME}"),
        ("name,age,sex,status", f"{NAME},{NAME},m,{NAME}"),
        ("Name,Date of death,Total", f"Total {NAME},{NAME},{NAME}"),
    )

    @pytest.mark.parametrize("number", range(len(CASES)))
    def test_no_message_tells_it(self, tmp_path: Path, number: int) -> None:
        """Neither `check` nor a byte of what `run` leaves holds the name, whichever cell of a list it stands in."""
        header, line = self.CASES[number]
        path = tmp_path / "list.csv"
        path.write_text(f"{header}\n{line}\n{line}\nTotal {NAME}\n", encoding="utf-8")
        checked = command("check", path)
        done = command("run", path, "--out", tmp_path / "reports", "--as-of", "2024-01-01")
        assert "fault of the program" not in checked.err + done.err
        assert "Plantedname" not in checked.out + checked.err + done.out + done.err
        left = [one for one in (tmp_path / "reports").rglob("*") if one.is_file() and one.suffix != ".xlsx"]
        assert [one.name for one in left if "Plantedname" in text_of(one)] == []
