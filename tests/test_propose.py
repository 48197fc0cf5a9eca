"""Drafts of rule files: every column is there, no name is, nothing loads undecided, and what is decided reads the file."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import zipfile
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import assume, example, given
from hypothesis import strategies as st
from strategies import budget, cells, written

from reconcile.errors import InputFault, RuleFaults
from reconcile.normalize import build_context, normalize
from reconcile.propose import id_from, propose, sources_of
from reconcile.propose.tables import find_header, in_utf8, names_of, sheets_of
from reconcile.propose.words import Counted, counted_in, names_persons
from reconcile.read import SourceFile, read_tables
from reconcile.read.files import Grid
from reconcile.rulefiles import _read_text, _read_with_lines, load_model, load_rules, yaml_scalar
from reconcile.ruleset import Monitor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reconcile.normalize.cells import Context
    from reconcile.propose import Source
    from reconcile.ruleset import Ruleset

FIXTURES = [
    path
    for path in sorted((ROOT / "fixtures" / "monitors").rglob("rows*"))
    if path.suffix in {".csv", ".json", ".jsonl", ".geojson", ".xlsx", ".parquet"}
]
INCIDENTS = """\
An invented export of 1 July 2017
Ref,Day,Where,Province,Lat,Lon,By,Rating,Dead min,Dead max,Hurt,Link,Clerk name,Phone
A-1,06/06/2017,Tell Example,Raqqa,35.75,39.61,US-led coalition,verified,3,5,2,https://acme.example/1,Zedekiah Quorfan,+963 11 555 1234
A-2,17/06/2017,Raqqa,Raqqa,35.95,39.01,US-led coalition,unverified,2,-99,,https://acme.example/2,Zedekiah Quorfan,
A-3,18/06/2017,Raqqa,Raqqa,35.95,39.02,Russia,verified,2,4,1,https://acme.example/3,,
A-4,19/06/2017,Raqqa,Raqqa,35.96,39.03,Russia,unverified,0,1,0,https://acme.example/4,,
"""


@lru_cache
def shipped() -> tuple[Ruleset, Context]:
    """The shipped rules with their vocabularies and places, built once; no argument, since Hypothesis writes those out."""
    rules = load_rules(ROOT / "rules")
    return rules, build_context(rules, "airwars")


@pytest.fixture(scope="session")
def context() -> Context:
    """The vocabularies and places of the shipped rules."""
    return shipped()[1]


def source_of(text: str | bytes, name: str = "rows.csv") -> SourceFile:
    """A file."""
    return SourceFile(name, text if isinstance(text, bytes) else text.encode("utf-8"))


def draft_of(source: SourceFile, rules: Ruleset, **told: Any) -> str:
    """The draft for a file."""
    return propose(sources_of(source, rules, None), rules, source.name, "acme", context=shipped()[1], **told)


def content_of(text: str) -> dict[str, Any]:
    """What a draft says, by both readers of YAML."""
    faults: list[str] = []
    fast, slow = _read_text(text, "acme.yaml", faults), _read_with_lines(text, "acme.yaml", faults)
    assert not faults, faults
    assert fast is not None
    assert slow is not None
    assert repr(fast.content) == repr(slow.content)
    return fast.content


def columns_of(text: str, layout: int = 0) -> dict[str, Any]:
    """The columns of one layout of a draft, with the first of their rules."""
    columns = content_of(text)["layouts"][layout]["columns"]
    return {name: rules[0] if isinstance(rules, list) else rules for name, rules in columns.items()}


def column_of(rules: Ruleset, header: str, *values: str, beside: str = "other") -> dict[str, Any]:
    """What is guessed of one column of a small table."""
    rows = [[header, beside], *([value, f"w{'x' * number}"] for number, value in enumerate(values))]
    return columns_of(draft_of(source_of(written(rows)), rules))[header]


def grids_of(rows: Sequence[Sequence[str]]) -> list[Source]:
    """The grid of some rows, as if read from a file."""
    from reconcile.propose import Source

    return [Source("rows.csv", "", Grid("", pd.DataFrame(rows, dtype="str"), {}, ()))]


# ---- every column --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", FIXTURES, ids=lambda path: path.relative_to(ROOT / "fixtures/monitors").as_posix()
)
def test_draft_of_a_fixture_has_every_column(path: Path, rules: Ruleset) -> None:
    """Each column that a reader finds in a fixture stands in its draft, with what is to be known of it."""
    sources = sources_of(SourceFile(path.name, path.read_bytes()), rules, None)
    text = propose(sources, rules, path.name, "acme", context=shipped()[1])
    layouts = content_of(text)["layouts"]
    sheets = sheets_of(sources, frozenset())
    assert len(layouts) == len(sheets)
    for layout, source in zip(layouts, sources, strict=False):
        if "headerless" in layout:
            assert len(layout["columns"]) == source.grid.cells.shape[1] == len(layout["headerless"]["order"])
            continue
        row = layout.get("header_row", 1) - 1
        header = [str(cell) for cell in source.grid.cells.iloc[row]]
        while header and not header[-1].strip():
            header.pop()
        stated = set(layout["columns"])
        assert all(cell.strip() in stated for cell in header if cell.strip()), path
    assert text.count(" filled (") == sum(len(layout["columns"]) for layout in layouts)


@pytest.mark.parametrize(
    "path", FIXTURES, ids=lambda path: path.relative_to(ROOT / "fixtures/monitors").as_posix()
)
def test_draft_of_a_known_file_says_so(path: Path, rules: Ruleset) -> None:
    """What a shipped layout reads is told as its own, and most columns are guessed as it reads them."""
    source = SourceFile(path.name, path.read_bytes())
    (table, *_) = read_tables(source, list(rules.monitors.values()), None, rules.grammars)
    layout = next(one for one in rules.monitors[table.monitor_id].layouts if one.id == table.layout_id)
    if layout.hxl or layout.gives_way or layout.headerless:
        return
    columns = columns_of(draft_of(source, rules))
    known = layout.numbered(layout.numbers_in(columns))
    meant = {own: name for name, owns in known.columns_in(columns).items() for own in owns}
    filled = {
        name: rule
        for name, rule in columns.items()
        if name in meant and rule.get("ignore") != "blank throughout"
    }
    right = [
        name
        for name, rule in filled.items()
        if any(
            rule.get("field") == one.field
            and bool(rule.get("number")) == one.number
            and ("ignore" in rule) == (one.ignore is not None)
            for one in known.columns[meant[name]]
        )
    ]
    assert len(right) >= 0.6 * len(filled), sorted(set(filled) - set(right))


def test_shipped_monitor_is_named(rules: Ruleset) -> None:
    """A header that a layout is recognised by is told in the first lines, and a guess says whose word it is."""
    text = draft_of(SourceFile("rows.csv", (ROOT / "fixtures/monitors/airwars/rows.csv").read_bytes()), rules)
    assert "airwars (incident_pages)" in "".join(text.split("id: acme")[0].replace("\n#", "").split("\n"))
    assert "as airwars reads it" in text


# ---- does not load, until decided ----------------------------------------------------------------------------------


def rules_with(folder: Path, text: str) -> Path:
    """A copy of the shipped rules with a draft among them."""
    copy = shutil.copytree(ROOT / "rules", folder / "rules")
    (copy / "monitors" / "acme.yaml").write_text(text, encoding="utf-8")
    return copy


def test_draft_is_refused_with_all_it_asks(rules: Ruleset, tmp_path: Path) -> None:
    """Every key that a person has to fill in, and every undecided column, is told at once with its line."""
    text = draft_of(source_of(INCIDENTS), rules)
    with pytest.raises(RuleFaults) as caught:
        load_rules(rules_with(tmp_path, text))
    lines = text.splitlines()
    told: dict[str, str] = {}
    for fault in caught.value.faults:
        file, line, key, sentence = fault.split(":", 3)
        assert file == "rules/monitors/acme.yaml"
        told[key.strip()] = lines[int(line) - 1]
        assert sentence.strip()
    asked = {"title", "publisher", "licence", "kind_code", "unit_code", "claims_per_incident", "reason"}
    asked |= {f"scope.{key}" for key in ("population_code", "zero_code", "blank_code", "reason", "source")}
    asked |= {f"layouts.0.columns.{name}" for name, rule in columns_of(text).items() if "undecided" in rule}
    # Of a list of codes each one that waits may be told by itself.
    assert {key.split(".codes.")[0] for key in told} == asked
    assert all(key.rsplit(".", 1)[-1] in line for key, line in told.items())


def test_codes_wait_for_their_meaning(rules: Ruleset, tmp_path: Path) -> None:
    """Few values that come up again and again stand as codes, and none of them loads without its meaning."""
    rows = [["status", "n"], *([("open", "shut", "NO", "yes: no")[at % 4], f"w{at}"] for at in range(16))]
    text = draft_of(source_of(written(rows)), rules)
    assert columns_of(text)["status"]["codes"] == {"open": None, "shut": None, "NO": None, "yes: no": None}
    with pytest.raises(RuleFaults):
        load_rules(rules_with(tmp_path, text.replace("        undecided: ", "        reason: ")))


DECISIONS = {
    "title: null": "title: Acme", "publisher: null": "publisher: Acme, invented", "licence: null": "licence: invented",
    "\nkind_code: null": "\nkind_code: monitor", "unit_code: null": "unit_code: incident", "claims_per_incident: null": "claims_per_incident: one",
    "\nreason: null": "\nreason: a test", "population_code: null": "population_code: civilian", "zero_code: null": "zero_code: none_reported",
    "blank_code: null": "blank_code: not_stated", "  reason: null": "  reason: a test", "source: null": "source: a codebook",
}  # fmt: skip


def decided(text: str) -> str:
    """A draft with every question answered, the columns that are left open ignored."""
    for asked, answer in DECISIONS.items():
        assert text.count(asked) == 1, asked
        text = text.replace(asked, answer)
    text = re.sub(r"\n +parse: code\n +codes:(?:\n +.+: null)+", "", text)
    return re.sub(r"undecided: '(?:[^']|'')*'", "ignore: decided in a test", text)


def test_decided_draft_reads_its_file(rules: Ruleset, tmp_path: Path) -> None:
    """What was asked is answered, and the file that the draft was made of is read by it: days, places, numbers and all."""
    text = decided(draft_of(source_of(INCIDENTS), rules))
    own = load_rules(rules_with(tmp_path, text))
    (table,) = read_tables(source_of(INCIDENTS), [own.monitors["acme"]])
    monitor = own.monitors["acme"]
    draft = normalize(table, monitor, monitor.layouts[0], build_context(own, "airwars"))
    claims = draft.claims.sort_values("native_id")
    assert claims["native_id"].tolist() == ["A-1", "A-2", "A-3", "A-4"]
    assert claims["date_start"].dt.strftime("%d").tolist() == ["06", "17", "18", "19"]
    assert claims["perpetrator_codes"].tolist() == [
        "us_led_coalition",
        "us_led_coalition",
        "russia",
        "russia",
    ]
    assert claims["latitude"].tolist() == [35.75, 35.95, 35.95, 35.96]
    assert set(claims["admin1"]) == {"Ar-Raqqa"}
    killed = draft.figures[draft.figures["measure_code"] == "killed"].sort_values("draft_no")
    assert killed["low"].tolist() == [3, 2, 2, 0]
    assert killed["high"].fillna(-1).tolist() == [5, -1, 4, 1]
    assert draft.figures["population_code"].unique().tolist() == ["civilian"]
    assert not [issue for issue in draft.issues["code"] if issue in {"unknown_column", "absent_columns"}]


def settled(content: dict[str, Any]) -> dict[str, Any]:
    """What a draft says with every question answered: what was undecided is ignored, and codes that waited are."""
    answers = {"kind_code": "monitor", "unit_code": "incident", "claims_per_incident": "one"}
    scope = {"population_code": "all", "zero_code": "none_reported", "blank_code": "not_stated"}
    told = {key: answers.get(key, "a test") if value is None else value for key, value in content.items()}
    told["scope"] = {
        key: scope.get(key, "a test") if value is None else value for key, value in content["scope"].items()
    }
    for layout in told["layouts"]:
        for name, stated in layout["columns"].items():
            rules = stated if isinstance(stated, list) else [stated]
            if any("undecided" in rule for rule in rules):
                layout["columns"][name] = {"ignore": "decided in a test"}
    return told


@pytest.mark.parametrize(
    "path", FIXTURES, ids=lambda path: path.relative_to(ROOT / "fixtures/monitors").as_posix()
)
@pytest.mark.parametrize("is_known", [True, False])
def test_settled_draft_of_a_fixture_reads_it(
    path: Path, rules: Ruleset, context: Context, *, is_known: bool
) -> None:
    """With its questions answered a draft is a rule file, and reads what it was made of, column by column."""
    source = SourceFile(path.name, path.read_bytes())
    if not is_known:
        (table, *_) = read_tables(source, list(rules.monitors.values()), None, rules.grammars)
        others = {name: one for name, one in rules.monitors.items() if name != table.monitor_id}
        rules = rules.model_copy(update={"monitors": others})
    text = propose(sources_of(source, rules, None), rules, path.name, "acme", context=context)
    monitor = Monitor.model_validate(settled(content_of(text)))
    tables = read_tables(source, [monitor])
    assert len(tables) == len(monitor.layouts)
    for one, layout in zip(tables, monitor.layouts, strict=True):
        draft = normalize(one, monitor, layout, context)
        assert not draft.issues["code"].isin(["unknown_column", "absent_columns"]).any(), draft.issues[
            "message"
        ].tolist()


def test_layout_ids_are_nobody_elses(rules: Ruleset, tmp_path: Path) -> None:
    """A draft beside the shipped rules has ids of its own."""
    own = load_rules(rules_with(tmp_path, decided(draft_of(source_of(INCIDENTS), rules))))
    text = draft_of(source_of(INCIDENTS), own)
    assert content_of(text)["layouts"][0]["id"] == "acme_export_2"


# ---- any table -----------------------------------------------------------------------------------------------------

HEADERS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", " ", "a: b", "it's", 'say "so"', "two\nlines", "الاسم", "\u200fالتاريخ", "- x", "#", "null", "NO", "1.5", "0o17", "1e3", "killed", "Killed", "name", "date",
         "lat", "source_file", "{n}", "a/1/b", "x" * 1200, "!tag", "[a", "{a", "*a", "&a", "%a", "@a", "`a", "|", ">", "?", "? a", "true", "\ufeffid", "\x85", "\u2028", "\ud800"]
    ),
)  # fmt: skip


# Half of a pair of signs is in no table: no reader lets it in.
CELLS = st.one_of(HEADERS.filter(lambda text: "\ud800" not in text), cells())
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)
)


@budget(60)
@given(TABLES)
def test_any_table_gives_a_draft(rows: list[list[str]]) -> None:
    """Whatever stands in a table, its draft parses, and each column stands in it once under its own name."""
    assume(any(cell for row in rows for cell in row))
    rules, context = shipped()
    sources = grids_of(rows)
    text = propose(sources, rules, "rows.csv", "acme", context=context)
    text.encode("utf-8")
    (sheet,) = sheets_of(sources, frozenset())
    stated = list(columns_of(text))
    assert len(stated) == len({*stated})
    if content_of(text)["layouts"][0].get("header_row", 1) == sheet.header_row:
        assert stated == [
            name.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for name in sheet.names
        ]


@budget(60)
@given(st.lists(HEADERS, min_size=1, max_size=6))
@example(["killed", "Killed", "killed (column 2)"])
@example(["x" * 1200, "two\nlines", "a: b", ' "q" '])
def test_propose_every_column_is_there(headers: list[str]) -> None:
    """A header comes back from YAML as it stood, a second one of its kind with its number behind it."""
    names = names_of(headers)
    assert len(names) == len(headers) == len({*names})
    kept = [
        name == header.replace("\ufeff", "").strip()
        for name, header in zip(names, headers, strict=True)
        if header.replace("\ufeff", "").strip()
    ]
    assert not kept or kept[0] or headers[0] == "source_file" or any("(" in name for name in names)


@budget(200)
@given(HEADERS)
def test_scalar_is_read_as_it_was(text: str) -> None:
    """A text written as YAML, as a key and as a value, is that text to both readers."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    scalar = yaml_scalar(text)
    assert "\n" not in scalar
    key = f"{scalar}:" if len(scalar) < 1000 else f"? {scalar}\n:"
    assert (
        content_of(f"{key} {scalar}\nlist: [{scalar}, {scalar}]\n") == {whole: whole, "list": [whole, whole]}
        or whole == "list"
    )


NAMES = st.lists(
    st.sampled_from(["Quorfan", "Zedekiah", "Tekoa", "قورفان", "زدكيا", "Ґжегож"]), min_size=1, max_size=4
).map(" ".join)


@budget(60)
@given(
    st.sampled_from(
        [
            "name",
            "Name of victim",
            "full_name",
            "الاسم",
            "ПІБ",
            "nombre",
            "witness",
            "Contact person",
            "coder",
        ]
    ),
    st.lists(
        st.tuples(NAMES, st.sampled_from(["2017-06-01", "", "2017-06-02"]), st.integers(0, 90).map(str)),
        min_size=1,
        max_size=12,
    ),
)
def test_propose_names_stay_out(header: str, persons: list[tuple[str, str, str]]) -> None:
    """No value of a column of names is in a draft, however often it stands there; with leave, some are."""
    rules, context = shipped()
    rows = [[header, "date", "age"], *map(list, persons)]
    text = propose(grids_of(rows), rules, "rows.csv", "acme", context=context)
    assert not any(part in text for name, _, _ in persons for part in name.split())
    (column, *_) = columns_of(text).values()
    assert column["personal"] is True
    shown = propose(grids_of(rows), rules, "rows.csv", "acme", include_names=True, context=context)
    assert any(name.split()[0] in shown for name, _, _ in persons)


@pytest.mark.parametrize("header", ["Whatever", "entry", "x"])
def test_unknown_texts_stay_out(rules: Ruleset, header: str) -> None:
    """A column that nobody knows may name persons: its shape is told, and not what stands in it."""
    names = ["Zedekiah Quorfan", "Tekoa Brand", "Zed Quorfan Tell", "Abe Zeddington"]
    rows = [[header, "date"], *([name, "2017-06-01"] for name in names)]
    text = draft_of(source_of(written(rows)), rules)
    assert not any(part in text for name in names for part in name.split())
    assert "2 to 3 words, Latin script" in text
    assert columns_of(text)[header]["free_text"] is True


@pytest.mark.parametrize(
    "values",
    [
        ["+963 11 555 12341", "+963 11 555 12342"],
        ["z.quorfan@acme.example", "t.brand@acme.example"],
        ["987654321", "987654322"],
        ["987-65-4321-0", "987-65-4322-0"],
    ],
)
@pytest.mark.parametrize("header", ["id", "reach", "number", "killed by"])
def test_telephones_mail_and_registers_stay_out(rules: Ruleset, header: str, values: list[str]) -> None:
    """Numbers of nine digits or more, and addresses of mail, are never shown, not as the least or the greatest either."""
    rows = [[header, "date"], *([value, "2017-06-01"] for value in values * 3)]
    text = draft_of(source_of(written(rows)), rules)
    assert not any(value in text or value.split("@")[0] in text for value in values)


# ---- what is guessed -----------------------------------------------------------------------------------------------

GUESSES = [
    ("event day", ["13/01/2017", "02/03/2017"], {"field": "date_start", "parse": "day", "order": "dmy"}),
    ("event day", ["01/13/2017", "02/03/2017"], {"field": "date_start", "order": "mdy"}),
    ("event day", ["01/02/2017", "02/03/2017"], {"field": "date_start", "undecided": ...}),
    ("event day", ["13/02/2017", "02/13/2017"], {"field": "date_start", "undecided": ...}),
    ("event day", ["2017-02-01", "2 March 2017"], {"field": "date_start", "parse": "day"}),
    ("event day", ["42736", "42740"], {"field": "date_start", "parse": "day"}),
    ("ended", ["2017-02-01", "2017-02-03"], {"field": "date_end"}),
    ("published at", ["2017-02-01", "2017-02-03"], {"field": "reported_on"}),
    ("дата події", ["2017-02-01", "2017-02-03"], {"field": "date_start"}),
    ("year", ["2016", "2017"], {"field": "start_year", "parse": "number"}),
    ("Latitude (WGS84)", ["35.95", "36.1"], {"field": "latitude", "parse": "latitude"}),
    ("xlong", ["395", "361"], {"undecided": ...}),
    ("nation name", ["Syria", "Iraq"], {"field": "country_code", "parse": "country"}),
    ("somewhere", ["Raqqa, Syria", "Mosul, Iraq"], {"field": "place_name", "parse": "place"}),
    ("Killed civilians (min)", ["1", "3"], {"number": True, "parse": "number"}),
    ("civilians killed", ["1", "3", "-99"], {"number": True, "missing": ["-99"]}),
    ("muertos", ["1,5", "3"], {"number": True, "decimal_mark": ","}),
    ("muertos", ["1.500", "3"], {"number": True, "undecided": ...}),
    ("عدد القتلى", ["1", "3"], {"number": True}),
    ("поранено цивільних", ["1", "3"], {"number": True}),
    ("deaths so far, cumulative", ["1", "3"], {"undecided": ...}),
    ("wounded people", ["at least 12", "dozens", "3"], {"field": "quantity", "parse": "quantity"}),
    ("how many", ["17", "12"], {"undecided": ...}),
    ("our key", ["AB12", "AB13"], {"field": "native_id"}),
    ("our key", ["240985.0", "240986.0"], {"field": "native_id", "parse": "whole"}),
    ("our key", ["9876543210", "9876543211"], {"personal": True, "undecided": ...}),
    ("page", ["https://acme.example/1", "https://acme.example/2"], {"field": "url", "parse": "url"}),
    ("armed force", ["Russian Military", "US-led coalition"], {"field": "perpetrator_codes", "parse": "terms", "vocabulary": "perpetrators"}),
    ("their sex", ["F", "M", "Male"], {"field": "victim_sex_code", "vocabulary": "sexes"}),
    ("passport", ["X1", "X2"], {"ignore": ..., "personal": True}),
    ("nothing", ["", ""], {"ignore": "blank throughout"}),
    ("what happened", ["It was told that " + "much " * 12, "They say that " + "more " * 13], {"free_text": True}),
    ("some notes", ["seen twice", "seen once or never"], {"free_text": True}),
]  # fmt: skip


@pytest.mark.parametrize(("header", "values", "expected"), GUESSES, ids=lambda part: str(part)[:40])
def test_column_is_guessed(rules: Ruleset, header: str, values: list[str], expected: dict[str, Any]) -> None:
    """A name, and what stands below it, tell what a column is; where they leave it open, it is a question."""
    found = column_of(rules, header, *values)
    assert {key: ... if value is ... else found.get(key) for key, value in expected.items()} == expected
    assert all(key in found for key in expected)
    assert ("undecided" in found) == ("undecided" in expected) or "free_text" in expected


def test_days_take_the_order_that_the_file_proves(rules: Ruleset) -> None:
    """A column whose days could be months is read as the other days of its file are."""
    rows = [["start", "end", "killed"], ["13/01/2017", "02/03/2017", "1"], ["14/01/2017", "03/04/2017", "2"]]
    found = columns_of(draft_of(source_of(written(rows)), rules))
    assert (found["end"]["order"], "undecided" in found["end"]) == ("dmy", False)


def test_second_column_of_a_field_is_a_question(rules: Ruleset) -> None:
    """Two columns of days that begin a record, or two of one count, are not both taken."""
    rows = [
        ["date", "event date", "killed", "deaths"],
        ["2017-01-13", "2017-01-14", "1", "2"],
        ["2017-01-15", "2017-01-16", "1", "2"],
    ]
    text = draft_of(source_of(written(rows)), rules)
    found = columns_of(text)
    assert [name for name, rule in found.items() if "undecided" in rule] == ["event date", "deaths"]
    assert content_of(text)["layouts"][0]["figures"] == [
        {"measure_code": "killed", "low": ["killed"], "high": ["killed"]}
    ]


def test_figures_are_formed(rules: Ruleset) -> None:
    """Bounds of one count are one figure; who is counted comes from the words of the header."""
    header = [
        "civilians_killed_min",
        "civilians_killed_max",
        "children killed",
        "women_injured_low",
        "women_injured_best",
        "women_injured_high",
    ]
    text = draft_of(source_of(written([header, list("123456"), list("234567")])), rules)
    assert content_of(text)["layouts"][0]["figures"] == [
        {"measure_code": "killed", "population_code": "civilian", "low": ["civilians_killed_min"], "high": ["civilians_killed_max"]},
        {"measure_code": "killed", "age_group_code": "child", "low": ["children killed"], "high": ["children killed"]},
        {"measure_code": "injured", "sex_code": "female", "age_group_code": "adult", "low": ["women_injured_low"], "best": ["women_injured_best"], "high": ["women_injured_high"]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("civKilledMin", Counted("killed", "civilian", bound="low")),
        ("nombre de blessés (max)", Counted("injured", bound="high")),
        ("killed_or_injured", Counted("killed_or_injured")),
        ("загинуло дітей", Counted("killed", age="child")),
        ("جرحى مدنيين", Counted("injured", "civilian")),
        ("strikes", None),
    ],
)
def test_header_says_what_is_counted(header: str, expected: Counted | None) -> None:
    """Measures, bounds and groups are known by their words in several languages."""
    assert counted_in(header) == expected


def test_names_of_things_are_no_persons() -> None:
    """A place's name, an actor's and a file's are none of a person's."""
    assert all(
        map(names_persons, ["Name", "victim_name", "Father's name", "اسم الضحية", "Прізвище", "e-mail"])
    )
    assert not any(
        map(names_persons, ["place name", "country_name", "dyad_name", "source_name", "date", "killed"])
    )


# ---- where the header stands ---------------------------------------------------------------------------------------

HEADER_CASES = {
    "first row": ([["id", "date"], ["1", "2017-01-01"]], (0, 0)),
    "below titles": ([["A title", ""], ["", ""], ["# a comment", ""], ["id", "date"], ["1", "2017-01-01"], ["2", "2017-01-02"]], (3, 3)),
    "over two rows": (
        [["ID", "Date", "Killed", "", "Injured", ""], ["", "", "Min", "Max", "Min", "Max"], ["A", "2017-01-01", "1", "2", "3", "4"], ["B", "2017-01-02", "1", "2", "3", "4"]],
        (0, 1),
    ),
    "over two rows, below a title": (
        [["A title", "", ""], ["Killed", "", "Where"], ["Min", "Max", ""], ["1", "2", "Raqqa"], ["3", "4", "Raqqa"]],
        (1, 2),
    ),
    "none": ([["2017-01-01", "3", "a"], ["2017-01-02", "4", "b"], ["2017-01-03", "5", "c"]], (0, -1)),
    "a year a column": ([["Province", "2015", "2016", "2017"], ["Raqqa", "1", "2", "3"], ["Idlib", "4", "5", "6"]], (0, 0)),
    "texts only": ([["Colour", "Shape"], ["red", "round"], ["blue", "square"]], (0, 0)),
}  # fmt: skip


@pytest.mark.parametrize("case", HEADER_CASES, ids=str)
def test_header_is_found(case: str) -> None:
    """The header is found below titles and comments, over two rows where merged cells prove it, or not where there is none."""
    rows, expected = HEADER_CASES[case]
    width = max(map(len, rows))
    assert find_header([row + [""] * (width - len(row)) for row in rows], {"province"}) == expected


def test_header_over_two_rows_is_written_down(rules: Ruleset) -> None:
    """A header over two rows is told with its place, its names joined as the reader joins them, and the file is read by it."""
    rows = [
        ["A title", "", "", ""],
        ["Code", "Killed", "", "Day"],
        ["", "Min", "Max", ""],
        ["A1", "1", "2", "2017-01-01"],
        ["A2", "3", "4", "2017-01-02"],
    ]
    text = draft_of(source_of(written(rows)), rules)
    (layout,) = content_of(text)["layouts"]
    assert (layout["header_row"], layout["header_rows"]) == (2, 2)
    assert list(layout["columns"]) == ["Code", "Killed Min", "Killed Max", "Day"]
    assert layout["figures"][0]["low"] == ["Killed Min"]


def test_file_without_header_is_told(rules: Ruleset, tmp_path: Path) -> None:
    """Columns of a release without header are numbered, none of its cells is taken for a name, and it is read by its looks."""
    rows = [["2017-01-01", "3", "Zedekiah"], ["2017-01-02", "4", "Quorfan"], ["2017-01-03", "5", "Tekoa"]]
    text = draft_of(source_of(written(rows)), rules)
    assert list(columns_of(text)) == ["column 1", "column 2", "column 3"]
    assert "Zedekiah" not in text
    (tmp_path / "acme.yaml").write_text(decided(text), encoding="utf-8")
    (table,) = read_tables(source_of(written(rows)), [load_model(tmp_path / "acme.yaml", Monitor)])
    assert len(table.rows) == 3


def test_row_of_tags_is_no_record(rules: Ruleset) -> None:
    """HXL tags below a header are told with their columns, and count among no values."""
    rows = [["Where", "Killed"], ["#adm1+name", "#affected+killed"], ["Raqqa", "3"], ["Idlib", "4"]]
    text = draft_of(source_of(written(rows)), rules)
    assert "Tagged #affected+killed." in text
    assert "from 3 to 4" in text


# ---- files of every kind -------------------------------------------------------------------------------------------


def test_each_sheet_is_a_layout(rules: Ruleset) -> None:
    """Sheets of one header are one layout, another header is another, and a blank sheet is none."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in {
        "2016": [["date", "killed"], ["2016-01-01", 1]],
        "2017": [["date", "killed"], ["2017-01-01", 2]],
        "people": [["name", "age"], ["Zedekiah Quorfan", 30]],
        "blank": [],
    }.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    text = draft_of(SourceFile("book.xlsx", out.getvalue()), rules)
    first, second = content_of(text)["layouts"]
    assert (first["id"], second["id"]) == ("acme_m_2016", "acme_people")
    assert "2016, 2017" in first["title"]
    assert second["kind_code"] == "victim"
    assert "2 of 2 filled" in text
    assert "Quorfan" not in text


def test_records_that_name_their_cells(rules: Ruleset) -> None:
    """JSON, JSON lines and Parquet are drafted like any table."""
    rows = [{"id": "A1", "date": "2017-01-01", "killed": 3}, {"id": "A2", "date": "2017-01-02", "killed": 4}]
    parquet = io.BytesIO()
    pd.DataFrame(rows).to_parquet(parquet)
    files = {
        "a.json": json.dumps(rows).encode(),
        "a.jsonl": "\n".join(map(json.dumps, rows)).encode(),
        "a.parquet": parquet.getvalue(),
    }
    for name, content in files.items():
        found = columns_of(draft_of(SourceFile(name, content), rules))
        assert [found["id"]["field"], found["date"]["field"], found["killed"]["number"]] == [
            "native_id",
            "date_start",
            True,
        ]


def test_files_in_archives(rules: Ruleset) -> None:
    """What lies in a .gz or a .zip is drafted, each file of another header as a layout."""
    packed = gzip.compress(INCIDENTS.encode())
    assert "Dead min" in columns_of(draft_of(SourceFile("rows.csv.gz", packed), rules))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("one.csv", INCIDENTS)
        archive.writestr("two.csv", "name,age\nZedekiah Quorfan,30\n")
    assert len(content_of(draft_of(SourceFile("both.zip", out.getvalue()), rules))["layouts"]) == 2


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (
            "cp1256",
            "المكان,التاريخ,عدد القتلى\nالرقة وريفها الشمالي,2017-01-01,3\nمدينة حلب القديمة,2017-01-02,4\n",
        ),
        (
            "cp1251",
            "место,дата,погибло\nХарьков и окрестности,2017-01-01,3\nновая деревня на реке,2017-01-02,4\n",
        ),
        ("cp1252", "lieu,date,tués\nRégion de Château-Thierry,2017-01-01,3\nÉvreux,2017-01-02,4\n"),
    ],
)
def test_encoding_is_guessed(rules: Ruleset, encoding: str, text: str) -> None:
    """Text in Arabic, Cyrillic or accented letters is read in its encoding, which the layout then allows."""
    decoded, guessed = in_utf8(source_of(text.encode(encoding)))
    assert (decoded.content.decode("utf-8"), guessed) == (text, encoding)
    drafted = draft_of(source_of(text.encode(encoding)), rules)
    assert content_of(drafted)["layouts"][0]["encodings"] == ["utf-8", encoding]
    assert list(columns_of(drafted)) == text.split("\n", maxsplit=1)[0].split(",")


def test_bytes_of_no_encoding_do_not_stop_it(rules: Ruleset) -> None:
    """Bytes that are no text of any kind are drafted as far as they go, or refused in a sentence."""
    assert columns_of(draft_of(source_of(b"a,b\n\xff\xfe\x81,\x8d\n"), rules))
    for nothing in (b"", b"\n\n", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe"):
        with pytest.raises(InputFault):
            draft_of(source_of(nothing), rules)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GEDEvent_v25_1", "gedevent_v25_1"),
        ("2017 Syria", "m_2017_syria"),
        ("---", "new_monitor"),
        ("Café №1", "cafe_no1"),
    ],
)
def test_id_is_made_of_a_name(name: str, expected: str) -> None:
    """An id is small Latin letters, digits and underscores, a letter first."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*", id_from(name))
    assert id_from(name).startswith(expected[:4])
