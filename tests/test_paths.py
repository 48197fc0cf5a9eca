"""A job reaches no further than its folder, and an archive not out of itself, whatever whoever made them had in mind."""

import io
import json
import os
import re
import stat
import subprocess
import sys
import tarfile
import zipfile

import pytest
from conftest import ROOT
from test_cli import AS_OF, airwars_export, command

from reconcile.errors import UsageFault
from reconcile.jobs import Folder, Job, folder_of
from reconcile.runs.digests import put

JOB = "id: t\ninputs:\n  - {monitor: airwars, files: [a.csv]}\n"
PRECIOUS = "a file that is none of the job's business\n"
SECONDS = 60
ON_WINDOWS = os.name == "nt"
needs_links = pytest.mark.skipif(ON_WINDOWS, reason="links need rights that not every user of Windows has")
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes among its files")


@pytest.fixture
def folder(tmp_path):
    """A job's folder with one export in it; beside it lies a folder that is none of its business."""
    airwars_export(tmp_path / "job" / "a.csv", rows=3)
    (tmp_path / "job" / "job.yaml").write_text(JOB, encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious.txt").write_text(PRECIOUS, encoding="utf-8")
    return tmp_path / "job"


def run_of(folder, *words):
    """Carry out the job of a folder."""
    return command("run", folder / "job.yaml", *AS_OF, "--quiet", *words)


def standing(folder):
    """Everything below a folder, with the bytes of files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
        if not path.is_symlink()
    }


def untouched(folder):
    """Whether the folder beside the job's is as it was."""
    return standing(folder.parent / "outside") == {"precious.txt": PRECIOUS.encode()}


LINKED_FOLDERS = {
    "the folder of reports": "reports",
    "the folder of the job's reports": "reports/t",
    "the job's state": ".reconcile",
    "the cache in it": ".reconcile/cache",
}
LINKED_FILES = ("lock", "key", "key.draft", "history.jsonl", "cache/used.draft")


class TestLinks:
    """Links in a folder that somebody else made up: in a shared folder, an archive, a repository."""

    @needs_links
    @pytest.mark.parametrize("place", LINKED_FOLDERS.values(), ids=LINKED_FOLDERS)
    def test_linked_folder_is_not_written_to(self, folder, place):
        """Where reports or state would lie elsewhere, exit 2 says so, and nothing is written or deleted there."""
        link = folder / place
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(folder.parent / "outside", target_is_directory=True)
        said = run_of(folder)
        assert said.code == 2, said.err
        assert "leads outside the job's folder" in said.err or "is a link" in said.err
        assert untouched(folder)
        assert not list(folder.parent.rglob("run.json"))

    @needs_links
    @pytest.mark.parametrize("name", LINKED_FILES)
    @pytest.mark.parametrize("is_there", [True, False], ids=["to a file", "to nothing"])
    def test_linked_file_of_the_state(self, folder, name, is_there):
        """A link in the place of the lock, the key or the history is refused, before anything is written through it."""
        link = folder / ".reconcile" / name
        link.parent.mkdir(parents=True)
        link.symlink_to(folder.parent / "outside" / ("precious.txt" if is_there else "new.txt"))
        said = run_of(folder)
        assert said.code == 2, said.err
        assert "is a link, and a job's state holds none" in said.err
        assert untouched(folder)

    @needs_links
    def test_link_may_be_allowed(self, folder):
        """What the job says may lie outside does."""
        (folder / "reports").symlink_to(folder.parent / "outside", target_is_directory=True)
        (folder / "job.yaml").write_text(JOB + "allow_outside: [../outside]\n", encoding="utf-8")
        said = run_of(folder)
        assert said.code == 0, said.err
        assert len(list((folder.parent / "outside" / "t").glob("*/run.json"))) == 1

    @needs_links
    def test_link_in_the_place_of_a_draft(self, tmp_path):
        """What a run writes under a name of its own is not written through a link."""
        (tmp_path / "precious.txt").write_text(PRECIOUS, encoding="utf-8")
        (tmp_path / "draft").symlink_to(tmp_path / "precious.txt")
        with pytest.raises(OSError, match=r".*"):
            put(tmp_path / "draft", b"new")
        assert (tmp_path / "precious.txt").read_text(encoding="utf-8") == PRECIOUS


# Paths that no job has any business with, as YAML.
ODD = {
    "no name": '"a\\0.csv"',
    "too long": f"{'a' * 5000}.csv",
    "share of Windows": r"'\\server\share\a.csv'",
    "share with other slashes": "//server/share/a.csv",
    "device of Windows": r"'\\.\COM1'",
    "long path of Windows": r"'\\?\C:\a.csv'",
    "home of a user": "~/../../../../etc/hostname/../../etc/passwd",
    "root": "/",
    "pattern from the root": '"/e*/passwd"',
    "pattern that climbs": '"*/../../outside/*"',
    "pattern that climbs at its end": '"./*/../../../outside/precious.txt"',
}
PLACES = ("judgements", "corrections", "findings", "places", "rules", "out")


class TestWords:
    """What a job may write where a path belongs."""

    @pytest.mark.parametrize("text", ODD.values(), ids=ODD)
    def test_odd_path_is_refused(self, folder, text):
        """No odd path is opened, and none is a fault of the program; what a pattern meets outside is refused, too."""
        (folder / "inside").mkdir()
        (folder / "job.yaml").write_text(JOB.replace("a.csv", text), encoding="utf-8")
        said = run_of(folder)
        assert "fault of the program" not in said.err
        assert PRECIOUS.strip() not in said.err
        assert said.code == 2, said.err
        assert untouched(folder)

    @pytest.mark.parametrize("place", PLACES)
    def test_every_place_of_a_job(self, folder, place):
        """Wherever a job holds a path, an odd one is a sentence that names the key."""
        (folder / "job.yaml").write_text(f'{JOB}{place}: "a\\0b"\n', encoding="utf-8")
        said = run_of(folder)
        assert said.code == 2
        assert said.err.startswith(f"reconcile: {place}: ")
        assert "can't be the name of a file" in said.err

    @pytest.mark.parametrize("text", [r"\\server\share\a.csv", "//server/share/a.csv", r"\\.\NUL", r"\/x\y"])
    def test_machine_is_not_greeted(self, folder, text, monkeypatch):
        """A path that names a machine is refused before the system is asked about it."""
        asked = []
        monkeypatch.setattr("pathlib.Path.resolve", lambda path, **_: asked.append(path) or path)
        with pytest.raises(UsageFault, match="leads outside"):
            Folder(folder).path(text, "files")
        assert asked == []

    def test_allowed_machine_is(self, folder):
        """A share that the job allows is not refused for its words."""
        job = Job.model_validate(
            {"id": "t", "inputs": [{"files": ["a.csv"]}], "allow_outside": ["//server/share"]}
        )
        allowed = folder_of(folder / "job.yaml", job)
        if not ON_WINDOWS:
            assert allowed.path("//server/share/a.csv", "files").name == "a.csv"
        for text in ("//server/other/a.csv", "//server/share/../other/a.csv", "//server/share2/a.csv"):
            with pytest.raises(UsageFault, match="leads outside"):
                allowed.path(text, "files")

    @needs_links
    def test_circle_of_links(self, folder):
        """Links that lead to each other are a sentence."""
        (folder / "x").symlink_to(folder / "y")
        (folder / "y").symlink_to(folder / "x")
        (folder / "job.yaml").write_text(JOB.replace("a.csv", "x/a.csv, a.csv"), encoding="utf-8")
        said = run_of(folder)
        assert "fault of the program" not in said.err
        assert said.code in {1, 2}

    def test_latest_leads_to_no_other_folder(self, folder):
        """`latest.json` names a report beside it, and no folder above."""
        assert run_of(folder).code == 0
        home = folder / "reports" / "t"
        (report,) = home.glob("*/run.json")
        for name in ("..", ".", "../../job", folder.as_posix(), ""):
            (home.parent / "run.json").write_bytes(report.read_bytes())
            (home / "latest.json").write_text(f'{{"folder": "{name}"}}', encoding="utf-8")
            said = command("explain", home, "airwars:X1")
            assert said.code == 2, name
            assert "points to" in said.err


class TestPipes:
    """What looks like a file and never ends."""

    def ended(self, *words):
        """Carry out a command in a process that is stopped where it waits."""
        typed = [sys.executable, "-m", "reconcile", *map(str, words)]
        return subprocess.run(
            typed, capture_output=True, check=False, text=True, cwd=ROOT, timeout=SECONDS, stdin=subprocess.DEVNULL
        )  # fmt: skip

    @needs_pipes
    @pytest.mark.parametrize("place", ["files: [pipe.csv]", "judgements: pipe.csv", "places: pipe.csv"])
    def test_pipe_in_a_job(self, folder, place):
        """A job that names a pipe is refused, and waits for nobody."""
        os.mkfifo(folder / "pipe.csv")
        job = JOB.replace("files: [a.csv]", place) if place.startswith("files") else f"{JOB}{place}\n"
        (folder / "job.yaml").write_text(job, encoding="utf-8")
        said = self.ended("run", folder / "job.yaml", *AS_OF)
        assert said.returncode == 2
        assert "is a pipe or a device" in said.stderr

    @needs_pipes
    def test_pipe_in_a_folder(self, folder):
        """In a folder or behind a pattern a pipe is passed over, like whatever else is no file."""
        (folder / "sub").mkdir()
        os.mkfifo(folder / "sub" / "b.csv")
        airwars_export(folder / "sub" / "c.csv", rows=1, tag="C")
        (folder / "job.yaml").write_text(JOB.replace("a.csv", '"sub/*.csv"'), encoding="utf-8")
        said = self.ended("check", folder / "job.yaml")
        assert "sub/c.csv: 1 rows read" in said.stdout

    @pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no such device")  # noqa: PTH110 - at import
    def test_device_is_not_read(self):
        """A device that never ends is not read, by whomever it is named."""
        said = self.ended("check", "/dev/zero")
        assert said.returncode == 2
        assert "zero: can't be read" in said.stderr


def zipped(*members):
    """Return a zip of members, each a name, a content, and for a link its mode."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content, *mode in members:
            about = zipfile.ZipInfo(name)
            if mode:
                about.create_system, about.external_attr = 3, mode[0] << 16
            archive.writestr(about, content)
    return packed.getvalue()


def tarred(name, content, link=""):
    """Return a tar with one member, a link where it leads somewhere."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        about = tarfile.TarInfo(name)
        if link:
            about.type, about.linkname = tarfile.SYMTYPE, link
        else:
            about.size = len(content)
        archive.addfile(about, io.BytesIO(content))
    return packed.getvalue()


CLIMBING = ("../b.csv", "../../outside/b.csv", "/b.csv", r"..\b.csv", r"C:\b.csv", "a/../../b.csv", "./b.csv", r"\\server\share\b.csv")  # fmt: skip


class TestArchives:
    """Archives made to write where they are opened."""

    @pytest.fixture
    def line(self, folder):
        """A good export, as bytes."""
        return (folder / "a.csv").read_bytes()

    @pytest.mark.parametrize("name", CLIMBING)
    @pytest.mark.parametrize("is_nested", [False, True], ids=["", "in another"])
    def test_member_that_climbs_is_read_and_written_nowhere(self, folder, line, name, is_nested):
        """A member is read under the name it states, whatever that is, and no file comes of it."""
        packed = zipped((name, line))
        (folder / "a.zip").write_bytes(zipped(("in.zip", packed)) if is_nested else packed)
        (folder / "a.csv").unlink()
        (folder / "job.yaml").write_text(JOB.replace("a.csv", "a.zip"), encoding="utf-8")
        before = standing(folder.parent)
        said = run_of(folder)
        assert said.code == 0, said.err
        made = set(standing(folder.parent)) - set(before)
        assert all(re.match(r"job/(reports|\.reconcile)(/|$)", path) for path in made), made
        assert not [path for path in made if path.endswith("b.csv")]

    def test_linked_member_is_text_and_not_followed(self, folder):
        """A member that is a link to a file of this machine is read as the text it is, and shows nothing of that file."""
        target = folder.parent / "outside" / "precious.txt"
        (folder / "a.zip").write_bytes(zipped(("a.csv", str(target), stat.S_IFLNK | 0o777)))
        said = command("check", folder / "a.zip")
        assert said.code == 2
        assert PRECIOUS.strip() not in said.err + said.out

    @pytest.mark.parametrize("link", ["", "../outside/precious.txt"], ids=["a file", "a link"])
    def test_tar_is_not_opened(self, folder, line, link):
        """A packed tar is refused with a sentence, and nothing of it is written."""
        (folder / "a.tar.gz").write_bytes(tarred("../outside/b.csv", line, link))
        before = standing(folder.parent)
        said = command("check", folder / "a.tar.gz")
        assert said.code == 2
        assert "packed tar archive" in said.err
        assert standing(folder.parent) == before


class TestKey:
    """What belongs to a job is its owner's alone."""

    @pytest.mark.skipif(ON_WINDOWS, reason="Windows keeps rights elsewhere than in a mode")
    def test_modes(self, folder):
        """State is 0700, and key and history in it 0600, however open the user's files are by default."""
        before = os.umask(0)
        try:
            assert run_of(folder).code == 0
        finally:
            os.umask(before)
        state = folder / ".reconcile"
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (state, *state.iterdir())}
        assert modes[".reconcile"] == 0o700
        assert modes["key"] == modes["history.jsonl"] == 0o600

    def test_key_stays_in_the_state(self, folder):
        """No report, table or page holds the key, as bytes or as digits."""
        assert run_of(folder, "--html").code == 0
        key = (folder / ".reconcile" / "key").read_bytes()
        needles = (key, key.hex().encode(), key[:8], key[:8].hex().encode())
        written = [path for path in (folder / "reports").rglob("*") if path.is_file()]
        assert written
        assert [path for path in written for one in needles if one in path.read_bytes()] == []


FORGED = "error: all is lost"
# A name that begins a line of its own, clears the screen, sets a title, writes backwards, and ends in what 8-bit terminals obey.
EVIL = f"b\n{FORGED}\x1b[2J\x1b]0;title\x07\u202egnp\u2066\x9b31m\x7f"


def steers(text):
    """Which characters of a text a terminal, or who reads a log line by line, would be misled by."""
    return {mark for mark in text if not mark.isprintable()} - {"\n"}


@pytest.mark.skipif(ON_WINDOWS, reason="Windows has no such names")
class TestShownNames:
    """Names of files, members and columns that were made to mislead who reads the screen or the log."""

    @pytest.fixture
    def job(self, folder):
        """A job over a file, a broken file, a missing one and an archive's members, all with such names."""
        airwars_export(folder / f"{EVIL}.csv", rows=2, header=f"{EVIL.replace(chr(10), ' ')}", tag="B")
        good = (folder / "a.csv").read_bytes()
        (folder / "c.zip").write_bytes(zipped((f"{EVIL}.csv", good[:-5]), (f"{EVIL}.jpg", b"x")))
        listed = ", ".join(json.dumps(name) for name in ("a.csv", f"{EVIL}.csv", f"{EVIL}2.csv", "c.zip"))
        (folder / "job.yaml").write_text(JOB.replace("a.csv", listed), encoding="utf-8")
        return folder / "job.yaml"

    @pytest.mark.parametrize("words", [("check",), ("run",), ("run", "--quiet")], ids=" ".join)
    def test_no_line_is_forged(self, job, words):
        """Each line is one that the program began, and none holds a character that steers."""
        said = command(words[0], job, *AS_OF, *words[1:])
        assert "b\\nerror" in said.err + said.out
        lines = (said.err + said.out).splitlines()
        assert [line for line in lines if line.startswith(FORGED)] == []
        assert steers(said.err + said.out) == set()

    def test_log_of_json(self, job):
        """A log of JSON has one object a line, which gives back the name as it is, and no character that steers."""
        said = command("run", job, *AS_OF, "--log-json")
        assert steers(said.err) == set()
        told = [json.loads(line) for line in said.err.splitlines()]
        assert any(one.get("file", "").startswith(EVIL) for one in told)

    def test_fault_of_the_job(self, folder):
        """The name of a job, and what is wrong with it, are one line too."""
        path = folder / f"{EVIL}.yaml"
        path.write_text("id: t\n" + json.dumps(EVIL) + ": 1\n", encoding="utf-8")
        for words in (("run", path), ("run", path, "--log-json"), ("run", folder / f"{EVIL}x.yaml")):
            said = command(*words)
            assert said.code == 2
            assert steers(said.err) == set()
            assert [line for line in said.err.splitlines() if line.startswith(FORGED)] == []
