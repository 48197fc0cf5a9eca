"""draft -> draft: a person's corrections, applied where the old value still stands.

Guarantees:
    what_was_expected_only: a value changes only where the expected old value stood.
    dropped_rows_are_counted: a claim that a correction drops leaves its row with the fate `corrected_away`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.drafts import Draft, IssueList
from reconcile.frames import Issues, empty

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
    value: Any
    if column in TEXT_COLUMNS:
        current, value = str(_cell(claims, rows[0], column)), correction.value
    elif column in DAY_COLUMNS:
        stamp = _cell(claims, rows[0], column)
        current, value = "" if pd.isna(stamp) else f"{stamp:%Y-%m-%d}", pd.Timestamp(correction.value)
    elif column in NUMBER_COLUMNS:
        number = _cell(claims, rows[0], column)
        current, value = "" if pd.isna(number) else f"{number:g}", float(correction.value)
    else:
        allowed = ", ".join((*TEXT_COLUMNS, *DAY_COLUMNS, *NUMBER_COLUMNS, "killed.civilian.low"))
        _refuse(
            issues, correction, f"{column!r} is not a column that can be corrected; allowed are {allowed}"
        )
        return
    if current != correction.expected:
        _refuse(issues, correction, f"it expects {correction.expected!r}, and another value stands there now")
        return
    claims.loc[rows, column] = value


def _set_bound(
    figures: pd.DataFrame, draft_no: pd.Series[int], correction: Correction, issues: IssueList
) -> None:
    parts = correction.column.split(".")
    if len(parts) != len(("measure", "population", "bound")) or parts[2] not in FIGURE_BOUNDS:
        _refuse(
            issues,
            correction,
            f"{correction.column!r} is not `measure.population.bound`, bound one of {', '.join(FIGURE_BOUNDS)}",
        )
        return
    whole = (figures["sex_code"] == "any") & (figures["age_group_code"] == "any")
    hit = (
        figures["draft_no"].isin(draft_no)
        & whole
        & (figures["measure_code"] == parts[0])
        & (figures["population_code"] == parts[1])
    )
    rows = figures.index[hit]
    current = (
        ""
        if len(rows) == 0 or pd.isna(_cell(figures, rows[0], parts[2]))
        else f"{_cell(figures, rows[0], parts[2]):g}"
    )
    if len(rows) == 0 or current != correction.expected:
        _refuse(issues, correction, f"it expects {correction.expected!r}, and another value stands there now")
        return
    figures.loc[rows, parts[2]] = float(correction.value) if correction.value else float("nan")
