"""RunResult -> typed sheets: what a person reads, in the order she needs it. No spreadsheet library here.

Guarantees:
    summary_prints_conservation: the Summary shows, per file, the rows read and the five fates they add up from.
    nothing_restricted: a sheet is made of frames from which restricted texts were withheld before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.compare import COMPARISONS, level_bits
from reconcile.discrepancies import KINDS
from reconcile.discrepancies.evidence import whole_figures
from reconcile.frames import FRAMES, describe
from reconcile.sheets import Block, Chart, Column, Sheet
from reconcile.views import interval_text, window_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconcile.result import RunResult

FIRST_LOOK = 8
LISTED_ORIGINS = 6
SENTENCE = 84
# Where the months stand among the Summary's blocks; their chart stands beside them.
MONTHS_BLOCK = 6
FATES = ("rows_claimed", "rows_quarantined", "rows_corrected_away", "rows_out_of_scope", "rows_not_data")
LIMITS = (
    "This workbook reports disagreement, not truth: it prefers no monitor, adds no figures across monitors, and no number in it is “the” number of the dead.",
    "A match is a judgement of probability. What holds a link is shown (weights on Possible matches and Method); a person's decision outranks it.",
    "Monitors watch different places, times and attackers. Silence inside a monitor's files, silence outside them and a file that failed are three things.",
    "Figures that count different people are shown side by side and not subtracted (SCOPE-DEF). Conceded figures enter no sum and no comparison of counts.",
    "Records are as published on the day of their release, and may have been revised since; sums over months of incidents are not totals of a conflict.",
    "Do not use match counts to estimate how many deaths nobody recorded; that takes named victims, three independent lists and its own method.",
)


def lay_out(result: RunResult) -> tuple[Sheet, ...]:
    """Return the sheets of a run, in order."""
    return (
        _summary(result),
        _discrepancies(result),
        _incidents(result),
        _totals(result),
        _possible_matches(result),
        _claims(result),
        _issues(result),
        _method(result),
        _dictionary(),
    )


def _table(
    name: str, rows: pd.DataFrame, columns: Sequence[Column], key: str | None = None, freeze: int = 0
) -> Sheet:
    wanted = tuple(columns)
    return Sheet(
        name, (Block(rows[[column.name for column in wanted]], wanted),), key=key, freeze_columns=freeze
    )


def _title(result: RunResult, monitor: str) -> str:
    known = result.rules.monitors.get(monitor)
    return known.title if known else monitor


def _titles(result: RunResult, monitors: str) -> str:
    return ", ".join(_title(result, monitor) for monitor in monitors.split())


# ---- Summary -------------------------------------------------------------------------------------------------------


def _summary(result: RunResult) -> Sheet:
    facts = result.facts
    about = pd.DataFrame(
        [
            ("As of", facts.as_of.isoformat()),
            ("Run", facts.run_digest[:16]),
            ("Previous run", facts.previous_run[:16] or "none"),
            ("Inside", facts.within),
            ("Vague words read as", facts.quantities),
            ("Names of persons", "shown on request: handle with care" if facts.include_names else "withheld"),
            ("Rules", facts.rules_digest[:16]),
        ],
        columns=["what", "value"],
    )
    month_block, chart = _months(result)
    blocks = (
        Block(
            about,
            (Column("what", "This run", 26), Column("value", "", SENTENCE)),
            heading=facts.title,
            notes=_headline(result),
        ),
        _bridge_at_a_glance(result),
        _first_look(result),
        _findings(result),
        _went_in(result),
        _came_out(result),
        month_block,
        Block(pd.DataFrame(), (), heading="What this does not say", notes=LIMITS),
        Block(pd.DataFrame(), (), heading="Sources", notes=_attributions(result)),
    )
    return Sheet("Summary", blocks, charts=chart)


def _headline(result: RunResult) -> tuple[str, ...]:
    degraded = [account for account in result.inputs if account.health != "ok"]
    found = result.discrepancies["severity"].value_counts()
    lines = [
        (
            f"{len(result.claims):,} claims of {result.claims['monitor'].nunique()} monitors; {found.get('S1', 0):,} findings to resolve before publishing (S1), "
            f"{found.get('S2', 0):,} to explain (S2), {found.get('S3', 0):,} to note (S3)."
        )
    ]
    lines += [
        f"Degraded: {account.file} ({_title(result, account.monitor) or 'monitor unknown'}): {account.remark}"
        for account in degraded
    ]
    return (*lines, *result.remarks)


def _bridge_at_a_glance(result: RunResult) -> Block:
    """Return the rungs of the first total that its incidents do not add up to, or of the first total there is."""
    told = result.discrepancies[result.discrepancies["code"] == "TOT-SUM"]["claim_ids"]
    killed = result.bridge[result.bridge["measure_code"] == "killed"]
    chosen = next((total for total in (*told, *killed["total_id"]) if total in set(killed["total_id"])), None)
    if chosen is None:
        return Block(
            pd.DataFrame(),
            (),
            heading="Totals beside incidents",
            notes=("No total was laid beside incidents.",),
        )
    total = result.claims.set_index("claim_id").loc[chosen]
    steps = killed[(killed["total_id"] == chosen) & (killed["incidents"] > 0)]
    figures = whole_figures(result.figures)
    stated = figures[(figures["claim_id"] == chosen) & (figures["measure_code"] == "killed")].iloc[0]
    rows = pd.DataFrame(
        {
            "monitor": [
                _title(result, str(total["monitor"])),
                *(_title(result, name) for name in steps["monitor"]),
            ],
            "step": ["the total as stated", *steps["explanation"]],
            "low": [stated["low"], *steps["low"]],
            "high": [stated["high"], *steps["high"]],
        }
    )
    columns = (
        Column("monitor", "Monitor", 26),
        Column("step", "What is summed", SENTENCE, "long_text"),
        Column("low", "Low", 12, "integer"),
        Column("high", "High", 12, "integer"),
    )
    window = window_text(total["date_start"], total["date_end"])
    said = interval_text(float(stated["low"]), float(stated["high"]))
    said_first = (
        f"{_title(result, str(total['monitor']))} says {said} {stated['population_code']} killed, {window}, {total['place_name']}. "
        "Each rung below is another way to count the incidents of that window; none of them is the true number."
    )
    return Block(rows, columns, heading="Why one total is not the sum of the incidents", notes=(said_first,))


def _first_look(result: RunResult) -> Block:
    urgent = result.discrepancies[result.discrepancies["severity"] == "S1"]
    totals = urgent[urgent["code"] == "TOT-SUM"]
    rest = urgent[urgent["code"] != "TOT-SUM"]
    # One of each kind first, so that a single kind does not fill the screen.
    varied = rest.groupby("code", sort=False).head(2)
    shown = pd.concat([totals.head(2), varied.sort_values(["people"], ascending=False)]).head(FIRST_LOOK)
    titles = {kind.code: kind.title for kind in KINDS}
    rows = pd.DataFrame(
        {
            "discrepancy_id": shown["discrepancy_id"],
            "sentence": shown["code"].map(titles)
            + ". "
            + shown["explanation"].str.split("By rung:").str[0].str.slice(0, 400),
            "code": shown["code"],
            "people": shown["people"],
        }
    )
    columns = (
        Column("discrepancy_id", "Finding", 26, link_sheet="Discrepancies"),
        Column("sentence", "In a sentence", SENTENCE, "long_text"),
        Column("code", "Code", 12),
        Column("people", "People, at most", 12, "integer"),
    )
    return Block(rows, columns, heading="What to look at first")


def _findings(result: RunResult) -> Block:
    found = result.discrepancies.groupby(["code", "severity"]).size()
    rows = [
        {
            "severity": severity,
            "code": kind.code,
            "count": int(found.get((kind.code, severity), 0)),
            "legend": f"{kind.title}. {kind.legend}",
        }
        for kind in KINDS
        for severity in ("S1", "S2", "S3")
        if (kind.code, severity) in found.index
        or severity == result.rules.discrepancies.kinds[kind.code].severity
    ]
    table = pd.DataFrame(rows).sort_values(["severity", "count"], ascending=[True, False], kind="stable")
    columns = (
        Column("code", "Code", 26),
        Column("legend", "What it means", SENTENCE, "long_text"),
        Column("severity", "Severity", 12, "severity"),
        Column("count", "Findings", 12, "integer"),
    )
    return Block(
        table,
        columns,
        heading="Findings by severity and kind",
        notes=("S1 resolve before publishing · S2 explain · S3 note",),
    )


def _went_in(result: RunResult) -> Block:
    rows = pd.DataFrame(
        [
            {
                "file": account.file,
                "monitor": _title(result, account.monitor) or "unknown",
                **{name: getattr(account, name) for name in ("rows_read", *FATES, "claims", "figures")},
                "health": account.health,
            }
            for account in result.inputs
        ]
    )
    total = {
        "file": "all files",
        "monitor": "",
        "health": "",
        **{name: rows[name].sum() for name in ("rows_read", *FATES, "claims", "figures")},
    }
    table = pd.concat([rows, pd.DataFrame([total])], ignore_index=True)
    parts = " + ".join(f"{total[name]:,} {name.removeprefix('rows_').replace('_', ' ')}" for name in FATES)
    headers = {"rows_read": "Rows read", "claims": "Claims", "figures": "Figures"} | {
        name: name.removeprefix("rows_").replace("_", " ").capitalize() for name in FATES
    }
    columns = (
        Column("file", "File", 26, "long_text"),
        Column("monitor", "Monitor", SENTENCE),
        *(Column(name, headers[name], 12, "integer") for name in ("rows_read", *FATES, "claims", "figures")),
        Column("health", "Health", 12),
    )
    sentence = f"Nothing is lost: {total['rows_read']:,} rows read = {parts}."
    return Block(table, columns, heading="What went in", notes=(sentence,))


def _came_out(result: RunResult) -> Block:
    own = result.linked[
        (result.linked["relation_code"] != "covers") & (result.linked["cluster_kind_code"] == "incident")
    ]
    monitor = result.claims.set_index("claim_id")["monitor"]
    spread = (
        own.assign(monitor=monitor.reindex(own["claim_id"]).to_numpy())
        .groupby("cluster_id")["monitor"]
        .nunique()
    )
    verdicts = result.verdicts["verdict_code"].value_counts()
    rows = pd.DataFrame(
        [
            ("Incidents", len(spread), "clusters of incident claims, most of them known to one monitor"),
            ("With two or more monitors", int((spread > 1).sum()), "where numbers can be compared at all"),
            ("Matches", int(verdicts.get("match", 0)), "pairs of claims taken for one incident"),
            ("Possible matches", int(verdicts.get("possible", 0)), "pairs a person should look at"),
            (
                "Displaced",
                int(verdicts.get("displaced", 0)),
                "pairs that lost to a better claim of the same monitor; listed in tables/verdicts.parquet",
            ),
            (
                "Summary events",
                int((result.claims["unit_code"] == "event_summary").sum()),
                "cover incidents and are matched to none",
            ),
            (
                "Totals",
                int((result.claims["kind_code"] == "total").sum()),
                "figures for a period, laid beside incidents on Totals",
            ),
            ("Issues", len(result.issues), "things in the sources that could not be taken as they are"),
        ],
        columns=["what", "count", "meaning"],
    )
    columns = (
        Column("what", "What", 26),
        Column("meaning", "Meaning", SENTENCE),
        Column("count", "Count", 12, "integer"),
    )
    return Block(rows, columns, heading="What came out")


def _months(result: RunResult) -> tuple[Block, tuple[Chart, ...]]:
    coverage = result.coverage
    if coverage.empty:
        return Block(
            pd.DataFrame(), (), heading="Claims by month and monitor", notes=("No dated incident claims.",)
        ), ()
    table = coverage.pivot_table(
        index="month", columns="monitor", values="claims", aggfunc="sum", fill_value=0
    ).reset_index()
    names = [name for name in table.columns if name != "month"]
    absent = coverage[coverage["state_code"] != "reported"]
    said = [
        f"{_title(result, monitor)} {state.replace('_', ' ')}"
        for monitor, state in zip(absent["monitor"], absent["state_code"], strict=True)
    ]
    gaps = pd.Series(said, index=absent.index, dtype="str").groupby(absent["month"]).agg("; ".join)
    table["gaps"] = table["month"].map(gaps).fillna("")
    columns = (
        Column("month", "Month", 26),
        Column("gaps", "Without a claim", SENTENCE),
        *(Column(str(name), _title(result, str(name)), 12, "integer") for name in names),
    )
    block = Block(
        table,
        columns,
        heading="Claims by month and monitor",
        notes=(
            "Incident claims by the month they start in. “Silent” is inside a monitor's files, “not covered” outside them.",
        ),
    )
    chart = Chart(
        "Incident claims by month and monitor",
        block=MONTHS_BLOCK,
        category="month",
        series=tuple(str(name) for name in names),
        stacked=False,
        y_title="claims",
    )
    return block, (chart,)


def _attributions(result: RunResult) -> tuple[str, ...]:
    present = sorted(
        {*result.claims["monitor"], *(account.monitor for account in result.inputs)}
        & set(result.rules.monitors)
    )
    lines = []
    for name in present:
        rule = result.rules.monitors[name]
        lines.append(
            f"{rule.title}: {rule.attribution or rule.publisher}. {rule.licence}. {rule.homepage}".strip()
        )
    return tuple(lines)


# ---- Discrepancies -------------------------------------------------------------------------------------------------


def _discrepancies(result: RunResult) -> Sheet:
    titles = {kind.code: kind.title for kind in KINDS}
    found = result.discrepancies
    rows = found.assign(
        kind=found["code"].map(titles),
        monitors=[_titles(result, names) for names in found["monitors"]],
        claims=found["claim_ids"].str.count(" ") + 1,
    )
    columns = (
        Column("severity", "Severity", 9, "severity"),
        Column("code", "Code", 12),
        Column("kind", "Kind", 24),
        Column("explanation", "Finding", 70, "long_text"),
        Column("left_value", "One side", 28, "long_text"),
        Column("right_value", "Other side", 28, "long_text"),
        Column("gap", "Gap", 9, "number"),
        Column("gap_unit", "Unit", 10),
        Column("suggested_action", "What to do next", 48, "long_text"),
        Column("cluster_id", "Incident", 16, link_sheet="Incidents"),
        Column("claim_ids", "Claims", 30, link_sheet="Claims"),
        Column("claims", "Number of claims", 10, "integer"),
        Column("monitors", "Monitors", 24),
        Column("measure_code", "Measure", 12),
        Column("people", "People, at most", 10, "integer"),
        Column("date_start", "From", 11, "date"),
        Column("status_code", "Status", 10),
        Column("first_seen", "First seen", 11, "date"),
        Column("discrepancy_id", "Finding id", 18),
    )
    return _table("Discrepancies", rows, columns, key="discrepancy_id", freeze=2)


# ---- Incidents -----------------------------------------------------------------------------------------------------


def _incidents(result: RunResult) -> Sheet:
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
        _titles(result, " ".join(sorted(set(names)))) for names in grouped["monitor"].agg(tuple)
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
    rows = rows.assign(several=rows["monitors"].str.contains(", ")).sort_values(
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
        Column("attackers", "Attackers named", 26),
        Column("reports", "Reports", 9, "integer"),
        Column("origins", "Independent origins", 12, "integer"),
        Column("origin_ids", "Origins", 24),
        Column("covered_by", "Summaries covering it", 11, "integer"),
        Column("findings", "Findings", 9, "integer"),
        Column("claim_ids", "Claim ids", 40, link_sheet="Claims"),
        Column("claims", "Claims", 8, "integer"),
    )
    return _table("Incidents", rows, columns, key="cluster_id", freeze=2)


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
        people = (
            ""
            if population == result.rules.monitors[str(monitor)].scope.population_code
            else f" ({population})"
        )
        for bound in ("low", "high"):
            name = f"{monitor}_{measure}_{population}_{bound}"
            added[name] = rows["cluster_id"].map(bounds[bound])
            columns.append(
                Column(name, f"{_title(result, str(monitor))}: {measure}{people}, {bound}", 11, "integer")
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
            columns.append(Column(f"{monitor}_{name}", f"{_title(result, str(monitor))}: {header}", 14))
    return pd.DataFrame(added, index=rows.index), columns


# ---- Totals --------------------------------------------------------------------------------------------------------


def _totals(result: RunResult) -> Sheet:
    claims = result.claims.set_index("claim_id")
    figures = whole_figures(result.figures)
    stated = figures[figures["claim_id"].isin(claims.index[claims["kind_code"] == "total"])]
    about = claims.reindex(stated["claim_id"])
    own = pd.DataFrame(
        {
            "total_id": stated["claim_id"].to_numpy(),
            "measure_code": stated["measure_code"].to_numpy(),
            "population_code": stated["population_code"].to_numpy(),
            "row_kind": "stated",
            "claimed_by": [_title(result, monitor) for monitor in about["monitor"]],
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
    bridge = result.bridge
    rungs = pd.DataFrame(
        {
            "total_id": bridge["total_id"],
            "measure_code": bridge["measure_code"],
            "population_code": bridge["population_code"],
            "row_kind": np.where(bridge["is_headline"], "rung (headline)", "rung"),
            "side": [_title(result, monitor) for monitor in bridge["monitor"]],
            "step": bridge["explanation"],
            "incidents": bridge["incidents"],
            "low": bridge["low"],
            "high": bridge["high"],
            "residual_low": bridge["residual_low"],
            "residual_high": bridge["residual_high"],
            "claim_ids": bridge["claim_ids"],
            "step_no": bridge["step_no"],
        }
    )
    unlaid = own[~own["total_id"].isin(bridge["total_id"])].assign(
        row_kind="note",
        step="No bridge: it lacks a window or a place, or no other monitor states such a figure.",
        low=np.nan,
        high=np.nan,
        step_no=1,
    )
    rows = pd.concat([own, rungs, unlaid], ignore_index=True).sort_values(
        ["total_id", "measure_code", "population_code", "side", "step_no"], kind="stable"
    )
    rows["claims"] = rows["claim_ids"].fillna("").str.split().map(len)
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
    filled[text] = filled[text].fillna("")
    return _table("Totals", filled, columns, freeze=1)


# ---- Possible matches ----------------------------------------------------------------------------------------------


def _possible_matches(result: RunResult) -> Sheet:
    verdicts = result.verdicts[result.verdicts["verdict_code"] == "possible"]
    claims = result.claims.set_index("claim_id")
    killed = whole_figures(result.figures)
    killed = (
        killed[(killed["measure_code"] == "killed") & (killed["population_code"] == "civilian")]
        .drop_duplicates("claim_id")
        .set_index("claim_id")
    )
    shown = pd.Series(
        [interval_text(low, high) for low, high in zip(killed["low"], killed["high"], strict=True)],
        index=killed.index,
        dtype="str",
    )
    rows = verdicts.reset_index(drop=True)
    for side in ("left", "right"):
        about = claims.reindex(rows[f"{side}_id"])
        rows[f"{side}_when"] = about["edtf"].to_numpy()
        rows[f"{side}_where"] = about["place_name"].to_numpy()
        rows[f"{side}_killed"] = shown.reindex(rows[f"{side}_id"]).fillna("").to_numpy()
        rows[f"{side}_says"] = (
            (about["grade_raw"] + " " + about["position_code"].str.replace("_", " ")).str.strip().to_numpy()
        )
    # The most informative to judge are those nearest to even odds.
    rows["doubt"] = (rows["match_probability"] - 0.5).abs()
    rows = rows.sort_values(["doubt", "left_id", "right_id"])
    sides = [
        (Column(f"{side}_id", f"Claim {letter}", 20, link_sheet="Claims"), Column(f"{side}_when", f"Day {letter}", 12), Column(f"{side}_where", f"Place {letter}", 26),
         Column(f"{side}_killed", f"Civilians killed {letter}", 11), Column(f"{side}_says", f"Grade or position {letter}", 16))
        for side, letter in (("left", "A"), ("right", "B"))
    ]  # fmt: skip
    columns = (
        Column("match_probability", "Probability, rivals aside", 12, "share"),
        Column("match_weight", "Weight (bits)", 9, "number"),
        *sides[0],
        *sides[1],
        *(Column(f"{name}_level", f"{name.capitalize()}s", 18) for name in COMPARISONS),
        Column("rarity_bits", "Rarity (bits)", 9, "number"),
        Column("rule_code", "Brought together by", 16),
    )
    return _table("Possible matches", rows, columns, freeze=2)


# ---- Claims, Issues ------------------------------------------------------------------------------------------------


def _claims(result: RunResult) -> Sheet:
    claims = result.claims
    cluster = result.linked[result.linked["relation_code"] != "covers"].set_index("claim_id")[
        ["cluster_id", "relation_code"]
    ]
    rows = claims.join(cluster, on="claim_id")
    whole = result.figures[
        (result.figures["sex_code"] == "any") & (result.figures["age_group_code"] == "any")
    ]
    added: dict[str, pd.Series[float]] = {}
    numbers = []
    parts: Iterable[Any] = whole.groupby(["measure_code", "population_code", "role_code"], sort=True)
    for (measure, population, role), part in parts:
        by_claim = part.drop_duplicates("claim_id").set_index("claim_id")
        said = "" if role == "alleged" else ", conceded"
        for bound in ("low", "high"):
            name = f"{measure}_{population}_{role}_{bound}"
            added[name] = rows["claim_id"].map(by_claim[bound])
            numbers.append(
                Column(
                    name,
                    f"{str(measure).replace('_', ' ').capitalize()} {population}{said}, {bound}",
                    10,
                    "integer",
                )
            )
    rows = pd.concat([rows, pd.DataFrame(added, index=rows.index)], axis=1)
    texts = (
        (Column("text", "Text", 60, "long_text"), Column("note", "Note", 40, "long_text"))
        if result.facts.include_names
        else ()
    )
    columns = (
        Column("claim_id", "Claim", 22),
        Column("monitor", "Monitor", 12),
        Column("kind_code", "Kind", 10),
        Column("unit_code", "Unit", 13),
        Column("date_start", "From", 11, "date"),
        Column("date_end", "To", 11, "date"),
        Column("edtf", "Window (EDTF)", 22),
        Column("reported_on", "Reported", 11, "date"),
        Column("place_name", "Place", 28),
        Column("place_name_native", "Place, local script", 20),
        Column("admin1", "Governorate", 16),
        Column("country_code", "Country", 8),
        Column("latitude", "Latitude", 10, "number"),
        Column("longitude", "Longitude", 10, "number"),
        Column("location_precision_code", "Place precision", 9, "integer"),
        Column("perpetrator_codes", "Attackers", 22),
        Column("attribution_code", "Attribution", 12),
        Column("violence_code", "Means", 12),
        Column("grade_raw", "Grade as published", 14),
        Column("position_code", "Position", 12),
        *numbers,
        Column("origin_ids", "Origins", 18),
        Column("reported_via", "Reported via", 20),
        Column("report_count", "Reports", 8, "integer"),
        Column("cluster_id", "Incident", 16, link_sheet="Incidents"),
        Column("relation_code", "Relation", 10),
        Column("url", "Where published", 30, "url"),
        *texts,
        Column("file_sha256", "SHA-256 of the file", 20),
        Column("source_file", "Source file", 24),
        Column("source_sheet", "Sheet", 10),
        Column("source_row", "Row", 8, "integer"),
    )
    return _table("Claims", rows, columns, key="claim_id", freeze=1)


def _issues(result: RunResult) -> Sheet:
    columns = (
        Column("severity", "Weight", 10),
        Column("code", "Kind", 18),
        Column("source_file", "Source file", 26),
        Column("source_sheet", "Sheet", 10),
        Column("source_row", "Row", 8, "integer"),
        Column("column", "Column", 20),
        Column("value", "Found", 30),
        Column("row_count", "Rows", 8, "integer"),
        Column("message", "What it is, and what to do", 90, "long_text"),
    )
    return _table("Issues", result.issues, columns)


# ---- Method, Dictionary --------------------------------------------------------------------------------------------


def _method(result: RunResult) -> Sheet:
    return Sheet(
        "Method",
        (
            _scopes(result),
            _kinds(result),
            _weights(result),
            _thresholds(result),
            _blocking(result),
            _versions(result),
        ),
    )


def _scopes(result: RunResult) -> Block:
    rows = [
        {
            "monitor": rule.title,
            "unit": rule.unit_code,
            "population": rule.scope.population_code,
            "attackers": rule.scope.attackers,
            "threshold": rule.scope.threshold,
            "zero": rule.scope.zero_code.replace("_", " "),
            "blank": rule.scope.blank_code.replace("_", " "),
            "source": rule.scope.source,
        }
        for name, rule in sorted(result.rules.monitors.items())
        if name in set(result.claims["monitor"]) or name in {account.monitor for account in result.inputs}
    ]
    columns = (
        Column("monitor", "Monitor", 26),
        Column("unit", "One record is", 22),
        Column("population", "Counts", 12),
        Column("zero", "A zero means", 14),
        Column("blank", "A blank means", 14),
        Column("threshold", "Taken in from", 44, "long_text"),
        Column("attackers", "Attackers", 40, "long_text"),
        Column("source", "Where that stands", 44, "long_text"),
    )
    return Block(
        pd.DataFrame(rows, columns=[column.name for column in columns]),
        columns,
        heading="What each monitor counts",
    )


def _kinds(result: RunResult) -> Block:
    rules = result.rules.discrepancies.kinds
    rows = pd.DataFrame(
        [
            {
                "code": kind.code,
                "title": kind.title,
                "severity": rules[kind.code].severity,
                "parameters": ", ".join(
                    f"{name} = {value:g}" for name, value in rules[kind.code].parameters.items()
                ),
                "legend": kind.legend,
                "reason": rules[kind.code].reason,
            }
            for kind in KINDS
        ]
    )
    columns = (
        Column("code", "Code", 26),
        Column("title", "Kind", 22),
        Column("severity", "Severity", 12, "severity"),
        Column("parameters", "Tolerances", 14, "long_text"),
        Column("legend", "What it means", 44, "long_text"),
        Column("reason", "Why this severity", 44, "long_text"),
    )
    return Block(rows, columns, heading="Kinds of discrepancy")


def _weights(result: RunResult) -> Block:
    linkage = result.rules.linkage["incidents"]
    bits = level_bits(linkage)
    rows = pd.DataFrame(
        [
            {
                "comparison": name,
                "level": level,
                "title": rule.title,
                "m": rule.m,
                "u": rule.u,
                "bits": round(bits[name, level], 2),
            }
            for name, rules in linkage.comparisons.items()
            for level, rule in rules.items()
        ]
    )
    columns = (
        Column("comparison", "Comparison", 26),
        Column("level", "Level", 22),
        Column("m", "m: share among matches", 12, "number"),
        Column("u", "u: share among others", 14, "number"),
        Column("bits", "Weight (bits)", 14, "number"),
        Column("title", "In words", 44, "long_text"),
    )
    notes = (
        linkage.reason,
        f"Weights: {linkage.trained_on}. Missing says nothing and weighs 0. A weight of 1 bit doubles the odds; bits add up.",
    )
    return Block(rows, columns, heading="How claims are linked", notes=notes)


def _thresholds(result: RunResult) -> Block:
    linkage = result.rules.linkage["incidents"]
    rows = pd.DataFrame(
        [
            ("prior", linkage.prior_bits, "log2 odds of a candidate pair before anything is compared"),
            ("match from", linkage.thresholds.match, "with the rivals of either side set against it"),
            ("possible from", linkage.thresholds.possible, "listed for a person's look"),
            (
                "rarity, at most",
                linkage.rarity_cap_bits,
                "what a rare place name adds, or a common one takes",
            ),
        ],
        columns=["what", "bits", "meaning"],
    )
    columns = (
        Column("what", "Setting", 26),
        Column("bits", "Bits", 22, "number"),
        Column("meaning", "Meaning", 44),
    )
    return Block(rows, columns, heading="Thresholds", notes=(linkage.thresholds.reason,))


def _blocking(result: RunResult) -> Block:
    reasons = {rule.code: rule for rule in result.rules.linkage["incidents"].blocking}
    rows = result.blocking.assign(
        within=[reasons[code].within_days for code in result.blocking["rule_code"]],
        reason=[reasons[code].reason for code in result.blocking["rule_code"]],
    )
    columns = (
        Column("rule_code", "Blocking rule", 26),
        Column("pairs", "Pairs", 22, "integer"),
        Column("within", "Days apart, at most", 12, "integer"),
        Column("largest_key", "Claims under its commonest key", 14, "integer"),
        Column("narrowed_keys", "Keys narrowed to one day", 14, "integer"),
        Column("reason", "Why", 44, "long_text"),
    )
    return Block(rows, columns, heading="Which claims were compared")


def _versions(result: RunResult) -> Block:
    facts = result.facts
    rows = pd.DataFrame(
        [
            ("reconcile", facts.version),
            ("rules digest", facts.rules_digest),
            ("inputs digest", facts.inputs_digest),
            ("run digest", facts.run_digest),
        ]
        + [(f"sha256 of {account.file}", account.sha256) for account in result.inputs],
        columns=["what", "value"],
    )
    return Block(
        rows, (Column("what", "What", 26), Column("value", "Value", 22)), heading="What this run was made of"
    )


def _dictionary() -> Sheet:
    rows = pd.DataFrame(
        [
            (frame.__name__, name, kind, unit, text)
            for frame in FRAMES
            for name, kind, unit, text in describe(frame)
        ],
        columns=["frame", "column", "kind", "unit", "description"],
    )
    columns = (
        Column("frame", "Frame", 16),
        Column("column", "Column", 26),
        Column("kind", "Type", 16),
        Column("unit", "Unit", 16),
        Column("description", "What it is", 100, "long_text"),
    )
    return _table("Dictionary", rows, columns, freeze=2)
