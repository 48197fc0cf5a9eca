"""Every monitor's rule file against invented rows: what is read from them is what the monitor's codebook says.

The expected files are written by hand. A new layout needs a rule file and a folder under `fixtures/monitors/<id>/`, and no
line here: `rows*.*` (each of them gives the same claims), `claims.csv` and `figures.csv` with the columns worth stating,
`victims.csv` for persons, and `issues.csv` where a cell could not be taken as it is. Their names are invented.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import ROOT

from reconcile.drafts import gather
from reconcile.normalize import build_context, normalize
from reconcile.read import SourceFile, read_tables
from reconcile.validate import Within, validate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reconcile.normalize.cells import Context
    from reconcile.read import ReadTable
    from reconcile.ruleset import Ruleset
    from reconcile.validate import Validated

FIXTURES = ROOT / "fixtures" / "monitors"
CASES = sorted(FIXTURES.rglob("rows*.*"))
CLAIM_KEY = ("claim_id",)
FIGURE_KEY = ("claim_id", "measure_code", "population_code", "sex_code", "age_group_code", "role_code")
ISSUE_KEY = ("source_row", "column", "code")

# Widths of the headers that FORMATS.md gives for the real exports.
WIDTHS = {
    "airwars/rows.csv": 46,
    "ucdp_ged/rows_49.csv": 49,
    "ucdp_ged/rows_41.csv": 41,
    "cjtf_oir/rows.csv": 15,
}
PERSONS = [path for path in CASES if (path.parent / "victims.csv").is_file()]
DELETED = [path for path in CASES if (path.parent / "deleted.csv").is_file()]
CLAIMING = [path for path in CASES if path not in DELETED]


def name_of(path: Path) -> str:
    """The monitor and the file, as the tables above name them."""
    return path.relative_to(FIXTURES).as_posix()


def shown(cell: Any) -> str:
    """A cell as the expected files write it."""
    if isinstance(cell, str):
        return cell
    if pd.isna(cell):
        return ""
    return f"{cell:%Y-%m-%d}" if isinstance(cell, pd.Timestamp) else f"{cell:.10g}"


def as_text(frame: pd.DataFrame, columns: list[str], key: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of a frame as the expected files write them, in the order of their key."""
    rows = [
        dict(zip(columns, map(shown, row), strict=True))
        for row in frame[columns].astype(object).itertuples(index=False)
    ]
    return sorted(rows, key=lambda row: [row[name] for name in key])


def expected(path: Path, key: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of an expected file, in the order of their key."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return sorted(csv.DictReader(lines), key=lambda row: [row[name] for name in key])


@pytest.fixture(scope="module")
def context(rules: Ruleset) -> Context:
    """What reading cells needs."""
    return build_context(rules, "airwars")


class Made(dict[str, Any]):
    """What is made of a fixture file, once, when it is first asked for: a file at fault fails its own tests only."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, name: str) -> Any:
        self[name] = self.make(name)
        return self[name]


@pytest.fixture(scope="module")
def tables(rules: Ruleset) -> dict[str, list[ReadTable]]:
    """The tables of every fixture file, its monitor recognised among all monitors."""
    monitors = list(rules.monitors.values())

    def make(name: str) -> list[ReadTable]:
        path = FIXTURES / name
        return read_tables(SourceFile(path.name, path.read_bytes()), monitors, grammars=rules.grammars)

    return Made(make)


@pytest.fixture(scope="module")
def valid(rules: Ruleset, context: Context, tables: dict[str, list[ReadTable]]) -> dict[str, Validated]:
    """Every fixture file, read, normalized and validated."""

    def make(name: str) -> Validated:
        drafts = []
        for table in tables[name]:
            monitor = rules.monitors[table.monitor_id]
            layout = next(layout for layout in monitor.layouts if layout.id == table.layout_id)
            drafts.append(normalize(table, monitor, layout, context))
        return validate(gather(drafts), Within(), rules.vocabularies["countries"].terms)

    return Made(make)


def test_every_layout_has_fixtures(
    rules: Ruleset, valid: dict[str, Validated], tables: dict[str, list[ReadTable]]
) -> None:
    """A layout that nobody tries is a promise nobody checked; a companion is tried where it claims something."""
    tried = {(path.parent, layout) for path in CASES for layout in set(valid[name_of(path)].claims["layout"])}
    layouts = [layout for monitor in rules.monitors.values() for layout in monitor.layouts]
    assert {layout for _, layout in tried} == {layout.id for layout in layouts if not layout.deletes}
    deleted = {table.layout_id for path in DELETED for table in tables[name_of(path)]}
    assert deleted == {layout.id for layout in layouts if layout.deletes}
    for folder, _ in tried:
        assert (folder / "claims.csv").is_file(), folder
        assert (folder / "figures.csv").is_file(), folder


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_layout_is_recognised(path: Path, tables: dict[str, list[ReadTable]]) -> None:
    """The file alone says whose export it is, among all monitors known."""
    assert {table.monitor_id for table in tables[name_of(path)]} == {path.relative_to(FIXTURES).parts[0]}


@pytest.mark.parametrize("name", sorted(WIDTHS))
def test_header_is_the_real_one(name: str) -> None:
    """The fixture has as many columns as the real export, each of them once."""
    with (FIXTURES / name).open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines))
    assert len(header) == len(set(header)) == WIDTHS[name]


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_every_column_is_described(path: Path, valid: dict[str, Validated]) -> None:
    """No column of a known export is left without a word in the rule file."""
    issues = valid[name_of(path)].issues
    assert issues.loc[issues["code"] == "unknown_column", "column"].tolist() == []


@pytest.mark.parametrize("path", CLAIMING, ids=name_of)
def test_claims_are_exactly_these(path: Path, valid: dict[str, Validated]) -> None:
    """Each row becomes the claim that the codebook says it is."""
    stated = expected(path.parent / "claims.csv", CLAIM_KEY)
    assert as_text(valid[name_of(path)].claims, list(stated[0]), CLAIM_KEY) == stated


@pytest.mark.parametrize("path", DELETED, ids=name_of)
def test_deleted_are_exactly_these(path: Path, valid: dict[str, Validated]) -> None:
    """A list of deleted records claims nothing, and says which claims it takes back."""
    stated = {row["claim_id"] for row in expected(path.parent / "deleted.csv", CLAIM_KEY)}
    assert stated
    assert valid[name_of(path)].deleted == stated
    assert valid[name_of(path)].claims.empty


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_figures_are_exactly_these(path: Path, valid: dict[str, Validated]) -> None:
    """Each row gives the numbers that the codebook says it states, and no others."""
    stated = expected(path.parent / "figures.csv", FIGURE_KEY)
    columns = list(stated[0]) if stated else list(FIGURE_KEY)
    assert as_text(valid[name_of(path)].figures, columns, FIGURE_KEY) == stated


@pytest.mark.parametrize("path", PERSONS, ids=name_of)
def test_victims_are_exactly_these(path: Path, valid: dict[str, Validated]) -> None:
    """Each row gives the person it names, with sex, age and year of birth as far as it says."""
    stated = expected(path.parent / "victims.csv", CLAIM_KEY)
    assert as_text(valid[name_of(path)].victims, list(stated[0]), CLAIM_KEY) == stated


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_issues_are_exactly_these(path: Path, valid: dict[str, Validated]) -> None:
    """What could not be taken as it is is said with its row and column, and nothing else is."""
    issues = valid[name_of(path)].issues
    own = issues[(issues["source_row"] > 0) & (issues["severity"] != "note")]
    stated = [
        {name: row[name] for name in ISSUE_KEY} for row in expected(path.parent / "issues.csv", ISSUE_KEY)
    ]
    assert as_text(own, list(ISSUE_KEY), ISSUE_KEY) == stated


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_every_row_has_a_fate(
    path: Path, valid: dict[str, Validated], tables: dict[str, list[ReadTable]]
) -> None:
    """An issue about a cell sets no row aside: a row is claimed, or no record, or an issue says why it is quarantined."""
    fates, issues = valid[name_of(path)].fates, valid[name_of(path)].issues
    assert len(fates) == sum(len(table.rows) for table in tables[name_of(path)])
    lost = fates.loc[fates["fate_code"] == "quarantined", "source_row"]
    assert set(lost) <= set(issues.loc[issues["severity"] == "error", "source_row"])
    assert set(fates["fate_code"]) <= {"claimed", "not_data", "quarantined", "corrected_away"}


@pytest.mark.parametrize("path", CLAIMING, ids=name_of)
def test_claims_lead_back_to_their_row(path: Path, valid: dict[str, Validated]) -> None:
    """Every claim names the file, the row and the bytes it came from."""
    claims, fates = valid[name_of(path)].claims, valid[name_of(path)].fates
    assert claims["source_file"].unique().tolist() == [path.name]
    assert claims["file_sha256"].unique().tolist() == [SourceFile(path.name, path.read_bytes()).sha256]
    where = ["source_sheet", "source_row"]
    claimed = fates.loc[fates["fate_code"] == "claimed", where]
    assert set(map(tuple, claims[where].to_numpy())) == set(map(tuple, claimed.to_numpy()))


def test_ged_best_is_the_sum_of_its_parts() -> None:
    """The invented GED events keep the codebook's identity, save the one whose bounds contradict each other."""
    with (FIXTURES / "ucdp_ged" / "rows_49.csv").open(encoding="utf-8", newline="") as lines:
        events = list(csv.DictReader(lines))
    parts = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
    for event in events:
        assert int(event["best"]) == sum(int(event[part]) for part in parts), event["id"]


def test_both_ged_layouts_hold_the_same_events(valid: dict[str, Validated]) -> None:
    """The 41-column conversion with its floats gives the same figures as the 49-column export."""
    columns = [*FIGURE_KEY, "low", "best", "high", "qualifier_code"]
    ours = [
        valid[name].figures[columns].reset_index(drop=True)
        for name in ("ucdp_ged/rows_41.csv", "ucdp_ged/rows_49.csv")
    ]
    pd.testing.assert_frame_equal(*ours)
