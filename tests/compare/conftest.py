"""What tests of the comparisons share: pairs compared, their levels spelled out beside them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import NO_VICTIMS, claim_row, claims_frame, figures_frame

from reconcile.compare import Surroundings, compare, spell_levels
from reconcile.frames import CandidatePairs, empty, typed
from reconcile.normalize import build_context
from reconcile.parse.places import fold_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconcile.ruleset import Linkage, Ruleset

    Compare = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def around(rules: Ruleset) -> Surroundings:
    """What comparisons know beside the claims: attackers and places, nothing linked before."""
    places = build_context(rules, "airwars").gazetteer.by_id
    countries = frozenset(fold_name(name) for name in rules.vocabularies["countries"].spellings()) - {""}
    return Surroundings(rules.vocabularies["perpetrators"], places, countries)


def pairs_of(rows: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Candidate pairs of these positions, all of the first rule."""
    frame = pd.DataFrame(rows, columns=["left_row", "right_row"]).assign(rule_no=0)
    return typed(CandidatePairs, frame) if len(rows) else empty(CandidatePairs)


@pytest.fixture(scope="session")
def comparing(rules: Ruleset, around: Surroundings) -> Compare:
    """A function that compares claims pair by pair, all pairs unless told otherwise, and spells their levels."""

    def run(
        claims: pd.DataFrame,
        figures: Sequence[dict[str, Any]] = (),
        pairs: Sequence[tuple[int, int]] | None = None,
        *,
        victims: pd.DataFrame = NO_VICTIMS,
        linkage: Linkage = rules.linkage["incidents"],
        around: Surroundings = around,
    ) -> pd.DataFrame:
        chosen = list(itertools.combinations(range(len(claims)), 2) if pairs is None else pairs)
        found = compare(claims, figures_frame(*figures), victims, pairs_of(chosen), linkage, around).pairs
        return found.join(spell_levels(linkage.kind_code, found["pattern"].to_numpy()))

    return run


@pytest.fixture(scope="session")
def level(comparing: Compare) -> Callable[..., str]:
    """A function that returns the level of one comparison of two incident claims, the same from both sides."""

    def run(comparison: str, left: dict[str, Any], right: dict[str, Any], *figures: dict[str, Any]) -> str:
        claims = claims_frame(
            claim_row(1, **{"native_id": "A"} | left),
            claim_row(2, **{"monitor": "cjtf_oir", "native_id": "B"} | right),
        )
        return only_one(comparing(claims, figures, [(0, 1), (1, 0)])[f"{comparison}_level"])

    return run


def only_one(levels: pd.Series[str]) -> str:
    """Return the level that both directions of a pair stand on."""
    found = levels.unique().tolist()
    assert len(found) == 1, f"the level depends on the side: {found}"
    return str(found[0])
