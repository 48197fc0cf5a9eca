"""How much of a long table a workbook lists: its first rows, which are those that matter most."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from reconcile.sheets import Sheet

# Nobody reads further; and with four such sheets a spreadsheet program still opens, filters and saves the workbook.
ROWS_LISTED = 100_000
# Of each sheet that may grow with the claims: the table that holds all of it, and which rows come first.
WHOLE = {
    "Discrepancies": ("discrepancies", "the severest first, then by people affected"),
    "Incidents": ("incidents", "those that several monitors know first, by how far apart their ranges are"),
    "Possible matches": ("verdicts", "those first whose judgement tells most"),
    "Changes": ("changes", "in the order of that table"),
    "Issues": ("issues", "in the order of that table"),
    "Claims": ("claims", "those first that the findings, possible matches and incidents listed here name"),
}
NAMING = {
    "Discrepancies": ("claim_ids",),
    "Possible matches": ("left_id", "right_id"),
    "Incidents": ("claim_ids",),
}


def listed(*sheets: Sheet) -> tuple[Sheet, ...]:
    """Return the sheets, a table of more rows than are listed with its first ones alone, and what is left out said below it."""
    most = ROWS_LISTED
    short = {sheet.name: _first(sheet, most) for sheet in sheets if sheet.name != "Claims"}
    return tuple(short[sheet.name] if sheet.name in short else _named(sheet, short, most) for sheet in sheets)


def first(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table that are listed, for a sheet whose columns are dear to work out; its `left_out` tells the others."""
    return rows.iloc[:ROWS_LISTED]


def _is_long(sheet: Sheet, most: int) -> bool:
    return sheet.name in WHOLE and sheet.is_table and sheet.rows_in_all > most


def _first(sheet: Sheet, most: int) -> Sheet:
    return _shortened(sheet, sheet.blocks[0].rows.iloc[:most]) if _is_long(sheet, most) else sheet


def _named(claims: Sheet, others: dict[str, Sheet], most: int) -> Sheet:
    """Return the sheet of claims with those that other sheets name, and then its first ones."""
    if not _is_long(claims, most):
        return claims
    rows = claims.blocks[0].rows
    named = [
        " ".join(others[name].blocks[0].rows[column].tolist()).split(" ")
        for name, columns in NAMING.items()
        if name in others
        for column in columns
    ]
    known = set(rows["claim_id"].tolist())
    first = list(dict.fromkeys(one for ids in named for one in ids if one in known))[:most]
    is_first = rows["claim_id"].isin(first)
    rest = ~is_first & ((~is_first).cumsum() <= most - is_first.sum())
    return _shortened(claims, rows[is_first | rest])


def _shortened(sheet: Sheet, kept: pd.DataFrame) -> Sheet:
    block = sheet.blocks[0]
    whole, order = WHOLE[sheet.name]
    foot = f"{len(kept):,} of {sheet.rows_in_all:,} rows are listed here, {order}; all of them are in tables/{whole}.parquet."
    return replace(sheet, blocks=(replace(block, rows=kept),), foot=foot, all_rows=block.rows)
