"""A run on disk: the state of its job, the runs before it, its folder, and what it says of itself.

`state` holds the lock and the key, `chain` the history, `cache` files that were parsed before; `previous` finds the run to
compare with, `folders` writes a report that is whole or absent.
"""

from __future__ import annotations

from reconcile.runs.cache import Cache, open_cache
from reconcile.runs.chain import (
    HISTORY,
    PAGE,
    WORKBOOK,
    History,
    Link,
    files_of,
    first_difference,
    read_history,
)
from reconcile.runs.digests import SCHEMA_VERSION, digest_file, digest_of, keep_files
from reconcile.runs.folders import (
    INPUT_KEYS,
    LATER_TABLES,
    SUMMED_KEYS,
    TABLES,
    WRITING_STAGES,
    Place,
    lay_down,
    run_json,
    write_run,
)
from reconcile.runs.previous import Past, Previous, Stored, as_previous, previous_run, recover, stored_runs
from reconcile.runs.state import job_key, key_fingerprint, locked
from reconcile.runs.timing import Stopwatch, peak_memory_mb, timings_json

__all__ = [
    "HISTORY",
    "INPUT_KEYS",
    "LATER_TABLES",
    "PAGE",
    "SCHEMA_VERSION",
    "SUMMED_KEYS",
    "TABLES",
    "WORKBOOK",
    "WRITING_STAGES",
    "Cache",
    "History",
    "Link",
    "Past",
    "Place",
    "Previous",
    "Stopwatch",
    "Stored",
    "as_previous",
    "digest_file",
    "digest_of",
    "files_of",
    "first_difference",
    "job_key",
    "keep_files",
    "key_fingerprint",
    "lay_down",
    "locked",
    "open_cache",
    "peak_memory_mb",
    "previous_run",
    "read_history",
    "recover",
    "run_json",
    "stored_runs",
    "timings_json",
    "write_run",
]
