"""The gazetteer: which place a published name speaks of, as far as the tables of `rules/places` know it.

Published coordinates are never replaced by the gazetteer's; it lends a claim its `place_id`, kind, governorate and
country only. Town and governorate of one name are different places, so a name alone is read as the town and said to
be either by `also_governorate`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconcile.parse.places import fold_name, split_place
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

_WIDE = ("country", "governorate", "district")
_GOVERNORATE_WORDS = ("governorate", "province", "countryside", "rural", "muhafazat")


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
        return next(
            (place for place in self.places.get(fold_name(text), ()) if place.kind_code == "governorate"),
            None,
        )

    def resolve(self, text: str, admin1: str = "", country: str = "") -> Resolved:
        """Return the narrowest place that a published name holds.

        Args:
            text: the place as published, its parts separated by commas or the like.
            admin1: the governorate, where the record states it; a town of that name elsewhere is then not meant.
            country: the country's code, where the record states it; likewise.
        """
        wide: Place | None = None
        narrow: Place | None = None
        is_ambiguous = False
        for part in split_place(text):
            folded = fold_name(part)
            country = country or self.countries.get(folded, "")
            known = [
                place
                for place in self.places.get(folded, ())
                if (not admin1 or place.admin1 in {"", admin1})
                and (not country or place.country_code == country)
            ]
            towns = [place for place in known if place.kind_code not in _WIDE]
            shires = [place for place in known if place.kind_code == "governorate"]
            says_wide = any(word in part.casefold() for word in _GOVERNORATE_WORDS)
            if towns and not says_wide and narrow is None and len({place.admin1 for place in towns}) == 1:
                narrow = towns[0]
                is_ambiguous = bool(shires)
            elif shires:
                wide = wide or shires[0]
        if narrow is not None and wide is not None and wide.admin1 != narrow.admin1:
            narrow, is_ambiguous = None, False
        place = narrow or wide
        if place is None:
            return Resolved(None, "", country, is_ambiguous=False) if country else _NOTHING
        return Resolved(place, place.admin1, place.country_code, is_ambiguous)


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
