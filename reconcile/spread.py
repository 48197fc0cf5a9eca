"""The stages of linkage by parts, where an engine puts the work: the same functions, over pieces that all machines see.

Incidents are shared out by months. A share owns the claims that begin in its months, and a pair belongs to the share of its
later claim; what else a pair hangs on lies in the weeks before and after, the halo, or was counted over the whole run before
(`compare/whole.py`, and the keys of blocking). So a share comes to the same pairs, levels and bits as the whole.

Victims are compared range by range of pairs, each machine holding what is compared of them: who has no day can't be shared out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.block import (
    Narrowed,
    Share,
    count_keys,
    draw_pairs,
    eligible_rows,
    narrow_keys,
    shared_summary,
)
from reconcile.compare import Part, comparison_of, joined, prior_bits, ranges_of
from reconcile.compare.chance import AROUND_DAYS
from reconcile.compare.whole import tally, whole_of
from reconcile.frames import CandidatePairs, Victims, empty, typed
from reconcile.views import NO_DAY, windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from reconcile.compare import Compared, Comparison, Surroundings
    from reconcile.compare.whole import Tally, Whole
    from reconcile.engine import Engine
    from reconcile.ruleset import Linkage

    Ints = npt.NDArray[np.int64]
    Watch = Callable[[str], None]

# What linkage looks at; running texts, and where a claim was read, stay where they are.
LOOKED_AT = (
    "claim_id", "monitor", "kind_code", "unit_code", "native_id", "native_incident_ids", "date_start", "date_end", "place_name",
    "place_id", "admin1", "country_code", "latitude", "longitude", "location_precision_code", "perpetrator_codes",
    "attribution_code", "grade_code", "position_code",
)  # fmt: skip


# Claims of a share, from which on the months that follow go to the next one.
SHARE_CLAIMS = 100_000
# A window longer than this would need a halo as long; its pairs are few, and compared by who holds the whole run.
LONG_DAYS = 31
# Beyond any day that a claim states; and the number under which claims without a day are laid.
LAST_DAY, UNDATED = 1 << 40, -1


# ---- shares of months ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """How incidents are shared out.

    Attributes:
        folder: where the pieces lie: claims and figures of each share, of the undated, and of claims with long windows.
        firsts: first day of each share, as days since 1970; the share before it ends there.
        reach: days that two windows may lie apart at most and still be paired.
        eligible: claims of the run that are linked.
        monitors: theirs, in the order in which the run meets them.
        linkage, around, least: as of `compare`.
    """

    folder: Path
    firsts: tuple[int, ...]
    reach: int
    eligible: int
    monitors: tuple[str, ...]
    linkage: Linkage
    around: Surroundings
    least: float

    @property
    def shares(self) -> list[int]:
        """Return the numbers of the shares."""
        return list(range(len(self.firsts)))

    def days(self, number: int) -> tuple[int, int]:
        """Return the first day of a share, and the first day after it."""
        ends = (*self.firsts[1:], LAST_DAY)
        return self.firsts[number], ends[number]

    def over(self, first: int, last: int) -> list[int]:
        """Return the shares that own claims of any of these days."""
        return [
            number for number in self.shares if self.days(number)[0] <= last and self.days(number)[1] > first
        ]


def is_shared_out(linkage: Linkage) -> bool:
    """Return whether claims can be shared out by months: where every rule of blocking looks some days around."""
    return all(rule.within_days is not None for rule in linkage.blocking)


def spread_incidents(
    engine: Engine,
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    linkage: Linkage,
    around: Surroundings,
    watch: Watch = lambda _: None,
    share_claims: int = SHARE_CLAIMS,
) -> tuple[Compared, pd.DataFrame]:
    """Return incidents blocked and compared by an engine's machines, month by month.

    Args:
        engine: the machines.
        claims: a `Claims` frame.
        figures: a `Figures` frame of those claims.
        linkage: of incidents, by rules that look some days around.
        around: what else comparisons know.
        watch: told the name of each stage as it begins.
        share_claims: how many claims of whole months make a share.

    Returns:
        What `compare` returns for the pairs of `block`, and the summary of `block`.
    """
    watch("block")
    plan = plan_of(claims, linkage, around, engine.room("block"), share_claims)
    _lay_out(plan, claims, figures)
    counted = engine.take(engine.begin("block", _count_there, plan.shares, shared=(plan,)))
    narrowed = narrow_keys(counted, linkage, plan.eligible) if counted else Narrowed({}, {}, {})
    drawn = engine.begin("block", _draw_there, plan.shares, shared=(plan, narrowed))
    watch("compare")
    tallies = engine.take(engine.begin("compare", _tally_there, [*plan.shares, UNDATED], shared=(plan,)))
    prior = prior_bits(linkage, claims)
    whole = whole_of(tallies, prior)
    found = engine.take(engine.begin("compare", _compare_there, plan.shares, drawn, shared=(plan, whole)))
    summary = shared_summary(linkage, [one.drawn for one in found], narrowed)
    parts = [one.part for one in found]
    rest = pd.concat([empty(CandidatePairs), *(one.rest for one in found)], ignore_index=True)
    if len(rest):
        whole_run = comparison_of(claims, figures, empty(Victims), linkage, around, plan.least)
        parts += [whole_run.part(some) for some in ranges_of(typed(CandidatePairs, rest))]
    return joined(in_order(parts), empty(CandidatePairs), linkage, prior), summary


def in_order(parts: Sequence[Part]) -> list[Part]:
    """Return parts as one, its pairs in the order of `block`."""
    if not parts:
        return []
    kept = pd.concat([part.kept for part in parts], ignore_index=True)
    return [
        Part(
            kept.sort_values(["left_row", "right_row"], ignore_index=True),
            pd.concat([part.counts for part in parts]),
        )
    ]


def plan_of(
    claims: pd.DataFrame,
    linkage: Linkage,
    around: Surroundings,
    folder: Path,
    share_claims: int = SHARE_CLAIMS,
) -> Plan:
    """Return how incidents are shared out; arguments as of `spread_incidents`, and the folder where the pieces are to lie."""
    start, _ = windows_of(claims)
    eligible = claims.iloc[eligible_rows(claims, empty(Victims), linkage)]
    return Plan(
        folder,
        tuple(map(int, _firsts(start[start != NO_DAY], share_claims))),
        max((rule.within_days or 0 for rule in linkage.blocking), default=0),
        len(eligible),
        tuple(map(str, eligible["monitor"].unique())),
        linkage,
        around,
        linkage.thresholds.rival,
    )


def _lay_out(plan: Plan, claims: pd.DataFrame, figures: pd.DataFrame) -> None:
    """Lay the pieces of a plan where all machines see them."""
    start, end = windows_of(claims)
    looked_at = claims[list(LOOKED_AT)].assign(row=np.arange(len(claims)))
    owner = np.where(start == NO_DAY, UNDATED, np.searchsorted(plan.firsts, start, side="right") - 1)
    owner_of_figure = pd.Series(owner, index=claims["claim_id"]).reindex(figures["claim_id"]).to_numpy()
    for number in [*plan.shares, UNDATED]:
        _lay(looked_at[owner == number], plan.folder / f"claims{number}.parquet")
        _lay(figures[owner_of_figure == number], plan.folder / f"figures{number}.parquet")
    # A long window reaches far beyond its share; who has one is known to all.
    _lay(looked_at[is_long(start, end)], plan.folder / "long.parquet")


def _firsts(start: Ints, share_claims: int) -> Ints:
    """Return the first day of each share: whole months, as many as bring the claims of a share."""
    month = start.astype("datetime64[D]").astype("datetime64[M]")
    months, count = np.unique(month, return_counts=True)
    begun = np.concatenate([[0], np.cumsum(count)[:-1]]) // max(share_claims, 1) if len(count) else count
    opens = np.r_[True, begun[1:] != begun[:-1]] if len(begun) else np.empty(0, dtype=bool)
    return months[opens].astype("datetime64[D]").astype(np.int64)


def _piece(plan: Plan, name: str, numbers: Sequence[int]) -> pd.DataFrame:
    pieces = [pd.read_parquet(plan.folder / f"{name}{number}.parquet") for number in numbers]
    return pd.concat(pieces, ignore_index=True)


def share_of(claims: pd.DataFrame, days: tuple[int, int], reach: int, monitors: tuple[str, ...]) -> Share:
    """Return a share: claims that begin on its days, and those before that reach into it.

    Args:
        claims: a `Claims` frame with `row`, where each stands in the run; more of them than needed do no harm.
        days: the first day of the share and the first day after it, since 1970.
        reach: days that two windows may lie apart at most and still be paired.
        monitors: of the run, in the order in which it meets them.
    """
    near = claims.drop_duplicates("row").sort_values("row", ignore_index=True)
    start, end = windows_of(near)
    own = is_own(near, days)
    in_reach = own | ((start != NO_DAY) & (start < days[0]) & (end + reach >= days[0]))
    chosen = near[in_reach].reset_index(drop=True)
    return Share(chosen, chosen["row"].to_numpy(np.int64), own[in_reach], monitors)


def is_own(claims: pd.DataFrame, days: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Return which claims a share owns: those that begin on its days."""
    start, _ = windows_of(claims)
    return np.asarray((start >= days[0]) & (start < days[1]))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a share has to compare.

    Attributes:
        pairs: a `CandidatePairs` frame over the run.
        rest: pairs of long windows, which are compared by who holds the whole run.
        counts: pairs that each rule brought.
    """

    pairs: pd.DataFrame
    rest: pd.DataFrame
    counts: tuple[int, ...]


def draw_share(share: Share, linkage: Linkage, narrowed: Narrowed) -> Drawn:
    """Return the pairs of a share."""
    pairs, counts = draw_pairs(share, empty(Victims), linkage, narrowed)
    start, end = windows_of(share.claims)
    wide = share.rows[is_long(start, end)]
    long = np.isin(pairs["left_row"], wide) | np.isin(pairs["right_row"], wide)
    return Drawn(pairs[~long], pairs[long], counts)


def is_long(start: Ints, end: Ints) -> npt.NDArray[np.bool_]:
    """Return which windows are too long for a halo."""
    return np.asarray((start != NO_DAY) & (end - start > LONG_DAYS))


def halo_of(days: tuple[int, int], reach: int) -> tuple[int, int]:
    """Return the first and last day of the claims that the pairs of a share hang on: chance is counted around each of them."""
    return days[0] - LONG_DAYS - reach - AROUND_DAYS, days[1] + LONG_DAYS + AROUND_DAYS


def compare_share(
    pairs: pd.DataFrame,
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    linkage: Linkage,
    around: Surroundings,
    least: float,
) -> Part:
    """Return the pairs of a share compared.

    Args:
        pairs: of `draw_share`.
        claims: all claims of the run that begin in the halo of the share, with `row`, where each stands in the run.
        figures: of those claims; others do no harm.
        linkage: of incidents.
        around: what else comparisons know, what the whole run counts among it.
        least: as of `compare`.
    """
    claims = claims.sort_values("row", ignore_index=True)
    rows = claims["row"].to_numpy(np.int64)
    sides = ("left_row", "right_row")
    here = pairs.assign(**{side: np.searchsorted(rows, pairs[side]).astype(np.int32) for side in sides})
    comparison = comparison_of(claims, figures, empty(Victims), linkage, around, least)
    parts = [comparison.part(some) for some in ranges_of(here) or [here]]
    kept = pd.concat([part.kept for part in parts], ignore_index=True)
    kept = kept.assign(**{side: rows[kept[side].to_numpy()].astype(np.int32) for side in sides})
    return Part(kept, pd.concat([part.counts for part in parts]))


def _share(plan: Plan, number: int) -> Share:
    first, last = plan.days(number)
    earlier = [one for one in plan.over(first - LONG_DAYS - plan.reach, first) if one <= number]
    near = pd.concat([_piece(plan, "claims", earlier), pd.read_parquet(plan.folder / "long.parquet")])
    return share_of(near, (first, last), plan.reach, plan.monitors)


def _count_there(number: int, plan: Plan) -> pd.DataFrame:
    return count_keys(_share(plan, number), empty(Victims), plan.linkage)


def _draw_there(number: int, plan: Plan, narrowed: Narrowed) -> Drawn:
    return draw_share(_share(plan, number), plan.linkage, narrowed)


def _tally_there(number: int, plan: Plan) -> Tally:
    return tally(_piece(plan, "claims", [number]), _piece(plan, "figures", [number]), plan.around.countries)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a share found: its pairs compared, and what is left of what it drew."""

    part: Part
    rest: pd.DataFrame
    drawn: tuple[int, ...]


def _compare_there(number: int, drawn: Drawn, plan: Plan, whole: Whole) -> _Found:
    halo = halo_of(plan.days(number), plan.reach)
    numbers = plan.over(*halo)
    claims, figures = _piece(plan, "claims", numbers), _piece(plan, "figures", numbers)
    start, _ = windows_of(claims)
    near = claims[(start >= halo[0]) & (start <= halo[1])]
    around = replace(plan.around, whole=whole)
    part = compare_share(drawn.pairs, near, figures, plan.linkage, around, plan.least)
    return _Found(part, drawn.rest, drawn.counts)


# ---- ranges of pairs -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ground:
    """What a machine compares by, beside the pairs.

    Attributes:
        folder: where the claims, figures and victims of the whole run lie.
        linkage, around, least: as of `compare`.
    """

    folder: Path
    linkage: Linkage
    around: Surroundings
    least: float


def spread_compare(
    engine: Engine,
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    victims: pd.DataFrame,
    pairs: pd.DataFrame,
    linkage: Linkage,
    around: Surroundings,
    least: float,
) -> Compared:
    """Return the pairs compared by an engine's machines, range by range; equal to what `compare` returns."""
    folder = engine.room("compare")
    _lay(claims[list(LOOKED_AT)], folder / "claims.parquet")
    _lay(figures, folder / "figures.parquet")
    _lay(victims, folder / "victims.parquet")
    ranges = ranges_of(pairs)
    paths = [folder / f"pairs-{number:05}.parquet" for number in range(len(ranges))]
    for some, path in zip(ranges, paths, strict=True):
        _lay(some, path)
    ground = Ground(folder, linkage, around, least)
    parts = engine.take(engine.begin("compare", _compare_range, paths, shared=(ground,)))
    return joined(parts, pairs, linkage, prior_bits(linkage, claims))


def _lay(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, engine="pyarrow", index=True)


def _compare_range(path: Path, ground: Ground) -> Part:
    return _comparison(ground).part(pd.read_parquet(path, engine="pyarrow"))


_MADE: dict[Path, Comparison] = {}


def _comparison(ground: Ground) -> Comparison:
    """Return what compares the pairs of a run, made once on each machine."""
    if ground.folder not in _MADE:
        _MADE.clear()
        claims, figures, victims = (
            pd.read_parquet(ground.folder / f"{name}.parquet") for name in ("claims", "figures", "victims")
        )
        made = comparison_of(claims, figures, victims, ground.linkage, ground.around, ground.least)
        _MADE[ground.folder] = made
    return _MADE[ground.folder]
