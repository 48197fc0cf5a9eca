"""Kinds about windows: totals that must not be added, series whose first day drifts, and what one origin says twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import Evidence, Finding, shown_interval
from reconcile.views import difference_text, records, window_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PERSONS = ["measure_code", "population_code", "sex_code", "age_group_code"]
ABOUT = ["monitor", "date_start", "date_end", "place_name", "place_kind_code", "place_id", "perpetrator_codes", "violence_code", "reported_via"]  # fmt: skip
SIDES = ("left", "right")
# Totals, differences and places up to which a finding names them one by one.
NAMED, NAMED_DIFFERENCES, NAMED_PLACES = 6, 3, 3
# Totals up to which a finding lists all claims. Of a longer series it lists the first two, so that its id stays as the series grows.
LISTED = 60


class _Told(NamedTuple):
    """A total in a finding.

    Attributes:
        text: its number and its window.
        start: its first day.
        end: its last day.
    """

    text: str
    start: pd.Timestamp
    end: pd.Timestamp


def find_overlap(evidence: Evidence) -> Iterator[Finding]:
    """Windows of totals of one monitor overlap, or lie one in the other, so that adding the totals counts days twice."""
    relations = evidence.relations
    rows = relations[
        (relations["series"] != "")
        & (relations["shared_days"] > 0)
        & (relations["relation_code"] != "equal")
        & ~relations["may_be_added"]
    ]
    for group in _once(rows, ["series", "topic_id"]):
        told = _told(evidence, group)
        ids = tuple(told)
        worst = next(
            records(group.sort_values(["shared_days", "left_id", "right_id"], ascending=[False, True, True]))
        )
        texts = [one.text for one in told.values()]
        by_end = sorted(told.values(), key=lambda one: (one.end, one.start))
        listed = "; ".join(texts) if len(texts) <= NAMED else f"from {by_end[0].text} to {by_end[-1].text}"
        yield Finding(
            claim_ids=ids if len(ids) <= LISTED else ids[:2],
            measure_code=_measure(worst),
            left_value=told[worst.left_id].text,
            right_value=told[worst.right_id].text,
            gap=float(worst.shared_days),
            gap_unit="days",
            explanation=f"{_titles(evidence, ids)}: {len(ids):,} totals of {_counted(worst)}, {_places(evidence, ids)}, have windows that share days: {listed}. "
            f"Whoever adds them counts up to {worst.shared_days:,} {'day' if worst.shared_days == 1 else 'days'} twice.{_differences(evidence, worst.topic_id, ids)}",
            suggested_action="Quote one window at a time, or a difference of two; never add them.",
        )


def _differences(evidence: Evidence, topic: str, ids: Sequence[str]) -> str:
    derived = evidence.derived
    own = derived[
        (derived["topic_id"] == topic) & derived["later_id"].isin(ids) & derived["earlier_id"].isin(ids)
    ]
    if own.empty:
        return ""
    places = evidence.claims["place_name"].reindex(own["later_id"]).to_numpy()
    several = len(set(places)) > 1
    said = [
        f"{difference_text(row.low, row.high)} for {window_text(row.date_start, row.date_end)}"
        + (f" ({place})" if several and place else "")
        for row, place in zip(records(own.head(NAMED_DIFFERENCES)), places, strict=False)
    ]
    rest = f" and {len(own) - len(said)} more on the Windows sheet" if len(own) > len(said) else ""
    return f" By difference they leave {'; '.join(said)}{rest}."


def find_start_drift(evidence: Evidence) -> Iterator[Finding]:
    """One series of totals is quoted with first days that lie a day or a few apart."""
    relations = evidence.relations
    gap, shared = relations["start_gap_days"], relations["shared_days"]
    near = relations[
        (relations["series"] != "")
        & gap.between(1, evidence.tolerance("TOT-START", "days"))
        & (shared > gap)
        & ~relations["scope_relation_code"].isin(["apart"])
    ]
    windows = evidence.claims[["date_start", "date_end"]]
    days = [
        (windows["date_end"] - windows["date_start"]).reindex(near[f"{side}_id"]).to_numpy() for side in SIDES
    ]
    # Windows of one length that start on different days move along, as weekly reports do.
    for group in _once(near[days[0] != days[1]], ["series", "topic_id"]):
        yield _drift(evidence, group)


def _drift(evidence: Evidence, group: pd.DataFrame) -> Finding:
    told = _told(evidence, group)
    row = next(records(group))
    starts = pd.Series([one.start for one in told.values()], index=list(told))
    # Several wires of one total have one window. Of starts that as many windows have, the earlier one leaves nobody out.
    windows = pd.DataFrame([(one.start, one.end) for one in told.values()], columns=["start", "end"])
    counts = windows.drop_duplicates()["start"].value_counts().sort_index()
    usual = pd.Timestamp(counts.index[int(counts.to_numpy().argmax())])
    said = [
        f"{_day(pd.Timestamp(day))} ({count} {'window' if count == 1 else 'windows'})"
        for day, count in zip(counts.index, counts, strict=True)
    ]
    listed = list(told.values())
    texts = [one.text for one in (listed if len(listed) <= NAMED else [listed[0], listed[-1]])]
    ids = tuple(told)
    return Finding(
        claim_ids=ids if len(ids) <= LISTED else ids[:2],
        measure_code=_measure(row),
        left_value=said[0],
        right_value="; ".join(said[1:]),
        gap=float((counts.index[-1] - counts.index[0]).days),
        gap_unit="days",
        explanation=f"{_titles(evidence, ids)}: {_counted(row)} are counted from {' and from '.join(said)}: {'; '.join(texts)}. "
        f"{_usual(counts, usual)}{_bridged(evidence, starts[starts > starts.min()], row)}",
        suggested_action=f"Ask which day the series begins on; until then take {_day(usual)} for all of it, and say so.",
    )


def _usual(counts: pd.Series[Any], usual: pd.Timestamp) -> str:
    if (counts == counts.max()).sum() > 1:
        return f"Neither is more usual; {_day(usual)} is the earlier, and leaves no day out."
    return f"Most begin on {_day(usual)}."


def _bridged(evidence: Evidence, later: pd.Series[Any], row: Any) -> str:
    """Return what the day before the later start holds, as far as other monitors' incidents tell."""
    steps = evidence.bridge[
        evidence.bridge["total_id"].isin(later.index)
        & (evidence.bridge["measure_code"] == row.measure_code)
        & (evidence.bridge["population_code"] == row.population_code)
    ]
    keys = ["total_id", "monitor"]
    earlier = steps[steps["step_code"] == "start_day_before"]
    both = steps[steps["is_headline"]].merge(earlier, on=keys, suffixes=("", "_earlier"))
    both = both.sort_values(keys).drop_duplicates("monitor")
    said = [
        f"with the day before {_day(later[step.total_id])}, {evidence.title(step.monitor)} sums to "
        f"{shown_interval(step.low_earlier, step.high_earlier)} instead of {shown_interval(step.low, step.high)}"
        for step in records(both)
    ]
    return f" In the bridge, {'; '.join(said)}." if said else ""


# ---- what other kinds chain to -------------------------------------------------------------------------------------


def disjoint_totals(evidence: Evidence) -> Iterator[Finding]:
    """Two totals of one window and one scope give ranges that do not meet."""
    pairs = _paired(evidence, evidence.relations[evidence.relations["relation_code"] == "equal"])
    over = pairs["low_left"] - pairs["high_right"].fillna(np.inf)
    under = pairs["low_right"] - pairs["high_left"].fillna(np.inf)
    scope, alone = pairs["scope_relation_code"], pairs["series"] == ""
    # A part may be smaller than its whole; that it is not larger, a series is held to by its own kinds.
    gap = np.select(
        [scope == "equal", alone & (scope == "within"), alone & (scope == "covers")],
        [np.maximum(over, under), over, under],
        -1.0,
    )
    disjoint = pairs.assign(gap=gap)[(gap > 0) & ~_zero_is_unknown(evidence, pairs)]
    disjoint = disjoint.assign(pair=[" ".join(sorted(two)) for two in zip(disjoint["monitor_left"], disjoint["monitor_right"], strict=True)])  # fmt: skip
    for group in _once(disjoint, ["pair", "topic_id"]):
        row = next(records(group.sort_values(["gap", "left_id", "right_id"], ascending=[False, True, True])))
        left, right = (_number(row, side) for side in SIDES)
        ids = tuple(dict.fromkeys([*group["left_id"], *group["right_id"]]))
        more = f" So do {len(group) - 1} more pairs." if len(group) > 1 else ""
        yield Finding(
            claim_ids=ids if len(ids) <= LISTED else ids[:2],
            measure_code=_measure(row),
            left_value=f"{evidence.title(row.monitor_left)}: {left}",
            right_value=f"{evidence.title(row.monitor_right)}: {right}",
            gap=float(row.gap),
            gap_unit="persons",
            explanation=f"For {window_text(row.date_start_left, row.date_end_left)}, {row.place_name_left or 'one place'}, {_voice(evidence, row, 'left')} says {left} {_counted(row)}, "
            f"{_voice(evidence, row, 'right')} says {right}; the ranges do not meet, {row.gap:,.10g} lie between them.{more}",
            suggested_action="Read both texts: is one of them older, a part, or a slip? Quote both until it is settled.",
        )


def _zero_is_unknown(evidence: Evidence, pairs: pd.DataFrame) -> pd.Series[bool]:
    vague = [name for name, rule in evidence.monitors.items() if rule.scope.zero_code == "nothing_known"]
    held = [(pairs[f"high_{side}"] == 0) & pairs[f"monitor_{side}"].isin(vague) for side in SIDES]
    return held[0] | held[1]


def circular_totals(evidence: Evidence) -> Iterator[Finding]:
    """One number for one window comes through several wires or monitors, and all go back to one origin."""
    pairs = _echoes(evidence)
    wires = [
        pairs[f"monitor_{side}"] + "\x1f" + pairs[f"reported_via_{side}"].str.casefold() for side in SIDES
    ]
    for group in _once(pairs[wires[0] != wires[1]], ["topic_id", "window", "low_left"]):
        row = next(records(group))
        ids = tuple(sorted({*group["left_id"], *group["right_id"]}))
        claims = evidence.claims.loc[list(ids)]
        ways = list(dict.fromkeys(_way(evidence, claim) for claim in records(claims)))
        origin = _origin(evidence, claims)
        yield Finding(
            claim_ids=ids,
            measure_code=_measure(row),
            left_value=f"{len(ids)} reports: {'; '.join(ways)}",
            right_value=f"1 origin: {origin}",
            gap=float(len(ids) - 1),
            gap_unit="reports",
            explanation=f"{len(ids)} reports give {_number(row, 'left')} {_counted(row)} for {row.window} ({'; '.join(ways)}), and all go back to {origin}; "
            f"that is one assertion, not {len(ids)}.",
            suggested_action="Count it as one source; do not call it confirmed by several.",
        )


def differing_totals(evidence: Evidence) -> Iterator[Finding]:
    """One number of one origin for one window is quoted with different means, attackers or places."""
    pairs = _echoes(evidence)
    scopes = {side: _scopes(pairs, side) for side in SIDES}
    apart = [scopes["left"][name] != scopes["right"][name] for name in scopes["left"]]
    for group in _once(pairs[np.logical_or.reduce(apart)], ["topic_id", "window", "low_left"]):
        row = next(records(group))
        ids = tuple(sorted({*group["left_id"], *group["right_id"]}))
        both = pd.concat([_scopes(group, side) for side in SIDES], ignore_index=True)
        told = {name: sorted(set(both[name]) - {""}) + [""] * ("" in set(both[name])) for name in both}
        said = [
            f"{name}: {' against '.join(_term_titles(evidence, text) for text in texts)}"
            for name, texts in told.items()
            if len(texts) > 1
        ]
        yield Finding(
            claim_ids=ids,
            measure_code=_measure(row),
            left_value=_scope_text(evidence, row, "left"),
            right_value=_scope_text(evidence, row, "right"),
            explanation=f"{_number(row, 'left')} {_counted(row)} for {row.window} go back to one origin, {_origin(evidence, evidence.claims.loc[list(ids)])}, "
            f"and are quoted with {len(both.drop_duplicates())} scopes ({'; '.join(said)}).",
            suggested_action="Look up what the origin itself wrote, and lay the total beside incidents of that scope only.",
        )


def _echoes(evidence: Evidence) -> pd.DataFrame:
    """Return pairs of one window, one origin and one number, an open end set aside."""
    relations = evidence.relations
    same = relations[(relations["relation_code"] == "equal") & relations["is_one_origin"]]
    pairs = _paired(evidence, same)
    ends = pairs["high_left"].fillna(pairs["high_right"]), pairs["high_right"].fillna(pairs["high_left"])
    one = (pairs["low_left"] == pairs["low_right"]) & (ends[0].fillna(0) == ends[1].fillna(0))
    pairs = pairs[one]
    windows = zip(pairs["date_start_left"], pairs["date_end_left"], strict=True)
    return pairs.assign(
        window=pd.Series([window_text(*pair) for pair in windows], index=pairs.index, dtype="str")
    )


def _scopes(pairs: pd.DataFrame, side: str) -> pd.DataFrame:
    kind = pairs[f"place_kind_code_{side}"]
    return pd.DataFrame(
        {
            "means": pairs[f"violence_code_{side}"],
            "attacker": pairs[f"perpetrator_codes_{side}"],
            "place": pairs[f"place_name_{side}"] + (" (" + kind + ")").mask(kind == "", ""),
        }
    )


def _scope_text(evidence: Evidence, row: Any, side: str) -> str:
    parts = (getattr(row, f"{name}_{side}") for name in ("violence_code", "perpetrator_codes", "place_name"))
    return "; ".join(_term_titles(evidence, part) for part in parts)


def _term_titles(evidence: Evidence, text: str) -> str:
    """Return means or attackers by their titles; a place stays as it is written."""
    terms = evidence.means.terms | evidence.attackers.terms
    if text and all(code in terms for code in text.split()):
        return " and ".join(terms[code].title for code in text.split())
    return text or "not stated"


# ---- what a finding says -------------------------------------------------------------------------------------------


def _once(rows: pd.DataFrame, keys: list[str]) -> Iterator[pd.DataFrame]:
    """Yield the rows of each key: those of whole numbers first, and of parts or other measures only where they are of other claims."""
    rank = (rows["measure_code"] != "killed").astype("int64") + 2 * (
        (rows["sex_code"] != "any") | (rows["age_group_code"] != "any")
    )
    told: list[tuple[tuple[str, ...], frozenset[str]]] = []
    groups: Iterable[Any] = rows.assign(rank=rank).groupby(["rank", *keys], sort=True)
    for _, group in groups:
        row = next(records(group))
        stem = tuple(getattr(row, name) for name in PERSONS)
        ids = frozenset([*group["left_id"], *group["right_id"]])
        if any(ids <= other and stem != another for another, other in told):
            continue
        told.append((stem, ids))
        yield group


def _paired(evidence: Evidence, relations: pd.DataFrame) -> pd.DataFrame:
    """Return relations with the numbers and the claims of both sides."""
    # Relations are of a few totals, and figures of every claim.
    asked = frozenset(relations["left_id"]) | frozenset(relations["right_id"])
    figures = (
        evidence.figures[evidence.figures["claim_id"].isin(asked)] if asked else evidence.figures.iloc[:0]
    )
    figures = figures[figures["role_code"] == "alleged"]
    numbers = figures.sort_values(["claim_id", *PERSONS, "low", "high"]).drop_duplicates(
        ["claim_id", *PERSONS]
    )
    numbers = numbers[["claim_id", *PERSONS, "low", "high"]]
    rows = relations
    for side in SIDES:
        about = numbers.join(evidence.claims[ABOUT], on="claim_id").rename(
            columns={"claim_id": f"{side}_id"} | {name: f"{name}_{side}" for name in ("low", "high", *ABOUT)}
        )
        rows = rows.merge(about, on=[f"{side}_id", *PERSONS])
    return rows


def _told(evidence: Evidence, group: pd.DataFrame) -> dict[str, _Told]:
    """Return the totals of some relations by claim id, in the order of their windows."""
    pairs = _paired(evidence, group)
    halves = [
        pairs[
            [f"{side}_id", *(f"{name}_{side}" for name in ("low", "high", "date_start", "date_end"))]
        ].set_axis(["claim_id", "low", "high", "date_start", "date_end"], axis=1)
        for side in SIDES
    ]
    rows = pd.concat(halves).drop_duplicates("claim_id").sort_values(["date_start", "date_end", "claim_id"])
    return {
        row.claim_id: _Told(
            f"{shown_interval(row.low, row.high)} ({window_text(row.date_start, row.date_end)})",
            row.date_start,
            row.date_end,
        )
        for row in records(rows)
    }


def _measure(row: Any) -> str:
    """Return measure and persons, so that a finding about children has an id of its own."""
    parts = (part for part in (row.sex_code, row.age_group_code) if part != "any")
    return " ".join((row.measure_code, *parts))


def _counted(row: Any) -> str:
    who = {"civilian": "civilians", "combatant": "combatants", "all": "people"}.get(
        row.population_code, "people"
    )
    group = {
        ("any", "child"): "children among ", ("female", "adult"): "women among ", ("male", "adult"): "men among ",
        ("female", "any"): "women and girls among ", ("male", "any"): "men and boys among ", ("any", "adult"): "adults among ",
    }.get((row.sex_code, row.age_group_code), "")  # fmt: skip
    return f"{group}{who} {row.measure_code.replace('_', ' ')}"


def _number(row: Any, side: str) -> str:
    return shown_interval(getattr(row, f"low_{side}"), getattr(row, f"high_{side}"))


def _titles(evidence: Evidence, ids: Sequence[str]) -> str:
    """Return who made some claims, the most frequent first."""
    return " and ".join(
        evidence.title(name) for name in evidence.claims["monitor"].loc[list(ids)].value_counts().index
    )


def _places(evidence: Evidence, ids: Sequence[str]) -> str:
    names = [name for name in evidence.claims["place_name"].loc[list(ids)].value_counts().index if name]
    more = [f"{len(names) - NAMED_PLACES} more places"] if len(names) > NAMED_PLACES else []
    return ", ".join([*names[:NAMED_PLACES], *more]) or "one place"


def _voice(evidence: Evidence, row: Any, side: str) -> str:
    via = getattr(row, f"reported_via_{side}")
    title = evidence.title(getattr(row, f"monitor_{side}"))
    return f"{title} via {via}" if via and via != title else title


def _way(evidence: Evidence, claim: Any) -> str:
    return claim.reported_via or f"{evidence.title(claim.monitor)} itself"


def _origin(evidence: Evidence, claims: pd.DataFrame) -> str:
    named = sorted({code for text in claims["origin_ids"] for code in text.split()})
    known = evidence.origins.terms
    if named:
        return ", ".join(
            known[code].title if code in known else code.removeprefix("x_").replace("_", " ")
            for code in named
        )
    return _titles(evidence, list(claims.index))


def _day(day: pd.Timestamp) -> str:
    return window_text(day, day)
