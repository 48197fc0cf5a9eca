"""Kinds about numbers. Figures that count different things never reach these comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.discrepancies import series, windows
from reconcile.discrepancies.evidence import (
    Evidence,
    Finding,
    figure_pairs,
    shown_interval,
    side_claims,
    whole_figures,
)
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARTS = (("child", "any"), ("adult", "female"), ("adult", "male"))


def _is_nothing_known(evidence: Evidence, monitor: str) -> bool:
    rule = evidence.monitors.get(monitor)
    return rule is not None and rule.scope.zero_code == "nothing_known"


def find_disjoint(evidence: Evidence) -> Iterator[Finding]:
    """Two monitors give ranges for one incident that do not meet, counting the same people."""
    pairs = figure_pairs(evidence)
    gap = np.maximum(pairs["low_left"], pairs["low_right"]) - np.minimum(
        pairs["high_left"].fillna(np.inf), pairs["high_right"].fillna(np.inf)
    )
    sides = side_claims(evidence)
    for row in records(pairs.assign(gap=gap)[gap > 0]):
        zeros = [
            m
            for m, high in ((row.monitor_left, row.high_left), (row.monitor_right, row.high_right))
            if high == 0
        ]
        if any(_is_nothing_known(evidence, monitor) for monitor in zeros):
            continue
        left, right = (
            shown_interval(row.low_left, row.high_left),
            shown_interval(row.low_right, row.high_right),
        )
        yield Finding(
            claim_ids=sides[row.cluster_id, row.monitor_left] + sides[row.cluster_id, row.monitor_right],
            cluster_id=row.cluster_id,
            measure_code=row.measure_code,
            left_value=f"{evidence.title(row.monitor_left)}: {left}",
            right_value=f"{evidence.title(row.monitor_right)}: {right}",
            gap=float(row.gap),
            gap_unit="persons",
            explanation=f"{evidence.title(row.monitor_left)} says {left} {row.population_code} {row.measure_code}, {evidence.title(row.monitor_right)} says {right}; "
            f"the ranges do not meet, {row.gap:,.10g} lie between them.",
            suggested_action="Read both records: does one count a part of the incident, another day or other people? Report both ranges until it is settled.",
        )
    yield from windows.disjoint_totals(evidence)


def find_spread(evidence: Evidence) -> Iterator[Finding]:
    """One record's own range is so wide that its ends say different things."""
    whole = whole_figures(evidence.figures)
    ratio, persons = evidence.tolerance("CNT-SPREAD", "ratio"), evidence.tolerance("CNT-SPREAD", "persons")
    incident = whole["claim_id"].map(evidence.claims["kind_code"]) == "incident"
    wide = whole[
        incident
        & (whole["high"] >= ratio * whole["low"].clip(lower=1))
        & (whole["high"] - whole["low"] >= persons)
    ]
    for row in records(wide):
        monitor = evidence.title_of(row.claim_id)
        yield Finding(
            claim_ids=(row.claim_id,),
            measure_code=f"{row.measure_code} {row.population_code}",
            left_value=f"{row.low:,.10g}",
            right_value=f"{row.high:,.10g}",
            gap=float(row.high - row.low),
            gap_unit="persons",
            explanation=f"{monitor} gives {shown_interval(row.low, row.high)} {row.population_code} {row.measure_code} for one record.",
            suggested_action="Quote the whole range, and look in the record for what drives its upper end.",
        )


def find_breakdown(evidence: Evidence) -> Iterator[Finding]:
    """The parts of a figure (children, women, men) add up to more than the whole, or all are stated and add up to less."""
    killed = evidence.figures[
        (evidence.figures["role_code"] == "alleged") & (evidence.figures["population_code"] == "civilian")
    ]
    keys = ["claim_id", "measure_code"]
    whole = (
        killed[(killed["sex_code"] == "any") & (killed["age_group_code"] == "any")]
        .drop_duplicates(keys)
        .set_index(keys)
    )
    parts = killed[pd.MultiIndex.from_frame(killed[["age_group_code", "sex_code"]]).isin(PARTS)].groupby(keys)
    if not parts.ngroups:
        return
    summed = parts.agg(
        low=("low", "sum"), count=("low", "size"), stated=("high", "count"), high=("high", "sum")
    )
    bounds = whole[["low", "high"]].rename(columns={"low": "low_whole", "high": "high_whole"})
    joined = summed.join(bounds, how="inner")
    broken: Iterable[Any] = joined.iterrows()
    for (claim_id, measure), row in broken:
        over = row["low"] - (np.inf if pd.isna(row["high_whole"]) else row["high_whole"])
        under = row["low_whole"] - row["high"] if row["count"] == len(PARTS) == row["stated"] else 0
        if over <= 0 and under <= 0:
            continue
        whole_text, part_text = (
            shown_interval(row["low_whole"], row["high_whole"]),
            shown_interval(row["low"], row["high"]),
        )
        yield Finding(
            claim_ids=(str(claim_id),),
            measure_code=str(measure),
            left_value=f"whole: {whole_text}",
            right_value=f"children, women and men: {part_text}",
            gap=float(max(over, under)),
            gap_unit="persons",
            severity="S1" if over > 0 else "S2",
            explanation=f"The parts add up to {part_text} {measure}, the whole is {whole_text}: "
            + (f"{over:,.10g} too many." if over > 0 else f"{under:,.10g} are in no part."),
            suggested_action="Ask the monitor which number stands."
            if over > 0
            else "Say that the sex or age of the rest is not known; do not spread them over the parts.",
        )
    yield from series.broken_parts(evidence)


def find_zero(evidence: Evidence) -> Iterator[Finding]:
    """One monitor has a zero where another has deaths, and its zero may mean that nothing is known."""
    pairs = figure_pairs(evidence)
    sides = side_claims(evidence)
    for row in records(pairs[(pairs["low_left"] == 0) != (pairs["low_right"] == 0)]):
        zero, other = ("left", "right") if row.low_left == 0 else ("right", "left")
        monitor, low, high = (
            getattr(row, f"monitor_{zero}"),
            getattr(row, f"low_{zero}"),
            getattr(row, f"high_{zero}"),
        )
        other_low, other_high = getattr(row, f"low_{other}"), getattr(row, f"high_{other}")
        meets = pd.isna(high) or high >= other_low
        if not meets and not _is_nothing_known(evidence, monitor):
            continue
        yield Finding(
            claim_ids=sides[row.cluster_id, row.monitor_left] + sides[row.cluster_id, row.monitor_right],
            cluster_id=row.cluster_id,
            measure_code=row.measure_code,
            left_value=f"{evidence.title(monitor)}: {shown_interval(low, high)}",
            right_value=f"{evidence.title(getattr(row, f'monitor_{other}'))}: {shown_interval(other_low, other_high)}",
            gap=float(other_low),
            gap_unit="persons",
            explanation=f"{evidence.title(monitor)} has 0 as its lowest {row.population_code} {row.measure_code}, "
            f"{evidence.title(getattr(row, f'monitor_{other}'))} at least {other_low:,.10g}; the zero may stand for not known.",
            suggested_action="Do not print the zero as a finding of no deaths; say what a zero means to that monitor.",
        )


def find_vague(evidence: Evidence) -> Iterator[Finding]:
    """A number was published as a word, and stands as the interval that the run's profile gives the word."""
    vague = evidence.figures[evidence.figures["qualifier_code"] == "vague"]
    for row in records(vague):
        yield Finding(
            claim_ids=(row.claim_id,),
            measure_code=row.measure_code,
            left_value=row.verbatim,
            right_value=shown_interval(row.low, row.high),
            explanation=f'"{row.verbatim}" {row.measure_code} was read as {shown_interval(row.low, row.high)}.',
            suggested_action="Quote the word. Run again with --quantities acled and wide to see what hangs on the reading.",
        )


def find_scope(evidence: Evidence) -> Iterator[Finding]:
    """Two monitors count different people or things; their numbers stand side by side and are not subtracted."""
    stated = evidence.sums[["cluster_id", "monitor", "measure_code", "population_code"]]
    joined = stated.merge(stated, on=["cluster_id", "measure_code"], suffixes=("_left", "_right"))
    joined = joined[joined["monitor_left"] < joined["monitor_right"]]
    own = {name: rule.scope.population_code for name, rule in evidence.monitors.items()}
    sides = side_claims(evidence)
    for (left, right), rows in joined.groupby(["monitor_left", "monitor_right"], sort=True):
        here, there = own.get(str(left), "unknown"), own.get(str(right), "unknown")
        if here == there:
            continue
        clusters = sorted(rows["cluster_id"].unique())
        claims = tuple(
            claim
            for cluster in clusters
            for monitor in (left, right)
            for claim in sides[cluster, str(monitor)]
        )
        a, b = evidence.monitors.get(str(left)), evidence.monitors.get(str(right))
        yield Finding(
            claim_ids=claims,
            left_value=f"{evidence.title(str(left))}: {here}",
            right_value=f"{evidence.title(str(right))}: {there}",
            gap=float(len(clusters)),
            gap_unit="incidents",
            explanation=f"{evidence.title(str(left))} counts {_counted(here)} ({a.scope.threshold if a else 'scope unknown'}), {evidence.title(str(right))} {_counted(there)} "
            f"({b.scope.threshold if b else 'scope unknown'}). In {len(clusters)} shared incidents only figures of one population were compared.",
            suggested_action="Never subtract their headline numbers; compare civilians with civilians, and print both scopes.",
        )
    yield from _uncountable_totals(evidence)
    yield from _unattributed_totals(evidence)
    yield from windows.differing_totals(evidence)


def _counted(population: str) -> str:
    return {"civilian": "civilians", "combatant": "combatants", "all": "everyone"}.get(
        population, "people it does not define"
    )


def _uncountable_totals(evidence: Evidence) -> Iterator[Finding]:
    """Totals of a population that a monitor's incidents do not state can be laid beside nothing of that monitor.

    Told once for each two monitors, and only of totals whose country and window the monitor's incidents reach into.
    """
    claims = evidence.claims
    whole = whole_figures(evidence.figures)
    whole = whole.assign(
        monitor=whole["claim_id"].map(claims["monitor"]), kind=whole["claim_id"].map(claims["kind_code"])
    )
    offered = (
        whole[whole["kind"] == "incident"]
        .groupby("monitor")[["measure_code", "population_code"]]
        .agg(frozenset)
    )
    totals = whole[whole["kind"] == "total"].join(
        claims[["country_code", "date_start", "date_end"]], on="claim_id"
    )
    incidents = claims[claims["kind_code"] == "incident"]
    for monitor, known in offered.iterrows():
        own = incidents[incidents["monitor"] == monitor]
        apart = totals[
            (totals["monitor"] != monitor)
            & totals["measure_code"].isin(known["measure_code"])
            & ~totals["population_code"].isin(known["population_code"])
            & _reaches(totals["country_code"], frozenset(own["country_code"]))
            & ~(totals["date_start"] > own["date_end"].max())
            & ~(totals["date_end"] < own["date_start"].min())
        ]
        for (source, measure, population), rows in apart.groupby(
            ["monitor", "measure_code", "population_code"], sort=True
        ):
            ids = tuple(sorted(set(rows["claim_id"])))
            told = (
                f"The total counts {_counted(population)}"
                if len(ids) == 1
                else f"{len(ids)} totals of {evidence.title(str(source))} count {_counted(population)}"
            )
            yield Finding(
                claim_ids=ids,
                measure_code=f"{measure} {monitor}",
                left_value=f"total: {population}",
                right_value=f"{evidence.title(str(monitor))}: {', '.join(sorted(known['population_code']))}",
                explanation=f"{told}; {evidence.title(str(monitor))} states no such figure, so no bridge was laid; what its incidents sum to counts other people.",
                suggested_action="State the population of the total, if its source does.",
            )


def _reaches(countries: pd.Series[str], own: frozenset[str]) -> pd.Series[bool]:
    """Return which totals are of a country among a monitor's, or of no country that they state."""
    known = {text: not text or not own.isdisjoint(text.split()) for text in countries.unique()}
    return countries.map(known).astype(bool)


def _unattributed_totals(evidence: Evidence) -> Iterator[Finding]:
    """A total by one attacker can't be laid beside a monitor that names two sides and no attacker."""
    steps = evidence.bridge.set_index(["total_id", "measure_code", "population_code", "monitor"])
    # A derived total is nobody's claim.
    steps = steps[steps.index.get_level_values("total_id").isin(evidence.claims.index)]
    empty = steps[steps["is_headline"] & (steps["incidents"] == 0)].index
    nameless = steps[(steps["step_code"] == "attacker_not_stated") & (steps["incidents"] > 0)]
    unlaid: Iterable[Any] = nameless[nameless.index.isin(empty)].iterrows()
    for (total_id, measure, population, monitor), step in unlaid:
        yield Finding(
            claim_ids=(str(total_id),),
            measure_code=f"{measure} attacker {monitor}",
            left_value="one attacker",
            right_value=f"{evidence.title(str(monitor))}: no attacker named",
            gap=float(step["incidents"]),
            gap_unit="incidents",
            explanation=f"The total names an attacker; {evidence.title(str(monitor))} names the two sides of its {step['incidents']} incidents there and no attacker. "
            f"They sum to {shown_interval(step['low'], step['high'])} {population} {measure} by anyone, and are not comparable.",
            suggested_action="Print that sum, if at all, as deaths by any attacker.",
        )
