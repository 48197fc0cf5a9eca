"""Drafts of claims -> the list that a person works down: as CSV, or as typed sheets.

Both bear the names of the columns of `Drafts`, so that either is an input again. Empty cells stay empty: an open end is
a low without a high.

Guarantees:
    every_draft_is_listed: each draft is one row of either, in the order of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from reconcile.frames import Drafts, columns_of
from reconcile.outfiles import csv_bytes
from reconcile.sheets import Block, Column, Sheet
from reconcile.views import interval_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from reconcile.sheets import Format

DECISIONS = ("accept", "edit", "reject")
REVIEW_SHEET = "Review"
# What an Excel list of choices holds, commas included.
LONGEST_CHOICES = 255

# From left to right as a person checks a draft: the sentence, what was made of it, and what else is known.
_COLUMNS: tuple[tuple[str, int, Format], ...] = (
    ("claim_no", 9, "integer"),
    ("confidence", 12, "share"),
    ("decision", 11, "text"),
    ("sentence", 52, "long_text"),
    ("asserted_by", 18, "long_text"),
    ("measure_code", 14, "text"),
    ("population_code", 14, "text"),
    ("number", 13, "text"),
    ("low", 8, "integer"),
    ("best", 8, "integer"),
    ("high", 8, "integer"),
    ("date_start", 12, "date"),
    ("date_end", 12, "date"),
    ("place_name", 18, "long_text"),
    ("place_basis_code", 12, "text"),
    ("perpetrator_codes", 18, "long_text"),
    ("violence_code", 15, "text"),
    ("reasons", 60, "long_text"),
    ("note", 36, "long_text"),
    ("reviewer", 14, "text"),
    ("article", 28, "text"),
    ("reported_via", 18, "long_text"),
    ("verbatim", 18, "long_text"),
    ("qualifier_code", 14, "text"),
    ("kind_code", 11, "text"),
    ("window_text", 18, "long_text"),
    ("sex_code", 10, "text"),
    ("age_group_code", 12, "text"),
    ("attribution_code", 13, "text"),
    ("role_code", 11, "text"),
    ("place_kind_code", 13, "text"),
    ("country_code", 12, "text"),
    ("part_of", 9, "integer"),
    ("published", 12, "date"),
    ("language", 11, "text"),
    ("span_start", 11, "integer"),
    ("span_end", 11, "integer"),
    ("draft", 8, "text"),
)
# What a column can say at all, whatever the rules list.
_CLOSED = {
    "decision": DECISIONS,
    "kind_code": ("incident", "total"),
    "place_basis_code": ("stated", "context"),
    "role_code": ("alleged", "conceded"),
    "sex_code": ("any", "female", "male", "unknown"),
    "age_group_code": ("any", "child", "adult", "unknown"),
    "qualifier_code": (
        "exact", "at_least", "more_than", "up_to", "about", "range", "vague", "none_reported", "not_stated",
    ),
}  # fmt: skip
# A line of the sheet each.
_HOW = """\
Every row of the sheet Review is one claim, read from an article by rules. It is a draft until a person accepts it.
1. Read the sentence, and compare it with the columns to its right. The number is shown as text, and again as low, best and \
high: an empty high means open, as in “at least 40”; where low and high are both empty, no number is stated.
2. Pick a decision: accept (it is right as it stands), edit (you have put something right in the row), or reject (the \
sentence does not say this). Sort or filter by confidence to begin with the doubtful ones; reasons says what lowered it.
3. To edit, write into the cells of the row: numbers as plain numbers, days as 2017-06-18, codes as on the sheet Codes. The column \
number is for reading only: what counts are low, best and high.
4. Sign with reviewer, and use note for whatever a colleague should know.
5. A claim that was missed is a row of its own below the last: give it the next claim_no, and the decision edit.
6. Save the workbook, and give it to reconcile as an input beside the exports of the monitors, for instance: \
reconcile run claims.xlsx airwars.csv ucdp_ged.csv
Leave the headers as they are: the sheet is recognised by them. Rows may be sorted and filtered, columns hidden.
A place_basis_code of context says that the place stands in the text before the sentence, and so is inferred.
""".splitlines()


@dataclass(frozen=True, slots=True)
class ArticleAccount:
    """What became of one article.

    Attributes:
        file: name of the file.
        publisher: who published it.
        published: day of publication.
        sha256: of the file's bytes; empty where they could not be had.
        language: `en` or `ar`; empty where the article was not read.
        title: headline.
        words: of the text.
        claims: drafts read from it.
        is_read: whether its text was read.
        remarks: sentences on what went wrong, or is in doubt.
    """

    file: str
    publisher: str
    published: date
    sha256: str = ""
    language: str = ""
    title: str = ""
    words: int = 0
    claims: int = 0
    is_read: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """What became of it, in few words."""
        if not self.is_read:
            return "not read"
        return f"{self.claims:,} claim{'s' * (self.claims != 1)}" if self.claims else "no claim found"


def drafts_csv(drafts: pd.DataFrame) -> bytes:
    """Return drafts, a `Drafts` frame, as CSV."""
    return csv_bytes(drafts[columns_of(Drafts)])


def review_sheets(
    drafts: pd.DataFrame,
    articles: Sequence[ArticleAccount],
    codes: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Sheet, ...]:
    """Return the sheets of a review: the drafts, the articles, and how to go about it.

    Args:
        drafts: a `Drafts` frame.
        articles: all that were given, the ones without a claim and the ones that could not be read included.
        codes: of columns that hold codes, the meaning of each code.
    """
    codes = codes or {}
    numbers = [interval_text(low, high) for low, high in zip(drafts["low"], drafts["high"], strict=True)]
    rows = drafts.assign(number=pd.Series(numbers, index=drafts.index, dtype="str"))
    columns = tuple(
        Column(name, name, width, shape, choices=_choices(name, codes)) for name, width, shape in _COLUMNS
    )
    return (
        Sheet(REVIEW_SHEET, (Block(rows, columns),), freeze_columns=3),
        Sheet("Articles", (_articles_block(articles),)),
        Sheet("How to use", _how_blocks(), landscape=False),
        *((Sheet("Codes", (_codes_block(codes),), landscape=False),) if codes else ()),
    )


def _choices(name: str, codes: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Return the choices of a column, none where Excel could not offer them all."""
    choices = _CLOSED.get(name) or tuple(codes.get(name, ()))
    return choices if len(",".join(choices)) <= LONGEST_CHOICES else ()


def _articles_block(articles: Sequence[ArticleAccount]) -> Block:
    rows = pd.DataFrame(
        [
            {
                "file": one.file,
                "outcome": one.outcome,
                "title": one.title,
                "publisher": one.publisher,
                "published": pd.Timestamp(one.published),
                "language": one.language,
                "words": one.words if one.is_read else None,
                "claims": one.claims if one.is_read else None,
                "remarks": "\n".join(one.remarks),
                "sha256": one.sha256,
            }
            for one in articles
        ]
    )
    return Block(
        rows,
        (
            Column("file", "File", 28),
            Column("outcome", "What became of it", 18),
            Column("title", "Headline", 44, "long_text"),
            Column("publisher", "Publisher", 20),
            Column("words", "Words", 9, "integer"),
            Column("claims", "Claims", 9, "integer"),
            Column("published", "Published", 12, "date"),
            Column("language", "Language", 10),
            Column("remarks", "Remarks", 60, "long_text"),
            Column("sha256", "SHA-256 of the file", 68),
        ),
    )


def _how_blocks() -> tuple[Block, ...]:
    described = pd.DataFrame(
        [(name, Drafts.to_schema().columns[name].description) for name in columns_of(Drafts)],
        columns=["column", "meaning"],
    )
    columns = (Column("column", "Column", 20), Column("meaning", "What it says", 90, "long_text"))
    how = Block(pd.DataFrame(), (), "How to work down the review list", tuple(_HOW))
    return (how, Block(described, columns, "Columns of the sheet Review"))


def _codes_block(codes: Mapping[str, Mapping[str, str]]) -> Block:
    listed = [(name, code, meaning) for name, terms in codes.items() for code, meaning in terms.items()]
    return Block(
        pd.DataFrame(listed, columns=["column", "code", "meaning"]),
        (Column("column", "Column", 20), Column("code", "Code", 34), Column("meaning", "Meaning", 60)),
    )
