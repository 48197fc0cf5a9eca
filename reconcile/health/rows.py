"""How many rows a release has, against the band that the releases before it give reason to expect."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from reconcile.health.history import series_by
from reconcile.health.telling import finding, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from reconcile.health.history import Series
    from reconcile.health.telling import Told
    from reconcile.ruleset import HealthRules, Ruleset

# The median of absolute deviations, as a standard deviation.
MAD_SCALE = 1.4826
# Of so many releases the level is the median, so that one that went wrong does not set it.
LEVEL_RELEASES = 3


@dataclass(frozen=True, slots=True)
class Band:
    """Rows to expect of the next release, both ends included."""

    low: float
    high: float


def band(before: Sequence[float], rules: HealthRules) -> Band | None:
    """Return what the next release may have.

    The steps between releases tell how a file grows and how much that scatters; the level is the last release's, or less where
    the ones before it speak against it. The higher end is generous: to grow is what a file of deaths does.

    Args:
        before: rows of the releases before it, the oldest first.
        rules: tolerances.

    Returns:
        None where there are too few of them.
    """
    if len(before) < rules.releases_min:
        return None
    steps = [after - one for one, after in pairwise(before)]
    step = median(steps)
    scatter = rules.spreads * MAD_SCALE * median(abs(one - step) for one in steps)
    last = before[-1]
    recent = list(reversed(before))[:LEVEL_RELEASES]
    level = median(rows + step * ago for ago, rows in enumerate(recent))
    lowest, highest = min(last, level), max(last, level)
    grew = max((after / one for one, after in pairwise(before) if one > 0), default=1.0)
    low = lowest - max(rules.shrink_share * lowest, rules.rows_slack) - scatter
    high = max(
        highest + max(rules.growth_share * highest, rules.rows_slack) + scatter,
        last + 2 * max(*steps, 0),
        last * grew,
    )
    return Band(max(low, 0), high)


def judge_rows(accounts: pd.DataFrame, rules: Ruleset) -> Iterator[Told]:
    """Yield the files that have fewer or more rows than expected.

    Files that belong together are judged by their sum, and each one that keeps its name besides; after a file that failed there
    is no sum.

    Args:
        accounts: by `all_accounts`.
        rules: tolerances, and the monitors' titles.
    """
    told: set[tuple[str, str, str]] = set()
    broken = accounts.loc[accounts["health"] == "failed", ["run", "monitor"]].drop_duplicates()
    keys = ["monitor", "layout", "stem"]
    sums = accounts.merge(broken, how="left", indicator=True)
    sums = sums[sums["_merge"] == "left_only"].drop(columns="_merge")
    for one in (*series_by(sums, keys), *series_by(accounts, [*keys, "file"])):
        key = (one.monitor, one.layout, one.now.files if one.now else "")
        if one.now is None or key in told:
            continue
        told.add(key)
        yield from _judged(one, rules)


def _judged(series: Series, rules: Ruleset) -> Iterator[Told]:
    now, before = series.now, series.before
    rows = [float(release.rows) for release in reversed(before)]
    expected = band(rows, rules.health)
    if now is None or expected is None or expected.low <= now.rows <= expected.high:
        return
    is_short = now.rows < expected.low
    told = f"{_count(expected.low, up=True)} to {_count(expected.high)} rows"
    runs = f"the {len(before)} releases read since {before[-1].since} (the last one had {before[0].rows:,})"
    todo = (
        "Look whether it was cut off or filtered on the way; fetch it again. If the monitor did withdraw that much, leave it as it is."
        if is_short
        else "Look whether it holds rows twice, or more than this job is about. If the monitor did add that much, leave it as it is."
    )
    yield finding(
        series.monitor,
        series.layout,
        now.files,
        "fewer_rows" if is_short else "more_rows",
        "error" if is_short else "warning",
        value=f"{now.rows:,} rows",
        expected=told,
        message=f"{now.files} ({title_of(series.monitor, rules)}) has {now.rows:,} rows; {told} were to be expected by {runs}. {todo}",
    )


def _count(rows: float, *, up: bool = False) -> str:
    return f"{-int(-rows // 1) if up else int(rows):,}"
