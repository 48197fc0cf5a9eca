"""A timeline: what the totals cover, and when each monitor's claims begin, month by month or day by day.

Silence inside a monitor's files, days outside them and a file that failed look different and are named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import whole_figures
from reconcile.page.blocks import scrolled
from reconcile.page.marks import Markup, drawn, joined, plain, tag
from reconcile.page.words import figure_told
from reconcile.report.naming import title_of
from reconcile.report.summary import OPEN
from reconcile.views import records, window_text

if TYPE_CHECKING:
    from reconcile.result import RunResult

WIDE, LEFT, RIGHT, TOP = 960.0, 190.0, 10.0, 24.0
LANE, BAR, SPAN = 58.0, 38.0, 24.0
MOST_LANES, MOST_TOTALS, MOST_ROWS = 16, 10, 130
LETTER = 6.0
# A first day far from nearly all others is an error more often than not.
OUTER_SHARE, MARGIN, LEAST_MARGIN_DAYS = 0.005, 0.35, 10.0
# The finest unit of which there are no more than this many.
UNITS = (("D", "day", 92), ("W-SUN", "week", 110), ("M", "month", 130), ("Y", "year", 400))
STATES = {"silent": "silent", "not_covered": "not covered", "failed": "file failed"}
MOST_TICKS = 12


@dataclass(frozen=True, slots=True)
class Axis:
    """The periods that stand beside each other, from left to right."""

    periods: pd.PeriodIndex
    unit: str

    @property
    def step(self) -> float:
        """Width of a period."""
        return (WIDE - LEFT - RIGHT) / len(self.periods)

    def x(self, day: pd.Timestamp) -> float:
        """Return where a day begins, inside the drawing."""
        first, last = self.periods[0].start_time, self.periods[-1].end_time
        share = (day - first) / (last - first)
        return LEFT + (WIDE - LEFT - RIGHT) * float(np.clip(share, 0, 1))


def axis_of(days: pd.Series[Any]) -> Axis | None:
    """Return the periods that hold the days, a few that lie far from all others aside; None without a day."""
    stated = days.dropna()
    if stated.empty:
        return None
    number = stated.to_numpy().astype("datetime64[D]").astype(np.int64)
    low, high = np.quantile(number, [OUTER_SHARE, 1 - OUTER_SHARE])
    spare = max((high - low) * MARGIN, LEAST_MARGIN_DAYS)
    first, last = (
        pd.Timestamp(int(day), unit="D")
        for day in (max(number.min(), low - spare), min(number.max(), high + spare))
    )
    made = [(pd.period_range(first, last, freq=freq), unit, most) for freq, unit, most in UNITS]
    periods, unit, _ = next((one for one in made if len(one[0]) <= one[2]), made[-1])
    return Axis(periods, unit)


def timeline_section(result: RunResult) -> Markup:
    """Return the timeline, and the same as a table.

    Args:
        result: of the run.
    """
    heading = tag("h2", "Timeline", id="timeline")
    claims = result.claims
    dated = claims[(claims["kind_code"] != "total") & claims["date_start"].notna()]
    totals = _totals(result)
    axis = axis_of(dated["date_start"] if len(dated) else totals["date_start"])
    if axis is None:
        return joined([heading, tag("p", "No claim of this run states a day.")])
    counts = _counts(dated, axis)
    lanes = list(counts.index[:MOST_LANES])
    urgent = _urgent(result, axis)
    top = TOP + SPAN * min(len(totals), MOST_TOTALS)
    tall = top + LANE * (len(lanes) + 1) + 8
    picture = drawn(
        "svg",
        drawn("title", f"Claims by {axis.unit} and monitor", id="timeline-title"),
        drawn(
            "desc",
            "Bars are claims by the first day they state. The table below has the numbers.",
            id="timeline-desc",
        ),
        _patterns(),
        *_ticks(axis, tall),
        *_spans(result, totals.head(MOST_TOTALS), axis),
        *(
            _lane(
                title_of(result, name),
                counts.loc[name],
                _states(result, name, axis),
                axis,
                top + LANE * number,
            )
            for number, name in enumerate(lanes)
        ),
        _lane("To resolve (S1)", urgent, _no_states(axis), axis, top + LANE * len(lanes), "urgent"),
        viewBox=f"0 0 {WIDE:g} {tall:.0f}",
        role="img",
        aria_labelledby="timeline-title timeline-desc",
        class_="timeline",
    )
    notes = joined(
        tag("p", line, class_="note")
        for line in _notes(result, axis, dated, totals, len(counts) - len(lanes))
    )
    figure = tag("figure", picture, tag("figcaption", _caption(axis)), class_="wide")
    return joined([heading, figure, notes, _table(result, counts.loc[lanes], urgent, axis)])


def _caption(axis: Axis) -> str:
    return (
        f"Bars: claims by {axis.unit}, each row on a scale of its own; the number at its left is its tallest bar. Lines above: windows of "
        "totals. Where a row has no bar, its file is silent, does not reach there (hatched), or failed (crossed)."
    )


def _notes(
    result: RunResult, axis: Axis, dated: pd.DataFrame, totals: pd.DataFrame, hidden: int
) -> list[str]:
    claims = result.claims[result.claims["kind_code"] != "total"]
    first, last = axis.periods[0].start_time, axis.periods[-1].end_time
    outside = int(((dated["date_start"] < first) | (dated["date_start"] > last)).sum())
    missing = len(claims) - len(dated)
    return [
        sentence
        for is_so, sentence in (
            (missing, f"Not drawn: {missing:,} claims that state no day."),
            (outside, f"Not drawn: {outside:,} claims whose days lie far from all others."),
            (hidden, f"Not drawn: {hidden:,} monitors with fewer claims. Their months are in the workbook."),
            (
                len(totals) > MOST_TOTALS,
                f"{MOST_TOTALS} of {len(totals):,} totals are drawn, those in findings first. All are on the sheet Totals.",
            ),
        )
        if is_so
    ]


# ---- what is drawn --------------------------------------------------------------------------------------------------


def _totals(result: RunResult) -> pd.DataFrame:
    """Return totals with a window, those in findings first, with what they say in words."""
    claims = result.claims
    totals = claims[(claims["kind_code"] == "total") & claims["date_start"].notna()]
    figures = whole_figures(result.figures)
    killed = figures[(figures["measure_code"] == "killed") & figures["claim_id"].isin(totals["claim_id"])]
    killed = killed.drop_duplicates("claim_id")
    killed = killed.assign(said=[figure_told(one) for one in records(killed)])
    named = set(result.discrepancies["claim_ids"].str.split().explode())
    totals = totals.merge(killed[["claim_id", "said"]], on="claim_id", how="inner")
    totals = totals.assign(is_plain=~totals["claim_id"].isin(list(named)))
    return totals.sort_values(["is_plain", "date_start", "date_end", "claim_id"], kind="stable")


def _counts(dated: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """Return claims by monitor and period, the monitor with most of them first."""
    period = pd.PeriodIndex(dated["date_start"], freq=axis.periods.freq)
    found = pd.crosstab(dated["monitor"], period).reindex(columns=axis.periods, fill_value=0)
    size = dated["monitor"].value_counts()
    order = sorted(found.index, key=lambda name: (-int(size[name]), str(name)))
    return found.reindex(order)


def _urgent(result: RunResult, axis: Axis) -> pd.Series[int]:
    found = result.discrepancies
    days = found.loc[
        (found["severity"] == "S1") & found["status_code"].isin(OPEN) & found["date_start"].notna(),
        "date_start",
    ]
    period = pd.PeriodIndex(days, freq=axis.periods.freq)
    return pd.Series(1, index=period).groupby(level=0).sum().reindex(axis.periods, fill_value=0)


def _states(result: RunResult, monitor: str, axis: Axis) -> list[str]:
    """Return, of each period, why it has no claim, as far as the month it begins in tells."""
    coverage = result.coverage[result.coverage["monitor"] == monitor]
    by_month = dict(zip(coverage["month"], coverage["state_code"], strict=True))
    if not by_month:
        return _no_states(axis)
    beyond = "failed" if "failed" in by_month.values() else "not_covered"
    return [by_month.get(f"{one.start_time:%Y-%m}", beyond) for one in axis.periods]


def _no_states(axis: Axis) -> list[str]:
    return ["reported"] * len(axis.periods)


def _patterns() -> Markup:
    def pattern(name: str, path: str) -> Markup:
        stroke = drawn("path", d=path, class_="hatch")
        return drawn("pattern", stroke, id=name, width=8, height=8, patternUnits="userSpaceOnUse")

    return drawn("defs", pattern("hatched", "M-2 10L10 -2"), pattern("crossed", "M-2 10L10 -2M-2 -2L10 10"))


def _ticks(axis: Axis, tall: float) -> list[Markup]:
    every = -(-len(axis.periods) // MOST_TICKS)
    ticks: list[Markup] = []
    for number in range(0, len(axis.periods), every):
        x = LEFT + number * axis.step
        ticks.append(drawn("path", d=f"M{x:.1f} {TOP - 6:.0f}V{tall - 8:.0f}", class_="grid"))
        ticks.append(drawn("text", _tick(axis, number), x=x + 2, y=TOP - 10, class_="degree"))
    return ticks


def _tick(axis: Axis, number: int) -> str:
    day = axis.periods[number].start_time
    if axis.unit == "year":
        return f"{day.year}"
    return f"{day:%b %Y}" if axis.unit == "month" else f"{day.day} {day:%b} {day:%y}"


def _spans(result: RunResult, totals: pd.DataFrame, axis: Axis) -> list[Markup]:
    """Return the window of each total as a line, with who says what beside it."""
    first, last = axis.periods[0].start_time, axis.periods[-1].end_time
    marks: list[Markup] = []
    for number, total in enumerate(records(totals)):
        y = TOP + SPAN * number + SPAN / 2
        end = (total.date_start if pd.isna(total.date_end) else total.date_end) + pd.Timedelta(days=1)
        left, right = axis.x(total.date_start), axis.x(end)
        who = title_of(result, total.monitor)
        said = f"{total.said}, {window_text(total.date_start, total.date_end)}"
        is_left = left + LETTER * len(said) < WIDE
        # A window that goes on outside the drawing has no end in it.
        before, after = (
            "" if total.date_start < first else "v-5v10v-5",
            "" if end > last + pd.Timedelta(days=1) else "v-5v10",
        )
        marks.append(
            drawn(
                "g",
                drawn("title", plain(f"{who}: {said}, {total.place_name}")),
                drawn("path", d=f"M{left:.1f} {y:.1f}{before}H{right:.1f}{after}", class_="span"),
                drawn("text", _short(who), x=LEFT - 8, y=y + 4, class_="lane"),
                drawn(
                    "text",
                    said,
                    x=left + 5 if is_left else right - 5,
                    y=y - 3,
                    class_="said" if is_left else "said end",
                ),
            )
        )
    return marks


def _lane(
    name: str, counts: pd.Series[int], states: list[str], axis: Axis, y: float, look: str = "bar"
) -> Markup:
    """Return one row: its name, its bars, and why there are none."""
    most = max(int(counts.max()), 1)
    floor = y + LANE - 8
    bars = [
        _bar(number, int(count), most, axis, floor, look)
        for number, count in enumerate(counts.to_numpy())
        if count
    ]
    return drawn(
        "g",
        drawn("text", _short(name), x=LEFT - 8, y=floor - BAR / 2, class_="lane"),
        drawn(
            "text",
            f"{int(counts.sum()):,} in all, at most {int(counts.max()):,}",
            x=LEFT - 8,
            y=floor - BAR / 2 + 14,
            class_="sub",
        ),
        drawn("path", d=f"M{LEFT:.0f} {floor:.1f}H{WIDE - RIGHT:.0f}", class_="floor"),
        *_bands(counts, states, axis, floor),
        *bars,
    )


def _bar(number: int, count: int, most: int, axis: Axis, floor: float, look: str) -> Markup:
    period = axis.periods[number]
    tall = max(BAR * count / most, 1.5)
    gap = 1.0 if axis.step > 4 else 0.0  # noqa: PLR2004 - thinner bars would vanish
    return drawn(
        "rect",
        drawn("title", plain(f"{_named(axis, number)}: {count:,}")),
        x=LEFT + number * axis.step + gap / 2,
        y=floor - tall,
        width=axis.step - gap,
        height=tall,
        class_=look,
        data_from=f"{period.start_time:%Y-%m-%d}",
        data_to=f"{period.end_time:%Y-%m-%d}",
    )


def _bands(counts: pd.Series[int], states: list[str], axis: Axis, floor: float) -> list[Markup]:
    """Return the runs of periods without a claim for one reason, each named where its name has room."""
    told = [STATES.get(state, "") if not count else "" for count, state in zip(counts, states, strict=True)]
    starts = [number for number, name in enumerate(told) if not number or told[number - 1] != name]
    bands: list[Markup] = []
    for start, end in zip(starts, [*starts[1:], len(told)], strict=True):
        name = told[start]
        if not name:
            continue
        x, wide = LEFT + start * axis.step, (end - start) * axis.step
        days = window_text(
            axis.periods[start].start_time.normalize(), axis.periods[end - 1].end_time.normalize()
        )
        title = drawn("title", f"{days}: {name}")
        bands.append(
            drawn(
                "rect",
                title,
                x=x,
                y=floor - BAR,
                width=wide,
                height=BAR,
                class_=f"state {name.replace(' ', '-')}",
            )
        )
        if wide > LETTER * len(name) + 4:
            bands.append(
                drawn("text", name, x=x + wide / 2, y=floor - BAR / 2 + 4, class_="middle state-name")
            )
    return bands


def _named(axis: Axis, number: int) -> str:
    period = axis.periods[number]
    return window_text(period.start_time.normalize(), period.end_time.normalize())


def _short(name: str) -> str:
    most = int((LEFT - 12) / LETTER)
    return name if len(name) <= most else name[: most - 1] + "…"


# ---- the same in words ----------------------------------------------------------------------------------------------


def _table(result: RunResult, counts: pd.DataFrame, urgent: pd.Series[int], axis: Axis) -> Markup:
    states = {name: _states(result, str(name), axis) for name in counts.index}
    heads = [
        axis.unit.capitalize(),
        *(title_of(result, str(name)) for name in counts.index),
        "To resolve (S1)",
    ]
    table = counts.to_numpy()
    told = [number for number in range(len(axis.periods)) if table[:, number].any() or urgent.iloc[number]]
    rows = [
        tag(
            "tr",
            tag("th", _named(axis, number), scope="row"),
            *(
                tag("td", f"{count:,}" if count else STATES.get(states[name][number], "0"), class_="number")
                for name, count in zip(counts.index, table[:, number], strict=True)
            ),
            tag("td", f"{int(urgent.iloc[number]):,}", class_="number"),
        )
        for number in told[:MOST_ROWS]
    ]
    grid = tag(
        "table",
        tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
        tag("tbody", *rows),
    )
    title = f"The timeline in numbers: each {axis.unit} with a claim or a finding"
    return tag("details", tag("summary", title), scrolled(grid, "The timeline in numbers"))
