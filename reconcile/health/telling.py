"""How a finding about an input is worded: one row of InputHealth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from reconcile.ruleset import Ruleset

    Told = dict[str, str]

Severity = Literal["error", "warning", "note"]


def finding(  # noqa: PLR0913 - the columns of a row, all but the first four by name
    monitor: str,
    layout: str,
    file: str,
    code: str,
    severity: Severity,
    *,
    message: str,
    column: str = "",
    value: str = "",
    expected: str = "",
) -> Told:
    """Return one row of `InputHealth`."""
    return {
        "monitor": monitor,
        "layout": layout,
        "file": file,
        "code": code,
        "severity": severity,
        "column": column,
        "value": value,
        "expected": expected,
        "message": message,
    }


def title_of(monitor: str, rules: Ruleset) -> str:
    """Return a monitor's title, its id where it is unknown."""
    return rules.monitors[monitor].title if monitor in rules.monitors else monitor or "monitor unknown"
