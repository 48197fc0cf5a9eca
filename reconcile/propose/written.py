"""What was found out about a file -> the text of a rule file, in the style of the shipped ones."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile.parse.places import fold_name
from reconcile.propose.columns import is_hidden, is_serial, one_line
from reconcile.propose.guess import is_governorate, known_terms
from reconcile.rulefiles import yaml_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reconcile.normalize.cells import Context
    from reconcile.propose.columns import Column
    from reconcile.propose.guess import Guess
    from reconcile.propose.tables import Sheet

WIDTH, LONGEST_RULE, LONGEST_KEY = 116, 130, 500
SHOWN_TERMS = 6
# A looks-like of a release without header, by what the first row's cell is.
_PATTERNS = {"day": r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}.*", "number": r"[-+]?[0-9][0-9.,]*"}
_ORDER = (
    "undecided", "field", "number", "ignore", "parse", "vocabulary", "separators", "take", "drop", "order", "days", "time_zone", "decimal_mark",
    "missing", "personal", "free_text", "codes",
)  # fmt: skip

_SCOPE = """\
scope:
  population_code: null  # civilian, combatant, all or unknown: whom its numbers count
  direct_code: direct  # direct, indirect or both
  attackers: all parties
  threshold: ''
  region: ''
  zero_code: null  # what a 0 means: none_reported, or nothing_known
  blank_code: null  # what a blank number means: not_stated, or vague
  reason: null  # why it is so, in a sentence
  source: null  # where that stands: the codebook and its page
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sheet, and the layout drawn up for it.

    Attributes:
        columns: each column with what it may be, in the order of the sheet.
        required: columns to tell the header by.
        kin: a sentence where a shipped layout recognises it; else "".
    """

    sheet: Sheet
    layout_id: str
    kind: str
    columns: tuple[tuple[Column, Guess], ...]
    required: tuple[str, ...]
    kin: str


def draft_text(
    drawn: Sequence[Drawn], context: Context, file: str, monitor_id: str, *, include_names: bool
) -> str:
    """Return a rule file that does not load yet.

    Args:
        drawn: the layouts.
        context: vocabularies and places, by which values are known.
        file: that it was made of.
        monitor_id: of the rule file.
        include_names: true to show values of columns that may name persons.
    """
    lines = [*_opening(drawn, file, monitor_id, include_names=include_names), *_top(drawn, monitor_id)]
    for one in drawn:
        lines += _layout(one, context, include_names=include_names)
    return "\n".join(lines) + "\n"


def _opening(drawn: Sequence[Drawn], file: str, monitor_id: str, *, include_names: bool) -> Iterator[str]:
    shown = (
        "Values of every column stand in the comments, names of persons among them: take them away before you pass this file on."
        if include_names
        else "Of columns that may name persons the comments tell the shape alone; --include-names shows their values."
    )
    asked = [guess.is_open for one in drawn for _, guess in one.columns]
    sentences = [
        f"Draft of a rule file, made by `reconcile monitors draft` of {one_line(file)}. It does not load yet, and this is meant.",
        "1. Replace each `null` by what the codebook of whoever publishes the file says.",
        f"2. Decide each column marked `undecided` ({sum(map(bool, asked))} of {len(asked)}): a `field`, `number: true`, or `ignore: why`. Then take the mark away.",
        "3. Hold the other columns against the codebook too: they are guesses, and the comment above each says on what.",
        "4. `reconcile rules check DIR` tells all that is left, with lines; DIR is the folder that holds monitors/ with this file.",
        f'5. Go on with docs/add-a-monitor.md, "Then": `reconcile check`, `reconcile monitors show {monitor_id}`, fixtures.',
        shown,
        *(one.kin for one in drawn if one.kin),
    ]
    for sentence in sentences:
        yield from _comment(sentence, 0)


def _top(drawn: Sequence[Drawn], monitor_id: str) -> Iterator[str]:
    unit = "person" if any(one.kind == "victim" for one in drawn) else "incident"
    yield from (
        f"id: {monitor_id}",
        "title: null  # its name, as people know it",
        "publisher: null  # who publishes it",
        "homepage: ''",
        "licence: null  # on what terms its rows may be used",
        "attribution: ''",
        "kind_code: null  # monitor, belligerent, un, ministry, media or sheet",
        f"unit_code: null  # what one record is: incident, allegation, event_summary, person or total; by its columns: {unit}",
        "claims_per_incident: null  # one where two records are two incidents, else many",
        "reason: null  # why the file reads the monitor as it does, in a sentence",
        *_SCOPE.splitlines(),
        "layouts:",
    )


# ---- layouts -------------------------------------------------------------------------------------------------------


def _layout(drawn: Drawn, context: Context, *, include_names: bool) -> Iterator[str]:
    sheet = drawn.sheet
    yield f"  - id: {drawn.layout_id}"
    yield f"    title: {yaml_scalar(_title(sheet))}"
    yield "    seen_code: real_export"
    yield f"    source: {yaml_scalar(f'drafted from a file of {len(sheet.body):,} rows and {len(sheet.names):,} columns')}"
    yield from _comment(f"incident, victim or total; by its columns: {drawn.kind}", 4)
    yield f"    kind_code: {drawn.kind}"
    if sheet.encoding:
        yield from _comment("A guess, by the letters that then stand side by side.", 4)
        yield f"    encodings: [utf-8, {sheet.encoding}]"
    yield from _header(drawn)
    yield from _comment(
        "The header is recognised by these columns: name those that every release has and nobody else's file.",
        4,
    )
    yield f"    required: {_flow(list(drawn.required))}"
    yield "    columns:"
    for column, guess in drawn.columns:
        yield from _column(column, guess, context, include_names=include_names)
    yield from _figures(drawn)
    yield "    expect: {rows_min: 1, unreadable_share_max: 0.05}"


def _title(sheet: Sheet) -> str:
    titles = ", ".join(map(one_line, sheet.titles[:SHOWN_TERMS]))
    more = f" and {len(sheet.titles) - SHOWN_TERMS} more" if len(sheet.titles) > SHOWN_TERMS else ""
    return f"As exported: {titles}{more}"


def _header(drawn: Drawn) -> Iterator[str]:
    sheet = drawn.sheet
    if sheet.header_row > 1:
        yield from _comment("What stands above the header is not read.", 4)
        yield f"    header_row: {sheet.header_row}"
    if sheet.header_rows > 1:
        yield f"    header_rows: {sheet.header_rows}"
    if not sheet.header_row:
        yield from _comment(
            "The first row looks like a record: columns are numbered here. Give them the names of the codebook.",
            4,
        )
        yield "    headerless:"
        yield f"      order: {_flow(list(sheet.names))}"
        yield "      looks_like:"
        looks = [(column.name, _pattern(column)) for column, _ in drawn.columns]
        yield from (
            f"        {yaml_scalar(name)}: {yaml_scalar(pattern)}" for name, pattern in looks if pattern
        )
    if sheet.tags:
        yield from _comment("A row of HXL tags below the header is no record.", 4)


def _pattern(column: Column) -> str:
    if column.day_share == 1:
        return (
            _PATTERNS["day"]
            if all("-" in text or "/" in text or "." in text for text in column.counts)
            else ""
        )
    return _PATTERNS["number"] if column.number_share == 1 and column.filled == column.rows else ""


def _figures(drawn: Drawn) -> Iterator[str]:
    figures = list(_formed(drawn.columns))
    if drawn.kind == "victim":
        yield from _comment("A list of the dead counts them with - {measure_code: killed, persons: true}.", 4)
    if not figures:
        yield "    figures: []"
        return
    yield from _comment("Without population_code a figure counts whom the scope says.", 4)
    yield "    figures:"
    for figure in figures:
        yield f"      - {_flow(figure)}"


def _formed(columns: Sequence[tuple[Column, Guess]]) -> Iterator[dict[str, Any]]:
    """Yield a figure for each measure of each group of persons, of the columns that state its bounds."""
    groups: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for column, guess in columns:
        if guess.counted and not guess.is_open:
            is_quantity = guess.field == "quantity"
            group = groups.setdefault((*guess.counted.figure, "quantity" if is_quantity else ""), {})
            group.setdefault(guess.counted.bound, []).append(column.name)
    for (measure, population, sex, age, quantity), bounds in groups.items():
        who = {"population_code": population, "sex_code": sex, "age_group_code": age}
        figure: dict[str, Any] = {"measure_code": measure} | {key: code for key, code in who.items() if code}
        if quantity:
            yield figure | {"quantity": next(iter(bounds.values()))[0]}
            continue
        single = bounds.get("", [])
        if set(bounds) == {""}:
            yield figure | {"low": single, "high": single}
        else:
            bounds["best"] = [*bounds.get("best", []), *single]
            yield figure | {bound: bounds[bound] for bound in ("low", "best", "high") if bounds.get(bound)}


# ---- columns -------------------------------------------------------------------------------------------------------


def _column(column: Column, guess: Guess, context: Context, *, include_names: bool) -> Iterator[str]:
    told = column.filled_told() + (
        "" if not column.filled else f"; {_values_told(column, guess, context, include_names=include_names)}"
    )
    tag = f" Tagged {one_line(column.tag)}." if column.tag else ""
    why = f" Guess: {guess.why}." if guess.why else ""
    yield from _comment(f"{told}.{tag}{why}", 6)
    name = yaml_scalar(column.name)
    head = f"      {name}:" if len(name) <= LONGEST_KEY else f"      ? {name}\n      :"
    uses = [{key: keys[key] for key in _ORDER if key in keys} for keys in guess.uses]
    if (
        len(uses) == 1
        and len(flow := _flow(uses[0])) <= LONGEST_RULE
        and None not in (uses[0].get("codes") or {}).values()
    ):
        yield f"{head} {flow}"
        return
    yield head
    for keys in uses:
        yield from _block(keys, is_listed=len(uses) > 1)


def _block(keys: Mapping[str, Any], *, is_listed: bool) -> Iterator[str]:
    start = "        - " if is_listed else "        "
    for key, value in keys.items():
        if isinstance(value, dict):
            yield f"{start}{key}:"
            deeper = " " * len(start) + "  "
            yield from (f"{deeper}{yaml_scalar(code)}: {_flow(ours)}" for code, ours in value.items())
        else:
            yield f"{start}{key}: {_flow(value)}"
        start = "          " if is_listed else "        "


def _values_told(column: Column, guess: Guess, context: Context, *, include_names: bool) -> str:
    """Return what may be told of a column's values."""
    keys = next((keys for keys in guess.uses if "parse" in keys), guess.uses[0])
    if guess.is_restricted or keys.get("parse") == "url":
        told = column.shape_told()
    else:
        told = _parsed_told(column, keys, context) or _unparsed_told(column)
    return f"{told}; e.g. {column.samples()}" if include_names and "e.g." not in told else told


def _parsed_told(column: Column, keys: Mapping[str, Any], context: Context) -> str:
    """Return what is told of values that a parser reads, "" where none does."""
    parse = keys.get("parse", "")
    if parse == "day" and column.days:
        return f"{column.span_told()}, e.g. {column.samples(column.day)}"
    if parse == "day":
        return f"numbers such as Excel shows for days, e.g. {column.samples(is_serial)}"
    if parse in {"latitude", "longitude"}:
        return (
            column.range_told()
            if column.is_delicate
            else f"{column.range_told()}, e.g. {column.samples(_is_short)}"
        )
    if parse in {"place", "governorate", "country"}:
        return _places_told(column, parse, context)
    if parse in {"term", "terms"}:
        codes = Counter[str]()
        for code, count in known_terms(column, dict(keys), context):
            codes[code] += count
        known = ", ".join(f"{code} ({count:,})" for code, count in codes.most_common(SHOWN_TERMS))
        return f"{column.shape_told()}; known terms: {known or 'none'}"
    return ""


def _is_short(text: str) -> bool:
    return len(text) <= 24 and any(sign.isdigit() for sign in text)  # noqa: PLR2004 - a coordinate has no more signs


def _places_told(column: Column, parse: str, context: Context) -> str:
    gazetteer = context.gazetteer

    def is_known(text: str) -> bool:
        if parse == "governorate":
            return is_governorate(text, context)
        return fold_name(text) in (gazetteer.countries if parse == "country" else gazetteer.places)

    told = column.samples(lambda text: is_known(text) and not is_hidden(text))
    known = f"{column.shape_told()}; known to the gazetteer {column.share(is_known):.0%}"
    return known + (f", e.g. {told}" if told else "")


def _unparsed_told(column: Column) -> str:
    """Return what is told of any other values: numbers, days and codes by themselves, anything else by its shape."""
    if column.day_share == 1:
        return f"{column.span_told()}, e.g. {column.samples(column.day)}"
    if column.is_code_list:
        return column.codes_told()
    if column.numbers and column.number_share >= 0.8 and not column.is_numbered:  # noqa: PLR2004 - as guesses have it
        return f"{column.range_told()}, e.g. {column.samples(_is_short)}"
    return column.shape_told()


# ---- YAML ----------------------------------------------------------------------------------------------------------


def _comment(text: str, indent: int) -> Iterator[str]:
    start = " " * indent + "# "
    flat = "".join(sign if sign.isprintable() else " " for sign in text)
    yield from textwrap.wrap(
        flat,
        WIDTH,
        initial_indent=start,
        subsequent_indent=start,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _flow(value: object) -> str:
    """Return a value on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{yaml_scalar(str(key))}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value) if isinstance(value, int) else yaml_scalar(str(value))
