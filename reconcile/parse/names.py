"""Personal names as text: their parts, and the keys under which spellings and scripts of one part meet.

A name is published in any order of its parts, with or without the grandfather's, in Arabic, Hebrew or Cyrillic letters or
romanised by ear. Letters of other scripts are first written in Latin ones, long vowels kept; then every part gets three
texts, each coarser than the one before:

* its spelling: lower-case ASCII in one romanisation (ou and oo are u, q is k), vowels kept;
* its skeleton: the classes of its consonants in order, vowels dropped, since most scripts and clerks drop them;
* its sketch: the skeleton with the classes merged that romanisations confuse (d and z for one letter, k and h for another).

Articles and words of kinship stand for no part. What is written as two words and is one name (Abd al- and Abu names, names
in -al-Din and -Allah) is one part however it is spaced.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from reconcile.parse.latin import latin_letters


class NamePart(NamedTuple):
    """One part of a name in three texts, the finest first."""

    spelling: str
    skeleton: str
    sketch: str


# Arabic and Persian letters as consonants and long vowels; marks were taken off before, with the seats of hamza.
_ARABIC = str.maketrans(
    {
        "\u0627": "a", "\u0671": "a", "\u0649": "a", "\u0629": "a", "\u0621": "", "\u0628": "b", "\u062a": "t", "\u062b": "th",
        "\u062c": "j", "\u062d": "h", "\u062e": "kh", "\u062f": "d", "\u0630": "dh", "\u0631": "r", "\u0632": "z", "\u0633": "s",
        "\u0634": "sh", "\u0635": "s", "\u0636": "d", "\u0637": "t", "\u0638": "z", "\u063a": "gh", "\u0641": "f",
        "\u0642": "q", "\u0643": "k", "\u0644": "l", "\u0645": "m", "\u0646": "n", "\u0647": "h", "\u0648": "w", "\u064a": "y",
        "\u067e": "p", "\u0686": "ch", "\u0698": "zh", "\u06a9": "k", "\u06af": "g", "\u06cc": "y", "\u06c1": "h", "\u06c0": "h",
        "\u06d5": "a", "\u06a4": "v", "\u0640": "",
    }
)  # fmt: skip
# Hebrew letters: mute ones as a vowel, so that a name that begins with one does, and a letter between as the vowel it mostly is.
_HEBREW = str.maketrans(
    {
        "\u05d0": "a", "\u05e2": "a", "\u05d5": "w", "\u05e9": "sh", "\u05d1": "v", "\u05db": "kh", "\u05da": "kh", "\u05e4": "f",
        "\u05e3": "f", "\u05e6": "ts", "\u05e5": "ts",
    }
)  # fmt: skip
# At the head of a word these are hard; a vav there, doubled, or before a last yod is a consonant.
_HEBREW_HEAD = re.compile(r"^[\u05d1\u05db\u05e4]")
_HARD = {"\u05d1": "b", "\u05db": "k", "\u05e4": "p"}
_HEBREW_VAV = re.compile(r"^\u05d5|\u05d5\u05d5|\u05d5(?=\u05d9$)|(?<=^\u05d3)\u05d5(?=\u05d3$)")
_HEBREW_LAST = re.compile(r"(?<=\w)\u05d4$")
_HEBREW_LETTER = re.compile(r"[\u05d0-\u05ea]")
# Letters that would lose their sound with their mark.
_KEPT = str.maketrans(
    {
        "\u00e7": "s",
        "\u00c7": "S",
        "\u00f1": "n",
        "\u0161": "sh",
        "\u0160": "Sh",
        "\u010d": "ch",
        "\u017e": "zh",
        "\u0439": "y",
        "\u0457": "yi",
    }
)
_AYN = "\u0639"
SHORT = 2
# The martyr, the child, the doctor, the sheikh, the pilgrim, before a name.
_ARABIC_TITLES = frozenset(
    ["الشهيد", "الشهيدة", "الطفل", "الطفلة", "الدكتور", "الدكتورة", "الشيخ", "الحاج", "الحاجة"]
)
_ARABIC_LETTER = re.compile(r"[\u0621-\u06d5]")
_ARABIC_ARTICLE = re.compile(r"^\u0648?\u0627\u0644(?=[\u0621-\u06d5]{3})")
_SPACES = re.compile(r"[^\w]+|_|\d+")
_QUOTES = re.compile(r"['\u2019\u2018`\u02bf\u02be\u02bc\u00b4\u02bb\u2032\u05f3\u05f4\"]")
# Articles and the words for son, daughter, of: they stand between the parts and are none.
_BETWEEN = frozenset(
    [
        "al",
        "el",
        "ul",
        "ar",
        "er",
        "ur",
        "as",
        "es",
        "us",
        "ash",
        "esh",
        "ush",
        "ad",
        "ed",
        "ud",
        "an",
        "en",
        "un",
        "at",
        "et",
        "ut",
        "az",
        "ez",
        "uz",
        "l",
        "ibn",
        "ben",
        "bin",
        "bn",
        "abn",
        "bint",
        "bent",
        "bnt",
        "ould",
        "wald",
        "de",
        "del",
        "della",
        "di",
        "da",
        "do",
        "dos",
        "das",
        "la",
        "las",
        "los",
        "le",
        "les",
        "van",
        "von",
        "der",
        "den",
        "y",
        "e",
        "i",
        "wa",
        "w",
        "the",
        "mr",
        "mrs",
        "dr",
        "prof",
        "sheikh",
        "shaykh",
        "sheik",
        "haj",
        "hajj",
        "hajji",
        "haji",
        "alhaj",
        "al-haj",
        "doctor",
        "martyr",
        "child",
        "son",
        "daughter",
        "of",
        "family",
        "unknown",
        "unnamed",
        "unidentified",
    ]
)
_KUNYA = frozenset(
    ["abu", "abo", "aboo", "abou", "abw", "abi", "aby", "aba", "um", "umm", "om", "oum", "omm", "am"]
)
_SERVANT = frozenset(["abd", "abdu", "abdul", "abdel", "abdal", "abdil", "abdur", "abder", "abdus", "abdes"])
_FAITH = re.compile(
    r"^(?:a|e|i|u|al|el|ul|il|ad|ed|ud|id)?d+(?:i|y|ee|ie|ei)?n+e?$|^(?:a|e|i|u|o|al|el|ul)?l+a*h$"
)
_FUSED_SERVANT = re.compile(r"^abd(?:[aeiou]?l(?=l?[a-z]{2})|[aeiou]([rsnzdt])(?=\1))")
_SERVANTS_ARTICLE = re.compile(r"^[aeiou](?:l(?=l?[a-z]{2})|([rsnzdt])(?=\1))")
# Al- and El- written as one word with the name; Elena and Alina begin so themselves.
_FUSED_ARTICLE = re.compile(r"^[ae]l(?=[a-z]{3})(?![ei])")
# Salahaldin, written as one word: the article inside is as little part of the name as before it.
_FUSED_FAITH = re.compile(r"(?<=[a-z]{2})[aeiou]?l(?=d+(?:i|y|ee|ie)n+e?$)")
# A letter h behind one of these would read as one sound with it, where the script writes no vowel between.
_NO_VOWEL_BEFORE_H = re.compile(
    r"(?<=[\u0643\u0633\u062a\u062f\u0632\u0637\u05db\u05e1\u05ea\u05d3\u05d6\u05d2\u05e4\u05e7\u05d8\u05e6])([\u0647\u05d4\u05d7])(?=\w)"
)
_NOT_A_LETTER = re.compile(r"[^a-z]+")
_DOUBLED = re.compile(r"(.)\1+")
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"sch|tsh|tch", "sh"), (r"oo|ou|uw|ow(?![aeiou])", "u"), (r"ee|ie(?!h)|iy|ea(?!h)", "i"), (r"ei|ai|ey|ay(?![aeiou])", "ay"), (r"ph", "f"),
        (r"ck|q", "k"), (r"dj", "j"), (r"x", "ks"), (r"c(?=[eiy])", "s"), (r"c(?!h)", "k"), (r"(?<=[aeiou])h$", ""),
    )
)  # fmt: skip
_CLASSES = (
    ("tz", "S"), ("sh", "X"), ("ch", "X"), ("zh", "J"), ("kh", "H"), ("gh", "G"), ("th", "T"), ("dh", "D"), ("ts", "S"),
    ("p", "B"), ("b", "B"), ("v", "F"), ("f", "F"), ("t", "T"), ("d", "D"), ("s", "S"), ("z", "Z"), ("j", "J"), ("g", "G"),
    ("k", "K"), ("h", "H"), ("l", "L"), ("m", "M"), ("n", "N"), ("r", "R"),
)  # fmt: skip
_VOWELS = re.compile(r"[aeiouyw]+")
_SKETCH = str.maketrans({"D": "T", "Z": "T", "S": "T", "X": "T", "G": "K", "J": "K", "H": "K"})


@lru_cache(maxsize=1_048_576)
def name_parts(name: str) -> tuple[NamePart, ...]:
    """Return the parts of a personal name in the order published, each in three texts.

    Args:
        name: as published, in any script; remarks in brackets, digits and titles are passed over.

    Returns:
        No part for an empty name, or one of nothing but articles, titles and marks.
    """
    plain = name.casefold() if name.isascii() else _unmarked(name)
    words = [
        latin
        for word in _SPACES.split(_QUOTES.sub("", plain))
        if word not in _ARABIC_TITLES and (latin := _latin(word))
    ]
    parts = (_part(word) for word in _joined(words))
    return tuple(part for part in parts if part is not None)


def _unmarked(name: str) -> str:
    """Return a name in small letters without the marks that letters carry, ligatures taken apart."""
    plain = unicodedata.normalize("NFKD", name.translate(_KEPT))
    return "".join(mark for mark in plain if unicodedata.category(mark) not in {"Mn", "Cf"}).casefold()


@lru_cache(maxsize=262_144)
def _latin(word: str) -> str:
    if not word.isascii():
        word = _NO_VOWEL_BEFORE_H.sub("a\\1", word)
        if _ARABIC_LETTER.search(word):
            bare = _ARABIC_ARTICLE.sub("", word)
            if bare.startswith(_AYN):
                # Two letters, as in Izz, would else read like an article.
                bare = ("\u0627" if len(bare) > SHORT else "\u0627\u0627") + bare[1:].lstrip("\u0627")
            word = bare.replace(_AYN, "").translate(_ARABIC)
        elif _HEBREW_LETTER.search(word):
            hard = _HEBREW_HEAD.sub(lambda found: _HARD[found[0]], _HEBREW_VAV.sub("v", word))
            word = _HEBREW_LAST.sub("a", hard).translate(_HEBREW)
        word = latin_letters(word)
    return _NOT_A_LETTER.sub("", word)


def _joined(words: list[str]) -> list[str]:
    """Return words put together that are one name, and those that stand for none left out."""
    found: list[str] = []
    waiting = ""
    for number, word in enumerate(words):
        last = number == len(words) - 1
        if word in _SERVANT and not last:
            waiting = "abd"
        elif word in _KUNYA and not last and not waiting:
            continue
        elif found and not waiting and _FAITH.match(word):
            found[-1] += word
        elif word in _BETWEEN and (found or len(word) > 1):
            # A single letter that comes first is an initial: nothing stands before it that it could join.
            continue
        else:
            found.append(
                waiting + _SERVANTS_ARTICLE.sub("", word) if waiting else _FUSED_SERVANT.sub("abd", word)
            )
            waiting = ""
    return found + ([waiting] if waiting else [])


@lru_cache(maxsize=262_144)
def _part(word: str) -> NamePart | None:
    word = _FUSED_FAITH.sub("", _FUSED_ARTICLE.sub("", word))
    spelling = word
    for pattern, sound in _SOUNDS:
        spelling = pattern.sub(sound, spelling)
    spelling = _DOUBLED.sub(r"\1", spelling)
    bones = skeleton(spelling)
    return NamePart(spelling, bones, sketch(bones)) if bones else None


def skeleton(spelling: str) -> str:
    """Return the classes of the consonants of a spelling; a vowel counts where it stands first, a final h never."""
    text = spelling
    for letters, mark in _CLASSES:
        text = text.replace(letters, mark)
    first = text[:1]
    lead = {"w": "W", "y": "Y"}.get(first, "A") if first in set("aeiouyw") else ""
    bones = lead + _VOWELS.sub("", text)
    if len(bones) > 1 and bones.endswith("H") and spelling.endswith("h"):
        bones = bones[:-1]
    return _DOUBLED.sub(r"\1", bones)


def sketch(bones: str) -> str:
    """Return a skeleton with the classes merged that romanisations confuse."""
    return bones.translate(_SKETCH)
