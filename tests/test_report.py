"""The sheets a person reads: which there are, what stands on them, and the demo's bridge number by number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, claim_row, claims_frame

from reconcile.discrepancies import KINDS
from reconcile.frames import FRAMES, columns_of
from reconcile.jobs import Job, folder_of, job_inputs, within_of
from reconcile.levels import signed
from reconcile.pipeline import Input, Options, run
from reconcile.read import SourceFile
from reconcile.report import lay_out
from reconcile.report import summary as summary_module
from reconcile.report.belligerents import belligerents_sheet
from reconcile.report.claims import DOUBTFUL_BELOW
from reconcile.report.coverage import coverage_sheet
from reconcile.report.incidents import _against_others
from reconcile.report.summary import FIRST_LOOK, SENTENCE
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
    "Incidents",
    "Possible matches",
    "Bridge",
    "Totals",
    "Windows",
    "Series",
    "Coverage",
    "Overlap",
    "Belligerents",
    "Origins",
    "Changes",
    "Decisions",
    "Corrections",
    "Claims",
    "Issues",
    "Method",
    "Dictionary",
    "Reconcile",
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
        ("Belligerents", "cluster_id", "Incidents"),
        ("Belligerents", "claim_id", "Claims"),
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
    wanted = {key for cell in cells if not pd.isna(cell) for key in str(cell).split()}
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


def test_summary_begins_with_what_to_look_at(sheets: Sheets, demo: RunResult) -> None:
    """Its first table: the worst of each kind of S1, each with how many there are, and all of it on one screen."""
    first, look, *_ = sheets["Summary"].blocks
    assert (first.heading, look.heading) == ("Raqqa, June 2017", "What to look at first")
    urgent = demo.discrepancies[demo.discrepancies["severity"] == "S1"]
    kinds = urgent.groupby("code")["people"].max()
    assert set(look.rows["code"].head(len(kinds))) == set(kinds.index[:FIRST_LOOK])
    for row in look.rows.head(len(kinds)).itertuples():
        assert row.people == kinds[row.code]
        assert row.alike == (urgent["code"] == row.code).sum()
    assert look.rows["code"].iloc[0] == "TOT-SUM"
    # Two lines for each sentence: what a laptop shows of a sheet at 100 %.
    assert look.rows["sentence"].str.len().max() <= 2 * 0.95 * SENTENCE
    assert len(first.notes) + 2 * len(look.rows) <= 24


def test_summary_names_people_in_words(sheets: Sheets) -> None:
    """The total that is looked at first counts civilians, and not a code."""
    block = block_of(sheets["Summary"], "Why one total is not the sum of the incidents")

    assert block.notes[0].startswith("SOHR says 117 civilians killed, 6–17 June 2017, ")


def test_summary_looks_at_open_findings_alone(demo: RunResult) -> None:
    """What a person settled is counted and no more looked at; with all settled, the Summary says so."""
    settled = demo.discrepancies.assign(status_code="accepted")
    summary = lay_out(replace(demo, discrepancies=settled))[0]
    assert block_of(summary, "What to look at first").notes == ("No open finding.",)
    assert f"{len(settled)} more were settled by a person" in page_text(summary)
    severe = settled["severity"] == "S1"
    left = settled.assign(status_code=settled["status_code"].mask(~severe, "open"))
    summary = lay_out(replace(demo, discrepancies=left))[0]
    assert set(block_of(summary, "What to look at first").rows["severity"]) == {"S2"}
    assert "0 to resolve before publishing" in page_text(summary)


def test_summary_says_what_stands_where(
    sheets: Sheets, demo: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every visible sheet is listed in order with its rows, in words; a table longer than a sheet is said to go on."""
    block = block_of(sheets["Summary"], "What stands where")
    assert block.rows["sheet"].tolist() == [name for name in SHEETS if name not in {"Summary", "Reconcile"}]
    assert (block.rows["about"] != "").all()
    assert block.rows.set_index("sheet").loc["Claims", "rows"] == len(demo.claims)
    assert block.notes == ()
    monkeypatch.setattr(summary_module, "ROWS_A_SHEET", len(demo.claims))
    (note,) = (
        said for said in block_of(lay_out(demo)[0], "What stands where").notes if said.startswith("Claims ")
    )
    assert note.startswith("Claims has 190 rows, more than a sheet holds")


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
    """A row an incident, each monitor's range beside the others' of the same people, incidents of several monitors first."""
    block = sheets["Incidents"].blocks[0]
    headers = [column.header for column in block.columns]
    beside = ["Airwars: killed, civilian", "UCDP GED: killed, civilian", "UCDP GED: killed, all"]
    start = headers.index(beside[0])
    assert headers[start : start + 3] == beside
    assert {f"{header}, {bound}" for header in beside for bound in ("low", "high")} <= set(headers)
    assert {"US-led Coalition: position", "Reports", "Independent origins", "Incident"} <= set(headers)
    several = block.rows["monitors"].str.contains(", ").tolist()
    assert several == sorted(several, reverse=True)
    own = demo.linked[
        (demo.linked["relation_code"] != "covers") & (demo.linked["cluster_kind_code"] == "incident")
    ]
    assert set(block.rows["cluster_id"]) == set(own["cluster_id"])
    assert {name for ids in block.rows["claim_ids"] for name in ids.split()} == set(own["claim_id"])


def test_incidents_mark_what_stands_apart(sheets: Sheets) -> None:
    """A range is marked, in text and by its look, exactly where it meets none of the others; and the row says so."""
    rows = sheets["Incidents"].blocks[0].rows
    columns = {column.name: column for column in sheets["Incidents"].blocks[0].columns}
    names = ["airwars_killed_civilian", "ucdp_ged_killed_civilian"]
    assert all(columns[f"{name}_shown"].marks == f"{name}_mark" for name in names)
    both = rows[rows[[f"{name}_low" for name in names]].notna().all(axis=1)]
    low, high = (both[[f"{name}_{bound}" for name in names]] for bound in ("low", "high"))
    apart = low.max(axis=1) > high.min(axis=1)
    assert apart.any()
    assert not apart.all()
    for name in names:
        assert (both[f"{name}_mark"] == "outlier").tolist() == apart.tolist()
        assert both[f"{name}_shown"].str.contains("▲|▼").tolist() == apart.tolist()
    assert both["apart"].fillna(0).tolist() == (low.max(axis=1) - high.min(axis=1)).where(apart, 0).tolist()
    assert (both["stands_out"] != "").tolist() == apart.tolist()
    assert rows.loc[both.index[apart], "stands_out"].str.contains("civilian killed").all()


def sums_of(*ranges: tuple[str, float, float]) -> pd.DataFrame:
    """What monitors sum for one incident."""
    rows = pd.DataFrame(ranges, columns=["monitor", "low", "high"])
    return rows.assign(cluster_id="inc_1", measure_code="killed", population_code="civilian")


@pytest.mark.parametrize(
    ("ranges", "signs", "apart"),
    [
        ([("airwars", 5, 6), ("ucdp_ged", 6, 8)], ["", ""], 0),
        ([("airwars", 5, 6), ("ucdp_ged", 9, 9)], ["▼", "▲"], 3),
        ([("airwars", 5, 6), ("ibc", 6, 7), ("ucdp_ged", 50, 60)], ["", "", "▲"], 43),
        ([("airwars", 1, 2), ("ibc", 10, 12), ("ucdp_ged", 50, 60)], ["▼", "◆", "▲"], 38),
        ([("airwars", 5, np.nan), ("ucdp_ged", 900, 900)], ["", ""], 0),
        ([("airwars", 5, np.nan), ("ucdp_ged", 2, 3)], ["▲", "▼"], 2),
        ([("acled", 0, 0), ("airwars", 5, 6)], ["", ""], 0),
        ([("airwars", 5, 6)], [""], 0),
    ],
)
def test_who_stands_apart(
    rules: Ruleset, ranges: list[tuple[str, float, float]], signs: list[str], apart: float
) -> None:
    """Above, below or between the others and meeting none of them; an open end reaches on; a zero of nothing known is no number."""
    told = SimpleNamespace(rules=rules)
    found = _against_others(told, sums_of(*ranges))  # type: ignore[arg-type]
    assert found["sign"].tolist() == signs
    assert np.nan_to_num(found["apart"]).max() == apart


def test_possible_matches_begin_with_the_most_informative(sheets: Sheets, demo: RunResult) -> None:
    """Every pair worth a look is there, also such as were linked on thin odds, each with both sides' day, place and number."""
    rows = sheets["Possible matches"].blocks[0].rows
    verdict, probability = demo.verdicts["verdict_code"], demo.verdicts["match_probability"]
    thin = (verdict == "match") & (probability < DOUBTFUL_BELOW)
    possible = demo.verdicts[(verdict == "possible") | thin]
    sides = ["left_id", "right_id"]
    assert sorted(map(tuple, rows[sides].to_numpy())) == sorted(map(tuple, possible[sides].to_numpy()))
    for side in ("left", "right"):
        assert (rows[[f"{side}_when", f"{side}_where"]] != "").all(axis=None)


def test_possible_matches_show_how_their_weight_adds_up(sheets: Sheets, rules: Ruleset) -> None:
    """Start, the bits of each level and rarity add up to the weight, and each level is told in the words of the rules."""
    rows = sheets["Possible matches"].blocks[0].rows
    levels = [name.removesuffix("_bits") for name in rows if name.endswith("_level_bits")]
    assert len(levels) > 3
    total = rows["start"] + rows[[f"{name}_bits" for name in levels]].sum(axis=1) + rows["rarity_bits"]
    assert np.allclose(total, rows["match_weight"], atol=1e-6)
    comparisons = rules.linkage["incidents"].comparisons
    for name in levels:
        titles = {level.title for level in comparisons[name.removesuffix("_level")].values()}
        assert set(rows[name]) <= titles | {"Not stated on one side at least"}
        assert (rows.loc[rows[name].str.startswith("Not stated"), f"{name}_bits"] == 0).all()
    for row in rows.itertuples():
        assert row.sum.startswith("start ")
        assert row.sum.endswith(f" = {signed(row.match_weight)}")


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


# ---- Coverage and Belligerents -------------------------------------------------------------------------------------


def test_coverage_has_a_chart_by_month_and_monitor(sheets: Sheets, demo: RunResult) -> None:
    """The chart stands beside the months it draws, with a series for each monitor of incidents."""
    (chart,) = sheets["Coverage"].charts
    block = sheets["Coverage"].blocks[chart.block]
    assert block.heading == "Claims by month"
    incidents = demo.claims[demo.claims["kind_code"] == "incident"]
    assert set(chart.series) == set(incidents["monitor"])
    assert block.rows[list(chart.series)].to_numpy().sum() == len(incidents)


def test_coverage_counts_no_one_twice(sheets: Sheets, demo: RunResult) -> None:
    """The killed of a month leave out event summaries, which tell again of incidents with records of their own."""
    records = demo.claims[(demo.claims["monitor"] == "ucdp_ged") & (demo.claims["unit_code"] == "incident")]
    summaries = demo.claims[demo.claims["unit_code"] == "event_summary"]
    counted = (demo.figures["measure_code"] == "killed") & (demo.figures["population_code"] == "all")
    own = demo.figures[counted & demo.figures["claim_id"].isin(records["claim_id"])]["low"].sum()
    assert demo.figures[counted & demo.figures["claim_id"].isin(summaries["claim_id"])]["low"].sum() > 0
    assert block_of(sheets["Coverage"], "Killed, least, by month").rows["ucdp_ged"].sum() == own


def test_coverage_tells_three_absences_apart(demo: RunResult) -> None:
    """Silent, not covered and failed differ in their text and in their look; what is reported is a number on a shaded ground."""
    states = ["reported", "silent", "reported", "not_covered", "reported", "failed"]
    coverage = pd.DataFrame(
        {
            "monitor": ["airwars"] * 4 + ["ucdp_ged"] * 2,
            "month": ["2017-01", "2017-02", "2017-03", "2017-04", "2017-01", "2017-02"],
            "claims": [7, 0, 2, 0, 1, 0],
            "killed_low": [30.0, 0.0, 0.0, 0.0, 4.0, 0.0],
            "state_code": states,
        }
    )
    sheet = coverage_sheet(replace(demo, coverage=coverage))
    claims, killed = sheet.blocks[1], sheet.blocks[2]
    assert claims.rows["airwars"].tolist() == [7, "silent", 2, "not covered"]
    assert claims.rows["airwars_mark"].tolist() == ["", "faint", "", "hatched"]
    assert claims.rows["ucdp_ged"].tolist()[:2] == [1, "failed"]
    assert claims.rows["ucdp_ged_mark"].tolist()[:2] == ["", "alarm"]
    assert killed.rows["airwars"].tolist() == [30, "silent", 0, "not covered"]
    assert [column.format for column in claims.columns[1:]] == ["heat", "heat"]
    for word in ("silent:", "not covered:", "failed:"):
        assert any(word in note for note in claims.notes)
    spans = sheet.blocks[0].rows.set_index("monitor")
    assert spans.loc["airwars", ["first", "last", "silent", "not_covered"]].tolist() == [
        "2017-01",
        "2017-03",
        1,
        1,
    ]
    assert spans.loc["ucdp_ged", "failed"] == 1


def test_belligerents_show_what_is_alleged_and_what_is_said(sheets: Sheets, demo: RunResult) -> None:
    """Every statement is counted once by its position, and every one stands in the list beside what monitors allege."""
    statements = demo.claims[demo.claims["monitor"] == "cjtf_oir"]
    (told,) = block_of(sheets["Belligerents"], "What belligerents say of themselves").rows.itertuples()
    assert told.statements == len(statements)
    assert told.conceded == (statements["position_code"] == "conceded").sum()
    assert told.denied == (statements["position_code"] == "denied").sum()
    listed = block_of(sheets["Belligerents"], "Incident by incident")
    assert listed.is_filtered
    rows = listed.rows
    assert rows["cluster_id"].is_unique
    assert set(rows.loc[rows["position"] != "no statement", "claim_id"]) <= set(statements["claim_id"])
    assert told.alleged == (rows["alleged"] != "no allegation matched").sum()
    assert (rows.loc[rows["position"] == "no statement", "conceded"] == "").all()
    assert (rows.loc[rows["position"] == "denied", "conceded"] == "").all()


def test_belligerents_never_mix_alleged_with_conceded(sheets: Sheets, demo: RunResult) -> None:
    """Sums are of one monitor and one position; conceded numbers stand in columns of their own and beside concessions only."""
    rows = block_of(sheets["Belligerents"], "Alleged and answered").rows
    assert not rows.duplicated(["belligerent", "monitor", "position"]).any()
    assert rows.loc[rows["position"] != "conceded", ["conceded_low", "conceded_high"]].isna().all(axis=None)
    blamed = demo.claims[
        (demo.claims["monitor"] == "airwars")
        & demo.claims["perpetrator_codes"].str.contains("us_led_coalition")
    ]
    low = demo.figures[
        demo.figures["claim_id"].isin(blamed["claim_id"])
        & (demo.figures["measure_code"] == "killed")
        & (demo.figures["population_code"] == "civilian")
        & (demo.figures["role_code"] == "alleged")
        & (demo.figures["sex_code"] == "any")
        & (demo.figures["age_group_code"] == "any")
    ]["low"]
    assert rows.loc[rows["monitor"] == "airwars", "low"].sum() == low.sum()


@pytest.mark.parametrize(
    ("reports", "balance"),
    [
        (
            {"carried_over": 43, "new": 27, "credible": 9, "not_credible": 17, "duplicate": 2, "open": 42},
            "balances",
        ),
        ({"carried_over": 97, "new": 2, "credible": 7, "not_credible": 13, "open": 79}, "balances"),
        ({"carried_over": 50, "new": 5, "credible": 3, "open": 40}, "not all stated"),
        (
            {"carried_over": 43, "new": 27, "credible": 9, "not_credible": 17, "duplicate": 2, "open": 40},
            "off by 2",
        ),
        ({"carried_over": 10, "new": 1, "credible": 9, "open": 40}, "off by 38"),
    ],
)
def test_ledgers_balance_or_say_by_how_much_not(
    demo: RunResult, reports: dict[str, int], balance: str
) -> None:
    """What came in equals what was closed and stays open; what is not stated may fill the side that is short."""
    claim = claims_frame(claim_row(1, monitor="cjtf_oir", kind_code="total", unit_code="total"))
    figures = pd.DataFrame(
        [
            {
                "claim_id": claim["claim_id"].iloc[0], "measure_code": f"reports_{name}", "population_code": "all", "sex_code": "any",
                "age_group_code": "any", "role_code": "alleged", "low": float(number), "high": float(number),
            }
            for name, number in reports.items()
        ]
    )  # fmt: skip
    done = replace(
        demo,
        claims=pd.concat([demo.claims, claim], ignore_index=True),
        figures=pd.concat([demo.figures, figures], ignore_index=True),
    )
    rows = block_of(belligerents_sheet(done), "The ledger of reports").rows
    assert rows["balance"].tolist() == [balance]
    assert rows["mark"].tolist() == ["outlier" if balance.startswith("off") else ""]


def test_run_without_belligerents_says_so(run_of: Callable[..., RunResult]) -> None:
    """Without a belligerent's own statements the page says that none are here, and nothing is called denied."""
    text = "code,incident_date,location_en,civ_killed_min\nCS9001,2017-06-10,Tell Example,1\n"
    sheets = {sheet.name: sheet for sheet in lay_out(run_of({"good.csv": text}))}
    assert "No belligerent's own statements" in page_text(sheets["Belligerents"])


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
