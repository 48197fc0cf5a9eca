"""Every kind of discrepancy, seen to be raised and seen to be left alone: one file of fixtures/scenarios is one case."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pytest
from conftest import ROOT, claim_row, claims_frame, figure_row, figures_frame

from reconcile.cluster import covering
from reconcile.discrepancies import KINDS, find_discrepancies, gather_evidence
from reconcile.frames import Changes, Issues, LinkedClaims, Victims, columns_of, empty, typed
from reconcile.history import Release, compare_releases, reading_of
from reconcile.linkage import link_claims
from reconcile.normalize import build_context
from reconcile.pipeline import lay_totals, reader_of
from reconcile.rulefiles import load_model
from reconcile.ruleset import Judgement, Rule
from reconcile.validate import Within
from reconcile.withhold import withhold

if TYPE_CHECKING:
    from pathlib import Path

    from reconcile.gazetteer import Gazetteer
    from reconcile.ruleset import Ruleset

FILES = sorted((ROOT / "fixtures" / "scenarios").glob("*.yaml"))
NAME = re.compile(r"(?P<code>[a-z0-9]+(?:-[a-z0-9]+)??)-(?P<answer>yes|no)(?:-(?P<variant>[a-z-]+))?")
AS_OF = date(2017, 7, 1)
WORD_NAN = re.compile(r"\bnan\b", re.IGNORECASE)
DAY_KEYS = ("day", "date_start", "date_end", "reported_on")


class Expected(Rule):
    """A finding that must be there; what is not stated may be anything."""

    code: str
    severity: Literal["S1", "S2", "S3"]
    claims: tuple[str, ...] = ()
    gap: float | None = None
    says: str = ""

    def fits(self, found: Any) -> bool:
        """Tell whether a row of Discrepancies is this finding."""
        return (
            (found.code, found.severity) == (self.code, self.severity)
            and (not self.claims or sorted(found.claim_ids.split()) == sorted(self.claims))
            and (self.gap is None or found.gap == pytest.approx(self.gap, abs=0.05))
            and self.says in found.explanation
        )


class Before(Rule):
    """What the previous run knew: claims and figures, in the words of a scenario."""

    claims: tuple[dict[str, Any], ...] = ()
    figures: tuple[dict[str, Any], ...] = ()


class Scenario(Rule):
    """One case: claims and figures as overrides of the builders' defaults, and what must and must not be found.

    Attributes:
        figures: `claim`, `low` and, where they matter, `high`, `is_open` and other columns of Figures.
        judgements: left claim, decision, right claim; they link claims whatever the weights are.
        before: claims and figures of the previous run, read from another file; without it there was none.
        withdrawn_before: ids of claims that earlier runs found withdrawn.
        incidents: how many clusters of incidents there must be, so that a case can't pass by not being linked.
        expect: all findings of the codes it names.
        absent: codes that must not be found.
    """

    what: str
    claims: tuple[dict[str, Any], ...]
    figures: tuple[dict[str, Any], ...] = ()
    judgements: tuple[tuple[str, Literal["same", "different", "part_of"], str], ...] = ()
    issues: tuple[dict[str, Any], ...] = ()
    before: Before | None = None
    withdrawn_before: tuple[str, ...] = ()
    incidents: int | None = None
    expect: tuple[Expected, ...] = ()
    absent: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def gazetteer(rules: Ruleset) -> Gazetteer:
    """The places that the bridge looks up."""
    return build_context(rules, "airwars").gazetteer


def claims_of(scenario: Scenario | Before) -> pd.DataFrame:
    """Return the claims of a scenario; YAML reads days as dates, the builders take text."""
    rows = []
    for number, overrides in enumerate(scenario.claims, start=1):
        texts = {key: str(value) if key in DAY_KEYS else value for key, value in overrides.items()}
        rows.append(claim_row(number, **texts))
    return claims_frame(*rows)


def figures_of(scenario: Scenario | Before) -> pd.DataFrame:
    """Return the figures of a scenario."""
    rows = (dict(row) for row in scenario.figures)
    return figures_frame(*(figure_row(row.pop("claim"), row.pop("low"), **row) for row in rows))


def issues_of(scenario: Scenario) -> pd.DataFrame:
    """Return the issues of a scenario, in the builders' file unless another one is named."""
    common = {"source_file": "example.csv", "source_sheet": "", "severity": "error", "row_count": 1}
    rows = [
        common | {"value": "", "message": f"Row {row['source_row']}: {row['code']}."} | row
        for row in scenario.issues
    ]
    return typed(Issues, pd.DataFrame(rows, columns=columns_of(Issues))) if rows else empty(Issues)


def changes_of(scenario: Scenario, rules: Ruleset) -> pd.DataFrame:
    """Return what changed since the previous run of a scenario."""
    if scenario.before is None:
        return empty(Changes)
    then = claims_of(scenario.before).assign(file_sha256="1" * 64)
    return compare_releases(
        Release(then, figures_of(scenario.before)),
        Release(
            claims_of(scenario),
            figures_of(scenario),
            withdrawn_before=frozenset(scenario.withdrawn_before),
        ),
        reading_of(rules),
    )


def judgements_of(scenario: Scenario) -> tuple[Judgement, ...]:
    """Return the judgements of a scenario."""
    return tuple(
        Judgement(left=left, right=right, decision=decision, reviewer="a reviewer", decided_on=AS_OF)
        for left, decision, right in scenario.judgements
    )


def run_stages(
    scenario: Scenario, rules: Ruleset, gazetteer: Gazetteer
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return Claims, LinkedClaims and Discrepancies of a scenario, by the stages and in the order of the pipeline."""
    claims, figures = claims_of(scenario), figures_of(scenario)
    own = link_claims(claims, figures, empty(Victims), rules, gazetteer.by_id, judgements_of(scenario)).linked
    linked = typed(LinkedClaims, pd.concat([own, covering(claims, own)], ignore_index=True))
    claims, figures, _ = withhold(claims, figures, empty(Victims), rules.monitors)
    laid = lay_totals(claims, figures, linked, reader_of(rules, gazetteer, Within()))
    laid = replace(laid, changes=changes_of(scenario, rules))
    evidence = gather_evidence(
        claims,
        figures,
        linked,
        laid,
        issues_of(scenario),
        rules.monitors,
        rules.vocabularies,
        rules.discrepancies,
    )
    return claims, linked, find_discrepancies(evidence, {}, AS_OF)


def read(path: Path) -> Scenario:
    """Return the scenario of a file; a key it does not know is a fault with its line."""
    return load_model(path, Scenario, path.name)


def parts(path: Path) -> tuple[str, str]:
    """Return code and answer (yes or no) from a file's name."""
    found = NAME.fullmatch(path.stem)
    assert found, f"{path.name} is not <code>-yes.yaml, <code>-no.yaml or one of these with a variant"
    return found["code"].upper(), found["answer"]


def shown(found: pd.DataFrame) -> str:
    """Return findings for a failing test's message."""
    return found[["code", "severity", "claim_ids", "gap", "explanation"]].to_string()


def assert_explained(found: pd.DataFrame, known: set[str]) -> None:
    """Every finding says in a sentence what was found and what to do next, and names claims that exist, or did."""
    for row in found.itertuples():
        assert row.explanation.strip().endswith("."), f"{row.code}: {row.explanation!r}"
        assert row.suggested_action.strip().endswith((".", "?")), row.code
        assert row.claim_ids, row.code
        assert set(row.claim_ids.split()) <= known, f"{row.code}: {row.claim_ids}"
        assert not WORD_NAN.search(f"{row.explanation} {row.left_value} {row.right_value}"), row.explanation


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path, rules: Ruleset, gazetteer: Gazetteer):
    """A scenario raises all it expects, nothing else of those kinds and nothing it excludes, each finding explained."""
    scenario = read(path)
    claims, linked, found = run_stages(scenario, rules, gazetteer)
    if scenario.incidents is not None:
        incidents = linked[
            (linked["cluster_kind_code"] == "incident") & (linked["relation_code"] != "covers")
        ]
        assert incidents["cluster_id"].nunique() == scenario.incidents
    named = found[found["code"].isin([expected.code for expected in scenario.expect])]
    for expected in scenario.expect:
        assert sum(map(expected.fits, named.itertuples())) == 1, f"{expected}\n{shown(found)}"
    assert len(named) == len(scenario.expect), shown(named)
    assert not found["code"].isin(scenario.absent).any(), shown(found)
    then = set(claims_of(scenario.before)["claim_id"]) if scenario.before else set()
    assert_explained(found, set(claims["claim_id"]) | then)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario_says_what_its_name_says(path: Path):
    """A file of the name <code>-yes expects the code, one of the name <code>-no excludes it."""
    scenario = read(path)
    code, answer = parts(path)
    expected = {one.code for one in scenario.expect}
    assert code in (expected if answer == "yes" else scenario.absent)
    assert not expected & set(scenario.absent)
    assert expected | set(scenario.absent) <= {kind.code for kind in KINDS}


@pytest.mark.parametrize("code", [kind.code for kind in KINDS])
def test_kind_has_a_yes_and_a_no(code: str):
    """Every kind of discrepancy has a scenario that raises it and one that must not."""
    names = {path.stem for path in FILES}
    assert {f"{code.lower()}-yes", f"{code.lower()}-no"} <= names
