"""Files known again by what they are called, since releases of one file often differ in a number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = re.compile(r"[0-9]+")


def stem_of(file: str) -> str:
    """Return a file's name with its numbers put aside: what releases of one file have in common."""
    return _DIGITS.sub("#", file)


def owners(file: str, read: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the monitors that a file may be of: those of its name, else those of its name without its numbers.

    Args:
        file: one that nobody recognises.
        read: name and monitor of files that were recognised.
    """
    known = set(read)
    own = {monitor for name, monitor in known if name == file}
    return frozenset(own or {monitor for name, monitor in known if stem_of(name) == stem_of(file)})
