"""The tutorial is carried out word for word: its commands in their order, and each line that it quotes is printed."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest
from conftest import ROOT
from openpyxl import load_workbook
from test_cli import command

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
UNCERTAIN = "xxxxxxxx"
# What a reader is told that a command ends with, where it is not 0.
CODES = {"verify reports/raqqa-2017/2017-12-01-xxxxxxxx": 1}


class Step(NamedTuple):
    """A command of the page, and what the page shows below it."""

    words: str
    shown: list[str]


class Played(NamedTuple):
    """What became of a step."""

    step: Step
    code: int
    out: str


def steps() -> list[Step]:
    """Every command of the tutorial, in the order of the page."""
    blocks = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    typed = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [Step(words, shown) for words, *shown in (part.strip("\n").split("\n") for part in typed)]


def as_typed(words: str, folder: Path) -> list[str]:
    """The words of a command, where digits that differ are those of the folder that is there."""

    def known(found: re.Match[str]) -> str:
        (there,) = folder.glob(found[0].replace(UNCERTAIN, "?" * len(UNCERTAIN)))
        return there.relative_to(folder).as_posix()

    return [re.sub(rf"\S*-{UNCERTAIN}", known, word) for word in shlex.split(words)]


def decide(book: Path) -> None:
    """What section 6 asks of the reader, in Excel's place."""
    workbook = load_workbook(book)
    sheet = workbook["Discrepancies"]
    header = [cell.value for cell in sheet[1]]
    at = {name: header.index(name) for name in ("Code", "Finding", "Decision", "Reviewer", "Note")}
    (row,) = (
        row
        for row in sheet.iter_rows(min_row=2)
        if row[at["Code"]].value == "TOT-SUM" and row[at["Finding"]].value.startswith("SOHR states 117")
    )
    row[at["Decision"]].value = "explain"
    row[at["Reviewer"]].value = "A reader"
    row[at["Note"]].value = "117 was published before Airwars had graded these incidents"
    workbook.save(book)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with as much of a checkout as the tutorial needs."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "fixtures").mkdir()
    shutil.copytree(ROOT / "fixtures" / "demo", folder / "fixtures" / "demo")
    return folder


@pytest.fixture(scope="module")
def played(checkout: Path) -> dict[str, Played]:
    """What each command of the tutorial printed, all carried out in order in one folder."""
    folder = checkout
    heard: dict[str, Played] = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COLUMNS", "110")
        patched.chdir(folder)
        for number, step in enumerate(steps()):
            program, *words = as_typed(step.words, folder)
            if program == "cp":
                shutil.copytree(folder / words[1], folder / words[2])
            elif program == "cd":
                folder /= words[0]
                patched.chdir(folder)
            else:
                if words[0] == "judge":
                    decide(folder / words[1])
                said = command(*words)
                heard[f"{number} {step.words}"] = Played(step, said.code, said.err + said.out)
    return heard


COMMANDS = [
    f"{number} {step.words}" for number, step in enumerate(steps()) if step.words.startswith("reconcile ")
]


def test_tutorial_has_commands():
    """The page has commands of the program and of nothing else but two of the shell, so that none is passed over."""
    programs = {step.words.split()[0] for step in steps()}
    assert programs == {"cp", "cd", "reconcile"}
    assert len(COMMANDS) >= len(("check", "run", "explain", "judge", "changes", "verify", "export"))


@pytest.mark.parametrize("name", COMMANDS)
def test_command_prints_what_the_tutorial_quotes(played, name):
    """Each command ends as the page says, and what it quotes is printed, in that order; `...` stands for anything."""
    step, code, out = played[name]
    wanted = next((code for words, code in CODES.items() if words in step.words and "--job" not in name), 0)
    rest, missing = re.sub(r"\s+", " ", out), []
    for line in step.shown:
        quoted = re.sub(r"\s+", " ", line.removeprefix("...")).strip()
        at = rest.find(quoted)
        missing += [line] if at < 0 else []
        rest = rest[at + len(quoted) :] if at >= 0 else rest
    assert (code, missing) == (wanted, []), out


def test_quiet_command_is_quiet(played):
    """Where the page shows nothing below a command, nothing is printed."""
    silent = [name for name in COMMANDS if not played[name].step.shown]
    assert silent
    assert [played[name].out for name in silent] == [""] * len(silent)


@pytest.mark.usefixtures("played")
def test_decision_of_the_tutorial_is_obeyed(checkout):
    """The run after the decision has one finding explained and as many open as the page says."""
    (folder,) = checkout.glob("my-case/reports/raqqa-2017/2017-12-02-????????")
    counted = json.loads((folder / "run.json").read_text(encoding="utf-8"))["findings_by_status"]
    (told,) = re.findall(r"the other (\d+) are open", PAGE)
    assert counted == {"explained": 1, "open": int(told)}
