"""Claims -> Coverage: what each monitor's files hold, month by month; silence and absence are different things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.frames import Coverage, empty, typed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from reconcile.ruleset import Monitor


def cover(
    claims: pd.DataFrame, figures: pd.DataFrame, monitors: Mapping[str, Monitor], failed: Collection[str]
) -> pd.DataFrame:
    """Return a row for every monitor and every month of the run.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame.
        monitors: for the population each one counts.
        failed: monitors of which a file could not be read; their empty months are `failed`, never silent.

    Returns:
        A `Coverage` frame, by monitor and month.
    """
    incidents = claims[(claims["kind_code"] == "incident") & claims["date_start"].notna()]
    if incidents.empty:
        return empty(Coverage)
    incidents = incidents.assign(month=incidents["date_start"].dt.to_period("M"))
    population = {name: rule.scope.population_code for name, rule in monitors.items()}
    whole = figures[
        (figures["measure_code"] == "killed")
        & (figures["sex_code"] == "any")
        & (figures["age_group_code"] == "any")
    ]
    owner = incidents.set_index("claim_id")["monitor"].reindex(whole["claim_id"]).to_numpy()
    counted = whole[pd.Series(owner, index=whole.index).map(population) == whole["population_code"]]
    stated = counted.groupby("claim_id")["low"].sum().reindex(incidents["claim_id"]).fillna(0)
    # A summary tells again of incidents that have records of their own.
    low = stated.to_numpy() * (incidents["unit_code"] != "event_summary").to_numpy()
    found = (
        incidents.assign(low=low)
        .groupby(["monitor", "month"])
        .agg(claims=("claim_id", "size"), killed_low=("low", "sum"))
    )
    months = pd.period_range(incidents["month"].min(), incidents["month"].max(), freq="M")
    names = sorted({*incidents["monitor"], *failed})
    table = found.reindex(
        pd.MultiIndex.from_product([names, months], names=["monitor", "month"]), fill_value=0
    ).reset_index()
    span = incidents.groupby("monitor")["month"].agg(["min", "max"])
    first, last = table["monitor"].map(span["min"]), table["monitor"].map(span["max"])
    inside = (table["month"] >= first) & (table["month"] <= last)
    empty_state = inside.map({True: "silent", False: "not_covered"}).mask(
        table["monitor"].isin(list(failed)), "failed"
    )
    table["state_code"] = empty_state.mask(table["claims"] > 0, "reported")
    table["month"] = table["month"].astype("str")
    return typed(Coverage, table)
