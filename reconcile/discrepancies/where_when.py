"""Kinds about day and place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import Evidence, Finding
from reconcile.views import distance_km, records, window_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BAD_PLACE_CODES = ("unreadable", "outside_country", "half_coordinate", "zero_coordinate")


def find_date_shift(evidence: Evidence) -> Iterator[Finding]:
    """Claims on one incident give days that do not meet."""
    pairs = evidence.pairs
    left, right = evidence.claims.reindex(pairs["left"]), evidence.claims.reindex(pairs["right"])
    gap = np.maximum(left["date_start"].to_numpy(), right["date_start"].to_numpy()) - np.minimum(
        left["date_end"].to_numpy(), right["date_end"].to_numpy()
    )
    days = pd.Series(gap).dt.days
    for row in records(pairs.assign(days=days.to_numpy())[(days > 0).to_numpy()]):
        a, b = evidence.claims.loc[row.left], evidence.claims.loc[row.right]
        yield Finding(
            claim_ids=(row.left, row.right),
            cluster_id=row.cluster_id,
            left_value=f"{evidence.title(a['monitor'])}: {a['edtf']}",
            right_value=f"{evidence.title(b['monitor'])}: {b['edtf']}",
            gap=float(row.days),
            gap_unit="days",
            explanation=f"{evidence.title(a['monitor'])} dates it {window_text(a['date_start'], a['date_end'])}, {evidence.title(b['monitor'])} {window_text(b['date_start'], b['date_end'])}.",
            suggested_action="Check for a night between the two days, or a day of report taken for the day of the event.",
        )


def find_distance(evidence: Evidence) -> Iterator[Finding]:
    """Coordinates of claims on one incident lie further apart than their two precisions allow."""
    claims = evidence.claims
    allowed = {code: evidence.tolerance("LOC-DIST", f"km_{code}") for code in range(1, 7)}
    pairs = evidence.pairs
    position = pd.Series(np.arange(len(claims)), index=claims.index)
    left, right = position.reindex(pairs["left"]).to_numpy(), position.reindex(pairs["right"]).to_numpy()
    km = distance_km(claims, left, right)
    precision = claims["location_precision_code"].map(allowed).to_numpy()
    bound = precision[left] + precision[right]
    with np.errstate(invalid="ignore"):
        far = km > bound
    for row in records(pairs.assign(km=km, bound=bound)[far]):
        a, b = claims.loc[row.left], claims.loc[row.right]
        yield Finding(
            claim_ids=(row.left, row.right),
            cluster_id=row.cluster_id,
            left_value=f"{evidence.title(a['monitor'])}: {a['latitude']:.4f}, {a['longitude']:.4f} (precision {a['location_precision_code']})",
            right_value=f"{evidence.title(b['monitor'])}: {b['latitude']:.4f}, {b['longitude']:.4f} (precision {b['location_precision_code']})",
            gap=float(row.km),
            gap_unit="km",
            explanation=f"The two places lie {row.km:.1f} km apart; their precisions allow {row.bound:g} km.",
            suggested_action="Check both places on a map; if they are two places, judge the claims different.",
        )


def find_granularity(evidence: Evidence) -> Iterator[Finding]:
    """A place stands for a larger area: one point that many claims share, or a town where another has a street."""
    claims = evidence.claims
    located = claims[claims["latitude"].notna() & (claims["kind_code"] == "incident")]
    shared = located.groupby(["monitor", "latitude", "longitude"])["claim_id"].agg(tuple)
    centroids: Iterable[Any] = shared[
        shared.map(len) >= evidence.tolerance("LOC-GRAN", "centroid_claims")
    ].items()
    for (monitor, latitude, longitude), ids in centroids:
        names = claims.loc[list(ids), "place_name"].value_counts()
        yield Finding(
            claim_ids=tuple(ids),
            left_value=f"{latitude:g}, {longitude:g}",
            right_value=f"{len(ids)} claims",
            gap=float(len(ids)),
            gap_unit="incidents",
            explanation=f"{evidence.title(monitor)} places {len(ids)} claims on one point ({latitude:g}, {longitude:g}; most often named {names.index[0]}); it is a centroid and not an address.",
            suggested_action="Map these by governorate or town, not as points.",
        )
    yield from _coarser(evidence)


def _coarser(evidence: Evidence) -> Iterator[Finding]:
    """One finding per pair of monitors: how often the one is coarser than the other on a shared incident."""
    claims, pairs = evidence.claims, evidence.pairs
    a, b = claims.reindex(pairs["left"]), claims.reindex(pairs["right"])
    steps = a["location_precision_code"].to_numpy() - b["location_precision_code"].to_numpy()
    stated = (a["location_precision_code"].to_numpy() < 6) & (b["location_precision_code"].to_numpy() < 6)  # noqa: PLR2004 - 6 is not stated
    table = pairs.assign(
        coarse=np.where(steps > 0, a["monitor"], b["monitor"]),
        fine=np.where(steps > 0, b["monitor"], a["monitor"]),
    )
    table = table[stated & (np.abs(steps) >= evidence.tolerance("LOC-GRAN", "steps"))]
    for (coarse, fine), rows in table.groupby(["coarse", "fine"], sort=True):
        yield Finding(
            claim_ids=tuple(sorted({*rows["left"], *rows["right"]})),
            left_value=evidence.title(str(coarse)),
            right_value=evidence.title(str(fine)),
            gap=float(rows["cluster_id"].nunique()),
            gap_unit="incidents",
            explanation=f"In {rows['cluster_id'].nunique()} shared incidents {evidence.title(str(coarse))} places the event more coarsely than {evidence.title(str(fine))}, by two steps or more.",
            suggested_action="Use the finer place for maps, and say whose it is.",
        )


def find_bad_place(evidence: Evidence) -> Iterator[Finding]:
    """Coordinates that cannot be: out of range, half missing, 0/0, or outside the claim's own country."""
    rows = evidence.issues[
        evidence.issues["code"].isin(BAD_PLACE_CODES)
        & evidence.issues["column"].isin(["latitude", "longitude"])
    ]
    keys = ["source_file", "source_sheet", "source_row"]
    found = rows.merge(
        evidence.claims[[*keys, "claim_id", "monitor", "place_name"]].reset_index(drop=True), on=keys
    ).drop_duplicates("claim_id")
    for row in records(found):
        yield Finding(
            claim_ids=(row.claim_id,),
            left_value=row.value,
            right_value=row.place_name,
            explanation=f"{evidence.title(row.monitor)}, {row.source_file}: {row.message}",
            suggested_action="Correct the coordinates (corrections.yaml), or leave them blank.",
        )
