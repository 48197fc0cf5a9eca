"""Place names as text: how one is taken apart, and the key under which its spellings meet.

Romanised names differ in articles (Raqqa, Ar-Raqqah), doubled letters, long vowels, a final -h and apostrophes. The key
takes those away, so that equality of keys stands for "one name"; what is left to chance is left to a fuzzy ratio.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

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
_PART = re.compile(r"[,;:/()\[\]\n]| - | – | or | and | near ", re.IGNORECASE)
SHORT_WORD = 3
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"(?<=.)[aeiou]+")
# Pairs of spellings of one Arabic sound, the commoner first; applied in order.
_SOUNDS = (
    ("oo", "u"),
    ("ou", "u"),
    ("ee", "i"),
    ("ei", "ay"),
    ("ai", "ay"),
    ("ph", "f"),
    ("q", "k"),
    ("dh", "d"),
    ("th", "t"),
    ("gh", "g"),
    ("kh", "h"),
)


@lru_cache(maxsize=65536)
def fold_name(text: str) -> str:
    """Return the key of a place name: its telling words, in order, in one spelling.

    Args:
        text: one part of a place name, in any script.

    Returns:
        Lower-case ASCII words joined by one space; empty where nothing but an article or a kind of place is left.
    """
    words = _NOT_A_LETTER.split(re.sub(r"['’‘`ʿʾ]", "", anyascii(text)).lower())
    kept = [word for word in words if word and word not in _ARTICLES and word not in _KINDS]
    if _MODIFIERS.issuperset(kept):
        return ""
    return " ".join(folded for word in kept if (folded := _fold_word(word)))


def _fold_word(word: str) -> str:
    for spelling, sound in _SOUNDS:
        word = word.replace(spelling, sound)
    word = _DOUBLED.sub(r"\1", word)
    word = re.sub(r"(?<=[aeiou])h$|(?<=[aeiou])t$(?<=at)", "", word) if len(word) > SHORT_WORD else word
    return word.replace("y", "i") if word.endswith("y") else word


@lru_cache(maxsize=65536)
def skeleton(folded: str) -> str:
    """Return a folded name without its inner vowels: what most romanisations of one Arabic name share."""
    words = (_DOUBLED.sub(r"\1", _VOWELS.sub("", word)) for word in folded.split())
    return " ".join(word for word in words if word)


@lru_cache(maxsize=65536)
def split_place(text: str) -> tuple[str, ...]:
    """Return the parts of a place as published, narrowest first where the source keeps that order, unfolded."""
    return tuple(part for part in (piece.strip(" .") for piece in _PART.split(text)) if part)
