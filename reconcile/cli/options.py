"""Options that commands of several modules take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RulesDir = Annotated[
    Path | None,
    typer.Option("--rules", metavar="DIR", help="Rule files to use in place of the shipped ones."),
]
Names = Annotated[
    bool, typer.Option("--include-names", help="Write names and free text of persons into the report.")
]
