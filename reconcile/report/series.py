"""The Series sheet: the smallest sets of numbers of one series that can't all be true, grouped by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.discrepancies.series import series_title, set_severity
from reconcile.report.naming import table
from reconcile.sheets import Column, Sheet
from reconcile.views import interval_text, records, window_text

if TYPE_CHECKING:
    from reconcile.result import RunResult


def series_sheet(result: RunResult) -> Sheet:
    """Return each set in a row, the sets of one cause below each other."""
    sets = result.sets
    kinds = result.rules.discrepancies.kinds
    titles = {code: series_title(result.rules.monitors, code) for code in sets["series"].unique()}
    rows = sets.assign(
        cause=pd.factorize(sets["cause_id"])[0] + 1,
        severity=[set_severity(one, kinds[one.code].severity) for one in records(sets)],
        series=sets["series"].map(titles).astype("str"),
        who=[_who(one.population_code, one.sex_code, one.age_group_code) for one in records(sets)],
        days=[window_text(one.date_start, one.date_end) for one in records(sets)],
        expected=[_range(one.rule_code, one.expected_low, one.expected_high) for one in records(sets)],
        observed=[_range(one.rule_code, one.observed_low, one.observed_high) for one in records(sets)],
    )
    columns = (
        Column("cause", "Cause", 7, "integer"),
        Column("severity", "Severity", 9, "severity"),
        Column("code", "Code", 12),
        Column("rule_code", "Rule", 15),
        Column("series", "Series", 24, "long_text"),
        Column("measure_code", "Measure", 12),
        Column("who", "Who", 16),
        Column("days", "Days", 24),
        Column("stated", "Numbers as they stand", 30, "long_text"),
        Column("expected", "Expected", 14),
        Column("observed", "Stated", 12),
        Column("gap", "Gap", 9, "number"),
        Column("over_missing_days", "Days without a number", 10, "integer"),
        Column("explanation", "What does not hold, and what would mend it", 80, "long_text"),
        Column("claim_ids", "Claims", 40, link_sheet="Claims"),
        Column("set_id", "Set id", 18),
    )
    return table("Series", rows, columns, key="set_id", freeze=3)


def _range(rule: str, low: float, high: float) -> str:
    return "" if rule == "batch" else interval_text(float(low), float(high))


def _who(population: str, sex: str, age: str) -> str:
    return " ".join([population, *(code for code in (age, sex) if code != "any")])
