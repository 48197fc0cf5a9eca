"""What two totals count, set against each other: is one's scope inside the other's, apart from it, or can't one tell?

A scope has six sides: measure, population, persons (sex and age), place, attacker and means. For each side, `Side.inside`
says which of its distinct values lies wholly in which, and `Side.apart` which exclude each other; where neither holds,
the values may share some of the dead. Windows are left to whoever asks.

Guarantees:
    inside_is_an_order: every value is inside itself, and what is inside of what is inside is inside.
    apart_excludes_inside: no two values are apart and one inside the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.parse.places import fold_name, is_countryside, split_place
from reconcile.views import days_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import numpy.typing as npt

    from reconcile.gazetteer import Gazetteer
    from reconcile.ruleset import Monitor, Vocabulary

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

SIDES: dict[str, tuple[str, ...]] = {
    "measure": ("measure_code",),
    "population": ("population_code",),
    "persons": ("sex_code", "age_group_code"),
    "place": ("country_code", "admin1", "admin2", "place_id", "place_kind_code", "place_name"),
    "attacker": ("perpetrator_codes",),
    "means": ("violence_code",),
}
WIDE_KINDS = frozenset({"governorate", "city_and_countryside"})
ANYBODY = frozenset({"", "any", "all"})


@dataclass(frozen=True, slots=True)
class Reader:
    """What stages about totals read rules from.

    Attributes:
        monitors: for grade rungs, titles and origins.
        attackers: the vocabulary with parents.
        means: that of violence, with parents.
        gazetteer: for the town of an ambiguous name.
        series: series code by layout id, where layouts state one series together.
        from_day: first day of the job's scope, None for no bound; what lies before it was set aside.
        to_day: last day of the job's scope, likewise.
    """

    monitors: Mapping[str, Monitor]
    attackers: Vocabulary
    means: Vocabulary
    gazetteer: Gazetteer
    series: Mapping[str, str] = field(default_factory=dict)
    from_day: date | None = None
    to_day: date | None = None


def series_of(monitors: Mapping[str, Monitor]) -> dict[str, str]:
    """Return the series that layouts state together, by layout id."""
    return {
        layout.id: layout.series
        for monitor in monitors.values()
        for layout in monitor.layouts
        if layout.series
    }


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the scopes of many totals.

    Attributes:
        codes: for each total, the position of its value among the distinct ones.
        inside: [a, b] is true where value a lies wholly in value b; each lies in itself.
        apart: [a, b] is true where nobody can be counted under both.
    """

    codes: Ints
    inside: Bools
    apart: Bools


@dataclass(frozen=True, slots=True)
class Scopes:
    """Figures of totals, and the sides of their scopes.

    Attributes:
        totals: one row a figure of a total with a window: the columns of `Figures`, those of `SIDES`, `monitor`, `series`,
            `origin` (who first asserted it), `reported_via`, `reported_on`, `layout`, and `start` and `end` in days since 1970.
        sides: by name, see `SIDES`.
    """

    totals: pd.DataFrame
    sides: dict[str, Side]

    def inside(self, left: Ints, right: Ints, *but: str) -> Bools:
        """Return where the scope of one row lies in that of another, sides named in `but` left out."""
        held = [
            side.inside[side.codes[left], side.codes[right]]
            for name, side in self.sides.items()
            if name not in but
        ]
        return np.asarray(np.logical_and.reduce(held), dtype=bool)

    def apart(self, left: Ints, right: Ints) -> Bools:
        """Return where nobody can be counted in both rows, by any side of their scopes."""
        held = [side.apart[side.codes[left], side.codes[right]] for side in self.sides.values()]
        return np.asarray(np.logical_or.reduce(held), dtype=bool)

    def topics(self, *but: str) -> Ints:
        """Return a number for each row: equal where all sides but those named in `but` are equal."""
        codes = pd.DataFrame({name: side.codes for name, side in self.sides.items() if name not in but})
        return np.asarray(codes.groupby(list(codes.columns)).ngroup().to_numpy(), dtype=np.int64)


def scopes_of(claims: pd.DataFrame, figures: pd.DataFrame, reader: Reader) -> Scopes:
    """Return the figures of totals that state a window, with the sides of their scopes.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame; conceded figures stay what they are: a `role_code` in the rows.
        reader: attackers, means and places.
    """
    totals = claims[
        (claims["kind_code"] == "total") & claims["date_start"].notna() & claims["date_end"].notna()
    ]
    about = pd.DataFrame(
        {
            "claim_id": totals["claim_id"],
            "monitor": totals["monitor"],
            "series": _series(totals, reader),
            "origin": [
                _origin(reader, *pair) for pair in zip(totals["monitor"], totals["origin_ids"], strict=True)
            ],
            "reported_via": totals["reported_via"],
            "reported_on": totals["reported_on"],
            "layout": totals["layout"],
            "start": days_of(totals, "date_start"),
            "end": days_of(totals, "date_end"),
            **{name: totals[name] for names in SIDES.values() for name in names if name in totals},
        }
    )
    rows = figures.merge(about, on="claim_id").reset_index(drop=True)
    return Scopes(rows, {name: _side(name, rows[list(columns)], reader) for name, columns in SIDES.items()})


def _series(totals: pd.DataFrame, reader: Reader) -> pd.Series[str]:
    """Return the series of each total: that of its layout, else its monitor; on a sheet that names no monitor, the origin.

    Who claims nothing in particular owes no consistency: such a claim is a series of its own.
    """
    sheets = [name for name, monitor in reader.monitors.items() if monitor.kind_code == "sheet"]
    alone = totals["origin_ids"].mask(totals["origin_ids"] == "", totals["claim_id"])
    own = totals["monitor"].mask(totals["monitor"].isin(sheets), totals["monitor"] + ":" + alone)
    stated = pd.Series(
        [reader.series.get(layout, "") for layout in totals["layout"]], index=own.index, dtype="str"
    )
    return own.mask(stated != "", stated)


def _origin(reader: Reader, monitor: str, origins: str) -> str:
    known = reader.monitors.get(monitor)
    return origins or (known.origin_code if known else "") or monitor


def _side(name: str, columns: pd.DataFrame, reader: Reader) -> Side:
    groups = columns.groupby(list(columns.columns), sort=True)
    codes = np.asarray(groups.ngroup().to_numpy(), dtype=np.int64)
    first = columns.assign(code=codes).drop_duplicates("code").sort_values("code")
    values = first[list(columns.columns)].reset_index(drop=True)
    if name == "place":
        return Side(codes, *_places(values, reader.gazetteer))
    if name in {"attacker", "means"}:
        return Side(
            codes, *_terms(values.iloc[:, 0], reader.attackers if name == "attacker" else reader.means)
        )
    if name == "persons":
        return Side(codes, *_persons(values))
    return Side(codes, *_codes(values.iloc[:, 0].to_numpy(dtype=object), is_whole=name == "population"))


def _codes(values: npt.NDArray[np.object_], *, is_whole: bool) -> tuple[Bools, Bools]:
    """Return the order of single codes: each in itself, and where one of them counts everybody, all in that one."""
    same = values[:, None] == values[None, :]
    whole = np.isin(values, list(ANYBODY)) if is_whole else np.zeros(len(values), dtype=bool)
    inside = same | whole[None, :]
    vague = values == "unknown"
    return inside, ~inside & ~inside.T & ~vague[:, None] & ~vague[None, :]


def _persons(values: pd.DataFrame) -> tuple[Bools, Bools]:
    sex, sex_apart = _codes(values["sex_code"].to_numpy(dtype=object), is_whole=True)
    age, age_apart = _codes(values["age_group_code"].to_numpy(dtype=object), is_whole=True)
    return sex & age, sex_apart | age_apart


def _terms(values: pd.Series[str], vocabulary: Vocabulary) -> tuple[Bools, Bools]:
    """Return the order of sets of terms: one lies in another when each of its terms is there, or acts as part of one that is.

    A claim that names no attacker, or no means, counts those of all.
    """
    named = [frozenset(text.split()) - {"unknown"} for text in values]
    above = [[{term, *vocabulary.ancestors(term)} for term in terms] for terms in named]
    inside = np.array(
        [
            [not there or (bool(here) and all(reach & there for reach in here)) for there in named]
            for here in above
        ],
        dtype=bool,
    ).reshape(len(named), len(named))
    related = np.array(
        [
            [
                not here
                or not there
                or any(reach & there for reach in up)
                or any(reach & here for reach in over)
                for there, over in zip(named, above, strict=True)
            ]
            for here, up in zip(named, above, strict=True)
        ],
        dtype=bool,
    ).reshape(len(named), len(named))
    return inside, ~related


def _places(values: pd.DataFrame, gazetteer: Gazetteer) -> tuple[Bools, Bools]:
    """Return the order of places: town in governorate in country; of a name that is both, only that it lies in the wider."""
    country, admin1, place, kind = (
        values[name].to_numpy(dtype=object)
        for name in ("country_code", "admin1", "place_id", "place_kind_code")
    )
    name = values["place_name"].to_numpy(dtype=object)
    admin2, own = (
        np.array([fold_name(text) for text in column], dtype=object) for column in (values["admin2"], name)
    )
    known = [gazetteer.by_id.get(text) for text in place]
    # Of a village that no table has, the governorate is all that was recognised.
    is_within = np.array([one is not None and one.kind_code == "governorate" for one in known], dtype=bool)
    is_within &= kind == ""
    place = np.where(is_within, "", place)
    is_several = (kind == "area") & (admin1 == "")
    is_land = (
        ((kind == "country") | ((admin1 == "") & (place == ""))) & (country != "") & ~is_several & ~is_within
    )
    is_wide = ~is_land & np.isin(kind, list(WIDE_KINDS)) & (admin1 != "")
    is_district = ~is_land & (kind == "district") & (admin2 != "")
    nowhere = (country == "") & (admin1 == "") & (place == "")
    one_land, many_lands = _lands(country)
    one_shire = one_land & _both(admin1)
    columns = [values[name].to_numpy(dtype=object) for name in SIDES["place"]]
    equal = np.logical_and.reduce([column[:, None] == column[None, :] for column in columns])
    unplaced = (place == "")[:, None] & (place == "")[None, :]
    one_name = (_both(place) & (_both(own) | (kind != "")[:, None])) | (unplaced & _both(own))
    # A street of a town: the town's name stands behind its own.
    parts = [split_place(text) for text in name]
    around = np.array([fold_name(part[-1]) if len(part) > 1 else "" for part in parts], dtype=object)
    of_town = _both(place) & (around[:, None] == own[None, :]) & (around != "")[:, None]
    inside = (
        equal
        | (one_shire & (kind[:, None] == kind[None, :]) & one_name)
        | (one_shire & of_town & (kind == "")[:, None])
        | (many_lands & is_land[None, :])
        | (one_shire & is_wide[None, :] & ~is_land[:, None])
        | (one_shire & _both(admin2) & is_district[None, :] & ~(is_land | is_wide)[:, None])
    ) & ~(nowhere[:, None] ^ nowhere[None, :])
    is_city = np.isin(kind, ["city", "town"])
    is_rural = np.array([is_countryside(text) for text in name], dtype=bool) & ~is_wide & ~is_land
    is_spot = ~(is_land | is_wide | is_district | is_several) & (place != "") & (kind != "")
    apart = (
        (_told(country) & ~_sharing(country))
        | (one_land & _told(admin1) & ~_both(admin1))
        | (one_shire & _told(admin2) & ~_both(admin2) & is_district[:, None] & is_district[None, :])
        | (is_spot[:, None] & is_spot[None, :] & ~_both(place))
        | (is_city[:, None] & is_rural[None, :])
        | (is_rural[:, None] & is_city[None, :])
    )
    return inside, apart & ~inside & ~inside.T


def _both(column: npt.NDArray[np.object_]) -> Bools:
    """Return where two values are equal and stated."""
    return np.asarray((column[:, None] == column[None, :]) & (column[:, None] != ""), dtype=bool)


def _told(column: npt.NDArray[np.object_]) -> Bools:
    return np.asarray((column[:, None] != "") & (column[None, :] != ""), dtype=bool)


def _lands(country: npt.NDArray[np.object_]) -> tuple[Bools, Bools]:
    """Return where countries are the same one, and where all of one are among those of another; a total may be of several."""
    named = [frozenset(text.split()) for text in country]
    among = np.array([[bool(here) and here <= there for there in named] for here in named], dtype=bool)
    return _both(country), among.reshape(len(named), len(named))


def _sharing(country: npt.NDArray[np.object_]) -> Bools:
    named = [frozenset(text.split()) for text in country]
    shared = np.array([[bool(here & there) for there in named] for here in named], dtype=bool)
    return shared.reshape(len(named), len(named))
