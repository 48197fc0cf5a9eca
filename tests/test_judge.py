"""Decisions taken back from workbooks: whatever became of the workbook on the way, and whoever disagrees with whom."""

from __future__ import annotations

import io
import itertools
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget
from test_cli import DEMO, command

from reconcile.decisions import contradictions
from reconcile.errors import Locked, OutputFault, UsageFault
from reconcile.judging import judge
from reconcile.judging.agreement import agreement, cohen_kappa, krippendorff_alpha
from reconcile.judging.books import read_book
from reconcile.judging.merging import merge_decisions
from reconcile.judging.proposals import Proposal, told_twice
from reconcile.rulefiles import load_corrections, load_finding_decisions, load_judgements, with_records
from reconcile.ruleset import Judgement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from reconcile.judging import Judged

DAY = date(2017, 12, 5)
PAIRS, FINDINGS, CORRECTIONS = "Possible matches", "Discrepancies", "Corrections"
# The workbook that most tests decide in: the sheets that ask, and of the pairs the first so many.
SMALL, ROWS = "small.xlsx", 12
WITHOUT_OFFICE = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not there to save the file"
)


@dataclass(frozen=True)
class Job:
    """A job that was run once.

    Attributes:
        folder: of the job file.
        report: of the run.
    """

    folder: Path
    report: Path

    @property
    def workbook(self) -> Path:
        """The report's workbook."""
        return self.report / "discrepancies.xlsx"

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """What the job's file holds now."""
        return load_judgements(self.folder / "judgements.yaml")

    def judge(self, *books: Path, **more: Any) -> Judged:
        """Take decisions into the job."""
        return judge(books, more.pop("day", DAY), job=self.folder / "job.yaml", **more)

    def run(self, day: str, *words: str) -> tuple[int, Path]:
        """Run the job again; return how it ended, and its latest report."""
        said = command("run", self.folder / "job.yaml", "--as-of", day, "--quiet", *words)
        return said.code, latest(self.folder)


def latest(folder: Path) -> Path:
    """The report of the latest day."""
    return max(path.parent for path in folder.glob("reports/*/*/run.json"))


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few days of the demo's job, run once; beside it a workbook of what is decided on, and little of that."""
    folder = tmp_path_factory.mktemp("judge") / "job"
    shutil.copytree(DEMO, folder)
    text = (folder / "job.yaml").read_text(encoding="utf-8")
    few, count = re.subn(r"from: [\d-]+, to: [\d-]+", "from: 2017-06-09, to: 2017-06-13", text)
    assert count == 1
    (folder / "job.yaml").write_text(few, encoding="utf-8")
    said = command("run", folder / "job.yaml", "--as-of", "2017-12-01", "--quiet")
    assert said.code == 0, said.err
    book = openpyxl.load_workbook(latest(folder) / "discrepancies.xlsx")
    for title in set(book.sheetnames) - {PAIRS, FINDINGS, CORRECTIONS, "Reconcile"}:
        del book[title]
    book[PAIRS].delete_rows(ROWS + 2, book[PAIRS].max_row)
    book.save(folder / SMALL)
    return folder


@pytest.fixture
def job(done: Path, tmp_path: Path) -> Job:
    """The same in a folder of the test's own."""
    shutil.copytree(done, tmp_path / "job")
    return Job(tmp_path / "job", latest(tmp_path / "job"))


def headers(sheet: Worksheet) -> dict[str, int]:
    """The number of each column by its header."""
    return {cell.value: cell.column for cell in sheet[1]}


def fill(sheet: Worksheet, row: int, **cells: Any) -> None:
    """Write into a row, by header, spaces in headers as underscores."""
    columns = headers(sheet)
    for name, value in cells.items():
        sheet.cell(row, columns[name.replace("_", " ")]).value = value


def decided(
    job: Job,
    name: str = "a.xlsx",
    pairs: Sequence[str] = (),
    findings: Sequence[str] = (),
    reviewer: str = "A. Analyst",
    then: Callable[[openpyxl.Workbook], None] = lambda _: None,
    source: Path | None = None,
) -> Path:
    """Write a copy of the workbook in which the first pairs and findings are decided."""
    book = openpyxl.load_workbook(source or job.folder / SMALL)
    for title, choices in ((PAIRS, pairs), (FINDINGS, findings)):
        for row, choice in enumerate(choices, start=2):
            if choice:
                fill(book[title], row, Decision=choice, Reviewer=reviewer, Note=f"why {row}")
    then(book)
    path = job.folder.parent / name
    book.save(path)
    return path


def ids_of(job: Job, title: str, header: str, count: int) -> list[str]:
    """What stands in the first cells of a column."""
    sheet = openpyxl.load_workbook(job.folder / SMALL)[title]
    return [sheet.cell(row, headers(sheet)[header]).value for row in range(2, 2 + count)]


def kept(job: Job) -> list[tuple[str, str, str, str]]:
    """The judgements of a job in short."""
    return [(one.left, one.right, one.decision, one.reviewer) for one in job.judgements]


ALL = ("same", "different", "part of", "unsure")


# ---- taken ---------------------------------------------------------------------------------------------------------


def test_decisions_are_kept_with_who_when_and_why(job: Job) -> None:
    """Each decision is one record: the claims, what was decided, by whom, when, why, and on which run."""
    found = job.judge(decided(job, pairs=ALL, findings=("accept", "explain"), source=job.workbook))
    assert (found.exit_code, found.refusals) == (0, ())
    assert {path.name: count for path, count in found.taken.items()} == {
        "judgements.yaml": 4,
        "findings.yaml": 2,
    }
    lefts, rights = (ids_of(job, PAIRS, header, 4) for header in ("Claim A", "Claim B"))
    codes = ("same", "different", "part_of", "unsure")
    assert kept(job) == [(*row, "A. Analyst") for row in zip(lefts, rights, codes, strict=True)]
    (first, *_) = job.judgements
    assert (first.decided_on, first.note, first.run) == (DAY, "why 2", job.report.name[-8:])
    decisions = load_finding_decisions(job.folder / "findings.yaml")
    assert [one.decision for one in decisions] == ["accepted", "explained"]
    assert [one.finding for one in decisions] == ids_of(job, FINDINGS, "Finding id", 2)
    assert [one.code for one in decisions] == ids_of(job, FINDINGS, "Code", 2)


def test_next_run_obeys_and_says_so(job: Job) -> None:
    """Claims judged the same stand together, those judged different do not, and neither is asked about again."""
    (same, different, *_), asked = (
        list(zip(*(ids_of(job, PAIRS, f"Claim {side}", 2) for side in "AB"), strict=True)),
        2,
    )
    job.judge(decided(job, pairs=ALL[:asked], findings=("accept", "reject")))
    _, report = job.run("2017-12-02")
    tables = {
        name: pd.read_parquet(report / "tables" / f"{name}.parquet")
        for name in ("linked", "decisions", "discrepancies")
    }
    cluster = tables["linked"].set_index("claim_id")["cluster_id"]
    assert cluster[same[0]] == cluster[same[1]]
    assert cluster[different[0]] != cluster[different[1]]
    assert tables["decisions"]["status_code"].tolist() == ["used"] * 4
    assert tables["discrepancies"]["status_code"].value_counts()[["accepted", "rejected"]].tolist() == [1, 1]
    book = openpyxl.load_workbook(report / "discrepancies.xlsx")
    listed = {
        frozenset(row) for row in zip(*(column(book[PAIRS], f"Claim {side}") for side in "AB"), strict=True)
    }
    assert not listed & {frozenset(same), frozenset(different)}
    assert book["Decisions"].max_row == 5
    pair = command("explain", report, *same)
    assert "same, by A. Analyst on 2017-12-05: why 2 (used)" in " ".join(pair.out.split())
    finding = command("explain", report, ids_of(job, FINDINGS, "Finding id", 1)[0])
    assert "accepted, by A. Analyst on 2017-12-05: why 2 (used)" in " ".join(finding.out.split())
    before = [text for text in column(book[FINDINGS], "Decided before") if text]
    assert before == ["accepted, A. Analyst, 2017-12-05: why 2", "rejected, A. Analyst, 2017-12-05: why 3"]


def column(sheet: Worksheet, header: str) -> list[Any]:
    """The cells below a header."""
    return [cell.value for cell in sheet[openpyxl.utils.get_column_letter(headers(sheet)[header])][1:]]


def test_decisions_on_what_changed_are_stale(job: Job) -> None:
    """A judgement whose claim changed is obeyed and flagged, asked about again, and heard of; it is not dropped."""
    lefts, rights = (ids_of(job, PAIRS, f"Claim {side}", ROWS) for side in "AB")
    place = next(n for n, one in enumerate(lefts) if one.startswith("airwars:"))
    left, right, native = lefts[place], rights[place], lefts[place].removeprefix("airwars:")
    job.judge(decided(job, pairs=[""] * place + ["same"]))
    path = job.folder / "airwars_raqqa_june_2017.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    (at,) = [n for n, line in enumerate(lines) if line.startswith(f"{native},")]
    lines[at] = lines[at].replace("U.S.-led Coalition", "Russian Military")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = command("run", job.folder / "job.yaml", "--as-of", "2017-12-02", "--quiet")
    assert f"is obeyed, but its claims have changed since: airwars:{native}" in " ".join(said.err.split())
    report = latest(job.folder)
    (row,) = pd.read_parquet(report / "tables" / "decisions.parquet").to_dict("records")
    assert (row["status_code"], row["decision_code"]) == ("stale", "same")
    cluster = pd.read_parquet(report / "tables" / "linked.parquet").set_index("claim_id")["cluster_id"]
    assert cluster[left] == cluster[right]
    sheet = openpyxl.load_workbook(report / "discrepancies.xlsx")[PAIRS]
    told = dict(
        zip(
            zip(*(column(sheet, f"Claim {side}") for side in "AB"), strict=True),
            column(sheet, "Judged before"),
            strict=True,
        )
    )
    assert told[left, right] == f"same, A. Analyst, 2017-12-05; changed since: why {place + 2}"


def test_fail_on_counts_what_is_not_settled(job: Job) -> None:
    """Once every S1 finding is settled, --fail-on S1 is not reached; one opened again reaches it."""
    count = column(openpyxl.load_workbook(job.folder / SMALL)[FINDINGS], "Severity").count("S1")
    assert count > 0
    assert job.judge(decided(job, findings=["accept"] * count)).exit_code == 0
    code, report = job.run("2017-12-03", "--fail-on", "S1")
    assert code == 0
    again = decided(
        job, "b.xlsx", findings=["reopen"], reviewer="B. Other", source=report / "discrepancies.xlsx"
    )
    assert job.judge(again).withdrawn == 1
    assert job.run("2017-12-04", "--fail-on", "S1")[0] == 3


def test_taken_twice_is_taken_once(job: Job) -> None:
    """The same workbook once more adds nothing, and the files keep their bytes."""
    path = decided(job, pairs=ALL, findings=("accept",))
    job.judge(path)
    before = (job.folder / "judgements.yaml").read_bytes()
    found = job.judge(path, day=date(2018, 1, 1))
    assert (found.exit_code, found.known, dict(found.taken)) == (0, 5, {})
    assert (job.folder / "judgements.yaml").read_bytes() == before


def test_changed_mind_withdraws_and_keeps(job: Job) -> None:
    """A reviewer who decides otherwise takes the earlier decision back; it stays in the file, withdrawn."""
    job.judge(decided(job, pairs=("same",)))
    found = job.judge(decided(job, "b.xlsx", pairs=("different",)))
    assert (found.exit_code, found.withdrawn) == (0, 1)
    assert [(one.decision, one.status) for one in job.judgements] == [
        ("same", "withdrawn"),
        ("different", "active"),
    ]
    code, report = job.run("2017-12-02")
    assert code == 0
    told = pd.read_parquet(report / "tables" / "decisions.parquet")
    assert told["status_code"].tolist() == ["withdrawn", "used"]
    proof = command("verify", report, "--job", job.folder / "job.yaml")
    assert proof.code == 0, proof.out


def test_comments_and_order_of_the_file_stay(job: Job) -> None:
    """What a person wrote into the file stays as it is, her comments too."""
    path = job.folder / "judgements.yaml"
    text = (
        "# Raqqa, decided by hand\n"
        "- left: \"airwars:CS994\"   # the street\n  right: 'ucdp_ged:1'\n  decision: same\n  reviewer: No\n"
        "  decided_on: 2024-05-01\n"
        "- {left: a, right: b, decision: unsure, reviewer: x, decided_on: 2024-05-01}  # later\n"
    )
    path.write_text(text, encoding="utf-8")
    job.judge(decided(job, pairs=("same",)))
    assert path.read_text(encoding="utf-8").startswith(text)
    assert len(job.judgements) == 3


def test_ends_of_lines_stay_those_of_windows(job: Job) -> None:
    """A file that was typed on Windows keeps its ends of lines, old and new."""
    path = job.folder / "judgements.yaml"
    path.write_bytes(b"- {left: a, right: b, decision: unsure, reviewer: x, decided_on: 2024-05-01}\r\n")
    job.judge(decided(job, pairs=("same",)))
    content = path.read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") > 5
    assert len(job.judgements) == 2


@pytest.mark.parametrize("text", ["", "# only this\n", "[]\n", "# first\n[]\n", "# no end of line"])
def test_file_without_records_gets_its_first(tmp_path: Path, text: str) -> None:
    """An empty file, an empty list, comments alone: the first record goes below what stands there."""
    path = tmp_path / "judgements.yaml"
    path.write_text(text, encoding="utf-8")
    one = Judgement(
        left="a:1",
        right="b:1",
        decision="same",
        reviewer="A",
        decided_on=DAY,
        seen="12345678",
        run="1e234567",
    )
    path.write_text(with_records(path, Judgement, [one], []), encoding="utf-8")
    assert load_judgements(path) == (one,)
    assert path.read_text(encoding="utf-8").startswith(text.split("\n", maxsplit=1)[0].replace("[]", ""))


@budget(30)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_whatever_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Any name and any note come back from the file as they are."""
    path = tmp_path_factory.getbasetemp() / "notes.yaml"
    one = Judgement(left="a:1", right="b:1", decision="same", reviewer=text or "A", decided_on=DAY, note=text)
    path.write_text(
        with_records(path.with_name("none.yaml"), Judgement, [one, one], []), encoding="utf-8", newline=""
    )
    assert load_judgements(path) == (one, one)


# ---- whatever became of the workbook -------------------------------------------------------------------------------


def sort_rows(book: openpyxl.Workbook) -> None:
    """Turn the rows of every table round, whole rows, and filter them."""
    for title in (PAIRS, FINDINGS):
        sheet = book[title]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for number, values in enumerate(reversed(rows), start=2):
            for place, value in enumerate(values, start=1):
                sheet.cell(number, place).value = value
        sheet.auto_filter.add_filter_column(0, ["S1"])


def move_columns(book: openpyxl.Workbook) -> None:
    """Put the last columns first, with an empty one between."""
    for title in (PAIRS, FINDINGS):
        sheet = book[title]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        for number, values in enumerate(rows, start=1):
            for place, value in enumerate([*values[-5:], None, *values[:-5]], start=1):
                sheet.cell(number, place).value = value


def delete_rows(book: openpyxl.Workbook) -> None:
    """Take away rows that are not decided, and whole sheets."""
    book[PAIRS].delete_rows(6, 5)
    book[FINDINGS].delete_rows(4, 10)
    for title in ("Summary", "Claims", "Dictionary"):
        del book[title]


def retitle(book: openpyxl.Workbook) -> None:
    """Give sheets other names, put a title above a table, and write headers otherwise."""
    book[PAIRS].title = "To do"
    book["To do"].insert_rows(1, 2)
    book["To do"]["A1"] = "For Monday"
    sheet = book[FINDINGS]
    sheet.cell(1, headers(sheet)["Finding id"]).value = " finding  ID "


def hide_the_run(book: openpyxl.Workbook) -> None:
    """Take away the hidden sheet; the properties of the document tell the same."""
    del book["Reconcile"]


def lose_the_properties(book: openpyxl.Workbook) -> None:
    """Take away the properties; the hidden sheet tells the same."""
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]


@pytest.mark.parametrize(
    "change",
    [sort_rows, move_columns, delete_rows, retitle, hide_the_run, lose_the_properties],
    ids=lambda change: change.__name__,
)
def test_workbook_that_was_worked_on_still_goes_in(
    job: Job, change: Callable[[openpyxl.Workbook], None]
) -> None:
    """Sorted, filtered, with columns moved, rows and sheets deleted, renamed: the same decisions come out."""
    job.judge(decided(job, pairs=ALL, findings=("accept", "explain")))
    plain, of_findings = sorted(kept(job)), len(load_finding_decisions(job.folder / "findings.yaml"))
    for name in ("judgements.yaml", "findings.yaml"):
        (job.folder / name).unlink()
    found = job.judge(
        decided(job, pairs=ALL, findings=("accept", "explain"), then=change, source=job.workbook)
    )
    assert (found.exit_code, found.refusals) == (0, ())
    assert sorted(kept(job)) == plain
    assert len(load_finding_decisions(job.folder / "findings.yaml")) == of_findings == 2


@WITHOUT_OFFICE
@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_workbook_that_libreoffice_saved_still_goes_in(job: Job, suffix: str) -> None:
    """Opened and saved by LibreOffice, as XLSX or as its own format, with and without the hidden sheet."""
    for name, then in (("a.xlsx", lambda _: None), ("b.xlsx", hide_the_run)):
        path = decided(job, name, pairs=ALL, findings=("accept",), then=then)
        profile = f"-env:UserInstallation=file://{job.folder.parent.as_posix()}/office"
        subprocess.run(
            ["soffice", profile, "--headless", "--convert-to", suffix, "--outdir", "out", path.name],
            cwd=job.folder.parent, check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        found = job.judge(job.folder.parent / "out" / f"{path.stem}.{suffix}")
        assert (found.exit_code, found.refusals) == (0, ())
        assert sum(found.taken.values()) + found.known == 5
    assert [one[2] for one in kept(job)] == ["same", "different", "part_of", "unsure"]


# ---- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"Claim_A": "airwars:CS1"}, "does not fit airwars:CS1 and"),
        ({"Row_mark": None}, "an id was edited, only some columns were sorted"),
        ({"Reviewer": None}, "no reviewer stands in its row"),
        ({"Decision": "maybe"}, "'maybe' is no decision; pick one of same, different, part of, unsure."),
    ],
    ids=["edited id", "no mark", "no reviewer", "no such decision"],
)
def test_row_that_can_not_be_taken_is_refused_alone(job: Job, cells: dict[str, Any], why: str) -> None:
    """An edited id, a mark that is gone, nobody who decided, a word that is no decision: refused with its place, the others taken."""
    found = job.judge(decided(job, pairs=ALL, then=lambda book: fill(book[PAIRS], 3, **cells)))
    (refusal,) = found.refusals
    assert refusal.where == "a.xlsx, Possible matches, row 3"
    assert why in refusal.why
    assert (found.exit_code, len(job.judgements)) == (1, 3)


def test_table_of_which_only_some_columns_were_sorted_is_refused(job: Job) -> None:
    """Ids that no longer stand beside their marks are noticed, so nothing goes to the wrong claims."""
    rows: list[str] = []
    lefts = ids_of(job, PAIRS, "Claim A", len(ALL))

    def sort_ids(book: openpyxl.Workbook) -> None:
        sheet = book[PAIRS]
        letter = openpyxl.utils.get_column_letter(headers(sheet)["Claim A"])
        values = sorted((cell.value for cell in sheet[letter][1:]), reverse=True)
        rows.extend(values[: len(ALL)])
        for row, value in enumerate(values, start=2):
            sheet[f"{letter}{row}"] = value

    found = job.judge(decided(job, pairs=ALL, then=sort_ids))
    moved = [one != other for one, other in zip(lefts, rows, strict=True)]
    assert sum(moved) > 1
    assert len(found.refusals) == sum(moved)
    assert {one.left for one in job.judgements} <= set(lefts)


def test_who_decided_may_be_given_for_all(job: Job) -> None:
    """With --reviewer a row without a name is taken; one with a name keeps it."""
    clear = decided(job, pairs=("same", "same"), then=lambda book: fill(book[PAIRS], 2, Reviewer=None))
    assert job.judge(clear, reviewer="B. Other").exit_code == 0
    assert [one[3] for one in kept(job)] == ["B. Other", "A. Analyst"]


@pytest.mark.parametrize("choice", ["explain", "reject"])
def test_what_needs_a_reason_is_refused_without(job: Job, choice: str) -> None:
    """To explain or reject a finding says nothing without a note."""
    found = job.judge(decided(job, findings=(choice,), then=lambda book: fill(book[FINDINGS], 2, Note=None)))
    assert found.exit_code == 2
    assert "says nothing without a note" in found.refusals[0].why


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.write_bytes(b"no zip"), "a.xlsx"),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), "a.xlsx: is a workbook"),
        (lambda path: path.unlink(), "there is no such file"),
        (lambda path: (path.unlink(), path.mkdir()), "is a folder"),
        (lambda path: openpyxl.Workbook().save(path), "does not say of which run it is"),
    ],
    ids=["no workbook", "cut short", "absent", "a folder", "of something else"],
)
def test_file_that_is_no_workbook_of_a_run_is_refused_whole(
    job: Job, make: Callable[[Path], Any], why: str
) -> None:
    """A broken file, none at all, a workbook of something else: exit code 2, a sentence, and nothing is written."""
    path = decided(job, pairs=("same",))
    make(path)
    said = command("judge", path, "--job", job.folder / "job.yaml")
    assert said.code == 2
    assert why in said.err
    assert "Traceback" not in said.err
    assert not (job.folder / "judgements.yaml").exists()


def test_workbook_of_another_job_is_refused(job: Job) -> None:
    """A job takes its own workbooks only."""
    (job.folder / "job.yaml").write_text((job.folder / "job.yaml").read_text().replace("raqqa-2017", "other"))
    with pytest.raises(UsageFault, match=r"workbook of the job 'raqqa-2017', and .* is 'other'"):
        job.judge(decided(job, pairs=("same",)))


def test_row_of_another_run_is_refused(job: Job) -> None:
    """A row copied out of the workbook of another run does not fit this one."""
    _, report = job.run("2017-12-02")
    other = openpyxl.load_workbook(report / "discrepancies.xlsx")[PAIRS]
    values = [cell.value for cell in other[4]]

    def paste(book: openpyxl.Workbook) -> None:
        for place, value in enumerate(values, start=1):
            book[PAIRS].cell(4, place).value = value
        fill(book[PAIRS], 4, Decision="same", Reviewer="A. Analyst")

    found = job.judge(decided(job, pairs=("same",), then=paste))
    assert [one.where for one in found.refusals] == ["a.xlsx, Possible matches, row 4"]
    assert "the row is of another workbook" in found.refusals[0].why


def test_workbook_without_a_decision(job: Job) -> None:
    """A workbook nobody decided in is no fault, and takes nothing: exit code 2; half a decision is spoken of."""
    path = decided(job, then=lambda book: fill(book[PAIRS], 2, Note="look at this"))
    said = command("judge", path, "--job", job.folder / "job.yaml")
    assert said.code == 2
    assert "1 rows were written in and have no decision" in said.err
    assert "there is no decision in these workbooks" in said.err


def test_column_that_is_gone_is_told(job: Job) -> None:
    """Where the marks are gone nothing is taken from the sheet, and it is said why."""

    def drop(book: openpyxl.Workbook) -> None:
        sheet = book[PAIRS]
        sheet.delete_cols(headers(sheet)["Row mark"])

    found = job.judge(decided(job, pairs=("same",), findings=("accept",), then=drop))
    assert any("the column Row mark is gone" in remark for remark in found.remarks)
    assert found.exit_code == 0
    assert job.judgements == ()


def test_hostile_notes_are_text(job: Job) -> None:
    """Formulas, control characters, 40,000 characters and halves of characters harm neither file nor terminal."""
    notes = ["=1+1", "\x1b[31mred".replace("\x1b", "_x001B_"), "x" * 30_000, "رقة — “so”: #yes"]

    def write(book: openpyxl.Workbook) -> None:
        for row, note in enumerate(notes, start=2):
            fill(book[PAIRS], row, Note=note)

    found = job.judge(decided(job, pairs=ALL, then=write))
    assert found.exit_code == 0
    read = [one.note for one in job.judgements]
    assert "\x1b" not in "".join(read)
    assert len(read[2]) == 4_000
    assert read[3] == notes[3]


def test_lock_of_a_run_is_respected(job: Job) -> None:
    """While a run holds the job's lock nothing is taken: exit code 4."""
    path = decided(job, pairs=("same",))
    with FileLock(job.folder / ".reconcile" / "lock"):
        with pytest.raises(Locked):
            job.judge(path)
        assert command("judge", path, "--job", job.folder / "job.yaml").code == 4
    assert not (job.folder / "judgements.yaml").exists()


def test_files_are_written_all_or_none(job: Job) -> None:
    """Where one file can't be written none is, and no draft is left."""
    path = decided(job, pairs=("same",), findings=("accept",))
    (job.folder / "judgements.yaml").write_text("# mine\n")
    (job.folder / ".findings.yaml.part").mkdir()
    with pytest.raises(OutputFault):
        job.judge(path)
    assert (job.folder / "judgements.yaml").read_text() == "# mine\n"
    (job.folder / ".findings.yaml.part").rmdir()
    assert sorted(path.name for path in job.folder.glob(".*.part")) == []


def test_open_workbook_is_told(job: Job) -> None:
    """A workbook that another program has open is read as it was saved, and that is said."""
    path = decided(job, pairs=("same",))
    path.with_name(f".~lock.{path.name}#").write_text("")
    assert any("is open in another program" in remark for remark in job.judge(path).remarks)


# ---- where decisions go --------------------------------------------------------------------------------------------


def test_job_is_found_above_the_workbook(job: Job) -> None:
    """Without --job the job file above the workbook is taken, by its id; a stranger beside it is not."""
    (job.folder / "another.yaml").write_text("id: raqqa-2017-b\ninputs:\n- {files: [a.csv]}\n")
    book = decided(job, pairs=("same",))
    target = job.folder / "reports" / "edited.xlsx"
    shutil.move(book, target)
    judge([target], DAY)
    assert len(job.judgements) == 1


def test_two_jobs_of_one_id_are_asked_about(job: Job) -> None:
    """Where two job files have the id, which of them is meant is for a person to say."""
    shutil.copy(job.folder / "job.yaml", job.folder / "copy.yaml")
    target = job.folder / "edited.xlsx"
    shutil.move(decided(job, pairs=("same",)), target)
    with pytest.raises(UsageFault, match=r"several job files have the id 'raqqa-2017'"):
        judge([target], DAY)


def test_out_of_reach_they_go_beside_the_workbook(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the job decisions are kept beside the workbook, and that is said."""
    (tmp_path / "mail").mkdir()
    path = Path(
        shutil.move(decided(job, pairs=("same",), findings=("accept",)), tmp_path / "mail" / "a.xlsx")
    )
    monkeypatch.chdir(tmp_path / "mail")
    said = command("judge", path)
    assert said.code == 0
    assert "the job 'raqqa-2017' is out of reach" in said.err
    assert {one.name for one in path.parent.iterdir()} == {"a.xlsx", "a.judgements.yaml", "a.findings.yaml"}
    assert len(load_judgements(path.parent / "a.judgements.yaml")) == 1


def test_nothing_is_put_into_a_report(job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Beside a workbook that lies in its report means beside the report, which stays what it was written as."""
    (job.folder / "job.yaml").unlink()
    monkeypatch.chdir(tmp_path)
    shutil.move(decided(job, pairs=("same",)), job.workbook)
    before = {path.name for path in job.report.iterdir()}
    judge([job.workbook], DAY)
    assert {path.name for path in job.report.iterdir()} == before
    assert (job.report.parent / f"{job.report.name}.judgements.yaml").is_file()


# ---- corrections ---------------------------------------------------------------------------------------------------

PLACE = "Kasrat Sheikh (Juma'a)"
LINE = {
    "Claim": "airwars:CS974",
    "Action": "set",
    "Column": "place_name",
    "Value": "Kasrat Sheikh",
    "Reason": "as the page has it",
}


def corrected(job: Job, *lines: dict[str, Any], name: str = "a.xlsx") -> Path:
    """Write a copy of the workbook in which corrections are asked for."""

    def write(book: openpyxl.Workbook) -> None:
        for row, line in enumerate(lines, start=2):
            fill(book[CORRECTIONS], row, **({"Reviewer": "A. Analyst"} | line))

    return decided(job, name, then=write)


def test_correction_is_taken_with_what_stands_there(job: Job) -> None:
    """A correction that leaves out what it expects gets what the run has there, and the next run applies it."""
    found = job.judge(
        corrected(job, LINE, LINE | {"Column": "killed.civilian.low", "Expected": "5", "Value": "4"})
    )
    assert (found.exit_code, found.refusals) == (0, ())
    first, second = load_corrections(job.folder / "corrections.yaml")
    assert (first.expected, first.value, first.reason, first.status) == (
        PLACE,
        "Kasrat Sheikh",
        LINE["Reason"],
        "active",
    )
    assert (second.column, second.expected, second.value) == ("killed.civilian.low", "5", "4")
    code, report = job.run("2017-12-02")
    assert code == 0
    claims = pd.read_parquet(report / "tables" / "claims.parquet").set_index("claim_id")
    assert claims["place_name"]["airwars:CS974"] == "Kasrat Sheikh"
    assert pd.read_parquet(report / "tables" / "decisions.parquet")["status_code"].tolist() == [
        "used",
        "used",
    ]


def test_correction_that_no_longer_applies_fails_loudly(job: Job) -> None:
    """Once the monitor changes its record the run is degraded, says so, and the Decisions sheet has it first."""
    job.judge(corrected(job, LINE))
    path = job.folder / "airwars_raqqa_june_2017.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(PLACE, "Mansoura"), encoding="utf-8")
    said = command("run", job.folder / "job.yaml", "--as-of", "2017-12-02", "--quiet")
    assert said.code == 1
    assert "The correction of airwars:CS974 (set place_name) by A. Analyst was not applied" in " ".join(
        said.err.split()
    )
    sheet = openpyxl.load_workbook(latest(job.folder) / "discrepancies.xlsx")["Decisions"]
    assert column(sheet, "Status") == ["not applied"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            {"Expected": "Mansoura"},
            "it expects 'Mansoura', and another value stands there now; there stands " + repr(PLACE),
        ),
        ({"Claim": "airwars:none"}, "there is no such claim"),
        ({"Column": "colour"}, "'colour' is not a column that can be corrected"),
        ({"Column": "killed.civilian.low", "Value": "many"}, "'many' is no count"),
        ({"Reason": None}, "no reason stands in its row"),
        ({"Column": None}, "no column stands in its row"),
        ({"Claim": None}, "no claim stands in its row"),
        ({"Action": "alter"}, "'alter' is nothing that a correction does"),
        ({"Action": "withdraw"}, "there is no correction of airwars:CS974 place_name to withdraw"),
    ],
    ids=lambda one: next(iter(one.values()), "") or "none" if isinstance(one, dict) else "",
)
def test_correction_that_can_not_be_is_refused(job: Job, line: dict[str, Any], why: str) -> None:
    """What does not fit the run's claims, or lacks a part, is refused with what stands there."""
    found = job.judge(corrected(job, LINE | line))
    assert found.exit_code == 2
    assert why in found.refusals[0].why
    assert not (job.folder / "corrections.yaml").exists()


def test_correction_is_withdrawn_before_another_takes_its_place(job: Job) -> None:
    """One value has one correction; it is kept when it is withdrawn."""
    job.judge(corrected(job, LINE))
    refused = job.judge(corrected(job, LINE | {"Value": "Kasrat Faraj"}))
    assert "is corrected already, to 'Kasrat Sheikh' by A. Analyst on 2017-12-05" in refused.refusals[0].why
    assert job.judge(corrected(job, LINE)).known == 1
    assert (
        job.judge(corrected(job, LINE | {"Action": "withdraw", "Value": None, "Reason": None})).withdrawn == 1
    )
    assert job.judge(corrected(job, LINE | {"Value": "Kasrat Faraj"})).exit_code == 0
    assert [(one.value, one.status) for one in load_corrections(job.folder / "corrections.yaml")] == [
        ("Kasrat Sheikh", "withdrawn"), ("Kasrat Faraj", "active"),
    ]  # fmt: skip


# ---- two reviewers -------------------------------------------------------------------------------------------------


def test_reviewers_who_disagree_are_settled_by_a_third(job: Job) -> None:
    """Where two disagree neither is taken; a sheet lists what each said, and what is picked there is taken instead."""
    one = decided(job, "one.xlsx", pairs=("same", "same", "unsure"), findings=("accept",))
    two = decided(
        job, "two.xlsx", pairs=("different", "same", "same"), findings=("reject",), reviewer="B. Other"
    )
    found = job.judge(one, two)
    assert found.exit_code == 1
    assert len(found.refusals) == 4
    assert found.agreement[0].startswith(
        "Pairs: 3 decided by more than one of A. Analyst, B. Other; on 1 they agree"
    )
    assert sorted(one[2:] for one in kept(job)) == [
        ("same", "A. Analyst"), ("same", "B. Other"), ("same", "B. Other"), ("unsure", "A. Analyst"),
    ]  # fmt: skip
    path = found.adjudication
    assert path is not None
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Agreement", "Pairs to settle", "Findings to settle", "Reconcile"]
    sheet = book["Pairs to settle"]
    (header,) = [row for row in sheet.iter_rows() if row[0].value == "Claim A"]
    places = {cell.value: cell.column for cell in header}
    row = header[0].row + 1
    assert sheet.cell(row, places["What reviewers decided"]).value == (
        "same, A. Analyst, 2017-12-05: why 2\ndifferent, B. Other, 2017-12-05: why 2"
    )
    assert all("2017-06-" in sheet.cell(row, places[f"What {side} says"]).value for side in "AB")
    sheet.cell(row, places["Decision"]).value = "different"
    sheet.cell(row, places["Reviewer"]).value = "C. Head"
    book.save(path)
    settled = job.judge(path)
    assert (settled.exit_code, settled.refusals) == (0, ())
    assert kept(job)[-1][2:] == ("different", "C. Head")
    assert job.judge(path, one, two).refusals != ()
    assert len([one for one in job.judgements if one.status == "active"]) == 5


def test_settled_takes_the_place_of_what_stood(job: Job) -> None:
    """What a third settles withdraws what the first had decided, so nothing contradicts it."""
    job.judge(decided(job, pairs=("same",)))
    found = job.judge(
        decided(job, "two.xlsx", pairs=("different",), reviewer="B. Other"), output=job.folder / "settle.xlsx"
    )
    assert (found.exit_code, found.adjudication) == (2, job.folder / "settle.xlsx")
    book = openpyxl.load_workbook(job.folder / "settle.xlsx")
    sheet = book["Pairs to settle"]
    (header,) = [row for row in sheet.iter_rows() if row[0].value == "Claim A"]
    for cell in header:
        if cell.value in {"Decision", "Reviewer"}:
            sheet.cell(cell.row + 1, cell.column).value = {"Decision": "different", "Reviewer": "C. Head"}[
                cell.value
            ]
    book.save(job.folder / "settle.xlsx")
    assert job.judge(job.folder / "settle.xlsx").withdrawn == 1
    assert [(one.decision, one.reviewer, one.status) for one in job.judgements] == [
        ("same", "A. Analyst", "withdrawn"), ("different", "C. Head", "active"),
    ]  # fmt: skip


def proposal(
    left: str, right: str, decision: str, reviewer: str = "A", place: int = 0, seen: str = ""
) -> Proposal:
    """A decision on two claims, as a workbook may hold it."""
    record = Judgement(
        left=left, right=right, decision=decision, reviewer=reviewer, decided_on=DAY, seen=seen
    )
    return Proposal("judgement", record, f"row {place}")


def test_contradiction_is_refused_with_the_fewest_that_make_it() -> None:
    """Same, same and different round three claims: the new ones are refused, and what contradicts what is told."""
    stored = [proposal("a", "b", "same").record]
    new = [
        proposal("b", "c", "same", "B", 1),
        proposal("c", "a", "different", "B", 2),
        proposal("d", "e", "same", "B", 3),
    ]
    merged = merge_decisions(stored, new)
    assert [one.left for one in merged.added] == ["d"]
    assert [one.where for one in merged.refusals] == ["row 1", "row 2"]
    assert merged.contradictions == [
        f"a and c are judged different (B, {DAY}), and the same by way of others: a is the same as b (A, {DAY}); b is the same as c (B, {DAY}). Withdraw one of them."
    ]


def test_contradiction_that_stood_before_is_told_and_bars_nothing_else() -> None:
    """Where the job's own judgements contradict each other that is told; new ones are taken, or refused for themselves."""
    stored = [
        proposal(*one).record for one in (("a", "b", "same"), ("b", "c", "same"), ("a", "c", "different"))
    ]
    new = [
        proposal("d", "e", "same", "B", 1),
        proposal("x", "y", "same", "B", 2),
        proposal("x", "y", "different", "B", 3),
    ]
    merged = merge_decisions(stored, told_twice(new)[0])
    assert [one.left for one in merged.added] == ["d"]
    assert [told.partition(" are judged")[0] for told in merged.contradictions] == ["a and c"]


def test_one_reviewer_who_decides_twice_and_differently_is_refused() -> None:
    """The same pair twice in two workbooks of one reviewer: both are refused where they differ."""
    kept, refused = told_twice(
        [
            proposal("a", "b", "same", place=1),
            proposal("b", "a", "different", place=2),
            proposal("a", "c", "same"),
            proposal("a", "c", "same"),
        ]
    )
    assert len(kept) == 1
    assert [one.where for one in refused] == ["row 1", "row 2"]


CODES = st.sampled_from(["same", "different", "part_of", "unsure"])
VOICES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), CODES, st.sampled_from("AB")), max_size=8
)


def proposals_from(drawn: list[tuple[str, str, str, str]]) -> list[Proposal]:
    """Proposals of what was drawn, each reviewer once on each pair."""
    made = [
        proposal(left, right, code, who, n)
        for n, (left, right, code, who) in enumerate(drawn)
        if left != right
    ]
    return told_twice(made)[0]


@budget(60)
@given(VOICES)
def test_merging_taken_once(drawn: list[tuple[str, str, str, str]]) -> None:
    """What was taken is known the second time, and adds and withdraws nothing."""
    first = merge_decisions([], proposals_from(drawn))
    again = merge_decisions(first.added, [Proposal("judgement", one, "again") for one in first.added])
    assert (again.added, again.withdrawn, again.known) == ([], set(), len(first.added))


@budget(60)
@given(VOICES)
def test_merging_no_reviewer_outvotes_another(drawn: list[tuple[str, str, str, str]]) -> None:
    """On no pair two different decisions are taken, but that somebody may be unsure; and the order of rows does not matter."""
    made = proposals_from(drawn)
    merged = merge_decisions([], made)
    by_pair: dict[frozenset[str], set[str]] = {}
    for one in merged.added:
        by_pair.setdefault(frozenset((one.left, one.right)), set()).add(one.decision)
    assert all(len(codes - {"unsure"}) <= 1 for codes in by_pair.values())
    turned = merge_decisions([], made[::-1])
    assert sorted(map(repr, turned.added)) == sorted(map(repr, merged.added))


@budget(60)
@given(VOICES, VOICES)
def test_merging_never_contradicts(
    before: list[tuple[str, str, str, str]], drawn: list[tuple[str, str, str, str]]
) -> None:
    """What stands without a contradiction does so after anything is taken."""
    stored = merge_decisions([], proposals_from(before)).added
    merged = merge_decisions(stored, proposals_from(drawn))
    kept = [one for place, one in enumerate(stored) if place not in merged.withdrawn]
    assert contradictions([*kept, *merged.added]) == []


def test_stale_decision_gives_way_to_anybody() -> None:
    """What was decided on claims that said something else then does not stand against a new decision."""
    stored = [proposal("a", "b", "same", "A", seen="1-1").record]
    merged = merge_decisions(stored, [proposal("a", "b", "different", "B", seen="1-2")])
    assert ([one.decision for one in merged.added], merged.withdrawn, merged.refusals) == (
        ["different"],
        {0},
        [],
    )


# ---- agreement -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "kappa"),
    # Published as "Cohen's kappa", simple example, and "Same percentages but different numbers" (after N. Smeeton, 1985).
    [((20, 5, 10, 15), 0.40), ((45, 15, 25, 15), 0.1304), ((25, 35, 5, 35), 0.2593)],
)
def test_kappa_of_published_tables(table: tuple[int, int, int, int], kappa: float) -> None:
    """Two reviewers, yes and no: the value that is published."""
    cells = [("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")]
    both = list(
        itertools.chain.from_iterable([cell] * count for cell, count in zip(cells, table, strict=True))
    )
    assert cohen_kappa(both) == pytest.approx(kappa, abs=5e-5)


# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): the data of sections A, B and C, "." where none.
BINARY = ("0100000010", "1110010000")
NOMINAL = ("aabbdcccedda", "babbbcccedd" + "d")
MISSING = ("123321412...", "1233224125.3", ".33323422511", "12332441251.")


@pytest.mark.parametrize(
    ("reviewers", "alpha"),
    [
        (BINARY, 0.095),
        (NOMINAL, 0.692),
        (("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 0.743),
    ],
    ids=["A two reviewers, binary", "B two reviewers, nominal", "C four reviewers, nominal, missing"],
)
def test_alpha_of_published_tables(reviewers: tuple[str, ...], alpha: float) -> None:
    """Two reviewers and four, with and without decisions missing: the value that is published."""
    units = [[code for code in unit if code != "."] for unit in zip(*reviewers, strict=True)]
    assert krippendorff_alpha(units) == pytest.approx(alpha, abs=5e-4)


def test_agreement_that_has_no_value() -> None:
    """Where every decision is the same there is nothing that chance could be told from."""
    assert cohen_kappa([("same", "same")] * 3) is None
    assert krippendorff_alpha([["same", "same"]] * 3) is None
    assert agreement({("a", "b"): {"A": "same"}}) is None


@budget(40)
@given(st.lists(st.tuples(CODES, CODES), min_size=2, max_size=30))
def test_agreement_of_two(both: list[tuple[str, str]]) -> None:
    """Neither is above 1, which full agreement alone reaches; and both tend to the same as units grow."""
    kappa, alpha = cohen_kappa(both), krippendorff_alpha(both)
    is_same = all(one == other for one, other in both)
    for value in (kappa, alpha):
        assert value is None or (value <= 1 and (value == pytest.approx(1)) == is_same)
    many = krippendorff_alpha(both * 200)
    scott = _scott(both)
    assert (many is None) == (scott is None)
    assert many is None or many == pytest.approx(scott, abs=0.02)


def _scott(both: list[tuple[str, str]]) -> float | None:
    """Scott's pi, which alpha of two reviewers tends to."""
    names = list(itertools.chain.from_iterable(both))
    expected = sum((names.count(code) / len(names)) ** 2 for code in set(names))
    observed = sum(one == other for one, other in both) / len(both)
    return None if expected == 1 else (observed - expected) / (1 - expected)


# ---- the workbook itself -------------------------------------------------------------------------------------------


def test_workbook_says_of_which_run_it_is(job: Job) -> None:
    """Job, run and day stand in a hidden sheet and in the properties, and both tell the same."""
    book = openpyxl.load_workbook(job.workbook)
    assert book["Reconcile"].sheet_state == "hidden"
    found = read_book(job.workbook)
    assert (found.workbook, found.job, found.as_of) == ("report", "raqqa-2017", "2017-12-01")
    assert found.run.startswith(job.report.name[-8:])
    told = {one.name: one.value for one in book.custom_doc_props}
    assert told == {
        "reconcile.workbook": "report", "reconcile.job": found.job, "reconcile.run": found.run, "reconcile.as_of": found.as_of,
    }  # fmt: skip


def test_workbook_offers_what_may_be_decided(job: Job) -> None:
    """Pairs, findings and corrections have a list to pick from in each of their rows."""
    book = openpyxl.load_workbook(job.workbook)
    offered = {
        title: [one.formula1 for one in book[title].data_validations.dataValidation]
        for title in (PAIRS, FINDINGS, CORRECTIONS)
    }
    assert offered == {
        PAIRS: ['"same,different,part of,unsure"'],
        FINDINGS: ['"accept,explain,reject,reopen"'],
        CORRECTIONS: ['"set,drop,withdraw"'],
    }


def test_most_informative_pairs_come_first(job: Job) -> None:
    """A pair near even odds about many people stands before one near certainty about few."""
    sheet = openpyxl.load_workbook(job.workbook)[PAIRS]
    odds = [float(one) for one in column(sheet, "Probability, rivals set against it")]
    worth = pd.Series([4 * p * (1 - p) for p in odds])
    half = len(worth) // 2
    assert worth[:half].mean() > worth[half:].mean()


def test_zip_with_entities_is_refused(job: Job) -> None:
    """Properties that define entities tell nothing, and harm nothing."""
    path = decided(job, pairs=("same",), then=hide_the_run)
    content = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(content, "w") as target:
        for member in source.infolist():
            body = source.read(member)
            if member.filename == "docProps/custom.xml":
                body = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x name="reconcile.job">&a;</x>'
            target.writestr(member, body)
    path.write_bytes(content.getvalue())
    with pytest.raises(UsageFault, match="does not say of which run it is"):
        read_book(path)
