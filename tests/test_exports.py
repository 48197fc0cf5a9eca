"""`reconcile export`: each format by its own standard, nothing finer than the public may have, whole or not at all."""

import csv
import io
import json
import re
import shutil

import pandas as pd
import pyarrow.parquet as arrow_parquet
import pytest
from conftest import claim_row, claims_frame, figure_row, figures_frame
from hypothesis import given
from strategies import budget, frames
from test_cli import airwars_export, airwars_line, command, rules_of

from reconcile import request
from reconcile.exports import FORMATS, folder, geojson, hxl, parquet, tabular
from reconcile.exports.stored import EXPORTED, Handover, coarser
from reconcile.exports.wide import widened
from reconcile.frames import columns_of, describe, empty
from reconcile.outfiles import restored
from reconcile.runs.digests import digest_file

AS_OF = ("--as-of", "2017-07-01", "--quiet")
PLAIN = sorted(set(FORMATS) - {"histories"})
MAP = "https://maps.example.org/?mlat=35.950561&mlon=39.009412"
EMPTY = {name: empty(frame) for name, frame in EXPORTED.items()}
ARTICLE = "https://news.example.org/one-1.4170345"
ROWS = {
    "row1": airwars_line(1, location_en="=1+1", latitude="35.950561", longitude="39.009412", url=MAP),
    "row2": airwars_line(2, latitude="", longitude="", url=ARTICLE),
    "row3": airwars_line(3, location_en="Tell 35.950561", civ_killed_max=""),
}


@pytest.fixture(autouse=True)
def rules_read_once(monkeypatch):
    """Reading the rules takes most of a small run."""
    monkeypatch.setattr(request, "load_rules", rules_of)


def job_in(home):
    """Write a job of one monitor; return its path."""
    airwars_export(home / "a.csv", rows=4, **ROWS)
    job = home / "job.yaml"
    job.write_text("id: t\ntitle: A test\ninputs:\n- {monitor: airwars, files: [a.csv]}\n")
    return job


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A report."""
    home = tmp_path_factory.mktemp("done")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(request, "load_rules", rules_of)
        assert command("run", job_in(home), *AS_OF).code == 0
    return home / "reports" / "t"


@pytest.fixture
def reports(done, tmp_path):
    """The same in a folder of the test's own."""
    shutil.copytree(done, tmp_path / "t")
    return tmp_path / "t"


def run_of(reports):
    """The folder of the report."""
    return next(path.parent for path in reports.glob("*/run.json"))


def exported(reports, wanted):
    """Export a report; return the folder."""
    said = command("export", reports, "--to", wanted)
    assert (said.code, said.err) == (0, "")
    return run_of(reports).with_name(f"{run_of(reports).name}-{wanted}")


def bytes_of(path):
    """Every file of a folder by its name."""
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in path.rglob("*") if one.is_file()}


def rows_of(path):
    """The rows of a CSV file, as text."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def given_of(claims, figures, **others):
    """What a report of a few claims hands over."""
    tables = EMPTY | {"claims": claims, "figures": figures} | others
    return Handover(None, {"job": "t", "title": "A test"}, tables, has_names=False)


# ---- every format --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", PLAIN)
def test_exports_same_bytes(reports, tmp_path, wanted):
    """A report gives the same files each time, and says so where they stand there already."""
    first = exported(reports, wanted)
    again = tmp_path / "again"
    assert command("export", reports, "--to", wanted, "--out", again).code == 0
    assert bytes_of(first) == bytes_of(again)
    assert command("export", reports, "--to", wanted).out.endswith(": unchanged.\n")


@pytest.mark.parametrize("wanted", PLAIN)
def test_readme_says_where_it_is_from(reports, wanted):
    """Each export names its run and rules, and says that small numbers may tell who somebody was."""
    summary = json.loads((run_of(reports) / "run.json").read_text())
    text = (exported(reports, wanted) / "README.md").read_text(encoding="utf-8")
    assert summary["run_digest"] in text
    assert summary["rules_digest"] in text
    assert "below 5" in text
    assert "Never sum them" in text


@pytest.mark.parametrize("wanted", PLAIN)
def test_nothing_finer_than_three_decimals(reports, wanted):
    """Neither a column nor a text nor an address of a map tells a spot to the metre; an article's number stays."""
    there = exported(reports, wanted)
    whole = b"".join(bytes_of(there).values())
    if wanted == "parquet":
        tables = [pd.read_parquet(path) for path in sorted(there.glob("*.parquet"))]
        whole = "".join(table.to_csv() for table in tables).encode()
    assert b"35.951" in whole
    assert b"35.9505" not in whole
    assert b"39.0094" not in whole
    assert ARTICLE.encode() in whole


@pytest.mark.parametrize("wanted", PLAIN)
def test_an_export_is_no_report(reports, wanted):
    """What lies beside a report does not make the job's folder another one, nor is it proven less."""
    exported(reports, wanted)
    assert command("verify", reports).code == 0
    assert command("explain", reports, "airwars:X4").code == 0


def test_unknown_format(reports):
    """A format that is none is refused, with those there are."""
    said = command("export", reports, "--to", "xml")
    assert said.code == 2
    assert "'xml' is no format; there are hxl, geojson, parquet, csv, histories." in said.err


def test_histories_need_victims(reports):
    """A run without a list of victims has no histories, and no folder is left."""
    said = command("export", reports, "--to", "histories")
    assert said.code == 2
    assert "no list of victims" in said.err
    assert list(reports.glob("*histories*")) == []


def test_no_report(tmp_path):
    """Where there is no report, nothing is exported."""
    said = command("export", tmp_path, "--to", "csv")
    assert said.code == 2
    assert "holds neither run.json nor latest.json" in said.err


def test_damaged_table_is_refused(reports):
    """What is exported names its run, so a table that is not what the run wrote goes nowhere."""
    path = run_of(reports) / "tables" / "figures.parquet"
    pd.read_parquet(path).head(1).to_parquet(path)
    said = command("export", reports, "--to", "csv")
    assert said.code == 2
    assert "figures.parquet: is not what the run wrote." in said.err
    path.unlink()
    assert command("export", reports, "--to", "csv").code == 2


# ---- names ---------------------------------------------------------------------------------------------------------


def test_names_that_are_not_there(reports):
    """A report without names has none to hand over."""
    said = command("export", reports, "--to", "csv", "--include-names")
    assert said.code == 2
    assert "was made without names" in said.err


def test_names_are_handed_over_when_told(tmp_path):
    """A report with names goes out only where that is said again, and then says what it holds."""
    assert command("run", job_in(tmp_path), "--include-names", *AS_OF).code == 0
    reports = tmp_path / "reports" / "t"
    said = command("export", reports, "--to", "csv")
    assert said.code == 2
    assert "its sentences may quote names" in said.err
    assert list(reports.glob("*-csv")) == []
    assert command("export", reports, "--to", "csv", "--include-names").code == 0
    there = next(reports.glob("*-csv"))
    assert "do not publish it" in (there / "README.md").read_text(encoding="utf-8")
    assert json.loads((there / "export.json").read_text())["include_names"] is True


def test_what_is_the_newsrooms_own_stays(reports):
    """Issues, changes, decisions and the files' columns quote cells and reviewers; none of them goes out."""
    names = {path.stem for path in exported(reports, "csv").glob("*.csv")}
    assert names <= set(EXPORTED)
    assert {"claims", "figures", "discrepancies"} <= names
    assert not names & {"issues", "changes", "decisions", "fates", "columns", "health"}


# ---- the folder ----------------------------------------------------------------------------------------------------


def test_exports_whole_or_absent(reports, monkeypatch):
    """Where the disk is full half-way, what stood there stands there still, and no draft is left."""
    there = exported(reports, "csv")
    before = bytes_of(reports)
    written = []

    def full(path, content):
        written.append(path)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        path.write_bytes(content)
        return ""

    monkeypatch.setattr(folder, "put", full)
    said = command("export", reports, "--to", "csv")
    assert said.code == 2
    assert "No space left on device" in said.err
    assert bytes_of(reports) == before
    shutil.rmtree(there)
    written.clear()
    assert command("export", reports, "--to", "csv").code == 2
    assert [path.name for path in reports.iterdir() if "csv" in path.name] == []


def test_failed_exchange_brings_back_what_stood_there(reports, monkeypatch):
    """Where the last renaming fails, the older export comes back."""
    there = exported(reports, "csv")
    (there / "claims.csv").write_bytes(b"old\n")
    mark = json.loads((there / "export.json").read_text())
    mark["files"]["claims.csv"] = digest_file(there / "claims.csv")
    (there / "export.json").write_text(json.dumps(mark))
    before = bytes_of(reports)
    real = type(there).replace

    def refused(path, target):
        if ".part-" in path.name and not path.name.endswith(".gone"):
            raise OSError(13, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(type(there), "replace", refused)
    assert command("export", reports, "--to", "csv").code == 2
    assert bytes_of(reports) == before
    monkeypatch.undo()
    assert command("export", reports, "--to", "csv").code == 0
    assert b"old" not in (there / "claims.csv").read_bytes()


def _stranger(there):
    (there / "notes.txt").write_text("mine")


def _edited(there):
    (there / "claims.csv").write_text("mine")


def _lost(there):
    (there / "claims.csv").unlink()


def _unmarked(there):
    (there / "export.json").unlink()


def _bad_mark(there):
    (there / "export.json").write_text("[]")


@pytest.mark.parametrize(
    "touch", [_stranger, _edited, _lost, _unmarked, _bad_mark], ids=lambda one: one.__name__
)
def test_exports_nothing_of_others_is_lost(reports, touch):
    """A folder that holds anything but what an export wrote there is left alone."""
    there = exported(reports, "csv")
    touch(there)
    before = bytes_of(reports)
    said = command("export", reports, "--to", "csv")
    assert said.code == 2
    assert "It is left as it is" in said.err
    assert bytes_of(reports) == before


def test_places_that_are_refused(reports, tmp_path):
    """A file, a link, the report itself, a place in it and one around it are no places for an export."""
    file, link, run = tmp_path / "file", tmp_path / "link", run_of(reports)
    file.write_text("mine")
    (tmp_path / "empty").mkdir()
    link.symlink_to(tmp_path / "empty")
    before = bytes_of(tmp_path)
    for out in (file, link, run, run / "tables", run / "new", reports, tmp_path):
        assert command("export", reports, "--to", "csv", "--out", out).code == 2, out
    assert bytes_of(tmp_path) == before
    assert command("export", reports, "--to", "csv", "--out", tmp_path / "empty").code == 0
    assert command("export", reports, "--to", "csv", "--out", tmp_path / "new" / "deep").code == 0


# ---- coarser -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Airwars: 35.9506, 39.0094 (precision 1)", "Airwars: 35.951, 39.009 (precision 1)"),
        ("-35.95056", "-35.951"),
        ("35.951, 39.009", "35.951, 39.009"),
        ("Tell (N35.950561)", "Tell (N35.951)"),
        ("version 1.2.3456", "version 1.2.3456"),
        ("", ""),
    ],
)
def test_texts_are_made_coarser(text, shown):
    """A number with more than three decimals is rounded in a text; what is none stays."""
    found = coarser(pd.DataFrame({"place_name": pd.Series([text], dtype="str")}))
    assert found["place_name"].tolist() == [shown]


def test_ids_stay_as_they_are():
    """An id is no coordinate, whatever it looks like; joins would break."""
    table = pd.DataFrame({"claim_id": pd.Series(["a:35.950561"], dtype="str")})
    assert coarser(table)["claim_id"].tolist() == ["a:35.950561"]


# ---- wide ----------------------------------------------------------------------------------------------------------


@given(frames())
@budget(40)
def test_hxl_each_claim_once(small):
    """Every claim is one row, below the header and the tags, and every number stands in it."""
    made = given_of(small.claims, small.figures)
    found = list(csv.reader(io.StringIO(hxl.files_of(made)["claims.csv"].decode("utf-8-sig"), newline="")))
    header, tags, rows = found[0], found[1], found[2:]
    assert [restored(row[0]) for row in rows] == small.claims["claim_id"].tolist()
    assert len(set(header)) == len(header) == len(tags) == len(set(tags))
    lows = [at for at, name in enumerate(header) if name.endswith("_low")]
    assert sum(bool(row[at]) for row in rows for at in lows) == len(small.figures)


@given(frames())
@budget(40)
def test_geojson_each_claim_once(small):
    """Every claim is one feature, with a null geometry where it has no coordinates, and every number stands in it."""
    made = given_of(small.claims, small.figures)
    found = json.loads(geojson.files_of(made)["claims.geojson"])
    assert [one["id"] for one in found["features"]] == small.claims["claim_id"].tolist()
    placed = (small.claims["latitude"].notna() & small.claims["longitude"].notna()).tolist()
    assert [one["geometry"] is not None for one in found["features"]] == placed
    stated = [name for one in found["features"] for name in one["properties"] if name.endswith("_low")]
    assert len(stated) == len(small.figures)


def test_numbers_of_one_group_twice():
    """Two numbers for one group stand in two columns, each with its tag; none is lost."""
    figures = figures_frame(
        figure_row("airwars:X1", 1),
        figure_row("airwars:X1", 5, is_open=True),
        figure_row("airwars:X1", 2, sex_code="female", age_group_code="child", role_code="conceded"),
        figure_row("airwars:X1", 3, population_code="unknown", sex_code="unknown"),
        figure_row("airwars:X1", 4, measure_code="reports_new", population_code="all"),
    )
    wide = widened(given_of(claims_frame(claim_row(1)), figures).tables)
    assert wide.numbers["killed_civilian_2_low"].tolist() == [5]
    assert wide.numbers["killed_civilian_2_high"].isna().all()
    tags = {column.name: hxl.tag_of(column) for column in wide.columns}
    assert tags["killed_civilian_low"] == "#affected+killed+civilians+min"
    assert tags["killed_civilian_best"] == "#affected+killed+civilians"
    assert tags["killed_civilian_2_high"] == "#affected+killed+civilians+n2+max"
    assert (
        tags["killed_civilian_female_child_conceded_low"]
        == "#affected+killed+civilians+f+children+conceded+min"
    )
    assert tags["killed_unknown_unknown_low"] == "#affected+killed+population_unknown+sex_unknown+min"
    assert tags["reports_new_all_low"] == "#indicator+num+reports_new+all+min"


def test_open_number_is_null_in_geojson():
    """An open number is there, with a null for its high; one that is not stated is not there."""
    figures = figures_frame(figure_row("airwars:X1", 5, is_open=True))
    claims = claims_frame(claim_row(1, latitude=35.95, longitude=39.0), claim_row(2))
    found = json.loads(geojson.files_of(given_of(claims, figures))["claims.geojson"])["features"]
    assert found[0]["properties"]["killed_civilian_low"] == 5
    assert found[0]["properties"]["killed_civilian_high"] is None
    assert "killed_civilian_low" not in found[1]["properties"]
    assert found[0]["geometry"] == {"type": "Point", "coordinates": [39.0, 35.95]}
    assert found[0]["properties"]["location_precision"] == "neighbourhood, village or town"


# ---- each by its standard ------------------------------------------------------------------------------------------


def test_hxl_tags(reports):
    """Tags are well-formed, one a column, below the header, and the file is what Excel takes for UTF-8."""
    path = exported(reports, "hxl") / "claims.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfclaim_id,")
    rows = rows_of(path)
    tag = re.compile(r"#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*")
    assert all(tag.fullmatch(cell) for cell in rows[1])
    at = dict(zip(rows[1], zip(*rows[2:], strict=True), strict=True))
    assert at["#affected+killed+civilians+min"] == ("1", "2", "3", "4")
    assert at["#loc+name"][0] == "'=1+1"
    assert at["#geo+lat"] == ("35.951", "", "35.95", "35.95")


def test_geojson_is_rfc_7946(reports):
    """Longitude stands first, no crs is named, every feature has its members, and no number is NaN."""
    text = (exported(reports, "geojson") / "claims.geojson").read_text(encoding="utf-8")
    found = json.loads(text, parse_constant=pytest.fail)
    assert found["type"] == "FeatureCollection"
    assert "crs" not in found
    for one in found["features"]:
        assert set(one) == {"type", "id", "geometry", "properties"}
    spots = [one["geometry"] and one["geometry"]["coordinates"] for one in found["features"]]
    assert spots == [[39.009, 35.951], None, [39.01, 35.95], [39.01, 35.95]]


def test_parquet_describes_itself(reports):
    """Each column carries the description and unit of its frame, each table its run and the caution; the values are the report's."""
    there = exported(reports, "parquet")
    digest = json.loads((run_of(reports) / "run.json").read_text())["run_digest"]
    names = sorted(path.stem for path in there.glob("*.parquet"))
    assert {"claims", "figures", "linked", "discrepancies"} <= set(names)
    for name in names:
        schema = arrow_parquet.read_schema(there / f"{name}.parquet")
        for column, _, unit, text in describe(EXPORTED[name]):
            metadata = schema.field(column).metadata
            assert metadata[b"description"].decode() == text
            assert metadata.get(b"unit", b"").decode() == unit
        assert schema.metadata[b"run_digest"].decode() == digest
        assert b"Never sum them" in schema.metadata[b"caution"]
        table = pd.read_parquet(there / f"{name}.parquet")
        pd.testing.assert_frame_equal(
            table, coarser(pd.read_parquet(run_of(reports) / "tables" / f"{name}.parquet"))
        )
        EXPORTED[name].validate(table, lazy=True)


def test_tables_have_their_sentence():
    """Every table says what a row of it is."""
    assert all(parquet.about_table(name).endswith(".") for name in EXPORTED)
    assert parquet.about_table("figures").startswith("One number of one claim")


def test_tabular_nothing_runs(reports):
    """No cell of any table begins like a formula, and text comes back as it was."""
    there = exported(reports, "csv")
    for path in sorted(there.glob("*.csv")):
        for row in rows_of(path)[1:]:
            texts = [cell for cell in row if not re.fullmatch(r"-?[\d.e+-]+", cell)]
            assert not [cell for cell in texts if cell.lstrip().startswith(("=", "+", "-", "@"))]
    claims = rows_of(there / "claims.csv")
    at = claims[0].index("place_name")
    assert restored(claims[1][at]) == "=1+1"


def test_tabular_keys_hold(reports):
    """The package lists every table with its digest and columns, and what a table names of another is there."""
    there = exported(reports, "csv")
    package = json.loads((there / "datapackage.json").read_text(encoding="utf-8"))
    assert {one["path"] for one in package["resources"]} == {path.name for path in there.glob("*.csv")}
    tables = {one["name"]: rows_of(there / one["path"]) for one in package["resources"]}
    claims = {row[0] for row in tables["claims"][1:]}
    for one in package["resources"]:
        assert one["hash"] == f"sha256:{digest_file(there / one['path'])}"
        assert one["bytes"] == (there / one["path"]).stat().st_size
        header, *rows = tables[one["name"]]
        assert (
            header
            == [field["name"] for field in one["schema"]["fields"]]
            == columns_of(EXPORTED[one["name"]])
        )
        for key in one["schema"].get("foreignKeys", []):
            assert key["reference"] == {"resource": "claims", "fields": ["claim_id"]}
            assert {row[header.index(key["fields"][0])] for row in rows} <= claims
        for name in one["schema"].get("primaryKey", []):
            cells = [row[header.index(name)] for row in rows]
            assert len(set(cells)) == len(cells)
    linked = next(one for one in package["resources"] if one["name"] == "linked")
    assert linked["schema"]["foreignKeys"]


def test_contract_of_a_column_is_told():
    """What a frame says of a column, Table Schema says too: its kind, its bounds, its codes, and whether it may be empty."""
    given = given_of(claims_frame(claim_row(1)), figures_frame(figure_row("airwars:X1", 1)))
    package = json.loads(tabular.files_of(given)["datapackage.json"])
    fields = {
        (one["name"], field["name"]): field
        for one in package["resources"]
        for field in one["schema"]["fields"]
    }
    assert fields["claims", "latitude"]["constraints"] == {"minimum": -90, "maximum": 90}
    assert fields["claims", "latitude"]["unit"] == "degrees, WGS84"
    assert fields["claims", "claim_id"]["constraints"] == {"required": True, "unique": True}
    assert fields["claims", "date_start"]["type"] == "date"
    assert fields["claims", "source_row"]["constraints"] == {"required": True, "minimum": 1}
    assert fields["linked", "relation_code"]["constraints"] == {"enum": ["same", "part_of", "covers"]}
    assert fields["relations", "may_be_added"]["type"] == "boolean"
    assert "constraints" not in fields["figures", "verbatim"]


def test_answers_are_spelled_as_table_schema_has_them():
    """Yes and no are true and false."""
    steps = pd.DataFrame({"is_headline": [True, False]})
    given = Handover(None, {}, {"bridge": steps}, has_names=False)
    assert tabular.files_of(given)["bridge.csv"].decode("utf-8-sig").split() == [
        "is_headline",
        "true",
        "false",
    ]
