"""Columns against those that the file had before: lost, renamed, emptied, new. Told before they harm, with the key to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconcile.filenames import stem_of
from reconcile.health.history import NOW
from reconcile.health.telling import finding, title_of
from reconcile.ruleset import fold_header
from reconcile.similar import ratios

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from reconcile.health.history import PastInputs, Present
    from reconcile.health.telling import Severity, Told
    from reconcile.ruleset import HealthRules, Layout, Ruleset

WHOLE = 100
# A column of fewer values looks like many others.
FEWEST_VALUES = 4
LAST = 1


def judge_columns(
    present: Present, past: PastInputs, accounts: pd.DataFrame, rules: Ruleset
) -> Iterator[Told]:
    """Yield what became of the columns of each file that was read before.

    Args:
        present: what this run read.
        past: what earlier runs did.
        accounts: by `all_accounts`.
        rules: layouts, and tolerances.
    """
    stems = accounts[["run", "monitor", "layout", "file", "stem"]].drop_duplicates(
        ["run", "monitor", "layout", "file"]
    )
    known = past.columns.merge(stems, on=["run", "monitor", "layout", "file"])
    columns = present.columns.assign(run=NOW).merge(stems, on=["run", "monitor", "layout", "file"])
    for (monitor, layout, stem, file), now in columns[columns["layout"] != ""].groupby(
        ["monitor", "layout", "stem", "file"], sort=True
    ):
        own = known[(known["monitor"] == monitor) & (known["layout"] == layout)]
        before = _before(own, str(file), str(stem))
        if not before.empty:
            yield from _Compared(str(monitor), str(layout), str(file), now, before, rules).told()
    unread = present.columns[present.columns["layout"] == ""]
    for (monitor, file), header in unread.groupby(["monitor", "file"], sort=True):
        yield from _headers(str(monitor), str(file), list(header["column"]), past.columns, rules)


def _before(own: pd.DataFrame, file: str, stem: str) -> pd.DataFrame:
    """Return the earlier columns that a file is held against: its own, else those of the releases it belongs to.

    Of several files that belong together, only the columns that all of them had.
    """
    named = own[own["file"] == file]
    if not named.empty:
        return named
    kin = own[own["stem"] == stem]
    tables = kin.groupby(["run", "file"]).ngroups
    if kin.groupby("run")["file"].nunique().max() == 1:
        return kin
    shared = kin.groupby("column").size()
    return kin[kin["column"].isin(shared[shared == tables].index)]


class _Compared:
    """The columns of one file beside those it had."""

    def __init__(
        self, monitor: str, layout: str, file: str, now: pd.DataFrame, before: pd.DataFrame, rules: Ruleset
    ) -> None:
        self._place = (monitor, layout, file)
        self._now = now.set_index("column")
        self._before = before.sort_values("run", kind="stable")
        self._rules = rules
        self._described = f"{file} ({title_of(monitor, rules)})"
        self._key = f"rules/monitors/{monitor}.yaml: layouts: {layout}: columns"

    def told(self) -> Iterator[Told]:
        """Yield every change, the worst first."""
        last = self._before.drop_duplicates("column").set_index("column")
        filled, run = last["filled"].to_dict(), last["run"].to_dict()
        use = _uses_now(self._place, last, self._rules)
        is_read = use == "read"
        newest = set(self._before.loc[self._before["run"] == self._before["run"].min(), "column"])
        absent = [name for name in last.index if name not in self._now.index]
        # What is read is missed as long as it is remembered, anything else once.
        lost = [name for name in absent if is_read[name] or name in newest]
        new = [name for name in self._now.index if name not in last.index]
        strange = [name for name in new if self._now.at[name, "use_code"] == "unknown"]
        renamed = _pairs(
            lost, strange, last["sketch"].to_dict(), self._now["sketch"].to_dict(), self._rules.health
        )
        for name in lost:
            severity = _severity(is_read=bool(is_read[name]), filled=filled[name])
            yield (
                self._renamed(name, renamed[name], severity)
                if name in renamed
                else self._lost(name, severity, run[name])
            )
        yield from self._emptied()
        yield from (self._new(name) for name in new if name not in set(renamed.values()))

    def _renamed(self, name: str, other: str, severity: Severity) -> Told:
        todo = (
            f"If it is the same column, add it: {self._key}: {name}: also: [{other}]; until then it is not read."
            if severity != "note"
            else "It was not read before either."
        )
        return finding(
            *self._place, "column_renamed", severity, column=name, value=other, expected=name,
            message=f"{self._described} has no column {name!r} any more, and a new one that is like it, {other!r}. {todo}",
        )  # fmt: skip

    def _lost(self, name: str, severity: Severity, run: int) -> Told:
        since = "the last run" if run == LAST else f"{run} runs ago"
        todo = (
            f"Ask the monitor, or fetch the file again; if it is gone for good, take it out: {self._key}: {name}."
            if severity != "note"
            else "It was not read before either."
        )
        return finding(
            *self._place, "column_lost", severity, column=name, value="absent", expected=name,
            message=f"{self._described} has no column {name!r} any more; {since} it had. {todo}",
        )  # fmt: skip

    def _new(self, name: str) -> Told:
        row = self._now.loc[name]
        is_strange = row["use_code"] == "unknown"
        todo = f"Map it, or ignore it by name: {self._key}: {name}." if is_strange else "The layout knows it."
        return finding(
            *self._place, "column_new", "warning" if is_strange and row["filled"] else "note", column=name,
            value=f"{row['filled']:,} of {row['rows']:,} cells filled", expected="absent",
            message=f"{self._described} has a column {name!r} that it did not have in the last run ({row['filled']:,} of {row['rows']:,} cells filled). {todo}",
        )  # fmt: skip

    def _emptied(self) -> Iterator[Told]:
        rules = self._rules.health
        before = self._before[self._before["rows"] > 0]
        share = (before["filled"] / before["rows"]).groupby(before["column"]).median()
        both = self._now[self._now["use_code"] == "read"].join(share.rename("usual"), how="inner")
        expected = both["usual"] * both["rows"]
        is_emptied = (
            (both["usual"] >= rules.filled_share_min)
            & (expected > rules.rows_slack)
            & (both["filled"] <= rules.emptied_share * expected)
        )
        for name, row in both[is_emptied].iterrows():
            yield finding(
                *self._place, "column_emptied", "error" if row["filled"] == 0 else "warning", column=str(name),
                value=f"{row['filled']:,} of {row['rows']:,} cells filled", expected=f"{row['usual']:.0%} filled",
                message=(
                    f"{self._described}: the column {name!r} is filled in {row['filled']:,} of {row['rows']:,} rows; in the runs before in {row['usual']:.0%}. "
                    f"Look whether its content moved to another column ({self._key}), or was lost on the way."
                ),
            )  # fmt: skip


def _headers(
    monitor: str, file: str, header: Sequence[str], before: pd.DataFrame, rules: Ruleset
) -> Iterator[Told]:
    """Yield which columns a file that no layout recognised lacks of those it had when it was last read."""
    own = before[before["file"] == file]
    if own.empty:
        own = before[before["file"].map(stem_of) == stem_of(file)]
    if own.empty and monitor:
        own = before[(before["monitor"] == monitor) & (before["layout"] != "")]
    if own.empty:
        return
    last = own.sort_values("run", kind="stable").iloc[0]
    good = own[
        (own["run"] == last["run"]) & (own["file"] == last["file"]) & (own["layout"] == last["layout"])
    ]
    layout = _layout(str(last["monitor"]), str(last["layout"]), rules)
    if layout is None:
        return
    laid = layout.laid_on(header)
    held = laid.columns_in(header)
    spelled = {own_name for names in held.values() for own_name in names}
    read = good[(good["use_code"] == "read") & (good["filled"] > 0)]
    lost = [name for name in read["column"] if name not in held and name not in spelled]
    strange = [name for name in header if name not in spelled]
    renamed = _pairs(lost, strange, {}, {}, rules.health)
    key = f"rules/monitors/{last['monitor']}.yaml: layouts: {layout.id}: columns"
    needed = {*layout.required, *(name for group in layout.any_of for name in group)}
    for name in lost:
        why = "the layout needs it" if name in needed else "the layout reads it"
        other = renamed.get(name, "")
        found = f"has {other!r} where it had {name!r}" if other else f"has no column {name!r} any more"
        todo = (
            f"If it is the same column, add it: {key}: {name}: also: [{other}]."
            if other
            else f"Ask the monitor, or fetch it again; if it is gone for good: {key}: {name}."
        )
        yield finding(
            str(last["monitor"]), layout.id, file, "column_renamed" if other else "column_lost", "error", column=name,
            value=other or "absent", expected=name, message=f"{file} could not be read, and {found} ({why}). {todo}",
        )  # fmt: skip


def _uses_now(place: tuple[str, str, str], last: pd.DataFrame, rules: Ruleset) -> pd.Series[str]:
    """Return what the layout of today does with columns of before; of one that it does not name, what it did then."""
    monitor, layout_id, _ = place
    names = [str(name) for name in last.index]
    laid = [
        one.laid_on(names)
        for one in (rules.monitors[monitor].layouts if monitor in rules.monitors else ())
        if layout_id in {one.id, one.reads_with} and (not one.for_each or one.numbers_in(names))
    ]
    use = last["use_code"].copy()
    for name in names:
        stated = [rule for one in laid for rule in one.columns.get(name, ())]
        if stated:
            use[name] = "read" if any(rule.ignore is None for rule in stated) else "ignored"
        elif use[name] == "read" and laid:
            use[name] = "unknown"
    return use


def _layout(monitor: str, layout_id: str, rules: Ruleset) -> Layout | None:
    known = rules.monitors[monitor].layouts if monitor in rules.monitors else ()
    return next((layout for layout in known if layout.id == layout_id), None)


def _severity(*, is_read: bool, filled: int) -> Severity:
    if not is_read:
        return "note"
    return "error" if filled else "warning"


def _pairs(
    lost: Sequence[str],
    strange: Sequence[str],
    sketches: dict[Any, str],
    new_sketches: dict[Any, str],
    rules: HealthRules,
) -> dict[str, str]:
    """Return, of the columns that are gone, those that stand under a new name: the likest pairs first, each name once."""
    pairs = [(name, other) for name in lost for other in strange]
    alike = ratios([_plain(name) for name, _ in pairs], [_plain(other) for _, other in pairs]) / WHOLE
    scored = []
    for (name, other), by_name in zip(pairs, alike.tolist(), strict=True):
        by_content = _shared(sketches.get(name, ""), new_sketches.get(other, ""))
        if by_name * WHOLE >= rules.like_names or by_content >= rules.like_contents:
            scored.append((-(by_name + 2 * by_content), name, other))
    found: dict[str, str] = {}
    for _, name, other in sorted(scored):
        if name not in found and other not in found.values():
            found[name] = other
    return found


def _plain(name: str) -> str:
    return " ".join(sorted(fold_header("".join(sign if sign.isalnum() else " " for sign in name)).split()))


def _shared(one: str, other: str) -> float:
    """Return which share of the values of two columns is common, by the least hashes of both."""
    left, right = set(one.split()), set(other.split())
    if min(len(left), len(right)) < FEWEST_VALUES:
        return 0.0
    least = sorted(left | right)[: max(len(left), len(right))]
    return sum(value in left and value in right for value in least) / len(least)
