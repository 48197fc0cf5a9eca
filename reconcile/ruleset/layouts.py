"""Who claims, what it counts, and how its exports are laid out."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, field_validator, model_validator

from reconcile.ruleset.base import Code, Kind, Population, Rule, fold_header, regular_expression

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    "sources",
    "url",
    "place",
    "governorate",
    "country",
    "whole",
    "age",
    "birth",
    "part",
    "id",
    "month",
]
ClaimField = Literal[
    "monitor",
    "native_id",
    "native_incident_ids",
    "previous_ids",
    "date_start",
    "date_end",
    "date_precision_code",
    "reported_on",
    "start_year",
    "start_month",
    "start_day",
    "end_year",
    "end_month",
    "end_day",
    "window_hours",
    "place_name",
    "place_name_native",
    "place_kind_code",
    "admin1",
    "admin2",
    "admin3",
    "pcode",
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


class Scope(Rule):
    """What a monitor counts, by its own codebook.

    Attributes:
        imputed: true where its numbers were worked out by it and reported by nobody.
    """

    population_code: Population
    direct_code: Literal["direct", "indirect", "both"] = "direct"
    named_only: bool = False
    imputed: bool = False
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
    "start_year": "number",
    "start_month": "number",
    "start_day": "number",
    "end_year": "number",
    "end_month": "number",
    "end_day": "number",
    "window_hours": "number",
}
# What stands for a number in the name of a column: `belligerent_{n}_name`.
NUMBERED = "{n}"
# What stands for anything in the name of a column that is ignored: `media/*`.
ANYTHING = "*"


class WhereRule(Rule):
    """Rows whose column holds one of these values."""

    column: str
    held: tuple[str, ...] = Field(alias="values")


class ColumnRule(Rule):
    """What one column of a layout means: a field of the claim, a number for figures, or nothing, by name.

    Attributes:
        field: the field of the claim it fills.
        number: true where `figures` of the layout take it.
        ignore: the reason it is not read.
        parse: the named parser.
        vocabulary: for `term`, `terms` and `sources`.
        codes: for `code`: the source's value to ours; values are compared folded, `""` covers a blank cell.
        separators: for `terms`, `sources` and `ids`.
        missing: values that stand for a blank (-9, -99, n/a).
        order: of day, month and year, where a column writes them in figures.
        personal: names or identifies a person; blank in every output by default.
        free_text: may name a person; likewise.
        also: other headers of the same column; compared like its own name.
        take: a regular expression; the cell becomes its first group, or the whole match, or blank where there is none.
        drop: a regular expression; what it matches is taken out of the cell before anything else is done with it.
        upper: true for codes that a file writes in small letters and others do not.
        named: the name under which figures take this number, where one column holds several of them.
        decimal_mark: what parts decimals; without it the column's own cells decide, or a doubtful one is refused.
        days: how many days the day stated is the first of (7 for a week).
        time_zone: IANA name; a stamp with an offset becomes the local day there.
        where: only in these rows; elsewhere the cell counts as blank.
        undecided: what a person has yet to decide; a file that has one does not load.
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
    take: str = ""
    drop: str = ""
    upper: bool = False
    named: str = ""
    decimal_mark: Literal["", ".", ","] = ""
    days: int = Field(default=1, ge=1, le=400)
    time_zone: str = ""
    where: WhereRule | None = None
    undecided: str | None = None
    reason: str = ""

    @field_validator("take", "drop")
    @classmethod
    def _is_regex(cls, pattern: str) -> str:
        return regular_expression(pattern)

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key if name else ""
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("not an IANA time zone, such as Asia/Damascus") from None

    @model_validator(mode="before")
    @classmethod
    def _is_decided(cls, stated: Any) -> Any:
        # Before anything else: a skeleton has more faults, and this is the one to begin with.
        if isinstance(stated, dict) and (asked := stated.get("undecided")) is not None:
            raise ValueError(
                f"undecided ({asked}); if the keys beside it are right, take `undecided` away, "
                "else replace it by a `field`, `number: true`, or `ignore: why`"
            )
        return stated

    @model_validator(mode="after")
    def _one_use(self) -> Self:
        uses = [self.field is not None, self.number, self.ignore is not None]
        if sum(uses) != 1:
            raise ValueError(
                "a column is a field, a number, or ignored with a reason: exactly one of `field`, `number: true`, `ignore`"
            )
        if self.parse in {"term", "terms", "sources"} and not self.vocabulary:
            raise ValueError(f"parse: {self.parse} needs a `vocabulary`")
        needed = "number" if self.number else PARSED_AS.get(self.field or "")
        is_month = self.parse == "month" and (self.field or "").endswith("_month")
        if needed and self.parse != needed and not is_month:
            raise ValueError(
                f"{self.field or 'a number column'} is read by `parse: {needed}`, and by no other"
            )
        if self.parse == "code" and not self.codes:
            raise ValueError("parse: code needs `codes`")
        return self


def _as_list(rules: object) -> object:
    """A column with one use is written without the list."""
    return [rules] if isinstance(rules, dict) else rules


class SplitCodes(Rule):
    """Who is counted where a column holds this text; what is not stated is the figure's own. `skip`: no figure is made."""

    population_code: Population | None = None
    sex_code: Literal["any", "female", "male", "unknown"] | None = None
    age_group_code: Literal["any", "child", "adult", "unknown"] | None = None
    skip: bool = False


class SplitRule(Rule):
    """Who is counted, by the text of a column; an unknown text is an issue and makes no figure."""

    column: str
    codes: dict[str, SplitCodes]


class FigureRule(Rule):
    """How figures are formed from number columns; columns of one bound are added up.

    Columns with `{n}` in their names make one figure for each number that stands for it in the header.

    Attributes:
        low, best, high: columns. Where a row states no low, it is 0 or the best; where it states no high, it is open.
        quantity: a column parsed as a quantity in words, in place of the bounds.
        instead_of_zero: a column read where the bounds are blank or zero.
        no_zero_where: rows whose zero is a position and not a count.
        from_columns: measure, population, sex and age come from columns of the row, where they state them.
        minus: columns taken off every bound.
        persons: true where a row is one person, and counts one.
        where: only these rows.
        blank_code: `vague` where a blank means that somebody was killed, or may have been, and nobody could say how many.
        split_by: the column that says who is counted.
        about: true for numbers that are estimates: ten per cent to either side, and at least one person.
        told_in: the column with the words of a number whose bounds were read before.
        hedged_in: the column with its qualifier, as one of our codes.
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
    minus: tuple[str, ...] = ()
    persons: bool = False
    where: WhereRule | None = None
    blank_code: Literal["not_stated", "vague"] = "not_stated"
    split_by: SplitRule | None = None
    about: bool = False
    told_in: str = ""
    hedged_in: str = ""
    reason: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        bounds = bool(self.low or self.best or self.high)
        if self.persons + bounds + bool(self.quantity) > 1:
            raise ValueError("a figure has bounds, or a quantity, or `persons: true`: only one of them")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the figure reads a number from."""
        extra = tuple(column for column in (self.quantity, self.instead_of_zero) if column)
        return self.low + self.best + self.high + self.minus + extra

    @property
    def wheres(self) -> tuple[tuple[str, str], ...]:
        """The columns whose texts it looks at, each with the key that names it."""
        found = (("where", self.where), ("no_zero_where", self.no_zero_where), ("split_by", self.split_by))
        ruled = tuple((key, rule.column) for key, rule in found if rule)
        told = (("told_in", self.told_in), ("hedged_in", self.hedged_in))
        return ruled + tuple((key, column) for key, column in told if column)


class UnitRule(Rule):
    """Rows that are records of another unit than the monitor's usual one: by a column, or by the length of their window."""

    unit_code: Literal["incident", "allegation", "event_summary", "person", "total"]
    where: WhereRule | None = None
    longer_than_days: int | None = Field(default=None, ge=1)
    reason: str

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.where is None) == (self.longer_than_days is None):
            raise ValueError("exactly one of `where` and `longer_than_days` has to be stated")
        return self


class Expectation(Rule):
    """What a healthy file looks like; a breach degrades the run and does not stop it."""

    rows_min: int = 1
    rows_max: int | None = None
    unreadable_share_max: float = 0.05


class Headerless(Rule):
    """A release without a header: as many cells as `order` names, and these columns look as they should."""

    order: tuple[str, ...]
    looks_like: dict[str, str]

    @model_validator(mode="after")
    def _looks_at_its_columns(self) -> Self:
        if lost := [name for name in self.looks_like if name not in self.order]:
            raise ValueError(f"`looks_like` names columns that `order` does not: {', '.join(lost)}")
        for pattern in self.looks_like.values():
            regular_expression(pattern)
        return self


class Layout(Rule):
    """How one export of a monitor is laid out.

    Attributes:
        header_row: where the header is expected; it is looked for further down too.
        header_rows: over how many rows it stands.
        headerless: how a release without header is told.
        hxl: true where columns are named by HXL tags, their attributes in alphabetical order.
        hxl_ignores: attributes of tags that change nothing.
        group_mark: what parts groups from fields in headers (Kobo's "incident/place").
        grammar: the grammar that cuts a printed text into entries.
        needs: columns of which one has to be filled for a row to make a claim.
        reads_with: the layout whose rows this one reads again, to make more claims of them; it is not recognised itself.
        id_suffix: what sets its claims' ids apart.
        for_each: true to read them once for each number that stands for `{n}` in the header.
        gives_way: true for a layout of nobody's in particular, recognised only where no other one is.
        series: claims of layouts with one series are one series of numbers, whoever of them made each.
        only_where: rows that make a claim; the others do in a companion, or in none.
        sets_aside: rows that a person rejected: they make no claim, here or in a companion.
        other_sheets: sheets of the same workbook that are known to hold no claim.
        deletes: true for a list of records that the monitor deleted: no row makes a claim.
    """

    id: Code
    title: str
    seen_code: Literal["real_export", "codebook", "unverified"]
    source: str = ""
    kind_code: Kind
    header_row: int = Field(default=1, ge=1)
    header_rows: int = Field(default=1, ge=1, le=3)
    headerless: Headerless | None = None
    hxl: bool = False
    hxl_ignores: tuple[str, ...] = ()
    group_mark: str = ""
    grammar: str = ""
    encodings: tuple[str, ...] = ("utf-8",)
    required: tuple[str, ...]
    any_of: tuple[tuple[str, ...], ...] = ()
    needs: tuple[str, ...] = ()
    columns: dict[str, Annotated[tuple[ColumnRule, ...], BeforeValidator(_as_list)]]
    constants: dict[ClaimField, str] = Field(default={})
    figures: tuple[FigureRule, ...]
    units: tuple[UnitRule, ...] = ()
    open_window_ends: Literal["", "day_before_report"] = ""
    reads_with: str = ""
    id_suffix: str = ""
    for_each: bool = False
    gives_way: bool = False
    series: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]*)?$")] = ""
    only_where: WhereRule | None = None
    sets_aside: WhereRule | None = None
    other_sheets: tuple[str, ...] = ()
    deletes: bool = False
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
        lists = [("required", self.required), ("needs", self.needs)]
        lists += [("any_of", group) for group in self.any_of]
        lists += [("headerless.order", self.headerless.order)] if self.headerless else []
        for where, names in lists:
            if lost := [name for name in names if name not in self.columns]:
                raise ValueError(f"{where} names columns that `columns` does not describe: {', '.join(lost)}")
        used = {column for figure in self.figures for column in figure.columns}
        numbers = {rule.named or name for name, rule in self.column_rules() if rule.number}
        quantities = {rule.named or name for name, rule in self.column_rules() if rule.field == "quantity"}
        if wild := [name for name, rule in self.column_rules() if ANYTHING in name and rule.ignore is None]:
            raise ValueError(f"columns with {ANYTHING} can only be ignored: {', '.join(wild)}")
        if lost := sorted(used - numbers - quantities):
            raise ValueError(f"figures take columns that are not `number: true`: {', '.join(lost)}")
        if idle := sorted((numbers | quantities) - used):
            raise ValueError(f"columns are `number: true` and no figure takes them: {', '.join(idle)}")
        return self

    @model_validator(mode="after")
    def _companions_are_whole(self) -> Self:
        if bool(self.reads_with) != bool(self.id_suffix):
            raise ValueError("`reads_with` and `id_suffix` go together: the claims of one row need ids apart")
        if self.for_each and (not self.reads_with or NUMBERED not in self.id_suffix):
            raise ValueError(f"`for_each` needs `reads_with`, and {NUMBERED} in `id_suffix`")
        if not (self.required or self.any_of or self.reads_with):
            raise ValueError("a layout is recognised by `required` columns, or by `any_of` groups")
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

    @cached_property
    def signature(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """What a header must hold: for each required column, and each `any_of` group, its name and its folded spellings."""
        spellings: dict[str, set[str]] = {name: set() for name in self.columns}
        for folded, name in self.spelled().items():
            spellings[name].add(folded)
        groups: list[tuple[str, tuple[str, ...]]] = [(name, (name,)) for name in self.required]
        groups += [(" or ".join(group), group) for group in self.any_of]
        return tuple(
            (title, frozenset().union(*(spellings[name] for name in names))) for title, names in groups
        )

    def columns_in(self, header: Iterable[str]) -> dict[str, list[str]]:
        """Return, in the file's order, the columns of a table that each column of the layout stands for.

        More than one where a table has several of its spellings; they come in the order in which `also` lists them.
        """
        names = list(header)
        held: dict[str, str] = {}
        for column in names:
            held.setdefault(fold_header(column), column)
        if self.group_mark:
            for column in names:
                held.setdefault(fold_header(column.rsplit(self.group_mark, 1)[-1]), column)
        found: dict[str, list[str]] = {name: [] for name in self.columns}
        for spelling, name in self.spelled().items():
            if spelling in held:
                found[name].append(held[spelling])
        return {name: columns for name, columns in found.items() if columns}

    def numbers_in(self, header: Iterable[str]) -> list[int]:
        """Return the numbers that stand for `{n}` in a header, the least first."""
        patterns = [
            re.compile(re.escape(fold_header(spelling)).replace(re.escape(NUMBERED), "([0-9]{1,6})"))
            for _, spelling in self._spellings()
            if NUMBERED in spelling
        ]
        folded = [fold_header(column) for column in header] if patterns else []
        matches = (pattern.fullmatch(column) for column in folded for pattern in patterns)
        return sorted({int(match[1]) for match in matches if match})

    def laid_on(self, header: Iterable[str]) -> Layout:
        """Return the layout with each `{n}` column standing once for every number of a header, and each `*` for what it fits."""
        names = list(header)
        numbers = self.numbers_in(names)
        one = self.numbered(numbers) if any(NUMBERED in name for name in self.columns) else self
        wild = [name for name in one.columns if ANYTHING in name]
        if not wild:
            return one
        described = {own for columns in one.columns_in(names).values() for own in columns}
        columns = {name: rules for name, rules in one.columns.items() if name not in wild}
        for name in wild:
            pattern = re.compile(re.escape(fold_header(name)).replace(re.escape(ANYTHING), ".+"))
            fits = [own for own in names if own not in described and pattern.fullmatch(fold_header(own))]
            columns |= {own: one.columns[name] for own in fits if own not in columns}
        return one.model_copy(update={"columns": columns})

    def numbered(self, numbers: Iterable[int]) -> Layout:
        """Return the layout with each `{n}` column, and each figure of such, standing once for every one of the numbers."""
        told = [str(number) for number in numbers]
        return self.model_copy(
            update={
                "id_suffix": _replaced(self.id_suffix, told[0]) if self.for_each else self.id_suffix,
                "columns": {
                    name: rules
                    for written, stated in self.columns.items()
                    for name, rules in _each(written, stated, told)
                },
                "required": tuple(one for name in self.required for one, _ in _each(name, (), told)),
                "any_of": tuple(
                    tuple(one for name in group for one, _ in _each(name, (), told)) for group in self.any_of
                ),
                "needs": tuple(one for name in self.needs for one, _ in _each(name, (), told)),
                "figures": tuple(
                    one
                    for figure in self.figures
                    for one in (
                        [FigureRule.model_validate(_replaced(figure.model_dump(by_alias=True), number)) for number in told]
                        if any(NUMBERED in name for name in (*figure.columns, *(column for _, column in figure.wheres)))
                        else [figure]
                    )
                ),
            }
        )  # fmt: skip

    def restricted_rules(self) -> list[ColumnRule]:
        """Return the rules of columns that may name persons: a mark on one use of a column holds for all of them."""
        restricted = self.restricted_columns()
        return [rule for name, rule in self.column_rules() if name in restricted]

    def restricted_columns(self) -> frozenset[str]:
        """Return the columns that may name persons, by their own names."""
        return frozenset(name for name, rule in self.column_rules() if rule.personal or rule.free_text)


def _each(
    name: str, rules: tuple[ColumnRule, ...], numbers: Iterable[str]
) -> list[tuple[str, tuple[ColumnRule, ...]]]:
    if NUMBERED not in name:
        return [(name, rules)]
    return [
        (name.replace(NUMBERED, number), tuple(rule.model_copy(update={"also": _replaced(rule.also, number)}) for rule in rules))
        for number in numbers
    ]  # fmt: skip


def _replaced(node: Any, number: str) -> Any:
    if isinstance(node, str):
        return node.replace(NUMBERED, number)
    if isinstance(node, dict):
        return {key: _replaced(value, number) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return tuple(_replaced(value, number) for value in node)
    return node


class Section(Rule):
    """A heading of a printed text: columns it sets for every entry below it; its named groups are columns too."""

    pattern: str
    columns: dict[str, str] = Field(default={})

    @field_validator("pattern")
    @classmethod
    def _is_regex(cls, pattern: str) -> str:
        return regular_expression(pattern)


class Grammar(Rule):
    """How a printed text is cut into entries, and an entry into columns.

    Attributes:
        starts: a line that begins an entry.
        entry: a whole entry, its lines joined by single spaces; named groups become columns.
        ends: a line that ends one.
        sections: headings.
        finds: a column filled with the first group of the first of these patterns found in the entry's text.
    """

    id: Code
    title: str
    reason: str
    source: str = ""
    starts: str
    entry: str
    ends: str = r"\s*"
    sections: tuple[Section, ...] = ()
    finds: dict[str, tuple[str, ...]] = Field(default={})

    @field_validator("starts", "entry", "ends")
    @classmethod
    def _is_regex(cls, pattern: str) -> str:
        return regular_expression(pattern)

    @field_validator("finds")
    @classmethod
    def _are_regexes(cls, finds: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for patterns in finds.values():
            for pattern in patterns:
                if not re.compile(regular_expression(pattern)).groups:
                    raise ValueError(f"{pattern!r} has no group; the column is filled with its first group")
        return finds

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column a text becomes: the entry's text first."""
        groups = [*re.compile(self.entry).groupindex]
        for section in self.sections:
            groups += [*section.columns, *re.compile(section.pattern).groupindex]
        return tuple(dict.fromkeys(["text", *groups, *self.finds]))


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
        if pattern and "base" not in re.compile(regular_expression(pattern)).groupindex:
            raise ValueError("the code that parts share has to stand in a group (?P<base>...)")
        return pattern

    @model_validator(mode="after")
    def _companions_have_layouts(self) -> Self:
        leads = {layout.id for layout in self.layouts if not layout.reads_with}
        if lost := [one.id for one in self.layouts if one.reads_with and one.reads_with not in leads]:
            raise ValueError(
                f"`reads_with` names no layout of this file, or another companion: {', '.join(lost)}"
            )
        return self

    def companions_of(self, layout: Layout) -> tuple[Layout, ...]:
        """Return the layouts that read the rows of a layout again."""
        return tuple(one for one in self.layouts if one.reads_with == layout.id)
