"""Archives -> the files in them, as if each had been given by itself.

A workbook is a zip too, and stays one. What is in an archive is named by both: `GEDEvent.zip/GEDEvent_v25_1.csv`. Names are
names only: nothing is written anywhere, so that one with `..` in it leads nowhere.

Guarantees:
    nothing_is_passed_over: a member is among the files, among the skipped, or has a fault; what an operating system adds of its
        own (`__MACOSX`, `.DS_Store`) is none.
    bombs_stay_closed: no archive unpacks to more than the limit, in all and nested ones included.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from reconcile.errors import InputFault
from reconcile.read.files import (
    READABLE_SUFFIXES,
    WORKBOOK_SUFFIXES,
    ZIP_FAULTS,
    ZIP_MAGIC,
    SourceFile,
    is_litter,
    refuse_bomb,
    refuse_bulk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import IO

CHUNK_BYTES = 2**20
# An archive in an archive is opened, one inside that is not.
NESTED = 1
SHOWN_KINDS = 6
# What follows the last point of a name may be part of it.
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")
_WORKBOOK_MARKS = ("application/vnd.oasis.opendocument", "application/vnd.sun.xml")
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257
_ENCRYPTED = 0x1
# Texts about an export; an export itself may be a .txt.
_ABOUT = re.compile(r"(read[-_ ]?me|licen[cs]e|change[-_ ]?log|citation)\b", re.IGNORECASE)
_FAULTS = (*ZIP_FAULTS, lzma.LZMAError)


class _Packing(NamedTuple):
    """How files of one kind begin, what their names end with, and what reads them."""

    magic: bytes
    suffix: str
    stream: Callable[[io.BytesIO], io.BufferedIOBase]


_PACKINGS = (
    _Packing(b"\x1f\x8b", ".gz", gzip.open),
    _Packing(b"BZh", ".bz2", bz2.open),
    _Packing(b"\xfd7zXZ\x00", ".xz", lzma.open),
)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What is in a file that was given.

    Attributes:
        files: to be read, in order of their names; of a file that is no archive, the file itself.
        skipped: names of members that are no kind of file we read.
        faults: members that could not be unpacked, one fault each.
    """

    files: tuple[SourceFile, ...]
    skipped: tuple[str, ...] = ()
    faults: tuple[InputFault, ...] = ()


@dataclass(slots=True)
class _Unpacking:
    """The opening of one file that was given: what came out of it so far."""

    given: SourceFile
    files: list[SourceFile] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    faults: list[InputFault] = field(default_factory=list)
    unpacked_bytes: int = 0


def unpack(source: SourceFile) -> Unpacked:
    """Return the files in an archive, or the file itself where it is none.

    A .gz, .bz2 or .xz is the one file in it, named without that ending; a zip that is no workbook is every member of a
    kind that we read. What counts is the content, and not the name.

    Args:
        source: any file.

    Returns:
        The files, and what was not taken.

    Raises:
        InputFault: when the archive is damaged, a bomb, or holds nothing that we read.
    """
    if not _is_archive(source):
        return Unpacked((source,))
    opening = _Unpacking(source)
    _open(opening, source, depth=0)
    if (
        not opening.files
        and not opening.faults
        and PurePosixPath(source.name).suffix.lower() in WORKBOOK_SUFFIXES
    ):
        # A zip that nothing can be taken from, and is called a workbook: what is wrong with it is told where those are read.
        return Unpacked((source,))
    if not opening.files:
        raise _nothing_in(opening)
    return Unpacked(tuple(_told_apart(opening.files)), tuple(opening.skipped), tuple(opening.faults))


def _nothing_in(opening: _Unpacking) -> InputFault:
    if opening.faults:
        return opening.faults[0]
    return InputFault(
        opening.given.name,
        f"is an archive without any file of a kind that is read here; in it: {kinds_of(opening.skipped) or 'nothing at all'}.",
        "Unpack it and give the export itself.",
    )


def kinds_of(names: Sequence[str]) -> str:
    """Return how many files of which kinds these are; what they are called may be a person, as pictures of victims are."""
    found = Counter(_kind(name) for name in names)
    shown = [f"{count:,} {kind}" for kind, count in sorted(found.items())]
    more = [f"and {len(shown) - SHOWN_KINDS:,} other kinds"] if len(shown) > SHOWN_KINDS else []
    return ", ".join(shown[:SHOWN_KINDS] + more)


def _kind(name: str) -> str:
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else "without a known ending"


def _is_archive(source: SourceFile) -> bool:
    return _is_plain_zip(source) or _packing(source) is not None


def _packing(source: SourceFile) -> _Packing | None:
    return next((one for one in _PACKINGS if source.content.startswith(one.magic)), None)


def _is_plain_zip(source: SourceFile) -> bool:
    """Return whether a file is a zip, and no workbook."""
    if not source.content.startswith((ZIP_MAGIC, b"PK\x05\x06")):
        return False
    refuse_bomb(source)
    with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
        names = set(archive.namelist())
        is_workbook = "[Content_Types].xml" in names or ("mimetype" in names and _is_opendocument(archive))
    return not is_workbook


def _is_opendocument(archive: zipfile.ZipFile) -> bool:
    try:
        with archive.open("mimetype") as stream:
            return stream.read(CHUNK_BYTES).decode("latin-1").startswith(_WORKBOOK_MARKS)
    except _FAULTS:
        return False


def _open(opening: _Unpacking, source: SourceFile, depth: int) -> None:
    """Take what is in an archive; a file that is none is itself what was looked for."""
    if not _is_archive(source):
        opening.files.append(source)
    elif depth > NESTED:
        raise InputFault(
            source.name, "is an archive in an archive in an archive.", "Unpack it and give the export itself."
        )
    elif _is_plain_zip(source):
        _open_zip(opening, source, depth)
    else:
        _open(opening, _inflated(opening, source), depth + 1)


def _inflated(opening: _Unpacking, source: SourceFile) -> SourceFile:
    packing = _packing(source)
    if packing is None:
        return source
    content = _drained(opening, source.name, packing.stream(io.BytesIO(source.content)), len(source.content))
    if content[_TAR_MARK_AT : _TAR_MARK_AT + len(_TAR_MARK)] == _TAR_MARK:
        raise InputFault(source.name, "is a packed tar archive.", "Unpack it and give the files in it.")
    name = source.name
    if name.lower().endswith(packing.suffix) and PurePosixPath(name).stem:
        name = name[: -len(packing.suffix)]
    return SourceFile(name, content)


def _drained(opening: _Unpacking, name: str, stream: io.BufferedIOBase | IO[bytes], packed: int) -> bytes:
    """Return all that a stream unpacks to, piece by piece, so that a bomb is met before it fills the memory."""
    pieces = []
    own = 0
    try:
        with stream:
            while piece := stream.read(CHUNK_BYTES):
                own += len(piece)
                refuse_bulk(name, own, packed)
                opening.unpacked_bytes += len(piece)
                refuse_bulk(opening.given.name, opening.unpacked_bytes, len(opening.given.content))
                pieces.append(piece)
    except _FAULTS as error:
        raise InputFault(
            name,
            f"is packed and can't be unpacked ({_shown(error)}).",
            "It may be cut off: download it again.",
        ) from None
    return b"".join(pieces)


def _shown(error: Exception) -> str:
    return str(error).rstrip(".").split("\n")[0] or type(error).__name__


def _open_zip(opening: _Unpacking, source: SourceFile, depth: int) -> None:
    with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
        for member in sorted(archive.infolist(), key=lambda one: one.filename):
            name = f"{source.name}/{member.filename}"
            if member.is_dir() or is_litter(member.filename):
                continue
            if not _is_readable(member.filename):
                opening.skipped.append(name)
                continue
            try:
                inside = _member(opening, archive, member, name)
                _open(opening, inside, depth + 1)
            except InputFault as fault:
                # The member alone fails, but a bomb is a bomb whichever member makes it one.
                if fault.file == opening.given.name:
                    raise
                opening.faults.append(fault)


def _member(opening: _Unpacking, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> SourceFile:
    if member.flag_bits & _ENCRYPTED:
        raise InputFault(
            name, "is locked with a password.", "Unpack it with the password and give the file itself."
        )
    try:
        stream = archive.open(member)
    except _FAULTS as error:
        raise InputFault(
            name,
            f"is packed in a way that can't be opened ({_shown(error)}).",
            "Unpack it and give the file itself.",
        ) from None
    return SourceFile(name, _drained(opening, name, stream, max(member.compress_size, 1)))


def _is_readable(path: str) -> bool:
    name = PurePosixPath(path.replace("\\", "/"))
    is_about = name.suffix.lower() == ".txt" and _ABOUT.match(name.name)
    return name.suffix.lower() in READABLE_SUFFIXES and not is_about


def _told_apart(files: list[SourceFile]) -> list[SourceFile]:
    """Return the files under names of which none stands twice: rows are accounted for by the name of their file."""
    taken: set[str] = set()
    apart = []
    for one in files:
        name, number = one.name, 1
        while name in taken:
            number += 1
            name = f"{one.name} ({number})"
        taken.add(name)
        apart.append(SourceFile(name, one.content))
    return apart
