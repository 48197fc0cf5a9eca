"""How far two claims about incidents agree: days, places, attackers, numbers, positions, and the victims they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.compare.people import deaths
from reconcile.compare.places import Chance, Places
from reconcile.levels import Agreement, choose, number_of, usual_share
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
    killed, injured = (counts_of(claims, figures, measure) for measure in ("killed", "injured"))
    return {
        "date": _dates(claims),
        "place": _places(claims, linkage, around),
        "attacker": _attackers(claims, linkage, around),
        "number": _numbers(killed, killed.share(around.count_of("killed")), linkage),
        "injured": _injured(injured, injured.share(around.count_of("injured")), linkage),
        "position": _positions(claims, killed, injured),
        "victims": _victims(claims, victims, around.clusters),
    }


# ---- dates ---------------------------------------------------------------------------------------------------------


def _dates(claims: pd.DataFrame) -> Comparator:
    start, end = windows_of(claims)
    single = start == end
    # A belligerent's reply names the day of the allegation it answers; two recorders each date an event for themselves.
    replies = (claims["position_code"] != "").to_numpy()

    def comparator(left: Ints, right: Ints) -> Agreement:
        gap = np.maximum(start[left], start[right]) - np.minimum(end[left], end[right])
        reply = replies[left] != replies[right]
        conditions = {
            "same_day": (gap <= 0) & single[left] & single[right],
            "overlapping": gap <= 0,
            "reply_next_day": reply & (gap == 1),
            "reply_within_2_days": reply & (gap == TWO_DAYS),
            "reply_further": reply,
            "next_day": gap == 1,
            "within_2_days": gap == TWO_DAYS,
        }
        return Agreement(choose("incident", "date", conditions, "further"))

    return comparator


# ---- places --------------------------------------------------------------------------------------------------------


def _places(claims: pd.DataFrame, linkage: Linkage, around: Surroundings) -> Comparator:
    """Compare places; what is rare is that another monitor has a claim there, on that many days, by chance."""
    places = Places(claims, linkage, around.places, around.countries, around.whole)
    chance = Chance(claims, places)
    start, end = windows_of(claims)
    length = end - start

    def comparator(left: Ints, right: Ints) -> Agreement:
        agreed = places.compare(left, right)
        gap = np.maximum(start[left], start[right]) - np.minimum(end[left], end[right])
        # On how many days a claim could start and stand on the same level of dates.
        days = np.select(
            [gap <= 0, gap <= TWO_DAYS], [length[left] + length[right] + 1, TWO_DAYS], 2 * TWO_DAYS
        )
        return Agreement(agreed.levels, -np.log2(chance.rate(left, right, agreed) * days))

    return comparator


# ---- attackers -----------------------------------------------------------------------------------------------------


def attackers_shown(claims: pd.DataFrame) -> pd.Series[str]:
    """Return the attackers of each claim, `parties:` before the two sides of a dyad."""
    return claims["perpetrator_codes"].where(
        claims["attribution_code"] != "parties", "parties:" + claims["perpetrator_codes"]
    )


def _attackers(claims: pd.DataFrame, linkage: Linkage, around: Surroundings) -> Comparator:
    attackers = around.attackers
    codes, distinct = pd.factorize(attackers_shown(claims))
    wide = max(len(distinct), 1)
    share = _shares(np.bincount(codes, minlength=len(distinct)), distinct, around.count_of("attackers"))
    same, usual = number_of("incident", "attacker", "same"), usual_share(linkage, "attacker")

    def comparator(left: Ints, right: Ints) -> Agreement:
        inverse, pair = pd.factorize(codes[left] * wide + codes[right])
        found = [
            number_of(
                "incident",
                "attacker",
                attacker_level(str(distinct[code // wide]), str(distinct[code % wide]), attackers),
            )
            for code in pair.tolist()
        ]
        levels = np.array(found, dtype=np.int8)[inverse]
        return Agreement(levels, np.where(levels == same, np.log2(usual[same] / share[codes[left]]), np.nan))

    return comparator


def _shares(count: Ints, distinct: Any, whole: pd.Series[int] | None) -> Floats:
    """Return the share of claims that bear each distinct value: of these claims, or of those of the whole run."""
    if whole is None:
        return np.asarray(count / max(int(count.sum()), 1))
    borne = whole.reindex(distinct).to_numpy(dtype=np.float64)
    return np.asarray(borne / max(int(whole.sum()), 1))


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


def _numbers(killed: Counts, share: Floats, linkage: Linkage) -> Comparator:
    usual = usual_share(linkage, "number")
    equal_levels = [number_of("incident", "number", level) for level in ("equal", "equal_rare")]
    low, high, conceded = killed.low, killed.high, killed.conceded

    def comparator(left: Ints, right: Ints) -> Agreement:
        (a, b), (c, d) = (low[left], high[left]), (low[right], high[right])
        one = conceded[left] != conceded[right]
        giving, alleging = np.where(conceded[left], left, right), np.where(conceded[left], right, left)
        top, equal = killed.top(left, right), killed.equal(left, right)
        with np.errstate(invalid="ignore"):
            gap = np.maximum(a, c) - np.minimum(b, d)
            none = (high[giving] == 0) & (high[alleging] > 0)
            conditions = {
                "missing": np.isnan(a) | np.isnan(c),
                "conceded_none": one & none,
                "conceded_more": one & (low[giving] > high[alleging]),
                "conceded_fewer": one & (high[giving] < low[alleging]),
                "conceded_equal": one & equal & (top > 0),
                "conceded_within": one,
                "none_against_some": (np.maximum(b, d) > 0)
                & (np.minimum(b, d) == 0)
                & (np.maximum(a, c) > 0),
                "equal_rare": equal & (top >= RARE_NUMBER),
                "equal": equal,
                "overlapping": gap <= 0,
                "near": gap <= np.maximum(1, 0.5 * top),
            }
        levels = choose("incident", "number", conditions, "disjoint")
        return Agreement(levels, _rarity(levels, usual, np.maximum(share[left], share[right]), equal_levels))

    return comparator


def _injured(injured: Counts, share: Floats, linkage: Linkage) -> Comparator:
    usual = usual_share(linkage, "injured")
    equal = number_of("incident", "injured", "equal")
    low, high = injured.low, injured.high

    def comparator(left: Ints, right: Ints) -> Agreement:
        with np.errstate(invalid="ignore"):
            conditions = {
                # Two zeros: nobody counted the injured, as a rule.
                "missing": np.isnan(low[left])
                | np.isnan(low[right])
                | ((high[left] == 0) & (high[right] == 0)),
                "none_against_some": np.minimum(high[left], high[right]) == 0,
                "equal": injured.equal(left, right),
                "overlapping": np.maximum(low[left], low[right]) <= np.minimum(high[left], high[right]),
            }
        levels = choose("incident", "injured", conditions, "disjoint")
        return Agreement(levels, _rarity(levels, usual, np.maximum(share[left], share[right]), [equal]))

    return comparator


def _rarity(levels: npt.NDArray[np.int8], usual: Floats, share: Floats, equal: list[int]) -> Floats:
    """Return what an equal number adds because few claims bear it, or takes because many do; null on other levels."""
    with np.errstate(divide="ignore"):
        return np.where(np.isin(levels, equal), np.log2(usual[levels] / share), np.nan)


@dataclass(frozen=True, slots=True)
class Counts:
    """One figure of each claim, null where it has none.

    Attributes:
        low, high: its interval, infinite where open.
        best: the number put forward; the low where the monitor puts none forward.
        conceded: whether a belligerent conceded it.
    """

    low: Floats
    high: Floats
    best: Floats
    conceded: Bools

    def equal(self, left: Ints, right: Ints) -> Bools:
        """Return where two claims put one number forward, or one interval."""
        interval = (self.low[left] == self.low[right]) & (self.high[left] == self.high[right])
        return np.asarray(interval | (self.best[left] == self.best[right]))

    def share(self, whole: pd.Series[int] | None = None) -> Floats:
        """Return of each claim the share of claims with a number that put the same one forward; 0 without a number.

        Args:
            whole: claims of the whole run by the number they put forward; None where they are all here.
        """
        stated = ~np.isnan(self.best)
        codes, distinct = pd.factorize(self.best[stated])
        found = np.zeros(len(self.best))
        found[stated] = _shares(np.bincount(codes, minlength=len(distinct)), distinct, whole)[codes]
        return found

    def top(self, left: Ints, right: Ints) -> Floats:
        """Return the larger of the two numbers that are put forward."""
        return np.maximum(np.nan_to_num(self.best[left]), np.nan_to_num(self.best[right]))


def counts_of(claims: pd.DataFrame, figures: pd.DataFrame, measure: str) -> Counts:
    """Return a measure's interval of each claim: of civilians where it states them, else of everyone; conceded ones count."""
    whole = figures["measure_code"] == measure
    whole &= (figures["sex_code"] == "any") & (figures["age_group_code"] == "any")
    chosen = figures[whole]
    order = chosen["population_code"].map({"civilian": 0, "all": 1, "unknown": 2}).fillna(NOT_COUNTED)
    kept = np.flatnonzero((order < NOT_COUNTED).to_numpy())
    at = pd.Index(claims["claim_id"]).get_indexer(chosen["claim_id"].iloc[kept])
    # The last one written stands, so the best kind of population is written last.
    kept, at = kept[at >= 0], at[at >= 0]
    turn = np.argsort(-order.to_numpy()[kept], kind="stable")
    row = np.full(len(claims), -1, dtype=np.int64)
    row[at[turn]] = kept[turn]
    found = chosen[["low", "best", "high", "role_code"]].iloc[np.maximum(row, 0)] if len(chosen) else None
    if found is None:
        blank = np.full(len(claims), np.nan)
        return Counts(blank, blank, blank, np.zeros(len(claims), dtype=bool))
    found = found.assign(low=np.where(row < 0, np.nan, found["low"]))
    low = found["low"].to_numpy(dtype=np.float64)
    high = np.where(np.isnan(low), np.nan, found["high"].fillna(np.inf).to_numpy(dtype=np.float64))
    best = np.where(np.isnan(low), np.nan, found["best"].fillna(found["low"]).to_numpy(dtype=np.float64))
    conceded = (found["role_code"] == "conceded").to_numpy(dtype=bool) & ~np.isnan(low)
    return Counts(low, high, best, conceded)


# ---- positions -----------------------------------------------------------------------------------------------------


def _positions(claims: pd.DataFrame, killed: Counts, injured: Counts) -> Comparator:
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
    named = np.array([clusters.get(claim_id, claim_id) for claim_id in ids], dtype=object)
    person = pd.factorize(named)[0].astype(np.int64)
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
