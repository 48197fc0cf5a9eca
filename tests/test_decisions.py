"""Decisions followed through a run: obeyed or not, stale or not, and the fewest judgements that contradict each other."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from conftest import NO_VICTIMS, claim_row, claims_frame, figure_row, figures_frame, victim_row, victims_frame
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.decisions import (
    LASTING,
    claim_prints,
    contradiction_told,
    contradictions,
    finding_prints,
    follow_decisions,
    pair_print,
    row_mark,
    seen_of,
)
from reconcile.frames import Discrepancies, columns_of, typed
from reconcile.ruleset import Correction, FindingDecision, Judgement

DAY = date(2020, 1, 31)
RUN = "ab" * 32


def judged(left: str, right: str, decision: str = "same", **more: Any) -> Judgement:
    """A judgement by an invented analyst."""
    return Judgement(
        left=left, right=right, decision=decision, **{"reviewer": "A. Analyst", "decided_on": DAY, **more}
    )


def decided(finding: str, decision: str = "accepted", **more: Any) -> FindingDecision:
    """A decision on a finding by an invented analyst."""
    return FindingDecision(
        finding=finding, decision=decision, **{"reviewer": "A. Analyst", "decided_on": DAY, **more}
    )


def findings(*rows: dict[str, Any]) -> pd.DataFrame:
    """A Discrepancies frame of findings with plausible defaults."""
    plain = dict.fromkeys(columns_of(Discrepancies), "") | {
        "severity": "S1", "code": "CNT-DISJ", "gap": 3.0, "people": 9.0, "date_start": None, "first_seen": "2020-01-01",
        "status_code": "open", "left_value": "A: 3", "right_value": "B: 6", "claim_ids": "a:1 b:1",
    }  # fmt: skip
    frame = pd.DataFrame([plain | {"discrepancy_id": f"dis_{n}"} | row for n, row in enumerate(rows)])
    for name in ("date_start", "first_seen"):
        frame[name] = pd.to_datetime(frame[name])
    return typed(Discrepancies, frame)


def prints_of(
    *rows: dict[str, Any], figures: tuple[dict[str, Any], ...] = (), **victim: Any
) -> dict[str, str]:
    """Prints of all claims made by `claim_row`."""
    claims = claims_frame(*rows)
    persons = victims_frame(victim_row("airwars:X1", **victim)) if victim else NO_VICTIMS
    return claim_prints(claims, figures_frame(*figures), persons, claims["claim_id"])


# ---- prints --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"day": "2017-06-11"}, {"place_name": "Tell Other"}, {"latitude": 35.1, "longitude": 39.1}, {"grade_code": "confirmed"},
        {"perpetrator_codes": "russia"}, {"position_code": "denied"}, {"admin1": "Aleppo"},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_what_a_claim_says_is_in_its_print(change: dict[str, Any]) -> None:
    """Another day, place, attacker, grade or position is another print."""
    assert prints_of(claim_row(1)) != prints_of(claim_row(1, **change))


def test_where_a_claim_stands_is_not_in_its_print() -> None:
    """The row, the file and running texts of a claim may change, and a decision on it stays good."""
    moved = {
        "source_row": 99,
        "source_file": "later.csv",
        "file_sha256": "1" * 64,
        "text": "x",
        "note": "y",
        "url": "z",
    }
    assert prints_of(claim_row(1)) == prints_of(claim_row(1, **moved))


def test_persons_are_in_the_print() -> None:
    """Another person, or another age, is another print."""
    first = prints_of(claim_row(1), person_id="per_a", age=30)
    assert (
        len(
            {
                str(first),
                *(
                    str(prints_of(claim_row(1), person_id=one, age=age))
                    for one, age in (("per_b", 30), ("per_a", 31))
                ),
            }
        )
        == 3
    )


@budget(30)
@given(st.permutations(range(4)), st.integers(1, 1000), st.sampled_from(["low", "high"]))
def test_decisions_prints_tell_changes(order: list[int], other: int, bound: str) -> None:
    """A print changes when a number does, and not with the order of rows."""
    rows = [
        figure_row("airwars:X1", 1, 1001, population_code=code)
        for code in ("civilian", "combatant", "all", "unknown")
    ]
    claims = [claim_row(1), claim_row(2)]
    plain = prints_of(*claims, figures=tuple(rows))
    assert prints_of(*reversed(claims), figures=tuple(rows[place] for place in order)) == plain
    changed = prints_of(*claims, figures=(rows[0] | {bound: other, "best": None}, *rows[1:]))
    assert (changed == plain) == (other == rows[0][bound])
    assert changed["airwars:X2"] == plain["airwars:X2"]


def test_pair_has_both_prints_in_one_order() -> None:
    """However two claims are turned, what is kept of them is the same; of a claim that is not there nothing is."""
    prints = {"a:1": "11111111", "b:1": "22222222"}
    assert pair_print(prints, "b:1", "a:1") == pair_print(prints, "a:1", "b:1") == "11111111-22222222"
    assert pair_print(prints, "a:1", "c:1") == ""


def test_finding_changes_with_what_it_says() -> None:
    """Another severity or another value is another print; of a lasting habit only the severity counts."""
    many = " ".join(f"a:{n}" for n in range(LASTING))
    rows = [{}, {"severity": "S2"}, {"right_value": "B: 7"}, {"gap": 4.0}, {"explanation": "put otherwise"}]
    plain, worse, other, wider, worded = finding_prints(findings(*rows))
    assert len({plain, worse, other, wider}) == 4
    assert plain == worded
    habit, grown, worse = finding_prints(
        findings(*({**row, "claim_ids": many} for row in ({}, {"right_value": "B: 7"}, {"severity": "S2"})))
    )
    assert habit == grown != worse


@pytest.mark.parametrize(
    ("run", "ids"),
    [(RUN, ("a:1", "b:2")), (RUN, ("b:1", "a:1")), ("cd" * 32, ("a:1", "b:1")), (RUN, ("a:1",))],
)
def test_mark_fits_its_own_row_alone(run: str, ids: tuple[str, ...]) -> None:
    """An edited id, another order, another run: the mark no longer fits."""
    mark = row_mark(RUN, ("a:1", "b:1"), "11111111-22222222")
    assert seen_of(mark, RUN, ("a:1", "b:1")) == "11111111-22222222"
    assert seen_of(mark, run, ids) is None
    assert seen_of(f"{mark[:-1]}0", RUN, ("a:1", "b:1")) is None


# ---- contradictions ------------------------------------------------------------------------------------------------


def test_fewest_judgements_are_told() -> None:
    """Of a long way round and a short one the short one is told: who judged what, and when."""
    rows = [judged("a:1", "c:1"), judged("c:1", "d:1"), judged("d:1", "b:1"), judged("b:1", "c:1", "part_of")]
    (chain,) = contradictions([*rows, judged("b:1", "a:1", "different", reviewer="B. Other")])
    assert [(one.left, one.right) for one in chain] == [("a:1", "c:1"), ("b:1", "c:1"), ("b:1", "a:1")]
    assert contradiction_told(chain) == (
        "a:1 and b:1 are judged different (B. Other, 2020-01-31), and the same by way of others: a:1 is the same as c:1 "
        "(A. Analyst, 2020-01-31); c:1 is part of one incident with b:1 (A. Analyst, 2020-01-31). Withdraw one of them."
    )


@budget(30)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.integers(0, 5), st.sampled_from(["same", "part_of", "different", "unsure"])
        ).filter(lambda one: one[0] != one[1]),
        max_size=12,
    )
)
def test_decisions_fewest_judgements(drawn: list[tuple[int, int, str]]) -> None:
    """What is told contradicts itself; leave any one judgement of it out, and it does not."""
    found = contradictions([judged(f"a:{left}", f"a:{right}", code) for left, right, code in drawn])
    for chain in found:
        assert contradictions(chain)
        assert all(not contradictions([*chain[:n], *chain[n + 1 :]]) for n in range(len(chain)))
    parted = {frozenset(one[:2]) for one in drawn if one[2] == "different"}
    joined = [one[:2] for one in drawn if one[2] in {"same", "part_of"}]
    label = list(range(6))
    for left, right in joined:
        label = [label[left] if one == label[right] else one for one in label]
    clashing = {pair for pair in parted if len({label[one] for one in pair}) == 1}
    assert {
        frozenset(int(side[2:]) for side in (chain[-1].left, chain[-1].right)) for chain in found
    } == clashing


# ---- what became of each -------------------------------------------------------------------------------------------


def status_of(**more: Any) -> list[str]:
    """The status of each decision."""
    told = {
        "found": findings({}),
        "judgements": (),
        "corrections": (),
        "decided": (),
        "claim_ids": {"a:1", "b:1"},
        "prints": {},
    }
    return follow_decisions(**(told | more)).decisions["status_code"].tolist()


def test_status_of_judgements() -> None:
    """Obeyed, stale, of a claim that is not there, unsure, withdrawn."""
    prints = {"a:1": "11111111", "b:1": "22222222"}
    rows = [
        judged("a:1", "b:1"),
        judged("a:1", "b:1", seen="11111111-22222222"),
        judged("b:1", "a:1", seen="11111111-22222222"),
        judged("a:1", "b:1", seen="11111111-33333333"),
        judged("a:1", "c:1", seen="11111111-33333333"),
        judged("a:1", "b:1", "unsure"),
        judged("a:1", "b:1", status="withdrawn"),
    ]
    assert status_of(judgements=rows, prints=prints) == [
        "used", "used", "used", "stale", "not_in_run", "kept", "withdrawn",
    ]  # fmt: skip


def test_stale_judgement_names_the_claim_that_changed() -> None:
    """A stale judgement is obeyed, and it is said which claim changed; a person hears of it without looking for it."""
    followed = follow_decisions(
        findings({}), [judged("b:1", "a:1", seen="11111111-33333333")], (), (), {"a:1", "b:1"},
        {"a:1": "11111111", "b:1": "22222222"},
    )  # fmt: skip
    (remark,) = followed.remarks
    assert remark == (
        "The judgement on b:1 and a:1, same, by A. Analyst on 2020-01-31 is obeyed, but its claims have changed since: b:1. "
        "Judge them again."
    )


def test_status_of_findings() -> None:
    """A finding has the status that the last decision on it gives, unless it says something else by now."""
    found = findings({}, {}, {}, {}, {})
    (print_of, *_) = finding_prints(found)
    decisions = [
        decided("dis_0", "accepted", seen=print_of),
        decided("dis_1", "accepted"),
        decided("dis_1", "rejected", note="no"),
        decided("dis_2", "explained", seen="00000000"),
        decided("dis_3", "accepted", status="withdrawn"),
        decided("dis_9"),
    ]
    followed = follow_decisions(found, (), (), decisions, frozenset(), {})
    assert followed.discrepancies["status_code"].tolist() == ["accepted", "rejected", "stale", "open", "open"]
    assert followed.decisions["status_code"].tolist() == [
        "used", "withdrawn", "used", "stale", "withdrawn", "not_in_run",
    ]  # fmt: skip


def test_reopened_finding_is_open() -> None:
    """A finding that somebody opened again is open."""
    followed = follow_decisions(
        findings({}), (), (), [decided("dis_0"), decided("dis_0", "open")], frozenset(), {}
    )
    assert followed.discrepancies["status_code"].tolist() == ["open"]


def test_correction_that_no_longer_applies_is_told() -> None:
    """A correction is told with what became of it; one that was not applied is heard of."""
    plain = {
        "claim_id": "a:1",
        "action": "set",
        "column": "place_name",
        "expected": "X",
        "value": "Y",
        "reason": "seen",
    }
    one = Correction(**plain, reviewer="A. Analyst", decided_on=DAY)
    rows = [(one, ""), (one, "it expects 'X'"), (one.model_copy(update={"status": "withdrawn"}), "")]
    followed = follow_decisions(findings({}), (), rows, (), frozenset(), {})
    assert followed.decisions["status_code"].tolist() == ["used", "not_applied", "withdrawn"]
    assert followed.remarks == (
        "The correction of a:1 (set place_name) by A. Analyst was not applied: it expects 'X'. Review it, or withdraw it.",
    )


@budget(30)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcx"), st.sampled_from("abcx"), st.sampled_from(["same", "unsure"])),
        max_size=5,
    ),
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["accepted", "open"]), st.sampled_from(["", "0"])),
        max_size=5,
    ),
    st.lists(st.sampled_from(["", "why"]), max_size=3),
)
def test_decisions_every_decision_is_told(
    pairs: list[tuple[str, str, str]], of_findings: list[tuple[int, str, str]], whys: list[str]
) -> None:
    """Whatever is decided is a row, with a status and a sentence; and only findings that are there have a status of it."""
    judgements = [judged(left, right, code) for left, right, code in pairs]
    decisions = [decided(f"dis_{n}", code, seen=seen) for n, code, seen in of_findings]
    one = Correction(claim_id="a", action="drop", reason="r", reviewer="A", decided_on=DAY)
    followed = follow_decisions(
        findings({}, {}), judgements, [(one, why) for why in whys], decisions, frozenset("abc"), {}
    )
    told = followed.decisions
    assert len(told) == len(pairs) + len(of_findings) + len(whys)
    assert told["explanation"].ne("").all()
    assert set(followed.discrepancies["status_code"]) <= {"open", "accepted", "stale"}
