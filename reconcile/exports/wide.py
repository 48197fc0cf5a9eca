"""A row for each claim, with its numbers beside it: a column for each group of people that any claim counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = ("measure_code", "population_code", "sex_code", "age_group_code", "role_code")
# What a claim usually states goes without saying in the name of a column.
UNSAID = frozenset({"any", "alleged"})
BOUNDS = ("low", "best", "high")


@dataclass(frozen=True, slots=True)
class Counted:
    """One column of numbers.

    Attributes:
        name: of the column: killed_civilian_low.
        group: measure, population, sex, age group and role.
        number: 1, or more where a claim states several numbers of one group.
        bound: low, best or high.
    """

    name: str
    group: tuple[str, ...]
    number: int
    bound: str


@dataclass(frozen=True, slots=True)
class Wide:
    """Claims with their numbers.

    Attributes:
        claims: one row a claim, in the order of the report, with its `cluster_id`.
        numbers: the same rows; a column for each of `columns`.
        is_stated: the same rows; by group and number, whether the claim states one.
        columns: what each column of numbers is.
    """

    claims: pd.DataFrame
    numbers: pd.DataFrame
    is_stated: pd.DataFrame
    columns: tuple[Counted, ...]


def widened(tables: Mapping[str, pd.DataFrame]) -> Wide:
    """Lay the figures of claims side by side.

    Args:
        tables: of a report, by name: `claims`, `figures` and `linked` are read.
    """
    claims, figures, linked = tables["claims"], tables["figures"], tables["linked"]
    own = linked[linked["relation_code"] != "covers"].drop_duplicates("claim_id").set_index("claim_id")
    cluster = claims["claim_id"].map(own["cluster_id"]).astype("object").fillna("").astype("str")
    number = figures.groupby(["claim_id", *GROUP], sort=False).cumcount() + 1
    keyed = figures.assign(number=number)
    numbers, stated, columns = {}, {}, []
    for key, held in keyed.groupby([*GROUP, "number"], sort=True):
        *parts, last = cast("tuple[Any, ...]", key)
        group, nth = tuple(map(str, parts)), int(last)
        stem, theirs = _stem(group, nth), held.set_index("claim_id")
        for bound in BOUNDS:
            columns.append(Counted(f"{stem}_{bound}", group, nth, bound))
            numbers[f"{stem}_{bound}"] = claims["claim_id"].map(theirs[bound])
        stated[stem] = claims["claim_id"].isin(theirs.index)
    return Wide(
        claims.assign(cluster_id=cluster),
        pd.DataFrame(numbers, index=claims.index),
        pd.DataFrame(stated, index=claims.index),
        tuple(columns),
    )


def _stem(parts: tuple[str, ...], number: int) -> str:
    said = [part for part in parts if part not in UNSAID]
    return "_".join([*said, *([str(number)] if number > 1 else [])])
