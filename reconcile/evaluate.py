"""Links against labelled pairs: precision, recall and F1 at the shipped threshold and along it, and every error by its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.errors import UsageFault

if TYPE_CHECKING:
    from pathlib import Path

LINK_COLUMNS = ("left_id", "right_id", "match_weight", "match_probability", "verdict_code", "displaced_by")
SIDES = ("left_id", "right_id")
ERROR_COLUMNS = ("left_id", "right_id", "kind", "match_weight", "match_probability", "verdict")
NOT_LISTED = "not listed"
# Every kind of error, in the order in which they are told.
ERROR_KINDS = {
    "missed_possible": "a true pair, left to a person",
    "missed_displaced_by_true": "a true pair, displaced by a claim whose own link is true",
    "missed_displaced_by_false": "a true pair, displaced by a claim whose own link is false",
    "missed_displaced": "a true pair, displaced by a claim whose own link is not listed",
    "missed_rejected": "a true pair, judged different by a person",
    "missed_not_listed": "a true pair that LINKS do not list: never compared, or below possible",
    "missed_no_claim": "a true pair, and no claim of the files has one of its ids",
    "missed_never_compared": "a true pair that no blocking rule brings together",
    "missed_below_possible": "a true pair, compared and below possible",
    "false_wrong_rival": "a false link, and a side of it has another true partner: a wrong rival was taken",
    "false_unlabelled": "a false link, and neither side stands in the truth at all",
}
# Probabilities at which the curve is shown; its best point is looked for at every one there is.
SHOWN_PROBABILITIES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
BINS = 10


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
class Best:
    """The point of a curve with the highest F1: the probability from which pairs are taken, and their score."""

    threshold: float
    score: Score


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of one set of links.

    Attributes:
        shipped: of the pairs whose verdict is `match`.
        curve: one row a weight: threshold (bits), links, precision, recall, f1, over matches at or above it.
        missed: true pairs that are no match, counted by their verdict; `not listed` where they were never near.
        by_probability: one row a probability: threshold (share), links, precision, recall, f1, over all listed pairs at or
            above it, whatever their verdict. Without rows where the links state no probability.
        best: where F1 is highest along the probabilities; None where no pair is listed with one.
        calibration: ten rows: low, high (share), pairs, mean_probability and true_share, null in an empty bin. Without rows
            where the links state no probability.
        errors: one row an error, `ERROR_COLUMNS`; kinds are those of `ERROR_KINDS`.
    """

    shipped: Score
    curve: pd.DataFrame
    missed: dict[str, int]
    by_probability: pd.DataFrame
    best: Best | None
    calibration: pd.DataFrame
    errors: pd.DataFrame


def read_pairs(path: Path) -> pd.DataFrame:
    """Read labelled pairs, or links: ids as text, all else as it is.

    Raises:
        UsageFault: when the file is no CSV.
    """
    try:
        return pd.read_csv(path, dtype={"left_id": "str", "right_id": "str"}, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise UsageFault(f"{path}: can't be read as CSV ({error}).") from None


def read_links(path: Path) -> pd.DataFrame:
    """Read links, their weights and probabilities as numbers.

    Raises:
        UsageFault: when the file is no CSV, or a weight or probability is none.
    """
    links = read_pairs(path)
    for column, asked in (("match_weight", "number"), ("match_probability", "number from 0 to 1")):
        if column in links:
            numbers = pd.to_numeric(links[column], errors="coerce")
            fits = numbers.notna() if column == "match_weight" else numbers.between(0, 1)
            if not fits.all():
                raise UsageFault(f"{path}: {column}: row {int(fits.to_numpy().argmin()) + 2} is no {asked}.")
            links = links.assign(**{column: numbers})
    return links


def evaluate(links: pd.DataFrame, truth: pd.DataFrame) -> Evaluation:
    """Return how links meet labelled pairs.

    Args:
        links: columns of `links.csv`; `match_probability` (share) and `displaced_by` may be absent.
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
    true_pairs = truth[list(SIDES)].astype("str").drop_duplicates()
    judged = links.astype({"left_id": "str", "right_id": "str"}).drop_duplicates(list(SIDES))
    judged = judged.merge(true_pairs.assign(is_true=True), on=list(SIDES), how="left")
    judged["is_true"] = judged["is_true"].eq(True)
    matches = judged[judged["verdict_code"] == "match"]
    shipped = _score(matches, len(true_pairs))
    rows = []
    for threshold in np.unique(np.floor(matches["match_weight"].to_numpy(dtype=np.float64))):
        score = _score(matches[matches["match_weight"] >= threshold], len(true_pairs))
        rows.append((threshold, score.links, score.precision, score.recall, score.f1))
    listed = judged[judged["is_true"] & (judged["verdict_code"] != "match")]["verdict_code"].value_counts()
    missed = {str(code): int(count) for code, count in listed.items()}
    missed[NOT_LISTED] = len(true_pairs) - int(judged["is_true"].sum())
    stated = (
        judged if "match_probability" in judged.columns else judged.iloc[:0].assign(match_probability=0.0)
    )
    has_probability = "match_probability" in judged.columns
    return Evaluation(
        shipped,
        _curve(rows),
        missed,
        _by_probability(stated, len(true_pairs)) if has_probability else _curve([]),
        _best(stated, len(true_pairs)),
        _calibration(stated) if has_probability else _calibration(stated).iloc[:0],
        _errors(judged, true_pairs),
    )


def with_unlisted(errors: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Return errors with what became of the true pairs that links do not list.

    Args:
        errors: of an `Evaluation`.
        told: left_id, right_id, kind and match_weight (bits) of those pairs.
    """
    known = errors.merge(told, on=list(SIDES), how="left", suffixes=("", "_told"), validate="many_to_one")
    unlisted = known["kind"] == "missed_not_listed"
    known["kind"] = known["kind_told"].where(unlisted & known["kind_told"].notna(), known["kind"])
    known["match_weight"] = known["match_weight_told"].round(4).where(unlisted, known["match_weight"])
    return _in_order(known)


def _score(matches: pd.DataFrame, truth: int) -> Score:
    return Score(len(matches), int(matches["is_true"].sum()), truth)


# ---- along the probabilities ---------------------------------------------------------------------------------------


def _curve(rows: list[tuple[float, int, float, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["threshold", "links", "precision", "recall", "f1"])


def _by_probability(judged: pd.DataFrame, truth: int) -> pd.DataFrame:
    probability = judged["match_probability"].to_numpy(dtype=np.float64)
    rows = []
    for threshold in SHOWN_PROBABILITIES:
        score = _score(judged[probability >= threshold], truth)
        rows.append((threshold, score.links, score.precision, score.recall, score.f1))
    return _curve(rows)


def _best(judged: pd.DataFrame, truth: int) -> Best | None:
    """Return where F1 is highest, every probability tried; the highest threshold where several do as well."""
    if judged.empty:
        return None
    ordered = judged.sort_values("match_probability", ascending=False, kind="stable")
    probability = ordered["match_probability"].to_numpy(dtype=np.float64)
    links, correct = np.arange(1, len(ordered) + 1), np.cumsum(ordered["is_true"].to_numpy())
    # Pairs of one probability are taken together.
    last = np.append(probability[1:] != probability[:-1], True)
    f1 = np.where(last, 2 * correct / (links + truth), -1.0)
    at = int(f1.argmax())
    return Best(float(probability[at]), Score(int(links[at]), int(correct[at]), truth))


def _calibration(judged: pd.DataFrame) -> pd.DataFrame:
    probability = judged["match_probability"].to_numpy(dtype=np.float64)
    edges = np.arange(BINS + 1) / BINS
    bins = np.digitize(probability, edges[1:-1])
    pairs = np.bincount(bins, minlength=BINS)
    filled = np.where(pairs > 0, pairs, np.nan)
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "pairs": pairs,
            "mean_probability": np.bincount(bins, probability, minlength=BINS) / filled,
            "true_share": np.bincount(bins, judged["is_true"].to_numpy(), minlength=BINS) / filled,
        }
    )


# ---- errors --------------------------------------------------------------------------------------------------------


def _errors(judged: pd.DataFrame, true_pairs: pd.DataFrame) -> pd.DataFrame:
    """Return every missed true pair and every false link, by kind, the heaviest first."""
    missed = true_pairs.merge(judged.drop(columns="is_true"), on=list(SIDES), how="left")
    missed["verdict_code"] = missed["verdict_code"].astype(object).fillna(NOT_LISTED).astype("str")
    missed = missed[missed["verdict_code"] != "match"]
    kind = "missed_" + missed["verdict_code"].str.replace(" ", "_")
    missed["kind"] = kind.where(missed["verdict_code"] != "displaced", _by_rival(missed, judged))
    false = judged[(judged["verdict_code"] == "match") & ~judged["is_true"]]
    rival = false["left_id"].isin(true_pairs["left_id"]) | false["right_id"].isin(true_pairs["right_id"])
    false = false.assign(kind=np.where(rival, "false_wrong_rival", "false_unlabelled"))
    errors = pd.concat([missed, false], ignore_index=True).rename(columns={"verdict_code": "verdict"})
    return _in_order(errors.reindex(columns=list(ERROR_COLUMNS)).astype({"match_weight": "float64"}))


def _in_order(errors: pd.DataFrame) -> pd.DataFrame:
    order = {name: number for number, name in enumerate(ERROR_KINDS)}
    ordered = errors.assign(order=errors["kind"].map(order).fillna(len(order)))
    return ordered.sort_values(
        ["order", "match_weight", *SIDES], ascending=[True, False, True, True], ignore_index=True
    )[list(ERROR_COLUMNS)]


def _by_rival(missed: pd.DataFrame, judged: pd.DataFrame) -> pd.Series[str]:
    """Return the kind of each missed pair as if it was displaced: by a link that is true, by one that is false, or by neither.

    The rival took the place of one side: its own link is to the other side. Where both sides could be meant, since ids of
    two monitors are alike, a true link counts.
    """
    links = judged[judged["verdict_code"] == "match"]
    is_true = links.set_index(list(SIDES))["is_true"]
    rival = missed["displaced_by"] if "displaced_by" in missed.columns else pd.Series("", index=missed.index)
    rival = rival.fillna("").astype("str")
    found = pd.DataFrame(
        {
            "left": _truth_of(is_true, rival, missed["right_id"]),
            "right": _truth_of(is_true, missed["left_id"], rival),
        },
        index=missed.index,
    )
    best = found.max(axis=1)
    kinds = best.map({1.0: "missed_displaced_by_true", 0.0: "missed_displaced_by_false"})
    return kinds.fillna("missed_displaced").astype("str")


def _truth_of(is_true: pd.Series[bool], left: pd.Series[str], right: pd.Series[str]) -> np.ndarray:
    """Return 1 where a link is true, 0 where it is false, null where there is none."""
    wanted = pd.MultiIndex.from_arrays([left.to_numpy(dtype=object), right.to_numpy(dtype=object)])
    return is_true.astype("float64").reindex(wanted).to_numpy()
