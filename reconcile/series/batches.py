"""Series that come in batches: numbers of several days, and sub-counts that stand still and then jump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.series.words import capital, counted, listed, shown, window
from reconcile.views import runs

if TYPE_CHECKING:
    import numpy.typing as npt

    from reconcile.series.numbers import Numbers

    Ints = npt.NDArray[np.int64]

BATCH_DAYS = 7
BATCH_NUMBERS = 10
REPEATS = 3
STRETCHES = 24


@dataclass(frozen=True, slots=True)
class Batch:
    """What one topic of a series states in batches.

    Attributes:
        members: the numbers.
        stated: how many of which kind.
        days: days without a number of their own, or with one that is only repeated.
        text: it in a sentence, every batch listed.
    """

    members: Ints
    stated: str
    days: int
    text: str


def find_batches(numbers: Numbers, pairs: pd.DataFrame) -> list[Batch]:
    """Return what comes in batches, by topic.

    Args:
        numbers: of all series.
        pairs: numbers of one window inside each other, as `within_one_window` returns them.
    """
    return [*_several_days(numbers), *_stale(numbers, pairs)]


def _several_days(numbers: Numbers) -> list[Batch]:
    """Return series of days in which some numbers are of several days."""
    days = numbers.end - numbers.start + 1
    # Numbers that begin on one day are cumulative, however short.
    is_period = (days <= BATCH_DAYS) & (np.bincount(numbers.lane)[numbers.lane] < REPEATS)
    is_day = is_period & (days == 1)
    all_of, single = (
        np.bincount(numbers.group[some], minlength=len(numbers)) for some in (is_period, is_day)
    )
    is_daily = (all_of >= BATCH_NUMBERS) & (2 * single >= all_of)
    span = int(numbers.end.max()) - int(numbers.start.min()) + 2
    floor = int(numbers.start.min())
    own = np.sort((numbers.group * span + numbers.start - floor)[is_day & (numbers.high > 0)])
    first, last = (numbers.group * span + day - floor for day in (numbers.start, numbers.end))
    inside = np.searchsorted(own, last, side="right") - np.searchsorted(own, first)
    several = np.flatnonzero(is_period & (days > 1) & is_daily[numbers.group] & (inside < days))
    found: list[Batch] = []
    for members in np.split(several, np.flatnonzero(np.diff(numbers.group[several])) + 1):
        if not len(members):
            continue
        without = int((days[members] - 1).sum())
        counts = pd.Series(days[members]).value_counts().sort_index()
        kinds = listed([f"{count} of {24 * length} hours" for length, count in counts.items()])  # type: ignore[operator]
        text = (
            f"{capital(counted(numbers, int(members[0])))}: {len(members)} numbers are of several days ({kinds}), so {without} "
            f"day{'s' * (without > 1)} before their reports have no number of their own."
        )
        spelled = "; ".join(window(numbers.start[one], numbers.end[one]) for one in members)
        found.append(Batch(members, f"{len(members)}: {kinds}", without, f"{text} They are: {spelled}."))
    return found


def _stale(numbers: Numbers, pairs: pd.DataFrame) -> list[Batch]:
    """Return cumulative sub-counts that are repeated while their whole grows, and then jump."""
    within = pairs[pairs["side"].isin({"persons", "population"})]
    least, most = np.full(len(numbers), np.inf), np.full(len(numbers), -np.inf)
    part, whole = within["part"].to_numpy(), within["whole"].to_numpy()
    np.minimum.at(least, part, numbers.high[whole])
    np.maximum.at(most, part, numbers.low[whole])
    lane = numbers.lane
    is_again = (
        (np.diff(lane) == 0)
        & (np.diff(numbers.low) == 0)
        & (numbers.low[1:] == numbers.high[1:])
        & (numbers.low[:-1] == numbers.high[:-1])
    )
    first = np.flatnonzero(np.r_[True, ~is_again])
    last = np.r_[first[1:], len(numbers)] - 1
    grew = np.maximum.reduceat(most, first) > np.minimum.reduceat(least, first)
    jumps = np.r_[numbers.low[last[:-1] + 1] > numbers.high[last[:-1]], False]
    jumps &= np.r_[lane[last[:-1] + 1] == lane[last[:-1]], False]
    told = np.flatnonzero((last - first + 1 >= REPEATS) & grew & jumps & (numbers.low[first] > 0))
    found: list[Batch] = []
    for stretches in np.split(told, np.flatnonzero(np.diff(lane[first[told]])) + 1):
        if not len(stretches):
            continue
        begins, ends = first[stretches], last[stretches]
        members = runs(begins, ends - begins + 1)
        texts = [
            f"{shown(numbers, int(a))} for {window(numbers.end[a], numbers.end[b])}, then {shown(numbers, int(b) + 1)}"
            for a, b in zip(begins[:STRETCHES], ends, strict=False)
        ]
        if len(begins) > STRETCHES:
            texts.append(f"and {len(begins) - STRETCHES} more times")
        repeated = int((ends - begins).sum())
        text = (
            f"{capital(counted(numbers, int(members[0])))}: {repeated} numbers repeat the one before while the whole they are part of grows, and then jump: "
            f"{'; '.join(texts)}."
        )
        stale_days = int((numbers.end[ends] - numbers.end[begins]).sum())
        found.append(Batch(members, f"{repeated} repeated", stale_days, text))
    return found
