"""What a run is asked to do: the job file's model, and the files it names, kept inside the job's folder."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from reconcile.errors import UsageFault
from reconcile.pipeline import Input
from reconcile.read import SourceFile
from reconcile.ruleset import Code, Rule
from reconcile.validate import Within

FailOn = Literal["S1", "S2", "S3", "new:S1", "new:S2", "new:S3"]
READABLE_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods"})


class JobInput(Rule):
    """Files of one monitor; without a monitor the header decides. `released` is the day these files were published."""

    monitor: str | None = None
    files: tuple[str, ...] = Field(min_length=1)
    sheet: str | None = None
    released: date | None = None


CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class JobWithin(Rule):
    """What the job is about; claims outside are counted and set aside."""

    countries: tuple[CountryCode, ...] = ()
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None
    measures: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> JobWithin:
        if self.from_ and self.to and self.to < self.from_:
            raise ValueError(f"`to` ({self.to}) is before `from` ({self.from_})")
        return self


class Job(Rule):
    """A job file. Paths are relative to its folder and stay inside it, unless `allow_outside` names where else."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$")
    title: str = ""
    inputs: tuple[JobInput, ...] = Field(min_length=1)
    within: JobWithin = JobWithin()
    quantities: str = "airwars"
    judgements: str = "judgements.yaml"
    corrections: str = "corrections.yaml"
    places: str | None = None
    rules: str | None = None
    out: str = "reports"
    fail_on: tuple[FailOn, ...] = ()
    include_names: bool = False
    allow_outside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """A job's folder and what it may reach."""

    root: Path
    allowed: tuple[Path, ...] = ()

    def path(self, text: str, what: str) -> Path:
        """Return a path of the job, resolved.

        Raises:
            UsageFault: when it leads outside, by `..`, by an absolute path or by a link.
        """
        path = (self.root / text).resolve()
        roots = (self.root.resolve(), *(root.resolve() for root in self.allowed))
        if not any(path.is_relative_to(root) for root in roots):
            raise UsageFault(
                f"{what}: {text!r} leads outside the job's folder. Put it inside, or list its folder under `allow_outside` in the job."
            )
        return path


def folder_of(job_path: Path, job: Job) -> Folder:
    """Return the folder of a job file, with the places it allows outside."""
    root = job_path.resolve().parent
    return Folder(root, tuple((root / text) for text in job.allow_outside))


def within_of(job: Job) -> Within:
    """Return the job's scope as validate takes it."""
    return Within(job.within.countries, job.within.from_, job.within.to, job.within.measures)


def shown_within(within: Within) -> str:
    """Return a scope in words."""
    window = (
        f"{within.from_day or 'any day'} to {within.to_day or 'any day'}"
        if within.from_day or within.to_day
        else ""
    )
    parts = [" ".join(within.countries), window, " ".join(within.measures)]
    return ", ".join(part for part in parts if part) or "everything in the files"


def job_inputs(job: Job, folder: Folder, as_of: date) -> tuple[Input, ...]:
    """Return the files of a job: of each monitor's dated releases the latest one not later than `as_of`.

    Raises:
        UsageFault: when a path leads outside the job's folder.
    """
    inputs = [
        Input(
            ", ".join(entry.files),
            None,
            entry.monitor or "",
            entry.sheet,
            _day(entry.released),
            f"was released on {_day(entry.released)}, after {as_of}, and no earlier release is listed.",
        )
        for entry in _too_late(job.inputs, as_of)
    ]
    for entry in _current(job.inputs, as_of):
        for pattern in entry.files:
            paths = _expand(folder, pattern)
            if not paths:
                found = (
                    "is an empty folder."
                    if folder.path(pattern, "inputs.files").is_dir()
                    else "no such file."
                )
                inputs.append(
                    Input(
                        pattern,
                        None,
                        entry.monitor or "",
                        entry.sheet,
                        _day(entry.released),
                        f"{found} Check `files` in the job.",
                    )
                )
            inputs += [
                _load(path, _shown(path, folder.root), entry.monitor or "", entry.sheet, _day(entry.released))
                for path in paths
            ]
    return tuple(inputs)


def file_inputs(files: tuple[Path, ...]) -> tuple[Input, ...]:
    """Return files given on the command line, a folder standing for the readable files in it."""
    paths: list[Path] = []
    inputs: list[Input] = []
    for file in files:
        found = _readable(file) if file.is_dir() else [file]
        if not found:
            inputs.append(
                Input(
                    file.name,
                    None,
                    fault="is an empty folder, or holds no file we read. Give the files themselves.",
                )
            )
        paths += found
    inputs += [_load(path, name, "", None, "") for path, name in zip(paths, _names(paths), strict=True)]
    return tuple(inputs)


def _names(paths: list[Path]) -> list[str]:
    """Return the shortest ends of the paths that tell them apart; a path given twice keeps one name."""
    names = [path.name for path in paths]
    for depth in range(2, max((len(path.resolve().parts) for path in paths), default=0) + 1):
        crowded = {
            name
            for name in names
            if len({path.resolve() for path, own in zip(paths, names, strict=True) if own == name}) > 1
        }
        if not crowded:
            break
        names = [
            "/".join(path.resolve().parts[-depth:]) if name in crowded else name
            for path, name in zip(paths, names, strict=True)
        ]
    return names


def _of_one_source(entry: JobInput, entries: tuple[JobInput, ...]) -> list[date]:
    """Return the release days of entries for the same monitor (or files, where headers decide) and sheet."""

    def source(one: JobInput) -> tuple[object, str | None]:
        return one.monitor or one.files, one.sheet

    return [other.released for other in entries if other.released and source(other) == source(entry)]


def _current(entries: tuple[JobInput, ...], as_of: date) -> list[JobInput]:
    return [
        entry
        for entry in entries
        if entry.released is None
        or entry.released
        == max((day for day in _of_one_source(entry, entries) if day <= as_of), default=None)
    ]


def _too_late(entries: tuple[JobInput, ...], as_of: date) -> list[JobInput]:
    return [entry for entry in entries if entry.released and min(_of_one_source(entry, entries)) > as_of]


def _expand(folder: Folder, pattern: str) -> list[Path]:
    if not glob.has_magic(pattern):
        path = folder.path(pattern, "inputs.files")
        found = _readable(path) if path.is_dir() else [path] if path.is_file() else []
        return [folder.path(str(one), "inputs.files") for one in found]
    parts = Path(pattern).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    anchor = folder.path(str(Path(*parts[:fixed])) if fixed else ".", "inputs.files")
    matched = sorted(path for path in anchor.glob(str(Path(*parts[fixed:]))) if path.is_file())
    return [folder.path(str(path), "inputs.files") for path in matched]


def _readable(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in READABLE_SUFFIXES
    )


def _shown(path: Path, root: Path) -> str:
    root = root.resolve()
    return (
        path.relative_to(root).as_posix() if path.is_relative_to(root) else f"{path.parent.name}/{path.name}"
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _load(path: Path, name: str, monitor: str, sheet: str | None, released: str) -> Input:
    try:
        return Input(name, SourceFile(name, path.read_bytes()), monitor, sheet, released)
    except FileNotFoundError:
        fault = "no such file. Check its name."
    except OSError as error:
        fault = f"can't be read ({error.strerror or type(error).__name__}). Check its permissions."
    return Input(name, None, monitor, sheet, released, fault)
