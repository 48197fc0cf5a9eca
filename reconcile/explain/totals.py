"""What a figure for a period is laid beside, as pictures: incidents rung by rung, other windows, differences, sets of numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.discrepancies import KINDS
from reconcile.discrepancies.series import series_title
from reconcile.discrepancies.totals import FIGURE, OTHER_PEOPLE, counted, step_title
from reconcile.explain.claims import findings_of, one_claim
from reconcile.explain.parts import LISTED, Explanation, Grid, Part, listed, more, sentence, short
from reconcile.explain.pictures import BAR, Scale, known, scale_of
from reconcile.views import difference_text, interval_text, records, window_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.explain.stored import View

    Interval = tuple[float, float]

PERSONS = ["measure_code", "population_code", "sex_code", "age_group_code"]
_BLANK = re.compile(r"([\d,]+) of them without a number")
_NUMBER = re.compile(r"\d[\d,]*(?:–\d[\d,]*)?(?: or more)?")
# How another total's window and scope lie, seen from the one asked about: by the relation's code where it stands left,
# and where it stands right.
LIES = {
    "equal": ("the same days",) * 2,
    "within": ("this one lies inside it", "inside this one"),
    "covers": ("inside this one", "this one lies inside it"),
    "overlaps": ("overlaps",) * 2,
    "touches": ("begins on the day after", "ends on the day before"),
    "apart": ("after this one", "before this one"),
}
SCOPES = {
    "equal": ("",) * 2,
    "within": ("wider scope", "narrower scope"),
    "covers": ("narrower scope", "wider scope"),
    "shares": ("scope shared in part, or not told",) * 2,
    "apart": ("another scope",) * 2,
}


def total_explained(view: View, claim_id: str) -> Explanation:
    """Return a total beside incidents, rung by rung, and beside what else the run says of its window and series."""
    steps = view.run.bridge[view.run.bridge["total_id"] == claim_id]
    if steps.empty:
        answer = "no bridge was laid; the workbook's sheet Totals says why."
    else:
        answer = f"laid beside the incidents of {_beside(view, steps)}, rung by rung; no rung is the truth."
    return Explanation(
        f"{claim_id}, a total of {view.title(view.monitor_of(claim_id))}",
        answer,
        (
            one_claim(view, claim_id),
            *bridge_parts(view, steps),
            *_windows_beside(view, claim_id),
            *_differences_with(view, claim_id),
            *_sets_with(view, claim_id),
            *findings_of(view, _holds(view.run.discrepancies, claim_id)),
        ),
    )


def derived_explained(view: View, derived_id: str) -> Explanation:
    """Return a difference of two totals: what is taken from what, and what incidents there are in its days."""
    run = view.run
    (one,) = records(run.derived[run.derived["derived_id"] == derived_id])
    persons = tuple(getattr(one, name) for name in PERSONS)
    rows = [
        (what, claim_id, *_read_from(view, claim_id, _number(view, claim_id, persons)))
        for what, claim_id in (("later", one.later_id), ("less earlier", one.earlier_id))
    ]
    left = difference_text(one.low, one.high)
    rows.append(("leaves", derived_id, left, window_text(one.date_start, one.date_end), "", "", ""))
    headers = ("", "Total", "Number", "Days", *SOURCE)
    steps = run.bridge[run.bridge["total_id"] == derived_id]
    beside = f" Laid beside the incidents of {_beside(view, steps)}." if len(steps) else ""
    return Explanation(
        f"{derived_id}, a difference of two totals of {view.title(str(one.monitor))}",
        f"{sentence(str(one.explanation))}{beside}",
        (
            Part(
                f"{who(one)}: how it comes about",
                (),
                _filled(Grid(headers, tuple(rows), frozenset({2, 6}), frozenset({0}))),
                (
                    "Its low is the later low less the earlier high; its high the later high less the earlier low.",
                ),
            ),
            *bridge_parts(view, steps),
        ),
    )


def set_explained(view: View, set_id: str) -> Explanation:
    """Return numbers that cannot all be true: what does not hold, and where each of them stands."""
    sets = view.run.sets
    (one,) = records(sets[sets["set_id"] == set_id])
    title = next((kind.title for kind in KINDS if kind.code == one.code), "")
    is_batch = one.rule_code == "batch"
    facts = [
        ("kind", f"{one.code}: {title}" if title else str(one.code)),
        ("rule", str(one.rule_code).replace("_", " ")),
        ("series", series_title(view.rules.monitors, str(one.series))),
        ("counted", who(one)),
        ("days", "" if pd.isna(one.date_start) else window_text(one.date_start, one.date_end)),
        ("numbers", str(one.stated)),
        ("expected", "" if is_batch else interval_text(one.expected_low, one.expected_high)),
        ("stated", "" if is_batch else interval_text(one.observed_low, one.observed_high)),
        ("gap", "" if pd.isna(one.gap) else f"{one.gap:,.10g}"),
        ("days without a number", f"{one.over_missing_days:,}" if one.over_missing_days else ""),
    ]
    ids = str(one.claim_ids).split()
    one_cause = sets.loc[(sets["cause_id"] == one.cause_id) & (sets["set_id"] != set_id), "set_id"]
    parts = [
        Part("What it is", (), Grid(("", ""), tuple((label, text) for label, text in facts if text))),
        numbers_part(view, one, "Its numbers"),
    ]
    if len(one_cause):
        parts.append(Part("Sets of the same cause", (listed(list(map(str, one_cause))) + ".",)))
    told = view.run.discrepancies
    chosen = (told["code"] == one.code) & told["claim_ids"].str.split().map(lambda held: {*ids} <= {*held})
    unable = "numbers that come in batches" if is_batch else "numbers that cannot all be true"
    return Explanation(f"{set_id}, {unable}", str(one.explanation), (*parts, *findings_of(view, chosen)))


def _holds(frame: pd.DataFrame, claim_id: str) -> pd.Series[bool]:
    """Return which rows list a claim."""
    return frame["claim_ids"].str.split().map(lambda ids: claim_id in ids).astype(bool)


def _beside(view: View, steps: pd.DataFrame) -> str:
    return ", ".join(view.title(str(one)) for one in steps["monitor"].unique())


# ---- the bridge ----------------------------------------------------------------------------------------------------


def bridge_parts(view: View, steps: pd.DataFrame) -> tuple[Part, ...]:
    """Return a picture of the rungs of each monitor, all of one figure on one scale, and what each rung sums.

    Args:
        view: a run.
        steps: of one total.
    """
    parts: list[Part] = []
    for (total, measure, population), rungs in steps.groupby(FIGURE, sort=False):
        stated = _stated(view, str(total), str(measure), str(population))
        bars = [(row.low, row.high) for row in records(rungs) if row.incidents]
        scale = scale_of([*bars, *([stated] if stated else [])], view.strokes)
        what = counted(str(measure), str(population))
        for monitor, own in rungs.groupby("monitor", sort=False):
            heading = f"{what[:1].upper()}{what[1:]}, beside the incidents of {view.title(str(monitor))}"
            parts.append(_rungs(view, heading, own.sort_values("step_no"), stated, scale))
    if not parts:
        return ()
    return (*parts, _how_to_read(view, steps))


def _rungs(view: View, heading: str, steps: pd.DataFrame, stated: Interval | None, scale: Scale) -> Part:
    """Return the rungs of one monitor, the stated figure above them."""
    marks = known(*stated) if stated else ()
    rows, blanks = [], []
    if stated:
        said = difference_text(*stated)
        rows.append((_speaker(view, str(steps["total_id"].iloc[0])), "", said, "", scale.lines(*stated)))
    for step in records(steps):
        name = _rung(view, step)
        is_other = step.step_code in OTHER_PEOPLE
        across = () if is_other else marks
        drawn = scale.bar(step.low, step.high, across, is_light=is_other) if step.incidents else scale.nothing(across)  # fmt: skip
        summed = interval_text(step.low, step.high) if step.incidents else ""
        headline = " (headline)" if step.is_headline else ""
        rows.append((name + headline, f"{step.incidents:,}", summed, _against(step), drawn))
        if blank := _BLANK.search(str(step.explanation)):
            blanks.append(f"{name} {blank[1]} of {step.incidents:,}")
    reach = str(steps["explanation"].iloc[0]).partition("; its ")[2]
    notes = (f"Without a number: {'; '.join(blanks)}.",) if blanks else ()
    axis = scale.axis(_count(scale.low), _count(scale.high))
    grid = Grid(
        ("Rung", "Incidents", "Range", "Against it", axis),
        tuple(rows),
        frozenset({1, 2}),
        frozenset({1, 2, 4}),
    )
    return Part(heading, (f"Not whole: its {reach}.",) if reach else (), grid, notes)


def _count(number: float) -> str:
    """Return a number of persons, its minus as people write it."""
    return f"{number:,.10g}".replace("-", "−")


def _rung(view: View, step: Any) -> str:
    return step_title(view.rules.monitors.get(str(step.monitor)), str(step.step_code))


def _speaker(view: View, total_id: str) -> str:
    if total_id not in view.claims.index:
        return "the difference leaves"
    return f"{view.title(view.monitor_of(total_id))} states"


def _stated(view: View, total_id: str, measure: str, population: str) -> Interval | None:
    """Return the figure that rungs are laid beside: stated by a total, or left by a difference; None where the run has neither."""
    run = view.run
    figures, named = run.figures[run.figures["role_code"] == "alleged"], "claim_id"
    if total_id not in view.claims.index:
        figures, named = run.derived, "derived_id"
    own = figures[(figures[named] == total_id) & counts(figures, (measure, population, "any", "any"))]
    return next(((float(one.low), float(one.high)) for one in records(own)), None)


def _against(step: Any) -> str:
    """Return how a rung stands to the figure, by what it leaves of it; other people are compared with nothing."""
    if step.step_code in OTHER_PEOPLE:
        return "not compared"
    if not step.incidents:
        return "no incident"
    least = -np.inf if pd.isna(step.residual_low) else step.residual_low
    most = np.inf if pd.isna(step.residual_high) else step.residual_high
    if least <= 0 <= most:
        return "meets it"
    word, near, far = ("fewer", least, most) if least > 0 else ("more", -most, -least)
    if np.isinf(far):
        return f"at least {near:,.10g} {word}"
    return f"{interval_text(near, far)} {word}"


def _how_to_read(view: View, steps: pd.DataFrame) -> Part:
    strokes = view.strokes
    told = dict.fromkeys(
        (_rung(view, step), str(step.explanation).rpartition(": ")[0]) for step in records(steps)
    )
    lines = (
        f"A bar is the sum of a rung from its low to its high, all on one scale; {strokes.mark} ({strokes.cross} on a bar) is the figure's own low and high, {strokes.onward} an end that is open, {strokes.light} other people than it counts, or what is conceded.",
        "More and fewer say what the incidents of a rung are against the figure. Headline is what the monitor itself would put forward, and each rung after the grades changes one thing in it.",
    )
    grid = Grid(("Rung", "What it sums"), tuple(row for row in told if row[0] != row[1]))
    return Part("How to read it", lines, grid, ("The claims behind each sum are in tables/bridge.parquet.",))


# ---- windows -------------------------------------------------------------------------------------------------------


def _windows_beside(view: View, claim_id: str) -> tuple[Part, ...]:
    """Return the windows of the other totals of a total's topics, each told once, those that share most days first."""
    relations = view.run.relations
    is_left, is_right = relations["left_id"] == claim_id, relations["right_id"] == claim_id
    own = relations[is_left | is_right]
    if own.empty:
        return ()
    other = own["right_id"].where(is_left[own.index], own["left_id"])
    own = _ranked(own.assign(other=other, is_right=is_right[own.index].astype("int64")))
    own = own[own["other"].isin(view.claims.index)].drop_duplicates("other")
    order = ["shared_days", "other"]
    shown = own.sort_values(order, ascending=[False, True]).head(LISTED)
    told = {str(one.other): (stem(one), _lies(one)) for one in records(shown)}
    if not told:
        return ()
    first = next(iter(told.values()))[0]
    told[claim_id] = (first, "this one")
    rows = [(one, figure_words(view, one, stem), said) for one, (stem, said) in told.items()]
    note = "Only those that say so may be added to it."
    part = windows_part(view, "The windows of its topic", rows, (note, *more(len(own), "relations")))
    return (part,)


def _ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows about several counts of persons with whole numbers of people killed first."""
    rank = (rows["measure_code"] != "killed").astype("int64") + 2 * (
        (rows["sex_code"] != "any") | (rows["age_group_code"] != "any")
    )
    return rows.assign(rank=rank).sort_values(["rank", *PERSONS], kind="stable")


def stem(one: Any) -> tuple[str, ...]:
    """Return measure, population, sex and age of a row."""
    return tuple(str(getattr(one, name)) for name in PERSONS)


def counts(rows: pd.DataFrame, persons: Sequence[str]) -> pd.Series[bool]:
    """Return which rows are of a measure, population, sex and age."""
    return (rows[PERSONS] == list(persons)).all(axis=1)


def _lies(one: Any) -> str:
    """Return how another total lies to the one asked about."""
    days = f", {one.shared_days:,} {'day' if one.shared_days == 1 else 'days'}"
    said = [
        LIES[one.relation_code][one.is_right] + (days if one.relation_code == "overlaps" else ""),
        SCOPES[one.scope_relation_code][one.is_right],
        "one origin" if one.is_one_origin and (not one.series or one.relation_code == "equal") else "",
        "may be added" if one.may_be_added else "",
    ]
    return "; ".join(filter(None, said))


def windows_part(
    view: View,
    heading: str,
    totals: Sequence[tuple[str, str, str]],
    notes: Sequence[str] = (),
    *,
    is_by_day: bool = False,
) -> Part:
    """Return windows as bars on one time scale, in the order of their days.

    Args:
        view: a run.
        heading: of the part.
        totals: claim, what it states, and how it lies; the last may be empty for all.
        notes: what has to be said of them.
        is_by_day: whether a mark is a day, as far as they go, and not all days are on the scale.
    """
    windows = {one: _days(view, one) for one, _, _ in totals}
    first = min(start for start, _ in windows.values())
    last = max(end for _, end in windows.values())
    is_cut = is_by_day and last - first >= BAR
    end = first + BAR - 1 - int(is_cut) if is_by_day else last
    scale = Scale(first, end, is_open_below=False, is_open_above=is_cut, strokes=view.strokes)
    rows = [
        (one, number, _window(view, one), *([said] if said else []), scale.bar(*windows[one]))
        for one, number, said in sorted(totals, key=lambda row: (*windows[row[0]], row[0]))
    ]
    axis = scale.axis(_iso(scale.low), _iso(scale.high))
    lies = ("How it lies",) if any(said for _, _, said in totals) else ()
    headers = ("Total", "States", "Days", *lies, axis)
    grid = Grid(headers, tuple(rows), frozenset({1}), frozenset({len(headers) - 1}))
    cut = (f"{view.strokes.onward} goes on beyond the scale.",) if is_cut else ()
    return Part(heading, (), grid, (*cut, *notes))


def _days(view: View, claim_id: str) -> tuple[int, int]:
    claim = view.claim(claim_id)
    start, end = (pd.Timestamp(claim[name]).toordinal() for name in ("date_start", "date_end"))
    return start, end


def _iso(day: float) -> str:
    return pd.Timestamp.fromordinal(int(day)).date().isoformat()


def _window(view: View, claim_id: str) -> str:
    claim = view.claim(claim_id)
    return window_text(claim["date_start"], claim["date_end"])


# ---- differences and sets ------------------------------------------------------------------------------------------


def _differences_with(view: View, claim_id: str) -> tuple[Part, ...]:
    """Return the differences that a total is one side of."""
    derived = view.run.derived
    own = derived[(derived["later_id"] == claim_id) | (derived["earlier_id"] == claim_id)]
    if own.empty:
        return ()
    rows = tuple(
        (
            str(one.derived_id),
            f"this one less {one.earlier_id}"
            if one.later_id == claim_id
            else f"{one.later_id} less this one",
            difference_text(one.low, one.high),
            who(one),
            window_text(one.date_start, one.date_end),
        )
        for one in records(_ranked(own).head(LISTED))
    )
    headers = ("Difference", "It is", "Leaves", "Counted", "Days")
    notes = (
        *more(len(own), "derived"),
        "Nobody stated them. Ask for one by its id to see it beside incidents.",
    )
    return (
        Part("Differences it is a side of", (), Grid(headers, rows, frozenset({2}), frozenset({0})), notes),
    )


def _sets_with(view: View, claim_id: str) -> tuple[Part, ...]:
    """Return the sets of numbers that cannot all be true and hold one of a total's."""
    own = view.run.sets[_holds(view.run.sets, claim_id)]
    if own.empty:
        return ()
    rows = tuple(
        (str(one.set_id), str(one.code), str(one.stated), short(str(one.explanation)))
        for one in records(own.head(LISTED))
    )
    grid = Grid(("Set", "Code", "Numbers", "In a sentence"), rows, whole=frozenset({0, 1}))
    return (Part("Numbers it is among that do not hold together", (), grid, more(len(own), "sets")),)


SOURCE = ("File", "Sheet", "Row")


def numbers_part(view: View, one: Any, heading: str) -> Part:
    """Return the numbers of a row of `InconsistentSets`: each claim's, with its days and where it stands."""
    ids = [claim_id for claim_id in str(one.claim_ids).split() if claim_id in view.claims.index]
    figures = view.run.figures
    stated = figures[figures["claim_id"].isin(ids) & (figures["role_code"] == "alleged")]
    by_claim: dict[str, list[Any]] = {}
    for figure in records(_named(stated, one)):
        by_claim.setdefault(str(figure.claim_id), []).append(figure)
    rows = [
        (claim_id, *_read_from(view, claim_id, f"{who(figure)}: {interval_text(figure.low, figure.high)}"))
        for claim_id in ids
        for figure in by_claim.get(claim_id, [])
    ]
    grid = _filled(Grid(("Claim", "Number", "Days", *SOURCE), tuple(rows[:LISTED]), frozenset({5})))
    return Part(heading, (), grid, more(len(rows), "sets"))


def _filled(grid: Grid) -> Grid:
    """Return a grid without the column of sheets where no row is of one."""
    place = grid.headers.index("Sheet")
    if any(row[place] for row in grid.rows):
        return grid
    cut = [row[:place] + row[place + 1 :] for row in (grid.headers, *grid.rows)]
    return replace(
        grid,
        headers=cut[0],
        rows=tuple(cut[1:]),
        right=frozenset(number - (number > place) for number in grid.right),
    )


def _named(figures: pd.DataFrame, one: Any) -> pd.DataFrame:
    """Return the figures that a set names: of its own persons, and of others where those are not all of its numbers."""
    is_own = counts(figures, stem(one))
    numbers = _NUMBER.findall(str(one.stated))
    if one.rule_code == "batch" or is_own.sum() >= len(numbers):
        return figures[is_own]
    is_ledger = str(one.measure_code).startswith("reports_")
    measures = figures["measure_code"]
    is_near = measures.str.startswith("reports_") if is_ledger else measures == one.measure_code
    texts = [interval_text(low, high) for low, high in zip(figures["low"], figures["high"], strict=True)]
    return figures[is_own | (is_near & pd.Series(texts, index=figures.index).isin(numbers))]


def _read_from(view: View, claim_id: str, number: str) -> tuple[str, ...]:
    """Return a number with its days, file, sheet and row; its claim may be one that the run does not hold."""
    if claim_id not in view.claims.index:
        return (number, "", "", "", "")
    claim = view.claim(claim_id)
    return (
        number,
        window_text(claim["date_start"], claim["date_end"]),
        str(claim["source_file"]),
        str(claim["source_sheet"]),
        f"{claim['source_row']:,}",
    )


def _number(view: View, claim_id: str, persons: Sequence[str]) -> str:
    figures = view.run.figures
    own = figures[(figures["claim_id"] == claim_id) & (figures["role_code"] == "alleged")]
    own = own[counts(own, persons)]
    return next((interval_text(one.low, one.high) for one in records(own)), "")


def figure_words(view: View, claim_id: str, persons: Sequence[str]) -> str:
    """Return a claim's number of some persons; of what, where that is not simply people killed."""
    measure, _, *parts = persons
    words = [measure.replace("_", " ")] if measure != "killed" else []
    words += [part for part in parts if part != "any"]
    return " ".join(filter(None, [_number(view, claim_id, persons), *words]))


def who(one: Any) -> str:
    """Return what a row counts: Killed, civilian, child."""
    measure, population, *parts = stem(one)
    words = [measure.replace("_", " "), population, *(part for part in reversed(parts) if part != "any")]
    return ", ".join(words).capitalize()
