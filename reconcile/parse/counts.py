"""Numbers of people as monitors write them: "1,234", "at least 117", "205–228", "dozens", "بين 8 و 10".

A figure is read whole or not at all: words that no vocabulary lists make a cell unreadable, because a
number taken out of "117 families" or "30%" is worse than no number.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from reconcile.parse.errors import Unreadable, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")
Tokens = tuple[str, ...]

_LONGEST = 300
# More than everyone alive: a phone number, an id, two cells run together.
_MOST = 10_000_000_000

# Marks that steer the direction of text or take no width: they come along from web pages, unseen.
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]
)
# Only decimal digits: NFKC would also turn the footnote of "117²" into a digit.
_DIGITS = {ord(digit): str(n) for row in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for n, digit in enumerate(row)}
_MARKS = {ord("٫"): ".", ord("٬"): ",", ord("٪"): "%"}
_PLAIN: dict[int, str | None] = {**_INVISIBLE, **_DIGITS, **_MARKS}
# Arabic has marks of its own for both, so a cell that holds one says itself what parts its decimals.
_ARABIC_MARKS = frozenset("٫٬")
# Spellings of one Arabic letter that writers do not keep apart.
_LETTERS = str.maketrans("أإآٱىیکة", "اااا" + "يي" + "ك" + "ه")

# What parts decimals, to a plain number with it; no group of thousands begins with 0, so "0,333" is no 333.
_NUMBERS = {
    mark: re.compile(
        rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:([{thousands} '])[0-9]{{3}})(?:\1[0-9]{{3}})*)(?:\{mark}[0-9]+)?"
    )
    for mark, thousands in ((".", ","), (",", "."))
}
_SAMPLES = {".": "3, 3.0, 1,234 or 1 234", ",": "3, 3,0, 1.234 or 1 234"}
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ`′", "'"))
_SIGN = re.compile(r"^[-+−]")
# "#REF!", "#N/A", "Err:502"; "#5" is a number that somebody gave to a line.
_FORMULA_ERROR = re.compile(r"#[^\W\d_]\S*|err:[0-9]{3}", re.IGNORECASE)

_UNITS = range(1, 10)
_TENS = range(20, 100, 10)

_DASHES = "-‐‑‒–—―−"
# Of one number in English ("twenty-five"), of two in Ukrainian and Russian ("п'ять-шість", five or six).
_HYPHENATED = re.compile(r"(?<=[^\W\d_Ѐ-ӿ])[-‐‑](?=[^\W\d_Ѐ-ӿ])")
_SYMBOL = re.compile(rf"(>=|<=|[<>≥≤~≈+%]|[{_DASHES}])")
_FOOTNOTE = r"(?:[*†‡§¹²³⁰⁴⁵⁶⁷⁸⁹]|\[[0-9a-z]{1,3}\])"
_FOOTNOTES = re.compile(rf"^(?:{_FOOTNOTE}| )+|(?:{_FOOTNOTE}| )+$")
_QUOTES = "\"'“”‘’«»"
_STOPS = ".,;:،؛"
_NEGATIVE = "a negative number; a count is 0 or more"

_PIECE = re.compile(r"\S+")
_UNSEEN = "".join(map(chr, _INVISIBLE))
_OPENING = "([{" + _QUOTES + _UNSEEN
_CLOSING = ")]}!?…" + _QUOTES + _STOPS + _UNSEEN
# The longest phrase a cell needs: a hedge, two numbers in words and their nouns.
_PIECES = 16
_BESIDE = 4
_UNNUMBERED = frozenset({"none_reported", "not_stated"})
# Words in the longest hedge of the vocabulary, its dashes counted.
_LONGEST_HEDGE = 5


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number as a source states it: an interval, a best value where there is one, and the hedge.

    Attributes:
        low: the fewest people the text allows.
        best: the one number stated, empty where the text gives only bounds.
        high: the most people the text allows, empty where it sets no upper bound.
        qualifier_code: exact, at_least, more_than, up_to, about, range, vague, none_reported or not_stated.
        verbatim: the text as published.
    """

    low: float
    best: float | None
    high: float | None
    qualifier_code: str
    verbatim: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A quantity in a longer text, and where it stands.

    Attributes:
        start: position of its first character in the text.
        end: position after its last.
        quantity: what it says; its verbatim is the text between the two.
    """

    start: int
    end: int
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class QuantityWords:
    """The words of `rules/vocabularies/quantities.yaml` for one profile; phrases are folded, see `folded`.

    Attributes:
        intervals: a term to the least and the most people it stands for.
        hedges: a phrase before a number to what it does to the number.
        hedges_after: the same for a phrase after a number.
        person_nouns: words after a number that say people are counted, and change nothing.
        numbers: a word, or a few that stay together, to the number it means.
        number_heads: the first words of numbers and scales, onto which Arabic writes its "and".
        number_joins: what may stand between a scale and the rest of its number: "one hundred and five".
        number_joins_units_first: those that also part units from tens: "three and twenty" is 23 in Arabic.
        scales: a word to what it multiplies the number before it by.
        articles: words that stand for one before a scale or a person.
        joins: what stands between the two ends of a range.
        joins_opened: what does so only after an opening word such as "between".
        family_openers: phrases before the size of a family.
        losses: words that say a family was killed, without which its size counts nobody.
        other_things: a phrase after a number that makes it one of something else, to what that is.
        other_things_before: the same for a phrase before a number.
        beside_another: a phrase that ties a number to another one, to how.
        decimal_mark: what parts decimals in the texts at hand, where their column says so.
    """

    intervals: Mapping[str, tuple[float, float | None]]
    hedges: Mapping[str, str]
    hedges_after: Mapping[str, str] = field(default_factory=dict)
    person_nouns: frozenset[str] = frozenset()
    numbers: Mapping[str, float] = field(default_factory=dict)
    number_heads: frozenset[str] = frozenset()
    number_joins: frozenset[str] = frozenset({"and"})
    number_joins_units_first: frozenset[str] = frozenset()
    scales: Mapping[str, float] = field(default_factory=dict)
    articles: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset({"-"})
    joins_opened: frozenset[str] = frozenset()
    family_openers: frozenset[str] = frozenset()
    losses: frozenset[str] = frozenset()
    other_things: Mapping[str, str] = field(default_factory=dict)
    other_things_before: Mapping[str, str] = field(default_factory=dict)
    beside_another: Mapping[str, str] = field(default_factory=dict)
    decimal_mark: str | None = None


class _Reading(NamedTuple):
    low: float
    best: float | None
    high: float | None
    code: str


class _Amount(NamedTuple):
    low: float
    high: float | None
    vague: bool


class _Piece(NamedTuple):
    start: int
    end: int
    tokens: Tokens
    opens: bool
    closes: bool


def plain(text: str) -> str:
    """Fold what looks the same and is typed differently: digits, invisible marks, runs of spaces.

    Args:
        text: a cell as published.

    Returns:
        The text with 0-9 for Arabic-Indic and Persian digits, and single spaces between words.

    Raises:
        Unreadable: the text is far longer than any value, so it is prose in the wrong column.
    """
    out = " ".join(text.translate(_PLAIN).split())
    if len(out) > _LONGEST:
        raise Unreadable(f"found {len(out)} characters of text where one value was expected")
    return out


def folded(text: str) -> str:
    """Fold a text for look-up: `plain`, lower case, no Arabic vowel marks, one spelling per Arabic letter.

    Args:
        text: a cell, or a phrase of a vocabulary.

    Returns:
        The folded text; a cell and a phrase that a reader takes for the same fold to the same.

    Raises:
        Unreadable: see `plain`.
    """
    letters = plain(text).casefold().translate(_LETTERS)
    return "".join(c for c in letters if c != "ـ" and not (c >= "\u0610" and unicodedata.category(c) == "Mn"))


def parse_count(text: str, decimal_mark: str | None = None) -> float | None:
    """Read a number cell.

    Args:
        text: the cell; Arabic-Indic and Persian digits, thousands parted by comma, space or apostrophe, decimals.
        decimal_mark: "." or "," where the column says what parts its decimals, see `decimal_mark_of`.

    Returns:
        The number, or None for a blank cell.

    Raises:
        Unreadable: anything that is not one plain number; without a decimal mark also "1.234", which is 1234
            in some countries.
        ValueError: a decimal mark that is neither "." nor ",".
    """
    found = plain(text)
    if not found:
        return None
    try:
        _refuse_formula_error(found)
        return _digits(found, _mark(text, decimal_mark))
    except Unreadable as error:
        raise Unreadable(f"found {shown(text)}, {error}") from None


def decimal_mark_of(texts: Iterable[str]) -> str | None:
    """Tell from a column's own cells what parts its decimals.

    A cell proves a mark where it is a number with that mark and none with the other: "12.5" and "1,234.5" prove
    ".", "3,5" and "1.234.567" prove ",". "1.234" and "1234" prove nothing.

    Args:
        texts: the cells of one column, in any order; what is no number is passed over.

    Returns:
        "." or ",", or None where no cell proves one or two cells prove both.
    """
    proven: set[str] = set()
    for text in texts:
        if ("." in text or "," in text) and len(text) <= _LONGEST and not _ARABIC_MARKS & set(text):
            bare = _SIGN.sub("", plain(text)).translate(_APOSTROPHES)
            fits = [mark for mark, number in _NUMBERS.items() if number.fullmatch(bare)]
            proven.update(fits if len(fits) == 1 else ())
    return proven.pop() if len(proven) == 1 else None


def parse_quantity(text: str, words: QuantityWords, decimal_mark: str | None = None) -> Quantity | None:
    """Read a number with the words around it.

    Args:
        text: a cell of a totals sheet or a fragment of a sentence.
        words: the vocabulary, for one profile of vague words.
        decimal_mark: "." or "," where the column says what parts its decimals, see `parse_count`.

    Returns:
        The interval and the hedge, or None for a blank cell.

    Raises:
        Unreadable: no number, more than one figure, or words that may change what the number counts.
        ValueError: a decimal mark that is neither "." nor ",".
    """
    found = plain(text)
    if not found:
        return None
    words = _marked(words, _mark(text, decimal_mark))
    try:
        _refuse_formula_error(found)
        reading = _whole(_tokens(text, words), words)
    except Unreadable as error:
        raise Unreadable(f"found {shown(text)}, {error}") from None
    return Quantity(reading.low, reading.best, reading.high, reading.code, text)


def phrases(text: str, words: QuantityWords, decimal_mark: str | None = None) -> list[Phrase]:
    """Find the numbers of people in a sentence: from the left, the longest phrase that `parse_quantity` reads.

    No phrase runs over a comma, a bracket or another stop. A phrase that is part of a number or a range which
    cannot be read is left out whole, and so is a number of families, years, percent and other things. What a
    phrase counts, and since when, is not read.

    Args:
        text: a sentence or more.
        words: the vocabulary, for one profile of vague words.
        decimal_mark: see `parse_quantity`.

    Returns:
        The phrases that state a number, in the order of the text; no two overlap.

    Raises:
        ValueError: a decimal mark that is neither "." nor ",".
    """
    words = _marked(words, _mark("", decimal_mark))
    pieces = _pieces(text, words)
    starts = _starts(words)
    out: list[Phrase] = []
    at = 0
    while at < len(pieces):
        ends = _ends(pieces, at) if _begins(pieces[at], starts) else ()
        read = ((end, _phrase_at(text, pieces, at, end, words)) for end in ends)
        end, found = next((pair for pair in read if pair[1]), (at + 1, None))
        # Cut shorter it would read too, and say something else.
        if found and not _runs_on(pieces, at, end, words):
            out.append(found)
        at = end
    return out


def words_from(profile: str, table: Mapping[str, Any]) -> QuantityWords:
    """Take the words of one profile out of the loaded vocabulary.

    Args:
        profile: a key of the table's `profiles`.
        table: `rules/vocabularies/quantities.yaml` as loaded.

    Returns:
        The words, folded and ready for `parse_quantity`.

    Raises:
        ValueError: the profile is not in the table, or one phrase is listed with two meanings.
    """
    if profile not in table["profiles"]:
        raise ValueError(f"profile {profile!r} is not one of {', '.join(table['profiles'])}")
    numbers = _listed((form, float(value)) for value, form in _each(table["number_words"]))
    scales = _listed((form, float(value)) for value, form in _each(table["scales"]))
    families = table.get("families_of", {})
    return QuantityWords(
        intervals=_listed(
            (form, _interval(term[profile])) for term in table["terms"].values() for form in term["forms"]
        ),
        number_heads=frozenset(form.split()[0] for form in (*numbers, *scales)),
        hedges=_listed((form, code) for code, form in _each(table["hedges"])),
        hedges_after=_listed((form, code) for code, form in _each(table["hedges_after"])),
        person_nouns=frozenset(map(_phrase, table["person_nouns"])),
        numbers=numbers,
        scales=scales,
        number_joins=frozenset(map(_phrase, table.get("number_joins", ["and"]))),
        number_joins_units_first=frozenset(map(_phrase, table.get("number_joins_units_first", []))),
        articles=frozenset(map(_phrase, table["articles"])),
        joins=frozenset(map(_phrase, table["range_joins"])),
        joins_opened=frozenset(map(_phrase, table["range_joins_after_opener"])),
        family_openers=frozenset(map(_phrase, families.get("openers", []))),
        losses=frozenset(map(_phrase, families.get("losses", []))),
        other_things=_said(table.get("other_things", {})),
        other_things_before=_said(table.get("other_things_before", {})),
        beside_another=_said(table.get("beside_another", {})),
    )


def _mark(text: str, asked: str | None) -> str | None:
    if asked not in {None, *_NUMBERS}:
        raise ValueError(f"decimal mark {asked!r} is not one of {' '.join(_NUMBERS)}")
    return "." if _ARABIC_MARKS & set(text) else asked


def _marked(words: QuantityWords, mark: str | None) -> QuantityWords:
    return words if mark in {None, words.decimal_mark} else replace(words, decimal_mark=mark)


def _refuse_formula_error(found: str) -> None:
    if _FORMULA_ERROR.fullmatch(found):
        raise Unreadable("an error of the spreadsheet it was saved from; repair the formula there")


def _digits(found: str, mark: str | None) -> float:
    if found[0] in _DASHES and found[1:2].isdigit():
        raise Unreadable(_NEGATIVE)
    # 0.333 and 1234.567 are clear: no thousands group begins with 0 or has four digits.
    if mark is None and _AMBIGUOUS.fullmatch(found):
        raise Unreadable("whose dot may part decimals or thousands; write 1234 or 1.2340")
    bare = found.translate(_APOSTROPHES)
    mark = mark or "."
    if not _NUMBERS[mark].fullmatch(bare):
        raise Unreadable(_why_no_number(bare, mark))
    whole, _, decimals = bare.partition(mark)
    return _within(float(re.sub(r"\D", "", whole) + "." + (decimals or "0")))


def _why_no_number(bare: str, mark: str) -> str:
    if _NUMBERS[mark].fullmatch(_FOOTNOTES.sub("", bare)):
        return "a number with the mark of a footnote; write the number alone"
    return f"not one number; a count is written {_SAMPLES[mark]}"


def _interval(pair: list[float | None]) -> tuple[float, float | None]:
    low, high = pair
    return float(low or 0), None if high is None else float(high)


def _each(table: Mapping[Any, list[str]]) -> Iterable[tuple[Any, str]]:
    return ((key, form) for key, forms in table.items() for form in forms)


def _said(table: Mapping[str, Any]) -> dict[str, str]:
    return _listed((form, kind["says"]) for kind in table.values() for form in kind["forms"])


def _listed(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    out: dict[str, T] = {}
    for form, value in pairs:
        if out.setdefault(_phrase(form), value) != value:
            raise ValueError(f"{form!r} is listed with two meanings")
    return out


def _phrase(form: str) -> str:
    return " ".join(_split(form))


def _split(text: str) -> list[str]:
    # One way to type an apostrophe inside a word ("п’ять"), and ё, which most writers leave without its dots.
    letters = unicodedata.normalize("NFC", folded(text)).translate(_APOSTROPHES).replace("ё", "е")
    parted = _SYMBOL.sub(r" \1 ", _HYPHENATED.sub(" ", letters))
    return ["-" if token in _DASHES else token for token in parted.split()]


def _tokens(text: str, words: QuantityWords) -> Tokens:
    bare = _FOOTNOTES.sub("", plain(text).casefold().strip(_QUOTES)).strip(_QUOTES).rstrip(_STOPS)
    out: list[str] = []
    for token in _split(bare):
        # Arabic writes "and" onto the next word: "بين 8 و10".
        rest = token[1:]
        attached = token[0] == "و" and token not in words.number_heads
        if attached and rest and (rest[0].isdigit() or rest in words.number_heads):
            out += ["و", rest]
        else:
            out.append(token)
    return tuple(out)


def _whole(tokens: Tokens, words: QuantityWords) -> _Reading:
    term = words.intervals.get(" ".join(tokens))
    if term is not None:
        return _hedged("", _Amount(*term, vague=term[0] != term[1]))
    rest, after = _without_tail(_without_family(tokens, words), words)
    before, rest = _hedge(rest, words)
    code = before or after
    if before and after and before != after:
        raise Unreadable("with two hedges that do not agree")
    if not rest:
        return _no_number(code)
    if rest[0] == "-":
        raise Unreadable(_NEGATIVE)
    ends = _range(rest, words, opened=code == "range")
    if ends is not None:
        return _between(code, *ends)
    # "a civilian" is one; "a" alone is a stray letter.
    if tokens[-1] in words.person_nouns and len(rest) == 1 and rest[0] in words.articles:
        return _hedged(code, _Amount(1.0, 1.0, vague=False))
    return _hedged(code, _needed(rest, words, number_first=bool(code)))


def _without_family(tokens: Tokens, words: QuantityWords) -> Tokens:
    """Take "a family of" off a family that was killed; a family that was only there counts nobody."""
    first = 1 if tokens and tokens[0] in words.losses else 0
    for end in range(min(len(tokens) - 1, first + _LONGEST_HEDGE), first, -1):
        if " ".join(tokens[first:end]) in words.family_openers:
            if not words.losses & set(tokens):
                raise Unreadable(
                    "the size of a family; it counts people only where the family is said to be killed"
                )
            return tokens[end:]
    return tokens


def _without_tail(tokens: Tokens, words: QuantityWords) -> tuple[Tokens, str]:
    """Take off people's nouns, and one hedge among them: "8 or more civilians", "8 civilians or more"."""
    rest = _without_nouns(tokens, words)
    for length in range(min(len(rest) - 1, _LONGEST_HEDGE), 0, -1):
        code = words.hedges_after.get(" ".join(rest[-length:]))
        if code:
            return _without_nouns(rest[:-length], words), code
    return rest, ""


def _without_nouns(tokens: Tokens, words: QuantityWords) -> Tokens:
    end = len(tokens)
    while end > 1 and tokens[end - 1] in words.person_nouns:
        end -= 1
    return tokens[:end]


def _hedge(tokens: Tokens, words: QuantityWords) -> tuple[str, Tokens]:
    for length in range(min(len(tokens), _LONGEST_HEDGE), 0, -1):
        code = words.hedges.get(" ".join(tokens[:length]))
        if code:
            return code, tokens[length:]
    return "", tokens


def _no_number(code: str) -> _Reading:
    if code == "none_reported":
        return _Reading(0.0, 0.0, 0.0, code)
    if code == "not_stated":
        return _Reading(0.0, None, None, code)
    raise Unreadable("without a number")


def _range(tokens: Tokens, words: QuantityWords, *, opened: bool) -> tuple[_Amount, _Amount] | None:
    joins = words.joins | words.joins_opened if opened else words.joins
    found = []
    for at in range(1, len(tokens) - 1):
        left, right = _without_nouns(tokens[:at], words), tokens[at + 1 :]
        # "بين قتيل وجريح" says dead and injured, not one to one.
        if tokens[at] not in joins or {*left, *right} <= words.person_nouns:
            continue
        ends = (_amount(end, words, number_first=opened) for end in (left, right))
        first, last = ends
        if first is not None and last is not None:
            _refuse_shared_scale(first, left, right, words)
            found.append((first, last))
    if len(found) > 1:
        raise Unreadable("a range that can be parted in two ways")
    return found[0] if found else None


def _refuse_shared_scale(first: _Amount, left: Tokens, right: Tokens, words: QuantityWords) -> None:
    """Refuse "two to three hundred": 2 to 300 is what it spells, 200 to 300 is what it means."""
    if right[-1] not in words.scales or left[-1] in words.scales:
        return
    times = _number(right[:-1], words)
    if times is not None and first.low < times:
        raise Unreadable(
            "a range whose first end may share the second's scale word; write both ends in digits"
        )


def _between(code: str, first: _Amount, last: _Amount) -> _Reading:
    if code not in {"", "range", "about", "exact"}:
        raise Unreadable("a hedge before a range; give the range alone")
    if first.low > last.low:
        # Typed from right to left, the ends may stand in the wrong order, or one of them may be wrong.
        raise Unreadable("a range that ends below its start; write the lower number first")
    if first.vague or last.vague:
        return _Reading(first.low, None, last.high, "vague")
    low, high = first.low, last.low
    if code == "about":
        return _Reading(_below(low), None, _above(high), "about")
    return _exact(low) if low == high else _Reading(low, None, high, "range")


def _hedged(code: str, amount: _Amount) -> _Reading:
    if code not in _BOUNDS:
        raise Unreadable(f"a number after words that mean {code.replace('_', ' ')}")
    if not amount.vague:
        return _BOUNDS[code](amount.low)
    # The bounds of a vague word are the profile's, however it is hedged; a hedge only opens one side.
    if code in {"at_least", "more_than"}:
        return _Reading(amount.low, None, None, "vague")
    low = min(amount.low, 1.0) if code in {"up_to", "fewer_than"} else amount.low
    return _Reading(low, None, amount.high, "vague")


def _needed(tokens: Tokens, words: QuantityWords, *, number_first: bool) -> _Amount:
    amount = _amount(tokens, words, number_first=number_first)
    if amount is None:
        _refuse_known(tokens, words)
        raise Unreadable(
            "not one number with known words around it; allowed are a number or a range, a hedge such as "
            "'at least', and the words of rules/vocabularies/quantities.yaml"
        )
    return amount


def _refuse_known(tokens: Tokens, words: QuantityWords) -> None:
    """Say more where the reason is one the vocabulary knows: an addition, a part, families, an age."""
    for start in range(len(tokens)):
        for end in range(start + 1, min(len(tokens), start + _BESIDE) + 1):
            form = " ".join(tokens[start:end])
            for known in (words.other_things, words.other_things_before, words.beside_another):
                if form in known:
                    raise Unreadable(known[form])


def _amount(tokens: Tokens, words: QuantityWords, *, number_first: bool) -> _Amount | None:
    """Read a number or a term; "a dozen" is a loose term alone and the number 12 after "more than"."""
    number = _number(tokens, words)
    term = words.intervals.get(" ".join(tokens))
    if number is not None and (number_first or term is None):
        return _Amount(number, number, vague=False)
    return None if term is None else _Amount(*term, vague=term[0] != term[1])


# Not text2digits: it runs words together ("six seven" is 67, "nineteen eighty" 1980), takes ordinals for
# counts ("second" is 2, "twenty-first" 21), leaves "a" in "a hundred" and knows neither dozens nor Arabic.
# A few words in quantities.yaml and a grammar of well-formed numbers are shorter than guards against that.
def _number(tokens: Tokens, words: QuantityWords) -> float | None:
    """Read a number in digits, in words, or in digits and a scale ("3 thousand")."""
    if not tokens:
        return None
    if all(token[0].isdigit() for token in tokens):
        return _digits(" ".join(tokens), words.decimal_mark)
    named = words.numbers.get(" ".join(tokens))
    if named is not None:
        return named
    scales = [words.scales[token] for token in tokens if token in words.scales]
    return _scaled(tokens, max(scales), words) if scales else _summed(tokens, words)


def _summed(tokens: Tokens, words: QuantityWords) -> float | None:
    """Add what is said one after the other: "twenty five", "двести двадцать три", "مئتان وثلاثة وعشرون"."""
    if not words.number_joins_units_first & set(tokens):
        return _falling([words.numbers.get(token, 0) for token in tokens], least=20)
    parts = _parted(tokens, words.number_joins_units_first)
    values = [words.numbers.get(" ".join(part), 0) for part in parts]
    # Arabic says the unit before the ten, and only so: "three and twenty".
    if len(values) > 1 and values[-2] in _UNITS and values[-1] in _TENS:
        values[-2:] = [values[-2] + values[-1]]
    return _falling(values, least=100)


def _falling(values: list[float], least: float) -> float | None:
    """Add numbers each of which fits into the zeros of the one before, which is at least so high."""
    for before, value in itertools.pairwise(values):
        room = next((place for place in (1000, 100, 10) if before % place == 0), 0)
        if before < least or not 0 < value < room:
            return None
    return sum(values) if all(values) else None


def _parted(tokens: Tokens, joins: frozenset[str]) -> list[Tokens]:
    at = [i for i, token in enumerate(tokens) if token in joins]
    return [tokens[i + 1 : j] for i, j in zip([-1, *at], [*at, len(tokens)], strict=True)]


def _scaled(tokens: Tokens, scale: float, words: QuantityWords) -> float | None:
    at = next(i for i, token in enumerate(tokens) if words.scales.get(token) == scale)
    left, right = tokens[:at], tokens[at + 1 :]
    # "тысяча двести" and "مئة وخمسة" need no "one"; "hundred" does.
    alone = not left and tokens[at] in words.numbers
    article = len(left) == 1 and left[0] in words.articles
    times = 1.0 if alone or article else _number(left, words)
    if not times:
        return None
    if not right:
        return _within(round(times * scale, 6))
    # "and" belongs to the number here, and digits do not: "two hundred 5" is two figures.
    right = right[1:] if right[0] in words.number_joins else right
    if any(token[0].isdigit() for token in right):
        return None
    rest = _number(right, words)
    return None if rest is None or not 0 < rest < scale or scale % 100 else times * scale + rest


def _pieces(text: str, words: QuantityWords) -> list[_Piece]:
    out: list[_Piece] = []
    opens = True
    for match in _PIECE.finditer(text):
        piece = _piece(match, words, opens=opens)
        dash = piece.tokens == ("-",) and not (out and _states_number(out[-1].tokens[-1:], words))
        if out and (piece.opens or dash or not piece.tokens):
            out[-1] = out[-1]._replace(closes=True)
        # A dash between words parts them like a comma; between numbers it may join a range.
        opens = dash or piece.closes or not piece.tokens
        if piece.tokens and not dash:
            out += _without_and(piece, text, words)
    return out


def _without_and(piece: _Piece, text: str, words: QuantityWords) -> list[_Piece]:
    """Part the "and" that Arabic writes onto a number, so that a phrase may begin behind it."""
    if piece.tokens[0] not in words.number_joins_units_first or len(piece.tokens) == 1:
        return [piece]
    after = piece.start + len(piece.tokens[0])
    if text[piece.start : after] != piece.tokens[0]:
        return [piece]
    joined = _Piece(piece.start, after, piece.tokens[:1], piece.opens, closes=False)
    return [joined, piece._replace(start=after, tokens=piece.tokens[1:], opens=False)]


def _piece(match: re.Match[str], words: QuantityWords, *, opens: bool) -> _Piece:
    opened = match[0].lstrip(_OPENING)
    # The bracket of a footnote belongs to its number.
    bare = opened.rstrip(_CLOSING.replace("]", "") if "[" in opened else _CLOSING)
    start = match.start() + len(match[0]) - len(opened)
    tokens = _tokens_within(bare, words)
    # A direction mark on either side of a word parts nothing.
    opens = opens or bool(match[0][: start - match.start()].translate(_INVISIBLE))
    closes = not tokens or bool(opened[len(bare) :].translate(_INVISIBLE))
    return _Piece(start, start + len(bare), tokens, opens, closes)


def _tokens_within(text: str, words: QuantityWords) -> Tokens:
    try:
        return _tokens(text, words) if plain(text) else ()
    except Unreadable:
        return ()


def _starts(words: QuantityWords) -> frozenset[str]:
    forms = (*words.intervals, *words.hedges, *words.family_openers, *words.losses, *words.articles)
    return words.number_heads | {form.split()[0] for form in forms}


def _begins(piece: _Piece, starts: frozenset[str]) -> bool:
    return piece.tokens[0] in starts or piece.tokens[0][0].isdigit()


def _ends(pieces: list[_Piece], at: int) -> range:
    last = min(len(pieces), at + _PIECES)
    stop = next((i + 1 for i in range(at, last) if pieces[i].closes), last)
    return range(stop, at, -1)


def _phrase_at(text: str, pieces: list[_Piece], at: int, end: int, words: QuantityWords) -> Phrase | None:
    start, stop = pieces[at].start, pieces[end - 1].end
    try:
        found = parse_quantity(text[start:stop], words)
    except Unreadable:
        return None
    inside = tuple(token for piece in pieces[at:end] for token in piece.tokens)
    # "no" and "unknown" are everywhere in a sentence; alone they state no number.
    if found is None or (found.qualifier_code in _UNNUMBERED and not _states_number(inside, words)):
        return None
    return Phrase(start, stop, found)


def _runs_on(pieces: list[_Piece], at: int, end: int, words: QuantityWords) -> bool:
    """Tell whether a number goes on beside a phrase, or is one of something else than people."""
    before, after = _before(pieces, at), _after(pieces, end)
    lengths = range(1, _BESIDE + 1)
    if any(" ".join(after[:length]) in words.other_things for length in lengths):
        return True
    tails = {" ".join(before[-length:]) for length in lengths}
    if tails & (words.family_openers | set(words.other_things_before)):
        return True
    inside = tuple(token for piece in pieces[at:end] for token in piece.tokens)
    if any(" ".join(inside + after[:length]) in words.family_openers for length in lengths):
        return True
    # "5 killed 3 injured" are two figures: behind a noun, a number begins anew.
    ended = pieces[end - 1].tokens[-1] in words.person_nouns
    return _joined(after, words, ended=ended) or _joined(before[::-1], words, ended=False)


def _before(pieces: list[_Piece], at: int) -> Tokens:
    out: Tokens = ()
    for i in range(at, max(at - _BESIDE, 0), -1):
        if pieces[i].opens or pieces[i - 1].closes:
            break
        out = pieces[i - 1].tokens + out
    return out


def _after(pieces: list[_Piece], end: int) -> Tokens:
    out: Tokens = ()
    for i in range(end, min(end + _BESIDE, len(pieces))):
        if pieces[i].opens or pieces[i - 1].closes:
            break
        out += pieces[i].tokens
    return out


def _joined(outward: Tokens, words: QuantityWords, *, ended: bool) -> bool:
    """Tell whether the tokens that lead away from a phrase begin with a number, or with a join and a number."""
    if not outward or outward[0] not in words.joins:
        return not ended and _states_number(outward[:1], words)
    rest = outward[1:]
    while len(rest) > 1 and rest[0] in words.person_nouns:
        rest = rest[1:]
    return _states_number(rest[:1], words)


def _states_number(tokens: Tokens, words: QuantityWords) -> bool:
    return any(token[0].isdigit() or token in words.number_heads or token in words.scales for token in tokens)


def _within(number: float) -> float:
    if number > _MOST:
        raise Unreadable(f"more people than are alive; a count is at most {_MOST:,}")
    return number


def _below(number: float) -> float:
    """Ten per cent fewer, at least one person, rounded outward to whole people."""
    return max(0.0, number - max(1, math.ceil(number / 10)))


def _above(number: float) -> float:
    return number + max(1, math.ceil(number / 10))


def _exact(number: float) -> _Reading:
    return _Reading(number, number, number, "exact" if number else "none_reported")


def _at_least(number: float) -> _Reading:
    return _Reading(number, None, None, "at_least")


def _more_than(number: float) -> _Reading:
    return _Reading(math.floor(number) + 1.0, None, None, "more_than")


def _up_to(number: float) -> _Reading:
    if number < 1:
        raise Unreadable("an upper bound that leaves nobody to count")
    return _Reading(1.0, None, number, "up_to")


def _fewer_than(number: float) -> _Reading:
    return _up_to(math.ceil(number) - 1.0)


def _about(number: float) -> _Reading:
    return _Reading(_below(number), number, _above(number), "about")


def _nearly(number: float) -> _Reading:
    return _Reading(_below(number), number, number, "about")


_BOUNDS: Mapping[str, Callable[[float], _Reading]] = {
    "": _exact,
    "exact": _exact,
    "at_least": _at_least,
    "more_than": _more_than,
    "up_to": _up_to,
    "fewer_than": _fewer_than,
    "about": _about,
    "nearly": _nearly,
}
