"""The order of scopes: which total counts people that another counts too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import claim_row, claims_frame, figure_row, figures_frame
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.normalize import build_context
from reconcile.pipeline import reader_of
from reconcile.scopes import Scopes, scopes_of
from reconcile.validate import Within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconcile.ruleset import Ruleset
    from reconcile.scopes import Reader

CITY = {"place_name": "Raqqa city", "place_id": "syr_raqqa", "place_kind_code": "city"}
EITHER = {"place_name": "Raqqa", "place_id": "syr_raqqa", "place_kind_code": ""}
STREET = {"place_name": "Example Street, Raqqa", "place_id": "syr_raqqa", "place_kind_code": ""}
AROUND = {
    "place_name": "Raqqa city and countryside",
    "place_id": "syr_raqqa",
    "place_kind_code": "city_and_countryside",
}
SHIRE = {"place_name": "Raqqa governorate", "place_id": "syr_gov_ar_raqqa", "place_kind_code": "governorate"}
VILLAGE = {
    "place_name": "Tell Nowhere, east Raqqa countryside",
    "place_id": "syr_gov_ar_raqqa",
    "place_kind_code": "",
}
LAND = {"place_name": "Syria", "place_id": "", "place_kind_code": "", "admin1": ""}
LANDS = LAND | {"place_name": "Iraq and Syria", "country_code": "IRQ SYR"}
ELSEWHERE = LAND | {"place_name": "Iraq", "country_code": "IRQ"}
UNKNOWN = LAND | {"place_name": "", "country_code": ""}
PLACES = (CITY, EITHER, STREET, AROUND, SHIRE, VILLAGE, LAND, LANDS, ELSEWHERE, UNKNOWN)
ATTACKERS = ("", "us_led_coalition", "usa", "uk", "russia", "russia syria_government", "unknown")
MEANS = ("", "air", "artillery", "fighting_and_air", "shooting", "explosive")


@pytest.fixture(scope="module")
def reader(rules: Ruleset) -> Reader:
    """The shipped monitors, attackers, means and places."""
    return reader_of(rules, build_context(rules, "airwars").gazetteer, Within())


def scopes(reader: Reader, *totals: Mapping[str, str], **figure: str) -> Scopes:
    """Return the scopes of totals, one figure each, in the order given."""
    rows = [
        claim_row(at, **({"kind_code": "total", "unit_code": "total", "monitor": "sohr"} | dict(one)))
        for at, one in enumerate(totals, start=1)
    ]
    figures = [figure_row(row["claim_id"], 5, **figure) for row in rows]
    return scopes_of(claims_frame(*rows), figures_frame(*figures), reader)


def at(found: Scopes, number: int) -> np.ndarray:
    """Return the position of the total given as the `number`-th, as an array."""
    return np.flatnonzero((found.totals["claim_id"] == f"sohr:X{number}").to_numpy())


@pytest.mark.parametrize(
    ("inner", "outer", "holds"),
    [
        (CITY, SHIRE, True),
        (CITY, AROUND, True),
        (EITHER, SHIRE, True),
        (CITY, EITHER, False),
        (SHIRE, EITHER, False),
        (STREET, EITHER, True),
        (EITHER, STREET, False),
        (VILLAGE, AROUND, True),
        (VILLAGE, LAND, True),
        (LAND, LANDS, True),
        (LANDS, LAND, False),
        (LAND, UNKNOWN, False),
        (UNKNOWN, LAND, False),
    ],
)
def test_a_place_lies_in_what_holds_it_for_certain(
    reader: Reader, inner: dict[str, str], outer: dict[str, str], *, holds: bool
) -> None:
    """A name that may be the town or its governorate lies in the governorate, and nothing is said of the town."""
    found = scopes(reader, inner, outer)

    assert found.inside(at(found, 1), at(found, 2)).tolist() == [holds]


@pytest.mark.parametrize(
    ("left", "right", "holds"),
    [
        (CITY, VILLAGE, True),
        (LAND, ELSEWHERE, True),
        (CITY, STREET, False),
        (EITHER, VILLAGE, False),
        (LANDS, LAND, False),
    ],
)
def test_places_are_apart_only_where_nobody_can_be_in_both(
    reader: Reader, left: dict[str, str], right: dict[str, str], *, holds: bool
) -> None:
    """The town and a village of its countryside exclude each other; a street may lie in the town."""
    found = scopes(reader, left, right)

    assert found.apart(at(found, 1), at(found, 2)).tolist() == [holds]


def test_a_member_of_an_alliance_acts_inside_it(reader: Reader) -> None:
    """The US is inside the Coalition, a total without an attacker counts everybody's, Russia is apart."""
    found = scopes(
        reader, *({"perpetrator_codes": code} for code in ("usa", "us_led_coalition", "", "russia"))
    )

    assert found.inside(at(found, 1), at(found, 2)).all()
    assert found.inside(at(found, 2), at(found, 3)).all()
    assert not found.inside(at(found, 3), at(found, 2)).any()
    assert found.apart(at(found, 2), at(found, 4)).all()


def test_layouts_of_one_series_are_one(reader: Reader) -> None:
    """Rows of the daily file belong together whoever reported that day; a sheet's nameless claims never do."""
    found = scopes(
        reader,
        {"monitor": "gaza_moh", "layout": "daily_json"},
        {"monitor": "gaza_gmo", "layout": "daily_cumulative"},
        {"monitor": "drafts", "layout": "drafts"},
        {"monitor": "drafts", "layout": "drafts", "origin_ids": "somebody"},
    ).totals.set_index("claim_id")["series"]  # fmt: skip

    assert found["gaza_moh:X1"] == found["gaza_gmo:X2"] == "gaza_daily"
    assert found["drafts:X3"] == "drafts:drafts:X3"
    assert found["drafts:X4"] == "drafts:somebody"


SCOPE = st.fixed_dictionaries(
    {
        "place": st.sampled_from(PLACES),
        "perpetrator_codes": st.sampled_from(ATTACKERS),
        "violence_code": st.sampled_from(MEANS),
    }
)


@settings(max_examples=40, deadline=None)
@given(stated=st.lists(SCOPE, min_size=3, max_size=3))
def test_scopes_inside_is_an_order(reader: Reader, stated: list[dict[str, object]]) -> None:
    """Each scope is inside itself, and what is inside of what is inside is inside."""
    found = scopes(reader, *_flat(stated))
    rows = np.arange(len(found.totals))

    assert found.inside(rows, rows).all()
    held = found.inside(np.repeat(rows, len(rows)), np.tile(rows, len(rows))).reshape(len(rows), len(rows))
    through = (held.astype(int) @ held.astype(int)) > 0
    assert not (through & ~held).any()


@settings(max_examples=40, deadline=None)
@given(stated=st.lists(SCOPE, min_size=2, max_size=4))
def test_scopes_apart_excludes_inside(reader: Reader, stated: list[dict[str, object]]) -> None:
    """No two scopes are apart and one of them inside the other."""
    found = scopes(reader, *_flat(stated))
    left, right = (grid.ravel() for grid in np.meshgrid(*[np.arange(len(found.totals))] * 2))

    assert not (found.apart(left, right) & found.inside(left, right)).any()


def _flat(stated: list[dict[str, object]]) -> list[dict[str, str]]:
    """Return the overrides of claims: the place's own beside the rest."""
    return [
        {**{key: value for key, value in one.items() if key != "place"}, **one["place"]} for one in stated
    ]
