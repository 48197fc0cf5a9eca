"""Articles to drafts: every sentence that says how many people were killed, hurt, freed and so on, read by rules.

Guarantees:
    * Any text is read: whatever stands in an article, the outcome is drafts or none, and never a failure.
    * Spans are exact: `text[span_start:span_end]` is the draft's sentence, and its verbatim and window stand in it.
    * Numbers are never invented: the bounds are what `parse_quantity` reads in the verbatim, or those of a plural, of one or of nobody.
    * Drafts are numbered from 1 in the order of the text, all marked draft and undecided; a part names its whole by number.
    * What follows changes nothing: text behind a paragraph leaves the drafts before it as they are.
    * Articles are read alone: what was read before, of whichever article, changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile import frames
from reconcile.errors import UsageFault
from reconcile.prose.attackers import Attack, attack_in, clause_of, name_last, spans_of
from reconcile.prose.clauses import CASUALTIES, LOOSE, ties_in
from reconcile.prose.lexicon import MEASURED, lexicon_of, view_of
from reconcile.prose.places import context_of, spot_for, spots_in
from reconcile.prose.quantities import counts_in, covering
from reconcile.prose.speakers import Speaker, assertions_in, mentioned_in, speaker_for
from reconcile.ruleset import fold_spelling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconcile.normalize.cells import Context
    from reconcile.prose.articles import Article
    from reconcile.prose.clauses import Tie
    from reconcile.prose.lexicon import Lexicon, View
    from reconcile.prose.places import Spot
    from reconcile.prose.quantities import Count
    from reconcile.prose.speakers import Assertion
    from reconcile.prose.windows import Told
    from reconcile.ruleset.prose import ProseRules

# Paragraphs before a sentence whose places it may be about.
_PLACES_BACK = 6
_BASE = 0.95
# Words before a toll that name those it counts.
_NAMES = 4
# What is the case for a while, and no event.
_STATES = frozenset({"besieged"})
# What violence does to people without hurting them.
_DRIVEN = frozenset({"displaced", "besieged"})
_OF_ATTACK = ("perpetrator_codes", "violence_code", "attribution_code")


@dataclass
class _Story:
    """What the text before a sentence told."""

    spots: list[tuple[int, Spot]] = field(default_factory=list)
    speaker: Speaker | None = None
    mentioned: Speaker | None = None
    assertion: tuple[int, Assertion] | None = None
    attack: tuple[int, Attack] | None = None
    told: tuple[int, Told] | None = None
    last_named: dict[str, str] = field(default_factory=dict)
    people: tuple[int, str] | None = None
    wholes: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)


def extract_claims(article: Article, context: Context, grammar: Mapping[str, ProseRules]) -> pd.DataFrame:
    """Return the drafts of one article.

    Args:
        article: its text and what is known of it.
        context: vocabularies, gazetteer and quantities of the run.
        grammar: the rules of prose by id.

    Returns:
        A `Drafts` frame, empty where nothing is claimed.

    Raises:
        UsageFault: when no rules read the article's language, or spaCy is not installed.
    """
    rules = next((one for one in grammar.values() if one.language == article.language), None)
    if rules is None:
        known = ", ".join(sorted(one.language for one in grammar.values()))
        raise UsageFault(
            f"{article.name}: articles in {article.language!r} can't be read; known languages are {known}."
        )
    lexicon = lexicon_of(context, rules)
    story = _Story()
    rows: list[dict[str, Any]] = []
    for sentence in lexicon.splitter.sentences(article.text):
        rows += _read(view_of(sentence, lexicon), lexicon, article, story, len(rows))
    if not rows:
        return frames.empty(frames.Drafts)
    return frames.typed(frames.Drafts, pd.DataFrame(rows))


def _read(view: View, lexicon: Lexicon, article: Article, story: _Story, so_far: int) -> list[dict[str, Any]]:
    """Return the rows of one sentence, and let the story go on."""
    sentence = view.sentence
    then = story.told[1].first if story.told else None
    told = lexicon.calendar.find(sentence.text, article.published, then)
    view = covering(view, lexicon, told)
    assertions = assertions_in(view, lexicon, story.speaker or story.mentioned)
    spots = spots_in(view, lexicon)
    counts = counts_in(view, lexicon, told) if _may_claim(view) else []
    ties = ties_in(view, lexicon, counts)
    spoken = {
        place for one in assertions if one.speaker and not one.is_again for place in _place_of(one.speaker)
    }
    tied = [tie.count for tie in ties]
    mine = spoken - _claimers(view, assertions)
    spoken = mine | _told_of_parts(view, ties)
    asked = partial(
        attack_in,
        view,
        lexicon,
        tied,
        last_named=story.last_named,
        countries=_countries(spots, story, sentence.paragraph),
    )
    attack = asked(spoken=spoken)
    scene = _Scene(view, lexicon, article, story, told, assertions, spots, attack, ties)
    scene.clauses, scene.is_parted = _attacks(view, ties, attack, asked, mine, spoken)
    rows = [_row(scene, tie, number, so_far) for number, tie in enumerate(ties)]
    for row, tie in zip(rows, ties, strict=True):
        if tie.whole >= 0:
            _inherit(row, rows[tie.whole], keeps_attack=scene.is_parted)
        elif _is_of_before(scene, tie, row):
            _inherit(row, story.wholes[row["measure_code"]][1])
            row["part_of"] = story.wholes[row["measure_code"]][1]["claim_no"]
    _go_on(scene, story, rows)
    return rows


def _countries(spots: Sequence[Spot], story: _Story, paragraph: int) -> frozenset[str]:
    """Return the countries that a sentence is about: of its own places, else of that carried from before."""
    own = frozenset(spot.country_code for spot in spots if spot.country_code)
    if own:
        return own
    carried = context_of(story.spots, paragraph, _PLACES_BACK)
    return frozenset({carried.country_code} - {""}) if carried else frozenset()


def _attacks(
    view: View, ties: Sequence[Tie], attack: Attack, asked: partial[Attack], mine: set[int], spoken: set[int]
) -> tuple[list[Attack], bool]:
    """Return the attack of each number, and whether they are told apart: 30 by one side, 12 by another.

    Args:
        view: the sentence.
        ties: its numbers.
        attack: of the whole sentence.
        asked: asks for the attack of some tokens.
        mine: tokens of those who say it.
        spoken: the same, with those that tell of parts alone.
    """
    apart = [asked(spoken=mine, within=span) for span in spans_of(view, ties)]
    named = [number for number, one in enumerate(apart) if one.codes]
    of_parts = spoken != mine and any(ties[number].count.is_part for number in named)
    if len({apart[number].codes for number in named}) > 1 or of_parts:
        return [_own_attack(ties, apart, number) for number in range(len(ties))], True
    clauses = [clause_of(view, tie.count.first) for tie in ties]
    found = [asked(spoken=spoken, within=clause) if len(clause) < len(view) else attack for clause in clauses]
    return found, False


def _claimers(view: View, assertions: Sequence[Assertion]) -> set[int]:
    """Return the tokens of those who say that it was they: "Islamic State claimed responsibility"."""
    speakers = [one.speaker for one in assertions if one.speaker]
    return {
        place for one in speakers if view.at(one.last, "responsible") is not None for place in _place_of(one)
    }


def _own_attack(ties: Sequence[Tie], apart: Sequence[Attack], number: int) -> Attack:
    """Return the attack of a number whose neighbours have others; one that tells none has that of the number before."""
    mine = apart[number]
    if mine.codes or mine.violence_code or any(tie.whole == number for tie in ties):
        return mine
    return next((one for one in reversed(apart[:number]) if one.codes), mine)


def _told_of_parts(view: View, ties: Sequence[Tie]) -> set[int]:
    """Return the tokens behind a part that has words of its own: "..., 11 of which were at the hands of".

    Behind an aside, "11 of them children,", it is the whole that is told of.
    """
    starts = [
        tie.count.last
        for tie in ties
        if tie.whole >= 0 and tie.count.is_part and view.norm(tie.count.last) not in {",", "،"}
    ]
    return set(range(min(starts), len(view))) if starts else set()


def _is_of_before(scene: _Scene, tie: Tie, row: dict[str, Any]) -> bool:
    """Tell whether a sentence goes on with those counted just before: "Among the dead were three children"."""
    before = scene.story.wholes.get(row["measure_code"])
    deed = tie.deed
    if before is None or deed is None or deed.role != "toll" or tie.count.counted is not None:
        return False
    is_near = scene.view.sentence.paragraph - before[0] <= 1
    is_known = any(scene.view.at(place, "articles") for place in (deed.first, deed.first - 1))
    is_some = tie.count.sex_code != "any" or tie.count.age_group_code != "any" or tie.count.has_noun
    most = before[1]["high"]
    fits = most is None or tie.count.quantity.low < most
    return is_near and is_known and is_some and fits and not tie.count.is_none


def _may_claim(view: View) -> bool:
    """Tell whether a sentence can hold a draft: it says what happened to people, and asks nothing."""
    asks = view.sentence.text.rstrip("\"'”’)»").endswith(("?", "؟"))
    return not asks and any(kind in MEASURED for kind, _ in view.begins)


def _place_of(speaker: Speaker) -> range:
    length = len(speaker.name.split()) * 2
    return range(max(speaker.last - length, 0), speaker.last)


@dataclass
class _Scene:
    """What one sentence tells beside its numbers."""

    view: View
    lexicon: Lexicon
    article: Article
    story: _Story
    told: list[Told]
    assertions: list[Assertion]
    spots: list[Spot]
    attack: Attack
    ties: Sequence[Tie]
    clauses: list[Attack] = field(default_factory=list)
    is_parted: bool = False
    people: list[tuple[Count, str]] = field(default_factory=list)


def _go_on(scene: _Scene, story: _Story, rows: Sequence[dict[str, Any]]) -> None:
    number = scene.view.sentence.paragraph
    story.spots += [(number, spot) for spot in scene.spots]
    named = [one for one in scene.assertions if one.speaker]
    if named:
        story.assertion = (number, named[-1])
        others = [one.speaker for one in named if one.speaker and not one.speaker.is_relay]
        story.speaker = others[-1] if others else named[-1].speaker
    else:
        mention = mentioned_in(scene.view, scene.lexicon)
        story.mentioned = mention or story.mentioned
    if scene.attack.codes:
        story.attack = (number, scene.attack)
    resolved = [one for one in scene.told if one.first]
    if resolved:
        story.told = (number, resolved[-1])
    for row in rows:
        if not row["part_of"]:
            story.wholes[row["measure_code"]] = (number, row)
    if scene.people:
        story.people = (number, scene.people[-1][1])
    name_last(scene.view, story.last_named)


# ---- one row -------------------------------------------------------------------------------------------------------


class _Trust:
    """A confidence and why it is what it is."""

    def __init__(self) -> None:
        self.value = _BASE
        self.reasons: list[str] = []

    def say(self, reason: str, factor: float = 1.0) -> None:
        """Note a reason, and what it does to the confidence."""
        if reason and reason not in self.reasons:
            self.reasons.append(reason)
            self.value *= factor


def _row(scene: _Scene, tie: Tie, number: int, so_far: int) -> dict[str, Any]:
    view, article, count = scene.view, scene.article, tie.count
    measure = scene.lexicon.rules.measures[tie.measure]
    trust = _Trust()
    _trust_tie(tie, trust)
    if measure.trust < 1:
        trust.say(measure.says, measure.trust)
    _trust_number(count, trust)
    population = _population(scene, tie, trust)
    if population != "unknown" and not count.is_none:
        scene.people.append((count, population))
    saying = _speaker(scene, tie, trust)
    attack = _attack(scene, number, measure.measure_code, saying, trust)
    role = (
        _role(scene, saying, attack, population, trust) if measure.measure_code in CASUALTIES else "alleged"
    )
    told = _window(scene, tie, trust)
    place, basis, kind, country = _place(scene, tie, trust)
    doubt = next((mark for mark in (view.at(at, "doubts") for at in range(len(view))) if mark), None)
    if doubt is not None:
        trust.say(f"doubted: {view.sentence.words(doubt.first, doubt.last)}", 0.85)
    if tie.state == "maybe":
        trust.say("said to be possible only", 0.5)
    via = dict.fromkeys((*(saying.via if saying else ()), article.publisher))
    return {
        "claim_no": so_far + number + 1,
        "asserted_by": saying.speaker.name if saying and saying.speaker else "",
        "reported_via": "; ".join(one for one in via if one),
        "measure_code": measure.measure_code,
        "population_code": population,
        "low": count.quantity.low,
        "best": count.quantity.best,
        "high": count.quantity.high,
        "qualifier_code": count.quantity.qualifier_code,
        "verbatim": count.quantity.verbatim,
        "date_start": pd.Timestamp(told.first) if told and told.first else pd.NaT,
        "date_end": pd.Timestamp(told.last) if told and told.last else pd.NaT,
        "place_name": place,
        "place_basis_code": basis,
        "perpetrator_codes": " ".join(attack.codes),
        "violence_code": attack.violence_code,
        "sentence": view.sentence.text,
        "span_start": view.sentence.start,
        "span_end": view.sentence.end,
        "confidence": round(max(0.05, min(trust.value, 1.0)), 2),
        "reasons": "; ".join(trust.reasons),
        "draft": "draft",
        "kind_code": _kind(scene, tie, told, measure.measure_code),
        "sex_code": count.sex_code,
        "age_group_code": count.age_group_code,
        "attribution_code": "confirmed" if role == "conceded" and attack.codes else attack.attribution_code,
        "role_code": role,
        "place_kind_code": kind,
        "country_code": country,
        "published": pd.Timestamp(article.published),
        "article": article.name,
        "language": article.language,
        "window_text": view.sentence.text[told.start : told.end] if told else "",
        "part_of": so_far + tie.whole + 1 if tie.whole >= 0 else 0,
        "decision": "",
        "reviewer": "",
        "note": "",
    }


def _trust_tie(tie: Tie, trust: _Trust) -> None:
    if tie.deed is None:
        trust.say("the number's own noun says what happened")
    elif tie.whole >= 0:
        trust.say("among those of another number", 0.95)
    elif tie.shares:
        trust.say("what happened is taken over from the number beside it", 0.9)
    elif tie.cost < LOOSE - 1:
        trust.say("number and verb stand together")
    elif tie.cost < LOOSE:
        trust.say("words stand between number and verb", 0.9)
    else:
        trust.say("number and verb stand far apart", 0.7)


def _trust_number(count: Count, trust: _Trust) -> None:
    if count.is_none:
        trust.say("none is said; whether anybody looked is not", 0.4)
    elif count.is_plural:
        trust.say("no number, only a plural", 0.6)
    elif count.is_bare:
        trust.say("no number, one person told of", 0.85)
    elif count.quantity.qualifier_code == "vague":
        trust.say("vague quantity, an interval by the profile", 0.95)
    if not count.is_noun_known:
        trust.say("the noun of the number is not known", 0.6)
    if count.adds:
        trust.say("comes on top of another number", 0.9)


def _population(scene: _Scene, tie: Tie, trust: _Trust) -> str:
    count = tie.count
    if count.population_code:
        return count.population_code
    if tie.whole >= 0 or count.has_noun:
        return "unknown"
    named = _named_in_toll(scene, tie)
    if named:
        return named
    if scene.people:
        words, code = scene.people[-1]
        trust.say(
            f"who is counted is taken from {scene.view.sentence.words(words.first, words.last)!r}", 0.95
        )
        return code
    earlier = scene.story.people
    if count.adds and earlier and earlier[0] == scene.view.sentence.paragraph:
        trust.say("who is counted is carried from the sentence before", 0.9)
        return earlier[1]
    trust.say("who is counted is not said", 0.9)
    return "unknown"


def _named_in_toll(scene: _Scene, tie: Tie) -> str:
    """Return who is counted by the words of a toll: the number of civilians killed."""
    if tie.deed is None or tie.deed.role != "toll":
        return ""
    named = scene.view.between(max(tie.deed.first - _NAMES, 0), tie.deed.last + 1, "people")
    return scene.lexicon.person(named).population_code if named else ""


def _speaker(scene: _Scene, tie: Tie, trust: _Trust) -> Assertion | None:
    saying = speaker_for(scene.view, scene.assertions, tie.count.first)
    if saying is not None:
        if saying.is_again:
            trust.say("who says it is taken up from before", 0.95)
        elif saying.speaker and not saying.speaker.is_named:
            trust.say("who says it has no name", 0.9)
        return saying
    before = scene.story.assertion
    if before and scene.view.sentence.paragraph - before[0] <= scene.attack.is_again:
        trust.say("who says it is carried from the sentence before", 0.85)
        return before[1]
    trust.say("nobody is said to say it", 0.85)
    return None


def _attack(scene: _Scene, number: int, measure: str, saying: Assertion | None, trust: _Trust) -> Attack:
    attack = scene.clauses[number]
    if not attack.codes and not scene.is_parted and not (attack.is_own and not scene.attack.is_own):
        attack = replace(scene.attack, violence_code=attack.violence_code or scene.attack.violence_code)
    if measure not in CASUALTIES:
        # Whoever freed people attacked nobody; what drove people out has a means, an arrest has none.
        plain = replace(attack, violence_code="")
        return Attack((), "", "") if measure == "freed" else attack if measure in _DRIVEN else plain
    if attack.attribution_code == "likely":
        trust.say("the attacker is called likely")
    return attack if attack.codes else _attack_taken(scene, number, attack, saying, trust)


def _attack_taken(
    scene: _Scene, number: int, attack: Attack, saying: Assertion | None, trust: _Trust
) -> Attack:
    """Return an attack with the attacker that its sentence takes for granted: the speaker, or who was named before."""
    code = _belligerent(scene.lexicon, saying.speaker) if saying and saying.speaker else ""
    if code and saying and (attack.is_own or saying.concedes or _says_of_itself(scene, number)):
        trust.say("the attacker is the speaker, who says it of its own doing")
        return replace(attack, codes=(code,), attribution_code="stated")
    publisher = _publisher(scene)
    if publisher and saying is None and not attack.violence_code:
        trust.say("the publisher speaks of its own attacks", 0.9)
        return replace(attack, codes=(publisher,), attribution_code="stated")
    before = scene.story.attack
    if before and attack.is_again and scene.view.sentence.paragraph - before[0] <= 1:
        trust.say("the attacker is carried from the text before", 0.85)
        return replace(before[1], violence_code=attack.violence_code or before[1].violence_code)
    return attack


def _says_of_itself(scene: _Scene, number: int) -> bool:
    """Tell whether a pronoun is the subject of what was done: "the coalition says it has killed 12"."""
    deed = scene.ties[number].deed
    if deed is None:
        return False
    if not scene.view.is_subject_first:
        # "إنه قتل": the pronoun is written before the verb.
        return deed.form == "intransitives" and scene.view.before(deed.first, "own") is not None
    if deed.role != "active":
        return False
    return any(scene.view.at(at, "again", "own") for at in range(max(deed.first - 4, 0), deed.first))


def _publisher(scene: _Scene) -> str:
    """Return the attacker that the publisher speaks for, "" where it is none."""
    name = scene.article.publisher
    return _belligerent(scene.lexicon, Speaker(name, "", is_relay=False, is_named=True)) if name else ""


def _belligerent(lexicon: Lexicon, speaker: Speaker) -> str:
    """Return the attacker that a speaker speaks for, "" where it is none."""
    known = lexicon.context.spellings["perpetrators"]
    origin = lexicon.term("origins", speaker.code)
    names = (origin.title, *origin.aliases) if origin and origin.kind == "belligerent" else ()
    found = (known.get(fold_spelling(name)) for name in (speaker.code, speaker.name, *names) if name)
    code = next((code for code in found if code), "")
    term = lexicon.term("perpetrators", code)
    return code if term and term.attacker and not term.generic else ""


def _role(scene: _Scene, saying: Assertion | None, attack: Attack, population: str, trust: _Trust) -> str:
    if saying is None or saying.speaker is None:
        code = _publisher(scene)
    else:
        code = _belligerent(scene.lexicon, saying.speaker)
    if not code:
        return "alleged"
    if saying and saying.concedes and population != "combatant":
        trust.say("a belligerent concedes it")
        return "conceded"
    wider = scene.lexicon.context.vocabularies["perpetrators"].ancestors(code)
    if population == "civilian" and wider.intersection(attack.codes):
        trust.say("a belligerent says it of its own attack")
        return "conceded"
    return "alleged"


def _window(scene: _Scene, tie: Tie, trust: _Trust) -> Told | None:
    sentence = scene.view.sentence
    usable = [
        one
        for one in scene.told
        if not _is_of_speech(scene, one) and not _is_aside(scene, one, tie) and _is_of_kind(scene, one, tie)
    ]
    resolved = [one for one in usable if one.is_resolved]
    chosen = min(resolved or usable, key=lambda one: _distance(one, tie), default=None)
    if chosen is not None:
        if chosen.is_resolved:
            trust.say(f"window from {sentence.text[chosen.start : chosen.end]!r}")
        else:
            trust.say("no window could be read from its words", 0.8)
        trust.say(chosen.why, chosen.trust)
        return chosen
    before = scene.story.told
    same = before is not None and before[0] == sentence.paragraph and tie.count.adds
    near = before is not None and sentence.paragraph - before[0] <= 1 and scene.attack.is_again
    if before and (same or near):
        trust.say("window carried from the sentence before", 0.8)
        return replace(before[1], start=0, end=0)
    trust.say("no window told", 0.85)
    return None


def _is_of_kind(scene: _Scene, told: Told, tie: Tie) -> bool:
    """Tell whether a window stands with a number of the same kind: days of deaths are not those of the people still trapped."""
    measures = scene.lexicon.rules.measures

    def counts_casualties(one: Tie) -> bool:
        return measures[one.measure].measure_code in CASUALTIES

    others = [one for one in scene.ties if counts_casualties(one) != counts_casualties(tie)]
    if not others or tie.count.start < told.end:
        return True
    at = scene.view.sentence.token_at(told.end)
    parted = any(
        scene.view.norm(place) == "," and scene.view.norm(place + 1) in {"and", "while", "but"}
        for place in range(at, tie.count.first)
    )
    return not parted or all(one.count.start > told.end for one in others)


def _distance(told: Told, tie: Tie) -> int:
    start, end = tie.count.start, tie.count.end
    return told.start - end if told.start >= end else start - told.end


def _is_of_speech(scene: _Scene, told: Told) -> bool:
    """Tell whether a day is the one on which something was said: "said on Sunday", "in a statement on Sunday"."""
    view = scene.view
    at = view.sentence.token_at(told.start)
    after = view.sentence.token_at(max(told.end - 1, 0)) + 1
    if told.is_period or view.norm(after) == "'s":
        return False
    for place in range(at - 1, max(at - 9, -1), -1):
        # "blamed on", "اشتباكات بين": a word of speech that is none here.
        if view.at(place, "by", "between"):
            continue
        if view.at(place, "says", "tells", "concedes"):
            return view.norm(after) != "that" or view.norm(at - 1) != "that"
        norm = view.norm(place)
        if norm in {"that", ",", ";"} or view.at(place, "verbs", "participles", "counted", "means", "people"):
            return False
    return False


def _is_aside(scene: _Scene, told: Told, tie: Tie) -> bool:
    """Tell whether a window stands in an aside that the number does not stand in: ", which fell in 2014,"."""
    view = scene.view
    at = view.sentence.token_at(told.start)
    for place in range(at, -1, -1):
        if view.at(place, "relative") and view.norm(place - 1) == ",":
            closed = next((p for p in range(at, len(view)) if view.norm(p) == ","), len(view))
            return not place <= tie.count.first < closed
        if view.norm(place) == "," and place < at:
            return False
    return False


def _place(scene: _Scene, tie: Tie, trust: _Trust) -> tuple[str, str, str, str]:
    beside = None if tie.shares else tie.deed
    first = min(tie.count.first, beside.first if beside else tie.count.first)
    last = max(tie.count.last, beside.last if beside else tie.count.last)
    chosen = spot_for(scene.spots, scene.view, first, last)
    if chosen:
        chosen.sort(key=lambda spot: spot.first)
        if not all(spot.is_known for spot in chosen):
            trust.say("the place is not in the gazetteer", 0.95)
        name = scene.view.sentence.words(chosen[0].first, chosen[-1].last)
        countries = {spot.country_code for spot in chosen}
        kinds = {spot.kind_code for spot in chosen}
        trust.say("place stated in the sentence")
        return (
            name,
            "stated",
            kinds.pop() if len(kinds) == 1 else "",
            countries.pop() if len(countries) == 1 else "",
        )
    carried = context_of(scene.story.spots, scene.view.sentence.paragraph, _PLACES_BACK)
    if carried is None:
        trust.say("no place told", 0.85)
        return "", "", "", ""
    trust.say(f"place inferred from the text before: {carried.name}", 0.85)
    # Of a name that is a town's and a governorate's, the sentence itself does not say which it means.
    is_either = scene.lexicon.context.gazetteer.resolve(carried.name, "", carried.country_code).is_ambiguous
    return carried.name, "context", "" if is_either else carried.kind_code, carried.country_code


def _is_one_event(scene: _Scene) -> bool:
    """Tell whether a sentence speaks of one deed: in a strike, when jets hit a shelter."""
    view = scene.view
    for place in range(len(view)):
        if view.norm(place) == "when" and any(
            view.at(at, "attacks") for at in range(place, min(place + 6, len(view)))
        ):
            return True
        mark = view.at(place, "means")
        if mark is not None and any(
            view.norm(at) in {"a", "an", "one"} for at in range(max(place - 4, 0), place)
        ):
            between = range(max(place - 4, 0), place)
            first = max(at for at in between if view.norm(at) in {"a", "an", "one"})
            if not any(view.at(at, "small_words") for at in range(first + 1, place)):
                return True
    return False


def _kind(scene: _Scene, tie: Tie, told: Told | None, measure: str) -> str:
    if told is not None and (told.is_resolved or told.is_period):
        is_event = told.is_loose and _is_one_event(scene)
        return "total" if told.is_period and not is_event else "incident"
    if tie.deed is not None and tie.deed.role == "toll":
        return "total"
    if measure in _STATES:
        return "total"
    kinds = {kind for kind, _ in scene.view.begins}
    return "total" if kinds & {"totals"} else "incident"


def _inherit(row: dict[str, Any], whole: dict[str, Any], *, keeps_attack: bool = False) -> None:
    """Give a part what its whole says and it does not."""
    kept = (
        {name: row[name] or whole[name] for name in _OF_ATTACK}
        if keeps_attack and row["perpetrator_codes"]
        else {}
    )
    if row["population_code"] == "unknown":
        row["population_code"] = whole["population_code"]
    for name in (
        "asserted_by",
        "reported_via",
        "perpetrator_codes",
        "violence_code",
        "attribution_code",
        "role_code",
        "kind_code",
    ):
        row[name] = whole[name]
    for name in (
        "date_start",
        "date_end",
        "window_text",
        "place_name",
        "place_basis_code",
        "place_kind_code",
        "country_code",
    ):
        row[name] = whole[name]
    row.update(kept)
