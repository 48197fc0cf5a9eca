"""How a pair is weighed by the rules at hand, where the run kept no weight of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.block import block
from reconcile.compare import Surroundings, compare
from reconcile.compare.incidents import incident_comparators
from reconcile.compare.victims import victim_comparators
from reconcile.evaluate import SIDES
from reconcile.frames import CandidatePairs, typed
from reconcile.linkage import RULES_OF, link_claims
from reconcile.normalize import build_context
from reconcile.parse.places import fold_name
from reconcile.pipeline import prepare
from reconcile.ruleset import LEVELS
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconcile.explain.stored import View
    from reconcile.pipeline import Input, Options
    from reconcile.ruleset import Linkage, LinkedKind, Ruleset


@dataclass(frozen=True, slots=True)
class Weighed:
    """How a pair was weighed.

    Attributes:
        levels: level by comparison.
        rarity: what rarity adds or takes, in bits.
        weight: match weight in bits.
        split: rarity by comparison, in bits; empty where it can't be told.
        is_stored: whether the run itself weighed it so.
    """

    kind: LinkedKind
    levels: Mapping[str, str]
    rarity: float
    weight: float
    split: Mapping[str, float] = field(default_factory=dict)
    is_stored: bool = True


def weighed_again(view: View, kind: LinkedKind, left: str, right: str) -> Weighed:
    """Return how a pair is weighed by the rules at hand, from the claims as the run's tables have them."""
    run, rules, linkage = view.run, view.rules, linkage_of(view, kind)
    rows = sorted(int(one) for one in run.claims.index[run.claims["claim_id"].isin([left, right])])
    pairs = typed(
        CandidatePairs, pd.DataFrame({"left_row": [rows[0]], "right_row": [rows[1]], "rule_no": [0]})
    )
    around = surroundings(rules, dict(zip(map(str, view.own.index), view.own["cluster_id"], strict=True)))
    found = compare(run.claims, run.figures, run.victims, pairs, linkage, around)
    (pair,) = records(found.pairs)
    pattern = found.patterns.iloc[0]
    levels = {name: str(pattern[f"{name}_level"]) for name in LEVELS[kind]}
    comparators = (
        incident_comparators(run.claims, run.figures, run.victims, linkage, around)
        if kind == "incident"
        else victim_comparators(run.claims, run.victims, linkage, around)
    )
    sides = np.array(rows[:1], dtype=np.int64), np.array(rows[1:], dtype=np.int64)
    agreed = {name: comparator(*sides).rarity_bits for name, comparator in comparators.items()}
    least, most = linkage.rarity_floor_bits, linkage.rarity_cap_bits
    split = {
        name: float(np.clip(np.nan_to_num(bits[0]), least, most))
        for name, bits in agreed.items()
        if bits is not None
    }
    return Weighed(kind, levels, float(pair.rarity_bits), float(pair.match_weight), split, is_stored=False)


def surroundings(rules: Ruleset, clusters: Mapping[str, str]) -> Surroundings:
    """Return what comparisons know beside the claims, a job's own places aside."""
    countries = frozenset(
        filter(None, (fold_name(name) for name in rules.vocabularies["countries"].spellings()))
    )
    places = build_context(rules, "airwars").gazetteer.by_id
    return Surroundings(rules.vocabularies["perpetrators"], places, countries, clusters)


def linkage_of(view: View, kind: LinkedKind) -> Linkage:
    """Return the rules at hand for a kind of claim."""
    return view.rules.linkage[RULES_OF[kind]]


def weigh_unlisted(
    left: Input, right: Input, rules: Ruleset, options: Options, kind: LinkedKind, pairs: pd.DataFrame
) -> pd.DataFrame:
    """Return what became of pairs that links do not list, found by comparing the two exports once more.

    Args:
        left: one file, its monitor stated.
        right: the other file, of another monitor.
        rules: of both monitors and of linkage.
        options: of the run.
        kind: what is linked.
        pairs: left_id and right_id, native ids.

    Returns:
        The pairs in their order: left_id, right_id, kind (one of `evaluate.ERROR_KINDS`) and match_weight (bits, null where
        there is no claim).

    Raises:
        InputFault: when either file can't be read.
    """
    prepared = prepare((left, right), rules, options, lambda _: None)
    for _, _, fault in prepared.tables:
        if fault is not None:
            raise fault
    claims, figures, victims = prepared.valid.claims, prepared.valid.figures, prepared.valid.victims
    rows = []
    for one, side in zip(SIDES, (left, right), strict=True):
        own = claims[(claims["monitor"] == side.monitor) & (claims["kind_code"] == kind)]
        place = pd.Series(own.index.to_numpy(), index=own["native_id"].to_numpy(dtype=object))
        rows.append(
            place[~place.index.duplicated()].reindex(pairs[one].to_numpy(dtype=object)).to_numpy(float)
        )
    is_known = ~np.isnan(rows[0]) & ~np.isnan(rows[1])
    low, high = (
        np.where(is_known, end, 0).astype(np.int64) for end in (np.minimum(*rows), np.maximum(*rows))
    )
    linkage = rules.linkage[RULES_OF[kind]]
    linked = link_claims(claims, figures, victims, rules, prepared.context.gazetteer.by_id).linked if len(victims) else None  # fmt: skip
    clusters = dict(zip(linked["claim_id"], linked["cluster_id"], strict=True)) if linked is not None else {}
    asked = typed(
        CandidatePairs,
        pd.DataFrame({"left_row": low[is_known], "right_row": high[is_known], "rule_no": 0}),
    )
    found = compare(claims, figures, victims, asked, linkage, surroundings(rules, clusters))
    weight = np.full(len(pairs), np.nan)
    weight[is_known] = found.pairs["match_weight"].to_numpy()
    candidates = block(claims, victims, linkage).pairs
    brought = pd.MultiIndex.from_frame(candidates[["left_row", "right_row"]].astype("int64"))
    is_brought = pd.MultiIndex.from_arrays([low, high]).isin(brought)
    below = weight < linkage.thresholds.possible
    kinds = np.select(
        [~is_known, ~is_brought, below],
        ["missed_no_claim", "missed_never_compared", "missed_below_possible"],
        default="missed_not_listed",
    )
    return pairs[list(SIDES)].assign(kind=kinds, match_weight=weight)
