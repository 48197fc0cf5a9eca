"""A run on disk: the lock, the previous run, the folder that is whole or absent, and the files scripts rely on."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
from filelock import FileLock, Timeout

from reconcile.errors import Locked, OutputFault
from reconcile.report import lay_out
from reconcile.workbook import workbook_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reconcile.result import RunResult

SCHEMA_VERSION = 1
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
)
# Reports of before there were such tables are whole without them.
LATER_TABLES = frozenset({"relations", "derived", "sets"})
INPUT_KEYS = (
    "monitor", "layout", "file", "sha256", "released", "rows_read", "rows_claimed", "rows_quarantined", "rows_corrected_away",
    "rows_out_of_scope", "rows_not_data", "claims", "figures", "health", "remark",
)  # fmt: skip
SUMMED_KEYS = INPUT_KEYS[5:13]


@dataclass(frozen=True, slots=True)
class Previous:
    """The last finished run of a job; empty where there is none or it can't be read.

    Attributes:
        first_seen: as-of day of the first run that raised each finding.
        remark: why the previous run could not be used, for the log.
    """

    folder: str = ""
    run_digest: str = ""
    inputs_digest: str = ""
    first_seen: dict[str, date] = field(default_factory=dict)
    remark: str = ""


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage; the only clock of a run."""

    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _marks: list[tuple[str, float]] = field(default_factory=list)

    def mark(self, stage: str) -> None:
        """Note that a stage begins."""
        self._marks.append((stage, time.perf_counter()))

    def seconds(self) -> dict[str, float]:
        """Return seconds by stage, the last one up to now."""
        ends = [*(at for _, at in self._marks[1:]), time.perf_counter()]
        return {stage: round(end - at, 3) for (stage, at), end in zip(self._marks, ends, strict=True)}


# ---- digests -------------------------------------------------------------------------------------------------------


def digest_of(parts: dict[str, Any]) -> str:
    """Return the SHA-256 of a JSON value, independent of the order of its keys."""
    return hashlib.sha256(
        json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str).encode()
    ).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, empty where there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


# ---- state ---------------------------------------------------------------------------------------------------------


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold a job's lock.

    Raises:
        Locked: when another run holds it.
        OutputFault: when the job's state can't be written.
    """
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(state / "lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise Locked(
            f"{state / 'lock'}: another run of this job is under way. Wait for it; nothing was done."
        ) from None
    except OSError as error:
        raise OutputFault(
            f"{state}: the job's state can't be written ({error.strerror}). Give another folder with --state."
        ) from None
    try:
        yield
    finally:
        lock.release()


def job_key(state: Path) -> bytes:
    """Return the job's key for keyed ids, made at its first use and readable by its owner only."""
    path = state / "key"
    if not path.is_file():
        draft = path.with_name(f"key.{os.getpid()}")
        draft.write_bytes(secrets.token_bytes(32))
        draft.chmod(0o600)
        draft.replace(path)
    return path.read_bytes()


def key_fingerprint(key: bytes) -> str:
    """Return what `run.json` may say of the key."""
    return hashlib.sha256(b"reconcile key fingerprint" + key).hexdigest()[:16]


def previous_run(home: Path) -> Previous:
    """Return the last finished run below `reports/<job>`."""
    try:
        latest = json.loads((home / "latest.json").read_text(encoding="utf-8"))
        name = str(latest["folder"])
        digests = str(latest["run_digest"]), str(latest["inputs_digest"])
    except FileNotFoundError:
        return Previous()
    except (OSError, ValueError, TypeError, KeyError):
        return Previous(remark=f"{home / 'latest.json'} can't be read; this run starts a new history.")
    folder = home / name
    if folder.parent != home or not is_whole(folder):
        return Previous(
            remark=f"{home / 'latest.json'} points to {name}, which is not a whole report; this run starts a new history."
        )
    try:
        found = pd.read_parquet(
            folder / "tables" / "discrepancies.parquet", columns=["discrepancy_id", "first_seen"]
        )
        first_seen = dict(zip(found["discrepancy_id"], found["first_seen"].dt.date, strict=True))
    except (OSError, ValueError, KeyError):
        return Previous(remark=f"{folder} can't be read; this run starts a new history.")
    return Previous(folder.name, *digests, first_seen)


def is_whole(folder: Path) -> bool:
    """Return whether a report's folder holds all that a run writes."""
    files = [folder / "discrepancies.xlsx", folder / "run.json", folder / "timings.json"]
    files += [folder / "tables" / f"{table}.parquet" for table in TABLES if table not in LATER_TABLES]
    return all(path.is_file() for path in files)


# ---- writing -------------------------------------------------------------------------------------------------------


def write_run(result: RunResult, home: Path, watch: Stopwatch, fingerprint: str) -> Path:
    """Write a run's folder and return it.

    The folder is built as a hidden sibling and renamed once; `latest.json` follows. Whatever goes wrong before the rename
    leaves no trace.

    Raises:
        OutputFault: when it can't be written.
    """
    name = f"{result.facts.as_of.isoformat()}-{result.facts.run_digest[:8]}"
    building = home / f".{name}.{os.getpid()}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        (building / "tables").mkdir(parents=True)
        watch.mark("report")
        sheets = lay_out(result)
        watch.mark("workbook")
        (building / "discrepancies.xlsx").write_bytes(
            workbook_bytes(sheets, title=result.facts.title, stamp=result.facts.as_of)
        )
        watch.mark("tables")
        for table in TABLES:
            getattr(result, table).to_parquet(
                building / "tables" / f"{table}.parquet", engine="pyarrow", index=False
            )
        _write_json(building / "run.json", run_json(result, fingerprint))
        _write_json(building / "timings.json", timings_json(watch))
        final = home / name
        if is_whole(final):
            # The same digest is the same report: the one that is there stays.
            shutil.rmtree(building)
        else:
            if final.exists():
                shutil.rmtree(final)
            building.replace(final)
        _point_latest(home, result, name)
    except BaseException as error:
        with suppress(OSError):
            shutil.rmtree(building)
        if not isinstance(error, OSError):
            raise
        raise OutputFault(
            f"{home}: the report can't be written ({error.strerror or error}). Nothing was left half-written; give another folder with --out."
        ) from error
    return final


def _point_latest(home: Path, result: RunResult, name: str) -> None:
    draft = home / f".latest.{os.getpid()}.json"
    _write_json(
        draft,
        {
            "schema_version": SCHEMA_VERSION,
            "folder": name,
            "as_of": result.facts.as_of.isoformat(),
            "run_digest": result.facts.run_digest,
            "inputs_digest": result.facts.inputs_digest,
        },
    )
    draft.replace(home / "latest.json")


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


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


def timings_json(watch: Stopwatch) -> dict[str, Any]:
    """Return how long each stage took; not part of what makes two runs equal."""
    return {
        "schema_version": SCHEMA_VERSION,
        "started_at": watch.started_at,
        "stage_seconds": watch.seconds(),
        "peak_memory_mb": peak_memory_mb(),
    }


def peak_memory_mb() -> float | None:
    """Return the peak memory of this process in MB, None where the platform does not tell."""
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)
