"""The Method and Dictionary sheets: rules, thresholds, digests, and what every column means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.discrepancies import KINDS
from reconcile.frames import FRAMES, describe
from reconcile.levels import level_bits
from reconcile.linkage import RULES_OF
from reconcile.report.naming import table
from reconcile.sheets import Block, Column, Sheet

if TYPE_CHECKING:
    from reconcile.result import RunResult
    from reconcile.ruleset import Linkage


def method_sheet(result: RunResult) -> Sheet:
    """Return what each monitor counts, the kinds, the weights, the thresholds and the digests."""
    return Sheet(
        "Method",
        (
            _scopes(result),
            _kinds(result),
            _weights(result),
            _thresholds(result),
            _blocking(result),
            _versions(result),
        ),
    )


def _scopes(result: RunResult) -> Block:
    present = {*result.claims["monitor"].unique(), *(account.monitor for account in result.inputs)}
    rows = [
        {
            "monitor": rule.title,
            "unit": rule.unit_code,
            "population": rule.scope.population_code,
            "attackers": rule.scope.attackers,
            "threshold": rule.scope.threshold,
            "zero": rule.scope.zero_code.replace("_", " "),
            "blank": rule.scope.blank_code.replace("_", " "),
            "source": rule.scope.source,
        }
        for name, rule in sorted(result.rules.monitors.items())
        if name in present
    ]
    columns = (
        Column("monitor", "Monitor", 26),
        Column("unit", "One record is", 22),
        Column("population", "Counts", 12),
        Column("zero", "A zero means", 14),
        Column("blank", "A blank means", 14),
        Column("threshold", "Taken in from", 44, "long_text"),
        Column("attackers", "Attackers", 40, "long_text"),
        Column("source", "Where that stands", 44, "long_text"),
    )
    return Block(
        pd.DataFrame(rows, columns=[column.name for column in columns]),
        columns,
        heading="What each monitor counts",
    )


def _kinds(result: RunResult) -> Block:
    rules = result.rules.discrepancies.kinds
    rows = pd.DataFrame(
        [
            {
                "code": kind.code,
                "title": kind.title,
                "severity": rules[kind.code].severity,
                "parameters": ", ".join(
                    f"{name} = {value:g}" for name, value in rules[kind.code].parameters.items()
                ),
                "legend": kind.legend,
                "reason": rules[kind.code].reason,
            }
            for kind in KINDS
        ]
    )
    columns = (
        Column("code", "Code", 26),
        Column("title", "Kind", 22, "long_text"),
        Column("severity", "Severity", 12, "severity"),
        Column("parameters", "Tolerances", 14, "long_text"),
        Column("legend", "What it means", 44, "long_text"),
        Column("reason", "Why this severity", 44, "long_text"),
    )
    return Block(rows, columns, heading="Kinds of discrepancy")


def _linkages(result: RunResult) -> list[Linkage]:
    """Return the rules of what was linked in this run: incidents, and victims where monitors name any."""
    kinds = dict.fromkeys(["incident", *result.blocking["kind_code"]])
    return [result.rules.linkage[RULES_OF[kind]] for kind in kinds]


def _weights(result: RunResult) -> Block:
    linkages = _linkages(result)
    bits = {linkage.id: level_bits(linkage) for linkage in linkages}
    rows = pd.DataFrame(
        [
            {
                "comparison": name if linkage.kind_code == "incident" else f"{linkage.kind_code}: {name}",
                "level": level,
                "title": rule.title,
                "m": rule.m,
                "u": rule.u,
                "bits": round(bits[linkage.id][name, level], 2),
            }
            for linkage in linkages
            for name, rules in linkage.comparisons.items()
            for level, rule in rules.items()
        ]
    )
    columns = (
        Column("comparison", "Comparison", 26),
        Column("level", "Level", 22),
        Column("m", "m: share among matches", 12, "number"),
        Column("u", "u: share among others", 14, "number"),
        Column("bits", "Weight (bits)", 14, "number"),
        Column("title", "In words", 44, "long_text"),
    )
    notes = (
        *(linkage.reason for linkage in linkages),
        *(f"{linkage.title}, weights: {linkage.trained_on}." for linkage in linkages),
        "Missing says nothing and weighs 0. A weight of 1 bit doubles the odds; bits add up.",
    )
    return Block(rows, columns, heading="How claims are linked", notes=notes)


def _thresholds(result: RunResult) -> Block:
    rows = pd.DataFrame(
        [
            (f"{linkage.title}: {what}", bits, meaning)
            for linkage in _linkages(result)
            for what, bits, meaning in (
                ("prior", linkage.prior_bits, "log2 odds of a candidate pair before anything is compared"),
                ("match from", linkage.thresholds.match, "with the rivals of either side set against it"),
                ("possible from", linkage.thresholds.possible, "listed for a person's look"),
                (
                    "rarity, at most",
                    linkage.rarity_cap_bits,
                    "what a rare agreement adds, or a common one takes",
                ),
            )
            if bits is not None
        ],
        columns=["what", "bits", "meaning"],
    )
    columns = (
        Column("what", "Setting", 26),
        Column("bits", "Bits", 22, "number"),
        Column("meaning", "Meaning", 44),
    )
    notes = [linkage.thresholds.reason for linkage in _linkages(result)]
    notes += [
        f"{linkage.title}: the prior follows from the sizes of the lists, {linkage.expected_share:.0%} of the shorter one being expected in the longer."
        for linkage in _linkages(result)
        if linkage.expected_share is not None
    ]
    return Block(rows, columns, heading="Thresholds", notes=tuple(dict.fromkeys(notes)))


def _blocking(result: RunResult) -> Block:
    reasons = {
        (linkage.kind_code, rule.code): rule for linkage in _linkages(result) for rule in linkage.blocking
    }
    rules = [reasons[kind, code] for kind, code in result.blocking[["kind_code", "rule_code"]].to_numpy()]
    rows = result.blocking.assign(
        within=[np.nan if rule.within_days is None else float(rule.within_days) for rule in rules],
        reason=[rule.reason for rule in rules],
    )
    columns = (
        Column("rule_code", "Blocking rule", 26),
        Column("pairs", "Pairs", 22, "integer"),
        Column("within", "Days apart, at most", 12, "integer"),
        Column("largest_key", "Pairs under its commonest key", 14, "integer"),
        Column("narrowed_keys", "Keys narrowed to one day or age", 14, "integer"),
        Column("left_out", "Pairs that narrowing left out", 14, "integer"),
        Column("reason", "Why", 44, "long_text"),
    )
    return Block(rows, columns, heading="Which claims were compared")


def _versions(result: RunResult) -> Block:
    facts = result.facts
    rows = pd.DataFrame(
        [
            ("reconcile", facts.version),
            ("rules digest", facts.rules_digest),
            ("inputs digest", facts.inputs_digest),
            ("run digest", facts.run_digest),
        ]
        + [(f"sha256 of {account.file}", account.sha256) for account in result.inputs],
        columns=["what", "value"],
    )
    return Block(
        rows, (Column("what", "What", 26), Column("value", "Value", 22)), heading="What this run was made of"
    )


def dictionary_sheet() -> Sheet:
    """Return every column of every frame with its meaning and unit."""
    rows = pd.DataFrame(
        [
            (frame.__name__, name, kind, unit, text)
            for frame in FRAMES
            for name, kind, unit, text in describe(frame)
        ],
        columns=["frame", "column", "kind", "unit", "description"],
    )
    columns = (
        Column("frame", "Frame", 16),
        Column("column", "Column", 26),
        Column("kind", "Type", 16),
        Column("unit", "Unit", 16),
        Column("description", "What it is", 100, "long_text"),
    )
    return table("Dictionary", rows, columns, freeze=2)
