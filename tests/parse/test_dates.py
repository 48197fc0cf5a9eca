"""Dates: which window a cell means, and which cells are refused rather than guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from edtf import parse_edtf
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconcile.parse.dates import (
    _MONTH_NAMES,
    _SEASONS,
    _WEEKDAY_NAMES,
    Window,
    _month_in,
    edtf_of,
    order_of,
    parse_serial,
    parse_window,
    precision_of,
)
from reconcile.parse.errors import Unreadable

DAY = (date(2017, 6, 18), date(2017, 6, 18))
JUNE = (date(2017, 6, 1), date(2017, 6, 30))
NIGHT = (date(2017, 6, 17), date(2017, 6, 18))
FIVE_TO_TEN = (date(2017, 6, 5), date(2017, 6, 10))
SINCE = (date(2017, 6, 6), None)
UNTIL = (None, date(2017, 6, 12))
DAMASCUS = ZoneInfo("Asia/Damascus")
REPORTED = date(2017, 6, 17)

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
    "two_digits_without_dashes": ("18 Jun 17", *DAY),
    "two_digits_with_an_apostrophe": ("18 June ’17", *DAY),
    "month_and_year_in_figures": ("06/2017", *JUNE),
    "offset_of_hours": ("2017-06-18 10:00:00+03", *DAY),
    "unspecified_day": ("2017-06-XX", *JUNE),
    "unspecified_second_digit": ("2017-06-1x", date(2017, 6, 10), date(2017, 6, 19)),
    "unspecified_month": ("2017-XX-18", date(2017, 1, 18), date(2017, 12, 18)),
    "unspecified_month_and_day": ("2017-XX-XX", date(2017, 1, 1), date(2017, 12, 31)),
    "unspecified_last_day_of_months": ("2017-XX-31", date(2017, 1, 31), date(2017, 12, 31)),
    "unspecified_end_of_february": ("2016-02-XX", date(2016, 2, 1), date(2016, 2, 29)),
    "decade": ("201X", date(2010, 1, 1), date(2019, 12, 31)),
    "century": ("20XX", date(2000, 1, 1), date(2099, 12, 31)),
    "season_summer": ("2017-22", date(2017, 6, 1), date(2017, 8, 31)),
    "season_winter": ("2017-24", date(2017, 12, 1), date(2018, 2, 28)),
    "season_of_the_south": ("2017-31", date(2017, 3, 1), date(2017, 5, 31)),
    "season_quarter": ("2017-34", date(2017, 4, 1), date(2017, 6, 30)),
    "season_half": ("2017-41", date(2017, 7, 1), date(2017, 12, 31)),
    "edtf_interval_of_seasons": ("2017-21/2017-22", date(2017, 3, 1), date(2017, 8, 31)),
    "edtf_one_of": ("[2017-03-20,2017-03-21]", date(2017, 3, 20), date(2017, 3, 21)),
    "edtf_all_of": ("{2017-06-05, 2017-06-07..2017-06-10}", *FIVE_TO_TEN),
    "stamps_with_a_slash": ("2017-06-17T22:00Z/2017-06-18T03:00Z", *NIGHT),
    "stamps_with_to": ("17 June 2017 22:00 to 18 June 2017 03:00", *NIGHT),
    "night_of": ("night of 17 June 2017", *NIGHT),
    "night_of_with_articles": ("On the night of the 17th of June, 2017", *NIGHT),
    "night_between": ("night between 17 and 18 June 2017", *NIGHT),
    "night_over_two_months": ("night of 30 June/1 July 2017", date(2017, 6, 30), date(2017, 7, 1)),
    "overnight_one_day": ("overnight 17 June 2017", *NIGHT),
    "overnight_two_days": ("overnight 17-18 June 2017", *NIGHT),
    "slash_of_two_days": ("17/18 June 2017", *NIGHT),
    "slash_in_arabic": ("17/18 حزيران/يونيو 2017", *NIGHT),
    "evening": ("evening of 17 June 2017", *NIGHT),
    "morning": ("morning of 18 June 2017", *DAY),
    "arabic_night": ("ليلة 17 حزيران 2017", *NIGHT),
    "arabic_night_of_two_days": ("ليلة 17-18 حزيران 2017", *NIGHT),
    "arabic_evening": ("مساء ١٧ حزيران ٢٠١٧", *NIGHT),
    "arabic_dawn": ("فجر 18 حزيران 2017", *DAY),
    "russian_night_to": ("в ночь на 18 июня 2017 года", *NIGHT),
    "russian_night_from_to": ("в ночь с 17 на 18 июня 2017 г.", *NIGHT),
    "ukrainian_night_to": ("в ніч на 18 червня 2017 року", *NIGHT),
    "since": ("since 6 June 2017", *SINCE),
    "since_a_month": ("since June 2017", date(2017, 6, 1), None),
    "from_onwards": ("from June 6, 2017 onwards", *SINCE),
    "arabic_since": ("منذ 6 حزيران 2017", *SINCE),
    "open_end": ("2017-06-06/..", *SINCE),
    "unknown_end": ("2017-06-06/", *SINCE),
    "open_set": ("[2017-06-06..]", *SINCE),
    "until": ("until 12 June 2017", *UNTIL),
    "arabic_until": ("حتى 12 حزيران 2017", *UNTIL),
    "open_start": ("../2017-06-12", *UNTIL),
    "open_set_before": ("[..2017-06-12]", *UNTIL),
    "from_to": ("from 5 June to 10 June 2017", *FIVE_TO_TEN),
    "between_and": ("between 5 and 10 June 2017", *FIVE_TO_TEN),
    "between_whole_dates": ("between 5 June 2017 and 10 June 2017", *FIVE_TO_TEN),
    "between_numbers": ("between 2017-06-05 and 2017-06-10", *FIVE_TO_TEN),
    "since_until": ("since 5 June 2017 until 10 June 2017", *FIVE_TO_TEN),
    "month_first_twice": ("June 5 to June 10, 2017", *FIVE_TO_TEN),
    "same_month": ("from Monday the 5th of June 2017 until the 10th of the same month", *FIVE_TO_TEN),
    "arabic_between": ("بين 5 و10 حزيران 2017", *FIVE_TO_TEN),
    "arabic_from_to": ("من 5 إلى 10 حزيران 2017", *FIVE_TO_TEN),
    "russian_from_to": ("с 5 по 10 июня 2017", *FIVE_TO_TEN),
    "ukrainian_from_to": ("з 5 до 10 червня 2017 року", *FIVE_TO_TEN),
    "two_days_side_by_side": ("17 and 18 June 2017", *NIGHT),
    "year_once": ("28 Feb – 2 Mar 2017", date(2017, 2, 28), date(2017, 3, 2)),
    "year_once_over_new_year": ("28 Dec – 2 Jan 2018", date(2017, 12, 28), date(2018, 1, 2)),
    "year_first_over_new_year": ("28 Dec 2017 – 2 Jan", date(2017, 12, 28), date(2018, 1, 2)),
    "months": ("May-June 2017", date(2017, 5, 1), date(2017, 6, 30)),
    "months_over_new_year": ("December to January 2018", date(2017, 12, 1), date(2018, 1, 31)),
    "first_half": ("first half of June 2017", date(2017, 6, 1), date(2017, 6, 15)),
    "second_half": ("the second half of June 2017", date(2017, 6, 16), date(2017, 6, 30)),
    "end_of": ("end of June 2017", date(2017, 6, 21), date(2017, 6, 30)),
    "arabic_first_half": ("النصف الأول من حزيران 2017", date(2017, 6, 1), date(2017, 6, 15)),
    "week_from_a_monday": ("week of 12 June 2017", date(2017, 6, 12), date(2017, 6, 18)),
    "week_from_a_sunday": ("week of 11 June 2017", date(2017, 6, 11), date(2017, 6, 17)),
    "week_around_a_wednesday": ("week of 14 June 2017", date(2017, 6, 12), date(2017, 6, 18)),
    "week_ending": ("week ending 18 June 2017", date(2017, 6, 12), date(2017, 6, 18)),
    "weekday_after": ("18 June 2017 (Sunday)", *DAY),
    "arabic_weekday": ("يوم الأحد الموافق 18 حزيران 2017", *DAY),
    "ukrainian_weekday": ("неділя, 18 червня 2017 р.", *DAY),
}
# text -> qualifier; all are of June 2017 or a day of it
QUALIFIED = {
    "2017-06-18~": "~",
    "2017-06-18?": "?",
    "2017-06-18%": "%",
    "2017-06~-18": "~",
    "2017-?06-18": "?",
    "2017~-06-18?": "%",
    "2017-06-17~/2017-06-18?": "%",
    "[2017-06-17?,2017-06-18]": "?",
    "18 June 2017?": "?",
    "~18 June 2017": "~",
    "18/06/2017 (?)": "?",
    "about 18 June 2017": "~",
    "circa June 2017": "~",
    "حوالي 18 حزيران 2017": "~",
    "2017-06-18": "",
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
    "reversed_interval": "2017-06-17/2017-06-06",
    "reversed_days": "17-6 June 2017",
    "three_ends": "2015 - 2016 - 2017",
    "two_names_of_two_months": "18 حزيران/تموز 2017",
    "part_of_a_year": "early 2017",
    "quarter": "Q1 2017",
    "words_after": "18 June 2017 approx",
    "words_before": "strike of 18 June 2017",
    "since_without_its_year": "since June 6",
    "since_a_range_of_days_apart": "5 and 10 June 2017",
    "slash_of_days_apart": "5/10 June 2017",
    "night_of_a_month": "night of June 2017",
    "night_of_four_days": "night of 17-20 June 2017",
    "weekday_of_a_month": "Monday June 2017",
    "range_over_most_of_a_year": "30 June - 5 May 2017",
    "range_with_year_nought": "5 June 0000 - 10 June 2017",
    "two_years_or_a_season": "2021-22",
    "season_beyond": "2017-42",
    "unspecified_beyond": "21XX",
    "unspecified_year": "XXXX-06-18",
    "unspecified_and_impossible": "2017-06-4X",
    "open_at_both_ends": "../..",
    "reversed_open_set": "[2017-06-18..2017-06-17]",
    "marks_alone": "~?",
    "number_word_taken_for_a_month": "18 deux 2017",
    "short_word_taken_for_a_month": "18 há 2017",
    "season": "été 2017",
    "name": "Noor Qasim",
    "prose": "on 18 June 2017 " * 40,
}


@pytest.mark.parametrize(("text", "start", "end"), WINDOWS.values(), ids=WINDOWS)
def test_a_date_is_read_as_its_window(text, start, end):
    """Every way of writing a date gives the days it may mean."""
    precision = precision_of(start, end) if start and end else 0
    assert parse_window(text, None) == Window(start, end, precision)


@pytest.mark.parametrize(("text", "qualifier"), QUALIFIED.items())
def test_a_qualifier_is_kept_beside_the_days(text, qualifier):
    """What is approximate or uncertain keeps its days, and says so."""
    window = parse_window(text, None)
    assert window.qualifier == qualifier
    assert JUNE[0] <= window.start <= window.end <= JUNE[1]
    assert window.remark == ""


@pytest.mark.parametrize(
    ("text", "day", "said"),
    [
        ("Monday 21 March 2017", date(2017, 3, 21), "2017-03-21 is a Tuesday, not a Monday"),
        ("21 March 2017 (Mon)", date(2017, 3, 21), "2017-03-21 is a Tuesday, not a Monday"),
        ("الاثنين 21 آذار 2017", date(2017, 3, 21), "2017-03-21 is a Tuesday, not a Monday"),
        ("from Monday 5 to Friday 10 June 2017", date(2017, 6, 5), "2017-06-10 is a Saturday, not a Friday"),
    ],
)
def test_a_weekday_that_does_not_fit_is_told(text, day, said):
    """The date is read, and the contradiction stands beside it with the text."""
    window = parse_window(text, None)
    assert window.start == day
    assert window.remark == f"found {text!r}, but {said}"


@pytest.mark.parametrize(
    ("text", "reported", "start", "end"),
    [
        ("since June 6", REPORTED, date(2017, 6, 6), date(2017, 6, 16)),
        ("since 6 June 2017", REPORTED, date(2017, 6, 6), date(2017, 6, 16)),
        ("since 17 June 2017", REPORTED, REPORTED, REPORTED),
        ("since December 20", REPORTED, date(2016, 12, 20), date(2017, 6, 16)),
        ("June 6", REPORTED, date(2017, 6, 6), date(2017, 6, 6)),
        ("5-10 June", REPORTED, *FIVE_TO_TEN),
        ("28 Dec - 2 Jan", date(2018, 1, 5), date(2017, 12, 28), date(2018, 1, 2)),
        ("2017-06-06/..", REPORTED, *SINCE),
        ("until 12 June 2017", REPORTED, *UNTIL),
    ],
)
def test_the_day_of_the_report_completes_a_date(text, reported, start, end):
    """A cumulative window ends the day before its report; a day without its year is the last one up to it."""
    window = parse_window(text, None, reported=reported)
    assert (window.start, window.end) == (start, end)


@pytest.mark.parametrize("text", ["since 18 June 2017", "18 June", "29 Feb", "Jun-17", "May", "since May"])
def test_a_report_does_not_make_a_date_of_a_guess(text):
    """A window after its report, a day that would be nearly a year old, and a month alone stay refused."""
    with pytest.raises(Unreadable):
        parse_window(text, None, reported=REPORTED)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2017-06-17T22:30Z", 18),
        ("2017-06-17T20:59:59.9Z", 17),
        ("2017-06-17 21:00 UTC", 18),
        ("2017-06-18T02:00+05:30", 17),
        ("2017-06-18T02:00+0300", 18),
        ("6/17/2017 10:30 PM +00:00", 18),
        ("6/18/2017 12:30 AM +03", 18),
        ("17 June 2017 22:30 GMT", 18),
        ("2017-06-17 22:30", 17),
        ("2017-06-17", 17),
    ],
)
def test_a_time_with_an_offset_is_a_day_in_the_zone(text, day):
    """In Damascus, three hours ahead in June, an evening of UTC is the next day; a time without an offset is local."""
    assert parse_window(text, None, DAMASCUS).start == date(2017, 6, day)
    assert parse_window(text, None, DAMASCUS).precision_code == 1


def test_an_offset_that_does_not_exist_is_refused_where_it_counts():
    """Without a zone the offset is dropped unread, as it always was."""
    with pytest.raises(Unreadable, match="offset"):
        parse_window("2017-06-18T02:00+99:00", None, DAMASCUS)
    assert parse_window("2017-06-18T02:00+99:00", None).start == DAY[0]


@pytest.mark.parametrize("text", ["45209", "45209.0", "45209.5", "٤٥٢٠٩", " 45209 "])
def test_a_serial_day_is_read_where_asked(text):
    """Excel's day 45209 is 10 October 2023, whatever its time of day; unasked it is a number."""
    assert parse_serial(text) == date(2023, 10, 10)
    assert parse_window(text, None, serial=True) == Window(date(2023, 10, 10), date(2023, 10, 10), 1)
    with pytest.raises(Unreadable):
        parse_window(text, None)


@pytest.mark.parametrize(
    "text", ["", "19724", "60268", "99999", "1234", "452090", "45,209", "45209 x", "x" * 400]
)
def test_another_number_is_no_serial_day(text):
    """Days before 1954 and after 2064, and numbers of other lengths, may be anything."""
    assert parse_serial(text) is None


def test_serial_days_end_where_they_are_told_to():
    """The first and the last day that are read."""
    assert parse_serial("19725") == date(1954, 1, 1)
    assert parse_serial("60267") == date(2064, 12, 31)


@pytest.mark.parametrize("text", ["1497738600", "1497738600.0", "1497738600000"])
def test_a_unix_second_is_read_where_asked(text):
    """Half past ten in the evening of 17 June in UTC, which was the 18th in Damascus."""
    assert parse_window(text, None, unix=True).start == date(2017, 6, 17)
    assert parse_window(text, None, DAMASCUS, unix=True).start == date(2017, 6, 18)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("17/06/18", "dmy", date(2018, 6, 17)),
        ("06/17/18", "mdy", date(2018, 6, 17)),
        ("17/06/18", "ymd", date(2017, 6, 18)),
        ("18.6.70", "dmy", date(1970, 6, 18)),
    ],
)
def test_years_of_two_digits_need_the_order(text, order, expected):
    """Three numbers of two digits are read in the order of the rule file only."""
    assert parse_window(text, order).start == expected


def test_the_pivot_of_two_digits_can_be_moved():
    """A birth and an incident put the same two digits into different centuries."""
    assert parse_window("18-Jun-45", None).start.year == 2045
    assert parse_window("18-Jun-45", None, pivot=30).start.year == 1945


@pytest.mark.parametrize(
    ("texts", "order", "said"),
    [
        (["13/04/2017", "13/04/2017", "01/02/2017"], "dmy", "In 2 cells the first number is above 12"),
        (["4.13.2017"], "mdy", "In 1 cell the second number is above 12"),
        (
            ["13/04/2017 22:10", "Monday 4/13/2017"],
            None,
            "In 1 cell the first number is above 12, and in 1 cell",
        ),
        (["01/02/2017", "2017-06-18", "18 June 2017", "", "x" * 400], None, ""),
        (["31/31/2017", "00/13/2017", "1.13.2017.4", "13/04-2017", "113/04/2017"], None, ""),
        (["17/06/18"], None, ""),
        (["17/06/18", "06/18/17"], "mdy", "In 1 cell the second number"),
        (["18/06/99"], "dmy", "In 1 cell the first number"),
        (["١٣/٠٤/٢٠١٧"], "dmy", "In 1 cell the first number"),
    ],
)
def test_cells_prove_an_order(texts, order, said):
    """A number above 12 is no month; of two-digit years the first number may be the year, and proves nothing."""
    found, sentence = order_of(texts)
    assert found == order
    assert sentence.startswith(said)
    assert bool(sentence) == bool(said)


def test_cells_are_counted_beside_their_distinct_texts():
    """A caller that has distinct texts says how many cells hold each."""
    assert order_of(["13/04/2017", "1/2/2017"], [1200, 5]) == (
        "dmy",
        "In 1,200 cells the first number is above 12, so the day comes first (dmy).",
    )


@pytest.mark.parametrize(
    ("number", "name"), [(number, name) for number, names in enumerate(_MONTH_NAMES, 1) for name in names]
)
def test_every_month_is_read_in_every_spelling(number, name):
    """Each name of the table is read beside a day, alone, and at the end of a range."""
    assert parse_window(f"3 {name} 2017", None).start == date(2017, number, 3)
    assert parse_window(f"{name} 2017", None).start == date(2017, number, 1)
    assert parse_window(f"3-5 {name} 2017", None).end == date(2017, number, 5)


@pytest.mark.parametrize(
    ("number", "name"), [(number, name) for number, names in enumerate(_WEEKDAY_NAMES) for name in names]
)
def test_every_weekday_is_read_in_every_spelling(number, name):
    """Each name of the table fits one day of a week, and is told beside the others."""
    days = [date(2017, 6, 12) + timedelta(days=count) for count in range(7)]
    remarks = [parse_window(f"{name} {day}", None).remark for day in days]
    assert [day.weekday() for day, remark in zip(days, remarks, strict=True) if not remark] == [number]


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
        ("2021-22", "a season in EDTF, or two years; write the years as 2021/2022"),
        ("18/06/17", "a year of two digits; state the order"),
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
            *("XX", "X", "~", "?", "%", "[", "]", "{", "}", "/..", "-24", "2017-06-18", "+03:00", "45209"),
            *(
                "since ",
                "until ",
                "night of ",
                "week of ",
                "about ",
                "between ",
                " and ",
                " same month",
                "17/18",
            ),
        ]
    ),
    max_size=8,
).map("".join)


@settings(deadline=None)
@given(
    st.text() | PIECES,
    ORDERS,
    st.sampled_from([None, DAMASCUS]),
    st.none() | DAYS,
    st.booleans(),
)
def test_any_text_is_a_window_or_refused(text, order, zone, reported, numbers):
    """Whatever the cell holds, it is a window in order, nothing, or refused."""
    order_of([text])
    parse_serial(text)
    try:
        found = parse_window(text, order, zone, reported=reported, serial=numbers, unix=numbers)
    except Unreadable:
        return
    if found is None:
        return
    assert found.qualifier in {"", "~", "?", "%"}
    if found.start and found.end:
        assert found.start <= found.end
        assert found.precision_code == precision_of(found.start, found.end)
    else:
        assert found.start or found.end
        assert found.precision_code == 0


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


@given(DAYS, DAYS, st.sampled_from(["", "~", "?", "%"]))
def test_every_window_round_trips_through_edtf(one, two, qualifier):
    """What is written in EDTF is read back as the same days."""
    start, end = sorted((one, two))
    assert parse_window(edtf_of(start, end, qualifier), None) == Window(
        start, end, precision_of(start, end), qualifier
    )
    assert parse_window(edtf_of(start, None, qualifier), None) == Window(start, None, 0, qualifier)


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


def _strict(text):
    """What the edtf library makes of a text: its first and last day, qualifiers left out."""
    found = parse_edtf(text)
    return [date(*side[:3]) for side in (found.lower_strict(), found.upper_strict())]


# Where the library goes wrong or does not read: a winter, which it ends on 31 December, and two years side by side.
EDTF_PARTS = st.builds(
    lambda day, form: day.strftime(form),
    st.dates(date(1900, 1, 1), date(2019, 12, 31)),
    st.sampled_from(
        [
            *("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-XX", "%Y-XX", "%Y-XX-XX", "%Y-%m-%d~", "%Y-%m?", "%Y%%"),
            *(f"%Y-{code}" for code, (first, _) in _SEASONS.items() if first + 2 <= 12),
        ]
    ),
)


@settings(deadline=None, max_examples=60)
@given(EDTF_PARTS, EDTF_PARTS)
def test_edtf_is_read_as_the_library_reads_it(one, two):
    """Dates, seasons and open digits have the strict bounds that the edtf library gives them, alone and in intervals."""
    assume(
        not any(
            text[5:7].isdigit() and int(text[5:7]) == (int(text[:4]) + 1) % 100 > 12 for text in (one, two)
        )
    )
    first, last = parse_window(one, None), parse_window(two, None)
    assert [first.start, first.end] == _strict(one)
    if first.start <= last.end:
        both = parse_window(f"{one}/{two}", None)
        assert (both.start, both.end) == (first.start, last.end)
    members = parse_window(f"[{one},{two}]", None)
    assert (members.start, members.end) == (min(first.start, last.start), max(first.end, last.end))


@given(st.dates(date(1900, 1, 1), date(2100, 12, 30)))
def test_every_night_runs_into_the_next_day(day):
    """A night has two days, and so have the two days it is named by."""
    next_day = day + timedelta(days=1)
    night = Window(day, next_day, 2)
    assert parse_window(f"night of {day}", None) == night
    assert parse_window(f"overnight {day:%d %B %Y}", None) == night
    assert parse_window(f"night of {day:%d %B %Y}/{next_day:%d %B %Y}", None) == night


@given(DAYS, st.integers(0, 150), st.sampled_from(["{0} – {1}", "{0} to {1}", "from {0} until {1}"]))
def test_a_range_needs_its_year_once(start, days, form):
    """The end that has no year takes it from the other, and the turn of the year with it."""
    end = start + timedelta(days=days)
    assume(end.year <= 2100)
    window = Window(start, end, precision_of(start, end))
    for first, last in (("%d %b", "%d %b %Y"), ("%B %d", "%B %d, %Y"), ("%d %B %Y", "%d %B %Y")):
        assert parse_window(form.format(start.strftime(first), end.strftime(last)), None) == window
    assert parse_window(form.format(start.strftime("%d %b %Y"), end.strftime("%d %b")), None) == window


@given(DAYS, st.integers(0, 6))
def test_a_weekday_is_right_or_told(day, number):
    """Every day is read beside every weekday, with a remark beside six of the seven."""
    window = parse_window(f"{_WEEKDAY_NAMES[number][0].title()}, {day:%d %B %Y}", None)
    assert (window.start, window.end) == (day, day)
    assert bool(window.remark) == (day.weekday() != number)


@given(
    st.datetimes(datetime(1900, 1, 2), datetime(2100, 12, 30)),  # noqa: DTZ001 - the zone comes with the offset
    st.integers(-14 * 4, 14 * 4),
)
def test_every_stamp_is_the_day_that_the_zone_had(stamp, quarters):
    """A time with an offset is the day that the time zone database gives; without a zone it is the day as written."""
    aware = stamp.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    assert parse_window(aware.isoformat(), None, DAMASCUS).start == aware.astimezone(DAMASCUS).date()
    assert parse_window(aware.isoformat(), None).start == stamp.date()


@given(st.dates(date(1954, 1, 1), date(2064, 12, 31)), st.floats(0, 0.999, allow_subnormal=False))
def test_every_serial_day_round_trips(day, clock):
    """A day counts from 1 March 1900 = 61, as Excel has it."""
    number = (day - date(1900, 3, 1)).days + 61
    assert parse_serial(str(number)) == parse_serial(f"{number + clock:.4f}") == day


@given(st.datetimes(datetime(1974, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - UTC is set below
def test_every_unix_second_is_its_day(stamp):
    """A second since 1970 is its day in UTC."""
    seconds = int(stamp.replace(microsecond=0, tzinfo=UTC).timestamp())
    assert parse_window(str(seconds), None, unix=True) == Window(stamp.date(), stamp.date(), 1)


@given(st.lists(DAYS, max_size=30), st.sampled_from(["dmy", "mdy"]), st.sampled_from("/.-"))
def test_an_order_is_proved_by_the_days_above_twelve(days, order, mark):
    """What a column proves is the order it was written in, with the cells counted; each cell then reads as its day."""
    form = mark.join(["%d", "%m", "%Y"] if order == "dmy" else ["%m", "%d", "%Y"])
    texts = [day.strftime(form) for day in days]
    proofs = sum(day.day > 12 for day in days)
    found, sentence = order_of(texts)
    assert found == (order if proofs else None)
    assert sentence.startswith(f"In {proofs} cell" if proofs else "")
    assert not found or [parse_window(text, found).start for text in texts] == days


@given(st.lists(st.tuples(DAYS, st.booleans()), max_size=30))
def test_mixed_orders_are_counted_and_not_chosen(cells):
    """Where both orders are proved, neither is taken, and the sentence has both counts."""
    late = [(day, is_day_first) for day, is_day_first in cells if day.day > 12]
    first = sum(is_day_first for _, is_day_first in late)
    assume(0 < first < len(late))
    found, sentence = order_of(
        f"{day:%d/%m/%Y}" if is_day_first else f"{day:%m/%d/%Y}" for day, is_day_first in cells
    )
    assert found is None
    assert f"In {first} cell" in sentence
    assert f"in {len(late) - first} cell" in sentence
