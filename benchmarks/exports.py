"""What is read of every export: monitor and layout by rows read, claims, figures, rows set aside and columns left unread.

    python benchmarks/exports.py [FILES...]

Without files: every fixture under fixtures/monitors. No cell of any file is printed.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from reconcile.errors import InputFault
from reconcile.pipeline import Input, Options, prepare
from reconcile.read import SourceFile
from reconcile.result import RunFacts
from reconcile.rulefiles import load_rules
from reconcile.validate import Within

ROOT = Path(__file__).parent.parent
FACTS = RunFacts(
    job="exports",
    title="",
    as_of=date(2026, 1, 1),
    quantities="airwars",
    include_names=False,
    within="",
    rules_digest="",
    inputs_digest="",
    run_digest="",
    previous_run="",
    version="",
)


def main() -> None:
    """Print one line a file and layout."""
    files = [Path(text) for text in sys.argv[1:]]
    files = files or sorted((ROOT / "fixtures" / "monitors").rglob("rows*.*"))
    rules = load_rules()
    print(
        "| monitor | layout | file | rows read | claimed | not data | quarantined | claims | figures | columns unread | errors | warnings |"
    )
    print("|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for path in files:
        name = "/".join(path.parts[-2:])
        try:
            source = Input(name, SourceFile(name, path.read_bytes()))
            prepared = prepare([source], rules, Options(FACTS, Within()), lambda _: None)
        except InputFault as fault:
            print(f"| - | - | {name} | not read: {str(fault)[:160]} |")
            continue
        issues = prepared.valid.issues
        unread = int((issues["code"] == "unknown_column").sum())
        severities = issues.groupby("severity")["row_count"].sum()
        for one in prepared.inputs:
            print(
                f"| {one.monitor} | {one.layout} | {name} | {one.rows_read} | {one.rows_claimed} | {one.rows_not_data} "
                f"| {one.rows_quarantined} | {one.claims} | {one.figures} | {unread} "
                f"| {severities.get('error', 0)} | {severities.get('warning', 0)} |"
            )


if __name__ == "__main__":
    main()
