"""The Coverage page: which monitor reported what, month by month, and what an empty month means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.report.naming import short_titles, title_of
from reconcile.sheets import Block, Chart, Column, Sheet

if TYPE_CHECKING:
    from reconcile.result import RunResult

STATE_WORDS = {"silent": "silent", "not_covered": "not covered", "failed": "failed"}
STATE_MARKS = {"reported": "", "silent": "faint", "not_covered": "hatched", "failed": "alarm"}
MEANINGS = (
    "A number is how many incident claims of the monitor start in the month. The darker its ground, the more: on a scale of the monitor's own.",
    "silent: the month lies inside the monitor's files, and they hold no claim. not covered: the month lies outside them, so nothing is known.",
    "failed: a file of the monitor could not be read, so an empty month says nothing. Only “silent” is a statement of the monitor.",
)
# Short lines, since a chart stands to their right.
KILLED = (
    "The least killed that the claims of a month state, in the population",
    "that the monitor counts; event summaries aside. Never add them across",
    "monitors: they tell of the same people.",
)


def coverage_sheet(result: RunResult) -> Sheet:
    """Return the months of every monitor as shaded tables, with what each of its files spans."""
    coverage = result.coverage
    if coverage.empty:
        none = Block(pd.DataFrame(), (), heading="Coverage", notes=("No dated incident claims.",))
        return Sheet("Coverage", (none,))
    titles = short_titles(result, coverage["monitor"].unique())
    spans = _spans(result)
    claims = _by_month(coverage, titles, "claims")
    killed = _by_month(coverage, titles, "killed_low")
    chart = Chart(
        "Incident claims by month and monitor",
        block=1,
        category="month",
        series=tuple(titles),
        stacked=False,
        y_title="claims",
    )
    return Sheet(
        "Coverage",
        (
            spans,
            Block(*claims, heading="Claims by month", notes=MEANINGS),
            Block(*killed, heading="Killed, least, by month", notes=KILLED),
        ),
        charts=(chart,) if (coverage["claims"] > 0).any() else (),
    )


def _by_month(
    coverage: pd.DataFrame, titles: dict[str, str], value: str
) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Return a row a month and a column a monitor: its number where it reported, else the word for why there is none."""
    is_told = coverage["state_code"] == "reported"
    number = coverage[value].astype("int64").astype("object")
    words = coverage["state_code"].map(STATE_WORDS)
    # Nothing killed is a number as well, but only where there are claims.
    cells = coverage.assign(cell=number.where(is_told, words), mark=coverage["state_code"].map(STATE_MARKS))
    table = cells.pivot_table(index="month", columns="monitor", values="cell", aggfunc="first")
    marks = cells.pivot_table(index="month", columns="monitor", values="mark", aggfunc="first").add_suffix(
        "_mark"
    )
    rows = pd.concat([table, marks], axis=1).reset_index()
    columns = (
        Column("month", "Month", 26),
        *(Column(name, title, 14, "heat", marks=f"{name}_mark") for name, title in titles.items()),
    )
    return rows, columns


def _spans(result: RunResult) -> Block:
    """Return for each monitor its first and last month, and how many months it reported, was silent or failed in."""
    coverage = result.coverage
    said = coverage[coverage["state_code"] == "reported"].groupby("monitor")
    counts = pd.crosstab(coverage["monitor"], coverage["state_code"])
    counts = counts.reindex(columns=list(STATE_MARKS), fill_value=0)
    rows = counts.assign(
        title=[title_of(result, str(name)) for name in counts.index],
        first=said["month"].min().reindex(counts.index).astype("str").fillna(""),
        last=said["month"].max().reindex(counts.index).astype("str").fillna(""),
        claims=said["claims"].sum().reindex(counts.index).fillna(0),
        remark=np.where(
            counts.index.isin(list(result.unread)), "a file could not be read: its numbers are not whole", ""
        ),
    ).reset_index()
    columns = (
        Column("title", "Monitor", 26),
        Column("first", "First month", 14),
        Column("last", "Last month", 14),
        Column("claims", "Claims", 14, "integer"),
        Column("reported", "Months with claims", 14, "integer"),
        Column("silent", "Months silent", 14, "integer"),
        Column("not_covered", "Months not covered", 14, "integer"),
        Column("failed", "Months failed", 14, "integer"),
        Column("remark", "Note", 40),
    )
    months = coverage["month"]
    note = f"{months.min()} to {months.max()}: every month in which any monitor of this run has a dated incident."
    shown: Any = rows.astype({"first": "str", "last": "str"})
    return Block(shown, columns, heading="Who was watching, and when", notes=(note,))
