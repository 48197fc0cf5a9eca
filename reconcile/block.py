"""Claims -> CandidatePairs: which claims of different monitors are worth comparing.

Each blocking rule joins claims that share a key (a place name, a governorate, a grid cell) and whose windows lie at most
so many days apart. Sorted by key and first day, the partners of a claim are one run of rows, found by binary search, so
pairs are counted before they are made and no window edge is missed.

Guarantees:
    each_pair_once: a pair comes out once, its left position before its right one.
    other_monitors_only: both sides are claims of different monitors.
    windows_within_reach: no pair's windows lie further apart than its rule allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.frames import CandidatePairs, empty, typed
from reconcile.views import place_keys, runs, windows_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from reconcile.ruleset import BlockingRule, Linkage

    Ints = npt.NDArray[np.int64]

LINKED_UNITS = ("incident", "allegation")
CELL_DEGREES = 0.25
_DAY_SPAN = 1 << 20
TOWN_PRECISION = 3


@dataclass(frozen=True, slots=True)
class Blocked:
    """Candidate pairs and what each rule brought.

    Attributes:
        pairs: a `CandidatePairs` frame.
        summary: one row a rule: rule_code, pairs, largest_key, narrowed_keys.
    """

    pairs: pd.DataFrame
    summary: pd.DataFrame


def block(claims: pd.DataFrame, linkage: Linkage) -> Blocked:
    """Return the pairs worth comparing.

    Args:
        claims: a `Claims` frame.
        linkage: whose blocking rules to apply, in order; a pair is named after the first that finds it.
    """
    eligible = (
        (claims["kind_code"] == "incident")
        & claims["unit_code"].isin(LINKED_UNITS)
        & claims["date_start"].notna()
    )
    rows = np.flatnonzero(eligible.to_numpy()).astype(np.int64)
    start, end = (days[rows] for days in windows_of(claims))
    monitor = pd.factorize(claims["monitor"].to_numpy()[rows])[0]
    found: list[pd.DataFrame] = []
    summary = []
    for rule in linkage.blocking:
        members, keys, home = _keys(claims.iloc[rows], rule)
        left, right, narrowed = _window_join(
            members, keys, home, start, end, rule.within_days, linkage.max_pairs_per_key
        )
        keep = monitor[left] != monitor[right]
        pairs = pd.DataFrame(
            {
                "left_row": rows[np.minimum(left, right)[keep]],
                "right_row": rows[np.maximum(left, right)[keep]],
            }
        )
        pairs = pairs.drop_duplicates(ignore_index=True).assign(rule_code=rule.code)
        largest = int(np.bincount(keys).max()) if len(keys) else 0
        summary.append(
            {"rule_code": rule.code, "pairs": len(pairs), "largest_key": largest, "narrowed_keys": narrowed}
        )
        found.append(pairs)
    joined = pd.concat([empty(CandidatePairs), *found], ignore_index=True).drop_duplicates(
        ["left_row", "right_row"], keep="first"
    )
    return Blocked(
        typed(CandidatePairs, joined.sort_values(["left_row", "right_row"])), pd.DataFrame(summary)
    )


def _keys(claims: pd.DataFrame, rule: BlockingRule) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return members, their keys, and which of them stand in their own cell (the others only look into it)."""
    if rule.key == "place":
        members, names = place_keys(claims["place_name"])
        named = np.flatnonzero((claims["place_id"] != "").to_numpy())
        members = np.concatenate([members, named])
        names = np.concatenate([names, ("id:" + claims["place_id"].iloc[named]).to_numpy(dtype=object)])
        return members, pd.factorize(names)[0].astype(np.int64), np.ones(len(members), dtype=bool)
    if rule.key == "nearby":
        return _cells(claims)
    column = claims["admin1"] if rule.key == "admin1" else claims["country_code"]
    stated = np.flatnonzero((column != "").to_numpy())
    return stated, pd.factorize(column.iloc[stated])[0].astype(np.int64), np.ones(len(stated), dtype=bool)


def _cells(claims: pd.DataFrame) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    precise = (
        claims["latitude"].notna()
        & claims["longitude"].notna()
        & (claims["location_precision_code"] <= TOWN_PRECISION)
    )
    rows = np.flatnonzero(precise.to_numpy())
    latitude = np.floor(claims["latitude"].to_numpy()[rows] / CELL_DEGREES).astype(np.int64)
    longitude = np.floor(claims["longitude"].to_numpy()[rows] / CELL_DEGREES).astype(np.int64)
    steps = [(north, east) for north in (-1, 0, 1) for east in (-1, 0, 1)]
    cells = (
        np.concatenate([(latitude + north) * 10_000 + longitude + east for north, east in steps])
        if len(rows)
        else np.empty(0, np.int64)
    )
    home = np.concatenate([np.full(len(rows), (north, east) == (0, 0)) for north, east in steps])
    return np.tile(rows, len(steps)), pd.factorize(cells)[0].astype(np.int64), home


def _window_join(
    members: Ints,
    keys: Ints,
    home: npt.NDArray[np.bool_],
    start: Ints,
    end: Ints,
    within_days: int,
    most: int,
) -> tuple[Ints, Ints, int]:
    """Return pairs of members that share a key and whose windows lie within reach, and how many keys were narrowed."""
    if not len(members):
        return np.empty(0, np.int64), np.empty(0, np.int64), 0
    order = np.lexsort((members[home], start[members[home]], keys[home]))
    target, target_key = members[home][order], keys[home][order]
    target_at = target_key * _DAY_SPAN + start[target]
    first = np.searchsorted(target_at, keys * _DAY_SPAN + start[members], side="left")
    last = np.searchsorted(target_at, keys * _DAY_SPAN + end[members] + within_days, side="right")
    per_key = np.bincount(keys, weights=last - first)
    crowded = per_key[keys] > most
    if crowded.any():
        # A key this common says little; its claims are paired on the very same days only.
        narrow = np.searchsorted(target_at, keys * _DAY_SPAN + start[members], side="right")
        last = np.where(crowded, narrow, last)
    counts = last - first
    left = np.repeat(members, counts)
    right = target[runs(first, counts)]
    apart = left != right
    return left[apart], right[apart], int((per_key > most).sum())
