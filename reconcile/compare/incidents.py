"""How far two claims about incidents agree: days, places, attackers, numbers, positions, and the victims they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.levels import Agreement, choose, number_of
from reconcile.compare.people import deaths
from reconcile.compare.places import Chance, Places
from reconcile.views import runs, windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from reconcile.compare import Surroundings
    from reconcile.ruleset import Linkage, Vocabulary

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Comparator = Callable[[Ints, Ints], Agreement]

TWO_DAYS = 2
# From four killed on, the same number twice is seldom chance.
RARE_NUMBER = 4
NOT_COUNTED = 9
GRADED = ("confirmed", "fair", "weak", "contested", "discounted")
POSITIONS = ("conceded", "denied", "not_assessed")


def incident_comparators(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    victims: pd.DataFrame,
    linkage: Linkage,
    around: Surroundings,
) -> dict[str, Comparator]:
    """Return the comparisons of incidents by name; arguments as of `compare`."""
    return {
        "date": _dates(claims),
        "place": _places(claims, linkage, around),
        "attacker": _attackers(claims, around.attackers),
        "number": _numbers(claims, figures),
        "injured": _injured(claims, figures),
        "position": _positions(claims, figures),
        "victims": _victims(claims, victims, around.clusters),
    }


# ---- dates ---------------------------------------------------------------------------------------------------------


def _dates(claims: pd.DataFrame) -> Comparator:
    start, end = windows_of(claims)
    single = start == end

    def comparator(left: Ints, right: Ints) -> Agreement:
        gap = np.maximum(start[left], start[right]) - np.minimum(end[left], end[right])
        conditions = {
            "same_day": (gap <= 0) & single[left] & single[right],
            "overlapping": gap <= 0,
            "next_day": gap == 1,
            "within_2_days": gap == TWO_DAYS,
        }
        return Agreement(choose("incident", "date", conditions, "further"))

    return comparator


# ---- places --------------------------------------------------------------------------------------------------------


def _places(claims: pd.DataFrame, linkage: Linkage, around: Surroundings) -> Comparator:
    """Compare places; what is rare is that another monitor has a claim there, on that many days, by chance."""
    places = Places(claims, linkage, around.places, around.countries)
    chance = Chance(claims, places)
    start, end = windows_of(claims)
    length = end - start

    def comparator(left: Ints, right: Ints) -> Agreement:
        agreed = places.compare(left, right)
        gap = np.maximum(start[left], start[right]) - np.minimum(end[left], end[right])
        # On how many days a claim could start and stand on the same level of dates.
        days = np.select([gap <= 0, gap <= TWO_DAYS], [length[left] + length[right] + 1, TWO_DAYS], 2 * TWO_DAYS)
        return Agreement(agreed.levels, -np.log2(chance.rate(left, right, agreed) * days))

    return comparator


# ---- attackers -----------------------------------------------------------------------------------------------------


def _attackers(claims: pd.DataFrame, attackers: Vocabulary) -> Comparator:
    shown = claims["perpetrator_codes"].where(
        claims["attribution_code"] != "parties", "parties:" + claims["perpetrator_codes"]
    )
    codes, distinct = pd.factorize(shown)
    wide = max(len(distinct), 1)

    def comparator(left: Ints, right: Ints) -> Agreement:
        inverse, pair = pd.factorize(codes[left] * wide + codes[right])
        found = [
            number_of(
                "incident",
                "attacker",
                attacker_level(str(distinct[code // wide]), str(distinct[code % wide]), attackers),
            )
            for code in pair
        ]
        return Agreement(np.array(found, dtype=np.int8)[inverse])

    return comparator


def attacker_level(left: str, right: str, attackers: Vocabulary) -> str:
    """Return the level of two sets of attackers, each codes joined by spaces, `parties:` before the two sides of a dyad."""
    sides = [frozenset(text.removeprefix("parties:").split()) - {"unknown"} for text in (left, right)]
    if not sides[0] or not sides[1]:
        return "missing"
    if left.startswith("parties:") or right.startswith("parties:"):
        return "parties_only"
    if sides[0] == sides[1]:
        return "same"
    if sides[0] & sides[1]:
        return "overlapping"
    above = [frozenset().union(*(attackers.ancestors(code) for code in side)) for side in sides]
    return "related" if above[0] & sides[1] or above[1] & sides[0] else "different"


# ---- numbers -------------------------------------------------------------------------------------------------------


def _numbers(claims: pd.DataFrame, figures: pd.DataFrame) -> Comparator:
    killed = _counts(claims, figures, "killed")
    low, high, conceded = killed.low, killed.high, killed.conceded

    def comparator(left: Ints, right: Ints) -> Agreement:
        (a, b), (c, d) = (low[left], high[left]), (low[right], high[right])
        one = conceded[left] != conceded[right]
        giving, alleging = np.where(conceded[left], left, right), np.where(conceded[left], right, left)
        top = np.maximum(np.nan_to_num(a), np.nan_to_num(c))
        with np.errstate(invalid="ignore"):
            gap = np.maximum(a, c) - np.minimum(b, d)
            equal = (a == c) & (b == d)
            none = (high[giving] == 0) & (high[alleging] > 0)
            conditions = {
                "missing": np.isnan(a) | np.isnan(c),
                "conceded_none": one & none,
                "conceded_more": one & (low[giving] > high[alleging]),
                "conceded_fewer": one & (high[giving] < low[alleging]),
                "conceded_equal": one & equal & (top > 0),
                "conceded_within": one,
                "none_against_some": (np.maximum(b, d) > 0) & (np.minimum(b, d) == 0) & (np.maximum(a, c) > 0),
                "equal_rare": equal & (top >= RARE_NUMBER),
                "equal": equal,
                "overlapping": gap <= 0,
                "near": gap <= np.maximum(1, 0.5 * top),
            }
        return Agreement(choose("incident", "number", conditions, "disjoint"))

    return comparator


def _injured(claims: pd.DataFrame, figures: pd.DataFrame) -> Comparator:
    injured = _counts(claims, figures, "injured")
    low, high = injured.low, injured.high

    def comparator(left: Ints, right: Ints) -> Agreement:
        with np.errstate(invalid="ignore"):
            conditions = {
                # Two zeros: nobody counted the injured, as a rule.
                "missing": np.isnan(low[left]) | np.isnan(low[right]) | ((high[left] == 0) & (high[right] == 0)),
                "none_against_some": np.minimum(high[left], high[right]) == 0,
                "overlapping": np.maximum(low[left], low[right]) <= np.minimum(high[left], high[right]),
            }
        return Agreement(choose("incident", "injured", conditions, "disjoint"))

    return comparator


@dataclass(frozen=True, slots=True)
class _Counts:
    """Low and high of one figure of each claim, null where it has none, infinite where open; and whether it is conceded."""

    low: Floats
    high: Floats
    conceded: Bools


def _counts(claims: pd.DataFrame, figures: pd.DataFrame, measure: str) -> _Counts:
    """Return a measure's interval of each claim: of civilians where it states them, else of everyone; conceded ones count."""
    whole = figures[
        (figures["measure_code"] == measure)
        & (figures["sex_code"] == "any")
        & (figures["age_group_code"] == "any")
    ]
    order = whole["population_code"].map({"civilian": 0, "all": 1, "unknown": 2}).fillna(NOT_COUNTED)
    chosen = (
        whole.assign(order=order)[order < NOT_COUNTED]
        .sort_values(["claim_id", "order"])
        .drop_duplicates("claim_id")
        .set_index("claim_id")
    )
    found = chosen.reindex(claims["claim_id"])
    low = found["low"].to_numpy(dtype=np.float64)
    high = np.where(np.isnan(low), np.nan, found["high"].fillna(np.inf).to_numpy(dtype=np.float64))
    return _Counts(low, high, (found["role_code"] == "conceded").to_numpy(dtype=bool))


# ---- positions -----------------------------------------------------------------------------------------------------


def _positions(claims: pd.DataFrame, figures: pd.DataFrame) -> Comparator:
    killed, injured = (_counts(claims, figures, measure) for measure in ("killed", "injured"))
    gives = (killed.conceded & (np.nan_to_num(killed.low) > 0)) | (
        injured.conceded & (np.nan_to_num(injured.low) > 0)
    )
    stated, grade = (
        claims["position_code"].to_numpy(dtype=object),
        claims["grade_code"].to_numpy(dtype=object),
    )
    # A verdict that can't be read is told by what the belligerent counts.
    position = np.where(stated == "unclear", np.where(gives, "conceded", "not_assessed"), stated)
    states, silent = np.isin(position, POSITIONS), position == ""
    conceded, graded = position == "conceded", np.isin(grade, GRADED)
    confirmed, discounted = grade == "confirmed", grade == "discounted"

    def comparator(left: Ints, right: Ints) -> Agreement:
        # One side takes a position, the other grades; where both do or neither does, there is nothing to compare.
        mine = np.where(silent[left], right, left)
        other = np.where(silent[left], left, right)
        conditions = {
            "missing": (silent[left] == silent[right]) | ~graded[other] | ~states[mine],
            "conceded_confirmed": conceded[mine] & confirmed[other],
            "conceded_unconfirmed": conceded[mine] & ~confirmed[other],
            "denied_confirmed": ~conceded[mine] & confirmed[other],
            "denied_discounted": ~conceded[mine] & discounted[other],
        }
        return Agreement(choose("incident", "position", conditions, "denied_unconfirmed"))

    return comparator


# ---- victims -------------------------------------------------------------------------------------------------------


def _victims(claims: pd.DataFrame, victims: pd.DataFrame, clusters: Mapping[str, str]) -> Comparator:
    """Two incidents that name one person, as far as victims were linked before, are hardly two."""
    dead, incident = deaths(claims, victims)
    ids = claims["claim_id"].iloc[dead]
    person = pd.factorize(ids.map(clusters).fillna(ids))[0].astype(np.int64)
    wide = int(person.max(initial=0)) + 1
    order = np.lexsort((person, incident))
    held = (incident * wide + person)[order]
    starts = np.searchsorted(incident[order], np.arange(len(claims) + 1))
    names = np.diff(starts)

    def comparator(left: Ints, right: Ints) -> Agreement:
        both = np.flatnonzero((names[left] > 0) & (names[right] > 0))
        count = names[left[both]]
        owner = np.repeat(both, count)
        wanted = right[owner] * wide + person[order][runs(starts[left[both]], count)]
        shared = np.zeros(len(left), dtype=bool)
        if len(owner):
            at = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
            shared[owner[held[at] == wanted]] = True
        unnamed = np.ones(len(left), dtype=bool)
        unnamed[both] = False
        return Agreement(choose("incident", "victims", {"missing": unnamed, "shared": shared}, "none_shared"))

    return comparator
