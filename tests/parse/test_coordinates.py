"""Coordinates: decimal degrees, degrees with minutes and seconds, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.parse.coordinates import parse_latitude, parse_longitude
from reconcile.parse.errors import Unreadable

LATITUDES = {
    "decimal": ("35.9506", 35.9506),
    "integer": ("36", 36),
    "south": ("-35.9506", -35.9506),
    "minus_sign": ("−35.9506", -35.9506),
    "plus": ("+35.9506", 35.9506),
    "decimal_comma": ("35,9506", 35.9506),
    "decimal_comma_with_three_decimals": ("35,950", 35.95),
    "arabic_digits": ("٣٥٫٩٥", 35.95),
    "arabic_comma": ("٣٥،٩٥", 35.95),
    "direction_marks": ("\u200e35.95\u200f", 35.95),
    "degree_sign": ("35.95°", 35.95),
    "letter_after": ("35.95 N", 35.95),
    "letter_before": ("S35.95", -35.95),
    "small_letter": ("35.95s", -35.95),
    "dms": ("35°57'02\"N", 35 + 57 / 60 + 2 / 3600),
    "dms_with_primes_and_spaces": ("35° 57′ 02″ S", -(35 + 57 / 60 + 2 / 3600)),
    "dms_with_curly_quotes": ("35°57’02.5”N", 35 + 57 / 60 + 2.5 / 3600),
    "dms_with_two_apostrophes": ("35°57'02''N", 35 + 57 / 60 + 2 / 3600),
    "dms_with_the_ordinal_sign": ("35º57'02\"", 35 + 57 / 60 + 2 / 3600),
    "degrees_and_minutes": ("35°57.5'N", 35 + 57.5 / 60),
    "null_island_is_judged_elsewhere": ("0.0", 0),
    "pole": ("90", 90),
}

NO_LATITUDES = {
    "lost_dot": "4239.00416",
    "beyond_the_pole": "90.0001",
    "beyond_the_pole_by_seconds": "90°00'01\"N",
    "longitude_letter": "38.99 E",
    "sign_and_letter": "-35.95 S",
    "two_letters": "N 35.95 N",
    "pair": "35.95, 38.99",
    "pair_with_decimal_commas": "35,95 38,99",
    "thousands_and_decimals": "4,239.00416",
    "two_dots": "35.950.6",
    "spaces_may_be_lost_dots": "35 57 02",
    "sixty_minutes": "35°60'00\"N",
    "sixty_seconds": "35°59'60\"N",
    "fraction_of_degrees_and_minutes": "35.5°30'N",
    "fraction_of_minutes_and_seconds": "35°57.5'02\"N",
    "nan": "nan",
    "infinity": "inf",
    "exponent": "3.5e1",
    "military_grid": "37S DV 12345 67890",
    "sign_alone": "-",
    "letter_alone": "N",
    "name": "Noor Qasim",
}


@pytest.mark.parametrize(("text", "expected"), LATITUDES.values(), ids=LATITUDES)
def test_a_latitude_is_read(text, expected):
    """Every way of writing a latitude gives decimal degrees."""
    assert parse_latitude(text) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("text", NO_LATITUDES.values(), ids=NO_LATITUDES)
def test_what_is_no_latitude_is_refused(text):
    """A cell that is no single latitude is refused, never read in part."""
    with pytest.raises(Unreadable):
        parse_latitude(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("38.99", 38.99), ("38.99 W", -38.99), ("-180", -180), ("180°00'00\"E", 180)]
)
def test_a_longitude_is_read(text, expected):
    """A longitude goes to 180 and takes E and W."""
    assert parse_longitude(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["180.1", "38.99 N", "4239.00416"])
def test_what_is_no_longitude_is_refused(text):
    """A longitude past 180 or with a latitude's letter is refused."""
    with pytest.raises(Unreadable):
        parse_longitude(text)


@pytest.mark.parametrize(
    ("parse", "said"),
    [
        (parse_latitude, "as a latitude, outside -90..90"),
        (parse_longitude, "as a longitude, outside -180..180"),
    ],
)
def test_the_range_is_named(parse, said):
    """A number out of range is told the range of its axis."""
    with pytest.raises(Unreadable) as caught:
        parse("4239.00416")
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\ufeff"])
def test_a_blank_cell_is_no_coordinate(text):
    """A cell with nothing to see in it is no coordinate, which is not zero."""
    assert parse_latitude(text) is None
    assert parse_longitude(text) is None


def test_zero_has_no_sign():
    """Minus zero is zero, so that equal places are written alike."""
    assert str(parse_latitude("-0.0")) == "0.0"


@given(st.text() | st.text(alphabet="0123456789.,+-−°'\"′″ NSEWns٣٫\u200f"))
def test_any_text_is_a_coordinate_or_refused(text):
    """Whatever the cell holds, it is an angle within range, nothing, or refused."""
    for parse, most in ((parse_latitude, 90), (parse_longitude, 180)):
        try:
            found = parse(text)
        except Unreadable:
            continue
        assert found is None or -most <= found <= most


@given(st.decimals(-90, 90, places=6))
def test_every_decimal_latitude_round_trips(degrees):
    """A latitude is read as the number it says, with a dot or a comma."""
    assert parse_latitude(f"{degrees:f}") == float(degrees)
    assert parse_latitude(f"{degrees:f}".replace(".", ",")) == float(degrees)


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59), st.sampled_from("EW"))
def test_every_angle_in_parts_is_its_sum(degrees, minutes, seconds, letter):
    """Degrees, minutes and seconds add up, and W is negative."""
    size = degrees + minutes / 60 + seconds / 3600
    text = f"{degrees}°{minutes:02}'{seconds:02}\"{letter}"
    assert parse_longitude(text) == pytest.approx(-size if letter == "W" else size)
