"""Whose export a file is: its first records against the layouts of the monitors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from reconcile.ruleset import NUMBERED, fold_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconcile.ruleset import Layout, Monitor

    Records = Sequence[Sequence[str]]

# A header has more cells than a title above it.
FEWEST_CELLS = 2
_DIGITS = re.compile(r"[0-9]+")
# Direction marks, joiners and byte-order marks: nobody sees them, and a header copied from a page is full of them.
_UNSEEN = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)
_TAG = re.compile(r"#[a-z][a-z0-9_]*(?:\s*\+\s*[a-z][a-z0-9_]*)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A layout, and the header by which it was recognised.

    Attributes:
        header: the names of the columns, as written.
        first: position of the header's first record; -1 where there is none.
        last: of its last record.
    """

    monitor: Monitor
    layout: Layout
    header: tuple[str, ...]
    first: int
    last: int


def recognise(records: Records, monitors: Iterable[Monitor]) -> list[Found]:
    """Return the layouts whose header stands among the first records of a file; more than one where they fit equally well.

    A layout is recognised when a record holds all its required columns, and one of each `any_of` group: the record where
    its header is expected, else the first one further down. Where several layouts are, the one that leaves the fewest
    columns undescribed counts, and of one monitor's then the one with the fewest absent ones (of layouts that give way and
    describe every column, the one that needs most of them). One that gives way counts only where no other is
    recognised, nor nearly: a misspelt header is told, and not read as a list of anybody's. Where no header is known, a row
    of HXL tags is one, and so is what a release without header looks like.

    Args:
        records: the first of the file, as text.
        monitors: whose layouts may be recognised.
    """
    records = [_seen(record) for record in records]
    layouts = [
        (monitor, layout)
        for monitor in monitors
        for layout in monitor.layouts
        if not (layout.reads_with or layout.grammar)
    ]
    plain = [(monitor, layout) for monitor, layout in layouts if not layout.hxl]
    found, is_near = _by_header(records, plain)
    own = [one for one in found if not one.layout.gives_way]
    if own or is_near:
        return _fittest(own)
    headerless = [one for monitor, layout in plain if (one := _without_header(records, monitor, layout))]
    tagged = [one for pair in layouts if pair[1].hxl and (one := _by_tags(records, *pair))]
    return _fittest(headerless or tagged or found)


def lacking(layout: Layout, header: Sequence[str]) -> list[str]:
    """Return what a header lacks to be this layout's."""
    held = _folded(tuple(header), layout.group_mark)
    return [title for title, spellings in layout.signature if spellings.isdisjoint(held)]


def nearest(records: Records, monitors: Iterable[Monitor]) -> list[tuple[str, str, list[str]]]:
    """Return monitor, layout and what is lacking of the layouts that a header comes nearest to, the nearest first.

    One of whose columns the header has none is not near.
    """
    records = [_seen(record) for record in records]
    misses = [
        (len(lost := lacking(layout, header)) / max(len(layout.signature), 1), monitor.id, layout.id, lost)
        for monitor in monitors
        for layout in monitor.layouts
        if not (layout.gives_way or layout.reads_with or layout.grammar or layout.hxl)
        for header in [_header_at(records, layout, layout.header_row - 1)]
    ]
    return [miss[1:] for miss in sorted(misses, key=lambda miss: miss[:3]) if miss[0] < 1]


def is_tag_row(record: Sequence[str]) -> bool:
    """Return whether all that a record holds are HXL tags (#event+code)."""
    filled = [cell.strip() for cell in _seen(record) if cell.strip()]
    return bool(filled) and all(_TAG.fullmatch(cell) for cell in filled)


def _by_header(records: Records, layouts: Sequence[tuple[Monitor, Layout]]) -> tuple[list[Found], bool]:
    """Return what is recognised by a header, and whether some layout that gives no way lacks one column only."""
    found = []
    is_near = False
    likely = [at for at, record in enumerate(records) if sum(map(bool, record)) >= FEWEST_CELLS]
    for monitor, layout in layouts:
        expected = layout.header_row - 1
        places = [at for at in likely if at != expected] if layout.signature else []
        for at in chain([expected], places):
            header = _header_at(records, layout, at)
            count = len(lacking(layout, header)) if header else len(layout.signature) + 1
            if not count:
                found.append(Found(monitor, layout, header, at, at + layout.header_rows - 1))
                break
            is_near |= at == expected and count == 1 < len(layout.signature) and not layout.gives_way
    return found, is_near


def _header_at(records: Records, layout: Layout, at: int) -> tuple[str, ...]:
    """Return the header that begins at a record; of several rows, with merged cells of the upper ones carried on."""
    if at + layout.header_rows > len(records):
        return ()
    if layout.header_rows == 1:
        return tuple(records[at])
    upper = [_carried(record) for record in records[at : at + layout.header_rows - 1]]
    lowest = records[at + layout.header_rows - 1]
    return tuple(" ".join(filter(None, map(str.strip, cells))) for cells in zip(*upper, lowest, strict=True))


def _seen(record: Sequence[str]) -> tuple[str, ...]:
    """Return the cells of a header without the marks that nobody sees."""
    return tuple(cell.translate(_UNSEEN) for cell in record)


def _carried(record: Sequence[str]) -> list[str]:
    carried: list[str] = []
    for cell in record:
        carried.append(cell if cell.strip() or not carried else carried[-1])
    return carried


@lru_cache(maxsize=256)
def _folded(header: tuple[str, ...], group_mark: str) -> frozenset[str]:
    """Return the folded cells of a header, those with numbers with `{n}` in their place too."""
    cells = {fold_header(cell) for cell in header}
    cells |= {fold_header(cell.rsplit(group_mark, 1)[-1]) for cell in header} if group_mark else set()
    return frozenset(cells | {_DIGITS.sub(NUMBERED, cell) for cell in cells})


def _without_header(records: Records, monitor: Monitor, layout: Layout) -> Found | None:
    known = layout.headerless
    if known is None or not records or len(records[0]) != len(known.order):
        return None
    cells = dict(zip(known.order, records[0], strict=True))
    fits = all(re.fullmatch(pattern, cells[name].strip()) for name, pattern in known.looks_like.items())
    return Found(monitor, layout, known.order, -1, -1) if fits else None


def _by_tags(records: Records, monitor: Monitor, layout: Layout) -> Found | None:
    for at, record in enumerate(records):
        if is_tag_row(record):
            tags = tuple(_tag(cell, layout.hxl_ignores) for cell in record)
            return None if lacking(layout, tags) else Found(monitor, layout, tags, at, at)
    return None


def _tag(cell: str, ignored: Sequence[str]) -> str:
    """Return a tag with its attributes in alphabetical order, without those that change nothing."""
    tag, *attributes = "".join(cell.split()).casefold().split("+")
    return "+".join([tag, *sorted(set(attributes) - set(ignored))])


def _fittest(found: list[Found]) -> list[Found]:
    if len(found) <= 1:
        return found
    misfits = [_misfit(one) for one in found]
    fewest = min(strange for strange, _ in misfits)
    fit = [(absent, one) for (strange, absent), one in zip(misfits, found, strict=True) if strange == fewest]
    if not fewest and all(one.layout.gives_way for _, one in fit):
        # Of layouts of nobody's in particular that describe every column, the one that asks for most of them is meant.
        most = max(len(one.layout.signature) for _, one in fit)
        fit = [(absent, one) for absent, one in fit if len(one.layout.signature) == most]
    if len({one.monitor.id for _, one in fit}) > 1:
        return [one for _, one in fit]
    return [one for absent, one in fit if absent == min(absent for absent, _ in fit)]


def _misfit(found: Found) -> tuple[int, int]:
    """Return how many columns of a header a layout does not describe, and how many of its own are absent."""
    layout = found.layout.laid_on(found.header)
    columns = layout.columns_in(found.header)
    described = {own for names in columns.values() for own in names}
    return len(set(filter(str.strip, found.header)) - described), len(layout.columns) - len(columns)
