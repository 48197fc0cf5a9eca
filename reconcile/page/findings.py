"""Findings as a list that is read from its top: what disagrees, what each side says, whose claims, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.discrepancies import KINDS
from reconcile.page.marks import Markup, joined, link, plain, prose, tag
from reconcile.page.words import figure_told
from reconcile.report.naming import title_of
from reconcile.views import records, window_text

if TYPE_CHECKING:
    from reconcile.result import RunResult

# How many of one kind are listed, so that no kind drowns the others and the page opens at once.
MOST_OF_A_KIND = {"S1": 40, "S2": 15, "S3": 5}
MOST_CLAIMS = 6
LEVELS = {"S1": "Resolve before publishing", "S2": "Explain", "S3": "Note"}
KILLED_FIRST = ("killed", "injured")


def listed_findings(result: RunResult) -> pd.DataFrame:
    """Return the findings that stand on the page: the first of each kind and severity, in the order of the frame."""
    found = result.discrepancies
    place = found.groupby(["severity", "code"]).cumcount()
    return found[place < found["severity"].map(MOST_OF_A_KIND).astype("int64")]


def findings_section(result: RunResult, listed: pd.DataFrame, cells: pd.DataFrame) -> Markup:
    """Return the listed findings by severity, and how many of each kind are left to the workbook.

    Args:
        result: of the run.
        listed: by `listed_findings`.
        cells: by `cells_of` of the map.
    """
    told = _claims_told(result, listed)
    cell = dict(zip(cells["claim_id"], cells["cell"], strict=True))
    found = result.discrepancies
    parts = [
        tag("h2", "Findings", id="findings"),
        tag(
            "p",
            f"{len(listed):,} of {len(found):,} findings stand here, the first of each kind. All of them are on the sheet Discrepancies.",
            class_="note",
        ),
        _controls(result, listed),
    ]
    for level, meaning in LEVELS.items():
        here = listed[listed["severity"] == level]
        count = int((found["severity"] == level).sum())
        if count:
            parts.append(
                tag(
                    "section",
                    tag("h3", f"{level} {meaning}: {count:,}"),
                    _left_out(found[found["severity"] == level], here),
                    *(_card(result, one, told, cell) for one in records(here)),
                    class_="level",
                )
            )
    if found.empty:
        parts.append(
            tag("p", "No finding. That is no proof that the monitors agree: see what the run read, below.")
        )
    return joined(parts)


def _left_out(found: pd.DataFrame, listed: pd.DataFrame) -> Markup:
    more = (found["code"].value_counts() - listed["code"].value_counts()).sort_index()
    names = ", ".join(f"{code} {int(count):,}" for code, count in more.items() if count)
    return tag("p", f"Not listed here, but in the workbook: {names}.", class_="note") if names else Markup("")


def _controls(result: RunResult, listed: pd.DataFrame) -> Markup:
    """Return what the script filters the list by; hidden where no script runs."""
    titles = {kind.code: kind.title for kind in KINDS}
    kinds = [(code, f"{code} {titles.get(code, '')}".strip()) for code in sorted(listed["code"].unique())]
    monitors = sorted({name for names in listed["monitors"] for name in names.split()})
    return tag(
        "form",
        tag("label", "Words ", tag("input", type="search", name="words", autocomplete="off")),
        _choice("Severity", "severity", [(level, f"{level} {meaning}") for level, meaning in LEVELS.items()]),
        _choice("Kind", "kind", kinds),
        _choice("Monitor", "monitor", [(name, title_of(result, name)) for name in monitors]),
        tag("label", "From ", tag("input", type="date", name="from")),
        tag("label", "To ", tag("input", type="date", name="to")),
        tag(
            "label",
            "Place on the map ",
            tag("input", type="text", name="cell", readonly="", placeholder="click a mark"),
        ),
        tag("button", "Show all", type="reset"),
        tag("p", "", role="status", class_="status"),
        id="filter",
        hidden="",
        aria_label="Filter the findings",
    )


def _choice(label: str, name: str, options: list[tuple[str, str]]) -> Markup:
    listed = (tag("option", plain(said), value=value) for value, said in options)
    return tag("label", f"{label} ", tag("select", tag("option", "all", value=""), *listed, name=name))


def _card(result: RunResult, one: Any, told: dict[str, Markup], cell: dict[str, int]) -> Markup:
    ids = one.claim_ids.split()
    titles = {kind.code: kind.title for kind in KINDS}
    when = "" if pd.isna(one.date_start) else window_text(one.date_start, one.date_start)
    people = "" if pd.isna(one.people) else f"{one.people:,.10g} people at most"
    facts = joined(
        [when, ", ".join(title_of(result, name) for name in one.monitors.split()), people, _status(one)],
        " · ",
    )
    sides = joined(
        [
            _told("One side", one.left_value),
            _told("Other side", one.right_value),
            _told("Gap", "" if pd.isna(one.gap) else f"{one.gap:,.10g} {one.gap_unit}"),
            _told("What to do next", one.suggested_action),
        ]
    )
    claims = [tag("li", told[name]) for name in ids[:MOST_CLAIMS] if name in told]
    if len(ids) > len(claims):
        claims.append(
            tag("li", f"{len(ids) - len(claims):,} more; all are on the sheet Discrepancies.", class_="more")
        )
    return tag(
        "article",
        tag(
            "h4",
            tag("span", one.severity, class_=f"severity {one.severity}"),
            " ",
            titles.get(one.code, one.code),
            " ",
            tag("code", one.code),
        ),
        tag("p", facts, class_="facts"),
        tag("p", one.explanation),
        tag("dl", sides),
        tag("ul", *claims, class_="claims") if claims else "",
        tag(
            "p",
            tag("code", one.discrepancy_id),
            " ",
            tag("code", one.cluster_id) if one.cluster_id else "",
            class_="ids",
        ),
        id=one.discrepancy_id,
        data_severity=one.severity,
        data_kind=one.code,
        data_monitors=one.monitors,
        data_day=None if pd.isna(one.date_start) else f"{one.date_start:%Y-%m-%d}",
        data_cells=" ".join(sorted({str(cell[name]) for name in ids if cell.get(name, -1) >= 0})) or None,
    )


def _status(one: Any) -> str:
    known = f"first seen {one.first_seen:%Y-%m-%d}" if not pd.isna(one.first_seen) else ""
    return joined([one.status_code, known], ", ")


def _told(name: str, text: str) -> Markup:
    return joined([tag("dt", name), tag("dd", text)]) if text else Markup("")


def _claims_told(result: RunResult, listed: pd.DataFrame) -> dict[str, Markup]:
    """Return each claim that a listed finding shows, in a line that leads to its source row."""
    wanted = {name for ids in listed["claim_ids"] for name in ids.split()[:MOST_CLAIMS]}
    claims = result.claims[result.claims["claim_id"].isin(wanted)]
    figures = _figures_told(result, wanted)
    return {
        one.claim_id: joined(
            [
                tag("b", title_of(result, one.monitor)),
                window_text(one.date_start, one.date_end),
                _place(one),
                figures.get(one.claim_id, ""),
                one.position_code.replace("_", " ") or (f"grade {one.grade_raw}" if one.grade_raw else ""),
                link(one.url, "published") if one.url.startswith("http") else "",
                joined([one.source_file, one.source_sheet, f"row {one.source_row:,}"], " "),
                tag("code", one.claim_id),
            ],
            " · ",
        )
        for one in records(claims)
    }


def _place(one: Any) -> Markup:
    native = one.place_name_native if one.place_name_native != one.place_name else ""
    return joined(
        [prose(one.place_name, 160), tag("bdi", plain(native, 160), dir="auto") if native else ""], " "
    )


def _figures_told(result: RunResult, wanted: set[str]) -> dict[str, str]:
    """Return what each claim says of its killed and injured, in a few words; conceded figures say so."""
    figures = result.figures[
        result.figures["claim_id"].isin(wanted)
        & result.figures["measure_code"].isin(KILLED_FIRST)
        & (result.figures["sex_code"] == "any")
        & (result.figures["age_group_code"] == "any")
    ]
    said = figures.assign(
        order=figures["measure_code"].map({name: place for place, name in enumerate(KILLED_FIRST)}),
        told=[figure_told(one) for one in records(figures)],
    ).sort_values(["claim_id", "order", "population_code"], kind="stable")
    return {str(name): ", ".join(texts) for name, texts in said.groupby("claim_id")["told"]}
