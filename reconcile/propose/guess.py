"""What a column may be, by its name, by the rule files that know the name, and by its values: a guess, or a question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reconcile.normalize.cells import iso_country
from reconcile.parse.ages import parse_age, parse_birth_year
from reconcile.parse.coordinates import parse_latitude, parse_longitude
from reconcile.parse.counts import parse_quantity
from reconcile.parse.errors import Unreadable
from reconcile.parse.places import fold_name
from reconcile.propose import words
from reconcile.propose.columns import LAST_YEAR, LEAST_YEAR, is_serial
from reconcile.ruleset import fold_spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from reconcile.normalize.cells import Context
    from reconcile.propose.columns import Column
    from reconcile.propose.kin import Known
    from reconcile.ruleset import ColumnRule

    Keys = dict[str, Any]

# Shares of cells from which values speak for themselves, and from which they do not speak against a name.
SURE, LIKELY, SOME = 0.8, 0.6, 0.3
MOST_NUMBER_CODES = 12
ORDER_ASKED = "no cell proves whether the day or the month comes first: add `order: dmy`, or `order: mdy`"
DEFAULT_SEPARATORS = (", ", "; ", ";")
SEPARATORS = ((" + ",), (" / ",), ("|",), (" and ", ", "), (" & ",))
# What a vocabulary's terms fill, and how its words are read. Of grades and the like only the codebook knows what they mean.
VOCABULARIES = {
    "sexes": ("victim_sex_code", "term", True),
    "perpetrators": ("perpetrator_codes", "terms", True),
    "violence": ("violence_code", "terms", True),
    "measures": ("measure_code", "term", False),
    "populations": ("population_code", "term", False),
    "place_kinds": ("place_kind_code", "term", False),
    "origins": ("origin_ids", "terms", False),
    "grades": ("grade_code", "term", False),
    "attributions": ("attribution_code", "term", False),
    "positions": ("position_code", "term", False),
}
# Terms that say nothing, and stand in many vocabularies.
_UNTELLING = frozenset({"unknown", "other", "none", "all"})
_COPIED = (
    "field", "number", "ignore", "parse", "vocabulary", "separators", "take", "drop", "order", "decimal_mark", "missing", "days", "time_zone",
    "personal", "free_text", "codes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column may be.

    Attributes:
        uses: the keys of its rules as they stand in a rule file; `undecided` among them where only a person knows.
        why: where the guess comes from.
        counted: what it counts, of a column of numbers.
    """

    uses: tuple[Keys, ...]
    why: str = ""
    counted: words.Counted | None = None

    @property
    def field(self) -> str:
        """The field it fills first; "" where it fills none."""
        return str(self.uses[0].get("field", ""))

    @property
    def is_open(self) -> bool:
        """Whether a person has to decide."""
        return "undecided" in self.uses[0]

    @property
    def is_restricted(self) -> bool:
        """Whether it may name persons."""
        return any(keys.get("personal") or keys.get("free_text") for keys in self.uses)


def opened(guess: Guess, question: str) -> Guess:
    """Return a guess that a person has to decide on."""
    first, *rest = guess.uses
    return replace(guess, uses=({"undecided": question} | first, *rest))


def guess_of(column: Column, known: Sequence[Known], context: Context) -> Guess:
    """Return what a column may be.

    Args:
        column: its values.
        known: what shipped layouts say of its header, the likeliest first.
        context: vocabularies and places.
    """
    if not column.counts:
        is_named = words.names_persons(column.name)
        return Guess(({"ignore": "blank throughout"} | ({"personal": True} if is_named else {}),))
    kin = [one for one in known if one.is_kin]
    if kin:
        return _as_kin(column, kin[0], context)
    for guessing in (_delicate, _person):
        if guess := guessing(column, known, context):
            return guess
    for one in known:
        if guess := _as_known(column, one, context):
            return guess
    return next(guess for guessing in _BY_VALUES if (guess := guessing(column, context)))


# ---- by rule files -------------------------------------------------------------------------------------------------


def keys_of(rule: ColumnRule) -> Keys:
    """Return what a rule states, as keys of a rule file; what it leaves to the default stands not among them."""
    stated = {name: getattr(rule, name) for name in _COPIED if name in rule.model_fields_set}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in stated.items()}


def _as_kin(column: Column, known: Known, context: Context) -> Guess:
    """Return what the layout says that knows most of the table; a question where the values do not fit it."""
    uses = tuple(map(keys_of, known.rules))
    guess = Guess(uses, f"as {known.monitor_id} reads it", known.counted())
    if all(_fits(rule, column, context) for rule in known.rules):
        days = [rule for rule in known.rules if rule.parse == "day" and not rule.order]
        asked = _day(column, str(days[0].field), "") if days else guess
        return opened(guess, str(asked.uses[0]["undecided"])) if asked.is_open else guess
    return opened(guess, f"{known.monitor_id} reads it so, and these values do not fit: what are they?")


def _as_known(column: Column, known: Known, context: Context) -> Guess | None:
    """Return what a layout says that knows this header among others, where the values fit; codes are its own and not taken."""
    rule = next((rule for rule in known.rules if rule.ignore is None), None)
    if rule is None or not _fits(rule, column, context):
        return None
    why = f"{known.monitor_id} reads a column of this name so"
    if rule.number or (rule.parse == "quantity" and column.number_share >= SURE):
        counted = words.counted_in(column.name) or known.counted()
        return _number(column, counted, why) if counted else None
    if rule.field in {"native_id", "native_incident_ids"}:
        is_own = column.is_unique and column.is_id
        return (
            _id(column, why) if is_own else None if rule.field == "native_id" else _copied(column, rule, why)
        )
    if rule.parse in {"day", "code", "governorate"}:
        keys = {key: value for key, value in keys_of(rule).items() if key != "codes"}
        return {
            "day": lambda: _day(column, str(rule.field), why),
            "code": lambda: _codes(column, keys, why),
            "governorate": lambda: _shires(column, context, why),
        }[rule.parse]()
    guess = _copied(column, rule, why)
    return replace(guess, counted=words.counted_in(column.name)) if rule.parse == "quantity" else guess


def _copied(column: Column, rule: ColumnRule, why: str) -> Guess:
    """Return a rule of another layout, the stand-ins for blanks of this column in the place of its own."""
    stated = [text for text in rule.missing if text in column.counts]
    if rule.parse in {"age", "birth", "latitude", "longitude", "number"}:
        stated = [*column.missing, *stated]
    kept = {key: value for key, value in keys_of(rule).items() if key not in {"order", "missing"}}
    return Guess((kept | ({"missing": list(dict.fromkeys(stated))} if stated else {}),), why)


def _fits(rule: ColumnRule, column: Column, context: Context) -> bool:
    """Return whether values can be what a rule takes them for."""
    if rule.ignore is not None or rule.take or rule.drop or not column.probed:
        return True
    test, least = _TESTS.get(rule.parse, (None, 0.0))
    if test is not None:
        return column.share(lambda text: test(text, rule, context)) >= least
    if rule.parse == "day":
        return column.day_share >= LIKELY or column.share(is_serial) >= LIKELY
    if rule.parse == "number":
        return column.number_share >= SURE
    if rule.field == "native_id":
        return column.is_unique and column.day_share < LIKELY
    is_value = max(column.number_share, column.day_share, column.url_share) >= LIKELY
    return not is_value or rule.field in {"native_incident_ids", "pcode"}


def _readable(read: Callable[[str], object]) -> Callable[[str, ColumnRule, Context], bool]:
    def test(text: str, _: ColumnRule, __: Context) -> bool:
        try:
            return read(text) is not None
        except Unreadable:
            return False

    return test


def _is_term(text: str, rule: ColumnRule, context: Context) -> bool:
    return fold_spelling(text) in _spellings(rule.vocabulary or "", context)


def _has_term(text: str, rule: ColumnRule, context: Context) -> bool:
    known = _spellings(rule.vocabulary or "", context)
    return any(fold_spelling(piece) in known for piece in _pieces(text, rule.separators))


def _spellings(vocabulary: str, context: Context) -> Mapping[str, str]:
    return context.monitors if vocabulary == "monitors" else context.spellings.get(vocabulary, {})


def _pieces(text: str, separators: Sequence[str]) -> list[str]:
    pieces = [text]
    for mark in separators:
        pieces = [piece for whole in pieces for piece in whole.split(mark)]
    return [*pieces, text]


def _is_country(text: str, _: object, context: Context) -> bool:
    # A number is some scheme's own, and ISO's by chance.
    return not text.isdecimal() and bool(
        context.gazetteer.countries.get(fold_name(text)) or iso_country(text)
    )


def _is_code(text: str, rule: ColumnRule, _: Context) -> bool:
    return fold_spelling(text) in {fold_spelling(code) for code in rule.codes or {}}


def _missing(column: Column) -> Keys:
    return {"missing": list(column.missing)} if column.missing else {}


def _is_quantity(text: str, _: object, context: Context) -> bool:
    try:
        return parse_quantity(text, context.words) is not None
    except Unreadable:
        return False


_TESTS: dict[str, tuple[Callable[[str, ColumnRule, Context], bool], float]] = {
    "latitude": (_readable(parse_latitude), SURE),
    "longitude": (_readable(parse_longitude), SURE),
    "age": (_readable(parse_age), LIKELY),
    "birth": (_readable(lambda text: parse_birth_year(text, None)), LIKELY),
    "code": (_is_code, LIKELY),
    "term": (_is_term, LIKELY),
    "terms": (_has_term, SOME),
    "country": (_is_country, LIKELY),
    "quantity": (_is_quantity, LIKELY),
    "url": (lambda text, _, __: text.casefold().startswith(("http", "www.")), LIKELY),
}


# ---- persons -------------------------------------------------------------------------------------------------------


def _delicate(column: Column, _: Sequence[Known], __: Context) -> Guess | None:
    if words.words_of(column.name) & words.DELICATE:
        return Guess(
            ({"ignore": "leads to a person, and no comparison needs it", "personal": True},), "by its name"
        )
    return None


def _person(column: Column, known: Sequence[Known], context: Context) -> Guess | None:
    """Return that a column names persons, where its header says so."""
    listed = next(
        (
            rule
            for one in known
            for rule in one.rules[:1]
            if rule.personal
            and _fits(rule, column, context)
            and (str(rule.field).startswith("victim_") or (rule.ignore is not None and one.layout.gives_way))
        ),
        None,
    )
    if listed is not None:
        keys = keys_of(listed)
        if keys.get("field") == "victim_name" and not column.is_latin:
            keys["field"] = "victim_name_native"
        if keys.get("parse") == "birth":
            return _day(column, "victim_birth", "by its name")
        return Guess((keys,), "by its name, which lists of victims have")
    if not words.names_persons(column.name) or max(column.number_share, column.day_share) >= LIKELY:
        return None
    if (
        words.counted_in(column.name)
        and column.share(lambda text: _is_quantity(text, None, context)) >= LIKELY
    ):
        return None
    question = "persons, by its name: victims (`field: victim_name`), or others (`ignore: who they are`)?"
    return Guess(({"undecided": question, "personal": True},), "by its name")


# ---- by values -----------------------------------------------------------------------------------------------------


def _url(column: Column, _: Context) -> Guess | None:
    return Guess(({"field": "url", "parse": "url"},), "by its values") if column.url_share >= SURE else None


def _axis(column: Column, _: Context) -> Guess | None:
    field = words.field_in(column.name, {key: words.PLACES[key] for key in ("latitude", "longitude")})
    if not field or column.share(lambda text: _TESTS[field][0](text, None, None)) < SURE:  # type: ignore[arg-type]
        return None
    return Guess(({"field": field, "parse": field} | _missing(column),), "by its name and values")


def _days(column: Column, _: Context) -> Guess | None:
    named = words.field_in(column.name, words.DAYS)
    is_excel = bool(named) and column.share(is_serial) >= SURE
    if column.day_share < SURE and not is_excel:
        return None
    guess = _day(column, named or "date_start", "by its name and values" if named else "by its values")
    if words.words_of(column.name) & words.ASIDE and not guess.is_open:
        return opened(guess, "the day of what is told, or that of the record or its source?")
    return guess


def _day(column: Column, field: str, why: str) -> Guess:
    """Return a day; a question where its cells leave open whether the day or the month comes first."""
    keys: Keys = {"field": field, "parse": "birth" if field == "victim_birth" else "day"} | _missing(column)
    keys |= {"personal": True} if field == "victim_birth" else {}
    order, sentence = column.order
    if order:
        return Guess((keys | {"order": order},), f"{why}. {sentence.rstrip('.')}")
    if sentence:
        return opened(Guess((keys,), why), f"{sentence} Add the `order` that the monitor means")
    if not column.is_ordered and field != "victim_birth":
        return opened(Guess((keys,), why), ORDER_ASKED)
    return Guess((keys,), f"{why}; the order of day and month is plain")


def _day_part(column: Column, _: Context) -> Guess | None:
    """Return the year, month or day that stands in a column of its own."""
    field = words.field_in(column.name, words.DAY_PARTS)
    least, most = {"start_year": (LEAST_YEAR, LAST_YEAR), "start_month": (0, 12), "start_day": (0, 31)}.get(
        field, (0, -1)
    )
    if not (
        column.number_share >= SURE
        and column.is_whole
        and least <= min(column.numbers) <= max(column.numbers) <= most
    ):
        return None
    if words.counted_in(column.name):
        return None
    return Guess(
        ({"field": field, "parse": "number"} | _missing(column),),
        "by its name and values; read where no day is stated",
    )


def _reports(column: Column, _: Context) -> Guess | None:
    """Return the number of reports that a record was made from."""
    if column.number_share < SURE or not column.is_whole or words.counted_in(column.name):
        return None
    if not words.words_of(column.name) & words.COUNTS_OF_REPORTS:
        return None
    return Guess(({"field": "report_count", "parse": "number"} | _missing(column),), "by its name and values")


def _delicate_number(column: Column, _: Context) -> Guess | None:
    """Return that numbers of nine digits or more may be of a register, or of telephones."""
    if not column.is_delicate or words.counted_in(column.name):
        return None
    return Guess(
        (
            {
                "undecided": "mail, telephones or long numbers: the record's own id, or a person's? Take `personal` away only if no person is meant",
                "personal": True,
            },
        ),
        "by its values",
    )


def _count(column: Column, context: Context) -> Guess | None:
    """Return a number for figures, where its name says what is counted."""
    counted = words.counted_in(column.name)
    if counted is None or column.is_prose:
        return None
    if column.number_share >= SURE:
        return _number(column, counted, "by its name")
    if (
        column.share(lambda text: _is_quantity(text, None, context)) >= LIKELY
        and column.number_share >= SOME / 3
    ):
        return Guess(({"field": "quantity", "parse": "quantity"},), "by its name; numbers in words", counted)
    return None


def _number(column: Column, counted: words.Counted, why: str) -> Guess:
    """Return a number for figures; a question where it runs on, or where its cells can be read two ways."""
    keys: Keys = {"number": True, "parse": "number"} | _missing(column)
    mark = column.decimal_mark
    if mark:
        keys["decimal_mark"] = mark
        why += f"; decimals after {mark!r}, as its cells prove"
    guess = Guess((keys,), why, counted)
    if words.words_of(column.name) & words.RUNNING:
        question = "a running total, by its name: of a companion layout (`reads_with`), or `ignore: why`?"
        return opened(guess, question)
    if column.is_doubtful:
        question = (
            "1.234 may be a thousand or little more than one, and no cell proves which: add `decimal_mark`"
        )
        return opened(guess, question)
    return guess


def _identity(column: Column, _: Context) -> Guess | None:
    """Return the record's own id: unique, one word with a digit, and so named."""
    is_told = words.field_in(column.name, words.OTHERS) == "native_id"
    if not (column.is_unique and column.is_id) or column.url_share:
        return None
    if is_told:
        return _id(column, "by its name, and no value stands twice")
    if column.number_share < SURE and column.filled == column.rows:
        return _id(column, "no value stands twice")
    return None


def _id(column: Column, why: str) -> Guess:
    keys: Keys = {"field": "native_id"} | ({"parse": "whole"} if column.has_whole_floats else {})
    guess = Guess((keys,), why)
    if column.is_delicate:
        return opened(
            replace(guess, uses=(keys | {"personal": True},)),
            "the record's own id, or a person's of some register? Take `personal` away only if no person is meant",
        )
    return guess


def _other_number(column: Column, _: Context) -> Guess | None:
    """Return the question what a number counts, or what a code stands for."""
    if column.number_share < SURE:
        return None
    if column.is_code_list and column.is_whole and len(column.counts) <= MOST_NUMBER_CODES:
        return _codes(column, {}, "by its values")
    bound = next((code for code, known in words.BOUNDS.items() if words.words_of(column.name) & known), "")
    of_what = f"the {bound} number of what?" if bound else "a number of what?"
    return Guess(
        (
            {
                "undecided": f"{of_what} `number: true, parse: number` and a line under `figures`, or `ignore: why`"
            },
        ),
        "",
    )


def _codes(column: Column, keys: Keys, why: str) -> Guess:
    """Return a skeleton of codes, every value waiting for what it means; without values where they may not be shown."""
    question = f"codes: say what each stands for{'' if 'field' in keys else ', and for which `field`'}; or ignore the column"
    listed = {"codes": dict.fromkeys(sorted(column.counts))} if column.is_code_list else {}
    return opened(Guess((keys | {"parse": "code"} | listed,), why), question)


def _term(column: Column, context: Context) -> Guess | None:
    """Return the vocabulary that knows most of the values."""
    shares = {
        name: (share, marks)
        for name in VOCABULARIES
        for share, marks in [_known_share(column, name, context)]
    }
    name = max(shares, key=lambda one: shares[one][0])
    share, marks = shares[name]
    field, parse, is_sure = VOCABULARIES[name]
    said = words.field_in(column.name, words.OTHERS) == field
    if share < (SOME if said else LIKELY):
        return None
    keys: Keys = {"field": field, "parse": parse, "vocabulary": name}
    keys |= {"separators": list(marks)} if marks != DEFAULT_SEPARATORS and parse == "terms" else {}
    guess = Guess((keys,), f"{share:.0%} of its cells are known to the vocabulary {name}")
    if is_sure and not (name == "perpetrators" and words.words_of(column.name) & words.TARGETS):
        return guess
    return opened(
        guess, "what these words mean, only the codebook says: take the vocabulary, or write `codes`"
    )


def _known_share(column: Column, name: str, context: Context) -> tuple[float, tuple[str, ...]]:
    """Return the share of cells that a vocabulary knows, and the separators under which it knows most."""
    terms = context.vocabularies[name].terms if name in context.vocabularies else {}
    known = {
        text: code
        for text, code in _spellings(name, context).items()
        if code not in _UNTELLING and code in terms and terms[code].attacker
    }

    def share(marks: tuple[str, ...]) -> float:
        return column.share(lambda text: any(fold_spelling(piece) in known for piece in _pieces(text, marks)))

    if not known:
        return 0.0, DEFAULT_SEPARATORS
    plain = share(DEFAULT_SEPARATORS if VOCABULARIES[name][1] == "terms" else ())
    if VOCABULARIES[name][1] != "terms" or plain < SOME / 3:
        return plain, DEFAULT_SEPARATORS
    told = max(SEPARATORS, key=share)
    return (share(told), told) if share(told) > plain + SOME / 3 else (plain, DEFAULT_SEPARATORS)


def is_governorate(text: str, context: Context) -> bool:
    """Return whether the gazetteer knows a governorate of that name, and it is no region of the world."""
    return context.gazetteer.governorate(text) is not None and not words.words_of(text) & words.WORLD


def _country(column: Column, context: Context) -> Guess | None:
    named = words.field_in(column.name, words.PLACES)
    share = column.share(lambda text: _is_country(text, None, context))
    if share < (SOME if named == "country_code" else SURE) or named == "admin1":
        return None
    return Guess(({"field": "country_code", "parse": "country"},), f"{share:.0%} of its cells are countries")


def _place(column: Column, context: Context) -> Guess | None:
    """Return a governorate, a place, or what lies between, by the gazetteer and the header."""
    named = words.field_in(column.name, words.PLACES)
    if column.is_prose or column.number_share >= SOME:
        return None
    if named == "admin1" or (
        not named and column.share(lambda text: is_governorate(text, context)) >= LIKELY
    ):
        return _shires(column, context, "")
    town = column.share(lambda text: context.gazetteer.resolve(text).place is not None)
    if named == "place_name" or (not named and town >= LIKELY):
        field = "place_name" if column.is_latin else "place_name_native"
        why = f"{town:.0%} of its cells are places that the gazetteer knows"
        return Guess(({"field": field, "parse": "place"},), why)
    return Guess(({"field": named},), "by its name") if named in {"pcode", "admin2"} else None


def _shires(column: Column, context: Context, why: str) -> Guess:
    """Return governorates; a question where the gazetteer knows few of them."""
    share = column.share(lambda text: is_governorate(text, context))
    told = f"{share:.0%} of its cells are governorates that the gazetteer knows"
    guess = Guess(({"field": "admin1", "parse": "governorate"},), "; ".join(filter(None, (why, told))))
    return (
        guess
        if share >= SOME
        else opened(guess, "governorates, by its name; or a wider region, which is ignored?")
    )


def _sentences(column: Column, _: Context) -> Guess | None:
    """Return free text: the record's words, remarks on it, or who passed it on."""
    named = words.field_in(column.name, {key: words.OTHERS[key] for key in ("text", "note", "reported_via")})
    if named:
        return Guess(({"field": named, "free_text": True},), "by its name")
    if not column.is_prose:
        return None
    return Guess(
        (
            {
                "undecided": "sentences: `field: text`, `field: note`, or `ignore: what they tell`",
                "free_text": True,
            },
        ),
        "by its values",
    )


def _code_list(column: Column, _: Context) -> Guess | None:
    return _codes(column, {}, "by its values") if column.is_code_list else None


def _text(_: Column, __: Context) -> Guess:
    return Guess(
        (
            {
                "undecided": "which field is it, or `ignore: why`? Keep `free_text` where it may name a person",
                "free_text": True,
            },
        )
    )


_BY_VALUES: tuple[Callable[[Column, Context], Guess | None], ...] = (
    _url, _axis, _days, _day_part, _reports, _delicate_number, _count, _identity, _other_number, _country, _place, _term, _sentences, _code_list, _text,
)  # fmt: skip


def known_terms(column: Column, keys: Keys, context: Context) -> Iterator[tuple[str, int]]:
    """Yield the codes that a vocabulary reads in a column, with their numbers of cells."""
    known = _spellings(keys["vocabulary"], context)
    for text, count in column.counts.items():
        for piece in dict.fromkeys(_pieces(text, keys.get("separators", DEFAULT_SEPARATORS))):
            if code := known.get(fold_spelling(piece)):
                yield code, count
