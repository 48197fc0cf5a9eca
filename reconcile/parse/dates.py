"""Dates as monitors write them, each as the window of days it may mean: a day, a week, a month, a year.

A date is read as written: no time zone is applied, and nothing is taken relative to today.
"""

from __future__ import annotations

import re
from calendar import month_name, monthrange
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal

from reconcile.parse.counts import folded, plain
from reconcile.parse.errors import Unreadable, shown

Order = Literal["ymd", "dmy", "mdy"]
Span = tuple[date, date]

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
# Two-digit years from here on are of the twentieth century.
_PIVOT = 70
_JANUARY, _DECEMBER = 1, 12

# English; Arabic of Iraq and the Levant, of Egypt and the Gulf, of the Maghreb (dateparser has one of them).
_MONTH_NAMES = (
    ("january", "jan", "كانون الثاني", "يناير", "جانفي"),
    ("february", "feb", "شباط", "فبراير", "فيفري"),
    ("march", "mar", "آذار", "مارس"),
    ("april", "apr", "نيسان", "أبريل", "إبريل", "أفريل"),
    ("may", "أيار", "مايو", "ماي"),
    ("june", "jun", "حزيران", "يونيو", "يونيه", "جوان"),
    ("july", "jul", "تموز", "يوليو", "يوليه", "جويلية"),
    ("august", "aug", "آب", "أغسطس", "أوت"),
    ("september", "sept", "sep", "أيلول", "سبتمبر"),
    ("october", "oct", "تشرين الأول", "أكتوبر"),
    ("november", "nov", "تشرين الثاني", "نوفمبر"),
    ("december", "dec", "كانون الأول", "ديسمبر"),
)
_MONTHS = {folded(name): number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS = {form: number for number, name in enumerate(_WEEKDAY_NAMES) for form in (name, name[:3])}
# The days of a month that a word means; None is its last day.
_PARTS: dict[str | None, tuple[int, int | None]] = {
    None: (1, None),
    "early": (1, 10),
    "mid": (11, 20),
    "late": (21, None),
    folded("أوائل"): (1, 10),
    folded("منتصف"): (11, 20),
    folded("أواخر"): (21, None),
}
# Asked in this order for a month that the tables lack. A short list, because one word can name two months
# in two languages (listopad is October in Croatian, November in Polish); Arabic and English are above.
_LANGUAGES = ["fr", "es", "pt", "it", "de", "nl", "tr", "ru", "uk", "he", "fa"]
# What may stand beside the month in those languages: "18 de junio de 2017", "6 июня 2017 г."
_LINKS = frozenset({"de", "del", "di", "г", "года", "р", "року"})
_SHORTEST_WORD = 3

_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_MONTH = f"(?P<month>{_NAMES})"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_LAST_DAY = r"(?P<last>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[0-9]{4})"
_UNTIL = "(?: ?[-‐‑‒–—] ?| to )"

_TIME = re.compile(
    r"(?P<date>.*[0-9])(?:t| |, ?)(?P<hour>[0-9]{1,2}):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
    r"(?: ?(?P<half>[ap]m))?(?: ?(?:z|utc|gmt|[+-][0-9]{2}:?[0-9]{2}))?"
)
# The dot of "Oct." and of "18. Juni"; not that of 18.06.2017.
_STOP = re.compile(r"(?<=[^\W\d_])\.|(?<=[0-9])\.(?= )")
_WEEKDAY = re.compile(rf"(?P<weekday>{'|'.join(_WEEKDAYS)}) (?P<date>.+)")
_TWO_NAMES = re.compile(rf"(?P<one>{_NAMES}) ?/ ?(?P<two>{_NAMES})")

_YEAR_FIRST = (
    re.compile(rf"{_YEAR}([-/.])(?P<month>[0-9]{{1,2}})\2(?P<day>[0-9]{{1,2}})"),
    re.compile(rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})"),
    re.compile(rf"{_YEAR}-(?P<month>[0-9]{{2}})"),
    re.compile(_YEAR),
)
_YEAR_LAST = re.compile(r"(?P<one>[0-9]{1,2})([-/.])(?P<two>[0-9]{1,2})\2(?P<year>[0-9]{4}|[0-9]{2})")
_NAMED = (
    re.compile(rf"{_DAY}[ -]?(?:of )?{_MONTH}[ -]?{_YEAR}"),
    re.compile(rf"{_MONTH}[ -]?{_DAY} {_YEAR}"),
    re.compile(rf"{_YEAR}[ -]{_MONTH}[ -]{_DAY}"),
    re.compile(rf"(?P<day>[0-9]{{1,2}})-{_MONTH}-(?P<year>[0-9]{{2}})"),
    re.compile(rf"{_DAY}{_UNTIL}{_LAST_DAY} (?:of )?{_MONTH} {_YEAR}"),
    re.compile(rf"{_MONTH} {_DAY}{_UNTIL}{_LAST_DAY} {_YEAR}"),
    re.compile(rf"(?:(?P<part>{'|'.join(filter(None, _PARTS))})[ -])?{_MONTH}[ -]{_YEAR}"),
)
_OTHER_LANGUAGE = re.compile(
    rf"(?:(?P<day>[0-9]{{1,2}}) )?(?P<words>[^\d_]+?) {_YEAR}(?P<after>(?: [^\W\d_]+)?)"
)

_EDTF_DATE = r"[0-9]{4}(?:-[0-9]{2}){0,2}"
_TWO_ENDS = (
    re.compile(rf"(?P<first>{_EDTF_DATE})/(?P<last>{_EDTF_DATE})"),
    re.compile(r"(?P<first>.*?[0-9])(?: [-‐‑‒–—] | to |[–—])(?P<last>.*[0-9])"),
)
_OPEN = re.compile(rf"(?:{_EDTF_DATE})/(?:\.\.)?|(?:\.\.)?/(?:{_EDTF_DATE})")


@dataclass(frozen=True, slots=True)
class Window:
    """The days a date may mean, both ends included.

    Attributes:
        start: the first day.
        end: the last day.
        precision_code: 1 to 5, see `precision_of`.
    """

    start: date
    end: date
    precision_code: int


def parse_window(text: str, order: Order | None) -> Window | None:
    """Read a date cell as the window of days it may mean.

    Args:
        text: the cell: ISO 8601 with or without a time, YYYYMMDD, YYYY-MM, YYYY, an EDTF interval, a date
            with the month's name, or numbers with the year last.
        order: how the source writes dates whose year comes last; None where the rule file does not say, and
            then only a date with one possible reading is read.

    Returns:
        The window, or None for a blank cell. A time of day is dropped, and its time zone with it.

    Raises:
        Unreadable: no date, an impossible one, an ambiguous one, or one relative to a day it does not name.
    """
    found = plain(text)
    if not found:
        return None
    try:
        start, end = _timed(found.casefold(), order)
    except Unreadable as error:
        raise Unreadable(f"found {shown(text)}, {error}") from None
    return Window(start, end, precision_of(start, end))


def precision_of(start: date, end: date) -> int:
    """Say how precise a window is, in UCDP's codes.

    Args:
        start: the first day.
        end: the last day.

    Returns:
        1 one day, 2 two to six days, 3 a week, 4 up to a month, 5 more than a month.

    Raises:
        Unreadable: the window ends before it starts.

    Source:
        UCDP GED codebook, `date_prec`. It says 8 to 30 days for 4; a month of 31 days is a month, too.
    """
    days = (end - start).days + 1
    if days < 1:
        raise Unreadable(f"a window from {start} that ends earlier, on {end}")
    return next((code for most, code in ((1, 1), (6, 2), (7, 3), (31, 4)) if days <= most), 5)


def edtf_of(start: date | None, end: date | None) -> str:
    """Write a window in the Extended Date/Time Format.

    Args:
        start: the first day; None where it is not known.
        end: the last day; None where the window is open.

    Returns:
        A day, a month where the window is exactly one, a year likewise, an interval "a/b" or "a/..", or ""
        without a start.

    Source:
        ISO 8601-2:2019 (EDTF), level 0 and the open end of level 1.
    """
    if start is None:
        return ""
    if end is None:
        return f"{start}/.."
    if start == end:
        return start.isoformat()
    if (start.month, start.day, end.month, end.day) == (
        _JANUARY,
        1,
        _DECEMBER,
        31,
    ) and start.year == end.year:
        return start.isoformat()[:4]
    whole = monthrange(start.year, start.month)[1]
    if start.day == 1 and end == start.replace(day=whole):
        return start.isoformat()[:7]
    return f"{start}/{end}"


def _timed(found: str, order: Order | None) -> Span:
    clock = _TIME.fullmatch(found)
    if clock is None:
        return _read(found, order)
    if int(clock["hour"]) > (12 if clock["half"] else 23):
        raise Unreadable("with a time of day that does not exist")
    start, end = _read(clock["date"], order)
    if start != end:
        raise Unreadable("a time of day without its day")
    return start, end


def _read(found: str, order: Order | None) -> Span:
    tidy = " ".join(_STOP.sub("", found.replace(",", " ").replace("،", " ")).split())
    span = _one(tidy, order) or _between(tidy, order)
    if span is None:
        raise Unreadable(
            "no date; allowed are 2017-06-18, 20170618, 2017-06, 2017, 18 June 2017, 18/06/2017, a/b"
        )
    return span


def _between(tidy: str, order: Order | None) -> Span | None:
    if _OPEN.fullmatch(tidy):
        raise Unreadable("an interval with an open end; both ends are needed")
    ends = next(filter(None, (pattern.fullmatch(tidy) for pattern in _TWO_ENDS)), None)
    if ends is None:
        return None
    first, last = _one(ends["first"], order), _one(ends["last"], order)
    if first is None or last is None:
        return None
    if first[0] > last[1]:
        raise Unreadable("an interval that ends before it starts")
    return first[0], last[1]


def _one(tidy: str, order: Order | None) -> Span | None:
    known = _one_name(folded(tidy))
    named = _WEEKDAY.fullmatch(known)
    if named is None:
        return _year_first(known) or _year_last(known, order) or _named(known) or _other_language(tidy)
    span = _year_first(named["date"]) or _year_last(named["date"], order) or _named(named["date"])
    # A wrong weekday means that one of the two is wrong, and the text does not say which.
    if span and (span[0] != span[1] or span[0].weekday() != _WEEKDAYS[named["weekday"]]):
        raise Unreadable(f"a weekday that does not fit: {span[0]} is a {span[0]:%A}")
    return span


def _one_name(known: str) -> str:
    """Keep one of two names for a month, as Arabic wires write them: "آذار/مارس"."""
    both = _TWO_NAMES.search(known)
    if both is None:
        return known
    if _MONTHS[both["one"]] != _MONTHS[both["two"]]:
        raise Unreadable("two months")
    return known[: both.start()] + both["one"] + known[both.end() :]


def _year_first(known: str) -> Span | None:
    match = next(filter(None, (pattern.fullmatch(known) for pattern in _YEAR_FIRST)), None)
    if match is None:
        return None
    year, month, day = (int(match.groupdict().get(part) or 0) for part in ("year", "month", "day"))
    if "day" in match.groupdict():
        return _day(year, month, day)
    return _month(year, month) if "month" in match.groupdict() else _year(year)


def _year_last(known: str, order: Order | None) -> Span | None:
    match = _YEAR_LAST.fullmatch(known)
    if match is None:
        return None
    if len(match["year"]) < len("2017"):
        raise Unreadable("a year of two digits, which is read only as in 18-Jun-17")
    year, one, two = int(match["year"]), int(match["one"]), int(match["two"])
    if order == "ymd":
        raise Unreadable("a year at the end where the rule file says that it comes first")
    allowed = {"dmy": ((two, one),), "mdy": ((one, two),), None: ((two, one), (one, two))}[order]
    readings = {(month, day) for month, day in allowed if _exists(year, month, day)}
    # Where the order is stated and does not fit, the other one is a guess: the next cell may fit both.
    if order and not readings:
        raise Unreadable(f"no date in the order the rule file states, {order}")
    if len(readings) > 1:
        raise Unreadable(
            "ambiguous between day/month and month/day; state the order (dmy or mdy) in the rule file"
        )
    return _day(year, *(readings.pop() if readings else (two, one)))


def _named(known: str) -> Span | None:
    match = next(filter(None, (pattern.fullmatch(known) for pattern in _NAMED)), None)
    if match is None:
        return None
    part = match.groupdict()
    year, month = int(part["year"]), _MONTHS[part["month"]]
    if len(part["year"]) < len("2017"):
        year += 1900 if year >= _PIVOT else 2000
    if "day" not in part:
        return _part_of_month(year, month, part["part"])
    first, last = _day(year, month, int(part["day"])), _day(year, month, int(part.get("last") or part["day"]))
    if first > last:
        raise Unreadable("an interval that ends before it starts")
    return first[0], last[1]


def _part_of_month(year: int, month: int, part: str | None) -> Span:
    first, last = _PARTS[part]
    start, end = _month(year, month)
    return start.replace(day=first), end if last is None else end.replace(day=last)


def _other_language(tidy: str) -> Span | None:
    match = _OTHER_LANGUAGE.fullmatch(tidy)
    if match is None:
        return None
    words = [word for word in f"{match['words']} {match['after']}".split() if word not in _LINKS]
    month = _month_in(words[0]) if len(words) == 1 and len(words[0]) >= _SHORTEST_WORD else None
    if month is None:
        return None
    year = int(match["year"])
    return _month(year, month) if match["day"] is None else _day(year, month, int(match["day"]))


@lru_cache(maxsize=1024)
def _month_in(word: str) -> int | None:
    """Ask dateparser for one word only, and for a month only.

    Given a whole date it guesses: "1 deux 2000" (two) becomes February, and "12" the year 1912. It is told to
    forget the language of the last word, or the order of rows could matter.
    """
    parts = _word_parser().get_date_data(word)
    return None if parts.date_obj is None else int(parts.date_obj.month)


@lru_cache(maxsize=1)
def _word_parser() -> Any:
    # Half a second that most runs never need.
    from dateparser.date import DateDataParser  # noqa: PLC0415

    settings = {
        "PARSERS": ["absolute-time"],
        "REQUIRE_PARTS": ["month"],
        "RELATIVE_BASE": datetime(2000, 1, 1),  # noqa: DTZ001 - keeps the clock out; only the month is used
        "PREFER_DAY_OF_MONTH": "first",
        "PREFER_DATES_FROM": "past",
    }
    return DateDataParser(
        languages=_LANGUAGES, use_given_order=True, try_previous_locales=False, settings=settings
    )


def _exists(year: int, month: int, day: int) -> bool:
    return _JANUARY <= month <= _DECEMBER and 1 <= day <= monthrange(year or _FIRST_YEAR, month)[1]


def _day(year: int, month: int, day: int) -> Span:
    _, end = _month(year, month)
    if not 1 <= day <= end.day:
        raise Unreadable(f"day {day}, but {month_name[month]} {year} has {end.day} days")
    return end.replace(day=day), end.replace(day=day)


def _month(year: int, month: int) -> Span:
    start, _ = _year(year)
    if not _JANUARY <= month <= _DECEMBER:
        raise Unreadable(f"month {month}, where months go from 1 to 12")
    start = start.replace(month=month)
    return start, start.replace(day=monthrange(year, month)[1])


def _year(year: int) -> Span:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Unreadable(f"year {year}, where years go from {_FIRST_YEAR} to {_LAST_YEAR}")
    return date(year, 1, 1), date(year, 12, 31)
