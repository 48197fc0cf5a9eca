"""What this run and earlier ones read, laid out as the releases of a file, one after the other."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.filenames import stem_of
from reconcile.frames import Coverage, InputColumns, empty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from reconcile.result import InputAccount

# Earlier accounts: those of `InputAccount`, after how many runs ago they were (1: the last one) and the run's as-of day.
ACCOUNT_TYPES: dict[str, str] = {
    "run": "int64", "as_of": "str", "monitor": "str", "layout": "str", "file": "str", "sha256": "str", "released": "str",
    "rows": "int64", "claims": "int64", "newest": "str", "health": "str",
}  # fmt: skip
NOW = 0


def no_accounts() -> pd.DataFrame:
    """Return the accounts of no run."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in ACCOUNT_TYPES.items()})


def no_columns() -> pd.DataFrame:
    """Return the columns of no run."""
    return empty(InputColumns).assign(run=pd.Series(dtype="int64"))


def account_row(run: int, as_of: str, account: Mapping[str, Any]) -> dict[str, Any]:
    """Return one account of one run, be it of this program or out of a run.json."""
    texts = {name: str(account.get(name, "")) for name, kind in ACCOUNT_TYPES.items() if kind == "str"}
    rows = int(account.get("rows_read", 0)) - int(account.get("rows_not_data", 0))
    return texts | {"run": run, "as_of": as_of, "rows": rows, "claims": int(account.get("claims", 0))}


def accounts_of(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return accounts as a frame."""
    return pd.DataFrame(list(rows), columns=list(ACCOUNT_TYPES)).astype(ACCOUNT_TYPES)


@dataclass(frozen=True, slots=True)
class PastInputs:
    """What earlier runs of the job read; empty where there is none.

    Attributes:
        accounts: of their inputs; `run` is 1 for the last run, more for those before it.
        columns: `InputColumns` frames with `run` beside.
        coverage: the `Coverage` frame of the last run.
        within: its scope, in words.
    """

    accounts: pd.DataFrame = field(default_factory=no_accounts)
    columns: pd.DataFrame = field(default_factory=no_columns)
    coverage: pd.DataFrame = field(default_factory=lambda: empty(Coverage))
    within: str = ""


@dataclass(frozen=True, slots=True)
class Present:
    """What this run read.

    Attributes:
        columns: an `InputColumns` frame, sketches included.
        copies: files that hold the bytes of another one of this run, by name, with the other's.
        within: the job's scope, in words.
    """

    as_of: date
    accounts: Sequence[InputAccount]
    columns: pd.DataFrame
    coverage: pd.DataFrame
    copies: Mapping[str, str]
    within: str


@dataclass(frozen=True, slots=True)
class Release:
    """One release of a file, or of files that belong together: read by a run, and by those after it until the next one.

    Attributes:
        run: the latest run that read it.
        since: as-of day of the first one that did.
        released: the days the job states for its files.
    """

    run: int
    since: str
    sha256: str
    rows: int
    newest: str
    files: str
    released: str


@dataclass(frozen=True, slots=True)
class Series:
    """The releases of one file, or of files that belong together, this run's among them or not; the newest first."""

    monitor: str
    layout: str
    releases: tuple[Release, ...]

    @property
    def now(self) -> Release | None:
        """This run's release; None where it has none."""
        return self.releases[0] if self.releases and self.releases[0].run == NOW else None

    @property
    def before(self) -> tuple[Release, ...]:
        """The releases before this run's, the newest first."""
        return self.releases[1:] if self.now else self.releases


def all_accounts(present: Present, past: PastInputs) -> pd.DataFrame:
    """Return this run's accounts and the earlier ones, each with the file's `stem`: its name without its numbers.

    Where every run has at most one file of a layout, that file is the same whatever it is called.
    """
    copies = set(present.copies)
    now = accounts_of(
        account_row(NOW, present.as_of.isoformat(), asdict(account))
        for account in present.accounts
        if account.file not in copies
    )
    rows = pd.concat([now, past.accounts], ignore_index=True)
    stem = rows["file"].map(stem_of).astype("str")
    files = rows.groupby(["run", "monitor", "layout"])["file"].nunique()
    most = files.groupby(["monitor", "layout"]).max()
    keys = pd.MultiIndex.from_frame(rows[["monitor", "layout"]])
    is_alone = (most.reindex(keys).to_numpy() == 1) & (rows["layout"] != "").to_numpy()
    return rows.assign(stem=stem.mask(is_alone, ""))


def series_by(accounts: pd.DataFrame, keys: Sequence[str]) -> list[Series]:
    """Return series of releases.

    Args:
        accounts: by `all_accounts`; those of files that failed belong to no series.
        keys: columns that tell series apart, `monitor` the first of them.
    """
    grouped: dict[tuple[str, ...], dict[int, list[dict[str, Any]]]] = {}
    for row in rows_of(accounts[(accounts["health"] != "failed") & (accounts["layout"] != "")]):
        key = tuple(row[name] for name in keys)
        grouped.setdefault(key, {}).setdefault(row["run"], []).append(row)
    return [_series(key[0], runs) for key, runs in sorted(grouped.items())]


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a small frame: accounts, never records."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _series(monitor: str, runs: Mapping[int, list[dict[str, Any]]]) -> Series:
    """Return the runs over the same bytes as one release each, told by the newest of them."""
    releases: list[Release] = []
    for run, accounts in sorted(runs.items()):
        sha256 = " ".join(sorted(f"{row['file']}:{row['sha256']}" for row in accounts))
        if len(accounts) == 1:
            sha256 = accounts[0]["sha256"]
        if releases and releases[-1].sha256 == sha256:
            releases[-1] = replace(releases[-1], since=accounts[0]["as_of"])
            continue
        releases.append(
            Release(
                run=run,
                since=accounts[0]["as_of"],
                sha256=sha256,
                rows=sum(row["rows"] for row in accounts),
                newest=max(row["newest"] for row in accounts),
                files=", ".join(sorted({row["file"] for row in accounts})),
                released=" ".join(sorted({row["released"] for row in accounts})),
            )
        )
    layouts = {row["layout"] for row in runs[min(runs)]}
    return Series(monitor, " ".join(sorted(layouts)), tuple(releases))
