"""The columns that every other tool is given: spellings folded to one key, codes rolled up, days as numbers.

The product reads the published columns and pays for its own cleaning; the peers are given these, which cost them
nothing. The folding is written here a second time, so that a change to the product changes no peer's input.

Columns both kinds have: `row` (position, the id of a claim here), `monitor`, `day`, `date`, `place_key` (town, folded), `place_bones` (its
consonants, which the two scripts share), `admin1`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

_ROLL_UP = {"Saudi Arabia": "Saudi-led Coalition", "United Arab Emirates": "Saudi-led Coalition"}
_ARABIC = str.maketrans(
    {
        "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ى": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h", "خ": "kh",
        "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "",
        "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "u", "ي": "i", "ة": "a",
        "ء": "", "ئ": "", "ؤ": "u",
    }
)  # fmt: skip
_ARTICLE_AR = re.compile(r"(?:^|(?<= ))ال(?=\S\S)")
_ARTICLES = frozenset({"al", "el", "ul", "ar", "as", "ash", "an", "ad", "at", "az"})
_SPLIT = re.compile(r"[^a-z]+")
_SOUNDS = (("oo", "u"), ("ou", "u"), ("ee", "i"), ("aa", "a"), ("dj", "j"), ("dh", "d"), ("th", "t"), ("gh", "g"), ("kh", "h"), ("q", "k"), ("sh", "c"))  # fmt: skip
_DOUBLED = re.compile(r"(.)\1+")
_LAST_H = re.compile(r"(?<=[aeiou])h$")
_VOWELS = re.compile(r"[aeiouy]+")
_SERVANTS = frozenset({"abd", "abdul", "abdel", "abdal"})
_KUNYA = frozenset({"abu", "um", "umm"})
SHORT = 2
_EPOCH = pd.Timestamp("2000-01-01")


@lru_cache(maxsize=1 << 20)
def _fold_word(word: str) -> str:
    for spelling, sound in _SOUNDS:
        word = word.replace(spelling, sound)
    return _LAST_H.sub("", _DOUBLED.sub(r"\1", word)) or word


def _words(text: str) -> list[str]:
    if not text.isascii():
        text = _ARTICLE_AR.sub("", text).translate(_ARABIC)
    return [word for word in _SPLIT.split(text.lower()) if word]


@lru_cache(maxsize=1 << 20)
def fold(text: str) -> str:
    """Return the key of a name of a place: articles dropped, sounds in one spelling."""
    return " ".join(_fold_word(word) for word in _words(text) if word not in _ARTICLES)


@lru_cache(maxsize=1 << 20)
def bones(key: str) -> str:
    """Return a key without vowels: what its spellings in both scripts share."""
    return _DOUBLED.sub(r"\1", _VOWELS.sub("", key).replace(" ", "")) or key


def name_parts(text: str) -> tuple[str, str, str, str]:
    """Return given name, father, grandfather and family, folded; empty where the name has no such part."""
    kept: list[str] = []
    servant = False
    words = [word for word in _words(text) if word not in _ARTICLES]
    if len(words) > SHORT and words[0] in _KUNYA:
        words = words[2:] if words[1] not in _SERVANTS else words[3:]
    for word in words:
        if word in _SERVANTS:
            servant = True
            continue
        kept.append(("abd" if servant else "") + _fold_word(word))
        servant = False
    first = kept[0] if kept else ""
    last = kept[-1] if len(kept) > 1 else ""
    return first, kept[1] if len(kept) > SHORT else "", kept[2] if len(kept) > SHORT + 1 else "", last


def _each(texts: pd.Series[str], form: Callable[[str], str]) -> pd.Series[str]:
    """Apply a function to each distinct text; empty results are null, as every tool here wants them."""
    found = texts.map({text: form(text) for text in texts.unique()})
    return found.where(found != "", None)


def _common(claims: pd.DataFrame, day: pd.Series[str]) -> pd.DataFrame:
    place = claims["town"].where(claims["town"] != "", claims.get("town_native", ""))
    key = _each(place, fold)
    days = pd.to_datetime(day.where(day != "", None))
    return pd.DataFrame(
        {
            "row": np.arange(len(claims)),
            "monitor": claims["monitor"],
            "date": day.where(day != "", None),
            "day": (days - _EPOCH).dt.days.astype("Int32"),
            "place_key": key,
            "place_bones": _each(key.fillna(""), lambda text: bones(text) if text else ""),
            "admin1": claims["governorate"].where(claims["governorate"] != "", None),
        }
    )


def clean_incidents(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the cleaned columns of incidents."""
    attacker = claims["attacker"].where(claims["attacker"] != "", None)
    last = claims["date_end"].where(claims["date_end"] != "", claims["date"])
    return _common(claims, claims["date"]).assign(
        day_end=(pd.to_datetime(last) - _EPOCH).dt.days.astype("Int32"),
        latitude=claims["latitude"],
        longitude=claims["longitude"],
        location_precision=pd.to_numeric(claims["location_precision"], errors="coerce"),
        attacker=attacker,
        attacker_group=attacker.replace(_ROLL_UP),
        killed_low=claims["killed_low"],
        killed=claims["killed_best"],
        killed_high=claims["killed_high"],
        injured=claims["injured"],
    )


def clean_victims(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the cleaned columns of named victims."""
    name = claims["name"].where(claims["name"] != "", claims["name_native"])
    parts = [name_parts(text) for text in name]
    columns = dict(zip(("given", "father", "grandfather", "family"), zip(*parts, strict=True), strict=True))
    cleaned = _common(claims, claims["date_of_death"]).assign(
        **{
            title: pd.Series(texts, dtype="str").where(lambda part: part != "", None)
            for title, texts in columns.items()
        }
    )
    for title in columns:
        filled = cleaned[title].fillna("")
        cleaned[f"{title}_bones"] = _each(filled, lambda text: bones(text) if text else "")
    return cleaned.assign(age=claims["age"], sex=claims["sex"].where(claims["sex"] != "", None))
