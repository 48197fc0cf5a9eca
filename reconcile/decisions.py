"""What persons decided, followed through a run: obeyed or not, and whether what it was about says something else by now.

A decision is never dropped. Where it can't be obeyed, it is said why; where its claims or its finding changed since it was
made, it is stale, which a print of what it was about tells: the print that was taken then against the one of today.

Guarantees:
    every_decision_is_told: each judgement, correction and decision on a finding is one row, with what became of it.
    prints_tell_changes: a claim's print changes when a number, a day or a place of it does, and not with the order of rows.
    fewest_judgements: of judgements that contradict each other no smaller part does.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.frames import Decisions, columns_of, empty, typed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reconcile.ruleset import Correction, FindingDecision, Judgement

# Findings that no decision has settled.
UNSETTLED = ("open", "stale")
# What a monitor says, as far as a decision may hang on it; running texts are no part of it, nor where in a file it stands.
SAID = (
    "kind_code", "unit_code", "date_start", "date_end", "place_name", "place_name_native", "admin1", "country_code", "latitude",
    "longitude", "perpetrator_codes", "attribution_code", "violence_code", "grade_code", "position_code",
)  # fmt: skip
COUNTED = (
    "measure_code",
    "population_code",
    "sex_code",
    "age_group_code",
    "role_code",
    "low",
    "best",
    "high",
)
OF_PERSONS = ("person_id", "sex_code", "age_low_years", "age_high_years", "birth_year")
PRINT_DIGITS = 8
# A finding that lists so many claims is a lasting habit: its numbers move with every claim that joins, and mean nothing new.
LASTING = 20


# What a person may pick, and what it is kept as.
PAIR_CHOICES = {"same": "same", "different": "different", "part of": "part_of", "unsure": "unsure"}
FINDING_CHOICES = {"accept": "accepted", "explain": "explained", "reject": "rejected", "reopen": "open"}
CORRECTION_CHOICES = {"set": "set", "drop": "drop", "withdraw": "withdraw"}
# By these headers the columns of a workbook are known again, wherever they were moved to.
LEFT, RIGHT, FINDING, CODE, MARK = "Claim A", "Claim B", "Finding id", "Code", "Row mark"
DECISION, REVIEWER, NOTE = "Decision", "Reviewer", "Note"
CLAIM, ACTION, COLUMN, EXPECTED, VALUE, REASON = "Claim", "Action", "Column", "Expected", "Value", "Reason"
# The hidden sheet, and the properties of the document, that tell of which run a workbook is.
RUN_SHEET, KEY, TOLD = "Reconcile", "Key", "Value"
RUN_KEYS = ("workbook", "job", "run", "as_of")
REPORT, ADJUDICATION = "report", "adjudication"
PROPERTY = "reconcile."
RUN_DIGITS = 8


def row_mark(run_digest: str, ids: Sequence[str], seen: str) -> str:
    """Return what shows that the ids of a row are those that were written there, and what was decided on as it stood.

    Args:
        run_digest: of the run whose workbook it is.
        ids: of the claims, or of the finding.
        seen: the prints of what they are of.
    """
    return f"{_print(chr(31).join((run_digest, *ids, seen)))}-{seen}"


def seen_of(mark: str, run_digest: str, ids: Sequence[str]) -> str | None:
    """Return the prints that a row's mark holds; None where the row is not as it was written."""
    seen = mark.partition("-")[2]
    return seen if mark == row_mark(run_digest, ids, seen) else None


# ---- prints --------------------------------------------------------------------------------------------------------


def claim_prints(
    claims: pd.DataFrame, figures: pd.DataFrame, victims: pd.DataFrame, wanted: Iterable[str]
) -> dict[str, str]:
    """Return a print of what each claim says: its days, place, attackers, grade, numbers and persons.

    Args:
        claims: a `Claims` frame, without what may name persons.
        figures: a `Figures` frame.
        victims: a `Victims` frame.
        wanted: ids of claims; others, and those that are not there, have no print.
    """
    asked = frozenset(wanted)
    chosen = claims[claims["claim_id"].isin(asked)]
    said = _joined(chosen, SAID)
    parts = [
        _by_claim(rows[rows["claim_id"].isin(asked)], columns)
        for rows, columns in ((figures, COUNTED), (victims, OF_PERSONS))
    ]
    ids = chosen["claim_id"].tolist()
    return {
        one: _print("\x1e".join((text, *(part.get(one, "") for part in parts))))
        for one, text in zip(ids, said, strict=True)
    }


def finding_prints(found: pd.DataFrame) -> pd.Series[str]:
    """Return a print of what each finding says: how severe, and what either side states.

    Args:
        found: a `Discrepancies` frame.
    """
    habit = (found["claim_ids"].str.count(" ") + 1) >= LASTING
    sides = _joined(found, ("left_value", "right_value", "gap", "gap_unit"))
    told = found["severity"].to_numpy(dtype=object) + pd.Series(sides, dtype=object).mask(
        habit.to_numpy(), ""
    )
    return pd.Series([_print(text) for text in told], index=found["discrepancy_id"], dtype="str")


def pair_print(prints: Mapping[str, str], left: str, right: str) -> str:
    """Return the prints of two claims as a judgement keeps them; empty where either has none."""
    if left not in prints or right not in prints:
        return ""
    return f"{prints[min(left, right)]}-{prints[max(left, right)]}"


def _print(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:PRINT_DIGITS]


def _joined(rows: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    texts = [_texts(rows[name]) for name in columns]
    return ["\x1f".join(cells) for cells in zip(*texts, strict=True)]


def _texts(column: pd.Series[Any]) -> list[str]:
    if column.dtype.kind == "M":
        return [str(text) for text in column.dt.strftime("%Y-%m-%d").fillna("")]
    if column.dtype.kind == "f":
        return ["" if number != number else f"{number:.10g}" for number in column.tolist()]  # noqa: PLR0124 - not a number
    return column.astype("str").fillna("nan").tolist()


def _by_claim(rows: pd.DataFrame, columns: Sequence[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for claim, text in zip(rows["claim_id"].tolist(), _joined(rows, columns), strict=True):
        found.setdefault(claim, []).append(text)
    return {claim: "\x1d".join(sorted(texts)) for claim, texts in found.items()}


# ---- judgements that contradict each other -------------------------------------------------------------------------


def contradictions(judgements: Sequence[Judgement]) -> list[tuple[Judgement, ...]]:
    """Return, for each two claims judged different that others make the same, the fewest judgements that do; that one last.

    Args:
        judgements: those that are to be obeyed.
    """
    joined: dict[str, list[tuple[str, Judgement]]] = {}
    # In one order, so that of ways equally short the same is told however the judgements are listed.
    ordered = sorted(judgements, key=lambda one: (_sides(one), one.decision, one.reviewer))
    for one in ordered:
        if one.decision in {"same", "part_of"}:
            joined.setdefault(one.left, []).append((one.right, one))
            joined.setdefault(one.right, []).append((one.left, one))
    parted = [one for one in ordered if one.decision == "different"]
    found = ((*way, one) for one in parted if (way := _shortest(joined, *_sides(one))) is not None)
    return sorted(found, key=lambda chain: (len(chain), _sides(chain[-1])))


def _sides(one: Judgement) -> tuple[str, str]:
    return min(one.left, one.right), max(one.left, one.right)


def _shortest(
    joined: Mapping[str, list[tuple[str, Judgement]]], start: str, end: str
) -> tuple[Judgement, ...] | None:
    """Return the fewest judgements that lead from one claim to another, None where none do."""
    if start not in joined or end not in joined:
        return None
    came: dict[str, tuple[str, Judgement] | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in came:
        here = waiting.popleft()
        for there, by in joined[here]:
            if there not in came:
                came[there] = (here, by)
                waiting.append(there)
    if end not in came:
        return None
    way, at = [], came[end]
    while at is not None:
        way.append(at[1])
        at = came[at[0]]
    return tuple(reversed(way))


def contradiction_told(chain: Sequence[Judgement]) -> str:
    """Return one contradiction in a sentence: who judged what, and when.

    Args:
        chain: by `contradictions`.
    """
    *way, parted = chain
    first, second = _sides(parted)
    at, words = first, []
    for one in way:
        then = one.right if one.left == at else one.left
        said = "is part of one incident with" if one.decision == "part_of" else "is the same as"
        words.append(f"{at} {said} {then} ({one.reviewer}, {one.decided_on})")
        at = then
    return (
        f"{first} and {second} are judged different ({parted.reviewer}, {parted.decided_on}), and the same by way of others: "
        f"{'; '.join(words)}. Withdraw one of them."
    )


# ---- what became of each decision ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of the decisions of a run.

    Attributes:
        decisions: a `Decisions` frame.
        discrepancies: a `Discrepancies` frame, each with its status.
    """

    decisions: pd.DataFrame
    discrepancies: pd.DataFrame

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person has to hear about: decisions that are stale, and corrections that no longer apply."""
        worrying = self.decisions[self.decisions["status_code"].isin(["stale", "not_applied"])]
        return tuple(worrying["explanation"].tolist())


def follow_decisions(
    found: pd.DataFrame,
    judgements: Sequence[Judgement],
    corrections: Sequence[tuple[Correction, str]],
    decided: Sequence[FindingDecision],
    claim_ids: Collection[str],
    prints: Mapping[str, str],
) -> Followed:
    """Return what became of every decision, and the findings with their status.

    Args:
        found: a `Discrepancies` frame, each open.
        judgements: on pairs.
        corrections: each with why it was not applied; empty where it was.
        decided: on findings; of several on one, the last that is not withdrawn counts.
        claim_ids: of this run.
        prints: of the claims that are judged, by `claim_prints`.
    """
    of_findings = {str(one): text for one, text in finding_prints(found).items()}
    rows = [_judged(one, claim_ids, prints) for one in judgements]
    rows += [_corrected(one, why) for one, why in corrections]
    last = {one.finding: one for one in decided if one.status == "active"}
    rows += [_decided(one, one is last.get(one.finding), of_findings) for one in decided]
    status = {
        row["about_ids"]: "stale" if row["status_code"] == "stale" else row["decision_code"]
        for row in rows
        if row["kind_code"] == "finding" and row["status_code"] in {"used", "stale"}
    }
    codes = found["discrepancy_id"].map(status).fillna("open").astype("str") if status else "open"
    if not rows:
        return Followed(empty(Decisions), found.assign(status_code=codes))
    told = pd.DataFrame(rows, columns=columns_of(Decisions))
    told["decided_on"] = pd.to_datetime(told["decided_on"])
    return Followed(typed(Decisions, told), found.assign(status_code=codes))


def _row(kind: str, about: str, one: Any, status: str, explanation: str, **more: str) -> dict[str, Any]:
    return {
        "kind_code": kind,
        "about_ids": about,
        "column": "",
        "expected": "",
        "value": "",
        "reviewer": one.reviewer,
        "decided_on": one.decided_on,
        "seen": getattr(one, "seen", ""),
        "run": getattr(one, "run", ""),
        "status_code": status,
        "explanation": explanation,
        **more,
    }


def _judged(one: Judgement, claim_ids: Collection[str], prints: Mapping[str, str]) -> dict[str, Any]:
    lost = [side for side in (one.left, one.right) if side not in claim_ids]
    now = pair_print(prints, one.left, one.right)
    words = f"The judgement on {one.left} and {one.right}, {one.decision.replace('_', ' ')}, by {one.reviewer} on {one.decided_on}"
    if one.status == "withdrawn":
        status, told = "withdrawn", "It was withdrawn, and changes nothing."
    elif lost:
        status, told = (
            "not_in_run",
            f"{' and '.join(lost)}: not in this run. It is kept, and changes nothing.",
        )
    elif one.seen and one.seen != now:
        status = "stale"
        told = f"{words} is obeyed, but its claims have changed since: {_changed(one, prints)}. Judge them again."
    elif one.decision == "unsure":
        status, told = "kept", "Unsure: it is kept, and changes nothing."
    else:
        status, told = "used", "It holds in this run."
    return _row(
        "judgement", f"{one.left} {one.right}", one, status, told, decision_code=one.decision, note=one.note
    )


def _changed(one: Judgement, prints: Mapping[str, str]) -> str:
    """Return which of two claims says something else than when it was judged."""
    then = one.seen.split("-")
    sides = sorted((one.left, one.right))
    if len(then) != len(sides):
        return "both"
    return " and ".join(side for side, seen in zip(sides, then, strict=True) if prints.get(side) != seen)


def _corrected(one: Correction, why: str) -> dict[str, Any]:
    if one.status == "withdrawn":
        status, told = "withdrawn", "It was withdrawn, and changes nothing."
    elif why:
        status = "not_applied"
        told = f"The correction of {one.claim_id} ({one.action} {one.column}) by {one.reviewer} was not applied: {why}. Review it, or withdraw it."
    else:
        status, told = "used", "It was applied."
    more = {"column": one.column, "expected": one.expected, "value": one.value, "note": one.reason}
    return _row("correction", one.claim_id, one, status, told, decision_code=one.action, **more)


def _decided(one: FindingDecision, is_last: bool, prints: Mapping[str, str]) -> dict[str, Any]:  # noqa: FBT001 - one of two sides of a finding's history
    now = prints.get(one.finding)
    if one.status == "withdrawn":
        status, told = "withdrawn", "It was withdrawn, and changes nothing."
    elif not is_last:
        status, told = "withdrawn", "A later decision on the same finding took its place."
    elif now is None:
        status, told = "not_in_run", "The finding is not in this run. It is kept, and changes nothing."
    elif one.seen and one.seen != now:
        status = "stale"
        told = f"The finding {one.finding} ({one.code}) says something else than when {one.reviewer} {one.decision} it on {one.decided_on}. Decide it again; until then it counts as open."
    else:
        status, told = "used", "The finding has this status."
    return _row("finding", one.finding, one, status, told, decision_code=one.decision, note=one.note)
