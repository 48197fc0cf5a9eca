"""One column of text -> its values, each distinct text read once, those of the commonest form all at once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from reconcile.normalize.columns import Column, factorized
from reconcile.normalize.columns import texts as as_texts
from reconcile.parse.ages import parse_age, parse_birth_year
from reconcile.parse.coordinates import parse_latitude, parse_longitude
from reconcile.parse.counts import QuantityWords, decimal_mark_of, parse_count, parse_quantity
from reconcile.parse.dates import Window, order_of, parse_serial, parse_window
from reconcile.parse.errors import Unreadable, shown
from reconcile.parse.sources import parse_sources
from reconcile.ruleset import fold_spelling
from reconcile.similar import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy.typing as npt

    from reconcile.drafts import IssueList
    from reconcile.gazetteer import Gazetteer
    from reconcile.normalize.columns import Bools, Codes
    from reconcile.parse.ages import Age
    from reconcile.ruleset import ColumnRule, Vocabulary

# White space, no-break spaces, direction marks and byte-order marks: they come along from web pages, unseen.
EDGES = " \t\r\n\u00a0\u200b\u200e\u200f\u202a\u202b\u202c\u202f\ufeff"
# Longer than any body calls itself.
LONGEST_SOURCE = 60
# Unknown terms of a column that are told with the terms they may be a slip of.
HINTS = 100
_A_MONTH = 4
# What may stand beside a day that is not certain: EDTF's signs, and words.
_QUALIFIED = re.compile(r"[~?%]|(?i:circa|about|around|approx|probabl|possibl|maybe|\bca?\b|حوالي|نحو)")
_NO_DAY = np.datetime64("NaT")
ID_WORD = re.compile(r"(?=.*\d)[\w.#/:~+-]{1,40}")
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Context:
    """What reading cells needs of the rules, built once per run.

    Attributes:
        spellings: of each vocabulary, code by folded spelling.
        monitors: monitor id by folded id, title and alias.
        words: vague quantities of the run's profile.
        key: of the job, for keyed ids.
        origins: of each monitor, the code of itself as an origin.
    """

    vocabularies: Mapping[str, Vocabulary]
    spellings: Mapping[str, Mapping[str, str]]
    monitors: Mapping[str, str]
    gazetteer: Gazetteer
    words: QuantityWords
    key: bytes = b""
    origins: Mapping[str, str] = field(default_factory=dict)


def cleaned(cells: Any, rule: ColumnRule) -> Any:
    """Return cells without the white space and direction marks around them, stand-ins for blanks made blank."""
    stripped = pd.Series(cells).str.strip(EDGES)
    return (stripped.mask(stripped.isin(rule.missing), "") if rule.missing else stripped).array


def _cut(cells: Any, rule: ColumnRule) -> Any:
    """Return cells without what a rule drops of them, and of the rest what it takes: a first group, or a whole match."""
    if rule.drop:
        cells = as_texts(re.sub(rule.drop, "", text).strip(EDGES) for text in cells)
    if rule.upper:
        cells = as_texts(text.upper() for text in cells)
    if not rule.take:
        return cells
    known = re.compile(rule.take)
    found = (known.search(text) for text in cells)
    return as_texts(((hit[1] if known.groups else hit[0]) or "") if hit else "" for hit in found)


def distinct_texts(cells: pd.Series[str], rule: ColumnRule) -> Column:
    """Return cells as `cleaned` leaves them, each distinct text once."""
    raw = factorized(cells.array)
    known = cleaned(raw.distinct, rule)
    bare = factorized(_cut(known, rule) if rule.take or rule.drop or rule.upper else known)
    return Column(bare.distinct, cast("Codes", bare.codes)[raw.codes])


def read_cells(
    cells: Column,
    rule: ColumnRule,
    context: Context,
    issues: IssueList,
    source_rows: npt.NDArray[np.int64],
    name: str,
    told: set[str] | None = None,
) -> Column:
    """Return the value of each cell, blank where it is blank or unreadable; what is unreadable is an issue.

    Args:
        cells: of one column, cleaned.
        rule: of that column.
        context: vocabularies and the like.
        issues: where unreadable cells are noted.
        source_rows: the cells' rows in the file.
        name: of the column.
        told: texts of this column already noted by another of its rules; those noted now are added.
    """
    if rule.parse in AS_IT_STANDS:
        return cells
    told = set() if told is None else told
    texts = pd.Series(cells.distinct)
    values = _blank_values(rule.parse, len(texts))
    stated = (texts != "").to_numpy()
    waiting = stated | (rule.parse == "code")
    if rule.parse in _IN_BULK:
        waiting &= ~_IN_BULK[rule.parse](texts, values)
    counts = np.bincount(cast("Codes", cells.codes), minlength=len(texts))
    rule, note = _proven(rule, texts[stated], counts[stated])
    if note and note not in told:
        told.add(note)
        issues.add("column_proves", f"{name}: {note}", column=name, severity="note")
    faults = _read_each(rule, context, texts, waiting, values)
    if rule.days > 1 and rule.parse == "day":
        values[:, 1] = values[:, 0] + np.timedelta64(rule.days - 1, "D")
    if faults.any():
        places = _Places(cast("Codes", cells.codes), source_rows, texts, told, name)
        _note_remarks(places, faults.remarks, issues)
        _note_unreadable(places, faults.unreadable, issues)
        _note_unknown(places, faults.unknown, issues)
    if values.dtype == object and rule.parse != "quantity":
        return Column(as_texts(value or "" for value in values), cells.codes)
    return Column(values, cells.codes)


@dataclass(frozen=True, slots=True)
class _Faults:
    """What reading the distinct texts of a column met, by position."""

    remarks: dict[int, str] = field(default_factory=dict)
    unreadable: dict[int, Unreadable] = field(default_factory=dict)
    unknown: dict[int, _UnknownTerm] = field(default_factory=dict)

    def any(self) -> bool:
        return bool(self.remarks or self.unreadable or self.unknown)


def _read_each(
    rule: ColumnRule, context: Context, texts: pd.Series[str], waiting: Bools, values: npt.NDArray[Any]
) -> _Faults:
    """Read the waiting texts one by one into values; return what was met."""
    read = _reader(rule, context, texts)
    faults = _Faults()
    for position, text in zip(np.flatnonzero(waiting).tolist(), texts[waiting], strict=True):
        try:
            value = read(text)
        except Unreadable as fault:
            faults.unreadable[position] = fault
        except _UnknownTerm as fault:
            values[position] = fault.value
            faults.unknown[position] = fault
        else:
            if isinstance(value, Window):
                if value.remark:
                    faults.remarks[position] = value.remark
                value = (value.start or _NO_DAY, value.end or _NO_DAY)
            values[position] = value
    return faults


def _proven(rule: ColumnRule, texts: pd.Series[str], counts: npt.NDArray[np.intp]) -> tuple[ColumnRule, str]:
    """Return a rule with what it leaves open and the column's own cells prove, and a sentence on that."""
    if rule.parse == "day":
        notes = []
        if rule.order is None:
            order, said = order_of(texts, counts.tolist())
            rule, notes = rule.model_copy(update={"order": order}), [said] if said else []
        serials = sum(count for text, count in zip(texts, counts.tolist(), strict=True) if _is_serial(text))
        if serials:
            notes.append(
                f"{serials} cells hold a number such as Excel shows for a day; they were read as that day."
            )
        return rule, " ".join(notes)
    if rule.parse in {"number", "quantity"} and not rule.decimal_mark:
        mark = decimal_mark_of(texts)
        doubtful = sum(
            count
            for text, count in zip(texts, counts.tolist(), strict=True)
            if mark and _TWO_WAYS.fullmatch(text)
        )
        rule = rule.model_copy(update={"decimal_mark": mark or ""})
        if doubtful:
            return (
                rule,
                f"{doubtful} cells can be read two ways, and were read with {mark!r} before decimals, as other cells of the column prove.",
            )
    return rule, ""


# A number whose one mark may part thousands or decimals.
_TWO_WAYS = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")
_FIVE_DIGITS = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
# What Excel shows for days before is more likely a year and a month run together (20176).
_FIRST_SERIAL_YEAR = 1990


def _is_serial(text: str) -> bool:
    day = parse_serial(text) if _FIVE_DIGITS.fullmatch(text) else None
    return day is not None and day.year >= _FIRST_SERIAL_YEAR


AS_IT_STANDS = frozenset({"text", "place", "url", "part"})
# Parsers whose value is one number, or two: the first and the last.
_NUMBERS = frozenset({"number", "latitude", "longitude", "birth", "month"})


def _blank_values(parse: str, length: int) -> npt.NDArray[Any]:
    if parse in _NUMBERS:
        return np.full(length, np.nan)
    if parse == "age":
        return np.full((length, 2), np.nan)
    if parse == "day":
        return np.full((length, 2), np.datetime64("NaT"), dtype="datetime64[us]")
    return np.full(length, None, dtype=object)


# ---- texts of the commonest form, read all at once; each says which it read, and any other goes to its parser ------


def _bulk_numbers(pattern: str, most: float) -> Callable[[pd.Series[str], npt.NDArray[Any]], Bools]:
    def read(texts: pd.Series[str], values: npt.NDArray[Any]) -> Bools:
        plain = texts.str.fullmatch(pattern).to_numpy(dtype=bool, copy=True)
        numbers = texts[plain].astype("float64").to_numpy() + 0.0
        fits = np.abs(numbers) <= most
        plain[np.flatnonzero(plain)[~fits]] = False
        values[plain] = numbers[fits]
        return plain

    return read


def _bulk_days(texts: pd.Series[str], values: npt.NDArray[Any]) -> Bools:
    plain = texts.str.fullmatch(_ISO_DAY).to_numpy(dtype=bool, copy=True)
    days = pd.to_datetime(texts[plain].str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
    plain[np.flatnonzero(plain)[days.isna().to_numpy()]] = False
    values[plain] = days.dropna().to_numpy(dtype="datetime64[us]")[:, None]
    return plain


def _bulk_wholes(texts: pd.Series[str], values: npt.NDArray[Any]) -> Bools:
    plain = ~texts.str.endswith("0").to_numpy(dtype=bool) | texts.str.fullmatch("[0-9]+").to_numpy(dtype=bool)
    floated = texts.str.fullmatch(r"[0-9]+\.0").to_numpy(dtype=bool)
    values[plain] = texts[plain].to_numpy(dtype=object)
    values[floated] = texts[floated].str.slice(stop=-2).to_numpy(dtype=object)
    return plain | floated


def _bulk_ids(texts: pd.Series[str], values: npt.NDArray[Any]) -> Bools:
    plain = texts.str.fullmatch(ONE_WORD).to_numpy(dtype=bool)
    values[plain] = texts[plain].to_numpy(dtype=object)
    return plain


_ISO_DAY = r"(?:19[0-9]{2}|20[0-9]{2})-[0-9]{2}-[0-9]{2}(?:[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?)?"
# Text without white space of any kind.
ONE_WORD = "[!-~]+"
_DEGREES = r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_IN_BULK: dict[str, Callable[[pd.Series[str], npt.NDArray[Any]], Bools]] = {
    # Three decimals may be thousands, and are the parser's to judge.
    "number": _bulk_numbers(r"[0-9]{1,9}(?:\.[0-9]{1,2})?", 1e9),
    "latitude": _bulk_numbers(_DEGREES, 90),
    "longitude": _bulk_numbers(_DEGREES, 180),
    "day": _bulk_days,
    "whole": _bulk_wholes,
    "ids": _bulk_ids,
}


# ---- what can't be read --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the distinct texts of a column stand.

    Attributes:
        told: texts already noted.
    """

    codes: Codes
    source_rows: npt.NDArray[np.int64]
    texts: pd.Series[str]
    told: set[str]
    name: str

    def untold(self, faults: Mapping[int, Any]) -> list[tuple[str, Any, npt.NDArray[np.int64]]]:
        """Return text, fault and rows of each text not noted before."""
        order = np.argsort(self.codes, kind="stable")
        bounds = np.searchsorted(self.codes[order], np.arange(len(self.texts) + 1))
        found = []
        for position, fault in faults.items():
            text = str(self.texts.iloc[position])
            if text not in self.told:
                self.told.add(text)
                found.append((text, fault, self.source_rows[order[bounds[position] : bounds[position + 1]]]))
        return found


def _note_unreadable(places: _Places, faults: Mapping[int, Unreadable], issues: IssueList) -> None:
    is_restricted = places.name in issues.restricted
    for text, fault, rows in places.untold(faults):
        shown = "a cell that may name persons can't be read" if is_restricted else str(fault)
        messages = [
            f"Row {row}, {places.name}: {shown}. The cell was left blank; the rest of its row was read."
            for row in rows
        ]
        issues.add_cells("unreadable", "error", places.name, rows, [text] * len(rows), messages)


def _note_remarks(places: _Places, remarks: Mapping[int, str], issues: IssueList) -> None:
    is_restricted = places.name in issues.restricted
    for text, remark, rows in places.untold(remarks):
        shown = "a cell contradicts itself" if is_restricted else remark
        messages = [f"Row {row}, {places.name}: {shown}. It was read all the same." for row in rows]
        issues.add_cells("contradiction", "warning", places.name, rows, [text] * len(rows), messages)


def _note_unknown(places: _Places, faults: Mapping[int, _UnknownTerm], issues: IssueList) -> None:
    untold = places.untold(faults)
    # A hint costs a comparison with every spelling: the commonest have one.
    common = sorted(untold, key=lambda one: (-len(one[2]), one[0]))[:HINTS]
    hinted = {text for text, _, _ in common}
    for text, fault, rows in untold:
        shown = "(withheld)" if places.name in issues.restricted else repr(text[:120])
        hint = _hint(nearest(fault.stranger, fault.known)) if text in hinted else ""
        issues.add(
            "unknown_term",
            f"{places.name}: {shown} is not a term we know{hint}. {fault.todo}",
            row=int(rows[0]),
            column=places.name,
            value=text,
            severity=fault.severity,
            rows=len(rows),
        )


class _UnknownTerm(Exception):
    """A text that no vocabulary lists; `stranger` is the part of it that is unknown, `known` what it may be a slip of."""

    def __init__(
        self, value: str, stranger: str, known: Iterable[str], todo: str, severity: str = "warning"
    ) -> None:
        self.value, self.stranger, self.known = value, stranger, known
        self.todo, self.severity = todo, severity


def _hint(near: list[str]) -> str:
    return f" (nearest: {', '.join(near)})" if near else ""


def slug(text: str) -> str:
    """Return a code made of a text that no vocabulary knows, so that it is kept apart from others and not lost."""
    return "x_" + (_SLUG.sub("_", text.casefold()).strip("_") or format(abs(hash_text(text)), "x"))


def hash_text(text: str) -> int:
    """Return a number for a text that is the same in every process, unlike `hash`."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def _reader(rule: ColumnRule, context: Context, texts: Iterable[str]) -> Callable[[str], Any]:
    zone = ZoneInfo(rule.time_zone) if rule.time_zone else None
    mark = rule.decimal_mark or None
    plain: dict[str, Callable[[str], Any]] = {
        "day": lambda text: parse_window(text, rule.order, zone, serial=_is_serial(text)),
        "number": lambda text: parse_count(text, mark),
        "month": _read_month,
        "quantity": lambda text: parse_quantity(text, context.words, mark),
        "latitude": parse_latitude,
        "longitude": parse_longitude,
        "age": lambda text: _youngest_and_oldest(parse_age(text)),
        "birth": lambda text: parse_birth_year(text, rule.order),
        "whole": _read_whole,
        "id": _read_id,
        "ids": lambda text: " ".join(sorted(set(text.split()))),
        "governorate": lambda text: _governorate(text, context),
    }
    made = {
        "code": _code_reader,
        "terms": _terms_reader,
        "sources": _sources_reader,
        "country": _country_reader,
    }
    if rule.parse == "term":
        return _term_reader(rule, context, texts)
    if rule.parse in made:
        return made[rule.parse](rule, context)
    return plain.get(rule.parse, str)


def date_qualifiers(cells: Column, rule: ColumnRule) -> Column | None:
    """Return "~", "?" or "%" for each cell whose day is said to be approximate or uncertain; None where no cell's is."""
    qualifiers = [_qualifier(text, rule) if _QUALIFIED.search(text) else "" for text in cells.distinct]
    return Column(as_texts(qualifiers), cells.codes) if any(qualifiers) else None


def _qualifier(text: str, rule: ColumnRule) -> str:
    try:
        window = parse_window(text, rule.order)
    except Unreadable:
        return ""  # told when the column was read
    return window.qualifier if window else ""


def _read_month(text: str) -> float | None:
    """Return the number of a month, told by its number or its name."""
    if text.removesuffix(".0").isdecimal():
        return parse_count(text)
    window = parse_window(f"{text} 2000", None)
    if window is None or window.start is None or window.precision_code != _A_MONTH:
        raise Unreadable(f"found {shown(text)}, no month")
    return float(window.start.month)


def _youngest_and_oldest(age: Age | None) -> tuple[float, float]:
    if age is None:
        return np.nan, np.nan
    return age.low_years, np.nan if age.high_years is None else age.high_years


def _read_whole(text: str) -> str:
    # Ids that a conversion turned into floats: 240985.0 is 240985.
    return re.sub(r"^(\d+)\.0+$", r"\1", text)


def _read_id(text: str) -> str:
    # A number among its signs: a name that stands in a column of ids must not become part of a claim's id.
    found = _read_whole(text)
    if not ID_WORD.fullmatch(found):
        raise Unreadable(f"found {shown(text)}, no id; an id is one word of at most 40 signs, with a digit")
    return found


def _code_reader(rule: ColumnRule, _: Context) -> Callable[[str], str]:
    codes = {fold_spelling(key): value for key, value in (rule.codes or {}).items()}

    def read(text: str) -> str:
        folded = fold_spelling(_read_whole(text))
        if folded in codes:
            return codes[folded]
        if folded == "":
            return ""
        raise _UnknownTerm(
            "",
            text,
            [key for key in rule.codes or {} if key],
            "Add it to `codes` of this column in the rule file; until then the cell counts as blank.",
        )

    return read


def _term_reader(rule: ColumnRule, context: Context, texts: Iterable[str]) -> Callable[[str], str]:
    if rule.vocabulary == "monitors":
        return lambda text: _monitor(text, context)
    vocabulary = context.vocabularies[rule.vocabulary or ""]
    spellings = vocabulary.lookup_in(texts) if vocabulary.depends else context.spellings[vocabulary.id]

    def read(text: str) -> str:
        code = spellings.get(fold_spelling(text))
        if code is None:
            raise _UnknownTerm(
                "",
                text,
                spellings,
                f"Known are the terms of the vocabulary {rule.vocabulary}.",
                "error",
            )
        return code

    return read


def _terms_reader(rule: ColumnRule, context: Context) -> Callable[[str], str]:
    spellings = context.spellings[rule.vocabulary or ""]
    terms = context.vocabularies[rule.vocabulary or ""].terms
    cut = re.compile(
        "|".join(re.escape(mark) for mark in sorted(rule.separators, key=len, reverse=True)) or r"(?!)"
    )

    def read(text: str) -> str:
        whole = spellings.get(fold_spelling(text))
        pieces = [whole] if whole else [piece.strip(EDGES) for piece in cut.split(text)]
        codes, strangers = set(), []
        for piece in filter(None, pieces):
            code = whole or spellings.get(fold_spelling(piece))
            if code is None:
                strangers.append(piece)
                code = slug(piece)
            if code not in terms or terms[code].attacker:
                codes.add(code)
        value = " ".join(sorted(codes))
        if strangers:
            raise _UnknownTerm(
                value,
                strangers[0],
                spellings,
                f"It was kept as its own term; add it to rules/vocabularies/{rule.vocabulary}.yaml.",
                "note",
            )
        return value

    return read


def _sources_reader(rule: ColumnRule, context: Context) -> Callable[[str], str]:
    spellings = context.spellings[rule.vocabulary or ""]

    def is_known(text: str) -> bool:
        return fold_spelling(text) in spellings

    def read(text: str) -> str:
        named = {
            one.first: spellings.get(fold_spelling(one.first))
            for one in parse_sources(text, is_known, rule.separators)
        }
        # A sentence is no name, and may hold the names of people.
        strangers = [name for name, code in named.items() if code is None and len(name) <= LONGEST_SOURCE]
        value = " ".join(sorted({*filter(None, named.values()), *map(slug, strangers)}))
        if strangers:
            raise _UnknownTerm(
                value,
                strangers[0],
                spellings,
                f"It was kept as its own term; add it to rules/vocabularies/{rule.vocabulary}.yaml.",
                "note",
            )
        return value

    return read


def _monitor(text: str, context: Context) -> str:
    known = context.monitors.get(fold_spelling(text))
    if known is None:
        raise _UnknownTerm(
            slug(text),
            text,
            context.monitors,
            "It was kept as a monitor of its own, of unknown scope; write a rule file for it.",
        )
    return known


def _country_reader(_: ColumnRule, context: Context) -> Callable[[str], str]:
    spellings = context.spellings["countries"]

    def read(text: str) -> str:
        code = spellings.get(fold_spelling(text))
        if code is None:
            code = iso_country(text)
        if code is None:
            raise _UnknownTerm("", text, spellings, "Add it to rules/vocabularies/countries.yaml.")
        return code.upper()

    return read


def iso_country(text: str) -> str | None:
    """Return the ISO alpha-3 code of a country named or coded exactly, None otherwise. Never by likeness: oPt is not Mali."""
    import pycountry  # noqa: PLC0415 - its tables take time to load and most files name a country we list

    try:
        return str(pycountry.countries.lookup(text).alpha_3)
    except LookupError:
        return None


def _governorate(text: str, context: Context) -> str:
    place = context.gazetteer.governorate(text)
    return place.admin1 if place else text
