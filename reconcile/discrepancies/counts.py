"""Kinds about numbers. Figures that count different things never reach these comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.discrepancies import series, windows
from reconcile.discrepancies.evidence import (
    Evidence,
    Finding,
    figure_pairs,
    is_disputed,
    shown_interval,
    side_claims,
    whole_figures,
)
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

HALVES = 2
# Numbers that a finding of many spells out.
LISTED_NUMBERS = 5
WIDE_ACTION = "Quote the whole range, and look in the record for what drives its upper end."


def _is_nothing_known(evidence: Evidence, monitor: str) -> bool:
    rule = evidence.monitors.get(monitor)
    return rule is not None and rule.scope.zero_code == "nothing_known"


def _counted_code(row: Any) -> str:
    """Return measure and population in codes, so that one incident's findings about two populations stay two."""
    civilian = row.population_code == "civilian"
    return str(row.measure_code) if civilian else f"{row.measure_code} {row.population_code}"


def find_disjoint(evidence: Evidence) -> Iterator[Finding]:
    """Two monitors give ranges for one incident that do not meet, counting the same people."""
    pairs = figure_pairs(evidence)
    gap = np.maximum(pairs["low_left"], pairs["low_right"]) - np.minimum(
        pairs["high_left"].fillna(np.inf), pairs["high_right"].fillna(np.inf)
    )
    sides = side_claims(evidence)
    for row in records(pairs.assign(gap=gap)[(gap > 0) & ~is_disputed(evidence, pairs)]):
        zeros = [
            m
            for m, high in ((row.monitor_left, row.high_left), (row.monitor_right, row.high_right))
            if high == 0
        ]
        if any(_is_nothing_known(evidence, monitor) for monitor in zeros):
            continue
        left, right = (
            shown_interval(row.low_left, row.high_left),
            shown_interval(row.low_right, row.high_right),
        )
        yield Finding(
            claim_ids=sides[row.cluster_id, row.monitor_left] + sides[row.cluster_id, row.monitor_right],
            cluster_id=row.cluster_id,
            measure_code=_counted_code(row),
            left_value=f"{evidence.title(row.monitor_left)}: {left}",
            right_value=f"{evidence.title(row.monitor_right)}: {right}",
            gap=float(row.gap),
            gap_unit="persons",
            explanation=f"{evidence.title(row.monitor_left)} says {left} {row.population_code} {row.measure_code}, {evidence.title(row.monitor_right)} says {right}; "
            f"the ranges do not meet, {row.gap:,.10g} lie between them.",
            suggested_action="Read both records: does one count a part of the incident, another day or other people? Report both ranges until it is settled.",
        )
    yield from windows.disjoint_totals(evidence)


def find_spread(evidence: Evidence) -> Iterator[Finding]:
    """One record's own range is so wide that its ends say different things; those of few people told once a monitor and month."""
    whole = whole_figures(evidence.figures)
    ratio, persons = evidence.tolerance("CNT-SPREAD", "ratio"), evidence.tolerance("CNT-SPREAD", "persons")
    claims, terms = evidence.claims, evidence.measures.terms
    wide = whole[
        whole["measure_code"].isin(code for code, term in terms.items() if term.casualty)
        & (whole["claim_id"].map(claims["kind_code"]) == "incident")
        & (whole["high"] >= ratio * whole["low"].clip(lower=1))
        & (whole["high"] - whole["low"] >= persons)
    ]
    wide = wide.assign(
        span=wide["high"] - wide["low"],
        monitor=wide["claim_id"].map(claims["monitor"]),
        month=wide["claim_id"].map(claims["date_start"].dt.strftime("%Y-%m")),
    )
    is_apart = (wide["span"] >= evidence.tolerance("CNT-SPREAD", "apart")) | wide["month"].isna()
    for row in records(wide[is_apart]):
        yield _wide(evidence, row, ())
    for (monitor, month), rows in wide[~is_apart].groupby(["monitor", "month"], sort=True):
        about = (str(monitor), str(month))
        if len(rows) == 1:
            yield _wide(evidence, next(records(rows)), about)
            continue
        ids = tuple(sorted(set(rows["claim_id"])))
        widest = rows.sort_values(["span", "claim_id"], ascending=[False, True]).drop_duplicates("claim_id")
        told = ", ".join(
            f"{row.claim_id} {shown_interval(row.low, row.high)} {row.measure_code}"
            for row in records(widest.iloc[:LISTED_NUMBERS])
        )
        more = " and others" if len(ids) > LISTED_NUMBERS else ""
        yield Finding(
            claim_ids=ids,
            about=about,
            left_value=f"{evidence.title(str(monitor))}, {month}",
            right_value=f"{len(rows)} wide ranges",
            gap=float(len(ids)),
            gap_unit="records",
            explanation=f"{month}: {len(rows)} figures of {evidence.title(str(monitor))} are ranges that double or more and span {persons:g} people or more, the widest of them {told}{more}.",
            suggested_action=WIDE_ACTION,
        )


def _wide(evidence: Evidence, row: Any, about: tuple[str, ...]) -> Finding:
    return Finding(
        claim_ids=(row.claim_id,),
        about=about,
        measure_code="" if about else f"{row.measure_code} {row.population_code}",
        left_value=f"{row.low:,.10g}",
        right_value=f"{row.high:,.10g}",
        gap=float(row.span),
        gap_unit="persons",
        explanation=f"{evidence.title_of(row.claim_id)} gives {shown_interval(row.low, row.high)} {row.population_code} {row.measure_code} for one record.",
        suggested_action=WIDE_ACTION,
    )


def find_point(evidence: Evidence) -> Iterator[Finding]:
    """One monitor gives a number where another gives a range or a floor that holds it; told once for each two monitors."""
    pairs = figure_pairs(evidence)
    for side in ("left", "right"):
        pairs[f"shape_{side}"] = _shapes(pairs[f"low_{side}"], pairs[f"high_{side}"])
    meets = np.maximum(pairs["low_left"], pairs["low_right"]) <= np.minimum(
        pairs["high_left"].fillna(np.inf), pairs["high_right"].fillna(np.inf)
    )
    # A zero beside a number is another kind's.
    counted = (pairs["low_left"] > 0) & (pairs["low_right"] > 0)
    apart = pairs[meets & counted & (pairs["shape_left"] != pairs["shape_right"])]
    sides = side_claims(evidence)
    keys = ["monitor_left", "monitor_right", "measure_code", "population_code"]
    for (left, right, measure, population), rows in apart.groupby(keys, sort=True):
        clusters = sorted(rows["cluster_id"].unique())
        told = [
            f"{evidence.title(str(name))}: {_counted_shapes(rows[column])}"
            for name, column in ((left, "shape_left"), (right, "shape_right"))
        ]
        yield Finding(
            claim_ids=tuple(
                claim for cluster in clusters for name in (left, right) for claim in sides[cluster, str(name)]
            ),
            about=(str(left), str(right)),
            measure_code=f"{measure} {population}",
            left_value=told[0],
            right_value=told[1],
            gap=float(len(clusters)),
            gap_unit="incidents",
            explanation=f"In {len(clusters)} shared {'incident' if len(clusters) == 1 else 'incidents'} the two meet on {population} {measure}, and one gives a number "
            f"where the other gives a range or a floor ({'; '.join(told)}).",
            suggested_action="Print each as it was stated; a number inside a range is no confirmation of the range.",
        )


def _shapes(low: pd.Series[float], high: pd.Series[float]) -> npt.NDArray[np.object_]:
    """Return what an interval is: a number, a range, or a floor with an open top."""
    return np.where(high.isna(), "floor", np.where(low == high, "number", "range")).astype(object)


def _counted_shapes(shapes: pd.Series[str]) -> str:
    counts = shapes.value_counts().sort_index()
    return ", ".join(f"{count} {shape}{'' if count == 1 else 's'}" for shape, count in counts.items())


def find_fraction(evidence: Evidence) -> Iterator[Finding]:
    """Figures are fractions of persons, or one number stands on several events of a day: a total was divided among them."""
    figures = evidence.figures.assign(monitor=evidence.figures["claim_id"].map(evidence.claims["monitor"]))
    parts = figures[(figures[["low", "best", "high"]].fillna(0) % 1 != 0).any(axis=1)]
    for (monitor, measure, population), rows in parts.groupby(
        ["monitor", "measure_code", "population_code"], sort=True
    ):
        whole = whole_figures(rows)
        low = float(whole["low"].sum())
        high = float("nan") if whole["high"].isna().any() else float(whole["high"].sum())
        yield Finding(
            claim_ids=tuple(sorted(set(rows["claim_id"]))),
            about=(str(monitor), "fractions"),
            measure_code=f"{measure} {population}",
            left_value=", ".join(dict.fromkeys(shown_interval(row.low, row.high) for row in records(rows.iloc[:LISTED_NUMBERS]))),
            right_value=f"together: {shown_interval(low, high)}",
            gap=float(len(rows)),
            gap_unit="figures",
            explanation=f"{evidence.title(str(monitor))} gives fractions of persons in {len(rows)} {'figure' if len(rows) == 1 else 'figures'}; "
            f"a total was divided among linked records. Together they make {shown_interval(low, high)}.",
            suggested_action="Add the records of one total up before rounding; never round each.",
        )  # fmt: skip
    yield from _equal_shares(evidence)


def _equal_shares(evidence: Evidence) -> Iterator[Finding]:
    """Return a finding for each day on which a monitor has one number on several events of one attacker and one origin."""
    least = evidence.tolerance("CNT-FRAC", "killed_min")
    killed = whole_figures(evidence.figures)
    killed = killed[
        (killed["measure_code"] == "killed") & (killed["low"] >= least) & (killed["low"] == killed["high"])
    ]
    # One figure a claim: of several populations the whole one, which is the largest.
    killed = killed.sort_values(["claim_id", "low"]).drop_duplicates("claim_id", keep="last")
    claims = evidence.claims
    own = claims["monitor"].map({name: rule.origin_code for name, rule in evidence.monitors.items()})
    # A record that names nobody but its own monitor says nothing of where its number came from.
    told = (claims["origin_ids"] != "") & (claims["origin_ids"] != own)
    events = claims[(claims["kind_code"] == "incident") & told]
    events = events.join(killed.set_index("claim_id")["low"], how="inner")
    keys = ["monitor", "date_start", "date_end", "perpetrator_codes", "origin_ids", "reported_on", "low"]
    alike = events.groupby(keys, sort=True, dropna=False)
    places = alike["place_name"].transform("nunique")
    shared = events[
        (places >= evidence.tolerance("CNT-FRAC", "events")) & (places == alike["low"].transform("size"))
    ]
    for (monitor, *_), rows in shared.groupby(keys, sort=True, dropna=False):
        number, events_of = float(rows["low"].iloc[0]), len(rows)
        yield Finding(
            claim_ids=tuple(sorted(rows.index)),
            measure_code="killed",
            left_value=f"{events_of} × {shown_interval(number, number)}",
            right_value=f"together: {number * events_of:,.10g}",
            gap=number * events_of,
            gap_unit="persons",
            explanation=f"{evidence.title(str(monitor))} has {shown_interval(number, number)} killed in each of {events_of} events of one day, attacker and origin, in as many places; "
            f"that may be one total of {number * events_of:,.10g}, divided evenly.",
            suggested_action="Look into their notes; if one total was divided, quote the total and not its shares.",
        )


def find_named(evidence: Evidence) -> Iterator[Finding]:
    """More people are named for an incident than its highest count, or, told once a monitor, fewer than its lowest."""
    listed = _named(evidence)
    ids = ["claim_id", "measure_code", "population_code"]
    whole = whole_figures(evidence.figures).drop_duplicates(ids)
    rows = listed.merge(whole[[*ids, "low", "high"]], on=ids)
    rows = rows.assign(monitor=rows["claim_id"].map(evidence.claims["monitor"]))
    for row in records(rows[rows["named"] > rows["high"]]):
        yield Finding(
            claim_ids=(row.claim_id, *row.person_ids),
            measure_code=f"{row.measure_code} {row.population_code}",
            left_value=f"named: {row.named}",
            right_value=f"counted: {shown_interval(row.low, row.high)}",
            gap=float(row.named - row.high),
            gap_unit="persons",
            explanation=f"{row.named} people are named as {row.measure_code} for {row.claim_id}, which counts {shown_interval(row.low, row.high)} {row.population_code} {row.measure_code}.",
            suggested_action="Look for one person under two spellings first; else ask the monitor to raise its count.",
        )
    fewer = rows[rows["named"] < rows["low"]]
    for (monitor, measure, population), few in fewer.groupby(
        ["monitor", "measure_code", "population_code"], sort=True
    ):
        named, low = int(few["named"].sum()), float(few["low"].sum())
        yield Finding(
            claim_ids=tuple(sorted(few["claim_id"])),
            about=(str(monitor),),
            measure_code=f"{measure} {population}",
            left_value=f"named: {named:,}",
            right_value=f"counted: {low:,.10g} or more",
            gap=low - named,
            gap_unit="persons",
            explanation=f"In {len(few)} {'incident' if len(few) == 1 else 'incidents'} {evidence.title(str(monitor))} counts at least {low:,.10g} {population} {measure}, and {named:,} of them are named.",
            suggested_action="Never put a list of names in the place of a count; say how many are named.",
        )


def _named(evidence: Evidence) -> pd.DataFrame:
    """Return how many people are named as killed, or as injured, for each incident: one row a claim, measure and population.

    A person who stands on two lists is one. A list's code is the incident's whose monitor it is, or of the only monitor that
    uses that code.
    """
    claims = evidence.claims
    coded = claims.assign(code=claims["native_incident_ids"].str.split(" ")).explode("code")
    coded = coded[coded["code"] != ""]
    incidents = coded.loc[coded["kind_code"] == "incident", ["code", "monitor", "claim_id"]]
    users = incidents.groupby("code")["monitor"].nunique()
    persons = coded.loc[coded["kind_code"] == "victim", ["code", "monitor", "claim_id"]]
    both = persons.merge(incidents, on="code", suffixes=("_person", ""))
    both = both[(both["monitor_person"] == both["monitor"]) | (both["code"].map(users) == 1)]
    cluster = evidence.linked.set_index("claim_id")["cluster_id"]
    fates = whole_figures(evidence.figures)[["claim_id", "measure_code", "population_code", "high"]]
    # A row of a list may stand for nobody (a person who lived), and for no more than one.
    fates = fates[fates["high"] == 1].rename(columns={"claim_id": "claim_id_person"})
    told = both.merge(fates.drop(columns="high"), on="claim_id_person")
    told = told.assign(person=told["claim_id_person"].map(cluster).fillna(told["claim_id_person"]))
    return (
        told.sort_values("claim_id_person")
        .groupby(["claim_id", "measure_code", "population_code"])
        .agg(named=("person", "nunique"), person_ids=("claim_id_person", lambda ids: tuple(dict.fromkeys(ids))))
        .reset_index()
    )  # fmt: skip


def find_breakdown(evidence: Evidence) -> Iterator[Finding]:
    """The parts of a figure (children, women, men) add up to more than the whole, or all are stated and add up to less."""
    yield from _own_breakdowns(evidence)
    yield from series.broken_parts(evidence)


def _own_breakdowns(evidence: Evidence) -> Iterator[Finding]:
    """Return findings of figures whose parts stand in the same claim."""
    keys = ["claim_id", "measure_code", "population_code"]
    alleged = evidence.figures[evidence.figures["role_code"] == "alleged"].drop_duplicates(
        [*keys, "sex_code", "age_group_code"]
    )
    is_whole = (alleged["sex_code"] == "any") & (alleged["age_group_code"] == "any")
    if is_whole.all():
        return
    bounds = alleged[is_whole].set_index(keys)[["low", "high"]]
    summed = _summed_parts(alleged[~is_whole], keys)
    joined = summed.join(
        bounds.rename(columns={"low": "low_whole", "high": "high_whole"}), on=keys, how="inner"
    )
    over = joined["low"] - joined["high_whole"].fillna(np.inf)
    under = (joined["low_whole"] - joined["high"]).where(joined["is_complete"], 0).fillna(0)
    broken = joined.assign(over=over, under=under)[(over > 0) | (under > 0)]
    # By age and by sex, one claim may be told twice; once is enough, the certain one first.
    broken = broken.sort_values([*keys, "over"], ascending=[True, True, True, False]).drop_duplicates(keys)
    for row in records(broken):
        whole_text, part_text = (
            shown_interval(row.low_whole, row.high_whole),
            shown_interval(row.low, row.high),
        )
        who = "" if row.population_code == "all" else f" {row.population_code}"
        yield Finding(
            claim_ids=(row.claim_id,),
            measure_code=_counted_code(row),
            left_value=f"whole: {whole_text}",
            right_value=f"{'children, women and men' if row.by == 'age' else 'women and men'}: {part_text}",
            gap=float(max(row.over, row.under)),
            gap_unit="persons",
            severity="S1" if row.over > 0 else "S2",
            explanation=f"The parts add up to {part_text}{who} {row.measure_code}, the whole is {whole_text}: "
            + (f"{row.over:,.10g} too many." if row.over > 0 else f"{row.under:,.10g} are in no part."),
            suggested_action="Ask the monitor which number stands."
            if row.over > 0
            else "Say that the sex or age of the rest is not known; do not spread them over the parts.",
        )


def _summed_parts(parts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the sums of parts by age, and by sex where no age is stated.

    Of an age whose sum is stated (children), its sexes (boys, girls) are left out. Who is of unknown age or sex is a part
    like any other, so that "33 bodies of whom nothing is known" are in the sum. A sum is complete where it holds both
    halves: children and adults, or both sexes, of each half its own sum or both its sexes.
    """
    ageless = parts["age_group_code"] == "any"
    sexes = parts["sex_code"].isin(["female", "male"])
    both = [parts[name] for name in keys]
    by_sex = ageless & (ageless & sexes).groupby(both).transform("any")
    rows = parts.assign(
        by=np.where(by_sex, "sex", "age"),
        half=np.where(by_sex, parts["sex_code"], parts["age_group_code"]),
        is_sum=by_sex | (parts["sex_code"] == "any"),
    )
    half = [*keys, "by", "half"]
    rows = rows[rows["is_sum"] | ~rows.groupby(half)["is_sum"].transform("any")]
    rows = rows.assign(is_sexed=rows["sex_code"].isin(["female", "male"]) & ~rows["is_sum"])
    halves = rows.groupby(half, as_index=False).agg(
        low=("low", "sum"), high=("high", "sum"), parts=("low", "size"), closed=("high", "count"),
        is_sum=("is_sum", "any"), sexes=("is_sexed", "sum"),
    )  # fmt: skip
    is_half = halves["half"].isin(["child", "adult", "female", "male"]) & (
        halves["is_sum"] | (halves["sexes"] == HALVES)
    )
    sums = halves.assign(is_half=is_half).groupby([*keys, "by"], as_index=False).sum(numeric_only=True)
    # One open high leaves the sum open.
    return sums.assign(
        high=sums["high"].where(sums["closed"] == sums["parts"]), is_complete=sums["is_half"] == HALVES
    )


def find_zero(evidence: Evidence) -> Iterator[Finding]:
    """One monitor has a zero where another has deaths, and its zero may mean that nothing is known."""
    pairs = figure_pairs(evidence)
    sides = side_claims(evidence)
    one_zero = (pairs["low_left"] == 0) != (pairs["low_right"] == 0)
    for row in records(pairs[one_zero & ~is_disputed(evidence, pairs)]):
        zero, other = ("left", "right") if row.low_left == 0 else ("right", "left")
        monitor, low, high = (
            getattr(row, f"monitor_{zero}"),
            getattr(row, f"low_{zero}"),
            getattr(row, f"high_{zero}"),
        )
        other_low, other_high = getattr(row, f"low_{other}"), getattr(row, f"high_{other}")
        meets = pd.isna(high) or high >= other_low
        if not meets and not _is_nothing_known(evidence, monitor):
            continue
        yield Finding(
            claim_ids=sides[row.cluster_id, row.monitor_left] + sides[row.cluster_id, row.monitor_right],
            cluster_id=row.cluster_id,
            measure_code=_counted_code(row),
            left_value=f"{evidence.title(monitor)}: {shown_interval(low, high)}",
            right_value=f"{evidence.title(getattr(row, f'monitor_{other}'))}: {shown_interval(other_low, other_high)}",
            gap=float(other_low),
            gap_unit="persons",
            explanation=f"{evidence.title(monitor)} has 0 as its lowest {row.population_code} {row.measure_code}, "
            f"{evidence.title(getattr(row, f'monitor_{other}'))} at least {other_low:,.10g}; the zero may stand for not known.",
            suggested_action="Do not print the zero as a finding of no deaths; say what a zero means to that monitor.",
        )


def find_vague(evidence: Evidence) -> Iterator[Finding]:
    """A number was published as a word, and stands as the interval that the run's profile gives the word."""
    vague = evidence.figures[evidence.figures["qualifier_code"] == "vague"]
    for row in records(vague):
        yield Finding(
            claim_ids=(row.claim_id,),
            measure_code=_counted_code(row),
            left_value=row.verbatim,
            right_value=shown_interval(row.low, row.high),
            explanation=f'"{row.verbatim}" {row.measure_code} was read as {shown_interval(row.low, row.high)}.',
            suggested_action="Quote the word. Run again with --quantities acled and wide to see what hangs on the reading.",
        )


def find_scope(evidence: Evidence) -> Iterator[Finding]:
    """Two monitors count different people or things; their numbers stand side by side and are not subtracted."""
    stated = evidence.sums[["cluster_id", "monitor", "measure_code", "population_code"]]
    own = {name: rule.scope.population_code for name, rule in evidence.monitors.items()}
    if len({own.get(name, "unknown") for name in stated["monitor"].unique()}) > 1:
        yield from _other_scopes(evidence, stated, own)
    yield from _uncountable_totals(evidence)
    yield from _unattributed_totals(evidence)
    yield from windows.differing_totals(evidence)


def _other_scopes(evidence: Evidence, stated: pd.DataFrame, own: Mapping[str, str]) -> Iterator[Finding]:
    """Return a finding for each two monitors that count different people, with the incidents they share."""
    stated = stated[stated.duplicated(["cluster_id", "measure_code"], keep=False)]
    joined = stated.merge(stated, on=["cluster_id", "measure_code"], suffixes=("_left", "_right"))
    joined = joined[joined["monitor_left"] < joined["monitor_right"]]
    sides = side_claims(evidence)
    for (left, right), rows in joined.groupby(["monitor_left", "monitor_right"], sort=True):
        here, there = own.get(str(left), "unknown"), own.get(str(right), "unknown")
        if here == there:
            continue
        clusters = sorted(rows["cluster_id"].unique())
        claims = tuple(
            claim
            for cluster in clusters
            for monitor in (left, right)
            for claim in sides[cluster, str(monitor)]
        )
        yield Finding(
            claim_ids=claims,
            about=(str(left), str(right)),
            left_value=f"{evidence.title(str(left))}: {here}",
            right_value=f"{evidence.title(str(right))}: {there}",
            gap=float(len(clusters)),
            gap_unit="incidents",
            explanation=f"{evidence.title(str(left))} counts {_counted(here)}{_threshold(evidence, str(left))}, {evidence.title(str(right))} {_counted(there)}{_threshold(evidence, str(right))}. "
            f"In {len(clusters)} shared {'incident' if len(clusters) == 1 else 'incidents'} only figures of one population were compared.",
            suggested_action="Never subtract their headline numbers; compare civilians with civilians, and print both scopes.",
        )


def _threshold(evidence: Evidence, monitor: str) -> str:
    """Return from what on a monitor counts an incident, in brackets, where its rules say so."""
    rule = evidence.monitors.get(monitor)
    stated = rule.scope.threshold if rule else "scope unknown"
    return f" ({stated})" if stated else ""


def _counted(population: str) -> str:
    return {"civilian": "civilians", "combatant": "combatants", "all": "everyone"}.get(
        population, "people it does not define"
    )


def _uncountable_totals(evidence: Evidence) -> Iterator[Finding]:
    """Totals of a population that a monitor's incidents do not state can be laid beside nothing of that monitor.

    Told once for each two monitors, and only of totals whose country and window the monitor's incidents reach into.
    """
    claims = evidence.claims
    if not (claims["kind_code"] == "total").any():
        return
    whole = whole_figures(evidence.figures)
    whole = whole.assign(
        monitor=whole["claim_id"].map(claims["monitor"]), kind=whole["claim_id"].map(claims["kind_code"])
    )
    offered = (
        whole[whole["kind"] == "incident"]
        .groupby("monitor")[["measure_code", "population_code"]]
        .agg(frozenset)
    )
    totals = whole[whole["kind"] == "total"].join(
        claims[["country_code", "date_start", "date_end"]], on="claim_id"
    )
    incidents = claims[claims["kind_code"] == "incident"]
    for monitor, known in offered.iterrows():
        own = incidents[incidents["monitor"] == monitor]
        apart = totals[
            (totals["monitor"] != monitor)
            & totals["measure_code"].isin(known["measure_code"])
            & ~totals["population_code"].isin(known["population_code"])
            & _reaches(totals["country_code"], frozenset(own["country_code"]))
            & ~(totals["date_start"] > own["date_end"].max())
            & ~(totals["date_end"] < own["date_start"].min())
        ]
        for (source, measure, population), rows in apart.groupby(
            ["monitor", "measure_code", "population_code"], sort=True
        ):
            ids = tuple(sorted(set(rows["claim_id"])))
            told = (
                f"The total counts {_counted(population)}"
                if len(ids) == 1
                else f"{len(ids)} totals of {evidence.title(str(source))} count {_counted(population)}"
            )
            yield Finding(
                claim_ids=ids,
                about=(str(source), str(monitor), str(population)),
                measure_code=f"{measure} {monitor}",
                left_value=f"total: {population}",
                right_value=f"{evidence.title(str(monitor))}: {', '.join(sorted(known['population_code']))}",
                explanation=f"{told}; {evidence.title(str(monitor))} states no such figure, so no bridge was laid; what its incidents sum to counts other people.",
                suggested_action="State the population of the total, if its source does.",
            )


def _reaches(countries: pd.Series[str], own: frozenset[str]) -> pd.Series[bool]:
    """Return which totals are of a country among a monitor's, or of no country that they state."""
    known = {text: not text or not own.isdisjoint(text.split()) for text in countries.unique()}
    return countries.map(known).astype(bool)


def _unattributed_totals(evidence: Evidence) -> Iterator[Finding]:
    """Totals by one attacker can't be laid beside a monitor that names two sides and no attacker; told once for each two monitors."""
    if evidence.bridge.empty:
        return
    steps = evidence.bridge.set_index(["total_id", "measure_code", "population_code", "monitor"])
    # A derived total is nobody's claim.
    steps = steps[steps.index.get_level_values("total_id").isin(evidence.claims.index)]
    empty = steps[steps["is_headline"] & (steps["incidents"] == 0)].index
    nameless = steps[(steps["step_code"] == "attacker_not_stated") & (steps["incidents"] > 0)]
    unlaid = nameless[nameless.index.isin(empty)].reset_index()
    source = unlaid["total_id"].map(evidence.claims["monitor"])
    keys = ["source", "monitor", "measure_code", "population_code"]
    for (name, monitor, measure, population), rows in unlaid.assign(source=source).groupby(keys, sort=True):
        widest = rows.iloc[int(rows["incidents"].to_numpy().argmax())]
        told = "The total names" if len(rows) == 1 else f"{len(rows)} totals name"
        yield Finding(
            claim_ids=tuple(sorted(rows["total_id"])),
            about=(str(name), str(monitor), str(population)),
            measure_code=f"{measure} attacker {monitor}",
            left_value="one attacker",
            right_value=f"{evidence.title(str(monitor))}: no attacker named",
            gap=float(widest["incidents"]),
            gap_unit="incidents",
            explanation=f"{told} an attacker; {evidence.title(str(monitor))} names the two sides of its {widest['incidents']:,} incidents there and no attacker. "
            f"They sum to {shown_interval(widest['low'], widest['high'])} {population} {measure} by anyone, and are not comparable."
            + (
                ""
                if len(rows) == 1
                else f" That is the widest, {widest['total_id']}; the Totals sheet has each."
            ),
            suggested_action="Print that sum, if at all, as deaths by any attacker.",
        )
