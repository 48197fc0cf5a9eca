"""A printed text -> its entries, by a grammar: headings set columns, an entry is taken apart by one pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from reconcile.read.text import wide_encoding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconcile.read.files import SourceFile
    from reconcile.ruleset import Grammar

# An entry of a printed list is a paragraph; what is longer is another kind of text.
LONGEST_ENTRY = 20_000


@dataclass(frozen=True, slots=True)
class Entries:
    """The rows of a text.

    Attributes:
        rows: the grammar's columns; a line of no entry fills `text` only.
        numbers: the line on which each row begins.
        aside: lines of no entry.
        broken: lines whose entries the pattern does not fit, with a sentence.
    """

    rows: pd.DataFrame
    numbers: list[int]
    aside: frozenset[int]
    broken: Mapping[int, str]


@dataclass(slots=True)
class _Paragraph:
    number: int
    lines: list[str]
    headings: dict[str, str]
    is_entry: bool

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.lines).split())


def decoded(source: SourceFile) -> str:
    """Return the text of a file in UTF-8, UTF-16 or UTF-32, any other read as cp1252."""
    if wide := wide_encoding(source.content):
        return source.content.decode(wide, errors="replace").removeprefix("\ufeff")
    try:
        return source.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return source.content.decode("cp1252", errors="replace")


def cut(text: str, grammar: Grammar) -> Entries:
    """Return a printed text as rows: each entry, and each line of none.

    Args:
        text: of the whole file.
        grammar: what begins an entry and a heading, and what an entry is made of.
    """
    entry = re.compile(grammar.entry, re.DOTALL)
    finds = {column: [re.compile(one) for one in patterns] for column, patterns in grammar.finds.items()}
    rows, broken = [], {}
    paragraphs = _paragraphs(text, grammar)
    for paragraph in paragraphs:
        row = {"text": paragraph.text}
        if paragraph.is_entry:
            row |= paragraph.headings
            fits = entry.fullmatch(paragraph.text) if len(paragraph.text) <= LONGEST_ENTRY else None
            if fits is None:
                broken[paragraph.number] = (
                    f"Line {paragraph.number} begins an entry that the grammar {grammar.id} can't take apart; "
                    "it was set aside. Compare it with the entries around it."
                )
            else:
                row |= {name: found or "" for name, found in fits.groupdict().items()}
                row |= {column: _first(patterns, paragraph.text) for column, patterns in finds.items()}
        rows.append(row)
    return Entries(
        pd.DataFrame(rows, columns=list(grammar.columns), dtype="str").fillna(""),
        [paragraph.number for paragraph in paragraphs],
        frozenset(paragraph.number for paragraph in paragraphs if not paragraph.is_entry),
        broken,
    )


def _first(patterns: list[re.Pattern[str]], text: str) -> str:
    return next((found[1] or "" for pattern in patterns if (found := pattern.search(text))), "")


def _paragraphs(text: str, grammar: Grammar) -> list[_Paragraph]:
    """Return the entries, each with the lines that belong to it, and every other line that is not blank by itself."""
    starts, ends = re.compile(grammar.starts), re.compile(grammar.ends)
    sections = [(re.compile(section.pattern), section.columns) for section in grammar.sections]
    found: list[_Paragraph] = []
    headings: dict[str, str] = {}
    is_open = False
    for number, written in enumerate(text.splitlines(), start=1):
        line = written.strip()
        heading = next(
            ((hit, columns) for section, columns in sections if (hit := section.fullmatch(line))), None
        )
        if heading:
            headings = (
                headings | heading[1] | {name: value or "" for name, value in heading[0].groupdict().items()}
            )
            found.append(_Paragraph(number, [line], {}, is_entry=False))
            is_open = False
        elif starts.match(line):
            found.append(_Paragraph(number, [line], headings, is_entry=True))
            is_open = True
        elif ends.fullmatch(line):
            is_open = False
            # A blank line is no row of a text; any other that ends an entry is one.
            found += [_Paragraph(number, [line], {}, is_entry=False)] if line else []
        elif is_open:
            found[-1].lines.append(line)
        elif line:
            found.append(_Paragraph(number, [line], {}, is_entry=False))
    return found
