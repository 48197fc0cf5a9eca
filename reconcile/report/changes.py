"""The sheet Changes: what each monitor changed since the previous run, what has to be acted on first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.frames import CHANGE_CODES
from reconcile.report.naming import table, title_of
from reconcile.sheets import Column, Sheet

if TYPE_CHECKING:
    from reconcile.result import RunResult

NOT_COMPARED = "not compared"
# Codes in the order of the Summary's line; what a finding tells of (REV-*) stands first on the sheet.
TOLD_FIRST = ("withdrawn", "reopened", "revised_down", "revised_up")
BASES = {
    "id": "the same id",
    "previous_code": "the monitor's own codes",
    "content": "nothing but the id differs",
    "likeness": "likeness",
    "deletion": "the monitor's list of deletions",
    "": "",
}
COLUMNS = (
    Column("what", "What", 16),
    Column("monitor", "Monitor", 20),
    Column("claim_id", "Claim", 22, link_sheet="Claims"),
    Column("previous_id", "Claim before", 22),
    Column("counted", "Counted", 22),
    Column("before", "Before", 34, "long_text"),
    Column("after", "Now", 34, "long_text"),
    Column("gap", "Up or down", 10, "number"),
    Column("people", "People, at most", 10, "integer"),
    Column("date_start", "From", 11, "date"),
    Column("place", "Place", 22),
    Column("explanation", "The change", 70, "long_text"),
    Column("basis", "Known by", 20),
    Column("change_id", "Change id", 18),
)


def changes_sheet(result: RunResult) -> Sheet:
    """Return every change, those that findings tell of first, then by people affected; and what was not compared."""
    changes = result.changes
    place = result.claims.set_index("claim_id")["place_name"]
    persons = [
        " ".join(word for word in words if word not in {"any", "alleged", ""}).replace("_", " ")
        for words in zip(
            *(
                changes[name]
                for name in ("measure_code", "population_code", "sex_code", "age_group_code", "role_code")
            ),
            strict=True,
        )
    ]
    rows = ranked(changes).assign(
        what=lambda found: found["change_code"].str.replace("_", " "),
        monitor=lambda found: [title_of(result, name) for name in found["monitor"]],
        counted=lambda found: pd.Series(persons, index=changes.index, dtype="str").reindex(found.index),
        place=lambda found: place.reindex(found["claim_id"]).fillna("").to_numpy(),
        basis=lambda found: found["basis_code"].map(BASES),
    )
    silent = pd.DataFrame(
        {
            "what": NOT_COMPARED,
            "monitor": [title_of(result, name) for name in result.history.not_compared],
            "explanation": [
                f"Not compared with the run before: {why}. It changed nothing that is known."
                for why in result.history.not_compared.values()
            ],
        }
    )
    shown = [column.name for column in COLUMNS]
    if len(silent):
        texts = [name for name in shown if name not in {"gap", "people", "date_start"}]
        rows = pd.concat([silent.reindex(columns=shown), rows[shown]], ignore_index=True)
        rows[texts] = rows[texts].astype("object").fillna("").astype("str")
    return table(
        "Changes",
        rows.reset_index(drop=True),
        COLUMNS,
        key="change_id" if rows["change_id"].is_unique else None,
        freeze=1,
    )


def ranked(changes: pd.DataFrame) -> pd.DataFrame:
    """Return changes with the most people each speaks of: those that findings tell of first, then by people and day."""
    order = {code: place for place, code in enumerate(TOLD_FIRST)}
    people = changes[["before_low", "before_high", "after_low", "after_high"]].max(axis=1)
    return changes.assign(
        people=people, order=changes["change_code"].map(order).fillna(len(order))
    ).sort_values(
        ["order", "people", "date_start", "change_id"],
        ascending=[True, False, True, True],
        na_position="last",
        kind="stable",
    )


def since_line(result: RunResult) -> tuple[str, ...]:
    """Return what changed since the last run, in a line; nothing in a first run."""
    history = result.history
    if history.since is None:
        return ()
    counts = result.changes["change_code"].value_counts()
    told = [f"{counts[code]:,} {code.replace('_', ' ')}" for code in CHANGE_CODES if code in counts]
    line = f"Since the last run ({history.since.isoformat()}): {', '.join(told) or 'no monitor changed anything'}."
    lost = [f"{title_of(result, name)}: {why}" for name, why in history.not_compared.items()]
    return (line, *((f"Not compared: {'; '.join(lost)}.",) if lost else ()), *history.notes)
