"""A person's corrections: applied where the old value still stands, refused in a sentence where it does not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row

from reconcile.correct import correct
from reconcile.drafts import (
    CLAIM_DRAFT_COLUMNS,
    FIGURE_DRAFT_COLUMNS,
    VICTIM_DRAFT_COLUMNS,
    Draft,
    gather,
)
from reconcile.frames import Issues, empty
from reconcile.ruleset import Correction
from reconcile.validate import Within, validate

if TYPE_CHECKING:
    from reconcile.ruleset import Ruleset
    from reconcile.validate import Validated

SPOT = {"latitude": 35.952829, "longitude": 39.5}


def draft_of(*rows: dict[str, Any], figures: tuple[dict[str, Any], ...] = ()) -> Draft:
    """A draft of claims made by `claim_row`; figures name the claim by its place among the rows."""
    claims = claims_frame(*({**row, "claim_id": f"{n}"} for n, row in enumerate(rows)))
    claims = claims.assign(claim_id=[row["claim_id"] for row in rows], draft_no=range(len(rows)))
    numbers = pd.DataFrame(figures, columns=["claim_id", *FIGURE_DRAFT_COLUMNS[1:]])
    numbers = numbers.rename(columns={"claim_id": "draft_no"})
    for name in ("low", "best", "high"):
        numbers[name] = pd.to_numeric(numbers[name])
    fates = claims[["source_file", "source_sheet", "source_row"]].assign(fate_code="claimed")
    draft = Draft(
        claims[list(CLAIM_DRAFT_COLUMNS)],
        numbers[list(FIGURE_DRAFT_COLUMNS)],
        pd.DataFrame({name: pd.Series(dtype="object") for name in VICTIM_DRAFT_COLUMNS}),
        empty(Issues),
        fates,
    )
    return gather([draft])


def change(column: str, expected: str, value: str, claim: str = "airwars:X1") -> Correction:
    """A correction of one value."""
    return correction(claim, "set", column=column, expected=expected, value=value)


def correction(claim: str, action: str, **parts: str) -> Correction:
    """A correction by an invented analyst."""
    return Correction(
        claim_id=claim, action=action, reason="seen on the page", reviewer="A. Analyst", decided_on=date(2020, 1, 31), **parts
    )  # fmt: skip


def plain_draft() -> Draft:
    """One incident with 3 to 5 killed, and one whose high is open."""
    rows = claim_row(1, place_name="Tell Exampel", **SPOT), claim_row(2)
    return draft_of(*rows, figures=(figure_row(0, 3, 5), figure_row(1, 4, is_open=True)))


def validated(draft: Draft, rules: Ruleset) -> Validated:
    """The frames a corrected draft becomes, as the pipeline makes them."""
    return validate(draft, Within(), rules.vocabularies["countries"].terms)


def refused(draft: Draft) -> list[str]:
    """The sentences of corrections that were not applied."""
    noted = draft.issues[draft.issues["code"] == "correction_not_applied"]
    assert set(noted["severity"]) <= {"error"}
    return noted["message"].tolist()


# ---- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "expected", "value", "stored"),
    [
        ("place_name", "Tell Exampel", "Tell Example", "Tell Example"),
        ("admin1", "Ar-Raqqa", "", ""),
        ("date_start", "2017-06-10", "2017-06-09", pd.Timestamp("2017-06-09")),
        ("reported_on", "", "2017-06-12", pd.Timestamp("2017-06-12")),
        ("latitude", "35.952829", "35.95", 35.95),
    ],
)
def test_value_is_set_where_the_old_one_stands(column: str, expected: str, value: str, stored: Any) -> None:
    """Text, days and coordinates are corrected; the old value is given as the workbook shows it."""
    before = plain_draft()
    after = correct(before, [change(column, expected, value)])
    assert refused(after) == []
    assert after.claims[column].iloc[0] == stored
    assert before.claims[column].iloc[0] != stored
    follows = [column, "edtf", "date_precision_code"]
    pd.testing.assert_frame_equal(after.claims.drop(columns=follows), before.claims.drop(columns=follows))


@pytest.mark.parametrize(
    ("column", "expected", "value", "bounds"),
    [
        ("killed.civilian.low", "3", "4", (4, 5)),
        ("killed.civilian.high", "5", "7", (3, 7)),
        ("killed.civilian.high", "5", "", (3, None)),
    ],
)
def test_bound_is_set(column: str, expected: str, value: str, bounds: tuple[Any, Any]) -> None:
    """A bound of a figure is corrected; a blank high opens it, and other claims keep theirs."""
    after = correct(plain_draft(), [change(column, expected, value)])
    assert refused(after) == []
    own, other = after.figures.to_dict("records")
    assert (own["low"], None if pd.isna(own["high"]) else own["high"]) == bounds
    assert other["low"] == 4
    assert pd.isna(other["high"])


def test_open_high_is_closed() -> None:
    """An open high is expected as a blank."""
    after = correct(plain_draft(), [change("killed.civilian.high", "", "6", "airwars:X2")])
    assert after.figures["high"].tolist() == [5, 6]


@pytest.mark.parametrize(
    ("column", "expected", "value", "why"),
    [
        ("place_name", "Tell Example", "x", "it expects 'Tell Example'"),
        ("date_start", "2017-06-11", "2017-06-09", "it expects '2017-06-11'"),
        ("killed.civilian.low", "4", "5", "it expects '4'"),
        ("killed.combatant.low", "4", "5", "it expects '4'"),
        ("killed.civilian.middle", "4", "5", "not `measure.population.bound`"),
        ("killed.low", "4", "5", "not `measure.population.bound`"),
        ("claim_id", "airwars:X1", "airwars:X9", "'claim_id' is not a column that can be corrected"),
        ("date_start", "2017-06-10", "soon", "date_start"),
        ("date_start", "2017-06-10", "2017-02-30", "date_start"),
        ("date_end", "2017-06-10", "2017-06-01", "date_end"),
        ("longitude", "39.5", "east", "longitude"),
        ("longitude", "39.5", "4239", "longitude"),
        ("killed.civilian.low", "3", "few", "killed.civilian.low"),
        ("killed.civilian.low", "3", "-1", "killed.civilian.low"),
        ("killed.civilian.low", "3", "9", "killed.civilian.low"),
        ("killed.civilian.low", "3", "", "killed.civilian.low"),
    ],
)
def test_correction_is_refused(column: str, expected: str, value: str, why: str, rules: Ruleset) -> None:
    """What does not fit is an error with its reason; nothing changes, and the run goes on."""
    before = plain_draft()
    after = correct(before, [change(column, expected, value)])
    (sentence,) = refused(after)
    assert why in sentence
    assert sentence.endswith("Review it, or withdraw it.")
    pd.testing.assert_frame_equal(after.claims, before.claims)
    pd.testing.assert_frame_equal(after.figures, before.figures)
    validated(after, rules)


def test_correction_of_nothing_is_refused() -> None:
    """A claim that this run does not hold is told."""
    after = correct(plain_draft(), [change("place_name", "x", "y", "airwars:X9")])
    assert ["there is no such claim" in sentence for sentence in refused(after)] == [True]


def test_window_follows_its_days(rules: Ruleset) -> None:
    """A corrected last day shows in the window's text and precision too, or one claim says two things."""
    after = correct(plain_draft(), [change("date_end", "2017-06-10", "2017-06-12")])
    claim = validated(after, rules).claims.iloc[0]
    assert (claim["edtf"], claim["date_precision_code"]) == ("2017-06-10/2017-06-12", 2)


def test_qualifier_follows_its_bounds(rules: Ruleset) -> None:
    """A figure whose high is opened is no longer a range."""
    after = correct(plain_draft(), [change("killed.civilian.high", "5", "")])
    figures = validated(after, rules).figures
    assert figures.loc[figures["claim_id"] == "airwars:X1", "qualifier_code"].tolist() == ["at_least"]


def test_only_whole_figures_are_corrected() -> None:
    """The number of all killed is meant, not that of the children among them."""
    draft = draft_of(claim_row(1), figures=(figure_row(0, 3), figure_row(0, 3, age_group_code="child")))
    after = correct(draft, [change("killed.civilian.high", "3", "4")])
    assert after.figures["high"].tolist() == [4, 3]


def test_corrections_follow_each_other() -> None:
    """A later correction meets what an earlier one left."""
    after = correct(
        plain_draft(),
        [change("place_name", "Tell Exampel", "Ain Sample"), change("place_name", "Ain Sample", "Last")],
    )
    assert after.claims["place_name"].tolist() == ["Last", "Tell Example"]
    assert refused(after) == []


# ---- whole claims --------------------------------------------------------------------------------------------------


def test_dropped_claim_is_counted(rules: Ruleset) -> None:
    """A dropped claim leaves with its figures; its row is corrected away, and no row is lost."""
    after = validated(correct(plain_draft(), [correction("airwars:X1", "drop")]), rules)
    assert after.claims["claim_id"].tolist() == ["airwars:X2"]
    assert after.figures["claim_id"].tolist() == ["airwars:X2"]
    assert after.fates["fate_code"].tolist() == ["corrected_away", "claimed"]


def twins() -> Draft:
    """Two rows that the monitor published under one id, with different numbers."""
    rows = (
        claim_row(1, native_id="TS9631", place_name="First"),
        claim_row(2, native_id="TS9631", place_name="Second"),
    )
    return draft_of(*rows, figures=(figure_row(0, 3), figure_row(1, 8)))


def test_correction_of_one_twin_leaves_the_other(rules: Ruleset) -> None:
    """Of two records with one id, only the one whose old value is expected changes."""
    after = correct(twins(), [change("place_name", "First", "Third", "airwars:TS9631")])
    assert sorted(after.claims["place_name"]) == ["Second", "Third"]
    assert len(validated(after, rules).claims) == 2


def test_bound_of_one_twin_leaves_the_other() -> None:
    """Of two records with one id, only the figure whose old value is expected changes."""
    after = correct(twins(), [change("killed.civilian.high", "3", "4", "airwars:TS9631")])
    assert after.figures["high"].tolist() == [4, 8]


def test_twin_is_dropped_by_the_id_it_is_shown_under(rules: Ruleset) -> None:
    """A duplicate is dropped by the id of the workbook, and the record it doubles stays."""
    shown = validated(twins(), rules).claims.set_index("claim_id")["place_name"]
    assert shown.index.tolist() == ["airwars:TS9631", "airwars:TS9631~2"]
    after = validated(correct(twins(), [correction("airwars:TS9631~2", "drop")]), rules)
    assert after.claims["place_name"].tolist() == [shown["airwars:TS9631"]]
    assert sorted(after.fates["fate_code"]) == ["claimed", "corrected_away"]
