"""Which claims are worth comparing: each pair once, across monitors, no edge of a window or a cell missed.

Names of persons are invented.
"""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import NO_VICTIMS, claim_row, claims_frame, on_lists
from hypothesis import given
from hypothesis import strategies as st
from strategies import Small, budget, victim_lists

from reconcile.block import block
from reconcile.parse.names import name_parts
from reconcile.ruleset import BlockingRule
from reconcile.views import place_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconcile.ruleset import Linkage, Ruleset

NOWHERE = {"place_name": "", "admin1": "", "country_code": ""}


def only(rules: Ruleset, key: str, within_days: int, **changes: Any) -> Linkage:
    """The shipped linkage with one blocking rule."""
    rule = BlockingRule(code="only", key=key, within_days=within_days, reason="a test")
    return rules.linkage["incidents"].model_copy(update={"blocking": (rule,), **changes})


def only_rule(rules: Ruleset, key: str, within_days: int, lacking: str) -> Linkage:
    """The shipped linkage with one blocking rule, for pairs of which one side lacks something."""
    rule = BlockingRule(code="only", key=key, within_days=within_days, only=lacking, reason="a test")
    return rules.linkage["incidents"].model_copy(update={"blocking": (rule,)})


def paired(
    claims: pd.DataFrame, linkage: Linkage, victims: pd.DataFrame = NO_VICTIMS
) -> set[tuple[str, str]]:
    """The pairs of native ids that blocking brings together."""
    pairs = block(claims, victims, linkage).pairs
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
        blocked = block(claims, NO_VICTIMS, linkage)
        assert len(blocked.pairs) == 0
        assert blocked.summary["rule_code"].tolist() == [rule.code for rule in linkage.blocking]
        assert blocked.summary["pairs"].sum() == 0


def test_open_window_breaks_nothing(rules: Ruleset) -> None:
    """A claim without a last day, as a correction may leave it, is no reason to stop."""
    earlier = claim_row(9, monitor="ucdp_ged", native_id="C", day="2017-06-09")
    claims = pd.concat([two({"date_end": None}, {}), claims_frame(earlier)], ignore_index=True)
    assert {"C", "B"} in [set(pair) for pair in paired(claims, only(rules, "admin1", 1))]


@pytest.mark.parametrize(
    ("only", "lacking"),
    [
        ("unplaced", {"admin1": ""}),
        ("unlocated", {"latitude": None}),
        ("unlocated", {"location_precision_code": 4}),
        ("nowhere", {"admin1": "", "latitude": None}),
    ],
)
@pytest.mark.parametrize("days", [("2017-06-10", "2017-06-11"), ("2017-06-11", "2017-06-10")])
def test_only_where_one_side_lacks_something(
    rules: Ruleset, only: str, lacking: dict[str, Any], days: tuple[str, str]
) -> None:
    """A rule for claims that lack something pairs them with all others, whichever is earlier, and these not among each other."""
    linkage = only_rule(rules, "day", 1, only)
    whole = {"latitude": 35.95, "longitude": 39.0, "location_precision_code": 1}
    first, second = ({"day": day} for day in days)
    assert paired(two(whole | first, whole | second), linkage) == set()
    assert paired(two(whole | lacking | first, whole | second), linkage) == PAIR
    assert paired(two(whole | first, whole | lacking | second), linkage) == PAIR
    both = block(two(whole | lacking | first, whole | lacking | second), NO_VICTIMS, linkage)
    assert (len(both.pairs), both.summary["pairs"].tolist()) == (1, [1])


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


def lacks(claim: Any, what: str) -> bool:
    """Whether a claim lacks what a rule asks about, said the slow way."""
    unlocated = np.isnan(claim.latitude) or np.isnan(claim.longitude) or claim.location_precision_code > 3
    return {
        "": True,
        "undated": pd.isna(claim.date_start),
        "unplaced": claim.admin1 == "",
        "unlocated": unlocated,
        "nowhere": claim.admin1 == "" and unlocated,
    }[what]


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
        for number, rule in enumerate(linkage.blocking):
            if (
                left.monitor != right.monitor
                and gap <= rule.within_days
                and (lacks(left, rule.only) or lacks(right, rule.only))
                and agrees(left, right, rule.key, places)
            ):
                expected[left.Index, right.Index] = number
                break
    pairs = block(claims, NO_VICTIMS, linkage).pairs
    found = {(row.left_row, row.right_row): row.rule_no for row in pairs.itertuples()}
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
    wide = block(claims, NO_VICTIMS, only(rules, "admin1", 1, max_pairs_per_key=10_000))
    narrow = block(claims, NO_VICTIMS, only(rules, "admin1", 1, max_pairs_per_key=10))
    assert wide.summary["narrowed_keys"].tolist() == [0]
    assert narrow.summary["narrowed_keys"].tolist() == [1]
    assert (len(wide.pairs), len(narrow.pairs)) == (28, 10)
    assert paired(claims, only(rules, "admin1", 1, max_pairs_per_key=10)) == {
        (f"a{day:02}", f"c{day:02}") for day in range(1, 11)
    }


def test_key_that_stays_crowded_is_left_out_and_counted(rules: Ruleset) -> None:
    """Where the very same day still brings too many pairs the key brings none, and what it would have brought is said."""
    claims = claims_frame(
        *(
            claim_row(n, monitor=monitor, native_id=f"{n}")
            for n in range(4)
            for monitor in ("airwars", "ucdp_ged")
        )
    )
    blocked = block(claims, NO_VICTIMS, only(rules, "admin1", 1, max_pairs_per_key=10))
    (told,) = blocked.summary.to_dict("records")
    assert len(blocked.pairs) == 0
    assert (told["largest_key"], told["narrowed_keys"], told["left_out"]) == (16, 1, 16)


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
    blocked = block(two({}, {}), NO_VICTIMS, linkage)
    assert [linkage.blocking[number].code for number in blocked.pairs["rule_no"]] == ["place_name"]
    assert blocked.summary.set_index("rule_code")["pairs"].to_dict() == {
        "place_name": 1, "nearby": 0, "governorate": 1, "country_day": 0,
    }  # fmt: skip


# ---- victims -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_victims(rules: Ruleset) -> Callable[..., Linkage]:
    """A function that returns the shipped linkage of victims, or one blocking rule, and how many pairs a key may bring."""

    def run(key: str = "", *, most: int = 10_000, **window: Any) -> Linkage:
        linkage = rules.linkage["victims"]
        rule = BlockingRule(code="only", key=key, reason="a test", **window) if key else None
        blocking = (rule,) if rule else linkage.blocking
        return linkage.model_copy(update={"blocking": blocking, "max_pairs_per_key": most})

    return run


def listed(*persons: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Claims and victims of persons named A, B, C, ... on lists that take turns, unless they say otherwise."""
    letters = zip("ABCDEFGHIJ", itertools.cycle(["list_a", "list_b"]), persons, strict=False)
    return on_lists(*({"native_id": letter, "on": on} | person for letter, on, person in letters))


@pytest.mark.parametrize(
    ("key", "left", "right", "found"),
    [
        ("name", "Samer Hani Nuri", "Sameer Hany al-Noori", True),
        ("name", "Samer Hani Nuri", "Nuri Samer Hani", True),
        ("name", "Samer Hani Nuri", "سامر هاني النوري", True),
        ("name", "Samer Hani Nuri", "Samer Nuri", False),
        ("name", "Samer Nuri", "Samer Samer Nuri", True),
        ("name", "", "", False),
        ("name", "unknown", "unknown", False),
        ("name_triple", "Samer Hani Nuri", "Nuri Qasim Samer Hani", True),
        ("name_triple", "Samer Hani Nuri", "Samer Hani Qasim", False),
        ("name_triple", "Samer Nuri", "Samer Nuri", False),
        ("name_pair", "Samer Hani Nuri", "Nuri Samer", True),
        ("name_pair", "Samer Hani Nuri", "Samer Qasim", False),
        ("name_pair", "Samer", "Samer", False),
        ("name_pair", "Samer Samer", "Samer Samer", False),
        ("name_part", "Samer Hani", "Layla Samer", True),
        ("name_part", "Samer Hani", "Layla Nuri", False),
        ("name_part", "Abd al-Rahman", "Abd al-Aziz", False),
        ("name_part", "al-", "al-", False),
    ],
)
def test_names_that_are_shared(
    of_victims: Callable[..., Linkage],
    key: str,
    left: str,
    right: str,
    found: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """All parts, three, two or one of them, in any order and spelling; a name without parts shares nothing."""
    claims, victims = listed({"name": left}, {"name": right})
    assert paired(claims, of_victims(key), victims) == (PAIR if found else set())


def test_either_script_is_a_key(of_victims: Callable[..., Linkage]) -> None:
    """A name in one script meets the other list's in whichever column it stands."""
    claims, victims = listed({"name": "Samer Nuri"}, {"name": "Layla Haddad", "name_native": "سامر النوري"})
    assert paired(claims, of_victims("name"), victims) == PAIR


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("2017-06-10", "2017-06-10", True),
        ("2017-06-10", "2017-06-13", True),
        ("2017-06-13", "2017-06-10", True),
        ("2017-06-10", "2017-06-14", False),
        ("1969-12-30", "1970-01-02", True),
        ("1899-12-31", "1900-01-01", True),
        (None, "2017-06-10", False),
        (None, None, False),
    ],
)
def test_days_of_death_within_reach(
    of_victims: Callable[..., Linkage],
    left: str | None,
    right: str | None,
    found: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Where a rule looks at days, persons without one are left to other rules; days before 1970 are days too."""
    claims, victims = listed({"name": "Samer Nuri", "day": left}, {"name": "Samer Nuri", "day": right})
    assert paired(claims, of_victims("name_pair", within_days=3), victims) == (PAIR if found else set())


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("2017-06-10", None, True),
        (None, "2017-06-10", True),
        (None, None, True),
        ("2017-06-10", "2017-06-10", False),
        ("1969-12-31", None, True),
    ],
)
def test_undated_persons(
    of_victims: Callable[..., Linkage],
    left: str | None,
    right: str | None,
    found: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """A rule for undated lists pairs where one side at least states no day, once and from either side."""
    claims, victims = listed({"name": "Samer Nuri", "day": left}, {"name": "Samer Nuri", "day": right})
    linkage = of_victims("name_pair", only="undated")
    assert paired(claims, linkage, victims) == (PAIR if found else set())
    assert len(block(claims, victims, linkage).pairs) == found


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ({"age": 30}, {"age": 32}, True),
        ({"age": 32}, {"age": 30}, True),
        ({"age": 30}, {"age": 33}, False),
        ({"age": 0.2}, {"age": 2}, True),
        ({"age_low_years": 20, "age_high_years": 30}, {"age": 32}, True),
        ({"age_low_years": 60}, {"age": 99}, True),
        ({"age": 30}, {}, False),
        ({}, {}, False),
    ],
)
def test_ages_within_reach(
    of_victims: Callable[..., Linkage],
    left: dict[str, Any],
    right: dict[str, Any],
    found: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Where a rule looks at ages, they may lie so many years apart; who has none is left to other rules."""
    claims, victims = listed({"name": "Samer Nuri"} | left, {"name": "Samer Nuri"} | right)
    assert paired(claims, of_victims("name_pair", within_years=2), victims) == (PAIR if found else set())


def test_persons_are_paired_across_several_lists(of_victims: Callable[..., Linkage]) -> None:
    """Three lists that bear one person twice each give every pair of two lists, once, and none within a list."""
    persons = [
        {"on": on, "native_id": f"{on} {number}", "name": "Samer Nuri", "day": "2017-06-10"}
        for on in ("list_a", "list_b", "list_c")
        for number in range(2)
    ]
    claims, victims = on_lists(*persons)
    pairs = block(claims, victims, of_victims()).pairs
    names = claims["native_id"].tolist()
    expected = {pair for pair in itertools.combinations(names, 2) if pair[0][:6] != pair[1][:6]}
    assert {(names[row.left_row], names[row.right_row]) for row in pairs.itertuples()} == expected
    assert len(pairs) == len(expected) == 12


def test_incidents_and_victims_are_not_paired(rules: Ruleset, of_victims: Callable[..., Linkage]) -> None:
    """Rules of victims look at persons only, rules of incidents at incidents only."""
    persons, victims = listed({"name": "Samer Nuri"}, {"name": "Samer Nuri"})
    claims = pd.concat([persons, two({"native_id": "I"}, {"native_id": "J"})], ignore_index=True)
    assert paired(claims, of_victims(), victims) == PAIR
    assert paired(claims, rules.linkage["incidents"], victims) == {("I", "J")}


@pytest.mark.parametrize("persons", [[], [{"name": "Samer Nuri"}], [{"name": ""}, {"name": ""}]])
def test_lists_of_nobody_pair_nothing(
    of_victims: Callable[..., Linkage], persons: list[dict[str, Any]]
) -> None:
    """No persons, one person and persons without a name give no pairs, and every rule is accounted for."""
    claims, victims = listed(*persons)
    blocked = block(claims, victims, of_victims())
    assert len(blocked.pairs) == 0
    assert blocked.summary["rule_code"].tolist() == [rule.code for rule in of_victims().blocking]
    assert blocked.summary.drop(columns="rule_code").to_numpy().sum() == 0


# ---- narrowing of names --------------------------------------------------------------------------------------------


def namesakes(ages: Sequence[float | None], others: Sequence[float | None], **more: Any) -> tuple[Any, Any]:
    """Two lists of persons of one name and these ages."""
    lists = {"list_a": ages, "list_b": others}
    return on_lists(
        *(
            {"on": on, "native_id": f"{on[-1]}{number}", "name": "Samer Nuri", "age": age, **more}
            for on, own in lists.items()
            for number, age in enumerate(own)
        )
    )


def test_common_name_is_narrowed_to_the_age(of_victims: Callable[..., Linkage]) -> None:
    """A name of too many pairs pairs persons of one age, give or take a year; what is left out is counted."""
    claims, victims = namesakes([3, 30, 60, None], [3, 31, 63, None])
    wide, narrow = (block(claims, victims, of_victims("name_pair", most=most)) for most in (10_000, 10))
    assert (len(wide.pairs), wide.summary["largest_key"].tolist()) == (16, [16])
    assert wide.summary[["narrowed_keys", "left_out"]].to_numpy().tolist() == [[0, 0]]
    assert narrow.summary[["pairs", "narrowed_keys", "left_out"]].to_numpy().tolist() == [[3, 1, 13]]
    linkage = of_victims("name_pair", most=10)
    assert paired(claims, linkage, victims) == {("a0", "b0"), ("a1", "b1"), ("a3", "b3")}


def test_narrowing_does_not_hang_on_the_names_of_lists(of_victims: Callable[..., Linkage]) -> None:
    """Which list is named first changes neither what a narrowed name pairs nor what is left out."""
    ages, others = [3, 30, 60, None, 4], [4, 31, 63, None, 29]
    linkage = of_victims("name_pair", most=10)
    there, back = namesakes(ages, others), namesakes(others, ages)
    one, other = paired(there[0], linkage, there[1]), paired(back[0], linkage, back[1])
    assert {(left[1], right[1]) for left, right in one} == {(right[1], left[1]) for left, right in other}
    told = [block(*found, linkage).summary["left_out"].item() for found in (there, back)]
    assert told[0] == told[1] > 0


def test_common_name_is_narrowed_to_the_day(of_victims: Callable[..., Linkage]) -> None:
    """Where a rule looks at days, a common name is paired on the very same day only."""
    persons = [
        {"on": on, "native_id": f"{on[-1]}{day}", "name": "Samer Nuri", "day": f"2017-06-0{day}"}
        for on in ("list_a", "list_b")
        for day in range(1, 6)
    ]
    claims, victims = on_lists(*persons)
    linkage = of_victims("name_pair", within_days=31, most=10)
    assert paired(claims, linkage, victims) == {(f"a{day}", f"b{day}") for day in range(1, 6)}
    assert block(claims, victims, linkage).summary["left_out"].tolist() == [20]


def test_rare_name_is_left_alone(of_victims: Callable[..., Linkage]) -> None:
    """A crowd under one name takes nothing from another."""
    crowd_of_one = namesakes([3] * 4, [60] * 4)
    rare = listed({"name": "Layla Qasim", "age": 3}, {"name": "Layla Qasim", "age": 60})
    claims, victims = (pd.concat(both, ignore_index=True) for both in zip(crowd_of_one, rare, strict=True))
    assert paired(claims, of_victims("name_pair", most=10), victims) == PAIR


def test_rule_keeps_within_its_budget(rules: Ruleset) -> None:
    """A rule that brings more pairs a person than it may has its commonest names narrowed, and the rarer ones not."""
    common = namesakes([3] * 6, [60] * 6)
    rare = listed({"name": "Layla Qasim", "age": 3}, {"name": "Layla Qasim", "age": 60})
    claims, victims = (pd.concat(both, ignore_index=True) for both in zip(common, rare, strict=True))
    rule = BlockingRule(code="only", key="name_pair", reason="a test")
    tight = rules.linkage["victims"].model_copy(
        update={"blocking": (rule,), "max_pairs_per_key": 36, "max_pairs_per_claim": 2}
    )
    assert paired(claims, tight, victims) == PAIR
    assert block(claims, victims, tight).summary["left_out"].tolist() == [36]
    roomy = tight.model_copy(update={"max_pairs_per_claim": 3})
    assert len(paired(claims, roomy, victims)) == 37
    assert block(claims, victims, roomy).summary["left_out"].tolist() == [0]


# ---- all pairs of victims ------------------------------------------------------------------------------------------


def keys_of(row: Any, key: str) -> set[tuple[str, ...]]:
    """The keys of one victim, said the slow way."""
    found: set[tuple[str, ...]] = set()
    for name in (row.name_published, row.name_native):
        sketches = sorted({part.sketch for part in name_parts(name)})
        taken = {"name": len(sketches), "name_part": 1, "name_pair": 2, "name_triple": 3}[key]
        found |= set(itertools.combinations(sketches, taken)) - {()}
    return found


def slowly_paired(small: Small, rule: BlockingRule) -> set[tuple[int, int]]:
    """The pairs of a rule, found by two nested loops."""
    rows = [*small.claims.merge(small.victims, on="claim_id").itertuples()]
    found = set()
    for left, right in itertools.combinations(rows, 2):
        if left.monitor == right.monitor or not keys_of(left, rule.key) & keys_of(right, rule.key):
            continue
        undated = pd.isna(left.date_start) or pd.isna(right.date_start)
        if rule.only == "undated" and not undated:
            continue
        if rule.within_days is not None:
            gap = max(left.date_start, right.date_start) - min(left.date_end, right.date_end)
            if undated or gap.days > rule.within_days:
                continue
        if rule.within_years is not None:
            spans = [(row.age_low_years, row.age_high_years) for row in (left, right)]
            lows, highs = ([np.floor(bound) for bound in bounds] for bounds in zip(*spans, strict=True))
            if np.isnan(lows).any() or max(lows) - np.nanmin([*highs, 150]) > rule.within_years:
                continue
        found.add((left.Index, right.Index))
    return found


WINDOWS: list[dict[str, Any]] = [
    {}, {"within_days": 0}, {"within_days": 3}, {"within_days": 31}, {"within_years": 0}, {"within_years": 2}, {"only": "undated"}, {"only": "undated", "within_years": 2},
]  # fmt: skip


@budget(150)
@given(
    victim_lists(least=2),
    st.sampled_from(["name", "name_triple", "name_pair", "name_part"]),
    st.sampled_from(WINDOWS),
)
def test_exactly_the_victims_a_slow_search_finds(
    of_victims: Callable[..., Linkage], small: Small, key: str, window: dict[str, Any]
) -> None:
    """Runs of sorted names find every pair that two nested loops find, once, whatever a list leaves blank."""
    linkage = of_victims(key, **window)
    pairs = block(small.claims, small.victims, linkage).pairs
    found = [(row.left_row, row.right_row) for row in pairs.itertuples()]
    assert sorted(found) == sorted(slowly_paired(small, linkage.blocking[0]))


@budget(60)
@given(victim_lists(least=2))
def test_pair_is_named_after_its_first_rule(of_victims: Callable[..., Linkage], small: Small) -> None:
    """Of all rules of the file the pairs are those that any of them finds, each under the first that does."""
    linkage = of_victims()
    expected: dict[tuple[int, int], int] = {}
    for number, rule in enumerate(linkage.blocking):
        for pair in slowly_paired(small, rule):
            expected.setdefault(pair, number)
    pairs = block(small.claims, small.victims, linkage).pairs
    assert {(row.left_row, row.right_row): row.rule_no for row in pairs.itertuples()} == expected
    assert len(pairs) == len(expected)
