"""Invented words in two scripts: sounds put together by chance, each with the romanisations that monitors use for it.

Nothing here is a name of a real place or person by intention: a word is two to four syllables drawn from a table of sounds.
A spelling chooses among the romanisations of each sound, so that spellings of one word differ as published ones do: q or
k, ee or i, ou or u, a doubled letter, a final -h, the article as al-, el- or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Texts = npt.NDArray[np.object_]

# Arabic letter, then romanisations; the first is the usual one.
CONSONANTS: tuple[tuple[str, ...], ...] = (
    ("ب", "b"),
    ("ت", "t"),
    ("ج", "j", "j", "dj"),
    ("ح", "h"),
    ("خ", "kh"),
    ("د", "d"),
    ("ر", "r"),
    ("ز", "z"),
    ("س", "s"),
    ("ش", "sh"),
    ("ص", "s"),
    ("ض", "d", "dh"),
    ("ط", "t"),
    ("غ", "gh", "g"),
    ("ف", "f"),
    ("ق", "q", "k"),
    ("ك", "k"),
    ("ل", "l"),
    ("م", "m"),
    ("ن", "n"),
)
# Short vowels are not written in Arabic letters.
VOWELS: tuple[tuple[str, ...], ...] = (
    ("", "a", "a", "e"),
    ("", "i", "i", "e"),
    ("", "u", "u", "o"),
    ("ا", "a", "aa"),
    ("ي", "i", "ee"),
    ("و", "u", "ou", "oo"),
)
VOWEL_SHARES = (0.3, 0.15, 0.12, 0.2, 0.13, 0.1)
ARTICLES = ("ال", "al-", "Al ", "el-", "")
FEMININE = ("ة", "a", "ah", "eh")
# Common nouns of geography, and the generic parts of names; each with its Arabic form first.
PLACE_NOUNS: tuple[tuple[str, ...], ...] = (
    ("تل", "Tell", "Tall", "Tal"),
    ("دير", "Deir", "Dayr"),
    ("بير", "Bir", "Beer"),
    ("كفر", "Kafr", "Kfar"),
)
SERVANT = ("عبد ال", "Abd al-", "Abdul ", "Abdel ", "Abdul-", "Abd el-")
USUAL_SHARE = 0.6
DOUBLED_SHARE = 0.15
MOST_SPELLINGS = 5


@dataclass(frozen=True, slots=True)
class Words:
    """Invented words.

    Attributes:
        spellings: words x MOST_SPELLINGS, Latin; the first is the usual one, and short pools repeat their own.
        native: each word in Arabic letters.
    """

    spellings: Texts
    native: Texts

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.native)


@dataclass(frozen=True, slots=True)
class WordKind:
    """What words of one kind are like.

    Attributes:
        syllables: how many, and their shares follow by position.
        article_share: words that bear the article.
        noun_share: words behind a noun of geography.
        servant_share: words behind "Abd al-".
        feminine_share: words that end on -a or -ah.
    """

    syllables: tuple[int, ...] = (2, 3)
    syllable_shares: tuple[float, ...] = (0.55, 0.45)
    article_share: float = 0.0
    noun_share: float = 0.0
    servant_share: float = 0.0
    feminine_share: float = 0.25


def invent(rng: np.random.Generator, count: int, kind: WordKind) -> Words:
    """Return `count` words that differ in their Arabic letters."""
    seen: set[str] = set()
    pools: list[list[str]] = []
    natives: list[str] = []
    while len(natives) < count:
        native, pool = _word(rng, kind)
        if native in seen:
            continue
        seen.add(native)
        natives.append(native)
        pools.append([pool[at % len(pool)] for at in range(MOST_SPELLINGS)])
    return Words(np.array(pools, dtype=object), np.array(natives, dtype=object))


def _word(rng: np.random.Generator, kind: WordKind) -> tuple[str, list[str]]:
    """Return one word in Arabic letters, and its spellings in Latin ones."""
    sounds = _sounds(rng, kind)
    doubled = int(rng.integers(len(sounds))) if rng.random() < DOUBLED_SHARE else -1
    feminine = rng.random() < kind.feminine_share
    article = rng.random() < kind.article_share
    noun = PLACE_NOUNS[int(rng.integers(len(PLACE_NOUNS)))] if rng.random() < kind.noun_share else None
    servant = rng.random() < kind.servant_share
    native = "".join(sound[0] for sound in sounds) + ("ة" if feminine else "")
    before = SERVANT if servant else ARTICLES if article else ("", "")
    native = (f"{noun[0]} " if noun else "") + before[0] + native
    wanted = int(rng.integers(3, MOST_SPELLINGS + 1))
    pool: list[str] = []
    for _ in range(wanted * 3):
        body = "".join(
            _romanised(rng, sound) * (2 if at == doubled and rng.random() < USUAL_SHARE else 1)
            for at, sound in enumerate(sounds)
        )
        body += _romanised(rng, FEMININE) if feminine else ""
        spelling = (f"{_romanised(rng, noun)} " if noun else "") + _romanised(rng, before) + body.capitalize()
        if spelling not in pool:
            pool.append(spelling)
        if len(pool) == wanted:
            break
    return native, pool


def _sounds(rng: np.random.Generator, kind: WordKind) -> list[tuple[str, ...]]:
    size = int(rng.choice(kind.syllables, p=kind.syllable_shares))
    sounds: list[tuple[str, ...]] = []
    for at in range(size):
        sounds.append(CONSONANTS[int(rng.integers(len(CONSONANTS)))])
        sounds.append(VOWELS[int(rng.choice(len(VOWELS), p=VOWEL_SHARES))])
        if at == size - 1 or rng.random() < DOUBLED_SHARE:
            sounds.append(CONSONANTS[int(rng.integers(len(CONSONANTS)))])
    return sounds


def _pick(rng: np.random.Generator, size: int) -> int:
    """Return 0 most often, else any position."""
    return 0 if rng.random() < USUAL_SHARE else int(rng.integers(size))


def _romanised(rng: np.random.Generator, sound: tuple[str, ...]) -> str:
    return sound[1 + _pick(rng, len(sound) - 1)]


def heavy_tailed(rng: np.random.Generator, size: int, exponent: float) -> npt.NDArray[np.float64]:
    """Return shares of `size` words, the common ones far more common, in no order."""
    shares = 1.0 / np.arange(3, size + 3) ** exponent
    return np.asarray(rng.permutation(shares / shares.sum()), dtype=np.float64)


def spelled(words: Words, codes: npt.NDArray[np.int64], spelling: npt.NDArray[np.int64]) -> Texts:
    """Return the words of these codes, each in the spelling asked for."""
    return np.asarray(words.spellings[codes, spelling], dtype=object)


def joined(parts: Sequence[Texts]) -> Texts:
    """Return the parts side by side, joined by single spaces, empty ones left out."""
    return np.array(
        [" ".join(word for word in row if word) for row in zip(*parts, strict=True)], dtype=object
    )
