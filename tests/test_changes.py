"""What changed since the last run, as people read it: the sheet, the Summary's line, the command, and nights that failed."""

from __future__ import annotations

import csv
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import ROOT
from test_cli import command

from reconcile.changes import write_changes
from reconcile.frames import Changes, columns_of, typed
from reconcile.runs.carry import carried

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "code,incident_date,location_en,region_en,latitude,longitude,belligerents,civilian_harm_status,civ_killed_min,civ_killed_max,n_sources"
COUNTED = "statement_id,date,place_text,via,verdict,conceded_min,conceded_max,statement_date"
JOB = "id: t\ninputs:\n  - {monitor: airwars, files: [a.csv]}\n  - {monitor: cjtf_oir, files: [c.csv]}\n"
ROWS = {
    "CS1": "CS1,2017-06-10,Suluk,Ar-Raqqa,36.597,39.126,US-led Coalition,Fair,4,7,2",
    "CS2": "CS2,2017-06-14,Suluk,Ar-Raqqa,36.597,39.126,US-led Coalition,Fair,20,20,2",
    "CS3": "CS3,2017-06-18,Suluk,Ar-Raqqa,36.597,39.126,US-led Coalition,Weak,1,1,2",
}
STATED = 'R1,2017-06-20,"near Suluk, Syria",Airwars report,non_credible,,,2018-01-31'


def publish(folder: Path, rows: dict[str, str] = ROWS, stated: str = STATED) -> None:
    """Write a job and its two files."""
    (folder / "job.yaml").write_text(JOB)
    (folder / "a.csv").write_text("\n".join([HEADER, *rows.values()]) + "\n")
    (folder / "c.csv").write_text(f"{COUNTED}\n{stated}\n" if stated else "<html>not found</html>\n")


def run(folder: Path, day: str) -> Path:
    """Run the job and return the folder of its report."""
    said = command("run", folder / "job.yaml", "--as-of", day, "--quiet")
    assert said.code in {0, 1}, said.err
    home = folder / "reports" / "t"
    return home / json.loads((home / "latest.json").read_text())["folder"]


def told(report: Path) -> set[tuple[str, str]]:
    """Return code and claim of every change that a report tells."""
    changes = pd.read_parquet(report / "tables" / "changes.parquet")
    return set(
        zip(
            changes["change_code"],
            changes["claim_id"] + changes["previous_id"].mask(changes["claim_id"] != "", ""),
            strict=True,
        )
    )


def cells(report: Path, sheet: str) -> list[tuple[Any, ...]]:
    """Return the rows of a sheet."""
    from openpyxl import load_workbook

    book = load_workbook(report / "discrepancies.xlsx", read_only=True)
    rows = list(book[sheet].iter_rows(values_only=True))
    book.close()
    return rows


def lines(report: Path) -> list[str]:
    """Return what stands in the first column of the Summary."""
    return [str(row[0]) for row in cells(report, "Summary") if row and row[0]]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two nights: one record raised, one lowered, one withdrawn, one new, and the Coalition's file broken."""
    folder = tmp_path_factory.mktemp("nights")
    publish(folder)
    first = run(folder, "2018-03-01")
    rows = {
        "CS1": ROWS["CS1"].replace(",4,7,", ",9,12,"),
        "CS2": ROWS["CS2"].replace(",20,20,", ",11,11,"),
        "CS4": ROWS["CS3"].replace("CS3", "CS4").replace("06-18", "06-28").replace(",1,1,", ",3,3,"),
    }
    publish(folder, rows, "")
    return first, run(folder, "2018-03-02")


def test_a_first_run_changed_nothing(two: tuple[Path, Path]) -> None:
    """A first run has nothing to compare with, and says nothing of it."""
    assert told(two[0]) == set()
    assert len(cells(two[0], "Changes")) == 1
    assert not any("Since the last run" in line for line in lines(two[0]))


def test_sheet_begins_with_what_findings_tell(two: tuple[Path, Path]) -> None:
    """What was not compared comes first, then what is withdrawn, lowered and raised, then the rest."""
    header, *rows = cells(two[1], "Changes")
    assert header[:3] == ("What", "Monitor", "Claim")
    assert [row[0] for row in rows] == ["not compared", "withdrawn", "revised down", "revised up", "new"]
    assert [row[2] for row in rows[2:]] == ["airwars:CS2", "airwars:CS1", "airwars:CS4"]
    lowered = dict(zip(header, rows[2], strict=True))
    assert (lowered["Before"], lowered["Now"], lowered["Up or down"], lowered["Counted"]) == (
        "20",
        "11",
        -9,
        "killed civilian",
    )
    assert "c.csv failed" in rows[0][header.index("The change")]


def test_summary_says_what_changed(two: tuple[Path, Path]) -> None:
    """One line counts the changes, the next names who was not compared."""
    said = lines(two[1])
    assert "Since the last run (2018-03-01): 1 new, 1 withdrawn, 1 revised up, 1 revised down." in said
    assert any(line.startswith("Not compared: ") and "c.csv failed in the later run" in line for line in said)


def test_findings_come_of_changes(two: tuple[Path, Path]) -> None:
    """Raised, lowered and withdrawn numbers are findings, and a withdrawn claim is named with whose it was."""
    found = pd.read_parquet(two[1] / "tables" / "discrepancies.parquet").set_index("code")
    assert (found.loc["REV-DOWN", "severity"], found.loc["REV-UP", "severity"]) == ("S1", "S2")
    assert (
        found.loc["REV-RETR", "claim_ids"],
        found.loc["REV-RETR", "monitors"],
        found.loc["REV-RETR", "people"],
    ) == ("airwars:CS3", "airwars", 1)


def test_a_failed_night_hides_no_change(tmp_path: Path) -> None:
    """What a monitor changed while its file was broken is told when it is read again, compared with its last reading."""
    publish(tmp_path)
    run(tmp_path, "2018-03-01")
    publish(tmp_path, stated="")
    assert told(run(tmp_path, "2018-03-02")) == set()
    publish(tmp_path, stated=STATED.replace("non_credible", "open"))
    report = run(tmp_path, "2018-03-03")
    assert told(report) == {("reopened", "cjtf_oir:R1")}
    said = lines(report)
    assert any(
        "is compared with the run of 2018-03-01, the last one that read its files" in line for line in said
    )


def test_withdrawn_and_back(tmp_path: Path) -> None:
    """A claim that was withdrawn some nights ago and is there again is reopened, and no new one."""
    publish(tmp_path)
    run(tmp_path, "2018-03-01")
    fewer = {code: row for code, row in ROWS.items() if code != "CS3"}
    publish(tmp_path, fewer)
    assert told(run(tmp_path, "2018-03-02")) == {("withdrawn", "airwars:CS3")}
    publish(tmp_path, fewer | {"CS1": ROWS["CS1"].replace("Fair", "Weak")})
    assert told(run(tmp_path, "2018-03-03")) == {("regraded", "airwars:CS1")}
    publish(tmp_path)
    assert told(run(tmp_path, "2018-03-04")) == {("regraded", "airwars:CS1"), ("reopened", "airwars:CS3")}


def test_a_code_given_to_another_is_new(tmp_path: Path) -> None:
    """A claim that was withdrawn, came back and was renumbered is withdrawn no longer: its code may be another's."""
    publish(tmp_path)
    run(tmp_path, "2018-03-01")
    fewer = {code: row for code, row in ROWS.items() if code != "CS3"}
    publish(tmp_path, fewer)
    run(tmp_path, "2018-03-02")
    publish(tmp_path)
    run(tmp_path, "2018-03-03")
    publish(tmp_path, fewer | {"CS9": ROWS["CS3"].replace("CS3", "CS9")})
    assert told(run(tmp_path, "2018-03-04")) == {("renumbered", "airwars:CS9")}
    other = ROWS["CS3"].replace("06-18", "09-09").replace(",1,1,", ",6,6,")
    publish(tmp_path, fewer | {"CS9": ROWS["CS3"].replace("CS3", "CS9"), "CS3": other})
    assert told(run(tmp_path, "2018-03-05")) == {("new", "airwars:CS3")}


def test_a_list_of_deletions_says_why(tmp_path: Path) -> None:
    """What a monitor lists as deleted is told as deleted by it, night for night until its export agrees, which is said."""
    export = (ROOT / "fixtures" / "monitors" / "acled" / "current" / "rows.csv").read_text(encoding="utf-8")
    header, first, second, *rest = export.splitlines()
    (tmp_path / "job.yaml").write_text("id: t\ninputs: [{monitor: acled, files: [e.csv, d.csv]}]\n")
    (tmp_path / "e.csv").write_text("\n".join([header, first, second, *rest]) + "\n")
    (tmp_path / "d.csv").write_text("event_id_cnty,deleted_timestamp\nSYR980000,1699999999\n")
    run(tmp_path, "2024-01-01")
    deleted, kept = (line.split(",", 1)[0] for line in (first, second))
    (tmp_path / "d.csv").write_text(
        f"event_id_cnty,deleted_timestamp\n{deleted},1700000000\n{kept},1700000001\n"
    )
    (tmp_path / "e.csv").write_text("\n".join([header, second, *rest]) + "\n")
    report = run(tmp_path, "2024-01-02")
    changes = pd.read_parquet(report / "tables" / "changes.parquet")
    shown = changes.loc[changes["change_code"] == "withdrawn", ["previous_id", "basis_code"]]
    assert shown.to_numpy().tolist() == [[f"acled:{deleted}", "deletion"]]
    assert "lists" in changes["explanation"].iloc[0]
    assert "as deleted" in changes["explanation"].iloc[0]
    issues = pd.read_parquet(report / "tables" / "issues.parquet")
    (message,) = issues.loc[issues["code"] == "deleted_but_there", "message"]
    assert f"acled:{kept} stands on its monitor's list" in message
    inputs = json.loads((report / "run.json").read_text(encoding="utf-8"))["inputs"]
    (account,) = (one for one in inputs if one["file"] == "d.csv")
    assert (account["rows_read"], account["rows_not_data"], account["health"]) == (2, 2, "ok")


def test_another_scope_withdraws_nothing(tmp_path: Path) -> None:
    """What a narrower scope leaves out was not withdrawn, nor is what a wider one lets in new, and that is said."""
    publish(tmp_path)
    first = run(tmp_path, "2018-03-01")
    (tmp_path / "job.yaml").write_text(f"{JOB}within: {{from: 2017-06-13}}\n")
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *ROWS.values()]).replace(",20,20,", ",30,30,") + "\n")
    report = run(tmp_path, "2018-03-02")
    assert told(report) == {("revised_up", "airwars:CS2")}
    assert "CS1" in "".join(pd.read_parquet(first / "tables" / "claims.parquet")["claim_id"])
    assert any("The job's scope was" in line for line in lines(report))


def test_decisions_are_no_changes(tmp_path: Path) -> None:
    """What a person corrects or drops is no change of the monitor's, though its file changed too."""
    publish(tmp_path)
    run(tmp_path, "2018-03-01")
    common = "reason: a test, reviewer: A. Analyst, decided_on: 2024-05-01"
    (tmp_path / "corrections.yaml").write_text(
        f'- {{claim_id: "airwars:CS1", action: set, column: killed.civilian.high, expected: "7", value: "8", {common}}}\n'
        f'- {{claim_id: "airwars:CS2", action: set, column: place_name, expected: Suluk, value: Solouk, {common}}}\n'
        f'- {{claim_id: "airwars:CS3", action: drop, {common}}}\n'
    )
    publish(tmp_path, {code: row[:-1] + "5" for code, row in ROWS.items()})
    assert told(run(tmp_path, "2018-03-02")) == set()


# ---- the command ---------------------------------------------------------------------------------------------------


def test_command_tells_and_writes(two: tuple[Path, Path], tmp_path: Path) -> None:
    """It counts by monitor and kind of change, lists what weighs most, says what was not compared, and writes all as CSV."""
    said = command("changes", *two, "-o", tmp_path / "c.csv")
    assert said.code == 0, said.err
    for words in (
        "4 changes",
        "By monitor",
        "withdrawn",
        "raised civilians killed of airwars:CS1",
        "Not compared",
        "c.csv failed",
    ):
        assert words in said.out
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == columns_of(Changes)
    assert {(row["change_code"], row["gap"]) for row in rows} == {
        ("new", ""),
        ("withdrawn", ""),
        ("revised_up", "5"),
        ("revised_down", "-9"),
    }


def test_command_compares_any_two(two: tuple[Path, Path]) -> None:
    """Two reports in the other order are compared anew; a report with itself changed nothing."""
    said = command("changes", two[1], two[0])
    assert said.code == 0
    assert "raised civilians killed of airwars:CS2 from 11 to 20" in said.out
    same = command("changes", two[0], two[0])
    assert same.code == 0
    assert "No monitor changed anything" in same.out


def test_command_says_what_it_cannot_read(two: tuple[Path, Path], tmp_path: Path) -> None:
    """A folder without a report, and a CSV that can't be written, are faults with exit code 2."""
    assert command("changes", tmp_path, two[1]).code == 2
    said = command("changes", *two, "-o", tmp_path / "nowhere" / "c.csv")
    assert said.code == 2
    assert "can't be written" in said.err


def test_csv_runs_nothing(tmp_path: Path) -> None:
    """Text that begins like a formula stands behind an apostrophe; numbers below zero stay numbers."""
    row: dict[str, Any] = dict.fromkeys(columns_of(Changes), "")
    row |= dict.fromkeys(("before_low", "before_high", "after_low", "after_high", "date_start"))
    row |= {
        "change_id": "chg_1",
        "change_code": "moved",
        "basis_code": "id",
        "before": "=1+1",
        "after": "@town",
        "gap": -3.0,
    }
    numbers = {
        name: float(row[name] or "nan")
        for name in ("before_low", "before_high", "after_low", "after_high", "gap")
    }
    changes = typed(Changes, pd.DataFrame([row | numbers]).assign(date_start=pd.NaT))
    write_changes(changes, tmp_path / "c.csv")
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        (written,) = csv.DictReader(file)
    assert (written["before"], written["after"], written["gap"]) == ("'=1+1", "'@town", "-3")


# ---- failed nights -------------------------------------------------------------------------------------------------


def test_failed_night_of_a_file_that_nobody_names(tmp_path: Path) -> None:
    """A night in which one file of a monitor failed hides nothing of what changed, in that file or beside it."""
    (tmp_path / "job.yaml").write_text('id: t\ninputs:\n  - {files: ["*.csv"]}\n')

    def publish(name: str, *rows: str) -> None:
        (tmp_path / name).write_text("\n".join([HEADER, *rows]) + "\n")

    publish("one.csv", ROWS["CS1"])
    publish("two.csv", ROWS["CS2"])
    run(tmp_path, "2018-03-01")
    publish("one.csv", ROWS["CS1"].replace(",4,7,", ",9,12,"))
    (tmp_path / "two.csv").write_text("<html>not found</html>\n")
    assert told(run(tmp_path, "2018-03-02")) == set()
    publish("two.csv", ROWS["CS2"].replace(",20,20,", ",11,11,"))
    assert told(run(tmp_path, "2018-03-03")) == {
        ("revised_up", "airwars:CS1"),
        ("revised_down", "airwars:CS2"),
    }


def test_failed_night_wakes_nobody_twice(tmp_path: Path) -> None:
    """A finding that was known before a night in which its file failed is no new one behind it."""
    publish(tmp_path, ROWS | {"CS2": ROWS["CS2"].replace("36.597", "9.9")})
    found = (tmp_path / "a.csv").read_text()
    words = ("run", tmp_path / "job.yaml", "--quiet", "--fail-on", "new:S1", "--as-of")
    ends = []
    for day, content in enumerate(
        (found, "<html>not found</html>\n", "<html>not found</html>\n", found), start=1
    ):
        (tmp_path / "a.csv").write_text(content)
        ends.append(command(*words, f"2018-03-{day:02d}").code)
    assert ends == [3, 1, 1, 0]
    last = next((tmp_path / "reports" / "t").glob("2018-03-04-*"))
    findings = pd.read_parquet(last / "tables" / "discrepancies.parquet")
    assert set(findings["first_seen"].dt.date) == {date(2018, 3, 1)}


def test_lost_column_is_no_change(tmp_path: Path) -> None:
    """While a column that is read stands under another name nothing is told of it; then what changed meanwhile is."""
    publish(tmp_path)
    run(tmp_path, "2018-03-01")
    whole = (tmp_path / "a.csv").read_text()
    (tmp_path / "a.csv").write_text(whole.replace("civ_killed_max", "civilians_killed_max"))
    for day in ("2018-03-02", "2018-03-03"):
        report = run(tmp_path, day)
        assert told(report) == set()
        assert "civ_killed_max" in json.loads((report / "run.json").read_text())["not_compared"]["airwars"]
    (tmp_path / "a.csv").write_text(whole.replace(",4,7,", ",9,12,"))
    assert told(run(tmp_path, "2018-03-04")) == {("revised_up", "airwars:CS1")}
    (tmp_path / "a.csv").write_text(whole.replace(",n_sources", ",sources"))
    assert told(run(tmp_path, "2018-03-05")) == {("revised_down", "airwars:CS1")}


class _Run:
    """A run as `carried` looks at it."""

    def __init__(self, day: str, *inputs: tuple[str, str, str]) -> None:
        self.as_of = date.fromisoformat(day)
        self.summary = {
            "as_of": day,
            "inputs": [
                {
                    "monitor": monitor,
                    "file": f"{monitor}.csv",
                    "layout": "one",
                    "sha256": sha,
                    "health": health,
                }
                for monitor, sha, health in inputs
            ],
        }
        read = [(monitor, sha) for monitor, sha, health in inputs if health != "failed"]
        self.claims = pd.DataFrame(
            {"claim_id": [f"{one}:{sha}" for one, sha in read], "file_sha256": [sha for _, sha in read]}
        )
        self.figures = pd.DataFrame({"claim_id": self.claims["claim_id"], "low": 1.0})


def test_what_was_not_read_is_carried_over() -> None:
    """Of each monitor the last reading stands, with its files; of a monitor in two files, both or none."""
    runs = [
        _Run("2018-03-03", ("a", "a3", "ok"), ("b", "b3", "ok"), ("b", "", "failed")),
        _Run("2018-03-02", ("a", "a2", "ok"), ("b", "", "failed"), ("c", "c2", "ok")),
        _Run("2018-03-01", ("a", "a1", "ok"), ("b", "b1", "ok"), ("c", "c1", "ok")),
    ]
    (claims, figures), summary = carried(
        (runs[0].claims, runs[0].figures), runs[0].summary, runs[1:], lambda one: (one.claims, one.figures)
    )
    assert sorted(claims["claim_id"]) == ["a:a3", "b:b1", "c:c2"] == sorted(figures["claim_id"])
    assert summary["carried"] == {"b": "2018-03-01", "c": "2018-03-02"}
    assert {(one["monitor"], one["health"]) for one in summary["inputs"]} == {
        ("a", "ok"),
        ("b", "ok"),
        ("c", "ok"),
    }
