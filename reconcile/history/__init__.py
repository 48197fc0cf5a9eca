"""Claims, Figures of the previous run, and of this one -> Changes: what each monitor revised, added and withdrew.

A file whose bytes are in both runs changed nothing, whatever became of the rules and of the decisions in between. A monitor
whose file failed, or that one of the two runs has no file of, is not compared, and that is said.

Guarantees:
    nothing_changed_nothing_found: a release compared with itself has no changes.
    every_change_is_found: each edit of a claim is told once, by its code, and nothing else is.
    monitors_not_read_change_nothing: of a monitor that is not compared, nothing is told.
    order_does_not_matter: the order of claims and figures changes nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.filenames import stem_of
from reconcile.frames import CHANGE_CODES, Changes, columns_of, empty, typed
from reconcile.history.columns import Lost, drifted, lost_columns
from reconcile.history.differ import KEY, field_changes, figure_changes
from reconcile.history.follow import Followed, follow, is_nameless
from reconcile.history.sides import Reading, Release, reading_of
from reconcile.history.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Comparison",
    "InputState",
    "Lost",
    "Reading",
    "Release",
    "RunState",
    "Skipped",
    "compare_releases",
    "compare_runs",
    "input_state",
    "lost_columns",
    "reading_of",
    "state_of",
    "what_is_compared",
]

NEW, WITHDRAWN, REOPENED = "new", "withdrawn", "reopened"
# An incident or two of a month may have been dated anew, into a file of another month.
GONE_SHARE = 0.9
REKEYED = "the ids of its persons were made with another key"


@dataclass(frozen=True, slots=True)
class InputState:
    """What became of one file in a run.

    Attributes:
        monitor: whose layout it has; empty where nobody knows.
        is_read: whether it was read; a file may not be, and not have failed: it is another one's copy.
        has_failed: whether it could not be read.
    """

    monitor: str
    file: str
    is_read: bool
    has_failed: bool


def input_state(monitor: str, file: str, layout: str, health: str) -> InputState:
    """Return what became of a file, from its account."""
    return InputState(monitor, file, bool(layout) and health != "failed", health == "failed")


@dataclass(frozen=True, slots=True)
class Skipped:
    """What two runs are not compared in.

    Attributes:
        monitors: why, by the monitor whose files they are.
        files: of the earlier run, no longer given beside files that still are; their claims were not withdrawn.
        absent: likewise, but beside files that are new, and may hold what they held under another name.
        is_other_scope: whether the job's scope changed: then nothing came or went.
    """

    monitors: Mapping[str, str] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    is_other_scope: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two runs differ in, and what could not be compared.

    Attributes:
        changes: a `Changes` frame.
        not_compared: why, by monitor.
        notes: what else the reader has to know, in sentences.
        since: the day the earlier run speaks of; None without one.
    """

    changes: pd.DataFrame = field(default_factory=lambda: empty(Changes))
    not_compared: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    since: date | None = None


@dataclass(frozen=True, slots=True)
class RunState:
    """What a run was told, as far as another run is compared with it.

    Attributes:
        as_of: the day it speaks of.
        inputs: what became of its files.
        within: its scope, in words.
        reads_by: what its reading of files hangs on: digest of the rules, version, profile of quantities.
        decided_by: digests of its corrections and of its own gazetteer.
        key: what may be said of the key that ids of persons were made with; empty where there are none.
        lost: columns that its files lack, though they are read.
        carried: by monitor, the day of the last run that read its files, where this one did not.
    """

    as_of: date
    inputs: tuple[InputState, ...]
    within: str
    reads_by: tuple[str, ...]
    decided_by: tuple[str, ...] = ()
    key: str = ""
    lost: tuple[Lost, ...] = ()
    carried: Mapping[str, str] = field(default_factory=dict)


def state_of(summary: Mapping[str, Any]) -> RunState:
    """Return the state of a run from its `run.json`."""
    inputs = tuple(
        input_state(one["monitor"], one["file"], one["layout"], one["health"]) for one in summary["inputs"]
    )
    reads_by = (summary["rules_digest"], summary["versions"]["reconcile"], summary["quantities"])
    decisions = summary.get("decisions", {})
    return RunState(
        as_of=date.fromisoformat(summary["as_of"]),
        inputs=inputs,
        within=summary["within"],
        reads_by=reads_by,
        decided_by=(decisions.get("corrections", ""), decisions.get("places", "")),
        key=summary.get("key_fingerprint", ""),
        lost=lost_columns(summary.get("health", [])),
        carried=summary.get("carried", {}),
    )


def compare_runs(
    then: Release, now: Release, before: RunState, after: RunState, reading: Reading
) -> Comparison:
    """Return what two runs differ in, and what they are not compared in.

    Args:
        then: what the earlier run knew.
        now: what the later one does.
        before: what the earlier run was told.
        after: what the later one was.
        reading: what rules say of monitors, terms and distances.
    """
    skipped = what_is_compared(before.inputs, after.inputs, is_other_scope=before.within != after.within)
    if before.key and after.key and before.key != after.key:
        rekeyed = {name for side in (then, now) for name in side.keyed(reading)}
        skipped = replace(skipped, monitors=dict.fromkeys(rekeyed, REKEYED) | dict(skipped.monitors))
    torn = drifted((*before.lost, *after.lost), reading)
    skipped = replace(skipped, monitors=dict(sorted((torn | dict(skipped.monitors)).items())))
    notes = []
    if skipped.is_other_scope:
        notes.append(
            f"The job's scope was “{before.within}” and is “{after.within}”: what came into it or left it is not told as new or withdrawn."
        )
    if before.reads_by != after.reads_by:
        notes.append(
            "The rules, the program's version or the reading of vague words changed since: in files that changed too, a change told here may be of that, and no doing of the monitor's."
        )
    if before.decided_by != after.decided_by:
        notes.append(
            "The corrections, or the job's own gazetteer, changed since: in files that changed too, a change told here of what they set or dropped is no doing of the monitor's."
        )
    notes += [
        f"{reading.title(name)} is compared with the run of {day}, the last one that read its files."
        for name, day in before.carried.items()
        if name not in skipped.monitors
    ]
    changes, left = _compared(then, now, reading, skipped)
    if left:
        notes.append(
            f"No longer given beside files that still are: {', '.join(sorted(left))}. Their claims are not told as withdrawn."
        )
    return Comparison(changes, skipped.monitors, tuple(notes), before.as_of)


def what_is_compared(
    then: Iterable[InputState], now: Iterable[InputState], *, is_other_scope: bool = False
) -> Skipped:
    """Return what two runs can't be compared in.

    Args:
        then: the files of the earlier run.
        now: those of the later one.
        is_other_scope: whether the job's scope changed between them.
    """
    then, now = tuple(then), tuple(now)
    why: dict[str, str] = {}
    read = [{one.monitor for one in side if one.monitor and one.is_read} for side in (then, now)]
    for monitor in sorted(read[0] ^ read[1]):
        why[monitor] = f"{'the earlier' if monitor in read[1] else 'the later'} run read no file of it"
    for side, run in ((then, "earlier"), (now, "later")):
        for one in side:
            if one.monitor and one.has_failed:
                why[one.monitor] = f"{one.file} failed in the {run} run"
    for unread, other, run in ((now, then, "later"), (then, now, "earlier")):
        strangers = _strangers(unread, other)
        known = {one.file for one in unread if not one.has_failed}
        # A failed file that nobody recognises may be any of those that the other run did read.
        for one in other if strangers else ():
            if one.monitor and one.file not in known:
                said = f"{strangers[0]} failed in the {run} run, and may have been a file of it"
                why.setdefault(one.monitor, said)
    left, absent = _no_longer_given(then, now, read[0] & read[1])
    return Skipped(dict(sorted(why.items())), left, absent, is_other_scope)


def _no_longer_given(
    then: Iterable[InputState], now: Iterable[InputState], monitors: Iterable[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the files that are gone beside files that stay: without, and with others that are new."""
    left: set[str] = set()
    absent: set[str] = set()
    for monitor in monitors:
        own = [
            {one.file for one in side if one.monitor == monitor and not one.has_failed}
            for side in (then, now)
        ]
        if not own[1] - own[0]:
            left |= own[0] - own[1]
        elif own[0] & own[1]:
            absent |= own[0] - own[1]
    return frozenset(left), frozenset(absent)


def _strangers(unread: Iterable[InputState], other: Iterable[InputState]) -> list[str]:
    """Return the failed files of one run that nobody recognises; what neither run could read is missing on both sides alike."""
    unread_too = {stem_of(one.file) for one in other if one.has_failed}
    failed = [one.file for one in unread if one.has_failed and not one.monitor]
    return [file for file in failed if stem_of(file) not in unread_too]


def compare_releases(
    then: Release,
    now: Release,
    reading: Reading,
    skipped: Skipped = Skipped(),
) -> pd.DataFrame:
    """Return every change of every monitor that is compared.

    Args:
        then: what the earlier run knew.
        now: what this one does.
        reading: what rules say of monitors, terms and distances.
        skipped: by `what_is_compared`.

    Returns:
        A `Changes` frame, sorted by monitor, code and claim.
    """
    return _compared(then, now, reading, skipped)[0]


def _compared(
    then: Release, now: Release, reading: Reading, skipped: Skipped
) -> tuple[pd.DataFrame, frozenset[str]]:
    """Return the changes, and the files of the earlier run whose claims are not told as withdrawn."""
    files = [side.files(reading) for side in (then, now)]
    # Most nights most monitors published nothing: what came in the same bytes needs no second look.
    same = {name for name, own in files[0].items() if own == files[1].get(name)}
    then, now = (side.without({*skipped.monitors, *same}, reading) for side in (then, now))
    shared = frozenset(then.claims["file_sha256"]) & frozenset(now.claims["file_sha256"])
    found = follow(then, now, reading, shared)
    skipped = replace(skipped, files=skipped.files | _left(then, found, skipped.absent))
    told = [_came_and_went(then, now, found, skipped), _relations(found)]
    stayed = _stayed(then, now, found)
    told += [_renumbered(stayed), field_changes(then, now, stayed, reading)]
    numbers = figure_changes(then, now, stayed)
    if skipped.is_other_scope:
        numbers = numbers[~numbers["change_code"].isin(["figure_added", "figure_withdrawn"])]
    changes = pd.concat([*told, numbers], ignore_index=True)
    if changes.empty:
        return empty(Changes), skipped.files
    return _finished(changes, then, now, reading), skipped.files


def _left(then: Release, found: Followed, absent: frozenset[str]) -> frozenset[str]:
    """Return the absent files of which next to nothing is there under another name: what they were a piece of went on without them."""
    rows = then.claims[then.claims["source_file"].isin(absent)]
    gone = rows["claim_id"].isin(found.went).groupby(rows["source_file"]).mean()
    return frozenset(gone[gone >= GONE_SHARE].index)


def _stayed(then: Release, now: Release, found: Followed) -> pd.DataFrame:
    """Return claims that are in both releases, from files that are not."""
    sha = [
        side.claims.set_index("claim_id")["file_sha256"].reindex(found.pairs[name]).to_numpy()
        for side, name in ((then, "previous_id"), (now, "claim_id"))
    ]
    stayed = found.pairs[sha[0] != sha[1]]
    return pd.DataFrame(stayed.reset_index(drop=True))


def _came_and_went(then: Release, now: Release, found: Followed, skipped: Skipped) -> pd.DataFrame:
    if skipped.is_other_scope:
        return pd.DataFrame({"change_code": [], "claim_id": [], "previous_id": [], "basis_code": []})
    came = pd.DataFrame({"claim_id": found.came, "previous_id": "", "basis_code": ""})
    came["change_code"] = [REOPENED if one in now.withdrawn_before else NEW for one in came["claim_id"]]
    gone = then.claims[then.claims["claim_id"].isin(found.went)]
    went = gone.loc[
        ~gone["source_file"].isin(skipped.files) & ~gone["claim_id"].isin(now.set_aside), "claim_id"
    ]
    lost = pd.DataFrame({"claim_id": "", "previous_id": went.to_numpy(), "change_code": WITHDRAWN})
    lost["basis_code"] = ["deletion" if one in now.deleted else "" for one in lost["previous_id"]]
    return pd.concat([came, lost], ignore_index=True)


def _relations(found: Followed) -> pd.DataFrame:
    return pd.concat(
        [found.splits.assign(change_code="split"), found.merges.assign(change_code="merged")],
        ignore_index=True,
    )


def _renumbered(stayed: pd.DataFrame) -> pd.DataFrame:
    """Return claims that their monitor calls otherwise now; ids that are made of a row's content tell nothing."""
    other = (stayed["claim_id"] != stayed["previous_id"]) & (stayed["basis_code"] != "id")
    named = ~is_nameless(stayed["claim_id"]) & ~is_nameless(stayed["previous_id"])
    return stayed[other & named].assign(change_code="renumbered")


def _finished(changes: pd.DataFrame, then: Release, now: Release, reading: Reading) -> pd.DataFrame:
    """Return changes with the texts, the numbers and the days of their claims."""
    for name in columns_of(Changes):
        if name not in changes:
            changes[name] = pd.NA if name.endswith(("_low", "_high")) or name in {"gap", "date_start"} else ""
    numbers = ["before_low", "before_high", "after_low", "after_high", "gap"]
    changes[numbers] = changes[numbers].apply(pd.to_numeric).astype("float64")
    texts = [name for name in columns_of(Changes) if name not in {*numbers, "date_start"}]
    changes[texts] = changes[texts].astype("object").fillna("").astype("str")
    changes = Telling(then, now, reading).told(changes)
    keys = ["change_code", "claim_id", "previous_id", *KEY, "before", "after"]
    changes["change_id"] = _ids(changes[keys])
    order = {code: place for place, code in enumerate(CHANGE_CODES)}
    changes = changes.assign(order=changes["change_code"].map(order)).sort_values(
        ["monitor", "order", "claim_id", "previous_id", *KEY, "before", "after"], kind="stable"
    )
    return typed(Changes, changes)


def _ids(keys: pd.DataFrame) -> list[str]:
    """Return the ids of changes; two figures that count the same people are told apart by a number."""
    again: Any = keys.groupby(list(keys), sort=False).cumcount()
    texts = keys.iloc[:, 0].str.cat(keys.iloc[:, 1:], sep="\x1f")
    return [
        f"chg_{hashlib.sha256(f'{text}{number or str()}'.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
        for text, number in zip(texts, again, strict=True)
    ]
