"""What rule files may say: frozen models that refuse what they do not know. `rulefiles` fills them from YAML."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from reconcile.ruleset.base import Code, LinkedKind, Rule, fold_header, fold_spelling
from reconcile.ruleset.health import HealthRules
from reconcile.ruleset.layouts import (
    NUMBERED,
    PARSED_AS,
    ClaimField,
    ColumnRule,
    FigureRule,
    Grammar,
    Layout,
    Monitor,
    Parser,
    Scope,
    SplitCodes,
    SplitRule,
    WhereRule,
)
from reconcile.ruleset.linkage import LEVELS, LINKAGE_PARAMETERS, BlockingRule, Linkage, Thresholds
from reconcile.ruleset.prose import ProseRules
from reconcile.ruleset.vocabularies import Term, Vocabulary

__all__ = [
    "LEVELS",
    "LINKAGE_PARAMETERS",
    "NUMBERED",
    "PARAMETERS",
    "PARSED_AS",
    "BlockingRule",
    "ClaimField",
    "Code",
    "ColumnRule",
    "Correction",
    "DiscrepancyRules",
    "FigureRule",
    "FindingDecision",
    "Grammar",
    "HealthRules",
    "Judgement",
    "Layout",
    "Linkage",
    "LinkedKind",
    "Monitor",
    "Parser",
    "ProseRules",
    "Rule",
    "Ruleset",
    "Scope",
    "SplitCodes",
    "SplitRule",
    "Term",
    "Thresholds",
    "Tolerance",
    "Vocabulary",
    "WhereRule",
    "fold_header",
    "fold_spelling",
]

# The parameters that the function of a kind of discrepancy reads; other kinds read none.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "CNT-FRAC": ("events", "killed_min"),
    "CNT-SPREAD": ("ratio", "persons", "apart"),
    "COV-GAP": ("claims",),
    "DATE-SHIFT": ("days",),
    "DUP-SELF": ("killed_min",),
    "LOC-DIST": ("km_1", "km_2", "km_3", "km_4", "km_5", "km_6"),
    "LOC-GRAN": ("steps", "centroid_claims"),
    "TOT-START": ("days",),
    "REV-DOWN": ("share",),
    "REV-RETR": ("claims",),
}


# ---- discrepancies -------------------------------------------------------------------------------------------------


class Tolerance(Rule):
    """The severity and the parameters of one kind of discrepancy."""

    severity: Literal["S1", "S2", "S3"]
    parameters: dict[str, float] = Field(default={})
    reason: str


class DiscrepancyRules(Rule):
    """Severities and tolerances by code of discrepancy."""

    id: Code
    title: str
    reason: str
    kinds: dict[str, Tolerance]


# ---- a person's decisions ------------------------------------------------------------------------------------------


class Judgement(Rule):
    """A person's decision on two claims. Outranks every weight.

    Attributes:
        seen: the prints of both claims as they stood when it was made; empty where it was written by hand.
        run: the first digits of the digest of the run it was made on; likewise.
        status: what is withdrawn is kept, and not used.
    """

    left: str
    right: str
    decision: Literal["same", "different", "part_of", "unsure"]
    reviewer: str
    decided_on: date
    note: str = ""
    seen: str = ""
    run: str = ""
    status: Literal["active", "withdrawn"] = "active"


class FindingDecision(Rule):
    """A person's decision on a finding.

    Attributes:
        decision: accepted (it is so, and needs nothing more), explained (by the note), rejected (no finding at all), or open
            (looked at again).
        seen: the print of the finding as it stood when it was made; empty where it was written by hand.
        run: the first digits of the digest of the run it was made on; likewise.
        status: what is withdrawn is kept, and not used.
    """

    finding: str
    code: str = ""
    decision: Literal["accepted", "explained", "rejected", "open"]
    reviewer: str
    decided_on: date
    note: str = ""
    seen: str = ""
    run: str = ""
    status: Literal["active", "withdrawn"] = "active"


class Correction(Rule):
    """A person's correction of one value of one claim, or of a claim that should not stand.

    Attributes:
        status: what is withdrawn is kept, and not applied.
    """

    claim_id: str
    action: Literal["set", "drop"]
    column: str = ""
    expected: str = ""
    value: str = ""
    reason: str
    reviewer: str
    decided_on: date
    status: Literal["active", "withdrawn"] = "active"


class Ruleset(BaseModel):
    """Every rule of a run, read once.

    Attributes:
        root: the folder the rules were read from, to tell where a fault stands; it is no part of the digest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    root: Path
    monitors: dict[str, Monitor]
    vocabularies: dict[str, Vocabulary]
    grammars: dict[str, Grammar]
    prose: dict[str, ProseRules] = Field(default={})
    quantities: dict[str, object]
    places: pd.DataFrame
    linkage: dict[str, Linkage]
    discrepancies: DiscrepancyRules
    health: HealthRules = HealthRules()
    digest: str
