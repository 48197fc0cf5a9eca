"""What the workbook asks persons to decide, what became of what they decided, and what tells a program whose workbook it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.decisions import (
    ACTION,
    CLAIM,
    COLUMN,
    CORRECTION_CHOICES,
    DECISION,
    EXPECTED,
    FINDING_CHOICES,
    KEY,
    MARK,
    NOTE,
    PAIR_CHOICES,
    PROPERTY,
    REASON,
    REPORT,
    REVIEWER,
    RUN_KEYS,
    RUN_SHEET,
    TOLD,
    VALUE,
    claim_prints,
    finding_prints,
    pair_print,
    row_mark,
)
from reconcile.report.naming import table
from reconcile.sheets import Block, Column, Sheet
from reconcile.withhold import withhold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.result import RunResult

MARK_COLUMN = Column("row_mark", MARK, 28)
WHO_AND_WHY = (Column("reviewer", REVIEWER, 14), Column("note", NOTE, 28, "long_text"))
PAIR_COLUMNS = (
    Column("decision", DECISION, 11, choices=tuple(PAIR_CHOICES)),
    *WHO_AND_WHY,
    Column("judged_before", "Judged before", 30, "long_text"),
)
FINDING_COLUMNS = (
    Column("decision", DECISION, 11, choices=tuple(FINDING_CHOICES)),
    *WHO_AND_WHY,
    Column("decided_before", "Decided before", 30, "long_text"),
)
CORRECTION_LINES = 40


def to_judge(verdicts: pd.DataFrame, decisions: pd.DataFrame, asked: pd.Series[bool]) -> pd.Series[bool]:
    """Return which pairs the workbook asks about: those asked for that nobody judged, and those whose judgement is stale.

    Args:
        verdicts: a `PairVerdicts` frame.
        decisions: a `Decisions` frame.
        asked: which pairs are worth a look.
    """
    judged = decisions[decisions["kind_code"] == "judgement"]
    status = {
        frozenset(pair.split()): code
        for pair, code in zip(judged["about_ids"], judged["status_code"], strict=True)
        if code in {"used", "stale"}
    }
    if not status:
        return asked
    pairs = zip(verdicts["left_id"], verdicts["right_id"], strict=True)
    known = pd.Series([status.get(frozenset(pair), "") for pair in pairs], index=verdicts.index, dtype="str")
    return (asked & (known != "used")) | (known == "stale")


def asked_of_pairs(result: RunResult, rows: pd.DataFrame) -> pd.DataFrame:
    """Return pairs with the columns that a person fills in, what was judged before, and the mark of each row."""
    ids = pd.unique(rows[["left_id", "right_id"]].to_numpy().ravel())
    claims, figures, victims = result.claims, result.figures, result.victims
    if result.facts.include_names and len(ids):
        claims, figures, victims = withhold(claims, figures, victims, result.rules.monitors)
    prints = claim_prints(claims, figures, victims, ids.tolist())
    run = result.facts.run_digest
    pairs = list(zip(rows["left_id"], rows["right_id"], strict=True))
    before = _before(result.decisions, "judgement")
    return rows.assign(
        decision="",
        reviewer="",
        note="",
        judged_before=_texts([before.get(frozenset(pair), "") for pair in pairs]),
        row_mark=_texts([row_mark(run, pair, pair_print(prints, *pair)) for pair in pairs]),
    )


def asked_of_findings(result: RunResult, rows: pd.DataFrame) -> pd.DataFrame:
    """Return findings with the columns that a person fills in, what was decided before, and the mark of each row."""
    run, prints = result.facts.run_digest, finding_prints(rows)
    before = _before(result.decisions, "finding")
    return rows.assign(
        decision="",
        reviewer="",
        note="",
        decided_before=_texts([before.get(frozenset({one}), "") for one in rows["discrepancy_id"]]),
        row_mark=_texts([row_mark(run, (str(one),), seen) for one, seen in prints.items()]),
    )


def _texts(values: Sequence[str]) -> pd.Series[str]:
    return pd.Series(values, dtype="str").array  # type: ignore[return-value]  # an array fits any index


def _before(decisions: pd.DataFrame, kind: str) -> dict[frozenset[str], str]:
    """Return what was decided on each pair or finding: what, by whom and when, several one below the other."""
    own = decisions[(decisions["kind_code"] == kind) & ~decisions["status_code"].isin(["withdrawn"])]
    told: dict[frozenset[str], list[str]] = {}
    for about, code, reviewer, day, note, status in zip(
        own["about_ids"],
        own["decision_code"],
        own["reviewer"],
        own["decided_on"].dt.strftime("%Y-%m-%d"),
        own["note"],
        own["status_code"],
        strict=True,
    ):
        why = f": {note}" if note else ""
        since = "; changed since" if status == "stale" else ""
        told.setdefault(frozenset(about.split()), []).append(
            f"{code.replace('_', ' ')}, {reviewer}, {day}{since}{why}"
        )
    return {about: "\n".join(lines) for about, lines in told.items()}


def decisions_sheet(result: RunResult) -> Sheet:
    """Return every decision of the job with what became of it, those that need a look first."""
    urgent = {"not_applied": 0, "stale": 1, "not_in_run": 2}
    found = result.decisions
    rows = found.assign(
        urgency=found["status_code"].map(urgent).fillna(len(urgent)),
        status=found["status_code"].str.replace("_", " "),
        decision=found["decision_code"].str.replace("_", " "),
    ).sort_values("urgency", kind="stable")
    columns = (
        Column("status", "Status", 12),
        Column("kind_code", "About", 12),
        Column("about_ids", "What it is about", 34),
        Column("decision", "Decided", 12),
        Column("column", "Column", 20),
        Column("expected", EXPECTED, 16),
        Column("value", VALUE, 16),
        Column("reviewer", "Decided by", 16),
        Column("decided_on", "Decided on", 11, "date"),
        Column("note", "Why", 40, "long_text"),
        Column("explanation", "What became of it", 60, "long_text"),
        Column("run", "Decided in run", 12),
    )
    return table("Decisions", rows, columns, freeze=3)


def corrections_sheet() -> Sheet:
    """Return empty lines on which a person may ask for corrections."""
    columns = (
        Column("claim_id", CLAIM, 26),
        Column("action", ACTION, 10, choices=tuple(CORRECTION_CHOICES)),
        Column("column", COLUMN, 24),
        Column("expected", EXPECTED, 24),
        Column("value", VALUE, 24),
        Column("reason", REASON, 50, "long_text"),
        Column("reviewer", REVIEWER, 16),
    )
    blank = pd.DataFrame({column.name: [""] * CORRECTION_LINES for column in columns}, dtype="str")
    return table("Corrections", blank, columns, freeze=1)


# ---- whose workbook it is ------------------------------------------------------------------------------------------


def run_sheet(job: str, run_digest: str, as_of: str, kind: str = REPORT) -> Sheet:
    """Return the hidden sheet that tells a program of which job and run a workbook is.

    Args:
        job: its id.
        run_digest: of the run.
        as_of: the day it speaks of.
        kind: what the workbook is for.
    """
    told = (kind, job, run_digest, as_of)
    rows = pd.DataFrame({"key": list(RUN_KEYS), "value": list(told)}, dtype="str")
    columns = (Column("key", KEY, 12), Column("value", TOLD, 70))
    return Sheet(RUN_SHEET, (Block(rows, columns),), is_hidden=True)


def run_properties(job: str, run_digest: str, as_of: str, kind: str = REPORT) -> dict[str, str]:
    """Return the same as properties of the document: either outlives the other."""
    return {
        f"{PROPERTY}{key}": text for key, text in zip(RUN_KEYS, (kind, job, run_digest, as_of), strict=True)
    }
