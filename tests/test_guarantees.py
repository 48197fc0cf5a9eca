"""What the stages guarantee in their docstrings, each put to the test under its own name: test_<stage>_<guarantee>."""

from __future__ import annotations

import ast
import re
from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, claim_row, claims_frame, figure_row, figures_frame
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    AIRWARS_COLUMNS,
    MONITORS,
    bounds,
    budget,
    cells,
    claim_rows,
    csv_text,
    days,
    figure_rows,
    frames,
    judged,
    judgements,
    records,
    texts,
    written,
)

from reconcile.block import LINKED_UNITS, block
from reconcile.bridge import Reader, bridge
from reconcile.cluster import cluster, covering
from reconcile.compare import COMPARISONS, compare
from reconcile.correct import correct
from reconcile.discrepancies import find_discrepancies, gather_evidence
from reconcile.drafts import gather
from reconcile.errors import UsageFault
from reconcile.frames import CandidatePairs, Claims, Figures, Issues, LinkedClaims, columns_of, empty, typed
from reconcile.normalize import build_context, normalize
from reconcile.pipeline import Input, Options, run
from reconcile.read import SourceFile, read_tables
from reconcile.report import lay_out
from reconcile.result import RunFacts
from reconcile.ruleset import Correction
from reconcile.validate import Within, validate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconcile.drafts import Draft
    from reconcile.normalize.cells import Context
    from reconcile.read import ReadTable
    from reconcile.result import RunResult
    from reconcile.ruleset import Judgement, Linkage, Ruleset
    from reconcile.validate import Validated

    Frames = tuple[pd.DataFrame, pd.DataFrame]
    Records = list[dict[str, str]]

STAGES = (
    "read", "normalize", "correct", "validate", "block", "compare", "cluster", "bridge", "discrepancies", "report",
)  # fmt: skip
PROVENANCE = ["source_file", "source_sheet", "source_row", "file_sha256"]
ROW_KEY = PROVENANCE[:3]
AS_OF = date(2017, 7, 1)
FATES = ("claimed", "quarantined", "corrected_away", "out_of_scope", "not_data")


@pytest.fixture(scope="module")
def context(rules: Ruleset) -> Context:
    """What normalize needs of the rules."""
    return build_context(rules, "airwars")


# ---- the stages, as the pipeline calls them ------------------------------------------------------------------------


def table_of(text: str, rules: Ruleset, name: str = "export.csv") -> ReadTable:
    """Return the one table of a text file."""
    (table,) = read_tables(SourceFile(name, text.encode()), list(rules.monitors.values()))
    return table


def draft_of(text: str, rules: Ruleset, context: Context, name: str = "export.csv") -> Draft:
    """Return the draft of one text file."""
    table = table_of(text, rules, name)
    monitor = rules.monitors[table.monitor_id]
    layout = next(layout for layout in monitor.layouts if layout.id == table.layout_id)
    return normalize(table, monitor, layout, context)


def validated(
    files: Mapping[str, str],
    rules: Ruleset,
    context: Context,
    within: Within | None = None,
    dropped: Sequence[str] = (),
) -> Validated:
    """Return the frames of several text files, claims of the ids in `dropped` corrected away."""
    draft = gather([draft_of(text, rules, context, name) for name, text in files.items()])
    drops = tuple(correction(claim_id, "drop") for claim_id in dropped)
    return validate(correct(draft, drops), within or Within(), rules.vocabularies["countries"].terms)


def compared_of(
    claims: pd.DataFrame, figures: pd.DataFrame, pairs: pd.DataFrame, rules: Ruleset, context: Context
) -> pd.DataFrame:
    """Return pairs compared."""
    attackers = rules.vocabularies["perpetrators"]
    return compare(claims, figures, pairs, rules.linkage["incidents"], attackers, context.gazetteer.by_id)


def linked_of(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    rules: Ruleset,
    context: Context,
    decided: Sequence[Judgement] = (),
    linkage: Linkage | None = None,
) -> pd.DataFrame:
    """Return LinkedClaims from claims on: block, compare, cluster."""
    linkage = linkage or rules.linkage["incidents"]
    attackers, places = rules.vocabularies["perpetrators"], context.gazetteer.by_id
    compared = compare(claims, figures, block(claims, linkage).pairs, linkage, attackers, places)
    own = cluster(claims, compared, linkage, rules.monitors, decided).linked
    return typed(LinkedClaims, pd.concat([own, covering(claims, own)], ignore_index=True))


def steps_of(
    claims: pd.DataFrame, figures: pd.DataFrame, linked: pd.DataFrame, rules: Ruleset, context: Context
) -> pd.DataFrame:
    """Return BridgeSteps."""
    return bridge(
        claims, figures, linked, Reader(rules.monitors, rules.vocabularies["perpetrators"], context.gazetteer)
    )


def found_in(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    rules: Ruleset,
    context: Context,
    decided: Sequence[Judgement] = (),
) -> pd.DataFrame:
    """Return Discrepancies from claims on."""
    linked = linked_of(claims, figures, rules, context, decided)
    steps = steps_of(claims, figures, linked, rules, context)
    evidence = gather_evidence(
        claims, figures, linked, steps, empty(Issues), rules.monitors, rules.vocabularies, rules.discrepancies
    )
    return find_discrepancies(evidence, {}, AS_OF)


def result_of(files: Mapping[str, str], rules: Ruleset, *, include_names: bool = False) -> RunResult:
    """Return a whole run over text files."""
    facts = RunFacts(
        job="test", title="A test", as_of=AS_OF, quantities="airwars", include_names=include_names, within="everything in the files",
        rules_digest=rules.digest, inputs_digest="0" * 64, run_digest="0" * 64, previous_run="", version="0",
    )  # fmt: skip
    inputs = [Input(name, SourceFile(name, text.encode())) for name, text in files.items()]
    return run(inputs, rules, Options(facts, Within()), lambda _: None)


def correction(
    claim_id: str, action: str, column: str = "", expected: str = "", value: str = ""
) -> Correction:
    """Return one correction."""
    return Correction(
        claim_id=claim_id, action=action, column=column, expected=expected, value=value,
        reason="a test", reviewer="a reviewer", decided_on=AS_OF,
    )  # fmt: skip


def all_pairs(claims: pd.DataFrame) -> pd.DataFrame:
    """Return every two claims as candidates, so that no blocking rule stands between a test and a comparison."""
    rows = list(combinations(range(len(claims)), 2))
    pairs = pd.DataFrame(rows, columns=["left_row", "right_row"], dtype="int64").assign(rule_code="all")
    return typed(CandidatePairs, pairs)


def content_of(frame: pd.DataFrame, by: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Return the rows of a frame as text, without where they came from, in an order of their own."""
    kept = frame.drop(columns=[*PROVENANCE, "draft_no"], errors="ignore")
    return sorted(kept[[*by]] if by else kept.astype("str").itertuples(index=False, name=None))


def figures_by_claim(draft: Draft) -> list[tuple[str, ...]]:
    """Return the figures of a draft as text, named by their claim."""
    ids = draft.claims.set_index("draft_no")["claim_id"]
    return content_of(draft.figures.assign(claim_id=ids.reindex(draft.figures["draft_no"]).to_numpy()))


def clusters_of(linked: pd.DataFrame, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return cluster and relation of the claims of these ids."""
    own = linked[(linked["relation_code"] != "covers") & linked["claim_id"].isin(ids)]
    return dict(zip(own["claim_id"], zip(own["cluster_id"], own["relation_code"], strict=True), strict=True))


# ---- every guarantee has its test ----------------------------------------------------------------------------------


def guarantees() -> list[tuple[str, str]]:
    """Return (stage, guarantee) for every line under `Guarantees:` in a module's docstring."""
    found = []
    for path in sorted((ROOT / "reconcile").rglob("*.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        _, _, section = docstring.partition("Guarantees:\n")
        stage = path.parent.name if path.stem == "__init__" else path.stem
        found += [
            (stage, name) for name in re.findall(r"^    (\w+):", section.split("\n\n")[0], flags=re.MULTILINE)
        ]
    return found


@pytest.mark.parametrize(("stage", "guarantee"), guarantees())
def test_guarantee_has_a_test(stage: str, guarantee: str):
    """What a docstring guarantees is put to the test here."""
    assert f"test_{stage}_{guarantee}" in globals()


def test_every_stage_guarantees_something():
    """No stage of the pipeline is without guarantees."""
    assert set(STAGES) <= {stage for stage, _ in guarantees()}


# ---- read ----------------------------------------------------------------------------------------------------------


@st.composite
def grids(draw: st.DrawFn, *, ragged: bool) -> tuple[list[list[str]], str]:
    """Records of the width of a header, or of other widths too, and the text of their file."""
    header = list(AIRWARS_COLUMNS)
    width = (
        st.sampled_from([0, 1, 3, len(header), len(header), len(header) + 2])
        if ragged
        else st.just(len(header))
    )
    lines = [
        draw(st.lists(texts() | cells(), min_size=n, max_size=n)) for n in draw(st.lists(width, max_size=6))
    ]
    quoted = draw(st.sets(st.sampled_from(["", "3", "X0", "?"])))
    text = written([header, *lines], draw(st.sampled_from(["\n", "\r\n"])), quoted.__contains__)
    return lines, draw(st.sampled_from(["", "\ufeff"])) + text


@budget(60)
@given(grids(ragged=True))
def test_read_every_record_is_a_row(rules: Ruleset, grid: tuple[list[list[str]], str]):
    """Blank records, short ones, long ones and cells of several lines: each record is one row, and rows are numbered on."""
    lines, text = grid
    rows = table_of(text, rules).rows
    assert len(rows) == len(lines)
    assert rows["source_row"].tolist() == list(range(2, len(lines) + 2))


@budget(60)
@given(grids(ragged=False))
def test_read_text_is_untouched(rules: Ruleset, grid: tuple[list[list[str]], str]):
    """Cells come out letter by letter: spaces, line ends, marks of direction, "NA" and leading zeros among them."""
    lines, text = grid
    rows = table_of(text, rules).rows
    assert rows[list(AIRWARS_COLUMNS)].to_numpy().tolist() == lines


# ---- normalize -----------------------------------------------------------------------------------------------------


@budget(20)
@given(
    st.sampled_from(MONITORS).flatmap(
        lambda monitor: st.tuples(st.just(monitor), records(monitor, garbled=True))
    ),
    st.integers(0, 5),
)
def test_normalize_every_row_has_a_fate(
    rules: Ruleset, context: Context, export: tuple[str, Records], blanks: int
):
    """Each row has one fate, and the claimed rows are those that have a claim."""
    monitor, rows = export
    text = (
        csv_text(monitor, rows)
        + "\n" * blanks
        + ("a note\n" if blanks > 2 else "")
        + ("1,2\n" if blanks > 3 else "")
    )
    draft = draft_of(text, rules, context)
    assert len(draft.fates) == len(table_of(text, rules).rows)
    assert not draft.fates.duplicated(ROW_KEY).any()
    assert set(draft.fates["fate_code"]) <= {"claimed", "quarantined", "not_data"}
    claimed = draft.fates.loc[draft.fates["fate_code"] == "claimed", "source_row"]
    assert sorted(draft.claims["source_row"]) == sorted(claimed)


UNREADABLE = {
    "airwars": ("incident_date", "date_range_end", "latitude", "longitude", "civ_killed_min", "civ_killed_max", "civ_injured_min", "n_sources"),
    "ucdp_ged": ("date_start", "date_end", "latitude", "longitude", "deaths_civilians", "best", "low", "high"),
    "cjtf_oir": ("date", "statement_date", "conceded_min", "conceded_max"),
}  # fmt: skip


@budget(30)
@given(st.data())
def test_normalize_a_bad_cell_keeps_its_row(rules: Ruleset, context: Context, data: st.DataObject):
    """A row with an unreadable cell is the row with that cell blank, and an issue."""
    monitor = data.draw(st.sampled_from(MONITORS))
    rows = data.draw(records(monitor, least=1, most=3))
    column = data.draw(st.sampled_from(UNREADABLE[monitor]))
    bad = rows[0] | {column: data.draw(cells())}
    blank = rows[0] | {column: ""}
    spoiled = draft_of(csv_text(monitor, [bad, *rows[1:]]), rules, context)
    without = draft_of(csv_text(monitor, [blank, *rows[1:]]), rules, context)
    noted = spoiled.issues[(spoiled.issues["code"] == "unreadable") & (spoiled.issues["column"] == column)]
    assert len(spoiled.claims) == len(rows)
    if len(noted):
        assert noted["source_row"].tolist() == [2]
        assert content_of(spoiled.claims) == content_of(without.claims)
        columns = [name for name in spoiled.figures.columns if name != "verbatim"]
        assert content_of(spoiled.figures[columns]) == content_of(without.figures[columns])
    else:
        assert content_of(spoiled.claims[spoiled.claims["source_row"] > 2]) == content_of(
            without.claims[without.claims["source_row"] > 2]
        )


@budget(15)
@given(st.data())
def test_normalize_row_order_does_not_matter(rules: Ruleset, context: Context, data: st.DataObject):
    """Shuffled rows give the same claims with the same figures, spoiled cells and all."""
    monitor = data.draw(st.sampled_from(MONITORS))
    rows = data.draw(records(monitor, garbled=True, least=2))
    shuffled = data.draw(st.permutations(rows))
    first, second = (draft_of(csv_text(monitor, some), rules, context) for some in (rows, shuffled))
    assert content_of(first.claims) == content_of(second.claims)
    assert figures_by_claim(first) == figures_by_claim(second)


# ---- correct -------------------------------------------------------------------------------------------------------

# Column of the export, column of a correction, and a value to set.
CORRECTABLE = (
    ("location_en", "place_name", "Upper Sample"),
    ("incident_date", "date_start", "2017-06-01"),
    ("latitude", "latitude", "35.5"),
    ("civ_killed_min", "killed.civilian.low", "0"),
)


@budget(20)
@given(st.data())
def test_correct_what_was_expected_only(rules: Ruleset, context: Context, data: st.DataObject):
    """A value changes where the expected one stood, and then that value alone; else an issue says that it did not."""
    rows = data.draw(records("airwars", least=1, most=3))
    at = data.draw(st.integers(0, len(rows) - 1))
    source, column, value = data.draw(st.sampled_from(CORRECTABLE))
    expected = data.draw(
        st.sampled_from([rows[at][source], rows[at][source], "", "7", "2017-06-07", "Raqqa"])
    )
    draft = draft_of(csv_text("airwars", rows), rules, context)
    after = correct(draft, [correction(f"airwars:{rows[at]['code']}", "set", column, expected, value)])
    refused = after.issues["code"].eq("correction_not_applied").any()
    assert refused == (rows[at][source] != expected)
    if refused:
        assert content_of(after.claims) == content_of(draft.claims)
        assert content_of(after.figures) == content_of(draft.figures)
        return
    rows[at] = rows[at] | {source: value}
    wanted = draft_of(csv_text("airwars", rows), rules, context)
    name = column.rpartition(".")[2]
    kept = ["claim_id", name] if "." not in column else ["measure_code", "population_code", name]
    frames_of = (lambda one: one.figures) if "." in column else (lambda one: one.claims)
    assert content_of(frames_of(after)[kept]) == content_of(frames_of(wanted)[kept])
    others = [other for other in draft.claims.columns if other != name]
    assert content_of(after.claims[others]) == content_of(draft.claims[others])


@budget(12)
@given(st.data())
def test_correct_dropped_rows_are_counted(rules: Ruleset, context: Context, data: st.DataObject):
    """The rows of dropped claims, and no others, are corrected away; their figures go with them."""
    rows = data.draw(records("airwars", least=1))
    dropped = data.draw(st.sets(st.sampled_from(range(len(rows)))))
    draft = draft_of(csv_text("airwars", rows), rules, context)
    after = correct(draft, [correction(f"airwars:X{number}", "drop") for number in sorted(dropped)])
    away = after.fates.loc[after.fates["fate_code"] == "corrected_away", "source_row"]
    assert set(away) == {number + 2 for number in dropped}
    assert len(after.fates) == len(draft.fates)
    kept = draft.claims[~draft.claims["source_row"].isin(away)]
    assert content_of(after.claims) == content_of(kept)
    assert content_of(after.figures) == content_of(
        draft.figures[draft.figures["draft_no"].isin(kept["draft_no"])]
    )


# ---- validate ------------------------------------------------------------------------------------------------------


@budget(15)
@given(st.data())
def test_validate_nothing_is_lost(rules: Ruleset, context: Context, data: st.DataObject):
    """Per file, the five fates of rows add up to the records that were written, whatever stood in them."""
    exports = {
        f"{monitor}.csv": data.draw(records(monitor, garbled=True)) for monitor in ("airwars", "ucdp_ged")
    }
    files = {name: csv_text(name.removesuffix(".csv"), rows) for name, rows in exports.items()}
    last = data.draw(st.none() | days())
    within = Within(countries=data.draw(st.sampled_from([(), ("SYR",), ("IRQ",)])), to_day=last)
    dropped = data.draw(st.sets(st.sampled_from(["airwars:X0", "ucdp_ged:X1"])))
    valid = validated(files, rules, context, within, sorted(dropped))
    assert not valid.fates.duplicated(ROW_KEY).any()
    assert set(valid.fates["fate_code"]) <= set(FATES)
    for name, rows in exports.items():
        fates = valid.fates[valid.fates["source_file"] == name]
        assert len(fates) == len(rows)
        claims = valid.claims[valid.claims["source_file"] == name]
        assert sorted(claims["source_row"]) == sorted(
            fates.loc[fates["fate_code"] == "claimed", "source_row"]
        )


@budget(12)
@given(
    records("airwars", most=6),
    st.lists(st.sampled_from(["X0", "X1", "X 0", "", "CS1a"]), min_size=6, max_size=6),
)
def test_validate_ids_are_unique(rules: Ruleset, context: Context, rows: Records, codes: list[str]):
    """Rows that repeat an id stay claims of their own, the first under the id itself, and each further one is said."""
    rows = [row | {"code": code} for row, code in zip(rows, codes, strict=False)]
    valid = validated({"export.csv": csv_text("airwars", rows)}, rules, context)
    ids = valid.claims["claim_id"]
    assert ids.is_unique
    assert len(ids) == len(rows) - valid.fates["fate_code"].isin(["quarantined", "not_data"]).sum()
    plain = ids.str.replace(r"~\d+$", "", regex=True)
    assert set(plain) <= set(ids)
    assert (valid.issues["code"] == "duplicate_id").sum() == plain.duplicated().sum()
    assert set(valid.figures["claim_id"]) <= set(ids)


@st.composite
def runs(draw: st.DrawFn) -> tuple[dict[str, Records], dict[str, Records]]:
    """The exports of three monitors, and the same with files and rows in another order."""
    exports = {f"{monitor}.csv": draw(records(monitor)) for monitor in MONITORS}
    if exports["airwars.csv"]:
        exports["airwars.csv"][0]["code"] = ""
    names = draw(st.permutations(list(exports)))
    return exports, {name: draw(st.permutations(exports[name])) for name in names}


def texts_of(exports: Mapping[str, Records]) -> dict[str, str]:
    """Return exports as texts of files."""
    return {name: csv_text(name.removesuffix(".csv"), rows) for name, rows in exports.items()}


@budget(8)
@given(runs())
def test_validate_order_does_not_matter(
    rules: Ruleset, context: Context, both: tuple[dict[str, Records], dict[str, Records]]
):
    """Files and rows in another order give the same claims and figures, in the same order."""
    first, second = (validated(texts_of(exports), rules, context) for exports in both)
    assert first.claims["claim_id"].is_monotonic_increasing
    pd.testing.assert_frame_equal(
        first.claims.drop(columns=PROVENANCE), second.claims.drop(columns=PROVENANCE)
    )
    pd.testing.assert_frame_equal(first.figures, second.figures)


# ---- block ---------------------------------------------------------------------------------------------------------


def days_apart(claims: pd.DataFrame, left: int, right: int) -> int:
    """Return the days between two windows; 0 where they share one."""
    a, b = claims.iloc[left], claims.iloc[right]
    return max((max(a["date_start"], b["date_start"]) - min(a["date_end"], b["date_end"])).days, 0)


@budget(25)
@given(frames(least=2))
def test_block_each_pair_once(rules: Ruleset, run_of: Frames):
    """No pair stands twice, and its left position is the smaller one."""
    pairs = block(run_of[0], rules.linkage["incidents"]).pairs
    assert (pairs["left_row"] < pairs["right_row"]).all()
    assert not pairs.duplicated(["left_row", "right_row"]).any()


@budget(25)
@given(frames(least=2))
def test_block_other_monitors_only(rules: Ruleset, run_of: Frames):
    """The two sides of a pair are records of single events by different monitors."""
    claims = run_of[0]
    pairs = block(claims, rules.linkage["incidents"]).pairs
    left, right = claims.iloc[pairs["left_row"]], claims.iloc[pairs["right_row"]]
    assert (left["monitor"].to_numpy() != right["monitor"].to_numpy()).all()
    assert {*left["unit_code"], *right["unit_code"]} <= set(LINKED_UNITS)


@budget(25)
@given(frames(least=2))
def test_block_windows_within_reach(rules: Ruleset, run_of: Frames):
    """A pair's windows lie no further apart than the rule it is named after allows."""
    linkage = rules.linkage["incidents"]
    reach = {rule.code: rule.within_days for rule in linkage.blocking}
    for pair in block(run_of[0], linkage).pairs.itertuples():
        assert days_apart(run_of[0], pair.left_row, pair.right_row) <= reach[pair.rule_code]


@budget(25)
@given(frames(least=2))
def test_block_misses_no_pair_of_a_governorate(rules: Ruleset, run_of: Frames):
    """Every two claims that share a governorate, with windows in reach of its rule, come out: none at a window's edge is missed."""
    claims, linkage = run_of[0], rules.linkage["incidents"]
    within = next(rule.within_days for rule in linkage.blocking if rule.key == "admin1")
    blocked = block(claims, linkage).pairs
    pairs = set(zip(blocked["left_row"], blocked["right_row"], strict=True))
    usable = claims["unit_code"].isin(LINKED_UNITS) & (claims["admin1"] != "")
    for left, right in combinations(np.flatnonzero(usable), 2):
        a, b = claims.iloc[left], claims.iloc[right]
        if (
            a["monitor"] != b["monitor"]
            and a["admin1"] == b["admin1"]
            and days_apart(claims, left, right) <= within
        ):
            assert (left, right) in pairs


# ---- compare -------------------------------------------------------------------------------------------------------


@budget(30)
@given(frames(least=2))
def test_compare_sides_do_not_matter(rules: Ruleset, context: Context, run_of: Frames):
    """Left and right swapped, every level and weight is the same."""
    claims, figures = run_of
    claims = claims.assign(
        **{name: claims[name].where(claims["place_name"] != "") for name in ("latitude", "longitude")}
    )
    pairs = all_pairs(claims)
    swapped = pairs.rename(columns={"left_row": "right_row", "right_row": "left_row"})[list(pairs.columns)]
    one = compared_of(claims, figures, pairs, rules, context).drop(columns=["left_row", "right_row"])
    other = compared_of(claims, figures, swapped, rules, context).drop(columns=["left_row", "right_row"])
    pd.testing.assert_frame_equal(one, other)


@budget(25)
@given(frames(least=2))
def test_compare_weights_add_up(rules: Ruleset, context: Context, run_of: Frames):
    """A match weight is the prior, log2(m / u) of each level as the rule file has it, and the rarity, added."""
    linkage = rules.linkage["incidents"]
    for pair in compared_of(*run_of, all_pairs(run_of[0]), rules, context).itertuples():
        total = linkage.prior_bits + pair.rarity_bits
        for name in COMPARISONS:
            level = getattr(pair, f"{name}_level")
            if level != "missing":
                rule = linkage.comparisons[name][level]
                total += np.log2(rule.m) - np.log2(rule.u)
        assert pair.match_weight == pytest.approx(total)
        assert pair.match_probability == pytest.approx(2**total / (1 + 2**total))
        assert abs(pair.rarity_bits) <= linkage.rarity_cap_bits


@budget(20)
@given(frames(least=2))
def test_compare_input_columns_stay(rules: Ruleset, context: Context, run_of: Frames):
    """The pairs come out as they went in, row by row, and no frame that was handed in is changed."""
    claims, figures = run_of
    pairs = all_pairs(claims)
    before = [frame.copy() for frame in (claims, figures, pairs)]
    compared = compared_of(claims, figures, pairs, rules, context)
    pd.testing.assert_frame_equal(compared[columns_of(CandidatePairs)], pairs)
    for frame, copy in zip((claims, figures, pairs), before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


# ---- cluster -------------------------------------------------------------------------------------------------------


def joined(claims: Sequence[str], decided: Sequence[Judgement]) -> dict[str, str]:
    """Return, for each claim, one claim that stands for all those judged the same as it, directly or by way of others."""
    group = {claim: claim for claim in claims}
    for judgement in decided:
        if judgement.decision == "same":
            old, new = group[judgement.left], group[judgement.right]
            group = {claim: new if own == old else own for claim, own in group.items()}
    return group


@st.composite
def judged_frames(
    draw: st.DrawFn, *, parts: bool
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Judgement, ...]]:
    """Claims, figures, and decisions on some of them."""
    claims, figures = draw(frames(least=2, parts=parts))
    return claims, figures, draw(judgements(claims))


@budget(25)
@given(judged_frames(parts=True))
def test_cluster_each_claim_in_one_cluster(
    rules: Ruleset, context: Context, case: tuple[pd.DataFrame, pd.DataFrame, tuple[Judgement, ...]]
):
    """Every claim stands in the clusters once, judgements or not, and no other does."""
    claims, figures, decided = case
    same = [judgement for judgement in decided if judgement.decision == "same"]
    linked = linked_of(claims, figures, rules, context, same)
    own = linked[linked["relation_code"] != "covers"]
    assert own["claim_id"].tolist() == claims["claim_id"].tolist()
    covered = linked.loc[linked["relation_code"] == "covers"]
    assert set(covered["claim_id"]) <= set(claims.loc[claims["unit_code"] == "event_summary", "claim_id"])
    assert set(covered["cluster_id"]) <= set(own["cluster_id"])


@budget(40)
@given(frames(least=3))
def test_cluster_one_claim_per_monitor(rules: Ruleset, context: Context, run_of: Frames):
    """No monitor with one claim per incident stands twice in a cluster, but for the parts that it split itself."""
    claims, figures = run_of
    linked = linked_of(claims, figures, rules, context)
    own = linked[linked["relation_code"] != "covers"].merge(claims, on="claim_id")
    for _, members in own.groupby(["cluster_id", "monitor"]):
        assert len(members) == 1 or (
            set(members["relation_code"]) == {"part_of"} and members["native_id"].str[:-1].nunique() == 1
        )


@budget(30)
@given(judged_frames(parts=False))
def test_cluster_judgements_win(
    rules: Ruleset, context: Context, case: tuple[pd.DataFrame, pd.DataFrame, tuple[Judgement, ...]]
):
    """Judged the same is together and judged different is apart; decisions that can't both hold are refused, and only those."""
    claims, figures, decided = case
    group = joined(list(claims["claim_id"]), decided)
    apart = [judgement for judgement in decided if judgement.decision == "different"]
    if any(group[judgement.left] == group[judgement.right] for judgement in apart):
        with pytest.raises(UsageFault, match="contradict"):
            linked_of(claims, figures, rules, context, decided)
        return
    cluster_ids = clusters_of(linked_of(claims, figures, rules, context, decided), list(claims["claim_id"]))
    for judgement in decided:
        together = cluster_ids[judgement.left][0] == cluster_ids[judgement.right][0]
        assert together == (judgement.decision == "same")


@st.composite
def strangers(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Claims of a year before, whose ids come before, between and after those of a run."""
    rows = []
    for code in sorted(draw(st.sets(st.sampled_from(["A0", "X15", "Z9", "CS5a"]), min_size=1))):
        row = draw(claim_rows(1))
        year_before = {
            name: str(pd.Timestamp(row[name]) - timedelta(days=400))[:10]
            for name in ("date_start", "date_end")
        }
        # Apart from every other claim in space too: a point that ten claims share counts as a centroid.
        moved = {"latitude": 33.5, "longitude": 36.3} if row["latitude"] else {}
        rows.append(row | year_before | moved | {"native_id": code, "claim_id": f"{row['monitor']}:{code}"})
    return rows


def with_rows(claims: pd.DataFrame, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return claims and more claims, sorted as validate leaves them."""
    return typed(Claims, pd.concat([claims, claims_frame(*rows)]).sort_values("claim_id"))


@budget(25)
@given(frames(least=2), strangers())
def test_cluster_unrelated_claims_change_nothing(
    rules: Ruleset, context: Context, run_of: Frames, more: list[dict[str, Any]]
):
    """Claims that no pair touches, wherever they are sorted in, leave every cluster its id and members."""
    claims, figures = run_of
    linkage = rules.linkage["incidents"]
    compared = compared_of(claims, figures, block(claims, linkage).pairs, rules, context)
    wider = with_rows(claims, more)
    position = pd.Series(range(len(wider)), index=wider["claim_id"])
    moved = compared.assign(
        **{
            side: position.reindex(claims["claim_id"].iloc[compared[side]]).to_numpy()
            for side in ("left_row", "right_row")
        }
    )
    ids = list(claims["claim_id"])
    before = cluster(claims, compared, linkage, rules.monitors).linked
    after = cluster(wider, moved, linkage, rules.monitors).linked
    assert clusters_of(before, ids) == clusters_of(after, ids)
    assert set(after["claim_id"]) == set(wider["claim_id"])


@budget(15)
@given(frames(least=2), strangers())
def test_a_claim_of_another_year_changes_no_incident(
    rules: Ruleset, context: Context, run_of: Frames, more: list[dict[str, Any]]
):
    """From block on, and the rarity of names aside, claims far away in time leave every incident as it was."""
    claims, figures = run_of
    linkage = rules.linkage["incidents"].model_copy(update={"rarity_cap_bits": 0.0})
    ids = list(claims["claim_id"])
    before = linked_of(claims, figures, rules, context, linkage=linkage)
    after = linked_of(with_rows(claims, more), figures, rules, context, linkage=linkage)
    assert clusters_of(before, ids) == clusters_of(after, ids)


@budget(6)
@given(runs())
def test_order_of_files_and_rows_changes_no_finding(
    rules: Ruleset, context: Context, both: tuple[dict[str, Records], dict[str, Records]]
):
    """From bytes to findings, files and rows in another order give the same clusters and the same discrepancies."""
    results = []
    for exports in both:
        valid = validated(texts_of(exports), rules, context)
        linked = linked_of(valid.claims, valid.figures, rules, context)
        results.append((linked, found_in(valid.claims, valid.figures, rules, context)))
    (linked, found), (linked_too, found_too) = results
    pd.testing.assert_frame_equal(linked, linked_too)
    pd.testing.assert_frame_equal(found, found_too)


# ---- bridge --------------------------------------------------------------------------------------------------------


@st.composite
def totals(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A figure of SOHR for some days in Ar-Raqqa, killed and injured."""
    start = draw(days())
    end = start + timedelta(days=draw(st.integers(0, 13)))
    row = claim_row(
        99, monitor="sohr", kind_code="total", unit_code="total", date_start=f"{start}", date_end=f"{end}", edtf=f"{start}/{end}",
        place_name="Raqqa", place_id="syr_raqqa", perpetrator_codes=draw(st.sampled_from(["us_led_coalition", "usa", ""])),
    )  # fmt: skip
    figures = []
    for measure in ("killed", "injured"):
        low, high = draw(bounds())
        figures.append(figure_row(row["claim_id"], low, high, is_open=high is None, measure_code=measure))
    return [row], figures


@st.composite
def frames_with_total(draw: st.DrawFn, most: int = 7) -> Frames:
    """Incidents and a total."""
    claims, figures = draw(frames(most=most))
    rows, numbers = draw(totals())
    more = (
        pd.concat([figures, figures_frame(*numbers)], ignore_index=True)
        if len(figures)
        else figures_frame(*numbers)
    )
    return with_rows(claims, rows), typed(Figures, more)


@budget(25)
@given(frames_with_total())
def test_bridge_grade_rungs_only_grow(rules: Ruleset, context: Context, run_of: Frames):
    """From rung to rung a monitor's grades widen, and neither incidents nor low nor high ever fall."""
    claims, figures = run_of
    rungs = [rung.code for rung in rules.monitors["airwars"].grade_rungs]
    steps = steps_of(claims, figures, linked_of(claims, figures, rules, context), rules, context)
    own = steps[(steps["monitor"] == "airwars") & steps["step_code"].isin(rungs)].assign(
        high=lambda rows: rows["high"].fillna(np.inf)
    )
    for _, climbed in own.groupby(["total_id", "measure_code"]):
        assert climbed["step_code"].tolist() == rungs
        for name in ("incidents", "low", "high"):
            assert climbed[name].is_monotonic_increasing


@budget(20)
@given(frames_with_total(), st.data())
def test_bridge_conceded_figures_stay_out(
    rules: Ruleset, context: Context, run_of: Frames, data: st.DataObject
):
    """Whatever is conceded, by whomever, changes no sum and no rung."""
    claims, figures = run_of
    conceded = data.draw(st.lists(st.booleans(), min_size=len(figures), max_size=len(figures)))
    figures = figures.assign(role_code=figures["role_code"].mask(np.array(conceded, dtype=bool), "conceded"))
    linked = linked_of(claims, figures, rules, context)
    kept = typed(Figures, figures[figures["role_code"] == "alleged"])
    steps = steps_of(claims, figures, linked, rules, context)
    pd.testing.assert_frame_equal(steps, steps_of(claims, kept, linked, rules, context))
    assert "cjtf_oir" not in set(steps["monitor"])


@budget(20)
@given(frames_with_total(most=0))
def test_bridge_split_parts_count_once(rules: Ruleset, context: Context, run_of: Frames):
    """Of an incident in parts, the deaths of the parts are added up, and the injured that all of them repeat count once."""
    claims, figures = run_of
    about = figures.merge(claims, on="claim_id")
    total = about[about["kind_code"] == "total"].iloc[0]
    inside = about[
        (about["kind_code"] == "incident")
        & about["date_start"].between(total["date_start"], total["date_end"])
        & (total["perpetrator_codes"] in {"us_led_coalition", ""})
    ].assign(base=lambda rows: rows["native_id"].str[:-1])
    steps = steps_of(claims, figures, linked_of(claims, figures, rules, context), rules, context)
    sums = steps[steps["step_code"] == "all_grades"].set_index("measure_code")
    for measure, part in inside.groupby("measure_code"):
        counted = part if measure == "killed" else part.drop_duplicates("base")
        assert sums.at[measure, "low"] == counted["low"].sum()
        high = counted["high"].sum(skipna=False)
        assert sums.at[measure, "high"] == pytest.approx(high, nan_ok=True)


# ---- discrepancies -------------------------------------------------------------------------------------------------


@budget(20)
@given(st.data())
def test_discrepancies_identical_claims_agree(rules: Ruleset, context: Context, data: st.DataObject):
    """Three monitors that count the same people and say the same about one incident disagree in nothing."""
    row = data.draw(claim_rows(1, ["airwars"]))
    numbers = data.draw(figure_rows(row))
    names = ("airwars", "sohr", "snhr")
    claims = claims_frame(*(row | {"monitor": name, "claim_id": f"{name}:X1"} for name in names))
    figures = figures_frame(*(number | {"claim_id": f"{name}:X1"} for name in names for number in numbers))
    decided = [judged("airwars:X1", "sohr:X1"), judged("sohr:X1", "snhr:X1")]
    found = found_in(claims, figures, rules, context, decided)
    between = found[found["monitors"].str.contains(" ")]
    assert set(between["code"]) <= {"CIRC"}


def named_findings(found: pd.DataFrame) -> dict[tuple[str, str, str], str]:
    """Return the id of each finding by its code, its claims and its measure."""
    claims = found["claim_ids"].map(lambda ids: " ".join(sorted(ids.split())))
    return dict(
        zip(
            zip(found["code"], claims, found["measure_code"], strict=True),
            found["discrepancy_id"],
            strict=True,
        )
    )


@budget(12)
@given(judged_frames(parts=True), st.data())
def test_discrepancies_ids_are_stable(
    rules: Ruleset,
    context: Context,
    case: tuple[pd.DataFrame, pd.DataFrame, tuple[Judgement, ...]],
    data: st.DataObject,
):
    """When numbers are revised and a claim is added, findings about the same claims keep their ids, and no two share one."""
    claims, figures, decided = case
    same = [judgement for judgement in decided if judgement.decision == "same"]
    before = named_findings(found_in(claims, figures, rules, context, same))
    revised = figures.assign(low=figures["low"] + 1, high=figures["high"] + data.draw(st.integers(1, 30)))
    wider = with_rows(claims, data.draw(strangers()))
    after = named_findings(found_in(wider, typed(Figures, revised), rules, context, same))
    for key in before.keys() & after.keys():
        assert before[key] == after[key]
    both = before | after
    assert len(set(both.values())) == len(both)
    assert before == named_findings(found_in(claims, figures, rules, context, same))


@st.composite
def paired_frames(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, list[Judgement]]:
    """Claims of two monitors, judged the same in pairs."""
    rows, figures, decided = [], [], []
    for number in range(draw(st.integers(1, 3))):
        for monitor in ("airwars", "ucdp_ged"):
            row = draw(claim_rows(number, [monitor])) | {"unit_code": "incident"}
            rows.append(row)
            figures += draw(figure_rows(row))
        decided.append(judged(f"airwars:X{number}", f"ucdp_ged:X{number}"))
    return claims_frame(*rows), figures_frame(*figures), decided


def stated(figures: pd.DataFrame, claim_id: str, measure: str) -> set[str]:
    """Return what one claim states of a measure, a text for each population."""
    own = figures[
        (figures["claim_id"] == claim_id)
        & (figures["measure_code"] == measure)
        & (figures["age_group_code"] == "any")
    ]
    spans = [(row.low, row.high) for row in own.itertuples()]
    return {
        f"{low:g} or more" if np.isnan(high) else f"{low:g}" if low == high else f"{low:g}–{high:g}"
        for low, high in spans
    }


@budget(20)
@given(paired_frames())
def test_discrepancies_nothing_is_fused(
    rules: Ruleset, context: Context, case: tuple[pd.DataFrame, pd.DataFrame, list[Judgement]]
):
    """A finding about two numbers shows both, each as its own monitor states it; no number that was handed in is changed."""
    claims, figures, decided = case
    before = claims.copy(), figures.copy()
    found = found_in(claims, figures, rules, context, decided)
    titles = {rules.monitors[name].title: name for name in MONITORS}
    for row in found[found["code"].isin(["CNT-DISJ", "CNT-ZERO"])].itertuples():
        owner = {claim.partition(":")[0]: claim for claim in row.claim_ids.split()}
        sides = [value.rsplit(": ", 1) for value in (row.left_value, row.right_value)]
        assert {titles[title] for title, _ in sides} == set(owner)
        for title, shown in sides:
            assert shown in stated(figures, owner[titles[title]], row.measure_code)
            assert shown in row.explanation or row.code == "CNT-ZERO"
    pd.testing.assert_frame_equal(claims, before[0])
    pd.testing.assert_frame_equal(figures, before[1])


# ---- report --------------------------------------------------------------------------------------------------------


@budget(4)
@given(records("airwars", garbled=True), records("cjtf_oir", garbled=True, least=1))
def test_report_summary_prints_conservation(rules: Ruleset, airwars: Records, statements: Records):
    """The Summary has a row for each file whose five fates add up to the records written, and says the sum in a sentence."""
    files = texts_of({"airwars.csv": airwars, "cjtf_oir.csv": statements})
    summary = lay_out(result_of(files, rules))[0]
    went_in = next(part for part in summary.blocks if part.heading == "What went in")
    table = went_in.rows.set_index("file")
    fates = table[[f"rows_{fate}" for fate in FATES]].sum(axis=1)
    expected = {
        "airwars.csv": len(airwars),
        "cjtf_oir.csv": len(statements),
        "all files": len(airwars) + len(statements),
    }
    assert table["rows_read"].to_dict() == expected
    assert fates.to_dict() == expected
    assert set(table.columns) <= {column.name for column in went_in.columns} | {"monitor", "health"}
    assert re.search(rf"\b{expected['all files']} rows read = ", went_in.notes[0])
    numbers = [
        int(number)
        for number in re.findall(r"(\d+) (?:claimed|quarantined|corrected|out|not)", went_in.notes[0])
    ]
    assert sum(numbers) == expected["all files"]


def words_of(sheets: Sequence[Any]) -> str:
    """Return everything that a person could read on some sheets."""
    shown = []
    for sheet in sheets:
        for part in sheet.blocks:
            shown += [part.heading, *part.notes, *(column.header for column in part.columns)]
            names = [column.name for column in part.columns]
            shown += part.rows[names].astype("str").to_numpy().ravel().tolist() if names else []
    return "\n".join(map(str, shown))


@budget(3)
@given(st.data())
def test_report_nothing_restricted(rules: Ruleset, data: st.DataObject):
    """A name in a column of free text is on no sheet, however spoiled the rest of its row is; on request it is there."""
    word = "Planted " + data.draw(st.text("abcdefgh", min_size=6, max_size=6))
    files = {}
    for monitor, column in (("ucdp_ged", "source_headline"), ("cjtf_oir", "statement_scrubbed")):
        rows = data.draw(records(monitor, garbled=True, least=1, most=3))
        fine = data.draw(records(monitor, least=1, most=1))
        files[f"{monitor}.csv"] = csv_text(monitor, [row | {column: word} for row in [*fine, *rows]])
    assert word not in words_of(lay_out(result_of(files, rules)))
    assert word in words_of(lay_out(result_of(files, rules, include_names=True)))
