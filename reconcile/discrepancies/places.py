"""Kinds about what a place is called: one name in several spellings, one name for two places, and places that lie between."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from reconcile.discrepancies.evidence import Evidence, Finding, shown_interval
from reconcile.parse.places import fold_name, is_countryside, said_kind, skeleton, split_place
from reconcile.ruleset import fold_spelling
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Iterator

# Spellings, and places, that a finding of many names one by one.
NAMED = 5
# A coordinate of a town or finer settles which of two places of one name is meant.
TOWN_PRECISION = 3
# The fewest consonants that two spellings must share to be taken for one name.
CONSONANTS = 3
_NEAR = re.compile(r"^(?:near|outside|around)\b", re.IGNORECASE)
_WORD = re.compile(r"[\W_]+")
_KIND = re.compile(r"\b(?:near|city|town|village|neighbou?rhood|area|district|governorate|province)\b", re.IGNORECASE)  # fmt: skip
_BORDER = r"\b(?:borders?|frontier)\b|\u062d\u062f\u0648\u062f"
_UNKNOWN = r"\b(?:unknown|unspecified|undetermined)\b|\u0645\u062c\u0647\u0648\u0644|\u063a\u064a\u0631 \u0645\u0639\u0631\u0648\u0641"


@dataclass(frozen=True, slots=True)
class _Spelling:
    """One place in two spellings.

    Attributes:
        is_by_sound: whether nothing but their consonants says that they are one name.
    """

    left: str
    right: str
    is_by_sound: bool


def find_spelling(evidence: Evidence) -> Iterator[Finding]:
    """Two monitors spell one place differently; told once for each two monitors, with how sure it is that it is one place."""
    one, other = evidence.both_sides(["monitor", "place_name", "place_id"])
    both = evidence.pairs.join(one.add_suffix("_left")).join(other.add_suffix("_right"))
    both = both[(both["place_name_left"] != both["place_name_right"]) & (both["place_name_left"] != "")]
    lands = frozenset(evidence.countries.lookup())
    keys = [f"{name}_{side}" for side in ("left", "right") for name in ("place_name", "place_id")]
    distinct = both[keys].drop_duplicates()
    distinct = distinct.assign(
        spelling=pd.Series(
            [
                _respelled(_parts(left, lands), _parts(right, lands), is_one_place=one != "" and one == other)
                for left, one, right, other in distinct.itertuples(index=False, name=None)
            ],
            index=distinct.index,
            dtype="object",
        )
    )
    both = both.merge(distinct[distinct["spelling"].notna()], on=keys)
    for (left, right), rows in both.groupby(["monitor_left", "monitor_right"], sort=True):
        counts = rows["spelling"].map(lambda one: f"{one.left} / {one.right}").value_counts()
        counts = counts.sort_index().sort_values(ascending=False, kind="stable")
        by_sound = int(rows["spelling"].map(lambda one: one.is_by_sound).sum())
        incidents = int(rows["cluster_id"].nunique())
        named = ", ".join(f"{text} ({count})" for text, count in counts.iloc[:NAMED].items())
        more = f" and {len(counts) - NAMED} more" if len(counts) > NAMED else ""
        unsure = (
            f" In {by_sound} of them nothing but the consonants says that it is one place."
            if by_sound
            else " The gazetteer, or one key of both spellings, says that it is one place."
        )
        yield Finding(
            claim_ids=tuple(sorted({*rows["left"], *rows["right"]})),
            about=(str(left), str(right)),
            left_value=f"{evidence.title(str(left))}: {counts.index[0].split(' / ')[0]}",
            right_value=f"{evidence.title(str(right))}: {counts.index[0].split(' / ')[1]}",
            gap=float(incidents),
            gap_unit="incidents",
            explanation=f"In {incidents} shared {'incident' if incidents == 1 else 'incidents'} {evidence.title(str(left))} and {evidence.title(str(right))} "
            f"spell the place differently: {named}{more}.{unsure}",
            suggested_action="Use one spelling in print, and search for all; add those that the gazetteer lacks to a table of your own.",
        )


def _parts(name: str, lands: frozenset[str]) -> tuple[str, ...]:
    """Return the parts of a place's name but its country, without words for kinds of place."""
    told = (part for part in split_place(name) if fold_spelling(part) not in lands)
    return tuple(_WORD.sub(" ", _KIND.sub(" ", part)).strip() for part in told)


def _respelled(left: tuple[str, ...], right: tuple[str, ...], *, is_one_place: bool) -> _Spelling | None:
    """Return the first two parts that are one name in two spellings; None where a part is equal, or nothing meets."""
    if {part.casefold() for part in left} & {part.casefold() for part in right}:
        return None
    for one in left:
        for other in right:
            here, there = fold_name(one), fold_name(other)
            if here and here == there:
                return _Spelling(one, other, is_by_sound=False)
            bones = skeleton(here)
            if len(bones) >= CONSONANTS and bones == skeleton(there):
                return _Spelling(one, other, is_by_sound=not is_one_place)
    # One part each and one place of the gazetteer: a name of its own for the same place.
    return (
        _Spelling(left[0], right[0], is_by_sound=False)
        if is_one_place and len(left) == len(right) == 1
        else None
    )


def find_ambiguous(evidence: Evidence) -> Iterator[Finding]:
    """A place's name is a town's and its governorate's, and nothing says which is meant; of incidents told once a monitor and place."""
    claims = evidence.claims
    # Normalizing leaves the kind of such a place open, and of no other that the gazetteer knows.
    open_kind = claims[(claims["place_id"] != "") & (claims["place_kind_code"] == "")]
    lands = frozenset(evidence.countries.lookup())
    either = {name: _may_be_either(name, lands) for name in open_kind["place_name"].unique()}
    open_kind = open_kind[open_kind["place_name"].map(either).astype(bool)]
    totals = open_kind[open_kind["kind_code"] == "total"]
    for (monitor, place), rows in totals.groupby(["monitor", "place_id"], sort=True):
        name = rows["place_name"].iloc[0]
        told = (
            "the total is laid beside both" if len(rows) == 1 else f"{len(rows)} totals are laid beside both"
        )
        yield Finding(
            claim_ids=tuple(sorted(rows.index)),
            about=(str(monitor), str(place), "totals"),
            left_value=f"{name}: the town",
            right_value=f"{name}: the governorate",
            gap=float(len(rows)),
            gap_unit="totals",
            explanation=f"{evidence.title(str(monitor))} says {name}, which is a town and a governorate; {told}.{_town_and_wider(evidence, rows.index[:NAMED])}",
            suggested_action="Find in the source which of the two is meant, and state it (place_kind_code) before the total is compared.",
        )
    is_settled = open_kind["latitude"].notna() & (open_kind["location_precision_code"] <= TOWN_PRECISION)
    incidents = open_kind[(open_kind["kind_code"] == "incident") & ~is_settled]
    for (monitor, place), rows in incidents.groupby(["monitor", "place_id"], sort=True):
        names = rows["place_name"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        yield Finding(
            claim_ids=tuple(sorted(rows.index)),
            about=(str(monitor), str(place)),
            left_value=str(names.index[0]),
            right_value="the town or the governorate",
            gap=float(len(rows)),
            gap_unit="incidents",
            severity="S2",
            explanation=f"{len(rows)} {'record' if len(rows) == 1 else 'records'} of {evidence.title(str(monitor))} {'says' if len(rows) == 1 else 'say'} {' or '.join(names.index[:2])} "
            f"without a point, which may be the town or the governorate.",
            suggested_action="Map them by governorate, and do not count them into the town.",
        )


def _may_be_either(name: str, lands: frozenset[str]) -> bool:
    """Return whether a name is nothing but a place's and its country's, and its own words do not say town or country."""
    return len(_parts(name, lands)) == 1 and not (
        said_kind(name) or is_countryside(name) or _NEAR.search(name)
    )


def _town_and_wider(evidence: Evidence, totals: pd.Index[str]) -> str:
    """Return what each monitor's incidents sum to in the wider place and in the town, as sentences."""
    steps = evidence.bridge[evidence.bridge["total_id"].isin(totals)]
    keys = ["total_id", "monitor", "measure_code", "population_code"]
    town = steps[(steps["step_code"] == "town_only") & (steps["incidents"] > 0)]
    both = steps[steps["is_headline"]].merge(town, on=keys, suffixes=("", "_town"))
    return "".join(
        f" Beside {row.total_id}, {evidence.title(row.monitor)} has {shown_interval(row.low, row.high)} {row.population_code} {row.measure_code} in the governorate, "
        f"{shown_interval(row.low_town, row.high_town)} in the town."
        for row in records(both)
    )


def find_border(evidence: Evidence) -> Iterator[Finding]:
    """Places on a border, places said to be unknown (told once a monitor), and incidents that two monitors put into two countries."""
    incidents = evidence.claims[evidence.claims["kind_code"] == "incident"]
    name = incidents["place_name"].str.cat(incidents["place_name_native"], sep=" ")
    border = (incidents["place_kind_code"] == "crossing") | name.str.contains(_BORDER, case=False, regex=True)
    unknown = name.str.contains(_UNKNOWN, case=False, regex=True) & ~border
    for about, rows, what in (
        ("border", incidents[border], "on a border or at a crossing"),
        ("unknown", incidents[unknown], "at a spot that is said to be unknown"),
    ):
        for monitor, group in rows.groupby("monitor", sort=True):
            names = ", ".join(dict.fromkeys(group["place_name"].iloc[:NAMED]))
            yield Finding(
                claim_ids=tuple(sorted(group.index)),
                about=(str(monitor), about),
                left_value=evidence.title(str(monitor)),
                right_value=what,
                gap=float(len(group)),
                gap_unit="incidents",
                explanation=f"{len(group)} {'record' if len(group) == 1 else 'records'} of {evidence.title(str(monitor))} {'lies' if len(group) == 1 else 'lie'} {what} ({names}).",
                suggested_action="Look by hand to which side they are counted before sums by area are printed.",
            )
    yield from _two_countries(evidence)


def _two_countries(evidence: Evidence) -> Iterator[Finding]:
    claims, pairs = evidence.claims, evidence.pairs
    codes = {side: pairs[side].map(claims["country_code"]) for side in ("left", "right")}
    apart = pairs.assign(here=codes["left"], there=codes["right"])
    apart = apart[(apart["here"] != "") & (apart["there"] != "") & (apart["here"] != apart["there"])]
    titles = evidence.countries.terms
    for row in records(apart):
        here, there = (titles[code].title if code in titles else code for code in (row.here, row.there))
        yield Finding(
            claim_ids=(row.left, row.right),
            cluster_id=row.cluster_id,
            left_value=f"{evidence.title_of(row.left)}: {here}",
            right_value=f"{evidence.title_of(row.right)}: {there}",
            explanation=f"{evidence.title_of(row.left)} places it in {here}, {evidence.title_of(row.right)} in {there}.",
            suggested_action="Look at both on a map; sums by country hold it twice or not at all.",
        )
