"""Digests, and the one way in which bytes come to disk: written, and kept by the disk before anything points to them."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from reconcile.errors import OutputFault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA_VERSION = 1


def digest_of(parts: dict[str, Any]) -> str:
    """Return the SHA-256 of a JSON value, independent of the order of its keys."""
    return hashlib.sha256(
        json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str).encode()
    ).hexdigest()


def digest_bytes(content: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, empty where there is no such file."""
    return digest_bytes(path.read_bytes()) if path.is_file() else ""


def json_bytes(value: dict[str, Any]) -> bytes:
    """Return a JSON value as it stands in a file that people read too."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def put(path: Path, content: bytes, mode: int = 0o666) -> str:
    """Write a file through to the disk and return its SHA-256."""
    # A link in the place of a file is not followed, where the system can tell.
    plain = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    kept = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | plain, mode)
    with os.fdopen(kept, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return digest_bytes(content)


def settle(folder: Path) -> None:
    """Have the disk keep the names in a folder; where a system can't, it does so by itself."""
    with suppress(OSError):
        kept = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(kept)
        finally:
            os.close(kept)


def keep_files(contents: Mapping[Path, bytes]) -> None:
    """Write files, all of them or none: each by way of a draft beside it, and no name is taken before every draft is kept.

    Raises:
        OutputFault: when they can't be written.
    """
    drafts = {path: path.with_name(f".{path.name}.part") for path in contents}
    try:
        for path, content in contents.items():
            put(drafts[path], content)
        for path, draft in drafts.items():
            draft.replace(path)
            settle(path.parent)
    except BaseException as error:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink()
        if not isinstance(error, OSError):
            raise
        raise OutputFault(
            f"{error.filename or next(iter(contents))}: can't be written ({error.strerror}). Check the folder, and close the file where it is open."
        ) from None


def put_whole(path: Path, content: bytes, draft: Path, mode: int = 0o666) -> None:
    """Write a file by way of a draft beside it, so that it is never half there."""
    try:
        put(draft, content, mode)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    settle(path.parent)
