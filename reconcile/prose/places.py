"""Where: the places that a sentence names, and the one that a number belongs to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconcile.parse.places import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconcile.prose.lexicon import Lexicon, View

_LONGEST_NAME = 5
# Letters of a place's key, of an acronym that is none; Arabic keys lack most vowels.
_SHORTEST_KEY = {"en": 3, "ar": 2}
_ACRONYM = 3
# ", and"
_JOIN = 2
# What it costs a place, in tokens, to stand before its number with an "and" between them, and in another clause.
_BEHIND, _CLAUSE = 8, 20
_CARRIED = frozenset(
    {"city", "town", "village", "governorate", "district", "country", "city_and_countryside"}
)
_NAMED_WITH = frozenset({"city", "governorate", "district", "neighbourhood", "town", "village"})


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


def spots_in(view: View, lexicon: Lexicon) -> list[Spot]:
    """Return the places that a sentence names, in order."""
    taken = _names_taken(view)
    found: list[Spot] = []
    place = 0
    while place < len(view):
        spot = None if place in taken or place in view.covered else _spot_at(view, lexicon, place, taken)
        if spot is None:
            place += 1
            continue
        if found and found[-1].is_at and _is_joined(view, found[-1].last, spot.first):
            spot = replace(spot, is_at=True)
        found.append(spot)
        place = spot.last
    return found


def _is_joined(view: View, last: int, first: int) -> bool:
    """Tell whether only "and" or a comma stands between two places."""
    between = range(last, first)
    return len(between) <= _JOIN and all(
        view.at(place, "ands") or view.norm(place) in {",", "\u060c"} for place in between
    )


def _names_taken(view: View) -> set[int]:
    """Return the tokens of names that hold a place's name without being one: the Syrian Observatory, the Raqqa Brigade."""
    taken: set[int] = set()
    for (kind, first), mark in view.begins.items():
        is_long = mark.last - first > 1
        is_body = kind in {"origin", "monitor"} or (kind == "attacker" and is_long)
        if is_body and (is_long or not view.before(first, "place_kind")):
            taken.update(range(first, mark.last))
    return taken


def _spot_at(view: View, lexicon: Lexicon, place: int, taken: set[int]) -> Spot | None:
    if view.is_subject_first and not _may_begin(view, place):
        return None
    for last in range(min(place + _LONGEST_NAME, len(view)), place, -1):
        if taken.isdisjoint(range(place, last)) and _may_name(view, place, last):
            spot = _known(view, lexicon, place, last)
            if spot is not None:
                # "the village of Tell Invented": Tell alone is another one.
                whole = _unknown(view, place, taken) if view.at(place - 1, "of") else None
                return whole if whole is not None and whole.last > spot.last else spot
    return _unknown(view, place, taken) if view.is_subject_first else None


def _may_begin(view: View, place: int) -> bool:
    if view.at(place, "small_words", "place_kind") and not view.at(place, "place_articles"):
        return False
    return view.sentence.tokens[place].is_capital or view.at(place, "place_articles") is not None


def _may_name(view: View, first: int, last: int) -> bool:
    tokens = view.sentence.tokens
    if not view.is_subject_first:
        led = view.before(first, "place_at", "place_kind") is not None
        own = ("small_words", "people", "person", "things", "means", "adjectives", "place_kind", "place_at")
        return led and not view.at(first, *own) and all(token.norm.isalpha() for token in tokens[first:last])
    joins = {place for place in range(first, last) if view.at(place, "place_joins")}
    if last - 1 in joins or not _may_begin(view, first):
        return False
    return all(
        at in joins or (tokens[at].is_capital and tokens[at].norm[:1].isalpha()) for at in range(first, last)
    )


def _known(view: View, lexicon: Lexicon, first: int, last: int) -> Spot | None:
    name = view.sentence.words(first, last)
    is_one = last - first == 1
    is_word = is_one and (
        view.norm(first) in lexicon.context.words.numbers or (name.isupper() and len(name) <= _ACRONYM)
    )
    shortest = _SHORTEST_KEY[lexicon.rules.language]
    if is_word or name in lexicon.rules.places.never or len(fold_name(name)) < shortest:
        return None
    country = str(lexicon.context.gazetteer.countries.get(fold_name(name), ""))
    found = lexicon.context.gazetteer.resolve(name)
    if found.place is None and not country:
        return None
    known = found.place.kind_code if found.place and not found.is_ambiguous else ""
    kind = _kind_beside(view, first, last) or (known if found.place else "country")
    return _spot(view, first, last, kind, country or found.country_code, known=True)


def _unknown(view: View, place: int, taken: set[int]) -> Spot | None:
    """Return a place that no gazetteer has and that the sentence says to be one: the village of X, X neighbourhood."""
    tokens = view.sentence.tokens
    last = place
    while last < len(view) and last - place < _LONGEST_NAME and last not in taken:
        is_hyphen = tokens[last].norm == "-" and last > place
        if not (is_hyphen or _may_begin(view, last)):
            break
        last += 1
    if not any(token.is_capital for token in tokens[place:last]):
        return None
    kind = _kind_beside(view, place, last)
    # "the Syrian city of Raqqa": an adjective is no name, and the kind is that of the name behind it.
    is_adjective = last - place == 1 and view.at(place, "adjectives") is not None
    return _spot(view, place, last, kind, "", known=False) if kind and not is_adjective else None


def _spot(view: View, first: int, last: int, kind: str, country: str, *, known: bool) -> Spot:
    """Return a place with the words around it that belong to it: Raqqa city and its countryside."""
    key = fold_name(view.sentence.words(first, last))
    unit = view.at(last, "place_kind")
    is_at = _is_led(view, first)
    around = view.at(unit.last if unit else last, "countryside") or view.at(last, "countryside")
    end = last
    if around is not None:
        end, kind = around.last, "city_and_countryside"
    elif view.at(first - 1, "of") and view.before(first - 1, "countryside"):
        kind = "city_and_countryside"
    elif unit is not None and unit.code in _NAMED_WITH:
        # "the Shifa district of Mosul": the tie to the next name is no part of this one.
        end = unit.last - (view.at(unit.last - 1, "of") is not None)
    wider = view.before(first, "place_kind")
    if not view.is_subject_first and wider is not None and wider.code == "governorate":
        first = wider.first
    return Spot(first, end, view.sentence.words(first, end), kind, country, known, is_at, key)


def _is_led(view: View, first: int) -> bool:
    """Tell whether a word such as "in" stands before a place: in the northern city of Raqqa."""
    at = first
    while at > 0 and not view.at(at - 1, "place_at"):
        unit = view.before(at, "place_kind")
        if unit is None and not view.at(at - 1, "adjectives", "articles", "of", "place_sides"):
            return False
        at = unit.first if unit else at - 1
    return at > 0


def _kind_beside(view: View, first: int, last: int) -> str:
    after, before = view.at(last, "place_kind"), view.before(first, "place_kind")
    if after is not None:
        return after.code
    tied = before is not None and (view.at(first - 1, "of") is not None or not view.is_subject_first)
    return before.code if before is not None and tied else ""


def spot_for(spots: Sequence[Spot], view: View, first: int, last: int) -> list[Spot]:
    """Return the place that a number most likely belongs to; several where they are named in one breath.

    Args:
        spots: of the sentence.
        view: the sentence.
        first: first token of the number or of its word.
        last: the token after both.
    """
    usable = [spot for spot in spots if not _is_modifier(view, spot)]
    stated = [spot for spot in usable if spot.is_at] or usable
    narrow = [spot for spot in stated if spot.kind_code != "country"] or stated
    if not narrow:
        return []
    best = min(narrow, key=lambda spot: (_distance(view, spot, first, last), spot.first))
    beside = (spot for spot in narrow if spot is not best and _are_one(view, spot, best))
    return sorted([best, *beside], key=lambda spot: spot.first)


def _distance(view: View, spot: Spot, first: int, last: int) -> int:
    behind = spot.first >= last
    gap = range(last, spot.first) if behind else range(spot.last, first)
    clauses = sum(view.at(place, "breaks") is not None for place in gap)
    # "12 in the town and three in the village": a place lies behind its number.
    parted = not behind and any(view.at(place, "ands") for place in gap)
    return len(gap) + 2 * (not behind) + _BEHIND * parted + _CLAUSE * clauses


def _are_one(view: View, one: Spot, two: Spot) -> bool:
    """Tell whether two places are joined by "and": Iraq and Syria."""
    left, right = sorted((one, two), key=lambda spot: spot.first)
    return right.first - left.last == 1 and view.at(left.last, "ands") is not None


def _is_modifier(view: View, spot: Spot) -> bool:
    """Tell a place from a name that only describes: the Raqqa-based group, Syria's war."""
    if view.norm(spot.last) == "-" and view.at(spot.last + 1, "describing"):
        return True
    owns = view.norm(spot.last) in {"'s", "'"}
    return owns and not spot.is_at and not view.at(spot.last + 1, "place_kind", "place_at")


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
