"""Links against labelled pairs: precision, recall and F1, at the shipped threshold and along the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconcile.errors import UsageFault

LINK_COLUMNS = ("left_id", "right_id", "match_weight", "match_probability", "verdict_code", "displaced_by")


@dataclass(frozen=True, slots=True)
class Score:
    """How well a set of links meets the truth."""

    links: int
    correct: int
    truth: int

    @property
    def precision(self) -> float:
        """Share of links that are true."""
        return self.correct / self.links if self.links else 0.0

    @property
    def recall(self) -> float:
        """Share of true pairs that were linked."""
        return self.correct / self.truth if self.truth else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of one set of links.

    Attributes:
        shipped: of the pairs whose verdict is `match`.
        curve: one row a weight: threshold (bits), links, precision, recall, f1, over matches at or above it.
        missed: true pairs that are no match, counted by their verdict; `not listed` where they were never near.
    """

    shipped: Score
    curve: pd.DataFrame
    missed: dict[str, int]


def evaluate(links: pd.DataFrame, truth: pd.DataFrame) -> Evaluation:
    """Return how links meet labelled pairs.

    Args:
        links: columns of `links.csv`.
        truth: left_id and right_id of every true pair.

    Raises:
        UsageFault: when columns are missing.
    """
    for name, frame, wanted in (
        ("LINKS", links, LINK_COLUMNS[:2] + LINK_COLUMNS[2:3] + LINK_COLUMNS[4:5]),
        ("--truth", truth, LINK_COLUMNS[:2]),
    ):
        if lost := [column for column in wanted if column not in frame.columns]:
            raise UsageFault(
                f"{name}: no column {', '.join(lost)}; found {', '.join(map(str, frame.columns))}."
            )
    true_pairs = truth[["left_id", "right_id"]].astype("str").drop_duplicates()
    judged = links.astype({"left_id": "str", "right_id": "str"}).drop_duplicates(["left_id", "right_id"])
    judged = judged.merge(true_pairs.assign(is_true=True), on=["left_id", "right_id"], how="left")
    judged["is_true"] = judged["is_true"].eq(True)
    matches = judged[judged["verdict_code"] == "match"]
    shipped = _score(matches, len(true_pairs))
    rows = []
    for threshold in np.unique(np.floor(matches["match_weight"].to_numpy(dtype=np.float64))):
        score = _score(matches[matches["match_weight"] >= threshold], len(true_pairs))
        rows.append((threshold, score.links, score.precision, score.recall, score.f1))
    listed = judged[judged["is_true"] & (judged["verdict_code"] != "match")]["verdict_code"].value_counts()
    missed = {str(code): int(count) for code, count in listed.items()}
    missed["not listed"] = len(true_pairs) - int(judged["is_true"].sum())
    return Evaluation(
        shipped, pd.DataFrame(rows, columns=["threshold", "links", "precision", "recall", "f1"]), missed
    )


def _score(matches: pd.DataFrame, truth: int) -> Score:
    return Score(len(matches), int(matches["is_true"].sum()), truth)
