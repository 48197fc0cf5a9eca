"""What only shows when rules and program are laid beside each other: kinds and comparisons that one has and the other lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.compare import COMPARISONS
from reconcile.discrepancies import KINDS
from reconcile.errors import RuleFaults

if TYPE_CHECKING:
    from reconcile.ruleset import Ruleset


def check_rules(rules: Ruleset) -> None:
    """Check what only shows when all rules are there together: kinds and comparisons that the program has and no file names.

    Raises:
        RuleFaults: with every fault.
    """
    stated = set(rules.discrepancies.kinds)
    known = {kind.code for kind in KINDS}
    faults = [
        f"rules/discrepancies.yaml: kinds: {code} is missing; it has to have a severity."
        for code in sorted(known - stated)
    ]
    faults += [
        f"rules/discrepancies.yaml: kinds: {code} is no kind of discrepancy."
        for code in sorted(stated - known)
    ]
    for name, linkage in rules.linkage.items():
        faults += [
            f"rules/linkage/{name}.yaml: comparisons: {lost} is missing."
            for lost in sorted(set(COMPARISONS) - set(linkage.comparisons))
        ]
    if faults:
        raise RuleFaults(faults)
