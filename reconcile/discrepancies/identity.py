"""Kinds about what is one incident, and how many have independently said so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconcile.discrepancies import windows
from reconcile.discrepancies.evidence import Evidence, Finding, shown_interval, whole_figures
from reconcile.groups import gathered
from reconcile.origins import independent, origin_name
from reconcile.views import SPOT_PRECISION, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

# Records that a finding of many names one by one.
NAMED = 5


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


def find_shared_codes(evidence: Evidence) -> Iterator[Finding]:
    """One record of a monitor stands under several of its incident codes, and may be found, and counted, under each."""
    # Elsewhere a monitor's own id stands for the codes, and may hold a space.
    coded = frozenset(
        layout.id
        for monitor in evidence.monitors.values()
        for layout in monitor.layouts
        if any(rule.field == "native_incident_ids" for rules in layout.columns.values() for rule in rules)
    )
    claims = evidence.claims[
        (evidence.claims["unit_code"] == "incident")
        & (evidence.claims["position_code"] == "")
        & evidence.claims["layout"].isin(coded)
    ]
    several = claims[claims["native_incident_ids"].str.contains(" ", regex=False)]
    codes = claims.assign(code=claims["native_incident_ids"].str.split(" ")).explode("code")
    again = codes[codes.duplicated(["monitor", "code"], keep=False) & (codes["code"] != "")]
    for monitor, rows in several.groupby("monitor", sort=True):
        twice = sorted(set(again.index[again["monitor"] == monitor]) & set(rows.index))
        named = ", ".join(rows["native_incident_ids"].iloc[:NAMED].str.replace(" ", " + "))
        also = (
            f" Of {len(twice)} of them a code stands on another record too ({', '.join(twice[:NAMED])})."
            if twice
            else ""
        )
        yield Finding(
            claim_ids=tuple(sorted({*rows.index, *again.index[again["code"].isin(_codes(rows))]})),
            about=(str(monitor),),
            left_value=f"{len(rows):,} {'record' if len(rows) == 1 else 'records'}",
            right_value=f"{rows['native_incident_ids'].str.count(' ').sum() + len(rows):,} codes",
            gap=float(len(rows)),
            gap_unit="records",
            explanation=f"{len(rows):,} {'record' if len(rows) == 1 else 'records'} of {evidence.title(str(monitor))} "
            f"{'stands' if len(rows) == 1 else 'stand'} under several codes each ({named}{' and others' if len(rows) > NAMED else ''}); "
            f"each was counted once.{also}",
            suggested_action="Do not add up lists that were filtered by one code: the same deaths stand in each. Say which attacker's list holds it.",
        )


def _codes(claims: pd.DataFrame) -> frozenset[str]:
    return frozenset(code for text in claims["native_incident_ids"].unique() for code in text.split())


def find_splits(evidence: Evidence) -> Iterator[Finding]:
    """A monitor split one incident into parts: their deaths add up, their repeated secondary counts do not."""
    parts = evidence.linked[evidence.linked["relation_code"] == "part_of"]
    whole = whole_figures(evidence.figures)
    parts = parts.assign(monitor=parts["claim_id"].map(evidence.claims["monitor"]))
    # What a person judged to be part of another monitor's record is no split by its own.
    parts = parts[parts.duplicated(["cluster_id", "monitor"], keep=False)]
    for (cluster_id, _), rows in parts.groupby(["cluster_id", "monitor"], sort=True):
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
        "",
        "rest on one origin each",
        "Say so where you quote one of them, and look for a second, independent source.",
    )


def _monthly(evidence: Evidence, claims: pd.DataFrame, by: str, what: str, action: str) -> Iterator[Finding]:
    dated = claims[claims["date_start"].notna()]
    months: Iterable[Any] = dated.groupby(
        [dated["monitor"], dated["date_start"].dt.strftime("%Y-%m")], sort=True
    )
    for (monitor, month), rows in months:
        count = len(rows)
        yield Finding(
            claim_ids=tuple(rows.index),
            about=(str(monitor), str(month), by),
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
    found = gathered(named.drop_duplicates(["cluster_id", "origin"]), ["cluster_id"], "origin")
    return {
        str(cluster): independent(frozenset(origins), evidence.origins)
        for cluster, origins in zip(found["cluster_id"], found["origin"], strict=True)
    }


def find_circular(evidence: Evidence) -> Iterator[Finding]:
    """Several monitors report incidents, and all of them go back to one origin; told once for those monitors and that origin."""
    shared = evidence.sides[evidence.sides.duplicated("cluster_id", keep=False)]
    positioned = evidence.claims.index[evidence.claims["position_code"] != ""]
    asserting = shared[shared["claim_ids"].map(frozenset(positioned).isdisjoint).astype(bool)]
    single = _one_voice(evidence, asserting)
    asserting = asserting[asserting["cluster_id"].isin(single)]
    told = asserting.groupby("cluster_id", sort=True).agg(
        monitors=("monitor", " ".join), claim_ids=("claim_ids", "sum")
    )
    told = told[told["monitors"].str.contains(" ", regex=False)]
    told = told.assign(origin=told.index.map(single))
    for (origin, monitors), rows in told.groupby(["origin", "monitors"], sort=True):
        names, title = str(monitors).split(), origin_name(str(origin), evidence.origins)
        count, titles = len(names), " and ".join(map(evidence.title, names))
        only = str(rows.index[0]) if len(rows) == 1 else ""
        yield Finding(
            claim_ids=tuple(sorted(claim for ids in rows["claim_ids"] for claim in ids)),
            about=(str(origin), *names),
            cluster_id=only,
            left_value=f"{count} reports" if only else f"{count} reports each: {titles}",
            right_value=f"1 origin: {title}",
            gap=float(count - 1) if only else float(len(rows)),
            gap_unit="reports" if only else "incidents",
            explanation=f"{count} monitors report it, and all go back to {title}; that is one assertion, not {count}."
            if only
            else f"{titles} report the same {len(rows):,} incidents, and all go back to {title}; each is one assertion, not {count}.",
            suggested_action="Count it as one source; do not call it confirmed by several.",
        )
    yield from windows.circular_totals(evidence)


def _one_voice(evidence: Evidence, asserting: pd.DataFrame) -> dict[str, str]:
    """Return the origin of each incident whose reports name, each by itself, that one and no other."""
    named = evidence.claims["origin_ids"]
    voices = {text: independent(text.split(), evidence.origins) for text in named.unique()}
    # Two records that name "a hospital" need not mean the same one.
    nameless = {code for code, term in evidence.origins.terms.items() if term.generic}
    single = {
        text: next(iter(found)) if len(found) == 1 and not found & nameless else ""
        for text, found in voices.items()
    }
    claims = asserting[["cluster_id", "claim_ids"]].explode("claim_ids")
    voice = claims["claim_ids"].map(named).map(single)
    heard = voice.groupby(claims["cluster_id"]).agg(["nunique", "first"])
    is_one = (heard["nunique"] == 1) & (heard["first"] != "")
    return {str(cluster): str(origin) for cluster, origin in heard.loc[is_one, "first"].items()}


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
            belligerent,
            f"name {evidence.title(belligerent)}, and none of its statements was matched to them",
            "Ask whether they were ever put to it; see Possible matches for statements that nearly fit.",
        )


def find_unmatched_statement(evidence: Evidence) -> Iterator[Finding]:
    """A belligerent's statement that no monitor's incident was matched to."""
    for belligerent, _ in _belligerents(evidence):
        own = evidence.claims[
            (evidence.claims["monitor"] == belligerent) & (evidence.claims["kind_code"] == "incident")
        ]
        if own.empty:
            continue
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
            "",
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
