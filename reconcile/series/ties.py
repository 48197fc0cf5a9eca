"""How the numbers of a series are tied to each other: sums of some lie within, or equal, sums of others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from reconcile.scopes import SIDES
from reconcile.series.numbers import TOLERANCE, labels
from reconcile.series.words import counted, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from reconcile.series.numbers import Numbers

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]

# What a ledger of reports balances: the sum of the first equals the sum of the second, in one window.
LEDGERS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("reports_carried_over", "reports_new"),
        ("reports_credible", "reports_not_credible", "reports_duplicate", "reports_open"),
    ),
)
# What stands at the end of one window, and again at the beginning of the next.
CARRIED: tuple[tuple[str, str], ...] = (("reports_open", "reports_carried_over"),)
# By which sides of a scope a whole is divided; a sub-count may be one by several of them.
DIVIDED_BY = ("place", "attacker", "population", "means", "persons")
# What else may be counted of the same parts, and prove that they leave nobody out.
COUNTED_OF_PARTS = frozenset({"measure", "population", "persons"})
# A longer silence is no gap in a series of days.
GAP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Ties:
    """Sums of numbers that hold to each other: parts within a whole, or where `is_exact` equal to it.

    Attributes:
        rule: code of the rule, by tie.
        is_exact: whether the two sides are equal, by tie.
        hold_days: days without a number that may hold what the parts do not, by tie; 0 where none are told.
        proof: by tie, why its parts leave nobody out, where another figure shows it.
        tie, number, is_whole: the terms, sorted by tie: which number stands on which side of which tie.
    """

    rule: Objects
    is_exact: Bools
    hold_days: Ints
    proof: Objects
    tie: Ints
    number: Ints
    is_whole: Bools

    def __len__(self) -> int:
        """Return how many ties there are."""
        return len(self.rule)

    def members(self, tie: int) -> tuple[list[int], list[int]]:
        """Return the numbers on the two sides of a tie: the parts, the whole."""
        first, last = np.searchsorted(self.tie, [tie, tie + 1])
        number, is_whole = self.number[first:last], self.is_whole[first:last]
        return number[~is_whole].tolist(), number[is_whole].tolist()


def tie_all(numbers: Numbers, pairs: pd.DataFrame) -> tuple[Ties, dict[tuple[int, int], int]]:
    """Return all ties, and which windows inside windows are worth telling where they are broken.

    Args:
        numbers: of all series.
        pairs: by `within_one_window`.
    """
    nested, between = _nested_windows(numbers)
    parts, whole = pairs["part"].to_numpy(), pairs["whole"].to_numpy()
    some = [
        nested,
        _summed_windows(numbers),
        _pairs_as_ties("part_of_whole", parts, whole),
        _divided(numbers, pairs),
    ]
    return _joined([*some, *_ledgers(numbers)]), between


def _ties(
    rule: str,
    parts: tuple[Ints, Ints],
    whole: tuple[Ints, Ints],
    is_exact: Bools,
    hold_days: Ints | None = None,
    proof: Objects | None = None,
) -> Ties:
    """Return ties, their terms given by the tie's place and the number."""
    size = len(is_exact)
    tie, number = np.concatenate([parts[0], whole[0]]), np.concatenate([parts[1], whole[1]])
    is_whole = np.r_[np.zeros(len(parts[0]), dtype=bool), np.ones(len(whole[0]), dtype=bool)]
    order = np.lexsort((is_whole, tie))
    return Ties(
        rule=np.full(size, rule, dtype=object),
        is_exact=is_exact,
        hold_days=np.zeros(size, dtype=np.int64) if hold_days is None else hold_days,
        proof=np.full(size, "", dtype=object) if proof is None else proof,
        tie=tie[order],
        number=number[order],
        is_whole=is_whole[order],
    )


def _pairs_as_ties(rule: str, parts: Ints, whole: Ints, *, is_exact: bool = False) -> Ties:
    place = np.arange(len(parts))
    return _ties(rule, (place, parts), (place, whole), np.full(len(parts), is_exact))


def _joined(some: Sequence[Ties]) -> Ties:
    offsets = np.cumsum([0, *map(len, some)])
    return Ties(
        rule=np.concatenate([one.rule for one in some]),
        is_exact=np.concatenate([one.is_exact for one in some]),
        hold_days=np.concatenate([one.hold_days for one in some]),
        proof=np.concatenate([one.proof for one in some]),
        tie=np.concatenate([one.tie + offset for one, offset in zip(some, offsets, strict=False)]),
        number=np.concatenate([one.number for one in some]),
        is_whole=np.concatenate([one.is_whole for one in some]),
    )


def _nested_windows(numbers: Numbers) -> tuple[Ties, dict[tuple[int, int], int]]:
    """Return the tightest ties of windows inside windows: the most inside each number's window, the least around it.

    Also those pairs of them that are worth telling, each with how many numbers stand between the two and are broken
    alike: of a dip of a cumulative series its drops and its end, and not every pair.
    """
    inner = _most_inside(numbers.group, numbers.start, numbers.end, numbers.low)
    outer = _most_inside(numbers.group, -numbers.start, -numbers.end, -numbers.high)
    place = np.arange(len(numbers))
    below, above = np.flatnonzero(inner >= 0), np.flatnonzero(outer >= 0)
    pairs = np.unique(
        np.concatenate([np.c_[inner[below], below], np.c_[above, outer[above]]]).reshape(-1, 2), axis=0
    )
    lane = numbers.lane
    follows = np.r_[False, lane[1:] == lane[:-1]]
    broken = np.zeros(len(numbers), dtype=bool)
    broken[below] = numbers.low[inner[below]] > numbers.high[below] + TOLERANCE
    before = np.r_[False, broken[:-1]] & follows
    after = np.r_[(broken & follows)[1:], False]
    drop = follows & (np.r_[0, numbers.low[:-1]] > numbers.high + TOLERANCE)
    told = broken & (drop | ~before | ~after)
    steps = np.cumsum(broken & ~told)
    # Between the one told before in the same dip, and this one.
    last = np.maximum.accumulate(np.where(told, place, -1))
    earlier = np.r_[-1, last[:-1]]
    skipped = np.where(before & (earlier >= 0), steps - steps[np.maximum(earlier, 0)], 0)
    at = np.flatnonzero(told)
    between = dict(zip(zip(inner[at].tolist(), at.tolist(), strict=True), skipped[at].tolist(), strict=True))
    fallen = np.flatnonzero(drop & (outer[place - 1] == place))
    between |= {(one - 1, one): between.get((one - 1, one), 0) for one in fallen.tolist()}
    return _pairs_as_ties("window_subset", pairs[:, 0], pairs[:, 1]), between


def _most_inside(group: Ints, start: Ints, end: Ints, low: Floats) -> Ints:
    """Return for each window the position of the highest low among other windows inside it, -1 where there is none.

    Windows of one group differ. Sorted by their first day, those inside a window stand behind it; so halves of ever
    larger blocks are laid beside each other, the right half sorted by last day with its running maximum.
    """
    size = len(low)
    order = np.lexsort((-end, start, group))
    group, days = group[order], np.unique(end[order], return_inverse=True)[1]
    rank = np.empty(size, dtype=np.int64)
    by_low = np.lexsort((days, low[order]))
    rank[by_low] = np.arange(size)
    best = np.full(size, -1, dtype=np.int64)
    width, place = int(days.max()) + 1 if size else 1, np.arange(size)
    half = 1
    while half < size:
        block = place // (2 * half)
        segment = np.cumsum(np.r_[0, (np.diff(block) != 0) | (np.diff(group) != 0)])
        key = segment * width + days
        is_right = (place // half) % 2 == 1
        left, right = np.flatnonzero(~is_right), np.flatnonzero(is_right)
        right = right[np.argsort(key[right], kind="stable")]
        top = np.maximum.accumulate(segment[right] * size + rank[right])
        at = np.searchsorted(key[right], key[left], side="right") - 1
        is_there = (at >= 0) & (segment[right[at]] == segment[left])
        left, at = left[is_there], at[is_there]
        best[left] = np.maximum(best[left], top[at] - segment[left] * size)
        half *= 2
    found = np.full(size, -1, dtype=np.int64)
    found[order] = np.where(best >= 0, order[by_low[best]], -1)
    return found


def _summed_windows(numbers: Numbers) -> Ties:
    """Return ties of each number with those that fill its window, the last cumulative one before it among them.

    Each window is walked back from its last day, once over the shortest and once over the longest windows that end on
    a day; days on which none does are counted, and passed.
    """
    walked = [_walk(numbers, is_longest=longest) for longest in (False, True)]
    texts = [_spelled(one) for one in walked]
    again = pd.Series(texts[1], dtype=object).isin(texts[0]).to_numpy(dtype=bool)
    kept = np.flatnonzero(~again)
    renumbered = np.full(len(again), -1, dtype=np.int64)
    renumbered[kept] = np.arange(len(kept))
    other = walked[1]
    is_term = ~again[other.tie] if len(other.tie) else np.zeros(0, dtype=bool)
    fewer = replace(
        other,
        rule=other.rule[kept],
        is_exact=other.is_exact[kept],
        hold_days=other.hold_days[kept],
        proof=other.proof[kept],
        tie=renumbered[other.tie[is_term]],
        number=other.number[is_term],
        is_whole=other.is_whole[is_term],
    )
    return _joined([walked[0], fewer])


def _spelled(ties: Ties) -> list[bytes]:
    """Return the terms of each tie as bytes, to tell equal ones."""
    return [
        part.tobytes() for part in np.split(ties.number, np.searchsorted(ties.tie, np.arange(1, len(ties))))
    ][: len(ties)]


def _walk(numbers: Numbers, *, is_longest: bool) -> Ties:
    """Return ties of each window with a chain of windows that fills it from its last day back."""
    group, start, end = numbers.group, numbers.start, numbers.end
    floor = int(start.min())
    span = int(end.max()) - floor + 2
    by_end = np.lexsort((start, end, group))
    end_key = (group * span + (end - floor))[by_end] * span + (start - floor)[by_end]
    lane_key = (group * span + (start - floor)) * span + (end - floor)

    def ending(of: Ints, day: Ints, since: Ints, side: Literal["left", "right"] = "left") -> Ints:
        return np.searchsorted(end_key, (of * span + (day - floor)) * span + (since - floor), side=side)

    size = len(numbers)
    active, day = np.arange(size), end.copy()
    missing = np.zeros(size, dtype=np.int64)
    is_covered = np.zeros(size, dtype=bool)
    is_filled, is_after = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    ties, parts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    while len(active):
        here, of, since = day[active], group[active], start[active]
        # A cumulative number that ends here fills the rest.
        key = (of * span + (since - floor)) * span + (here - floor)
        at = np.minimum(np.searchsorted(lane_key, key), size - 1)
        is_stop = (lane_key[at] == key) & (at != active) & (here >= since)
        ties.append(active[is_stop])
        parts.append(at[is_stop])
        is_after[active[is_stop]] = True
        is_done = is_stop | (here < since)
        is_filled[active[is_done]] = True
        active, here, of, since = (column[~is_done] for column in (active, here, of, since))
        # The shortest of the windows that end here stands last among them, the longest that begins later first.
        last = ending(of, here, here, "right") - 1
        at = ending(of, here, since + 1) if is_longest else last
        tile = by_end[np.clip(at, 0, size - 1)]
        is_tile = (at >= 0) & (at <= last) & (group[tile] == of) & (end[tile] == here) & (start[tile] > since)
        ties.append(active[is_tile])
        parts.append(tile[is_tile])
        is_covered[active[is_tile & (here == end[active])]] = True
        # Where none does: on to the last day before on which one does.
        at = np.maximum(ending(of, here, np.full(len(of), floor)) - 1, 0)
        earlier = by_end[at]
        is_near = (group[earlier] == of) & (end[earlier] < here) & (end[earlier] >= since)
        to = np.where(is_near, end[earlier], since - 1)
        missing[active] += np.where(is_tile, 0, here - to)
        day[active] = np.where(is_tile, start[tile] - 1, to)
    tie, part = np.concatenate(ties), np.concatenate(parts)
    # Alone, a cumulative number before is a window inside a window.
    is_sum = np.zeros(size, dtype=bool)
    is_sum[tie[start[part] > start[tie]]] = True
    is_sum &= is_filled
    kept = np.flatnonzero(is_sum)
    renumbered = np.full(size, -1, dtype=np.int64)
    renumbered[kept] = np.arange(len(kept))
    term = is_sum[tie]
    tie, part = tie[term], part[term]
    order = np.lexsort((start[part], end[part], renumbered[tie]))
    hold = np.where(is_after & is_covered & (missing > 0) & (missing <= GAP_DAYS), missing, 0)
    return _ties(
        "window_sum",
        (renumbered[tie][order], part[order]),
        (np.arange(len(kept)), kept),
        missing[kept] == 0,
        hold[kept],
    )


def _divided(numbers: Numbers, pairs: pd.DataFrame) -> Ties:
    """Return ties of wholes with parts that differ by one side only, and exclude each other.

    Parts leave nobody out where they add up to another figure of the same whole; else they may.
    """
    parts = pairs[pairs["side"].isin(DIVIDED_BY)]
    links = parts.merge(parts, left_on=["whole", "side"], right_on=["part", "side"], suffixes=("", "_above"))
    nested = pd.MultiIndex.from_frame(links[["part", "whole_above", "side"]])
    direct = parts[~pd.MultiIndex.from_frame(parts[["part", "whole", "side"]]).isin(nested)]
    beside = direct.merge(direct, on=["whole", "side"])
    beside = beside[beside["part_x"] < beside["part_y"]]
    if not len(beside):
        return _pairs_as_ties("parts_sum", *(np.empty(0, dtype=np.int64),) * 2)
    shared = ~_exclude(numbers, beside)
    bad = pd.MultiIndex.from_frame(beside.loc[shared, ["whole", "side"]].drop_duplicates())
    several = pd.MultiIndex.from_frame(beside[["whole", "side"]].drop_duplicates())
    family = pd.MultiIndex.from_frame(direct[["whole", "side"]])
    divided = direct[family.isin(several) & ~family.isin(bad)].assign(
        claim=lambda rows: numbers.rows["claim_id"].to_numpy()[rows["part"]]
    )
    divided = divided.sort_values(["side", "whole", "claim", "part"])
    divided = divided[~_one_claims_persons(numbers, divided)]
    tie = labels(pd.factorize(divided["side"])[0], divided["whole"].to_numpy())
    first = np.flatnonzero(np.r_[True, np.diff(tie) > 0]) if len(tie) else np.empty(0, dtype=np.int64)
    whole = divided["whole"].to_numpy()[first]
    part = divided["part"].to_numpy()
    proof = _proofs(numbers, tie, part, whole, divided["side"].to_numpy(dtype=object)[first])
    return _ties(
        "parts_sum",
        (tie, part),
        (np.arange(len(whole)), whole),
        np.asarray(proof != "", dtype=bool),
        proof=proof,
    )


def _exclude(numbers: Numbers, beside: pd.DataFrame) -> Bools:
    """Return which parts of one whole exclude each other by the side that divides it."""
    is_apart = np.zeros(len(beside), dtype=bool)
    left, right = beside["part_x"].to_numpy(), beside["part_y"].to_numpy()
    for name in DIVIDED_BY:
        rows = np.flatnonzero(beside["side"] == name)
        codes = numbers.codes[name]
        is_apart[rows] = numbers.sides[name].apart[codes[left[rows]], codes[right[rows]]]
    return is_apart


def _one_claims_persons(numbers: Numbers, divided: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which parts are the sexes and ages of one claim, which are looked at claim by claim."""
    claim = pd.factorize(numbers.rows["claim_id"])[0]
    is_own = claim[divided["part"]] == claim[divided["whole"]]
    alone = (
        pd.Series(is_own, index=divided.index).groupby([divided["whole"], divided["side"]]).transform("all")
    )
    return np.asarray((divided["side"] == "persons") & alone, dtype=bool)


def _proofs(numbers: Numbers, tie: Ints, part: Ints, whole: Ints, side: Objects) -> Objects:
    """Return for each whole the other figure whose same parts add up to it exactly, as text; empty where none does."""
    proof = np.full(len(whole), "", dtype=object)
    low, high = (
        np.bincount(tie, weights=ends[part], minlength=len(whole)) for ends in (numbers.low, numbers.high)
    )
    positive = np.bincount(tie, weights=numbers.low[part] > 0, minlength=len(whole))
    is_exact = (low == high) & (numbers.low[whole] == numbers.high[whole]) & (positive > 1)
    adds_up = is_exact & (np.abs(low - numbers.low[whole]) <= TOLERANCE)
    divided_by = {name: numbers.codes[name] for name in DIVIDED_BY}
    own = np.select(
        [side[tie] == name for name in DIVIDED_BY], [codes[part] for codes in divided_by.values()]
    )
    values = pd.Series(own).groupby(tie).agg(_sorted)
    for name in DIVIDED_BY:
        rows = np.flatnonzero(side == name)
        fixed = [other for other in SIDES if other not in COUNTED_OF_PARTS | {name}]
        around = numbers.keys([*fixed, name], numbers.start, numbers.end)[whole[rows]]
        sets = pd.Series(list(zip(around.tolist(), values.iloc[rows], strict=True)), index=rows, dtype=object)
        proven = sets[adds_up[rows]].drop_duplicates()
        by = dict(zip(proven, proven.index, strict=True))
        found = sets[~adds_up[rows]].map(by).dropna().astype(np.int64)
        proof[found.index] = [_sum_text(numbers, part[tie == one], [whole[one]]) for one in found]
    return proof


def _sorted(codes: pd.Series[int]) -> Any:
    return tuple(sorted(codes))


def _sum_text(numbers: Numbers, parts: Iterable[int], whole: Sequence[int]) -> str:
    added = " + ".join(shown(numbers, one) for one in parts)
    return f"{counted(numbers, whole[0])} {added} = {shown(numbers, whole[0])}"


def _ledgers(numbers: Numbers) -> list[Ties]:
    """Return ties of ledgers of reports: what came in with what was closed or stays, and what is carried on.

    A number that a ledger does not state may be anything from zero on.
    """
    measure = numbers.rows["measure_code"].to_numpy(dtype=object)
    others = [name for name in SIDES if name != "measure"]
    books = numbers.keys(others, numbers.start, numbers.end)
    found = []
    for came, went in LEDGERS:
        # In the order of the ledger.
        rows = np.concatenate([np.flatnonzero(measure == name) for name in (*came, *went)])
        is_went = np.isin(measure[rows], list(went))
        size = int(books.max()) + 1
        stated = [np.bincount(books[rows[side]], minlength=size) for side in (~is_went, is_went)]
        has_came, has_went = stated[0] == len(came), stated[1] == len(went)
        is_tied = (has_came & (stated[1] > 0)) | (has_went & (stated[0] > 0))
        turned = has_came & ~has_went
        number = np.full(size, -1, dtype=np.int64)
        number[is_tied] = np.arange(is_tied.sum())
        tied = is_tied[books[rows]]
        rows, is_whole = rows[tied], (is_went ^ turned[books[rows]])[tied]
        place = number[books[rows]]
        exact = (has_came & has_went)[is_tied]
        # What stands on a side with lines missing lies within the other side.
        found.append(
            _ties("ledger_sum", (place[~is_whole], rows[~is_whole]), (place[is_whole], rows[is_whole]), exact)
        )
    owner = numbers.keys(others)
    for closing, opening in CARRIED:
        left, right = np.flatnonzero(measure == closing), np.flatnonzero(measure == opening)
        ends = pd.DataFrame({"owner": owner[left], "day": numbers.end[left] + 1, "left": left})
        begins = pd.DataFrame({"owner": owner[right], "day": numbers.start[right], "right": right})
        next_to = ends.merge(begins, on=["owner", "day"])
        found.append(
            _pairs_as_ties(
                "ledger_carry", next_to["left"].to_numpy(), next_to["right"].to_numpy(), is_exact=True
            )
        )
    return found
