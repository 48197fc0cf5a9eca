"""Links against labelled pairs: what precision, recall and F1 are, and what is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from reconcile.errors import UsageFault
from reconcile.evaluate import (
    ERROR_COLUMNS,
    ERROR_KINDS,
    LINK_COLUMNS,
    Score,
    evaluate,
    read_links,
    with_unlisted,
)

if TYPE_CHECKING:
    from pathlib import Path

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


# ---- along the probabilities, and by kind of error -----------------------------------------------------------------


def likely(*links: tuple[str, str, float, str, str]) -> pd.DataFrame:
    """Links: left, right, probability, verdict, displaced by."""
    rows = [(left, right, 9 * chance, chance, verdict, by) for left, right, chance, verdict, by in links]
    return pd.DataFrame(rows, columns=list(LINK_COLUMNS))


LIKELY = likely(
    ("a", "1", 0.95, "match", ""),
    ("b", "2", 0.9, "match", ""),
    ("c", "9", 0.6, "match", ""),
    ("x", "y", 0.55, "match", ""),
    ("d", "4", 0.4, "possible", ""),
    ("b", "5", 0.1, "displaced", "2"),
    ("h", "9", 0.1, "displaced", "c"),
    ("k", "6", 0.05, "displaced", "l"),
    ("m", "8", 0.0, "rejected", ""),
)
LABELS = truth_of("a:1", "b:2", "b:5", "c:3", "d:4", "h:9", "k:6", "m:8", "g:7")


def test_errors_are_told_by_kind() -> None:
    """Every missed pair and every false link is one error, and of the kind that its links make it."""
    errors = evaluate(LIKELY, LABELS).errors
    assert list(errors.columns) == list(ERROR_COLUMNS)
    kinds = {(row.left_id, row.right_id): row.kind for row in errors.itertuples()}
    assert kinds == {
        ("d", "4"): "missed_possible",
        ("b", "5"): "missed_displaced_by_true",
        ("h", "9"): "missed_displaced_by_false",
        ("k", "6"): "missed_displaced",
        ("m", "8"): "missed_rejected",
        ("c", "3"): "missed_not_listed",
        ("g", "7"): "missed_not_listed",
        ("c", "9"): "false_wrong_rival",
        ("x", "y"): "false_unlabelled",
    }
    assert set(kinds.values()) <= set(ERROR_KINDS)


def test_errors_add_up() -> None:
    """Missed errors are the true pairs that were not linked, false ones the links that are not true."""
    found = evaluate(LIKELY, LABELS)
    missed = found.errors["kind"].str.startswith("missed")
    assert int(missed.sum()) == found.shipped.truth - found.shipped.correct == sum(found.missed.values())
    assert int((~missed).sum()) == found.shipped.links - found.shipped.correct


def test_errors_keep_what_links_say_of_them() -> None:
    """An error carries weight, probability and verdict of its row; a pair that is not listed has neither number."""
    errors = evaluate(LIKELY, LABELS).errors.set_index(["left_id", "right_id"])
    assert tuple(errors.loc[("d", "4"), ["match_probability", "verdict"]]) == (0.4, "possible")
    assert errors.at[("g", "7"), "verdict"] == "not listed"
    assert errors.loc[("g", "7"), ["match_weight", "match_probability"]].isna().all()


def test_ids_that_both_monitors_use() -> None:
    """A rival is looked for on its own side: the id of the other side is another claim."""
    links = likely(
        ("1", "2", 0.9, "match", ""), ("1", "1", 0.2, "displaced", "2"), ("2", "1", 0.8, "match", "")
    )
    errors = evaluate(links, truth_of("1:1", "1:2")).errors
    kinds = {(row.left_id, row.right_id): row.kind for row in errors.itertuples()}
    assert kinds[("1", "1")] == "missed_displaced_by_true"
    assert kinds[("2", "1")] == "false_wrong_rival"


def test_curve_by_probability_takes_every_verdict() -> None:
    """From 0 up every listed pair counts, whatever its verdict; recall never grows with the threshold."""
    curve = evaluate(LIKELY, LABELS).by_probability
    assert (curve["links"].iloc[0], curve["threshold"].iloc[0]) == (len(LIKELY), 0)
    assert curve["recall"].is_monotonic_decreasing
    half = curve[curve["threshold"] == 0.5].iloc[0]
    assert (half["links"], half["precision"]) == (4, 0.5)


def test_best_is_the_best_of_all_thresholds() -> None:
    """No probability does better than the best one, and it is one of those listed."""
    best = evaluate(LIKELY, LABELS).best
    assert best is not None
    tried = []
    for threshold in LIKELY["match_probability"]:
        taken = LIKELY[LIKELY["match_probability"] >= threshold].assign(verdict_code="match")
        tried.append(evaluate(taken, LABELS).shipped.f1)
    assert best.score.f1 == pytest.approx(max(tried))
    assert best.threshold in set(LIKELY["match_probability"])


def test_calibration_counts_every_pair_once() -> None:
    """Ten bins hold all listed pairs, each by its probability; an empty bin states no share."""
    bins = evaluate(LIKELY, LABELS).calibration
    assert len(bins) == 10
    assert bins["pairs"].sum() == len(LIKELY)
    by_low = bins.set_index(bins["low"].round(1))
    assert (by_low.at[0.9, "pairs"], by_low.at[0.9, "true_share"]) == (2, 1)
    assert (by_low.at[0.1, "pairs"], by_low.at[0.1, "true_share"]) == (2, 1)
    assert (by_low.at[0.0, "pairs"], by_low.at[0.0, "true_share"]) == (2, 1)
    assert pd.isna(by_low.at[0.3, "true_share"])


def test_sure_pair_is_in_the_last_bin() -> None:
    """A probability of 1 stands in the last of the ten bins."""
    bins = evaluate(likely(("a", "1", 1.0, "match", "")), LABELS).calibration
    assert list(bins["pairs"]) == [0] * 9 + [1]


def test_links_without_probabilities() -> None:
    """Links of another tool need no probability and no rival; what rests on them is left out."""
    found = evaluate(LINKS.drop(columns=["match_probability", "displaced_by"]), TRUTH)
    assert found.best is None
    assert found.by_probability.empty
    assert found.calibration.empty
    assert set(found.errors["kind"]) == {
        "missed_possible",
        "missed_displaced",
        "missed_not_listed",
        "false_wrong_rival",
    }


def test_no_errors() -> None:
    """Where every link is true and every true pair linked, no error is left."""
    assert evaluate(likely(("a", "1", 0.9, "match", "")), truth_of("a:1")).errors.empty


def test_unlisted_pairs_are_told_apart() -> None:
    """What is known of unlisted pairs takes the place of their kind and weight, and of no other error's."""
    errors = evaluate(LIKELY, LABELS).errors
    told = truth_of("g:7", "d:4").assign(
        kind=["missed_below_possible", "missed_no_claim"], match_weight=[-3.25, 0]
    )
    found = with_unlisted(errors, told).set_index(["left_id", "right_id"])
    assert tuple(found.loc[("g", "7"), ["kind", "match_weight"]]) == ("missed_below_possible", -3.25)
    assert found.at[("d", "4"), "kind"] == "missed_possible"
    assert found.at[("c", "3"), "kind"] == "missed_not_listed"
    assert len(found) == len(errors)


@pytest.mark.parametrize(
    ("cell", "said"),
    [("1.5", "match_probability: row 3 is no number from 0 to 1"), ("often", "match_probability: row 3")],
)
def test_probability_that_is_none(tmp_path: Path, cell: str, said: str) -> None:
    """A probability that is no number from 0 to 1 is refused by its row."""
    path = tmp_path / "links.csv"
    path.write_text(
        f"left_id,right_id,match_weight,match_probability,verdict_code\na,1,2,0.5,match\nb,2,2,{cell},match\n"
    )
    with pytest.raises(UsageFault, match=said):
        read_links(path)
