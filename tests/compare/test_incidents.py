"""How far two incidents agree: one level per comparison, the same from either side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row, on_lists

from reconcile.compare.incidents import attacker_level

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.compare import Surroundings
    from reconcile.ruleset import Ruleset

    Compare = Callable[..., pd.DataFrame]


# ---- dates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("2017-06-10", "2017-06-10", "same_day"),
        ("2017-06-10/2017-06-12", "2017-06-10/2017-06-12", "overlapping"),
        ("2017-06-10/2017-06-12", "2017-06-12", "overlapping"),
        ("2017-06-01/2017-06-30", "2017-06-12", "overlapping"),
        ("2017-06-10", "2017-06-11", "next_day"),
        ("2017-06-01/2017-06-10", "2017-06-11/2017-06-20", "next_day"),
        ("2017-06-10", "2017-06-12", "within_2_days"),
        ("2017-06-10", "2017-06-13", "further"),
        ("2017-12-31", "2018-01-01", "next_day"),
    ],
)
def test_level_of_dates(level: Callable[..., str], left: str, right: str, expected: str) -> None:
    """The gap between two windows decides, not the gap between their first days."""
    windows = (
        dict(zip(("date_start", "date_end"), (day.split("/") * 2)[:2], strict=True)) for day in (left, right)
    )
    assert level("date", *windows) == expected


# ---- attackers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("us_led_coalition", "us_led_coalition", "same"),
        ("russia us_led_coalition", "us_led_coalition russia", "same"),
        ("russia us_led_coalition", "us_led_coalition", "overlapping"),
        ("usa", "us_led_coalition", "related"),
        ("france", "usa", "different"),
        ("russia", "us_led_coalition", "different"),
        ("ypg", "sdf", "related"),
        ("", "us_led_coalition", "missing"),
        ("unknown", "us_led_coalition", "missing"),
        ("unknown us_led_coalition", "us_led_coalition", "same"),
        ("x_example_brigade", "us_led_coalition", "different"),
        ("parties:islamic_state sdf", "us_led_coalition", "parties_only"),
        ("parties:islamic_state sdf", "islamic_state", "parties_only"),
        ("parties:", "us_led_coalition", "missing"),
    ],
)
def test_level_of_attackers(rules: Ruleset, left: str, right: str, expected: str) -> None:
    """Sets over the table of who acts as part of whom; two sides of a fight name no attacker."""
    attackers = rules.vocabularies["perpetrators"]
    assert attacker_level(left, right, attackers) == attacker_level(right, left, attackers) == expected


def test_level_of_attackers_is_read_from_claims(level: Callable[..., str]) -> None:
    """A claim's attribution decides whether its codes are attackers or the two sides of a fight."""
    codes = {"perpetrator_codes": "us_led_coalition"}
    assert level("attacker", codes, codes) == "same"
    assert level("attacker", codes | {"attribution_code": "parties"}, codes) == "parties_only"


# ---- numbers -------------------------------------------------------------------------------------------------------


def killed(claim: str, bounds: tuple[float, float | None] | None, **more: Any) -> list[dict[str, Any]]:
    """The figure of a claim, none where it states no number; a high of None is open."""
    if bounds is None:
        return []
    low, high = bounds
    return [figure_row(claim, low, high, is_open=high is None, **more)]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ((4, 4), (4, 4), "equal_rare"),
        ((4, 6), (4, 6), "equal_rare"),
        ((3, 5), (3, 5), "equal"),
        ((3, 3), (3, 3), "equal"),
        ((1, 1), (1, 1), "equal"),
        ((0, 0), (0, 0), "equal"),
        ((3, 5), (5, 9), "overlapping"),
        ((3, 9), (4, 4), "overlapping"),
        ((1, 1), (2, 2), "near"),
        ((10, 10), (15, 15), "near"),
        ((0, 0), (1, 1), "none_against_some"),
        ((9, 9), (0, 0), "none_against_some"),
        ((1, 1), (9, 9), "disjoint"),
        ((10, 10), (21, 21), "disjoint"),
        ((5, None), (7, 7), "overlapping"),
        ((5, None), (9, None), "overlapping"),
        ((40, None), (3, 3), "disjoint"),
        (None, (3, 3), "missing"),
        (None, None, "missing"),
    ],
)
def test_level_of_numbers(
    level: Callable[..., str],
    left: tuple[float, float | None] | None,
    right: tuple[float, float | None] | None,
    expected: str,
) -> None:
    """Intervals that meet overlap, an open one reaches up; the same number counts for more from four on."""
    assert level("number", {}, {}, *killed("airwars:A", left), *killed("cjtf_oir:B", right)) == expected


@pytest.mark.parametrize(
    ("conceded", "alleged", "expected"),
    [
        ((4, 4), (4, 4), "conceded_equal"),
        ((3, 3), (2, 6), "conceded_within"),
        ((2, 2), (4, 6), "conceded_fewer"),
        ((7, 7), (4, 6), "conceded_more"),
        ((0, 0), (4, 6), "conceded_none"),
        ((0, 0), (0, 0), "conceded_within"),
        ((7, 7), (4, None), "conceded_within"),
        ((4, 4), None, "missing"),
    ],
)
def test_level_of_a_conceded_number(
    level: Callable[..., str],
    conceded: tuple[float, float | None],
    alleged: tuple[float, float | None] | None,
    expected: str,
) -> None:
    """What a belligerent concedes is laid beside what is alleged, whichever side it stands on."""
    given = killed("cjtf_oir:B", conceded, role_code="conceded")
    assert level("number", {}, {}, *killed("airwars:A", alleged), *given) == expected
    given = killed("airwars:A", conceded, role_code="conceded")
    assert level("number", {}, {}, *given, *killed("cjtf_oir:B", alleged)) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ((3, 3), (3, 3), "equal"),
        ((2, 4), (3, 5), "overlapping"),
        ((3, None), (9, 9), "overlapping"),
        ((3, 3), (9, 9), "disjoint"),
        ((0, 0), (9, 9), "none_against_some"),
        ((0, 4), (9, 9), "disjoint"),
        ((0, 0), (0, 0), "missing"),
        (None, (3, 3), "missing"),
    ],
)
def test_level_of_the_injured(
    level: Callable[..., str],
    left: tuple[float, float | None] | None,
    right: tuple[float, float | None] | None,
    expected: str,
) -> None:
    """Intervals of the injured meet or lie apart; where both count none, as a rule nobody counted."""
    sides = (("airwars:A", left), ("cjtf_oir:B", right))
    figures = [figure for claim, bounds in sides for figure in killed(claim, bounds, measure_code="injured")]
    assert level("injured", {}, {}, *figures) == expected


def test_which_number_is_compared(level: Callable[..., str]) -> None:
    """Civilians where a claim states them, else everyone; neither the injured, nor fighters, nor children alone."""
    right = killed("cjtf_oir:B", (4, 4))
    everyone = killed("airwars:A", (9, 9), population_code="all")
    assert level("number", {}, {}, *everyone, *killed("airwars:A", (4, 4)), *right) == "equal_rare"
    assert level("number", {}, {}, *everyone, *right) == "disjoint"
    for other in ({"measure_code": "injured"}, {"population_code": "combatant"}, {"age_group_code": "child"}):
        assert level("number", {}, {}, *killed("airwars:A", (4, 4), **other), *right) == "missing"


# ---- positions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "position", "expected"),
    [
        ("confirmed", "conceded", "conceded_confirmed"),
        ("fair", "conceded", "conceded_unconfirmed"),
        ("discounted", "conceded", "conceded_unconfirmed"),
        ("confirmed", "denied", "denied_confirmed"),
        ("confirmed", "not_assessed", "denied_confirmed"),
        ("discounted", "denied", "denied_discounted"),
        ("weak", "denied", "denied_unconfirmed"),
        ("clear", "denied", "missing"),
        ("", "denied", "missing"),
        ("confirmed", "unclear", "denied_confirmed"),
        ("confirmed", "", "missing"),
    ],
)
def test_level_of_positions(level: Callable[..., str], grade: str, position: str, expected: str) -> None:
    """A belligerent's position is laid beside the other side's grade, whichever side it stands on."""
    assert (
        level("position", {"grade_code": grade}, {"position_code": position, "grade_code": "credible"})
        == expected
    )


def test_unclear_position_is_told_by_what_is_counted(level: Callable[..., str]) -> None:
    """A belligerent whose verdict can't be read concedes where it counts somebody, and only there."""
    sides = {"grade_code": "confirmed"}, {"position_code": "unclear"}
    for measure, bounds, expected in (
        ("killed", (2, 2), "conceded_confirmed"),
        ("injured", (1, 1), "conceded_confirmed"),
        ("killed", (0, 0), "denied_confirmed"),
    ):
        counted = killed("cjtf_oir:B", bounds, role_code="conceded", measure_code=measure)
        assert level("position", *sides, *counted) == expected


def test_two_positions_say_nothing_of_each_other(level: Callable[..., str]) -> None:
    """Where both sides are belligerents there is no grade to lay a position beside."""
    assert level("position", {"position_code": "denied"}, {"position_code": "conceded"}) == "missing"


# ---- victims -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named_there", "one_person", "expected"),
    [
        (("Samer Nuri",), True, "shared"),
        (("Samer Nuri", "Hani Qasim"), True, "shared"),
        (("Hani Qasim",), False, "none_shared"),
        ((), False, "missing"),
    ],
)
def test_level_of_victims(
    comparing: Compare,
    around: Surroundings,
    named_there: tuple[str, ...],
    one_person: bool,  # noqa: FBT001 - a column of the table
    expected: str,
) -> None:
    """Two incidents that name one person share a victim; where one of them names nobody there is nothing to compare."""
    here = [{"on": "airwars", "name": "Samer Nuri", "native_id": "V0", "native_incident_ids": "A"}]
    there = [
        {"on": "cjtf_oir", "name": name, "native_id": f"V{number}", "native_incident_ids": "B"}
        for number, name in enumerate(named_there, start=1)
    ]
    persons, victims = on_lists(*here, *there)
    incidents = claims_frame(claim_row(1, native_id="A"), claim_row(2, monitor="cjtf_oir", native_id="B"))
    claims = pd.concat([persons, incidents]).sort_values("claim_id", ignore_index=True)
    row = {claim: position for position, claim in enumerate(claims["claim_id"])}
    linked = {claim: "vic_1" if one_person and claim[-2:] in {"V0", "V1"} else claim for claim in row}
    sides = row["airwars:A"], row["cjtf_oir:B"]
    found = comparing(
        claims, pairs=[sides, sides[::-1]], victims=victims, around=replace(around, clusters=linked)
    )
    assert found["victims_level"].tolist() == [expected, expected]
