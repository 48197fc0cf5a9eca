"""How far two claims about victims agree: names, ages, sexes, days, places, and the incidents they died in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.compare.names import NONE, SAME, Alignment, Names
from reconcile.compare.people import deaths
from reconcile.compare.places import Places
from reconcile.levels import Agreement, choose, usual_share
from reconcile.views import NO_DAY, windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from reconcile.compare import Surroundings
    from reconcile.ruleset import Linkage

    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Comparator = Callable[[Ints, Ints], Agreement]

WEEK, MONTH = 7, 31
FEW_YEARS = 5
TWO_PARTS = 2


def victim_comparators(
    claims: pd.DataFrame, victims: pd.DataFrame, linkage: Linkage, around: Surroundings
) -> dict[str, Comparator]:
    """Return the comparisons of victims by name; arguments as of `compare`."""
    of_claims = victims.set_index("claim_id").reindex(claims["claim_id"])
    return {
        "name": _names(of_claims, linkage),
        "age": _ages(claims, of_claims),
        "sex": _sexes(of_claims),
        "date": _dates(claims, of_claims, linkage),
        "place": _places(claims, of_claims, linkage, around),
        "incident": _incidents(claims, victims, around.clusters),
    }


def _is_victim(victims: pd.DataFrame) -> Bools:
    """Return which claims name a victim: what is rare among victims is counted among them, whatever else is in the run."""
    return np.asarray(victims["person_id"].notna(), dtype=bool)


def _names(victims: pd.DataFrame, linkage: Linkage) -> Comparator:
    scripts = [victims[column].fillna("") for column in ("name_published", "name_native")]
    size = len(victims)
    counted = len(scripts) * int(_is_victim(victims).sum())
    names = Names(pd.concat(scripts), linkage.parameters["alike_ratio"], counted)
    parts = names.size[names.code]
    usual = usual_share(linkage, "name")
    nameless = (parts[:size] == 0) & (parts[size:] == 0)
    # A second script is a second chance for one name to be recognised in the other.
    second = parts[size:] > 0

    def align(left: Ints, right: Ints) -> Alignment:
        found = names.align(left, right)
        for mine, theirs in ((size, 0), (0, size), (size, size)):
            also = np.flatnonzero((second[left] | (mine == 0)) & (second[right] | (theirs == 0)))
            if len(also):
                found = found.better(also, names.align(left[also] + mine, right[also] + theirs))
        return found

    def comparator(left: Ints, right: Ints) -> Agreement:
        found = align(left, right)
        lacking = found.shorter - found.matched
        whole, one_off = lacking == 0, lacking == 1
        several = found.matched >= np.minimum(TWO_PARTS, found.shorter)
        # With two parts only alike, or with one and the order turned, less is left that agrees by itself.
        loosely = (found.in_order & (found.alike == TWO_PARTS)) | (found.rotated & (found.alike == 1))
        conditions = {
            "missing": nameless[left] | nameless[right],
            "same_parts": whole & (found.alike == 0) & found.in_order & (found.first == SAME),
            "same_parts_moved": whole & (found.alike == 0),
            "one_alike": whole & several & found.in_order & (found.alike == 1),
            "loosely_alike": whole & several & loosely,
            "one_differs": one_off & several & (found.first != NONE),
            "given_differs": one_off & several,
            "some_shared": found.matched >= 1,
        }
        levels = choose("victim", "name", conditions, "none_shared")
        bits = np.log2(usual)[levels] + found.share_bits
        return Agreement(levels, np.where((found.matched >= 1) & (levels > 0), bits, np.nan))

    return comparator


def _ages(claims: pd.DataFrame, victims: pd.DataFrame) -> Comparator:
    low, high = ages_of(claims, victims)

    def comparator(left: Ints, right: Ints) -> Agreement:
        with np.errstate(invalid="ignore"):
            gap = np.maximum(low[left], low[right]) - np.minimum(high[left], high[right])
            conditions = {
                "missing": np.isnan(gap),
                "same_year": gap < 1,
                "one_year": gap < TWO_PARTS,
                "few_years": gap <= FEW_YEARS,
            }
        return Agreement(choose("victim", "age", conditions, "further"))

    return comparator


def ages_of(claims: pd.DataFrame, victims: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the youngest and the oldest age at death (years) of each claim's victim; null where nothing is known.

    Where no age is stated, the year of birth gives it: who was born in 1990 and died in 2017 was 26 or 27.
    """
    low = victims["age_low_years"].to_numpy(dtype=np.float64)
    high = victims["age_high_years"].to_numpy(dtype=np.float64)
    high = np.where(np.isnan(high) & ~np.isnan(low), np.inf, high)
    low = np.where(np.isnan(low) & ~np.isnan(high), 0.0, low)
    died = claims["date_start"].dt.year.to_numpy(dtype=np.float64) - victims["birth_year"].to_numpy(
        dtype=np.float64
    )
    with np.errstate(invalid="ignore"):
        return np.where(np.isnan(low), np.maximum(died - 1, 0), low), np.where(np.isnan(high), died, high)


def _sexes(victims: pd.DataFrame) -> Comparator:
    stated = victims["sex_code"].fillna("unknown")
    code = stated.map({"female": 1, "male": 2}).fillna(0).to_numpy(dtype=np.int8)

    def comparator(left: Ints, right: Ints) -> Agreement:
        a, b = code[left], code[right]
        return Agreement(
            choose("victim", "sex", {"missing": (a == 0) | (b == 0), "same": a == b}, "different")
        )

    return comparator


def _dates(claims: pd.DataFrame, victims: pd.DataFrame, linkage: Linkage) -> Comparator:
    start, end = windows_of(claims)
    undated = start == NO_DAY
    codes, distinct = pd.factorize(start)
    # Agreeing on a day on which many died says less than on one on which few did.
    died = np.bincount(codes[_is_victim(victims)], minlength=len(distinct))
    share = (np.maximum(died, 1) / max(int(died.sum()), 1))[codes]
    usual = usual_share(linkage, "date")

    def comparator(left: Ints, right: Ints) -> Agreement:
        gap = np.maximum(start[left], start[right]) - np.minimum(end[left], end[right])
        same = gap <= 0
        conditions = {
            "missing": undated[left] | undated[right],
            "same_day": same,
            "next_day": gap == 1,
            "within_week": gap <= WEEK,
            "within_month": gap <= MONTH,
        }
        levels = choose("victim", "date", conditions, "further")
        single = same & (levels > 0) & (start[left] == start[right])
        return Agreement(levels, np.where(single, np.log2(usual[levels] / share[left]), np.nan))

    return comparator


def _places(
    claims: pd.DataFrame, victims: pd.DataFrame, linkage: Linkage, around: Surroundings
) -> Comparator:
    """Agreeing on a place in which few died says more than on one in which many did."""
    places = Places(claims, linkage, around.places, around.countries)
    usual = usual_share(linkage, "place")
    group = places.names.group
    owner, is_victim = places.names.owner, _is_victim(victims)
    own = is_victim[owner]
    once = np.unique(group[own] * max(len(claims), 1) + owner[own]) // max(len(claims), 1)
    died = np.bincount(once, minlength=int(group.max(initial=0)) + 1)
    share = np.maximum(died, 1) / max(int(is_victim.sum()), 1)

    def comparator(left: Ints, right: Ints) -> Agreement:
        agreed = places.compare(left, right)
        bits = np.full(len(left), np.nan)
        at = np.flatnonzero(places.named(agreed.levels))
        borne = np.maximum(share[group[agreed.left_entry[at]]], share[group[agreed.right_entry[at]]])
        bits[at] = np.log2(usual[agreed.levels[at]] / borne)
        return Agreement(agreed.levels, bits)

    return comparator


def _incidents(claims: pd.DataFrame, victims: pd.DataFrame, clusters: Mapping[str, str]) -> Comparator:
    """Whether two victims died in one incident, as far as incidents were linked before."""
    dead, incident = deaths(claims, victims)
    ids = claims["claim_id"]
    label = np.full(len(claims), -1, dtype=np.int64)
    if clusters:
        named = np.array([clusters.get(claim_id, claim_id) for claim_id in ids], dtype=object)
        label[dead] = pd.factorize(named)[0][incident]

    def comparator(left: Ints, right: Ints) -> Agreement:
        a, b = label[left], label[right]
        return Agreement(
            choose("victim", "incident", {"missing": (a < 0) | (b < 0), "same": a == b}, "other")
        )

    return comparator
