"""Chapman's estimate of two lists and Chao's lower bound of several, each with a log-normal interval. Arithmetic, and no advice.

What may be put in, and what comes out of it, is for `overlap` to say: none of these knows whether the lists are independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Of the normal distribution, for an interval of 95 %.
QUANTILE = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval, in persons.

    Attributes:
        seen: persons on any of the lists; neither the number nor its low is ever below.
    """

    seen: int
    number: float
    low: float
    high: float


def chapman(left: int, right: int, both: int) -> Estimate:
    """Return Chapman's estimate (1951) with Seber's variance (1970).

    Args:
        left: persons on the first list.
        right: persons on the second.
        both: persons on both.
    """
    number = (left + 1) * (right + 1) / (both + 1) - 1
    variance = (
        (left + 1) * (right + 1) * (left - both) * (right - both) / ((both + 1) ** 2 * (both + 2))
    )  # fmt: skip
    return _with_interval(left + right - both, number, variance)


def chao(seen: int, once: int, twice: int, lists: int | None = None) -> Estimate:
    """Return Chao's lower bound (1987).

    Args:
        seen: persons on any list.
        once: persons on exactly one.
        twice: persons on exactly two; more than none.
        lists: how many there are. The bound as published, None, is for many occasions on which anybody is rarely caught; of few
            lists it is too high to be one, by a factor that is 3/2 of three.
    """
    share = 1.0 if lists is None else (lists - 1) / lists
    ratio = once / twice
    variance = twice * (share**2 * ratio**4 / 4 + share**2 * ratio**3 + share * ratio**2 / 2)
    return _with_interval(seen, seen + share * once**2 / (2 * twice), variance)


def chao_corrected(seen: int, once: int, twice: int) -> Estimate:
    """Return the bias-corrected form of the bound as published, which needs nobody on two lists.

    Args:
        seen: persons on any list.
        once: persons on exactly one.
        twice: persons on exactly two.
    """
    pairs = twice + 1
    variance = (
        once * (once - 1) / (2 * pairs)
        + once * (2 * once - 1) ** 2 / (4 * pairs**2)
        + once**2 * twice * (once - 1) ** 2 / (4 * pairs**4)
    )
    return _with_interval(seen, seen + once * (once - 1) / (2 * pairs), variance)


def _with_interval(seen: int, number: float, variance: float) -> Estimate:
    """Return an estimate with the interval in which the persons nobody saw are log-normal, so that it never falls below those seen."""
    unseen = number - seen
    if unseen <= 0 or variance <= 0:
        return Estimate(seen, number, number, number)
    spread = math.exp(QUANTILE * math.sqrt(math.log1p(variance / unseen**2)))
    return Estimate(seen, number, seen + unseen / spread, seen + unseen * spread)
