"""Every table as CSV that spreadsheets read as it is, and a Data Package that describes each column.

Guarantees:
    nothing_runs: no cell is taken for a formula.
    keys_hold: what a table names of another is there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.exports.parquet import about_table
from reconcile.exports.stored import EXPORTED
from reconcile.exports.words import origin_of
from reconcile.frames import describe
from reconcile.outfiles import csv_bytes
from reconcile.runs.digests import digest_bytes, json_bytes

if TYPE_CHECKING:
    from reconcile.exports.stored import Handover

TYPES = {
    "text": "string",
    "whole number": "integer",
    "number": "number",
    "yes or no": "boolean",
    "day": "date",
}
CHECKS = {
    "greater_than_or_equal_to": ("min_value", "minimum"),
    "less_than_or_equal_to": ("max_value", "maximum"),
}
# Columns that name one claim; a list of ids in one cell is no key.
CLAIM_KEYS = {
    "figures": ("claim_id",),
    "victims": ("claim_id",),
    "origins": ("claim_id",),
    "linked": ("claim_id",),
    "verdicts": ("left_id", "right_id"),
    "relations": ("left_id", "right_id"),
    "derived": ("later_id", "earlier_id"),
}


def files_of(given: Handover) -> dict[str, bytes]:
    """Return the files by their names."""
    files = {f"{name}.csv": csv_bytes(_spelled(table)) for name, table in given.tables.items()}
    files["datapackage.json"] = json_bytes(_package(given, files))
    return files


def _spelled(table: pd.DataFrame) -> pd.DataFrame:
    answers = [name for name in table.columns if pd.api.types.is_bool_dtype(table[name])]
    return table.assign(**{name: table[name].map({True: "true", False: "false"}) for name in answers})


def _package(given: Handover, files: dict[str, bytes]) -> dict[str, Any]:
    told = origin_of(given)
    monitors = sorted({str(one["monitor"]) for one in given.summary.get("inputs", []) if one.get("monitor")})
    return {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._-]+", "-", told["job"].lower()).strip("-") or "report",
        "title": told["title"],
        "description": f"{told['caution']} {told['names']}",
        "as_of": told["as_of"],
        "run_digest": told["run_digest"],
        "rules_digest": told["rules_digest"],
        "sources": [{"title": monitor} for monitor in monitors],
        "resources": [
            _resource(name, list(table.columns), files[f"{name}.csv"]) for name, table in given.tables.items()
        ],
    }


def _resource(name: str, columns: list[str], content: bytes) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "description": about_table(name),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{digest_bytes(content)}",
        "schema": _schema(name, columns),
    }


def _schema(name: str, columns: list[str]) -> dict[str, Any]:
    declared = EXPORTED[name].to_schema().columns
    described = {column: (kind, unit, text) for column, kind, unit, text in describe(EXPORTED[name])}
    fields = []
    for column in columns:
        kind, unit, text = described[column]
        field = {"name": column, "type": TYPES[kind], "description": text} | ({"unit": unit} if unit else {})
        constraints = _constraints(declared[column], TYPES[kind])
        fields.append(field | ({"constraints": constraints} if constraints else {}))
    unique = [column for column in columns if declared[column].unique]
    keys = [
        {"fields": [column], "reference": {"resource": "claims", "fields": ["claim_id"]}}
        for column in CLAIM_KEYS.get(name, ())
    ]
    schema = {"fields": fields, "missingValues": [""], "primaryKey": unique[:1], "foreignKeys": keys}
    return {key: value for key, value in schema.items() if value != []}


def _constraints(column: Any, kind: str) -> dict[str, Any]:
    """Return what a column's contract says, as Table Schema has it."""
    # Text that a monitor does not state is empty, which Table Schema takes for missing.
    found: dict[str, Any] = {"required": True} if kind != "string" and not column.nullable else {}
    if column.unique:
        found |= {"required": True, "unique": True}
    for check in column.checks:
        if check.name == "isin":
            allowed = list(check.statistics["allowed_values"])
            found["enum"] = [value for value in allowed if value != ""]
        elif check.name in CHECKS:
            stated, said = CHECKS[check.name]
            found[said] = check.statistics[stated]
    return found
