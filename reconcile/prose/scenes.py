"""Where, by whom and by what: the places, attackers and means that a sentence names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconcile.parse.places import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconcile.prose.lexicon import Lexicon, View
    from reconcile.prose.quantities import Count
    from reconcile.prose.tokens import Mark

_LONGEST_NAME = 5
_SHORTEST_NAME = 3
_REACH = 7
# What it costs a place to stand before its number with an "and" between them, in tokens.
_BEHIND = 8
_CARRIED = frozenset(
    {"city", "town", "village", "governorate", "district", "country", "city_and_countryside"}
)
_JOINS = frozenset(
    {
        "-",
        "'",
        "al",
        "el",
        "ad",
        "ar",
        "as",
        "ash",
        "az",
        "of",
        "de",
        "ez",
        "es",
        "and",
        "'s",
        "bin",
        "abu",
        "the",
        "river",
    }
)
_SPOKEN = "unknown"
_ARTICLES = frozenset({"al", "ar", "el", "as", "ash", "ad", "at", "az"})


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that a sentence names.

    Attributes:
        first: its first token.
        last: the token after it.
        name: as written.
        kind_code: kind of place, where the text says it or the gazetteer knows it without doubt.
        country_code: of the country, "" where it is not known.
        is_known: whether the gazetteer has it.
        is_at: whether a word such as "in" stands before it.
        key: what places of one name share.
    """

    first: int
    last: int
    name: str
    kind_code: str
    country_code: str
    is_known: bool
    is_at: bool
    key: str


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


# ---- places --------------------------------------------------------------------------------------------------------


def spots_in(view: View, lexicon: Lexicon) -> list[Spot]:
    """Return the places that a sentence names, in order."""
    taken = _names_taken(view)
    found: list[Spot] = []
    place = 0
    while place < len(view):
        spot = None if place in taken else _spot_at(view, lexicon, place, taken)
        if spot is None:
            place += 1
            continue
        if found and not spot.is_at and found[-1].is_at and _is_joined(view, found[-1].last, spot.first):
            spot = replace(spot, is_at=True)
        found.append(spot)
        place = spot.last
    return found


def _is_joined(view: View, last: int, first: int) -> bool:
    """Tell whether only "and" or a comma stands between two places."""
    return first - last <= 2 and all(
        view.norm(place) in {"and", ",", "و", "،"} for place in range(last, first)
    )  # noqa: PLR2004 - ", and"


def _names_taken(view: View) -> set[int]:
    """Return the tokens of names that hold a place's name without being one: the Syrian Observatory, the Raqqa Brigade."""
    taken: set[int] = set()
    for (kind, first), mark in view.begins.items():
        if mark.last - first == 1 and view.before(first, "place_kind"):
            continue
        if kind in {"origin", "monitor", "attacker"} and (mark.last - first > 1 or kind != "attacker"):
            taken.update(range(first, mark.last))
    return taken


def _spot_at(view: View, lexicon: Lexicon, place: int, taken: set[int]) -> Spot | None:
    tokens = view.sentence.tokens
    if (
        lexicon.rules.word_order == "subject_first"
        and not tokens[place].is_capital
        and tokens[place].norm not in _ARTICLES
    ):
        return None
    for length in range(min(_LONGEST_NAME, len(tokens) - place), 0, -1):
        last = place + length
        if any(at in taken for at in range(place, last)) or not _may_name(view, place, last, lexicon):
            continue
        spot = _known(view, lexicon, place, last)
        if spot is not None:
            return spot
    return _unknown(view, lexicon, place, taken)


def _may_name(view: View, first: int, last: int, lexicon: Lexicon) -> bool:
    tokens = view.sentence.tokens
    if tokens[last - 1].norm in _JOINS or tokens[first].norm in {"-", "'", "'s", "of", "and"}:
        return False
    if lexicon.rules.language == "ar":
        led = view.before(first, "place_at", "place_kind") is not None
        own = ("small_words", "people", "person", "things", "means", "adjectives", "place_kind", "place_at")
        return (
            led and all(token.norm.isalpha() for token in tokens[first:last]) and view.at(first, *own) is None
        )
    for token in tokens[first:last]:
        if not (token.is_capital or token.norm in _JOINS) or not (
            token.norm[:1].isalpha() or token.norm in _JOINS
        ):
            return False
    return tokens[first].is_capital or tokens[first].norm in _ARTICLES


def _known(view: View, lexicon: Lexicon, first: int, last: int) -> Spot | None:
    name = view.sentence.words(first, last)
    shortest = _SHORTEST_NAME if lexicon.rules.language == "en" else _SHORTEST_NAME - 1
    if last - first == 1 and view.norm(first) in lexicon.context.words.numbers:
        return None
    if name in lexicon.rules.places.never or len(fold_name(name)) < shortest:
        return None
    if last - first == 1 and view.sentence.tokens[first].text.isupper() and len(name) < 4:  # noqa: PLR2004 - an acronym
        return None
    gazetteer = lexicon.context.gazetteer
    country = _country(lexicon, name)
    found = gazetteer.resolve(name)
    if found.place is None and not country:
        return None
    kind = _kind_beside(view, first, last)
    if not kind:
        kind = "country" if country and found.place is None else ""
        if found.place is not None and not found.is_ambiguous:
            kind = found.place.kind_code
    return _spot(view, lexicon, first, last, kind, country or found.country_code, known=True)


def _country(lexicon: Lexicon, name: str) -> str:
    return str(lexicon.context.gazetteer.countries.get(fold_name(name), ""))


def _unknown(view: View, lexicon: Lexicon, place: int, taken: set[int]) -> Spot | None:
    """Return a place that no gazetteer has and that the sentence says to be one: the village of X, X neighbourhood."""
    if lexicon.rules.language == "ar":
        return None
    last = place
    while last < len(view) and last - place < _LONGEST_NAME and last not in taken:
        token = view.sentence.tokens[last]
        if not (token.is_capital or token.norm in _ARTICLES or (token.norm == "-" and last > place)):
            break
        last += 1
    if last == place or not any(token.is_capital for token in view.sentence.tokens[place:last]):
        return None
    before = view.before(place, "place_kind")
    after = view.at(last, "place_kind")
    of_kind = before is not None and view.norm(place - 1) == "of"
    if not of_kind and after is None:
        return None
    kind = before.code if of_kind and before else after.code if after else ""
    return _spot(view, lexicon, place, last, kind, "", known=False)


def _spot(
    view: View, lexicon: Lexicon, first: int, last: int, kind: str, country: str, *, known: bool
) -> Spot:
    unit = view.at(last, "place_kind")
    around = view.at(last, "countryside") or (view.at(unit.last, "countryside") if unit else None)
    if around is None and view.norm(first - 1) == "of":
        around = view.before(first - 1, "countryside")
    key = fold_name(view.sentence.words(first, last))
    end = last
    if around is not None and around.first >= last:
        end = around.last
    after = view.at(last, "place_kind")
    if after is not None and view.norm(after.last - 1) == "of":
        after = replace(after, last=after.last - 1)
    if (
        around is None
        and after is not None
        and after.code in {"city", "governorate", "district", "neighbourhood", "town", "village"}
    ):
        end = after.last
    at = first
    while at > 0 and (
        view.at(at - 1, "adjectives")
        or view.norm(at - 1)
        in {"the", "of", "city", "town", "village", "northern", "southern", "eastern", "western", "central"}
        or view.before(at, "place_kind")
    ):
        at -= 1
        if view.at(at, "place_at") and view.norm(at) in {"in", "at", "on"}:
            break
    is_at = any(view.at(p, "place_at") for p in range(max(at - 1, 0), first))
    if around is not None:
        kind = "city_and_countryside"
    wider = view.before(first, "place_kind")
    if lexicon.rules.language == "ar" and wider is not None and wider.code == "governorate":
        first = wider.first
    return Spot(first, end, view.sentence.words(first, end), kind, country, known, is_at, key)


def _kind_beside(view: View, first: int, last: int) -> str:
    after = view.at(last, "place_kind")
    if after is not None:
        return after.code
    before = view.before(first, "place_kind")
    if before is not None and view.norm(first - 1) in {"of", *_ARABIC_KINDS}:
        return before.code
    if before is not None and view.sentence.tokens[first].norm[:1] >= "\u0600":
        return before.code
    return ""


_ARABIC_KINDS = frozenset({"مدينه", "محافظه", "بلده", "قريه", "حي"})


def spot_for(spots: Sequence[Spot], view: View, first: int, last: int) -> list[Spot]:
    """Return the place that a number most likely belongs to; several where they are named in one breath.

    Args:
        spots: of the sentence.
        view: the sentence.
        first: first token of the number or of its word.
        last: the token after both.
    """
    usable = [spot for spot in spots if not _is_modifier(view, spot)]
    if not usable:
        return []
    stated = [spot for spot in usable if spot.is_at] or usable
    narrow = [spot for spot in stated if spot.kind_code != "country"] or stated

    def cost(spot: Spot) -> tuple[float, int]:
        gap = spot.first - last if spot.first >= last else first - spot.last + 2
        clause = 20 * sum(view.at(place, "breaks") is not None for place in _gap(spot, first, last))
        # "12 in the town and three in the village": a place lies behind its number.
        behind = _BEHIND if spot.last <= first and _has_and(view, spot.last, first) else 0
        return (max(gap, 0) + clause + behind, spot.first)

    best = min(narrow, key=cost)
    return [best, *_beside(narrow, best, view)]


def _has_and(view: View, first: int, last: int) -> bool:
    return any(view.norm(place) in {"and", "و"} for place in range(first, last))


def _gap(spot: Spot, first: int, last: int) -> range:
    return range(last, spot.first) if spot.first >= last else range(spot.last, first)


def _beside(spots: Sequence[Spot], best: Spot, view: View) -> list[Spot]:
    """Return the places joined to one by "and": Iraq and Syria."""
    return [
        spot
        for spot in spots
        if spot is not best
        and (
            (spot.first - best.last == 1 and view.norm(best.last) in {"and", "و"})
            or (best.first - spot.last == 1 and view.norm(spot.last) in {"and", "و"})
        )
    ]


def _is_modifier(view: View, spot: Spot) -> bool:
    """Tell a place from a name that only describes: the Raqqa-based group, Syria's war."""
    after = view.norm(spot.last)
    if after == "-" and view.norm(spot.last + 1) in {
        "based",
        "backed",
        "led",
        "born",
        "held",
        "controlled",
        "linked",
    }:
        return True
    return (
        after in {"'s", "'"} and view.at(spot.last + 1, "place_kind", "place_at") is None and not spot.is_at
    )


def context_of(earlier: Iterable[tuple[int, Spot]], paragraph: int, within: int) -> Spot | None:
    """Return the place that the text before a sentence is about: the one named most, the last of several.

    Args:
        earlier: paragraph and place of what was named before.
        paragraph: of the sentence.
        within: how many paragraphs back count.
    """
    near = [
        (at, spot) for at, spot in earlier if paragraph - at <= within and spot.kind_code in {*_CARRIED, ""}
    ]
    local = [(at, spot) for at, spot in near if spot.kind_code != "country"]
    near = local or near
    if not near:
        return None
    weight: dict[str, float] = {}
    for at, spot in near:
        weight[spot.key] = weight.get(spot.key, 0.0) + 1.0 / (1 + (paragraph - at) / 4)
    order = {spot.key: number for number, (_, spot) in enumerate(near)}
    best = max(weight, key=lambda key: (weight[key], order[key]))
    named = [spot for _, spot in near if spot.key == best]
    return next((spot for spot in reversed(named) if spot.kind_code), named[-1])


# ---- attackers and means -------------------------------------------------------------------------------------------


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
    means = [mark for mark in _means(view) if mark.first in within]
    victims = {place for count in counts for place in range(count.first, count.last)}
    names = [
        mark
        for mark in _attackers(view)
        if mark.first in within and mark.first not in victims and mark.first not in spoken
    ]
    found: list[str] = []
    sides = _sides(view, names)
    for mark in names:
        if mark not in sides and _has_done_it(view, mark, means, counts, names):
            found.append(_code(mark, last_named))
    codes = tuple(dict.fromkeys(code for code in found if code))
    codes = _narrowest(codes, lexicon)
    violence = _violence([mark.code for mark in means], lexicon)
    own = any(_is_own(view, mark) for mark in means)
    again = any(_definite(view, mark) for mark in means)
    return Attack(codes, _firmness(view, codes, bool(sides), found), violence, own, again and not codes)


def _is_own(view: View, mark: Mark) -> bool:
    """Tell whether a means is the speaker's own: its strikes, its 350th strike."""
    for back in range(3):
        owner = view.before(mark.first - back, "own")
        if owner is not None and view.norm(owner.first) != "their":
            return True
        if view.at(mark.first - back - 1, "small_words", "breaks") or mark.first - back <= 0:
            return False
    return False


def clause_of(view: View, place: int) -> range:
    """Return the tokens of the clause that a token stands in."""
    first, last = 0, len(view)
    for at in range(len(view)):
        if view.at(at, "breaks"):
            if at <= place:
                first = at
            elif at < last:
                last = at
    return range(first, last)


def _narrowest(codes: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """Leave out an attacker that another one named is part of."""
    vocabulary = lexicon.context.vocabularies["perpetrators"]
    wider = {above for code in codes for above in vocabulary.ancestors(code) - {code}}
    return tuple(sorted(code for code in codes if code not in wider))


def _attackers(view: View) -> list[Mark]:
    found: list[Mark] = []
    place = 0
    while place < len(view):
        mark = view.at(place, "attacker", "attacker_again")
        if mark is None:
            place += 1
            continue
        found.append(mark)
        place = mark.last
    return found


def _code(mark: Mark, last_named: dict[str, str]) -> str:
    codes = mark.code.split(" ")
    if mark.kind == "attacker":
        return codes[0]
    return next((last_named[code] for code in codes if code in last_named), codes[0])


def name_last(view: View, last_named: dict[str, str]) -> None:
    """Remember the attackers that a sentence names, for words that take them up."""
    for mark in _attackers(view):
        if mark.kind == "attacker":
            for code in list(last_named):
                if last_named[code] != mark.code and mark.code in _AGAIN:
                    del last_named[code]
            if mark.code in _AGAIN:
                last_named[mark.code] = mark.code


_AGAIN = frozenset({"us_led_coalition", "saudi_led_coalition"})


def _means(view: View) -> list[Mark]:
    found: list[Mark] = []
    place = 0
    while place < len(view):
        mark = view.at(place, "means")
        if mark is None:
            place += 1
            continue
        found.append(mark)
        place = mark.last
    return found


def _has_done_it(
    view: View, mark: Mark, means: Sequence[Mark], counts: Sequence[Count], names: Sequence[Mark]
) -> bool:
    first = mark.first
    while first > 0 and view.norm(first - 1) in {"the", "a", "an", "suspected", "alleged", "both", "either"}:
        first -= 1
    if any(mark.first <= one.first < mark.last for one in means):
        return not view.before(first, "against") or view.norm(first - 1) in {"on", "from", "near"}
    if view.at(mark.last, "responsible") or any(
        view.at(p, "responsible") for p in range(mark.last, min(mark.last + 3, len(view)))
    ):
        return True
    # "coalition air strikes", "the coalition's strikes"
    at = mark.last
    while at < len(view) and (
        view.norm(at) in {"'s", "'", "-", "led", "backed"} or view.at(at, "adjectives")
    ):
        at += 1
    if any(one.first == at for one in means) or any(one.first <= mark.first < one.last for one in means):
        return not view.before(first, "against") or view.norm(first - 1) in {"on", "from", "near"}
    # "strikes by the coalition", "killed by ISIS"
    if view.norm(first - 1) in {"by", "من"} or (
        view.before(first, "by") and view.norm(first - 1) not in {"of", "from"}
    ):
        return True
    # "Russian and Syrian air strikes", "by Russia and Syria"
    if view.norm(mark.last) in {"and", "or", "و"}:
        nxt = next((other for other in names if 0 < other.first - mark.last <= 3), None)
        if nxt is not None and _has_done_it(view, nxt, means, counts, ()):
            return True
    if view.norm(first - 1) in {"and", "or", "و"}:
        prior = next((other for other in names if 0 < first - other.last <= 1), None)
        if prior is not None and _has_done_it(view, prior, means, counts, ()):
            return True
    return _is_subject(view, mark, counts)


def _is_subject(view: View, mark: Mark, counts: Sequence[Count]) -> bool:
    """Tell whether a name is the subject of an active verb whose people are counted: "ISIS killed 12"."""
    if not view.is_subject_first:
        deed = view.before(mark.first, "intransitives", "attacks")
        return deed is not None and any(0 <= count.first - mark.last <= _REACH for count in counts)
    if view.norm(mark.last) == "-":
        return False
    for at in range(mark.last, min(mark.last + _REACH + 3, len(view))):
        if view.at(at, "breaks", "says") or view.norm(at) in {".", ":"}:
            return False
        struck = view.at(at, "attacks")
        if (
            struck is not None
            and view.at(at, "means") is None
            or (struck is not None and at - mark.last <= 1)
        ):
            aux = range(max(at - 2, mark.last), at)
            return not any(view.at(p, "passive") for p in aux) and not view.before(mark.first, "against")
        verb = view.at(at, "verbs")
        if verb is not None:
            passive = any(view.at(p, "passive") for p in range(max(at - 3, mark.last), at))
            ahead = next((count for count in counts if count.first >= verb.last), None)
            return not passive and ahead is not None and ahead.first - verb.last <= _REACH
        if any(count.first <= at < count.last for count in counts):
            return False
    return False


def _sides(view: View, names: Sequence[Mark]) -> list[Mark]:
    """Return the two sides of a fight: "clashes between A and B"."""
    for at in range(len(view)):
        if view.at(at, "between"):
            fight = any(view.before(place, "means") for place in range(max(at - 1, 0), at + 1))
            inside = [mark for mark in names if at < mark.first <= at + 12]
            if len(inside) > 1 or (fight and inside):
                return inside[:2]
    return []


def _firmness(view: View, codes: tuple[str, ...], has_sides: bool, found: Sequence[str]) -> str:  # noqa: FBT001
    if not codes:
        return "parties" if has_sides else ""
    kinds = {kind for kind, _ in view.begins}
    if "contested" in kinds:
        return "contested"
    for at in range(len(view)):
        if view.at(at, "likely") and _is_of_attacker(view, at):
            return "likely"
    return "stated"


def _is_of_attacker(view: View, place: int) -> bool:
    """Tell whether a doubt stands beside an attacker or a means."""
    near = range(max(place - 4, 0), min(place + 7, len(view)))
    return any(view.at(at, "attacker", "attacker_again") for at in near)


def _definite(view: View, mark: Mark) -> bool:
    return any(view.before(place, "definite") for place in range(max(mark.first - 2, 0), mark.first + 1))


def _violence(codes: Sequence[str], lexicon: Lexicon) -> str:
    """Return the code of the means named, what several make together; "" where none or no one thing."""
    named = [code for code in dict.fromkeys(codes) if code != _SPOKEN]
    if len(named) > 1:
        made = [one for one in lexicon.rules.means if one.made_of and set(one.made_of) == set(named)]
        if made:
            return made[0].violence_code
        vocabulary = lexicon.context.vocabularies["violence"]
        wider = {above for code in named for above in vocabulary.ancestors(code) - {code}}
        named = [code for code in named if code not in wider] or named
    return " ".join(sorted(named)) if len(named) <= 2 else named[0]  # noqa: PLR2004 - more is a list of a day's events
