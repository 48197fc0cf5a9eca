"""Dates: which window a cell means, and which cells are refused rather than guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.parse.dates import Window, _month_in, edtf_of, parse_window, precision_of
from reconcile.parse.errors import Unreadable

DAY = (date(2017, 6, 18), date(2017, 6, 18))
JUNE = (date(2017, 6, 1), date(2017, 6, 30))

# text -> first and last day, with no order stated
WINDOWS = {
    "iso": ("2017-06-18", *DAY),
    "iso_without_zeros": ("2017-6-8", date(2017, 6, 8), date(2017, 6, 8)),
    "iso_with_time": ("2017-06-18 00:00:00.000", *DAY),
    "iso_with_t_and_z": ("2017-06-18T10:00:00Z", *DAY),
    "late_utc_time_stays_on_its_day": ("2017-06-18T23:30:00+00:00", *DAY),
    "compact": ("20170618", *DAY),
    "slashes_year_first": ("2017/06/18", *DAY),
    "month": ("2017-06", *JUNE),
    "year": ("2017", date(2017, 1, 1), date(2017, 12, 31)),
    "edtf_interval": ("2017-06-06/2017-06-17", date(2017, 6, 6), date(2017, 6, 17)),
    "edtf_interval_of_months": ("2017-05/2017-06", date(2017, 5, 1), date(2017, 6, 30)),
    "edtf_interval_of_years": ("2016/2017", date(2016, 1, 1), date(2017, 12, 31)),
    "day_month_name": ("28 Feb 2017", date(2017, 2, 28), date(2017, 2, 28)),
    "day_month_name_with_zero": ("02 June 2023", date(2023, 6, 2), date(2023, 6, 2)),
    "month_name_day": ("June 6, 2017", date(2017, 6, 6), date(2017, 6, 6)),
    "abbreviated_with_dot": ("Oct. 17, 2017", date(2017, 10, 17), date(2017, 10, 17)),
    "sept": ("Sept 4, 2017", date(2017, 9, 4), date(2017, 9, 4)),
    "ordinal": ("18th June 2017", *DAY),
    "capitals_run_together": ("18JUN2017", *DAY),
    "excel_short": ("18-Jun-17", *DAY),
    "excel_short_before_the_pivot": ("18-Jun-69", date(2069, 6, 18), date(2069, 6, 18)),
    "excel_short_at_the_pivot": ("18-Jun-70", date(1970, 6, 18), date(1970, 6, 18)),
    "excel_month_first_with_midnight": ("6/18/2017 0:00", *DAY),
    "time_of_twelve_hours": ("6/18/2017 1:30 PM", *DAY),
    "only_day_first_fits": ("18/06/2017", *DAY),
    "only_month_first_fits": ("06/18/2017", *DAY),
    "both_orders_agree": ("06/06/2017", date(2017, 6, 6), date(2017, 6, 6)),
    "dots": ("18.06.2017", *DAY),
    "month_name": ("June 2017", *JUNE),
    "early": ("early June 2017", date(2017, 6, 1), date(2017, 6, 10)),
    "mid": ("mid-June 2017", date(2017, 6, 11), date(2017, 6, 20)),
    "late": ("late June 2017", date(2017, 6, 21), date(2017, 6, 30)),
    "late_in_a_leap_february": ("late February 2016", date(2016, 2, 21), date(2016, 2, 29)),
    "weekday_that_fits": ("Sunday, June 18, 2017", *DAY),
    "overnight": ("17-18 June 2017", date(2017, 6, 17), date(2017, 6, 18)),
    "days_of_a_month": ("June 6–17, 2017", date(2017, 6, 6), date(2017, 6, 17)),
    "two_whole_dates": ("28 Feb 2017 to 3 Mar 2017", date(2017, 2, 28), date(2017, 3, 3)),
    "arabic_digits": ("١٨/٠٦/٢٠١٧", *DAY),
    "persian_digits": ("۲۰۱۷-۰۶-۱۸", *DAY),
    "direction_marks": ("\u200f18/06/2017\u200e", *DAY),
    "month_of_the_gulf": ("١٨ يونيو ٢٠١٧", *DAY),
    "month_of_the_levant": ("18 حزيران 2017", *DAY),
    "month_of_two_words": ("5 تشرين الأول 2017", date(2017, 10, 5), date(2017, 10, 5)),
    "month_with_both_names": ("18 حزيران/يونيو 2017", *DAY),
    "arabic_month_only": ("كانون الثاني 2017", date(2017, 1, 1), date(2017, 1, 31)),
    "arabic_late": ("أواخر حزيران 2017", date(2017, 6, 21), date(2017, 6, 30)),
    "french": ("18 juin 2017", *DAY),
    "french_accents": ("5 août 2017", date(2017, 8, 5), date(2017, 8, 5)),
    "spanish": ("18 de junio de 2017", *DAY),
    "german": ("18. Juni 2017", *DAY),
    "russian": ("18 июня 2017 г.", *DAY),
    "turkish_month_only": ("Haziran 2017", *JUNE),
    "persian_month": ("18 ژوئن 2017", *DAY),
}

NO_DATES = {
    "month_alone": "May",
    "number_alone": "12",
    "day_and_month_without_year": "18 June",
    "excel_month_and_year_or_day": "Jun-17",
    "excel_serial": "42904",
    "unix_second": "1497744000",
    "relative": "yesterday",
    "relative_week": "last week",
    "relative_in_arabic": "السبت الماضي",
    "relative_with_a_year": "a week ago 2017",
    "weekday_alone": "Sunday",
    "time_alone": "10:30",
    "day_or_month_first": "03/04/2017",
    "two_digit_year": "18/06/17",
    "impossible_day": "31 June 2017",
    "impossible_iso_day": "2017-02-29",
    "impossible_month": "2017-13-01",
    "zero_day_of_gtd": "2017-06-00",
    "zero_date": "0000-00-00",
    "year_too_early": "1899-12-31",
    "year_too_late": "2101",
    "persian_calendar": "1396-03-28",
    "impossible_time": "2017-06-18 25:00",
    "impossible_time_of_twelve_hours": "6/18/2017 13:30 PM",
    "time_of_a_month": "2017-06 10:00",
    "open_end": "2017-06-06/..",
    "open_start": "../2017-06-06",
    "reversed_interval": "2017-06-17/2017-06-06",
    "reversed_days": "17-6 June 2017",
    "three_ends": "2015 - 2016 - 2017",
    "weekday_that_does_not_fit": "Monday 21 March 2017",
    "two_names_of_two_months": "18 حزيران/تموز 2017",
    "uncertain_in_edtf": "2017-06-18?",
    "part_of_a_year": "early 2017",
    "quarter": "Q1 2017",
    "words_after": "18 June 2017 approx",
    "words_before": "since 18 June 2017",
    "number_word_taken_for_a_month": "18 deux 2017",
    "short_word_taken_for_a_month": "18 há 2017",
    "season": "été 2017",
    "name": "Noor Qasim",
    "prose": "on 18 June 2017 " * 40,
}


@pytest.mark.parametrize(("text", "start", "end"), WINDOWS.values(), ids=WINDOWS)
def test_a_date_is_read_as_its_window(text, start, end):
    """Every way of writing a date gives the days it may mean."""
    assert parse_window(text, None) == Window(start, end, precision_of(start, end))


@pytest.mark.parametrize("text", NO_DATES.values(), ids=NO_DATES)
def test_what_is_no_clear_date_is_refused(text):
    """A cell that is no date, or could be two, is refused and not guessed."""
    with pytest.raises(Unreadable):
        parse_window(text, None)


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\ufeff\u200f"])
def test_a_blank_cell_is_no_window(text):
    """A cell with nothing to see in it has no window."""
    assert parse_window(text, None) is None


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("03/04/2017", "dmy", date(2017, 4, 3)),
        ("03/04/2017", "mdy", date(2017, 3, 4)),
        ("03.04.2017", "dmy", date(2017, 4, 3)),
        ("2017-04-03", "dmy", date(2017, 4, 3)),
        ("2017/04/03", "mdy", date(2017, 4, 3)),
    ],
)
def test_the_order_of_the_rule_file_decides(text, order, expected):
    """The stated order reads a date with its year last and leaves one with its year first alone."""
    assert parse_window(text, order).start == expected


@pytest.mark.parametrize(
    ("text", "order"), [("06/18/2017", "dmy"), ("18/06/2017", "mdy"), ("18/06/2017", "ymd")]
)
def test_a_date_against_the_stated_order_is_refused(text, order):
    """A date that only fits the other order is refused: its neighbours would be read the wrong way round."""
    with pytest.raises(Unreadable, match="rule file"):
        parse_window(text, order)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("03/04/2017", "ambiguous between day/month and month/day; state the order"),
        ("31 June 2017", "day 31, but June 2017 has 30 days"),
        ("2017-13-01", "month 13, where months go from 1 to 12"),
        ("1396-03-28", "year 1396, where years go from 1900 to 2100"),
        ("Monday 21 March 2017", "2017-03-21 is a Tuesday"),
        ("May", "found 'May', no date; allowed are"),
    ],
)
def test_a_refusal_says_what_is_wrong(text, said):
    """The message names the fault, so that an analyst can mend the cell or the rule file."""
    with pytest.raises(Unreadable) as caught:
        parse_window(text, None)
    assert said in str(caught.value)


def test_the_order_of_cells_does_not_matter():
    """A month's name is read alike after cells in another language."""
    texts = ["5 mar 2017", "18 juin 2017", "18 июня 2017", "Mai 2017", "18 haziran 2017"]
    forward = [parse_window(text, None) for text in texts]
    _month_in.cache_clear()
    assert [parse_window(text, None) for text in reversed(texts)] == forward[::-1]


@pytest.mark.parametrize(
    ("days", "code"), [(1, 1), (2, 2), (6, 2), (7, 3), (8, 4), (30, 4), (31, 4), (32, 5), (365, 5)]
)
def test_precision_follows_the_length(days, code):
    """A longer window has a higher code, and a month of 31 days is a month."""
    assert precision_of(date(2017, 1, 1), date(2017, 1, 1) + timedelta(days=days - 1)) == code


def test_a_reversed_window_has_no_precision():
    """A window that ends before it starts is refused."""
    with pytest.raises(Unreadable):
        precision_of(date(2017, 1, 2), date(2017, 1, 1))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2017, 6, 18), date(2017, 6, 18), "2017-06-18"),
        (date(2017, 6, 1), date(2017, 6, 30), "2017-06"),
        (date(2016, 2, 1), date(2016, 2, 29), "2016-02"),
        (date(2016, 2, 1), date(2016, 2, 28), "2016-02-01/2016-02-28"),
        (date(2017, 1, 1), date(2017, 12, 31), "2017"),
        (date(2016, 1, 1), date(2017, 12, 31), "2016-01-01/2017-12-31"),
        (date(2017, 6, 6), date(2017, 6, 17), "2017-06-06/2017-06-17"),
        (date(2017, 6, 6), None, "2017-06-06/.."),
        (None, date(2017, 6, 6), ""),
        (None, None, ""),
    ],
)
def test_a_window_is_written_in_edtf(start, end, expected):
    """A day, a whole month and a whole year are written as such, and anything else as an interval."""
    assert edtf_of(start, end) == expected


DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
ORDERS = st.sampled_from([None, "ymd", "dmy", "mdy"])
PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "2017",
                "06",
                "6",
                "18",
                "31",
                "17",
                "1396",
                "/",
                "-",
                "–",
                " ",
                ",",
                ".",
                "..",
                "T10:00",
                " 25:61",
                "Z",
            ),
            *(
                "June",
                "jun",
                "May",
                "juin",
                "mars",
                "deux",
                "de",
                "حزيران",
                "يونيو",
                "mid-",
                "late ",
                "Monday ",
                "ago",
            ),
            *("of", "to", "th", "٣", "\u200f", "HAZİRAN", "ß"),
        ]
    ),
    max_size=8,
).map("".join)


@settings(deadline=None)
@given(st.text() | PIECES, ORDERS)
def test_any_text_is_a_window_or_refused(text, order):
    """Whatever the cell holds, it is a window in order, nothing, or refused."""
    try:
        found = parse_window(text, order)
    except Unreadable:
        return
    assert found is None or (found.start <= found.end and found.precision_code in {1, 2, 3, 4, 5})


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(categories=["Ll", "Lu", "Lo", "Mn"]), min_size=1, max_size=12))
def test_any_word_beside_a_year_is_a_month_or_refused(word):
    """No word makes the date reader guess: the year stays the one stated."""
    try:
        found = parse_window(f"18 {word} 2017", None)
    except Unreadable:
        return
    assert (found.start.year, found.start.day, found.start) == (2017, 18, found.end)


@given(DAYS, ORDERS)
def test_every_iso_date_round_trips(day, order):
    """An ISO date is itself, whatever order the rule file states."""
    for text in (day.isoformat(), f"{day:%Y%m%d}", f"{day}T00:00:00", f"{day} 23:59:59.999"):
        assert parse_window(text, order) == Window(day, day, 1)


@given(DAYS, DAYS)
def test_every_window_round_trips_through_edtf(one, two):
    """What is written in EDTF is read back as the same days."""
    start, end = sorted((one, two))
    assert parse_window(edtf_of(start, end), None) == Window(start, end, precision_of(start, end))


@given(st.integers(1900, 2100), st.integers(1, 12))
def test_every_month_round_trips_through_edtf(year, month):
    """A month and a year are read and written back as they were."""
    for text in (f"{year}-{month:02}", f"{year}"):
        window = parse_window(text, None)
        assert edtf_of(window.start, window.end) == text


@given(DAYS, st.sampled_from(["dmy", "mdy"]))
def test_a_stated_order_is_kept(day, order):
    """A date written in the stated order is read back, for every day."""
    text = f"{day:%d/%m/%Y}" if order == "dmy" else f"{day:%m/%d/%Y}"
    assert parse_window(text, order).start == day


@given(DAYS, st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_without_an_order_a_date_is_right_or_refused(day, form):
    """A date whose order is not stated is never read as another day."""
    try:
        found = parse_window(day.strftime(form), None)
    except Unreadable as error:
        assert "ambiguous" in str(error)  # noqa: PT017 - both outcomes are right
        return
    assert found.start == day
