"""COD-AB tables as OCHA publishes them, read as a gazetteer: administrative units with P-codes, one row each.

The Common Operational Datasets name their columns in three ways (admin1Name_en, ADM1_EN, adm1_name), in one or more
languages, with or without centroids and a row of HXL tags. Each row is a unit of the deepest level it fills; the
levels above it are its parents, repeated in every row.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# The columns of a gazetteer, as `rulefiles.PLACE_COLUMNS` has them.
COLUMNS = (
    "place_id", "name", "alternates", "kind_code", "country_code", "admin1", "pcode", "latitude", "longitude", "radius_km", "source",
)  # fmt: skip
SOURCE = "user's table; pcode OCHA COD-AB"
_COUNTRY, _GOVERNORATE, _DISTRICT, _AREA = 0, 1, 2, 3
# Kind and radius in km by level; deeper levels are settlements, or what their column of types says.
_KINDS = {
    _COUNTRY: ("country", 400.0),
    _GOVERNORATE: ("governorate", 80.0),
    _DISTRICT: ("district", 30.0),
    _AREA: ("area", 12.0),
}
_SETTLEMENT = ("town", 5.0)
_TYPES = {
    "city": ("city", 8.0),
    "town": ("town", 5.0),
    "village": ("village", 3.0),
    "settlement": ("village", 3.0),
    "neighbourhood": ("neighbourhood", 2.0),
    "neighborhood": ("neighbourhood", 2.0),
    "camp": ("area", 3.0),
}
# admin1Name_en, admin1Pcode, admin1RefName, admin1AltName1_en; ADM1_EN, ADM1_PCODE, ADM1_REF, ADM1ALT1EN; adm1_name, adm1_name1.
_HEADER = re.compile(
    r"(?:admin|adm)(?P<level>[0-5])_?(?:"
    r"(?P<code>p?code)|(?P<type>type)(?:_?[a-z]{2})?|(?P<alternate>(?:alt|ref)(?:name)?\d?_?(?:[a-z]{2})?)"
    r"|name\d?_?(?P<named>[a-z]{2,3})?(?P<numbered>)|(?P<language>(?!id)[a-z]{2}))",
    re.IGNORECASE,
)
_LATITUDES = ("center_lat", "latitude", "lat", "point_y", "y_coord", "y")
_LONGITUDES = ("center_lon", "longitude", "lon", "long", "lng", "point_x", "x_coord", "x")
_AREAS = ("area_sqkm", "area_km2", "sqkm")
# Languages a name is shown in, the first that a table has; other languages are alternates.
_SHOWN = ("en", "", "fr", "es", "pt")
_ISO2 = 2


@dataclass(frozen=True, slots=True)
class _Level:
    """The columns of one level of units, as positions in a row."""

    code: int
    names: tuple[int, ...]
    type_of: int | None


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a table has what."""

    levels: dict[int, _Level]
    latitude: int | None
    longitude: int | None
    area: int | None
    country: int | None


@dataclass(slots=True)
class _Unit:
    """One administrative unit, from its first row on."""

    level: int
    names: tuple[str, ...]
    parents: tuple[str, ...]
    country: str
    line: int
    kind: str = ""
    point: tuple[float, float] | None = None
    radius_km: float = 0.0


@dataclass(slots=True)
class _Table:
    """A table on its way from rows to units."""

    shown: str
    columns: _Columns
    faults: list[str]
    units: dict[str, _Unit] = field(default_factory=dict)
    countries: dict[tuple[str, ...], str] = field(default_factory=dict)

    def fault(self, line: int, sentence: str) -> None:
        self.faults.append(f"{self.shown}:{line}: {sentence}")


def read_cod_table(path: Path, shown: str, faults: list[str]) -> pd.DataFrame | None:
    """Read a COD-AB table as places.

    Args:
        path: a CSV of OCHA's columns, separated by commas, semicolons or tabs.
        shown: the file's name for people.
        faults: a sentence for every row that can't be read is added here, with its line; the table is then incomplete.

    Returns:
        The places, of `COLUMNS`; None where the header is none of a COD-AB table or the file can't be read as text.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            separator = _separator(stream.readline())
            stream.seek(0)
            rows = csv.reader(stream, delimiter=separator)
            columns = _columns(next(rows, []))
            if columns is None:
                return None
            table = _Table(shown, columns, faults)
            _read_rows(table, ((rows.line_num, row) for row in rows))
    except (OSError, UnicodeDecodeError, csv.Error):
        return None
    if not table.units and not faults:
        faults.append(f"{shown}: a COD-AB table without a single row.")
    return _frame(table)


def _separator(header: str) -> str:
    return max(",;\t", key=header.count)


def _columns(header: Sequence[str]) -> _Columns | None:
    """Return where a table has what; None where it has no P-codes of a governorate or below beside names."""
    codes: dict[int, int] = {}
    types: dict[int, int] = {}
    names: dict[int, list[tuple[int, int]]] = {}
    for at, title in enumerate(header):
        told = _HEADER.fullmatch(title.strip().replace(" ", "_"))
        if told is None:
            continue
        level = int(told["level"])
        if told["code"]:
            codes.setdefault(level, at)
        elif told["type"]:
            types.setdefault(level, at)
        else:
            language = (told["named"] or told["language"] or "").lower()
            rank = _SHOWN.index(language) if language in _SHOWN and not told["alternate"] else len(_SHOWN)
            names.setdefault(level, []).append((rank, at))
    levels = {
        level: _Level(codes[level], tuple(at for _, at in sorted(names[level])), types.get(level))
        for level in sorted(codes)
        if level in names
    }
    if not any(levels):
        return None
    folded = [title.strip().lower() for title in header]
    at_of = {name: folded.index(name) for name in reversed((*_LATITUDES, *_LONGITUDES, *_AREAS)) if name in folded}  # fmt: skip
    latitude, longitude, area = (
        next((at_of[name] for name in known if name in at_of), None)
        for known in (_LATITUDES, _LONGITUDES, _AREAS)
    )
    country = next((folded.index(name) for name in ("iso3", "iso2") if name in folded), None)
    return _Columns(levels, latitude, longitude, area, country)


def _read_rows(table: _Table, rows: Iterator[tuple[int, list[str]]]) -> None:
    width = 1 + max(at for level in table.columns.levels.values() for at in (level.code, *level.names))
    for line, cells in rows:
        row = [cell.strip() for cell in cells]
        if not any(row) or _is_tags(row):
            continue
        if len(row) < width:
            table.fault(line, f"{len(row)} cells, where the header has at least {width}.")
            continue
        _read_row(table, line, row)


def _is_tags(row: Sequence[str]) -> bool:
    """Return whether a row holds HXL tags (#adm1+name) and nothing else."""
    return all(cell.startswith("#") for cell in row if cell)


def _read_row(table: _Table, line: int, row: Sequence[str]) -> None:
    parents: tuple[str, ...] = ()
    deepest: _Unit | None = None
    country = _country(table, line, row)
    filled = [level for level, at in table.columns.levels.items() if row[at.code] or _names(row, at)]
    for level in filled:
        at = table.columns.levels[level]
        code, names = row[at.code], _names(row, at)
        if not code or not names:
            lacking = "no P-code" if names else "no name"
            table.fault(line, f"admin{level} {names[0] if names else code!r} has {lacking}; give it one or leave both blank.")  # fmt: skip
            return
        unit = table.units.get(code)
        if unit is None:
            unit = table.units[code] = _Unit(level, names, parents, country, line)
        elif (unit.level, unit.names[0], unit.parents) != (level, names[0], parents):
            table.fault(line, f"P-code {code} is {names[0]!r} of {' / '.join(parents) or 'nothing'}, on line {unit.line} {unit.names[0]!r} of {' / '.join(unit.parents) or 'nothing'}.")  # fmt: skip
            return
        if at.type_of is not None and at.type_of < len(row):
            unit.kind = unit.kind or row[at.type_of]
        parents = (*parents, code)
        deepest = unit
    if deepest is None:
        table.fault(line, "neither a P-code nor a name of a unit.")
        return
    _set_point(table, line, row, deepest)


def _names(row: Sequence[str], level: _Level) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row[at] for at in level.names if at < len(row) and row[at]))


def _country(table: _Table, line: int, row: Sequence[str]) -> str:
    """Return the country of a row; one that is not known is told once."""
    at, whole = table.columns.country, table.columns.levels.get(_COUNTRY)
    stated = [row[at]] if at is not None and at < len(row) else []
    if whole is not None:
        stated += [row[whole.code], *_names(row, whole)]
    # P-codes begin with the country's two letters: SY11, IQG15.
    codes = (row[level.code] for number, level in table.columns.levels.items() if number and row[level.code])
    stated.append(next(codes, "")[:_ISO2])
    key = tuple(filter(None, stated))
    if key not in table.countries:
        table.countries[key] = next((code for text in key if (code := _alpha_3(text))), "")
        if not table.countries[key]:
            told = ", ".join(map(repr, key)) or "nothing"
            table.fault(line, f"no country is known by {told}; admin0Pcode has to be its ISO code.")
    return table.countries[key]


def _alpha_3(text: str) -> str:
    import pycountry  # noqa: PLC0415 - its tables take time to load

    try:
        return str(pycountry.countries.lookup(text).alpha_3)
    except LookupError:
        return ""


def _set_point(table: _Table, line: int, row: Sequence[str], unit: _Unit) -> None:
    at = table.columns
    north, east = (
        row[place] if place is not None and place < len(row) else "" for place in (at.latitude, at.longitude)
    )
    if bool(north) != bool(east):
        table.fault(line, "one coordinate without the other.")
    elif north:
        latitude, longitude = _number(north), _number(east)
        if abs(latitude) <= 90 and abs(longitude) <= 180:  # noqa: PLR2004 - degrees
            unit.point = latitude, longitude
        else:
            table.fault(
                line, f"coordinates {north!r}, {east!r}: degrees are needed, latitude between -90 and 90."
            )
    size = row[at.area] if at.area is not None and at.area < len(row) else ""
    if size and _number(size) > 0:
        unit.radius_km = round(math.sqrt(_number(size) / math.pi), 1)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan


def _frame(table: _Table) -> pd.DataFrame:
    """Return the units as places, the deepest first: a town is found before the area of its name."""
    rows = []
    for code, unit in sorted(table.units.items(), key=lambda pair: -pair[1].level):
        kind, radius = _KINDS.get(unit.level, _SETTLEMENT)
        if unit.level >= _AREA:
            kind, radius = next((made for word, made in _TYPES.items() if word in unit.kind.lower()), (kind, radius))  # fmt: skip
        whole = next((table.units[one] for one in (*unit.parents, code) if table.units[one].level == _GOVERNORATE), None)  # fmt: skip
        latitude, longitude = unit.point or (math.nan, math.nan)
        alternates = "|".join(name.replace("|", "/") for name in unit.names[1:])
        rows.append(
            (
                code, unit.names[0], alternates, kind, unit.country, whole.names[0] if whole else "", code,
                latitude, longitude, unit.radius_km or radius, SOURCE,
            )
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"latitude": "float64", "longitude": "float64", "radius_km": "float64"})
