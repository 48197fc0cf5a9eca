"""How far two claims agree: one level per comparison, the same from either side, and weights that add up."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row, figures_frame

from reconcile.compare import COMPARISONS, attacker_level, compare, level_bits
from reconcile.frames import CandidatePairs, ComparedPairs, columns_of, empty, typed
from reconcile.normalize import build_context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconcile.ruleset import Ruleset

    Compare = Callable[..., pd.DataFrame]

NO_SPOT: dict[str, Any] = {"latitude": None, "longitude": None}


@pytest.fixture(scope="module")
def comparing(rules: Ruleset) -> Compare:
    """A function that compares claims pair by pair, all pairs unless told otherwise."""
    places = build_context(rules, "airwars").gazetteer.by_id

    def run(
        claims: pd.DataFrame,
        figures: Sequence[dict[str, Any]] = (),
        pairs: Sequence[tuple[int, int]] | None = None,
    ) -> pd.DataFrame:
        chosen = list(itertools.combinations(range(len(claims)), 2) if pairs is None else pairs)
        rows = pd.DataFrame(chosen, columns=["left_row", "right_row"]).assign(rule_code="only")
        return compare(
            claims,
            figures_frame(*figures),
            typed(CandidatePairs, rows) if chosen else empty(CandidatePairs),
            rules.linkage["incidents"],
            rules.vocabularies["perpetrators"],
            places,
        )

    return run


@pytest.fixture(scope="module")
def level(comparing: Compare) -> Callable[..., str]:
    """A function that returns the level of one comparison of two claims, the same from both sides."""

    def run(comparison: str, left: dict[str, Any], right: dict[str, Any], *figures: dict[str, Any]) -> str:
        claims = claims_frame(
            claim_row(1, **{"native_id": "A"} | left),
            claim_row(2, **{"monitor": "cjtf_oir", "native_id": "B"} | right),
        )
        found = comparing(claims, figures, [(0, 1), (1, 0)])[f"{comparison}_level"].unique().tolist()
        assert len(found) == 1, f"the level depends on the side: {found}"
        return str(found[0])

    return run


# ---- dates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("2017-06-10", "2017-06-10", "same_day"),
        ("2017-06-10/2017-06-12", "2017-06-10/2017-06-12", "overlapping"),
        ("2017-06-10/2017-06-12", "2017-06-12", "overlapping"),
        ("2017-06-01/2017-06-30", "2017-06-12", "overlapping"),
        ("2017-06-10", "2017-06-11", "next_day"),
        ("2017-06-01/2017-06-10", "2017-06-11/2017-06-20", "next_day"),
        ("2017-06-10", "2017-06-12", "within_2_days"),
        ("2017-06-10", "2017-06-13", "further"),
        ("2017-12-31", "2018-01-01", "next_day"),
    ],
)
def test_level_of_dates(level: Callable[..., str], left: str, right: str, expected: str) -> None:
    """The gap between two windows decides, not the gap between their first days."""
    windows = (
        dict(zip(("date_start", "date_end"), (day.split("/") * 2)[:2], strict=True)) for day in (left, right)
    )
    assert level("date", *windows) == expected


# ---- places --------------------------------------------------------------------------------------------------------


def at(latitude: float, longitude: float, name: str = "", **more: Any) -> dict[str, Any]:
    """A claim at a point; one degree of latitude is 111 km, of longitude here 90 km."""
    return {"latitude": latitude, "longitude": longitude, "place_name": name, **more}


def called(name: str, **more: Any) -> dict[str, Any]:
    """A claim at a name without a point."""
    return NO_SPOT | {"place_name": name, **more}


UNPLACED = {"admin1": "", "country_code": ""}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (at(35.95, 39.0, "Sample Mill"), at(35.955, 39.0, "Old Bridge"), "same_spot"),
        (at(35.95, 39.0, "Sample Mill"), at(35.96, 39.0, "Old Bridge"), "nearby"),
        (at(35.95, 39.0, "Sample Mill"), at(35.955, 39.0, "Old Bridge", location_precision_code=3), "nearby"),
        (at(35.95, 39.0, "Sample Mill"), at(36.05, 39.0, "Old Bridge"), "same_admin1"),
        (at(35.95, 39.0, "Sample Mill", **UNPLACED), at(36.05, 39.0, "Old Bridge"), "other"),
        (at(35.95, 39.0, "Sample Mill"), at(36.55, 39.0, "Sample Mill"), "far"),
        (called("Sample Mill"), called("the Sample Mill"), "same_name"),
        (called("Sample Mill, Raqqa"), called("near Ar-Raqqah, Syria"), "same_name"),
        (called("Sample Mill"), called("Sample Mills"), "similar_name"),
        (called("Sample camp"), called("Sample"), "similar_name"),
        (called("Kasrat Faraj"), called("Kasra Farag"), "similar_name"),
        (called("Sample Mill"), called("Old Bridge"), "same_admin1"),
        (called("Sample Mill", admin1="Homs"), called("Sample Mill"), "far"),
        (called("Sample Mill", admin1=""), called("Sample Mill"), "same_name"),
        (called("Sample Mill", admin1=""), called("Old Bridge"), "other"),
        (called(""), called("Sample Mill"), "missing"),
        (called(""), called(""), "missing"),
        (at(35.95, 39.0), called("Sample Mill"), "missing"),
        (at(35.95, 39.0), at(35.955, 39.0, "Sample Mill"), "same_spot"),
        (at(35.95, 39.0, "Old Bridge"), called("Raqqa", place_id="syr_raqqa"), "inside_town"),
        (at(36.2, 39.3, "Old Bridge"), called("Raqqa", place_id="syr_raqqa"), "same_admin1"),
        (at(35.95, 39.0, "Old Bridge"), called("Ar-Raqqa", place_id="syr_gov_ar_raqqa"), "same_admin1"),
    ],
)  # fmt: skip
def test_level_of_places(
    level: Callable[..., str], left: dict[str, Any], right: dict[str, Any], expected: str
) -> None:
    """Points where both have one, names where they share a part, the town of one around the point of the other."""
    assert level("place", left, right) == expected


def test_middle_of_a_governorate_is_not_far_from_its_places(level: Callable[..., str]) -> None:
    """A point that stands for a governorate of 160 km is not far from a spot in it: its precision allows the distance."""
    middle = at(34.25, 38.15, "Homs governorate", admin1="Homs", location_precision_code=5)
    spot = at(34.73, 36.71, "Sample Mill", admin1="Homs", location_precision_code=1)
    assert level("place", middle, spot) == "same_admin1"


# ---- attackers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("us_led_coalition", "us_led_coalition", "same"),
        ("russia us_led_coalition", "us_led_coalition russia", "same"),
        ("russia us_led_coalition", "us_led_coalition", "overlapping"),
        ("usa", "us_led_coalition", "related"),
        ("france", "usa", "different"),
        ("russia", "us_led_coalition", "different"),
        ("ypg", "sdf", "related"),
        ("", "us_led_coalition", "missing"),
        ("unknown", "us_led_coalition", "missing"),
        ("unknown us_led_coalition", "us_led_coalition", "same"),
        ("x_example_brigade", "us_led_coalition", "different"),
        ("parties:islamic_state sdf", "us_led_coalition", "parties_only"),
        ("parties:islamic_state sdf", "islamic_state", "parties_only"),
        ("parties:", "us_led_coalition", "missing"),
    ],
)
def test_level_of_attackers(rules: Ruleset, left: str, right: str, expected: str) -> None:
    """Sets over the table of who acts as part of whom; two sides of a fight name no attacker."""
    attackers = rules.vocabularies["perpetrators"]
    assert attacker_level(left, right, attackers) == attacker_level(right, left, attackers) == expected


def test_level_of_attackers_is_read_from_claims(level: Callable[..., str]) -> None:
    """A claim's attribution decides whether its codes are attackers or the two sides of a fight."""
    codes = {"perpetrator_codes": "us_led_coalition"}
    assert level("attacker", codes, codes) == "same"
    assert level("attacker", codes | {"attribution_code": "parties"}, codes) == "parties_only"


# ---- numbers -------------------------------------------------------------------------------------------------------


def killed(claim: str, bounds: tuple[float, float | None] | None, **more: Any) -> list[dict[str, Any]]:
    """The figure of a claim, none where it states no number; a high of None is open."""
    if bounds is None:
        return []
    low, high = bounds
    return [figure_row(claim, low, high, is_open=high is None, **more)]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ((4, 4), (4, 4), "equal_rare"),
        ((4, 6), (4, 6), "equal_rare"),
        ((3, 5), (3, 5), "equal"),
        ((3, 3), (3, 3), "equal"),
        ((1, 1), (1, 1), "equal"),
        ((0, 0), (0, 0), "equal"),
        ((3, 5), (5, 9), "overlapping"),
        ((3, 9), (4, 4), "overlapping"),
        ((1, 1), (2, 2), "near"),
        ((10, 10), (15, 15), "near"),
        ((0, 0), (1, 1), "none_against_some"),
        ((9, 9), (0, 0), "none_against_some"),
        ((1, 1), (9, 9), "disjoint"),
        ((10, 10), (21, 21), "disjoint"),
        ((5, None), (7, 7), "overlapping"),
        ((5, None), (9, None), "overlapping"),
        ((40, None), (3, 3), "disjoint"),
        (None, (3, 3), "missing"),
        (None, None, "missing"),
    ],
)
def test_level_of_numbers(
    level: Callable[..., str],
    left: tuple[float, float | None] | None,
    right: tuple[float, float | None] | None,
    expected: str,
) -> None:
    """Intervals that meet overlap, an open one reaches up; the same number counts for more from four on."""
    assert level("number", {}, {}, *killed("airwars:A", left), *killed("cjtf_oir:B", right)) == expected


def test_which_number_is_compared(level: Callable[..., str]) -> None:
    """Civilians where a claim states them, else everyone; neither the injured, nor fighters, nor children alone."""
    right = killed("cjtf_oir:B", (4, 4))
    everyone = killed("airwars:A", (9, 9), population_code="all")
    assert level("number", {}, {}, *everyone, *killed("airwars:A", (4, 4)), *right) == "equal_rare"
    assert level("number", {}, {}, *everyone, *right) == "disjoint"
    for other in ({"measure_code": "injured"}, {"population_code": "combatant"}, {"age_group_code": "child"}):
        assert level("number", {}, {}, *killed("airwars:A", (4, 4), **other), *right) == "missing"


# ---- positions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "position", "expected"),
    [
        ("confirmed", "conceded", "conceded_confirmed"),
        ("fair", "conceded", "conceded_unconfirmed"),
        ("discounted", "conceded", "conceded_unconfirmed"),
        ("confirmed", "denied", "denied_confirmed"),
        ("confirmed", "not_assessed", "denied_confirmed"),
        ("discounted", "denied", "denied_discounted"),
        ("weak", "denied", "denied_unconfirmed"),
        ("clear", "denied", "missing"),
        ("", "denied", "missing"),
        ("confirmed", "unclear", "missing"),
        ("confirmed", "", "missing"),
    ],
)
def test_level_of_positions(level: Callable[..., str], grade: str, position: str, expected: str) -> None:
    """A belligerent's position is laid beside the other side's grade, whichever side it stands on."""
    assert (
        level("position", {"grade_code": grade}, {"position_code": position, "grade_code": "credible"})
        == expected
    )


def test_two_positions_say_nothing_of_each_other(level: Callable[..., str]) -> None:
    """Where both sides are belligerents there is no grade to lay a position beside."""
    assert level("position", {"position_code": "denied"}, {"position_code": "conceded"}) == "missing"


# ---- weights -------------------------------------------------------------------------------------------------------


def mixed(size: int, seed: int) -> pd.DataFrame:
    """Claims with anything blank that may be blank."""
    chance = random.Random(seed)  # noqa: S311 - the same on every run
    names = ["", "Raqqa", "Sample Mill", "Sample Mills", "Sample Mill, Raqqa", "Old Bridge", "city", "هجين"]
    rows = []
    for number in range(size):
        first = pd.Timestamp("2017-06-10") + pd.Timedelta(days=chance.randrange(4))
        rows.append(
            claim_row(
                number,
                monitor=chance.choice(["airwars", "cjtf_oir"]),
                date_start=first,
                date_end=first + pd.Timedelta(days=chance.choice([0, 0, 5])),
                place_name=chance.choice(names),
                place_id=chance.choice(["", "syr_raqqa"]),
                admin1=chance.choice(["", "Ar-Raqqa", "Homs"]),
                location_precision_code=chance.choice([1, 2, 3, 5]),
                perpetrator_codes=chance.choice(["", "unknown", "usa", "us_led_coalition", "russia usa"]),
                attribution_code=chance.choice(["likely", "parties"]),
                position_code=chance.choice(["", "", "denied", "conceded"]),
                grade_code=chance.choice(["", "fair", "confirmed", "discounted"]),
                **chance.choice([NO_SPOT, {"latitude": 35.95, "longitude": 39 + chance.random()}]),
            )
        )
    return claims_frame(*rows)


def numbers(claims: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """A number killed for two claims of three."""
    chance = random.Random(seed)  # noqa: S311 - the same on every run
    return [
        figure_row(claim, low, low + chance.choice([0, 0, 3]), is_open=chance.random() < 0.1)
        for claim in claims["claim_id"]
        if (low := chance.randrange(6)) and chance.random() < 0.66
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_sides_do_not_matter(comparing: Compare, seed: int) -> None:
    """Swapping left and right changes no level and no weight, whatever either side leaves blank."""
    claims = mixed(30, seed)
    pairs = list(itertools.combinations(range(len(claims)), 2))
    figures = numbers(claims, seed)
    there = comparing(claims, figures, pairs)
    back = comparing(claims, figures, [(right, left) for left, right in pairs])
    kept = [f"{name}_level" for name in COMPARISONS] + ["rarity_bits", "match_weight", "match_probability"]
    pd.testing.assert_frame_equal(there[kept], back[kept])


def test_weights_add_up(comparing: Compare, rules: Ruleset) -> None:
    """A pair's weight is the prior, its levels' bits and its rarity, added; its probability says the same."""
    linkage = rules.linkage["incidents"]
    bits = level_bits(linkage)
    claims = mixed(30, 3)
    compared = comparing(claims, numbers(claims, 3))
    expected = [
        linkage.prior_bits
        + row.rarity_bits
        + sum(bits[name, getattr(row, f"{name}_level")] for name in COMPARISONS)
        for row in compared.itertuples()
    ]
    np.testing.assert_allclose(compared["match_weight"], expected)
    np.testing.assert_allclose(compared["match_probability"], 1 / (1 + 2.0 ** -np.array(expected)))
    assert compared["place_level"].nunique() > 5


def test_bits_of_a_level(rules: Ruleset) -> None:
    """A level's weight is log2 of m over u, by the rule file; missing weighs nothing."""
    bits = level_bits(rules.linkage["incidents"])
    same = rules.linkage["incidents"].comparisons["date"]["same_day"]
    assert bits["date", "same_day"] == pytest.approx(np.log2(same.m / same.u))
    assert {bits[name, "missing"] for name in COMPARISONS} == {0.0}


def test_rare_name_weighs_more_than_a_common_one(comparing: Compare, rules: Ruleset) -> None:
    """Agreeing on a name that few bear adds at most the cap; on one that all bear it takes; no name, no rarity."""
    cap = rules.linkage["incidents"].rarity_cap_bits
    common = [
        claim_row(n, monitor=("airwars", "cjtf_oir")[n % 2], place_name="Sample Mill") for n in range(200)
    ]
    rare = [claim_row(200 + n, monitor=("airwars", "cjtf_oir")[n], place_name="Old Bridge") for n in range(2)]
    claims = claims_frame(*common, *rare)
    row = {name: position for position, name in enumerate(claims["native_id"])}
    pairs = [(row["X200"], row["X201"]), (row["X0"], row["X1"]), (row["X0"], row["X201"])]
    compared = comparing(claims, pairs=pairs)
    few, many, none = compared["rarity_bits"]
    assert -cap <= many < 0 <= few <= cap
    assert none == 0
    assert compared["place_level"].tolist() == ["same_name", "same_name", "same_admin1"]


def test_rarest_shared_part_counts(comparing: Compare) -> None:
    """Two names that share a common town and a rare square agree on the square."""
    others = [claim_row(n, place_name="Raqqa") for n in range(60)]
    square = [
        claim_row(60 + n, monitor=("airwars", "cjtf_oir")[n], place_name="Sample Square, Raqqa")
        for n in range(2)
    ]
    town = [claim_row(70, monitor="cjtf_oir", place_name="Raqqa")]
    claims = claims_frame(*others, *square, *town)
    row = {name: position for position, name in enumerate(claims["native_id"])}
    compared = comparing(claims, pairs=[(row["X60"], row["X61"]), (row["X60"], row["X70"])])
    assert compared["rarity_bits"].iloc[0] > compared["rarity_bits"].iloc[1]


def test_pairs_come_out_as_they_went_in(comparing: Compare) -> None:
    """Rows keep their order and their columns; no pairs give an empty frame of the same shape."""
    claims = mixed(6, 4)
    pairs = [(3, 5), (0, 1), (2, 4)]
    compared = comparing(claims, pairs=pairs)
    assert list(zip(compared["left_row"], compared["right_row"], strict=True)) == pairs
    assert compared["rule_code"].tolist() == ["only"] * 3
    none = comparing(claims, pairs=[])
    assert (len(none), list(none.columns)) == (0, columns_of(ComparedPairs))
