"""The days that sentences speak of, against the day of publication: Sunday 18 June 2017."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.normalize import build_context
from reconcile.prose.windows import Calendar
from reconcile.rulefiles import load_rules

D = date(2017, 6, 18)
RULES = load_rules()
WORDS = build_context(RULES, "airwars").words
ENGLISH = Calendar(RULES.prose["english"], WORDS)
ARABIC = Calendar(RULES.prose["arabic"], WORDS)


@pytest.mark.parametrize(
    ("text", "first", "last", "is_period"),
    [
        ("since June 6", "2017-06-06", "2017-06-17", True),
        (
            "from Monday the 5th of June 2017 until the 10th of the same month",
            "2017-06-05",
            "2017-06-10",
            True,
        ),
        ("from 24 February 2015 to 5 March 2016", "2015-02-24", "2016-03-05", True),
        ("from 1 to 28 February 2017", "2017-02-01", "2017-02-28", True),
        ("between August 2014 and the end of December 2016", "2014-08-01", "2016-12-31", True),
        ("between August 2014 and July 2016", "2014-08-01", "2016-07-31", True),
        ("since the first of January 2016 until the first of January 2017", "2016-01-01", "2017-01-01", True),
        ("November 6, 2016 - March 19, 2017", "2016-11-06", "2017-03-19", True),
        ("on Saturday", "2017-06-17", "2017-06-17", False),
        ("on Sunday", "2017-06-18", "2017-06-18", False),
        ("last Sunday", "2017-06-11", "2017-06-11", False),
        ("Saturday night", "2017-06-17", "2017-06-18", False),
        ("overnight", "2017-06-17", "2017-06-18", False),
        ("yesterday", "2017-06-17", "2017-06-17", False),
        ("earlier this month", "2017-06-01", "2017-06-17", True),
        ("last month", "2017-05-01", "2017-05-31", True),
        ("last week", "2017-06-05", "2017-06-11", True),
        ("so far this year", "2017-01-01", "2017-06-17", True),
        ("in May", "2017-05-01", "2017-05-31", True),
        ("during August", "2016-08-01", "2016-08-31", True),
        ("in June", "2017-06-01", "2017-06-18", True),
        ("in 2016", "2016-01-01", "2016-12-31", True),
        ("since 2014", "2014-01-01", "2017-06-17", True),
        ("since last month", "2017-05-01", "2017-06-17", True),
        ("over the past 24 hours", "2017-06-17", "2017-06-18", True),
        ("in the past week", "2017-06-11", "2017-06-17", True),
        ("in the last two months", "2017-04-18", "2017-06-17", True),
        ("since the forces entered the town a month ago", "2017-05-18", "2017-06-17", True),
        ("since the offensive began on June 6", "2017-06-06", "2017-06-17", True),
        ("since the start of Operation Inherent Resolve", "2014-08-08", "2017-06-17", True),
        ("two weeks ago", "2017-06-04", "2017-06-04", False),
        ("on June 3", "2017-06-03", "2017-06-03", False),
        ("3 June 2017", "2017-06-03", "2017-06-03", False),
        ("since the fall of the town", "", "", True),
        ("until 5 March 2017", "", "2017-03-05", True),
        ("on June 25", "", "", False),
    ],
)
def test_english(text: str, first: str, last: str, is_period: bool) -> None:  # noqa: FBT001 - a table of cases
    """Every form that monitors and wires use, with the days that are meant."""
    (told,) = ENGLISH.find(f"It happened {text}, they say.", D)

    assert (str(told.first or ""), str(told.last or ""), told.is_period) == (first, last, is_period)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("منذ السادس من حزيران", "2017-06-06", "2017-06-17"),
        ("يوم السبت", "2017-06-17", "2017-06-17"),
        ("أمس", "2017-06-17", "2017-06-17"),
        ("خلال الـ24 ساعة الماضية", "2017-06-17", "2017-06-18"),
        ("في 5 حزيران/يونيو 2017", "2017-06-05", "2017-06-05"),
        ("الشهر الماضي", "2017-05-01", "2017-05-31"),
    ],
)
def test_arabic(text: str, first: str, last: str) -> None:
    """The same in Arabic."""
    (told,) = ARABIC.find(f"قتل 12 مدنيا {text}.", D)

    assert (str(told.first), str(told.last)) == (first, last)


def test_a_day_told_from_another() -> None:
    """Then, and the next day, are told from the day named before; without one they are not told."""
    assert ENGLISH.find("since then", D, date(2017, 6, 3))[0].first == date(2017, 6, 3)
    assert ENGLISH.find("a day later", D, date(2017, 6, 3))[0].first == date(2017, 6, 4)
    assert ENGLISH.find("a day later", D)[0].first is None


@given(
    text=st.lists(
        st.sampled_from(["since", "from", "to", "June", "6", "2017", "on", "Saturday", "the", "past", "two", "weeks", "ago", "-", ",", "May", "31", "February"]),
        max_size=12,
    ).map(" ".join),
    published=st.dates(date(1901, 1, 1), date(2099, 12, 31)),
)  # fmt: skip
@budget(300)
def test_windows_begin_before_they_end(text: str, published: date) -> None:
    """No window ends before it starts or overlaps another one in the text."""
    found = ENGLISH.find(text, published)

    for told in found:
        assert told.first is None or told.last is None or told.first <= told.last
    assert all(one.end <= two.start for one, two in pairwise(found))
