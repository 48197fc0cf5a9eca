"""Whole runs from 10k claims on: wall, processor and peak memory by stage, beside the floor, and the curve as a picture.

    python benchmarks/scale.py [--sizes 10000,100000,1000000,3000000] [--ways one,two,dask,link] [--folder DIR] [--picture FILE]

`one`, `two` and `dask` are `reconcile run` with one worker, with two, and with Dask on two processes; `link` is linking
alone. More than a million claims go through `link` only. Every run is a process of its own. The floor (pandas reads the
same files, openpyxl writes the same cells) runs right after the run it is held against; figures of the two are comparable,
figures of two rows only as far as the machine's speed holds. Peaks are of the process that runs, not of its workers.
"""

# ruff: noqa: E402 - what stands beside this file is found by its folder

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from generate import MONITORS, generate
from whole_run import CELLS, FLOOR

SEED, KIND = 7, "incidents"
MOST_WHOLE = 1_000_000
WAYS = {
    "one": ("--workers", "1"),
    "two": ("--workers", "2"),
    "dask": ("--engine", "dask", "--workers", "2"),
    "link": (),
}
COLOURS = {"one": "#1f5c99", "two": "#2e7d32", "dask": "#b23b2e", "link": "#5b6672", "floor": "#9aa5b1"}
TITLES = {
    "one": "whole run, one worker",
    "two": "whole run, two workers",
    "dask": "whole run, Dask on two processes",
    "link": "linking alone",
    "floor": "floor: pandas reads, openpyxl writes",
}


Stages = dict[str, tuple[float, float | None, float | None]]


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    Attributes:
        floor: wall seconds of the floor; None where there is none.
        stages: of each stage, its wall seconds, processor seconds and the peak up to its end in MB, as far as told.
    """

    claims: int
    way: str
    wall: float
    cpu: float
    peak_mb: float | None
    floor: float | None = None
    stages: Stages = field(default_factory=dict)


def timed(command: list[str], folder: Path, *passing: int) -> tuple[float, float]:
    """Return wall and processor seconds of one process and all that it waited for.

    Args:
        command: and its arguments.
        folder: to run it in.
        passing: exit codes that are no failure besides 0.
    """
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, *passing}:
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make_files(folder: Path, claims: int) -> Path:
    """Return a folder with the generated files of a size, made where they are not there."""
    made = folder / f"claims_{claims}"
    if not (made / f"about_{KIND}.json").is_file():
        generate(made, KIND, claims, SEED)
    return made


def make_rules(folder: Path) -> Path:
    """Return a folder with the shipped rules and those of the generated monitors, whose layouts get ids of their own."""
    rules = folder / "rules"
    if not rules.is_dir():
        shutil.copytree(HERE.parent / "rules", rules)
        for name in MONITORS:
            text = (HERE / "rules" / f"{name}.yaml").read_text(encoding="utf-8")
            own = text.replace("id: generated_", f"id: {name}_")
            (rules / "monitors" / f"{name}.yaml").write_text(own, encoding="utf-8")
    return rules


def whole(made: Path, rules: Path, claims: int, way: str) -> Measured:
    """Return what one whole run took, and its floor."""
    files = [str(made / f"{KIND}_{name}.csv") for name in MONITORS]
    with tempfile.TemporaryDirectory(dir=made) as room:
        out = Path(room)
        command = [sys.executable, "-m", "reconcile", "run", *files, "--out", str(out / "reports"), "--state", str(out / "state"),
                   "--as-of", "2026-01-01", "--rules", str(rules), "--quiet", *WAYS[way]]  # fmt: skip
        wall, cpu = timed(command, out, 1)
        report = next(out.glob("reports/adhoc/2*/discrepancies.xlsx"))
        told = json.loads((report.parent / "timings.json").read_text(encoding="utf-8"))
        cells = str(out / "cells.pickle")
        timed([sys.executable, "-c", CELLS, str(report), cells], out)
        floor, _ = timed([sys.executable, "-c", FLOOR, cells, str(out / "floor.xlsx"), *files], out)
    stages: Stages = {
        name: (
            seconds,
            told["stage_cpu_seconds"].get(name),
            (told["stage_peak_memory_mb"] or {}).get(name),
        )
        for name, seconds in told["stage_seconds"].items()
    }
    return Measured(claims, way, wall, cpu, told["peak_memory_mb"], floor, stages)


def linking(made: Path, claims: int) -> Measured:
    """Return what linking alone took."""
    with tempfile.TemporaryDirectory(dir=made) as room:
        runner = HERE / "peers" / "reconcile_runner.py"
        wall, cpu = timed([sys.executable, str(runner), KIND, str(made), room], Path(room))
        told = json.loads((Path(room) / "run.json").read_text(encoding="utf-8"))
    stages: Stages = {name: (float(seconds), None, None) for name, seconds in told["steps"].items()}
    return Measured(claims, "link", wall, cpu, told["peak_mb"], None, stages)


# ---- telling -------------------------------------------------------------------------------------------------------


def table(runs: list[Measured]) -> str:
    """Return the runs, and then the stages of each, as Markdown."""
    lines = [
        "| claims | way | wall s | CPU s | peak MB | floor s | times the floor | wall ms a claim |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        floor, ratio = (f"{run.floor:.1f}", f"{run.wall / run.floor:.2f}") if run.floor else ("", "")
        lines.append(
            f"| {run.claims:,} | {run.way} | {run.wall:.1f} | {run.cpu:.1f} | {run.peak_mb or 0:,.0f} | {floor} | {ratio} | {1000 * run.wall / run.claims:.2f} |"
        )
    lines += ["", *(line for way in dict.fromkeys(run.way for run in runs) for line in _stages(runs, way))]
    return "\n".join(lines)


def _stages(runs: list[Measured], way: str) -> list[str]:
    own = [run for run in runs if run.way == way]
    names = list(dict.fromkeys(name for run in own for name in run.stages))
    heads = " | ".join(f"{run.claims:,}: wall s, CPU s, peak MB" for run in own)
    lines = [f"| {way}: stage | {heads} |", "|---|" + "---:|" * len(own)]
    for name in names:
        cells = (", ".join(_cell(part) for part in run.stages.get(name, ())) for run in own)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return [*lines, ""]


def _cell(part: float | None) -> str:
    return "–" if part is None else f"{part:,.0f}" if part >= 100 else f"{part:.1f}"  # noqa: PLR2004 - fewer digits


def picture(runs: list[Measured]) -> str:
    """Return the scaling curve as SVG: wall seconds over claims, both logarithmic, with a dotted line where time grows as claims do."""
    left, top, width, height = 70, 40, 560, 360
    points = [(run.way, run.claims, run.wall) for run in runs]
    points += [("floor", run.claims, run.floor) for run in runs if run.way == "one" and run.floor]
    claims, walls = np.array([(size, wall) for _, size, wall in points]).T
    x_low, x_high = np.floor(np.log10(claims.min())), np.ceil(np.log10(claims.max()))
    y_low, y_high = np.floor(np.log10(walls.min())), np.ceil(np.log10(walls.max()))

    def at(size: float, wall: float) -> tuple[float, float]:
        across = (np.log10(size) - x_low) / max(x_high - x_low, 1)
        up = (np.log10(wall) - y_low) / max(y_high - y_low, 1)
        return left + width * float(across), top + height * (1 - float(up))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 40} {top + height + 60}" font-family="sans-serif" font-size="12">',
        '<title>Wall seconds over claims</title><rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{left}" y="20" font-size="14">Seconds by number of claims (both axes logarithmic)</text>',
    ]
    for power in range(int(x_low), int(x_high) + 1):
        x, _ = at(10.0**power, 10.0**y_low)
        parts.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{top + height}" stroke="#e3e9ef"/>')
        parts.append(f'<text x="{x:.1f}" y="{top + height + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(int(y_low), int(y_high) + 1):
        _, y = at(10.0**x_low, 10.0**power)
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + width}" y2="{y:.1f}" stroke="#e3e9ef"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:,g} s</text>')
    first = min((point for point in points if point[0] != "floor"), key=lambda point: point[1])
    # As far as it is on the picture.
    last = min(claims.max(), 10**y_high * first[1] / first[2])
    ends = [at(size, first[2] * size / first[1]) for size in (first[1], last)]
    parts.append(_line(ends, "#5b6672", 'stroke-dasharray="2 4"'))
    (_, _), (x, y) = ends
    parts.append(
        f'<text x="{x - 26:.1f}" y="{y + 14:.1f}" text-anchor="end" fill="#5b6672">as much more as there are more claims</text>'
    )
    for number, way in enumerate(name for name in TITLES if any(point[0] == name for point in points)):
        spots = [at(size, wall) for name, size, wall in sorted(points) if name == way]
        parts.append(_line(spots, COLOURS[way], 'stroke-width="2"'))
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOURS[way]}"/>' for x, y in spots]
        y = top + 16 + 18 * number
        parts.append(f'<circle cx="{left + 16}" cy="{y - 4}" r="4" fill="{COLOURS[way]}"/>')
        parts.append(f'<text x="{left + 26}" y="{y}">{TITLES[way]}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _line(spots: list[tuple[float, float]], colour: str, style: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" {style}/>'


def main() -> None:
    """Print a line a run as it ends, then the table; write the picture where one is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="10000,100000,1000000,3000000")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--folder", type=Path, help="keeps the generated files and the figures of every run")
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--again", action="store_true", help="draw and print the kept figures, run nothing")
    asked = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as room:
        folder = (asked.folder or Path(room)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "measured.json"
        runs = [Measured(**one) for one in json.loads(kept.read_text())] if kept.is_file() else []
        wanted = (
            []
            if asked.again
            else [(int(size), way) for size in asked.sizes.split(",") for way in asked.ways.split(",")]
        )
        for claims, way in wanted:
            if way != "link" and claims > MOST_WHOLE:
                print(f"{claims:,} {way}: not run; past {MOST_WHOLE:,} claims only linking is measured.")
                continue
            made = make_files(folder, claims)
            run = linking(made, claims) if way == "link" else whole(made, make_rules(folder), claims, way)
            told: dict[str, Any] = asdict(run)
            print(f"{claims:,} {way}: {run.wall:.1f} s, {run.cpu:.1f} CPU s", flush=True)
            runs = [one for one in runs if (one.claims, one.way) != (claims, way)] + [Measured(**told)]
            runs.sort(key=lambda one: (one.claims, list(WAYS).index(one.way)))
            kept.write_text(json.dumps([asdict(one) for one in runs], indent=1) + "\n")
        print(table(runs))
        if asked.picture and runs:
            asked.picture.write_text(picture(runs), encoding="utf-8")


if __name__ == "__main__":
    main()
