"""Totals on one time line: how windows lie, what may be added, what differences leave, and the sheet that shows it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row, figures_frame
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.discrepancies import find_discrepancies, gather_evidence
from reconcile.discrepancies.evidence import Laid
from reconcile.frames import Issues, LinkedClaims, empty
from reconcile.normalize import build_context
from reconcile.pipeline import reader_of
from reconcile.report.windows import DRAWN, windows_sheet
from reconcile.validate import Within
from reconcile.windows import DENSE, relate_windows

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from reconcile.ruleset import Ruleset
    from reconcile.scopes import Reader

    Frames = tuple[pd.DataFrame, pd.DataFrame]
    Relate = Callable[..., Frames]

FIRST = date(2017, 6, 1)
CITY = {"place_name": "Raqqa city", "place_id": "syr_raqqa", "place_kind_code": "city"}
LAND = {"place_name": "Raqqa province", "place_id": "syr_gov_ar_raqqa", "place_kind_code": "governorate"}
ALEPPO = {
    "place_name": "Aleppo province",
    "place_id": "",
    "place_kind_code": "governorate",
    "admin1": "Aleppo",
}
SYRIA = {"place_name": "Syria", "place_id": "", "place_kind_code": "country", "admin1": ""}
PLACES = (CITY, LAND, ALEPPO, SYRIA)


@pytest.fixture(scope="module")
def reader(rules: Ruleset) -> Reader:
    """What the stage reads rules from."""
    return reader_of(rules, build_context(rules, "airwars").gazetteer, Within())


def total(number: int, first: int, last: int, **overrides: Any) -> dict[str, Any]:
    """Return a claim of a total from one day to another, counted from 1 June 2017 as day 1."""
    days = {
        "date_start": str(FIRST + timedelta(days=first - 1)),
        "date_end": str(FIRST + timedelta(days=last - 1)),
    }
    kind = {"monitor": "sohr", "kind_code": "total", "unit_code": "total", "native_id": f"T{number}"}
    return claim_row(number, **kind | days | CITY | overrides)


@pytest.fixture(scope="module")
def relate(reader: Reader) -> Relate:
    """A function that relates totals, each given as first day, last day, number (or low and high; no high is open) and overrides."""

    def run(*totals: tuple[Any, ...]) -> Frames:
        claims, figures = frames(totals)
        return relate_windows(claims, figures, reader)

    return run


def frames(totals: Sequence[tuple[Any, ...]]) -> Frames:
    """Return claims and figures of totals as `relate` takes them."""
    rows, figures = [], []
    for number, (first, last, said, *more) in enumerate(totals, start=1):
        overrides = dict(more[0]) if more else {}
        persons = {key: overrides.pop(key) for key in ("measure_code", "age_group_code") if key in overrides}
        row = total(number, first, last, **overrides)
        low, high = said if isinstance(said, tuple) else (said, said)
        rows.append(row)
        figures.append(figure_row(row["claim_id"], low, high, is_open=high is None, **persons))
    return claims_frame(*rows), figures_frame(*figures)


def found(frame: pd.DataFrame) -> dict[tuple[str, str], Any]:
    """Return relations by the native ids of both sides."""
    return {
        (row.left_id.rpartition(":")[2], row.right_id.rpartition(":")[2]): row for row in frame.itertuples()
    }


# ---- relations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "code", "shared", "gap"),
    [
        ((5, 10), (5, 10), "equal", 6, 0),
        ((5, 10), (5, 20), "within", 6, 0),
        ((1, 20), (5, 10), "covers", 6, 4),
        ((1, 20), (5, 20), "covers", 16, 4),
        ((1, 10), (5, 20), "overlaps", 6, 4),
        ((1, 10), (10, 20), "overlaps", 1, 9),
        ((1, 10), (11, 20), "touches", 0, 10),
        ((1, 10), (12, 20), "apart", 0, 11),
        ((3, 3), (3, 3), "equal", 1, 0),
    ],
)
def test_two_windows(
    relate: Relate, first: tuple[int, int], second: tuple[int, int], code: str, shared: int, gap: int
):
    """Two windows lie to each other in one of six ways, whichever is claimed first; only without a shared day may they be added."""
    for rows in ([(*first, 10), (*second, 20)], [(*second, 20), (*first, 10)]):
        (row,) = relate(*rows)[0].itertuples()
        assert (row.relation_code, row.shared_days, row.start_gap_days) == (code, shared, gap)
        assert row.may_be_added == (shared == 0)
        assert row.series == "sohr"
        assert row.explanation.endswith(".")


def test_towns_apart_may_be_added_whatever_the_days(relate: Relate):
    """Of two places that exclude each other nobody is in both numbers; a whole that holds both is added to neither."""
    relations, _ = relate((1, 10, 5, CITY), (1, 10, 7, ALEPPO), (1, 10, 20, SYRIA))
    pairs = found(relations)
    assert {key: row.scope_relation_code for key, row in pairs.items()} == {
        ("T1", "T3"): "within",
        ("T2", "T3"): "within",
    }
    assert not relations["may_be_added"].any()


def test_two_series_are_related_where_one_window_holds_the_other(relate: Relate):
    """Totals of two monitors are set side by side where they compare, and never added."""
    by = {"monitor": "snhr"}
    relations, _ = relate((1, 10, 5), (1, 10, 7, by), (3, 8, 4, by), (5, 20, 9, by))
    pairs = found(relations)
    # Of two windows that are equal, the lesser id stands left: snhr before sohr.
    assert {("T2", "T1"), ("T1", "T3")} <= set(pairs)
    assert ("T1", "T4") not in pairs
    across = relations[relations["series"] == ""]
    assert not across["may_be_added"].any()
    assert not across["is_one_origin"].any()


def test_the_second_wire_of_one_origin_is_told(relate: Relate):
    """Two wires of one origin for the same days are no second voice."""
    relations, _ = relate((1, 10, 5, {"reported_via": "one"}), (1, 10, 5, {"reported_via": "two"}))
    assert relations["is_one_origin"].all()
    assert "no second voice" in relations["explanation"].iloc[0]


def test_what_is_left_out(relate: Relate):
    """Other persons and measures are other topics; no window, no place, an end before the start and a ledger compare with nothing."""
    one = (1, 10, 5)
    for other in (
        (1, 10, 5, {"measure_code": "injured"}),
        (1, 10, 5, {"age_group_code": "child"}),
        (1, 10, 5, {"date_start": None}),
        (10, 1, 5),
        (1, 10, 5, {"country_code": "", "admin1": "", "place_id": "", "place_name": ""}),
    ):
        relations, derived = relate(one, other)
        assert relations.empty, other
        assert derived.empty, other
    ledger = {"measure_code": "reports_new"}
    assert relate((1, 10, 5, ledger), (1, 20, 9, ledger))[0].empty
    assert relate()[0].empty


def test_people_who_can_be_counted_twice_are_not_added(relate: Relate):
    """Who is besieged in June may be besieged in July: no sum, and no difference."""
    stock = {"measure_code": "besieged"}
    relations, derived = relate((1, 10, 5, stock), (11, 20, 9, stock), (1, 20, 9, stock))
    assert not relations["may_be_added"].any()
    assert derived.empty


def test_a_dense_series_has_neighbours_only(relate: Relate):
    """A cumulative number a day is related to the day before and after; no pair of all with all."""
    days = DENSE * 3
    relations, derived = relate(*((1, day, day * 10) for day in range(1, days + 1) if day != days - 5))
    assert len(relations) == days - 2
    assert set(relations["relation_code"]) == {"within"}
    # One more day is what such a series states by itself; only the gap is worth a difference.
    (row,) = derived.itertuples()
    assert (row.low, row.high, (row.date_end - row.date_start).days) == (20, 20, 1)


# ---- differences ---------------------------------------------------------------------------------------------------


def test_differences_of_a_cumulative_series(relate: Relate):
    """68, 801 and 1,021 from one first day leave 733 and 220; an open end stays open, and a fall is said."""
    _, derived = relate((5, 10, 68), (5, 85, 801), (5, 122, 1021))
    assert list(derived["low"]) == [733, 220]
    assert list(derived["high"]) == [733, 220]
    assert list(derived["date_start"].dt.strftime("%Y-%m-%d")) == ["2017-06-11", "2017-08-25"]
    assert not derived["derived_id"].str.contains(" ").any()
    _, opened = relate((5, 10, (60, 70)), (5, 20, (100, None)), (5, 30, 90))
    assert np.array_equal(opened["low"], [30, np.nan], equal_nan=True)
    assert np.array_equal(opened["high"], [np.nan, -10], equal_nan=True)
    _, fell = relate((5, 10, 100), (5, 20, 97))
    assert "-3" in fell["explanation"].iloc[0]
    assert "smaller" in fell["explanation"].iloc[0]


def test_a_difference_needs_one_scope_and_one_first_day(relate: Relate):
    """The town is not taken from the governorate, one monitor not from another, nor what began a day later."""
    _, derived = relate((5, 10, 68), (5, 20, 117, LAND), (5, 20, 117, {"monitor": "snhr"}), (6, 30, 224))
    assert derived.empty


# ---- guarantees ----------------------------------------------------------------------------------------------------

MOST = 6
windows = st.tuples(st.integers(1, 40), st.integers(0, 30)).map(lambda pair: (pair[0], pair[0] + pair[1]))
numbers = st.tuples(st.integers(0, 99), st.one_of(st.none(), st.integers(0, 9))).map(
    lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
)
scopes = st.fixed_dictionaries(
    {
        "monitor": st.sampled_from(["sohr", "snhr"]),
        "perpetrator_codes": st.sampled_from(["us_led_coalition", "usa", "russia", ""]),
        "violence_code": st.sampled_from(["", "air", "fighting_and_air", "artillery"]),
        "reported_via": st.sampled_from(["", "a wire"]),
    }
)
totals = st.lists(
    st.builds(
        lambda window, number, scope, place: (*window, number, scope | place),
        windows,
        numbers,
        scopes,
        st.sampled_from(PLACES),
    ),
    max_size=MOST,
)


@budget(25)
@given(totals)
def test_windows_every_day_counted_once(relate: Relate, drawn: list[tuple[Any, ...]]):
    """The shared days of two totals are the days that lie in both windows."""
    relations, _ = relate(*drawn)
    days = {f"T{n}": frozenset(range(row[0], row[1] + 1)) for n, row in enumerate(drawn, start=1)}
    for (left, right), row in found(relations).items():
        assert row.shared_days == len(days[left] & days[right])
        assert row.start_gap_days == min(days[right]) - min(days[left])


@budget(25)
@given(totals)
def test_windows_nothing_is_added(relate: Relate, drawn: list[tuple[Any, ...]]):
    """Totals that share a day may be added only where what they count excludes each other."""
    relations, _ = relate(*drawn)
    shared = relations[relations["shared_days"] > 0]
    assert (shared["may_be_added"] == (shared["scope_relation_code"] == "apart")).all()
    assert shared.loc[~shared["may_be_added"], "explanation"].str.contains("do not add").all()


@budget(25)
@given(
    st.lists(st.integers(0, 20), min_size=3, max_size=30),
    st.sets(st.integers(0, 29), min_size=2, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 5))), min_size=6, max_size=6),
)
def test_windows_differences_contain_the_truth(
    relate: Relate, daily: list[int], ends: set[int], slack: list[tuple[int, int | None]]
):
    """Whatever the true daily numbers, a difference holds their sum if its two totals hold theirs."""
    stated = []
    for end, (below, above) in zip(sorted({end % len(daily) for end in ends}), slack, strict=False):
        truth = sum(daily[: end + 1])
        stated.append((1, end + 1, (max(truth - below, 0), None if above is None else truth + above)))
    _, derived = relate(*stated)
    assert len(derived) == len(stated) - 1
    for row in derived.itertuples():
        first, last = ((day.date() - FIRST).days for day in (row.date_start, row.date_end))
        truth = sum(daily[first : last + 1])
        assert np.isnan(row.low) or row.low <= truth
        assert np.isnan(row.high) or truth <= row.high


@budget(25)
@given(totals, st.randoms(use_true_random=False))
def test_windows_order_does_not_matter(reader: Reader, drawn: list[tuple[Any, ...]], shuffler: random.Random):
    """Neither the order of claims nor that of figures changes a row."""
    claims, figures = frames(drawn)
    mixed = [shuffler.sample(range(len(frame)), len(frame)) for frame in (claims, figures)]
    again = relate_windows(claims.iloc[mixed[0]], figures.iloc[mixed[1]], reader)
    for one, other in zip(relate_windows(claims, figures, reader), again, strict=True):
        pd.testing.assert_frame_equal(one, other)


# ---- findings ------------------------------------------------------------------------------------------------------


def codes(rules: Ruleset, reader: Reader, *drawn: tuple[Any, ...]) -> pd.DataFrame:
    """Return the findings about totals that only windows tell."""
    claims, figures = frames(drawn)
    relations, derived = relate_windows(claims, figures, reader)
    evidence = gather_evidence(
        claims,
        figures,
        empty(LinkedClaims),
        Laid(relations=relations, derived=derived),
        empty(Issues),
        rules.monitors,
        rules.vocabularies,
        rules.discrepancies,
    )
    return find_discrepancies(evidence, {}, date(2017, 7, 1))


def test_a_long_series_is_one_finding_that_keeps_its_id(rules: Ruleset, reader: Reader):
    """A cumulative series is told once, its totals counted; with a day more it is the same finding."""
    ids = []
    for days in (DENSE + 10, DENSE + 11):
        told = codes(rules, reader, *((1, day, day * 10) for day in range(1, days + 1)))
        (row,) = told[told["code"] == "TOT-OVERLAP"].itertuples()
        assert f"{days} totals" in row.explanation
        ids.append(row.discrepancy_id)
    assert ids[0] == ids[1]


def test_children_of_the_same_totals_are_no_second_finding(rules: Ruleset, reader: Reader):
    """Where children are told by claims that tell everybody too, one finding is enough; by other claims, there are two."""
    child = {"age_group_code": "child"}
    same = ({"native_id": "A"}, {"native_id": "B"})
    alone = codes(rules, reader, (1, 10, 5, child), (5, 20, 7, child))
    assert (alone["code"] == "TOT-OVERLAP").sum() == 1
    assert "children" in alone["explanation"].iloc[0]
    apart = codes(
        rules, reader, (1, 10, 5), (5, 20, 7), (1, 10, 2, child | same[0]), (5, 20, 3, child | same[1])
    )
    assert (apart["code"] == "TOT-OVERLAP").sum() == 2


# ---- the sheet -----------------------------------------------------------------------------------------------------


class _Result:
    """What the sheet takes from a run."""

    def __init__(self, rules: Ruleset, reader: Reader, *drawn: tuple[Any, ...]) -> None:
        self.claims, self.figures = frames(drawn)
        self.relations, self.derived = relate_windows(self.claims, self.figures, reader)
        self.rules = rules


def sheet_of(rules: Ruleset, reader: Reader, *drawn: tuple[Any, ...]) -> Any:
    """Return the Windows sheet of some totals."""
    result: Any = _Result(rules, reader, *drawn)
    return windows_sheet(result)


def test_sheet_of_no_totals(rules: Ruleset, reader: Reader):
    """A run without two totals of one topic says so."""
    for drawn in ((), ((1, 10, 5),)):
        sheet = sheet_of(rules, reader, *drawn)
        assert "no windows to compare" in sheet.blocks[0].notes[0]
        assert not sheet.charts


def test_sheet_of_a_topic(rules: Ruleset, reader: Reader):
    """A topic has its totals, a time line over them, and sentences; what is not compared is listed with its reason."""
    lost = {"date_start": None, "date_end": None}
    drawn = ((5, 10, 68), (5, 85, 801), (6, 17, 117), (23, 40, 250, LAND), (1, 2, 9, lost), (10, 1, 9))
    sheet = sheet_of(rules, reader, *drawn)
    totals_block, told, unrelated = sheet.blocks[1:]
    assert list(totals_block.rows["label"]) == ["SOHR: 801", "SOHR: 68", "SOHR: 117", "SOHR: 250"]
    assert (
        totals_block.rows["note"]
        .iloc[2]
        .startswith("Inside 801 (5 June – 24 August 2017); shares 5 days with 68")
    )
    assert told.rows["number"].iloc[0] == "733"
    assert set(unrelated.rows["reason"]) == {"states no window", "its window ends before it starts"}
    (chart,) = sheet.charts
    assert (chart.kind, chart.axis, chart.block, chart.series) == ("spans", "date", 1, ("date_start", "days"))


def test_sheet_of_a_dense_series_draws_a_few(rules: Ruleset, reader: Reader):
    """Of hundreds of windows some are drawn, the first and the last among them, and the rest is counted."""
    sheet = sheet_of(rules, reader, *((1, day, day * 10) for day in range(1, 201)))
    block = sheet.blocks[1]
    assert len(block.rows) == DRAWN
    assert {"SOHR: 10", "SOHR: 2,000"} <= set(block.rows["label"])
    assert "of 200 totals" in block.notes[0]
