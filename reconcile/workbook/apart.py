"""Sheets that another process writes: whole but for the numbers of their styles, which only the workbook knows.

Two steps, each at the same time for several sheets. The first writes a sheet's file, with a mark for each style in the order
in which the sheet needs them. Once the styles of all sheets are numbered as they would be by one process, the second puts the
numbers in the place of the marks and deflates the file. Both leave the bytes that one process would.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl.worksheet.worksheet import Worksheet

# Of a text with such a character, another stands in the file.
_MARK = re.compile(rb"\x01(\d+)\x02")
_PIECE = 1 << 22


@dataclass(frozen=True, slots=True)
class Written:
    """A sheet's file, written but for its styles.

    Attributes:
        path: of the file.
        relations: of the sheet, to pages of the web.
    """

    path: str
    relations: Any


def style_mark(number: int) -> str:
    """Return what stands for the sheet's style of this number, counted from 0."""
    return f"\x01{number}\x02"


def hand_over(ws: Worksheet) -> Written:
    """Close a sheet that has a file of its own, and return what the workbook needs of it."""
    sheet: Any = ws
    sheet.close()
    writer = sheet._writer  # noqa: SLF001 - openpyxl knows no sheet written elsewhere
    return Written(str(writer.out), writer._rels)  # noqa: SLF001


def take_over(ws: Worksheet, written: Written) -> None:
    """Give a sheet without rows the file that another process wrote."""
    cast("Any", ws).take(_Writer(written.path, written.relations))


class _Writer:
    """What openpyxl asks of a sheet's writer once the sheet is closed."""

    def __init__(self, out: str, relations: Any) -> None:
        self.out = out
        self._rels = relations

    def cleanup(self) -> None:
        """Remove the file."""
        Path(self.out).unlink()


def put_styles(asked: tuple[str, tuple[int, ...]]) -> bytes:
    """Put a sheet's styles in the place of their marks, and return the file deflated.

    Args:
        asked: the path of the file, and the number in the workbook of each of its styles.
    """
    path, numbers = Path(asked[0]), asked[1]
    shown = [str(number).encode() for number in numbers]
    settled = path.with_suffix(".settled")
    deflate = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = []
    with settled.open("wb") as out:
        for piece in _pieces(path):
            numbered = _MARK.sub(lambda found: shown[int(found[1])], piece)
            out.write(numbered)
            deflated.append(deflate.compress(numbered))
    # Whole or not at all: whoever is killed before may be followed by another, and one without marks stays as it is.
    settled.replace(path)
    return b"".join([*deflated, deflate.flush()])


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces, each of which ends before a tag begins."""
    kept = b""
    with path.open("rb") as marked:
        while piece := marked.read(_PIECE):
            whole, tag, begun = (kept + piece).rpartition(b"<")
            kept = tag + begun
            yield whole
    yield kept


class Deflated:
    """Stands in for what deflates, where that is done already: takes the bytes in and gives the others out at the end."""

    def __init__(self, deflated: bytes) -> None:
        self._deflated = deflated

    def compress(self, _: bytes) -> bytes:
        """Return nothing yet."""
        return b""

    def flush(self) -> bytes:
        """Return all."""
        return self._deflated
