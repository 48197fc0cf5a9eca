"""A report in the formats of others: read back from its folder, made coarser for the public, written whole or not at all.

Guarantees:
    same_bytes: a report gives the same files each time.
    whole_or_absent: a folder is whole, or as it was before.
    nothing_of_others_is_lost: a folder that holds anything but what an export wrote there is left alone.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reconcile.errors import UsageFault
from reconcile.exports import geojson, histories, hxl, parquet, tabular
from reconcile.exports.folder import lay_folder
from reconcile.exports.stored import handover
from reconcile.exports.words import readme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from reconcile.exports.folder import Laid
    from reconcile.exports.stored import Handover

FORMATS: Mapping[str, Callable[[Handover], dict[str, bytes]]] = MappingProxyType(
    {
        "hxl": hxl.files_of,
        "geojson": geojson.files_of,
        "parquet": parquet.files_of,
        "csv": tabular.files_of,
        "histories": lambda given: histories.files_of(given.tables, given.summary),
    }
)


def export(path: Path, wanted: str, out: Path | None = None, *, include_names: bool = False) -> Laid:
    """Write a report's claims, figures and findings in a format of others.

    Args:
        path: a report's folder, or its job's for the latest.
        wanted: one of `FORMATS`.
        out: the folder to write; `<report>-<format>` beside the report by default.
        include_names: whether names and free text go along, which the report must hold.

    Raises:
        UsageFault: for a format that is none, no report, names that are not there or not asked for, or a folder of others.
        InputFault: when the report can't be read, or is not what its run wrote.
        OutputFault: when the folder can't be written.
    """
    if wanted not in FORMATS:
        raise UsageFault(f"--to: {wanted!r} is no format; there are {', '.join(FORMATS)}.")
    given = handover(path, include_names=include_names)
    files = FORMATS[wanted](given)
    # What a format says of itself stands first.
    files["README.md"] = readme(given, wanted, files.get("README.md", b""))
    return lay_folder(given, wanted, files, out)
