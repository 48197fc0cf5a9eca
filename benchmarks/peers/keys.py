"""The blocking keys that Splink and the Record Linkage Toolkit are given alike.

Both join on equality, so a window of days is two sets of buckets of six days, half a bucket apart: no two days at most three
apart are missed. Sets that state no governorate, or no day, need other keys; which of the two it is, the columns say.
"""

from __future__ import annotations

from typing import Any

Keys = tuple[tuple[str, ...], ...]

TOWN_AND_WEEK: Keys = (("place_bones", "days_a"), ("place_bones", "days_b"))
NAMES: Keys = (("given_bones", "family_bones"), ("given_bones", "father_bones", "admin1"))
KEYS: dict[str, Keys] = {
    "incidents": (
        *TOWN_AND_WEEK,
        ("admin1", "two_a"),
        ("admin1", "two_b"),
        ("cell_a", "days_a"),
        ("cell_b", "days_b"),
    ),
    "incidents without governorates": (*TOWN_AND_WEEK, ("two_a",), ("two_b",)),
    "victims": (
        *NAMES,
        ("given_bones", "days_a"),
        ("given_bones", "days_b"),
        ("family_bones", "days_a"),
        ("family_bones", "days_b"),
    ),
    "victims without days": (
        ("given_bones", "family_bones"),
        ("given_bones", "father_bones"),
        ("father_bones", "family_bones"),
        ("given_bones", "age"),
        ("family_bones", "age"),
    ),
}


def case_of(kind: str, claims: Any) -> str:
    """Return which keys a set of claims needs; `claims` is the pandas frame of cleaned columns."""
    column, case = (
        ("admin1", "incidents without governorates")
        if kind == "incidents"
        else ("day", "victims without days")
    )
    stated = claims[column].notna().groupby(claims["monitor"]).any()
    return kind if stated.all() else case
