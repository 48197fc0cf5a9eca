"""Kinds about what is one incident, and how many have independently said so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconcile.discrepancies import windows
from reconcile.discrepancies.evidence import Evidence, Finding, shown_interval, whole_figures
from reconcile.views import SPOT_PRECISION, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd


def find_own_duplicates(evidence: Evidence) -> Iterator[Finding]:
    """A monitor holds two records that look like one: the same id, or the same day, spot, name, attacker and numbers."""
    claims = evidence.claims[evidence.claims["kind_code"] == "incident"]
    repeated = claims[(claims["native_id"] != "") & claims.duplicated(["monitor", "native_id"], keep=False)]
    for (monitor, native_id), rows in repeated.groupby(["monitor", "native_id"], sort=True):
        yield _duplicate(evidence, str(monitor), tuple(rows.index), f"carry one id, {native_id}")
    killed = whole_figures(evidence.figures)
    killed = killed[
        (killed["measure_code"] == "killed") & (killed["low"] >= evidence.tolerance("DUP-SELF", "killed_min"))
    ]
    killed = (
        killed.sort_values(["claim_id", "population_code"]).drop_duplicates("claim_id").set_index("claim_id")
    )
    twins = claims[
        (claims["location_precision_code"] <= SPOT_PRECISION)
        & claims["latitude"].notna()
        & claims.index.isin(killed.index)
    ]
    twins = twins.assign(low=killed["low"].reindex(twins.index), high=killed["high"].reindex(twins.index))
    split = set(evidence.linked.loc[evidence.linked["relation_code"] == "part_of", "claim_id"])
    keys = [
        "monitor",
        "date_start",
        "date_end",
        "latitude",
        "longitude",
        "place_name",
        "perpetrator_codes",
        "low",
        "high",
    ]
    twins = twins[
        twins.duplicated(keys, keep=False) & ~twins.index.isin(split) & ~twins.index.isin(repeated.index)
    ]
    for (monitor, *_), rows in twins.groupby(keys, sort=True, dropna=False):
        first = rows.iloc[0]
        yield _duplicate(
            evidence,
            str(monitor),
            tuple(rows.index),
            f"agree in day ({first['edtf']}), place ({first['place_name']}), attacker and number killed ({shown_interval(first['low'], first['high'])})",
        )


def _duplicate(evidence: Evidence, monitor: str, ids: tuple[str, ...], why: str) -> Finding:
    return Finding(
        claim_ids=ids,
        left_value=ids[0],
        right_value=" ".join(ids[1:]),
        gap=float(len(ids) - 1),
        gap_unit="records",
        explanation=f"{len(ids)} records of {evidence.title(monitor)} {why}.",
        suggested_action="Ask the monitor; until then do not add their numbers up. If they are one, drop one by a correction.",
    )


def find_splits(evidence: Evidence) -> Iterator[Finding]:
    """A monitor split one incident into parts: their deaths add up, their repeated secondary counts do not."""
    parts = evidence.linked[evidence.linked["relation_code"] == "part_of"]
    whole = whole_figures(evidence.figures)
    for cluster_id, rows in parts.groupby("cluster_id", sort=True):
        ids = tuple(sorted(rows["claim_id"]))
        figures = whole[whole["claim_id"].isin(ids)]
        killed = figures[(figures["measure_code"] == "killed") & (figures["population_code"] == "civilian")]
        injured = figures[figures["measure_code"] == "injured"]
        repeated = injured[injured.duplicated(["low", "high"], keep=False)]
        total = shown_interval(
            float(killed["low"].sum()),
            float("nan") if killed["high"].isna().any() else float(killed["high"].sum()),
        )
        shared = (
            ""
            if repeated.empty
            else f" All repeat {shown_interval(float(repeated['low'].iloc[0]), float(repeated['high'].iloc[0]))} injured, which was counted once."
        )
        yield Finding(
            claim_ids=ids,
            cluster_id=str(cluster_id),
            measure_code="killed",
            left_value=" + ".join(shown_interval(row.low, row.high) for row in records(killed)),
            right_value=total,
            gap=float(len(ids)),
            gap_unit="records",
            explanation=f"{evidence.title_of(ids[0])} keeps one incident in {len(ids)} records ({', '.join(ids)}), {total} killed in all.{shared}",
            suggested_action="Treat the records as parts of one incident; never add their injured up unread.",
        )


def find_single_origin(evidence: Evidence) -> Iterator[Finding]:
    """Incidents that only one origin asserts, however many monitors pass them on; one finding a monitor and month."""
    origins = cluster_origins(evidence)
    own = evidence.linked[evidence.linked["cluster_kind_code"] == "incident"]
    single = own[own["cluster_id"].map(origins).map(len, na_action="ignore") == 1]
    claims = evidence.claims.reindex(single["claim_id"])
    stated = claims[
        (claims["report_count"] == 1)
        | (claims["attribution_code"] == "alleged")
        | (
            claims["report_count"].isna()
            & (claims["origin_ids"].str.count(" ") == 0)
            & (claims["grade_code"] == "weak")
        )
    ]
    stated = stated[stated["position_code"] == ""]
    yield from _monthly(
        evidence,
        stated,
        "rest on one origin each",
        "Say so where you quote one of them, and look for a second, independent source.",
    )


def _monthly(evidence: Evidence, claims: pd.DataFrame, what: str, action: str) -> Iterator[Finding]:
    dated = claims[claims["date_start"].notna()]
    months: Iterable[Any] = dated.groupby(
        [dated["monitor"], dated["date_start"].dt.strftime("%Y-%m")], sort=True
    )
    for (monitor, month), rows in months:
        count = len(rows)
        yield Finding(
            claim_ids=tuple(rows.index),
            left_value=evidence.title(monitor),
            right_value=month,
            gap=float(count),
            gap_unit="incidents",
            explanation=f"{month}: {count} {'record' if count == 1 else 'records'} of {evidence.title(monitor)} {what}.",
            suggested_action=action,
        )


def cluster_origins(evidence: Evidence) -> dict[str, frozenset[str]]:
    """Return who independently asserts each incident: relays and nameless media only where nobody else is named."""
    own = evidence.linked[["claim_id", "cluster_id"]]
    named = (
        own.assign(origin=evidence.claims["origin_ids"].reindex(own["claim_id"]).str.split().to_numpy())
        .explode("origin")
        .dropna(subset=["origin"])
    )
    found = named.drop_duplicates(["cluster_id", "origin"]).groupby("cluster_id")["origin"].agg(frozenset)
    return {str(cluster): _independent(evidence, origins) for cluster, origins in found.items()}


def _independent(evidence: Evidence, origins: frozenset[str]) -> frozenset[str]:
    terms = evidence.origins.terms
    firm = frozenset(
        origin
        for origin in origins
        if origin not in terms or not (terms[origin].relays or terms[origin].generic)
    )
    return firm or origins


def find_circular(evidence: Evidence) -> Iterator[Finding]:
    """Several monitors report an incident, and all of them go back to one origin."""
    origins = cluster_origins(evidence)
    shared = evidence.sides[evidence.sides.duplicated("cluster_id", keep=False)]
    claims = evidence.claims
    positioned = frozenset(claims.index[claims["position_code"] != ""])
    for cluster_id, rows in shared.groupby("cluster_id", sort=True):
        asserting = [ids for ids in rows["claim_ids"] if not positioned.intersection(ids)]
        if len(asserting) < 2 or len(origins.get(str(cluster_id), ())) != 1:  # noqa: PLR2004 - two reports
            continue
        (origin,) = origins[str(cluster_id)]
        title = (
            evidence.origins.terms[origin].title
            if origin in evidence.origins.terms
            else origin.removeprefix("x_").replace("_", " ")
        )
        yield Finding(
            claim_ids=tuple(claim for ids in asserting for claim in ids),
            cluster_id=str(cluster_id),
            left_value=f"{len(asserting)} reports",
            right_value=f"1 origin: {title}",
            gap=float(len(asserting) - 1),
            gap_unit="reports",
            explanation=f"{len(asserting)} monitors report it, and all go back to {title}; that is one assertion, not {len(asserting)}.",
            suggested_action="Count it as one source; do not call it confirmed by several.",
        )
    yield from windows.circular_totals(evidence)


def find_unassessed(evidence: Evidence) -> Iterator[Finding]:
    """A monitor's incident, laid at a belligerent's door, that no statement of that belligerent was matched to."""
    for belligerent, code in _belligerents(evidence):
        own = evidence.claims[
            (evidence.claims["monitor"] == belligerent)
            & (evidence.claims["kind_code"] == "incident")
            & evidence.claims["date_start"].notna()
        ]
        # What a file that failed may hold was not left unanswered.
        if own.empty or belligerent in evidence.unread:
            continue
        answered = evidence.sides[evidence.sides["monitor"] == belligerent]["cluster_id"]
        claims = evidence.claims[
            (evidence.claims["monitor"] != belligerent) & (evidence.claims["unit_code"] == "incident")
        ]
        blamed = claims["perpetrator_codes"].str.split().map(frozenset([code]).issubset) & (
            claims["attribution_code"] != "parties"
        )
        covered = claims["date_start"].between(own["date_start"].min(), own["date_end"].max())
        cluster = evidence.linked.set_index("claim_id")["cluster_id"].reindex(claims.index)
        yield from _monthly(
            evidence,
            claims[blamed & covered & ~cluster.isin(answered)],
            f"name {evidence.title(belligerent)}, and none of its statements was matched to them",
            "Ask whether they were ever put to it; see Possible matches for statements that nearly fit.",
        )


def find_unmatched_statement(evidence: Evidence) -> Iterator[Finding]:
    """A belligerent's statement that no monitor's incident was matched to."""
    for belligerent, _ in _belligerents(evidence):
        own = evidence.claims[
            (evidence.claims["monitor"] == belligerent) & (evidence.claims["kind_code"] == "incident")
        ]
        cluster = evidence.linked.set_index("claim_id")["cluster_id"]
        shared = set(evidence.sides.loc[evidence.sides["monitor"] != belligerent, "cluster_id"])
        others = evidence.claims[
            (evidence.claims["monitor"] != belligerent) & (evidence.claims["kind_code"] == "incident")
        ]
        if others.empty:
            continue
        unread = ", ".join(evidence.title(name) for name in sorted(evidence.unread - {belligerent}))
        yield from _monthly(
            evidence,
            own[~cluster.reindex(own.index).isin(shared)],
            "were matched to no monitor's incident",
            f"First read the file that failed ({unread}): it may hold the incident."
            if unread
            else "Look for the incident under another day or place; see Possible matches.",
        )


def _belligerents(evidence: Evidence) -> list[tuple[str, str]]:
    return [
        (name, rule.belligerent_code)
        for name, rule in evidence.monitors.items()
        # A list of strikes answers no allegation; only one that does can leave some unanswered.
        if rule.kind_code == "belligerent" and rule.unit_code == "allegation"
    ]
