"""A report as it lies on disk: found, read, and looked up."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.block import LINKED_UNITS
from reconcile.errors import InputFault, UsageFault
from reconcile.explain.pictures import BLOCKS, Strokes
from reconcile.frames import Decisions, DerivedTotals, InconsistentSets, WindowRelations, empty
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reconcile.ruleset import LinkedKind, Ruleset

TABLES = ("claims", "figures", "victims", "linked", "verdicts", "patterns", "bridge", "discrepancies")
# Reports of before there were such tables are whole without them.
LATER_TABLES = {
    "relations": WindowRelations,
    "derived": DerivedTotals,
    "sets": InconsistentSets,
    "decisions": Decisions,
}


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A report as it lies on disk.

    Attributes:
        name: of its folder.
        summary: what `run.json` says.
        claims, figures, victims, linked, verdicts, patterns, bridge, discrepancies: its tables.
        relations, derived, sets, decisions: tables that a report of an older version lacks; empty there.
    """

    name: str
    summary: Mapping[str, Any]
    claims: pd.DataFrame
    figures: pd.DataFrame
    victims: pd.DataFrame
    linked: pd.DataFrame
    verdicts: pd.DataFrame
    patterns: pd.DataFrame
    bridge: pd.DataFrame
    discrepancies: pd.DataFrame
    relations: pd.DataFrame = field(default_factory=partial(empty, WindowRelations))
    derived: pd.DataFrame = field(default_factory=partial(empty, DerivedTotals))
    sets: pd.DataFrame = field(default_factory=partial(empty, InconsistentSets))
    decisions: pd.DataFrame = field(default_factory=partial(empty, Decisions))

    @property
    def rules_digest(self) -> str:
        """Digest of the rules it was made with."""
        return str(self.summary["rules_digest"])

    @property
    def has_names(self) -> bool:
        """Whether names and free text were kept in its tables."""
        return bool(self.summary["include_names"])

    @property
    def has_own_places(self) -> bool:
        """Whether it was told places of the job's own."""
        return bool(self.summary.get("decisions", {}).get("places", ""))


def run_folder(path: Path) -> Path:
    """Return the folder of a report: the one given, or the latest of a job.

    Args:
        path: `reports/<job>/<as-of>-<digest8>`, or `reports/<job>`.

    Raises:
        UsageFault: when there is no report.
    """
    if (path / "run.json").is_file():
        return path
    wanted = "give a report, reports/<job>/<as-of>-<digest8>, or its job's folder, reports/<job>, for the latest one"
    latest = path / "latest.json"
    if not latest.is_file():
        raise UsageFault(f"{path}: holds neither run.json nor latest.json; {wanted}.")
    try:
        name = str(json.loads(latest.read_text(encoding="utf-8"))["folder"])
    except (OSError, ValueError, TypeError, KeyError):
        raise UsageFault(f"{latest}: can't be read; {wanted}.") from None
    folder = path / name
    if name in {"", ".", ".."} or folder.parent != path or not (folder / "run.json").is_file():
        raise UsageFault(f"{latest}: points to {name!r}, where there is no report; {wanted}.")
    return folder


def read_run(folder: Path) -> StoredRun:
    """Read a report.

    Raises:
        InputFault: when a table or `run.json` is absent or can't be read.
    """
    todo = "Run the job again; a report is read whole or not at all."
    try:
        summary = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        known = {"rules_digest", "include_names"} <= set(summary)
    except (OSError, ValueError, TypeError):
        known = False
    if not known:
        raise InputFault(str(folder / "run.json"), "can't be read.", todo)
    tables = {}
    later = (name for name in LATER_TABLES if (folder / "tables" / f"{name}.parquet").is_file())
    for name in (*TABLES, *later):
        path = folder / "tables" / f"{name}.parquet"
        try:
            tables[name] = pd.read_parquet(path)
        except FileNotFoundError:
            raise InputFault(str(path), "there is no such file.", todo) from None
        except (OSError, ValueError):
            raise InputFault(str(path), "can't be read.", todo) from None
    return StoredRun(folder.name, summary, **tables)


@dataclass(frozen=True, slots=True)
class View:
    """A run with what explaining looks up again and again.

    Attributes:
        claims: by claim_id.
        own: the cluster that each claim is in, by claim_id; what summaries cover aside.
        rules: as they are now.
        strokes: that pictures are drawn with.
    """

    run: StoredRun
    claims: pd.DataFrame
    own: pd.DataFrame
    rules: Ruleset
    strokes: Strokes = BLOCKS

    @property
    def has_its_rules(self) -> bool:
        """Whether the rules at hand are the ones the run was made with."""
        return self.rules.digest == self.run.rules_digest

    def claim(self, claim_id: str) -> Any:
        """Return a claim, its columns by name."""
        return self.claims.loc[claim_id]

    def title(self, monitor: str) -> str:
        """Return a monitor's name for people."""
        known = self.rules.monitors.get(monitor)
        return known.title if known else monitor

    def term(self, vocabulary: str, codes: str) -> str:
        """Return terms, given by their codes with spaces between, as people call them."""
        known = self.rules.vocabularies[vocabulary].terms
        shown = [
            known[code].title if code in known else code.removeprefix("x_").replace("_", " ")
            for code in codes.split()
        ]
        return ", ".join(shown)

    def monitor_of(self, claim_id: str) -> str:
        """Return whose claim it is."""
        return str(self.claims.at[claim_id, "monitor"])

    def cluster_of(self, claim_id: str) -> str:
        """Return the cluster that a claim is in."""
        return str(self.own.at[claim_id, "cluster_id"])

    def members(self, cluster_id: str) -> list[str]:
        """Return the claims of a cluster."""
        return sorted(map(str, self.own.index[self.own["cluster_id"] == cluster_id]))

    def pairs_of(self, claim_id: str) -> pd.DataFrame:
        """Return the verdicts of a claim's pairs, the heaviest first, with the other claim as `other`."""
        verdicts = self.run.verdicts
        is_left, is_right = verdicts["left_id"] == claim_id, verdicts["right_id"] == claim_id
        found = verdicts[is_left | is_right]
        other = found["right_id"].where(is_left[found.index], found["left_id"])
        return found.assign(other=other).sort_values(["match_weight", "other"], ascending=[False, True])

    def verdict(self, left: str, right: str) -> Any | None:
        """Return the verdict of a pair, whichever of the two stands left; None where the run kept none."""
        pairs = self.pairs_of(left)
        return next(records(pairs[pairs["other"] == right]), None)


def decided_on(view: View, *about: str) -> tuple[str, ...]:
    """Return what persons decided on two claims, or on a finding, and what became of it, a sentence each."""
    made = view.run.decisions
    asked = frozenset(about)
    own = made[[frozenset(ids.split()) == asked for ids in made["about_ids"]]]
    return tuple(
        f"{one.decision_code.replace('_', ' ')}, by {one.reviewer} on {one.decided_on:%Y-%m-%d}"
        + (f": {one.note}" if one.note else "")
        + f" ({one.status_code.replace('_', ' ')})"
        for one in records(own)
    )


def kind_of(view: View, claim_id: str) -> LinkedKind:
    """Return by what kind of rules a claim is linked: of victims where it names one."""
    return "victim" if (view.run.victims["claim_id"] == claim_id).any() else "incident"


def paired_with_nothing(view: View, claim_id: str) -> str:
    """Return why a claim is paired with none, whatever it is; empty where it may be."""
    claim, kind = view.claim(claim_id), kind_of(view, claim_id)
    if claim["kind_code"] == "total":
        return f"{claim_id} is a figure for a period; those are laid beside incidents step by step, and paired with nothing."
    if claim["unit_code"] == "event_summary":
        return (
            f"{claim_id} is a summary of events; it covers incidents, and is tied one to one to none of them."
        )
    if kind == "incident" and (claim["kind_code"] != "incident" or claim["unit_code"] not in LINKED_UNITS):
        return f"{claim_id} is a record of one {claim['unit_code']} and names nobody; incidents are paired with incidents."
    if kind == "incident" and pd.isna(claim["date_start"]):
        return f"{claim_id} states no day, and incidents are brought together by their days."
    return ""
