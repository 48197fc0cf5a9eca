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
    from collections.abc import Collection, Mapping, Sequence

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
WITHHELD = "another value stands there now than it expects, or its own can't; both are withheld, since they may name a person"


def correct(draft: Draft, corrections: Sequence[Correction]) -> Draft:
    """Return the draft with corrections applied; one that no longer applies is an error among the issues.

    Args:
        draft: of all files.
        corrections: `column` is a column of Claims, or `measure.population.bound` for a figure.
    """
    return correct_each(draft, corrections)[0]


def correct_each(
    draft: Draft, corrections: Sequence[Correction], hidden: Mapping[str, Collection[str]] | None = None
) -> tuple[Draft, tuple[str, ...]]:
    """Return what `correct` does, and why each correction was not applied; empty where it was, or is withdrawn.

    Args:
        draft: of all files.
        corrections: see `correct`.
        hidden: columns of Claims that may name persons, by layout: no sentence quotes what a correction says of them.
    """
    hidden = hidden or {}
    claims, figures, fates = draft.claims.copy(), draft.figures.copy(), draft.fates.copy()
    issues = IssueList("corrections.yaml", "")
    reasons: list[str] = []
    for correction in corrections:
        why = ""
        rows = claims.index[claims["claim_id"] == correction.claim_id]
        if correction.status == "withdrawn":
            pass
        elif len(rows) == 0:
            why = "there is no such claim in this run"
        elif correction.action == "drop":
            gone = claims.loc[rows]
            claims = claims.drop(index=rows)
            figures = figures[~figures["draft_no"].isin(gone["draft_no"])]
            keys = gone.set_index(["source_file", "source_sheet", "source_row"]).index
            hit = pd.MultiIndex.from_frame(fates[["source_file", "source_sheet", "source_row"]]).isin(keys)
            fates.loc[hit, "fate_code"] = "corrected_away"
        elif "." in correction.column:
            why = _set_bound(figures, claims.loc[rows, "draft_no"], correction)
        else:
            why = _set_value(claims, rows, correction)
        if why and len(rows) and correction.column in hidden.get(str(claims.at[rows[0], "layout"]), ()):
            why = WITHHELD
        reasons.append(why)
        if why:
            _refuse(issues, correction, why)
    noted = issues.frame()
    joined = pd.concat([draft.issues, noted], ignore_index=True) if len(noted) else draft.issues
    victims = draft.victims[draft.victims["draft_no"].isin(claims["draft_no"])]
    corrected = replace(
        draft,
        claims=claims,
        figures=figures,
        victims=victims,
        fates=fates,
        issues=joined if len(joined) else empty(Issues),
    )
    return corrected, tuple(reasons)


def _refuse(issues: IssueList, correction: Correction, why: str) -> None:
    issues.add(
        "correction_not_applied",
        f"The correction of {correction.claim_id} ({correction.action} {correction.column}) was not applied: {why}. Review it, or withdraw it.",
        column=correction.column,
        severity="error",
    )


def _cell(frame: pd.DataFrame, row: Any, column: str) -> Any:
    return frame.at[row, column]


CORRECTED_COLUMNS = (*TEXT_COLUMNS, *DAY_COLUMNS, *NUMBER_COLUMNS)


def shown_value(value: Any, column: str) -> str:
    """Return a value of a column that can be corrected as a correction has to expect it."""
    if pd.isna(value):
        return ""
    if column in DAY_COLUMNS:
        return f"{value:%Y-%m-%d}"
    return f"{value:.10g}" if column in NUMBER_COLUMNS else str(value)


def _set_value(claims: pd.DataFrame, rows: pd.Index, correction: Correction) -> str:
    """Set a value and return nothing, or return why it is not set."""
    column = correction.column
    if column not in CORRECTED_COLUMNS:
        allowed = ", ".join((*CORRECTED_COLUMNS, "killed.civilian.low"))
        return f"{column!r} is not a column that can be corrected; allowed are {allowed}"
    if shown_value(_cell(claims, rows[0], column), column) != correction.expected:
        return f"it expects {correction.expected!r}, and another value stands there now"
    value = _value_of(column, correction.value)
    if value is None:
        return f"{correction.value!r} can't stand in {column}"
    if column in ("date_start", "date_end") and not _set_window(claims, rows, column, value):
        return f"{column} {correction.value} would end the window before it starts"
    claims.loc[rows, column] = value
    return ""


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


def whole_rows(figures: pd.DataFrame, draft_no: pd.Series[int], measure: str, population: str) -> pd.Index:
    """Return the rows of figures that count a claim's people of both sexes and all ages."""
    whole = (figures["sex_code"] == "any") & (figures["age_group_code"] == "any")
    same = (figures["measure_code"] == measure) & (figures["population_code"] == population)
    return figures.index[figures["draft_no"].isin(draft_no) & whole & same]


def _set_bound(figures: pd.DataFrame, draft_no: pd.Series[int], correction: Correction) -> str:
    """Set a bound of a figure and return nothing, or return why it is not set."""
    parts = correction.column.split(".")
    if len(parts) != len(("measure", "population", "bound")) or parts[2] not in FIGURE_BOUNDS:
        bounds = ", ".join(FIGURE_BOUNDS)
        return f"{correction.column!r} is not `measure.population.bound`, bound one of {bounds}"
    measure, population, bound = parts
    rows = whole_rows(figures, draft_no, measure, population)
    current = _cell(figures, rows[0], bound) if len(rows) else None
    if current is None or ("" if pd.isna(current) else f"{current:g}") != correction.expected:
        return f"it expects {correction.expected!r}, and another value stands there now"
    try:
        number = parse_count(correction.value)
    except ValueError:
        return f"{correction.value!r} is no count"
    bounds_now = {name: _cell(figures, rows[0], name) for name in FIGURE_BOUNDS} | {bound: number}
    low, best, high = (
        float("nan") if bounds_now[name] is None else float(bounds_now[name]) for name in FIGURE_BOUNDS
    )
    if pd.isna(low) or low > min(v for v in (best, high, float("inf")) if not pd.isna(v)) or best > high:
        return "low, best and high would no longer be in order"
    figures.loc[rows, bound] = float("nan") if number is None else number
    code = (
        "at_least" if pd.isna(high) else "none_reported" if high == 0 else "exact" if low == high else "range"
    )
    figures.loc[rows, "qualifier_code"] = code
    return ""
