"""The Summary: what to look at first, what went in, what came out, and what it does not say."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.discrepancies import KINDS
from reconcile.discrepancies.evidence import whole_figures
from reconcile.discrepancies.totals import counted
from reconcile.report.changes import since_line
from reconcile.report.claims import asked_pairs
from reconcile.report.naming import title_of
from reconcile.sheets import ROWS_A_SHEET, Block, Column, Sheet
from reconcile.views import interval_text, window_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.result import RunResult

FIRST_LOOK = 8
# Two lines of it, so that all of the first look stands on one screen.
FIRST_SENTENCE = 156
# A finding whose settlement went stale waits again.
OPEN = ("open", "stale")
HEALTH_ROWS = 20


SENTENCE = 84
FATES = ("rows_claimed", "rows_quarantined", "rows_corrected_away", "rows_out_of_scope", "rows_not_data")
CONTENTS = {
    "Discrepancies": "Every disagreement: what was found, the two sides, the gap, what to do next. Decide in its column Decision.",
    "Incidents": "What monitors say of one incident, side by side; ▲ and ▼ mark a range that meets none of the others.",
    "Possible matches": "Pairs of claims that may be one, with the weights that speak for and against. Decide here.",
    "Bridge": "A figure for a period beside sums of incidents, each step named, with charts.",
    "Totals": "The same for every total, with the claims behind each sum.",
    "Windows": "Which totals share days and must not be added, and what follows from two of them.",
    "Series": "Numbers of one series that can't all be true.",
    "Coverage": "Who reported, month by month; silent, not covered and failed are three things.",
    "Overlap": "Which monitors know the same incidents.",
    "Overlap of victims": "Which lists name the same persons, and what must not be made of it.",
    "Belligerents": "What is laid at each one's door, and what it concedes, denies or leaves unanswered.",
    "Origins": "Who first asserted it, and through whom it came.",
    "Changes": "What each monitor changed since the run before.",
    "Decisions": "What persons decided before, and whether it still holds.",
    "Corrections": "Room for corrections to claims.",
    "Claims": "Every claim as it was read, with its source file and row.",
    "Issues": "What could not be taken as it is.",
    "Method": "What each monitor counts, the kinds, weights, thresholds and digests. Print it with what you publish.",
    "Dictionary": "Every column of every table, in words.",
}
LIMITS = (
    "This workbook reports disagreement, not truth: it prefers no monitor, adds no figures across monitors, and no number in it is “the” number of the dead.",
    "A match is a judgement of probability. What holds a link is shown (weights on Possible matches and Method); a person's decision outranks it.",
    "Monitors watch different places, times and attackers. Silence inside a monitor's files, silence outside them and a file that failed are three things.",
    "Figures that count different people are shown side by side and not subtracted (SCOPE-DEF). Conceded figures enter no sum and no comparison of counts.",
    "Records are as published on the day of their release, and may have been revised since; sums over months of incidents are not totals of a conflict.",
    "Do not use match counts to estimate how many deaths nobody recorded; that takes named victims, three independent lists and its own method.",
)


def summary_sheet(result: RunResult, others: Sequence[Sheet] = ()) -> Sheet:
    """Return the page that is read first: its first screen says what to look at, and what stands where.

    Args:
        result: of the run.
        others: the sheets that follow; without any it says nothing of what stands where.
    """
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
    blocks = (
        Block(pd.DataFrame(), (), heading=facts.title, notes=(*_headline(result), *_cut_short(others))),
        _first_look(result),
        *_health(result),
        _bridge_at_a_glance(result),
        *((_contents(others),) if others else ()),
        _findings(result),
        _went_in(result),
        _came_out(result),
        Block(
            about,
            (Column("what", "What", 26), Column("value", "Value", SENTENCE)),
            heading="What this run was told",
        ),
        Block(pd.DataFrame(), (), heading="What this does not say", notes=LIMITS),
        Block(pd.DataFrame(), (), heading="Sources", notes=_attributions(result)),
    )
    return Sheet("Summary", blocks)


def _headline(result: RunResult) -> tuple[str, ...]:
    degraded = [account for account in result.inputs if account.health != "ok"]
    is_open = result.discrepancies["status_code"].isin(OPEN)
    found = result.discrepancies.loc[is_open, "severity"].value_counts()
    settled = int((~is_open).sum())
    lines = [
        f"{len(result.claims):,} claims of {result.claims['monitor'].nunique()} monitors. To judge: {len(asked_pairs(result)):,} possible matches.",
        (
            f"Open findings: {found.get('S1', 0):,} to resolve before publishing (S1), {found.get('S2', 0):,} to explain (S2), "
            f"{found.get('S3', 0):,} to note (S3)."
            + (f" {settled:,} more were settled by a person." if settled else "")
        ),
    ]
    lines += [
        f"Degraded: {account.file} ({title_of(result, account.monitor) or 'monitor unknown'}): {account.remark}"
        for account in degraded
    ]
    return (*lines, *since_line(result), *result.remarks)


def _cut_short(others: Sequence[Sheet]) -> tuple[str, ...]:
    """Return which sheets list only their first rows."""
    short = ", ".join(sheet.name for sheet in others if sheet.foot)
    return (
        (f"Only the first rows are listed on: {short}. All of them are in tables/; see What stands where.",)
        if short
        else ()
    )


def _health(result: RunResult) -> tuple[Block, ...]:
    """Return what about the input files deserves a look, where anything does."""
    found = result.health[result.health["severity"] != "note"]
    if found.empty:
        return ()
    shown = found.head(HEALTH_ROWS)
    rows = pd.DataFrame(
        {
            "file": shown["file"],
            "message": shown["message"],
            "severity": shown["severity"],
            "code": shown["code"].str.replace("_", " "),
        }
    )
    columns = (
        Column("file", "File", 26, "long_text"),
        Column("message", "What was found, and what to do", SENTENCE, "long_text"),
        Column("severity", "Weight", 12),
        Column("code", "Kind", 12),
    )
    errors = int((found["severity"] == "error").sum())
    notes = [
        f"This run is degraded: {errors:,} of the {len(found):,} lines below have to be settled before its numbers are used."
        if errors
        else "Nothing below makes the run less than whole; look at it all the same."
    ]
    if unread := ", ".join(title_of(result, monitor) for monitor in result.unread):
        notes.append(
            f"Files that could not be read: {unread}. What is missing of them here is not “not reported”."
        )
    if len(found) > len(shown):
        notes.append(f"The first {len(shown):,} are shown; all of them are in tables/health.parquet.")
    return (Block(rows, columns, heading="Health of the inputs", notes=tuple(notes)),)


def _bridge_at_a_glance(result: RunResult) -> Block:
    """Return the rungs of the first total that its incidents do not add up to, or of the first total there is."""
    told = result.discrepancies[result.discrepancies["code"] == "TOT-SUM"]["claim_ids"]
    # What nobody stated is no first thing to look at.
    named = result.claims["claim_id"].isin(result.bridge["total_id"].unique())
    totals = result.claims[named].set_index("claim_id")
    stated = result.bridge["total_id"].isin(totals.index)
    killed = result.bridge[stated & (result.bridge["measure_code"] == "killed")]
    known = set(killed["total_id"])
    chosen = next((total for total in (*told, *killed["total_id"]) if total in known), None)
    if chosen is None:
        return Block(
            pd.DataFrame(),
            (),
            heading="Totals beside incidents",
            notes=("No total was laid beside incidents.",),
        )
    total = totals.loc[chosen]
    steps = killed[(killed["total_id"] == chosen) & (killed["incidents"] > 0)]
    figures = whole_figures(result.figures)
    own = figures[(figures["claim_id"] == chosen) & (figures["measure_code"] == "killed")].iloc[0]
    rows = pd.DataFrame(
        {
            "monitor": [
                title_of(result, str(total["monitor"])),
                *(title_of(result, name) for name in steps["monitor"]),
            ],
            "step": ["the total as stated", *steps["explanation"]],
            "low": [own["low"], *steps["low"]],
            "high": [own["high"], *steps["high"]],
        }
    )
    columns = (
        Column("monitor", "Monitor", 26),
        Column("step", "What is summed", SENTENCE, "long_text"),
        Column("low", "Low", 12, "integer"),
        Column("high", "High", 12, "integer"),
    )
    window = window_text(total["date_start"], total["date_end"])
    said = interval_text(float(own["low"]), float(own["high"]))
    said_first = (
        f"{title_of(result, str(total['monitor']))} says {said} {counted('killed', str(own['population_code']))}, {window}, {total['place_name']}. "
        "Each rung below is another way to count the incidents of that window; none of them is the true number."
    )
    return Block(rows, columns, heading="Why one total is not the sum of the incidents", notes=(said_first,))


def _first_look(result: RunResult) -> Block:
    """Return the worst of each kind of open finding, so that no kind fills the screen, with how many more there are."""
    waiting = result.discrepancies[result.discrepancies["status_code"].isin(OPEN)]
    worst = waiting["severity"].min()
    urgent = waiting[waiting["severity"] == worst].assign(
        alike=lambda found: found.groupby("code")["code"].transform("size"),
        is_total=lambda found: found["code"] == "TOT-SUM",
    )
    urgent = urgent.sort_values(["people", "discrepancy_id"], ascending=[False, True], na_position="last")
    turn = urgent.groupby("code", sort=False).cumcount()
    shown = (
        urgent.assign(turn=turn)
        .sort_values(["turn", "is_total", "people"], ascending=[True, False, False], kind="stable")
        .head(FIRST_LOOK)
    )
    titles = {kind.code: kind.title for kind in KINDS}
    rows = pd.DataFrame(
        {
            "discrepancy_id": shown["discrepancy_id"],
            "sentence": [
                textwrap.shorten(f"{titles[code]}. {text}", FIRST_SENTENCE, placeholder=" …")
                for code, text in zip(shown["code"], shown["explanation"], strict=True)
            ],
            "people": shown["people"],
            "alike": shown["alike"],
            "severity": shown["severity"],
            "code": shown["code"],
        }
    )
    columns = (
        Column("discrepancy_id", "Finding", 26, link_sheet="Discrepancies"),
        Column("sentence", "In a sentence", SENTENCE, "long_text"),
        Column("severity", "Severity", 12, "severity"),
        Column("code", "Code", 12),
        Column("people", "People, at most", 12, "integer"),
        Column("alike", "Open of this kind", 12, "integer"),
    )
    none = () if len(rows) else ("No open finding.",)
    return Block(rows, columns if len(rows) else (), heading="What to look at first", notes=none)


def _contents(others: Sequence[Sheet]) -> Block:
    """Return what stands on each sheet, and where a table too long for one goes on."""
    listed = [sheet for sheet in others if not sheet.is_hidden]
    rows = pd.DataFrame(
        {
            "sheet": [sheet.name for sheet in listed],
            "about": [CONTENTS.get(sheet.name, "") for sheet in listed],
            "rows": [sheet.rows_in_all if sheet.is_table else np.nan for sheet in listed],
        }
    )
    columns = (
        Column("sheet", "Sheet", 26, "sheet"),
        Column("about", "What stands on it", SENTENCE, "long_text"),
        Column("rows", "Rows", 12, "integer"),
    )
    split = [
        f"{sheet.name} has {len(sheet.blocks[0].rows):,} rows, more than a sheet holds: it goes on in sheets of that name, numbered; whole in tables/."
        for sheet in listed
        if sheet.is_table and len(sheet.blocks[0].rows) >= ROWS_A_SHEET
    ]
    cut = [f"{sheet.name}: {sheet.foot}" for sheet in listed if sheet.foot]
    return Block(rows, columns, heading="What stands where", notes=(*split, *cut))


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
                "monitor": title_of(result, account.monitor) or "unknown",
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
            (
                "Possible matches",
                len(asked_pairs(result)),
                "pairs a person should look at: not linked, or linked on thin odds",
            ),
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
