"""Claims of one series -> InconsistentSets: the smallest sets of published numbers that can't all be true.

A series is what one monitor states of the same people over time (or what several monitors state in one layout's series).
Its numbers are tied to each other: a sum of some lies within, or equals, a sum of others. A tie is broken when the
intervals of its two sides exclude each other, and only then; of a broken tie the members without which it would still be
broken are left out. Sets that share a number have one cause, and the last set of a cause says which one number, read
differently, would mend all of them without breaking any other tie.

Guarantees:
    sets_are_minimal: leave any number of a contradiction out, and nothing among the others is contradicted.
    consistent_series_raise_nothing: numbers counted from one list of the dead, whatever their windows, break no tie.
    row_order_does_not_matter: the same claims and figures in another order give the same sets.
    open_intervals_never_contradict: an open number is no reason for another one to be too high, whatever it is at least.
    series_are_kept_apart: numbers of two series, or alleged and conceded ones, are never in one set.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.frames import InconsistentSets, empty, typed
from reconcile.scopes import scopes_of
from reconcile.series.batches import find_batches
from reconcile.series.broken import broken_ties, causes_of, mend
from reconcile.series.numbers import TOLERANCE, numbers_of, within_one_window
from reconcile.series.sentences import sentence_of
from reconcile.series.ties import tie_all
from reconcile.series.words import added, claims_of, summed, topic_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconcile.scopes import Reader
    from reconcile.series.batches import Batch
    from reconcile.series.broken import Broken
    from reconcile.series.numbers import Numbers
    from reconcile.series.ties import Ties

# In the order in which causes are told.
CODES = {
    "window_subset": "TOT-MONO",
    "part_of_whole": "CNT-BRK",
    "parts_sum": "CNT-BRK",
    "window_sum": "TOT-DELTA",
    "ledger_sum": "TOT-LEDGER",
    "ledger_carry": "TOT-LEDGER",
    "batch": "COV-BATCH",
}


def find_inconsistencies(claims: pd.DataFrame, figures: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Return the smallest sets of numbers of one series that can't all be true, and series that come in batches.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame.
        reader: attackers, means, places, and which layouts make one series.

    Returns:
        An `InconsistentSets` frame, the sets of a cause together.
    """
    numbers = numbers_of(scopes_of(claims, figures, reader), reader)
    if not len(numbers):
        return empty(InconsistentSets)
    pairs = within_one_window(numbers)
    ties, between = tie_all(numbers, pairs)
    found = broken_ties(numbers, ties, between)
    rows = [*_told(numbers, ties, found), *_batch_rows(numbers, find_batches(numbers, pairs))]
    if not rows:
        return empty(InconsistentSets)
    table = pd.DataFrame(rows).drop_duplicates("set_id")
    for name in ("date_start", "date_end"):
        table[name] = pd.to_datetime(table[name].to_numpy().astype("datetime64[D]"))
    rank = {code: place for place, code in enumerate(dict.fromkeys(CODES.values()))}
    by_cause = table.assign(rank=table["code"].map(rank)).groupby("cause_id")[["rank", "date_end"]]
    table[["rank", "first"]] = by_cause.transform("min")
    order = ["series", "rank", "first", "cause_id", "turn", "set_id"]
    return typed(InconsistentSets, table.sort_values(order, kind="stable"))


def _told(numbers: Numbers, ties: Ties, found: Sequence[Broken]) -> list[dict[str, Any]]:
    """Return rows of `InconsistentSets`, with the place of each in its cause."""
    ids = [_set_id(numbers, one.rule, (*one.parts, *one.whole)) for one in found]
    causes = causes_of(found, ids)
    of_number = np.argsort(ties.number, kind="stable")
    by_cause: dict[str, list[int]] = {}
    for at in sorted(
        range(len(found)), key=lambda at: (_last_day(numbers, found[at]), found[at].rule, ids[at])
    ):
        by_cause.setdefault(causes[at], []).append(at)
    rows = []
    for cause, members in by_cause.items():
        some = [found[at] for at in members]
        way = "" if some[0].hold_days else mend(numbers, ties, of_number, some)
        for turn, at in enumerate(members):
            is_last = turn == len(members) - 1
            text = f"{sentence_of(numbers, found[at])} {way if is_last else ''}".strip()
            rows.append(_row(numbers, found[at], text) | {"set_id": ids[at], "cause_id": cause, "turn": turn})
    return rows


def _set_id(numbers: Numbers, rule: str, members: Iterable[int]) -> str:
    named = ["claim_id", "measure_code", "population_code", "sex_code", "age_group_code", "role_code"]
    values = numbers.rows[named].iloc[sorted(members)].to_numpy(dtype=object)
    text = "\x1f".join([rule, *sorted("\x1e".join(map(str, row)) for row in values)])
    return f"set_{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _last_day(numbers: Numbers, one: Broken) -> tuple[int, int]:
    last = one.whole[-1]
    return int(numbers.end[last]), int(numbers.start[last])


def _row(numbers: Numbers, one: Broken, explanation: str) -> dict[str, Any]:
    low, high = summed(numbers, one.parts)
    seen_low, seen_high = summed(numbers, one.whole)
    is_over = low > seen_high + TOLERANCE
    gap = low - seen_high if is_over else seen_low - high
    subject = one.parts[0] if one.rule == "part_of_whole" else one.whole[-1]
    about = numbers.rows.iloc[subject]
    start, end = _days_told(numbers, one)
    sign = "<" if one.hold_days else "≠" if one.is_exact else ">"
    is_open = not one.is_exact
    return {
        "code": CODES[one.rule],
        "rule_code": one.rule,
        "series": about["series"],
        **topic_of(about),
        "claim_ids": claims_of(numbers, (*one.parts, *one.whole)),
        "stated": f"{added(numbers, one.parts)} {sign} {added(numbers, one.whole)}",
        "expected_low": low,
        "expected_high": np.nan if np.isinf(high) or is_open else high,
        "observed_low": seen_low,
        "observed_high": np.nan if np.isinf(seen_high) else seen_high,
        "gap": gap,
        "over_missing_days": one.hold_days,
        "date_start": start,
        "date_end": end,
        "explanation": explanation,
    }


def _days_told(numbers: Numbers, one: Broken) -> tuple[int, int]:
    """Return the days of a set: of cumulative numbers those that the last one adds, else the window."""
    last = one.whole[-1]
    end = int(numbers.end[last])
    if one.rule == "window_subset" and numbers.start[one.parts[0]] == numbers.start[last]:
        return end, end
    if one.rule == "window_sum":
        tiles = [part for part in one.parts if numbers.start[part] > numbers.start[last]]
        return int(numbers.start[tiles[-1]]), int(numbers.end[tiles[-1]])
    return int(numbers.start[last]), end


def _batch_rows(numbers: Numbers, found: Sequence[Batch]) -> list[dict[str, Any]]:
    """Return rows of `InconsistentSets` for batches; those of one series have one cause."""
    rows = [_batch_row(numbers, one) for one in found]
    first: dict[str, str] = {}
    for row in rows:
        first[row["series"]] = min(first.get(row["series"], row["set_id"]), row["set_id"])
    return [row | {"cause_id": first[row["series"]], "turn": turn} for turn, row in enumerate(rows)]


def _batch_row(numbers: Numbers, one: Batch) -> dict[str, Any]:
    members = one.members.tolist()
    about = numbers.rows.iloc[members[0]]
    return {
        "set_id": _set_id(numbers, "batch", members),
        "code": CODES["batch"],
        "rule_code": "batch",
        "series": about["series"],
        **topic_of(about),
        "claim_ids": claims_of(numbers, members),
        "stated": one.stated,
        **dict.fromkeys(("expected_low", "expected_high", "observed_low", "observed_high", "gap"), np.nan),
        "over_missing_days": one.days,
        "date_start": int(numbers.end[members].min()),
        "date_end": int(numbers.end[members].max()),
        "explanation": one.text,
    }
