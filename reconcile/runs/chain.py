"""The history of a job: one line a run, each sealed with the one before it, and what a line proves.

`history.jsonl` lies in the job's state and is only ever appended to. A line that a crash tore at the end is cut off by the
next run, which then adds the line again. A run counts once its line stands here.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from reconcile.errors import OutputFault
from reconcile.runs.digests import digest_bytes, digest_file, settle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HISTORY = "history.jsonl"
WORKBOOK = "discrepancies.xlsx"
PAGE = "report.html"


@dataclass(frozen=True, slots=True)
class Link:
    """One run, as its line states it.

    Attributes:
        how: written by the run itself, or found: a whole report that stood there without a line.
        files: SHA-256 of each file of the report, by its name in the folder.
        chain: SHA-256 of the line before this one's, and of the rest of this line.
    """

    job: str
    folder: str
    as_of: str
    run_digest: str
    inputs_digest: str
    previous_run: str
    how: str
    files: dict[str, str]
    chain: str = ""

    def sealed(self, before: str) -> str:
        """Return what `chain` has to be, behind the line that is sealed with `before`."""
        return digest_bytes((before + _line(self, sealed=False)).encode())


@dataclass(frozen=True, slots=True)
class History:
    """All lines of a state.

    Attributes:
        length: bytes up to the end of the last whole line; what follows is torn.
        is_kept: whether there is a history at all.
        broken: number of the first line that is no line, or is not sealed with the one before it; 0 for none.
    """

    path: Path
    links: tuple[Link, ...] = ()
    length: int = 0
    is_kept: bool = False
    is_torn: bool = False
    broken: int = 0
    by_folder: dict[str, list[Link]] = field(default_factory=dict)

    @property
    def last(self) -> str:
        """The seal of the last line."""
        return self.links[-1].chain if self.links else ""


def read_history(state: Path) -> History:
    """Return the history of a state; a line that can't be read is no reason to stop.

    Raises:
        OutputFault: when the file is there and may not be read.
    """
    path = state / HISTORY
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return History(path)
    except OSError as error:
        raise OutputFault(f"{path}: can't be read ({error.strerror}). Check its permissions.") from None
    whole, _, tail = content.rpartition(b"\n")
    lines = whole.split(b"\n") if whole else []
    links = [_link(line) for line in lines]
    # What a loss of power left at the end is torn too, were it ended like a line.
    while links and links[-1] is None:
        links.pop()
        tail += lines.pop()
    length = sum(len(line) + 1 for line in lines)
    before, broken, known = "", 0, []
    for number, link in enumerate(links, start=1):
        if link is None or link.chain != link.sealed(before):
            broken = broken or number
        if link is not None:
            before = link.chain
            known.append(link)
    by_folder: dict[str, list[Link]] = {}
    for link in known:
        by_folder.setdefault(link.folder, []).append(link)
    return History(path, tuple(known), length, True, bool(tail), broken, by_folder)


def _link(line: bytes) -> Link | None:
    try:
        link = Link(**json.loads(line))
    except (ValueError, TypeError):
        return None
    texts = [text for name, text in asdict(link).items() if name != "files"]
    is_typed = isinstance(link.files, dict) and all(isinstance(text, str) for text in texts)
    return link if is_typed else None


def _line(link: Link, *, sealed: bool) -> str:
    told: dict[str, Any] = asdict(link)
    if not sealed:
        del told["chain"]
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


def append(history: History, links: Iterable[Link]) -> None:
    """Add lines behind the last whole one, and have the disk keep them.

    Raises:
        OSError: when they can't be written; what is torn then is cut off by the next run.
    """
    before, lines = history.last, []
    for link in links:
        before = link.sealed(before)
        told = asdict(link) | {"chain": before}
        lines.append(_line(Link(**told), sealed=True) + "\n")
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(history.path, flags, 0o600), "wb") as stream:
        stream.truncate(history.length)
        stream.seek(history.length)
        stream.write("".join(lines).encode())
        stream.flush()
        os.fsync(stream.fileno())
    settle(history.path.parent)


def files_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a report, by its name in the folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest_file(path) for path in paths}


def first_difference(folder: Path, files: dict[str, str], aside: Iterable[str] = ()) -> str:
    """Return the first file that is not what it was, empty where every one is."""
    passed = set(aside)
    for name, sha in files.items():
        if name not in passed and digest_file(folder / name) != sha:
            return name
    return ""
