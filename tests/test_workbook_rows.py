"""Rows written as one piece: the same XML as openpyxl writes cell by cell."""

from io import BytesIO
from xml.etree.ElementTree import canonicalize
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet.hyperlink import Hyperlink
from strategies import budget

from reconcile.workbook.rows import new_sheet

# What a cell may hold once its text can be written at all, and openpyxl takes it for no formula.
TEXTS = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("&<>\"'\t\n\r "),
    max_size=20,
).filter(lambda text: not text.startswith(("=", "#")))
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)


def written(make, rows, dressed=()):
    """Return the XML of a sheet and its relations, in canonical form; cells at `dressed` places have a style and a link."""
    book = Workbook(write_only=True)
    ws = make(book, "Rows")
    ws.row_dimensions[2].height = 31
    for number, row in enumerate(rows):
        cells = list(row)
        for place, value in enumerate(cells):
            if (number, place) in dressed:
                cells[place] = WriteOnlyCell(ws, value)
                cells[place].font = Font(bold=True)
                cells[place].hyperlink = Hyperlink(ref="", target="https://example.org/?a=1&b=2")
        ws.append(cells)
    out = BytesIO()
    book.save(out)
    with ZipFile(out) as parts:
        names = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        return {name: canonicalize(parts.read(name).decode()) for name in names}


def by_openpyxl(book, name):
    """Add a sheet as openpyxl does."""
    return book.create_sheet(name)


@budget(60)
@given(st.lists(st.lists(VALUES, max_size=30), max_size=5))
def test_plain_rows_are_the_same(rows):
    """Values of any kind, in as many columns as there are, give what openpyxl writes."""
    assert written(new_sheet, rows) == written(by_openpyxl, rows)


def test_dressed_rows_are_the_same():
    """Styles, links, row heights and empty cells that have a style are written as openpyxl writes them."""
    rows = [
        ["a", 1, None, True],
        [" <b> ", 2.5, "", "\u0627\u0644\u0631\u0642\u0629"],
        ["x" * 32_767, -1e-9, 10**15, "line\nline"],
    ]
    dressed = {(0, 0), (1, 0), (1, 1), (1, 3), (2, 1)}
    ours = written(new_sheet, rows, dressed)
    assert ours == written(by_openpyxl, rows, dressed)
    assert 'ht="31"' in ours["xl/worksheets/sheet1.xml"]
    assert "<hyperlink " in ours["xl/worksheets/sheet1.xml"]


@pytest.mark.parametrize("text", ["a\rb", "\r", "\u2028 ", "]]>", "&amp;"])
def test_text_with_marks_is_kept(text):
    """Text that means something to XML comes back as it was."""
    assert written(new_sheet, [[text]]) == written(by_openpyxl, [[text]])
