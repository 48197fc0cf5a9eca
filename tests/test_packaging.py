"""What is handed on: the wheel and the source archive hold what they need, and the wheel runs on its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive, built without a network by the backend that is installed."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def alone(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel is unpacked, as an installer would do it."""
    folder = tmp_path_factory.mktemp("alone")
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)  # noqa: S202 - the wheel that was built a line before
    return folder


def carried_out(alone: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Carry out a command of the unpacked wheel, in an empty folder, out of reach of the checkout."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "reconcile", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(alone), "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def test_wheel_runs_away_from_the_checkout(alone, tmp_path):
    """From the wheel alone, in an empty folder, the demo writes its workbook."""
    where = subprocess.run(
        [sys.executable, "-P", "-c", "import reconcile; print(reconcile.__file__)"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(alone)}, capture_output=True, check=True, text=True,
    )  # fmt: skip
    shown = carried_out(alone, tmp_path, "demo", "--as-of", "2017-12-01")
    assert where.stdout.startswith(str(alone))
    assert shown.returncode == 0, shown.stderr
    assert len(list(tmp_path.glob("reports/raqqa-2017/2017-12-01-*/discrepancies.xlsx"))) == 1


def test_wheel_carries_rules_without_fault(alone, tmp_path):
    """`rules check` without a folder checks the rules of the wheel, and they are all of the checkout's."""
    shown = carried_out(alone, tmp_path, "rules", "check")
    shipped = {
        path.relative_to(alone / "reconcile/_shipped/rules") for path in alone.glob("reconcile/_shipped/rules/**/*.yaml")
    }  # fmt: skip
    assert (shown.returncode, "no faults" in shown.stdout) == (0, True)
    assert shipped == {path.relative_to(ROOT / "rules") for path in ROOT.glob("rules/**/*.yaml")}


def test_wheel_holds_the_program_and_nothing_else(alone):
    """The wheel has the package, its type marker, its licence and its example; no tests, no benchmarks, no state of a run."""
    tops = {path.name for path in alone.iterdir()}
    names = {path.name for path in alone.rglob("*")}
    assert tops == {"reconcile", f"reconcile-{version_in(alone)}.dist-info"}
    assert {"py.typed", "LICENSE", "job.yaml"} <= names
    assert names & {"tests", "benchmarks", ".reconcile", "__pycache__", "reports"} == set()


def version_in(alone: Path) -> str:
    """The version that the unpacked wheel states in its code."""
    return re.findall(r'__version__ = "(.+)"', (alone / "reconcile/__init__.py").read_text(encoding="utf-8"))[
        0
    ]


def test_source_archive_can_be_tested(built):
    """The source archive holds all that the tests read, and no report, state or environment."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    tops = {name.partition("/")[0] for name in names}
    wanted = {"reconcile", "rules", "fixtures", "tests", "docs", "benchmarks", "Makefile", "README.md", "CHANGELOG.md",
              "CONTRIBUTING.md", "LICENSE", "constraints.txt", "mkdocs.yml", "pyproject.toml"}  # fmt: skip
    assert wanted - tops == set()
    assert {name for name in names if "/.reconcile/" in name or "__pycache__" in name} == set()
    assert {name for name in names if name.startswith("reports/")} <= {"reports/README.md"}


def test_classifiers_are_the_pythons_supported():
    """The lowest Python of the classifiers is the one that is required, and there is no gap up to the newest."""
    told = [int(minor) for minor in re.findall(r"Python :: 3\.(\d+)", "\n".join(PROJECT["classifiers"]))]
    assert PROJECT["requires-python"] == f">=3.{told[0]}"
    assert told == list(range(told[0], told[-1] + 1))


@pytest.mark.parametrize("stated", PROJECT["dependencies"])
def test_tested_version_is_above_the_floor(stated):
    """Each dependency has a floor, and the version of constraints.txt is no lower."""
    name, floor = re.fullmatch(r"([\w.-]+)>=([\d.]+)", stated).groups()
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    pinned = {pin.lower().replace("_", "-"): version for pin, version in pins.items()}[name]
    assert numbers(pinned) >= numbers(floor)


def numbers(version: str) -> list[int]:
    """The numbers of a version, to be compared."""
    return [int(part) for part in re.findall(r"\d+", version)]
