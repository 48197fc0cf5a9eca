"""The sheets a person reads: which there are, what stands on them, and the demo's bridge number by number."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import ROOT

from reconcile.discrepancies import KINDS
from reconcile.frames import FRAMES, columns_of
from reconcile.jobs import Job, folder_of, job_inputs, within_of
from reconcile.pipeline import Input, Options, run
from reconcile.read import SourceFile
from reconcile.report import lay_out
from reconcile.report.claims import DOUBTFUL_BELOW
from reconcile.result import RunFacts
from reconcile.rulefiles import load_model
from reconcile.validate import Within
from reconcile.workbook import workbook_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconcile.result import RunResult
    from reconcile.ruleset import Ruleset
    from reconcile.sheets import Block, Sheet

    Sheets = dict[str, Sheet]

AS_OF = date(2017, 7, 1)
SHEETS = [
    "Summary",
    "Discrepancies",
    "Changes",
    "Incidents",
    "Bridge",
    "Totals",
    "Windows",
    "Series",
    "Possible matches",
    "Claims",
    "Issues",
    "Method",
    "Dictionary",
]
FATES = ("rows_claimed", "rows_quarantined", "rows_corrected_away", "rows_out_of_scope", "rows_not_data")


def facts(rules: Ruleset, **changes: Any) -> RunFacts:
    """What a run was told."""
    told = {
        "job": "test", "title": "A title", "as_of": AS_OF, "quantities": "airwars", "include_names": False, "within": "everything",
        "rules_digest": rules.digest, "inputs_digest": "1" * 64, "run_digest": "2" * 64, "previous_run": "", "version": "0",
    }  # fmt: skip
    return RunFacts(**(told | changes))


@pytest.fixture(scope="session")
def demo(rules: Ruleset) -> RunResult:
    """The shipped job, run once."""
    path = ROOT / "fixtures" / "demo" / "job.yaml"
    job = load_model(path, Job)
    inputs = job_inputs(job, folder_of(path, job), AS_OF)
    options = Options(facts(rules, job=job.id, title=job.title, quantities=job.quantities), within_of(job))
    return run(inputs, rules, options, lambda _: None)


@pytest.fixture(scope="session")
def sheets(demo: RunResult) -> Sheets:
    """The demo's sheets by name."""
    return {sheet.name: sheet for sheet in lay_out(demo)}


@pytest.fixture(scope="module")
def run_of(rules: Ruleset) -> Callable[..., RunResult]:
    """A function that runs files given as text."""

    def run_files(files: Mapping[str, str], **changes: Any) -> RunResult:
        inputs = [Input(name, SourceFile(name, text.encode())) for name, text in files.items()]
        return run(inputs, rules, Options(facts(rules, **changes), Within()), lambda _: None)

    return run_files


def page_text(sheet: Sheet) -> str:
    """Everything a sheet says, as one text."""
    lines: list[str] = []
    for block in sheet.blocks:
        lines += [block.heading, *block.notes, *(column.header for column in block.columns)]
        lines += [str(cell) for row in block.rows.itertuples(index=False) for cell in row]
    return "\n".join(lines)


def block_of(sheet: Sheet, heading: str) -> Block:
    """The block of a page under this heading."""
    (found,) = (block for block in sheet.blocks if block.heading == heading)
    return found


# ---- all sheets ----------------------------------------------------------------------------------------------------


def test_sheets_and_their_order(demo: RunResult) -> None:
    """The sheets in the order a person reads them, the Summary first."""
    assert [sheet.name for sheet in lay_out(demo)] == SHEETS


@pytest.mark.parametrize("name", SHEETS)
def test_columns_of_a_sheet(sheets: Sheets, name: str) -> None:
    """Every column has a header of its own, a width, and values in the block; links lead to sheets that have keys."""
    for block in sheets[name].blocks:
        headers = [column.header for column in block.columns]
        assert len(set(headers)) == len(headers)
        assert {column.name for column in block.columns} <= set(block.rows.columns)
        for column in block.columns:
            assert column.width > 0
            if column.link_sheet:
                assert sheets[column.link_sheet].key, (name, column.name)


@pytest.mark.parametrize(
    "name", ["Discrepancies", "Incidents", "Totals", "Possible matches", "Claims", "Issues", "Dictionary"]
)
def test_tables_are_plain(sheets: Sheets, name: str) -> None:
    """A table has its header in row 1, so that filters work on it."""
    assert sheets[name].is_table


@pytest.mark.parametrize("name", ["Discrepancies", "Incidents", "Claims"])
def test_keys_are_unique(sheets: Sheets, name: str) -> None:
    """A link to a row leads to one row."""
    sheet = sheets[name]
    assert sheet.key
    assert sheet.blocks[0].rows[sheet.key].is_unique


@pytest.mark.parametrize(
    ("name", "column", "target"),
    [
        ("Discrepancies", "cluster_id", "Incidents"),
        ("Discrepancies", "claim_ids", "Claims"),
        ("Incidents", "claim_ids", "Claims"),
        ("Totals", "total_id", "Claims"),
        ("Totals", "claim_ids", "Claims"),
        ("Possible matches", "left_id", "Claims"),
        ("Claims", "cluster_id", "Incidents"),
        ("Summary", "discrepancy_id", "Discrepancies"),
    ],
)
def test_links_lead_somewhere(sheets: Sheets, name: str, column: str, target: str) -> None:
    """From a finding to its incident and its claims, and back: every key that is linked stands on its sheet."""
    blocks = [block for block in sheets[name].blocks if column in block.rows]
    cells = [cell for block in blocks for cell in block.rows[column]]
    keys = set(sheets[target].blocks[0].rows[sheets[target].key or ""])
    wanted = {key for cell in cells for key in str(cell).split()}
    if name == "Claims":
        wanted = {key for key in wanted if key.startswith("inc_")}
    assert wanted
    assert wanted <= keys


def test_claims_lead_to_their_source_row(sheets: Sheets, demo: RunResult) -> None:
    """Every claim is listed with file, row and digest; totals and summaries too."""
    rows = sheets["Claims"].blocks[0].rows
    assert len(rows) == len(demo.claims)
    assert (rows["source_row"] > 1).all()
    assert set(rows["source_file"]) == {account.file for account in demo.inputs}
    assert set(rows["file_sha256"]) == {account.sha256 for account in demo.inputs}


# ---- Summary -------------------------------------------------------------------------------------------------------


def test_summary_prints_conservation(sheets: Sheets, demo: RunResult) -> None:
    """Per file and for all, rows read are the five fates added up, and a sentence says so."""
    block = block_of(sheets["Summary"], "What went in")
    rows = block.rows.set_index("file")
    assert list(rows.index) == [*(account.file for account in demo.inputs), "all files"]
    for name, row in rows.iterrows():
        assert row["rows_read"] == sum(row[fate] for fate in FATES), name
    total = rows.loc["all files", "rows_read"]
    assert total == rows["rows_read"].drop("all files").sum() == 190
    assert block.notes[0].startswith(f"Nothing is lost: {total} rows read = ")
    assert "190 claimed + 0 quarantined + 0 corrected away + 0 out of scope + 0 not data" in block.notes[0]


def test_summary_counts_what_is_listed(sheets: Sheets, demo: RunResult) -> None:
    """Findings by kind add up to the findings listed, and what came out to the rows of its sheets."""
    findings = block_of(sheets["Summary"], "Findings by severity and kind").rows
    assert findings["count"].sum() == len(demo.discrepancies) == len(sheets["Discrepancies"].blocks[0].rows)
    assert set(findings["code"]) == {kind.code for kind in KINDS}
    came_out = block_of(sheets["Summary"], "What came out").rows.set_index("what")["count"]
    assert came_out["Incidents"] == len(sheets["Incidents"].blocks[0].rows)
    assert came_out["Issues"] == len(sheets["Issues"].blocks[0].rows)
    assert came_out["Possible matches"] == len(sheets["Possible matches"].blocks[0].rows)


def test_summary_states_its_limits_and_sources(sheets: Sheets) -> None:
    """It says that it reports disagreement and no truth, what was withheld, and whom to attribute."""
    text = page_text(sheets["Summary"])
    for said in (
        "reports disagreement, not truth",
        "withheld",
        "CC BY 4.0",
        "2017-07-01",
        "Raqqa, June 2017",
    ):
        assert said in text


def test_summary_has_a_chart_by_month_and_monitor(sheets: Sheets, demo: RunResult) -> None:
    """The chart stands beside the months it draws, with a series for each monitor of incidents."""
    (chart,) = sheets["Summary"].charts
    block = sheets["Summary"].blocks[chart.block]
    assert block.heading == "Claims by month and monitor"
    assert {chart.category, *chart.series} <= set(block.rows.columns)
    incidents = demo.claims[demo.claims["kind_code"] == "incident"]
    assert set(chart.series) == set(incidents["monitor"])
    assert block.rows[list(chart.series)].to_numpy().sum() == len(incidents)


def test_summary_says_what_failed(run_of: Callable[..., RunResult]) -> None:
    """A file that could not be read is named with its reason, and no monitor is called silent for it."""
    good = "code,incident_date,location_en,civ_killed_min\nCS9001,2017-06-10,Tell Example,1\n"
    done = run_of({"good.csv": good, "bad.csv": "a,b\n1,2\n"})
    summary = lay_out(done)[0]
    assert "Degraded: bad.csv" in page_text(summary)
    row = block_of(summary, "What went in").rows.set_index("file").loc["bad.csv"]
    assert (row["health"], row["rows_read"]) == ("failed", 0)


# ---- Totals --------------------------------------------------------------------------------------------------------

# The starting case: 117 killed since 6 June, as printed on 18 June, beside Airwars' incidents of 6 to 17 June.
# Sums of the public facts of those incidents; the first five, and the days before and after, are published in the docs.
RUNGS = """
stated          |                    |   |     | 117–117
rung            | Airwars            | 1 |   9 | 54–59
rung (headline) | Airwars            | 2 |  56 | 205–228
rung            | Airwars            | 3 |  64 | 222–251
rung            | Airwars            | 4 |  74 | 253–315
rung            | Airwars            | 5 |  88 | 269–337
rung            | Airwars            | 6 |  57 | 205–230
rung            | Airwars            | 7 |  59 | 221–263
rung            | Airwars            | 8 |  60 | 212–235
rung            | Airwars            | 9 |  27 | 63–75
rung            | Airwars            | 10 |  56 | 63–228
"""


def starting_case(sheets: Sheets, measure: str) -> pd.DataFrame:
    """The rows of the first total of the article, for one measure."""
    rows = sheets["Totals"].blocks[0].rows
    about = rows[
        rows["total_id"].isin(rows.loc[rows["reported_via"] == "news article, 18 June 2017", "total_id"])
    ]
    return about[about["measure_code"] == measure]


def test_every_rung_of_the_starting_case(sheets: Sheets) -> None:
    """117 stands beside 54-59, 205-228 and 269-337, 205-230 with what straddles the window, and the rest of the bridge."""
    rows = starting_case(sheets, "killed")
    rows = rows[rows["side"].isin(["", "Airwars"])].reset_index(drop=True)
    lines = [
        f"{row.row_kind:15} | {row.side:18} | {number or '':1} | {'' if pd.isna(row.incidents) else int(row.incidents):>3} | {row.low:g}–{row.high:g}"
        for number, row in enumerate(rows.itertuples())
    ]
    assert "\n".join(lines) == RUNGS.strip("\n")


def test_rungs_are_named_and_have_their_claims(sheets: Sheets) -> None:
    """Each rung says in words what it lets in, and lists the claims behind its sum; the residual is 117 minus the sum."""
    rows = starting_case(sheets, "killed")
    rungs = rows[rows["side"] == "Airwars"]
    words = ["Confirmed only", "Confirmed + Fair", "+ Weak", "+ Contested", "all grades", "began before the window", "one day earlier", "one day later", "town of Raqqa", "too coarsely to tell"]  # fmt: skip
    for word, step in zip(words, rungs["step"], strict=True):
        assert word in step
    assert rungs["claim_ids"].str.split().str.len().tolist() == rungs["incidents"].astype(int).tolist()
    assert (rungs["residual_low"] == 117 - rungs["high"]).all()
    assert (rungs["residual_high"] == 117 - rungs["low"]).all()
    straddling = set(rungs["claim_ids"].iloc[5].split()) - set(rungs["claim_ids"].iloc[1].split())
    assert straddling == {"airwars:CS1006a"}


def test_ged_names_no_attacker_in_the_starting_case(sheets: Sheets) -> None:
    """The dyads of UCDP name two sides: no incident is summed under the Coalition, and one rung shows the others."""
    rows = starting_case(sheets, "killed")
    rungs = rows[rows["side"] == "UCDP GED"]
    assert rungs.loc[rungs["row_kind"] == "rung (headline)", "incidents"].tolist() == [0]
    stated = rungs[rungs["step"].str.contains("no attacker")]
    assert stated[["low", "high"]].to_numpy().tolist() == [[242, 245]]


def test_total_in_words_is_shown_as_an_interval(sheets: Sheets) -> None:
    """A total of hundreds injured is 100 or more, never a point; beside it stands what the belligerent concedes, and no sum."""
    rows = starting_case(sheets, "injured")
    assert rows.loc[rows["row_kind"] == "stated", "shown"].tolist() == ["100 or more"]
    assert rows.loc[rows["row_kind"] == "stated", "step"].tolist() == ["as published: hundreds"]
    (rung,) = rows.loc[rows["row_kind"] != "stated", "step"]
    assert rung == "what it concedes itself, orientation only: 9 incidents, 69"
    assert rows["residual_low"].isna().all()


def test_every_total_is_listed(sheets: Sheets, demo: RunResult) -> None:
    """No total of the sheet is missing, and each row of a total says whose it is and for which days."""
    rows = sheets["Totals"].blocks[0].rows
    totals = demo.claims[demo.claims["kind_code"] == "total"]
    assert set(rows["total_id"]) == set(totals["claim_id"])
    assert set(rows["claimed_by"]) == {"SOHR"}
    assert (rows["window"] != "").all()


def test_total_without_a_readable_number_is_listed(run_of: Callable[..., RunResult]) -> None:
    """A total whose number could not be read is not passed over: it stands on Totals with a note."""
    text = "monitor,claim,published,window_start,place,measure,number\nSOHR,one,2017-06-18,2017-06-06,Raqqa,killed,some or other\n"
    sheets = {sheet.name: sheet for sheet in lay_out(run_of({"totals.csv": text}))}
    assert sheets["Totals"].blocks[0].rows["total_id"].unique().tolist() == ["sohr:one"]


# ---- other sheets --------------------------------------------------------------------------------------------------


def test_incidents_show_monitors_side_by_side(sheets: Sheets, demo: RunResult) -> None:
    """A row an incident, low and high of each monitor in columns of their own, incidents of several monitors first."""
    block = sheets["Incidents"].blocks[0]
    headers = {column.header for column in block.columns}
    assert {
        "Airwars: killed, low",
        "Airwars: killed, high",
        "Reports",
        "Independent origins",
        "Incident",
    } <= headers
    assert {"UCDP GED: killed, low", "UCDP GED: killed (civilian), low"} <= headers
    assert "US-led Coalition (CJTF-OIR): position" in headers
    several = block.rows["monitors"].str.contains(", ").tolist()
    assert several == sorted(several, reverse=True)
    own = demo.linked[
        (demo.linked["relation_code"] != "covers") & (demo.linked["cluster_kind_code"] == "incident")
    ]
    assert set(block.rows["cluster_id"]) == set(own["cluster_id"])
    assert {name for ids in block.rows["claim_ids"] for name in ids.split()} == set(own["claim_id"])


def test_possible_matches_begin_with_the_most_doubtful(sheets: Sheets, demo: RunResult) -> None:
    """Those nearest to even odds come first, also such as were linked on thin odds, each with both sides' day, place and number."""
    rows = sheets["Possible matches"].blocks[0].rows
    assert (rows["match_probability"] - 0.5).abs().is_monotonic_increasing
    verdict, probability = demo.verdicts["verdict_code"], demo.verdicts["match_probability"]
    thin = (verdict == "match") & (probability < DOUBTFUL_BELOW)
    possible = demo.verdicts[(verdict == "possible") | thin]
    sides = ["left_id", "right_id"]
    assert sorted(map(tuple, rows[sides].to_numpy())) == sorted(map(tuple, possible[sides].to_numpy()))
    for side in ("left", "right"):
        assert (rows[[f"{side}_when", f"{side}_where"]] != "").all(axis=None)


def test_findings_come_by_severity(sheets: Sheets) -> None:
    """S1 first; within it by people affected; each with a sentence and a next step."""
    rows = sheets["Discrepancies"].blocks[0].rows
    assert rows["severity"].is_monotonic_increasing
    for _, part in rows.groupby("severity"):
        assert part["people"].dropna().is_monotonic_decreasing
    assert (rows["explanation"].str.len() > 20).all()
    assert (rows["suggested_action"].str.len() > 20).all()


def test_method_prints_rules_thresholds_and_digests(sheets: Sheets, rules: Ruleset) -> None:
    """Every weight, threshold, tolerance and digest that made the run is printed."""
    text = page_text(sheets["Method"])
    linkage = rules.linkage["incidents"]
    for said in (rules.digest, linkage.thresholds.reason, *(rule.code for rule in linkage.blocking)):
        assert said in text
    for name, levels in linkage.comparisons.items():
        assert name in text
        assert all(level in text for level in levels)
    for kind in KINDS:
        assert kind.code in text
        assert rules.discrepancies.kinds[kind.code].reason in text


def test_dictionary_describes_every_column(sheets: Sheets) -> None:
    """Each declared column of each frame stands in the Dictionary with its type and meaning."""
    rows = sheets["Dictionary"].blocks[0].rows
    assert set(zip(rows["frame"], rows["column"], strict=True)) == {
        (frame.__name__, name) for frame in FRAMES for name in columns_of(frame)
    }
    assert (rows["description"].str.len() > 3).all()


# ---- names, and runs of little -------------------------------------------------------------------------------------

PLANTED = "statement_id,date,place_text,verdict,conceded_min,conceded_max,statement_scrubbed\n"
PLANTED += 'R9001,2017-06-10,"Raqqa, Syria",credible,2,2,Planted Name was harmed.\n'


@pytest.mark.parametrize("include_names", [False, True])
def test_names_are_withheld_unless_asked_for(run_of: Callable[..., RunResult], include_names: bool) -> None:  # noqa: FBT001 - both ways
    """Running text that may name persons stands on no sheet by default, and on Claims where it was asked for."""
    sheets = lay_out(run_of({"statements.csv": PLANTED}, include_names=include_names))
    naming = [sheet.name for sheet in sheets if "Planted" in page_text(sheet)]
    assert naming == (["Claims"] if include_names else [])


HEADERS = {
    "airwars.csv": "code,incident_date,location_en,civ_killed_min\n",
    "totals.csv": "monitor,published,place,measure,number\n",
    "statements.csv": "statement_id,date,place_text,verdict\n",
}
ROWS = {
    "airwars.csv": "CS9001,2017-06-10,Tell Example,1\n",
    "totals.csv": "Example Watch,2017-06-18,Tell Nowhere,killed,5\n",
    "statements.csv": "R9001,2017-06-10,Tell Example,non_credible\n",
}


@pytest.mark.parametrize(
    ("files", "claims"),
    [
        (HEADERS, 0),
        ({"airwars.csv": HEADERS["airwars.csv"] + ROWS["airwars.csv"]}, 1),
        ({"totals.csv": HEADERS["totals.csv"] + ROWS["totals.csv"]}, 1),
        ({name: HEADERS[name] + ROWS[name] for name in HEADERS}, 3),
        ({"airwars.csv": HEADERS["airwars.csv"] + "CS9001,,Tell Example,\n"}, 1),
    ],
)
def test_a_run_of_little_is_a_whole_workbook(
    run_of: Callable[..., RunResult], files: Mapping[str, str], claims: int
) -> None:
    """Headers alone, one row, only totals, an unknown claimant, no days: every sheet is there and can be written."""
    done = run_of(files)
    assert len(done.claims) == claims
    sheets = lay_out(done)
    assert [sheet.name for sheet in sheets] == SHEETS
    assert workbook_bytes(sheets, title=done.facts.title, stamp=AS_OF)
