"""The Belligerents page: what is laid at each one's door, and what it concedes, denies or leaves unanswered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import whole_figures
from reconcile.report.incidents import intervals, own_sums
from reconcile.report.naming import short_titles, title_of
from reconcile.sheets import Block, Column, Sheet
from reconcile.views import window_text

if TYPE_CHECKING:
    from reconcile.result import RunResult

# In the order in which they are shown; of several statements on one incident the first of these counts.
POSITIONS = ("conceded", "denied", "unclear", "not_assessed", "", "no_statement")
POSITION_WORDS = {"": "no position", "no_statement": "no statement"}
POSITION_MARKS = {"no_statement": "faint"}
CAME_IN = ("reports_carried_over", "reports_new")
CLOSED = ("reports_credible", "reports_not_credible", "reports_duplicate", "reports_open")
WIDE = 44
NONE_HERE = "No belligerent's own statements are among the inputs of this run."
ALLEGED = (
    "Civilians killed as each monitor alleges them, by what the belligerent says of the same incidents. All grades; a monitor alleges where it names the belligerent, alone or among others.",
    "Alleged and conceded are never added or subtracted: a concession speaks of the belligerent's own count. Never add the monitors: they tell of the same people.",
    "“no statement” means that none was matched here, not that there is none: see Possible matches.",
)
LEDGER = (
    "Reports as the belligerent counts them, not people. What was carried over and came in should equal what was closed and stays open.",
)


def belligerents_sheet(result: RunResult) -> Sheet:
    """Return each belligerent's statements beside what monitors allege, its ledger of reports, and every incident."""
    own = result.linked[
        (result.linked["relation_code"] != "covers") & (result.linked["cluster_kind_code"] == "incident")
    ]
    claims = result.claims.merge(own[["claim_id", "cluster_id", "relation_code"]], on="claim_id")
    codes = {
        name: rule.belligerent_code
        for name, rule in sorted(result.rules.monitors.items())
        if rule.kind_code == "belligerent" and (result.claims["monitor"] == name).any()
    }
    if not codes:
        return Sheet("Belligerents", (Block(pd.DataFrame(), (), heading="Belligerents", notes=(NONE_HERE,)),))
    alleged = own_sums(result, claims)
    alleged = alleged[(alleged["measure_code"] == "killed") & (alleged["population_code"] == "civilian")]
    parts = [_beside(result, claims, alleged, name, code) for name, code in codes.items()]
    beside = pd.concat(parts, ignore_index=True)
    return Sheet(
        "Belligerents",
        (
            _statements(result, claims, beside, list(codes)),
            _alleged(result, beside),
            *_ledger(result, list(codes)),
            _incidents(result, claims, beside),
        ),
    )


def _positions(result: RunResult, claims: pd.DataFrame, belligerent: str) -> pd.DataFrame:
    """Return a belligerent's statements with what each concedes: claim_id, cluster_id, position_code, low, high."""
    conceded = result.figures[
        (result.figures["role_code"] == "conceded")
        & (result.figures["measure_code"] == "killed")
        & (result.figures["population_code"] == "civilian")
    ].drop_duplicates("claim_id")
    stated = claims.loc[claims["monitor"] == belligerent, ["claim_id", "cluster_id", "position_code"]]
    return stated.merge(conceded[["claim_id", "low", "high"]], on="claim_id", how="left")


def _beside(
    result: RunResult, claims: pd.DataFrame, alleged: pd.DataFrame, belligerent: str, code: str
) -> pd.DataFrame:
    """Return a row for each incident and monitor that lays it at the belligerent's door, and for each statement alone."""
    names_it = claims["perpetrator_codes"].str.split().map(frozenset([code]).issubset)
    blamed = claims[
        names_it & (claims["monitor"] != belligerent) & (claims["attribution_code"] != "parties")
    ][["cluster_id", "monitor"]].drop_duplicates()
    killed = blamed.merge(
        alleged[["cluster_id", "monitor", "low", "high"]], on=["cluster_id", "monitor"], how="left"
    )
    stated = _positions(result, claims, belligerent)
    rank = stated["position_code"].map({name: place for place, name in enumerate(POSITIONS)})
    stated = stated.assign(rank=rank).sort_values(["cluster_id", "rank", "claim_id"])
    one_each = stated.drop_duplicates("cluster_id").rename(
        columns={"low": "conceded_low", "high": "conceded_high"}
    )
    both = killed.merge(one_each.drop(columns="rank"), on="cluster_id", how="outer")
    texts = ["monitor", "claim_id"]
    both[texts] = both[texts].astype("object").fillna("").astype("str")
    position = both["position_code"].astype("object").fillna("no_statement").astype("str")
    return both.assign(belligerent=belligerent, position_code=position)


def _statements(
    result: RunResult, claims: pd.DataFrame, beside: pd.DataFrame, belligerents: list[str]
) -> Block:
    rows = []
    for name in belligerents:
        stated = _positions(result, claims, name)
        here = beside[beside["belligerent"] == name]
        counts = stated["position_code"].value_counts()
        answered = here.loc[(here["monitor"] != "") & (here["claim_id"] != ""), "cluster_id"].nunique()
        rows.append(
            {
                "title": title_of(result, name),
                "statements": len(stated),
                **{code: int(counts.get(code, 0)) for code in POSITIONS[:5]},
                "low": stated["low"].sum(),
                "high": stated["high"].sum(),
                "alleged": here.loc[here["monitor"] != "", "cluster_id"].nunique(),
                "answered": answered,
                "alone": len(stated)
                - stated["cluster_id"].isin(here.loc[here["monitor"] != "", "cluster_id"]).sum(),
            }
        )
    columns = (
        Column("title", "Belligerent", 28),
        Column("statements", "Its statements", 20, "integer"),
        *(Column(code, _words(code).capitalize(), 13, "integer") for code in POSITIONS[:5]),
        Column("low", "Killed it concedes, low", 13, "integer"),
        Column("high", "Killed it concedes, high", 13, "integer"),
        Column("alleged", "Incidents laid at its door", 13, "integer"),
        Column("answered", "Of these, with a statement", 13, "integer"),
        Column("alone", "Statements that no allegation was matched to", 16, "integer"),
    )
    return Block(
        pd.DataFrame(rows),
        columns,
        heading="What belligerents say of themselves",
        notes=("not assessed: it has not decided, or not looked. Neither that nor silence is a denial.",),
    )


def _words(code: str) -> str:
    return POSITION_WORDS.get(code, code.replace("_", " "))


def _alleged(result: RunResult, beside: pd.DataFrame) -> Block:
    """Return, for each belligerent and monitor, what is alleged and conceded by the belligerent's position."""
    told = beside[beside["monitor"] != ""]
    is_open = told["low"].notna() & told["high"].isna()
    sums = (
        told.assign(is_open=is_open)
        .groupby(["belligerent", "monitor", "position_code"])
        .agg(
            incidents=("cluster_id", "nunique"),
            low=("low", "sum"),
            high=("high", "sum"),
            is_open=("is_open", "any"),
            conceded_low=("conceded_low", "sum"),
            conceded_high=("conceded_high", "sum"),
        )
        .reset_index()
    )
    sums["high"] = sums["high"].where(~sums["is_open"])
    is_conceded = sums["position_code"] == "conceded"
    place = sums["position_code"].map({name: place for place, name in enumerate(POSITIONS)})
    rows = sums.assign(
        title=[title_of(result, name) for name in sums["belligerent"]],
        who=[title_of(result, name) for name in sums["monitor"]],
        position=sums["position_code"].map(_words).astype("str"),
        conceded_low=sums["conceded_low"].where(is_conceded),
        conceded_high=sums["conceded_high"].where(is_conceded),
        place=place,
    ).sort_values(["belligerent", "monitor", "place"])
    columns = (
        Column("title", "Belligerent", 28),
        Column("who", "Alleged by", 20),
        Column("position", "It says", 13),
        Column("incidents", "Incidents", 13, "integer"),
        Column("low", "Alleged killed, low", 13, "integer"),
        Column("high", "Alleged killed, high", 13, "integer"),
        Column("conceded_low", "Conceded killed, low", 13, "integer"),
        Column("conceded_high", "Conceded killed, high", 13, "integer"),
    )
    return Block(rows, columns, heading="Alleged and answered", notes=ALLEGED)


def _ledger(result: RunResult, belligerents: list[str]) -> tuple[Block, ...]:
    """Return the reports that belligerents count, window by window, and whether each window balances."""
    figures = whole_figures(result.figures)
    counted = figures[figures["measure_code"].isin([*CAME_IN, *CLOSED])]
    about = result.claims.set_index("claim_id")
    about = about[about["monitor"].isin(belligerents)]
    counted = counted[counted["claim_id"].isin(about.index)]
    if counted.empty:
        return ()
    keyed = counted.join(about[["monitor", "date_start", "date_end"]], on="claim_id")
    keys = ["monitor", "date_start", "date_end"]
    table = keyed.pivot_table(index=keys, columns="measure_code", values="low", aggfunc="first", sort=True)
    table = table.reindex(columns=[*CAME_IN, *CLOSED]).reset_index()
    off = table[list(CAME_IN)].sum(axis=1) - table[list(CLOSED)].sum(axis=1)
    # What is not stated may fill the side that is short of reports.
    may_be_whole = np.where(
        off > 0, table[list(CLOSED)].isna().any(axis=1), table[list(CAME_IN)].isna().any(axis=1)
    )
    is_off = (off != 0) & ~may_be_whole
    rows = table.assign(
        title=[title_of(result, name) for name in table["monitor"]],
        window=[window_text(a, b) for a, b in zip(table["date_start"], table["date_end"], strict=True)],
        balance=np.select(
            [off == 0, ~is_off],
            ["balances", "not all stated"],
            ("off by " + off.abs().map("{:,.10g}".format)).to_numpy(dtype=object),
        ),
        mark=np.where(is_off, "outlier", ""),
    )
    columns = (
        Column("title", "Belligerent", 28),
        Column("window", "Window", 20),
        *(
            Column(name, name.removeprefix("reports_").replace("_", " ").capitalize(), 13, "integer")
            for name in (*CAME_IN, *CLOSED)
        ),
        Column("balance", "Balance", 13, marks="mark"),
    )
    return (Block(rows, columns, heading="The ledger of reports", notes=LEDGER),)


def _incidents(result: RunResult, claims: pd.DataFrame, beside: pd.DataFrame) -> Block:
    """Return every incident laid at a belligerent's door, and every statement, those of most people first."""
    keys = ["belligerent", "cluster_id"]
    rows = (
        beside.groupby(keys, sort=True)
        .agg(
            people=("low", "max"),
            position_code=("position_code", "first"),
            claim_id=("claim_id", "first"),
            conceded_low=("conceded_low", "first"),
            conceded_high=("conceded_high", "first"),
        )
        .reset_index()
    )
    titles = short_titles(result, beside["monitor"].unique())
    told = beside[beside["monitor"] != ""]
    told = told.assign(text=told["monitor"].map(titles) + " " + intervals(told))
    alleged = told.groupby(keys)["text"].agg(lambda texts: "; ".join(sorted(texts)))
    alleged = alleged.reindex(pd.MultiIndex.from_frame(rows[keys]))
    first = claims.sort_values(["cluster_id", "location_precision_code", "claim_id"])
    where = (
        first[first["place_name"] != ""].drop_duplicates("cluster_id").set_index("cluster_id")["place_name"]
    )
    when = claims.groupby("cluster_id")["date_start"].min()
    conceded = intervals(rows.rename(columns={"conceded_low": "low", "conceded_high": "high"}))
    rows = rows.assign(
        title=[title_of(result, name) for name in rows["belligerent"]],
        position=rows["position_code"].map(_words).astype("str"),
        mark=rows["position_code"].map(POSITION_MARKS).astype("str").fillna(""),
        conceded=conceded.where(rows["position_code"] == "conceded", ""),
        alleged=np.where(alleged.isna(), "no allegation matched", alleged.fillna("")),
        place=rows["cluster_id"].map(where).astype("str").fillna(""),
        day=rows["cluster_id"].map(when),
        findings=rows["cluster_id"].map(result.discrepancies["cluster_id"].value_counts()).fillna(0),
        is_answered=rows["position_code"] != "no_statement",
    ).sort_values(
        ["belligerent", "is_answered", "people", "cluster_id"],
        ascending=[True, False, False, True],
        na_position="last",
    )
    columns = (
        Column("title", "Belligerent", 28),
        Column("cluster_id", "Incident", 20, link_sheet="Incidents"),
        Column("day", "From", 13, "date"),
        Column("position", "It says", 13, marks="mark"),
        Column("conceded", "Killed it concedes", 13, "range"),
        Column("people", "Alleged, at least", 13, "integer"),
        Column("findings", "Findings", 13, "integer"),
        Column("claim_id", "Its statement", 20, link_sheet="Claims"),
        Column("place", "Place", 26),
        Column("alleged", "Civilians killed, as alleged", WIDE),
    )
    return Block(rows, columns, heading="Incident by incident", notes=(), is_filtered=True)
