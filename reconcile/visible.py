"""Text that may quote a source, made harmless to a terminal and to a log that is read line by line."""

from __future__ import annotations


def printable(text: str, kept: str = "") -> str:
    """Return a text with its control characters visible: none may steer a terminal, turn the line round or begin a new one.

    Args:
        text: that may quote a file's name or a cell.
        kept: characters to leave as they are: a line break, in a text of several lines.
    """
    return "".join(mark if mark.isprintable() or mark in kept else repr(mark)[1:-1] for mark in text)
