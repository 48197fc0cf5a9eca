"""The Bridge page: figures for a period laid beside incidents, each with a chart, the most telling first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import whole_figures
from reconcile.discrepancies.totals import CONCEDED, FIGURE, OTHER_PEOPLE, counted, step_title, total_words
from reconcile.report.naming import short_title, title_of
from reconcile.sheets import Block, Chart, Column, Sheet
from reconcile.views import interval_text, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconcile.result import RunResult

_VIA = ", via "
MOST_BLOCKS = 12
# Of figures that differ in their days alone: a series of daily totals would fill the page.
MOST_OF_A_TOPIC = 3
TOPIC = ["monitor", "measure_code", "population_code", "perpetrator_codes", "country_code", "admin1"]
HOW_TO_READ = (
    "Each bar is one way to sum the incidents of one monitor over the days, place and attacker of a total that somebody stated. The line is the stated figure.",
    "A bar that the line does not cross does not meet it: grade, window, place or attacker then differ, and the table says by how much. No bar is the truth.",
    "Every rung begins with what the monitor itself would put forward (◄) and changes one thing. Rungs without an incident are left out.",
)
COLUMNS = (
    Column("label", "Summed", 48),
    Column("shown", "Range", 15),
    Column("difference", "Against the stated figure", 32, "long_text"),
    Column("what", "What is summed", 62, "long_text"),
    Column("incidents", "Incidents", 10, "integer"),
    Column("low", "Low", 9, "integer"),
    Column("high", "High", 9, "integer"),
    Column("width", "Width", 10, "integer"),
)


def bridge_sheet(result: RunResult) -> Sheet:
    """Return a block for each of the most telling totals: what was stated, and what each rung sums to."""
    figures = _figures(result)
    chosen = figures.head(MOST_BLOCKS)
    keys = pd.MultiIndex.from_frame(chosen[FIGURE])
    shown = result.bridge[pd.MultiIndex.from_frame(result.bridge[FIGURE]).isin(keys)]
    steps = dict(tuple(shown.groupby(FIGURE)))
    totals = {
        total.claim_id: total
        for total in records(result.claims[result.claims["claim_id"].isin(chosen["total_id"])])
    }
    blocks = [
        _block(result, totals[figure.total_id], figure, steps[_key(figure)]) for figure in records(chosen)
    ]
    charts = tuple(_chart(number, block) for number, block in enumerate(blocks, start=1))
    first = Block(pd.DataFrame(), (), heading="Totals beside incidents", notes=_opening(result, figures))
    return Sheet("Bridge", (first, *blocks), charts=charts)


def _key(figure: Any) -> tuple[str, str, str]:
    return figure.total_id, figure.measure_code, figure.population_code


def _opening(result: RunResult, figures: pd.DataFrame) -> tuple[str, ...]:
    if figures.empty:
        return ("No total was laid beside incidents; the sheet Totals says why.",)
    more = len(figures) - MOST_BLOCKS
    derived = result.bridge.loc[
        ~result.bridge["total_id"].isin(result.claims["claim_id"]), "total_id"
    ].nunique()
    lines = list(HOW_TO_READ)
    if more > 0:
        lines.append(f"{more:,} more figures were laid beside incidents; all of them stand on Totals.")
    if derived:
        lines.append(
            f"So were {derived:,} differences of cumulative totals, which nobody stated: see Totals."
        )
    return tuple(lines)


def _figures(result: RunResult) -> pd.DataFrame:
    """Return stated figures that have a rung with incidents, the most telling first.

    First come figures that a headline does not meet (TOT-SUM), then those beside a whole headline, then those of most people;
    more than a few of one topic come last.
    """
    found = result.discrepancies[result.discrepancies["code"] == "TOT-SUM"]
    told = set(zip(found["claim_ids"], found["measure_code"].str.split(" ").str[0], strict=True))
    summed = result.bridge.loc[result.bridge["incidents"] > 0, FIGURE].drop_duplicates()
    stated = whole_figures(result.figures).rename(columns={"claim_id": "total_id"}).drop_duplicates(FIGURE)
    figures = summed.merge(stated, on=FIGURE).merge(
        result.claims[["claim_id", *TOPIC[:1], *TOPIC[3:]]], left_on="total_id", right_on="claim_id"
    )
    steps = result.bridge
    whole = steps[steps["is_headline"] & steps["is_covered"] & (steps["incidents"] > 0)]
    figures = figures.assign(
        is_met=~pd.MultiIndex.from_frame(figures[FIGURE[:2]]).isin(told),
        is_partial=~pd.MultiIndex.from_frame(figures[FIGURE]).isin(pd.MultiIndex.from_frame(whole[FIGURE])),
        people=-figures["high"].fillna(figures["low"]),
    ).sort_values(["is_met", "is_partial", "people", *FIGURE], kind="stable")
    is_late = figures.groupby(TOPIC).cumcount() >= MOST_OF_A_TOPIC
    return figures.assign(is_late=is_late).sort_values(["is_late", "is_met", "is_partial"], kind="stable")


# ---- one total -----------------------------------------------------------------------------------------------------


def _block(result: RunResult, total: Any, figure: Any, steps: pd.DataFrame) -> Block:
    own = title_of(result, total.monitor)
    said = interval_text(float(figure.low), float(figure.high))
    said = f"“{figure.verbatim}” ({said})" if figure.qualifier_code == "vague" else said
    what = counted(figure.measure_code, figure.population_code)
    vocabularies = result.rules.vocabularies
    means = [
        vocabularies["violence"].terms[code].title.lower()
        for code in total.violence_code.split()
        if code in vocabularies["violence"].terms
    ]
    by_means = f" ({', '.join(means)})" if means else ""
    about = f"{what}{by_means}{total_words(total, vocabularies['perpetrators'])}"
    first = {
        "label": f"{short_title(own)} states",
        "low": figure.low,
        "high": figure.high,
        "difference": "",
        "what": f"as published: {figure.verbatim}",
    }
    notes: list[str] = []
    rows = [first]
    for monitor, rungs in steps.groupby("monitor"):
        title = title_of(result, str(monitor))
        notes += _summary(title, figure, rungs, result)
        rows += _rows(title, figure, rungs, result)
    frame = pd.DataFrame(rows)
    frame["shown"] = [interval_text(low, high) for low, high in frame[["low", "high"]].to_numpy(dtype=float)]
    frame["is_open"] = frame["high"].isna()
    frame["width"] = (frame["high"] - frame["low"]).fillna(0.0)
    frame["incidents"] = frame["incidents"].astype("float64") if "incidents" in frame else np.nan
    notes.append(f"Claims behind each sum: sheet Totals, {figure.total_id}.")
    names = [column.name for column in COLUMNS]
    via = f"{_VIA}{total.reported_via}" if total.reported_via else ""
    heading = f"{own}: {said} {about}{via}"
    return Block(frame[[*names, "is_open"]], COLUMNS, heading=heading, notes=tuple(notes))


def _summary(title: str, figure: Any, rungs: pd.DataFrame, result: RunResult) -> Iterator[str]:
    """Yield what the incidents of one monitor say to a stated figure, in a line or two."""
    own = rungs[~rungs["step_code"].isin(OTHER_PEOPLE)]
    names = {
        code: step_title(result.rules.monitors.get(str(rungs["monitor"].iloc[0])), code)
        for code in rungs["step_code"]
    }
    if not rungs["is_covered"].all():
        yield f"{title} is not whole here: its {str(rungs['explanation'].iloc[0]).partition('; its ')[2]}."
    what = counted(figure.measure_code, figure.population_code)
    for step in records(rungs[rungs["step_code"] == CONCEDED]):
        said = f"{interval_text(step.low, step.high)} {what} in {step.incidents:,} of its records there"
        yield f"{title} concedes {said}; what is conceded is compared with nothing."
    if own.empty:
        if (rungs["step_code"] != CONCEDED).any():
            yield f"{title} states no {what}: its rungs count other people, for orientation only."
        return
    top = next(records(own[own["is_headline"]]), None)
    if top is None or not top.incidents:
        told = [
            f"{names[step.step_code]} {interval_text(step.low, step.high)}"
            for step in records(own[own["incidents"] > 0])
        ]
        wider = f"; with other bounds: {'; '.join(told)}" if told else ""
        yield f"{title} has no incident of its headline there that names this attacker and place{wider}."
        return
    met = [names[step.step_code] for step in records(own) if _difference(figure, step) == MEETS]
    yield (
        f"By its own headline ({names[top.step_code]}) {title} sums to {interval_text(top.low, top.high)}: "
        f"{_difference(figure, top)}. "
        + (f"The figure meets: {'; '.join(met)}." if met else "The figure is inside no rung.")
    )
    same = [names[step.step_code] for step in records(own) if _is_same(step, top)]
    if same:
        yield f"These change nothing in that sum: {'; '.join(same)}."


def _rows(title: str, figure: Any, rungs: pd.DataFrame, result: RunResult) -> Iterator[dict[str, object]]:
    told = list(records(rungs[rungs["incidents"] > 0].sort_values("step_no")))
    top = next((step for step in told if step.is_headline), None)
    for step in told:
        if top is not None and _is_same(step, top):
            continue
        name = step_title(result.rules.monitors.get(step.monitor), step.step_code)
        yield {
            "label": f"{short_title(title)}: {name}" + (" ◄ its own headline" if step.is_headline else ""),
            "incidents": step.incidents,
            "low": step.low,
            "high": step.high,
            "difference": _compared(figure, step),
            "what": step.explanation.rpartition(": ")[0],
        }


def _is_same(step: Any, top: Any) -> bool:
    """Return whether a rung beside the headline sums the very same claims."""
    is_graded = step.step_no <= top.step_no
    return (
        not is_graded
        and step.claim_ids == top.claim_ids
        and step.low == top.low
        and step.step_code not in OTHER_PEOPLE
    )


MEETS = "meets the stated figure"


def _compared(figure: Any, step: Any) -> str:
    """Return how a sum stands to a stated figure, and what makes it another thing than that figure."""
    if step.step_code in OTHER_PEOPLE:
        return "not compared: " + ("conceded" if step.step_code == CONCEDED else "other people")
    asides = ["by any attacker"] if step.step_code == "attacker_not_stated" else []
    asides += [] if step.is_covered else ["sum not whole"]
    return _difference(figure, step) + (f" ({', '.join(asides)})" if asides else "")


def _difference(figure: Any, step: Any) -> str:
    """Return by how much a sum misses a stated figure, at least and at most."""
    stated_high = np.inf if pd.isna(figure.high) else figure.high
    high = np.inf if pd.isna(step.high) else step.high
    if step.low <= stated_high and high >= figure.low:
        return MEETS
    more = step.low > stated_high
    least, most = (
        (step.low - stated_high, high - figure.low) if more else (figure.low - high, stated_high - step.low)
    )
    word = "more" if more else "fewer"
    if np.isinf(most):
        return f"at least {least:,.10g} {word} than stated"
    return f"{interval_text(least, most)} {word} than stated"


def _chart(number: int, block: Block) -> Chart:
    low, high = block.rows["low"].iloc[0], block.rows["high"].iloc[0]
    marks = tuple(sorted({float(end) for end in (low, high) if not pd.isna(end)}))
    return Chart(
        title=block.heading.partition(_VIA)[0],
        block=number,
        category="label",
        series=("low", "width"),
        kind="spans",
        marks=marks,
        open_column="is_open",
    )
