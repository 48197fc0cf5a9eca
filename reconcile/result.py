"""What a run knows when its stages are done: the frames, and the account of every input file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from reconcile.ruleset import Ruleset

Health = Literal["ok", "degraded", "failed"]


@dataclass(frozen=True, slots=True)
class InputAccount:
    """What became of the rows of one input file. The five fates add up to the rows read."""

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
    origins: dict[str, frozenset[str]]
    remarks: tuple[str, ...]
    rules: Ruleset

    @property
    def is_degraded(self) -> bool:
        """Whether an input failed or did not look as expected, or a decision could not be applied."""
        unapplied = (self.issues["code"] == "correction_not_applied").any()
        return bool(unapplied) or any(account.health != "ok" for account in self.inputs)
