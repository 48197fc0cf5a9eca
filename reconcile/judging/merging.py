"""What a job has decided, and what is decided now -> what to add and to withdraw; reviewers who disagree, and contradictions.

Guarantees:
    taken_once: what was taken before is known, and adds nothing.
    no_reviewer_outvotes_another: where two reviewers decide differently, neither decision is taken until somebody settles it.
    never_contradicts: what is taken makes no contradiction with what stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconcile.decisions import contradiction_told, contradictions
from reconcile.judging.proposals import Refusal, about_of, decision_of
from reconcile.ruleset import Correction, FindingDecision, Judgement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconcile.judging.books import DecisionKind
    from reconcile.judging.proposals import Proposal, Record

# Whoever is unsure leaves it to others.
ABSTAINS = "unsure"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What reviewers decided differently.

    Attributes:
        records: one of each reviewer.
    """

    kind: DecisionKind
    about: tuple[str, ...]
    records: tuple[Record, ...]


@dataclass(slots=True)
class Merged:
    """What becomes of the decisions of one kind.

    Attributes:
        added: to the end of the job's file.
        withdrawn: places in the file of what is taken back.
        known: how many stand there already.
        contradictions: in sentences.
    """

    added: list[Record] = field(default_factory=list)
    withdrawn: set[int] = field(default_factory=set)
    known: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)


def merge_decisions(
    stored: Sequence[Judgement] | Sequence[FindingDecision], proposals: Sequence[Proposal]
) -> Merged:
    """Return what becomes of decisions on pairs, or on findings.

    Args:
        stored: what the job's file holds, in its order.
        proposals: of one kind, one of each reviewer on each pair or finding.
    """
    barred: dict[str, str] = {}
    told: list[str] = []
    while True:
        merged = Merged(contradictions=told)
        for voices in _by_about(proposals, barred):
            _merge_one(merged, stored, voices)
        found = _contradicting(stored, merged)
        if found is None:
            merged.refusals += [Refusal(where, why) for where, why in barred.items()]
            return merged
        chain, sentence = found
        told.append(sentence)
        # Where none of them is new, the job's own file contradicts itself: that is told, and the next run ends with it.
        of_chain = [one for one in proposals if any(one.record is link for link in chain)]
        barred |= {one.where: f"it contradicts other judgements: {sentence}" for one in of_chain}


def _by_about(proposals: Sequence[Proposal], barred: Mapping[str, str]) -> list[list[Proposal]]:
    found: dict[tuple[str, ...], list[Proposal]] = {}
    for one in proposals:
        if one.where not in barred:
            found.setdefault(one.about, []).append(one)
    return list(found.values())


def _merge_one(merged: Merged, stored: Sequence[Record], voices: Sequence[Proposal]) -> None:
    """Take the decisions on one pair or finding, or refuse them."""
    about = voices[0].about
    standing = {
        place: one for place, one in enumerate(stored) if one.status == "active" and about_of(one) == about
    }
    settling = [one for one in voices if one.is_settling]
    asked = settling or voices
    merged.known += len(voices) - len(asked)
    seen = {_seen(one.record) for one in asked}
    # What was decided on claims that said something else then, or is taken up again, weighs nothing against a new decision.
    is_final = bool(settling) or any(one.decision == "open" for one in asked)
    against = {
        one.reviewer: one
        for one in standing.values()
        if not is_final and (not _seen(one) or _seen(one) in seen)
    } | {one.record.reviewer: one.record for one in asked}
    definite = {decision_of(one) for one in against.values()} - {ABSTAINS}
    if len(definite) > 1:
        merged.disagreements.append(Disagreement(asked[0].kind, about, tuple(against.values())))
        said = "; ".join(f"{name}: {decision_of(one).replace('_', ' ')}" for name, one in against.items())
        merged.refusals += [
            Refusal(one.where, f"reviewers disagree ({said}). Settle it on the adjudication sheet.")
            for one in asked
        ]
        return
    for one in asked:
        _take(merged, standing, one, is_final=is_final)


def _take(merged: Merged, standing: Mapping[int, Record], one: Proposal, *, is_final: bool) -> None:
    same = [
        place
        for place, known in standing.items()
        if known.reviewer == one.record.reviewer
        and decision_of(known) == one.decision
        and _seen(known) in {"", _seen(one.record)}
    ]
    if same and not (is_final and len(standing) > len(same)):
        merged.known += 1
        return
    merged.withdrawn |= {
        place
        for place, known in standing.items()
        if is_final
        or known.reviewer == one.record.reviewer
        or (_seen(known) and _seen(known) != _seen(one.record))
    }
    merged.added.append(one.record)


def _seen(record: Record) -> str:
    return "" if isinstance(record, Correction) else record.seen


def _contradicting(stored: Sequence[Record], merged: Merged) -> tuple[tuple[Judgement, ...], str] | None:
    """Return the smallest contradiction among judgements as they would stand, None where there is none."""
    kept = [one for place, one in enumerate(stored) if place not in merged.withdrawn]
    judgements = [
        one for one in (*kept, *merged.added) if isinstance(one, Judgement) and one.status == "active"
    ]
    found = contradictions(judgements)
    known = set(merged.contradictions)
    return next(((chain, told) for chain in found if (told := contradiction_told(chain)) not in known), None)


# ---- corrections ---------------------------------------------------------------------------------------------------


def merge_corrections(stored: Sequence[Correction], proposals: Sequence[Proposal]) -> Merged:
    """Return what becomes of corrections: one of each value, or of each claim that should not stand.

    Args:
        stored: what the job's file holds, in its order.
        proposals: corrections, one of each reviewer on each value.
    """
    merged = Merged()
    for voices in _by_about(proposals, {}):
        standing = {
            place: one
            for place, one in enumerate(stored)
            if one.status == "active" and about_of(one) == voices[0].about
        }
        if len({(one.decision, one.withdraws) for one in voices}) > 1:
            merged.disagreements.append(
                Disagreement("correction", voices[0].about, tuple(one.record for one in voices))
            )
            merged.refusals += [
                Refusal(one.where, "reviewers correct it differently. Keep one of them.") for one in voices
            ]
            continue
        _correct_one(merged, standing, voices[0])
    return merged


def _correct_one(merged: Merged, standing: Mapping[int, Correction], one: Proposal) -> None:
    about = " ".join(filter(None, one.about))
    if one.withdraws:
        if standing:
            merged.withdrawn |= set(standing)
        else:
            merged.refusals.append(Refusal(one.where, f"there is no correction of {about} to withdraw."))
        return
    if any(decision_of(known) == one.decision for known in standing.values()):
        merged.known += 1
    elif standing:
        known = next(iter(standing.values()))
        merged.refusals.append(
            Refusal(
                one.where,
                f"{about} is corrected already, to {known.value!r} by {known.reviewer} on {known.decided_on}. Withdraw that first, with the action withdraw.",
            )
        )
    else:
        merged.added.append(one.record)
