"""Columns become claims and figures by the rule file alone: windows, bounds, terms, places, and the fate of every row."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.drafts import IssueList
from reconcile.normalize import _described, build_context, cells, normalize
from reconcile.normalize.columns import combined, factorized
from reconcile.parse.dates import edtf_of, precision_of
from reconcile.read import SourceFile, read_tables
from reconcile.ruleset import ColumnRule

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.drafts import Draft
    from reconcile.normalize.cells import Context
    from reconcile.ruleset import Monitor, Ruleset

    Read = Callable[..., Draft]

PROVENANCE = ["source_file", "source_sheet", "source_row", "file_sha256", "draft_no"]


@pytest.fixture(scope="module")
def context(rules: Ruleset) -> Context:
    """What reading cells needs."""
    return build_context(rules, "airwars", key=b"a key of a job")


@pytest.fixture(scope="module")
def read(rules: Ruleset, context: Context) -> Read:
    """A function that reads rows of a monitor, given as dicts of their cells."""

    def reader(monitor: str | Monitor, *rows: dict[str, str], context: Context = context) -> Draft:
        of = rules.monitors[monitor] if isinstance(monitor, str) else monitor
        columns = list(dict.fromkeys(name for row in rows for name in row))
        text = pd.DataFrame(rows, columns=columns).fillna("").to_csv(index=False)
        (table,) = read_tables(SourceFile("export.csv", text.encode()), [of])
        return normalize(table, of, of.layouts[0], context)

    return reader


def incident(**cells: str) -> dict[str, str]:
    """One row of Airwars' export."""
    row = {"code": "CS9001", "incident_date": "2017-06-10", "location_en": "Tell Example"}
    return row | {"civ_killed_min": "1", "civ_killed_max": "1"} | cells


def total(**cells: str) -> dict[str, str]:
    """One row of a totals sheet."""
    row = {"monitor": "SOHR", "claim": "one", "published": "2017-06-18", "window_start": "2017-06-06"}
    row |= {"window_end": "", "place": "Raqqa", "place_kind": "", "country": "Syria"}
    return row | {"measure": "killed", "population": "civilian", "number": "117"} | cells


def statement(**cells: str) -> dict[str, str]:
    """One row of the Coalition's assessments."""
    row = {
        "statement_id": "R9001",
        "date": "2017-06-10",
        "place_text": "near Raqqah, Syria",
        "verdict": "credible",
    }
    return row | {"killed_text": "", "conceded_min": "2", "conceded_max": "2"} | cells


def told(draft: Draft, *codes: str) -> list[tuple[int, str, str]]:
    """Row, column and kind of what could not be taken, of these kinds."""
    own = draft.issues[draft.issues["code"].isin(codes)]
    return list(zip(own["source_row"], own["column"], own["code"], strict=True))


def with_column(monitor: Monitor, name: str, **changes: Any) -> Monitor:
    """A monitor, the first rule of one of its columns changed or made."""
    layout = monitor.layouts[0]
    known = layout.columns.get(name)
    first = known[0].model_copy(update=changes) if known else ColumnRule(**changes)
    columns = layout.columns | {name: (first, *(known or ())[1:])}
    return monitor.model_copy(update={"layouts": (layout.model_copy(update={"columns": columns}),)})


# ---- rows ----------------------------------------------------------------------------------------------------------


def test_every_row_has_one_fate(read: Read) -> None:
    """Tags, blank rows and notes are no data, and said; every other row is claimed."""
    tags = dict.fromkeys(incident(), "") | {"code": "#event+code", "civ_killed_min": "#affected+killed+min"}
    blank = dict.fromkeys(incident(), "")
    draft = read(
        "airwars", tags, incident(), blank, blank | {"code": "Source: an example"}, incident(code="CS9002")
    )
    assert draft.fates["fate_code"].tolist() == ["not_data", "claimed", "not_data", "not_data", "claimed"]
    assert draft.fates["source_row"].tolist() == [2, 3, 4, 5, 6]
    assert draft.claims["claim_id"].tolist() == ["airwars:CS9001", "airwars:CS9002"]
    assert told(draft, "note_row") == [(5, "", "note_row")]


def test_lone_number_is_no_note(read: Read) -> None:
    """A row of which only a number of dead is left is not put aside as a remark."""
    lone = dict.fromkeys(incident(), "") | {"civ_killed_min": "5"}
    assert read("airwars", incident(), lone).fates["fate_code"].tolist() == ["claimed", "claimed"]


def test_ragged_row_is_quarantined(rules: Ruleset, context: Context) -> None:
    """A row of another width may be shifted: none of its cells is read, and the rows beside it are."""
    monitor = rules.monitors["airwars"]
    text = "code,incident_date,location_en,civ_killed_min\nCS9001,2017-06-10,x,1,1\nCS9002,2017-06-10,x,2\n"
    (table,) = read_tables(SourceFile("export.csv", text.encode()), [monitor])
    draft = normalize(table, monitor, monitor.layouts[0], context)
    assert draft.fates["fate_code"].tolist() == ["quarantined", "claimed"]
    assert draft.claims["native_id"].tolist() == ["CS9002"]
    assert told(draft, "ragged_row") == [(2, "", "ragged_row")]


def test_header_alone_gives_nothing(rules: Ruleset, context: Context) -> None:
    """An export without rows has no claims, no figures, no fates, and breaks nothing."""
    monitor = rules.monitors["airwars"]
    (table,) = read_tables(SourceFile("x.csv", b"code,incident_date,location_en,civ_killed_min\n"), [monitor])
    draft = normalize(table, monitor, monitor.layouts[0], context)
    assert [len(frame) for frame in (draft.claims, draft.figures, draft.victims, draft.fates)] == [0, 0, 0, 0]


def test_order_of_rows_does_not_matter(read: Read) -> None:
    """Rows in another order give the same claims and figures."""
    rows = [
        incident(code=f"CS{n}", civ_killed_max=str(n % 7), location_en=f"Place {n % 3}")
        for n in range(9001, 9020)
    ]
    one, other = read("airwars", *rows), read("airwars", *reversed(rows))
    for draft in (one, other):
        draft.figures["claim_id"] = (
            draft.claims.set_index("draft_no")["claim_id"].reindex(draft.figures["draft_no"]).to_numpy()
        )
    for part, key in (("claims", ["claim_id"]), ("figures", ["claim_id", "low", "high"])):
        left, right = (
            getattr(draft, part)
            .drop(columns=PROVENANCE, errors="ignore")
            .sort_values(key)
            .reset_index(drop=True)
            for draft in (one, other)
        )
        pd.testing.assert_frame_equal(left, right)


def test_bad_cell_keeps_its_row(read: Read) -> None:
    """Cells that can't be read are told one by one, and the rest of their row is there."""
    row = incident(
        incident_date="10/11/17", civ_killed_min="a few?", civ_killed_max="6", latitude="95", longitude="39"
    )
    draft = read("airwars", row)
    (claim,) = draft.claims.to_dict("records")
    assert (claim["native_id"], claim["place_name"]) == ("CS9001", "Tell Example")
    assert pd.isna(claim["date_start"])
    assert draft.figures["high"].tolist() == [6]
    assert told(draft, "unreadable") == [
        (2, "incident_date", "unreadable"),
        (2, "latitude", "unreadable"),
        (2, "civ_killed_min", "unreadable"),
    ]


def test_columns_nobody_described_are_told(read: Read) -> None:
    """A stray column is a warning where it holds something; known ones that are absent are noted."""
    issues = read("airwars", incident(Mystery="x", Empty="")).issues.set_index("column")
    assert issues.loc["Mystery", ["code", "severity"]].tolist() == ["unknown_column", "warning"]
    assert issues.loc["Empty", ["code", "severity"]].tolist() == ["unknown_column", "note"]
    (absent,) = issues.loc[issues["code"] == "absent_columns", "message"]
    assert "belligerents" in absent


# ---- windows -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "last", "start", "end", "precision", "edtf"),
    [
        ("2017-06-10", "", "2017-06-10", "2017-06-10", 1, "2017-06-10"),
        ("2017-06-10", "2017-06-15", "2017-06-10", "2017-06-15", 2, "2017-06-10/2017-06-15"),
        ("2017-06-10", "2017-06-16", "2017-06-10", "2017-06-16", 3, "2017-06-10/2017-06-16"),
        ("2017-06-10", "2017-06-17", "2017-06-10", "2017-06-17", 4, "2017-06-10/2017-06-17"),
        ("2017-06", "", "2017-06-01", "2017-06-30", 4, "2017-06"),
        ("2017-06", "2017-07-02", "2017-06-01", "2017-07-02", 5, "2017-06-01/2017-07-02"),
        ("2017", "", "2017-01-01", "2017-12-31", 5, "2017"),
        ("2017-06-10 00:00:00.000", "", "2017-06-10", "2017-06-10", 1, "2017-06-10"),
        ("٢٠١٧-٠٦-١٠", "", "2017-06-10", "2017-06-10", 1, "2017-06-10"),
    ],
)
def test_window_of_an_incident(
    read: Read, day: str, last: str, start: str, end: str, precision: int, edtf: str
) -> None:
    """First and last day, how precise that is, and the window in EDTF."""
    (claim,) = read("airwars", incident(incident_date=day, date_range_end=last)).claims.to_dict("records")
    assert [f"{claim[name]:%Y-%m-%d}" for name in ("date_start", "date_end")] == [start, end]
    assert (claim["date_precision_code"], claim["edtf"]) == (precision, edtf)


def test_window_that_ends_before_it_starts(read: Read) -> None:
    """The first day stands, and the contradiction is an error of that row."""
    draft = read("airwars", incident(date_range_end="2017-06-01"))
    assert draft.claims[["date_start", "date_end"]].to_numpy().tolist() == [[pd.Timestamp("2017-06-10")] * 2]
    assert told(draft, "window_crossed") == [(2, "date_end", "window_crossed")]


def test_period_that_ends_before_it_starts(read: Read) -> None:
    """Of a total nothing is left that a sum could be laid beside: it keeps its first day and has no last one."""
    draft = read("totals", total(window_start="2017-06-10", window_end="2017-06-05"))
    assert draft.claims["date_start"].tolist() == [pd.Timestamp("2017-06-10")]
    assert draft.claims["date_end"].isna().all()
    assert told(draft, "window_crossed") == [(2, "date_end", "window_crossed")]


@pytest.mark.parametrize(
    ("name", "kind", "admin1", "country"),
    [
        ("Raqqa city", "city", "Ar-Raqqa", "SYR"),
        ("Raqqa city and its countryside", "city_and_countryside", "Ar-Raqqa", "SYR"),
        ("Raqqa", "", "Ar-Raqqa", "SYR"),
        ("Tell Nowhere, east Raqqa countryside", "", "Ar-Raqqa", "SYR"),
        ("Raqqa governorate", "governorate", "Ar-Raqqa", "SYR"),
        ("Iraq and Syria", "", "", "IRQ SYR"),
        ("Gaza Strip and West Bank", "area", "", "PSE"),
    ],
)
def test_place_of_a_total_is_its_scope(read: Read, name: str, kind: str, admin1: str, country: str) -> None:
    """A name may say its kind, may lie in the governorate that is all of it we know, or may be several places at once."""
    (claim,) = read("totals", total(place=name, country="")).claims.to_dict("records")
    assert [claim[column] for column in ("place_kind_code", "admin1", "country_code")] == [
        kind,
        admin1,
        country,
    ]


@pytest.mark.parametrize(
    ("published", "start", "end", "expected"),
    [
        ("2017-06-18", "2017-06-06", "", "2017-06-06/2017-06-17"),
        ("2017-06-18", "2017-06-06", "2017-06-18", "2017-06-06/2017-06-18"),
        ("", "2017-06-06", "2017-06-10", "2017-06-06/2017-06-10"),
        ("2017-06-18", "", "2017-06-10", ""),
        ("2017-06-18", "", "", ""),
    ],
)
def test_since_ends_the_day_before_the_text(
    read: Read, published: str, start: str, end: str, expected: str
) -> None:
    """A total since 6 June, printed on the 18th, speaks of the 6th to the 17th, unless the sheet states an end."""
    draft = read("totals", total(published=published, window_start=start, window_end=end))
    assert draft.claims["edtf"].tolist() == [expected]


def test_since_without_a_day_of_print_stays_open(read: Read) -> None:
    """A running total of which nobody knows when it was printed is no total of its first day."""
    draft = read("totals", total(published="", window_start="2017-06-06"))
    assert draft.claims["date_end"].isna().tolist() == [True]
    assert draft.claims["edtf"].tolist() == ["2017-06-06/.."]


# ---- figures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("3", "5", (3, 5, "range")),
        ("4", "4", (4, 4, "exact")),
        ("4", "", (4, None, "at_least")),
        ("", "6", (0, 6, "up_to")),
        ("9", "4", (4, 9, "range")),
        ("0", "0", (0, 0, "none_reported")),
        ("0", "2", (0, 2, "range")),
        ("٣", "1,234", (3, 1234, "range")),
        ("1.5", "2.5", (1.5, 2.5, "range")),
    ],
)
def test_bounds_become_an_interval(read: Read, low: str, high: str, expected: tuple[Any, ...]) -> None:
    """A blank high is open, a blank low is zero, crossed bounds are their span, and fractions stay."""
    (figure,) = read("airwars", incident(civ_killed_min=low, civ_killed_max=high)).figures.to_dict("records")
    top = None if pd.isna(figure["high"]) else figure["high"]
    assert (figure["low"], top, figure["qualifier_code"]) == expected


def test_no_number_is_no_figure(read: Read) -> None:
    """A blank is not a zero."""
    draft = read("airwars", incident(civ_killed_min="", civ_killed_max=""))
    assert (len(draft.claims), len(draft.figures)) == (1, 0)


def test_zero_of_a_monitor_that_means_unknown(read: Read, rules: Ruleset) -> None:
    """Where a codebook says that 0 means nothing is known, a zero is open and not stated."""
    monitor = rules.monitors["airwars"]
    scope = monitor.scope.model_copy(update={"zero_code": "nothing_known"})
    draft = read(
        monitor.model_copy(update={"scope": scope}), incident(civ_killed_min="0", civ_killed_max="0")
    )
    (figure,) = draft.figures.to_dict("records")
    assert (figure["low"], figure["qualifier_code"]) == (0, "not_stated")
    assert pd.isna(figure["high"])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"verdict": "credible"}, [(2, 2)]),
        ({"verdict": "credible", "conceded_min": "0", "conceded_max": "0", "killed_text": "8"}, [(8, 8)]),
        ({"verdict": "credible", "conceded_min": "0", "conceded_max": "0"}, [(0, 0)]),
        ({"verdict": "non_credible", "conceded_min": "0", "conceded_max": "0"}, []),
        ({"verdict": "non_credible", "conceded_min": "", "conceded_max": ""}, []),
        ({"verdict": "insufficient_info", "conceded_min": "0", "conceded_max": "0"}, []),
        ({"verdict": "non_credible"}, [(2, 2)]),
    ],
)
def test_zero_beside_a_denial_is_a_position(read: Read, cells: dict[str, str], expected: list[Any]) -> None:
    """A denial with 0 states no figure; what is conceded is kept, also where the verdict contradicts it."""
    figures = read("cjtf_oir", statement(**cells)).figures
    assert list(zip(figures["low"], figures["high"], strict=True)) == expected
    assert set(figures["role_code"]) <= {"conceded"}


def test_denied_number_of_the_text_is_not_conceded(read: Read) -> None:
    """A denial whose text repeats how many were alleged concedes nobody."""
    row = statement(verdict="non_credible", conceded_min="0", conceded_max="0", killed_text="5")
    assert len(read("cjtf_oir", row).figures) == 0


@pytest.mark.parametrize(
    ("profile", "expected"), [("airwars", [12, 24]), ("acled", [12, None]), ("wide", [24, 99])]
)
def test_profile_decides_vague_words(read: Read, rules: Ruleset, profile: str, expected: list[Any]) -> None:
    """A word such as dozens is an interval of the run's profile, and its words are kept."""
    draft = read("totals", total(number="dozens"), context=build_context(rules, profile))
    (figure,) = draft.figures.to_dict("records")
    assert [figure["low"], None if pd.isna(figure["high"]) else figure["high"]] == expected
    assert (figure["qualifier_code"], figure["verbatim"]) == ("vague", "dozens")


# ---- terms and ids -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "codes", "strange"),
    [
        ("U.S.-led Coalition", "us_led_coalition", False),
        ("Turkish Military, YPG", "turkey ypg", False),
        ("YPG; Turkish Military; YPG", "turkey ypg", False),
        ("التحالف الدولي", "us_led_coalition", False),
        ("Civilians", "", False),
        ("Example Brigade", "x_example_brigade", True),
        ("Example Brigade, YPG", "x_example_brigade ypg", True),
        ("", "", False),
    ],
)
def test_attackers_become_codes(read: Read, published: str, codes: str, strange: bool) -> None:  # noqa: FBT001 - a column of the table
    """Known spellings meet in one code, several are sorted, unknown ones are kept apart and told."""
    draft = read("airwars", incident(belligerents=published))
    assert draft.claims["perpetrator_codes"].tolist() == [codes]
    assert bool(told(draft, "unknown_term")) is strange


def test_strangers_in_another_script_stay_apart(read: Read) -> None:
    """Two unknown names without a Latin letter do not become one code."""
    draft = read(
        "airwars", incident(belligerents="لواء المثال"), incident(code="CS9002", belligerents="كتيبة أخرى")
    )
    codes = draft.claims["perpetrator_codes"].tolist()
    assert len(set(codes)) == 2
    assert all(code.startswith("x_") and len(code) > len("x_") for code in codes)


def test_unknown_code_is_told_once(read: Read) -> None:
    """A cell of a column that fills three fields is one thing that could not be read, not three."""
    draft = read("cjtf_oir", statement(verdict="perhaps"))
    assert told(draft, "unknown_term") == [(2, "verdict", "unknown_term")]


@pytest.mark.parametrize("name", ["SOHR", "sohr", "Syrian Observatory for Human Rights", "المرصد السوري"])
def test_claimant_is_known_by_its_names(read: Read, name: str) -> None:
    """A totals sheet may name a monitor by its id, its title, its full name or in Arabic."""
    assert read("totals", total(monitor=name)).claims["monitor"].tolist() == ["sohr"]


def test_ids_hold_no_spaces(read: Read) -> None:
    """An id of two codes is one word, however the codes were parted."""
    draft = read("airwars", incident(code="TS9700  YS9179"), incident(code="TS9701\u00a0YS9180"))
    assert draft.claims["claim_id"].tolist() == ["airwars:TS9700_YS9179", "airwars:TS9701_YS9180"]
    assert draft.claims["native_incident_ids"].tolist() == ["TS9700 YS9179", "TS9701 YS9180"]


def test_row_without_an_id_is_named_by_its_content(read: Read) -> None:
    """The same row has the same id in every file; another row has another."""
    first = read("airwars", incident(code=""), incident(code="", location_en="Ain Sample")).claims["claim_id"]
    again = read("airwars", incident(code="CS1"), incident(code="")).claims["claim_id"]
    assert first.iloc[0] == again.iloc[1]
    assert first.nunique() == 2
    assert first.str.fullmatch(r"airwars:#[0-9a-f]{12}").all()


# ---- places --------------------------------------------------------------------------------------------------------


def test_gazetteer_lends_what_the_record_lacks(read: Read) -> None:
    """A known name gives place, governorate, P-code and country; what the record states stays as published."""
    draft = read(
        "airwars",
        incident(location_en="Hajin"),
        incident(code="CS9002", location_en="Hajin", region_en="Idlib"),
    )
    named, elsewhere = draft.claims.to_dict("records")
    assert [named[name] for name in ("place_id", "place_kind_code", "admin1", "pcode", "country_code")] == [
        "syr_hajin", "town", "Deir-ez-Zor", "SY09", "SYR",
    ]  # fmt: skip
    assert (elsewhere["place_id"], elsewhere["admin1"]) == ("", "Idleb")


def test_place_in_the_local_script_is_recognised(read: Read) -> None:
    """A record that names its place in Arabic only is in that place."""
    draft = read("airwars", incident(location_en="", location_ar="الرقة"))
    (claim,) = draft.claims.to_dict("records")
    assert (claim["place_name"], claim["place_name_native"]) == ("", "الرقة")
    assert (claim["place_id"], claim["admin1"], claim["country_code"]) == ("syr_raqqa", "Ar-Raqqa", "SYR")


@pytest.mark.parametrize(("kind", "place_id"), [("governorate", "syr_gov_ar_raqqa"), ("city", "syr_raqqa")])
def test_stated_kind_decides_between_town_and_governorate(read: Read, kind: str, place_id: str) -> None:
    """Raqqa the governorate is not Raqqa the city where the sheet says which it means."""
    draft = read("totals", total(place_kind=kind))
    assert draft.claims[["place_id", "place_kind_code"]].to_numpy().tolist() == [[place_id, kind]]


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [("35.95", "", "half_coordinate"), ("", "39.0", "half_coordinate"), ("0", "0", "zero_coordinate")],
)
def test_coordinates_that_are_none(read: Read, latitude: str, longitude: str, code: str) -> None:
    """Half a pair and the zero point are left blank and told."""
    draft = read("airwars", incident(latitude=latitude, longitude=longitude))
    assert draft.claims[["latitude", "longitude"]].isna().to_numpy().all()
    assert told(draft, code) == [(2, "latitude", code)]


# ---- persons -------------------------------------------------------------------------------------------------------


def test_restricted_cells_are_not_quoted(read: Read, rules: Ruleset) -> None:
    """What can't be read in a column that may name persons is told without its text."""
    monitor = with_column(rules.monitors["airwars"], "civ_killed_min", personal=True)
    monitor = with_column(monitor, "civilian_harm_status", free_text=True)
    draft = read(monitor, incident(civ_killed_min="Planted Name", civilian_harm_status="Planted Name"))
    assert told(draft, "unreadable", "unknown_term")
    assert "Planted" not in draft.issues.to_csv()
    assert "(withheld)" in draft.issues["value"].tolist()


def test_id_that_names_a_person_is_keyed(read: Read, rules: Ruleset) -> None:
    """An id from a personal column is a keyed hash: the same under one key, another under another, and never the text."""
    monitor = with_column(rules.monitors["airwars"], "code", personal=True)
    columns = monitor.layouts[0].columns
    codes = tuple(rule.model_copy(update={"personal": True}) for rule in columns["code"])
    layout = monitor.layouts[0].model_copy(update={"columns": columns | {"code": codes}})
    monitor = monitor.model_copy(update={"layouts": (layout,)})
    row = incident(code="Planted_Name")
    one, again = read(monitor, row), read(monitor, row)
    other = read(monitor, row, context=build_context(rules, "airwars", key=b"another key"))
    assert one.claims["claim_id"].tolist() == again.claims["claim_id"].tolist()
    assert one.claims["claim_id"].tolist() != other.claims["claim_id"].tolist()
    assert "Planted" not in one.claims.to_csv()


def test_named_persons_become_victims(read: Read, rules: Ruleset) -> None:
    """A column of names fills Victims and no column of Claims; a row without a name names nobody."""
    monitor = with_column(rules.monitors["airwars"], "who", field="victim_name", personal=True)
    draft = read(monitor, incident(who="Planted Name"), incident(code="CS9002", who=""))
    assert draft.victims[["draft_no", "name_published", "sex_code"]].to_numpy().tolist() == [
        [0, "Planted Name", "unknown"]
    ]
    assert "Planted" not in draft.claims.to_csv()


# ---- lists of persons ----------------------------------------------------------------------------------------------


def people(read: Read, *rows: dict[str, str]) -> list[tuple[str, str]]:
    """Published and native name of each person of a list."""
    victims = read("victim_list", *rows).victims
    return list(zip(victims["name_published"], victims["name_native"], strict=True))


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ({"Name": "Planted Name", "age": "4"}, ("Planted Name", "")),
        ({"victim name": "Planted Name", "age": "4"}, ("Planted Name", "")),
        ({"name": "سميرة مثال", "en_name": "Samira Example", "age": "4"}, ("Samira Example", "سميرة مثال")),
        ({"الاسم": "سميرة مثال", "العمر": "4"}, ("", "سميرة مثال")),
        ({"name_en": "", "full_name": "Planted Name", "sex": "f"}, ("Planted Name", "")),
        ({"name_en": "First One", "english name": "Second One", "sex": "f"}, ("First One", "")),
        ({"nombre": "Ana", "apellidos": "Ejemplo Inventado", "edad": "4"}, ("Ana Ejemplo Inventado", "")),
        ({"first name": "Omar", "father_name": "Zed", "family name": "Planted", "age": "4"}, ("Omar Zed Planted", "")),
        ({"name": "Omar Zed Q. Planted", "family_name": "Planted", "age": "4"}, ("Omar Zed Q. Planted", "")),
    ],
)  # fmt: skip
def test_names_are_found_under_many_headers(read: Read, row: dict[str, str], names: tuple[str, str]) -> None:
    """A name is found under its common headers; scripts side by side are both kept, and parts are put together."""
    assert people(read, row) == [names]


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (("M", "F"), ["male", "female"]),
        (("ذكر", "انثى"), ["male", "female"]),
        (("чоловік", "жін."), ["male", "female"]),
        (("זכר", "נקבה"), ["male", "female"]),
        (("Child Male", "girl"), ["male", "female"]),
        (("H", "M"), ["male", "female"]),
        (("H", "F"), ["male", "female"]),
        (("M", "?"), ["male", "unknown"]),
        (("m", "robot"), ["male", "unknown"]),
    ],
)
def test_sex_is_read_in_many_spellings(read: Read, cells: tuple[str, str], codes: list[str]) -> None:
    """Sex is a term of the vocabulary; beside H, for hombre, and without F an M is for mujer."""
    draft = read("victim_list", *({"name": f"Planted {n}", "sex": sex} for n, sex in enumerate(cells)))
    assert draft.victims["sex_code"].tolist() == codes
    assert bool(told(draft, "unknown_term")) is ("robot" in cells)


def test_person_without_a_name_is_kept(read: Read) -> None:
    """Of a body that nobody named, sex and age are all there is; a row that says nothing of a person names nobody."""
    draft = read(
        "victim_list",
        {"no": "1", "name": "", "sex": "f", "town": ""},
        {"no": "2", "name": "", "sex": "", "town": "Raqqa"},
    )
    assert draft.victims["draft_no"].tolist() == [0]
    assert len(draft.claims) == 2


def test_unreadable_age_keeps_its_person(read: Read) -> None:
    """An age that can't be read is an issue of its cell, and a sentinel is a blank."""
    draft = read("victim_list", {"name": "Planted One", "age": "old"}, {"name": "Planted Two", "age": "-9"})
    assert draft.victims["age_low_years"].isna().tolist() == [True, True]
    assert told(draft, "unreadable") == [(2, "age", "unreadable")]


def test_persons_without_ids_are_told_apart(read: Read, rules: Ruleset) -> None:
    """Two persons of one age and sex have ids of their own, made of their names with the job's key."""
    rows = [{"name": f"Planted {n}", "sex": "f"} for n in ("One", "Two", "One")]
    ids = read("victim_list", *rows).claims["claim_id"]
    other = read("victim_list", *rows, context=build_context(rules, "airwars", key=b"another")).claims[
        "claim_id"
    ]
    assert ids.nunique() == 2
    assert not set(ids) & set(other)


@pytest.mark.parametrize(
    ("cell", "native"),
    [
        ("17", "17"),
        ("17.0", "17"),
        ("SN-04/b", "SN-04/b"),
        ("Planted Name", ""),
        ("Planted", ""),
        ("3 of Planted", ""),
    ],
)
def test_name_in_the_column_of_ids_is_no_id(read: Read, cell: str, native: str) -> None:
    """An id is one word with a digit; anything else there may be a name, and is neither an id nor told."""
    draft = read("victim_list", {"no": cell, "name": "Somebody Else", "age": "4"})
    assert draft.claims["native_id"].tolist() == [native]
    assert "Planted" not in draft.claims.to_csv() + draft.issues.to_csv()


def test_own_header_of_a_cell_is_told(read: Read) -> None:
    """An issue names the column as the file does, and withholds what stands in one that may name persons."""
    issues = read(
        "victim_list", {"nombre": "Planted", "edad": "old", "fecha de nacimiento": "in Planted"}
    ).issues
    own = issues[issues["code"] == "unreadable"].set_index("column")
    assert set(own.index) == {"edad", "fecha de nacimiento"}
    assert own.loc["fecha de nacimiento", "value"] == "(withheld)"
    assert "Planted" not in issues.to_csv()


def test_numbers_under_another_header(read: Read, rules: Ruleset) -> None:
    """A number column is found under its other headers too, and of two the first that is not blank counts."""
    monitor = with_column(rules.monitors["airwars"], "civ_killed_min", also=("least", "Dead (min)"))
    row = incident() | {"dead (MIN)": "3", "Least": "2"}
    blank = incident() | {"dead (MIN)": "3", "Least": ""}
    for line in (row, blank):
        del line["civ_killed_min"]
        line["civ_killed_max"] = "9"
    assert read(monitor, row, blank).figures["low"].tolist() == [2, 3]


# ---- many cells at once --------------------------------------------------------------------------------------------

CELLS = {
    "number": ["3", "3.0", "03", "1.5", "1.234", "1,234", "-1", "+1", "1e3", "nan", "9999999999", "12345678901", "\u0663"],
    "latitude": ["35.9", "-0.0", "90", "90.001", "+5.5", "-35.95", "035.1", "1000", "35,9", "35.9 N", ".5", "5."],
    "longitude": ["179.99", "180", "-180", "181", "39", "39.0000001"],
    "day": ["2017-06-18", "2017-02-30", "2017-06-18 00:00:00", "2017-06-18T23:59:59.123", "2017-06-18 24:00", "1899-12-31", "2100-01-01",
            "2101-01-01", "2099-12-31", "1900-01-01", "2017-06", "2017", "18 June 2017", "2017-6-1", "2017-06-18Z"],
    "whole": ["240985.0", "240985.00", "240985", "2.50", "2.5", "A-1.0", "10", "0.0", "x0", "-3.0", "\u0663.0"],
    "ids": ["CS1", "TS1 YS2", "YS2  TS1 YS2", "a\u00a0b", "\u0623 \u0628", "a-b"],
}  # fmt: skip


@pytest.mark.parametrize("parse", CELLS)
def test_cells_read_at_once_are_read_as_one_by_one(context: Context, parse: str) -> None:
    """Texts of the commonest form are read together, and give what their parser gives for each."""
    rule = ColumnRule.model_construct(
        field=None, number=False, ignore=None, parse=parse, order=None, decimal_mark="", days=1, time_zone=""
    )
    texts = pd.array([*CELLS[parse], "", CELLS[parse][0]], dtype="str")
    read, noted = [], []
    for bulk in (cells._IN_BULK, {}):
        issues = IssueList("x.csv", "")
        with patch.object(cells, "_IN_BULK", bulk):
            column = cells.read_cells(
                factorized(texts), rule, context, issues, np.arange(2, len(texts) + 2), "a column"
            )
        read.append(np.asarray(column.cells()))
        noted.append(issues.frame())
    np.testing.assert_array_equal(*read)
    pd.testing.assert_frame_equal(*noted)


@given(st.lists(st.dates(date(2016, 12, 25), date(2018, 3, 5)) | st.none(), min_size=2, max_size=24))
def test_windows_are_described_as_one_by_one(days: list[date | None]) -> None:
    """The EDTF text and the precision of a column of windows are those of each window."""
    pairs = [(a, b) for a, b in pairwise(days) if not (a and b and b < a)]
    start, end = (np.array([pair[side] for pair in pairs], dtype="datetime64[us]") for side in (0, 1))
    described, codes = _described(start, end)
    assert described.tolist() == [edtf_of(a, b) for a, b in pairs]
    assert codes.tolist() == [precision_of(a, b) if a and b else 0 for a, b in pairs]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=20))
def test_combinations_are_found_once(rows: list[tuple[int, int, int]]) -> None:
    """Each row holds its own combination, in the order in which they come, however large the codes."""
    codes = [
        np.array(column, dtype=np.intp) * (2**40 if at else 1)
        for at, column in enumerate(zip(*rows, strict=True))
    ]
    first, held = combined(codes)
    distinct = list(dict.fromkeys(rows))
    assert [rows[at] for at in first] == distinct
    assert [distinct[at] for at in held] == rows


def test_commonest_strangers_are_told_with_a_hint(read: Read) -> None:
    """Of very many unknown terms each is told, and those that stand most often with the terms they may be a slip of."""
    rows = [incident(code=f"CS{n}", belligerents=f"Turkish Militaryy {n}") for n in range(cells.HINTS + 5)]
    rows += [incident(code="CS999", belligerents="Turkish Militaryy 104")]
    messages = read("airwars", *rows).issues.query("code == 'unknown_term'")["message"]
    assert len(messages) == cells.HINTS + 5
    assert messages.str.contains("nearest").sum() == cells.HINTS
    assert messages[messages.str.contains("104'")].str.contains("nearest").all()
