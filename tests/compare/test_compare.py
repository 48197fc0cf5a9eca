"""Compared pairs: weights that add up, the same from either side, and patterns that count every pair."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row

from reconcile.compare import level_bits
from reconcile.frames import ComparedPairs, columns_of
from reconcile.ruleset import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.ruleset import Ruleset

    Compare = Callable[..., pd.DataFrame]

COMPARISONS = tuple(LEVELS["incident"])
NO_SPOT: dict[str, Any] = {"latitude": None, "longitude": None}


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


def reported(name: str, days: int, first: int = 0, **more: Any) -> list[dict[str, Any]]:
    """Claims at a place, one a day of each of two monitors, over so many days."""
    start = pd.Timestamp("2017-05-01")
    return [
        claim_row(
            number,
            native_id=f"{monitor[0]}{first + number}",
            monitor=monitor,
            day=f"{start + pd.Timedelta(days=number):%Y-%m-%d}",
            place_name=name,
            **NO_SPOT | more,
        )
        for number in range(days)
        for monitor in ("airwars", "cjtf_oir")
    ]


def test_rare_name_weighs_more_than_a_common_one(comparing: Compare, rules: Ruleset) -> None:
    """Agreeing on a place with few claims adds at most the cap, on one with many it takes at most the floor, and less than that."""
    linkage = rules.linkage["incidents"]
    claims = claims_frame(*reported("Sample Mill", 90), *reported("Old Bridge", 1, first=200))
    row = {name: position for position, name in enumerate(claims["native_id"])}
    pairs = [(row["a200"], row["c200"]), (row["a45"], row["c45"]), (row["a45"], row["c200"])]
    compared = comparing(claims, pairs=pairs)
    few, many, none = compared["rarity_bits"]
    assert linkage.rarity_floor_bits <= none <= many < few <= linkage.rarity_cap_bits
    assert compared["place_level"].tolist() == ["same_name", "same_name", "same_admin1"]


def test_rarest_shared_part_counts(comparing: Compare) -> None:
    """Two names that share a common town and a rare square agree on the square."""
    claims = claims_frame(*reported("Raqqa", 90), *reported("Sample Square, Raqqa", 1, first=200))
    row = {name: position for position, name in enumerate(claims["native_id"])}
    compared = comparing(claims, pairs=[(row["a200"], row["c200"]), (row["a200"], row["c0"])])
    assert compared["place_level"].tolist() == ["same_name", "part_of"]
    assert compared["rarity_bits"].iloc[0] > compared["rarity_bits"].iloc[1]


def test_pairs_come_out_as_they_went_in(comparing: Compare) -> None:
    """Rows keep their order and their columns; no pairs give an empty frame of the same shape."""
    claims = mixed(6, 4)
    pairs = [(3, 5), (0, 1), (2, 4)]
    compared = comparing(claims, pairs=pairs)
    assert list(zip(compared["left_row"], compared["right_row"], strict=True)) == pairs
    assert compared["rule_no"].tolist() == [0] * 3
    none = comparing(claims, pairs=[])
    assert (len(none), list(none.columns)[: len(columns_of(ComparedPairs))]) == (0, columns_of(ComparedPairs))
