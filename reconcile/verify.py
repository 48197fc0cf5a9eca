"""Is a report what its inputs and rules gave? Held against the history of its job, and made again where all is at hand.

The first thing that is not as it was is named: a file of the report, the chain of runs, the program, a rule, an input, a
decision, or the bytes of the report made again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from reconcile import __version__
from reconcile.errors import UsageFault
from reconcile.explain import run_folder
from reconcile.pipeline import opened, run
from reconcile.read.files import is_litter
from reconcile.request import Asked, decisions_of, digest_of_request, gather_request, options_of
from reconcile.runs import (
    HISTORY,
    PAGE,
    WORKBOOK,
    Previous,
    Stopwatch,
    as_previous,
    digest_of,
    files_of,
    first_difference,
    key_fingerprint,
    lay_down,
    read_history,
    stored_runs,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconcile.request import Request
    from reconcile.runs import History

STATE = ".reconcile"
# Of two equal runs, the one file that differs.
TIMINGS = "timings.json"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found.

    Attributes:
        fault: the first thing that is not as it was; empty where all is.
        proven: what was held against what, in sentences.
        unchecked: what could not be, and why.
    """

    fault: str
    proven: tuple[str, ...]
    unchecked: tuple[str, ...]


class _NotProven(Exception):
    """The first thing that is not as it was."""


def verify(
    path: Path,
    job: Path | None = None,
    state: Path | None = None,
    rules_dir: Path | None = None,
    watch: Callable[[str], None] = lambda _: None,
) -> Proof:
    """Hold a report against what it says it was made of.

    Args:
        path: a report's folder, or its job's for the latest.
        job: its job file; with it the inputs and rules are held against the run's, and the report is made again.
        state: of the job, where it does not lie beside the job file or the reports.
        rules_dir: rule files in place of the shipped ones.
        watch: told each stage of making it again.

    Raises:
        UsageFault: when there is no report, or it can't be made again although a job is given.
        ReconcileError: when job or rules are at fault.
    """
    folder = run_folder(path).resolve()
    proven: list[str] = []
    unchecked: list[str] = []
    try:
        state = state or _state_of(folder, job)
        told = _chained(folder, state) if state else ""
        if told:
            proven.append(told)
        else:
            unchecked.append(
                f"the chain of runs: no {HISTORY} is at hand. Give the job's state with --state to hold the report against it."
            )
        summary = _summary(folder)
        proven.append(_consistent(folder, summary))
        if job:
            proven += _made_again(folder, summary, _request(job, summary, state, rules_dir), watch)
        else:
            unchecked.append("inputs and rules: give the job file with --job to have the report made again.")
    except _NotProven as fault:
        return Proof(str(fault), tuple(proven), tuple(unchecked))
    return Proof("", tuple(proven), tuple(unchecked))


def _state_of(folder: Path, job: Path | None) -> Path | None:
    """Return the state that a report's history lies in: beside the job file, beside the reports, or beside the runs of files."""
    places = [job.resolve().parent] if job else []
    places += [folder.parents[depth] for depth in (0, 2) if depth < len(folder.parents)]
    return next((place / STATE for place in places if (place / STATE / HISTORY).is_file()), None)


def _summary(folder: Path) -> dict[str, Any]:
    try:
        summary = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        date.fromisoformat(summary["as_of"])
        if not isinstance(summary["inputs"], list) or not isinstance(summary.get("versions"), dict):
            raise TypeError  # noqa: TRY301 - one sentence for all that is no run.json
        _ = [(one["file"], one["sha256"]) for one in summary["inputs"]]
    except (OSError, ValueError, TypeError, KeyError):
        raise _NotProven("run.json: is not what a run writes.") from None
    return dict(summary)


# ---- the report as it lies there -----------------------------------------------------------------------------------


def _chained(folder: Path, state: Path) -> str:
    history = read_history(state)
    links = history.by_folder.get(folder.name, [])
    if not links:
        if not history.is_kept:
            return ""
        raise _NotProven(f"{folder.name}: the history of the job has no line of this run.")
    faults = [_difference(folder, link.files) for link in links]
    if "" not in faults:
        raise _NotProven(faults[-1])
    link = links[faults.index("")]
    if history.broken:
        raise _NotProven(
            f"{HISTORY}: line {history.broken} is not sealed with the line before it: it was changed, or one was taken out."
        )
    if link.previous_run and link.previous_run not in {one.run_digest for one in history.links}:
        raise _NotProven(f"{HISTORY}: has no line of the run before, {link.previous_run[:8]}.")
    number = history.links.index(link) + 1
    how = (
        "" if link.how == "written" else " (as it was found, since the run did not come to writing its line)"
    )
    return f"{len(link.files)} files have the bytes that line {number} of {len(history.links)} states{how}; each line is sealed with the one before it."


def _difference(folder: Path, files: Mapping[str, str]) -> str:
    """Return the first file that is not what a line states, in words."""
    if name := first_difference(folder, dict(files)):
        what = "its bytes differ from those that were written" if (folder / name).is_file() else "is absent"
        return f"{name}: {what}."
    more = [name for name in files_of(folder) if name not in files and not is_litter(name)]
    return f"{more[0]}: is no part of what was written." if more else ""


def _consistent(folder: Path, summary: Mapping[str, Any]) -> str:
    """Hold a report against itself: its files against `run.json`, the digests against each other, the name against both."""
    files = summary.get("files")
    if isinstance(files, dict) and (fault := first_difference(folder, files)):
        what = "its bytes are not those that run.json states" if (folder / fault).is_file() else "is absent"
        raise _NotProven(f"{fault}: {what}.")
    told = {"inputs": summary.get("inputs_digest"), "previous": summary.get("previous_run")}
    if summary.get("run_digest") != digest_of(told):
        raise _NotProven("run.json: run_digest is not the digest of inputs_digest and previous_run.")
    if folder.name != f"{summary['as_of']}-{summary['run_digest'][:8]}":
        raise _NotProven(f"{folder.name}: is not the name of the run that run.json states.")
    count = len(files) if isinstance(files, dict) else 0
    return f"run.json agrees with the {count} files that it states digests of, and with the folder's name."


# ---- made again ----------------------------------------------------------------------------------------------------


def _request(job: Path, summary: Mapping[str, Any], state: Path | None, rules_dir: Path | None) -> Request:
    asked = Asked(
        [str(job)],
        date.fromisoformat(summary["as_of"]),
        rules_dir=rules_dir,
        state=state,
        quantities=summary.get("quantities"),
        include_names=bool(summary.get("include_names")),
        html=PAGE in summary.get("files", {}),
    )
    return gather_request(asked)


def _made_again(
    folder: Path, summary: Mapping[str, Any], request: Request, watch: Callable[[str], None]
) -> list[str]:
    version = summary.get("versions", {}).get("reconcile")
    if version != __version__:
        raise _NotProven(f"version: the report was made by reconcile {version}; this is {__version__}.")
    if summary.get("rules_digest") != request.rules.digest:
        raise _NotProven(
            f"rules: their digest is {request.rules.digest[:16]}; the run's was {str(summary.get('rules_digest'))[:16]}."
        )
    _hold_inputs(summary, request)
    for name, sha in decisions_of(request).items():
        if summary.get("decisions", {}).get(name, "") != sha:
            raise _NotProven(f"{name}: the file's bytes differ from those that the run took.")
    inputs_digest = digest_of_request(request)
    if inputs_digest != summary.get("inputs_digest"):
        raise _NotProven(
            f"{request.job}: the job asks for something else than the run was told: its id, title, scope, sheets or release days."
        )
    inputs = f"version, rules, {len(summary['inputs'])} inputs and decisions are those of the run."
    result = run(
        request.inputs,
        request.rules,
        options_of(
            request,
            before := _before(folder, summary, read_history(request.state)),
            _key(request, summary),
            inputs_digest,
            past=before.past(),
        ),
        watch,
    )
    with TemporaryDirectory() as room:
        (Path(room) / "tables").mkdir()
        files = lay_down(result, Path(room), str(summary.get("key_fingerprint", "")), Stopwatch())
    if fault := first_difference(folder, files, [TIMINGS]):
        if before.earlier and (lost := before.earlier[-1].text("previous_run")):
            raise UsageFault(
                f"{folder.parent}: a run further back, {lost[:8]}, is not there any more; without it {fault} came out otherwise. Put it back from a backup."
            )
        raise _NotProven(f"{fault}: made again from the same inputs and rules, its bytes differ.")
    return [inputs, f"made again from them, the report has the same bytes in all {len(files)} files."]


def _hold_inputs(summary: Mapping[str, Any], request: Request) -> None:
    now = {one.name: one.source.sha256 if one.source else "" for one in opened(request.inputs)}
    then = {str(one["file"]): str(one["sha256"]) for one in summary["inputs"]}
    for name, sha in then.items():
        if now.get(name, "") != sha:
            is_there = bool(now.get(name))
            what = "its bytes differ from those that the run read" if is_there else "is absent"
            raise _NotProven(
                f"{name}: {what} (then {sha[:16] or 'not readable'}, now {now.get(name, '')[:16] or 'none'})."
            )
    if more := [name for name in now if name not in then]:
        raise _NotProven(f"{more[0]}: is an input of the job now, and was none of the run.")


def _key(request: Request, summary: Mapping[str, Any]) -> bytes:
    path = request.state / "key"
    key = path.read_bytes() if path.is_file() else b""
    if (wanted := summary.get("key_fingerprint")) and key_fingerprint(key) != wanted:
        raise UsageFault(
            f"{path}: is not the key that the report's ids were made with, so it can't be made again. Give the job's state with --state."
        )
    return key


def _before(folder: Path, summary: Mapping[str, Any], history: History) -> Previous:
    """Return the run that a run was compared with."""
    wanted = str(summary.get("previous_run", ""))
    if not wanted:
        return Previous()
    known = stored_runs(folder.parent)
    found = next((one for one in known if one.text("run_digest") == wanted), None)
    if found is None:
        raise UsageFault(
            f"{folder.parent}: the run before, {wanted[:8]}, is not there, and without it the report can't be made again. Put it back from a backup."
        )
    links = history.by_folder.get(found.folder.name, [])
    faults = [first_difference(found.folder, link.files, [WORKBOOK, TIMINGS]) for link in links]
    if faults and "" not in faults:
        raise _NotProven(
            f"{found.folder.name}/{faults[-1]}: is not what was written, and the report was compared with that run."
        )
    try:
        return as_previous(found, known)
    except (OSError, ValueError, KeyError) as error:
        raise UsageFault(
            f"{found.folder}: can't be read ({type(error).__name__}), and without it the report can't be made again. Put it back from a backup."
        ) from None
