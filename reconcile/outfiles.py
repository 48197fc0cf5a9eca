"""Files that a command is asked to write: a table as CSV that spreadsheets read as it is, and bytes, whole or not at all.

Guarantees:
    nothing_runs: no cell of the CSV is taken for a formula.
    text_comes_back: `restored` undoes what the CSV does to text.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

import pandas as pd

from reconcile.errors import OutputFault

if TYPE_CHECKING:
    from pathlib import Path

# What a spreadsheet program takes for a formula, spaces before it and full-width signs too; apostrophes of ours before it.
_RISKY = re.compile(r"(?='*(\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]))")
_GUARDED = re.compile(r"'(?='*(\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]))")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV.

    It is UTF-8 with the mark by which Excel knows it. Days stand as 2017-06-18, and text that begins like a formula stands
    behind an apostrophe.
    """
    shown = frame.copy()
    for name in shown.columns:
        column = shown[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            shown[name] = column.dt.strftime("%Y-%m-%d").astype("object").where(column.notna(), "")
        elif pd.api.types.is_float_dtype(column):
            shown[name] = column.map("{:.10g}".format).where(column.notna(), "")
        elif not pd.api.types.is_integer_dtype(column):
            shown[name] = column.map(guarded)
    text = shown.to_csv(index=False, lineterminator="\n")
    return codecs.BOM_UTF8 + text.encode("utf-8", "replace")


def guarded(text: str) -> str:
    """Return a text as the CSV holds it: an apostrophe before what Excel would take for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def restored(text: str) -> str:
    """Return a text of the CSV as it was."""
    return text[1:] if _GUARDED.match(text) else text


def write_whole(path: Path, content: bytes) -> None:
    """Write a file by way of a draft beside it.

    Raises:
        OutputFault: when it can't be written; what stood there stands there still.
    """
    building = path.with_name(f".{path.name}.part")
    try:
        building.write_bytes(content)
        building.replace(path)
    except OSError as error:
        building.unlink(missing_ok=True)
        raise OutputFault(
            f"{path}: can't be written ({error.strerror}). Check the folder, and close the file where it is open."
        ) from None
