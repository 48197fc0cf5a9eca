"""Lines the house holds that no linter knows of: sizes, doors, one table of kinds, and words kept out."""

from __future__ import annotations

import ast
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT

from reconcile.discrepancies import KINDS
from reconcile.frames import FRAMES, describe
from reconcile.parse import counts
from reconcile.ruleset import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reconcile.ruleset import Ruleset

PACKAGE = ROOT / "reconcile"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 900
BANNED = {"data", "info", "item", "process", "handle", "utils", "helper", "manager"}

# One library, one door: who may import what.
DOORS = {
    "openpyxl": {"workbook/__init__.py", "workbook/apart.py", "workbook/charts.py", "workbook/rows.py"},
    "lxml": {"workbook/__init__.py", "workbook/rows.py", "prose/pages.py"},
    "trafilatura": {"prose/pages.py"},
    "spacy": {"prose/tokens.py"},
    "rapidfuzz": {"similar.py"},
    "typer": {"cli/__init__.py", "cli/catalogue.py", "cli/export.py", "cli/options.py"},
    "rich": {"cli/__init__.py", "cli/catalogue.py", "cli/shown.py", "progress.py"},
    "ruamel": {"rulefiles.py"},
    "structlog": {"logs.py"},
    "filelock": {"runs/state.py"},
    "python_calamine": {"read/books.py"},
    "anyascii": {"parse/latin.py"},
    "dateparser": {"parse/dates.py"},
    "distributed": {"machines.py"},
}
# What a stage may not reach for: the clock, chance, the network, the platform.
NO_STAGE = {"random", "secrets", "time", "os", "socket", "urllib", "requests", "subprocess", "tempfile"}
STAGES = (
    "normalize",
    "correct",
    "validate",
    "block",
    "compare",
    "cluster",
    "windows",
    "series",
    "bridge",
    "overlap",
    "estimators",
    "discrepancies",
    "health",
    "report",
    "parse",
)


def shown(path: Path) -> str:
    """A module's path inside the package."""
    return path.relative_to(PACKAGE).as_posix()


@lru_cache
def tree_of(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """The modules that a module imports, wherever in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def calls(path: Path) -> Iterator[str]:
    """The dotted names that a module calls."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


# ---- modules -------------------------------------------------------------------------------------------------------


def test_there_are_modules() -> None:
    """The checks below look at something."""
    assert len(MODULES) > 30


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_module_is_small_and_says_what_it_is(path: Path) -> None:
    """A module has fewer than 900 lines, a docstring, and no name that says nothing."""
    assert len(path.read_text(encoding="utf-8").splitlines()) < LONGEST
    assert ast.get_docstring(tree_of(path))
    assert path.stem not in BANNED


@pytest.mark.parametrize("library", sorted(DOORS))
def test_one_library_one_door(library: str) -> None:
    """Each library is imported by its one module, and that module does import it."""
    doors = {shown(path) for path in MODULES if any(name.split(".")[0] == library for name in imported(path))}
    if library == "lxml":
        assert doors <= DOORS[library]
    else:
        assert doors == DOORS[library]


def test_nobody_prints() -> None:
    """Only the console of the command line speaks."""
    assert [shown(path) for path in MODULES if "print" in set(calls(path))] == []


def test_names_say_something() -> None:
    """No function, class, argument or variable is called data, info, item, process, handle, utils, helper or manager."""
    found = set()
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            name = (
                node.name if isinstance(node, ast.FunctionDef | ast.ClassDef)
                else node.arg if isinstance(node, ast.arg)
                else node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                else ""
            )  # fmt: skip
            if name.strip("_") in BANNED:
                found.add(f"{shown(path)}: {name}")
    assert found == set()


def stage_modules() -> list[Path]:
    """The modules of the stages and parsers."""
    return [path for path in MODULES if shown(path).split("/")[0].removesuffix(".py") in STAGES]


@pytest.mark.parametrize("path", stage_modules(), ids=shown)
def test_stage_is_pure(path: Path) -> None:
    """A stage knows no clock, no chance, no network and no files, and keeps nothing between calls."""
    assert not {name.split(".")[0] for name in imported(path)} & NO_STAGE
    called = {name.rsplit(".", 1)[-1] for name in calls(path)}
    assert not called & {
        "today",
        "now",
        "utcnow",
        "open",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "read_csv",
        "getenv",
    }
    assert not [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Global)]


def test_day_of_today_is_read_in_one_place() -> None:
    """The clock is read by the command line, and by the stopwatch of a run."""
    assert {
        shown(path) for path in MODULES if {"date.today", "datetime.now", "time.time"} & set(calls(path))
    } <= {"cli/__init__.py", "runs/timing.py"}


def test_parsers_know_no_tables() -> None:
    """A parser turns text into a value and imports neither pandas nor numpy nor a frame."""
    for path in (PACKAGE / "parse").glob("*.py"):
        assert not {name.split(".")[0] for name in imported(path)} & {"pandas", "numpy", "pandera"}, path.name
        assert not any(name in {"reconcile.frames", "reconcile.ruleset"} for name in imported(path)), (
            path.name
        )
    assert "parse_count" in dir(counts)


def test_nothing_is_asserted_away() -> None:
    """No assert statement guards a run: python -O would take it away."""
    assert [
        shown(path)
        for path in MODULES
        if any(isinstance(node, ast.Assert) for node in ast.walk(tree_of(path)))
    ] == []


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_no_path_of_a_machine(path: Path) -> None:
    """No module knows a home, a temporary folder or a drive of one machine."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"[\"'](/(home|work|tmp|Users|root|opt)/|[A-Z]:\\\\)", text)


# ---- kinds, frames, rules ------------------------------------------------------------------------------------------


def test_kinds_and_their_rules_are_the_same(rules: Ruleset) -> None:
    """Every kind has a severity with its reason, every severity a kind, and no code stands twice."""
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert set(codes) == set(rules.discrepancies.kinds)
    assert all(rule.reason for rule in rules.discrepancies.kinds.values())


def test_kinds_of_the_issue_are_there() -> None:
    """The kinds that the issues ask for, by what they are about: counts, totals, revisions, days, attackers, places, identity."""
    asked = "CNT-DISJ CNT-SPREAD CNT-BRK CNT-ZERO SCOPE-DEF ATT-CONF ATT-HIER ATT-DENY STS-CONF DATE-SHIFT LOC-DIST LOC-GRAN LOC-BAD"
    more = "DUP-SELF SPLIT-1N SING UNM-MON UNM-BEL CIRC VAGUE TOT-SUM"
    of_totals = "TOT-MONO TOT-DELTA TOT-OVERLAP TOT-START TOT-LEDGER REV-UP REV-DOWN REV-RETR COV-BATCH COV-GAP EXT-IMPUTED"
    of_counts = "CNT-PT CNT-KW CNT-STATUS CNT-FRAC CNT-NAMED STAT-CIV NONCAS"
    of_places = "DATE-RANGE DATE-WEEKDAY ATT-HEDGE LOC-TRANS LOC-AMB LOC-BORDER DUP-XSRC"
    every = f"{asked} {more} {of_totals} {of_counts} {of_places}"
    assert set(every.split()) == {kind.code for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_kind_explains_itself(kind: object) -> None:
    """A kind's legend is one sentence, the first line of its function's docstring."""
    legend = kind.legend  # type: ignore[attr-defined]
    assert legend.endswith(".")
    assert 20 < len(legend) < 220


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.__name__)
def test_columns_are_described_and_named_with_their_units(frame: type) -> None:
    """Every column has a sentence and a type; distances, days and shares say so in their names."""
    assert frame.__doc__
    for name, kind, unit, text in describe(frame):  # type: ignore[arg-type]
        assert text.endswith("."), name
        assert kind in {"text", "whole number", "number", "yes or no", "day"}, name
        assert not (unit == "km" and not name.endswith("_km")), name
        assert not (unit == "days" and not name.endswith("_days")), name


def test_rules_are_frozen_and_refuse_strangers() -> None:
    """Every kind of rule is frozen and forbids keys it does not know."""
    kinds = [Rule]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert len(kinds) > 15
    for kind in kinds:
        assert kind.model_config["frozen"] is True, kind
        assert kind.model_config["extra"] == "forbid", kind


def test_shipped_judgements_have_reasons(rules: Ruleset) -> None:
    """A monitor, its scope and every rule that makes a record something else say why."""
    for monitor in rules.monitors.values():
        assert monitor.reason
        assert monitor.scope.reason
        assert monitor.scope.source
        for layout in monitor.layouts:
            assert all(unit.reason for unit in layout.units)
            assert all(rule.ignore for _, rule in layout.column_rules() if rule.ignore is not None)


def test_shipped_files_hold_no_absolute_path() -> None:
    """Fixtures, rules and generated schemas name no folder of a machine."""
    for path in [*(ROOT / "rules").rglob("*"), *(ROOT / "fixtures").rglob("*")]:
        if path.suffix in {".csv", ".json", ".md", ".yaml"}:
            # An export of the wild may be in another encoding; a path would be plain in any.
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not re.search(r"(^|[\s\"'])/(home|work|tmp|Users|root)/", text), path.name
            if path.suffix == ".json":
                json.loads(text)
