"""Decisions of persons, out of the workbooks they were made in, into the files that a job keeps them in.

`books` finds the rows with a decision, `proposals` makes records of them, `merging` holds these against what was decided
before, `places` says where they are kept. All files of a job are written, or none; under its lock.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile.judging.adjudication import adjudication_bytes, agreement_told
from reconcile.judging.agreement import agreement
from reconcile.judging.books import read_book
from reconcile.judging.merging import Merged, merge_corrections, merge_decisions
from reconcile.judging.places import kept_of
from reconcile.judging.proposals import about_of, decision_of, proposals_of, told_twice
from reconcile.judging.standing import against_run, said_by
from reconcile.rulefiles import (
    load_corrections,
    load_finding_decisions,
    load_judgements,
    with_records,
)
from reconcile.ruleset import Correction, FindingDecision, Judgement
from reconcile.runs import keep_files, locked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from reconcile.judging.agreement import Agreement
    from reconcile.judging.books import Book
    from reconcile.judging.merging import Disagreement
    from reconcile.judging.places import Kept
    from reconcile.judging.proposals import Proposal, Refusal

__all__ = ["Judged", "judge"]

TAKEN, SOME_REFUSED, NONE_TAKEN = 0, 1, 2
KINDS: tuple[tuple[str, str, type[Any]], ...] = (
    ("judgement", "judgements", Judgement),
    ("finding", "findings", FindingDecision),
    ("correction", "corrections", Correction),
)
SHOWN = {"judgement": "Pairs", "finding": "Findings"}


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the decisions in workbooks.

    Attributes:
        taken: how many were, by the file they are kept in.
        withdrawn: how many they took back.
        known: how many stood there already.
        refusals: what was not taken, and why.
        remarks: what a person has to know.
        agreement: how far reviewers agree, in sentences.
        contradictions: judgements that contradict each other, in sentences.
        adjudication: the workbook in which disagreements are settled; None where there are none.
    """

    taken: Mapping[Path, int]
    withdrawn: int
    known: int
    refusals: tuple[Refusal, ...]
    remarks: tuple[str, ...]
    agreement: tuple[str, ...]
    contradictions: tuple[str, ...]
    adjudication: Path | None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What went otherwise than a person may think, in sentences."""
        refused = [f"not taken: {one.where}: {one.why}" for one in self.refusals]
        stored = (
            f"judgements contradict each other: {told}"
            for told in self.contradictions
            if not any(told in one.why for one in self.refusals)
        )
        is_nothing = self.exit_code == NONE_TAKEN and not self.refusals
        nothing = ("there is no decision in these workbooks; nothing was taken.",) if is_nothing else ()
        return (*self.remarks, *stored, *refused, *nothing)

    @property
    def told(self) -> tuple[str, ...]:
        """What was done, in sentences."""
        lines = [f"{path}: {count:,} decisions added." for path, count in self.taken.items()]
        counts = ((self.withdrawn, "earlier decisions withdrawn"), (self.known, "known already"))
        lines += [f"{count:,} {what}." for count, what in counts if count]
        if self.adjudication:
            settle = f"{self.adjudication}: to be settled by a person, and then judged too."
            return (*lines, *self.agreement, settle)
        return (*lines, *self.agreement)

    @property
    def exit_code(self) -> int:
        """0 where all was taken, 1 where some was refused, 2 where nothing was taken."""
        is_any = sum(self.taken.values()) + self.withdrawn + self.known > 0
        return NONE_TAKEN if not is_any else SOME_REFUSED if self.refusals else TAKEN


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is taken, from whom and when.

    Attributes:
        output: where to write what reviewers disagree on.
    """

    books: tuple[Book, ...]
    kept: Kept
    day: date
    reviewer: str
    output: Path | None


def judge(
    paths: Sequence[Path],
    day: date,
    *,
    job: Path | None = None,
    state: Path | None = None,
    reviewer: str = "",
    output: Path | None = None,
) -> Judged:
    """Take the decisions of workbooks into the files of their job.

    Args:
        paths: workbooks of one job.
        day: on which they are taken.
        job: its job file; None to look for it.
        state: of the job, where it does not lie beside the job file.
        reviewer: who decided where a row does not say.
        output: where to write what reviewers disagree on; None for beside the first workbook.

    Raises:
        UsageFault: when a workbook can't be read, is none of a run, or is of another job.
        RuleFaults: when the job's files are at fault.
        OutputFault: when they can't be written; then none of them is.
        Locked: when a run of the job is under way.
    """
    books = tuple(read_book(path) for path in dict.fromkeys(path.resolve() for path in paths))
    kept = kept_of(books, job, state)
    asked = _Asked(books, kept, day, reviewer.strip(), output)
    with locked(kept.state) if kept.state else nullcontext():
        return _taken(asked)


def _taken(asked: _Asked) -> Judged:
    """Take decisions, the lock being held."""
    kept = asked.kept
    stored: dict[str, tuple[Any, ...]] = {
        "judgement": load_judgements(kept.judgements),
        "finding": load_finding_decisions(kept.findings),
        "correction": load_corrections(kept.corrections),
    }
    proposals, refusals = [], []
    for book in asked.books:
        made, refused = proposals_of(book, asked.day, asked.reviewer)
        proposals += made
        refusals += refused
    proposals, refused = told_twice(proposals)
    refusals += refused
    proposals, refused = against_run(proposals, kept.run)
    refusals += refused
    merged = {kind: _merged(kind, stored[kind], proposals) for kind, _, _ in KINDS}
    refusals += [one for found in merged.values() for one in found.refusals]
    agreements = _agreements(stored, proposals)
    written = _write(kept, merged)
    disagreements = [one for found in merged.values() for one in found.disagreements]
    contradictions = tuple(dict.fromkeys(one for found in merged.values() for one in found.contradictions))
    settle = _adjudication(asked, disagreements, agreements, contradictions, refusals)
    return Judged(
        taken=written,
        withdrawn=sum(len(found.withdrawn) for found in merged.values()),
        known=sum(found.known for found in merged.values()),
        refusals=tuple(refusals),
        remarks=(*(remark for book in asked.books for remark in book.remarks), *kept.remarks),
        agreement=tuple(line for what, found in agreements.items() for line in agreement_told(what, found)),
        contradictions=contradictions,
        adjudication=settle,
    )


def _merged(kind: str, stored: tuple[Any, ...], proposals: Sequence[Proposal]) -> Merged:
    own = [one for one in proposals if one.kind == kind]
    return merge_corrections(stored, own) if kind == "correction" else merge_decisions(stored, own)


def _agreements(stored: Mapping[str, tuple[Any, ...]], proposals: Sequence[Proposal]) -> dict[str, Agreement]:
    """Return how far reviewers agree on what these workbooks decide, with what they decided on it before."""
    found = {}
    for kind, what in SHOWN.items():
        own = [one for one in proposals if one.kind == kind and not one.is_settling]
        ratings: dict[tuple[str, ...], dict[str, str]] = {one.about: {} for one in own}
        before = [(about_of(one), one) for one in stored[kind] if one.status == "active"]
        for about, record in (*before, *((one.about, one.record) for one in own)):
            if about in ratings:
                ratings[about][record.reviewer] = decision_of(record)
        if told := agreement(ratings):
            found[what] = told
    return found


# ---- writing -------------------------------------------------------------------------------------------------------


def _write(kept: Kept, merged: Mapping[str, Merged]) -> dict[Path, int]:
    """Write the files of a job that change, all of them or none, and return how many decisions each one got."""
    texts: dict[Path, bytes] = {}
    counts: dict[Path, int] = {}
    for kind, name, model in KINDS:
        path, found = getattr(kept, name), merged[kind]
        if found.added or found.withdrawn:
            text = with_records(path, model, found.added, sorted(found.withdrawn))
            texts[path] = _ended_as(path, text).encode()
            counts[path] = len(found.added)
    keep_files(texts)
    return counts


def _ended_as(path: Path, text: str) -> str:
    """Return a text with the ends of lines that a file has, which may be those of Windows."""
    is_crlf = path.is_file() and b"\r\n" in path.read_bytes()
    return text.replace("\n", "\r\n") if is_crlf else text


def _adjudication(
    asked: _Asked,
    disagreements: Sequence[Disagreement],
    agreements: Mapping[str, Agreement],
    contradictions: Sequence[str],
    refusals: Sequence[Refusal],
) -> Path | None:
    """Write what is to be settled, and return where; nothing where nobody asked for it and nobody disagrees."""
    asks = [one for one in disagreements if one.kind != "correction"]
    if not asks and asked.output is None:
        return None
    path = asked.output or _unused(asked.kept.judgements.parent, asked.books[0].path.stem)
    said = said_by(asked.kept.run, (side for one in asks if one.kind == "judgement" for side in one.about))
    content = adjudication_bytes(asked.books[0], asks, agreements, contradictions, refusals, said, asked.day)
    keep_files({path: content})
    return path


def _unused(folder: Path, stem: str) -> Path:
    """Return a name for what is to be settled that no file has: somebody may be at work on the one before."""
    number, path = 1, folder / f"{stem}.adjudication.xlsx"
    while path.exists():
        number += 1
        path = folder / f"{stem}.adjudication-{number}.xlsx"
    return path
