"""How far reviewers agree beyond what chance would bring: Cohen's kappa of two, Krippendorff's alpha of any number.

Decisions are names without an order (nominal), and "unsure" is one of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    # What each reviewer decided, by what was decided on.
    Ratings = Mapping[tuple[str, ...], Mapping[str, str]]

PAIRED = 2


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far reviewers agree on what more than one of them decided.

    Attributes:
        reviewers: by name.
        units: how many pairs or findings two or more of them decided.
        agreed: on how many of these all who decided agree.
        kappas: Cohen's kappa of each two reviewers, with the units that both decided; None where it has no value.
        alpha: Krippendorff's; None where it has no value, because everybody decided the same each time.
    """

    reviewers: tuple[str, ...]
    units: int
    agreed: int
    kappas: tuple[tuple[str, str, int, float | None], ...]
    alpha: float | None


def agreement(ratings: Ratings) -> Agreement | None:
    """Return how far reviewers agree; None where no two decided on the same.

    Args:
        ratings: by what was decided on, what each reviewer decided.
    """
    shared = {about: voices for about, voices in ratings.items() if len(voices) >= PAIRED}
    if not shared:
        return None
    names = tuple(sorted({name for voices in shared.values() for name in voices}))
    kappas = []
    for first, second in combinations(names, 2):
        both = [
            (voices[first], voices[second])
            for voices in shared.values()
            if first in voices and second in voices
        ]
        if both:
            kappas.append((first, second, len(both), cohen_kappa(both)))
    agreed = sum(len(set(voices.values())) == 1 for voices in shared.values())
    alpha = krippendorff_alpha([list(voices.values()) for voices in shared.values()])
    return Agreement(names, len(shared), agreed, tuple(kappas), alpha)


def cohen_kappa(both: Sequence[tuple[str, str]]) -> float | None:
    """Return Cohen's kappa of two reviewers: (observed - expected) / (1 - expected) agreement.

    Args:
        both: what the first and the second decided, unit by unit.

    Returns:
        None where both use one and the same name throughout, so that chance alone would agree always.

    Source: J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20 (1960), 37-46.
    """
    count = len(both)
    first, second = (Counter(side) for side in zip(*both, strict=True))
    observed = sum(one == other for one, other in both)
    # Whole numbers until the end: a share of n² apart is no rounding.
    expected = sum(first[name] * second[name] for name in first)
    if expected == count * count:
        return None
    return (observed * count - expected) / (count * count - expected)


def krippendorff_alpha(units: Iterable[Sequence[str]]) -> float | None:
    """Return Krippendorff's alpha of nominal decisions: 1 - observed / expected disagreement.

    Each unit that m reviewers decided gives m (m - 1) ordered pairs of decisions, each of weight 1 / (m - 1). With o the sum of
    weights of a pair of names, n of a name over all, and N their sum: observed = sum of o of unlike names / N, and
    expected = sum of n n' of unlike names / (N (N - 1)).

    Args:
        units: what reviewers decided on each, in whatever order; those that one alone decided say nothing.

    Returns:
        None where everybody decided the same each time, so that there is nothing to agree on.

    Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (University of Pennsylvania, 2011), sections A to C.
    """
    unlike, names = 0.0, Counter[str]()
    for decisions in units:
        if len(decisions) < PAIRED:
            continue
        names.update(decisions)
        pairs = sum(one != other for one, other in permutations(decisions, 2))
        unlike += pairs / (len(decisions) - 1)
    total = sum(names.values())
    expected = total * total - sum(count * count for count in names.values())
    if not expected:
        return None
    return 1 - (total - 1) * unlike / expected
