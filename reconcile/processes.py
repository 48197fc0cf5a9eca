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
import signal
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from multiprocessing.process import BaseProcess

Part = TypeVar("Part")
Done = TypeVar("Done")

# A fork of a process with the threads of Apple's libraries may stop for ever; Windows has none.
METHOD = "fork" if sys.platform == "linux" else "spawn"
# In a process begun for work: what it works on.
_held: list[Any] = []


def in_processes(
    work: Callable[..., Done], parts: Sequence[Part], workers: int, shared: Sequence[Any] = ()
) -> list[Done]:
    """Return what a function makes of each part, in their order.

    Args:
        work: a function of a module, of one part and of what is shared; it changes neither.
        parts: the longest first, as a process that is done takes the next.
        workers: processes at work at the same time; with one, or one part, the work is done here.
        shared: the same for all parts.

    Raises:
        Exception: what the work raises, of the first part that fails.
    """
    if workers <= 1 or len(parts) <= 1:
        return [work(part, *shared) for part in parts]
    others = set(active_children())
    context: Any = get_context(METHOD)
    pool = ProcessPoolExecutor(
        min(workers, len(parts)), context, initializer=_begin, initargs=(work, parts, shared)
    )
    try:
        begun = _begun(pool, len(parts))
        if None in begun:
            # Some may have begun before one could not, and would wait for work.
            _end(set(active_children()) - others)
        return [_taken(one, work, part, shared) for one, part in zip(begun, parts, strict=True)]
    except BaseException:
        _end(set(active_children()) - others)
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begun(pool: ProcessPoolExecutor, parts: int) -> list[Future[Any] | None]:
    """Return what stands for the outcome of each part; None for those of which no process could be begun."""
    begun: list[Future[Any] | None] = []
    with warnings.catch_warnings():
        # Threads that a copy lacks: those of Arrow and numpy are begun anew there, and those that show progress are not asked.
        warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
        try:
            for number in range(parts):
                begun.append(pool.submit(_worked, number))  # noqa: PERF401 - those begun before one fails are kept
        except (OSError, BrokenProcessPool):
            # No memory, or no process more for this user.
            begun += [None] * (parts - len(begun))
    return begun


def _end(workers: set[BaseProcess]) -> None:
    for worker in workers:
        worker.terminate()


def _taken(begun: Future[Done] | None, work: Callable[..., Done], part: Any, shared: Sequence[Any]) -> Done:
    if begun is not None:
        try:
            return begun.result()
        except BrokenProcessPool:
            pass
    return work(part, *shared)


def _begin(work: Callable[..., Any], parts: Sequence[Any], shared: Sequence[Any]) -> None:
    """Begin a process that works: it leaves Ctrl+C to the one that began it, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is there already is no garbage; looking through it would copy all of it.
    gc.freeze()
    Thread(target=_end_with_parent, daemon=True).start()
    _held[:] = [work, parts, shared]


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _worked(number: int) -> Any:
    work, parts, shared = _held
    try:
        return work(parts[number], *shared)
    except Exception as error:
        # Where a fault travels with what it came of, as it does with Dask about, that may not be fit to travel.
        error.__cause__ = error.__context__ = None
        raise
