"""Every table as Parquet, each column with its description and unit beside it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet as arrow_parquet

from reconcile.exports.stored import EXPORTED
from reconcile.exports.words import origin_of
from reconcile.frames import describe

if TYPE_CHECKING:
    import pandas as pd

    from reconcile.exports.stored import Handover


def files_of(given: Handover) -> dict[str, bytes]:
    """Return the files by their names."""
    told = origin_of(given)
    return {f"{name}.parquet": _content(name, table, told) for name, table in given.tables.items()}


def _content(name: str, table: pd.DataFrame, told: dict[str, str]) -> bytes:
    described = {column: (unit, text) for column, _, unit, text in describe(EXPORTED[name])}
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    fields = []
    for field in arrow.schema:
        unit, text = described.get(field.name, ("", ""))
        fields.append(field.with_metadata({"description": text} | ({"unit": unit} if unit else {})))
    about = {"table": name, "description": about_table(name)} | told
    schema = pa.schema(
        fields,
        metadata=(arrow.schema.metadata or {}) | {key.encode(): text.encode() for key, text in about.items()},
    )
    stream = io.BytesIO()
    arrow_parquet.write_table(arrow.cast(schema), stream)
    return stream.getvalue()


def about_table(name: str) -> str:
    """Return what one row of a table is, in a sentence or two."""
    return " ".join((EXPORTED[name].__doc__ or "").split())
