"""How many claims of a monitor would stand by a claim's side by chance: its density under a key in the weeks around it.

Agreeing on a village in which a monitor reports once a year is telling, agreeing on a besieged city says little, and how
little depends on the month. So chance is counted where and when a pair lies: the other monitor's claims under the same key
in the weeks before and after, the days around the pair itself left out, since those may hold the match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.views import NO_DAY, windows_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

# Days on each side that are looked at, and the days around a claim that are left out.
AROUND_DAYS, OWN_DAYS = 45, 2
# Added to every count: what was not seen in three months may still come.
UNSEEN = 0.5
_SPAN = 1 << 22
_MIDDLE = _SPAN // 2


@dataclass(frozen=True, slots=True)
class Moments:
    """Whose each claim is and when it lies: number of the monitor, how many there are, first and last day."""

    monitor: Ints
    monitors: int
    start: Ints
    end: Ints


def moments(claims: pd.DataFrame) -> Moments:
    """Return whose claims are and when they lie."""
    code, names = pd.factorize(claims["monitor"])
    start, end = windows_of(claims)
    dated = start != NO_DAY
    return Moments(
        code.astype(np.int64),
        len(names),
        np.where(dated, start + _MIDDLE, -1),
        np.where(dated, end + _MIDDLE, -1),
    )


class Density:
    """Claims a day of any monitor around any entry; an entry is a claim under one key."""

    def __init__(self, keys: Ints, owners: Ints, when: Moments, *, several: bool = False) -> None:
        """Take the entries.

        Args:
            keys: number of each entry's key, -1 for none.
            owners: position of the claim that each entry belongs to.
            when: whose the claims are and when they lie.
            several: whether a claim may stand under several keys; else it has one entry.
        """
        self._keys, self._owners, self._when = keys, owners, when
        held = (keys >= 0) & (when.start[owners] >= 0)
        key, owner = keys[held], owners[held]
        if several:
            # A claim that stands twice under one key counts once.
            claims = len(when.start)
            once = np.sort(key * claims + owner)
            once = once[np.append(True, once[1:] != once[:-1])] if len(once) else once
            key, owner = once // max(claims, 1), once % max(claims, 1)
        self._at = np.sort((key * when.monitors + when.monitor[owner]) * _SPAN + when.start[owner])
        # Rates are asked for again and again; each is counted once.
        self._rates = np.full(len(keys) * when.monitors, np.nan, dtype=np.float32)

    def rate(self, entries: Ints, monitors: Ints) -> Floats:
        """Return how many claims a day of each monitor stand under each entry's key in the weeks around it."""
        cell = entries * self._when.monitors + monitors
        rates = self._rates[cell]
        unknown = np.isnan(rates)
        if unknown.any():
            wanted = np.zeros(len(self._rates), dtype=bool)
            wanted[cell[unknown]] = True
            asked = np.flatnonzero(wanted)
            entry, monitor = asked // self._when.monitors, asked % self._when.monitors
            owner = self._owners[entry]
            # Asked in the order in which they lie, neighbours find their answers in the same corner of memory.
            order = np.argsort(
                (np.maximum(self._keys[entry], 0) * self._when.monitors + monitor) * _SPAN
                + self._when.start[owner]
            )
            asked, entry, monitor, owner = asked[order], entry[order], monitor[order], owner[order]
            self._rates[asked] = self.counted(
                self._keys[entry], monitor, self._when.start[owner], self._when.end[owner]
            )
            rates = self._rates[cell]
        return np.asarray(rates, dtype=np.float64)

    def counted(self, keys: Ints, monitors: Ints, start: Ints, end: Ints) -> Floats:
        """Return the rate under any key around any window; the least there is where there is no key or no day."""
        base = (np.maximum(keys, 0) * self._when.monitors + monitors) * _SPAN
        known = (keys >= 0) & (start >= 0)

        def between(low: Ints, high: Ints) -> Ints:
            return np.searchsorted(self._at, base + high, "right") - np.searchsorted(
                self._at, base + low, "left"
            )

        around = between(start - AROUND_DAYS, end + AROUND_DAYS) - between(start - OWN_DAYS, end + OWN_DAYS)
        return np.asarray((np.where(known, around, 0) + UNSEEN) / (2 * (AROUND_DAYS - OWN_DAYS)))
