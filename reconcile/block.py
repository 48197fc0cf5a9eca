"""Claims -> CandidatePairs: which claims of different monitors are worth comparing.

Each blocking rule joins claims that share a key (a place name, a grid cell, two parts of a personal name) and lie near each
other in time or in age. Sorted by key and first day, the partners of a claim are one run of rows, found by binary search:
pairs are counted before they are made, no window edge is missed, and a key that would bring too many is narrowed first.

Guarantees:
    each_pair_once: a pair comes out once, its left position before its right one.
    other_monitors_only: both sides are claims of different monitors.
    windows_within_reach: no pair's windows lie further apart than its rule allows.
    narrowing_is_counted: what a narrowed key did not pair is counted in the summary.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.frames import CandidatePairs, typed
from reconcile.parse.names import name_parts
from reconcile.views import NO_DAY, place_keys, runs, windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from reconcile.ruleset import BlockingRule, Linkage

    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Texts = npt.NDArray[np.object_]

LINKED_UNITS = ("incident", "allegation")
CELL_DEGREES = 0.25
TOWN_PRECISION = 3
# Days and ages lie well inside; keys stand above them in one sortable number.
_SPAN = 1 << 22
# Where ages begin: who has none lies at 0, apart from the newborn.
_NEWBORN = 10
_ROW_BITS = 28
_RULE_BITS = 6
# The place of a key in order: names before ids, then by the row that first bears it, then by the part of its name.
_BY_ID = "id "
_PLACE_BITS, _PART_BITS = 60, 16
TOLD = ("largest_key", "narrowed_keys", "left_out")
# Parts of a name that make keys; what follows is an epithet or a second name of the family.
MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class Blocked:
    """Candidate pairs and what each rule brought.

    Attributes:
        pairs: a `CandidatePairs` frame.
        summary: one row a rule: rule_code, pairs, largest_key, narrowed_keys, left_out (pairs that narrowing left out).
    """

    pairs: pd.DataFrame
    summary: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Keys:
    """Claims under their keys.

    Attributes:
        member: position of the claim.
        key: number of the key; -1 is none.
        home: which of them stand under the key; the others only look there for partners. None: all.
        label: by number, what the key is called in any share of the run; None where a run is not shared out by it.
    """

    member: Ints
    key: Ints
    home: Bools | None = None
    label: Texts | None = None


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where claims lie on what a rule's window runs over: first and last day, or youngest and oldest age."""

    start: Ints
    end: Ints

    def shifted(self, by: int) -> _Axis:
        """Return the axis moved up; who lies nowhere stays nowhere."""
        nowhere = self.start == NO_DAY
        return _Axis(np.where(nowhere, NO_DAY, self.start + by), np.where(nowhere, NO_DAY, self.end + by))


@dataclass(frozen=True, slots=True)
class _Standing:
    """Whose each claim is, and where it lies in time and age.

    Attributes:
        monitor: number of the monitor; monitors: how many there are.
        days, ages: windows in days, ages in whole years.
        lacks: which claims lack what a rule may ask about.
        owned: of a share of a run, the claims that may be found; None: all.
    """

    monitor: Ints
    monitors: int
    days: _Axis
    ages: _Axis
    lacks: dict[str, Bools]
    owned: Bools | None = None

    def axis(self, rule: BlockingRule) -> _Axis:
        """Return what a rule's window runs over, as numbers from 0 to below `_SPAN`; `NO_DAY` where a claim lies nowhere."""
        if rule.within_days is not None:
            return self.days.shifted(_SPAN // 2)
        if rule.within_years is not None:
            return self.ages.shifted(_NEWBORN)
        # Without a window everything is in reach; sorted by age all the same, so that a key can be narrowed.
        ages = self.ages.shifted(_NEWBORN)
        return _Axis(np.maximum(ages.start, 0), np.maximum(ages.end, 0))


def block(claims: pd.DataFrame, victims: pd.DataFrame, linkage: Linkage) -> Blocked:
    """Return the pairs worth comparing.

    Args:
        claims: a `Claims` frame.
        victims: a `Victims` frame of those claims.
        linkage: kind of claim, and whose blocking rules to apply, in order; a pair is named after the first that finds it.
    """
    rows = _eligible(claims, victims, linkage)
    chosen = claims.iloc[rows]
    standing = _standing(chosen, victims)
    keys_of = _key_maker(chosen, victims)
    packed: list[Ints] = []
    summary = []
    for number, rule in enumerate(linkage.blocking):
        left, right, told = _join(keys_of(rule), standing, rule, linkage)
        pair = _packed(rows[left], rows[right], number)
        summary.append({"rule_code": rule.code, "pairs": len(pair)} | told)
        packed.append(pair)
    return Blocked(_unpacked(packed), pd.DataFrame(summary, columns=["rule_code", "pairs", *TOLD]))


def _standing(
    chosen: pd.DataFrame, victims: pd.DataFrame, owned: Bools | None = None, monitors: Sequence[str] = ()
) -> _Standing:
    code, names = pd.factorize(chosen["monitor"])
    if monitors:
        code, names = pd.Index(monitors).get_indexer(pd.Index(chosen["monitor"])), pd.Index(monitors)
    return _Standing(
        code.astype(np.int64),
        len(names),
        _Axis(*windows_of(chosen)),
        _ages(chosen, victims),
        _lacks(chosen),
        owned,
    )


# ---- by shares -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a run's incident claims: those that it owns, and earlier ones that reach into it.

    A pair belongs to the share that owns its later claim, so that shares without a claim in common make each pair once.

    Attributes:
        claims: a `Claims` frame, in the order of the run.
        rows: where each claim stands in the run.
        owned: which claims are its own.
        monitors: all of the run, in one order.
    """

    claims: pd.DataFrame
    rows: Ints
    owned: Bools
    monitors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is narrowed over all shares of a run.

    Attributes:
        narrow, hopeless: labels of keys by (number of the rule, side).
        told: by number of the rule, what its summary says beside the pairs.
    """

    narrow: Mapping[tuple[int, int], frozenset[str]]
    hopeless: Mapping[tuple[int, int], frozenset[str]]
    told: Mapping[int, Mapping[str, int]]


def count_keys(share: Share, victims: pd.DataFrame, linkage: Linkage) -> pd.DataFrame:
    """Return how many pairs each key brings in a share: rule_no, side, label, place (in the order of keys), count, tight."""
    found = [pd.DataFrame({name: [] for name in ("rule_no", "side", "label", "place", "count", "tight")})]
    for number, _, keys, rows, side, _, looks in _of_share(share, victims, linkage):
        count, tight = _per_key(looks)
        key = np.flatnonzero(count)
        label, place = _label(keys)[key], _places_of(keys, rows)[key]
        found.append(
            pd.DataFrame(
                {"rule_no": number, "side": side, "label": label, "place": place, "count": count[key], "tight": tight[key]}
            )
        )  # fmt: skip
    return pd.concat(found[1:] or found, ignore_index=True)


def narrow_keys(counted: Sequence[pd.DataFrame], linkage: Linkage, eligible: int) -> Narrowed:
    """Return what is narrowed, by what all shares counted.

    Args:
        counted: by `count_keys`, of every share.
        linkage: for its limits.
        eligible: claims of the run that are linked.
    """
    every = pd.concat(counted, ignore_index=True)
    keys = every.groupby(["rule_no", "side", "label"], as_index=False).agg(
        {"place": "min", "count": "sum", "tight": "sum"}
    )
    narrow, hopeless = {}, {}
    told: dict[int, Mapping[str, int]] = {}
    sides: Any = keys.sort_values("place").groupby(["rule_no", "side"])
    for (rule_no, side), some in sides:
        count, tight = some["count"].to_numpy(np.int64), some["tight"].to_numpy(np.int64)
        found = _narrowing(count, tight, linkage, eligible)
        label = some["label"].to_numpy(dtype=object)
        rule, at = int(rule_no), (int(rule_no), int(side))
        narrow[at], hopeless[at] = frozenset(label[found.narrow]), frozenset(label[found.hopeless])
        told[rule] = _both_told(dict(told.get(rule, dict.fromkeys(TOLD, 0))), _told(count, tight, found))
    return Narrowed(narrow, hopeless, told)


def draw_pairs(
    share: Share, victims: pd.DataFrame, linkage: Linkage, narrowed: Narrowed
) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """Return the pairs of a share as a `CandidatePairs` frame over the run, and how many each rule brought."""
    packed: dict[int, list[Ints]] = {number: [] for number in range(len(linkage.blocking))}
    for number, _, keys, rows, side, targets, looks in _of_share(share, victims, linkage):
        label, size = _label(keys), int(_all(looks, "key").max(initial=-1)) + 1
        at = (number, side)
        narrowing = _Narrowing(
            np.isin(label[:size], list(narrowed.narrow.get(at, ()))),
            np.isin(label[:size], list(narrowed.hopeless.get(at, ()))),
        )
        left, right = _drawn(targets, looks, narrowing)
        packed[number].append(_packed(rows[left], rows[right], number))
    each = [_distinct(np.concatenate([np.empty(0, np.int64), *found]), 0) for found in packed.values()]
    return _unpacked(each), tuple(len(pair) for pair in each)


def shared_summary(linkage: Linkage, counts: Sequence[Sequence[int]], narrowed: Narrowed) -> pd.DataFrame:
    """Return the summary of blocking, by what each share drew."""
    nothing = dict.fromkeys(TOLD, 0)
    rows = [
        {"rule_code": rule.code, "pairs": sum(count[number] for count in counts)}
        | dict(narrowed.told.get(number, nothing))
        for number, rule in enumerate(linkage.blocking)
    ]
    return pd.DataFrame(rows, columns=["rule_code", "pairs", *TOLD])


def eligible_rows(claims: pd.DataFrame, victims: pd.DataFrame, linkage: Linkage) -> Ints:
    """Return the positions of claims that are linked."""
    return _eligible(claims, victims, linkage)


def _of_share(
    share: Share, victims: pd.DataFrame, linkage: Linkage
) -> Iterator[tuple[int, BlockingRule, _Keys, Ints, int, Ints, list[_Looks]]]:
    """Yield what looks for what under each rule, with the rows of the claims that stand in the run."""
    chosen = _eligible(share.claims, victims, linkage)
    claims, rows = share.claims.iloc[chosen], share.rows[chosen]
    standing = _standing(claims, victims, share.owned[chosen], share.monitors)
    keys_of = _key_maker(claims, victims)
    for number, rule in enumerate(linkage.blocking):
        keys = keys_of(rule)
        for side, targets, looks in _sides(keys, standing, rule):
            yield number, rule, keys, rows, side, targets, looks


def _label(keys: _Keys) -> Texts:
    if keys.label is None:
        raise TypeError("claims are not shared out by keys of names")
    return keys.label


def _places_of(keys: _Keys, rows: Ints) -> Ints:
    """Return of each key its place in the order in which the whole run meets its keys."""
    home = np.ones(len(keys.member), dtype=bool) if keys.home is None else keys.home
    member, key = keys.member[home], keys.key[home]
    kind = np.array([name.startswith(_BY_ID) for name in _label(keys)], dtype=np.int64)
    first_of_row = np.r_[True, member[1:] != member[:-1]] if len(member) else np.empty(0, dtype=bool)
    begins = np.maximum.accumulate(np.where(first_of_row, np.arange(len(member)), 0))
    place = (kind[key] << _PLACE_BITS) | (rows[member] << _PART_BITS) | (np.arange(len(member)) - begins)
    found = np.full(len(kind), np.iinfo(np.int64).max)
    np.minimum.at(found, key, place)
    return found


# ---- numbers for pairs ---------------------------------------------------------------------------------------------


def _packed(left: Ints, right: Ints, rule: int) -> Ints:
    """Return pairs of rows as numbers, sorted, each once."""
    pair = (np.minimum(left, right) << _ROW_BITS | np.maximum(left, right)) << _RULE_BITS | rule
    return _distinct(pair, 0)


def _unpacked(packed: Sequence[Ints]) -> pd.DataFrame:
    """Return the pairs of all rules as a `CandidatePairs` frame, each under the first rule that found it."""
    pair = _distinct(np.concatenate([np.empty(0, np.int64), *packed]), _RULE_BITS)
    mask = (1 << _ROW_BITS) - 1
    pairs = pd.DataFrame(
        {
            "left_row": (pair >> (_RULE_BITS + _ROW_BITS)).astype(np.int32),
            "right_row": ((pair >> _RULE_BITS) & mask).astype(np.int32),
            "rule_no": (pair & ((1 << _RULE_BITS) - 1)).astype(np.int8),
        }
    )
    return typed(CandidatePairs, pairs)


def _distinct(packed: Ints, lowest: int) -> Ints:
    """Return sorted numbers, of those that differ in their lowest bits only the smallest."""
    packed = np.sort(packed)
    first = np.ones(len(packed), dtype=bool)
    first[1:] = (packed[1:] >> lowest) != (packed[:-1] >> lowest)
    return packed[first]


def _eligible(claims: pd.DataFrame, victims: pd.DataFrame, linkage: Linkage) -> Ints:
    if linkage.kind_code == "victim":
        eligible = claims["claim_id"].isin(victims["claim_id"])
    else:
        eligible = (
            (claims["kind_code"] == "incident")
            & claims["unit_code"].isin(LINKED_UNITS)
            & claims["date_start"].notna()
        )
    return np.flatnonzero(eligible.to_numpy()).astype(np.int64)


def _lacks(claims: pd.DataFrame) -> dict[str, Bools]:
    unplaced, unlocated = (claims["admin1"] == "").to_numpy(), ~_is_pointed(claims)
    return {
        "undated": claims["date_start"].isna().to_numpy(),
        "unplaced": unplaced,
        "unlocated": unlocated,
        "nowhere": unplaced & unlocated,
    }


def _is_pointed(claims: pd.DataFrame) -> Bools:
    located = claims["latitude"].notna() & claims["longitude"].notna()
    return np.asarray(located & (claims["location_precision_code"] <= TOWN_PRECISION))


def _ages(claims: pd.DataFrame, victims: pd.DataFrame) -> _Axis:
    """Return ages in whole years; who has none lies at `NO_DAY`."""
    about = victims.set_index("claim_id").reindex(claims["claim_id"])
    low, high = (about[column].to_numpy(dtype=np.float64) for column in ("age_low_years", "age_high_years"))
    unknown = np.isnan(low)
    start = np.where(unknown, NO_DAY, np.nan_to_num(low)).astype(np.int64)
    end = np.where(unknown, NO_DAY, np.where(np.isnan(high), 150, high)).astype(np.int64)
    start[unknown] = end[unknown] = NO_DAY
    return _Axis(start, np.maximum(end, start))


# ---- joining -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Looks:
    """Claims that look for partners, and the run of targets that each finds.

    Attributes:
        member, key: who looks, under which key.
        first, count: the run of targets inside the window.
        tight_first, tight_count: the run inside the narrowest window.
    """

    member: Ints
    key: Ints
    first: Ints
    count: Ints
    tight_first: Ints
    tight_count: Ints


def _join(
    keys: _Keys, standing: _Standing, rule: BlockingRule, linkage: Linkage
) -> tuple[Ints, Ints, dict[str, int]]:
    """Return pairs of positions of two monitors that share a key inside the rule's window, and what was narrowed."""
    told = dict.fromkeys(TOLD, 0)
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for _, targets, looks in _sides(keys, standing, rule):
        count, tight = _per_key(looks)
        narrowing = _narrowing(count, tight, linkage, len(standing.monitor))
        left, right = _drawn(targets, looks, narrowing)
        lefts.append(left)
        rights.append(right)
        told = _both_told(told, _told(count, tight, narrowing))
    return np.concatenate(lefts), np.concatenate(rights), told


def _sides(keys: _Keys, standing: _Standing, rule: BlockingRule) -> Iterator[tuple[int, Ints, list[_Looks]]]:
    """Yield the number of each side that looks, the targets it finds, and the looks; a side that finds none is left out."""
    lies = (standing.axis(rule).start[keys.member] != NO_DAY) & (keys.key >= 0)
    member, key = keys.member[lies], keys.key[lies]
    home = np.ones(len(member), dtype=bool) if keys.home is None else keys.home[lies]
    if standing.owned is not None:
        home &= standing.owned[member]
    sides: list[tuple[Bools, Bools]] = [(np.ones(len(member), dtype=bool), home)]
    if rule.only:
        # Who lacks something looks at all others, and the others at those: whichever comes first in time.
        lacking = standing.lacks[rule.only][member]
        sides = [(lacking, home), (~lacking, home & lacking)]
    for number, (looking, standing_home) in enumerate(sides):
        targets, looks = _looks(member, key, (looking, standing_home), standing, rule)
        if looks:
            yield number, targets, looks


@dataclass(frozen=True, slots=True)
class _Narrowing:
    """Which keys, by their numbers, are narrowed, and which tell nothing even then."""

    narrow: Bools
    hopeless: Bools


def _per_key(looks: list[_Looks]) -> tuple[Ints, Ints]:
    """Return how many pairs each key brings, and how many in the narrowest window."""
    sought = _all(looks, "key")
    count = np.bincount(sought, weights=_all(looks, "count")).astype(np.int64)
    tight = np.bincount(sought, weights=_all(looks, "tight_count")).astype(np.int64)
    return count, tight


def _narrowing(count: Ints, tight: Ints, linkage: Linkage, claims: int) -> _Narrowing:
    """Return what becomes of keys that bring too many pairs.

    A key this common says little; its claims are paired on the very same first day, or at ages a year apart at most. One that
    is too common even then tells nothing at all; what it would have brought is counted as left out.
    """
    narrow = _too_many(count, linkage, claims)
    return _Narrowing(narrow, narrow & (tight > linkage.max_pairs_per_key))


def _told(count: Ints, tight: Ints, narrowing: _Narrowing) -> dict[str, int]:
    kept = np.where(narrowing.hopeless, 0, tight)
    return {
        "largest_key": int(count.max(initial=0)),
        "narrowed_keys": int(narrowing.narrow.sum()),
        "left_out": int((count - kept)[narrowing.narrow].sum()),
    }


def _both_told(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: (max if name == "largest_key" else int.__add__)(one[name], other[name]) for name in TOLD}


def _drawn(targets: Ints, looks: list[_Looks], narrowing: _Narrowing) -> tuple[Ints, Ints]:
    """Return the pairs that claims found, but for what narrowing leaves out."""
    sought, narrow = _all(looks, "key"), narrowing.narrow
    kept = np.where(narrow[sought], _all(looks, "tight_count"), _all(looks, "count"))
    kept[narrowing.hopeless[sought]] = 0
    first = np.where(narrow[sought], _all(looks, "tight_first"), _all(looks, "first"))
    return np.repeat(_all(looks, "member"), kept), targets[runs(first, kept)]


def _all(looks: list[_Looks], name: str) -> Ints:
    return np.concatenate([getattr(one, name) for one in looks])


def _looks(
    member: Ints, key: Ints, sides: tuple[Bools, Bools], standing: _Standing, rule: BlockingRule
) -> tuple[Ints, list[_Looks]]:
    """Return the targets in order of key, monitor and window, and for each monitor the runs that others find among them."""
    axis, monitor = standing.axis(rule), standing.monitor
    seeking, home = sides
    target, target_key = member[home], key[home]
    at = (target_key * standing.monitors + monitor[target]) * _SPAN + axis.start[target]
    order = np.argsort(at)
    targets, at = target[order], at[order]
    # Asked in the order in which they lie, neighbours find their answers in the same corner of memory.
    asked = np.argsort(key * _SPAN + axis.start[member])
    member, key, seeking = member[asked], key[asked], seeking[asked]
    reach = rule.within_days if rule.within_days is not None else rule.within_years
    looks = []
    for own in range(standing.monitors):
        looking = seeking & (monitor[member] != own)
        if reach is None and not rule.only:
            looking &= monitor[member] < own
        who, where = member[looking], key[looking]
        base = (where * standing.monitors + own) * _SPAN
        start, end = base + axis.start[who], base + axis.end[who]
        # Of two that begin at one point only the one of the earlier monitor finds the other: each pair comes once.
        begin = start + (monitor[who] > own)
        lowest, highest = (base, base + _SPAN - 1) if reach is None else (begin, end + reach)
        first, last = np.searchsorted(at, lowest, side="left"), np.searchsorted(at, highest, side="right")
        some = np.flatnonzero(last > first)
        narrowest = begin[some] if reach is not None else np.maximum(start[some] - 1, base[some])
        tight_first = np.searchsorted(at, narrowest, side="left")
        tight_last = np.searchsorted(at, start[some] + (reach is None), side="right")
        looks.append(
            _Looks(
                who[some],
                where[some],
                first[some],
                (last - first)[some],
                tight_first,
                np.maximum(tight_last - tight_first, 0),
            )
        )
    return targets, [one for one in looks if len(one.member)]


def _too_many(per_key: Ints, linkage: Linkage, claims: int) -> Bools:
    """Return which keys are narrowed: those above the limit, and the commonest until the rule keeps within its own."""
    narrow = per_key > linkage.max_pairs_per_key
    budget = max(linkage.max_pairs_per_claim * claims, linkage.max_pairs_per_key)
    order = np.argsort(-per_key, kind="stable")
    left = per_key.sum() - np.cumsum(per_key[order])
    over = np.concatenate([[per_key.sum()], left[:-1]]) > budget
    narrow[order[over]] = True
    return np.asarray(narrow & (per_key > 0))


# ---- keys ----------------------------------------------------------------------------------------------------------


def _key_maker(claims: pd.DataFrame, victims: pd.DataFrame) -> Callable[[BlockingRule], _Keys]:
    """Return what makes the keys of a rule; rules that share a key, or the names, share the work."""
    made: dict[str, _Keys] = {}
    names: list[_NameParts] = []

    def keys_of(rule: BlockingRule) -> _Keys:
        if rule.key not in made:
            if rule.key.startswith("name"):
                if not names:
                    names.append(_name_parts(claims, victims))
                made[rule.key] = _name_keys(names[0], rule.key)
            else:
                made[rule.key] = _keys(claims, rule.key)
        return made[rule.key]

    return keys_of


def _keys(claims: pd.DataFrame, key: str) -> _Keys:
    if key == "place":
        members, names = place_keys(claims["place_name"])
        named = np.flatnonzero((claims["place_id"] != "").to_numpy())
        name_codes, distinct = pd.factorize(names)
        id_codes, ids = pd.factorize(claims["place_id"].iloc[named])
        return _Keys(
            np.concatenate([members, named]),
            np.concatenate([name_codes, id_codes + len(distinct)]).astype(np.int64),
            label=_labels([f"name {name}" for name in distinct] + [f"{_BY_ID}{place}" for place in ids]),
        )
    if key == "nearby":
        return _cells(claims)
    column = claims["admin1"] if key == "admin1" else claims["country_code"]
    stated = np.flatnonzero((column != "").to_numpy())
    codes, columns = pd.factorize(column.iloc[stated])
    return _Keys(stated, codes.astype(np.int64), label=_labels([str(name) for name in columns]))


def _labels(names: Sequence[str]) -> Texts:
    return np.array(names, dtype=object)


def _cells(claims: pd.DataFrame) -> _Keys:
    rows = np.flatnonzero(_is_pointed(claims))
    latitude = np.floor(claims["latitude"].to_numpy()[rows] / CELL_DEGREES).astype(np.int64)
    longitude = np.floor(claims["longitude"].to_numpy()[rows] / CELL_DEGREES).astype(np.int64)
    around = int(360 / CELL_DEGREES)
    code, cells = pd.factorize(latitude * 10_000 + longitude % around)
    known = pd.Index(cells)
    members, keys, home = [], [], []
    for north in (-1, 0, 1):
        for east in (-1, 0, 1):
            own = north == 0 and east == 0
            # Cells are few, claims many: the neighbour of a cell is looked up once.
            neighbour = (cells // 10_000 + north) * 10_000 + (cells % 10_000 + east) % around
            number = known.get_indexer(neighbour)[code] if len(cells) else code
            lives = number >= 0
            members.append(rows[lives])
            keys.append(number[lives].astype(np.int64))
            home.append(np.full(int(lives.sum()), own))
    label = _labels([str(cell) for cell in cells])
    return _Keys(np.concatenate(members), np.concatenate(keys), np.concatenate(home), label)


@dataclass(frozen=True, slots=True)
class _NameParts:
    """The names of victims, part by part.

    Attributes:
        member: position of the claim that bears each name; a claim has one name a script.
        code: number of the name.
        table: distinct names x parts; numbers of the sketches in order, -1 where a name has no more.
        sketches: how many sketches there are.
    """

    member: Ints
    code: Ints
    table: Ints
    sketches: int


def _name_parts(claims: pd.DataFrame, victims: pd.DataFrame) -> _NameParts:
    about = victims.set_index("claim_id").reindex(claims["claim_id"])
    members, names = [], []
    for column in ("name_published", "name_native"):
        stated = np.flatnonzero((about[column] != "").to_numpy())
        members.append(stated)
        names.append(about[column].to_numpy(dtype=object)[stated])
    codes, distinct = pd.factorize(np.concatenate(names))
    sketches = [{part.sketch for part in name_parts(str(text))[:MOST_PARTS]} for text in distinct]
    flat, vocabulary = pd.factorize(np.array([one for found in sketches for one in found], dtype=object))
    size = np.array([len(found) for found in sketches], dtype=np.int64)
    table = np.full((len(distinct), max(int(size.max(initial=0)), 1)), -1, dtype=np.int64)
    row = np.repeat(np.arange(len(distinct)), size)
    table[row, runs(np.zeros(len(size), dtype=np.int64), size)] = flat
    table.sort(axis=1)
    return _NameParts(np.concatenate(members), codes.astype(np.int64), table, len(vocabulary))


def _name_keys(parts: _NameParts, key: str) -> _Keys:
    """Return keys over the sketches of names: all of them, each, or every two or three of them, in no order."""
    table, codes, wide = parts.table, parts.code, parts.sketches + 1
    names, width = table.shape
    holders, numbers = [], []
    if key == "name":
        held = np.flatnonzero((table >= 0).any(axis=1))
        whole = np.zeros(names, dtype=np.int64)
        for place in range(width):
            # One number for the whole name: folded step by step, so that it never outgrows 64 bits.
            whole = pd.factorize(whole * wide + table[:, place] + 1)[0].astype(np.int64)
        holders, numbers = [held], [whole[held]]
    else:
        taken = {"name_part": 1, "name_pair": 2, "name_triple": 3}[key]
        for columns in combinations(range(width), taken):
            # Sorted, the parts stand at the end of a row: where the first of some is one, all are.
            held = np.flatnonzero(table[:, columns[0]] >= 0)
            number = np.zeros(len(held), dtype=np.int64)
            for place in columns:
                number = number * wide + table[held, place]
            holders.append(held)
            numbers.append(number)
    holder = np.concatenate([np.empty(0, np.int64), *holders])
    number = pd.factorize(np.concatenate([np.empty(0, np.int64), *numbers]))[0].astype(np.int64)
    # From distinct names back to the claims that bear them.
    order = np.argsort(holder, kind="stable")
    starts = np.searchsorted(holder[order], np.arange(names + 1))
    count = np.diff(starts)[codes] if len(codes) else np.empty(0, np.int64)
    at = order[runs(starts[codes], count)] if len(codes) else np.empty(0, np.int64)
    return _Keys(np.repeat(parts.member, count), number[at])
