"""Monitors that fall silent: days that stop moving while releases go on, months that are empty now, files that stay away."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from reconcile.health.files import unread_monitors
from reconcile.health.history import NOW, series_by
from reconcile.health.telling import finding, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from reconcile.health.history import PastInputs, Present
    from reconcile.health.telling import Told
    from reconcile.ruleset import Ruleset

LAST = 1
# What moves in fewer of its releases than this is no series of days.
MOVING_SHARE = 0.5
TOLD_MONTHS = 6


def judge_silence(
    present: Present, past: PastInputs, accounts: pd.DataFrame, rules: Ruleset
) -> Iterator[Told]:
    """Yield the monitors that went silent.

    A monitor of which a file failed is not judged: its silence is that file's.

    Args:
        present: what this run read.
        past: what earlier runs did.
        accounts: by `all_accounts`.
        rules: tolerances, and the monitors' titles.
    """
    failed = accounts[(accounts["run"] == NOW) & (accounts["health"] == "failed")]
    ill = {*failed["monitor"], *unread_monitors(present.accounts, past)}
    whole = accounts[~accounts["monitor"].isin(ill)]
    yield from _stopped(whole, rules)
    if past.within == present.within:
        yield from _lost_months(present, past, ill, rules)
    yield from _absent(whole, rules)


def _stopped(accounts: pd.DataFrame, rules: Ruleset) -> Iterator[Told]:
    """Yield the monitors whose releases go on without a newer day."""
    for series in series_by(accounts, ["monitor"]):
        now = series.now
        dated = [release for release in series.before if release.newest]
        if (
            now is None
            or not now.newest
            or len(dated) < rules.health.releases_min
            or now.since < dated[0].since
        ):
            continue
        if any(one.sha256 == now.sha256 for one in series.before):
            continue
        days = [date.fromisoformat(release.newest) for release in reversed(dated)]
        moved = [after > before for before, after in pairwise(days)]
        current = _stalled([*moved, date.fromisoformat(now.newest) > days[-1]])
        if not current or sum(moved) < MOVING_SHARE * len(moved) or current <= _longest(moved):
            continue
        steps = sorted((after - before).days for before, after in pairwise(days) if after > before)
        expected = f"a day after {days[-1].isoformat()}"
        yield finding(
            series.monitor, series.layout, now.files, "silent", "warning", value=now.newest, expected=expected,
            message=(
                f"{title_of(series.monitor, rules)}: a new release ({now.files}) came, and its newest claim is of {now.newest}, no later than before "
                f"({days[-1].isoformat()}); in the {len(dated)} releases read since {dated[-1].since} that day moved on by {_range(steps)} days. "
                "Look whether the newest records are missing; nothing of those days is “not reported” until you have."
            ),
        )  # fmt: skip


def _lost_months(present: Present, past: PastInputs, ill: set[str], rules: Ruleset) -> Iterator[Told]:
    """Yield the monitors with months that had claims in the last run and have none now, inside their span or after it."""
    if past.coverage.empty or present.coverage.empty:
        return
    both = past.coverage[past.coverage["claims"] >= rules.health.month_claims_min].merge(
        present.coverage, on=["monitor", "month"], how="left", suffixes=("", "_now")
    )
    ends = present.coverage[present.coverage["claims"] > 0].groupby("monitor")["month"].agg(["min", "max"])
    both = both.join(ends, on="monitor")
    # A file that begins later than the last one is a newer piece, and one of which all is gone is told by its rows.
    lost = both[
        (both["claims_now"].fillna(0) == 0) & (both["month"] > both["min"]) & ~both["monitor"].isin(ill)
    ]
    for monitor, months in lost.groupby("monitor", sort=True):
        names = list(months["month"])
        claims = int(months["claims"].sum())
        told = ", ".join(names[:TOLD_MONTHS]) + (" and others" if len(names) > TOLD_MONTHS else "")
        yield finding(
            str(monitor), "", _files(present, str(monitor)), "silent", "error",
            value=f"no claims in {told}", expected=f"{claims:,} claims",
            message=(
                f"{title_of(str(monitor), rules)} has no claim in {told}, where the last run read {claims:,}. "
                "Look whether its file was cut or filtered; if the monitor withdrew them, the Changes sheet lists them."
            ),
        )  # fmt: skip


def _absent(accounts: pd.DataFrame, rules: Ruleset) -> Iterator[Told]:
    """Yield the monitors of the last run that have no file in this one."""
    read = accounts[(accounts["health"] != "failed") & (accounts["layout"] != "")]
    now = set(read.loc[read["run"] == NOW, "monitor"])
    last = read[(read["run"] == LAST) & ~read["monitor"].isin(now)]
    for monitor, rows in last.groupby("monitor", sort=True):
        files = ", ".join(sorted(set(rows["file"])))
        claims = int(rows["claims"].sum())
        yield finding(
            str(monitor), " ".join(sorted(set(rows["layout"]))), files, "silent", "warning",
            value="no file", expected=f"{claims:,} claims",
            message=(
                f"No file of {title_of(str(monitor), rules)} is among the inputs; the last run read {claims:,} claims from {files}. "
                "If it was taken out of the job on purpose, this is said once."
            ),
        )  # fmt: skip


def _files(present: Present, monitor: str) -> str:
    return ", ".join(sorted({account.file for account in present.accounts if account.monitor == monitor}))


def _stalled(moved: Sequence[bool]) -> int:
    """Return how many of the last steps did not move."""
    count = 0
    while count < len(moved) and not moved[-1 - count]:
        count += 1
    return count


def _longest(moved: Sequence[bool]) -> int:
    """Return the longest stretch without a move."""
    longest = current = 0
    for has_moved in moved:
        current = 0 if has_moved else current + 1
        longest = max(longest, current)
    return longest


def _range(steps: Sequence[int]) -> str:
    return f"{steps[0]}" if steps[0] == steps[-1] else f"{steps[0]} to {steps[-1]}"
