"""`reconcile verify`: a report is proven, or the first thing that is not as it was is named."""

import json
import shutil

import pytest
from test_cli import airwars_export, command, rules_of
from test_runs import AS_OF, job_in

from reconcile import request, verify
from reconcile.runs import HISTORY

NEXT = ("--as-of", "2017-07-02", "--quiet")


@pytest.fixture(autouse=True)
def rules_read_once(monkeypatch):
    """Reading the rules takes most of a small run."""
    monkeypatch.setattr(request, "load_rules", rules_of)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A job with a decision, run twice, the second time over a changed file."""
    folder = tmp_path_factory.mktemp("done")
    job = job_in(folder)
    said_by = "reviewer: Reviewer One, decided_on: 2020-01-01"
    judged = f'- {{left: "airwars:X1", right: "airwars:X2", decision: different, {said_by}}}\n'
    (folder / "judgements.yaml").write_text(judged)
    assert command("run", job, *AS_OF).code == 0
    airwars_export(folder / "a.csv", rows=4)
    assert command("run", job, *NEXT).code == 0
    return folder


@pytest.fixture
def job(done, tmp_path):
    """The same in a folder of the test's own."""
    shutil.copytree(done, tmp_path / "job")
    return tmp_path / "job"


def last(folder):
    """The folder of the last run."""
    return next((folder / "reports" / "t").glob("2017-07-02-*"))


def test_proven_by_the_chain(job):
    """A report as it was written is proven by its line; what was not held is said."""
    said = command("verify", job / "reports" / "t")
    assert (said.code, said.err) == (0, "")
    assert "files have the bytes that line 2 of 2 states" in said.out
    assert "not checked: inputs and rules" in said.out


def test_first_report_is_proven_made_again(job):
    """A report whose inputs are at hand is made again, to the byte."""
    airwars_export(job / "a.csv", rows=3)
    first = next((job / "reports" / "t").glob("2017-07-01-*"))
    said = command("verify", first, "--job", job / "job.yaml")
    assert (said.code, said.err) == (0, ""), said.out
    assert "made again from them, the report has the same bytes in all" in said.out
    assert "not checked" not in said.out


def test_report_that_followed_another_is_made_again(job):
    """A report is made again with what the run before left."""
    said = command("verify", last(job), "--job", job / "job.yaml")
    assert (said.code, said.err) == (0, ""), said.out


@pytest.mark.parametrize(
    "name",
    ["discrepancies.xlsx", "run.json", "timings.json", "tables/claims.parquet", "tables/issues.parquet"],
)
def test_changed_file_is_named(job, name):
    """A file whose bytes differ by one is named; so is one that is gone, and one that was put there."""
    path = last(job) / name
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    said = command("verify", last(job))
    assert (said.code, said.out.startswith(f"not proven: {name}: its bytes differ")) == (1, True), said.out
    if name != "run.json":
        path.unlink()
        assert f"not proven: {name}: is absent" in command("verify", last(job)).out
        path.write_bytes(content)
        (last(job) / "tables" / "more.parquet").write_bytes(b"")
        assert (
            "not proven: tables/more.parquet: is no part of what was written"
            in command("verify", last(job)).out
        )


def test_changed_chain_is_named(job):
    """A line that was changed, and one that was taken out, break the chain for every line behind."""
    path = job / ".reconcile" / HISTORY
    first, second = path.read_text().splitlines(keepends=True)
    path.write_text(first.replace('"as_of": "2017-07-01"', '"as_of": "2017-06-30"') + second)
    said = command("verify", last(job))
    assert (said.code, "line 1 is not sealed" in said.out) == (1, True)
    path.write_text(second)
    said = command("verify", last(job))
    assert (said.code, "line 1 is not sealed" in said.out) == (1, True)
    path.write_text(first)
    said = command("verify", last(job))
    assert (said.code, "has no line of this run" in said.out) == (1, True)


def changed_input(job):
    """One more row."""
    airwars_export(job / "a.csv", rows=6)


def absent_input(job):
    """No input."""
    (job / "a.csv").unlink()


def further_input(job):
    """One more file."""
    airwars_export(job / "b.csv", rows=1, tag="Y")
    (job / "job.yaml").write_text("id: t\ninputs:\n  - {monitor: airwars, files: ['*.csv']}\n")


def changed_decision(job):
    """No decision any more."""
    (job / "judgements.yaml").write_text("[]\n")


def changed_title(job):
    """A title."""
    (job / "job.yaml").write_text((job / "job.yaml").read_text() + "title: Another\n")


def other_rules(job):
    """A comment in a rule file."""
    shutil.copytree(rules_of(None).root, job / "rules")
    with (job / "rules" / "discrepancies.yaml").open("a") as stream:
        stream.write("# one more line\n")
    (job / "job.yaml").write_text((job / "job.yaml").read_text() + "rules: rules\n")


def other_version(job):
    """A run of another version, its line written for it."""
    path = last(job) / "run.json"
    summary = json.loads(path.read_text())
    path.write_text(json.dumps(summary | {"versions": {"reconcile": "0.0.1"}}))
    shutil.rmtree(job / ".reconcile")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (changed_input, "not proven: a.csv: its bytes differ from those that the run read"),
        (absent_input, "not proven: a.csv: is absent"),
        (further_input, "not proven: b.csv: is an input of the job now, and was none of the run"),
        (changed_decision, "not proven: judgements: the file's bytes differ"),
        (changed_title, "not proven: t: the job asks for something else"),
        (other_rules, "not proven: rules: their digest is"),
        (other_version, "not proven: version: the report was made by reconcile 0.0.1"),
    ],
)
def test_what_differs_is_named(job, change, named):
    """An input, a decision, a rule, the job or the program that is not that of the run is named, and exits 1."""
    change(job)
    said = command("verify", last(job), "--job", job / "job.yaml")
    assert (said.code, named in said.out) == (1, True), said.out + said.err


def test_result_that_differs_is_named(job, monkeypatch):
    """Where inputs and rules are the same and the bytes made of them are not, the file is named."""
    made = verify.run
    monkeypatch.setattr(verify, "run", lambda *told: without_issues(made(*told)))
    said = command("verify", last(job), "--job", job / "job.yaml")
    assert said.code == 1
    assert "made again from the same inputs and rules, its bytes differ" in said.out


def without_issues(result):
    """A result as a program with a fault might give it."""
    from dataclasses import replace

    return replace(result, coverage=result.coverage.iloc[:0])


def test_copied_folder(job, tmp_path):
    """A folder that was copied without its state is held against itself, and what was not held is said."""
    shutil.copytree(last(job), tmp_path / "copy" / last(job).name)
    copy = tmp_path / "copy" / last(job).name
    said = command("verify", copy)
    assert said.code == 0
    assert said.out.startswith("proven: run.json agrees with")
    assert said.out.count("not checked: ") == 2
    path = copy / "tables" / "claims.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    said = command("verify", copy)
    assert (said.code, "tables/claims.parquet: its bytes are not those that run.json states" in said.out) == (
        1,
        True,
    )


@pytest.mark.parametrize("key", ["inputs_digest", "previous_run", "run_digest", "as_of"])
def test_run_json_that_contradicts_itself(job, tmp_path, key):
    """Digests that do not follow from each other, or not the folder's name, are named without any state."""
    shutil.copytree(last(job), tmp_path / "copy" / last(job).name)
    path = tmp_path / "copy" / last(job).name / "run.json"
    summary = json.loads(path.read_text())
    path.write_text(json.dumps(summary | {key: "2017-07-03" if key == "as_of" else "0" * 64}))
    assert command("verify", path.parent).code == 1


def test_cannot(job, tmp_path):
    """Without a report, and without the run before that it was compared with, nothing can be said: exit 2."""
    assert command("verify", tmp_path / "nothing").code == 2
    shutil.rmtree(next((job / "reports" / "t").glob("2017-07-01-*")))
    said = command("verify", last(job), "--job", job / "job.yaml")
    assert (said.code, "without it the report can't be made again" in said.err) == (2, True)
    assert command("verify", last(job)).code == 0


def test_a_run_further_back_is_gone(job, monkeypatch):
    """What is made again without a run that was there then may differ by that: it can't be said, exit 2."""
    airwars_export(job / "a.csv", rows=5)
    assert command("run", job / "job.yaml", "--as-of", "2017-07-03", "--quiet").code == 0
    report = next((job / "reports" / "t").glob("2017-07-03-*"))
    shutil.rmtree(next((job / "reports" / "t").glob("2017-07-01-*")))
    assert command("verify", report, "--job", job / "job.yaml").code == 0
    made = verify.run
    monkeypatch.setattr(verify, "run", lambda *told: without_issues(made(*told)))
    said = command("verify", report, "--job", job / "job.yaml")
    assert (said.code, "is not there any more" in said.err) == (2, True)


def test_the_run_before_was_changed(job):
    """Where the run that a report was compared with is not what was written, that run is named, and not the report."""
    first = next((job / "reports" / "t").glob("2017-07-01-*"))
    path = first / "tables" / "claims.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    said = command("verify", last(job), "--job", job / "job.yaml")
    assert said.code == 1
    assert f"not proven: {first.name}/tables/claims.parquet: is not what was written" in said.out


def test_inputs_that_are_none(job, tmp_path):
    """Inputs that no run writes are named, and are no fault of the program."""
    shutil.copytree(last(job), tmp_path / "copy" / last(job).name)
    path = tmp_path / "copy" / last(job).name / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"inputs": [1]}))
    said = command("verify", path.parent, "--job", job / "job.yaml", "--state", tmp_path)
    assert (said.code, "run.json: is not what a run writes" in said.out) == (1, True)


def test_state_elsewhere(job, tmp_path):
    """A state that lies elsewhere is given; one that is not there is no proof and no refutation."""
    shutil.move(job / ".reconcile", tmp_path / "state")
    assert "not checked: the chain of runs" in command("verify", last(job)).out
    said = command("verify", last(job), "--state", tmp_path / "state")
    assert (said.code, "line 2 of 2" in said.out) == (0, True)
