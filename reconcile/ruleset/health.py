"""What rule files may say of the health of inputs: how far a release may differ from those before it."""

from __future__ import annotations

from pydantic import Field

from reconcile.ruleset.base import Code, Rule


class HealthRules(Rule):
    """What a release is held against: the releases before it, and by how much it may miss them.

    Attributes:
        runs_back: runs looked back on; of a stretch of runs over the same files one counts.
        releases_min: different releases of a file that have to be known before a new one is judged by them.
        shrink_share: share of its rows that a file may lose.
        growth_share: share of its rows that a file may win, whatever it won before.
        spreads: how many times the usual scatter of the steps between releases is allowed besides.
        rows_slack: rows by which any file may miss the band.
        waits: how many times the longest wait between two releases a file may stay the same.
        month_claims_min: claims that a month must have had, to be missed when it has none.
        filled_share_min: share of rows in which a column was filled, for its emptiness to be told.
        emptied_share: share of its usual fill below which a column counts as emptied.
        like_names: likeness of two names of columns, of 100, from which one may be the other renamed.
        like_contents: share of common values from which one column may be another renamed.
    """

    id: Code = "health"
    title: str = ""
    reason: str = ""
    runs_back: int = Field(default=12, ge=1)
    releases_min: int = Field(default=3, ge=2)
    shrink_share: float = Field(default=0.1, ge=0, le=1)
    growth_share: float = Field(default=0.5, ge=0)
    spreads: float = Field(default=3, ge=0)
    rows_slack: int = Field(default=5, ge=0)
    waits: float = Field(default=2, ge=1)
    month_claims_min: int = Field(default=5, ge=1)
    filled_share_min: float = Field(default=0.2, ge=0, le=1)
    emptied_share: float = Field(default=0.25, ge=0, le=1)
    like_names: float = Field(default=85, ge=0, le=100)
    like_contents: float = Field(default=0.5, ge=0, le=1)
