"""draft -> draft: a person's corrections, applied where the old value still stands.

Guarantees:
    what_was_expected_only: a value changes only where the expected old value stood.
    dropped_rows_are_counted: a claim that a correction drops leaves its row with the fate `corrected_away`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.drafts import Draft, IssueList
from reconcile.frames import Issues, empty
from reconcile.parse.coordinates import parse_latitude, parse_longitude
from reconcile.parse.counts import parse_count
from reconcile.parse.dates import edtf_of, precision_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.ruleset import Correction

TEXT_COLUMNS = (
    "place_name",
    "place_name_native",
    "place_kind_code",
    "admin1",
    "admin2",
    "country_code",
    "perpetrator_codes",
    "attribution_code",
    "grade_code",
    "position_code",
    "origin_ids",
    "url",
)
DAY_COLUMNS = ("date_start", "date_end", "reported_on")
NUMBER_COLUMNS = ("latitude", "longitude")
FIGURE_BOUNDS = ("low", "best", "high")


def correct(draft: Draft, corrections: Sequence[Correction]) -> Draft:
    """Return the draft with corrections applied; one that no longer applies is an error among the issues.

    Args:
        draft: of all files.
        corrections: `column` is a column of Claims, or `measure.population.bound` for a figure.
    """
    claims, figures, fates = draft.claims.copy(), draft.figures.copy(), draft.fates.copy()
    issues = IssueList("corrections.yaml", "")
    for correction in corrections:
        rows = claims.index[claims["claim_id"] == correction.claim_id]
        if len(rows) == 0:
            _refuse(issues, correction, "there is no such claim in this run")
        elif correction.action == "drop":
            gone = claims.loc[rows]
            claims = claims.drop(index=rows)
            figures = figures[~figures["draft_no"].isin(gone["draft_no"])]
            keys = gone.set_index(["source_file", "source_sheet", "source_row"]).index
            hit = pd.MultiIndex.from_frame(fates[["source_file", "source_sheet", "source_row"]]).isin(keys)
            fates.loc[hit, "fate_code"] = "corrected_away"
        elif "." in correction.column:
            _set_bound(figures, claims.loc[rows, "draft_no"], correction, issues)
        else:
            _set_value(claims, rows, correction, issues)
    noted = issues.frame()
    joined = pd.concat([draft.issues, noted], ignore_index=True) if len(noted) else draft.issues
    victims = draft.victims[draft.victims["draft_no"].isin(claims["draft_no"])]
    return replace(
        draft,
        claims=claims,
        figures=figures,
        victims=victims,
        fates=fates,
        issues=joined if len(joined) else empty(Issues),
    )


def _refuse(issues: IssueList, correction: Correction, why: str) -> None:
    issues.add(
        "correction_not_applied",
        f"The correction of {correction.claim_id} ({correction.action} {correction.column}) was not applied: {why}. Review it, or withdraw it.",
        column=correction.column,
        severity="error",
    )


def _cell(frame: pd.DataFrame, row: Any, column: str) -> Any:
    return frame.at[row, column]


def _set_value(claims: pd.DataFrame, rows: pd.Index, correction: Correction, issues: IssueList) -> None:
    column = correction.column
    if column not in (*TEXT_COLUMNS, *DAY_COLUMNS, *NUMBER_COLUMNS):
        allowed = ", ".join((*TEXT_COLUMNS, *DAY_COLUMNS, *NUMBER_COLUMNS, "killed.civilian.low"))
        _refuse(
            issues, correction, f"{column!r} is not a column that can be corrected; allowed are {allowed}"
        )
        return
    current = _cell(claims, rows[0], column)
    shown = "" if pd.isna(current) else f"{current:%Y-%m-%d}" if column in DAY_COLUMNS else str(current)
    if column in NUMBER_COLUMNS:
        shown = "" if pd.isna(current) else f"{current:.10g}"
    if shown != correction.expected:
        _refuse(issues, correction, f"it expects {correction.expected!r}, and another value stands there now")
        return
    value = _value_of(column, correction.value)
    if value is None:
        _refuse(issues, correction, f"{correction.value!r} can't stand in {column}")
        return
    if column in ("date_start", "date_end") and not _set_window(claims, rows, column, value):
        _refuse(issues, correction, f"{column} {correction.value} would end the window before it starts")
        return
    claims.loc[rows, column] = value


def _set_window(claims: pd.DataFrame, rows: pd.Index, column: str, value: Any) -> bool:
    """Describe the window anew, by its EDTF text and its precision; return False where it would end before it starts."""
    other = _cell(claims, rows[0], "date_end" if column == "date_start" else "date_start")
    start, end = (value, other) if column == "date_start" else (other, value)
    if end < start:
        return False
    first, last = (None if pd.isna(day) else day.date() for day in (start, end))
    described = {
        "edtf": edtf_of(first, last),
        "date_precision_code": precision_of(first, last) if first and last else 0,
    }
    for name, text in described.items():
        claims[name] = claims[name].mask(claims.index.isin(rows), text)
    return True


def _value_of(column: str, text: str) -> Any:
    """Return a corrected value in the column's own type, None where the text is no such value."""
    try:
        if column in DAY_COLUMNS:
            return pd.Timestamp(date.fromisoformat(text)) if text else pd.NaT
        if column in NUMBER_COLUMNS:
            parse = parse_latitude if column == "latitude" else parse_longitude
            return parse(text) if text else float("nan")
    except ValueError:
        return None
    return text


def _set_bound(
    figures: pd.DataFrame, draft_no: pd.Series[int], correction: Correction, issues: IssueList
) -> None:
    parts = correction.column.split(".")
    if len(parts) != len(("measure", "population", "bound")) or parts[2] not in FIGURE_BOUNDS:
        bounds = ", ".join(FIGURE_BOUNDS)
        _refuse(
            issues,
            correction,
            f"{correction.column!r} is not `measure.population.bound`, bound one of {bounds}",
        )
        return
    measure, population, bound = parts
    whole = (figures["sex_code"] == "any") & (figures["age_group_code"] == "any")
    same = (figures["measure_code"] == measure) & (figures["population_code"] == population)
    rows = figures.index[figures["draft_no"].isin(draft_no) & whole & same]
    current = _cell(figures, rows[0], bound) if len(rows) else None
    if current is None or ("" if pd.isna(current) else f"{current:g}") != correction.expected:
        _refuse(issues, correction, f"it expects {correction.expected!r}, and another value stands there now")
        return
    try:
        number = parse_count(correction.value)
    except ValueError:
        _refuse(issues, correction, f"{correction.value!r} is no count")
        return
    bounds_now = {name: _cell(figures, rows[0], name) for name in FIGURE_BOUNDS} | {bound: number}
    low, best, high = (
        float("nan") if bounds_now[name] is None else float(bounds_now[name]) for name in FIGURE_BOUNDS
    )
    if pd.isna(low) or low > min(v for v in (best, high, float("inf")) if not pd.isna(v)) or best > high:
        _refuse(issues, correction, "low, best and high would no longer be in order")
        return
    figures.loc[rows, bound] = float("nan") if number is None else number
    code = (
        "at_least" if pd.isna(high) else "none_reported" if high == 0 else "exact" if low == high else "range"
    )
    figures.loc[rows, "qualifier_code"] = code
