"""Which claim of this run is which of the earlier one: by id, by what the monitor says, by content, by likeness.

In this order, each on what the ones before left over, and always within one monitor:

1. Codes that a record says it bore before, where it did not say so in the earlier run. Other records may bear them now.
2. Ids. Records that share an id (`~2`) are told apart by their content, then by day and place.
3. Codes of several incidents in one record, and parts of one (CS956a, CS956b) on the same days at the same place.
4. Content: nothing differs but the id.
5. Likeness: the same days, the place within its precision, the same attackers, numbers that meet; each the other's only best.
   Records without an id of their own are followed where one thing about them changed and no other record is like them.

Lists of persons are followed by id only: without names, two of them are too much alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.history.sides import NAMELESS
from reconcile.parse.places import fold_name
from reconcile.views import SPLIT_KM, SPOT_PRECISION, great_circle_km

if TYPE_CHECKING:
    import numpy.typing as npt

    from reconcile.history.sides import Reading, Release

    Bools = npt.NDArray[np.bool_]

PAIR = ["previous_id", "claim_id"]
DAYS = ["date_start", "date_end"]
REPEATED = r"^(?P<base>.*?)~+(?P<number>\d+)$"
# One thing about a record each: what content is made of, and what a record without an id may change and still be followed.
THINGS: dict[str, tuple[str, ...]] = {
    "kind": ("monitor", "kind_code", "unit_code"),
    "days": ("date_start", "date_end"),
    "place": ("place_name", "place_name_native", "admin1", "country_code", "latitude", "longitude"),
    "attackers": ("perpetrator_codes", "attribution_code", "violence_code"),
    "grade": ("grade_code", "grade_raw", "position_code"),
    "numbers": ("numbers",),
}
CHANGEABLE = ("numbers", "grade", "place", "attackers", "days")
FURTHEST_DAYS = 31
NUMBER = ["measure_code", "population_code", "sex_code", "age_group_code", "role_code", "low", "best", "high"]


@dataclass(frozen=True, slots=True)
class Followed:
    """Which claims are one.

    Attributes:
        pairs: previous_id, claim_id and basis_code of claims that are in both releases, one to one.
        splits: likewise, of records that became several, or that another was split from.
        merges: likewise, of records that became part of another.
        came: ids of claims that are in the later release only.
        went: ids of claims that are in the earlier release only.
    """

    pairs: pd.DataFrame
    splits: pd.DataFrame
    merges: pd.DataFrame
    came: list[str]
    went: list[str]


def is_nameless(ids: pd.Series[str]) -> pd.Series[bool]:
    """Return which claims have an id made of their row's content, since their monitor gives none."""
    return ids.str.contains(NAMELESS)


def follow(then: Release, now: Release, reading: Reading, shared: frozenset[str]) -> Followed:
    """Return which claims are one.

    Args:
        then: what the earlier run knew.
        now: what the later one knows.
        reading: how codes of parts are made, and how far places may be off.
        shared: digests of files that are in both; what is in one release only of such a file was not changed by its monitor.
    """
    return _Following(then, now, reading, shared).followed()


class _Following:
    """Claims of two releases as far as they are followed; each step takes what the ones before left over."""

    def __init__(self, then: Release, now: Release, reading: Reading, shared: frozenset[str]) -> None:
        self._reading = reading
        self._then, self._now = (_prepared(side) for side in (then, now))
        self._figures = then.figures, now.figures
        self._shared = shared
        self._withdrawn_before = now.withdrawn_before
        blank = pd.DataFrame({name: pd.Series(dtype="str") for name in (*PAIR, "basis_code")})
        self._pairs, self._splits, self._merges = [blank], [blank], [blank]
        self._went = set(self._then.index)
        self._came = set(self._now.index)

    def followed(self) -> Followed:
        self._by_previous_codes()
        self._by_ids()
        # What left or entered a file that is the same in both was moved by rules or decisions.
        for rows, lone in ((self._then, self._went), (self._now, self._came)):
            lone -= set(rows.index[rows["file_sha256"].isin(self._shared)])
        # What comes back under its own id is that record again, however like another one it is.
        back = self._came & self._withdrawn_before
        self._came -= back
        self._by_codes()
        self._by_parts()
        self._by_content()
        self._by_all_but_one()
        self._by_likeness()
        return Followed(
            pairs=pd.concat(self._pairs, ignore_index=True),
            splits=pd.concat(self._splits, ignore_index=True),
            merges=pd.concat(self._merges, ignore_index=True),
            came=sorted(self._came | back),
            went=sorted(self._went),
        )

    # ---- steps ----------------------------------------------------------------------------------------------------

    def _by_previous_codes(self) -> None:
        declared = _codes(self._now, "previous_ids")
        if declared.empty:
            return
        known = _codes(self._then, "previous_ids")
        held = pd.MultiIndex.from_frame(known[["id", "code"]])
        declared = declared[~pd.MultiIndex.from_frame(declared[["id", "code"]]).isin(held)]
        own = _codes(self._then, "native_id")
        edges = declared.merge(own, on=["monitor", "code"], suffixes=("_now", "_then"))
        edges = edges.rename(columns={"id_now": "claim_id", "id_then": "previous_id"})[PAIR].drop_duplicates()
        edges = edges[edges["claim_id"] != edges["previous_id"]]
        same = self._alike(edges["previous_id"], edges["claim_id"])
        stays = edges["previous_id"].isin(self._now.index)
        remains = np.zeros(len(edges), dtype=bool)
        still = edges["previous_id"][stays]
        remains[stays.to_numpy()] = self._alike(still, still)
        # Its code may be another record's now, that an unlike incident bears; or it stays, and a part of it went apart.
        self._split(edges[remains & same], "previous_code")
        edges = edges[~remains]
        freed = set(edges["previous_id"])
        into = edges["claim_id"].isin(self._then.index) & ~edges["claim_id"].isin(freed)
        self._merge(edges[into], "previous_code")
        self._settle(edges[~into], "previous_code")

    def _by_ids(self) -> None:
        left, right = (
            self._lone(rows, lone) for rows, lone in ((self._then, self._went), (self._now, self._came))
        )
        repeated = {
            base for side in (self._then, self._now) for base in side.loc[side["base"] != side.index, "base"]
        }
        left, right = (side[side["base"].isin(repeated)] for side in (left, right))
        if len(left) and len(right):
            then, now = self._figures
            self._in_turn(
                left["base"] + "\x1f" + _signature(left, then, tuple(THINGS)),
                right["base"] + "\x1f" + _signature(right, now, tuple(THINGS)),
                "id",
            )
            left, right = self._lone(left, self._went), self._lone(right, self._came)
            self._in_turn(_moment(left), _moment(right), "id")
        same = sorted(self._went & self._came)
        self._pair(pd.DataFrame({"previous_id": same, "claim_id": same}), "id")

    def _by_codes(self) -> None:
        """Follow records whose own codes were put together, or taken apart: "TS700 YS179"."""
        sides = []
        for rows, lone in ((self._then, self._went), (self._now, self._came)):
            held = self._lone(rows, lone)
            coded = held[held["native_incident_ids"] == held["native_id"].map(_sorted_codes)]
            sides.append(_codes(coded, "native_id"))
        edges = sides[0].merge(sides[1], on=["monitor", "code"], suffixes=("_then", "_now"))
        edges = edges.rename(columns={"id_now": "claim_id", "id_then": "previous_id"})[PAIR].drop_duplicates()
        self._settle(edges, "previous_code")

    def _by_parts(self) -> None:
        """Follow records that share the base of their code, their days and their spot with a part of them."""
        sides = [self._bases(rows) for rows in (self._then, self._now)]
        edges = sides[0].merge(sides[1], on=["monitor", "base"], suffixes=("_then", "_now"))
        edges = edges.rename(columns={"id_then": "previous_id", "id_now": "claim_id"})[PAIR]
        edges = edges[edges["claim_id"].isin(self._came) & (edges["claim_id"] != edges["previous_id"])]
        # A row that stands in a file twice is no part of itself.
        edges = edges[~edges["claim_id"].isin(self._now.index[self._now["base"] != self._now.index])]
        edges = edges[self._on_one_spot(edges)]
        both = edges[edges["previous_id"].isin(self._went)]
        self._settle(both, "likeness")
        apart = edges[edges["previous_id"].isin(self._now.index) & edges["claim_id"].isin(self._came)]
        # Of several parts that stay, the first is told as the one it was split from.
        self._split(apart.sort_values(PAIR).drop_duplicates("claim_id"), "likeness")

    def _by_content(self) -> None:
        left, right = self._not_persons()
        then, now = self._figures
        self._in_turn(_signature(left, then, tuple(THINGS)), _signature(right, now, tuple(THINGS)), "content")

    def _by_all_but_one(self) -> None:
        for changed in CHANGEABLE:
            left, right = (side[is_nameless(side.index.to_series())] for side in self._not_persons())
            if left.empty or right.empty:
                return
            things = tuple(name for name in THINGS if name != changed)
            keys = [
                _signature(side, figures, things)
                for side, figures in zip((left, right), self._figures, strict=True)
            ]
            alone = [key[~key.duplicated(keep=False)] for key in keys]
            edges = _edges(*alone)
            if changed == "days":
                days = [
                    rows["date_start"].reindex(edges[name]).to_numpy()
                    for rows, name in ((left, "previous_id"), (right, "claim_id"))
                ]
                named = (left["place_name"].reindex(edges["previous_id"]) != "").to_numpy()
                edges = edges[(np.abs(days[1] - days[0]) <= np.timedelta64(FURTHEST_DAYS, "D")) & named]
            self._pair(edges, "likeness")

    def _by_likeness(self) -> None:
        left, right = (side[side["date_start"].notna()] for side in self._not_persons())
        keys = ["monitor", "kind_code", *DAYS]
        edges = (
            left[keys]
            .assign(previous_id=left.index)
            .merge(right[keys].assign(claim_id=right.index), on=keys)[PAIR]
        )
        if edges.empty:
            return
        then, now = self._then.loc[edges["previous_id"]], self._now.loc[edges["claim_id"]]
        attackers = _meets(then["perpetrator_codes"], now["perpetrator_codes"])
        is_near, closeness = self._near(then, now)
        shared, overlap, equal = self._numbers(edges)
        score = (
            4 * (equal == shared)
            + 2 * (then["perpetrator_codes"].to_numpy() == now["perpetrator_codes"].to_numpy())
            + 2 * (then["folded"].to_numpy() == now["folded"].to_numpy())
            + (then["grade_code"].to_numpy() == now["grade_code"].to_numpy())
            + 3 * closeness
        )
        fits = attackers & is_near & (shared > 0) & (overlap == shared)
        edges = edges.assign(score=score)[fits]
        self._pair(_mutual_best(edges), "likeness")

    # ---- what steps share -----------------------------------------------------------------------------------------

    @staticmethod
    def _lone(rows: pd.DataFrame, lone: set[str]) -> pd.DataFrame:
        return rows[rows.index.isin(lone)]

    def _not_persons(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        left, right = (
            self._lone(rows, lone) for rows, lone in ((self._then, self._went), (self._now, self._came))
        )
        return left[left["kind_code"] != "victim"], right[right["kind_code"] != "victim"]

    def _pair(self, edges: pd.DataFrame, basis: str) -> None:
        self._pairs.append(edges[PAIR].assign(basis_code=basis))
        self._forget(edges)

    def _split(self, edges: pd.DataFrame, basis: str) -> None:
        self._splits.append(edges[PAIR].assign(basis_code=basis))
        self._came -= set(edges["claim_id"])

    def _merge(self, edges: pd.DataFrame, basis: str) -> None:
        self._merges.append(edges[PAIR].assign(basis_code=basis))
        self._went -= set(edges["previous_id"])

    def _forget(self, edges: pd.DataFrame) -> None:
        self._went -= set(edges["previous_id"])
        self._came -= set(edges["claim_id"])

    def _settle(self, edges: pd.DataFrame, basis: str) -> None:
        """Take edges for renumbered claims, splits and merges, by how many claims stand at either end."""
        then, now = edges["previous_id"], edges["claim_id"]
        fan_out = then.map(then.value_counts()).to_numpy()
        fan_in = now.map(now.value_counts()).to_numpy()
        one = edges[(fan_out == 1) & (fan_in == 1)]
        split = edges[(fan_out > 1) & (fan_in == 1)]
        merged = edges[(fan_in > 1) & (fan_out == 1)]
        self._pair(one, basis)
        self._split(split, basis)
        self._went -= set(split["previous_id"])
        self._merge(merged, basis)
        self._came -= set(merged["claim_id"])

    def _in_turn(self, left: pd.Series[str], right: pd.Series[str], basis: str) -> None:
        """Pair claims of equal keys, the first with the first."""
        keys = [key + "\x1f" + key.groupby(key).cumcount().astype("str") for key in (left, right)]
        self._pair(_edges(*keys), basis)

    def _alike(self, then: pd.Series[str], now: pd.Series[str]) -> Bools:
        """Return which claims have the same days and a place that fits."""
        left, right = self._then.reindex(then), self._now.reindex(now)
        return np.asarray(_on_same_days(left, right) & self._near(left, right)[0])

    def _near(self, left: pd.DataFrame, right: pd.DataFrame) -> tuple[Bools, Any]:
        """Return which places fit, and how well: 0 where only the names do, 1 within a km."""
        with np.errstate(invalid="ignore"):
            apart = _apart_km(left, right)
        finer = np.fmin(left["location_precision_code"], right["location_precision_code"].to_numpy())
        allowed = finer.map(self._reading.reach_km).to_numpy(dtype=np.float64)
        named = (left["folded"].to_numpy() == right["folded"].to_numpy()) & (left["folded"] != "").to_numpy()
        is_spot = (finer <= SPOT_PRECISION).to_numpy()
        close = apart <= allowed
        fits = np.where(np.isnan(apart), named, close & (named | is_spot))
        return np.asarray(fits, dtype=bool), (apart <= SPLIT_KM).astype(np.int64)

    def _on_one_spot(self, edges: pd.DataFrame) -> Bools:
        then, now = self._then.loc[edges["previous_id"]], self._now.loc[edges["claim_id"]]
        apart = _apart_km(then, now)
        named = (then["folded"].to_numpy() == now["folded"].to_numpy()) & (then["folded"] != "").to_numpy()
        return np.asarray(
            _on_same_days(then, now) & np.where(np.isnan(apart), named, apart <= SPLIT_KM), dtype=bool
        )

    def _numbers(self, edges: pd.DataFrame) -> tuple[Any, Any, Any]:
        """Return of each edge how many figures both claims state, how many of those meet, and how many are equal."""
        keys = NUMBER[:5]
        left, right = (
            figures[(figures["sex_code"] == "any") & (figures["age_group_code"] == "any")]
            for figures in self._figures
        )
        joined = (
            edges.assign(edge=np.arange(len(edges)))
            .merge(left.rename(columns={"claim_id": "previous_id"}), on="previous_id")
            .merge(right, on=["claim_id", *keys], suffixes=("_then", "_now"))
        )
        high = [joined[f"high_{side}"].fillna(np.inf) for side in ("then", "now")]
        joined["meets"] = (joined["low_then"] <= high[1]) & (joined["low_now"] <= high[0])
        joined["equal"] = (joined["low_then"] == joined["low_now"]) & (high[0] == high[1])
        counts = joined.groupby("edge").agg(
            shared=("meets", "size"), meets=("meets", "sum"), equal=("equal", "sum")
        )
        found = counts.reindex(np.arange(len(edges)), fill_value=0)
        return found["shared"].to_numpy(), found["meets"].to_numpy(), found["equal"].to_numpy()

    def _bases(self, rows: pd.DataFrame) -> pd.DataFrame:
        found = [pd.DataFrame({"monitor": [], "base": [], "id": []}, dtype="str")]
        for name, monitor in self._reading.monitors.items():
            if not monitor.split_pattern:
                continue
            own = rows.loc[rows["monitor"] == name, "native_id"]
            if len(own):
                base = own.str.extract(re.compile(monitor.split_pattern))["base"]
                known = base[base.notna()]
                found.append(pd.DataFrame({"monitor": name, "base": known.array, "id": known.index.array}))
        return pd.concat(found, ignore_index=True)


# ---- columns -------------------------------------------------------------------------------------------------------


def _prepared(side: Release) -> pd.DataFrame:
    """Return claims by id, with their id less its number where it is repeated, and their place's folded name."""
    claims = side.claims.set_index("claim_id")
    parts = claims.index.to_series().str.extract(REPEATED)
    base = parts["base"].where(parts["base"].isin(claims.index))
    names = {name: fold_name(name) for name in claims["place_name"].unique()}
    return claims.assign(
        base=base.fillna(claims.index.to_series()), folded=claims["place_name"].map(names).astype("str")
    )


def _codes(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return monitor, id and one code of a column that may hold several."""
    held = rows[rows[column] != ""]
    table = pd.DataFrame(
        {"monitor": held["monitor"].array, "id": held.index.array, "code": held[column].str.split().array}
    )
    return table.explode("code", ignore_index=True).astype("str")


def _moment(rows: pd.DataFrame) -> pd.Series[str]:
    """Return a text of the id that records share, their first day and their place."""
    return rows["base"] + "\x1f" + rows["date_start"].astype("str").fillna("") + "\x1f" + rows["folded"]


def _sorted_codes(text: str) -> str:
    return " ".join(sorted(set(text.split())))


def _on_same_days(left: pd.DataFrame, right: pd.DataFrame) -> Bools:
    same = [left[name].to_numpy() == right[name].to_numpy() for name in DAYS]
    return np.asarray(same[0] & same[1], dtype=bool)


def _apart_km(left: pd.DataFrame, right: pd.DataFrame) -> Any:
    return great_circle_km(
        *(
            side[name].to_numpy(dtype=np.float64)
            for side in (left, right)
            for name in ("latitude", "longitude")
        )
    )


def _meets(left: pd.Series[str], right: pd.Series[str]) -> Bools:
    """Return where two sets of attackers are equal, or one of them is not stated."""
    a, b = left.to_numpy(), right.to_numpy()
    return np.asarray((a == b) | (a == "") | (b == ""), dtype=bool)


def _signature(rows: pd.DataFrame, figures: pd.DataFrame, things: tuple[str, ...]) -> pd.Series[str]:
    """Return a text of these things about each claim: equal where all of them are."""
    told = _spelled(rows[[name for thing in things for name in THINGS[thing] if name != "numbers"]], "\x1f")
    if "numbers" not in things:
        return told
    own = figures[figures["claim_id"].isin(rows.index)]
    numbers = _spelled(own[NUMBER], "\x1e").sort_values().groupby(own["claim_id"]).agg("\x1d".join)
    return told + "\x1f" + numbers.reindex(rows.index).astype("str").fillna("")


def _spelled(rows: pd.DataFrame, mark: str) -> pd.Series[str]:
    """Return the columns of each row as one text."""
    texts = rows.astype("str").fillna("")
    return texts.iloc[:, 0].str.cat(texts.iloc[:, 1:], sep=mark)


def _edges(left: pd.Series[str], right: pd.Series[str]) -> pd.DataFrame:
    """Return pairs of claims whose keys are equal."""
    one = pd.DataFrame({"key": left.array, "previous_id": left.index.array}).astype("str")
    other = pd.DataFrame({"key": right.array, "claim_id": right.index.array}).astype("str")
    return one.merge(other, on="key")[PAIR]


def _mutual_best(edges: pd.DataFrame) -> pd.DataFrame:
    """Return edges whose either end has no other edge as good."""
    kept = edges
    for name in PAIR:
        best = edges.groupby(name)["score"].transform("max")
        top = edges[edges["score"] == best]
        alone = top[~top.duplicated(name, keep=False)]
        kept = kept[kept.index.isin(alone.index)]
    return kept
