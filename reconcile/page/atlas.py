"""A map of the claims, drawn from their own coordinates and the gazetteer's towns: no tiles, no borders, no network.

It draws claims and not incidents, each where its own monitor puts it: an incident has as many places as it has claims. A claim
without coordinates is drawn where the gazetteer has its place, with another mark, since that is nothing the monitor states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.page.blocks import scrolled
from reconcile.page.marks import Markup, drawn, joined, plain, tag
from reconcile.report.naming import title_of
from reconcile.report.summary import OPEN
from reconcile.views import records

if TYPE_CHECKING:
    import numpy.typing as npt

    from reconcile.result import RunResult

    Floats = npt.NDArray[np.float64]
    Box = tuple[float, float, float, float]

WIDE, LEAST_TALL, MOST_TALL, PAD = 960.0, 320.0, 760.0, 34.0
# Claims whose marks would touch are one mark.
CELL, LARGEST, SMALLEST = 15.0, 26.0, 2.4
# Coarser than a district, a coordinate is the middle of an area.
COARSEST_POINT = 4
AREAS = ("country", "governorate", "district")
POLAR = 85.0
LEAST_SPAN = 0.4
# A coordinate far from nearly all others is an error more often than a place; it would shrink the rest to a dot.
OUTER_SHARE, MARGIN = 0.005, 0.35
STEPS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30)
MOST_LINES, MOST_LABELS, LETTER, LINE, EDGE = 8, 26, 6.0, 13.0, 4.0
LISTED = 15
BASES = {"stated": "coordinates", "named": "name", "coarse": "middle of an area"}
KM_PER_DEGREE = 111.195
LEGEND = (
    ("stated", "claims, by the coordinates their monitor publishes: the larger, the more"),
    ("named", "claims without coordinates, where the gazetteer has the place they name"),
    ("coarse", "claims known to the governorate or country only, at its middle"),
    ("urgent", "of them, in an open finding to resolve (S1)"),
    ("town", "town of the gazetteer, to find one's way by"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What part of the earth is drawn, and how: a plate carrée true to scale in its middle.

    Attributes:
        box: west, south, east, north, in degrees.
        tall: height of the drawing.
    """

    box: Box
    tall: float

    @property
    def scale(self) -> float:
        """Units of the drawing in a degree of latitude."""
        west, south, east, north = self.box
        room = (WIDE - 2 * PAD) / ((east - west) * self.squeeze)
        return float(min(room, (self.tall - 2 * PAD) / (north - south)))

    @property
    def squeeze(self) -> float:
        """How much shorter a degree of longitude is than one of latitude, in the middle."""
        return float(max(np.cos(np.radians((self.box[1] + self.box[3]) / 2)), 0.2))

    def x(self, longitude: Floats | float) -> Floats:
        """Return where longitudes are drawn."""
        west, _, east, _ = self.box
        return np.asarray(WIDE / 2 + (np.asarray(longitude) - (west + east) / 2) * self.squeeze * self.scale)

    def y(self, latitude: Floats | float) -> Floats:
        """Return where latitudes are drawn."""
        _, south, _, north = self.box
        return np.asarray(self.tall / 2 - (np.asarray(latitude) - (south + north) / 2) * self.scale)

    def holds(self, longitude: Floats, latitude: Floats) -> npt.NDArray[np.bool_]:
        """Return which points are drawn."""
        x, y = self.x(longitude), self.y(latitude)
        return np.asarray((x >= 0) & (x <= WIDE) & (y >= 0) & (y <= self.tall))


def frame_of(longitude: Floats, latitude: Floats) -> Frame:
    """Return the part of the earth that holds the claims, a few that lie far from all others aside."""
    west, east = _reach(longitude)
    # Towards a pole nothing is drawn: there a degree of longitude has no length that could be drawn.
    south, north = _reach(np.clip(latitude, -POLAR, POLAR))
    frame = Frame((west, max(south, -POLAR), east, min(north, POLAR)), MOST_TALL)
    tall = (frame.box[3] - frame.box[1]) * (WIDE - 2 * PAD) / ((east - west) * frame.squeeze) + 2 * PAD
    return Frame(frame.box, float(np.clip(tall, LEAST_TALL, MOST_TALL)))


def _reach(degrees: Floats) -> tuple[float, float]:
    low, high = np.quantile(degrees, [OUTER_SHARE, 1 - OUTER_SHARE])
    spare = max((high - low) * MARGIN, LEAST_SPAN / 2)
    low, high = max(float(degrees.min()), low - spare), min(float(degrees.max()), high + spare)
    middle = (low + high) / 2
    return min(low, middle - LEAST_SPAN / 2), max(high, middle + LEAST_SPAN / 2)


def cells_of(result: RunResult) -> pd.DataFrame:
    """Return the claims that the map can show, with the mark each is in.

    Returns:
        By claim: `cell` (-1 where its coordinates lie outside the map), `x`, `y`, `basis` (stated, named or coarse),
        `is_urgent`, monitor and place.
    """
    claims = result.claims
    told = claims.loc[
        claims["kind_code"] != "total",
        [
            "claim_id",
            "monitor",
            "place_name",
            "admin1",
            "place_id",
            "latitude",
            "longitude",
            "location_precision_code",
        ],
    ]
    places = result.rules.places.drop_duplicates("place_id").set_index("place_id")
    is_stated = told["latitude"].notna() & told["longitude"].notna()
    for name in ("latitude", "longitude"):
        told = told.assign(**{name: told[name].where(is_stated, told["place_id"].map(places[name]))})
    is_wide = told["place_id"].map(places["kind_code"]).isin(AREAS)
    is_coarse = is_wide.mask(is_stated, told["location_precision_code"] > COARSEST_POINT)
    told = told.assign(
        basis=np.where(is_coarse, "coarse", np.where(is_stated, "stated", "named")),
        is_urgent=told["claim_id"].isin(_urgent_claims(result)),
    )
    told = told[told["latitude"].notna() & told["longitude"].notna()]
    if told.empty:
        return told.assign(x=0.0, y=0.0, cell=-1)
    longitude, latitude = told["longitude"].to_numpy(), told["latitude"].to_numpy()
    frame = frame_of(longitude, latitude)
    told = told.assign(x=frame.x(longitude), y=frame.y(latitude))
    kind = told["basis"].map({look: place for place, (look, _) in enumerate(LEGEND)})
    key = kind * 10**8 + (told["x"] // CELL) * 10**4 + told["y"] // CELL
    number = pd.factorize(key.where(frame.holds(longitude, latitude)), sort=True)[0]
    return told.assign(cell=number)


def _urgent_claims(result: RunResult) -> pd.Series[str]:
    found = result.discrepancies
    urgent = found.loc[(found["severity"] == "S1") & found["status_code"].isin(OPEN), "claim_ids"]
    return urgent.str.split().explode()


def map_section(result: RunResult, cells: pd.DataFrame) -> Markup:
    """Return the map, its legend, and its largest marks as a table.

    Args:
        result: of the run.
        cells: by `cells_of`.
    """
    heading = tag("h2", "Map", id="map")
    notes = _notes(result, cells)
    shown = cells[cells["cell"] >= 0]
    if shown.empty:
        return joined([heading, tag("p", "No claim of this run has a place that could be drawn."), notes])
    spots = _spots(result, shown)
    frame = frame_of(cells["longitude"].to_numpy(), cells["latitude"].to_numpy())
    picture = drawn(
        "svg",
        drawn("title", f"Map of {len(shown):,} claims", id="map-title"),
        drawn(
            "desc",
            "Every mark stands for the claims at one place. The table below lists the largest.",
            id="map-desc",
        ),
        drawn("rect", x=0, y=0, width=WIDE, height=frame.tall, class_="ground"),
        *_graticule(frame),
        *_marks(spots),
        *_towns(result, frame),
        _scale_bar(frame),
        viewBox=f"0 0 {WIDE:g} {frame.tall:.0f}",
        role="img",
        aria_labelledby="map-title map-desc",
        class_="map",
    )
    return joined([heading, tag("figure", picture, _legend(), class_="wide"), notes, _listed(spots)])


def _notes(result: RunResult, cells: pd.DataFrame) -> Markup:
    claims = result.claims[result.claims["kind_code"] != "total"]
    outside = int((cells["cell"] < 0).sum())
    lines = [
        "Each claim is drawn where its own monitor puts it. There are no borders on this map, and no background that would have to be fetched."
    ]
    if unplaced := len(claims) - len(cells):
        lines.append(
            f"Not drawn: {unplaced:,} of {len(claims):,} claims, which state neither coordinates nor a place that the gazetteer knows."
        )
    if outside:
        lines.append(
            f"Not drawn: {outside:,} claims whose coordinates lie far from all others. Look for LOC-BAD and LOC-DIST."
        )
    return joined(tag("p", line, class_="note") for line in lines)


def _spots(result: RunResult, shown: pd.DataFrame) -> pd.DataFrame:
    """Return one row a mark, the largest first, so that small ones are drawn upon them."""
    ordered = shown.sort_values(["cell", "location_precision_code", "claim_id"])
    grouped = ordered.groupby("cell", sort=True)
    spots = grouped.agg(
        x=("x", "mean"),
        y=("y", "mean"),
        claims=("claim_id", "size"),
        urgent=("is_urgent", "sum"),
        basis=("basis", "first"),
    )
    for name in ("place_name", "admin1"):
        said = (
            ordered[ordered[name] != ""].groupby(["cell", name], sort=True).size().reset_index(name="times")
        )
        most = said.sort_values(["times", name], ascending=[False, True]).drop_duplicates("cell")
        spots[name] = most.set_index("cell")[name].reindex(spots.index).fillna("")
    shares = ordered.groupby(["cell", "monitor"], sort=True).size().reset_index(name="times")
    shares["told"] = [f"{title_of(result, one.monitor)} {one.times:,}" for one in records(shares)]
    spots["monitors"] = shares.groupby("cell")["told"].agg(", ".join).reindex(spots.index)
    return spots.reset_index().sort_values(["claims", "cell"], ascending=[False, True])


def _marks(spots: pd.DataFrame) -> list[Markup]:
    most = int(spots["claims"].max())
    return [_mark(one, most) for one in records(spots)]


def _mark(spot: Any, most: int) -> Markup:
    """Return one mark, and inside it another for those of its claims that have to be resolved."""
    radius = _radius(spot.claims, most)
    told = [
        joined(
            [spot.place_name or "no place stated", spot.admin1 if spot.admin1 != spot.place_name else ""],
            ", ",
        ),
        f"{spot.claims:,} claims ({spot.monitors})",
    ]
    if spot.urgent:
        told.append(f"{spot.urgent:,} of them in open findings to resolve (S1)")
    inside = _shape("urgent", spot.x, spot.y, _radius(spot.urgent, most)) if spot.urgent else Markup("")
    title = drawn("title", plain("; ".join(told)))
    return drawn("g", title, _shape(spot.basis, spot.x, spot.y, radius), inside, data_cell=int(spot.cell))


def _radius(claims: int, most: int) -> float:
    return max(SMALLEST, LARGEST * float(np.sqrt(claims / most)))


def _shape(look: str, x: float, y: float, radius: float) -> Markup:
    """Return a disc, a diamond for what is placed by its name alone, or a square for the middle of an area."""
    if look == "coarse":
        return drawn("rect", x=x - radius, y=y - radius, width=2 * radius, height=2 * radius, class_=look)
    if look == "named":
        return drawn(
            "path",
            d=f"M{x:.1f} {y - radius:.1f}l{radius:.1f} {radius:.1f} {-radius:.1f} {radius:.1f} {-radius:.1f} {-radius:.1f}z",
            class_=look,
        )
    return drawn("circle", cx=x, cy=y, r=radius, class_=look)


# ---- what stands behind the marks -----------------------------------------------------------------------------------


def _graticule(frame: Frame) -> list[Markup]:
    """Return lines of longitude and latitude at round degrees, with their names at the edge."""
    west, south, east, north = _shown_box(frame)
    step = next((one for one in STEPS if max(east - west, north - south) / one <= MOST_LINES), STEPS[-1])
    lines: list[Markup] = []
    for longitude in np.arange(np.ceil(west / step), np.floor(east / step) + 1) * step:
        x = float(frame.x(longitude))
        lines.append(drawn("path", d=f"M{x:.1f} 0V{frame.tall:.0f}", class_="grid"))
        lines.append(drawn("text", _degrees(longitude, "E", "W"), x=x + 3, y=frame.tall - 5, class_="degree"))
    for latitude in np.arange(np.ceil(south / step), np.floor(north / step) + 1) * step:
        y = float(frame.y(latitude))
        lines.append(drawn("path", d=f"M0 {y:.1f}H{WIDE:.0f}", class_="grid"))
        lines.append(drawn("text", _degrees(latitude, "N", "S"), x=4, y=y - 3, class_="degree"))
    return lines


def _shown_box(frame: Frame) -> Box:
    """Return the degrees at the drawing's own edges, which lie outside the claims."""
    west, south, east, north = frame.box
    across, up = WIDE / 2 / (frame.scale * frame.squeeze), frame.tall / 2 / frame.scale
    x, y = (west + east) / 2, (south + north) / 2
    return x - across, max(y - up, -90.0), x + across, min(y + up, 90.0)


def _degrees(value: float, ahead: str, behind: str) -> str:
    return f"{abs(value):.2f}".rstrip("0").rstrip(".") + f"\u00b0 {ahead if value >= 0 else behind}"


def _towns(result: RunResult, frame: Frame) -> list[Markup]:
    """Return towns of the gazetteer, as far as their names have room beside each other."""
    places = result.rules.places
    towns = places[
        places["kind_code"].isin(["city", "town"]) & places["latitude"].notna() & places["longitude"].notna()
    ]
    x, y = frame.x(towns["longitude"].to_numpy()), frame.y(towns["latitude"].to_numpy())
    towns = towns.assign(x=x, y=y, is_town=towns["kind_code"] == "town")
    towns = towns[(x > EDGE) & (x < WIDE - EDGE) & (y > LINE) & (y < frame.tall - LINE)]
    taken: list[Box] = []
    marks: list[Markup] = []
    for town in records(
        towns.sort_values(["is_town", "radius_km", "place_id"], ascending=[True, False, True])
    ):
        right = town.x + 6 + LETTER * len(town.name)
        box = (town.x - 4, town.y - LINE + 4, right, town.y + 5)
        if right > WIDE or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        marks += [
            drawn("path", d=f"M{town.x - 3:.1f} {town.y:.1f}h6m-3 -3v6", class_="town"),
            drawn("text", str(town.name), x=town.x + 6, y=town.y + 4, class_="place"),
        ]
        if len(taken) == MOST_LABELS:
            break
    return marks


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _scale_bar(frame: Frame) -> Markup:
    room = WIDE / 5 / frame.scale * KM_PER_DEGREE
    size = 10 ** np.floor(np.log10(room))
    km = float(size * max(one for one in (1, 2, 5) if one * size <= room))
    long = km / KM_PER_DEGREE * frame.scale
    x, y = WIDE - 12 - long, frame.tall - 22
    return drawn(
        "g",
        drawn("path", d=f"M{x:.1f} {y - 4:.1f}v4h{long:.1f}v-4", class_="scale"),
        drawn("text", f"{km:,.10g} km", x=x + long / 2, y=y - 7, class_="middle"),
    )


# ---- beside the map -------------------------------------------------------------------------------------------------


def _legend() -> Markup:
    keys = []
    for look, meaning in LEGEND:
        shape = (
            drawn("path", d="M5 9h8m-4 -4v8", class_=look)
            if look == "town"
            else _shape(look, 9, 9, 4 if look == "urgent" else 6)
        )
        keys.append(
            tag("li", drawn("svg", shape, viewBox="0 0 18 18", class_="key", aria_hidden="true"), meaning)
        )
    return tag("figcaption", tag("ul", *keys, class_="legend"))


def _listed(spots: pd.DataFrame) -> Markup:
    """Return the marks with most to resolve, then with most claims, in words."""
    first = spots.sort_values(["urgent", "claims", "cell"], ascending=[False, False, True]).head(LISTED)
    heads = (
        "Place named most often",
        "Governorate",
        "Claims",
        "In findings to resolve",
        "By monitor",
        "Where from",
    )
    rows = [
        tag(
            "tr",
            tag("th", spot.place_name or "no place stated", scope="row"),
            tag("td", spot.admin1),
            tag("td", f"{spot.claims:,}", class_="number"),
            tag("td", f"{spot.urgent:,}", class_="number"),
            tag("td", spot.monitors),
            tag("td", BASES[spot.basis]),
            data_cell=int(spot.cell),
        )
        for spot in records(first)
    ]
    table = tag(
        "table",
        tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
        tag("tbody", *rows),
    )
    title = f"The map in words: {len(first):,} of {len(spots):,} marks, those with most to resolve first"
    return tag("details", tag("summary", title), scrolled(table, "The map in words"))
