"""Reading a UCDP-like export against pandas reading the same file.

    python benchmarks/reading.py [--rows 1000000] [--rounds 3] [--folder FOLDER]

The file is invented: 49 columns of UCDP GED's layout, texts of usual length, days over twelve years, a quarter of a million
places. Each round times, as whole processes and in turn, `pandas.read_csv` of the file with its defaults, the same with every
column as text, and this program's read + normalize + validate. Ratios hold when the machine's speed drifts; seconds do not.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HEADER = [
    "id",
    "relid",
    "year",
    "active_year",
    "code_status",
    "type_of_violence",
    "conflict_dset_id",
    "conflict_new_id",
    "conflict_name",
    "dyad_dset_id",
    "dyad_new_id",
    "dyad_name",
    "side_a_dset_id",
    "side_a_new_id",
    "side_a",
    "side_b_dset_id",
    "side_b_new_id",
    "side_b",
    "number_of_sources",
    "source_article",
    "source_office",
    "source_date",
    "source_headline",
    "source_original",
    "where_prec",
    "where_coordinates",
    "where_description",
    "adm_1",
    "adm_2",
    "latitude",
    "longitude",
    "geom_wkt",
    "priogrid_gid",
    "country",
    "country_id",
    "region",
    "event_clarity",
    "date_prec",
    "date_start",
    "date_end",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "best",
    "high",
    "low",
    "gwnoa",
    "gwnob",
]
SEVERAL_DAYS = 0.1
ACTORS = (
    "Government of Syria",
    "Syrian insurgents",
    "IS",
    "SDF",
    "Civilians",
    "Government of Iraq",
    "Kurdish forces",
)
AGENCIES = ("SOHR", "AFP", "Reuters", "SNHR", "a local monitor")
SHIRES = ("Ar-Raqqa", "Aleppo", "Idlib", "Deir ez-Zor", "Homs", "Hama", "Dar'a", "Rural Damascus")
TIMED = """
import json, resource, sys, time
started = time.perf_counter()
{body}
print(json.dumps({{"seconds": time.perf_counter() - started, "cpu": time.process_time(), "rows": rows,
                   "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}}))
"""
WAYS = {
    "pandas.read_csv": "import pandas as pd\nrows = len(pd.read_csv(sys.argv[1], low_memory=False))",
    "pandas.read_csv, every column as text": (
        "import pandas as pd\nrows = len(pd.read_csv(sys.argv[1], dtype='str', keep_default_na=False))"
    ),
    "read + normalize + validate": """
from datetime import date
from pathlib import Path
from reconcile.pipeline import Input, Options, prepare
from reconcile.read import SourceFile
from reconcile.result import RunFacts
from reconcile.rulefiles import load_rules
from reconcile.validate import Within
path = Path(sys.argv[1])
facts = RunFacts(job="bench", title="", as_of=date(2026, 1, 1), quantities="airwars", include_names=False, within="",
    rules_digest="", inputs_digest="", run_digest="", previous_run="", version="",
)
source = Input(path.name, SourceFile(path.name, path.read_bytes()))
prepared = prepare([source], load_rules(), Options(facts, Within()), lambda stage: None)
rows = prepared.inputs[0].rows_read
assert rows == len(prepared.valid.claims) == prepared.inputs[0].rows_claimed
""",
}


def invent(rows: int, seed: int = 7) -> pd.DataFrame:
    """Return events of UCDP GED's 49 columns; every one of them is invented."""
    rng = np.random.default_rng(seed)
    words = np.array([f"word{number}" for number in range(4000)], dtype=object)

    def sentence(length: int) -> Any:
        made = words[rng.integers(0, len(words), (min(rows, 50_000), length))]
        return np.array([" ".join(row) for row in made], dtype=object)[rng.integers(0, len(made), rows)]

    start = np.datetime64("2012-01-01") + rng.integers(0, 4380, rows).astype("timedelta64[D]")
    end = start + np.where(rng.random(rows) < SEVERAL_DAYS, rng.integers(1, 7, rows), 0).astype(
        "timedelta64[D]"
    )
    sides = [np.array(ACTORS, dtype=object)[rng.integers(0, len(ACTORS), rows)] for _ in range(2)]
    dead = rng.geometric(0.4, (4, rows)) - 1
    best = dead.sum(axis=0)
    place = rng.integers(0, max(rows // 4, 1), rows)
    latitude, longitude = np.round(33 + (place % 4001) / 1000, 6), np.round(36 + (place % 6007) / 1000, 6)
    table = pd.DataFrame({name: np.full(rows, "", dtype=object) for name in HEADER})
    table["id"] = np.arange(1, rows + 1)
    table["year"], table["active_year"], table["code_status"] = start.astype("datetime64[Y]"), 1, "Clear"
    table["type_of_violence"] = rng.integers(1, 4, rows)
    table["side_a"], table["side_b"] = sides
    table["dyad_name"] = sides[0] + " - " + sides[1]
    table["conflict_name"], table["number_of_sources"] = "An example", rng.integers(-1, 5, rows)
    table["source_article"], table["source_headline"] = sentence(12), sentence(9)
    table["source_office"] = table["source_original"] = np.array(AGENCIES, dtype=object)[
        rng.integers(0, len(AGENCIES), rows)
    ]
    table["source_date"], table["where_prec"] = start, rng.integers(1, 5, rows)
    table["where_coordinates"] = [f"Tell Example {number} village" for number in place]
    table["where_description"], table["adm_2"] = sentence(4), "A district"
    table["adm_1"] = np.array(SHIRES, dtype=object)[place % len(SHIRES)]
    table["latitude"], table["longitude"] = latitude, longitude
    table["geom_wkt"] = [f"POINT ({x} {y})" for x, y in zip(longitude, latitude, strict=True)]
    table["priogrid_gid"], table["country"], table["country_id"], table["region"] = (
        181158,
        "Syria",
        652,
        "Middle East",
    )
    table["event_clarity"], table["date_prec"] = rng.integers(1, 3, rows), np.where(start == end, 1, 2)
    table["date_start"], table["date_end"] = start, end
    for name, numbers in zip(
        ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"), dead, strict=True
    ):
        table[name] = numbers
    table["best"], table["low"] = best, np.maximum(best - rng.integers(0, 2, rows), 0)
    table["high"] = best + rng.integers(0, 4, rows)
    return table


def timed(way: str, path: Path) -> dict[str, float]:
    """Return seconds, CPU seconds, rows and peak memory of one way, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(body=WAYS[way]), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Print seconds, rows a second and the ratio to pandas.read_csv: the median over rounds, and its range."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = (asked.folder or Path(scratch)) / f"ged_like_{asked.rows}.csv"
        if not path.exists():
            invent(asked.rows).to_csv(path, index=False)
        print(f"{asked.rows:,} rows, {path.stat().st_size / 2**20:,.0f} MB, {asked.rounds} rounds\n")
        rounds = [{way: timed(way, path) for way in WAYS} for _ in range(asked.rounds)]
    print(
        "| way | wall s | CPU s | rows/s | peak MB | ratio to pandas.read_csv (range) |\n|---|---|---|---|---|---|"
    )
    for way in WAYS:
        ratios = sorted(one[way]["seconds"] / one["pandas.read_csv"]["seconds"] for one in rounds)
        wall, cpu, peak = (
            statistics.median(one[way][key] for one in rounds) for key in ("seconds", "cpu", "peak_mb")
        )
        print(
            f"| {way} | {wall:.2f} | {cpu:.2f} | {asked.rows / wall:,.0f} | {peak:,.0f} "
            f"| {statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}) |"
        )


if __name__ == "__main__":
    main()
