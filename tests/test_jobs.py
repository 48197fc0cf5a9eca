"""Job files: what they may ask for, what they may reach, and what is said where they err."""

import io
import re
import socket
import sys
from datetime import date
from pathlib import Path

import fsspec
import openpyxl
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import _registry
from test_cli import HEADER, UCDP_HEADER, airwars_export, airwars_line, command, summary_of, table_of

from reconcile.errors import UsageFault
from reconcile.jobs import Folder, Job, file_inputs, is_address, job_inputs, local_path, shown_address

AS_OF = ("--as-of", "2017-07-01", "--quiet")
JOB = "id: t\ninputs:\n  - {monitor: airwars, files: [a.csv]}\n"
UCDP_LINE = "7,1,A - B,2017-06-01,2017-06-01,2,2,2,2,35.9,39"


@pytest.fixture
def folder(tmp_path):
    """A job's folder with one export in it; beside it lies a folder that is none of its business."""
    airwars_export(tmp_path / "job" / "a.csv", rows=10)
    airwars_export(tmp_path / "outside" / "b.csv", rows=3, tag="B")
    return tmp_path / "job"


def carried_out(folder, text, *words):
    """Write a job and run it."""
    (folder / "job.yaml").write_text(text, encoding="utf-8")
    return command("run", folder / "job.yaml", *AS_OF, *words)


def checked(folder, text, as_of="2017-07-01"):
    """Write a job and check it, which takes a third of the time."""
    (folder / "job.yaml").write_text(text, encoding="utf-8")
    return command("check", folder / "job.yaml", "--as-of", as_of, "--quiet")


def files_in(said):
    """The files of a check, in order."""
    return [line.partition(":")[0] for line in said.out.splitlines() if " rows read, " in line]


def claims_in(said):
    """The numbers of claims of each file of a check."""
    return [int(found) for found in re.findall(r" rows read, (\d+) claims", said.out)]


def inputs_of(folder):
    """What the only run of a job says of its inputs."""
    return summary_of(folder / "reports")["inputs"]


def with_decision(kind, decision):
    """Return a text of judgements or corrections with one decision in it."""
    who = "reviewer: Reviewer One, decided_on: 2020-01-01"
    return f"- {{{decision}, {who}{', reason: a test' if kind == 'corrections' else ''}}}\n"


FAULTS = {
    "key that is no key": (JOB + "wthin: {}\n", ["job.yaml:4: wthin: not a key that is known here"]),
    "key of an input": (
        "id: t\ninputs:\n  - {monitr: airwars, files: [a.csv]}\n",
        ["job.yaml:3: inputs.0.monitr: not a key that is known here"],
    ),
    "two faults at once": (
        JOB.replace("id: t", "idd: t") + "wthin: {}\n",
        ["job.yaml:1: idd:", "job.yaml:1: id: missing", "job.yaml:4: wthin:"],
    ),
    "key twice": (JOB + "id: u\n", ['job.yaml:4: not readable as YAML: found duplicate key "id"']),
    "no inputs": ("id: t\ninputs: []\n", ["job.yaml:2: inputs:"]),
    "id that is no folder name": (JOB.replace("id: t", "id: ../t"), ["job.yaml:1: id: found '../t'"]),
    "tab": ("id: t\n\tinputs: x\n", ["job.yaml:2: not readable as YAML"]),
    "nothing in it": ("", ["job.yaml:1: "]),
    "window that ends before it starts": (
        JOB + "within: {from: 2017-07-01, to: 2017-06-01}\n",
        ["job.yaml:4: within: `to` (2017-06-01) is before `from` (2017-07-01)"],
    ),
    "level": (JOB + "fail_on: [S4]\n", ["job.yaml:4: fail_on.0: found 'S4'; allowed are 'S1'"]),
    "day that does not exist": (JOB + "within:\n  to: 2017-06-31\n", ["job.yaml:5: "]),
    "monitor": (
        JOB.replace("airwars", "airwarz"),
        ["job.yaml: inputs: no monitor airwarz; known are ", "airwars,"],
    ),
    "profile of vague words": (
        JOB + "quantities: loud\n",
        ["job.yaml", "no profile 'loud'; known are airwars"],
    ),
    "measure": (JOB + "within: {measures: [kiled]}\n", ["job.yaml:4: ", "kiled"]),
    "country": (JOB + "within: {countries: [SYRIA]}\n", ["job.yaml:4: ", "SYRIA"]),
    "gazetteer that is not there": (JOB + "places: nowhere.csv\n", ["nowhere.csv"]),
    "gazetteer without its columns": (JOB + "places: job.yaml\n", ["job.yaml"]),
    "rules that are not there": (JOB + "rules: nowhere\n", ["nowhere: no rules here"]),
}


class TestFaults:
    """A job file that can't be carried out as written."""

    @pytest.mark.parametrize(("text", "sentences"), FAULTS.values(), ids=FAULTS)
    def test_fault_has_its_place(self, folder, text, sentences):
        """A fault exits 2, names the file (and where it has one, line and key), and leaves no report."""
        said = carried_out(folder, text)
        assert said.code == 2, said.err
        assert "fault of the program" not in said.err
        assert all(sentence in said.err for sentence in sentences), said.err
        assert not list(folder.rglob("run.json"))

    def test_one_typo_is_one_fault(self, folder):
        """A misspelt key is said once, and no second fault is made of it."""
        said = carried_out(folder, "id: t\ninputs:\n  - {monitr: airwars, files: [a.csv]}\n")
        assert len(said.err.strip().splitlines()) == 1, said.err

    def test_file_that_is_no_text(self, folder):
        """A job file in another encoding is said to be so."""
        (folder / "job.yaml").write_bytes(JOB.replace("id: t", "id: t\ntitle: Caf\u00e9").encode("cp1252"))
        said = command("run", folder / "job.yaml")
        assert said.code == 2
        assert "job.yaml: not UTF-8 text" in said.err

    def test_byte_order_mark(self, folder):
        """A job file that a Windows editor saved is read."""
        assert carried_out(folder, "\ufeff" + JOB.replace("\n", "\r\n")).code == 0


OUTSIDE = {
    "up": "files: [../outside/b.csv]",
    "up by a pattern": 'files: ["../outside/*.csv"]',
    "up and down again": "files: [../outside/../outside/b.csv]",
    "a link to a file": "files: [file_link.csv]",
    "a pattern that meets a link": 'files: ["file_*.csv"]',
    "a file in a linked folder": "files: [folder_link/b.csv]",
    "a pattern in a linked folder": 'files: ["folder_link/*.csv"]',
    "a linked folder": "files: [folder_link]",
    "absolute": "files: ['OUTSIDE/b.csv']",
    "output": "out: ../outside",
    "rules": "rules: ../outside",
    "judgements": "judgements: ../outside/j.yaml",
    "corrections": "corrections: 'OUTSIDE/c.yaml'",
    "places": "places: ../outside/b.csv",
}


class TestReach:
    """A job reaches no further than its folder, unless it says where."""

    @pytest.mark.parametrize("asked", OUTSIDE.values(), ids=OUTSIDE)
    def test_way_out_is_refused(self, folder, asked):
        """Whatever leads out of the folder is refused by name, exits 2 and writes nothing anywhere."""
        outside = folder.parent / "outside"
        try:
            (folder / "file_link.csv").symlink_to(outside / "b.csv")
            (folder / "folder_link").symlink_to(outside, target_is_directory=True)
        except OSError:
            pytest.skip("this system lets no links be made")
        asked = asked.replace("OUTSIDE", outside.as_posix())
        text = JOB.replace("files: [a.csv]", asked) if asked.startswith("files") else JOB + asked + "\n"
        said = carried_out(folder, text)
        assert said.code == 2
        assert "leads outside the job's folder" in said.err
        assert "allow_outside" in said.err
        assert [path.name for path in outside.iterdir()] == ["b.csv"]
        assert not list(folder.rglob("run.json"))

    def test_allowed_folder_is_read(self, folder):
        """A folder under `allow_outside` may be read from."""
        text = JOB.replace("[a.csv]", "[a.csv, ../outside/b.csv]") + "allow_outside: [../outside]\n"
        said = checked(folder, text)
        assert said.code == 0, said.err
        assert claims_in(said) == [10, 3]

    def test_allowed_folder_opens_no_other(self, folder):
        """What is allowed is that folder, and neither its parent nor its like-named neighbour."""
        airwars_export(folder.parent / "outside2" / "c.csv", rows=1, tag="C")
        text = JOB.replace("a.csv", "../outside2/c.csv") + "allow_outside: [../outside]\n"
        assert checked(folder, text).code == 2

    def test_like_names_inside_and_outside(self, folder):
        """A file outside that is named like one inside stays another file."""
        airwars_export(folder.parent / "outside" / "a.csv", rows=2, tag="C")
        text = JOB.replace("[a.csv]", "[a.csv, ../outside/a.csv]") + "allow_outside: [../outside]\n"
        said = checked(folder, text)
        assert said.code == 0, said.out
        assert claims_in(said) == [10, 2]


class TestFiles:
    """Which files a job means."""

    def test_pattern(self, folder):
        """A pattern stands for the files it meets, in order of their names."""
        for name in ("z_2.csv", "z_1.csv"):
            airwars_export(folder / name, rows=1, tag=name[2])
        said = checked(folder, JOB.replace("a.csv", '"z_*.csv"'))
        assert files_in(said) == ["z_1.csv", "z_2.csv"]

    @pytest.mark.parametrize("pattern", ["*/c.csv", "**/c.csv", "more/*.csv", "more"])
    def test_pattern_of_folders(self, folder, pattern):
        """A pattern meets files in folders below."""
        airwars_export(folder / "more" / "c.csv", rows=1, tag="C")
        said = checked(folder, JOB.replace("a.csv", f'"{pattern}"'))
        assert said.code == 0, said.err
        assert said.out.startswith("more/c.csv: 1 rows read, 1 claims")

    def test_file_met_twice_is_read_once(self, folder):
        """A file that two patterns meet gives its rows once."""
        said = checked(folder, JOB.replace("[a.csv]", '[a.csv, "*.csv"]'))
        assert said.code in {0, 1}, said.err
        assert sum(claims_in(said)) == 10

    @pytest.mark.parametrize(
        ("asked", "sentence"), [("no.csv", "no.csv: no such file"), ("hollow", "hollow: is an empty folder")]
    )
    def test_missing_beside_another(self, folder, asked, sentence):
        """A file or folder that gives nothing failed, by name; the other file is read."""
        (folder / "hollow").mkdir()
        said = checked(folder, JOB + f"  - {{monitor: ucdp_ged, files: [{asked}]}}\n")
        assert said.code == 1
        assert f"{asked}: 0 rows read, 0 claims, 0 figures. failed: {sentence}" in said.out
        assert claims_in(said) == [10, 0]

    def test_file_of_another_monitor(self, folder):
        """A file that has not the header of its monitor fails by name, although another monitor knows it."""
        airwars_export(folder / "c.csv", rows=1, tag="C")
        said = checked(folder, JOB + "  - {monitor: ucdp_ged, files: [c.csv]}\n")
        assert said.code == 1
        assert "c.csv: has a header that no known layout has" in said.out

    def test_sheets_of_one_workbook(self, folder):
        """Two sheets of one workbook may be two inputs of two monitors."""
        book = openpyxl.Workbook()
        book.active.title = "Airwars"
        for sheet, lines in (
            (book.active, [HEADER, airwars_line(1), airwars_line(2)]),
            (book.create_sheet("UCDP"), [UCDP_HEADER, UCDP_LINE]),
        ):
            for line in lines:
                sheet.append(line.split(","))
        book.save(folder / "both.xlsx")
        said = checked(
            folder,
            "id: t\ninputs:\n"
            "- {monitor: airwars, files: [both.xlsx], sheet: Airwars}\n"
            "- {monitor: ucdp_ged, files: [both.xlsx], sheet: UCDP}\n",
        )
        assert said.code == 0, said.out
        assert claims_in(said) == [2, 1]

    def test_sheet_that_is_not_there(self, folder):
        """A sheet that the workbook lacks is answered with those it has."""
        book = openpyxl.Workbook()
        book.active.title = "June"
        book.save(folder / "a.xlsx")
        said = carried_out(folder, "id: t\ninputs: [{monitor: airwars, files: [a.xlsx], sheet: July}]\n")
        assert said.code == 2
        assert "a.xlsx: has no sheet 'July'; it has 'June'" in said.err


CSV = b"code,place\nX1,Tell Example\n"


@pytest.fixture
def store():
    """A store in the memory of this process, with two exports, a manual and a folder in it."""
    store = fsspec.filesystem("memory")
    store.store.clear()
    for name in ("b.csv", "a.csv", "Manual.pdf", "._a.csv", "more/c.csv"):
        store.pipe(f"/exports/{name}", CSV + name.encode())
    yield store
    store.store.clear()


class Trickle(io.BytesIO):
    """A stream that gives less than it is asked for, as those of the web do."""

    def read(self, _=-1):
        """Give three bytes."""
        return super().read(3)


WEB_FAULTS = {"missing": FileNotFoundError, "closed": PermissionError, "odd": ZeroDivisionError}


class Web(MemoryFileSystem):
    """What stands in for the web: every address has the same file and its own query, but for those that fail."""

    protocol = "https"

    @classmethod
    def _strip_protocol(cls, path):
        return path

    def _open(self, path, **_):
        for word, fault in WEB_FAULTS.items():
            if word in path:
                raise fault(path)
        return Trickle(CSV + path.rpartition("?")[2].encode())


@pytest.fixture
def web(monkeypatch):
    """The web, without a network."""
    monkeypatch.setitem(_registry, "https", Web)
    monkeypatch.setattr(socket, "socket", None)


def job_of(folder, *files):
    """The inputs of a job that lists these files."""
    job = Job.model_validate({"id": "t", "inputs": [{"files": files}]})
    return job_inputs(job, Folder(folder), date(2017, 7, 1))


def names_of(inputs):
    """What inputs are called; all of them were read, and are called so inside too."""
    assert [one.fault for one in inputs] == [""] * len(inputs)
    assert [one.source.name for one in inputs] == [one.name for one in inputs]
    return [one.name for one in inputs]


ADDRESS = "https://user:token@example.org/exports/x.csv?sig=secret#part"


class TestAddresses:
    """Inputs that are addresses: fetched where they are written, named without secrets, refused in a sentence."""

    @pytest.mark.parametrize(
        "text", ["memory://exports/a.csv", "memory:/exports/a.csv", "MEMORY://exports/a.csv"]
    )
    def test_address_is_fetched(self, store, folder, text):
        """An address is read from the job and from the command line, also where `Path` took one of its slashes."""
        for inputs in (job_of(folder, text), file_inputs([text]), file_inputs([Path(text)])):
            assert names_of(inputs) == ["memory://exports/a.csv"]
            assert inputs[0].source.content == store.cat("/exports/a.csv")

    @pytest.mark.parametrize(
        "text", ["memory://exports", "memory://exports/", "memory://exports/?.csv", "memory://exports/*.csv"]
    )
    def test_folder_and_pattern_of_a_store(self, store, folder, text):
        """A folder of a store gives the files that we read, a pattern what it meets."""
        (*_,) = store.ls("/exports")
        inputs = job_of(folder, text)
        if "?" in text:
            assert [one.fault for one in inputs] == [
                "is not there, or no way leads to it from here. Check the address."
            ]
            return
        expected = ["memory://exports/a.csv", "memory://exports/b.csv"]
        assert names_of(inputs) == (["memory://exports/._a.csv", *expected] if "*" in text else expected)

    def test_addresses_beside_paths(self, store, folder):
        """Files of both kinds stand beside each other, each with its monitor."""
        assert store.exists("/exports/a.csv")
        assert names_of(job_of(folder, "a.csv", "memory://exports/a.csv")) == [
            "a.csv",
            "memory://exports/a.csv",
        ]
        (folder / "job.yaml").write_text(JOB.replace("[a.csv]", "[a.csv, 'memory://exports/b.csv']"))
        said = command("check", folder / "job.yaml", "--as-of", "2017-07-01", "--quiet")
        assert "memory://exports/b.csv" in said.out
        assert claims_in(said)[0] == 10

    @pytest.mark.usefixtures("web")
    def test_secrets_are_not_shown(self, folder):
        """User, password and query are used, and appear in no name."""
        assert shown_address(ADDRESS) == "https://example.org/exports/x.csv"
        for inputs in (job_of(folder, ADDRESS), file_inputs([ADDRESS])):
            assert names_of(inputs) == ["https://example.org/exports/x.csv"]
            assert inputs[0].source.content.endswith(b"sig=secret#part")

    @pytest.mark.usefixtures("web")
    def test_addresses_shown_alike_keep_apart(self, folder):
        """Two addresses that differ in what is hidden have two names; one that stands twice has one."""
        years = [f"https://example.org/x.csv?year={year}" for year in (2016, 2017, 2016)]
        first = "https://example.org/x.csv"
        assert names_of(job_of(folder, *years)) == [first, f"{first} (2)", first]

    @pytest.mark.usefixtures("web")
    @pytest.mark.parametrize(
        ("word", "said"),
        [
            ("missing", "is not there"),
            ("closed", "may not be read with the credentials"),
            ("odd", "can't be fetched (ZeroDivisionError)."),
        ],
    )
    def test_failure_is_a_sentence_without_secrets(self, folder, word, said):
        """What a store says of a failure may quote the address, so it is not shown."""
        (one,) = job_of(folder, f"https://user:token@example.org/{word}.csv?sig=secret")
        assert one.source is None
        assert one.name == f"https://example.org/{word}.csv"
        assert one.fault.startswith(said)
        assert not re.search("token|secret|user", one.name + one.fault)

    def test_too_large_is_refused(self, store, folder, monkeypatch):
        """A file beyond all measure is not fetched to its end."""
        monkeypatch.setattr("reconcile.jobs.UNZIPPED_LIMIT", 10)
        assert store.exists("/exports/a.csv")
        assert "was not fetched" in job_of(folder, "memory://exports/a.csv")[0].fault

    def test_without_fsspec_the_extra_is_named(self, folder, monkeypatch):
        """Where the extra is not installed, the sentence says how to get it."""
        monkeypatch.setitem(sys.modules, "fsspec", None)
        assert "pip install 'reconcile[urls]'" in job_of(folder, "https://example.org/a.csv")[0].fault

    def test_library_of_a_store_is_named(self, folder, monkeypatch):
        """Where a store needs a library of its own, fsspec says which."""
        monkeypatch.setitem(sys.modules, "s3fs", None)
        monkeypatch.delitem(_registry, "s3", raising=False)
        (one,) = job_of(folder, "s3://bucket/a.csv")
        assert "s3fs" in one.fault
        assert one.name == "s3://bucket/a.csv"

    @pytest.mark.parametrize(
        "text",
        [
            "gopher://example.org/a.csv",
            "simplecache::file:///etc/hostname",
            "zip://a.csv::file:///etc/hostname",
            "reference://a",
            "dir://outside",
            "memory://a::file:///etc/hostname",
            "https://[user:token@example.org/a.csv",
        ],
    )
    def test_ways_around_are_refused(self, folder, text):
        """No scheme that wraps another, or reads the disk, leads out of the job's folder."""
        (one,) = job_of(folder, text)
        assert one.source is None
        assert one.fault
        assert "token" not in one.name + one.fault

    def test_file_address_is_a_path(self, folder):
        """file:// is a path like any other: inside the folder it is read, outside the job refuses it, the command line does not."""
        inside, outside = (folder / "a.csv").as_uri(), (folder.parent / "outside" / "b.csv").as_uri()
        assert not is_address(inside)
        assert Path(local_path(inside)) == folder / "a.csv"
        assert names_of(job_of(folder, inside)) == ["a.csv"]
        assert names_of(file_inputs([outside, Path(inside)])) == ["b.csv", "a.csv"]
        with pytest.raises(UsageFault, match="leads outside"):
            job_of(folder, outside)

    @pytest.mark.parametrize(
        "text", ["a.csv", "C:\\data\\a.csv", "C:/data/a.csv", "data/*.csv", "x: y", "2017-06-10T10:00", ""]
    )
    def test_paths_are_no_addresses(self, text):
        """A drive of Windows is no scheme."""
        assert not is_address(text)
        assert (local_path(text), shown_address(text)) == (text, text)

    def test_release_to_come_shows_no_secret(self, folder):
        """An address whose release lies in the future is named without its secrets, and not fetched."""
        job = Job.model_validate({"id": "t", "inputs": [{"files": [ADDRESS], "released": "2017-07-20"}]})
        (one,) = job_inputs(job, Folder(folder), date(2017, 7, 1))
        assert one.name == "https://example.org/exports/x.csv"


class TestFolders:
    """A folder stands for the files in it that we read."""

    def test_folder_of_every_kind(self, tmp_path):
        """Exports of every kind are taken, whatever lies beside them is not."""
        taken = [
            "a.json",
            "b.GEOJSON",
            "c.parquet",
            "d.csv.gz",
            "e.zip",
            "f.jsonl",
            "g.ods",
            "h.ndjson",
            "i.xlsb",
            "j.csv",
        ]
        for name in [*taken, "Manual.pdf", "._a.csv", "~$i.xlsx", "job.yaml", "k"]:
            (tmp_path / name).write_bytes(CSV)
        (tmp_path / "below").mkdir()
        (tmp_path / "below" / "l.csv").write_bytes(CSV)
        assert [one.name for one in file_inputs([tmp_path])] == taken
        assert names_of(job_of(tmp_path, ".")) == taken
        assert names_of(job_of(tmp_path, "**/*.csv")) == ["._a.csv", "below/l.csv", "j.csv"]


class TestReleases:
    """Of each input the latest release that was out on the as-of day."""

    DATED = (
        "id: t\ninputs:\n"
        "- {monitor: airwars, files: [a.csv], released: 2017-06-20}\n"
        "- {monitor: airwars, files: [b.csv], released: 2017-06-25}\n"
        "- {monitor: airwars, files: [c.csv], released: 2017-07-25}\n"
    )

    @pytest.mark.parametrize(
        ("as_of", "file"),
        [("2017-06-24", "a.csv"), ("2017-06-25", "b.csv"), ("2017-07-24", "b.csv"), ("2017-08-01", "c.csv")],
    )
    def test_latest_release_of_the_day(self, folder, as_of, file):
        """The release of the day itself counts, and none that came later."""
        for name in ("b.csv", "c.csv"):
            airwars_export(folder / name, rows=2, tag=name[0].upper())
        said = checked(folder, self.DATED, as_of)
        assert said.code == 0, said.err
        assert files_in(said) == [file]

    def test_rows_are_never_dropped_by_the_day(self, folder):
        """The as-of day picks a release and drops no row inside it, however late."""
        airwars_export(folder / "a.csv", rows=2, row2=airwars_line(2, incident_date="2017-06-30"))
        said = checked(folder, JOB.replace("[a.csv]", "[a.csv], released: 2017-06-01"), "2017-06-05")
        assert said.out.startswith("a.csv: 2 rows read, 2 claims"), said.err

    def test_release_of_another_monitor(self, folder):
        """A later release of one monitor replaces no file of another, also where headers decide whose they are."""
        (folder / "u.csv").write_text(f"{UCDP_HEADER}\n{UCDP_LINE}\n")
        dated = "- {files: [a.csv], released: 2017-06-20}\n- {files: [u.csv], released: 2017-06-25}\n"
        said = checked(folder, "id: t\ninputs:\n" + dated)
        assert files_in(said) == ["a.csv", "u.csv"]

    def test_nothing_was_out_yet(self, folder):
        """Where every release came later than the as-of day, that is what is said."""
        said = carried_out(
            folder, "id: t\ninputs: [{monitor: airwars, files: [a.csv], released: 2017-07-20}]\n"
        )
        assert said.code == 2
        assert "2017-07-20" in said.err


class TestWithin:
    """What lies outside a job's subject is counted, not dropped."""

    @pytest.mark.parametrize(
        ("within", "claimed"),
        [
            ("{from: 2017-06-03, to: 2017-06-05}", 3),
            ("{countries: [SYR, IRQ], from: 2017-06-10}", 1),
            ("{countries: [IRQ]}", 0),
        ],
    )
    def test_rows_outside_are_counted(self, folder, within, claimed):
        """Both days of the window belong to it; the other rows are out of scope, also where that is all of them."""
        said = carried_out(folder, JOB + f"within: {within}\n")
        assert said.code == 0, said.err
        (one,) = inputs_of(folder)
        assert (one["rows_claimed"], one["rows_out_of_scope"]) == (claimed, 10 - claimed)
        assert (one["rows_read"], one["claims"]) == (10, claimed)

    def test_measures(self, folder):
        """A job about the injured keeps claims, and only figures of injured."""
        export = HEADER.replace("civ_killed_min,civ_killed_max", "civ_injured_min,civ_killed_max")
        airwars_export(folder / "a.csv", rows=3, header=export)
        assert carried_out(folder, JOB + "within: {measures: [injured]}\n").code == 0
        assert set(table_of(folder / "reports", "figures")["measure_code"]) == {"injured"}
        assert inputs_of(folder)[0]["rows_claimed"] == 3


CORRECTIONS = {
    "day that is none": 'claim_id: "airwars:X1", action: set, column: date_start, expected: "2017-06-01", value: soon',
    "number that is none": 'claim_id: "airwars:X1", action: set, column: latitude, expected: "35.95", value: north',
    "latitude off the globe": 'claim_id: "airwars:X1", action: set, column: latitude, expected: "35.95", value: "4239"',
    "low above high": 'claim_id: "airwars:X1", action: set, column: killed.civilian.low, expected: "1", value: "50"',
    "blank low": 'claim_id: "airwars:X1", action: set, column: killed.civilian.low, expected: "1", value: ""',
    "other value stands there": 'claim_id: "airwars:X1", action: set, column: place_name, expected: Elsewhere, value: Y',
    "no such claim": 'claim_id: "airwars:X99", action: drop',
    "no such column": 'claim_id: "airwars:X1", action: set, column: colour, expected: "", value: Y',
}


class TestDecisions:
    """Judgements and corrections beside the job."""

    def test_dropped_claim_is_counted(self, folder):
        """A claim that a correction drops leaves its row as corrected away."""
        decision = 'claim_id: "airwars:X3", action: drop'
        (folder / "corrections.yaml").write_text(with_decision("corrections", decision))
        assert carried_out(folder, JOB).code == 0
        (one,) = inputs_of(folder)
        assert (one["rows_claimed"], one["rows_corrected_away"]) == (9, 1)

    def test_value_is_set(self, folder):
        """A correction whose expected value stands there is applied."""
        decision = (
            'claim_id: "airwars:X3", action: set, column: killed.civilian.high, expected: "4", value: "7"'
        )
        (folder / "corrections.yaml").write_text(with_decision("corrections", decision))
        assert carried_out(folder, JOB).code == 0
        figures = table_of(folder / "reports", "figures").set_index("claim_id")
        assert figures.loc["airwars:X3", "high"] == 7

    @pytest.mark.parametrize("decision", CORRECTIONS.values(), ids=CORRECTIONS)
    def test_correction_that_can_not_be_applied(self, folder, decision):
        """Such a correction is an issue that names the claim, and every claim is still there."""
        (folder / "corrections.yaml").write_text(with_decision("corrections", decision))
        said = checked(folder, JOB)
        assert said.code == 1, said.err
        assert said.out.startswith("a.csv: 10 rows read, 10 claims")
        (line,) = [line for line in said.out.splitlines() if line.startswith("error: corrections.yaml")]
        assert "The correction of airwars:X" in line

    def test_correction_not_applied_degrades(self, folder):
        """A run whose correction no longer applies ends in 1, and the value stands as published."""
        decision = CORRECTIONS["other value stands there"]
        (folder / "corrections.yaml").write_text(with_decision("corrections", decision))
        assert carried_out(folder, JOB).code == 1
        claims = table_of(folder / "reports", "claims").set_index("claim_id")
        assert claims.loc["airwars:X1", "place_name"] == "Tell Example 1"

    def test_fault_in_judgements(self, folder):
        """A misspelt key in the judgements ends the run with its place."""
        (folder / "judgements.yaml").write_text(
            with_decision("judgements", 'left: "airwars:X1", right: "airwars:X2", decison: same')
        )
        said = carried_out(folder, JOB)
        assert said.code == 2
        assert "judgements.yaml:1: 0.decison: not a key that is known here" in said.err

    def test_contradiction_in_judgements(self, folder):
        """Two judgements that contradict each other end the run, and both claims are named."""
        pair = 'left: "airwars:X1", right: "airwars:X2", decision: '
        (folder / "judgements.yaml").write_text(
            with_decision("judgements", pair + "same") + with_decision("judgements", pair + "different")
        )
        said = carried_out(folder, JOB)
        assert said.code == 2
        assert "airwars:X1" in said.err
        assert "airwars:X2" in said.err

    def test_judgement_joins(self, folder):
        """Two claims that a person says are one share a cluster, and say why."""
        (folder / "judgements.yaml").write_text(
            with_decision("judgements", 'left: "airwars:X1", right: "airwars:X9", decision: same')
        )
        assert carried_out(folder, JOB).code == 0
        linked = table_of(folder / "reports", "linked").set_index("claim_id")
        assert linked.loc["airwars:X1", "cluster_id"] == linked.loc["airwars:X9", "cluster_id"]
        assert linked.loc["airwars:X9", "link_basis_code"] == "judgement"

    def test_judgement_of_a_claim_that_is_gone(self, folder):
        """A judgement that finds no claim is said, not passed over."""
        (folder / "judgements.yaml").write_text(
            with_decision("judgements", 'left: "airwars:X1", right: "airwars:X99", decision: same')
        )
        said = carried_out(folder, JOB)
        assert "airwars:X99" in said.err


class TestOptions:
    """What the command line says beats what the job says."""

    def test_out_and_state(self, folder, tmp_path):
        """`--out` and `--state` lead elsewhere, and the job's folder stays as it was."""
        said = carried_out(folder, JOB, "--out", tmp_path / "elsewhere", "--state", tmp_path / "state")
        assert said.code == 0, said.err
        assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "job.yaml"]
        assert (tmp_path / "elsewhere" / "t" / "latest.json").is_file()
        assert (tmp_path / "state" / "key").is_file()

    def test_job_states_its_own(self, folder):
        """Title, output, profile and level may stand in the job."""
        airwars_export(folder / "a.csv", rows=1)
        said = carried_out(folder, JOB + "title: A title\nout: mine\nquantities: wide\nfail_on: [S3]\n")
        assert said.code in {0, 3}, said.err
        summary = summary_of(folder / "mine")
        assert (summary["title"], summary["quantities"], summary["job"]) == ("A title", "wide", "t")

    def test_profile_of_the_command_line(self, folder):
        """`--quantities` beats the job's profile."""
        assert carried_out(folder, JOB + "quantities: wide\n", "--quantities", "acled").code == 0
        assert summary_of(folder / "reports")["quantities"] == "acled"

    def test_rules_of_the_job(self, folder):
        """A job may bring its own rules, and faults in them end it."""
        (folder / "rules" / "monitors").mkdir(parents=True)
        (folder / "rules" / "monitors" / "airwars.yaml").write_text("id: airwars\ntitel: x\n")
        said = carried_out(folder, JOB + "rules: rules\n")
        assert said.code == 2
        assert "rules/monitors/airwars.yaml:2: titel: not a key" in said.err
