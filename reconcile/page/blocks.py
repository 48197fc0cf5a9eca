"""Blocks of a sheet as sections of a page: the same headings, notes and tables as in the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.page.marks import Markup, joined, link, tag

if TYPE_CHECKING:
    from collections.abc import Collection

    from reconcile.sheets import Block, Column

MOST_ROWS = 60
_RIGHT = frozenset({"integer", "number", "share"})


def section_of(block: Block, anchors: Collection[str], depth: int = 3) -> Markup:
    """Return a block: its heading, its notes, its table.

    Args:
        block: of a page of the workbook.
        anchors: ids of what stands on this page, which a cell that links to the sheet Discrepancies may lead to.
        depth: of the heading.
    """
    notes = joined(tag("p", note) for note in block.notes)
    if len(block.notes) > 1 and not block.columns:
        notes = tag("ul", *(tag("li", note) for note in block.notes))
    return tag(
        "section",
        tag(f"h{depth}", block.heading) if block.heading else "",
        notes,
        _table(block, anchors),
        class_="block",
    )


def _table(block: Block, anchors: Collection[str]) -> Markup:
    if not len(block.rows) or not block.columns:
        return Markup("")
    shown = block.rows.head(MOST_ROWS)
    head = tag(
        "tr", *(tag("th", column.header, scope="col", class_=_side(column)) for column in block.columns)
    )
    cells = [_cells(shown[column.name], column, anchors) for column in block.columns]
    body = joined(tag("tr", *row) for row in zip(*cells, strict=True))
    more = ""
    if len(block.rows) > len(shown):
        more = tag(
            "p",
            f"{len(shown):,} of {len(block.rows):,} lines; the rest stands in the workbook.",
            class_="more",
        )
    table = tag("table", tag("thead", head), tag("tbody", body))
    return joined([scrolled(table, block.heading or "Table"), more])


def scrolled(table: Markup, name: str) -> Markup:
    """Return a table that scrolls by itself where the window is narrow, by keyboard too."""
    return tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=name)


def _cells(values: pd.Series[Any], column: Column, anchors: Collection[str]) -> list[Markup]:
    return [tag("td", _cell(value, column, anchors), class_=_look(value, column)) for value in values]


def _cell(value: Any, column: Column, anchors: Collection[str]) -> str:
    if isinstance(value, str):
        if column.link_sheet == "Discrepancies" and value in anchors:
            return tag("a", value, href=f"#{value}")
        return link(value, value) if column.format == "url" else value
    return shown_value(value, column.format)


def shown_value(value: Any, form: str = "text") -> str:
    """Return a value as a person reads it; nothing where there is none.

    Args:
        value: of a cell.
        form: a format of `sheets`.
    """
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | float | np.number):
        return f"{value:.1%}" if form == "share" else f"{value:,.10g}"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return str(value)


def _side(column: Column) -> str | None:
    return "number" if column.format in _RIGHT else None


def _look(value: Any, column: Column) -> str | None:
    if column.format == "severity" and isinstance(value, str):
        return f"severity {value}" if value in {"S1", "S2", "S3"} else None
    return _side(column)
