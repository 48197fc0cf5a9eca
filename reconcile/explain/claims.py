"""What one claim or one cluster is, and what it rests on."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.explain.parts import (
    LISTED,
    Explanation,
    Grid,
    Part,
    article,
    chance,
    listed,
    more,
    short,
)
from reconcile.explain.stored import kind_of, paired_with_nothing
from reconcile.levels import signed
from reconcile.views import interval_text, records, window_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.explain.stored import View

PAIR = 2
# Members up to which pairs without a verdict are named one by one.
FEW_MEMBERS = 8
VERDICTS = ("match", "possible", "displaced", "rejected")
BASES = {
    "weight": "by match weight",
    "judgement": "by a person's judgement",
    "split": "as a part of one incident that its own monitor split",
    "alone": "alone",
}


def claim_explained(view: View, claim_id: str) -> Explanation:
    """Return where a claim stands: its cluster, who else is in it, its pairs and its findings."""
    claim = view.claim(claim_id)
    pairs = view.pairs_of(claim_id)
    cluster = view.cluster_of(claim_id)
    others = [one for one in view.members(cluster) if one != claim_id]
    basis = BASES[str(view.own.at[claim_id, "link_basis_code"])]
    answer = f"in {cluster} {basis}" + (f", with {listed(others)}." if others else ".")
    counts = pairs["verdict_code"].value_counts()
    told = ", ".join(f"{counts[code]:,} {code}" for code in VERDICTS if code in counts.index)
    barred = paired_with_nothing(view, claim_id)
    none = f"No pairs: {barred}" if barred else "No pair is at least possible."
    rivals = list(dict.fromkeys(str(one) for one in pairs["displaced_by"] if one))
    lines = [f"{len(pairs):,} pairs at least possible: {told}." if told else none]
    if rivals:
        lines.append(f"Displaced by {listed(rivals)}.")
    rows = tuple(
        (
            str(pair.other),
            *when_where(view, str(pair.other)),
            signed(pair.match_weight),
            chance(pair.match_probability),
            str(pair.verdict_code),
            str(pair.displaced_by),
        )
        for pair in records(pairs.head(LISTED))
    )
    headers = ("Other claim", "When", "Where", "Bits", "Probability", "Verdict", "Displaced by")
    grid = Grid(headers, rows, frozenset({3, 4})) if rows else None
    parts = (
        one_claim(view, claim_id),
        _standing(view, cluster),
        Part("Compared with, the heaviest first", tuple(lines), grid, more(len(pairs), "verdicts")),
        *findings_of(view, view.run.discrepancies["claim_ids"].str.split().map(lambda ids: claim_id in ids)),
    )
    return Explanation(
        f"{claim_id}, {article(str(claim['kind_code']))} of {view.title(str(claim['monitor']))}",
        answer,
        parts,
    )


def _unit(claim: Any) -> str:
    is_summary = claim["unit_code"] == "event_summary"
    return "a summary of events" if is_summary else article(str(claim["kind_code"]))


def one_claim(view: View, claim_id: str) -> Part:
    """Return what a claim says, fact by fact."""
    rows = tuple((label, text) for label, (text,) in _facts(view, [claim_id]))
    return Part("What it says", (), Grid(("", claim_id), rows, whole=frozenset({0})))


def side_by_side(view: View, left: str, right: str) -> Part:
    """Return what two claims say, fact by fact."""
    rows = tuple((label, *texts) for label, texts in _facts(view, [left, right]))
    notes = () if view.run.has_names else ("Names and free text are withheld, as in the run.",)
    has_names = any(kind_of(view, one) == "victim" for one in (left, right))
    return Part(
        "Side by side", (), Grid(("", left, right), rows, whole=frozenset({0})), notes if has_names else ()
    )


def _facts(view: View, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what claims say, one row a fact that any of them states: its name, and each claim's words."""
    claims = [view.claim(one) for one in ids]

    def row(label: str, texts: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        return label, tuple(texts)

    table = [
        row("monitor", [view.title(str(claim["monitor"])) for claim in claims]),
        row("days", [window_text(claim["date_start"], claim["date_end"]) for claim in claims]),
        row("published", ["" if pd.isna(claim["reported_on"]) else window_text(*[claim["reported_on"]] * 2) for claim in claims]),
        row("place", [_both_scripts(claim) for claim in claims]),
        row("governorate", [str(claim["admin1"]) for claim in claims]),
        row("point", [_point(claim) for claim in claims]),
        row("attacker", [_attackers(view, claim) for claim in claims]),
        row("means", [str(claim["violence_code"]).replace("_", " ") for claim in claims]),
        row("grade", [str(claim["grade_raw"] or claim["grade_code"]) for claim in claims]),
        row("position", [str(claim["position_code"]).replace("_", " ") for claim in claims]),
        row("origins", [view.term("origins", str(claim["origin_ids"])) for claim in claims]),
        row("via", [str(claim["reported_via"]) for claim in claims]),
    ]  # fmt: skip
    table[8:8] = _numbers(view, ids)
    table += _persons(view, ids)
    table.append(row("read from", [_source(claim) for claim in claims]))
    table.append(row("published at", [str(claim["url"]) for claim in claims]))
    return [(label, texts) for label, texts in table if any(texts)]


def _numbers(view: View, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return a row a measure and population that any of the claims states, for both sexes and all ages."""
    figures = view.run.figures
    stated = figures[figures["claim_id"].isin(ids) & (figures["sex_code"] == "any") & (figures["age_group_code"] == "any")]  # fmt: skip
    said: dict[tuple[str, str, str], dict[str, str]] = {}
    for one in records(stated):
        key = (str(one.measure_code), str(one.population_code), str(one.role_code))
        shown = interval_text(one.low, one.high)
        best = "" if pd.isna(one.best) or one.low == one.high else f", best {one.best:,.10g}"
        words = str(one.verbatim)
        quoted = f" (“{words}”)" if any(map(str.isalpha, words)) else ""
        said.setdefault(key, {}).setdefault(str(one.claim_id), f"{shown}{best}{quoted}")
    order = {"killed": "0", "injured": "1"}
    rows = []
    for key in sorted(said, key=lambda key: (order.get(key[0], key[0]), key[1:])):
        measure, population, role = key
        label = f"{measure.replace('_', ' ')}, {population}" + (", conceded" if role == "conceded" else "")
        rows.append((label, tuple(said[key].get(one, "") for one in ids)))
    return rows


def _persons(view: View, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return name, age and sex of the victims that claims are about; names as the run has them."""
    victims = view.run.victims[view.run.victims["claim_id"].isin(ids)].set_index("claim_id")
    if victims.empty:
        return []

    def of(claim_id: str, column: str) -> Any:
        return victims.at[claim_id, column] if claim_id in victims.index else ""

    names = [
        " / ".join(filter(None, (str(of(one, "name_published")), str(of(one, "name_native"))))) for one in ids
    ]
    if not view.run.has_names:
        names = ["withheld" if one in victims.index else "" for one in ids]
    ages = [
        interval_text(of(one, "age_low_years"), of(one, "age_high_years")) if one in victims.index else ""
        for one in ids
    ]
    return [
        ("name", tuple(names)),
        ("age", tuple("" if age == "not stated" else age for age in ages)),
        ("sex", tuple(str(of(one, "sex_code")) for one in ids)),
    ]


def _both_scripts(claim: Any) -> str:
    return " / ".join(filter(None, (str(claim["place_name"]), str(claim["place_name_native"]))))


def _point(claim: Any) -> str:
    if pd.isna(claim["latitude"]) or pd.isna(claim["longitude"]):
        return ""
    return f"{claim['latitude']:.4f}, {claim['longitude']:.4f} (precision {claim['location_precision_code']})"


def _attackers(view: View, claim: Any) -> str:
    said = view.term("perpetrators", str(claim["perpetrator_codes"]))
    how = str(claim["attribution_code"]).replace("_", " ")
    return f"{said} ({how})" if said and how else said


def _source(claim: Any) -> str:
    sheet = f", sheet {claim['source_sheet']}" if claim["source_sheet"] else ""
    return f"{claim['source_file']}{sheet}, row {claim['source_row']:,}"


def when_where(view: View, claim_id: str) -> tuple[str, str]:
    """Return days and place of a claim, in short."""
    claim = view.claim(claim_id)
    return str(claim["edtf"]), str(claim["place_name"] or claim["admin1"])


def killed(view: View, claim_id: str) -> str:
    """Return the numbers killed that a claim states, in short."""
    return "; ".join(
        f"{texts[0]} {label.partition(', ')[2]}"
        for label, texts in _numbers(view, [claim_id])
        if label.startswith("killed") and texts[0]
    )


# ---- a cluster -----------------------------------------------------------------------------------------------------


def cluster_explained(view: View, cluster_id: str) -> Explanation:
    """Return who is in a cluster, and each pair among them."""
    members = view.members(cluster_id)
    kind = str(view.own.at[members[0], "cluster_kind_code"]) if members else "incident"
    monitors = sorted({view.title(view.monitor_of(one)) for one in members})
    answer = f"{len(members):,} {'claim' if len(members) == 1 else 'claims'} of {', '.join(monitors)}."
    return Explanation(
        f"{cluster_id}, {article(kind)}",
        answer,
        (
            _standing(view, cluster_id),
            *_edges(view, members),
            *findings_of(view, view.run.discrepancies["cluster_id"] == cluster_id),
        ),
    )


def _standing(view: View, cluster_id: str) -> Part:
    """Return who is in a cluster, and by what."""
    members = view.members(cluster_id)
    rows = tuple(
        (
            one,
            *when_where(view, one),
            killed(view, one),
            str(view.own.at[one, "relation_code"]).replace("_", " "),
            BASES[str(view.own.at[one, "link_basis_code"])],
        )
        for one in members[:LISTED]
    )
    covers = view.run.linked[view.run.linked["relation_code"] == "covers"]
    covered_by = list(map(str, covers.loc[covers["cluster_id"] == cluster_id, "claim_id"]))
    covering = int(covers["claim_id"].isin(members).sum())
    notes = list(more(len(members), "linked"))
    if covered_by:
        notes.append(
            f"Covered by {listed(covered_by)}: summaries in whose days and governorate it lies whole."
        )
    if covering:
        notes.append(f"It is a summary, and covers {covering:,} incidents whole.")
    headers = ("Claim", "When", "Where", "Killed", "Relation", "It is here")
    return Part(f"Who is in {cluster_id}", (), Grid(headers, rows), tuple(notes))


def _edges(view: View, members: Sequence[str]) -> tuple[Part, ...]:
    """Return the pairs among the members of a cluster."""
    if len(members) < PAIR:
        return ()
    verdicts = view.run.verdicts
    among = verdicts[verdicts["left_id"].isin(members) & verdicts["right_id"].isin(members)]
    among = among.sort_values(["match_weight", "left_id", "right_id"], ascending=[False, True, True])
    rows = [
        (str(edge.left_id), str(edge.right_id), signed(edge.match_weight), chance(edge.match_probability), str(edge.verdict_code))
        for edge in records(among.head(LISTED))
    ]  # fmt: skip
    notes = more(len(among), "verdicts")
    if len(members) <= FEW_MEMBERS:
        listed = {frozenset(row[:PAIR]) for row in rows}
        for one, other in combinations(members, PAIR):
            if frozenset((one, other)) not in listed:
                own = view.monitor_of(one) == view.monitor_of(other)
                rows.append((one, other, "", "", "one monitor's own" if own else "not listed"))
        notes = (*notes, "Ask for a pair by its two ids to see why.")
    headers = ("Claim", "Claim", "Bits", "Probability", "Verdict")
    return (Part("Pairs among them", (), Grid(headers, tuple(rows), frozenset({2, 3})), notes),)


# ---- findings ------------------------------------------------------------------------------------------------------


def findings_of(view: View, chosen: pd.Series[bool]) -> tuple[Part, ...]:
    """Return chosen findings, each in a sentence."""
    found = view.run.discrepancies[chosen.to_numpy(dtype=bool)]
    if found.empty:
        return ()
    rows = tuple(
        (str(one.discrepancy_id), str(one.severity), str(one.code), short(str(one.explanation)))
        for one in records(found.head(LISTED))
    )
    grid = Grid(("Finding", "Severity", "Code", "In a sentence"), rows, whole=frozenset({0}))
    return (Part("Findings", (), grid, more(len(found), "discrepancies")),)
