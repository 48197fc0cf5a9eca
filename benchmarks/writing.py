"""The workbook of many claims against its floor: openpyxl, write-only, writing the same plain cells.

    python benchmarks/writing.py [--claims 100000] [--rounds 3] [--folder DIR] [--profile]

A run over generated incidents of three monitors is made once and kept. Then, in turn and each in a process of its own, the
report is laid out and written, and its very cells are written again without styles, links, widths and charts. Seconds are
of the processor, so that other work on the machine counts for neither side; they and the memory count from when the process has its
input at hand: the result of the run, or the cells. `--profile` says where the seconds of laying out and writing go.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pickle
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.result import RunResult

RESULT, CELLS, BOOK = "result.pickle", "cells.pickle", "report.xlsx"
KB_PER_MB = 1024
SHOWN_CALLS = 25


# ---- what is written ------------------------------------------------------------------------------------------------


def make_run(folder: Path, claims: int) -> None:
    """Run the stages over generated files, and keep the result."""
    from generate import MONITORS, generate  # noqa: PLC0415 - a process that only writes starts without it

    from reconcile.jobs import file_inputs  # noqa: PLC0415 - likewise
    from reconcile.rulefiles import load_model, load_rules  # noqa: PLC0415 - likewise
    from reconcile.ruleset import Monitor  # noqa: PLC0415 - likewise

    generate(folder, "incidents", claims, 7)
    rules = load_rules()
    known = {name: load_model(HERE / "rules" / f"{name}.yaml", Monitor) for name in MONITORS}
    rules = rules.model_copy(update={"monitors": {**rules.monitors, **known}})
    files = tuple(str(folder / f"incidents_{name}.csv") for name in MONITORS)
    result = _run(file_inputs(files), rules)
    (folder / RESULT).write_bytes(pickle.dumps(result))


def _run(inputs: Any, rules: Any) -> RunResult:
    from datetime import date  # noqa: PLC0415 - likewise

    from reconcile.pipeline import Options, run  # noqa: PLC0415 - likewise
    from reconcile.result import RunFacts  # noqa: PLC0415 - likewise
    from reconcile.validate import Within  # noqa: PLC0415 - likewise

    facts = RunFacts(
        job="writing", title="A workbook of many claims", as_of=date(2026, 1, 1), quantities="airwars", include_names=False,
        within="everything", rules_digest=rules.digest, inputs_digest="1" * 64, run_digest="2" * 64, previous_run="", version="0",
    )  # fmt: skip
    return run(inputs, rules, Options(facts, Within()), lambda _: None)


def read_cells(folder: Path) -> int:
    """Keep the cells of the workbook as plain values; return how many are filled."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - likewise

    book = CalamineWorkbook.from_path(str(folder / BOOK))
    cells = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    # An empty cell of a write-only sheet is None.
    plain = {
        name: [[None if cell == "" else cell for cell in row] for row in rows] for name, rows in cells.items()
    }
    (folder / CELLS).write_bytes(pickle.dumps(plain))
    return sum(cell is not None for rows in plain.values() for row in rows for cell in row)


# ---- the two sides --------------------------------------------------------------------------------------------------


def write_report(folder: Path, *, is_profiled: bool = False) -> dict[str, float]:
    """Lay out and write the report; return seconds and memory."""
    from reconcile.report import lay_out  # noqa: PLC0415 - likewise
    from reconcile.workbook import workbook_bytes  # noqa: PLC0415 - likewise

    result = pickle.loads((folder / RESULT).read_bytes())  # noqa: S301 - our own file

    def both() -> tuple[float, bytes]:
        sheets = lay_out(result)
        return time.process_time(), workbook_bytes(sheets, title=result.facts.title, stamp=result.facts.as_of)

    if is_profiled:
        watch = cProfile.Profile()
        watch.runcall(both)
        pstats.Stats(watch).sort_stats("tottime").print_stats(SHOWN_CALLS)
        return {}
    start = time.process_time()
    (laid, content), grown, peak = measured(both)
    end = time.process_time()
    (folder / BOOK).write_bytes(content)
    return {
        "lay_out": laid - start,
        "write": end - laid,
        "seconds": end - start,
        "grown_mb": grown,
        "peak_mb": peak,
        "mb": len(content) / 2**20,
    }


def write_floor(folder: Path) -> dict[str, float]:
    """Write the same cells; return seconds and memory."""
    from openpyxl import Workbook  # noqa: PLC0415 - likewise

    cells = pickle.loads((folder / CELLS).read_bytes())  # noqa: S301 - our own file

    def plain() -> bytes:
        book = Workbook(write_only=True)
        for name, rows in cells.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        out = BytesIO()
        book.save(out)
        return out.getvalue()

    start = time.process_time()
    content, grown, peak = measured(plain)
    return {
        "seconds": time.process_time() - start,
        "grown_mb": grown,
        "peak_mb": peak,
        "mb": len(content) / 2**20,
    }


def measured(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what a piece of work returns, by how many MB the process grew at most meanwhile, and to how many; NaN where no system tells."""
    try:
        # Forgets the peak so far, which reading the input made.
        Path("/proc/self/clear_refs").write_text("5")
        before = _status("VmRSS")
    except OSError:
        return work(), float("nan"), float("nan")
    done, peak = work(), _status("VmHWM")
    return done, (peak - before) / KB_PER_MB, peak / KB_PER_MB


def _status(key: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(key))
    return int(line.split()[1])


def alone(side: str, folder: Path) -> dict[str, float]:
    """Return what one side says, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--side", side, "--folder", folder],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(done.stdout))


def main() -> None:
    """Print a line a round, then the medians and their ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--side", choices=["report", "floor"])
    asked = parser.parse_args()
    if asked.side:
        print(json.dumps((write_report if asked.side == "report" else write_floor)(asked.folder)))
        return
    with tempfile.TemporaryDirectory() as room:
        folder = asked.folder or Path(room)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / RESULT).is_file():
            make_run(folder, asked.claims)
        if asked.profile:
            write_report(folder, is_profiled=True)
            return
        alone("report", folder)
        print(f"{read_cells(folder):,} filled cells")
        rounds = []
        for number in range(asked.rounds):
            # In turn, so that a machine whose speed drifts is fair to both.
            rounds.append((alone("report", folder), alone("floor", folder)))
            ours, floor = rounds[-1]
            print(
                f"round {number + 1}: lay out {ours['lay_out']:.1f} s, write {ours['write']:.1f} s, grown by {ours['grown_mb']:.0f} MB to {ours['peak_mb']:.0f}; "
                f"floor {floor['seconds']:.1f} s, grown by {floor['grown_mb']:.0f} MB to {floor['peak_mb']:.0f}"
            )
        for what, key in (
            ("writing", "write"),
            ("laying out and writing", "seconds"),
            ("peak memory of the process", "peak_mb"),
            ("file size", "mb"),
        ):
            below = key if key in rounds[0][1] else "seconds"
            print(
                f"{what}: {statistics.median(ours[key] / floor[below] for ours, floor in rounds):.2f} times the floor"
            )


if __name__ == "__main__":
    main()
