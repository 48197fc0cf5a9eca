"""What an export says of itself to whoever opens it: where it is from, what was made coarser, and what it must not be used for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconcile.exports.stored import Handover

CAUTION = (
    "These are claims of monitors, set side by side; none was checked here, and rows of several monitors may speak of the same "
    "people. Never sum them. Small numbers in a small place on one day can tell who a person was, even without a name: put cells "
    "below 5 together with their neighbours before publishing, and do not join these rows with others that name people. "
    "Coordinates have at most three decimals (about 100 metres); location_precision_code says how well the monitor knew the place, "
    "which is often much worse."
)
WITHOUT_NAMES = (
    "Names and free text of persons are blank, and persons carry ids made with a key that stays with the job."
)
WITH_NAMES = "It holds names and free text of persons, who may have living relatives: keep it to those who need it, and do not publish it."

ABOUT = {
    "hxl": (
        "`claims.csv` has a row for each claim and each group of people it counts, below a row of headers and a row of HXL tags. "
        "An empty maximum beside a minimum is open: at least so many. Text that begins like a formula stands behind an apostrophe."
    ),
    "geojson": (
        "`claims.geojson` is RFC 7946: WGS84, longitude first. Each claim is a feature; where the monitor gives no coordinates "
        "its geometry is null. Numbers are properties named measure_population_low, _best and _high; a high of null is open. "
        "Claims with null geometry show in the table of a map program and not on its map, so the map shows fewer than were reported."
    ),
    "parquet": (
        "A file for each table. Each column carries its description and unit as Arrow field metadata, each table where it is from."
    ),
    "csv": (
        "A file for each table, in UTF-8 with the mark by which Excel knows it; `datapackage.json` describes every column. "
        "Text that begins like a formula (=, +, - or @) stands behind an apostrophe; take one apostrophe away where one stands "
        "before such a sign, or before further apostrophes and such a sign, to have the text as it was."
    ),
}


def origin_of(given: Handover) -> dict[str, str]:
    """Return what an export states of the run that it is of."""
    keys = ("job", "title", "as_of", "run_digest", "rules_digest")
    told = {key: str(given.summary.get(key, "")) for key in keys}
    return told | {"names": WITH_NAMES if given.has_names else WITHOUT_NAMES, "caution": CAUTION}


def readme(given: Handover, wanted: str, own: bytes) -> bytes:
    """Return the README of an export.

    Args:
        given: what it is of.
        wanted: its format.
        own: what the format says of itself, where that is more than a paragraph.
    """
    told = origin_of(given)
    head = f"# {_plain(told['title'] or told['job'])}: {wanted}"
    parts = [head, own.decode() or ABOUT[wanted], told["caution"], told["names"]]
    lines = [
        f"* {name}: {_plain(told[key])}"
        for name, key in (
            ("Job", "job"),
            ("As of", "as_of"),
            ("Digest of the run", "run_digest"),
            ("Digest of the rules", "rules_digest"),
        )
    ]
    return ("\n\n".join([*(part.strip() for part in parts), "\n".join(lines)]) + "\n").encode()


def _plain(text: str) -> str:
    return " ".join(text.split())
