"""What a parser raises, and how it shows the text it could not read."""

from __future__ import annotations

_SHOWN = 60


class Unreadable(ValueError):
    """A cell's text that no rule of its parser can read.

    `str(error)` is a sentence fragment: what was found and what was allowed. It quotes the cell, so a caller
    that reads a column marked personal must not print it.
    """


def shown(text: str) -> str:
    """Quote a cell's text for a message, cut to what fits a line.

    Args:
        text: the text as published.

    Returns:
        The text in quotes, invisible characters made visible.
    """
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
