"""What a rule file may say of a layout, each thing on a small invented export: what comes out is what the file says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from pydantic import ValidationError

from reconcile.drafts import gather
from reconcile.normalize import build_context, normalize
from reconcile.read import SourceFile, read_tables
from reconcile.ruleset import Grammar, Layout, Monitor
from reconcile.validate import Within, validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.normalize.cells import Context
    from reconcile.ruleset import Ruleset
    from reconcile.validate import Validated

    Read = Callable[..., Validated]

ID = {"field": "native_id"}
DAY = {"field": "date_start", "parse": "day"}
PLACE = {"field": "place_name", "parse": "place"}
NUMBER = {"number": True, "parse": "number"}
KILLED = {"measure_code": "killed", "population_code": "all"}


def layout(**changes: Any) -> dict[str, Any]:
    """A layout of three columns: id, day and killed."""
    return {
        "id": "example_rows",
        "title": "Example",
        "seen_code": "real_export",
        "kind_code": "incident",
        "required": ["id", "day"],
        "columns": {"id": ID, "day": DAY, "place": PLACE, "killed": NUMBER},
        "figures": [{**KILLED, "low": ["killed"], "high": ["killed"]}],
        **changes,
    }


def monitor(*layouts: dict[str, Any], **changes: Any) -> Monitor:
    """A monitor of these layouts."""
    scope = {
        "population_code": "all",
        "zero_code": "none_reported",
        "blank_code": "not_stated",
        "reason": "-",
        "source": "-",
    }
    stated = {"id": "example", "title": "Example", "publisher": "-", "licence": "-", "kind_code": "monitor"}
    stated |= {"unit_code": "incident", "claims_per_incident": "one", "scope": scope, "reason": "-"}
    return Monitor.model_validate({**stated, "layouts": list(layouts), **changes})


@pytest.fixture(scope="module")
def context(rules: Ruleset) -> Context:
    """What reading cells needs."""
    return build_context(rules, "airwars", key=b"a key of a job")


@pytest.fixture(scope="module")
def read(rules: Ruleset, context: Context) -> Read:
    """A function that takes a text, or bytes, through read, normalize and validate."""

    def reader(of: Monitor, content: str | bytes, *grammars: Grammar) -> Validated:
        content = content.encode() if isinstance(content, str) else content
        tables = read_tables(
            SourceFile("export", content), [of], grammars={grammar.id: grammar for grammar in grammars}
        )
        drafts = [
            normalize(table, of, next(one for one in of.layouts if one.id == table.layout_id), context)
            for table in tables
        ]
        return validate(gather(drafts), Within(), rules.vocabularies["countries"].terms)

    return reader


def figures(valid: Validated, *columns: str) -> list[tuple[Any, ...]]:
    """Claim and these columns of every figure."""
    names = ["claim_id", *columns]
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in valid.figures[names].to_numpy()]


def windows(valid: Validated) -> list[str]:
    """The window of every claim."""
    return valid.claims["edtf"].tolist()


def codes(valid: Validated) -> list[tuple[int, str, str]]:
    """Row, column and kind of every issue of a row, notes aside."""
    own = valid.issues[(valid.issues["source_row"] > 0) & (valid.issues["severity"] != "note")]
    return list(zip(own["source_row"], own["column"], own["code"], strict=True))


# ---- where the header stands ---------------------------------------------------------------------------------------


def test_rows_above_a_header_are_no_data(read: Read) -> None:
    """A preamble is listed, and every record of the file has its fate."""
    valid = read(
        monitor(layout()), "About,this,file,\n#,,,\n\nid,day,place,killed\nA1,2017-06-10,Tell Example,3\n"
    )
    assert valid.fates["fate_code"].tolist() == ["not_data"] * 3 + ["claimed"]
    (told,) = valid.issues.loc[valid.issues["code"] == "not_data", "message"]
    assert told.startswith("Rows 1-3: ")
    assert valid.claims["source_row"].tolist() == [5]


def test_header_over_two_rows(read: Read) -> None:
    """Merged cells of the upper row are carried to the right, and both rows make one name."""
    columns = {"id": ID, "day": DAY, "People killed Min": NUMBER, "People killed Max": NUMBER}
    of = monitor(
        layout(
            header_rows=2,
            columns=columns,
            figures=[{**KILLED, "low": ["People killed Min"], "high": ["People killed Max"]}],
        )
    )
    valid = read(of, ",,People killed,\nid,day,Min,Max\nA1,2017-06-10,3,5\n")
    assert figures(valid, "low", "high") == [("example:A1", 3, 5)]
    assert valid.claims["source_row"].tolist() == [3]


def test_release_without_header(read: Read) -> None:
    """A release whose first row looks as it should is read by position, and that is said."""
    shape = {"order": ["id", "day", "killed"], "looks_like": {"day": r"\d{4}-\d\d-\d\d", "killed": r"\d+"}}
    of = monitor(layout(headerless=shape))
    valid = read(of, "A1,2017-06-10,3\nA2,2017-06-11,4\n")
    assert figures(valid, "low") == [("example:A1", 3), ("example:A2", 4)]
    assert valid.claims["source_row"].tolist() == [1, 2]
    assert any("has no header" in message for message in valid.issues["message"])
    assert read(of, "id,day,killed\nA1,2017-06-10,3\n").claims["source_row"].tolist() == [2]


def test_file_is_read_by_its_tags(read: Read) -> None:
    """Where no layout knows the header, HXL tags name the columns, their attributes in whatever order."""
    columns = {"#meta+id": ID, "#date+start": DAY, "#affected+f+killed": NUMBER}
    made = {**KILLED, "sex_code": "female", "low": ["#affected+f+killed"], "high": ["#affected+f+killed"]}
    of = monitor(
        layout(
            hxl=True, hxl_ignores=["num"], required=["#affected+f+killed"], columns=columns, figures=[made]
        )
    )
    text = "No.,Since,Women\n#meta+id,#date +start,#affected+killed+num+f\nA1,2017-06-10,3\n"
    valid = read(of, text)
    assert figures(valid, "sex_code", "low") == [("example:A1", "female", 3)]
    assert valid.fates["fate_code"].tolist() == ["not_data", "claimed"]


def test_groups_before_a_mark_are_passed_over(read: Read) -> None:
    """A form's groups stand before its fields in the header."""
    valid = read(monitor(layout(group_mark="/")), "id,event/day,event/toll/killed\nA1,2017-06-10,3\n")
    assert (windows(valid), figures(valid, "low")) == (["2017-06-10"], [("example:A1", 3)])


def test_layout_that_describes_most_is_taken(read: Read) -> None:
    """Of two layouts that fit a header, the one that leaves fewer columns undescribed counts."""
    wider = layout(id="example_wide", columns={**layout()["columns"], "note": {"ignore": "-"}})
    of = monitor(layout(), wider)
    valid = read(of, "id,day,place,killed,note\nA1,2017-06-10,x,3,a note\n")
    assert valid.claims["layout"].tolist() == ["example_wide"]
    valid = read(of, "id,day,place,killed\nA1,2017-06-10,x,3\n")
    assert valid.claims["layout"].tolist() == ["example_rows"]


def test_unverified_layout_warns(read: Read) -> None:
    """A layout that nobody held against a real export says so in every run."""
    valid = read(monitor(layout(seen_code="unverified")), "id,day,killed\nA1,2017-06-10,3\n")
    assert valid.issues.loc[valid.issues["code"] == "unverified_layout", "severity"].tolist() == ["warning"]


# ---- cells ---------------------------------------------------------------------------------------------------------


def columned(**rules: Any) -> Monitor:
    """The example with some columns' rules changed or added."""
    return monitor(layout(columns={**layout()["columns"], **rules}))


def test_part_of_a_cell_is_taken(read: Read) -> None:
    """A person's code begins with its incident's; what does not match is blank."""
    of = columned(person={"field": "native_incident_ids", "parse": "ids", "take": "^([a-z]+[0-9]+)-"})
    valid = read(of, "id,day,killed,person\nA1,2017-06-10,1,k12-ab3\nA2,2017-06-10,1,none\n")
    assert valid.claims["native_incident_ids"].tolist() == ["k12", "A2"]


def test_parts_of_a_cell_are_dropped(read: Read) -> None:
    """Agencies stand with the days of their reports, which are no part of their names."""
    sources = {
        "field": "origin_ids",
        "parse": "terms",
        "vocabulary": "origins",
        "drop": r" \d+ [A-Z][a-z]{2}\b",
    }
    valid = read(
        columned(sources=sources), 'id,day,killed,sources\nA1,2017-06-10,1,"AFP 2 Sep, REU 3 Sep, SOHR"\n'
    )
    assert "sohr" in valid.claims["origin_ids"].item().split()
    assert "2" not in valid.claims["origin_ids"].item()


@pytest.mark.parametrize(
    ("cells", "read_as", "doubtful"),
    [
        (["1.234", "2,5"], [1234, 2.5], 1),
        (["1.234", "12.5"], [1.234, 12.5], 1),
        (["1.234", "3"], [3], 0),
        (["1.234.567", "1.234"], [1234567, 1234], 1),
    ],
)
def test_column_proves_its_decimal_mark(
    read: Read, cells: list[str], read_as: list[float], doubtful: int
) -> None:
    """A number that can be read two ways is read as the other cells of its column prove, or is an issue."""
    rows = "".join(f'A{number},2017-06-10,x,"{cell}"\n' for number, cell in enumerate(cells))
    valid = read(monitor(layout()), "id,day,place,killed\n" + rows)
    assert valid.figures["low"].tolist() == read_as
    assert (valid.issues["code"] == "column_proves").sum() == doubtful
    assert len(codes(valid)) == len(cells) - len(read_as)


def test_rule_file_states_the_decimal_mark(read: Read) -> None:
    """Deaths shared out over events are fractions."""
    valid = read(columned(killed={**NUMBER, "decimal_mark": "."}), "id,day,killed\nA1,2017-06-10,1.333\n")
    assert valid.figures["low"].tolist() == [1.333]


@pytest.mark.parametrize(
    ("days", "read_as", "issues"),
    [
        (["26/03/2015", "01/04/2015"], ["2015-03-26", "2015-04-01"], []),
        (["03/26/2015", "04/01/2015"], ["2015-03-26", "2015-04-01"], []),
        (["01/04/2015", "01/05/2015"], ["", ""], ["day", "day"]),
        (["26/03/2015", "04/26/2015", "01/02/2015"], ["2015-03-26", "2015-04-26", ""], ["day"]),
        (["42089", "2015-03-26"], ["2015-03-26", "2015-03-26"], []),
    ],
)
def test_column_proves_its_order_of_days(
    read: Read, days: list[str], read_as: list[str], issues: list[str]
) -> None:
    """Day and month are told apart by the column's other cells, and said; what stays open is an issue."""
    rows = "".join(f"A{number},{day},x,1\n" for number, day in enumerate(days))
    valid = read(monitor(layout()), "id,day,place,killed\n" + rows)
    assert windows(valid) == read_as
    assert [column for _, column, _ in codes(valid)] == issues
    proved = (valid.issues["code"] == "column_proves").any()
    assert proved == (days != ["01/04/2015", "01/05/2015"])


def test_weekday_that_is_not_that_day_is_told(read: Read) -> None:
    """A day is read for what it is, and the contradiction is an issue."""
    valid = read(monitor(layout()), "id,day,killed\nA1,Monday 21 March 2017,3\n")
    assert windows(valid) == ["2017-03-21"]
    assert codes(valid) == [(2, "day", "contradiction")]


def test_uncertain_days_stay_uncertain(read: Read) -> None:
    """A day that is said to be approximate is read, and its window says so."""
    valid = read(
        monitor(layout()),
        "id,day,killed\nA1,2017-06-10~,3\nA2,2017-06?,3\nA3,about 10 June 2017,3\nA4,2017-06-10,3\n",
    )
    assert windows(valid) == ["2017-06-10~", "2017-06?", "2017-06-10~", "2017-06-10"]


def test_stamps_become_local_days(read: Read) -> None:
    """Half past ten in the evening, universal time, is the next day in Damascus."""
    of = columned(day={**DAY, "time_zone": "Asia/Damascus"})
    valid = read(of, "id,day,killed\nA1,2017-06-17T22:30:00Z,3\nA2,2017-06-17 22:30,3\n")
    assert windows(valid) == ["2017-06-18", "2017-06-17"]


def test_week_is_a_span(read: Read) -> None:
    """A day may stand for the week that it begins."""
    valid = read(columned(day={**DAY, "days": 7}), "id,day,killed\nA1,2017-06-10,3\n")
    assert windows(valid) == ["2017-06-10/2017-06-16"]
    assert valid.claims["date_precision_code"].tolist() == [3]


def test_days_in_parts(read: Read) -> None:
    """Year, month and day in columns of their own; 0 and a blank are a part nobody knew."""
    parts = {part: {"field": f"start_{part}", "parse": "number"} for part in ("year", "month", "day")}
    of = monitor(
        layout(required=["id", "year"], columns={"id": ID, **parts, "place": PLACE, "killed": NUMBER})
    )
    rows = ["A1,2014,5,18", "A2,2014,5,0", "A3,2014,0,0", "A4,2014,,", "A5,2014,2,30", "A6,,,"]
    valid = read(of, "id,year,month,day,killed\n" + "".join(f"{row},1\n" for row in rows))
    assert windows(valid) == ["2014-05-18", "2014-05", "2014", "2014", "", ""]
    assert valid.claims["date_precision_code"].tolist() == [1, 4, 5, 5, 0, 0]
    assert codes(valid) == [(6, "start_year", "unreadable")]


def test_months_by_name(read: Read) -> None:
    """A month may be told by its name."""
    month = {"field": "start_month", "parse": "month"}
    columns = {"id": ID, "year": {"field": "start_year", "parse": "number"}, "month": month, "killed": NUMBER}
    of = monitor(layout(required=["id", "year"], columns=columns))
    valid = read(of, "id,year,month,killed\nA1,2014,May,1\nA2,2014,5,1\nA3,2014,Mayhem,1\n")
    assert windows(valid) == ["2014-05", "2014-05", "2014"]
    assert codes(valid) == [(4, "month", "unreadable")]


def test_window_of_hours_reaches_back(read: Read) -> None:
    """A report of 48 hours speaks of two days; one of no hours of its own day."""
    of = columned(hours={"field": "window_hours", "parse": "number"})
    valid = read(of, "id,day,killed,hours\nA1,2023-12-05,3,48\nA2,2023-12-05,3,24\nA3,2023-12-05,3,0\n")
    assert windows(valid) == ["2023-12-04/2023-12-05", "2023-12-05", "2023-12-05"]


# ---- figures -------------------------------------------------------------------------------------------------------


def counted(*made: dict[str, Any], **more: Any) -> Monitor:
    """The example with these figures, and these columns beside its own."""
    numbers = {name: NUMBER for figure in made for name in (*figure.get("low", ()), *figure.get("minus", ()))}
    columns = {"id": ID, "day": DAY, "place": PLACE, **numbers, **more}
    return monitor(layout(columns=columns, figures=list(made)))


def test_figure_of_some_rows(read: Read) -> None:
    """Deaths are those of civilians only where civilians were the other side; 7.0 is 7."""
    civilian = {
        **KILLED,
        "population_code": "civilian",
        "low": ["killed"],
        "high": ["killed"],
        "where": {"column": "inter", "values": ["7", "Civilians"]},
    }
    of = counted(
        {**KILLED, "low": ["killed"], "high": ["killed"]}, civilian, inter={"ignore": "only decides"}
    )
    valid = read(
        of,
        "id,day,killed,inter\nA1,2017-06-10,3,7.0\nA2,2017-06-10,4,CIVILIANS\nA3,2017-06-10,5,1\n",
    )
    assert figures(valid, "population_code") == [
        ("example:A1", "all"), ("example:A1", "civilian"), ("example:A2", "all"), ("example:A2", "civilian"), ("example:A3", "all"),
    ]  # fmt: skip


def test_absent_column_is_blank(read: Read) -> None:
    """A number in words counts where it is stated, a range where it is not, and where its column is absent."""
    words = {"field": "quantity", "parse": "quantity"}
    ranged = {**KILLED, "low": ["min"], "high": ["max"], "where": {"column": "killed", "values": [""]}}
    columns = {"id": ID, "day": DAY, "killed": words, "min": NUMBER, "max": NUMBER}
    of = monitor(layout(columns=columns, figures=[{**KILLED, "quantity": "killed"}, ranged]))
    valid = read(of, "id,day,killed,min,max\nA1,2017-06-10,dozens,1,99\nA2,2017-06-10,,1,99\n")
    assert figures(valid, "low", "high") == [("example:A1", 12, 24), ("example:A2", 1, 99)]
    assert figures(read(of, "id,day,min,max\nA1,2017-06-10,1,99\n"), "low") == [("example:A1", 1)]


def test_column_of_some_rows(read: Read) -> None:
    """A last day counts only where the row says that it is a span, and an actor only where there is an attack."""
    end = {"field": "date_end", "parse": "day", "where": {"column": "type", "values": ["range"]}}
    who = {"field": "perpetrator_codes", "parse": "terms", "vocabulary": "perpetrators"}
    who |= {"where": {"column": "type", "values": ["range"]}}
    valid = read(
        columned(end=end, who=who, type={"ignore": "only decides"}),
        "id,day,end,killed,type,who\nA1,2017-06-10,2017-06-12,1,range,Russia\nA2,2017-06-10,2017-06-12,1,day,Russia\n",
    )
    assert windows(valid) == ["2017-06-10/2017-06-12", "2017-06-10"]
    assert valid.claims["perpetrator_codes"].tolist() == ["russia", ""]


def test_long_windows_are_summaries(read: Read) -> None:
    """A row that speaks of weeks is no incident, whatever its sheet is for."""
    unit = {"unit_code": "event_summary", "longer_than_days": 7, "reason": "-"}
    columns = {**layout()["columns"], "end": {"field": "date_end", "parse": "day"}}
    of = monitor(layout(columns=columns, units=[unit]))
    rows = ["A1,2017-06-10,2017-06-16,1", "A2,2017-06-10,2017-06-17,1", "A3,2017-06,,1", "A4,,,1"]
    valid = read(of, "id,day,end,killed\n" + "\n".join(rows) + "\n")
    assert valid.claims["unit_code"].tolist() == ["incident", "event_summary", "event_summary", "incident"]


def test_nothing_known_is_no_estimate(read: Read) -> None:
    """Where a zero says that nothing is known, nobody's best estimate is zero."""
    of = monitor(layout(figures=[{**KILLED, "low": ["killed"], "best": ["killed"], "high": ["killed"]}]))
    scope = of.scope.model_copy(update={"zero_code": "nothing_known"})
    valid = read(of.model_copy(update={"scope": scope}), "id,day,killed\nA1,2017-06-10,0\n")
    assert figures(valid, "low", "best", "high", "qualifier_code") == [
        ("example:A1", 0, None, None, "not_stated")
    ]


def test_bound_less_another_column(read: Read) -> None:
    """At most the dead who were no attackers were civilians; nobody was less than nobody."""
    of = counted(
        {**KILLED, "population_code": "civilian", "high": ["dead"], "minus": ["attackers"]}, dead=NUMBER
    )
    valid = read(of, "id,day,dead,attackers\nA1,2017-06-10,5,2\nA2,2017-06-10,1,2\nA3,2017-06-10,4,\n")
    assert figures(valid, "low", "high") == [("example:A1", 0, 3), ("example:A2", 0, 0), ("example:A3", 0, 4)]


def test_blank_that_is_vague(read: Read) -> None:
    """Where nobody could say how many, there is a figure without a number."""
    of = counted({**KILLED, "low": ["killed"], "high": ["killed"], "blank_code": "vague"})
    valid = read(of, "id,day,killed\nA1,2017-06-10,\nA2,2017-06-10,2\n")
    assert figures(valid, "low", "high", "qualifier_code") == [
        ("example:A1", 0, None, "vague"),
        ("example:A2", 2, 2, "exact"),
    ]


def test_who_is_counted_stands_in_a_column(read: Read) -> None:
    """The text of a column says who is counted; one that is unknown is an issue and makes no figure."""
    split = {
        "column": "bucket",
        "codes": {"Children": {"age_group_code": "child"}, "All": {}, "Animals": {"skip": True}},
    }
    of = counted(
        {**KILLED, "low": ["killed"], "high": ["killed"], "split_by": split},
        bucket={"ignore": "only decides"},
    )
    rows = [
        "A1,2017-06-10,3,children",
        "A2,2017-06-10,4,All",
        "A3,2017-06-10,5,animals",
        "A4,2017-06-10,6,Women",
    ]
    valid = read(of, "id,day,killed,bucket\n" + "\n".join(rows) + "\n")
    assert figures(valid, "age_group_code", "low") == [("example:A1", "child", 3), ("example:A2", "any", 4)]
    assert codes(valid) == [(5, "bucket", "unknown_term")]


def test_codes_of_the_row_come_first(read: Read) -> None:
    """Measure and population stand in columns; where they are blank, the rule's own count."""
    columns = {
        "what": {"field": "measure_code", "parse": "term", "vocabulary": "measures"},
        "who": {"field": "population_code", "parse": "term", "vocabulary": "populations"},
    }
    of = counted({**KILLED, "low": ["number"], "high": ["number"], "from_columns": True}, **columns)
    valid = read(of, "id,day,number,what,who\nA1,2017-06-10,3,wounded,civilians\nA2,2017-06-10,4,,\n")
    assert figures(valid, "measure_code", "population_code") == [
        ("example:A1", "injured", "civilian"),
        ("example:A2", "killed", "all"),
    ]


def test_a_person_counts_one(read: Read) -> None:
    """A row of a list of persons is one person, of the measure its column states."""
    columns = {
        "id": ID,
        "day": DAY,
        "name": {"field": "victim_name", "personal": True},
        "what": {"field": "measure_code", "parse": "term", "vocabulary": "measures"},
    }
    made = {"measure_code": "killed", "population_code": "all", "persons": True, "from_columns": True}
    of = monitor(layout(kind_code="victim", columns=columns, figures=[made]), unit_code="person")
    valid = read(
        of, "id,day,name,what\nP1,2017-06-10,Planted One,killed\nP2,2017-06-10,Planted Two,injured\n"
    )
    assert figures(valid, "measure_code", "low", "high") == [
        ("example:P1", "killed", 1, 1),
        ("example:P2", "injured", 1, 1),
    ]


def test_one_column_holds_several_numbers(read: Read) -> None:
    """A printed breakdown stands in one cell; each part of it has a name that figures take."""
    parts = [
        {**NUMBER, "take": r"^([0-9]+)"},
        {**NUMBER, "take": r"([0-9]+) children", "named": "children"},
    ]
    of = monitor(
        layout(
            columns={"id": ID, "day": DAY, "place": PLACE, "killed": parts},
            figures=[
                {**KILLED, "low": ["killed"], "high": ["killed"]},
                {**KILLED, "age_group_code": "child", "low": ["children"], "high": ["children"]},
            ],
        )
    )
    valid = read(of, "id,day,killed\nA1,2017-06-10,9 (4 children 5 women)\nA2,2017-06-10,3\n")
    assert figures(valid, "age_group_code", "low", "verbatim") == [
        ("example:A1", "any", 9, "9"),
        ("example:A1", "child", 4, "4"),
        ("example:A2", "any", 3, "3"),
    ]


def test_estimates_are_about(read: Read) -> None:
    """A number marked as an estimate is ten per cent wide to either side; nobody is nobody."""
    of = counted({**KILLED, "low": ["killed"], "high": ["killed"], "about": True})
    valid = read(of, "id,day,killed\nA1,2017-06-10,40\nA2,2017-06-10,0\n")
    assert figures(valid, "low", "high", "qualifier_code") == [
        ("example:A1", 36, 44, "about"),
        ("example:A2", 0, 0, "none_reported"),
    ]


# ---- numbered columns and companions -------------------------------------------------------------------------------


def test_numbered_columns(read: Read) -> None:
    """One rule holds for every number in a header: terms are joined, figures are made one for each."""
    columns = {
        "id": ID,
        "day": DAY,
        "actor_{n}": {"field": "perpetrator_codes", "parse": "terms", "vocabulary": "perpetrators"},
        "group_{n}": {"ignore": "only decides"},
        "killed_{n}": NUMBER,
    }
    split = {"column": "group_{n}", "codes": {"men": {"sex_code": "male"}, "women": {"sex_code": "female"}}}
    made = {**KILLED, "low": ["killed_{n}"], "high": ["killed_{n}"], "split_by": split}
    of = monitor(layout(columns=columns, figures=[made]))
    header = "id,day,actor_1,actor_2,group_1,killed_1,group_2,killed_2\n"
    valid = read(of, header + "A1,2017-06-10,Russian Military,Syrian Regime,men,3,women,4\n")
    assert valid.claims["perpetrator_codes"].tolist() == ["government_of_syria russia"]
    assert figures(valid, "sex_code", "low") == [("example:A1", "female", 4), ("example:A1", "male", 3)]


def test_columns_nobody_needs_are_ignored_together(read: Read) -> None:
    """A name with * stands for whatever is under it, and only to be ignored."""
    columns = {**layout()["columns"], "media/*": {"ignore": "pictures", "personal": True}}
    valid = read(
        monitor(layout(columns=columns)), "id,day,killed,media/1/url,media/2/by/1/name\nA1,2017-06-10,1,x,y\n"
    )
    assert (valid.issues["code"] == "unknown_column").sum() == 0
    with pytest.raises(ValidationError, match="can only be ignored"):
        monitor(layout(columns={**layout()["columns"], "media/*": ID}))


def test_codes_in_small_letters(read: Read) -> None:
    """One file writes in small letters what others write in capitals."""
    valid = read(columned(id={**ID, "upper": True}), "id,day,killed\nispt0001,2017-06-10,1\n")
    assert valid.claims["native_id"].tolist() == ["ISPT0001"]


def test_choices_of_a_question_are_its_details(read: Read) -> None:
    """A form says what was chosen, and once more for each choice."""
    of = monitor(layout(group_mark="/", columns={**layout()["columns"], "who": {"ignore": "-"}}))
    valid = read(of, "id,day,killed,event/who,event/who/army\nA1,2017-06-10,1,army,1\n")
    assert (valid.issues["code"] == "unknown_column").sum() == 0


def test_companion_makes_more_claims_of_a_row(read: Read) -> None:
    """A daily row states a day and a cumulative; the row is claimed once, and nothing is said twice."""
    daily = layout(
        kind_code="total",
        columns={
            "id": ID,
            "day": DAY,
            "killed": NUMBER,
            "killed_cum": {"ignore": "a claim of its own"},
            "place": PLACE,
        },
        needs=["killed"],
    )
    cumulative = layout(
        id="example_cumulative",
        kind_code="total",
        reads_with="example_rows",
        id_suffix="cum",
        required=[],
        needs=["killed_cum"],
        columns={
            "id": ID,
            "day": {"field": "date_end", "parse": "day"},
            "killed_cum": NUMBER,
        },
        constants={"date_start": "2023-10-07"},
        figures=[{**KILLED, "low": ["killed_cum"], "high": ["killed_cum"]}],
    )
    rows = ["D1,2023-10-07,3,3", "D2,not a day,4,7", "D3,2023-10-09,,9", "D4,2023-10-10,,"]
    valid = read(monitor(daily, cumulative), "id,day,killed,killed_cum\n" + "\n".join(rows) + "\n")
    assert figures(valid, "low") == [
        ("example:D1", 3), ("example:D1:cum", 3), ("example:D2", 4), ("example:D2:cum", 7), ("example:D3:cum", 9),
    ]  # fmt: skip
    assert valid.fates["fate_code"].tolist() == ["claimed", "claimed", "claimed", "not_data"]
    assert windows(valid) == ["2023-10-07", "2023-10-07", "", "2023-10-07/..", "2023-10-07/2023-10-09"]
    assert codes(valid).count((3, "day", "unreadable")) == 1
    assert (valid.issues["code"] == "unknown_column").sum() == 0


def test_companion_of_each_number(read: Read) -> None:
    """What each belligerent conceded is a claim of the belligerent's own."""
    main = layout(
        columns={**layout()["columns"], "actor_{n}": {"ignore": "-"}, "conceded_{n}": {"ignore": "-"}},
    )
    own = layout(
        id="example_belligerents",
        reads_with="example_rows",
        id_suffix="belligerent-{n}",
        for_each=True,
        required=[],
        needs=["conceded_{n}"],
        columns={
            "id": [ID, {"field": "native_incident_ids", "parse": "ids"}],
            "day": DAY,
            "actor_{n}": {"field": "monitor", "parse": "term", "vocabulary": "monitors"},
            "conceded_{n}": NUMBER,
        },
        figures=[{**KILLED, "role_code": "conceded", "low": ["conceded_{n}"], "high": ["conceded_{n}"]}],
    )
    header = "id,day,killed,actor_1,conceded_1,actor_2,conceded_2\n"
    valid = read(monitor(main, own), header + "A1,2017-06-10,9,US-led Coalition,2,SOHR,\n")
    assert figures(valid, "role_code", "low") == [
        ("cjtf_oir:A1:belligerent-1", "conceded", 2),
        ("example:A1", "alleged", 9),
    ]
    assert valid.claims["native_incident_ids"].tolist() == ["A1", "A1"]


# ---- printed texts -------------------------------------------------------------------------------------------------

REPORT = """\
REPORT FOR JUNE

Confirmed
1. June 10, 2017, near Tell Example. Three people were killed
   when a house was hit.
2. June 11, 2017, near Ain Sample. Nobody was hurt.

Denied
3. June 12, 2017, near Tell Example. Two people were killed.
4. A torn entry
End of the report
"""


def test_printed_text_is_cut_into_entries(read: Read) -> None:
    """Headings set columns, an entry may run over lines, and what is no entry is no data."""
    grammar = Grammar.model_validate(
        {
            "id": "example_lines",
            "title": "-",
            "reason": "-",
            "starts": r"\d+\. ",
            "entry": r"(?P<number>\d+)\. (?P<day>\w+ \d+, \d{4}), near (?P<place>[^.]+)\. (?P<body>.*)",
            "sections": [
                {"pattern": "(?i)confirmed", "columns": {"verdict": "confirmed"}},
                {"pattern": "(?i)denied", "columns": {"verdict": "denied"}},
            ],
            "ends": r"\s*|End of .*",
            "finds": {"killed": [r"(?i)(\w+) people were killed"]},
        }
    )
    columns = {
        "number": ID,
        "day": DAY,
        "place": PLACE,
        "text": {"ignore": "-"},
        "body": {"field": "text", "free_text": True},
        "verdict": {
            "field": "position_code",
            "parse": "code",
            "codes": {"confirmed": "conceded", "denied": "denied"},
        },
        "killed": {"field": "quantity", "parse": "quantity"},
    }
    of = monitor(
        layout(
            grammar="example_lines",
            required=["number"],
            columns=columns,
            figures=[{**KILLED, "quantity": "killed"}],
        )
    )
    valid = read(of, REPORT, grammar)
    assert valid.claims["position_code"].tolist() == ["conceded", "conceded", "denied"]
    assert valid.claims["source_row"].tolist() == [4, 6, 9]
    assert figures(valid, "low") == [("example:1", 3), ("example:3", 2)]
    assert valid.fates["fate_code"].tolist() == [
        "not_data", "not_data", "claimed", "claimed", "not_data", "claimed", "quarantined", "not_data",
    ]  # fmt: skip
    assert codes(valid) == [(10, "", "broken_entry")]


def test_numbers_that_stand_in_a_header() -> None:
    """The numbers of `{n}` columns are those of the header, each once."""
    columns = {"id": ID, "day": DAY, "a/{n}/b": {"ignore": "-"}, "place": PLACE, "killed": NUMBER}
    of = Layout.model_validate(layout(columns=columns))
    assert of.numbers_in(["id", "a/2/b", "A/10/B", "a/x/b", "a/2/c"]) == [2, 10]
    assert "a/10/b" in of.numbered([2, 10]).columns
