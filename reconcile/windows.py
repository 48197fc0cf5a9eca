"""Claims, Figures -> WindowRelations, DerivedTotals: how the windows of totals of one topic lie, and what differences imply.

A topic is what totals count: measure, population, persons, and an attacker and a place of which one is that of the other
or lies in it. Totals of a whole country, and totals by anybody, are topics of their own; what lies inside one of them is
related to it under the wider one's topic. Conceded figures, ledgers of reports and totals without a window or a known
place are left out.

Where few totals share a topic, all are related whose windows touch; in a dense series each to its neighbours only.

Guarantees:
    every_day_counted_once: the shared days of two totals are the days that lie in both windows.
    nothing_is_added: totals that share a day may be added only where what they count excludes each other.
    differences_contain_the_truth: whatever the true daily numbers, a difference holds their sum if its two totals hold theirs.
    order_does_not_matter: neither the order of claims nor that of figures changes a row.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.frames import DerivedTotals, WindowRelations, empty, typed
from reconcile.parse.places import fold_name
from reconcile.scopes import SIDES, Reader, scopes_of
from reconcile.views import components, difference_text, interval_text, runs, window_text

if TYPE_CHECKING:
    import numpy.typing as npt

    from reconcile.scopes import Scopes

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]
    Texts = npt.NDArray[np.object_]

# Up to so many totals of one topic, all pairs are looked at; up to so many of one measure, those of two topics too.
DENSE = 60
CROWD = 400
# Past so many distinct places and attackers, each is a topic of its own.
MOST_KINDS = 2_000
# A person can be among these on many days, so that sums over days count nobody in particular, and differences mean nothing.
STOCKS = frozenset({"besieged", "detained", "displaced", "missing"})
REPORTS = "reports_"
PERSONS = ["measure_code", "population_code", "sex_code", "age_group_code"]


@dataclass(frozen=True, slots=True)
class _Totals:
    """Figures of totals, in one order whatever the order they came in.

    Attributes:
        rows: of `Scopes.totals`, with numbers `stem` (measure, population and persons), `topic`, `scope` (equal where all that is
            counted is the same but for the window) and `series_no`, and the texts `title`, `window` and `said`.
        at: where each row stands in `scopes`.
        scopes: for asking which scope lies in which.
        topic_ids: by number.
    """

    rows: pd.DataFrame
    at: Ints
    scopes: Scopes
    topic_ids: Texts

    def column(self, name: str) -> Ints:
        """Return a column of whole numbers."""
        return np.asarray(self.rows[name].to_numpy(), dtype=np.int64)


def relate_windows(
    claims: pd.DataFrame, figures: pd.DataFrame, reader: Reader
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how totals of one topic lie to each other, and the differences of cumulative ones.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame.
        reader: attackers, means, places, series and titles.

    Returns:
        A `WindowRelations` frame and a `DerivedTotals` frame.
    """
    totals = _totals(claims, figures, reader)
    if totals is None:
        return empty(WindowRelations), empty(DerivedTotals)
    return _related(totals), _derived(totals)


# ---- topics --------------------------------------------------------------------------------------------------------


def _totals(claims: pd.DataFrame, figures: pd.DataFrame, reader: Reader) -> _Totals | None:
    scopes = scopes_of(claims, figures[figures["role_code"] == "alleged"], reader)
    rows = scopes.totals
    counted = (
        (rows["end"] >= rows["start"])
        & ((rows["admin1"] != "") | (rows["country_code"] != ""))
        & ~rows["measure_code"].str.startswith(REPORTS)
    )
    rows = (
        rows[counted]
        .sort_values(["claim_id", *PERSONS, "low", "high"])
        .drop_duplicates(["claim_id", *PERSONS])
    )
    if rows.empty:
        return None
    at = np.asarray(rows.index.to_numpy(), dtype=np.int64)
    rows = rows.reset_index(drop=True)
    names = rows["place_name"].map({name: fold_name(name) for name in rows["place_name"].unique()})
    named = rows["place_kind_code"].where(
        (rows["place_kind_code"] != "") & (rows["place_id"] != ""), "name " + names
    )
    rows["place_key"] = pd.factorize(named + " " + rows["place_id"], sort=True)[0]
    alike = pd.DataFrame(
        {name: _alike(side.inside)[side.codes[at]] for name, side in scopes.sides.items()}
        | {"place_key": rows["place_key"]}
    )
    rows["scope"] = alike.groupby(list(alike.columns)).ngroup()
    rows["stem"] = rows.groupby(PERSONS, sort=True).ngroup()
    rows["series_no"] = pd.factorize(rows["series"], sort=True)[0]
    kinds, keys = _kinds(rows, names, at, scopes)
    rows["topic"] = pd.DataFrame({"stem": rows["stem"], "kind": kinds}).groupby(["stem", "kind"]).ngroup()
    first = rows.assign(key=keys[kinds]).drop_duplicates("topic").sort_values("topic")
    topic_ids = [
        f"topic:{_digest(*texts)}" for texts in zip(*(first[n] for n in [*PERSONS, "key"]), strict=True)
    ]
    rows["title"] = [
        reader.monitors[name].title if name in reader.monitors else name for name in rows["monitor"]
    ]
    rows["window"] = _windows(rows["start"].to_numpy(), rows["end"].to_numpy())
    rows["said"] = _said(rows)
    return _Totals(rows, at, scopes, np.array(topic_ids, dtype=object))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:12]


def _alike(inside: Bools) -> Ints:
    """Return a code for each value, equal where two lie in each other."""
    return np.asarray((inside & inside.T).argmax(axis=1), dtype=np.int64)


def _kinds(rows: pd.DataFrame, names: pd.Series[str], at: Ints, scopes: Scopes) -> tuple[Ints, Texts]:
    """Return a number for each row, equal where place and attacker are kin, and for each number the least text among them."""
    place, attacker = scopes.sides["place"], scopes.sides["attacker"]
    table = rows[[*SIDES["place"], "perpetrator_codes"]].assign(
        place=place.codes[at], attacker=attacker.codes[at], name=names
    )
    pairs = table.groupby(["place", "attacker"])
    number = np.asarray(pairs.ngroup().to_numpy(), dtype=np.int64)
    one = table.assign(number=number).drop_duplicates("number").sort_values("number")
    text = one[[*SIDES["place"], "perpetrator_codes"]].agg("\x1f".join, axis=1).to_numpy(dtype=object)
    if len(one) > MOST_KINDS:
        return number, text
    here, who = one["place"].to_numpy(), one["attacker"].to_numpy()
    inside, blamed = place.inside[np.ix_(here, here)], attacker.inside[np.ix_(who, who)]
    named = (_equal(one["place_id"], but="") | _equal(one["name"])) & ~place.apart[np.ix_(here, here)]
    is_land = (one["place_kind_code"] == "country") | ((one["admin1"] == "") & (one["place_id"] == ""))
    is_anybody = one["perpetrator_codes"].isin(["", "unknown"])
    kin = (inside | inside.T | named) & (blamed | blamed.T) & _equal(is_land) & _equal(is_anybody)
    label = components(len(one), *np.nonzero(np.triu(kin)))
    least = pd.Series(text).groupby(label).transform("min").to_numpy(dtype=object)
    return label[number], least


def _equal(column: pd.Series[Any], but: object = None) -> Bools:
    """Return which values equal which; one value, that says nothing, not even itself."""
    codes, values = pd.factorize(column)
    telling = np.array([value != but for value in values], dtype=bool)[codes]
    return np.asarray((codes[:, None] == codes[None, :]) & telling[:, None], dtype=bool)


def _windows(start: Ints, end: Ints) -> Texts:
    """Return windows as people write them; each distinct one is written once."""
    codes, pairs = pd.factorize(
        pd.Series(list(zip(start.tolist(), end.tolist(), strict=True)), dtype="object")
    )
    texts = [window_text(_day(first), _day(last)) for first, last in pairs]
    return np.array(texts, dtype=object)[codes]


def _day(number: int) -> pd.Timestamp:
    return pd.Timestamp(number, unit="D")


def _said(rows: pd.DataFrame) -> Texts:
    """Return who says what number, for where and when: SOHR's 117 (Raqqa, 6–17 June 2017)."""
    owners = rows["title"].map(
        {title: title + ("'" if title.endswith("s") else "'s") for title in rows["title"]}
    )
    numbers = [interval_text(low, high) for low, high in zip(rows["low"], rows["high"], strict=True)]
    where = (rows["place_name"] + ", ").mask(rows["place_name"] == "", "")
    return np.asarray((owners + " " + numbers + " (" + where + rows["window"] + ")").to_numpy(dtype=object))


# ---- relations -----------------------------------------------------------------------------------------------------


def _related(totals: _Totals) -> pd.DataFrame:
    left, right = _worth_relating(totals, *_candidates(totals))
    rows = totals.rows
    start, end, topic = (totals.column(name) for name in ("start", "end", "topic"))
    order = np.lexsort((right, end[right], start[right], left, end[left], start[left]))
    left, right = left[order], right[order]
    shared = np.maximum(np.minimum(end[left], end[right]) - start[right] + 1, 0)
    gap = start[right] - start[left]
    relation = _relation(totals, left, right)
    scope = _scope_relation(totals, left, right)
    stock = rows["measure_code"].isin(STOCKS).to_numpy()[left]
    added = (scope == "apart") | ((shared == 0) & ~stock)
    origin, via, series = (rows[name].to_numpy(dtype=object) for name in ("origin", "reported_via", "series"))
    one_origin = origin[left] == origin[right]
    # What lies in a wider topic is told under that one.
    wide = np.where(scope == "within", topic[right], topic[left])
    out = pd.DataFrame(
        {
            "topic_id": totals.topic_ids[wide],
            **{name: rows[name].to_numpy(dtype=object)[left] for name in PERSONS},
            "series": np.where(series[left] == series[right], series[left], ""),
            "left_id": rows["claim_id"].to_numpy(dtype=object)[left],
            "right_id": rows["claim_id"].to_numpy(dtype=object)[right],
            "relation_code": relation,
            "shared_days": shared,
            "start_gap_days": gap,
            "scope_relation_code": scope,
            "may_be_added": added,
            "is_one_origin": one_origin,
        }
    )
    said = rows["said"].to_numpy(dtype=object)
    between = np.maximum(start[right] - end[left] - 1, 0)
    head = _heads(relation, scope, said[left], said[right], shared, between)
    second = (relation == "equal") & one_origin & (via[left] != via[right])
    out["explanation"] = head + _tails(scope, shared, added, stock) + np.where(second, _ONE_VOICE, "")
    return (
        typed(WindowRelations, out.sort_values("topic_id", kind="stable"))
        if len(out)
        else empty(WindowRelations)
    )


_ONE_VOICE = " Both go back to one origin, so the second is no second voice."


def _relation(totals: _Totals, left: Ints, right: Ints) -> Texts:
    start, end = totals.column("start"), totals.column("end")
    together = start[left] == start[right]
    cases = {
        "equal": together & (end[left] == end[right]),
        "within": together,
        "covers": end[right] <= end[left],
        "overlaps": start[right] <= end[left],
        "touches": start[right] == end[left] + 1,
    }
    return np.asarray(np.select(list(cases.values()), list(cases), "apart"), dtype=object)


def _scope_relation(totals: _Totals, left: Ints, right: Ints) -> Texts:
    here, there = totals.at[left], totals.at[right]
    key = totals.column("place_key")
    in_right, in_left = totals.scopes.inside(here, there), totals.scopes.inside(there, here)
    cases = {
        "apart": totals.scopes.apart(here, there),
        # Of two names without a kind that the gazetteer takes for one place, one may be a part of the other.
        "equal": in_right & in_left & (key[left] == key[right]),
        "shares": in_right & in_left,
        "within": in_right,
        "covers": in_left,
    }
    return np.asarray(np.select(list(cases.values()), list(cases), "shares"), dtype=object)


def _heads(relation: Texts, scope: Texts, left: Texts, right: Texts, shared: Ints, between: Ints) -> Texts:
    same = relation == "equal"
    sentences = [
        (same & (scope == "within"), left + " is a part of " + right),
        (same & (scope == "covers"), right + " is a part of " + left),
        (same, left + " and " + right + " speak of the same days"),
        (relation == "within", left + " lies inside " + right),
        (relation == "covers", right + " lies inside " + left),
        (relation == "overlaps", left + " and " + right + " share " + _days(shared)),
        (relation == "touches", right + " begins on the day after " + left),
        (relation == "apart", _days(between) + " lie between " + left + " and " + right),
    ]
    cases, texts = zip(*sentences, strict=True)
    return np.asarray(np.select(cases, texts, ""), dtype=object)


def _days(counts: Ints) -> Texts:
    codes, distinct = pd.factorize(counts)
    return np.array([f"{count:,} day{'' if count == 1 else 's'}" for count in distinct], dtype=object)[codes]


def _tails(scope: Texts, shared: Ints, added: Bools, stock: Bools) -> Texts:
    cases = [added & (scope == "apart"), added, stock & (shared == 0)]
    told = [
        ": nobody is in both, by place, attacker or means, so they may be added.",
        ": no day is counted twice, so they may be added.",
        ": one person may be in both all the same, so do not add them.",
    ]
    return np.asarray(np.select(cases, told, ": do not add them."), dtype=object)


def _candidates(totals: _Totals) -> tuple[Ints, Ints]:
    """Return pairs to look at: all of a small crowd, else all of a topic, and of a dense topic neighbours and equal windows."""
    rows = totals.rows
    stem, topic, start, end = (totals.column(name) for name in ("stem", "topic", "start", "end"))
    crowd, many = np.bincount(stem)[stem], np.bincount(topic)[topic]
    dense = many > DENSE
    whole = _pairs(stem, crowd <= CROWD)
    kept = ~dense[whole[0]] & ~dense[whole[1]]
    small = _pairs(topic, (crowd > CROWD) & ~dense)
    near = _next(totals, dense)
    window = np.asarray(rows.groupby(["topic", "start", "end"]).ngroup().to_numpy(), dtype=np.int64)
    few = np.bincount(window)[window] <= DENSE
    equal = _pairs(window, dense & few)
    left = np.concatenate([whole[0][kept], small[0], near[0], equal[0]])
    right = np.concatenate([whole[1][kept], small[1], near[1], equal[1]])
    # The one that begins earlier stands left, of two that begin together the shorter, then the lesser id.
    swap = (start[left] > start[right]) | ((start[left] == start[right]) & (end[left] > end[right]))
    swap |= (start[left] == start[right]) & (end[left] == end[right]) & (left > right)
    left, right = np.where(swap, right, left), np.where(swap, left, right)
    both = np.unique(np.stack([left, right], axis=1), axis=0)
    return both[:, 0], both[:, 1]


def _pairs(groups: Ints, among: Bools) -> tuple[Ints, Ints]:
    """Return all pairs of rows of one group, among some rows."""
    rows = np.flatnonzero(among)
    order = rows[np.argsort(groups[rows], kind="stable")]
    _, first, size = np.unique(groups[order], return_index=True, return_counts=True)
    after = np.repeat(first + size, size) - np.arange(len(order)) - 1
    left = np.repeat(np.arange(len(order)), after)
    right = runs(np.arange(len(order)) + 1, after)
    return order[left], order[right]


def _next(totals: _Totals, among: Bools) -> tuple[Ints, Ints]:
    """Return each row with the next one of its series and scope, in time."""
    names = ("end", "start", "scope", "series_no", "topic")
    order = np.lexsort((np.arange(len(among)), *(totals.column(name) for name in names)))
    order = order[among[order]]
    left, right = order[:-1], order[1:]
    one = np.logical_and.reduce(
        [totals.column(name)[left] == totals.column(name)[right] for name in ("topic", "series_no", "scope")]
    )
    return left[one], right[one]


def _worth_relating(totals: _Totals, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Keep pairs that say something.

    Of one series and topic those that share a day or touch, and the next ones in time; of two series those whose windows are equal or
    nested and whose scopes compare, or that go back to one origin; of two topics those of which one counts a part of the other.
    """
    start, end, topic, series = (totals.column(name) for name in ("start", "end", "topic", "series_no"))
    origin = pd.factorize(totals.rows["origin"])[0]
    one_topic, one_series = topic[left] == topic[right], series[left] == series[right]
    near = start[right] <= end[left] + 1
    nested = (end[right] <= end[left]) | (start[left] == start[right])
    base = len(topic)
    before, after = _next(totals, np.ones(base, dtype=bool))
    following = np.isin(left * base + right, before * base + after)
    scope = _scope_relation(totals, left, right)
    comparable = np.isin(scope, ["equal", "within", "covers"])
    kin = comparable | ((origin[left] == origin[right]) & (scope != "apart"))
    kept = np.where(
        one_topic,
        np.where(one_series, near | following, nested & kin),
        one_series & (start[right] <= end[left]) & np.isin(scope, ["within", "covers"]),
    )
    return left[kept], right[kept]


# ---- differences ---------------------------------------------------------------------------------------------------


def _derived(totals: _Totals) -> pd.DataFrame:
    """Return the differences of totals of one series and scope that begin together, each end and the next one."""
    rows = totals.rows
    keys = ["series_no", "topic", "scope", "start"]
    rows = rows[~rows["measure_code"].isin(STOCKS)].drop_duplicates([*keys, "end", "low", "high"])
    rank = rows.groupby(keys)["end"].rank(method="dense").astype("int64")
    many = rank.groupby([rows[key] for key in keys]).transform("max") > DENSE
    rows = rows.assign(rank=rank, many=many)
    joined = rows.assign(rank=rows["rank"] + 1).merge(
        rows, on=[*keys, "rank"], suffixes=("_earlier", "_later")
    )
    # In a dense series one more day is what the series states by itself, day by day.
    joined = joined[~joined["many_later"] | (joined["end_later"] > joined["end_earlier"] + 1)]
    if joined.empty:
        return empty(DerivedTotals)
    stated = [joined[f"{name}_later"] for name in PERSONS]
    first = joined["end_earlier"].to_numpy() + 1
    low, high = joined["low_later"] - joined["high_earlier"], joined["high_later"] - joined["low_earlier"]
    ids = zip(joined["claim_id_later"], joined["claim_id_earlier"], *stated, strict=True)
    out = pd.DataFrame(
        {
            "derived_id": [f"derived:{_digest(*texts)}" for texts in ids],
            "topic_id": totals.topic_ids[joined["topic"].to_numpy()],
            "monitor": joined["monitor_later"],
            "later_id": joined["claim_id_later"],
            "earlier_id": joined["claim_id_earlier"],
            **dict(zip(PERSONS, stated, strict=True)),
            "date_start": pd.to_datetime(first, unit="D"),
            "date_end": pd.to_datetime(joined["end_later"].to_numpy(), unit="D"),
            "low": low,
            "high": high,
        }
    )
    windows = _windows(first, joined["end_later"].to_numpy())
    out["explanation"] = [
        f"{later} minus {earlier} leaves {difference_text(a, b)} for {window}; no monitor states it.{_FELL if b < 0 else ''}"
        for later, earlier, a, b, window in zip(
            joined["said_later"], joined["said_earlier"], low, high, windows, strict=True
        )
    ]
    return typed(DerivedTotals, out.sort_values(["topic_id", "date_start", "date_end", "derived_id"]))


_FELL = " The later total is the smaller: one of the two was revised, or is wrong."
