"""A file that no layout knows -> a rule file for it, as far as its header and its values speak; the rest are questions.

The draft does not load before a person has decided what nobody can guess. It shows values of columns that hold days, numbers,
coordinates, places the gazetteer knows, and codes that come up again and again; of any other column its shape alone.

Guarantees:
    every_column_is_there: each column of each sheet stands in the draft once, under the name that the reader gives it.
    names_stay_out: no value of a column that names persons, or may, is shown where nobody asked for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconcile.normalize import build_context
from reconcile.parse.latin import latin_letters
from reconcile.propose.columns import column_of, one_line
from reconcile.propose.guess import ORDER_ASKED, Guess, guess_of, opened
from reconcile.propose.kin import Kindred
from reconcile.propose.tables import Source, sheets_of, sources_of
from reconcile.propose.written import Drawn, draft_text
from reconcile.read import recognise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reconcile.normalize.cells import Context
    from reconcile.propose.columns import Column
    from reconcile.propose.tables import Sheet
    from reconcile.ruleset import Ruleset

__all__ = ["Source", "id_from", "propose", "sources_of"]

# Fields that one column fills; a second one is a question.
SINGLE = frozenset(
    {
        "native_id", "date_start", "date_end", "reported_on", "place_name", "place_name_native", "admin1", "admin2", "country_code", "latitude", "longitude", "url",
        "start_year", "start_month", "start_day", "victim_age", "victim_birth", "victim_sex_code", "text", "note", "reported_via", "quantity",
    }
)  # fmt: skip
DAY_PARTS = frozenset({"start_year", "start_month", "start_day"})
ABOUT_VICTIMS = frozenset({"victim_age", "victim_birth", "victim_sex_code"})
NAMES = frozenset({"victim_name", "victim_name_native"})
PROFILE = "airwars"
LONGEST_ID = 40
_NO_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Judged:
    """A column, the guess on it, and whether that is the word of a layout that knows most of the table."""

    column: Column
    guess: Guess
    is_kin: bool


def propose(
    sources: Sequence[Source],
    rules: Ruleset,
    file: str,
    monitor_id: str,
    *,
    include_names: bool = False,
    context: Context | None = None,
) -> str:
    """Return the text of a rule file for a file of whatever layout.

    Args:
        sources: its grids, from `sources_of`.
        rules: whose layouts, vocabularies and places know words of it.
        file: its name, for the comments.
        monitor_id: the id of the new rule file.
        include_names: true to show values of every column, of those too that may name persons.
        context: vocabularies and places of the rules, for who makes many drafts.

    Returns:
        YAML that parses, and does not load as a rule file before its questions are decided.
    """
    kindred = Kindred(rules)
    context = context or build_context(rules, PROFILE)
    drawn: list[Drawn] = []
    taken = {layout.id for monitor in rules.monitors.values() for layout in monitor.layouts}
    sheets = sheets_of(sources, kindred.headers())
    for sheet in sheets:
        judged = _judged(sheet, kindred, context)
        wanted = f"{monitor_id}_{id_from(sheet.titles[0]) if len(sheets) > 1 else 'export'}"
        layout_id = _free(wanted, taken)
        taken.add(layout_id)
        kind = _kind(judged)
        if kind == "victim":
            judged = [_withheld(one) for one in judged]
        columns = tuple((one.column, one.guess) for one in judged)
        drawn.append(
            Drawn(sheet, layout_id, kind, columns, _required(judged, sheet), _kin_told(sheet, rules))
        )
    return draft_text(drawn, context, file, monitor_id, include_names=include_names)


def id_from(name: str) -> str:
    """Return an id made of a file's or a sheet's name."""
    slug = _NO_ID.sub("_", latin_letters(name).casefold()).strip("_")[:LONGEST_ID].strip("_")
    if not slug:
        return "new_monitor"
    return slug if slug[0].isalpha() else f"m_{slug}"


def _free(wanted: str, taken: set[str]) -> str:
    number, free = 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted}_{number}"
    return free


def _kin_told(sheet: Sheet, rules: Ruleset) -> str:
    """Return a sentence where some layout recognises the sheet as it is."""
    records = [list(sheet.written)] if sheet.header_row else []
    found = (
        [
            one
            for one in recognise(records, rules.monitors.values())
            if not (one.layout.gives_way and one.monitor.kind_code == "sheet")
        ]
        if records
        else []
    )
    if not found:
        return ""
    one = found[0]
    return f"The header is one that {one.monitor.id} ({one.layout.id}) is recognised by: a rule file may not be needed."


# ---- judging -------------------------------------------------------------------------------------------------------


def _judged(sheet: Sheet, kindred: Kindred, context: Context) -> list[_Judged]:
    known = kindred.of(sheet.names)
    tags = sheet.tags or ("",) * len(sheet.names)
    judged = []
    for position, name in enumerate(sheet.names):
        column = column_of(name, sheet.body.iloc[:, position], tags[position])
        told = known.get(name, [])
        guess = guess_of(column, told, context)
        is_idle = guess.counted is None and any(
            keys.get("number") or keys.get("field") == "quantity" for keys in guess.uses
        )
        if is_idle and not guess.is_open:
            guess = opened(
                guess, "a number, and no figure takes it yet: add a line under `figures`, or `ignore: why`"
            )
        judged.append(_Judged(column, guess, bool(told) and told[0].is_kin))
    return list(_without_rivals(_in_order(judged)))


def _in_order(judged: Sequence[_Judged]) -> list[_Judged]:
    """Return guesses, days whose order nothing proves in the order that the file's other days do."""
    proven = {str(order): one.column for one in judged if (order := one.guess.uses[0].get("order"))}
    if len(proven) != 1:
        return list(judged)
    ((order, column),) = proven.items()
    return [
        replace(one, guess=_ordered(one.guess, order, column))
        if one.guess.uses[0].get("undecided") == ORDER_ASKED
        else one
        for one in judged
    ]


def _ordered(guess: Guess, order: str, column: Column) -> Guess:
    keys = {key: value for key, value in guess.uses[0].items() if key != "undecided"}
    why = "; ".join(
        filter(None, (guess.why, f"{order} is what the cells of {one_line(column.name)!r} prove"))
    )
    return replace(guess, uses=(keys | {"order": order}, *guess.uses[1:]), why=why)


def _without_rivals(judged: Sequence[_Judged]) -> Iterator[_Judged]:
    """Yield guesses, a second one of a field that one column fills, or of one bound of a figure, made a question."""
    holders = _holders(judged)
    bounds: dict[object, Column] = {}
    for one in judged:
        field = one.guess.field
        if (counted := one.guess.counted) and not one.guess.is_open:
            holder = bounds.setdefault(counted, one.column)
            if holder is not one.column:
                question = f"{one_line(holder.name)!r} seems to count the same: a part of it, the whole, or something else? `number: true` and a line under `figures`, or `ignore: why`"
                yield replace(one, guess=opened(_uncounted(one.guess), question))
                continue
        first = holders.get("date_start" if field in DAY_PARTS and "date_start" in holders else field)
        if first is None or first is one.column or one.is_kin or one.guess.is_open:
            yield one
            continue
        question = f"{field} seems to stand in {one_line(first.name)!r} too: read where that is blank (take this mark away), something else, or `ignore: why`?"
        yield replace(one, guess=opened(one.guess, question))


def _uncounted(guess: Guess) -> Guess:
    """Return a guess on a number that no figure takes yet."""
    kept = {key: value for key, value in guess.uses[0].items() if key not in {"number", "field"}}
    return replace(guess, uses=(kept,), counted=None)


def _holders(judged: Sequence[_Judged]) -> Mapping[str, Column]:
    """Return the column that is likeliest to fill each field: one that a kindred layout reads, the fullest, the first."""
    found: dict[str, _Judged] = {}
    for one in judged:
        field = one.guess.field
        if field in SINGLE and not one.guess.is_open:
            other = found.get(field)
            if other is None or (one.is_kin, one.column.filled) > (other.is_kin, other.column.filled):
                found[field] = one
    return {field: one.column for field, one in found.items()}


def _kind(judged: Sequence[_Judged]) -> str:
    """Return whether a record seems to be a person or an incident."""
    fields = {one.guess.field for one in judged}
    numbers = any(one.guess.counted for one in judged)
    is_list = bool(fields & NAMES) or len(fields & ABOUT_VICTIMS) > 1
    return "victim" if is_list and not numbers else "incident"


def _withheld(one: _Judged) -> _Judged:
    """Return a guess for a list of persons: pages and sources lead to them."""
    marks = {"url": "personal", "reported_via": "free_text"}
    mark = marks.get(one.guess.field)
    if mark is None:
        return one
    first, *rest = one.guess.uses
    return replace(one, guess=replace(one.guess, uses=(first | {mark: True}, *rest)))


def _required(judged: Sequence[_Judged], sheet: Sheet) -> tuple[str, ...]:
    """Return columns by which to tell the header: those that say most, and stand in it under their own names."""
    own = {
        name
        for name, written in zip(sheet.names, sheet.written, strict=True)
        if name == written.replace("\ufeff", "").strip() or not sheet.header_row
    }
    ranks = [
        *NAMES,
        "native_id",
        "date_start",
        "start_year",
        "place_name",
        "place_name_native",
        "perpetrator_codes",
    ]

    def rank(one: _Judged) -> int:
        return (
            ranks.index(one.guess.field) if one.guess.field in ranks else len(ranks) - bool(one.guess.counted)
        )

    told = sorted((one for one in judged if one.column.name in own), key=rank)
    chosen = {one.column.name for one in told[:5]}
    return tuple(name for name in sheet.names if name in chosen)
