"""Labelled sets of real claims, brought to the columns the other tools are given. Nothing of them is kept.

A set is a folder with `left.csv`, `right.csv` and `pairs.csv` (left_id, right_id). Known are sets of incidents whose left side has
Airwars' columns and whose right side the Coalition's statements, and lists of named victims.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from cleaning import clean_incidents, clean_victims

if TYPE_CHECKING:
    from pathlib import Path

_PLACE_PART = re.compile(r"[,;/(]| near ")
_NEAR = re.compile(r"^(?:near|vicinity of|in|at)\s+", re.IGNORECASE)
SEXES = {
    "m": "male",
    "male": "male",
    "ذكر": "male",
    "f": "female",
    "female": "female",
    "أنثى": "female",
    "انثى": "female",
}


def prepare(source: Path, folder: Path) -> str:
    """Write what a runner reads of one labelled set; return its kind.

    Raises:
        SystemExit: when its columns are of no set known here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sides = [
        pd.read_csv(source / f"{side}.csv", dtype="str", keep_default_na=False) for side in ("left", "right")
    ]
    pairs = pd.read_csv(source / "pairs.csv", dtype="str")
    if "code" in sides[0] and "statement_id" in sides[1]:
        kind, monitors, made = (
            "incidents",
            "airwars,cjtf_oir",
            [_of_airwars(sides[0]), _of_coalition(sides[1])],
        )
    elif any("name" in column for column in sides[0]):
        kind, monitors, made = "victims", "victim_list,victim_list", [_of_list(side) for side in sides]
    else:
        raise SystemExit(
            f"{source.name}: columns of no labelled set known here: {', '.join(sides[0].columns)}."
        )
    claims = pd.concat(
        [side.assign(monitor=name) for side, name in zip(made, ("left", "right"), strict=True)],
        ignore_index=True,
    )
    cleaned = (clean_incidents if kind == "incidents" else clean_victims)(claims)
    cleaned.to_parquet(folder / f"clean_{kind}.parquet", index=False)
    claim_id = claims["monitor"] + ":" + claims["native_id"]
    truth = pd.DataFrame({"claim_id": claim_id, "event_id": _events(claim_id, pairs)})
    truth.to_csv(folder / f"truth_{kind}.csv", index=False)
    about = {
        "kind": kind,
        "claims": len(claims),
        "files": [str(source / "left.csv"), str(source / "right.csv")],
        "monitors": monitors,
        "sides": ["left", "right"],
    }
    (folder / f"about_{kind}.json").write_text(json.dumps(about), encoding="utf-8")
    return kind


def _events(claim_id: pd.Series[str], pairs: pd.DataFrame) -> np.ndarray:
    """Return a code for each row that pairs share; a row in no pair has one of its own."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - only here
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    position = pd.Index(claim_id)
    left, right = (
        position.get_indexer("left:" + pairs["left_id"]),
        position.get_indexer("right:" + pairs["right_id"]),
    )
    known = (left >= 0) & (right >= 0)
    graph = coo_array((np.ones(int(known.sum())), (left[known], right[known])), shape=(len(position),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _first_place(texts: pd.Series[str]) -> pd.Series[str]:
    return texts.map(lambda text: _NEAR.sub("", _PLACE_PART.split(text)[0].strip()))


def _number(texts: pd.Series[str]) -> pd.Series[float]:
    return pd.to_numeric(texts.where(texts != "", None), errors="coerce")


def _of_airwars(side: pd.DataFrame) -> pd.DataFrame:
    low, high = _number(side["civ_killed_min"]), _number(side["civ_killed_max"])
    return pd.DataFrame(
        {
            "native_id": side["code"],
            "date": side["incident_date"],
            "date_end": side["date_range_end"],
            "town": _first_place(side["location_en"]),
            "town_native": "",
            "governorate": side["region_en"],
            "latitude": _number(side["latitude"]),
            "longitude": _number(side["longitude"]),
            "location_precision": "3",
            "attacker": side["belligerents"],
            "killed_low": low,
            "killed_best": low,
            "killed_high": high.fillna(low),
            "injured": _number(side["civ_injured_min"]),
        }
    )


def _of_coalition(side: pd.DataFrame) -> pd.DataFrame:
    # A denial's nought is a position and no count.
    conceded = side["verdict"].eq("credible")
    low = _number(side["conceded_min"]).where(conceded)
    return pd.DataFrame(
        {
            "native_id": side["statement_id"],
            "date": side["date"],
            "date_end": "",
            "town": _first_place(side["place_text"]),
            "town_native": "",
            "governorate": "",
            "latitude": np.nan,
            "longitude": np.nan,
            "location_precision": "",
            "attacker": "",
            "killed_low": low,
            "killed_best": low,
            "killed_high": _number(side["conceded_max"]).where(conceded),
            "injured": _number(side["injuries_conceded_min"]).where(conceded),
        }
    )


def _of_list(side: pd.DataFrame) -> pd.DataFrame:
    number = next(column for column in side.columns if column.endswith("_id") or column == "id")
    name = next(column for column in side.columns if "name" in column)
    return pd.DataFrame(
        {
            "native_id": side[number],
            "name": side[name],
            "name_native": "",
            "age": np.floor(_number(side["age"])).astype("Int64"),
            "sex": side["sex"].str.strip().str.casefold().map(SEXES).fillna(""),
            "date_of_death": "",
            "town": "",
            "governorate": "",
        }
    )
