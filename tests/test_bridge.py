"""A figure for a period beside every other monitor's incidents: which rung lets in what, and what each sums to."""

from __future__ import annotations

import itertools
import random
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row, figures_frame

from reconcile.bridge import Reader, bridge, unlaid
from reconcile.frames import LinkedClaims, empty, typed
from reconcile.normalize import build_context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconcile.ruleset import Ruleset

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
    return Reader(rules.monitors, rules.vocabularies["perpetrators"], gazetteer)


@pytest.fixture(scope="module")
def lay(reader: Reader) -> Lay:
    """A function that lays a total beside incidents, each given with its low and high killed."""

    def run(
        *incidents: tuple[dict[str, Any], float | None, float | None],
        total: dict[str, Any] | None = None,
        said: Sequence[dict[str, Any]] = (SAID,),
        more: Sequence[dict[str, Any]] = (),
        linked: pd.DataFrame | None = None,
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
    job = Reader(reader.monitors, reader.attackers, reader.gazetteer, date(2017, 6, 6), date(2017, 6, 17))
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
