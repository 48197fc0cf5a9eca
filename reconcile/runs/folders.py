"""A report's folder: what is in it, how it comes to be whole or absent, and `run.json`."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reconcile.errors import OutputFault
from reconcile.health import told
from reconcile.page import page_bytes
from reconcile.report import lay_out, run_properties
from reconcile.runs.chain import PAGE, WORKBOOK, Link, append, files_of
from reconcile.runs.digests import SCHEMA_VERSION, digest_file, json_bytes, put, put_whole, settle
from reconcile.runs.state import key_fingerprint
from reconcile.runs.timing import timings_json
from reconcile.workbook import workbook_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from reconcile.result import RunResult
    from reconcile.runs.chain import History
    from reconcile.runs.timing import Stopwatch
    from reconcile.sheets import Sheet

# The one table that is laid out, and no frame of the result.
INCIDENTS = "incidents"
TABLES = (
    "claims",
    "figures",
    "victims",
    "linked",
    "verdicts",
    "patterns",
    "bridge",
    "relations",
    "derived",
    "sets",
    "discrepancies",
    "issues",
    "fates",
    "coverage",
    "columns",
    "health",
    "changes",
    "decisions",
    "origins",
    "lists",
    "histories",
    "overlaps",
    "estimates",
    INCIDENTS,
)
# Reports of before there were such tables are whole without them.
LATER_TABLES = frozenset(
    {"relations", "derived", "sets", "lists", "histories", "overlaps", "estimates", INCIDENTS}
    | {"changes", "columns", "health", "decisions", "origins"}
)
INPUT_KEYS = (
    "monitor", "layout", "file", "sha256", "released", "rows_read", "rows_claimed", "rows_quarantined", "rows_corrected_away",
    "rows_out_of_scope", "rows_not_data", "claims", "figures", "health", "remark", "newest",
)  # fmt: skip
# What the stopwatch is told once the stages of the pipeline are done.
WRITING_STAGES = ("report", "workbook", "tables")
SUMMED_KEYS = INPUT_KEYS[5:13]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job's reports and its state lie.

    Attributes:
        key: of the job's keyed ids.
    """

    home: Path
    state: Path
    key: bytes

    @property
    def mark(self) -> str:
        """How the hidden drafts of this job end; those of a job with another state are none of its business."""
        return key_fingerprint(self.key)[:8]


def is_whole(folder: Path) -> bool:
    """Return whether a report's folder holds all that a run writes."""
    files = [folder / WORKBOOK, folder / "run.json", folder / "timings.json"]
    files += [folder / "tables" / f"{table}.parquet" for table in TABLES if table not in LATER_TABLES]
    return all(path.is_file() for path in files)


def leftovers(place: Place) -> list[Path]:
    """Return the hidden drafts of runs of this job that died; its lock is held, so none of them is alive."""
    if not place.home.is_dir():
        return []
    drafts = re.compile(rf"\.(\d{{4}}-\d\d-\d\d-[0-9a-f]{{8}}|latest)\.{place.mark}(\.gone)?")
    return sorted(path for path in place.home.iterdir() if drafts.fullmatch(path.name))


# ---- writing -------------------------------------------------------------------------------------------------------


def write_run(result: RunResult, place: Place, watch: Stopwatch, history: History, workers: int = 1) -> Path:
    """Write a run's folder, its line in the history and `latest.json`, in this order, and return the folder.

    The folder is built as a hidden sibling and renamed once, when the disk keeps all of it. Whatever goes wrong before the
    rename leaves no trace; what goes wrong behind it is mended by the next run.

    Raises:
        OutputFault: when it can't be written.
    """
    name = f"{result.facts.as_of.isoformat()}-{result.facts.run_digest[:8]}"
    building = place.home / f".{name}.{place.mark}"
    try:
        shutil.rmtree(building, ignore_errors=True)
        (building / "tables").mkdir(parents=True)
        files = lay_down(result, building, key_fingerprint(place.key), watch, workers)
        files["timings.json"] = put(building / "timings.json", json_bytes(timings_json(watch)))
        settle(building / "tables")
        settle(building)
        final = place.home / name
        is_there = _stands(final, files, key_fingerprint(place.key))
        if is_there:
            shutil.rmtree(building)
        else:
            _exchange(final, building, building.with_name(f"{building.name}.gone"), files[WORKBOOK])
            settle(place.home)
    except BaseException as error:
        with suppress(OSError):
            shutil.rmtree(building)
        if not isinstance(error, OSError):
            raise
        raise OutputFault(
            f"{place.home}: the report can't be written ({error.strerror or error}). Nothing was left half-written; free space, or give another folder with --out."
        ) from error
    _commit(result, place, history, final, files_of(final) if is_there else files)
    return final


def lay_down(
    result: RunResult, folder: Path, fingerprint: str, watch: Stopwatch, workers: int = 1
) -> dict[str, str]:
    """Write what a report's bytes are a function of its inputs in, and return the SHA-256 of each file.

    Args:
        result: of the run.
        folder: a new one, with `tables` in it.
        fingerprint: of the key of keyed ids.
        watch: told the steps.
        workers: processes at work at the same time.
    """
    watch.mark("report")
    sheets = lay_out(result, workers)
    watch.mark("workbook")
    content = workbook_bytes(
        sheets,
        title=result.facts.title,
        stamp=result.facts.as_of,
        properties=run_properties(result.facts.job, result.facts.run_digest, result.facts.as_of.isoformat()),
        workers=workers,
    )
    files = {WORKBOOK: put(folder / WORKBOOK, content)}
    if result.facts.html:
        watch.mark("page")
        files[PAGE] = put(folder / PAGE, page_bytes(result))
    watch.mark("tables")
    for table in TABLES:
        name = f"tables/{table}.parquet"
        rows = _incidents(sheets) if table == INCIDENTS else getattr(result, table)
        files[name] = put(folder / name, rows.to_parquet(engine="pyarrow", index=False))
    summary = run_json(result, fingerprint) | {"files": dict(files)}
    files["run.json"] = put(folder / "run.json", json_bytes(summary))
    return files


def _incidents(sheets: Sequence[Sheet]) -> pd.DataFrame:
    """Return the rows of the sheet of incidents, those included that are not on it."""
    sheet = next(one for one in sheets if one.name == INCIDENTS.capitalize())
    return sheet.blocks[0].rows if sheet.all_rows is None else sheet.all_rows


def _stands(final: Path, files: Mapping[str, str], fingerprint: str) -> bool:
    """Return whether the report that is there already is this one: the same digest is the same report.

    One that is damaged is not. One with ids by another key is: its key's owner knows the persons in it by these ids.
    """
    if not is_whole(final):
        return False
    aside = {WORKBOOK, "timings.json"}
    if all(digest_file(final / name) == sha for name, sha in files.items() if name not in aside):
        return True
    try:
        other = json.loads((final / "run.json").read_text(encoding="utf-8"))["key_fingerprint"]
    except (ValueError, TypeError, KeyError):
        return False
    return bool(other) and other != fingerprint


def _exchange(final: Path, building: Path, gone: Path, workbook: str) -> None:
    """Rename what was built to what it is called; a workbook in its place that is another, by a person's hand, is kept."""
    if final.exists():
        typed_in = final / WORKBOOK
        if digest_file(typed_in) not in {"", workbook}:
            typed_in.replace(_unused(final))
        final.replace(gone)
    building.replace(final)
    with suppress(OSError):
        # What stays of it is swept up by the next run.
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()


def _unused(final: Path) -> Path:
    number, path = 1, final.with_name(f"{final.name}.edited.xlsx")
    while path.exists():
        number += 1
        path = final.with_name(f"{final.name}.edited-{number}.xlsx")
    return path


def _commit(result: RunResult, place: Place, history: History, final: Path, files: dict[str, str]) -> None:
    facts = result.facts
    link = Link(
        job=facts.job,
        folder=final.name,
        as_of=facts.as_of.isoformat(),
        run_digest=facts.run_digest,
        inputs_digest=facts.inputs_digest,
        previous_run=facts.previous_run,
        how="written",
        files=files,
    )
    try:
        point_latest(place, asdict(link))
        append(history, [link])
    except OSError as error:
        raise OutputFault(
            f"{final}: the report stands there whole, but not what points to it ({error.strerror or error}). Free space and run again, which mends it."
        ) from error


def point_latest(place: Place, told: Mapping[str, Any]) -> None:
    """Have `latest.json` point to a report.

    Args:
        place: of the job.
        told: `folder`, and of its `run.json` what `latest.json` repeats.
    """
    keys = ("folder", "as_of", "run_digest", "inputs_digest")
    latest = {"schema_version": SCHEMA_VERSION} | {key: told[key] for key in keys}
    put_whole(place.home / "latest.json", json_bytes(latest), place.home / f".latest.{place.mark}")


def run_json(result: RunResult, fingerprint: str) -> dict[str, Any]:
    """Return the summary that scripts read."""
    facts = result.facts
    inputs = [{key: asdict(account)[key] for key in INPUT_KEYS} for account in result.inputs]
    own = result.linked[
        (result.linked["relation_code"] != "covers") & (result.linked["cluster_kind_code"] == "incident")
    ]
    verdicts = result.verdicts["verdict_code"].value_counts()
    return {
        "schema_version": SCHEMA_VERSION,
        "job": facts.job,
        "title": facts.title,
        "as_of": facts.as_of.isoformat(),
        "versions": {"reconcile": facts.version},
        "rules_digest": facts.rules_digest,
        "inputs_digest": facts.inputs_digest,
        "run_digest": facts.run_digest,
        "previous_run": facts.previous_run,
        "decisions": facts.decisions,
        "quantities": facts.quantities,
        "within": facts.within,
        "include_names": facts.include_names,
        "key_fingerprint": fingerprint if _has_keyed_ids(result) else "",
        "inputs": inputs,
        "totals": {key: sum(one[key] for one in inputs) for key in SUMMED_KEYS}
        | {
            "incidents": int(own["cluster_id"].nunique()),
            "links": int(verdicts.get("match", 0)),
            "possible_matches": int(verdicts.get("possible", 0)),
        },
        "findings": {
            str(code): int(count)
            for code, count in result.discrepancies["code"].value_counts().sort_index().items()
        },
        "findings_by_severity": {
            level: int((result.discrepancies["severity"] == level).sum()) for level in ("S1", "S2", "S3")
        },
        "findings_by_status": {
            str(code): int(count)
            for code, count in result.discrepancies["status_code"].value_counts().sort_index().items()
        },
        "changes": {
            str(code): int(count)
            for code, count in result.changes["change_code"].value_counts().sort_index().items()
        },
        "not_compared": dict(result.history.not_compared),
        "health": told(result.health),
        "issues": {
            str(code): int(count)
            for code, count in result.issues.groupby("code")["row_count"].sum().sort_index().items()
        },
    }


def _has_keyed_ids(result: RunResult) -> bool:
    keyed = [
        layout.id
        for monitor in result.rules.monitors.values()
        for layout in monitor.layouts
        if any(rule.field == "native_id" for rule in layout.restricted_rules())
    ]
    return len(result.victims) > 0 or bool(result.claims["layout"].isin(keyed).any())
