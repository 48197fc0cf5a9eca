"""Pictures of text: intervals and windows as bars on one scale, of blocks, or in plain ASCII where a console has no blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BAR = 32


@dataclass(frozen=True, slots=True)
class Strokes:
    """The characters that pictures are drawn with.

    Attributes:
        full: of a bar.
        light: of a bar that is compared with nothing.
        mark: of a line beside or between bars.
        cross: of a line where it crosses a bar, so that a bar as short as the line still shows.
        onward, back: of an end that is open, or lies beyond the scale.
    """

    full: str
    light: str
    mark: str
    cross: str
    onward: str
    back: str


BLOCKS = Strokes("█", "░", "┃", "╋", "►", "◄")
ASCII = Strokes("#", ":", "|", "+", ">", "<")


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale for several bars: from its low to its high, with a cell to spare at an end that some bar runs beyond.

    Attributes:
        is_open_below, is_open_above: whether one of them does.
        strokes: that it is drawn with.
    """

    low: float
    high: float
    is_open_below: bool
    is_open_above: bool
    strokes: Strokes

    @property
    def _first(self) -> int:
        return int(self.is_open_below)

    @property
    def _last(self) -> int:
        return BAR - 1 - int(self.is_open_above)

    def _cell(self, value: float) -> int:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self._first + round(share * (self._last - self._first))

    def axis(self, low: str, high: str) -> str:
        """Return the ends of the scale in words, each at its place."""
        return low.rjust(self._first + len(low)) + high.rjust(self._last + 1 - self._first - len(low))

    def bar(self, low: float, high: float, marks: Iterable[float] = (), *, is_light: bool = False) -> str:
        """Return a bar, at least one cell long, with lines across it.

        Args:
            low: where it begins; a missing end, or one beyond the scale, is an arrow.
            high: where it ends.
            marks: where the lines are.
            is_light: whether it is compared with nothing.
        """
        runs_back, runs_on = not low >= self.low, not high <= self.high
        first = self._first if runs_back else self._cell(low)
        last = self._last if runs_on else self._cell(high)
        drawn = (self.strokes.light if is_light else self.strokes.full) * (last - first + 1)
        cells = list(drawn.rjust(last + 1).ljust(BAR))
        if runs_back:
            cells[0] = self.strokes.back
        if runs_on:
            cells[-1] = self.strokes.onward
        return self._crossed(cells, marks)

    def lines(self, low: float, high: float) -> str:
        """Return the ends of an interval as lines, without a bar; an open one as an arrow."""
        cells = [" "] * BAR
        if np.isnan(low):
            cells[0] = self.strokes.back
        if np.isnan(high):
            cells[-1] = self.strokes.onward
        return self._crossed(cells, known(low, high))

    def nothing(self, marks: Iterable[float] = ()) -> str:
        """Return the lines alone."""
        return self._crossed([" "] * BAR, marks)

    def _crossed(self, cells: list[str], marks: Iterable[float]) -> str:
        strokes = self.strokes
        for cell in {self._cell(mark) for mark in marks}:
            cells[cell] = strokes.cross if cells[cell] in {strokes.full, strokes.light} else strokes.mark
        return "".join(cells).rstrip()


def known(*ends: float) -> tuple[float, ...]:
    """Return the ends that are stated."""
    return tuple(float(end) for end in ends if not np.isnan(end))


def scale_of(intervals: Sequence[tuple[float, float]], strokes: Strokes) -> Scale:
    """Return a scale from 0, or from below it, that holds all ends of some intervals; a missing end is open."""
    ends = known(*(end for interval in intervals for end in interval))
    return Scale(
        min(0.0, *ends),
        max(0.0, *ends),
        any(np.isnan(low) for low, _ in intervals),
        any(np.isnan(high) for _, high in intervals),
        strokes,
    )
