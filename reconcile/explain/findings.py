"""What a finding is, the claims it is about, and the numbers behind it: rungs, sets of numbers, windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.discrepancies import KINDS
from reconcile.discrepancies.windows import LISTED as LISTED_TOTALS
from reconcile.explain.claims import killed, when_where
from reconcile.explain.parts import LISTED, Explanation, Grid, Part, more
from reconcile.explain.stored import decided_on
from reconcile.explain.totals import bridge_parts, counts, figure_words, numbers_part, stem, windows_part
from reconcile.views import records, window_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reconcile.explain.stored import View

SEVERITIES = {"S1": "resolve before publishing", "S2": "explain", "S3": "note"}
PAIR = 2
# Sets of numbers that a finding shows one by one.
MOST_SETS = 6


def finding_explained(view: View, discrepancy_id: str) -> Explanation:
    """Return a finding, what to do about it, and the claims it is about."""
    found = view.run.discrepancies
    (one,) = records(found[found["discrepancy_id"] == discrepancy_id])
    kind = next((kind for kind in KINDS if kind.code == one.code), None)
    ids = [claim_id for claim_id in str(one.claim_ids).split() if claim_id in view.claims.index]
    facts = [
        ("severity", f"{one.severity} ({SEVERITIES.get(str(one.severity), 'unknown')})"),
        ("kind", f"{one.code}: {kind.title}. {kind.legend}" if kind else str(one.code)),
        ("one side", str(one.left_value)),
        ("other side", str(one.right_value)),
        ("gap", "" if pd.isna(one.gap) else _counted(one.gap, str(one.gap_unit))),
        ("measure", str(one.measure_code).replace("_", " ")),
        ("people", "" if pd.isna(one.people) else f"{one.people:,.10g} at most"),
        ("incident", str(one.cluster_id)),
        ("what to do", str(one.suggested_action)),
        (
            "status",
            f"{one.status_code}, first seen in the run as of {window_text(one.first_seen, one.first_seen)}",
        ),
        ("decided", "; ".join(decided_on(view, discrepancy_id))),
    ]
    rows = tuple(
        (claim_id, *when_where(view, claim_id), killed(view, claim_id), _says(view, claim_id))
        for claim_id in ids[:LISTED]
    )
    totals = [claim_id for claim_id in ids if view.claim(claim_id)["kind_code"] == "total"]
    asked = (f"Ask for {totals[0]} to see it beside incidents and other totals.",) if totals else ()
    behind = tuple(BEHIND.get(str(one.code), _nothing)(view, one))
    headers = ("Claim", "When", "Where", "Killed", "Grade or position")
    return Explanation(
        f"{discrepancy_id}, a finding",
        str(one.explanation),
        (
            Part("What it is", (), Grid(("", ""), tuple((label, text) for label, text in facts if text))),
            *behind,
            Part("Its claims", (), Grid(headers, rows), (*more(len(ids), "discrepancies"), *asked)),
        ),
    )


def _counted(gap: float, unit: str) -> str:
    return f"{gap:,.10g} {unit.removesuffix('s') if gap == 1 else unit}".strip()


def _says(view: View, claim_id: str) -> str:
    claim = view.claim(claim_id)
    said = (str(claim["grade_raw"]), str(claim["position_code"]).replace("_", " "))
    return ", ".join(text for text in said if text)


# ---- what is behind findings about totals ----------------------------------------------------------------------------


def _nothing(_view: View, _finding: Any) -> Iterator[Part]:
    yield from ()


def _rungs(view: View, finding: Any) -> Iterator[Part]:
    """Yield the rungs that a sum is one of."""
    measure, _, monitor = str(finding.measure_code).partition(" ")
    steps = view.run.bridge
    own = steps[steps["total_id"].isin(str(finding.claim_ids).split())]
    yield from bridge_parts(view, own[(own["measure_code"] == measure) & (own["monitor"] == monitor)])


def _sets(view: View, finding: Any) -> Iterator[Part]:
    """Yield the sets of numbers that a finding tells, each number with the row it stands in."""
    sets, ids = view.run.sets, set(str(finding.claim_ids).split())
    own = sets[
        (sets["code"] == finding.code) & sets["claim_ids"].str.split().map(ids.issuperset).astype(bool)
    ]
    words = set(str(finding.measure_code).split(", "))
    is_counted = pd.Series([_measure(one) in words for one in records(own)], index=own.index, dtype="bool")
    chosen = own[is_counted] if is_counted.any() else own
    told = sets[sets["cause_id"].isin(chosen["cause_id"])]
    for one in records(told.head(MOST_SETS)):
        yield numbers_part(view, one, f"{one.stated} ({one.set_id})")
    if len(told) > MOST_SETS:
        yield Part("", (f"{len(told) - MOST_SETS:,} more such sets are in tables/sets.parquet.",))


def _measure(one: Any) -> str:
    """Return what a set counts, as the measure of its finding has it."""
    measure, population, sex, age = stem(one)
    return " ".join([measure, population, *(code for code in (age, sex) if code != "any")])


def _overlaps(view: View, finding: Any) -> Iterator[Part]:
    """Yield the windows that share days, as bars."""
    yield from _windows(view, finding, "Windows that share days", is_by_day=False)


def _starts(view: View, finding: Any) -> Iterator[Part]:
    """Yield the first days of windows, a mark a day."""
    yield from _windows(view, finding, "How the windows begin, a mark a day", is_by_day=True)


def _windows(view: View, finding: Any, heading: str, *, is_by_day: bool) -> Iterator[Part]:
    relations = view.run.relations
    ids = sorted({*str(finding.claim_ids).split()} & {*view.claims.index})
    among = relations[relations["left_id"].isin(ids) & relations["right_id"].isin(ids)]
    one = next((row for row in records(among) if _related_measure(row) == finding.measure_code), None)
    if one is None:
        return
    if len(ids) == PAIR:
        ids = _whole_series(view, one) or ids
    order = view.claims.loc[ids, ["date_start", "date_end"]].sort_values(
        ["date_start", "date_end"], kind="stable"
    )
    drawn = list(map(str, order.index[:: -(-len(ids) // LISTED)]))
    notes = (
        [f"{len(drawn)} of {len(ids):,} totals are drawn, spread evenly."] if len(drawn) < len(ids) else []
    )
    totals = [(claim_id, figure_words(view, claim_id, stem(one)), "") for claim_id in drawn]
    yield windows_part(view, heading, totals, notes, is_by_day=is_by_day)


def _whole_series(view: View, one: Any) -> list[str]:
    """Return the totals of a long series, of which a finding lists the first two; none where the two are all it tells of."""
    relations = view.run.relations
    near = relations[
        (relations["topic_id"] == one.topic_id)
        & (relations["series"] == one.series)
        & (relations["shared_days"] > 0)
        & counts(relations, stem(one))
    ]
    ids = sorted({*near["left_id"], *near["right_id"]} & {*view.claims.index})
    return ids if len(ids) > LISTED_TOTALS else []


def _related_measure(one: Any) -> str:
    """Return what totals count, as the measure of a finding about their windows has it."""
    measure, _, sex, age = stem(one)
    return " ".join([measure, *(code for code in (sex, age) if code != "any")])


BEHIND: dict[str, Callable[[View, Any], Iterator[Part]]] = {
    "TOT-SUM": _rungs,
    **dict.fromkeys(("TOT-MONO", "TOT-DELTA", "TOT-LEDGER", "CNT-BRK"), _sets),
    "TOT-OVERLAP": _overlaps,
    "TOT-START": _starts,
}
