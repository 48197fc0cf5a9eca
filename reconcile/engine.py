"""Where work on parts is done beside this process: what the stages ask of a cluster, whatever library stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class Engine(Protocol):
    """Machines that work on parts.

    What is begun may be given to what is begun next: it stays where it was made. A part that is lost with its machine is made
    once more, so that work has to be a function of its arguments, and of files that stay as they are.
    """

    def begin(
        self, stage: str, work: Callable[..., Any], *parts: Sequence[Any], shared: Sequence[Any] = ()
    ) -> list[Any]:
        """Begin work on each part.

        Args:
            stage: name of the stage, by which the machines call it.
            work: a function of a module, of one part of each list, and of what is shared.
            parts: lists of one length; what was begun may stand in them.
            shared: the same for all parts.

        Returns:
            What stands for the outcomes, in the order of the parts.
        """

    def take(self, begun: Sequence[Any]) -> list[Any]:
        """Return the outcomes of what was begun, once they are there."""

    def room(self, stage: str) -> Path:
        """Return a new folder that all machines see, for what is too large to travel; it goes when the run ends."""
