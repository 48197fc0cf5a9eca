"""What the stages guarantee in their docstrings, each put to the test under its own name: test_<stage>_<guarantee>."""

from __future__ import annotations

import ast
import re
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, claim_row
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    AIRWARS_COLUMNS,
    MONITORS,
    Small,
    budget,
    cells,
    claim_rows,
    csv_text,
    days,
    figure_rows,
    frames,
    judged,
    records,
    small_of,
    strangers,
    texts,
    victim_lists,
    with_decisions,
    with_rows,
    with_total,
    written,
)

from reconcile.block import LINKED_UNITS, Blocked, block
from reconcile.cluster import cluster, covering
from reconcile.compare import Compared, Surroundings, compare, pattern_bits, prior_bits, spell_levels
from reconcile.correct import correct
from reconcile.discrepancies import KINDS, Evidence, Laid, find_discrepancies, gather_evidence
from reconcile.drafts import gather
from reconcile.errors import UsageFault
from reconcile.frames import CandidatePairs, Issues, columns_of, empty
from reconcile.linkage import link_claims
from reconcile.normalize import build_context, normalize
from reconcile.pipeline import Input, Options, lay_totals, reader_of, run
from reconcile.read import SourceFile, read_tables
from reconcile.report import lay_out, listing
from reconcile.report.listing import WHOLE
from reconcile.result import RunFacts
from reconcile.ruleset import LEVELS, Correction
from reconcile.validate import Within, validate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconcile.drafts import Draft
    from reconcile.normalize.cells import Context
    from reconcile.read import ReadTable
    from reconcile.result import RunResult
    from reconcile.ruleset import Judgement, Linkage, Ruleset
    from reconcile.sheets import Sheet
    from reconcile.validate import Validated

    Records = list[dict[str, str]]
    Grid = tuple[list[list[str]], str]

STAGES = (
    "read", "normalize", "correct", "validate", "block", "compare", "cluster", "bridge", "history", "discrepancies", "report",
)  # fmt: skip
PROVENANCE = ["source_file", "source_sheet", "source_row", "file_sha256"]
ROW_KEY = PROVENANCE[:3]
FATES = ("claimed", "quarantined", "corrected_away", "out_of_scope", "not_data")
AS_OF = date(2017, 7, 1)


class World:
    """The stages over the shipped rules, as the pipeline calls them."""

    def __init__(self, rules: Ruleset, context: Context) -> None:
        self.rules, self.context = rules, context

    def __repr__(self) -> str:
        """Return a short text: the rules would bury a failing example."""
        return "World(rules, context)"

    @property
    def linkage(self) -> Linkage:
        """The rules of linkage."""
        return self.rules.linkage["incidents"]

    def table(self, text: str, name: str = "export.csv") -> ReadTable:
        """Return the one table of a text file."""
        (table,) = read_tables(SourceFile(name, text.encode()), list(self.rules.monitors.values()))
        return table

    def draft(self, text: str, name: str = "export.csv") -> Draft:
        """Return the draft of one text file."""
        table = self.table(text, name)
        monitor = self.rules.monitors[table.monitor_id]
        layout = next(layout for layout in monitor.layouts if layout.id == table.layout_id)
        return normalize(table, monitor, layout, self.context)

    def valid(
        self, files: Mapping[str, str], within: Within | None = None, dropped: Sequence[str] = ()
    ) -> Validated:
        """Return the frames of several text files, claims of the ids in `dropped` corrected away."""
        draft = gather([self.draft(text, name) for name, text in files.items()])
        draft = correct(draft, [correction(claim_id, "drop") for claim_id in dropped])
        return validate(draft, within or Within(), self.rules.vocabularies["countries"].terms)

    @property
    def of_victims(self) -> Linkage:
        """The rules of linkage of victims."""
        return self.rules.linkage["victims"]

    def linkage_of(self, small: Small) -> Linkage:
        """Return the rules by which the claims of a run are linked: of victims where it names any."""
        return self.of_victims if len(small.victims) else self.linkage

    def blocked(self, small: Small, linkage: Linkage | None = None) -> Blocked:
        """Return candidate pairs, of incidents unless told otherwise."""
        return block(small.claims, small.victims, linkage or self.linkage)

    def compared_all(
        self,
        small: Small,
        pairs: pd.DataFrame | None = None,
        linkage: Linkage | None = None,
        least: float = -np.inf,
    ) -> Compared:
        """Return pairs compared, and the patterns: of the given ones, or of those that blocking finds."""
        linkage = linkage or self.linkage
        pairs = self.blocked(small, linkage).pairs if pairs is None else pairs
        around = Surroundings(self.rules.vocabularies["perpetrators"], self.context.gazetteer.by_id)
        return compare(small.claims, small.figures, small.victims, pairs, linkage, around, least)

    def compared(
        self, small: Small, pairs: pd.DataFrame | None = None, linkage: Linkage | None = None
    ) -> pd.DataFrame:
        """Return pairs compared, their levels spelled out: the given ones, or those that blocking finds."""
        linkage = linkage or self.linkage
        found = self.compared_all(small, pairs, linkage).pairs
        return found.join(spell_levels(linkage.kind_code, found["pattern"].to_numpy()))

    def linked(
        self, small: Small, linkage: Linkage | None = None, decided: Sequence[Judgement] = ()
    ) -> pd.DataFrame:
        """Return LinkedClaims, what summaries cover among them."""
        linkages = self.rules.linkage | {"incidents": linkage or self.linkage}
        rules = self.rules.model_copy(update={"linkage": linkages})
        decisions = (*small.decided, *decided)
        places = self.context.gazetteer.by_id
        own = link_claims(small.claims, small.figures, small.victims, rules, places, decisions).linked
        return pd.concat([own, covering(small.claims, own)], ignore_index=True)

    def laid(self, small: Small) -> Laid:
        """Return every frame of the stages about totals."""
        reader = reader_of(self.rules, self.context.gazetteer, Within())
        return lay_totals(small.claims, small.figures, self.linked(small), reader)

    def steps(self, small: Small) -> pd.DataFrame:
        """Return BridgeSteps."""
        return self.laid(small).bridge

    def evidence(self, small: Small) -> Evidence:
        """Return what the kinds of discrepancy look at."""
        rules = self.rules
        return gather_evidence(
            small.claims, small.figures, self.linked(small), self.laid(small), empty(Issues),
            rules.monitors, rules.vocabularies, rules.discrepancies,
        )  # fmt: skip

    def found(self, small: Small) -> pd.DataFrame:
        """Return Discrepancies."""
        return find_discrepancies(self.evidence(small), {}, AS_OF)

    def result(self, files: Mapping[str, str], *, include_names: bool = False) -> RunResult:
        """Return a whole run over text files."""
        facts = RunFacts(
            job="test", title="A test", as_of=AS_OF, quantities="airwars", include_names=include_names, within="", previous_run="",
            rules_digest=self.rules.digest, inputs_digest="0" * 64, run_digest="0" * 64, version="0",
        )  # fmt: skip
        inputs = [Input(name, SourceFile(name, text.encode())) for name, text in files.items()]
        return run(inputs, self.rules, Options(facts, Within()), lambda _: None)


@pytest.fixture(scope="module")
def world(rules: Ruleset) -> World:
    """The stages over the shipped rules."""
    return World(rules, build_context(rules, "airwars"))


def correction(
    claim_id: str, action: str, column: str = "", expected: str = "", value: str = ""
) -> Correction:
    """Return one correction."""
    return Correction(
        claim_id=claim_id, action=action, column=column, expected=expected, value=value,
        reason="a test", reviewer="a reviewer", decided_on=AS_OF,
    )  # fmt: skip


def content_of(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the rows of a frame as text, without where they came from, in an order of their own."""
    kept = frame.drop(columns=[*PROVENANCE, "draft_no"], errors="ignore")
    return sorted(tuple(map(str, row)) for row in kept.itertuples(index=False, name=None))


def figures_by_claim(draft: Draft) -> list[tuple[str, ...]]:
    """Return the figures of a draft as text, named by their claim."""
    ids = draft.claims.set_index("draft_no")["claim_id"]
    return content_of(draft.figures.assign(claim_id=ids.reindex(draft.figures["draft_no"]).to_numpy()))


def clusters_of(linked: pd.DataFrame, claims: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Return cluster and relation of these claims, as far as they are linked."""
    own = linked[(linked["relation_code"] != "covers") & linked["claim_id"].isin(claims["claim_id"])]
    return {row.claim_id: (row.cluster_id, row.relation_code) for row in own.itertuples()}


# ---- every guarantee has its test ----------------------------------------------------------------------------------


def guarantees() -> list[tuple[str, str]]:
    """Return (stage, guarantee) for every line under `Guarantees:` in the docstring of a module of the package."""
    found = []
    for path in sorted((ROOT / "reconcile").rglob("*.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        section = docstring.partition("Guarantees:\n")[2].split("\n\n")[0]
        stage = path.parent.name if path.stem == "__init__" else path.stem
        found += [(stage, name) for name in re.findall(r"^    (\w+):", section, flags=re.MULTILINE)]
    return found


@pytest.mark.parametrize(("stage", "guarantee"), guarantees())
def test_guarantee_has_a_test(stage: str, guarantee: str):
    """What a docstring guarantees is put to the test under its name: here, or beside the other tests of its module."""
    name = f"test_{stage}_{guarantee}"
    tests = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert name in globals() or any(f"def {name}(" in text for text in tests)


def test_every_stage_guarantees_something():
    """No stage of the pipeline is without guarantees."""
    assert set(STAGES) <= {stage for stage, _ in guarantees()}


# ---- read ----------------------------------------------------------------------------------------------------------


@st.composite
def grids(draw: st.DrawFn, *, ragged: bool) -> Grid:
    """Records of the header's width, or of other widths too, and the text of their file."""
    header = list(AIRWARS_COLUMNS)
    widths = [0, 1, 3, len(header) + 2, len(header)] if ragged else [len(header)]
    lines = [
        draw(st.lists(texts() | cells(), min_size=width, max_size=width))
        for width in draw(st.lists(st.sampled_from(widths), max_size=6))
    ]
    quoted = draw(st.sampled_from([(), ("",), ("3", "X0", "?")]))
    text = written([header, *lines], draw(st.sampled_from(["\n", "\r\n"])), quoted)
    return lines, draw(st.sampled_from(["", "\ufeff"])) + text


@budget(40)
@given(grids(ragged=True))
def test_read_every_record_is_a_row(world: World, grid: Grid):
    """Blank records, short and long ones, cells of several lines: each record is one row, and rows are numbered on."""
    lines, text = grid
    rows = world.table(text).rows
    assert rows["source_row"].tolist() == list(range(2, len(lines) + 2))


@budget(40)
@given(grids(ragged=False))
def test_read_text_is_untouched(world: World, grid: Grid):
    """Cells come out letter by letter: spaces, line ends, marks of direction, "NA" and leading zeros among them."""
    lines, text = grid
    assert world.table(text).rows[list(AIRWARS_COLUMNS)].to_numpy().tolist() == lines


# ---- normalize -----------------------------------------------------------------------------------------------------


@budget(10)
@given(st.data())
def test_normalize_every_row_has_a_fate(world: World, data: st.DataObject):
    """Each row has one fate, and the claimed rows are those that have a claim."""
    monitor = data.draw(st.sampled_from(MONITORS))
    tail = data.draw(st.sampled_from(["", "\n", "\n\na note below\n", "1,2,3\n", "#a,#b\n"]))
    text = csv_text(monitor, data.draw(records(monitor, garbled=True))) + tail
    draft = world.draft(text)
    assert draft.fates["source_row"].tolist() == world.table(text).rows["source_row"].tolist()
    assert set(draft.fates["fate_code"]) <= {"claimed", "quarantined", "not_data"}
    claimed = draft.fates.loc[draft.fates["fate_code"] == "claimed", "source_row"]
    assert draft.claims["source_row"].tolist() == claimed.tolist()


PARSED = {
    "airwars": ("incident_date", "date_range_end", "latitude", "longitude", "civ_killed_min", "civ_killed_max", "n_sources"),
    "ucdp_ged": ("date_start", "date_end", "latitude", "longitude", "deaths_civilians", "best", "low", "high"),
    "cjtf_oir": ("date", "statement_date", "conceded_min", "conceded_max"),
}  # fmt: skip


@budget(12)
@given(st.data())
def test_normalize_a_bad_cell_keeps_its_row(world: World, data: st.DataObject):
    """A row with an unreadable cell is the row with that cell blank, and an issue; other rows do not notice."""
    monitor = data.draw(st.sampled_from(MONITORS))
    rows = data.draw(records(monitor, least=1, most=3))
    column = data.draw(st.sampled_from(PARSED[monitor]))
    bad, blank = rows[0] | {column: data.draw(cells())}, rows[0] | {column: ""}
    spoiled, without = (world.draft(csv_text(monitor, [first, *rows[1:]])) for first in (bad, blank))
    noted = spoiled.issues[(spoiled.issues["code"] == "unreadable") & (spoiled.issues["column"] == column)]
    assert noted["source_row"].tolist() in ([], [2])
    same = slice(0 if len(noted) else 1, None)
    assert len(spoiled.claims) == len(rows)
    assert content_of(spoiled.claims.iloc[same]) == content_of(without.claims.iloc[same])
    numbers = [
        content_of(draft.figures[draft.figures["draft_no"] >= same.start].drop(columns="verbatim"))
        for draft in (spoiled, without)
    ]
    assert numbers[0] == numbers[1]


@budget(6)
@given(st.data())
def test_normalize_row_order_does_not_matter(world: World, data: st.DataObject):
    """Shuffled rows give the same claims with the same figures, spoiled cells and all."""
    monitor = data.draw(st.sampled_from(MONITORS))
    rows = data.draw(records(monitor, garbled=True, least=2))
    first, second = (
        world.draft(csv_text(monitor, some)) for some in (rows, data.draw(st.permutations(rows)))
    )
    assert content_of(first.claims) == content_of(second.claims)
    assert figures_by_claim(first) == figures_by_claim(second)


# ---- correct -------------------------------------------------------------------------------------------------------

# Column of the export, column of a correction, a value to set, and that value as the draft shows it.
CORRECTABLE = (
    ("location_en", "place_name", "Upper Sample", "Upper Sample"),
    ("incident_date", "date_start", "2017-06-01", "2017-06-01 00:00:00"),
    ("latitude", "latitude", "35.5", "35.5"),
    ("civ_killed_min", "killed.civilian.low", "0", "0.0"),
)


@budget(12)
@given(st.data())
def test_correct_what_was_expected_only(world: World, data: st.DataObject):
    """A value changes where the expected one stood, and what is derived of it; else an issue says that it did not."""
    rows = data.draw(records("airwars", least=1, most=3))
    at = data.draw(st.integers(0, len(rows) - 1))
    source, column, value, shown = data.draw(st.sampled_from(CORRECTABLE))
    stood = rows[at][source]
    expected = data.draw(st.sampled_from([stood, stood, "", "7", "2017-06-07", "Raqqa"]))
    draft = world.draft(csv_text("airwars", rows))
    after = correct(draft, [correction(f"airwars:X{at}", "set", column, expected, value)])
    assert after.issues["code"].eq("correction_not_applied").any() == (expected != stood)
    name = column.rpartition(".")[2]
    derived = ["edtf", "date_precision_code", "qualifier_code"]
    part = "figures" if "." in column else "claims"
    for table in ("claims", "figures"):
        before, now = (getattr(one, table).drop(columns=derived, errors="ignore") for one in (draft, after))
        wanted = before.astype("object").map(str)
        if table == part and expected == stood:
            wanted.loc[before["draft_no"] == at, name] = shown
        assert content_of(now) == content_of(wanted)


@budget(6)
@given(st.data())
def test_correct_dropped_rows_are_counted(world: World, data: st.DataObject):
    """The rows of dropped claims, and no others, are corrected away; their figures go with them."""
    rows = data.draw(records("airwars", least=1))
    dropped = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1))))
    draft = world.draft(csv_text("airwars", rows))
    after = correct(draft, [correction(f"airwars:X{number}", "drop") for number in dropped])
    away = after.fates["fate_code"] == "corrected_away"
    assert after.fates.loc[away, "source_row"].tolist() == [number + 2 for number in dropped]
    assert len(after.fates) == len(draft.fates)
    for table in ("claims", "figures"):
        before, now = getattr(draft, table), getattr(after, table)
        assert content_of(now) == content_of(before[~before["draft_no"].isin(dropped)])


# ---- validate ------------------------------------------------------------------------------------------------------


@st.composite
def exports(draw: st.DrawFn, *, garbled: bool = False) -> dict[str, Records]:
    """The records of three files, by name."""
    return {
        f"{monitor}.csv": draw(records(monitor, garbled=garbled, least=1, most=3)) for monitor in MONITORS
    }


def texts_of(files: Mapping[str, Records]) -> dict[str, str]:
    """Return records as texts of files."""
    return {name: csv_text(name.removesuffix(".csv"), rows) for name, rows in files.items()}


@budget(6)
@given(st.data())
def test_validate_nothing_is_lost(world: World, data: st.DataObject):
    """Per file, the five fates add up to the records that were written, and the claimed rows are those with a claim."""
    files = data.draw(exports(garbled=True))
    countries = data.draw(st.sampled_from([(), ("SYR",), ("IRQ",)]))
    within = Within(countries=countries, to_day=data.draw(st.none() | days()))
    dropped = data.draw(st.sets(st.sampled_from(["airwars:X0", "ucdp_ged:X1"])))
    valid = world.valid(texts_of(files), within, sorted(dropped))
    assert not valid.fates.duplicated(ROW_KEY).any()
    assert set(valid.fates["fate_code"]) <= set(FATES)
    for name, rows in files.items():
        fates = valid.fates[valid.fates["source_file"] == name]
        claims = valid.claims[valid.claims["source_file"] == name]
        assert len(fates) == len(rows)
        claimed = fates.loc[fates["fate_code"] == "claimed", "source_row"]
        assert sorted(claims["source_row"]) == sorted(claimed)


@budget(8)
@given(st.data())
def test_validate_ids_are_unique(world: World, data: st.DataObject):
    """Rows that repeat an id stay claims of their own, one of them under the id itself, and each further one is said."""
    codes = st.sampled_from(["X0", "X1", "X 0", "", "CS1a"])
    rows = [row | {"code": data.draw(codes)} for row in data.draw(records("airwars"))]
    valid = world.valid({"export.csv": csv_text("airwars", rows)})
    ids = valid.claims["claim_id"]
    plain = ids.str.replace(r"~\d+$", "", regex=True)
    assert ids.is_unique
    assert len(ids) == len(rows)
    assert set(plain) <= set(ids)
    assert (valid.issues["code"] == "duplicate_id").sum() == plain.duplicated().sum()
    assert set(valid.figures["claim_id"]) <= set(ids)


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, str]]:
    """The texts of three files, and of the same files with files and rows in another order."""
    files = draw(exports())
    files["airwars.csv"][0]["code"] = ""
    names = draw(st.permutations(list(files)))
    return texts_of(files), texts_of({name: draw(st.permutations(files[name])) for name in names})


@budget(5)
@given(two_orders())
def test_validate_order_does_not_matter(world: World, both: tuple[dict[str, str], dict[str, str]]):
    """Files and rows in another order give the same claims and figures, sorted by claim."""
    first, second = (world.valid(files) for files in both)
    assert first.claims["claim_id"].is_monotonic_increasing
    assert first.figures["claim_id"].is_monotonic_increasing
    kept = first.claims.columns.difference(PROVENANCE)
    pd.testing.assert_frame_equal(first.claims[kept], second.claims[kept])
    pd.testing.assert_frame_equal(first.figures, second.figures)


@budget(3)
@given(two_orders())
def test_order_of_files_and_rows_changes_no_finding(
    world: World, both: tuple[dict[str, str], dict[str, str]]
):
    """From bytes to findings, files and rows in another order give the same clusters and the same discrepancies."""
    valid = [world.valid(files) for files in both]
    first, second = (Small(one.claims, one.figures, (), one.victims) for one in valid)
    pd.testing.assert_frame_equal(world.linked(first), world.linked(second))
    pd.testing.assert_frame_equal(world.found(first), world.found(second))


# ---- block ---------------------------------------------------------------------------------------------------------


def days_apart(claims: pd.DataFrame, left: int, right: int) -> int:
    """Return the days between two windows; 0 where they share one."""
    a, b = claims.iloc[left], claims.iloc[right]
    return max((max(a["date_start"], b["date_start"]) - min(a["date_end"], b["date_end"])).days, 0)


def years_apart(small: Small, left: int, right: int) -> int:
    """Return the whole years between two ages; 0 where they meet."""
    about = small.victims.set_index("claim_id").loc[small.claims["claim_id"].iloc[[left, right]]]
    low, high = np.floor(about["age_low_years"]), np.floor(about["age_high_years"].fillna(150))
    return int(max(low.max() - high.min(), 0))


def either_kind(least: int = 4) -> st.SearchStrategy[Small]:
    """Runs of incidents, and runs of victims."""
    return frames(least=least) | victim_lists(least=least)


@budget(30)
@given(either_kind())
def test_block_each_pair_once(world: World, small: Small):
    """No pair stands twice, and its left position is the smaller one."""
    pairs = world.blocked(small, world.linkage_of(small)).pairs
    assert (pairs["left_row"] < pairs["right_row"]).all()
    assert not pairs.duplicated(["left_row", "right_row"]).any()


@budget(30)
@given(either_kind())
def test_block_other_monitors_only(world: World, small: Small):
    """The two sides of a pair are records of single events, or of persons, by different monitors."""
    pairs = world.blocked(small, world.linkage_of(small)).pairs
    left, right = small.claims.iloc[pairs["left_row"]], small.claims.iloc[pairs["right_row"]]
    assert (left["monitor"].to_numpy() != right["monitor"].to_numpy()).all()
    units = {"person"} if len(small.victims) else set(LINKED_UNITS)
    assert {*left["unit_code"], *right["unit_code"]} <= units


@budget(30)
@given(either_kind())
def test_block_windows_within_reach(world: World, small: Small):
    """A pair's windows, of days or of ages, lie no further apart than the rule it is named after allows."""
    linkage = world.linkage_of(small)
    for pair in world.blocked(small, linkage).pairs.itertuples():
        rule, sides = linkage.blocking[pair.rule_no], (pair.left_row, pair.right_row)
        if rule.within_days is not None:
            assert days_apart(small.claims, *sides) <= rule.within_days
        if rule.within_years is not None:
            assert years_apart(small, *sides) <= rule.within_years
        if rule.only == "undated":
            assert small.claims["date_start"].iloc[list(sides)].isna().any()


@budget(40)
@given(either_kind(), st.integers(0, 5), st.integers(1, 4))
def test_block_narrowing_is_counted(world: World, small: Small, number: int, limit: int):
    """Of the pairs that a rule brings unnarrowed, those that narrowing leaves out are counted; without narrowing none are."""
    linkage = world.linkage_of(small)
    rule = linkage.blocking[number % len(linkage.blocking)]
    wide, narrow = (
        world.blocked(small, linkage.model_copy(update={"blocking": (rule,), "max_pairs_per_key": most}))
        for most in (10_000, limit)
    )
    sides = ["left_row", "right_row"]
    every, kept = (set(found.pairs[sides].itertuples(index=False, name=None)) for found in (wide, narrow))
    (told,) = narrow.summary.itertuples()
    assert kept <= every
    assert len(every - kept) <= told.left_out
    assert told.narrowed_keys > 0 or (kept == every and told.left_out == 0)
    assert (told.narrowed_keys > 0) == (told.largest_key > limit)
    assert wide.summary[["narrowed_keys", "left_out"]].to_numpy().tolist() == [[0, 0]]


@budget(15)
@given(frames(least=4))
def test_block_misses_no_pair_of_a_governorate(world: World, small: Small):
    """Every two claims that share a governorate come out where their windows are in reach: no window's edge is missed."""
    claims = small.claims
    within = next(rule.within_days for rule in world.linkage.blocking if rule.key == "admin1")
    blocked = world.blocked(small).pairs
    pairs = set(zip(blocked["left_row"], blocked["right_row"], strict=True))
    usable = claims["unit_code"].isin(LINKED_UNITS) & (claims["admin1"] != "")
    for left, right in combinations(np.flatnonzero(usable), 2):
        a, b = claims.iloc[left], claims.iloc[right]
        if a["monitor"] != b["monitor"] and a["admin1"] == b["admin1"]:
            assert days_apart(claims, left, right) > within or (left, right) in pairs


# ---- compare -------------------------------------------------------------------------------------------------------


def all_pairs(small: Small) -> pd.DataFrame:
    """Return every two claims as candidates, so that no blocking rule stands between a test and a comparison."""
    rows = list(combinations(range(len(small.claims)), 2))
    pairs = pd.DataFrame(rows, columns=["left_row", "right_row"]).assign(rule_no=0)
    return pairs.astype(empty(CandidatePairs).dtypes)


@budget(50)
@given(either_kind())
def test_compare_sides_do_not_matter(world: World, small: Small):
    """Left and right swapped, every level and weight is the same."""
    pairs, linkage = all_pairs(small), world.linkage_of(small)
    swapped = pairs.rename(columns={"left_row": "right_row", "right_row": "left_row"})[list(pairs.columns)]
    one, other = (
        world.compared(small, some, linkage).drop(columns=["left_row", "right_row"])
        for some in (pairs, swapped)
    )
    pd.testing.assert_frame_equal(one, other)


@budget(20)
@given(either_kind(least=2))
def test_compare_weights_add_up(world: World, small: Small):
    """A match weight is the prior, log2(m / u) of each level as the rule file has it, and the rarity, added."""
    linkage = world.linkage_of(small)
    for pair in world.compared(small, all_pairs(small), linkage).itertuples():
        total = prior_bits(linkage, small.claims) + pair.rarity_bits
        for name in LEVELS[linkage.kind_code]:
            level = getattr(pair, f"{name}_level")
            if level != "missing":
                rule = linkage.comparisons[name][level]
                total += np.log2(rule.m) - np.log2(rule.u)
        assert pair.match_weight == pytest.approx(total)
        assert pair.match_probability == pytest.approx(2**total / (1 + 2**total))
        # Each comparison may add the cap, and take the floor.
        most = len(LEVELS[linkage.kind_code])
        assert most * linkage.rarity_floor_bits <= pair.rarity_bits <= most * linkage.rarity_cap_bits


@budget(16)
@given(either_kind(least=2))
def test_compare_input_columns_stay(world: World, small: Small):
    """The pairs come out as they went in, row by row, and no frame that was handed in is changed."""
    pairs = all_pairs(small)
    given = (small.claims, small.figures, small.victims, pairs)
    before = [frame.copy() for frame in given]
    compared = world.compared(small, pairs, world.linkage_of(small))
    pd.testing.assert_frame_equal(compared[columns_of(CandidatePairs)], pairs)
    for frame, copy in zip(given, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


@budget(16)
@given(either_kind(least=2), st.sampled_from([-np.inf, -8.0, 0.0, 8.0, 1000.0]))
def test_compare_patterns_count_all(world: World, small: Small, least: float):
    """The patterns count every candidate pair once, kept or not; the pairs kept are those that weigh enough, unchanged."""
    pairs, linkage = all_pairs(small), world.linkage_of(small)
    every, some = (world.compared_all(small, pairs, linkage, at) for at in (-np.inf, least))
    pd.testing.assert_frame_equal(some.patterns, every.patterns)
    counted = every.patterns.set_index("pattern")["pairs"]
    assert counted.to_dict() == every.pairs["pattern"].value_counts().to_dict()
    assert counted.sum() == len(pairs)
    heavy = every.pairs[every.pairs["match_weight"] >= least].reset_index(drop=True)
    pd.testing.assert_frame_equal(some.pairs, heavy)
    spelled = spell_levels(linkage.kind_code, every.patterns["pattern"].to_numpy())
    pd.testing.assert_frame_equal(every.patterns[list(spelled)], spelled, check_dtype=False)
    bits = prior_bits(linkage, small.claims) + pattern_bits(linkage, every.patterns["pattern"].to_numpy())
    np.testing.assert_allclose(every.patterns["weight_bits"], bits)


# ---- cluster -------------------------------------------------------------------------------------------------------


@budget(8)
@given(with_decisions(frames(least=2), ("same",)))
def test_cluster_each_claim_in_one_cluster(world: World, small: Small):
    """Every claim stands in the clusters once, judgements or not; only summaries cover, and what they cover exists."""
    linked = world.linked(small)
    covers = linked["relation_code"] == "covers"
    own, covered = linked[~covers], linked[covers]
    assert own["claim_id"].tolist() == small.claims["claim_id"].tolist()
    summaries = small.claims.loc[small.claims["unit_code"] == "event_summary", "claim_id"]
    assert set(covered["claim_id"]) <= set(summaries)
    assert set(covered["cluster_id"]) <= set(own["cluster_id"])


@budget(15)
@given(frames(least=4))
def test_cluster_one_claim_per_monitor(world: World, small: Small):
    """No monitor with one claim per incident stands twice in a cluster, but for the parts that it split itself."""
    linked = world.linked(small)
    own = linked[linked["relation_code"] != "covers"].merge(small.claims, on="claim_id")
    for _, members in own.groupby(["cluster_id", "monitor"]):
        parts = set(members["relation_code"]) == {"part_of"} and set(members["native_id"].str[:-1])
        assert len(members) == 1 or (parts and len(parts) == 1)


def joined(small: Small) -> dict[str, str]:
    """Return, for each claim, one that stands for all judged the same as it, directly or by way of others."""
    group = {claim: claim for claim in small.claims["claim_id"]}
    for judgement in small.decided:
        if judgement.decision == "same":
            old, new = group[judgement.left], group[judgement.right]
            group = {claim: new if own == old else own for claim, own in group.items()}
    return group


@budget(15)
@given(with_decisions(frames(least=2), ("same", "different")))
def test_cluster_judgements_win(world: World, small: Small):
    """Judged the same is together, judged different is apart; decisions that can't both hold are refused, and only those."""
    group = joined(small)
    apart = [one for one in small.decided if one.decision == "different"]
    if any(group[one.left] == group[one.right] for one in apart):
        with pytest.raises(UsageFault, match="contradict"):
            world.linked(small)
        return
    clusters = clusters_of(world.linked(small), small.claims)
    for one in small.decided:
        assert (clusters[one.left][0] == clusters[one.right][0]) == (one.decision == "same")


@budget(10)
@given(frames(least=2), strangers())
def test_cluster_unrelated_claims_change_nothing(world: World, small: Small, more: list[dict[str, Any]]):
    """Claims that no pair touches, wherever they are sorted in, leave every cluster its id and members."""
    compared = world.compared(small)
    wider = with_rows(small, more)
    position = pd.Series(range(len(wider.claims)), index=wider.claims["claim_id"])
    moved = {
        side: position.reindex(small.claims["claim_id"].iloc[compared[side]]).to_numpy()
        for side in ("left_row", "right_row")
    }
    monitors = world.rules.monitors
    before = cluster(small.claims, compared, world.linkage, monitors).linked
    after = cluster(wider.claims, compared.assign(**moved), world.linkage, monitors).linked
    assert clusters_of(before, small.claims) == clusters_of(after, small.claims)
    assert set(after["claim_id"]) == set(wider.claims["claim_id"])


@budget(8)
@given(frames(least=2), strangers())
def test_a_claim_of_another_year_changes_no_incident(world: World, small: Small, more: list[dict[str, Any]]):
    """From block on, and the rarity of names aside, claims far away in time leave every incident as it was."""
    linkage = world.linkage.model_copy(update={"rarity_cap_bits": 0.0, "rarity_floor_bits": 0.0})
    before, after = world.linked(small, linkage), world.linked(with_rows(small, more), linkage)
    assert clusters_of(before, small.claims) == clusters_of(after, small.claims)


# ---- bridge --------------------------------------------------------------------------------------------------------


@budget(10)
@given(with_total(frames(least=5)))
def test_bridge_grade_rungs_only_grow(world: World, small: Small):
    """From rung to rung a monitor's grades widen, and neither incidents nor low nor high ever fall."""
    rungs = [rung.code for rung in world.rules.monitors["airwars"].grade_rungs]
    steps = world.steps(small)
    graded = steps[(steps["monitor"] == "airwars") & steps["step_code"].isin(rungs)]
    for _, climbed in graded.fillna({"high": np.inf}).groupby(["total_id", "measure_code"]):
        assert climbed["step_code"].tolist() == rungs
        for name in ("incidents", "low", "high"):
            assert climbed[name].is_monotonic_increasing


@budget(6)
@given(with_total(frames(least=4)), st.data())
def test_bridge_conceded_figures_stay_out(world: World, small: Small, data: st.DataObject):
    """Whatever is conceded, by whomever, stands on a rung of its own and changes no other sum."""
    conceded = data.draw(st.lists(st.booleans(), min_size=len(small.figures), max_size=len(small.figures)))
    roles = small.figures["role_code"].mask(np.array(conceded, dtype=bool), "conceded")
    figures = small.figures.assign(role_code=roles)
    alleged = figures[figures["role_code"] == "alleged"].reset_index(drop=True)
    steps = world.steps(small._replace(figures=figures))
    others = steps[steps["step_code"] != "conceded"].reset_index(drop=True)
    told = ["total_id", "measure_code", "population_code", "monitor", "step_code", "low", "high", "claim_ids"]
    pd.testing.assert_frame_equal(others[told], world.steps(small._replace(figures=alleged))[told])
    own = steps[steps["step_code"] == "conceded"]
    assert not own["is_headline"].any()
    assert own[["residual_low", "residual_high"]].isna().all(axis=None)


@budget(10)
@given(with_total(frames(most=0)))
def test_bridge_split_parts_count_once(world: World, small: Small):
    """Of incidents in parts, the deaths of all parts are added up; the injured that the parts of one repeat count once."""
    about = small.figures.merge(small.claims, on="claim_id")
    total = small.claims[small.claims["kind_code"] == "total"].iloc[0]
    inside = about[
        (about["kind_code"] == "incident")
        & about["date_start"].between(total["date_start"], total["date_end"])
        & (total["perpetrator_codes"] in {"us_led_coalition", ""})
    ]
    steps = world.steps(small)
    sums = steps[steps["step_code"] == "all_grades"].set_index("measure_code")
    for measure, part in inside.groupby("measure_code"):
        once = part if measure == "killed" else part[part["native_id"].str.endswith("a")]
        assert sums.loc[measure, "low"] == once["low"].sum()
        assert sums.loc[measure, "high"] == pytest.approx(once["high"].sum(skipna=False), nan_ok=True)


# ---- discrepancies -------------------------------------------------------------------------------------------------


@budget(8)
@given(st.data())
def test_discrepancies_identical_claims_agree(world: World, data: st.DataObject):
    """Three monitors that count the same people and say the same about one incident disagree in nothing."""
    row = data.draw(claim_rows(1, ["airwars"]))
    numbers = data.draw(figure_rows(row, least=1))
    names = ("airwars", "iraq_body_count", "snhr")
    claims = [row | {"monitor": name, "claim_id": f"{name}:X1"} for name in names]
    figures = [number | {"claim_id": f"{name}:X1"} for name in names for number in numbers]
    decided = (judged("airwars:X1", "iraq_body_count:X1"), judged("iraq_body_count:X1", "snhr:X1"))
    found = world.found(small_of(claims, figures, decided))
    between = found[found["monitors"].str.contains(" ")]
    assert set(between["code"]) <= {"CIRC"}


@st.composite
def judged_claims(draw: st.DrawFn) -> Small:
    """Claims of three monitors, judged the same three by three."""
    rows, figures, decided = [], [], []
    for number in range(draw(st.integers(1, 2))):
        for monitor in ("airwars", "ucdp_ged", "sohr"):
            rows.append(draw(claim_rows(number, [monitor])) | {"unit_code": "incident"})
            figures += draw(figure_rows(rows[-1], least=2))
            decided.append(judged(f"airwars:X{number}", f"{monitor}:X{number}"))
    return small_of(rows, figures, tuple(one for one in decided if one.left != one.right))


def named_findings(found: pd.DataFrame) -> dict[tuple[str, frozenset[str], str], str]:
    """Return the id of each finding by its code, its claims and its measure."""
    return {
        (row.code, frozenset(row.claim_ids.split()), row.measure_code): row.discrepancy_id
        for row in found.itertuples()
    }


@budget(5)
@given(judged_claims(), strangers(), st.integers(1, 30))
def test_discrepancies_ids_are_stable(world: World, small: Small, more: list[dict[str, Any]], raised: int):
    """Findings about the same claims keep their ids when numbers change and claims are added; no two of a run share one."""
    evidence = world.evidence(small)
    raised_by = {
        (kind.code, frozenset(finding.claim_ids), finding.measure_code)
        for kind in KINDS
        for finding in kind.find(evidence)
    }
    before = named_findings(find_discrepancies(evidence, {}, AS_OF))
    assert before.keys() == raised_by
    revised = small.figures.assign(low=small.figures["low"] + 1, high=small.figures["high"] + raised)
    after = named_findings(world.found(with_rows(small._replace(figures=revised), more)))
    for key in before.keys() & after.keys():
        assert before[key] == after[key]
    assert len(set(before.values())) == len(before)
    assert len(set(after.values())) == len(after)


def test_discrepancies_habit_keeps_its_id(world: World):
    """A lasting habit keeps its id when an incident joins it, so that a decision about it stands; its opposite has another."""

    def habits(incidents: int, then: str = "ucdp_ged") -> set[str]:
        first = "airwars" if then == "ucdp_ged" else "ucdp_ged"
        rows = [
            claim_row(number, monitor=monitor, day=f"2017-{number + 1:02}-{day}")
            for number in range(incidents)
            for monitor, day in ((first, "10"), (then, "11"))
        ]
        decided = tuple(judged(f"airwars:X{number}", f"ucdp_ged:X{number}") for number in range(incidents))
        found = world.found(small_of(rows, [], decided))
        return set(found.loc[found["code"] == "DATE-SHIFT", "discrepancy_id"])

    assert len(habits(1)) == 1
    assert habits(1) == habits(2) == habits(3)
    assert habits(2).isdisjoint(habits(2, then="airwars"))


def stated(figures: pd.DataFrame, claim_id: str, measure: str) -> set[str]:
    """Return what one claim states of a measure, a text for each population."""
    whole = (figures["claim_id"] == claim_id) & (figures["age_group_code"] == "any")
    spans = figures.loc[whole & (figures["measure_code"] == measure), ["low", "high"]]
    return {
        f"{low:g} or more" if np.isnan(high) else f"{low:g}" if low == high else f"{low:g}–{high:g}"
        for low, high in spans.itertuples(index=False)
    }


@budget(8)
@given(judged_claims())
def test_discrepancies_nothing_is_fused(world: World, small: Small):
    """A finding about two numbers shows both, each as its own monitor states it; what was handed in is not changed."""
    before = small.claims.copy(), small.figures.copy()
    found = world.found(small)
    titles = {monitor.title: name for name, monitor in world.rules.monitors.items()}
    for row in found[found["code"].isin(["CNT-DISJ", "CNT-ZERO"])].itertuples():
        owner = {claim.partition(":")[0]: claim for claim in row.claim_ids.split()}
        sides = dict(value.rsplit(": ", 1) for value in (row.left_value, row.right_value))
        assert {titles[title] for title in sides} == set(owner)
        for title, shown in sides.items():
            assert shown in stated(small.figures, owner[titles[title]], row.measure_code.split()[0])
    pd.testing.assert_frame_equal(small.claims, before[0])
    pd.testing.assert_frame_equal(small.figures, before[1])


# ---- report --------------------------------------------------------------------------------------------------------


@budget(3)
@given(exports(garbled=True))
def test_report_summary_prints_conservation(world: World, files: dict[str, Records]):
    """The Summary has a row for each file whose five fates add up to the records written, and the sum in a sentence."""
    summary = lay_out(world.result(texts_of(files)))[0]
    went_in = next(part for part in summary.blocks if part.heading == "What went in")
    rows = {name: len(some) for name, some in files.items()}
    rows |= {"all files": sum(rows.values())}
    fates = [f"rows_{fate}" for fate in FATES]
    assert {"rows_read", *fates} <= {column.name for column in went_in.columns}
    table = went_in.rows.set_index("file")
    assert table["rows_read"].to_dict() == rows
    assert table[fates].sum(axis=1).to_dict() == rows
    total, *parts = map(int, re.findall(r"\b\d+\b", went_in.notes[0]))
    assert (total, sum(parts), len(parts)) == (rows["all files"], rows["all files"], len(FATES))


@budget(3)
@given(exports(garbled=True), st.integers(1, 4))
def test_report_what_is_left_out_is_said(world: World, files: dict[str, Records], most: int):
    """With few rows listed, each longer table says how many of how many, and keeps all rows beside; the Summary names it."""
    result = world.result(texts_of(files))
    whole = {sheet.name: sheet.blocks[0].rows for sheet in lay_out(result)[1:] if sheet.name in WHOLE}
    records = ("Incidents", "Claims")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listing, "ROWS_LISTED", most)
        summary, *others = lay_out(result)
    told = words_of([summary])
    cut = {sheet.name: sheet for sheet in others if sheet.foot}
    assert set(cut) == {name for name, rows in whole.items() if len(rows) > most}
    for name, sheet in cut.items():
        assert len(sheet.blocks[0].rows) == most
        assert sheet.rows_in_all == len(whole[name])
        if name in records:
            pd.testing.assert_frame_equal(sheet.all_rows, whole[name])
        if name != "Claims":
            listed = sheet.blocks[0].rows
            first = whole[name].iloc[:most]
            pd.testing.assert_frame_equal(listed.reset_index(drop=True), first.reset_index(drop=True))
        assert sheet.foot.startswith(f"{most:,} of {len(whole[name]):,} rows are listed here")
        assert f"{name}: {sheet.foot}" in told
    assert ("Only the first rows are listed" in told) == bool(cut)


def words_of(sheets: Sequence[Sheet]) -> str:
    """Return everything that a person could read on some sheets."""
    shown: list[object] = []
    for part in (part for sheet in sheets for part in sheet.blocks):
        shown += [part.heading, *part.notes, *(column.header for column in part.columns)]
        shown += part.rows[[column.name for column in part.columns]].to_numpy(dtype=object).ravel().tolist()
    return "\n".join(map(str, shown))


def restricting(rules: Ruleset, monitor_id: str, column: str) -> Ruleset:
    """Return rules in which one more column of a monitor's layout may name persons."""
    monitor = rules.monitors[monitor_id]
    layouts = []
    for layout in monitor.layouts:
        own = tuple(rule.model_copy(update={"personal": True}) for rule in layout.columns.get(column, ()))
        columns = {**layout.columns, column: own} if own else layout.columns
        layouts.append(layout.model_copy(update={"columns": columns}))
    changed = monitor.model_copy(update={"layouts": tuple(layouts)})
    return rules.model_copy(update={"monitors": {**rules.monitors, monitor_id: changed}})


@budget(2)
@given(st.text("abcdefgh", min_size=6, max_size=6), st.data())
def test_report_nothing_restricted(world: World, word: str, data: st.DataObject):
    """A name in a column that may hold names is on no sheet, however spoiled its row is; on request it is there."""
    name = f"Planted {word}"
    files = {}
    for monitor, column in (
        ("airwars", "location_en"),
        ("ucdp_ged", "source_headline"),
        ("cjtf_oir", "statement_scrubbed"),
    ):
        rows = data.draw(records(monitor, least=2, most=2)) + data.draw(
            records(monitor, garbled=True, most=2)
        )
        files[f"{monitor}.csv"] = csv_text(monitor, [row | {column: name} for row in rows])
    sheltered = World(restricting(world.rules, "airwars", "location_en"), world.context)
    assert name not in words_of(lay_out(sheltered.result(files)))
    assert name in words_of(lay_out(sheltered.result(files, include_names=True)))
