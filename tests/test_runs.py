"""A run on disk: its folder, the files that scripts rely on, the lock, and what is left when something goes wrong."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime

import pandas as pd
import pytest
from test_cli import HEADER, airwars_export, airwars_line, command, summary_of

from reconcile import __version__
from reconcile.errors import Locked
from reconcile.runs import digest_of, folders, locked

AS_OF = ("--as-of", "2017-07-01", "--quiet")
JOB = "id: t\ninputs:\n  - {monitor: airwars, files: [a.csv]}\n"
TABLES = {
    "bridge", "changes", "claims", "columns", "coverage", "decisions", "derived", "discrepancies", "fates", "figures", "health", "incidents", "issues",
    "linked", "origins", "patterns", "relations", "sets", "verdicts", "victims", "lists", "histories", "overlaps", "estimates",
}  # fmt: skip

# The documented shape of run.json, and what stands beside it. A script breaks where one of the first goes.
DOCUMENTED = [
    "schema_version", "job", "as_of", "versions", "rules_digest", "previous_run", "inputs", "totals", "findings",
    "findings_by_severity",
]  # fmt: skip
BESIDE = {
    "title", "inputs_digest", "run_digest", "quantities", "within", "include_names", "key_fingerprint", "issues", "decisions",
    "changes", "not_compared", "health", "files", "findings_by_status",
}  # fmt: skip
COUNTS = [
    "rows_read", "rows_claimed", "rows_quarantined", "rows_corrected_away", "rows_out_of_scope", "rows_not_data", "claims",
    "figures",
]  # fmt: skip
DOCUMENTED_INPUT = ["monitor", "layout", "file", "sha256", "released", *COUNTS, "health"]

HOLD = """
import sys, filelock
with filelock.FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def job_in(folder, rows=3):
    """Make a folder with a small job in it, and return the job's path."""
    airwars_export(folder / "a.csv", rows=rows)
    (folder / "job.yaml").write_text(JOB)
    return folder / "job.yaml"


def listing(folder):
    """Every file below a folder with its time and size."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file() and path.name != "lock"
    }


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A job run once: its folder and what the run left."""
    folder = tmp_path_factory.mktemp("done")
    said = command("run", job_in(folder), *AS_OF)
    assert said.code == 0, said.err
    return folder


@pytest.fixture
def again(done, tmp_path):
    """The same job with its run, in a folder of the test's own."""
    shutil.copytree(done, tmp_path / "job")
    return tmp_path / "job"


class TestFolder:
    """The folder of a run."""

    def test_holds_what_is_documented(self, done):
        """Workbook, summary, timings and tables, and nothing else; latest.json and the state lie beside it."""
        home = done / "reports" / "t"
        (folder,) = [path for path in home.iterdir() if path.is_dir()]
        assert {path.name for path in home.iterdir()} == {folder.name, "latest.json"}
        assert {path.name for path in folder.iterdir()} == {
            "discrepancies.xlsx",
            "run.json",
            "timings.json",
            "tables",
        }
        assert {path.name for path in (folder / "tables").iterdir()} == {f"{name}.parquet" for name in TABLES}
        assert {path.name for path in (done / ".reconcile").iterdir()} - {"lock"} == {
            "cache",
            "history.jsonl",
            "key",
        }

    def test_name_is_day_and_digest(self, done):
        """The name is the as-of day and eight digits of the run's digest, as latest.json says."""
        summary = summary_of(done / "reports")
        latest = json.loads((done / "reports" / "t" / "latest.json").read_text(encoding="utf-8"))
        assert re.fullmatch(r"2017-07-01-[0-9a-f]{8}", latest["folder"])
        assert latest["folder"] == f"2017-07-01-{summary['run_digest'][:8]}"
        assert (done / "reports" / "t" / latest["folder"] / "run.json").is_file()
        assert (latest["as_of"], latest["schema_version"]) == ("2017-07-01", summary["schema_version"])
        assert latest["run_digest"] == summary["run_digest"]

    def test_run_of_files_is_adhoc(self, tmp_path):
        """Files without a job lie under `adhoc`."""
        command("run", airwars_export(tmp_path / "a.csv", rows=1), "--out", tmp_path / "reports", *AS_OF)
        assert [path.name for path in (tmp_path / "reports").iterdir()] == ["adhoc"]
        assert summary_of(tmp_path / "reports")["job"] == "adhoc"

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
    def test_state_is_the_owners_alone(self, done):
        """The folder of the key, the key, and files that were parsed before are closed to others."""
        state = done / ".reconcile"
        assert {path.stat().st_mode & 0o777 for path in (state, state / "cache")} == {0o700}
        files = [path for path in state.rglob("*") if path.is_file() and path.name != "lock"]
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


class TestSummary:
    """run.json and timings.json."""

    def test_keys_of_run_json(self, done):
        """Every documented key stands there, and none that is neither documented nor listed here."""
        summary = summary_of(done / "reports")
        assert [key for key in DOCUMENTED if key not in summary] == []
        assert set(summary) - set(DOCUMENTED) == BESIDE
        (one,) = summary["inputs"]
        assert [key for key in DOCUMENTED_INPUT if key not in one] == []
        assert set(one) - set(DOCUMENTED_INPUT) == {"remark", "newest"}
        assert list(summary["totals"]) == [*COUNTS, "incidents", "links", "possible_matches"]

    def test_values_of_run_json(self, done):
        """The values are those of the run, counted from the file itself."""
        summary = summary_of(done / "reports")
        (one,) = summary["inputs"]
        assert one["sha256"] == hashlib.sha256((done / "a.csv").read_bytes()).hexdigest()
        assert (one["monitor"], one["layout"], one["file"]) == ("airwars", "incident_pages", "a.csv")
        assert [one[key] for key in COUNTS] == [3, 3, 0, 0, 0, 0, 3, 3]
        assert [summary["totals"][key] for key in COUNTS] == [3, 3, 0, 0, 0, 0, 3, 3]
        assert (one["health"], summary["as_of"], summary["previous_run"]) == ("ok", "2017-07-01", "")
        assert summary["versions"]["reconcile"] == __version__
        assert set(summary["findings_by_severity"]) == {"S1", "S2", "S3"}
        assert sum(summary["findings"].values()) == sum(summary["findings_by_severity"].values())

    def test_sum_over_files(self, tmp_path):
        """Totals are sums over the files, one that failed among them."""
        files = [
            airwars_export(tmp_path / f"{name}.csv", rows=rows, tag=name)
            for name, rows in (("A", 2), ("B", 3))
        ]
        command("run", *files, tmp_path / "no.csv", "--out", tmp_path / "reports", *AS_OF)
        summary = summary_of(tmp_path / "reports")
        assert [one["rows_read"] for one in summary["inputs"]] == [2, 3, 0]
        assert all(summary["totals"][key] == sum(one[key] for one in summary["inputs"]) for key in COUNTS)

    def test_decisions_are_listed(self, tmp_path):
        """Judgements and corrections are inputs of a run, and run.json lists their digests."""
        job = job_in(tmp_path)
        said_by = "reviewer: Reviewer One, decided_on: 2020-01-01"
        texts = {
            "judgements.yaml": f'- {{left: "airwars:X1", right: "airwars:X2", decision: different, {said_by}}}\n',
            "corrections.yaml": f'- {{claim_id: "airwars:X3", action: drop, reason: a test, {said_by}}}\n',
        }
        for name, text in texts.items():
            (tmp_path / name).write_text(text, newline="\n")
        assert command("run", job, *AS_OF).code == 0
        written = json.dumps(summary_of(tmp_path / "reports"))
        missing = [
            name for name, text in texts.items() if hashlib.sha256(text.encode()).hexdigest() not in written
        ]
        assert missing == []

    def test_timings(self, done):
        """timings.json has a start, every stage in order with its seconds, and memory."""
        (path,) = done.glob("reports/t/*/timings.json")
        timings = json.loads(path.read_text(encoding="utf-8"))
        assert set(timings) - {"schema_version"} == {
            "started_at", "stage_seconds", "stage_cpu_seconds", "stage_peak_memory_mb", "peak_memory_mb",
        }  # fmt: skip
        assert list(timings["stage_cpu_seconds"]) == list(timings["stage_seconds"])
        peaks = list((timings["stage_peak_memory_mb"] or {}).values())
        assert peaks == sorted(peaks)
        assert datetime.fromisoformat(timings["started_at"]).tzinfo is not None
        stages = [
            "read",
            "normalize",
            "correct",
            "validate",
            "block",
            "compare",
            "cluster",
            "bridge",
            "discrepancies",
            "report",
        ]
        assert [name for name in timings["stage_seconds"] if name in stages] == stages
        assert all(seconds >= 0 for seconds in timings["stage_seconds"].values())
        assert timings["peak_memory_mb"] is None or timings["peak_memory_mb"] > 1


class TestSameBytes:
    """What a run writes is a function of what it was given."""

    def test_two_runs_of_one_job(self, done, tmp_path):
        """Two runs into different folders write the same bytes, timings aside."""
        assert command("run", done / "job.yaml", "--out", tmp_path / "elsewhere", *AS_OF).code == 0
        (first,), (second,) = done.glob("reports/t/*/"), (tmp_path / "elsewhere" / "t").glob("*/")
        names = sorted(path.relative_to(first).as_posix() for path in first.rglob("*") if path.is_file())
        assert (first.name, len(names)) == (second.name, len(TABLES) + 3)
        differing = [name for name in names if (first / name).read_bytes() != (second / name).read_bytes()]
        assert differing in ([], ["timings.json"])

    def test_place_of_the_job_does_not_matter(self, done, tmp_path):
        """The same job in another folder gives the same run, whatever the folder is called."""
        job = job_in(tmp_path / "another folder")
        assert command("run", job, *AS_OF).code == 0
        (first,), (second,) = done.glob("reports/t/*/"), job.parent.glob("reports/t/*/")
        for name in ("run.json", "discrepancies.xlsx", "tables/claims.parquet"):
            assert (first / name).read_bytes() == (second / name).read_bytes(), name

    def test_nothing_of_this_machine(self, done):
        """No path and no clock of this machine stands in run.json or the tables."""
        (folder,) = done.glob("reports/t/*/")
        for path in (folder / "run.json", *(folder / "tables").iterdir()):
            content = path.read_bytes()
            assert str(done).encode() not in content, path.name
            assert str(datetime.now().year).encode() not in content, path.name  # noqa: DTZ005

    def test_digest_forgets_the_order_of_keys(self):
        """A digest is of the value, not of how it was put together."""
        assert (
            digest_of({"a": 1, "b": [1, 2]})
            == digest_of({"b": [1, 2], "a": 1})
            != digest_of({"a": 1, "b": [2, 1]})
        )


def other_row(folder):
    """One more day in a row of the export."""
    airwars_export(folder / "a.csv", rows=3, row2=airwars_line(2, civ_killed_max="5"))


def a_judgement(folder):
    """A decision of a person."""
    (folder / "judgements.yaml").write_text(
        '- {left: "airwars:X1", right: "airwars:X2", decision: different, reviewer: One, decided_on: 2020-01-01}\n'
    )


def a_gazetteer(folder):
    """Another gazetteer."""
    columns = (
        "place_id,name,alternates,kind_code,country_code,admin1,pcode,latitude,longitude,radius_km,source"
    )
    (folder / "places.csv").write_text(f"{columns}\nown1,Tell Example 1,,town,SYR,Ar-Raqqa,,35.9,39,2,own\n")
    (folder / "job.yaml").write_text(JOB + "places: places.csv\n")


class TestUnchanged:
    """A second run of the same things writes nothing; of other things, it does."""

    def test_second_run_writes_nothing(self, again):
        """The same job on the same day is said to be unchanged, exits 0 and touches no file."""
        before = listing(again)
        said = command("run", again / "job.yaml", *AS_OF[:2])
        assert (said.code, said.out) == (0, "")
        assert said.err.startswith("unchanged: ")
        assert listing(again) == before

    def test_touched_file_is_the_same_file(self, again):
        """A file whose time changed and whose bytes did not is unchanged."""
        os.utime(again / "a.csv", (1_000_000_000, 1_000_000_000))
        assert command("run", again / "job.yaml", *AS_OF[:2]).err.startswith("unchanged: ")

    @pytest.mark.parametrize("change", [other_row, a_judgement, a_gazetteer])
    def test_changed_run_writes(self, again, change):
        """A change of what a run is made of makes a new folder, whose previous run is the last one."""
        before = json.loads((again / "reports" / "t" / "latest.json").read_text())
        change(again)
        assert command("run", again / "job.yaml", *AS_OF).code == 0
        after = json.loads((again / "reports" / "t" / "latest.json").read_text())
        assert after["folder"] != before["folder"]
        assert len(list((again / "reports" / "t").glob("2017-*"))) == 2
        summary = json.loads((again / "reports" / "t" / after["folder"] / "run.json").read_text())
        assert summary["previous_run"] == before["run_digest"]

    @pytest.mark.parametrize("words", [("--quantities", "wide"), ("--include-names",)])
    def test_other_options_write(self, again, words):
        """Another profile, and names, make another run."""
        assert command("run", again / "job.yaml", *AS_OF, *words).code == 0
        assert len(list((again / "reports" / "t").glob("2017-*"))) == 2

    def test_first_seen_stays(self, again):
        """A finding keeps the day it was first seen on."""
        lines = [HEADER, airwars_line(1, longitude="9.9"), airwars_line(2)]
        (again / "a.csv").write_text("\n".join(lines) + "\n")
        for day in ("2017-07-02", "2017-07-09"):
            assert command("run", again / "job.yaml", "--as-of", day, "--quiet").code == 0
        (folder,) = again.glob("reports/t/2017-07-09-*")
        found = pd.read_parquet(folder / "tables" / "discrepancies.parquet")
        assert set(found["first_seen"].dt.strftime("%Y-%m-%d")) == {"2017-07-02"}

    def test_back_to_what_it_was(self, again):
        """A change taken back makes a third run, and both folders before it stay as they were."""
        before = listing(again / "reports" / "t")
        text = (again / "a.csv").read_bytes()
        other_row(again)
        assert command("run", again / "job.yaml", *AS_OF).code == 0
        (again / "a.csv").write_bytes(text)
        assert command("run", again / "job.yaml", *AS_OF).code == 0
        after = listing(again / "reports" / "t")
        assert len(list((again / "reports" / "t").glob("2017-*"))) == 3
        assert {name: after[name] for name in before if name != "latest.json"} == {
            name: seen for name, seen in before.items() if name != "latest.json"
        }

    @pytest.mark.parametrize("part", ["discrepancies.xlsx", "tables"])
    def test_damaged_report_is_written_again(self, again, part):
        """A report that someone damaged is not `unchanged`: the next run makes it whole."""
        (folder,) = again.glob("reports/t/*/")
        gone = folder / part
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        assert command("run", again / "job.yaml", *AS_OF).code == 0
        latest = json.loads((again / "reports" / "t" / "latest.json").read_text())["folder"]
        assert (again / "reports" / "t" / latest / part).exists()

    @pytest.mark.parametrize("text", ["{", "[]", '{"folder": "../../.."}'])
    def test_latest_that_is_no_latest(self, again, text):
        """A damaged latest.json is said, starts a new history, and is replaced."""
        latest = again / "reports" / "t" / "latest.json"
        latest.write_text(text)
        said = command("run", again / "job.yaml", "--as-of", "2017-07-02", "--quiet")
        assert said.code == 0, said.err
        assert said.err.startswith("warning: ")
        assert json.loads(latest.read_text())["as_of"] == "2017-07-02"


class TestLock:
    """One run of a job at a time."""

    def test_other_process_holds_the_lock(self, again):
        """While another process runs the job, a run says so, exits 4 and does nothing; afterwards it runs."""
        lock = again / ".reconcile" / "lock"
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with holder:
            assert holder.stdout.readline() == "held\n"
            before = listing(again)
            said = command("run", again / "job.yaml", "--as-of", "2017-07-05", "--quiet")
            assert said.code == 4
            assert (
                "another run of this job, or of one beside it that shares its state, is under way" in said.err
            )
            assert listing(again) == before
        assert command("run", again / "job.yaml", "--as-of", "2017-07-05", "--quiet").code == 0

    def test_other_state_is_another_lock(self, again, tmp_path):
        """A run with its own state does not wait for the job's."""
        with locked(again / ".reconcile"):
            said = command(
                "run", again / "job.yaml", *AS_OF, "--state", tmp_path / "state", "--out", tmp_path / "out"
            )
        assert said.code == 0, said.err

    def test_check_needs_no_lock(self, again):
        """A check writes nothing and so waits for nobody."""
        with locked(again / ".reconcile"):
            assert command("check", again / "job.yaml").code == 0

    def test_lock_is_given_back(self, tmp_path):
        """A run that ended in a fault leaves no lock behind."""
        with pytest.raises(KeyError), locked(tmp_path):
            raise KeyError
        with locked(tmp_path), pytest.raises(Locked), locked(tmp_path):
            pytest.fail("two held the lock at once")


def breaks(fault):
    """Return a stand-in for a step of writing that ends in a fault."""

    def step(*_, **__):
        raise fault

    return step


class TestNothingHalfWritten:
    """What is left when a report can't be written: nothing."""

    @pytest.mark.parametrize("place", ["", "t"], ids=["the folder", "the job's folder in it"])
    def test_out_is_a_file(self, tmp_path, place):
        """A file in the way of `--out` is named, exits 2, stays what it was, and no report is left."""
        job = job_in(tmp_path / "job")
        blocked = tmp_path / "out" / place
        blocked.parent.mkdir(exist_ok=True)
        blocked.write_text("in the way")
        said = command("run", job, "--out", tmp_path / "out", *AS_OF)
        assert said.code == 2
        assert "the report can't be written" in said.err
        assert str(blocked) in said.err
        assert blocked.read_text() == "in the way"
        assert sorted(
            path.name for path in tmp_path.rglob("*") if path.is_file() and ".reconcile" not in path.parts
        ) == [
            "a.csv",
            "job.yaml",
            blocked.name,
        ]

    def test_state_is_a_file(self, tmp_path):
        """A file in the way of the state ends the run before anything is read."""
        job = job_in(tmp_path)
        (tmp_path / ".reconcile").write_text("in the way")
        said = command("run", job, *AS_OF)
        assert said.code == 2
        assert "the job's state can't be written" in said.err
        assert not (tmp_path / "reports").exists()

    @pytest.mark.parametrize(
        ("step", "fault"),
        [
            ("workbook_bytes", OSError(28, "No space left on device")),
            ("workbook_bytes", RuntimeError("a bug")),
            ("workbook_bytes", KeyboardInterrupt()),
            ("point_latest", OSError(28, "No space left on device")),
        ],
        ids=["full disk", "bug", "interruption", "full disk at the very end"],
    )
    def test_whatever_goes_wrong(self, again, monkeypatch, step, fault):
        """A full disk, a bug and an interruption leave the last report, `latest.json` and nothing hidden."""
        home = again / "reports" / "t"
        before = {
            path: seen for path, seen in listing(home).items() if step != "point_latest" or "latest" in path
        }
        monkeypatch.setattr(folders, step, breaks(fault))
        said = command("run", again / "job.yaml", "--as-of", "2017-07-02", "--quiet")
        assert said.code in {2, 130}
        after = listing(home)
        assert {path: after[path] for path in before} == before
        assert [path.name for path in home.iterdir() if path.name.startswith(".")] == []
        if step != "point_latest":
            assert after == before

    def test_run_after_a_fault_is_whole(self, again, monkeypatch):
        """The run after one that failed is written as if nothing had happened."""
        with monkeypatch.context() as broken:
            broken.setattr(folders, "workbook_bytes", breaks(OSError(28, "No space left on device")))
            assert command("run", again / "job.yaml", "--as-of", "2017-07-02", "--quiet").code == 2
        said = command("run", again / "job.yaml", "--as-of", "2017-07-02", "--quiet")
        assert (said.code, said.err) == (0, "")
        assert len(list((again / "reports" / "t").glob("2017-07-02-*/discrepancies.xlsx"))) == 1
