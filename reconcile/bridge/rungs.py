"""The rungs of a total over the incidents of one monitor: what each lets in, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reconcile.bridge.pool import Amounts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from reconcile.bridge.ground import Ground
    from reconcile.bridge.pool import Pool

    Bools = npt.NDArray[np.bool_]

ONE_DAY = 1
CONCEDED = "conceded"
# Told by what they let in; where a monitor states no such figures they are not there.
_ONLY = ", orientation only"


@dataclass(frozen=True, slots=True)
class Window:
    """A total's window and the job's own, both in days since 1970; None is no bound."""

    first: int
    last: int
    from_day: int | None
    to_day: int | None


@dataclass(frozen=True, slots=True)
class Rung:
    """Which incidents a step sums, and which of them only may belong (their low counts as zero).

    Attributes:
        amounts: of all incidents of the monitor, where other figures than the total's own are summed.
    """

    code: str
    title: str
    members: Bools
    maybe: Bools
    headline: bool = False
    amounts: Amounts | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """Figures of another population than a total's, or figures that a belligerent concedes."""

    code: str
    title: str
    amounts: Amounts


class Beside:
    """A total beside the incidents of one monitor that are near it: each side of its scope as an array."""

    def __init__(
        self,
        pool: Pool,
        near: npt.NDArray[np.intp],
        ground: Ground,
        window: Window,
        attackers: str,
        means: str,
    ) -> None:
        """Take the sides of a total's scope.

        Args:
            pool: of one monitor.
            near: its incidents that can be on any rung.
            ground: where the total counts.
            window: when.
            attackers: codes of the attackers it names.
            means: codes of the means it states.
        """
        where, by, how = pool.where(ground), pool.attackers(attackers), pool.means(means)
        self.ground, self.window = ground, window
        self.start, self.end = pool.start[near], pool.end[near]
        self.during = (self.start >= window.first) & (self.start <= window.last)
        self.here, self.untold, self.whole = where.inside[near], where.untold[near], where.whole[near]
        self.town, self.town_untold = where.town[near], where.town_untold[near]
        self.exact, self.rolled, self.unstated = by.exact[near], by.rolled[near], by.unstated[near]
        self.same_means, self.other_means = how.stated[near], how.other[near]
        self.grades = [(code, title, among[near], top) for code, title, among, top in pool.rungs]
        self.kept = next((among for _, _, among, top in self.grades if top), np.ones(len(near), dtype=bool))
        self.never = np.zeros(len(near), dtype=bool)
        self._near = near

    def orientation(self, others: list[Other]) -> Iterator[Rung]:
        """Yield a rung for each other population of which an incident of the headline states a number."""
        base = self.kept & self.during & self.here & self.exact
        for other in others:
            stated = base & ~np.isnan(other.amounts.low[self._near])
            if stated.any():
                # A belligerent concedes in few of its records; the rest is no gap in its numbers.
                members = stated if other.code == CONCEDED else base
                yield Rung(other.code, other.title, members, self.never, amounts=other.amounts)


def own_rungs(beside: Beside) -> Iterator[Rung]:
    """Yield the rungs that sum a total's own figures; a rung that widens and lets nothing in is not told."""
    scope = beside.here & beside.exact
    for code, title, among, top in beside.grades:
        # A grade without an incident is told too.
        yield Rung(code, title, beside.during & scope & among, beside.never, top)
    for rung in (*_windows(beside, scope), *_places(beside), *_sides(beside)):
        if rung.members.any():
            yield rung


def _windows(beside: Beside, scope: Bools) -> Iterator[Rung]:
    window, start, kept = beside.window, beside.start, beside.kept & scope
    straddling = kept & (start < window.first) & (beside.end >= window.first)
    if straddling.any():
        yield Rung(
            "straddling",
            "and incidents that began before the window and reach into it (their low counts as 0)",
            (kept & beside.during) | straddling,
            straddling,
        )
    # Beyond the job's own window nothing was kept, so a rung there would show what is missing as what is there.
    if window.from_day is None or window.first > window.from_day:
        earlier = kept & (start >= window.first - ONE_DAY) & (start <= window.last)
        yield Rung("start_day_before", "window one day earlier at its start", earlier, beside.never)
    if window.to_day is None or window.last < window.to_day:
        later = kept & (start >= window.first) & (start <= window.last + ONE_DAY)
        yield Rung("end_day_after", "window one day later at its end", later, beside.never)


def _places(beside: Beside) -> Iterator[Rung]:
    ground = beside.ground
    kept = beside.kept & beside.during & beside.exact
    base = kept & beside.here
    if ground.town is not None:
        town, maybe = kept & beside.town, kept & beside.town_untold
        name = ground.town.name
        yield Rung(
            "town_only",
            f"only what is placed in the town of {name}, by name or coordinates",
            town,
            beside.never,
        )
        if maybe.any():
            yield Rung(
                "town_not_told",
                f"the town of {name} and what is placed too coarsely to tell (whose low counts as 0)",
                town | maybe,
                maybe,
            )
    untold = kept & beside.untold
    if untold.any():
        place = ground.spot.name if ground.spot else ground.title
        yield Rung(
            "place_not_told",
            f"and incidents placed too coarsely to tell whether in {place} (their low counts as 0)",
            base | untold,
            untold,
        )
    if ground.spot is not None:
        yield Rung("place_rolled_up", f"the whole of {ground.title}", kept & beside.whole, beside.never)


def _sides(beside: Beside) -> Iterator[Rung]:
    kept = beside.kept & beside.during & beside.here
    if (kept & beside.rolled).any():
        yield Rung(
            "attacker_rolled_up",
            "and attackers that act as part of the one named, or it of them",
            kept & (beside.exact | beside.rolled),
            beside.never,
        )
    if (kept & beside.unstated).any():
        yield Rung(
            "attacker_not_stated",
            "and records that name two sides and no attacker, or none",
            kept & (beside.exact | beside.unstated),
            beside.never,
        )
    yield Rung(
        "weapon_stated",
        "only incidents that state the total's own means, or one among them",
        kept & beside.exact & beside.same_means,
        beside.never,
    )
    if (kept & beside.exact & beside.other_means).any():
        yield Rung(
            "weapon_other_left_out",
            "without incidents that state another means",
            kept & beside.exact & ~beside.other_means,
            beside.never,
        )


# ---- other populations ---------------------------------------------------------------------------------------------

_PEOPLE = {
    "civilian": "civilians",
    "combatant": "combatants",
    "all": "everybody",
    "unknown": "people of no stated kind",
}
# By a total's population: other populations whose figures say something about it, and how.
_ORIENTATION = {
    "civilian": {"all": "population_wider", "unknown": "population_unknown_added"},
    "combatant": {"all": "population_wider", "unknown": "population_unknown_added"},
    "all": {"civilian": "population_narrower", "unknown": "population_not_stated"},
    "unknown": {"all": "population_wider", "civilian": "population_narrower"},
}
_SAID = {
    "population_wider": "everybody {measure}, a wider population than {own}",
    "population_unknown_added": "{own}, and {other} who may be among them (their low counts as 0)",
    "population_narrower": "{other} only, of whom {own} may be more",
    "population_not_stated": "{other}, of whom {own} may be more",
}


def other_populations(pool: Pool, measure: str, population: str) -> list[Other]:
    """Return the figures of other populations that lie around a total's own or inside it, and those it concedes.

    Args:
        pool: of one monitor.
        measure: what the total counts.
        population: whom.
    """
    found = []
    for other, code in _ORIENTATION.get(population, {}).items():
        amounts = pool.amounts.get((measure, other))
        if amounts is None:
            continue
        if code == "population_unknown_added":
            amounts = _added(pool.amounts.get((measure, population)), amounts)
        said = _SAID[code].format(measure=measure, own=_PEOPLE[population], other=_PEOPLE[other])
        found.append(Other(code, said + _ONLY, amounts))
    if admitted := pool.conceded.get((measure, population)):
        found.append(Other(CONCEDED, f"what it concedes itself{_ONLY}", admitted))
    return found


def _added(own: Amounts | None, unknown: Amounts) -> Amounts:
    """Return a population with those of whom it is not known whether they belong to it."""
    is_unknown = ~np.isnan(unknown.low)
    if own is None:
        return Amounts(np.where(is_unknown, 0.0, np.nan), unknown.high)
    is_own = ~np.isnan(own.low)
    low = np.where(is_own, own.low, np.where(is_unknown, 0.0, np.nan))
    high = np.where(is_own, own.high, 0.0) + np.where(is_unknown, unknown.high, 0.0)
    return Amounts(low, high)
