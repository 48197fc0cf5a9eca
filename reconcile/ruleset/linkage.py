"""Fellegi-Sunter as rule files state it: blocking rules, comparison levels, thresholds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from reconcile.ruleset.base import Code, LinkedKind, Rule

_PLACE_LEVELS = (
    "same_spot", "same_name", "similar_name", "part_of", "other_part", "namesake", "inside_town", "nearby", "around",
    "only_admin1", "same_admin1", "other", "far",
)  # fmt: skip
# The levels on which a comparison can put a pair; beside them stands `missing`, which weighs nothing.
LEVELS: dict[LinkedKind, dict[str, tuple[str, ...]]] = {
    "incident": {
        "date": (
            "same_day", "overlapping", "next_day", "within_2_days", "further",
            "reply_next_day", "reply_within_2_days", "reply_further",
        ),
        "place": _PLACE_LEVELS,
        "attacker": ("same", "overlapping", "related", "parties_only", "different"),
        "number": (
            "equal_rare", "equal", "overlapping", "near", "disjoint", "none_against_some",
            "conceded_equal", "conceded_within", "conceded_fewer", "conceded_more", "conceded_none",
        ),
        "injured": ("equal", "overlapping", "disjoint", "none_against_some"),
        "position": (
            "conceded_confirmed",
            "conceded_unconfirmed",
            "denied_confirmed",
            "denied_discounted",
            "denied_unconfirmed",
        ),
        "victims": ("shared", "none_shared"),
    },
    "victim": {
        "name": (
            "same_parts", "same_parts_moved", "one_alike", "loosely_alike", "one_differs", "given_differs", "some_shared", "none_shared",
        ),
        "age": ("same_year", "one_year", "few_years", "further"),
        "sex": ("same", "different"),
        "date": ("same_day", "next_day", "within_week", "within_month", "further"),
        "place": _PLACE_LEVELS,
        "incident": ("same", "other"),
    },
}  # fmt: skip
# The numbers that the comparisons of a kind read from its rule file.
LINKAGE_PARAMETERS: dict[LinkedKind, tuple[str, ...]] = {
    "incident": ("near_km", "around_km", "far_km", "similar_ratio"),
    "victim": ("near_km", "around_km", "far_km", "similar_ratio", "alike_ratio"),
}
# The parameters that the function of a kind of discrepancy reads; other kinds read none.


class Level(Rule):
    """One comparison level: how likely it is among true pairs (m) and among the others (u).

    Attributes:
        usual_share: the share of claims that bears what pairs on this level usually agree on; against it a rarer agreement
            adds and a commoner one takes. Without it u stands for it.
    """

    title: str
    m: float = Field(gt=0, lt=1)
    u: float = Field(gt=0, lt=1)
    usual_share: float | None = Field(default=None, gt=0, lt=1)
    reason: str = ""


class BlockingRule(Rule):
    """Which claims are worth comparing: those that share a key and lie near each other in time, or in age.

    Attributes:
        key: what has to be shared: a part of the place name, the governorate, a grid cell, the country; for victims the
            whole name, two or three parts of it, one part, or the incident.
        within_days: how far apart the windows may lie; without it days are not looked at.
        within_years: how far apart the ages may lie; without it ages are not looked at.
        only: only pairs of which one side lacks something: `undated` a day, `unplaced` a governorate, `unlocated` a point
            of a town or finer, `nowhere` both.
    """

    code: Code
    key: Literal["place", "admin1", "nearby", "day", "name", "name_triple", "name_pair", "name_part"]
    within_days: int | None = Field(default=None, ge=0, le=400)
    within_years: int | None = Field(default=None, ge=0, le=100)
    only: Literal["", "undated", "unplaced", "unlocated", "nowhere"] = ""
    reason: str

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if self.within_days is not None and (self.within_years is not None or self.only == "undated"):
            raise ValueError(
                "a rule looks at days or at ages: `within_days` goes with neither `within_years` nor `only: undated`"
            )
        return self


class Thresholds(Rule):
    """Weights, in bits, from which a pair is a match, worth a person's look, or a rival of other pairs.

    `match` is held against the weight with the rivals of either side set against it, the other two against the weight alone.
    """

    match: float
    possible: float
    rival: float = -6.0
    reason: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.rival <= self.possible <= self.match:
            raise ValueError("rival, possible and match have to stand in that order, the smallest first")
        return self


class Linkage(Rule):
    """Fellegi-Sunter for one kind of claim.

    Attributes:
        prior_bits: log2 odds that two claims speak of one incident or victim, before anything is compared; or
        expected_share: the share of the shorter list that is expected to stand in the longer one too, from which the odds
            follow by the sizes of the lists. Exactly one of the two.
        rarity_floor_bits, rarity_cap_bits: what agreeing on something common takes, and on something rare adds, at most, in
            any one comparison.
        max_pairs_per_key, max_pairs_per_claim: where a key, or a rule, brings more pairs, its commonest keys are narrowed.
        parameters: numbers that comparisons read, by name.
    """

    id: Code
    title: str
    kind_code: LinkedKind
    reason: str
    trained_on: str
    prior_bits: float | None = None
    expected_share: float | None = Field(default=None, gt=0, le=1)
    rarity_floor_bits: float = Field(le=0)
    rarity_cap_bits: float = Field(ge=0)
    max_pairs_per_key: int = Field(ge=1)
    max_pairs_per_claim: float = Field(default=200, gt=0)
    parameters: dict[str, float]
    blocking: tuple[BlockingRule, ...]
    comparisons: dict[str, dict[str, Level]]
    thresholds: Thresholds

    @model_validator(mode="after")
    def _one_prior(self) -> Self:
        if (self.prior_bits is None) == (self.expected_share is None):
            raise ValueError("exactly one of `prior_bits` and `expected_share` has to be stated")
        return self
