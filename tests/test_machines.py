"""Many machines: a cluster of processes comes to the same report, whatever happens to them, and says what it is doing."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from pandas.testing import assert_frame_equal
from test_cli import airwars_export, command, rules_of
from test_runs import AS_OF
from test_spread import Here, years

from reconcile import machines as door
from reconcile import request
from reconcile.errors import InputFault, UsageFault
from reconcile.jobs import brought, file_inputs
from reconcile.linkage import surroundings_of
from reconcile.machines import Cluster, differences, machines, versions
from reconcile.pipeline import Options, prepare
from reconcile.read import FarFile
from reconcile.result import RunFacts
from reconcile.spread import spread_incidents
from reconcile.validate import Within

pytest.importorskip("distributed")
# Dask's own remarks on what it closes are no fault of ours.
pytestmark = pytest.mark.filterwarnings("ignore")
DEMO = ROOT / "fixtures" / "demo" / "job.yaml"


@pytest.fixture(autouse=True)
def rules_read_once(monkeypatch):
    """Reading the rules takes most of a small run."""
    monkeypatch.setattr(request, "load_rules", rules_of)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two processes and their scheduler, for all tests of this module but those that end one."""
    with machines(Cluster("", 2), tmp_path_factory.mktemp("state")) as found:
        yield found


def files_of(folder) -> dict[str, bytes]:
    """Return the bytes of the one report below a folder, the times that stages took aside."""
    (run,) = folder.glob("*/*/run.json")
    return {
        path.relative_to(run.parent).as_posix(): path.read_bytes()
        for path in sorted(run.parent.rglob("*"))
        if path.is_file() and path.name != "timings.json"
    }


# ---- the same report -----------------------------------------------------------------------------------------------


def test_report_has_the_same_bytes(tmp_path, cluster):
    """A run on a cluster writes the tables and the workbook of the local run, byte for byte, and leaves no pieces behind."""
    near, far = tmp_path / "near", tmp_path / "far"
    address = cluster.client.scheduler.address
    assert command("run", DEMO, "--out", near, "--state", tmp_path / "s1", *AS_OF).code == 0
    said = command(
        "run",
        DEMO,
        "--out",
        far,
        "--state",
        tmp_path / "s2",
        "--engine",
        "dask",
        "--scheduler",
        address,
        *AS_OF,
    )
    assert said.code == 0, said.err
    assert files_of(near) == files_of(far)
    assert {"discrepancies.xlsx", "tables/claims.parquet", "tables/verdicts.parquet"} <= set(files_of(far))
    assert not (tmp_path / "s2" / "pieces").exists()


def test_tasks_bear_the_names_of_stages(tmp_path, cluster):
    """What the dashboard shows by name are the stages: read, normalize, block, compare, and nothing else."""
    seen = watched(cluster)
    address = cluster.client.scheduler.address
    said = command(
        "run",
        DEMO,
        "--out",
        tmp_path,
        "--state",
        tmp_path / "s",
        "--engine",
        "dask",
        "--scheduler",
        address,
        *AS_OF,
    )
    assert said.code == 0, said.err
    assert seen.stages == {"read", "normalize", "block", "compare"}


def test_one_process_is_enough(tmp_path):
    """`--engine dask` alone starts a process of its own, and ends it."""
    for name, told in {"near": (), "far": ("--engine", "dask")}.items():
        out, state = tmp_path / name, tmp_path / f"state of {name}"
        assert command("run", DEMO, "--out", out, "--state", state, *told, *AS_OF).code == 0
    assert files_of(tmp_path / "near") == files_of(tmp_path / "far")


# ---- machines that are lost ----------------------------------------------------------------------------------------


def watched(cluster, *deadly):
    """Watch the tasks of a cluster whose scheduler is in this process; end whoever first holds a task of a deadly stage."""
    from distributed import SchedulerPlugin
    from distributed.utils import key_split

    class Seen(SchedulerPlugin):
        name = f"seen {time.monotonic()}"

        def __init__(self):
            self.stages, self.deadly, self.ended = set(), set(deadly), 0

        def transition(self, key, start, finish, *_, worker=None, **__):  # noqa: ARG002
            stage = key_split(key)
            if finish != "memory":
                return
            self.stages.add(stage)
            nannies = cluster.client.cluster.workers.values()
            held = [nanny for nanny in nannies if nanny.worker_address == worker and nanny.process]
            if stage in self.deadly and held:
                self.deadly.discard(stage)
                self.ended += 1
                os.kill(held[0].process.pid, signal.SIGKILL)

    seen = Seen()
    cluster.client.cluster.scheduler.add_plugin(seen)
    return seen


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_worker_killed_changes_nothing(tmp_path, rules):
    """Workers that are killed while they hold what was read, drawn or compared are replaced, and their work is done again."""
    small, linkage = years(1), rules.linkage["incidents"]
    around = surroundings_of(rules, {})
    told = (small.claims, small.figures, linkage, around)
    (tmp_path / "here").mkdir()
    near, near_summary = spread_incidents(Here(tmp_path / "here"), *told, share_claims=20)
    with machines(Cluster("", 2), tmp_path) as engine:
        seen = watched(engine, "block", "compare")
        far, summary = spread_incidents(engine, *told, share_claims=20)
    assert seen.ended == 2
    assert_frame_equal(far.pairs, near.pairs, check_exact=True)
    assert_frame_equal(far.patterns, near.patterns, check_exact=True)
    assert_frame_equal(summary, near_summary, check_exact=True)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_worker_killed_while_it_reads(tmp_path):
    """A report whose files were read by a worker that is gone is the same."""
    files = [airwars_export(tmp_path / "in" / f"{tag}.csv", rows=5, tag=tag) for tag in "abcd"]
    told, facts = file_inputs(files, far=True), facts_of()
    rules = rules_of(None)
    near = prepare(file_inputs(files), rules, Options(facts, Within()), lambda _: None)
    with machines(Cluster("", 2), tmp_path) as engine:
        seen = watched(engine, "read", "normalize")
        far = prepare(told, rules, Options(facts, Within(), engine=engine, bring=brought), lambda _: None)
    assert seen.ended == 2
    for name in ("claims", "figures", "issues", "fates"):
        assert_frame_equal(getattr(far.valid, name), getattr(near.valid, name), check_exact=True)
    assert far.inputs == near.inputs


# ---- files read elsewhere ------------------------------------------------------------------------------------------


def facts_of() -> RunFacts:
    """What a run of these tests says of itself."""
    day = pd.Timestamp("2017-07-01").date()
    return RunFacts("t", "t", day, "airwars", False, "", "0", "", "", "", "0")


def both_ways(tmp_path, files):
    """Return files prepared in this process, and as if machines had read them."""
    rules, facts = rules_of(None), facts_of()
    (tmp_path / "pieces").mkdir()
    options = Options(facts, Within(), engine=Here(tmp_path / "pieces"), bring=brought)
    near = prepare(file_inputs(files), rules, Options(facts, Within()), lambda _: None)
    return near, prepare(file_inputs(files, far=True), rules, options, lambda _: None)


def test_files_travel_as_paths(tmp_path):
    """What is sent to machines holds where a file lies, and none of its bytes."""
    (one,) = file_inputs([airwars_export(tmp_path / "a.csv", rows=9)], far=True)
    assert isinstance(one.source, FarFile)
    assert Path(one.source.where) == tmp_path / "a.csv"
    assert brought(one.source).content == (tmp_path / "a.csv").read_bytes()
    assert str(tmp_path) not in repr(one)


def test_archives_copies_and_broken_files(tmp_path):
    """Archives, a file that stands there twice, one that nobody knows and one that is absent come out alike."""
    folder = tmp_path / "in"
    first = airwars_export(folder / "a.csv", rows=4)
    shutil.copy(first, folder / "again.csv")
    inside = airwars_export(tmp_path / "zip" / "b.csv", rows=3, tag="Y")
    airwars_export(tmp_path / "zip" / "c.csv", rows=2, tag="Z")
    (tmp_path / "zip" / "notes.md").write_text("x")
    shutil.copy(first, inside.parent / "twin.csv")
    archive = Path(shutil.make_archive(str(folder / "packed"), "zip", inside.parent))
    stranger = folder / "stranger.csv"
    stranger.write_text("code,whatever\n1,2\n")
    near, far = both_ways(tmp_path, [first, folder / "again.csv", archive, stranger, folder / "absent.csv"])
    for name in ("claims", "figures", "issues", "fates"):
        assert_frame_equal(getattr(far.valid, name), getattr(near.valid, name), check_exact=True)
    assert far.inputs == near.inputs
    assert_frame_equal(far.columns, near.columns)
    assert [one.health for one in near.inputs].count("failed") == 2
    assert sum(bool(one.copy_of) for one, _, _ in far.tables) == 2


def test_nothing_readable_elsewhere(tmp_path):
    """Where machines can read no file at all, the run ends with the same words."""
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputFault, match="no known layout"):
        both_ways(tmp_path, [tmp_path / "a.csv"])


def test_file_that_changed_or_went(tmp_path):
    """A file that is another one by the time a machine reads it is not read, nor one that the machine does not see."""
    export = airwars_export(tmp_path / "a.csv", rows=3)
    (one,) = file_inputs([export], far=True)
    airwars_export(export, rows=4)
    with pytest.raises(InputFault, match="changed while the run began"):
        brought(one.source)
    export.unlink()
    with pytest.raises(InputFault, match="under the same path"):
        brought(one.source)


# ---- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (("--engine", "spark"), "allowed are local, dask"),
        (("--scheduler", "tcp://127.0.0.1:8786"), "write --engine dask too"),
        (("--engine", "dask", "--scheduler", "http://x y"), "is no address of a scheduler"),
        (("--engine", "dask", "--scheduler", "127.0.0.1"), "is no address of a scheduler"),
        (("--engine", "dask", "--scheduler", "tcp://127.0.0.1:9"), "no scheduler of Dask answers"),
    ],
)
def test_no_such_cluster(tmp_path, monkeypatch, told, said):
    """A wrong engine or scheduler is a sentence and exit code 2, and nothing is written."""
    monkeypatch.setattr(door, "ANSWER_SECONDS", 1)
    ended = command("run", DEMO, "--out", tmp_path / "r", "--state", tmp_path / "s", *told, *AS_OF)
    assert ended.code == 2
    assert said in ended.err
    assert "fault of the program" not in ended.err
    assert not list((tmp_path / "r").rglob("run.json"))


def test_dask_is_an_extra(tmp_path, monkeypatch):
    """Without the library a sentence says what to install; without the option nobody asks for it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = ("--out", tmp_path / "r", "--state", tmp_path / "s", *AS_OF)
    ended = command("run", DEMO, "--engine", "dask", *told)
    assert ended.code == 2
    assert "pip install 'reconcile[cluster]'" in ended.err
    assert command("run", DEMO, *told).code == 0


def test_other_versions_are_refused(tmp_path, cluster, monkeypatch):
    """Machines that round or read otherwise are refused by name, before anything is sent."""
    monkeypatch.setattr(door, "version", lambda name: "0.1" if name == "pandas" else "9")
    address = cluster.client.scheduler.address
    with (
        pytest.raises(UsageFault, match=r"the worker tcp://\S+ has .*pandas .*\(here 0.1\)"),
        machines(Cluster(address, 1), tmp_path),
    ):
        pass


def test_differences_are_told():
    """Only what differs is told."""
    own = versions()
    assert differences(own, own) == ""
    assert "numpy 0.1" in differences(own, own | {"numpy": "0.1"})
    assert "scipy" not in differences(own, own | {"numpy": "0.1"})


def test_work_that_ends_its_workers(tmp_path):
    """A part that ends one worker after the other ends the run with a sentence."""
    with machines(Cluster("", 1), tmp_path) as engine:
        begun = engine.begin("compare", os._exit, [1])
        with pytest.raises(UsageFault, match="ended several workers"):
            engine.take(begun)


def raising(text):
    """Raise what a library might, the text of a cell in its words."""
    raise ValueError(text)


def after(text):
    """What would come after it."""
    return text


def test_what_work_raises_comes_home(cluster, capfd):
    """What work raises is raised here, of the first part that failed, also through work that follows; no worker writes it down."""
    begun = cluster.begin("after", after, cluster.begin("read", raising, ["Planted Name"]))
    with pytest.raises(ValueError, match="Planted Name"):
        cluster.take(begun)
    # What failed over there, as Dask sees it, would stand in the log of its worker.
    assert [one.status for one in begun] == ["finished"]
    assert "Planted" not in "".join(capfd.readouterr())


def test_faults_travel_whole():
    """A fault of a file says the same on another machine."""
    fault = InputFault("a.csv", "is odd.", "Mend it.")
    back = pickle.loads(pickle.dumps(fault))  # noqa: S301 - our own
    assert (str(back), back.file, back.found, back.todo) == (str(fault), "a.csv", "is odd.", "Mend it.")
