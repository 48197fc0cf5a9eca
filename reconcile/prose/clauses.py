"""What happened to whom: numbers of people tied to the words that say so.

A tie is a way in which a number can stand to a word (before its passive, behind its active verb, behind "the death of"), and
has a cost; each number takes the cheapest. Numbers in one list share their word; a number among those counted before is a part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconcile.prose.lexicon import MEASURED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reconcile.prose.lexicon import Lexicon, View
    from reconcile.prose.quantities import Count
    from reconcile.prose.tokens import Mark

_NEAR, _CLOSE, _FAR = 1.0, 2.0, 3.0
# Cost of a token between a number and its word, and the cost from which a tie is told as a loose one.
_STEP = 0.08
LOOSE = 3.4
# ", as well as"
_LONGEST_JOIN = 4
_LIST = frozenset({",", "...", "…", "and", "or", "as", "well", "plus", "&", "،", "و", "او", "a", "then"})
_CASUALTIES = frozenset({"killed", "injured", "killed_or_injured"})


@dataclass(frozen=True, slots=True)
class Deed:
    """A word that says what happened to people.

    Attributes:
        first: its first token.
        last: the token after it.
        measure: number of the measure in the rules.
        role: active, passive, nominal or toll.
        state: real, maybe, or why it is none: negated, denied, not_real.
        form: kind of the mark it was read from.
    """

    first: int
    last: int
    measure: int
    role: str
    state: str
    form: str


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


def deeds_in(view: View, lexicon: Lexicon, counts: Sequence[Count]) -> list[Deed]:
    """Return the words of a sentence that say what happened to people, in order."""
    inside = {
        place for count in counts if count.counted for place in range(count.counted.first, count.counted.last)
    }
    found: list[Deed] = []
    place = 0
    while place < len(view):
        mark = view.at(place, *MEASURED)
        if mark is None or place in inside:
            place += 1
            continue
        role, form = _role(view, mark, counts)
        if role:
            measure = view.begins[form, place].code
            state = _state(view, mark, role, counts)
            found.append(Deed(place, mark.last, int(measure), role, state, form))
        place = mark.last
    return found


def _role(view: View, mark: Mark, counts: Sequence[Count]) -> tuple[str, str]:
    """Tell how a word stands to those it speaks of, and as which kind of word."""
    kinds = {
        kind for kind in MEASURED if (held := view.begins.get((kind, mark.first))) and held.last == mark.last
    }
    if "tolls" in kinds and _is_toll(view, mark, counts, kinds):
        return "toll", "tolls"
    if (
        "participles" in kinds
        and _is_number_of(view, mark.first)
        and not any(mark.last <= count.first <= mark.last + 1 for count in counts)
    ):
        return "toll", "participles"
    if "verbs" in kinds and "participles" in kinds:
        return _voice(view, mark, counts)
    if "intransitives" in kinds:
        return "passive", "intransitives"
    if "participles" in kinds:
        return "passive", "participles"
    if "nominals" in kinds and ("verbs" not in kinds or view.at(mark.last, "ties")):
        return "nominal", "nominals"
    if "verbs" in kinds:
        return "active", "verbs"
    if "counted" in kinds and _auxiliary_before(view, mark.first, "passive"):
        return "passive", "counted"
    return "", ""


def _is_toll(view: View, mark: Mark, counts: Sequence[Count], kinds: set[str]) -> bool:
    if kinds & {"verbs", "participles"}:
        return False
    ahead = next((count for count in counts if count.first >= mark.last), None)
    behind = next((count for count in reversed(counts) if count.last <= mark.first), None)
    if ahead and "nominals" in kinds and view.norm(mark.last) in {"of"} and ahead.first - mark.last <= 2:  # noqa: PLR2004 - "of at least 12"
        return False
    linked = ahead is not None and view.between(mark.last, ahead.first, "links") is not None
    return linked or (behind is not None and mark.first - behind.last <= 2)  # noqa: PLR2004 - "to 12 the death toll"


def _is_number_of(view: View, place: int) -> bool:
    """Tell whether a form stands in "the number of people killed", whose number follows."""
    first = place
    while first > 0 and place - first < 5 and view.at(first - 1, "people", "adjectives", "auxiliaries"):  # noqa: PLR2004 - words of a name for people
        first -= 1
    return (
        first < place
        and view.norm(first - 1) in {"of", "number"}
        and view.norm(first - 2) in {"number", "estimate", "count", "toll", "total", "tally"}
        or (
            first < place
            and any(
                view.norm(at) in {"number", "estimate", "tally"} and view.norm(at + 1) == "of"
                for at in range(max(first - 2, 0), place)
            )
        )
    )


def _voice(view: View, mark: Mark, counts: Sequence[Count]) -> tuple[str, str]:
    """Tell whether a form that may be either is active or passive."""
    active, passive = ("active", "verbs"), ("passive", "participles")
    helper = _helper_before(view, mark.first)
    if helper == "passive":
        return passive
    if helper == "active":
        return active
    ahead = next((count for count in counts if mark.last <= count.first <= mark.last + 2), None)
    behind = next((count for count in reversed(counts) if count.last <= mark.first), None)
    is_beside = behind is not None and behind.last == mark.first
    if ahead is not None and not (
        ahead.first > mark.last and view.norm(mark.last) in {",", "and", "by", "in"}
    ):
        # "12 killed 5 injured": a bare number killed nobody.
        return passive if is_beside and behind and not behind.has_noun and not ahead.has_noun else active
    if is_beside or view.norm(mark.last) in {
        "by",
        "in",
        "on",
        "when",
        "at",
        "and",
        ",",
        ".",
        "during",
        "since",
    }:
        return passive if behind is not None or view.before(mark.first, "people") else active
    return active


def _helper_before(view: View, place: int) -> str:
    """Return what the auxiliaries before a form make of it."""
    seen_have = False
    for at in range(place - 1, max(place - 7, -1), -1):
        word = view.norm(at)
        if view.at(at, "passive"):
            return "passive"
        if word in {
            "have",
            "has",
            "had",
            "having",
            "'ve",
            "to",
            "did",
            "could",
            "would",
            "may",
            "might",
            "will",
            "can",
        }:
            seen_have = True
            if word in {"have", "has", "had", "having"}:
                return "active"
            continue
        if not (view.at(at, "auxiliaries") or view.at(at, "negations")) or word in {
            "and",
            "people",
            "-",
            "other",
            "others",
        }:
            break
    return "active" if seen_have else ""


def _auxiliary_before(view: View, place: int, kind: str) -> bool:
    return any(view.at(at, kind) for at in range(place - 1, max(place - 4, -1), -1))


# ---- whether it happened -------------------------------------------------------------------------------------------


def _state(view: View, mark: Mark, role: str, counts: Sequence[Count]) -> str:
    start = _clause_start(view, mark.first)
    if view.between(start, mark.first, "conditions"):
        return "not_real"
    if _is_denied(view, mark.first):
        return "denied"
    before = range(mark.first - 1, max(start, mark.first - 6) - 1, -1)
    for at in before:
        if view.at(at, "maybe"):
            return "maybe"
        if any(count.first <= at < count.last and not count.is_none for count in counts):
            break
        negation = view.at(at, "negations")
        if negation and not any(count.is_none and count.first <= at < count.last for count in counts):
            if not _starts_hedge(view, at):
                return "negated"
        if view.at(at, "verbs", "says") and at != mark.first - 1:
            break
        modal = view.at(at, "modals")
        if modal and modal.last <= mark.first:
            return "maybe" if _is_maybe(view, at) else "not_real"
    if role == "active" and view.at(mark.first - 1, "to") and not view.before(mark.first, "made_real"):
        return "not_real"
    return "real"


def _is_maybe(view: View, place: int) -> bool:
    return view.norm(place) in {"may", "might"} and view.norm(place + 1) == "have"


def _starts_hedge(view: View, place: int) -> bool:
    """Tell "no fewer than" and "not less than" from a denial."""
    return view.norm(place + 1) in {"fewer", "less", "more", "only", "later"}


def _is_denied(view: View, place: int) -> bool:
    for at in range(place - 1, -1, -1):
        if view.at(at, "breaks"):
            return False
        denial = view.at(at, "denials")
        if denial and denial.last <= place:
            return view.between(denial.last, place, "denied_else") is None
    return False


def _clause_start(view: View, place: int) -> int:
    for at in range(place - 1, -1, -1):
        if view.at(at, "breaks"):
            return at + 1
    return 0


# ---- ties ----------------------------------------------------------------------------------------------------------


def ties_in(view: View, lexicon: Lexicon, counts: Sequence[Count]) -> list[Tie]:
    """Return the counts of a sentence with what happened to those counted; a count tied to nothing is left out."""
    deeds = deeds_in(view, lexicon, counts)
    wholes = _wholes(view, counts)
    found: dict[int, Tie] = {}
    for at, count in enumerate(counts):
        tie = _own_tie(view, lexicon, counts, at, deeds, wholes)
        if tie is not None:
            found[at] = tie
    _share(view, lexicon, counts, found, wholes)
    _divide(counts, found, wholes)
    kept = {at: _plain(lexicon, tie) for at, tie in found.items() if _stands(lexicon, tie)}
    return _numbered(kept)


def _own_tie(
    view: View,
    lexicon: Lexicon,
    counts: Sequence[Count],
    at: int,
    deeds: Sequence[Deed],
    wholes: dict[int, int],
) -> Tie | None:
    count = counts[at]
    weak = count.counted is not None and _is_of_people(view, count)
    if count.counted is not None and not weak:
        measure = int(count.counted.code)
        state = _state(view, count.counted, "counted", counts)
        return Tie(count, None, measure, "real" if count.is_none else state, 0.0)
    best: tuple[float, Deed] | None = None
    for deed in deeds:
        cost = _cost(view, deed, counts, at, deeds, wholes)
        if cost < (best[0] if best else math.inf):
            best = (cost, deed)
    if weak and count.counted is not None and (best is None or best[0] >= _CLOSE):
        return Tie(count, None, int(count.counted.code), _state(view, count.counted, "counted", counts), 0.1)
    if best is None:
        return None
    cost, deed = best
    if count.is_bare and count.quantity.low != 1 and not _is_beside(view, lexicon, count, deed):
        return None
    return Tie(count, deed, deed.measure, deed.state, cost)


def _is_of_people(view: View, count: Count) -> bool:
    """Tell whether a count's own word only describes its people: 13 hostages, 43 displaced people, 12 wounded men."""
    mark = count.counted
    if mark is None:
        return False
    named = view.at(mark.first, "people", "person")
    return named is not None or (
        mark.last < count.last and view.at(mark.last, "people", "person") is not None
    )


def _cost(
    view: View, deed: Deed, counts: Sequence[Count], at: int, deeds: Sequence[Deed], wholes: dict[int, int]
) -> float:
    """Return how loosely a count is tied to a deed; infinity where it is not."""
    count = counts[at]
    subject_first = view.is_subject_first
    ahead = count.first >= deed.last
    first, last = (deed.last, count.first) if ahead else (count.last, deed.first)
    if first > last:
        return math.inf
    if view.between(first, last, "breaks"):
        return math.inf
    gap = (last - first) * _STEP
    between = [other for other in deeds if first <= other.first < last]
    others = [
        n
        for n, other in enumerate(counts)
        if first <= other.first < last and n not in wholes and not (other.is_bare and other.quantity.low != 1)
    ]
    if deed.role == "passive" and not ahead:
        return _before_passive(view, first, last, between, others, gap) + (0.0 if subject_first else _CLOSE)
    if deed.role == "passive":
        # "were killed 12 civilians", and Arabic.
        if between or others:
            return math.inf
        return _CLOSE + gap * 3 if subject_first else _NEAR + gap
    if deed.role == "active":
        if not ahead or others or (between and at not in wholes):
            return math.inf
        return (_NEAR if last - first <= 1 else _FAR) + gap
    if deed.role == "nominal":
        if not ahead or between or others:
            return math.inf
        near = last - first == 0 or view.at(deed.last, "ties") is not None
        return (_NEAR if near else _FAR) + gap
    if between:
        return math.inf
    if ahead and not others:
        return _CLOSE + gap / 2
    # "to 12 the death toll", "to 12 the number of civilians killed"
    near = last - first <= 2 + 4 * (deed.form == "participles")
    return _CLOSE + gap if not ahead and near else math.inf


def _before_passive(
    view: View, first: int, last: int, between: Sequence[Deed], others: Sequence[int], gap: float
) -> float:
    helpers = all(view.at(place, "auxiliaries", "additions", "adjectives") for place in range(first, last))
    if helpers and not others:
        return _NEAR + gap / 4
    if others:
        return math.inf
    # "12 people who fled were killed": what a relative clause tells stands between.
    if any(not _is_relative(view, other.first) for other in between):
        return math.inf
    return _FAR - 0.2 + gap


def _is_relative(view: View, place: int) -> bool:
    return any(view.at(at, "relative") for at in range(place - 1, max(place - 5, -1), -1))


def _is_beside(view: View, lexicon: Lexicon, count: Count, deed: Deed) -> bool:
    """Tell whether a plural without a number stands directly beside what happened to it."""
    if lexicon.rules.measures[deed.measure].measure_code not in _CASUALTIES or deed.role == "toll":
        return False
    if view.norm(count.first - 1) in {
        "the",
        "those",
        "these",
        "all",
        "most",
        "its",
        "their",
        "many",
        "them",
        "mostly",
        "mainly",
    }:
        return False
    if count.first >= deed.last:
        if deed.role == "active" and (
            view.norm(deed.first - 1) in {"of", "for", "from", "by"} or _is_base(view, deed)
        ):
            return False
        ties = 1 if deed.role == "nominal" else 0
        return count.first - deed.last <= ties
    between = range(count.last, deed.first)
    return bool(between) and all(view.at(place, "auxiliaries") for place in between)


def _is_base(view: View, deed: Deed) -> bool:
    return view.norm(deed.first) in {"kill", "kills", "injure", "injures", "wound", "wounds", "execute"}


# ---- parts and lists -----------------------------------------------------------------------------------------------


def _wholes(view: View, counts: Sequence[Count]) -> dict[int, int]:
    """Return, for each count that is a part, the count it is a part of; -1 where none stands before it."""
    found: dict[int, int] = {}
    for at, count in enumerate(counts):
        if count.is_none or at in found or (count.is_bare and count.quantity.low != 1):
            continue
        if at + 1 < len(counts) and _is_among(view, count, counts[at + 1]):
            found[at] = at + 1
            continue
        earlier = [n for n in range(at) if n not in found and not counts[n].is_none]
        whole = earlier[-1] if earlier else -1
        if _is_opened(view, count) or (count.is_part and whole >= 0):
            found[at] = whole
        elif (
            at
            and at - 1 in found
            and not counts[at - 1].is_part
            and _is_listed(view, counts[at - 1], count)
            and not _is_sum_again(counts, at, found)
        ):
            found[at] = found[at - 1]
        elif whole >= 0 and _is_bracketed(view, counts[whole], count):
            found[at] = whole
    return found


def _is_among(view: View, part: Count, whole: Count) -> bool:
    """Tell whether a count is said to be among the one behind it: "six children were among the 23 killed"."""
    mark = view.at(part.last, "among")
    return mark is not None and whole.first - mark.last <= 1


def _is_opened(view: View, count: Count) -> bool:
    """Tell whether words that announce a part stand before a count."""
    if view.before(count.first, "part_openers"):
        return True
    at = count.first - 1
    while at >= 0 and view.norm(at) in {
        "at",
        "least",
        ":",
        "a",
        "total",
        "of",
        "about",
        "some",
        "-",
        "were",
        "was",
        "are",
    }:
        at -= 1
        if view.before(at + 1, "part_openers"):
            return True
    return False


def _is_sum_again(counts: Sequence[Count], at: int, found: dict[int, int]) -> bool:
    """Tell whether a count behind a part begins a new one: "and 30 injured"."""
    whole = found[at - 1]
    own, beside = counts[at].counted, counts[at - 1].counted
    return whole >= 0 and own is not None and beside is None


def _is_listed(view: View, one: Count, two: Count) -> bool:
    between = [place for place in range(one.last, two.first) if place not in view.covered]
    listed = all(view.norm(place) in _LIST or view.at(place, "additions") for place in between)
    return listed and len(between) <= _LONGEST_JOIN


def _is_bracketed(view: View, whole: Count, count: Count) -> bool:
    """Tell whether a count stands in brackets, or behind a colon, that follow another one."""
    depth = 0
    for place in range(whole.last, count.first):
        norm = view.norm(place)
        depth += norm == "("
        depth -= norm == ")"
    return depth > 0 and (count.has_noun or count.counted is not None)


def _share(
    view: View, lexicon: Lexicon, counts: Sequence[Count], found: dict[int, Tie], wholes: dict[int, int]
) -> None:
    """Give a count of a list the deed of the one beside it, and a part that of its whole."""
    order = [n for n in range(len(counts)) if n not in wholes]
    pairs = list(zip(order, order[1:], strict=False))
    for one, two in pairs:
        _continue(view, counts, found, one, two)
    for one, two in [*pairs, *[(b, a) for a, b in reversed(pairs)]]:
        left, right = sorted((one, two))
        if not _is_listed(view, counts[left], counts[right]) and not _is_listed_past_parts(
            view, counts, left, right, wholes
        ):
            continue
        tie = found.get(one)
        mine = found.get(two)
        if tie is None or tie.count.is_none:
            continue
        if mine is not None and mine.cost <= max(tie.cost, _FAR - 0.2):
            continue
        if counts[two].is_bare and counts[two].quantity.low != 1:
            continue
        backward = two < one
        if backward and (tie.deed is None or tie.deed.role != "passive"):
            continue
        if (
            not backward
            and tie.deed is not None
            and tie.deed.role == "passive"
            and tie.deed.first >= counts[one].last
        ):
            if tie.deed.first < counts[two].first and mine is None and not counts[two].has_noun:
                continue
        found[two] = Tie(counts[two], tie.deed, tie.measure, tie.state, tie.cost + 0.2, shares=True)
    for at, whole in wholes.items():
        tie = found.get(whole)
        mine = found.get(at)
        if tie is not None and not (mine is not None and (mine.deed is None or mine.cost <= _NEAR)):
            found[at] = Tie(counts[at], tie.deed, tie.measure, tie.state, tie.cost + 0.2, shares=True)
        elif tie is None and whole >= 0:
            found.pop(at, None)


def _continue(view: View, counts: Sequence[Count], found: dict[int, Tie], one: int, two: int) -> None:
    """Give the next count behind "and" the deed of the one before it: "18 in the city and three others in a village"."""
    tie = found.get(one)
    mine = found.get(two)
    if tie is None or tie.count.is_none or tie.deed is None or (mine is not None and mine.cost < _FAR):
        return
    if counts[two].is_bare or not (counts[two].adds or counts[two].has_noun):
        return
    before = counts[two].first - 1
    while before > counts[one].last and view.at(before, "additions"):
        before -= 1
    gap = range(counts[one].last, before)
    stops = ("breaks", *MEASURED, "says")
    if view.norm(before) != "and" or any(view.at(place, *stops) for place in gap):
        return
    if tie.deed.role == "passive" and tie.deed.first > counts[one].first and not counts[two].adds:
        return
    found[two] = Tie(counts[two], tie.deed, tie.measure, tie.state, tie.cost + 0.4, shares=True)


def _is_listed_past_parts(
    view: View, counts: Sequence[Count], left: int, right: int, wholes: dict[int, int]
) -> bool:
    """Tell whether two counts are of one list though parts of the first stand between them."""
    inner = [n for n in range(left + 1, right) if n in wholes]
    if not inner or len(inner) != right - left - 1:
        return False
    ends = counts[right].adds or counts[inner[-1]].is_part
    return ends and _is_listed(view, counts[inner[-1]], counts[right])


def _divide(counts: Sequence[Count], found: dict[int, Tie], wholes: dict[int, int]) -> None:
    """Take women, men and children told without a deed of their own behind a number for a part of it."""
    for at, count in enumerate(counts):
        if at in found or at in wholes or count.is_bare or count.is_none:
            continue
        if count.sex_code == "any" and count.age_group_code == "any":
            continue
        earlier = [n for n in range(at) if n in found and n not in wholes]
        if not earlier:
            continue
        whole = found[earlier[-1]]
        most = whole.count.quantity.high
        if most is not None and count.quantity.low > most:
            continue
        wholes[at] = earlier[-1]
        found[at] = Tie(count, whole.deed, whole.measure, whole.state, LOOSE, shares=True)
    for at, whole in wholes.items():
        if at in found and whole in found:
            tie = found[at]
            found[at] = Tie(tie.count, tie.deed, tie.measure, tie.state, tie.cost, whole, tie.shares)


def _stands(lexicon: Lexicon, tie: Tie) -> bool:
    """Tell whether a tie yields a draft: what did not happen, and a number of an unknown thing, do not."""
    if tie.state in {"not_real", "denied"} or (tie.state == "negated" and not tie.count.is_none):
        return False
    code = lexicon.rules.measures[tie.measure].measure_code
    if tie.count.is_none:
        return code in _CASUALTIES
    return tie.count.is_noun_known or code in _CASUALTIES


def _plain(lexicon: Lexicon, tie: Tie) -> Tie:
    """Take "nobody was killed or wounded" for what it says first: nobody was killed."""
    codes = [one.measure_code for one in lexicon.rules.measures]
    if not tie.count.is_none or codes[tie.measure] != "killed_or_injured":
        return tie
    return replace(tie, measure=codes.index("killed"))


def _numbered(kept: dict[int, Tie]) -> list[Tie]:
    position = {at: number for number, at in enumerate(sorted(kept))}
    return list(_renumbered(kept, position))


def _renumbered(kept: dict[int, Tie], position: dict[int, int]) -> Iterator[Tie]:
    for at in sorted(kept):
        tie = kept[at]
        yield Tie(
            tie.count, tie.deed, tie.measure, tie.state, tie.cost, position.get(tie.whole, -1), tie.shares
        )
