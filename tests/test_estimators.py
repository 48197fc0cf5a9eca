"""Chapman's and Chao's formulas against worked examples that were published, and what holds whatever is put in."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.estimators import chao, chao_corrected, chapman


def test_chapman_of_marked_trout() -> None:
    """Dahl's trout, the textbook example: 109 marked, 177 caught, 57 of them marked; 337 (Krebs, Ecological Methodology)."""
    assert round(chapman(109, 177, 57).number) == 337


def test_chapman_of_marked_turtles() -> None:
    """10 marked, 15 caught, 5 of them marked: 28 and a third."""
    assert chapman(10, 15, 5).number == pytest.approx(85 / 3)


def test_chapman_variance_is_sebers() -> None:
    """The interval follows from Seber's variance by hand: 200 and 150 on the lists, 100 on both."""
    made = chapman(200, 150, 100)
    variance = 201 * 151 * 100 * 50 / (101**2 * 102)
    spread = math.exp(1.959963984540054 * math.sqrt(math.log(1 + variance / (made.number - 250) ** 2)))

    assert made.low == pytest.approx(250 + (made.number - 250) / spread)
    assert made.high == pytest.approx(250 + (made.number - 250) * spread)


def test_chao_of_cottontails() -> None:
    """Edwards and Eberhardt's cottontails: 76 caught, 43 once, 16 twice, 135 there; Chao (1987) has 134."""
    assert round(chao(76, 43, 16).number) == 134


def test_chao_of_snowshoe_hares() -> None:
    """Of six nights, 68 hares, 25 caught once, 22 twice, Rcapture's closedp.t has 79.83712 with an error of 6.373765."""
    made = chao(68, 25, 22, lists=6)
    unseen, error = 11.83712, 6.373765
    spread = math.exp(1.959963984540054 * math.sqrt(math.log(1 + (error / unseen) ** 2)))

    assert made.number == pytest.approx(79.83712, abs=1e-5)
    assert (made.low, made.high) == pytest.approx((68 + unseen / spread, 68 + unseen * spread), abs=1e-4)


def test_chao_of_four_lists_of_patients() -> None:
    """Of four lists, 1,896 patients, 1,774 on one and 115 on two, Rcapture fits 12,145; the formula is its first step."""
    assert chao(1896, 1774, 115, lists=4).number == pytest.approx(12145.148, rel=2e-3)


def test_bias_corrected_by_hand() -> None:
    """S + f1 (f1 - 1) / (2 (f2 + 1)): 100 + 40 * 39 / 18."""
    assert chao_corrected(100, 40, 8).number == pytest.approx(100 + 1560 / 18)


def test_published_bound_is_no_bound_of_three_lists() -> None:
    """1,000 persons, three independent lists with half of them each: the published form says more than there are."""
    once, twice, thrice = 375, 375, 125

    assert chao(once + twice + thrice, once, twice).number > 1000
    assert chao(once + twice + thrice, once, twice, lists=3).number == pytest.approx(1000)


def test_bias_corrected_needs_nobody_twice() -> None:
    """Nobody on two lists: the corrected form has a number all the same."""
    assert chao_corrected(12, 12, 0).number == 12 + 12 * 11 / 2


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
@budget(200)
def test_chapman_never_falls_below_those_seen(left: int, right: int, both: int) -> None:
    """Seen <= low <= number <= high, whatever the lists."""
    both = min(left, right, both)
    made = chapman(left, right, both)

    assert made.seen == left + right - both
    assert made.seen - 1e-9 <= made.low <= made.number <= made.high


@given(st.integers(0, 500), st.integers(1, 500), st.integers(0, 500), st.integers(2, 9))
@budget(200)
def test_chao_never_falls_below_those_seen(once: int, twice: int, more: int, lists: int) -> None:
    """Seen <= low <= number <= high, and few lists lower the bound."""
    seen = once + twice + more
    for made in (chao(seen, once, twice), chao_corrected(seen, once, twice), chao(seen, once, twice, lists)):
        assert seen - 1e-9 <= made.low <= made.number <= made.high
    assert chao(seen, once, twice, lists).number <= chao(seen, once, twice).number
