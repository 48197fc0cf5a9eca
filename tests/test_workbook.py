"""The workbook as Excel would read it: nothing a source wrote runs, breaks the file or goes missing."""

import os
import re
import shutil
import signal
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from lxml.etree import SerialisationError

from reconcile import workbook
from reconcile.sheets import Block, Chart, Column, Sheet
from reconcile.workbook import apart, workbook_bytes

STAMP = date(2017, 6, 18)
HOSTILE = (
    "=1+1",
    '=HYPERLINK("https://example.org","click")',
    "+442071234567",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "  =1+1",
    "\uff1d1+1",
    "#N/A",
    "#REF!",
)


def table(name="Claims", *, columns=None, key=None, freeze=0, **values):
    """One plain table, with a text column for each of the values unless told otherwise."""
    rows = pd.DataFrame(values)
    columns = columns or tuple(Column(each, each.title()) for each in rows.columns)
    return Sheet(name, (Block(rows, columns),), key=key, freeze_columns=freeze)


def page(name="Summary", *, charts=(), notes=("A note.",)):
    """A page of two blocks: findings by monitor, and the first findings."""
    counts = pd.DataFrame({"monitor": ["Airwars", "SOHR"], "s1": [12, 5], "s2": [20, 14]})
    first = pd.DataFrame({"severity": ["S1", "S3", "none"], "found": ["The sums differ.", "ok", "ok"]})
    by_monitor = (
        Column("monitor", "Monitor"),
        Column("s1", "S1", 8, "integer"),
        Column("s2", "S2", 30, "integer"),
    )
    by_row = (Column("severity", "Severity", 10, "severity"), Column("found", "Found", 60, "long_text"))
    blocks = (Block(counts, by_monitor, "Findings", notes), Block(first, by_row, "Resolve first"))
    return Sheet(name, blocks, charts=charts)


def written(*sheets):
    """The bytes of the sheets' workbook."""
    return workbook_bytes(sheets, title="A title", stamp=STAMP)


def reopened(*sheets):
    """The sheets' workbook as openpyxl reads it."""
    return openpyxl.load_workbook(BytesIO(written(*sheets)))


def column_of(sheet, letter="A"):
    """The cells of a sheet's column, below the header in row 1."""
    return [cell.value for cell in sheet[letter][1:]]


def member(content, name):
    """One part of the file, as text."""
    with ZipFile(BytesIO(content)) as archive:
        return archive.read(name).decode()


class TestBytes:
    """The file as a whole."""

    def test_same_sheets_give_the_same_bytes(self):
        """Two calls with equal sheets give one and the same file."""
        chart = Chart("Findings", 0, "monitor", ("s1", "s2"))
        sheets = [page(charts=(chart,)), table(key="claim", claim=["a:1", "=1"], when=[STAMP, pd.NaT])]
        assert written(*sheets) == written(*sheets)

    def test_nothing_in_the_file_tells_when_or_where_it_was_made(self):
        """Every member of the zip has the same time, and the properties have the stamp's."""
        content = written(table(a=["x"]))
        with ZipFile(BytesIO(content)) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert {entry.create_system for entry in archive.infolist()} == {3}
        properties = openpyxl.load_workbook(BytesIO(content)).properties
        assert (properties.creator, properties.title) == ("reconcile", "A title")
        assert properties.created == properties.modified == datetime(2017, 6, 18)  # noqa: DTZ001

    def test_first_sheet_is_the_one_in_view(self):
        """The workbook opens on its first sheet, and on that alone."""
        book = reopened(page(), table(a=["x"]))
        assert book.active.title == "Summary"
        assert [ws.sheet_view.tabSelected for ws in book] == [True, False]

    def test_pages_and_tables_have_no_merged_cells(self):
        """No cell is merged, so that every sheet sorts and selects."""
        assert not any(ws.merged_cells.ranges for ws in reopened(page(), table(a=["x"])))


class TestHostileText:
    """Text that means harm, or does by accident."""

    @pytest.mark.parametrize("kind", ["text", "long_text", "url", "severity", "number", "date"])
    def test_text_like_a_formula_stays_text(self, kind):
        """Text that begins like a formula or an error is text, and stays text when its cell is edited."""
        sheet = table(columns=(Column("a", "A", format=kind),), a=list(HOSTILE))
        cells = reopened(sheet)["Claims"]["A"][1:]
        assert [cell.value for cell in cells] == list(HOSTILE)
        assert {cell.data_type for cell in cells} == {"s"}
        assert all(cell.quotePrefix for cell in cells)

    def test_no_part_of_the_file_holds_a_formula(self):
        """Headers, headings, notes and titles of charts are text, too."""
        notes = ("=1+1", "a\n=cmd|' /C calc'!A0")
        chart = Chart("=1+1", 0, "=a", ("b",), x_title="=x", y_title="=y")
        block = Block(
            pd.DataFrame({"=a": ["=1"], "b": [1]}), (Column("=a", "=A"), Column("b", "B")), "=1+1", notes
        )
        content = written(Sheet("=1+1", (block,), charts=(chart,)))
        assert "<f>" not in member(content, "xl/worksheets/sheet1.xml")
        cells = [
            cell for row in openpyxl.load_workbook(BytesIO(content)).active for cell in row if cell.value
        ]
        assert {cell.value for cell in cells if cell.quotePrefix} == {
            "=1+1",
            "=cmd|' /C calc'!A0",
            "=A",
            "=1",
        }

    def test_harmless_text_carries_no_quote(self):
        """Ordinary text is left as it is."""
        cell = reopened(table(a=["Ar Raqqah, 54-59"]))["Claims"]["A2"]
        assert (cell.value, cell.quotePrefix) == ("Ar Raqqah, 54-59", False)

    def test_control_characters_are_spelled_out(self):
        """What XML forbids is shown by its code instead of breaking the file or vanishing."""
        sheet = table(a=["bell\x07", "nul\x00", "tab\tand\nline", "escape\x1b"])
        assert column_of(reopened(sheet)["Claims"]) == [
            r"bell\x07",
            r"nul\x00",
            "tab\tand\nline",
            r"escape\x1b",
        ]

    def test_lone_surrogates_are_spelled_out(self):
        """Half a character and the non-characters are shown by their codes."""
        values = pd.Series(["half \ud83d", "none \uffff", "whole 😀"], dtype=object)
        sheet = replace(table(a=["x"]), blocks=(Block(pd.DataFrame({"a": values}), (Column("a", "A"),)),))
        assert column_of(reopened(sheet)["Claims"]) == [r"half \ud83d", r"none \uffff", "whole 😀"]

    def test_text_like_an_escape_of_the_format_is_not_decoded(self):
        """Excel reads _x0041_ as A, so the text that says so is written as Excel would write it."""
        content = written(table(a=["_x0041_ and _x_"]))
        assert "<t>_x005F_x0041_ and _x_</t>" in member(content, "xl/worksheets/sheet1.xml")

    @pytest.mark.parametrize("character", ["a", "😀"])
    def test_long_text_is_cut_and_says_so(self, character):
        """A text of 40,000 characters fits its cell, and tells how long it was and where the whole is."""
        value = reopened(table(a=[character * 40_000]))["Claims"]["A2"].value
        assert value.endswith("… [cut: 40,000 characters in all; whole in tables/]")
        assert len(value.encode("utf-16-le")) in {2 * 32_767, 2 * 32_766}

    def test_text_that_just_fits_is_whole(self):
        """A text of 32,767 characters is not cut."""
        assert reopened(table(a=["a" * 32_767]))["Claims"]["A2"].value == "a" * 32_767

    def test_arabic_is_intact_and_reads_from_the_right(self):
        """Arabic text stays as it is, and its first letter decides the direction, digits and signs aside."""
        values = ["مقتل 12 مدنيا", "12 - الرقة", "SOHR الرقة", "٣ killed", "שלום", "2017"]
        cells = reopened(table(a=values))["Claims"]["A"][1:]
        assert [cell.value for cell in cells] == values
        assert [cell.alignment.readingOrder for cell in cells] == [2, 2, 0, 0, 2, 0]


class TestValues:
    """What is not text."""

    def test_dates_are_dates(self):
        """A date is a number that Excel shows as a date, whatever kind of column holds it."""
        stamps = pd.to_datetime(["2017-06-06", None])
        objects = pd.Series([date(2017, 6, 6), "early June"], dtype=object)
        kinds = (Column("a", "A", format="date"), Column("b", "B", format="date"))
        ws = reopened(table(columns=kinds, a=stamps, b=objects))["Claims"]
        expected = datetime(2017, 6, 6)  # noqa: DTZ001
        assert [column_of(ws, "A"), column_of(ws, "B")] == [[expected, None], [expected, "early June"]]
        assert {ws["A2"].number_format, ws["B2"].number_format} == {"yyyy-mm-dd"}
        assert ws["A2"].is_date

    def test_times_with_a_zone_become_utc(self):
        """A time in another zone is shown in UTC, with its hours."""
        moment = datetime(2017, 6, 6, 1, 30, tzinfo=timezone(timedelta(hours=3)))
        sheet = table(columns=(Column("a", "A", format="date"),), a=pd.Series([moment]))
        cell = reopened(sheet)["Claims"]["A2"]
        assert cell.value == datetime(2017, 6, 5, 22, 30, tzinfo=UTC).replace(tzinfo=None)
        assert cell.number_format == "yyyy-mm-dd hh:mm"

    def test_dates_before_excels_calendar_are_text(self):
        """A date that Excel cannot count is written out."""
        sheet = table(
            columns=(Column("a", "A", format="date"),), a=pd.Series([date(1899, 5, 1)], dtype=object)
        )
        assert column_of(reopened(sheet)["Claims"]) == ["1899-05-01"]

    def test_missing_values_are_empty_cells(self):
        """NaN, NA, NaT, None and empty text are cells without a value."""
        columns = {
            "text": pd.Series(["x", None, ""], dtype="str"),
            "count": pd.Series([1, pd.NA, pd.NA], dtype="Int64"),
            "share": [0.5, np.nan, np.nan],
            "when": pd.to_datetime(["2017-06-06", None, None]),
            "mixed": pd.Series([1, None, pd.NaT], dtype=object),
        }
        ws = reopened(table(**columns))["Claims"]
        assert {ws.cell(row, column).value for row in (3, 4) for column in range(1, 6)} == {None}
        assert None not in [cell.value for cell in ws[2]]

    def test_values_of_many_kinds_share_a_column(self):
        """In a column of mixed values each keeps its kind, and what is none of Excel's is spelled out."""
        mixed = [True, np.int64(2), 1.5, Decimal("0.25"), "text", timedelta(days=2)]
        ws = reopened(table(a=pd.Series(mixed, dtype=object)))["Claims"]
        assert column_of(ws) == [True, 2, 1.5, 0.25, "text", "2 days, 0:00:00"]

    def test_infinity_is_said(self):
        """An open figure is not silently empty."""
        sheet = table(columns=(Column("a", "A", format="number"),), a=[np.inf, -np.inf, 1.5])
        assert column_of(reopened(sheet)["Claims"]) == ["inf", "-inf", 1.5]

    def test_numbers_that_excel_would_round_are_text(self):
        """An id of more than fifteen digits keeps all of them."""
        sheet = table(columns=(Column("a", "A", format="integer"),), a=[12345678901234567, 12])
        assert column_of(reopened(sheet)["Claims"]) == ["12345678901234567", 12]

    @pytest.mark.parametrize(
        ("kind", "value", "shown"),
        [
            ("integer", 1234.0, "#,##0"),
            ("integer", 2.5, "#,##0.0###"),
            ("number", 1234, "#,##0"),
            ("number", 35.9528, "#,##0.0###"),
            ("number", 0.00002, "General"),
            ("share", 0.125, "0.0%"),
            ("text", 1234, "General"),
        ],
    )
    def test_numbers_are_shown_as_their_column_says(self, kind, value, shown):
        """Whole numbers have no decimals, others only those they need, and none is rounded to nothing."""
        cell = reopened(table(columns=(Column("a", "A", format=kind),), a=[value]))["Claims"]["A2"]
        assert (cell.value, cell.number_format) == (value, shown)

    def test_severities_are_told_by_their_text_as_well(self):
        """Each severity has a fill of its own and its code as text; other words in the column have none."""
        sheet = table(columns=(Column("a", "A", format="severity"),), a=["S1", "S2", "S3", "unknown"])
        cells = reopened(sheet)["Claims"]["A"][1:]
        assert [cell.value for cell in cells] == ["S1", "S2", "S3", "unknown"]
        assert len({cell.fill.start_color.rgb for cell in cells}) == 4
        assert [cell.font.bold for cell in cells] == [True, False, False, False]


class TestLinks:
    """Cells that lead somewhere."""

    LINKING = (Column("claims", "Claims", link_sheet="All claims"),)

    def test_ids_lead_to_their_rows(self):
        """An id leads to the row it keys, the first one known of several, and an unknown one nowhere."""
        source = table("Found", columns=self.LINKING, claims=["b:2", "gone:9 a:1", "gone:9", None, "-c:3"])
        target = table("All claims", key="claim", claim=["a:1", "b:2", "-c:3", "b:2"])
        cells = reopened(source, target)["Found"]["A"][1:]
        places = [cell.hyperlink and cell.hyperlink.location for cell in cells]
        assert places == ["'All claims'!A3", "'All claims'!A2", None, None, "'All claims'!A4"]
        assert [cell.value for cell in cells] == ["b:2", "gone:9 a:1", "gone:9", None, "-c:3"]
        assert {cell.data_type for cell in cells if cell.value} == {"s"}
        assert cells[4].quotePrefix

    def test_links_are_in_place_on_pages(self):
        """On a page, too, a link belongs to the cell that shows the id."""
        block = Block(pd.DataFrame({"claims": ["x", "a:1"]}), self.LINKING, "Found", ("A note.",))
        ws = reopened(Sheet("Page", (block,)), table("All claims", key="claim", claim=["a:1"]))["Page"]
        linked = [cell.coordinate for row in ws for cell in row if cell.hyperlink]
        assert linked == ["A5"]
        assert ws["A5"].value == "a:1"

    def test_web_addresses_lead_to_the_web(self):
        """Only http and https addresses lead anywhere; what else stands in the column is text."""
        values = [
            "https://example.org/a?b=1&c=2",
            "http://example.org/x#y",
            "https://example.org/الرقة",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://example.org/a b",
            "https://" + "a" * 3000,
        ]
        sheet = table(columns=(Column("a", "A", format="url"),), a=values)
        cells = reopened(sheet)["Claims"]["A"][1:]
        assert [cell.value for cell in cells] == values
        targets = [cell.hyperlink.target for cell in cells if cell.hyperlink]
        assert targets[:2] == ["https://example.org/a?b=1&c=2", "http://example.org/x"]
        assert targets[2:] == ["https://example.org/%D8%A7%D9%84%D8%B1%D9%82%D8%A9"]
        assert cells[1].hyperlink.location == "y"

    def test_links_beyond_excels_limit_are_text(self, monkeypatch):
        """Past the most that a sheet may hold, cells keep their text and lead nowhere."""
        monkeypatch.setattr(workbook, "_MAX_LINKS", 2)
        source = table("Found", columns=self.LINKING, claims=["a:1"] * 4)
        cells = reopened(source, table("All claims", key="claim", claim=["a:1"]))["Found"]["A"][1:]
        assert [cell.hyperlink is not None for cell in cells] == [True, True, False, False]
        assert [cell.value for cell in cells] == ["a:1"] * 4


class TestTables:
    """Sheets of one table."""

    def test_header_is_frozen_and_filtered(self):
        """The header and the first columns stay in view, and the filter covers every row."""
        ws = reopened(table(key="a", freeze=1, a=["x", "y"], b=["1", "2"]))["Claims"]
        assert (ws.freeze_panes, ws.auto_filter.ref) == ("B2", "A1:B3")
        assert [cell.value for cell in ws[1]] == ["A", "B"]
        assert all(cell.font.bold and cell.alignment.wrap_text for cell in ws[1])

    def test_table_without_rows_has_its_header(self):
        """A table of nothing still says what it would hold."""
        ws = reopened(table(a=pd.Series([], dtype="str")))["Claims"]
        assert ws["A1"].value == "A"
        assert ws.auto_filter.ref == "A1:A1"

    def test_table_prints_on_pages_one_wide(self):
        """Printed, a table fits the width, repeats its header and numbers its pages."""
        ws = reopened(table(a=["x"]))["Claims"]
        assert (ws.page_setup.orientation, ws.page_setup.fitToWidth, ws.page_setup.fitToHeight) == (
            "landscape",
            1,
            0,
        )
        assert ws.sheet_properties.pageSetUpPr.fitToPage
        assert ws.print_title_rows == "$1:$1"
        assert (ws.oddFooter.left.text, ws.oddFooter.right.text) == ("&A", "Page &P of &N")

    def test_no_word_of_a_header_breaks(self):
        """A column is as wide as asked, or as its header's longest word needs."""
        columns = (Column("a", "A", 20), Column("b", "Uncharacteristically", 5))
        ws = reopened(table(columns=columns, a=["x"], b=["y"]))["Claims"]
        assert ws.column_dimensions["A"].width == 20
        assert ws.column_dimensions["B"].width > len("Uncharacteristically")

    def test_wrapped_text_has_room_but_not_the_whole_screen(self):
        """Rows grow with the text they wrap, up to a limit, and all their cells stand at the top."""
        columns = (Column("a", "A"), Column("b", "B", 20, "long_text"))
        texts = ["short", "words " * 20, "words " * 2000]
        ws = reopened(table(columns=columns, a=["x"] * 3, b=texts))["Claims"]
        heights = [ws.row_dimensions[row].height or 15 for row in (2, 3, 4)]
        assert heights[0] < heights[1] < heights[2] == workbook._TALLEST * workbook._LINE_HEIGHT
        assert {cell.alignment.vertical for row in ws.iter_rows(min_row=2) for cell in row} == {"top"}
        assert ws["B3"].alignment.wrap_text

    def test_table_past_the_row_limit_goes_on(self, monkeypatch):
        """Rows that do not fit go on in numbered sheets, each with the header; links follow them there."""
        monkeypatch.setattr(workbook, "_MAX_ROWS", 3)
        name = "A name of thirty-one characters"
        source = table("Found", columns=(Column("to", "To", link_sheet=name),), to=["c:5", "c:2"])
        book = reopened(source, table(name, key="claim", claim=[f"c:{number}" for number in range(1, 6)]))
        parts = [name, "A name of thirty-one charac (2)", "A name of thirty-one charac (3)"]
        assert book.sheetnames == ["Found", *parts]
        assert [column_of(book[part]) for part in parts] == [["c:1", "c:2"], ["c:3", "c:4"], ["c:5"]]
        assert {book[part]["A1"].value for part in parts} == {"Claim"}
        places = [cell.hyperlink.location for cell in book["Found"]["A"][1:]]
        assert places == [f"'{parts[2]}'!A2", f"'{parts[0]}'!A3"]
        assert book[parts[2]].auto_filter.ref == "A1:A2"


class TestPages:
    """Sheets of blocks below each other."""

    def test_blocks_stand_below_each_other(self):
        """Headings, notes, tables and the blank rows between them come in order."""
        ws = reopened(page())["Summary"]
        first = [row[0].value for row in ws.iter_rows()]
        expected = ["Findings", "A note.", "Monitor", "Airwars", "SOHR"]
        assert first == [*expected, None, "Resolve first", "Severity", "S1", "S3", "none"]
        assert not ws.sheet_view.showGridLines
        assert ws["A1"].font.size > ws["A7"].font.size > ws["A2"].font.size
        assert ws["A9"].fill.start_color.rgb != ws["A10"].fill.start_color.rgb

    def test_columns_are_as_wide_as_their_widest_block(self):
        """Blocks share columns, so each column takes the most that a block asks."""
        ws = reopened(page())["Summary"]
        assert [ws.column_dimensions[letter].width for letter in "ABC"] == [14, 60, 30]

    def test_long_notes_break_into_rows(self):
        """A long note is read without scrolling, and no word of it is lost."""
        note = "A sentence of several words. " * 20
        ws = reopened(page(notes=(note,)))["Summary"]
        lines = [ws.cell(row, 1).value for row in range(2, 20)]
        lines = lines[: lines.index("Monitor")]
        assert " ".join(lines) == note.strip()
        assert max(map(len, lines)) <= workbook._WIDEST_PROSE
        assert not any(ws.cell(row, 1).alignment.wrap_text for row in range(2, 2 + len(lines)))

    def test_page_without_tables_is_text(self):
        """A page may be prose alone."""
        ws = reopened(Sheet("Read me", (Block(pd.DataFrame(), (), "Title", ("One.", "Two.")),)))["Read me"]
        assert [cell.value for cell in ws["A"]] == ["Title", "One.", "Two."]


class TestCharts:
    """Native charts."""

    CHARTS = (
        Chart("By monitor", 0, "monitor", ("s1", "s2"), y_title="Findings", x_title="Monitor"),
        Chart("Side by side", 0, "monitor", ("s1", "s2"), stacked=False),
    )

    def test_charts_show_their_block(self):
        """Each chart refers to the rows of its block, header and all, and shows its axes and legend."""
        content = written(page(charts=self.CHARTS))
        drawn = openpyxl.load_workbook(BytesIO(content))["Summary"]._charts
        assert [chart.grouping for chart in drawn] == ["stacked", "clustered"]
        chart = drawn[0]
        assert [series.tx.strRef.f for series in chart.series] == ["'Summary'!B3", "'Summary'!C3"]
        assert [series.val.numRef.f for series in chart.series] == [
            "'Summary'!$B$4:$B$5",
            "'Summary'!$C$4:$C$5",
        ]
        assert chart.series[0].cat.strRef.f == "'Summary'!$A$4:$A$5"
        assert (chart.x_axis.delete, chart.y_axis.delete, chart.legend.position) == (False, False, "b")
        assert re.findall("<a:t>(.*?)</a:t>", member(content, "xl/charts/chart1.xml")) == [
            "By monitor",
            "Monitor",
            "Findings",
        ]

    def test_charts_stand_right_of_the_blocks(self):
        """Charts cover neither the tables nor each other."""
        drawn = reopened(page(charts=self.CHARTS))["Summary"]._charts
        corners = [(chart.anchor._from.col, chart.anchor._from.row) for chart in drawn]
        assert all(column >= 3 for column, _ in corners)
        assert corners[1][1] - corners[0][1] >= 18

    def test_charts_are_described_for_those_who_cannot_see_them(self):
        """Each chart has a text in its place, and text in it cannot break the file."""
        chart = replace(self.CHARTS[0], title='"Killed" & <injured>')
        drawing = member(written(page(charts=(chart,))), "xl/drawings/drawing1.xml")
        assert 'descr="&quot;Killed&quot; &amp; &lt;injured&gt;. Columns of S1, S2, by Monitor' in drawing

    def test_chart_of_nothing_is_left_out(self):
        """A block without rows has no chart."""
        empty = page(charts=self.CHARTS)
        blocks = tuple(replace(block, rows=block.rows.head(0)) for block in empty.blocks)
        assert not reopened(replace(empty, blocks=blocks))["Summary"]._charts

    @pytest.mark.parametrize("count", [1, 2, 5, 8])
    def test_series_are_told_apart_without_colour(self, count):
        """No two series of a chart are painted alike, and they grow lighter in order."""
        paints = [workbook.charts._paint(rank, count) for rank in range(count)]
        shades = [paint.solidFill or paint.pattFill.bgClr for paint in paints]
        shades = [getattr(shade.srgbClr, "val", shade.srgbClr) for shade in shades]
        assert shades == sorted(set(shades))
        assert [paint.pattFill is not None for paint in paints] == [
            count > 5 and rank % 2 == 1 for rank in range(count)
        ]


class TestSpans:
    """Charts of floating bars: ranges beside a stated figure, and windows beside each other."""

    RUNGS = (
        ("sure", 54, 59),
        ("and fair", 205, 228),
        ("three", 3, 3),
        ("on", 240, None),
        ("none", None, None),
    )
    CHART = Chart(
        "117 stated", 0, "rung", ("low", "range"), kind="spans", marks=(117.0,), open_column="is_open"
    )

    def bridge(self, *, chart=CHART, rungs=RUNGS, after=(), landscape=True):
        """A page of one block of rungs, with a chart above its table."""
        rows = pd.DataFrame(rungs, columns=["rung", "low", "high"])
        rows["range"], rows["is_open"] = rows["high"] - rows["low"], rows["high"].isna() & rows["low"].notna()
        columns = (
            Column("rung", "Rung"),
            Column("low", "Low", 9, "integer"),
            Column("range", "Range", 9, "integer"),
        )
        block = Block(rows, columns, "Bridge", ("A note.",))
        return Sheet("Bridge", (block, *after), charts=(chart,) if chart else (), landscape=landscape)

    def gantt(self, *windows, marks=()):
        """A page of windows of totals."""
        rows = pd.DataFrame(windows, columns=["total", "start", "days"])
        rows["start"] = pd.to_datetime(rows["start"])
        columns = (
            Column("total", "Total"),
            Column("start", "First day", 12, "date"),
            Column("days", "Days", 9, "integer"),
        )
        chart = Chart("Windows", 0, "total", ("start", "days"), kind="spans", axis="date", marks=marks)
        return Sheet("Windows", (Block(rows, columns, "Windows"),), charts=(chart,))

    def drawn(self, sheet):
        """The chart of a sheet, as openpyxl reads it."""
        (chart,) = reopened(sheet)[sheet.name]._charts
        return chart

    def cells(self, sheet, series):
        """The values that a series refers to."""
        ws = reopened(sheet)[sheet.name]
        return [row[0].value for row in ws[series.val.numRef.f.rpartition("!")[2].replace("$", "")]]

    def named(self, sheet, title):
        """The series of a chart, marks and all, that the legend calls so."""
        ws = reopened(sheet)[sheet.name]
        every = [series for part in self.drawn(sheet)._charts for series in part.series]
        return [
            series
            for series in every
            if series.tx.strRef and ws[series.tx.strRef.f.rpartition("!")[2]].value == title
        ]

    def test_spans_float_from_top_to_bottom(self):
        """Bars lie, stacked on a start that nobody sees; the first row is the topmost, and values stand below."""
        chart = self.drawn(self.bridge())
        assert (chart.barDir, chart.grouping, chart.overlap) == ("bar", "stacked", 100)
        start, span = chart.series[:2]
        assert start.graphicalProperties.noFill
        assert start.graphicalProperties.line.noFill
        assert span.graphicalProperties.solidFill is not None
        assert [each.val.numRef.f.partition("!")[2].count("$") for each in (start, span)] == [4, 4]
        assert chart.x_axis.scaling.orientation == "maxMin"
        assert chart.y_axis.crosses == "max"
        assert (chart.x_axis.delete, chart.y_axis.delete) == (False, False)

    def test_spans_show_their_blocks_cells(self):
        """Start, length and names are the cells of the table, so that a correction moves its bar."""
        sheet = self.bridge()
        start, span = self.drawn(sheet).series[:2]
        assert self.cells(sheet, start) == [54, 205, 3, 240, None]
        assert self.cells(sheet, span) == [5, 23, 0, None, None]
        names = reopened(sheet)["Bridge"][start.cat.strRef.f.rpartition("!")[2].replace("$", "")]
        assert [row[0].value for row in names] == ["sure", "and fair", "three", "on", "none"]

    @pytest.mark.parametrize(
        ("marks", "title"), [((117.0,), "stated: 117"), ((228.0, 205.0, 205.0), "stated: 205–228")]
    )
    def test_marks_are_lines_across_all_rows(self, marks, title):
        """A mark is a line as thin as it can be, at its value in every row, on the scale of the bars, in the legend once."""
        sheet = self.bridge(chart=replace(self.CHART, marks=marks))
        bars, lines = self.drawn(sheet)._charts
        assert (lines.barDir, lines.gapWidth) == ("bar", 0)
        assert [lines.y_axis.scaling.min, lines.y_axis.scaling.max] == [
            bars.y_axis.scaling.min,
            bars.y_axis.scaling.max,
        ]
        at = np.cumsum([self.cells(sheet, series) for series in lines.series], axis=0)
        middles = (at[0::2] + at[1::2]) / 2
        assert np.allclose(middles, np.array(sorted(set(marks)))[:, None])
        assert (at[1::2] - at[0::2]).max() < 0.01 * bars.y_axis.scaling.max
        assert len(self.named(sheet, title)) == 1
        assert [bool(series.graphicalProperties.solidFill) for series in lines.series].count(True) == 1
        assert all(len(series.dPt) == len(self.RUNGS) for series in lines.series[3::2])
        assert bars.legend is not None

    def test_open_ends_have_a_look_of_their_own(self):
        """An open end is hatched up to the edge, said in the legend, and no number is made up for it in the table."""
        sheet = self.bridge()
        (series,) = self.named(sheet, "open end")
        edge = self.drawn(sheet).y_axis.scaling.max
        assert self.cells(sheet, series) == [None, None, None, edge - 240, None]
        assert series.graphicalProperties.pattFill is not None
        span = self.drawn(sheet).series[1]
        assert [(point.idx, point.spPr.pattFill is not None) for point in span.dPt] == [(3, True)]

    def test_range_of_one_number_is_seen(self):
        """A bar without length is drawn as a sliver."""
        sheet = self.bridge()
        slivers = self.drawn(sheet).series[2]
        first, *others = sorted(self.cells(sheet, slivers), key=lambda width: width is None)
        assert 0 < first < 0.01 * self.drawn(sheet).y_axis.scaling.max
        assert others == [None] * 4
        assert [point.idx for point in slivers.dPt] == [2]

    def test_what_only_the_chart_needs_is_hidden_beside_the_table(self):
        """Columns of the chart's own are hidden right of every table, and drawn all the same."""
        other = Block(pd.DataFrame({each: ["x"] for each in "abcde"}), tuple(map(Column, "abcde", "abcde")))
        sheet = self.bridge(after=(other,))
        ws = reopened(sheet)["Bridge"]
        hidden = {letter for letter, column in ws.column_dimensions.items() if column.hidden}
        assert min(hidden) == "F"
        assert not any(ws[f"{letter}{row}"].value for letter in "DE" for row in range(1, ws.max_row - 3))
        assert '<c:plotVisOnly val="0"' in self.xml(sheet) or '<plotVisOnly val="0"' in self.xml(sheet)

    def xml(self, sheet):
        """The chart's own part of the file."""
        return member(written(sheet), "xl/charts/chart1.xml")

    def test_spans_stand_between_the_notes_and_their_table(self):
        """On a page the picture comes first, in rows left empty for it, as wide as a landscape page."""
        sheet = self.bridge(rungs=self.RUNGS * 5)
        ws = reopened(sheet)["Bridge"]
        (chart,) = ws._charts
        top = chart.anchor._from.row
        header = next(row for row in range(1, 99) if ws.cell(row, 1).value == "Rung")
        assert top == 2
        assert not any(ws.cell(row, 1).value for row in range(top + 1, header))
        high, wide = chart.anchor.ext.height / 360_000, chart.anchor.ext.width / 360_000
        assert high < (header - 1 - top) * 15 / 72 * 2.54
        assert 20 < wide < 27.2
        assert high < 17.7
        portrait = self.drawn(self.bridge(landscape=False)).anchor.ext.width
        assert portrait / 360_000 < 18.4

    def test_more_rows_make_a_higher_chart(self):
        """Each bar has the same room, however many there are."""
        heights = [self.drawn(self.bridge(rungs=self.RUNGS * times)).anchor.ext.height for times in (1, 2, 3)]
        assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=2)
        assert heights[1] > heights[0]

    def test_spans_of_a_table_stand_beside_it(self):
        """A table keeps its header in row 1, and a sort takes along what the chart draws."""
        page = self.bridge()
        sheet = replace(page, blocks=(Block(page.blocks[0].rows, page.blocks[0].columns),))
        ws = reopened(sheet)["Bridge"]
        assert ws["A1"].value == "Rung"
        assert self.drawn(sheet).anchor._from.col >= 3
        assert ws.auto_filter.ref == "A1:G6"

    def test_pages_break_before_a_chart(self):
        """Printed, each block with a chart but the first begins a page."""
        rows = self.bridge().blocks[0]
        chart = replace(self.CHART, block=1)
        two = Sheet(
            "Two", (Block(pd.DataFrame(), (), "Title"), rows, rows), charts=(chart, replace(chart, block=2))
        )
        ws = reopened(two)["Two"]
        (page_break,) = ws.row_breaks.brk
        assert ws.cell(page_break.id + 1, 1).value == "Bridge"

    def test_days_are_shown_as_days(self):
        """The scale of windows begins with the first of them, and its ticks are days."""
        mark = 42_892.0
        sheet = self.gantt(("A", "2017-06-06", 12), ("B", "2017-06-01", 150), marks=(mark,))
        axis = self.drawn(sheet).y_axis
        assert axis.number_format.formatCode == "d mmm yyyy"
        assert axis.scaling.min == (date(2017, 6, 1) - date(1899, 12, 30)).days
        assert axis.scaling.max - axis.scaling.min <= 2 * 150
        assert 2 <= (axis.scaling.max - axis.scaling.min) / axis.majorUnit <= 9
        assert len(self.named(sheet, "stated: 6 Jun 2017")) == 1

    def test_plain_spans_need_no_legend(self):
        """With neither marks nor open ends one kind of bar is left, which a legend would say nothing of."""
        assert self.drawn(self.gantt(("A", "2017-06-06", 12))).legend is None

    @pytest.mark.parametrize(
        ("low", "high"), [(0, 0), (0, 1), (0.2, 0.4), (3, 9_999), (15_899, 16_248), (1e9, 2e9)]
    )
    def test_scale_holds_what_is_shown(self, low, high):
        """No bar and no mark lies beyond the scale, which has a handful of round ticks, and 0 unless all is far from it."""
        chart = replace(self.CHART, marks=(float(high),))
        axis = self.drawn(self.bridge(chart=chart, rungs=[("a", low, high)])).y_axis
        least, most, step = axis.scaling.min, axis.scaling.max, axis.majorUnit
        assert least <= low <= high < most
        assert (least == 0) == (low <= 0.6 * high)
        assert 0 < (most - least) / step < 12

    def test_spans_are_described_for_those_who_cannot_see_them(self):
        """The text in a chart's place says what its bars, its lines and its hatches are."""
        drawing = member(written(self.bridge()), "xl/drawings/drawing1.xml")
        assert (
            'descr="117 stated. A bar for each Rung, from Low over Range, as in its table. '
            'A line stands at stated: 117. Hatched bars have an open end."' in drawing
        )

    def test_equal_spans_give_equal_bytes(self):
        """Two calls with equal sheets give one file, marks, open ends and all."""
        assert written(self.bridge()) == written(self.bridge())

    @pytest.mark.parametrize(
        ("chart", "message"),
        [
            (replace(CHART, series=("low",)), "needs two columns"),
            (replace(CHART, marks=(float("nan"),)), "no number"),
            (replace(CHART, marks=(-1.0,)), "below zero"),
            (replace(CHART, open_column="rung"), "of yes and no"),
            (replace(CHART, open_column="gone"), "of yes and no"),
            (replace(CHART, series=("low", "gone")), "does not show"),
            (replace(CHART, kind="columns"), "columns have not"),
        ],
    )
    def test_mistakes_are_refused(self, chart, message):
        """Spans that their block can't bear are named."""
        with pytest.raises(ValueError, match=message):
            written(self.bridge(chart=chart))

    def test_span_below_zero_is_refused(self):
        """Stacked bars can't float below zero, and a wrong picture is worse than none."""
        with pytest.raises(ValueError, match="below zero"):
            written(self.bridge(rungs=[("less", -5, 5)]))


class TestApart:
    """Long tables that other processes write."""

    @pytest.fixture(autouse=True)
    def _short_is_long(self, monkeypatch):
        monkeypatch.setattr(workbook, "_CELLS_APART", 1)

    def nasty(self):
        """A page, two tables that lead to each other, with all that a cell, a column or a sheet may have, and one in Arabic."""
        urls = ["https://example.org/a?b=c&d#e", "no address", None, ""] * 3
        claims = table(
            columns=(
                Column("claim_id", "Claim"),
                Column("text", "Text", 30, "long_text"),
                Column("url", "Where", format="url"),
                Column("incident", "Incident", link_sheet="Incidents"),
                Column("share", "Share", format="share"),
                Column("bits", "Bits", format="bits", marks="how"),
                Column("heat", "Heat", format="heat"),
                Column("day", "Day", format="date"),
                Column("severity", "Severity", format="severity"),
                Column("decision", "Decision", choices=("accept", "reject")),
            ),
            key="claim_id",
            freeze=2,
            claim_id=[f"airwars:{number}" for number in range(12)],
            text=[*HOSTILE, "الرقة"],
            url=urls,
            incident=["inc:1", "inc:9 inc:0", "inc:7"] * 4,
            share=[0.5, None, 1.0, 1e-9] * 3,
            bits=[-1.5, 2.0, None] * 4,
            how=["", "outlier", "alarm", "hatched"] * 3,
            heat=range(12),
            day=pd.to_datetime(["2017-06-06", None, "1899-01-01"] * 4),
            severity=["S1", "S2", "S3"] * 4,
            decision=[""] * 12,
        )
        incidents = table(
            "Incidents",
            columns=(Column("cluster_id", "Incident"), Column("claim", "Claim", link_sheet="Claims")),
            key="cluster_id",
            cluster_id=["inc:0", "inc:1"],
            claim=["airwars:3", "airwars:11 airwars:1"],
        )
        spells = ["\x011\x02", ' s="1"', "<c r='A1' s='3'>", "_x0001_3_x0002_", "<", "&lt;", "a\rb", " a "]
        marks = table("Marks", text=spells, number=range(8))
        return page(), claims, replace(incidents, foot="2 of 9 rows are listed here."), marks

    @pytest.mark.parametrize("rows", [1_048_576, 9])
    @pytest.mark.parametrize("workers", [2, 3])
    def test_bytes_are_those_of_one_process(self, monkeypatch, rows, workers):
        """However many processes write, and however many sheets a table takes, each byte is the same."""
        monkeypatch.setattr(workbook, "_MAX_ROWS", rows)
        sheets = self.nasty()
        alone = written(*sheets)
        assert workbook_bytes(sheets, title="A title", stamp=STAMP, workers=workers) == alone
        assert workbook_bytes(sheets[1:], title="A title", stamp=STAMP, workers=workers) == written(
            *sheets[1:]
        )

    def test_marks_across_pieces(self, monkeypatch):
        """A file that is read in small pieces loses no mark at a seam."""
        sheets, alone = self.nasty(), written(*self.nasty())
        for size in (1, 7, 64):
            monkeypatch.setattr(apart, "_PIECE", size)
            assert workbook_bytes(sheets, title="A title", stamp=STAMP, workers=2) == alone

    def test_charts_are_written_here(self):
        """A table with a chart is not sent away, since the chart belongs to the workbook."""
        chart = Chart("Numbers", 0, "text", ("number",))
        one, other = self.nasty()[3], table("Charted", text=["a", "b"], number=[1, 2])
        columns = (Column("text", "Text"), Column("number", "Number", format="integer"))
        charted = replace(other, blocks=(replace(other.blocks[0], columns=columns),), charts=(chart,))
        sheets = (charted, one, self.nasty()[1], self.nasty()[2])
        assert workbook_bytes(sheets, title="A title", stamp=STAMP, workers=2) == written(*sheets)

    def test_nothing_stays_on_disk(self, tmp_path, monkeypatch):
        """Neither the rows nor what they were before stay in the folder for temporary files."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        workbook_bytes(self.nasty(), title="A title", stamp=STAMP, workers=2)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(("step", "time"), [("_MARK", 3), ("Written", 1)])
    def test_process_that_dies_half_way(self, tmp_path, monkeypatch, step, time):
        """A process that is killed while it writes a table, or numbers its styles, leaves no trace in the workbook or on the disk."""
        here, sheets, alone = os.getpid(), self.nasty(), written(*self.nasty())
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        monkeypatch.setattr(apart, "_PIECE", 64)
        plain = getattr(apart, step)
        killed, times = tmp_path.parent / f"killed-{tmp_path.name}", []

        class Deadly:
            """What is needed in the middle of the step, and kills all but the process that is called."""

            def __call__(self, *given):
                self.kill()
                return plain(*given)

            def sub(self, *given):
                self.kill()
                return plain.sub(*given)

            def kill(self):
                times.append(1)
                if os.getpid() != here and len(times) == time:
                    killed.touch()
                    os.kill(os.getpid(), signal.SIGKILL)

        monkeypatch.setattr(apart, step, Deadly())
        assert workbook_bytes(sheets, title="A title", stamp=STAMP, workers=2) == alone
        assert killed.exists()
        assert list(tmp_path.iterdir()) == []

    def test_full_disk_is_said(self, tmp_path, monkeypatch):
        """A disk that is full for other processes and for this one is the same fault, and nothing is left on it."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        sheets = self.nasty()
        written(*sheets)

        def full(ws):
            ws.close()
            raise SerialisationError("IO_ENOSPC")

        monkeypatch.setattr(workbook, "hand_over", full)
        with pytest.raises(OSError, match="No space left on device"):
            workbook_bytes(sheets, title="A title", stamp=STAMP, workers=2)
        assert list(tmp_path.iterdir()) == []


class TestChoices:
    """Cells with a list to pick from."""

    CHOICES = ("accept", "edit", "reject")

    def drafts(self, rows=3, choices=CHOICES):
        """A table of drafts, each to be decided on."""
        columns = (Column("claim", "Claim"), Column("decision", "Decision", choices=choices))
        return table("Drafts", columns=columns, claim=["x"] * rows, decision=[""] * rows)

    def rules(self, ws):
        """The lists of a sheet, with their cells."""
        return [(str(rule.sqref), rule.formula1) for rule in ws.data_validations.dataValidation]

    def test_cells_offer_their_choices(self):
        """Each cell of the column offers the list, and says what may stand there where something else is written."""
        (rule,) = reopened(self.drafts())["Drafts"].data_validations.dataValidation
        assert (rule.type, rule.formula1, str(rule.sqref)) == ("list", '"accept,edit,reject"', "B2:B4")
        assert rule.allowBlank
        assert rule.showErrorMessage
        assert not rule.showDropDown
        assert rule.errorStyle in {None, "stop"}
        assert all(choice in rule.error for choice in self.CHOICES)
        assert "empty" in rule.error

    def test_choices_follow_a_table_to_its_other_sheets(self, monkeypatch):
        """A table that goes on in other sheets offers its choices on each."""
        monkeypatch.setattr(workbook, "_MAX_ROWS", 3)
        book = reopened(self.drafts(5))
        assert [self.rules(ws)[0][0] for ws in book] == ["B2:B3", "B2:B3", "B2"]

    def test_choices_on_a_page_are_its_blocks(self):
        """On a page, each block's own rows offer the choices."""
        sheet = self.drafts()
        page = replace(sheet, blocks=(replace(sheet.blocks[0], heading="Decide"), sheet.blocks[0]))
        assert [cells for cells, _ in self.rules(reopened(page)["Drafts"])] == ["B3:B5", "B8:B10"]

    def test_nothing_to_decide_offers_nothing(self):
        """A table without rows has no cells to offer choices in."""
        assert not self.rules(reopened(self.drafts(0))["Drafts"])

    @pytest.mark.parametrize(
        "choices",
        [("a,b",), ('a"b',), ("",), (" a",), ("a ",), ("a", "A"), ("=1",), ("a\nb",), ("x" * 128, "y" * 128)],
    )
    def test_choices_that_excel_cannot_offer_are_refused(self, choices):
        """What would break the list in two, or is too long for it, is refused."""
        with pytest.raises(ValueError, match="can't offer the choices of 'decision'"):
            written(self.drafts(choices=choices))

    def test_long_choices_still_fit_the_warning(self):
        """The warning is cut at a word where Excel would not hold it."""
        choices = tuple(f"choice-{number:02}-of-many" for number in range(13))
        (rule,) = reopened(self.drafts(choices=choices))["Drafts"].data_validations.dataValidation
        assert len(rule.error) <= 225

    @pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not there to open the file")
    def test_choices_survive_libreoffice(self, tmp_path):
        """Saved by LibreOffice, the cells offer the same list and still may be empty."""
        (tmp_path / "drafts.xlsx").write_bytes(written(self.drafts()))
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        subprocess.run(
            ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", "out", "drafts.xlsx"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            timeout=180,
        )
        (rule,) = openpyxl.load_workbook(tmp_path / "out/drafts.xlsx")[
            "Drafts"
        ].data_validations.dataValidation
        assert (rule.type, rule.formula1, str(rule.sqref)) == ("list", '"accept,edit,reject"', "B2:B4")
        assert (bool(rule.allowBlank), bool(rule.showErrorMessage)) == (True, True)


class TestMarks:
    """Cells that are set apart, so that a grey print shows it as well."""

    def marked(self, *marks):
        """One cell for each mark."""
        return table(columns=(Column("a", "A", marks="how"),), a=["x"] * len(marks), how=list(marks))

    def test_marks_differ_without_colour(self):
        """Each mark has a weight, slant, frame or hatching that no other has; a cell without one has none of these."""
        cells = reopened(self.marked("", "outlier", "faint", "hatched", "alarm"))["Claims"]["A"][1:]
        looks = [
            (cell.font.bold, cell.font.italic, cell.border.left.style, cell.fill.fill_type == "lightUp")
            for cell in cells
        ]
        assert looks == [
            (False, False, None, False),
            (True, False, "thin", False),
            (False, True, None, False),
            (False, True, None, True),
            (True, False, "thick", False),
        ]

    def test_marks_go_with_their_rows_to_other_sheets(self, monkeypatch):
        """Where a table goes on, a row keeps its mark."""
        monkeypatch.setattr(workbook, "_MAX_ROWS", 3)
        book = reopened(self.marked("", "", "", "outlier"))
        assert [cell.font.bold for cell in book["Claims (2)"]["A"][1:]] == [False, True]

    @pytest.mark.parametrize("how", [["blinking"], None])
    def test_unknown_marks_are_refused(self, how):
        """A mark that is none, or a column of them that is not there, is a mistake."""
        sheet = self.marked("")
        rows = (
            sheet.blocks[0].rows.drop(columns="how") if how is None else sheet.blocks[0].rows.assign(how=how)
        )
        with pytest.raises(ValueError, match="marks that are not known"):
            written(replace(sheet, blocks=(replace(sheet.blocks[0], rows=rows),)))

    def test_heat_is_shaded_on_a_scale_of_its_column(self):
        """Numbers are shaded by a rule of the column's own, from light to dark; words among them stay words."""
        columns = (
            Column("a", "A", format="heat"),
            Column("b", "B", format="heat"),
            Column("c", "C", format="integer"),
        )
        ws = reopened(table(columns=columns, a=[1, 9, "silent"], b=[2000, 1, 3], c=[1, 2, 3]))["Claims"]
        ranges = {str(found.sqref): rules for found, rules in ws.conditional_formatting._cf_rules.items()}
        assert set(ranges) == {"A2:A4", "B2:B4"}
        ((rule,), _) = ranges.values()
        shades = [color.rgb for color in rule.colorScale.color]
        greys = [sum(int(shade[place : place + 2], 16) for place in (2, 4, 6)) for shade in shades]
        assert greys == sorted(greys, reverse=True)
        assert len(set(greys)) == 3
        assert ws["A4"].value == "silent"
        assert ws["B2"].number_format == "#,##0"

    def test_bits_show_their_sign_and_stay_exact(self):
        """A weight is shown with its sign and two digits, and kept whole."""
        cell = reopened(table(columns=(Column("a", "A", format="bits"),), a=[-0.21612345]))["Claims"]["A2"]
        assert (cell.value, cell.number_format) == (-0.21612345, "+0.00;-0.00;0.00")

    def test_ranges_stand_to_the_right_as_text(self):
        """A range in words lines up with numbers, and is none."""
        cell = reopened(table(columns=(Column("a", "A", format="range"),), a=["5–6 ▲"]))["Claims"]["A2"]
        assert (cell.value, cell.data_type, cell.alignment.horizontal) == ("5–6 ▲", "s", "right")

    def test_names_of_sheets_lead_there(self):
        """A name of a sheet leads to its first cell; any other text leads nowhere."""
        source = table(columns=(Column("a", "A", format="sheet"),), a=["All claims", "Gone"])
        cells = reopened(source, table("All claims", b=["x"]))["Claims"]["A"][1:]
        assert [cell.hyperlink and cell.hyperlink.location for cell in cells] == [
            "'All claims'!A1",
            None,
        ]

    def test_marks_survive_libreoffice(self, tmp_path):
        """What LibreOffice saves again still has the marks, the shades and the words."""
        if shutil.which("soffice") is None:
            pytest.skip("LibreOffice is not installed")
        columns = (Column("a", "A", format="heat", marks="how"),)
        sheet = table(
            columns=columns, a=[1, 9, "silent", "not covered"], how=["", "outlier", "faint", "hatched"]
        )
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "book.xlsx").write_bytes(written(sheet))
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            tmp_path,
            tmp_path / "in" / "book.xlsx",
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        ws = openpyxl.load_workbook(tmp_path / "book.xlsx")["Claims"]
        cells = ws["A"][1:]
        assert [cell.value for cell in cells] == [1, 9, "silent", "not covered"]
        assert [bool(cell.font.bold) for cell in cells] == [False, True, False, False]
        assert [bool(cell.font.italic) for cell in cells] == [False, False, True, True]
        assert len(ws.conditional_formatting) == 1


class TestWidePages:
    """Tables that no page holds, and tables of a page that have a filter."""

    def test_wide_table_prints_on_pages_abreast(self):
        """A table too wide to be read on one page goes on beside it, each page with the columns that stay in view."""
        columns = tuple(Column(f"c{n}", f"C{n}", 40) for n in range(10))
        ws = reopened(table(columns=columns, freeze=2, **{f"c{n}": ["x"] for n in range(10)}))["Claims"]
        assert ws.page_setup.fitToWidth == 2
        assert (ws.print_title_cols, ws.print_title_rows) == ("$A:$B", "$1:$1")
        assert ws.page_setup.pageOrder == "overThenDown"

    def test_last_table_of_a_page_may_have_a_filter(self):
        """It covers that table alone."""
        whole = page()
        ws = reopened(replace(whole, blocks=(whole.blocks[0], replace(whole.blocks[1], is_filtered=True))))[
            "Summary"
        ]
        header = next(row for row in range(1, 20) if ws.cell(row, 1).value == "Severity")
        assert ws.auto_filter.ref == f"A{header}:B{header + 3}"
        assert ws.freeze_panes is None

    def test_filter_above_the_last_table_is_refused(self):
        """Its rows would take others along."""
        whole = page()
        with pytest.raises(ValueError, match="a filter above its last table"):
            written(replace(whole, blocks=(replace(whole.blocks[0], is_filtered=True), whole.blocks[1])))


class TestMistakes:
    """What a programmer got wrong is refused before anything is written."""

    @pytest.mark.parametrize(
        ("sheets", "message"),
        [
            ([], "needs a sheet"),
            ([table(a=["x"]), table("CLAIMS", a=["x"])], "2 sheets are called 'claims'"),
            ([table("Claims/2017", a=["x"])], "as the name"),
            ([table("x" * 32, a=["x"])], "as the name"),
            ([table("History", a=["x"])], "as the name"),
            ([table(columns=(Column("b", "B"),), a=["x"])], "no one column 'b'"),
            ([table(key="b", a=["x"])], "the key 'b'"),
            ([replace(page(), key="monitor")], "is no table"),
            ([table(columns=(Column("a", "A", link_sheet="Gone"),), a=["x"])], "links to 'Gone'"),
            ([Sheet("Empty", (Block(pd.DataFrame({"a": ["x"]}), ()),))], "has no columns"),
            ([page(charts=(Chart("c", 7, "monitor", ("s1",)),))], "not there"),
            ([page(charts=(Chart("c", 0, "monitor", ("s9",)),))], "does not show"),
        ],
    )
    def test_mistakes_are_refused(self, sheets, message):
        """Sheets that contradict themselves raise an error that names what is wrong."""
        with pytest.raises(ValueError, match=message):
            written(*sheets)

    def test_page_longer_than_a_sheet_is_refused(self, monkeypatch):
        """Only tables go on in other sheets."""
        monkeypatch.setattr(workbook, "_MAX_ROWS", 4)
        with pytest.raises(ValueError, match="more rows"):
            written(page())

    def test_names_of_continued_tables_are_taken(self, monkeypatch):
        """A sheet may not have the name under which a table goes on."""
        monkeypatch.setattr(workbook, "_MAX_ROWS", 3)
        with pytest.raises(ValueError, match="2 sheets are called"):
            written(table(a=["x"] * 3), table("Claims (2)", a=["x"]))
