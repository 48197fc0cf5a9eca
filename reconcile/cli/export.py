"""The command that hands a report over: `export`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from reconcile.cli.shown import out
from reconcile.visible import printable


def export_command(
    folder: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="A report's folder, or its job's: reports/<job>, for the latest."),
    ],
    wanted: Annotated[
        str, typer.Option("--to", metavar="FORMAT", help="hxl, geojson, parquet, csv or histories.")
    ],
    out_dir: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder to write (default: <report>-<format> beside the report)."
        ),
    ] = None,
    include_names: Annotated[  # noqa: FBT002 - a flag is a flag
        bool,
        typer.Option(
            "--include-names", help="Hand over names and free text of persons, which the report must hold."
        ),
    ] = False,
) -> None:
    """Write a report's claims, numbers and findings for other tools, with coordinates rounded and no names.

    The folder is written whole or not at all, and one that holds anything else is left as it is. Exit codes: 0 written or
    unchanged, 2 not.

    Example: reconcile export reports/raqqa-2017 --to geojson
    """
    from reconcile.exports import export  # noqa: PLC0415 - only this command needs it

    laid = export(folder, wanted, out_dir, include_names=include_names)
    how = "unchanged" if laid.is_unchanged else f"{len(laid.files):,} files"
    out.print(printable(f"{laid.folder}: {how}."), markup=False)
