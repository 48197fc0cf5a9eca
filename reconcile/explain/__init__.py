"""Why a run says what it says: a pair, a claim, a cluster, a finding, a total, step by step, from the run's own tables.

What is stored is told as it is stored. Only a pair that the run kept no verdict of is compared once more, and only where the
rules at hand are the run's. Frames go in, lines and grids come out; the command line prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.errors import UsageFault
from reconcile.explain.claims import claim_explained, cluster_explained
from reconcile.explain.findings import finding_explained
from reconcile.explain.measured import measured
from reconcile.explain.pairs import pair_explained
from reconcile.explain.parts import LISTED, Explanation, Grid, Part
from reconcile.explain.pictures import ASCII, BLOCKS
from reconcile.explain.stored import StoredRun, View, read_run, run_folder
from reconcile.explain.totals import derived_explained, set_explained, total_explained
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
TOLD = {
    "claim": claim_explained,
    "total": total_explained,
    "cluster": cluster_explained,
    "finding": finding_explained,
    "difference": derived_explained,
    "set": set_explained,
}


def explain(
    run: StoredRun, rules: Ruleset, ids: Sequence[str], *, has_blocks: bool = True
) -> tuple[Explanation, ...]:
    """Return why the run says what it says of the things asked about.

    Args:
        run: the report.
        rules: as they are now; where their digest is not the run's, that is said.
        ids: of claims, clusters, findings, differences of totals, and sets of numbers; a monitor's own id will do where one
            claim has it. Two claims are a pair.
        has_blocks: whether what is shown can be drawn with block characters.

    Raises:
        UsageFault: when an id is unknown, or that of several claims.
    """
    own = run.linked[run.linked["relation_code"] != "covers"].set_index("claim_id")
    strokes = BLOCKS if has_blocks else ASCII
    view = View(run, run.claims.set_index("claim_id", drop=False), own, rules, strokes)
    asked = [_known(view, one) for one in ids]
    if len(asked) == PAIR and all(kind in {"claim", "total"} for kind, _ in asked) and asked[0] != asked[1]:
        return (pair_explained(view, asked[0][1], asked[1][1]),)
    return tuple(TOLD[kind](view, one) for kind, one in dict.fromkeys(asked))


def _known(view: View, wanted: str) -> tuple[str, str]:
    """Return what an id is of, and the id in full."""
    run = view.run
    if wanted in view.claims.index:
        return _kind(view, wanted), wanted
    others = {
        "cluster": run.linked["cluster_id"],
        "finding": run.discrepancies["discrepancy_id"],
        "difference": run.derived["derived_id"],
        "set": run.sets["set_id"],
    }
    for kind, ids in others.items():
        if (ids == wanted).any():
            return kind, wanted
    native = list(map(str, view.claims.index[view.claims["native_id"] == wanted]))
    if len(native) == 1:
        return _kind(view, native[0]), native[0]
    if native:
        shown = ", ".join(native[:LISTED])
        raise UsageFault(f"{wanted!r}: {len(native)} claims have this id; write one of {shown}.")
    own = dict(zip(view.claims["native_id"].map(str), map(str, view.claims.index), strict=True))
    rest = [one for ids in others.values() for one in ids.unique()]
    known = {one: one for one in map(str, [*view.claims.index, *rest])} if ":" in wanted else own
    known |= {one: one for one in map(str, rest)}
    near = [known[one] for one in nearest(wanted, known)]
    hint = f"the nearest are {', '.join(near)}" if near else "none is like it"
    raise UsageFault(
        f"{run.name}: has no claim, incident, finding, difference or set {wanted!r}; {hint}. Write an id as the workbook's sheets Claims, Incidents, Discrepancies, Totals and Series have it."
    )


def _kind(view: View, claim_id: str) -> str:
    return "total" if view.claim(claim_id)["kind_code"] == "total" else "claim"
