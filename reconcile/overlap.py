"""LinkedClaims of victims, and of incidents -> which lists know whom: histories, pairs of lists, and what may be estimated.

A list is what one monitor publishes. Lists that rest on each other, or on one origin, say the same thing twice and are merged
into one. Victims are counted as matched persons with a name; incidents for coverage only: nothing is ever estimated from them.

Guarantees:
    everybody_has_one_history: in every stratum of a kind the histories add up to the members of the group, each counted once.
    derived_lists_are_one: no two lists of a group rest on each other or on one origin.
    nothing_without_a_reason: an estimate or a refusal stands for each pair of lists of victims and for each group, and only one.
    no_names: nothing in the frames comes from a name, but for counts.
    order_does_not_matter: the order of claims and victims changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.estimators import Estimate, chao, chao_corrected, chapman
from reconcile.frames import (
    CaptureHistories,
    CaptureLists,
    ListOverlap,
    OverlapEstimates,
    columns_of,
    empty,
    typed,
)
from reconcile.ruleset import fold_spelling
from reconcile.views import components, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reconcile.ruleset import Monitor

# Records that cite one list or origin, of all of a list: from here on it is no list of its own. Below, it is told.
DERIVED_SHARE = 0.1
# Members that stand on another list too: a list that adds nobody to it tells nothing of those whom both miss.
CONTAINED_SHARE = 0.98
# Records that repeat another one of the list: a person counted twice on one list is missed on the others.
REPEATED_SHARE = 0.05
# Days that must remain of those of the largest list: one short list would cut all others down to its own days.
WINDOW_SHARE = 0.5
# dga's own warning begins below ten; below seven on both lists Chapman's estimate is known to be too low (Robson and Regier 1964).
SMALLEST_LIST = 10
FEWEST_SHARED = 7
FEWEST_LISTS = 3
INCIDENTS = "incidents"
STRATA: dict[str, tuple[str, ...]] = {
    "whole": (),
    "month": ("month",),
    "place": ("country_code", "admin1"),
    "month_place": ("month", "country_code", "admin1"),
}
STRATUM = ("month", "country_code", "admin1")
_PEOPLE = {"civilian": "civilians", "combatant": "fighters", "all": "everybody"}
KEEP_IN_MIND = "Holds only if the lists are independent, the matches right, everybody equally likely to be on one of them at least, and the population closed."
PUBLISHED = "As published, for many occasions. Of so few lists it is no bound and may exceed the true number; take the bound for few lists."
LEAST = "A lower bound, and no estimate of the total: where some are likelier than others to be listed, the true number is above it."


@dataclass(frozen=True, slots=True)
class Overlap:
    """What lists share: four frames.

    Attributes:
        lists: a `CaptureLists` frame.
        histories: a `CaptureHistories` frame.
        pairs: a `ListOverlap` frame.
        estimates: an `OverlapEstimates` frame.
    """

    lists: pd.DataFrame = field(default_factory=lambda: empty(CaptureLists))
    histories: pd.DataFrame = field(default_factory=lambda: empty(CaptureHistories))
    pairs: pd.DataFrame = field(default_factory=lambda: empty(ListOverlap))
    estimates: pd.DataFrame = field(default_factory=lambda: empty(OverlapEstimates))


@dataclass(frozen=True, slots=True)
class _List:
    """One monitor's list, and what it may be set against.

    Attributes:
        first, last: days; NaT where no record has one.
        group: of lists that take in the same population.
        attackers: whose victims it takes in; empty for all.
    """

    monitor: str
    title: str
    group: str
    deaths: str
    attackers: str
    first: pd.Timestamp
    last: pd.Timestamp
    countries: frozenset[str]
    records: int
    nameless: int
    members: int
    repeated: int

    @property
    def days(self) -> int:
        """How many days it spans."""
        return 0 if pd.isna(self.first) else (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class _Ground:
    """The days and countries that lists share; None where none of them says."""

    first: pd.Timestamp | None
    last: pd.Timestamp | None
    countries: frozenset[str] | None

    def holds(self, rows: pd.DataFrame) -> pd.Series[bool]:
        """Return which records lie there."""
        inside = pd.Series(True, index=rows.index)
        if self.first is not None and self.last is not None:
            inside &= rows["day"].between(self.first, self.last)
        if self.countries is not None:
            inside &= rows["country_code"].isin(list(self.countries))
        return inside


@dataclass(frozen=True, slots=True)
class _Unit:
    """Everything about victims, or about incidents, that the frames are made of.

    Attributes:
        rows: one row a record: claim_id, monitor, cluster_id, is_named, day, month, country_code, admin1, by claim.
        lists: by monitor, the largest first.
        ties: why two lists are no two, by their monitors in order.
        possible: pairs of claims that wait for a person, by the two monitors in order.
    """

    code: str
    rows: pd.DataFrame
    lists: dict[str, _List]
    ties: Mapping[tuple[str, str], str]
    possible: Mapping[tuple[str, str], int]


def overlap(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    victims: pd.DataFrame,
    linked: pd.DataFrame,
    verdicts: pd.DataFrame,
    origins: pd.DataFrame,
    monitors: Mapping[str, Monitor],
) -> Overlap:
    """Return who is on which lists.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame.
        victims: a `Victims` frame with the names, which tell who can be matched and who stands on a list twice.
        linked: a `LinkedClaims` frame.
        verdicts: a `PairVerdicts` frame.
        origins: an `Origins` frame, of victims with what is withheld; no words of it that no vocabulary has come back.
        monitors: for what each one takes in.
    """
    found = [
        _unit("victim", _victims(claims, figures, victims, linked, monitors), verdicts, origins, monitors),
        _unit("incident", _incidents(claims, linked), verdicts, origins, monitors),
    ]
    made = [_told(unit) for unit in found if len(unit.rows)]
    return Overlap(
        lists=_stacked(CaptureLists, [one.lists for one in made]),
        histories=_stacked(CaptureHistories, [one.histories for one in made]),
        pairs=_stacked(ListOverlap, [one.pairs for one in made]),
        estimates=_stacked(OverlapEstimates, [one.estimates for one in made]),
    )


def _stacked(
    frame: type[CaptureLists | CaptureHistories | ListOverlap | OverlapEstimates], made: list[pd.DataFrame]
) -> pd.DataFrame:
    filled = [one for one in made if len(one)]
    return typed(frame, pd.concat(filled, ignore_index=True)) if filled else empty(frame)


# ---- records -------------------------------------------------------------------------------------------------------


def _victims(
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    victims: pd.DataFrame,
    linked: pd.DataFrame,
    monitors: Mapping[str, Monitor],
) -> pd.DataFrame:
    """Return the records of persons killed: whoever a record says was hurt and not killed is on no list of the dead."""
    people = victims.drop_duplicates("claim_id").set_index("claim_id")
    own = claims[(claims["kind_code"] == "victim") & claims["claim_id"].isin(people.index)]
    told = figures[(figures["role_code"] == "alleged") & figures["claim_id"].isin(own["claim_id"])]
    killed = told[(told["measure_code"] == "killed") & ~(told["high"] == 0)]
    hurt = set(told["claim_id"]) - set(killed["claim_id"])
    own = own[~own["claim_id"].isin(hurt)]
    first = killed.drop_duplicates("claim_id")
    counted = dict(zip(first["claim_id"], first["population_code"], strict=True))
    rows = _records(own, linked, "victim")
    person = people.reindex(rows["claim_id"])
    names = ["name_published", "name_native"]
    alike = pd.DataFrame({"monitor": rows["monitor"].to_numpy(), "day": rows["day"].to_numpy()})
    for name in (*names, "sex_code", "age_low_years"):
        alike[name] = person[name].to_numpy()
    is_named = ((person[names] != "").any(axis=1)).to_numpy()
    scope = {name: rule.scope.population_code for name, rule in monitors.items()}
    stated = _looked_up(rows["claim_id"], counted)
    return rows.assign(
        is_named=is_named,
        is_repeated=is_named & alike.duplicated().to_numpy(),
        population=stated.where(~stated.isin(["", "unknown"]), _looked_up(rows["monitor"], scope)).replace(
            "", "unknown"
        ),
    )


def _looked_up(keys: pd.Series[str], found: Mapping[str, str]) -> pd.Series[str]:
    """Return what stands under each key; empty where nothing does."""
    return keys.map({key: found.get(key, "") for key in keys.unique()}).astype("str")


def _incidents(claims: pd.DataFrame, linked: pd.DataFrame) -> pd.DataFrame:
    """Return the records of single incidents, what sums up several aside."""
    own = claims[(claims["kind_code"] == "incident") & (claims["unit_code"] != "event_summary")]
    return _records(own, linked, "incident").assign(is_named=True, is_repeated=False, population=INCIDENTS)


def _records(own: pd.DataFrame, linked: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return claims with the cluster each is in, its day, and the month where the record tells it."""
    held = linked[(linked["cluster_kind_code"] == kind) & (linked["relation_code"] != "covers")]
    columns = [
        "claim_id",
        "monitor",
        "date_start",
        "date_end",
        "date_precision_code",
        "country_code",
        "admin1",
        "location_precision_code",
    ]
    rows = own[columns].merge(held[["claim_id", "cluster_id"]], on="claim_id").sort_values("claim_id")
    # Whole numbers in the order of the claims: the ids themselves are told nowhere.
    cluster, _ = pd.factorize(rows["cluster_id"])
    starts = rows["date_start"].dt.to_period("M")
    is_one_month = starts == rows["date_end"].fillna(rows["date_start"]).dt.to_period("M")
    number, months = pd.factorize(starts.where(is_one_month))
    spelled = np.array([*(str(month) for month in months), ""], dtype=object)
    return rows.assign(
        cluster_id=cluster,
        day=rows["date_start"],
        month=pd.Series(spelled[number], index=rows.index, dtype="str"),
    ).reset_index(drop=True)


def _unit(
    code: str,
    rows: pd.DataFrame,
    verdicts: pd.DataFrame,
    origins: pd.DataFrame,
    monitors: Mapping[str, Monitor],
) -> _Unit:
    lists = [_list_of(str(name), own, monitors) for name, own in rows.groupby("monitor", sort=True)]
    ranked = sorted(lists, key=lambda one: (-one.members, one.monitor))
    titles = {one.monitor: one.title for one in ranked}
    return _Unit(
        code,
        rows,
        {one.monitor: one for one in ranked},
        _ties(rows, origins, monitors, titles),
        _possible(rows, verdicts),
    )


def _list_of(monitor: str, own: pd.DataFrame, monitors: Mapping[str, Monitor]) -> _List:
    rule = monitors.get(monitor)
    named = own[own["is_named"]]
    codes = sorted(own["population"].unique())
    group = codes[0] if len(codes) == 1 else rule.scope.population_code if rule else "unknown"
    attackers = rule.scope.attackers if rule else ""
    return _List(
        monitor=monitor,
        title=rule.title if rule else monitor,
        group=group,
        deaths=rule.scope.direct_code if rule else "direct",
        attackers="" if attackers.lower().startswith("all") else attackers,
        first=own["day"].min(),
        last=own["day"].max(),
        countries=frozenset(own["country_code"].unique()) - {""},
        records=len(own),
        nameless=int((~own["is_named"]).sum()),
        members=named["cluster_id"].nunique(),
        repeated=int(own["is_repeated"].sum()),
    )


# ---- which lists are one -------------------------------------------------------------------------------------------


def _ties(
    rows: pd.DataFrame, origins: pd.DataFrame, monitors: Mapping[str, Monitor], titles: Mapping[str, str]
) -> dict[tuple[str, str], str]:
    """Return why two lists are no two: one rests on the other, or both on a third, or one holds nearly all of the other."""
    cited = _shares(rows, origins, monitors, titles)
    named = rows[rows["is_named"]]
    held = {str(name): set(own.unique()) for name, own in named.groupby("monitor")["cluster_id"]}
    found = {}
    for left, right in combinations(sorted(titles), 2):
        reasons = [
            f"{cited.voices[who, whom]:.0%} of the records of {titles[who]} name {titles[whom]} as their source"
            for who, whom in ((left, right), (right, left))
            if (who, whom) in cited.voices
        ]
        reasons = reasons or [
            f"{part:.0%} of the records of {titles[left]} and {cited.thirds[right, origin]:.0%} of those of {titles[right]} "
            f"rest on {cited.names[origin]}"
            for (name, origin), part in sorted(cited.thirds.items())
            if name == left and (right, origin) in cited.thirds
        ]
        reasons = reasons or [
            f"{len(held[who] & held[whom]):,} of the {len(held[who]):,} on the list of {titles[who]} stand on that of "
            f"{titles[whom]} too, as if it had been copied"
            for who, whom in ((left, right), (right, left))
            if _is_contained(held.get(who, set()), held.get(whom, set()))
        ]
        if reasons:
            found[left, right] = "; ".join(reasons)
    return found | _through_others(found, titles)


def _through_others(
    found: Mapping[tuple[str, str], str], titles: Mapping[str, str]
) -> dict[tuple[str, str], str]:
    """Return the pairs of lists that depend on each other through others, and on nothing by themselves."""
    names = sorted(titles)
    ends = np.array([[names.index(name) for name in pair] for pair in found], dtype=np.int64).reshape(-1, 2)
    label = components(len(names), ends[:, 0], ends[:, 1])
    return {
        (left, right): f"{titles[left]} and {titles[right]} depend on each other through other lists"
        for (one, left), (other, right) in combinations(enumerate(names), 2)
        if label[one] == label[other] and (left, right) not in found
    }


def _is_contained(inner: set[int], outer: set[int]) -> bool:
    return len(inner) >= SMALLEST_LIST and len(inner & outer) >= CONTAINED_SHARE * len(inner)


@dataclass(frozen=True, slots=True)
class _Cited:
    """What lists rest on, where it is a tenth of their records or more.

    Attributes:
        voices: share of the records of a list that name another list as their source, by the two monitors.
        thirds: share of the records of a list that rest on an origin that is no list here, by monitor and origin.
        names: of those origins, as far as they may be told.
    """

    voices: dict[tuple[str, str], float]
    thirds: dict[tuple[str, str], float]
    names: dict[str, str]


def _shares(
    rows: pd.DataFrame, origins: pd.DataFrame, monitors: Mapping[str, Monitor], titles: Mapping[str, str]
) -> _Cited:
    size = rows["monitor"].value_counts()
    cited = origins.merge(rows[["claim_id", "monitor"]], on="claim_id")
    voice = {
        monitors[name].origin_code: name
        for name in sorted(titles, reverse=True)
        if name in monitors and monitors[name].origin_code
    }
    known = {fold_spelling(text): name for name, title in titles.items() for text in (name, title)}
    by_code = _looked_up(cited["origin_code"], voice)
    by_name = _looked_up(cited["name"].map(fold_spelling).astype("str"), known)
    told = cited.assign(whom=by_code.where(by_code != "", by_name))
    lists = told[(told["whom"] != "") & (told["whom"] != told["monitor"])]
    # A wire or a nameless word behind two lists is no one voice.
    others = told[(told["whom"] == "") & (told["role_code"] == "asserts") & (told["origin_code"] != "")]
    # An origin that stands in no vocabulary has the words of a record as its name, which may be a person's.
    names = {
        str(row.origin_code): "one other source" if str(row.origin_code).startswith("x_") else str(row.title)
        for row in records(
            others.drop_duplicates("origin_code")[["origin_code", "name"]].rename(columns={"name": "title"})
        )
    }
    return _Cited(_often(lists, "whom", size), _often(others, "origin_code", size), names)


def _often(cited: pd.DataFrame, column: str, size: pd.Series[int]) -> dict[tuple[str, str], float]:
    counts = cited.groupby(["monitor", column])["claim_id"].nunique().reset_index(name="claims")
    shares = {
        (str(row.monitor), str(row.source)): row.claims / int(size[row.monitor])
        for row in records(counts.rename(columns={column: "source"}))
    }
    return {pair: share for pair, share in shares.items() if share >= DERIVED_SHARE}


def _possible(rows: pd.DataFrame, verdicts: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return how many pairs of records wait for a person, by their two lists."""
    owner = rows.set_index("claim_id")["monitor"]
    waiting = verdicts[verdicts["verdict_code"] == "possible"]
    sides = pd.DataFrame(
        {"one": waiting["left_id"].map(owner), "other": waiting["right_id"].map(owner)}
    ).dropna()
    ordered = pd.DataFrame(
        np.sort(sides.to_numpy(dtype=object).astype(str), axis=1), columns=["left", "right"]
    )
    counts = ordered.groupby(["left", "right"]).size().reset_index(name="pairs")
    return {(str(row.left), str(row.right)): int(row.pairs) for row in records(counts)}


# ---- what may be set against what ----------------------------------------------------------------------------------


def _against(one: _List, other: _List) -> tuple[str, str]:
    """Return why the scopes of two lists keep anything from being estimated, as a code and a sentence; empty where they do not."""
    for found in (one, other):
        if found.group == "unknown":
            return "population", f"The rule file of {found.title} does not say whom its list takes in."
    if one.group != other.group:
        taken = [f"{whose.title} lists {_PEOPLE.get(whose.group, whose.group)}" for whose in (one, other)]
        return "population", f"{taken[0]}, {taken[1]}: they count different people."
    code, told = _other_dead(one, other)
    return (code, told) if code else _apart(one, other)


def _other_dead(one: _List, other: _List) -> tuple[str, str]:
    """Return whether two lists of one population take in other deaths, or the dead of others, as far as their rule files say."""
    if one.deaths != other.deaths:
        return "deaths", f"{one.title} takes in {_deaths(one)}, {other.title} {_deaths(other)}."
    if one.attackers != other.attackers:
        told = f"{one.title}: {one.attackers or 'all'}; {other.title}: {other.attackers or 'all'}"
        return (
            "attackers",
            f"By their rule files they do not take in the victims of the same attackers ({told}).",
        )
    return "", ""


def _deaths(one: _List) -> str:
    return {"both": "direct and indirect deaths"}.get(one.deaths, f"{one.deaths} deaths")


def _apart(one: _List, other: _List) -> tuple[str, str]:
    """Return why two lists do not speak of the same days and countries, likewise."""
    for found in (one, other):
        if pd.isna(found.first):
            return (
                "window",
                f"No record of {found.title} states a day, so whether both cover the same days can't be told.",
            )
        if not found.countries:
            return (
                "region",
                f"No record of {found.title} states a country, so whether both cover the same can't be told.",
            )
    if one.first > other.last or other.first > one.last:
        return "window", f"{one.title} and {other.title} share no day."
    if not one.countries & other.countries:
        return "region", f"{one.title} and {other.title} share no country."
    return "", ""


def _ground(lists: Iterable[_List]) -> _Ground:
    """Return the days and countries that lists share, of those that state any."""
    known = list(lists)
    dated = [one for one in known if one.days]
    placed = [one.countries for one in known if one.countries]
    return _Ground(
        max(one.first for one in dated) if dated else None,
        min(one.last for one in dated) if dated else None,
        frozenset.intersection(*placed) if placed else None,
    )


def _kept(lists: Sequence[_List]) -> tuple[list[_List], dict[str, str]]:
    """Return the lists of a group that speak of the same, the largest first, and why each of the others is left out."""
    kept: list[_List] = []
    out: dict[str, str] = {}
    for one in lists:
        reason = "" if one.members else "None of its records has a name."
        if kept and not reason:
            reason = _misfit(kept, one)
        if reason:
            out[one.monitor] = f"Left out. {reason}"
        else:
            kept.append(one)
    return kept, out


def _misfit(kept: Sequence[_List], one: _List) -> str:
    """Return why a list can't join the larger ones; empty where it can."""
    base = kept[0]
    if one.group == INCIDENTS:
        return ""
    for states, what in (((one.days, base.days), "a day"), ((one.countries, base.countries), "a country")):
        if bool(states[0]) != bool(states[1]):
            silent, other = (base, one) if states[0] else (one, base)
            return f"No record of {silent.title} states {what}, and those of {other.title} do."
    return _other_dead(one, base)[1] or _little_common(kept, one)


def _little_common(kept: Sequence[_List], one: _List) -> str:
    """Return what a list would leave of the ground that the larger ones share, where it is too little."""
    base, ground = kept[0], _ground([*kept, one])
    if ground.countries is not None and not ground.countries:
        return f"It shares no country with {base.title} and the other lists."
    days = base.days if ground.first is None or ground.last is None else (ground.last - ground.first).days + 1
    if days >= WINDOW_SHARE * base.days:
        return ""
    return (
        f"It would leave {max(days, 0):,} of the {base.days:,} days of {base.title}. To set these lists against each other, "
        "run the job within the days that they share."
    )


# ---- the frames ----------------------------------------------------------------------------------------------------


def _told(unit: _Unit) -> Overlap:
    """Return the frames of victims, or of incidents."""
    lists, histories, estimates = [], [], []
    for code in sorted({one.group for one in unit.lists.values()}):
        own = [one for one in unit.lists.values() if one.group == code]
        kept, out = _kept(own)
        merged = _merged(unit, kept)
        ground = _Ground(None, None, None) if code == INCIDENTS else _ground(kept)
        rows, outside = _members(unit, merged, ground)
        lists.append(_list_rows(unit, code, own, merged, out, outside))
        made = _histories(unit.code, code, rows, list(merged))
        histories.append(made)
        if unit.code == "victim":
            estimates.append(_group_estimates(code, made, merged))
    pairs, of_pairs = _pairs(unit)
    if unit.code == "victim" and len(of_pairs):
        estimates.append(of_pairs)
    return Overlap(
        pd.concat(lists, ignore_index=True),
        pd.concat(histories, ignore_index=True),
        pairs,
        pd.concat(estimates, ignore_index=True) if estimates else empty(OverlapEstimates),
    )


def _merged(unit: _Unit, kept: Sequence[_List]) -> dict[str, list[_List]]:
    """Return lists with those that depend on each other as one, by their common name, the largest first."""
    place = {one.monitor: number for number, one in enumerate(kept)}
    edges = [(place[left], place[right]) for left, right in unit.ties if left in place and right in place]
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    label = components(len(kept), ends[:, 0], ends[:, 1])
    groups = [[one for one, own in zip(kept, label, strict=True) if own == mark] for mark in np.unique(label)]
    return {"_with_".join(sorted(one.monitor for one in group)): group for group in groups}


def _members(
    unit: _Unit, merged: Mapping[str, Sequence[_List]], ground: _Ground
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return a row a member and list inside the common ground, with the member's stratum, and how many of a monitor lie outside."""
    code_of = {one.monitor: code for code, group in merged.items() for one in group}
    rows = unit.rows[unit.rows["is_named"] & unit.rows["monitor"].isin(list(code_of))]
    # Somebody whose day one list has outside and another inside is one of those inside, and on both lists.
    inside = set(rows.loc[ground.holds(rows), "cluster_id"])
    is_in = rows["cluster_id"].isin(inside)
    outside = rows[~is_in].groupby("monitor")["cluster_id"].nunique().to_dict()
    rows = rows[is_in]
    held = rows.assign(list_code=rows["monitor"].map(code_of))[["cluster_id", "list_code"]].drop_duplicates()
    return held.merge(_strata(rows), on="cluster_id"), {
        str(name): int(count) for name, count in outside.items()
    }


def _strata(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the month and place of each member: those of its most precise record, whatever list that is of."""
    order = {name: pd.factorize(rows[name], sort=True)[0] for name in STRATUM}
    blank = {name: (rows[name] == "").to_numpy() for name in STRATUM}
    cluster = rows["cluster_id"].to_numpy()
    # The last key counts first; of equal ones the earlier claim stands first, as the rows do.
    when = np.lexsort((order["month"], rows["date_precision_code"], blank["month"], cluster))
    where = np.lexsort(
        (
            order["admin1"], order["country_code"], rows["location_precision_code"], blank["country_code"],
            blank["admin1"], cluster,
        )
    )  # fmt: skip
    months = rows[["cluster_id", "month"]].iloc[when].drop_duplicates("cluster_id")
    places = rows[["cluster_id", "country_code", "admin1"]].iloc[where].drop_duplicates("cluster_id")
    return months.merge(places, on="cluster_id")


def _list_rows(
    unit: _Unit,
    group: str,
    own: Sequence[_List],
    merged: Mapping[str, Sequence[_List]],
    out: Mapping[str, str],
    outside: Mapping[str, int],
) -> pd.DataFrame:
    number = {code: place for place, code in enumerate(merged, 1)}
    code_of = {one.monitor: code for code, lists in merged.items() for one in lists}
    rows = []
    for one in own:
        code = code_of.get(one.monitor, "")
        others = [other for other in merged.get(code, ()) if other.monitor != one.monitor]
        state = "merged" if others else "kept" if code else "left_out"
        rows.append(
            {
                "unit_code": unit.code,
                "group_code": group,
                "monitor": one.monitor,
                "list_code": code,
                "list_no": number.get(code, 0),
                "state_code": state,
                "records": one.records,
                "nameless": one.nameless,
                "members": one.members,
                "repeated": one.repeated,
                "outside": outside.get(one.monitor, 0),
                "first_day": one.first,
                "last_day": one.last,
                "country_codes": " ".join(sorted(one.countries)),
                "explanation": out.get(one.monitor) or _kept_told(unit, one, others),
            }
        )
    return pd.DataFrame(rows, columns=columns_of(CaptureLists))


def _kept_told(unit: _Unit, one: _List, others: Sequence[_List]) -> str:
    reasons = [
        unit.ties[pair]
        for other in others
        if (pair := (min(one.monitor, other.monitor), max(one.monitor, other.monitor))) in unit.ties
    ]
    if not others:
        return "A list of its own."
    joined = ", ".join(other.title for other in others)
    return f"Merged with {joined}: {'; '.join(reasons)}."


def _histories(unit: str, group: str, rows: pd.DataFrame, lists: Sequence[str]) -> pd.DataFrame:
    """Return how many members have which pattern, in all strata."""
    weight = {code: 1 << (len(lists) - 1 - place) for place, code in enumerate(lists)}
    keys = ["cluster_id", *STRATUM]
    bits = (
        rows.assign(bits=rows["list_code"].map(weight).astype("int64")).groupby(keys, sort=True)["bits"].sum()
    )
    cells = bits.reset_index().groupby([*STRATUM, "bits"], sort=True).size().reset_index(name="members")
    made = []
    for code, names in STRATA.items():
        held = cells.assign(**dict.fromkeys(set(STRATUM) - set(names), ""))
        summed = held.groupby([*STRATUM, "bits"], sort=True)["members"].sum().reset_index()
        made.append(summed.assign(stratum_code=code))
    told = pd.concat(made, ignore_index=True)
    spelled = {bits: f"{bits:0{len(lists)}b}" for bits in told["bits"].unique()}
    return told.assign(
        unit_code=unit,
        group_code=group,
        lists=" ".join(lists),
        pattern=told["bits"].map(spelled).astype("str"),
    )[columns_of(CaptureHistories)]


def _pairs(unit: _Unit) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what every two lists share, and of victims Chapman's estimate or why there is none."""
    named = unit.rows[unit.rows["is_named"]]
    held = {str(name): own for name, own in named.groupby("monitor")}
    rows: list[dict[str, object]] = []
    estimates: list[dict[str, object]] = []
    for left, right in combinations(sorted(unit.lists), 2):
        one, other = unit.lists[left], unit.lists[right]
        ground = _ground([one, other])
        ours, theirs = (_inside(held.get(name, named.iloc[:0]), ground) for name in (left, right))
        both = len(ours & theirs)
        sizes = {"left_members": len(ours), "right_members": len(theirs), "both": both}
        code, told = _refused(unit, one, other, sizes)
        rows.append(
            sizes
            | {
                "unit_code": unit.code,
                "left": left,
                "right": right,
                "either": len(ours | theirs),
                "jaccard": both / len(ours | theirs) if ours or theirs else None,
                "left_share": both / len(ours) if ours else None,
                "right_share": both / len(theirs) if theirs else None,
                "possible": unit.possible.get((left, right), 0),
                "refused_code": code,
                "explanation": told,
            }
        )
        if unit.code == "victim":
            made = None if code else chapman(len(ours), len(theirs), both)
            group = one.group if one.group == other.group else ""
            stratum = dict.fromkeys(STRATUM, "") | {
                "group_code": group,
                "stratum_code": "whole",
                "lists": f"{left} {right}",
            }
            estimates.append(
                stratum | _estimate_row("chapman", len(ours | theirs), made, code, told or KEEP_IN_MIND)
            )
    return _frame(rows, ListOverlap), _frame(estimates, OverlapEstimates)


def _inside(rows: pd.DataFrame, ground: _Ground) -> set[int]:
    return set(rows.loc[ground.holds(rows), "cluster_id"])


def _refused(unit: _Unit, one: _List, other: _List, sizes: Mapping[str, int]) -> tuple[str, str]:
    """Return why nothing may be estimated from two lists."""
    if unit.code == "incident":
        return (
            "incident",
            "Incidents are of any size and no persons: their overlap tells who covers what, and no number of dead.",
        )
    if reason := unit.ties.get((one.monitor, other.monitor)):
        return "derived", f"One list is not independent of the other: {reason}."
    code, told = _against(one, other)
    if not code:
        code, told = _repeated([one, other])
    if not code and min(sizes["left_members"], sizes["right_members"]) < SMALLEST_LIST:
        code, told = "sparse", f"One of the two has fewer than {SMALLEST_LIST} victims there."
    if not code and sizes["both"] < FEWEST_SHARED:
        code, told = (
            "sparse",
            f"{sizes['both']} on both, fewer than {FEWEST_SHARED}: the estimate would be far too low, or chance.",
        )
    return code, told


def _repeated(lists: Iterable[_List]) -> tuple[str, str]:
    """Return which list holds too many records twice."""
    for one in lists:
        if one.repeated > REPEATED_SHARE * max(one.records - one.nameless, 1):
            return "repeated", (
                f"{one.repeated:,} records of {one.title} have the name, age, sex and day of another of its records: take out what "
                "stands twice before lists are set against each other."
            )
    return "", ""


def _group_estimates(
    group: str, histories: pd.DataFrame, merged: Mapping[str, Sequence[_List]]
) -> pd.DataFrame:
    """Return Chao's bounds of a group in every stratum, or why there are none."""
    names = " ".join(merged)
    lists = [one for own in merged.values() for one in own]
    code, told = _group_refused(group, lists, len(merged))
    rows: list[dict[str, object]] = []
    for key, held in histories.groupby(["stratum_code", *STRATUM], sort=True):
        stratum = dict(zip(("stratum_code", *STRATUM), key, strict=True))
        # What keeps the whole group from being estimated is said once, and not once for every month.
        if code and stratum["stratum_code"] != "whole":
            continue
        about = stratum | {"group_code": group, "lists": names}
        seen = int(held["members"].sum())
        why, sentence = (code, told) if code else unfit(held, list(merged))
        if why:
            rows.append(about | _estimate_row("chao_few_lists", seen, None, why, sentence))
            continue
        times = held["pattern"].str.count("1")
        once, twice = (int(held.loc[times == count, "members"].sum()) for count in (1, 2))
        made = {
            "chao_few_lists": (chao(seen, once, twice, len(merged)), LEAST),
            "chao": (chao(seen, once, twice), PUBLISHED),
            "chao_corrected": (chao_corrected(seen, once, twice), PUBLISHED),
        }
        rows += [about | _estimate_row(method, seen, one, "", note) for method, (one, note) in made.items()]
    return _frame(rows, OverlapEstimates)


def _group_refused(group: str, lists: Sequence[_List], count: int) -> tuple[str, str]:
    """Return why nothing may be estimated from a group of lists, in any stratum."""
    if group == "unknown":
        titles = ", ".join(sorted(one.title for one in lists))
        return "population", f"The rule files of {titles} do not say whom the lists take in."
    if count < FEWEST_LISTS:
        told = f"{count} {'list' if count == 1 else 'lists'} that may be taken for independent; it takes {FEWEST_LISTS} or more."
        return "few_lists", told
    if not lists[0].days:
        return "window", "No list states days, so whether all cover the same days can't be told."
    if not lists[0].countries:
        return "region", "No list states countries, so whether all cover the same can't be told."
    return _repeated(lists)


def unfit(held: pd.DataFrame, lists: Sequence[str]) -> tuple[str, str]:
    """Return what keeps the lists of one stratum from being set against each other, as a code and a sentence; empty without.

    Args:
        held: the histories of the stratum.
        lists: in the order of their patterns.
    """
    on = np.array([[digit == "1" for digit in pattern] for pattern in held["pattern"]], dtype=bool)
    counts = held["members"].to_numpy()
    size = counts @ on
    shared = counts @ (on & (on.sum(axis=1) > 1)[:, None])
    for code, is_bad, told in (
        ("empty_list", size == 0, "has nobody here"),
        ("sparse", size < SMALLEST_LIST, f"has fewer than {SMALLEST_LIST} victims here"),
        ("no_overlap", shared == 0, "shares nobody with any other here"),
    ):
        if is_bad.any():
            return code, f"{', '.join(np.array(lists, dtype=object)[is_bad])} {told}."
    if not int(counts[on.sum(axis=1) == 2].sum()):  # noqa: PLR2004 - two lists
        return "sparse", "Nobody stands on exactly two lists."
    return "", ""


def _estimate_row(method: str, seen: int, made: Estimate | None, code: str, told: str) -> dict[str, object]:
    return {
        "method_code": method,
        "observed": seen,
        "estimate": made.number if made else None,
        "low": made.low if made else None,
        "high": made.high if made else None,
        "refused_code": code,
        "explanation": told,
    }


def _frame(rows: list[dict[str, object]], frame: type[ListOverlap | OverlapEstimates]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns_of(frame))


def titles_of(lists: pd.DataFrame, monitors: Mapping[str, Monitor]) -> dict[str, str]:
    """Return the name for people of every list of a `CaptureLists` frame, by its code."""
    named: dict[str, list[str]] = {}
    for row in records(lists[lists["list_code"] != ""]):
        known = monitors.get(row.monitor)
        named.setdefault(row.list_code, []).append(known.title if known else row.monitor)
    return {code: " + ".join(titles) for code, titles in named.items()}
