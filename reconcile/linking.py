"""Matching alone: two exports in, the links between them out. The stages of `pipeline`, without the report."""

from __future__ import annotations

import secrets
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from reconcile import __version__
from reconcile.errors import UsageFault
from reconcile.evaluate import LINK_COLUMNS
from reconcile.linkage import RULES_OF, link_claims, surroundings_of
from reconcile.pipeline import Input, Options, prepare
from reconcile.read import SourceFile
from reconcile.result import RunFacts
from reconcile.rulefiles import load_model
from reconcile.ruleset import Monitor
from reconcile.train import train
from reconcile.validate import Within

__all__ = ["kind_of", "link_claims", "link_files", "link_options", "train_files", "two_sides"]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.pipeline import Prepared, Watch
    from reconcile.ruleset import Judgement, LinkedKind, Ruleset
    from reconcile.train import Trained


# ---- what a command names ------------------------------------------------------------------------------------------


def two_sides(left: Path, right: Path, monitors: str, rules: Ruleset) -> tuple[Input, Input, Ruleset]:
    """Return two exports, each of its own monitor, and the rules with both monitors among them.

    Raises:
        UsageFault: when `monitors` does not name two, or a file can't be read.
        RuleFaults: when a rule file that it names is at fault.
    """
    names = monitors.split(",")
    if len(names) != 2:  # noqa: PLR2004 - two sides
        raise UsageFault(f"--monitors: found {monitors!r}; write two, the left one first: airwars,cjtf_oir.")
    known, ids = dict(rules.monitors), []
    for name in names:
        if name.endswith((".yaml", ".yml")):
            rule = load_model(Path(name), Monitor)
            known[rule.id] = rule
            ids.append(rule.id)
        elif name in known:
            ids.append(name)
        else:
            raise UsageFault(f"--monitors: no monitor {name!r}; known are {', '.join(known)}.")
    if ids[0] == ids[1]:
        # Two lists of one layout, as two people keep them: each is a monitor of its own.
        ids[1] += "_right"
        known[ids[1]] = known[ids[0]].model_copy(update={"id": ids[1]})
    sides = _side(left, ids[0], "left"), _side(right, ids[1], "right")
    return *sides, rules.model_copy(update={"monitors": known})


def kind_of(text: str) -> LinkedKind:
    """Return the kind that a command names.

    Raises:
        UsageFault: when it is none.
    """
    for kind in RULES_OF:
        if kind == text:
            return kind
    raise UsageFault(f"--kind: {text!r} can't be linked; allowed are {', '.join(RULES_OF)}.")


def link_options(rules: Ruleset) -> Options:
    """Return what the stages of matching alone are told."""
    facts = RunFacts(
        "link", "link", date(1970, 1, 1), "airwars", False, "", rules.digest, "", "", "", __version__
    )
    return Options(facts, Within(), key=secrets.token_bytes(32))


def _side(path: Path, monitor: str, side: str) -> Input:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageFault(f"{path}: the {side} file can't be read ({error.strerror}).") from None
    return Input(f"{side}/{path.name}", SourceFile(f"{side}/{path.name}", content), monitor)


# ---- linking -------------------------------------------------------------------------------------------------------


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
        same = [
            (one.left, one.right)
            for one in judgements
            if one.status == "active" and one.decision in {"same", "part_of"}
        ]
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
