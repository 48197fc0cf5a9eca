"""Stored reports -> PastInputs: what earlier runs of a job read. A report that can't be read is passed over."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.frames import Coverage, InputColumns, columns_of, typed
from reconcile.health import PastInputs, account_row, accounts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reconcile.runs import Stored

# Runs that are looked through for different files: a year of nights.
LOOKED_THROUGH = 400


def past_inputs(earlier: Sequence[Stored], limit: int) -> PastInputs:
    """Return what earlier runs read.

    Of a stretch of runs over the same files the first one counts, which tells since when they are the same; the last run counts
    always.

    Args:
        earlier: whole reports of the job, the last one first.
        limit: how many runs count.
    """
    chosen = list(itertools.islice(_different(earlier), limit))
    if not chosen:
        return PastInputs()
    rows = [
        account_row(run, str(stored.summary.get("as_of", "")), account)
        for run, stored in chosen
        for account in stored.summary.get("inputs", [])
    ]
    columns = [found.assign(run=run) for run, stored in chosen if (found := _columns(stored)) is not None]
    last = chosen[0][1]
    coverage = _table(last, "coverage")
    return PastInputs(
        accounts=accounts_of(rows),
        columns=pd.concat(columns, ignore_index=True) if columns else PastInputs().columns,
        coverage=typed(Coverage, coverage) if coverage is not None else PastInputs().coverage,
        within=str(last.summary.get("within", "")),
    )


def _different(earlier: Sequence[Stored]) -> Iterator[tuple[int, Stored]]:
    """Yield the last run, and of each stretch before it the first, with how many runs ago it was."""
    looked = list(earlier[:LOOKED_THROUGH])
    prints = [_print(stored.summary) for stored in looked]
    for at, stored in enumerate(looked):
        if at == 0 or at + 1 == len(looked) or prints[at] != prints[at + 1]:
            yield at + 1, stored


def _print(summary: dict[str, Any]) -> list[tuple[str, str, str]]:
    return sorted(
        (str(one.get("file", "")), str(one.get("sha256", "")), str(one.get("released", "")))
        for one in summary.get("inputs", [])
    )


def _columns(stored: Stored) -> pd.DataFrame | None:
    found = _table(stored, "columns")
    # Reports of before there was such a table are passed over.
    return None if found is None or set(columns_of(InputColumns)) - set(found) else typed(InputColumns, found)


def _table(stored: Stored, name: str) -> pd.DataFrame | None:
    try:
        return pd.read_parquet(stored.folder / "tables" / f"{name}.parquet")
    except (OSError, ValueError):
        return None
