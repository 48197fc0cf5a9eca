"""Kinds about day and place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import Evidence, Finding
from reconcile.groups import gathered
from reconcile.views import distance_km, records, window_text

if TYPE_CHECKING:
    from collections.abc import Iterator

SLIP_CODE = "contradiction"
# Cells and points that a finding of many names one by one.
NAMED = 5
BAD_PLACE_CODES = ("unreadable", "outside_country", "half_coordinate", "zero_coordinate")


def find_date_shift(evidence: Evidence) -> Iterator[Finding]:
    """Claims on one incident give days that do not meet; a shift of a night is told once for each two monitors."""
    pairs = evidence.pairs
    left, right = evidence.both_sides(["monitor", "date_start", "date_end"])
    starts = left["date_start"].mask(left["date_start"] < right["date_start"], right["date_start"])
    ends = left["date_end"].mask(left["date_end"] > right["date_end"], right["date_end"])
    is_left_first = left["date_start"] < right["date_start"]
    shifted = pairs.assign(
        days=(starts - ends).dt.days,
        earlier=np.where(is_left_first, left["monitor"], right["monitor"]),
        later=np.where(is_left_first, right["monitor"], left["monitor"]),
    )
    shifted = shifted[shifted["days"] > 0]
    is_night = shifted["days"] <= evidence.tolerance("DATE-SHIFT", "days")
    shifted = _with_days(evidence, shifted)
    for row in records(shifted[~is_night]):
        yield _shift(evidence, row, ())
    for (earlier, later), rows in shifted[is_night].groupby(["earlier", "later"], sort=True):
        about = (str(earlier), str(later))
        incidents = len(set(rows["cluster_id"]))
        if len(rows) == 1:
            yield _shift(evidence, next(records(rows)), about)
            continue
        longest = rows["days"].max()
        yield Finding(
            claim_ids=tuple(sorted({*rows["left"], *rows["right"]})),
            about=about,
            left_value=f"{evidence.title(str(earlier))}: earlier",
            right_value=f"{evidence.title(str(later))}: later",
            gap=float(incidents),
            gap_unit="incidents",
            explanation=f"{evidence.title(str(later))} dates {incidents} shared {'incident' if incidents == 1 else 'incidents'} {_days(longest)} later than {evidence.title(str(earlier))}.",
            suggested_action="Ask whether the later one dates by the day of the report, or by the morning after; shift neither, and widen windows by a day where sums are compared.",
        )


def _days(longest: float) -> str:
    return "a day" if longest == 1 else f"up to {longest:g} days"


def _with_days(evidence: Evidence, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return pairs with monitor and window of either side."""
    columns = ["monitor", "edtf", "date_start", "date_end"]
    left, right = (
        evidence.claims[columns].reindex(pairs[side]).set_axis(pairs.index).add_suffix(f"_{side}")
        for side in ("left", "right")
    )
    return pairs.join(left).join(right)


def _shift(evidence: Evidence, row: Any, about: tuple[str, ...]) -> Finding:
    a, b = evidence.title(row.monitor_left), evidence.title(row.monitor_right)
    return Finding(
        claim_ids=(row.left, row.right),
        about=about,
        cluster_id=row.cluster_id,
        left_value=f"{a}: {row.edtf_left}",
        right_value=f"{b}: {row.edtf_right}",
        gap=float(row.days),
        gap_unit="days",
        explanation=f"{a} dates it {window_text(row.date_start_left, row.date_end_left)}, {b} {window_text(row.date_start_right, row.date_end_right)}.",
        suggested_action="Check for a night between the two days, or a day of report taken for the day of the event.",
    )


def find_range_of_days(evidence: Evidence) -> Iterator[Finding]:
    """One claim on an incident gives a day, another a longer window that holds it; told once for each two monitors."""
    pairs = evidence.pairs
    left, right = evidence.both_sides(["monitor", "date_start", "date_end"])
    rows = pairs.join(left.add_suffix("_left")).join(right.add_suffix("_right"))
    swapped = pairs.join(right.add_suffix("_left")).join(left.add_suffix("_right"))
    both = pd.concat([rows, swapped], ignore_index=True)
    is_day = both["date_start_left"] == both["date_end_left"]
    within = (both["date_start_right"] <= both["date_start_left"]) & (
        both["date_end_left"] <= both["date_end_right"]
    )
    both = both.assign(days=(both["date_end_right"] - both["date_start_right"]).dt.days + 1)
    held = both[is_day & within & (both["days"] > 1)]
    for (exact, wide), group in held.groupby(["monitor_left", "monitor_right"], sort=True):
        incidents, longest, shortest = group["cluster_id"].nunique(), group["days"].max(), group["days"].min()
        span = f"{longest:g}" if longest == shortest else f"{shortest:g} to {longest:g}"
        yield Finding(
            claim_ids=tuple(sorted({*group["left"], *group["right"]})),
            about=(str(exact), str(wide)),
            left_value=f"{evidence.title(str(exact))}: a day",
            right_value=f"{evidence.title(str(wide))}: {span} days",
            gap=float(incidents),
            gap_unit="incidents",
            explanation=f"In {incidents} shared {'incident' if incidents == 1 else 'incidents'} {evidence.title(str(exact))} gives one day and "
            f"{evidence.title(str(wide))} a window of {span} days that holds it.",
            suggested_action="Look whether the wider record holds several events; sum it only where its whole window lies inside yours.",
        )  # fmt: skip


def find_weekday(evidence: Evidence) -> Iterator[Finding]:
    """A date names a weekday that it does not fall on; told once a monitor."""
    slips = evidence.issues[evidence.issues["code"] == SLIP_CODE]
    keys = ["source_file", "source_sheet", "source_row"]
    found = slips.merge(
        evidence.claims[[*keys, "claim_id", "monitor"]].reset_index(drop=True), on=keys
    ).sort_values(["monitor", *keys, "column"])
    for monitor, rows in found.groupby("monitor", sort=True):
        cells = rows.drop_duplicates([*keys, "column"])
        told = " ".join(dict.fromkeys(cells["message"].iloc[:NAMED]))
        more = f" {len(cells) - NAMED} more cells do so." if len(cells) > NAMED else ""
        yield Finding(
            claim_ids=tuple(sorted(set(rows["claim_id"]))),
            about=(str(monitor),),
            left_value=", ".join(
                dict.fromkeys(value for value in cells["value"].iloc[:NAMED] if value != "(withheld)")
            ),
            right_value="the date was read, the weekday was not",
            gap=float(len(cells)),
            gap_unit="cells",
            explanation=f"{len(cells)} {'date' if len(cells) == 1 else 'dates'} of {evidence.title(str(monitor))} {'names' if len(cells) == 1 else 'name'} another weekday than {'its' if len(cells) == 1 else 'their'} own. {told}{more}",
            suggested_action="Look the day up: either the date or the weekday is wrong, and the date may be off by a week.",
        )


def find_distance(evidence: Evidence) -> Iterator[Finding]:
    """Coordinates of claims on one incident lie further apart than their two precisions allow."""
    claims = evidence.claims
    allowed = {code: evidence.tolerance("LOC-DIST", f"km_{code}") for code in range(1, 7)}
    pairs = evidence.pairs
    left, right = evidence.pair_rows
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
    point = ["monitor", "latitude", "longitude"]
    shared = located.groupby(point)["claim_id"].transform("size")
    centroids = gathered(
        located[shared >= evidence.tolerance("LOC-GRAN", "centroid_claims")], point, "claim_id"
    )
    centroids = centroids.assign(claims=centroids["claim_id"].map(len)).sort_values(
        ["monitor", "claims", "latitude", "longitude"], ascending=[True, False, True, True]
    )
    for monitor, points in centroids.groupby("monitor", sort=True):
        held = int(points["claims"].sum())
        told = "; ".join(_point(evidence, row) for row in records(points.iloc[:NAMED]))
        more = f"; {len(points) - NAMED} more" if len(points) > NAMED else ""
        yield Finding(
            claim_ids=tuple(sorted(claim for ids in points["claim_id"] for claim in ids)),
            about=(str(monitor), "points"),
            left_value=f"{evidence.title(str(monitor))}: {len(points)} {'point' if len(points) == 1 else 'points'}",
            right_value=f"{held:,} claims",
            gap=float(held),
            gap_unit="incidents",
            explanation=f"{evidence.title(str(monitor))} places {held:,} claims on {len(points)} {'point' if len(points) == 1 else 'points'} ({told}{more}); such a point is a centroid and not an address.",
            suggested_action="Map these by governorate or town, not as points.",
        )
    yield from _coarser(evidence)


def _point(evidence: Evidence, row: Any) -> str:
    names = evidence.claims.loc[list(row.claim_id), "place_name"].value_counts()
    return f"{row.latitude:g}, {row.longitude:g}, most often named {names.index[0]}: {row.claims}"


def _coarser(evidence: Evidence) -> Iterator[Finding]:
    """One finding per pair of monitors: how often the one is coarser than the other on a shared incident."""
    pairs = evidence.pairs
    a, b = evidence.both_sides(["location_precision_code", "monitor"])
    steps = a["location_precision_code"].to_numpy() - b["location_precision_code"].to_numpy()
    stated = (a["location_precision_code"].to_numpy() < 6) & (b["location_precision_code"].to_numpy() < 6)  # noqa: PLR2004 - 6 is not stated
    table = pairs.assign(
        coarse=np.where(steps > 0, a["monitor"], b["monitor"]),
        fine=np.where(steps > 0, b["monitor"], a["monitor"]),
    )
    table = table[stated & (np.abs(steps) >= evidence.tolerance("LOC-GRAN", "steps"))]
    for (coarse, fine), rows in table.groupby(["coarse", "fine"], sort=True):
        incidents = len(set(rows["cluster_id"]))
        yield Finding(
            claim_ids=tuple(sorted({*rows["left"], *rows["right"]})),
            about=(str(coarse), str(fine)),
            left_value=evidence.title(str(coarse)),
            right_value=evidence.title(str(fine)),
            gap=float(incidents),
            gap_unit="incidents",
            explanation=f"In {incidents} shared {'incident' if incidents == 1 else 'incidents'} {evidence.title(str(coarse))} places the event more coarsely than {evidence.title(str(fine))}, by two steps or more.",
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
