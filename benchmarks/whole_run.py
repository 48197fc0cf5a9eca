"""The whole run against its floor: pandas reading the same files, and openpyxl writing as many cells.

    python benchmarks/whole_run.py FILES... [--rounds 3]

Both are timed as whole processes, in turn, so that the ratio holds when the machine's speed drifts. The floor writes the
very cells of the report's workbook, unstyled and without links, in openpyxl's write-only mode.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FLOOR = """
import sys
import pandas as pd
from openpyxl import Workbook
from python_calamine import CalamineWorkbook
report, out, *files = sys.argv[1:]
import pickle
rows_by_sheet = pickle.load(open(report, "rb"))
for file in files:
    pd.read_csv(file, dtype="str", keep_default_na=False)
book = Workbook(write_only=True)
for name, rows in rows_by_sheet.items():
    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append(row)
book.save(out)
"""

CELLS = """
import pickle, sys
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_path(sys.argv[1])
pickle.dump({name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}, open(sys.argv[2], "wb"))
"""


def seconds(*command: str) -> float:
    """Return the wall seconds of one process; its exit code may say `degraded`."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr)
    return time.perf_counter() - start


def main() -> None:
    """Print one table: wall seconds of each round, their ratio, and the stages of the last run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ratios, stages = [], {}
        for number in range(asked.rounds + 1):
            out = Path(folder) / f"run{number}"
            ours = seconds(
                sys.executable,
                "-m",
                "reconcile.cli",
                "run",
                *asked.files,
                "--out",
                str(out),
                "--as-of",
                "2026-01-01",
                "--quiet",
            )
            report = next(out.glob("adhoc/2*/discrepancies.xlsx"))
            stages = json.loads((report.parent / "timings.json").read_text(encoding="utf-8"))
            cells = Path(folder) / "cells.pickle"
            seconds(sys.executable, "-c", CELLS, str(report), str(cells))
            floor = seconds(
                sys.executable, "-c", FLOOR, str(cells), str(Path(folder) / "floor.xlsx"), *asked.files
            )
            if number:
                # The first round warms the caches and is not counted.
                ratios.append(ours / floor)
                print(
                    f"round {number}: whole run {ours:.2f} s, floor {floor:.2f} s, ratio {ours / floor:.2f}"
                )
    print(f"median ratio {statistics.median(ratios):.2f}; peak memory {stages['peak_memory_mb']} MB")
    for stage, took in stages["stage_seconds"].items():
        print(f"  {stage:14} {took:6.2f} s")


if __name__ == "__main__":
    main()
