"""Levels of comparisons as small numbers, packed into one pattern a pair, and spelled out again.

A level's number is its place in `ruleset.LEVELS`, from 1; 0 is `missing`. A pattern writes the numbers of all comparisons
of a kind of claim as the digits of one whole number, so that weights, training and explanation work on the few thousand
patterns there are, whatever the number of pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.ruleset import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from reconcile.ruleset import Linkage, LinkedKind

    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Small = npt.NDArray[np.int8]

MISSING = 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """What one comparison finds for each pair.

    Attributes:
        levels: the number of the level.
        rarity_bits: what the agreement adds because it is rare, or takes because it is common, in bits; null where that is
            no matter. None for comparisons that know nothing rare.
    """

    levels: Small
    rarity_bits: Floats | None = None


def spelled(kind: LinkedKind, comparison: str) -> tuple[str, ...]:
    """Return the names of a comparison's levels by their numbers."""
    return ("missing", *LEVELS[kind][comparison])


def number_of(kind: LinkedKind, comparison: str, level: str) -> int:
    """Return the number of a level."""
    return spelled(kind, comparison).index(level)


def choose(kind: LinkedKind, comparison: str, conditions: Mapping[str, Bools], otherwise: str) -> Small:
    """Return for each pair the number of the first level whose condition holds."""
    numbers = [number_of(kind, comparison, level) for level in conditions]
    return np.select(
        list(conditions.values()), numbers, default=number_of(kind, comparison, otherwise)
    ).astype(np.int8)


def radices(kind: LinkedKind) -> dict[str, int]:
    """Return how many numbers each comparison's digit takes, in the order in which digits are written."""
    return {comparison: len(levels) + 1 for comparison, levels in LEVELS[kind].items()}


def pack(kind: LinkedKind, levels: Mapping[str, Small]) -> Ints:
    """Return the pattern of each pair."""
    sizes = radices(kind)
    pattern = np.zeros(len(next(iter(levels.values()))), dtype=np.int64)
    for comparison, size in sizes.items():
        pattern *= size
        pattern += levels[comparison]
    return pattern


def unpack(kind: LinkedKind, pattern: Ints) -> dict[str, Small]:
    """Return the numbers of the levels of each pattern, by comparison."""
    found: dict[str, Small] = {}
    rest = pattern
    for comparison, size in reversed(radices(kind).items()):
        found[comparison] = (rest % size).astype(np.int8)
        rest = rest // size
    return {comparison: found[comparison] for comparison in radices(kind)}


def spell_levels(kind: LinkedKind, pattern: Ints) -> pd.DataFrame:
    """Return the names of the levels of each pattern: `kind_code` and every `<comparison>_level` that any kind has."""
    numbers = unpack(kind, pattern)
    every = dict.fromkeys(comparison for comparisons in LEVELS.values() for comparison in comparisons)
    columns = {
        f"{comparison}_level": np.array(spelled(kind, comparison), dtype=object)[numbers[comparison]]
        if comparison in numbers
        else np.full(len(pattern), "", dtype=object)
        for comparison in every
    }
    return pd.DataFrame({"kind_code": np.full(len(pattern), kind, dtype=object)} | columns)


def level_bits(linkage: Linkage) -> dict[tuple[str, str], float]:
    """Return the weight in bits of every (comparison, level); `missing` weighs nothing."""
    weights: dict[tuple[str, str], float] = {
        (name, level): float(np.log2(rule.m / rule.u))
        for name, rules in linkage.comparisons.items()
        for level, rule in rules.items()
    }
    return weights | {(name, "missing"): 0.0 for name in LEVELS[linkage.kind_code]}


def level_title(linkage: Linkage, comparison: str, level: str) -> str:
    """Return a level in words, as the rules have it."""
    if level == "missing":
        return "Not stated on one side at least"
    rule = linkage.comparisons.get(comparison, {}).get(level)
    return rule.title if rule else level.replace("_", " ")


def signed(bits: float) -> str:
    """Return bits with their sign: +8.02, −0.22."""
    shown = f"{bits:+.2f}".replace("-", "−")
    return "0.00" if shown in {"+0.00", "−0.00"} else shown


def pattern_bits(linkage: Linkage, pattern: Ints) -> Floats:
    """Return the sum of the levels' weights of each pattern, without prior and rarity."""
    bits, kind = level_bits(linkage), linkage.kind_code
    weight = np.zeros(len(pattern))
    for comparison, numbers in unpack(kind, pattern).items():
        table = np.array([bits[comparison, level] for level in spelled(kind, comparison)])
        weight += table[numbers]
    return weight


def usual_share(linkage: Linkage, comparison: str) -> Floats:
    """Return the share of claims that bears what a level's pairs usually agree on, by the level's number; 1 for `missing`."""
    rules = linkage.comparisons[comparison]
    levels = [rules[level] for level in LEVELS[linkage.kind_code][comparison]]
    return np.array([1.0] + [level.usual_share or level.u for level in levels])
