"""What changed between two releases: known edits are made, and exactly these must be found."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row, figures_frame
from hypothesis import given
from hypothesis import strategies as st
from strategies import Small, budget, frames

from reconcile.frames import CHANGE_CODES
from reconcile.history import (
    InputState,
    Reading,
    Release,
    RunState,
    Skipped,
    compare_releases,
    compare_runs,
    input_state,
    reading_of,
    what_is_compared,
)
from reconcile.history.telling import _number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.ruleset import Ruleset

    Row = dict[str, Any]
    Told = set[tuple[str, str, str]]

THEN, NOW = {"file_sha256": "1" * 64}, {"file_sha256": "2" * 64}
FIRST = date(2017, 3, 1)


@pytest.fixture(scope="module")
def reading(rules: Ruleset) -> Reading:
    """What the stage reads from rules."""
    return reading_of(rules)


def release(rows: Sequence[Row], figures: Sequence[Row], file: Row, **more: Any) -> Release:
    """Return a release of rows of the builders."""
    return Release(claims_frame(*(row | file for row in rows)), figures_frame(*figures), **more)


def told(changes: pd.DataFrame) -> Told:
    """Return code, id then and id now of every change."""
    return set(zip(changes["change_code"], changes["previous_id"], changes["claim_id"], strict=True))


def one_changed(
    reading: Reading, before: Row | None, after: Row | None, then: Row | None = None, now: Row | None = None
) -> pd.DataFrame:
    """Return the changes of one claim and its figure of 5 to 7, beside one that stays."""
    stays = claim_row(99, native_id="CS9000", day="2016-01-01", place_name="Elsewhere")

    def side(row: Row | None, figure: Row | None, file: Row) -> Release:
        rows = [stays] + ([row] if row else [])
        own = figure or {"low": 5, "high": 7}
        figures = [figure_row(row["claim_id"], **own)] if row and own != {"low": None} else []
        return release(rows, [figure_row(stays["claim_id"], 1), *figures], file)

    return compare_releases(side(before, then, THEN), side(after, now, NOW), reading)


# ---- what the stage guarantees -------------------------------------------------------------------------------------


@given(small=frames(most=8))
@budget(12)
def test_history_nothing_changed_nothing_found(reading: Reading, small: Small) -> None:
    """A release compared with itself, in the same file or published anew, has no changes."""
    again = small.claims.assign(file_sha256="f" * 64, source_row=small.claims["source_row"] + 7)
    then = Release(small.claims, small.figures)
    assert compare_releases(then, Release(again, small.figures), reading).empty
    assert compare_releases(then, then, reading).empty


@given(small=frames(most=8), data=st.data())
@budget(12)
def test_history_order_does_not_matter(reading: Reading, small: Small, data: st.DataObject) -> None:
    """The order of claims and figures changes nothing, whatever else changed."""
    gone = data.draw(st.sets(st.sampled_from([*small.claims["claim_id"], ""]), max_size=3))
    kept = small.claims[~small.claims["claim_id"].isin(gone)].assign(file_sha256="f" * 64)
    figures = small.figures[small.figures["claim_id"].isin(kept["claim_id"])]
    raised = figures.assign(low=figures["low"] + 1, high=figures["high"] + 1, best=float("nan"))
    once = compare_releases(Release(small.claims, small.figures), Release(kept, raised), reading)
    turned = [
        frame.iloc[::-1].reset_index(drop=True) for frame in (small.claims, small.figures, kept, raised)
    ]
    again = compare_releases(Release(*turned[:2]), Release(*turned[2:]), reading)
    pd.testing.assert_frame_equal(once, again)


@given(small=frames(most=8), monitor=st.sampled_from(["airwars", "ucdp_ged", "cjtf_oir"]))
@budget(12)
def test_history_monitors_not_read_change_nothing(reading: Reading, small: Small, monitor: str) -> None:
    """Of a monitor whose file failed nothing is told; of the others what would be told anyway."""
    layout = next(layout.id for layout in reading.monitors[monitor].layouts)
    claims = small.claims.assign(
        layout=small.claims["layout"]
        .mask(small.claims["monitor"] == monitor, layout)
        .mask(small.claims["monitor"] != monitor, "none")
    )
    then = Release(claims, small.figures)
    now = Release(claims.iloc[:0], small.figures.iloc[:0])
    changes = compare_releases(then, now, reading, Skipped({monitor: "its file failed"}))
    assert set(changes["monitor"]) == set(claims["monitor"]) - {monitor}
    assert (changes["change_code"] == "withdrawn").all()


@pytest.mark.parametrize("seed", range(25))
def test_history_every_change_is_found(reading: Reading, seed: int) -> None:
    """A list of known edits of generated claims is found, each once by its code, and nothing else."""
    then, now, made = edited(random.Random(seed))  # noqa: S311 - a seed, and no secret
    changes = compare_releases(then, now, reading)
    assert told(changes) == made, changes[["change_code", "previous_id", "claim_id", "before", "after"]]
    assert len(changes) == len(made)
    assert changes["explanation"].str.endswith(".").all()


EDITS = (
    "none", "none", "none", "withdrawn", "revised_up", "revised_down", "revised", "regraded", "moved", "redated", "reattributed",
    "renumbered", "coded", "likeness", "split", "figure_added", "figure_withdrawn", "merged",
)  # fmt: skip
MOVED = {"place_name": "Another Town", "latitude": 36.9, "longitude": 38.2}
FIELDS: dict[str, Row] = {
    "regraded": {"grade_code": "confirmed", "grade_raw": "Confirmed"},
    "moved": MOVED,
    "reattributed": {"perpetrator_codes": "russia"},
}
NUMBERS = {"revised_up": (6, 9), "revised_down": (2, 3), "revised": (3, 12)}


def edited(rng: random.Random) -> tuple[Release, Release, Told]:
    """Return two releases, and the changes that lead from one to the other."""
    then: list[Row] = []
    now: list[Row] = []
    figures: tuple[list[Row], list[Row]] = [], []
    made: Told = set()
    for number in range(1, 60):
        # Each on days of its own: what else happens nearby is another test's.
        day = FIRST + timedelta(days=3 * number)
        row = claim_row(number, native_id=f"CS{number}", day=f"{day}", latitude=36.0, longitude=38.5)
        edit = rng.choice(EDITS)
        after, bounds = _after(row, edit, day), NUMBERS.get(edit, (4, 7))
        then.append(row)
        figures[0].append(figure_row(row["claim_id"], 4, 7))
        if edit == "figure_withdrawn":
            figures[0].append(figure_row(row["claim_id"], 3, measure_code="injured"))
        now += after
        figures[1].extend(figure_row(one["claim_id"], *bounds) for one in after)
        if edit == "figure_added":
            figures[1].append(figure_row(row["claim_id"], 3, measure_code="injured"))
        made |= _made(row, after, edit)
        if edit == "merged":
            other = claim_row(number, native_id=f"TS{number}", day=f"{day}", place_name="Tell Other")
            then.append(other)
            figures[0].append(figure_row(other["claim_id"], 1, 1))
            made.add(("merged", other["claim_id"], after[0]["claim_id"]))
        if rng.random() < 0.2:
            fresh = claim_row(number, native_id=f"ZZ{number}", day=f"{day + timedelta(days=1)}")
            now.append(fresh)
            made.add(("new", "", fresh["claim_id"]))
    rng.shuffle(then)
    rng.shuffle(now)
    return release(then, figures[0], THEN), release(now, figures[1], NOW), made


def _after(row: Row, edit: str, day: date) -> list[Row]:  # noqa: PLR0911 - one return an edit
    code = row["native_id"]

    def called(*codes: str, **more: Any) -> list[Row]:
        return [
            row
            | {"native_id": one, "native_incident_ids": one, "claim_id": f"airwars:{one.replace(' ', '_')}"}
            | more
            for one in codes
        ]

    match edit:
        case "withdrawn":
            return []
        case "redated":
            return [row | {"date_end": f"{day + timedelta(days=1)}"}]
        case "renumbered":
            return called(f"N{code}", previous_ids=code)
        case "coded":
            return called(f"{code} YS{code[2:]}")
        case "likeness":
            return called(f"L{code}", place_name="Tell  Example ", origin_ids="sohr")
        case "split":
            return called(f"{code}a", f"{code}b")
        case "merged":
            return called(f"{code} TS{code[2:]}")
        case _:
            return [row | FIELDS.get(edit, {})]


def _made(row: Row, after: list[Row], edit: str) -> Told:
    own = row["claim_id"]
    match edit:
        case "none":
            return set()
        case "withdrawn":
            return {("withdrawn", own, "")}
        case "renumbered" | "coded" | "likeness":
            return {("renumbered", own, after[0]["claim_id"])}
        case "split":
            return {("split", own, part["claim_id"]) for part in after}
        case "merged":
            return {("merged", own, after[0]["claim_id"])}
        case _:
            return {(edit, own, own)}


# ---- one by one ----------------------------------------------------------------------------------------------------

ROW = claim_row(1, native_id="CS1", latitude=36.0, longitude=38.5)


@pytest.mark.parametrize(
    ("now", "code", "gap"),
    [
        ({"low": 5, "high": 7}, "", 0),
        ({"low": 6, "high": 9}, "revised_up", 1),
        ({"low": 5, "high": 9}, "revised_up", 2),
        ({"low": 7, "high": 7}, "revised_up", 2),
        ({"low": 5, "is_open": True}, "revised_up", None),
        ({"low": 2, "high": 7}, "revised_down", -3),
        ({"low": 5, "high": 5}, "revised_down", -2),
        ({"low": 1, "high": 3}, "revised_down", -4),
        ({"low": 4, "high": 9}, "revised", None),
        ({"low": 6, "high": 6}, "revised", None),
        ({"low": 5, "high": 7, "verbatim": "five to seven"}, "", 0),
        ({"low": 5, "high": 7, "best": 6}, "revised", None),
    ],
)
def test_direction_of_a_revision(reading: Reading, now: Row, code: str, gap: float | None) -> None:
    """Up is where no end fell and one rose, down the reverse; words alone change nothing."""
    changes = one_changed(reading, ROW, ROW, now=now)
    assert list(changes["change_code"]) == ([code] if code else [])
    if code:
        found = changes.iloc[0]
        assert (pd.isna(found["gap"]) and gap is None) or found["gap"] == gap
        assert (found["before_low"], found["before_high"]) == (5, 7)
        assert found["before"] == "5–7"


def test_best_number_decides_where_the_ends_stay(reading: Reading) -> None:
    """A number put forward that rises inside its range is revised up."""
    changes = one_changed(
        reading, ROW, ROW, {"low": 5, "high": 9, "best": 6}, {"low": 5, "high": 9, "best": 8}
    )
    assert list(changes["change_code"]) == ["revised_up"]
    assert list(changes["gap"]) == [2.0]
    assert changes["after"].iloc[0] == "5–9 (best 8)"


@pytest.mark.parametrize(
    ("after", "codes"),
    [
        ({"grade_raw": "FAIR "}, []),
        ({"grade_raw": "Fair (revised)"}, ["regraded"]),
        ({"latitude": 36.01}, []),
        ({"latitude": 36.2}, ["moved"]),
        ({"latitude": 36.2, "location_precision_code": 5}, []),
        ({"latitude": None, "longitude": None}, []),
        ({"place_name": "Tall Mithal"}, ["moved"]),
        ({"admin1": "Aleppo"}, ["moved"]),
        ({"day": "2017-06-11"}, ["redated"]),
        ({"date_start": None, "date_end": None, "date_precision_code": 0}, ["redated"]),
        ({"attribution_code": "contested"}, ["reattributed"]),
        (
            {"grade_code": "contested", "grade_raw": "Contested", "attribution_code": "contested"},
            ["regraded"],
        ),
        ({"url": "https://example.org/2", "reported_on": "2018-01-01", "report_count": 9}, []),
    ],
)
def test_fields_of_a_claim(reading: Reading, after: Row, codes: list[str]) -> None:
    """A change of what is claimed is told, one of how it came about is not."""
    after = dict(after)
    if day := after.pop("day", None):
        after |= {"date_start": day, "date_end": day}
    changes = one_changed(reading, ROW, ROW | after)
    assert list(changes["change_code"]) == codes


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("denied", "conceded", "repositioned"),
        ("denied", "under_review", "reopened"),
        ("under_review", "duplicate", "repositioned"),
    ],
)
def test_positions(reading: Reading, before: str, after: str, code: str) -> None:
    """A verdict is told once, though grade, position and attribution hang on it; under review again is reopened."""
    row = claim_row(1, monitor="cjtf_oir", native_id="R1", unit_code="allegation", position_code=before)
    now = row | {
        "position_code": after,
        "grade_code": "open",
        "grade_raw": after,
        "attribution_code": "alleged",
    }
    changes = one_changed(reading, row, now)
    assert list(changes["change_code"]) == [code]
    assert changes["explanation"].iloc[0].startswith("CJTF-OIR") or "R1" in changes["explanation"].iloc[0]


def test_same_file_changed_nothing(reading: Reading) -> None:
    """What differs though the file's bytes do not, rules or decisions did: no monitor changed it."""
    rows = [claim_row(1), claim_row(2)]
    then = release(rows, [figure_row("airwars:X1", 5)], THEN)
    now = release([rows[0] | {"grade_code": "weak"}, claim_row(3)], [figure_row("airwars:X1", 9)], THEN)
    assert compare_releases(then, now, reading).empty


def test_what_was_set_aside_is_not_withdrawn(reading: Reading) -> None:
    """A claim outside the scope, corrected away, or of a file that is no longer given was not withdrawn."""
    rows = [claim_row(number, source_file=f"{number}.csv") for number in (1, 2, 3)]
    then, now = release(rows, [], THEN), release(rows[:1], [], NOW, set_aside=frozenset({"airwars:X2"}))
    assert told(compare_releases(then, now, reading)) == {("withdrawn", "airwars:X3", "")}
    assert compare_releases(then, now, reading, Skipped(files=frozenset({"3.csv"}))).empty
    assert compare_releases(then, now, reading, Skipped(is_other_scope=True)).empty


@pytest.mark.parametrize(
    ("followed", "expected"),
    [(0, set()), (1, set()), (9, {("withdrawn", f"airwars:X{n}", "") for n in (10, 11)})],
)
def test_piece_that_is_no_longer_given(reading: Reading, followed: int, expected: Told) -> None:
    """Of a file of a rolling window nothing was withdrawn; of one that came under another name, what is not in it was."""
    old = [claim_row(number, source_file="may.csv", day=f"2017-05-{number:02d}") for number in range(1, 12)]
    stays = claim_row(50, source_file="june.csv", place_name="Elsewhere")
    new = [row | {"source_file": "july.csv"} for row in old[:followed]]
    states = [
        [state("airwars", file) for file in files]
        for files in (["may.csv", "june.csv"], ["june.csv", "july.csv"])
    ]
    then, now = release([*old, stays], [], THEN), release([*new, stays], [], NOW)
    runs = [RunState(FIRST, tuple(inputs), "", ()) for inputs in states]
    found = compare_runs(then, now, *runs, reading)
    assert told(found.changes) == expected
    assert any("may.csv" in note for note in found.notes) == (not expected)


def test_persons_under_another_key(reading: Reading) -> None:
    """Where the key is another one, nobody on a list was withdrawn or is new; other monitors are compared."""
    layout = next(layout.id for layout in reading.monitors["gaza_moh"].layouts)
    person = {"monitor": "gaza_moh", "layout": layout, "kind_code": "victim", "unit_code": "person"}
    then, now = (
        release([claim_row(number, **person, native_id=name), claim_row(number)], [], file)
        for number, name, file in ((1, f"k{'1' * 16}", THEN), (2, f"k{'2' * 16}", NOW))
    )
    inputs = (state("airwars", "a.csv"), state("gaza_moh", "g.csv"))
    runs = [RunState(FIRST, inputs, "", (), key=key) for key in ("one", "other")]
    found = compare_runs(then, now, *runs, reading)
    assert list(found.not_compared) == ["gaza_moh"]
    assert set(found.changes["monitor"]) == {"airwars"}
    assert not compare_runs(then, now, runs[0], runs[0], reading).not_compared


def test_other_corrections_are_said(reading: Reading) -> None:
    """Where corrections changed between two runs, the reader is told that what they did is not the monitor's doing."""
    side = release([claim_row(1)], [], THEN)
    runs = [RunState(FIRST, (state("airwars", "a.csv"),), "", (), decided_by=(sha, "")) for sha in ("", "1")]
    assert "corrections" in compare_runs(side, side, *runs, reading).notes[0]
    assert not compare_runs(side, side, runs[1], runs[1], reading).notes


def test_rows_that_stand_there_twice_are_no_parts(reading: Reading) -> None:
    """A record that its file repeats is there once more, and was not split."""
    day, point = {"day": "2017-05-01"}, {"latitude": 36.0, "longitude": 38.5}
    (part,) = claims_of(CS7a=day | point)
    then, now = release([part], [], THEN), release([part, part | {"claim_id": "airwars:CS7a~2"}], [], NOW)
    assert told(compare_releases(then, now, reading)) == {("new", "", "airwars:CS7a~2")}


def test_withdrawn_and_back_is_reopened(reading: Reading) -> None:
    """A claim that an earlier run found withdrawn, and that is there again, is no new one."""
    then = release([claim_row(1)], [], THEN)
    now = release([claim_row(1), claim_row(2)], [], NOW, withdrawn_before=frozenset({"airwars:X2"}))
    assert told(compare_releases(then, now, reading)) == {("reopened", "", "airwars:X2")}


def test_what_comes_back_is_nothing_else(reading: Reading) -> None:
    """A claim that comes back is no part of its sibling, nor another record that was withdrawn on the same day."""
    day, point = {"day": "2017-05-01"}, {"latitude": 36.0, "longitude": 38.5}
    part, sibling, twin = claims_of(CS7a=day | point, CS7b=day | point, CS8=day | point)
    then = release([sibling, twin], [], THEN)
    now = release([sibling, part], [], NOW, withdrawn_before=frozenset({"airwars:CS7a"}))
    assert told(compare_releases(then, now, reading)) == {
        ("reopened", "", "airwars:CS7a"), ("withdrawn", "airwars:CS8", ""),
    }  # fmt: skip


def test_deletions_say_on_what_they_rest(reading: Reading) -> None:
    """A claim that its monitor lists as deleted is withdrawn by that list."""
    then, now = (
        release([claim_row(1), claim_row(2)], [], THEN),
        release([claim_row(1)], [], NOW, deleted=frozenset({"airwars:X2"})),
    )
    (change,) = compare_releases(then, now, reading).itertuples()
    assert (change.change_code, change.basis_code) == ("withdrawn", "deletion")
    assert "lists airwars:X2 as deleted" in change.explanation


# ---- ids -----------------------------------------------------------------------------------------------------------


def claims_of(**rows: Row) -> list[Row]:
    """Return claims named by their codes, each three days after the one before."""
    return [
        claim_row(number, native_id=code, **({"day": f"{FIRST + timedelta(days=3 * number)}"} | row))
        for number, (code, row) in enumerate(rows.items())
    ]


def compared(reading: Reading, then: list[Row], now: list[Row], *, killed: bool = True) -> Told:
    """Return what is told of claims that all count four killed."""
    sides = [
        release(rows, [figure_row(row["claim_id"], 4) for row in rows] if killed else [], file)
        for rows, file in ((then, THEN), (now, NOW))
    ]
    return told(compare_releases(*sides, reading))


def test_codes_that_move_along(reading: Reading) -> None:
    """Where a record is inserted, those behind it take the next code, and say which they had."""
    first, second, third = "2017-05-01", "2017-05-05", "2017-05-09"
    then = claims_of(CS1={"day": second}, CS2={"day": third})
    now = claims_of(
        CS1={"day": first},
        CS2={"day": second, "previous_ids": "CS1"},
        CS3={"day": third, "previous_ids": "CS2"},
    )
    assert compared(reading, then, now) == {
        ("new", "", "airwars:CS1"), ("renumbered", "airwars:CS1", "airwars:CS2"), ("renumbered", "airwars:CS2", "airwars:CS3"),
    }  # fmt: skip


def test_a_code_told_before_moves_nothing(reading: Reading) -> None:
    """A code that a record said it had before, and said so before, is no change; others may bear it now."""
    day = {"day": "2017-05-01"}
    then = claims_of(CS1=day, CS2={"previous_ids": "CS1"})
    assert compared(reading, then, then) == set()
    assert compared(reading, then, then[1:]) == {("withdrawn", "airwars:CS1", "")}


def test_a_record_merged_into_another(reading: Reading) -> None:
    """A record whose code another one takes over is part of that one now."""
    then = claims_of(CS1={}, CS2={})
    now = claims_of(CS1={"previous_ids": "CS2"})
    assert compared(reading, then, now) == {("merged", "airwars:CS2", "airwars:CS1")}


def test_a_part_that_leaves(reading: Reading) -> None:
    """A record beside which a part of it appears was split; one of another day was only coded after it."""
    day, point = {"day": "2017-05-01"}, {"latitude": 36.0, "longitude": 38.5}
    then = claims_of(CS7=day | point)
    now = claims_of(CS7=day | point, CS7b=day | point, CS7c={"day": "2017-05-02"} | point)
    assert compared(reading, then, now) == {
        ("split", "airwars:CS7", "airwars:CS7b"),
        ("new", "", "airwars:CS7c"),
    }


def test_parts_that_become_one(reading: Reading) -> None:
    """Parts whose whole comes in their place were merged."""
    day, point = {"day": "2017-05-01"}, {"latitude": 36.0, "longitude": 38.5}
    then, now = claims_of(CS7a=day | point, CS7b=day | point), claims_of(CS7=day | point)
    assert compared(reading, then, now) == {
        ("merged", "airwars:CS7a", "airwars:CS7"), ("merged", "airwars:CS7b", "airwars:CS7"),
    }  # fmt: skip


def test_a_part_that_is_withdrawn(reading: Reading) -> None:
    """A part that is gone while its sibling stays as it was is withdrawn: nobody says that the other took it up."""
    day, point = {"day": "2017-05-01"}, {"latitude": 36.0, "longitude": 38.5}
    then = claims_of(CS7a=day | point, CS7b=day | point)
    assert compared(reading, then, then[1:]) == {("withdrawn", "airwars:CS7a", "")}


def test_two_alike_are_not_followed(reading: Reading) -> None:
    """Where two records are as like, neither is taken: they are new, and the other withdrawn."""
    day = {"day": "2017-05-01", "monitor": "ucdp_ged", "latitude": 36.0, "longitude": 38.5}
    then = claims_of(E1=day | {"place_name": "Tell Example"})
    now = claims_of(F1=day | {"grade_code": "clear"}, F2=day | {"grade_code": "unclear"})
    assert compared(reading, then, now) == {
        ("new", "", "ucdp_ged:F1"), ("new", "", "ucdp_ged:F2"), ("withdrawn", "ucdp_ged:E1", ""),
    }  # fmt: skip


def test_candidate_events_become_final(reading: Reading) -> None:
    """An event under a new id, on the same day and spot with numbers that meet, is the same one, and its changes are told."""
    row = {"monitor": "ucdp_ged", "day": "2017-05-01", "latitude": 36.0, "longitude": 38.5}
    then, now = claims_of(E1=row), claims_of(F1=row | {"latitude": 36.005, "place_name": "Tall Mithal"})
    sides = [
        release(rows, [figure_row(rows[0]["claim_id"], *bounds)], file)
        for rows, bounds, file in ((then, (4, 8), THEN), (now, (6, 9), NOW))
    ]
    changes = compare_releases(*sides, reading)
    assert told(changes) == {
        ("renumbered", "ucdp_ged:E1", "ucdp_ged:F1"), ("moved", "ucdp_ged:E1", "ucdp_ged:F1"), ("revised_up", "ucdp_ged:E1", "ucdp_ged:F1"),
    }  # fmt: skip
    assert set(changes["basis_code"]) == {"likeness"}


@pytest.mark.parametrize(
    "row",
    [{"day": "2017-05-02"}, {"latitude": 36.4}, {"perpetrator_codes": "russia"}],
    ids=["day", "place", "attacker"],
)
def test_what_is_not_alike_is_not_followed(reading: Reading, row: Row) -> None:
    """Another day, another place or another attacker makes it another record."""
    one = {"monitor": "ucdp_ged", "day": "2017-05-01", "latitude": 36.0, "longitude": 38.5}
    codes = {code for code, _, _ in compared(reading, claims_of(E1=one), claims_of(F1=one | row))}
    assert codes == {"new", "withdrawn"}


def nameless(mark: str, **row: Any) -> Row:
    """Return a claim without an id of its own."""
    return claim_row(1, claim_id=f"sohr:#{mark}", monitor="sohr", **row) | {
        "native_id": "",
        "native_incident_ids": "",
    }


@pytest.mark.parametrize(
    ("row", "bounds", "codes"),
    [
        ({}, (4, 4), set()),
        ({}, (9, 9), {"revised_up"}),
        ({"perpetrator_codes": "russia"}, (4, 4), {"reattributed"}),
        ({"day": "2017-05-03"}, (4, 4), {"redated"}),
        ({"day": "2018-05-03"}, (4, 4), {"new", "withdrawn"}),
        ({"perpetrator_codes": "russia"}, (9, 9), {"new", "withdrawn"}),
    ],
)
def test_records_without_an_id(reading: Reading, row: Row, bounds: tuple[int, int], codes: set[str]) -> None:
    """A record without an id is followed where one thing about it changed; where two did, it is new and withdrawn."""
    then, now = nameless("aaa", day="2017-05-01"), nameless("bbb", **({"day": "2017-05-01"} | row))
    changes = compare_releases(
        release([then], [figure_row(then["claim_id"], 4, 4)], THEN),
        release([now], [figure_row(now["claim_id"], *bounds)], NOW),
        reading,
    )
    assert set(changes["change_code"]) == codes


def test_records_that_share_an_id(reading: Reading) -> None:
    """Of records that share an id the one that left is told, whichever of them bears the bare id now."""
    first, second = (
        claim_row(1, native_id="R1", claim_id=claim_id, day=day)
        for claim_id, day in (("airwars:R1", "2017-05-01"), ("airwars:R1~2", "2017-05-09"))
    )
    assert compared(reading, [first, second], [first]) == {("withdrawn", "airwars:R1~2", "")}
    moved_up = second | {"claim_id": "airwars:R1"}
    assert compared(reading, [first, second], [moved_up]) == {("withdrawn", "airwars:R1", "")}
    regraded = moved_up | {"grade_code": "confirmed", "grade_raw": "Confirmed"}
    assert compared(reading, [first, second], [regraded]) == {
        ("withdrawn", "airwars:R1", ""), ("regraded", "airwars:R1~2", "airwars:R1"),
    }  # fmt: skip


def test_persons_are_not_followed(reading: Reading) -> None:
    """Two persons of one day and place are too much alike to be taken for one."""
    person = {"kind_code": "victim", "unit_code": "person", "monitor": "vdc", "day": "2017-05-01"}
    assert compared(reading, claims_of(P1=person), claims_of(P2=person), killed=False) == {
        ("new", "", "vdc:P2"), ("withdrawn", "vdc:P1", ""),
    }  # fmt: skip


def test_numbers_of_one_kind_twice(reading: Reading) -> None:
    """Of two numbers of one kind the one that changed is told, and the other is not."""
    row = claim_row(1)
    then = release([row], [figure_row(row["claim_id"], 4), figure_row(row["claim_id"], 9)], THEN)
    now = release([row], [figure_row(row["claim_id"], 9), figure_row(row["claim_id"], 5)], NOW)
    (change,) = compare_releases(then, now, reading).itertuples()
    assert (change.change_code, change.before, change.after) == ("revised_up", "4", "5")


# ---- what is not compared ------------------------------------------------------------------------------------------


def state(monitor: str, file: str, health: str = "ok") -> InputState:
    """Return what became of a file."""
    return input_state(monitor, file, "" if health == "copy" else "a_layout", health)


@pytest.mark.parametrize(
    ("then", "now", "monitors", "files"),
    [
        ([("a", "a.csv")], [("a", "a.csv")], [], []),
        ([("a", "a.csv")], [("a", "b.csv")], [], []),
        ([("a", "a.csv"), ("b", "b.csv")], [("a", "a.csv")], ["b"], []),
        ([("a", "a.csv")], [("a", "a.csv"), ("b", "b.csv")], ["b"], []),
        ([("a", "a.csv")], [("a", "a.csv", "failed")], ["a"], []),
        ([("a", "a.csv"), ("a", "b.csv")], [("a", "a.csv"), ("a", "b.csv", "failed")], ["a"], []),
        ([("a", "a.csv"), ("a", "b.csv")], [("a", "a.csv")], [], ["b.csv"]),
        ([("a", "a.csv"), ("a", "b.csv")], [("a", "a.csv"), ("", "b.csv", "failed")], ["a"], []),
        ([("a", "a.csv"), ("", "b.csv", "failed")], [("a", "a.csv"), ("a", "b.csv")], ["a"], []),
        ([("a", "a.csv"), ("b", "b.csv")], [("a", "a.csv", "degraded"), ("b", "b.csv")], [], []),
        ([("a", "a.csv"), ("b", "b.csv")], [("a", "a.csv"), ("b", "b.csv", "copy")], ["b"], []),
        ([("a", "a.csv")], [("a", "a.csv"), ("a", "b.csv", "copy")], [], []),
        ([("a", "a1.csv"), ("", "x1.csv", "failed")], [("a", "a2.csv"), ("", "x2.csv", "failed")], [], []),
    ],
)
def test_what_is_compared(then: list[Any], now: list[Any], monitors: list[str], files: list[str]) -> None:
    """A monitor is compared where both runs read all that they were given of it."""
    found = what_is_compared([state(*one) for one in then], [state(*one) for one in now])
    assert list(found.monitors) == monitors
    if not monitors:
        assert sorted(found.files) == files
    assert all(found.monitors.values())


def test_codes_are_those_of_the_frame() -> None:
    """The list of codes has each once."""
    assert len(set(CHANGE_CODES)) == len(CHANGE_CODES)


@pytest.mark.parametrize(
    ("low", "high", "whom", "expected"),
    [
        (1, 1, "civilians killed", "1 civilian killed"),
        (1, 1, "women and girls killed or injured", "1 woman or girl killed or injured"),
        (1, 2, "civilians killed", "1–2 civilians killed"),
        (np.nan, np.nan, "people killed", "no number"),
    ],
)
def test_one_person_is_no_plural(low: float, high: float, whom: str, expected: str) -> None:
    """One person is told as one."""
    assert _number(low, high, whom) == expected
