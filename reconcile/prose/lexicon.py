"""A language's words and the vocabularies' names, ready to be found in text. Built once per run and language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from reconcile.parse.places import fold_name
from reconcile.prose.tokens import Mark, Sentence, Splitter, folded
from reconcile.prose.windows import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reconcile.normalize.cells import Context
    from reconcile.ruleset import Term
    from reconcile.ruleset.prose import MeasureWords, PersonWords, ProseRules

Key = tuple[str, str]
# How a name must be written in a text to be one: as letters of any case, with a capital, or all in capitals.
_ANY, _CAPITAL, _UPPER = range(3)
_ARABIC = re.compile("[\u0621-\u064a]")
# Names with years or brackets are a data set's, and stand in no article.
_CODED = re.compile(r"[0-9():/|]|^x_")
_LONGEST_ACRONYM = 6
# A shorter word is no name with a letter written onto it.
_SHORTEST = 2
# Fields of the rules that are no lists of words that are looked for as they are.
_NO_LISTS = frozenset({"prefixes", "abbreviations", "no_names", "revisions"})
MEASURED = ("verbs", "participles", "intransitives", "counted", "nominals", "tolls")


@dataclass(frozen=True)
class Lexicon:
    """What reading one language needs.

    Attributes:
        rules: of the language.
        context: vocabularies, gazetteer and quantities of the run.
        splitter: splits text and marks phrases.
        calendar: finds windows.
        written: by kind and folded name, how it must be written.
        no_counts: patterns of numbers that count nobody.
        revisions: patterns of numbers that another one replaces.
    """

    rules: ProseRules
    context: Context
    splitter: Splitter
    calendar: Calendar
    written: Mapping[Key, int]
    no_counts: tuple[tuple[re.Pattern[str], str], ...]
    revisions: tuple[re.Pattern[str], ...]

    def measure(self, mark: Mark) -> MeasureWords:
        """Return the measure that a mark of `MEASURED` speaks of."""
        return self.rules.measures[int(mark.code)]

    def person(self, mark: Mark) -> PersonWords:
        """Return the people that a mark names."""
        return self.rules.persons[int(mark.code)]

    def term(self, vocabulary: str, code: str) -> Term | None:
        """Return a term, or None."""
        return self.context.vocabularies[vocabulary].terms.get(code)


@dataclass(frozen=True)
class View:
    """A sentence whose marks can be asked for by place.

    Attributes:
        begins: by kind and first token, the longest mark.
        stops: by kind and the token after it, the longest mark.
        is_subject_first: whether the language puts whom it happened to before the verb.
        covered: tokens of dates, ages and other numbers that count nobody.
    """

    sentence: Sentence
    begins: Mapping[tuple[str, int], Mark] = field(default_factory=dict)
    stops: Mapping[tuple[str, int], Mark] = field(default_factory=dict)
    is_subject_first: bool = True
    covered: frozenset[int] = frozenset()

    def at(self, place: int, *kinds: str) -> Mark | None:
        """Return the longest mark of some kinds that begins at a token."""
        found = [mark for kind in kinds if (mark := self.begins.get((kind, place)))]
        return max(found, key=lambda mark: mark.last) if found else None

    def before(self, place: int, *kinds: str) -> Mark | None:
        """Return the longest mark of some kinds that ends before a token."""
        found = [mark for kind in kinds if (mark := self.stops.get((kind, place)))]
        return min(found, key=lambda mark: mark.first) if found else None

    def between(self, first: int, last: int, *kinds: str) -> Mark | None:
        """Return the first mark of some kinds that lies between two tokens."""
        marks = (self.at(place, *kinds) for place in range(first, last))
        return next((mark for mark in marks if mark is not None and mark.last <= last), None)

    def is_hyphened(self, place: int) -> bool:
        """Tell whether a word ends before a place with a hyphen behind it, written onto the next word."""
        tokens = self.sentence.tokens
        return self.norm(place) == "-" and place > 0 and tokens[place - 1].end == tokens[place].start

    def norm(self, place: int) -> str:
        """Return a token as it is looked up, "" outside the sentence."""
        tokens = self.sentence.tokens
        return tokens[place].norm if 0 <= place < len(tokens) else ""

    def __len__(self) -> int:
        return len(self.sentence.tokens)


def view_of(sentence: Sentence, lexicon: Lexicon) -> View:
    """Return a sentence with its marks by place, names that are not written as names left out."""
    begins: dict[tuple[str, int], Mark] = {}
    stops: dict[tuple[str, int], Mark] = {}
    for mark in sentence.marks:
        if not _is_written(mark, sentence, lexicon):
            continue
        held = begins.get((mark.kind, mark.first))
        if held is None or mark.last > held.last:
            begins[mark.kind, mark.first] = mark
        held = stops.get((mark.kind, mark.last))
        if held is None or mark.first < held.first:
            stops[mark.kind, mark.last] = mark
    return View(sentence, begins, stops, lexicon.rules.word_order == "subject_first")


def _is_written(mark: Mark, sentence: Sentence, lexicon: Lexicon) -> bool:
    if mark.kind not in {"attacker", "origin", "monitor"}:
        return True
    tokens = sentence.tokens[mark.first : mark.last]
    need = lexicon.written.get((mark.kind, " ".join(token.norm for token in tokens)), _ANY)
    words = [token.text for token in tokens if token.norm not in {"the", "al", "-"}]
    if not words or need == _ANY:
        return True
    if not any(sign.isupper() or sign.islower() for sign in words[0]):
        return True
    if need == _UPPER:
        return all(word.isupper() for word in words if word[0].isalpha())
    return words[0][:1].isupper() or not words[0][:1].isalpha()


class _Same:
    """Something told from others by being itself, to remember what was built of it."""

    def __init__(self, held: object) -> None:
        self.held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.held is self.held

    def __hash__(self) -> int:
        return id(self.held)


def lexicon_of(context: Context, rules: ProseRules) -> Lexicon:
    """Return the lexicon of a language; of the same context and rules the same one."""
    return _built(_Same(context), _Same(rules))


@lru_cache(maxsize=8)
def _built(context: _Same, rules: _Same) -> Lexicon:
    return _build(context.held, rules.held)  # type: ignore[arg-type]


def _build(context: Context, rules: ProseRules) -> Lexicon:
    phrases: dict[Key, list[str]] = {}
    written: dict[Key, int] = {}
    for key, form in _own_words(rules):
        phrases.setdefault(key, []).append(form)
    is_arabic = rules.language == "ar"
    never = frozenset(rules.no_names)
    for kind, code, form, need in _names(context, rules):
        if bool(_ARABIC.search(form)) != is_arabic or form in never:
            continue
        phrases.setdefault((kind, code), []).append(form)
        known = (kind, " ".join(_parts(form)))
        written[known] = min(need, written.get(known, _UPPER))
    places, numbers = context.gazetteer.places, context.words.number_heads
    splitter = Splitter(
        rules.language,
        phrases,
        rules.abbreviations,
        rules.prefixes,
        lambda word: folded(word) in numbers or (len(word) > _SHORTEST and fold_name(word) in places),
    )
    return Lexicon(
        rules,
        context,
        splitter,
        Calendar(rules, context.words),
        dict(_tokenised(written, splitter)),
        tuple((one.compiled(), one.says) for one in rules.no_counts),
        tuple(re.compile(pattern) for pattern in rules.revisions),
    )


def _tokenised(written: Mapping[Key, int], splitter: Splitter) -> Iterator[tuple[Key, int]]:
    for (kind, form), need in written.items():
        yield (kind, splitter.folded(form)), need


def _parts(form: str) -> list[str]:
    return folded(form).split()


def _own_words(rules: ProseRules) -> Iterator[tuple[Key, str]]:
    """Yield kind, code and form of every word of the language's own file."""
    for number, measure in enumerate(rules.measures):
        for kind in MEASURED:
            yield from (((kind, str(number)), form) for form in getattr(measure, kind))
    for number, person in enumerate(rules.persons):
        yield from ((("people", str(number)), form) for form in person.plurals)
        yield from ((("person", str(number)), form) for form in person.singulars)
        yield from ((("pair", str(number)), form) for form in person.duals)
    for kind, held in rules:
        if isinstance(held, tuple) and kind not in _NO_LISTS:
            yield from (((kind, ""), form) for form in held if isinstance(form, str))
    for means in rules.means:
        yield from ((("means", means.violence_code), form) for form in means.forms)
    speakers = rules.speakers
    for kind in ("says", "concedes", "tells", "according", "citing", "again", "relative", "titles"):
        yield from (((kind, ""), form) for form in getattr(speakers, kind))
    yield from ((("speaker", ""), form) for form in speakers.nouns)
    places = rules.places
    yield from ((("place_at", ""), form) for form in places.at)
    yield from ((("place_kind", code), form) for form, code in places.kinds.items())
    yield from ((("countryside", ""), form) for form in places.countryside)
    for kind in ("joins", "articles", "sides"):
        yield from (((f"place_{kind}", ""), form) for form in getattr(places, kind))


def _names(context: Context, rules: ProseRules) -> Iterator[tuple[str, str, str, int]]:
    """Yield kind, code, form and way of writing of every name of the vocabularies."""
    for words in rules.attackers:
        kind = "attacker_again" if words.again else "attacker"
        for form in words.forms:
            yield kind, " ".join(words.codes), form, _need(form, own=True)
    for code, term in context.vocabularies["perpetrators"].terms.items():
        if term.attacker and not term.generic:
            yield from (("attacker", code, form, _need(form)) for form in _spellings(term))
    for code, term in context.vocabularies["origins"].terms.items():
        if code != "unknown":
            yield from (
                ("origin", code, form, _ANY if term.generic else _need(form)) for form in _spellings(term)
            )
    for form, monitor in context.monitors.items():
        if " " in form and not _CODED.search(form):
            yield "monitor", monitor, form, _CAPITAL


def _spellings(term: Term) -> Iterable[str]:
    return (form for form in dict.fromkeys((term.title, *term.aliases)) if not _CODED.search(form))


def _need(form: str, *, own: bool = False) -> int:
    letters = [sign for sign in form if sign.isalpha()]
    if letters and all(sign.isupper() for sign in letters) and len(letters) <= _LONGEST_ACRONYM:
        return _UPPER
    if own and form[:1].islower():
        return _ANY
    return _CAPITAL
