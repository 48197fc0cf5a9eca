"""What an explanation is made of: parts with sentences and small grids, and the words for bits, odds and shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

# Rows of one grid at most; the tables of the run hold the rest.
LISTED = 20
LARGEST_BITS = 40
# Below it, and as near to 1, three digits would say that a pair is sure.
LEAST_CHANCE = 0.0005
# Odds from which no fraction is shown, and a share below which no power of ten is.
WHOLE_ODDS, SMALL_SHARE = 10, 1e-3


@dataclass(frozen=True, slots=True)
class Grid:
    """A small table of texts.

    Attributes:
        headers: one a column.
        rows: as many texts each.
        right: numbers of the columns that are set flush right.
        whole: numbers of the columns that are never wrapped.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """One step of an explanation: a heading, sentences, a grid, and what has to be said of the grid."""

    heading: str
    lines: tuple[str, ...] = ()
    grid: Grid | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was asked about, the answer in a sentence, and the steps to it."""

    title: str
    answer: str
    parts: tuple[Part, ...]


# ---- words ---------------------------------------------------------------------------------------------------------


def chance(probability: float) -> str:
    """Return a probability with three digits, and none as certain."""
    if 0 < probability < LEAST_CHANCE:
        return "<0.001"
    return ">0.999" if 1 - LEAST_CHANCE < probability < 1 else f"{probability:.3f}"


def plain(number: float) -> str:
    """Return a number of a rule file, its minus as people write it."""
    return f"{number:g}".replace("-", "−")


def odds(probability: float) -> float:
    """Return the log2 odds of a probability."""
    near = float(np.clip(probability, 1e-18, 1 - 1e-15))
    return float(np.log2(near / (1 - near)))


def odds_text(bits: float) -> str:
    """Return bits as odds: 3 bits are odds of 8 to 1."""
    ratio = float(np.exp2(min(abs(bits), LARGEST_BITS)))
    shown = f"{ratio:,.0f}" if ratio >= WHOLE_ODDS else f"{ratio:.2g}"
    above = "more than " if abs(bits) > LARGEST_BITS else ""
    return f"odds of {above}{shown} to 1" if bits >= 0 else f"odds of 1 to {above}{shown}"


def probability(bits: float) -> float:
    """Return the probability (share) of log2 odds."""
    return float(1 / (1 + np.exp2(-np.clip(bits, -LARGEST_BITS, LARGEST_BITS))))


def share_text(share: float) -> str:
    """Return a share without a power of ten."""
    return f"{share:.9f}".rstrip("0") if share < SMALL_SHARE else f"{share:g}"


def article(kind: str) -> str:
    """Return a kind with its article: an incident, a total."""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def sentence(text: str) -> str:
    """Return a reason of a rule file as a sentence."""
    return text[:1].upper() + text[1:].rstrip(".") + "."


def short(text: str, most: int = 240) -> str:
    """Return a text cut at a word, so that it stays within so many characters."""
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + " …"


def listed(ids: Sequence[str], most: int = 6) -> str:
    """Return the first ids of a list, and how many more there are."""
    rest = f" and {len(ids) - most:,} more" if len(ids) > most else ""
    return ", ".join(ids[:most]) + rest


def more(count: int, table: str) -> tuple[str, ...]:
    """Return where the rows stand that a grid leaves out; nothing where it holds all of them."""
    if count <= LISTED:
        return ()
    return (f"{count - LISTED:,} more are in tables/{table}.parquet.",)
