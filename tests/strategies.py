"""What Hypothesis makes small runs of: exports as text, and frames of claims of three monitors in a handful of towns.

The world is kept small on purpose (four towns, two weeks, numbers to 40), so that claims meet, tie and repeat often.
`RECONCILE_EXAMPLES=20` looks twenty times harder, with other examples each time.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
from conftest import DAYS, NO_VICTIMS, claim_row, figure_row, on_lists
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reconcile.frames import Claims, Figures, empty
from reconcile.ruleset import Judgement

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMES = int(os.environ.get("RECONCILE_EXAMPLES", "1"))
FIRST_DAY = date(2017, 6, 6)
# Name, latitude, longitude, governorate. The second is a spot in the first, the fourth stands in no gazetteer, the last is no town.
TOWNS = (
    ("Raqqa", 35.951, 39.009, "Ar-Raqqa"),
    ("Old Bridge", 35.955, 39.012, "Ar-Raqqa"),
    ("Suluk", 36.597, 39.126, "Ar-Raqqa"),
    ("Tell Example", 36.21, 38.9, "Ar-Raqqa"),
    ("Aleppo countryside", 36.2, 37.2, "Aleppo"),
)
ATTACKERS = ("us_led_coalition", "usa", "russia", "islamic_state sdf", "unknown", "")
MONITORS = ("airwars", "ucdp_ged", "cjtf_oir")
GRADES = ("confirmed", "fair", "weak", "contested", "discounted", "no_harm", "ungraded")
GARBAGE = (
    "?", "n/a", "about ten", "12 families", "1.234", "-3", "4239", "NaN", "inf", "1e3", "٢٠٥", "205–228", "117²", "31/31/2017",
    "06/07/2017", "2017-02-30", "0000-00-00", "yesterday", "12:30", "=1+1", "#tag", "null", "'", "\u200f", "x" * 400,
)  # fmt: skip


def budget(examples: int) -> settings:
    """Return settings: so many examples in an ordinary run, always the same ones, and more of them on request."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(
        max_examples=examples * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        suppress_health_check=slow,
    )


def days() -> st.SearchStrategy[date]:
    """Days of two weeks, the first few most often."""
    offset = st.one_of(st.integers(0, 2), st.integers(0, 13))
    return offset.map(lambda number: FIRST_DAY + timedelta(days=number))


def bounds() -> st.SearchStrategy[tuple[float, float | None]]:
    """Low and high of a figure, in order; the high may be open."""
    spans = st.tuples(st.integers(0, 40), st.sampled_from([0, 0, 2, 8, 30, None]))
    return spans.map(lambda span: (span[0], None if span[1] is None else span[0] + span[1]))


# ---- frames --------------------------------------------------------------------------------------------------------

CLAIM_TYPES, FIGURE_TYPES = empty(Claims).dtypes, empty(Figures).dtypes


class Small(NamedTuple):
    """A small run: claims, their figures, decisions on some of the claims, and the victims that claims name."""

    claims: pd.DataFrame
    figures: pd.DataFrame
    decided: tuple[Judgement, ...] = ()
    victims: pd.DataFrame = NO_VICTIMS


def small_of(
    rows: Sequence[dict[str, Any]], figures: Sequence[dict[str, Any]], decided: tuple[Judgement, ...] = ()
) -> Small:
    """Return rows of the builders as frames, like `claims_frame` does but unchecked: a check outlasts most stages."""
    claims = pd.DataFrame(rows, columns=CLAIM_TYPES.index)
    stamps = {name: pd.to_datetime(claims[name]) for name in DAYS}
    claims = claims.assign(**stamps).astype(CLAIM_TYPES).sort_values("claim_id", ignore_index=True)
    return Small(claims, pd.DataFrame(figures, columns=FIGURE_TYPES.index).astype(FIGURE_TYPES), decided)


def with_rows(small: Small, rows: Sequence[dict[str, Any]], figures: Sequence[dict[str, Any]] = ()) -> Small:
    """Return a run and more claims and figures."""
    more = small_of(rows, figures)
    claims = pd.concat([small.claims, more.claims]).sort_values("claim_id", ignore_index=True)
    figures_of_all = pd.concat([small.figures, more.figures], ignore_index=True)
    return Small(claims, figures_of_all, small.decided, small.victims)


@st.composite
def claim_rows(draw: st.DrawFn, number: int, monitors: Sequence[str] = MONITORS) -> dict[str, Any]:
    """One incident claim, as a row of Claims."""
    monitor = draw(st.sampled_from(monitors))
    name, latitude, longitude, admin1 = draw(st.sampled_from(TOWNS))
    start = draw(days())
    end = start + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 6])))
    located, named = draw(st.booleans()), draw(st.sampled_from([True, True, False]))
    row = claim_row(
        number,
        monitor=monitor,
        day=f"{start}",
        date_end=f"{end}",
        edtf=f"{start}" if start == end else f"{start}/{end}",
        place_name=name if named else "",
        place_id="syr_raqqa" if named and name == "Raqqa" else "",
        admin1=draw(st.sampled_from([admin1, admin1, ""])),
        latitude=latitude + draw(st.sampled_from([0.0, 0.0, 0.004, 0.3])) if located else None,
        longitude=longitude if located else None,
        location_precision_code=draw(st.integers(1, 6)),
        perpetrator_codes=draw(st.sampled_from(ATTACKERS)),
        attribution_code=draw(st.sampled_from(["likely", "confirmed", "alleged", "contested", "parties"])),
        grade_code=draw(st.sampled_from(GRADES)),
        origin_ids=draw(st.sampled_from(["", "airwars", "sohr", "afp sohr", "amnesty sohr"])),
        report_count=draw(st.sampled_from([None, 1, 4])),
    )
    if monitor == "cjtf_oir":
        position = draw(st.sampled_from(["conceded", "denied", "not_assessed"]))
        row |= {"unit_code": "allegation", "position_code": position, "grade_code": "credible"}
    if monitor == "ucdp_ged" and draw(st.sampled_from([False, False, False, True])):
        row |= {"unit_code": "event_summary"}
    return row


@st.composite
def figure_rows(draw: st.DrawFn, claim: dict[str, Any], least: int = 0) -> list[dict[str, Any]]:
    """The figures of one claim: none, some, or parts that need not add up; of a belligerent only conceded ones."""
    role = "conceded" if claim["monitor"] == "cjtf_oir" else "alleged"
    kinds = ("killed civilian", "killed all", "injured civilian", "killed combatant", "killed child")
    rows = []
    for kind in draw(st.lists(st.sampled_from(kinds), unique=True, min_size=least, max_size=4)):
        measure, _, population = kind.partition(" ")
        low, high = draw(bounds())
        more = {"measure_code": measure, "role_code": role, "is_open": high is None}
        whom = {"age_group_code": "child"} if population == "child" else {"population_code": population}
        rows.append(figure_row(claim["claim_id"], low, high, **more, **whom))
    return rows


@st.composite
def split_incidents(draw: st.DrawFn, number: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Claims and figures of an incident that Airwars split into parts, each of which repeats the injured of all."""
    day = f"{draw(days())}"
    low, high = draw(bounds())
    rows, figures = [], []
    for letter in draw(st.sampled_from(["ab", "abc"])):
        row = claim_row(90, native_id=f"CS{number}{letter}", day=day, latitude=36.21, longitude=38.9)
        rows.append(row)
        least, most = draw(bounds())
        figures.append(figure_row(row["claim_id"], least, most, is_open=most is None))
        figures.append(figure_row(row["claim_id"], low, high, is_open=high is None, measure_code="injured"))
    return rows, figures


@st.composite
def frames(draw: st.DrawFn, least: int = 0, most: int = 7, *, parts: bool = True) -> Small:
    """Claims and figures of a run, now and then with incidents that Airwars split into parts."""
    rows = [draw(claim_rows(number)) for number in range(1, draw(st.integers(least, most)) + 1)]
    figures = [figure for row in rows for figure in draw(figure_rows(row))]
    fewest = 1 if most == 0 else 0
    for number in range(draw(st.integers(fewest, 2)) if parts else 0):
        some, numbers = draw(split_incidents(number))
        rows, figures = rows + some, figures + numbers
    return small_of(rows, figures)


@st.composite
def with_decisions(draw: st.DrawFn, runs: st.SearchStrategy[Small], decisions: Sequence[str]) -> Small:
    """A run and a few decisions on pairs of its claims, which may contradict each other."""
    small = draw(runs)
    pairs = st.lists(st.sampled_from(small.claims["claim_id"].tolist()), min_size=2, max_size=2, unique=True)
    decided = draw(st.lists(st.tuples(pairs, st.sampled_from(decisions)), max_size=3))
    return small._replace(decided=tuple(judged(*pair, decision) for pair, decision in decided))


def judged(left: str, right: str, decision: str = "same") -> Judgement:
    """Return one decision."""
    return Judgement(left=left, right=right, decision=decision, reviewer="a reviewer", decided_on=FIRST_DAY)


@st.composite
def with_total(draw: st.DrawFn, runs: st.SearchStrategy[Small]) -> Small:
    """A run and a figure of SOHR, killed and injured, for some days in Ar-Raqqa."""
    start = draw(st.sampled_from([FIRST_DAY, FIRST_DAY + timedelta(days=1)]) | days())
    end = start + timedelta(days=draw(st.sampled_from([13, 13, 2, 0])))
    row = claim_row(
        99, monitor="sohr", kind_code="total", unit_code="total", date_start=f"{start}", date_end=f"{end}", edtf=f"{start}/{end}",
        place_name="Raqqa", place_id="syr_raqqa", perpetrator_codes=draw(st.sampled_from(["", "us_led_coalition", "usa"])),
    )  # fmt: skip
    figures = []
    for measure in ("killed", "injured"):
        low, high = draw(bounds())
        figures.append(figure_row(row["claim_id"], low, high, is_open=high is None, measure_code=measure))
    return with_rows(draw(runs), [row], figures)


@st.composite
def strangers(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Claims of a year before, whose ids come before, between and after those of a run."""
    rows = []
    for code in draw(
        st.lists(st.sampled_from(["A0", "X15", "Z9", "CS5a"]), min_size=1, max_size=3, unique=True)
    ):
        row = draw(claim_rows(1))
        early = {
            name: f"{date.fromisoformat(row[name]) - timedelta(days=400)}"
            for name in ("date_start", "date_end")
        }
        # Apart in space too: a point that ten claims share, whenever, counts as a centroid and not as a spot.
        apart = {"latitude": 33.5, "longitude": 36.3} if row["latitude"] else {}
        rows.append(row | early | apart | {"native_id": code, "claim_id": f"{row['monitor']}:{code}"})
    return rows


LISTS = ("list_a", "list_b", "list_c")
# Parts of invented names: two spellings of one, one that is alike, two that share consonants, and some of their own.
NAME_PARTS = (
    "Samer",
    "Samir",
    "Sameer",
    "Nuri",
    "Noori",
    "Hani",
    "Abd al-Hadi",
    "Abdulhadi",
    "Layla",
    "Qasim",
    "Tamer",
    "S.",
)
NATIVE_PARTS = ("سامر", "النوري", "هاني", "عبد الهادي", "ليلى", "قاسم")


def names(parts: Sequence[str] = NAME_PARTS, least: int = 0) -> st.SearchStrategy[str]:
    """Names of a few parts, in any order, some parts twice."""
    return st.lists(st.sampled_from(parts), min_size=least, max_size=4).map(" ".join)


@st.composite
def persons(draw: st.DrawFn) -> dict[str, Any]:
    """A person on a list, as `on_lists` takes it, with anything blank that a list may leave blank."""
    day = draw(st.none() | days() | st.just(date(1969, 12, 31)))
    low = draw(st.sampled_from([None, None, 0, 0.25, 3, 3, 4, 30, 31, 36]))
    high = None if low is None else draw(st.sampled_from([low, low, low + 1, low + 10, None]))
    return {
        "on": draw(st.sampled_from(LISTS)),
        "name": draw(names()),
        "name_native": draw(st.just("") | names(NATIVE_PARTS)),
        "sex_code": draw(st.sampled_from(["female", "male", "unknown"])),
        "age_low_years": low,
        "age_high_years": high,
        "birth_year": draw(st.sampled_from([None, 1981, 1986])),
        "day": None if day is None else f"{day}",
        "place_name": draw(st.sampled_from(["", "Raqqa", "Tell Example"])),
        "admin1": draw(st.sampled_from(["", "Ar-Raqqa"])),
    }


def victim_lists(least: int = 0, most: int = 8) -> st.SearchStrategy[Small]:
    """A run of persons on three lists."""
    return st.lists(persons(), min_size=least, max_size=most).map(_lists_of)


def _lists_of(some: list[dict[str, Any]]) -> Small:
    claims, victims = on_lists(*some)
    return Small(claims, small_of([], []).figures, (), victims)


# ---- exports -------------------------------------------------------------------------------------------------------

AIRWARS_COLUMNS = (
    "code", "incident_date", "date_range_end", "location_en", "region_en", "latitude", "longitude", "geolocation_accuracy",
    "belligerents", "civilian_harm_status", "civ_killed_min", "civ_killed_max", "civ_injured_min", "civ_injured_max", "n_sources",
)  # fmt: skip
UCDP_COLUMNS = (
    "id", "type_of_violence", "dyad_name", "side_a", "side_b", "date_start", "date_end", "date_prec", "event_clarity", "where_coordinates",
    "adm_1", "where_prec", "country", "latitude", "longitude", "deaths_civilians", "deaths_unknown", "best", "low", "high", "source_original",
    "source_headline",
)  # fmt: skip
CJTF_COLUMNS = (
    "statement_id", "date", "place_text", "via", "verdict", "conceded_min", "conceded_max", "statement_date", "statement_scrubbed",
)  # fmt: skip
COLUMNS = {"airwars": AIRWARS_COLUMNS, "ucdp_ged": UCDP_COLUMNS, "cjtf_oir": CJTF_COLUMNS}


@st.composite
def record(draw: st.DrawFn, monitor: str, native_id: str) -> dict[str, str]:
    """One readable record of a monitor's export, by column."""
    name, latitude, longitude, admin1 = draw(st.sampled_from(TOWNS))
    name = name if draw(st.sampled_from([True, True, True, False])) else ""
    where = (f"{latitude}", f"{longitude}") if draw(st.booleans()) else ("", "")
    start = draw(days())
    end = start + timedelta(days=draw(st.sampled_from([0, 0, 1, 6])))
    low, high = draw(bounds())
    top = "" if high is None else str(high)
    match monitor:
        case "airwars":
            accuracy = draw(st.sampled_from(["", "street", "town", "district"]))
            grade = draw(st.sampled_from(["", "Confirmed", "Fair", "Weak", "Contested", "Discounted"]))
            attacker = draw(st.sampled_from(["", "US-led Coalition", "Russian Military", "US, Russia"]))
            cells = (
                native_id,
                f"{start}",
                f"{end}",
                name,
                admin1,
                *where,
                accuracy,
                attacker,
                grade,
                f"{low}",
                top,
                "",
                "",
                "2",
            )
        case "ucdp_ged":
            kind, clarity = draw(st.sampled_from("123")), draw(st.sampled_from(["1", "1.0", "2"]))
            deaths = (f"{low}", "0", f"{low}", f"{low}", top or f"{low + 4}")
            cells = (
                native_id, kind, "IS - SDF", "IS", "SDF", f"{start}", f"{end}", "1", clarity, name, admin1, "1", "Syria", *where, *deaths,
                draw(st.sampled_from(["", "SOHR", "AFP, SOHR"])), "a headline",
            )  # fmt: skip
        case _:
            verdict = draw(st.sampled_from(["credible", "non_credible", "insufficient_info", "open"]))
            own = (f"{low}", top or f"{low}") if verdict == "credible" else ("", "")
            cells = (
                native_id,
                f"{start}",
                f"{name}, Syria" if name else "",
                "Airwars report",
                verdict,
                *own,
                "2018-01-31",
                "a statement",
            )
    return dict(zip(COLUMNS[monitor], cells, strict=True))


@st.composite
def records(
    draw: st.DrawFn, monitor: str, *, garbled: bool = False, least: int = 0, most: int = 5
) -> list[dict[str, str]]:
    """The records of one export, of different ids; where `garbled`, ids repeat and some cells and rows are spoiled."""
    number = draw(st.integers(least, most))
    rows = [draw(record(monitor, f"X{position}")) for position in range(number)]
    if garbled:
        for row in rows:
            for column in sorted(draw(st.sets(st.sampled_from(COLUMNS[monitor]), max_size=4))):
                row[column] = draw(cells())
    return rows


def cells() -> st.SearchStrategy[str]:
    """What may stand in a cell: nothing, what monitors have been seen to write, and any text."""
    return st.one_of(
        st.just(""), st.sampled_from(GARBAGE), st.sampled_from(["X0", "X1", "3", "2017-06-10"]), texts()
    )


def texts() -> st.SearchStrategy[str]:
    """Any text that UTF-8 can hold, without the marks that part the cells of other kinds of file."""
    return st.text(st.characters(codec="utf-8", exclude_characters=";|\t"), max_size=12)


def csv_text(monitor: str, rows: Sequence[dict[str, str]]) -> str:
    """Return the export as a CSV file holds it."""
    return written([COLUMNS[monitor], *([row[column] for column in COLUMNS[monitor]] for row in rows)])


def written(grid: Sequence[Sequence[str]], ends: str = "\n", quoted: Sequence[str] = ()) -> str:
    """Return records as CSV, cells quoted where they must be, and those that `quoted` lists."""
    lines = (",".join(_cell(cell, always=cell in quoted or len(line) == 1) for cell in line) for line in grid)
    return "".join(line + ends for line in lines)


def _cell(cell: str, *, always: bool) -> str:
    needed = always or any(mark in cell for mark in ',"\r\n')
    return '"' + cell.replace('"', '""') + '"' if needed else cell
