"""How far two places agree: points where both have one, names part by part, the town of one around the other's point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

NO_SPOT: dict[str, Any] = {"latitude": None, "longitude": None}


def at(latitude: float, longitude: float, name: str = "", **more: Any) -> dict[str, Any]:
    """A claim at a point; one degree of latitude is 111 km, of longitude here 90 km."""
    return {"latitude": latitude, "longitude": longitude, "place_name": name, **more}


def called(name: str, **more: Any) -> dict[str, Any]:
    """A claim at a name without a point."""
    return NO_SPOT | {"place_name": name, **more}


UNPLACED = {"admin1": "", "country_code": ""}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (at(35.95, 39.0, "Sample Mill"), at(35.955, 39.0, "Old Bridge"), "same_spot"),
        (at(35.95, 39.0, "Sample Mill"), at(35.96, 39.0, "Old Bridge"), "nearby"),
        (at(35.95, 39.0, "Sample Mill"), at(35.955, 39.0, "Old Bridge", location_precision_code=3), "nearby"),
        (at(35.95, 39.0, "Sample Mill"), at(36.05, 39.0, "Old Bridge"), "around"),
        (at(35.95, 39.0, "Sample Mill"), at(36.05, 39.0, "Old Bridge", admin1="Homs"), "far"),
        (at(35.95, 39.0, "Sample Mill"), at(36.25, 39.0, "Old Bridge"), "same_admin1"),
        (at(35.95, 39.0, "Sample Mill", **UNPLACED), at(36.25, 39.0, "Old Bridge"), "other"),
        (at(35.95, 39.0, "Sample Mill"), at(36.55, 39.0, "Sample Mill"), "far"),
        (called("Sample Mill"), called("the Sample Mill"), "same_name"),
        (called("Sample Mill, Raqqa"), called("near Ar-Raqqah, Syria"), "part_of"),
        (called("Sample Mill, Raqqa"), called("Old Bridge, Raqqa"), "other_part"),
        (called("Sample Mill, Syria"), called("Sample Mill"), "same_name"),
        (called("Sample Mill"), called("Sample Mills"), "similar_name"),
        (called("Sample camp"), called("Sample"), "similar_name"),
        (called("Kasrat Faraj"), called("Kasra Farag"), "similar_name"),
        (called("Sample Mill"), called("Old Bridge"), "same_admin1"),
        (called("Sample Mill", admin1="Homs"), called("Sample Mill"), "namesake"),
        (called("Sample Mill", admin1="Homs"), called("Old Bridge"), "far"),
        (called("Sample Mill", admin1=""), called("Sample Mill"), "same_name"),
        (called("Sample Mill", admin1=""), called("Old Bridge"), "other"),
        (called(""), called("Sample Mill"), "only_admin1"),
        (called(""), called(""), "only_admin1"),
        (at(35.95, 39.0), called("Sample Mill"), "only_admin1"),
        (called("", **UNPLACED), called("Sample Mill"), "missing"),
        (called("", **UNPLACED), called("", **UNPLACED), "missing"),
        (at(35.95, 39.0, **UNPLACED), called("Sample Mill"), "missing"),
        (at(35.95, 39.0), at(35.955, 39.0, "Sample Mill"), "same_spot"),
        (at(35.95, 39.0, "Old Bridge"), called("Raqqa", place_id="syr_raqqa"), "inside_town"),
        (at(36.2, 39.3, "Old Bridge"), called("Raqqa", place_id="syr_raqqa"), "same_admin1"),
        (at(35.95, 39.0, "Old Bridge"), called("Ar-Raqqa", place_id="syr_gov_ar_raqqa"), "same_admin1"),
    ],
)  # fmt: skip
def test_level_of_places(
    level: Callable[..., str], left: dict[str, Any], right: dict[str, Any], expected: str
) -> None:
    """Points where both have one, names where they share a part, the town of one around the point of the other."""
    assert level("place", left, right) == expected


def test_middle_of_a_governorate_is_not_far_from_its_places(level: Callable[..., str]) -> None:
    """A point that stands for a governorate of 160 km is not far from a spot in it: its precision allows the distance."""
    middle = at(34.25, 38.15, "Homs governorate", admin1="Homs", location_precision_code=5)
    spot = at(34.73, 36.71, "Sample Mill", admin1="Homs", location_precision_code=1)
    assert level("place", middle, spot) == "only_admin1"
