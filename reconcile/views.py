"""Arrays that several stages take from a Claims frame: whole days, distances, name keys, spots, a monitor's own parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reconcile.parse.places import fold_name, split_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from reconcile.ruleset import Monitor

    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
CENTROID_CLAIMS = 10
SPLIT_KM = 1.0
# The finest two precisions: a street, a neighbourhood, a village or a town.
SPOT_PRECISION = 2


NO_DAY = np.iinfo(np.int64).min


def days_of(claims: pd.DataFrame, column: str) -> Ints:
    """Return a column of days as whole days since 1970; missing days are the smallest integer."""
    return claims[column].to_numpy().astype("datetime64[D]").astype(np.int64)


def windows_of(claims: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return first and last days as `days_of`; a window without a last day is its first day."""
    start = days_of(claims, "date_start")
    return start, np.maximum(days_of(claims, "date_end"), start)


def place_keys(names: pd.Series[str]) -> tuple[Ints, npt.NDArray[np.object_]]:
    """Return (position, key) for every telling part of every place name; each distinct name is folded once."""
    codes, distinct = pd.factorize(names)
    parts = [sorted({key for part in split_place(name) if (key := fold_name(part))}) for name in distinct]
    counts = np.array([len(keys) for keys in parts], dtype=np.int64)
    flat = np.array([key for keys in parts for key in keys], dtype=object)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else np.empty(0, dtype=np.int64)
    positions = np.repeat(np.arange(len(codes)), counts[codes])
    return positions, flat[runs(starts[codes], counts[codes])]


def runs(starts: Ints, counts: Ints) -> Ints:
    """Return the concatenation of the ranges starts[i] .. starts[i] + counts[i]."""
    total = int(counts.sum())
    if not total:
        return np.empty(0, dtype=np.int64)
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return np.asarray(offsets + np.arange(total), dtype=np.int64)


def great_circle_km(south: Floats, west: Floats, north: Floats, east: Floats) -> Floats:
    """Return great-circle distances in km between points given in degrees: latitude, longitude, latitude, longitude."""
    from_latitude, from_longitude, to_latitude, to_longitude = (
        np.radians(angle) for angle in (south, west, north, east)
    )
    rise = np.sin((to_latitude - from_latitude) / 2) ** 2
    run = np.cos(from_latitude) * np.cos(to_latitude) * np.sin((to_longitude - from_longitude) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(rise + run, 0, 1))), dtype=np.float64)


def distance_km(claims: pd.DataFrame, left: Ints, right: Ints) -> Floats:
    """Return distances in km between the claims' published coordinates; null where one has none."""
    latitude, longitude = claims["latitude"].to_numpy(), claims["longitude"].to_numpy()
    return great_circle_km(latitude[left], longitude[left], latitude[right], longitude[right])


POINT = ("monitor", "latitude", "longitude")


def is_spot(claims: pd.DataFrame, points: pd.DataFrame | None = None) -> Bools:
    """Return which claims have coordinates of a spot: fine enough, and not a centroid that many claims share.

    Args:
        claims: a `Claims` frame.
        points: columns of `POINT` and `claims`: how many claims of the run bear each point; None where all of them are here.
    """
    located = claims["latitude"].notna() & claims["longitude"].notna()
    if points is None:
        count = claims.groupby(list(POINT))["claim_id"].transform("size").fillna(0)
    else:
        count = claims[list(POINT)].merge(points, on=list(POINT), how="left")["claims"].fillna(0)
        count.index = claims.index
    shared = count >= CENTROID_CLAIMS
    return np.asarray(located & ~shared & (claims["location_precision_code"] <= SPOT_PRECISION))


def components(size: int, left: Ints, right: Ints) -> Ints:
    """Return a label for each of `size` nodes: equal where edges connect them, and the smallest node's position."""
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    smallest = np.full(int(label.max()) + 1 if size else 0, size, dtype=np.int64)
    np.minimum.at(smallest, label, np.arange(size))
    return np.asarray(smallest[label], dtype=np.int64)


def split_edges(claims: pd.DataFrame, monitors: Mapping[str, Monitor]) -> tuple[Ints, Ints]:
    """Return pairs of claims that are parts of one incident, split by its own monitor.

    Parts share the base of their code, their day, and a spot at most 1 km apart, or the place's name where no point is
    published. A suffix alone proves nothing: most are codes that were inserted later.
    """
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for monitor_id, monitor in monitors.items():
        if not monitor.split_pattern:
            continue
        rows = np.flatnonzero((claims["monitor"] == monitor_id).to_numpy())
        pattern = re.compile(monitor.split_pattern)
        matched = [pattern.match(code) for code in claims["native_id"].iloc[rows]]
        base = pd.Series([found["base"] if found else "" for found in matched], index=rows)
        base = base[base.duplicated(keep=False) & (base != "")].sort_values(kind="stable")
        for members in base.groupby(base).groups.values():
            near = np.array([(a, b) for a in members for b in members if a < b], dtype=np.int64).reshape(
                -1, 2
            )
            lefts.append(near[:, 0])
            rights.append(near[:, 1])
    left, right = np.concatenate(lefts), np.concatenate(rights)
    start, end = days_of(claims, "date_start"), days_of(claims, "date_end")
    same_days = (start[left] == start[right]) & (end[left] == end[right])
    spot = is_spot(claims)
    with np.errstate(invalid="ignore"):
        one_spot = spot[left] & spot[right] & (distance_km(claims, left, right) <= SPLIT_KM)
    name = (
        claims["place_name"]
        .map({text: fold_name(text) for text in claims["place_name"].unique()})
        .to_numpy(dtype=object)
    )
    pointless = claims["latitude"].isna().to_numpy()
    one_name = pointless[left] & pointless[right] & (name[left] == name[right]) & (name[left] != "")
    close = same_days & (one_spot | one_name)
    return left[close], right[close]


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Return the rows of a small frame as named tuples, for sentences about each; never for work on all claims."""
    return frame.itertuples()


def interval_text(low: float, high: float) -> str:
    """Return an interval of persons as people write it: 117, 205–228, 100 or more."""
    if np.isnan(low):
        return "not stated"
    if np.isnan(high):
        return f"{low:,.10g} or more"
    return f"{low:,.10g}" if low == high else f"{low:,.10g}–{high:,.10g}"


def difference_text(low: float, high: float) -> str:
    """Return a difference as people write it; below zero a dash between two numbers would be read as a sign."""
    if np.isnan(low):
        return "any number" if np.isnan(high) else f"at most {high:,.10g}"
    if low >= 0 or low == high:
        return interval_text(low, high)
    return f"{low:,.10g} or more" if np.isnan(high) else f"{low:,.10g} to {high:,.10g}"


def window_text(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Return a window as people write it: 6–17 June 2017."""
    if pd.isna(start):
        return "no day stated"
    if pd.isna(end) or start == end:
        return f"{start.day} {start:%B %Y}" + (" on" if pd.isna(end) else "")
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{end.day} {end:%B %Y}"
    first = f"{start.day} {start:%B}" if start.year == end.year else f"{start.day} {start:%B %Y}"
    return f"{first} – {end.day} {end:%B %Y}"
