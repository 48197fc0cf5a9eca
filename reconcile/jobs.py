"""What a run is asked to do: the job file's model, and the files it names, kept inside the job's folder.

An address such as https:// or s3:// is fetched where it is written in the job or on the command line, and nowhere else: no
file that was read leads to another. What it is called hides whatever in it may be a secret.
"""

from __future__ import annotations

import errno
import glob
import os
import re
import stat
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pydantic import Field, model_validator

from reconcile.errors import InputFault, UsageFault
from reconcile.pipeline import Input
from reconcile.read import FarFile, SourceFile
from reconcile.read.files import READABLE_SUFFIXES, UNZIPPED_LIMIT, is_litter
from reconcile.ruleset import Code, Rule
from reconcile.validate import Within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FailOn = Literal["S1", "S2", "S3", "new:S1", "new:S2", "new:S3"]
# `memory` is fsspec's own, of this very process. What reads the local disk, or wraps another address, is not among them.
WEB = ("http", "https")
STORES = (
    "s3",
    "s3a",
    "gs",
    "gcs",
    "az",
    "abfs",
    "abfss",
    "adl",
    "ftp",
    "sftp",
    "ssh",
    "webdav",
    "hf",
    "memory",
)
# A path keeps one slash of two where it went through `Path`; a scheme of one letter is a drive of Windows.
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):[/\\]+(?P<rest>.*)", re.DOTALL)
CHUNK_BYTES = 2**24
# Seconds before each attempt at a file that changes while it is read.
READ_WAITS = (0.0, 0.2, 1.0)
_LOCAL = ("file", "local")
# Of Windows: \\server\share, and the devices below \\.\.
_NETWORK = re.compile(r"[/\\]{2}")


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
    findings: str = "findings.yaml"
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
            UsageFault: when it leads outside, by `..`, by an absolute path or by a link, or is what no file is called.
        """
        outside = f"{what}: {text!r} leads outside the job's folder. Put it inside, or list its folder under `allow_outside` in the job."
        # On Windows to look where such a path leads is to greet the machine that it names.
        if _NETWORK.match(text) and not any(_is_below(text, root) for root in (self.root, *self.allowed)):
            raise UsageFault(outside)
        try:
            path = (self.root / text).resolve()
            roots = (self.root.resolve(), *(root.resolve() for root in self.allowed))
            is_odd = path.exists() and not (path.is_file() or path.is_dir())
        except (OSError, RuntimeError, ValueError):
            # Too long, a circle of links, or with a sign that no name may hold.
            raise UsageFault(f"{what}: {text!r} can't be the name of a file. Check it.") from None
        if not any(path.is_relative_to(root) for root in roots):
            raise UsageFault(outside)
        if is_odd:
            raise UsageFault(f"{what}: {text!r} is a pipe or a device. Give a file.")
        return path


def _is_below(text: str, root: Path) -> bool:
    """Return whether a path lies below a folder by its words alone, as Windows reads them."""
    path = PureWindowsPath(text)
    return ".." not in path.parts and path.is_relative_to(PureWindowsPath(str(root)))


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


def job_inputs(job: Job, folder: Folder, as_of: date, *, far: bool = False) -> tuple[Input, ...]:
    """Return the files of a job: of each monitor's dated releases the latest one not later than `as_of`.

    Args:
        job: the job.
        folder: that it may reach.
        as_of: the day the run speaks of.
        far: whether files are read elsewhere; then only what they prove themselves by is taken.

    Raises:
        UsageFault: when a path leads outside the job's folder.
    """
    inputs = [
        Input(
            ", ".join(map(shown_address, entry.files)),
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
            if is_address(pattern):
                inputs += _fetched(pattern, entry.monitor or "", entry.sheet, _day(entry.released), far=far)
                continue
            path_text = local_path(pattern)
            paths = _expand(folder, path_text)
            if not paths:
                found = (
                    "is an empty folder."
                    if folder.path(path_text, "inputs.files").is_dir()
                    else "no such file."
                )
                inputs.append(
                    Input(
                        path_text,
                        None,
                        entry.monitor or "",
                        entry.sheet,
                        _day(entry.released),
                        f"{found} Check `files` in the job.",
                    )
                )
            inputs += [
                _load(
                    path,
                    _shown(path, folder.root),
                    entry.monitor or "",
                    entry.sheet,
                    _day(entry.released),
                    far=far,
                )
                for path in paths
            ]
    return tuple(_told_apart(inputs))


def file_inputs(files: Sequence[Path | str], *, far: bool = False) -> tuple[Input, ...]:
    """Return files given on the command line, a folder standing for the readable files in it; addresses are fetched.

    Args:
        files: paths and addresses.
        far: whether files are read elsewhere; then only what they prove themselves by is taken.
    """
    paths: list[Path] = []
    inputs: list[Input] = []
    for text in map(str, files):
        if is_address(text):
            inputs += _fetched(text, "", None, "", far=far)
            continue
        file = Path(local_path(text))
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
    inputs += [
        _load(path, name, "", None, "", far=far) for path, name in zip(paths, _names(paths), strict=True)
    ]
    return tuple(_told_apart(inputs))


def _told_apart(inputs: Sequence[Input]) -> Iterator[Input]:
    """Yield the inputs; where different addresses are shown alike, with a number behind the name."""
    met: dict[str, list[str]] = {}
    for one in inputs:
        if one.source is None or not is_address(one.name):
            yield one
            continue
        known = met.setdefault(one.name, [])
        if one.source.sha256 not in known:
            known.append(one.source.sha256)
        number = known.index(one.source.sha256) + 1
        name = one.name if number == 1 else f"{one.name} ({number})"
        yield replace(one, name=name, source=replace(one.source, name=name))


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
    return sorted(path for path in folder.iterdir() if path.is_file() and _is_readable(path.name))


def _shown(path: Path, root: Path) -> str:
    root = root.resolve()
    return (
        path.relative_to(root).as_posix() if path.is_relative_to(root) else f"{path.parent.name}/{path.name}"
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _load(path: Path, name: str, monitor: str, sheet: str | None, released: str, *, far: bool) -> Input:
    try:
        content = _settled(path)
        if content is not None:
            source = _left(SourceFile(name, content), str(path.resolve()), far=far)
            return Input(name, source, monitor, sheet, released)
        fault = "is being written to while it is read. Run again when that is done."
    except FileNotFoundError:
        fault = "no such file. Check its name."
    except OSError as error:
        fault = f"can't be read ({error.strerror or type(error).__name__}). Check its permissions."
    return Input(name, None, monitor, sheet, released, fault)


def _left(source: SourceFile, where: str, *, far: bool) -> SourceFile | FarFile:
    """Return a file without its bytes, where these are read elsewhere."""
    return FarFile(source.name, source.sha256, where) if far else source


def brought(far: FarFile) -> SourceFile:
    """Return a file with its bytes, read where this is asked.

    Raises:
        InputFault: when it can't be read here, or is no longer the file it was.
    """
    if is_address(far.where):
        found = _fetched(far.where, "", None, "", far=False)
    else:
        found = [_load(Path(far.where), far.name, "", None, "", far=False)]
    one = found[0]
    if not isinstance(one.source, SourceFile):
        raise InputFault(
            far.name, f"{one.fault} A worker reads it, and has to see it under the same path.", ""
        )
    if one.source.sha256 != far.sha256:
        raise InputFault(far.name, "changed while the run began.", "Run again when it is written.")
    return SourceFile(far.name, one.source.content)


def _settled(path: Path) -> bytes | None:
    """Return the bytes of a file, read once it holds still; None where it does not."""
    for wait in READ_WAITS:
        time.sleep(wait)
        with path.open("rb") as stream:
            before = os.fstat(stream.fileno())
            if stat.S_ISCHR(before.st_mode) or stat.S_ISBLK(before.st_mode):
                raise OSError(errno.ENODEV, "it is a device, and has no end")
            content = stream.read()
            after = os.fstat(stream.fileno())
        is_same = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
        if is_same and (len(content) == after.st_size or not stat.S_ISREG(after.st_mode)):
            return content
    return None


def _is_readable(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in READABLE_SUFFIXES and not is_litter(name)


# ---- addresses -------------------------------------------------------------------------------------------------------


def is_address(text: str) -> bool:
    """Return whether a text names a file elsewhere: https://, s3:// and the like, but no path of this machine."""
    found = _ADDRESS.match(text)
    return found is not None and found["scheme"].lower() not in _LOCAL


def local_path(text: str) -> str:
    """Return the path that a file:// address stands for; any other text as it is."""
    found = _ADDRESS.match(text)
    if not found or found["scheme"].lower() not in _LOCAL:
        return text
    return url2pathname("/" + found["rest"].lstrip("/"))


def shown_address(text: str) -> str:
    """Return an address without what may be secret in it: user, password, query and fragment; any other text as it is."""
    if not is_address(text):
        return text
    try:
        parts = urlsplit(_address(text))
    except ValueError:
        return f"{text.partition(':')[0]}://(not an address)"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _address(text: str) -> str:
    """Return an address with both of its slashes, one of which `Path` may have taken."""
    found = _ADDRESS.match(text)
    return f"{found['scheme'].lower()}://{found['rest']}" if found else text


def _fetched(text: str, monitor: str, sheet: str | None, released: str, *, far: bool) -> list[Input]:
    """Return the files that an address stands for, or one input that says why there are none."""
    address, name = _address(text), shown_address(text)

    def failed(fault: str) -> list[Input]:
        return [Input(name, None, monitor, sheet, released, fault)]

    scheme = address.partition(":")[0]
    if scheme not in {*WEB, *STORES} or "::" in address:
        return failed("is no address that files are fetched from. Use https:// or s3://, or give a path.")
    try:
        import fsspec  # noqa: PLC0415 - an extra that only addresses need
    except ImportError:
        return failed(
            "is an address, and needs `pip install 'reconcile[urls]'` to be fetched. Or download the file."
        )
    is_web = scheme in WEB
    try:
        store, path = fsspec.core.url_to_fs(address)
        found = _listed(store, path, is_web=is_web)
        inputs = []
        for one, own in _named(found, path, name):
            source = SourceFile(own, _fetch(store, one, is_web=is_web))
            # One file is found again by the address as written; those of a folder as their store names them.
            where = address if one == path else str(store.unstrip_protocol(one))
            inputs.append(Input(own, _left(source, where, far=far), monitor, sheet, released))
        return inputs or failed("holds no file that is read here. Check the address.")
    except ImportError as error:
        # Fsspec's own words, which name the library and not the address.
        todo = "`pip install 'reconcile[urls]'`, or download the file." if is_web else "Or download the file."
        return failed(f"needs a library that is not installed here ({error}). {todo}")
    except Exception as error:  # noqa: BLE001 - each store raises errors of its own, whose words may quote a secret
        return failed(_reason(error))


def _named(found: Sequence[str], asked: str, name: str) -> list[tuple[str, str]]:
    """Return what was found in a store with the names to call it by."""
    if list(found) == [asked]:
        return [(asked, name)]
    start = name.rstrip("/").removesuffix(asked.strip("/"))
    start = start if start.endswith("/") else ""
    return [(one, start + one.lstrip("/")) for one in found]


def _listed(store: Any, path: str, *, is_web: bool) -> list[str]:
    """Return the files that a path of a store stands for; the web has no folders, and no page is searched for links."""
    if is_web:
        return [path]
    if "*" in path:
        return sorted(one for one in store.glob(path) if store.isfile(one))
    if store.isdir(path):
        return sorted(
            one
            for one in store.ls(path, detail=False)
            if store.isfile(one) and _is_readable(PurePosixPath(one).name)
        )
    return [path]


def _fetch(store: Any, path: str, *, is_web: bool) -> bytes:
    pieces: list[bytes] = []
    length = 0
    # From the web as one stream: not every server gives parts of a file.
    options = {"block_size": 0} if is_web else {}
    with store.open(path, "rb", **options) as stream:
        # A stream of the web may give less than it is asked for, long before its end.
        while piece := stream.read(CHUNK_BYTES):
            pieces.append(piece)
            length += len(piece)
            if length > UNZIPPED_LIMIT:
                raise OverflowError
    return b"".join(pieces)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "is not there, or no way leads to it from here. Check the address."
    if isinstance(error, PermissionError):
        return "may not be read with the credentials of this machine. Log in, or download the file."
    if isinstance(error, OverflowError):
        return f"is larger than {UNZIPPED_LIMIT / 2**30:,.0f} GB and was not fetched. Cut it into parts."
    status = getattr(error, "status", None)
    told = f"{type(error).__name__}, status {status}" if isinstance(status, int) else type(error).__name__
    return f"can't be fetched ({told}). Try again, or download the file."
