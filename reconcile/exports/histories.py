"""Capture histories as the programs for multiple systems estimation take them: LCMCR, dga, SparseMSE, Rcapture, verdata.

Each stratum has a folder of its own, so that every file holds what one call takes and nothing else. No file holds a person,
but for verdata's, which has a row of ones and zeros for each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.errors import UsageFault
from reconcile.exports.histories_text import CAREFUL, LOADED, STRATA_TOLD
from reconcile.outfiles import csv_bytes
from reconcile.overlap import FEWEST_LISTS, STRATUM, unfit
from reconcile.parse.latin import latin_letters
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Mapping

# dga brings its models along for so many lists, and for no other number.
DGA_LISTS = range(3, 6)
STRATA_COLUMNS = (
    "group_code", "stratum_code", "month", "country_code", "admin1", "victims", "folder", "why_no_files", "caution",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Stratum:
    """One stratum of one group of lists.

    Attributes:
        about: group_code, stratum_code, month, country_code and admin1.
        lists: in the order of the patterns.
        on: a row a pattern, a column a list.
        counts: victims with each pattern.
        why: what keeps it from being estimated; empty where nothing does.
        caution: what can't be known of the group and has to be looked into first.
    """

    about: Mapping[str, str]
    lists: tuple[str, ...]
    on: np.ndarray[Any, np.dtype[np.int64]]
    counts: np.ndarray[Any, np.dtype[np.int64]]
    why: str
    caution: str


def files_of(tables: Mapping[str, pd.DataFrame], summary: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files by their names, with / between folders.

    Args:
        tables: of the report, by name: `lists`, `histories`, `overlaps` and `estimates` are read.
        summary: the report's `run.json`.

    Raises:
        UsageFault: when the run has no lists of victims.
    """
    lists = _of_victims(tables, "lists")
    if lists.empty:
        raise UsageFault(
            "The run has no list of victims, so there are no histories: they are made of persons whom several lists name, and "
            "never of incidents."
        )
    strata = _strata(_of_victims(tables, "histories"), tables["estimates"])
    folders = _folders([one for one in strata if not one.why])
    files = {"README.md": _readme(lists, strata, folders, summary).encode()}
    files["lists.csv"] = csv_bytes(lists.drop(columns="unit_code"))
    files["pairs.csv"] = csv_bytes(_of_victims(tables, "overlaps").drop(columns="unit_code"))
    files["strata.csv"] = csv_bytes(_strata_rows(strata, folders))
    for one in strata:
        if not one.why:
            folder = folders[_key(one)]
            files |= {f"{folder}/{name}": content for name, content in _stratum_files(one, folder).items()}
    return files


def _of_victims(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    table = tables[name]
    return table[table["unit_code"] == "victim"].reset_index(drop=True)


# ---- strata --------------------------------------------------------------------------------------------------------


def _strata(histories: pd.DataFrame, estimates: pd.DataFrame) -> list[_Stratum]:
    """Return every stratum, with what keeps it from being estimated."""
    whole = estimates[(estimates["stratum_code"] == "whole") & (estimates["method_code"] != "chapman")]
    refused = {str(row.group_code): str(row.explanation) for row in records(whole) if row.refused_code}
    keys = ["group_code", "stratum_code", *STRATUM]
    return [
        _stratum(dict(zip(keys, map(str, key), strict=True)), held, refused)
        for key, held in histories.groupby(keys, sort=True)
    ]


def _stratum(about: Mapping[str, str], held: pd.DataFrame, refused: Mapping[str, str]) -> _Stratum:
    lists = tuple(str(held["lists"].iloc[0]).split())
    told = refused.get(about["group_code"], "")
    if len(lists) < FEWEST_LISTS:
        why, caution = told, ""
    else:
        why, caution = _untold(about) or unfit(held, lists)[1], told
    return _Stratum(
        about=about,
        lists=lists,
        on=np.array([[int(digit) for digit in pattern] for pattern in held["pattern"]], dtype=np.int64),
        counts=held["members"].to_numpy(dtype=np.int64),
        why=why,
        caution=caution,
    )


def _untold(about: Mapping[str, str]) -> str:
    """Return why a stratum is none: its victims are those of whom no record tells the month, or the place."""
    if "month" in about["stratum_code"] and not about["month"]:
        return "The records of these victims do not tell the month."
    if "place" in about["stratum_code"] and not about["admin1"]:
        return "The records of these victims do not tell the governorate."
    return ""


def _key(one: _Stratum) -> tuple[str, ...]:
    return tuple(one.about.values())


def _folders(strata: list[_Stratum]) -> dict[tuple[str, ...], str]:
    """Return the folder of each stratum: one name each, in letters that every system takes."""
    taken: dict[tuple[str, ...], str] = {}
    for one in strata:
        stated = [_plain(one.about[name]) for name in STRATUM if one.about[name]]
        name = f"{one.about['group_code']}/{'-'.join(stated) or 'whole'}"
        number, unique = 1, name
        while unique in taken.values():
            number += 1
            unique = f"{name}-{number}"
        taken[_key(one)] = unique
    return taken


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", latin_letters(text)).strip("-") or "unnamed"


def _strata_rows(strata: list[_Stratum], folders: Mapping[tuple[str, ...], str]) -> pd.DataFrame:
    rows = [
        dict(one.about)
        | {
            "victims": int(one.counts.sum()),
            "folder": folders.get(_key(one), ""),
            "why_no_files": one.why,
            "caution": one.caution,
        }
        for one in strata
    ]
    return pd.DataFrame(rows, columns=list(STRATA_COLUMNS))


# ---- files ---------------------------------------------------------------------------------------------------------


def _stratum_files(one: _Stratum, folder: str) -> dict[str, bytes]:
    """Return the files of one stratum, each as its program takes it."""
    patterns = pd.DataFrame(one.on, columns=list(one.lists))
    files = {
        "lcmcr.csv": _plain_csv(patterns.assign(Freq=one.counts)),
        "sparsemse.csv": _plain_csv(patterns.assign(count=one.counts)),
        "rcapture.csv": _plain_csv(patterns.assign(freq=one.counts)),
        "verdata.csv": _plain_csv(_persons(one, folder)),
    }
    if len(one.lists) in DGA_LISTS:
        files["dga.csv"] = _plain_csv(_cells(one))
    return files


def _persons(one: _Stratum, folder: str) -> pd.DataFrame:
    """Return a row for each person: the stratum's name, and a one or a zero for each list."""
    rows = np.repeat(one.on, one.counts, axis=0)
    told = pd.DataFrame(rows, columns=[f"in_{name}" for name in one.lists])
    told.insert(0, "stratum_name", folder.replace("/", "_"))
    return told


def _cells(one: _Stratum) -> pd.DataFrame:
    """Return one row with a column for each history there may be, from x000 to x111; x000 is nobody's."""
    weights = 1 << np.arange(len(one.lists))[::-1]
    cells = np.zeros(1 << len(one.lists), dtype=np.int64)
    cells[one.on @ weights] = one.counts
    names = [f"x{bits:0{len(one.lists)}b}" for bits in range(len(cells))]
    return pd.DataFrame([cells], columns=names)


def _plain_csv(table: pd.DataFrame) -> bytes:
    """Return a table of codes and whole numbers; R takes a byte-order mark for a part of the first name, so there is none."""
    return table.to_csv(index=False, lineterminator="\n").encode()


# ---- the README ----------------------------------------------------------------------------------------------------


def _readme(
    lists: pd.DataFrame,
    strata: list[_Stratum],
    folders: Mapping[tuple[str, ...], str],
    summary: Mapping[str, Any],
) -> str:
    parts = [
        "## Capture histories",
        f"Of the run {str(summary.get('run_digest', ''))[:16]} of {summary.get('job', '')}, as of {summary.get('as_of', '')}.",
        CAREFUL,
        "## Lists",
        "\n".join(_list_line(row) for row in records(lists)),
        *_cautions(strata),
        "## Strata",
        STRATA_TOLD,
        f"{len(folders):,} of {len(strata):,} strata have files; strata.csv says why the others have none.",
        "## Files",
        LOADED,
    ]
    return "\n\n".join(parts) + "\n"


def _list_line(row: Any) -> str:
    name = f"`{row.list_code}`" if row.list_code else "none"
    return (
        f"* {row.monitor} ({row.group_code}), in the files {name}: {row.members:,} victims, {row.nameless:,} records without a "
        f"name, {row.outside:,} victims outside what the lists share. {row.explanation}"
    )


def _cautions(strata: list[_Stratum]) -> list[str]:
    told = {one.about["group_code"]: one.caution for one in strata if one.caution}
    if not told:
        return []
    lines = "\n".join(f"* {group}: {caution}" for group, caution in sorted(told.items()))
    return ["## Look into this before you estimate anything", lines]
