"""Which claims speak of one incident: weights under rivals, judgements first, one claim per monitor, no chains."""

from __future__ import annotations

import itertools
import random
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import claim_row, claims_frame

from reconcile.cluster import cluster, cluster_id, covering
from reconcile.errors import UsageFault
from reconcile.frames import ComparedPairs, empty, typed
from reconcile.ruleset import Judgement, Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reconcile.cluster import Clustered
    from reconcile.ruleset import Monitor, Ruleset

    Weights = Mapping[tuple[str, str], float]
    Run = Callable[..., Clustered]

# A letter stands for the monitor, so that a claim's name says whose it is. All of them claim an incident once.
MONITORS = {"a": "airwars", "c": "cjtf_oir", "u": "ucdp_ged", "m": "many_claims"}
HERE = {"latitude": 35.95, "longitude": 39.0, "location_precision_code": 1}


def claims_of(*names: str, **columns: Any) -> pd.DataFrame:
    """Claims named by the letter of their monitor and a number."""
    return claims_frame(
        *(claim_row(n, native_id=name, monitor=MONITORS[name[0]], **columns) for n, name in enumerate(names))
    )


def compared_of(claims: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """Compared pairs of these weights, named by native ids."""
    at = {name: row for row, name in enumerate(claims["native_id"])}
    rows = [
        {"left_row": min(at[left], at[right]), "right_row": max(at[left], at[right]), "match_weight": weight}
        for (left, right), weight in weights.items()
    ]
    if not rows:
        return empty(ComparedPairs)
    blank = {"rule_no": 0, "pattern": 0, "rarity_bits": 0.0, "match_probability": 0.5}
    return typed(ComparedPairs, pd.DataFrame(rows).assign(**blank))


def judged(left: str, right: str, decision: str) -> Judgement:
    """A judgement on two claims, named by native ids."""
    sides = (f"{MONITORS[name[0]]}:{name}" for name in (left, right))
    return Judgement(
        left=next(sides),
        right=next(sides),
        decision=decision,
        reviewer="A. Analyst",
        decided_on=date(2020, 1, 31),
    )


@pytest.fixture(scope="module")
def monitors(rules: Ruleset) -> dict[str, Monitor]:
    """The shipped monitors, and one that may claim an incident several times."""
    many = rules.monitors["ucdp_ged"].model_copy(update={"id": "many_claims", "claims_per_incident": "many"})
    return {**rules.monitors, "many_claims": many}


@pytest.fixture(scope="module")
def run(rules: Ruleset, monitors: dict[str, Monitor]) -> Run:
    """A function that clusters claims: a match from 0 bits, possible from -3."""
    thresholds = Thresholds(match=0.0, possible=-3.0, rival=-3.0, reason="a test")
    linkage = rules.linkage["incidents"].model_copy(update={"thresholds": thresholds})

    def clustering(claims: pd.DataFrame, weights: Weights, judgements: Sequence[Judgement] = ()) -> Clustered:
        return cluster(claims, compared_of(claims, weights), linkage, monitors, judgements)

    return clustering


def groups(done: Clustered) -> set[frozenset[str]]:
    """The clusters, as sets of native ids."""
    names = done.linked["claim_id"].str.split(":").str[1]
    return {frozenset(part) for _, part in names.groupby(done.linked["cluster_id"])}


def sets(*texts: str) -> set[frozenset[str]]:
    """Clusters written as words: "a1 c1"."""
    return {frozenset(text.split()) for text in texts}


def verdicts(done: Clustered) -> dict[tuple[str, str], str]:
    """Verdicts by pair of native ids."""
    sides = (done.verdicts[side].str.split(":").str[1] for side in ("left_id", "right_id"))
    return dict(zip(zip(*sides, strict=True), done.verdicts["verdict_code"], strict=True))


def bases(done: Clustered) -> dict[str, tuple[str, str]]:
    """Relation and basis by native id."""
    names = done.linked["claim_id"].str.split(":").str[1]
    return dict(
        zip(
            names, zip(done.linked["relation_code"], done.linked["link_basis_code"], strict=True), strict=True
        )
    )


# ---- weights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "verdict", "together"),
    [
        (4.0, "match", True),
        (0.0, "match", True),
        (-0.01, "possible", False),
        (-3.0, "possible", False),
        (-3.01, None, False),
    ],
)
def test_thresholds(run: Run, weight: float, verdict: str | None, together: bool) -> None:  # noqa: FBT001 - a column of the table
    """A pair is a match from the one threshold on, worth a look from the other on, and not listed below."""
    done = run(claims_of("a1", "c1", "u1"), {("a1", "c1"): weight})
    assert verdicts(done) == ({("a1", "c1"): verdict} if verdict else {})
    assert groups(done) == (sets("a1 c1", "u1") if together else sets("a1", "c1", "u1"))
    assert bases(done)["u1"] == ("same", "alone")
    assert bases(done)["a1"] == ("same", "weight" if together else "alone")


def test_one_claim_per_monitor(run: Run) -> None:
    """Of two rivals the better one is taken; the other is displaced, by name."""
    done = run(claims_of("a1", "c1", "c2"), {("a1", "c1"): 3.0, ("a1", "c2"): 6.0})
    assert groups(done) == sets("a1 c2", "c1")
    assert verdicts(done) == {("a1", "c1"): "displaced", ("a1", "c2"): "match"}
    assert done.verdicts.set_index("verdict_code").loc["displaced", "displaced_by"] == "cjtf_oir:c2"


def test_rivals_are_set_against_a_pair(run: Run) -> None:
    """A pair that is just a match alone is only possible when its rival is as likely."""
    weights = {("a1", "c1"): 0.5, ("a1", "c2"): 0.4}
    done = run(claims_of("a1", "c1", "c2"), weights)
    assert groups(done) == sets("a1", "c1", "c2")
    assert set(verdicts(done).values()) == {"possible"}


@pytest.mark.parametrize(("weight", "outcome"), [(0.5, "possible"), (2.0, "match"), (9.0, "match")])
def test_two_equal_rivals(rules: Ruleset, monitors: dict[str, Monitor], weight: float, outcome: str) -> None:
    """Of two equally good partners each has less than a half; one is taken where that is enough, and the other displaced."""
    claims = claims_of("a1", "c1", "c2")
    compared = compared_of(claims, {("a1", "c1"): weight, ("a1", "c2"): weight})
    done = cluster(claims, compared, rules.linkage["incidents"], monitors)
    assert (done.verdicts["match_probability"] < 0.5).all()
    if outcome == "match":
        assert verdicts(done) == {("a1", "c1"): "match", ("a1", "c2"): "displaced"}
        assert groups(done) == sets("a1 c1", "c2")
    else:
        assert set(verdicts(done).values()) == {"possible"}
        assert groups(done) == sets("a1", "c1", "c2")


def test_three_equal_rivals_are_left_to_a_person(rules: Ruleset, monitors: dict[str, Monitor]) -> None:
    """Of three equally good partners none reaches the shipped threshold, however good they are."""
    claims = claims_of("a1", "c1", "c2", "c3")
    compared = compared_of(claims, {("a1", f"c{number}"): 9.0 for number in (1, 2, 3)})
    done = cluster(claims, compared, rules.linkage["incidents"], monitors)
    assert set(verdicts(done).values()) == {"possible"}


def test_sure_pair_brings_a_rival_along(rules: Ruleset, monitors: dict[str, Monitor]) -> None:
    """A third claim joins by a sure pair though it is only a rival of the other; one that was never near does not."""
    thresholds = Thresholds(match=0.0, possible=-2.0, rival=-4.0, reason="a test")
    linkage = rules.linkage["incidents"].model_copy(update={"thresholds": thresholds})
    claims, chain = claims_of("a1", "c1", "u1"), {("a1", "c1"): 6.0, ("c1", "u1"): 5.0}
    done = cluster(claims, compared_of(claims, chain | {("a1", "u1"): -3.5}), linkage, monitors)
    assert groups(done) == sets("a1 c1 u1")
    assert groups(cluster(claims, compared_of(claims, chain), linkage, monitors)) == sets("a1 c1", "u1")


def test_better_pair_frees_the_other(run: Run) -> None:
    """Assignment is of pairs: the partner that another claim has a better right to goes there, and both are matches."""
    weights = {("a1", "c1"): 9.0, ("a1", "c2"): 3.0, ("a2", "c1"): 3.0, ("a2", "c2"): 6.0}
    done = run(claims_of("a1", "a2", "c1", "c2"), weights)
    assert groups(done) == sets("a1 c1", "a2 c2")
    assert verdicts(done)["a1", "c2"] == verdicts(done)["a2", "c1"] == "displaced"


def test_monitor_with_many_claims(run: Run) -> None:
    """A monitor that may speak of an incident several times may stand in it several times, and displaces nobody."""
    done = run(claims_of("a1", "m1", "m2"), {("a1", "m1"): 6.0, ("a1", "m2"): 6.0})
    assert groups(done) == sets("a1 m1 m2")
    assert set(verdicts(done).values()) == {"match"}


def test_no_chains(run: Run) -> None:
    """Neighbours of neighbours are not one incident: every two claims of different monitors have to fit."""
    claims = claims_of("a1", "c1", "u1")
    chain = {("a1", "c1"): 6.0, ("c1", "u1"): 5.0}
    assert groups(run(claims, chain)) == sets("a1 c1", "u1")
    assert verdicts(run(claims, chain))["c1", "u1"] == "possible"
    assert groups(run(claims, chain | {("a1", "u1"): -2.0})) == sets("a1 c1 u1")
    assert groups(run(claims, chain | {("a1", "u1"): -4.0})) == sets("a1 c1", "u1")


def test_week_of_strikes_in_one_town(run: Run) -> None:
    """Claims a day apart, each near the next, do not run together into one incident of a week."""
    days = range(1, 8)
    names = [f"{letter}{day}" for day in days for letter in "ac"]
    weights = {(f"a{day}", f"c{day}"): 4.0 for day in days} | {
        (f"a{day}", f"c{day + 1}"): 1.0 for day in days if day < 7
    }
    assert groups(run(claims_of(*names), weights)) == sets(*(f"a{day} c{day}" for day in days))


# ---- judgements ----------------------------------------------------------------------------------------------------


def test_judged_the_same(run: Run) -> None:
    """A person joins what no weight joins, twice of one monitor too."""
    claims = claims_of("a1", "a2", "c1", "u1")
    decisions = [judged("a2", "a1", "same"), judged("u1", "a1", "same")]
    done = run(claims, {("a1", "c1"): 9.0}, decisions)
    assert groups(done) == sets("a1 a2 c1 u1")
    assert [bases(done)[name] for name in ("a1", "a2", "u1")] == [("same", "judgement")] * 3


def test_judgement_displaces_a_weight(run: Run) -> None:
    """Where a person gave a statement to one record, a heavier pair with another record of that monitor is displaced."""
    done = run(claims_of("a1", "a2", "c1"), {("a1", "c1"): 9.0}, [judged("a2", "c1", "same")])
    assert groups(done) == sets("a2 c1", "a1")
    assert verdicts(done) == {("a1", "c1"): "displaced"}
    assert done.verdicts["displaced_by"].tolist() == ["airwars:a2"]


def test_judged_different(run: Run) -> None:
    """What a person parts stays apart, whatever its weight, and shows as rejected."""
    done = run(claims_of("a1", "c1"), {("a1", "c1"): 12.0}, [judged("c1", "a1", "different")])
    assert groups(done) == sets("a1", "c1")
    assert verdicts(done) == {("a1", "c1"): "rejected"}


def test_judged_different_holds_through_others(run: Run) -> None:
    """Two claims judged different do not meet by way of a third."""
    weights = {("a1", "c1"): 9.0, ("c1", "u1"): 8.0, ("a1", "u1"): 7.0}
    done = run(claims_of("a1", "c1", "u1"), weights, [judged("a1", "u1", "different")])
    assert groups(done) == sets("a1 c1", "u1")
    assert verdicts(done)["a1", "u1"] == "rejected"


def test_rejected_rival_leaves_the_field(run: Run) -> None:
    """Where a person rejects the better partner, the other one has it."""
    weights = {("a1", "c1"): 3.0, ("a1", "c2"): 9.0}
    done = run(claims_of("a1", "c1", "c2"), weights, [judged("a1", "c2", "different")])
    assert groups(done) == sets("a1 c1", "c2")


def test_judged_part(run: Run) -> None:
    """A claim judged part of another shares its cluster as a part, so that it is not summed as a whole."""
    done = run(claims_of("a1", "a2", "c1"), {}, [judged("a2", "a1", "part_of")])
    assert groups(done) == sets("a1 a2", "c1")
    assert bases(done)["a2"] == ("part_of", "judgement")


def test_unsure_decides_nothing(run: Run) -> None:
    """A person who is not sure leaves the pair as it is."""
    weights = {("a1", "c1"): 3.0}
    claims = claims_of("a1", "c1")
    assert verdicts(run(claims, weights, [judged("a1", "c1", "unsure")])) == verdicts(run(claims, weights))


def test_contradicting_judgements_are_refused(run: Run) -> None:
    """The same by way of others and different at once is a fault that names the pair."""
    decisions = [judged("a1", "c1", "same"), judged("c1", "u1", "same"), judged("u1", "a1", "different")]
    with pytest.raises(UsageFault, match=r"contradict each other: airwars:a1 and ucdp_ged:u1 "):
        run(claims_of("a1", "c1", "u1"), {}, decisions)


def test_judgement_on_a_claim_that_is_not_there(run: Run) -> None:
    """A judgement on a claim outside this run is kept, told and not used."""
    done = run(claims_of("a1", "c1"), {("a1", "c1"): 3.0}, [judged("a1", "c9", "different")])
    (remark,) = done.unused_judgements
    assert "cjtf_oir:c9" in remark
    assert groups(done) == sets("a1 c1")


# ---- a monitor's own parts -----------------------------------------------------------------------------------------


def parts(*codes: str, **columns: dict[str, Any]) -> pd.DataFrame:
    """Claims of Airwars with these codes at one spot on one day, some of them changed, and one of the Coalition."""
    rows = [
        claim_row(n, **{"native_id": code} | HERE | columns.get(code, {})) for n, code in enumerate(codes)
    ]
    return claims_frame(*rows, claim_row(90, native_id="c1", monitor="cjtf_oir"))


def test_parts_stand_together(run: Run) -> None:
    """CS956a, b and c of one day and spot are parts of one incident, without a pair between them."""
    done = run(parts("CS956a", "CS956b", "CS956c"), {})
    assert groups(done) == sets("CS956a CS956b CS956c", "c1")
    assert bases(done)["CS956b"] == ("part_of", "split")


@pytest.mark.parametrize(
    "changed",
    [
        {"day": "2017-06-11"},
        {"date_end": "2017-06-11"},
        {"latitude": 35.97},
        {"location_precision_code": 3},
        {"native_id": "CS957b"},
        {"native_id": "CS956b CS999"},
        {"monitor": "ucdp_ged"},
    ],
)
def test_a_suffix_alone_is_no_part(run: Run, changed: dict[str, Any]) -> None:
    """Another day, a spot more than 1 km off, a centroid, another code or another monitor: no part."""
    done = run(parts("CS956a", "CS956b", CS956b=changed), {})
    assert {len(group) for group in groups(done)} == {1}


def test_parts_are_known_by_their_place_where_no_point_is_published(run: Run) -> None:
    """Siblings of one day and one named place are parts, also in an export without coordinates."""
    nowhere = {"latitude": None, "longitude": None, "place_name": "Sample neighbourhood"}
    done = run(parts("CS956a", "CS956b", CS956a=nowhere, CS956b=nowhere), {})
    assert frozenset({"CS956a", "CS956b"}) in groups(done)


def test_parts_count_as_one_claim(run: Run) -> None:
    """A statement that fits one part joins all of them; another one is displaced."""
    claims = pd.concat([parts("CS956a", "CS956b"), claims_of("c2")], ignore_index=True)
    done = run(claims, {("CS956a", "c1"): 6.0, ("CS956b", "c2"): 2.0})
    assert groups(done) == sets("CS956a CS956b c1", "c2")
    assert verdicts(done)["CS956b", "c2"] == "displaced"


def test_parts_do_not_compete_with_each_other(run: Run) -> None:
    """Two parts that fit a statement equally well are no rivals: both are of the one incident it speaks of."""
    done = run(parts("CS956a", "CS956b"), {("CS956a", "c1"): 0.5, ("CS956b", "c1"): 0.5})
    assert groups(done) == sets("CS956a CS956b c1")


def test_judgement_on_a_part_leaves_it_a_part(run: Run) -> None:
    """A part that a person links to a statement is still a part, or its numbers would be summed twice."""
    done = run(parts("CS956a", "CS956b"), {}, [
        Judgement(left="airwars:CS956a", right="cjtf_oir:c1", decision="same", reviewer="A", decided_on=date(2020, 1, 31))
    ])  # fmt: skip
    assert groups(done) == sets("CS956a CS956b c1")
    assert [bases(done)[part][0] for part in ("CS956a", "CS956b")] == ["part_of", "part_of"]


def test_person_parts_what_a_suffix_joined(run: Run) -> None:
    """Two records that a person judges different are no parts of one incident, whatever their codes say."""
    decision = Judgement(
        left="airwars:CS956a",
        right="airwars:CS956b",
        decision="different",
        reviewer="A",
        decided_on=date(2020, 1, 31),
    )
    done = run(parts("CS956a", "CS956b"), {}, [decision])
    assert groups(done) == sets("CS956a", "CS956b", "c1")


# ---- ids and order -------------------------------------------------------------------------------------------------


def scattered(seed: int) -> tuple[list[str], Weights]:
    """Names of claims of three monitors, and weights of half of their pairs."""
    chance = random.Random(seed)  # noqa: S311 - the same on every run
    names = [f"{letter}{number}" for letter in "acu" for number in range(1, 9)]
    pairs: Iterable[tuple[str, str]] = (
        pair for pair in itertools.combinations(names, 2) if pair[0][0] != pair[1][0]
    )
    return names, {pair: round(chance.uniform(-5, 7), 3) for pair in pairs if chance.random() < 0.5}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_policy_holds_for_every_cluster(run: Run, rules: Ruleset, seed: int) -> None:
    """Each claim is in one cluster; none holds a monitor twice, nor two claims that have no possible pair."""
    names, weights = scattered(seed)
    done = run(claims_of(*names), weights)
    assert sorted(itertools.chain(*groups(done))) == sorted(names)
    near = {frozenset(pair) for pair, weight in weights.items() if weight >= -3}
    for group in groups(done):
        assert len({name[0] for name in group}) == len(group)
        assert all(frozenset(pair) in near for pair in itertools.combinations(group, 2))
    found = verdicts(done)
    assert set(found) == {tuple(sorted(pair)) for pair, weight in weights.items() if weight >= -3}
    for pair, verdict in found.items():
        assert (verdict == "match") == any(set(pair) <= group for group in groups(done))
        if verdict == "displaced":
            row = done.verdicts[
                (done.verdicts["left_id"].str.endswith(f":{pair[0]}"))
                & (done.verdicts["right_id"].str.endswith(f":{pair[1]}"))
            ]
            winner = row["displaced_by"].iloc[0].split(":")[1]
            assert any(winner in group and (pair[0] in group or pair[1] in group) for group in groups(done))
    assert len(groups(done)) < len(names)
    assert rules.monitors["airwars"].claims_per_incident == "one"


def test_order_of_pairs_does_not_matter(run: Run) -> None:
    """Compared pairs in another order give the same clusters and verdicts."""
    names, weights = scattered(4)
    claims = claims_of(*names)
    one, other = run(claims, weights), run(claims, dict(reversed(weights.items())))
    pd.testing.assert_frame_equal(one.linked, other.linked)
    pd.testing.assert_frame_equal(one.verdicts, other.verdicts)


def test_unrelated_claims_change_nothing(run: Run) -> None:
    """Clusters keep their ids and members when claims without a pair with them come in, before or after."""
    names, weights = scattered(5)
    before = run(claims_of(*names), weights)
    strangers = {("a0", "c0"): 5.0, ("a99", "c99"): 5.0}
    after = run(claims_of(*names, "a0", "c0", "a99", "c99"), {**weights, **strangers})
    kept = after.linked[after.linked["claim_id"].isin(before.linked["claim_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, before.linked)
    assert groups(after) == groups(before) | sets("a0 c0", "a99 c99")


def test_id_says_what_it_is_and_hangs_on_the_first_claim() -> None:
    """A cluster's id is made of its kind and of one claim, the same in every run."""
    assert cluster_id("airwars:a1", "incident") == cluster_id("airwars:a1", "incident")
    assert cluster_id("airwars:a1", "incident") != cluster_id("airwars:a2", "incident")
    assert [cluster_id("x:1", kind)[:4] for kind in ("incident", "summary", "total")] == [
        "inc_",
        "sum_",
        "tot_",
    ]


def test_kinds_of_clusters(run: Run) -> None:
    """Summaries and totals are clusters of their own kind."""
    claims = claims_frame(
        claim_row(1),
        claim_row(2, monitor="ucdp_ged", unit_code="event_summary"),
        claim_row(3, monitor="sohr", kind_code="total", unit_code="total"),
    )
    linked = run(claims, {}).linked.set_index("claim_id")["cluster_kind_code"]
    assert linked.to_dict() == {"airwars:X1": "incident", "ucdp_ged:X2": "summary", "sohr:X3": "total"}


def test_no_claims_and_no_pairs(run: Run) -> None:
    """Nothing to cluster is no fault."""
    done = run(claims_frame(), {})
    assert (len(done.linked), len(done.verdicts), done.unused_judgements) == (0, 0, ())


# ---- summaries -----------------------------------------------------------------------------------------------------

SUMMARY = {
    "monitor": "ucdp_ged",
    "unit_code": "event_summary",
    "date_start": "2017-06-05",
    "date_end": "2017-06-11",
}


@pytest.mark.parametrize(
    ("incident", "covered"),
    [
        ({"day": "2017-06-05"}, True),
        ({"day": "2017-06-11"}, True),
        ({"day": "2017-06-04"}, False),
        ({"day": "2017-06-12"}, False),
        ({"date_start": "2017-06-10", "date_end": "2017-06-12"}, False),
        ({"date_start": "2017-06-04", "date_end": "2017-06-06"}, False),
        ({"admin1": "Homs"}, False),
        ({"admin1": ""}, False),
        ({"country_code": "IRQ"}, False),
        ({"monitor": "ucdp_ged"}, False),
        ({"unit_code": "allegation", "monitor": "cjtf_oir"}, False),
        ({"unit_code": "event_summary", "monitor": "other"}, False),
    ],
)
def test_summary_covers_what_lies_whole_in_it(run: Run, incident: dict[str, Any], covered: bool) -> None:  # noqa: FBT001 - a column of the table
    """A summary covers other monitors' incidents of its governorate and window, and is tied to none."""
    claims = claims_frame(claim_row(1, **SUMMARY), claim_row(2, **{"day": "2017-06-08"} | incident))
    linked = run(claims, {}).linked
    found = covering(claims, linked)
    other = claims["claim_id"][claims["claim_id"] != "ucdp_ged:X1"].iloc[0]
    cluster_of = linked.set_index("claim_id")["cluster_id"]
    expected = [("ucdp_ged:X1", cluster_of[other], "covers")] if covered else []
    assert list(zip(found["claim_id"], found["cluster_id"], found["relation_code"], strict=True)) == expected


def test_summary_covers_a_cluster_once(run: Run) -> None:
    """An incident that two monitors report is covered once."""
    claims = claims_frame(
        claim_row(1, **SUMMARY),
        claim_row(2, native_id="a1"),
        claim_row(3, native_id="m1", monitor="many_claims"),
    )
    linked = run(claims, {("a1", "m1"): 5.0}).linked
    assert len(covering(claims, linked)) == 1


def test_nothing_to_cover(run: Run) -> None:
    """Without summaries, without incidents and without claims there is nothing to cover."""
    for claims in (claims_frame(), claims_frame(claim_row(1)), claims_frame(claim_row(1, **SUMMARY))):
        assert len(covering(claims, run(claims, {}).linked)) == 0
