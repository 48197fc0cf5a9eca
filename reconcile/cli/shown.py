"""What the command line shows: its two consoles, and how sentences and tables are laid on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reconcile.visible import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.explain import Grid, Part

out = Console(soft_wrap=True, highlight=False, emoji=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)

PAGE_WIDTH = 110


def print_parts(parts: Sequence[Part]) -> None:
    """Print what explains something: headings, lines, grids and notes."""
    for part in parts:
        heading = (f"\n{part.heading}",) if part.heading else ()
        for text in (*heading, *part.lines):
            print_wide(printable(text, "\n"))
        if part.grid and part.grid.rows:
            print_wide(table_of(part.grid))
        for text in part.notes:
            print_wide(printable(text, "\n"))


def table_of(grid: Grid) -> Table:
    """Return a grid as the console draws it."""
    table = Table(show_edge=False, pad_edge=False, show_header=any(grid.headers))
    for number, header in enumerate(grid.headers):
        justify: Literal["left", "right"] = "right" if number in grid.right else "left"
        table.add_column(
            Text(printable(header)), justify=justify, no_wrap=number in grid.whole, overflow="fold"
        )
    for row in grid.rows:
        table.add_row(*(Text(printable(text, "\n")) for text in row))
    return table


def print_wide(shown: Table | str) -> None:
    """Print within the width of a terminal, elsewhere within one that fits a page."""
    width = min(out.width, PAGE_WIDTH) if out.is_terminal else PAGE_WIDTH
    Console(width=width, highlight=False, emoji=False).print(shown, markup=False)
