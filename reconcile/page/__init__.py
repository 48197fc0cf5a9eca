"""RunResult -> one HTML page: the summary, the findings, a map and a timeline in one file that opens anywhere, offline.

Guarantees:
    self_contained: the page has nothing in it that a browser would fetch, and forbids it to fetch anything.
    hostile_text_is_text: whatever a source wrote is text on the page: no element, no attribute, no script, no sign that turns letters.
    nothing_restricted: the page is made of frames from which restricted texts were withheld before.
    equal_bytes: equal results give equal bytes.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

from reconcile.page.atlas import cells_of, map_section
from reconcile.page.blocks import section_of
from reconcile.page.findings import LEVELS, findings_section, listed_findings
from reconcile.page.marks import Markup, joined, plain, tag
from reconcile.page.timeline import timeline_section
from reconcile.report.summary import OPEN, summary_sheet

if TYPE_CHECKING:
    from reconcile.result import RunResult
    from reconcile.sheets import Block

__all__ = ["page_bytes"]

# Blocks of the Summary that are looked up rather than read first; they stand at the end of the page.
LOOKED_UP = (
    "Findings by severity and kind",
    "What went in",
    "What came out",
    "What this run was told",
    "What this does not say",
    "Sources",
)
SECTIONS = (
    ("summary", "Summary"),
    ("map", "Map"),
    ("timeline", "Timeline"),
    ("findings", "Findings"),
    ("about", "About this run"),
)


def page_bytes(result: RunResult) -> bytes:
    """Return the page of a run.

    Args:
        result: of the run.

    Returns:
        An HTML file, UTF-8.
    """
    style, script = _part("page.css"), _part("page.js")
    listed, cells = listed_findings(result), cells_of(result)
    anchors = frozenset(listed["discrepancy_id"])
    blocks = summary_sheet(result).blocks
    first = [_untitled(block, result.facts.title) for block in blocks if block.heading not in LOOKED_UP]
    later = [block for block in blocks if block.heading in LOOKED_UP]
    page = tag(
        "html",
        _head(result, style, script),
        tag(
            "body",
            tag("a", "Skip to the findings", href="#findings", class_="skip"),
            tag("header", tag("h1", result.facts.title), _counters(result)),
            _contents(),
            tag(
                "main",
                tag("section", tag("h2", "Summary", id="summary"), *_sections(first, anchors)),
                tag("section", map_section(result, cells)),
                tag("section", timeline_section(result)),
                tag("section", findings_section(result, listed, cells)),
                tag("section", tag("h2", "About this run", id="about"), *_sections(later, anchors)),
            ),
            tag("footer", tag("p", _footer(result))),
            Markup(f"<script>{script}</script>"),
        ),
        lang="en",
        dir="ltr",
    )
    return f"<!doctype html>\n{page}\n".encode()


def _part(name: str) -> Markup:
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _head(result: RunResult, style: str, script: str) -> Markup:
    # Should a text ever get past the escaping, a browser runs nothing that is not this very script, and fetches nothing.
    policy = f"default-src 'none'; style-src {_sealed(style)}; script-src {_sealed(script)}; base-uri 'none'; form-action 'none'"
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"reconcile {result.facts.version}"),
        tag("title", _plain_title(result)),
        Markup(f"<style>{style}</style>"),
    )


def _sealed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _plain_title(result: RunResult) -> Markup:
    return plain(f"{result.facts.title}, {result.facts.as_of.isoformat()}", 200)


def _counters(result: RunResult) -> Markup:
    """Return what a person has to know before she reads on: how many open findings, of what, and what is amiss."""
    is_open = result.discrepancies["status_code"].isin(OPEN)
    found = result.discrepancies.loc[is_open, "severity"].value_counts()
    own = result.linked[
        (result.linked["relation_code"] != "covers") & (result.linked["cluster_kind_code"] == "incident")
    ]
    told = [
        *(
            (f"{level} {meaning.lower()}", int(found.get(level, 0)), level)
            for level, meaning in LEVELS.items()
        ),
        ("claims", len(result.claims), None),
        ("monitors", int(result.claims["monitor"].nunique()), None),
        ("incidents", int(own["cluster_id"].nunique()), None),
    ]
    counters = tag(
        "ul",
        *(tag("li", tag("b", f"{count:,}"), " ", what, class_=look) for what, count, look in told),
        class_="counters",
    )
    warnings = []
    if result.is_degraded:
        warnings.append(
            "This run is degraded: something in its inputs has to be settled before its numbers are used. See the Summary."
        )
    if result.facts.include_names:
        warnings.append("Names of persons were asked for and may stand on this page: handle it with care.")
    return joined([counters, *(tag("p", line, class_="warning", role="note") for line in warnings)])


def _contents() -> Markup:
    return tag(
        "nav",
        tag("ul", *(tag("li", tag("a", name, href=f"#{place}")) for place, name in SECTIONS)),
        aria_label="On this page",
    )


def _sections(blocks: list[Block], anchors: frozenset[str]) -> list[Markup]:
    return [section_of(block, anchors) for block in blocks]


def _untitled(block: Block, title: str) -> Block:
    """Return a block without the page's own title, which stands above it already."""
    return replace(block, heading="") if block.heading == title else block


def _footer(result: RunResult) -> str:
    facts = result.facts
    return (
        f"As of {facts.as_of.isoformat()}, run {facts.run_digest[:16]}, made by reconcile {facts.version}. It reports disagreement, not "
        "truth: no number on this page is the number of the dead. The workbook beside it holds all of this and more."
    )
