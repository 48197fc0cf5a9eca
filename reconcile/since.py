"""What the stage that compares two runs needs of this run and of the one before: the same decisions and the same silence on both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.correct import correct
from reconcile.drafts import Draft
from reconcile.filenames import owners
from reconcile.frames import Issues, RowFates, Victims, empty
from reconcile.health import PastInputs, told
from reconcile.history import (
    Comparison,
    InputState,
    Release,
    RunState,
    compare_runs,
    input_state,
    lost_columns,
    reading_of,
    state_of,
)
from reconcile.withhold import withhold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.pipeline import Options, Prepared
    from reconcile.ruleset import Correction, Ruleset


def changes_since(prepared: Prepared, rules: Ruleset, options: Options, health: pd.DataFrame) -> Comparison:
    """Return what each monitor changed since the previous run; nothing where there is none.

    Restricted texts are withheld on both sides, whatever either run was asked for, and decisions made since then are laid
    on what the previous run knew: they are no doing of a monitor's.
    """
    claims, figures, summary = options.previous_claims, options.previous_figures, options.previous_summary
    if claims is None or figures is None or summary is None:
        return Comparison()
    then = _as_corrected(claims, figures, options.corrections)
    no_victims, valid = empty(Victims), prepared.valid
    dropped = {one.claim_id for one in options.corrections if one.action == "drop" and one.status == "active"}
    facts = options.facts
    after = RunState(
        facts.as_of,
        _inputs_of(prepared, options.past or PastInputs()),
        facts.within,
        (facts.rules_digest, facts.version, facts.quantities),
        (facts.decisions.get("corrections", ""), facts.decisions.get("places", "")),
        options.key_print,
        lost_columns(told(health)),
    )
    return compare_runs(
        Release(*withhold(*then, no_victims, rules.monitors)[:2]),
        Release(
            *withhold(valid.claims, valid.figures, no_victims, rules.monitors)[:2],
            set_aside=valid.outside | dropped,
            withdrawn_before=frozenset(options.previous_withdrawn or ()),
            deleted=valid.deleted,
        ),
        state_of(summary),
        after,
        reading_of(rules),
    )


def _inputs_of(prepared: Prepared, past: PastInputs) -> tuple[InputState, ...]:
    """Return what became of the files of this run, one that nobody recognises once for each monitor it may be of."""
    known = {
        (file, monitor)
        for file, monitor, layout in zip(
            *(past.accounts[name] for name in ("file", "monitor", "layout")), strict=True
        )
        if layout
    }
    return tuple(
        input_state(monitor, one.file, one.layout, one.health)
        for one in prepared.inputs
        for monitor in (sorted(owners(one.file, known)) if one.health == "failed" and not one.monitor else ())
        or (one.monitor,)
    )


def _as_corrected(
    claims: pd.DataFrame, figures: pd.DataFrame, corrections: Sequence[Correction]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return claims and figures of the previous run with what was set right since then."""
    known = set(claims["claim_id"])
    own = [one for one in corrections if one.action == "set" and one.claim_id in known]
    if not own:
        return claims, figures
    numbered = claims.assign(draft_no=np.arange(len(claims)))
    owner = numbered.set_index("claim_id")["draft_no"]
    counted = figures.assign(draft_no=owner.reindex(figures["claim_id"]).to_numpy())
    nobody = empty(Victims).assign(draft_no=pd.Series(dtype="int64"))
    done = correct(Draft(numbered, counted, nobody, empty(Issues), empty(RowFates)), own)
    return done.claims.drop(columns="draft_no"), done.figures.drop(columns="draft_no")
