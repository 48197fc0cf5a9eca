"""Where decisions are kept: the files of the job that a workbook is of; beside the workbook where the job is out of reach."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile.errors import ReconcileError, UsageFault
from reconcile.jobs import Job, folder_of
from reconcile.rulefiles import load_model
from reconcile.runs import stored_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconcile.judging.books import Book

STATE = ".reconcile"
# How far above a workbook its job may lie: reports/<job>/<run>/ is three folders below, and `out` may name more.
FOLDERS_UP = 6
# A job file is a page; whatever is longer is another thing.
JOB_BYTES = 2**18
KEPT = ("judgements", "corrections", "findings")


@dataclass(frozen=True, slots=True)
class Kept:
    """The files that decisions are kept in.

    Attributes:
        job: id of the job.
        state: where its lock lies; None where the job is out of reach.
        run: the folder of the run that was decided on; None where it is out of reach.
        remarks: what a person has to know of this.
    """

    job: str
    judgements: Path
    corrections: Path
    findings: Path
    state: Path | None
    run: Path | None
    remarks: tuple[str, ...] = ()


def kept_of(books: Sequence[Book], job_path: Path | None, state: Path | None) -> Kept:
    """Return where the decisions of workbooks are kept.

    Args:
        books: of one job.
        job_path: its job file; None to look for it above the workbooks, and in the folder one works in.
        state: of the job, in place of the folder beside the job file.

    Raises:
        UsageFault: when the workbooks are of another job, or of several.
        RuleFaults: when the job file is at fault.
    """
    ids = sorted({book.job for book in books})
    if len(ids) > 1:
        raise UsageFault(
            f"the workbooks are of several jobs ({', '.join(ids)}). Take those of one job at a time."
        )
    if job_path is not None:
        job = load_model(job_path, Job)
        if job.id != ids[0]:
            raise UsageFault(
                f"{books[0].path}: is a workbook of the job {ids[0]!r}, and {job_path} is {job.id!r}. Nothing was taken."
            )
        return _of_job(job_path, job, books, state)
    found = _jobs_above(books, ids[0])
    if len(found) > 1:
        paths = ", ".join(str(path) for path in found)
        raise UsageFault(f"several job files have the id {ids[0]!r}: {paths}. Give one with --job.")
    if found:
        return _of_job(found[0], load_model(found[0], Job), books, state)
    return _beside(books[0], state)


def _of_job(path: Path, job: Job, books: Sequence[Book], state: Path | None) -> Kept:
    folder = folder_of(path, job)
    judgements, corrections, findings = (folder.path(getattr(job, name), name) for name in KEPT)
    run = _run_of(books[0], (folder.path(f"{job.out}/{job.id}", "out"),))
    return Kept(
        job.id, judgements, corrections, findings, state or folder.path(STATE, "the job's state"), run
    )


def _beside(book: Book, state: Path | None) -> Kept:
    """Return files beside a workbook; of one that lies in a report's folder beside that, since a report is what it was written as."""
    inside = (book.path.parent / "run.json").is_file()
    home = book.path.resolve().parent
    stem = home.name if inside else book.path.stem
    folder = home.parent if inside else home
    judgements, corrections, findings = (folder / f"{stem}.{name}.yaml" for name in KEPT)
    told = f"the job {book.job!r} is out of reach: decisions are kept beside {'the report' if inside else 'the workbook'}, in {folder}. Give the job with --job, or put them into the files beside its job file."
    return Kept(book.job, judgements, corrections, findings, state, _run_of(book, ()), (told,))


def _jobs_above(books: Sequence[Book], job_id: str) -> list[Path]:
    """Return the job files of an id above the workbooks, and in the folder one works in, the nearest folder that has any."""
    here = Path.cwd().resolve()
    for book in books:
        folders = [book.path.resolve().parent, *list(book.path.resolve().parents)[1:FOLDERS_UP], here]
        for folder in folders:
            found = [
                path
                for path in sorted((*folder.glob("*.yaml"), *folder.glob("*.yml")))
                if _is_job(path, job_id)
            ]
            if found:
                return found
    return []


def _is_job(path: Path, job_id: str) -> bool:
    try:
        if path.stat().st_size > JOB_BYTES or job_id not in path.read_text(encoding="utf-8"):
            return False
        return load_model(path, Job).id == job_id
    except (OSError, ValueError, ReconcileError):
        return False


def _run_of(book: Book, homes: Sequence[Path]) -> Path | None:
    """Return the folder of the run that a workbook is of: the one it lies in, else one of the job's."""
    near = book.path.resolve().parent
    for home in (near.parent, near, *homes):
        for one in stored_runs(home):
            if one.text("run_digest") == book.run:
                return one.folder
    return None
