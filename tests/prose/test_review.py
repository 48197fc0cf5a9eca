"""The list that a person works down: nothing in it runs, nothing is lost on the way out and back."""

from __future__ import annotations

import io
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from reconcile.frames import Drafts, columns_of, typed
from reconcile.outfiles import restored
from reconcile.prose.review import ArticleAccount, drafts_csv, review_sheets
from reconcile.workbook import workbook_bytes

DAY = date(2017, 6, 18)
RISKY = ("=1+1", "+40 dead", "-12", "@observatory said", " =x", "\t=x", "\rx", "'=x", "''-x", "＝1")
# The shape that scripts rely on.
STATED_ORDER = (
    "claim_no", "asserted_by", "reported_via", "measure_code", "population_code", "low", "best", "high", "qualifier_code",
    "verbatim", "date_start", "date_end", "place_name", "place_basis_code", "perpetrator_codes", "violence_code", "sentence",
    "span_start", "span_end", "confidence", "reasons", "draft",
)  # fmt: skip
BLANK = {"asserted_by": "", "place_basis_code": "stated", "kind_code": "incident", "draft": "draft"}
NUMBERS = {
    "claim_no": 1,
    "low": 40.0,
    "best": None,
    "high": None,
    "span_start": 0,
    "span_end": 9,
    "confidence": 0.75,
}
DAYS = ("date_start", "date_end", "published")


def draft_row(**overrides):
    """Return one row of Drafts with plausible defaults."""
    row = dict.fromkeys(columns_of(Drafts), "") | BLANK | NUMBERS | {"part_of": 0} | dict.fromkeys(DAYS, DAY)
    row |= {
        "measure_code": "killed",
        "population_code": "civilian",
        "verbatim": "at least 40",
        "place_name": "Tell Example",
    }
    row |= {"sentence": "At least 40 civilians were killed.", "article": "article.txt", "language": "en"}
    return row | overrides


def drafts_frame(*rows):
    """Return a Drafts frame of rows made by `draft_row`."""
    frame = pd.DataFrame(rows or [draft_row()], columns=columns_of(Drafts))
    for name in DAYS:
        frame[name] = pd.to_datetime(frame[name])
    for name in ("low", "best", "high"):
        frame[name] = pd.to_numeric(frame[name])
    return typed(Drafts, frame)


def account(**overrides):
    """Return the account of one article."""
    plain = {
        "file": "article.txt",
        "publisher": "Example News",
        "published": DAY,
        "language": "en",
        "claims": 1,
    }
    return ArticleAccount(**({**plain, "is_read": True, "words": 90, "sha256": "0" * 64} | overrides))


def csv_of(drafts):
    """Return the CSV of drafts as text cells."""
    return pd.read_csv(
        io.BytesIO(drafts_csv(drafts)), dtype="str", keep_default_na=False, encoding="utf-8-sig"
    )


def book_of(*sheets):
    """Return sheets as openpyxl reads them."""
    return load_workbook(io.BytesIO(workbook_bytes(sheets, title="Review", stamp=DAY)))


class TestCsv:
    """The CSV."""

    def test_columns_are_the_stated_ones_first(self):
        """The columns that scripts rely on come first, in their order, and all others of the frame follow."""
        columns = tuple(csv_of(drafts_frame()).columns)
        assert columns[: len(STATED_ORDER)] == STATED_ORDER
        assert columns == tuple(columns_of(Drafts))

    def test_cells(self):
        """Whole numbers without decimals, days as days, an open end empty."""
        rows = csv_of(drafts_frame(draft_row(low=1032.0, confidence=0.625, date_end=None)))
        stated = rows.loc[
            0, ["claim_no", "low", "best", "high", "confidence", "date_start", "date_end", "part_of"]
        ]
        assert list(stated) == ["1", "1032", "", "", "0.625", "2017-06-18", "", "0"]

    def test_excel_knows_its_encoding(self):
        """It begins with the mark by which Excel knows UTF-8."""
        assert drafts_csv(drafts_frame(draft_row(sentence="قتل 25 مدنياً"))).startswith(
            b"\xef\xbb\xbfclaim_no,"
        )

    def test_without_drafts(self):
        """No draft leaves the header."""
        assert drafts_csv(drafts_frame().iloc[:0]).count(b"\n") == 1


LINES = st.one_of(
    st.sampled_from(RISKY[:5]), st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
)


@given(st.lists(LINES, max_size=6))
@settings(max_examples=50, deadline=None)
def test_review_every_draft_is_listed(sentences):
    """Each draft is a row of the CSV and of the sheet, in the order of the text, its sentence as it was."""
    rows = (draft_row(claim_no=number, sentence=text) for number, text in enumerate(sentences, 1))
    drafts = drafts_frame(*rows).iloc[: len(sentences)]
    assert [restored(text) for text in csv_of(drafts)["sentence"]] == sentences
    (review, *_) = review_sheets(drafts, [account()])
    assert list(review.blocks[0].rows["sentence"]) == sentences
    assert list(review.blocks[0].rows["claim_no"]) == list(range(1, len(sentences) + 1))


class TestSheets:
    """The workbook."""

    def test_review_comes_first_and_holds_every_column(self):
        """Every column of the frame is there under its own name, so the sheet can be read back; the number is there as text too."""
        book = book_of(*review_sheets(drafts_frame(), [account()]))
        assert book.sheetnames == ["Review", "Articles", "How to use"]
        header = [cell.value for cell in book["Review"][1]]
        assert set(header) == {*columns_of(Drafts), "number"}
        assert len(header) == len(set(header))
        assert header[:4] == ["claim_no", "confidence", "decision", "sentence"]

    def test_cells_are_typed(self):
        """Numbers are numbers, days are days, and what is empty stays empty, to be filled in."""
        sheet = book_of(*review_sheets(drafts_frame(), [account()]))["Review"]
        cells = {header.value: cell for header, cell in zip(sheet[1], sheet[2], strict=True)}
        assert (cells["low"].value, cells["high"].value, cells["number"].value) == (40, None, "40 or more")
        assert cells["date_start"].is_date
        assert (cells["decision"].value, cells["note"].value) == (None, None)
        assert cells["sentence"].alignment.wrap_text
        assert sheet.freeze_panes == "D2"

    @pytest.mark.parametrize("text", RISKY[:5])
    def test_text_is_text(self, text):
        """Text that begins like a formula is text in a sheet, without an apostrophe."""
        sheet = book_of(*review_sheets(drafts_frame(draft_row(sentence=text)), [account()]))["Review"]
        assert (sheet["D2"].value, sheet["D2"].data_type) == (text, "s")

    def test_choices(self):
        """A decision is picked from three; codes are picked where Excel can offer them all."""
        codes = {
            "measure_code": {"killed": "Killed", "injured": "Injured"},
            "violence_code": {f"{at:060}": "x" for at in range(9)},
        }
        sheet = book_of(*review_sheets(drafts_frame(), [account()], codes))["Review"]
        offered = {rule.formula1 for rule in sheet.data_validations.dataValidation}
        assert {'"accept,edit,reject"', '"killed,injured"', '"incident,total"'} <= offered
        assert not any("0000" in choices for choices in offered)

    def test_articles(self):
        """Each article with what became of it: claims, none found, or not read and why."""
        accounts = [
            account(claims=2),
            account(file="b.html", claims=0, remarks=("b.html: is in doubt.",)),
            account(
                file="c.pdf", claims=0, is_read=False, language="", words=0, remarks=("c.pdf: is a PDF.",)
            ),
        ]
        rows = list(book_of(*review_sheets(drafts_frame(), accounts))["Articles"].iter_rows(values_only=True))
        assert [row[:2] for row in rows[1:]] == [
            ("article.txt", "2 claims"), ("b.html", "no claim found"), ("c.pdf", "not read"),
        ]  # fmt: skip
        assert rows[3][8] == "c.pdf: is a PDF."

    def test_how_to_use(self):
        """The page names the decisions and every column of the frame; the codes have a sheet of their own."""
        book = book_of(*review_sheets(drafts_frame(), [account()], {"measure_code": {"killed": "Killed"}}))
        told = {str(cell) for row in book["How to use"].iter_rows(values_only=True) for cell in row if cell}
        assert set(columns_of(Drafts)) <= told
        assert any("accept (it is right as it stands)" in text for text in told)
        assert [cell.value for cell in book["Codes"][2]] == ["measure_code", "killed", "Killed"]

    def test_without_drafts(self):
        """Without a claim there is a review list all the same, and the articles say so."""
        book = book_of(*review_sheets(drafts_frame().iloc[:0], [account(claims=0)]))
        assert book["Review"].max_row == 1
        assert book["Articles"]["B2"].value == "no claim found"
