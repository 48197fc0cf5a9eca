"""Two reports as they lie on disk -> what each monitor changed between them, for the terminal and as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.errors import InputFault
from reconcile.explain import Grid, Part
from reconcile.explain.parts import LISTED, short
from reconcile.frames import CHANGE_CODES, Changes, Victims, columns_of, empty
from reconcile.history import Comparison, Release, compare_runs, reading_of, state_of
from reconcile.outfiles import csv_bytes, write_whole
from reconcile.report.changes import ranked
from reconcile.views import records
from reconcile.withhold import withhold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reconcile.explain import StoredRun
    from reconcile.ruleset import Ruleset

NUMBERED = frozenset({2})
HEADERS = ("Change", "Monitor", "Claim", "What")


def changes_between(old: StoredRun, new: StoredRun, rules: Ruleset, folder: Path) -> Comparison:
    """Return what changed from one report to another.

    Where the later one was compared with the earlier one when it was made, that is what is told.

    Args:
        old: the earlier report.
        new: the later one.
        rules: as they are now.
        folder: of the later report.

    Raises:
        InputFault: when the later report's own changes can't be read.
    """
    no_victims = empty(Victims)
    then, now = (
        Release(*withhold(run.claims, run.figures, no_victims, rules.monitors)[:2]) for run in (old, new)
    )
    found = compare_runs(then, now, state_of(old.summary), state_of(new.summary), reading_of(rules))
    path = folder / "tables" / "changes.parquet"
    if new.summary.get("previous_run") != old.summary.get("run_digest") or not path.is_file():
        return found
    try:
        stored = pd.read_parquet(path)[columns_of(Changes)]
    except (OSError, ValueError, KeyError):
        raise InputFault(str(path), "can't be read.", "Run the job again.") from None
    silent = new.summary.get("not_compared", found.not_compared)
    return Comparison(stored, silent, found.notes, found.since)


def changes_told(found: Comparison, old: StoredRun, new: StoredRun, rules: Ruleset) -> Iterator[Part]:
    """Yield changes for people: counts by monitor and code, then the changes, then what was not compared.

    Args:
        found: by `changes_between`.
        old: the earlier report.
        new: the later one.
        rules: for the monitors' titles.
    """
    titles = {name: monitor.title for name, monitor in rules.monitors.items()}
    changes = found.changes
    days = f"{old.summary['as_of']} to {new.summary['as_of']}"
    answer = f"{len(changes):,} changes" if len(changes) else "No monitor changed anything"
    yield Part("", (f"{old.name} → {new.name}: {answer} from {days}.",))
    if len(changes):
        counts = changes.groupby(["monitor", "change_code"]).size()
        rows = [
            (titles.get(str(monitor), str(monitor)), code.replace("_", " "), f"{counts[monitor, code]:,}")
            for monitor in sorted(set(changes["monitor"]))
            for code in CHANGE_CODES
            if (monitor, code) in counts.index
        ]
        yield Part("By monitor", grid=Grid(("Monitor", "Change", "Count"), tuple(rows), NUMBERED, NUMBERED))
        listed = tuple(
            (
                change.change_code.replace("_", " "),
                titles.get(change.monitor, change.monitor),
                change.claim_id or change.previous_id,
                short(change.explanation),
            )
            for change in records(ranked(changes).head(LISTED))
        )
        rest = len(changes) - len(listed)
        more = (f"{rest:,} more; -o FILE.csv writes all.",) if rest else ()
        yield Part("Changes", grid=Grid(HEADERS, listed, whole=frozenset({0})), notes=more)
    lost = tuple(f"{titles.get(name, name)}: {why}." for name, why in found.not_compared.items())
    if lost:
        yield Part("Not compared", lost)
    notes = found.notes
    if new.summary["as_of"] < old.summary["as_of"]:
        notes = (
            f"{old.name} speaks of a later day than {new.name}: this is what it takes to go back.",
            *notes,
        )
    if notes:
        yield Part("To be kept in mind", notes)


def write_changes(changes: pd.DataFrame, path: Path) -> None:
    """Write changes as CSV: the columns of `Changes`, text that begins like a formula behind an apostrophe.

    Raises:
        OutputFault: when it can't be written.
    """
    write_whole(path, csv_bytes(changes))
