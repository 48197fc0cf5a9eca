"""Estimate m, u and the prior of linkage rules from claims, and say what could not be estimated.

Without labels the shares follow from expectation and maximisation: pairs are weighed with the rules as they are, each
against its rivals, so that no claim of a monitor is spent on two incidents; the shares of the levels among the pairs,
weighted by these probabilities, are the next m; and so on until nothing moves. With labels, the labelled pairs stand in for
the probabilities. Either way u is counted where nothing can match: among placebo pairs, which share every key of real
candidates (the town, the month, the attacker) but lie weeks apart, since one monitor's days were moved.

Some numbers the data can't tell, and these stay as they were, with a sentence: levels on which hardly a pair stands, u of
places and days (chance is counted pair by pair), u of names (no sample holds enough strangers of one name).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.block import block
from reconcile.cluster import odds_against_rivals
from reconcile.compare import Surroundings, compare, pattern_bits, prior_bits
from reconcile.errors import UsageFault
from reconcile.levels import spelled, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from reconcile.ruleset import Linkage, Monitor

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

ROUNDS, SETTLED_BITS = 30, 0.01
# Fewer matches than this, expected or labelled, tell nothing; nor does a comparison that fewer of them state.
LEAST_MATCHES, LEAST_STATED = 30, 20
# How many pairs the numbers that stood before count as.
PSEUDO_PAIRS = 5.0
PLACEBO_DAYS = (25, -25)
# u of these is no share among pairs, or can't be sampled.
FIXED_U = {"incident": frozenset({"date", "place", "victims"}), "victim": frozenset({"name", "incident"})}
FIXED_M = {"incident": frozenset({"victims"}), "victim": frozenset({"incident"})}
SMALLEST, LARGEST = 1e-7, 0.999
# Levels between which the length of the windows decides, and not the match: they share one m.
POOLED = {("incident", "date"): ("same_day", "overlapping")}
# A level on which fewer pairs stand than this was hardly put to the test.
LEAST_PAIRS = 10
FAR_BITS = -10.0


@dataclass(frozen=True, slots=True)
class Trained:
    """Rules with the numbers that the data gave, and what to know of them.

    Attributes:
        linkage: the rules; titles, reasons and parameters as they were.
        changes: comparison, level, m and u before and after, pairs (expected matches that stand on the level).
        remarks: sentences: what it was trained on, and what could not be told.
        rounds: how often all pairs were weighed.
        matches: expected matches, or labelled ones.
    """

    linkage: Linkage
    changes: pd.DataFrame
    remarks: tuple[str, ...]
    rounds: int
    matches: float


def train(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    victims: pd.DataFrame,
    linkage: Linkage,
    monitors: Mapping[str, Monitor],
    around: Surroundings,
    labels: pd.DataFrame | None = None,
) -> Trained:
    """Return the rules with m, u and prior as the claims have them.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame of those claims.
        victims: a `Victims` frame of those claims.
        linkage: the rules to start from.
        monitors: for `claims_per_incident`.
        around: what comparisons know beside the claims.
        labels: true pairs, left_id and right_id being claim ids. None: without labels. Pairs judged different teach nothing:
            persons judge doubtful pairs, which are not what strangers look like.

    Raises:
        UsageFault: when the data can't tell, and why.
    """
    pairs = _pairs(claims, figures, victims, linkage, around)
    placebo = _placebo(claims, figures, victims, linkage, around)
    if labels is None:
        found, rounds = _expect(pairs, claims, linkage, monitors, placebo)
    else:
        found, rounds = _from_labels(pairs, claims, linkage, labels, placebo), 1
    matches = float(found.probability.sum())
    how = "labelled pairs" if labels is not None else f"no labels, {rounds} rounds"
    about = _about(claims, linkage)
    remarks = (
        f"Trained on {about}, {matches:,.0f} {'labelled' if labels is not None else 'expected'} matches ({how}); u from {len(placebo):,} placebo pairs.",
        *found.remarks,
    )
    trained = found.linkage.model_copy(
        update={"trained_on": f"{about}, {how}, {matches:,.0f} matches; placebo pairs {len(placebo):,}"}
    )
    return Trained(trained, _changes(linkage, trained, found, pairs), remarks, rounds, matches)


@dataclass(frozen=True, slots=True)
class _Estimate:
    linkage: Linkage
    probability: Floats
    remarks: tuple[str, ...]


def _about(claims: pd.DataFrame, linkage: Linkage) -> str:
    kind = claims["kind_code"] == linkage.kind_code
    counts = claims.loc[kind, "monitor"].value_counts().sort_index()
    return ", ".join(f"{count:,} claims of {name}" for name, count in counts.items())


# ---- pairs ---------------------------------------------------------------------------------------------------------


def _pairs(
    claims: pd.DataFrame, figures: pd.DataFrame, victims: pd.DataFrame, linkage: Linkage, around: Surroundings
) -> pd.DataFrame:
    return compare(claims, figures, victims, block(claims, victims, linkage).pairs, linkage, around).pairs


def _placebo(
    claims: pd.DataFrame, figures: pd.DataFrame, victims: pd.DataFrame, linkage: Linkage, around: Surroundings
) -> pd.DataFrame:
    """Return pairs that can't match: candidates after every other monitor's days were moved by weeks.

    Where no days are stated (bare lists of victims) there is nothing to move, and chance pairs are drawn from the lists.
    """
    if claims["date_start"].notna().any():
        order = pd.factorize(claims["monitor"], sort=True)[0]
        found = []
        for days in PLACEBO_DAYS:
            moved = pd.to_timedelta(order * days, unit="D")
            shifted = claims.assign(
                date_start=claims["date_start"] + moved, date_end=claims["date_end"] + moved
            )
            found.append(_pairs(shifted, figures, victims, linkage, around))
        return pd.concat(found, ignore_index=True)
    rows = np.flatnonzero(claims["claim_id"].isin(victims["claim_id"]).to_numpy())
    chance = np.random.default_rng(1)
    drawn = chance.choice(rows, size=(200_000, 2)) if len(rows) else np.empty((0, 2), dtype=np.int64)
    monitor = claims["monitor"].to_numpy()
    drawn = drawn[monitor[drawn[:, 0]] != monitor[drawn[:, 1]]]
    sides = pd.DataFrame({"left_row": drawn.min(axis=1), "right_row": drawn.max(axis=1), "rule_no": 0})
    sides = sides.astype({"left_row": "int32", "right_row": "int32", "rule_no": "int8"})
    return compare(claims, figures, victims, sides.drop_duplicates(ignore_index=True), linkage, around).pairs


# ---- without labels ------------------------------------------------------------------------------------------------


def _expect(
    pairs: pd.DataFrame,
    claims: pd.DataFrame,
    linkage: Linkage,
    monitors: Mapping[str, Monitor],
    placebo: pd.DataFrame,
) -> tuple[_Estimate, int]:
    pattern, rarity = pairs["pattern"].to_numpy(), pairs["rarity_bits"].to_numpy()
    left, right = (pairs[side].to_numpy(np.int64) for side in ("left_row", "right_row"))
    codes, distinct = pd.factorize(pattern)
    prior = prior_bits(linkage, claims)
    alone = np.arange(len(claims))
    counts = _level_counts(placebo, linkage)
    current = linkage
    remarks: tuple[str, ...] = ()
    probability = np.zeros(len(pairs))
    rounds = 0
    settled = False
    while not settled and rounds < ROUNDS:
        rounds += 1
        weight = prior + pattern_bits(current, distinct)[codes] + rarity
        near = np.flatnonzero(weight >= FAR_BITS)
        probability = np.zeros(len(pairs))
        odds = odds_against_rivals(left[near], right[near], weight[near], alone, claims["monitor"], monitors)
        probability[near] = 1 / (1 + np.exp2(-odds))
        if probability.sum() < LEAST_MATCHES:
            raise UsageFault(
                f"The claims hold about {probability.sum():.0f} matches; at least {LEAST_MATCHES} are needed to tell how often matches agree. Give more claims, or labelled pairs with --labels."
            )
        fresh, remarks = _updated(linkage, pattern, probability, counts)
        shift = np.abs(pattern_bits(fresh, distinct) - pattern_bits(current, distinct)).max(initial=0)
        fresh_prior = _prior(probability, left, right, claims["monitor"])
        settled = shift < SETTLED_BITS and abs(fresh_prior - prior) < SETTLED_BITS
        current, prior = fresh, fresh_prior
    if not settled:
        remarks = (*remarks, f"The shares were still moving after {ROUNDS} rounds; take them with care.")
    return _Estimate(_with_prior(current, prior), probability, remarks), rounds


def _prior(probability: Floats, left: Ints, right: Ints, monitor: pd.Series[str]) -> float:
    """Return the log2 odds that a claim's partner stands beside it rather than a stranger, over all pairs of monitors.

    Of two monitors, the shares of claims that have a partner are p and q. A claim has one with the odds p / (1 - p), and the
    strangers among which it stands are the other's claims without a partner: 1 - q of those that are there.
    """
    code, names = pd.factorize(monitor)
    count = len(names)
    sizes = np.bincount(code, minlength=count)
    low, high = np.minimum(code[left], code[right]), np.maximum(code[left], code[right])
    matches = np.bincount(low * count + high, weights=probability, minlength=count * count).reshape(
        count, count
    )
    bits, weights = [], []
    for one in range(count):
        for other in range(one + 1, count):
            found = matches[one, other]
            p, q = (float(np.clip(found / max(size, 1), 1e-4, 0.95)) for size in (sizes[one], sizes[other]))
            bits.append(np.log2(p / ((1 - p) * (1 - q))))
            weights.append(found + 1e-9)
    return float(np.average(bits, weights=weights)) if bits else 0.0


def _with_prior(linkage: Linkage, prior: float) -> Linkage:
    """Return the rules with the prior in the form they have it in."""
    if linkage.prior_bits is not None:
        return linkage.model_copy(update={"prior_bits": round(prior, 3)})
    return linkage


# ---- with labels ---------------------------------------------------------------------------------------------------


def _from_labels(
    pairs: pd.DataFrame,
    claims: pd.DataFrame,
    linkage: Linkage,
    labels: pd.DataFrame,
    placebo: pd.DataFrame,
) -> _Estimate:
    position = pd.Series(np.arange(len(claims)), index=claims["claim_id"])
    keys = pairs["left_row"].to_numpy(np.int64) * len(claims) + pairs["right_row"].to_numpy(np.int64)
    sides = [position.reindex(labels[side]).to_numpy(dtype=np.float64) for side in ("left_id", "right_id")]
    known = ~np.isnan(sides[0]) & ~np.isnan(sides[1])
    one, other = (side[known].astype(np.int64) for side in sides)
    told = np.unique(np.minimum(one, other) * len(claims) + np.maximum(one, other))
    probability = np.isin(keys, told).astype(np.float64)
    if probability.sum() < LEAST_MATCHES:
        raise UsageFault(
            f"{int(probability.sum())} labelled pairs are among the candidates, of {len(labels):,} given; at least {LEAST_MATCHES} are needed. Label more pairs, or train without labels."
        )
    lost = len(told) - int(probability.sum())
    fresh, remarks = _updated(
        linkage, pairs["pattern"].to_numpy(), probability, _level_counts(placebo, linkage)
    )
    if lost:
        remarks = (
            *remarks,
            f"{lost:,} labelled pairs are no candidates under the blocking rules, and taught nothing.",
        )
    left, right = (pairs[side].to_numpy(np.int64) for side in ("left_row", "right_row"))
    prior = _prior(probability, left, right, claims["monitor"])
    return _Estimate(_with_prior(fresh, prior), probability, remarks)


# ---- shares --------------------------------------------------------------------------------------------------------


def _level_counts(pairs: pd.DataFrame, linkage: Linkage) -> dict[str, Floats]:
    numbers = unpack(linkage.kind_code, pairs["pattern"].to_numpy())
    return {
        name: np.bincount(found, minlength=len(spelled(linkage.kind_code, name))).astype(np.float64)
        for name, found in numbers.items()
    }


def _updated(
    linkage: Linkage, pattern: Ints, probability: Floats, strangers: Mapping[str, Floats]
) -> tuple[Linkage, tuple[str, ...]]:
    """Return the rules with the shares of levels among probable matches, and among strangers."""
    kind = linkage.kind_code
    comparisons, remarks = {}, []
    for name, numbers in unpack(kind, pattern).items():
        levels = spelled(kind, name)
        rules = linkage.comparisons[name]
        before = np.array([[rules[level].m, rules[level].u] for level in levels[1:]])
        among = np.bincount(numbers, weights=probability, minlength=len(levels))[1:]
        tried = np.bincount(numbers, minlength=len(levels))[1:] + strangers[name][1:] >= LEAST_PAIRS
        after = before.copy()
        for column, (what, counts, fixed) in enumerate(
            (("matches", among, FIXED_M), ("placebo pairs", strangers[name][1:], FIXED_U))
        ):
            if name in fixed[kind]:
                continue
            if counts.sum() < LEAST_STATED:
                letter = "mu"[column]
                remarks.append(
                    f"{name}: {counts.sum():.0f} {what} state it on both sides, fewer than {LEAST_STATED}; its {letter} stay as they were."
                )
                tried &= False
                continue
            after[:, column] = _shares(np.asarray(counts, dtype=np.float64), before[:, column], tried)
        pooled = np.array([levels.index(level) - 1 for level in POOLED.get((kind, name), ())], dtype=np.int64)
        if tried[pooled].any():
            after[pooled, 0] = after[pooled[tried[pooled]], 0].sum()
            tried[pooled] = True
        # Levels that were not put to the test keep both shares: one of the two alone would be held against old ones.
        after = np.clip(np.where(tried[:, None], after, before), SMALLEST, LARGEST)
        comparisons[name] = {
            level: rules[level].model_copy(update={"m": _rounded(m), "u": _rounded(u)})
            for level, (m, u) in zip(levels[1:], after, strict=True)
        }
    return linkage.model_copy(update={"comparisons": comparisons}), tuple(remarks)


def _shares(counts: Floats, before: Floats, tried: Bools) -> Floats:
    """Return shares of counts among the levels that were tried, drawn towards those before as if by a few pairs.

    No level is impossible for want of pairs. The levels tried take together what they took before, so that the others,
    which keep their shares, still stand in proportion to them.
    """
    whole = before[tried].sum()
    if not whole:
        return before
    drawn = counts[tried] + PSEUDO_PAIRS * before[tried] / whole
    shares = before.copy()
    shares[tried] = drawn / drawn.sum() * min(whole, 1.0)
    return shares


def _rounded(share: float) -> float:
    """Return a share with three telling digits, as a person would write it."""
    return float(f"{share:.3g}")


def _changes(before: Linkage, after: Linkage, found: _Estimate, pairs: pd.DataFrame) -> pd.DataFrame:
    kind = before.kind_code
    rows = []
    for name, numbers in unpack(kind, pairs["pattern"].to_numpy()).items():
        levels = spelled(kind, name)
        among = np.bincount(numbers, weights=found.probability, minlength=len(levels))
        for number, level in enumerate(levels[1:], start=1):
            old, new = before.comparisons[name][level], after.comparisons[name][level]
            rows.append((name, level, old.m, new.m, old.u, new.u, float(among[number])))
    columns = ["comparison", "level", "m_before", "m", "u_before", "u", "matches"]
    return pd.DataFrame(rows, columns=columns)
