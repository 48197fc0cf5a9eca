"""What every runner reports, in one form: its own seconds by step, its memory, its scored pairs and its clusters.

A runner is a process of its own: `python X_runner.py KIND FOLDER OUT`. It reads FOLDER, links, and writes to OUT
`pairs.parquet` (left, right, probability), `clusters.parquet` (row, cluster) where the tool makes any, and `run.json`.
Rows are positions in the generated file. Writing these is not counted: it is the benchmark's doing and not the tool's.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KB_PER_MB = 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What a runner is asked: the kind, the folder to read, the folder to write."""

    kind: str
    folder: Path
    out: Path

    def events(self) -> Any:
        """Return the event of each row, for the few pairs a tool that learns is given the answers to; negative is unknown."""
        import pandas as pd  # noqa: PLC0415 - the clock starts before anything heavy is imported

        return pd.read_csv(self.folder / f"truth_{self.kind}.csv")["event_id"].to_numpy()


def asked() -> Asked:
    """Read the command line of a runner."""
    kind, folder, out = sys.argv[1:4]
    Path(out).mkdir(parents=True, exist_ok=True)
    return Asked(kind, Path(folder), Path(out))


@dataclass
class Laps:
    """Seconds by step, counted from `started`, which a runner takes before it imports anything heavy."""

    started: float
    last: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)

    def lap(self, step: str) -> None:
        """Give what passed since the lap before to a step."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - (self.last or self.started)
        self.last = now

    def skip(self) -> None:
        """Leave out what passed since the lap before: the benchmark's doing, and not the tool's."""
        self.last = time.perf_counter()

    def stop(self) -> dict[str, Any]:
        """Return own seconds, the steps they are of, and the peak memory up to now."""
        return {
            "own_seconds": round(sum(self.seconds.values()), 3),
            "steps": {step: round(took, 3) for step, took in self.seconds.items()},
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_PER_MB, 1),
        }


def write_run(out: Path, run: dict[str, Any], pairs: Any, clusters: Any = None) -> None:
    """Write what a runner found; `pairs` and `clusters` are pandas frames."""
    pairs.to_parquet(out / "pairs.parquet", index=False)
    if clusters is not None:
        clusters.to_parquet(out / "clusters.parquet", index=False)
    (out / "run.json").write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
