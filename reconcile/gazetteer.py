"""The gazetteer: which place a published name speaks of, as far as the tables of `rules/places` know it.

Published coordinates are never replaced by the gazetteer's; it lends a claim its `place_id`, kind, governorate and
country only. Town and governorate of one name are different places, so a name alone is read as the town and said to
be either by `is_ambiguous`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconcile.parse.places import directions, fold_name, split_place, without_modifiers
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

_WIDE = ("country", "governorate", "district")
_SETTLEMENTS = frozenset({"city", "town", "village"})
_GOVERNORATE_WORDS = frozenset(
    ["governorate", "province", "countryside", "rural", "muhafazat", "\u0645\u062d\u0627\u0641\u0638\u0629", "\u0631\u064a\u0641"]
)  # fmt: skip
_DISTRICT_WORDS = frozenset({"district", "subdistrict"})
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the gazetteer; coordinates in degrees, radius in km."""

    place_id: str
    name: str
    kind_code: str
    country_code: str
    admin1: str
    pcode: str
    latitude: float
    longitude: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the gazetteer makes of a published name; None and empty texts where it knows nothing."""

    place: Place | None
    admin1: str
    country_code: str
    is_ambiguous: bool


_NOTHING = Resolved(None, "", "", is_ambiguous=False)


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Places by folded name."""

    places: Mapping[str, tuple[Place, ...]]
    countries: Mapping[str, str]
    by_id: Mapping[str, Place] = field(default_factory=dict)

    def governorate(self, text: str) -> Place | None:
        """Return the governorate of that name, or None."""
        known = self.places.get(fold_name(text), ())
        shires = _of_direction([place for place in known if place.kind_code == "governorate"], text)
        return shires[0] if shires else None

    def resolve(self, text: str, admin1: str = "", country: str = "", kind: str = "") -> Resolved:
        """Return the narrowest place that a published name holds.

        Args:
            text: the place as published, its parts separated by commas or the like.
            admin1: the governorate, where the record states it; a town of that name elsewhere is then not meant.
            country: the country's code, where the record states it; likewise.
            kind: the kind of place, where the record states it; it decides between town and governorate.
        """
        parts = split_place(text)
        country = country or next(
            (code for part in parts if (code := self.countries.get(fold_name(part), ""))), ""
        )
        readings = [self._read(part, admin1, country, kind) for part in parts]
        wide: Place | None = None
        narrow: Place | None = None
        around: Place | None = None
        is_ambiguous = False
        for number, reading in enumerate(readings):
            beside = {
                shire.admin1
                for other, named in enumerate(readings)
                if other != number
                for shire in named.shires
            }
            towns = reading.towns
            if len({town.admin1 for town in towns}) > 1:
                towns = [town for town in towns if town.admin1 in beside]
            if towns and narrow is None and len({town.admin1 for town in towns}) == 1:
                narrow = towns[0]
                is_ambiguous = bool(reading.shires) and not kind
            elif reading.shires:
                wide = wide or reading.shires[0]
            around = around or reading.around
        if narrow is not None and wide is not None and wide.admin1 != narrow.admin1:
            narrow, is_ambiguous = None, False
        place = narrow or wide
        if place is not None:
            return Resolved(place, place.admin1, place.country_code, is_ambiguous)
        if around is not None:
            return Resolved(None, around.admin1, around.country_code, is_ambiguous=False)
        return Resolved(None, "", country, is_ambiguous=False) if country else _NOTHING

    def _read(self, part: str, admin1: str, country: str, kind: str) -> _Reading:
        """Return the places that one part of a name may mean."""
        folded = fold_name(part)
        known = self._within(folded, admin1, country)
        words = set(_WORD.findall(part.casefold()))
        towns = [place for place in known if place.kind_code not in _WIDE]
        shires = _of_direction([place for place in known if place.kind_code == "governorate"], part)
        if words & _GOVERNORATE_WORDS or (kind == "governorate" and shires):
            broad = without_modifiers(folded)
            if not shires and broad != folded:
                namesakes = self._within(broad, admin1, country)
                shires = _of_direction(
                    [place for place in namesakes if place.kind_code == "governorate"], part
                )
            return _Reading([], shires, None)
        if words & _DISTRICT_WORDS or kind == "district":
            # A quarter of a town is often called its district; a town's own district is wider than the town.
            named = [place for place in known if place.kind_code in {*_SETTLEMENTS, "governorate"}]
            quarters = [place for place in towns if place.kind_code not in _SETTLEMENTS]
            around = named[0] if len({place.admin1 for place in named}) == 1 else None
            return _Reading(quarters, [], around)
        return _Reading(towns, shires, None)

    def _within(self, folded: str, admin1: str, country: str) -> list[Place]:
        return [
            place
            for place in self.places.get(folded, ())
            if (not admin1 or place.admin1 in {"", admin1}) and (not country or place.country_code == country)
        ]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one part of a name may mean; `around` lies in the governorate of a district that no table has."""

    towns: list[Place]
    shires: list[Place]
    around: Place | None


def _of_direction(shires: list[Place], text: str) -> list[Place]:
    """Return those of several governorates of one key whose direction is the text's: North Darfur is not South Darfur."""
    if len(shires) <= 1 or not any(directions(place.name) for place in shires):
        return shires
    stated = directions(text)
    return [place for place in shires if directions(place.name) == stated]


def build_gazetteer(
    places: pd.DataFrame, countries: Mapping[str, str], own: pd.DataFrame | None = None
) -> Gazetteer:
    """Build the gazetteer.

    Args:
        places: columns of `rulefiles.PLACE_COLUMNS`; coordinates in degrees, radius in km.
        countries: country code by folded name.
        own: a user's rows, of the same columns; a name they hold is theirs, among towns or among wider places.
    """
    shipped, mine = _by_name(_places(places)), _by_name(_places(own)) if own is not None else {}
    found: dict[str, tuple[Place, ...]] = {}
    for name in {*shipped, *mine}:
        taken = {place.kind_code in _WIDE for place in mine.get(name, ())}
        left = tuple(place for place in shipped.get(name, ()) if (place.kind_code in _WIDE) not in taken)
        found[name] = (*mine.get(name, ()), *left)
    everywhere = {place.place_id: place for known in (*shipped.values(), *mine.values()) for place in known}
    return Gazetteer(found, countries, everywhere)


def _places(rows: pd.DataFrame) -> list[tuple[Place, frozenset[str]]]:
    """Return each row's place and its folded spellings."""
    return [
        (
            Place(
                row.place_id, row.name, row.kind_code, row.country_code, row.admin1, row.pcode,
                float(row.latitude), float(row.longitude), float(row.radius_km),
            ),
            frozenset(filter(None, map(fold_name, (row.name, *row.alternates.split("|"))))),
        )
        for row in records(rows)
    ]  # fmt: skip


def _by_name(places: list[tuple[Place, frozenset[str]]]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place, names in places:
        for name in names:
            found.setdefault(name, []).append(place)
    return found
