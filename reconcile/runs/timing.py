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


# Seconds of the clock and of the processor, and the peak memory up to then.
_Moment = tuple[float, float, float | None]


def _now() -> _Moment:
    return time.perf_counter(), time.process_time(), peak_memory_mb()


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage; the only clock of a run.

    Attributes:
        begins: told the name of each stage as it begins, once the time of the one before it stands.
    """

    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    begins: Callable[[str], None] = field(default=lambda _: None)
    _marks: list[tuple[str, float, float, float | None]] = field(default_factory=list)

    def mark(self, stage: str) -> None:
        """Note that a stage begins."""
        self._marks.append((stage, *_now()))
        self.begins(stage)

    def seconds(self) -> dict[str, float]:
        """Return seconds by stage, the last one up to now."""
        return {stage: round(end[0] - begin[0], 3) for stage, begin, end in self._stages()}

    def cpu_seconds(self) -> dict[str, float]:
        """Return seconds of the processor by stage, of this process alone."""
        return {stage: round(end[1] - begin[1], 3) for stage, begin, end in self._stages()}

    def peaks_mb(self) -> dict[str, float] | None:
        """Return the peak memory of this process up to the end of each stage in MB, None where the platform does not tell."""
        peaks = {stage: end[2] for stage, _, end in self._stages() if end[2] is not None}
        return peaks or None

    def _stages(self) -> list[tuple[str, _Moment, _Moment]]:
        moments = [mark[1:] for mark in self._marks]
        return [
            (mark[0], begin, end)
            for mark, begin, end in zip(self._marks, moments, [*moments[1:], _now()], strict=True)
        ]


def timings_json(watch: Stopwatch) -> dict[str, Any]:
    """Return how long each stage took; not part of what makes two runs equal."""
    return {
        "schema_version": SCHEMA_VERSION,
        "started_at": watch.started_at,
        "stage_seconds": watch.seconds(),
        "stage_cpu_seconds": watch.cpu_seconds(),
        "stage_peak_memory_mb": watch.peaks_mb(),
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
