"""Kinds about figures for a period, and the words in which a total and the rungs of its bridge are told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import Evidence, Finding, shown_interval, whole_figures
from reconcile.views import records, window_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconcile.ruleset import Monitor, Vocabulary

FIGURE = ["total_id", "measure_code", "population_code"]
BESIDE = [*FIGURE, "monitor"]
# The step that sums what a belligerent concedes itself.
CONCEDED = "conceded"
# What steps are called where there is little room. Rungs of grades are called as their monitor's rules call them.
STEPS = {
    "all_incidents": "all incidents",
    "straddling": "+ straddling the first day",
    "start_day_before": "window one day earlier",
    "end_day_after": "window one day later",
    "town_only": "the town only",
    "town_not_told": "the town + place not told",
    "place_not_told": "+ place not told",
    "place_rolled_up": "the wider place",
    "attacker_rolled_up": "+ attackers rolled up",
    "attacker_not_stated": "+ attacker not stated",
    "weapon_stated": "weapon stated only",
    "weapon_other_left_out": "without other weapons",
    "population_wider": "everybody (orientation)",
    "population_unknown_added": "+ people not known (orientation)",
    "population_narrower": "civilians only (orientation)",
    "population_not_stated": "people not known (orientation)",
    CONCEDED: "conceded",
}
# Steps that sum figures of other people than the total counts, or what a belligerent concedes: compared with nothing.
OTHER_PEOPLE = frozenset(code for code in STEPS if code.startswith("population_") or code == CONCEDED)
_PEOPLE = {"civilian": "civilians", "combatant": "combatants", "all": "people"}
_ASIDE = re.compile(r" \(|, ")


def step_title(monitor: Monitor | None, code: str) -> str:
    """Return what a step is called, in a few words.

    Args:
        monitor: whose incidents are summed; its rules name the rungs of grades.
        code: of the step.
    """
    graded = {rung.code: rung.title for rung in monitor.grade_rungs} if monitor else {}
    return _ASIDE.split(graded[code])[0] if code in graded else STEPS.get(code, code.replace("_", " "))


def counted(measure: str, population: str) -> str:
    """Return what a figure counts: civilians killed, people injured (civilians or not)."""
    people = _PEOPLE.get(population, "people (of which kind is not stated)")
    return f"{people} {measure.replace('_', ' ')}"


def total_words(total: Any, attackers: Vocabulary) -> str:
    """Return by whom, when and where a total counts, and that it is a draft where it is one.

    Args:
        total: a row of `Claims`.
        attackers: for their titles.
    """
    named = [
        attackers.terms[code].title if code in attackers.terms else code.removeprefix("x_").replace("_", " ")
        for code in total.perpetrator_codes.split()
    ]
    by = f" by {' and '.join(named)}" if named else ""
    draft = " (a draft read from prose, accepted by nobody yet)" if total.grade_code == "draft" else ""
    return f"{by}, {window_text(total.date_start, total.date_end)}, {_place(total)}{draft}"


def _place(total: Any) -> str:
    """Return a place with its kind where the name does not say it; a known name of no kind is a town's and a governorate's."""
    if not total.place_kind_code:
        return (
            f"{total.place_name} (town or governorate not said)" if total.place_id else str(total.place_name)
        )
    kind = total.place_kind_code.replace("_", " ")
    is_said = kind in total.place_name.casefold() or total.place_kind_code == "country"
    return str(total.place_name) if is_said else f"{total.place_name} ({kind})"


def find_sum_gap(evidence: Evidence) -> Iterator[Finding]:
    """A figure for a period, and the sum of another monitor's incidents in the same window, do not meet."""
    gaps = _gaps(evidence)
    steps = evidence.bridge[evidence.bridge["total_id"].isin(gaps["total_id"])]
    rungs = dict(tuple(steps.groupby(BESIDE)))
    totals = {
        total.claim_id: total for total in records(evidence.claims[evidence.claims["kind_code"] == "total"])
    }
    for gap in records(gaps):
        total = totals[gap.total_id]
        stated, summed = shown_interval(gap.stated_low, gap.stated_high), shown_interval(gap.low, gap.high)
        what = counted(gap.measure_code, gap.population_code)
        own, other = evidence.title(total.monitor), evidence.title(gap.monitor)
        beside = rungs[gap.total_id, gap.measure_code, gap.population_code, gap.monitor]
        more = f"The {'total is' if gap.stated_low > gap.reach else 'incidents are'} at least {gap.gap:,.10g} higher."
        yield Finding(
            claim_ids=(gap.total_id,),
            measure_code=f"{gap.measure_code} {gap.monitor}",
            left_value=f"{own}: {stated}",
            right_value=f"{other}: {summed} in {gap.incidents} incidents",
            gap=float(gap.gap),
            gap_unit="persons",
            explanation=f"{own} states {stated} {what}{total_words(total, evidence.attackers)}. "
            f"The {_incidents(gap.incidents)} of {other} that {'starts' if gap.incidents == 1 else 'start'} in that window "
            f"{'states' if gap.incidents == 1 else 'sum to'} {summed} at its own headline grade. {more} "
            + _met(beside, gap, evidence.monitors),
            suggested_action="Print the bridge and not one number: name grade, window, place and attacker of each sum.",
        )


def _incidents(count: int) -> str:
    return f"{count:,} incident{'' if count == 1 else 's'}"


def _gaps(evidence: Evidence) -> pd.DataFrame:
    """Return headline steps whose sum does not meet the total: stated_low, stated_high, reach (the most the sum can be), gap.

    Columns of `BridgeSteps` and these. A sum over no incident says that the monitor names no such attacker or place, which
    is a matter of scope; where a monitor's files do not reach over the window, the sum is not whole; and incidents placed
    too coarsely to tell may all belong. A derived total is nobody's statement.
    """
    steps = evidence.bridge
    whole = whole_figures(evidence.figures).drop_duplicates(["claim_id", "measure_code", "population_code"])
    stated = whole.rename(columns={"claim_id": "total_id", "low": "stated_low", "high": "stated_high"})
    headline = steps[steps["is_headline"] & (steps["incidents"] > 0) & steps["is_covered"]].merge(
        stated[[*FIGURE, "stated_low", "stated_high"]], on=FIGURE
    )
    untold = steps[steps["step_code"] == "place_not_told"][[*BESIDE, "high"]].assign(is_untold=True)
    headline = headline.merge(untold.rename(columns={"high": "reach"}), on=BESIDE, how="left")
    may_be_more = headline["is_untold"].notna()
    headline["reach"] = headline["reach"].where(may_be_more, headline["high"]).fillna(np.inf)
    over = headline["stated_low"] - headline["reach"]
    under = headline["low"] - headline["stated_high"].fillna(np.inf)
    gaps = headline.assign(gap=np.maximum(over, under))
    return gaps[gaps["gap"] > 0]


def _met(rungs: pd.DataFrame, gap: Any, monitors: Mapping[str, Monitor]) -> str:
    """Return which rungs the stated figure meets, and all of them."""
    told = [
        (
            f"{step_title(monitors.get(step.monitor), step.step_code)} {shown_interval(step.low, step.high)}",
            step,
        )
        for step in records(rungs.sort_values("step_no"))
        if step.step_code not in OTHER_PEOPLE
    ]
    high = np.inf if pd.isna(gap.stated_high) else gap.stated_high
    met = [
        text
        for text, step in told
        if step.low <= high and (pd.isna(step.high) or step.high >= gap.stated_low)
    ]
    first = f"The stated figure meets: {'; '.join(met)}." if met else "The stated figure is inside no rung."
    return f"{first} By rung: {'; '.join(text for text, _ in told)}."
