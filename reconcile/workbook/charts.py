"""Native charts of a sheet: upright columns, and spans that float on one scale, each live on the cells of its block.

What Excel has no chart for is drawn by series of their own, all plain bars, which Excel and LibreOffice draw alike: a bar
without a fill pushes a span to where it starts, a hatched one carries an open end to the edge, a sliver shows a span
without length, and bars as thin as a line, each touching the next, are the marks. Their numbers stand in hidden
columns right of the tables, since LibreOffice draws none that stand in no cell.
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from openpyxl.chart import BarChart, Reference, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import AxDataSource, StrRef
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.series import Series as BareSeries
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RegularTextRun
from openpyxl.utils import get_column_letter

from reconcile.workbook.values import EPOCH, values_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt
    from openpyxl.worksheet.worksheet import Worksheet

    from reconcile.sheets import Block, Chart, Sheet

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

INK = "22384D"
PAPER = "FFFFFF"
RULE = "D5DBE1"

# In centimetres, and in rows of the usual height.
_WIDTH, _HEIGHT, _ROWS = 17, 9, 19
_DARKEST, _LIGHTEST = (0x1B, 0x36, 0x4F), (0xC3, 0xD3, 0xE2)
_TELLABLE_SHADES = 5

# Within the margins of an A4 page: 25 bars, with what stands above and below all bars, fit the height of one.
_PAGE_WIDTHS = {True: 25.0, False: 17.0}
_BAR_HEIGHT, _LINE_CM, _ROW_CM = 0.46, 0.68, 0.529
_TITLE_LETTERS = 75
_LETTER_CM, _MARGIN_CM, _LABELS_SHARE = 0.175, 0.7, 0.4
_SPAN, _MARK = "7C9DBD", "7A1712"
# As shares of the scale.
_MARK_WIDTH, _SLIVER = 0.0035, 0.005
# Scales of numbers begin at 0 unless all that is shown lies past this share of its reach.
_FAR_FROM_ZERO = 0.6
_TICKS, _DAY_TICKS = 9, 7
_DAY_STEPS = (1.0, 2.0, 7.0, 14.0, 28.0, 61.0, 91.0, 183.0, 365.0, 730.0, 1_461.0, 3_652.0)
_SECOND_AXES = 500, 600
# Labels that nobody sees: LibreOffice needs the axis of the marks to be there.
_NO_LABEL = ";;;"
_SPANS = 2
# One that no program trims.
_BLANK = "\u00a0"


def refuse_chart(sheet: Sheet, chart: Chart) -> None:
    """Refuse a chart that its block can't bear.

    Raises:
        ValueError: with what is wrong.
    """
    name = f"sheet {sheet.name!r}: chart {chart.title!r}"
    if not 0 <= chart.block < len(sheet.blocks):
        raise ValueError(f"{name} is of a block that is not there")
    block = sheet.blocks[chart.block]
    shown = {column.name for column in block.columns}
    if not chart.series or not shown.issuperset({chart.category, *chart.series}):
        raise ValueError(f"{name} needs columns that its block does not show")
    if chart.kind == "columns":
        if chart.marks or chart.open_column or chart.axis == "date":
            raise ValueError(f"{name} has marks, open ends or days, which columns have not")
        return
    if len(chart.series) != _SPANS:
        raise ValueError(f"{name} needs two columns, where a span starts and how long it is")
    if not np.isfinite(chart.marks).all():
        raise ValueError(f"{name} has a mark that is no number")
    _refuse_spans(name, chart, block)


def _refuse_spans(name: str, chart: Chart, block: Block) -> None:
    if chart.open_column:
        times = list(block.rows.columns).count(chart.open_column)
        if times != 1 or not block.rows[chart.open_column].isin([True, False]).all():
            raise ValueError(f"{name}: the rows have no one column {chart.open_column!r} of yes and no")
    start, length = (_numbers(block.rows[column]) for column in chart.series)
    # Stacked bars below zero grow to the other side, so a span could not begin there.
    if (start < 0).any() or (length < 0).any() or min(chart.marks, default=0) < 0:
        raise ValueError(f"{name} has a span or a mark below zero")


# ---- places --------------------------------------------------------------------------------------------------------


class Extra(NamedTuple):
    """Numbers that no block shows, for a chart to draw: a hidden column beside a block's table.

    Attributes:
        title: what the legend calls them; a blank where they are not to be seen.
        numbers: one for each row, None for no bar.
        look: how their bars are painted.
        own: how those of single rows are painted, by the row's place; they leave the legend out.
        is_mark: whether they belong to the lines across all bars.
    """

    title: str
    numbers: tuple[float | None, ...]
    look: GraphicalProperties
    own: Mapping[int, GraphicalProperties] = MappingProxyType({})
    is_mark: bool = False


class Plan(NamedTuple):
    """A chart of a block that has rows, worked out before the sheet is written.

    Attributes:
        chart: as it is typed.
        extras: its numbers beside those of the block.
        column: the sheet's column of the first of them.
        scale: of spans.
    """

    chart: Chart
    extras: tuple[Extra, ...]
    column: int
    scale: _Scale


def plan_charts(sheet: Sheet, most_rows: int) -> tuple[Plan, ...]:
    """Return the charts to draw on a sheet, in order.

    Args:
        sheet: as it is typed.
        most_rows: of a table that are on the sheet with the chart.
    """
    width = max((len(block.columns) for block in sheet.blocks), default=0)
    taken: Counter[int] = Counter()
    plans = []
    for chart in sheet.charts:
        rows = sheet.blocks[chart.block].rows.head(most_rows)
        if len(rows):
            scale, extras = _extras(chart, rows) if chart.kind == "spans" else (_Scale(0.0, 1.0, 1.0), ())
            plans.append(Plan(chart, extras, width + 1 + taken[chart.block], scale))
            taken[chart.block] += len(extras)
    return tuple(plans)


def extras_beside(plans: Sequence[Plan], block: int) -> tuple[Extra, ...]:
    """Return what stands in the hidden columns beside a block, from left to right."""
    return tuple(extra for plan in plans if plan.chart.block == block for extra in plan.extras)


def room_above(sheet: Sheet, block: int) -> int:
    """Return how many rows the spans of a block take between the text above it and its table; none off a page."""
    if sheet.is_table:
        return 0
    return sum(_rows_taken(sheet, chart) for chart in sheet.charts if chart.block == block)


def _rows_taken(sheet: Sheet, chart: Chart) -> int:
    rows = len(sheet.blocks[chart.block].rows)
    return int(np.ceil(sum(_heights(chart, rows)) / _ROW_CM)) + 1 if chart.kind == "spans" and rows else 0


def _heights(chart: Chart, rows: int) -> tuple[float, float, float]:
    """Return how much of the height of spans lies above the bars, is theirs, and lies below them."""
    title = 1 + len(chart.title) // _TITLE_LETTERS if chart.title else 0
    # The numbers of the axis, what they are, and a legend, which may take two lines.
    below = 1 + bool(chart.y_title) + 2 * bool(chart.marks or chart.open_column)
    return _LINE_CM * (title + 0.7), _BAR_HEIGHT * rows, _LINE_CM * below


def add_charts(
    ws: Worksheet, sheet: Sheet, plans: Sequence[Plan], header_rows: Sequence[int], last_row: int
) -> list[str]:
    """Draw the charts of a sheet, and return what each shows, in words.

    Args:
        ws: the sheet being written.
        sheet: as it is typed.
        plans: of its charts.
        header_rows: of its blocks.
        last_row: that the sheet can hold.
    """
    descriptions: list[str] = []
    free_row = 1
    above = [header - room_above(sheet, number) for number, header in enumerate(header_rows)]
    for plan in plans:
        chart = plan.chart
        block, header = sheet.blocks[chart.block], header_rows[chart.block]
        taken = _rows_taken(sheet, chart)
        if taken and not sheet.is_table:
            spot = f"A{above[chart.block]}"
            above[chart.block] += taken
        else:
            row = max(header, free_row)
            free_row = row + (taken or _ROWS)
            spot = f"{get_column_letter(len(block.columns) + 2)}{row}"
        cells = _Cells(ws, plan, block, header, min(header + len(block.rows), last_row))
        drawn = _spans(cells, landscape=sheet.landscape) if chart.kind == "spans" else _bars(cells)
        ws.add_chart(drawn, spot)
        descriptions.append(_description(chart, block))
    return descriptions


def _description(chart: Chart, block: Block) -> str:
    headers = {column.name: column.header for column in block.columns}
    if chart.kind == "columns":
        series = ", ".join(headers[name] for name in chart.series)
        return f"{chart.title}. Columns of {series}, by {headers[chart.category]}, as in the table beside it."
    start, length = (headers[name] for name in chart.series)
    line = f" A line stands at {_marks_text(chart)}." if chart.marks else ""
    is_open = bool(chart.open_column) and bool(block.rows[chart.open_column].any())
    return (
        f"{chart.title}. A bar for each {headers[chart.category]}, from {start} over {length}, as in its table.{line}"
        + (" Hatched bars have an open end." if is_open else "")
    )


class _Cells(NamedTuple):
    """Where the numbers of a chart stand.

    Attributes:
        ws: the sheet being written.
        plan: of the chart.
        block: the block it is of.
        header: row of the block's header.
        last: row of the block's last row on this sheet.
    """

    ws: Worksheet
    plan: Plan
    block: Block
    header: int
    last: int

    def series(self, name: str, look: GraphicalProperties) -> BareSeries:
        """Return a column of the block as a series, called what its header says."""
        return self._series(self._position(name), look)

    def unshown(self, number: int) -> BareSeries:
        """Return one of the chart's own columns as a series."""
        extra = self.plan.extras[number]
        series = self._series(self.plan.column + number, extra.look)
        series.dPt = [_point(place, look) for place, look in extra.own.items()]
        return series

    def _series(self, position: int, look: GraphicalProperties) -> BareSeries:
        cells = Reference(self.ws, min_col=position, min_row=self.header, max_row=self.last)
        names = Reference(
            self.ws,
            min_col=self._position(self.plan.chart.category),
            min_row=self.header + 1,
            max_row=self.last,
        )
        series: BareSeries = Series(cells, title_from_data=True)
        series.cat = AxDataSource(strRef=StrRef(f=str(names)))
        series.graphicalProperties = look
        series.invertIfNegative = False
        return series

    def _position(self, name: str) -> int:
        return [column.name for column in self.block.columns].index(name) + 1


# ---- columns -------------------------------------------------------------------------------------------------------


def _bars(cells: _Cells) -> BarChart:
    chart = cells.plan.chart
    bars = BarChart(gapWidth=60, grouping="stacked" if chart.stacked else "clustered")
    bars.overlap = 100 if chart.stacked else 0
    for rank, name in enumerate(chart.series):
        bars.series.append(cells.series(name, _paint(rank, len(chart.series))))
    bars.width, bars.height = _WIDTH, _HEIGHT
    _frame(bars, chart)
    return bars


def _frame(bars: BarChart, chart: Chart) -> None:
    bars.roundedCorners = False
    bars.title = _chart_title(chart.title, 1300 if chart.kind == "columns" else 1200)
    bars.x_axis.title = _chart_title(chart.x_title, 1000)
    bars.y_axis.title = _chart_title(chart.y_title, 1000)
    # openpyxl leaves axes out unless told otherwise.
    bars.x_axis.delete = bars.y_axis.delete = False
    bars.y_axis.number_format = "#,##0"
    bars.y_axis.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill=RULE)))
    bars.legend = Legend()
    bars.legend.position = "b"
    bars.legend.overlay = False


def _chart_title(text: str, size: int) -> Title | None:
    if not text:
        return None
    letters = CharacterProperties(sz=size, b=True, solidFill=INK)
    words = [RegularTextRun(rPr=letters, t=visible(text))]
    line = Paragraph(pPr=ParagraphProperties(defRPr=letters), r=words)
    return Title(tx=Text(rich=RichText(p=[line])), overlay=False)


def _paint(rank: int, count: int) -> GraphicalProperties:
    """Return one step of a hue, from dark to light; where the steps are small, every other is hatched."""
    share = rank / max(count - 1, 1)
    shade = "".join(f"{round(a + (b - a) * share):02X}" for a, b in zip(_DARKEST, _LIGHTEST, strict=True))
    if count <= _TELLABLE_SHADES or rank % 2 == 0:
        return _filled(shade)
    return _hatched(PAPER, shade, edge=PAPER)


def _filled(shade: str, edge: str = PAPER) -> GraphicalProperties:
    return GraphicalProperties(solidFill=shade, ln=LineProperties(solidFill=edge, w=6350))


def _hatched(ink: str, ground: str, edge: str) -> GraphicalProperties:
    # The stub knows no plain colour here, though the class's own documentation does.
    front, back = (ColorChoice(srgbClr=color) for color in (ink, ground))  # type: ignore[arg-type]
    hatch = PatternFillProperties(prst="wdUpDiag", fgClr=front, bgClr=back)
    return GraphicalProperties(pattFill=hatch, ln=LineProperties(solidFill=edge, w=6350))


def _unseen() -> GraphicalProperties:
    return GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))


# ---- spans ---------------------------------------------------------------------------------------------------------


class _Scale(NamedTuple):
    """First and last value of an axis, and how far its ticks lie apart."""

    low: float
    high: float
    step: float

    @property
    def width(self) -> float:
        """How much it spans."""
        return self.high - self.low


def _numbers(column: pd.Series[Any]) -> Floats:
    """Return a column as the numbers that its cells hold; days are counted as Excel does."""
    return np.array(
        [np.nan if isinstance(value, bool | str | None) else float(value) for value in values_of(column)],
        dtype=np.float64,
    )


def _extras(chart: Chart, rows: pd.DataFrame) -> tuple[_Scale, tuple[Extra, ...]]:
    """Return the scale of spans, and what is drawn beside them: slivers, open ends and marks."""
    start, length = (_numbers(rows[name]) for name in chart.series)
    end = start + np.nan_to_num(length)
    is_open = _is_open(chart, rows) & np.isfinite(start)
    scale = _scale(np.concatenate([start, end, chart.marks]), end[is_open], chart.axis)
    flat = (length == 0) & ~is_open
    extras = []
    if flat.any():
        paint = {int(place): _filled(_SPAN, INK) for place in np.flatnonzero(flat)}
        extras.append(Extra(_BLANK, _kept(np.where(flat, _SLIVER * scale.width, np.nan)), _unseen(), paint))
    if is_open.any():
        rest = np.where(is_open, scale.high - end, np.nan)
        extras.append(Extra("open end", _kept(rest), _open_look()))
    return scale, (*extras, *_mark_extras(chart, scale, len(rows)))


def _kept(numbers: Floats) -> tuple[float | None, ...]:
    # Beyond twelve digits machines may differ.
    return tuple(None if np.isnan(number) else float(f"{number:.12g}") for number in numbers)


def _mark_extras(chart: Chart, scale: _Scale, rows: int) -> Iterator[Extra]:
    """Yield, for each mark, the way from the one before and the line itself."""
    width = _MARK_WIDTH * scale.width
    look = GraphicalProperties(solidFill=_MARK, ln=LineProperties(noFill=True))
    before = 0.0
    for number, mark in enumerate(sorted(set(chart.marks))):
        left, right = max(mark - width / 2, before), mark + width / 2
        yield Extra(_BLANK, _kept(np.full(rows, left - before)), _unseen(), is_mark=True)
        line = _kept(np.full(rows, right - left))
        # The legend has one entry for all marks.
        if number == 0:
            yield Extra(_marks_text(chart), line, look, is_mark=True)
        else:
            yield Extra(_BLANK, line, _unseen(), dict.fromkeys(range(rows), look), is_mark=True)
        before = right


def _is_open(chart: Chart, rows: pd.DataFrame) -> Bools:
    return rows[chart.open_column].to_numpy(dtype=bool) if chart.open_column else np.zeros(len(rows), bool)


def _spans(cells: _Cells, *, landscape: bool) -> BarChart:
    chart, extras = cells.plan.chart, cells.plan.extras
    rows = cells.block.rows.head(cells.last - cells.header)
    bars = BarChart(barDir="bar", gapWidth=45, grouping="stacked", overlap=100)
    # The stub knows whole centimetres only.
    bars.width, bars.height = _PAGE_WIDTHS[landscape], sum(_heights(chart, len(rows)))  # type: ignore[assignment]
    # LibreOffice counts no hidden cell otherwise.
    bars.visible_cells_only = False
    start, span = cells.series(chart.series[0], _unseen()), cells.series(chart.series[1], _filled(_SPAN, INK))
    start.tx = SeriesLabel(v=_BLANK)
    span.dPt = [_point(int(place), _open_look()) for place in np.flatnonzero(_is_open(chart, rows))]
    bars.series = [start, span, *(cells.unshown(n) for n, extra in enumerate(extras) if not extra.is_mark)]
    _frame(bars, chart)
    _lay(bars, cells.plan.scale, chart.axis)
    bars.layout = _layout(bars.width, _heights(chart, len(rows)), _longest(rows[chart.category]))
    if not extras:
        bars.legend = None
    if chart.marks:
        bars += _lines(cells)
    return bars


def _longest(names: pd.Series[Any]) -> int:
    return max((len(visible(str(name))) for name in names if not pd.isna(name)), default=0)


def _layout(width: float, heights: tuple[float, float, float], letters: int) -> Layout:
    """Return where the bars stand: each as high as its name, whatever a program would leave for title and legend."""
    above, bars, _ = heights
    left = min(_LETTER_CM * letters + _MARGIN_CM, _LABELS_SHARE * width)
    shares = (
        left / width,
        above / sum(heights),
        (width - left - 2 * _MARGIN_CM) / width,
        bars / sum(heights),
    )
    x, y, wide, high = (round(share, 4) for share in shares)
    return Layout(
        manualLayout=ManualLayout(layoutTarget="inner", xMode="edge", yMode="edge", x=x, y=y, w=wide, h=high)
    )


def _lines(cells: _Cells) -> BarChart:
    """Return the marks: bars on axes of their own, without a gap between one row's and the next."""
    lines = BarChart(barDir="bar", gapWidth=0, grouping="stacked", overlap=100)
    names, values = lines.x_axis, lines.y_axis
    names.axId, values.axId = _SECOND_AXES
    names.crossAx, values.crossAx = values.axId, names.axId
    _lay(lines, cells.plan.scale, cells.plan.chart.axis)
    names.delete = True
    # Unseen but there: LibreOffice stacks the lines on the spans where they have no axis of values.
    values.delete, values.majorGridlines = False, None
    values.number_format, values.majorTickMark = _NO_LABEL, "none"
    values.crosses = "min"
    values.graphicalProperties = _unseen()
    lines.series = [cells.unshown(n) for n, extra in enumerate(cells.plan.extras) if extra.is_mark]
    return lines


def _open_look() -> GraphicalProperties:
    return _hatched(_SPAN, PAPER, edge=_SPAN)


def _point(place: int, look: GraphicalProperties) -> DataPoint:
    return DataPoint(idx=place, invertIfNegative=False, spPr=look)


def _scale(shown: Floats, open_from: Floats, axis: str) -> _Scale:
    """Return a scale that holds all that is shown, with room past the open ends."""
    shown = shown[np.isfinite(shown)]
    least, most = (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 1.0)
    if axis == "date":
        step = next((days for days in _DAY_STEPS if (most - least) / days <= _DAY_TICKS), _DAY_STEPS[-1])
        low = float(np.floor(least))
    else:
        base = least if least > _FAR_FROM_ZERO * most else 0.0
        step = _round_step((most - base) / _TICKS if most > base else 1.0)
        low = float(np.floor(base / step) * step)
    high = low + float(np.floor((most - low) / step) + 1) * step
    if len(open_from) and high - open_from.max() < step / 2:
        high += step
    return _Scale(low, high, step)


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is at least so large."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(power * digit for digit in (1, 2, 5, 10) if power * digit >= least * (1 - 1e-9)))


def _lay(bars: BarChart, scale: _Scale, axis: str) -> None:
    """Set the axes: categories from top to bottom, values below them."""
    names, values = bars.x_axis, bars.y_axis
    # From top to bottom the value axis would stand on top, and where it crosses names the far end.
    names.scaling.orientation = "maxMin"
    names.crosses, values.crosses = "min", "max"
    names.tickLblPos, values.tickLblPos = "low", "nextTo"
    names.tickLblSkip = 1
    names.noMultiLvlLbl = True
    values.axPos = "b"
    values.scaling.min, values.scaling.max = scale.low, scale.high
    values.majorUnit = scale.step
    whole = float(scale.step).is_integer()
    values.number_format = "d mmm yyyy" if axis == "date" else "#,##0" if whole else "General"
    names.txPr, values.txPr = _letters(900), _letters(900)
    names.majorTickMark = "none"


def _letters(size: int) -> RichText:
    letters = CharacterProperties(sz=size, solidFill=INK)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=letters), endParaRPr=letters)])


def _marks_text(chart: Chart) -> str:
    """Return what the lines are, with their values: stated: 205–228."""
    values = [_value_text(value, chart.axis) for value in sorted(set(chart.marks))]
    joined = "–".join(values) if len(values) == _SPANS and chart.axis == "number" else ", ".join(values)
    return f"{chart.mark_title}: {joined}"


def _value_text(value: float, axis: str) -> str:
    if axis == "number":
        return f"{value:,.10g}"
    day = EPOCH + pd.Timedelta(days=value)
    return f"{day.day} {day:%b %Y}"
