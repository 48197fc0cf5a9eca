"""Ages and births: numbers, units, ranges and words of several languages, as spans of years; and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.parse.ages import Age, parse_age, parse_birth_year
from reconcile.parse.errors import Unreadable

MONTH, WEEK, DAY = 1 / 12, 7 / 365.25, 1 / 365.25

AGES = {
    "number": ("45", 45, 45),
    "nought": ("0", 0, 0),
    "float_of_a_conversion": ("45.0", 45, 45),
    "fraction": ("3.5", 3.5, 3.5),
    "decimal_comma": ("3,5", 3.5, 3.5),
    "arabic_digits": ("٤٥", 45, 45),
    "persian_digits": ("۴۵", 45, 45),
    "direction_marks": ("\u200f45\u200e", 45, 45),
    "years": ("45 years", 45, 45),
    "letter": ("45y", 45, 45),
    "dots": ("45 y.o.", 45, 45),
    "hyphens": ("45-year-old", 45, 45),
    "aged": ("aged 45", 45, 45),
    "brackets": ("(45)", 45, 45),
    "word": ("three years old", 3, 3),
    "half": ("half a year", 0.5, 0.5),
    "year_and_a_half": ("a year and a half", 1.5, 1.5),
    "one_month": ("1 month", MONTH, 2 * MONTH),
    "months": ("2 months", 2 * MONTH, 3 * MONTH),
    "months_of_a_year_and_more": ("18m", 1.5, 19 * MONTH),
    "weeks": ("3 weeks", 3 * WEEK, 4 * WEEK),
    "days": ("10 days", 10 * DAY, 11 * DAY),
    "years_and_months": ("1 year, 3 months", 1.25, 16 * MONTH),
    "less_than_a_day": ("Less than a day", 0, DAY),
    "under": ("under 5", 0, 5),
    "less_than_one": ("<1", 0, 1),
    "plus": ("60+", 60, None),
    "over": ("over 60 years", 60, None),
    "about": ("~30", 27, 33),
    "about_a_child": ("about 4", 3, 5),
    "question_mark": ("30?", 27, 33),
    "decade": ("30s", 30, 39),
    "decade_in_words": ("in his 30's", 30, 39),
    "part_of_a_decade": ("mid-30s", 34, 36),
    "range": ("20-25", 20, 25),
    "range_with_a_dash": ("20–25 years", 20, 25),
    "range_in_words": ("20 to 25", 20, 25),
    "range_of_months": ("6-7 months", 0.5, 8 * MONTH),
    "range_of_two_units": ("6 months - 1 year", 0.5, 1),
    "newborn": ("newborn", 0, 28 * DAY),
    "infant": ("infant", 0, 1),
    "child": ("child", 0, 18),
    "child_with_a_sex": ("Child Male", 0, 18),
    "adult": ("Adult", 18, None),
    "arabic_year": ("45 سنة", 45, 45),
    "arabic_years": ("٥ سنوات", 5, 5),
    "arabic_months": ("٣ أشهر", 3 * MONTH, 4 * MONTH),
    "arabic_months_without_hamza": ("7 شهور", 7 * MONTH, 8 * MONTH),
    "arabic_month_alone": ("شهر", MONTH, 2 * MONTH),
    "arabic_two_months": ("شهران", 2 * MONTH, 3 * MONTH),
    "arabic_two_years": ("سنتين", 2, 2),
    "arabic_two_days": ("يومان", 2 * DAY, 3 * DAY),
    "arabic_year_and_months": ("سنة وشهرين", 14 * MONTH, 15 * MONTH),
    "arabic_year_and_a_half": ("سنة ونصف", 1.5, 1.5),
    "arabic_less_than_a_year": ("أقل من سنة", 0, 1),
    "arabic_about": ("حوالي 30 عاما", 27, 33),
    "arabic_infant": ("رضيع", 0, 1),
    "ukrainian_years": ("45 років", 45, 45),
    "ukrainian_months": ("6 місяців", 0.5, 7 * MONTH),
    "russian_years": ("3 года", 3, 3),
    "russian_days": ("10 дней", 10 * DAY, 11 * DAY),
    "hebrew_aged": ("בן 45", 45, 45),
    "hebrew_months": ("7 חודשים", 7 * MONTH, 8 * MONTH),
    "spanish_years": ("45 años", 45, 45),
    "spanish_years_and_months": ("2 años y 3 meses", 27 * MONTH, 28 * MONTH),
    "spanish_newborn": ("recién nacido", 0, 28 * DAY),
    "french_year": ("un an", 1, 1),
    "french_months": ("6 mois", 0.5, 7 * MONTH),
}
NO_AGES = {
    "negative": "-1",
    "sentinel": "999",
    "year": "1984",
    "word": "abc",
    "other_unit": "45 kg",
    "percentage": "45%",
    "fraction_or_date": "1/2",
    "two_numbers": "45 46",
    "number_after_a_unit": "1 month 2",
    "sex_alone": "male",
    "article_alone": "a",
    "unit_letter_alone": "m",
    "range_that_goes_down": "25-20",
}
UNKNOWN = (
    "",
    " ",
    "\u200f",
    "Unknown",
    "n/a",
    "-",
    "?",
    "غير معروف",
    "невідомо",
    "לא ידוע",
    "desconocido",
    "inconnu",
)


@pytest.mark.parametrize("name", AGES)
def test_age_is_read(name: str) -> None:
    """An age is the span of years that its text allows, empty above where it sets no bound."""
    text, low, high = AGES[name]
    age = parse_age(text)
    assert age is not None
    assert age.low_years == pytest.approx(low, abs=1e-6)
    assert age.high_years == (None if high is None else pytest.approx(high, abs=1e-6))


@pytest.mark.parametrize("name", NO_AGES)
def test_what_is_no_age_is_refused(name: str) -> None:
    """A text that is no age is told and never guessed at."""
    with pytest.raises(Unreadable, match="as an age"):
        parse_age(NO_AGES[name])


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_is_no_age(text: str) -> None:
    """A blank cell and a word for unknown state no age, and are no fault."""
    assert parse_age(text) is None


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1984", 1984),
        ("1984.0", 1984),
        ("١٩٨٤", 1984),
        ("1984-05-12", 1984),
        ("1984-05-12 00:00:00", 1984),
        ("12/05/1984", 1984),
        ("May 1984", 1984),
        ("1890", 1890),
        ("18-Jun-45", 1945),
        ("18-Jun-10", 2010),
        ("05/1984", 1984),
        ("28494", 1978),
        ("45000.0", 2023),
        ("12345", 1933),
        ("1984-XX-XX", 1984),
        ("1984~", 1984),
        ("circa 1984", 1984),
        ("Monday 12 May 1984", 1984),
        ("unknown", None),
        ("", None),
    ],
)
def test_year_of_birth_is_read(text: str, year: int | None) -> None:
    """Of a day of birth only the year is taken, so that the order of day and month does not matter."""
    assert parse_birth_year(text, None) == year


@pytest.mark.parametrize(
    "text",
    [
        "45",
        "99",
        "12/05/84",
        "1984/1985",
        "1700",
        "31/31/1984",
        "spring",
        "198X",
        "since 1984",
        "until 1984",
        "10/05/12",
        "Dec 1984 - Jan 1985",
    ],
)
def test_what_is_no_year_of_birth_is_refused(text: str) -> None:
    """An age, a year of two digits, two years, an open window and an impossible day are told."""
    with pytest.raises(Unreadable):
        parse_birth_year(text, None)


def test_stated_order_of_a_birth_is_kept() -> None:
    """Where the rule file states the order, a day that does not fit it is a fault and not the other order."""
    with pytest.raises(Unreadable):
        parse_birth_year("05/31/1984", "dmy")


def test_two_digits_of_a_birth_need_the_order() -> None:
    """In a stated order two digits are a year, and those from 30 on are of the twentieth century."""
    assert parse_birth_year("12/05/84", "dmy") == 1984
    assert parse_birth_year("12/05/45", "dmy") == 1945
    assert parse_birth_year("12/05/10", "mdy") == 2010


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text breaks the parser, and what it reads is a span in order."""
    for parse in (parse_age, lambda cell: parse_birth_year(cell, None)):
        try:
            found = parse(text)
        except Unreadable:
            continue
        if isinstance(found, Age):
            assert 0 <= found.low_years <= (125 if found.high_years is None else found.high_years) <= 125


@given(
    st.integers(min_value=0, max_value=125),
    st.sampled_from(["{}", "{} years", "{}y", "aged {}", "{} سنة", "{} років", "{} ans"]),
)
def test_years_are_a_point(years: int, pattern: str) -> None:
    """A plain number of years is one age in every language, and in every digits."""
    western = pattern.format(years)
    assert parse_age(western) == Age(years, years)
    assert parse_age(western.translate({ord(str(n)): mark for n, mark in enumerate("٠١٢٣٤٥٦٧٨٩")})) == Age(
        years, years
    )


@given(
    st.integers(min_value=1, max_value=999),
    st.sampled_from([("months", 12), ("أشهر", 12), ("days", 365.25), ("тижнів", 365.25 / 7)]),
)
def test_months_and_days_reach_up_to_the_next(count: int, unit: tuple[str, float]) -> None:
    """So many months are that age and anything before the next month."""
    age = parse_age(f"{count} {unit[0]}")
    assert age is not None
    assert age.low_years == pytest.approx(count / unit[1], abs=1e-5)
    assert age.high_years == pytest.approx((count + 1) / unit[1], abs=1e-5)


@given(
    st.integers(min_value=0, max_value=100),
    st.integers(min_value=0, max_value=25),
    st.sampled_from(["-", "–", " - ", " to "]),
)
def test_range_keeps_its_ends(low: int, width: int, join: str) -> None:
    """A range is the span between its ends."""
    assert parse_age(f"{low}{join}{low + width}") == Age(low, low + width)
