"""Work on parts in processes of their own: for what is Python from end to end, where threads only take turns.

Where the system can copy a process by a fork without harm (Linux), what is worked on is in the copies already, and only what
comes out travels. Elsewhere each process is begun anew and is sent all of it once.

Guarantees:
    same_as_here: what comes out is what the same work gives in this process, in the order of the parts.
    lost_process_changes_nothing: parts of a process that was killed are worked on here.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import warnings
from collections import deque
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Part = TypeVar("Part")
Done = TypeVar("Done")

# A fork of a process with the threads of Apple's libraries may stop for ever; Windows has none.
METHOD = "fork" if sys.platform == "linux" else "spawn"
# Windows waits for no more at a time.
MOST_WORKERS = 60


def in_processes(
    work: Callable[..., Done],
    parts: Sequence[Part],
    workers: int,
    shared: Sequence[Any] = (),
    sizes: Sequence[int] | None = None,
) -> list[Done]:
    """Return what a function makes of each part, in their order.

    What fails in another process, or is lost with it, is worked on here once more: a lack of memory is over by then, and any other
    fault is raised where it can be told.

    Args:
        work: a function of a module, of one part and of what is shared, which may be called twice for a part.
        parts: to work on.
        workers: processes at work at the same time; with one, or one part, the work is done here.
        shared: the same for all parts.
        sizes: how much work each part is, where that is known: the largest is begun first.

    Raises:
        Exception: what the work raises, of the first part that fails.
    """
    if workers <= 1 or len(parts) <= 1:
        return [work(part, *shared) for part in parts]
    numbers = range(len(parts))
    order = sorted(numbers, key=lambda number: -sizes[number]) if sizes else numbers
    found = _found(deque(order), min(workers, len(parts), MOST_WORKERS), (work, parts, shared))
    return [found[number] if number in found else work(parts[number], *shared) for number in numbers]


def _found(asked: deque[int], workers: int, held: tuple[Any, ...]) -> dict[int, Any]:
    """Return what came home, by the number of its part."""
    found: dict[int, Any] = {}
    crew: dict[Any, BaseProcess] = {}
    try:
        for _ in range(workers):
            begun = _begun(held)
            if begun is None:
                break
            crew[begun[0]] = begun[1]
            _ask(begun[0], asked)
        while crew:
            ready: list[Any] = wait(list(crew))
            for line in ready:
                try:
                    number, outcome = pickle.loads(line.recv_bytes())  # noqa: S301 - sent by this program
                except (EOFError, OSError):
                    # It had nothing more to do, or was killed, maybe in the middle of what it sent.
                    _end(crew.pop(line), line)
                    continue
                if outcome is not None:
                    (found[number],) = outcome
                _ask(line, asked)
    finally:
        for line, worker in crew.items():
            worker.terminate()
            _end(worker, line)
    return found


def _begun(held: tuple[Any, ...]) -> tuple[Connection, BaseProcess] | None:
    """Return a process that waits for the number of a part, and the line to it; None where the system gives none."""
    context: Any = get_context(METHOD)
    here, there = context.Pipe()
    worker = context.Process(target=_serve, args=(there, *held), daemon=True)
    try:
        with _undisturbed(), warnings.catch_warnings():
            # Threads that a copy lacks: Arrow and numpy begin theirs anew there, and what shows progress is not asked.
            warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
            worker.start()
    except OSError:
        here.close()
        return None
    finally:
        # Held by the worker alone, it tells when that one is gone.
        there.close()
    return here, worker


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep Ctrl+C back while a process begins: in a copy that is not set up it would clear away what is its parent's."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ask(line: Any, asked: deque[int]) -> None:
    """Ask for the next part, or to end where there is none; a process that is gone is noticed by who waits for it."""
    with suppress(OSError):
        line.send(asked.popleft() if asked else None)


def _end(worker: BaseProcess, line: Any) -> None:
    line.close()
    worker.join()


# ---- in a process begun for work -----------------------------------------------------------------------------------


def _serve(line: Connection, work: Callable[..., Any], parts: Sequence[Any], shared: Sequence[Any]) -> None:
    """Work on the parts asked for, leave Ctrl+C to the process that asks, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Not those of a display, which may have been held by its thread at the moment of the copy.
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    with suppress(RuntimeError):
        # Without it the end is noticed when the part is done.
        Thread(target=_end_with_parent, daemon=True).start()
    # What is there already is no garbage; looking through it would copy all of it.
    gc.freeze()
    with suppress(EOFError, OSError):
        while (number := line.recv()) is not None:
            line.send_bytes(_worked(number, work, parts, shared))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _worked(number: int, work: Callable[..., Any], parts: Sequence[Any], shared: Sequence[Any]) -> bytes:
    try:
        return pickle.dumps((number, (work(parts[number], *shared),)))
    except Exception:  # noqa: BLE001 - raised by the process that asks, which works on it once more
        return pickle.dumps((number, None))
