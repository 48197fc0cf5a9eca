"""A figure for a period beside every other monitor's incidents: which rung lets in what, and what each sums to."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, claim_row, claims_frame, figure_row, figures_frame
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget, frames, with_total

from reconcile.bridge import bridge, unlaid
from reconcile.discrepancies.totals import STEPS, step_title
from reconcile.frames import DerivedTotals, LinkedClaims, empty, typed
from reconcile.normalize import build_context
from reconcile.pipeline import Input, Options, run
from reconcile.read import SourceFile
from reconcile.report.bridges import bridge_sheet
from reconcile.report.totals import totals_sheet
from reconcile.result import RunFacts
from reconcile.scopes import Reader
from reconcile.validate import Within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from strategies import Small

    from reconcile.result import RunResult
    from reconcile.ruleset import Ruleset
    from reconcile.sheets import Sheet

    Lay = Callable[..., pd.DataFrame]

TOTAL = {
    "monitor": "sohr",
    "native_id": "total",
    "kind_code": "total",
    "unit_code": "total",
    "date_start": "2017-06-06",
    "date_end": "2017-06-17",
    "place_name": "Raqqa",
    "place_id": "syr_raqqa",
    "perpetrator_codes": "us_led_coalition",
    "grade_code": "",
}
SAID = figure_row("sohr:total", 117)
# On the first and the last day of the window, so that the monitor's files reach over it.
EDGES = [
    claim_row(90, native_id="first", day="2017-06-06"),
    claim_row(91, native_id="last", day="2017-06-17"),
]


@pytest.fixture(scope="module")
def reader(rules: Ruleset) -> Reader:
    """What the bridge reads rules from."""
    gazetteer = build_context(rules, "airwars").gazetteer
    return Reader(
        rules.monitors, rules.vocabularies["perpetrators"], rules.vocabularies["violence"], gazetteer
    )


@pytest.fixture(scope="module")
def lay(reader: Reader) -> Lay:
    """A function that lays a total beside incidents, each given with its low and high killed."""

    def run(
        *incidents: tuple[dict[str, Any], float | None, float | None],
        total: dict[str, Any] | None = None,
        said: Sequence[dict[str, Any]] = (SAID,),
        more: Sequence[dict[str, Any]] = (),
        linked: pd.DataFrame | None = None,
        derived: pd.DataFrame | None = None,
        by: Reader = reader,
        edges: bool = True,
    ) -> pd.DataFrame:
        rows = [claim_row(n, **{"native_id": f"i{n}"} | row) for n, (row, _, _) in enumerate(incidents)]
        figures = [
            figure_row(row["claim_id"], low, high, is_open=high is None)
            for row, (_, low, high) in zip(rows, incidents, strict=True)
            if low is not None
        ]
        claims = claims_frame(claim_row(99, **TOTAL | (total or {})), *rows, *(EDGES if edges else ()))
        return bridge(
            claims,
            figures_frame(*said, *figures, *more),
            empty(LinkedClaims) if linked is None else linked,
            empty(DerivedTotals) if derived is None else derived,
            by,
        )

    return run


def sums(steps: pd.DataFrame, monitor: str = "airwars") -> dict[str, tuple[float, float | None]]:
    """Low and high by rung, a high of None being open."""
    own = steps[steps["monitor"] == monitor]
    highs = [None if pd.isna(high) else high for high in own["high"]]
    return dict(zip(own["step_code"], zip(own["low"], highs, strict=True), strict=True))


def members(steps: pd.DataFrame, rung: str, monitor: str = "airwars") -> set[str]:
    """Native ids of the claims a rung lets in, the two at the window's edges aside."""
    own = steps[(steps["monitor"] == monitor) & (steps["step_code"] == rung)]
    return {claim.split(":")[1] for claim in " ".join(own["claim_ids"]).split()} - {"first", "last"}


# ---- grades --------------------------------------------------------------------------------------------------------


def test_rungs_of_grades(lay: Lay) -> None:
    """Each grade comes in on its rung; Confirmed and Fair is the monitor's own headline."""
    grades = ["confirmed", "fair", "weak", "contested", "discounted", "no_harm", "ungraded"]
    steps = lay(*(({"grade_code": grade}, 2**n, 2**n + 1) for n, grade in enumerate(grades)))
    found = sums(steps)
    assert {
        rung: found[rung]
        for rung in ("confirmed", "confirmed_fair", "with_weak", "with_contested", "all_grades")
    } == {
        "confirmed": (1, 2),
        "confirmed_fair": (3, 5),
        "with_weak": (7, 10),
        "with_contested": (15, 19),
        "all_grades": (127, 134),
    }
    assert steps.loc[steps["is_headline"], "step_code"].tolist() == ["confirmed_fair"]
    assert steps["step_no"].tolist() == list(range(1, len(steps) + 1))


def test_grade_without_an_incident_is_told(lay: Lay) -> None:
    """A rung of which nothing is known sums to nothing, and is there."""
    steps = lay(({"grade_code": "weak"}, 3, 3))
    assert sums(steps)["confirmed"] == (0, 0)
    assert steps.set_index("step_code").loc["confirmed", "incidents"] == 0


def test_monitor_without_grades(lay: Lay) -> None:
    """A monitor that grades nothing has one rung, and it is its headline."""
    steps = lay(({"monitor": "ucdp_ged", "grade_code": "clear"}, 3, 5), edges=False)
    assert steps.loc[steps["is_headline"], "step_code"].tolist() == ["all_incidents"]
    assert not {"confirmed", "all_grades"} & set(steps["step_code"])
    assert sums(steps, "ucdp_ged")["all_incidents"] == (3, 5)


@pytest.mark.parametrize("seed", [1, 2])
def test_wider_grades_never_sum_to_less(lay: Lay, seed: int) -> None:
    """From rung to rung of the grades low, high and incidents grow, and so do the claims behind them."""
    chance = random.Random(seed)  # noqa: S311 - the same on every run
    grades = ["confirmed", "fair", "weak", "contested", "discounted"]
    steps = lay(
        *(
            ({"grade_code": chance.choice(grades)}, low := chance.randrange(9), low + chance.randrange(3))
            for _ in range(30)
        )
    )
    rungs = steps[
        steps["step_code"].isin(["confirmed", "confirmed_fair", "with_weak", "with_contested", "all_grades"])
    ]
    for column in ("low", "high", "incidents"):
        assert rungs[column].is_monotonic_increasing
    claims = [set(ids.split()) for ids in rungs["claim_ids"]]
    assert all(narrow <= wide for narrow, wide in itertools.pairwise(claims))
    left_out = [set(ids.split()) for ids in rungs["left_out_ids"]]
    assert len({frozenset(held | left) for held, left in zip(claims, left_out, strict=True)}) == 1
    assert not any(held & left for held, left in zip(claims, left_out, strict=True))


# ---- windows -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "rungs"),
    [
        (("2017-06-06", "2017-06-06"), {"headline", "end_day_after", "start_day_before"}),
        (("2017-06-17", "2017-06-17"), {"headline", "end_day_after", "start_day_before"}),
        (("2017-06-17", "2017-06-30"), {"headline", "end_day_after", "start_day_before"}),
        (("2017-06-05", "2017-06-05"), {"start_day_before"}),
        (("2017-06-18", "2017-06-18"), {"end_day_after"}),
        (("2017-06-05", "2017-06-06"), {"start_day_before", "straddling"}),
        (("2017-06-01", "2017-06-15"), {"straddling"}),
        (("2017-06-01", "2017-06-30"), {"straddling"}),
        (("2017-06-01", "2017-06-05"), set()),
        (("2017-06-19", "2017-06-19"), set()),
    ],
)
def test_which_rung_lets_a_window_in(lay: Lay, window: tuple[str, str], rungs: set[str]) -> None:
    """What starts inside belongs; what reaches in straddles; a day more at either end is a rung of its own."""
    steps = lay(({"date_start": window[0], "date_end": window[1]}, 2, 5))
    found = {
        rung for rung in ("start_day_before", "end_day_after", "straddling") if "i0" in members(steps, rung)
    }
    headline = "i0" in members(steps, "confirmed_fair")
    assert found - ({"straddling"} if headline else set()) | ({"headline"} if headline else set()) == rungs


def test_straddling_incident_may_count_as_nobody(lay: Lay) -> None:
    """Of an incident that began before the window, none may belong: its low is 0 there, its high is whole."""
    steps = lay(({}, 10, 12), ({"date_start": "2017-06-01", "date_end": "2017-06-15"}, 2, 5))
    found = sums(steps)
    assert (found["confirmed_fair"], found["straddling"]) == ((10, 12), (10, 17))


def test_days_before_and_after_sum_whole(lay: Lay) -> None:
    """One day earlier and one day later are two rungs, each beside the exact window and not beside the other."""
    found = sums(lay(({}, 10, 12), ({"day": "2017-06-05"}, 3, 3), ({"day": "2017-06-18"}, 4, 5)))
    assert (found["start_day_before"], found["end_day_after"]) == ((13, 15), (14, 17))


def test_no_rung_beyond_the_job_s_own_days(lay: Lay, reader: Reader) -> None:
    """Where the job set earlier days aside, no rung pretends to know them; a total that begins before is not laid."""
    job = replace(reader, from_day=date(2017, 6, 6), to_day=date(2017, 6, 17))
    steps = lay(({}, 10, 12), ({"day": "2017-06-05"}, 3, 3), ({"day": "2017-06-18"}, 4, 5), by=job)
    assert not {"start_day_before", "end_day_after"} & set(steps["step_code"])
    assert len(lay(({}, 10, 12), by=job, total={"date_start": "2017-06-05"})) == 0


def test_files_that_do_not_reach_over_the_window(lay: Lay) -> None:
    """A sum over files that end in the middle of the window says so, and is marked."""
    steps = lay(({"day": "2017-06-08"}, 3, 3), ({"day": "2017-06-10"}, 3, 3), edges=False)
    assert steps["is_covered"].unique().tolist() == [False]
    assert steps["explanation"].str.contains("its files reach over 8–10 June 2017 only").all()
    assert lay(({}, 3, 3))["is_covered"].unique().tolist() == [True]


# ---- numbers -------------------------------------------------------------------------------------------------------


def test_residual_is_the_total_minus_the_sum(lay: Lay) -> None:
    """117 beside 205 to 228 leaves -111 to -88: interval arithmetic, not one difference."""
    steps = lay(({}, 200, 221), ({}, 5, 7)).set_index("step_code")
    row = steps.loc["confirmed_fair"]
    assert (row["low"], row["high"], row["residual_low"], row["residual_high"]) == (205, 228, -111, -88)


def test_open_high_stays_open(lay: Lay) -> None:
    """One "at least" leaves the sum without a top, and the residual without a bottom."""
    row = lay(({}, 10, 12), ({}, 3, None)).set_index("step_code").loc["confirmed_fair"]
    assert (row["low"], row["residual_high"]) == (13, 104)
    assert pd.isna(row["high"])
    assert pd.isna(row["residual_low"])
    assert "13 or more" in row["explanation"]


def test_open_total_has_an_open_residual(lay: Lay) -> None:
    """A total of at least 117 leaves at least so many unexplained, and no more can be said."""
    said = figure_row("sohr:total", 117, is_open=True)
    row = lay(({}, 10, 12), said=[said]).set_index("step_code").loc["confirmed_fair"]
    assert row["residual_low"] == 105
    assert pd.isna(row["residual_high"])


def test_incident_without_a_number_is_counted_and_adds_nothing(lay: Lay) -> None:
    """The sentence says how many incidents of the rung state no number."""
    row = lay(({}, 10, 12), ({}, None, None), edges=False).set_index("step_code").loc["confirmed_fair"]
    assert (row["low"], row["high"]) == (10, 12)
    assert "1 of them without a number" in row["explanation"]
    assert set(row["claim_ids"].split()) == {"airwars:i0", "airwars:i1"}


@pytest.mark.parametrize(
    "other",
    [
        {"role_code": "conceded"},
        {"measure_code": "injured"},
        {"population_code": "combatant"},
        {"population_code": "all"},
        {"age_group_code": "child"},
        {"sex_code": "female"},
    ],
)
def test_other_figures_stay_out(lay: Lay, other: dict[str, Any]) -> None:
    """Conceded, injured, fighters, everyone, children and women enter no sum of civilians killed."""
    steps = lay(({}, 10, 12), ({}, None, None), more=[figure_row("airwars:i1", 50, **other)])
    assert sums(steps)["all_grades"] == (10, 12)


def test_each_figure_of_a_total_has_its_own_bridge(lay: Lay) -> None:
    """Killed and injured are laid apart, each beside its own kind."""
    said = [SAID, figure_row("sohr:total", 100, measure_code="injured", is_open=True)]
    steps = lay(({}, 10, 12), said=said, more=[figure_row("airwars:i0", 4, measure_code="injured")])
    headline = steps[steps["is_headline"]].set_index("measure_code")
    assert headline["low"].to_dict() == {"killed": 10, "injured": 4}


def linked_parts(*names: str) -> pd.DataFrame:
    """Airwars claims that are parts of one incident."""
    rows = [
        {"claim_id": f"airwars:{name}", "cluster_id": "inc_1", "cluster_kind_code": "incident", "relation_code": "part_of", "link_basis_code": "split"}
        for name in names
    ]  # fmt: skip
    return typed(LinkedClaims, pd.DataFrame(rows))


def test_parts_that_repeat_a_number_count_it_once(lay: Lay) -> None:
    """CS965a and b both bear the same injured: they are added once; their killed are their own and are added up."""
    injured = {"measure_code": "injured"}
    steps = lay(
        ({}, 5, 5), ({}, 5, 5), ({}, 3, 4),
        said=[SAID, figure_row("sohr:total", 100, **injured)],
        more=[figure_row(f"airwars:i{n}", 12, 24, **injured) for n in range(3)],
        linked=linked_parts("i0", "i1"),
    )  # fmt: skip
    headline = steps[steps["is_headline"]].set_index("measure_code")
    assert headline.loc["injured", ["low", "high"]].tolist() == [24, 48]
    assert headline.loc["killed", ["low", "high"]].tolist() == [13, 14]


def test_parts_of_different_numbers_are_added(lay: Lay) -> None:
    """Two parts that state different injured state two numbers."""
    injured = {"measure_code": "injured"}
    more = [figure_row("airwars:i0", 12, **injured), figure_row("airwars:i1", 7, **injured)]
    steps = lay(
        ({}, 5, 5),
        ({}, 5, 5),
        said=[figure_row("sohr:total", 100, **injured)],
        more=more,
        linked=linked_parts("i0", "i1"),
    )
    assert sums(steps)["confirmed_fair"] == (19, 19)


# ---- places --------------------------------------------------------------------------------------------------------


def test_town_is_a_rung_below_the_governorate(lay: Lay) -> None:
    """A bare "Raqqa" takes in the governorate; what is in the town, by name or by its point, is a rung."""
    steps = lay(
        ({"place_id": "syr_raqqa"}, 1, 1),
        ({"latitude": 35.95, "longitude": 39.01}, 2, 2),
        ({"latitude": 36.3, "longitude": 39.01}, 4, 4),
        ({}, 8, 8),
        ({"admin1": "Homs"}, 16, 16),
    )
    assert (sums(steps)["confirmed_fair"], sums(steps)["town_only"]) == ((15, 15), (3, 3))


def test_total_of_a_governorate_has_no_town(lay: Lay) -> None:
    """A total that is about the governorate is not cut down to the town of its name."""
    steps = lay(
        ({"place_id": "syr_raqqa"}, 1, 1),
        total={"place_id": "syr_gov_ar_raqqa", "place_kind_code": "governorate"},
    )
    assert "town_only" not in set(steps["step_code"])


def test_total_of_a_country(lay: Lay) -> None:
    """A total that states its country only takes in every governorate of it, and no other country."""
    steps = lay(
        ({"admin1": "Homs"}, 1, 1), ({}, 2, 2), ({"admin1": "Anbar", "country_code": "IRQ"}, 4, 4),
        total={"place_id": "", "place_name": "Syria", "admin1": ""},
    )  # fmt: skip
    assert sums(steps)["confirmed_fair"] == (3, 3)


@pytest.mark.parametrize(
    ("total", "reason"),
    [
        ({"date_end": None}, "it states no window"),
        ({"date_start": None, "date_end": None}, "it states no window"),
        ({"admin1": "", "country_code": "", "place_id": ""}, "it states no place that is known"),
    ],
)
def test_total_without_window_or_place_is_laid_beside_nothing(
    lay: Lay, reader: Reader, total: dict[str, Any], reason: str
) -> None:
    """No steps are made up for it, and the reason is at hand."""
    assert len(lay(({}, 10, 12), total=total)) == 0
    assert unlaid(claims_frame(claim_row(1, **TOTAL | total)), reader) == {"sohr:total": reason}


# ---- attackers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("incident", "rung"),
    [
        ({"perpetrator_codes": "us_led_coalition"}, "confirmed_fair"),
        ({"perpetrator_codes": "russia us_led_coalition"}, "confirmed_fair"),
        ({"perpetrator_codes": "usa"}, "attacker_rolled_up"),
        ({"perpetrator_codes": "usa", "attribution_code": "parties"}, "attacker_not_stated"),
        (
            {"perpetrator_codes": "us_led_coalition islamic_state", "attribution_code": "parties"},
            "attacker_not_stated",
        ),
        ({"perpetrator_codes": ""}, "attacker_not_stated"),
        ({"perpetrator_codes": "unknown"}, "attacker_not_stated"),
        ({"perpetrator_codes": "russia"}, ""),
    ],
)
def test_which_rung_lets_an_attacker_in(lay: Lay, incident: dict[str, Any], rung: str) -> None:
    """The one named comes first; one that acts as part of it, and a record that names none, have rungs of their own."""
    steps = lay((incident, 2, 5))
    found = {step for step in steps["step_code"] if "i0" in members(steps, step)}
    assert found & {"confirmed_fair", "attacker_rolled_up", "attacker_not_stated"} - (
        {"attacker_rolled_up", "attacker_not_stated"} if rung == "confirmed_fair" else set()
    ) == ({rung} if rung else set())


def test_member_and_coalition_both_ways(lay: Lay) -> None:
    """A total about the United States is rolled up to the Coalition as well as the other way round."""
    steps = lay(({"perpetrator_codes": "us_led_coalition"}, 2, 5), total={"perpetrator_codes": "usa"})
    assert "i0" in members(steps, "attacker_rolled_up")
    assert "i0" not in members(steps, "confirmed_fair")


def test_total_that_names_no_attacker_takes_all(lay: Lay) -> None:
    """Where the total names nobody, every incident of the place and days is in its sum."""
    steps = lay(
        ({"perpetrator_codes": "russia"}, 2, 5),
        ({"perpetrator_codes": ""}, 1, 1),
        total={"perpetrator_codes": ""},
    )
    assert sums(steps)["confirmed_fair"] == (3, 6)
    assert not {"attacker_rolled_up", "attacker_not_stated"} & set(steps["step_code"])


# ---- who is laid beside whom ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "incident",
    [
        {"monitor": "sohr"},
        {"unit_code": "event_summary", "monitor": "ucdp_ged"},
        {"kind_code": "total", "unit_code": "total", "monitor": "snhr"},
        {"day": None, "edtf": "", "date_precision_code": 0, "monitor": "ucdp_ged"},
    ],
)
def test_what_is_never_summed(lay: Lay, incident: dict[str, Any]) -> None:
    """The total's own monitor, summaries, other totals and undated records are in no sum of incidents."""
    assert len(lay((incident, 10, 12), edges=False)) == 0


def test_monitors_are_laid_apart(lay: Lay) -> None:
    """Each monitor has its own bridge: no sum runs across monitors."""
    steps = lay(({}, 10, 12), ({"monitor": "ucdp_ged"}, 3, 3))
    assert (sums(steps)["confirmed_fair"], sums(steps, "ucdp_ged")["all_incidents"]) == ((10, 12), (3, 3))


def test_monitor_without_such_a_figure_is_left_out(lay: Lay) -> None:
    """A monitor that states no civilians killed at all has no bridge of zeros."""
    steps = lay(({}, 10, 12), ({"monitor": "cjtf_oir", "unit_code": "allegation"}, None, None))
    assert steps["monitor"].unique().tolist() == ["airwars"]


def test_order_of_claims_does_not_matter(lay: Lay) -> None:
    """Incidents in another order give the same steps."""
    rows = [({"native_id": f"x{n}", "grade_code": ("fair", "weak")[n % 2]}, n, n + 1) for n in range(8)]
    pd.testing.assert_frame_equal(lay(*rows), lay(*reversed(rows)))


# ---- the ground of a total -----------------------------------------------------------------------------------------

CITY = {"place_kind_code": "city"}
MANBIJ = {
    "place_name": "Manbij district",
    "place_kind_code": "district",
    "place_id": "",
    "admin1": "Aleppo",
}


def headline(steps: pd.DataFrame) -> tuple[float, float | None]:
    """Low and high of the headline."""
    (code,) = steps.loc[steps["is_headline"], "step_code"]
    return sums(steps)[code]


def test_stated_town_is_the_base_and_the_governorate_a_rung(lay: Lay) -> None:
    """A total of the city is laid beside what is in the city; the governorate around it is one rung more."""
    steps = lay(
        ({"place_id": "syr_raqqa", "place_kind_code": "city"}, 1, 1),
        ({"latitude": 35.95, "longitude": 39.01}, 2, 2),
        ({"latitude": 36.3, "longitude": 39.01}, 4, 4),
        ({"admin1": "Homs"}, 16, 16),
        total=CITY,
        edges=False,
    )
    assert headline(steps) == (3, 3)
    assert sums(steps)["place_rolled_up"] == (7, 7)
    assert not {"town_only", "place_not_told"} & set(steps["step_code"])


@pytest.mark.parametrize(
    "incident",
    [
        {"place_name": "", "location_precision_code": 5},
        {"place_name": "Raqqa", "place_id": "syr_raqqa", "location_precision_code": 5},
        {"place_name": "Raqqa governorate", "place_id": "syr_gov_ar_raqqa", "place_kind_code": "governorate", "location_precision_code": 6},
        {"latitude": 35.95, "longitude": 39.01, "location_precision_code": 5},
        {"latitude": 36.1, "longitude": 39.01, "location_precision_code": 3},
        {"place_name": "An Unknown Quarter"},
        {"admin1": "", "place_name": "", "location_precision_code": 6},
    ],
)  # fmt: skip
def test_place_too_coarse_to_tell_is_a_rung(lay: Lay, incident: dict[str, Any]) -> None:
    """Only the governorate, a centroid, a point too rough, a name no table knows: neither in the town nor out of it."""
    steps = lay(
        ({"place_id": "syr_raqqa", "place_kind_code": "city"}, 1, 2),
        (incident, 8, 9),
        total=CITY,
        edges=False,
    )
    assert (headline(steps), sums(steps)["place_not_told"]) == ((1, 2), (1, 11))


@pytest.mark.parametrize(
    ("incident", "rung"),
    [
        ({"admin2": "Manbij district"}, "confirmed_fair"),
        ({"admin2": "al-Manbij"}, "confirmed_fair"),
        ({"admin2": "Al Bab district", "latitude": 36.53, "longitude": 37.95}, ""),
        ({"admin2": "", "location_precision_code": 5}, "place_not_told"),
    ],
)
def test_district_is_told_by_its_name(lay: Lay, incident: dict[str, Any], rung: str) -> None:
    """A published district decides, in whatever spelling; where none is published it is not told."""
    steps = lay(({"admin1": "Aleppo"} | incident, 8, 9), total=MANBIJ, edges=False)
    found = [step for step in ("confirmed_fair", "place_not_told") if "i0" in members(steps, step)]
    assert found == ([rung] if rung else [])
    assert sums(steps)["place_rolled_up"] == (8, 9)


def test_street_is_told_by_its_name_alone(lay: Lay) -> None:
    """A street that no table knows is no governorate: what bears its name is in, what is placed less finely is not told."""
    steps = lay(
        ({"place_name": "Old Mill Street, Raqqa", "place_id": "syr_raqqa"}, 1, 1),
        ({"place_name": "Raqqa", "place_id": "syr_raqqa"}, 2, 2),
        total={"place_name": "Old Mill Street, Raqqa"},
        edges=False,
    )
    assert (headline(steps), sums(steps)["place_not_told"], sums(steps)["place_rolled_up"]) == (
        (1, 1),
        (1, 3),
        (3, 3),
    )


@pytest.mark.parametrize("name", ["eastern Syria", "northern Ar-Raqqa governorate"])
def test_some_part_of_a_land_has_no_headline_of_the_whole(lay: Lay, name: str) -> None:
    """The east of a country has no bounds that anybody stated: no incident is surely in it, and the whole is a rung."""
    admin1 = "" if "Syria" in name else "Ar-Raqqa"
    steps = lay(({}, 8, 9), total={"place_name": name, "place_id": "", "admin1": admin1}, edges=False)
    assert (headline(steps), sums(steps)["place_not_told"]) == ((0, 0), (0, 9))


def test_directed_governorate_is_itself(lay: Lay) -> None:
    """North Gaza is a governorate of that name and not a part of Gaza."""
    gaza = {"country_code": "PSE", "admin1": "Gaza Strip"}
    about = {"place_name": "West Bank", "place_id": "pse_gov_west_bank", "place_kind_code": "governorate", "admin1": "West Bank", "country_code": "PSE"}  # fmt: skip
    steps = lay((about, 8, 9), (gaza, 1, 1), total=about, edges=False)
    assert headline(steps) == (8, 9)


@pytest.mark.parametrize("kind", ["", "city_and_countryside"])
def test_city_and_countryside_is_the_governorate_with_the_town_as_a_rung(lay: Lay, kind: str) -> None:
    """What lies around a city is written of up to the governorate's bounds, so that is the base; the town is a rung."""
    steps = lay(
        ({"place_id": "syr_raqqa"}, 1, 1), ({"latitude": 36.3, "longitude": 39.01}, 4, 4),
        total={"place_name": "Raqqa city and countryside", "place_kind_code": kind}, edges=False,
    )  # fmt: skip
    assert (headline(steps), sums(steps)["town_only"]) == ((5, 5), (1, 1))


def test_town_that_no_table_knows_is_not_its_country(lay: Lay) -> None:
    """A total of a village nobody has coordinates of is laid beside records of that name, the country being a rung."""
    steps = lay(
        ({"place_name": "Tell Example"}, 1, 1),
        ({"place_name": "Raqqa", "place_id": "syr_raqqa"}, 4, 4),
        total={"place_name": "Tell Example", "place_kind_code": "village", "place_id": "", "admin1": ""},
        edges=False,
    )
    assert (headline(steps), sums(steps)["place_rolled_up"]) == ((1, 1), (5, 5))


@pytest.mark.parametrize("name", ["Nationwide", "All of Syria", "Syria"])
def test_name_of_everywhere_is_the_country(lay: Lay, name: str) -> None:
    """Nationwide is no village of that name."""
    steps = lay(
        ({}, 2, 2),
        ({"admin1": "Homs"}, 1, 1),
        total={"place_name": name, "place_id": "", "admin1": ""},
        edges=False,
    )
    assert headline(steps) == (3, 3)


def test_total_of_two_countries_is_laid_beside_both(lay: Lay) -> None:
    """Iraq and Syria is both, whichever of them the claim was filed under."""
    both = {"place_name": "Iraq and Syria", "place_id": "", "admin1": "", "country_code": "IRQ"}
    anbar = {"admin1": "Al-Anbar", "country_code": "IRQ"}
    steps = lay(({}, 2, 2), (anbar, 1, 1), ({"country_code": "LBN", "admin1": "Beirut"}, 8, 8), total=both)
    assert headline(steps) == (3, 3)
    assert steps["is_covered"].all()


def test_monitor_without_one_of_two_countries_is_not_whole(lay: Lay) -> None:
    """A file that holds no incident of Iraq can't be summed over Iraq and Syria, and says so."""
    both = {"place_name": "Iraq and Syria", "place_id": "", "admin1": "", "country_code": "IRQ"}
    steps = lay(({}, 2, 2), total=both)
    assert not steps["is_covered"].any()
    assert steps["explanation"].str.contains("its files hold no incident in Iraq then").all()


def test_two_governorates_are_laid_beside_both(lay: Lay) -> None:
    """Gaza Strip and West Bank is both."""
    both = {"place_name": "Gaza Strip and West Bank", "place_id": "pse_gov_gaza_strip", "place_kind_code": "governorate", "admin1": "Gaza Strip", "country_code": "PSE"}  # fmt: skip
    steps = lay(
        ({"country_code": "PSE", "admin1": "Gaza Strip"}, 2, 2), ({"country_code": "PSE", "admin1": "West Bank"}, 1, 1),
        total=both, edges=False,
    )  # fmt: skip
    assert headline(steps) == (3, 3)


def test_record_without_a_governorate_may_be_there(lay: Lay) -> None:
    """A record that states the country only is neither in a governorate nor out of it; a point far off is out."""
    nowhere = {"admin1": "", "place_name": ""}
    steps = lay(
        ({}, 1, 1), (nowhere | {"location_precision_code": 6}, 2, 2),
        (nowhere | {"latitude": 33.5, "longitude": 36.3}, 4, 4), (nowhere | {"country_code": "IRQ"}, 8, 8),
        total={"place_id": "syr_gov_ar_raqqa", "place_kind_code": "governorate"}, edges=False,
    )  # fmt: skip
    assert (headline(steps), sums(steps)["place_not_told"]) == ((1, 1), (1, 3))


# ---- means ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "rungs"),
    [
        ("air", {"headline", "weapon_stated", "weapon_other_left_out"}),
        ("air drone", {"headline", "weapon_stated", "weapon_other_left_out"}),
        ("", {"headline", "weapon_other_left_out"}),
        ("unknown", {"headline", "weapon_other_left_out"}),
        ("state_based", {"headline", "weapon_other_left_out"}),
        ("air_or_artillery", {"headline", "weapon_other_left_out"}),
        ("explosive", {"headline", "weapon_other_left_out"}),
        ("artillery", {"headline"}),
        ("shooting", {"headline"}),
    ],
)
def test_which_rung_lets_a_means_in(lay: Lay, stated: str, rungs: set[str]) -> None:
    """The headline takes whatever weapon is stated; two rungs narrow it, to the total's own and to all but others."""
    steps = lay(
        ({"violence_code": stated}, 2, 5),
        ({"violence_code": "artillery"}, 1, 1),
        total={"violence_code": "air"},
    )
    found = {step for step in ("weapon_stated", "weapon_other_left_out") if "i0" in members(steps, step)}
    assert found | ({"headline"} if "i0" in members(steps, "confirmed_fair") else set()) == rungs


def test_total_without_means_takes_all(lay: Lay) -> None:
    """Where the total states no means, neither do its rungs."""
    steps = lay(({"violence_code": "air"}, 2, 2), ({"violence_code": "artillery"}, 1, 1))
    assert headline(steps) == (3, 3)
    assert not {"weapon_stated", "weapon_other_left_out"} & set(steps["step_code"])


# ---- populations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "incident", "code", "expected"),
    [
        ("civilian", "all", "population_wider", (7, 9)),
        ("civilian", "unknown", "population_unknown_added", (0, 9)),
        ("combatant", "all", "population_wider", (7, 9)),
        ("all", "civilian", "population_narrower", (7, 9)),
        ("all", "unknown", "population_not_stated", (7, 9)),
        ("unknown", "all", "population_wider", (7, 9)),
        ("unknown", "civilian", "population_narrower", (7, 9)),
        ("civilian", "combatant", "", None),
    ],
)
def test_other_people_are_orientation_only(
    lay: Lay, total: str, incident: str, code: str, expected: tuple[float, float] | None
) -> None:
    """A monitor that states no figure of the total's people has no headline, and nothing is subtracted from it."""
    said = figure_row("sohr:total", 117, population_code=total)
    number = figure_row("airwars:i0", 7, 9, population_code=incident)
    steps = lay(({}, None, None), said=[said], more=[number])
    assert set(steps["step_code"]) == ({code} if code else set())
    if expected:
        (row,) = steps.itertuples()
        assert ((row.low, row.high), row.is_headline) == (expected, False)
        assert pd.isna(row.residual_low)
        assert pd.isna(row.residual_high)
        assert "orientation only" in row.explanation


def test_own_people_first_and_others_after(lay: Lay) -> None:
    """Where a monitor states civilians and everybody, the headline is civilians and everybody a rung at the end."""
    more = [
        figure_row("airwars:i0", 20, 22, population_code="all"),
        figure_row("airwars:i0", 3, 4, population_code="unknown"),
    ]
    steps = lay(({}, 10, 12), more=more)
    assert (headline(steps), sums(steps)["population_wider"], sums(steps)["population_unknown_added"]) == (
        (10, 12), (20, 22), (10, 16),
    )  # fmt: skip
    assert steps["step_code"].tolist()[-2:] == ["population_wider", "population_unknown_added"]


def test_conceded_is_a_rung_of_its_own(lay: Lay) -> None:
    """What a belligerent concedes stands beside a total for orientation: no headline, no residual, and in no other sum."""
    conceded = [figure_row(f"cjtf_oir:i{n}", 5, 6, role_code="conceded") for n in range(2)]
    strike = {"monitor": "cjtf_oir", "unit_code": "allegation", "grade_code": "credible"}
    steps = lay((strike, None, None), (strike, None, None), (strike, None, None), ({}, 10, 12), more=conceded)
    (row,) = steps[steps["monitor"] == "cjtf_oir"].itertuples()
    assert (row.step_code, row.incidents, row.low, row.high, row.is_headline) == (
        "conceded",
        2,
        10,
        12,
        False,
    )
    assert pd.isna(row.residual_low)
    assert sums(steps)["all_grades"] == (10, 12)


# ---- derived totals and parts --------------------------------------------------------------------------------------


def derived_total(low: float | None, high: float | None) -> pd.DataFrame:
    """A difference of two totals of SOHR for 11 to 17 June."""
    row = {
        "derived_id": "drv_1", "topic_id": "top_1", "monitor": "sohr", "later_id": "sohr:total", "earlier_id": "sohr:earlier",
        "measure_code": "killed", "population_code": "civilian", "sex_code": "any", "age_group_code": "any",
        "date_start": pd.Timestamp("2017-06-11"), "date_end": pd.Timestamp("2017-06-17"), "low": low, "high": high,
        "explanation": "117 less 68.",
    }  # fmt: skip
    return typed(DerivedTotals, pd.DataFrame([row]))


@pytest.mark.parametrize(
    ("bounds", "residual"), [((49, 49), (39, 41)), ((-5, None), (-15, None)), ((None, 20), (None, 12))]
)
def test_derived_total_is_laid_in_its_own_window(
    lay: Lay, bounds: tuple[float | None, float | None], residual: tuple[float | None, float | None]
) -> None:
    """A difference is laid like a total, with the place and attacker of the later one; it may be open, or below zero."""
    steps = lay(({"day": "2017-06-12"}, 8, 10), ({"day": "2017-06-10"}, 4, 4), derived=derived_total(*bounds))
    own = steps[(steps["total_id"] == "drv_1") & steps["is_headline"]]
    (row,) = own.itertuples()
    assert (row.low, row.high) == (8, 10)
    assert tuple(None if pd.isna(end) else end for end in (row.residual_low, row.residual_high)) == residual


def test_window_that_ends_before_it_starts_is_laid_beside_nothing(lay: Lay, reader: Reader) -> None:
    """It is kept, and the reason is at hand."""
    crossed = {"date_start": "2017-06-17", "date_end": "2017-06-06"}
    assert len(lay(({}, 10, 12), total=crossed)) == 0
    assert unlaid(claims_frame(claim_row(1, **TOTAL | crossed)), reader) == {
        "sohr:total": "its window ends before it starts"
    }


def test_part_that_straddles_repeats_nothing(lay: Lay) -> None:
    """Of two parts with one number, one inside and one that straddles, the one inside stands for both on every rung."""
    injured = {"measure_code": "injured"}
    steps = lay(
        ({"native_id": "a", "date_start": "2017-06-04", "date_end": "2017-06-06"}, None, None), ({"native_id": "b"}, None, None),
        said=[figure_row("sohr:total", 100, **injured)],
        more=[figure_row(f"airwars:{name}", 12, 24, **injured) for name in "ab"],
        linked=linked_parts("a", "b"),
    )  # fmt: skip
    assert sums(steps)["confirmed_fair"] == sums(steps)["straddling"] == (12, 24)
    assert (steps["residual_low"] == 100 - steps["high"]).all()


# ---- the page ------------------------------------------------------------------------------------------------------

FACTS = RunFacts(
    job="test", title="A test", as_of=date(2026, 11, 1), quantities="airwars", include_names=False, within="", rules_digest="",
    inputs_digest="", run_digest="", previous_run="", version="",
)  # fmt: skip


@pytest.fixture(scope="module")
def demo(rules: Ruleset) -> RunResult:
    """The shipped example, run without its job."""
    files = sorted((ROOT / "fixtures" / "demo").glob("*.csv"))
    inputs = [Input(path.name, SourceFile(path.name, path.read_bytes())) for path in files]
    return run(inputs, rules, Options(FACTS, Within()), lambda _: None)


@pytest.fixture(scope="module")
def page(demo: RunResult) -> Sheet:
    """Its Bridge page."""
    return bridge_sheet(demo)


def test_page_opens_with_the_starting_case(page: Sheet) -> None:
    """The figure that no headline meets comes first, said in words, with Airwars' own headline marked beside it."""
    block = page.blocks[1]
    assert block.heading == (
        "SOHR: 117 civilians killed (air strike) by US-led Coalition (CJTF-OIR), 6–17 June 2017, Raqqa (town or governorate not said), "
        "via news article, 18 June 2017"
    )
    rows = block.rows.set_index("label")
    assert rows.index[0] == "SOHR states"
    own = rows.loc["Airwars: Confirmed + Fair ◄ its own headline"]
    assert (own["shown"], own["incidents"], own["difference"]) == ("205–228", 56, "88–111 more than stated")
    assert rows.loc["Airwars: Confirmed only", "difference"] == "58–63 fewer than stated"
    assert rows.loc["UCDP GED: + attacker not stated", "difference"].endswith("(by any attacker)")
    assert block.notes[0].startswith(
        "By its own headline (Confirmed + Fair) Airwars sums to 205–228: 88–111 more"
    )


def test_page_draws_a_chart_of_each_total(page: Sheet) -> None:
    """Each block has its chart of floating bars: from low to high, the stated figure as lines, open ends told."""
    assert [chart.block for chart in page.charts] == list(range(1, len(page.blocks)))
    assert page.charts[0].title == page.blocks[1].heading.removesuffix(", via news article, 18 June 2017")
    assert any("“hundreds” (100 or more) civilians injured" in block.heading for block in page.blocks)
    for chart in page.charts:
        rows = page.blocks[chart.block].rows
        first = rows.iloc[0]
        assert chart.marks == tuple(
            sorted({end for end in (first["low"], first["high"]) if not pd.isna(end)})
        )
        assert (rows["low"] + rows["width"] == rows["high"].fillna(rows["low"])).all()
        assert (rows["is_open"] == rows["high"].isna()).all()


def test_page_names_every_step(demo: RunResult) -> None:
    """No step is called by its code: what the page and a finding say has words for each."""
    graded = {rung.code for monitor in demo.rules.monitors.values() for rung in monitor.grade_rungs}
    assert set(demo.bridge["step_code"]) <= {*STEPS, *graded}
    assert step_title(demo.rules.monitors["airwars"], "all_grades") == "all grades"
    assert step_title(None, "population_wider") == "everybody (orientation)"


def test_page_of_many_totals_shows_the_most_telling(demo: RunResult) -> None:
    """At most a dozen figures stand on the page, few of one topic before another's; the rest is counted."""
    rows = demo.claims[demo.claims["claim_id"] == "sohr:since-6-june"]
    copies = [rows.assign(claim_id=f"sohr:copy-{n:02}") for n in range(20)]
    figures = demo.figures[demo.figures["claim_id"] == "sohr:since-6-june"]
    steps = demo.bridge[demo.bridge["total_id"] == "sohr:since-6-june"]
    many = replace(
        demo,
        claims=pd.concat([demo.claims, *copies], ignore_index=True),
        figures=pd.concat([demo.figures, *(figures.assign(claim_id=f"sohr:copy-{n:02}") for n in range(20))]),
        bridge=pd.concat([demo.bridge, *(steps.assign(total_id=f"sohr:copy-{n:02}") for n in range(20))]),
    )
    sheet = bridge_sheet(many)
    assert len(sheet.blocks) == 13
    more = len(bridge_sheet(demo).blocks) - 1 + 20 - 12
    assert (
        f"{more} more figures were laid beside incidents; all of them stand on Totals."
        in sheet.blocks[0].notes
    )


def test_page_without_a_bridge_says_so(demo: RunResult) -> None:
    """Where nothing was laid, the page is one sentence."""
    none = replace(demo, bridge=demo.bridge.iloc[:0], discrepancies=demo.discrepancies.iloc[:0])
    (block,) = bridge_sheet(none).blocks
    assert block.notes == ("No total was laid beside incidents; the sheet Totals says why.",)


def test_totals_sheet_tells_drafts_and_differences_apart(demo: RunResult) -> None:
    """A draft nobody accepted, and a difference nobody stated, are said to be such on Totals, rungs below both."""
    claims = demo.claims.assign(
        grade_code=demo.claims["grade_code"].mask(demo.claims["claim_id"] == "sohr:since-6-june", "draft")
    )
    made = derived_total(49, 49).assign(later_id="sohr:since-6-june", earlier_id="sohr:5-to-10-june")
    steps = demo.bridge[demo.bridge["total_id"] == "sohr:since-6-june"].assign(total_id="drv_1")
    changed = replace(demo, claims=claims, derived=made, bridge=pd.concat([demo.bridge, steps]))
    rows = totals_sheet(changed).blocks[0].rows
    assert rows.loc[rows["total_id"] == "sohr:since-6-june", "row_kind"].iloc[0] == "stated (draft)"
    derived = rows[rows["total_id"] == "drv_1"]
    assert derived["row_kind"].tolist()[:2] == ["derived", "rung"]
    assert derived["claims"].iloc[0] == 2
    assert "draft" in bridge_sheet(changed).blocks[1].heading


# ---- properties ----------------------------------------------------------------------------------------------------

MAYBE = {"straddling": "", "place_not_told": "", "town_not_told": "town_only"}


@st.composite
def worlds(draw: st.DrawFn) -> Small:
    """A small run with a total whose place, means and people are stated in many ways, and incidents of many means and people."""
    small = draw(with_total(frames(least=3)))
    is_total = (small.claims["kind_code"] == "total").to_numpy()
    means = st.sampled_from(["", "air", "artillery", "air_or_artillery", "state_based", "air shooting"])
    kind = draw(st.sampled_from(["", "city", "governorate", "city_and_countryside"]))
    claims = small.claims.assign(
        violence_code=draw(st.lists(means, min_size=len(is_total), max_size=len(is_total))),
        place_kind_code=small.claims["place_kind_code"].mask(is_total, kind),
    )
    said = (small.figures["claim_id"] == "sohr:X99").to_numpy()
    people = draw(st.sampled_from(["civilian", "civilian", "all", "combatant"]))
    return small._replace(
        claims=claims.astype(small.claims.dtypes),
        figures=small.figures.assign(population_code=small.figures["population_code"].mask(said, people)),
    )


def steps_of(small: Small, reader: Reader) -> pd.DataFrame:
    """Steps of a run; claims of one code and another last letter are parts of one incident."""
    parts = small.claims[small.claims["native_id"].str.match(r"CS\d+[a-c]$")]
    rows = [
        {"claim_id": claim, "cluster_id": f"inc_{code[:-1]}", "cluster_kind_code": "incident", "relation_code": "part_of", "link_basis_code": "split"}
        for claim, code in zip(parts["claim_id"], parts["native_id"], strict=True)
    ]  # fmt: skip
    linked = typed(LinkedClaims, pd.DataFrame(rows)) if rows else empty(LinkedClaims)
    return bridge(small.claims, small.figures, linked, empty(DerivedTotals), reader)


def ladders(steps: pd.DataFrame) -> list[pd.DataFrame]:
    """The steps of each total, figure and monitor, by code, with an endless high where it is open."""
    keys = ["total_id", "measure_code", "population_code", "monitor"]
    return [
        rows.fillna({"high": np.inf}).set_index("step_code", drop=False) for _, rows in steps.groupby(keys)
    ]


@budget(15)
@given(worlds())
def test_bridge_maybe_never_raises_the_low(reader: Reader, small: Small):
    """What straddles the window, or may lie elsewhere, leaves the low as it was, and lowers neither high nor incidents."""
    for rungs in ladders(steps_of(small, reader)):
        for code, beside in MAYBE.items():
            if code not in rungs.index:
                continue
            base = rungs[rungs["step_code"] == beside] if beside else rungs[rungs["is_headline"]]
            low, high, count = base[["low", "high", "incidents"]].to_numpy()[0] if len(base) else (0, 0, 0)
            assert rungs.loc[code, "low"] == low
            assert rungs.loc[code, "high"] >= high
            assert rungs.loc[code, "incidents"] > count


@budget(15)
@given(worlds())
def test_bridge_other_populations_bear_no_headline(reader: Reader, small: Small):
    """Sums of other people are no headline and leave no residual; without figures of the total's own people nothing else is told."""
    steps = steps_of(small, reader)
    other = steps["step_code"].str.startswith("population_") | (steps["step_code"] == "conceded")
    assert not steps.loc[other, "is_headline"].any()
    assert steps.loc[other, ["residual_low", "residual_high"]].isna().all(axis=None)
    for rungs in ladders(steps):
        row = rungs.iloc[0]
        own = small.figures[
            (small.figures["measure_code"] == row["measure_code"])
            & (small.figures["population_code"] == row["population_code"])
            & (small.figures["age_group_code"] == "any")
            & (small.figures["role_code"] == "alleged")
            & small.figures["claim_id"].str.startswith(f"{row['monitor']}:")
        ]
        assert rungs["is_headline"].sum() == (1 if len(own) else 0)


@budget(15)
@given(worlds())
def test_bridge_means_only_narrow(reader: Reader, small: Small):
    """Rungs of means hold claims of the headline only, and none of artillery alone beside a total of air strikes."""
    means = small.claims.set_index("claim_id")["violence_code"]
    steps = steps_of(small, reader)
    headlines = steps[steps["is_headline"]].set_index(
        ["total_id", "measure_code", "population_code", "monitor"]
    )
    for step in steps[steps["step_code"].str.startswith("weapon_")].itertuples():
        top = headlines.loc[(step.total_id, step.measure_code, step.population_code, step.monitor)]
        own = set(step.claim_ids.split())
        assert own <= set(top["claim_ids"].split())
        assert step.low <= top["low"]
        if means[step.total_id] == "air":
            assert "artillery" not in set(means.reindex(sorted(own)))


@budget(15)
@given(worlds())
def test_bridge_split_parts_count_once(reader: Reader, small: Small):
    """On every rung the high is that of its claims, the injured that the parts of one incident repeat added once."""
    whole = small.figures[(small.figures["age_group_code"] == "any") & (small.figures["sex_code"] == "any")]
    for step in steps_of(small, reader).itertuples():
        if step.step_code.startswith("population_") or step.step_code == "conceded":
            continue
        own = whole[
            whole["claim_id"].isin(step.claim_ids.split())
            & (whole["measure_code"] == step.measure_code)
            & (whole["population_code"] == step.population_code)
        ]
        group = own["claim_id"].str.replace(r"(CS\d+)[a-c]$", r"\1", regex=True)
        once = own.assign(group=group)
        if step.measure_code == "injured":
            once = once.drop_duplicates(["group", "low", "high"])
        assert step.high == pytest.approx(once["high"].sum(skipna=False), nan_ok=True)
        assert step.low <= once["low"].sum()
        assert not set(step.claim_ids.split()) & set(step.left_out_ids.split())
