"""Which shipped layouts know the headers of a table, and how nearly it is one of theirs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile.propose.words import Counted
from reconcile.read.headers import lacking
from reconcile.ruleset import NUMBERED, fold_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconcile.ruleset import ColumnRule, Layout, Ruleset

# A layout that recognises the table, or knows so many columns of it and such a share, is that of its next of kin.
RECOGNISED_SHARE, KIN_COLUMNS, KIN_SHARE = 0.4, 6, 0.7
_DIGITS = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Known:
    """What a shipped layout says of a column with this header.

    Attributes:
        is_kin: whether that layout knows most of the table, so that its word can be taken.
    """

    monitor_id: str
    layout: Layout
    column: str
    is_kin: bool

    @property
    def rules(self) -> tuple[ColumnRule, ...]:
        """What the layout makes of the column."""
        return self.layout.columns[self.column]

    def counted(self) -> Counted | None:
        """Return what the layout's figures take the column for."""
        for figure in self.layout.figures:
            for bound in ("low", "best", "high"):
                if self.column in getattr(figure, bound) and figure.measure_code:
                    is_single = figure.low == figure.high
                    return Counted(
                        figure.measure_code,
                        figure.population_code,
                        figure.sex_code.replace("any", ""),
                        figure.age_group_code.replace("any", ""),
                        "" if is_single else bound,
                    )
        return None


@dataclass(frozen=True, slots=True)
class _Entry:
    monitor_id: str
    is_anybodys: bool
    layout: Layout
    column: str


class Kindred:
    """The headers of every shipped layout."""

    def __init__(self, rules: Ruleset) -> None:
        self._by_header: dict[str, list[_Entry]] = {}
        for monitor_id, monitor in rules.monitors.items():
            for layout in monitor.layouts:
                if layout.hxl or layout.grammar or layout.reads_with:
                    continue
                # A sheet that gives way is a list of words for columns, and no table's kin.
                is_anybodys = layout.gives_way and monitor.kind_code == "sheet"
                for folded, column in layout.spelled().items():
                    self._by_header.setdefault(folded, []).append(
                        _Entry(monitor_id, is_anybodys, layout, column)
                    )

    def headers(self) -> frozenset[str]:
        """Return every folded header that some layout knows."""
        return frozenset(self._by_header)

    def of(self, names: Iterable[str]) -> dict[str, list[Known]]:
        """Return what layouts say of the columns of one table, the likeliest first; nothing of a column none knows."""
        found = {name: list(self._entries(name)) for name in names}
        layouts = {entry.layout.id: entry.layout for entries in found.values() for entry in entries}
        hits = Counter(entry.layout.id for entries in found.values() for entry in entries)
        header = list(found)
        kin = {
            one for one, count in hits.items() if _is_kin(layouts[one], header, count / len(header), count)
        }
        known: dict[str, list[Known]] = {}
        for name, entries in found.items():
            entries.sort(
                key=lambda entry: (entry.layout.id not in kin, -hits[entry.layout.id], entry.is_anybodys)
            )
            known[name] = [
                Known(
                    entry.monitor_id,
                    entry.layout,
                    entry.column,
                    entry.layout.id in kin and not entry.is_anybodys,
                )
                for entry in entries
            ]
        return {name: entries for name, entries in known.items() if entries}

    def _entries(self, name: str) -> Iterator[_Entry]:
        folded = fold_header(name)
        told: set[str] = set()
        for spelling in dict.fromkeys((folded, _DIGITS.sub(NUMBERED, folded), folded.rsplit("/", 1)[-1])):
            for entry in self._by_header.get(spelling, ()):
                if entry.layout.id not in told:
                    told.add(entry.layout.id)
                    yield entry


def _is_kin(layout: Layout, header: list[str], share: float, columns: int) -> bool:
    if not lacking(layout, header) and share >= RECOGNISED_SHARE:
        return True
    return columns >= KIN_COLUMNS and share >= KIN_SHARE
