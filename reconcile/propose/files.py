"""A file on disk -> its draft, on disk too where a place is named for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reconcile.errors import UsageFault
from reconcile.propose import id_from, propose, sources_of
from reconcile.read import SourceFile

if TYPE_CHECKING:
    from pathlib import Path

    from reconcile.ruleset import Ruleset

_ID = re.compile(r"[a-z][a-z0-9_]*")


def drafted(
    path: Path,
    rules: Ruleset,
    output: Path | None,
    monitor_id: str,
    sheet: str | None,
    *,
    include_names: bool,
) -> str:
    """Return the draft for a file on disk; where a place is named for it, write it there.

    Args:
        path: of the export.
        rules: see `propose`.
        output: where to write it; a file that is there is not overwritten.
        monitor_id: the new id; where blank, that of the output's name, else of the export's.
        sheet: the only sheet to read of a workbook.
        include_names: see `propose`.

    Raises:
        UsageFault: when the file can't be read or written, or the id is none.
        InputFault: when nothing in it can be read.
    """
    chosen = monitor_id or id_from(output.stem if output else path.name.split(".")[0])
    if not _ID.fullmatch(chosen):
        raise UsageFault(f"--id: {chosen!r} is no id; write small letters, digits and _, a letter first.")
    if output is not None and output.stem != chosen:
        raise UsageFault(f"{output}: a rule file is named for its id; write it to {chosen}.yaml.")
    try:
        source = SourceFile(path.name, path.read_bytes())
    except OSError as error:
        raise UsageFault(f"{path}: can't be read ({error.strerror}).") from None
    text = propose(sources_of(source, rules, sheet), rules, path.name, chosen, include_names=include_names)
    if output is not None:
        try:
            with output.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        except FileExistsError:
            raise UsageFault(
                f"{output}: is there already, and was not overwritten; give another name."
            ) from None
        except OSError as error:
            raise UsageFault(f"{output}: can't be written ({error.strerror}).") from None
    return text
