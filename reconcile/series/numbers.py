"""What series say: one row for each series, scope and window, and which scopes lie in which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.scopes import SIDES
from reconcile.views import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from reconcile.ruleset import Vocabulary
    from reconcile.scopes import Reader, Scopes, Side

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

# Sums of fractional counts differ from what they equal by less than this.
TOLERANCE = 1e-6
# Pairs of numbers on one window that are looked at together, to bound memory.
PAIRS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Numbers:
    """What series say, one row for each series, role, scope and window; statements of the same are merged.

    Attributes:
        rows: claim id, series and scope of the first such statement, for sentences.
        sides: the side of the scopes behind `codes`.
        codes: each side's value, the same for values that lie in each other.
        group: equal for one series, role and scope; rows are sorted by it, then by first day, then by last day.
        start, end: the window in days since 1970.
        low, high: the widest that is stated, an open high being infinite.
    """

    rows: pd.DataFrame
    sides: Mapping[str, Side]
    codes: Mapping[str, Ints]
    group: Ints
    start: Ints
    end: Ints
    low: Floats
    high: Floats

    def __len__(self) -> int:
        """Return how many numbers there are."""
        return len(self.low)

    @property
    def lane(self) -> Ints:
        """A number for each row: equal for cumulative numbers, which are of one group and begin on one day."""
        return labels(self.group, self.start)

    def keys(self, sides: Iterable[str], *more: Ints) -> Ints:
        """Return a number for each row: equal within one series, role and value of these sides and columns."""
        owner = [pd.factorize(self.rows[name])[0] for name in ("series", "role_code")]
        return labels(*owner, *(self.codes[side] for side in sides), *more)


def labels(*columns: Ints) -> Ints:
    """Return a number for each row, equal where all columns are, in the columns' order."""
    frame = pd.DataFrame(dict(enumerate(columns)))
    return np.asarray(frame.groupby(list(frame.columns), sort=True).ngroup().to_numpy(), dtype=np.int64)


def numbers_of(scopes: Scopes, reader: Reader) -> Numbers:
    """Return what every series says, statements of one scope and window merged."""
    totals = scopes.totals
    codes = {name: _one_for_equals(side)[side.codes] for name, side in scopes.sides.items()}
    rows = totals.assign(**{f"{name}_at": column for name, column in codes.items()})
    vague = [name for name, monitor in reader.monitors.items() if monitor.scope.zero_code == "nothing_known"]
    is_unknown = (rows["high"] == 0) & rows["monitor"].isin(vague)
    rows["high"] = rows["high"].mask(is_unknown, np.inf).fillna(np.inf)
    rows = rows[rows["start"] <= rows["end"]]
    identity = ["claim_id", "measure_code", "population_code", "sex_code", "age_group_code"]
    topic = ["series", "role_code", *(f"{name}_at" for name in codes)]
    keys = [*topic, "start", "end"]
    rows = rows.sort_values([*keys, *identity, "low", "high"], kind="stable", ignore_index=True)
    stated = rows.groupby(keys, sort=False)
    rows = rows.assign(low=stated["low"].transform("min"), high=stated["high"].transform("max"))
    rows = rows.drop_duplicates(keys, ignore_index=True)
    for column, vocabulary in (("perpetrator_codes", reader.attackers), ("violence_code", reader.means)):
        titles = {text: _titles(text, vocabulary) for text in rows[column].unique()}
        rows[f"{column}_title"] = rows[column].map(titles)
    return Numbers(
        rows=rows,
        sides=scopes.sides,
        codes={name: rows[f"{name}_at"].to_numpy() for name in codes},
        group=np.asarray(rows.groupby(topic, sort=True).ngroup().to_numpy(), dtype=np.int64),
        start=rows["start"].to_numpy(dtype=np.int64),
        end=rows["end"].to_numpy(dtype=np.int64),
        low=rows["low"].to_numpy(dtype=np.float64),
        high=rows["high"].to_numpy(dtype=np.float64),
    )


def _titles(codes: str, vocabulary: Vocabulary) -> str:
    return ", ".join(
        vocabulary.terms[code].title if code in vocabulary.terms else code for code in codes.split()
    )


def _one_for_equals(side: Side) -> Ints:
    """Return for each value of a side the first of those that lie in it, and it in them."""
    if not len(side.inside):
        return np.empty(0, dtype=np.int64)
    return np.asarray((side.inside & side.inside.T).argmax(axis=1), dtype=np.int64)


def within_one_window(numbers: Numbers) -> pd.DataFrame:
    """Return pairs of numbers of one window, the first's scope inside the second's.

    Columns: part, whole, side (the only side in which they differ, empty where several do).
    """
    window = numbers.keys(("measure",), numbers.start, numbers.end)
    order = np.argsort(window, kind="stable")
    first = np.flatnonzero(np.r_[True, np.diff(window[order]) > 0])
    count = np.diff(np.r_[first, len(order)])
    chunk = np.cumsum(count**2) // PAIRS_AT_ONCE
    found = [
        _inside(numbers, order, first[some], count[some])
        for some in (np.flatnonzero(chunk == number) for number in np.unique(chunk))
    ]
    return pd.concat(found, ignore_index=True)


def _inside(numbers: Numbers, order: Ints, first: Ints, count: Ints) -> pd.DataFrame:
    """Return the pairs among runs of rows, each run beginning at `first` of `order` and `count` long."""
    left = np.repeat(order[runs(first, count)], np.repeat(count, count))
    right = order[runs(np.repeat(first, count), np.repeat(count, count))]
    differing = [numbers.codes[name][left] != numbers.codes[name][right] for name in SIDES]
    differs = np.stack(differing, axis=1) if len(left) else np.empty((0, len(SIDES)), dtype=bool)
    held = differs.any(axis=1)
    for name, apart in zip(SIDES, differs.T, strict=True):
        codes = numbers.codes[name]
        held &= ~apart | numbers.sides[name].inside[codes[left], codes[right]]
    names = np.array([*SIDES], dtype=object)[differs[held].argmax(axis=1)]
    return pd.DataFrame(
        {
            "part": left[held],
            "whole": right[held],
            "side": np.where(differs[held].sum(axis=1) == 1, names, ""),
        }
    )
