"""Drafts become frames that keep their contracts: one fate a row, one id a claim, the job's scope, and nothing lost."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row

from reconcile.drafts import (
    CLAIM_DRAFT_COLUMNS,
    FIGURE_DRAFT_COLUMNS,
    VICTIM_DRAFT_COLUMNS,
    Draft,
    IssueList,
    gather,
)
from reconcile.frames import Claims, Figures, Issues, RowFates, Victims, empty
from reconcile.validate import Within, validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.ruleset import Ruleset
    from reconcile.validate import Validated

NOWHERE = {"place_name": "", "admin1": "", "country_code": ""}
NEVER = {"day": None, "edtf": "", "date_precision_code": 0}


def draft_of(
    *rows: dict[str, Any], figures: Sequence[dict[str, Any]] = (), victims: Sequence[dict[str, Any]] = ()
) -> Draft:
    """A draft of claims made by `claim_row`; figures and victims name the claim by its place among the rows."""
    claims = claims_frame(*({**row, "claim_id": f"{n:03}"} for n, row in enumerate(rows)))
    claims = claims.assign(claim_id=[row["claim_id"] for row in rows], draft_no=range(len(rows)))
    numbers = pd.DataFrame(figures, columns=["claim_id", *FIGURE_DRAFT_COLUMNS[1:]])
    fates = (
        claims[["source_file", "source_sheet", "source_row"]].drop_duplicates().assign(fate_code="claimed")
    )
    draft = Draft(
        claims[list(CLAIM_DRAFT_COLUMNS)],
        numbers.rename(columns={"claim_id": "draft_no"})[list(FIGURE_DRAFT_COLUMNS)],
        pd.DataFrame(victims, columns=list(VICTIM_DRAFT_COLUMNS)),
        empty(Issues),
        fates,
    )
    return gather([draft])


@pytest.fixture
def validated(rules: Ruleset) -> Any:
    """A function that validates a draft within a scope."""

    def run(draft: Draft, key: bytes = b"", **scope: Any) -> Validated:
        return validate(draft, Within(**scope), rules.vocabularies["countries"].terms, key)

    return run


def codes(valid: Validated) -> list[tuple[int, str]]:
    """Row and kind of every issue."""
    return list(zip(valid.issues["source_row"], valid.issues["code"], strict=True))


def test_frames_keep_their_contracts(validated: Any) -> None:
    """What comes out has the declared columns and types, also when nothing goes in."""
    full = validated(draft_of(claim_row(1), figures=[figure_row(0, 3)]))
    none = validated(gather([]))
    for valid in (full, none):
        for name, frame in (
            ("claims", Claims), ("figures", Figures), ("victims", Victims), ("issues", Issues), ("fates", RowFates)
        ):  # fmt: skip
            frame.validate(getattr(valid, name), lazy=True)
    assert [len(none.claims), len(none.fates)] == [0, 0]


# ---- scope ---------------------------------------------------------------------------------------------------------

JUNE = {"from_day": date(2017, 6, 6), "to_day": date(2017, 6, 17)}


@pytest.mark.parametrize(
    ("row", "scope", "kept"),
    [
        ({"day": "2017-06-06"}, JUNE, True),
        ({"day": "2017-06-17"}, JUNE, True),
        ({"day": "2017-06-05"}, JUNE, False),
        ({"day": "2017-06-18"}, JUNE, False),
        ({"date_start": "2017-06-01", "date_end": "2017-06-06"}, JUNE, True),
        ({"date_start": "2017-06-17", "date_end": "2017-06-30"}, JUNE, True),
        ({"date_start": "2017-05-01", "date_end": "2017-07-30"}, JUNE, True),
        (NEVER, JUNE, True),
        ({"country_code": "SYR"}, {"countries": ("SYR", "IRQ")}, True),
        ({"country_code": "YEM"}, {"countries": ("SYR", "IRQ")}, False),
        ({"country_code": ""}, {"countries": ("SYR",)}, True),
        ({"country_code": "YEM"}, {}, True),
    ],
)
def test_job_scope_counts_what_it_sets_aside(
    validated: Any,
    row: dict[str, Any],
    scope: dict[str, Any],
    kept: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """A claim whose window or country may belong is kept; any other is out of scope, with its figures, and counted."""
    valid = validated(draft_of(claim_row(1, **row), figures=[figure_row(0, 3)]), **scope)
    assert [len(valid.claims), len(valid.figures)] == [kept, kept]
    assert valid.fates["fate_code"].tolist() == ["claimed" if kept else "out_of_scope"]


def test_measures_outside_the_scope_leave_the_claim(validated: Any) -> None:
    """A job about the killed keeps an incident of the injured, without that number."""
    figures = [figure_row(0, 3), figure_row(0, 9, measure_code="injured")]
    valid = validated(draft_of(claim_row(1), figures=figures), measures=("killed",))
    assert valid.figures["measure_code"].tolist() == ["killed"]
    assert len(valid.claims) == 1


# ---- fates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "figures", "fate"),
    [
        ({**NEVER, **NOWHERE}, (), "quarantined"),
        ({**NEVER, **NOWHERE}, (figure_row(0, 3),), "claimed"),
        (NOWHERE, (), "claimed"),
        (NEVER, (), "claimed"),
        ({**NEVER, **NOWHERE, "place_name_native": "الرقة"}, (), "claimed"),
    ],
)
def test_row_without_number_day_and_place_is_set_aside(
    validated: Any, row: dict[str, Any], figures: Sequence[dict[str, Any]], fate: str
) -> None:
    """A row that claims nothing is quarantined and said; any one of number, day and place keeps it."""
    valid = validated(draft_of(claim_row(1, **row), figures=figures))
    assert valid.fates["fate_code"].tolist() == [fate]
    assert codes(valid) == ([(2, "hollow_row")] if fate == "quarantined" else [])


def test_row_of_two_claims_has_one_fate(validated: Any) -> None:
    """A row stays claimed as long as one of its claims is in scope."""
    rows = claim_row(1, day="2017-06-10"), claim_row(2, day="2017-08-10", source_row=2)
    valid = validated(draft_of(*rows), **JUNE)
    assert valid.claims["claim_id"].tolist() == ["airwars:X1"]
    assert valid.fates["fate_code"].tolist() == ["claimed"]


def test_fates_settled_before_stay(validated: Any) -> None:
    """What was quarantined, no data or corrected away on the way in is still so on the way out."""
    draft = draft_of(claim_row(1))
    more = pd.DataFrame(
        {
            "source_file": "example.csv",
            "source_sheet": "",
            "source_row": [3, 4, 5],
            "fate_code": ["quarantined", "not_data", "corrected_away"],
        }
    )
    fates = pd.concat([draft.fates, more], ignore_index=True)
    draft = Draft(draft.claims, draft.figures, draft.victims, draft.issues, fates)
    assert validated(draft).fates["fate_code"].tolist() == ["claimed", *more["fate_code"]]


# ---- ids -----------------------------------------------------------------------------------------------------------


def test_repeated_ids_are_kept_apart(validated: Any) -> None:
    """Rows of one id are all kept, under ids of their own, with their figures, and said."""
    rows = [claim_row(n, native_id="TS9631", day=f"2017-06-{10 + n}") for n in (1, 2, 3)]
    valid = validated(draft_of(*rows, figures=[figure_row(n, n + 1) for n in range(3)]))
    ids = ["airwars:TS9631", "airwars:TS9631~2", "airwars:TS9631~3"]
    assert valid.claims["claim_id"].tolist() == ids
    assert valid.figures.set_index("claim_id")["low"].to_dict() == dict(zip(ids, [1, 2, 3], strict=True))
    assert codes(valid) == [(3, "duplicate_id"), (4, "duplicate_id")]


def test_repeated_ids_do_not_depend_on_order(validated: Any) -> None:
    """Which of two rows of one id bears the mark does not depend on which was read first."""
    rows = [claim_row(n, native_id="TS9631", day=f"2017-06-{10 + n}") for n in (1, 2)]
    one, other = validated(draft_of(*rows)), validated(draft_of(*reversed(rows)))
    pd.testing.assert_frame_equal(one.claims, other.claims)


def test_id_that_looks_like_a_mark(validated: Any) -> None:
    """An id that a monitor itself ends in ~2 does not collide with the one made for a duplicate."""
    rows = [claim_row(1, native_id="A1"), claim_row(2, native_id="A1"), claim_row(3, native_id="A1~2")]
    claims = validated(draft_of(*rows)).claims
    assert len(claims) == claims["claim_id"].nunique() == 3


def test_claims_come_out_sorted_however_they_went_in(validated: Any) -> None:
    """Claims are in the order of their ids, and figures follow them, whatever the order of files and rows."""
    rows = [claim_row(n) for n in (3, 1, 2)]
    figures = [figure_row(n, n) for n in range(3)]
    one = validated(draft_of(*rows, figures=figures))
    again = [{**figure, "claim_id": 2 - figure["claim_id"]} for figure in reversed(figures)]
    other = validated(draft_of(*reversed(rows), figures=again))
    assert one.claims["claim_id"].tolist() == ["airwars:X1", "airwars:X2", "airwars:X3"]
    pd.testing.assert_frame_equal(one.claims, other.claims)
    pd.testing.assert_frame_equal(one.figures, other.figures)


def test_drafts_are_gathered_without_mixing(validated: Any) -> None:
    """Figures stay with the claims of their own file."""
    one = draft_of(
        claim_row(1, source_file="a.csv"), claim_row(2, source_file="a.csv"), figures=[figure_row(1, 5)]
    )
    other = draft_of(claim_row(3, source_file="b.csv"), figures=[figure_row(0, 7)])
    for drafts in ([one, other], [other, one], [one, gather([]), other]):
        valid = validated(gather(drafts))
        assert valid.figures.set_index("claim_id")["low"].to_dict() == {"airwars:X2": 5, "airwars:X3": 7}
        assert len(valid.fates) == 3


# ---- places and issues ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "off"),
    [
        (35.95, 39.0, "SYR", False),
        (39.0, 35.95, "SYR", True),
        (35.95, 39.0, "YEM", True),
        (35.95, 39.0, "", False),
        (None, None, "SYR", False),
    ],
)
def test_coordinates_outside_their_country_are_told(
    validated: Any,
    latitude: float | None,
    longitude: float | None,
    country: str,
    off: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """A point outside the outline of the claim's own country is an error, and stays as published."""
    row = claim_row(1, latitude=latitude, longitude=longitude, country_code=country)
    valid = validated(draft_of(row))
    assert codes(valid) == ([(2, "outside_country")] if off else [])
    if latitude is not None:
        assert valid.claims[["latitude", "longitude"]].to_numpy().tolist() == [[latitude, longitude]]


def test_issues_come_out_by_weight_and_place(validated: Any) -> None:
    """Errors first, then warnings, then notes; within each by file and row."""
    issues = IssueList("example.csv", "")
    for row, severity in ((9, "note"), (3, "warning"), (7, "error"), (2, "error")):
        issues.add("example", "A sentence.", row=row, severity=severity)
    draft = draft_of(claim_row(1))
    draft = Draft(draft.claims, draft.figures, draft.victims, issues.frame(), draft.fates)
    assert validated(draft).issues["source_row"].tolist() == [2, 7, 3, 9]


def test_persons_have_keyed_ids(validated: Any) -> None:
    """A person's id depends on the job's key and not on the order of rows; the same name twice is two persons."""

    def person(draft_no: int, name: str) -> dict[str, Any]:
        return {
            "draft_no": draft_no,
            "name_published": name,
            "name_native": "",
            "sex_code": "unknown",
            "age_low_years": None,
            "age_high_years": None,
            "birth_year": None,
        }

    people = [person(0, "Planted One"), person(0, "Planted Two"), person(0, "Planted One")]
    one = validated(draft_of(claim_row(1), victims=people), key=b"k").victims
    again = validated(draft_of(claim_row(1), victims=people[::-1]), key=b"k").victims
    other = validated(draft_of(claim_row(1), victims=people), key=b"l").victims
    assert one["person_id"].nunique() == 3
    assert set(one["person_id"]) == set(again["person_id"])
    assert not set(one["person_id"]) & set(other["person_id"])
    assert one["person_id"].str.fullmatch("per_[0-9a-f]{16}").all()
