"""The Overlap page: which monitors know the same incidents, by combination and by pair."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.groups import joined
from reconcile.report.naming import short_titles
from reconcile.sheets import Block, Chart, Column, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconcile.result import RunResult

# Combinations that are shown one by one; an eye can take in no more.
SHOWN = 20
KNOWS, KNOWS_NOT = "●", "·"
CAREFUL = (
    "An incident counts for a monitor that holds a claim matched to it.",
    "Summaries of many events are left out, and possible matches until somebody judges them.",
    "That two monitors know an incident does not make it two sources: see Origins.",
    "Nothing here says how many incidents no monitor knows.",
)
COMPARED = (
    "Each pair is compared in the months and countries in which both have claims.",
    "They may still count different people, attackers or means, so a low share is no fault of either.",
)


def overlap_sheet(result: RunResult) -> Sheet:
    """Return how many incidents each combination and each pair of monitors knows."""
    known = _known(result)
    if known.empty:
        none = Block(pd.DataFrame(), (), heading="Overlap", notes=("No incident claims.",))
        return Sheet("Overlap", (none,))
    sizes = known.drop_duplicates(["cluster_id", "monitor"])["monitor"].value_counts()
    order = sorted(sizes.index, key=lambda name: (-int(sizes[name]), name))
    whole = short_titles(result, order)
    titles = {name: whole[name] for name in order}
    blocks = [_monitors(known, titles), _combinations(known, titles)]
    if len(titles) > 1:
        # A chart stands beside its block and may be taller: below the last one nothing is hidden by it.
        blocks.insert(1, _pairs(result, known, titles))
    chart = Chart(
        "Incidents known to exactly these monitors",
        block=len(blocks) - 1,
        category="monitors",
        series=("incidents",),
        y_title="incidents",
    )
    return Sheet("Overlap", tuple(blocks), charts=(chart,) if len(titles) > 1 else ())


def _known(result: RunResult) -> pd.DataFrame:
    """Return the incident claims that are one incident's own, with its cluster, month and country."""
    own = result.linked[
        (result.linked["cluster_kind_code"] == "incident") & (result.linked["relation_code"] != "covers")
    ]
    claims = result.claims[
        (result.claims["kind_code"] == "incident") & (result.claims["unit_code"] != "event_summary")
    ]
    known = claims.merge(own[["claim_id", "cluster_id"]], on="claim_id")
    month = known["date_start"].dt.strftime("%Y-%m").fillna("")
    # Only whether two claims are of one incident is asked; numbers are compared faster than names.
    numbered = pd.factorize(known["cluster_id"])[0]
    return known.assign(watched=month + " " + known["country_code"], cluster_id=numbered)[
        ["claim_id", "cluster_id", "monitor", "watched"]
    ]


def _monitors(known: pd.DataFrame, titles: Mapping[str, str]) -> Block:
    held = known.drop_duplicates(["cluster_id", "monitor"])
    times = held["cluster_id"].map(held["cluster_id"].value_counts())
    counts = pd.DataFrame(
        {
            "claims": known["monitor"].value_counts(),
            "incidents": held["monitor"].value_counts(),
            "shared": held.loc[times > 1, "monitor"].value_counts(),
        }
    ).fillna(0)
    rows = counts.reindex(list(titles)).assign(title=list(titles.values()))
    rows["alone"] = rows["incidents"] - rows["shared"]
    rows["share"] = rows["shared"] / rows["incidents"]
    columns = (
        Column("title", "Monitor", 44),
        Column("incidents", "Incidents", 14, "integer"),
        Column("shared", "Known to another monitor too", 14, "integer"),
        Column("alone", "Known to it alone", 14, "integer"),
        Column("share", "Share known to another", 14, "share"),
        Column("claims", "Claims", 14, "integer"),
    )
    return Block(rows.reset_index(drop=True), columns, heading="Who knows what others know", notes=CAREFUL)


def _combinations(known: pd.DataFrame, titles: Mapping[str, str]) -> Block:
    """Return a row for each set of monitors that know the same incidents, the largest first, with a dot for each member."""
    held = known.drop_duplicates(["cluster_id", "monitor"]).sort_values(["cluster_id", "monitor"])
    sets = joined(held, ["cluster_id"], "monitor", " ")["monitor"].value_counts()
    ranked = sorted(sets.items(), key=lambda one: (-int(one[1]), str(one[0])))
    rows = []
    for codes, count in ranked[:SHOWN]:
        members = str(codes).split()
        named = [name for name in titles if name in members]
        rows.append(
            {
                "monitors": f"{titles[named[0]]} alone"
                if len(named) == 1
                else " + ".join(titles[name] for name in named),
                "incidents": int(count),
                **{f"has_{name}": KNOWS if name in members else KNOWS_NOT for name in titles},
            }
        )
    notes = [
        f"{KNOWS} knows it, {KNOWS_NOT} does not. Every incident stands in one row, so these may be added up."
    ]
    if folded := ranked[SHOWN:]:
        notes.append(
            f"{len(folded)} rarer combinations, {sum(int(count) for _, count in folded):,} incidents in all, are not listed."
        )
    columns = (
        Column("monitors", "Known to exactly", 44),
        *(Column(f"has_{name}", title, 14) for name, title in titles.items()),
        Column("incidents", "Incidents", 14, "integer"),
    )
    return Block(pd.DataFrame(rows), columns, heading="By combination of monitors", notes=tuple(notes))


def _pairs(result: RunResult, known: pd.DataFrame, titles: Mapping[str, str]) -> Block:
    """Return for each pair of monitors what both know of what either knows where both were watching."""
    possible = _possible(result)
    held = {str(name): own for name, own in known.groupby("monitor")}
    rows = []
    for left, right in combinations(titles, 2):
        one, two = held[left], held[right]
        both = set(one["watched"].unique()) & set(two["watched"].unique())
        ours = one.loc[one["watched"].isin(both), "cluster_id"].unique()
        theirs = two.loc[two["watched"].isin(both), "cluster_id"].unique()
        # One incident may start in another month by another monitor's account.
        common = np.union1d(
            np.intersect1d(ours, two["cluster_id"]), np.intersect1d(theirs, one["cluster_id"])
        )
        ours, theirs = np.union1d(ours, common), np.union1d(theirs, common)
        rows.append(
            {
                "pair": f"{titles[left]} and {titles[right]}",
                "months": len({text.split(" ")[0] for text in both} - {""}),
                "left": len(ours),
                "right": len(theirs),
                "common": len(common),
                "left_share": len(common) / len(ours) if len(ours) else None,
                "right_share": len(common) / len(theirs) if len(theirs) else None,
                "possible": possible.get(frozenset((left, right)), 0),
            }
        )
    table = pd.DataFrame(rows).sort_values(["common", "pair"], ascending=[False, True], ignore_index=True)
    columns = (
        Column("pair", "First and second", 44),
        Column("common", "Incidents both know", 14, "integer"),
        Column("left", "Incidents of the first", 14, "integer"),
        Column("right", "Incidents of the second", 14, "integer"),
        Column("left_share", "Of the first, known to both", 14, "share"),
        Column("right_share", "Of the second, known to both", 14, "share"),
        Column("possible", "Possible matches, not counted", 14, "integer"),
        Column("months", "Months in which both have claims", 14, "integer"),
    )
    return Block(table, columns, heading="By pair of monitors", notes=COMPARED)


def _possible(result: RunResult) -> dict[frozenset[str], int]:
    """Return how many pairs of claims of two monitors wait for a person, by the two monitors."""
    owner = result.claims.set_index("claim_id")["monitor"]
    pairs = result.verdicts[result.verdicts["verdict_code"] == "possible"]
    sides = pd.DataFrame({"one": pairs["left_id"].map(owner), "other": pairs["right_id"].map(owner)}).dropna()
    either = [frozenset(pair) for pair in zip(sides["one"], sides["other"], strict=True)]
    return dict(Counter(either))
