"""Work in processes of their own: the same as here, whatever becomes of a process."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
from multiprocessing import active_children
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile import processes
from reconcile.errors import InputFault
from reconcile.processes import in_processes

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = os.getpid()


def _twice(number: int, rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(number=2 * number)


def _whose(_: int) -> int:
    return os.getpid()


def _when(_: int) -> int:
    now = time.monotonic_ns()
    time.sleep(0.05)
    return now


def _fails(number: int) -> int:
    if number > 1:
        raise InputFault(f"{number}.csv", "row 7 has no day.", "Give it one.")
    return number


def _short_of_memory_elsewhere(number: int) -> int:
    if os.getpid() != HERE:
        raise MemoryError
    return number


def _dies_while_it_sends(number: int) -> int:
    def half(line: Connection, _: bytes) -> None:
        os.write(line.fileno(), struct.pack("!i", 1_000) + b"x" * 10)
        os.kill(os.getpid(), signal.SIGKILL)

    if number == 1 and os.getpid() != HERE:
        Connection.send_bytes = half  # type: ignore[assignment, method-assign]
    return number


def _sent_as_nothing(number: int) -> Callable[[], int]:
    return lambda: number


def _dies_elsewhere(number: int, last: int) -> int:
    if number == last and os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


@budget(8)
@given(
    parts=st.lists(st.integers(), max_size=6),
    workers=st.integers(1, 3),
    names=st.lists(st.text(), max_size=4),
)
def test_processes_same_as_here(parts: list[int], workers: int, names: list[str]) -> None:
    """What comes out is what the same work gives here, in the order of the parts."""
    rows = pd.DataFrame({"name": pd.Series(names, dtype="str")})
    found = in_processes(_twice, parts, workers, (rows,))
    assert len(found) == len(parts)
    for number, one in zip(parts, found, strict=True):
        pd.testing.assert_frame_equal(one, _twice(number, rows))


def test_work_is_done_elsewhere() -> None:
    """Two parts and two workers: neither part is worked on by this process."""
    assert HERE not in in_processes(_whose, [1, 2], 2)
    assert not active_children()


@pytest.mark.parametrize(("parts", "workers"), [([1], 4), ([1, 2], 1), ([], 2)])
def test_no_process_for_little(parts: list[int], workers: int) -> None:
    """One part, or one worker, is no reason to begin a process."""
    assert in_processes(_whose, parts, workers) == [HERE] * len(parts)


@pytest.mark.parametrize("last", [0, 3])
def test_processes_lost_process_changes_nothing(last: int) -> None:
    """A process that is killed at the first part, or at the last, takes nothing with it."""
    assert in_processes(_dies_elsewhere, range(4), 2, (last,)) == [0, 1, 4, 9]
    assert not active_children()


def test_fault_comes_home() -> None:
    """What goes wrong there is raised here as it is, and no process stays."""
    with pytest.raises(InputFault) as fault:
        in_processes(_fails, range(4), 2)
    assert str(fault.value) == str(InputFault("2.csv", "row 7 has no day.", "Give it one."))
    assert not active_children()


def test_first_fault_is_raised() -> None:
    """Whichever fails first over there: what is raised is the fault of the first part."""
    with pytest.raises(InputFault, match=r"2\.csv"):
        in_processes(_fails, range(6), 3, sizes=[1, 1, 1, 1, 1, 9])


def test_lack_of_memory_elsewhere() -> None:
    """What lacks memory beside others is worked on once more when they are done."""
    assert in_processes(_short_of_memory_elsewhere, range(3), 2) == [0, 1, 2]


def test_what_cannot_travel() -> None:
    """An outcome that can't be sent is made here."""
    assert [found() for found in in_processes(_sent_as_nothing, range(3), 2)] == [0, 1, 2]


@pytest.mark.skipif(sys.platform == "win32", reason="writes half a message as Unix sends it")
def test_process_lost_while_it_sends() -> None:
    """Half of an outcome is none, and nobody waits for the other half."""
    assert in_processes(_dies_while_it_sends, range(4), 2) == [0, 1, 2, 3]
    assert not active_children()


def test_largest_is_begun_first() -> None:
    """Where sizes are known the largest parts are begun first, and come out in their own place."""
    begun = in_processes(_when, range(3), 2, sizes=[0, 1, 2])
    assert begun[0] > max(begun[1:])


@pytest.mark.skipif(processes.METHOD != "fork", reason="no fork here")
def test_no_process_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no second process, the work is done here."""

    def refused() -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    assert in_processes(_whose, [1, 2, 3], 2) == [HERE] * 3


@pytest.mark.skipif(processes.METHOD != "fork", reason="no fork here")
def test_no_second_process_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives one process and not two, that one does the work."""
    fork, given_out = os.fork, []

    def once() -> int:
        if given_out:
            raise OSError(12, "Cannot allocate memory")
        given_out.append(1)
        return fork()

    monkeypatch.setattr(os, "fork", once)
    assert len(set(in_processes(_whose, [1, 2, 3], 2)) - {HERE}) == 1
    assert given_out == [1]
    assert not active_children()


def test_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a fork is not to be had, what is worked on is sent."""
    monkeypatch.setattr(processes, "METHOD", "spawn")
    rows = pd.DataFrame({"name": pd.Series(["Raqqa", ""], dtype="str")})
    for number, one in enumerate(in_processes(_twice, range(3), 2, (rows,))):
        pd.testing.assert_frame_equal(one, _twice(number, rows))


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which processes there are")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_ends_with_its_parent(tmp_path: Path, end: signal.Signals) -> None:
    """Whoever stops the program, by Ctrl+C or by force, leaves no process behind."""
    told = tmp_path / "pids"
    program = (
        "import os, time\n"
        "from reconcile.processes import in_processes\n"
        "def wait(_):\n"
        f"    open({str(told)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        "    time.sleep(60)\n"
        "in_processes(wait, range(2), 2)\n"
    )
    until = time.monotonic() + 30
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL) as parent:
        while not (told.is_file() and len(told.read_text().split()) == 2) and time.monotonic() < until:
            time.sleep(0.05)
        pids = [int(pid) for pid in told.read_text().split()]
        parent.send_signal(end)
        assert parent.wait(20) != 0
    assert len(pids) == 2
    while any(_is_alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(_is_alive(pid) for pid in pids)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
