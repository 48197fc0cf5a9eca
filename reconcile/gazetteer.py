"""The gazetteer: which place a published name speaks of, as far as the tables of `rules/places` know it.

Published coordinates are never replaced by the gazetteer's; it lends a claim its `place_id`, kind, governorate and
country only. Town and governorate of one name are different places, so a name alone is read as the town and said to
be either by `is_ambiguous`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from reconcile.parse.latin import latin_letters
from reconcile.parse.places import directions, fold_name, split_place, without_modifiers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    # One place under one of its spellings.
    Entry = tuple["Place", str]

_WIDE = ("country", "governorate", "district")
_SETTLEMENTS = frozenset({"city", "town", "village"})
_GOVERNORATE_WORDS = frozenset(
    [
        "governorate", "province", "countryside", "rural", "muhafazat", "\u0645\u062d\u0627\u0641\u0638\u0629", "\u0631\u064a\u0641"
    ]
)  # fmt: skip
# Said of other ground too (the Raqqa region, Galmudug State): the governorate where there is one of that name.
_LOOSE_WORDS = frozenset(
    [
        "region", "state", "oblast", "wilaya", "wilayah", "\u0648\u0644\u0627\u064a\u0629", "\u043e\u0431\u043b\u0430\u0441\u0442\u044c",
        "\u043e\u0431\u043b\u0430\u0441\u0442\u0456", "\u043e\u0431\u043b\u0430\u0441\u0442\u0438",
    ]
)  # fmt: skip
_DISTRICT_WORDS = frozenset({"district", "subdistrict", "raion", "rayon", "lga", "locality"})
# Words around a name that is nothing but a direction: North Governorate, Southern District.
_UNIT_WORDS = frozenset({"governorate", "province", "district", "state", "region", "mohafazat", "the", "of"})
_WORD = re.compile(r"\w+")
# A country's name is found by its key, and the West Bank's leaves out the direction: the Central Bank is not there.
_NO_COUNTRY = frozenset({"bank"})
_SIGNS = re.compile(r"[\W_]+")
_DIRECTION_ENDING = re.compile(r"(?<=north|south)ern$|(?<=east|west)ern$")


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the gazetteer; coordinates in degrees, NaN where its table has none, radius in km."""

    place_id: str
    name: str
    kind_code: str
    country_code: str
    admin1: str
    pcode: str
    latitude: float
    longitude: float
    radius_km: float


# Columns called "region" hold them; without their direction some are a governorate's name.
_SIDES = (
    "north",
    "northern",
    "south",
    "southern",
    "east",
    "eastern",
    "west",
    "western",
    "central",
    "southeast",
    "sub saharan",
)
_PARTS_OF_THE_WORLD = frozenset(
    ["middle east", "near east", "far east", "africa", "asia", "europe", "americas",
     *(f"{side} {part}" for side in _SIDES for part in ("africa", "asia", "europe", "america"))]
)  # fmt: skip


_FIELDS = tuple(one.name for one in fields(Place))


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
    """Places by folded name.

    Attributes:
        places: by the key of a spelling that states no direction.
        countries: code by the key of a country's name.
        by_id: every place of the tables.
        directed: by key and directions of a spelling that states some (North Gaza), which its key leaves out.
        bare: by what is left of a spelling that is nothing but a direction (the North of Lebanon), whose key is empty.
        spelled: the ids under a spelling, letter by letter, where several places share its key.
        own: the ids of a user's table.
    """

    places: Mapping[str, tuple[Place, ...]]
    countries: Mapping[str, str]
    by_id: Mapping[str, Place] = field(default_factory=dict)
    directed: Mapping[tuple[str, frozenset[str]], tuple[Place, ...]] = field(default_factory=dict)
    bare: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    spelled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    own: frozenset[str] = frozenset()

    def governorate(self, text: str, country: str = "") -> Place | None:
        """Return the governorate of that name, or None: also where two countries have one and none is stated.

        Args:
            text: the name; "North" and its like are known only with a country.
            country: the country's code, where the record states it.
        """
        known = [place for place in self._known(text, country) if place.kind_code == "governorate"]
        shires = self._as_spelled(known, text, country)
        return shires[0] if len({place.country_code for place in shires}) == 1 else None

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
                (shire.country_code, shire.admin1)
                for other, named in enumerate(readings)
                if other != number
                for shire in named.shires
            }
            towns = reading.towns
            if len(_lands(towns)) > 1:
                towns = [town for town in towns if (town.country_code, town.admin1) in beside] or towns
            if towns and narrow is None and len(_lands(towns)) == 1:
                narrow = towns[0]
                # A governorate of that name in another country is nothing that the town could be taken for.
                namesakes = (shire.country_code == narrow.country_code for shire in reading.shires)
                is_ambiguous = any(namesakes) and not kind
            elif reading.shires and len(_lands(reading.shires)) == 1 and not _abroad(towns, reading.shires):
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
        known = _within(self._known(part, country), admin1)
        words = _kinds_in(part)
        if not known and not words:
            return _UNKNOWN
        towns = self._as_spelled([place for place in known if place.kind_code not in _WIDE], part, country)
        towns.sort(key=lambda place: place.kind_code == "area")
        shires = self._as_spelled(
            [place for place in known if place.kind_code == "governorate"], part, country
        )
        districts = [place for place in known if place.kind_code == "district"]
        if len(_lands(districts)) > 1:
            districts = []
        if (
            words & _GOVERNORATE_WORDS
            or (words & _LOOSE_WORDS and shires)
            or (kind == "governorate" and shires)
        ):
            broad = without_modifiers(fold_name(part))
            if not shires and broad and broad != fold_name(part):
                namesakes = _within(self._at_home(self.places.get(broad, ()), country), admin1)
                shires = [place for place in namesakes if place.kind_code == "governorate"]
                shires = self._as_spelled(shires, broad, country)
            return _Reading([], shires, None)
        if words & _DISTRICT_WORDS or kind == "district":
            # A quarter of a town is often called its district; a town's own district is wider than the town.
            named = [place for place in known if place.kind_code in {*_SETTLEMENTS, "governorate"}]
            quarters = [place for place in towns if place.kind_code not in _SETTLEMENTS]
            around = named[0] if len(_lands(named)) == 1 else None
            return _Reading([] if districts else quarters, districts, around)
        return _Reading(towns, shires or ([] if towns else districts), None)

    def _known(self, text: str, country: str) -> list[Place]:
        """Return the places of a spelling: those of its direction first, which North Gaza is and Gaza is not."""
        key = fold_name(text)
        if not key:
            # North, Southern: many countries have one.
            return self._at_home(self.bare.get(_bare(text), ()), country) if country else []
        known, toward = self.places.get(key, ()), directions(text)
        there = self.directed.get((key, toward), ()) if toward else ()
        if not (known or there) or _plain(text) in _PARTS_OF_THE_WORLD:
            return []
        return self._at_home(there, country) or self._at_home(known, country)

    def _at_home(self, known: tuple[Place, ...], country: str) -> list[Place]:
        """Return the places of a country; where none is stated, a user's before ours of another country."""
        if country:
            return [place for place in known if place.country_code == country]
        mine = {_class_of(place) for place in known if place.place_id in self.own}
        return [place for place in known if place.place_id in self.own or _class_of(place) not in mine]

    def _as_spelled(self, known: list[Place], text: str, country: str) -> list[Place]:
        """Return those of several places that bear this very spelling, all where none does.

        A key leaves much out (Arabic letters have few vowels): Aleppo and Halba share one. A spelling that is a place's of one
        country is not read as another country's.
        """
        exact = self.spelled.get(_plain(text)) if known else None
        if exact is None:
            return known
        homes = {self.by_id[place_id].country_code for place_id in exact}
        known = [place for place in known if country or place.country_code in homes]
        return [place for place in known if place.place_id in exact] or known


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one part of a name may mean; `around` lies in the governorate of a district that no table has."""

    towns: list[Place]
    shires: list[Place]
    around: Place | None


_UNKNOWN = _Reading([], [], None)
_KIND_WORDS = _GOVERNORATE_WORDS | _LOOSE_WORDS | _DISTRICT_WORDS


@lru_cache(maxsize=262_144)
def _kinds_in(part: str) -> frozenset[str]:
    """Return the words of a name that say what kind of place it is."""
    return _KIND_WORDS.intersection(_WORD.findall(part.casefold()))


def _within(known: list[Place], admin1: str) -> list[Place]:
    return [place for place in known if not admin1 or place.admin1 in {"", admin1}]


def _abroad(towns: list[Place], shires: list[Place]) -> bool:
    """Return whether a name is a town's in another country too: Tripoli is no district of Libya's until Libya is stated."""
    return {town.country_code for town in towns} > {shire.country_code for shire in shires}


def _lands(places: list[Place]) -> set[tuple[str, str]]:
    """Return the governorates that places lie in."""
    return {(place.country_code, place.admin1) for place in places}


def _plain(text: str) -> str:
    """Return a spelling letter by letter, signs and case aside."""
    return _SIGNS.sub(" ", text.casefold()).strip()


def _bare(text: str) -> str:
    """Return what is left of a name that is nothing but a direction: north for Northern Governorate."""
    words = _WORD.findall(latin_letters(text))
    return " ".join(_DIRECTION_ENDING.sub("", word) for word in words if word not in _UNIT_WORDS)


def build_gazetteer(
    places: pd.DataFrame, countries: Mapping[str, str], own: pd.DataFrame | None = None
) -> Gazetteer:
    """Build the gazetteer.

    Args:
        places: columns of `rulefiles.PLACE_COLUMNS`; coordinates in degrees, radius in km.
        countries: country code by folded name.
        own: a user's rows, of the same columns; a name they hold is theirs, among towns or among wider places, and a
            governorate they hold is spelled as they spell it.
    """
    mine = _entries(own) if own is not None else []
    by_id = {place.place_id: place for place, _ in mine}
    shipped = _respelled(_entries(places), tuple(by_id.values()))
    taken = {_taking(*entry) for entry in mine}
    left = [entry for entry in shipped if _taking(*entry) not in taken] if taken else shipped
    found: dict[str, list[Entry]] = {}
    directed: dict[tuple[str, frozenset[str]], list[Entry]] = {}
    bare: dict[str, list[Entry]] = {}
    for place, name in chain(mine, left):
        key, toward = _key_of(name)
        if not key:
            if place.kind_code == "governorate":
                bare.setdefault(_bare(name), []).append((place, name))
        elif toward:
            directed.setdefault((key, toward), []).append((place, name))
        else:
            found.setdefault(key, []).append((place, name))
    return Gazetteer(
        {key: _distinct(entries) for key, entries in found.items()},
        {key: code for key, code in countries.items() if key not in _NO_COUNTRY},
        {place.place_id: place for place, _ in shipped} | by_id,
        {key: _distinct(entries) for key, entries in directed.items()},
        {key: _distinct(entries) for key, entries in bare.items() if key},
        _spelled((*found.values(), *directed.values())),
        frozenset(by_id),
    )


def _key_of(name: str) -> tuple[str, frozenset[str]]:
    return fold_name(name), directions(name)


def _taking(place: Place, name: str) -> tuple[tuple[str, frozenset[str]], str, str]:
    return _key_of(name), _class_of(place), place.country_code


def _class_of(place: Place) -> str:
    """Return the class within which a user's name replaces ours; an area of a town's name leaves the town."""
    return "wide" if place.kind_code in _WIDE else "area" if place.kind_code == "area" else "town"


def _distinct(entries: list[Entry]) -> tuple[Place, ...]:
    if len(entries) == 1:
        return (entries[0][0],)
    return tuple({place.place_id: place for place, _ in entries}.values())


def _spelled(groups: Iterable[list[Entry]]) -> dict[str, frozenset[str]]:
    """Return the ids under each spelling of the keys that several places share."""
    found: dict[str, set[str]] = {}
    for entries in groups:
        if len(entries) > 1 and len({place.place_id for place, _ in entries}) > 1:
            for place, name in entries:
                found.setdefault(_plain(name), set()).add(place.place_id)
    return {name: frozenset(ids) for name, ids in found.items()}


def _respelled(shipped: list[Entry], mine: tuple[Place, ...]) -> list[Entry]:
    """Return our entries as a user's table has them: a row of the same id or P-code is the user's, a governorate spelled alike.

    A governorate is the user's row of its P-code, else of its country and name; where that row is a part of a wider one (the
    governorates of Gaza in COD-AB), what lies in ours lies in the wider one.
    """
    if not mine:
        return shipped
    by_id = {place.place_id: place for place in mine}
    by_code = {place.pcode: place for place in reversed(mine) if place.pcode}
    by_name = {
        (place.country_code, fold_name(place.name)): place
        for place in reversed(mine)
        if place.kind_code == "governorate"
    }
    theirs: dict[tuple[str, str], str] = {}
    for place, _ in shipped:
        if place.kind_code == "governorate" and place.admin1 == place.name:
            named = by_name.get((place.country_code, fold_name(place.name)))
            if known := by_code.get(place.pcode, named):
                theirs[place.country_code, place.admin1] = known.admin1
    moved: dict[str, Place] = {}
    for place, _ in shipped:
        if place.place_id not in moved:
            admin1 = theirs.get((place.country_code, place.admin1), place.admin1)
            same = by_id.get(place.place_id) or by_code.get(place.pcode)
            moved[place.place_id] = same or (
                place if admin1 == place.admin1 else replace(place, admin1=admin1)
            )
    return [(moved[place.place_id], name) for place, name in shipped]


def _entries(rows: pd.DataFrame) -> list[Entry]:
    """Return each row's place under each of its spellings."""
    found: list[Entry] = []
    columns = [rows[name].tolist() for name in (*_FIELDS, "alternates")]
    for *cells, alternates in zip(*columns, strict=True):
        place = Place(*cells)
        found += [(place, name) for name in dict.fromkeys((place.name, *alternates.split("|"))) if name]
    return found
