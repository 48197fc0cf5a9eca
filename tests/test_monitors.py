"""Every monitor's rule file against invented rows: what is read from them is what the monitor's codebook says.

The expected files are written by hand. A new monitor needs a rule file and `fixtures/monitors/<id>/`, and no line here:
`rows*.csv` (each of them gives the same claims), `claims.csv` and `figures.csv` with the columns worth stating, and for
lists of persons `victims.csv`. Their names are invented.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import ROOT

from reconcile.normalize import build_context, normalize
from reconcile.read import SourceFile, read_tables
from reconcile.validate import Within, validate

if TYPE_CHECKING:
    from pathlib import Path

    from reconcile.normalize.cells import Context
    from reconcile.read import ReadTable
    from reconcile.ruleset import Ruleset
    from reconcile.validate import Validated

FIXTURES = ROOT / "fixtures" / "monitors"
CASES = sorted(FIXTURES.glob("*/rows*.csv"))
CLAIM_KEY = ("claim_id",)
FIGURE_KEY = ("claim_id", "measure_code", "population_code", "sex_code", "age_group_code", "role_code")

# Widths of the headers that FORMATS.md gives for the real exports.
WIDTHS = {
    "airwars/rows.csv": 46,
    "ucdp_ged/rows_49.csv": 49,
    "ucdp_ged/rows_41.csv": 41,
    "cjtf_oir/rows.csv": 15,
}
PERSONS = [path for path in CASES if (path.parent / "victims.csv").is_file()]

# What could not be taken as it is: row of the file, column, kind.
ISSUES: dict[str, set[tuple[int, str, str]]] = {
    "airwars/rows.csv": {
        (5, "civ_killed_min", "bounds_crossed"),
        (5, "longitude", "unreadable"),
        (5, "latitude", "half_coordinate"),
        (10, "civ_injured_min", "unreadable"),
    },
    "ucdp_ged/rows_49.csv": {(9, "low", "bounds_crossed")},
    "ucdp_ged/rows_41.csv": {(9, "low", "bounds_crossed")},
    "cjtf_oir/rows.csv": {
        (5, "conceded_min", "denied_number"),
        (9, "verdict", "unknown_term"),
        (9, "via", "unknown_term"),
    },
    "totals/rows.csv": {
        (6, "monitor", "unknown_term"),
        (7, "number", "unreadable"),
        (9, "country", "unknown_term"),
    },
    "victim_list/rows.csv": {
        (6, "Gender", "unknown_term"),
        (8, "DOB", "unreadable"),
        (8, "Date of death", "unreadable"),
        (8, "age", "unreadable"),
    },
}


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
    with path.open(encoding="utf-8", newline="") as lines:
        return sorted(csv.DictReader(lines), key=lambda row: [row[name] for name in key])


@pytest.fixture(scope="module")
def context(rules: Ruleset) -> Context:
    """What reading cells needs."""
    return build_context(rules, "airwars")


@pytest.fixture(scope="module")
def tables(rules: Ruleset) -> dict[str, ReadTable]:
    """Every fixture file, its monitor recognised by its header among all monitors."""
    read = {}
    for path in CASES:
        (read[name_of(path)],) = read_tables(
            SourceFile(path.name, path.read_bytes()), list(rules.monitors.values())
        )
    return read


@pytest.fixture(scope="module")
def valid(rules: Ruleset, context: Context, tables: dict[str, ReadTable]) -> dict[str, Validated]:
    """Every fixture file, read, normalized and validated."""
    done = {}
    for name, table in tables.items():
        monitor = rules.monitors[table.monitor_id]
        layout = next(layout for layout in monitor.layouts if layout.id == table.layout_id)
        draft = normalize(table, monitor, layout, context)
        done[name] = validate(draft, Within(), rules.vocabularies["countries"].terms)
    return done


def test_every_monitor_with_layouts_has_fixtures(rules: Ruleset) -> None:
    """A rule file whose layouts nobody tries is a promise nobody checked."""
    with_layouts = {name for name, monitor in rules.monitors.items() if monitor.layouts}
    tried = {path.parent.name for path in CASES}
    assert tried == with_layouts
    for name in tried:
        assert (FIXTURES / name / "claims.csv").is_file(), name
        assert (FIXTURES / name / "figures.csv").is_file(), name


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_layout_is_recognised(path: Path, tables: dict[str, ReadTable]) -> None:
    """The header alone says whose export it is, among all monitors known."""
    assert tables[name_of(path)].monitor_id == path.parent.name


@pytest.mark.parametrize("name", sorted(WIDTHS))
def test_header_is_the_real_one(name: str) -> None:
    """The fixture has as many columns as the real export, each of them once."""
    with (FIXTURES / name).open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines))
    assert len(header) == len(set(header)) == WIDTHS[name]


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_every_column_is_described(path: Path, rules: Ruleset) -> None:
    """No column of a known export is left without a word in the rule file."""
    with path.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines))
    described = [
        {column for columns in layout.columns_in(header).values() for column in columns}
        for layout in rules.monitors[path.parent.name].layouts
    ]
    assert set(header) <= set().union(*described)


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_claims_are_exactly_these(path: Path, valid: dict[str, Validated]) -> None:
    """Each row becomes the claim that the codebook says it is."""
    stated = expected(path.parent / "claims.csv", CLAIM_KEY)
    assert as_text(valid[name_of(path)].claims, list(stated[0]), CLAIM_KEY) == stated


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


@pytest.mark.parametrize("name", sorted(ISSUES))
def test_issues_are_exactly_these(name: str, valid: dict[str, Validated]) -> None:
    """What could not be taken as it is is said with its row and column, and nothing else is."""
    issues = valid[name].issues
    own = issues[issues["source_row"] > 0]
    assert set(zip(own["source_row"], own["column"], own["code"], strict=True)) == ISSUES[name]


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_every_row_is_claimed(path: Path, valid: dict[str, Validated], tables: dict[str, ReadTable]) -> None:
    """An issue about a cell sets no row aside."""
    fates = valid[name_of(path)].fates
    assert fates["fate_code"].tolist() == ["claimed"] * len(tables[name_of(path)].rows)


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_claims_lead_back_to_their_row(path: Path, valid: dict[str, Validated]) -> None:
    """Every claim names the file, the row and the bytes it came from."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    claims = valid[name_of(path)].claims
    assert claims["source_file"].unique().tolist() == [path.name]
    assert claims["file_sha256"].unique().tolist() == [SourceFile(path.name, path.read_bytes()).sha256]
    for claim in claims.itertuples():
        published = {cell.removesuffix(".0") for cell in rows[claim.source_row - 1]}
        assert claim.native_id in published


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
