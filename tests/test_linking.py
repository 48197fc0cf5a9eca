"""`reconcile link`: two files in, the links between them out, of incidents and of persons. Names of persons are invented."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import ROOT
from test_cli import command

from reconcile.errors import UsageFault
from reconcile.evaluate import LINK_COLUMNS
from reconcile.linking import link_files
from reconcile.pipeline import Input, Options
from reconcile.read import SourceFile
from reconcile.result import RunFacts
from reconcile.validate import Within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reconcile.ruleset import Ruleset

    MakeFile = Callable[[str, str], Path]

LISTS = ("--kind", "victim", "--monitors", "victim_list,victim_list")
HEADER = "id,name_en,name_ar,age,sex,date_of_death"
LEFT = (
    "7,Samer Hani Nuri,سامر هاني النوري,34,male,2017-06-10",
    "8,Layla Qasim Haddad,,3,female,2017-06-10",
    "9,Abd al-Rahman Khatib,,60,male,2017-06-11",
    "10,Rima Fadi Masri,,2 months,female,2017-06-12",
    "11,Nabil Tareq Daher,,41,male,2017-06-13",
    "12,Zeina Wafa Ghanem,,20,female,2017-06-14",
)
RIGHT = (
    "7,Abdulrahman al-Khateeb,,61,male,2017-06-11",
    "8,,سامر النوري,34,male,2017-06-10",
    "9,Haddad Layla Kassem,,3,female,2017-06-11",
    "10,Reema Fadi al-Masri,,0,female,2017-06-12",
    "20,Jamil Said Barakat,,50,male,2017-06-20",
    "21,Zeina Wafa Ghanem,,70,male,2016-01-01",
)
TRUE_PAIRS = {("7", "8"), ("8", "9"), ("9", "7"), ("10", "10")}


def written(folder: Path, name: str, rows: Sequence[str], header: str = HEADER) -> Path:
    """Write a list and return its path."""
    path = folder / name
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def links_of(folder: Path, left: Path, right: Path, words: Sequence[str] = LISTS) -> pd.DataFrame:
    """Link two files and return links.csv, all of it text."""
    said = command("link", left, right, *words, "-o", folder / "links.csv")
    assert said.code == 0, said.err
    return pd.read_csv(folder / "links.csv", dtype="str", keep_default_na=False)


def matches(links: pd.DataFrame) -> set[tuple[str, str]]:
    """The pairs that are a match, by native ids."""
    found = links[links["verdict_code"] == "match"]
    return set(zip(found["left_id"], found["right_id"], strict=True))


# ---- two lists of one layout ---------------------------------------------------------------------------------------


def test_two_lists_of_one_layout(tmp_path: Path) -> None:
    """Two lists under the same headers are two sides: persons are linked across them by their own ids, which may repeat."""
    links = links_of(tmp_path, written(tmp_path, "a.csv", LEFT), written(tmp_path, "b.csv", RIGHT))
    assert tuple(links.columns) == LINK_COLUMNS
    assert matches(links) == TRUE_PAIRS
    assert set(links["left_id"]) <= {row.split(",")[0] for row in LEFT}
    assert set(links["right_id"]) <= {row.split(",")[0] for row in RIGHT}
    assert links["match_weight"].astype(float).is_monotonic_decreasing


def test_sides_swap(tmp_path: Path) -> None:
    """The lists the other way round give the same pairs with the same weights, sides swapped."""
    left, right = written(tmp_path, "a.csv", LEFT), written(tmp_path, "b.csv", RIGHT)
    there, back = links_of(tmp_path, left, right), links_of(tmp_path, right, left)
    columns = ["left_id", "right_id", "match_weight", "verdict_code"]
    turned = back.rename(columns={"left_id": "right_id", "right_id": "left_id"})
    assert set(there[columns].itertuples(index=False)) == set(turned[columns].itertuples(index=False))


def test_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    """Lists in another order give the same file, byte for byte."""
    links_of(tmp_path, written(tmp_path, "a.csv", LEFT), written(tmp_path, "b.csv", RIGHT))
    first = (tmp_path / "links.csv").read_bytes()
    links_of(tmp_path, written(tmp_path, "a.csv", LEFT[::-1]), written(tmp_path, "b.csv", RIGHT[::-1]))
    assert (tmp_path / "links.csv").read_bytes() == first


def test_other_headers_and_missing_columns(tmp_path: Path) -> None:
    """A list with a first and a family name, without days or sexes, under headers of its own, is linked to one with all."""
    rows = ("A1,Samer,al-Nuri,34", "A2,Leila,Haddad,3", "A3,Jamil,Zaki,50")
    other = written(tmp_path, "b.csv", rows, "record_id,first_name,family_name,age_years")
    links = links_of(tmp_path, written(tmp_path, "a.csv", LEFT), other)
    assert ("7", "A1") in matches(links)
    assert not any(right == "A3" for _, right in matches(links))


@pytest.mark.parametrize("rows", [(), LEFT[:1]])
def test_short_lists(tmp_path: Path, rows: tuple[str, ...]) -> None:
    """A list of nobody is a fault of its file or links nothing; a list of one person is a list."""
    left, right = written(tmp_path, "a.csv", rows), written(tmp_path, "b.csv", RIGHT)
    said = command("link", left, right, *LISTS, "-o", tmp_path / "links.csv")
    assert said.code in {0, 2}
    assert "fault of the program" not in said.err
    assert (tmp_path / "links.csv").exists() == (said.code == 0)


def test_names_stay_out_of_the_links(tmp_path: Path) -> None:
    """links.csv and what is said hold ids and weights, and no name."""
    left, right = written(tmp_path, "a.csv", LEFT), written(tmp_path, "b.csv", RIGHT)
    said = command("link", left, right, *LISTS, "-o", tmp_path / "links.csv")
    shown = said.out + said.err + (tmp_path / "links.csv").read_text(encoding="utf-8")
    for name in ("Samer", "Nuri", "سامر", "Layla", "Khatib"):
        assert name not in shown


# ---- kinds ---------------------------------------------------------------------------------------------------------


def test_kind_decides_what_is_linked(tmp_path: Path) -> None:
    """Lists of persons hold no incidents: without `--kind victim` there is nothing to link, and that is no fault."""
    left, right = written(tmp_path, "a.csv", LEFT), written(tmp_path, "b.csv", RIGHT)
    assert len(links_of(tmp_path, left, right, ("--monitors", "victim_list,victim_list"))) == 0
    assert len(links_of(tmp_path, left, right)) > 0


def test_incidents_are_linked_unless_said_otherwise(tmp_path: Path) -> None:
    """The kind is incidents where none is stated."""
    demo = ROOT / "fixtures" / "demo"
    left, right = demo / "airwars_raqqa_june_2017.csv", demo / "coalition_statements_june_2017.csv"
    sides = ("--monitors", "airwars,cjtf_oir")
    plain = links_of(tmp_path, left, right, sides)
    assert plain.equals(links_of(tmp_path, left, right, (*sides, "--kind", "incident")))
    assert len(links_of(tmp_path, left, right, (*sides, "--kind", "victim"))) == 0
    assert matches(plain)


# ---- as a function -------------------------------------------------------------------------------------------------


def test_both_sides_have_to_differ(rules: Ruleset) -> None:
    """Two files under one monitor's id would be one list: the caller is told."""
    facts = RunFacts("t", "t", date(1970, 1, 1), "airwars", False, "", rules.digest, "", "", "", "0")
    some: dict[str, Any] = {name: SourceFile(f"{name}.csv", HEADER.encode()) for name in ("a", "b")}
    sides = (Input(f"{name}.csv", source, "victim_list") for name, source in some.items())
    with pytest.raises(UsageFault, match="both sides are 'victim_list'"):
        link_files(*sides, rules, Options(facts, Within()), lambda _: None, kind="victim")


# ---- train ---------------------------------------------------------------------------------------------------------

DEMO = ROOT / "fixtures" / "demo"
SIDES = (DEMO / "airwars_raqqa_june_2017.csv", DEMO / "coalition_statements_june_2017.csv")


def test_training_on_too_little_is_refused(tmp_path: Path) -> None:
    """A month of one town holds too few matches: exit 2, a sentence that says how many it takes, and no file."""
    target = tmp_path / "incidents.yaml"
    said = command("train", *SIDES, "--monitors", "airwars,cjtf_oir", "-o", target)
    assert said.code == 2
    assert "at least 30 are needed" in said.err
    assert not target.exists()


def test_labels_without_columns_are_told(tmp_path: Path) -> None:
    """A file of labels has to name both sides; what it has is said."""
    labels = tmp_path / "labels.csv"
    labels.write_text("left,right\nCS1,R1\n", encoding="utf-8")
    target = tmp_path / "incidents.yaml"
    said = command("train", *SIDES, "--monitors", "airwars,cjtf_oir", "--labels", labels, "-o", target)
    assert said.code == 2
    assert "no column left_id, right_id; found left, right" in said.err


def test_judgements_that_are_not_there_are_told(tmp_path: Path) -> None:
    """A path of judgements that leads nowhere is a fault, not an empty list."""
    lost = tmp_path / "judgements.yaml"
    said = command(
        "train", *SIDES, "--monitors", "airwars,cjtf_oir", "--judgements", lost, "-o", tmp_path / "x.yaml"
    )
    assert said.code == 2
    assert "there is no such file" in said.err
