"""The Origins page: who first asserted the claims, through whom they came, and how many voices an incident has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.origins import COUNTED
from reconcile.report.naming import short_titles
from reconcile.sheets import Block, Column, Sheet

if TYPE_CHECKING:
    from reconcile.result import RunResult

# Origins and ways shown one by one; a source that is named once or twice says little, and there are hundreds.
SHOWN = 60
MANY = 3
VOICES = (
    "Monitors report an incident; its origins are those who first asserted it.",
    "Several monitors over 1 origin: one voice was repeated, and nothing is confirmed by several.",
    "What a record does not say cannot be followed: this is what the records state.",
)
WHO = (
    "asserts: the record names it as the one who said so, or names nobody and the monitor speaks for itself.",
    "last known: a wire or a nameless word, and the record names no one behind it.",
    "Alone: the incident rests on this origin and no other. not listed: no term of rules/vocabularies/origins.yaml.",
)
WAYS = ("Who passed on what somebody else asserted. A way adds a report and no origin.",)


def origins_sheet(result: RunResult) -> Sheet:
    """Return incidents by reports and origins, the origins, and the ways from them."""
    if result.origins.empty:
        none = Block(pd.DataFrame(), (), heading="Origins", notes=("No claim names a source.",))
        return Sheet("Origins", (none,))
    return Sheet("Origins", (_voices(result), _origins(result), *_ways(result)))


def _voices(result: RunResult) -> Block:
    """Return how many incidents have so many monitors, by the number of their independent origins."""
    own = result.linked[
        (result.linked["cluster_kind_code"] == "incident") & (result.linked["relation_code"] != "covers")
    ]
    monitor = result.claims.set_index("claim_id")["monitor"]
    monitors = own.assign(monitor=own["claim_id"].map(monitor)).groupby("cluster_id")["monitor"].nunique()
    voices = monitors.index.to_series().map({key: len(found) for key, found in result.independent.items()})
    table = pd.crosstab(monitors, voices.fillna(0).astype("int64").clip(upper=MANY))
    table = table.reindex(columns=range(MANY + 1), fill_value=0)
    rows = table.rename(columns={count: f"voices_{count}" for count in table.columns}).reset_index(
        names="reports"
    )
    rows["reports"] = [f"{count} monitor{'s' if count > 1 else ''}" for count in rows["reports"]]
    columns = (
        Column("reports", "Incidents reported by", 44),
        *(
            Column(f"voices_{count}", f"{count} origin{'s' if count > 1 else ''}", 14, "integer")
            for count in range(1, MANY)
        ),
        Column(f"voices_{MANY}", f"{MANY} or more origins", 14, "integer"),
        Column("voices_0", "None named", 14, "integer"),
    )
    return Block(rows, columns, heading="Reports and independent origins", notes=VOICES)


def _origins(result: RunResult) -> Block:
    """Return the origins that count, those of the most incidents first."""
    counted = result.origins[result.origins["role_code"].isin(COUNTED)]
    linked = result.linked[result.linked["relation_code"] != "covers"].drop_duplicates("claim_id")
    told = counted.merge(linked[["claim_id", "cluster_id"]], on="claim_id", how="left").merge(
        result.claims[["claim_id", "monitor"]], on="claim_id"
    )
    alone = {next(iter(found)): 0 for found in result.independent.values() if len(found) == 1}
    for found in result.independent.values():
        if len(found) == 1:
            alone[next(iter(found))] += 1
    rows = (
        told.groupby(["origin_code", "name"])
        .agg(claims=("claim_id", "nunique"), incidents=("cluster_id", "nunique"))
        .reset_index()
    )
    roles = told.groupby("origin_code")["role_code"].agg(
        lambda roles: ", ".join(sorted(set(roles))).replace("_", " ")
    )
    kinds = {code: term.kind for code, term in result.rules.vocabularies["origins"].terms.items()}
    titles = short_titles(result, told["monitor"].unique())
    carried = told[["origin_code", "monitor"]].drop_duplicates().sort_values(["origin_code", "monitor"])
    carriers = (
        carried.assign(title=carried["monitor"].map(titles)).groupby("origin_code")["title"].agg(", ".join)
    )
    rows = rows.assign(
        role=rows["origin_code"].map(roles),
        kind=rows["origin_code"].map(kinds).astype("str").fillna("not listed"),
        monitors=rows["origin_code"].map(carriers),
        alone=rows["origin_code"].map(alone).fillna(0),
    ).sort_values(["incidents", "claims", "origin_code"], ascending=[False, False, True], ignore_index=True)
    columns = (
        Column("name", "Origin", 60),
        Column("role", "Role", 14),
        Column("kind", "Kind", 14),
        Column("incidents", "Incidents", 14, "integer"),
        Column("alone", "Of these, alone", 14, "integer"),
        Column("claims", "Claims", 14, "integer"),
        Column("monitors", "Carried by", 30),
        Column("origin_code", "Code", 24),
    )
    return Block(
        rows.head(SHOWN), columns, heading="Who first asserted it", notes=(*WHO, *_folded(rows, "origins"))
    )


def _ways(result: RunResult) -> tuple[Block, ...]:
    """Return who passed on whose claims."""
    ways = result.origins[result.origins["role_code"] == "passes_on"]
    first = result.origins[result.origins["role_code"].isin(COUNTED)]
    both = ways[["claim_id", "name"]].merge(
        first[["claim_id", "name"]], on="claim_id", suffixes=("_via", "_first")
    )
    if both.empty:
        return ()
    rows = (
        both.groupby(["name_via", "name_first"])["claim_id"]
        .nunique()
        .reset_index(name="claims")
        .sort_values(["claims", "name_via", "name_first"], ascending=[False, True, True], ignore_index=True)
    )
    rows = rows.assign(way=rows["name_via"] + ", from " + rows["name_first"])
    columns = (
        Column("way", "Who passed it on, and from whom", 60),
        Column("claims", "Claims", 14, "integer"),
    )
    notes = (*WAYS, *_folded(rows, "ways"))
    return (Block(rows.head(SHOWN), columns, heading="Through whom it came", notes=notes),)


def _folded(rows: pd.DataFrame, what: str) -> tuple[str, ...]:
    rest = rows.iloc[SHOWN:]
    if rest.empty:
        return ()
    return (
        f"The {SHOWN} most frequent. {len(rest):,} more {what}, {int(np.sum(rest['claims'])):,} claims, stand in tables/origins.parquet.",
    )
