"""Latitude and longitude as monitors write them: decimal degrees, or degrees, minutes and seconds."""

from __future__ import annotations

import re

from reconcile.parse.counts import plain
from reconcile.parse.errors import Unreadable, shown

_LATITUDE, _LONGITUDE = 90, 180
_SIXTY = 60
_NEGATIVE = frozenset("SW")

_SIGN = str.maketrans(
    {"−": "-", "،": ",", "º": "°", "˚": "°"} | dict.fromkeys("’‘′´`", "'") | dict.fromkeys("“”″", '"')
)
_HEMISPHERE = re.compile(r"(?P<before>[A-Z]?) ?(?P<degrees>[^A-Z]*?) ?(?P<after>[A-Z]?)")
_DECIMAL = re.compile(r"(?P<sign>[+-]?)(?P<degrees>[0-9]{1,9}(?:[.,][0-9]{1,20})?) ?°?")
# A fraction stands in the last part only; the degree sign must be there, since "35 57" may be a lost dot.
_PARTED = re.compile(
    r"(?P<sign>[+-]?)(?P<degrees>[0-9]{1,3}) ?° ?"
    r"(?P<minutes>[0-9]{1,2}(?:[.,][0-9]{1,20}(?= ?'?$))?)"
    r"(?: ?'(?: ?(?P<seconds>[0-9]{1,2}(?:[.,][0-9]{1,20})?) ?(?:\"|'')?)?)?"
)


def parse_latitude(text: str) -> float | None:
    """Read a latitude.

    Args:
        text: the cell: decimal degrees with dot or comma, or degrees, minutes and seconds; N or S at an end.

    Returns:
        Degrees north of the equator, negative south of it, or None for a blank cell.

    Raises:
        Unreadable: no angle, an angle outside -90..90, or a hemisphere of the other axis.
    """
    return _angle(text, "latitude", "NS", _LATITUDE)


def parse_longitude(text: str) -> float | None:
    """Read a longitude.

    Args:
        text: the cell, see `parse_latitude`; E or W at an end.

    Returns:
        Degrees east of Greenwich, negative west of it, or None for a blank cell.

    Raises:
        Unreadable: no angle, an angle outside -180..180, or a hemisphere of the other axis.
    """
    return _angle(text, "longitude", "EW", _LONGITUDE)


def _angle(text: str, axis: str, letters: str, most: int) -> float | None:
    found = plain(text).translate(_SIGN).upper()
    if not found:
        return None
    try:
        return _within(_signed(found, letters), most)
    except Unreadable as error:
        raise Unreadable(f"found {shown(text)} as a {axis}, {error}") from None


def _within(degrees: float, most: int) -> float:
    if abs(degrees) > most:
        raise Unreadable(f"outside -{most}..{most}")
    return degrees


def _signed(found: str, letters: str) -> float:
    match = _HEMISPHERE.fullmatch(found)
    letter = match["before"] + match["after"] if match else ""
    if match is None or len(letter) > 1:
        raise Unreadable("no single angle; allowed are 35.9506, 35,9506, 35.9506 N and 35°57'02\"N")
    if letter and letter not in letters:
        raise Unreadable(f"where the letter may be {' or '.join(letters)}")
    parts = _DECIMAL.fullmatch(match["degrees"]) or _PARTED.fullmatch(match["degrees"])
    if parts is None:
        raise Unreadable("no single angle; allowed are 35.9506, 35,9506, 35.9506 N and 35°57'02\"N")
    if letter and parts["sign"]:
        raise Unreadable("with a sign and a letter")
    size = _size(parts)
    # Adding 0.0 turns -0.0 into 0.0.
    return (-size if parts["sign"] == "-" or letter in _NEGATIVE else size) + 0.0


def _size(parts: re.Match[str]) -> float:
    given = parts.groupdict()
    degrees, minutes, seconds = (
        float((given.get(part) or "0").replace(",", ".")) for part in ("degrees", "minutes", "seconds")
    )
    if minutes >= _SIXTY or seconds >= _SIXTY:
        raise Unreadable("with 60 or more minutes or seconds")
    return degrees + minutes / 60 + seconds / 3600
