"""Place names as text: how one is taken apart, and the key under which its spellings meet.

Romanised names differ in articles (Raqqa, Ar-Raqqah), doubled letters, long vowels, a final -h and apostrophes. The key
takes those away, so that equality of keys stands for "one name"; what is left to chance is left to a fuzzy ratio.
"""

from __future__ import annotations

import re
from functools import lru_cache

from reconcile.parse.latin import latin_letters

# The Arabic article in its assimilated romanisations, and its Persian, Hebrew and Spanish kin.
_ARTICLES = frozenset(
    [
        "al",
        "el",
        "ar",
        "as",
        "ash",
        "ad",
        "adh",
        "an",
        "at",
        "ath",
        "az",
        "aš",
        "ul",
        "ur",
        "us",
        "ud",
        "un",
        "uz",
        "ez",
        "l",
        "the",
        "la",
        "le",
        "les",
        "los",
        "las",
        "ha",
    ]
)
# Words that say what kind of place it is, or roughly where, and not which.
_KINDS = frozenset(
    [
        "near",
        "north",
        "south",
        "east",
        "west",
        "northern",
        "southern",
        "eastern",
        "western",
        "northeast",
        "northwest",
        "southeast",
        "southwest",
        "of",
        "in",
        "at",
        "from",
        "to",
        "and",
        "between",
        "around",
        "outside",
        "inside",
        "central",
        "centre",
        "center",
        "city",
        "town",
        "village",
        "villages",
        "neighbourhood",
        "neighborhood",
        "neighbourhoods",
        "neighborhoods",
        "area",
        "areas",
        "district",
        "subdistrict",
        "governorate",
        "province",
        "state",
        "region",
        "oblast",
        "oblasti",
        "obl",
        "raion",
        "rayon",
        "vicinity",
        "outskirts",
        "suburb",
        "suburbs",
        "multiple",
        "several",
        "various",
    ]
)
# Words that tell two places of one name apart (Damascus, Rural Damascus), and say nothing alone.
_MODIFIERS = frozenset({"rural", "countryside"})
_PART = re.compile(r"[,;:/()\[\]\n\u060c\u061b]| - | – | or | and | near ", re.IGNORECASE)
_COUNTRYSIDE = re.compile(
    r"\b(?:countryside|rural|outskirts|suburbs?|surrounding|villages?)\b|\u0631\u064a\u0641", re.IGNORECASE
)
_CITY = re.compile(r"\b(?:city|town)\b|\u0645\u062f\u064a\u0646\u0629", re.IGNORECASE)
_TOWN = re.compile(r"\btown\b", re.IGNORECASE)
SHORT_WORD = 3
_APOSTROPHES = re.compile(r"['’‘`ʿʾ]")
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
_DOUBLED = re.compile(r"(.)\1+")
_SOFT_ENDING = re.compile(r"(?<=[aeiou])h$|(?<=[aeiou])t$(?<=at)")
_FIRST_VOWEL = re.compile(r"[aeiou]")
_INNER_VOWELS = re.compile(r"[aeiouywh]+")
# Hebrew writes o and u by the letter that it writes v by: as a vowel letter it meets the other spellings.
_HEBREW_VAV = str.maketrans({"\u05d5": "w"})
# Pairs of spellings of one Arabic sound, the commoner first; applied in order.
_SOUNDS = (
    ("oo", "u"),
    ("ou", "u"),
    ("ee", "i"),
    ("ei", "ay"),
    ("ai", "ay"),
    ("ph", "f"),
    ("dh", "d"),
    ("th", "t"),
    ("gh", "g"),
    ("kh", "h"),
    ("q", "k"),
)
# The article in Arabic letters, and the feminine ending, often typed as a plain h: both as their romanisation has them.
_ARABIC_ARTICLE = re.compile(r"\b\u0627\u0644(?=\w{2})")
_ARABIC_ENDING = re.compile(r"(?<=\w\w)[\u0629\u0647]\b")
_DIRECTION = re.compile(r"\b(north|south|east|west|central)[ -]?(east|west)?(?:ern)?\b", re.IGNORECASE)


@lru_cache(maxsize=262_144)
def fold_name(text: str) -> str:
    """Return the key of a place name: its telling words, in order, in one spelling.

    Args:
        text: one part of a place name, in any script.

    Returns:
        Lower-case ASCII words joined by one space; empty where nothing but an article or a kind of place is left.
    """
    if text.isascii():
        letters = text.lower()
    else:
        letters = latin_letters(_ARABIC_ENDING.sub("a", _ARABIC_ARTICLE.sub("", text)).translate(_HEBREW_VAV))
    words = _NOT_A_LETTER.split(_APOSTROPHES.sub("", letters))
    kept = [word for word in words if word and word not in _ARTICLES and word not in _KINDS]
    if _MODIFIERS.issuperset(kept):
        return ""
    return " ".join(folded for word in kept if (folded := _fold_word(word)))


@lru_cache(maxsize=262_144)
def _fold_word(word: str) -> str:
    for spelling, sound in _SOUNDS:
        word = word.replace(spelling, sound)
    # Arabic letters write no short vowels: what is left of Bab is its two consonants, and one would be no name.
    single = _DOUBLED.sub(r"\1", word)
    word = single if len(single) > 1 else word
    word = _SOFT_ENDING.sub("", word) if len(word) > SHORT_WORD else word
    return word.replace("y", "i") if word.endswith("y") else word


_FOLDED_MODIFIERS = frozenset(map(_fold_word, _MODIFIERS | {"ryf"}))


def without_modifiers(folded: str) -> str:
    """Return a folded name without the words for a countryside: that of the governorate around it."""
    return " ".join(word for word in folded.split() if word not in _FOLDED_MODIFIERS)


@lru_cache(maxsize=262_144)
def directions(text: str) -> frozenset[str]:
    """Return the directions that a name holds (north, southeast), which its key leaves out."""
    return frozenset("".join(found).lower() for found in _DIRECTION.findall(text))


@lru_cache(maxsize=262_144)
def skeleton(folded: str) -> str:
    """Return the consonants of a folded name, in one word: what romanisations of a name and its unvowelled script share.

    Inside a word y, w and h are vowel letters as often as not, and are left out with the vowels.
    """
    words = (_FIRST_VOWEL.sub("", word[:1]) + _INNER_VOWELS.sub("", word[1:]) for word in folded.split())
    return "".join(_DOUBLED.sub(r"\1", word) for word in words)


@lru_cache(maxsize=262_144)
def split_place(text: str) -> tuple[str, ...]:
    """Return the parts of a place as published, narrowest first where the source keeps that order, unfolded."""
    return tuple(part for part in (piece.strip(" .") for piece in _PART.split(text)) if part)


def said_kind(text: str) -> str:
    """Return the kind of place that a name's own words state: city, town, city_and_countryside; else nothing.

    Args:
        text: the name as published: "Raqqa city", "Raqqa city and its countryside".
    """
    if not _CITY.search(text):
        return ""
    if _COUNTRYSIDE.search(text):
        return "city_and_countryside"
    return "town" if _TOWN.search(text) else "city"


def is_countryside(text: str) -> bool:
    """Return whether a name's own words place it outside the town: "Zur Shammar, Raqqa countryside"."""
    return bool(_COUNTRYSIDE.search(text)) and not _CITY.search(text)
