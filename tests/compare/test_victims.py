"""How far two victims agree: names in either script, ages, sexes, days and incidents. All names are invented."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import claim_row, claims_frame, on_lists

from compare.conftest import only_one
from reconcile.compare import prior_bits

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.compare import Surroundings
    from reconcile.ruleset import Linkage, Ruleset

    Compare = Callable[..., pd.DataFrame]

MONTH = 1 / 12


@pytest.fixture(scope="module")
def linkage(rules: Ruleset) -> Linkage:
    """The shipped linkage of victims."""
    return rules.linkage["victims"]


@pytest.fixture(scope="module")
def level(comparing: Compare, linkage: Linkage) -> Callable[..., str]:
    """A function that returns the level of one comparison of two persons, the same from both sides."""

    def run(comparison: str, left: dict[str, Any], right: dict[str, Any]) -> str:
        claims, victims = on_lists({"on": "list_a"} | left, {"on": "list_b"} | right)
        found = comparing(claims, pairs=[(0, 1), (1, 0)], victims=victims, linkage=linkage)
        return only_one(found[f"{comparison}_level"])

    return run


# ---- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("Samer Hani Nuri", "Samer Hani Nuri", "same_parts"),
        ("Samer Hani Nuri", "Sameer Hany al-Noori", "same_parts"),
        ("Samer Hani Nuri", "Samer Nuri", "same_parts"),
        ("Samer Hani Nuri", "Samer Hani", "same_parts"),
        ("Samer Hani Nuri", "Hani Nuri", "same_parts_moved"),
        ("Samer Hani Nuri", "Nuri Samer Hani", "same_parts_moved"),
        ("Samer Hani Nuri", "Nuri Hani Samer", "same_parts_moved"),
        ("Samer Hani Nuri", "Tamer Hani Nuri", "one_alike"),
        ("Samer Hani Nuri", "S. Hani Nuri", "one_alike"),
        ("Samer Hani Nuri", "Nuri Tamer Hani", "loosely_alike"),
        ("Samer Hani Nuri", "Samer Hani Haddad", "one_differs"),
        ("Samer Hani Nuri", "Samer Layla Nuri", "one_differs"),
        ("Samer Hani Nuri", "Layla Hani Nuri", "given_differs"),
        ("Samer Hani Nuri", "Samer Layla Haddad", "some_shared"),
        ("Samer Nuri", "Samer Haddad", "some_shared"),
        ("Samer Nuri", "Layla Nuri", "some_shared"),
        ("Samer Nuri", "Layla Haddad", "none_shared"),
        ("Samer", "Samer Nuri", "same_parts"),
        ("Samer", "Layla Nuri", "none_shared"),
        ("", "Samer Nuri", "missing"),
        ("", "", "missing"),
        ("unknown", "Samer Nuri", "missing"),
    ],
)
def test_level_of_names(level: Callable[..., str], left: str, right: str, expected: str) -> None:
    """Every part of the shorter name, in order or not, all but one, the given name or another, some, none."""
    assert level("name", {"name": left}, {"name": right}) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (("Samer Nuri", ""), ("", "سامر النوري"), "same_parts"),
        (("", "سامر النوري"), ("", "سامر نوري"), "same_parts"),
        (("", "سامر النوري"), ("Samer Nuri", ""), "same_parts"),
        (("Zamir Nory", "سامر النوري"), ("Layla Haddad", "سامر النوري"), "same_parts"),
        (("Samer Nuri", "ليلى حداد"), ("Samer Nuri", "هاني قاسم"), "same_parts"),
        (("Samer Nuri", "ليلى حداد"), ("ليلى حداد", "Qasim Hani"), "same_parts"),
        (("Samer Hani Nuri", "سامر النوري"), ("Samer Layla Nuri", "سامر النوري"), "same_parts"),
        (("Samer Nuri", "سامر النوري"), ("", ""), "missing"),
        (("unknown", "سامر النوري"), ("Samer Nuri", "هاني"), "same_parts"),
        (("Samer Nuri", "ليلى حداد"), ("Layla Haddad", "نوري سامر"), "same_parts"),
    ],
)
def test_second_script_is_a_second_chance(
    level: Callable[..., str], left: tuple[str, str], right: tuple[str, str], expected: str
) -> None:
    """Of all ways to lay the scripts of two names beside each other the one counts in which they agree best."""
    first, second = ({"name": name, "name_native": native} for name, native in (left, right))
    assert level("name", first, second) == expected


def rarity(comparing: Compare, linkage: Linkage, *persons: dict[str, Any]) -> float:
    """Rarity in bits of the pair of the first and the last of some persons."""
    everybody = [{"native_id": f"P{number:03}"} | person for number, person in enumerate(persons)]
    claims, victims = on_lists(*everybody)
    row = {name: position for position, name in enumerate(claims["native_id"])}
    pair = [(row["P000"], row[f"P{len(persons) - 1:03}"])]
    return float(comparing(claims, pairs=pair, victims=victims, linkage=linkage)["rarity_bits"].iloc[0])


def test_rare_name_weighs_more_than_a_common_one(comparing: Compare, linkage: Linkage) -> None:
    """Two persons of a name that nobody else bears are likelier one than two of a name that many bear."""
    one, other = {"on": "list_a", "name": "Samer Nuri"}, {"on": "list_b", "name": "Samer Nuri"}
    strangers = [{"on": "list_a", "name": f"Layla {letter * 2}ar"} for letter in "bdfgklmrst"] * 3
    namesakes = [{"on": "list_a", "name": "Samer Nuri"}] * 30
    rare, common = (rarity(comparing, linkage, one, *rest, other) for rest in (strangers, namesakes))
    assert linkage.rarity_floor_bits <= common < rare <= linkage.rarity_cap_bits


def test_day_on_which_many_died_weighs_less(comparing: Compare, linkage: Linkage) -> None:
    """Agreeing on a day of many dead says less than on one of few; a day apart knows nothing rare."""
    one, other = {"on": "list_a", "day": "2017-06-10"}, {"on": "list_b", "day": "2017-06-10"}
    spread = [{"on": "list_a", "day": f"2017-07-{day:02}"} for day in range(1, 31)]
    massacre = [{"on": "list_a", "day": "2017-06-10"}] * 30
    few, many = (rarity(comparing, linkage, one, *rest, other) for rest in (spread, massacre))
    assert linkage.rarity_floor_bits <= many < few <= linkage.rarity_cap_bits
    assert rarity(comparing, linkage, one, *spread, other | {"day": "2017-06-11"}) == 0


# ---- ages ----------------------------------------------------------------------------------------------------------


def aged(low: float | None, high: float | None = -1, **more: Any) -> dict[str, Any]:
    """A person of an age, one number unless a high is given."""
    return {"age_low_years": low, "age_high_years": low if high == -1 else high, **more}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (aged(30), aged(30), "same_year"),
        (aged(30), aged(31), "one_year"),
        (aged(30), aged(32), "few_years"),
        (aged(30), aged(35), "few_years"),
        (aged(30), aged(36), "further"),
        (aged(0), aged(0), "same_year"),
        (aged(0), aged(1), "one_year"),
        (aged(2 * MONTH, 3 * MONTH), aged(0), "same_year"),
        (aged(2 * MONTH, 3 * MONTH), aged(1), "same_year"),
        (aged(2 * MONTH, 3 * MONTH), aged(2), "one_year"),
        (aged(2 * MONTH, 3 * MONTH), aged(7), "further"),
        (aged(20, 25), aged(23), "same_year"),
        (aged(20, 25), aged(26), "one_year"),
        (aged(20, 25), aged(30, 40), "few_years"),
        (aged(60, None), aged(80), "same_year"),
        (aged(60, None), aged(58), "few_years"),
        (aged(60, None), aged(3), "further"),
        (aged(None, 18), aged(3), "same_year"),
        (aged(None, 18), aged(20), "few_years"),
        (aged(None), aged(30), "missing"),
        (aged(None), aged(None), "missing"),
    ],
)
def test_level_of_ages(
    level: Callable[..., str], left: dict[str, Any], right: dict[str, Any], expected: str
) -> None:
    """Intervals that meet are the same age; months of a newborn are a fraction of a year; an open interval reaches on."""
    assert level("age", left, right) == expected


@pytest.mark.parametrize(
    ("born", "died", "age", "expected"),
    [
        (1990, "2017-06-10", 27, "same_year"),
        (1990, "2017-06-10", 26, "same_year"),
        (1990, "2017-01-01", 26, "same_year"),
        (1990, "2017-06-10", 28, "one_year"),
        (1990, "2017-06-10", 25, "one_year"),
        (1990, "2017-06-10", 40, "further"),
        (2017, "2017-06-10", 0, "same_year"),
        (2017, "2017-06-10", MONTH, "same_year"),
        (1990, None, 27, "missing"),
    ],
)
def test_age_by_the_year_of_birth(
    level: Callable[..., str], born: int, died: str | None, age: float, expected: str
) -> None:
    """Who was born in 1990 and died in 2017 was 26 or 27; without a day of death the year of birth gives no age."""
    assert level("age", {"birth_year": born, "day": died}, aged(age)) == expected


def test_stated_age_goes_before_the_year_of_birth(level: Callable[..., str]) -> None:
    """Where a list states both, the age is compared."""
    both = aged(30, birth_year=1990, day="2017-06-10")
    assert level("age", both, aged(30)) == "same_year"
    assert level("age", both, aged(27)) == "few_years"


# ---- sexes, days, places -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("female", "female", "same"),
        ("male", "male", "same"),
        ("male", "female", "different"),
        ("unknown", "female", "missing"),
        ("", "female", "missing"),
        ("unknown", "unknown", "missing"),
    ],
)
def test_level_of_sexes(level: Callable[..., str], left: str, right: str, expected: str) -> None:
    """What is not stated speaks neither for nor against."""
    assert level("sex", {"sex_code": left}, {"sex_code": right}) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("2017-06-10", "2017-06-10", "same_day"),
        ("2017-06-10", "2017-06-11", "next_day"),
        ("2017-06-10", "2017-06-12", "within_week"),
        ("2017-06-10", "2017-06-17", "within_week"),
        ("2017-06-10", "2017-06-18", "within_month"),
        ("2017-06-10", "2017-07-11", "within_month"),
        ("2017-06-10", "2017-07-12", "further"),
        ("2016-06-10", "2017-06-10", "further"),
        ("1969-12-31", "1970-01-01", "next_day"),
        ("2017-06-01/2017-06-30", "2017-06-12", "same_day"),
        ("2017-06-01/2017-06-30", "2017-07-01", "next_day"),
        (None, "2017-06-10", "missing"),
        (None, None, "missing"),
    ],
)
def test_level_of_days(level: Callable[..., str], left: str | None, right: str | None, expected: str) -> None:
    """The gap between two windows decides; a person without a day of death says nothing of it."""
    windows = (
        {"day": day} if day is None else dict(zip(("day", "date_end"), (day.split("/") * 2)[:2], strict=True))
        for day in (left, right)
    )
    assert level("date", *windows) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("Sample Mill", "the Sample Mill", "same_name"),
        ("Sample Mill", "Sample Mills", "similar_name"),
        ("Sample Mill", "Old Bridge", "other"),
        ("", "Sample Mill", "missing"),
    ],
)
def test_places_are_those_of_incidents(
    level: Callable[..., str], left: str, right: str, expected: str
) -> None:
    """Where two persons died is compared as it is for incidents."""
    assert level("place", {"place_name": left}, {"place_name": right}) == expected


# ---- incidents -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "clusters", "expected"),
    [
        (("A", "B"), {"list_a:A": "inc_1", "list_b:B": "inc_1"}, "same"),
        (("A", "B"), {"list_a:A": "inc_1", "list_b:B": "inc_2"}, "other"),
        (("A", ""), {"list_a:A": "inc_1", "list_b:B": "inc_1"}, "missing"),
        (("A", "C"), {"list_a:A": "inc_1", "list_b:B": "inc_1"}, "missing"),
        (("A", "B"), {}, "missing"),
    ],
)
def test_level_of_incidents(
    comparing: Compare,
    linkage: Linkage,
    around: Surroundings,
    codes: tuple[str, str],
    clusters: dict[str, str],
    expected: str,
) -> None:
    """Two persons died in one incident where those that their lists name were linked; before that nothing is known."""
    persons, victims = on_lists(
        *(
            {"on": on, "native_id": f"V {on}", "native_incident_ids": code}
            for on, code in zip(("list_a", "list_b"), codes, strict=True)
        )
    )
    incidents = claims_frame(
        claim_row(1, monitor="list_a", native_id="A"), claim_row(2, monitor="list_b", native_id="B")
    )
    claims = pd.concat([persons, incidents]).sort_values("claim_id", ignore_index=True)
    pair = tuple(np.flatnonzero(claims["kind_code"] == "victim"))
    others = {claim: claim for claim in claims["claim_id"]} if clusters else {}
    found = comparing(
        claims,
        pairs=[pair, pair[::-1]],
        victims=victims,
        linkage=linkage,
        around=replace(around, clusters=others | clusters),
    )
    assert only_one(found["incident_level"]) == expected


# ---- before anything is compared -----------------------------------------------------------------------------------


def test_prior_follows_from_the_lists(linkage: Linkage) -> None:
    """Of two lists of 10 and 40, half of the shorter is expected in the longer: 5 of 400 pairs; one list alone has none."""
    shorter = [{"on": "list_a", "native_id": f"A{number}"} for number in range(10)]
    longer = [{"on": "list_b", "native_id": f"B{number}"} for number in range(40)]
    half = linkage.model_copy(update={"expected_share": 0.5})
    both, _ = on_lists(*shorter, *longer)
    assert prior_bits(half, both) == pytest.approx(np.log2(5 / 395))
    assert prior_bits(half, both.assign(kind_code="incident")) == 0
    assert prior_bits(half, on_lists(*shorter)[0]) == 0
    assert prior_bits(half, on_lists()[0]) == 0


def test_prior_of_two_short_lists_is_finite(linkage: Linkage) -> None:
    """One person on each list, every one of them expected on the other: the odds are long, and not endless."""
    one_each, _ = on_lists({"on": "list_a"}, {"on": "list_b"})
    assert np.isfinite(prior_bits(linkage.model_copy(update={"expected_share": 1.0}), one_each))
