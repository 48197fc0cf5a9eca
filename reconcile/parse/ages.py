"""Ages and births as lists of the dead write them: "45", "7 months", "30s", "رضيع", "~60"; "1984", "12/05/1984".

An age is kept as the span it allows: a plain number is a point, "2 months" reaches up to three, "child" is under 18.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from reconcile.parse.counts import folded, plain
from reconcile.parse.dates import parse_window
from reconcile.parse.errors import Unreadable, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconcile.parse.dates import Order

Span = tuple[float, float | None]

# Nobody whose age is documented grew older; more is a sentinel, a weight or a year in the wrong column.
_OLDEST = 125
_MONTH, _WEEK, _DAY, _HOUR = 1 / 12, 7 / 365.25, 1 / 365.25, 1 / (24 * 365.25)
_DECIMALS = 6
_EARLIEST_BIRTH = 1800
# The day before the first of Excel's days, moved by the 29 February 1900 that it counts and that never was.
_EXCEL_DAY_0 = date(1899, 12, 30)


def _bare(text: str) -> str:
    """Fold a text for look-up: `folded`, and without accents, points and vowel marks of any script."""
    parted = unicodedata.normalize("NFKD", folded(text))
    return "".join(mark for mark in parted if unicodedata.category(mark) != "Mn")


def _meaning(table: Iterable[tuple[float, str]]) -> dict[str, float]:
    return {_bare(word): length for length, words in table for word in words.split()}


_UNITS = _meaning(
    (
        (1.0, "year years yr yrs y yo yearold أعوام عام سنة سنوات سنين عاما سال سالگی"),
        (1.0, "рік роки років року р год года лет г שנה שנים שנות año años ano anos an ans année années annee annees"),
        (_MONTH, "month months mth mths mo mos m mon شهر أشهر اشهر شهور شهرا ماه місяць місяці місяців міс"),
        (_MONTH, "месяц месяца месяцев мес חודש חודשים mes meses mois"),
        (_WEEK, "week weeks wk wks w أسبوع أسابيع اسبوع اسابيع هفته тиждень тижні тижнів тиж неделя недели недель нед"),
        (_WEEK, "שבוע שבועות semana semanas semaine semaines sem"),
        (_DAY, "day days d يوم أيام ايام يوما روز день дні днів дня дней дн יום ימים día días dia dias jour jours"),
        (_HOUR, "hour hours hr hrs h ساعة ساعات година години годин ч час часа часов שעה שעות hora horas heure heures"),
    )
)  # fmt: skip
# Arabic and Hebrew have a form for two of a thing.
_PAIRS = _meaning(
    (
        (1.0, "سنتان سنتين عامان عامين שנתיים"),
        (_MONTH, "شهران شهرين חודשיים"),
        (_WEEK, "أسبوعان أسبوعين اسبوعين שבועיים"),
        (_DAY, "يومان يومين יומיים"),
        (_HOUR, "ساعتان ساعتين שעתיים"),
    )
)
_NUMBERS = {
    _bare(word): float(number)
    for number, words in (
        (1, "one a an un una une один одна אחד אחת واحد واحدة"),
        (2, "two dos deux два дві две שני שתי"),
        (3, "three tres trois три שלושה שלוש ثلاثة ثلاث"),
        (4, "four cuatro quatre чотири четыре ארבעה ארבע أربعة أربع"),
        (5, "five cinco cinq пять خمسة خمس"),
        (6, "six seis шість шесть ستة ست"),
        (7, "seven siete sept сім семь سبعة سبع"),
        (8, "eight ocho huit вісім восемь ثمانية ثماني"),
        (9, "nine nueve neuf девять تسعة تسع"),
        (10, "ten diez dix десять عشرة عشر"),
        (11, "eleven once onze"),
        (12, "twelve doce douze"),
        (0.5, "half medio media demi пів полгода نصف חצי"),
    )
    for word in words.split()
}
# Words for an age without a number; a month of 28 days for the newborn, as health statistics count them.
_STAGES: dict[str, Span] = {
    _bare(word): span
    for span, words in (
        ((0.0, 28 * _DAY), "newborn|new born|neonate|حديث الولادة|مولود|новонароджений|новонароджена|новорожденный|יילוד|recién nacido|recién nacida|nouveau né|nouveau née"),
        ((0.0, 1.0), "infant|nursling|رضيع|رضيعة|немовля|младенец|תינוק|תינוקת|lactante|nourrisson"),
        ((0.0, 2.0), "baby|bebé|bébé"),
        ((1.0, 4.0), "toddler"),
        ((0.0, 18.0), "child|children|minor|kid|boy|girl|underage|طفل|طفلة|قاصر|дитина|дитя|ребенок|неповнолітній|неповнолітня|ילד|ילדה|קטין|niño|niña|menor|menor de edad|enfant|mineur|mineure|garçon|fille"),
        ((13.0, 20.0), "teen|teenager|teenage|adolescent|adolescente|مراهق|مراهقة|підліток|подросток|נער|נערה"),
        ((18.0, None), "adult|of age|بالغ|بالغة|дорослий|доросла|взрослый|взрослая|מבוגר|מבוגרת|adulto|adulta|mayor de edad|adulte|majeur"),
        ((60.0, None), "elderly|elder|old man|old woman|senior|مسن|مسنة|קשיש|קשישה|літній|літня|пожилой|пожилая|anciano|anciana|âgé|âgée"),
    )
    for word in words.split("|")
}  # fmt: skip
_UNKNOWN = frozenset(
    map(
        _bare,
        ["unknown", "not known", "unk", "n/a", "na", "nan", "none", "null", "nil", "not stated", "not available", "unidentified", "undisclosed", "-", "--", "?", "??", ".",
         "غير معروف", "غير معروفة", "مجهول", "مجهولة", "غير محدد", "невідомо", "невідомий", "невідома", "неизвестно", "неизвестен", "לא ידוע", "לא ידועה",
         "desconocido", "desconocida", "se desconoce", "inconnu", "inconnue", "non précisé", "no consta", "sin dato", "s/d"],
    )
)  # fmt: skip
# Words around an age that say nothing more; "male" and "female", because some columns hold "Child Male".
_FILLERS = frozenset(
    map(
        _bare,
        ["age", "aged", "ages", "old", "olds", "of", "in", "the", "his", "her", "their", "edad", "de", "con", "et", "and", "e", "male", "female", "و", "من", "عمر", "العمر", "عمره",
         "عمرها", "ابن", "ابنة", "بعمر", "вік", "віком", "возраст", "і", "и", "та", "בן", "בת", "גיל"],
    )
)  # fmt: skip
_LESS = frozenset(
    map(_bare, ["less than", "under", "below", "younger than", "<", "not yet", "أقل من", "دون", "اقل من", "تحت", "менше", "менше ніж", "до", "меньше", "менее", "פחות מ", "menos de", "menor de", "moins de"])
)  # fmt: skip
_AT_LEAST = frozenset(
    map(_bare, ["more than", "over", "above", "older than", "at least", ">", ">=", "≥", "أكثر من", "اكثر من", "فوق", "понад", "більше", "старше", "больше", "более", "más de", "mayor de", "plus de", "מעל"])
)  # fmt: skip
_ABOUT = frozenset(
    map(_bare, ["about", "approximately", "approx", "around", "circa", "ca", "c", "some", "nearly", "almost", "~", "≈", "حوالي", "تقريبا", "نحو", "близько", "приблизно", "около", "примерно", "כ", "unos", "aproximadamente", "alrededor de", "environ", "vers"])
)  # fmt: skip
_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)?|>=|[^\W\d_]+|\S")
_PLAIN_NUMBER = re.compile(r"[0-9]{1,3}(?:[.,][0-9]+)?")
_DECADE = re.compile(
    r"(?:in )?(?:his |her |their |the )?(?:(?P<part>early|mid|late)[ -])?(?P<ten>[1-9]0)['’]?s"
)
_DECADE_PARTS = {None: (0, 9), "early": (0, 3), "mid": (4, 6), "late": (7, 9)}
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
# Hyphens inside "45-year-old", dots of "y.o.", commas and slashes between words.
_LOOSE = re.compile(
    r"(?<=[^\W\d_])-(?=[^\W\d_])|(?<=[0-9])-(?=[^\W\d_])|(?<=[^\W\d_]),|(?<=[^\W\d_]{2})/(?=[^\W\d_]{2})"
)
_DOTTED = re.compile(r"(?<=[^\W\d_])\.")
_FLOATED = re.compile(r"([0-9]{4})\.0+")
# A birth "45" is of 1945, where an incident "45" would be of 2045; one before 1930 is rarer than a child's.
_BIRTH_PIVOT = 30
_THREE_SHORT = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Age:
    """An age as the span of years it allows.

    Attributes:
        low_years: the youngest.
        high_years: the oldest; empty where the text sets no upper bound.
    """

    low_years: float
    high_years: float | None


def parse_age(text: str) -> Age | None:
    """Read an age.

    Args:
        text: the cell: a number of years, a number with a unit (years, months, weeks, days, hours), a range, a decade
            ("30s"), a bound ("under 5", "60+"), or a word ("infant", "child"), in one of several languages.

    Returns:
        The span, or None for a blank cell and for words that mean that the age is unknown.

    Raises:
        Unreadable: no age, a negative one, or one that nobody reaches.
    """
    found = _bare(text).translate(_DASHES).rstrip(".").strip(" ()[]\"'“”،,;:")
    if not found or found in _UNKNOWN:
        return None
    try:
        low, high = _read(found)
    except Unreadable as error:
        raise Unreadable(f"found {shown(text)} as an age, {error}") from None
    if max(low, high or 0) > _OLDEST:
        raise Unreadable(f"found {shown(text)} as an age, more than {_OLDEST} years")
    return Age(round(low, _DECIMALS), None if high is None else round(high, _DECIMALS))


def parse_birth_year(text: str, order: Order | None) -> int | None:
    """Read the year out of a day, month or year of birth.

    Args:
        text: the cell; see `parse_window`. Five digits are a day of Excel's.
        order: of day, month and year. Where the rule file does not say, a date that both orders put into one year is
            read, since only its year is taken; three numbers of two digits are not, since any of them may be the year.

    Returns:
        The year, or None for a blank cell and for words that mean that it is unknown.

    Raises:
        Unreadable: no date, one of more than a year, or one without its first or last day.
    """
    found = plain(text)
    if not found or _bare(found) in _UNKNOWN:
        return None
    found = _FLOATED.sub(r"\1", found) if _FLOATED.fullmatch(found) else found
    if re.fullmatch(r"[0-9]{4}", found):
        return _year(int(found), text)
    # Five digits are a day as Excel counts them: cells that lost their format, the elderly's too.
    if re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", found):
        return _year((_EXCEL_DAY_0 + timedelta(days=int(float(found)))).year, text)
    is_stated = order is not None or _THREE_SHORT.fullmatch(found)
    orders: tuple[Order | None, ...] = (order,) if is_stated else (None, "dmy", "mdy")
    fault: Unreadable | None = None
    for one in orders:
        try:
            window = parse_window(found, one, pivot=_BIRTH_PIVOT)
        except Unreadable as error:
            fault = fault or error
            continue
        if window and window.start and window.end and window.start.year == window.end.year:
            return _year(window.start.year, text)
    raise fault or Unreadable(f"found {shown(text)} as a birth, which is not one year")


def _year(year: int, text: str) -> int:
    if not _EARLIEST_BIRTH <= year <= 2100:  # noqa: PLR2004 - the last year that dates may have, too
        raise Unreadable(
            f"found {shown(text)} as a birth, year {year}, where years go from {_EARLIEST_BIRTH} to 2100"
        )
    return year


def _read(found: str) -> Span:
    if _PLAIN_NUMBER.fullmatch(found):
        years = _number(found)
        return years, years
    decade = _DECADE.fullmatch(found)
    if decade:
        first, last = _DECADE_PARTS[decade["part"]]
        return float(decade["ten"]) + first, float(decade["ten"]) + last
    tokens = _TOKEN.findall(_LOOSE.sub(" ", _DOTTED.sub("", found)))
    if tokens and tokens[0] == "-":
        raise Unreadable("a negative number; an age is 0 or more")
    stage = _STAGES.get(" ".join(tokens))
    if stage:
        return stage
    hedge, rest = _hedged(tokens)
    rest = [token for token in rest if token not in _FILLERS]
    return (None if hedge else _range(rest)) or _bounded(hedge, _span(rest))


def _hedged(tokens: list[str]) -> tuple[str, list[str]]:
    """Take off the words before or after a number that bound it, or blur it."""
    if len(tokens) > 1 and tokens[-1] == "+":
        return "at_least", tokens[:-1]
    start = next((at for at, token in enumerate(tokens) if token not in _FILLERS), 0)
    for code, phrases in (("less", _LESS), ("at_least", _AT_LEAST), ("about", _ABOUT)):
        for length in (2, 1):
            if len(tokens) > start + length and " ".join(tokens[start : start + length]) in phrases:
                return code, tokens[start + length :]
    if len(tokens) > 1 and tokens[-1] in _BLURS:
        return "about", tokens[:-1]
    return "", tokens


def _range(tokens: list[str]) -> Span | None:
    """Read "20-25", "6 to 7 months"; a unit that stands once is of both ends."""
    joins = [at for at, token in enumerate(tokens) if token in _JOINS]
    if len(joins) != 1 or not 0 < joins[0] < len(tokens) - 1:
        return None
    left, right = tokens[: joins[0]], tokens[joins[0] + 1 :]
    if not right[0][0].isdigit():
        return None
    if len(left) == 1 and len(right) > 1 and right[-1] in _UNITS:
        left = [*left, right[-1]]
    first, last = _span(left), _span(right)
    if last[1] is not None and first[0] > last[1]:
        raise Unreadable("a range that ends below its start")
    return first[0], last[1]


def _bounded(hedge: str, span: Span) -> Span:
    low, high = span
    if hedge == "less":
        # "Under 5" and "less than a day": up to what is named, and not to its end.
        return 0.0, low
    if hedge == "at_least":
        return low, None
    if hedge == "about":
        slack = max(1.0, low / 10) if low >= 1 else low / 2
        return max(0.0, low - slack), None if high is None else high + slack
    return span


def _span(tokens: list[str]) -> Span:
    """Read numbers with their units, added up, or one word for an age; a number alone is of years."""
    stage = _STAGES.get(" ".join(tokens))
    if stage:
        return stage
    total, finest, is_point = 0.0, 0.0, True
    waiting: float | None = None
    for word in _words(tokens):
        if word in _PAIRS and waiting is None:
            finest = _PAIRS[word]
            total, is_point = total + 2 * finest, finest == 1.0
        elif word in _UNITS and waiting is not None:
            finest = _UNITS[word]
            total, is_point, waiting = total + waiting * finest, finest == 1.0, None
        elif waiting is None and _is_number(word):
            waiting = _NUMBERS[word] if word in _NUMBERS else _number(word)
        else:
            raise Unreadable(_ALLOWED)
    if waiting == _HALF and finest:
        # "A year and a half": the half is of the unit before it.
        return total + waiting * finest, total + waiting * finest
    if waiting is None and finest:
        return total, total if is_point else total + finest
    if waiting is None or finest or tokens[-1] in _ARTICLES:
        raise Unreadable(_ALLOWED)
    return waiting, waiting


def _words(tokens: list[str]) -> list[str]:
    """Return the numbers and units of an age: a unit alone is one of it, links and idle articles are left out."""
    words: list[str] = []
    for at, token in enumerate(tokens):
        # Arabic writes "and" onto the next word: "سنة وشهرين".
        is_joined = token not in _KNOWN and token.startswith("و")
        word = token[1:] if is_joined else token
        after_number = bool(words) and _is_number(words[-1])
        is_idle = word not in _UNITS and after_number
        if word in _ARTICLES and (is_idle or tokens[at + 1 : at + 2] == ["half"]):
            continue
        if word in _LINKS and 0 < at < len(tokens) - 1 and not after_number:
            continue
        if word in _UNITS and (at == 0 or is_joined) and len(word) >= _SHORTEST_WORD:
            words.append("1")
        words.append(word)
    return words


def _is_number(word: str) -> bool:
    return word in _NUMBERS or bool(_PLAIN_NUMBER.fullmatch(word))


_ALLOWED = "no age; allowed are 45, 45 years, 7 months, 20-25, 30s, under 5, 60+, infant, child"
_KNOWN = frozenset({*_UNITS, *_PAIRS, *_NUMBERS, *_FILLERS})
_ARTICLES = frozenset({"a", "an", "un", "una", "une"})
_LINKS = frozenset(map(_bare, ["and", "y", "et", "e", "и", "і", "та", "و"]))
_JOINS = frozenset(map(_bare, ["-", "to", "or", "a", "à", "до", "إلى", "او", "أو"]))
_BLURS = frozenset(
    map(_bare, ["?", "approx", "approximately", "about", "تقريبا", "приблизно", "примерно", "aprox"])
)
_HALF = 0.5
# A unit alone is one of it ("شهر", "month"); a letter alone is nothing.
_SHORTEST_WORD = 3


def _number(digits: str) -> float:
    return float(digits.replace(",", "."))
