"""Numbers of one series against each other: which can't all be true, the fewest of them, and what would mend them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from conftest import SHARED, claim_row, claims_frame, figure_row, figures_frame
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget, small_of

from reconcile.discrepancies.series import series_title, set_severity
from reconcile.frames import InconsistentSets, empty
from reconcile.jobs import file_inputs
from reconcile.normalize import build_context
from reconcile.pipeline import Options, prepare
from reconcile.report.series import series_sheet
from reconcile.result import RunFacts
from reconcile.scopes import Reader, series_of
from reconcile.series import find_inconsistencies
from reconcile.series.ties import _most_inside
from reconcile.validate import Within

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable

    from reconcile.ruleset import Ruleset

    Find = Callable[..., pd.DataFrame]

FIRST = date(2017, 6, 5)
TOTAL = {
    "monitor": "sohr",
    "kind_code": "total",
    "unit_code": "total",
    "place_name": "Raqqa",
    "place_id": "syr_raqqa",
    "layout": "totals",
}
PEOPLE = {
    "all": {},
    "children": {"age_group_code": "child"},
    "women": {"age_group_code": "adult", "sex_code": "female"},
}
GOVERNORATE = {"place_id": "", "place_kind_code": "governorate", "place_name": "Raqqa"}
TOWN = {"place_id": "syr_raqqa", "place_kind_code": "city", "place_name": "Raqqa"}
OTHER_TOWN = {"place_id": "syr_tabqa", "place_kind_code": "city", "place_name": "Tabqa"}


@pytest.fixture(scope="module")
def reader(rules: Ruleset) -> Reader:
    """What stages about totals read rules from."""
    terms = rules.vocabularies
    gazetteer = build_context(rules, "airwars").gazetteer
    return Reader(
        rules.monitors, terms["perpetrators"], terms["violence"], gazetteer, series_of(rules.monitors)
    )


@pytest.fixture(scope="module")
def find(reader: Reader) -> Find:
    """A function that looks at totals, each given by its first and last day, its low and its high (None is open)."""

    def run(*stated: tuple[Any, ...], by: Reader = reader) -> pd.DataFrame:
        return find_inconsistencies(*frames_of(*stated), by)

    return run


def frames_of(*stated: tuple[Any, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return Claims and Figures of totals: id, first day, last day (from 1), low, high, and what else stands in their rows."""
    rows, figures = [], []
    for number, (name, first, last, low, high, *more) in enumerate(stated):
        about = dict(more[0]) if more else {}
        counted = {
            key: about.pop(key)
            for key in ("measure_code", "population_code", "sex_code", "age_group_code", "role_code")
            if key in about
        }
        row = claim_row(
            number, **TOTAL | {"native_id": name, "date_start": day(first), "date_end": day(last)} | about
        )
        if row["claim_id"] not in {known["claim_id"] for known in rows}:
            rows.append(row)
        figures.append(figure_row(row["claim_id"], low, high, is_open=high is None, **counted))
    small = small_of(rows, figures)
    return small.claims, small.figures


def day(number: int) -> str:
    """Return a day of the series as text; the first is 1."""
    return f"{FIRST + timedelta(days=number - 1)}"


def told(sets: pd.DataFrame) -> list[str]:
    """Return the numbers of each set as they stand."""
    return sets["stated"].tolist()


def contradictions(sets: pd.DataFrame) -> pd.DataFrame:
    """Return the sets that can't be true."""
    return sets[(sets["rule_code"] != "batch") & (sets["over_missing_days"] == 0)]


# ---- windows inside windows ----------------------------------------------------------------------------------------


def test_a_rising_series_is_left_alone(find: Find) -> None:
    """Numbers since one day that rise or stand still say nothing against each other."""
    assert not len(
        find(("a", 1, 6, 68, 68), ("b", 1, 13, 117, 117), ("c", 1, 81, 801, 801), ("d", 1, 90, 801, 801))
    )


def test_a_dip_is_one_cause(find: Find) -> None:
    """A fall in two steps, and a number that has not caught up again, are sets of one cause."""
    women = {"age_group_code": "adult", "sex_code": "female"}
    sets = find(
        *(
            (f"c{last}", 1, last, low, low, women)
            for last, low in ((8, 936), (11, 1032), (13, 1000), (15, 967), (16, 1023), (18, 1090))
        )
    )
    assert sorted(told(sets)) == ["1,000 > 967", "1,032 > 1,000", "1,032 > 1,023", "1,032 > 967"]
    assert len(set(sets["cause_id"])) == 1
    assert set(sets["code"]) == {"TOT-MONO"}
    assert sets["gap"].tolist() == [32, 33, 65, 9]
    assert sets["explanation"].iloc[-1].endswith("At least two of these numbers must be wrong.")


def test_a_long_dip_is_told_by_its_ends(find: Find) -> None:
    """Of thirty numbers below an earlier one, its first and its last are told, and the rest counted."""
    sets = find(("a", 1, 1, 100, 100), *((f"b{n:02}", 1, 2 + n, 40 + n, 40 + n) for n in range(30)))
    assert told(sets) == ["100 > 40", "100 > 69"]
    assert "28 numbers between are below it too" in sets["explanation"].iloc[1]
    assert "If 100 up to 5 June 2017 read 40 or less, both would hold." in sets["explanation"].iloc[1]


def test_one_day_above_the_week_around_it(find: Find) -> None:
    """A part of the days can't have more than the whole."""
    sets = find(("week", 1, 7, 50, 50), ("day", 3, 3, 60, 60))
    assert told(sets) == ["60 > 50"]
    assert (
        "If 60 on 7 June 2017 read 50 or less, or 50 for 5–11 June 2017 read 60 or more"
        in sets["explanation"].item()
    )


def test_a_number_that_is_too_large_is_told_once_for_a_run(find: Find) -> None:
    """A misprinted day is larger than every sum around it; the first and the last of those stand for them."""
    sums = [(f"c{n:02}", 1, n, 10 * n, 10 * n) for n in range(1, 21)]
    sets = find(*sums, ("day", 5, 5, 1000, 1000))
    assert told(contradictions(sets)) == ["1,000 > 50", "1,000 > 200"]
    assert "If 1,000 on 9 June 2017 read 10, both would hold." in sets["explanation"].iloc[-1]


@budget(40)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), max_size=40
    )
)
def test_most_inside_is_what_one_finds_by_looking(some: list[tuple[int, int, int, int]]) -> None:
    """For each window the highest low among others inside it."""
    unique = {(group, min(a, b), max(a, b)): low for group, a, b, low in some}
    group, start, end = (np.array([key[place] for key in unique], dtype=np.int64) for place in range(3))
    low = np.array(list(unique.values()), dtype=np.float64)
    found = _most_inside(group, start, end, low)
    for at in range(len(low)):
        inside = (group == group[at]) & (start >= start[at]) & (end <= end[at]) & (np.arange(len(low)) != at)
        assert (found[at] >= 0) == inside.any()
        if inside.any():
            assert inside[found[at]]
            assert low[found[at]] == low[inside].max()


# ---- sums of windows -----------------------------------------------------------------------------------------------


def test_a_number_that_was_not_updated_is_one_cause(find: Find) -> None:
    """Two sums that miss by three, one up and one down, are mended by the one number in both."""
    sets = find(
        ("c7", 1, 7, 17177, 17177), ("c8", 1, 8, 17487, 17487), ("c9", 1, 9, 17700, 17700),
        ("d8", 8, 8, 313, 313), ("d9", 9, 9, 210, 210),
    )  # fmt: skip
    assert told(sets) == ["17,177 + 313 ≠ 17,487", "17,487 + 210 ≠ 17,700"]
    assert len(set(sets["cause_id"])) == 1
    assert sets[["expected_low", "expected_high", "observed_low", "gap"]].to_numpy().tolist() == [
        [17490, 17490, 17487, 3],
        [17697, 17697, 17700, 3],
    ]
    assert sets["explanation"].iloc[-1].endswith("If 17,487 up to 12 June 2017 read 17,490, both would hold.")


def test_days_without_a_number_may_hold_the_rest(find: Find) -> None:
    """Over a missing day a rise is no contradiction, and no cause of one beside it."""
    sets = find(
        ("c5", 1, 5, 100, 100), ("c7", 1, 7, 170, 170), ("d7", 7, 7, 30, 30), ("c8", 1, 8, 175, 175), ("d8", 8, 8, 9, 9),
    )  # fmt: skip
    assert told(sets) == ["100 + 30 < 170", "170 + 9 ≠ 175"]
    assert sets["over_missing_days"].tolist() == [1, 0]
    assert sets["cause_id"].nunique() == 2
    assert (
        "no number for 10 June 2017, and nothing is contradicted if that day holds the other 40"
        in sets["explanation"].iloc[0]
    )
    assert [set_severity(one, "S2") for one in sets.itertuples()] == ["S3", "S2"]


def test_less_than_what_is_stated_is_a_contradiction_over_any_gap(find: Find) -> None:
    """A rise smaller than the days that are stated can't be, whatever the missing days hold."""
    sets = find(("c1", 1, 1, 100, 100), ("c9", 1, 9, 120, 120), ("d5", 5, 5, 30, 30))
    assert told(sets) == ["100 + 30 > 120"]
    assert sets["gap"].tolist() == [10]


def test_a_report_of_two_days_spans_a_sum_filled_in_between(find: Find) -> None:
    """The day before a 48-hour report may repeat the last sum; the report is held against the one before it."""
    some = [("c1", 1, 1, 100, 100), ("c2", 1, 2, 100, 100), ("c3", 1, 3, 140, 140)]
    assert not len(find(*some, ("d3", 2, 3, 40, 40)))
    assert told(find(*some, ("d3", 2, 3, 50, 50))) == ["100 + 50 ≠ 140"]


def test_days_of_a_week_that_is_stated_too(find: Find) -> None:
    """Seven days that fill a week make its number, without any sum before."""
    days = [(f"d{n}", n, n, 5, 5) for n in range(1, 8)]
    assert not len(find(*days, ("week", 1, 7, 35, 35)))
    sets = find(*days, ("week", 1, 7, 36, 36))
    assert sets["gap"].tolist() == [1]
    assert sets["claim_ids"].str.count(" ").tolist() == [7]
    # Fewer of them are enough to be too many.
    sets = find(*days, ("week", 1, 7, 28, 28))
    assert told(sets) == ["5 + 5 + 5 + 5 + 5 + 5 > 28"]


def test_ranges_are_held_against_each_other_as_ranges(find: Find) -> None:
    """A sum is broken only where no numbers within the ranges add up."""
    some = [("c1", 1, 1, 100, 110), ("d2", 2, 2, 10, 20)]
    assert not len(find(*some, ("c2", 1, 2, 130, 150)))
    sets = find(*some, ("c2", 1, 2, 131, 150))
    assert told(sets) == ["100–110 + 10–20 ≠ 131–150"]
    assert sets["gap"].tolist() == [1]
    assert not len(find(("c1", 1, 1, 100, None), ("d2", 2, 2, 10, 20), ("c2", 1, 2, 131, 150)))


# ---- parts and wholes ----------------------------------------------------------------------------------------------


def test_more_children_than_people(find: Find) -> None:
    """A sub-count larger than its whole, in another claim on the same window."""
    sets = find(("a", 1, 9, 117, 117), ("b", 1, 9, 130, 130, PEOPLE["children"]))
    assert told(sets) == ["130 > 117"]
    assert sets[["code", "rule_code", "age_group_code"]].to_numpy().tolist() == [
        ["CNT-BRK", "part_of_whole", "child"]
    ]
    assert not len(find(("a", 1, 9, 117, 117), ("b", 1, 8, 110, 110, PEOPLE["children"])))


def test_one_attacker_above_all(find: Find) -> None:
    """The dead of one attacker are among those of all, and of the coalition that it is in."""
    everyone = ("a", 1, 9, 40, 40, {"perpetrator_codes": ""})
    assert told(find(everyone, ("b", 1, 9, 50, 50, {"perpetrator_codes": "us_led_coalition"}))) == ["50 > 40"]
    assert told(find(("a", 1, 9, 40, 40), ("b", 1, 9, 50, 50, {"perpetrator_codes": "usa"}))) == ["50 > 40"]
    assert not len(find(("a", 1, 9, 40, 40), ("b", 1, 9, 50, 50, {"perpetrator_codes": "russia"})))


def sohr(
    low: tuple[int, int, int], women: tuple[int, int, int], children: tuple[int, int, int]
) -> list[tuple[Any, ...]]:
    """Return claims on a governorate and two towns in it, three figures each."""
    places = (("whole", GOVERNORATE), ("part1", TOWN), ("part2", OTHER_TOWN))
    figures = (("all", low), ("women", women), ("children", children))
    return [
        (name, 1, 81, numbers[at], numbers[at], place | PEOPLE[who])
        for at, (name, place) in enumerate(places)
        for who, numbers in figures
    ]


def test_parts_that_add_up_once_leave_nobody_out(find: Find) -> None:
    """801 = 785 + 16; so 119 + 4 women are not 126, and 197 + 3 children are not 202."""
    sets = find(*sohr((801, 785, 16), (126, 119, 4), (202, 197, 3)))
    assert sorted(told(sets)) == ["119 + 4 ≠ 126", "197 + 3 ≠ 202"]
    assert sets["explanation"].str.contains("civilians killed 785 + 16 = 801", regex=False).all()
    assert [set_severity(one, "") for one in sets.itertuples()] == ["S2", "S2"]
    assert not len(find(*sohr((1021, 1005, 16), (168, 164, 4), (241, 238, 3))))


def test_a_rest_proves_nothing_by_itself(find: Find) -> None:
    """Parts below the whole may leave people out, where no figure of theirs adds up."""
    assert not len(find(*sohr((801, 780, 16), (126, 119, 4), (202, 197, 3))))


def test_parts_above_the_whole(find: Find) -> None:
    """Two towns can't have more dead than the governorate."""
    sets = find(*sohr((801, 790, 16), (126, 119, 4), (202, 197, 3)))
    assert told(sets) == ["790 + 16 > 801"]
    assert [set_severity(one, "") for one in sets.itertuples()] == ["S1"]


def test_parts_by_attacker(find: Find) -> None:
    """Three attackers whose children and women add up, and whose dead don't."""
    by = {"whole": "", "coalition": "us_led_coalition", "sdf": "sdf", "is": "islamic_state"}
    numbers = {"all": (2323, 1321, 309, 639), "women": (346, 247, 50, 49), "children": (543, 383, 51, 109)}
    some = [
        (name, 1, 90, numbers[who][at], numbers[who][at], {"perpetrator_codes": code} | PEOPLE[who])
        for at, (name, code) in enumerate(by.items())
        for who in PEOPLE
    ]
    sets = find(*some)
    assert sorted(sets["stated"].item().removesuffix(" ≠ 2,323").split(" + ")) == ["1,321", "309", "639"]
    assert sets["gap"].tolist() == [54]


# ---- ledgers -------------------------------------------------------------------------------------------------------


def ledger(name: str, first: int, last: int, **counts: int) -> list[tuple[Any, ...]]:
    """Return the lines of a ledger of reports."""
    about = {
        "monitor": "cjtf_oir",
        "place_name": "Iraq and Syria",
        "place_id": "",
        "admin1": "",
        "country_code": "",
    }
    return [
        (
            name,
            first,
            last,
            count,
            count,
            about | {"measure_code": f"reports_{line}", "population_code": "all"},
        )
        for line, count in counts.items()
    ]


@pytest.mark.parametrize(
    "counts",
    [
        {"carried_over": 43, "new": 27, "credible": 9, "not_credible": 17, "duplicate": 2, "open": 42},
        {"carried_over": 184, "new": 10, "credible": 5, "not_credible": 6, "duplicate": 1, "open": 182},
        {"carried_over": 97, "new": 2, "credible": 7, "not_credible": 13, "open": 79},
        {"carried_over": 97, "new": 2, "credible": 7, "open": 79},
        {"new": 2, "credible": 7, "not_credible": 13, "duplicate": 0, "open": 79},
    ],
)
def test_ledgers_that_balance_or_may(find: Find, counts: dict[str, int]) -> None:
    """The Coalition's ledgers of March 2017, December 2018 and August 2019 balance; a line that is not stated may be anything."""
    assert not len(find(*ledger("m", 1, 30, **counts)))


def test_a_ledger_that_does_not_balance(find: Find) -> None:
    """A line that is wrong, seen in the sum of its month and in the next month."""
    sets = find(
        *ledger("m1", 1, 30, carried_over=43, new=27, credible=9, not_credible=17, duplicate=2, open=40),
        *ledger("m2", 31, 60, carried_over=42, new=5),
    )
    assert sorted(told(sets)) == ["40 ≠ 42", "43 + 27 ≠ 9 + 17 + 2 + 40"]
    assert len(set(sets["cause_id"])) == 1
    assert (
        sets["explanation"]
        .iloc[-1]
        .endswith("If 40 reports open for 5 June – 4 July 2017 read 42, both would hold.")
    )


def test_lines_above_what_came_in(find: Find) -> None:
    """Of an incomplete ledger, lines that are too many by themselves, and no more of them than it takes."""
    sets = find(*ledger("m", 1, 30, carried_over=43, new=27, credible=2, not_credible=35, open=42))
    assert told(sets) == ["35 + 42 > 43 + 27"]


# ---- batches -------------------------------------------------------------------------------------------------------


def test_reports_of_several_days(find: Find) -> None:
    """Reports of 48 and 72 hours among daily ones are counted and listed, and contradict nothing."""
    days = [(f"d{n:02}", n, n, 5, 5) for n in range(1, 16)]
    sets = find(*days, ("b1", 16, 17, 11, 11), ("b2", 18, 20, 14, 14))
    assert sets["rule_code"].tolist() == ["batch"]
    assert sets["over_missing_days"].tolist() == [3]
    assert sets["gap"].isna().all()
    assert "1 of 48 hours and 1 of 72 hours" in sets["explanation"].item()
    assert "20–21 June 2017; 22–24 June 2017" in sets["explanation"].item()


def test_a_weekly_series_is_no_batch(find: Find) -> None:
    """Where all numbers are of a week, none is of several days at once."""
    assert not len(find(*((f"w{n:02}", 7 * n + 1, 7 * n + 7, 30, 30) for n in range(20))))


# ---- what is looked at ---------------------------------------------------------------------------------------------


def test_layouts_of_one_series_are_one(find: Find, reader: Reader) -> None:
    """Three monitors in one layout's series are held against each other; under their own names they are not."""
    one = {"layout": "daily_cumulative"}
    some = [
        ("a", 1, 5, 20, 20, one | {"monitor": "gaza_gmo"}),
        ("b", 1, 6, 19, 19, one | {"monitor": "gaza_moh"}),
    ]
    assert find(*some)["series"].tolist() == ["gaza_daily"]
    assert (
        series_title(reader.monitors, "gaza_daily")
        == "Daily casualties, the series kept by Tech for Palestine"
    )
    alone = replace(reader, series={"another_layout": "another_series"})
    assert not len(find(*some, by=alone))


def test_a_zero_that_means_nothing_known_bounds_nothing(find: Find) -> None:
    """A zero contradicts the deaths inside it, unless its monitor writes it for what it does not know."""
    some = [("a", 1, 9, 0, 0), ("b", 2, 3, 4, 4)]
    assert told(find(*((*one, {"monitor": "gaza_moh"}) for one in some))) == ["4 > 0"]
    assert not len(find(*((*one, {"monitor": "acled"}) for one in some)))


def test_nothing_is_found_in_nothing(reader: Reader) -> None:
    """No claims, claims without a window, and totals without a number make an empty frame."""
    columns = empty(InconsistentSets).columns
    nothing = figures_frame()
    total = claim_row(1, **TOTAL)
    timeless = claim_row(
        2, **TOTAL | {"native_id": "t", "date_start": None, "date_end": None, "date_precision_code": 0}
    )
    for claims, figures in (
        (claims_frame(), nothing),
        (claims_frame(total), nothing),
        (claims_frame(timeless), figures_frame(figure_row("sohr:t", 5))),
        (claims_frame(total), figures_frame(figure_row("sohr:X1", 5))),
    ):
        found = find_inconsistencies(claims, figures, reader)
        assert not len(found)
        assert (found.columns == columns).all()


def test_the_sheet_shows_each_set(find: Find, rules: Ruleset) -> None:
    """A row a set, its cause as a number, its severity, and no interval where there is none."""
    days = [(f"d{n:02}", n, n, 5, 5) for n in range(1, 16)]
    sets = find(*days, ("b1", 16, 17, 11, 11), ("c5", 1, 5, 20, 20), ("c6", 1, 6, 26, 26))
    sheet = series_sheet(SimpleNamespace(sets=sets, rules=rules))  # type: ignore[arg-type]
    rows = sheet.blocks[0].rows
    assert sheet.is_table
    assert len(rows) == len(sets) > 2
    assert set(rows["severity"]) == {"S1", "S2"} or set(rows["severity"]) == {"S2"}
    assert rows.loc[rows["rule_code"] == "batch", ["expected", "observed"]].to_numpy().tolist() == [["", ""]]
    assert series_sheet(SimpleNamespace(sets=empty(InconsistentSets), rules=rules)).is_table  # type: ignore[arg-type]


# ---- guarantees ----------------------------------------------------------------------------------------------------

SCOPES = {
    "all": GOVERNORATE,
    "children": GOVERNORATE | PEOPLE["children"],
    "women": GOVERNORATE | PEOPLE["women"],
    "town": TOWN,
    "other": OTHER_TOWN,
    "children of the town": TOWN | PEOPLE["children"],
    "by one": GOVERNORATE | {"perpetrator_codes": "usa"},
}


class Dead(NamedTuple):
    """Somebody who died: when, who, where and by whom."""

    on: int
    who: str
    town: str
    by: str

    def counts(self, scope: str) -> bool:
        """Tell whether a scope counts them."""
        match scope:
            case "all":
                return True
            case "children" | "women":
                return self.who == scope
            case "town" | "other":
                return self.town == scope
            case "children of the town":
                return self.who == "children" and self.town == "town"
            case _:
                return self.by == "usa"


@st.composite
def series(draw: st.DrawFn, *, most_wrong: int = 0) -> list[tuple[Any, ...]]:
    """Totals counted from one list of the dead, some as ranges or without an upper end, and so many of them misprinted."""
    who, town = st.sampled_from(["children", "women", "men"]), st.sampled_from(["town", "other", "nowhere"])
    dead = draw(
        st.lists(
            st.builds(Dead, st.integers(1, 8), who, town, st.sampled_from(["usa", "france"])), max_size=30
        )
    )
    windows = st.tuples(st.integers(1, 8), st.integers(1, 8)).map(lambda ends: (min(ends), max(ends)))
    begun = windows.map(lambda ends: (1, ends[1]))
    single = windows.map(lambda ends: (ends[0], ends[0]))
    some = draw(
        st.sets(
            st.tuples(begun | begun | single | windows, st.sampled_from(["all", "all", *SCOPES])), max_size=14
        )
    )
    wrong = draw(st.sets(st.integers(0, 13), max_size=most_wrong))
    stated = []
    for number, ((first, last), scope) in enumerate(sorted(some)):
        count = sum(first <= one.on <= last and one.counts(scope) for one in dead)
        if number in wrong:
            count = draw(st.integers(0, 40))
        spread, is_open = draw(st.sampled_from([(0, False)] * 6 + [(2, False), (0, True)]))
        stated.append(
            (
                f"t{number:02}",
                first,
                last,
                max(count - spread, 0),
                None if is_open else count + spread,
                SCOPES[scope],
            )
        )
    return stated


@st.composite
def ledgers(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """A belligerent's ledgers of some months, which balance; some lines may not be stated."""
    left, lines = draw(st.integers(0, 9)), []
    for month in range(draw(st.integers(0, 3))):
        new = draw(st.integers(0, 9))
        credible, other, double = (draw(st.integers(0, 3)) for _ in range(3))
        closed = min(credible + other + double, left + new)
        credible = min(credible, closed)
        other = min(other, closed - credible)
        counts = {
            "carried_over": left,
            "new": new,
            "credible": credible,
            "not_credible": other,
            "duplicate": closed - credible - other,
        }
        left = left + new - closed
        kept = draw(st.sets(st.sampled_from([*counts, "open"])))
        counts |= {"open": left}
        lines += ledger(
            f"m{month}",
            1 + 10 * month,
            10 + 10 * month,
            **{line: counts[line] for line in counts if line in kept},
        )
    return lines


@budget(20)
@given(series(), ledgers())
def test_series_consistent_series_raise_nothing(
    find: Find, some: list[tuple[Any, ...]], lines: list[tuple[Any, ...]]
):
    """Numbers that were counted from one list of the dead, and ledgers that balance, contradict nothing."""
    assert not len(contradictions(find(*some, *lines)))


@budget(12)
@given(series(most_wrong=4))
def test_series_sets_are_minimal(find: Find, some: list[tuple[Any, ...]]):
    """A contradiction is one by itself, or with what proves its parts exhaustive; without any one of its numbers there is none."""
    by_claim = {f"sohr:{one[0]}": one for one in some}
    for found in contradictions(find(*some)).itertuples():
        members = [by_claim[claim] for claim in found.claim_ids.split()]
        assert "add up in another figure" in found.explanation or len(contradictions(find(*members)))
        for left_out in members:
            rest = contradictions(find(*(one for one in members if one is not left_out)))
            assert not len(rest), f"{found.stated} without {left_out}: {told(rest)}"


@budget(8)
@given(series(most_wrong=4), st.randoms(use_true_random=False))
def test_series_row_order_does_not_matter(reader: Reader, some: list[tuple[Any, ...]], order: random.Random):
    """The same rows in any order give the same frame."""
    claims, figures = frames_of(*some)
    before = find_inconsistencies(claims, figures, reader)
    mixed = [
        frame.iloc[order.sample(range(len(frame)), len(frame))].reset_index(drop=True)
        for frame in (claims, figures)
    ]
    pd.testing.assert_frame_equal(before, find_inconsistencies(*mixed, reader))


@budget(8)
@given(series(most_wrong=6), st.sets(st.integers(0, 13)))
def test_series_open_intervals_never_contradict(find: Find, some: list[tuple[Any, ...]], opened: set[int]):
    """Numbers without an upper end bound nothing from above: without any upper end nothing is found, and with fewer never more."""

    def open_up(which: Iterable[int]) -> pd.DataFrame:
        return contradictions(
            find(*((*one[:4], None, *one[5:]) if at in which else one for at, one in enumerate(some)))
        )

    assert not len(open_up(range(len(some))))
    shut = {f"sohr:{one[0]}" for at, one in enumerate(some) if at not in opened}
    for claim_ids in open_up(opened)["claim_ids"]:
        assert shut & set(claim_ids.split())
    if not len(open_up(())):
        assert not len(open_up(opened))


@budget(8)
@given(
    series(most_wrong=4),
    series(most_wrong=4),
    st.sampled_from([{"monitor": "snhr"}, {"role_code": "conceded"}]),
)
def test_series_series_are_kept_apart(
    find: Find, one: list[tuple[Any, ...]], other: list[tuple[Any, ...]], apart: dict[str, str]
):
    """What two series say, or one alleges and concedes, makes the sets that each makes by itself, and no others."""
    other = [(f"o{name}", *rest, about | apart) for name, *rest, about in other]
    alone = [*find(*one)["set_id"], *find(*other)["set_id"]]
    assert sorted(find(*one, *other)["set_id"]) == sorted(alone)


# ---- a real series -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (SHARED / "data" / "gaza_daily.json").exists(), reason="the real series is not here")
def test_gaza_daily(rules: Ruleset, reader: Reader):
    """Of 1,051 days of Gaza's dead, the nine sums that don't hold, in seven causes, and the women's fall of October 2023."""
    facts = RunFacts("", "", date(2026, 1, 1), "airwars", False, "", "", "", "", "", "")
    valid = prepare(
        file_inputs((SHARED / "data" / "gaza_daily.json",)), rules, Options(facts, Within()), lambda _: None
    ).valid
    sets = find_inconsistencies(valid.claims, valid.figures, reader)
    own = sets[sets["series"] == "gaza_daily"]
    killed = own[(own["measure_code"] == "killed") & (own["rule_code"] == "window_sum")]
    days = [
        "2023-12-05",
        "2023-12-07",
        "2023-12-08",
        "2023-12-09",
        "2023-12-18",
        "2024-01-12",
        "2024-01-16",
        "2024-08-27",
        "2024-08-28",
    ]
    assert killed["date_end"].dt.strftime("%Y-%m-%d").tolist() == days
    assert killed.loc[killed["over_missing_days"] > 0, "date_end"].dt.strftime("%m-%d").tolist() == [
        "12-07",
        "12-18",
    ]
    assert killed["cause_id"].nunique() == 7
    falls = own[own["code"] == "TOT-MONO"]
    assert set(falls["sex_code"]) == {"female"}
    assert len(set(falls["cause_id"])) == 1
    batches = own[own["rule_code"] == "batch"].set_index(["measure_code", "sex_code", "age_group_code"])
    assert batches.loc[("killed", "any", "any"), "over_missing_days"] == 93
