"""Files as such: those that failed or recovered, and those that came before under another name or day."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from reconcile.filenames import owners, stem_of
from reconcile.health.history import NOW, rows_of, series_by
from reconcile.health.telling import finding, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from reconcile.health.history import PastInputs, Present, Release, Series
    from reconcile.health.telling import Told
    from reconcile.result import InputAccount
    from reconcile.ruleset import HealthRules, Ruleset

LAST = 1
WAITS_KNOWN = 3


def unread_monitors(accounts: Sequence[InputAccount], past: PastInputs) -> frozenset[str]:
    """Return the monitors of which a file failed: by the job, or else by what earlier runs took that file for."""
    known = past.accounts[past.accounts["layout"] != ""]
    read = list(zip(known["file"], known["monitor"], strict=True))
    failed = [account for account in accounts if account.health == "failed"]
    told = [{account.monitor} if account.monitor else owners(account.file, read) for account in failed]
    return frozenset().union(*told)


def judge_failures(present: Present, accounts: pd.DataFrame, rules: Ruleset) -> Iterator[Told]:
    """Yield the files that failed, those that failed before as well, and those that are read again.

    Args:
        present: what this run read.
        accounts: by `all_accounts`.
        rules: for the monitors' titles.
    """
    named = accounts.assign(name=accounts["file"].map(stem_of).astype("str"))
    now, before = named[named["run"] == NOW], named[named["run"] > NOW]
    remarks = {account.file: account.remark for account in present.accounts}
    for row in rows_of(now[now["health"] == "failed"]):
        own = _own(before, row)
        known = own[own["health"] == "failed"]
        times = _unbroken(set(known["run"]))
        good = _last_good(before, row)
        since = str(known.loc[known["run"] == times, "as_of"].iloc[0]) if times else ""
        again = f" It has failed since {since}." if times else ""
        then = (
            f" Last read in the run of {good['as_of']}: {good['rows']:,} rows, {good['claims']:,} claims."
            if good
            else ""
        )
        yield finding(
            row["monitor"] or (good["monitor"] if good else ""),
            good["layout"] if good else "",
            row["file"],
            "failed_again" if times else "failed",
            "error",
            value="not read",
            expected=f"{good['rows']:,} rows" if good else "a file that can be read",
            message=f"{remarks.get(row['file'], '')}{again}{then} What it holds is missing from this report, and is not “not reported”.".strip(),
        )
    last = before[before["run"] == LAST]
    read = now[(now["health"] != "failed") & (now["layout"] != "")]
    for row in rows_of(read.drop_duplicates(["monitor", "file"])):
        own = _own(last, row)
        ill = own[(own["health"] == "failed") & own["monitor"].isin([row["monitor"], ""])]
        if len(ill):
            yield finding(
                row["monitor"],
                row["layout"],
                row["file"],
                "recovered",
                "note",
                value=f"{row['rows']:,} rows",
                message=f"{row['file']} ({title_of(row['monitor'], rules)}) is read again; it failed in the last run.",
            )


def judge_copies(present: Present, rules: Ruleset) -> Iterator[Told]:
    """Yield the files that hold what another file of this run holds.

    Equal bytes were read once; equal content in other bytes was read twice.

    Args:
        present: what this run read.
        rules: for the monitors' titles.
    """
    for file, other in present.copies.items():
        yield finding(
            next((account.monitor for account in present.accounts if account.file == other), ""),
            "",
            file,
            "copied_release",
            "error",
            value=f"the bytes of {other}",
            expected="a file of its own",
            message=f"{file} holds the same bytes as {other}, and was read once. One release may have been saved under the name of another: fetch it again, or leave one of them out.",
        )
    first: dict[tuple[Any, ...], str] = {}
    for (monitor, layout, file), seen in sorted(_contents(present.columns).items()):
        other = first.setdefault((monitor, layout, seen), file)
        if other == file:
            continue
        yield finding(
            monitor,
            layout,
            file,
            "copied_release",
            "error",
            value=f"the content of {other}",
            expected="a file of its own",
            message=(
                f"{file} ({title_of(monitor, rules)}) has as many rows as {other}, the same columns as often filled, and the same first values: "
                "one release saved twice. Both were read; leave one of them out."
            ),
        )


def judge_repeats(present: Present, accounts: pd.DataFrame, rules: Ruleset) -> Iterator[Told]:
    """Yield files that are an earlier release again, and those that have not changed for longer than ever.

    Args:
        present: what this run read.
        accounts: by `all_accounts`.
        rules: tolerances, and the monitors' titles.
    """
    for series in series_by(accounts, ["monitor", "layout", "stem"]):
        now = series.now
        if now is None:
            continue
        earlier = next((one for one in series.before if one.sha256 == now.sha256), None)
        # What went wrong and was put right on one day is nothing that came back.
        if earlier and series.before[0].since < now.since:
            yield _gone_back(series, now, earlier, rules)
            continue
        if told := _waited(series, present.as_of, rules.health):
            yield finding(
                series.monitor,
                series.layout,
                now.files,
                "same_as_last",
                "warning",
                value=f"the same since {now.since}",
                expected=f"a new file after {told} days at most",
                message=(
                    f"{now.files} ({title_of(series.monitor, rules)}) has been the same file since {now.since}; before, a new one came after {told} days "
                    f"at most ({len(series.before) + 1} releases). Look whether what fetches it still does."
                ),
            )
    yield from _renamed(accounts, rules)


def _gone_back(series: Series, now: Release, earlier: Release, rules: Ruleset) -> Told:
    return finding(
        series.monitor,
        series.layout,
        now.files,
        "same_as_earlier",
        "error",
        value=f"the release of the run of {earlier.since}",
        expected=f"the release of the run of {series.before[0].since}, or a newer one",
        message=(
            f"{now.files} ({title_of(series.monitor, rules)}) is, byte by byte, what the run of {earlier.since} read as {earlier.files}; later runs read "
            f"a newer release ({series.before[0].files}). Everything since is missing: fetch the newest one."
        ),
    )


def _renamed(accounts: pd.DataFrame, rules: Ruleset) -> Iterator[Told]:
    """Yield the bytes of the last run under a new name or a newer day of release."""
    keys = ["monitor", "layout", "sha256"]
    named = accounts[accounts["layout"] != ""].drop_duplicates(["run", *keys, "file", "released"])
    now, last = named[named["run"] == NOW], named[named["run"] == LAST]
    pairs = now.merge(last, on=keys, suffixes=("", "_last"))
    same = (pairs["file"] == pairs["file_last"]) & (pairs["released"] == pairs["released_last"])
    settled = pairs.loc[same, [*keys, "file"]].drop_duplicates()
    pairs = pairs.merge(settled, how="left", indicator=True)
    pairs = pairs[pairs["_merge"] == "left_only"].drop_duplicates([*keys, "file"])
    for row in rows_of(pairs):
        if row["released"] < row["released_last"]:
            continue
        day = f", released {row['released']}" if row["released"] else ""
        earlier = f", released {row['released_last']}" if row["released_last"] else ""
        yield finding(
            row["monitor"],
            row["layout"],
            row["file"],
            "same_as_last",
            "warning",
            value=f"the bytes of {row['file_last']}{earlier}",
            expected="a newer release",
            message=(
                f"{row['file']}{day} ({title_of(row['monitor'], rules)}) is, byte by byte, what the last run read as {row['file_last']}{earlier}: "
                "a new name or day, and nothing new in it. Look whether the right file was fetched."
            ),
        )


def _waited(series: Series, as_of: date, rules: HealthRules) -> int:
    """Return the longest wait in days between two releases, where this one has been waited for much longer; else 0."""
    days = [date.fromisoformat(release.since) for release in series.releases]
    waits = [(after - one).days for after, one in pairwise(days)]
    if len(waits) < WAITS_KNOWN or max(waits) < 1:
        return 0
    return max(waits) if (as_of - days[0]).days > rules.waits * max(waits) else 0


def _contents(columns: pd.DataFrame) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """Return, for each file that was read, all that is known of its columns."""
    seen: dict[tuple[str, str, str], tuple[Any, ...]] = {}
    for row in rows_of(columns[columns["rows"] > 0].sort_values("column")):
        key = row["monitor"], row["layout"], row["file"]
        seen[key] = (*seen.get(key, ()), (row["column"], row["filled"], row["rows"], row["sketch"]))
    return seen


def _unbroken(runs: set[int]) -> int:
    """Return for how many runs, counted from the last one, there was no gap."""
    count = 0
    while count + 1 in runs:
        count += 1
    return count


def _own(rows: pd.DataFrame, file: Mapping[str, Any]) -> pd.DataFrame:
    """Return the accounts of a file: by its name, else by its name without its numbers."""
    own: pd.DataFrame = rows[rows["file"] == file["file"]]
    if own.empty:
        own = rows[rows["name"] == file["name"]]
    return own


def _last_good(before: pd.DataFrame, failed: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the last account of a file that fails now: by its name, else as its monitor's only file."""
    read = before[(before["health"] != "failed") & (before["layout"] != "")].sort_values("run", kind="stable")
    own = _own(read, failed)
    if own.empty and failed["monitor"]:
        own = read[read["monitor"] == failed["monitor"]]
        own = own[:0] if len(set(own["name"])) > 1 else own
    return next(iter(rows_of(own)), None)
