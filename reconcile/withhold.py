"""Claims, Figures, Victims -> the same, without the texts that may name persons.

Columns that a layout marks `personal` or `free_text` fill fields that stay blank in every output, unless names were asked
for. It happens before anything is explained, so that no sentence, sheet, table or log can carry them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconcile.ruleset import Layout, Monitor

ALWAYS_RESTRICTED = ("text", "note")
READ_FROM = {
    "grade_code": ("grade_raw",),
    "date_start": ("edtf",),
    "date_end": ("edtf",),
    "place_name": ("place_id",),
    "place_name_native": ("place_id",),
    "latitude": ("longitude",),
    "longitude": ("latitude",),
}


def withhold(
    claims: pd.DataFrame, figures: pd.DataFrame, victims: pd.DataFrame, monitors: Mapping[str, Monitor]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return claims, figures and victims with restricted texts, numbers and days blank."""
    claims, figures, victims = without_texts(claims), figures.copy(), victims.copy()
    for layout in (layout for monitor in monitors.values() for layout in monitor.layouts):
        rows = (claims["layout"] == layout.id).to_numpy()
        if not rows.any():
            continue
        own = frozenset(claims.loc[rows, "claim_id"])
        for name in _restricted_fields(layout) & set(claims.columns):
            claims[name] = claims[name].mask(rows, _blank(claims[name]))
        if any(rule.number or rule.field == "quantity" for rule in layout.restricted_rules()):
            figures.loc[figures["claim_id"].isin(own), "verbatim"] = ""
        hidden = {rule.field for rule in layout.restricted_rules()}
        persons = victims["claim_id"].isin(own)
        if "victim_age" in hidden:
            victims.loc[persons, ["age_low_years", "age_high_years"]] = float("nan")
        if "victim_birth" in hidden:
            victims.loc[persons, "birth_year"] = float("nan")
    return claims, figures, victims.assign(name_published="", name_native="")


def withhold_decisions(
    decisions: pd.DataFrame, found: pd.DataFrame, claims: pd.DataFrame, monitors: Mapping[str, Monitor]
) -> pd.DataFrame:
    """Return what persons decided, without what they wrote about persons and without values of restricted columns.

    Args:
        decisions: a `Decisions` frame.
        found: a `Discrepancies` frame.
        claims: a `Claims` frame.
        monitors: of the rules.
    """
    if decisions.empty:
        return decisions
    layouts = dict(zip(claims["claim_id"], claims["layout"], strict=True))
    behind = dict(zip(found["discrepancy_id"], found["claim_ids"], strict=True))
    hidden = hidden_fields(monitors)
    of_persons = {
        layout.id for one in monitors.values() for layout in one.layouts if layout.kind_code == "victim"
    }
    met = frozenset(claims["monitor"])
    # Of a claim that is not in the run no more is known than whose it is.
    listing = frozenset(claims.loc[claims["layout"].isin(of_persons), "monitor"]) | {
        name
        for name, one in monitors.items()
        if name not in met and any(layout.id in of_persons for layout in one.layouts)
    }

    def is_of_person(claim_id: str) -> bool:
        if claim_id in layouts:
            return layouts[claim_id] in of_persons
        return claim_id.partition(":")[0] in listing

    sides = [behind.get(about, about).split() for about in decisions["about_ids"]]
    # Whom a finding was about that is gone by now is not known any more.
    is_gone = (decisions["kind_code"] == "finding") & ~decisions["about_ids"].isin(behind)
    has_persons = bool(claims["layout"].isin(of_persons).any())
    is_private = [
        any(map(is_of_person, ids)) or (gone and has_persons)
        for ids, gone in zip(sides, is_gone, strict=True)
    ]
    is_hidden = [
        any(column in hidden.get(layouts.get(one, ""), ()) for one in ids)
        for ids, column in zip(sides, decisions["column"], strict=True)
    ]
    both = np.array(is_private) | np.array(is_hidden)
    return decisions.assign(
        **{name: decisions[name].mask(both, "") for name in ("note", "expected", "value")}
    )


def hidden_fields(monitors: Mapping[str, Monitor]) -> dict[str, frozenset[str]]:
    """Return the columns of Claims that are withheld, by layout."""
    return {
        layout.id: frozenset(_restricted_fields(layout))
        for one in monitors.values()
        for layout in one.layouts
    }


def names_nobody(layout: Layout) -> bool:
    """Return whether no claim of a layout can name a person once `text` and `note` are blank."""
    rules = layout.restricted_rules()
    fields = {str(rule.field) for rule in rules if rule.field} - set(ALWAYS_RESTRICTED)
    return layout.kind_code != "victim" and not fields and not any(rule.number for rule in rules)


def without_texts(claims: pd.DataFrame) -> pd.DataFrame:
    """Return claims, or drafts of claims, with `text` and `note` blank."""
    return claims.assign(**dict.fromkeys(ALWAYS_RESTRICTED, ""))


def _blank(column: pd.Series[Any]) -> Any:
    if column.dtype == "str":
        return ""
    return (
        pd.NaT
        if column.dtype.kind == "M"
        else column.dtype.type(0)
        if column.dtype.kind == "i"
        else float("nan")
    )


def _restricted_fields(layout: Layout) -> set[str]:
    fields = {str(rule.field) for rule in layout.restricted_rules() if rule.field}
    # What was read from a restricted field goes with it.
    for field, read in READ_FROM.items():
        fields |= set(read) if field in fields else set()
    # An id that names a person was replaced by a keyed one when it was read.
    return fields - {"native_id", "native_incident_ids"}
