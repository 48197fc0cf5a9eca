"""Names planted in every restricted cell: found with --include-names, and without it nowhere, not in a byte of what a run leaves."""

import hashlib
import hmac
import html
import io
import json
import shutil
import zipfile
from unittest.mock import patch

import pandas as pd
import pytest
from conftest import ROOT
from test_cli import HEADER, airwars_export, airwars_line, command

from reconcile import pipeline

AS_OF = ("--as-of", "2017-07-01")

ABOUT = """\
id: {id}
title: An example
publisher: nobody
licence: invented
kind_code: monitor
unit_code: {unit}
claims_per_incident: many
reason: It holds a name in every restricted column.
scope: {{population_code: civilian, zero_code: none_reported, blank_code: not_stated, reason: a test, source: a test}}
layouts:
- id: {id}_sheet
  title: One row a record
  seen_code: unverified
  kind_code: {kind}
  required: [{required}]
  expect: {{unreadable_share_max: 1.0}}
  columns:
{columns}
  figures: [{figures}]
"""

# Of each invented monitor: its columns, as (name, rule, cell). A cell with a star is planted, and the star becomes its own name.
PERSONS = [
    ("national_id", "{field: native_id, personal: true}", "*"),
    ("full_name", "{field: victim_name, personal: true}", "* bint *"),
    ("name_ar", "{field: victim_name_native, personal: true}", "قورفان * زد"),
    ("phone", "{ignore: not needed, personal: true}", "*"),
    ("last_seen", "{field: date_end, parse: day, personal: true}", "with *"),
    ("born", "{field: reported_on, parse: day, personal: true}", "1999-04-03"),
    ("died", "{field: date_start, parse: day}", "2017-06-10"),
    ("home", "{field: place_name, parse: place, personal: true}", "House of *, Raqqa"),
    ("street", "{field: admin2, free_text: true}", "* street"),
    ("village", "{field: admin1, parse: governorate, free_text: true}", "behind *"),
    ("latitude", "{field: latitude, parse: latitude, personal: true}", "35.918273"),
    ("longitude", "{field: longitude, parse: longitude, personal: true}", "38.918273"),
    ("age", "{field: victim_age, parse: age, personal: true}", "97"),
    ("birth", "{field: victim_birth, parse: birth, personal: true}", "1931-03-04"),
    (
        "sex",
        "{field: victim_sex_code, parse: code, codes: {f: female, m: male}, free_text: true}",
        "daughter of *",
    ),
    (
        "status",
        "{field: grade_code, parse: code, codes: {sure: confirmed}, free_text: true}",
        "confirmed by *",
    ),
    (
        "place_type",
        "{field: place_kind_code, parse: term, vocabulary: place_kinds, free_text: true}",
        "home of *",
    ),
    (
        "killer",
        "{field: perpetrator_codes, parse: terms, vocabulary: perpetrators, personal: true}",
        "Commander *",
    ),
    ("witness", "{field: origin_ids, parse: terms, vocabulary: origins, personal: true}", "*, *"),
    ("told_by", "{field: reported_via, free_text: true}", "*"),
    ("link", "{field: url, parse: url, personal: true}", "https://example.org/*"),
    ("words", "{field: text, free_text: true}", "They say that * died."),
    ("remarks", "{field: note, free_text: true}", "ask *"),
    ("number", "{number: true, parse: number, free_text: true}", "3 of the family of *"),
    ("diary", "{ignore: not needed, free_text: true}", "* wrote"),
]
POSTS = [
    ("post", "{field: native_id}", "P1"),
    ("account", "{field: reported_via, personal: true}", "@*"),
    ("when", "{field: date_start, parse: day}", "2017-06-11"),
    ("where", "{field: place_name, parse: place, free_text: true}", "next to the shop of *"),
    ("killed", "{number: true, parse: number}", "4"),
    ("post_text", "{field: text, free_text: true}", "* and others"),
    ("whose", "{field: position_code, parse: code, codes: {denied: denied}, free_text: true}", "* denies"),
    ("how_many", "{field: quantity, parse: quantity, free_text: true}", "hundreds of *"),
]
IDS = [
    ("case_no", ["{field: native_id, personal: true}", "{field: native_incident_ids, parse: ids}"], "*"),
    ("incident_date", "{field: date_start, parse: day}", "2017-06-05"),
    ("location", "{field: place_name, parse: place}", "Tell Example 5"),
    ("attacker", "{field: perpetrator_codes, parse: terms, vocabulary: perpetrators}", "US-led coalition"),
    ("lat", "{field: latitude, parse: latitude}", "35.95"),
    ("lon", "{field: longitude, parse: longitude}", "39.01"),
    ("killed_number", "{number: true, parse: number}", "5"),
]
# Columns of shipped layouts that may name persons: file, monitor's other cells, planted ones.
SHIPPED = {
    "totals.csv": (
        {"monitor": "SOHR", "published": "2017-06-18", "window_start": "2017-06-06", "place": "Raqqa", "measure": "killed", "number": "117"},
        {"note": "quoting *"},
    ),
    "statements.csv": (
        {"statement_id": "R1", "date": "2017-06-10", "place_text": "Raqqa, Syria", "verdict": "credible", "conceded_min": "1", "conceded_max": "1"},
        {"statement_scrubbed": "near the house of *"},
    ),
    "events.csv": (
        {"id": "7", "type_of_violence": "1", "dyad_name": "A - B", "date_start": "2017-06-01", "date_end": "2017-06-01", "deaths_civilians": "2",
         "best": "2", "low": "2", "high": "2", "latitude": "35.9", "longitude": "39"},
        {"source_headline": "* is dead", "source_article": '"Example Agency,2017-06-10,* is dead";"Example Wire,2017-06-11,The story of *"', "where_description": "at the house of *"},
    ),
    "airwars.csv": (
        {"code": "X1", "incident_date": "2017-06-10", "location_en": "Raqqa", "civ_killed_min": "1", "civ_killed_max": "2"},
        {"first_reported_by": "@*", "page_civilians_killed": "1, named as *"},
    ),
}  # fmt: skip
UNKNOWN = ("whatsapp", "group of *")


def planted(place):
    """Return the name planted in one place: one word, like no other text, the same however it is cut or lowered."""
    return "qorva" + "".join(
        chr(97 + int(digit, 16)) for digit in hashlib.sha256(place.encode()).hexdigest()[:10]
    )


def filled(place, cell):
    """Return a cell with the place's own name for its star."""
    return cell.replace("*", planted(place))


PLANTED = {
    planted(f"{monitor}.{column}"): f"{monitor}.{column}"
    for monitor, columns in (
        ("persons", [(name, cell) for name, _, cell in PERSONS]),
        ("posts", [(name, cell) for name, _, cell in POSTS]),
        *((file, list(cells.items())) for file, (_, cells) in SHIPPED.items()),
        ("persons", [UNKNOWN]),
    )
    for column, cell in columns
    if "*" in cell
}
# Places that are read and kept when names are asked for; the others are ignored columns, keyed ids or unreadable cells.
KEPT = {
    "persons.full_name", "persons.name_ar", "persons.home", "persons.street", "persons.told_by", "persons.words", "persons.remarks",
    "persons.link", "posts.account", "posts.where", "posts.post_text", "totals.csv.note", "statements.csv.statement_scrubbed",
    "events.csv.source_headline",
}  # fmt: skip


def write_monitor(folder, name, kind, unit, required, columns, figures):
    """Write the rule file of an invented monitor."""
    lines = []
    for column, rules, _ in columns:
        uses = rules if isinstance(rules, list) else [rules]
        lines.append(f"    {column}: [{', '.join(uses)}]")
    text = ABOUT.format(
        id=name,
        kind=kind,
        unit=unit,
        required=", ".join(required),
        columns="\n".join(lines),
        figures=", ".join(figures),
    )
    (folder / "monitors" / f"{name}.yaml").write_text(text, encoding="utf-8")


def table(*rows):
    """Return rows of cells as CSV."""
    return "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows) + "\n"


def export(monitor, columns, count=2):
    """Return an export of an invented monitor, `count` rows alike."""
    cells = [filled(f"{monitor}.{name}", cell) for name, _, cell in columns]
    return [[name for name, _, _ in columns], *([cells] * count)]


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """The shipped rules and three invented monitors, whose columns are restricted."""
    folder = shutil.copytree(ROOT / "rules", tmp_path_factory.mktemp("rules") / "rules")
    killed = "measure_code: killed, population_code: civilian"
    write_monitor(
        folder,
        "persons",
        "victim",
        "person",
        ["full_name", "phone"],
        PERSONS,
        [f"{{{killed}, low: [number], high: [number]}}"],
    )
    write_monitor(
        folder, "posts", "incident", "incident", ["post", "account"], POSTS,
        [f"{{{killed}, low: [killed], high: [killed]}}", "{measure_code: injured, population_code: civilian, quantity: how_many}"],
    )  # fmt: skip
    write_monitor(
        folder,
        "ids",
        "incident",
        "incident",
        ["case_no", "killed_number"],
        IDS,
        [f"{{{killed}, low: [killed_number], high: [killed_number]}}"],
    )
    said = command("rules", "check", folder)
    assert said.code == 0, said.err
    return folder


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """A job over exports with a name planted in every restricted cell."""
    folder = tmp_path_factory.mktemp("job")
    persons = export("persons", PERSONS)
    persons[0] += [UNKNOWN[0]]
    persons[1] = [*persons[1], filled("persons.whatsapp", UNKNOWN[1])]
    persons[2] = [*persons[2], ""]
    (folder / "persons.csv").write_text(table(*persons), encoding="utf-8")
    (folder / "posts.csv").write_text(table(*export("posts", POSTS)), encoding="utf-8")
    for file, (plain, cells) in SHIPPED.items():
        row = plain | {column: filled(f"{file}.{column}", cell) for column, cell in cells.items()}
        (folder / file).write_text(table(list(row), list(row.values())), encoding="utf-8")
    files = ", ".join(["persons.csv", "posts.csv", *SHIPPED])
    (folder / "job.yaml").write_text(f"id: t\ninputs: [{{files: [{files}]}}]\n")
    return folder / "job.yaml"


def texts_of(path):
    """Yield everything a file could show, as text: its bytes, and what is packed in them."""
    yield path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                text = book.read(name).decode("utf-8", "replace")
                yield text
                yield html.unescape(text)
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        yield from (" ".join(map(str, frame[name])) for name in frame.columns)
        yield " ".join(frame.columns)


def found_in(needles, folder=None, *texts):
    """Return which needles stand where: in files below a folder (their names too), or in texts."""
    shown = [("said", text) for text in texts]
    for path in sorted(folder.rglob("*")) if folder else ():
        shown.append((path.name, path.name))
        if path.is_file():
            shown += [(path.name, text) for text in texts_of(path)]
    return {(needle, where) for where, text in shown for needle in needles if needle in text.casefold()}


class TestPlantedNames:
    """A whole run over every kind of restricted column."""

    @pytest.fixture(scope="class")
    @classmethod
    def runs(cls, rules, job):
        """Run the job three times: with plain and with JSON logs, and with names asked for."""
        options = {"plain": ("--html",), "json": ("--log-json",), "named": ("--include-names",)}
        said = {}
        for name, words in options.items():
            places = ("--out", job.parent / name, "--state", job.parent / f"{name}_state", "--rules", rules)
            said[name] = command("run", job, *AS_OF, *places, *words)
        return said, job.parent

    @pytest.mark.parametrize("kind", ["plain", "json"])
    def test_nothing_is_found(self, runs, kind):
        """Without --include-names no planted name is in any file, table, log or message of a run."""
        said, folder = runs
        assert list((folder / kind).glob("t/*/run.json")), said[kind].err
        leaks = found_in(PLANTED, folder / kind, said[kind].out, said[kind].err)
        leaks |= found_in(PLANTED, folder / f"{kind}_state")
        assert sorted({(PLANTED[needle], where) for needle, where in leaks}) == []

    def test_rows_were_read(self, runs):
        """The rows with the names are claims all the same, each with its figure where that could be read."""
        (path,) = (runs[1] / "plain").glob("t/*/run.json")
        inputs = json.loads(path.read_text(encoding="utf-8"))["inputs"]
        assert {one["file"]: (one["rows_read"], one["rows_claimed"]) for one in inputs} == {
            "persons.csv": (2, 2),
            "posts.csv": (2, 2),
        } | dict.fromkeys(SHIPPED, (1, 1))

    def test_names_are_there_when_asked_for(self, runs):
        """With --include-names the texts are there, so that the test above could fail."""
        _, folder = runs
        (report,) = (folder / "named").glob("t/*/")
        found = {PLANTED[needle] for needle, _ in found_in(PLANTED, report)}
        assert KEPT - found == set()
        summary = json.loads((report / "run.json").read_text(encoding="utf-8"))
        assert summary["include_names"] is True

    def test_ignored_and_unknown_columns_are_never_read(self, runs):
        """Columns that are ignored, or that no rule describes, are in no output, asked for or not."""
        _, folder = runs
        found = {PLANTED[needle] for needle, _ in found_in(PLANTED, folder / "named")}
        never = {
            "persons.phone",
            "persons.diary",
            "persons.whatsapp",
            "events.csv.source_article",
            "airwars.csv.first_reported_by",
        }
        assert found & never == set()

    def test_numbers_and_days_are_withheld_too(self, runs):
        """A restricted column of numbers or days is blank like one of texts: age, home, day of birth."""
        (report,) = (runs[1] / "plain").glob("t/*/")
        victims = pd.read_parquet(report / "tables" / "victims.parquet")
        claims = pd.read_parquet(report / "tables" / "claims.parquet")
        own = claims[claims["monitor"] == "persons"]
        left = {
            "age": bool(victims[["age_low_years", "age_high_years"]].notna().any(axis=None)),
            "year of birth": bool(victims["birth_year"].notna().any()),
            "home": bool(own["latitude"].notna().any() or own["longitude"].notna().any()),
            "day of birth": bool(own["reported_on"].notna().any()),
        }
        assert left == dict.fromkeys(left, False)

    def test_persons_have_keyed_ids(self, runs):
        """A person's id is made with the job's key: two jobs share none, and run.json has the key's fingerprint only."""
        _, folder = runs
        ids, prints = {}, {}
        for kind in ("plain", "json"):
            (report,) = (folder / kind).glob("t/*/")
            ids[kind] = set(pd.read_parquet(report / "tables" / "victims.parquet")["person_id"])
            prints[kind] = json.loads((report / "run.json").read_text(encoding="utf-8"))["key_fingerprint"]
            key = (folder / f"{kind}_state" / "key").read_bytes()
            assert found_in([key.hex(), key[:8].hex()], folder / kind) == set()
        assert len(ids["plain"]) == 2
        assert not ids["plain"] & ids["json"]
        assert prints["plain"] != prints["json"] != ""

    def test_names_may_be_asked_for_in_the_job(self, rules, job):
        """`include_names: true` in the job does what the option does."""
        named = job.with_name("named.yaml")
        named.write_text(job.read_text().replace("id: t", "id: named\ninclude_names: true"))
        said = command("run", named, *AS_OF, "--rules", rules, "--out", job.parent / "asked", "--quiet")
        assert said.code in {0, 1}, said.err
        assert found_in([planted("persons.full_name")], job.parent / "asked") != set()

    def test_check_says_no_name(self, rules, job):
        """`check` prints issues about restricted cells without what stands in them."""
        said = command("check", job, "--rules", rules)
        assert said.code == 1
        assert "a cell that may name persons can't be read" in said.out
        assert sorted(PLANTED[needle] for needle, _ in found_in(PLANTED, None, said.out, said.err)) == []


def pictures(name):
    """Return an archive with one export, and pictures that are called what a name is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "\n".join([HEADER, airwars_line(1)]))
        for member in (f"{name}.jpg", f"photos/{name}/1.JPG", f"{name}", f"of.{name}"):
            archive.writestr(member, b"x")
    return packed.getvalue()


class TestAwkwardPaths:
    """What is said where something goes wrong."""

    NAME = planted("awkward")

    def shown(self, folder, *words):
        """Where the awkward name stands in what a command says and leaves."""
        said = command(*words)
        return said, found_in([self.NAME], folder, said.out, said.err)

    def test_export_without_its_header(self, tmp_path, rules):
        """Where the header is missing, the first record is not quoted as if it were one."""
        row = [self.NAME if "*" in cell else cell for _, _, cell in PERSONS]
        (tmp_path / "a.csv").write_text(table(row, row), encoding="utf-8")
        said, found = self.shown(
            None, "run", tmp_path / "a.csv", "--rules", rules, "--out", tmp_path / "reports"
        )
        assert said.code == 2
        assert "a.csv: has a header that no known layout has" in said.err
        assert found == set()

    def test_export_without_its_header_beside_another(self, tmp_path, rules):
        """The same in the run.json, issues, workbook and logs of a run that goes on without it."""
        row = [self.NAME if "*" in cell else cell for _, _, cell in PERSONS]
        (tmp_path / "a.csv").write_text(table(row, row), encoding="utf-8")
        good = airwars_export(tmp_path / "good.csv", rows=1)
        words = ("run", tmp_path / "a.csv", good, "--rules", rules, "--out", tmp_path / "reports", *AS_OF)
        said, found = self.shown(tmp_path / "reports", *words)
        assert said.code == 1, said.err
        assert found == set()

    def test_header_that_is_nearly_right(self, tmp_path, rules):
        """A real header may be quoted: its misspelt column is named, its rows are not."""
        columns = [("fullname" if name == "full_name" else name, rule, cell) for name, rule, cell in PERSONS]
        (tmp_path / "a.csv").write_text(table(*export("persons", columns)), encoding="utf-8")
        said = command("check", tmp_path / "a.csv", "--rules", rules)
        assert said.code == 2
        assert "persons (persons_sheet) lacks full_name" in said.err
        assert "qorva" not in said.err

    @pytest.mark.parametrize("change", ["too many cells", "too few cells", "open quote", "low byte"])
    def test_torn_rows(self, tmp_path, rules, change):
        """Rows that are torn are said by number, not by what they hold."""
        rows = [
            [self.NAME if "*" in cell else cell for cell in row] for row in ([c for _, _, c in PERSONS],) * 30
        ]
        text = table([name for name, _, _ in PERSONS], *rows)
        lines = text.splitlines(keepends=True)
        lines[5] = {
            "too many cells": lines[5].replace("\n", f',"{self.NAME}"\n'),
            "too few cells": f'"{self.NAME}","{self.NAME}"\n',
            "open quote": f'"{self.NAME}\n',
            "low byte": lines[5].replace(self.NAME, self.NAME + "\udce9"),
        }[change]
        (tmp_path / "a.csv").write_bytes("".join(lines).encode("utf-8", "surrogateescape"))
        said, found = self.shown(None, "check", tmp_path / "a.csv", "--rules", rules)
        assert said.code == 1, said.err
        assert found == set()

    def test_pictures_beside_an_export(self, tmp_path):
        """Members of an archive that are not read are counted by kind: pictures are often called what the victim was."""
        (tmp_path / "a.zip").write_bytes(pictures(self.NAME))
        words = ("run", tmp_path / "a.zip", "--out", tmp_path / "reports", *AS_OF)
        said, found = self.shown(tmp_path / "reports", *words)
        assert said.code == 0, said.err
        assert found == set()
        (issues,) = (tmp_path / "reports").glob("adhoc/*/tables/issues.parquet")
        told = pd.read_parquet(issues)["message"].str.cat()
        assert "holds files that are not read: 2 .jpg, 2 without a known ending" in told

    def test_same_personal_id_twice(self, tmp_path, rules):
        """Two rows of one national id are said by their keyed ids."""
        columns = [(name, rule, self.NAME if name == "national_id" else cell) for name, rule, cell in PERSONS]
        (tmp_path / "a.csv").write_text(table(*export("persons", columns)), encoding="utf-8")
        said, found = self.shown(None, "check", tmp_path / "a.csv", "--rules", rules)
        assert "stands on another row of this monitor too" in said.out
        assert found == set()

    def test_correction_of_a_restricted_cell(self, tmp_path, rules):
        """A correction that expects another value does not print the one that stands in a restricted cell."""
        columns = [
            (name, rule, f"house of {self.NAME}" if name == "where" else cell) for name, rule, cell in POSTS
        ]
        (tmp_path / "a.csv").write_text(table(*export("posts", columns, 1)), encoding="utf-8")
        (tmp_path / "job.yaml").write_text("id: t\ninputs: [{monitor: posts, files: [a.csv]}]\n")
        (tmp_path / "corrections.yaml").write_text(
            '- {claim_id: "posts:P1", action: set, column: place_name, expected: Elsewhere, value: Somewhere, reason: a test, '
            "reviewer: Reviewer One, decided_on: 2020-01-01}\n"
        )
        said, found = self.shown(None, "check", tmp_path / "job.yaml", "--rules", rules)
        assert "The correction of posts:P1" in said.out
        assert found == set()

    def test_second_use_of_a_personal_column(self, tmp_path, rules):
        """A column that is personal in one of its uses is personal in the others."""
        columns = [(name, rule, self.NAME if name == "case_no" else cell) for name, rule, cell in IDS]
        (tmp_path / "a.csv").write_text(table(*export("ids", columns, 1)), encoding="utf-8")
        words = ("run", tmp_path / "a.csv", "--rules", rules, "--out", tmp_path / "reports", *AS_OF)
        said, found = self.shown(tmp_path / "reports", *words)
        assert said.code == 0, said.err
        assert found == set()

    def test_keyed_ids_need_a_key(self, tmp_path, rules):
        """Where a command has no job and so no key, a personal id is not hashed with an empty one, which anyone can undo."""
        ids = [(name, rule, "9876501234" if name == "case_no" else cell) for name, rule, cell in IDS]
        left = tmp_path / "left.csv"
        left.write_text(table(*export("ids", ids, 2)), encoding="utf-8")
        right = airwars_export(tmp_path / "right.csv", rows=1, row1=airwars_line(5, civ_killed_max="5"))
        linked = command(
            "link", left, right, "--monitors", "ids,airwars", "--rules", rules, "-o", tmp_path / "links.csv"
        )
        assert linked.code == 0, linked.err
        links = (tmp_path / "links.csv").read_text(encoding="utf-8")
        assert len(links.splitlines()) > 1
        checked = command("check", left, "--rules", rules)
        assert "stands on another row" in checked.out
        open_hash = hmac.new(b"", b"9876501234", hashlib.sha256).hexdigest()[:16]
        assert found_in(["9876501234", open_hash], None, links) == set()
        assert found_in(["9876501234", open_hash], None, checked.out) == set()

    @pytest.mark.parametrize("is_named", [False, True], ids=["", "names asked for"])
    def test_decisions_about_persons(self, tmp_path, rules, is_named):
        """What reviewers wrote about persons, and values of restricted cells, are withheld; what they wrote of incidents is not."""
        (tmp_path / "persons.csv").write_text(table(*export("persons", PERSONS)), encoding="utf-8")
        (tmp_path / "posts.csv").write_text(table(*export("posts", POSTS, 1)), encoding="utf-8")
        airwars_export(tmp_path / "plain.csv", rows=2)
        job = tmp_path / "job.yaml"
        job.write_text("id: t\ninputs: [{files: [persons.csv, posts.csv, plain.csv]}]\n")
        words = ("run", job, "--rules", rules, *AS_OF, "--html", *(("--include-names",) if is_named else ()))
        assert command(*words).code == 0
        first = pd.read_parquet(next(tmp_path.glob("reports/t/*/tables/claims.parquet")))
        left, right = sorted(first.loc[first["monitor"] == "persons", "claim_id"])
        found = pd.read_parquet(next(tmp_path.glob("reports/t/*/tables/discrepancies.parquet")))
        about = (
            found[found["claim_ids"].str.contains("persons:", regex=False)]["discrepancy_id"].head(1).tolist()
        )
        who = "reviewer: Reviewer One, decided_on: 2020-01-01"
        (tmp_path / "judgements.yaml").write_text(
            f'- {{left: "{left}", right: "{right}", decision: same, note: "both {self.NAME}", {who}}}\n'
            f'- {{left: "airwars:X1", right: "airwars:X2", decision: different, note: "two nights", {who}}}\n'
            f'- {{left: "{left}x", right: "airwars:X2", decision: different, note: "not {self.NAME}", {who}}}\n'
        )
        gone = "dis_0123456789ab"
        (tmp_path / "findings.yaml").write_text(
            "".join(
                f'- {{finding: {one}, code: X, decision: accepted, note: "see {self.NAME}", {who}}}\n'
                for one in (*about, gone)
            )
        )
        (tmp_path / "corrections.yaml").write_text(
            "".join(
                f'- {{claim_id: "{claim}", action: set, column: place_name, expected: "{expected}", value: "at {self.NAME}\'s", '
                f'reason: "told by {self.NAME}", {who}}}\n'
                for claim, expected in (
                    (left, f"with {self.NAME}"),
                    ("posts:P1", filled("posts.where", POSTS[3][2])),
                )
            )
            + f'- {{claim_id: "airwars:X1", action: set, column: admin1, expected: "no", value: "so", reason: "as mapped", {who}}}\n'
        )
        shutil.rmtree(tmp_path / "reports")
        said, leaks = self.shown(tmp_path / "reports", *words)
        assert said.code in {0, 1}, said.err
        assert leaks == set() or is_named
        decisions = pd.read_parquet(next(tmp_path.glob("reports/t/*/tables/decisions.parquet")))
        assert len(decisions) == 3 + len(about) + 1 + 3
        assert {"two nights", "as mapped"} <= set(decisions["note"])
        assert decisions["note"].str.contains(self.NAME).any() == is_named

    @pytest.mark.parametrize("stage", ["normalize", "link_claims", "find_discrepancies"])
    def test_fault_of_a_stage(self, tmp_path, stage):
        """A stage that breaks over a cell says where, and not what stood there."""
        fault = ValueError(f"could not read {self.NAME}")
        good = airwars_export(tmp_path / "a.csv", rows=1)
        with patch.object(pipeline, stage, side_effect=fault):
            said, found = self.shown(tmp_path / "reports", "run", good, "--out", tmp_path / "reports")
        assert (said.code, found) == (2, set())
        assert "ValueError" in said.err
