"""Corrections held against the claims of the run that they were asked for in: whether the value they expect stands there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.correct import CORRECTED_COLUMNS, FIGURE_BOUNDS, correct_each, shown_value, whole_rows
from reconcile.drafts import Draft
from reconcile.frames import Issues, RowFates, Victims, empty
from reconcile.judging.proposals import Refusal
from reconcile.ruleset import Correction
from reconcile.views import interval_text, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from reconcile.judging.proposals import Proposal


def against_run(proposals: Sequence[Proposal], run: Path | None) -> tuple[list[Proposal], list[Refusal]]:
    """Return proposals, a correction that leaves out what it expects with what stands there; refuse those that don't apply.

    Args:
        proposals: of all kinds.
        run: the folder of the run; None where it is out of reach, and corrections are taken as they are written.
    """
    asked = [one for one in proposals if isinstance(one.record, Correction) and not one.withdraws]
    draft = _draft(run, {one.about[0] for one in asked}) if asked and run else None
    if draft is None:
        return list(proposals), []
    kept, refusals = [], []
    for one in proposals:
        record = one.record
        if isinstance(record, Correction) and not one.withdraws:
            stated = _with_expected(record, draft)
            (why,) = correct_each(draft, [stated])[1]
            if why:
                refusals.append(Refusal(one.where, f"{why}{_stands(record, draft)}."))
                continue
            kept.append(replace(one, record=stated))
        else:
            kept.append(one)
    return kept, refusals


def said_by(run: Path | None, claim_ids: Iterable[str]) -> dict[str, str]:
    """Return what each claim says in short: day, place, grade, people killed; nothing where the run is out of reach."""
    wanted = set(claim_ids)
    draft = _draft(run, wanted) if run and wanted else None
    if draft is None:
        return {}
    figures = draft.figures
    killed = figures[
        (figures["measure_code"] == "killed")
        & (figures["sex_code"] == "any")
        & (figures["age_group_code"] == "any")
    ].drop_duplicates("claim_id")
    people = {
        claim: f"{interval_text(low, high)} {population} killed"
        for claim, low, high, population in zip(
            killed["claim_id"], killed["low"], killed["high"], killed["population_code"], strict=True
        )
    }
    return {
        one.claim_id: ", ".join(
            filter(None, (one.edtf, one.place_name, one.grade_raw, people.get(one.claim_id, "")))
        )
        for one in records(draft.claims)
    }


def _draft(run: Path, claim_ids: set[str]) -> Draft | None:
    """Return claims of a run as corrections are laid on them; None where its tables can't be read."""
    try:
        claims, figures = (
            pd.read_parquet(run / "tables" / f"{name}.parquet") for name in ("claims", "figures")
        )
    except (OSError, ValueError):
        return None
    claims = claims[claims["claim_id"].isin(claim_ids)].reset_index(drop=True)
    numbered = claims.assign(draft_no=np.arange(len(claims)))
    owner = numbered.set_index("claim_id")["draft_no"]
    own = figures[figures["claim_id"].isin(claim_ids)]
    counted = own.assign(draft_no=owner.reindex(own["claim_id"]).to_numpy())
    nobody = empty(Victims).assign(draft_no=pd.Series(dtype="int64"))
    return Draft(numbered, counted, nobody, empty(Issues), empty(RowFates))


def _value_now(record: Correction, draft: Draft) -> str | None:
    """Return what stands where a correction is to be made, as it has to be expected; None where there is no such place."""
    rows = draft.claims[draft.claims["claim_id"] == record.claim_id]
    if rows.empty or record.action != "set":
        return None
    if record.column in CORRECTED_COLUMNS:
        return shown_value(rows[record.column].iloc[0], record.column)
    measure, _, rest = record.column.partition(".")
    population, _, bound = rest.partition(".")
    found = whole_rows(draft.figures, rows["draft_no"], measure, population)
    if bound not in FIGURE_BOUNDS or not len(found):
        return None
    number = draft.figures[bound].loc[found[0]]
    return "" if pd.isna(number) else f"{number:g}"


def _with_expected(record: Correction, draft: Draft) -> Correction:
    now = _value_now(record, draft)
    return record if record.expected or not now else record.model_copy(update={"expected": now})


def _stands(record: Correction, draft: Draft) -> str:
    now = _value_now(record, draft)
    return "" if now is None or now == record.expected else f"; there stands {now!r}"
