"""The door to Dask: machines of a cluster, or processes of this one, that do the work on parts."""

from __future__ import annotations

import contextlib
import logging
import pickle
import platform
import re
import shutil
import uuid
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from reconcile import __version__
from reconcile.errors import ReconcileError, UsageFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

# What has to be the same everywhere: another release of one may read a cell, or round a number, otherwise.
LIBRARIES = ("dask", "distributed", "numpy", "pandas", "pyarrow", "rapidfuzz", "scipy")
ANSWER_SECONDS = 10
_ADDRESS = re.compile(r"(?P<protocol>tcp|tls|ws|wss|ucx)://[^\s/@]+:\d{1,5}/?")
PIECES = "pieces"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Which machines work for a run.

    Attributes:
        scheduler: address of a scheduler; empty for processes of this machine.
        workers: how many processes, where no scheduler is named.
    """

    scheduler: str
    workers: int


@dataclass(slots=True)
class Machines:
    """Machines behind one scheduler; an `Engine`.

    Attributes:
        client: of Dask.
        folder: where what is too large to travel lies, seen by all machines.
        versions: of this process.
        address: of the page that shows what the machines do.
    """

    client: Any
    folder: Path
    versions: dict[str, str]
    address: str = ""
    _rooms: int = field(default=0)

    def begin(
        self, stage: str, work: Callable[..., Any], *parts: Sequence[Any], shared: Sequence[Any] = ()
    ) -> list[Any]:
        """Begin work on each part; see `Engine`."""
        # Dask calls a task by what stands before the first word with a digit in it.
        token = f"0{uuid.uuid4().hex}"
        # As tasks of their own, what is shared travels once to each machine, and is there again when one of them is lost.
        common = [
            self.client.submit(_itself, one, key=(f"{stage}-{token}-shared", number), pure=False)
            for number, one in enumerate(shared)
        ]
        return [
            self.client.submit(
                _done, work, self.versions, *chosen, *common, key=(f"{stage}-{token}", number), pure=False
            )
            for number, chosen in enumerate(zip(*parts, strict=True))
        ]

    def take(self, begun: Sequence[Any]) -> list[Any]:
        """Return the outcomes of what was begun, once they are there.

        Raises:
            UsageFault: when machines differ from this one, or are lost again and again.
        """
        with _told(self.address):
            outcomes = list(self.client.gather(list(begun)))
            for outcome in outcomes:
                if isinstance(outcome, _Failed):
                    raise outcome.error
            return outcomes

    def room(self, stage: str) -> Path:
        """Return a new folder that all machines see."""
        self._rooms += 1
        path = self.folder / f"{self._rooms:02}-{stage}"
        path.mkdir(parents=True, mode=0o700)
        return path


@contextlib.contextmanager
def machines(cluster: Cluster, folder: Path) -> Iterator[Machines]:
    """Open a cluster for one run.

    Args:
        cluster: which machines.
        folder: of the job's state; a part of it is used while the run lasts.

    Raises:
        UsageFault: when Dask is not installed, nobody answers, or the machines differ from this one.
    """
    try:
        # An extra that only this engine needs.
        distributed = import_module("distributed")
    except ImportError:
        raise UsageFault(
            "--engine: dask needs `pip install 'reconcile[cluster]'`. Or leave the option out, and run on this machine alone."
        ) from None
    scheduler = cluster.scheduler
    if scheduler and "://" not in scheduler:
        scheduler = f"tcp://{scheduler}"
    if scheduler and not _ADDRESS.fullmatch(scheduler):
        raise UsageFault(
            f"--scheduler: {cluster.scheduler!r} is no address of a scheduler; write it as tcp://HOST:8786."
        )
    own = folder.resolve() / PIECES
    # What a run that died left behind; the job is locked, so nobody else uses it.
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True, mode=0o700)
    try:
        with contextlib.ExitStack() as opened:
            # Its own words are for those who keep a cluster; what a person has to know is said in a sentence.
            opened.enter_context(_quiet())
            address: Any = scheduler
            if not scheduler:
                address = opened.enter_context(
                    distributed.LocalCluster(
                        n_workers=cluster.workers,
                        threads_per_worker=1,
                        processes=True,
                        host="127.0.0.1",
                        dashboard_address="127.0.0.1:0",
                        local_directory=str(own),
                        silence_logs=logging.CRITICAL + 1,
                    )
                )
            client = opened.enter_context(_client(distributed, address, scheduler))
            found = Machines(client, own, versions(), client.dashboard_link)
            _check(found, scheduler)
            yield found
    finally:
        shutil.rmtree(own, ignore_errors=True)


@contextlib.contextmanager
def _client(distributed: Any, address: Any, scheduler: str) -> Iterator[Any]:
    try:
        client = distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UsageFault(
            f"--scheduler: no scheduler of Dask answers at {scheduler!r} ({reason}). Write it as tcp://HOST:8786, and see that it runs."
        ) from None
    with client:
        yield client


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    names = ("distributed", "asyncio", "tornado.application")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def versions() -> dict[str, str]:
    """Return the versions that outcomes hang on, of the process that is asked."""
    own = {"python": ".".join(platform.python_version_tuple()[:2]), "reconcile": __version__}
    return own | {name: version(name) for name in LIBRARIES}


def _check(found: Machines, scheduler: str) -> None:
    """Refuse machines that are not there, or that would come to other outcomes.

    Raises:
        UsageFault: with what differs.
    """
    try:
        found.client.wait_for_workers(1, timeout=ANSWER_SECONDS)
    except TimeoutError:
        raise UsageFault(
            f"--scheduler: {scheduler} has no worker. Start some: dask worker {scheduler}"
            if scheduler
            else "--engine: no process of this machine could be started for dask. Leave the option out."
        ) from None
    try:
        answers = found.client.run(versions)
    except ModuleNotFoundError as error:
        raise UsageFault(_lacking(error)) from None
    for worker, answer in sorted(answers.items()):
        if differing := differences(found.versions, answer):
            raise UsageFault(f"--scheduler: the worker {worker} {differing}")


def differences(here: dict[str, str], there: dict[str, str]) -> str:
    """Return a sentence about versions that differ, empty where none does."""
    told = [
        f"{name} {there.get(name, 'none')} (here {own})"
        for name, own in here.items()
        if there.get(name) != own
    ]
    if not told:
        return ""
    return f"has {', '.join(told)}; the outcome could be another. Install the same versions on all machines."


def _lacking(error: ModuleNotFoundError) -> str:
    return f"--scheduler: a worker lacks {error.name or 'a library'}. Install reconcile on all machines, in the same version."


def _itself(one: Any) -> Any:
    return one


@dataclass(frozen=True, slots=True)
class _Failed:
    """What work raised, brought home as an outcome: raised over there, a worker's log would quote the cells it was given."""

    error: Exception


def _done(work: Callable[..., Any], expected: dict[str, str], *arguments: Any) -> Any:
    for one in arguments:
        if isinstance(one, _Failed):
            return one
    # A machine that joined after the run began was not asked before.
    if differing := differences(expected, versions()):
        return _Failed(UsageFault(f"--scheduler: a worker {differing}"))
    try:
        return work(*arguments)
    except Exception as error:  # noqa: BLE001 - raised again where it is taken
        return _Failed(_portable(error))


def _portable(error: Exception) -> Exception:
    """Return an exception as it can be sent; where it can't, its kind alone."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - packed a moment ago
    except Exception:  # noqa: BLE001 - whatever packing raises, it can't be sent
        return RuntimeError(type(error).__name__)
    return error


@contextlib.contextmanager
def _told(address: str) -> Iterator[None]:
    """Turn what Dask raises of its own into sentences; what the work raises stays as it is."""
    from distributed import CancelledError  # noqa: PLC0415 - as in `machines`
    from distributed.comm.core import CommClosedError  # noqa: PLC0415
    from distributed.scheduler import KilledWorker, NoValidWorkerError  # noqa: PLC0415

    try:
        yield
    except ReconcileError:
        raise
    except ModuleNotFoundError as error:
        raise UsageFault(_lacking(error)) from None
    except KilledWorker:
        raise UsageFault(
            "--engine: one part of the work ended several workers, most likely for want of memory. Nothing was written; "
            f"give each worker more memory, or start fewer on one machine. {address}".strip()
        ) from None
    except (CancelledError, CommClosedError, NoValidWorkerError, TimeoutError):
        raise UsageFault(
            "--engine: the scheduler went away, or has no worker left. Nothing was written; run again when it is back."
        ) from None
