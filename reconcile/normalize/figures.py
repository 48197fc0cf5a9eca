"""Numbers of a row -> figures: intervals, with the words they were published in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from reconcile.drafts import FIGURE_DRAFT_COLUMNS
from reconcile.normalize.columns import combined, constant, factorized, texts
from reconcile.ruleset import fold_spelling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from reconcile.drafts import IssueList
    from reconcile.normalize.columns import Codes, Column
    from reconcile.ruleset import FigureRule, Scope, SplitCodes, SplitRule, WhereRule

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
    rows = _Rows(values, cells, fields, source_rows, issues)
    formed = [
        _quantities(rule, rows)
        if rule.quantity
        else _persons(rule, rows, scope)
        if rule.persons
        else _bounds(rule, rows, scope)
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
    fields: Mapping[str, Column]
    source_rows: npt.NDArray[np.int64]
    issues: IssueList
    told: dict[str, set[str]] = field(default_factory=dict)


def _sum(columns: Sequence[str], rows: _Rows) -> Floats:
    present = [rows.numbers[name].cells() for name in columns if name in rows.numbers]
    if not present:
        return np.full(len(rows.source_rows), np.nan)
    if len(present) == 1:
        return np.asarray(present[0], dtype=np.float64)
    stacked = np.vstack(present)
    return np.where(np.isnan(stacked).all(axis=0), np.nan, np.nansum(stacked, axis=0))


def _bounds(rule: FigureRule, rows: _Rows, scope: Scope) -> pd.DataFrame:
    low, best, high = (_less(_sum(columns, rows), rule, rows) for columns in (rule.low, rule.best, rule.high))
    verbatim = _verbatim(rule, rows)
    denied = _holds(rule.no_zero_where, rows)
    if rule.instead_of_zero and rule.instead_of_zero in rows.numbers:
        other = rows.numbers[rule.instead_of_zero].cells()
        swap = (np.nan_to_num(low) == 0) & (np.nan_to_num(high) == 0) & (other > 0)
        _note_alleged_numbers(rule.instead_of_zero, swap & denied, rows)
        # A denial that repeats how many were alleged concedes nobody.
        swap &= ~denied
        low, high = np.where(swap, other, low), np.where(swap, other, high)
        told = pd.Series(rows.cells[rule.instead_of_zero].cells())
        verbatim = pd.Series(verbatim).mask(swap, told).array
    selected = _selected(rule, rows)
    stated = ~(np.isnan(low) & np.isnan(best) & np.isnan(high)) & selected
    stated &= ~(denied & (np.nan_to_num(high) == 0))
    _note_denied_numbers(rule, denied & stated, rows, verbatim)
    low, high = _ordered(low, best, high, stated, rows, verbatim, rule)
    low, high, qualifier = _qualified(low, best, high, scope)
    qualifier = _hedged(rule, rows, qualifier)
    # Where nothing is known nobody made a best estimate of nobody.
    best = np.where(qualifier == _NOT_STATED, np.nan, best)
    if rule.about:
        low, high, qualifier = _estimated(low, high, qualifier)
    vague = selected & ~stated & ~denied & _blank_is_vague(rule, rows)
    low[vague], qualifier[vague] = 0.0, _VAGUE
    kept = np.flatnonzero(stated | vague)
    size = len(kept)
    return pd.DataFrame(
        {
            "draft_no": kept,
            **_codes(rule, rows, kept, rule.population_code or scope.population_code),
            "low": low[kept],
            "best": best[kept],
            "high": high[kept],
            "qualifier_code": texts(_QUALIFIERS).take(qualifier[kept]),
            "verbatim": verbatim.take(kept),
            "role_code": constant(rule.role_code, size),
        }
    )


def _persons(rule: FigureRule, rows: _Rows, scope: Scope) -> pd.DataFrame:
    kept = np.flatnonzero(_selected(rule, rows))
    size = len(kept)
    return pd.DataFrame(
        {
            "draft_no": kept,
            **_codes(rule, rows, kept, rule.population_code or scope.population_code),
            **{bound: np.ones(size) for bound in ("low", "best", "high")},
            "qualifier_code": constant("exact", size),
            "verbatim": constant("", size),
            "role_code": constant(rule.role_code, size),
        }
    )


def _codes(rule: FigureRule, rows: _Rows, kept: npt.NDArray[np.intp], population: str) -> dict[str, Any]:
    """Return who is counted: by the rule, by the row's own fields, or by the text of the column that says so."""
    fallback = {
        "measure_code": rule.measure_code or "killed_or_injured",
        "population_code": population,
        "sex_code": rule.sex_code,
        "age_group_code": rule.age_group_code,
    }
    codes: dict[str, Any] = {name: constant(code, len(kept)) for name, code in fallback.items()}
    for name in codes if rule.from_columns else ():
        if name in rows.fields:
            own = factorized(rows.fields[name].cells()).mapped(str)
            codes[name] = pd.Series(own).iloc[kept].replace("", fallback[name]).array
    if rule.split_by and (column := rows.cells.get(rule.split_by.column)):
        stated = _split(rule.split_by, column)
        for name in ("population_code", "sex_code", "age_group_code"):
            own = texts((getattr(one, name) if one else None) or fallback[name] for one in stated)
            codes[name] = own.take(cast("Codes", column.codes)[kept])
    return codes


def _split(rule: SplitRule, column: Column) -> list[SplitCodes | None]:
    """Return who is counted by each distinct text of a column; None where the rule does not know it."""
    codes = {fold_spelling(text): one for text, one in rule.codes.items()}
    return [codes.get(fold_spelling(text)) for text in column.distinct]


def _selected(rule: FigureRule, rows: _Rows) -> Bools:
    """Return the rows of which a figure is made; a text that `split_by` does not know is an issue."""
    selected = _holds(rule.where, rows) if rule.where else np.ones(len(rows.source_rows), dtype=bool)
    if rule.split_by is None:
        return selected
    name = rule.split_by.column
    if name not in rows.cells:
        return np.zeros(len(rows.source_rows), dtype=bool)
    column = rows.cells[name]
    codes = cast("Codes", column.codes)
    known = _split(rule.split_by, column)
    counts = np.bincount(codes[selected], minlength=len(known))
    told = rows.told.setdefault(name, set())
    for at, (text, one) in enumerate(zip(column.distinct, known, strict=True)):
        if one is not None or not text or not counts[at] or text in told:
            continue
        told.add(text)
        rows.issues.add(
            "unknown_term",
            f"{name}: {text[:120]!r} is not a text that `split_by` knows; no figure was made of its numbers.",
            row=int(rows.source_rows[np.flatnonzero(selected & (codes == at))[0]]),
            column=name,
            value=text,
            rows=int(counts[at]),
        )
    counted: Bools = np.array([one is not None and not one.skip for one in known], dtype=bool)[codes]
    return selected & counted


def _holds(where: WhereRule | None, rows: _Rows) -> Bools:
    """Return the rows that a rule means; none where there is no rule."""
    length = len(rows.source_rows)
    return held(rows.cells.get(where.column), where, length) if where else np.zeros(length, dtype=bool)


def held(column: Column | None, where: WhereRule, length: int) -> Bools:
    """Return the cells of a column that hold one of a rule's values: case and spacing aside, and 7.0 is 7.

    An absent column (None) is blank throughout.
    """
    if column is None:
        return np.full(length, "" in where.held)
    values = {fold_spelling(value) for value in where.held}
    hits = np.array(
        [fold_spelling(text).removesuffix(".0") in values for text in column.distinct], dtype=bool
    )
    found: Bools = hits[cast("Codes", column.codes)]
    return found


def _less(bound: Floats, rule: FigureRule, rows: _Rows) -> Floats:
    return np.maximum(bound - np.nan_to_num(_sum(rule.minus, rows)), 0.0) if rule.minus else bound


def _blank_is_vague(rule: FigureRule, rows: _Rows) -> bool:
    return rule.blank_code == "vague" and any(column in rows.numbers for column in rule.columns)


def _verbatim(rule: FigureRule, rows: _Rows) -> Any:
    """Return the numbers of each row as published, one by one, a repeated one once."""
    if rule.told_in in rows.cells:
        return texts(rows.cells[rule.told_in].cells())
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


_QUALIFIERS = (
    "not_stated",
    "none_reported",
    "at_least",
    "up_to",
    "exact",
    "range",
    "vague",
    "about",
    "more_than",
)
_NOT_STATED, _VAGUE, _ABOUT = (_QUALIFIERS.index(code) for code in ("not_stated", "vague", "about"))


def _hedged(rule: FigureRule, rows: _Rows, qualifier: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return qualifiers as a column states them; what it does not say stays as the bounds have it."""
    if rule.hedged_in not in rows.cells:
        return qualifier
    column = rows.cells[rule.hedged_in]
    known = {code: at for at, code in enumerate(_QUALIFIERS)}
    stated = np.array([known.get(text, -1) for text in column.distinct], dtype=np.intp)[
        cast("Codes", column.codes)
    ]
    return np.where(stated < 0, qualifier, stated)


def _estimated(
    low: Floats, high: Floats, qualifier: npt.NDArray[np.intp]
) -> tuple[Floats, Floats, npt.NDArray[np.intp]]:
    """Return the bounds of estimates, as `parse_quantity` reads "about"; nobody is no estimate."""
    counted = low > 0
    wider_low = np.maximum(low - np.maximum(1, np.ceil(low / 10)), 0)
    wider_high = high + np.maximum(1, np.ceil(high / 10))
    return (
        np.where(counted, wider_low, low),
        np.where(counted, wider_high, high),
        np.where(counted, _ABOUT, qualifier),
    )


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


def _quantities(rule: FigureRule, rows: _Rows) -> pd.DataFrame:
    column = rows.numbers.get(rule.quantity or "")
    if column is None:
        return pd.DataFrame()
    stated = np.flatnonzero(~column.blank() & _selected(rule, rows))
    kept = column.cells()[stated]
    return pd.DataFrame(
        {
            "draft_no": stated,
            **_codes(rule, rows, stated, rule.population_code or "unknown"),
            "low": [value.low for value in kept],
            "best": [np.nan if value.best is None else value.best for value in kept],
            "high": [np.nan if value.high is None else value.high for value in kept],
            "qualifier_code": texts(value.qualifier_code for value in kept),
            "verbatim": texts(value.verbatim for value in kept),
            "role_code": constant(rule.role_code, len(kept)),
        }
    )
