"""The Incidents sheet: monitors side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.discrepancies.evidence import whole_figures
from reconcile.report.naming import table, title_of, titles_of
from reconcile.sheets import Column, Sheet
from reconcile.views import interval_text

if TYPE_CHECKING:
    from reconcile.result import RunResult

LISTED_ORIGINS = 6


def incidents_sheet(result: RunResult) -> Sheet:
    """Return one row an incident, the monitors side by side, those that several monitors know first."""
    own = result.linked[
        (result.linked["relation_code"] != "covers") & (result.linked["cluster_kind_code"] == "incident")
    ]
    claims = result.claims.merge(own[["claim_id", "cluster_id", "relation_code"]], on="claim_id")
    grouped = claims.groupby("cluster_id", sort=True)
    rows = grouped.agg(
        date_start=("date_start", "min"), date_end=("date_end", "max"), claims=("claim_id", "size")
    ).reset_index()
    named = (
        claims.assign(rank=claims["location_precision_code"])
        .sort_values(["cluster_id", "rank", "claim_id"])
        .groupby("cluster_id", sort=True)
    )
    for name in ("place_name", "place_name_native", "admin1"):
        rows[name] = named[name].agg(_first_stated).to_numpy()
    rows["monitors"] = [
        titles_of(result, " ".join(sorted(set(names)))) for names in grouped["monitor"].agg(tuple)
    ]
    rows["claim_ids"] = grouped["claim_id"].agg(lambda ids: " ".join(sorted(ids))).to_numpy()
    rows["attackers"] = [_union(codes) for codes in grouped["perpetrator_codes"].agg(tuple)]
    rows["reports"] = _reports(claims).reindex(rows["cluster_id"]).to_numpy()
    rows["origins"] = [len(result.origins.get(cluster, ())) for cluster in rows["cluster_id"]]
    rows["origin_ids"] = [
        " ".join(sorted(result.origins.get(cluster, ()))[:LISTED_ORIGINS]) for cluster in rows["cluster_id"]
    ]
    rows["covered_by"] = (
        rows["cluster_id"]
        .map(result.linked.loc[result.linked["relation_code"] == "covers", "cluster_id"].value_counts())
        .fillna(0)
    )
    rows["findings"] = rows["cluster_id"].map(result.discrepancies["cluster_id"].value_counts()).fillna(0)
    rows, beside = _side_by_side(result, claims, rows)
    unread, unread_columns = _unread(result, claims, rows)
    rows = pd.concat([rows, unread], axis=1)
    rows = rows.assign(several=rows["monitors"].astype("str").str.contains(", ")).sort_values(
        ["several", "findings", "date_start", "cluster_id"], ascending=[False, False, True, True]
    )
    columns = (
        Column("cluster_id", "Incident", 16),
        Column("date_start", "From", 11, "date"),
        Column("date_end", "To", 11, "date"),
        Column("place_name", "Place", 26),
        Column("place_name_native", "Place, local script", 20),
        Column("admin1", "Governorate", 16),
        Column("monitors", "Monitors", 24),
        *beside,
        *unread_columns,
        Column("attackers", "Attackers named", 26),
        Column("reports", "Reports", 9, "integer"),
        Column("origins", "Independent origins", 12, "integer"),
        Column("origin_ids", "Origins", 24),
        Column("covered_by", "Summaries covering it", 11, "integer"),
        Column("findings", "Findings", 9, "integer"),
        Column("claim_ids", "Claim ids", 40, link_sheet="Claims"),
        Column("claims", "Claims", 8, "integer"),
    )
    return table("Incidents", rows, columns, key="cluster_id", freeze=2)


def _unread(result: RunResult, claims: pd.DataFrame, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Column]]:
    """Return, for each monitor of which a file failed, where that and not its silence is why it is absent."""
    added: dict[str, pd.Series[str]] = {}
    columns = []
    for monitor in result.unread:
        known = rows["cluster_id"].isin(claims.loc[claims["monitor"] == monitor, "cluster_id"])
        added[f"{monitor}_unread"] = known.map({True: "", False: "a file failed"}).astype("str")
        columns.append(Column(f"{monitor}_unread", f"{title_of(result, monitor)}: not read", 14))
    return pd.DataFrame(added, index=rows.index), columns


def _first_stated(names: pd.Series[str]) -> str:
    return next((name for name in names if name), "")


def _union(codes: tuple[str, ...]) -> str:
    return " ".join(sorted({code for text in codes for code in text.split()}))


def _reports(claims: pd.DataFrame) -> pd.Series[float]:
    """Reports behind an incident: what each record says it used, one where it does not say; a position is no report."""
    counted = claims[claims["position_code"] == ""]
    return counted["report_count"].fillna(1).groupby(counted["cluster_id"]).sum()


def _side_by_side(
    result: RunResult, claims: pd.DataFrame, rows: pd.DataFrame
) -> tuple[pd.DataFrame, list[Column]]:
    """Return rows with low and high of every monitor's own figures, and a belligerent's position and concession."""
    cluster = claims.set_index("claim_id")[["cluster_id", "monitor", "relation_code"]]
    figures = whole_figures(result.figures).join(cluster, on="claim_id", how="inner")
    repeated = (figures["relation_code"] == "part_of") & (figures["measure_code"] == "injured")
    figures = figures[
        ~(
            repeated
            & figures.duplicated(["cluster_id", "monitor", "measure_code", "population_code", "low", "high"])
        )
    ]
    figures = figures[
        figures["measure_code"].isin(["killed", "injured"]) & (figures["population_code"] != "combatant")
    ]
    grouped = figures.groupby(["monitor", "measure_code", "population_code"], sort=True)
    added: dict[str, pd.Series[float]] = {}
    columns = []
    order = {"killed": 0, "injured": 1}
    keys: list[Any] = list(grouped.groups)
    for monitor, measure, population in sorted(keys, key=lambda key: (key[0], order[key[1]], key[2])):
        part = grouped.get_group((monitor, measure, population)).groupby("cluster_id")
        bounds = part.agg(
            low=("low", "sum"), high=("high", "sum"), closed=("high", "count"), size=("low", "size")
        )
        bounds["high"] = bounds["high"].where(bounds["closed"] == bounds["size"])
        rule = result.rules.monitors.get(str(monitor))
        people = "" if rule and population == rule.scope.population_code else f" ({population})"
        for bound in ("low", "high"):
            name = f"{monitor}_{measure}_{population}_{bound}"
            added[name] = rows["cluster_id"].map(bounds[bound])
            columns.append(
                Column(name, f"{title_of(result, str(monitor))}: {measure}{people}, {bound}", 11, "integer")
            )
    positions, position_columns = _positions(result, claims, rows)
    return pd.concat([rows, pd.DataFrame(added), positions], axis=1), columns + position_columns


def _positions(
    result: RunResult, claims: pd.DataFrame, rows: pd.DataFrame
) -> tuple[pd.DataFrame, list[Column]]:
    stated = claims[claims["position_code"] != ""]
    conceded = result.figures[
        (result.figures["role_code"] == "conceded") & (result.figures["measure_code"] == "killed")
    ].set_index("claim_id")
    shown = stated.assign(
        conceded=[
            interval_text(*conceded.loc[one, ["low", "high"]].astype(float)) if one in conceded.index else ""
            for one in stated["claim_id"]
        ]
    )
    added: dict[str, pd.Series[str]] = {}
    columns = []
    for monitor, part in shown.groupby("monitor", sort=True):
        by_cluster = part.sort_values("claim_id").groupby("cluster_id")
        for name, header in (("position_code", "position"), ("conceded", "conceded killed")):
            joined = by_cluster[name].agg(
                lambda texts: "; ".join(text.replace("_", " ") for text in texts if text)
            )
            added[f"{monitor}_{name}"] = rows["cluster_id"].map(joined).fillna("")
            columns.append(Column(f"{monitor}_{name}", f"{title_of(result, str(monitor))}: {header}", 14))
    return pd.DataFrame(added, index=rows.index), columns
