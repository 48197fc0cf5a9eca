"""The one door to structlog: what a run says on standard error, as sentences for people or JSON lines for machines."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import structlog

from reconcile.visible import printable


def make_log(*, as_json: bool, quiet: bool) -> Any:
    """Return a logger that writes to standard error.

    Args:
        as_json: one JSON object a line; of them each one is wanted, whatever is quiet.
        quiet: warnings and errors only.
    """
    processors: list[Any] = [structlog.processors.add_log_level]
    if as_json:
        processors += [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
            _escaped,
        ]
    else:
        processors.append(_sentence)
    level = logging.WARNING if quiet and not as_json else logging.INFO
    return structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )


def _escaped(_logger: Any, _name: str, line: str) -> str:
    """Return a line of JSON that says the same, without a character that a terminal or a reader could be misled by."""
    return "".join(mark if mark.isprintable() else json.dumps(mark)[1:-1] for mark in line)


def _sentence(_logger: Any, _name: str, event: dict[str, Any]) -> str:
    level = event.pop("level", "info")
    text = str(event.pop("event", ""))
    rest = ", ".join(f"{key} {value}" for key, value in event.items())
    return printable(("" if level == "info" else f"{level}: ") + text + (f" ({rest})" if rest else ""))
