"""CandidatePairs -> ComparedPairs: how far two claims agree, comparison by comparison, as weights that add up.

Every comparison puts a pair on one level; a level's weight is log2(m / u), the pair's match weight is the sum of them,
of the prior, and of what agreeing on a rare (or a common) place name adds (or takes). Missing says nothing: weight 0.

Guarantees:
    sides_do_not_matter: swapping left and right changes no level and no weight.
    weights_add_up: match_weight is the prior, the weights of the levels and rarity_bits, added.
    input_columns_stay: the columns of CandidatePairs come out as they went in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.frames import ComparedPairs, typed
from reconcile.parse.places import skeleton
from reconcile.ruleset import LEVELS
from reconcile.similar import holds, ratios
from reconcile.views import distance_km, great_circle_km, is_spot, place_keys, windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from reconcile.gazetteer import Place
    from reconcile.ruleset import Linkage, Vocabulary

    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Texts = npt.NDArray[np.object_]

TOWN_KINDS = frozenset({"city", "town", "village", "neighbourhood", "area"})
TWO_DAYS = 2
CITY_PRECISION = 3
# Ratios of two names: equal, and alike enough that equal consonants are no accident.
SAME, HALF_ALIKE = 100, 60
SHORT_SKELETON = 3
# From four killed on, the same number twice is seldom chance.
RARE_NUMBER = 4
NOT_COUNTED = 9
COMPARISONS = tuple(LEVELS)


def compare(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    pairs: pd.DataFrame,
    linkage: Linkage,
    attackers: Vocabulary,
    places: Mapping[str, Place],
) -> pd.DataFrame:
    """Return the pairs compared.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame of those claims.
        pairs: a `CandidatePairs` frame over `claims`.
        linkage: levels, weights and distances (km).
        attackers: the vocabulary of attackers, for its parents.
        places: the gazetteer's places by id, for spots inside a town that the other side names.

    Returns:
        A `ComparedPairs` frame in the order of `pairs`.
    """
    left, right = pairs["left_row"].to_numpy(), pairs["right_row"].to_numpy()
    place, rarity = _place_levels(claims, left, right, linkage, places)
    levels = {
        "date": _date_levels(claims, left, right),
        "place": place,
        "attacker": _attacker_levels(claims, left, right, attackers),
        "number": _number_levels(claims, figures, left, right),
        "position": _position_levels(claims, left, right),
    }
    weight = np.full(len(pairs), linkage.prior_bits)
    for name, found in levels.items():
        weight = weight + _weights(found, linkage, name)
    weight = weight + rarity
    compared = pairs.assign(
        **{f"{name}_level": pd.Series(levels[name], index=pairs.index, dtype="str") for name in COMPARISONS},
        rarity_bits=rarity,
        match_weight=weight,
        match_probability=1 / (1 + np.exp2(-np.clip(weight, -60, 60))),
    )
    return typed(ComparedPairs, compared)


def level_bits(linkage: Linkage) -> dict[tuple[str, str], float]:
    """Return the weight in bits of every (comparison, level); `missing` weighs nothing."""
    weights: dict[tuple[str, str], float] = {
        (name, level): float(np.log2(rule.m / rule.u))
        for name, rules in linkage.comparisons.items()
        for level, rule in rules.items()
    }
    return weights | {(name, "missing"): 0.0 for name in COMPARISONS}


def _weights(levels: Texts, linkage: Linkage, name: str) -> Floats:
    bits = level_bits(linkage)
    codes, distinct = pd.factorize(levels)
    return (
        np.array([bits[name, str(level)] for level in distinct], dtype=np.float64)[codes]
        if len(levels)
        else np.empty(0)
    )


def _select(conditions: Mapping[str, Bools], otherwise: str) -> Texts:
    if not conditions:
        return np.array([], dtype=object)
    return np.select(list(conditions.values()), list(conditions), default=otherwise).astype(object)


# ---- dates ---------------------------------------------------------------------------------------------------------


def _date_levels(claims: pd.DataFrame, left: Ints, right: Ints) -> Texts:
    start, end = windows_of(claims)
    gap = np.maximum(start[left], start[right]) - np.minimum(end[left], end[right])
    single = (start[left] == end[left]) & (start[right] == end[right])
    return _select(
        {
            "same_day": (gap <= 0) & single,
            "overlapping": gap <= 0,
            "next_day": gap == 1,
            "within_2_days": gap == TWO_DAYS,
        },
        "further",
    )


# ---- places --------------------------------------------------------------------------------------------------------


def _inside(
    claims: pd.DataFrame, spots: Ints, towns: Ints, places: Mapping[str, Place]
) -> tuple[Bools, Floats]:
    """Return where the one claim's coordinates lie in the town the other names, and the share of claims that name it."""
    codes, distinct = pd.factorize(claims["place_id"])
    known = [places.get(str(place_id)) for place_id in distinct]
    town = np.array(
        [
            (p.latitude, p.longitude, p.radius_km if p.kind_code in TOWN_KINDS else 0.0)
            if p
            else (np.nan, np.nan, 0.0)
            for p in known
        ]
    )
    share = np.bincount(codes, minlength=len(distinct)) / max(len(claims), 1)
    if not len(distinct):
        return np.zeros(len(spots), dtype=bool), np.ones(len(spots))
    at = town[codes[towns]]
    km = great_circle_km(
        claims["latitude"].to_numpy()[spots], claims["longitude"].to_numpy()[spots], at[:, 0], at[:, 1]
    )
    with np.errstate(invalid="ignore"):
        return np.asarray(km <= at[:, 2]), share[codes[towns]]


def _place_levels(
    claims: pd.DataFrame, left: Ints, right: Ints, linkage: Linkage, places: Mapping[str, Place]
) -> tuple[Texts, Floats]:
    names = claims["place_name"]
    codes, distinct = pd.factorize(names.to_numpy(dtype=object))
    keys = _SharedNames(distinct, codes)
    best, share = keys.agreement(codes[left], codes[right])
    km = distance_km(claims, left, right)
    spot = is_spot(claims)
    both_spots = spot[left] & spot[right]
    (mine, my_share), (theirs, their_share) = (
        _inside(claims, left, right, places),
        _inside(claims, right, left, places),
    )
    admin1 = claims["admin1"].to_numpy(dtype=object)
    stated = (admin1[left] != "") & (admin1[right] != "")
    same_admin1 = stated & (admin1[left] == admin1[right])
    # A point that stands for a district or more is near to all of it.
    pointed = (claims["location_precision_code"] <= CITY_PRECISION).to_numpy()
    apart = ((km > linkage.far_km) & pointed[left] & pointed[right]) | (stated & ~same_admin1)
    with np.errstate(invalid="ignore"):
        conditions = {
            "missing": ((names.to_numpy()[left] == "") | (names.to_numpy()[right] == "")) & np.isnan(km),
            "same_spot": both_spots & (km <= 1),
            "same_name": (best >= SAME) & ~apart,
            "similar_name": (best >= linkage.similar_ratio) & ~apart,
            "inside_town": mine | theirs,
            "nearby": km <= linkage.near_km,
            "far": apart,
            "same_admin1": same_admin1,
        }
    levels = _select(conditions, "other")
    share = np.where(
        levels == "inside_town",
        np.maximum(np.where(mine, my_share, 0), np.where(theirs, their_share, 0)),
        share,
    )
    rules = linkage.comparisons["place"]
    usual = np.select(
        [levels == "same_name", levels == "similar_name", levels == "inside_town"],
        [rules[name].u for name in ("same_name", "similar_name", "inside_town")],
        default=1.0,
    )
    named = usual < 1
    bits = np.log2(usual / np.clip(share, 1e-6, 1))
    rarity = np.where(named, np.clip(bits, -linkage.rarity_cap_bits, linkage.rarity_cap_bits), 0.0)
    return levels, rarity


class _SharedNames:
    """How alike the parts of place names are, each distinct pair of names compared once."""

    def __init__(self, distinct: Texts, codes: Ints) -> None:
        positions, keys = place_keys(pd.Series(distinct, dtype="str"))
        self._codes, self._keys = pd.factorize(keys)
        self._counts = np.bincount(positions, minlength=len(distinct)).astype(np.int64)
        self._starts = (
            np.concatenate([[0], np.cumsum(self._counts)[:-1]]).astype(np.int64)
            if len(distinct)
            else np.empty(0, np.int64)
        )
        claims_per_name = np.bincount(codes[codes >= 0], minlength=len(distinct))
        weight = np.bincount(self._codes, weights=claims_per_name[positions], minlength=len(self._keys))
        self._share = weight / max(int(claims_per_name.sum()), 1)

    def agreement(self, left: Ints, right: Ints) -> tuple[Floats, Floats]:
        """Return for each pair of names the best similarity of a part (0 to 100) and the share of claims that bear it."""
        if not len(left):
            return np.empty(0), np.empty(0)
        pair = left.astype(np.int64) * (len(self._counts) + 1) + right
        distinct, inverse = np.unique(pair, return_inverse=True)
        first, second = distinct // (len(self._counts) + 1), distinct % (len(self._counts) + 1)
        sizes = self._counts[first] * self._counts[second]
        owner = np.repeat(np.arange(len(distinct)), sizes)
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        width = self._counts[second][owner]
        a = self._codes[self._starts[first][owner] + within // np.maximum(width, 1)]
        b = self._codes[self._starts[second][owner] + within % np.maximum(width, 1)]
        score = self._scores(a, b)
        # Among equally alike parts the rarest counts: "Museum square, Raqqa" agrees with itself on the square.
        share = np.maximum(self._share[a], self._share[b])
        order = np.lexsort((share, -score, owner))
        top = np.unique(owner[order], return_index=True)
        best, rarest = np.zeros(len(distinct)), np.ones(len(distinct))
        best[top[0]], rarest[top[0]] = score[order][top[1]], share[order][top[1]]
        return best[inverse], rarest[inverse]

    def _scores(self, a: Ints, b: Ints) -> Floats:
        pair = np.minimum(a, b) * len(self._keys) + np.maximum(a, b)
        distinct, inverse = np.unique(pair, return_inverse=True)
        first, second = distinct // max(len(self._keys), 1), distinct % max(len(self._keys), 1)
        plain = _alike(self._keys[first], self._keys[second], _sorted_words)
        bare = _alike(self._keys[first], self._keys[second], lambda name: skeleton(_sorted_words(name)))
        short = (
            np.array([len(skeleton(str(name))) < SHORT_SKELETON for name in self._keys], dtype=bool)
            if len(self._keys)
            else np.empty(0, bool)
        )
        # A skeleton of two consonants is shared by chance; a longer one that is equal is one name spelled twice.
        same_bones = (bare >= SAME) & ~short[first] & ~short[second] & (plain >= HALF_ALIKE)
        # "Baghuz camp" is a camp at Baghuz: one name holds the other.
        held = holds(self._keys[first].tolist(), self._keys[second].tolist())
        score = np.where(
            first == second,
            100.0,
            np.where(same_bones, 95.0, np.where(held, np.maximum(plain, 90.0), np.minimum(plain, 99.0))),
        )
        return np.asarray(score)[inverse]


def _sorted_words(name: str) -> str:
    return " ".join(sorted(name.split()))


def _alike(left: Texts, right: Texts, form: Callable[[str], str]) -> Floats:
    return ratios([form(str(name)) for name in left], [form(str(name)) for name in right])


# ---- attackers -----------------------------------------------------------------------------------------------------


def _attacker_levels(claims: pd.DataFrame, left: Ints, right: Ints, attackers: Vocabulary) -> Texts:
    shown = claims["perpetrator_codes"].where(
        claims["attribution_code"] != "parties", "parties:" + claims["perpetrator_codes"]
    )
    codes, distinct = pd.factorize(shown)
    wide = len(distinct) + 1
    pair, inverse = np.unique(codes[left].astype(np.int64) * wide + codes[right], return_inverse=True)
    levels = [
        attacker_level(str(distinct[code // wide]), str(distinct[code % wide]), attackers) for code in pair
    ]
    return np.array(levels, dtype=object)[inverse] if levels else np.array([], dtype=object)


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


def _number_levels(claims: pd.DataFrame, figures: pd.DataFrame, left: Ints, right: Ints) -> Texts:
    low, high = _killed(claims, figures)
    (a, b), (c, d) = (low[left], high[left]), (low[right], high[right])
    blank = np.isnan(a) | np.isnan(c)
    top = np.maximum(np.nan_to_num(a), np.nan_to_num(c))
    with np.errstate(invalid="ignore"):
        gap = np.maximum(a, c) - np.minimum(b, d)
        conditions = {
            "missing": blank,
            "none_against_some": (np.maximum(b, d) > 0) & (np.minimum(b, d) == 0) & (np.maximum(a, c) > 0),
            "equal_rare": (a == c) & (b == d) & (top >= RARE_NUMBER),
            "equal": (a == c) & (b == d),
            "overlapping": gap <= 0,
            "near": gap <= np.maximum(1, 0.5 * top),
        }
    return _select(conditions, "disjoint")


def _killed(claims: pd.DataFrame, figures: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the interval killed of each claim: civilians where it states them, else everyone; conceded ones count here."""
    whole = figures[
        (figures["measure_code"] == "killed")
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
    return found["low"].to_numpy(), np.where(found["low"].notna(), found["high"].fillna(np.inf), np.nan)


# ---- positions -----------------------------------------------------------------------------------------------------


def _position_levels(claims: pd.DataFrame, left: Ints, right: Ints) -> Texts:
    position, grade = (
        claims["position_code"].to_numpy(dtype=object),
        claims["grade_code"].to_numpy(dtype=object),
    )
    mine = np.where(position[left] != "", position[left], position[right])
    other = np.where(position[left] != "", grade[right], grade[left])
    silent = (position[left] == "") == (position[right] == "")
    conceded = mine == "conceded"
    confirmed = other == "confirmed"
    graded = np.isin(other, ["confirmed", "fair", "weak", "contested", "discounted"])
    conditions = {
        "missing": silent | ~graded | ~np.isin(mine, ["conceded", "denied", "not_assessed"]),
        "conceded_confirmed": conceded & confirmed,
        "conceded_unconfirmed": conceded & ~confirmed,
        "denied_confirmed": ~conceded & confirmed,
        "denied_discounted": ~conceded & (other == "discounted"),
    }
    return _select(conditions, "denied_unconfirmed")
