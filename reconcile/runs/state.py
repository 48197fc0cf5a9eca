"""What belongs to a job and to none of its reports: the lock, and the key of keyed ids."""

from __future__ import annotations

import hashlib
import secrets
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from reconcile.errors import Locked, OutputFault, UsageFault
from reconcile.runs.digests import put_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY_BYTES = 32
# What it takes to end in order.
RESERVED_BYTES = 2**21


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold a job's lock. It is the system's: that of a process that died is free.

    Raises:
        Locked: when another run holds it.
        OutputFault: when the job's state can't be written.
        UsageFault: when a link in it leads elsewhere.
    """
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_links(state)
        lock = FileLock(state / "lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise Locked(
            f"{state / 'lock'}: another run of this job, or of one beside it that shares its state, is under way. Wait for it, or give each job its own --state; nothing was done."
        ) from None
    except OSError as error:
        raise OutputFault(
            f"{state}: the job's state can't be written ({error.strerror}). Give another folder with --state."
        ) from None
    except NotImplementedError:
        raise OutputFault(
            f"{state}: the job's state lies where files can't be locked. Give another folder with --state."
        ) from None
    reserve = bytearray(RESERVED_BYTES)
    try:
        yield
    except MemoryError as error:
        # Without any memory left, not even a lock is given back: what the run held goes first.
        del reserve
        traceback.clear_frames(error.__traceback__)
        raise
    finally:
        lock.release()


def _refuse_links(state: Path) -> None:
    """Raise UsageFault where something in a state is a link: whoever gave the folder would have us write where it leads."""
    if link := next((one for one in sorted(state.rglob("*")) if one.is_symlink()), None):
        raise UsageFault(
            f"{link}: is a link, and a job's state holds none; nothing was written. See where it leads, then delete it."
        )


def job_key(state: Path) -> bytes:
    """Return the job's key for keyed ids, made at its first use and readable by its owner only.

    Raises:
        OutputFault: when it can't be made or read.
        UsageFault: when what is there is too short to hide anything.
    """
    path = state / "key"
    try:
        if not path.is_file():
            put_whole(path, secrets.token_bytes(KEY_BYTES), state / "key.draft", 0o600)
        key = path.read_bytes()
    except OSError as error:
        raise OutputFault(
            f"{state}: the job's state can't be written or read ({error.strerror}). Give another folder with --state."
        ) from None
    if len(key) < KEY_BYTES // 2:
        raise UsageFault(
            f"{path}: is cut short, and ids made with it would hide nobody. Put the key back from a backup; or delete it, and persons get other ids."
        )
    return key


def key_fingerprint(key: bytes) -> str:
    """Return what `run.json` may say of the key."""
    return hashlib.sha256(b"reconcile key fingerprint" + key).hexdigest()[:16]
