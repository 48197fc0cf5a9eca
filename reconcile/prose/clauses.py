"""What happened to whom: numbers of people tied to the words that say so.

A tie is a way in which a number can stand to a word (before its passive, behind its active verb, behind "the death of"), and
has a cost; each number takes the cheapest. Numbers in one list share their word; a number among those counted before is a part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from reconcile.prose.deeds import deeds_in, state_of
from reconcile.prose.lexicon import MEASURED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.prose.deeds import Deed
    from reconcile.prose.lexicon import Lexicon, View
    from reconcile.prose.quantities import Count

    # Number of a part in the list of counts to that of its whole, -1 where none stands before it.
    Wholes = dict[int, int]

# How a number can stand to its word: beside it, close to it, with other words between them.
_NEAR, _CLOSE, _FAR = 1.0, 2.0, 2.8
# Cost of a token between a number and its word, and the cost from which a tie is told as a loose one.
_STEP = 0.08
LOOSE = 3.4
# What a tie costs more that is taken over from the number beside it, and from one further away.
_TAKEN, _CONTINUED = 0.2, 0.4
# ", as well as"
_LONGEST_JOIN = 4
# "to 12 the death toll", "to 12 the number of civilians killed".
_BEFORE_TOLL, _BEFORE_NUMBER = 2, 6
_SIGNS = frozenset({",", "،", "&", "...", "…"})
CASUALTIES = frozenset({"killed", "injured", "killed_or_injured"})
# Tokens between who did it and those it was done to: "unknown".
_BESIDE_DOER = 1


@dataclass(frozen=True, slots=True)
class Tie:
    """A count and what happened to those counted.

    Attributes:
        count: the number.
        deed: the word, None where the number's own noun says it (12 deaths).
        measure: number of the measure in the rules.
        state: of the word.
        cost: how loose the tie is.
        whole: position in the list of the count whose people these are among; -1 where none.
        shares: whether its word is taken over from another count of the list.
    """

    count: Count
    deed: Deed | None
    measure: int
    state: str
    cost: float
    whole: int = -1
    shares: bool = False


def ties_in(view: View, lexicon: Lexicon, counts: Sequence[Count]) -> list[Tie]:
    """Return the counts of a sentence with what happened to those counted; a count tied to nothing is left out."""
    deeds = deeds_in(view, counts)
    wholes = _wholes(view, counts)
    found: dict[int, Tie] = {}
    for at in range(len(counts)):
        tie = _own_tie(view, lexicon, counts, at, deeds, wholes)
        if tie is not None:
            found[at] = tie
    _share(view, counts, found, wholes)
    _give_parts(counts, found, wholes)
    _divide(counts, found, wholes)
    kept = {at: _plain(lexicon, tie) for at, tie in found.items() if _stands(lexicon, tie)}
    position = {at: number for number, at in enumerate(sorted(kept))}
    return [replace(kept[at], whole=position.get(wholes.get(at, -1), -1)) for at in sorted(kept)]


# ---- one number and one word ---------------------------------------------------------------------------------------


def _own_tie(
    view: View, lexicon: Lexicon, counts: Sequence[Count], at: int, deeds: Sequence[Deed], wholes: Wholes
) -> Tie | None:
    count = counts[at]
    own = _by_noun(view, count, counts)
    describes = own is not None and _describes(view, count)
    if own is not None and not describes:
        return own
    best = min(
        ((_cost(view, deed, counts, at, deeds, wholes), number) for number, deed in enumerate(deeds)),
        default=(math.inf, 0),
    )
    if own is not None and best[0] >= _CLOSE:
        return own
    if best[0] == math.inf:
        return None
    deed = deeds[best[1]]
    if count.is_plural and (not _is_beside(view, lexicon, count, deed) or _is_doer(view, counts, at)):
        return None
    return Tie(count, deed, deed.measure, deed.state, best[0])


def _is_doer(view: View, counts: Sequence[Count], at: int) -> bool:
    """Tell whether a plural behind its verb is who did it, or has its number behind it: "اغتال مسلحون ثلاثة"."""
    if view.is_subject_first or at + 1 >= len(counts) or counts[at + 1].is_bare:
        return False
    between = range(counts[at].last, counts[at + 1].first)
    return len(between) <= _BESIDE_DOER and not any(
        view.at(place, "ands", "small_words") for place in between
    )


def _by_noun(view: View, count: Count, counts: Sequence[Count]) -> Tie | None:
    """Return the tie of a count whose own noun says what happened: 12 deaths, 12 dead."""
    if count.counted is None:
        return None
    state = "real" if count.is_none else state_of(view, count.counted, "counted", counts)
    return Tie(count, None, int(count.counted.code), state, 0.0)


def _describes(view: View, count: Count) -> bool:
    """Tell whether a count's own word only describes its people: 13 hostages, 43 displaced people, 12 wounded men."""
    mark = count.counted
    if mark is None:
        return False
    behind = mark.last if mark.last < count.last else len(view)
    return any(view.at(place, "people", "person") for place in (mark.first, behind))


def _cost(
    view: View, deed: Deed, counts: Sequence[Count], at: int, deeds: Sequence[Deed], wholes: Wholes
) -> float:
    """Return how loosely a count is tied to a deed; infinity where it is not."""
    count = counts[at]
    ahead = count.first >= deed.last
    first, last = (deed.last, count.first) if ahead else (count.last, deed.first)
    if first > last or view.between(first, last, "breaks"):
        return math.inf
    between = [other for other in deeds if first <= other.first < last]
    is_free = not any(
        first <= other.first < last and n not in wholes and not other.is_plural
        for n, other in enumerate(counts)
    )
    if deed.role == "passive" and not ahead:
        before = _before_passive(view, first, last, between) if is_free else math.inf
        return before + (0.0 if view.is_subject_first else _CLOSE)
    if deed.role == "toll":
        return _beside_toll(deed, first, last, ahead=ahead, is_free=is_free and not between)
    if not ahead or not is_free or (between and not (deed.role == "active" and at in wholes)):
        return math.inf
    return _behind(view, deed, first, last)


def _before_passive(view: View, first: int, last: int, between: Sequence[Deed]) -> float:
    gap = (last - first) * _STEP
    if all(view.at(place, "auxiliaries", "additions", "adjectives") for place in range(first, last)):
        return _NEAR + gap / 4
    # "12 people who fled were killed": what a relative clause tells stands between.
    if any(not _is_relative(view, other.first) for other in between):
        return math.inf
    return _FAR + gap


def _behind(view: View, deed: Deed, first: int, last: int) -> float:
    """Return the cost of a number behind its word."""
    gap = (last - first) * _STEP
    if deed.role == "passive":
        # "were killed 12 civilians" in English; in Arabic as it should be.
        return _CLOSE + 3 * gap if view.is_subject_first else _NEAR + gap
    is_beside = last - first <= 1 if deed.role == "active" else last == first
    tied = deed.role == "nominal" and view.at(deed.last, "ties") is not None
    return (_NEAR if is_beside or tied else _FAR + _TAKEN) + gap


def _beside_toll(deed: Deed, first: int, last: int, *, ahead: bool, is_free: bool) -> float:
    gap = (last - first) * _STEP
    if ahead:
        return _CLOSE + gap / 2 if is_free else math.inf
    reach = _BEFORE_NUMBER if deed.form == "participles" else _BEFORE_TOLL
    return _CLOSE + gap if last - first <= reach else math.inf


def _is_relative(view: View, place: int) -> bool:
    return any(view.at(at, "relative") for at in range(place - 1, max(place - 5, -1), -1))


def _is_beside(view: View, lexicon: Lexicon, count: Count, deed: Deed) -> bool:
    """Tell whether a plural without a number stands directly beside what happened to it."""
    if lexicon.rules.measures[deed.measure].measure_code not in CASUALTIES or deed.role == "toll":
        return False
    if view.at(count.first - 1, "known_before"):
        return False
    if count.first >= deed.last:
        is_general = view.at(deed.first, "base_forms") or view.at(deed.first - 1, "before_gerund")
        if deed.role == "active" and is_general:
            return False
        return count.first - deed.last <= (deed.role == "nominal")
    between = range(count.last, deed.first)
    return bool(between) and all(view.at(place, "auxiliaries") for place in between)


# ---- parts ---------------------------------------------------------------------------------------------------------


def _wholes(view: View, counts: Sequence[Count]) -> Wholes:
    """Return, for each count that is a part, the count it is a part of."""
    found: Wholes = {}
    for at, count in enumerate(counts):
        if count.is_none or count.is_plural:
            continue
        if at + 1 < len(counts) and _is_among(view, count, counts[at + 1]):
            found[at] = at + 1
            continue
        earlier = [n for n in range(at) if n not in found and not counts[n].is_none]
        whole = earlier[-1] if earlier else -1
        if _is_opened(view, count) or (count.is_part and whole >= 0):
            found[at] = whole
        elif _goes_on(view, counts, at, found):
            found[at] = found[at - 1]
        elif whole >= 0 and _is_bracketed(view, counts[whole], count):
            found[at] = whole
    for at in range(len(counts) - 2, -1, -1):
        # "Two medics and a journalist were among eight killed."
        if (
            at not in found
            and found.get(at + 1, -1) > at + 1
            and _is_listed(view, counts[at], counts[at + 1])
        ):
            found[at] = found[at + 1]
    return found


def _is_among(view: View, part: Count, whole: Count) -> bool:
    """Tell whether a count is said to be among the one behind it: "six children were among the 23 killed"."""
    mark = view.at(part.last, "among")
    return mark is not None and whole.first - mark.last <= 1


def _is_opened(view: View, count: Count) -> bool:
    """Tell whether words that announce a part stand before a count."""
    at = count.first
    while at > 0 and not view.before(at, "part_openers"):
        if not view.at(at - 1, "before_part"):
            return False
        at -= 1
    return at > 0


def _goes_on(view: View, counts: Sequence[Count], at: int, found: Wholes) -> bool:
    """Tell whether a count is the next of a list of parts: "5 children and 6 women", and not "and 30 injured"."""
    count = counts[at]
    if at - 1 in found and counts[at - 1].is_part:
        # "18 of them in air strikes and 12 in shelling"
        is_like = not (count.has_noun or count.is_bare or count.counted or count.adds)
        ands = view.at(count.first - 1, "ands") is not None
        return is_like and ands and view.at(count.last, "place_at", "by") is not None
    if at - 1 not in found or not _is_listed(view, counts[at - 1], counts[at]):
        return False
    begins_anew = counts[at].counted is not None and counts[at - 1].counted is None
    return not (begins_anew and found[at - 1] >= 0)


def _is_bracketed(view: View, whole: Count, count: Count) -> bool:
    """Tell whether a count stands in brackets that follow another one."""
    signs = [view.norm(place) for place in range(whole.last, count.first)]
    return signs.count("(") > signs.count(")") and (count.has_noun or count.counted is not None)


def _give_parts(counts: Sequence[Count], found: dict[int, Tie], wholes: Wholes) -> None:
    """Give parts what happened to their wholes, where they say nothing of their own."""
    for at, whole in wholes.items():
        tie, mine = found.get(whole), found.get(at)
        if tie is None and whole >= 0:
            # "six of them were killed": of a whole of whom no number is told.
            if mine is None or not (mine.deed is None and counts[at].is_part and counts[whole].is_bare):
                found.pop(at, None)
        elif tie is not None and not (mine is not None and (mine.deed is None or mine.cost <= _NEAR)):
            found[at] = _taken(counts[at], tie, _TAKEN)


def _divide(counts: Sequence[Count], found: dict[int, Tie], wholes: Wholes) -> None:
    """Take women, men and children told without a word of their own behind a number for a part of it."""
    for at, count in enumerate(counts):
        if at in found or at in wholes or count.is_bare or count.is_none:
            continue
        earlier = [n for n in range(at) if n in found and n not in wholes]
        if not earlier or (count.sex_code == "any" and count.age_group_code == "any"):
            continue
        whole = found[earlier[-1]]
        most = whole.count.quantity.high
        if most is None or count.quantity.low <= most:
            wholes[at] = earlier[-1]
            found[at] = replace(_taken(count, whole, 0.0), cost=LOOSE)


# ---- lists ---------------------------------------------------------------------------------------------------------


def _is_listed(view: View, one: Count, two: Count) -> bool:
    """Tell whether only "and" and its like stand between two counts, dates and ages aside."""
    last = two.first
    name = None if two.has_noun else view.before(last, "attacker", "attacker_again")
    if name is not None and name.first > one.last:
        # "A killed 412, B 91": the verb is left out.
        last = name.first
    between = [place for place in range(one.last, last) if place not in view.covered]
    listed = all(view.norm(place) in _SIGNS or view.at(place, "ands", "additions") for place in between)
    return listed and len(between) <= _LONGEST_JOIN


def _is_listed_past_parts(view: View, counts: Sequence[Count], left: int, right: int, wholes: Wholes) -> bool:
    """Tell whether two counts are of one list though parts of the first stand between them."""
    inner = [n for n in range(left + 1, right) if n in wholes]
    if not inner or len(inner) != right - left - 1:
        return False
    ends = counts[right].adds or counts[inner[-1]].is_part
    return ends and _is_listed(view, counts[inner[-1]], counts[right])


def _share(view: View, counts: Sequence[Count], found: dict[int, Tie], wholes: Wholes) -> None:
    """Give a count of a list the word of the one beside it: first to the right, then to the left."""
    pairs = list(pairwise(n for n in range(len(counts)) if n not in wholes))
    for one, two in pairs:
        if _continues(view, counts, found, one, two):
            found[two] = _taken(counts[two], found[one], _CONTINUED)
    for one, two in [*pairs, *((right, left) for left, right in reversed(pairs))]:
        left, right = sorted((one, two))
        listed = _is_listed(view, counts[left], counts[right])
        listed = listed or _is_listed_past_parts(view, counts, left, right, wholes)
        if listed and _takes(counts, found, one, two):
            found[two] = _taken(counts[two], found[one], _TAKEN)


def _takes(counts: Sequence[Count], found: dict[int, Tie], one: int, two: int) -> bool:
    """Tell whether a count takes the word of the one beside it in a list."""
    tie, mine = found.get(one), found.get(two)
    if tie is None or tie.count.is_none or counts[two].is_plural:
        return False
    if mine is not None and mine.cost <= max(tie.cost, _FAR):
        return False
    passive = tie.deed is not None and tie.deed.role == "passive"
    if two < one:
        return (
            tie.deed is not None and tie.deed.role in {"passive", "toll"} and tie.deed.first >= tie.count.last
        )
    # "12 were killed, 30 ...": behind the passive of the first, the second is no subject of it.
    parted = passive and tie.deed is not None and counts[one].last <= tie.deed.first < counts[two].first
    return not (parted and mine is None and not counts[two].has_noun)


def _continues(view: View, counts: Sequence[Count], found: dict[int, Tie], one: int, two: int) -> bool:
    """Tell whether a count goes on behind "and" with the word of the one before it: "18 here and three others there"."""
    tie, mine, count = found.get(one), found.get(two), counts[two]
    if tie is None or tie.count.is_none or tie.deed is None or (mine is not None and mine.cost < _FAR):
        return False
    if count.is_bare or not (count.adds or count.has_noun):
        return False
    before = count.first - 1
    while before > counts[one].last and view.at(before, "additions"):
        before -= 1
    stops = ("breaks", *MEASURED, "says")
    if not view.at(before, "ands") or any(view.at(at, *stops) for at in range(counts[one].last, before)):
        return False
    return count.adds or not (tie.deed.role == "passive" and tie.deed.first > counts[one].first)


def _taken(count: Count, tie: Tie, more: float) -> Tie:
    return Tie(count, tie.deed, tie.measure, tie.state, tie.cost + more, shares=True)


# ---- what stands ---------------------------------------------------------------------------------------------------


def _stands(lexicon: Lexicon, tie: Tie) -> bool:
    """Tell whether a tie yields a draft: what did not happen, and a number of an unknown thing, do not."""
    if tie.state in {"not_real", "denied"} or (tie.state == "negated" and not tie.count.is_none):
        return False
    code = lexicon.rules.measures[tie.measure].measure_code
    return code in CASUALTIES or (tie.count.is_noun_known and not tie.count.is_none)


def _plain(lexicon: Lexicon, tie: Tie) -> Tie:
    """Take "nobody was killed or wounded" for what it says first: nobody was killed."""
    codes = [one.measure_code for one in lexicon.rules.measures]
    if not tie.count.is_none or codes[tie.measure] != "killed_or_injured":
        return tie
    return replace(tie, measure=codes.index("killed"))
