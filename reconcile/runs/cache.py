"""Files that were parsed before, kept so that a run parses only what is new or changed. Safe to delete.

An entry is one file's tables as `prepare` left them, keyed by all that they hang on: the file's bytes and name, what the job
says of it, the rules, the vague words, the job's own gazetteer and key, the program and the libraries it reads with. No entry
names a person: running texts are blank, and files whose other columns may name somebody, lists of victims first of all, are
parsed each time.

An entry is Parquet and JSON behind the SHA-256 of both; nothing in it is ever executed.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.drafts import Draft
from reconcile.pipeline import Parsed
from reconcile.runs.digests import digest_bytes, digest_of, put_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconcile.pipeline import Input

KEPT_RUNS = 7
DRAFTED = ("claims", "figures", "victims", "issues", "fates")
SEAL_LENGTH = 64
# What turns bytes into cells and back; a new release of one may read a cell otherwise.
LIBRARIES = ("charset-normalizer", "dateparser", "numpy", "pandas", "pyarrow", "python-calamine", "rapidfuzz")
# What reading an entry that is damaged raises, pyarrow's faults among it.
FAULTS = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile)


@dataclass(slots=True)
class Cache:
    """Parsed files of a job.

    Attributes:
        folder: where entries lie.
        basis: digest of what all entries of this run hang on.
        used: keys of this run.
        remarks: what was amiss, for the log.
        recalled: how many files were not parsed again.
    """

    folder: Path
    basis: str
    used: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    recalled: int = 0

    def recall(self, one: Input) -> tuple[Parsed, ...] | None:
        """Return the tables of a file that was parsed before, None where it was not, or its entry is damaged."""
        path = self._path(one)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self.remarks.append(f"{path.name}: can't be read ({error.strerror}); the file was parsed again.")
            return None
        try:
            parsed = unpacked(content)
        except FAULTS:
            self.remarks.append(
                f"{path.name}: is damaged; {one.name} was parsed again, and the entry rewritten."
            )
            return None
        self.recalled += 1
        return parsed

    def pack(self, parsed: tuple[Parsed, ...]) -> bytes | None:
        """Return the tables of a file as they are kept; None where they can't be, and the file is parsed again next time."""
        try:
            return packed(parsed)
        except FAULTS:
            # What Parquet can't hold as it is, a lone surrogate for instance, is not kept.
            return None

    def keep(self, one: Input, content: bytes) -> None:
        """Keep the packed tables of a file; where that can't be, it is parsed again next time."""
        path = self._path(one)
        try:
            self.folder.mkdir(exist_ok=True, mode=0o700)
            put_whole(path, content, path.with_suffix(".draft"), 0o600)
        except OSError as error:
            self.remarks.append(
                f"{self.folder}: can't be written ({error.strerror}); nothing else hangs on it."
            )

    def trim(self) -> None:
        """Drop entries that none of the last runs used, and drafts of a run that died."""
        path = self.folder / "used.json"
        if not self.used or not self.folder.is_dir():
            return
        try:
            runs = [sorted(set(self.used)), *_runs(path)][:KEPT_RUNS]
            kept = {key for keys in runs for key in keys}
            for entry in self.folder.iterdir():
                if entry != path and (entry.suffix != ".entry" or entry.stem not in kept):
                    entry.unlink()
            put_whole(path, json.dumps(runs).encode(), self.folder / "used.draft", 0o600)
        except OSError as error:
            self.remarks.append(f"{self.folder}: can't be trimmed ({error.strerror}). It is safe to delete.")

    def _path(self, one: Input) -> Path:
        sha = one.source.sha256 if one.source else ""
        named = one.source.name if one.source else ""
        told = [sha, one.name, named, one.monitor, one.sheet, one.remarks]
        key = digest_of({"basis": self.basis, "file": told})
        self.used.append(key)
        return self.folder / f"{key}.entry"


def open_cache(state: Path, told: Mapping[str, Any]) -> Cache:
    """Return the cache of a job.

    Args:
        state: of the job.
        told: what all files are read by: digests of the rules and the gazetteer, the profile, the key's fingerprint.
    """
    return Cache(state / "cache", digest_of({"program": _program(), **told}))


def _runs(path: Path) -> list[list[str]]:
    try:
        runs = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    is_list = isinstance(runs, list) and all(isinstance(keys, list) for keys in runs)
    return runs if is_list else []


@lru_cache(maxsize=1)
def _program() -> str:
    """Return the digest of what parses: the package's own files, since a version number may lag behind, and its libraries."""
    package = Path(__file__).parent.parent
    files = {
        path.relative_to(package).as_posix(): digest_bytes(path.read_bytes())
        for path in package.rglob("*.py")
    }
    return digest_of({"files": files, "libraries": {name: version(name) for name in LIBRARIES}})


# ---- entries -------------------------------------------------------------------------------------------------------


def packed(parsed: tuple[Parsed, ...]) -> bytes:
    """Return the tables of a file as an entry.

    Raises:
        ValueError: when a frame would not come back as it is.
    """
    kept = io.BytesIO()
    facts = []
    with zipfile.ZipFile(kept, "w") as archive:
        for number, table in enumerate(parsed):
            frames = {"columns": table.columns} | {name: getattr(table.draft, name) for name in DRAFTED}
            for name, frame in frames.items():
                content = frame.to_parquet(engine="pyarrow", index=False)
                _hold_against(frame, content)
                _put_member(archive, _member(number, name), content)
            facts.append(
                {
                    "monitor_id": table.monitor_id,
                    "layout_id": table.layout_id,
                    "sheet": table.sheet,
                    "rows": table.rows,
                    "remarks": table.remarks,
                    "deleted": sorted(table.draft.deleted),
                    "dtypes": {name: _dtypes(frame) for name, frame in frames.items()},
                }
            )
        _put_member(archive, "facts.json", json.dumps(facts, ensure_ascii=False).encode())
    return digest_bytes(kept.getvalue()).encode() + kept.getvalue()


def unpacked(content: bytes) -> tuple[Parsed, ...]:
    """Return the tables of an entry.

    Raises:
        ValueError: when it is not what was written.
    """
    seal, kept = content[:SEAL_LENGTH], content[SEAL_LENGTH:]
    if digest_bytes(kept).encode() != seal:
        raise ValueError("not what was written")
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        facts = json.loads(archive.read("facts.json"))
        return tuple(_parsed(archive, number, told) for number, told in enumerate(facts))


def _parsed(archive: zipfile.ZipFile, number: int, told: dict[str, Any]) -> Parsed:
    dtypes = told.pop("dtypes")
    frames = {name: _frame(archive.read(_member(number, name)), kinds) for name, kinds in dtypes.items()}
    remarks = tuple((severity, sentence) for severity, sentence in told.pop("remarks"))
    deleted = frozenset(told.pop("deleted"))
    columns = frames.pop("columns")
    return Parsed(**told, remarks=remarks, columns=columns, draft=Draft(**frames, deleted=deleted))


def _frame(content: bytes, dtypes: Mapping[str, str]) -> pd.DataFrame:
    frame = pd.read_parquet(io.BytesIO(content), engine="pyarrow")
    return frame if _dtypes(frame) == dtypes else frame.astype(dict(dtypes))


def _hold_against(frame: pd.DataFrame, content: bytes) -> None:
    """Raise ValueError where a frame would come back as another one."""
    if not _frame(content, _dtypes(frame)).equals(frame):
        raise ValueError("a frame that Parquet does not hold as it is")


def _dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(kind) for name, kind in frame.dtypes.items()}


def _put_member(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    # Without the clock, the same file is the same entry.
    archive.writestr(zipfile.ZipInfo(name), content)


def _member(number: int, name: str) -> str:
    return f"{number}/{name}.parquet"
