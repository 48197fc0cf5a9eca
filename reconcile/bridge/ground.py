"""The ground a total speaks of, and which incidents lie on it: inside, outside, or too coarsely placed to tell.

A place that a total states with its kind is taken as stated. A name that is a town's and a governorate's, its kind not
stated, is read as the governorate with the town as a rung; so is a city and its countryside, which is how recorders
write of all that lies around a city up to the governorate's bounds. A street or quarter no table knows is found by its
name alone. Several countries or governorates joined by "and" are laid beside all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from reconcile.parse.places import directions, fold_name, split_place, without_modifiers
from reconcile.views import great_circle_km, place_keys

if TYPE_CHECKING:
    import numpy.typing as npt

    from reconcile.gazetteer import Gazetteer, Place

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

WIDE_KINDS = frozenset({"governorate", "country", "district", "city_and_countryside"})
_TOWN_KINDS = frozenset({"city", "town", "village", "neighbourhood"})
AROUND_KINDS = frozenset({"city_and_countryside", "governorate", "country"})
_AND = re.compile(r"\s+(?:and|y|et|und)\s+|\s*[&+/]\s*", re.IGNORECASE)
# Names of no place but of all of them.
_EVERYWHERE = re.compile(
    r"\b(?:all|whole|entire|across|throughout|nation ?wide|country ?wide)\b", re.IGNORECASE
)
_DISTRICT_WORD = re.compile(r"\bdistrict\b", re.IGNORECASE)
# How far from its published point, in km, an incident of each location precision may have happened; past it lies nothing.
# 4 is a district; 5 and wider tell no town. 6 is also where no precision is stated: the point is then taken as a town's.
_SLACK_KM = (0.0, 0.0, 0.0, 25.0, 60.0, np.inf, 25.0)
_GOVERNORATE = 5
_DISTRICT = 4
_CITY = 3
_NOT_STATED = 6


@dataclass(frozen=True, slots=True)
class Spot:
    """A place narrower than a governorate.

    Attributes:
        name: for people.
        place_id: the gazetteer's, empty where it knows no such place.
        keys: folded names by which an incident's own place name or district is recognised.
        latitude, longitude, radius_km: NaN where no table has them.
        is_district: whether a published district decides.
    """

    name: str
    place_id: str
    keys: frozenset[str]
    latitude: float
    longitude: float
    radius_km: float
    is_district: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a total counts.

    Attributes:
        lands: country and governorate, the latter empty for a whole country; several where a total names several.
        centres: of each governorate, its point and radius in km; NaN where unknown.
        spot: the narrower place that it states.
        town: the town that its name may also mean.
        names: of the lands, for people.
    """

    lands: tuple[tuple[str, str], ...]
    centres: tuple[tuple[float, float, float], ...]
    spot: Spot | None
    town: Spot | None
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        """All lands, for people."""
        return " and ".join(self.names)


@dataclass(frozen=True, slots=True)
class Shares:
    """Which incidents of one monitor lie on a ground.

    Attributes:
        inside: those that do.
        untold: those placed too coarsely to tell.
        whole: those in the lands around a spot; where there is no spot, the same as inside.
        town: those in the town that the name may also mean.
        town_untold: those placed too coarsely to tell whether there.
        anywhere: any of these.
        lands: those in each land.
    """

    inside: Bools
    untold: Bools
    whole: Bools
    town: Bools
    town_untold: Bools
    anywhere: Bools
    lands: tuple[Bools, ...]


class Stated(NamedTuple):
    """The place of a total: columns of `Claims`."""

    country_code: str
    admin1: str
    admin2: str
    place_id: str
    place_kind_code: str
    place_name: str


# ---- what a total says ---------------------------------------------------------------------------------------------


def ground_of(stated: Stated, gazetteer: Gazetteer) -> Ground:
    """Return the ground of a total.

    Args:
        stated: its place.
        gazetteer: for points, radii and the parts of a name.
    """
    lands = _several(stated.place_name, gazetteer) or ((stated.country_code, stated.admin1),)
    shires = [gazetteer.governorate(shire, land) if shire else None for land, shire in lands]
    centres = tuple(
        (one.latitude, one.longitude, one.radius_km) if one else (np.nan, np.nan, np.nan) for one in shires
    )
    names = tuple(shire or _country_name(land, gazetteer) for land, shire in lands)
    spot, town = _narrow(stated, gazetteer) if len(lands) == 1 else (None, None)
    return Ground(lands, centres, spot, town, names)


def _narrow(stated: Stated, gazetteer: Gazetteer) -> tuple[Spot | None, Spot | None]:
    """Return the place inside its lands that a total states, and the town that its name may also mean."""
    name, kind, place = stated.place_name, stated.place_kind_code, gazetteer.by_id.get(stated.place_id)
    is_narrow = place is not None and place.kind_code not in WIDE_KINDS
    if kind == "district":
        keys = frozenset({fold_name(stated.admin2), fold_name(next(iter(split_place(name)), ""))}) - {""}
        return _spot(place, name, keys, is_district=True), None
    if unknown := _unknown_part(name, stated.admin1, stated.country_code, gazetteer):
        return unknown, None
    if place is not None and is_narrow:
        own = _spot(place, place.name, frozenset({fold_name(place.name)}))
        if kind and kind not in AROUND_KINDS:
            return own, None
        return None, own if stated.admin1 else None
    if kind in _TOWN_KINDS:
        return _spot(None, name, frozenset({fold_name(name)}) - {""}), None
    return None, None


def _spot(place: Place | None, name: str, keys: frozenset[str], *, is_district: bool = False) -> Spot:
    if place is None:
        return Spot(name, "", keys, np.nan, np.nan, np.nan, is_district)
    return Spot(name, place.place_id, keys, place.latitude, place.longitude, place.radius_km, is_district)


def _country_name(code: str, gazetteer: Gazetteer) -> str:
    place = gazetteer.by_id.get(code.lower())
    return place.name if place else code


def _several(name: str, gazetteer: Gazetteer) -> tuple[tuple[str, str], ...]:
    """Return the countries or governorates that a name joins; nothing where it is one place's, or a part is unknown."""
    parts = [part.strip() for part in _AND.split(name)]
    if len(parts) == 1 or fold_name(name) in gazetteer.countries:
        return ()
    found = [gazetteer.resolve(part) for part in parts]
    # A town, and not also a governorate, has neighbours nobody could tell apart from it.
    wide = [
        one
        for one in found
        if one.country_code and (one.place is None or one.is_ambiguous or one.place.kind_code in WIDE_KINDS)
    ]
    lands = tuple(dict.fromkeys((one.country_code, one.admin1) for one in wide))
    return lands if len(wide) == len(parts) and len(lands) > 1 else ()


def _unknown_part(name: str, admin1: str, country: str, gazetteer: Gazetteer) -> Spot | None:
    """Return the spot that a name begins with and no table knows: a street, or some part of what it names."""
    parts = split_place(name)
    if not parts:
        return None
    key = fold_name(parts[0])
    toward = directions(parts[0])
    known = gazetteer.resolve(parts[0], admin1, country)
    is_known = known.place is not None or key in gazetteer.countries
    if is_known and toward and key and (key, toward) not in gazetteer.directed:
        wide = known.place is None or known.is_ambiguous or known.place.kind_code in WIDE_KINDS
        # Some part of a country or a governorate, with no bounds that anybody stated.
        return _spot(None, parts[0], frozenset()) if wide else None
    if is_known or not without_modifiers(key) or _EVERYWHERE.search(parts[0]):
        return None
    return _spot(None, parts[0], frozenset({key}), is_district=bool(_DISTRICT_WORD.search(parts[0])))


# ---- what incidents say --------------------------------------------------------------------------------------------


class Whereabouts:
    """Where the incidents of one monitor happened, as arrays."""

    def __init__(self, incidents: pd.DataFrame, gazetteer: Gazetteer) -> None:
        """Take arrays from rows of `Claims`; a place that the gazetteer knows lends its point where none is published."""
        self.country = incidents["country_code"].to_numpy(dtype=object)
        self.admin1 = incidents["admin1"].to_numpy(dtype=object)
        self.place_id = incidents["place_id"].to_numpy(dtype=object)
        self.kind = incidents["place_kind_code"].to_numpy(dtype=object)
        codes, districts = pd.factorize(incidents["admin2"])
        self.district = np.array([fold_name(str(text)) for text in districts], dtype=object)[codes]
        self.precision = incidents["location_precision_code"].to_numpy()
        self._names = place_keys(incidents["place_name"])
        known = [gazetteer.by_id.get(place) for place in pd.unique(self.place_id)]
        at = pd.factorize(self.place_id)[0]
        kinds, souths, wests = (
            np.array([getattr(one, name) if one else blank for one in known])[at] if len(at) else np.empty(0)
            for name, blank in (("kind_code", ""), ("latitude", np.nan), ("longitude", np.nan))
        )
        latitude, longitude = incidents["latitude"].to_numpy(), incidents["longitude"].to_numpy()
        self.is_located = ~np.isnan(latitude) & ~np.isnan(longitude)
        is_wide = np.isin(kinds, list(WIDE_KINDS))
        # A name of town and governorate says neither where no point is published and its precision is not a town's.
        self.is_ambiguous = (self.kind == "") & (kinds != "") & ~is_wide
        lent = ~self.is_located & (kinds != "") & ~is_wide & ~self.is_ambiguous
        self.latitude, self.longitude = np.where(lent, souths, latitude), np.where(lent, wests, longitude)
        self.slack = np.where(lent, 0.0, np.array(_SLACK_KM)[self.precision])
        is_coarse = (is_wide | np.isin(self.kind, list(WIDE_KINDS))) & (self.precision > _CITY - 1)
        is_lost = (self.precision == _NOT_STATED) & (self.admin1 == "")
        self.is_coarse = (is_coarse | is_lost | np.isin(self.precision, [_DISTRICT, _GOVERNORATE])) & ~lent

    def named(self, keys: frozenset[str]) -> Bools:
        """Return which place names hold one of some folded names."""
        rows, held = self._names
        found = np.zeros(len(self.country), dtype=bool)
        found[rows[np.isin(held, list(keys))]] = True
        return found


def shares_of(ground: Ground, there: Whereabouts) -> Shares:
    """Return which incidents lie on a ground.

    Args:
        ground: of a total.
        there: the incidents.
    """
    here = [_in_land(land, centre, there) for land, centre in zip(ground.lands, ground.centres, strict=True)]
    whole = np.logical_or.reduce([inside for inside, _ in here])
    lost = np.logical_or.reduce([untold for _, untold in here]) & ~whole
    inside, untold = whole, lost
    if ground.spot is not None:
        inside, untold = _in_spot(ground.spot, there, whole | lost)
    town, town_untold = np.zeros_like(whole), np.zeros_like(whole)
    if ground.town is not None:
        town, town_untold = _in_spot(ground.town, there, whole)
    return Shares(inside, untold, whole, town, town_untold, whole | lost, tuple(inside for inside, _ in here))


def _in_land(
    land: tuple[str, str], centre: tuple[float, float, float], there: Whereabouts
) -> tuple[Bools, Bools]:
    """Return who states a country or governorate, and who leaves open whether it lies there."""
    country, shire = land
    at_home = (there.country == country) | (there.country == "") | (country == "")
    if not shire:
        return np.asarray(there.country == country), np.asarray((there.country == "") & (there.admin1 == ""))
    beyond = _km(there, *centre[:2]) > centre[2] + np.where(there.is_coarse, np.inf, there.slack)
    return np.asarray(at_home & (there.admin1 == shire)), np.asarray(at_home & (there.admin1 == "") & ~beyond)


def _in_spot(spot: Spot, there: Whereabouts, around: Bools) -> tuple[Bools, Bools]:
    """Return who is in a spot, by name, by published district or by point, and who is placed too coarsely to tell."""
    km = _km(there, spot.latitude, spot.longitude)
    by_point = ~there.is_coarse & (km <= spot.radius_km)
    by_name = (there.place_id == spot.place_id) & (spot.place_id != "")
    if not spot.place_id:
        by_name = there.named(spot.keys)
    told = by_name & ~(there.is_coarse & there.is_ambiguous)
    beyond = ~there.is_coarse & (km > spot.radius_km + there.slack)
    beyond |= there.is_coarse & (
        km > spot.radius_km + np.where(there.precision == _DISTRICT, there.slack, np.inf)
    )
    if spot.is_district:
        stated = there.district != ""
        same = np.isin(there.district, list(spot.keys))
        told = same | (told & ~stated)
        by_point, beyond = by_point & ~stated, beyond | (stated & ~same)
    inside = around & (told | by_point)
    return np.asarray(inside), np.asarray(around & ~inside & ~beyond)


def _km(there: Whereabouts, latitude: float, longitude: float) -> Floats:
    """Return distances in km; NaN, which is neither near nor far, where either has no point."""
    size = len(there.latitude)
    with np.errstate(invalid="ignore"):
        return great_circle_km(
            there.latitude, there.longitude, np.full(size, latitude), np.full(size, longitude)
        )
