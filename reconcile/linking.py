"""Matching alone: two exports in, the links between them out. The stages of `pipeline`, without the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.errors import UsageFault
from reconcile.evaluate import LINK_COLUMNS
from reconcile.linkage import RULES_OF, link_claims, surroundings_of
from reconcile.pipeline import prepare
from reconcile.train import train

__all__ = ["link_claims", "link_files", "train_files"]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.pipeline import Input, Options, Prepared, Watch
    from reconcile.ruleset import Judgement, LinkedKind, Ruleset
    from reconcile.train import Trained


def link_files(
    left: Input,
    right: Input,
    rules: Ruleset,
    options: Options,
    watch: Watch,
    judgements: Sequence[Judgement] = (),
    kind: LinkedKind = "incident",
) -> pd.DataFrame:
    """Return the links between two exports.

    Args:
        left: one file, its monitor stated.
        right: the other file; its monitor has to be another one.
        rules: of both monitors and of linkage.
        options: of the run.
        watch: told the name of each stage.
        judgements: decisions of persons.
        kind: what is linked.

    Returns:
        Columns of `links.csv`, native ids on both sides, one row per pair at or above `possible`, the heaviest first.

    Raises:
        InputFault: when either file can't be read.
        UsageFault: when both files are of one monitor.
    """
    prepared = _both(left, right, rules, options, watch)
    claims, figures = prepared.valid.claims, prepared.valid.figures
    links = link_claims(
        claims, figures, prepared.valid.victims, rules, prepared.context.gazetteer.by_id, judgements, watch
    )
    verdicts = links.verdicts[links.verdicts["kind_code"] == kind]
    return _native(verdicts, claims, left.monitor)


def train_files(
    left: Input,
    right: Input,
    rules: Ruleset,
    options: Options,
    kind: LinkedKind,
    labels: pd.DataFrame | None,
    judgements: Sequence[Judgement] = (),
) -> Trained:
    """Return the linkage rules of a kind, trained on two exports.

    Args:
        left: one file, its monitor stated.
        right: the other file.
        rules: of both monitors and of linkage.
        options: of the run.
        kind: what is linked.
        labels: left_id and right_id of every true pair, the monitors' own ids. None: without labels.
        judgements: decisions of persons; what they judged the same are labels too.

    Raises:
        UsageFault: when the data can't tell, and why.
    """
    prepared = _both(left, right, rules, options, lambda _: None)
    valid, linkage = prepared.valid, rules.linkage[RULES_OF[kind]]
    around = surroundings_of(rules, prepared.context.gazetteer.by_id)
    told = None if labels is None else _with_claim_ids(labels, valid.claims, left.monitor, right.monitor)
    if judgements:
        same = [(one.left, one.right) for one in judgements if one.decision in {"same", "part_of"}]
        told = pd.concat([told, pd.DataFrame(same, columns=["left_id", "right_id"])], ignore_index=True)
    return train(valid.claims, valid.figures, valid.victims, linkage, rules.monitors, around, told)


def _with_claim_ids(labels: pd.DataFrame, claims: pd.DataFrame, left: str, right: str) -> pd.DataFrame:
    """Return labelled pairs of native ids as pairs of claim ids; a pair with an id that no claim has is left out."""
    found = {}
    for side, monitor in (("left_id", left), ("right_id", right)):
        own = claims[claims["monitor"] == monitor]
        ids = pd.Series(own["claim_id"].to_numpy(), index=own["native_id"])
        found[side] = ids[~ids.index.duplicated()].reindex(labels[side].astype("str")).to_numpy()
    return pd.DataFrame(found).dropna(ignore_index=True)


def _both(left: Input, right: Input, rules: Ruleset, options: Options, watch: Watch) -> Prepared:
    if left.monitor == right.monitor:
        raise UsageFault(f"--monitors: both sides are {left.monitor!r}; matching is between two monitors.")
    prepared = prepare((left, right), rules, options, watch)
    for _, _, fault in prepared.tables:
        if fault is not None:
            raise fault
    return prepared


def _native(verdicts: pd.DataFrame, claims: pd.DataFrame, left: str) -> pd.DataFrame:
    about = claims.set_index("claim_id")
    native, monitor = about["native_id"], about["monitor"]
    is_left = (monitor.reindex(verdicts["left_id"]) == left).to_numpy()
    first, second = (
        native.reindex(verdicts["left_id"]).to_numpy(),
        native.reindex(verdicts["right_id"]).to_numpy(),
    )
    rival = native.reindex(verdicts["displaced_by"]).fillna("").to_numpy()
    links = pd.DataFrame(
        {
            "left_id": pd.Series(first).where(is_left, second),
            "right_id": pd.Series(second).where(is_left, first),
            "match_weight": verdicts["match_weight"].round(4).to_numpy(),
            "match_probability": verdicts["match_probability"].round(6).to_numpy(),
            "verdict_code": verdicts["verdict_code"].to_numpy(),
            "displaced_by": rival,
        }
    )
    return links.sort_values(
        ["match_weight", "left_id", "right_id"], ascending=[False, True, True], ignore_index=True
    )[list(LINK_COLUMNS)]
