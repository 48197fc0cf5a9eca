"""Broken ties: the fewest members that break each, what they have in common, and what would mend it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.series.numbers import TOLERANCE
from reconcile.series.words import counted, differing, scoped, shown, until, when
from reconcile.views import components, interval_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from reconcile.series.numbers import Numbers
    from reconcile.series.ties import Ties

    Ints = npt.NDArray[np.int64]

MENDS = 4
SEARCHED = 24


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken tie, reduced to the members that break it."""

    rule: str
    parts: tuple[int, ...]
    whole: tuple[int, ...]
    hold_days: int = 0
    is_exact: bool = False
    proof: str = ""
    between: int = 0

    @property
    def numbers(self) -> frozenset[int]:
        """Both sides."""
        return frozenset((*self.parts, *self.whole))


def broken_ties(numbers: Numbers, ties: Ties, between: Mapping[tuple[int, int], int]) -> list[Broken]:
    """Return the broken ties, each reduced to a smallest set of its members."""
    side = ties.tie * 2 + ties.is_whole
    low, high = (
        np.bincount(side, weights=ends[ties.number], minlength=2 * len(ties)).reshape(-1, 2)
        for ends in (numbers.low, numbers.high)
    )
    is_over = low[:, 0] > high[:, 1] + TOLERANCE
    is_under = low[:, 1] > high[:, 0] + TOLERANCE
    is_told = is_over | (is_under & (ties.is_exact | (ties.hold_days > 0)))
    found: dict[tuple[str, frozenset[int]], Broken] = {}
    for at in np.flatnonzero(is_told).tolist():
        rule, (parts, whole) = str(ties.rule[at]), ties.members(at)
        if rule == "window_subset":
            if (parts[0], whole[0]) not in between:
                continue
            one = Broken(rule, tuple(parts), tuple(whole), between=between[parts[0], whole[0]])
        elif is_over[at]:
            needed = _fewest(numbers, parts, high[at, 1])
            # A part that is too much by itself is told as such.
            if len(needed) == 1 and rule in {"window_sum", "parts_sum"}:
                continue
            one = Broken(
                rule, needed, tuple(whole), is_exact=bool(ties.is_exact[at]) and len(needed) == len(parts)
            )
        elif ties.is_exact[at]:
            needed = _fewest(numbers, whole, high[at, 0])
            one = Broken(rule, tuple(parts), needed, is_exact=True, proof=str(ties.proof[at]))
        else:
            one = Broken(rule, tuple(parts), tuple(whole), hold_days=int(ties.hold_days[at]))
        found.setdefault((rule, one.numbers), one)
    return list(found.values())


def _fewest(numbers: Numbers, members: Sequence[int], most: float) -> tuple[int, ...]:
    """Return members whose lows still exceed `most`, without any one of which they would not."""
    kept, total = set(members), float(numbers.low[list(members)].sum())
    for one in sorted(members, key=lambda member: (numbers.low[member], member)):
        if total - numbers.low[one] > most + TOLERANCE:
            kept.discard(one)
            total -= float(numbers.low[one])
    return tuple(one for one in members if one in kept)


def causes_of(found: Sequence[Broken], ids: Sequence[str]) -> list[str]:
    """Return the cause of each set: contradictions that share a number have one, and what days may hold its own."""
    pairs = [(number, at) for at, one in enumerate(found) if not one.hold_days for number in one.numbers]
    shared = pd.DataFrame(pairs, columns=["number", "at"]).sort_values(["number", "at"])
    number, at = shared["number"].to_numpy(dtype=np.int64), shared["at"].to_numpy(dtype=np.int64)
    is_same = number[1:] == number[:-1]
    label = components(len(found), at[:-1][is_same], at[1:][is_same])
    names = pd.Series(list(ids), dtype=object)
    return names.groupby(label).transform("min").tolist()


def mend(numbers: Numbers, ties: Ties, of_number: Ints, some: Sequence[Broken]) -> str:
    """Return which one number, read differently, would mend all sets of a cause and break no other tie."""
    shared = sorted(
        frozenset.intersection(*(one.numbers for one in some)), key=lambda one: (numbers.end[one], one)
    )
    all_of_them = {1: "it would hold", 2: "both would hold"}.get(len(some), "all would hold")
    if not shared:
        return f"At least {_fewest_wrong(some)} of these numbers must be wrong."
    ways = []
    for one in shared:
        first, last = np.searchsorted(ties.number[of_number], [one, one + 1])
        low, high = _allowed(numbers, ties, one, np.unique(ties.tie[of_number[first:last]]))
        if low <= high + TOLERANCE:
            ways.append(f"{_named(numbers, one, some)} read {_bound(low, high)}")
    if ways:
        rest = " (or others of them did)" if len(ways) > MENDS else ""
        return f"If {', or '.join(ways[:MENDS])}{rest}, {all_of_them}."
    return "No single number, changed alone, would mend this without breaking another sum."


def _fewest_wrong(some: Sequence[Broken]) -> str:
    """Return how many numbers must be wrong at least, in words: so many that every set has one of them."""
    among = sorted(frozenset.union(*(one.numbers for one in some)))
    if len(among) <= SEARCHED and not any(
        all(one.numbers & set(pair) for one in some) for pair in combinations(among, 2)
    ):
        return "three"
    return "two"


def _named(numbers: Numbers, one: int, some: Sequence[Broken]) -> str:
    """Return a number with what tells it from the others of its cause: what it counts, where, or when."""
    members = sorted(frozenset.union(*(each.numbers for each in some)))
    named = differing(numbers, members)
    told = shown(numbers, one)
    if named or len({counted(numbers, member) for member in members}) > 1:
        told = f"{told} {scoped(numbers, one, named)}"
    if len({(numbers.start[member], numbers.end[member]) for member in members}) == 1:
        return told
    # Of several numbers that begin on one day, each is cumulative.
    lane = [(numbers.group[member], numbers.start[member]) for member in members]
    is_running = lane.count((numbers.group[one], numbers.start[one])) > 1
    return f"{told} {until(numbers, one) if is_running else when(numbers, one)}"


def _allowed(numbers: Numbers, ties: Ties, one: int, bound: Iterable[int]) -> tuple[float, float]:
    """Return what a number may be, all others as stated, by the ties that hold it."""
    least, most = 0.0, np.inf
    for tie in bound:
        parts, whole = ties.members(tie)
        others, beside = ([m for m in side if m != one] for side in (parts, whole))
        own, across = (others, beside) if one in parts else (beside, others)
        own_low, own_high = numbers.low[own].sum(), numbers.high[own].sum()
        low, high = numbers.low[across].sum(), numbers.high[across].sum()
        if ties.is_exact[tie] or one in parts:
            most = min(most, high - own_low)
        if ties.is_exact[tie] or one not in parts:
            least = max(least, low - own_high)
    return float(least), float(most)


def _bound(low: float, high: float) -> str:
    if low <= 0 and np.isfinite(high):
        return f"{high:,.10g} or less"
    return interval_text(low, np.nan if np.isinf(high) else max(low, high))
