"""The Totals sheet: every figure for a period, stated or derived, and the rungs of its bridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import whole_figures
from reconcile.report.naming import table, title_of
from reconcile.sheets import Column, Sheet
from reconcile.views import interval_text, window_text

if TYPE_CHECKING:
    from reconcile.result import RunResult


def totals_sheet(result: RunResult) -> Sheet:
    """Return each total as stated or derived, and below it a row for each rung of its bridge."""
    claims = result.claims.set_index("claim_id")
    figures = whole_figures(result.figures)
    stated = figures[figures["claim_id"].isin(claims.index[claims["kind_code"] == "total"])]
    about = claims.reindex(stated["claim_id"])
    own = pd.DataFrame(
        {
            "total_id": stated["claim_id"].to_numpy(),
            "measure_code": stated["measure_code"].to_numpy(),
            "population_code": stated["population_code"].to_numpy(),
            "row_kind": np.where(about["grade_code"] == "draft", "stated (draft)", "stated"),
            "claimed_by": [title_of(result, monitor) for monitor in about["monitor"]],
            "reported_via": about["reported_via"].to_numpy(),
            "window": [
                window_text(a, b) for a, b in zip(about["date_start"], about["date_end"], strict=True)
            ],
            "place_name": about["place_name"].to_numpy(),
            "attackers": about["perpetrator_codes"].to_numpy(),
            "step": "as published: " + stated["verbatim"].to_numpy(),
            "low": stated["low"].to_numpy(),
            "high": stated["high"].to_numpy(),
            "url": about["url"].to_numpy(),
            "step_no": 0,
            "side": "",
        }
    )
    implied = _derived(result, claims)
    bridge = result.bridge
    rungs = pd.DataFrame(
        {
            "total_id": bridge["total_id"],
            "measure_code": bridge["measure_code"],
            "population_code": bridge["population_code"],
            "row_kind": np.where(bridge["is_headline"], "rung (headline)", "rung"),
            "side": [title_of(result, monitor) for monitor in bridge["monitor"]],
            "step": bridge["explanation"],
            "is_covered": np.where(bridge["is_covered"], "yes", "no"),
            "incidents": bridge["incidents"],
            "low": bridge["low"],
            "high": bridge["high"],
            "residual_low": bridge["residual_low"],
            "residual_high": bridge["residual_high"],
            "claim_ids": bridge["claim_ids"],
            "step_no": bridge["step_no"],
        }
    )
    laid = pd.MultiIndex.from_frame(bridge[["total_id", "measure_code", "population_code"]])
    lone = own[~pd.MultiIndex.from_frame(own[["total_id", "measure_code", "population_code"]]).isin(laid)]
    unnamed = "no other monitor here states such a figure for incidents there and then"
    why = [f"No bridge: {result.unlaid.get(total, unnamed)}." for total in lone["total_id"]]
    step = pd.Series(why, index=lone.index, dtype="str")
    silent = claims[(claims["kind_code"] == "total") & ~claims.index.isin(own["total_id"])]
    unread = pd.DataFrame(
        {
            "total_id": silent.index,
            "measure_code": "",
            "population_code": "",
            "row_kind": "note",
            "claimed_by": [title_of(result, monitor) for monitor in silent["monitor"]],
            "window": [
                window_text(a, b) for a, b in zip(silent["date_start"], silent["date_end"], strict=True)
            ],
            "place_name": silent["place_name"].to_numpy(),
            "attackers": silent["perpetrator_codes"].to_numpy(),
            "step": "Its number could not be read; see Issues.",
            "side": "",
            "low": np.nan,
            "high": np.nan,
            "step_no": 1,
        }
    )
    unlaid = lone.assign(row_kind="note", step=step, low=np.nan, high=np.nan, step_no=1)
    rows = pd.concat(
        [part for part in (own, implied, rungs, unlaid, unread) if len(part)] or [own], ignore_index=True
    ).sort_values(["total_id", "measure_code", "population_code", "side", "step_no"], kind="stable")
    rows["claims"] = (
        rows.get("claim_ids", pd.Series("", index=rows.index, dtype="str")).fillna("").str.split().map(len)
    )
    rows["shown"] = [
        interval_text(low, high) if kind != "note" else ""
        for low, high, kind in zip(rows["low"], rows["high"], rows["row_kind"], strict=True)
    ]
    columns = (
        Column("total_id", "Total", 22, link_sheet="Claims"),
        Column("claimed_by", "Claimed by", 14),
        Column("window", "Window", 23),
        Column("place_name", "Place", 16),
        Column("attackers", "Attacker", 18),
        Column("measure_code", "Measure", 10),
        Column("population_code", "Who", 10),
        Column("row_kind", "Row", 15),
        Column("side", "Incidents of", 20),
        Column("step", "Step", 62, "long_text"),
        Column("incidents", "Incidents", 10, "integer"),
        Column("is_covered", "Files reach over the window", 12),
        Column("low", "Low", 9, "integer"),
        Column("high", "High", 9, "integer"),
        Column("shown", "Range", 14),
        Column("residual_low", "Total minus sum, low", 11, "integer"),
        Column("residual_high", "Total minus sum, high", 11, "integer"),
        Column("reported_via", "Reported via", 16),
        Column("url", "Where", 30, "url"),
        Column("claim_ids", "Claims behind the sum", 40, link_sheet="Claims"),
        Column("claims", "Number of claims", 10, "integer"),
    )
    # Said on every row of a total, so that a filter on any of them keeps its rungs.
    said = ["claimed_by", "window", "place_name", "attackers"]
    rows[said] = rows.groupby("total_id", sort=False)[said].transform("first")
    filled = rows.reindex(columns=[column.name for column in columns])
    text = [column.name for column in columns if column.format not in {"integer", "number"}]
    filled[text] = filled[text].astype("object").fillna("").astype("str")
    return table("Totals", filled, columns, freeze=1)


def _derived(result: RunResult, claims: pd.DataFrame) -> pd.DataFrame:
    """Return what two totals imply for the days between their ends: place and attacker are those of the later one."""
    derived = result.derived[
        (result.derived["sex_code"] == "any") & (result.derived["age_group_code"] == "any")
    ]
    later = claims.reindex(derived["later_id"])
    windows = zip(derived["date_start"], derived["date_end"], strict=True)
    return pd.DataFrame(
        {
            "total_id": derived["derived_id"].to_numpy(),
            "measure_code": derived["measure_code"].to_numpy(),
            "population_code": derived["population_code"].to_numpy(),
            "row_kind": "derived",
            "claimed_by": [f"{title_of(result, monitor)} (implied)" for monitor in derived["monitor"]],
            "window": [window_text(start, end) for start, end in windows],
            "place_name": later["place_name"].to_numpy(),
            "attackers": later["perpetrator_codes"].to_numpy(),
            "step": derived["explanation"].to_numpy(),
            "low": derived["low"].to_numpy(),
            "high": derived["high"].to_numpy(),
            "claim_ids": (derived["later_id"] + " " + derived["earlier_id"]).to_numpy(),
            "step_no": 0,
            "side": "",
        }
    )
