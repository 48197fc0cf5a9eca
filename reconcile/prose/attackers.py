"""By whom and by what: the attackers and the means that a sentence names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.prose.clauses import Tie
    from reconcile.prose.lexicon import Lexicon, View
    from reconcile.prose.quantities import Count
    from reconcile.prose.tokens import Mark

# Tokens from an attacker to the verb, from the verb to its people, and from "between" to the second side.
_TO_VERB, _TO_PEOPLE, _TO_SIDE = 10, 7, 12
# Tokens from who attacked to those whom the attack killed, in a language that tells the attack first.
_TO_EVENT = 18
# "and the", "its 350th": words between two names, and between an owner and a means.
_JOIN, _OWNED = 2, 3
# Means of a sentence that are kept; more is a list of a day's events.
_MOST_MEANS = 2
_NAMES = ("attacker", "attacker_again")
# The means of words such as "attack", which say nothing of the weapon.
_SPOKEN = "unknown"
_AGAIN = frozenset({"us_led_coalition", "saudi_led_coalition"})


@dataclass(frozen=True, slots=True)
class Attack:
    """Who is said to have done it, and by what.

    Attributes:
        codes: of the attackers.
        attribution_code: how firmly they are named; "" without one.
        violence_code: the means; "" where none is told.
        is_own: whether the means is the speaker's own: its strikes.
        is_again: whether a deed told before is taken up: the strike.
    """

    codes: tuple[str, ...]
    attribution_code: str
    violence_code: str
    is_own: bool = False
    is_again: bool = False


def attack_in(
    view: View,
    lexicon: Lexicon,
    counts: Sequence[Count],
    spoken: set[int],
    last_named: dict[str, str],
    within: range | None = None,
    countries: frozenset[str] = frozenset(),
) -> Attack:
    """Return who a sentence says did it, and by what.

    Args:
        view: the sentence.
        lexicon: of its language.
        counts: its numbers; a name among their nouns is of those counted.
        spoken: tokens of those who say it.
        last_named: code by a word that takes it up.
        within: tokens of the clause that is asked for; None for the whole sentence.
        countries: that the sentence is about, by which words such as "the government" are understood.
    """
    within = range(len(view)) if within is None else within
    means = [mark for mark in _marks(view, "means") if mark.first in within]
    passed = spoken.union(*(range(count.first, count.last) for count in counts))
    passed |= _told_of_some(view, counts)
    names = [mark for mark in _marks(view, *_NAMES) if mark.first in within and mark.first not in passed]
    sides = _sides(view, names)
    guilty = [mark for mark in names if mark not in sides and _has_done_it(view, mark, means, counts, names)]
    meant = {_code(mark, lexicon, last_named, countries) for mark in guilty} - {""}
    codes = _narrowest(meant, lexicon)
    attribution = _firmness(view) if codes else "parties" if sides else ""
    again = not codes and any(_is_definite(view, mark) for mark in means)
    own = any(_is_own(view, mark) for mark in means)
    return Attack(codes, attribution, _violence([mark.code for mark in means], lexicon), own, again)


def clause_of(view: View, place: int) -> range:
    """Return the tokens of the clause that a token stands in."""
    breaks = [at for at in range(len(view)) if view.at(at, "breaks")]
    first = max((at for at in breaks if at <= place), default=0)
    return range(first, min((at for at in breaks if at > place), default=len(view)))


def spans_of(view: View, ties: Sequence[Tie]) -> list[range]:
    """Return the tokens that tell of each number: from the "and" or the comma before it to that before the next one."""
    starts = [0]
    for one, two in pairwise(ties):
        first = _last_of(one, two.count.first)
        stop = two.deed.first if two.deed and first <= two.deed.first < two.count.first else two.count.first
        parting = [at for at in range(first, stop) if _parts(view, at)]
        starts.append(parting[-1] if parting else two.count.first)
    return [range(first, last) for first, last in pairwise([*starts, len(view)])] if ties else []


def _last_of(tie: Tie, before: int) -> int:
    deed = tie.deed
    return deed.last if deed and tie.count.last <= deed.first and deed.last <= before else tie.count.last


def _parts(view: View, place: int) -> bool:
    return view.norm(place) in {"and", ",", "،", "و"} or view.at(place, "breaks") is not None


def name_last(view: View, last_named: dict[str, str]) -> None:
    """Remember the attackers that a sentence names, for words that take them up: the coalition."""
    for mark in _marks(view, "attacker"):
        if mark.code in _AGAIN:
            last_named.clear()
            last_named[mark.code] = mark.code


def _marks(view: View, *kinds: str) -> list[Mark]:
    """Return the longest marks of some kinds, none over another."""
    found: list[Mark] = []
    place = 0
    while place < len(view):
        mark = view.at(place, *kinds)
        if mark is not None:
            found.append(mark)
        place = mark.last if mark is not None else place + 1
    return found


def _told_of_some(view: View, counts: Sequence[Count]) -> set[int]:
    """Return the tokens that tell of some of those counted, without a number: "most of them by air strikes"."""
    starts = {count.first for count in counts}
    found: set[int] = set()
    for at in range(len(view)):
        opener = view.at(at, "part_openers")
        if opener is not None and view.at(opener.last, "by", "place_at"):
            stop = next(
                (place for place in range(opener.last, len(view)) if view.norm(place) == ","), len(view)
            )
            is_counted = any(count.first <= at < count.last for count in counts)
            if not is_counted and starts.isdisjoint(range(at, stop)):
                found.update(range(at, stop))
    return found


def _code(mark: Mark, lexicon: Lexicon, last_named: dict[str, str], countries: frozenset[str]) -> str:
    """Return the code that a name stands for; of one that several countries have, that of the country told of."""
    codes = mark.code.split(" ")
    if mark.kind == "attacker":
        return codes[0] if len(codes) == 1 else _of_country(codes, lexicon, countries)
    return next((last_named[code] for code in codes if code in last_named), codes[0])


def _of_country(codes: Sequence[str], lexicon: Lexicon, countries: frozenset[str]) -> str:
    terms = [lexicon.term("countries", country) for country in sorted(countries)]
    names = [re.compile(rf"\b{re.escape(term.title)}(?:n|i|an)?\b") for term in terms if term]
    of_them = [
        code
        for code in codes
        if (one := lexicon.term("perpetrators", code)) and any(name.search(one.title) for name in names)
    ]
    return of_them[0] if len(of_them) == 1 else ""


def _narrowest(codes: set[str], lexicon: Lexicon) -> tuple[str, ...]:
    """Leave out an attacker that another one named is part of."""
    vocabulary = lexicon.context.vocabularies["perpetrators"]
    wider = {above for code in codes for above in vocabulary.ancestors(code) - {code}}
    return tuple(sorted(codes - wider))


# ---- who did it ----------------------------------------------------------------------------------------------------


def _has_done_it(
    view: View, mark: Mark, means: Sequence[Mark], counts: Sequence[Count], names: Sequence[Mark]
) -> bool:
    """Tell an attacker from a name that stands in the sentence for another reason."""
    first = _first_of(view, mark, counts)
    if _has_means(view, mark, means):
        return view.before(first, "against") is None
    behind = range(mark.last, min(mark.last + _JOIN + 1, len(view)))
    joined = [other for other in names if _is_joined(view, mark, other, first)]
    return (
        _is_agent(view, first, mark.first, counts)
        or any(view.at(place, "responsible") for place in behind)
        or any(_has_done_it(view, other, means, counts, ()) for other in joined)
        or _is_subject(view, mark, counts, first)
    )


def _first_of(view: View, mark: Mark, counts: Sequence[Count]) -> int:
    """Return where a name begins with what is said to be of it: snipers from the Islamic State group."""
    first = _before_articles(view, mark.first)
    if not view.is_subject_first or not (view.at(first - 1, "of") or view.norm(first - 1) == "from"):
        return first
    noun = view.before(first - 1, "people", "person", "means")
    if noun is None or any(noun.first < count.last and count.first < noun.last for count in counts):
        return first
    return _before_articles(view, noun.first)


def _before_articles(view: View, place: int) -> int:
    while place > 0 and view.at(place - 1, "articles", "likely"):
        place -= 1
    return place


def _is_agent(view: View, first: int, last: int, counts: Sequence[Count]) -> bool:
    """Tell who did it from who holds, backs or reports something: strikes by X, and not a prison run by X."""
    led = next((by for place in range(first, last + 1) if (by := view.before(place, "by"))), None)
    if led is None or view.at(led.first - 1, "describing") or view.before(led.last, "according"):
        return False
    # "12 عنصرا من داعش": those counted are its own.
    is_of_counted = not view.is_subject_first and led.last - led.first == 1
    return not (is_of_counted and any(led.first == count.last for count in counts))


def _has_means(view: View, mark: Mark, means: Sequence[Mark]) -> bool:
    """Tell whether a means is an attacker's: coalition air strikes, the regime's warplanes, Russian jets."""
    if not view.is_subject_first:
        # "غارات جوية روسية", "برصاص قوات الاحتلال"
        return any(0 <= mark.first - one.last <= 1 or mark.first <= one.first < mark.last for one in means)
    at = mark.last
    while at < len(view) and (
        view.norm(at) in {"'s", "'", "-"}
        or (view.at(at, "adjectives", "describing") and not view.at(at, *_NAMES))
    ):
        at += 1
    inside = any(mark.first <= one.first < mark.last or one.first <= mark.first < one.last for one in means)
    return inside or any(one.first == at for one in means)


def _is_joined(view: View, mark: Mark, other: Mark, first: int) -> bool:
    """Tell whether two names share what they did: Russian and Syrian air strikes."""
    if other.first > mark.last:
        return other.first - mark.last <= _JOIN + 1 and view.at(mark.last, "ands") is not None
    return 0 < first - other.last <= 1 and view.at(first - 1, "ands") is not None


def _is_subject(view: View, mark: Mark, counts: Sequence[Count], first: int) -> bool:
    """Tell whether a name is the subject of what was done: "ISIS killed 12", "jets hit a market, killing 12"."""
    if not view.is_subject_first:
        return _is_subject_behind(view, mark, counts)
    allied = view.norm(first - 1) == "with" or view.before(first - 1, "describing") is not None
    # "a blast shook Moscow, killing 12"
    is_shaken = view.norm(mark.last) == "," and view.at(mark.last + 1, "verbs") is not None
    if (
        allied
        or is_shaken
        or view.at(first - 1, "place_at", "against", "of", "by")
        or view.norm(mark.last) == "-"
    ):
        return False
    counted = {place for count in counts for place in range(count.first, count.last)}
    if _goes_on(view, mark, first, counts):
        return True
    for at in range(mark.last, min(mark.last + _TO_VERB, len(view))):
        attacks = view.at(at, "attacks") is not None and (at - mark.last <= 1 or not view.at(at, "means"))
        verb = view.at(at, "verbs")
        if attacks or verb is not None:
            is_passive = any(view.at(place, "passive") for place in range(max(at - 3, mark.last), at))
            return not is_passive and (attacks or _has_people(verb, counts))
        if at in counted or view.at(at, "breaks", "says") or view.norm(at) in {".", ":"}:
            return False
    return False


def _is_subject_behind(view: View, mark: Mark, counts: Sequence[Count]) -> bool:
    """Tell whether a name is the subject of a verb that comes first, or of one behind "that"."""
    behind = [count.first - mark.last for count in counts if count.first >= mark.last]
    if not behind:
        return False
    deed = view.before(mark.first, "intransitives", "attacks")
    if deed is not None:
        # "غارة استهدفت ...": behind a means and its verb stands whom it hit.
        is_hit = view.before(deed.first, "means") is not None
        attacks = view.before(mark.first, "attacks") is not None
        return not is_hit and min(behind) <= (_TO_EVENT if attacks else _TO_PEOPLE)
    return (
        view.at(mark.last, "intransitives", "attacks") is not None
        and view.at(mark.first - 1, "articles", "ands", "breaks") is not None
        and min(behind) <= _TO_PEOPLE
    )


def _goes_on(view: View, mark: Mark, first: int, counts: Sequence[Count]) -> bool:
    """Tell whether a name is the subject of a verb that is left out: "A killed 412, B 91 and C 273"."""
    starts = any(count.first == mark.last and not count.has_noun for count in counts)
    earlier = any(count.last < first for count in counts)
    return starts and earlier and (view.norm(first - 1) == "," or view.at(first - 1, "ands") is not None)


def _has_people(verb: Mark | None, counts: Sequence[Count]) -> bool:
    """Tell whether a number stands shortly behind a verb."""
    if verb is None:
        return False
    ahead = next((count.first - verb.last for count in counts if count.first >= verb.last), None)
    return ahead is not None and ahead <= _TO_PEOPLE


def _sides(view: View, names: Sequence[Mark]) -> list[Mark]:
    """Return the sides of a fight, who are both named and neither accused: clashes between A and B."""
    for at in range(len(view)):
        if view.at(at, "between"):
            inside = [mark for mark in names if at < mark.first <= at + _TO_SIDE]
            if len(inside) > 1 or (inside and view.before(at, "means")):
                return inside[:2]
    return []


def _firmness(view: View) -> str:
    places = range(len(view))
    if any(view.at(at, "contested") for at in places):
        return "contested"
    likely = (at for at in places if view.at(at, "likely"))
    return "likely" if any(_is_beside_name(view, at) for at in likely) else "stated"


def _is_beside_name(view: View, place: int) -> bool:
    near = range(max(place - 4, 0), min(place + 7, len(view)))
    return any(view.at(at, *_NAMES) for at in near)


# ---- by what -------------------------------------------------------------------------------------------------------


def _is_own(view: View, mark: Mark) -> bool:
    """Tell whether a means is the speaker's own: its strikes, its 350th strike."""
    for place in range(mark.first, max(mark.first - _OWNED, 0), -1):
        if view.before(place, "own"):
            return True
        if view.at(place - 1, "small_words", "breaks"):
            return False
    return False


def _is_definite(view: View, mark: Mark) -> bool:
    return any(view.before(place, "definite") for place in range(max(mark.first - 2, 0), mark.first + 1))


def _violence(codes: Sequence[str], lexicon: Lexicon) -> str:
    """Return the code of the means named, what several make together; "" where none or no one thing."""
    named = [code for code in dict.fromkeys(codes) if code != _SPOKEN]
    made = [
        one.violence_code for one in lexicon.rules.means if one.made_of and set(one.made_of) == set(named)
    ]
    if made:
        return made[0]
    vocabulary = lexicon.context.vocabularies["violence"]
    wider = {above for code in named for above in vocabulary.ancestors(code) - {code}}
    named = [code for code in named if code not in wider] or named
    return " ".join(sorted(named)) if len(named) <= _MOST_MEANS else named[0]
