"""Rows of workbooks -> decisions as a job keeps them; a row that can't be one is refused in a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile.decisions import (
    CLAIM,
    CODE,
    COLUMN,
    CORRECTION_CHOICES,
    EXPECTED,
    FINDING,
    FINDING_CHOICES,
    LEFT,
    MARK,
    NOTE,
    PAIR_CHOICES,
    REASON,
    REVIEWER,
    RIGHT,
    RUN_DIGITS,
    VALUE,
    seen_of,
)
from reconcile.ruleset import Correction, FindingDecision, Judgement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from reconcile.judging.books import Book, DecisionKind, Row

    Record = Judgement | FindingDecision | Correction

# What says nothing without a reason.
WITH_REASON = frozenset({"explained", "rejected"})
LONGEST_NAME, LONGEST_NOTE = 100, 4_000
# What steers a terminal, or is half a character.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decision that was not taken, and why.

    Attributes:
        where: in which workbook and row it stands.
    """

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision that may be taken.

    Attributes:
        record: as a job keeps it.
        where: in which workbook and row it stands.
        is_settling: whether it settles what reviewers disagreed on.
        withdraws: whether it takes a correction back, and makes none.
    """

    kind: DecisionKind
    record: Record
    where: str
    is_settling: bool = False
    withdraws: bool = False

    @property
    def about(self) -> tuple[str, ...]:
        """What is decided: two claims, a finding, or a value of a claim."""
        return about_of(self.record)

    @property
    def decision(self) -> str:
        """What was decided."""
        return decision_of(self.record)


def about_of(record: Record) -> tuple[str, ...]:
    """Return what a decision is about: two claims, a finding, or a value of a claim."""
    if isinstance(record, Judgement):
        return min(record.left, record.right), max(record.left, record.right)
    if isinstance(record, FindingDecision):
        return (record.finding,)
    return (record.claim_id, record.column if record.action == "set" else "")


def decision_of(record: Record) -> str:
    """Return what was decided; of a correction its value."""
    return record.value if isinstance(record, Correction) else record.decision


def proposals_of(book: Book, day: date, reviewer: str) -> tuple[list[Proposal], list[Refusal]]:
    """Return the decisions of a workbook, and those that can't be taken as they stand.

    Args:
        book: by `read_book`.
        day: on which they are taken.
        reviewer: who decided where a row does not say.
    """
    proposals, refusals = [], []
    for row in book.rows:
        who = _plain(row.cells[REVIEWER], LONGEST_NAME) or reviewer
        made = (
            "no reviewer stands in its row. Write who decided, or give --reviewer."
            if not who
            else _correction(row, who, day)
            if row.kind == "correction"
            else _decided(row, book, who, day)
        )
        if isinstance(made, str):
            refusals.append(Refusal(row.where, made))
        else:
            proposals.append(made)
    return proposals, refusals


def _plain(text: str, longest: int) -> str:
    """Return what a person typed, without what no file should hold."""
    return _CONTROL.sub(" ", text).strip()[:longest].strip()


def _picked(text: str, choices: Mapping[str, str]) -> str | None:
    """Return the code of what was picked, however it is spelled: by what the list offers, or by what is kept of it."""
    folded = " ".join(text.replace("_", " ").split()).casefold()
    spelled = {code.replace("_", " "): code for code in choices.values()}
    return choices.get(folded) or spelled.get(folded)


def _decided(row: Row, book: Book, who: str, day: date) -> Proposal | str:
    """Return a decision on a pair or a finding, or why it is none."""
    is_pair = row.kind == "judgement"
    choices = PAIR_CHOICES if is_pair else FINDING_CHOICES
    ids = tuple(row.cells[name] for name in ((LEFT, RIGHT) if is_pair else (FINDING,)))
    code = _picked(row.decision, choices)
    if code is None:
        return f"{row.decision!r} is no decision; pick one of {', '.join(choices)}."
    seen = seen_of(row.cells[MARK], book.run, ids)
    if seen is None:
        return f"its {MARK} does not fit {' and '.join(ids) or 'its ids'}: an id was edited, only some columns were sorted, or the row is of another workbook. Copy the decision into the report's own workbook."
    note = _plain(row.cells[NOTE], LONGEST_NOTE)
    if code in WITH_REASON and not note:
        return f"{row.decision} says nothing without a {NOTE.lower()}. Write why."
    told: dict[str, Any] = {
        "decision": code,
        "reviewer": who,
        "decided_on": day,
        "note": note,
        "seen": seen,
        "run": book.run[:RUN_DIGITS],
    }
    record: Record = (
        Judgement(left=ids[0], right=ids[1], **told)
        if is_pair
        else FindingDecision(finding=ids[0], code=_plain(row.cells[CODE], LONGEST_NAME), **told)
    )
    return Proposal(row.kind, record, row.where, book.is_adjudication)


def _correction(row: Row, who: str, day: date) -> Proposal | str:
    """Return a correction, or why it is none."""
    action = _picked(row.decision, CORRECTION_CHOICES)
    cells = {name: _plain(text, LONGEST_NOTE) for name, text in row.cells.items()}
    if action is None:
        return f"{row.decision!r} is nothing that a correction does; pick one of {', '.join(CORRECTION_CHOICES)}."
    if not cells[CLAIM]:
        return f"no {CLAIM.lower()} stands in its row. Write the id of the claim that is corrected."
    if action == "set" and not cells[COLUMN]:
        return f"no {COLUMN.lower()} stands in its row. Write what is corrected, such as place_name or killed.civilian.low."
    if action != "withdraw" and not cells[REASON]:
        return f"no {REASON.lower()} stands in its row. Write why."
    record = Correction(
        claim_id=cells[CLAIM],
        action="set" if action == "set" or (action == "withdraw" and cells[COLUMN]) else "drop",
        column=cells[COLUMN] if action != "drop" else "",
        expected=cells[EXPECTED] if action == "set" else "",
        value=cells[VALUE] if action == "set" else "",
        reason=cells[REASON],
        reviewer=who,
        decided_on=day,
    )
    return Proposal("correction", record, row.where, withdraws=action == "withdraw")


def told_twice(proposals: Sequence[Proposal]) -> tuple[list[Proposal], list[Refusal]]:
    """Return proposals once each, and refuse what one reviewer decided twice, and differently.

    Args:
        proposals: of all workbooks.
    """
    by_voice: dict[tuple[Any, ...], list[Proposal]] = {}
    for one in proposals:
        by_voice.setdefault((one.kind, one.about, one.record.reviewer, one.is_settling), []).append(one)
    kept, refused = [], []
    for voices in by_voice.values():
        if len({(one.decision, one.withdraws) for one in voices}) == 1:
            kept.append(voices[-1])
            continue
        others = " and ".join(one.where for one in voices)
        refused += [
            Refusal(
                one.where,
                f"{one.record.reviewer} decided it twice, and differently: {others}. Keep one of them.",
            )
            for one in voices
        ]
    return kept, refused
