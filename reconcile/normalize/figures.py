"""Numbers of a row -> figures: intervals, with the words they were published in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.drafts import FIGURE_DRAFT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from reconcile.drafts import IssueList
    from reconcile.ruleset import FigureRule, Scope

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]


def form_figures(
    rules: Sequence[FigureRule],
    values: Mapping[str, npt.NDArray[np.object_]],
    cells: pd.DataFrame,
    fields: Mapping[str, npt.NDArray[np.object_]],
    scope: Scope,
    issues: IssueList,
) -> pd.DataFrame:
    """Return the figures of every row, in `FIGURE_DRAFT_COLUMNS`; `draft_no` is the row's position.

    Args:
        rules: the layout's figures.
        values: parsed columns, floats or quantities.
        cells: the cleaned texts of the same columns, with `source_row`.
        fields: claim fields already read, for measures and populations that stand in columns.
        scope: of the monitor, for what a zero means.
        issues: where contradictions between bounds are noted.
    """
    formed = [
        _quantities(rule, values[rule.quantity], fields)
        if rule.quantity
        else _bounds(rule, values, cells, scope, issues)
        for rule in rules
    ]
    filled = [figures for figures in formed if len(figures)]
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in FIGURE_DRAFT_COLUMNS})
    return pd.concat(filled, ignore_index=True)[list(FIGURE_DRAFT_COLUMNS)]


def _floats(values: npt.NDArray[np.object_]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _sum(columns: Sequence[str], values: Mapping[str, npt.NDArray[np.object_]], length: int) -> Floats:
    present = [_floats(values[name]) for name in columns if name in values]
    if not present:
        return np.full(length, np.nan)
    stacked = np.vstack(present)
    return np.where(np.isnan(stacked).all(axis=0), np.nan, np.nansum(stacked, axis=0))


def _bounds(
    rule: FigureRule,
    values: Mapping[str, npt.NDArray[np.object_]],
    cells: pd.DataFrame,
    scope: Scope,
    issues: IssueList,
) -> pd.DataFrame:
    length = len(cells)
    low, best, high = (_sum(columns, values, length) for columns in (rule.low, rule.best, rule.high))
    verbatim = _verbatim(rule, cells)
    denied = np.zeros(length, dtype=bool)
    if rule.no_zero_where and rule.no_zero_where.column in cells:
        held = [value.casefold() for value in rule.no_zero_where.held]
        denied = cells[rule.no_zero_where.column].str.casefold().isin(held).to_numpy()
    if rule.instead_of_zero and rule.instead_of_zero in values:
        other = _floats(values[rule.instead_of_zero])
        swap = (np.nan_to_num(low) == 0) & (np.nan_to_num(high) == 0) & (other > 0)
        _note_alleged_numbers(rule.instead_of_zero, swap & denied, cells, issues)
        # A denial that repeats how many were alleged concedes nobody.
        swap &= ~denied
        low, high = np.where(swap, other, low), np.where(swap, other, high)
        verbatim = verbatim.mask(swap, cells[rule.instead_of_zero])
    stated = ~(np.isnan(low) & np.isnan(best) & np.isnan(high))
    stated &= ~(denied & (np.nan_to_num(high) == 0))
    _note_denied_numbers(rule, denied & stated, cells, verbatim, issues)
    low, best, high = _ordered(low, best, high, stated, cells, verbatim, rule, issues)
    low, high, qualifier = _qualified(low, best, high, scope)
    figures = pd.DataFrame(
        {
            "draft_no": np.arange(length),
            "measure_code": rule.measure_code,
            "population_code": rule.population_code or scope.population_code,
            "sex_code": rule.sex_code,
            "age_group_code": rule.age_group_code,
            "low": low,
            "best": best,
            "high": high,
            "qualifier_code": qualifier,
            "verbatim": verbatim.to_numpy(),
            "role_code": rule.role_code,
        }
    )
    return figures[stated]


def _verbatim(rule: FigureRule, cells: pd.DataFrame) -> pd.Series[str]:
    shown = pd.Series("", index=cells.index, dtype="str")
    for column in dict.fromkeys(rule.low + rule.best + rule.high):
        if column in cells:
            text = cells[column]
            joined = (shown + " / " + text).where((shown != "") & (text != ""), shown + text)
            shown = joined.where(text != shown, shown)
    return shown


def _note_alleged_numbers(column: str, where: Bools, cells: pd.DataFrame, issues: IssueList) -> None:
    rows = cells.loc[where, "source_row"]
    if len(rows):
        messages = (
            "Row "
            + rows.astype("str")
            + f": the verdict concedes nobody, and {column} repeats a number that was alleged; no figure was made of it."
        )
        issues.add_cells("alleged_number", "note", column, rows, cells.loc[where, column], messages)


def _note_denied_numbers(
    rule: FigureRule, where: Bools, cells: pd.DataFrame, verbatim: pd.Series[str], issues: IssueList
) -> None:
    rows = cells.loc[where, "source_row"]
    column = rule.low[0] if rule.low else ""
    messages = (
        "Row "
        + rows.astype("str")
        + f": the verdict denies, yet {column} holds "
        + verbatim[where]
        + ". Both were kept; check the statement's text."
    )
    if len(rows):
        issues.add_cells("denied_number", "warning", column, rows, verbatim[where], messages)


def _ordered(
    low: Floats,
    best: Floats,
    high: Floats,
    stated: Bools,
    cells: pd.DataFrame,
    verbatim: pd.Series[str],
    rule: FigureRule,
    issues: IssueList,
) -> tuple[Floats, Floats, Floats]:
    """Return bounds in order. Bounds that contradict each other become the span of what was published, and an issue."""
    with np.errstate(invalid="ignore"):
        crossed = stated & ((low > high) | (best > high) | (best < low))
    if crossed.any():
        stacked = np.vstack([low, best, high])[:, crossed]
        low, high = low.copy(), high.copy()
        low[crossed], high[crossed] = np.nanmin(stacked, axis=0), np.nanmax(stacked, axis=0)
        rows = cells.loc[crossed, "source_row"]
        names = ", ".join(dict.fromkeys(rule.low + rule.best + rule.high))
        messages = (
            "Row "
            + rows.astype("str")
            + f": {names} are not in order ("
            + verbatim[crossed]
            + "); the figure was kept as the span of what was published. Ask the monitor."
        )
        issues.add_cells(
            "bounds_crossed", "error", rule.low[0] if rule.low else names, rows, verbatim[crossed], messages
        )
    return low, best, high


def _qualified(
    low: Floats, best: Floats, high: Floats, scope: Scope
) -> tuple[Floats, Floats, npt.NDArray[np.object_]]:
    no_low, no_high = np.isnan(low), np.isnan(high)
    low = np.where(no_low, np.where(np.isnan(best), 0.0, best), low)
    zero = (low == 0) & (high == 0)
    conditions = [zero & (scope.zero_code == "nothing_known"), zero, no_high, no_low, low == high]
    qualifier = np.select(
        conditions, ["not_stated", "none_reported", "at_least", "up_to", "exact"], default="range"
    ).astype(object)
    if scope.zero_code == "nothing_known":
        high = np.where(zero, np.nan, high)
    return low, high, qualifier


def _quantities(
    rule: FigureRule, values: npt.NDArray[np.object_], fields: Mapping[str, npt.NDArray[np.object_]]
) -> pd.DataFrame:
    stated = np.array([value is not None for value in values], dtype=bool)
    kept = values[stated]

    def coded(field: str, fallback: str) -> list[Any]:
        column = fields.get(field)
        return [fallback] * len(kept) if column is None else [value or fallback for value in column[stated]]

    return pd.DataFrame(
        {
            "draft_no": np.flatnonzero(stated),
            "measure_code": coded("measure_code", rule.measure_code or "killed_or_injured"),
            "population_code": coded("population_code", rule.population_code or "unknown"),
            "sex_code": coded("sex_code", rule.sex_code),
            "age_group_code": coded("age_group_code", rule.age_group_code),
            "low": [value.low for value in kept],
            "best": [np.nan if value.best is None else value.best for value in kept],
            "high": [np.nan if value.high is None else value.high for value in kept],
            "qualifier_code": [value.qualifier_code for value in kept],
            "verbatim": [value.verbatim for value in kept],
            "role_code": rule.role_code,
        }
    )
