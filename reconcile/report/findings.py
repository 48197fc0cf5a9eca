"""The sheets of findings and issues."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconcile.discrepancies import KINDS
from reconcile.report.decisions import FINDING_COLUMNS, MARK_COLUMN, asked_of_findings
from reconcile.report.listing import first
from reconcile.report.naming import table, titles_of
from reconcile.sheets import Column, Sheet

if TYPE_CHECKING:
    from reconcile.result import RunResult


def discrepancies_sheet(result: RunResult) -> Sheet:
    """Return every finding, the severest first, linked to its incident and claims."""
    titles = {kind.code: kind.title for kind in KINDS}
    found = first(result.discrepancies)
    place = result.claims.set_index("claim_id")["place_name"]
    rows = found.assign(
        kind=found["code"].map(titles),
        monitors=[titles_of(result, names) for names in found["monitors"]],
        place=place.reindex(found["claim_ids"].str.split().str[0]).to_numpy(),
        claims=found["claim_ids"].str.count(" ") + 1,
    )
    rows = asked_of_findings(result, rows)
    columns = (
        Column("severity", "Severity", 9, "severity"),
        Column("code", "Code", 12),
        Column("kind", "Kind", 34),
        Column("explanation", "Finding", 70, "long_text"),
        Column("left_value", "One side", 28, "long_text"),
        Column("right_value", "Other side", 28, "long_text"),
        Column("gap", "Gap", 9, "number"),
        Column("gap_unit", "Unit", 10),
        Column("suggested_action", "What to do next", 48, "long_text"),
        Column("cluster_id", "Incident", 16, link_sheet="Incidents"),
        Column("claim_ids", "Claims", 30, link_sheet="Claims"),
        Column("claims", "Number of claims", 10, "integer"),
        Column("monitors", "Monitors", 24),
        Column("place", "Place, first claim", 22),
        Column("measure_code", "Measure", 12),
        Column("people", "People, at most", 10, "integer"),
        Column("date_start", "From", 11, "date"),
        Column("status_code", "Status", 10),
        *FINDING_COLUMNS,
        Column("first_seen", "First seen", 11, "date"),
        Column("discrepancy_id", "Finding id", 18),
        MARK_COLUMN,
    )
    sheet = table("Discrepancies", rows, columns, key="discrepancy_id", freeze=2)
    return replace(sheet, left_out=len(result.discrepancies) - len(found))


def issues_sheet(result: RunResult) -> Sheet:
    """Return what could not be taken from the sources as it stood."""
    columns = (
        Column("severity", "Weight", 10),
        Column("code", "Kind", 18),
        Column("source_file", "Source file", 26),
        Column("source_sheet", "Sheet", 10),
        Column("source_row", "Row", 8, "integer"),
        Column("column", "Column", 20),
        Column("value", "Found", 30),
        Column("row_count", "Rows", 8, "integer"),
        Column("message", "What it is, and what to do", 90, "long_text"),
    )
    return table("Issues", result.issues, columns)
