"""The page: one file that fetches nothing, in which a source's text is text, and a map and a timeline that say what they leave out."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, claim_row, claims_frame, figure_row, figures_frame
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget
from test_cli import airwars_export, airwars_line, command

from reconcile.frames import Coverage, Discrepancies, empty, typed
from reconcile.jobs import Job, folder_of, job_inputs, within_of
from reconcile.page import LOOKED_UP, page_bytes
from reconcile.page.atlas import cells_of, frame_of
from reconcile.page.findings import MOST_CLAIMS, MOST_OF_A_KIND
from reconcile.page.marks import MOST_LETTERS, link, plain, prose, tag
from reconcile.page.timeline import UNITS, axis_of
from reconcile.pipeline import Input, Options, run
from reconcile.read import SourceFile
from reconcile.report.summary import summary_sheet
from reconcile.result import RunFacts
from reconcile.rulefiles import load_model
from reconcile.validate import Within

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reconcile.result import RunResult
    from reconcile.ruleset import Ruleset

AS_OF = date(2017, 7, 1)
VOID = {"meta", "br", "hr", "input"}
# What makes a browser fetch something, or run something of the page's own.
FETCHING = {
    "link",
    "img",
    "image",
    "iframe",
    "frame",
    "object",
    "embed",
    "audio",
    "video",
    "source",
    "track",
    "base",
    "use",
}
HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title></style></script><b>", "&lt;b&gt; &amp;", "=1+1",
    "javascript:alert(1)", "\u202etxt.exe", "a\x00b\x1b[31m", "half \ud83d of one", "x" * 40_000, "']]> -->", "' onmouseover='x",
    "\u0627\u0644\u0631\u0642\u0629 <i>", "\u2028line", "{{7*7}}", "</svg><script>1</script>",
)  # fmt: skip


class Page(HTMLParser):
    """A page taken apart: its elements in order, and its text."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.parts: dict[str, str] = {}
        self.markup = content.decode("utf-8", errors="strict")
        self.feed(self.markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; none has one attribute twice."""
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note that an element ends: the one that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        inside = self.open[-1] if self.open else ""
        if inside in {"script", "style"}:
            self.parts[inside] = self.parts.get(inside, "") + data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All that is said, in order."""
        return "".join(self.words)

    def row(self, head: str) -> list[str]:
        """The cells of the row of a table behind its head."""
        found = re.search(rf'<th scope="row">{head}</th>(.*?)</tr>', self.markup)
        return re.findall(r"<td[^>]*>(.*?)</td>", found[1]) if found else []

    @property
    def shape(self) -> Counter[str]:
        """How often each element and attribute occurs, what sets a name from right to left apart aside."""
        named = Counter(f"<{tag}" for tag, _ in self.elements if tag != "bdi")
        return named + Counter(
            f"{tag} {name}" for tag, told in self.elements if tag != "bdi" for name in told
        )

    def of(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        """The attributes of each element of a name."""
        return [
            told
            for name, told in self.elements
            if name == tag
            and all(told.get(key.rstrip("_").replace("_", "-")) == value for key, value in wanted.items())
        ]


def facts(rules: Ruleset, **changes: Any) -> RunFacts:
    """What a run was told."""
    told = {
        "job": "test", "title": "A title", "as_of": AS_OF, "quantities": "airwars", "include_names": False, "within": "everything",
        "rules_digest": rules.digest, "inputs_digest": "1" * 64, "run_digest": "2" * 64, "previous_run": "", "version": "0",
    }  # fmt: skip
    return RunFacts(**(told | changes))


@pytest.fixture(scope="module")
def demo(rules: Ruleset) -> RunResult:
    """The shipped job, run once."""
    path = ROOT / "fixtures" / "demo" / "job.yaml"
    job = load_model(path, Job)
    options = Options(facts(rules, job=job.id, title=job.title, quantities=job.quantities), within_of(job))
    return run(job_inputs(job, folder_of(path, job), AS_OF), rules, options, lambda _: None)


@pytest.fixture(scope="module")
def page(demo: RunResult) -> Page:
    """The demo's page."""
    return Page(page_bytes(demo))


def finding(number: int, claim_ids: Sequence[str], **changes: Any) -> dict[str, Any]:
    """One row of Discrepancies."""
    row = {
        "discrepancy_id": f"dis_{number:012d}", "code": "CNT-DISJ", "severity": "S1", "cluster_id": "inc_1",
        "claim_ids": " ".join(claim_ids), "monitors": "airwars", "measure_code": "killed", "left_value": "one", "right_value": "two",
        "gap": 1.0, "gap_unit": "persons", "people": 10.0 - number / 1000, "date_start": pd.Timestamp("2017-06-10"),
        "explanation": f"Finding {number}.", "suggested_action": "Look.", "status_code": "open", "first_seen": pd.Timestamp(AS_OF),
    }  # fmt: skip
    return row | changes


def result_of(
    demo: RunResult,
    claims: pd.DataFrame,
    *found: dict[str, Any],
    figures: pd.DataFrame | None = None,
    **changes: Any,
) -> RunResult:
    """The demo with other claims, figures and findings."""
    rows = pd.DataFrame(found, columns=list(empty(Discrepancies).columns))
    ids = set(claims["claim_id"])
    figures = figures_frame(*(figure_row(name, 2) for name in sorted(ids))) if figures is None else figures
    return replace(
        demo, claims=claims, figures=figures, discrepancies=typed(Discrepancies, rows),
        linked=demo.linked[demo.linked["claim_id"].isin(ids)], bridge=demo.bridge.head(0), **changes,
    )  # fmt: skip


def section(content: bytes, name: str) -> Page:
    """One section of a page, by the id of its heading."""
    text = content.decode()
    start = text.index(f'<section><h2 id="{name}"')
    depth = 0
    for found in re.finditer(r"<(/?)section\b", text[start:]):
        depth += -1 if found[1] else 1
        if not depth:
            return Page(f"{text[start : start + found.end()]}>".encode())
    raise AssertionError(name)


# ---- what the page guarantees --------------------------------------------------------------------------------------


def test_page_self_contained(demo: RunResult, page: Page) -> None:
    """No element or style fetches anything, and the page's own policy lets a browser run its one script and nothing else."""
    assert {tag for tag, _ in page.elements} & FETCHING == set()
    addressed = {
        (tag, name)
        for tag, told in page.elements
        for name in told
        if name in {"href", "src", "action", "poster", "data"}
    }
    assert addressed == {("a", "href")}
    assert set(re.findall(r"url\(([^)]*)\)", page.parts["style"])) == {"#hatched", "#crossed"}
    assert "@import" not in page.parts["style"]
    assert not re.search(r"fetch|XMLHttp|import\b|eval|innerHTML|document\.write", page.parts["script"])
    (policy,) = page.of("meta", http_equiv="Content-Security-Policy")
    rules = dict(part.strip().split(" ", 1) for part in str(policy["content"]).split(";"))
    assert rules["default-src"] == "'none'"
    for part in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.parts[part].encode()).digest()).decode()
        assert rules[f"{part}-src"] == f"'sha256-{digest}'"
    # A policy without 'unsafe-inline' has no effect on styles and events that are written into elements.
    assert not [
        name for _, told in page.elements for name in told if name == "style" or name.startswith("on")
    ]
    assert page_bytes(demo).startswith(b"<!doctype html>\n<html ")


@budget(3)
@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=30), min_size=6, max_size=6))
def test_page_hostile_text_is_text(demo: RunResult, words: list[str]) -> None:
    """Texts of any kind, in every place that a source or a job fills, leave a page of the same elements, in whole UTF-8."""

    def made(texts: Sequence[str]) -> bytes:
        title, place, native, grade, said, side = texts
        claims = claims_frame(
            claim_row(
                1, place_name=place, place_name_native=native, grade_raw=grade, latitude=35.9, longitude=39.0
            ),
            claim_row(
                2,
                place_name=place,
                admin1=said,
                url=f"https://example.org/{side}",
                latitude=35.9,
                longitude=39.0,
            ),
        )
        found = finding(
            1,
            list(claims["claim_id"]),
            explanation=said,
            left_value=side,
            right_value=place,
            suggested_action=native,
        )
        return page_bytes(result_of(demo, claims, found, facts=replace(demo.facts, title=title)))

    spoiled = made([f"x{word}y" for word in words])
    same = Page(spoiled).shape
    assert {name: count for name, count in same.items() if name not in {"<a", "a href", "a rel"}} == {
        name: count
        for name, count in Page(made(["plain"] * 6)).shape.items()
        if name not in {"<a", "a href", "a rel"}
    }
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]", spoiled.decode()
    )


@pytest.mark.parametrize("is_restricted", [True, False])
def test_page_nothing_restricted(rules: Ruleset, is_restricted: bool) -> None:  # noqa: FBT001 - both ways
    """A name in a column that may hold names is not on the page; where the column is any other, it is, so that this could fail."""
    from test_guarantees import restricting

    sheltered = restricting(rules, "airwars", "location_en") if is_restricted else rules
    row = airwars_line(1, location_en="Planted Name", longitude="9.9", region_en="")
    header = airwars_line.__globals__["HEADER"]
    inputs = [Input("a.csv", SourceFile("a.csv", f"{header}\n{row}\n".encode()))]
    result = run(inputs, sheltered, Options(facts(sheltered), Within()), lambda _: None)
    assert len(result.claims) == 1
    assert (b"Planted" in page_bytes(result)) is not is_restricted


def test_page_equal_bytes(tmp_path: Path, demo: RunResult) -> None:
    """Two processes that hash texts in different orders write the same bytes; so does one, twice."""
    digests = set()
    for seed in ("1", "2"):
        words = ("demo", "--out", tmp_path / seed, "--as-of", "2017-07-01", "--html", "--quiet")
        subprocess.run(
            [sys.executable, "-m", "reconcile.cli", *map(str, words)],
            check=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        (path,) = (tmp_path / seed).glob("*/*/report.html")
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1
    assert page_bytes(demo) == page_bytes(demo)


# ---- texts ---------------------------------------------------------------------------------------------------------


class TestTexts:
    """How a source's text becomes part of a page."""

    def test_long_text_is_cut_and_says_so(self):
        """What is longer than the page shows is cut, with its length."""
        shown = plain("y" * 40_000)
        assert shown.startswith("y" * MOST_LETTERS + "…")
        assert "cut: 40,000 characters" in shown
        assert plain("y" * MOST_LETTERS) == "y" * MOST_LETTERS

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("a\u202eb", "a\\u202eb"), ("a\x00b", "a\\x00b"), ("a\ud83db", "a\\ud83db"), ("a\r\nb", "a \nb"), ("<&\"'>", "&lt;&amp;&quot;&#x27;&gt;"),
            ("\U0001f642", "\U0001f642"),
        ],
    )  # fmt: skip
    def test_what_can_not_be_shown_is_spelled(self, text, shown):
        """Control characters, signs that turn letters, and halves of characters stand there spelled."""
        assert plain(text) == shown

    def test_name_from_right_to_left_is_set_apart(self):
        """A run of Arabic turns nothing around it, its spaces included; text without one is untouched."""
        assert prose(
            "in \u0627\u0644\u0631\u0642\u0629 \u0627\u0644\u0633\u0648\u062f\u0627\u0621, 12–14"
        ) == (
            'in <bdi dir="rtl">\u0627\u0644\u0631\u0642\u0629 \u0627\u0644\u0633\u0648\u062f\u0627\u0621</bdi>, 12–14'
        )
        assert prose("Raqqa 12–14") == "Raqqa 12–14"

    @pytest.mark.parametrize(
        "address", ["javascript:alert(1)", "data:text/html,x", "https://a b", 'https://a"b', "file:///x", ""]
    )
    def test_only_addresses_of_the_web_are_led_to(self, address):
        """Anything else is text."""
        assert link(address, "there") == "there"

    def test_address_of_the_web_is_led_to(self):
        """It opens without telling where it was opened from."""
        assert link("https://example.org/a?b=1&c=2", "there") == (
            '<a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer">there</a>'
        )

    def test_attributes_are_escaped(self):
        """A text in an attribute ends nothing."""
        assert tag("p", "x", title='"><b>') == '<p title="&quot;&gt;&lt;b&gt;">x</p>'


# ---- reading it ----------------------------------------------------------------------------------------------------


class TestReading:
    """What a person, a keyboard and a screen reader find."""

    def test_headings_skip_no_level(self, page):
        """Each heading is at most one level below the one before it, and there is one of the first level."""
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
        assert levels.count(1) == 1
        assert all(later <= before + 1 for before, later in pairwise(levels))

    def test_ids_are_unique_and_links_lead_somewhere(self, page):
        """No id stands twice, and every link inside the page has its place."""
        ids = Counter(told["id"] for _, told in page.elements if "id" in told)
        assert [name for name, count in ids.items() if count > 1] == []
        inside = {str(told["href"])[1:] for told in page.of("a") if str(told["href"]).startswith("#")}
        assert {"findings", "map", "timeline", "summary", "about"} <= inside <= set(ids)

    def test_first_look_leads_to_findings(self, demo, page):
        """What the Summary says to look at first leads to that finding on the page."""
        inside = {str(told["href"])[1:] for told in page.of("a")}
        assert len(inside & set(demo.discrepancies["discrepancy_id"])) >= 5

    def test_pictures_have_names(self, page):
        """Each picture has a title and a description, and what decorates is hidden from screen readers."""
        ids = {told.get("id") for _, told in page.elements}
        pictures = page.of("svg")
        named = [told for told in pictures if told.get("role") == "img"]
        assert len(named) == 2
        assert all(set(str(told["aria-labelledby"]).split()) <= ids for told in named)
        assert all(told.get("aria-hidden") == "true" for told in pictures if told not in named)

    def test_tables_say_what_their_cells_belong_to(self, page):
        """Every header cell has a scope, and a table that scrolls can be reached by keyboard and has a name."""
        assert all(told.get("scope") in {"col", "row"} for told in page.of("th"))
        regions = page.of("div", class_="scroll")
        assert len(regions) == len(page.of("table"))
        assert all(told["tabindex"] == "0" and told["aria-label"] for told in regions)

    def test_it_is_whole_without_a_script(self, page):
        """Nothing but the filter is hidden."""
        assert [(tag, told["id"]) for tag, told in page.elements if "hidden" in told] == [("form", "filter")]

    def test_language_and_policy_of_addresses(self, page):
        """The page says its language, and tells nobody where a link was clicked."""
        assert page.of("html")[0]["lang"] == "en"
        assert page.of("meta", name="referrer", content="no-referrer")

    def test_summary_and_limits_are_there(self, demo, page):
        """All that the Summary sheet says is on the page: each heading, note and header; what is looked up stands last."""
        blocks = summary_sheet(demo).blocks
        said = "".join(page.words)
        told = [
            text
            for block in blocks
            for text in (*block.notes, *(column.header for column in block.columns))
            if text
        ]
        assert [text for text in told if text not in said] == []
        assert set(LOOKED_UP) <= {block.heading for block in blocks}
        assert all(said.rindex(heading) > said.rindex("Findings") for heading in LOOKED_UP[1:])

    def test_degraded_run_and_names_are_said_first(self, demo):
        """A run that is degraded, or that shows names, says so above everything else."""
        ill = replace(
            demo, inputs=(replace(demo.inputs[0], health="failed", remark="It failed."), *demo.inputs[1:])
        )
        named = replace(ill, facts=replace(demo.facts, include_names=True))
        for result, warnings in ((demo, 0), (ill, 1), (named, 2)):
            assert len(Page(page_bytes(result)).of("p", class_="warning")) == warnings

    @pytest.mark.skipif(
        shutil.which("node") is None, reason="node, which reads the script here, is not on this machine"
    )
    def test_script_is_one(self, page, tmp_path):
        """The script can be parsed."""
        path = tmp_path / "page.js"
        path.write_text(page.parts["script"])
        assert subprocess.run(["node", "--check", path], check=False).returncode == 0

    def test_script_finds_what_it_reads(self, page):
        """Each field, attribute and id that the script asks for is on the page."""
        script = page.parts["script"]
        fields = {told.get("name") for name in ("input", "select") for told in page.of(name)}
        assert set(re.findall(r"field\.(\w+)", script)) <= fields
        told = {name for _, each in page.elements for name in each}
        assert {f"data-{name}" for name in re.findall(r"dataset\.(\w+)", script)} <= told
        ids = {each.get("id") for _, each in page.elements}
        assert set(re.findall(r'getElementById\("(\w+)"\)', script)) <= ids


# ---- findings ------------------------------------------------------------------------------------------------------


class TestFindings:
    """The list of findings."""

    def test_all_of_the_demo_are_listed_in_order(self, demo, page):
        """Each finding is an article, the severest first, as on the sheet."""
        assert [told["id"] for told in page.of("article")] == list(demo.discrepancies["discrepancy_id"])

    def test_no_kind_drowns_another_and_the_rest_is_counted(self, demo):
        """Of a kind with hundreds the first are listed; how many are not is said by kind, and the sum is all of them."""
        claims = claims_frame(claim_row(1))
        found = [finding(number, ["airwars:X1"]) for number in range(100)]
        found += [finding(100 + number, ["airwars:X1"], code="ATT-DENY") for number in range(3)]
        found += [finding(200 + number, ["airwars:X1"], severity="S3", code="VAGUE") for number in range(30)]
        listed = section(page_bytes(result_of(demo, claims, *found)), "findings")
        kinds = Counter((told["data-severity"], told["data-kind"]) for told in listed.of("article"))
        left = {"CNT-DISJ": 100 - MOST_OF_A_KIND["S1"], "VAGUE": 30 - MOST_OF_A_KIND["S3"]}
        assert kinds == {
            ("S1", "CNT-DISJ"): MOST_OF_A_KIND["S1"],
            ("S1", "ATT-DENY"): 3,
            ("S3", "VAGUE"): MOST_OF_A_KIND["S3"],
        }
        assert {
            code: int(count)
            for code, count in re.findall(r"(CNT-DISJ|VAGUE|ATT-DENY) (\d+)[.,]", listed.text)
        } == left
        assert f"{sum(kinds.values())} of 133 findings stand here" in listed.text

    def test_claims_lead_to_their_source_row(self, demo):
        """A claim says who, when, where in both scripts, how many, its grade, its page, its file and row."""
        native = "\u0627\u0644\u0631\u0642\u0629"
        row = claim_row(
            1, place_name="Raqqa", place_name_native=native, url="https://example.org/1", source_row=1234
        )
        figures = figures_frame(
            figure_row("airwars:X1", 3, 5),
            figure_row("airwars:X1", 1, role_code="conceded"),
            figure_row("airwars:X1", 9, sex_code="female"),
        )
        listed = section(
            page_bytes(result_of(demo, claims_frame(row), finding(1, ["airwars:X1"]), figures=figures)),
            "findings",
        )
        said = (
            "Airwars · 10 June 2017 · Raqqa "
            + native
            + " · 3–5 civilians killed, 1 civilians killed (conceded) · grade Fair · published"
        )
        assert f"{said} · example.csv row 1,234 · airwars:X1" in listed.text
        assert listed.of("a", href="https://example.org/1")
        assert listed.of("bdi", dir="auto")

    def test_claims_past_the_first_few_are_counted(self, demo):
        """A finding about many claims shows some and says how many more there are."""
        claims = claims_frame(*(claim_row(number) for number in range(1, 11)))
        listed = section(
            page_bytes(result_of(demo, claims, finding(1, list(claims["claim_id"])))), "findings"
        )
        assert f"{10 - MOST_CLAIMS} more; all are on the sheet Discrepancies." in listed.text

    def test_no_finding_is_said(self, demo):
        """A run without findings is no proof of agreement."""
        listed = section(page_bytes(result_of(demo, claims_frame(claim_row(1)))), "findings")
        assert listed.of("article") == []
        assert "No finding. That is no proof" in listed.text


# ---- the map -------------------------------------------------------------------------------------------------------


def spread(number: int, *points: tuple[float | None, float | None], **changes: Any) -> list[dict[str, Any]]:
    """Claims at points, from a number on."""
    return [
        claim_row(number + place, latitude=latitude, longitude=longitude, **changes)
        for place, (latitude, longitude) in enumerate(points)
    ]


def map_of(demo: RunResult, rows: list[dict[str, Any]], *found: dict[str, Any]) -> tuple[pd.DataFrame, Page]:
    """The cells and the section of a map of claims."""
    result = result_of(demo, claims_frame(*rows), *found)
    return cells_of(result).set_index("claim_id"), section(page_bytes(result), "map")


class TestMap:
    """Claims on the map."""

    def test_claims_lie_as_their_coordinates_do(self, demo):
        """North is up, east is right, and a degree of longitude is shorter than one of latitude by the cosine."""
        rows = spread(1, (35.0, 39.0), (36.0, 39.0), (35.0, 40.0))
        cells, _ = map_of(demo, rows)
        origin, north, east = (cells.loc[f"airwars:X{number}"] for number in (1, 2, 3))
        assert (north["x"], east["y"]) == pytest.approx((origin["x"], origin["y"]))
        up, right = origin["y"] - north["y"], east["x"] - origin["x"]
        assert up > 0
        assert right / up == pytest.approx(np.cos(np.radians(35.5)), rel=0.001)

    def test_far_off_claim_is_counted_and_shrinks_nothing(self, demo):
        """One wrong coordinate among many is not drawn, is said, and leaves the rest as they were."""
        near = [(35 + number % 20 / 100, 39 + number // 20 / 100) for number in range(400)]
        cells, said = map_of(demo, spread(1, *near, (-35.0, -120.0)))
        assert (cells["cell"] < 0).sum() == 1
        assert cells.loc["airwars:X401", "cell"] == -1
        assert "Not drawn: 1 claims whose coordinates lie far from all others." in said.text
        assert np.ptp(cells[cells["cell"] >= 0]["x"]) > 250

    def test_claim_without_coordinates_is_placed_by_name_and_marked_so(self, demo, rules):
        """The gazetteer lends its place to a claim that states none, with a mark of its own; one it does not know is counted."""
        places = rules.places.set_index("name")
        town, shire = places.loc["Raqqa"], places[places["kind_code"] == "governorate"].loc["Ar-Raqqa"]
        rows = [
            *spread(1, (35.9, 38.9)),
            *spread(2, (None, None), place_id=str(town["place_id"]), location_precision_code=6),
            *spread(3, (None, None), place_id=str(shire["place_id"])),
            *spread(4, (35.8, 38.9), location_precision_code=5),
            *spread(5, (None, None)),
        ]
        cells, said = map_of(demo, rows)
        assert dict(cells["basis"]) == {
            "airwars:X1": "stated", "airwars:X2": "named", "airwars:X3": "coarse", "airwars:X4": "coarse",
        }  # fmt: skip
        assert float(cells.loc["airwars:X2", "latitude"]) == pytest.approx(float(town["latitude"]))
        assert "Not drawn: 1 of 5 claims" in said.text
        # One in the picture and one in the legend.
        assert (len(said.of("path", class_="named")), len(said.of("circle", class_="stated"))) == (2, 2)

    def test_marks_say_who_and_how_many(self, demo):
        """Claims at one place are one mark, which names the place, counts by monitor, and those to resolve."""
        rows = [
            *spread(1, (35.9, 39.0), (35.9, 39.0)),
            *spread(1, (35.9, 39.0), monitor="ucdp_ged"),
            *spread(9, (36.5, 39.9)),
        ]
        _, said = map_of(demo, rows, finding(1, ["airwars:X1"]), finding(2, ["airwars:X2"], severity="S2"))
        assert (
            "Tell Example, Ar-Raqqa; 3 claims (Airwars 2, UCDP GED 1); 1 of them in open findings to resolve (S1)"
            in said.text
        )
        assert len(said.of("g")) - len(said.of("g", class_="scale")) == 3

    def test_decided_finding_is_nothing_to_resolve(self, demo):
        """Only open findings are marked."""
        cells, _ = map_of(demo, spread(1, (35.9, 39.0)), finding(1, ["airwars:X1"], status_code="explained"))
        assert not cells["is_urgent"].any()

    def test_no_claim_with_a_place(self, demo):
        """Where nothing can be drawn, that is said."""
        _, said = map_of(demo, spread(1, (None, None)))
        assert "No claim of this run has a place that could be drawn." in said.text
        assert said.of("svg") == []

    @budget(60)
    @given(
        st.lists(
            st.tuples(st.floats(-90, 90, allow_nan=False), st.floats(-180, 180, allow_nan=False)),
            min_size=1,
            max_size=60,
        )
    )
    def test_whatever_the_points_the_frame_holds_most(self, points):
        """Wherever on earth the points lie, those inside the drawing are nearly all, and it has a bounded size."""
        latitude, longitude = (np.array(column) for column in zip(*points, strict=True))
        frame = frame_of(longitude, latitude)
        inside = frame.holds(longitude, np.clip(latitude, -85, 85))
        assert 300 <= frame.tall <= 800
        assert frame.scale > 0
        assert inside.sum() >= len(points) - 2


# ---- the timeline --------------------------------------------------------------------------------------------------


def timeline_of(demo: RunResult, rows: list[dict[str, Any]], **changes: Any) -> Page:
    """The section of a timeline of claims."""
    return section(page_bytes(result_of(demo, claims_frame(*rows), **changes)), "timeline")


def days(number: int, *told: str | None, **changes: Any) -> list[dict[str, Any]]:
    """Claims of days, from a number on."""
    return [
        claim_row(
            number + place, day=day, **({} if day else {"date_precision_code": 0, "edtf": ""}), **changes
        )
        for place, day in enumerate(told)
    ]


class TestTimeline:
    """Claims in time."""

    @pytest.mark.parametrize(
        ("last", "unit"),
        [("2017-03-01", "day"), ("2018-06-01", "week"), ("2024-01-01", "month"), ("2060-01-01", "year")],
    )
    def test_unit_follows_the_span(self, last, unit):
        """Days, weeks, months or years, the finest of which there are few enough."""
        axis = axis_of(pd.Series(pd.date_range("2017-01-02", last, periods=500).normalize()))
        assert axis.unit == unit
        assert len(axis.periods) <= {name: most for _, name, most in UNITS}[unit]
        assert unit != "week" or axis.periods[0].start_time.day_name() == "Monday"

    def test_far_off_day_is_counted_and_stretches_nothing(self, demo):
        """One wrong year among many days is not drawn, and is said."""
        near = [f"2017-06-{1 + number % 28:02d}" for number in range(300)]
        said = timeline_of(demo, days(1, *near, "1917-06-01", None))
        assert "Not drawn: 1 claims whose days lie far from all others." in said.text
        assert "Not drawn: 1 claims that state no day." in said.text
        assert "Claims by day and monitor" in said.text
        assert "300 in all" in said.text

    def test_silence_absence_and_failure_are_three_words(self, demo):
        """A month without claims says why: silent, not covered, or a file that failed; in the picture and in the table."""
        rows = days(1, *[f"2016-{month:02d}-05" for month in range(1, 13)], "2018-12-05")
        rows += (
            days(1, "2016-01-05", monitor="ucdp_ged")
            + days(1, "2018-12-05", monitor="sohr")
            + days(1, "2016-05-05", monitor="vdc")
        )
        states = [
            ("airwars", "2017-05", "silent"),
            ("ucdp_ged", "2016-05", "not_covered"),
            ("sohr", "2016-05", "failed"),
        ]
        coverage = pd.DataFrame(
            [
                {"monitor": name, "month": month, "claims": 0, "killed_low": 0.0, "state_code": state}
                for name, month, state in states
            ]
        )
        said = timeline_of(demo, rows, coverage=typed(Coverage, coverage))
        looks = {str(told["class"]) for told in said.of("rect") if str(told["class"]).startswith("state")}
        assert looks == {"state silent", "state not-covered", "state file-failed"}
        assert said.row("1–31 May 2016") == ["1", "file failed", "not covered", "1", "0"]

    def test_bars_add_up(self, demo, page):
        """Each row's number is its claims, and the table's columns add up to it."""
        dated = demo.claims[(demo.claims["kind_code"] != "total") & demo.claims["date_start"].notna()]
        assert f"{(dated['monitor'] == 'airwars').sum()} in all" in page.text

    def test_total_has_ends_only_where_they_are_in_view(self, page):
        """The windows of the demo's totals are drawn with what they say; one that begins before the drawing has no end there."""
        assert "117 civilians killed, 6–17 June 2017" in page.text
        spans = [str(told["d"]) for told in page.of("path", class_="span")]
        assert len(spans) == 4
        assert sum("v-5v10v-5" in path for path in spans) == 3
        assert sum(path.endswith("v-5v10") for path in spans) == 3

    def test_no_day_at_all(self, demo):
        """Where no claim states a day, that is said."""
        assert "No claim of this run states a day." in timeline_of(demo, days(1, None)).text


# ---- part of a run's folder ----------------------------------------------------------------------------------------


class TestFolder:
    """`--html` among the files of a run."""

    @pytest.fixture
    def job(self, tmp_path):
        """A small job."""
        airwars_export(tmp_path / "a.csv", rows=3)
        path = tmp_path / "job.yaml"
        path.write_text("id: t\ninputs:\n  - {monitor: airwars, files: [a.csv]}\n")
        return path

    def ran(self, job, *words):
        """Run the job and return what was said, and the last folder."""
        said = command("run", job, "--as-of", "2017-07-01", "--quiet", *words)
        latest = json.loads((job.parent / "reports" / "t" / "latest.json").read_text())
        return said, job.parent / "reports" / "t" / latest["folder"]

    def test_page_is_written_on_request_and_sealed(self, job):
        """Without the option there is no page; with it there is, in run.json and the history; verify makes it again."""
        _, plain_folder = self.ran(job)
        assert not (plain_folder / "report.html").exists()
        said, folder = self.ran(job, "--html")
        assert (said.code, folder != plain_folder) == (0, True)
        sha = hashlib.sha256((folder / "report.html").read_bytes()).hexdigest()
        assert json.loads((folder / "run.json").read_text())["files"]["report.html"] == sha
        proof = command("verify", folder, "--job", job)
        assert (proof.code, "made again" in proof.out) == (0, True), proof.out
        (folder / "report.html").write_text("another")
        proof = command("verify", folder)
        assert (proof.code, proof.out.startswith("not proven: report.html: its bytes differ")) == (1, True), (
            proof.out
        )

    def test_equal_run_writes_nothing_and_a_lost_page_comes_back(self, job):
        """An equal run is unchanged; one whose page was deleted is made again; one whose page a person changed is left to her."""
        _, folder = self.ran(job, "--html")
        content = (folder / "report.html").read_bytes()
        stamp = (folder / "run.json").stat().st_mtime_ns
        (folder / "report.html").write_bytes(content + b"<!-- mine -->")
        self.ran(job, "--html")
        assert (folder / "run.json").stat().st_mtime_ns == stamp
        (folder / "report.html").unlink()
        _, again = self.ran(job, "--html")
        assert (again / "report.html").read_bytes() == content

    def test_command_says_where_it_is(self, job):
        """The summary in the terminal names the page."""
        assert "report.html" in command("run", job, "--as-of", "2017-07-01", "--html").out
