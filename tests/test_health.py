"""Input health over time: what a file is held against, what is told of it, and what is not."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from strategies import budget
from test_cli import HEADER, airwars_export, airwars_line, command

from reconcile.drift import KEPT_HASHES, glimpse, joined, kept, observe
from reconcile.filenames import stem_of
from reconcile.frames import Coverage, InputColumns, empty, typed
from reconcile.health import (
    PastInputs,
    Present,
    account_row,
    accounts_of,
    judge_health,
    told,
    unread_monitors,
)
from reconcile.health.rows import band
from reconcile.read import SourceFile, read_tables
from reconcile.result import InputAccount
from reconcile.rulefiles import load_rules
from reconcile.ruleset import HealthRules

RULES = load_rules(ROOT / "rules")
FIRST = date(2017, 1, 1)
LAYOUT = ("airwars", "incident_pages")
READ = ("code", "incident_date", "civ_killed_min", "location_en")


def account(rows: int = 100, **stated: Any) -> InputAccount:
    """An account of an Airwars file in order; its bytes differ where its rows do."""
    values: dict[str, Any] = {
        "monitor": LAYOUT[0], "layout": LAYOUT[1], "file": "airwars.csv", "sha256": f"sha of {rows}", "released": "",
        "rows_read": rows, "rows_claimed": rows, "rows_quarantined": 0, "rows_corrected_away": 0, "rows_out_of_scope": 0,
        "rows_not_data": 0, "claims": rows, "figures": rows, "health": "ok", "remark": "", "newest": "",
    }  # fmt: skip
    return InputAccount(**(values | stated))


def failed(**stated: Any) -> InputAccount:
    """An account of a file that failed."""
    return account(0, **({"layout": "", "health": "failed", "sha256": "", "remark": "a fault."} | stated))


def columns(
    file: str = "airwars.csv", rows: int = 100, names: tuple[str, ...] = READ, **filled: int
) -> pd.DataFrame:
    """The columns of one file: read and filled, unless stated."""
    frame = pd.DataFrame({"column": list(names)})
    frame["filled"] = [filled.get(name, rows) for name in names]
    frame = frame.assign(monitor=LAYOUT[0], layout=LAYOUT[1], file=file, rows=rows, sketch="")
    known = RULES.monitors[LAYOUT[0]].layouts[0].columns
    frame["use_code"] = ["read" if name in known else "unknown" for name in names]
    return typed(InputColumns, frame)


def cover_of(**claims: int) -> pd.DataFrame:
    """A Coverage frame of one monitor: m2017_06=12 is June 2017."""
    rows = [
        {
            "monitor": LAYOUT[0], "month": name[1:].replace("_", "-"), "claims": count, "killed_low": 0.0,
            "state_code": "reported" if count else "silent",
        }
        for name, count in claims.items()
    ]  # fmt: skip
    return typed(Coverage, pd.DataFrame(rows)) if rows else empty(Coverage)


def present(*accounts: InputAccount, **stated: Any) -> Present:
    """What this run read."""
    values: dict[str, Any] = {
        "as_of": FIRST + timedelta(days=365), "columns": empty(InputColumns), "coverage": empty(Coverage),
        "copies": {}, "within": "",
    }  # fmt: skip
    return Present(accounts=accounts, **(values | stated))


def past(*runs: list[InputAccount], **stated: Any) -> PastInputs:
    """What earlier runs read, the oldest first, a month apart up to the last one."""
    from dataclasses import asdict

    rows = [
        account_row(ago, (FIRST + timedelta(days=365 - 30 * ago)).isoformat(), asdict(one))
        for ago, accounts in enumerate(reversed(runs), start=1)
        for one in accounts
    ]
    return PastInputs(accounts=accounts_of(rows), **stated)


def codes(now: Present, before: PastInputs) -> list[tuple[str, str]]:
    """Code and severity of all that is told."""
    found = judge_health(now, before, RULES)
    return list(zip(found["code"], found["severity"], strict=True))


def of_rows(*rows: int) -> list[list[InputAccount]]:
    """Runs over one file that had so many rows, the oldest first."""
    return [[account(count)] for count in rows]


# ---- rows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param((1000, 1020, 1050, 1070), 1090, [], id="grows as ever"),
        pytest.param((1000, 1020, 1050, 1070), 520, [("fewer_rows", "error")], id="cut in half"),
        pytest.param((1000, 1020, 1050, 1070), 0, [("fewer_rows", "error")], id="nothing left"),
        pytest.param((1000, 1020, 1050, 1070), 1030, [], id="a few withdrawn"),
        pytest.param((1000, 1020, 1050, 1070), 2200, [("more_rows", "warning")], id="twice as many"),
        pytest.param((1000, 1020), 10, [], id="too few releases to judge"),
        pytest.param((1000, 1000, 1000), 10, [], id="one release, read three times"),
        pytest.param((80, 120, 95, 130, 70), 100, [], id="months that differ"),
        pytest.param((80, 120, 95, 130, 70), 40, [], id="a quiet month among months that differ"),
        pytest.param((1000, 1020, 300, 1050), 1070, [], id="after one that went wrong"),
        pytest.param((1000, 1020, 1050, 300), 1080, [], id="back to what it was"),
        pytest.param((100, 200, 400, 800), 1600, [], id="doubles each time"),
        pytest.param((3, 4, 5), 2, [], id="small files"),
    ],
)
def test_rows_against_the_releases_before(before, now, expected):
    """A file is told when it has fewer or more rows than its own history gives reason to expect."""
    assert codes(present(account(now, sha256="new")), past(*of_rows(*before))) == expected


def test_message_says_where_what_expected_by_which_runs_and_what_to_do():
    """The sentence about missing rows holds all that a person needs."""
    found = judge_health(present(account(500)), past(*of_rows(1000, 1020, 1050)), RULES).iloc[0]
    assert found["message"].startswith("airwars.csv (Airwars) has 500 rows; ")
    assert "the 3 releases read since 2017-10-03 (the last one had 1,050)" in found["message"]
    assert "fetch it again" in found["message"]
    assert (found["value"], found["expected"].split(" to ")[1][-4:]) == ("500 rows", "rows")


def test_parts_are_judged_by_their_sum_and_by_their_names():
    """Of a file in monthly parts, a new part is no alarm, and a part that is cut short is one."""

    def parts(*rows: int) -> list[InputAccount]:
        return [
            account(count, file=f"part_{number}.csv", sha256=f"{number}:{count}")
            for number, count in enumerate(rows)
        ]

    before = past(parts(500, 500), parts(505, 510, 480), parts(501, 511, 490, 500))
    assert codes(present(*parts(501, 510, 495, 500, 505)), before) == []
    found = judge_health(present(*parts(201, 510, 495, 500, 505)), before, RULES)
    assert list(zip(found["code"], found["file"], strict=True)) == [("fewer_rows", "part_0.csv")]


def test_sum_is_not_judged_beside_a_file_that_failed():
    """A part that failed is told once, as failed."""
    before = past(
        *(
            [account(count, file=f"part_{n}.csv", sha256=f"{n}:{count}") for n in (1, 2)]
            for count in (500, 510, 520)
        )
    )
    now = present(account(530, file="part_1.csv"), failed(file="part_2.csv"))
    assert codes(now, before) == [("failed", "error")]


@budget(60)
@given(
    first=st.integers(0, 5000),
    steps=st.lists(st.integers(0, 400), min_size=2, max_size=12),
    share=st.floats(0, 2),
)
def test_health_healthy_growth_is_silent(first: int, steps: list[int], share: float):
    """A file that only grows, and by no more than twice its largest step so far, raises nothing."""
    rows = list(accumulate(steps, initial=first))
    now = rows[-1] + int(share * max(steps))
    days = [(FIRST + timedelta(days=number)).isoformat() for number in range(len(rows) + 1)]
    before = past(*([account(count, newest=day)] for count, day in zip(rows, days, strict=False)))
    assert codes(present(account(now, newest=days[-1], sha256="new")), before) == []


@budget(60)
@given(rows=st.lists(st.integers(0, 10_000), min_size=3, max_size=12))
def test_band_holds_the_last_release_or_more(rows: list[int]):
    """What stays as it is, or grows by half, is never told."""
    found = band([float(count) for count in rows], HealthRules())
    assert found is not None
    assert found.low <= rows[-1] <= found.high
    assert found.high >= 1.5 * rows[-1]


@budget(15)
@given(data=st.data())
def test_health_order_does_not_matter(data: st.DataObject):
    """Files, columns and earlier accounts in any order give the same frame."""
    now = [account(500), account(80, file="b_2.csv", sha256="b"), failed(file="c.csv", monitor="")]
    runs = past(
        *(
            [account(count), account(70, file="b_1.csv", sha256="a"), failed(file="d.csv")]
            for count in (1000, 1010, 1020)
        ),
        columns=columns(names=(*READ, "url")).assign(run=1),
    )
    seen = columns(names=("code", "kode", "incident_date"))
    told_at_first = judge_health(present(*now, columns=seen), runs, RULES)
    assert len(told_at_first) > 4
    shuffled = PastInputs(
        accounts=runs.accounts.sample(frac=1, random_state=data.draw(st.integers(0, 99))),
        columns=runs.columns.sample(frac=1, random_state=data.draw(st.integers(0, 99))),
    )
    again = judge_health(
        present(*data.draw(st.permutations(now)), columns=seen.sample(frac=1, random_state=1)),
        shuffled,
        RULES,
    )
    pd.testing.assert_frame_equal(told_at_first, again)


def test_health_first_run_judges_no_history():
    """Without earlier runs nothing is held against a file but what it is."""
    now = present(
        account(1),
        failed(file="c.csv"),
        account(0, file="d.csv", layout="", health="degraded"),
        copies={"d.csv": "airwars.csv"},
    )
    assert codes(now, PastInputs()) == [("failed", "error"), ("copied_release", "error")]


# ---- files that failed, files again --------------------------------------------------------------------------------


def test_failed_and_failed_again_and_recovered():
    """A file that fails is told with its last good reading, how long it fails, and when it is back."""
    good, bad = [account(100)], [failed()]
    found = judge_health(present(failed()), past(good, good), RULES).iloc[0]
    assert (found["code"], found["layout"]) == ("failed", LAYOUT[1])
    assert "a fault. Last read in the run of 2017-12-02: 100 rows, 100 claims." in found["message"]
    found = judge_health(present(failed()), past(good, bad, bad), RULES).iloc[0]
    assert found["code"] == "failed_again"
    assert "It has failed since 2017-11-02." in found["message"]
    assert codes(present(account(100)), past(good, bad)) == [("recovered", "note")]


def test_failed_file_of_a_monitor_that_nobody_states():
    """Where a job states no monitor, a file that failed belongs to the one it was read for before."""
    before = past([account(100, file="export 2017-05.csv")])
    now = [failed(file="export 2017-06.csv", monitor="")]
    assert unread_monitors(now, before) == {"airwars"}
    found = judge_health(present(*now), before, RULES).iloc[0]
    assert (found["monitor"], found["expected"]) == ("airwars", "100 rows")


def test_failed_file_with_a_number_for_a_name():
    """Names that differ in their numbers only are those of other monitors; a file's own name says whose it is."""
    other = account(50, monitor="cjtf_oir", layout="monthly_report", file="2.csv")
    before = past([account(100, file="1.csv"), other])
    now = [account(100, file="1.csv"), failed(file="2.csv", monitor="")]
    assert unread_monitors(now, before) == {"cjtf_oir"}
    found = judge_health(present(*now), before, RULES)
    assert set(zip(found["code"], found["monitor"], found["expected"], strict=True)) == {
        ("failed", "cjtf_oir", "50 rows")
    }
    assert unread_monitors([failed(file="3.csv", monitor="")], before) == {"airwars", "cjtf_oir"}
    broken = past([account(100, file="1.csv"), failed(file="2.csv", monitor="")])
    assert codes(present(account(100, file="1.csv"), other), broken) == [("recovered", "note")]


def test_failed_workbook_of_several_monitors():
    """A file that was read for several monitors fails for all of them."""
    sheets = [account(100), account(50, monitor="cjtf_oir", layout="monthly_report")]
    assert unread_monitors([failed(monitor="")], past(sheets)) == {"airwars", "cjtf_oir"}


@pytest.mark.parametrize(
    ("runs", "now", "expected"),
    [
        pytest.param(["a"], ("a", "June.csv", ""), [], id="read again"),
        pytest.param(["a"], ("a", "July.csv", ""), [("same_as_last", "warning")], id="new name"),
        pytest.param(["a"], ("a", "June.csv", "2017-07-01"), [("same_as_last", "warning")], id="newer day"),
        pytest.param(["a", "b"], ("a", "June.csv", ""), [("same_as_earlier", "error")], id="last month's again"),
        pytest.param(["a", "b"], ("a", "July.csv", "2017-07-01"), [("same_as_earlier", "error")], id="under a new name"),
        pytest.param(["a", "b"], ("c", "June.csv", ""), [], id="new bytes"),
    ],
)  # fmt: skip
def test_files_again(runs, now, expected):
    """Bytes that came before under a newer name or day are told; a file that is merely read again is not."""
    before = past(*([account(100, sha256=sha, file="June.csv")] for sha in runs))
    sha, file, released = now
    assert codes(present(account(100, sha256=sha, file=file, released=released)), before) == expected


def test_what_was_put_right_on_the_same_day_did_not_come_back():
    """A wrong file that was replaced by the earlier one before the day was over is no release of before."""
    before = past([account(100, sha256="a")], [account(90, sha256="b")])
    today = before.accounts["as_of"].max()
    now = present(account(100, sha256="a"), as_of=date.fromisoformat(today))
    assert codes(now, before) == []
    assert codes(present(account(100, sha256="a")), before) == [("same_as_earlier", "error")]


def test_file_that_stays_away_for_longer_than_ever():
    """A file that came each month and has stayed the same for much longer is told."""
    runs = [[account(100 + number)] for number in range(5)]
    as_of = FIRST + timedelta(days=365)
    last_came = as_of - timedelta(days=30)
    soon = present(account(104), as_of=last_came + timedelta(days=60))
    late = present(account(104), as_of=last_came + timedelta(days=61))
    assert codes(soon, past(*runs)) == []
    found = judge_health(late, past(*runs), RULES).iloc[0]
    assert (found["code"], found["severity"]) == ("same_as_last", "warning")
    assert "the same file since 2017-12-02; before, a new one came after 30 days at most" in found["message"]


def test_copies_of_other_bytes():
    """Two files of the same content are told; two that differ in a value are not."""
    two = [account(100, file="a.csv"), account(100, file="b.csv", sha256="other")]
    same = pd.concat([columns("a.csv"), columns("b.csv")])
    assert codes(present(*two, columns=same), PastInputs()) == [("copied_release", "error")]
    differing = same.assign(sketch=["x"] + [""] * (len(same) - 1))
    assert codes(present(*two, columns=differing), PastInputs()) == []


# ---- silence -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "now", "expected"),
    [
        pytest.param((1, 8, 15, 22), 29, [], id="moves on"),
        pytest.param((1, 8, 15, 22), 22, [("silent", "warning")], id="stops"),
        pytest.param((1, 8, 15, 22), 20, [("silent", "warning")], id="goes back"),
        pytest.param((1, 8, 8, 22), 22, [], id="stood still before"),
        pytest.param((9, 9, 9, 9), 9, [], id="a closed file"),
        pytest.param((1, 8), 8, [], id="too few releases"),
    ],
)
def test_days_that_stop_moving(days, now, expected):
    """A monitor whose releases go on and whose newest day does not is told, unless that is its way."""
    runs = [[account(100 + day + number, newest=f"2017-06-{day:02d}")] for number, day in enumerate(days)]
    assert codes(present(account(140, newest=f"2017-06-{now:02d}")), past(*runs)) == expected


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        pytest.param({"m2017_05": 9, "m2017_06": 9, "m2017_07": 9}, {"m2017_05": 9, "m2017_06": 0, "m2017_07": 9}, 1, id="a hole"),
        pytest.param({"m2017_05": 9, "m2017_06": 9}, {"m2017_05": 9}, 1, id="the end"),
        pytest.param({"m2017_05": 9, "m2017_06": 9}, {"m2017_06": 9}, 0, id="a newer piece"),
        pytest.param({"m2017_05": 9, "m2017_06": 4}, {"m2017_05": 9}, 0, id="a handful"),
        pytest.param({"m2017_05": 9}, {"m2017_05": 9, "m2017_06": 9}, 0, id="grows"),
    ],
)  # fmt: skip
def test_months_that_had_claims(then, now, expected):
    """A month that had claims last time and has none now is an error."""
    before = past([account(100)], coverage=cover_of(**then))
    after = present(account(100), coverage=cover_of(**now))
    assert codes(after, before) == [("silent", "error")] * expected
    assert codes(present(account(100), coverage=cover_of(**now), within="SYR"), before) == []
    with_failure = present(account(100), failed(file="b.csv"), coverage=cover_of(**now))
    assert codes(with_failure, before) == [("failed", "error")]


def test_monitor_that_is_absent():
    """A monitor of the last run without a file in this one is told once."""
    other = account(10, monitor="ucdp_ged", layout="ged_csv", file="ged.csv")
    assert codes(present(account(100)), past([account(100), other])) == [("silent", "warning")]
    assert codes(present(account(100)), past([account(100), other], [account(100)])) == []


# ---- columns -------------------------------------------------------------------------------------------------------


def drift(before: pd.DataFrame, now: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Code, severity and column of all that is told of a file whose columns were those."""
    found = judge_health(
        present(account(100), columns=now), past([account(100)], columns=before.assign(run=1)), RULES
    )
    return list(zip(found["code"], found["severity"], found["column"], strict=True))


def test_columns_lost_renamed_new_and_emptied():
    """Each change of a header is told with its weight: what is read is an error, anything else a warning or a note."""
    assert drift(columns(), columns()) == []
    assert drift(columns(), columns(names=READ[:-1])) == [("column_lost", "error", "location_en")]
    assert drift(columns(location_en=0), columns(names=READ[:-1])) == [
        ("column_lost", "warning", "location_en")
    ]
    assert drift(columns(names=(*READ, "xyz")), columns()) == [("column_lost", "note", "xyz")]
    assert drift(columns(), columns(names=(*READ, "xyz"))) == [("column_new", "warning", "xyz")]
    assert drift(columns(), columns(names=(*READ, "xyz"), xyz=0)) == [("column_new", "note", "xyz")]
    assert drift(columns(), columns(names=(*READ, "region_en"))) == [("column_new", "note", "region_en")]
    renamed = columns(names=(*READ[:-1], "location_eng"))
    assert drift(columns(), renamed) == [("column_renamed", "error", "location_en")]
    assert drift(columns(), columns(location_en=0)) == [("column_emptied", "error", "location_en")]
    assert drift(columns(), columns(location_en=20)) == [("column_emptied", "warning", "location_en")]
    assert drift(columns(), columns(location_en=30)) == []
    assert drift(columns(location_en=10), columns(location_en=0)) == []


def test_message_names_the_rule_file_key_to_edit():
    """A renamed column says where it is to be entered."""
    now = present(account(100), columns=columns(names=(*READ[:-1], "location_eng")))
    found = judge_health(now, past([account(100)], columns=columns().assign(run=1)), RULES).iloc[0]
    assert (
        "rules/monitors/airwars.yaml: layouts: incident_pages: columns: location_en: also: [location_eng]"
        in found["message"]
    )


def test_column_is_known_by_its_contents():
    """A column under a name unlike its own is known again by its values."""
    values = [f"{number:016x}" for number in range(KEPT_HASHES)]
    before = columns().assign(
        sketch=lambda rows: [" ".join(values) if name == "location_en" else "" for name in rows["column"]]
    )
    after = columns(names=(*READ[:-1], "where")).assign(
        sketch=lambda rows: [
            " ".join([*values[2:], "f" * 16]) if name == "where" else "" for name in rows["column"]
        ]
    )
    assert drift(before, after) == [("column_renamed", "error", "location_en")]
    strange = after.assign(sketch=after["sketch"].str.replace("0", "e"))
    assert [code for code, _, _ in drift(before, strange)] == ["column_lost", "column_new"]


def test_lost_column_is_told_until_it_is_settled():
    """What is read is missed in each run that remembers it; what is not, once."""
    earlier = pd.concat([columns(names=READ[:-1]).assign(run=1), columns(names=(*READ, "xyz")).assign(run=2)])
    runs = past([account(100)], [account(101)], columns=earlier)
    found = judge_health(present(account(102), columns=columns(names=READ[:-1])), runs, RULES)
    assert list(found["column"]) == ["location_en"]
    assert "2 runs ago it had" in found["message"].iloc[0]


def test_parts_with_other_columns_lose_nothing():
    """A column that only some of the files of a monitor have is not missed in the others."""
    before = pd.concat([columns("p_1.csv"), columns("p_2.csv", names=READ[:-1])]).assign(run=1)
    runs = past(
        [account(100, file="p_1.csv", sha256="1"), account(100, file="p_2.csv", sha256="2")], columns=before
    )
    three = [account(100, file=f"p_{number}.csv", sha256=str(number)) for number in (1, 2, 3)]
    now = pd.concat(
        [
            columns("p_1.csv"),
            columns("p_2.csv", names=READ[:-1], rows=99),
            columns("p_3.csv", names=READ[:-1], rows=98),
        ]
    )
    assert codes(present(*three, columns=now), runs) == []


# ---- what is seen of a file ----------------------------------------------------------------------------------------


def source_of(header: str, *lines: str, name: str = "a.csv") -> SourceFile:
    """A file of these lines."""
    return SourceFile(name, ("\n".join([header, *lines]) + "\n").encode())


@budget(40)
@given(blank=st.lists(st.booleans(), min_size=1, max_size=12))
def test_drift_every_column_is_counted(blank: list[bool]):
    """Each column stands there once, with the rows in which it is not blank."""
    lines = [airwars_line(number + 1, url="" if is_blank else "u") for number, is_blank in enumerate(blank)]
    (table,) = read_tables(source_of(HEADER, *lines), [RULES.monitors["airwars"]])
    seen = observe(table, RULES.monitors["airwars"]).set_index("column")
    assert sorted(seen.index) == sorted(HEADER.split(","))
    assert (seen["rows"] == len(blank)).all()
    assert seen.at["url", "filled"] == blank.count(False)
    assert seen.at["code", "filled"] == len(blank)


def test_drift_names_leave_no_sketch():
    """A column that may name persons leaves no hashes, in the run or in its tables; one that nobody knows none in its tables."""
    monitor = RULES.monitors["airwars"]
    layout = next(one for one in monitor.layouts if one.restricted_columns() and not one.reads_with)
    named = min(layout.restricted_columns())
    header = [*layout.required, named, "stranger"]
    header = list(dict.fromkeys([*header, *(group[0] for group in layout.any_of)]))
    (table,) = read_tables(
        source_of(",".join(header), ",".join(f"v{n}" for n in range(len(header)))), [monitor]
    )
    seen = observe(table, monitor).set_index("column")
    assert seen.at[named, "sketch"] == ""
    assert seen.at["stranger", "sketch"] != ""
    written = kept(seen.reset_index()).set_index("column")
    assert written.at["stranger", "sketch"] == ""
    assert set(written.loc[written["sketch"] != "", "use_code"]) <= {"read"}


def test_glimpse_of_a_header_and_of_no_header():
    """The header of a file that no layout knows is seen; a first row of values is not."""
    known = [RULES.monitors["airwars"]]
    seen = glimpse(
        source_of("code,incident_date,location_en,civ_killed_minimum", "1,2,3,4"), "airwars", known, None
    )
    assert list(seen["column"]) == ["code", "incident_date", "location_en", "civ_killed_minimum"]
    assert glimpse(source_of("Somebody,Somewhere,2017-06-01", "1,2,3"), "airwars", known, None).empty
    assert glimpse(SourceFile("a.xlsx", b"PK\x03\x04 no workbook"), "airwars", known, None).empty
    assert joined([]).empty


def test_stems():
    """Names are one where they differ in numbers only."""
    assert stem_of("airwars 2017-06.csv") == stem_of("airwars 2017-07.csv") != stem_of("ged 2017-07.csv")


EXPORTS = sorted((ROOT / "fixtures" / "monitors").rglob("rows*.*"))


@pytest.mark.parametrize(
    "path", EXPORTS, ids=lambda path: path.relative_to(ROOT / "fixtures" / "monitors").as_posix()
)
def test_export_read_again_is_silent(path):
    """Of each invented export the columns are kept, and the same file in the next run raises nothing."""
    monitor = RULES.monitors[path.relative_to(ROOT / "fixtures" / "monitors").parts[0]]
    for table in read_tables(SourceFile(path.name, path.read_bytes()), [monitor], None, RULES.grammars):
        seen = joined([observe(table, monitor)])
        ours = account(len(table.rows), monitor=monitor.id, layout=table.layout_id, file=path.name)
        stored = kept(seen).assign(run=1)
        assert not seen.empty
        assert codes(present(ours, columns=seen), past([ours], columns=stored)) == []


def each_layout() -> list[Any]:
    """Monitor and layout of every header that is recognised by its columns."""
    return [
        pytest.param(monitor, layout, id=f"{monitor.id} {layout.id}")
        for monitor in RULES.monitors.values()
        for layout in monitor.layouts
        if not (layout.reads_with or layout.grammar)
    ]


@pytest.mark.parametrize(("monitor", "layout"), each_layout())
def test_every_layout_can_lose_each_of_its_columns(monitor, layout):
    """Of each shipped layout a column that is gone is told, numbered ones and those of companions included."""
    names = [name.replace("{n}", "1") for name in layout.columns if "*" not in name]
    before = columns(names=tuple(names)).assign(monitor=monitor.id, layout=layout.id, use_code="read", run=1)
    ours = account(100, monitor=monitor.id, layout=layout.id)
    found = judge_health(
        present(ours, columns=before.drop(columns="run")[:1]), past([ours], columns=before), RULES
    )
    assert set(found["column"]) == set(before["column"][1:])
    assert set(found["code"]) == {"column_lost"} or len(names) == 1


# ---- whole runs ----------------------------------------------------------------------------------------------------


def run_job(folder, day: int, *more: str):
    """Carry out the job of a folder for a day of July 2017; return what it said and its run.json."""
    said = command("run", folder / "job.yaml", "--as-of", f"2017-07-{day:02d}", *more)
    summary = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in (folder / "reports").glob(f"*/2017-07-{day:02d}-*/run.json")
    ]
    return said, summary[0] if summary else {}


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A job of one Airwars export, which ran three times over growing releases."""
    tmp_path = tmp_path_factory.mktemp("job")
    (tmp_path / "job.yaml").write_text("id: t\ninputs:\n- {monitor: airwars, files: ['*.csv']}\n")
    for day, rows in enumerate((20, 22, 24), start=1):
        airwars_export(tmp_path / "a.csv", rows=rows)
        said, summary = run_job(tmp_path, day)
        assert said.code == 0, said.err
        assert summary["health"] == []
    return tmp_path


@pytest.fixture
def job(grown, tmp_path):
    """A copy of that job."""
    return shutil.copytree(grown, tmp_path / "job")


def page(folder, day: int, sheet: str = "Summary") -> str:
    """The text of one sheet of the report of a day."""
    (path,) = (folder / "reports").glob(f"*/2017-07-{day:02d}-*/discrepancies.xlsx")
    book = load_workbook(path, read_only=True)
    text = "\n".join(
        str(cell) for row in book[sheet].iter_rows(values_only=True) for cell in row if cell is not None
    )
    book.close()
    return text


def test_truncated_download_degrades_the_run(job):
    """A file of half its rows is read, and the run says that it is degraded: on the Summary, in run.json, by its exit code."""
    airwars_export(job / "a.csv", rows=9)
    said, summary = run_job(job, 4)
    assert said.code == 1
    assert [one["code"] for one in summary["health"] if one["severity"] == "error"] == ["fewer_rows"]
    assert "a.csv (Airwars) has 9 rows" in said.err
    assert "Health of the inputs" in page(job, 4)
    assert "This run is degraded" in page(job, 4)


def test_failed_file_is_never_not_reported(job):
    """A file that could not be read is shown as failed: on the Summary, by month, beside each incident, in the coverage."""
    header = UCDP
    (job / "ged.csv").write_text(
        f"{header}\n" + "".join(f"{n},3,x,2017-0{n}-03,2017-0{n}-03,1,1,1,1,35.9,39.0\n" for n in (5, 6))
    )
    (job / "job.yaml").write_text("id: t\ninputs:\n- {files: [a.csv]}\n- {files: [ged.csv]}\n")
    said, _ = run_job(job, 4)
    assert said.code == 0, said.err
    (job / "ged.csv").write_text(header.replace("deaths_civilians", "civilian_deaths") + "\n1,3\n")
    said, summary = run_job(job, 5)
    assert said.code == 1
    assert {one["code"] for one in summary["health"]} == {"failed", "column_renamed"}
    (renamed,) = [one["message"] for one in summary["health"] if one["code"] == "column_renamed"]
    assert (
        "ged.csv could not be read, and has 'civilian_deaths' where it had 'deaths_civilians' (the layout needs it)"
        in renamed
    )
    assert (
        "rules/monitors/ucdp_ged.yaml: layouts: ged_csv: columns: deaths_civilians: also: [civilian_deaths]"
        in renamed
    )
    (path,) = (job / "reports").glob("*/2017-07-05-*/tables/coverage.parquet")
    coverage = pd.read_parquet(path)
    assert set(coverage.loc[coverage["monitor"] == "ucdp_ged", "state_code"]) == {"failed"}
    assert "is not “not reported”" in page(job, 5)
    assert "UCDP" in page(job, 5)
    assert "a file failed" in page(job, 5, "Incidents")
    again, summary = run_job(job, 6)
    assert again.code == 1
    assert "failed_again" in {one["code"] for one in summary["health"]}


UCDP = "id,type_of_violence,dyad_name,date_start,date_end,deaths_civilians,best,low,high,latitude,longitude"


def test_same_bytes_twice_do_not_make_a_monitor_fail(job):
    """A file saved again under another name is told, and its monitor is not shown as failed."""
    (job / "b.csv").write_bytes((job / "a.csv").read_bytes())
    said, summary = run_job(job, 4)
    assert said.code == 1
    assert [one["code"] for one in summary["health"] if one["severity"] == "error"] == ["copied_release"]
    (path,) = (job / "reports").glob("*/2017-07-04-*/tables/coverage.parquet")
    assert "failed" not in set(pd.read_parquet(path)["state_code"])
    assert summary["issues"].get("file_copied") == 1


def test_files_by_hand_have_no_history(tmp_path):
    """Two runs over files given by hand have nothing to do with each other."""
    big, small = (
        airwars_export(tmp_path / "a.csv", rows=24),
        airwars_export(tmp_path / "b.csv", rows=2, tag="Y"),
    )
    for day, export in enumerate((big, big, big, small), start=1):
        said = command("run", export, "--out", tmp_path / "reports", "--as-of", f"2017-07-{day:02d}")
        assert said.code == 0, said.err
    reports = list((tmp_path / "reports" / "adhoc").glob("*/tables/changes.parquet"))
    assert [len(pd.read_parquet(path)) for path in reports] == [0] * 4


def test_told_is_what_run_json_holds():
    """run.json holds a health frame row by row."""
    found = told(judge_health(present(failed()), PastInputs(), RULES))
    assert [list(one) for one in found] == [
        ["monitor", "layout", "file", "code", "severity", "column", "value", "expected", "message"]
    ]
    assert json.loads(json.dumps(found)) == found


def test_file_that_failed_leaves_nothing_unanswered(tmp_path):
    """While a file of a belligerent can't be read, no incident is said to be unanswered by it; other findings stay."""
    for path in (ROOT / "fixtures" / "demo").iterdir():
        shutil.copy(path, tmp_path)
    _, whole = run_job(tmp_path, 1)
    (tmp_path / "coalition_statements_july_2017.csv").write_bytes(b"")
    said, broken = run_job(tmp_path, 2)
    assert said.code == 1
    assert whole["findings"]["UNM-MON"] > 0
    assert "UNM-MON" not in broken["findings"]
    assert broken["findings"]["TOT-SUM"] == whole["findings"]["TOT-SUM"]
    (path,) = (tmp_path / "reports").glob("*/2017-07-02-*/tables/discrepancies.parquet")
    assert len(pd.read_parquet(path)) > 0


def test_findings_of_statements_name_the_file_that_failed(tmp_path):
    """A statement that no incident was matched to is not held against a monitor whose file can't be read."""
    for path in (ROOT / "fixtures" / "demo").iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / "airwars_raqqa_july_2017.csv").write_bytes(b"")
    said, summary = run_job(tmp_path, 1)
    assert said.code == 1
    (path,) = (tmp_path / "reports").glob("*/*/tables/discrepancies.parquet")
    found = pd.read_parquet(path)
    unmatched = found[found["code"] == "UNM-BEL"]
    assert len(unmatched) == summary["findings"]["UNM-BEL"] > 0
    assert unmatched["suggested_action"].str.startswith("First read the file that failed (Airwars)").all()
