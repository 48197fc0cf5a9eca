"""Columns that a file lost: what hung on them came and went with the file, and is no doing of the monitor's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconcile.history.sides import Reading

CODES = {
    "column_lost": "{file} has no column {column!r} any more",
    "column_renamed": "{file} has another column where it had {column!r}",
    "column_emptied": "the column {column!r} of {file} is blank",
}
# What a change of is not told.
UNTOLD = frozenset({"url", "text", "note", "reported_on", "reported_via", "report_count", "origin_ids"})


class Lost(NamedTuple):
    """One column that a run missed, where its layout reads it."""

    monitor: str
    code: str
    file: str
    column: str


def lost_columns(health: Iterable[Mapping[str, str]]) -> tuple[Lost, ...]:
    """Return the columns whose loss a run found to be an error, from its `InputHealth`."""
    return tuple(
        Lost(row["monitor"], row["code"], row["file"], row["column"])
        for row in health
        if row["code"] in CODES and row["severity"] == "error"
    )


def drifted(lost: Iterable[Lost], reading: Reading) -> dict[str, str]:
    """Return why monitors can't be compared whose files lost a column that changes are told of."""
    return {
        one.monitor: CODES[one.code].format(file=one.file, column=one.column)
        for one in sorted(lost, reverse=True)
        if _is_told(one, reading)
    }


def _is_told(one: Lost, reading: Reading) -> bool:
    known = reading.monitors[one.monitor].layouts if one.monitor in reading.monitors else ()
    rules = [rule for layout in known for name, rule in layout.column_rules() if name == one.column]
    return not rules or any(rule.number or (rule.field or "url") not in UNTOLD for rule in rules)
