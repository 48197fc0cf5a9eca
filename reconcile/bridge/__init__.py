"""Totals + incidents -> BridgeSteps: a figure for a period, laid beside every other monitor's incidents, step by step.

A rung says what it lets in: grades first, then incidents that straddle the window, one day more at either end, the town
or the governorate, places that are too coarse to tell, attackers that act as part of the one named, records that name two
sides and no attacker, weapons, and at the end other populations. Sums are interval sums: lows add to the low, highs to
the high, and one open high leaves the sum open. No rung is the truth.

Guarantees:
    grade_rungs_only_grow: a wider set of grades never sums to less.
    conceded_figures_stay_out: what a belligerent concedes is on a rung of its own, and in no other sum.
    split_parts_count_once: a secondary count that the parts of one incident repeat is added once, on every rung.
    maybe_never_raises_the_low: what only may belong (it straddles, its place is not told) widens a sum at its top alone.
    other_populations_bear_no_headline: a sum of other people than the total's is no headline, and nothing is subtracted from it.
    means_only_narrow: a rung of means sums to no more than the headline, and leaves out whatever states another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.bridge.ground import Stated, ground_of
from reconcile.bridge.pool import NONE_STATED, Amounts, Pool
from reconcile.bridge.rungs import Beside, Rung, Window, other_populations, own_rungs
from reconcile.frames import BridgeSteps, empty, typed
from reconcile.scopes import Reader
from reconcile.views import days_of, interval_text, window_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconcile.bridge.ground import Ground

__all__ = ["Reader", "bridge", "unlaid"]

SECONDARY_MEASURES = frozenset({"injured"})
ONE_DAY = 1
# A file may end with a day or two on which nothing happened.
QUIET_DAYS = 2


def unlaid(claims: pd.DataFrame, reader: Reader) -> dict[str, str]:
    """Return the totals that can be laid beside nothing, whatever the other monitors hold, with the reason.

    Args:
        claims: a `Claims` frame.
        reader: for the job's scope.
    """
    totals = claims[claims["kind_code"] == "total"]
    first = pd.Timestamp(reader.from_day) if reader.from_day else pd.Timestamp.min
    last = pd.Timestamp(reader.to_day) if reader.to_day else pd.Timestamp.max
    cut = (totals["date_start"] < first) | (totals["date_end"] > last)
    reasons = {
        "it states no window": totals["date_start"].isna() | totals["date_end"].isna(),
        "its window ends before it starts": totals["date_end"] < totals["date_start"],
        "it states no place that is known": (totals["admin1"] == "") & (totals["country_code"] == ""),
        "its window reaches beyond the job's own, so incidents in it were set aside": cut,
    }
    return {
        claim_id: reason
        for reason, rows in reversed(reasons.items())
        for claim_id in totals.loc[rows, "claim_id"]
    }


def bridge(
    claims: pd.DataFrame, figures: pd.DataFrame, linked: pd.DataFrame, derived: pd.DataFrame, reader: Reader
) -> pd.DataFrame:
    """Return the steps of every total to every other monitor's incidents.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame.
        linked: a `LinkedClaims` frame, for parts of one incident.
        derived: a `DerivedTotals` frame; each is laid in its own window, with the scope of its later claim.
        reader: monitors, attackers, means and places.

    Returns:
        A `BridgeSteps` frame; none for a total without a window or a place, which can be laid beside nothing.
    """
    alleged = _whole(figures[figures["role_code"] == "alleged"])
    totals, said = _stated(claims, alleged, derived)
    totals = totals[~totals["claim_id"].isin(unlaid(totals, reader)) & totals["claim_id"].isin(said)]
    incidents = claims[
        (claims["kind_code"] == "incident")
        & claims["unit_code"].isin(["incident", "allegation"])
        & claims["date_start"].notna()
    ]
    parts = linked[linked["relation_code"] == "part_of"].set_index("claim_id")["cluster_id"]
    conceded = _whole(figures[figures["role_code"] == "conceded"])
    numbers, admitted = (
        stated.merge(incidents[["claim_id", "monitor"]], on="claim_id") for stated in (alleged, conceded)
    )
    pools = [
        Pool(
            str(monitor),
            rows.reset_index(drop=True),
            numbers[numbers["monitor"] == monitor],
            admitted[admitted["monitor"] == monitor],
            parts,
            reader,
        )
        for monitor, rows in incidents.groupby("monitor")
    ]
    first, last = days_of(totals, "date_start"), days_of(totals, "date_end")
    grounds: dict[Stated, Ground] = {}
    steps: list[dict[str, Any]] = []
    for total, start, end in zip(totals.itertuples(), first.tolist(), last.tolist(), strict=True):
        row: Any = total
        where = Stated(*(str(getattr(row, name)) for name in Stated._fields))
        if where not in grounds:
            grounds[where] = ground_of(where, reader.gazetteer)
        window = Window(start, end, *_bounds(reader))
        for pool in pools:
            if pool.monitor != row.monitor:
                steps += _laid(row, said[row.claim_id], grounds[where], window, pool)
    return typed(BridgeSteps, pd.DataFrame(steps)) if steps else empty(BridgeSteps)


def _whole(figures: pd.DataFrame) -> pd.DataFrame:
    return figures[(figures["sex_code"] == "any") & (figures["age_group_code"] == "any")]


def _stated(
    claims: pd.DataFrame, alleged: pd.DataFrame, derived: pd.DataFrame
) -> tuple[pd.DataFrame, dict[Any, list[Any]]]:
    """Return totals, derived ones among them, and the figures of each."""
    totals = claims[claims["kind_code"] == "total"]
    own = _whole(derived)
    later = totals.set_index("claim_id").reindex(own["later_id"]).reset_index(drop=True)
    made = later.assign(claim_id=own["derived_id"].to_numpy())[totals.columns]
    for name in ("date_start", "date_end"):
        made[name] = own[name].to_numpy()
    columns = ["claim_id", "measure_code", "population_code", "low", "high"]
    said = alleged.loc[alleged["claim_id"].isin(totals["claim_id"]), columns].drop_duplicates(columns[:3])
    differences = own.rename(columns={"derived_id": "claim_id"})[columns]
    both = pd.concat([said, differences], ignore_index=True) if len(own) else said
    by_total: dict[Any, list[Any]] = {}
    for figure in both.itertuples():
        by_total.setdefault(figure.claim_id, []).append(figure)
    return (pd.concat([totals, made], ignore_index=True) if len(own) else totals), by_total


def _bounds(reader: Reader) -> tuple[int | None, int | None]:
    """Return the first and last day of the job's scope, in days since 1970."""
    first, last = (
        None if day is None else int(np.datetime64(day, "D").astype(np.int64))
        for day in (reader.from_day, reader.to_day)
    )
    return first, last


# ---- one total beside one monitor ----------------------------------------------------------------------------------


def _laid(
    total: Any, figures: list[Any], ground: Ground, window: Window, pool: Pool
) -> Iterator[dict[str, object]]:
    near = np.flatnonzero(
        pool.where(ground).anywhere
        & (pool.start <= window.last + ONE_DAY)
        & (pool.end >= window.first - ONE_DAY)
    )
    if not len(near):
        return
    beside = Beside(pool, near, ground, window, total.perpetrator_codes, total.violence_code)
    is_covered, reach = _reach(total, ground, pool, near[beside.during])
    for figure in figures:
        own = pool.amounts.get((figure.measure_code, figure.population_code))
        others = other_populations(pool, figure.measure_code, figure.population_code)
        if own is None and not others:
            continue
        rungs = list(own_rungs(beside)) if own is not None else []
        rungs += beside.orientation(others)
        widest = np.logical_or.reduce([rung.members for rung in rungs]) if rungs else np.zeros(1, dtype=bool)
        if not widest.any():
            continue
        for number, rung in enumerate(rungs, start=1):
            amounts = (rung.amounts or own or NONE_STATED).take(near)
            low, high, blank = _sum(rung, amounts, pool, near, figure.measure_code)
            count = int(rung.members.sum())
            is_other = rung.amounts is not None
            yield {
                "total_id": total.claim_id,
                "measure_code": figure.measure_code,
                "population_code": figure.population_code,
                "monitor": pool.monitor,
                "step_no": number,
                "step_code": rung.code,
                "is_headline": rung.headline,
                "is_covered": is_covered,
                "incidents": count,
                "low": low,
                "high": high,
                # Figures of two populations are never subtracted.
                "residual_low": np.nan if is_other else float(figure.low) - high,
                "residual_high": np.nan if is_other else float(figure.high) - low,
                "explanation": f"{rung.title}: {_counted(count)}"
                + (f", {blank} of them without a number" if blank else "")
                + f", {interval_text(low, high)}{reach}",
                "claim_ids": " ".join(pool.ids[near[rung.members]]),
                "left_out_ids": " ".join(pool.ids[near[widest & ~rung.members]]),
            }


def _counted(count: int) -> str:
    return f"{count:,} incident{'' if count == 1 else 's'}"


def _reach(total: Any, ground: Ground, pool: Pool, during: Any) -> tuple[bool, str]:
    """Return whether a monitor's files reach over a total's window and places, and what to say where they do not."""
    slack = pd.Timedelta(days=QUIET_DAYS)
    # Of several lands, one without an incident in those days may be one that the monitor's export leaves out.
    rows = during if len(ground.names) > 1 else slice(None)
    lands = zip(ground.names, pool.where(ground).lands, strict=True)
    missing = [name for name, inside in lands if not inside[rows].any()]
    if missing:
        return False, f"; its files hold no incident in {' or '.join(missing)} then, so the sum is not whole"
    if pool.first <= total.date_start + slack and pool.last >= total.date_end - slack:
        return True, ""
    return False, f"; its files reach over {window_text(pool.first, pool.last)} only, so the sum is not whole"


def _sum(rung: Rung, amounts: Amounts, pool: Pool, near: Any, measure: str) -> tuple[float, float, int]:
    """Return the interval sum of a rung, and how many of its incidents state no number."""
    stated = rung.members & ~np.isnan(amounts.low)
    blank = int(rung.members.sum() - stated.sum())
    rows = np.flatnonzero(stated)
    if measure in SECONDARY_MEASURES:
        # Of parts that repeat a number, one that surely belongs stands for all.
        rows = rows[np.argsort(rung.maybe[rows], kind="stable")]
        rows = rows[pool.once(near[rows], amounts.low[rows], amounts.high[rows])]
    low = float(amounts.low[rows][~rung.maybe[rows]].sum())
    return low, float(amounts.high[rows].sum()), blank
