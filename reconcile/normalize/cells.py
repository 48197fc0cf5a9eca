"""One column of text -> one array of values, each unique text read once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.parse.coordinates import parse_latitude, parse_longitude
from reconcile.parse.counts import QuantityWords, parse_count, parse_quantity
from reconcile.parse.dates import parse_window
from reconcile.parse.errors import Unreadable
from reconcile.ruleset import fold_spelling
from reconcile.similar import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from reconcile.drafts import IssueList
    from reconcile.gazetteer import Gazetteer
    from reconcile.ruleset import ColumnRule, Vocabulary

Values = "npt.NDArray[np.object_]"
# White space, no-break spaces, direction marks and byte-order marks: they come along from web pages, unseen.
EDGES = " \t\r\n\u00a0\u200b\u200e\u200f\u202a\u202b\u202c\u202f\ufeff"
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Context:
    """What reading cells needs of the rules, built once per run.

    Attributes:
        spellings: of each vocabulary, code by folded spelling.
        monitors: monitor id by folded id, title and alias.
        words: vague quantities of the run's profile.
        key: of the job, for keyed ids.
    """

    vocabularies: Mapping[str, Vocabulary]
    spellings: Mapping[str, Mapping[str, str]]
    monitors: Mapping[str, str]
    gazetteer: Gazetteer
    words: QuantityWords
    key: bytes = b""


def cleaned(cells: pd.Series[str], rule: ColumnRule) -> pd.Series[str]:
    """Return cells without the white space and direction marks around them, stand-ins for blanks made blank."""
    stripped = cells.str.strip(EDGES)
    return stripped.mask(stripped.isin(rule.missing), "") if rule.missing else stripped


def read_cells(
    cells: pd.Series[str],
    rule: ColumnRule,
    context: Context,
    issues: IssueList,
    source_rows: pd.Series[int],
    told: set[str] | None = None,
) -> npt.NDArray[np.object_]:
    """Return the value of each cell, None where it is blank or unreadable; what is unreadable is an issue.

    Args:
        cells: of one column, cleaned.
        rule: of that column.
        context: vocabularies and the like.
        issues: where unreadable cells are noted.
        source_rows: the cells' rows in the file.
        told: texts of this column already noted by another of its rules; those noted now are added.
    """
    told = set() if told is None else told
    column = str(cells.name)
    codes, texts = pd.factorize(cells, use_na_sentinel=False)
    read = _reader(rule, context)
    values = np.empty(len(texts), dtype=object)
    for position, text in enumerate(texts):
        if text == "" and rule.parse != "code":
            continue
        try:
            values[position] = read(str(text))
        except Unreadable as fault:
            if text in told:
                continue
            told.add(str(text))
            _note_unreadable(cells, codes == position, column, str(fault), issues, source_rows)
        except _UnknownTerm as unknown:
            values[position] = unknown.value
            if text in told:
                continue
            told.add(str(text))
            where = codes == position
            first = int(source_rows.to_numpy()[where][0])
            shown = "(withheld)" if column in issues.restricted else repr(str(text)[:120])
            issues.add(
                "unknown_term",
                f"{column}: {shown} is not a term we know{_hint(unknown.near)}. {unknown.todo}",
                row=first,
                column=column,
                value=str(text),
                severity=unknown.severity,
                rows=int(where.sum()),
            )
    return values[codes]


def _note_unreadable(
    cells: pd.Series[str],
    where: npt.NDArray[np.bool_],
    column: str,
    fault: str,
    issues: IssueList,
    source_rows: pd.Series[int],
) -> None:
    rows = source_rows[where]
    shown = "a cell that may name persons can't be read" if column in issues.restricted else fault
    messages = (
        "Row "
        + rows.astype("str")
        + f", {column}: {shown}. The cell was left blank; the rest of its row was read."
    )
    issues.add_cells("unreadable", "error", column, rows, cells[where], messages)


class _UnknownTerm(Exception):
    def __init__(self, value: object, near: list[str], todo: str, severity: str = "warning") -> None:
        self.value, self.near, self.todo, self.severity = value, near, todo, severity


def _hint(near: list[str]) -> str:
    return f" (nearest: {', '.join(near)})" if near else ""


def slug(text: str) -> str:
    """Return a code made of a text that no vocabulary knows, so that it is kept apart from others and not lost."""
    return "x_" + (_SLUG.sub("_", text.casefold()).strip("_") or format(abs(hash_text(text)), "x"))


def hash_text(text: str) -> int:
    """Return a number for a text that is the same in every process, unlike `hash`."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def _reader(rule: ColumnRule, context: Context) -> Callable[[str], Any]:
    plain: dict[str, Callable[[str], Any]] = {
        "day": lambda text: parse_window(text, rule.order),
        "number": parse_count,
        "quantity": lambda text: parse_quantity(text, context.words),
        "latitude": parse_latitude,
        "longitude": parse_longitude,
        "whole": _read_whole,
        "ids": lambda text: " ".join(sorted(set(text.split()))),
        "governorate": lambda text: _governorate(text, context),
    }
    made = {"code": _code_reader, "term": _term_reader, "terms": _terms_reader, "country": _country_reader}
    if rule.parse in made:
        return made[rule.parse](rule, context)
    return plain.get(rule.parse, str)


def _read_whole(text: str) -> str:
    # Ids that a conversion turned into floats: 240985.0 is 240985.
    return re.sub(r"^(\d+)\.0+$", r"\1", text)


def _code_reader(rule: ColumnRule, _: Context) -> Callable[[str], str]:
    codes = {fold_spelling(key): value for key, value in (rule.codes or {}).items()}

    def read(text: str) -> str:
        folded = fold_spelling(_read_whole(text))
        if folded in codes:
            return codes[folded]
        if folded == "":
            return ""
        near = nearest(text, [key for key in rule.codes or {} if key])
        raise _UnknownTerm(
            "",
            near,
            "Add it to `codes` of this column in the rule file; until then the cell counts as blank.",
        )

    return read


def _term_reader(rule: ColumnRule, context: Context) -> Callable[[str], str]:
    if rule.vocabulary == "monitors":
        return lambda text: _monitor(text, context)
    spellings = context.spellings[rule.vocabulary or ""]

    def read(text: str) -> str:
        code = spellings.get(fold_spelling(text))
        if code is None:
            raise _UnknownTerm(
                "",
                nearest(text, spellings),
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
            near = nearest(strangers[0], spellings)
            raise _UnknownTerm(
                value,
                near,
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
            nearest(text, context.monitors),
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
            raise _UnknownTerm("", nearest(text, spellings), "Add it to rules/vocabularies/countries.yaml.")
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
