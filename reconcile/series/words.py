"""Numbers of a series in words: what they count, when, and sums of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.views import interval_text, window_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconcile.series.numbers import Numbers

LISTED = 4
WHO = {("any", "child"): "children", ("female", "adult"): "women", ("male", "adult"): "men"}


def claims_of(numbers: Numbers, members: Iterable[int]) -> str:
    """Return the claims of some numbers, each once, in their order."""
    return " ".join(dict.fromkeys(numbers.rows["claim_id"].iloc[list(members)]))


def topic_of(about: pd.Series[Any]) -> dict[str, Any]:
    """Return what is counted, by the columns of `InconsistentSets`."""
    return {name: about[name] for name in ("measure_code", "population_code", "sex_code", "age_group_code")}


def summed(numbers: Numbers, members: Sequence[int]) -> tuple[float, float]:
    """Return the sum of some numbers as an interval, its high infinite where one is open."""
    return float(numbers.low[list(members)].sum()), float(numbers.high[list(members)].sum())


def shown(numbers: Numbers, one: int) -> str:
    """Return a number as people write it."""
    low, high = float(numbers.low[one]), float(numbers.high[one])
    return interval_text(low, np.nan if np.isinf(high) else high)


def added(numbers: Numbers, members: Sequence[int]) -> str:
    """Return numbers as a sum; the middle of a long one is left out."""
    texts = [shown(numbers, one) for one in members]
    if len(texts) > 2 * LISTED:
        texts = [*texts[:LISTED], f"… ({len(texts) - LISTED - 1} more)", texts[-1]]
    return " + ".join(texts)


def sum_shown(numbers: Numbers, members: Sequence[int]) -> str:
    """Return the sum of some numbers as people write it."""
    low, high = summed(numbers, members)
    return interval_text(low, np.nan if np.isinf(high) else high)


def _day(day: int) -> pd.Timestamp:
    return pd.Timestamp(np.datetime64(int(day), "D"))


def window(start: int, end: int) -> str:
    """Return a window as people write it."""
    return window_text(_day(start), _day(end))


def on_days(start: int, end: int) -> str:
    """Return a window as part of a sentence."""
    return f"{'on' if start == end else 'for'} {window(start, end)}"


def when(numbers: Numbers, one: int) -> str:
    """Return a number's window as part of a sentence."""
    return on_days(int(numbers.start[one]), int(numbers.end[one]))


def until(numbers: Numbers, one: int) -> str:
    """Return the last day of a cumulative number as part of a sentence."""
    end = int(numbers.end[one])
    return f"up to {window(end, end)}"


def counted(numbers: Numbers, one: int) -> str:
    """Return what a number counts, in words: women killed, civilians injured."""
    return _words(numbers.rows.iloc[one])


def _words(about: pd.Series[Any]) -> str:
    sex, age, population = about["sex_code"], about["age_group_code"], about["population_code"]
    people = {"civilian": "civilians", "combatant": "combatants"}.get(population, "")
    who = WHO.get((sex, age), " ".join(code for code in (sex, age) if code not in {"any", ""}))
    if who and people:
        who = f"{who} ({people})"
    said = str(about["measure_code"]).replace("_", " ")
    return said if said.startswith("reports ") else f"{who or people} {said}".strip()


def capital(text: str) -> str:
    """Return a text with its first letter large."""
    return text[:1].upper() + text[1:]


def listed(texts: Sequence[str]) -> str:
    """Return texts as a list of a sentence; the middle of a long one is counted."""
    if len(texts) > 2 * LISTED:
        texts = [*texts[:LISTED], f"{len(texts) - LISTED - 1} more", texts[-1]]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def differing(numbers: Numbers, members: Sequence[int]) -> list[str]:
    """Return which of place, attacker and means are not the same for all of some numbers."""
    return [
        name for name in ("place", "attacker", "means") if len(set(numbers.codes[name][list(members)])) > 1
    ]


def scoped(numbers: Numbers, one: int, named: Iterable[str]) -> str:
    """Return what a number counts, with the sides of its scope that are named."""
    about = numbers.rows.iloc[one]
    place = about["place_name"] or about["admin1"] or about["country_code"] or "all places"
    kind = about["place_kind_code"].replace("_", " ")
    kind = f" ({kind})" if kind and kind not in place.lower() else ""
    words = {
        "place": f"in {place}{kind}",
        "attacker": f"by {about['perpetrator_codes_title'] or 'anybody'}",
        "means": f"by {about['violence_code_title'] or 'any means'}",
    }
    return " ".join([counted(numbers, one), *(words[name] for name in named)])
