"""What reviewers disagree on -> a workbook in which somebody settles it; it is taken like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.decisions import (
    ADJUDICATION,
    CODE,
    DECISION,
    FINDING,
    FINDING_CHOICES,
    LEFT,
    MARK,
    NOTE,
    PAIR_CHOICES,
    REVIEWER,
    RIGHT,
    row_mark,
)
from reconcile.judging.proposals import decision_of
from reconcile.report.decisions import run_properties, run_sheet
from reconcile.ruleset import Correction, FindingDecision, Judgement
from reconcile.sheets import Block, Column, Sheet
from reconcile.workbook import workbook_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from reconcile.judging.agreement import Agreement
    from reconcile.judging.books import Book
    from reconcile.judging.merging import Disagreement
    from reconcile.judging.proposals import Refusal

SETTLED = (Column("reviewer", REVIEWER, 16), Column("note", NOTE, 36, "long_text"))
MARKED = Column("mark", MARK, 28)
HOW = (
    "Reviewers decided these differently, so none of their decisions was taken.",
    "Pick a decision in each row, write who settled it and why, save the workbook, and give it to reconcile judge.",
)
# By L. Krippendorff's own rule of thumb: from the first on conclusions may rest on it, from the second on tentative ones.
RELIABLE, TENTATIVE = 0.8, 0.667


def adjudication_bytes(
    book: Book,
    disagreements: Sequence[Disagreement],
    agreements: Mapping[str, Agreement],
    contradictions: Sequence[str],
    refusals: Sequence[Refusal],
    said: Mapping[str, str],
    stamp: date,
) -> bytes:
    """Return the workbook: how far reviewers agree, what they disagree on, and what was not taken.

    Args:
        book: of whose run it is.
        disagreements: of reviewers.
        agreements: by what was decided on.
        contradictions: in sentences.
        refusals: what was not taken.
        said: what each claim says in short, as far as it is known.
        stamp: the day the document says it was made.
    """
    told = (book.job, book.run, book.as_of, ADJUDICATION)
    sheets = [_agreement_sheet(agreements, contradictions, refusals)]
    pairs = [one for one in disagreements if one.kind == "judgement"]
    findings = [one for one in disagreements if one.kind == "finding"]
    if pairs:
        sheets.append(_pairs_sheet(pairs, book, said))
    if findings:
        sheets.append(_findings_sheet(findings, book))
    return workbook_bytes(
        [*sheets, run_sheet(*told)],
        title=f"Adjudication of {book.job}",
        stamp=stamp,
        properties=run_properties(*told),
    )


def agreement_told(what: str, found: Agreement) -> list[str]:
    """Return how far reviewers agree, in sentences.

    Args:
        what: they decided on.
        found: by `agreement`.
    """
    lines = [
        f"{what}: {found.units:,} decided by more than one of {', '.join(found.reviewers)}; on {found.agreed:,} they agree ({found.agreed / found.units:.0%})."
    ]
    lines += [
        f"Cohen's kappa of {first} and {second}, on {count:,}: {_shown(kappa)}."
        for first, second, count, kappa in found.kappas
    ]
    return [*lines, f"Krippendorff's alpha: {_shown(found.alpha)}.{_reading(found.alpha)}"]


def _shown(value: float | None) -> str:
    return "none, because every decision is the same" if value is None else f"{value:.3f}"


def _reading(alpha: float | None) -> str:
    if alpha is None:
        return ""
    if alpha >= RELIABLE:
        return f" At least {RELIABLE}: reliable, by the usual bar."
    if alpha >= TENTATIVE:
        return f" Between {TENTATIVE} and {RELIABLE}: for tentative conclusions only, by the usual bar."
    return f" Below {TENTATIVE}: not reliable, by the usual bar. Agree on what the words mean before more is decided."


def _agreement_sheet(
    agreements: Mapping[str, Agreement], contradictions: Sequence[str], refusals: Sequence[Refusal]
) -> Sheet:
    lines = [line for what, found in agreements.items() for line in agreement_told(what, found)]
    nothing = pd.DataFrame()
    blocks = [Block(nothing, (), "Agreement", tuple(lines or ["No two reviewers decided on the same."]))]
    if contradictions:
        blocks.append(Block(nothing, (), "Judgements that contradict each other", tuple(contradictions)))
    refused = pd.DataFrame(
        {"where": [one.where for one in refusals], "why": [one.why for one in refusals]}, dtype="str"
    )
    columns = (Column("where", "Where", 44), Column("why", "Why it was not taken", 90, "long_text"))
    return Sheet("Agreement", (*blocks, Block(refused, columns, "Not taken")))


def _voices(one: Disagreement) -> str:
    """Return what each reviewer decided, one below the other."""
    lines = []
    for record in one.records:
        why = "" if isinstance(record, Correction) or not record.note else f": {record.note}"
        lines.append(f"{decision_of(record).replace('_', ' ')}, {record.reviewer}, {record.decided_on}{why}")
    return "\n".join(lines)


def _seen(one: Disagreement) -> str:
    # The last of them was made on what stands in the run now.
    last = one.records[-1]
    return "" if isinstance(last, Correction) else last.seen


def _pairs_sheet(pairs: Sequence[Disagreement], book: Book, said: Mapping[str, str]) -> Sheet:
    ids = [_written(one) for one in pairs]
    rows = pd.DataFrame(
        {
            "left": [left for left, _ in ids],
            "left_says": [said.get(left, "") for left, _ in ids],
            "right": [right for _, right in ids],
            "right_says": [said.get(right, "") for _, right in ids],
            "voices": [_voices(one) for one in pairs],
            "decision": [""] * len(pairs),
            "reviewer": [""] * len(pairs),
            "note": [""] * len(pairs),
            "mark": [row_mark(book.run, both, _seen(one)) for one, both in zip(pairs, ids, strict=True)],
        },
        dtype="str",
    )
    columns = (
        Column("left", LEFT, 22),
        Column("left_says", "What A says", 34, "long_text"),
        Column("right", RIGHT, 22),
        Column("right_says", "What B says", 34, "long_text"),
        Column("voices", "What reviewers decided", 50, "long_text"),
        Column("decision", DECISION, 12, choices=tuple(PAIR_CHOICES)),
        *SETTLED,
        MARKED,
    )
    return Sheet("Pairs to settle", (Block(rows, columns, "Pairs to settle", HOW),))


def _written(one: Disagreement) -> tuple[str, str]:
    last = one.records[-1]
    return (last.left, last.right) if isinstance(last, Judgement) else ("", "")


def _findings_sheet(findings: Sequence[Disagreement], book: Book) -> Sheet:
    rows = pd.DataFrame(
        {
            "finding": [one.about[0] for one in findings],
            "code": [
                last.code if isinstance(last := one.records[-1], FindingDecision) else "" for one in findings
            ],
            "voices": [_voices(one) for one in findings],
            "decision": [""] * len(findings),
            "reviewer": [""] * len(findings),
            "note": [""] * len(findings),
            "mark": [row_mark(book.run, one.about, _seen(one)) for one in findings],
        },
        dtype="str",
    )
    columns = (
        Column("finding", FINDING, 20),
        Column("code", CODE, 14),
        Column("voices", "What reviewers decided", 50, "long_text"),
        Column("decision", DECISION, 12, choices=tuple(FINDING_CHOICES)),
        *SETTLED,
        MARKED,
    )
    return Sheet("Findings to settle", (Block(rows, columns, "Findings to settle", HOW),))
