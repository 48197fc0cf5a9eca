"""What happened to people, and whether it did: the words that say so, and how numbers stand to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile.prose.lexicon import MEASURED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.prose.lexicon import View
    from reconcile.prose.quantities import Count
    from reconcile.prose.tokens import Mark

# Tokens before a word in which a modal, a negation or an auxiliary belongs to it.
_AUXILIARIES = 6
# "of at least 12"; "to 12 the death toll".
_BESIDE = 2
# Words that name the people of "the number of Palestinian civilians killed".
_NAMES = 5


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


def deeds_in(view: View, counts: Sequence[Count]) -> list[Deed]:
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
            found.append(Deed(place, mark.last, int(measure), role, state_of(view, mark, role, counts), form))
        place = mark.last
    return found


def _role(view: View, mark: Mark, counts: Sequence[Count]) -> tuple[str, str]:
    """Tell how a word stands to those it speaks of, and as which kind of word."""
    kinds = {
        kind for kind in MEASURED if (held := view.begins.get((kind, mark.first))) and held.last == mark.last
    }
    if "tolls" in kinds and not kinds & {"verbs", "participles"} and _is_toll(view, mark, counts, kinds):
        return "toll", "tolls"
    has_object = any(mark.last <= count.first <= mark.last + 1 for count in counts)
    if "participles" in kinds and not has_object and _is_number_of(view, mark.first):
        return "toll", "participles"
    if {"verbs", "participles"} <= kinds:
        return _voice(view, mark, counts)
    of_noun = "nominals" in kinds and ("verbs" not in kinds or view.at(mark.last, "ties") is not None)
    known = {
        "intransitives": ("passive", "intransitives"),
        "participles": ("passive", "participles"),
        "nominals": ("nominal", "nominals") if of_noun else ("", ""),
        "verbs": ("active", "verbs"),
        "counted": ("passive", "counted") if _is_said_of(view, mark.first) else ("", ""),
    }
    return next((role for kind, role in known.items() if kind in kinds and role[0]), ("", ""))


def _is_toll(view: View, mark: Mark, counts: Sequence[Count], kinds: set[str]) -> bool:
    ahead = next((count for count in counts if count.first >= mark.last), None)
    behind = next((count for count in reversed(counts) if count.last <= mark.first), None)
    if ahead and "nominals" in kinds and view.at(mark.last, "of") and ahead.first - mark.last <= _BESIDE:
        return False
    linked = ahead is not None and view.between(mark.last, ahead.first, "links") is not None
    return linked or (behind is not None and mark.first - behind.last <= _BESIDE)


def _is_number_of(view: View, place: int) -> bool:
    """Tell whether a form stands in "the number of people killed", whose number follows."""
    first = place
    while (
        first > 0
        and place - first < _NAMES
        and view.at(first - 1, "people", "adjectives", "auxiliaries")
        and not view.at(first - 1, "of")
    ):
        first -= 1
    return (
        first < place and view.at(first - 1, "of") is not None and view.at(first - 2, "numbering") is not None
    )


def _voice(view: View, mark: Mark, counts: Sequence[Count]) -> tuple[str, str]:
    """Tell whether a form that may be either is active or passive."""
    voices = {"active": ("active", "verbs"), "passive": ("passive", "participles")}
    told = _told_before(view, mark.first)
    if told:
        return voices[told]
    ahead = next((count for count in counts if mark.last <= count.first <= mark.last + _BESIDE), None)
    behind = next((count for count in reversed(counts) if count.last <= mark.first), None)
    is_beside = behind is not None and behind.last == mark.first
    is_parted = view.at(mark.last, "behind_passive") is not None
    if ahead is not None and not (ahead.first > mark.last and is_parted):
        # "12 killed 5 injured": a bare number killed nobody.
        is_bare = is_beside and behind is not None and not behind.has_noun and not ahead.has_noun
        return voices["passive" if is_bare else "active"]
    has_people = behind is not None or view.before(mark.first, "people") is not None
    return voices["passive" if (is_beside or is_parted) and has_people else "active"]


def _told_before(view: View, place: int) -> str:
    """Return what the auxiliaries before a form make of it, "" where there are none."""
    voice = ""
    for at in range(place - 1, max(place - _AUXILIARIES - 1, -1), -1):
        if view.at(at, "passive"):
            return "passive"
        if view.at(at, "having"):
            return "active"
        if view.at(at, "active_helpers"):
            voice = "active"
        elif not view.at(at, "auxiliaries", "negations") or view.at(at, "ands", "people", "additions"):
            break
    return voice


def _is_said_of(view: View, place: int) -> bool:
    return any(view.at(at, "passive") for at in range(place - 1, max(place - 4, -1), -1))


# ---- whether it happened -------------------------------------------------------------------------------------------


def state_of(view: View, mark: Mark, role: str, counts: Sequence[Count]) -> str:
    """Return whether what a word says happened: real, maybe, negated, denied or not_real.

    Args:
        view: the sentence.
        mark: the word.
        role: how it stands to those it speaks of.
        counts: of the sentence.
    """
    start = _clause_start(view, mark.first)
    if view.between(start, mark.first, "conditions"):
        return "not_real"
    if _is_denied(view, mark.first):
        return "denied"
    said = _said_before(view, mark, max(start, mark.first - _AUXILIARIES), counts)
    if said:
        return said
    infinitive = role == "active" and view.at(mark.first - 1, "to") is not None
    return "not_real" if infinitive and not view.before(mark.first, "made_real") else "real"


def _said_before(view: View, mark: Mark, start: int, counts: Sequence[Count]) -> str:
    """Return what a modal or a negation shortly before a word makes of it, "" where there is none."""
    none = {place for count in counts if count.is_none for place in range(count.first, count.last)}
    some = {place for count in counts if not count.is_none for place in range(count.first, count.last)}
    for at in range(mark.first - 1, start - 1, -1):
        if at in some:
            return ""
        if view.at(at, "maybe"):
            return "maybe"
        if view.at(at, "negations") and at not in none and not view.at(at + 1, "comparatives"):
            return "negated"
        if view.at(at, "verbs", "says") and at != mark.first - 1:
            return ""
        # "in May": a month, and no modal.
        modal = None if at in view.covered else view.at(at, "modals")
        if modal and modal.last <= mark.first:
            return "not_real"
    return ""


def _is_denied(view: View, place: int) -> bool:
    for at in range(place - 1, -1, -1):
        if view.at(at, "breaks"):
            return False
        denial = view.at(at, "denials")
        if denial and denial.last <= place:
            return view.between(denial.last, place, "denied_else") is None
    return False


def _clause_start(view: View, place: int) -> int:
    return next((at + 1 for at in range(place - 1, -1, -1) if view.at(at, "breaks")), 0)
