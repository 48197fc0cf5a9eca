"""How far two claims agree on where: points where both have one, names part by part, towns around points, governorates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.compare.chance import Density, Moments, moments
from reconcile.levels import choose, number_of
from reconcile.parse.places import fold_name, skeleton
from reconcile.similar import ratios
from reconcile.views import great_circle_km, is_spot, place_keys, runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from reconcile.compare.whole import Whole
    from reconcile.gazetteer import Place
    from reconcile.ruleset import Linkage, LinkedKind

    Ints = npt.NDArray[np.int64]
    Small = npt.NDArray[np.int8]
    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Texts = npt.NDArray[np.object_]

TOWN_KINDS = frozenset({"city", "town", "village", "neighbourhood", "area"})
CITY_PRECISION = 3
# How firmly two parts of a name agree: the same, spelled alike, all words of one held in the other.
SAME, SPELLED, HELD, NOT = 3, 2, 1, 0
# Ratios of two names whose consonants are equal, from which that is no accident: with few consonants, and with more.
ALIKE_SHORT, ALIKE = 60, 50
LEAST_BONES, TELLING_BONES = 2, 3
# A town of the run's own claims: the middle of the points that claims give it, where these lie close together.
CLOSE_KM, SPREAD_KM = 5.0, 15.0
KM_A_DEGREE = 111.2
SPOT_KM = 1.0
# Words that stand in many a place's name and share nothing but a kind of building or ground.
_LANDMARKS = frozenset(
    fold_name(word)
    for word in [
        "street",
        "road",
        "mosque",
        "school",
        "hospital",
        "camp",
        "building",
        "market",
        "bridge",
        "roundabout",
        "square",
        "crossing",
        "junction",
        "intersection",
        "checkpoint",
        "house",
        "farm",
        "desert",
        "locations",
        "location",
        "mall",
        "station",
        "church",
        "airport",
        "factory",
    ]
)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What two claims' places have in common, one entry a pair.

    Attributes:
        levels: number of the level.
        left_entry, right_entry: the part of either name on which they agree, as a position in the claims' parts; -1 for none.
        town: the town that one names and the other lies in, -1 for none.
    """

    levels: Small
    left_entry: Ints
    right_entry: Ints
    town: Ints


class Places:
    """The places of all claims, each distinct name and each distinct pair of names looked at once."""

    def __init__(
        self,
        claims: pd.DataFrame,
        linkage: Linkage,
        places: Mapping[str, Place],
        countries: frozenset[str],
        whole: Whole | None = None,
    ) -> None:
        """Take the places of claims.

        Args:
            claims: a `Claims` frame.
            linkage: parameters near_km, around_km, far_km (km) and similar_ratio (0 to 100).
            places: the gazetteer's places by id.
            countries: folded names of countries, which tell no place from another.
            whole: what the whole run counts, where the claims are a part of it.
        """
        self.kind: LinkedKind = linkage.kind_code
        self._near, self._around, self._far = (
            linkage.parameters[name] for name in ("near_km", "around_km", "far_km")
        )
        self._names = Names(claims["place_name"], linkage.parameters["similar_ratio"], countries, whole)
        self.latitude, self.longitude = claims["latitude"].to_numpy(), claims["longitude"].to_numpy()
        self._spot = is_spot(claims, None if whole is None else whole.points)
        # A point that stands for a district or more is near to all of it.
        self._pointed = (claims["location_precision_code"] <= CITY_PRECISION).to_numpy() & ~np.isnan(
            self.latitude
        )
        self._towns = _Towns(claims, places)
        self._at = self._points(claims)
        shires, self._only_shire = self._shires(claims, places)
        self.shire = pd.factorize(shires)[0].astype(np.int64)
        self.shire[shires == ""] = -1

    @property
    def names(self) -> Names:
        """The names, part by part."""
        return self._names

    @property
    def towns(self) -> _Towns:
        """The towns that claims name."""
        return self._towns

    @property
    def at(self) -> tuple[Floats, Floats]:
        """Latitude and longitude by which claims are compared: as published, else those of the place they name."""
        return self._at

    def reach_km(self, level: str) -> float:
        """Return the radius in km that a level of distance speaks of."""
        return {"same_spot": SPOT_KM, "nearby": self._near, "around": self._around}[level]

    def _points(self, claims: pd.DataFrame) -> tuple[Floats, Floats]:
        latitude, longitude = self.latitude.copy(), self.longitude.copy()
        precise = is_precise(claims)
        for north, east in (self._names.points(latitude, longitude, precise), self._towns.points()):
            blank = np.isnan(latitude)
            latitude, longitude = np.where(blank, north, latitude), np.where(blank, east, longitude)
        return latitude, longitude

    def _shires(self, claims: pd.DataFrame, places: Mapping[str, Place]) -> tuple[Texts, Bools]:
        """Return each claim's governorate, as read or by the consonants of a part, and whether it names nothing narrower."""
        shires = [place for place in places.values() if place.kind_code == "governorate"]
        bones = [skeleton(fold_name(place.name)) for place in shires]
        # The five Darfurs share their consonants: what may be several governorates tells none.
        telling = {key for key, times in Counter(bones).items() if times == 1 and len(key) >= TELLING_BONES}
        known = {key: place.admin1 for key, place in zip(bones, shires, strict=True) if key in telling}
        found, only = self._names.within(known)
        stated = claims["admin1"].to_numpy(dtype=object)
        shire = np.where(stated == "", found, stated)
        return shire, only | (self._names.blank & (shire != ""))

    def compare(self, left: Ints, right: Ints) -> Agreed:
        """Return what the places of each pair of claims have in common."""
        kind, names = self.kind, self._names
        best, more_left, more_right, left_entry, right_entry = names.agreement(left, right)
        north, east = self._at
        km = great_circle_km(north[left], east[left], north[right], east[right])
        shire, other = self.shire[left], self.shire[right]
        stated = (shire >= 0) & (other >= 0)
        apart = stated & (shire != other)
        mine, theirs = self._towns.around(left, right), self._towns.around(right, left)
        with np.errstate(invalid="ignore"):
            distant = km > self._far
            # A name that agrees is believed over a point that the name itself was given by.
            parted = distant & self._pointed[left] & self._pointed[right]
            named = (best > NOT) & ~apart & ~parted
            more, both = more_left | more_right, more_left & more_right
            conditions = {
                "same_spot": self._spot[left] & self._spot[right] & (km <= SPOT_KM),
                "other_part": named & both,
                "part_of": named & more,
                "same_name": named & (best == SAME),
                "similar_name": named,
                "namesake": (best > NOT) & apart & ~parted,
                "inside_town": mine | theirs,
                "missing": (names.blank[left] | names.blank[right]) & np.isnan(km) & ~stated,
                "nearby": km <= self._near,
                "around": (km <= self._around) & ~apart,
                "only_admin1": stated & ~apart & (self._only_shire[left] | self._only_shire[right]),
                "far": distant | apart,
                "same_admin1": stated,
            }
        levels = choose(kind, "place", conditions, "other")
        town = np.where(mine, self._towns.code[right], np.where(theirs, self._towns.code[left], -1))
        return Agreed(levels, left_entry, right_entry, town)

    def named(self, levels: Small) -> Bools:
        """Return which levels rest on a name."""
        return self.at_level(levels, "other_part", "part_of", "same_name", "similar_name", "namesake")

    def at_level(self, levels: Small, *wanted: str) -> Bools:
        """Return which pairs stand on one of these levels."""
        return np.isin(levels, [number_of(self.kind, "place", level) for level in wanted])


def is_precise(claims: pd.DataFrame) -> Bools:
    """Return which claims lie in a town or finer."""
    return np.asarray(claims["location_precision_code"] <= CITY_PRECISION)


class _Towns:
    """Towns that claims name, and the points that lie in them."""

    def __init__(self, claims: pd.DataFrame, places: Mapping[str, Place]) -> None:
        codes, distinct = pd.factorize(claims["place_id"])
        known = [places.get(str(place_id)) for place_id in distinct]
        self._town = np.array(
            [
                (p.latitude, p.longitude, p.radius_km)
                if p is not None and p.kind_code in TOWN_KINDS
                else (np.nan, np.nan, 0.0)
                for p in known
            ]
        ).reshape(-1, 3)
        self._latitude, self._longitude = claims["latitude"].to_numpy(), claims["longitude"].to_numpy()
        is_town = ~np.isnan(self._town[:, 0])
        self.code: Ints = np.where(is_town[codes], codes, -1).astype(np.int64) if len(codes) else codes

    def points(self) -> tuple[Floats, Floats]:
        """Return the coordinates of the town that each claim names."""
        town = (
            self._town[np.maximum(self.code, 0)] if len(self._town) else np.full((len(self.code), 3), np.nan)
        )
        blank = self.code < 0
        return np.where(blank, np.nan, town[:, 0]), np.where(blank, np.nan, town[:, 1])

    def around(self, spots: Ints, towns: Ints) -> Bools:
        """Return where the one claim's point lies in the town that the other names."""
        inside = np.zeros(len(spots), dtype=bool)
        some = np.flatnonzero(self.code[towns] >= 0)
        at = self._town[self.code[towns[some]]]
        km = great_circle_km(self._latitude[spots[some]], self._longitude[spots[some]], at[:, 0], at[:, 1])
        with np.errstate(invalid="ignore"):
            inside[some] = km <= at[:, 2]
        return inside

    def members(self) -> tuple[Ints, Ints]:
        """Return (town, claim) for every claim that names a town or lies in it."""
        order = np.argsort(self._latitude, kind="stable")
        sorted_latitude = self._latitude[order]
        towns, claims = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        by_name = np.flatnonzero(self.code >= 0)
        for town in np.unique(self.code[by_name]):
            north, east, radius = self._town[town]
            reach = radius / KM_A_DEGREE * 1.01
            band = order[slice(*np.searchsorted(sorted_latitude, [north - reach, north + reach]))]
            km = great_circle_km(
                self._latitude[band],
                self._longitude[band],
                np.full(len(band), north),
                np.full(len(band), east),
            )
            found = np.union1d(band[km <= radius], by_name[self.code[by_name] == town])
            towns.append(np.full(len(found), town, dtype=np.int64))
            claims.append(found.astype(np.int64))
        return np.concatenate(towns), np.concatenate(claims)


class Names:
    """The parts of place names, and how they agree."""

    def __init__(
        self,
        names: pd.Series[str],
        similar_ratio: float,
        countries: frozenset[str],
        whole: Whole | None = None,
    ) -> None:
        """Take the names apart; arguments as of `Places`."""
        codes, distinct = pd.factorize(names.to_numpy(dtype=object))
        positions, keys = place_keys(pd.Series(distinct, dtype="str"))
        telling = ~np.isin(keys.astype("U"), list(countries)) if len(keys) else np.zeros(0, dtype=bool)
        positions = positions[telling]
        self._code = codes.astype(np.int64)
        self._distinct = distinct
        self._part, self._keys = pd.factorize(keys[telling])
        self._part = self._part.astype(np.int64)
        self._count = np.bincount(positions, minlength=len(distinct)).astype(np.int64)
        self._first = np.cumsum(self._count) - self._count
        self._similar = similar_ratio
        self._sorted = np.array([" ".join(sorted(str(key).split())) for key in self._keys], dtype=object)
        bones = np.array([skeleton(str(key)) for key in self._keys], dtype=object)
        self._bone, self._skeletons = pd.factorize(bones)
        self._bone_size = np.array([len(text) for text in bones], dtype=np.int64)
        self._joined = pd.factorize(
            np.array([str(key).replace(" ", "") for key in self._keys], dtype=object)
        )[0]
        self._words = [frozenset(str(key).split()) for key in self._keys]
        self._worded = np.array([len(words) > 1 for words in self._words], dtype=bool)
        # Parts of one skeleton are one place's name for counting how common it is; a short skeleton is shared by chance.
        group = np.where(
            self._bone_size >= TELLING_BONES, self._bone, len(self._skeletons) + np.arange(len(bones))
        )
        self._group = group.astype(np.int64)
        self._whole = whole
        self._commonness = (
            np.asarray(np.bincount(self._part, minlength=len(self._keys)), dtype=np.int64)
            if whole is None
            else whole.parts.reindex(self._keys, fill_value=0).to_numpy(dtype=np.int64)
        )
        per_claim = self._count[self._code]
        self.owner = np.repeat(np.arange(len(self._code)), per_claim)
        self._claim_first = np.cumsum(per_claim) - per_claim
        self.blank = per_claim == 0
        entry_part = self._part[runs(self._first[self._code], per_claim)]
        # Of each part of each claim's name: the group it belongs to.
        self.group = self._group[entry_part] if len(entry_part) else np.empty(0, np.int64)

    def agreement(self, left: Ints, right: Ints) -> tuple[Ints, Bools, Bools, Ints, Ints]:
        """Return how two claims' names agree.

        Returns:
            The firmest agreement of a part; whether the left, and the right, name has a further part; and the entries, the
            rarest parts that agree, -1 for none.
        """
        a, b = self._code[left], self._code[right]
        inverse, pair = pd.factorize(a * max(len(self._count), 1) + b)
        first, second = pair // max(len(self._count), 1), pair % max(len(self._count), 1)
        best, more_left, more_right, i, j = self._best(first, second)
        none = (best == NOT)[inverse]
        left_entry = np.where(none, -1, self._claim_first[left] + i[inverse])
        right_entry = np.where(none, -1, self._claim_first[right] + j[inverse])
        return best[inverse], more_left[inverse], more_right[inverse], left_entry, right_entry

    def _best(self, first: Ints, second: Ints) -> tuple[Ints, Bools, Bools, Ints, Ints]:
        sizes = self._count[first] * self._count[second]
        owner = np.repeat(np.arange(len(first)), sizes)
        within = runs(np.zeros(len(first), dtype=np.int64), sizes)
        width = np.maximum(self._count[second][owner], 1)
        i, j = within // width, within % width
        a, b = self._part[self._first[first][owner] + i], self._part[self._first[second][owner] + j]
        score = self._scores(a, b)
        hit = score > NOT
        best = np.zeros(len(first), dtype=np.int64)
        np.maximum.at(best, owner, score)

        def further(place: Ints, count: Ints) -> Bools:
            """Whether a name has a part that agrees with none of the other's."""
            widest = int(count.max(initial=0)) + 1
            met = np.unique(owner[hit] * widest + place[hit])
            return np.asarray(count > np.bincount(met // widest, minlength=len(first)))

        more_left, more_right = further(i, self._count[first]), further(j, self._count[second])
        # Of several parts that agree the rarest counts: "Museum square, Raqqa" agrees with itself on the square.
        common = self._commonness[a] + self._commonness[b]
        rarest = np.full(len(first), np.iinfo(np.int64).max)
        rank = common * (int(widest_of(self._count)) ** 2) + within
        np.minimum.at(rarest, owner[hit], rank[hit])
        told = within[hit][rank[hit] == rarest[owner[hit]]]
        at = owner[hit][rank[hit] == rarest[owner[hit]]]
        chosen = np.zeros(len(first), dtype=np.int64)
        chosen[at] = told
        wide = np.maximum(self._count[second], 1)
        return best, more_left, more_right, chosen // wide, chosen % wide

    def _scores(self, a: Ints, b: Ints) -> Ints:
        score = np.where(self._joined[a] == self._joined[b], SAME, NOT) if len(a) else np.empty(0, np.int64)
        unequal = np.flatnonzero(score == NOT)
        if not len(unequal):
            return score.astype(np.int64)
        low, high = np.minimum(a, b)[unequal], np.maximum(a, b)[unequal]
        inverse, pair = pd.factorize(low * len(self._keys) + high)
        first, second = pair // len(self._keys), pair % len(self._keys)
        plain = ratios(self._sorted[first].tolist(), self._sorted[second].tolist())
        size = self._bone_size[first]
        bones = (
            (self._bone[first] == self._bone[second])
            & (size >= LEAST_BONES)
            & (plain >= np.where(size >= TELLING_BONES, ALIKE, ALIKE_SHORT))
        )
        spelled = bones | (plain >= self._similar)
        found = np.where(spelled, SPELLED, NOT)
        # "Baghuz camp" is a camp at Baghuz: one name holds the other.
        for at in np.flatnonzero(~spelled & (self._worded[first] | self._worded[second])):
            one, other = self._words[first[at]], self._words[second[at]]
            if (one <= other or other <= one) and (one & other) - _LANDMARKS:
                found[at] = HELD
        score[unequal] = found[inverse]
        return score.astype(np.int64)

    def within(self, known: Mapping[str, str]) -> tuple[Texts, Bools]:
        """Return for each claim the one value that its parts have by their skeletons, and whether all of its parts have one.

        Args:
            known: a value (a governorate) by skeleton.
        """
        value = np.array([known.get(skeleton(str(key)), "") for key in self._keys], dtype=object)
        found = np.full(len(self._count), "", dtype=object)
        only = np.zeros(len(self._count), dtype=bool)
        has = np.array([bool(text) for text in value], dtype=bool)
        for name in np.flatnonzero(np.bincount(*_parts_with(has, self._part, self._first, self._count)) > 0):
            parts = self._part[self._first[name] : self._first[name] + self._count[name]]
            values = {str(text) for text in value[parts]} - {""}
            found[name] = values.pop() if len(values) == 1 else ""
            only[name] = bool(has[parts].all())
        return found[self._code], only[self._code]

    def points(self, latitude: Floats, longitude: Floats, precise: Bools) -> tuple[Floats, Floats]:
        """Return where the run's own claims put the place that each claim names: a gazetteer of its own, null for none.

        A name is placed by the claims that bear it alone and give a point, where these points lie close together.
        """
        spot = np.full((int(self._bone.max(initial=-1)) + 1, 2), np.nan)
        if self._whole is None:
            spots = spots_of(self._lone(latitude, longitude, precise))
            spot[spots.index.to_numpy(dtype=np.int64)] = spots[["north", "east"]].to_numpy()
        elif len(spot):
            spot = self._whole.spots.reindex(self._skeletons)[["north", "east"]].to_numpy()
        if not len(self._part):
            blank = np.full(len(self._code), np.nan)
            return blank, blank.copy()
        # A name whose parts lie in two places is left without a point.
        of_part = spot[self._bone[self._part]]
        held = ~np.isnan(of_part[:, 0])
        name = np.repeat(np.arange(len(self._count)), self._count)
        placed = np.bincount(name[held], minlength=len(self._count)) == 1
        point = np.full((len(self._count), 2), np.nan)
        point[name[held]] = of_part[held]
        point[~placed] = np.nan
        return point[self._code, 0], point[self._code, 1]

    def _lone(self, latitude: Floats, longitude: Floats, precise: Bools) -> pd.DataFrame:
        """Return the points of claims that bear one name alone: the number of its skeleton as `key`, latitude, longitude."""
        rows = np.flatnonzero((self._count[self._code] == 1) & precise & ~np.isnan(latitude))
        part = self._part[self._first[self._code[rows]]] if len(rows) else np.empty(0, np.int64)
        telling = self._bone_size[part] >= TELLING_BONES
        rows, part = rows[telling], part[telling]
        return pd.DataFrame(
            {"key": self._bone[part], "latitude": latitude[rows], "longitude": longitude[rows]}
        )

    def lone_points(self, latitude: Floats, longitude: Floats, precise: Bools) -> pd.DataFrame:
        """Return the points of claims that bear one name alone, its skeleton as `key`: what `spots_of` takes."""
        near = self._lone(latitude, longitude, precise)
        return near.assign(key=self._skeletons[near["key"].to_numpy(dtype=np.int64)])

    def parts_of_names(self) -> pd.DataFrame:
        """Return `name` and `part`: the telling parts of every distinct name."""
        name = np.repeat(np.arange(len(self._count)), self._count)
        return pd.DataFrame({"name": self._distinct[name], "part": self._keys[self._part]}, dtype=object)


def spots_of(near: pd.DataFrame) -> pd.DataFrame:
    """Return where each name lies by the claims that bear it alone, where their points lie close together.

    Args:
        near: key (of the name), latitude, longitude of each such claim.

    Returns:
        Columns `north` and `east` by key.
    """
    middle = near.groupby("key")[["latitude", "longitude"]].transform("median")
    near = near.assign(
        km=great_circle_km(
            near["latitude"].to_numpy(), near["longitude"].to_numpy(),
            middle["latitude"].to_numpy(), middle["longitude"].to_numpy(),
        )
    )  # fmt: skip
    by_key = near.groupby("key").agg(
        north=("latitude", "median"), east=("longitude", "median"), usual=("km", "median")
    )
    spread = near.groupby("key")["km"].quantile(0.9)
    return by_key[(by_key["usual"] < CLOSE_KM) & (spread < SPREAD_KM)]


def widest_of(count: Ints) -> int:
    """Return one more than the most parts that a name has."""
    return int(count.max(initial=0)) + 1


def _parts_with(has: Bools, part: Ints, first: Ints, count: Ints) -> tuple[Ints, Ints, int]:
    """Return what `bincount` needs to count, of each name, the parts that have a value."""
    name = np.repeat(np.arange(len(count)), count)
    return name, has[part[runs(first, count)]].astype(np.int64), len(count)


class Chance:
    """How many claims a day of the other's monitor would agree with a claim on its place by chance."""

    def __init__(self, claims: pd.DataFrame, places: Places) -> None:
        """Take the claims, and their places."""
        self._when: Moments = moments(claims)
        self._places = places
        rows = np.arange(len(claims))
        self._all = Density(np.zeros(len(claims), dtype=np.int64), rows, self._when)
        self._shire = Density(places.shire, rows, self._when)
        self._name = Density(places.names.group, places.names.owner, self._when, several=True)
        towns, members = places.towns.members()
        self._town = Density(towns, members, self._when, several=True)
        self._cell = {
            level: Density(_cells(*places.at, 2 * places.reach_km(level) / KM_A_DEGREE), rows, self._when)
            for level in ("same_spot", "nearby", "around")
        }

    def rate(self, left: Ints, right: Ints, agreed: Agreed) -> Floats:
        """Return claims a day under what each pair agrees on: the denser of the two monitors counts."""
        places = self._places
        rate = np.empty(len(left))
        rest = np.ones(len(left), dtype=bool)

        def put(where: Bools, density: Density, ours: Ints, theirs: Ints) -> None:
            at = np.flatnonzero(where)
            rate[at] = self._denser(density, ours[at], theirs[at], left[at], right[at])
            rest[at] = False

        named = places.named(agreed.levels)
        put(named, self._name, agreed.left_entry, agreed.right_entry)
        at = np.flatnonzero(named)
        group = places.names.group
        other = at[group[agreed.left_entry[at]] != group[agreed.right_entry[at]]]
        # Two spellings that are counted apart stand for one place: both are counted.
        rate[other] = self._name.rate(
            agreed.left_entry[other], self._when.monitor[right[other]]
        ) + self._name.rate(agreed.right_entry[other], self._when.monitor[left[other]])
        shires = places.at_level(agreed.levels, "only_admin1", "same_admin1")
        put(shires, self._shire, left, right)
        for level, density in self._cell.items():
            put(places.at_level(agreed.levels, level), density, left, right)
        inside = np.flatnonzero(places.at_level(agreed.levels, "inside_town"))
        rate[inside] = self._around_town(agreed.town[inside], left[inside], right[inside])
        rest[inside] = False
        put(rest, self._all, left, right)
        return rate

    def _denser(self, density: Density, ours: Ints, theirs: Ints, left: Ints, right: Ints) -> Floats:
        monitor = self._when.monitor
        return np.maximum(density.rate(ours, monitor[right]), density.rate(theirs, monitor[left]))

    def _around_town(self, town: Ints, left: Ints, right: Ints) -> Floats:
        when = self._when
        return np.maximum(
            self._town.counted(town, when.monitor[right], when.start[left], when.end[left]),
            self._town.counted(town, when.monitor[left], when.start[right], when.end[right]),
        )


def _cells(latitude: Floats, longitude: Floats, degrees: float) -> Ints:
    """Return the cell of a grid in which each point lies, its sides of one length in km; -1 without a point."""
    cell = np.full(len(latitude), -1, dtype=np.int64)
    rows = np.flatnonzero(~np.isnan(latitude))
    # Meridians close in towards the poles; the width is that of the nearest whole degree, so that a row of cells fits.
    squeeze = np.maximum(np.cos(np.radians(np.round(latitude[rows]))), 0.01)
    north = np.floor(latitude[rows] / degrees).astype(np.int64)
    east = np.floor(longitude[rows] * squeeze / degrees).astype(np.int64)
    cell[rows] = pd.factorize(north * 1_000_000 + east)[0]
    return cell
