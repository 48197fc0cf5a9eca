"""What a run says while it goes on, and how it ended: a bar for people, lines for machines, an exit code with its reason."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reconcile.decisions import UNSETTLED
from reconcile.pipeline import STAGES
from reconcile.runs import WRITING_STAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from reconcile.result import RunResult
    from reconcile.runs import Stopwatch

EXIT_DEGRADED, EXIT_FAIL_ON = 1, 3
KNOWN_STAGES = (*STAGES, *WRITING_STAGES)


@contextmanager
def progress(log: Any, watch: Stopwatch, err: Console, *, log_json: bool, quiet: bool) -> Iterator[None]:
    """Show the stages: a JSON line for each as it ends, a bar in a terminal, nothing elsewhere."""
    if log_json:
        begun: list[str] = []

        def ended() -> None:
            if begun:
                log.info("stage", stage=begun[-1], seconds=watch.seconds()[begun[-1]])

        def begins(stage: str) -> None:
            ended()
            begun.append(stage)

        watch.begins = begins
        yield
        ended()
    elif quiet or not err.is_terminal:
        yield
    else:
        with _bar(err) as watch.begins:
            yield


@contextmanager
def _bar(err: Console) -> Iterator[Callable[[str], None]]:
    """Show the stage under way, how many of them are done, and how long it took so far; gone when the run is."""
    from rich.progress import (  # noqa: PLC0415 - shown in terminals only
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn(f"{{task.description:<{max(map(len, KNOWN_STAGES))}}}"),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Progress(
        *columns, TextColumn("stages,"), TimeElapsedColumn(), console=err, transient=True
    ) as progress:
        bar = progress.add_task("starting", total=len(KNOWN_STAGES))
        yield lambda stage: progress.update(
            bar, description=stage, completed=KNOWN_STAGES.index(stage) if stage in KNOWN_STAGES else None
        )


def ending(result: RunResult, fail_on: tuple[str, ...], known: frozenset[str]) -> tuple[int, str]:
    """Return how the run ends, and why in a few words."""
    # A decision about something that changed since has settled nothing.
    found = result.discrepancies[result.discrepancies["status_code"].isin(UNSETTLED)]
    for level in fail_on:
        severity = level.removeprefix("new:")
        reached = found[found["severity"] <= severity]
        if level.startswith("new:"):
            reached = reached[~reached["discrepancy_id"].isin(known)]
        if len(reached):
            return EXIT_FAIL_ON, f"--fail-on {level} is reached by {len(reached):,} open findings"
    return (EXIT_DEGRADED, f"degraded: {_ills(result)}") if result.is_degraded else (0, "report written")


def _ills(result: RunResult) -> str:
    failed = sum(account.health == "failed" for account in result.inputs)
    unlike = sum(account.health == "degraded" for account in result.inputs)
    errors = int(
        (
            (result.health["severity"] == "error") & ~result.health["code"].isin(["failed", "failed_again"])
        ).sum()
    )
    unapplied = int((result.issues["code"] == "correction_not_applied").sum())
    counts = {
        "files failed": failed,
        "files not as their rules expect": unlike,
        "errors by the runs before": errors,
        "corrections not applied": unapplied,
    }
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)


def counts(result: RunResult, watch: Stopwatch) -> dict[str, Any]:
    """Return what the last line of a log tells besides how the run ended."""
    severities = result.discrepancies["severity"].value_counts()
    return {
        "job": result.facts.job,
        "as_of": result.facts.as_of.isoformat(),
        "inputs": len(result.inputs),
        "inputs_failed": sum(account.health == "failed" for account in result.inputs),
        "rows_read": sum(account.rows_read for account in result.inputs),
        "claims": len(result.claims),
        "changes": len(result.changes),
        "findings": {level: int(severities.get(level, 0)) for level in ("S1", "S2", "S3")},
        "health": {
            level: int((result.health["severity"] == level).sum()) for level in ("error", "warning", "note")
        },
        "stage_seconds": watch.seconds(),
    }
