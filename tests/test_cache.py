"""Files parsed before: what comes back is what was parsed, only what changed is parsed again, and old entries go."""

import json
import shutil
from dataclasses import replace

import pytest
from conftest import ROOT
from pandas.testing import assert_frame_equal
from test_cli import airwars_export, command, rules_of
from test_runs import AS_OF

from reconcile import pipeline, request
from reconcile.errors import InputFault
from reconcile.jobs import file_inputs
from reconcile.normalize import build_context
from reconcile.request import Asked, cache_of, gather_request
from reconcile.runs import cache
from reconcile.runs.cache import DRAFTED, KEPT_RUNS, packed, unpacked

EXPORTS = sorted((ROOT / "fixtures" / "monitors").rglob("rows*"))
JOB = "id: t\ninputs:\n  - {monitor: airwars, files: [a.csv, b.csv]}\n"


@pytest.fixture(autouse=True)
def rules_read_once(monkeypatch):
    """Reading the rules takes most of a small run."""
    monkeypatch.setattr(request, "load_rules", rules_of)


@pytest.fixture
def job(tmp_path):
    """A job of two files, not yet run."""
    folder = tmp_path / "job"
    for number, tag in enumerate("ab", start=2):
        airwars_export(folder / f"{tag}.csv", rows=number, tag=tag)
    (folder / "job.yaml").write_text(JOB)
    return folder / "job.yaml"


@pytest.fixture
def parsed_files(monkeypatch):
    """The names of files that were read, as they are."""
    names, read = [], pipeline.read_tables

    def noted(source, *rest):
        names.append(source.name)
        return read(source, *rest)

    monkeypatch.setattr(pipeline, "read_tables", noted)
    return names


def test_there_are_exports():
    """The next test looks at something."""
    assert len(EXPORTS) > 10


@pytest.mark.parametrize(
    "path", EXPORTS, ids=lambda path: path.relative_to(ROOT / "fixtures" / "monitors").as_posix()
)
def test_entry_is_what_was_parsed(path, rules):
    """Every export of the fixtures comes back from its entry with every value, type and order it had."""
    (one,) = file_inputs([path])
    try:
        tables, _ = pipeline._read(
            replace(one, monitor=path.relative_to(ROOT / "fixtures" / "monitors").parts[0]), rules, None
        )
    except InputFault as fault:
        pytest.skip(str(fault))
    context = build_context(rules, "airwars", None, b"key")
    parsed, _ = pipeline._normalized_and_packed(tables, rules, context, None)
    for table, back in zip(parsed, unpacked(packed(parsed)), strict=True):
        assert replace(back, draft=None, columns=None) == replace(table, draft=None, columns=None)
        assert_frame_equal(back.columns, table.columns)
        for name in DRAFTED:
            assert_frame_equal(getattr(back.draft, name), getattr(table.draft, name))


def test_only_what_changed_is_parsed(job, parsed_files):
    """A second run parses the file that changed, a third one of another day none; one as it was again is known."""
    assert command("run", job, *AS_OF).code == 0
    assert parsed_files == ["a.csv", "b.csv"]
    before = (job.parent / "b.csv").read_bytes()
    airwars_export(job.parent / "b.csv", rows=5, tag="b")
    command("run", job, "--as-of", "2017-07-02", "--quiet")
    assert parsed_files == ["a.csv", "b.csv", "b.csv"]
    (job.parent / "b.csv").write_bytes(before)
    command("run", job, "--as-of", "2017-07-03", "--quiet")
    assert parsed_files == ["a.csv", "b.csv", "b.csv"]


def test_report_is_the_same(job, tmp_path):
    """With entries and without, a report has the same bytes, the times that stages took aside."""
    assert command("run", job, *AS_OF).code == 0
    shutil.copytree(job.parent, tmp_path / "plain")
    shutil.rmtree(tmp_path / "plain" / ".reconcile" / "cache")
    reports = []
    for folder in (job.parent, tmp_path / "plain"):
        assert command("run", folder / "job.yaml", "--as-of", "2017-07-02", "--quiet").code == 0
        (home,) = (folder / "reports" / "t").glob("2017-07-02-*")
        reports.append(
            {path.name: path.read_bytes() for path in home.rglob("*.*") if path.name != "timings.json"}
        )
    assert reports[0] == reports[1]
    assert len(reports[0]) > 15


def keys_of(job, key=b"k" * 32, **asked):
    """The names of the entries that a run of a job looks for."""
    gathered = gather_request(Asked([str(job)], asked.pop("as_of"), **asked))
    found = cache_of(gathered, key)
    return [found._path(one).name for one in gathered.inputs]


def test_entry_hangs_on_all_it_is_made_of(job, tmp_path):
    """Another profile, key, gazetteer or rule, another name or monitor of a file makes another entry; another day does not."""
    from datetime import date

    day = date(2017, 7, 1)
    plain = keys_of(job, as_of=day)
    assert len(set(plain)) == 2
    assert keys_of(job, as_of=date(2018, 1, 1)) == plain
    others = [keys_of(job, as_of=day, quantities="wide"), keys_of(job, b"l" * 32, as_of=day)]
    shutil.copytree(rules_of(None).root, tmp_path / "rules")
    with (tmp_path / "rules" / "discrepancies.yaml").open("a") as stream:
        stream.write("# one more line\n")
    others.append(keys_of(job, as_of=day, rules_dir=tmp_path / "rules"))
    columns = (
        "place_id,name,alternates,kind_code,country_code,admin1,pcode,latitude,longitude,radius_km,source"
    )
    (job.parent / "places.csv").write_text(f"{columns}\no,Tell,,town,SYR,Ar-Raqqa,,35.9,39,2,own\n")
    job.write_text(JOB + "places: places.csv\n")
    others.append(keys_of(job, as_of=day))
    job.write_text(JOB.replace("monitor: airwars, ", ""))
    others.append(keys_of(job, as_of=day))
    (job.parent / "a.csv").rename(job.parent / "c.csv")
    job.write_text(JOB.replace("a.csv", "c.csv"))
    others.append(keys_of(job, as_of=day)[:1])
    assert [set(keys) & set(plain) for keys in others] == [set()] * len(others)


def test_file_that_fails_is_read_again(job, parsed_files):
    """A file that can't be read leaves no entry, so each run says why."""
    (job.parent / "b.csv").write_text("who,knows\n1,2\n")
    for day in ("2017-07-01", "2017-07-02"):
        said = command("run", job, "--as-of", day, "--quiet")
        assert (said.code, "b.csv" in said.err) == (1, True)
    assert parsed_files == ["a.csv", "b.csv", "b.csv"]


def test_old_entries_go(job, monkeypatch):
    """An entry that none of the last runs used is dropped, and so is what a run that died left there."""
    monkeypatch.setattr(cache, "KEPT_RUNS", 2)
    folder = job.parent / ".reconcile" / "cache"
    seen = []
    for number in range(1, 5):
        airwars_export(job.parent / "b.csv", rows=number, tag="b")
        assert command("run", job, "--as-of", f"2017-07-{number:02d}", "--quiet").code == 0
        seen.append(set(json.loads((folder / "used.json").read_text())[0]))
        (folder / f"{number}.draft").write_bytes(b"half")
    assert {path.stem for path in folder.glob("*.entry")} == seen[-1] | seen[-2]
    assert len(seen[-1] | seen[-2]) == 3
    assert [path.name for path in folder.glob("*.draft")] == ["4.draft"]
    assert KEPT_RUNS > 2


def test_cache_may_be_deleted(job, parsed_files):
    """Without its cache a job runs as before."""
    assert command("run", job, *AS_OF).code == 0
    shutil.rmtree(job.parent / ".reconcile" / "cache")
    said = command("run", job, "--as-of", "2017-07-02", "--quiet")
    assert (said.code, said.err) == (0, "")
    assert len(parsed_files) == 4


def test_who_may_be_named_is_not_kept(job, parsed_files):
    """A list of victims is parsed each time, and has no entry; beside it, an export of incidents has one."""
    victims = ROOT / "fixtures" / "monitors" / "victim_list" / "rows.csv"
    shutil.copy(victims, job.parent / "v.csv")
    job.write_text(JOB + "  - {monitor: victim_list, files: [v.csv]}\n")
    for day in ("2017-07-01", "2017-07-02"):
        assert command("run", job, "--as-of", day, "--quiet").code in {0, 1}
    assert parsed_files == ["a.csv", "b.csv", "v.csv", "v.csv"]
    assert len(list((job.parent / ".reconcile" / "cache").glob("*.entry"))) == 2


def test_nothing_to_keep_is_no_fault(job):
    """A run that kept nothing says nothing of its cache."""
    from datetime import date

    kept = cache_of(gather_request(Asked([str(job)], as_of=date(2017, 7, 1))), b"k" * 32)
    kept.used.append("0" * 64)
    kept.trim()
    assert kept.remarks == []


def test_run_with_names_keeps_nothing(job, parsed_files):
    """Where names are asked for, files are parsed each time."""
    for day in ("2017-07-01", "2017-07-02"):
        assert command("run", job, "--as-of", day, "--quiet", "--include-names").code == 0
    assert len(parsed_files) == 4
    assert not (job.parent / ".reconcile" / "cache").exists()
