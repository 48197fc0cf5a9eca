"""Long tables: their first rows on the sheet, the rest whole in a table, and a workbook that can still be worked with."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest
from test_cli import DEMO, command

from reconcile.report import listing
from reconcile.sheets import Block, Column, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST = 5
FOOT = re.compile(r"5 of ([\d,]+) rows are listed here, .*; all of them are in tables/(\w+)\.parquet\.")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A report of a few days whose sheets list five rows at most, and so for as long as it is read."""
    folder = tmp_path_factory.mktemp("listing") / "job"
    shutil.copytree(DEMO, folder)
    text = (folder / "job.yaml").read_text(encoding="utf-8")
    few, count = re.subn(r"from: [\d-]+, to: [\d-]+", "from: 2017-06-09, to: 2017-06-11", text)
    assert count == 1
    (folder / "job.yaml").write_text(few, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listing, "ROWS_LISTED", MOST)
        said = command("run", folder / "job.yaml", "--as-of", "2017-12-01", "--quiet")
        assert said.code == 0, said.err
        (written,) = folder.glob("reports/*/2*")
        yield written


def test_sheets_say_what_they_leave_out(report: Path) -> None:
    """The last line of a cut sheet stands outside its filter, and names a table that holds every row it counts."""
    book = openpyxl.load_workbook(report / "discrepancies.xlsx")
    for name in ("Discrepancies", "Incidents", "Claims"):
        sheet = book[name]
        assert str(sheet.auto_filter.ref).endswith(str(MOST + 1))
        assert [cell.value for cell in sheet[MOST + 2]] == [None] * sheet.max_column
        found = FOOT.fullmatch(str(sheet.cell(MOST + 3, 1).value))
        assert found, name
        stated = int(found[1].replace(",", ""))
        assert len(pd.read_parquet(report / "tables" / f"{found[2]}.parquet")) == stated


def test_what_is_not_listed_can_be_explained(report: Path) -> None:
    """An incident, a claim and a finding that stand on no sheet are known to `explain`, and the report is proven."""
    tables = report / "tables"
    book = openpyxl.load_workbook(report / "discrepancies.xlsx")
    for table, key, sheet in (("claims", "claim_id", "Claims"), ("incidents", "cluster_id", "Incidents")):
        shown = {row[0].value for row in book[sheet].iter_rows(min_row=2, max_row=MOST + 1)}
        left = next(one for one in pd.read_parquet(tables / f"{table}.parquet")[key] if one not in shown)
        said = command("explain", report, left)
        assert (said.code, left in said.out.replace("\n", "")) == (0, True)
    assert command("verify", report).code == 0


def test_decisions_are_taken_from_a_short_sheet(report: Path, tmp_path: Path) -> None:
    """A decision on a listed finding is taken; the line below the table is no decision."""
    book = openpyxl.load_workbook(report / "discrepancies.xlsx")
    sheet = book["Discrepancies"]
    place = {str(cell.value): number for number, cell in enumerate(sheet[1], start=1)}
    for header, text in (("Decision", "accept"), ("Reviewer", "A"), ("Note", "seen")):
        sheet.cell(2, place[header], text)
    book.save(tmp_path / "decided.xlsx")
    shutil.copytree(report.parents[2], tmp_path / "job")
    before = {path.name for path in (tmp_path / "job").glob("*.yaml")}
    said = command("judge", tmp_path / "decided.xlsx", "--job", tmp_path / "job" / "job.yaml")
    assert said.code == 0, said.err
    written = [path for path in (tmp_path / "job").glob("*.yaml") if path.name not in before]
    assert str(sheet.cell(2, place["Finding id"]).value) in "".join(
        path.read_text(encoding="utf-8") for path in written
    )


def test_claims_that_are_named_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the claims, those that listed findings and pairs name are listed, in the order they had; then the first others."""
    monkeypatch.setattr(listing, "ROWS_LISTED", 4)
    claims = pd.DataFrame({"claim_id": [f"m:{number}" for number in range(9)]}, dtype="str")
    findings = pd.DataFrame({"claim_ids": ["m:7 m:5", *["m:0"] * 3, "m:8"]}, dtype="str")
    pairs = pd.DataFrame({"left_id": ["m:5"], "right_id": ["m:3"]}, dtype="str")
    sheets = [
        Sheet(name, (Block(rows, (Column(rows.columns[0], "Key"),)),))
        for name, rows in (("Discrepancies", findings), ("Claims", claims), ("Possible matches", pairs))
    ]
    cut = listing.listed(*sheets)
    assert [sheet.name for sheet in cut] == ["Discrepancies", "Claims", "Possible matches"]
    assert cut[1].blocks[0].rows["claim_id"].tolist() == ["m:0", "m:3", "m:5", "m:7"]
    few = listing.listed(sheets[1], sheets[2])
    assert few[0].blocks[0].rows["claim_id"].tolist() == ["m:0", "m:1", "m:3", "m:5"]
    assert (few[1].foot, few[1].rows_in_all, few[0].rows_in_all) == ("", 1, 9)
