"""What the run before did not read, carried over from the last run that did: so that a failed night hides no change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.filenames import owners
from reconcile.history import lost_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from reconcile.runs.previous import Stored

    Tables = tuple[pd.DataFrame, pd.DataFrame]


def carried(
    tables: Tables, summary: Mapping[str, Any], older: Sequence[Stored], read: Callable[[Stored], Tables]
) -> tuple[Tables, dict[str, Any]]:
    """Return claims, figures and summary of the run before, with what it read no file of as the last run knew it that did.

    Args:
        tables: claims and figures of the run before.
        summary: its `run.json`.
        older: the runs before it, the last one first.
        read: returns claims and figures of a run.

    Returns:
        The tables; and the summary, its inputs those that the claims came from, and in `carried` the day of the run by monitor.
    """
    known = {
        (entry["file"], entry["monitor"])
        for one in older
        for entry in one.summary["inputs"]
        if entry["monitor"] and entry["layout"]
    }
    (claims, figures), inputs = tables, _recognised(summary["inputs"], known)
    days: dict[str, str] = {}
    read_whole = _read_whole(inputs) - _torn(summary)
    for one in older:
        earlier = _recognised(one.summary["inputs"], known)
        lacking = sorted(_read_whole(earlier) - _torn(one.summary) - read_whole)
        if not lacking:
            continue
        read_whole |= set(lacking)
        own = [entry for entry in earlier if entry["monitor"] in lacking]
        partly = {entry["sha256"] for entry in inputs if entry["monitor"] in lacking}
        claims, figures = _less((claims, figures), partly)
        added, numbers = read(one)
        wanted = {entry["sha256"] for entry in own}
        added = added[added["file_sha256"].isin(wanted) & ~added["claim_id"].isin(claims["claim_id"])]
        claims = pd.concat([claims, added], ignore_index=True)
        figures = pd.concat(
            [figures, numbers[numbers["claim_id"].isin(added["claim_id"])]], ignore_index=True
        )
        inputs = [entry for entry in inputs if entry["monitor"] not in lacking] + own
        days |= dict.fromkeys(lacking, str(one.summary["as_of"]))
    health = [row for row in summary.get("health", []) if row["monitor"] not in days]
    return (claims, figures), {**summary, "inputs": inputs, "health": health, "carried": days}


def _recognised(
    inputs: Sequence[Mapping[str, Any]], known: Collection[tuple[str, str]]
) -> list[Mapping[str, Any]]:
    """Return accounts, a failed file that states no monitor once for each that it may be of."""
    told: list[Mapping[str, Any]] = []
    for entry in inputs:
        is_strange = entry["health"] == "failed" and not entry["monitor"]
        monitors = sorted(owners(entry["file"], known)) if is_strange else []
        told += [{**entry, "monitor": name} for name in monitors] or [entry]
    return told


def _torn(summary: Mapping[str, Any]) -> set[str]:
    """Return the monitors that a run did not compare, for their files had lost columns."""
    lost = {one.monitor for one in lost_columns(summary.get("health", []))}
    return lost & set(summary.get("not_compared", {}))


def _read_whole(inputs: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the monitors all of whose files were read."""
    failed = {entry["monitor"] for entry in inputs if entry["health"] == "failed"}
    return {entry["monitor"] for entry in inputs if entry["monitor"] and entry["layout"]} - failed


def _less(tables: Tables, digests: set[str]) -> Tables:
    claims, figures = tables
    kept = claims[~claims["file_sha256"].isin(digests)]
    return kept, figures[figures["claim_id"].isin(kept["claim_id"])]
