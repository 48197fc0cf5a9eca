"""Who says it, and through whom it came."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconcile.prose.lexicon import Lexicon, View
    from reconcile.prose.tokens import Mark

# Tokens between a name and its verb, an aside left out: "the Observatory's head in Raqqa said".
_REACH = 14
_RUN = 6
# What another clause costs a verb of saying, in tokens.
_CLAUSE = 40
_LONGEST_ASIDE = 26
_NO_MODIFIERS = ("small_words", "verbs", "participles", "says", "auxiliaries", "means", "people", "breaks")
_DASHES = frozenset({"-", "–", "—"})
_ASIDE = _DASHES | {",", "،", "(", ")"}
_PARTING = frozenset({";", "”", '"', ":", "»"})
_STOPS = frozenset({",", "،", ".", ";", ":", "(", "”", '"', "''", "»"})
_NAMES = ("origin", "monitor", "attacker", "attacker_again")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whoever says something.

    Attributes:
        name: as the article writes it, without an article before it.
        code: of the name as an origin or an attacker; "" where no vocabulary has it.
        is_relay: whether it mostly passes on what others say.
        is_named: whether it is a name and no calling (activists).
        last: the token after it, in its own sentence.
    """

    name: str
    code: str
    is_relay: bool
    is_named: bool
    last: int = 0


@dataclass(frozen=True, slots=True)
class Assertion:
    """An act of saying in a sentence.

    Attributes:
        speaker: who says it; None where a word takes up somebody not named before.
        via: who passes it on.
        place: token of the verb, or of the words before the speaker.
        concedes: whether the verb is one of admitting.
        is_again: whether the speaker was taken up from before.
    """

    speaker: Speaker | None
    via: tuple[str, ...]
    place: int
    concedes: bool = False
    is_again: bool = False


def assertions_in(view: View, lexicon: Lexicon, before: Speaker | None) -> list[Assertion]:
    """Return the acts of saying in a sentence.

    Args:
        view: the sentence.
        lexicon: of its language.
        before: who was named last before it.
    """
    found = [*_according(view, lexicon, before), *_headed(view, lexicon, before)]
    cited = bool(found)
    for place in range(len(view)):
        mark = view.at(place, "says", "concedes", "tells")
        if mark is None or not _is_verb(view, mark):
            continue
        found += _said(view, lexicon, mark, before)
    found = _relayed(found) if cited or len(found) > 1 else found
    passed: dict[str, tuple[str, ...]] = {}
    for one in found:
        if one.speaker:
            passed[one.speaker.name] = tuple(dict.fromkeys((*passed.get(one.speaker.name, ()), *one.via)))
    return [replace(one, via=passed[one.speaker.name]) if one.speaker else one for one in found]


def _headed(view: View, lexicon: Lexicon, before: Speaker | None) -> Iterator[Assertion]:
    """Yield who stands behind the colon of a headline: "Death toll climbs to 73: monitor"."""
    tokens = view.sentence.tokens
    end = len(view) - (view.norm(len(view) - 1) == ".")
    for place in range(max(len(view) - _RUN, 1), end - 1):
        is_glued = (
            tokens[place].end == tokens[place + 1].start and tokens[place - 1].end == tokens[place].start
        )
        if view.norm(place) not in _DASHES | {":"} or is_glued:
            continue
        at = _past_articles(view, place + 1)
        again = view.at(at, "again")
        mark = view.at(at, *_NAMES) or view.at(at, "speaker")
        if again and again.last == end and before and (mark is None or mark.kind == "speaker"):
            yield Assertion(before, (), place, is_again=True)
        elif mark and mark.last == end:
            yield Assertion(_speaker(view, lexicon, mark), (), place)


def _is_verb(view: View, mark: Mark) -> bool:
    """Tell a verb of saying from a noun that looks like it, and from a participle: "two reports", "reported deaths"."""
    before = mark.first - 1
    if view.at(mark.first, "said_nouns") and (
        view.at(before, "before_noun") or view.norm(before)[:1].isdigit()
    ):
        return False
    # "was reported killed", "were said to": nobody is the subject.
    return view.at(before, "passive") is None


def _according(view: View, lexicon: Lexicon, before: Speaker | None) -> Iterator[Assertion]:
    for place in range(len(view)):
        mark = view.at(place, "according", "citing")
        if mark is None:
            continue
        speaker = _named_from(view, lexicon, mark.last)
        again = view.at(_past_articles(view, mark.last), "again") or view.at(mark.last, "again")
        if speaker is not None:
            via = _named_before(view, lexicon, place) if view.at(place, "citing") else None
            relays = (via.name,) if via and via.name != speaker.name and via.is_named else ()
            yield Assertion(speaker, relays, place)
        elif again is not None and again.last - again.first > 1:
            yield Assertion(before, (), place, is_again=True)


def _said(view: View, lexicon: Lexicon, mark: Mark, before: Speaker | None) -> Iterator[Assertion]:
    concedes = view.at(mark.first, "concedes") is not None
    told = _named_from(view, lexicon, mark.last) if view.at(mark.first, "tells") else None
    via = (told.name,) if told and told.is_named else ()
    speaker = None if via else _named_behind(view, lexicon, mark)
    speaker = speaker or _named_before(view, lexicon, mark.first)
    again = _again_before(view, mark.first)
    if again is not None:
        is_later = speaker is None or again.first >= speaker.last
        is_same = before is not None and speaker is not None and again.last == speaker.last
        if is_later or is_same:
            yield Assertion(before, via, mark.first, concedes, is_again=True)
            return
    if speaker is not None:
        yield Assertion(speaker, via or _told_behind(view, lexicon, speaker), mark.first, concedes)


def _named_behind(view: View, lexicon: Lexicon, mark: Mark) -> Speaker | None:
    """Return who is named behind a verb, where a sentence may put them there: "..., said the Observatory"."""
    if view.is_subject_first and view.norm(mark.first - 1) not in _STOPS:
        return None
    speaker = _named_from(view, lexicon, mark.last)
    if speaker is None or not view.is_subject_first or _closes(view, speaker.last):
        return speaker
    return None


def _told_behind(view: View, lexicon: Lexicon, speaker: Speaker) -> tuple[str, ...]:
    """Return to whom it was said, where the language writes "to" onto a name behind the speaker's."""
    if view.norm(speaker.last) not in lexicon.rules.prefixes:
        return ()
    told = _named_from(view, lexicon, speaker.last + 1)
    return (told.name,) if told and told.is_relay else ()


def _closes(view: View, place: int) -> bool:
    """Tell whether nothing follows a name that it could be the subject of: "..., said the Observatory on Sunday."."""
    if place >= len(view) or view.norm(place) in _STOPS | _DASHES:
        return True
    return view.at(place, "relative", "small_words", "place_at") is not None


def _again_before(view: View, place: int) -> Mark | None:
    """Return the word before a verb that takes up who was named."""
    for at in range(place, max(place - 4, 0), -1):
        mark = view.before(at, "again")
        if mark is not None:
            return mark
        if not view.at(at - 1, "auxiliaries", "small_words"):
            return None
    return None


def _named_before(view: View, lexicon: Lexicon, place: int) -> Speaker | None:
    """Return the nearest name before a verb, past an aside: "the Observatory, which tracks the war, says"."""
    end = _before_aside(view, place)
    for at in range(end, max(end - _REACH, 0), -1):
        mark = view.before(at, *_NAMES) or view.before(at, "speaker")
        if mark is not None and not _describes(view, mark):
            return _speaker(view, lexicon, mark)
        if view.norm(at - 1) in _PARTING or view.at(at - 1, "says", "verbs", "participles"):
            break
    return _run_before(view, end)


def _describes(view: View, mark: Mark) -> bool:
    """Tell an adjective from a body: in "Turkish jets" nobody is named who says anything."""
    if not mark.kind.startswith("attacker"):
        return False
    if mark.last - mark.first == 1 and view.at(mark.first, "person") is not None:
        # "a US-backed Syrian force said"
        return True
    return view.at(mark.last, "means", "people", "person", "things", "attacks") is not None


def _before_aside(view: View, place: int) -> int:
    """Return the place before an aside between commas that ends at a place."""
    end = place
    while end > 0 and view.at(end - 1, "auxiliaries") and view.norm(end - 1) not in _ASIDE:
        end -= 1
    if view.norm(end - 1) not in _ASIDE:
        return end
    for back in range(end - 2, max(end - _LONGEST_ASIDE, -1), -1):
        if view.norm(back) in _ASIDE:
            opens = view.at(back + 1, "relative", "citing", "according", "articles") is not None
            if view.at(_past_articles(view, back + 1), "titles"):
                # "..., the head of the Observatory, told": whoever speaks for a body stands for it.
                return end - 1
            return back if opens or view.norm(back) == "(" else end
    return end


def _named_from(view: View, lexicon: Lexicon, place: int) -> Speaker | None:
    """Return the name that begins at a place, articles and a few adjectives aside."""
    at = _past_articles(view, place)
    title = view.at(at, "titles")
    if title is not None:
        at = _past_articles(view, title.last)
    for start in range(at, min(len(view), at + _RUN - 1)):
        mark = view.at(start, "origin", "monitor") or view.at(start, "speaker") or view.at(start, *_NAMES)
        if mark is not None:
            return _speaker(view, lexicon, mark)
        leads = view.at(start, "adjectives", "describing") is not None or view.norm(start) in {"-", "'s"}
        if not (view.sentence.tokens[start].is_capital or leads):
            break
    return _run_from(view, at)


def _past_articles(view: View, place: int) -> int:
    while view.at(place, "articles", "by", "lone"):
        place += 1
    return place


def _speaker(view: View, lexicon: Lexicon, mark: Mark) -> Speaker:
    first, last = mark.first, mark.last
    while view.at(first, "articles") and first < last - 1:
        first += 1
    if mark.kind.startswith("attacker") and view.norm(last) == "-":
        return _described(view, first, last)
    kind = mark.kind
    codes = mark.code.split(" ")
    # "the government" is of the country told of, and which one that is the name does not say.
    code = "" if kind == "attacker" and len(codes) > 1 else codes[0]
    vocabulary = {"origin": "origins", "attacker": "perpetrators"}.get(kind, "")
    term = lexicon.term(vocabulary, code) if vocabulary else None
    if kind == "speaker" or (term and term.generic):
        first = _modifiers_before(view, first)
        last = _modifiers_after(view, last)
    relay = bool(term and term.relays)
    named = kind != "speaker" and not (term and term.generic)
    return Speaker(view.sentence.words(first, last), "" if kind == "speaker" else code, relay, named, last)


def _described(view: View, first: int, last: int) -> Speaker:
    """Return a body told by an adjective, to its first noun in small letters: the US-backed Syrian force."""
    end = min(last + 2, len(view))
    while end < len(view) and end - last < _RUN and view.sentence.tokens[end].is_capital:
        end += 1
    if (
        end < len(view)
        and view.norm(end).isalpha()
        and not view.at(end, "says", "tells", "small_words", "auxiliaries")
    ):
        end += 1
    return Speaker(view.sentence.words(first, end), "", is_relay=False, is_named=False, last=end)


def _modifiers_before(view: View, first: int) -> int:
    """Return where a calling begins, with what describes it: local officials, the Idlib health directorate."""
    stop = max(first - _RUN, 0)
    while first > stop:
        at = first - 1
        token = view.sentence.tokens[at]
        if token.norm == "'s" or (token.norm == "-" and view.at(at + 1, "describing")):
            first -= 1
            continue
        if view.at(at, "articles", "of", "ands") or not token.norm[:1].isalpha():
            break
        if view.at(at, *_NO_MODIFIERS) and not view.at(at, "adjectives"):
            break
        first -= 1
    if first > 1 and view.at(first - 1, "ands") and (other := view.before(first - 1, "speaker")):
        return _modifiers_before(view, other.first)
    return first


def _modifiers_after(view: View, last: int) -> int:
    """Return where a calling ends, with the name behind it: the health ministry in Gaza."""
    if not view.at(last, "name_joins", "place_at"):
        return last
    at = _past_articles(view, last + 1)
    end = at
    while end < len(view) and end - at < _RUN and view.sentence.tokens[end].is_capital:
        end += 1
    return end if end > at else last


def _run_before(view: View, place: int) -> Speaker | None:
    """Return the capitalised words that end at a place as a name."""
    first = place
    while first > 0 and place - first < _RUN:
        token = view.sentence.tokens[first - 1]
        joins = view.at(first - 1, "name_joins") is not None and 1 < first < place
        if not (token.is_capital or joins):
            break
        first -= 1
    return _run(view, first, place)


def _run_from(view: View, place: int) -> Speaker | None:
    last = place
    while last < len(view) and last - place < _RUN and view.sentence.tokens[last].is_capital:
        last += 1
    return _run(view, place, last)


def _run(view: View, first: int, last: int) -> Speaker | None:
    tokens = view.sentence.tokens[first:last]
    while tokens and not tokens[0].is_capital:
        first, tokens = first + 1, tokens[1:]
    # One capital at the head of a sentence is any word.
    if not tokens or (first == 0 and len(tokens) == 1):
        return None
    if view.at(first, "people", "person", "means", "again", "small_words", "attacker"):
        return None
    return Speaker(view.sentence.words(first, last), "", is_relay=False, is_named=True, last=last)


def _relayed(found: list[Assertion]) -> list[Assertion]:
    """Let who mostly passes on pass on what another is said to say in the same sentence."""
    relays = tuple(
        one.speaker.name for one in found if one.speaker and one.speaker.is_relay and not one.is_again
    )
    passed = {name for one in found for name in one.via}
    found = [one for one in found if not (one.speaker and one.speaker.name in passed)] or found
    others = [one for one in found if one.speaker and (not one.speaker.is_relay or one.is_again)]
    if not relays or not others:
        return found
    return [replace(one, via=tuple(dict.fromkeys((*one.via, *relays)))) for one in others]


def speaker_for(view: View, assertions: list[Assertion], place: int) -> Assertion | None:
    """Return the act of saying that a number at a place most likely belongs to."""
    known = [one for one in assertions if one.speaker]

    def cost(one: Assertion) -> int:
        low, high = sorted((one.place, place))
        return abs(one.place - place) + _CLAUSE * (view.between(low, high, "breaks") is not None)

    return min(known, key=cost) if known else None


def mentioned_in(view: View, lexicon: Lexicon) -> Speaker | None:
    """Return the last monitor or source that a sentence names, whether or not it says something there."""
    for place in range(len(view) - 1, -1, -1):
        mark = view.at(place, "origin", "monitor")
        if mark is not None:
            found = _speaker(view, lexicon, mark)
            if found.is_named and not found.is_relay:
                return found
    return None
