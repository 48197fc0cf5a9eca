"""Scores of linked claims against the truth; outside of every tool's own time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of each row of a generated file.

    Attributes:
        event: code of the event it reports; -1 where that is not known.
        monitor: code of the monitor that makes it.
        pairs: how many pairs of two monitors' rows report one event.
    """

    event: Ints
    monitor: Ints
    pairs: int


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of pairs."""

    precision: float
    recall: float
    f1: float


def truth_of(event: Ints, monitor: Ints) -> Truth:
    """Return the truth of rows whose events are known."""
    return Truth(event, monitor, _pairs_within(event, monitor))


def score_pairs(pairs: pd.DataFrame, truth: Truth, cut: float) -> dict[str, object]:
    """Return scores at the cut, at the best cut, and the share of true pairs that were scored at all.

    Args:
        pairs: left, right, probability; each pair once, of two monitors.
        truth: of the rows.
        cut: the tool's own; pairs at or above it are links.
    """
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    across = truth.monitor[left] != truth.monitor[right]
    left, right, probability = left[across], right[across], pairs["probability"].to_numpy()[across]
    correct = truth.event[left] == truth.event[right]
    order = np.argsort(-probability, kind="stable")
    hits = np.cumsum(correct[order])
    taken = np.arange(1, len(order) + 1)
    f1 = 2 * hits / (taken + truth.pairs)
    # A cut takes all pairs of one probability or none of them.
    ends = np.append(np.diff(probability[order]) != 0, True) if len(order) else np.empty(0, dtype=bool)
    at = int(np.argmax(np.where(ends, f1, 0))) if len(order) else 0
    links = probability >= cut
    return {
        "at_cut": asdict(_score(int(links.sum()), int(correct[links].sum()), truth.pairs)),
        "best": asdict(_score(at + 1, int(hits[at]), truth.pairs)) if len(order) else asdict(Score(0, 0, 0)),
        "best_cut": float(probability[order][at]) if len(order) else None,
        "ceiling": round(int(correct.sum()) / max(truth.pairs, 1), 4),
        "listed_pairs": len(order),
    }


def score_clusters(cluster: Ints, truth: Truth) -> dict[str, float]:
    """Return the score of all pairs of two monitors' rows that share a cluster."""
    together = _pairs_within(cluster, truth.monitor)
    both = pd.factorize(pd.MultiIndex.from_arrays([cluster, truth.event]))[0]
    return asdict(_score(together, _pairs_within(both, truth.monitor), truth.pairs))


def one_per_monitor(pairs: pd.DataFrame, truth: Truth, cut: float) -> Ints:
    """Return clusters for a tool that has no such step: pairs merge, the surest first, where no monitor would stand twice."""
    kept = pairs[pairs["probability"] >= cut]
    kept = kept.sort_values(["probability", "left", "right"], ascending=[False, True, True], kind="stable")
    parent = list(range(len(truth.monitor)))
    holds = [1 << int(code) for code in truth.monitor]

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for left, right in zip(kept["left"].tolist(), kept["right"].tolist(), strict=True):
        a, b = root(left), root(right)
        if a != b and not holds[a] & holds[b]:
            parent[b] = a
            holds[a] |= holds[b]
    return np.array([root(row) for row in range(len(parent))], dtype=np.int64)


def _score(links: int, correct: int, true: int) -> Score:
    precision, recall = correct / links if links else 0.0, correct / true if true else 0.0
    both = precision + recall
    return Score(
        round(precision, 4), round(recall, 4), round(2 * precision * recall / both, 4) if both else 0.0
    )


def _pairs_within(group: Ints, monitor: Ints) -> int:
    """Return how many pairs of rows of two monitors share a group; rows of a negative group share none."""
    known = group >= 0
    group, monitor = group[known], monitor[known]
    if not len(group):
        return 0
    wide = int(monitor.max()) + 1
    whole = np.unique(group, return_counts=True)[1]
    own = np.unique(group * wide + monitor, return_counts=True)[1]
    return int((whole * (whole - 1) // 2).sum() - (own * (own - 1) // 2).sum())
