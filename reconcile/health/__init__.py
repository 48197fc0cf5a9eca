"""InputAccounts + InputColumns, of this run and of earlier ones -> InputHealth: what about the files deserves a look.

Guarantees:
    healthy_growth_is_silent: a file that only grows, and by no more than twice its largest step so far, raises nothing.
    order_does_not_matter: the order of files, of columns and of earlier accounts changes nothing.
    first_run_judges_no_history: without earlier runs only files that failed, or are copies, are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.frames import HEALTH_CODES, InputHealth, columns_of, typed
from reconcile.health.columns import judge_columns
from reconcile.health.files import judge_copies, judge_failures, judge_repeats, unread_monitors
from reconcile.health.history import (
    PastInputs,
    Present,
    account_row,
    accounts_of,
    all_accounts,
)
from reconcile.health.rows import judge_rows
from reconcile.health.silence import judge_silence

if TYPE_CHECKING:
    from reconcile.ruleset import Ruleset

__all__ = [
    "PastInputs",
    "Present",
    "account_row",
    "accounts_of",
    "judge_health",
    "told",
    "unread_monitors",
]

SEVERITIES = ("error", "warning", "note")


def judge_health(present: Present, past: PastInputs, rules: Ruleset) -> pd.DataFrame:
    """Return what deserves a look.

    Args:
        present: what this run read.
        past: what earlier runs of the job did.
        rules: layouts, and what a release may differ by.

    Returns:
        An `InputHealth` frame, the errors first.
    """
    accounts = all_accounts(present, past)
    found = [
        *judge_failures(present, accounts, rules),
        *judge_copies(present, rules),
        *judge_repeats(present, accounts, rules),
        *judge_rows(accounts, rules),
        *judge_silence(present, past, accounts, rules),
        *judge_columns(present, past, accounts, rules),
    ]
    rows = pd.DataFrame(found, columns=columns_of(InputHealth))
    order = rows.assign(
        rank=rows["severity"].map(SEVERITIES.index), kind=rows["code"].map(HEALTH_CODES.index)
    ).sort_values(["rank", "kind", "monitor", "layout", "file", "column", "value", "message"])
    return typed(InputHealth, order)


def told(health: pd.DataFrame) -> list[dict[str, str]]:
    """Return an `InputHealth` frame as `run.json` holds it."""
    return [{str(name): str(value) for name, value in row.items()} for row in health.to_dict("records")]
