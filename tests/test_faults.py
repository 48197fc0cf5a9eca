"""What goes wrong at night, each fault really made: what stays, how the run ends, and that the next run recovers by itself.

The table of docs/faults.md has a row for each of these tests.
"""

import errno
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from test_cli import airwars_export, airwars_line, command, rules_of
from test_runs import AS_OF, job_in

from reconcile import jobs, request
from reconcile.errors import OutputFault
from reconcile.pipeline import STAGES, run
from reconcile.request import Asked, digest_of_request, gather_request, options_of
from reconcile.runs import (
    HISTORY,
    Place,
    Stopwatch,
    cache,
    chain,
    digests,
    folders,
    job_key,
    locked,
    previous_run,
    read_history,
    recover,
    write_run,
)
from reconcile.sheets import Block, Sheet
from reconcile.verify import verify

NEXT = ("--as-of", "2017-07-02", "--quiet")
# How the C library ends a process that it can't give a library's thread its own memory; nothing in the process is asked.
LOADER_GIVES_UP = 127
KILLED_AT = (
    *STAGES,
    "report",
    "workbook",
    "tables",
    "put",
    "timings_json",
    "_exchange",
    "point_latest",
    "append",
)

# Runs that are made to fail, each in a process of its own that shares the rules: of each, `where` names a stage, or a step behind
# the stages, and `how` says what happens there.
FAILING = """
import json, os, signal, sys
from reconcile import cli, request
from reconcile.runs import folders, timing

how, *runs = sys.argv[1:]
rules = request.load_rules(None)
request.load_rules = lambda *_: rules

def fail():
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "waits":
        print("waiting", flush=True)
        sys.stdin.readline()
    if how == "small files":
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    if how == "no memory":
        import resource
        pages = int(open("/proc/self/statm").read().split()[0])
        limit = pages * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        # What lies free among what is in use goes too, but for what a sentence takes.
        try:
            while True:
                held.append(bytearray(2**15))
        except MemoryError:
            del held[-32:]

where, held = None, []
def before(owner, name, of=lambda args: None):
    step = getattr(owner, name)
    def failing(*args, **kwargs):
        if where == (of(args) or name):
            fail()
        return step(*args, **kwargs)
    setattr(owner, name, failing)

before(timing.Stopwatch, "mark", lambda args: args[1])
for name in ("put", "timings_json", "_exchange", "point_latest", "append"):
    before(folders, name)
for told in runs:
    where, *words = json.loads(told)
    child = os.fork()
    if child == 0:
        sys.argv = ["reconcile", *words]
        cli.main()
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

needs_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals and no limits")
needs_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux holds a process to a limit of memory"
)


def started(how, *runs, **options):
    """Start `reconcile WORDS` for each (where, *words), one after the other, made to fail."""
    told = [json.dumps([str(word) for word in one]) for one in runs]
    return subprocess.Popen(
        [sys.executable, "-c", FAILING, how, *told],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        **options,
    )


def failing(how, *runs, **options):
    """Return how each run ended that is made to fail, and what all of them said."""
    with started(how, *runs, **options) as process:
        said, err = process.communicate(timeout=60 + 60 * len(runs))
    return [int(line) for line in said.splitlines() if line.lstrip("-").isdigit()], err


def reports(folder):
    """Every file of every report of the job, and its bytes; what is hidden counts, `latest.json` does not."""
    home = folder / "reports" / "t"
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.name != "latest.json"
    }


def place_of(folder):
    """Where the reports and the state of the job lie."""
    return Place(folder / "reports" / "t", folder / ".reconcile", job_key(folder / ".reconcile"))


def lines(folder):
    """The folders that the history names, in order."""
    text = (folder / ".reconcile" / HISTORY).read_text(encoding="utf-8")
    return [json.loads(line)["folder"] for line in text.splitlines()]


def stands(folder, before):
    """The reports of before are whole and as they were, and no other one is half there."""
    after = reports(folder)
    assert {name: after.get(name) for name in before} == before
    for path in (folder / "reports" / "t").iterdir():
        if path.is_dir() and not path.name.startswith("."):
            assert folders.is_whole(path)


def cleared(folder):
    """Whatever the next run is asked, its beginning leaves nothing hidden, one line for each report, and the last is proven."""
    home, state = folder / "reports" / "t", folder / ".reconcile"
    with locked(state):
        history, _ = recover(Place(home, state, job_key(state)), "")
    assert [path.name for path in home.iterdir() if path.name.startswith(".")] == []
    assert {path.name for path in home.iterdir() if path.is_dir()} == {link.folder for link in history.links}
    assert not history.is_torn
    assert previous_run(home, history, date(2030, 1, 1)).folder == max(history.by_folder)
    assert verify(home).fault == ""


def recovers(folder, words=NEXT, code=0):
    """The next run, told nothing, ends well: nothing hidden is left, every report has its line, and the last is proven."""
    said = command("run", folder / "job.yaml", *words)
    assert said.code == code, said.err
    home = folder / "reports" / "t"
    assert [path.name for path in home.iterdir() if path.name.startswith(".")] == []
    assert set(lines(folder)) == {path.name for path in home.iterdir() if path.is_dir()}
    assert json.loads((home / "latest.json").read_text())["folder"].startswith(words[1])
    assert verify(home).fault == ""
    return said


@pytest.fixture(autouse=True)
def rules_read_once(monkeypatch):
    """Reading the rules takes most of a small run."""
    monkeypatch.setattr(request, "load_rules", rules_of)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A job run once."""
    folder = tmp_path_factory.mktemp("done")
    said = command("run", job_in(folder), *AS_OF)
    assert said.code == 0, said.err
    return folder


@pytest.fixture(scope="module")
def killed(done, tmp_path_factory):
    """Of each stage and step, a job whose second run was killed there, and how that run ended."""
    folders_of = {}
    for where in KILLED_AT:
        folders_of[where] = tmp_path_factory.mktemp("killed") / "job"
        shutil.copytree(done, folders_of[where])
        airwars_export(folders_of[where] / "a.csv", rows=4)
    codes, err = failing(
        "killed", *((where, "run", one / "job.yaml", *NEXT) for where, one in folders_of.items())
    )
    assert err == ""
    return {where: (one, code) for (where, one), code in zip(folders_of.items(), codes, strict=True)}


@pytest.fixture
def good(done, tmp_path):
    """The same job with its run, in a folder of the test's own, and a row that is new since."""
    shutil.copytree(done, tmp_path / "job")
    airwars_export(tmp_path / "job" / "a.csv", rows=4)
    return tmp_path / "job"


@needs_posix
class TestKilled:
    """SIGKILL, which nothing can catch."""

    @pytest.mark.parametrize("where", KILLED_AT)
    def test_killed_at_a_stage(self, done, killed, where):
        """Killed at whatever stage or step, the last report is whole, and what the next run does first sweeps up."""
        folder, code = killed[where]
        assert code == -signal.SIGKILL
        stands(folder, reports(done))
        cleared(folder)

    @pytest.mark.parametrize("where", ["read", "timings_json", "append"])
    def test_run_after_a_killed_one(self, killed, where, tmp_path):
        """The next run, told nothing, ends as if none had been killed; the lock is free."""
        shutil.copytree(killed[where][0], tmp_path / "job")
        recovers(tmp_path / "job")

    def test_killed_behind_the_rename(self, good):
        """Killed when the report stands and its line does not, the run is made again and says how it ended."""
        words = (*NEXT, "--fail-on", "S3")
        airwars_export(good / "a.csv", rows=2, row1=airwars_line(1, longitude="9.9"))
        before = reports(good)
        codes, _ = failing("killed", ("append", "run", good / "job.yaml", *words))
        assert codes == [-signal.SIGKILL]
        stands(good, before)
        assert len(reports(good)) == 2 * len(before)
        recovers(good, words, code=3)
        assert command("run", good / "job.yaml", *words).code == 0

    def test_report_of_a_run_that_died_counts(self, killed, tmp_path):
        """Where the inputs went on since, the report without a line gets one, and the next run follows it."""
        folder = tmp_path / "job"
        shutil.copytree(killed["append"][0], folder)
        airwars_export(folder / "a.csv", rows=5)
        recovers(folder, ("--as-of", "2017-07-03", "--quiet"))
        assert [name[:10] for name in lines(folder)] == ["2017-07-01", "2017-07-02", "2017-07-03"]

    def test_first_run_killed(self, tmp_path):
        """The very first run of a job, killed behind the rename, is made again too."""
        job = job_in(tmp_path)
        codes, _ = failing("killed", ("append", "run", job, *NEXT))
        assert codes == [-signal.SIGKILL]
        recovers(tmp_path)
        assert len(lines(tmp_path)) == 1

    def test_killed_again_and_again(self, good):
        """A run that dies every night leaves one hidden draft and no more."""
        failing("killed", *[("timings_json", "run", good / "job.yaml", *NEXT)] * 3)
        hidden = [path for path in (good / "reports" / "t").iterdir() if path.name.startswith(".")]
        assert len(hidden) == 1
        cleared(good)

    @pytest.mark.parametrize("cut", [1, 200, -1])
    def test_line_torn(self, good, cut):
        """A line of the history that was torn while it was written is cut off, and written anew."""
        state, home = good / ".reconcile", good / "reports" / "t"
        first = (state / HISTORY).read_bytes()
        (state / HISTORY).write_bytes(first + first[:cut])
        assert read_history(state).is_torn
        cleared(good)
        assert (state / HISTORY).read_bytes() == first
        # The line of the only report was torn: it is found again.
        (state / HISTORY).write_bytes(first[:cut])
        cleared(good)
        assert [link.how for link in read_history(state).links] == ["found"]
        assert len(list(home.iterdir())) == 2


def breaking(monkeypatch, number, code=errno.ENOSPC):
    """Have the disk be full from the given write on, which is half done; return where the writes are counted."""
    count = [0]

    def full(step):
        def write(path, *rest, **options):
            count[0] += 1
            if count[0] < number:
                return step(path, *rest, **options)
            if isinstance(path, Path):
                path.write_bytes(b"half of")
            raise OSError(code, os.strerror(code))

        return write

    monkeypatch.setattr(folders, "put", full(digests.put))
    monkeypatch.setattr(digests, "put", full(digests.put))
    monkeypatch.setattr(folders, "append", full(chain.append))
    return count


@pytest.fixture(scope="module")
def result(done, tmp_path_factory):
    """What the stages of one more run of the job know."""
    folder = tmp_path_factory.mktemp("result") / "job"
    shutil.copytree(done, folder)
    airwars_export(folder / "a.csv", rows=4)
    asked = gather_request(Asked([str(folder / "job.yaml")], date(2017, 7, 2)))
    before = previous_run(asked.home, read_history(asked.state), asked.as_of)
    told = options_of(asked, before, job_key(asked.state), digest_of_request(asked), past=before.past())
    return run(asked.inputs, asked.rules, told, lambda _: None)


class TestDiskFull:
    """No space left, at every write."""

    def test_full_at_every_write(self, done, result, tmp_path, monkeypatch):
        """Whichever write finds the disk full, the last report stays, no half one is left, and the next run ends well."""
        before = reports(done)
        incidents = Sheet("Incidents", (Block(pd.DataFrame({"cluster_id": ["inc_1"]}), ()),))
        monkeypatch.setattr(folders, "lay_out", lambda *_: (incidents,))
        monkeypatch.setattr(folders, "workbook_bytes", lambda *_, **__: b"a workbook" * 1000)
        ended = []
        for number in range(1, 40):
            folder = tmp_path / str(number)
            shutil.copytree(done, folder)
            place = Place(folder / "reports" / "t", folder / ".reconcile", job_key(folder / ".reconcile"))
            with monkeypatch.context() as patch:
                count = breaking(patch, number)
                try:
                    write_run(result, place, Stopwatch(), read_history(place.state))
                    ended.append("written")
                except OutputFault as fault:
                    ended.append(str(fault))
            stands(folder, before)
            assert [path.name for path in place.home.iterdir() if path.name.startswith(".")] == []
            cleared(folder)
            if count[0] < number:
                break
        assert ended.pop() == "written"
        assert all("No space left" in sentence and "ree space" in sentence for sentence in ended)
        written = [sentence for sentence in ended if "Nothing was left half-written" in sentence]
        # Workbook, tables, run.json, timings.json; then latest.json and the line.
        assert (len(written), len(ended)) == (len(folders.TABLES) + 3, len(folders.TABLES) + 5)

    def test_full_for_the_cache(self, good, monkeypatch):
        """A cache that can't be written is said, and nothing else hangs on it."""

        def full(*_, **__):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(cache, "put_whole", full)
        said = recovers(good)
        assert "can't be written (No space left on device); nothing else hangs on it" in said.err

    @needs_posix
    def test_limit_on_files(self, good):
        """A limit on the size of files, set by the system, is met like a full disk."""
        before = reports(good)
        codes, err = failing("small files", ("workbook", "run", good / "job.yaml", *NEXT))
        assert codes == [2]
        assert "the report can't be written" in err
        stands(good, before)
        assert len(reports(good)) == len(before)
        cleared(good)


def held_to_modes():
    """Take from root what lets it write where nobody may; told to the system before the command begins."""
    import ctypes

    drop, override = 24, 1
    if ctypes.CDLL(None).prctl(drop, override, 0, 0, 0):
        raise OSError


@needs_posix
class TestReadOnly:
    """A place that may not be written to."""

    @pytest.mark.parametrize("place", ["reports/t", ".reconcile"])
    def test_read_only(self, good, place):
        """An output or a state that is read-only is named, exits 2 and changes nothing; the next run that may write does."""
        options = {"preexec_fn": held_to_modes} if os.geteuid() == 0 else {}
        before = reports(good)
        for path in (good / place, *(good / place).rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        codes, err = failing("nothing", ("", "run", good / "job.yaml", *NEXT), **options)
        assert codes == [2], err
        assert "can't be written" in err
        assert ("--out" if "reports" in place else "--state") in err
        stands(good, before)
        assert len(reports(good)) == len(before)
        for path in (good / place, *(good / place).rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        cleared(good)


def dropping(monkeypatch, path, times):
    """Have someone append to a file each time it is half read, so many times; return the looks that were taken at it."""
    looks, real = [], Path.open

    class HalfRead:
        def __init__(self, stream):
            self.stream, self.fileno = stream, stream.fileno

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.stream.close()

        def read(self):
            start = self.stream.read(100)
            looks.append(len(start))
            if len(looks) <= times:
                with real(path, "ab") as writer:
                    writer.write(airwars_line(9).encode())
            return start + self.stream.read()

    def opened(one, *words, **options):
        stream = real(one, *words, **options)
        return HalfRead(stream) if one == path and words == ("rb",) else stream

    monkeypatch.setattr(Path, "open", opened)
    return looks


class TestSources:
    """Files that someone else is dropping."""

    def test_changing_while_read(self, good, monkeypatch):
        """A file that is written to while it is read fails, and is not taken for what it was half-way; the others are read."""
        airwars_export(good / "b.csv", rows=2, tag="Y")
        (good / "job.yaml").write_text("id: t\ninputs:\n  - {monitor: airwars, files: [a.csv, b.csv]}\n")
        before = reports(good)
        monkeypatch.setattr(jobs, "READ_WAITS", (0.0, 0.0, 0.0))
        with monkeypatch.context() as patch:
            dropping(patch, good / "a.csv", times=99)
            said = command("run", good / "job.yaml", *NEXT)
        assert said.code == 1
        assert "a.csv: is being written to while it is read. Run again when that is done." in said.err
        stands(good, before)
        cleared(good)

    def test_still_after_a_moment(self, good, monkeypatch):
        """A file that holds still at a second look is read whole."""
        monkeypatch.setattr(jobs, "READ_WAITS", (0.0, 0.0, 0.0))
        looks = dropping(monkeypatch, good / "a.csv", times=2)
        content = jobs._settled(good / "a.csv")
        assert (content, len(looks)) == ((good / "a.csv").read_bytes(), 3)
        assert content.endswith(airwars_line(9).encode() * 2)

    def test_vanishing(self, good, monkeypatch):
        """A file that goes between its being listed and its being read is a failed input, and never silence."""
        airwars_export(good / "b.csv", rows=2, tag="Y")
        (good / "job.yaml").write_text("id: t\ninputs:\n  - {monitor: airwars, files: ['*.csv']}\n")
        read = jobs._settled

        def gone(path):
            if path.name == "b.csv":
                path.unlink()
            return read(path)

        before = reports(good)
        with monkeypatch.context() as patch:
            patch.setattr(jobs, "_settled", gone)
            said = command("run", good / "job.yaml", *NEXT)
        assert said.code == 1
        assert "b.csv: no such file" in said.err
        stands(good, before)
        recovers(good, ("--as-of", "2017-07-03", "--quiet"))

    @pytest.mark.parametrize("kind", ["gz", "zip", "xlsx"])
    def test_truncated_download(self, good, kind):
        """An archive or a workbook that ends too early fails and is named; the next run, with the whole file, is well."""
        whole = packed_as(kind, airwars_export(good / "plain.csv", rows=6, tag="Y"))
        name = f"b.csv.{kind}" if kind != "xlsx" else "b.xlsx"
        (good / name).write_bytes(whole[: len(whole) * 2 // 3])
        text = f"id: t\ninputs:\n  - {{monitor: airwars, files: [a.csv]}}\n  - {{monitor: airwars, files: [{name}]}}\n"
        (good / "job.yaml").write_text(text)
        before = reports(good)
        said = command("run", good / "job.yaml", *NEXT)
        assert said.code == 1
        assert name in said.err
        stands(good, before)
        (folder,) = (good / "reports" / "t").glob("2017-07-02-*")
        summary = json.loads((folder / "run.json").read_text())
        assert [one["health"] for one in summary["inputs"]] == ["ok", "failed"]
        (good / name).write_bytes(whole)
        said = command("run", good / "job.yaml", "--as-of", "2017-07-03", "--quiet")
        (folder,) = (good / "reports" / "t").glob("2017-07-03-*")
        summary = json.loads((folder / "run.json").read_text())
        assert summary["inputs"][1]["rows_claimed"] == 6


def packed_as(kind, plain):
    """Return the bytes of an export as a packed file or a workbook."""
    made = plain.with_suffix(f".{kind}")
    if kind == "gz":
        made.write_bytes(gzip.compress(plain.read_bytes()))
    elif kind == "zip":
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(plain, "b.csv")
    else:
        pd.read_csv(plain, dtype="str").to_excel(made, index=False)
    content = made.read_bytes()
    made.unlink()
    plain.unlink()
    return content


@needs_posix
class TestTwoAtOnce:
    """The lock of a job."""

    def test_second_run(self, good):
        """While one run is under way, a second one exits 4, says so and does nothing; the first ends as if alone."""
        with started("waits", ("compare", "run", good / "job.yaml", *NEXT)) as first:
            assert first.stdout.readline() == "waiting\n"
            before = reports(good)
            said = command("run", good / "job.yaml", *NEXT)
            assert said.code == 4
            assert (
                "is under way. Wait for it, or give each job its own --state; nothing was done." in said.err
            )
            assert reports(good) == before
            assert first.communicate("go on\n", timeout=60) == ("0\n", "")
        assert command("run", good / "job.yaml", *NEXT[:2]).err.startswith("unchanged")

    def test_lock_of_a_dead_process(self, killed):
        """The lock file of a run that was killed stays and holds nobody up."""
        state = killed["compare"][0] / ".reconcile"
        assert (state / "lock").exists()
        with locked(state):
            pass


class TestClock:
    """A clock that jumps."""

    def test_clock_jumps_back(self, good):
        """A run of a day before the last one's is compared with what stood before it, says so, and touches nothing else."""
        assert command("run", good / "job.yaml", "--as-of", "2017-07-10", "--quiet").code == 0
        before = reports(good)
        airwars_export(good / "a.csv", rows=5)
        said = command("run", good / "job.yaml", "--as-of", "2017-07-05")
        assert said.code == 0
        assert "a run of a later day is there" in said.err
        stands(good, before)
        (first,), (replay,) = (
            list((good / "reports" / "t").glob(f"2017-07-{day}-*")) for day in ("01", "05")
        )
        summaries = [json.loads((one / "run.json").read_text()) for one in (first, replay)]
        assert summaries[1]["previous_run"] == summaries[0]["run_digest"]
        recovers(good, ("--as-of", "2017-07-11", "--quiet"))
        (last,) = (good / "reports" / "t").glob("2017-07-11-*")
        (tenth,) = (good / "reports" / "t").glob("2017-07-10-*")
        summaries = [json.loads((one / "run.json").read_text()) for one in (tenth, last)]
        assert summaries[1]["previous_run"] == summaries[0]["run_digest"]


DAMAGES = {
    "cut": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "flipped": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    "zeros": lambda content: bytes(len(content)),
}


class TestCorrupt:
    """Bytes that are not what was written."""

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_corrupt_cache_entry(self, done, damage):
        """An entry that is damaged in whatever way is no entry."""
        (entry,) = (done / ".reconcile" / "cache").glob("*.entry")
        with pytest.raises(ValueError, match="not what was written"):
            cache.unpacked(DAMAGES[damage](entry.read_bytes()))

    def test_corrupt_cache(self, good):
        """A damaged entry is said, the file parsed again and the entry rewritten; the report is the same to the byte."""
        airwars_export(good / "a.csv", rows=3)
        plain = good.with_name("plain")
        shutil.copytree(good, plain)
        shutil.rmtree(plain / ".reconcile" / "cache")
        (entry,) = (good / ".reconcile" / "cache").glob("*.entry")
        whole = entry.read_bytes()
        entry.write_bytes(DAMAGES["flipped"](whole))
        (good / ".reconcile" / "cache" / "used.json").write_bytes(b"[[")
        said = recovers(good)
        assert "is damaged; a.csv was parsed again" in said.err
        assert entry.read_bytes() == whole
        recovers(plain)
        first, second = reports(good), reports(plain)
        assert [name for name in first if first[name] != second.get(name) and "timings" not in name] == []

    @pytest.mark.parametrize("damage", DAMAGES)
    @pytest.mark.parametrize("name", ["run.json", "tables/claims.parquet", "tables/discrepancies.parquet"])
    def test_corrupt_previous_run(self, killed, tmp_path, name, damage):
        """A damaged run is said, passed over and left as it is; the run before it counts."""
        folder = tmp_path / "job"
        shutil.copytree(killed["append"][0], folder)
        cleared(folder)
        home, state = folder / "reports" / "t", folder / ".reconcile"
        (last,) = home.glob("2017-07-02-*")
        (last / name).write_bytes(DAMAGES[damage]((last / name).read_bytes()))
        before = reports(folder)
        history, told = recover(Place(home, state, job_key(state)), "")
        found = previous_run(home, history, date(2017, 7, 3))
        assert found.folder.startswith("2017-07-01")
        assert any(f"{last}" in sentence and "damaged" in sentence for sentence in found.remarks), (
            told,
            found.remarks,
        )
        assert reports(folder) == before
        assert found.past().claims is not None

    def test_run_after_a_corrupt_one(self, good):
        """A run whose only predecessor is damaged says so and starts anew; where none is left of it, nothing is compared."""
        (claims,) = good.glob("reports/t/*/tables/claims.parquet")
        claims.write_bytes(claims.read_bytes()[:100])
        said = command("run", good / "job.yaml", *NEXT)
        assert said.code == 0, said.err
        assert "is damaged (tables/claims.parquet is not what was written) and was passed over" in said.err
        (folder,) = good.glob("reports/t/2017-07-02-*")
        assert json.loads((folder / "run.json").read_text())["previous_run"] == ""

    def test_corrupt_report_of_today(self, good):
        """A damaged report is not `unchanged`: the same run writes it again, and keeps a workbook that someone typed in."""
        airwars_export(good / "a.csv", rows=3)
        whole = reports(good)
        (folder,) = (good / "reports" / "t").glob("2017-07-01-*")
        path = folder / "tables" / "claims.parquet"
        path.write_bytes(path.read_bytes()[:100])
        (folder / "discrepancies.xlsx").write_bytes(b"typed in")
        said = command("run", good / "job.yaml", *AS_OF)
        assert said.code == 0, said.err
        after = reports(good)
        assert after.pop(f"{folder.name}.edited.xlsx") == b"typed in"
        assert [name for name in whole if whole[name] != after.get(name) and "timings" not in name] == []
        # A workbook alone that someone typed in is no damage.
        (folder / "discrepancies.xlsx").write_bytes(b"typed in")
        assert command("run", good / "job.yaml", *AS_OF[:2]).err.startswith("unchanged")

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_corrupt_history(self, killed, tmp_path, damage):
        """A history that is damaged is mended as far as it can be, and never stops a run."""
        folder = tmp_path / "job"
        shutil.copytree(killed["append"][0], folder)
        cleared(folder)
        path, before = folder / ".reconcile" / HISTORY, reports(folder)
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
        recover(place_of(folder), "")
        recover(place_of(folder), "")
        assert reports(folder) == before
        assert {name[:10] for name in lines(folder)} == {"2017-07-01", "2017-07-02"}

    def test_changed_history(self, killed, tmp_path):
        """A line that was changed by hand is said by every run, and nothing up to it is proven."""
        folder = tmp_path / "job"
        shutil.copytree(killed["append"][0], folder)
        cleared(folder)
        home, state = folder / "reports" / "t", folder / ".reconcile"
        text = (state / HISTORY).read_text()
        (state / HISTORY).write_text(text.replace('"2017-07-01"', '"2017-06-30"', 1))
        history, told = recover(Place(home, state, job_key(state)), "")
        assert history.broken == 1
        assert any("line 1 is not what was written" in sentence for sentence in told)
        assert "line 1 is not sealed" in verify(home).fault

    def test_state_lost(self, good):
        """Without its state a job goes on: reports get their lines back, as found, and the last one counts as the run before."""
        shutil.rmtree(good / ".reconcile")
        recovers(good)
        (first,), (last,) = ((good / "reports" / "t").glob(f"2017-07-0{day}-*") for day in (1, 2))
        summaries = [json.loads((one / "run.json").read_text()) for one in (first, last)]
        assert summaries[1]["previous_run"] == summaries[0]["run_digest"]


class TestOpenElsewhere:
    """A workbook that someone has open in a spreadsheet program."""

    def test_workbook_open(self, good):
        """A run writes beside a workbook that is open, and touches none of its folder."""
        (workbook,) = (good / "reports" / "t").glob("2017-07-01-*/discrepancies.xlsx")
        times = {path: path.stat().st_mtime_ns for path in (workbook.parent, *workbook.parent.rglob("*"))}
        (workbook.parent / "~$discrepancies.xlsx").write_bytes(b"owner")
        before = reports(good)
        with workbook.open("r+b"):
            recovers(good)
        stands(good, before)
        assert {path: path.stat().st_mtime_ns for path in times if path != workbook.parent} == {
            path: seen for path, seen in times.items() if path != workbook.parent
        }


@needs_linux
class TestNoMemory:
    """A limit of memory, as `ulimit -v` sets it."""

    @pytest.mark.parametrize("stage", ["read", "validate", "compare"])
    def test_no_memory(self, good, stage):
        """A run that is short of memory says so and exits 2, or a library ends it; never 1, and nothing is half-written."""
        before = reports(good)
        (code,), err = failing("no memory", (stage, "run", good / "job.yaml", *NEXT))
        if code == 0:
            pytest.skip("what the rest takes had been set aside before")
        if code == LOADER_GIVES_UP:
            assert "cannot allocate memory for thread-local data: ABORT" in err
        else:
            assert code in {2, -signal.SIGABRT}, err
            assert code < 0 or "the memory that this process may use is not enough" in err
        stands(good, before)
        assert len(reports(good)) == len(before)
        cleared(good)


class TestTable:
    """docs/faults.md."""

    def test_every_row_has_its_test(self):
        """Each row of the table names a test of this file, and each test a row."""
        page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
        rows = [row for row in page.splitlines() if row.startswith("|")][2:]
        named = {name for row in rows for name in re.findall(r"`(test_\w+)`", row.rsplit("|", 2)[1])}
        own = set(re.findall(r"def (test_\w+)\(", Path(__file__).read_text(encoding="utf-8")))
        assert all(re.search(r"`test_\w+`", row) for row in rows)
        assert named == own - {"test_every_row_has_its_test"}
