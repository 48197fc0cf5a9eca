"""The runs before: which of them this one is compared with, what they left, and what a run that died left undone.

The run before is the last whole one whose as-of day is not later than this run's, so a run for an earlier day is compared
with what stood before that day.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.errors import OutputFault
from reconcile.filenames import stem_of
from reconcile.frames import Claims, Figures, empty
from reconcile.runs.carry import carried
from reconcile.runs.chain import PAGE, WORKBOOK, Link, append, files_of, first_difference, read_history
from reconcile.runs.folders import is_whole, leftovers, point_latest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from reconcile.runs.chain import History
    from reconcile.runs.folders import Place

# What a person may have changed, and what no two runs have in common.
ASIDE = (WORKBOOK, PAGE, "timings.json")
# What a damaged table raises: pyarrow's faults are of these kinds.
UNREADABLE = (OSError, ValueError, KeyError, AttributeError)


@dataclass(frozen=True, slots=True)
class Stored:
    """A whole report as it lies on disk."""

    folder: Path
    summary: dict[str, Any]

    @property
    def as_of(self) -> date:
        """The day it speaks of."""
        return date.fromisoformat(self.summary["as_of"])

    def text(self, key: str) -> str:
        """Return a text of its `run.json`."""
        return str(self.summary[key])


@dataclass(frozen=True, slots=True)
class Past:
    """What the run before left, for the stage that compares; nothing where there was none, or it can't be read.

    Attributes:
        summary: its `run.json`.
        withdrawn: of each claim that an earlier run found withdrawn, the day of the last such run.
        remark: why it could not be used, for the log.
    """

    claims: pd.DataFrame | None = None
    figures: pd.DataFrame | None = None
    summary: Mapping[str, Any] | None = None
    withdrawn: Mapping[str, date] | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Previous:
    """The run to compare with; empty where there is none or it can't be read.

    Attributes:
        first_seen: as-of day of the first run that raised each finding; a night in which a file failed is no break in it.
        earlier: the run itself and those before it, the last one first.
        remarks: what was amiss with the runs before, for the log.
        is_replay: whether a run of a later day is there.
    """

    folder: str = ""
    run_digest: str = ""
    inputs_digest: str = ""
    first_seen: dict[str, date] = field(default_factory=dict)
    earlier: tuple[Stored, ...] = ()
    remarks: tuple[str, ...] = ()
    is_replay: bool = False

    def past(self) -> Past:
        """Return what it left, read now."""
        if not self.earlier:
            return Past()
        last = self.earlier[0]
        try:
            (claims, figures), summary = carried(_tables(last), last.summary, self.earlier[1:], _tables)
            withdrawn = _withdrawn(self.earlier)
        except UNREADABLE as error:
            remark = f"{self.folder}: its tables can't be read ({type(error).__name__}), so nothing is said of what changed since."
            return Past(remark=remark)
        return Past(claims, figures, summary, withdrawn)


def _tables(one: Stored) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return claims and figures of a run."""
    tables = one.folder / "tables"
    return (
        _filled(pd.read_parquet(tables / "claims.parquet"), Claims),
        _filled(pd.read_parquet(tables / "figures.parquet"), Figures),
    )


def _filled(stored: pd.DataFrame, frame: type[Claims | Figures]) -> pd.DataFrame:
    """Return a stored frame with the columns of today; a text that a run of before did not know is empty."""
    blank = empty(frame)
    lost = {
        str(name): "" if kind == "str" else None
        for name, kind in blank.dtypes.items()
        if name not in stored.columns
    }
    return stored.assign(**lost)[list(blank.columns)] if lost else stored


def _withdrawn(earlier: Sequence[Stored]) -> dict[str, date]:
    days: dict[str, date] = {}
    for one in reversed(earlier):
        path = one.folder / "tables" / "changes.parquet"
        if path.is_file():
            changes = pd.read_parquet(path, columns=["previous_id", "claim_id", "change_code"])
            gone = changes.loc[changes["change_code"] == "withdrawn", "previous_id"]
            # What came back is withdrawn no longer; its code may be another record's by now.
            for back in set(changes["claim_id"]) & set(days):
                del days[back]
            days |= dict.fromkeys(gone, one.as_of)
    return days


# ---- finding the run before ----------------------------------------------------------------------------------------


def stored_runs(home: Path) -> list[Stored]:
    """Return the whole reports of a job, in no order that means anything."""
    if not home.is_dir():
        return []
    folders = sorted(path for path in home.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [one for folder in folders if is_whole(folder) and (one := stored_run(folder)) is not None]


def stored_run(folder: Path) -> Stored | None:
    """Return a report by its `run.json`, None where that is none."""
    try:
        summary = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        one = Stored(folder, summary)
        _ = one.as_of, [one.text(key) for key in ("run_digest", "inputs_digest", "previous_run", "job")]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return one


def previous_run(home: Path, history: History, as_of: date) -> Previous:
    """Return the last whole run whose as-of day is not later, by the history.

    A report whose tables are no longer what they were is passed over, and said. A workbook in which a person typed is whole.
    """
    stored = {one.folder.name: one for one in stored_runs(home)}
    order = {link.folder: (link.as_of, number) for number, link in enumerate(history.links)}
    # A folder that is gone was taken away by a person; one that is there and can't be read is damaged.
    names = sorted((name for name in order if (home / name).exists()), key=order.__getitem__, reverse=True)
    at_hand = [name for name in names if order[name][0] <= as_of.isoformat()]
    remarks: list[str] = []
    for name in at_hand:
        found = Previous()
        try:
            fault = (
                _damage(stored[name], history) if name in stored else "it is not whole, or has no run.json"
            )
            found = found if fault else as_previous(stored[name], stored.values())
        except UNREADABLE as error:
            fault = f"{type(error).__name__} in its tables"
        if not fault:
            return replace(found, remarks=tuple(remarks), is_replay=len(at_hand) < len(names))
        remarks.append(
            f"{home / name}: is damaged ({fault}) and was passed over. Put it back from a backup, or delete it."
        )
    return Previous(remarks=tuple(remarks), is_replay=bool(names) and not at_hand)


def as_previous(one: Stored, known: Iterable[Stored]) -> Previous:
    """Return a stored run as the one that another is compared with.

    Args:
        one: the run.
        known: all runs at hand, for those it descends from.

    Raises:
        OSError, ValueError, KeyError: when its findings can't be read.
    """
    by_digest = {other.text("run_digest"): other for other in known}
    line = tuple(_line_of(one, by_digest))
    return Previous(
        folder=one.folder.name,
        run_digest=one.text("run_digest"),
        inputs_digest=one.text("inputs_digest"),
        first_seen=_first_seen(line),
        earlier=line,
    )


def _first_seen(line: Sequence[Stored]) -> dict[str, date]:
    """Return since when each finding is known; of a file that failed in the last run, those of the last one to read it too."""
    ill = [_failed(one) for one in line]
    told = [
        next((number for number, files in enumerate(ill) if file not in files), 0) for file in sorted(ill[0])
    ]
    days: dict[str, date] = {}
    # The last run has the last word.
    for number in sorted({0, *told}, reverse=True):
        path = line[number].folder / "tables" / "discrepancies.parquet"
        try:
            found = pd.read_parquet(path, columns=["discrepancy_id", "first_seen"])
        except UNREADABLE:
            if number:
                # A run further back that is damaged is no fault of the last one.
                continue
            raise
        days |= dict(zip(found["discrepancy_id"], found["first_seen"].dt.date, strict=True))
    return days


def _failed(one: Stored) -> set[str]:
    return {stem_of(entry["file"]) for entry in one.summary["inputs"] if entry["health"] == "failed"}


def _damage(one: Stored, history: History) -> str:
    """Return what is not as the history has it, in words."""
    # What a person may have changed has to be there all the same.
    aside = [name for name in ASIDE if (one.folder / name).is_file()]
    faults = [first_difference(one.folder, link.files, aside) for link in history.by_folder[one.folder.name]]
    return "" if "" in faults else f"{faults[-1]} is not what was written"


def _line_of(one: Stored, by_digest: Mapping[str, Stored]) -> Iterator[Stored]:
    """Yield a run and those it descends from, the last one first."""
    met: set[str] = set()
    found: Stored | None = one
    while found is not None and found.text("run_digest") not in met:
        met.add(found.text("run_digest"))
        yield found
        found = by_digest.get(found.text("previous_run"))


# ---- what a run that died left undone ------------------------------------------------------------------------------


def recover(place: Place, inputs_digest: str) -> tuple[History, tuple[str, ...]]:
    """Return the history of a job, once what a run that died left behind is cleared up, and what was done in sentences.

    Hidden folders that it was building go. A whole report without a line gets one, so that it counts; where it is of the very
    inputs of this run, it gets none yet: its run never came to say how it ended, so this run is made in its place.

    Args:
        place: of the job, whose lock is held.
        inputs_digest: of this run.

    Raises:
        OutputFault: when the history can't be read or written.
    """
    history = read_history(place.state)
    told = []
    try:
        for path in leftovers(place):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            told.append(f"{path.name}: what a run that died left behind was removed.")
        stored = stored_runs(place.home)
        strange = [one for one in stored if one.folder.name not in history.by_folder]
        was_kept = history.is_kept
        if was_kept:
            strange = [one for one in strange if one.text("inputs_digest") != inputs_digest]
        strange.sort(key=lambda one: (one.as_of, _started(one.folder), one.folder.name))
        if strange or history.is_torn or not was_kept:
            append(history, [link_of(one, "found") for one in strange])
            history = read_history(place.state)
        told += [
            f"{one.folder.name}: a whole report without a line in the history got one." for one in strange
        ]
        told += _mend_latest(place, history, stored, is_behind=was_kept and bool(strange))
    except OSError as error:
        raise OutputFault(
            f"{error.filename or place.state}: what an earlier run left can't be cleared up ({error.strerror or error}). Check permissions and free space; no report was touched."
        ) from error
    if history.broken:
        told.append(
            f"{history.path}: line {history.broken} is not what was written, so runs up to it can't be proven by it. Put it back from a backup, if there is one."
        )
    return history, tuple(told)


def link_of(one: Stored, how: str, files: dict[str, str] | None = None) -> Link:
    """Return the line of a report, not yet sealed."""
    keys = ("job", "as_of", "run_digest", "inputs_digest", "previous_run")
    told = {key: one.text(key) for key in keys}
    return Link(folder=one.folder.name, how=how, files=files or files_of(one.folder), **told)


def _started(folder: Path) -> str:
    try:
        return str(json.loads((folder / "timings.json").read_text(encoding="utf-8"))["started_at"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def _mend_latest(place: Place, history: History, stored: Sequence[Stored], *, is_behind: bool) -> list[str]:
    """Have `latest.json` point to the report written last where it is damaged, or a run died before it came to that."""
    path = place.home / "latest.json"
    by_name = {one.folder.name: one for one in stored}
    written = [link.folder for link in history.links if link.folder in by_name]
    if not written or (not is_behind and path.is_file() and _points_to(path) in by_name):
        return []
    point_latest(place, by_name[written[-1]].summary | {"folder": written[-1]})
    return [] if is_behind else [f"{path}: did not point to a report; it was written anew."]


def _points_to(path: Path) -> str:
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["folder"])
    except (ValueError, TypeError, KeyError):
        return ""
