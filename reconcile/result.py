"""What a run knows when its stages are done: the frames, and the account of every input file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from reconcile.history import Comparison
    from reconcile.overlap import Overlap
    from reconcile.ruleset import Ruleset

Health = Literal["ok", "degraded", "failed"]


@dataclass(frozen=True, slots=True)
class InputAccount:
    """What became of the rows of one input file. The five fates add up to the rows read.

    Attributes:
        newest: the last day on which one of its claims starts, not later than the run's as-of day; empty without one.
    """

    monitor: str
    layout: str
    file: str
    sha256: str
    released: str
    rows_read: int
    rows_claimed: int
    rows_quarantined: int
    rows_corrected_away: int
    rows_out_of_scope: int
    rows_not_data: int
    claims: int
    figures: int
    health: Health
    remark: str
    newest: str = ""

    @property
    def is_conserved(self) -> bool:
        """Whether no row got lost."""
        settled = (
            self.rows_claimed
            + self.rows_quarantined
            + self.rows_corrected_away
            + self.rows_out_of_scope
            + self.rows_not_data
        )
        return settled == self.rows_read


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run was told, for the cover sheet and `run.json`."""

    job: str
    title: str
    as_of: date
    quantities: str
    include_names: bool
    within: str
    rules_digest: str
    inputs_digest: str
    run_digest: str
    previous_run: str
    version: str
    decisions: dict[str, str] = field(default_factory=dict)
    html: bool = False


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything a report is made of. Frames are validated; restricted texts are withheld unless names were asked for."""

    facts: RunFacts
    inputs: tuple[InputAccount, ...]
    claims: pd.DataFrame
    figures: pd.DataFrame
    victims: pd.DataFrame
    linked: pd.DataFrame
    verdicts: pd.DataFrame
    patterns: pd.DataFrame
    bridge: pd.DataFrame
    relations: pd.DataFrame
    derived: pd.DataFrame
    sets: pd.DataFrame
    unlaid: dict[str, str]
    discrepancies: pd.DataFrame
    issues: pd.DataFrame
    fates: pd.DataFrame
    coverage: pd.DataFrame
    blocking: pd.DataFrame
    origins: pd.DataFrame
    overlap: Overlap
    independent: dict[str, frozenset[str]]
    remarks: tuple[str, ...]
    rules: Ruleset
    history: Comparison
    columns: pd.DataFrame
    health: pd.DataFrame
    decisions: pd.DataFrame

    @property
    def changes(self) -> pd.DataFrame:
        """What each monitor changed since the previous run: a `Changes` frame."""
        return self.history.changes

    @property
    def lists(self) -> pd.DataFrame:
        """What became of each monitor's list of victims, or of incidents: a `CaptureLists` frame."""
        return self.overlap.lists

    @property
    def histories(self) -> pd.DataFrame:
        """How many stand on which lists: a `CaptureHistories` frame."""
        return self.overlap.histories

    @property
    def overlaps(self) -> pd.DataFrame:
        """What every two lists share: a `ListOverlap` frame."""
        return self.overlap.pairs

    @property
    def estimates(self) -> pd.DataFrame:
        """What may be estimated from lists of victims, and what not: an `OverlapEstimates` frame."""
        return self.overlap.estimates

    @property
    def unread(self) -> tuple[str, ...]:
        """The monitors of which a file failed; what they lack in this run they may well report."""
        failed = self.health[self.health["code"].isin(["failed", "failed_again"])]
        return tuple(sorted({*failed["monitor"]} - {""}))

    @property
    def is_degraded(self) -> bool:
        """Whether an input failed or did not look as expected, by its rules or the runs before, or a decision could not be applied."""
        unapplied = (self.issues["code"] == "correction_not_applied").any()
        is_ill = (self.health["severity"] == "error").any()
        return bool(unapplied or is_ill) or any(account.health != "ok" for account in self.inputs)
