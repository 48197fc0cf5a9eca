"""Dates as monitors write them, each as the window of days it may mean: a day, a night, a week, a month, a year.

A date is read as written: no time zone is applied unless one is given, and nothing is taken relative to today.
"""

from __future__ import annotations

import re
from calendar import month_name, monthrange
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from reconcile.parse.counts import folded, plain
from reconcile.parse.errors import Unreadable, shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

Order = Literal["ymd", "dmy", "mdy"]
Span = tuple[date, date]

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
# Two-digit years from here on are of the twentieth century.
_PIVOT = 70
_JANUARY, _DECEMBER = 1, 12
_ONE_DAY = timedelta(days=1)
# A day without its year is the last one before its report; one further back may as well be a slip.
_RECENT = timedelta(days=300)
# "28 Dec – 2 Jan 2018" starts in the year before; over more months than this, one of the two is wrong.
_LONGEST_TURN = 6

# English; Arabic of Iraq and the Levant, of Egypt and the Gulf, of the Maghreb (dateparser has one of them);
# Ukrainian and Russian as they stand alone and beside a day.
_MONTH_NAMES = (
    ("january", "jan", "كانون الثاني", "كانون ثاني", "يناير", "جانفي", "січень", "січня", "январь", "января"),
    ("february", "feb", "شباط", "فبراير", "فيفري", "лютий", "лютого", "февраль", "февраля"),
    ("march", "mar", "آذار", "مارس", "березень", "березня", "март", "марта"),
    ("april", "apr", "نيسان", "أبريل", "إبريل", "أفريل", "квітень", "квітня", "апрель", "апреля"),
    ("may", "أيار", "مايو", "ماي", "травень", "травня", "май", "мая"),
    ("june", "jun", "حزيران", "يونيو", "يونيه", "جوان", "червень", "червня", "июнь", "июня"),
    ("july", "jul", "تموز", "يوليو", "يوليه", "جويلية", "липень", "липня", "июль", "июля"),
    ("august", "aug", "آب", "أغسطس", "أوت", "серпень", "серпня", "август", "августа"),
    ("september", "sept", "sep", "أيلول", "سبتمبر", "вересень", "вересня", "сентябрь", "сентября"),
    ("october", "oct", "تشرين الأول", "تشرين أول", "أكتوبر", "жовтень", "жовтня", "октябрь", "октября"),
    ("november", "nov", "تشرين الثاني", "تشرين ثاني", "نوفمبر", "листопад", "листопада", "ноябрь", "ноября"),
    ("december", "dec", "كانون الأول", "كانون أول", "ديسمبر", "грудень", "грудня", "декабрь", "декабря"),
)  # fmt: skip
_MONTHS = {folded(name): number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_WEEKDAY_NAMES = (
    ("monday", "mon", "الاثنين", "الإثنين", "понеділок", "понедельник"),
    ("tuesday", "tues", "tue", "الثلاثاء", "вівторок", "вторник"),
    ("wednesday", "weds", "wed", "الأربعاء", "середа", "среда"),
    ("thursday", "thurs", "thur", "thu", "الخميس", "четвер", "четверг"),
    ("friday", "fri", "الجمعة", "п'ятниця", "п’ятниця", "пятница"),
    ("saturday", "sat", "السبت", "субота", "суббота"),
    ("sunday", "sun", "الأحد", "неділя", "воскресенье"),
)
_WEEKDAYS = {folded(name): number for number, names in enumerate(_WEEKDAY_NAMES) for name in names}
_SATURDAY = 5
# The days of a month that a phrase means; None is its last day.
_PART_DAYS: tuple[tuple[tuple[int, int | None], str], ...] = (
    ((1, 10), "early|beginning|start|أوائل|مطلع|بداية|на початку|в начале"),
    ((11, 20), "mid|middle|منتصف|в середині|у середині|в середине"),
    ((21, None), "late|end|أواخر|نهاية|наприкінці|в конце"),
    ((1, 15), "first half|النصف الأول"),
    ((16, None), "second half|النصف الثاني"),
)
_PARTS = {folded(word): days for days, words in _PART_DAYS for word in words.split("|")}
# Asked in this order for a month that the tables lack. A short list, because one word can name two months
# in two languages (listopad is October in Croatian, November in Polish); Arabic and English are above.
_LANGUAGES = ["fr", "es", "pt", "it", "de", "nl", "tr", "ru", "uk", "he", "fa"]
# What may stand beside the month in those languages: "18 de junio de 2017", "6 июня 2017 г."
_LINKS = frozenset({"de", "del", "di", "г", "года", "р", "року"})
_YEAR_WORD = re.compile(r"(?<=[0-9]{4}) (?:г|года|р|року)$")
_SHORTEST_WORD = 3


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NAMES = _either(_MONTHS)
_MONTH = f"(?P<month>{_NAMES})"
_DAY = r"(?:the )?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[0-9]{4})"

_TIME = re.compile(
    r"(?P<date>.*[0-9])(?:t| |, ?)(?P<hour>[0-9]{1,2}):(?P<minute>[0-5][0-9])(?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
    r"(?: ?(?P<half>[ap]m))?(?: ?(?:(?P<utc>z|utc|gmt)|(?P<offset>[+-][0-9]{2}(?::?[0-9]{2})?)))?"
)
# The dot of "Oct." and of "18. Juni" or "17.-18. Juni"; not that of 18.06.2017.
_STOP = re.compile(r"(?<=[^\W\d_])\.|(?<=[0-9])\.(?=[ –-])")
_WEEKDAY = re.compile(
    rf"(?:يوم )?(?P<before>{_either(_WEEKDAYS)}) (?:الموافق )?(?P<date>.+)"
    rf"|(?P<dated>.+) \(?(?P<after>{_either(_WEEKDAYS)})\)?"
)
_TWO_NAMES = re.compile(rf"(?P<one>{_NAMES}) ?/ ?(?P<two>{_NAMES})")

_FIGURES = (
    re.compile(rf"{_YEAR}([-/.])(?P<month>[0-9]{{1,2}})\2(?P<day>[0-9]{{1,2}})"),
    re.compile(rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})"),
    re.compile(rf"{_YEAR}-(?P<month>[0-9]{{2}})"),
    re.compile(_YEAR),
    # "06/2017": no month looks like a day of it.
    re.compile(rf"(?P<month>[0-9]{{1,2}})[-/.]{_YEAR}"),
)
_YEAR_LAST = re.compile(r"(?P<one>[0-9]{1,2})([-/.])(?P<two>[0-9]{1,2})\2(?P<year>[0-9]{4}|[0-9]{2})")
_NAMED = (
    re.compile(rf"{_DAY}[ -]?(?:of )?{_MONTH}[ -]?{_YEAR}"),
    re.compile(rf"{_MONTH}[ -]?{_DAY} {_YEAR}"),
    re.compile(rf"{_YEAR}[ -]{_MONTH}[ -]{_DAY}"),
    re.compile(rf"{_DAY}([ -]){_MONTH}\2['’]?(?P<year>[0-9]{{2}})"),
    re.compile(rf"(?:(?:the )?(?P<part>{_either(_PARTS)})[ -](?:of |in |من )?)?{_MONTH}[ -]{_YEAR}"),
)
_YEARLESS = (re.compile(rf"{_DAY} ?(?:of )?{_MONTH}"), re.compile(rf"{_MONTH} {_DAY}"))
_OTHER_LANGUAGE = re.compile(
    rf"(?:(?P<day>[0-9]{{1,2}}) )?(?P<words>[^\d_]+?) {_YEAR}(?P<after>(?: [^\W\d_]+)?)"
)

_OPENING = "(?P<opened>(?:from|between|من|بين|с|з|із|від|от|між|между) )?"
# What joins two days and need not mean those between them.
_PAIRS = frozenset(map(folded, ["/", "and", "or", "و", "أو", "и", "і", "та"]))
_UNTIL = (
    r"(?P<joined> ?[-‐‑‒–—/] ?| (?:to|until|till|through|"
    + _either({*map(folded, ["إلى", "حتى", "по", "до", "на"]), *_PAIRS})
    + r") | و)"
)


def _end_of_range(number: int) -> str:
    """Return the pattern of one end of a range; what it leaves out stands at the other end."""
    return (
        rf"(?:(?P<weekday{number}>{_either(_WEEKDAYS)}) )?(?:the )?(?P<day{number}>[0-9]{{1,2}})(?:st|nd|rd|th)?"
        rf"(?:[ -]?(?:of )?(?:(?P<month{number}>{_NAMES})|(?:the )?same month))?(?: (?P<year{number}>[0-9]{{4}}))?"
    )


# "June 5" becomes "5 June", so that a range has one form.
_MONTH_BEFORE_DAY = re.compile(rf"(?<![^\W\d_])({_NAMES}) (?:the )?([0-9]{{1,2}}(?:st|nd|rd|th)?)(?![0-9])")
_RANGE = re.compile(f"{_OPENING}{_end_of_range(1)}{_UNTIL}{_end_of_range(2)}")
_MONTHS_RANGE = re.compile(rf"{_OPENING}(?P<one>{_NAMES})(?: (?P<since>[0-9]{{4}}))?{_UNTIL}{_MONTH} {_YEAR}")
# Two whole dates, each with or without a time.
_TWO_ENDS = re.compile(
    rf"{_OPENING}(?P<first>.+?)"
    r"(?P<joined> [-‐‑‒–—] |[–—]|/(?=[0-9]{4}-[0-9]{2}-[0-9]{2}t)| (?:to|until|till|through|and|إلى|الى|حتى|و|по|до) | و)"
    r"(?P<last>.+)"
)

_MARK = "[?~%]?"
_EDTF_DATE = re.compile(
    rf"{_MARK}(?P<year>[0-9]{{2}}[0-9x]{{2}}){_MARK}"
    rf"(?:-{_MARK}(?P<month>[0-9x]{{2}}){_MARK}(?:-{_MARK}(?P<day>[0-9x]{{2}}){_MARK})?)?"
)
_EDTF_SET = re.compile(r"\[(?P<one_of>[^\[\]{}]+)\]|\{(?P<all_of>[^\[\]{}]+)\}")
# Code of a season, a quarter, a third or a half of the year: its first month and how many months it has. A season
# without a hemisphere (21 to 24) is the northern one, and a winter ends in the next year.
_YEAR_PARTS = [
    *[(3, 3), (6, 3), (9, 3), (12, 3)] * 2,
    *[(9, 3), (12, 3), (3, 3), (6, 3)],
    *[(1, 3), (4, 3), (7, 3), (10, 3), (1, 4), (5, 4), (9, 4), (1, 6), (7, 6)],
]
_SEASONS = {str(code): part for code, part in enumerate(_YEAR_PARTS, 21)}
_MARKED = re.compile(r"(?P<before>~)? ?(?P<bare>.*?) ?(?P<after>[?~%]|\(\?\))?")

# Excel counts 29 February 1900, which never was: from March 1900 on, its day 1 is 31 December 1899.
_SERIAL_ZERO = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = date(1954, 1, 1), date(2064, 12, 31)
_SERIAL = re.compile(r"(?P<day>[0-9]{5})(?:\.[0-9]+)?")
_UNIX = re.compile(r"(?P<second>[0-9]{9,10})(?:\.[0-9]+)?|(?P<milli>[0-9]{12,13})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Dates in figures anywhere in a cell, their year last.
_IN_FIGURES = re.compile(
    r"(?<![0-9])(?<![0-9][./-])(?P<one>[0-9]{1,2})([-/.])(?P<two>[0-9]{1,2})\2(?P<year>[0-9]{4}|[0-9]{2})(?![./-]?[0-9])"
)
_LAST_DAY = 31
_ALLOWED = "no date; allowed are 2017-06-18, 20170618, 2017-06, 2017, 18 June 2017, 18/06/2017, a/b"


@dataclass(frozen=True, slots=True)
class Window:
    """The days a date may mean, both ends included.

    Attributes:
        start: the first day; None where the text states only the last ("until 12 June 2017", "../2017-06-12").
        end: the last day; None where the text leaves it open ("since 6 June 2017", "2017-06-06/..").
        precision_code: 1 to 5, see `precision_of`; 0 where an end is not known.
        qualifier: "~" approximate, "?" uncertain, "%" both, as in EDTF; "" where the text says neither. The days are
            those of the date without it.
        remark: a contradiction inside the text, which was read all the same; "" where there is none. It quotes the
            cell, as an `Unreadable` does.
    """

    start: date | None
    end: date | None
    precision_code: int
    qualifier: str = ""
    remark: str = ""


class _How(NamedTuple):
    order: Order | None
    zone: ZoneInfo | None
    reported: date | None
    pivot: int


class _Reading(NamedTuple):
    start: date | None
    end: date | None
    qualifier: str = ""
    slips: tuple[str, ...] = ()


def parse_window(
    text: str,
    order: Order | None,
    zone: ZoneInfo | None = None,
    *,
    reported: date | None = None,
    serial: bool = False,
    unix: bool = False,
    pivot: int = _PIVOT,
) -> Window | None:
    """Read a date cell as the window of days it may mean.

    Args:
        text: the cell: ISO 8601 with or without a time, YYYYMMDD, YYYY-MM, YYYY, EDTF, a date with the month's name,
            numbers with the year last, a night, a range, "since" and "until"; see docs/dates.md.
        order: how the source writes dates whose year comes last; None where the rule file does not say, and
            then only a date with one possible reading is read.
        zone: where the days are counted. A time with an offset from UTC becomes the day that it was there.
        reported: the day of the report. "Since" then ends on the day before, and a day without its year is the last
            one up to it.
        serial: read five digits as a day of Excel's, see `parse_serial`.
        unix: read nine or ten digits as seconds since 1970, twelve or thirteen as milliseconds; in `zone`, or in UTC.
        pivot: years of two digits from here on are of the twentieth century.

    Returns:
        The window, or None for a blank cell. Without a zone a time of day is dropped, and its offset with it.

    Raises:
        Unreadable: no date, an impossible one, an ambiguous one, or one relative to a day it does not name.
    """
    found = plain(text)
    if not found:
        return None
    try:
        day = (serial and _serial_day(found)) or (unix and _unix_day(found, zone))
        reading = _Reading(day, day) if day else _read(found.casefold(), _How(order, zone, reported, pivot))
    except Unreadable as error:
        raise Unreadable(f"found {shown(text)}, {error}") from None
    start, end = reading.start, reading.end
    remark = f"found {shown(text)}, but {'; '.join(reading.slips)}" if reading.slips else ""
    return Window(start, end, precision_of(start, end) if start and end else 0, reading.qualifier, remark)


def parse_serial(text: str) -> date | None:
    """Read a day that Excel shows as a number because its cell lost the format of a date.

    Args:
        text: the cell: "45209", "45209.0" or, with a time of day, "45209.5".

    Returns:
        The day in the system that counts from 1900, a time of day dropped; None where the cell is no such number, or
        one of a day before 1954 or after 2064, where it may be anything.
    """
    try:
        return _serial_day(plain(text))
    except Unreadable:
        return None


def order_of(texts: Iterable[str], cells: Iterable[int] | None = None) -> tuple[Order | None, str]:
    """Say which order of day and month a column's own cells prove, for dates in figures with the year last.

    A first number above 12 can only be a day, and so can a second one. Of years of two digits the first number may be
    the year, and proves the order only where the last one is no day.

    Args:
        texts: of the column's cells; each distinct one is looked at once.
        cells: how many cells hold each text; one each where it is left out.

    Returns:
        The order, and a sentence with the number of cells that prove it. None and a sentence where both are proved;
        None and "" where neither is.
    """
    tally = Counter(texts).items() if cells is None else zip(texts, cells, strict=True)
    proofs: Counter[Order] = Counter()
    for text, number in tally:
        for order in _proven(text):
            proofs[order] += number
    first, second = _cells(proofs["dmy"]), _cells(proofs["mdy"])
    if proofs["dmy"] and proofs["mdy"]:
        return None, (
            f"In {first} the first number is above 12, and in {second} the second one: "
            "day/month and month/day are mixed, and neither order was taken."
        )
    if proofs["dmy"]:
        return "dmy", f"In {first} the first number is above 12, so the day comes first (dmy)."
    if proofs["mdy"]:
        return "mdy", f"In {second} the second number is above 12, so the month comes first (mdy)."
    return None, ""


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


def edtf_of(start: date | None, end: date | None, qualifier: str = "") -> str:
    """Write a window in the Extended Date/Time Format.

    Args:
        start: the first day; None where it is not known.
        end: the last day; None where the window is open.
        qualifier: "~", "?" or "%" where the date is approximate, uncertain or both; it is written at each end.

    Returns:
        A day, a month where the window is exactly one, a year likewise, an interval "a/b" or "a/..", or ""
        without a start.

    Source:
        ISO 8601-2:2019 (EDTF), level 0; the open end and the qualifiers of level 1.
    """
    if start is None:
        return ""
    if end is None:
        return f"{start}{qualifier}/.."
    if start == end:
        return f"{start}{qualifier}"
    if (start, end) == (date(start.year, 1, 1), date(start.year, 12, 31)):
        return start.isoformat()[:4] + qualifier
    if start.day == 1 and end == _month_end(start.year, start.month):
        return start.isoformat()[:7] + qualifier
    return f"{start}{qualifier}/{end}{qualifier}"


# ---- a cell --------------------------------------------------------------------------------------------------------


def _read(found: str, how: _How) -> _Reading:
    reading = _unmarked(found, how)
    if reading:
        return reading
    marked = _MARKED.fullmatch(found)
    reading = _unmarked(marked["bare"], how) if marked and marked["bare"] != found else None
    if marked is None or reading is None:
        raise Unreadable(_ALLOWED)
    return reading._replace(
        qualifier=_merged(reading.qualifier, marked["before"] or "", marked["after"] or "")
    )


def _unmarked(found: str, how: _How) -> _Reading | None:
    return _edtf(found) or _between(found, how) or _timed(found, how)


def _merged(*qualifiers: str) -> str:
    """Return one qualifier for several: approximate and uncertain together are "%"."""
    marks = {mark for mark in "".join(qualifiers) if mark in "?~%"}
    return marks.pop() if len(marks) == 1 else "%" if marks else ""


def _between(found: str, how: _How) -> _Reading | None:
    """Read two whole dates; what only a report's day completes is left to `_range`, which sees both ends."""
    ends = _TWO_ENDS.fullmatch(found)
    if ends is None:
        return None
    first, last = (_timed(ends[end], how._replace(reported=None)) for end in ("first", "last"))
    if first is None or last is None or first.start is None or last.end is None:
        return None
    _check_order(first.start, last.end)
    # The slash of ISO 8601 is one between stamps.
    if ends["joined"] != "/":
        _check_gap(ends, first.start, last.end)
    return _Reading(first.start, last.end, _merged(first.qualifier, last.qualifier), first.slips + last.slips)


def _timed(found: str, how: _How) -> _Reading | None:
    clock = _TIME.fullmatch(found)
    if clock is None:
        return _worded(found, how)
    if int(clock["hour"]) > (12 if clock["half"] else 23):
        raise Unreadable("with a time of day that does not exist")
    reading = _worded(clock["date"], how)
    if reading is None:
        return None
    if reading.start is None or reading.start != reading.end:
        raise Unreadable("a time of day without its day")
    day = _local(reading.start, clock, how.zone) if how.zone else reading.start
    return reading._replace(start=day, end=day)


def _local(day: date, clock: re.Match[str], zone: ZoneInfo) -> date:
    """Return the day that a time was in a zone; the day as written where the time names no offset from UTC."""
    if not (clock["utc"] or clock["offset"]):
        return day
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"] == "pm" else 0)
    try:
        stamp = datetime.fromisoformat(f"{day}T{hour:02}:{clock['minute']}{clock['offset'] or 'Z'}")
    except ValueError:
        raise Unreadable("an offset from UTC that does not exist") from None
    return stamp.astimezone(zone).date()


# ---- EDTF: our own grammar; the edtf library fails on "2017-1X" and ends a winter on 31 December -------------------


def _edtf(found: str) -> _Reading | None:
    members = _EDTF_SET.fullmatch(found)
    if members:
        return _edtf_set((members["one_of"] or members["all_of"]).split(","))
    first, slash, last = found.partition("/")
    return _edtf_interval(first, last) if slash else _edtf_date(found)


def _edtf_interval(first: str, last: str) -> _Reading | None:
    """Read an interval; ".." or nothing is an end that is not known."""
    nothing = _Reading(None, None)
    start, end = (nothing if side in {"", ".."} else _edtf_date(side) for side in (first, last))
    if start is None or end is None or start is end:
        return None
    if start.start and end.end:
        _check_order(start.start, end.end)
    return _Reading(start.start, end.end, _merged(start.qualifier, end.qualifier))


def _edtf_set(members: list[str]) -> _Reading | None:
    """Read "one of" and "all of" as the window from the earliest to the latest: a window has no gaps."""
    readings = []
    for member in members:
        first, dots, last = member.strip().partition("..")
        reading = _edtf_interval(first.strip(), last.strip()) if dots else _edtf_date(first)
        if reading is None:
            return None
        readings.append(reading)
    starts, ends = [one.start for one in readings], [one.end for one in readings]
    start = None if None in starts else min(filter(None, starts))
    end = None if None in ends else max(filter(None, ends))
    if start is None and end is None:
        return None
    return _Reading(start, end, _merged(*(one.qualifier for one in readings)))


def _edtf_date(found: str) -> _Reading | None:
    match = _EDTF_DATE.fullmatch(found)
    if match is None:
        return None
    year, month, day = match["year"], match["month"], match["day"]
    if "x" in found:
        span = _masked(year, month or "xx", day or "xx")
    elif month in _SEASONS and day is None:
        span = _season(int(year), month)
    else:
        span = _figures_of(year, month, day)
    return _Reading(*span, _merged(found))


def _figures_of(year: str, month: str | None, day: str | None) -> Span:
    if month is None:
        return _year(int(year))
    return _month(int(year), int(month)) if day is None else _day(int(year), int(month), int(day))


def _masked(year: str, month: str, day: str) -> Span:
    """Return the first and the last day that digits left open ("201X", "2017-06-XX") allow."""
    for digit in "09":
        _year(int(year.replace("x", digit)))
    years, months, days = range(_FIRST_YEAR, _LAST_YEAR + 1), range(1, 13), range(1, 32)
    fitting = [_fitting(year, years), _fitting(month, months), _fitting(day, days)]
    first = next((one for one in product(*fitting) if _exists(*one)), None)
    last = next((one for one in product(*(part[::-1] for part in fitting)) if _exists(*one)), None)
    if first is None or last is None:
        raise Unreadable("no day that exists, whatever the digits left open")
    return date(*first), date(*last)


def _fitting(mask: str, numbers: range) -> list[int]:
    pattern = re.compile(mask.replace("x", "[0-9]"))
    return [number for number in numbers if pattern.fullmatch(f"{number:0{len(mask)}}")]


def _season(year: int, code: str) -> Span:
    if int(code) == (year + 1) % 100:
        raise Unreadable(f"a season in EDTF, or two years; write the years as {year}/{year + 1}")
    first, months = _SEASONS[code]
    start, _ = _month(year, first)
    over, last = divmod(first + months - 2, 12)
    return start, _month_end(year + over, last + 1)


# ---- one date ------------------------------------------------------------------------------------------------------


def _worded(found: str, how: _How) -> _Reading | None:
    tidy = " ".join(_STOP.sub("", found.replace(",", " ").replace("،", " ")).split())
    return _said(tidy, how) or _led(folded(tidy), how)


def _said(tidy: str, how: _How) -> _Reading | None:
    known = _one_name(_YEAR_WORD.sub("", folded(tidy)))
    return _one(known, tidy, how) or _range(known, how) or _range_of_months(known)


def _one(known: str, tidy: str, how: _How) -> _Reading | None:
    named = _WEEKDAY.fullmatch(known)
    if named:
        known = tidy = named["date"] or named["dated"]
    span = _dated(known, how) or _other_language(tidy)
    if span is None:
        return None
    if named and span[0] != span[1]:
        raise Unreadable("a weekday beside more than one day")
    return _Reading(*span, slips=_slip(span[0], named and (named["before"] or named["after"])))


def _dated(known: str, how: _How) -> Span | None:
    return _figured(known) or _year_last(known, how) or _named(known, how.pivot) or _yearless(known, how)


def _slip(day: date, weekday: str | None) -> tuple[str, ...]:
    """Say that a weekday does not fit: one of the two is wrong, and the text does not say which."""
    if weekday is None or _WEEKDAYS[weekday] == day.weekday():
        return ()
    real, said = (_WEEKDAY_NAMES[number][0].title() for number in (day.weekday(), _WEEKDAYS[weekday]))
    return (f"{day} is a {real}, not a {said}",)


def _one_name(known: str) -> str:
    """Keep one of two names for a month, as Arabic wires write them: "آذار/مارس"."""
    both = _TWO_NAMES.search(known)
    if both is None:
        return known
    if _MONTHS[both["one"]] != _MONTHS[both["two"]]:
        raise Unreadable("two months")
    return known[: both.start()] + both["one"] + known[both.end() :]


def _first_of(patterns: Iterable[re.Pattern[str]], known: str) -> re.Match[str] | None:
    return next(filter(None, (pattern.fullmatch(known) for pattern in patterns)), None)


def _figured(known: str) -> Span | None:
    match = _first_of(_FIGURES, known)
    if match is None:
        return None
    part = match.groupdict()
    return _figures_of(part["year"], part.get("month"), part.get("day"))


def _year_last(known: str, how: _How) -> Span | None:
    match = _YEAR_LAST.fullmatch(known)
    if match is None:
        return None
    one, two, three = (int(match[part]) for part in ("one", "two", "year"))
    is_short = len(match["year"]) < len("2017")
    if is_short and how.order is None:
        raise Unreadable("a year of two digits; state the order (dmy, mdy or ymd) in the rule file")
    if how.order == "ymd" and not is_short:
        raise Unreadable("a year at the end where the rule file says that it comes first")
    allowed = {"dmy": (three, two, one), "mdy": (three, one, two), "ymd": (one, two, three)}
    days = {allowed[how.order]} if how.order else {allowed["dmy"], allowed["mdy"]}
    if is_short:
        days = {(_century(year, how.pivot), month, day) for year, month, day in days}
    readings = {day for day in days if _exists(*day)}
    # Where the order is stated and does not fit, the other one is a guess: the next cell may fit both.
    if how.order and not readings:
        raise Unreadable(f"no date in the order the rule file states, {how.order}")
    if len(readings) > 1:
        raise Unreadable(
            "ambiguous between day/month and month/day; state the order (dmy or mdy) in the rule file"
        )
    return _day(*(readings.pop() if readings else allowed["dmy"]))


def _century(year: int, pivot: int) -> int:
    return year + (1900 if year >= pivot else 2000)


def _named(known: str, pivot: int) -> Span | None:
    match = _first_of(_NAMED, known)
    if match is None:
        return None
    part = match.groupdict()
    year, month = int(part["year"]), _MONTHS[part["month"]]
    year = year if len(part["year"]) == len("2017") else _century(year, pivot)
    if "day" in part:
        return _day(year, month, int(part["day"]))
    start, end = _month(year, month)
    first, last = _PARTS[part["part"]] if part["part"] else (1, None)
    return start.replace(day=first), end if last is None else end.replace(day=last)


def _yearless(known: str, how: _How) -> Span | None:
    match = _first_of(_YEARLESS, known)
    if match is None or how.reported is None:
        return None
    day = _last_before(_MONTHS[match["month"]], int(match["day"]), how.reported)
    return day, day


def _last_before(month: int, day: int, reported: date) -> date:
    for year in (reported.year, reported.year - 1):
        if year and _exists(year, month, day) and timedelta() <= reported - date(year, month, day) <= _RECENT:
            return date(year, month, day)
    raise Unreadable(f"a day without its year, and none shortly before the report of {reported}")


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


# ---- two dates that share a month or a year ------------------------------------------------------------------------


def _range(known: str, how: _How) -> _Reading | None:
    match = _RANGE.fullmatch(_MONTH_BEFORE_DAY.sub(r"\2 \1", known))
    if match is None:
        return None
    since_year, since_month, since_day = _end_in(match, 1)
    year, until_month, until_day = _end_in(match, 2)
    month, since_month = until_month or since_month, since_month or until_month
    if month is None or since_month is None:
        return None
    turn = _turns(since_month, month)
    if year is None and since_year is not None:
        year = since_year + turn
    elif year is None and how.reported:
        year = _last_before(month, until_day, how.reported).year
    if year is None:
        return None
    first, _ = _day(year - turn if since_year is None else since_year, since_month, since_day)
    last, _ = _day(year, month, until_day)
    _check_order(first, last)
    _check_gap(match, first, last)
    return _Reading(first, last, slips=_slip(first, match["weekday1"]) + _slip(last, match["weekday2"]))


def _end_in(match: re.Match[str], number: int) -> tuple[int | None, int | None, int]:
    year, month = match[f"year{number}"], match[f"month{number}"]
    return int(year) if year else None, _MONTHS[month] if month else None, int(match[f"day{number}"])


def _turns(first: int, last: int) -> bool:
    """Whether the year turns between two months of which one has no year: "28 Dec – 2 Jan 2018"."""
    return first > last and last + 12 - first <= _LONGEST_TURN


def _range_of_months(known: str) -> _Reading | None:
    match = _MONTHS_RANGE.fullmatch(known)
    if match is None:
        return None
    first, last, year = _MONTHS[match["one"]], _MONTHS[match["month"]], int(match["year"])
    start, _ = _month(int(match["since"] or year - _turns(first, last)), first)
    _, end = _month(year, last)
    _check_order(start, end)
    return _Reading(start, end)


def _check_order(start: date, end: date) -> None:
    if start > end:
        raise Unreadable("an interval that ends before it starts")


def _check_gap(match: re.Match[str], start: date, end: date) -> None:
    """Refuse "5 and 10 June 2017": those are two days, unless "between" opens them."""
    if match["joined"].strip() in _PAIRS and not match["opened"] and end - start > _ONE_DAY:
        raise Unreadable("two dates with days between them; a/b is a window")


# ---- what stands before a date: since, until, the night of ---------------------------------------------------------


_Lead = Callable[[_Reading, _How], _Reading]


def _since(reading: _Reading, how: _How) -> _Reading:
    if reading.start is None:
        raise Unreadable("a start that is not stated")
    if how.reported is None:
        return reading._replace(end=None)
    if how.reported < reading.start:
        raise Unreadable(f"a window that starts after its report of {how.reported}")
    return reading._replace(end=max(reading.start, how.reported - _ONE_DAY))


def _until(reading: _Reading, _: _How) -> _Reading:
    if reading.end is None:
        raise Unreadable("an end that is not stated")
    return reading._replace(start=None)


def _about(reading: _Reading, _: _How) -> _Reading:
    return reading._replace(qualifier=_merged(reading.qualifier, "~"))


def _spread(before: int, after: int) -> _Lead:
    """Return how a day becomes a part of it, or a window around it; of a night whose two days are named, those."""

    def spread(reading: _Reading, _: _How) -> _Reading:
        start, end = reading.start, reading.end
        if start and end and before + after == 1 and end - start == _ONE_DAY:
            return reading
        day = _only_day(reading)
        return reading._replace(start=day - before * _ONE_DAY, end=day + after * _ONE_DAY)

    return spread


def _week(reading: _Reading, _: _How) -> _Reading:
    """Weeks start on Saturday, Sunday or Monday: such a day starts its own, any other stands in one from Monday."""
    day = _only_day(reading)
    start = day if day.weekday() in {0, _SATURDAY, 6} else day - timedelta(days=day.weekday())
    return reading._replace(start=start, end=start + timedelta(days=6))


def _only_day(reading: _Reading) -> date:
    if reading.start is None or reading.start != reading.end:
        raise Unreadable("a part of a day or a week, without the one day that it goes by")
    return reading.start


_LEAD_WORDS: tuple[tuple[_Lead, str], ...] = (
    (_since, "since|from|beginning|starting|as from|منذ|з|із|с|від|от|починаючи з|начиная с"),
    (_until, "until|till|up to|through|upto|حتى|لغاية|до|по"),
    (_about, "about|around|approximately|approx|circa|ca|c|on or about|on or around|حوالي|نحو|близько|приблизно|около|примерно"),
    (_spread(0, 1), "night|the night|nighttime|overnight|evening|late evening|ليلة|ليل|مساء|вночі|ночью|ввечері|вечером|в ніч|у ніч|в ночь|в ніч з|у ніч з|в ночь с"),
    # "Night to the 18th", as Ukrainian and Russian have it, began the day before.
    (_spread(1, 0), "night to|night into|overnight to|overnight into|в ніч на|у ніч на|в ночь на"),
    (_spread(0, 0), "on|dated|morning|early morning|dawn|noon|midday|afternoon|فجر|صباح|ظهر|عصر|вранці|утром|вдень|днем"),
    (_week, "week|week beginning|week starting|week commencing|أسبوع|тиждень з|неделя с"),
    (_spread(6, 0), "week ending|week ended|week to"),
)  # fmt: skip
_LEADS = {folded(word): lead for lead, words in _LEAD_WORDS for word in words.split("|")}
_LEAD = re.compile(
    rf"(?:(?:on|in|at|during|for) )?(?:the )?(?P<lead>{_either(_LEADS)})(?: of| on| from| between)?(?: the)? "
    r"(?P<rest>.+?)(?: onwards?)?"
)
# "Since about early June 2017": more of them is prose.
_MOST_LEADS = 3


def _led(known: str, how: _How) -> _Reading | None:
    leads: list[_Lead] = []
    while len(leads) < _MOST_LEADS and (match := _LEAD.fullmatch(known)):
        leads.append(_LEADS[match["lead"]])
        known = match["rest"]
        reading = _said(known, how)
        if reading:
            for lead in reversed(leads):
                reading = lead(reading, how)
            return reading
    return None


# ---- numbers that stand for days, and the order of figures ---------------------------------------------------------


def _serial_day(found: str) -> date | None:
    match = _SERIAL.fullmatch(found)
    if match is None:
        return None
    day = _SERIAL_ZERO + timedelta(days=int(match["day"]))
    return day if _FIRST_SERIAL <= day <= _LAST_SERIAL else None


def _unix_day(found: str, zone: ZoneInfo | None) -> date | None:
    match = _UNIX.fullmatch(found)
    if match is None:
        return None
    seconds = int(match["second"]) if match["second"] else int(match["milli"]) // 1000
    day = (_EPOCH + timedelta(seconds=seconds)).astimezone(zone or UTC).date()
    _year(day.year)
    return day


def _proven(text: str) -> set[Order]:
    """Return the orders that a cell proves: both where it holds two dates that contradict each other."""
    try:
        found = plain(text)
    except Unreadable:
        return set()
    orders: set[Order] = set()
    for match in _IN_FIGURES.finditer(found):
        one, two, three = (int(match[part]) for part in ("one", "two", "year"))
        may_be_year_first = len(match["year"]) < len("2017") and 1 <= three <= _LAST_DAY
        if 1 <= one <= _DECEMBER < two <= _LAST_DAY:
            orders.add("mdy")
        elif 1 <= two <= _DECEMBER < one <= _LAST_DAY and not may_be_year_first:
            orders.add("dmy")
    return orders


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number:,} cells"


# ---- the calendar --------------------------------------------------------------------------------------------------


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
    return start.replace(month=month), _month_end(year, month)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _year(year: int) -> Span:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Unreadable(f"year {year}, where years go from {_FIRST_YEAR} to {_LAST_YEAR}")
    return date(year, 1, 1), date(year, 12, 31)
