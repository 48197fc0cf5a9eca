"""What a rule file says, for a person who holds it against the codebook: whom it counts, and how each layout is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.explain.parts import Explanation, Grid, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconcile.ruleset import ColumnRule, FigureRule, Layout, Monitor


def monitor_shown(monitor: Monitor) -> Explanation:
    """Return what one monitor counts, and how its columns are read.

    Args:
        monitor: of any rule file.
    """
    scope = monitor.scope
    bounds = [
        f"{key}: {value}" for key in ("threshold", "window", "region") if (value := getattr(scope, key))
    ]
    deaths = {"both": "direct and indirect"}.get(scope.direct_code, scope.direct_code)
    lines = (
        f"{_whole(monitor.reason)} {_whole(scope.reason)}",
        f"Counts {scope.population_code}, {deaths} deaths{', named persons only' if scope.named_only else ''}; attackers: {scope.attackers}.",
        *([_whole("; ".join(bounds))] if bounds else []),
        f"One record is one {monitor.unit_code}; claims per incident: {monitor.claims_per_incident}; a zero means {scope.zero_code}, a blank {scope.blank_code}.",
        f"Source: {_whole(scope.source)}",
    )
    layouts = tuple(_layout(layout) for layout in monitor.layouts)
    return Explanation(
        f"{monitor.title} ({monitor.id}), {monitor.publisher}. {_whole(monitor.licence)}",
        "\n".join(lines),
        layouts or (Part("", ("It has no layout: it is known through others.",)),),
    )


def _whole(text: str) -> str:
    """Return a text with its full stop; it may begin with the name of a column, which stays as it is."""
    return text.rstrip(".") + "."


def _layout(layout: Layout) -> Part:
    lines = [f"Written from: {layout.seen_code.replace('_', ' ')}.", *_recognised(layout), *_rows(layout)]
    rows = tuple(
        (column, _use(rule), _how(rule), "yes" if rule.personal or rule.free_text else "")
        for column, rule in layout.column_rules()
    )
    grid = Grid(("Column", "Read as", "How", "Restricted"), rows, whole=frozenset({2}))
    return Part(f"Layout {layout.id}: {layout.title}", tuple(lines), grid, tuple(_figures(layout)))


def _recognised(layout: Layout) -> Iterator[str]:
    """Yield how the program tells that a file is of the layout."""
    if layout.reads_with:
        each = ", once for each number in its header" if layout.for_each else ""
        yield f"Reads the rows of {layout.reads_with} again{each}, to make more claims of them; their ids end in :{layout.id_suffix}."
    elif layout.grammar:
        yield f"A printed text, cut into entries by the grammar {layout.grammar}."
    else:
        groups = [*layout.required, *("one of " + " / ".join(group) for group in layout.any_of)]
        rows = (
            f"row {layout.header_row}"
            if layout.header_rows == 1
            else f"rows {layout.header_row} to {layout.header_row + layout.header_rows - 1}"
        )
        yield f"Recognised by its {'HXL tags' if layout.hxl else 'header'}, expected in {rows}: {', '.join(groups)}."
    if layout.headerless:
        yield f"A release without header is told by {', '.join(layout.headerless.looks_like)}."
    if layout.gives_way:
        yield "Gives way: taken only where no other layout is recognised."
    stated = [one for one in layout.encodings if one.casefold() not in {"utf-8", "utf8"}]
    if stated:
        yield f"Besides UTF-8 it may be {', '.join(stated)}."
    if layout.group_mark:
        yield f"Groups before {layout.group_mark!r} in a header are passed over."


def _rows(layout: Layout) -> Iterator[str]:
    """Yield what holds for its rows."""
    if layout.deletes:
        yield "A list of records that the monitor deleted: no row makes a claim."
    if layout.needs:
        yield f"A row makes a claim where one of these is filled: {', '.join(layout.needs)}."
    for unit in layout.units:
        known = f"{unit.where.column} is {' or '.join(map(repr, unit.where.held))}" if unit.where else ""
        when = known or f"its window is longer than {unit.longer_than_days} days"
        yield f"A row is one {unit.unit_code} where {when}: {_whole(unit.reason)}"
    if layout.constants:
        yield f"The same in every row: {', '.join(f'{field} {value}' for field, value in layout.constants.items())}."


def _use(rule: ColumnRule) -> str:
    if rule.ignore is not None:
        return f"not read: {rule.ignore}"
    return rule.field or "number"


def _how(rule: ColumnRule) -> str:
    """Return how the cells of a column are read, in few words."""
    if rule.ignore is not None:
        return ""
    parts = [
        rule.parse,
        rule.vocabulary or "",
        rule.order or "",
        f"{len(rule.codes)} codes" if rule.codes else "",
    ]
    parts += [
        f"decimals after {rule.decimal_mark}" if rule.decimal_mark else "",
        f"{rule.days} days" if rule.days > 1 else "",
    ]
    return ", ".join(
        filter(None, [*parts, rule.time_zone, "a part of the cell" if rule.take or rule.drop else ""])
    )


def _figures(layout: Layout) -> Iterator[str]:
    """Yield a line for each figure that a row makes."""
    for figure in layout.figures:
        who = " ".join(
            code
            for code in (figure.population_code, figure.sex_code, figure.age_group_code)
            if code not in {"", "any"}
        )
        counted = f"{figure.measure_code or 'as the row says'}{f' ({who})' if who else ''}"
        where = "".join(f", by {column}" for _, column in figure.wheres)
        yield f"Figure: {counted} = {_bounds(figure)}{where}."


def _bounds(figure: FigureRule) -> str:
    if figure.persons:
        return "one person a row"
    if figure.quantity:
        return f"{figure.quantity}, in words"
    stated = [
        f"{bound} {' + '.join(columns)}"
        for bound in ("low", "best", "high")
        if (columns := getattr(figure, bound))
    ]
    taken = f", less {' + '.join(figure.minus)}" if figure.minus else ""
    return (", ".join(stated) or "none") + taken
