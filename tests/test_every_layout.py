"""Every shipped layout against rows nobody designed: nothing crashes, no row is lost, and the order of rows means nothing.

The header is the layout's own, with all its columns; the cells are invented, from a pool of what has been seen to go wrong.
A new layout is tried here without a line being added. `RECONCILE_EXAMPLES=20` looks twenty times harder.
"""

from __future__ import annotations

import csv
import io
from random import Random
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.drafts import gather
from reconcile.normalize import build_context, normalize
from reconcile.read import SourceFile, read_tables
from reconcile.rulefiles import load_rules
from reconcile.ruleset import NUMBERED
from reconcile.validate import Within, validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.normalize.cells import Context
    from reconcile.ruleset import Layout, Monitor, Ruleset
    from reconcile.validate import Validated

    Rows = Sequence[Sequence[str]]

RULES = load_rules(ROOT / "rules")
# A companion is tried with the layout whose rows it reads; a printed text has no header.
LAYOUTS = [
    pytest.param(monitor, layout, id=layout.id)
    for monitor in RULES.monitors.values()
    for layout in monitor.layouts
    if not (layout.reads_with or layout.grammar)
]
NASTY = (
    # Nothing, and what stands for it.
    "", "", "", " ", "\u00a0", "\u200f", "-", "–", "?", "N/A", "n/a", "NULL", "None", "nan", "-99", "-9", "#N/A", "#REF!", "#DIV/0!", "#VALUE!",
    # Numbers.
    "0", "1", "3", "3.0", "0.333", "-1", "1e3", "1E+16", "inf", "1,234", "1.234", "1 234", "1\u00a0234", "1'234", "1.234,5", "1,234.5", "12,5", "10+", ">10",
    "~7", "3-5", "205–228", "12*", "117²", "4[1]", "(5)", "12%", "½", "٢٠٥", "۲۰۵", "Ⅷ", "about ten", "dozens", "unknown", "TRUE", "9" * 30,
    # Days and ages.
    "2017-06-10", "10/06/2017", "06/10/2017", "26/03/2015", "3.4.17", "10 June 2017", "June 2017", "2017", "20170610", "42896", "42896.5", "45000",
    "2017-02-30", "0000-00-00", "9999-12-31", "2017-06-10T23:30:00Z", "2017-06-10 00:00:00", "10-Jun-17", "حزيران 2017", "yesterday", "1496275200",
    "less than a year", "3 months", "35 years", "0.5", "minor", "150",
    # Places, codes and words.
    "35.95", "39.01", "4239", "35,95", "35°57'N", "Raqqa", "الرقة", "Tell Example / تل المثال", "Syria", "SYR", "civilian", "Civilians (Syria)", "killed", "male",
    "Confirmed", "US-led Coalition; Russia", "x, y", "credible", "SOHR", "Total", "TOTAL:", "Subtotal", "Source: an example", "0 or 1",
    # Signs that do harm.
    '"', 'a "quoted" word', "'", ",", "a;b", "a|b", "a\tb", "two\nlines", "two\r\nlines", "\\", "=1+1", "@SUM(1)", "{0}", "%s", "[b]", "<b>&amp;</b>",
    "\x1b[31m", "\x07", "\x00", "\u2028", "\x85", "\u202etrap", "\ufeff", "\U0001f600", "e\u0301", "x" * 300,
)  # fmt: skip
# Wider headers are tried with fewer rows: they take most of the time.
WIDE = 60


@pytest.fixture(scope="module")
def context(rules: Ruleset) -> Context:
    """What reading cells needs."""
    return build_context(rules, "airwars")


def header_of(monitor: Monitor, layout: Layout) -> list[str]:
    """Return every column that a layout and its companions describe; where there may be several of one, two of it."""
    described = [name for one in (layout, *monitor.companions_of(layout)) for name in one.columns]
    made = [
        name.replace(NUMBERED, number).replace("*", "anything")
        for name in dict.fromkeys(described)
        for number in (("1", "2") if NUMBERED in name else ("",))
    ]
    return list(dict.fromkeys(made))


@st.composite
def nasty_rows(draw: st.DrawFn, width: int) -> list[list[str]]:
    """Return up to five rows of nasty cells, few or many of them filled.

    Cells hang on one number a row: what fails is then made small by leaving rows out, in seconds and not in minutes.
    """
    seeds = st.tuples(st.integers(0, 2**32), st.sampled_from((0.1, 0.4, 1.0)))
    return [_row_of(*seed, width) for seed in draw(st.lists(seeds, min_size=1, max_size=5))]


def _row_of(seed: int, share: float, width: int) -> list[str]:
    chance = Random(seed)  # noqa: S311 - cells of a test, no secret
    return [chance.choice(NASTY) if chance.random() < share else "" for _ in range(width)]


def file_of(header: Sequence[str], rows: Rows) -> SourceFile:
    """Return the rows as a CSV that a careful program wrote."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return SourceFile("export.csv", out.getvalue().encode())


def valid_of(source: SourceFile, monitor: Monitor, context: Context) -> tuple[int, Validated]:
    """Return how many rows were read of a file, and what came of them."""
    tables = read_tables(source, [monitor])
    drafts = []
    for table in tables:
        layout = next(one for one in monitor.layouts if one.id == table.layout_id)
        drafts.append(normalize(table, monitor, layout, context))
    terms = RULES.vocabularies["countries"].terms
    return sum(len(table.rows) for table in tables), validate(gather(drafts), Within(), terms)


def contents(valid: Validated) -> list[tuple[str, ...]]:
    """Return what claims, figures and victims say, their rows and the numbers of repeated ids aside."""
    base = valid.claims["claim_id"].str.replace(r"~+\d+$", "", regex=True)
    own = dict(zip(valid.claims["claim_id"], base, strict=True))
    claims = valid.claims.drop(columns=["source_row", "file_sha256", "claim_id"]).assign(own=base.array)
    figures = valid.figures.assign(claim_id=valid.figures["claim_id"].map(own))
    victims = valid.victims.drop(columns="person_id").assign(claim_id=valid.victims["claim_id"].map(own))
    return sorted(
        (str(number), *map(str, row))
        for number, frame in enumerate((claims, figures, victims))
        for row in frame.itertuples(index=False)
    )


@pytest.mark.parametrize(("monitor", "layout"), LAYOUTS)
def test_rows_are_kept_in_any_order(monitor: Monitor, layout: Layout, context: Context) -> None:
    """Whatever cells hold: each row has one fate, claims lead back to rows, and rows the other way round claim the same."""
    header = header_of(monitor, layout)

    @budget(1 if len(header) > WIDE else 3)
    @given(rows=nasty_rows(len(header)))
    def check(rows: list[list[str]]) -> None:
        read, valid = valid_of(file_of(header, rows), monitor, context)
        assert read == len(rows)
        assert sorted(valid.fates["source_row"]) == list(range(2, len(rows) + 2))
        assert set(valid.fates["fate_code"]) <= {"claimed", "quarantined", "not_data"}
        claimed = set(valid.fates.loc[valid.fates["fate_code"] == "claimed", "source_row"])
        assert set(valid.claims["source_row"]) == claimed
        assert contents(valid) == contents(valid_of(file_of(header, rows[::-1]), monitor, context)[1])

    check()
