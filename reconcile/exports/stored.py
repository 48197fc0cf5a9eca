"""A report's tables as they may leave the house: coordinates made coarser, and nothing that is the newsroom's own."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.errors import InputFault, UsageFault
from reconcile.explain import read_run, run_folder
from reconcile.frames import (
    BridgeSteps,
    CaptureHistories,
    CaptureLists,
    Claims,
    Coverage,
    DerivedTotals,
    Discrepancies,
    Figures,
    InconsistentSets,
    LinkedClaims,
    ListOverlap,
    Origins,
    OverlapEstimates,
    PairVerdicts,
    Victims,
    WindowRelations,
)
from reconcile.runs.digests import digest_bytes

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping
    from pathlib import Path

    import pandera.pandas as pa

# Issues, changes, decisions, fates and columns of inputs stay: they quote cells, files and reviewers of the newsroom.
EXPORTED: Mapping[str, type[pa.DataFrameModel]] = {
    "claims": Claims,
    "figures": Figures,
    "victims": Victims,
    "origins": Origins,
    "linked": LinkedClaims,
    "verdicts": PairVerdicts,
    "discrepancies": Discrepancies,
    "bridge": BridgeSteps,
    "relations": WindowRelations,
    "derived": DerivedTotals,
    "sets": InconsistentSets,
    "coverage": Coverage,
    "lists": CaptureLists,
    "histories": CaptureHistories,
    "overlaps": ListOverlap,
    "estimates": OverlapEstimates,
}
# About 100 metres: an exact spot may be somebody's home.
DECIMALS = 3
_FINE = r"(?<![\d.])\d{1,3}\.\d{4,}(?![\d.])"


@dataclass(frozen=True, slots=True)
class Handover:
    """What a report hands over.

    Attributes:
        folder: of the report.
        summary: its `run.json`.
        tables: by name, those of `EXPORTED` that it has.
        has_names: whether names and free text are in them.
    """

    folder: Path
    summary: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    has_names: bool


def handover(path: Path, *, include_names: bool) -> Handover:
    """Read what a report hands over.

    Args:
        path: a report's folder, or its job's for the latest.
        include_names: whether names and free text are asked for.

    Raises:
        UsageFault: when there is no report, or names are asked for and absent, or there and not asked for.
        InputFault: when it can't be read, or is not what its run wrote.
    """
    folder = run_folder(path)
    run = read_run(folder)
    if include_names and not run.has_names:
        raise UsageFault(
            f"--include-names: the report {run.name} was made without names, so there are none to export. Run the job with --include-names first."
        )
    if run.has_names and not include_names:
        raise UsageFault(
            f"The report {run.name} was made with --include-names, and its sentences may quote names. Run the job without that option "
            "to export for others, or add --include-names here to hand the names over."
        )
    tables = {
        name: coarser(table) for name in EXPORTED if (table := _table(folder, name, run.summary)) is not None
    }
    return Handover(folder, run.summary, tables, run.has_names)


def _table(folder: Path, name: str, summary: Mapping[str, Any]) -> pd.DataFrame | None:
    """Return a table whose bytes are those that the run wrote; None where a report of an older version has none."""
    path = folder / "tables" / f"{name}.parquet"
    stated = summary.get("files", {}).get(f"tables/{name}.parquet")
    if not path.is_file() and not stated:
        return None
    todo = "Run the job again; what is exported names the run it is of."
    try:
        content = path.read_bytes()
        if stated and digest_bytes(content) != stated:
            raise InputFault(str(path), "is not what the run wrote.", todo)
        return pd.read_parquet(io.BytesIO(content))
    except (OSError, ValueError):
        raise InputFault(str(path), "can't be read.", todo) from None


def coarser(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with coordinates of three decimals at most, in its texts too."""
    rounded = {
        name: table[name].round(DECIMALS) for name in ("latitude", "longitude") if name in table.columns
    }
    texts = {
        str(name): _coarser_texts(table[name], is_address=name == "url")
        for name in table.columns
        if table[name].dtype == "str" and not str(name).endswith(("_id", "_ids", "_sha256"))
    }
    return table.assign(**rounded, **texts)


def _coarser_texts(texts: pd.Series[str], *, is_address: bool) -> pd.Series[str]:
    # An article's own number may look like one coordinate; an address of a map has two.
    fine = texts.str.count(_FINE) > (1 if is_address else 0)
    if not fine.any():
        return texts
    return texts.mask(fine, texts[fine].str.replace(_FINE, _rounded, regex=True))


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.{DECIMALS}f}"
