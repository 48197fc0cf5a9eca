"""An input file as bytes, and what reading makes of one before its layout is known: grids of text."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from reconcile.errors import InputFault

if TYPE_CHECKING:
    import pandas as pd

UNZIPPED_LIMIT = 2 * 1024**3
UNZIPPED_RATIO_LIMIT = 250
# Up to here the ratio does not matter: a small file of blanks packs well and harms nobody.
UNZIPPED_FREE = 2**26
ZIP_MAGIC, OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# What zipfile raises of a zip that is damaged, locked, or packed in a way it does not know.
ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
EXACT_LIMIT, WHOLE_LIMIT = 2**53, 10**21
PACKED_SUFFIXES = frozenset({".gz", ".bz2", ".xz", ".zip"})
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".geojson"})
# What is taken from a folder and from an archive. A file named by itself is read by its content, whatever it is called.
READABLE_SUFFIXES = PACKED_SUFFIXES | WORKBOOK_SUFFIXES | TEXT_SUFFIXES | {".parquet"}
# What systems and office programs leave in a folder, and people never put there.
_LITTER = re.compile(r"(^|/)(__MACOSX/|\._|\.~lock|~\$|(\.DS_Store|Thumbs\.db|desktop\.ini)$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The bytes of one input file and the name to call it by."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class FarFile:
    """An input file that is read elsewhere: what to call it, what its bytes prove themselves by, and where it lies.

    Attributes:
        sha256: of the bytes.
        where: path or address; empty for a file in an archive.
        header: where nothing could be read, an `InputColumns` frame of what could be seen of it.
    """

    name: str
    sha256: str
    where: str = field(default="", repr=False)
    header: pd.DataFrame | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells as text.

    Attributes:
        sheet: of a workbook; empty for any other file.
        ragged: rows with more or fewer cells than usual, by row, with the number of cells found.
        remarks: sentences about the file as a whole, with their severity.
        starts_at: the number of the first row: 1 where a header stands in the file, 0 where records name their own cells and
            the header was made of those names.
    """

    sheet: str
    cells: pd.DataFrame
    ragged: dict[int, int]
    remarks: tuple[tuple[str, str], ...]
    starts_at: int = 1


def is_litter(path: str) -> bool:
    """Return whether a file in a folder or an archive is one that no person put there."""
    return bool(_LITTER.search(path))


def refuse_bomb(source: SourceFile) -> None:
    """Raise InputFault for a zip that ends too early, or would unpack to far more than it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            unzipped = sum(member.file_size for member in archive.infolist())
    except ZIP_FAULTS:
        raise InputFault(
            source.name,
            "is a workbook (or another zip) that ends too early or is damaged.",
            "Download it again.",
        ) from None
    refuse_bulk(source.name, unzipped, len(source.content))


def refuse_bulk(name: str, unpacked: int, packed: int) -> None:
    """Raise InputFault where so many bytes of a file unpack to so many more that it was made to fill a machine."""
    if unpacked > UNZIPPED_LIMIT or (unpacked > UNZIPPED_FREE and unpacked > UNZIPPED_RATIO_LIMIT * packed):
        raise InputFault(
            name,
            f"would unpack to {unpacked / 2**20:,.0f} MB from {packed / 2**20:,.1f} MB and was not opened.",
            "Save it as CSV if it is really that large.",
        )


def cell_text(cell: object) -> str:
    """Return the value of a cell as text: 3.0 as 3, a midnight as its day."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        # A midnight of some zone is another day's evening elsewhere, so the zone stays.
        is_day = cell.time() == time(0) and cell.tzinfo is None
        return cell.date().isoformat() if is_day else cell.isoformat(sep=" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _number_text(number: float) -> str:
    if not number.is_integer() or abs(number) >= WHOLE_LIMIT:
        return repr(number)
    # A long id that became a number is digits still, and no power of ten.
    return str(int(number)) if abs(number) < EXACT_LIMIT else f"{Decimal(repr(number)):.0f}"
