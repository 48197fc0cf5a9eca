"""How links met labelled pairs, as parts: the scores, the curves, how far probabilities hold, and the errors by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.evaluate import ERROR_KINDS
from reconcile.explain.parts import Grid, Part, plain
from reconcile.views import records

if TYPE_CHECKING:
    import pandas as pd

    from reconcile.evaluate import Evaluation


def measured(found: Evaluation, errors: pd.DataFrame) -> tuple[Part, ...]:
    """Return an evaluation in parts.

    Args:
        found: by `evaluate`.
        errors: its own, or with what became of pairs that are not listed.
    """
    score = found.shipped
    shipped = f"precision {score.precision:.3f}  recall {score.recall:.3f}  F1 {score.f1:.3f}  ({score.correct} of {score.links} links true, {score.truth} true pairs)"
    missed = "true pairs missed: " + ", ".join(f"{count} {code}" for code, count in found.missed.items())
    parts = [Part("", (shipped,), _curve("weight from", "links", found.curve), (missed,))]
    if found.best:
        best = found.best.score
        told = f"best F1 {best.f1:.3f} from a probability of {found.best.threshold:.3f}  (precision {best.precision:.3f}, recall {best.recall:.3f}, {best.links} pairs)"
        heading = "Every listed pair from a probability up, rivals set against it, whatever its verdict"
        parts.append(Part(heading, (), _curve("probability from", "pairs", found.by_probability), (told,)))
        parts.append(Part("How far the probabilities can be believed", (), _calibration(found.calibration)))
    counts = errors["kind"].value_counts()
    kinds = [code for code in dict.fromkeys([*ERROR_KINDS, *counts.index]) if code in counts.index]
    if kinds:
        rows = tuple((f"{counts[code]}", code, ERROR_KINDS.get(code, "")) for code in kinds)
        grid = Grid(("errors", "kind", "it is"), rows, frozenset({0}), frozenset({1}))
        parts.append(Part(f"{len(errors)} errors", (), grid))
    return tuple(parts)


def _curve(threshold: str, counted: str, curve: pd.DataFrame) -> Grid:
    rows = tuple(
        (
            plain(row.threshold + 0),
            f"{row.links}",
            f"{row.precision:.3f}",
            f"{row.recall:.3f}",
            f"{row.f1:.3f}",
        )
        for row in records(curve)
    )
    return Grid((threshold, counted, "precision", "recall", "F1"), rows, frozenset(range(5)))


def _calibration(bins: pd.DataFrame) -> Grid:
    rows = tuple(
        (
            f"{row.low:.1f} to {row.high:.1f}",
            f"{row.pairs}",
            *((f"{row.mean_probability:.2f}", f"{row.true_share:.2f}") if row.pairs else ("", "")),
        )
        for row in records(bins)
    )
    return Grid(("probability", "pairs", "stated, on average", "true"), rows, frozenset({1, 2, 3}))
