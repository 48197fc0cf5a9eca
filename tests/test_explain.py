"""Why a run says what it says: explanations of pairs, claims, clusters, findings and totals, from the run's own tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row, figures_frame, on_lists
from typer.testing import CliRunner

from reconcile.block import block
from reconcile.cli import app
from reconcile.errors import InputFault, UsageFault
from reconcile.explain import StoredRun, explain, read_run, run_folder
from reconcile.explain.pairs import BAR, _bar
from reconcile.frames import BridgeSteps, Discrepancies, Figures, Victims, empty
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
    assert len(bar) <= BAR + 1
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
    """A total is told with every step of its bridge, in order, and what each leaves to explain."""
    for total, steps in demo.bridge.groupby("total_id"):
        (one,) = explain(demo, rules, [str(total)])
        rows = [row for part in one.parts if "beside the incidents" in part.heading for row in part.grid.rows]
        assert [row[1] for row in rows] == list(steps["explanation"])
        assert [row[5] == "headline" for row in rows] == list(steps["is_headline"])
    first = demo.bridge[demo.bridge["total_id"] == "sohr:since-6-june"].iloc[0]
    (one,) = explain(demo, rules, ["sohr:since-6-june"])
    shown = part_of(one, "Killed, civilian: beside the incidents of Airwars").grid.rows[0][3]
    assert shown == f"{first['residual_low']:g} to {first['residual_high']:g}"


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
