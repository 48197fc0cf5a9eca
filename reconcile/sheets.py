"""The typed sheets of a report: what `report` lays out and `workbook` writes, with no spreadsheet library in sight."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Format = Literal[
    "text",
    "long_text",
    "range",
    "integer",
    "number",
    "bits",
    "heat",
    "share",
    "date",
    "url",
    "sheet",
    "severity",
]
# What sets a cell apart in print without colours as well: by weight, slant, frame or hatching.
MARKS = ("", "outlier", "faint", "hatched", "alarm")
# With its header, and past which Excel opens no sheet: a longer table goes on in others.
ROWS_A_SHEET = 1_048_576


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a block.

    Attributes:
        name: the column's name in the block's frame.
        header: what a person reads above it.
        width: in characters of the default font.
        format: how cells are shown; `long_text` wraps, `range` stands to the right like a number, `bits` has its sign, `heat` is a whole number
            on a ground the darker the larger it is within its column, `share` is a number from 0 to 1 shown as a
            percentage, `sheet` leads to the sheet that the cell names.
        link_sheet: the sheet whose row with this cell's text as its key the cell links to. A cell that holds several
            keys, separated by spaces, links to the first one found there.
        choices: the values that a person may pick for a cell; empty cells are allowed beside them, anything else not.
        marks: the column of the block's frame that says how each cell is set apart, by one of `MARKS`; none where empty.
    """

    name: str
    header: str
    width: int = 14
    format: Format = "text"
    link_sheet: str | None = None
    choices: tuple[str, ...] = ()
    marks: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, lines of text, and a table below them; any of the three may be empty.

    Attributes:
        rows: of the table.
        columns: of the table.
        heading: above it.
        notes: below the heading.
        is_filtered: whether the table has a filter; on a page, the last one may.
    """

    rows: pd.DataFrame
    columns: tuple[Column, ...]
    heading: str = ""
    notes: tuple[str, ...] = ()
    is_filtered: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart over one block of its own sheet.

    Attributes:
        title: what a person reads above it.
        block: the place of the block on the sheet.
        category: the column that names the bars.
        series: of columns, each a series of bars; of spans, two: where a bar starts, at 0 or above, and how long it is.
        stacked: whether the series of columns stand on each other instead of side by side.
        y_title: what the values are.
        x_title: what the categories are.
        kind: upright columns, or spans: one floating bar per row, from top to bottom.
        marks: where lines are drawn across all spans, such as the low and the high that a monitor states.
        mark_title: what the lines are, as the legend has it before their values.
        axis: whether the values of spans are numbers, or days as Excel counts them.
        open_column: the column, true where a span's end is open; it need not be shown.
    """

    title: str
    block: int
    category: str
    series: tuple[str, ...]
    stacked: bool = True
    y_title: str = ""
    x_title: str = ""
    kind: Literal["columns", "spans"] = "columns"
    marks: tuple[float, ...] = ()
    mark_title: str = "stated"
    axis: Literal["number", "date"] = "number"
    open_column: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    A sheet of one block without heading or notes is a table: its header is row 1, frozen and filtered. Any other
    sheet is a page: its blocks stand below each other, read from top to bottom.

    Attributes:
        name: at most 31 characters, unique in the workbook.
        blocks: from top to bottom.
        key: the column, of a table, by whose text other sheets link to its rows.
        freeze_columns: how many columns of a table stay in view when scrolling right.
        charts: columns stand to the right of their own block; spans, on a page, between its notes and its table.
        landscape: the print orientation.
        is_hidden: whether only programs are to read it.
        foot: below a table and outside its filter; what is not on it.
        all_rows: of a table that lists only the first of them; None where it lists all it was given.
        left_out: of a table that was given only the first of its rows, how many it was not given.
    """

    name: str
    blocks: tuple[Block, ...]
    key: str | None = None
    freeze_columns: int = 0
    charts: tuple[Chart, ...] = field(default=())
    landscape: bool = True
    is_hidden: bool = False
    foot: str = ""
    all_rows: pd.DataFrame | None = None
    left_out: int = 0

    @property
    def rows_in_all(self) -> int:
        """How many rows its first block stands for, those that are not on it included."""
        return len(self.blocks[0].rows if self.all_rows is None else self.all_rows) + self.left_out

    @property
    def is_table(self) -> bool:
        """Whether this sheet is one plain table with its header in row 1."""
        return len(self.blocks) == 1 and not self.blocks[0].heading and not self.blocks[0].notes
