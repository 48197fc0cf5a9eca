"""How many: the numbers of a sentence that count people, and who those people are.

No number is made up: what a count says is what its words in the sentence say. Ages, dates, units, calibres, sums of money
and the like are covered before numbers are looked for, and a number before a noun of something else is left where it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconcile.parse.counts import Quantity, parse_quantity, phrases
from reconcile.parse.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconcile.prose.lexicon import Lexicon, View
    from reconcile.prose.tokens import Mark, Sentence
    from reconcile.prose.windows import Told

# Words between a number and its noun: "12 unarmed civilian protesters of the same family".
_GROUP = 9
_YEARS = range(1900, 2101)
_FOUR_DIGITS = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people in a sentence.

    Attributes:
        start: position of its first character in the sentence.
        end: position after its last.
        first: first token of the number.
        last: token after the group of the number and its nouns.
        quantity: what it says.
        population_code: who is counted; "" where its nouns leave it open.
        sex_code: of those counted.
        age_group_code: likewise.
        has_noun: whether a noun of people stands beside it.
        is_noun_known: false where its noun is on no list.
        is_bare: whether it is a plural or a singular without a number.
        is_none: whether it says that there was nobody.
        adds: whether it comes on top of another number.
        is_part: whether its own words make it a part of another number.
        counted: a word in its group that says what happened, such as "deaths".
    """

    start: int
    end: int
    first: int
    last: int
    quantity: Quantity
    population_code: str = ""
    sex_code: str = "any"
    age_group_code: str = "any"
    has_noun: bool = False
    is_noun_known: bool = True
    is_bare: bool = False
    is_none: bool = False
    adds: bool = False
    is_part: bool = False
    counted: Mark | None = None

    @property
    def is_plural(self) -> bool:
        """Whether it is a plural without a number."""
        return self.is_bare and self.quantity.best is None


@dataclass(slots=True)
class _Group:
    """The nouns behind a number, as far as they were read."""

    last: int
    people: list[Mark]
    counted: Mark | None = None
    is_thing: bool = False
    is_known: bool = True
    adds: bool = False
    is_part: bool = False


def counts_in(view: View, lexicon: Lexicon, told: Iterable[Told]) -> list[Count]:
    """Return the numbers of people in a sentence, in order."""
    told = list(told)
    covered = _covered(view, lexicon, told)
    view = _without(view, told)
    found = [
        count
        for phrase in phrases(covered, lexicon.context.words)
        if not _is_plural(view, phrase.start, phrase.quantity)
        and (count := _count(view, lexicon, phrase.start, phrase.end, phrase.quantity))
    ]
    taken = {place for count in found for place in range(count.first, count.last)}
    found += [one for one in _nobody(view, lexicon) if taken.isdisjoint(range(one.first, one.last))]
    taken = {place for count in found for place in range(count.first, count.last)}
    found += _singles(view, lexicon, taken)
    taken = {place for count in found for place in range(count.first, count.last)}
    found += _plurals(view, lexicon, taken)
    return sorted(found, key=lambda count: count.first)


def _without(view: View, told: Iterable[Told]) -> View:
    """Return a sentence without the marks of nouns inside its dates: they close a group of a number and its nouns."""
    inside = {
        place
        for one in told
        for place in range(view.sentence.token_at(one.start), view.sentence.token_at(max(one.end - 1, 0)) + 1)
    }
    kinds = {"things", "people", "person", "counted", "adjectives", "additions"}
    begins = {key: mark for key, mark in view.begins.items() if not (key[0] in kinds and key[1] in inside)}
    return replace(view, begins=begins)


def covering(view: View, lexicon: Lexicon, told: Iterable[Told]) -> View:
    """Return a sentence that knows which of its tokens are dates, ages and other numbers that count nobody."""
    text = view.sentence.text
    spans = [(one.start, one.end) for one in told]
    spans += [match.span() for pattern, _ in lexicon.no_counts for match in pattern.finditer(text)]
    inside = frozenset(
        place
        for start, end in spans
        for place in range(view.sentence.token_at(start), view.sentence.token_at(max(end - 1, 0)) + 1)
    )
    return replace(view, covered=inside)


def _is_plural(view: View, start: int, quantity: Quantity) -> bool:
    """Tell a plural without a number, which is read apart, from a number."""
    first = view.sentence.token_at(start)
    return (
        quantity.qualifier_code == "vague" and view.is_subject_first and view.at(first, "people") is not None
    )


def _covered(view: View, lexicon: Lexicon, told: Iterable[Told]) -> str:
    """Return a sentence with commas for what is no count: they part numbers as a stop does, and keep every place."""
    text = view.sentence.text
    spans = [(one.start, one.end) for one in told]
    for pattern, _ in lexicon.no_counts:
        spans += [match.span() for match in pattern.finditer(text)]
    for pattern in lexicon.revisions:
        spans += [match.span(1) for match in pattern.finditer(text)]
    signs = list(text)
    for start, end in spans:
        signs[start:end] = "," * (end - start)
    for start, end in _joined(view.sentence, lexicon):
        signs[start:end] = "(" * (end - start)
    return "".join(signs)


def _joined(sentence: Sentence, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Return the places of an "and" that is written onto a word which is no number."""
    words = lexicon.context.words
    found = []
    for one, two in zip(sentence.tokens, sentence.tokens[1:], strict=False):
        is_number = two.norm[:1].isdigit() or two.norm in words.number_heads
        if one.end == two.start and one.norm in words.number_joins_units_first and not is_number:
            found.append((one.start - sentence.start, one.end - sentence.start))
    return found


def _count(view: View, lexicon: Lexicon, start: int, end: int, quantity: Quantity) -> Count | None:
    start, end, quantity = _shortest(view.sentence.text, start, end, quantity, lexicon)
    first, after = view.sentence.token_at(start), view.sentence.token_at(max(end - 1, start)) + 1
    group = _group(view, after)
    inner = [mark for place in range(first, after) if (mark := view.at(place, "people", "person"))]
    toll = view.at(first, "tolls")
    if toll is not None and toll.last > after:
        return None
    if not inner and _is_no_count(view, first, after, quantity, group):
        return None
    before = view.before(first, "additions")
    own = next((mark for place in range(first, after) if (mark := view.at(place, "counted"))), None)
    if own is not None:
        # "قتيلان وثلاثة جرحى": the number's own word says it, whatever follows.
        group = _Group(after, [])
    return _with_people(
        Count(
            start,
            end,
            first,
            max(group.last, after),
            quantity,
            adds=group.adds or before is not None,
            is_part=group.is_part,
            counted=own or group.counted,
            is_noun_known=group.is_known,
        ),
        [*inner, *group.people],
        lexicon,
    )


def _is_no_count(view: View, first: int, after: int, quantity: Quantity, group: _Group) -> bool:
    if group.is_thing:
        return True
    if group.people or group.counted or group.is_part:
        return False
    # "a" and "one" are everywhere; four digits alone are a year.
    if quantity.best == 1 and not view.norm(first).isdigit():
        return not (view.at(first, "lone") and _is_acted_on(view, after))
    return bool(_FOUR_DIGITS.fullmatch(quantity.verbatim)) and int(quantity.low) in _YEARS


def _is_acted_on(view: View, place: int) -> bool:
    """Tell whether a passive stands directly behind a place: "one was injured"."""
    while view.at(place, "auxiliaries"):
        place += 1
    return view.at(place, "participles", "intransitives") is not None


def _shortest(
    text: str, start: int, end: int, quantity: Quantity, lexicon: Lexicon
) -> tuple[int, int, Quantity]:
    """Return the fewest words of a phrase that say the same: its nouns are read apart."""
    for match in re.finditer(r"\S+", text[start:end]):
        stop = start + match.end()
        if stop >= end:
            break
        words = text[start:stop].rstrip(",.;:")
        try:
            shorter = parse_quantity(words, lexicon.context.words)
        except Unreadable:
            continue
        if shorter and _said(shorter) == _said(quantity):
            return start, start + len(words), replace(shorter, verbatim=words)
    return start, end, replace(quantity, verbatim=text[start:end])


def _said(quantity: Quantity) -> tuple[float, float | None, float | None, str]:
    return quantity.low, quantity.best, quantity.high, quantity.qualifier_code


def _group(view: View, place: int, people: Sequence[Mark] = ()) -> _Group:
    """Read the nouns behind a number, or behind nouns that were read already."""
    group = _Group(place, list(people))
    stop = min(len(view), place + _GROUP)
    after: int | None = place
    while after is not None and after < stop:
        noun = view.at(after, "people", "person", "things", "counted")
        step = (
            _read_part
            if view.at(after, "part_after") and not group.people
            else _read_filler
            if noun is None
            else _read_noun
        )
        after = step(view, after, group)
    if group.is_thing:
        group.people, group.counted = [], None
    del group.people[: len(people)]
    return group


def _read_part(view: View, place: int, group: _Group) -> int | None:
    """Read words that make the number a part: of them, of whom."""
    part = view.at(place, "part_after")
    if part is None:
        return None
    group.is_part, group.last = True, part.last
    return part.last + (view.at(part.last, "passive") is not None)


def _read_filler(view: View, place: int, group: _Group) -> int | None:
    """Read a word between a number and its noun; None where the group ends."""
    name = view.at(place, "attacker", "attacker_again")
    noun = view.before(name.last, "people", "person") if name else None
    if name is not None and noun is not None and noun.first > name.first:
        group.people.append(noun)
        group.last = name.last
        return name.last
    fillers = [mark for mark in (name, view.at(place, "additions", "adjectives")) if mark is not None]
    if not fillers and _is_before_noun(view, place):
        return place + 1
    said = [] if group.people or group.counted else _are_people(view, place)
    if said:
        group.people += said
        group.is_part, group.last = True, said[-1].last
        return None
    if not fillers:
        group.is_known = bool(group.people or group.counted) or not _may_be_noun(view, place)
        return None
    group.adds = group.adds or view.at(place, "additions") is not None
    return max(mark.last for mark in fillers)


def _read_noun(view: View, place: int, group: _Group) -> int | None:
    """Read a noun of people, of something else, or of what happened; None where the group ends."""
    thing, counted = view.at(place, "things"), view.at(place, "counted")
    named = view.at(place, "people", "person")
    longest = max(mark.last for mark in (thing, counted, named) if mark is not None)
    is_thing = thing is not None and thing.last == longest and (named is None or named.last < longest)
    if is_thing and (view.is_subject_first or not group.people):
        group.is_thing = group.counted is None
        return None
    if counted is not None and counted.last == longest and not _has_object(view, counted, group):
        group.counted, group.last = group.counted or counted, counted.last
        return counted.last
    if named is None:
        return None
    if view.is_hyphened(named.last):
        # "12 rebel-held villages"
        return named.last + 1
    group.people.append(named)
    group.last = named.last
    return named.last


def _is_before_noun(view: View, place: int) -> bool:
    """Tell an adjective that no list has by the noun behind it: 687 arbitrary arrests."""
    return _may_be_noun(view, place) and view.at(place + 1, "people", "person", "counted") is not None


def _are_people(view: View, place: int) -> list[Mark]:
    """Return who a number is said to have been: "41 were civilians"."""
    if not view.at(place, "passive"):
        return []
    place += 1
    while view.at(place, "adjectives") or view.at(place, "attacker", "attacker_again"):
        mark = view.at(place, "attacker", "attacker_again", "adjectives")
        if view.at(place, "people", "person") or mark is None or view.at(place, "participles"):
            break
        place = mark.last
    noun = view.at(place, "people", "person")
    return [noun] if noun else []


def _has_object(view: View, counted: Mark, group: _Group) -> bool:
    """Tell whether a word such as "killed" is a verb here, with those it happened to behind it."""
    verb = view.at(counted.first, "participles")
    if verb is None or verb.last != counted.last or not group.people:
        return False
    after = counted.last
    return view.norm(after)[:1].isdigit() or view.at(after, "people", "person", "no_people") is not None


def _may_be_noun(view: View, place: int) -> bool:
    norm = view.norm(place)
    if not norm[:1].isalpha():
        return False
    kinds = (
        "small_words",
        "auxiliaries",
        "verbs",
        "participles",
        "intransitives",
        "breaks",
        "place_at",
        "part_openers",
    )
    return view.at(place, *kinds) is None


def _with_people(count: Count, people: list[Mark], lexicon: Lexicon) -> Count:
    """Return a count with who is counted, as its nouns say it together: civilian, and women."""
    named = [lexicon.person(mark) for mark in people]
    population = next((one.population_code for one in named if one.population_code == "civilian"), "")
    population = population or next(
        (one.population_code for one in reversed(named) if one.population_code), ""
    )
    sex = next((one.sex_code for one in named if one.sex_code != "any"), "any")
    age = next((one.age_group_code for one in named if one.age_group_code != "any"), "any")
    if population == "all" and (sex != "any" or age != "any"):
        population = ""
    return replace(
        count,
        population_code=population,
        sex_code=sex,
        age_group_code=age,
        has_noun=bool(named),
        is_noun_known=count.is_noun_known or bool(named),
    )


# ---- none, one, and plurals without a number -----------------------------------------------------------------------


def _nobody(view: View, lexicon: Lexicon) -> list[Count]:
    """Return what says that there was nobody: no civilians, nobody, no reports of deaths."""
    found = []
    for place in range(len(view)):
        alone = view.at(place, "nobody")
        word = view.at(place, "no_people")
        if alone and view.at(alone.last, "of", "part_after"):
            continue
        if alone and not (word and word.last > alone.last):
            found.append(_none(view, alone.first, alone.last, None))
        elif word:
            after = word.last
            tie = view.at(after, "nobody_reports")
            while tie:
                after = tie.last
                tie = view.at(after, "nobody_reports")
            group = _group(view, after)
            if (group.people or group.counted) and not group.is_thing:
                count = _none(view, word.first, group.last, group.counted)
                found.append(_with_people(count, group.people, lexicon))
    return found


def _none(view: View, first: int, last: int, counted: Mark | None) -> Count:
    start, end = _chars(view, first, last)
    text = view.sentence.text[start:end]
    quantity = Quantity(0.0, 0.0, 0.0, "none_reported", text)
    return Count(start, end, first, last, quantity, is_none=True, has_noun=True, counted=counted)


def _singles(view: View, lexicon: Lexicon, taken: set[int]) -> list[Count]:
    """Return people told as one, or in Arabic as two, without a number: "a three-year-old girl"."""
    found = []
    articles = lexicon.context.words.articles if lexicon.rules.word_order == "subject_first" else frozenset()
    for place in range(len(view)):
        noun = view.at(place, "person", "pair")
        if noun is None or noun.first in taken or view.at(place, "people") or view.is_hyphened(noun.last):
            continue
        if _is_of_people(view, noun):
            continue
        if articles:
            first = _article_before(view, place, articles, taken)
        else:
            led = view.before(place, "intransitives", "nominals") or (
                place - 2 in taken and view.at(place - 1, "ands")
            )
            first = place if led else None
        if first is None or view.before(first, "by"):
            continue
        start, end = _chars(view, first, noun.last)
        number = 2.0 if noun.kind == "pair" else 1.0
        quantity = Quantity(number, number, number, "exact", view.sentence.text[start:end])
        group = _group(view, noun.last, [noun])
        if group.is_thing or (group.people and not group.counted and articles):
            continue
        last = group.last if group.counted else noun.last
        count = Count(start, end, first, last, quantity, is_bare=True, counted=group.counted)
        found.append(_with_people(count, [noun], lexicon))
    return found


def _is_of_people(view: View, noun: Mark) -> bool:
    """Tell an adjective from one of a people: "a Yemeni military source", "a Palestinian gunman"."""
    name = view.at(noun.first, "attacker", "adjectives")
    after = view.at(noun.last, "adjectives", "person", "speaker", "means")
    own = view.at(noun.last, "small_words", "auxiliaries", "ands", "verbs", "participles", "additions")
    return name is not None and after is not None and own is None


def _article_before(view: View, place: int, articles: frozenset[str], taken: set[int]) -> int | None:
    stops = ("small_words", "verbs", "participles", "people", "breaks")
    for at in range(place - 1, max(place - _GROUP, 0) - 1, -1):
        if at in taken:
            return None
        if view.norm(at) in articles:
            return at
        if view.at(at, *stops) and not view.at(at, "adjectives"):
            return None
    return None


def _plurals(view: View, lexicon: Lexicon, taken: set[int]) -> list[Count]:
    """Return plurals without a number; they count only directly beside what happened to them."""
    try:
        quantity = parse_quantity(lexicon.rules.bare_plural, lexicon.context.words)
    except Unreadable:
        quantity = None
    if quantity is None:
        return []
    found = []
    place = 0
    while place < len(view):
        noun = view.at(place, "people")
        is_taken = noun is not None and not taken.isdisjoint(range(noun.first, noun.last))
        if noun is None or is_taken or view.at(place, "counted") or view.is_hyphened(noun.last):
            place += 1
            continue
        people = [noun]
        while (more := view.at(people[-1].last, "people")) and more.first not in taken:
            people.append(more)
        first, last = noun.first, people[-1].last
        while first and first - 1 not in taken and _is_adjective(view, first - 1):
            first -= 1
        start, end = _chars(view, first, last)
        count = Count(
            start, end, first, last, replace(quantity, verbatim=view.sentence.text[start:end]), is_bare=True
        )
        found.append(_with_people(count, people, lexicon))
        place = last
    return found


def _is_adjective(view: View, place: int) -> bool:
    return view.at(place, "adjectives") is not None and not view.at(place, "articles", "of", "definite")


def _chars(view: View, first: int, last: int) -> tuple[int, int]:
    sentence = view.sentence
    return sentence.tokens[first].start - sentence.start, sentence.tokens[last - 1].end - sentence.start
