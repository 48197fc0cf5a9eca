"""The example in the help of every command works as it stands, in a folder that has the files it names."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest
from conftest import ROOT
from test_cli import Said, command
from test_docs import _commands as commands_of

DEMO = ROOT / "fixtures" / "demo"
# A folder of an earlier run, as an example spells it; its digits are other ones each time.
EARLIER = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{8}")
ARTICLE = "Coalition air strikes killed seven civilians in the town of Raqqa on Thursday, SOHR said.\n"
# Commands that end with another code, and why.
CODES = {"reconcile run": 3}  # the example has S1 findings, which --fail-on S1 is there to tell
# Their examples need more than the shipped example has, or another state of it: these commands are tested with other words alone.
ELSEWHERE = {
    "reconcile check",
    "reconcile train",
    "reconcile verify",
    "reconcile judge",
    "reconcile monitors draft",
}


def examples() -> dict[str, str]:
    """The example of each command that has no commands of its own."""
    return {
        name: (one.help or "").partition("Example: ")[2].strip()
        for name, one in commands_of()
        if not getattr(one, "commands", {}) or "Example: " in (one.help or "")
    }


@pytest.fixture(scope="module")
def carried_out(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Said]:
    """What each example did, all of them in the order of the help, in one folder."""
    folder = tmp_path_factory.mktemp("examples")
    for path in DEMO.iterdir():
        shutil.copy(path, folder / path.name)
    (folder / "job.yaml").rename(folder / "raqqa.yaml")
    shutil.copy(next(DEMO.glob("airwars_*.csv")), folder / "airwars.csv")
    shutil.copy(next(DEMO.glob("coalition_*.csv")), folder / "coalition.csv")
    shutil.copy(next(DEMO.glob("ucdp_ged_*.csv")), folder / "ucdp_ged.csv")
    shutil.copytree(ROOT / "rules", folder / "rules")
    (folder / "pairs.csv").write_text("left_id,right_id\nCS998,R0420\n", encoding="utf-8")
    (folder / "article.txt").write_text(ARTICLE, encoding="utf-8")
    done: dict[str, Said] = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        for name, example in examples().items():
            if name in ELSEWHERE:
                continue
            there = sorted((folder / "reports").glob("raqqa-2017/????-??-??-????????"))
            typed = EARLIER.sub(there[0].name, example) if there else example
            done[name] = command(*shlex.split(typed)[1:])
    return done


def test_every_command_has_an_example():
    """No command is without an example, and the example is of that command."""
    assert {name: example for name, example in examples().items() if not example.startswith(name)} == {}


@pytest.mark.parametrize("name", [name for name in examples() if name not in ELSEWHERE])
def test_example_works(carried_out, name):
    """The example ends as such a command should, and says something."""
    said = carried_out[name]
    assert said.code == CODES.get(name, 0), said.err
    assert said.out + said.err
