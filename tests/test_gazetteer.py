"""Which place a published name speaks of: the narrowest one known, no guess between two, and a user's table first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from reconcile.gazetteer import build_gazetteer
from reconcile.normalize import build_context
from reconcile.rulefiles import PLACE_COLUMNS

if TYPE_CHECKING:
    from reconcile.gazetteer import Gazetteer
    from reconcile.ruleset import Ruleset


def places(*rows: str) -> pd.DataFrame:
    """A table of places: id, name, alternates, kind, governorate, latitude; the rest is the same for all."""
    cells = [row.split(";") for row in rows]
    table = pd.DataFrame(cells, columns=["place_id", "name", "alternates", "kind_code", "admin1", "latitude"])
    table = table.assign(country_code="EXA", pcode="", longitude=10.0, radius_km=5.0, source="invented")
    table["latitude"] = table["latitude"].astype(float)
    return table[list(PLACE_COLUMNS)]


KNOWN = (
    "exa;Exampleland;;country;;60",
    "exa_gov_north;Ashmark;Sample;governorate;Ashmark;60",
    "exa_gov_south;Benmark;;governorate;Benmark;50",
    "exa_sample;Sample;Sampel|المثال;city;Ashmark;60.1",
    "exa_mill_n;Millbrook;;village;Ashmark;60.2",
    "exa_mill_s;Millbrook;;village;Benmark;50.2",
    "exa_ford;Longford;Langford;town;Benmark;50.1",
)


@pytest.fixture(scope="module")
def invented() -> Gazetteer:
    """A gazetteer of an invented country."""
    return build_gazetteer(places(*KNOWN), {"exampleland": "EXA"})


@pytest.fixture(scope="module")
def shipped(rules: Ruleset) -> Gazetteer:
    """The shipped gazetteer."""
    return build_context(rules, "airwars").gazetteer


@pytest.mark.parametrize(
    ("name", "admin1", "place_id", "found_admin1"),
    [
        ("Longford", "", "exa_ford", "Benmark"),
        ("Langford", "", "exa_ford", "Benmark"),
        ("LONGFORD town", "", "exa_ford", "Benmark"),
        ("المثال", "", "exa_sample", "Ashmark"),
        ("near Longford, Exampleland", "", "exa_ford", "Benmark"),
        ("Benmark", "", "exa_gov_south", "Benmark"),
        ("Old Bridge, Benmark", "", "exa_gov_south", "Benmark"),
        ("Longford, Benmark", "", "exa_ford", "Benmark"),
        ("Longford, Ashmark", "", "exa_gov_north", "Ashmark"),
        ("Millbrook", "", "", ""),
        ("Millbrook", "Benmark", "exa_mill_s", "Benmark"),
        ("Millbrook, Ashmark", "", "exa_mill_n", "Ashmark"),
        ("Longford", "Ashmark", "", ""),
        ("Nowhere", "", "", ""),
        ("", "", "", ""),
        ("the town", "", "", ""),
    ],
)
def test_narrowest_place_of_a_name(
    invented: Gazetteer, name: str, admin1: str, place_id: str, found_admin1: str
) -> None:
    """Alternates and parts of a name are read; a name in two governorates is nobody's until one is stated."""
    found = invented.resolve(name, admin1)
    assert (found.place.place_id if found.place else "", found.admin1) == (place_id, found_admin1)


def test_town_and_governorate_of_one_name(invented: Gazetteer) -> None:
    """A bare name is read as the town and said to be either; a word beside it decides."""
    bare = invented.resolve("Sample")
    assert bare.place is not None
    assert (bare.place.place_id, bare.is_ambiguous) == ("exa_sample", True)
    for name in ("Sample governorate", "Sample province", "Sample countryside"):
        wide = invented.resolve(name)
        assert wide.place is not None
        assert (wide.place.place_id, wide.is_ambiguous) == ("exa_gov_north", False)


def test_word_for_a_district_is_no_town(shipped: Gazetteer) -> None:
    """Raqqa district is not the city of Raqqa, though no table of districts is there."""
    found = shipped.resolve("Ar Raqqah district", "Ar-Raqqa")
    assert found.place is None or found.place.kind_code not in {"city", "town", "village"}


@pytest.mark.parametrize(("country", "place_id"), [("SYR", "syr_raqqa"), ("YEM", ""), ("", "syr_raqqa")])
def test_stated_country_bounds_the_name(shipped: Gazetteer, country: str, place_id: str) -> None:
    """A name of another country's record is not looked for here."""
    found = shipped.resolve("Raqqa", country=country)
    assert (found.place.place_id if found.place else "") == place_id


@pytest.mark.parametrize(
    ("name", "place_id"),
    [
        ("Raqqa countryside", "syr_gov_ar_raqqa"),
        ("western Homs countryside", "syr_gov_homs"),
        ("ريف الرقة", "syr_gov_ar_raqqa"),
        ("Damascus countryside", "syr_gov_rural_damascus"),
        ("Rural Damascus", "syr_gov_rural_damascus"),
    ],
)
def test_countryside_is_the_governorate(shipped: Gazetteer, name: str, place_id: str) -> None:
    """The countryside of a governorate is read as the governorate, as rules/places says; that of Damascus is its own."""
    found = shipped.resolve(name)
    assert found.place is not None
    assert found.place.place_id == place_id


def test_country_alone(invented: Gazetteer) -> None:
    """A name of which only the country is known gives the country and no place."""
    found = invented.resolve("Nowhere, Exampleland")
    assert (found.place, found.country_code) == (None, "EXA")


def test_governorate_is_found_by_its_names(invented: Gazetteer) -> None:
    """A governorate is looked up among governorates, also where a town bears its name."""
    sample = invented.governorate("Sample")
    assert sample is not None
    assert sample.place_id == "exa_gov_north"
    assert invented.governorate("Longford") is None
    assert invented.governorate("") is None


def test_shires_told_apart_by_a_direction() -> None:
    """North and South Darfur are two governorates, as are North and South Sinai: the direction is part of the name."""
    table = places(
        "exa_n;North Marsh;;governorate;North Marsh;60", "exa_s;South Marsh;;governorate;South Marsh;50"
    )
    shires = build_gazetteer(table, {})
    for name, place_id in (("North Marsh", "exa_n"), ("South Marsh", "exa_s")):
        found = shires.governorate(name)
        assert found is not None
        assert found.place_id == place_id


# ---- a user's gazetteer --------------------------------------------------------------------------------------------


def with_own(*rows: str) -> Gazetteer:
    """The invented gazetteer with a user's rows."""
    return build_gazetteer(places(*KNOWN), {}, places(*rows))


def test_own_row_replaces_the_shipped_one() -> None:
    """A row of the same id is the user's everywhere: by name and by id."""
    own = with_own("exa_ford;Longford;;town;Benmark;51.5")
    found = own.resolve("Longford").place
    assert found is not None
    assert (found.latitude, own.by_id["exa_ford"].latitude) == (51.5, 51.5)


def test_own_name_wins_over_a_shipped_namesake() -> None:
    """A name that the user's table knows is taken from it, also where ours knows it in another governorate."""
    own = with_own("own_ford;Longford;;town;Ashmark;60.5")
    found = own.resolve("Longford").place
    assert found is not None
    assert found.place_id == "own_ford"


def test_own_town_leaves_the_governorate_of_its_name() -> None:
    """A user's town of a governorate's name takes the place of our town, and the governorate is still found."""
    own = with_own("own_town;Sample;;town;Benmark;50.5")
    town, shire = own.resolve("Sample").place, own.governorate("Sample")
    assert town is not None
    assert shire is not None
    assert (town.place_id, shire.place_id) == ("own_town", "exa_gov_north")


def test_own_names_are_added() -> None:
    """What the user's table does not know is still read from ours."""
    own = with_own("own_new;Newtown;;town;Benmark;50.5")
    assert [own.resolve(name).admin1 for name in ("Newtown", "Longford")] == ["Benmark", "Benmark"]


# ---- shipped tables ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "place_id", "admin1"),
    [
        ("Raqqa", "syr_raqqa", "Ar-Raqqa"),
        ("near Raqqah, Syria", "syr_raqqa", "Ar-Raqqa"),
        ("الرقة", "syr_raqqa", "Ar-Raqqa"),
        ("Raqqa province", "syr_gov_ar_raqqa", "Ar-Raqqa"),
        ("Ash Sha'fah, Syria", "syr_shaafah", "Deir-ez-Zor"),
        ("Al Sha’afa", "syr_shaafah", "Deir-ez-Zor"),
        ("Abu Kamal", "syr_bukamal", "Deir-ez-Zor"),
    ],
)
def test_names_of_the_conflicts_at_hand(shipped: Gazetteer, name: str, place_id: str, admin1: str) -> None:
    """Spellings of reports and statements lead to the place they mean."""
    found = shipped.resolve(name)
    assert found.place is not None
    assert (found.place.place_id, found.admin1) == (place_id, admin1)


def test_shipped_tables_are_sound(rules: Ruleset) -> None:
    """Ids are unique, kinds are known, coordinates lie in their country, and every governorate named is a row."""
    table, terms = rules.places, rules.vocabularies["countries"].terms
    assert table["place_id"].is_unique
    known = set(rules.vocabularies["place_kinds"].terms)
    assert set(table["kind_code"]) <= known
    for row in table.itertuples():
        south, north, west, east = terms[row.country_code].bbox
        assert south <= row.latitude <= north, row.place_id
        assert west <= row.longitude <= east, row.place_id
    shires = set(table.loc[table["kind_code"] == "governorate", "admin1"])
    assert set(table["admin1"]) <= shires | {""}
