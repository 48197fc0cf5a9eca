"""How two names align: part against part, in any order, the same from both sides. All names are invented."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import NAME_PARTS, NATIVE_PARTS, budget, names

from reconcile.compare.names import ALIKE, MOST_PARTS, NONE, SAME, Alignment, Names

RATIO = 57.0


def aligned(one: str, other: str, *more: str) -> dict[str, Any]:
    """How two names stand to each other among some more, as plain values."""
    found = Names([one, other, *more], RATIO).align(np.array([0]), np.array([1]))
    return {field.name: getattr(found, field.name)[0].item() for field in fields(Alignment)}


# ---- parts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "shorter", "matched", "alike"),
    [
        ("Samer Hani Nuri", "Samer Hani Nuri", 3, 3, 0),
        ("Samer Hani Nuri", "Sameer Hany al-Noori", 3, 3, 0),
        ("Samer Hani Nuri", "سامر هاني النوري", 3, 3, 0),
        ("Samer Hani Nuri", "Nuri Hani Samer", 3, 3, 0),
        ("Samer Hani Nuri", "Samer Nuri", 2, 2, 0),
        ("Samer Hani Qasim Nuri", "Samer Nuri", 2, 2, 0),
        ("Samer Nuri", "Samer Haddad", 2, 1, 0),
        ("Samer Nuri", "Layla Haddad", 2, 0, 0),
        ("Samer Nuri", "Tamer Nuri", 2, 2, 1),
        ("Samer Hani Nuri", "Samer H. Nuri", 3, 3, 1),
        ("S. Nuri", "Samer Nuri", 2, 2, 1),
        ("Samer Samer Nuri", "Samer Nuri", 2, 2, 0),
        ("Samer Samer Nuri", "Samer Samer Nuri", 3, 3, 0),
        ("Samer Samer Nuri", "Samer Hani Nuri", 3, 2, 0),
        ("Abd al-Rahman Nuri", "Abdulrahman Nuri", 2, 2, 0),
        ("Samer", "Samer Hani Nuri", 1, 1, 0),
        ("Samer", "Tamer", 1, 1, 1),
        ("Samer", "Layla", 1, 0, 0),
        ("", "Samer Nuri", 0, 0, 0),
        ("", "", 0, 0, 0),
    ],
)
def test_parts_find_their_partners(one: str, other: str, shorter: int, matched: int, alike: int) -> None:
    """Each part has one partner at most, the same before the alike, and what the longer name has more is no fault."""
    for pair in ((one, other), (other, one)):
        found = aligned(*pair)
        assert (found["shorter"], found["matched"], found["alike"]) == (shorter, matched, alike)


@pytest.mark.parametrize(
    ("one", "other", "matched"),
    [
        ("Samer Hani", "Sami Hadi", 0),
        ("Samer Hani Nuri", "Sami Hadi Nuri", 1),
        ("Samer Hani Nuri Qasim", "Sami Hadi Nuri Qasim", 4),
        ("Samer Hani Nuri", "Sami Hani Nuri", 3),
    ],
)
def test_most_of_a_name_has_to_agree(one: str, other: str, matched: int) -> None:
    """Parts that are merely spelled alike are partners only where at least half of the shorter name agrees without them."""
    assert aligned(one, other)["matched"] == aligned(other, one)["matched"] == matched


# ---- order ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "in_order", "rotated"),
    [
        ("Samer Hani Nuri", "Samer Hani Nuri", True, False),
        ("Samer Hani Nuri", "Samer Nuri", True, False),
        ("Samer Hani Nuri", "Hani Nuri", True, False),
        ("Samer Hani Nuri", "Nuri Samer Hani", False, True),
        ("Samer Hani Nuri", "Hani Nuri Samer", False, True),
        ("Samer Nuri", "Nuri Samer", False, True),
        ("Samer Hani Nuri", "Nuri Hani Samer", False, False),
        ("Samer Hani Nuri", "Hani Samer Nuri", False, False),
        ("Samer Samer Nuri", "Samer Samer Nuri", True, False),
        ("Nuri Samer Nuri", "Samer Nuri", True, False),
        ("Nuri Hani Nuri", "Hani Nuri", True, False),
        ("Hani Nuri Hani", "Hani Nuri", True, False),
        ("Samer Nuri", "Layla Haddad", True, False),
    ],
)
def test_order_of_partners(one: str, other: str, in_order: bool, rotated: bool) -> None:  # noqa: FBT001 - columns of the table
    """Partners stand in one order, or in one that is only turned, or in none; a repeated part does not blur it."""
    for pair in ((one, other), (other, one)):
        found = aligned(*pair)
        assert (found["in_order"], found["rotated"]) == (in_order, rotated)


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [
        ("Samer Nuri", "Samer Haddad", SAME),
        ("Samer Nuri", "سامر حداد", SAME),
        ("Samer Nuri", "Tamer Nuri", ALIKE),
        ("Samer Nuri", "Layla Nuri", NONE),
        ("Samer Nuri", "Nuri Samer", NONE),
        ("Hani Samer Nuri", "Samer Nuri", NONE),
    ],
)
def test_given_names_are_looked_at(one: str, other: str, first: int) -> None:
    """The first parts are each other's partners firmly, loosely or not."""
    assert aligned(one, other)["first"] == aligned(other, one)["first"] == first


# ---- rarity --------------------------------------------------------------------------------------------------------


def test_rare_parts_say_more() -> None:
    """A part that few bear adds more bits than one that many bear; one that is only alike adds half; none adds none."""
    crowd = ["Samer Haddad"] * 30
    rare = aligned("Layla Nuri", "Layla Nuri", *crowd)["share_bits"]
    common = aligned("Samer Haddad", "Samer Haddad", *crowd)["share_bits"]
    assert rare == pytest.approx(2 * np.log2(32 / 2))
    assert common == 0
    assert aligned("Samer Nuri", "Layla Haddad", *crowd)["share_bits"] == 0
    alike = aligned("Salman Nuri", "Salmin Nuri", *crowd)["share_bits"]
    assert 0 < alike <= rare


def test_part_that_a_name_bears_twice_is_borne_once() -> None:
    """How rare a part is is counted over claims, not over words."""
    once, twice = (aligned("Nuri Layla", "Nuri", *[name] * 8)["share_bits"] for name in ("Nuri", "Nuri Nuri"))
    assert once == twice


# ---- edges ---------------------------------------------------------------------------------------------------------


def test_no_names_and_no_pairs() -> None:
    """Names that are all blank align with nothing; no pairs give no entries."""
    blank = Names(["", ""], RATIO)
    assert blank.align(np.array([0]), np.array([1])).matched.tolist() == [0]
    assert len(blank.align(np.array([], dtype=np.int64), np.array([], dtype=np.int64)).matched) == 0
    assert len(Names([], RATIO).size) == 0


def test_a_very_long_name_is_cut() -> None:
    """Of a name of a hundred parts the first few are looked at."""
    found = aligned("Samer Nuri " * 50, "Samer Nuri " * 50)
    assert found["matched"] == found["shorter"] == MOST_PARTS


def test_second_script_is_taken_where_it_says_more() -> None:
    """Of two alignments the one that lacks less counts, among equals the one whose parts are rarer, else the first."""
    some = Names(["Samer Nuri", "Layla Nuri", "", "Samer Nuri"], RATIO)
    here, there = np.array([0, 0, 2]), np.array([1, 3, 1])
    first = some.align(here, there)
    swapped = some.align(np.array([0, 0, 0]), np.array([3, 1, 3]))
    better = first.better(np.arange(3), swapped)
    assert better.matched.tolist() == [2, 2, 2]
    assert better.shorter.tolist() == [2, 2, 2]
    kept = swapped.better(np.array([0]), some.align(np.array([2]), np.array([0])))
    assert kept.matched.tolist() == swapped.matched.tolist()


# ---- what holds for any two names ----------------------------------------------------------------------------------

ANY_NAME = names(NAME_PARTS + NATIVE_PARTS) | st.text(max_size=20)


@budget(200)
@given(ANY_NAME, ANY_NAME, st.lists(ANY_NAME, max_size=3))
def test_sides_and_neighbours_do_not_matter(one: str, other: str, more: list[str]) -> None:
    """An alignment is the same from both sides, and whichever of the names was met first."""
    there, back = aligned(one, other, *more), aligned(other, one, *more)
    assert there == pytest.approx(back)
    turned = Names([*reversed(more), other, one], RATIO).align(
        np.array([len(more)]), np.array([len(more) + 1])
    )
    assert {name: getattr(turned, name)[0].item() for name in there} == pytest.approx(there)


@budget(200)
@given(ANY_NAME, ANY_NAME)
def test_alignment_stays_within_the_names(one: str, other: str) -> None:
    """No more parts match than the shorter name has, no more are alike than match, and a name is the same as itself."""
    found = aligned(one, other)
    assert 0 <= found["alike"] <= found["matched"] <= found["shorter"]
    assert found["share_bits"] >= 0
    assert not (found["in_order"] and found["rotated"])
    itself = aligned(one, one)
    assert (itself["matched"], itself["alike"], itself["in_order"]) == (itself["shorter"], 0, True)
