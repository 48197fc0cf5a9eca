"""CandidatePairs -> ComparedPairs: how far two claims agree, comparison by comparison, as weights that add up.

Every comparison puts a pair on one level; a level's weight is log2(m / u), the pair's match weight is the sum of them,
of the prior, and of what agreeing on something rare adds or on something common takes. Missing says nothing: weight 0.
Incidents and victims go through the same engine; only their comparisons differ.

Guarantees:
    sides_do_not_matter: swapping left and right changes no level and no weight.
    weights_add_up: match_weight is the prior, the weights of the levels and rarity_bits, added.
    input_columns_stay: the columns of CandidatePairs come out as they went in.
    patterns_count_all: the patterns count every candidate pair, also those below the least weight kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.compare.incidents import incident_comparators
from reconcile.compare.victims import victim_comparators
from reconcile.frames import ComparedPairs, Patterns, columns_of, typed
from reconcile.levels import (
    Agreement,
    level_bits,
    pack,
    pattern_bits,
    spell_levels,
    spelled,
    unpack,
)
from reconcile.threads import side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from reconcile.compare.whole import Whole
    from reconcile.gazetteer import Place
    from reconcile.ruleset import Linkage, Vocabulary

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

__all__ = [
    "Agreement",
    "Compared",
    "Surroundings",
    "compare",
    "level_bits",
    "pack",
    "pattern_bits",
    "prior_bits",
    "spell_levels",
    "spelled",
    "unpack",
]
# Pairs compared at a time: large enough for numpy, small enough that what is in the making stays small.
CHUNK = 1 << 19
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What comparisons know beside the claims.

    Attributes:
        attackers: the vocabulary of attackers, for its parents.
        places: the gazetteer's places by id, for spots inside a town that the other side names.
        countries: folded names of countries, which tell no place of theirs from another.
        clusters: cluster of a claim by its id, once incidents or victims have been linked: two victims who died in one
            incident, two incidents that name one victim.
        whole: what the whole run counts, where the claims are a part of it.
    """

    attackers: Vocabulary
    places: Mapping[str, Place]
    countries: frozenset[str] = frozenset()
    clusters: Mapping[str, str] = field(default_factory=dict)
    whole: Whole | None = None

    def count_of(self, name: str) -> pd.Series[int] | None:
        """Return how many claims of the whole run bear each attackers, or number; None where they are all at hand."""
        return None if self.whole is None else self.whole.borne[name]


@dataclass(frozen=True, slots=True)
class Compared:
    """Compared pairs at or above the least weight, and the patterns of all."""

    pairs: pd.DataFrame
    patterns: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that comparing a range of pairs takes, made once from the whole run.

    Attributes:
        comparators: the comparisons of a kind of claim, by name.
        linkage: kind of claim, levels and weights.
        prior: log2 odds before anything is compared.
        least: pairs of a smaller match weight (bits) are counted and not kept.
    """

    comparators: Mapping[str, Callable[[Ints, Ints], Agreement]]
    linkage: Linkage
    prior: float
    least: float

    def part(self, pairs: pd.DataFrame) -> Part:
        """Return some pairs compared."""
        pattern, rarity = _compare_part(pairs, self.comparators, self.linkage)
        codes, distinct = pd.factorize(pattern)
        weight = self.prior + pattern_bits(self.linkage, distinct)[codes] + rarity
        keep = weight >= self.least
        found = pairs.assign(pattern=pattern, rarity_bits=rarity, match_weight=weight)
        return Part(found if keep.all() else found[keep], pd.Series(np.bincount(codes), index=distinct))


@dataclass(frozen=True, slots=True)
class Part:
    """Some pairs compared: those kept, and how many there were of each pattern."""

    kept: pd.DataFrame
    counts: pd.Series[int]


def comparison_of(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    victims: pd.DataFrame,
    linkage: Linkage,
    around: Surroundings,
    least: float = -np.inf,
) -> Comparison:
    """Return what compares any pairs of these claims; arguments as of `compare`."""
    comparators: dict[str, Callable[[Ints, Ints], Agreement]] = (
        incident_comparators(claims, figures, victims, linkage, around)
        if linkage.kind_code == "incident"
        else victim_comparators(claims, victims, linkage, around)
    )
    prior = prior_bits(linkage, claims) if around.whole is None else around.whole.prior
    return Comparison(comparators, linkage, prior, least)


def compare(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    victims: pd.DataFrame,
    pairs: pd.DataFrame,
    linkage: Linkage,
    around: Surroundings,
    least: float = -np.inf,
) -> Compared:
    """Return the pairs compared.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame of those claims.
        victims: a `Victims` frame of those claims.
        pairs: a `CandidatePairs` frame over `claims`.
        linkage: kind of claim, levels, weights and parameters.
        around: what else comparisons know.
        least: pairs of a smaller match weight (bits) are counted in the patterns and not kept.

    Returns:
        A `ComparedPairs` frame in the order of `pairs`, and a `Patterns` frame.
    """
    comparison = comparison_of(claims, figures, victims, linkage, around, least)
    # Numpy and rapidfuzz let go of the interpreter while they work, so that threads share the cores.
    parts = side_by_side(comparison.part, ranges_of(pairs), WORKERS)
    return joined(parts, pairs, linkage, comparison.prior)


def ranges_of(pairs: pd.DataFrame) -> list[pd.DataFrame]:
    """Return pairs in ranges that are compared one at a time."""
    return [pairs.iloc[start : start + CHUNK] for start in range(0, len(pairs), CHUNK)]


def joined(parts: Sequence[Part], pairs: pd.DataFrame, linkage: Linkage, prior: float) -> Compared:
    """Return parts as one.

    Args:
        parts: of `ranges_of(pairs)`, in that order.
        pairs: a `CandidatePairs` frame.
        linkage: of the comparison.
        prior: of the comparison.
    """
    counts = [pd.Series(dtype="int64"), *(part.counts for part in parts)]
    compared = (
        pd.concat([part.kept for part in parts], ignore_index=True)
        if parts
        else pairs.assign(pattern=0, rarity_bits=0.0, match_weight=0.0)
    )
    compared["match_probability"] = 1 / (1 + np.exp2(-np.clip(compared["match_weight"].to_numpy(), -60, 60)))
    return Compared(typed(ComparedPairs, compared), _patterns(pd.concat(counts), linkage, prior))


def prior_bits(linkage: Linkage, claims: pd.DataFrame) -> float:
    """Return the log2 odds that two claims of different monitors speak of one thing, before anything is compared.

    Where the rules state the share of the shorter list that is expected in the longer one, the odds are that many pairs
    among all pairs of claims of two monitors.
    """
    if linkage.prior_bits is not None:
        return linkage.prior_bits
    sizes = (
        claims.loc[claims["kind_code"] == linkage.kind_code, "monitor"].value_counts().to_numpy(dtype=float)
    )
    total = (sizes.sum() ** 2 - (sizes**2).sum()) / 2
    smaller = np.minimum(sizes[:, None], sizes[None, :])
    expected = (smaller.sum() - sizes.sum()) / 2 * float(linkage.expected_share or 0)
    return float(np.log2(expected / max(total - expected, 1.0))) if total else 0.0


def _compare_part(
    pairs: pd.DataFrame,
    comparators: Mapping[str, Callable[[Ints, Ints], Agreement]],
    linkage: Linkage,
) -> tuple[Ints, Floats]:
    left, right = pairs["left_row"].to_numpy(np.int64), pairs["right_row"].to_numpy(np.int64)
    rarity = np.zeros(len(pairs))
    levels = {}
    least, most = linkage.rarity_floor_bits, linkage.rarity_cap_bits
    for name, comparator in comparators.items():
        found = comparator(left, right)
        levels[name] = found.levels
        if found.rarity_bits is not None:
            rarity += np.clip(np.nan_to_num(found.rarity_bits), least, most)
    return pack(linkage.kind_code, levels), rarity


def _patterns(counts: pd.Series[int], linkage: Linkage, prior: float) -> pd.DataFrame:
    total = counts.groupby(level=0).sum().sort_index()
    pattern = total.index.to_numpy(dtype=np.int64)
    found = spell_levels(linkage.kind_code, pattern).assign(
        pattern=pattern, pairs=total.to_numpy(), weight_bits=prior + pattern_bits(linkage, pattern)
    )
    return typed(Patterns, found[columns_of(Patterns)])
