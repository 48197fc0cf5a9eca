"""Work on parts, at the same time where that helps, and without a thread where it does not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa
from pyarrow import csv

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Part = TypeVar("Part")
Done = TypeVar("Done")


def side_by_side(work: Callable[[Part], Done], parts: Sequence[Part], workers: int) -> list[Done]:
    """Return what a function makes of each part, in their order.

    A thread that is started when memory runs out may never say so, and its starter waits for ever: none is started for one
    part or one worker.

    Raises:
        MemoryError: when a thread can't be started.
    """
    if workers <= 1 or len(parts) <= 1:
        return [work(part) for part in parts]
    try:
        with ThreadPoolExecutor(max_workers=workers) as pool:
            return list(pool.map(work, parts))
    except RuntimeError as error:
        if "start new thread" in str(error):
            raise MemoryError(str(error)) from None
        raise


def start_threads() -> None:
    """Start the threads that Arrow reads by, while there is memory.

    One that can't be started later may end the process without a word.

    Raises:
        MemoryError: when one can't be started now.
    """
    try:
        csv.read_csv(pa.py_buffer(b"a\n1\n"))
    except pa.ArrowException as error:
        raise MemoryError(str(error)) from None
