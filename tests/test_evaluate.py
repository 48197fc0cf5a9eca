"""Links against labelled pairs: what precision, recall and F1 are, and what is counted."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from reconcile.errors import UsageFault
from reconcile.evaluate import LINK_COLUMNS, Score, evaluate

Link = tuple[str, str, float, str]


def links_of(*links: Link) -> pd.DataFrame:
    """Links: left, right, weight, verdict."""
    rows = [(left, right, weight, 0.5, verdict, "") for left, right, weight, verdict in links]
    return pd.DataFrame(rows, columns=list(LINK_COLUMNS))


def truth_of(*pairs: str) -> pd.DataFrame:
    """True pairs, written as a:1."""
    return pd.DataFrame([pair.split(":") for pair in pairs], columns=["left_id", "right_id"])


LINKS = links_of(
    ("a", "1", 6.2, "match"),
    ("b", "2", 3.1, "match"),
    ("c", "9", 2.2, "match"),
    ("d", "4", 1.0, "possible"),
    ("e", "5", 0.4, "displaced"),
    ("f", "8", -2.0, "possible"),
)
TRUTH = truth_of("a:1", "b:2", "c:3", "d:4", "e:5", "g:7")


def test_matches_only_are_counted() -> None:
    """Possible and displaced pairs are no links; a true pair among them is missed, and said to be near."""
    found = evaluate(LINKS, TRUTH)
    assert found.shipped == Score(links=3, correct=2, truth=6)
    assert found.shipped.precision == pytest.approx(2 / 3)
    assert found.shipped.recall == pytest.approx(2 / 6)
    assert found.shipped.f1 == pytest.approx(4 / 9)
    assert found.missed == {"possible": 1, "displaced": 1, "not listed": 2}


def test_missed_and_found_add_up_to_the_truth() -> None:
    """Every labelled pair is either found or missed in one way."""
    found = evaluate(LINKS, TRUTH)
    assert found.shipped.correct + sum(found.missed.values()) == found.shipped.truth


def test_curve_runs_along_the_weights() -> None:
    """At each threshold the matches at or above it are scored; the lowest holds them all."""
    curve = evaluate(LINKS, TRUTH).curve
    assert curve["links"].is_monotonic_decreasing
    assert curve["threshold"].is_monotonic_increasing
    top = curve.iloc[-1]
    assert (top["threshold"], top["links"], top["precision"]) == (6, 1, 1)
    assert curve["recall"].max() == pytest.approx(2 / 6)


@pytest.mark.parametrize("weight", [0.6, 2.6, -0.4, 3.5])
def test_curve_begins_with_every_match(weight: float) -> None:
    """The lowest threshold leaves no match out, whichever way its weight is rounded."""
    curve = evaluate(links_of(("a", "1", weight, "match")), TRUTH).curve
    assert curve["links"].iloc[0] == 1


def test_pair_listed_twice_counts_once() -> None:
    """A repeated link and a repeated label are one each."""
    twice = pd.concat([LINKS, LINKS], ignore_index=True)
    assert evaluate(twice, pd.concat([TRUTH, TRUTH])).shipped == evaluate(LINKS, TRUTH).shipped


def test_sides_are_not_swapped() -> None:
    """The pair 1, a is not the pair a, 1: ids of two monitors may be alike."""
    assert evaluate(LINKS, truth_of("1:a")).shipped.correct == 0


def test_numbers_as_ids() -> None:
    """Ids that one file holds as numbers and the other as text are the same ids."""
    links = links_of(("1", "2", 3.0, "match"))
    truth = pd.DataFrame({"left_id": [1], "right_id": [2]})
    assert evaluate(links, truth).shipped.correct == 1
    assert evaluate(links.astype({"left_id": int, "right_id": int}), truth).shipped.correct == 1


@pytest.mark.parametrize(
    ("links", "truth", "expected"),
    [
        (links_of(), TRUTH, (0, 0, 0)),
        (LINKS, truth_of(), (0, 0, 0)),
        (links_of(), truth_of(), (0, 0, 0)),
        (links_of(("a", "1", 2.0, "match")), truth_of("a:1"), (1, 1, 1)),
    ],
)
def test_edges(links: pd.DataFrame, truth: pd.DataFrame, expected: tuple[float, ...]) -> None:
    """No links or no labels give zeros and no division by zero; all right gives ones."""
    shipped = evaluate(links, truth).shipped
    assert (shipped.precision, shipped.recall, shipped.f1) == expected


@pytest.mark.parametrize(
    ("drop", "of", "said"),
    [
        ("verdict_code", "links", "LINKS: no column verdict_code"),
        ("match_weight", "links", "LINKS: no column match_weight"),
        ("right_id", "truth", "--truth: no column right_id"),
    ],
)
def test_missing_column_is_a_fault_of_use(drop: str, of: str, said: str) -> None:
    """A file of another shape is told by its name and the column it lacks."""
    files: dict[str, Any] = {"links": LINKS, "truth": TRUTH}
    files[of] = files[of].drop(columns=drop)
    with pytest.raises(UsageFault, match=said):
        evaluate(**files)
