"""Which claims are worth comparing: each pair once, across monitors, no edge of a window or a cell missed."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import claim_row, claims_frame

from reconcile.block import block
from reconcile.ruleset import BlockingRule
from reconcile.views import place_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.ruleset import Linkage, Ruleset

NOWHERE = {"place_name": "", "admin1": "", "country_code": ""}


def only(rules: Ruleset, key: str, within_days: int, **changes: Any) -> Linkage:
    """The shipped linkage with one blocking rule."""
    rule = BlockingRule(code="only", key=key, within_days=within_days, reason="a test")
    return rules.linkage["incidents"].model_copy(update={"blocking": (rule,), **changes})


def paired(claims: pd.DataFrame, linkage: Linkage) -> set[tuple[str, str]]:
    """The pairs of native ids that blocking brings together."""
    pairs = block(claims, linkage).pairs
    ids = claims["native_id"].to_numpy()
    return set(zip(ids[pairs["left_row"]], ids[pairs["right_row"]], strict=True))


def two(left: dict[str, Any], right: dict[str, Any]) -> pd.DataFrame:
    """A claim A of Airwars and a claim B of the Coalition."""
    return claims_frame(
        claim_row(1, **{"native_id": "A"} | left),
        claim_row(2, **{"monitor": "cjtf_oir", "unit_code": "allegation", "native_id": "B"} | right),
    )


PAIR = {("A", "B")}


# ---- windows -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "within", "found"),
    [
        ("2017-06-10", "2017-06-10", 0, True),
        ("2017-06-10", "2017-06-11", 0, False),
        ("2017-06-10", "2017-06-12", 2, True),
        ("2017-06-12", "2017-06-10", 2, True),
        ("2017-06-10", "2017-06-13", 2, False),
        ("2017-06-13", "2017-06-10", 2, False),
        ("2017-06-01/2017-06-15", "2017-06-15", 0, True),
        ("2017-06-01/2017-06-15", "2017-06-16", 0, False),
        ("2017-06-01/2017-06-15", "2017-06-17", 2, True),
        ("2017-06-01/2017-06-15", "2017-05-30", 2, True),
        ("2017-06-01/2017-06-15", "2017-05-29", 2, False),
        ("2017-06-01/2017-06-30", "2017-06-10/2017-06-12", 0, True),
        ("2017-12-31", "2018-01-01", 1, True),
        ("1969-12-31", "1970-01-01", 1, True),
    ],
)
def test_windows_within_reach(rules: Ruleset, left: str, right: str, within: int, found: bool) -> None:  # noqa: FBT001 - a column of the table
    """Windows are paired up to the stated days apart, from either side, and not one day further."""
    first, second = (
        dict(zip(("date_start", "date_end"), (day.split("/") * 2)[:2], strict=True)) for day in (left, right)
    )
    assert paired(two(first, second), only(rules, "admin1", within)) == (PAIR if found else set())


# ---- keys ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("Tell Example", "Tell Example", True),
        ("Tell Example, near Ain Sample", "Ain Sample", True),
        ("Ar-Raqqah", "near Raqqa, Syria", True),
        ("Al Sha'afa", "Sha’afa", True),
        ("Tell Example", "Ain Sample", False),
        ("", "", False),
        ("near the city", "near the city", False),
    ],
)
def test_places_of_one_name(rules: Ruleset, left: str, right: str, found: bool) -> None:  # noqa: FBT001 - a column of the table
    """A shared part of the names is enough, in any spelling that folds to one; words that name nothing are not."""
    claims = two(NOWHERE | {"place_name": left}, NOWHERE | {"place_name": right})
    assert paired(claims, only(rules, "place", 0)) == (PAIR if found else set())


def test_places_of_one_id(rules: Ruleset) -> None:
    """Two names of one place of the gazetteer meet by its id."""
    left = NOWHERE | {"place_name": "Kobani", "place_id": "syr_kobani"}
    right = NOWHERE | {"place_name": "Ain al-Arab", "place_id": "syr_kobani"}
    assert paired(two(left, right), only(rules, "place", 0)) == PAIR
    assert paired(two(left, right | {"place_id": ""}), only(rules, "place", 0)) == set()


@pytest.mark.parametrize(("key", "column"), [("admin1", "admin1"), ("day", "country_code")])
def test_keys_that_are_blank_meet_nobody(rules: Ruleset, key: str, column: str) -> None:
    """Two records that do not state their governorate or country share nothing by that."""
    linkage = only(rules, key, 0)
    assert paired(two(NOWHERE | {column: "SYR"}, NOWHERE | {column: "SYR"}), linkage) == PAIR
    assert paired(two(NOWHERE, NOWHERE), linkage) == set()


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ((35.95, 39.00), (35.95, 39.00), True),
        ((35.2499, 39.2499), (35.2501, 39.2501), True),
        ((35.2499, 39.2501), (35.2501, 39.2499), True),
        ((35.01, 39.01), (35.49, 39.49), True),
        ((35.01, 39.01), (35.51, 39.01), False),
        ((-0.01, -0.01), (0.01, 0.01), True),
        ((35.95, None), (35.95, 39.00), False),
    ],
)
def test_cells_reach_into_their_neighbours(
    rules: Ruleset,
    left: tuple[float, float | None],
    right: tuple[float, float],
    found: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Points on two sides of a cell's edge or corner meet; points two cells apart do not."""
    first, second = (
        NOWHERE | dict(zip(("latitude", "longitude"), spot, strict=True)) for spot in (left, right)
    )
    assert paired(two(first, second), only(rules, "nearby", 0)) == (PAIR if found else set())


def test_coarse_coordinates_are_no_cell(rules: Ruleset) -> None:
    """The middle of a district is nobody's neighbour."""
    spot = NOWHERE | {"latitude": 35.95, "longitude": 39.0}
    assert paired(two(spot, spot | {"location_precision_code": 3}), only(rules, "nearby", 0)) == PAIR
    assert paired(two(spot, spot | {"location_precision_code": 4}), only(rules, "nearby", 0)) == set()


# ---- who -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "right",
    [
        {"monitor": "airwars"},
        {"unit_code": "event_summary"},
        {"kind_code": "total", "unit_code": "total"},
        {"day": None, "edtf": "", "date_precision_code": 0},
    ],
)
def test_what_is_never_paired(rules: Ruleset, right: dict[str, Any]) -> None:
    """Claims of one monitor, summaries, totals and claims without a day are not compared."""
    assert paired(two({}, right), rules.linkage["incidents"]) == set()


def test_no_claims_and_one_claim(rules: Ruleset) -> None:
    """Nothing to pair is no fault, and every rule is still accounted for."""
    linkage = rules.linkage["incidents"]
    for claims in (claims_frame(), claims_frame(claim_row(1))):
        blocked = block(claims, linkage)
        assert len(blocked.pairs) == 0
        assert blocked.summary["rule_code"].tolist() == [rule.code for rule in linkage.blocking]
        assert blocked.summary["pairs"].sum() == 0


def test_open_window_breaks_nothing(rules: Ruleset) -> None:
    """A claim without a last day, as a correction may leave it, is no reason to stop."""
    earlier = claim_row(9, monitor="ucdp_ged", native_id="C", day="2017-06-09")
    claims = pd.concat([two({"date_end": None}, {}), claims_frame(earlier)], ignore_index=True)
    assert {"C", "B"} in [set(pair) for pair in paired(claims, only(rules, "admin1", 1))]


# ---- all pairs -----------------------------------------------------------------------------------------------------


def scattered(size: int, seed: int) -> pd.DataFrame:
    """Claims of three monitors over three weeks, five places and some windows."""
    chance = random.Random(seed)  # noqa: S311 - the same on every run
    rows = []
    for number in range(size):
        first = pd.Timestamp("2017-06-01") + pd.Timedelta(days=chance.randrange(21))
        last = first + pd.Timedelta(days=chance.choice([0, 0, 0, 1, 6]))
        rows.append(
            claim_row(
                number,
                monitor=chance.choice(["airwars", "cjtf_oir", "ucdp_ged"]),
                date_start=first,
                date_end=last,
                place_name=chance.choice(
                    ["", "Tell Example", "Ain Sample", "Tell Example, Ain Sample", "Raqqa"]
                ),
                admin1=chance.choice(["", "Ar-Raqqa", "Homs"]),
                country_code=chance.choice(["", "SYR"]),
                latitude=chance.choice([None, 35.0 + chance.random()]),
                longitude=39.0 + chance.random(),
                location_precision_code=chance.choice([1, 3, 5]),
            )
        )
    return claims_frame(*rows)


def agrees(left: Any, right: Any, key: str, places: Sequence[set[str]]) -> bool:
    """Whether two claims share the key of a rule, said the slow way."""
    if key == "place":
        return bool(places[left.Index] & places[right.Index])
    if key == "nearby":
        if any(np.isnan(c.latitude) or c.location_precision_code > 3 for c in (left, right)):
            return False
        return all(
            abs(a // 0.25 - b // 0.25) <= 1
            for a, b in ((left.latitude, right.latitude), (left.longitude, right.longitude))
        )
    column = {"admin1": "admin1", "day": "country_code"}[key]
    return getattr(left, column) == getattr(right, column) != ""


@pytest.mark.parametrize("seed", [1, 2])
def test_exactly_the_pairs_a_slow_search_finds(rules: Ruleset, seed: int) -> None:
    """Sorted windows and cells find every pair that two nested loops find, once, named after the first rule that has it."""
    claims, linkage = scattered(60, seed), rules.linkage["incidents"]
    positions, keys = place_keys(claims["place_name"])
    places: list[set[str]] = [set() for _ in range(len(claims))]
    for position, key in zip(positions, keys, strict=True):
        places[position].add(key)
    expected = {}
    for left, right in itertools.combinations(claims.itertuples(), 2):
        gap = (max(left.date_start, right.date_start) - min(left.date_end, right.date_end)).days
        for rule in linkage.blocking:
            if (
                left.monitor != right.monitor
                and gap <= rule.within_days
                and agrees(left, right, rule.key, places)
            ):
                expected[left.Index, right.Index] = rule.code
                break
    pairs = block(claims, linkage).pairs
    found = {(row.left_row, row.right_row): row.rule_code for row in pairs.itertuples()}
    assert found == expected
    assert len(found) == len(pairs) > 100
    assert (pairs["left_row"] < pairs["right_row"]).all()


def test_unrelated_claims_change_no_pair(rules: Ruleset) -> None:
    """Claims of another country leave the pairs of this one as they are."""
    claims = scattered(40, 3)
    others = claims.assign(
        claim_id="other:" + claims["claim_id"], native_id="other " + claims["native_id"], monitor="other_" + claims["monitor"],
        place_name="", admin1="", country_code="YEM", latitude=None, longitude=None,
    )  # fmt: skip
    linkage = rules.linkage["incidents"]
    both = pd.concat([claims, others], ignore_index=True).astype(claims.dtypes.to_dict())
    own = {pair for pair in paired(both, linkage) if not pair[0].startswith("other")}
    assert own == paired(claims, linkage)


# ---- narrowing -----------------------------------------------------------------------------------------------------


def crowd() -> pd.DataFrame:
    """Ten claims of each of two monitors in one governorate, one a day."""
    rows = [
        claim_row(n, monitor=monitor, native_id=f"{monitor[0]}{day:02}", day=f"2017-06-{day:02}")
        for n, (monitor, day) in enumerate(itertools.product(("airwars", "cjtf_oir"), range(1, 11)))
    ]
    return claims_frame(*rows)


def test_crowded_key_is_narrowed_to_the_day(rules: Ruleset) -> None:
    """A key of too many pairs pairs claims of one day only, and the summary says that it was narrowed."""
    claims = crowd()
    wide = block(claims, only(rules, "admin1", 1, max_pairs_per_key=10_000))
    narrow = block(claims, only(rules, "admin1", 1, max_pairs_per_key=10))
    assert wide.summary["narrowed_keys"].tolist() == [0]
    assert narrow.summary["narrowed_keys"].tolist() == [1]
    assert (len(wide.pairs), len(narrow.pairs)) == (28, 10)
    assert paired(claims, only(rules, "admin1", 1, max_pairs_per_key=10)) == {
        (f"a{day:02}", f"c{day:02}") for day in range(1, 11)
    }


def test_only_the_crowded_key_is_narrowed(rules: Ruleset) -> None:
    """A crowd in one governorate takes nothing from another."""
    quiet = [
        claim_row(50, native_id="A", admin1="Homs", day="2017-06-10"),
        claim_row(51, monitor="cjtf_oir", native_id="B", admin1="Homs", day="2017-06-11"),
    ]
    claims = pd.concat([crowd(), claims_frame(*quiet)], ignore_index=True)
    assert ("A", "B") in paired(claims, only(rules, "admin1", 1, max_pairs_per_key=10))


def test_summary_counts_what_each_rule_brought(rules: Ruleset) -> None:
    """A rule's pairs are counted whether or not an earlier rule had them; the pair bears the first rule's name."""
    linkage = rules.linkage["incidents"]
    blocked = block(two({}, {}), linkage)
    assert blocked.pairs["rule_code"].tolist() == ["place_name"]
    assert blocked.summary.set_index("rule_code")["pairs"].to_dict() == {
        "place_name": 1, "nearby": 0, "governorate": 1, "country_day": 1,
    }  # fmt: skip
