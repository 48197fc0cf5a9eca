"""Kinds about who did it, and what a belligerent says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import Evidence, Finding, people_of, shown_interval, side_claims
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

# Records that a finding of many names one by one.
NAMED = 5
FIRM = frozenset({"confirmed", "stated"})
HEDGED = frozenset({"likely", "alleged"})
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
    columns = ["perpetrator_codes", "attribution_code", "monitor", "position_code"]
    for side, told in zip(("left", "right"), evidence.both_sides(columns), strict=True):
        pairs[[f"{column}_{side}" for column in columns]] = told
    both = pairs["attribution_code_left"].isin(NAMING) & pairs["attribution_code_right"].isin(NAMING)
    known = ~pairs["perpetrator_codes_left"].isin(["", "unknown"]) & ~pairs["perpetrator_codes_right"].isin(
        ["", "unknown"]
    )
    return pairs[both & known & (pairs["perpetrator_codes_left"] != pairs["perpetrator_codes_right"])]


def find_conflict(evidence: Evidence) -> Iterator[Finding]:
    """Claims on one incident name different attackers, or, told once for the same attackers, a monitor's records name several that compete."""
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
    yield from _competing(evidence)


def _competing(evidence: Evidence) -> Iterator[Finding]:
    """Return a finding for each monitor and the attackers that compete in its own records."""
    claims = evidence.claims
    competing = claims[
        (claims["kind_code"] == "incident")
        & (claims["attribution_code"] == "contested")
        & claims["perpetrator_codes"].str.contains(" ")
    ]
    clusters = evidence.linked.drop_duplicates("claim_id").set_index("claim_id")["cluster_id"]
    people = people_of(evidence)
    for (monitor, codes), rows in competing.groupby(["monitor", "perpetrator_codes"], sort=True):
        title, named, count = evidence.title(str(monitor)), _named(evidence, str(codes)), len(rows)
        worst = people.reindex(rows.index).fillna(0).sort_index().sort_values(ascending=False, kind="stable")
        told = ", ".join(f"{claim} (up to {most:,.10g} people)" for claim, most in worst.iloc[:NAMED].items())
        yield Finding(
            claim_ids=tuple(rows.index),
            about=(str(monitor), str(codes)),
            cluster_id=str(clusters.get(rows.index[0], "")) if count == 1 else "",
            left_value=named,
            right_value="contested" if count == 1 else f"contested in {count:,} records",
            gap=float("nan") if count == 1 else float(count),
            gap_unit="" if count == 1 else "records",
            explanation=f"{title} records competing claims of responsibility: {named}."
            if count == 1
            else f"{count:,} records of {title} hold competing claims of responsibility: {named}. The gravest: {told}.",
            suggested_action="Count it under none of them alone; show it apart."
            if count == 1
            else "Count them under none of them alone; show them apart.",
        )


def find_hedge(evidence: Evidence) -> Iterator[Finding]:
    """One claim names an attacker firmly, another the same one as likely or alleged; told once for each two monitors."""
    pairs = evidence.pairs.copy()
    for side in ("left", "right"):
        claims = evidence.claims.reindex(pairs[side])
        for column in ("monitor", "perpetrator_codes", "attribution_code", "position_code"):
            pairs[f"{column}_{side}"] = claims[column].to_numpy()
    swapped = pairs.rename(columns=lambda name: _other_side(str(name)))
    both = pd.concat([pairs, swapped], ignore_index=True)
    # A denial is filed as alleged, and is no doubt about who is meant.
    both = both[
        both["attribution_code_left"].isin(FIRM)
        & both["attribution_code_right"].isin(HEDGED)
        & (both["position_code_right"] == "")
    ]
    both = both[_one_attacker(evidence, both)]
    for (firm, hedged), rows in both.groupby(["monitor_left", "monitor_right"], sort=True):
        incidents = int(rows["cluster_id"].nunique())
        stated, doubted = (_strengths(rows[f"attribution_code_{side}"]) for side in ("left", "right"))
        yield Finding(
            claim_ids=tuple(sorted({*rows["left"], *rows["right"]})),
            about=(str(firm), str(hedged)),
            left_value=f"{evidence.title(str(firm))}: {stated}",
            right_value=f"{evidence.title(str(hedged))}: {doubted}",
            gap=float(incidents),
            gap_unit="incidents",
            explanation=f"In {incidents} shared {'incident' if incidents == 1 else 'incidents'} {evidence.title(str(firm))} names the attacker firmly ({stated}) "
            f"and {evidence.title(str(hedged))} with a hedge ({doubted}).",
            suggested_action="Keep the weaker verb where you quote the weaker claim; write of a believed or alleged attacker, not of a known one.",
        )
    yield from _hedged_totals(evidence)


def _hedged_totals(evidence: Evidence) -> Iterator[Finding]:
    """Return a finding a monitor whose totals name their attacker as likely or alleged only."""
    claims = evidence.claims
    totals = claims[(claims["kind_code"] == "total") & claims["attribution_code"].isin(HEDGED)]
    for monitor, rows in totals.groupby("monitor", sort=True):
        doubted = _strengths(rows["attribution_code"])
        yield Finding(
            claim_ids=tuple(sorted(rows.index)),
            about=(str(monitor), "totals"),
            left_value=f"{evidence.title(str(monitor))}: {doubted}",
            right_value=", ".join(sorted({_named(evidence, codes) for codes in rows["perpetrator_codes"]})),
            gap=float(len(rows)),
            gap_unit="totals",
            explanation=f"{len(rows)} {'total' if len(rows) == 1 else 'totals'} of {evidence.title(str(monitor))} "
            f"{'lays' if len(rows) == 1 else 'lay'} deaths at an attacker's door with a hedge ({doubted}).",
            suggested_action="Quote the hedge with the number.",
        )


def _one_attacker(evidence: Evidence, pairs: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which pairs name one attacker in common, or one that acts in the other; each two texts are compared once."""
    texts = list(zip(pairs["perpetrator_codes_left"], pairs["perpetrator_codes_right"], strict=True))
    sets = {pair: [frozenset(text.split()) - {"unknown"} for text in pair] for pair in set(texts)}
    meets = {
        pair: bool(left and right and (left & right or _kin(evidence, left, right)))
        for pair, (left, right) in sets.items()
    }
    return np.array([meets[pair] for pair in texts], dtype=bool)


def _other_side(column: str) -> str:
    """Return a column's name on the other side of a pair."""
    if column.endswith("left"):
        return column.removesuffix("left") + "right"
    return column.removesuffix("right") + "left" if column.endswith("right") else column


def _strengths(codes: pd.Series[str]) -> str:
    """Return how firmly, each with its count, the most frequent first."""
    counts = codes.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return ", ".join(f"{code} {count}" if len(counts) > 1 else str(code) for code, count in counts.items())


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
    stated = evidence.claims.index[evidence.claims["position_code"] != ""]
    both = both[both["own"].isin(stated)].reset_index(drop=True)
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
