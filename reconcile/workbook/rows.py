"""A write-only sheet that writes a row at a time: openpyxl's own writes each cell by three elements, one call after the other.

What stands in the file is the same. Whatever is not a row, openpyxl writes itself.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from lxml.etree import xmlfile
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.xml.constants import SHEET_MAIN_NS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


def new_sheet(workbook: Workbook, name: str, path: Path | None = None) -> Worksheet:
    """Add an empty sheet to a write-only workbook, behind the others.

    Args:
        workbook: openpyxl's.
        name: of the sheet.
        path: of the file that its rows go to; None for one that openpyxl makes, and removes when the process ends.
    """
    sheet: Any = _RowSheet(workbook, name)
    sheet.path_of_rows = path
    adding: Any = workbook
    adding._add_sheet(sheet)  # noqa: SLF001 - `create_sheet` knows no class but its own
    return cast("Worksheet", sheet)


class _RowSheet(WriteOnlyWorksheet):
    """A write-only sheet whose rows stay as they were appended until they are written."""

    _writer: _RowWriter | None = None
    _is_taken = False
    path_of_rows: Path | None = None

    def _get_writer(self) -> None:
        if self._writer is None:
            self._writer = _RowWriter(self, out=self.path_of_rows)
            self._writer.write_top()

    def _values_to_row(self, values: Sequence[Any], _: int) -> Sequence[Any]:
        return values

    def take(self, writer: Any) -> None:
        """Be a sheet that was written elsewhere, and closed."""
        self._writer = writer
        self._is_taken = True

    @property
    def closed(self) -> bool:
        return self._is_taken or bool(super().closed)


class _RowWriter(WorksheetWriter):
    """Writes a row of values and of cells as one piece of XML, past lxml, which would read it only to write it again."""

    _file: IO[bytes]
    _has_rows = False

    def get_stream(self) -> Generator[Any, Any, None]:
        """Yield as openpyxl's own does, over a file that rows go to as well."""
        with (
            Path(str(self.out)).open("wb") as self._file,
            xmlfile(self._file) as xf,
            xf.element("worksheet", xmlns=SHEET_MAIN_NS),
        ):
            try:
                while True:
                    told = yield
                    if told is True:
                        yield xf
                    elif told is not None:
                        xf.write(told)
            except GeneratorExit:
                pass

    def write_row(self, xf: Any, row: Iterable[Any], row_idx: int) -> None:
        """Write one row.

        Args:
            xf: lxml's stream.
            row: values, cells that have a style or a link, and None where nothing stands.
            row_idx: counted from 1.
        """
        ws: Any = self.ws
        told = "".join(
            f' {key}="{escape(str(value))}"'
            for key, value in dict(ws.row_dimensions.pop(row_idx, {})).items()
        )
        cells = "".join(
            _cell(ws, value, f"{get_column_letter(place)}{row_idx}")
            for place, value in enumerate(row, start=1)
            if value is not None
        )
        if not self._has_rows:
            # What stands above the rows has to leave lxml first; nothing of its own comes between two rows.
            xf.flush()
            self._has_rows = True
        end = f">{cells}</row>" if cells else "/>"
        self._file.write(f'<row r="{row_idx}"{told}{end}'.encode("ascii", "xmlcharrefreplace"))


def _cell(ws: Any, value: Any, place: str) -> str:
    style = ""
    if isinstance(value, Cell):
        cell: Any = value
        style = f' s="{cell.style_id}"'
        if cell.hyperlink is not None:
            cell.hyperlink.ref = place
            ws._hyperlinks.append(cell.hyperlink)  # noqa: SLF001 - as openpyxl itself does
        value = cell._value  # noqa: SLF001 - its property would make a formula of a text
    if value == "":
        return f'<c r="{place}"{style} t="inlineStr"/>'
    if isinstance(value, str):
        space = ' xml:space="preserve"' if value[0].isspace() or value[-1].isspace() else ""
        return f'<c r="{place}"{style} t="inlineStr"><is><t{space}>{_escaped(value)}</t></is></c>'
    if value is None:
        return f'<c r="{place}"{style} t="n"/>' if style else ""
    kind = "b" if isinstance(value, bool) else "n"
    return f'<c r="{place}"{style} t="{kind}"><v>{value:.16g}</v></c>'


def _escaped(text: str) -> str:
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        # A parser would make a new line of a bare carriage return.
        return escape(text, quote=False).replace("\r", "&#13;")
    return text
