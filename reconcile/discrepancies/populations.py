"""Kinds about who is counted, and as what: civilians or fighters, killed or injured or either, and people who were not hurt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.discrepancies.evidence import (
    Evidence,
    Finding,
    disputed_status,
    figure_pairs,
    shown_interval,
    side_claims,
    whole_figures,
)
from reconcile.groups import joined
from reconcile.views import records, window_text

if TYPE_CHECKING:
    from collections.abc import Iterator

EITHER = "killed_or_injured"
HURT = ("killed", "injured")
# Numbers, and letters of quoted words, that a finding of many spells out.
LISTED_NUMBERS = 5
LONGEST_WORDS = 120
_PEOPLE = {
    "civilian": "civilians",
    "combatant": "fighters",
    "all": "everyone",
    "unknown": "people not defined",
}


def find_disputed_status(evidence: Evidence) -> Iterator[Finding]:
    """One monitor says that the dead of an incident were civilians, another that they were fighters and no civilians."""
    sides = side_claims(evidence)
    for row in records(disputed_status(evidence)):
        civilians = _counted(row.low_civilian, row.high_civilian, "civilian")
        fighters = _counted(row.low_fighter, row.high_fighter, "fighter")
        ours, theirs = evidence.title(row.monitor_civilian), evidence.title(row.monitor_fighter)
        yield Finding(
            claim_ids=sides[row.cluster_id, row.monitor_civilian] + sides[row.cluster_id, row.monitor_fighter],
            cluster_id=row.cluster_id,
            measure_code=row.measure_code,
            left_value=f"{ours}: {civilians}",
            right_value=f"{theirs}: {fighters}, no civilian",
            gap=float(row.low_civilian),
            gap_unit="persons",
            explanation=f"{ours} says {civilians} {row.measure_code}; {theirs} says {fighters} {row.measure_code} and no civilian. "
            "The two differ on who the dead were, not only on how many.",
            suggested_action="Print both with what each knows of the dead; do not add the two, and do not average them.",
        )  # fmt: skip


def _counted(low: float, high: float, noun: str) -> str:
    return f"{shown_interval(low, high)} {noun}{'' if low == high == 1 else 's'}"


def find_status(evidence: Evidence) -> Iterator[Finding]:
    """Two monitors give numbers for one incident that count different people, and none that counts the same."""
    sums = evidence.sums
    keys = ["cluster_id", "monitor", "measure_code"]
    stated = joined(sums.sort_values([*keys, "population_code"]), keys, "population_code", " ").rename(
        columns={"population_code": "people"}
    )
    stated = stated[stated.duplicated(["cluster_id", "measure_code"], keep=False)]
    pairs = stated.merge(stated, on=["cluster_id", "measure_code"], suffixes=("_left", "_right"))
    pairs = pairs[pairs["monitor_left"] < pairs["monitor_right"]]
    names = ["cluster_id", "measure_code", "monitor_left", "monitor_right"]
    shared = pd.MultiIndex.from_frame(figure_pairs(evidence)[names])
    pairs = pairs[~pd.MultiIndex.from_frame(pairs[names]).isin(shared)]
    own = {name: rule.scope.population_code for name, rule in evidence.monitors.items()}
    here, there = (pairs[f"monitor_{side}"].map(own) for side in ("left", "right"))
    # What the two monitors' own scopes explain is told by SCOPE-DEF; who the dead were, by STAT-CIV.
    is_lasting = (here != there) & (pairs["people_left"] == here) & (pairs["people_right"] == there)
    is_status = pairs["people_left"].isin(["civilian", "combatant"]) & pairs["people_right"].isin(
        ["civilian", "combatant"]
    )
    sides = side_claims(evidence)
    group = ["monitor_left", "monitor_right", "people_left", "people_right", "measure_code"]
    for (left, right, ours, theirs, measure), rows in pairs[~is_lasting & ~is_status].groupby(
        group, sort=True
    ):
        clusters = sorted(rows["cluster_id"])
        counted = [
            f"{evidence.title(str(name))} counts {_people(str(people))}"
            for name, people in ((left, ours), (right, theirs))
        ]
        yield Finding(
            claim_ids=tuple(
                claim for cluster in clusters for name in (left, right) for claim in sides[cluster, str(name)]
            ),
            about=(str(left), str(right), str(ours), str(theirs)),
            measure_code=str(measure),
            left_value=f"{evidence.title(str(left))}: {_people(str(ours))}",
            right_value=f"{evidence.title(str(right))}: {_people(str(theirs))}",
            gap=float(len(clusters)),
            gap_unit="incidents",
            explanation=f"In {len(clusters)} shared {'incident' if len(clusters) == 1 else 'incidents'} {counted[0]} {measure} and {counted[1]}; no number was compared.",
            suggested_action="Show them side by side and subtract nothing; ask each monitor who is in its number.",
        )


def _people(populations: str) -> str:
    return ", ".join(_PEOPLE.get(code, code) for code in populations.split())


def find_either(evidence: Evidence) -> Iterator[Finding]:
    """Figures count killed and injured together, or do not say which ("casualties", "victims"); told once a monitor."""
    claims = evidence.claims
    lumped = evidence.figures[evidence.figures["measure_code"] == EITHER]
    if lumped.empty:
        return
    rows = lumped.assign(monitor=lumped["claim_id"].map(claims["monitor"]))
    told_apart = frozenset(evidence.sums.loc[evidence.sums["measure_code"].isin(HURT), "cluster_id"])
    cluster = evidence.linked.drop_duplicates("claim_id").set_index("claim_id")["cluster_id"]
    for monitor, group in rows.groupby("monitor", sort=True):
        ids = sorted(set(group["claim_id"]))
        beside = cluster.reindex(ids).isin(told_apart)
        words = ", ".join(f'"{text}"' for text in dict.fromkeys(group["verbatim"]) if text)
        said = f" ({words})" if 0 < len(words) <= LONGEST_WORDS else ""
        where = (
            f" For {int(beside.sum())} of these incidents a monitor tells the killed from the injured."
            if beside.any()
            else ""
        )
        yield Finding(
            claim_ids=tuple(ids),
            about=(str(monitor),),
            left_value=f"{evidence.title(str(monitor))}: killed or injured",
            right_value=f"{len(group):,} figures",
            gap=float(len(ids)),
            gap_unit="claims",
            explanation=f"{len(group):,} {'figure' if len(group) == 1 else 'figures'} of {evidence.title(str(monitor))}{said} "
            f"{'counts' if len(group) == 1 else 'count'} killed and injured together, or {'does' if len(group) == 1 else 'do'} not say which; no number of killed was compared with {'it' if len(group) == 1 else 'them'}.{where}",
            suggested_action='Do not print "casualties" as deaths; ask how many of them died.',
        )


def find_no_casualty(evidence: Evidence) -> Iterator[Finding]:
    """People who were freed, fled or were taken are no casualties; S1 where the same number stands as killed or injured too."""
    terms = evidence.measures.terms
    harmless = frozenset(code for code, term in terms.items() if not term.casualty)
    alleged = evidence.figures[evidence.figures["role_code"] == "alleged"]
    rows = alleged[alleged["measure_code"].isin(harmless)]
    if rows.empty:
        return
    mistaken = _same_number(evidence, rows)
    for row in records(mistaken):
        number = shown_interval(row.low, row.high)
        here, there = (terms[code].title.lower() for code in (row.measure_code, row.measure_code_hurt))
        yield Finding(
            claim_ids=tuple(dict.fromkeys((row.claim_id, row.claim_id_hurt))),
            measure_code=f"{row.measure_code} {row.measure_code_hurt}",
            left_value=f"{evidence.title_of(row.claim_id)}: {number} {here}",
            right_value=f"{evidence.title_of(row.claim_id_hurt)}: {number} {there}",
            gap=float(row.low),
            gap_unit="persons",
            severity="S1",
            explanation=f"{number} people stand as {here} and, for the same place and {window_text(row.date_start, row.date_end)}, as {there}; one of the two may be a misreading of the other.",
            suggested_action="Read the sentence again before the number enters any count of casualties.",
        )
    rows = rows[~rows["claim_id"].isin(mistaken["claim_id"])]
    rows = rows.assign(monitor=rows["claim_id"].map(evidence.claims["monitor"]))
    for (monitor, measure), group in rows.groupby(["monitor", "measure_code"], sort=True):
        whole = whole_figures(group)
        numbers = ", ".join(
            dict.fromkeys(shown_interval(row.low, row.high) for row in records(whole.iloc[:LISTED_NUMBERS]))
        )
        title = terms[str(measure)].title.lower()
        yield Finding(
            claim_ids=tuple(sorted(set(group["claim_id"]))),
            about=(str(monitor),),
            measure_code=str(measure),
            left_value=f"{evidence.title(str(monitor))}: {title}",
            right_value=numbers,
            gap=float(len(group)),
            gap_unit="figures",
            explanation=f"{len(group):,} {'figure' if len(group) == 1 else 'figures'} of {evidence.title(str(monitor))} {'is' if len(group) == 1 else 'are'} of people who were {title}, and no casualties ({numbers}); "
            f"{'it is' if len(group) == 1 else 'they are'} in no sum of killed or injured.",
            suggested_action="Keep them out of every count of casualties.",
        )


def _same_number(evidence: Evidence, rows: pd.DataFrame) -> pd.DataFrame:
    """Return figures of no casualties beside one of killed or injured with the same number, window and place.

    Columns of `rows`, the window, and claim_id_hurt, measure_code_hurt. One person is too common a number to tell anything.
    """
    where = ["date_start", "date_end", "place_name", "country_code"]
    keys = ["low", "high", "sex_code", "age_group_code", *where]
    figures = evidence.figures
    hurt = figures[
        figures["measure_code"].isin([*HURT, EITHER])
        & (figures["role_code"] == "alleged")
        & (figures["low"] > 1)
    ]
    columns = ["claim_id", "measure_code"]
    left, right = (one.join(evidence.claims[where], on="claim_id") for one in (rows, hurt))
    both = left.merge(right[[*columns, *keys]], on=keys, suffixes=("", "_hurt"))
    return both.sort_values(["claim_id", "claim_id_hurt"]).drop_duplicates(["claim_id", "measure_code"])
