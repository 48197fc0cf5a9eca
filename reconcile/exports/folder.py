"""The folder of an export: built beside its place, and put there by one renaming."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile.errors import OutputFault, UsageFault
from reconcile.runs.digests import digest_file, json_bytes, put, settle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reconcile.exports.stored import Handover

# By this file an export knows a folder as its own.
MARK = "export.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Laid:
    """What was written.

    Attributes:
        folder: where.
        files: their names, in order.
        is_unchanged: whether all of it stood there already.
    """

    folder: Path
    files: tuple[str, ...]
    is_unchanged: bool


def lay_folder(given: Handover, wanted: str, files: Mapping[str, bytes], out: Path | None) -> Laid:
    """Write an export's folder, whole or not at all.

    Args:
        given: what it is of.
        wanted: its format.
        files: by their names, with / between folders.
        out: where; beside the report by default.

    Raises:
        UsageFault: when the place is a report's, or holds what no export wrote.
        OutputFault: when it can't be written; what stood there stands there still.
    """
    run = given.folder.resolve()
    final = _place(out or run.with_name(f"{run.name}-{wanted}"), run)
    _refuse_others(final)
    building = final.with_name(f".{final.name}.part-{os.getpid()}")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        building.mkdir()
        try:
            mark = _mark(given, wanted, _laid_down(building, files))
            if (final / MARK).is_file() and (final / MARK).read_bytes() == mark:
                return Laid(final, tuple(sorted(files)), is_unchanged=True)
            put(building / MARK, mark)
            settle(building)
            _exchange(final, building)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        settle(final.parent)
    except OSError as error:
        raise OutputFault(
            f"{final}: can't be written ({error.strerror or error}). Check the folder, and close its files where they are open; what stood there stands there still."
        ) from None
    return Laid(final, tuple(sorted(files)), is_unchanged=False)


def _place(out: Path, run: Path) -> Path:
    if out.is_symlink():
        raise UsageFault(f"{out}: is a link. Give the folder itself with --out.")
    final = out.resolve()
    if final == run or run in final.parents or final in run.parents:
        raise UsageFault(
            f"{out}: a report's folder holds what its run wrote, and nothing else. Give another folder with --out."
        )
    return final


def _refuse_others(final: Path) -> None:
    """Refuse a place that holds what no export wrote, or what was changed since."""
    if not final.exists() or (final.is_dir() and not any(final.iterdir())):
        return
    todo = "It is left as it is; give another folder with --out, or move it away."
    if not final.is_dir():
        raise UsageFault(f"{final}: is a file. {todo}")
    try:
        stated = dict(json.loads((final / MARK).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, TypeError, KeyError):
        raise UsageFault(f"{final}: holds files that no export wrote. {todo}") from None
    there = {
        path.relative_to(final).as_posix(): path
        for path in final.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    there.pop(MARK)
    for name, path in sorted(there.items()):
        if path.is_symlink() or stated.get(name) != digest_file(path):
            raise UsageFault(f"{path}: is not as an export wrote it. {todo}")
    if lost := sorted(set(stated) - set(there)):
        raise UsageFault(f"{final / lost[0]}: was written by an export and is gone. {todo}")


def _laid_down(building: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    written = {}
    for name, content in sorted(files.items()):
        path = building / name
        path.parent.mkdir(parents=True, exist_ok=True)
        written[name] = put(path, content)
    return written


def _mark(given: Handover, wanted: str, written: Mapping[str, str]) -> bytes:
    return json_bytes(
        {
            "schema_version": SCHEMA_VERSION,
            "format": wanted,
            "job": str(given.summary.get("job", "")),
            "as_of": str(given.summary.get("as_of", "")),
            "run_digest": str(given.summary.get("run_digest", "")),
            "include_names": given.has_names,
            "files": dict(written),
        }
    )


def _exchange(final: Path, building: Path) -> None:
    """Rename what was built to its place; where that fails, what stood there comes back."""
    gone = building.with_name(f"{building.name}.gone")
    is_there = final.exists()
    if is_there:
        final.replace(gone)
    try:
        building.replace(final)
    except OSError:
        if is_there:
            gone.replace(final)
        raise
    with suppress(OSError):
        if is_there:
            shutil.rmtree(gone)
