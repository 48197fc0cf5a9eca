"""What only shows when rules and program are laid beside each other: what the program may need and no file states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.discrepancies import KINDS
from reconcile.errors import RuleFaults
from reconcile.rulefiles import line_of
from reconcile.ruleset import LEVELS, LINKAGE_PARAMETERS, PARAMETERS

LINKED = ("incidents", "victims")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconcile.ruleset import Linkage, Ruleset

    # The keys under which a fault stands, and its sentence.
    Told = tuple[tuple[str, ...], str]


def check_rules(rules: Ruleset) -> None:
    """Check that the rules state every kind, parameter, comparison and level that the program has.

    Raises:
        RuleFaults: with every fault.
    """
    told = [("discrepancies.yaml", *fault) for fault in (*_kind_faults(rules), *_parameter_faults(rules))]
    told += [
        (f"linkage/{name}.yaml", (), "there is no such file; without it no claim can be linked.")
        for name in LINKED
        if name not in rules.linkage
    ]
    for name, linkage in rules.linkage.items():
        told += [(f"linkage/{name}.yaml", *fault) for fault in _level_faults(linkage)]
    if told:
        raise RuleFaults([_sentence(rules, *fault) for fault in told])


def _sentence(rules: Ruleset, file: str, keys: tuple[str, ...], sentence: str) -> str:
    line = line_of(rules.root / file, *keys)
    path = f"{'.'.join(keys)}: " if keys else ""
    return f"{rules.root.name}/{file}:{line}: {path}{sentence}"


def _kind_faults(rules: Ruleset) -> Iterator[Told]:
    stated = set(rules.discrepancies.kinds)
    known = {kind.code for kind in KINDS}
    for code in sorted(known - stated):
        yield ("kinds",), f"{code} is missing; it has to have a severity."
    for code in sorted(stated - known):
        yield ("kinds", code), f"{code} is no kind of discrepancy."


def _parameter_faults(rules: Ruleset) -> Iterator[Told]:
    for code, names in PARAMETERS.items():
        if code not in rules.discrepancies.kinds:
            continue
        for lost in sorted(set(names) - set(rules.discrepancies.kinds[code].parameters)):
            yield ("kinds", code, "parameters"), f"{lost} is missing; {code} is told by it."


def _level_faults(linkage: Linkage) -> Iterator[Told]:
    known = LEVELS[linkage.kind_code]
    for comparison, levels in known.items():
        stated = linkage.comparisons.get(comparison)
        if stated is None:
            yield ("comparisons",), f"{comparison} is missing."
            continue
        for lost in sorted(set(levels) - set(stated)):
            yield ("comparisons", comparison), f"{lost} is missing; a pair may come to stand on this level."
        for strange in sorted(set(stated) - set(levels)):
            yield (
                ("comparisons", comparison, strange),
                f"{strange} is no level; known are {', '.join(levels)}.",
            )
    for strange in sorted(set(linkage.comparisons) - set(known)):
        yield ("comparisons", strange), f"{strange} is no comparison; known are {', '.join(known)}."
    wanted = LINKAGE_PARAMETERS[linkage.kind_code]
    for lost in sorted(set(wanted) - set(linkage.parameters)):
        yield ("parameters",), f"{lost} is missing; a comparison reads it."
