"""The start of the program: what can't even be loaded is said in a sentence, with the exit code of a run without a report."""

from __future__ import annotations

import sys


def main() -> None:
    """Load the command line and run it."""
    try:
        from reconcile.cli import main as run  # noqa: PLC0415 - what loading it may raise is caught here
    except (ImportError, MemoryError, OSError) as error:
        sys.stderr.write(
            f"reconcile: can't be loaded ({error or type(error).__name__}). Nothing was done; give it more memory, or install it anew.\n"
        )
        raise SystemExit(2) from None
    run()


if __name__ == "__main__":
    main()
