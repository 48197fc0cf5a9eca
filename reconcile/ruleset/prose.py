"""The words and small patterns by which sentences are read; what is done with them is code."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from reconcile.ruleset.base import Code, Population, Rule, regular_expression

Pattern = Annotated[str, AfterValidator(regular_expression)]
Forms = tuple[str, ...]


class MeasureWords(Rule):
    """The words that say what happened to people, by how a number stands to them.

    Attributes:
        measure_code: what is counted.
        verbs: take those they happened to behind them: killed 12, killing 12.
        participles: have them before them: 12 were killed.
        intransitives: the same, and never anything else: 12 died.
        counted: stand where the noun of a number stands: 12 deaths, 12 dead.
        nominals: have them behind a word of `ties`: the death of 12.
        tolls: name a running number, which stands behind them: the death toll rose to 12.
        trust: factor on the confidence of a draft read from one of them.
        says: what is said where it is below 1.
    """

    measure_code: Code
    verbs: Forms = ()
    participles: Forms = ()
    intransitives: Forms = ()
    counted: Forms = ()
    nominals: Forms = ()
    tolls: Forms = ()
    trust: float = Field(default=1.0, gt=0, le=1)
    says: str = ""
    reason: str


class PersonWords(Rule):
    """Nouns of people who are counted, and who they are.

    Attributes:
        plurals: nouns of several, or nouns that stand behind any number.
        singulars: nouns of one.
        duals: nouns of two, in a language that has them.
        population_code: empty for a noun that leaves it to other words (fourteen children).
    """

    plurals: Forms = ()
    singulars: Forms = ()
    duals: Forms = ()
    population_code: Population | Literal[""] = ""
    sex_code: Literal["any", "female", "male", "unknown"] = "any"
    age_group_code: Literal["any", "child", "adult", "unknown"] = "any"
    reason: str = ""


class MeansWords(Rule):
    """Words for a means or kind of violence, and what two of them make together."""

    violence_code: Code
    forms: Forms = ()
    made_of: tuple[Code, ...] = ()
    reason: str = ""


class AttackerWords(Rule):
    """Spellings of an attacker that stand in prose and in no column.

    Attributes:
        again: true for words that take up whichever of `codes` was named last, the first where none was.
    """

    codes: tuple[Code, ...] = Field(min_length=1)
    forms: Forms
    again: bool = False
    reason: str = ""


class RelativeDays(Rule):
    """Phrases for days told from the day of publication.

    Attributes:
        days: first and last day, counted from the day of publication.
        of: instead, the calendar week, month or year that lies `back` before the one of publication.
        until: where the window ends: with the unit, on the day of publication, or on the day before it.
        is_period: whether what is told of them is a total.
    """

    forms: Forms
    days: tuple[int, int] | None = None
    of: Literal["week", "month", "year"] | None = None
    back: int = Field(default=0, ge=0)
    until: Literal["end", "published", "day_before"] = "end"
    is_period: bool = False
    reason: str = ""


class NamedStart(Rule):
    """An event whose day is known, after words such as since."""

    forms: Forms
    day: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    countries: tuple[str, ...] = ()
    reason: str
    source: str


class WindowWords(Rule):
    """Words that dates are made of.

    Attributes:
        months: names, the twelve in order, each with its other spellings.
        weekdays: from Monday.
        ordinals: a word to its number.
        parts: words before a month or a year for a part of it, to which third of a year they mean.
        since: open a window that runs to the day before publication.
        openers: open a range.
        joins: stand between the ends of one.
        until: close a window whose start is not stated.
        at: may stand before a day, a month or a year.
        night: beside a day, make it end on the next.
        last: before or after a weekday or a unit: the one before this.
        past: open a span that ends on the day of publication: over the past.
        past_after: close it instead.
        ago: close a span that ends that long before.
        units: name of a unit to days; months and years are counted by the calendar.
        of: may stand between a day and its month.
        since_only: those of `since` behind which an event may stand: since the fall of the town.
        ones: words for one unit: a week ago.
        ago_before: words for `ago` in a language that puts them before.
        later: phrases for days told from the day named before, to how many days behind it.
        same_month: words for the month just named.
        then: take up a day named before.
        clock: a pattern of the time of day that may stand before a date in a range.
        relative: phrases told from the day of publication.
        starts: events that open a window.
    """

    months: tuple[Forms, ...] = Field(min_length=12, max_length=12)
    weekdays: tuple[Forms, ...] = Field(min_length=7, max_length=7)
    ordinals: dict[str, int]
    parts: dict[str, Literal[1, 2, 3]]
    since: Forms
    openers: Forms
    joins: Forms
    until: Forms
    at: Forms
    night: Forms
    last: Forms
    past: Forms
    past_after: Forms = ()
    ago: Forms
    ago_before: Forms = ()
    of: Forms
    since_only: Forms
    ones: Forms
    units: dict[str, Literal["hour", "day", "week", "month", "year"]]
    later: dict[str, int] = Field(default={})
    same_month: Forms = ()
    then: Forms = ()
    clock: Pattern = "(?!)"
    relative: tuple[RelativeDays, ...]
    starts: tuple[NamedStart, ...] = ()


class SpeakerWords(Rule):
    """Words by which a text says who says something.

    Attributes:
        says: verbs of assertion.
        concedes: those by which a belligerent admits something.
        tells: verbs whose object is whoever passes it on.
        according: phrases before who says it.
        citing: words between who passes it on and who says it.
        nouns: people and bodies without a name: activists, officials.
        again: phrases that take up whoever was named last: it, the monitor.
        relative: words that open an aside on whoever was named.
        titles: words before a body that somebody speaks for: the head of.
    """

    says: Forms
    concedes: Forms
    tells: Forms
    according: Forms
    citing: Forms
    nouns: Forms
    again: Forms
    relative: Forms = ()
    titles: Forms = ()


class PlaceWords(Rule):
    """Words around the names of places.

    Attributes:
        at: words before the place where something happened.
        kinds: a word beside a name to the kind of place it makes of it.
        joins: small words inside a name.
        articles: those a name may begin with though it is not capitalised.
        sides: words for a side of a place, before its name.
        countryside: phrases that add the countryside to a town.
        never: capitalised words that name no place here, though the gazetteer has one of that sound.
    """

    at: Forms
    kinds: dict[str, Code]
    joins: Forms = ()
    articles: Forms = ()
    sides: Forms = ()
    countryside: Forms = ()
    never: Forms = ()


class NoCount(Rule):
    """A pattern of numbers that count nobody."""

    pattern: Pattern
    says: str
    reason: str = ""

    def compiled(self) -> re.Pattern[str]:
        """Return the pattern, ready for use."""
        return re.compile(self.pattern)


class ProseRules(Rule):
    """How sentences of one language are read.

    Attributes:
        word_order: subject_first where a number mostly stands before its passive verb, verb_first where it follows.
        prefixes: letters that the language writes onto the next word.
        bare_plural: phrase of the vocabulary of quantities that a plural without a number is read as.
        things: nouns behind a number that are no people.
        adjectives: words that may stand between a number and its noun.
        small_words: words that end a group of a number and its noun.
        auxiliaries: forms of being and having before a participle; `passive` those of being.
        links: words between a toll and its number.
        ties: words between a noun of dying and a number: of.
        part_openers: announce people who are among those counted before.
        part_after: the same behind their number: of them.
        additions: words that say that a number comes on top of another.
        no_people: words that make a number of people none: no.
        nobody: phrases that say so alone.
        nobody_reports: words that tie `no_people` to a measure: no reports of deaths.
        negations: before a verb, take it back.
        denials: verbs of denying.
        denied_else: words behind a denial that leave the deed standing: responsibility.
        conditions: open what has not happened.
        modals: the same before a verb.
        maybe: before a verb in the past, doubt it.
        made_real: before an infinitive, say that it happened.
        to: the mark of the infinitive.
        doubts: words that lower trust in what was counted.
        likely: words that make an attacker a likely one.
        contested: words that make one contested.
        by: words before an attacker.
        against: words before those attacked.
        between: words before two sides of a fight.
        responsible: phrases behind an attacker.
        attacks: verbs of attacking, whose subject is an attacker.
        among: phrases that make the number before them a part of the one behind.
        revisions: patterns whose first group holds a number that another one replaces: from 12, in "rose from 12 to 19".
        own: words that make a means the speaker's own: its strikes.
        definite: words that take up a deed told before.
        breaks: words that part clauses.
        totals: words that say that a number is a running one.
        nearby: words before a number that is only compared with.
        ands: join the members of a list.
        articles: may stand before any noun.
        lone: say that one is meant: a, one.
        of: ties a noun to another one.
        having: auxiliaries of a past that somebody acted in.
        active_helpers: other words before an active form.
        behind_passive: words behind a form that make it a passive one where it may be either.
        numbering: nouns before `of` and people: the number of people killed.
        before_part: words that may stand between `part_openers` and a number.
        known_before: words before a plural that is spoken of already, and counts nobody anew.
        base_forms: verbs that tell what is done, and not that it was.
        before_gerund: words before a form that name a deed: for killing.
        comparatives: words behind a negation that make it a hedge: no fewer than.
        describing: words behind a name and a hyphen: US-backed.
        before_noun: words before a verb of saying that make it a noun: the reports.
        said_nouns: verbs of saying that are nouns as well.
        name_joins: small words inside names of bodies.
        when: words between a deed and its event: killed when jets struck.
        abbreviations: end with a stop that ends no sentence.
    """

    id: Code
    language: Literal["en", "ar"]
    title: str
    reason: str
    source: str = ""
    word_order: Literal["subject_first", "verb_first"]
    prefixes: Forms = ()
    bare_plural: str
    measures: tuple[MeasureWords, ...] = Field(min_length=1)
    persons: tuple[PersonWords, ...] = Field(min_length=1)
    things: Forms
    adjectives: Forms = ()
    small_words: Forms
    auxiliaries: Forms
    passive: Forms
    links: Forms
    ties: Forms
    part_openers: Forms
    part_after: Forms
    additions: Forms
    no_people: Forms
    nobody: Forms = ()
    nobody_reports: Forms = ()
    negations: Forms
    denials: Forms
    denied_else: Forms = ()
    conditions: Forms
    modals: Forms
    maybe: Forms = ()
    made_real: Forms = ()
    to: Forms = ()
    doubts: Forms
    likely: Forms
    contested: Forms
    by: Forms
    against: Forms = ()
    between: Forms
    responsible: Forms = ()
    attacks: Forms = ()
    among: Forms = ()
    revisions: tuple[Pattern, ...] = ()
    own: Forms = ()
    definite: Forms = ()
    breaks: Forms
    totals: Forms
    ands: Forms
    articles: Forms = ()
    lone: Forms = ()
    of: Forms = ()
    having: Forms = ()
    active_helpers: Forms = ()
    behind_passive: Forms = ()
    numbering: Forms = ()
    before_part: Forms = ()
    known_before: Forms = ()
    base_forms: Forms = ()
    before_gerund: Forms = ()
    comparatives: Forms = ()
    describing: Forms = ()
    before_noun: Forms = ()
    said_nouns: Forms = ()
    name_joins: Forms = ()
    when: Forms = ()
    abbreviations: Forms = ()
    means: tuple[MeansWords, ...]
    attackers: tuple[AttackerWords, ...] = ()
    no_names: Forms = ()
    speakers: SpeakerWords
    windows: WindowWords
    places: PlaceWords
    no_counts: tuple[NoCount, ...]
