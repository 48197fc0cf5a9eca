"""What the kinds of discrepancy look at: claims and figures of one incident, monitor beside monitor, made once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.frames import BridgeSteps, Changes, DerivedTotals, InconsistentSets, WindowRelations, empty
from reconcile.groups import gathered
from reconcile.views import interval_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from reconcile.ruleset import DiscrepancyRules, Monitor, Vocabulary

    Ints = npt.NDArray[np.intp]

LISTED_CLAIMS = 400


# Without slots, which leave no room for what is worked out once and asked for by many kinds.
@dataclass(frozen=True)
class Evidence:
    """Everything a kind may look at.

    Attributes:
        claims: a `Claims` frame, indexed by claim id.
        figures: a `Figures` frame.
        linked: a `LinkedClaims` frame, `covers` rows set apart.
        bridge: a `BridgeSteps` frame.
        relations: a `WindowRelations` frame.
        derived: a `DerivedTotals` frame.
        sets: an `InconsistentSets` frame.
        changes: a `Changes` frame: what each monitor changed since the previous run.
        issues: an `Issues` frame.
        sides: one row an incident and monitor: cluster_id, monitor, claim_ids (a tuple).
        sums: one row an incident, monitor, measure and population: low, high of all its claims there; alleged, both sexes, all ages.
        pairs: one row for two claims of different monitors in one incident: cluster_id, left, right (claim ids).
        monitors, attackers, means, measures, countries, rules: from the rule files.
        unread: monitors of which a file failed; what they lack here they may well report.
    """

    claims: pd.DataFrame
    figures: pd.DataFrame
    linked: pd.DataFrame
    bridge: pd.DataFrame
    relations: pd.DataFrame
    derived: pd.DataFrame
    sets: pd.DataFrame
    changes: pd.DataFrame
    issues: pd.DataFrame
    sides: pd.DataFrame
    sums: pd.DataFrame
    pairs: pd.DataFrame
    monitors: Mapping[str, Monitor]
    attackers: Vocabulary
    means: Vocabulary
    measures: Vocabulary
    countries: Vocabulary
    origins: Vocabulary
    rules: DiscrepancyRules
    unread: frozenset[str] = frozenset()

    @cached_property
    def figure_pairs(self) -> pd.DataFrame:
        """What `figure_pairs` returns."""
        keys = ["cluster_id", "measure_code", "population_code"]
        shared = self.sums[self.sums.duplicated(keys, keep=False)]
        pairs = shared.merge(shared, on=keys, suffixes=("_left", "_right"))
        return pairs[pairs["monitor_left"] < pairs["monitor_right"]].reset_index(drop=True)

    @cached_property
    def side_claims(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """What `side_claims` returns."""
        sides = self.sides
        return dict(
            zip(
                zip(sides["cluster_id"], sides["monitor"], strict=True),
                sides["claim_ids"].tolist(),
                strict=True,
            )
        )

    @cached_property
    def incident_of(self) -> dict[str, str]:
        """The incident of each claim of one."""
        own = self.linked[self.linked["cluster_kind_code"] == "incident"].drop_duplicates("claim_id")
        return dict(zip(own["claim_id"], own["cluster_id"], strict=True))

    @cached_property
    def known_claims(self) -> pd.DataFrame:
        """Monitor, first day and people of each claim, by its id; last of each that is no longer there, by the id it had."""
        gone = withdrawn_claims(self)
        told = pd.concat([self.claims[["monitor", "date_start"]], gone[["monitor", "date_start"]]])
        people = pd.concat([people_of(self), gone["people"]])
        told = told[~told.index.duplicated()]
        return told.assign(people=people[~people.index.duplicated()].reindex(told.index))

    @cached_property
    def pair_rows(self) -> tuple[Ints, Ints]:
        """Where the claims of both sides of `pairs` stand."""
        left, right = (
            self.claims.index.get_indexer(pd.Index(self.pairs[side])) for side in ("left", "right")
        )
        if len(left) and min(left.min(), right.min()) < 0:
            raise KeyError("a pair of claims that are not there")
        return left, right

    def both_sides(self, columns: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return columns of the claims on the left and on the right of `pairs`, in their order, with a plain index."""
        told = self.claims[list(columns)]
        left, right = (told.take(rows).reset_index(drop=True) for rows in self.pair_rows)
        return left, right

    def work_out(self) -> None:
        """Work out now what many kinds ask for, so that no process has to by itself."""
        for name in ("figure_pairs", "side_claims", "incident_of", "known_claims", "pair_rows"):
            getattr(self, name)

    def title(self, monitor: str) -> str:
        """Return a monitor's name for people."""
        return self.monitors[monitor].title if monitor in self.monitors else monitor

    def title_of(self, claim_id: str) -> str:
        """Return the name for people of the monitor that made a claim."""
        return self.title(str(self.claims["monitor"].loc[claim_id]))

    def tolerance(self, code: str, name: str) -> float:
        """Return a parameter of a kind."""
        return self.rules.kinds[code].parameters[name]


@dataclass(frozen=True, slots=True)
class Laid:
    """What stages about totals found, and the one that compares two runs: every frame of theirs.

    Attributes:
        bridge: a `BridgeSteps` frame.
        relations: a `WindowRelations` frame.
        derived: a `DerivedTotals` frame.
        sets: an `InconsistentSets` frame.
        changes: a `Changes` frame.
    """

    bridge: pd.DataFrame = field(default_factory=lambda: empty(BridgeSteps))
    relations: pd.DataFrame = field(default_factory=lambda: empty(WindowRelations))
    derived: pd.DataFrame = field(default_factory=lambda: empty(DerivedTotals))
    sets: pd.DataFrame = field(default_factory=lambda: empty(InconsistentSets))
    changes: pd.DataFrame = field(default_factory=lambda: empty(Changes))


@dataclass(frozen=True, slots=True)
class Finding:
    """One discrepancy before it gets its id: what a kind returns.

    Attributes:
        about: what a lasting habit is about (two monitors, a month, a point), in codes and not in numbers. The finding's id then
            hangs on this and not on the claims, so that a decision about it stands when a claim joins.
    """

    claim_ids: tuple[str, ...]
    explanation: str
    suggested_action: str
    cluster_id: str = ""
    measure_code: str = ""
    left_value: str = ""
    right_value: str = ""
    gap: float = float("nan")
    gap_unit: str = ""
    severity: str = ""
    about: tuple[str, ...] = ()


def gather_evidence(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    linked: pd.DataFrame,
    laid: Laid,
    issues: pd.DataFrame,
    monitors: Mapping[str, Monitor],
    vocabularies: Mapping[str, Vocabulary],
    rules: DiscrepancyRules,
) -> Evidence:
    """Return the evidence of a run."""
    own = linked[linked["relation_code"] != "covers"]
    indexed = claims.set_index("claim_id", drop=False)
    incidents = own[own["cluster_kind_code"] == "incident"].assign(
        monitor=lambda rows: indexed["monitor"].reindex(rows["claim_id"]).to_numpy()
    )
    sides = gathered(incidents, ["cluster_id", "monitor"], "claim_id").rename(
        columns={"claim_id": "claim_ids"}
    )
    return Evidence(
        claims=indexed,
        figures=figures,
        linked=own,
        bridge=laid.bridge,
        relations=laid.relations,
        derived=laid.derived,
        sets=laid.sets,
        changes=laid.changes,
        issues=issues,
        sides=sides,
        sums=_sums(incidents, figures),
        pairs=_pairs(incidents),
        monitors=monitors,
        attackers=vocabularies["perpetrators"],
        means=vocabularies["violence"],
        measures=vocabularies["measures"],
        countries=vocabularies["countries"],
        origins=vocabularies["origins"],
        rules=rules,
    )


def whole_figures(figures: pd.DataFrame) -> pd.DataFrame:
    """Return figures that count both sexes and all ages, alleged ones only."""
    return figures[
        (figures["role_code"] == "alleged")
        & (figures["sex_code"] == "any")
        & (figures["age_group_code"] == "any")
    ]


def _sums(incidents: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    stated = whole_figures(figures).merge(
        incidents[["claim_id", "cluster_id", "monitor", "relation_code"]], on="claim_id"
    )
    # Parts of one incident often repeat a secondary count whole: it is added once.
    repeated = (stated["relation_code"] == "part_of") & (stated["measure_code"] == "injured")
    keys = ["cluster_id", "monitor", "measure_code", "population_code"]
    stated = stated[~(repeated & stated.duplicated([*keys, "low", "high"]))]
    grouped = stated.groupby(keys, sort=True)
    sums = grouped.agg(
        low=("low", "sum"),
        high=("high", "sum"),
        closed=("high", "count"),
        claims=("claim_id", "size"),
        qualifier_code=("qualifier_code", "first"),
    ).reset_index()
    # One open high leaves the sum open.
    sums["high"] = sums["high"].where(sums["closed"] == sums["claims"])
    return sums


def _pairs(incidents: pd.DataFrame) -> pd.DataFrame:
    shared = incidents.groupby("cluster_id")["monitor"].transform("nunique") > 1
    members = incidents.loc[shared, ["cluster_id", "claim_id", "monitor"]]
    joined = members.merge(members, on="cluster_id", suffixes=("_left", "_right"))
    joined = joined[
        (joined["claim_id_left"] < joined["claim_id_right"])
        & (joined["monitor_left"] != joined["monitor_right"])
    ]
    return joined.rename(columns={"claim_id_left": "left", "claim_id_right": "right"})[
        ["cluster_id", "left", "right"]
    ].reset_index(drop=True)


def figure_pairs(evidence: Evidence) -> pd.DataFrame:
    """Return sums of two monitors on one incident, one measure and one population, side by side.

    Columns: cluster_id, measure_code, population_code, and monitor, low, high, qualifier_code with `_left` and `_right`.
    """
    return evidence.figure_pairs.copy(deep=False)


def disputed_status(evidence: Evidence) -> pd.DataFrame:
    """Return incidents in which the dead of one monitor are civilians, and those of another fighters and no civilians.

    Columns: cluster_id, measure_code, and monitor, low, high with `_civilian` and `_fighter`.
    """
    keys = ["cluster_id", "monitor", "measure_code"]
    columns = [*keys, "low", "high"]
    sums = evidence.sums
    civilians = sums[sums["population_code"] == "civilian"]
    some = civilians.loc[civilians["low"] > 0, columns]
    possible = civilians.loc[civilians["high"].isna() | (civilians["high"] > 0), keys]
    fighters = sums.loc[(sums["population_code"] == "combatant") & (sums["low"] > 0), columns]
    only = fighters.merge(possible.assign(is_possible=True), on=keys, how="left")
    only = only[only["is_possible"].isna()].drop(columns="is_possible")
    both = some.merge(only, on=["cluster_id", "measure_code"], suffixes=("_civilian", "_fighter"))
    return both[both["monitor_civilian"] != both["monitor_fighter"]].reset_index(drop=True)


def is_disputed(evidence: Evidence, pairs: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which figure pairs about civilians are such a dispute, and no mere difference of numbers.

    Args:
        evidence: of the run.
        pairs: by `figure_pairs`.
    """
    keys = ["cluster_id", "measure_code", "monitor_left", "monitor_right"]
    found = disputed_status(evidence)[["cluster_id", "measure_code", "monitor_civilian", "monitor_fighter"]]
    swapped = found[["cluster_id", "measure_code", "monitor_fighter", "monitor_civilian"]]
    told = pd.concat([found.set_axis(keys, axis=1), swapped.set_axis(keys, axis=1)])
    known = pd.MultiIndex.from_frame(told)
    disputed = pd.MultiIndex.from_frame(pairs[keys]).isin(known)
    return np.asarray(disputed & (pairs["population_code"] == "civilian").to_numpy(), dtype=np.bool_)


def side_claims(evidence: Evidence) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the claims of each (cluster, monitor)."""
    return evidence.side_claims


def discrepancy_id(code: str, about: Iterable[str], measure: str) -> str:
    """Return the id of a finding: the same from run to run while it is about the same claims, or the same habit."""
    text = "\x1f".join((code, measure, *about))
    return f"dis_{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def withdrawn_claims(evidence: Evidence) -> pd.DataFrame:
    """Return what is known of claims that are no longer there, by the id they had: monitor, first day, people."""
    gone = evidence.changes[evidence.changes["claim_id"] == ""].drop_duplicates("previous_id")
    most = gone["before_high"].fillna(gone["before_low"])
    return gone.assign(people=most).set_index("previous_id")[["monitor", "date_start", "people"]]


def people_of(evidence: Evidence) -> pd.Series[float]:
    """Return the most people each claim speaks of, killed and injured, for ordering findings."""
    whole = evidence.figures[
        (evidence.figures["sex_code"] == "any") & (evidence.figures["age_group_code"] == "any")
    ]
    most = whole["high"].fillna(whole["low"])
    return most.groupby(whole["claim_id"]).max()


def shown_interval(low: float, high: float) -> str:
    """Return an interval for people."""
    return interval_text(low, high)
