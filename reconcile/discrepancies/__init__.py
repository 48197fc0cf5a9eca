"""LinkedClaims, Figures, BridgeSteps -> Discrepancies: every disagreement, named, measured and explained.

A kind is one function whose docstring is its legend, and one row in `KINDS`. Kinds do not know of each other.

Guarantees:
    identical_claims_agree: monitors that claim the same raise no finding between them, but for their common origin.
    ids_are_stable: a finding about the same claims has the same id in every run, and no two of a run share one.
    habit_keeps_its_id: a finding about a lasting habit keeps its id when claims join it or leave it.
    nothing_is_fused: no finding puts one number in the place of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.discrepancies import (
    counts,
    identity,
    places,
    populations,
    revisions,
    series,
    silence,
    totals,
    where_when,
    who,
    windows,
)
from reconcile.discrepancies.evidence import (
    Evidence,
    Finding,
    Laid,
    discrepancy_id,
    gather_evidence,
)
from reconcile.frames import Discrepancies, empty, typed
from reconcile.groups import joined
from reconcile.processes import in_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

__all__ = [
    "KINDS",
    "Evidence",
    "Kind",
    "Laid",
    "find_discrepancies",
    "gather_evidence",
    "independent_origins",
]

# Of a finding, what stands in its row as it is.
SAID = (
    "cluster_id",
    "measure_code",
    "left_value",
    "right_value",
    "gap_unit",
    "explanation",
    "suggested_action",
)
# Of fewer, all kinds are found before a second process is there.
FEW_CLAIMS = 5_000


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of discrepancy: its code, its name for people, and the function that finds it."""

    code: str
    title: str
    find: Callable[[Evidence], Iterator[Finding]]

    @property
    def legend(self) -> str:
        """What the kind means, in one sentence."""
        return (self.find.__doc__ or "").strip().splitlines()[0]


KINDS: tuple[Kind, ...] = (
    Kind("TOT-SUM", "Total and incidents do not add up", totals.find_sum_gap),
    Kind("TOT-MONO", "A sum so far that falls", series.find_falling),
    Kind("TOT-OVERLAP", "Windows share days", windows.find_overlap),
    Kind("TOT-DELTA", "Sums and the number between them", series.find_delta),
    Kind("TOT-START", "The first day drifts", windows.find_start_drift),
    Kind("TOT-LEDGER", "A ledger does not balance", series.find_ledger),
    Kind("COV-BATCH", "Reported in batches", series.find_batches),
    Kind("COV-GAP", "Not covered, or silent", silence.find_gap),
    Kind("EXT-IMPUTED", "Worked out, not reported", silence.find_imputed),
    Kind("REV-RETR", "Withdrawn or opened again", revisions.find_retracted),
    Kind("REV-DOWN", "Revised down", revisions.find_lowered),
    Kind("REV-UP", "Revised up", revisions.find_raised),
    Kind("CNT-DISJ", "Ranges do not meet", counts.find_disjoint),
    Kind("CNT-STATUS", "Different people are counted", populations.find_status),
    Kind("STAT-CIV", "Civilians or fighters", populations.find_disputed_status),
    Kind("CNT-KW", "Killed or injured, not told apart", populations.find_either),
    Kind("NONCAS", "Not a casualty", populations.find_no_casualty),
    Kind("CNT-SPREAD", "Wide range", counts.find_spread),
    Kind("CNT-PT", "A number against a range", counts.find_point),
    Kind("CNT-BRK", "Parts and whole", counts.find_breakdown),
    Kind("CNT-ZERO", "A zero that may mean unknown", counts.find_zero),
    Kind("CNT-FRAC", "Divided among records", counts.find_fraction),
    Kind("CNT-NAMED", "Names and counts", counts.find_named),
    Kind("VAGUE", "A number in words", counts.find_vague),
    Kind("SCOPE-DEF", "Different things are counted", counts.find_scope),
    Kind("ATT-CONF", "Different attackers", who.find_conflict),
    Kind("ATT-HIER", "Attacker at two levels", who.find_hierarchy),
    Kind("ATT-HEDGE", "Attacker named with a hedge", who.find_hedge),
    Kind("ATT-DENY", "Denied, or conceded in part", who.find_denial),
    Kind("STS-CONF", "Assessments contradict", who.find_grade_conflict),
    Kind("DATE-SHIFT", "Different days", where_when.find_date_shift),
    Kind("DATE-RANGE", "A day against a window", where_when.find_range_of_days),
    Kind("DATE-WEEKDAY", "Weekday and date do not fit", where_when.find_weekday),
    Kind("LOC-DIST", "Places too far apart", where_when.find_distance),
    Kind("LOC-GRAN", "Coarse place", where_when.find_granularity),
    Kind("LOC-BAD", "Impossible place", where_when.find_bad_place),
    Kind("LOC-AMB", "Town or governorate", places.find_ambiguous),
    Kind("LOC-TRANS", "One place in two spellings", places.find_spelling),
    Kind("LOC-BORDER", "On a border, or unknown", places.find_border),
    Kind("DUP-SELF", "Duplicate inside a monitor", identity.find_own_duplicates),
    Kind("DUP-XSRC", "One record under several codes", identity.find_shared_codes),
    Kind("SPLIT-1N", "One incident in several records", identity.find_splits),
    Kind("SING", "Single origin", identity.find_single_origin),
    Kind("CIRC", "Several reports, one origin", identity.find_circular),
    Kind("UNM-MON", "Never answered by the belligerent", identity.find_unassessed),
    Kind("UNM-BEL", "Statement without an incident", identity.find_unmatched_statement),
)


def find_discrepancies(
    evidence: Evidence, first_seen: Mapping[str, date], as_of: date, workers: int = 1
) -> pd.DataFrame:
    """Return every finding, the severest first, then by people affected and day.

    Args:
        evidence: of the run.
        first_seen: as-of day by id, from the previous run.
        as_of: of this run.
        workers: processes at work at the same time, where there are many claims.

    Returns:
        A `Discrepancies` frame.
    """
    if len(evidence.claims) < FEW_CLAIMS:
        workers = 1
    if workers > 1:
        evidence.work_out()
    by_kind = in_processes(_found, range(len(KINDS)), workers, (evidence,))
    rows = [part for part in by_kind if len(part)]
    if not rows:
        return empty(Discrepancies)
    found = pd.concat(rows, ignore_index=True).drop_duplicates("discrepancy_id")
    found["status_code"] = "open"
    found["first_seen"] = pd.to_datetime([first_seen.get(one, as_of) for one in found["discrepancy_id"]])
    found = found.sort_values(
        ["severity", "people", "date_start", "discrepancy_id"],
        ascending=[True, False, True, True],
        na_position="last",
    )
    return typed(Discrepancies, found)


def _found(number: int, evidence: Evidence) -> pd.DataFrame:
    """Return the findings of one kind, a row each."""
    kind = KINDS[number]
    findings = list(kind.find(evidence))
    if not findings:
        return pd.DataFrame()
    severity = evidence.rules.kinds[kind.code].severity
    rows = pd.DataFrame(
        {
            "discrepancy_id": [
                discrepancy_id(kind.code, one.about or sorted(one.claim_ids), one.measure_code)
                for one in findings
            ],
            "code": kind.code,
            "severity": [one.severity or severity for one in findings],
            "claim_ids": [" ".join(dict.fromkeys(one.claim_ids)) for one in findings],
            "gap": pd.Series([one.gap for one in findings], dtype="float64"),
        }
        | {name: [getattr(one, name) for one in findings] for name in SAID}
    )
    return pd.concat([rows, _about(findings, evidence)], axis=1)


def _about(findings: Sequence[Finding], evidence: Evidence) -> pd.DataFrame:
    """Return monitors, people and first day of every finding's claims, in the order of the findings."""
    ids = [one for finding in findings for one in finding.claim_ids]
    rows = np.repeat(np.arange(len(findings)), [len(finding.claim_ids) for finding in findings])
    table = evidence.known_claims.reindex(ids).reset_index(drop=True).assign(finding=rows)
    about = table.groupby("finding").agg(people=("people", "max"), date_start=("date_start", "min"))
    names = table[["finding", "monitor"]].drop_duplicates().sort_values(["finding", "monitor"])
    return about.assign(monitors=joined(names, ["finding"], "monitor", " ").set_index("finding")["monitor"])


def independent_origins(evidence: Evidence) -> dict[str, frozenset[str]]:
    """Return who independently asserts each incident, by cluster id."""
    return identity.cluster_origins(evidence)
