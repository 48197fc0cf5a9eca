"""Kinds about who did it, and what a belligerent says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import Evidence, Finding, shown_interval, side_claims
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMING = frozenset({"confirmed", "stated", "likely", "alleged", "contested"})


def _named(evidence: Evidence, codes: str) -> str:
    terms = evidence.attackers.terms
    return ", ".join(
        terms[code].title if code in terms else code.removeprefix("x_").replace("_", " ")
        for code in codes.split()
    )


def _attributed(evidence: Evidence) -> pd.DataFrame:
    """Return pairs of claims that both name an attacker, with both sets."""
    pairs = evidence.pairs.copy()
    for side in ("left", "right"):
        claims = evidence.claims.reindex(pairs[side])
        for column in ("perpetrator_codes", "attribution_code", "monitor", "position_code"):
            pairs[f"{column}_{side}"] = claims[column].to_numpy()
    both = pairs["attribution_code_left"].isin(NAMING) & pairs["attribution_code_right"].isin(NAMING)
    known = ~pairs["perpetrator_codes_left"].isin(["", "unknown"]) & ~pairs["perpetrator_codes_right"].isin(
        ["", "unknown"]
    )
    return pairs[both & known & (pairs["perpetrator_codes_left"] != pairs["perpetrator_codes_right"])]


def find_conflict(evidence: Evidence) -> Iterator[Finding]:
    """Claims on one incident name different attackers, or one record names several that compete."""
    for row in records(_attributed(evidence)):
        left, right = (
            frozenset(row.perpetrator_codes_left.split()),
            frozenset(row.perpetrator_codes_right.split()),
        )
        if left & right or _kin(evidence, left, right):
            continue
        a, b = _named(evidence, row.perpetrator_codes_left), _named(evidence, row.perpetrator_codes_right)
        yield Finding(
            claim_ids=(row.left, row.right),
            cluster_id=row.cluster_id,
            left_value=f"{evidence.title(row.monitor_left)}: {a}",
            right_value=f"{evidence.title(row.monitor_right)}: {b}",
            explanation=f"{evidence.title(row.monitor_left)} names {a}, {evidence.title(row.monitor_right)} names {b}.",
            suggested_action="Print both attributions with their strength; do not settle it by counting sources.",
        )
    claims = evidence.claims
    competing = claims[
        (claims["kind_code"] == "incident")
        & (claims["attribution_code"] == "contested")
        & claims["perpetrator_codes"].str.contains(" ")
    ]
    clusters = evidence.linked.set_index("claim_id")["cluster_id"]
    for row in records(competing):
        yield Finding(
            claim_ids=(row.claim_id,),
            cluster_id=str(clusters.get(row.claim_id, "")),
            left_value=_named(evidence, row.perpetrator_codes),
            right_value="contested",
            explanation=f"{evidence.title(row.monitor)} records competing claims of responsibility: {_named(evidence, row.perpetrator_codes)}.",
            suggested_action="Count it under none of them alone; show it apart.",
        )


def _kin(evidence: Evidence, left: frozenset[str], right: frozenset[str]) -> bool:
    above_left = frozenset().union(*(evidence.attackers.ancestors(code) for code in left))
    above_right = frozenset().union(*(evidence.attackers.ancestors(code) for code in right))
    return bool(above_left & right or above_right & left)


def find_hierarchy(evidence: Evidence) -> Iterator[Finding]:
    """One claim names an actor, the other the larger body it acts in."""
    for row in records(_attributed(evidence)):
        left, right = (
            frozenset(row.perpetrator_codes_left.split()),
            frozenset(row.perpetrator_codes_right.split()),
        )
        if left & right or not _kin(evidence, left, right):
            continue
        a, b = _named(evidence, row.perpetrator_codes_left), _named(evidence, row.perpetrator_codes_right)
        yield Finding(
            claim_ids=(row.left, row.right),
            cluster_id=row.cluster_id,
            left_value=f"{evidence.title(row.monitor_left)}: {a}",
            right_value=f"{evidence.title(row.monitor_right)}: {b}",
            explanation=f"{evidence.title(row.monitor_left)} names {a}, {evidence.title(row.monitor_right)} {b}, one of which acts as part of the other.",
            suggested_action="Say at which level you attribute, and keep to it in sums.",
        )


def _positions(evidence: Evidence) -> pd.DataFrame:
    """Return pairs of a belligerent's claim (`own`) and another monitor's (`other`) that lays the incident at its door."""
    pairs = evidence.pairs
    swapped = pairs.rename(columns={"left": "right", "right": "left"})
    both = pd.concat([pairs, swapped], ignore_index=True).rename(columns={"left": "own", "right": "other"})
    own, other = evidence.claims.reindex(both["own"]), evidence.claims.reindex(both["other"])
    code = own["monitor"].map({name: rule.belligerent_code for name, rule in evidence.monitors.items()})
    named = other["perpetrator_codes"].str.split().map(frozenset)
    blamed = np.array([one in codes for one, codes in zip(code, named, strict=True)], dtype=bool)
    blamed &= (other["attribution_code"] != "parties").to_numpy()
    kept = (own["position_code"] != "").to_numpy() & (other["position_code"] == "").to_numpy() & blamed
    both["position_code"], both["grade_code"] = (
        own["position_code"].to_numpy(),
        other["grade_code"].to_numpy(),
    )
    both["monitor"] = other["monitor"].to_numpy()
    found: pd.DataFrame = both[kept].sort_values(["cluster_id", "own", "other"])
    return found.drop_duplicates(["cluster_id", "own", "monitor"])


def find_denial(evidence: Evidence) -> Iterator[Finding]:
    """A belligerent denies an incident in which a monitor counts harm, or concedes less than its lowest count."""
    sums = evidence.sums[evidence.sums["measure_code"] == "killed"].set_index(
        ["cluster_id", "monitor", "population_code"]
    )
    conceded = evidence.figures[
        (evidence.figures["role_code"] == "conceded") & (evidence.figures["measure_code"] == "killed")
    ].set_index("claim_id")
    sides = side_claims(evidence)
    for row in records(_positions(evidence)):
        key = (row.cluster_id, row.monitor, "civilian")
        if key not in sums.index:
            continue
        low, high = float(sums.loc[key, "low"]), float(sums.loc[key, "high"])
        monitor, belligerent = (
            evidence.title(row.monitor),
            evidence.title_of(row.own),
        )
        alleged = shown_interval(low, high)
        owned = float(conceded["high"].loc[row.own]) if row.own in conceded.index else float("nan")
        if row.position_code == "denied" and low > 0:
            said, gap = "denies it", low
        elif row.position_code == "conceded" and owned < low:
            said, gap = f"concedes {shown_interval(owned, owned)} killed", low - owned
        else:
            continue
        yield Finding(
            claim_ids=(*sides[row.cluster_id, row.monitor], row.own),
            cluster_id=row.cluster_id,
            measure_code="killed",
            left_value=f"{monitor}: {alleged}",
            right_value=f"{belligerent}: {said}",
            gap=gap,
            gap_unit="persons",
            explanation=f"{monitor} counts {alleged} civilians killed; {belligerent} {said}.",
            suggested_action="Print the allegation and the position side by side, with the date of the statement.",
        )


def find_grade_conflict(evidence: Evidence) -> Iterator[Finding]:
    """A monitor's grade and a belligerent's verdict on one incident contradict each other."""
    for row in records(_positions(evidence)):
        if row.grade_code == "confirmed" and row.position_code in {"denied", "not_assessed"}:
            said = "Confirmed, which means that a belligerent accepted it"
        elif row.grade_code == "discounted" and row.position_code == "conceded":
            said = "Discounted"
        else:
            continue
        monitor, belligerent = (
            evidence.title(row.monitor),
            evidence.title_of(row.own),
        )
        position = row.position_code.replace("_", " ")
        yield Finding(
            claim_ids=(row.other, row.own),
            cluster_id=row.cluster_id,
            left_value=f"{monitor}: {row.grade_code}",
            right_value=f"{belligerent}: {position}",
            explanation=f"{monitor} grades it {said}; this statement of {belligerent} is: {position}.",
            suggested_action="Look for a later statement, or another allegation on the same incident; check that the two belong together.",
        )
