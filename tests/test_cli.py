"""The command line as a person or a batch job meets it: what is typed, what is said, and the exit code."""

import contextlib
import functools
import io
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
from conftest import ROOT

from reconcile import __version__, cli, discrepancies, pipeline, processes, report, workbook
from reconcile.rulefiles import load_rules

DEMO = ROOT / "fixtures" / "demo"
AS_OF = ("--as-of", "2017-07-01")
HEADER = (
    "code,incident_date,location_en,region_en,belligerents,civilian_harm_status,"
    "latitude,longitude,civ_killed_min,civ_killed_max,url"
)
UCDP_HEADER = (
    "id,type_of_violence,dyad_name,date_start,date_end,deaths_civilians,best,low,high,latitude,longitude"
)

# The shipped rules are the same for every test, and reading them takes most of a small run.
rules_of = functools.lru_cache(maxsize=None)(load_rules)


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


def command(*words) -> Said:
    """Carry out `reconcile WORDS` in this process, through its own entry point."""
    out, err = io.StringIO(), io.StringIO()
    typed = ["reconcile", *map(str, words)]
    code = 0
    with (
        patch.object(sys, "argv", typed),
        patch.object(cli, "load_rules", rules_of),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
    return Said(code, out.getvalue(), err.getvalue())


def in_a_shell(*words, **environment) -> subprocess.CompletedProcess:
    """Carry out `reconcile WORDS` in a process of its own, as a shell would."""
    return subprocess.run(
        [sys.executable, "-m", "reconcile.cli", *map(str, words)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | environment,
    )


def airwars_line(number, tag="X", **cells) -> str:
    """Return one line under HEADER; cells by column name replace the plain ones, `tag` starts its id."""
    plain = {
        "code": f"{tag}{number}",
        "incident_date": f"2017-06-{number:02d}",
        "location_en": f"Tell Example {number}",
        "region_en": "Raqqa",
        "belligerents": "U.S.-led Coalition",
        "civilian_harm_status": "Fair",
        "latitude": "35.95",
        "longitude": "39.01",
        "civ_killed_min": str(number),
        "civ_killed_max": str(number + 1),
        "url": "",
    }
    return ",".join((plain | cells).values())


def airwars_export(path, rows=24, tag="X", header=HEADER, **changed) -> Path:
    """Write an export of `rows` plain rows; `row5="..."` puts another line in place of the fifth."""
    lines = [changed.get(f"row{number}", airwars_line(number, tag)) for number in range(1, rows + 1)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8", newline="")
    return path


def misplaced_job(folder) -> Path:
    """Write a job with one S1 finding, a place far outside its country; return its path."""
    airwars_export(folder / "a.csv", rows=2, row1=airwars_line(1, longitude="9.9"))
    job = folder / "job.yaml"
    job.write_text("id: t\ninputs:\n- {monitor: airwars, files: [a.csv]}\n")
    return job


def summary_of(folder) -> dict:
    """Return the only run.json below a folder of reports."""
    (path,) = folder.glob("*/*/run.json")
    return json.loads(path.read_text(encoding="utf-8"))


def table_of(folder, name) -> pd.DataFrame:
    """Return one table of the only run below a folder of reports."""
    (path,) = folder.glob(f"*/*/tables/{name}.parquet")
    return pd.read_parquet(path)


@pytest.fixture(scope="module")
def demo_run(tmp_path_factory):
    """The demo, carried out once: what it said and where its reports are."""
    folder = tmp_path_factory.mktemp("demo")
    return command("demo", "--out", folder, *AS_OF), folder


class TestDemo:
    """The shipped example."""

    def test_exit_code_is_zero(self, demo_run):
        """The demo's files are whole, so nothing is degraded."""
        said, _ = demo_run
        assert (said.code, said.err.count("warning")) == (0, 0), said.err

    def test_conservation_is_printed(self, demo_run):
        """The sum of rows stands on the first line, and it adds up."""
        said, folder = demo_run
        totals = summary_of(folder)["totals"]
        fates = ("claimed", "quarantined", "corrected_away", "out_of_scope", "not_data")
        assert totals["rows_read"] == sum(totals[f"rows_{fate}"] for fate in fates) > 0
        parts = " + ".join(f"{totals[f'rows_{fate}']:,} {fate.replace('_', ' ')}" for fate in fates)
        assert said.out.splitlines()[0] == f"{totals['rows_read']:,} rows read = {parts}"

    def test_workbook_is_named_and_there(self, demo_run):
        """The last line names a workbook that exists."""
        said, _ = demo_run
        name = said.out.strip().splitlines()[-1].removeprefix("Workbook: ")
        assert Path(name).is_file()

    def test_shipped_folder_stays_as_it_is(self, demo_run):
        """The demo leaves no lock, key or report beside its shipped files."""
        assert not (DEMO / ".reconcile").exists()
        assert not (DEMO / "reports").exists()
        assert (demo_run[1] / "raqqa-2017" / ".reconcile" / "key").is_file()

    def test_four_rungs_against_the_total(self, demo_run):
        """The rungs of the starting case stand in the bridge with their lows and highs."""
        bridge = table_of(demo_run[1], "bridge")
        sums = set(zip(bridge["low"], bridge["high"], strict=True))
        assert {(54, 59), (205, 228), (269, 337), (205, 230)} <= sums


class TestRunFiles:
    """`reconcile run FILES...`: the header says whose export it is."""

    def test_monitor_is_recognised(self, tmp_path):
        """Files of two monitors are told apart by their headers."""
        ucdp = tmp_path / "events.csv"
        ucdp.write_text(f"{UCDP_HEADER}\n1,1,A - B,2017-06-01,2017-06-01,2,2,2,2,35.9,39\n")
        said = command("run", airwars_export(tmp_path / "a.csv"), ucdp, "--out", tmp_path / "reports", *AS_OF)
        assert said.code == 0, said.err
        found = {one["file"]: one["monitor"] for one in summary_of(tmp_path / "reports")["inputs"]}
        assert found == {"a.csv": "airwars", "events.csv": "ucdp_ged"}

    def test_folder_stands_for_its_files(self, tmp_path):
        """A folder is read as the readable files in it, and nothing else in it is."""
        airwars_export(tmp_path / "in" / "a.csv")
        (tmp_path / "in" / "readme.md").write_text("Not an export.")
        assert command("run", tmp_path / "in", "--out", tmp_path / "reports", *AS_OF).code == 0
        assert [one["file"] for one in summary_of(tmp_path / "reports")["inputs"]] == ["a.csv"]

    def test_unknown_header_lists_near_misses(self, tmp_path):
        """A header with one required column misspelt is answered with the layout it nearly is."""
        export = airwars_export(tmp_path / "a.csv", header=HEADER.replace("incident_date", "incident_day"))
        said = command("run", export, "--out", tmp_path / "reports", *AS_OF)
        assert said.code == 2
        assert "a.csv: has a header that no known layout has" in said.err
        assert "Nearest: airwars (incident_pages) lacks incident_date" in said.err
        assert not list((tmp_path / "reports").glob("*/*/run.json"))

    def test_ambiguous_header_names_both(self, tmp_path):
        """A header that two layouts have is refused by naming both, and nothing is guessed."""
        only_ucdp, only_airwars = UCDP_HEADER.split(","), HEADER.split(",")
        both = [*only_airwars, *(name for name in only_ucdp if name not in only_airwars)]
        export = tmp_path / "both.csv"
        export.write_text(",".join(both) + "\n" + ",".join("1" for _ in both) + "\n")
        said = command("run", export, "--out", tmp_path / "reports", *AS_OF)
        assert said.code == 2
        assert "both.csv: could be an export of more than one monitor" in said.err
        assert "airwars (incident_pages)" in said.err
        assert "ucdp_ged (ged_csv)" in said.err

    def test_same_file_twice_is_no_crash(self, tmp_path):
        """A file given twice is read once or refused by name; it is no fault of the program."""
        export = airwars_export(tmp_path / "a.csv")
        said = command("run", export, export, "--out", tmp_path / "reports", *AS_OF)
        assert "fault of the program" not in said.err
        assert said.code == 0 or "a.csv" in said.err

    def test_same_names_in_like_named_folders(self, tmp_path):
        """Two files that share name and folder name stay two files."""
        first = airwars_export(tmp_path / "one" / "june" / "a.csv", rows=3)
        second = airwars_export(tmp_path / "two" / "june" / "a.csv", rows=2, tag="Y")
        said = command("run", first, second, "--out", tmp_path / "reports", *AS_OF)
        assert said.code == 0, said.err
        read = [(one["rows_read"], one["claims"]) for one in summary_of(tmp_path / "reports")["inputs"]]
        assert read == [(3, 3), (2, 2)]

    def test_workers_read_the_same(self, tmp_path):
        """Reading files at the same time changes no count and no order."""
        files = [airwars_export(tmp_path / f"{letter}.csv", rows=2, tag=letter) for letter in "abc"]
        said = command("run", *files, "--workers", 3, "--out", tmp_path / "reports", *AS_OF)
        assert said.code == 0, said.err
        read = [(one["file"], one["rows_read"]) for one in summary_of(tmp_path / "reports")["inputs"]]
        assert read == [("a.csv", 2), ("b.csv", 2), ("c.csv", 2)]

    def test_workers_leave_the_warnings_alone(self, tmp_path, monkeypatch):
        """Two files read at the same time leave warnings as they were; else any of them would end the run."""
        turns, read_csv = itertools.count(1), pd.read_csv

        def slow(*args, **kwargs):
            time.sleep(0.1 * next(turns))
            return read_csv(*args, **kwargs)

        monkeypatch.setattr(pd, "read_csv", slow)
        files = [airwars_export(tmp_path / f"{letter}.csv", rows=2, tag=letter) for letter in "ab"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            before = list(warnings.filters)
            assert command("run", *files, "--workers", 2, "--out", tmp_path / "reports", *AS_OF).code == 0
            assert list(warnings.filters) == before

    @pytest.mark.parametrize("method", ["fork", "spawn"])
    def test_workers_write_the_same(self, tmp_path, monkeypatch, method):
        """However many processes work, and however they begin, the report is the same, byte for byte."""
        if method == "fork" and sys.platform != "linux":
            pytest.skip("no harmless fork on this system")
        for module in (pipeline, discrepancies, report):
            few = next(name for name in vars(module) if name.startswith("FEW_"))
            monkeypatch.setattr(module, few, 0)
        monkeypatch.setattr(workbook, "_CELLS_APART", 1)
        monkeypatch.setattr(processes, "METHOD", method)
        asked = []
        for module in (pipeline, discrepancies, report, workbook):
            monkeypatch.setattr(module, "in_processes", _told_of(module.in_processes, asked))
        job = DEMO / "job.yaml"
        reports = []
        for workers in (1, 2):
            out, state = tmp_path / str(workers), tmp_path / f"state{workers}"
            said = command("run", job, "--workers", workers, "--out", out, "--state", state, *AS_OF)
            assert said.code == 0, said.err
            reports.append(
                {
                    path.relative_to(out): path.read_bytes()
                    for path in out.rglob("*.*")
                    if path.name != "timings.json" and path.is_file()
                }
            )
        assert reports[0] == reports[1]
        assert len(reports[0]) > 20
        assert {name for name, workers, parts in asked if workers == 2 and parts > 1} == {
            "_normalized_and_packed",
            "_found",
            "_laid_out",
            "_write_apart",
            "put_styles",
        }

    @pytest.mark.parametrize(
        ("bug", "is_memory"),
        [
            (MemoryError(), True),
            (SystemError("<function f> returned NULL without setting an exception"), True),
            (OSError("malloc: can't allocate memory for 64 bytes"), True),
            (KeyError("allocated"), False),
        ],
    )
    def test_lack_of_memory_is_told_as_such(self, tmp_path, monkeypatch, bug, is_memory):
        """Whatever a library or the interpreter makes of a lack of memory, a person reads that it was that; and nothing else is."""

        def fails(*_):
            raise bug

        monkeypatch.setattr(cli, "run", fails)
        said = command("run", airwars_export(tmp_path / "a.csv"), "--out", tmp_path / "reports", *AS_OF)
        assert said.code == 2
        assert ("the memory that this process may use is not enough" in said.err) == is_memory

    def test_job_among_files_is_bad_usage(self, tmp_path):
        """A job file and an export together are refused; the job is not read as an export."""
        job = tmp_path / "job.yaml"
        job.write_text("id: t\ninputs: [{monitor: airwars, files: [a.csv]}]\n")
        said = command("run", job, airwars_export(tmp_path / "a.csv"), "--out", tmp_path / "reports", *AS_OF)
        assert said.code == 2
        assert "job.yaml" in said.err


def _told_of(in_processes, asked):
    """Return what works in processes, and notes what it was asked for."""

    def noted(work, parts, workers, *more):
        asked.append((work.__name__, workers, len(parts)))
        return in_processes(work, parts, workers, *more)

    return noted


BAD_USAGE = [
    (("run",), "Missing argument"),
    (("run", "nowhere.yaml"), "nowhere.yaml: there is no such file"),
    (("run", "nowhere.csv"), "nowhere.csv: no such file"),
    (("run", "a.csv", "--as-of", "18.6.2017"), "'18.6.2017' is no day; write it as 2017-06-18"),
    (("run", "a.csv", "--fail-on", "S9"), "--fail-on: S9 is not a level; allowed are S1"),
    (("run", "a.csv", "--fail-on", "S1,new"), "--fail-on: new is not a level"),
    (("run", "a.csv", "--quantities", "loud"), "no profile 'loud'; known are airwars, acled, wide"),
    (("run", "a.csv", "--workers", "0"), "--workers"),
    (("run", "a.csv", "--loud"), "--loud"),
    (("run", "a.csv", "--rules", "nowhere"), "nowhere: no rules here"),
    (("monitors", "show", "nobody"), "no monitor 'nobody'; known are acled, airwars"),
    (("rules", "check", "nowhere"), "nowhere: no rules here"),
    (("walk",), "walk"),
]


class TestUsage:
    """Commands that can't be carried out as typed."""

    @pytest.mark.parametrize(
        ("words", "sentence"), BAD_USAGE, ids=lambda part: " ".join(part) if isinstance(part, tuple) else ""
    )
    def test_bad_usage_is_two_and_a_sentence(self, words, sentence, tmp_path, monkeypatch):
        """Bad usage exits 2, says what is wrong and what is allowed, and writes nothing."""
        monkeypatch.chdir(tmp_path)
        said = command(*words)
        assert said.code == 2
        assert sentence in said.err
        assert "fault of the program" not in said.err
        assert not list(tmp_path.rglob("run.json"))

    def test_no_command_shows_help(self):
        """Without a command the commands are listed."""
        said = command()
        for name in ("run", "check", "demo", "link", "evaluate", "monitors", "rules"):
            assert f"\n  {name} " in said.out + said.err

    def test_version(self):
        """`--version` prints the version and stops."""
        assert command("--version") == Said(0, f"reconcile {__version__}\n", "")

    def test_shell_completion_is_offered(self):
        """Completion can be installed for the shell at hand."""
        assert "--install-completion" in command("--help").out

    def test_crash_quotes_nothing(self, tmp_path):
        """A fault of the program names its kind and place, never the text it carries, and exits 2."""
        with patch.object(cli, "run", side_effect=RuntimeError("Umm Example of Tell Example")):
            said = command(
                "run", airwars_export(tmp_path / "a.csv"), "--out", tmp_path / "reports", "--quiet"
            )
        assert said.code == 2
        assert "RuntimeError" in said.err
        assert "Example" not in said.err + said.out


class TestShell:
    """The command as a shell starts it."""

    def test_console_without_arabic(self, tmp_path):
        """A console of a narrow code page shows stand-ins and stops no command."""
        export = airwars_export(
            tmp_path / "a.csv", row5=airwars_line(5, civ_killed_min="حوالي شخص", location_en="الرقة")
        )
        ended = in_a_shell("check", export, PYTHONIOENCODING="cp1252")
        assert ended.returncode == 1, ended.stderr
        assert b"Row 6, civ_killed_min" in ended.stdout

    def test_exit_code_reaches_the_shell(self, tmp_path):
        """A file that is not there ends in 2 and a sentence on standard error, none on standard output."""
        ended = in_a_shell("run", tmp_path / "nowhere.csv", "--out", tmp_path / "reports")
        assert (ended.returncode, ended.stdout) == (2, b"")
        assert ended.stderr.decode().strip().endswith("nowhere.csv: no such file. Check its name.")


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """A job with an S1 finding, and how its first run ended."""
    job = misplaced_job(tmp_path_factory.mktemp("findings"))
    return job, command("run", job, *AS_OF, "--quiet", "--fail-on", "new:S1")


class TestExitCodes:
    """0 written or unchanged, 1 degraded, 2 no report, 3 --fail-on reached."""

    def test_degraded_is_one(self, tmp_path):
        """A file that failed degrades a run that has others, and both are said."""
        export = airwars_export(tmp_path / "a.csv")
        said = command("run", export, tmp_path / "nowhere.csv", "--out", tmp_path / "reports", *AS_OF)
        assert said.code == 1
        assert "nowhere.csv: no such file" in said.err
        inputs = summary_of(tmp_path / "reports")["inputs"]
        assert [(one["file"], one["health"]) for one in inputs] == [
            ("a.csv", "ok"),
            ("nowhere.csv", "failed"),
        ]

    def test_all_is_new_on_the_first_run(self, findings):
        """On a job's first run every finding is new."""
        assert findings[1].code == 3, findings[1].err

    @pytest.mark.parametrize(
        ("day", "levels", "code"),
        [
            ("2017-07-02", ["S3"], 3),
            ("2017-07-03", ["new:S1,new:S3"], 0),
            ("2017-07-04", ["new:S1", "S2"], 3),
            ("2017-07-05", [], 0),
        ],
        ids=lambda part: " ".join(part) if isinstance(part, list) else "",
    )
    def test_fail_on(self, findings, day, levels, code):
        """Open findings at or above a level end in 3; those known from the last run are not new."""
        options = [word for level in levels for word in ("--fail-on", level)]
        said = command("run", findings[0], "--as-of", day, "--quiet", *options)
        assert said.code == code, said.err

    def test_second_run_of_a_day_has_nothing_new(self, tmp_path):
        """What the last run found is not new on the same day either, when only an address has changed since."""
        job = misplaced_job(tmp_path)
        assert command("run", job, *AS_OF, "--quiet", "--fail-on", "new:S1").code == 3
        changed = {
            "row1": airwars_line(1, longitude="9.9"),
            "row2": airwars_line(2, url="https://example.org/2"),
        }
        airwars_export(tmp_path / "a.csv", rows=2, **changed)
        said = command("run", job, *AS_OF, "--quiet", "--fail-on", "new:S1")
        assert len(list((tmp_path / "reports" / "t").glob("2017-07-01-*"))) == 2
        assert said.code == 0

    def test_three_beats_one(self, findings):
        """A degraded run whose findings reach the level ends in 3."""
        job = findings[0].with_name("more.yaml")
        (job.parent / "blank.csv").write_text("")
        text = findings[0].read_text().replace("[a.csv]", "[a.csv, blank.csv]")
        job.write_text(text.replace("id: t", "id: more"))
        said = command("run", job, *AS_OF, "--quiet", "--fail-on", "S1")
        assert said.code == 3
        assert "blank.csv: is empty" in said.err

    def test_unchanged_is_zero_whatever_fails(self, tmp_path):
        """A run that had nothing to do ends in 0 and says so, also with --fail-on."""
        words = ("run", misplaced_job(tmp_path), *AS_OF, "--fail-on", "S1")
        first, second = command(*words), command(*words)
        assert first.code == 3, first.err
        assert (second.code, second.err[:9]) == (0, "unchanged")


class TestTalk:
    """What a run says, and to whom."""

    @pytest.fixture
    def words(self, tmp_path):
        """A run of one good and one missing file."""
        export = airwars_export(tmp_path / "a.csv")
        return ("run", export, tmp_path / "nowhere.csv", "--out", tmp_path / "reports", *AS_OF)

    def test_quiet_says_nothing_of_a_good_run(self, tmp_path):
        """With --quiet a run in order is silent."""
        export = airwars_export(tmp_path / "a.csv")
        assert command("run", export, "--out", tmp_path / "reports", "--quiet") == Said(0, "", "")

    def test_quiet_keeps_warnings(self, words):
        """With --quiet a file that failed is still said, and nothing else."""
        said = command(*words, "--quiet")
        assert said.out == ""
        assert len(said.err.strip().splitlines()) == 1
        assert "nowhere.csv" in said.err

    def test_log_json_is_json_lines(self, words):
        """With --log-json every line on standard error is one JSON object, and standard output is empty."""
        said = command(*words, "--log-json")
        assert said.code == 1, said.err
        lines = [json.loads(line) for line in said.err.splitlines()]
        assert [line["level"] for line in lines if line["event"] != "stage"] == ["warning", "info"]
        (failed,) = [line for line in lines if line["level"] == "warning"]
        assert failed["file"] == "nowhere.csv"
        assert Path(lines[-1]["workbook"]).is_file()
        assert said.out == ""

    def test_log_json_of_an_unchanged_run(self, tmp_path):
        """An unchanged run is one JSON line that says so."""
        words = (
            "run",
            airwars_export(tmp_path / "a.csv"),
            "--out",
            tmp_path / "reports",
            *AS_OF,
            "--log-json",
        )
        command(*words)
        (line,) = command(*words).err.splitlines()
        assert json.loads(line)["event"].startswith("unchanged")

    def test_log_json_of_a_run_that_failed(self, tmp_path):
        """The sentence that ends a run is a JSON line as well."""
        said = command("run", tmp_path / "nowhere.csv", "--out", tmp_path / "reports", "--log-json")
        assert said.code == 2
        (line,) = said.err.splitlines()
        assert json.loads(line)["level"] == "error"
        assert "nowhere.csv: no such file" in line

    def test_report_is_not_denied_once_written(self, words, tmp_path):
        """No run says that there is no report where there is one."""
        for option in (("--quiet",), ("--log-json",)):
            said = command(*words, "--include-names", *option)
            assert list((tmp_path / "reports").glob("*/*/run.json"))
            assert "No report was written" not in said.err

    def test_terminal_sequences_are_not_passed_on(self, tmp_path):
        """A header with escape sequences and zero bytes reaches the terminal as visible text."""
        export = tmp_path / "a.csv"
        export.write_bytes(b"co\x1b]0;gotcha\x07de,da\x00te\n1,2\n")
        said = command("run", export, "--out", tmp_path / "reports")
        assert said.code == 2
        assert not {"\x1b", "\x07", "\x00"} & set(said.err)


class TestCheck:
    """`reconcile check`: 0 clean, 1 issues, 2 unreadable; writes nothing."""

    def test_clean(self, tmp_path, monkeypatch):
        """A clean file is 0, with its counts."""
        monkeypatch.chdir(tmp_path)
        said = command("check", airwars_export(tmp_path / "a.csv"))
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith("a.csv: 24 rows read, 24 claims, 24 figures.")

    def test_issues(self, tmp_path, monkeypatch):
        """An unreadable cell is 1, with file, row and column, and nothing is written."""
        monkeypatch.chdir(tmp_path)
        export = airwars_export(tmp_path / "a.csv", row5=airwars_line(5, latitude="4239"))
        said = command("check", export)
        assert said.code == 1
        assert "error: a.csv: Row 6, latitude: found '4239'" in said.out
        assert [path.name for path in tmp_path.rglob("*")] == ["a.csv"]

    @pytest.mark.parametrize("others", [(), ("b.csv",)], ids=["alone", "beside another"])
    def test_unreadable(self, tmp_path, others):
        """Nothing readable is 2; a file that fails beside another is an issue."""
        for name in others:
            airwars_export(tmp_path / name)
        (tmp_path / "a.csv").write_text("")
        said = command("check", *(tmp_path / name for name in ("a.csv", *others)))
        assert said.code == (1 if others else 2)
        assert "a.csv: is empty." in said.out + said.err

    def test_quiet_leaves_notes_out(self, tmp_path):
        """With --quiet notes are left out and errors are not."""
        export = airwars_export(tmp_path / "a.csv", row5=airwars_line(5, latitude="4239"))
        said = command("check", export, "--quiet")
        assert "note:" not in said.out
        assert "error:" in said.out

    def test_job(self, tmp_path):
        """A job is checked as it would be run: what lies outside its days is no claim."""
        airwars_export(tmp_path / "a.csv")
        job = tmp_path / "job.yaml"
        job.write_text(
            "id: t\ninputs: [{monitor: airwars, files: [a.csv]}]\nwithin: {from: 2017-06-01, to: 2017-06-05}\n"
        )
        said = command("check", job)
        assert (said.code, said.out.splitlines()[0]) == (0, "a.csv: 24 rows read, 5 claims, 5 figures.")
        assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.csv", "job.yaml"]


class TestMonitorsAndRules:
    """What the program says of its own rules."""

    def test_monitors_are_listed(self):
        """Every shipped rule file is a line."""
        said = command("monitors")
        assert said.code == 0
        shipped = {path.stem for path in (ROOT / "rules" / "monitors").glob("*.yaml")}
        assert shipped <= {line.split()[0] for line in said.out.splitlines() if line.strip()}

    def test_monitor_is_shown(self):
        """A monitor's page says what a zero means, which columns are read, and which are restricted."""
        said = command("monitors", "show", "cjtf_oir")
        assert said.code == 0
        assert "a zero means none_reported" in said.out
        (line,) = [line for line in said.out.splitlines() if line.startswith("statement_scrubbed")]
        assert "yes" in line

    @pytest.mark.parametrize(
        "monitor", sorted(path.stem for path in (ROOT / "rules" / "monitors").glob("*.yaml"))
    )
    def test_every_monitor_is_shown(self, monitor):
        """Each shipped monitor has a page: its layouts, what they are recognised by, and each of their columns."""
        said = command("monitors", "show", monitor)
        assert (said.code, said.err) == (0, "")
        rule = rules_of(None).monitors[monitor]
        flat = " ".join(said.out.split())
        for layout in rule.layouts:
            assert f"Layout {layout.id}: " in flat
            assert layout.seen_code.replace("_", " ") in flat
            assert all(name in flat for name in layout.required)
        assert rule.layouts or "known through others" in flat

    def test_monitor_is_shown_with_all_that_its_layouts_say(self):
        """Groups of columns, companions, grammars, encodings, constants and figures are told in sentences."""
        pages = {
            one: " ".join(command("monitors", "show", one).out.split())
            for one in ("victim_list", "gaza_moh", "cjtf_oir", "gtd")
        }
        assert "one of name_en / name_ar / name / first_name" in pages["victim_list"]
        assert "Gives way" in pages["victim_list"]
        assert "Reads the rows of daily_json again" in pages["gaza_moh"]
        assert "cut into entries by the grammar oir_report" in pages["cjtf_oir"]
        assert "Besides UTF-8 it may be cp1252." in pages["gtd"]
        assert "Figure: killed (combatant) = low nkillter, high nkill." in pages["gtd"]
        assert "Needs ." not in "".join(pages.values())

    def test_draft_is_printed(self, tmp_path):
        """A draft for an unknown export goes to standard output, and nothing is written."""
        (tmp_path / "My export 2017.csv").write_text("Ref,Day,Dead\nA1,13/06/2017,3\nA2,14/06/2017,4\n")
        said = command("monitors", "draft", tmp_path / "My export 2017.csv")
        assert (said.code, said.err) == (0, "")
        assert "\nid: my_export_2017\n" in said.out
        assert "Day: {field: date_start, parse: day, order: dmy}" in said.out
        assert [path.name for path in tmp_path.iterdir()] == ["My export 2017.csv"]

    def test_draft_is_written_once(self, tmp_path):
        """A draft is written where it is wanted, under its own id, is refused on load, and is never overwritten."""
        (tmp_path / "rows.csv").write_text("Ref,Day,Dead\nA1,13/06/2017,3\nA2,14/06/2017,4\n")
        rules = shutil.copytree(ROOT / "rules", tmp_path / "rules")
        target = rules / "monitors" / "acme.yaml"
        said = command("monitors", "draft", tmp_path / "rows.csv", "-o", target)
        assert (said.code, said.err) == (0, "")
        assert "does not load yet" in said.out
        text = target.read_text(encoding="utf-8")
        assert "\nid: acme\n" in text
        refused = command("rules", "check", rules)
        assert refused.code == 2
        assert re.search(r"monitors/acme\.yaml:\d+: scope\.population_code: ", refused.err)
        again = command("monitors", "draft", tmp_path / "rows.csv", "-o", target)
        assert (again.code, "was not overwritten" in again.err) == (2, True)
        assert target.read_text(encoding="utf-8") == text

    def test_draft_of_one_sheet(self, tmp_path):
        """A sheet can be named; one that is not there is told with those that are."""
        path = tmp_path / "book.xlsx"
        with pd.ExcelWriter(path) as book:
            for sheet in ("one", "two"):
                pd.DataFrame({f"killed {sheet}": [1, 2], "day": ["2017-01-01", "2017-01-02"]}).to_excel(
                    book, sheet_name=sheet, index=False
                )
        said = command("monitors", "draft", path, "--sheet", "two", "--id", "acme")
        assert "killed two" in said.out
        assert "killed one" not in said.out
        lost = command("monitors", "draft", path, "--sheet", "three")
        assert (lost.code, "has no sheet 'three'; it has 'one', 'two'" in lost.err) == (2, True)

    def test_draft_withholds_names(self, tmp_path):
        """Names stay out of a draft, unless they are asked for."""
        (tmp_path / "rows.csv").write_text("name,age\nZedekiah Quorfan,30\nZedekiah Quorfan,31\n")
        assert "Quorfan" not in command("monitors", "draft", tmp_path / "rows.csv").out
        assert "Quorfan" in command("monitors", "draft", tmp_path / "rows.csv", "--include-names").out

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("nowhere.csv",), "nowhere.csv: can't be read"),
            (("rows.csv", "--id", "My Id"), "--id: 'My Id' is no id"),
            (("rows.csv", "--id", "acme", "-o", "other.yaml"), "write it to acme.yaml"),
            (("rows.csv", "-o", "no/acme.yaml"), "can't be written"),
            (("blank.csv",), "blank.csv: has no rows"),
        ],
    )
    def test_draft_that_cannot_be(self, words, sentence, tmp_path, monkeypatch):
        """A file, an id or a place that will not do is a sentence and 2."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
        (tmp_path / "blank.csv").write_text("\n")
        said = command("monitors", "draft", *words)
        assert (said.code, sentence in said.err) == (2, True), said.err
        assert "fault of the program" not in said.err

    def test_shipped_rules_have_no_faults(self):
        """`rules check` of the shipped rules is clean and gives the digest that runs state."""
        said = command("rules", "check")
        assert said.code == 0
        assert rules_of(None).digest[:16] in said.out

    def test_schema_is_written(self, tmp_path):
        """A JSON Schema is written for each kind of file, the job's among them, and knows its keys."""
        said = command("rules", "schema", tmp_path / "schema")
        assert said.code == 0
        names = {path.stem for path in (tmp_path / "schema").glob("*.json")}
        assert names == {
            "discrepancies",
            "grammar",
            "health",
            "job",
            "linkage",
            "monitor",
            "prose",
            "vocabulary",
        }
        job = json.loads((tmp_path / "schema" / "job.json").read_text(encoding="utf-8"))
        assert {"id", "title", "inputs", "within", "quantities", "allow_outside"} <= set(job["properties"])

    def test_schema_where_a_file_stands(self, tmp_path):
        """A folder that can't be made is a sentence and 2."""
        (tmp_path / "schema").write_text("in the way")
        said = command("rules", "schema", tmp_path / "schema")
        assert said.code == 2
        assert "fault of the program" not in said.err


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """Links of the demo's two exports, written once."""
    folder = tmp_path_factory.mktemp("links")
    left, right = DEMO / "airwars_raqqa_june_2017.csv", DEMO / "coalition_statements_june_2017.csv"
    said = command("link", left, right, "--monitors", "airwars,cjtf_oir", "-o", folder / "links.csv")
    return said, folder / "links.csv"


class TestLink:
    """`reconcile link` and `reconcile evaluate`."""

    def test_links_have_the_documented_columns(self, linked):
        """links.csv has the columns that scripts rely on, native ids on their own sides, and verdicts known."""
        said, path = linked
        assert said.code == 0, said.err
        links = pd.read_csv(path, dtype="str", keep_default_na=False)
        assert list(links.columns) == [
            "left_id",
            "right_id",
            "match_weight",
            "match_probability",
            "verdict_code",
            "displaced_by",
        ]
        airwars = set(pd.read_csv(DEMO / "airwars_raqqa_june_2017.csv", dtype="str")["code"])
        assert set(links["left_id"]) <= airwars
        assert not set(links["right_id"]) & airwars
        assert set(links["verdict_code"]) <= {"match", "possible", "displaced"}
        assert {"match"} <= set(links["verdict_code"])

    def test_sides_swap(self, linked, tmp_path):
        """The same two files the other way round give the same pairs, their sides swapped."""
        left, right = DEMO / "airwars_raqqa_june_2017.csv", DEMO / "coalition_statements_june_2017.csv"
        said = command("link", right, left, "--monitors", "cjtf_oir,airwars", "-o", tmp_path / "swapped.csv")
        assert said.code == 0, said.err
        one, other = pd.read_csv(linked[1]), pd.read_csv(tmp_path / "swapped.csv")
        sides = ["left_id", "right_id", "match_weight", "verdict_code"]
        pairs = set(other[["right_id", "left_id", *sides[2:]]].itertuples(index=False, name=None))
        assert set(one[sides].itertuples(index=False, name=None)) == pairs

    def test_monitor_by_rule_file(self, linked, tmp_path):
        """A path of a rule file stands for its monitor."""
        left, right = DEMO / "airwars_raqqa_june_2017.csv", DEMO / "coalition_statements_june_2017.csv"
        rule = ROOT / "rules" / "monitors" / "cjtf_oir.yaml"
        said = command("link", left, right, "--monitors", f"airwars,{rule}", "-o", tmp_path / "links.csv")
        assert said.code == 0, said.err
        assert (tmp_path / "links.csv").read_bytes() == linked[1].read_bytes()

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("--monitors", "airwars"), "write two"),
            (("--monitors", "airwars,nobody"), "no monitor 'nobody'"),
            (("--monitors", "airwars,airwars"), "has a header that no known layout has"),
            (("--monitors", "airwars,cjtf_oir", "--kind", "weather"), "--kind"),
            (("--monitors", "airwars,nowhere.yaml"), "nowhere.yaml: there is no such file"),
            (("--monitors", "cjtf_oir,airwars"), "has a header that no known layout has"),
        ],
        ids=lambda part: " ".join(part) if isinstance(part, tuple) else "",
    )
    def test_bad_sides(self, words, sentence, tmp_path):
        """Sides that can't be matched are a sentence and 2, and no file."""
        left, right = DEMO / "airwars_raqqa_june_2017.csv", DEMO / "coalition_statements_june_2017.csv"
        said = command("link", left, right, *words, "-o", tmp_path / "links.csv")
        assert said.code == 2
        assert sentence in said.err
        assert not (tmp_path / "links.csv").exists()

    def test_missing_side_and_unwritable_output(self, tmp_path):
        """A side that is not there, and an output folder that is not there, are named."""
        left, right = DEMO / "airwars_raqqa_june_2017.csv", DEMO / "coalition_statements_june_2017.csv"
        monitors = ("--monitors", "airwars,cjtf_oir")
        gone = command("link", tmp_path / "gone.csv", right, *monitors, "-o", tmp_path / "links.csv")
        assert (gone.code, "gone.csv" in gone.err) == (2, True)
        lost = command("link", left, right, *monitors, "-o", tmp_path / "no" / "links.csv")
        assert (lost.code, "links.csv: can't be written" in lost.err) == (2, True)


class TestEvaluate:
    """`reconcile evaluate` counts matches, and says what it could not read."""

    LINKS = (
        "left_id,right_id,match_weight,match_probability,verdict_code,displaced_by\n"
        "001,A,9.5,0.99,match,\n002,B,8.5,0.99,match,\n003,C,1.5,0.6,possible,\n004,D,1.2,0.6,displaced,003\n"
    )

    def measured(self, folder, links, truth):
        """What `evaluate` says of two texts."""
        (folder / "links.csv").write_text(links)
        (folder / "pairs.csv").write_text(truth)
        return command("evaluate", folder / "links.csv", "--truth", folder / "pairs.csv")

    def test_only_matches_count(self, tmp_path):
        """Of four listed pairs two are matches and one of these is true; three pairs are true in all."""
        said = self.measured(tmp_path, self.LINKS, "left_id,right_id\n001,A\n003,C\n9,Z\n")
        assert said.code == 0, said.err
        assert said.out.startswith(
            "precision 0.500  recall 0.333  F1 0.400  (1 of 2 links true, 3 true pairs)"
        )
        assert "1 possible, 1 not listed" in said.out

    def test_no_matches(self, tmp_path):
        """Links without a match measure 0 and are no fault."""
        said = self.measured(tmp_path, self.LINKS.splitlines()[0] + "\n", "left_id,right_id\n001,A\n")
        assert (said.code, said.err) == (0, "")
        assert "F1 0.000" in said.out

    @pytest.mark.parametrize(
        ("links", "truth", "sentence"),
        [
            ("", "left_id,right_id\n", "links.csv"),
            (LINKS, "", "pairs.csv"),
            (LINKS, "left_id,right\n1,2\n", "no column right_id"),
            (LINKS.replace("verdict_code", "verdict"), "left_id,right_id\n", "no column verdict_code"),
            (LINKS.replace("9.5", "heavy"), "left_id,right_id\n001,A\n", "links.csv"),
        ],
        ids=["empty links", "empty truth", "truth's column", "links' column", "weight that is no number"],
    )
    def test_bad_files(self, links, truth, sentence, tmp_path):
        """A file that is not what it should be is named, and ends in 2."""
        said = self.measured(tmp_path, links, truth)
        assert said.code == 2
        assert sentence in said.err
        assert "fault of the program" not in said.err

    def test_errors_are_written(self, tmp_path):
        """With -o every error is a row, with its kind and what the links say of it, and the kinds are counted."""
        (tmp_path / "links.csv").write_text(self.LINKS)
        (tmp_path / "pairs.csv").write_text("left_id,right_id\n001,A\n003,C\n9,Z\n")
        output = tmp_path / "errors.csv"
        said = command("evaluate", tmp_path / "links.csv", "--truth", tmp_path / "pairs.csv", "-o", output)
        assert said.code == 0, said.err
        assert output.read_text(encoding="utf-8").splitlines() == [
            "left_id,right_id,kind,match_weight,match_probability,verdict",
            "003,C,missed_possible,1.5,0.6,possible",
            "9,Z,missed_not_listed,,,not listed",
            "002,B,false_unlabelled,8.5,0.99,match",
        ]
        assert "3 errors" in said.out
        assert "best F1 0.571 from a probability of 0.600" in said.out
        assert "0.9 to 1.0" in said.out

    def test_errors_that_cannot_be_written(self, tmp_path):
        """A folder that is not there is named, and ends in 2."""
        (tmp_path / "links.csv").write_text(self.LINKS)
        (tmp_path / "pairs.csv").write_text("left_id,right_id\n001,A\n")
        words = ("evaluate", tmp_path / "links.csv", "--truth", tmp_path / "pairs.csv")
        said = command(*words, "-o", tmp_path / "no" / "errors.csv")
        assert (said.code, "errors.csv: can't be written" in said.err) == (2, True)

    def test_exports_tell_why_pairs_are_not_listed(self, linked, tmp_path):
        """With the exports a pair that is not listed is never compared, below possible, or of no claim."""
        left, right = DEMO / "airwars_raqqa_june_2017.csv", DEMO / "coalition_statements_june_2017.csv"
        (tmp_path / "pairs.csv").write_text("left_id,right_id\nCS920,R0420\nCS920,R9999\n")
        words = ("evaluate", linked[1], "--truth", tmp_path / "pairs.csv", "-o", tmp_path / "errors.csv")
        said = command(*words, "--left", left, "--right", right, "--monitors", "airwars,cjtf_oir")
        assert said.code == 0, said.err
        errors = (
            pd.read_csv(tmp_path / "errors.csv").set_index("right_id").query("kind.str.startswith('missed')")
        )
        assert errors.at["R0420", "kind"] == "missed_never_compared"
        assert errors.at["R0420", "match_weight"] < -2
        assert errors.at["R9999", "kind"] == "missed_no_claim"
        assert pd.isna(errors.at["R9999", "match_weight"])
        alone = command(*words, "--left", left)
        assert (alone.code, "go together" in alone.err) == (2, True)


class TestExplain:
    """`reconcile explain`: 0 with the reasons, 2 with a sentence."""

    def explained(self, demo_run, *ids, **environment):
        """What `explain` says of the demo."""
        with patch.dict(os.environ, environment):
            return command("explain", demo_run[1] / "raqqa-2017", *ids)

    def a_pair(self, demo_run):
        """A matched pair of the demo."""
        verdicts = table_of(demo_run[1], "verdicts")
        matched = verdicts[verdicts["verdict_code"] == "match"].iloc[0]
        return matched["left_id"], matched["right_id"]

    def test_pair(self, demo_run):
        """Two claims are told as a pair: its verdict first, then both claims, the levels and the rivals, in this order."""
        said = self.explained(demo_run, *self.a_pair(demo_run))
        assert (said.code, said.err) == (0, "")
        steps = [
            "match: both are in",
            "Side by side",
            "Why they were compared",
            "From levels",
            "Against rivals",
        ]
        found = [said.out.find(step) for step in steps]
        assert found == sorted(found)
        assert found[0] > 0

    def test_lines_fit_a_page(self, demo_run):
        """Away from a terminal no line is wider than 110, whatever is explained, and nothing is coloured."""
        discrepancies = table_of(demo_run[1], "discrepancies")["discrepancy_id"].head(5)
        cluster = table_of(demo_run[1], "linked")["cluster_id"].iloc[0]
        left, right = self.a_pair(demo_run)
        for ids in ((left, right), (left,), (cluster,), tuple(discrepancies), ("sohr:since-6-june",)):
            said = self.explained(demo_run, *ids, COLUMNS="60")
            assert said.code == 0, said.err
            assert max(map(len, said.out.splitlines())) <= 110
            assert "\x1b" not in said.out

    def test_report_folder_and_job_folder(self, demo_run):
        """A report's own folder and its job's folder give the same where there is one report."""
        (report,) = (path.parent for path in demo_run[1].glob("*/*/run.json"))
        pair = self.a_pair(demo_run)
        assert command("explain", report, *pair) == self.explained(demo_run, *pair)

    @pytest.mark.parametrize(
        ("ids", "sentence"),
        [
            (("airwars:CS99999",), "the nearest are airwars:CS"),
            (
                ("nothing like it §",),
                "has no claim, incident, finding, difference or set 'nothing like it §'",
            ),
            ((), "Missing argument"),
        ],
        ids=["near", "far", "none"],
    )
    def test_unknown_ids(self, demo_run, ids, sentence):
        """An id that is nothing of the run is a sentence and 2."""
        said = self.explained(demo_run, *ids)
        assert (said.code, said.out) == (2, "")
        assert sentence in said.err

    def test_folder_without_a_report(self, tmp_path):
        """A folder that holds no report is named, with what to give instead, and ends in 2."""
        said = command("explain", tmp_path, "airwars:CS1")
        assert said.code == 2
        assert "holds neither run.json nor latest.json; give a report" in said.err

    def test_texts_of_a_source_are_shown_as_they_are(self, tmp_path):
        """A place that looks like markup, or steers a terminal, is shown and does neither."""
        export = airwars_export(
            tmp_path / "a.csv", rows=1, row1=airwars_line(1, location_en="Tell [bold]X[/] Example")
        )
        assert command("run", export, "--out", tmp_path / "reports", "--quiet").code == 0
        (path,) = (tmp_path / "reports").glob("*/*/tables/claims.parquet")
        claims = pd.read_parquet(path)
        claims.assign(grade_raw="Fa\x1b[31mir").to_parquet(path)
        said = command("explain", tmp_path / "reports" / "adhoc", "X1")
        assert said.code == 0, said.err
        assert "Tell [bold]X[/] Example" in said.out
        assert "Fa\\x1b[31mir" in said.out
        assert "\x1b" not in said.out
