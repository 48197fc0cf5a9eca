"""Claims as GeoJSON (RFC 7946), which map programs open.

Guarantees:
    each_claim_once: every claim of the report is one feature, with a null geometry where it has no coordinates.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.exports.hxl import TAGS
from reconcile.exports.stored import DECIMALS
from reconcile.exports.wide import BOUNDS, widened
from reconcile.exports.words import origin_of

if TYPE_CHECKING:
    from reconcile.exports.stored import Handover

PLACED = {
    1: "exact or street",
    2: "neighbourhood, village or town",
    3: "city or sub-district",
    4: "district",
    5: "governorate",
    6: "country or not stated",
}
DATED = {
    0: "no date",
    1: "day",
    2: "two to six days",
    3: "week",
    4: "month",
    5: "more than a month",
}
# Metres that rounding may move a point by, along each axis and at the equator, rounded up.
ROUNDED_BY_M = 60


def files_of(given: Handover) -> dict[str, bytes]:
    """Return the file by its name."""
    wide = widened(given.tables)
    claims = wide.claims
    told = {name: _values(claims[name]) for name in TAGS if name not in {"latitude", "longitude"}}
    told["date_precision"] = [DATED[code] for code in claims["date_precision_code"].tolist()]
    told["location_precision"] = [PLACED[code] for code in claims["location_precision_code"].tolist()]
    spots = _spots(claims)
    told["rounded_by_up_to_m"] = [None if spot is None else ROUNDED_BY_M for spot in spots]
    properties = [dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True)]
    for stem in wide.is_stated.columns:
        is_stated = wide.is_stated[stem].to_numpy()
        names = [f"{stem}_{bound}" for bound in BOUNDS]
        stated = zip(*(_values(wide.numbers.loc[is_stated, name]) for name in names), strict=True)
        for at, row in zip(is_stated.nonzero()[0], stated, strict=True):
            properties[at].update(zip(names, row, strict=True))
    features = [
        {"type": "Feature", "id": row["claim_id"], "geometry": spot, "properties": row}
        for row, spot in zip(properties, spots, strict=True)
    ]
    head = {"type": "FeatureCollection", "name": "claims", "about": origin_of(given)}
    return {"claims.geojson": _laid_out(head, features)}


def _laid_out(head: dict[str, Any], features: list[dict[str, Any]]) -> bytes:
    # A feature a line: two exports can be held against each other.
    shown = json.dumps(head, ensure_ascii=False, allow_nan=False)[:-1]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, allow_nan=False) for one in features)
    return f'{shown}, "features": [\n{lines}\n]}}\n'.encode("utf-8", "replace")


def _spots(claims: pd.DataFrame) -> list[dict[str, Any] | None]:
    is_known = (claims["latitude"].notna() & claims["longitude"].notna()).tolist()
    both = zip(is_known, claims["longitude"].tolist(), claims["latitude"].tolist(), strict=True)
    return [
        {"type": "Point", "coordinates": [round(east, DECIMALS), round(north, DECIMALS)]} if known else None
        for known, east, north in both
    ]


def _values(column: pd.Series[Any]) -> list[Any]:
    """Return a column as JSON has it: days as text, whole numbers without a point, null for what is not stated."""
    told: pd.Series[Any] = column.astype("object")
    if pd.api.types.is_datetime64_any_dtype(column):
        told = column.dt.strftime("%Y-%m-%d").astype("object")
    stated = told.where(column.notna(), None).tolist()
    return [int(value) if isinstance(value, float) and value.is_integer() else value for value in stated]
