"""The stage that follows claims to those who first asserted them, and the page that tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from conftest import ROOT, claim_row, claims_frame
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.frames import Claims, empty
from reconcile.origins import COUNTED, independent, trace_origins
from reconcile.rulefiles import load_rules

if TYPE_CHECKING:
    from random import Random

    from reconcile.ruleset import Ruleset

RULES = load_rules(ROOT / "rules")
ORIGINS = RULES.vocabularies["origins"]
NAMES = ("sohr", "snhr", "afp", "reuters", "media_report", "local_sources", "x_a_paper")
named = st.lists(st.frozensets(st.sampled_from(NAMES), max_size=4), min_size=1, max_size=6)


def claims_of(sets: list[frozenset[str]]) -> pd.DataFrame:
    """Return a claim for each set of origins."""
    return claims_frame(
        *(claim_row(number, origin_ids=" ".join(sorted(one))) for number, one in enumerate(sets, 1))
    )


def traced(claims: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return name, role and basis of each row, in order."""
    rows = trace_origins(claims, RULES.monitors, ORIGINS)
    return list(rows[["name", "role_code", "basis_code"]].itertuples(index=False, name=None))


@budget(25)
@given(named)
def test_origins_relays_add_no_origin(sets: list[frozenset[str]]) -> None:
    """Beside a first asserter no wire and no nameless word counts."""
    rows = trace_origins(claims_of(sets), RULES.monitors, ORIGINS)
    firm = {"sohr", "snhr", "x_a_paper"}

    for one, own in rows.groupby("claim_id"):
        counted = set(own.loc[own["role_code"].isin(COUNTED), "origin_code"])
        assert counted == (counted & firm or counted), one
        assert counted == independent(own["origin_code"], ORIGINS)


@budget(25)
@given(named)
def test_origins_nobody_is_lost(sets: list[frozenset[str]]) -> None:
    """Every origin named has a row, and one of each claim's counts."""
    claims = claims_of(sets)
    rows = trace_origins(claims, RULES.monitors, ORIGINS)

    told = {
        (claim, code)
        for claim, text in zip(claims["claim_id"], claims["origin_ids"], strict=True)
        for code in text.split()
    }
    assert set(zip(rows["claim_id"], rows["origin_code"], strict=True)) == told
    assert set(rows.loc[rows["role_code"].isin(COUNTED), "claim_id"]) == {claim for claim, _ in told}


@budget(25)
@given(named, st.randoms(use_true_random=False))
def test_origins_order_is_no_matter(sets: list[frozenset[str]], chance: Random) -> None:
    """Claims in another order give the same rows."""
    claims = claims_of(sets)
    order = list(range(len(claims)))
    chance.shuffle(order)

    pd.testing.assert_frame_equal(
        trace_origins(claims, RULES.monitors, ORIGINS),
        trace_origins(claims.iloc[order].reset_index(drop=True), RULES.monitors, ORIGINS),
    )


def test_outlets_are_ways() -> None:
    """Those through whom a claim came are told once, and not again where the claim names them as its origin."""
    claims = claims_frame(
        claim_row(1, origin_ids="sohr", reported_via="AFP quoting SOHR; SOHR; A Small Paper")
    )

    assert sorted(traced(claims)) == [
        ("A Small Paper", "passes_on", "outlet"),
        ("Agence France-Presse", "passes_on", "outlet"),
        ("Syrian Observatory for Human Rights", "asserts", "named"),
    ]


def test_a_record_that_names_nobody_is_its_monitors() -> None:
    """A monitor that collects speaks for itself; one that only passes on is as far as the claim can be followed."""
    assert traced(claims_frame(claim_row(1, monitor="airwars", origin_ids="airwars"))) == [
        ("Airwars", "asserts", "monitor")
    ]
    assert traced(claims_frame(claim_row(1, monitor="ucdp_ged", origin_ids="ucdp"))) == [
        ("Uppsala Conflict Data Program", "last_known", "monitor")
    ]


def test_no_claims_no_origins() -> None:
    """An empty run has an empty table of the same columns."""
    assert trace_origins(empty(Claims), RULES.monitors, ORIGINS).empty


@pytest.mark.parametrize("monitor", sorted(name for name, rule in RULES.monitors.items() if rule.origin_code))
def test_each_monitor_is_an_origin_that_is_known(monitor: str, rules: Ruleset) -> None:
    """The code by which a monitor speaks for itself has a title of its own."""
    term = rules.vocabularies["origins"].terms[rules.monitors[monitor].origin_code]
    assert term.title
    assert not term.generic
