"""Native charts of a sheet: upright columns, and spans that float on one scale, each live on the cells of its block.

What Excel has no chart for is drawn by series of their own, all plain bars, which Excel and LibreOffice draw alike: a bar
without a fill pushes a span to where it starts, a hatched one carries an open end to the edge, a sliver shows a span
without length, and bars as thin as a line, each touching the next, are the marks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from openpyxl.chart import BarChart, Reference, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumVal, StrRef
from openpyxl.chart.legend import Legend, LegendEntry
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
    from collections.abc import Iterable, Sequence

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

# Within the margins of an A4 page; what stands above and below the bars takes as much as seven of them.
_PAGE_WIDTHS = {True: 25.0, False: 17.0}
_BAR_HEIGHT, _BARS_BESIDE, _ROW_CM = 0.6, 7, 0.529
_SPAN, _MARK = "7C9DBD", "7A1712"
# As shares of the scale.
_MARK_WIDTH, _SLIVER = 0.0035, 0.005
# Scales of numbers begin at 0 unless all that is shown lies past this share of its reach.
_FAR_FROM_ZERO = 0.6
_TICKS, _DAY_TICKS = 9, 7
_DAY_STEPS = (1.0, 2.0, 7.0, 14.0, 28.0, 61.0, 91.0, 183.0, 365.0, 730.0, 1_461.0, 3_652.0)
_SECOND_AXES = 500, 600
_SPANS = 2


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


def room_above(sheet: Sheet, block: int) -> int:
    """Return how many rows the spans of a block take between the text above it and its table; none off a page."""
    return (
        0
        if sheet.is_table
        else sum(_rows_taken(sheet, chart) for chart in sheet.charts if chart.block == block)
    )


def _rows_taken(sheet: Sheet, chart: Chart) -> int:
    rows = len(sheet.blocks[chart.block].rows)
    return int(np.ceil(_span_height(rows) / _ROW_CM)) + 1 if chart.kind == "spans" and rows else 0


def _span_height(rows: int) -> float:
    return _BAR_HEIGHT * (rows + _BARS_BESIDE)


def add_charts(ws: Worksheet, sheet: Sheet, header_rows: Sequence[int], last_row: int) -> list[str]:
    """Draw the charts of a sheet, and return what each shows, in words.

    Args:
        ws: the sheet being written.
        sheet: as it is typed.
        header_rows: of its blocks.
        last_row: that the sheet can hold.
    """
    descriptions: list[str] = []
    free_row = 1
    above = [header - room_above(sheet, number) for number, header in enumerate(header_rows)]
    for chart in sheet.charts:
        block, header = sheet.blocks[chart.block], header_rows[chart.block]
        if not len(block.rows):
            continue
        taken = _rows_taken(sheet, chart)
        beside = get_column_letter(len(block.columns) + 2)
        if taken and not sheet.is_table:
            spot = f"A{above[chart.block]}"
            above[chart.block] += taken
        else:
            row = max(header, free_row)
            free_row = row + (taken or _ROWS)
            spot = f"{beside}{row}"
        cells = _Cells(ws, chart, block, header, min(header + len(block.rows), last_row))
        ws.add_chart(
            _bars(cells) if chart.kind == "columns" else _spans(cells, landscape=sheet.landscape), spot
        )
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
        chart: as it is typed.
        block: the block it is of.
        header: row of the block's header.
        last: row of the block's last row on this sheet.
    """

    ws: Worksheet
    chart: Chart
    block: Block
    header: int
    last: int

    def categories(self) -> AxDataSource:
        """Return the names of the bars."""
        cells = Reference(
            self.ws, min_col=self._position(self.chart.category), min_row=self.header + 1, max_row=self.last
        )
        return AxDataSource(strRef=StrRef(f=str(cells)))

    def series(self, name: str, look: GraphicalProperties) -> BareSeries:
        """Return a column as a series, called what its header says."""
        cells = Reference(self.ws, min_col=self._position(name), min_row=self.header, max_row=self.last)
        series: BareSeries = Series(cells, title_from_data=True)
        series.cat = self.categories()
        series.graphicalProperties = look
        series.invertIfNegative = False
        return series

    def literal(self, title: str, numbers: Iterable[float], look: GraphicalProperties) -> BareSeries:
        """Return a series of numbers that stand in no cell."""
        points = [NumVal(idx=place, v=float(f"{number:.12g}")) for place, number in enumerate(numbers)]
        values = NumDataSource(numLit=NumData(formatCode="General", ptCount=len(points), pt=points))
        series = BareSeries(tx=SeriesLabel(v=visible(title)), val=values, spPr=look, invertIfNegative=False)
        series.cat = self.categories()
        return series

    def _position(self, name: str) -> int:
        return [column.name for column in self.block.columns].index(name) + 1


# ---- columns -------------------------------------------------------------------------------------------------------


def _bars(cells: _Cells) -> BarChart:
    chart = cells.chart
    bars = BarChart(gapWidth=60, grouping="stacked" if chart.stacked else "clustered")
    bars.overlap = 100 if chart.stacked else 0
    for rank, name in enumerate(chart.series):
        bars.series.append(cells.series(name, _paint(rank, len(chart.series))))
    bars.width, bars.height = _WIDTH, _HEIGHT
    _frame(bars, chart)
    return bars


def _frame(bars: BarChart, chart: Chart) -> None:
    bars.roundedCorners = False
    bars.title = _chart_title(chart.title, 1300)
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


def _spans(cells: _Cells, *, landscape: bool) -> BarChart:
    chart, rows = cells.chart, cells.block.rows.head(cells.last - cells.header)
    start, length = (_numbers(rows[name]) for name in chart.series)
    end = start + np.nan_to_num(length)
    is_open = rows[chart.open_column].to_numpy(dtype=bool) if chart.open_column else np.zeros(len(rows), bool)
    is_open = is_open & np.isfinite(start)
    scale = _scale(np.concatenate([start, end, chart.marks]), end[is_open], chart.axis)
    bars = BarChart(barDir="bar", gapWidth=45, grouping="stacked", overlap=100)
    bars.width, bars.height = _PAGE_WIDTHS[landscape], _span_height(len(rows))
    span = cells.series(chart.series[1], _filled(_SPAN, INK))
    span.dPt = [_open_point(int(place)) for place in np.flatnonzero(is_open)]
    bars.series = [cells.series(chart.series[0], _unseen()), span]
    silent = [0]
    flat = (length == 0) & ~is_open
    if flat.any():
        silent.append(len(bars.series))
        bars.series.append(cells.literal("", np.where(flat, _SLIVER * scale.width, 0), _filled(_SPAN, INK)))
    if is_open.any():
        rest = np.where(is_open, scale.high - end, 0)
        bars.series.append(cells.literal("open end", rest, _open_look()))
    _frame(bars, chart)
    _lay(bars, scale, chart.axis)
    if chart.marks:
        silent += _add_marks(bars, cells, scale, len(rows))
    bars.legend.legendEntry = [LegendEntry(idx=place, delete=True) for place in silent]
    return bars


def _open_look() -> GraphicalProperties:
    return _hatched(_SPAN, PAPER, edge=_SPAN)


def _open_point(place: int) -> DataPoint:
    return DataPoint(idx=place, invertIfNegative=False, spPr=_open_look())


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
    values.scaling.min, values.scaling.max = scale.low, scale.high
    values.majorUnit = scale.step
    whole = float(scale.step).is_integer()
    values.number_format = "d mmm yyyy" if axis == "date" else "#,##0" if whole else "General"
    names.txPr, values.txPr = _letters(900), _letters(900)
    names.majorTickMark = "none"


def _letters(size: int) -> RichText:
    letters = CharacterProperties(sz=size, solidFill=INK)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=letters), endParaRPr=letters)])


def _add_marks(bars: BarChart, cells: _Cells, scale: _Scale, rows: int) -> list[int]:
    """Draw a line across all bars at each mark, and return the series that the legend is to leave out.

    The lines are bars on axes of their own, without a gap between one row's and the next.
    """
    lines = BarChart(barDir="bar", gapWidth=0, grouping="stacked", overlap=100)
    lines.x_axis.axId, lines.y_axis.axId = _SECOND_AXES
    lines.x_axis.crossAx, lines.y_axis.crossAx = lines.y_axis.axId, lines.x_axis.axId
    _lay(lines, scale, cells.chart.axis)
    lines.x_axis.delete = lines.y_axis.delete = True
    lines.y_axis.majorGridlines = None
    width = _MARK_WIDTH * scale.width
    edges = [(mark - width / 2, mark + width / 2) for mark in sorted(set(cells.chart.marks))]
    silent = []
    before = 0.0
    for number, (left, right) in enumerate(edges):
        at = max(left, before)
        lines.series.append(cells.literal("", [at - before] * rows, _unseen()))
        look = GraphicalProperties(solidFill=_MARK, ln=LineProperties(noFill=True))
        lines.series.append(cells.literal(_marks_text(cells.chart), [max(right - at, 0.0)] * rows, look))
        first = len(bars.series) + 2 * number
        silent += [first] if number == 0 else [first, first + 1]
        before = max(right, before)
    bars += lines
    return silent


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
