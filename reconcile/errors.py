"""What can go wrong: bad rows are records, bad rules and inputs are these errors, a broken frame is a bug.

A bad row becomes an `Issues` record and raises nothing. A frame that breaks its contract is caught by no one.

    ReconcileError           exit code
    ├── UsageFault           2  the command or the job file is not one we can run
    ├── RuleFaults           2  one or more faults in rule files, all of them at once
    ├── InputFault           a file could not be read; the run goes on without it (1), or ends where none is left (2)
    ├── OutputFault          2  the report could not be written
    └── Locked               4  another run holds this job
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class ReconcileError(Exception):
    """A problem a person can act on; its text says where, what was found, what was allowed and what to do."""

    exit_code = 2


class UsageFault(ReconcileError):
    """The command line or the job file asks for something that can't be done as written."""


class RuleFaults(ReconcileError):
    """Rule files that can't be used, one sentence a fault, each starting with `file:line:`."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class InputFault(ReconcileError):
    """A source file that can't be read as it is."""

    def __init__(self, file: str, found: str, todo: str) -> None:
        self.file = file
        self.found = found
        self.todo = todo
        super().__init__(f"{file}: {found} {todo}".strip())

    def __reduce__(self) -> tuple[type[InputFault], tuple[str, str, str]]:
        """Return how to make it anew: on another machine it is the same fault."""
        return type(self), (self.file, self.found, self.todo)


class OutputFault(ReconcileError):
    """The place for the report can't be written to; nothing was left half-written."""


class Locked(ReconcileError):
    """Another run of the same job is under way."""

    exit_code = 4
