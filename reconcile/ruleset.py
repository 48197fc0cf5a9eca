"""What rule files may say: frozen models that refuse what they do not know. `rulefiles` fills them from YAML."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

if TYPE_CHECKING:
    from collections.abc import Iterable

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Parser = Literal[
    "text",
    "ids",
    "day",
    "number",
    "quantity",
    "latitude",
    "longitude",
    "code",
    "term",
    "terms",
    "url",
    "place",
    "governorate",
    "country",
    "whole",
    "age",
    "birth",
    "part",
    "id",
]
ClaimField = Literal[
    "monitor",
    "native_id",
    "native_incident_ids",
    "date_start",
    "date_end",
    "date_precision_code",
    "reported_on",
    "place_name",
    "place_name_native",
    "place_kind_code",
    "admin1",
    "admin2",
    "admin3",
    "country_code",
    "latitude",
    "longitude",
    "location_precision_code",
    "perpetrator_codes",
    "attribution_code",
    "violence_code",
    "grade_code",
    "position_code",
    "origin_ids",
    "reported_via",
    "report_count",
    "unit_code",
    "url",
    "text",
    "note",
    "measure_code",
    "population_code",
    "sex_code",
    "age_group_code",
    "quantity",
    "victim_name",
    "victim_name_native",
    "victim_sex_code",
    "victim_age",
    "victim_birth",
]
Kind = Literal["incident", "victim", "total"]
Population = Literal["civilian", "combatant", "all", "unknown"]
LinkedKind = Literal["incident", "victim"]

_PLACE_LEVELS = (
    "same_spot", "same_name", "similar_name", "part_of", "other_part", "namesake", "inside_town", "nearby", "around",
    "only_admin1", "same_admin1", "other", "far",
)  # fmt: skip
# The levels on which a comparison can put a pair; beside them stands `missing`, which weighs nothing.
LEVELS: dict[LinkedKind, dict[str, tuple[str, ...]]] = {
    "incident": {
        "date": (
            "same_day", "overlapping", "next_day", "within_2_days", "further",
            "reply_next_day", "reply_within_2_days", "reply_further",
        ),
        "place": _PLACE_LEVELS,
        "attacker": ("same", "overlapping", "related", "parties_only", "different"),
        "number": (
            "equal_rare", "equal", "overlapping", "near", "disjoint", "none_against_some",
            "conceded_equal", "conceded_within", "conceded_fewer", "conceded_more", "conceded_none",
        ),
        "injured": ("equal", "overlapping", "disjoint", "none_against_some"),
        "position": (
            "conceded_confirmed",
            "conceded_unconfirmed",
            "denied_confirmed",
            "denied_discounted",
            "denied_unconfirmed",
        ),
        "victims": ("shared", "none_shared"),
    },
    "victim": {
        "name": (
            "same_parts", "same_parts_moved", "one_alike", "loosely_alike", "one_differs", "given_differs", "some_shared", "none_shared",
        ),
        "age": ("same_year", "one_year", "few_years", "further"),
        "sex": ("same", "different"),
        "date": ("same_day", "next_day", "within_week", "within_month", "further"),
        "place": _PLACE_LEVELS,
        "incident": ("same", "other"),
    },
}  # fmt: skip
# The numbers that the comparisons of a kind read from its rule file.
LINKAGE_PARAMETERS: dict[LinkedKind, tuple[str, ...]] = {
    "incident": ("near_km", "around_km", "far_km", "similar_ratio"),
    "victim": ("near_km", "around_km", "far_km", "similar_ratio", "alike_ratio"),
}
# The parameters that the function of a kind of discrepancy reads; other kinds read none.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "CNT-SPREAD": ("ratio", "persons"),
    "DUP-SELF": ("killed_min",),
    "LOC-DIST": ("km_1", "km_2", "km_3", "km_4", "km_5", "km_6"),
    "LOC-GRAN": ("steps", "centroid_claims"),
}


class Rule(BaseModel):
    """A frozen piece of a rule file; a key it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# ---- vocabularies, places ------------------------------------------------------------------------------------------


class Term(Rule):
    """One term of a vocabulary.

    Attributes:
        aliases: spellings found in the wild, matched whole, without regard to case and spacing.
        parents: broader terms it is part of.
        attacker: false for a word that stands in an attacker's place without being one (UCDP's "Civilians").
        generic: true for an origin that names nobody ("media report").
        relays: true for an origin that mostly passes on what others assert (wires).
        bbox: south, north, west, east in degrees, for countries.
        rank: order of a grade, the firmest highest; for display only.
    """

    title: str
    aliases: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    kind: str = ""
    attacker: bool = True
    generic: bool = False
    relays: bool = False
    bbox: tuple[float, float, float, float] | None = None
    rank: int | None = None
    reason: str = ""
    source: str = ""


class Dependent(Rule):
    """A spelling that is another term where a column also holds one spelling (`beside`), and not another (`without`)."""

    spelling: str
    beside: str
    without: str
    code: str
    reason: str


class Vocabulary(Rule):
    """A closed list of terms.

    Attributes:
        depends: spellings whose meaning hangs on what else their column holds.
    """

    id: Code
    title: str
    reason: str
    source: str = ""
    depends: tuple[Dependent, ...] = ()
    terms: dict[str, Term]

    def spellings(self) -> list[str]:
        """Return every title and alias."""
        return [name for term in self.terms.values() for name in (term.title, *term.aliases)]

    def lookup(self) -> dict[str, str]:
        """Return code by spelling, folded: every code, title and alias."""
        spellings = {fold_spelling(code): code for code in self.terms}
        spellings |= {fold_spelling(term.title): code for code, term in self.terms.items()}
        spellings |= {
            fold_spelling(alias): code for code, term in self.terms.items() for alias in term.aliases
        }
        return spellings

    def lookup_in(self, texts: Iterable[str]) -> dict[str, str]:
        """Return `lookup` for the cells of one column."""
        held = frozenset(map(fold_spelling, texts)) if self.depends else frozenset()
        return self.lookup() | {
            fold_spelling(one.spelling): one.code
            for one in self.depends
            if one.beside in held and one.without not in held
        }

    def ancestors(self, code: str) -> frozenset[str]:
        """Return the term and all broader terms above it."""
        found: set[str] = set()
        waiting = [code]
        while waiting:
            term = waiting.pop()
            if term not in found:
                found.add(term)
                waiting.extend(self.terms[term].parents if term in self.terms else ())
        return frozenset(found)


def fold_spelling(text: str) -> str:
    """Return a spelling as vocabularies compare it: case, spacing and typographic apostrophes aside."""
    return " ".join(
        text.replace("\u2019", "'").replace("\u200e", "").replace("\u200f", "").casefold().split()
    )


def fold_header(text: str) -> str:
    """Return a header as layouts compare it: case, spacing, underscores and a byte-order mark aside."""
    return " ".join(text.replace("\ufeff", "").replace("_", " ").split()).casefold()


# ---- monitors ------------------------------------------------------------------------------------------------------


class Scope(Rule):
    """What a monitor counts, by its own codebook."""

    population_code: Population
    direct_code: Literal["direct", "indirect", "both"] = "direct"
    named_only: bool = False
    attackers: str = "all"
    window: str = ""
    region: str = ""
    threshold: str = ""
    zero_code: Literal["none_reported", "nothing_known"]
    blank_code: Literal["not_stated", "vague"]
    reason: str
    source: str


class GradeRung(Rule):
    """One rung of the bridge: the grades that are summed on it."""

    code: Code
    title: str
    grades: tuple[str, ...]
    headline: bool = False


# Fields that hold days and numbers, and the parser that makes them.
PARSED_AS: dict[str, Parser] = {
    "date_start": "day",
    "date_end": "day",
    "reported_on": "day",
    "latitude": "latitude",
    "longitude": "longitude",
    "report_count": "number",
    "victim_age": "age",
    "victim_birth": "birth",
    "quantity": "quantity",
}


class ColumnRule(Rule):
    """What one column of a layout means: a field of the claim, a number for figures, or nothing, by name.

    Attributes:
        field: the field of the claim it fills.
        number: true where `figures` of the layout take it.
        ignore: the reason it is not read.
        parse: the named parser.
        vocabulary: for `term` and `terms`.
        codes: for `code`: the source's value to ours; values are compared folded, `""` covers a blank cell.
        separators: for `terms` and `ids`.
        missing: values that stand for a blank (-9, -99, n/a).
        order: of day, month and year, where a column writes them in figures.
        personal: names or identifies a person; blank in every output by default.
        free_text: may name a person; likewise.
        also: other headers of the same column; compared like its own name.
    """

    field: ClaimField | None = None
    number: bool = False
    ignore: str | None = None
    parse: Parser = "text"
    vocabulary: str | None = None
    codes: dict[str, str] | None = None
    separators: tuple[str, ...] = (", ", "; ", ";")
    missing: tuple[str, ...] = ()
    order: Literal["ymd", "dmy", "mdy"] | None = None
    personal: bool = False
    free_text: bool = False
    also: tuple[str, ...] = ()
    reason: str = ""

    @model_validator(mode="after")
    def _one_use(self) -> Self:
        uses = [self.field is not None, self.number, self.ignore is not None]
        if sum(uses) != 1:
            raise ValueError(
                "a column is a field, a number, or ignored with a reason: exactly one of `field`, `number: true`, `ignore`"
            )
        if self.parse in {"term", "terms"} and not self.vocabulary:
            raise ValueError(f"parse: {self.parse} needs a `vocabulary`")
        needed = "number" if self.number else PARSED_AS.get(self.field or "")
        if needed and self.parse != needed:
            raise ValueError(
                f"{self.field or 'a number column'} is read by `parse: {needed}`, and by no other"
            )
        if self.parse == "code" and not self.codes:
            raise ValueError("parse: code needs `codes`")
        return self


def _as_list(rules: object) -> object:
    """A column with one use is written without the list."""
    return [rules] if isinstance(rules, dict) else rules


class WhereRule(Rule):
    """Rows whose column holds one of these values."""

    column: str
    held: tuple[str, ...] = Field(alias="values")


class FigureRule(Rule):
    """How figures are formed from number columns; columns of one bound are added up.

    Attributes:
        low, best, high: columns. Where a row states no low, it is 0 or the best; where it states no high, it is open.
        quantity: a column parsed as a quantity in words, in place of the bounds.
        instead_of_zero: a column read where the bounds are blank or zero.
        no_zero_where: rows whose zero is a position and not a count.
        from_columns: measure and population come from columns of the row.
    """

    measure_code: str = ""
    population_code: str = ""
    sex_code: Literal["any", "female", "male", "unknown"] = "any"
    age_group_code: Literal["any", "child", "adult", "unknown"] = "any"
    role_code: Literal["alleged", "conceded"] = "alleged"
    low: tuple[str, ...] = ()
    best: tuple[str, ...] = ()
    high: tuple[str, ...] = ()
    quantity: str | None = None
    instead_of_zero: str | None = None
    no_zero_where: WhereRule | None = None
    from_columns: bool = False
    reason: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the figure reads."""
        extra = tuple(column for column in (self.quantity, self.instead_of_zero) if column)
        return self.low + self.best + self.high + extra


class UnitRule(Rule):
    """Rows that are records of another unit than the monitor's usual one."""

    unit_code: Literal["incident", "allegation", "event_summary", "person", "total"]
    where: WhereRule
    reason: str


class Expectation(Rule):
    """What a healthy file looks like; a breach degrades the run and does not stop it."""

    rows_min: int = 1
    rows_max: int | None = None
    unreadable_share_max: float = 0.05


class Layout(Rule):
    """How one export of a monitor is laid out.

    Attributes:
        gives_way: true for a layout of nobody's in particular, recognised only where no other one is.
    """

    id: Code
    title: str
    seen_code: Literal["real_export", "codebook", "unverified"]
    source: str = ""
    kind_code: Kind
    header_row: int = 1
    encodings: tuple[str, ...] = ("utf-8",)
    required: tuple[str, ...]
    any_of: tuple[tuple[str, ...], ...] = ()
    columns: dict[str, Annotated[tuple[ColumnRule, ...], BeforeValidator(_as_list)]]
    constants: dict[ClaimField, str] = {}
    figures: tuple[FigureRule, ...]
    units: tuple[UnitRule, ...] = ()
    open_window_ends: Literal["", "day_before_report"] = ""
    gives_way: bool = False
    expect: Expectation = Expectation()

    @model_validator(mode="after")
    def _one_column_a_spelling(self) -> Self:
        owner: dict[str, str] = {}
        for name, spelling in self._spellings():
            other = owner.setdefault(fold_header(spelling), name)
            if other != name:
                raise ValueError(f"the header {spelling!r} stands under two columns, {other!r} and {name!r}")
        return self

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        for where, names in (("required", self.required), *(("any_of", group) for group in self.any_of)):
            if lost := [name for name in names if name not in self.columns]:
                raise ValueError(f"{where} names columns that `columns` does not describe: {', '.join(lost)}")
        used = {column for figure in self.figures for column in figure.columns}
        numbers = {name for name, rule in self.column_rules() if rule.number}
        quantities = {name for name, rule in self.column_rules() if rule.field == "quantity"}
        if lost := sorted(used - numbers - quantities):
            raise ValueError(f"figures take columns that are not `number: true`: {', '.join(lost)}")
        if idle := sorted((numbers | quantities) - used):
            raise ValueError(f"columns are `number: true` and no figure takes them: {', '.join(idle)}")
        return self

    def column_rules(self) -> list[tuple[str, ColumnRule]]:
        """Return (column, rule) for every rule of every column, in the file's order."""
        return [(name, rule) for name, rules in self.columns.items() for rule in rules]

    def _spellings(self) -> list[tuple[str, str]]:
        also = [(name, spelling) for name, rule in self.column_rules() for spelling in rule.also]
        return [(name, name) for name in self.columns] + also

    def spelled(self) -> dict[str, str]:
        """Return the column that each folded header means."""
        return {fold_header(spelling): name for name, spelling in self._spellings()}

    def columns_in(self, header: Iterable[str]) -> dict[str, list[str]]:
        """Return, in the file's order, the columns of a table that each column of the layout stands for.

        More than one where a table has several of its spellings; they come in the order in which `also` lists them.
        """
        held = {fold_header(column): column for column in reversed(list(header))}
        found: dict[str, list[str]] = {name: [] for name in self.columns}
        for spelling, name in self.spelled().items():
            if spelling in held:
                found[name].append(held[spelling])
        return {name: columns for name, columns in found.items() if columns}

    def restricted_rules(self) -> list[ColumnRule]:
        """Return the rules of columns that may name persons: a mark on one use of a column holds for all of them."""
        restricted = self.restricted_columns()
        return [rule for name, rule in self.column_rules() if name in restricted]

    def restricted_columns(self) -> frozenset[str]:
        """Return the columns that may name persons, by their own names."""
        return frozenset(name for name, rule in self.column_rules() if rule.personal or rule.free_text)


class Monitor(Rule):
    """Who claims, what it counts, and how its exports are laid out."""

    id: Code
    title: str
    publisher: str
    homepage: str = ""
    licence: str
    attribution: str = ""
    kind_code: Literal["monitor", "belligerent", "un", "ministry", "media", "sheet"]
    belligerent_code: str = ""
    origin_code: str = ""
    unit_code: Literal["incident", "allegation", "event_summary", "person", "total"]
    claims_per_incident: Literal["one", "many"]
    split_pattern: str = ""
    scope: Scope
    grade_rungs: tuple[GradeRung, ...] = ()
    reason: str
    layouts: tuple[Layout, ...] = ()

    @field_validator("split_pattern")
    @classmethod
    def _has_base(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groupindex
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if pattern and "base" not in groups:
            raise ValueError("the code that parts share has to stand in a group (?P<base>...)")
        return pattern


# ---- linkage -------------------------------------------------------------------------------------------------------


class Level(Rule):
    """One comparison level: how likely it is among true pairs (m) and among the others (u).

    Attributes:
        usual_share: the share of claims that bears what pairs on this level usually agree on; against it a rarer agreement
            adds and a commoner one takes. Without it u stands for it.
    """

    title: str
    m: float = Field(gt=0, lt=1)
    u: float = Field(gt=0, lt=1)
    usual_share: float | None = Field(default=None, gt=0, lt=1)
    reason: str = ""


class BlockingRule(Rule):
    """Which claims are worth comparing: those that share a key and lie near each other in time, or in age.

    Attributes:
        key: what has to be shared: a part of the place name, the governorate, a grid cell, the country; for victims the
            whole name, two or three parts of it, one part, or the incident.
        within_days: how far apart the windows may lie; without it days are not looked at.
        within_years: how far apart the ages may lie; without it ages are not looked at.
        only: only pairs of which one side lacks something: `undated` a day, `unplaced` a governorate, `unlocated` a point
            of a town or finer, `nowhere` both.
    """

    code: Code
    key: Literal["place", "admin1", "nearby", "day", "name", "name_triple", "name_pair", "name_part"]
    within_days: int | None = Field(default=None, ge=0, le=400)
    within_years: int | None = Field(default=None, ge=0, le=100)
    only: Literal["", "undated", "unplaced", "unlocated", "nowhere"] = ""
    reason: str

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if self.within_days is not None and (self.within_years is not None or self.only == "undated"):
            raise ValueError(
                "a rule looks at days or at ages: `within_days` goes with neither `within_years` nor `only: undated`"
            )
        return self


class Thresholds(Rule):
    """Weights, in bits, from which a pair is a match, worth a person's look, or a rival of other pairs.

    `match` is held against the weight with the rivals of either side set against it, the other two against the weight alone.
    """

    match: float
    possible: float
    rival: float = -6.0
    reason: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.rival <= self.possible <= self.match:
            raise ValueError("rival, possible and match have to stand in that order, the smallest first")
        return self


class Linkage(Rule):
    """Fellegi-Sunter for one kind of claim.

    Attributes:
        prior_bits: log2 odds that two claims speak of one incident or victim, before anything is compared; or
        expected_share: the share of the shorter list that is expected to stand in the longer one too, from which the odds
            follow by the sizes of the lists. Exactly one of the two.
        rarity_floor_bits, rarity_cap_bits: what agreeing on something common takes, and on something rare adds, at most, in
            any one comparison.
        max_pairs_per_key, max_pairs_per_claim: where a key, or a rule, brings more pairs, its commonest keys are narrowed.
        parameters: numbers that comparisons read, by name.
    """

    id: Code
    title: str
    kind_code: LinkedKind
    reason: str
    trained_on: str
    prior_bits: float | None = None
    expected_share: float | None = Field(default=None, gt=0, le=1)
    rarity_floor_bits: float = Field(le=0)
    rarity_cap_bits: float = Field(ge=0)
    max_pairs_per_key: int = Field(ge=1)
    max_pairs_per_claim: float = Field(default=200, gt=0)
    parameters: dict[str, float]
    blocking: tuple[BlockingRule, ...]
    comparisons: dict[str, dict[str, Level]]
    thresholds: Thresholds

    @model_validator(mode="after")
    def _one_prior(self) -> Self:
        if (self.prior_bits is None) == (self.expected_share is None):
            raise ValueError("exactly one of `prior_bits` and `expected_share` has to be stated")
        return self


# ---- discrepancies -------------------------------------------------------------------------------------------------


class Tolerance(Rule):
    """The severity and the parameters of one kind of discrepancy."""

    severity: Literal["S1", "S2", "S3"]
    parameters: dict[str, float] = {}
    reason: str


class DiscrepancyRules(Rule):
    """Severities and tolerances by code of discrepancy."""

    id: Code
    title: str
    reason: str
    kinds: dict[str, Tolerance]


# ---- a person's decisions ------------------------------------------------------------------------------------------


class Judgement(Rule):
    """A person's decision on two claims. Outranks every weight."""

    left: str
    right: str
    decision: Literal["same", "different", "part_of", "unsure"]
    reviewer: str
    decided_on: date
    note: str = ""


class Correction(Rule):
    """A person's correction of one value of one claim, or of a claim that should not stand."""

    claim_id: str
    action: Literal["set", "drop"]
    column: str = ""
    expected: str = ""
    value: str = ""
    reason: str
    reviewer: str
    decided_on: date


class Ruleset(BaseModel):
    """Every rule of a run, read once.

    Attributes:
        root: the folder the rules were read from, to tell where a fault stands; it is no part of the digest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    root: Path
    monitors: dict[str, Monitor]
    vocabularies: dict[str, Vocabulary]
    quantities: dict[str, object]
    places: pd.DataFrame
    linkage: dict[str, Linkage]
    discrepancies: DiscrepancyRules
    digest: str
