"""By whom and by what: the attackers and the means that a sentence names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.prose.lexicon import Lexicon, View
    from reconcile.prose.quantities import Count
    from reconcile.prose.tokens import Mark

# Tokens from an attacker to the verb, from the verb to its people, and from "between" to the second side.
_TO_VERB, _TO_PEOPLE, _TO_SIDE = 10, 7, 12
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
) -> Attack:
    """Return who a sentence says did it, and by what.

    Args:
        view: the sentence.
        lexicon: of its language.
        counts: its numbers; a name among their nouns is of those counted.
        spoken: tokens of those who say it.
        last_named: code by a word that takes it up.
        within: tokens of the clause that is asked for; None for the whole sentence.
    """
    within = range(len(view)) if within is None else within
    means = [mark for mark in _marks(view, "means") if mark.first in within]
    passed = spoken.union(*(range(count.first, count.last) for count in counts))
    names = [mark for mark in _marks(view, *_NAMES) if mark.first in within and mark.first not in passed]
    sides = _sides(view, names)
    guilty = [mark for mark in names if mark not in sides and _has_done_it(view, mark, means, counts, names)]
    codes = _narrowest({_code(mark, last_named) for mark in guilty}, lexicon)
    attribution = _firmness(view) if codes else "parties" if sides else ""
    again = not codes and any(_is_definite(view, mark) for mark in means)
    own = any(_is_own(view, mark) for mark in means)
    return Attack(codes, attribution, _violence([mark.code for mark in means], lexicon), own, again)


def clause_of(view: View, place: int) -> range:
    """Return the tokens of the clause that a token stands in."""
    breaks = [at for at in range(len(view)) if view.at(at, "breaks")]
    first = max((at for at in breaks if at <= place), default=0)
    return range(first, min((at for at in breaks if at > place), default=len(view)))


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


def _code(mark: Mark, last_named: dict[str, str]) -> str:
    codes = mark.code.split(" ")
    if mark.kind == "attacker":
        return codes[0]
    return next((last_named[code] for code in codes if code in last_named), codes[0])


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
    first = mark.first
    while first > 0 and view.at(first - 1, "articles", "likely"):
        first -= 1
    if _has_means(view, mark, means):
        return view.before(first, "against") is None
    behind = range(mark.last, min(mark.last + _JOIN + 1, len(view)))
    if _is_agent(view, first, mark.first) or any(view.at(place, "responsible") for place in behind):
        return True
    joined = [other for other in names if _is_joined(view, mark, other, first)]
    return (
        _is_agent(view, first, mark.first)
        or any(view.at(place, "responsible") for place in behind)
        or any(_has_done_it(view, other, means, counts, ()) for other in joined)
        or _is_subject(view, mark, counts)
    )


def _is_agent(view: View, first: int, last: int) -> bool:
    """Tell who did it from who holds or backs something: strikes by X, and not a prison run by X."""
    led = next((by for place in range(first, last + 1) if (by := view.before(place, "by"))), None)
    return led is not None and not view.at(led.first - 1, "describing")


def _has_means(view: View, mark: Mark, means: Sequence[Mark]) -> bool:
    """Tell whether a means is an attacker's: coalition air strikes, the regime's warplanes, Russian jets."""
    if not view.is_subject_first:
        # "غارات جوية روسية", "برصاص قوات الاحتلال"
        return any(0 <= mark.first - one.last <= 1 or mark.first <= one.first < mark.last for one in means)
    at = mark.last
    while at < len(view) and (view.norm(at) in {"'s", "'", "-"} or view.at(at, "adjectives", "describing")):
        at += 1
    inside = any(mark.first <= one.first < mark.last or one.first <= mark.first < one.last for one in means)
    return inside or any(one.first == at for one in means)


def _is_joined(view: View, mark: Mark, other: Mark, first: int) -> bool:
    """Tell whether two names share what they did: Russian and Syrian air strikes."""
    if other.first > mark.last:
        return other.first - mark.last <= _JOIN + 1 and view.at(mark.last, "ands") is not None
    return 0 < first - other.last <= 1 and view.at(first - 1, "ands") is not None


def _is_subject(view: View, mark: Mark, counts: Sequence[Count]) -> bool:
    """Tell whether a name is the subject of what was done: "ISIS killed 12", "jets hit a market, killing 12"."""
    if not view.is_subject_first:
        deed = view.before(mark.first, "intransitives", "attacks")
        return deed is not None and any(0 <= count.first - mark.last <= _TO_PEOPLE for count in counts)
    first = mark.first - (view.at(mark.first - 1, "articles") is not None)
    if view.at(first - 1, "place_at", "against", "of", "by") or view.norm(mark.last) == "-":
        return False
    counted = {place for count in counts for place in range(count.first, count.last)}
    for at in range(mark.last, min(mark.last + _TO_VERB, len(view))):
        attacks = view.at(at, "attacks") is not None and (at - mark.last <= 1 or not view.at(at, "means"))
        verb = view.at(at, "verbs")
        if attacks or verb is not None:
            is_passive = any(view.at(place, "passive") for place in range(max(at - 3, mark.last), at))
            return not is_passive and (attacks or _has_people(verb, counts))
        if at in counted or view.at(at, "breaks", "says") or view.norm(at) in {".", ":"}:
            return False
    return False


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
