"""Names planted in every restricted column of every shipped layout, and in every other column of lists of persons.

A new layout is tried here without a line being added. What a list of persons shows as it was published, because it describes
a place, an attacker or the record itself, stands in `SHOWN`; a column that joins them is a decision.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from test_cli import command
from test_every_layout import LAYOUTS, RULES, header_of
from test_monitors import CASES
from test_privacy import found_in, planted

from reconcile.read import SourceFile, read_tables
from reconcile.ruleset import NUMBERED

if TYPE_CHECKING:
    from pathlib import Path

    from reconcile.ruleset import Layout, Monitor

AS_OF = ("--as-of", "2026-01-01")
UNKNOWN = "whatsapp group"
# Of lists of persons: what may be shown as it was published. Names of places are a list's own; a code joins a person to an incident.
SHOWN_FIELDS = {
    "admin1", "admin2", "admin3", "grade_code", "native_id", "native_incident_ids", "perpetrator_codes", "place_name",
    "place_name_native", "previous_ids", "url", "violence_code",
}  # fmt: skip
WHOLE_ROWS = 12
FORMS = ("hxl", "geojson", "parquet", "csv", "histories")


def marked(monitor: Monitor, layout: Layout) -> list[re.Pattern[str]]:
    """What restricted columns of a layout and its companions are called."""
    names = {
        name
        for one in (layout, *monitor.companions_of(layout))
        for name, rule in one.column_rules()
        if rule.personal or rule.free_text
    }
    return [
        re.compile(re.escape(name).replace(re.escape(NUMBERED), "[0-9]+").replace(r"\*", ".*"))
        for name in names
    ]


def examples() -> dict[str, list[dict[str, str]]]:
    """Two rows of each layout, from its fixtures: so that what is planted is beside cells that can be read."""
    monitors = list(RULES.monitors.values())
    rows: dict[str, list[dict[str, str]]] = {}
    for path in CASES:
        for table in read_tables(SourceFile(path.name, path.read_bytes()), monitors, grammars=RULES.grammars):
            texts = table.rows.astype(str).to_dict("records")
            rows.setdefault(table.layout_id, [{str(k): v for k, v in row.items()} for row in texts[:2]])
    return rows


class Planted:
    """A job over one export of each layout, with names in it.

    Attributes:
        names: where each name was planted, by the name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, str] = {}
        self.said: dict[str, tuple[int, str]] = {}

    def name(self, place: str) -> str:
        """Plant a name of two words that say where they stand."""
        word = planted(place)
        self.names[word] = place
        return f"{word} bint {word}"

    def write(self, layout: Layout, monitor: Monitor, header: list[str], rows: list[list[str]]) -> None:
        """Write the export of a layout, and have the job read it."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([header, *rows])
        (self.folder / f"{layout.id}.csv").write_text(out.getvalue(), encoding="utf-8", newline="")
        job = self.folder / "job.yaml"
        known = job.read_text(encoding="utf-8") if job.exists() else "id: t\ninputs:\n"
        job.write_text(f"{known}- {{monitor: {monitor.id}, files: [{layout.id}.csv]}}\n", encoding="utf-8")

    def carried_out(self) -> None:
        """Run the job, check it, and hand its report over in every form."""
        places = ("--out", self.folder / "out", "--state", self.folder / "state")
        told = {"run": ("run", self.folder / "job.yaml", *AS_OF, *places, "--html")}
        told["check"] = ("check", self.folder / "job.yaml", *AS_OF)
        for form in FORMS:
            told[form] = (
                "export",
                self.folder / "out" / "t",
                "--to",
                form,
                "--out",
                self.folder / "out" / form,
            )
        for name, words in told.items():
            said = command(*words)
            self.said[name] = (said.code, said.out + said.err)

    def leaks(self) -> dict[str, set[str]]:
        """Where each planted name that can be found was planted, and where it is found."""
        found = found_in(self.names, self.folder / "out", *(text for _, text in self.said.values()))
        found |= found_in(self.names, self.folder / "state")
        told: dict[str, set[str]] = {}
        for needle, where in found:
            told.setdefault(self.names[needle], set()).add(where)
        return told

    def claimed(self) -> dict[str, int]:
        """How many rows of each file were claimed, and how many read, as run.json says."""
        (path,) = (self.folder / "out").glob("t/*/run.json")
        return {one["file"]: one["rows_claimed"] for one in json.loads(path.read_text("utf-8"))["inputs"]}


@pytest.fixture(scope="module")
def rows() -> dict[str, list[dict[str, str]]]:
    """Rows that can be read, by layout."""
    return examples()


@pytest.fixture(scope="module")
def restricted(tmp_path_factory: pytest.TempPathFactory, rows: dict[str, list[dict[str, str]]]) -> Planted:
    """Every restricted column of every layout full of names, in whole rows and in rows that are torn; a column nobody knows beside them."""
    made = Planted(tmp_path_factory.mktemp("restricted"))
    for monitor, layout in (one.values for one in LAYOUTS):
        header, marks = header_of(monitor, layout), marked(monitor, layout)
        full = [
            [
                made.name(f"{layout.id}.{name}")
                if any(mark.fullmatch(name) for mark in marks)
                else row.get(name, "")
                for name in header
            ]
            + [made.name(f"{layout.id}.{UNKNOWN}")]
            for row in rows.get(layout.id, [{}])
        ]
        one = full[0]
        torn = [one[1:], [*one[:1], "x", *one[1:]], [*one[:2], "x, y", "z", *one[2:]], one[:3]]
        made.write(layout, monitor, [*header, UNKNOWN], [*full, *([full[-1]] * WHOLE_ROWS), *torn])
    made.carried_out()
    return made


@pytest.fixture(scope="module")
def persons(tmp_path_factory: pytest.TempPathFactory, rows: dict[str, list[dict[str, str]]]) -> Planted:
    """Every column of every list of persons full of names, one row of it."""
    made = Planted(tmp_path_factory.mktemp("persons"))
    for monitor, layout in (one.values for one in LAYOUTS):
        if layout.kind_code != "victim":
            continue
        header = header_of(monitor, layout)
        full = [made.name(f"{layout.id}.{name}") for name in header]
        whole = [[row.get(name, "") for name in header] for row in rows.get(layout.id, [])]
        made.write(layout, monitor, header, [*whole, full])
    made.carried_out()
    return made


class TestEveryLayout:
    """What the marks on columns promise, for each of them."""

    def test_names_were_planted(self, restricted: Planted) -> None:
        """Names stand in all layouts with restricted columns, and rows with them are claimed, so that there is something to find."""
        layouts = {place.partition(".")[0] for place in restricted.names.values()}
        assert layouts == {layout.id for _, layout in (one.values for one in LAYOUTS)}
        assert len(restricted.names) > 2 * len(layouts)
        claimed = restricted.claimed()
        silent = {file for file, count in claimed.items() if not count}
        assert len(silent) < len(claimed) / 3, silent

    def test_nothing_is_found(self, restricted: Planted) -> None:
        """No planted name is in a report, page, table, export, cache, state, log or message, not even of a row that is torn."""
        codes = {name: code for name, (code, _) in restricted.said.items()}
        assert codes == {"run": 1, "check": 1} | dict.fromkeys(FORMS, 0)
        assert restricted.leaks() == {}

    def test_names_are_there_when_asked_for(self, restricted: Planted) -> None:
        """With --include-names names of persons are there, so that the test above can fail."""
        job = restricted.folder / "job.yaml"
        named = restricted.folder / "named"
        words = ("--out", named, "--state", restricted.folder / "named_state", "--include-names", "--quiet")
        assert command("run", job, *AS_OF, *words).code in {0, 1}
        found = {
            restricted.names[needle].partition(".")[0] for needle, _ in found_in(restricted.names, named)
        }
        victims = {layout.id for _, layout in (one.values for one in LAYOUTS) if layout.kind_code == "victim"}
        assert victims - found == set()

    def test_lists_of_persons_show_no_more_than_they_should(self, persons: Planted) -> None:
        """Of a list of persons nothing is shown as published but what says where, by whom and in which incident."""
        fields: dict[str, set[str]] = {}
        for monitor, layout in (one.values for one in LAYOUTS):
            for own in (layout, *monitor.companions_of(layout)):
                for name, rule in own.column_rules():
                    for column in header_of(monitor, layout):
                        if re.fullmatch(re.escape(name).replace(re.escape(NUMBERED), "[0-9]+"), column):
                            fields.setdefault(f"{layout.id}.{column}", set()).add(str(rule.field))
        shown = {place for place in persons.leaks() if not fields.get(place, set()) & SHOWN_FIELDS}
        assert shown == set()
        assert persons.leaks() != {}
