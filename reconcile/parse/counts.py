"""Numbers of people as monitors write them: "1,234", "at least 117", "205–228", "dozens", "بين 8 و 10".

A figure is read whole or not at all: words that no vocabulary lists make a cell unreadable, because a
number taken out of "117 families" or "30%" is worse than no number.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
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
# Spellings of one Arabic letter that writers do not keep apart.
_LETTERS = str.maketrans("أإآٱىیکة", "اااا" + "يي" + "ك" + "ه")

_NUMBER = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:([, ])[0-9]{3})(?:\1[0-9]{3})*)(?:\.[0-9]+)?")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")

_DASHES = "-‐‑‒–—―−"
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-‐‑](?=[^\W\d_])")
_SYMBOL = re.compile(rf"(>=|<=|[<>≥≤~≈+]|[{_DASHES}])")
_FOOTNOTE = r"(?:[*†‡§¹²³⁰⁴⁵⁶⁷⁸⁹]|\[[0-9a-z]{1,3}\])"
_FOOTNOTES = re.compile(rf"^(?:{_FOOTNOTE}| )+|(?:{_FOOTNOTE}| )+$")
_QUOTES = "\"'“”‘’«»"
_STOPS = ".,;:،؛"
_NEGATIVE = "a negative number; a count is 0 or more"


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
class QuantityWords:
    """The words of `rules/vocabularies/quantities.yaml` for one profile; phrases are folded, see `folded`.

    Attributes:
        intervals: a term to the least and the most people it stands for.
        hedges: a phrase before a number to what it does to the number.
        hedges_after: the same for a phrase after a number.
        person_nouns: words after a number that say people are counted, and change nothing.
        numbers: a word to the number it means.
        scales: a word to what it multiplies the number before it by.
        articles: words that stand for one before a scale or a person.
        joins: what stands between the two ends of a range.
        joins_opened: what does so only after an opening word such as "between".
    """

    intervals: Mapping[str, tuple[float, float | None]]
    hedges: Mapping[str, str]
    hedges_after: Mapping[str, str] = field(default_factory=dict)
    person_nouns: frozenset[str] = frozenset()
    numbers: Mapping[str, float] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    articles: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset({"-"})
    joins_opened: frozenset[str] = frozenset()


class _Reading(NamedTuple):
    low: float
    best: float | None
    high: float | None
    code: str


class _Amount(NamedTuple):
    low: float
    high: float | None
    vague: bool


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


def parse_count(text: str) -> float | None:
    """Read a number cell.

    Args:
        text: the cell; Arabic-Indic and Persian digits, thousands parted by comma or space, decimals.

    Returns:
        The number, or None for a blank cell.

    Raises:
        Unreadable: anything that is not one plain number, and "1.234", which is 1234 in some countries.
    """
    found = plain(text)
    if not found:
        return None
    try:
        return _digits(found)
    except Unreadable as error:
        raise Unreadable(f"found {shown(text)}, {error}") from None


def parse_quantity(text: str, words: QuantityWords) -> Quantity | None:
    """Read a number with the words around it.

    Args:
        text: a cell of a totals sheet or a fragment of a sentence.
        words: the vocabulary, for one profile of vague words.

    Returns:
        The interval and the hedge, or None for a blank cell.

    Raises:
        Unreadable: no number, more than one figure, or words that may change what the number counts.
    """
    if not plain(text):
        return None
    try:
        reading = _whole(_tokens(text, words), words)
    except Unreadable as error:
        raise Unreadable(f"found {shown(text)}, {error}") from None
    return Quantity(reading.low, reading.best, reading.high, reading.code, text)


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
    return QuantityWords(
        intervals=_listed(
            (form, _interval(term[profile])) for term in table["terms"].values() for form in term["forms"]
        ),
        hedges=_listed((form, code) for code, forms in table["hedges"].items() for form in forms),
        hedges_after=_listed((form, code) for code, forms in table["hedges_after"].items() for form in forms),
        person_nouns=frozenset(map(_phrase, table["person_nouns"])),
        numbers=_listed((word, float(value)) for word, value in table["number_words"].items()),
        scales=_listed((word, float(value)) for word, value in table["scales"].items()),
        articles=frozenset(map(_phrase, table["articles"])),
        joins=frozenset(map(_phrase, table["range_joins"])),
        joins_opened=frozenset(map(_phrase, table["range_joins_after_opener"])),
    )


def _digits(found: str) -> float:
    if found[0] in _DASHES and found[1:2].isdigit():
        raise Unreadable(_NEGATIVE)
    # 0.333 and 1234.567 are clear: no thousands group begins with 0 or has four digits.
    if _AMBIGUOUS.fullmatch(found):
        raise Unreadable("whose dot may part decimals or thousands; write 1234 or 1.2340")
    if not _NUMBER.fullmatch(found):
        raise Unreadable("not one number; a count is written 3, 3.0, 1,234 or 1 234")
    return _within(float(found.replace(",", "").replace(" ", "")))


def _interval(pair: list[float | None]) -> tuple[float, float | None]:
    low, high = pair
    return float(low or 0), None if high is None else float(high)


def _listed(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    out: dict[str, T] = {}
    for form, value in pairs:
        if out.setdefault(_phrase(form), value) != value:
            raise ValueError(f"{form!r} is listed with two meanings")
    return out


def _phrase(form: str) -> str:
    return " ".join(_split(form))


def _split(text: str) -> list[str]:
    parted = _SYMBOL.sub(r" \1 ", _HYPHENATED.sub(" ", folded(text)))
    return ["-" if token in _DASHES else token for token in parted.split()]


def _tokens(text: str, words: QuantityWords) -> Tokens:
    bare = _FOOTNOTES.sub("", plain(text).casefold().strip(_QUOTES)).strip(_QUOTES).rstrip(_STOPS)
    out: list[str] = []
    for token in _split(bare):
        # Arabic writes "and" onto the next word: "بين 8 و10".
        rest = token[1:]
        if token[0] == "و" and rest and (rest[0].isdigit() or rest in words.numbers):
            out += ["و", rest]
        else:
            out.append(token)
    return tuple(out)


def _whole(tokens: Tokens, words: QuantityWords) -> _Reading:
    term = words.intervals.get(" ".join(tokens))
    if term is not None:
        return _hedged("", _Amount(*term, vague=term[0] != term[1]))
    rest, after = _without_tail(tokens, words)
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


def _without_tail(tokens: Tokens, words: QuantityWords) -> tuple[Tokens, str]:
    """Take off people's nouns, and one hedge among them: "8 or more civilians", "8 civilians or more"."""
    rest = _without_nouns(tokens, words)
    for length in range(min(len(rest) - 1, 4), 0, -1):
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
    for length in range(min(len(tokens), 5), 0, -1):
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
        if tokens[at] not in joins:
            continue
        ends = _amount(left, words, number_first=False), _amount(right, words, number_first=False)
        if ends[0] is not None and ends[1] is not None:
            _refuse_shared_scale(ends[0], left, right, words)
            found.append((ends[0], ends[1]))
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
        raise Unreadable("a range that ends below its start")
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
        raise Unreadable(
            "not one number with known words around it; allowed are a number or a range, a hedge such as "
            "'at least', and the words of rules/vocabularies/quantities.yaml"
        )
    return amount


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
        return _digits(" ".join(tokens))
    scales = [words.scales[token] for token in tokens if token in words.scales]
    if len(tokens) == 1 and tokens[0] in words.numbers:
        return words.numbers[tokens[0]]
    if scales:
        return _scaled(tokens, max(scales), words)
    if len(tokens) == 2:  # noqa: PLR2004 - tens and a unit, "twenty five"
        tens, unit = (words.numbers.get(token, 0) for token in tokens)
        return tens + unit if tens in range(20, 100, 10) and unit in range(1, 10) else None
    return None


def _scaled(tokens: Tokens, scale: float, words: QuantityWords) -> float | None:
    at = next(i for i, token in enumerate(tokens) if words.scales.get(token) == scale)
    left, right = tokens[:at], tokens[at + 1 :]
    times = 1.0 if len(left) == 1 and left[0] in words.articles else _number(left, words)
    if not times:
        return None
    if not right:
        return _within(round(times * scale, 6))
    # "and" belongs to the number here, and digits do not: "two hundred 5" is two figures.
    right = right[1:] if right[0] == "and" else right
    if any(token[0].isdigit() for token in right):
        return None
    rest = _number(right, words)
    return None if rest is None or not 0 < rest < scale or scale % 100 else times * scale + rest


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
