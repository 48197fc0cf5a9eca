"""Levels as numbers: packed into one pattern, unpacked and spelled out again, and what they weigh."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.frames import LEVEL_COLUMNS
from reconcile.levels import (
    MISSING,
    choose,
    level_bits,
    number_of,
    pack,
    pattern_bits,
    radices,
    spell_levels,
    spelled,
    unpack,
    usual_share,
)
from reconcile.ruleset import LEVELS, LinkedKind

if TYPE_CHECKING:
    from reconcile.ruleset import Linkage, Ruleset

KINDS = get_args(LinkedKind)
FILES = {"incident": "incidents", "victim": "victims"}


def size_of(kind: LinkedKind) -> int:
    """How many patterns a kind has."""
    return math.prod(radices(kind).values())


def linkage_of(rules: Ruleset, kind: LinkedKind) -> Linkage:
    """The shipped linkage of a kind."""
    return rules.linkage[FILES[kind]]


# ---- packing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_pattern_survives(kind: LinkedKind) -> None:
    """Each of all patterns of a kind is unpacked to levels that are there, and packed to itself."""
    for start in range(0, size_of(kind), 1 << 20):
        patterns = np.arange(start, min(start + (1 << 20), size_of(kind)), dtype=np.int64)
        levels = unpack(kind, patterns)
        assert all(
            numbers.min() >= 0 and numbers.max() < len(spelled(kind, name))
            for name, numbers in levels.items()
        )
        np.testing.assert_array_equal(pack(kind, levels), patterns)


@pytest.mark.parametrize("kind", KINDS)
def test_patterns_are_as_many_as_combinations(kind: LinkedKind) -> None:
    """Numbers run from nothing at all to the last level of every comparison, and fit into 64 bits."""
    every = {name: np.zeros(1, dtype=np.int8) for name in LEVELS[kind]}
    last = {name: np.array([len(levels)], dtype=np.int8) for name, levels in LEVELS[kind].items()}
    assert pack(kind, every).tolist() == [0]
    assert pack(kind, last).tolist() == [size_of(kind) - 1]
    assert size_of(kind) < 2**63


@pytest.mark.parametrize("kind", KINDS)
def test_any_levels_survive(kind: LinkedKind) -> None:
    """Levels of many pairs come out as they went in, comparison by comparison."""
    digits = st.tuples(*(st.integers(0, size - 1) for size in radices(kind).values()))

    @budget(50)
    @given(st.lists(digits, min_size=1, max_size=20))
    def holds(pairs: list[tuple[int, ...]]) -> None:
        levels = {
            name: np.array(column, dtype=np.int8)
            for name, column in zip(LEVELS[kind], zip(*pairs, strict=True), strict=True)
        }
        found = unpack(kind, pack(kind, levels))
        assert list(found) == list(levels)
        for name, numbers in levels.items():
            np.testing.assert_array_equal(found[name], numbers)

    holds()


# ---- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_levels(kind: LinkedKind) -> None:
    """Number 0 is missing, the others stand in the order of the table, each name once and under its own number."""
    for name, levels in LEVELS[kind].items():
        assert spelled(kind, name) == ("missing", *levels)
        assert len(set(spelled(kind, name))) == len(levels) + 1
        assert [number_of(kind, name, level) for level in spelled(kind, name)] == [*range(len(levels) + 1)]
    assert MISSING == 0


@pytest.mark.parametrize("kind", KINDS)
def test_levels_are_spelled_out(kind: LinkedKind) -> None:
    """A pattern's levels are named in the columns of the frames; comparisons of the other kind are blank."""
    levels = {name: np.array([0, 1, len(own)], dtype=np.int8) for name, own in LEVELS[kind].items()}
    shown = spell_levels(kind, pack(kind, levels))
    assert set(shown.columns) == {"kind_code", *LEVEL_COLUMNS}
    assert shown["kind_code"].tolist() == [kind] * 3
    for column in LEVEL_COLUMNS:
        own = LEVELS[kind].get(column.removesuffix("_level"))
        assert shown[column].tolist() == (["missing", own[0], own[-1]] if own else [""] * 3)


def test_no_patterns_are_no_rows() -> None:
    """Nothing to spell is an empty frame of the same columns."""
    none = spell_levels("victim", np.array([], dtype=np.int64))
    assert (len(none), set(none.columns)) == (0, {"kind_code", *LEVEL_COLUMNS})


def test_first_condition_that_holds_is_chosen() -> None:
    """Conditions are looked at in their order; where none holds the level is the one left over."""
    conditions = {
        "missing": np.array([True, False, False, False]),
        "same": np.array([True, True, False, False]),
        "different": np.array([False, True, True, False]),
    }
    found = choose("victim", "sex", conditions, "different")
    assert [spelled("victim", "sex")[number] for number in found] == [
        "missing",
        "same",
        "different",
        "different",
    ]
    with pytest.raises(ValueError, match="not in tuple"):
        choose("victim", "sex", {"alike": np.array([True])}, "different")


# ---- weights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_weight_of_a_pattern_is_the_sum_of_its_levels(rules: Ruleset, kind: LinkedKind) -> None:
    """Each level weighs log2 of m over u, missing weighs nothing, and a pattern weighs all of them together."""
    linkage = linkage_of(rules, kind)
    bits = level_bits(linkage)
    patterns = np.linspace(0, size_of(kind) - 1, 200).astype(np.int64)
    shown = spell_levels(kind, patterns)
    expected = sum(np.array([bits[name, level] for level in shown[f"{name}_level"]]) for name in LEVELS[kind])
    np.testing.assert_allclose(pattern_bits(linkage, patterns), expected)
    assert pattern_bits(linkage, np.array([0])).tolist() == [0]
    for (name, level), weight in bits.items():
        if level != "missing":
            rule = linkage.comparisons[name][level]
            assert weight == pytest.approx(np.log2(rule.m / rule.u))


@pytest.mark.parametrize("kind", KINDS)
def test_usual_share_is_stated_or_u(rules: Ruleset, kind: LinkedKind) -> None:
    """What a level's pairs usually agree on is as common as the file states, or as u says; missing is 1."""
    linkage = linkage_of(rules, kind)
    for name, levels in LEVELS[kind].items():
        first, *others = usual_share(linkage, name)
        assert first == 1
        own = linkage.comparisons[name]
        assert others == [own[level].usual_share or own[level].u for level in levels]
