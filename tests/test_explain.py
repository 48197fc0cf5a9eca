"""Why a run says what it says: explanations of pairs, claims, clusters, findings and totals, from the run's own tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row, figures_frame, on_lists
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from reconcile.block import block
from reconcile.cli import app
from reconcile.discrepancies.totals import STEPS
from reconcile.errors import InputFault, UsageFault
from reconcile.explain import StoredRun, explain, read_run, run_folder
from reconcile.explain.pairs import BAR as BAR_OF_BITS
from reconcile.explain.pairs import _bar
from reconcile.explain.pictures import BAR, BLOCKS, scale_of
from reconcile.frames import (
    BridgeSteps,
    DerivedTotals,
    Discrepancies,
    Figures,
    InconsistentSets,
    Victims,
    WindowRelations,
    empty,
    typed,
)
from reconcile.linkage import link_claims
from reconcile.normalize import build_context
from reconcile.ruleset import Judgement

if TYPE_CHECKING:
    from pathlib import Path

    from reconcile.explain import Explanation, Part
    from reconcile.ruleset import Ruleset

MINUS = "−"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo's reports."""
    out = tmp_path_factory.mktemp("demo")
    ran = CliRunner().invoke(app, ["demo", "--out", str(out), "--as-of", "2024-01-01", "--quiet"])
    assert ran.exit_code == 0, ran.output
    return out / "raqqa-2017"


@pytest.fixture(scope="module")
def demo(folder: Path) -> StoredRun:
    """The demo as it lies on disk."""
    return read_run(run_folder(folder))


def stored(
    rules: Ruleset, claims: pd.DataFrame, figures: pd.DataFrame, *judgements: Judgement, **more: Any
) -> StoredRun:
    """A run of claims alone, linked and kept: `victims` and `include_names` as they are given."""
    victims = more.get("victims", empty(Victims))
    names = more.get("include_names", False)
    places = build_context(rules, "airwars").gazetteer.by_id
    links = link_claims(claims, figures, victims, rules, places, judgements)
    kept = victims if names else victims.assign(name_published="", name_native="")
    summary = {"rules_digest": rules.digest, "include_names": names}
    return StoredRun(
        "test", summary, claims, figures, kept, links.linked, links.verdicts, links.patterns,
        empty(BridgeSteps), empty(Discrepancies),
    )  # fmt: skip


def two_monitors(rules: Ruleset, *judgements: Judgement, **right: Any) -> StoredRun:
    """A run of one claim of Airwars beside one of the Coalition."""
    plain = {"monitor": "cjtf_oir", "layout": "assessments", "native_id": "R1", "position_code": "conceded"}
    claims = claims_frame(claim_row(1), claim_row(2, **(plain | right)))
    figures = figures_frame(figure_row("airwars:X1", 5), figure_row("cjtf_oir:R1", 5, role_code="conceded"))
    return stored(rules, claims, figures, *judgements)


def judged(left: str, right: str, decision: str) -> Judgement:
    """A person's decision."""
    return Judgement(
        left=left, right=right, decision=decision, reviewer="A. Tester", decided_on=date(2024, 1, 1)
    )  # type: ignore[arg-type]


def part_of(one: Explanation, heading: str) -> Part:
    """The part under a heading."""
    (found,) = [part for part in one.parts if part.heading.startswith(heading)]
    return found


def text_of(one: Explanation) -> str:
    """All that an explanation says."""
    said = [one.title, one.answer]
    for part in one.parts:
        said += [part.heading, *part.lines, *part.notes]
        said += [text for row in (part.grid.rows if part.grid else ()) for text in row]
    return "\n".join(said)


def number(text: str) -> float:
    """Bits as they are written."""
    return float(text.replace(MINUS, "-"))


def some_of(run: StoredRun, verdict: str, count: int = 6) -> list[tuple[str, str]]:
    """Some pairs of a verdict."""
    found = run.verdicts[run.verdicts["verdict_code"] == verdict].head(count)
    return list(zip(found["left_id"], found["right_id"], strict=True))


# ---- pairs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["match", "possible", "displaced"])
def test_waterfall_adds_up(demo: StoredRun, rules: Ruleset, verdict: str) -> None:
    """Each sum is the one before and the step's bits; the last is the stored weight, and the answer the stored verdict."""
    pairs = some_of(demo, verdict)
    assert pairs
    for left, right in pairs:
        (one,) = explain(demo, rules, [left, right])
        assert one.answer.startswith(verdict)
        rows = part_of(one, "From levels").grid.rows
        assert [row[0] for row in (rows[0], *rows[-2:])] == ["prior", "rarity", "match weight"]
        before = 0.0
        for row in rows[:-1]:
            assert number(row[5]) == pytest.approx(before + number(row[4]), abs=0.011)
            before = number(row[5])
        weight = demo.verdicts.set_index(["left_id", "right_id"]).at[(left, right), "match_weight"]
        assert number(rows[-1][5]) == pytest.approx(weight, abs=0.005)
        assert "add up to" in text_of(one)


def test_every_comparison_is_a_step(demo: StoredRun, rules: Ruleset) -> None:
    """Each comparison of the rules is a row, in the words and with the shares of its level; a missing one weighs nothing."""
    (pair,) = some_of(demo, "match", 1)
    (one,) = explain(demo, rules, pair)
    rows = {row[0]: row for row in part_of(one, "From levels").grid.rows}
    comparisons = rules.linkage["incidents"].comparisons
    assert set(comparisons) <= set(rows)
    row = demo.verdicts.set_index(["left_id", "right_id"]).loc[pair]
    for name, levels in comparisons.items():
        level = levels.get(row[f"{name}_level"])
        if level is None:
            assert rows[name][1:5] == ("Not stated on one side at least", "", "", "0.00")
        else:
            assert rows[name][1:4] == (level.title, f"{level.m:g}", f"{level.u:g}")


def test_sides_stand_in_the_order_asked(demo: StoredRun, rules: Ruleset) -> None:
    """A pair may be asked for either way round, and says the same of each side."""
    left, right = some_of(demo, "match", 1)[0]
    (one,), (other,) = explain(demo, rules, [left, right]), explain(demo, rules, [right, left])
    assert one.parts[0].grid.headers == ("", left, right)
    assert other.parts[0].grid.headers == ("", right, left)
    mirrored = {(label, second, first) for label, first, second in one.parts[0].grid.rows}
    assert mirrored == set(other.parts[0].grid.rows)
    assert one.parts[2] == other.parts[2]


def test_native_ids_will_do(demo: StoredRun, rules: Ruleset) -> None:
    """A monitor's own id stands for its claim where no other claim has it."""
    left, right = some_of(demo, "match", 1)[0]
    short = [one.partition(":")[2] for one in (left, right)]
    assert explain(demo, rules, short) == explain(demo, rules, [left, right])


def test_displaced_pair_names_who_took_its_place(demo: StoredRun, rules: Ruleset) -> None:
    """A displaced pair names the claim that displaced it, the pair that won, and that pair's weight."""
    displaced = demo.verdicts[demo.verdicts["verdict_code"] == "displaced"]
    weights = demo.verdicts.set_index(["left_id", "right_id"])["match_weight"]
    told = 0
    for pair in displaced.head(12).itertuples():
        (one,) = explain(demo, rules, [pair.left_id, pair.right_id])
        assert one.answer.startswith(f"displaced by {pair.displaced_by}")
        for kept in (pair.left_id, pair.right_id):
            won = tuple(sorted((pair.displaced_by, kept)))
            if won in weights.index and f"{pair.displaced_by} and {kept} weigh" in one.answer:
                assert f"{weights[won]:+.2f}".replace("-", MINUS) in one.answer
                told += 1
    assert told


def test_rivals_are_of_the_other_sides_monitor(demo: StoredRun, rules: Ruleset) -> None:
    """The rivals for a side are claims of the other side's monitor, with the weights that the run keeps."""
    monitor = demo.claims.set_index("claim_id")["monitor"]
    weights = demo.verdicts.set_index(["left_id", "right_id"])["match_weight"]
    seen = 0
    for left, right in some_of(demo, "displaced"):
        (one,) = explain(demo, rules, [left, right])
        for side, rival, bits, *_ in part_of(one, "Against rivals").grid.rows:
            other = right if side == left else left
            assert monitor[rival] == monitor[other]
            assert rival != other
            assert number(bits) == pytest.approx(weights[tuple(sorted((side, rival)))], abs=0.005)
            seen += 1
    assert seen


def test_rules_that_changed_elsewhere(demo: StoredRun, rules: Ruleset) -> None:
    """With another digest and the same weights the bits are shown, and that the rules changed is said."""
    pair = some_of(demo, "match", 1)[0]
    (one,) = explain(demo, rules.model_copy(update={"digest": "0" * 64}), pair)
    assert "The rules have changed since this run" in text_of(one)
    assert "still add up" in text_of(one)
    assert len(part_of(one, "From levels").grid.headers) == 7


def test_rules_with_other_weights(demo: StoredRun, rules: Ruleset) -> None:
    """With other weights only the stored levels and the stored weight are shown; no bits of today's rules are."""
    incidents = rules.linkage["incidents"].model_copy(update={"prior_bits": -3.0})
    other = rules.model_copy(update={"digest": "0" * 64, "linkage": rules.linkage | {"incidents": incidents}})
    pair = some_of(demo, "possible", 1)[0]
    (one,) = explain(demo, other, pair)
    grid = part_of(one, "From levels").grid
    assert grid.headers == ("Compared", "Level, in words")
    assert grid.rows[-1][0] == "match weight"
    assert "--rules" in text_of(one)
    assert one.answer.startswith("possible")


def test_tables_that_do_not_add_up_are_said(demo: StoredRun, rules: Ruleset) -> None:
    """A stored weight that its levels do not add up to is said to be of another version, or edited."""
    changed = replace(demo, verdicts=demo.verdicts.assign(match_weight=demo.verdicts["match_weight"] + 1))
    (one,) = explain(changed, rules, some_of(demo, "match", 1)[0])
    assert "another version of the program, or its tables were edited" in text_of(one)


def test_pair_below_possible_is_weighed_again(demo: StoredRun, rules: Ruleset) -> None:
    """A compared pair that is not listed is weighed by the run's rules, and comes out below possible."""
    linkage = rules.linkage["incidents"]
    ids = demo.claims["claim_id"].to_numpy()
    candidates = block(demo.claims, demo.victims, linkage).pairs
    pairs = set(zip(ids[candidates["left_row"]], ids[candidates["right_row"]], strict=True))
    pairs -= set(zip(demo.verdicts["left_id"], demo.verdicts["right_id"], strict=True))
    for pair in sorted(pairs)[:3]:
        (one,) = explain(demo, rules, pair)
        assert "below possible" in one.answer
        rows = part_of(one, "From levels").grid.rows
        assert number(rows[-1][5]) < linkage.thresholds.possible
        assert any(row[-1] == "yes" for row in part_of(one, "Blocking rules").grid.rows)


def test_pair_never_compared_shows_its_keys(demo: StoredRun, rules: Ruleset) -> None:
    """Two claims that no blocking rule brings together are told which keys they share, and how far apart they lie."""
    claims = demo.claims[
        (demo.claims["unit_code"] == "incident") | (demo.claims["unit_code"] == "allegation")
    ]
    left = claims[claims["monitor"] == "airwars"].sort_values("date_end")["claim_id"].iloc[0]
    right = claims[claims["monitor"] == "cjtf_oir"].sort_values("date_start")["claim_id"].iloc[-1]
    (one,) = explain(demo, rules, [left, right])
    assert one.answer.startswith("never compared: no blocking rule")
    rows = part_of(one, "Blocking rules").grid.rows
    assert [row[0] for row in rows] == [rule.code for rule in rules.linkage["incidents"].blocking]
    assert {row[-1] for row in rows} == {"no"}
    assert {row[2] for row in rows} <= {"shared", "not shared"}
    days = demo.claims.set_index("claim_id")
    apart = (days.at[right, "date_start"] - days.at[left, "date_end"]).days
    assert f"here {apart}" in rows[0][3]
    assert part_of(one, "What they would weigh")


def test_pair_not_listed_under_other_rules(demo: StoredRun, rules: Ruleset) -> None:
    """A pair without a verdict is not weighed by rules that are not the run's."""
    claims = demo.claims[demo.claims["unit_code"] == "incident"]
    left = claims[claims["monitor"] == "airwars"].sort_values("date_end")["claim_id"].iloc[0]
    right = demo.claims[demo.claims["monitor"] == "cjtf_oir"].sort_values("date_start")["claim_id"].iloc[-1]
    (one,) = explain(demo, rules.model_copy(update={"digest": "0" * 64}), [left, right])
    assert one.answer.startswith("not listed")
    assert "--rules" in one.answer
    assert [part.heading for part in one.parts] == ["Side by side"]


def test_pair_that_narrowing_left_out(rules: Ruleset) -> None:
    """A pair that would be listed had it been compared is said to be narrowed away, or the run to have known more."""
    run = two_monitors(rules)
    run = replace(
        run, verdicts=run.verdicts.iloc[:0], linked=run.linked.assign(cluster_id=run.linked["claim_id"])
    )
    (narrowed,) = explain(run, rules, ["X1", "R1"])
    assert "narrowed to the very same days" in narrowed.answer
    told = replace(run, summary={**run.summary, "decisions": {"places": "1" * 64}})
    (unsure,) = explain(told, rules, ["X1", "R1"])
    assert "What the run knew and its tables do not say" in unsure.answer
    assert "places of its job's own" in text_of(unsure)


def test_claims_that_are_paired_with_nothing(demo: StoredRun, rules: Ruleset) -> None:
    """A total, a summary and a claim of the same monitor are told why they are no side of a pair."""
    ids = demo.claims.set_index("claim_id")
    incident, beside = ids.index[(ids["monitor"] == "airwars")][:2]
    total = ids.index[ids["kind_code"] == "total"][0]
    summary = ids.index[ids["unit_code"] == "event_summary"][0]
    for other, said in (
        (total, "figure for a period"),
        (summary, "summary of events"),
        (beside, "two monitors"),
    ):
        (one,) = explain(demo, rules, [incident, other])
        assert one.answer.startswith("never compared")
        assert said in one.answer


def test_claim_without_a_day(rules: Ruleset) -> None:
    """An incident without a day is brought together with nothing, and that is said."""
    run = two_monitors(rules, day=None, edtf="", date_precision_code=0)
    (one,) = explain(run, rules, ["X1", "R1"])
    assert "cjtf_oir:R1 states no day" in one.answer


def test_parts_of_one_incident(demo: StoredRun, rules: Ruleset) -> None:
    """Two parts that a monitor split itself are no pair, and the cluster they share is named with what holds it."""
    split = demo.linked[demo.linked["link_basis_code"] == "split"]
    cluster = split["cluster_id"].iloc[0]
    parts = list(split.loc[split["cluster_id"] == cluster, "claim_id"])[:2]
    (one,) = explain(demo, rules, parts)
    assert f"Both are in {cluster} all the same" in one.answer
    assert "its own monitor split" in one.answer


def test_judgements_are_told(rules: Ruleset) -> None:
    """Pairs that a person judged are told as judged, the same and different, whatever they weigh."""
    pair = ("airwars:X1", "cjtf_oir:R1")
    (same,) = explain(two_monitors(rules, judged(*pair, "same")), rules, pair)
    assert "by a person's judgement" in same.answer
    (different,) = explain(two_monitors(rules, judged(*pair, "different")), rules, pair)
    assert different.answer.startswith("rejected: a person judged them different")
    far = two_monitors(rules, judged(*pair, "same"), day="2017-09-10", place_name="Elsewhere", admin1="Idlib")
    (apart,) = explain(far, rules, pair)
    assert apart.answer.startswith("never compared")
    assert "all the same, by a person's judgement" in apart.answer


def test_numbers_are_side_by_side(rules: Ruleset) -> None:
    """What each side states stands in its own column; what neither states is left out."""
    (one,) = explain(two_monitors(rules), rules, ["X1", "R1"])
    rows = {label: sides for label, *sides in one.parts[0].grid.rows}
    assert rows["killed, civilian"] == ["5", ""]
    assert rows["killed, civilian, conceded"] == ["", "5"]
    assert rows["days"] == ["10 June 2017", "10 June 2017"]
    assert "published" not in rows


# ---- bars ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "mark"),
    [(0, 3, "+"), (3, 1, "-"), (-2, 2, "+"), (2, -4, "-"), (-4, -4.2, "-"), (0, 0.2, "+"), (5, 5, "+")],
)
def test_bar_reads_without_colour(before: float, after: float, mark: str) -> None:
    """A bar has one line at 0, its step's sign and no other, and its place: right of the line only above 0."""
    bar = _bar(before, after, (-5, 6), mark)
    assert bar.count("|") == 1
    assert len(bar) <= BAR_OF_BITS + 1
    assert set(bar) <= {" ", "|", mark}
    assert (mark in bar) == (before != after)
    below, above = bar.split("|")
    assert (mark in above) <= (max(before, after) > 0)
    assert (mark in below) <= (min(before, after) < 0)


# ---- victims -------------------------------------------------------------------------------------------------------


@pytest.fixture
def lists(rules: Ruleset) -> Any:
    """A function that gives a run of two invented lists, with names or without."""
    claims, victims = on_lists(
        {"on": "sohr", "name": "Ahmad Khalil Example", "age": 31, "day": "2017-06-10"},
        {"on": "snhr", "name": "Ahmed Khaleel Example", "age": 31, "day": "2017-06-11"},
        {"on": "snhr", "name": "Layla Other Sample", "age": 9, "day": "2017-08-30"},
    )

    def run(*, include_names: bool) -> StoredRun:
        return stored(rules, claims, empty(Figures), victims=victims, include_names=include_names)

    return run


def test_names_are_withheld_as_the_run_withheld_them(lists: Any, rules: Ruleset) -> None:
    """A pair of persons is told by its stored levels, without a name where the run kept none."""
    ids = ["sohr:X0", "snhr:X1"]
    (named,), (unnamed,) = (explain(lists(include_names=names), rules, ids) for names in (True, False))
    assert "Ahmad Khalil Example" in text_of(named)
    assert "Example" not in text_of(unnamed).replace("Tell Example", "")
    assert ("name", "withheld", "withheld") in unnamed.parts[0].grid.rows
    assert part_of(named, "From levels").grid == part_of(unnamed, "From levels").grid


def test_unlisted_persons_need_names(lists: Any, rules: Ruleset) -> None:
    """Persons without a verdict are weighed where names are kept; elsewhere it is said that names are needed."""
    ids = ["sohr:X0", "snhr:X2"]
    (named,) = explain(lists(include_names=True), rules, ids)
    assert named.answer.startswith("never compared")
    assert {row[2] for row in part_of(named, "Blocking rules").grid.rows} == {"not shared"}
    (unnamed,) = explain(lists(include_names=False), rules, ids)
    assert "--include-names" in unnamed.answer
    assert len(unnamed.parts) == 1


# ---- claims, clusters, findings, totals ----------------------------------------------------------------------------


def test_claim_lists_its_pairs_heaviest_first(demo: StoredRun, rules: Ruleset) -> None:
    """A claim is told with its cluster, its basis, and every pair of it that the run keeps, the heaviest first."""
    left = some_of(demo, "match", 1)[0][0]
    (one,) = explain(demo, rules, [left])
    linked = demo.linked[demo.linked["relation_code"] != "covers"].set_index("claim_id")
    assert one.answer.startswith(f"in {linked.at[left, 'cluster_id']} by match weight, with ")
    rows = part_of(one, "Compared with").grid.rows
    bits = [number(row[3]) for row in rows]
    assert bits == sorted(bits, reverse=True)
    verdicts = demo.verdicts
    own = verdicts[(verdicts["left_id"] == left) | (verdicts["right_id"] == left)]
    assert {row[0] for row in rows} == {*own["left_id"], *own["right_id"]} - {left}
    told = part_of(one, "Compared with").lines[0]
    for verdict, count in own["verdict_code"].value_counts().items():
        assert f"{count} {verdict}" in told


def test_long_lists_are_cut_and_said(demo: StoredRun, rules: Ruleset) -> None:
    """A claim with more pairs than fit says how many more there are, and where."""
    left = some_of(demo, "match", 1)[0][0]
    row = demo.verdicts[demo.verdicts["left_id"] == left].head(1)
    others = demo.claims.loc[demo.claims["claim_id"] != left, "claim_id"].head(30)
    many = pd.concat([row] * len(others), ignore_index=True).assign(right_id=others.to_numpy())
    (one,) = explain(replace(demo, verdicts=many), rules, [left])
    part = part_of(one, "Compared with")
    assert len(part.grid.rows) == 20
    assert part.notes == ("10 more are in tables/verdicts.parquet.",)


def test_cluster_lists_members_and_pairs_among_them(demo: StoredRun, rules: Ruleset) -> None:
    """A cluster is told with all its members, and every two of them are named, compared or not."""
    linked = demo.linked[demo.linked["relation_code"] != "covers"]
    sizes = linked["cluster_id"].value_counts()
    for cluster in sizes.index[sizes > 1][:4]:
        (one,) = explain(demo, rules, [cluster])
        members = set(linked.loc[linked["cluster_id"] == cluster, "claim_id"])
        assert {row[0] for row in part_of(one, "Who is in").grid.rows} == members
        pairs = [frozenset(row[:2]) for row in part_of(one, "Pairs among them").grid.rows]
        assert len(pairs) == len(set(pairs)) == len(members) * (len(members) - 1) // 2


def test_finding_is_told_in_full(demo: StoredRun, rules: Ruleset) -> None:
    """A finding is told with its sentence, severity, action and claims."""
    for finding in demo.discrepancies.drop_duplicates("code").itertuples():
        (one,) = explain(demo, rules, [finding.discrepancy_id])
        said = text_of(one)
        assert one.answer == finding.explanation
        assert finding.suggested_action in said
        assert f"{finding.severity} (" in said
        assert finding.claim_ids.split()[0] in said


def test_total_is_told_by_its_bridge(demo: StoredRun, rules: Ruleset) -> None:
    """A total is told with every rung of its bridge, in order, and each rung is drawn where it has an incident."""
    stated = demo.bridge[demo.bridge["total_id"].isin(demo.claims["claim_id"])]
    for total, steps in stated.groupby("total_id"):
        (one,) = explain(demo, rules, [str(total)])
        grids = [part.grid for part in one.parts if "beside the incidents" in part.heading]
        assert all(grid.rows[0][0].endswith(" states") for grid in grids)
        rows = [row for grid in grids for row in grid.rows[1:]]
        assert [row[1] for row in rows] == [f"{count:,}" for count in steps["incidents"]]
        assert ["(headline)" in row[0] for row in rows] == list(steps["is_headline"])
        assert [bool({"█", "░", "╋"} & {*row[4]}) for row in rows] == list(steps["incidents"] > 0)
    (one,) = explain(demo, rules, ["sohr:since-6-june"])
    rows = part_of(one, "Civilians killed, beside the incidents of Airwars").grid.rows
    (headline,) = [row for row in rows if "(headline)" in row[0]]
    assert headline[:4] == ("Confirmed + Fair (headline)", "56", "205–228", "88–111 more")


def test_total_without_a_bridge(demo: StoredRun, rules: Ruleset) -> None:
    """A total that was laid beside nothing says so."""
    (one,) = explain(replace(demo, bridge=demo.bridge.iloc[:0]), rules, ["sohr:since-6-june"])
    assert one.answer.startswith("no bridge was laid")


def test_several_ids_are_told_one_by_one(demo: StoredRun, rules: Ruleset) -> None:
    """Ids that are no pair are each told, in the order given, an id given twice once."""
    claim, total = demo.verdicts["left_id"].iloc[0], "sohr:since-6-june"
    finding = demo.discrepancies["discrepancy_id"].iloc[0]
    told = explain(demo, rules, [claim, total, finding, claim])
    assert [one.title.split(",")[0] for one in told] == [claim, total, finding]


# ---- totals as pictures ----------------------------------------------------------------------------------------------


def frame_of(frame: Any, *rows: dict[str, Any]) -> pd.DataFrame:
    """A small frame: what a row leaves out is empty, 0, or no day."""
    blank = {
        name: "" if str(kind) in {"str", "string", "object"} else pd.Series([0]).astype(kind).iloc[0]
        for name, kind in empty(frame).dtypes.items()
        if "datetime" not in str(kind)
    }
    days = [name for name, kind in empty(frame).dtypes.items() if "datetime" in str(kind)]
    made = pd.DataFrame([blank | dict.fromkeys(days, pd.NaT) | row for row in rows])
    for name in days:
        made[name] = pd.to_datetime(made[name])
    return typed(frame, made)


PERSONS = {"measure_code": "killed", "population_code": "civilian", "sex_code": "any", "age_group_code": "any"}  # fmt: skip
NAN = float("nan")


def total_row(name: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    """A claim of SOHR for a period."""
    period = {"kind_code": "total", "unit_code": "total", "monitor": "sohr", "layout": "drafts"}
    return claim_row(1, native_id=name, **period, **more) | {"date_start": start, "date_end": end}


def step_row(code: str, low: float, high: float, stated: tuple[float, float], **more: Any) -> dict[str, Any]:
    """A rung beside Airwars of the total sohr:T."""
    plain = {
        "total_id": "sohr:T",
        "measure_code": "killed",
        "population_code": "civilian",
        "monitor": "airwars",
    }
    row: dict[str, Any] = {"step_code": code, "step_no": 1, "is_covered": True, "incidents": 3}
    residuals = {"residual_low": stated[0] - high, "residual_high": stated[1] - low}
    said = {"explanation": f"rung {code}: 3 incidents, {low:g}–{high:g}"}
    return plain | row | residuals | said | {"low": low, "high": high} | more


def made_run(rules: Ruleset, *claims: dict[str, Any], **tables: Any) -> StoredRun:
    """A run of a few totals with tables of its own."""
    figures = tables.pop("figures", figures_frame(figure_row("sohr:T", 20)))
    return replace(stored(rules, claims_frame(*claims), figures), **tables)


def laid(rules: Ruleset, stated: tuple[float, float], *steps: dict[str, Any]) -> StoredRun:
    """A run of one total beside incidents of Airwars."""
    low, high = stated
    figure = figure_row("sohr:T", low, None if pd.isna(high) else high, is_open=pd.isna(high))
    numbered = [step | {"step_no": number} for number, step in enumerate(steps, start=1)]
    return made_run(
        rules,
        total_row("T", "2017-06-06", "2017-06-17"),
        bridge=frame_of(BridgeSteps, *numbered),
        figures=figures_frame(figure),
    )


def picture(one: Explanation, heading: str) -> list[str]:
    """The last column of a part's grid, its head first."""
    grid = part_of(one, heading).grid
    return [grid.headers[-1], *(row[-1] for row in grid.rows)]


def test_rungs_are_drawn_on_one_scale(rules: Ruleset) -> None:
    """Bars run from low to high on a scale from 0, lines stand at both ends of the figure, and words say the difference."""
    run = laid(
        rules,
        (20, 22),
        step_row("confirmed", 4, 5, (20, 22)),
        step_row("confirmed_fair", 10, 31, (20, 22), is_headline=True),
        step_row("with_weak", 31, 31, (20, 22)),
        step_row("town_only", 22, 22, (20, 22)),
        step_row("all_grades", 0, 0, (20, 22), incidents=0),
        step_row("conceded", 8, 8, (NAN, NAN)),
    )
    (one,) = explain(run, rules, ["sohr:T"])
    assert picture(one, "Civilians killed, beside the incidents of Airwars") == [
        "0                             31",
        "                    ┃ ┃",
        "    ██              ┃ ┃",
        "          ██████████╋█╋█████████",
        "                    ┃ ┃        █",
        "                    ┃ ╋",
        "                    ┃ ┃",
        "        ░",
    ]
    rows = part_of(one, "Civilians killed").grid.rows
    assert [row[:4] for row in rows] == [
        ("SOHR states", "", "20–22", ""),
        ("Confirmed only", "3", "4–5", "15–18 fewer"),
        ("Confirmed + Fair (headline)", "3", "10–31", "meets it"),
        ("+ Weak", "3", "31", "9–11 more"),
        (STEPS["town_only"], "3", "22", "meets it"),
        ("all grades", "0", "", "no incident"),
        ("conceded", "3", "8", "not compared"),
    ]
    assert ("conceded", "rung conceded") in part_of(one, "How to read it").grid.rows


def test_open_ends_are_arrows(rules: Ruleset) -> None:
    """An open sum and an open figure end in an arrow, and a difference is told at least."""
    run = laid(
        rules,
        (20, NAN),
        step_row("confirmed", 5, 10, (20, NAN)),
        step_row("confirmed_fair", 10, NAN, (20, NAN)),
    )
    (one,) = explain(run, rules, ["sohr:T"])
    assert picture(one, "Civilians killed") == [
        "0                            20",
        "                              ┃►",
        "        ████████              ┃",
        "               ███████████████╋►",
    ]
    said = [row[3] for row in part_of(one, "Civilians killed").grid.rows]
    assert said == ["", "at least 10 fewer", "meets it"]


def test_pictures_in_plain_ascii(rules: Ruleset) -> None:
    """Without block characters the same picture is drawn in ASCII."""
    run = laid(
        rules,
        (20, NAN),
        step_row("confirmed_fair", 10, NAN, (20, NAN)),
        step_row("conceded", 8, 8, (NAN, NAN)),
    )
    blocks, ascii_ = (explain(run, rules, ["sohr:T"], has_blocks=has)[0] for has in (True, False))
    drawn = picture(ascii_, "Civilians killed")
    signs = str.maketrans("█░┃╋►◄", "#:|+><")
    assert drawn == [line.translate(signs) for line in picture(blocks, "Civilians killed")]
    assert all(line.isascii() for line in drawn)


def test_console_without_blocks(folder: Path) -> None:
    """On a console of a Western code page the bars of a total are plain signs."""
    shown = CliRunner(charset="cp1252").invoke(app, ["explain", str(folder), "sohr:since-6-june"])
    assert shown.exit_code == 0, shown.output
    assert "#####" in shown.output
    assert not {*"█┃►"} & {*shown.output}


@given(
    ends=st.lists(st.tuples(st.floats(-50, 500), st.floats(0, 500)), min_size=1, max_size=5),
    is_open=st.booleans(),
)
def test_bars_stay_on_their_scale(ends: list[tuple[float, float]], is_open: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
    """A bar begins and ends where its ends lie among those of the others, and none is longer than the scale."""
    intervals = [(low, low + width) for low, width in ends]
    scale = scale_of([*intervals, (0.0, NAN)] if is_open else intervals, BLOCKS)
    drawn = {interval: scale.bar(*interval) for interval in intervals}
    firsts = [len(drawn[one]) - len(drawn[one].lstrip()) for one in sorted(intervals)]
    lasts = [len(drawn[one]) for one in sorted(intervals, key=lambda one: one[1])]
    assert firsts == sorted(firsts)
    assert lasts == sorted(lasts)
    assert all(set(bar.lstrip()) == {"█"} and len(bar) <= BAR - is_open for bar in drawn.values())


RELATED = PERSONS | {"topic_id": "topic:1", "series": "sohr", "scope_relation_code": "equal"}


def related(rules: Ruleset) -> StoredRun:
    """A run of four totals, the first beside each of the others, and findings about them."""
    claims = [
        total_row("T", "2017-06-06", "2017-06-17"),
        total_row("A", "2017-06-05", "2017-06-10"),
        total_row("B", "2017-06-06", "2017-07-06"),
        total_row("C", "2017-06-18", "2017-06-20"),
    ]
    pairs = [
        {"left_id": "sohr:A", "right_id": "sohr:T", "relation_code": "overlaps", "shared_days": 5},
        {"left_id": "sohr:T", "right_id": "sohr:B", "relation_code": "within", "shared_days": 12},
        {"left_id": "sohr:T", "right_id": "sohr:C", "relation_code": "touches", "may_be_added": True},
    ]
    findings = [
        {"discrepancy_id": "dis_1", "code": "TOT-OVERLAP", "claim_ids": "sohr:A sohr:T sohr:B"},
        {"discrepancy_id": "dis_2", "code": "TOT-START", "claim_ids": "sohr:A sohr:T sohr:B"},
    ]
    same = {"severity": "S1", "measure_code": "killed", "first_seen": "2024-01-01"}
    return made_run(
        rules,
        *claims,
        relations=frame_of(WindowRelations, *(RELATED | pair for pair in pairs)),
        discrepancies=frame_of(Discrepancies, *(same | one for one in findings)),
        figures=figures_frame(*(figure_row(f"sohr:{name}", 20 + place) for place, name in enumerate("TABC"))),
    )


def test_windows_of_a_topic(rules: Ruleset) -> None:
    """Other totals are told as they lie to the one asked about, whichever of the two stands left, in the order of days."""
    (one,) = explain(related(rules), rules, ["sohr:T"])
    rows = part_of(one, "The windows of its topic").grid.rows
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("sohr:A", "21", "overlaps, 5 days"),
        ("sohr:T", "20", "this one"),
        ("sohr:B", "22", "this one lies inside it"),
        ("sohr:C", "23", "begins on the day after; may be added"),
    ]
    assert picture(one, "The windows") == [
        "2017-06-05            2017-07-06",
        "██████",
        " ████████████",
        " ███████████████████████████████",
        "             ███",
    ]
    (other,) = explain(related(rules), rules, ["sohr:C"])
    said = [row[3] for row in part_of(other, "The windows of its topic").grid.rows]
    assert said == ["ends on the day before; may be added", "this one"]


def test_findings_about_windows_are_drawn(rules: Ruleset) -> None:
    """Windows of TOT-OVERLAP and TOT-START are bars on one scale of days; in TOT-START a mark is a day."""
    overlap, start = explain(related(rules), rules, ["dis_1", "dis_2"])
    rows = part_of(overlap, "Windows that share days").grid.rows
    assert [row[0] for row in rows] == ["sohr:A", "sohr:T", "sohr:B"]
    assert picture(start, "How the windows begin")[1:] == ["█" * 6, " " + "█" * 12, " " + "█" * 31]


def test_first_days_of_long_windows(rules: Ruleset) -> None:
    """A window that goes on beyond the days drawn ends in an arrow, and a day is a mark all the same."""
    run = related(rules)
    later = run.claims["date_end"].where(run.claims["claim_id"] != "sohr:B", pd.Timestamp("2017-12-31"))
    (start,) = explain(replace(run, claims=run.claims.assign(date_end=later)), rules, ["dis_2"])
    assert picture(start, "How the windows begin")[1:] == ["█" * 6, " " + "█" * 12, " " + "█" * 30 + "►"]
    assert part_of(start, "How the windows begin").notes == ("► goes on beyond the scale.",)


def test_derived_totals_are_told(rules: Ruleset) -> None:
    """A difference names its two totals and has a bridge of its own; a total names the differences it is a side of."""
    difference = PERSONS | {
        "derived_id": "derived:1", "monitor": "sohr", "later_id": "sohr:T", "earlier_id": "sohr:A",
        "date_start": "2017-06-11", "date_end": "2017-06-17", "low": -5, "high": 5, "explanation": "20 minus 20 leaves 0",
    }  # fmt: skip
    run = made_run(
        rules,
        total_row("T", "2017-06-05", "2017-06-17"),
        total_row("A", "2017-06-05", "2017-06-10", source_sheet="Sums"),
        derived=frame_of(DerivedTotals, difference),
        bridge=frame_of(BridgeSteps, step_row("confirmed", 5, 26, (-5, 5), total_id="derived:1", step_no=1)),
        figures=figures_frame(figure_row("sohr:T", 20), figure_row("sohr:A", 15, 25)),
    )
    derived, total = explain(run, rules, ["derived:1", "sohr:T"])
    assert derived.answer.startswith("20 minus 20 leaves 0.")
    assert part_of(derived, "Killed, civilian: how").grid.rows == (
        ("later", "sohr:T", "20", "5–17 June 2017", "example.csv", "", "2"),
        ("less earlier", "sohr:A", "15–25", "5–10 June 2017", "example.csv", "Sums", "2"),
        ("leaves", "derived:1", "-5 to 5", "11–17 June 2017", "", "", ""),
    )
    assert picture(derived, "Civilians killed") == [
        "−5                            26",
        "┃         ┃",
        "┃         ╋█████████████████████",
    ]
    assert part_of(derived, "Civilians killed").grid.rows[0][0] == "the difference leaves"
    assert part_of(total, "Differences").grid.rows[0][:3] == ("derived:1", "this one less sohr:A", "-5 to 5")


def in_sets(rules: Ruleset, *sets: dict[str, Any], **tables: Any) -> StoredRun:
    """A run of two totals with sets of numbers."""
    return made_run(
        rules,
        total_row("T", "2017-06-05", "2017-06-17", source_row=7),
        total_row("A", "2017-06-05", "2017-06-10"),
        sets=frame_of(
            InconsistentSets, *(PERSONS | {"cause_id": "set_1", "series": "sohr"} | one for one in sets)
        ),
        **tables,
    )


def test_sets_are_told_with_their_rows(rules: Ruleset) -> None:
    """A set and its finding name each claim's number, file and row; the total names the set."""
    falling = {
        "set_id": "set_1", "code": "TOT-MONO", "rule_code": "window_subset", "claim_ids": "sohr:A sohr:T",
        "stated": "30 > 20", "expected_low": 30, "expected_high": NAN, "observed_low": 20, "observed_high": 20,
        "gap": 10, "explanation": "30, but 20.",
    }  # fmt: skip
    finding = {
        "discrepancy_id": "dis_1", "code": "TOT-MONO", "severity": "S1", "claim_ids": "sohr:A sohr:T", "measure_code": "killed civilian",
        "first_seen": "2024-01-01",
    }  # fmt: skip
    run = in_sets(
        rules,
        falling,
        discrepancies=frame_of(Discrepancies, finding),
        figures=figures_frame(
            figure_row("sohr:T", 20),
            figure_row("sohr:T", 30, measure_code="injured"),
            figure_row("sohr:A", 30),
        ),
    )
    numbers = (
        ("sohr:A", "Killed, civilian: 30", "5–10 June 2017", "example.csv", "2"),
        ("sohr:T", "Killed, civilian: 20", "5–17 June 2017", "example.csv", "7"),
    )
    told, found, total = explain(run, rules, ["set_1", "dis_1", "sohr:T"])
    assert told.answer == "30, but 20."
    assert part_of(told, "Its numbers").grid.rows == numbers
    assert ("expected", "30 or more") in part_of(told, "What it is").grid.rows
    assert [row[0] for row in part_of(told, "Findings").grid.rows] == ["dis_1"]
    assert part_of(found, "30 > 20 (set_1)").grid.rows == numbers
    assert part_of(total, "Numbers it is among").grid.rows[0][:3] == ("set_1", "TOT-MONO", "30 > 20")


def test_ledger_names_every_line(rules: Ruleset) -> None:
    """Of a ledger all lines that the set names are told, and no other."""
    lines = {"reports_carried_over": 43, "reports_new": 27, "reports_open": 68, "reports_duplicate": 9}
    ledger = {
        "set_id": "set_1", "code": "TOT-LEDGER", "rule_code": "ledger_sum", "claim_ids": "sohr:T", "measure_code": "reports_open",
        "stated": "43 + 27 ≠ 68",
    }  # fmt: skip
    figures = figures_frame(*(figure_row("sohr:T", low, measure_code=name) for name, low in lines.items()))
    (told,) = explain(in_sets(rules, ledger, figures=figures), rules, ["set_1"])
    counted = [row[1].partition(",")[0] for row in part_of(told, "Its numbers").grid.rows]
    assert counted == ["Reports carried over", "Reports new", "Reports open"]


def test_report_of_an_older_version(folder: Path, tmp_path: Path, rules: Ruleset) -> None:
    """A report that lacks the tables of windows, differences and sets is read, and nothing is said of them."""
    whole = run_folder(folder)
    (tmp_path / "tables").mkdir()
    for path in (whole / "run.json", *(whole / "tables").glob("*.parquet")):
        if path.stem not in {"relations", "derived", "sets"}:
            (tmp_path / path.relative_to(whole)).write_bytes(path.read_bytes())
    run = read_run(tmp_path)
    (one,) = explain(run, rules, ["sohr:since-6-june"])
    assert [part.heading for part in one.parts if "window" in part.heading.casefold()] == []
    assert part_of(one, "Civilians killed, beside the incidents of Airwars")
    for code in ("TOT-OVERLAP", "TOT-START"):
        found = run.discrepancies.loc[run.discrepancies["code"] == code, "discrepancy_id"]
        (told,) = explain(run, rules, [found.iloc[0]])
        assert [part.heading for part in told.parts] == ["What it is", "Its claims"]


# ---- ids and folders -----------------------------------------------------------------------------------------------


def test_unknown_id_names_the_nearest(demo: StoredRun, rules: Ruleset) -> None:
    """An id that is nothing of the run is answered with the ids most like it."""
    claim = demo.claims["claim_id"].iloc[0]
    cluster = demo.linked["cluster_id"].iloc[0]
    for wrong, right in ((f"{claim}x", claim), (cluster[:-2], cluster)):
        with pytest.raises(UsageFault, match="the nearest are") as fault:
            explain(demo, rules, [wrong])
        assert right in str(fault.value)
    with pytest.raises(UsageFault, match="none is like it"):
        explain(demo, rules, ["§§§"])


def test_ambiguous_native_id_names_its_claims(rules: Ruleset) -> None:
    """A bare id that claims of two monitors have is refused, and both are named."""
    run = two_monitors(rules, native_id="X1")
    run = stored(rules, run.claims, empty(Figures))
    with pytest.raises(UsageFault, match="2 claims have this id; write one of airwars:X1, cjtf_oir:X1"):
        explain(run, rules, ["X1"])


def test_latest_report_of_a_job(folder: Path) -> None:
    """A job's folder stands for its latest report, and a report's own folder for itself."""
    latest = run_folder(folder)
    assert latest.parent == folder
    assert run_folder(latest) == latest


@pytest.mark.parametrize(
    ("latest", "said"),
    [
        (None, "holds neither run.json nor latest.json"),
        ("{", "can't be read"),
        ('{"folder": "../../elsewhere"}', "there is no report"),
        ('{"folder": "2024-01-01-00000000"}', "there is no report"),
    ],
)
def test_folder_without_a_report(tmp_path: Path, latest: str | None, said: str) -> None:
    """A folder that leads to no report is refused with what to give instead."""
    if latest is not None:
        (tmp_path / "latest.json").write_text(latest, encoding="utf-8")
    with pytest.raises(UsageFault, match=said) as fault:
        run_folder(tmp_path)
    assert "reports/<job>" in str(fault.value)


@pytest.mark.parametrize(
    ("lost", "text"), [("run.json", "{}"), ("tables/verdicts.parquet", None), ("tables/claims.parquet", "x")]
)
def test_report_that_is_not_whole(folder: Path, tmp_path: Path, lost: str, text: str | None) -> None:
    """A report that lacks a file, or has a broken one, is named by it."""
    whole = run_folder(folder)
    (tmp_path / "tables").mkdir()
    for path in (whole / "run.json", *(whole / "tables").glob("*.parquet")):
        (tmp_path / path.relative_to(whole)).write_bytes(path.read_bytes())
    (tmp_path / lost).unlink()
    if text is not None:
        (tmp_path / lost).write_text(text, encoding="utf-8")
    with pytest.raises(InputFault, match=lost.rpartition("/")[2]):
        read_run(tmp_path)
