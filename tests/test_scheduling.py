"""Runs that nobody watches: what they say to machines, what they show in a terminal, and the examples people copy."""

from __future__ import annotations

import ast
import configparser
import json
import os
import re
import select
import shutil
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT
from filelock import FileLock
from ruamel.yaml import YAML
from test_cli import Said, airwars_export, command
from typer.testing import CliRunner

from reconcile.cli import app
from reconcile.frames import HEALTH_CODES
from reconcile.progress import KNOWN_STAGES
from reconcile.ruleset import HealthRules

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = ROOT / "docs" / "examples" / "scheduling"
PAGE = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
AS_OF = ("--as-of", "2017-07-01")
POSIX = pytest.mark.skipif(os.name == "nt", reason="shells and terminals of POSIX")


def job_in(folder: Path, *, rows: int = 3, missing: bool = False) -> Path:
    """A small job of one export; with `missing` of another one that is not there."""
    airwars_export(folder / "a.csv", rows=rows)
    more = "\n- {monitor: ucdp_ged, files: [nowhere.csv]}" if missing else ""
    path = folder / "job.yaml"
    path.write_text(f"id: t\ninputs:\n- {{monitor: airwars, files: [a.csv]}}{more}\n")
    return path


def lines_of(said: Said) -> list[dict[str, Any]]:
    """The JSON lines on standard error."""
    return [json.loads(line) for line in said.err.splitlines()]


# ---- JSON lines ----------------------------------------------------------------------------------------------------


def test_every_stage_is_a_line_with_its_seconds(tmp_path):
    """Unattended, each stage is told as it ends, in the order that the bar knows in advance, and the last line says how it ended."""
    said = command("run", job_in(tmp_path), *AS_OF, "--log-json", "--quiet")
    *stages, last = lines_of(said)
    assert (said.code, said.out) == (0, "")
    assert [line["stage"] for line in stages] == list(KNOWN_STAGES)
    assert all(line["event"] == "stage" and line["seconds"] >= 0 for line in stages)
    assert (last["event"], last["exit_code"], last["reason"]) == ("report written", 0, "report written")
    assert (last["inputs"], last["inputs_failed"], last["rows_read"], last["claims"]) == (1, 0, 3, 3)
    assert last["health"] == {"error": 0, "warning": 0, "note": 0}
    assert set(last["findings"]) == {"S1", "S2", "S3"}
    assert set(last["stage_seconds"]) == set(KNOWN_STAGES)


@pytest.mark.parametrize(
    ("options", "missing", "code", "reason"),
    [
        ((), True, 1, "degraded: 1 files failed"),
        (("--fail-on", "S3"), False, 3, "--fail-on S3 is reached by "),
        (("--rules", "nowhere"), False, 2, "no report"),
    ],
)
def test_last_line_says_why(tmp_path, options, missing, code, reason):
    """The exit code and its reason stand in the last line, whatever they are."""
    said = command(
        "run", job_in(tmp_path, rows=24, missing=missing), *AS_OF, "--log-json", "--quiet", *options
    )
    last = lines_of(said)[-1]
    assert (said.code, last["exit_code"]) == (code, code)
    assert last["reason"].startswith(reason)


def test_last_line_of_an_unchanged_and_of_a_locked_run(tmp_path):
    """Nothing done is told as such, in one line."""
    job = job_in(tmp_path)
    command("run", job, *AS_OF, "--quiet")
    (line,) = lines_of(command("run", job, *AS_OF, "--log-json", "--quiet"))
    assert (line["exit_code"], line["reason"]) == (0, "unchanged")
    with FileLock(tmp_path / ".reconcile" / "lock"):
        said = command("run", job, *AS_OF, "--log-json", "--quiet")
    (line,) = lines_of(said)
    assert (said.code, line["exit_code"], line["reason"]) == (4, 4, "locked")


def test_page_tells_all_of_the_last_line(tmp_path):
    """docs/scheduling.md names each key of the last line, each kind of health and each key of its rules."""
    last = lines_of(command("run", job_in(tmp_path), *AS_OF, "--log-json"))[-1]
    wanted = {*last, *HEALTH_CODES, *HealthRules.model_fields} - {"id", "title", "reason"}
    assert {name for name in wanted if f"`{name}`" not in PAGE} == set()


# ---- terminals -----------------------------------------------------------------------------------------------------


def in_a_terminal(*words: object) -> tuple[int, str]:
    """Carry out `reconcile WORDS` with standard error on a terminal; return the exit code and what the terminal was sent."""
    import pty

    leader, follower = pty.openpty()
    # The size of a usual window, and a kind of terminal that moves its cursor.
    environment = os.environ | {"COLUMNS": "100", "LINES": "30", "TERM": "xterm"}
    run = subprocess.Popen(
        [sys.executable, "-m", "reconcile.cli", *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=follower,
        env=environment,
        cwd=ROOT,
    )
    os.close(follower)
    shown = bytearray()
    until = time.monotonic() + 300
    while time.monotonic() < until:
        ready, _, _ = select.select([leader], [], [], 0.2)
        if ready:
            try:
                chunk = os.read(leader, 65536)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
        elif run.poll() is not None:
            break
    os.close(leader)
    return run.wait(timeout=30), shown.decode("utf-8", "replace")


@POSIX
def test_terminal_shows_stages_and_others_do_not(tmp_path):
    """In a terminal a line names the stage, how many are done and the time; it is gone at the end. With --quiet there is none."""
    job = job_in(tmp_path)
    code, shown = in_a_terminal("run", job, *AS_OF)
    assert code == 0, shown
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    counted = [int(done) for done in re.findall(rf"(\d+)/{len(KNOWN_STAGES)}\b", plain)]
    assert counted == sorted(counted)
    assert len(set(counted)) > 1
    assert {stage for stage in KNOWN_STAGES if re.search(rf"\b{stage}\b", plain)}
    assert re.search(r"\d:\d\d:\d\d", plain)
    assert "\x1b[2K" in shown
    assert "report written" in plain
    for option in ("--quiet", "--log-json"):
        code, shown = in_a_terminal(
            "run",
            job,
            "--as-of",
            "2017-07-02",
            "--state",
            tmp_path / option,
            "--out",
            tmp_path / option,
            option,
        )
        assert (code, "\x1b" in shown) == (0, False), shown


@POSIX
def test_no_control_characters_without_a_terminal(tmp_path):
    """To a pipe no bar is drawn, whatever the environment says of a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "reconcile.cli", "run", str(job_in(tmp_path)), *AS_OF],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"TERM": "xterm-256color"},
    )
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"\r" not in done.stderr.replace(os.linesep.encode(), b"")


# ---- the examples --------------------------------------------------------------------------------------------------


def options_of_run() -> set[str]:
    """The options that `reconcile run --help` knows."""
    return set(
        re.findall(
            r"--[a-z][a-z-]*", CliRunner().invoke(app, ["run", "--help"], env={"COLUMNS": "200"}).output
        )
    )


def commands_of(name: str) -> list[str]:
    """The commands of an example that run a job: of the program itself, or of the wrapper."""
    text = re.sub(r"\{\{.*?\}\}", "DAY", (EXAMPLES / name).read_text(encoding="utf-8"))
    return re.findall(r"(?:\breconcile run|[^ ]*run-job\.sh) [^\n;|\"]*?\bjob\.yaml[^\n;|\"]*", text)


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir()))
def test_example_is_linked_and_uses_options_that_exist(name):
    """Each example is linked from its page; those that run a job do so with options that the program has."""
    assert f"(examples/scheduling/{name})" in PAGE
    known = options_of_run()
    assert {"--log-json", "--quiet", "--fail-on", "--as-of"} <= known
    found = commands_of(name)
    if name not in {"run-job.sh", "reconcile.timer", "reconcile-alert.service"}:
        assert found
    for line in found:
        assert set(re.findall(r"(?<= )--[a-z][a-z-]*", line)) <= known, line
        assert "--fail-on new:S1" in line


def test_page_shows_the_command():
    """The command that the page begins with has options that the program has."""
    (line,) = re.findall(r"^reconcile run .*$", PAGE, re.MULTILINE)
    assert set(re.findall(r"--[a-z][a-z-]*", line)) <= options_of_run()


def test_crontab():
    """Each line is a comment, a setting, or five fields that cron takes and a command."""
    field = r"(?:\*|\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)(?:/\d+)?"
    lines = (EXAMPLES / "crontab").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if not re.match(r"#|[A-Z]+=", line)]
    (entry,) = entries
    assert re.fullmatch(rf"({field} ){{5}}(.+)", entry)
    ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
    for text, (low, high) in zip(entry.split()[:5], ranges, strict=True):
        assert text == "*" or low <= int(text) <= high
    # Cron ends a command at a percent sign.
    assert "%" not in entry


def units(folder: Path) -> list[Path]:
    """The units of the examples, copied, with commands and folders that this machine has."""
    found = []
    for path in [*EXAMPLES.glob("*.service"), *EXAMPLES.glob("*.timer")]:
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/sh", text).replace(
            "/srv/casualties/raqqa", "/var"
        )
        copy = folder / path.name
        copy.write_text(text)
        found.append(copy)
    return found


def test_systemd_units(tmp_path):
    """The units are of the form that systemd reads, and where it is at hand it has no objection."""
    for path in [*EXAMPLES.glob("*.service"), *EXAMPLES.glob("*.timer")]:
        unit = configparser.ConfigParser(interpolation=None, strict=True)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read(path, encoding="utf-8")
        assert unit["Unit"]["Description"]
        if path.suffix == ".service":
            assert unit["Service"]["Type"] == "oneshot"
    service = configparser.ConfigParser(interpolation=None)
    service.read(EXAMPLES / "reconcile.service", encoding="utf-8")
    assert service["Service"]["successexitstatus"].split() == ["1", "4"]
    if shutil.which("systemd-analyze"):
        checked = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *map(str, units(tmp_path))],
            capture_output=True,
            check=False,
            text=True,
        )
        own = [line for line in checked.stderr.splitlines() if "reconcile" in line]
        assert own == [], checked.stderr
        calendar = subprocess.run(
            ["systemd-analyze", "calendar", "*-*-* 03:00:00"], capture_output=True, check=False, text=True
        )
        assert calendar.returncode == 0, calendar.stderr


@pytest.fixture
def on_the_path(tmp_path, monkeypatch):
    """A `reconcile` on the PATH that runs this checkout."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "reconcile"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reconcile.cli "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return folder


@POSIX
@pytest.mark.usefixtures("on_the_path")
def test_github_workflow(tmp_path):
    """The workflow is YAML of the right shape, and its script, carried out, hands on the exit code and the last line."""
    flow = YAML(typ="safe").load((EXAMPLES / "github-actions.yml").read_text(encoding="utf-8"))
    assert flow["on"]["schedule"] == [{"cron": "0 3 * * *"}]
    assert flow["concurrency"]["cancel-in-progress"] is False
    steps = flow["jobs"]["reconcile"]["steps"]
    upload = next(step for step in steps if str(step.get("uses", "")).startswith("actions/upload-artifact@"))
    assert upload["if"] == "always()"
    script = next(step for step in steps if step.get("id") == "reconcile")["run"]
    for number, (missing, code, said) in enumerate(
        [(False, 0, ""), (True, 1, "::warning::"), (None, 2, "::error::No report")]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        if missing is not None:
            job_in(folder, missing=missing)
        told = os.environ | {
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=folder, env=told, capture_output=True, check=False, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert (folder / "output").read_text() == f"code={code}\n"
        assert json.loads((folder / "summary").read_text())["exit_code"] == code
        assert said in done.stdout


@POSIX
@pytest.mark.usefixtures("on_the_path")
def test_airflow_dag(tmp_path):
    """The DAG is Python that sends each exit code where its docstring says; its commands are carried out."""
    tree = ast.parse((EXAMPLES / "airflow_dag.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    tasks = {}
    for call in calls:
        if ast.unparse(call.func) == "BashOperator":
            stated = {keyword.arg: keyword.value for keyword in call.keywords}
            tasks[ast.literal_eval(stated["task_id"])] = (
                ast.literal_eval(stated["bash_command"]), ast.literal_eval(stated["skip_on_exit_code"]),
            )  # fmt: skip
    assert set(tasks) == {"reconcile", "tell_degraded"}
    (dag,) = [call for call in calls if ast.unparse(call.func) == "DAG"]
    assert {keyword.arg: ast.unparse(keyword.value) for keyword in dag.keywords}["max_active_runs"] == "1"
    run, skipped = tasks["reconcile"]
    assert skipped == [4]

    def carried_out(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
        text = text.replace("{{ logical_date | ds }}", "2017-07-01")
        return subprocess.run(["bash", "-c", text], cwd=folder, capture_output=True, check=False, text=True)

    for number, (missing, code, last) in enumerate([(False, 0, "0"), (True, 0, "1"), (None, 2, "2")]):
        folder = tmp_path / f"dag {number}"
        folder.mkdir()
        if missing is not None:
            job_in(folder, missing=missing)
        done = carried_out(run, folder)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (code, last), done.stderr
        tell, unneeded = tasks["tell_degraded"]
        told = carried_out(re.sub(r"\{\{.*?\}\}", last, tell), folder)
        assert told.returncode == (0 if last == "1" else unneeded[0])


def test_windows_task():
    """The task is one line of `schtasks`, its command quoted once and with no options that do not exist."""
    text = (EXAMPLES / "windows-task.cmd").read_bytes().decode("ascii")
    assert text.endswith("\r\n")
    line = text.splitlines()[1]
    # What /TR takes has at most 261 characters.
    (task,) = re.findall(r'/TR "([^"]+)"', line)
    assert line.startswith("schtasks /Create /F /TN ")
    assert re.search(r"/SC DAILY /ST ([01]\d|2[0-3]):[0-5]\d ", line)
    assert len(task) <= 261
    assert line.count('"') == 4


@POSIX
@pytest.mark.usefixtures("on_the_path")
def test_wrapper_turns_exit_codes_into_actions(tmp_path):
    """The script, really run on the demo: silent where all is well, told where it is not, by the exit codes in its head."""
    for path in (ROOT / "fixtures" / "demo").iterdir():
        shutil.copy(path, tmp_path)
    job = tmp_path / "job.yaml"
    script = EXAMPLES / "run-job.sh"
    assert script.stat().st_mode & stat.S_IXUSR
    head = dict(re.findall(r"^#   (\d) .*?(\d)$", script.read_text(encoding="utf-8"), re.MULTILINE))

    def wrapped(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(script), *words],
            capture_output=True,
            check=False,
            text=True,
            cwd=tmp_path,
            env=os.environ | environment,
        )

    alert = {"ALERT": f"tee -a {tmp_path / 'alerts'}"}
    good = wrapped("job.yaml", *AS_OF)
    assert (good.returncode, good.stdout, good.stderr) == (int(head["0"]), "", "")
    again = wrapped("job.yaml", *AS_OF)
    assert (again.returncode, again.stderr) == (0, "")
    log = (tmp_path / "reconcile.log").read_text(encoding="utf-8").splitlines()
    assert json.loads(log[-1])["reason"] == "unchanged"

    reached = wrapped("job.yaml", "--as-of", "2017-07-02", "--fail-on", "S1", **alert)
    assert (reached.returncode, "findings reached --fail-on" in reached.stderr) == (int(head["3"]), True)
    assert (tmp_path / "alerts").read_text(encoding="utf-8").startswith("job.yaml: findings reached")

    with FileLock(tmp_path / ".reconcile" / "lock"):
        locked = wrapped("job.yaml", "--as-of", "2017-07-03")
    assert (locked.returncode, locked.stderr) == (int(head["4"]), "")

    (tmp_path / "totals.csv").write_bytes(b"")
    degraded = wrapped("job.yaml", "--as-of", "2017-07-03")
    assert (degraded.returncode, "degraded: the report is written" in degraded.stderr) == (
        int(head["1"]),
        True,
    )

    job.write_text("id: [\n")
    broken = wrapped("job.yaml", "--as-of", "2017-07-04")
    assert (broken.returncode, "no report was written" in broken.stderr) == (int(head["2"]), True)
    assert wrapped().returncode == 2
    reports = list((tmp_path / "reports" / "raqqa-2017").glob("2017-*/run.json"))
    assert len(reports) == 3
