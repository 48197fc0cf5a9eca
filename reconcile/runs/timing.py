"""How long a run takes, and how much memory: the only clock of a run, and no part of what makes two runs equal."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from reconcile.runs.digests import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage; the only clock of a run.

    Attributes:
        begins: told the name of each stage as it begins, once the time of the one before it stands.
    """

    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    begins: Callable[[str], None] = field(default=lambda _: None)
    _marks: list[tuple[str, float]] = field(default_factory=list)

    def mark(self, stage: str) -> None:
        """Note that a stage begins."""
        self._marks.append((stage, time.perf_counter()))
        self.begins(stage)

    def seconds(self) -> dict[str, float]:
        """Return seconds by stage, the last one up to now."""
        ends = [*(at for _, at in self._marks[1:]), time.perf_counter()]
        return {stage: round(end - at, 3) for (stage, at), end in zip(self._marks, ends, strict=True)}


def timings_json(watch: Stopwatch) -> dict[str, Any]:
    """Return how long each stage took; not part of what makes two runs equal."""
    return {
        "schema_version": SCHEMA_VERSION,
        "started_at": watch.started_at,
        "stage_seconds": watch.seconds(),
        "peak_memory_mb": peak_memory_mb(),
    }


def peak_memory_mb() -> float | None:
    """Return the peak memory of this process in MB, None where the platform does not tell."""
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)
