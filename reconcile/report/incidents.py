"""The Incidents sheet: monitors side by side, and which of them stands apart from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import whole_figures
from reconcile.report.naming import short_titles, table, title_of
from reconcile.sheets import Column, Sheet
from reconcile.views import interval_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from reconcile.result import RunResult

    Floats = npt.NDArray[np.float64]

LISTED_ORIGINS = 6
ABOVE, BELOW, BETWEEN = "▲", "▼", "◆"
KEYS = ["cluster_id", "measure_code", "population_code"]
ORDER = {"killed": 0, "injured": 1}


def incidents_sheet(result: RunResult) -> Sheet:
    """Return one row an incident, the monitors side by side, those that several monitors know first."""
    own = result.linked[
        (result.linked["relation_code"] != "covers") & (result.linked["cluster_kind_code"] == "incident")
    ]
    claims = result.claims.merge(own[["claim_id", "cluster_id", "relation_code"]], on="claim_id")
    # Until the end incidents go by their place among sorted ids: numbers are grouped and looked up far faster.
    ids, numbered = np.unique(claims["cluster_id"].to_numpy(dtype=object), return_inverse=True)
    claims = claims.assign(cluster_id=numbered)
    place_of = pd.Index(ids)
    rows = (
        claims.groupby("cluster_id", sort=True)
        .agg(date_start=("date_start", "min"), date_end=("date_end", "max"), claims=("claim_id", "size"))
        .reset_index()
    )
    named = claims.sort_values(["cluster_id", "location_precision_code", "claim_id"])
    for name in ("place_name", "place_name_native", "admin1"):
        stated = named[named[name] != ""].drop_duplicates("cluster_id").set_index("cluster_id")[name]
        rows[name] = rows["cluster_id"].map(stated).astype("str").fillna("")
    titles = {name: title_of(result, str(name)) for name in claims["monitor"].unique()}
    known_to = claims[["cluster_id", "monitor"]].drop_duplicates()
    rows["several"] = rows["cluster_id"].map(known_to["cluster_id"].value_counts()) > 1
    rows["monitors"] = _joined(rows, known_to.assign(text=known_to["monitor"].map(titles)), ", ")
    rows["claim_ids"] = _joined(rows, claims.assign(text=claims["claim_id"]), " ")
    attackers = (
        claims.assign(text=claims["perpetrator_codes"].str.split()).explode("text").dropna(subset="text")
    )
    rows["attackers"] = _joined(rows, attackers, " ")
    rows["reports"] = _reports(claims).reindex(rows["cluster_id"]).to_numpy()
    origins = [result.independent.get(cluster, ()) for cluster in ids.tolist()]
    rows["origins"] = [len(own) for own in origins]
    rows["origin_ids"] = [" ".join(sorted(own)[:LISTED_ORIGINS]) for own in origins]
    covering = result.linked.loc[result.linked["relation_code"] == "covers", "cluster_id"]
    rows["covered_by"] = _times(place_of, covering)
    rows["findings"] = _times(place_of, result.discrepancies["cluster_id"])
    sums = _against_others(result, own_sums(result, claims))
    rows["apart"] = rows["cluster_id"].map(sums.groupby("cluster_id")["apart"].max())
    rows["stands_out"] = _joined(rows, _told(result, sums[sums["sign"] != ""]), "; ")
    added, beside, numbers = _side_by_side(result, sums, rows)
    positions, position_columns = _positions(result, claims, rows)
    unread, unread_columns = _unread(result, claims, rows)
    rows = pd.concat([rows, added, positions, unread], axis=1).sort_values(
        ["several", "apart", "findings", "date_start", "cluster_id"],
        ascending=[False, False, False, True, True],
        na_position="last",
    )
    rows = rows.assign(cluster_id=pd.Series(ids[rows["cluster_id"]], index=rows.index, dtype="str"))
    columns = (
        Column("cluster_id", "Incident", 16),
        Column("date_start", "From", 11, "date"),
        Column("place_name", "Place", 26),
        Column("admin1", "Governorate", 16),
        *beside,
        *position_columns,
        *unread_columns,
        Column("apart", "Ranges apart by, persons", 10, "integer"),
        Column("stands_out", "What stands apart", 44),
        Column("findings", "Findings", 9, "integer"),
        Column("monitors", "Monitors", 24),
        Column("attackers", "Attackers named", 26),
        Column("reports", "Reports", 9, "integer"),
        Column("origins", "Independent origins", 12, "integer"),
        Column("origin_ids", "Origins", 24),
        Column("covered_by", "Summaries covering it", 11, "integer"),
        Column("date_end", "To", 11, "date"),
        Column("place_name_native", "Place, local script", 20),
        *numbers,
        Column("claims", "Claims", 8, "integer"),
        Column("claim_ids", "Claim ids", 40, link_sheet="Claims"),
    )
    return table("Incidents", rows, columns, key="cluster_id", freeze=3)


def _times(places: pd.Index[Any], named: pd.Series[str]) -> Floats:
    """Return how often each place is named; what is none of them counts for nothing."""
    found = places.get_indexer(pd.Index(named))
    return np.bincount(found[found >= 0], minlength=len(places)).astype("float64")


def _joined(rows: pd.DataFrame, told: pd.DataFrame, between: str) -> pd.Series[str]:
    """Return for each incident its distinct texts, sorted and joined."""
    distinct = told[["cluster_id", "text"]].drop_duplicates().sort_values(["cluster_id", "text"])
    texts = distinct["text"].tolist()
    first = np.flatnonzero(~distinct["cluster_id"].duplicated())
    ends = [*first[1:].tolist(), len(texts)]
    joined = [between.join(texts[start:end]) for start, end in zip(first.tolist(), ends, strict=False)]
    by_cluster = pd.Series(joined, index=distinct["cluster_id"].to_numpy()[first], dtype="str")
    return rows["cluster_id"].map(by_cluster).astype("str").fillna("")


def _unread(result: RunResult, claims: pd.DataFrame, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Column]]:
    """Return, for each monitor of which a file failed, where that and not its silence is why it is absent."""
    added: dict[str, pd.Series[str]] = {}
    columns = []
    for monitor in result.unread:
        known = rows["cluster_id"].isin(claims.loc[claims["monitor"] == monitor, "cluster_id"])
        added[f"{monitor}_unread"] = known.map({True: "", False: "a file failed"}).astype("str")
        columns.append(Column(f"{monitor}_unread", f"{title_of(result, monitor)}: not read", 14))
    return pd.DataFrame(added, index=rows.index), columns


def _reports(claims: pd.DataFrame) -> pd.Series[float]:
    """Reports behind an incident: what each record says it used, one where it does not say; a position is no report."""
    counted = claims[claims["position_code"] == ""]
    return counted["report_count"].fillna(1).groupby(counted["cluster_id"]).sum()


# ---- numbers side by side ------------------------------------------------------------------------------------------


def own_sums(result: RunResult, claims: pd.DataFrame) -> pd.DataFrame:
    """Return low and high of every monitor's own figures of an incident, its parts added up; an open end leaves it open."""
    cluster = claims.set_index("claim_id")[["cluster_id", "monitor", "relation_code"]]
    figures = whole_figures(result.figures).join(cluster, on="claim_id", how="inner")
    figures = figures[figures["measure_code"].isin(list(ORDER)) & (figures["population_code"] != "combatant")]
    # Parts of one incident often repeat a secondary count whole: it is added once.
    repeated = (figures["relation_code"] == "part_of") & (figures["measure_code"] == "injured")
    figures = figures[~(repeated & figures.duplicated([*KEYS, "monitor", "low", "high"]))]
    sums = (
        figures.groupby([*KEYS, "monitor"], sort=True)
        .agg(low=("low", "sum"), high=("high", "sum"), closed=("high", "count"), size=("low", "size"))
        .reset_index()
    )
    sums["high"] = sums["high"].where(sums["closed"] == sums["size"])
    return sums


def _against_others(result: RunResult, sums: pd.DataFrame) -> pd.DataFrame:
    """Return sums with the `sign` of those whose range meets none of the others', and how far `apart` the nearest one is.

    Only figures of one measure and one population are held against each other.
    """
    nothing = [
        name for name, rule in result.rules.monitors.items() if rule.scope.zero_code == "nothing_known"
    ]
    is_zero = sums["monitor"].isin(nothing) & (sums["high"] == 0)
    shared = sums[~is_zero]
    shared = shared[shared.duplicated(KEYS, keep=False)]
    pairs = shared.merge(shared, on=KEYS, suffixes=("", "_other"))
    pairs = pairs[pairs["monitor"] != pairs["monitor_other"]]
    over = pairs["low"] - pairs["high_other"].fillna(np.inf)
    under = pairs["low_other"] - pairs["high"].fillna(np.inf)
    found = (
        pairs.assign(over=over > 0, under=under > 0, apart=np.maximum(over, under))
        .groupby([*KEYS, "monitor"], sort=True)
        .agg(over=("over", "all"), under=("under", "all"), apart=("apart", "min"))
        .reset_index()
    )
    found["sign"] = np.select(
        [found["over"], found["under"], found["apart"] > 0], [ABOVE, BELOW, BETWEEN], ""
    )
    found["apart"] = found["apart"].where(found["apart"] > 0)
    laid = sums.merge(found[[*KEYS, "monitor", "sign", "apart"]], on=[*KEYS, "monitor"], how="left")
    return laid.assign(sign=laid["sign"].astype("str").fillna(""), shown=intervals(laid))


def intervals(sums: pd.DataFrame) -> pd.Series[str]:
    """Return each range in words; each distinct one is put in words once."""
    bounds = pd.MultiIndex.from_frame(sums[["low", "high"]].astype("float64"))
    codes, distinct = pd.factorize(bounds)
    words = np.array([interval_text(low, high) for low, high in distinct], dtype=object)
    return pd.Series(words[codes] if len(words) else [], index=sums.index, dtype="str")


def _told(result: RunResult, apart: pd.DataFrame) -> pd.DataFrame:
    """Return, for each sum that stands apart, what it says: its monitor, sign, range and what it counts."""
    titles = short_titles(result, apart["monitor"].unique())
    counted = " " + apart["population_code"] + " " + apart["measure_code"]
    text = apart["monitor"].map(titles).astype("str") + " " + apart["sign"] + " " + apart["shown"] + counted
    return apart.assign(text=text)


def _columns_of(result: RunResult, sums: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield name, header and sums of each measure, population and monitor: what may be compared stands side by side."""
    titles = short_titles(result, sums["monitor"].unique())
    parts: Any = sums.groupby(["measure_code", "population_code", "monitor"], sort=True)
    for (measure, population, monitor), part in sorted(parts, key=lambda one: _place_beside(*one[0])):
        yield f"{monitor}_{measure}_{population}", f"{titles[monitor]}: {measure}, {population}", part


def _place_beside(measure: str, population: str, monitor: str) -> tuple[int, bool, str, str]:
    """Return a key that puts civilians first, whom most monitors count, and one population beside the other."""
    return ORDER[measure], population != "civilian", population, monitor


def _side_by_side(
    result: RunResult, sums: pd.DataFrame, rows: pd.DataFrame
) -> tuple[pd.DataFrame, list[Column], list[Column]]:
    """Return each monitor's ranges as texts with their signs, the columns of these, and those of the bare numbers."""
    added: dict[str, pd.Series[Any]] = {}
    beside, numbers = [], []
    shown = (sums["shown"] + (" " + sums["sign"]).str.rstrip()).astype("str")
    laid = sums.assign(shown=shown, mark=np.where(sums["sign"] == "", "", "outlier"))
    for name, header, part in _columns_of(result, laid):
        laid_out = part.set_index("cluster_id")[["shown", "mark", "low", "high"]].reindex(rows["cluster_id"])
        by_row = laid_out.set_axis(rows.index)
        for text in ("shown", "mark"):
            added[f"{name}_{text}"] = by_row[text].astype("str").fillna("")
        beside.append(Column(f"{name}_shown", header, 13, "range", marks=f"{name}_mark"))
        for bound in ("low", "high"):
            added[f"{name}_{bound}"] = by_row[bound]
            numbers.append(Column(f"{name}_{bound}", f"{header}, {bound}", 11, "integer"))
    return pd.DataFrame(added, index=rows.index), beside, numbers


def _positions(
    result: RunResult, claims: pd.DataFrame, rows: pd.DataFrame
) -> tuple[pd.DataFrame, list[Column]]:
    """Return what each belligerent says of itself, and the killed that it concedes."""
    stated = claims[claims["position_code"] != ""].sort_values("claim_id")
    conceded = result.figures[
        (result.figures["role_code"] == "conceded") & (result.figures["measure_code"] == "killed")
    ].drop_duplicates("claim_id")
    killed = pd.Series(intervals(conceded).to_numpy(), index=conceded["claim_id"], dtype="str")
    shown = stated.assign(
        position=stated["position_code"].str.replace("_", " "),
        conceded=stated["claim_id"].map(killed).astype("str").fillna(""),
    )
    titles = short_titles(result, shown["monitor"].unique())
    added: dict[str, pd.Series[str]] = {}
    columns = []
    for monitor, part in shown.groupby("monitor", sort=True):
        for name, header in (("position", "position"), ("conceded", "conceded killed")):
            joined = part[part[name] != ""].groupby("cluster_id")[name].agg("; ".join)
            added[f"{monitor}_{name}"] = rows["cluster_id"].map(joined).astype("str").fillna("")
            columns.append(Column(f"{monitor}_{name}", f"{titles[str(monitor)]}: {header}", 14))
    return pd.DataFrame(added, index=rows.index), columns
