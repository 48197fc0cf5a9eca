"""Histories as files for other programs, and the page Overlap of victims: what each holds, and what neither ever does."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from test_overlap_victims import RULES, THREE, UNLIKE, Lists, people, spread
from test_report import facts

from reconcile.errors import UsageFault
from reconcile.exports.histories import files_of
from reconcile.pipeline import Input, Options, run
from reconcile.read import SourceFile
from reconcile.report import lay_out
from reconcile.report.victims import CAUTIONS, NAME, REFUSED, victims_sheet
from reconcile.validate import Within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconcile.overlap import Overlap
    from reconcile.sheets import Block, Sheet

SUMMARY = {"run_digest": "0123456789abcdef00", "job": "lists", "as_of": "2017-07-01"}
PROGRAMS = {"lcmcr.csv", "dga.csv", "sparsemse.csv", "rcapture.csv", "verdata.csv"}


def tables_of(found: Overlap) -> dict[str, pd.DataFrame]:
    """The tables of a report that the export reads."""
    return {
        "lists": found.lists,
        "histories": found.histories,
        "overlaps": found.pairs,
        "estimates": found.estimates,
    }


def files(lists: Lists) -> dict[str, bytes]:
    """The files made of some lists."""
    return files_of(tables_of(lists.overlap()), SUMMARY)


def read(content: bytes) -> pd.DataFrame:
    """A file as a program reads it."""
    return pd.read_csv(io.BytesIO(content), keep_default_na=False)


@pytest.fixture(scope="module")
def three() -> dict[str, bytes]:
    """The files of three lists of 70 persons."""
    return files(Lists(spread(THREE)))


def test_every_program_has_its_file_in_every_stratum(three: Mapping[str, bytes]) -> None:
    """One folder a stratum, named by group, month and place."""
    folders = {name.rpartition("/")[0] for name in three} - {""}

    assert folders == {
        "civilian/whole", "civilian/2017-06", "civilian/syr-ar-raqqa", "civilian/2017-06-syr-ar-raqqa"
    }  # fmt: skip
    for folder in folders:
        assert {name.rpartition("/")[2] for name in three if name.startswith(f"{folder}/")} == PROGRAMS


@pytest.mark.parametrize(
    ("file", "count"), [("lcmcr.csv", "Freq"), ("sparsemse.csv", "count"), ("rcapture.csv", "freq")]
)
def test_tables_of_patterns(three: Mapping[str, bytes], file: str, count: str) -> None:
    """Ones and zeros, the count in the last column under the name that its program takes, and no row of zeros alone."""
    table = read(three[f"civilian/whole/{file}"])

    assert list(table.columns) == ["a", "b", "c", count]
    assert set(table[["a", "b", "c"]].to_numpy().ravel()) == {0, 1}
    assert (table[["a", "b", "c"]].sum(axis=1) > 0).all()
    assert table[count].sum() == 70


def test_cells_of_dga_are_in_the_order_of_binary_numbers() -> None:
    """x000 first and nobody's, x111 last; the first digit is the first list's, as in the other files."""
    made = files(Lists(spread(UNLIKE)))
    table = read(made["civilian/whole/dga.csv"])
    patterns = read(made["civilian/whole/lcmcr.csv"]).set_index(["a", "b", "c"])["Freq"]

    assert list(table.columns) == ["x000", "x001", "x010", "x011", "x100", "x101", "x110", "x111"]
    assert table.iloc[0].tolist() == [0, 6, 8, 10, 10, 10, 10, 10]
    assert (patterns[0, 0, 1], patterns[0, 1, 0], patterns[1, 0, 0]) == (6, 8, 10)


def test_verdata_has_a_row_a_person(three: Mapping[str, bytes]) -> None:
    """Sources in columns that begin with in_, nobody on none of them."""
    table = read(three["civilian/whole/verdata.csv"])
    sources = [name for name in table.columns if name.startswith("in_")]

    assert sources == ["in_a", "in_b", "in_c"]
    assert len(table) == 70
    assert (table[sources].sum(axis=1) > 0).all()
    assert table[sources].sum().tolist() == [40, 40, 40]
    assert set(table["stratum_name"]) == {"civilian_whole"}


def test_files_for_programs_have_no_byte_order_mark(three: Mapping[str, bytes]) -> None:
    """R would take it for a part of the first list's name."""
    assert not [
        name for name, content in three.items() if name.count("/") == 2 and content[:3] == b"\xef\xbb\xbf"
    ]


def test_six_lists_have_no_file_for_dga() -> None:
    """It knows the models of three to five lists."""
    members = {name: people(1 + place, 30 + place) for place, name in enumerate("abcdef")}
    names = {name.rpartition("/")[2] for name in files(Lists(spread(members))) if "/" in name}

    assert names == PROGRAMS - {"dga.csv"}


def test_strata_that_carry_nothing_have_no_files() -> None:
    """Too few, nobody, or nobody told where: strata.csv says why."""
    members = spread(THREE)
    members["a"] += [(f"w{number}", {"day": "2017-06-15", "admin1": "Aleppo"}) for number in range(20)]
    members["b"] += [(f"w{number}", {"day": "2017-06-15", "admin1": "Aleppo"}) for number in range(20)]
    members["a"] += [("w99", {"day": "2017-06-15", "admin1": ""})]
    made = files(Lists(members))
    strata = read(made["strata.csv"]).set_index(["stratum_code", "admin1"])

    assert strata.loc[("place", "Aleppo"), "why_no_files"] == "c has nobody here."
    assert "do not tell the governorate" in strata.loc[("place", ""), "why_no_files"]
    assert strata.loc[("place", "Aleppo"), "folder"] == ""
    assert not [name for name in made if "aleppo" in name]


def test_two_lists_have_no_files() -> None:
    """Fewer than three lists that may be taken for independent: the tables alone, with the reason."""
    made = files(Lists(spread({"a": THREE["a"], "b": THREE["b"]})))

    assert set(made) == {"README.md", "lists.csv", "pairs.csv", "strata.csv"}
    assert "it takes 3 or more" in read(made["strata.csv"])["why_no_files"].iloc[0]


def test_scopes_that_nobody_states_are_a_caution() -> None:
    """Whom the lists take in is for the statistician to find out: files, and a word above them."""
    unknown = {"population_code": "unknown"}
    made = files(Lists(spread(THREE), dict.fromkeys("abc", unknown)))

    assert "unknown/whole/lcmcr.csv" in made
    assert b"Look into this before you estimate anything" in made["README.md"]
    assert "do not say whom the lists take in" in read(made["strata.csv"])["caution"].iloc[0]


def test_no_list_of_victims_is_said() -> None:
    """Incidents are never handed off as if they were persons."""
    found = Lists(spread(THREE)).overlap()
    tables = tables_of(found)
    none = {
        name: frame.assign(unit_code="incident") if "unit_code" in frame else frame
        for name, frame in tables.items()
    }

    with pytest.raises(UsageFault, match="no list of victims"):
        files_of(none, SUMMARY)


def test_files_hold_no_names_and_are_the_same_each_time(three: Mapping[str, bytes]) -> None:
    """No name of a person, no id of a claim or a cluster, and nothing of the clock."""
    assert not [
        name
        for name, content in three.items()
        if b"Person" in content or b"v001" in content or b"a:X" in content
    ]
    assert files(Lists(spread(THREE))) == dict(three)


def test_readme_tells_how_each_file_is_loaded(three: Mapping[str, bytes]) -> None:
    """Each program is named with its file, below what to be careful of."""
    text = three["README.md"].decode()

    for program, file in (
        ("LCMCR", "lcmcr"),
        ("dga", "dga"),
        ("SparseMSE", "sparsemse"),
        ("Rcapture", "rcapture"),
        ("verdata", "verdata"),
    ):
        assert f"library({program})" in text
        assert f'read.csv("{file}.csv")' in text
    assert text.index("they are no estimate") < text.index("library(")


# ---- the page ------------------------------------------------------------------------------------------------------


def page(lists: Lists) -> Sheet | None:
    """The page of some lists."""
    found = lists.overlap()
    shown: Any = SimpleNamespace(**tables_of(found), rules=SimpleNamespace(monitors=lists.monitors))
    return victims_sheet(shown)


def block_of(sheet: Sheet | None, heading: str) -> Block:
    """Return the block whose heading begins like this."""
    assert sheet
    return next(block for block in sheet.blocks if block.heading.startswith(heading))


def test_page_begins_with_what_forbids_most_of_it() -> None:
    """The cautions stand above every number."""
    sheet = page(Lists(spread(THREE)))

    assert sheet
    assert sheet.blocks[0].notes == CAUTIONS
    assert sheet.blocks[0].rows.empty


def test_page_has_pairs_histories_and_bounds() -> None:
    """Both, Chapman's interval, histories that add up, and the bound for few lists first."""
    sheet = page(Lists(spread(THREE)))
    pairs = block_of(sheet, "Two lists").rows
    bounds = block_of(sheet, "Several lists").rows

    assert pairs.loc[0, ["pair", "both", "chapman"]].tolist() == ["List A and List B", 20, "79 (68–103)"]
    assert block_of(sheet, "Who stands on which lists: civilians").rows["members"].sum() == 70
    assert bounds.loc[bounds.index[0], ["stratum", "method", "number"]].tolist() == [
        "whole", "Chao's lower bound, for few lists", "80 (74–96)"
    ]  # fmt: skip


def test_page_says_why_there_is_no_number() -> None:
    """Refused, with the reason beside it."""
    sheet = page(Lists(spread({"a": THREE["a"], "b": THREE["b"]}), {"b": {"direct_code": "both"}}))
    pairs = block_of(sheet, "Two lists").rows

    assert pairs["chapman"].tolist() == [REFUSED]
    assert pairs["why"].tolist() == ["List A takes in direct deaths, List B direct and indirect deaths."]
    assert set(block_of(sheet, "Several lists").rows["number"]) == {REFUSED}


def test_no_victims_no_page() -> None:
    """A run without lists of victims has no such page."""
    found = Lists(spread(THREE)).overlap()
    shown: Any = SimpleNamespace(lists=found.lists.assign(unit_code="incident"))

    assert victims_sheet(shown) is None


# ---- a whole run ---------------------------------------------------------------------------------------------------

# Names far apart, so that nobody is taken for another.
NAMES = (
    "Qusayy",
    "Dhubyan",
    "Hizam",
    "Fawwaz",
    "Luqman",
    "Mizyad",
    "Shibli",
    "Turki",
    "Zaydan",
    "Wahib",
    "Jasim",
    "Naif",
    "Rakan",
    "Suhayl",
    "Tayseer",
)
SOURCES = {"a": "", "b": "", "c": "Nabigha the neighbour"}


def rows_of(name: str, members: list[str]) -> bytes:
    """A list as its monitor would publish it."""
    lines = ["no,name,age,sex,died,admin1,country,source"]
    for number in (int(one[1:]) for one in members):
        person = f"{NAMES[number % 15]} {NAMES[(number // 15 + 7 * number + 3) % 15]} {NAMES[(number * 11 + 5) % 15]}"
        lines.append(
            f"{number},{person},{20 + number % 50},m,2017-06-{1 + number % 10:02},Aleppo,Syria,{SOURCES[name]}"
        )
    return "\n".join(lines).encode()


def test_run_of_three_lists() -> None:
    """Files in, sheet and tables out: the histories of the persons as they were made, and nobody's name or source."""
    shipped = RULES.monitors["victim_list"]
    scope = shipped.scope.model_copy(update={"population_code": "civilian"})
    monitors = {
        f"list_{name}": shipped.model_copy(
            update={
                "id": f"list_{name}", "kind_code": "monitor", "scope": scope,
                "layouts": tuple(one.model_copy(update={"id": f"rows_{name}"}) for one in shipped.layouts),
            }
        )
        for name in THREE
    }  # fmt: skip
    rules = RULES.model_copy(update={"monitors": {**RULES.monitors, **monitors}})
    inputs = [
        Input(f"{name}.csv", SourceFile(f"{name}.csv", rows_of(name, own)), f"list_{name}")
        for name, own in THREE.items()
    ]
    result = run(inputs, rules, Options(facts(rules), Within()), lambda _: None)
    whole = result.histories[result.histories["stratum_code"] == "whole"]
    sheets = {sheet.name: sheet for sheet in lay_out(result)}
    told = "".join(frame.to_csv() for frame in tables_of(result.overlap).values())

    assert dict(zip(whole["pattern"], whole["members"], strict=True)) == {
        "100": 10, "101": 10, "110": 10, "111": 10, "010": 10, "011": 10, "001": 10
    }  # fmt: skip
    assert list(sheets).index(NAME) == list(sheets).index("Overlap") + 1
    assert not [name for name in (*NAMES, "Nabigha") if name in told or name in str(sheets[NAME])]
