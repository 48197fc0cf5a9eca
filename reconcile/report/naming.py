"""What the sheets call things: monitors by their titles, tables by their columns."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from reconcile.sheets import Block, Column, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from reconcile.result import RunResult

_BRACKETS = re.compile(r" \([^()]*\)$")


def table(
    name: str, rows: pd.DataFrame, columns: Sequence[Column], key: str | None = None, freeze: int = 0
) -> Sheet:
    """Return a sheet that is one table, with only the columns shown and the marks of their cells."""
    wanted = tuple(columns)
    kept = dict.fromkeys(
        [*(column.name for column in wanted), *(column.marks for column in wanted if column.marks)]
    )
    return Sheet(name, (Block(rows[list(kept)], wanted),), key=key, freeze_columns=freeze)


def title_of(result: RunResult, monitor: str) -> str:
    """Return a monitor's name for people."""
    known = result.rules.monitors.get(monitor)
    return known.title if known else monitor


def short_title(title: str) -> str:
    """Return a monitor's name without what stands in brackets behind it: beside a bar or a number there is little room."""
    return _BRACKETS.sub("", title)


def short_titles(result: RunResult, monitors: Iterable[str]) -> dict[str, str]:
    """Return the short names of monitors by id; where two would have one, their whole names."""
    whole = {monitor: title_of(result, monitor) for monitor in monitors}
    times = Counter(short_title(title) for title in whole.values())
    return {
        monitor: short_title(title) if times[short_title(title)] == 1 else title
        for monitor, title in whole.items()
    }


def titles_of(result: RunResult, monitors: str) -> str:
    """Return the names of monitors given by ids, joined by spaces."""
    return ", ".join(title_of(result, monitor) for monitor in monitors.split())
