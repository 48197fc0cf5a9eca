"""ComparedPairs -> LinkedClaims: which claims speak of one incident.

Policy, in this order. Judgements hold. A monitor's own parts of an incident stand together. Then every pair is weighed
against its rivals: a monitor that makes one claim per incident can't mean one incident by two of its claims, so the claims
of two monitors are matched one to one or not at all, and a pair's probability is its share in all such matchings. Pairs
merge, the likeliest first, where the probability reaches `match`, where no such monitor would stand twice, where no
judgement forbids it, and where every pair of claims across the two clusters is itself at least `possible` (a rival, where the
joining pair is sure), so that no chain of neighbours forms.

Guarantees:
    each_claim_in_one_cluster: a claim is `same` or `part_of` in exactly one cluster.
    one_claim_per_monitor: a monitor with one claim per incident stands once in a cluster, its own parts and judgements aside.
    judgements_win: claims judged the same share a cluster, claims judged different do not.
    unrelated_claims_change_nothing: a cluster keeps its id and members when claims it has no pair with come or go.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.decisions import contradiction_told, contradictions
from reconcile.errors import UsageFault
from reconcile.frames import LinkedClaims, PairVerdicts, columns_of, empty, typed
from reconcile.levels import spell_levels
from reconcile.views import components, days_of, runs, split_edges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from reconcile.ruleset import Judgement, Linkage, Monitor

    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]


CONTRADICTIONS_TOLD = 5


@dataclass(frozen=True, slots=True)
class Clustered:
    """Clusters, the final verdict of every pair worth a look, and judgements that could not be used."""

    linked: pd.DataFrame
    verdicts: pd.DataFrame
    unused_judgements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Edges:
    """Pairs that may merge, the likeliest first.

    Attributes:
        left, right: positions of claims.
        weight: match weight in bits.
        odds: log2 odds with the rivals of either side set against it.
        rank: place in this order.
    """

    left: Ints
    right: Ints
    weight: Floats
    odds: Floats
    rank: Ints

    def at(self, chosen: Ints | Bools) -> _Edges:
        """Return some of the edges, in the order given."""
        return _Edges(
            self.left[chosen], self.right[chosen], self.weight[chosen], self.odds[chosen],
            np.arange(len(self.left[chosen])),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Standing:
    """What each claim brings into a merge.

    Attributes:
        keys: claims x one-claim monitors; the label of the claim's parts, -1 elsewhere.
        unit: the cluster a claim stood in before any weight was looked at.
        monitors: how many there are.
        monitor_of_unit: the monitor of each claim's unit; the number of monitors where a unit is of several.
        strict: whether its monitor makes one claim per incident.
        possible: weight in bits from which a pair is possible.
    """

    keys: Ints
    unit: Ints
    monitors: int
    monitor_of_unit: Ints
    strict: Bools
    possible: float


def _standing(claims: pd.DataFrame, keys: Ints, unit: Ints, strict: Bools, possible: float) -> _Standing:
    """Return what each claim brings into a merge; the monitor of a unit is looked up once, and asked in every round."""
    codes, names = pd.factorize(claims["monitor"])
    units = pd.DataFrame({"unit": unit, "code": codes}).groupby("unit")["code"].agg(["min", "max"])
    single = units["min"].where(units["min"] == units["max"], len(names))
    return _Standing(keys, unit, len(names), single.reindex(unit).to_numpy(dtype=np.int64), strict, possible)


def _one_claim(monitors: Mapping[str, Monitor]) -> frozenset[str]:
    """Return the monitors that make one claim per incident."""
    return frozenset(name for name, monitor in monitors.items() if monitor.claims_per_incident == "one")


def cluster(
    claims: pd.DataFrame,
    compared: pd.DataFrame,
    linkage: Linkage,
    monitors: Mapping[str, Monitor],
    judgements: Sequence[Judgement] = (),
) -> Clustered:
    """Return the clusters of all claims.

    Args:
        claims: a `Claims` frame.
        compared: a `ComparedPairs` frame over it.
        linkage: for its thresholds.
        monitors: for `claims_per_incident` and split patterns.
        judgements: decisions of persons, those that are withdrawn aside.

    Raises:
        UsageFault: when judgements contradict each other.
    """
    same, part_of, different, unused = _judged(claims, judgements)
    _refuse_contradiction(claims, judgements)
    split = _unless_parted(split_edges(claims, monitors), same, different, len(claims))
    label = components(len(claims), np.concatenate([split[0], same[0]]), np.concatenate([split[1], same[1]]))
    edges = _edges(compared, label, claims, monitors, different, linkage.thresholds.rival)
    keys = _monitor_keys(claims, components(len(claims), *split), monitors)
    strong = edges.odds >= linkage.thresholds.match
    strict = claims["monitor"].isin(_one_claim(monitors)).to_numpy()
    standing = _standing(claims, keys, label, strict, linkage.thresholds.possible)
    label = _merge(label, edges, strong, standing, different)
    linked = _linked(claims, label, _bases(label, split, same), np.concatenate([*split, *part_of]))
    verdicts = _verdicts(claims, _with_odds(compared, edges, linkage), label, keys, linkage, different)
    return Clustered(linked, verdicts, unused)


def covering(claims: pd.DataFrame, linked: pd.DataFrame) -> pd.DataFrame:
    """Return the `covers` rows of summaries: the clusters in whose governorate and window a summary lies whole.

    Args:
        claims: a `Claims` frame.
        linked: `LinkedClaims` without `covers` rows.
    """
    own = linked.set_index("claim_id")["cluster_id"].reindex(claims["claim_id"]).to_numpy(dtype=object)
    usable = ((claims["admin1"] != "") & claims["date_start"].notna()).to_numpy()
    summary = np.flatnonzero(usable & (claims["unit_code"] == "event_summary").to_numpy())
    single = np.flatnonzero(
        usable
        & (claims["kind_code"] == "incident").to_numpy()
        & (claims["unit_code"] == "incident").to_numpy()
    )
    if not len(summary) or not len(single):
        return empty(LinkedClaims)
    start, end = days_of(claims, "date_start"), days_of(claims, "date_end")
    shire = pd.factorize(claims["country_code"] + "/" + claims["admin1"])[0].astype(np.int64)
    order = single[np.lexsort((start[single], shire[single]))]
    at = shire[order] * (1 << 20) + start[order]
    first = np.searchsorted(at, shire[summary] * (1 << 20) + start[summary], side="left")
    last = np.searchsorted(at, shire[summary] * (1 << 20) + end[summary], side="right")
    covered = order[runs(first, last - first)]
    by = np.repeat(summary, last - first)
    inside = (end[covered] <= end[by]) & (
        claims["monitor"].to_numpy()[covered] != claims["monitor"].to_numpy()[by]
    )
    found = pd.DataFrame(
        {"claim_id": claims["claim_id"].to_numpy()[by[inside]], "cluster_id": own[covered[inside]]}
    )
    found = found.drop_duplicates().assign(
        cluster_kind_code="incident", relation_code="covers", link_basis_code="alone"
    )
    return typed(LinkedClaims, found.sort_values(["claim_id", "cluster_id"]))


# ---- judgements ----------------------------------------------------------------------------------------------------


def _judged(
    claims: pd.DataFrame, judgements: Sequence[Judgement]
) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints], tuple[Ints, Ints], tuple[str, ...]]:
    named = frozenset(side for judgement in judgements for side in (judgement.left, judgement.right))
    ids = claims["claim_id"]
    rows = np.flatnonzero(ids.isin(named).to_numpy()) if named else np.empty(0, dtype=np.int64)
    position = {str(ids.iloc[row]): int(row) for row in rows}
    pairs: dict[str, list[tuple[int, int]]] = {"same": [], "part_of": [], "different": [], "unsure": []}
    unused = []
    for judgement in judgements:
        lost = [side for side in (judgement.left, judgement.right) if side not in position]
        if lost:
            unused.append(
                f"The judgement on {judgement.left} and {judgement.right} names {' and '.join(lost)}, not in this run; it was kept and not used."
            )
        else:
            pairs[judgement.decision].append((position[judgement.left], position[judgement.right]))

    def columns(found: list[tuple[int, int]]) -> tuple[Ints, Ints]:
        table = np.array(found, dtype=np.int64).reshape(-1, 2)
        return table.min(axis=1), table.max(axis=1)

    joined = columns(pairs["same"] + pairs["part_of"])
    return joined, columns(pairs["part_of"]), columns(pairs["different"]), tuple(unused)


def _unless_parted(
    split: tuple[Ints, Ints], same: tuple[Ints, Ints], different: tuple[Ints, Ints], size: int
) -> tuple[Ints, Ints]:
    """Return split edges but those of incidents in which a person judged two claims different: she knows better."""
    label = components(size, np.concatenate([split[0], same[0]]), np.concatenate([split[1], same[1]]))
    parted = label[different[0]][label[different[0]] == label[different[1]]]
    kept = ~np.isin(label[split[0]], parted)
    return split[0][kept], split[1][kept]


def _refuse_contradiction(claims: pd.DataFrame, judgements: Sequence[Judgement]) -> None:
    """Raise UsageFault where judgements on claims of this run contradict each other, with the fewest that do."""
    known = frozenset(claims["claim_id"]) if judgements else frozenset()
    if found := contradictions([one for one in judgements if one.left in known and one.right in known]):
        told = " ".join(map(contradiction_told, found[:CONTRADICTIONS_TOLD]))
        more = len(found) - CONTRADICTIONS_TOLD
        rest = f" And {more} more." if more > 0 else ""
        raise UsageFault(f"Judgements contradict each other: {told}{rest}")


# ---- merging -------------------------------------------------------------------------------------------------------


def _edges(
    compared: pd.DataFrame,
    label: Ints,
    claims: pd.DataFrame,
    monitors: Mapping[str, Monitor],
    different: tuple[Ints, Ints],
    rival: float,
) -> _Edges:
    left, right = compared["left_row"].to_numpy(np.int64), compared["right_row"].to_numpy(np.int64)
    allowed = np.array(compared["match_weight"] >= rival, dtype=bool)
    if len(different[0]):
        allowed &= ~np.isin(_pair_key(left, right), _pair_key(*different))
    left, right, weight = left[allowed], right[allowed], compared["match_weight"].to_numpy()[allowed]
    odds = odds_against_rivals(left, right, weight, label, claims["monitor"], monitors)
    order = np.lexsort((right, left, -np.round(weight, 9), -np.round(odds, 6)))
    return _Edges(left[order], right[order], weight[order], odds[order], np.arange(len(order)))


def _with_odds(compared: pd.DataFrame, edges: _Edges, linkage: Linkage) -> pd.DataFrame:
    """Return the pairs at or above `possible`, their probability with the rivals set against them; 0 where judged different."""
    kept = compared[compared["match_weight"] >= linkage.thresholds.possible].reset_index(drop=True)
    order = np.argsort(_pair_key(edges.left, edges.right))
    known = _pair_key(edges.left, edges.right)[order]
    wanted = _pair_key(kept["left_row"].to_numpy(np.int64), kept["right_row"].to_numpy(np.int64))
    at = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    probability = np.zeros(len(kept))
    if len(known):
        found = known[at] == wanted
        probability[found] = 1 / (1 + np.exp2(-edges.odds[order][at[found]]))
    return kept.assign(match_probability=probability)


def _pair_key(left: Ints, right: Ints) -> Ints:
    return left * (1 << 31) + right


# Rounds of messages at most, how much of each message is kept from the round before, and the share by which one that has
# settled still changes.
ROUNDS, DAMPING, SETTLED = 60, 0.5, 1e-4
LARGEST_BITS = 40
# Log2 odds, the rivals set against it, from which the other pairs of two clusters need to be rivals only.
SURE_BITS = 1.0


def odds_against_rivals(
    left: Ints,
    right: Ints,
    weight: Floats,
    label: Ints,
    monitor: pd.Series[str],
    monitors: Mapping[str, Monitor],
) -> Floats:
    """Return the log2 odds of each pair over all ways to match the claims of two monitors one to one, or not at all.

    The odds are found by messages along the pairs: how free each side is of its other pairs, given how free those leave
    theirs (sum-product on the matchings of a graph; exact where the pairs form no rings). Parts of one incident are no
    rivals of each other: the best of them stands for all. A monitor that may claim an incident twice sets no rivals.
    """
    codes, names = pd.factorize(monitor)
    strict = np.isin(np.asarray(names, dtype=object), list(_one_claim(monitors)))
    count = max(len(names), 1)
    a, b = label[left], label[right]
    inverse, _ = pd.factorize(np.minimum(a, b) * (int(label.max(initial=0)) + 1) + np.maximum(a, b))
    best = np.lexsort((-weight, inverse))
    best = best[np.unique(inverse[best], return_index=True)[1]] if len(best) else best
    odds = np.exp2(np.clip(weight[best], -LARGEST_BITS, LARGEST_BITS))
    sides = [
        pd.factorize(label[one[best]] * count + codes[other[best]])[0].astype(np.int64)
        for one, other in ((left, right), (right, left))
    ]
    free = [strict[codes[right[best]]], strict[codes[left[best]]]]
    rivals = _free_of_rivals(odds, sides, free)
    found = np.log2(odds) + np.log2(rivals[0]) + np.log2(rivals[1])
    # A part that is not the best of its incident keeps its distance from the best.
    return found[inverse] + (weight - weight[best][inverse])


def _free_of_rivals(odds: Floats, sides: list[Ints], strict: list[Bools]) -> list[Floats]:
    """Return for each pair how free its left and its right side are of their other pairs, 0 to 1."""
    message = [np.ones(len(odds)), np.ones(len(odds))]
    if not len(odds):
        return message
    several = [np.bincount(side)[side] > 1 for side in sides]
    active = np.flatnonzero(several[0] & strict[0] | several[1] & strict[1])
    # Whoever shares a side with an active pair is active too; a component settles, or goes on, as a whole.
    group = components(
        int(sides[0].max()) + int(sides[1].max()) + 2, sides[0], sides[1] + int(sides[0].max()) + 1
    )[sides[0]]
    active = np.flatnonzero(np.isin(group, np.unique(group[active])))
    nodes = [side[active] for side in sides]
    for _ in range(ROUNDS):
        if not len(active):
            break
        weight, mine = odds[active], [one[active] for one in message]
        fresh = []
        for side in (0, 1):
            flow = weight * mine[1 - side]
            rivals = np.maximum(np.bincount(nodes[side], flow)[nodes[side]] - flow, 0)
            fresh.append(np.where(strict[side][active], 1 / (1 + rivals), 1.0))
        change = np.zeros(len(active))
        for side in (0, 1):
            now = mine[side] ** DAMPING * fresh[side] ** (1 - DAMPING)
            change = np.maximum(change, np.abs(np.log(now / mine[side])))
            message[side][active] = now
        moving = (np.bincount(group[active], change >= SETTLED) > 0)[group[active]]
        active, nodes = active[moving], [side[moving] for side in nodes]
    return message


def _monitor_keys(claims: pd.DataFrame, part_label: Ints, monitors: Mapping[str, Monitor]) -> Ints:
    """Return claims x one-claim monitors: the label of the parts a claim belongs to, -1 where it is another monitor's."""
    strict = sorted(_one_claim(monitors).intersection(claims["monitor"]))
    keys = np.full((len(claims), len(strict)), -1, dtype=np.int64)
    for column, name in enumerate(strict):
        own = (claims["monitor"] == name).to_numpy()
        keys[own, column] = part_label[own]
    return keys


def _merge(
    label: Ints, edges: _Edges, strong: Bools, standing: _Standing, different: tuple[Ints, Ints]
) -> Ints:
    """Merge clusters along strong edges, the heaviest first, in rounds of edges that are the best of both their sides.

    An edge that ranks first for both of its clusters would also come first in a sequence, so rounds give the same clusters
    as one edge at a time.
    """
    label = label.copy()
    open_edges = strong.copy()
    while open_edges.any():
        a, b = label[edges.left], label[edges.right]
        open_edges &= a != b
        candidates = np.flatnonzero(open_edges)
        if not len(candidates):
            break
        allowed = _mergeable(edges.at(candidates), label, standing, different, edges)
        open_edges[candidates[~allowed]] = False
        candidates = candidates[allowed]
        if not len(candidates):
            break
        best = np.full(len(label), len(edges.rank), dtype=np.int64)
        np.minimum.at(best, a[candidates], edges.rank[candidates])
        np.minimum.at(best, b[candidates], edges.rank[candidates])
        chosen = candidates[
            (best[a[candidates]] == edges.rank[candidates]) & (best[b[candidates]] == edges.rank[candidates])
        ]
        low, high = np.minimum(a[chosen], b[chosen]), np.maximum(a[chosen], b[chosen])
        renamed = np.arange(len(label))
        renamed[high] = low
        label = renamed[label]
    return label


def _mergeable(
    joining: _Edges, label: Ints, standing: _Standing, different: tuple[Ints, Ints], edges: _Edges
) -> Bools:
    """Return which edges may join the clusters of their two sides."""
    a, b = label[joining.left], label[joining.right]
    keys = standing.keys
    held = np.full(keys.shape, -1, dtype=np.int64)
    for column in range(keys.shape[1]):
        np.maximum.at(held[:, column], label, keys[:, column])
    mine, theirs = held[a], held[b]
    allowed = ((mine == -1) | (theirs == -1) | (mine == theirs)).all(axis=1)
    low, high = np.minimum(a, b), np.maximum(a, b)
    if len(different[0]):
        barred = [label[side] for side in different]
        allowed &= ~np.isin(_pair_key(low, high), _pair_key(np.minimum(*barred), np.maximum(*barred)))
    # A sure pair may bring along a third claim that is no more than a rival, where every monitor stands once.
    loose = np.zeros(len(label), dtype=bool)
    loose[label[~standing.strict]] = True
    sure = (joining.odds >= SURE_BITS) & ~loose[a] & ~loose[b]
    for some, near in (
        (allowed & sure, edges),
        (allowed & ~sure, edges.at(edges.weight >= standing.possible)),
    ):
        rows = np.flatnonzero(some)
        allowed[rows] = _complete(low[rows], high[rows], label, standing, near)
    return np.asarray(allowed)


def _complete(low: Ints, high: Ints, label: Ints, standing: _Standing, edges: _Edges) -> Bools:
    """Return where every unit of one cluster has an edge to every unit of the other: no chains.

    What judgements or a split tied together at the start is one unit, and two units of one monitor need no edge.
    """
    held = np.zeros((len(label), standing.monitors + 1), dtype=np.int64)
    first = np.unique(standing.unit, return_index=True)[1]
    np.add.at(held, (label[first], standing.monitor_of_unit[first]), 1)
    size = held.sum(axis=1)
    # The last column holds units of several monitors; these need an edge to every unit.
    needed = size[low] * size[high] - (held[low, :-1] * held[high, :-1]).sum(axis=1)
    complete = needed <= 1
    asked = np.unique(_pair_key(low, high)[~complete])
    if len(asked):
        one, other = label[edges.left], label[edges.right]
        key = _pair_key(np.minimum(one, other), np.maximum(one, other))
        at = np.flatnonzero(asked[np.minimum(np.searchsorted(asked, key), len(asked) - 1)] == key)
        a, b = standing.unit[edges.left[at]], standing.unit[edges.right[at]]
        links = pd.DataFrame({"key": key[at], "a": np.minimum(a, b), "b": np.maximum(a, b)})
        present = links.drop_duplicates().groupby("key").size()
        rest = np.flatnonzero(~complete)
        found = present.reindex(_pair_key(low[rest], high[rest]), fill_value=0).to_numpy()
        complete[rest] = found >= needed[rest]
    return np.asarray(complete)


# ---- outcome -------------------------------------------------------------------------------------------------------


def _bases(label: Ints, split: tuple[Ints, Ints], same: tuple[Ints, Ints]) -> npt.NDArray[np.object_]:
    size = np.bincount(label, minlength=len(label))[label]
    basis = np.where(size > 1, "weight", "alone").astype(object)
    basis[np.unique(np.concatenate(split))] = "split"
    basis[np.unique(np.concatenate(same))] = "judgement"
    return basis


def cluster_id(claim_id: str, kind: str) -> str:
    """Return the id of a cluster from the first of its claims, so that claims elsewhere do not change it."""
    return f"{kind[:3]}_{hashlib.sha256(claim_id.encode()).hexdigest()[:10]}"


def _linked(claims: pd.DataFrame, label: Ints, basis: npt.NDArray[np.object_], parts: Ints) -> pd.DataFrame:
    kind = np.where(
        claims["kind_code"] == "total",
        "total",
        np.where(claims["unit_code"] == "event_summary", "summary", claims["kind_code"]),
    )
    ids = claims["claim_id"].to_numpy(dtype=object)
    names = {row: cluster_id(str(ids[row]), str(kind[row])) for row in np.unique(label)}
    linked = pd.DataFrame(
        {
            "claim_id": ids,
            "cluster_id": [names[row] for row in label],
            "cluster_kind_code": kind[label],
            "relation_code": np.where(np.isin(np.arange(len(ids)), parts), "part_of", "same"),
            "link_basis_code": basis,
        }
    )
    return typed(LinkedClaims, linked.sort_values("claim_id"))


def _verdicts(
    claims: pd.DataFrame,
    compared: pd.DataFrame,
    label: Ints,
    keys: Ints,
    linkage: Linkage,
    different: tuple[Ints, Ints],
) -> pd.DataFrame:
    kept = compared
    left, right = kept["left_row"].to_numpy(np.int64), kept["right_row"].to_numpy(np.int64)
    taken_by = _taken_by(left, right, label, keys)
    together = label[left] == label[right]
    rejected = np.isin(_pair_key(left, right), _pair_key(*different))
    verdict = np.select(
        [rejected, together, taken_by >= 0], ["rejected", "match", "displaced"], default="possible"
    )
    ids = claims["claim_id"].to_numpy(dtype=object)
    spelled = spell_levels(linkage.kind_code, kept["pattern"].to_numpy())
    codes = np.array([rule.code for rule in linkage.blocking], dtype=object)
    verdicts = (
        kept[["rarity_bits", "match_weight", "match_probability"]]
        .join(spelled)
        .assign(
            rule_code=codes[kept["rule_no"].to_numpy()],
            left_id=ids[left],
            right_id=ids[right],
            verdict_code=verdict,
            displaced_by=np.where(verdict == "displaced", ids[np.maximum(taken_by, 0)], "")
            if len(ids)
            else "",
        )
    )
    return typed(PairVerdicts, verdicts[columns_of(PairVerdicts)].sort_values(["left_id", "right_id"]))


def _taken_by(left: Ints, right: Ints, label: Ints, keys: Ints) -> Ints:
    """Return for each pair the claim that already holds one side's place in the other side's cluster, -1 for none."""
    holder = np.full(keys.shape, -1, dtype=np.int64)
    for column in range(keys.shape[1]):
        own = np.flatnonzero(keys[:, column] >= 0)
        holder[label[own], column] = own
    taken = np.full(len(left), -1, dtype=np.int64)
    for one, other in ((left, right), (right, left)):
        for column in range(keys.shape[1]):
            found = holder[label[other], column]
            rival = (keys[one, column] >= 0) & (found >= 0) & (label[found] != label[one])
            taken = np.where((taken < 0) & rival, found, taken)
    return taken
