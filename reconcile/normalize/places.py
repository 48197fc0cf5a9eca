"""The place of each claim: what the gazetteer makes of its name, and coordinates that can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from reconcile.normalize.columns import combined, factorized, first_text, texts
from reconcile.parse.places import fold_name, said_kind, split_place

if TYPE_CHECKING:
    from reconcile.drafts import IssueList
    from reconcile.gazetteer import Gazetteer, Place
    from reconcile.normalize.cells import Context
    from reconcile.normalize.columns import Codes


def set_places(claims: pd.DataFrame, context: Context, issues: IssueList) -> None:
    """Fill kind, id, governorate, P-code and country from the gazetteer, and set apart coordinates that can't be."""
    gazetteer = context.gazetteer
    written, shires, held = _shires(claims, gazetteer)
    spelled = texts(place.admin1 if place else name for name, place in zip(written, shires, strict=True))
    keys = [
        factorized(column)
        for column in (
            first_text(claims["place_name"], claims["place_name_native"]).array,
            spelled.take(held),
            claims["country_code"].array,
            claims["place_kind_code"].array,
        )
    ]
    rows, held = combined([cast("Codes", key.codes) for key in keys])
    towns, shires_of, countries, kinds = (key.distinct.take(cast("Codes", key.codes)[rows]) for key in keys)
    # Far fewer governorates than towns: which of them are known is asked once.
    known = {
        pair: pair[0] if gazetteer.governorate(*pair) else ""
        for pair in set(zip(shires_of, countries, strict=True))
    }
    found = [
        gazetteer.resolve(town, known[shire, country], country, kind)
        for town, shire, country, kind in zip(towns, shires_of, countries, kinds, strict=True)
    ]
    lent = {
        "kind": [("" if one.is_ambiguous else one.place.kind_code) if one.place else "" for one in found],
        "admin1": [one.admin1 for one in found],
        "country": [one.country_code for one in found],
    }
    looked = pd.DataFrame(
        {name: texts(values).take(held) for name, values in lent.items()}, index=claims.index
    )
    claims["place_id"] = texts(one.place.place_id if one.place else "" for one in found).take(held)
    _set_places_of_totals(claims, looked, context)
    claims["admin1"] = first_text(pd.Series(keys[1].cells(), index=claims.index), looked["admin1"])
    claims["place_kind_code"] = first_text(claims["place_kind_code"], looked["kind"])
    claims["country_code"] = first_text(claims["country_code"], looked["country"])
    _, shires, held = _shires(claims, gazetteer)
    pcodes = texts(place.pcode if place else "" for place in shires).take(held)
    claims["pcode"] = first_text(claims["pcode"], pd.Series(pcodes, index=claims.index))
    around = texts(place.country_code if place else "" for place in shires).take(held)
    claims["country_code"] = first_text(claims["country_code"], pd.Series(around, index=claims.index))
    half = (claims["latitude"].isna() != claims["longitude"].isna()).to_numpy()
    null_island = ((claims["latitude"] == 0) & (claims["longitude"] == 0)).to_numpy()
    for where, code, why in (
        (half, "half_coordinate", "one coordinate without the other"),
        (null_island, "zero_coordinate", "coordinates 0, 0, which lie in the Atlantic"),
    ):
        if where.any():
            source_rows = claims.loc[where, "source_row"]
            messages = [f"Row {row}: {why}; the pair was left blank." for row in source_rows]
            issues.add_cells(code, "error", "latitude", source_rows, [""] * len(messages), messages)
            claims.loc[where, ["latitude", "longitude"]] = np.nan


def _set_places_of_totals(claims: pd.DataFrame, looked: pd.DataFrame, context: Context) -> None:
    """Amend what the gazetteer lends to totals, whose place is a scope and not only a spot.

    A name may say its kind where the gazetteer is in doubt ("Raqqa city"), may lie in the governorate that is all of it the
    gazetteer knows ("a village, Raqqa countryside"), or may be several countries or governorates at once.
    """
    totals = np.flatnonzero((claims["kind_code"] == "total").to_numpy())
    names = claims["place_name"].to_numpy(dtype=object)[totals]
    for name in dict.fromkeys(names):
        rows = claims.index[totals[names == name]]
        parts = split_place(name)
        lands = sorted(
            {code for part in parts if (code := context.gazetteer.countries.get(fold_name(part), ""))}
        )
        shires = {
            shire.place_id
            for part in parts
            if (shire := context.gazetteer.governorate(part, str(claims.at[rows[0], "country_code"])))
        }
        place = context.gazetteer.by_id.get(str(claims.at[rows[0], "place_id"]))
        if len(lands) > 1 and place is None:
            looked.loc[rows, "country"] = " ".join(lands)
        elif place is None:
            continue
        elif kind := said_kind(name):
            looked.loc[rows, "kind"] = kind
        elif len(shires) > 1 and place.place_id in shires:
            claims.loc[rows, "place_id"] = ""
            looked.loc[rows, ["kind", "admin1"]] = ["area", ""]
        elif (
            place.kind_code == "governorate"
            and context.gazetteer.governorate(parts[0], place.country_code) is None
        ):
            looked.loc[rows, "kind"] = ""


def _shires(claims: pd.DataFrame, gazetteer: Gazetteer) -> tuple[list[str], list[Place | None], Codes]:
    """Return the distinct governorates of claims by name and country (North is Lebanon's or Sudan's), and which is whose."""
    keys = [factorized(claims[name].array) for name in ("admin1", "country_code")]
    rows, held = combined([cast("Codes", key.codes) for key in keys])
    names, countries = (list(key.distinct.take(cast("Codes", key.codes)[rows])) for key in keys)
    return names, [gazetteer.governorate(*pair) for pair in zip(names, countries, strict=True)], held
