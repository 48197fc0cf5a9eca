"""Kinds about what a monitor changed since the previous run: numbers raised, lowered, and claims taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reconcile.discrepancies.evidence import LISTED_CLAIMS, Evidence, Finding
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

WHOLE = ["measure_code", "population_code", "role_code"]
PERCENT = 100
DUPLICATE = "duplicate"
# Changes up to which a finding of many names them one by one.
NAMED = 5


def find_raised(evidence: Evidence) -> Iterator[Finding]:
    """A monitor raised a number of its own since the previous run."""
    for whole, rows in _revised(evidence, "revised_up"):
        yield _revision(
            evidence,
            whole,
            rows,
            "",
            "Quote the number as of a day, and replace the earlier one wherever it was used.",
        )


def find_lowered(evidence: Evidence) -> Iterator[Finding]:
    """A monitor lowered a number of its own since the previous run."""
    share = evidence.tolerance("REV-DOWN", "share")
    for whole, rows in _revised(evidence, "revised_down"):
        fell = max(map(_fall, records(rows)))
        yield _revision(
            evidence,
            whole,
            rows,
            "S1" if fell > share else "S2",
            "Ask the monitor why, before either number is printed; do not go on quoting the earlier one.",
        )


def _revised(evidence: Evidence, code: str) -> Iterator[tuple[Any, pd.DataFrame]]:
    """Yield each claim's revisions of one measure and population: the widest figure, and all of them."""
    changes = evidence.changes
    found = changes[changes["change_code"] == code]
    if found.empty:
        return
    found = found[found["claim_id"].isin(evidence.claims.index)]
    found = found.assign(is_part=(found["sex_code"] != "any") | (found["age_group_code"] != "any"))
    for _, rows in found.groupby(["claim_id", *WHOLE], sort=True):
        ordered = rows.sort_values(["is_part", "sex_code", "age_group_code"], kind="stable")
        yield next(records(ordered)), ordered


def _revision(evidence: Evidence, whole: Any, rows: pd.DataFrame, severity: str, action: str) -> Finding:
    conceded = " conceded" if whole.role_code == "conceded" else ""
    rest = [one.explanation for one in records(rows.iloc[1:])]
    return Finding(
        claim_ids=(whole.claim_id,),
        cluster_id=_incident(evidence, whole.claim_id),
        measure_code=f"{whole.measure_code} {whole.population_code}{conceded}",
        left_value=f"before: {whole.before}",
        right_value=f"now: {whole.after}",
        gap=abs(float(whole.gap)),
        gap_unit="persons",
        severity=severity,
        explanation=" ".join([whole.explanation, *rest]),
        suggested_action=action,
    )


def _incident(evidence: Evidence, claim_id: str) -> str:
    """Return the incident that a claim is of; empty for other claims, and for those that are gone."""
    return evidence.incident_of.get(claim_id, "")


def _fall(change: Any) -> float:
    """Return by how many percent an end of a range fell at most; an open end that was closed fell by nothing known."""
    ends = ((change.before_low, change.after_low), (change.before_high, change.after_high))
    falls = [
        PERCENT * (before - after) / before
        for before, after in ends
        if before > 0 and not np.isnan(before) and not np.isnan(after)
    ]
    if (
        not np.isnan(change.gap)
        and change.before_low == change.after_low
        and change.before_high == change.after_high
    ):
        # The number put forward fell inside its range.
        falls.append(PERCENT * -change.gap / max(change.before_low, 1))
    return max(falls, default=0.0)


def find_retracted(evidence: Evidence) -> Iterator[Finding]:
    """A monitor withdrew a claim since the previous run, opened it again, or closed it as a duplicate of another."""
    changes = evidence.changes
    code = changes["change_code"]
    gone, again = changes[code == "withdrawn"], changes[code == "reopened"]
    twin = changes[
        (code == "repositioned") & (changes["claim_id"].map(evidence.claims["position_code"]) == DUPLICATE)
    ]
    most = evidence.tolerance("REV-RETR", "claims")
    for monitor, rows in gone.groupby("monitor", sort=True):
        if len(rows) > most:
            yield _many(evidence, str(monitor), rows)
            continue
        for change in records(rows):
            yield _retracted(
                evidence,
                change,
                change.previous_id,
                "Take it out of whatever quotes it, and ask the monitor why; a withdrawal is no proof that nobody died.",
            )
    for change in records(again):
        yield _retracted(
            evidence,
            change,
            change.claim_id,
            "Do not quote what was decided before; say that the monitor is looking at it again.",
        )
    for change in records(twin):
        yield _retracted(
            evidence,
            change,
            change.claim_id,
            "Find the claim that it is a duplicate of, and count the two once.",
        )


def _retracted(evidence: Evidence, change: Any, claim_id: str, action: str) -> Finding:
    return Finding(
        claim_ids=(claim_id,),
        cluster_id=_incident(evidence, claim_id),
        left_value=f"before: {change.before}" if change.before else "before: not there",
        right_value=f"now: {change.after}" if change.after else "now: not there",
        gap=float("nan"),
        explanation=change.explanation,
        suggested_action=action,
    )


def _many(evidence: Evidence, monitor: str, rows: pd.DataFrame) -> Finding:
    ids = tuple(rows["previous_id"])
    kept = int((evidence.claims["monitor"] == monitor).sum())
    named = ", ".join(ids[:NAMED])
    return Finding(
        claim_ids=ids[:LISTED_CLAIMS],
        left_value=f"before: {len(ids):,} more claims",
        right_value=f"now: {kept:,} claims",
        gap=float(len(ids)),
        gap_unit="records",
        explanation=f"{evidence.title(monitor)} no longer has {len(ids):,} claims that it had ({named} and others); {kept:,} are left.",
        suggested_action="Check first that its export is whole: a part of a file looks like a withdrawal. All are on Changes.",
    )
