"""Totals + incidents -> BridgeSteps: a figure for a period, laid beside every other monitor's incidents, step by step.

A rung says what it lets in: grades first, then incidents that straddle the window, one day more at either end, the town
or the governorate, attackers that act as part of the one named, and records that name two sides and no attacker. Sums are
interval sums: lows add to the low, highs to the high, and one open high leaves the sum open. No rung is the truth.

Guarantees:
    grade_rungs_only_grow: a wider set of grades never sums to less.
    conceded_figures_stay_out: only alleged figures are summed.
    split_parts_count_once: a secondary count that the parts of one incident repeat is added once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.frames import BridgeSteps, empty, typed
from reconcile.views import days_of, great_circle_km, interval_text, window_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    import numpy.typing as npt

    from reconcile.gazetteer import Gazetteer, Place
    from reconcile.ruleset import Monitor, Vocabulary

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

SECONDARY_MEASURES = frozenset({"injured"})
TOWN_KINDS = frozenset({"city", "town", "village", "neighbourhood"})
ONE_DAY = 1
WIDENING = frozenset(
    {
        "straddling",
        "start_day_before",
        "end_day_after",
        "town_only",
        "attacker_rolled_up",
        "attacker_not_stated",
    }
)
# A file may end with a day or two on which nothing happened.
QUIET_DAYS = 2


@dataclass(frozen=True, slots=True)
class _Rung:
    """Which claims a step sums, and which of them only may belong (their low counts as zero)."""

    code: str
    title: str
    members: Bools
    maybe: Bools
    headline: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """What the bridge reads rules from.

    Attributes:
        monitors: for grade rungs and titles.
        attackers: the vocabulary with parents.
        gazetteer: for the town of an ambiguous name.
        from_day: first day of the job's scope, None for no bound; what lies before it was set aside.
        to_day: last day of the job's scope, likewise.
    """

    monitors: Mapping[str, Monitor]
    attackers: Vocabulary
    gazetteer: Gazetteer
    from_day: date | None = None
    to_day: date | None = None


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
        "it states no place that is known": (totals["admin1"] == "") & (totals["country_code"] == ""),
        "its window reaches beyond the job's own, so incidents in it were set aside": cut,
    }
    return {
        claim_id: reason
        for reason, rows in reversed(reasons.items())
        for claim_id in totals.loc[rows, "claim_id"]
    }


def bridge(claims: pd.DataFrame, figures: pd.DataFrame, linked: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Return the steps of every total to every other monitor's incidents.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame.
        linked: a `LinkedClaims` frame, for parts of one incident.
        reader: monitors, attackers and places.

    Returns:
        A `BridgeSteps` frame; none for a total without a window or a place, which can be laid beside nothing.
    """
    alleged = figures[
        (figures["role_code"] == "alleged")
        & (figures["sex_code"] == "any")
        & (figures["age_group_code"] == "any")
    ]
    totals = claims[(claims["kind_code"] == "total") & ~claims["claim_id"].isin(unlaid(claims, reader))]
    pool = claims[
        (claims["kind_code"] == "incident")
        & claims["unit_code"].isin(["incident", "allegation"])
        & claims["date_start"].notna()
    ]
    clusters = linked[linked["relation_code"] == "part_of"].set_index("claim_id")["cluster_id"]
    pools = [_Pool(str(monitor), rows.reset_index(drop=True)) for monitor, rows in pool.groupby("monitor")]
    by_total = dict(tuple(alleged[alleged["claim_id"].isin(totals["claim_id"])].groupby("claim_id")))
    bounds = {
        key: rows.drop_duplicates("claim_id").set_index("claim_id")[["low", "high"]]
        for key, rows in alleged[alleged["claim_id"].isin(pool["claim_id"])].groupby(
            ["measure_code", "population_code"]
        )
    }
    steps: list[dict[str, Any]] = []
    for _, total in totals.iterrows():
        near = [(one, one.near(total)) for one in pools if one.monitor != total["monitor"]]
        near = [(one, incidents) for one, incidents in near if len(incidents)]
        if not near or total["claim_id"] not in by_total:
            continue
        for _, figure in by_total[total["claim_id"]].iterrows():
            stated = bounds.get((figure["measure_code"], figure["population_code"]))
            for one, incidents in near:
                if stated is None or one.ids.isdisjoint(stated.index):
                    continue
                numbers = stated.reindex(incidents["claim_id"])
                steps += _steps(total, figure, incidents, one, numbers, clusters, reader)
    return typed(BridgeSteps, pd.DataFrame(steps)) if steps else empty(BridgeSteps)


class _Pool:
    """The incidents of one monitor, and what tells quickly which of them can be on any rung of a total."""

    def __init__(self, monitor: str, incidents: pd.DataFrame) -> None:
        self.monitor, self.incidents = monitor, incidents
        self.first, self.last = incidents["date_start"].min(), incidents["date_end"].max()
        self.ids = frozenset(incidents["claim_id"])
        self._rows = {name: incidents.groupby(name).indices for name in ("admin1", "country_code")}
        self._start, self._end = days_of(incidents, "date_start"), days_of(incidents, "date_end")

    def near(self, total: pd.Series[Any]) -> pd.DataFrame:
        """Return the incidents in the widest reading of a total's place that touch its window, or the day around it."""
        first, last = _window(total)
        name = "admin1" if total["admin1"] else "country_code"
        there = np.asarray(self._rows[name].get(total[name], np.empty(0, dtype=np.intp)), dtype=np.intp)
        reach = (self._start[there] <= last + ONE_DAY) & (self._end[there] >= first - ONE_DAY)
        return self.incidents.take(there[reach]).reset_index(drop=True)


def _window(total: pd.Series[Any]) -> tuple[int, int]:
    first, last = (
        int(pd.Timestamp(total[name]).to_datetime64().astype("datetime64[D]").astype(np.int64))
        for name in ("date_start", "date_end")
    )
    return first, last


def _steps(
    total: pd.Series[Any],
    figure: pd.Series[Any],
    incidents: pd.DataFrame,
    pool: _Pool,
    numbers: pd.DataFrame,
    clusters: pd.Series[str],
    reader: Reader,
) -> Iterator[dict[str, object]]:
    monitor = reader.monitors.get(pool.monitor)
    all_rungs = _rungs(total, incidents, monitor, reader)
    # A grade without an incident is told; a window, town or attacker that lets nothing in is not.
    rungs = [rung for rung in all_rungs if rung.members.any() or rung.code not in WIDENING]
    is_covered, reach = _reach(total, pool)
    widest = np.logical_or.reduce([rung.members for rung in rungs])
    if not widest.any():
        return
    ids = incidents["claim_id"].to_numpy(dtype=object)
    for number, rung in enumerate(rungs, start=1):
        low, high = _sum(rung, incidents, numbers, clusters, str(figure["measure_code"]))
        stated = int((rung.members & numbers["low"].notna().to_numpy()).sum())
        count = int(rung.members.sum())
        blank = count - stated
        yield {
            "total_id": total["claim_id"],
            "measure_code": figure["measure_code"],
            "population_code": figure["population_code"],
            "monitor": pool.monitor,
            "step_no": number,
            "step_code": rung.code,
            "is_headline": rung.headline,
            "is_covered": is_covered,
            "incidents": count,
            "low": low,
            "high": high,
            "residual_low": np.nan if np.isnan(high) else float(figure["low"]) - high,
            "residual_high": np.nan if pd.isna(figure["high"]) else float(figure["high"]) - low,
            "explanation": f"{rung.title}: {count} incidents"
            + (f", {blank} of them without a number" if blank else "")
            + f", {interval_text(low, high)}{reach}",
            "claim_ids": " ".join(ids[rung.members]),
            "left_out_ids": " ".join(ids[widest & ~rung.members]),
        }


def _reach(total: pd.Series[Any], pool: _Pool) -> tuple[bool, str]:
    """Return whether a monitor's files reach over the total's window, and what to say where they do not."""
    first, last = pool.first, pool.last
    slack = pd.Timedelta(days=QUIET_DAYS)
    if first <= total["date_start"] + slack and last >= total["date_end"] - slack:
        return True, ""
    return False, f"; its files reach over {window_text(first, last)} only, so the sum is not whole"


def _sum(
    rung: _Rung, incidents: pd.DataFrame, numbers: pd.DataFrame, clusters: pd.Series[str], measure: str
) -> tuple[float, float]:
    stated = rung.members & numbers["low"].notna().to_numpy()
    frame = pd.DataFrame(
        {"low": numbers["low"].to_numpy(), "high": numbers["high"].to_numpy(), "maybe": rung.maybe}
    )[stated]
    frame["group"] = clusters.reindex(incidents["claim_id"][stated]).to_numpy()
    if measure in SECONDARY_MEASURES:
        repeated = frame["group"].notna() & frame.duplicated(["group", "low", "high"])
        frame = frame[~repeated]
    low = float(frame["low"].where(~frame["maybe"], 0).sum())
    return low, float("nan") if frame["high"].isna().any() else float(frame["high"].sum())


# ---- rungs ---------------------------------------------------------------------------------------------------------


def _rungs(
    total: pd.Series[Any], incidents: pd.DataFrame, monitor: Monitor | None, reader: Reader
) -> Iterator[_Rung]:
    """Yield the rungs of a total over incidents that all lie in the widest reading of its place."""
    start, end = days_of(incidents, "date_start"), days_of(incidents, "date_end")
    first, last = _window(total)
    place = reader.gazetteer.by_id.get(str(total["place_id"]))
    exact, rolled, unstated = _attackers(total, incidents, reader.attackers)
    inside = (start >= first) & (start <= last)
    never = np.zeros(len(incidents), dtype=bool)
    grade = incidents["grade_code"].to_numpy(dtype=object)
    base = inside & exact
    headline_grades = np.ones(len(incidents), dtype=bool)
    rungs = monitor.grade_rungs if monitor else ()
    for rung in rungs:
        among = np.isin(grade, rung.grades)
        headline_grades = among if rung.headline else headline_grades
        yield _Rung(rung.code, rung.title, base & among, never, rung.headline)
    if not rungs:
        yield _Rung("all_incidents", "all incidents that start in the window", base, never, headline=True)
    kept = headline_grades & exact
    straddling = kept & (start < first) & (end >= first)
    yield _Rung(
        "straddling",
        "and incidents that began before the window and reach into it (their low counts as 0)",
        (kept & inside) | straddling,
        straddling,
    )
    # Beyond the job's own window nothing was kept, so a rung there would show what is missing as what is there.
    if reader.from_day is None or total["date_start"] > pd.Timestamp(reader.from_day):
        earlier = kept & (start >= first - ONE_DAY) & (start <= last)
        yield _Rung("start_day_before", "window one day earlier at its start", earlier, never)
    if reader.to_day is None or total["date_end"] < pd.Timestamp(reader.to_day):
        later = kept & (start >= first) & (start <= last + ONE_DAY)
        yield _Rung("end_day_after", "window one day later at its end", later, never)
    if place is not None and place.kind_code in TOWN_KINDS:
        yield _Rung(
            "town_only",
            f"only what is placed in the town of {place.name}, by name or coordinates",
            kept & inside & _in_town(incidents, place),
            never,
        )
    if rolled.any():
        yield _Rung(
            "attacker_rolled_up",
            "and attackers that act as part of the one named, or it of them",
            headline_grades & inside & (exact | rolled),
            never,
        )
    if unstated.any():
        yield _Rung(
            "attacker_not_stated",
            "and records that name two sides and no attacker, or none",
            headline_grades & inside & (exact | unstated),
            never,
        )


def _in_town(incidents: pd.DataFrame, place: Place) -> Bools:
    centre = np.full(len(incidents), place.latitude), np.full(len(incidents), place.longitude)
    km = great_circle_km(incidents["latitude"].to_numpy(), incidents["longitude"].to_numpy(), *centre)
    with np.errstate(invalid="ignore"):
        near = km <= place.radius_km
    return np.asarray(near | (incidents["place_id"] == place.place_id).to_numpy())


def _attackers(
    total: pd.Series[Any], incidents: pd.DataFrame, attackers: Vocabulary
) -> tuple[Bools, Bools, Bools]:
    """Return who names the total's attacker, who only one above or below it, and who names no attacker."""
    named = frozenset(str(total["perpetrator_codes"]).split())
    codes, distinct = pd.factorize(incidents["perpetrator_codes"])
    sides = [frozenset(str(text).split()) for text in distinct]
    above = frozenset().union(*(attackers.ancestors(code) for code in named))
    hit = np.array([bool(side & named) for side in sides], dtype=bool)[codes]
    near = np.array(
        [bool(side & above) or any(attackers.ancestors(code) & named for code in side) for side in sides],
        dtype=bool,
    )[codes]
    nameless = incidents["perpetrator_codes"].isin(["", "unknown"])
    parties = ((incidents["attribution_code"] == "parties") | nameless).to_numpy()
    if not named:
        everyone = np.ones(len(incidents), dtype=bool)
        return everyone, ~everyone, ~everyone
    return hit & ~parties, near & ~hit & ~parties, parties
