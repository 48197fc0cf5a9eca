"""Kinds about figures for a period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import Evidence, Finding, shown_interval, whole_figures
from reconcile.views import records, window_text

if TYPE_CHECKING:
    from collections.abc import Iterator


def find_sum_gap(evidence: Evidence) -> Iterator[Finding]:
    """A figure for a period, and the sum of another monitor's incidents in the same window, do not meet."""
    whole = whole_figures(evidence.figures).set_index(["claim_id", "measure_code", "population_code"])
    # A sum over no incident at all says that the monitor names no such attacker or place; that is a matter of scope.
    # Where a monitor's files do not reach over the window, the sum is not whole; the Totals sheet says so.
    headline = evidence.bridge[
        evidence.bridge["is_headline"] & (evidence.bridge["incidents"] > 0) & evidence.bridge["is_covered"]
    ]
    for step in records(headline):
        figure = whole.loc[[(step.total_id, step.measure_code, step.population_code)]].iloc[0]
        total_high = np.inf if pd.isna(figure["high"]) else figure["high"]
        sum_high = np.inf if pd.isna(step.high) else step.high
        gap = max(figure["low"] - sum_high, step.low - total_high)
        if gap <= 0:
            continue
        total = evidence.claims.loc[step.total_id]
        stated, summed = shown_interval(figure["low"], figure["high"]), shown_interval(step.low, step.high)
        rungs = evidence.bridge[
            (evidence.bridge["total_id"] == step.total_id)
            & (evidence.bridge["monitor"] == step.monitor)
            & (evidence.bridge["measure_code"] == step.measure_code)
            & (evidence.bridge["population_code"] == step.population_code)
        ]
        spread = "; ".join(
            f"{rung.step_code} {shown_interval(rung.low, rung.high)}" for rung in records(rungs)
        )
        yield Finding(
            claim_ids=(step.total_id,),
            measure_code=f"{step.measure_code} {step.monitor}",
            left_value=f"{evidence.title(total['monitor'])}: {stated}",
            right_value=f"{evidence.title(step.monitor)}: {summed} in {step.incidents} incidents",
            gap=float(gap),
            gap_unit="persons",
            explanation=f"{evidence.title(total['monitor'])} states {stated} {step.measure_code} for {window_text(total['date_start'], total['date_end'])}, {total['place_name']}; the {step.incidents} incidents of "
            f"{evidence.title(step.monitor)} that start in that window sum to {summed} at its own headline grade. By rung: {spread}.",
            suggested_action="Print the bridge and not one number: name grade, window, place and attacker of each sum.",
        )
