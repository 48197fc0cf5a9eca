"""Why a run says what it says: a pair, a claim, a cluster, a finding or a total, step by step, from the run's own tables.

What is stored is told as it is stored. Only a pair that the run kept no verdict of is compared once more, and only where the
rules at hand are the run's. Frames go in, lines and grids come out; the command line prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.errors import UsageFault
from reconcile.explain.claims import claim_explained, cluster_explained, finding_explained
from reconcile.explain.measured import measured
from reconcile.explain.pairs import pair_explained
from reconcile.explain.parts import LISTED, Explanation, Grid, Part
from reconcile.explain.stored import StoredRun, View, read_run, run_folder
from reconcile.explain.weighing import weigh_unlisted
from reconcile.similar import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.ruleset import Ruleset

__all__ = [
    "Explanation",
    "Grid",
    "Part",
    "StoredRun",
    "explain",
    "measured",
    "read_run",
    "run_folder",
    "weigh_unlisted",
]

PAIR = 2


def explain(run: StoredRun, rules: Ruleset, ids: Sequence[str]) -> tuple[Explanation, ...]:
    """Return why the run says what it says of the things asked about.

    Args:
        run: the report.
        rules: as they are now; where their digest is not the run's, that is said.
        ids: of claims, clusters and findings; a monitor's own id will do where one claim has it. Two claims are a pair.

    Raises:
        UsageFault: when an id is unknown, or that of several claims.
    """
    own = run.linked[run.linked["relation_code"] != "covers"].set_index("claim_id")
    view = View(run, run.claims.set_index("claim_id", drop=False), own, rules)
    asked = [_known(view, one) for one in ids]
    if len(asked) == PAIR and all(kind == "claim" for kind, _ in asked) and asked[0] != asked[1]:
        return (pair_explained(view, asked[0][1], asked[1][1]),)
    told = {"claim": claim_explained, "cluster": cluster_explained, "finding": finding_explained}
    return tuple(told[kind](view, one) for kind, one in dict.fromkeys(asked))


def _known(view: View, wanted: str) -> tuple[str, str]:
    """Return what an id is of, and the id in full."""
    run = view.run
    if wanted in view.claims.index:
        return "claim", wanted
    if (run.linked["cluster_id"] == wanted).any():
        return "cluster", wanted
    if (run.discrepancies["discrepancy_id"] == wanted).any():
        return "finding", wanted
    native = list(map(str, view.claims.index[view.claims["native_id"] == wanted]))
    if len(native) == 1:
        return "claim", native[0]
    if native:
        shown = ", ".join(native[:LISTED])
        raise UsageFault(f"{wanted!r}: {len(native)} claims have this id; write one of {shown}.")
    own = dict(zip(view.claims["native_id"].map(str), map(str, view.claims.index), strict=True))
    others = [*run.linked["cluster_id"].unique(), *run.discrepancies["discrepancy_id"]]
    known = {one: one for one in map(str, [*view.claims.index, *others])} if ":" in wanted else own
    known |= {one: one for one in map(str, others)}
    near = [known[one] for one in nearest(wanted, known)]
    hint = f"the nearest are {', '.join(near)}" if near else "none is like it"
    raise UsageFault(
        f"{run.name}: has no claim, incident or finding {wanted!r}; {hint}. Write an id as the workbook's sheets Claims, Incidents and Discrepancies have it."
    )
