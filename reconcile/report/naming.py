"""What the sheets call things: monitors by their titles, tables by their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.sheets import Block, Column, Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from reconcile.result import RunResult


def table(
    name: str, rows: pd.DataFrame, columns: Sequence[Column], key: str | None = None, freeze: int = 0
) -> Sheet:
    """Return a sheet that is one table, with only the columns shown."""
    wanted = tuple(columns)
    return Sheet(
        name, (Block(rows[[column.name for column in wanted]], wanted),), key=key, freeze_columns=freeze
    )


def title_of(result: RunResult, monitor: str) -> str:
    """Return a monitor's name for people."""
    known = result.rules.monitors.get(monitor)
    return known.title if known else monitor


def titles_of(result: RunResult, monitors: str) -> str:
    """Return the names of monitors given by ids, joined by spaces."""
    return ", ".join(title_of(result, monitor) for monitor in monitors.split())
