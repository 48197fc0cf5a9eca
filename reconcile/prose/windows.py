"""When: the days a sentence speaks of, resolved against the day of publication.

A weekday is the last such day up to the day of publication, that day among them. "Since" ends on the day before
publication, and so does "over the past N days"; "over the past N hours" ends on the day itself. A month without its year is the last one that had begun.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from reconcile.parse.counts import parse_quantity
from reconcile.parse.dates import parse_window
from reconcile.parse.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconcile.parse.counts import QuantityWords
    from reconcile.parse.dates import Order
    from reconcile.ruleset.prose import ProseRules, RelativeDays, WindowWords

Span = tuple[date, date]
_DAY = timedelta(days=1)
_DECEMBER = 12
# How many words behind "since" may say since when: "since the forces it backs entered the town a month ago".
_CLAUSE = 90
_CLAUSE_END = re.compile(r"[.;]\s|\.\.\.")
_FEW_WORDS = re.compile(r"\S+(?:[^\S\n]+[^\s,]+){0,5}")
_YEAR = r"(?:19|20)[0-9]{2}"


@dataclass(frozen=True, slots=True)
class Told:
    """A window that a sentence tells.

    Attributes:
        start: position of its first character in the sentence.
        end: position after its last.
        first: first day; None where it is not told or cannot be resolved.
        last: last day, likewise.
        is_period: whether what is told of it is a total.
        why: what a reviewer should know of how it was resolved.
        trust: factor on the confidence.
        is_loose: whether one event may lie somewhere in it: in May, earlier this month.
    """

    start: int
    end: int
    first: date | None
    last: date | None
    is_period: bool
    why: str = ""
    trust: float = 1.0
    is_loose: bool = False

    @property
    def is_resolved(self) -> bool:
        """Whether any of its days is known."""
        return self.first is not None or self.last is not None


def _either(forms: Iterable[str]) -> str:
    return (
        "|".join(re.escape(form).replace(r"\ ", r"\s+") for form in sorted(set(forms), key=len, reverse=True))
        or "(?!)"
    )


class Calendar:
    """Patterns of one language's dates."""

    def __init__(self, rules: ProseRules, words: QuantityWords) -> None:
        """Build the patterns.

        Args:
            rules: of the language.
            words: numbers in words.
        """
        told = rules.windows
        self._words = words
        self._told = told
        self._months = {
            name.casefold(): number for number, names in enumerate(told.months, 1) for name in names
        }
        self._weekdays = {
            name.casefold(): number for number, names in enumerate(told.weekdays) for name in names
        }
        self._relative = {
            " ".join(form.casefold().split()): one for one in told.relative for form in one.forms
        }
        self._starts = [
            (re.compile(rf"(?i)\b(?:{_either(one.forms)})"), date.fromisoformat(one.day))
            for one in told.starts
        ]
        self._compile(told, rules)

    def _compile(self, told: WindowWords, rules: ProseRules) -> None:
        month = rf"(?:{_either(self._month_names(told))})"
        month = rf"{month}(?:\s?/\s?{month})?"
        weekday = rf"(?:{_either(name for names in told.weekdays for name in names)})(?!\w)"
        ordinal = rf"(?i:{_either(told.ordinals)})"
        day = rf"(?:(?i:the )?(?:[0-9]{{1,2}}(?:st|nd|rd|th)?|{ordinal})(?![0-9.,]?[0-9]|\w))"
        of = rf"(?:(?i:{_either(told.of)})\s+)?"
        same = rf"(?i:{_either(told.same_month)})"
        part = rf"(?i:(?:{_either(told.parts)})[-\s]+)"
        year = rf"(?:,?\s+(?:(?i:{_either(told.of)})\s+)?{_YEAR}(?![0-9]))"
        past = rf"(?i:{_either(told.last)})"
        dates = [
            rf"(?:{weekday},?\s+(?i:the\s+)?)?{day}\s*{of}(?:{month}(?!\w){year}?|{same})",
            rf"(?:{weekday},?\s+)?{month}\s+{day}{year}?",
            rf"{part}?{of}{month}(?!\w){year}",
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}",
            rf"(?:{past}\s+)?{weekday}(?:\s+{past})?(?:\s+(?i:{_either(told.night)}))?",
        ]
        loose = [*dates, rf"{part}?{of}{month}(?!\w)", rf"{part}?{of}{_YEAR}(?![0-9])"]
        strict = "|".join(dates)
        anything = "|".join(loose)
        relative = rf"(?i:{_either(self._relative)})"
        count = r"(?:[0-9]{1,3}|[^\W\d_]+(?:-[^\W\d_]+)?)"
        unit = rf"(?P<unit>{_either(told.units)})"
        edge = rf"(?<!\w)(?:{_either(rules.prefixes)})?" if rules.prefixes else r"(?<!\w)"
        joins = rf"(?:\s*[-–—]\s*|\s+(?i:{_either(told.joins)})\s+)"
        # The Arabic "and" and "until" are written apart or onto the next word.
        self._range = re.compile(
            rf"{edge}(?:(?P<opened>(?i:{_either(told.openers)}))\s+)?(?i:{told.clock})?(?P<one>{anything}|{day}){joins}(?i:{told.clock})?(?P<two>{anything})(?!\w)"
        )
        self._since = re.compile(
            rf"{edge}(?i:{_either(told.since)})\s+(?:(?P<relative>{relative})|(?P<one>{anything})|(?P<then>(?i:{_either(told.then)})))(?!\w|['’]s\b)"
        )
        self._until = re.compile(
            rf"{edge}(?i:{_either(told.until)})\s+(?P<one>{strict}|{part}?{of}{month}(?!\w))(?!\w)"
        )
        self._at = re.compile(
            rf"{edge}(?:(?i:{_either(told.at)})\s+(?P<loose>{anything})|(?P<strict>{strict}))(?!\w)"
        )
        self._since_word = re.compile(rf"(?i:{_either(told.since_only)})(?!\w)")
        self._relatives = re.compile(rf"{edge}(?:(?i:{_either(told.at)})\s+)?(?P<one>{relative})(?!\w)")
        after = rf"\s+(?i:{_either(told.past_after)})" if told.past_after else ""
        self._later = re.compile(rf"{edge}(?P<one>(?i:{_either(told.later)}))(?!\w)")
        self._past = re.compile(
            rf"{edge}(?i:{_either(told.past)})\s*(?:(?P<count>{count})[\s-]+)?(?<![^\W\d_]){unit}{after}(?!\w)",
            re.IGNORECASE,
        )
        self._ago = re.compile(
            rf"{edge}(?:(?:about|around|nearly|almost|some|more than)\s+)?(?P<count>{count})\s+{unit}\s+(?:{_either(told.ago)})(?!\w)",
            re.IGNORECASE,
        )
        if told.ago_before:
            self._ago = re.compile(
                rf"{edge}(?:{_either(told.ago_before)})\s+(?:(?P<count>{count})\s+)?{unit}(?!\w)",
                re.IGNORECASE,
            )
        self._open = re.compile(
            rf"{edge}(?i:{_either(told.since_only)})\s+(?P<rest>\S.{{0,{_CLAUSE}}})", re.DOTALL
        )
        self._weekday = re.compile(
            rf"(?P<last>{past}\s+)?(?P<day>{weekday})(?P<past>\s+{past})?(?P<night>\s+(?i:{_either(told.night)}))?"
        )
        self._dated = re.compile(rf"{weekday},?\s+(?P<rest>.+)", re.DOTALL)
        self._bare_month = re.compile(rf"(?P<part>{part})?{of}(?P<month>{month})")
        self._part_of_year = re.compile(rf"(?P<part>{part})?{of}(?P<year>{_YEAR})")
        self._of_month = re.compile(rf"([0-9])\s+(?:{_either(told.of)})\s+(?=\D)")
        self._ordinals = re.compile(rf"(?i)\b(?:the )?({_either(told.ordinals)})\b")

    @staticmethod
    def _month_names(told: WindowWords) -> list[str]:
        return [name for names in told.months for name in names]

    def find(self, text: str, published: date, then: date | None = None) -> list[Told]:
        """Return the windows that a sentence tells, in order; no two overlap.

        Args:
            text: of the sentence.
            published: day of publication.
            then: first day of the window told last before it, for "since then".
        """
        out: list[Told] = []
        for found in self._candidates(text, published, then):
            if all(found.end <= other.start or other.end <= found.start for other in out):
                out.append(found)
        return sorted(out, key=lambda told: told.start)

    def _candidates(self, text: str, published: date, then: date | None) -> Iterable[Told]:
        """Yield every reading, the longest kinds first."""
        for match in self._range.finditer(text):
            span = self._between(match, published)
            if span:
                yield Told(match.start(), match.end(), *span, is_period=span[1] > span[0])
        opened = [match for match in self._relatives.finditer(text) if self._since_word.match(match["one"])]
        yield from (self._from_publication(match, published) for match in opened)
        for match in self._since.finditer(text):
            yield self._since_day(match, published, then)
        for match in self._open.finditer(text):
            yield from self._since_event(match, published)
        yield from self._counted_back(text, published)
        for match in self._later.finditer(text):
            days = self._told.later[_folded(match["one"])]
            day = then + days * _DAY if then else None
            why = "told from the day named before" if day else "its day cannot be told"
            yield Told(match.start(), match.end(), day, day, is_period=False, why=why, trust=0.9)
        yield from (self._from_publication(match, published) for match in self._relatives.finditer(text))
        for match in self._until.finditer(text):
            span = self._resolved(match["one"], published)
            if span:
                yield _open_ended(match.span(), span[1])
        for match in self._at.finditer(text):
            yield self._on(match, published)

    def _from_publication(self, match: re.Match[str], published: date) -> Told:
        rule = self._relative[_folded(match["one"])]
        span = _told_from(rule, published)
        return Told(match.start(), match.end(), *span, is_period=rule.is_period, is_loose=True)

    def _counted_back(self, text: str, published: date) -> Iterable[Told]:
        """Yield what is told in units before publication: over the past 24 hours, two weeks ago."""
        for match in self._past.finditer(text):
            number, unit = self._number(match["count"]), self._told.units[match["unit"].casefold()]
            if number:
                last = published if unit == "hour" else published - _DAY
                yield Told(match.start(), match.end(), _back(published, number, unit), last, is_period=True)
        for match in self._ago.finditer(text):
            number = self._number(match["count"])
            if number:
                day = _back(published, number, self._told.units[match["unit"].casefold()])
                why = "a day counted back from publication"
                yield Told(match.start(), match.end(), day, day, is_period=False, why=why, trust=0.8)

    def _since_day(self, match: re.Match[str], published: date, then: date | None) -> Told:
        if match["then"]:
            first = then
        elif match["relative"]:
            first = _told_from(self._relative[_folded(match["relative"])], published)[0]
        else:
            span = self._resolved(match["one"], published)
            first = span[0] if span else None
        return _since(match.span(), first, published, "" if first else "its first day cannot be told")

    def _since_event(self, match: re.Match[str], published: date) -> Iterable[Told]:
        """Yield the window that begins with an event: told as so long ago, dated, known, or without a day."""
        rest, at = match["rest"], match.start("rest")
        stop = _CLAUSE_END.search(rest)
        rest = rest[: stop.start()] if stop else rest
        ago = self._ago.search(rest)
        number = self._number(ago["count"]) if ago else None
        dated = self._dated_in(rest, published)
        named = next(((day, hit.end()) for form, day in self._starts if (hit := form.search(rest))), None)
        if ago and number:
            first = _back(published, number, self._told.units[ago["unit"].casefold()])
            why = "its first day is counted back from publication"
            yield _since((match.start(), at + ago.end()), first, published, why, 0.8)
        elif dated:
            why = "its first day is told of an event"
            yield _since((match.start(), at + dated[1]), dated[0], published, why, 0.95)
        elif named:
            why = "its first day is that of a known event"
            yield _since((match.start(), at + named[1]), named[0], published, why, 0.85)
        elif self._at.match(rest) is None:
            words = _FEW_WORDS.match(rest)
            end = at + (words.end() if words else 0)
            yield _since((match.start(), end), None, published, "it begins with an event without a day")

    def _dated_in(self, text: str, published: date) -> tuple[date, int] | None:
        """Return the day of an event told behind "since", and where its words end: "the offensive began on June 6"."""
        for match in self._at.finditer(text.partition(",")[0]):
            span = self._resolved(match["loose"] or match["strict"], published)
            if match.start() and span and span[0] <= published:
                return span[0], match.end()
        return None

    def _on(self, match: re.Match[str], published: date) -> Told:
        text = match["loose"] or match["strict"]
        span = self._resolved(text, published)
        if span is None:
            return Told(
                match.start(),
                match.end(),
                None,
                None,
                is_period=False,
                why="its day cannot be told",
                trust=0.7,
            )
        first, last = span
        if first > published:
            return Told(
                match.start(),
                match.end(),
                None,
                None,
                is_period=False,
                why="it lies behind publication",
                trust=0.6,
            )
        period = last - first > _DAY
        return Told(
            match.start(),
            match.end(),
            first,
            min(last, published) if period else last,
            is_period=period,
            is_loose=True,
        )

    def _number(self, text: str | None) -> int | None:
        if text is None or text.casefold() in self._told.ones:
            return 1
        try:
            found = parse_quantity(text, self._words)
        except Unreadable:
            return None
        if found is None or found.best is None or not 0 < found.best < 1000:  # noqa: PLR2004 - a span, no count
            return None
        return int(found.best)

    def _resolved(self, text: str, published: date) -> Span | None:
        """Return the days of one date, or None."""
        text = " ".join(text.split())
        weekday = self._weekday.fullmatch(text)
        if weekday:
            return self._weekday_before(weekday, published)
        bare = self._bare_month.fullmatch(text)
        if bare:
            return self._month_before(bare, published)
        year = self._part_of_year.fullmatch(text)
        if year:
            return _part_of_year(self._third(year["part"]), int(year["year"]))
        dated = self._dated.fullmatch(text)
        return self._parsed(dated["rest"] if dated else text, published)

    def _third(self, part: str | None) -> int:
        words = " ".join((part or "").casefold().replace("-", " ").split())
        return next((third for form, third in self._told.parts.items() if form.casefold() == words), 0)

    def _parsed(self, text: str, published: date) -> Span | None:
        clean = self._ordinals.sub(lambda hit: str(self._told.ordinals[hit[1].casefold()]), text)
        clean = re.sub(r"(?i)\bthe\s+|,", "", clean)
        clean = self._of_month.sub(r"\1 ", clean)
        orders: tuple[Order | None, ...] = (None, "dmy")
        for order in orders:
            try:
                window = parse_window(clean, order, reported=published)
            except Unreadable:
                continue
            if window and window.start and window.end:
                return window.start, window.end
        return None

    def _weekday_before(self, match: re.Match[str], published: date) -> Span | None:
        number = self._weekdays[match["day"].casefold()]
        back = (published.weekday() - number) % 7
        if (match["last"] or match["past"]) and back == 0:
            back = 7
        day = published - back * _DAY
        return day, day + _DAY if match["night"] and day < published else day

    def _month_before(self, match: re.Match[str], published: date) -> Span | None:
        name = re.split(r"\s?/\s?", match["month"])[0]
        number = self._months[name.casefold()]
        year = published.year - (number > published.month)
        part = (match["part"] or "").replace("-", " ").strip()
        return self._parsed(f"{part} {name} {year}".strip(), published) or self._parsed(
            f"{name} {year}", published
        )

    def _between(self, match: re.Match[str], published: date) -> Span | None:
        """Return the days of a range: read whole, or end by end with what the first leaves to the last."""
        one, two = " ".join(match["one"].split()), " ".join(match["two"].split())
        if re.fullmatch(_YEAR, two) and re.fullmatch(r"[0-9]{1,2}", one):
            return None
        whole = self._parsed(f"from {one} to {two}", published)
        if whole:
            return whole
        last = self._resolved(two, published)
        if last is None:
            return None
        first = self._first_end(one, last, published)
        return (first[0], last[1]) if first and first[0] <= last[1] else None

    def _first_end(self, text: str, last: Span, published: date) -> Span | None:
        if re.search(_YEAR, text) is None:
            for year in (last[0].year, last[0].year - 1):
                found = self._parsed(f"{text} {year}", published)
                if found and found[0] <= last[1]:
                    return found
        return self._resolved(text, published)


def _folded(words: str) -> str:
    return " ".join(words.casefold().split())


def _since(span: tuple[int, int], first: date | None, published: date, why: str, trust: float = 1.0) -> Told:
    """Return a window that runs to the day before publication, without days where its first one is not known."""
    if first is None or first > published:
        return Told(*span, None, None, is_period=True, why=why or "it begins behind publication", trust=0.7)
    return Told(*span, first, max(first, published - _DAY), is_period=True, why=why, trust=trust)


def _open_ended(span: tuple[int, int], last: date) -> Told:
    return Told(*span, None, last, is_period=True, why="no first day told", trust=0.8)


def _told_from(rule: RelativeDays, published: date) -> Span:
    if rule.days is not None:
        return published + rule.days[0] * _DAY, published + rule.days[1] * _DAY
    first, last = _unit_before(rule.of or "week", rule.back, published)
    if rule.until != "end":
        last = published - _DAY if rule.until == "day_before" else published
    return first, max(first, last)


def _unit_before(unit: str, back: int, published: date) -> Span:
    if unit == "week":
        first = published - timedelta(days=published.weekday() + 7 * back)
        return first, first + timedelta(days=6)
    if unit == "year":
        return date(published.year - back, 1, 1), date(published.year - back, 12, 31)
    count = published.year * 12 + published.month - 1 - back
    year, month = divmod(count, 12)
    return date(year, month + 1, 1), date(year, month + 1, monthrange(year, month + 1)[1])


def _part_of_year(third: int, year: int) -> Span:
    """Return a third of a year, the whole year for 0."""
    if not third:
        return date(year, 1, 1), date(year, 12, 31)
    first, last = ((1, 4), (5, 8), (9, 12))[third - 1]
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def _back(day: date, number: int, unit: str) -> date:
    """Return the day so many units before another."""
    if unit in {"hour", "day", "week"}:
        days = {"hour": -(-number // 24), "day": number, "week": 7 * number}[unit]
        return day - timedelta(days=days) if days < day.toordinal() else day
    months = day.year * 12 + day.month - 1 - number * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if year < 1:
        return day
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
