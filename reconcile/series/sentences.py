"""A broken tie in a sentence: the numbers, their days, and by how much they miss each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reconcile.series.words import (
    capital,
    counted,
    differing,
    listed,
    scoped,
    shown,
    sum_shown,
    summed,
    until,
    when,
    window,
)
from reconcile.views import interval_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.series.broken import Broken
    from reconcile.series.numbers import Numbers


def sentence_of(numbers: Numbers, one: Broken) -> str:
    """Return what does not hold, in a sentence or two."""
    match one.rule:
        case "window_subset":
            return _nested_sentence(numbers, one)
        case "window_sum":
            return _sum_sentence(numbers, one)
        case "ledger_sum":
            return _ledger_sentence(numbers, one)
        case "ledger_carry":
            (left,), (right,) = one.parts, one.whole
            return (
                f"{shown(numbers, left)} reports are left open after {_last_day(numbers, left)}, but {shown(numbers, right)} are carried over "
                f"into {window(numbers.start[right], numbers.end[right])}: {_gap(numbers, one)}."
            )
        case _:
            return _parts_sentence(numbers, one)


def _last_day(numbers: Numbers, one: int) -> str:
    return window(numbers.end[one], numbers.end[one])


def _gap(numbers: Numbers, one: Broken) -> str:
    """Return by how much the number held against the others is too small or too large."""
    low, high = summed(numbers, one.parts)
    seen_low, seen_high = summed(numbers, one.whole)
    over = low - seen_high
    return f"{over:,.10g} fewer" if over > 0 else f"{seen_low - high:,.10g} more"


def _nested_sentence(numbers: Numbers, one: Broken) -> str:
    (inner,), (outer,) = one.parts, one.whole
    what = capital(counted(numbers, outer))
    more = (
        f" {one.between} number{'s' * (one.between > 1)} between {'are' if one.between > 1 else 'is'} below it too."
        if one.between
        else ""
    )
    if numbers.start[inner] == numbers.start[outer]:
        since = window(numbers.start[outer], numbers.start[outer])
        return (
            f"{what} since {since}: {shown(numbers, inner)} {until(numbers, inner)}, but {shown(numbers, outer)} "
            f"{until(numbers, outer)}, {_gap(numbers, one)}.{more}"
        )
    return (
        f"{what}: {shown(numbers, inner)} {when(numbers, inner)}, but {shown(numbers, outer)} {when(numbers, outer)}, which include them: "
        f"{_gap(numbers, one)}.{more}"
    )


def _sum_sentence(numbers: Numbers, one: Broken) -> str:
    (whole,) = one.whole
    begins = int(numbers.start[whole])
    before = [part for part in one.parts if numbers.start[part] == begins]
    tiles = [part for part in one.parts if numbers.start[part] > begins]
    texts = [f"{shown(numbers, part)} {until(numbers, part)}" for part in before]
    texts += [f"{shown(numbers, part)} {when(numbers, part)}" for part in tiles]
    since = f" since {window(begins, begins)}" if before else ""
    stated = f"{shown(numbers, whole)} {until(numbers, whole) if before else when(numbers, whole)}"
    make = f"{listed(texts)} make {sum_shown(numbers, one.parts)}" if len(texts) > 1 else texts[0]
    told = f"{capital(counted(numbers, whole))}{since}: {make}, but {stated} is stated, {_gap(numbers, one)}."
    if one.hold_days:
        days = _uncovered(numbers, one)
        gap = _gap(numbers, one).removesuffix(" more")
        held = f"that day holds the other {gap}" if one.hold_days == 1 else f"those days hold the other {gap}"
        return f"{told} The series has no number for {listed(days)}, and nothing is contradicted if {held}."
    if len(before) == len(tiles) == 1:
        low, high = numbers.low[whole] - numbers.high[before[0]], numbers.high[whole] - numbers.low[before[0]]
        implied = interval_text(float(low), np.nan if np.isinf(high) else float(high))
        return f"{told} The two cumulative numbers imply {implied} {when(numbers, tiles[0])}; {shown(numbers, tiles[0])} is stated."
    return told


def _uncovered(numbers: Numbers, one: Broken) -> list[str]:
    """Return the runs of days of a window that no number of the set covers, as text."""
    (whole,) = one.whole
    ordered = sorted(one.parts, key=lambda part: numbers.start[part])
    edges = [(int(numbers.start[part]), int(numbers.end[part])) for part in ordered]
    ends = [int(numbers.start[whole]) - 1, *(end for _, end in edges)]
    starts = [*(start for start, _ in edges), int(numbers.end[whole]) + 1]
    return [
        window(end + 1, start - 1) for end, start in zip(ends, starts, strict=True) if end + 1 <= start - 1
    ]


def _ledger_sentence(numbers: Numbers, one: Broken) -> str:
    def side(members: Sequence[int]) -> str:
        names = numbers.rows["measure_code"].iloc[list(members)]
        texts = [
            f"{shown(numbers, member)} {name.removeprefix('reports_').replace('_', ' ')}"
            for member, name in zip(members, names, strict=True)
        ]
        return listed(texts) + (f" (together {sum_shown(numbers, members)})" if len(members) > 1 else "")

    last = one.whole[-1]
    days = window(numbers.start[last], numbers.end[last])
    return f"Reports, {days}: {side(one.parts)} stand against {side(one.whole)}, {_gap(numbers, one)}."


def _parts_sentence(numbers: Numbers, one: Broken) -> str:
    (whole,) = one.whole
    named = differing(numbers, (*one.parts, whole))
    texts = [f"{shown(numbers, part)} {scoped(numbers, part, named)}" for part in one.parts]
    make = f" make {sum_shown(numbers, one.parts)}" if len(texts) > 1 else ""
    days = window(numbers.start[whole], numbers.end[whole])
    proof = (
        f" The same parts add up in another figure ({one.proof}), so nobody is left out of them."
        if one.proof
        else ""
    )
    return (
        f"{capital(days)}: {listed(texts)}{make}, but {shown(numbers, whole)} {scoped(numbers, whole, named)} "
        f"is the whole, {_gap(numbers, one)}.{proof}"
    )
