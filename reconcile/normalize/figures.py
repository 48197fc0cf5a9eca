"""Numbers of a row -> figures: intervals, with the words they were published in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from reconcile.drafts import FIGURE_DRAFT_COLUMNS
from reconcile.normalize.columns import combined, constant, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from reconcile.drafts import IssueList
    from reconcile.normalize.columns import Codes, Column
    from reconcile.ruleset import FigureRule, Scope

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]


def form_figures(
    rules: Sequence[FigureRule],
    values: Mapping[str, Column],
    cells: Mapping[str, Column],
    fields: Mapping[str, Column],
    source_rows: npt.NDArray[np.int64],
    scope: Scope,
    issues: IssueList,
) -> pd.DataFrame:
    """Return the figures of every row, in `FIGURE_DRAFT_COLUMNS`; `draft_no` is the row's position.

    Args:
        rules: the layout's figures.
        values: parsed columns, floats or quantities.
        cells: the cleaned texts of the same columns, and of those that decide on rows.
        fields: claim fields already read, for measures and populations that stand in columns.
        source_rows: the rows in the file.
        scope: of the monitor, for what a zero means.
        issues: where contradictions between bounds are noted.
    """
    rows = _Rows(values, cells, source_rows, issues)
    formed = [
        _quantities(rule, values[rule.quantity], fields) if rule.quantity else _bounds(rule, rows, scope)
        for rule in rules
    ]
    filled = [figures for figures in formed if len(figures)]
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in FIGURE_DRAFT_COLUMNS})
    return pd.concat(filled, ignore_index=True)[list(FIGURE_DRAFT_COLUMNS)]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the figures of a table are formed from."""

    numbers: Mapping[str, Column]
    cells: Mapping[str, Column]
    source_rows: npt.NDArray[np.int64]
    issues: IssueList


def _sum(columns: Sequence[str], rows: _Rows) -> Floats:
    present = [rows.numbers[name].cells() for name in columns if name in rows.numbers]
    if not present:
        return np.full(len(rows.source_rows), np.nan)
    if len(present) == 1:
        return np.asarray(present[0], dtype=np.float64)
    stacked = np.vstack(present)
    return np.where(np.isnan(stacked).all(axis=0), np.nan, np.nansum(stacked, axis=0))


def _bounds(rule: FigureRule, rows: _Rows, scope: Scope) -> pd.DataFrame:
    low, best, high = (_sum(columns, rows) for columns in (rule.low, rule.best, rule.high))
    verbatim = _verbatim(rule, rows)
    denied = _denied(rule, rows)
    if rule.instead_of_zero and rule.instead_of_zero in rows.numbers:
        other = rows.numbers[rule.instead_of_zero].cells()
        swap = (np.nan_to_num(low) == 0) & (np.nan_to_num(high) == 0) & (other > 0)
        _note_alleged_numbers(rule.instead_of_zero, swap & denied, rows)
        # A denial that repeats how many were alleged concedes nobody.
        swap &= ~denied
        low, high = np.where(swap, other, low), np.where(swap, other, high)
        told = pd.Series(rows.cells[rule.instead_of_zero].cells())
        verbatim = pd.Series(verbatim).mask(swap, told).array
    stated = ~(np.isnan(low) & np.isnan(best) & np.isnan(high))
    stated &= ~(denied & (np.nan_to_num(high) == 0))
    _note_denied_numbers(rule, denied & stated, rows, verbatim)
    low, high = _ordered(low, best, high, stated, rows, verbatim, rule)
    low, high, qualifier = _qualified(low, best, high, scope)
    kept = np.flatnonzero(stated)
    size = len(kept)
    return pd.DataFrame(
        {
            "draft_no": kept,
            "measure_code": constant(rule.measure_code, size),
            "population_code": constant(rule.population_code or scope.population_code, size),
            "sex_code": constant(rule.sex_code, size),
            "age_group_code": constant(rule.age_group_code, size),
            "low": low[kept],
            "best": best[kept],
            "high": high[kept],
            "qualifier_code": texts(_QUALIFIERS).take(qualifier[kept]),
            "verbatim": verbatim.take(kept),
            "role_code": constant(rule.role_code, size),
        }
    )


def _denied(rule: FigureRule, rows: _Rows) -> Bools:
    where = rule.no_zero_where
    if where is None or where.column not in rows.cells:
        return np.zeros(len(rows.source_rows), dtype=bool)
    held = {value.casefold() for value in where.held}
    column = rows.cells[where.column]
    return np.array([text.casefold() in held for text in column.distinct], dtype=bool)[column.codes]


def _verbatim(rule: FigureRule, rows: _Rows) -> Any:
    """Return the numbers of each row as published, one by one, a repeated one once."""
    columns = [
        rows.cells[name] for name in dict.fromkeys(rule.low + rule.best + rule.high) if name in rows.cells
    ]
    if not columns:
        return constant("", len(rows.source_rows))
    first, held = combined([cast("Codes", column.codes) for column in columns])
    told = zip(*(column.distinct.take(cast("Codes", column.codes)[first]) for column in columns), strict=True)
    return texts(map(_as_published, told)).take(held)


def _as_published(numbers: Sequence[str]) -> str:
    shown = ""
    for text in numbers:
        if text != shown:
            shown = f"{shown} / {text}" if shown and text else shown + text
    return shown


def _note_alleged_numbers(column: str, where: Bools, rows: _Rows) -> None:
    if not where.any():
        return
    found = rows.source_rows[where]
    messages = [
        f"Row {row}: the verdict concedes nobody, and {column} repeats a number that was alleged; no figure was made of it."
        for row in found
    ]
    told = rows.cells[column].cells()[where]
    rows.issues.add_cells("alleged_number", "note", column, found, told, messages)


def _note_denied_numbers(rule: FigureRule, where: Bools, rows: _Rows, verbatim: Any) -> None:
    if not where.any():
        return
    column = rule.low[0] if rule.low else ""
    found, told = rows.source_rows[where], verbatim[where]
    messages = [
        f"Row {row}: the verdict denies, yet {column} holds {text}. Both were kept; check the statement's text."
        for row, text in zip(found, told, strict=True)
    ]
    rows.issues.add_cells("denied_number", "warning", column, found, told, messages)


def _ordered(
    low: Floats, best: Floats, high: Floats, stated: Bools, rows: _Rows, verbatim: Any, rule: FigureRule
) -> tuple[Floats, Floats]:
    """Return bounds in order. Bounds that contradict each other become the span of what was published, and an issue."""
    with np.errstate(invalid="ignore"):
        crossed = stated & ((low > high) | (best > high) | (best < low))
    if crossed.any():
        stacked = np.vstack([low, best, high])[:, crossed]
        low, high = low.copy(), high.copy()
        low[crossed], high[crossed] = np.nanmin(stacked, axis=0), np.nanmax(stacked, axis=0)
        found, told = rows.source_rows[crossed], verbatim[crossed]
        names = ", ".join(dict.fromkeys(rule.low + rule.best + rule.high))
        messages = [
            f"Row {row}: {names} are not in order ({text}); the figure was kept as the span of what was published. Ask the monitor."
            for row, text in zip(found, told, strict=True)
        ]
        column = rule.low[0] if rule.low else names
        rows.issues.add_cells("bounds_crossed", "error", column, found, told, messages)
    return low, high


_QUALIFIERS = ("not_stated", "none_reported", "at_least", "up_to", "exact", "range")


def _qualified(
    low: Floats, best: Floats, high: Floats, scope: Scope
) -> tuple[Floats, Floats, npt.NDArray[np.intp]]:
    """Return bounds with what is not stated filled in, and the position of each one's qualifier."""
    no_low, no_high = np.isnan(low), np.isnan(high)
    low = np.where(no_low, np.where(np.isnan(best), 0.0, best), low)
    zero = (low == 0) & (high == 0)
    conditions = [zero & (scope.zero_code == "nothing_known"), zero, no_high, no_low, low == high]
    qualifier = np.select(conditions, list(range(len(conditions))), default=len(conditions))
    if scope.zero_code == "nothing_known":
        high = np.where(zero, np.nan, high)
    return low, high, qualifier.astype(np.intp)


def _quantities(rule: FigureRule, column: Column, fields: Mapping[str, Column]) -> pd.DataFrame:
    stated = ~column.blank()
    kept = column.cells()[stated]

    def coded(field: str, fallback: str) -> Any:
        codes = fields.get(field)
        if codes is None:
            return constant(fallback, len(kept))
        return texts(code or fallback for code in codes.cells()[stated])

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
            "qualifier_code": texts(value.qualifier_code for value in kept),
            "verbatim": texts(value.verbatim for value in kept),
            "role_code": constant(rule.role_code, len(kept)),
        }
    )
