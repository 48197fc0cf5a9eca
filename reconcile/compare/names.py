"""How far two personal names agree: part against part, in any order, each distinct pair of spellings compared once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.parse.names import name_parts, skeleton
from reconcile.similar import ratios
from reconcile.views import runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Codes = npt.NDArray[np.int32]
    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

# Parts of a name that are looked at; what follows is an epithet or a second name of the family.
MOST_PARTS = 8
# How firmly a part has found its partner.
NONE, ALIKE, SAME = 0, 1, 2
MOST_ALIKE = 2


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the parts of two names stand to each other, one entry a pair.

    Attributes:
        shorter: parts of the name that has fewer.
        matched: parts that have a partner, spelled alike or better.
        alike: how many of them are no more than spelled alike.
        first: how firmly the two first parts are each other's partner (NONE, ALIKE, SAME).
        in_order: whether partners stand in one order on both sides.
        rotated: whether they do once the parts of one side are turned round: the family's name first, or last.
        share_bits: how rare the matched parts are: minus log2 of the shares of claims that bear them, added.
    """

    shorter: Ints
    matched: Ints
    alike: Ints
    first: npt.NDArray[np.int8]
    in_order: Bools
    rotated: Bools
    share_bits: Floats

    def better(self, at: Ints, other: Alignment) -> Alignment:
        """Return this alignment with the other's entries at those positions where the other says more."""
        wins = np.zeros(len(at), dtype=bool)
        tied = np.ones(len(at), dtype=bool)
        # Every difference counts, so that what is left as a tie is the same from both sides.
        for mine, theirs in zip(self._merits(at), other._merits(np.arange(len(at))), strict=True):
            wins |= tied & (theirs > mine)
            tied &= theirs == mine
        taken = {}
        for field in fields(self):
            column = getattr(self, field.name).copy()
            column[at[wins]] = getattr(other, field.name)[wins]
            taken[field.name] = column
        return Alignment(**taken)

    def _merits(self, at: Ints) -> tuple[Floats, ...]:
        """Return what speaks for an alignment, the first the most."""
        merits = (
            self.shorter > 0,
            self.matched - self.shorter,
            np.round(self.share_bits, 9),
            -self.alike,
            self.in_order,
            self.first,
            self.rotated,
        )
        return tuple(np.asarray(merit, dtype=np.float64)[at] for merit in merits)


class Names:
    """The names of all claims as arrays of part codes."""

    def __init__(self, names: Iterable[str], alike_ratio: float, counted: int | None = None) -> None:
        """Take the names apart.

        Args:
            names: one a claim; empty where a claim names nobody.
            alike_ratio: similarity (0 to 100) from which two parts with other consonants are spellings of one.
            counted: of how many names what is rare is a share; of all of them unless stated.
        """
        # Sorted, so that it is the names that decide which is the first of two, and not the order they come in.
        codes, distinct = pd.factorize(np.asarray(list(names), dtype=object), sort=True)
        parts = [name_parts(str(name))[:MOST_PARTS] for name in distinct]
        size = np.array([len(found) for found in parts], dtype=np.int64)
        row = np.repeat(np.arange(len(distinct)), size)
        column = runs(np.zeros(len(size), dtype=np.int64), size)
        flat = [part for found in parts for part in found]
        width = max(int(size.max(initial=0)), 1)
        self.code = codes
        self.size = size
        self._ratio = alike_ratio
        self._matrices: list[Codes] = []
        self._spellings = np.array([], dtype=object)
        self._skeletons = np.array([], dtype=object)
        self._length = self._letter = np.array([], dtype=np.int64)
        for level, texts in enumerate(zip(*flat, strict=True) if flat else ((), (), ())):
            numbers, known = pd.factorize(np.array(texts, dtype=object))
            matrix = np.full((len(distinct), width), -1, dtype=np.int32)
            matrix[row, column] = numbers
            self._matrices.append(matrix)
            if level == 0:
                self._spellings = known
                self._skeletons = np.array([skeleton(str(text)) for text in known], dtype=object)
                self._length = np.array([len(text) for text in known], dtype=np.int64)
                self._letter = np.array([ord(text[0]) for text in known], dtype=np.int64)
        self._bits = self._rarities(codes, len(codes) if counted is None else counted)

    @property
    def sketches(self) -> Codes:
        """Codes of the sketches of each distinct name's parts, -1 where it has no more."""
        return self._matrices[2]

    def _rarities(self, codes: Ints, counted: int) -> Floats:
        """Return minus log2 of the share of claims that bear a skeleton, by its code."""
        skeletons = self._matrices[1]
        row, column = np.nonzero(skeletons >= 0)
        number = skeletons[row, column].astype(np.int64)
        once = np.unique(row * (int(number.max(initial=0)) + 1) + number)
        row, number = once // (int(number.max(initial=0)) + 1), once % (int(number.max(initial=0)) + 1)
        claims = np.bincount(codes, minlength=len(skeletons)) if len(codes) else np.zeros(len(skeletons))
        bearing = np.bincount(number, weights=claims[row], minlength=1)
        return -np.log2(np.maximum(bearing, 1) / max(counted, 1))

    def align(self, left: Ints, right: Ints) -> Alignment:
        """Return how the names of each pair of claims stand to each other; positions are of claims."""
        a, b = self.code[left], self.code[right]
        wide = len(self.size)
        # The shorter name first: it is looked for in the longer one.
        turned = (self.size[a] > self.size[b]) | ((self.size[a] == self.size[b]) & (a > b))
        a, b = np.where(turned, b, a), np.where(turned, a, b)
        inverse, pair = pd.factorize(a.astype(np.int64) * wide + b)
        found = self._by_size(pair // wide, pair % wide)
        return Alignment(
            found.shorter[inverse], found.matched[inverse], found.alike[inverse],
            found.first[inverse], found.in_order[inverse], found.rotated[inverse], found.share_bits[inverse],
        )  # fmt: skip

    def _by_size(self, a: Ints, b: Ints) -> Alignment:
        """Return how names align, short names apart from long ones: the work grows with the square of the longest."""
        longest = np.maximum(self.size[a], self.size[b])
        found: list[tuple[Ints, Alignment]] = []
        for least, most in ((0, 4), (5, 5), (6, MOST_PARTS)):
            at = np.flatnonzero((longest >= least) & (longest <= most))
            found.append((at, self._aligned(a[at], b[at], min(most, self._matrices[0].shape[1]))))
        order = np.argsort(np.concatenate([at for at, _ in found]))
        return Alignment(
            **{
                field.name: np.concatenate([getattr(one, field.name) for _, one in found])[order]
                for field in fields(Alignment)
            }
        )

    def _aligned(self, a: Ints, b: Ints, width: int) -> Alignment:
        partner = np.full((len(a), width), -1, dtype=np.int8)
        firm = np.zeros((len(a), width), dtype=np.int8)
        taken = np.zeros((len(a), width), dtype=bool)
        for matrix, firmness in zip(self._matrices, (SAME, SAME, ALIKE), strict=True):
            mine, theirs = matrix[a, :width], matrix[b, :width]
            # The same place in both names first, then further on in the longer one, so that a name that holds a part twice
            # keeps its order.
            for shift in sorted(range(-width + 1, width), key=lambda by: (abs(by), -by)):
                for i in range(max(0, -shift), min(width, width - shift)):
                    j = i + shift
                    hit = (
                        (mine[:, i] == theirs[:, j]) & (mine[:, i] >= 0) & (partner[:, i] < 0) & ~taken[:, j]
                    )
                    if hit.any():
                        partner[hit, i] = j
                        firm[hit, i] = firmness
                        taken[hit, j] = True
        self._add_alike(a, b, partner, firm, taken)
        matched = (partner >= 0).sum(axis=1)
        skeletons = self._matrices[1][a, :width]
        bits = np.where(partner >= 0, self._bits[np.maximum(skeletons, 0)] if len(self._bits) else 0.0, 0.0)
        # A part that is only alike says half as much.
        bits = np.where(firm == ALIKE, bits / 2, bits)
        steps_back = _steps_back(partner.astype(np.int64))
        first = np.where(partner[:, 0] == 0, firm[:, 0], NONE).astype(np.int8)
        return Alignment(
            np.minimum(self.size[a], self.size[b]), matched, (firm == ALIKE).sum(axis=1), first,
            steps_back == 0, steps_back == 1, bits.sum(axis=1),
        )  # fmt: skip

    def _add_alike(
        self,
        a: Ints,
        b: Ints,
        partner: npt.NDArray[np.int8],
        firm: npt.NDArray[np.int8],
        taken: Bools,
    ) -> None:
        """Give up to two parts left over on the shorter side partners that are spelled alike, where there are such."""
        shorter = np.minimum(self.size[a], self.size[b])
        for _ in range(MOST_ALIKE):
            lacking = shorter - (partner >= 0).sum(axis=1)
            # Most of a name has to agree before what is left is looked at for likeness.
            near = np.flatnonzero(
                (lacking >= 1) & (lacking <= MOST_ALIKE) & (2 * lacking <= shorter)
                | (shorter == 1) & (lacking == 1)
            )
            self._add_likest(a, b, near, partner, firm, taken)

    def _add_likest(
        self,
        a: Ints,
        b: Ints,
        near: Ints,
        partner: npt.NDArray[np.int8],
        firm: npt.NDArray[np.int8],
        taken: Bools,
    ) -> None:
        if not len(near):
            return
        width = partner.shape[1]
        mine, theirs = self._matrices[0][a[near], :width], self._matrices[0][b[near], :width]
        free_i, free_j = (partner[near] < 0) & (mine >= 0), ~taken[near] & (theirs >= 0)
        row, i, j = np.nonzero(free_i[:, :, None] & free_j[:, None, :])
        left, right = mine[row, i].astype(np.int64), theirs[row, j].astype(np.int64)
        inverse, pair = pd.factorize(left * max(len(self._spellings), 1) + right)
        first, second = pair // max(len(self._spellings), 1), pair % max(len(self._spellings), 1)
        # Half by ear, half by consonants: vowels tell Salim from Salma, consonants hold through any romanisation.
        score = (
            ratios(self._spellings[first].tolist(), self._spellings[second].tolist())
            + ratios(self._skeletons[first].tolist(), self._skeletons[second].tolist())
        ) / 2
        # An initial stands for any part that begins with it.
        initial = (np.minimum(self._length[first], self._length[second]) == 1) & (
            self._letter[first] == self._letter[second]
        )
        score = np.where(initial, 100.0, score)[inverse]
        # The likest first; among equals the one at the same place.
        order = np.lexsort((j, i, np.abs(i - j), -score, row))
        order = order[score[order] >= self._ratio]
        best = order[np.unique(row[order], return_index=True)[1]]
        where = near[row[best]]
        partner[where, i[best]] = j[best]
        firm[where, i[best]] = ALIKE
        taken[where, j[best]] = True


def _steps_back(partner: Ints) -> Ints:
    """Return how often, going round the parts that have partners, the partners step back: 0 in order, 1 where they only turn.

    Args:
        partner: pairs x parts; the place of each part's partner, -1 for none.
    """
    last = np.full(len(partner), -1, dtype=np.int64)
    first = np.full(len(partner), -1, dtype=np.int64)
    back = np.zeros(len(partner), dtype=np.int64)
    for column in partner.T:
        held = column >= 0
        back += held & (column < last)
        first = np.where(held & (first < 0), column, first)
        last = np.where(held, column, last)
    # One step back is a turn only where the end still lies before the beginning.
    return np.where((back == 1) & (last > first), 2, back)
