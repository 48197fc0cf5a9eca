"""Linkage by parts: whatever the shares, the same pairs, levels and bits as of the whole, and the same links."""

# ruff: noqa: S301 - what is unpacked was packed a line before
from __future__ import annotations

import pickle
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import NO_VICTIMS, ROOT, claim_row, figure_row
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from strategies import ATTACKERS, FIRST_DAY, Small, budget, frames, small_of, victim_lists

from reconcile import spread
from reconcile.block import block
from reconcile.compare import compare, comparison_of, joined, prior_bits
from reconcile.compare.whole import tally, whole_of
from reconcile.linkage import link_claims, surroundings_of
from reconcile.normalize import build_context
from reconcile.spread import spread_compare, spread_incidents
from reconcile.views import NO_DAY, windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reconcile.compare import Surroundings
    from reconcile.ruleset import Linkage, Ruleset

MONITORS = ("airwars", "ucdp_ged", "sohr")
# Two spellings of one town, a town in a gazetteer, one that only the run's own claims place, a quarter of a town, and none.
PLACES = {
    "Raqqa": (35.95, 39.0), "Ar Raqqah": (35.95, 39.0), "Suluk": (36.6, 39.12), "Tell Example": (36.3, 38.7),
    "Old Bridge, Raqqa": (35.955, 39.012), "Tel Exampel": (36.3, 38.7), "": (35.9, 39.2),
}  # fmt: skip
SHARES = (0.15, 0.1, 0.1, 0.1, 0.1, 0.1, 0.35)
CENTROID = (36.21, 38.9)
SPANS = (0, 0, 0, 0, 1, 6, 33, 70, 200)


class Here:
    """An engine of one machine, this one: what is sent is packed and unpacked as if it travelled."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of pieces."""
        self.folder, self.rooms, self.begun = folder, 0, []

    def begin(
        self, stage: str, work: Callable[..., Any], *parts: Sequence[Any], shared: Sequence[Any] = ()
    ) -> list[Any]:
        """Do the work, and remember what it was called."""
        self.begun.append((stage, work.__name__))
        work, common = pickle.loads(pickle.dumps((work, shared)))
        sent = [pickle.dumps(some) for some in zip(*parts, strict=True)]
        return [work(*pickle.loads(some), *common) for some in sent]

    def take(self, begun: Sequence[Any]) -> list[Any]:
        """Return what was done."""
        return [pickle.loads(pickle.dumps(one)) for one in begun]

    def room(self, stage: str) -> Path:
        """Return a new folder."""
        self.rooms += 1
        path = self.folder / f"{self.rooms}-{stage}"
        path.mkdir()
        return path


@pytest.fixture(scope="module")
def around(rules: Ruleset) -> Surroundings:
    """What comparisons know beside the claims."""
    return surroundings_of(rules, build_context(rules, "airwars").gazetteer.by_id)


def years(seed: int, size: int = 160) -> Small:
    """Claims of two years: crowded weeks and quiet ones, long windows, shared centroids, totals, and claims without a day."""
    rng = np.random.default_rng(seed)
    rows, figures = [], []
    for number in range(size):
        start = FIRST_DAY + timedelta(days=int(rng.choice([rng.integers(0, 700), rng.integers(20, 70)])))
        end = start + timedelta(days=int(rng.choice(SPANS)))
        dated, located = rng.random() > 0.05, rng.random() > 0.4
        name = str(rng.choice(list(PLACES), p=SHARES))
        centre = PLACES[name]
        north, east = (centre[0] + rng.random() / 40, centre[1]) if name else CENTROID
        row = claim_row(
            number,
            monitor=str(rng.choice(MONITORS)),
            kind_code="total" if rng.random() < 0.05 else "incident",
            unit_code=str(rng.choice(["incident"] * 9 + ["event_summary"])),
            date_start=f"{start}" if dated else None,
            date_end=f"{end}" if dated else None,
            place_name=name,
            admin1=str(rng.choice(["Ar-Raqqa", "Aleppo", ""])),
            country_code=str(rng.choice(["SYR", "SYR", ""])),
            latitude=north if located else None,
            longitude=east if located else None,
            location_precision_code=int(rng.integers(1, 7)),
            perpetrator_codes=str(rng.choice(ATTACKERS)),
        )
        rows.append(row)
        if rng.random() < 0.8:
            figures.append(figure_row(row["claim_id"], int(rng.integers(0, 6))))
    return small_of(rows, figures)


def hold_equal(small: Small, linkage: Linkage, around: Surroundings, folder: Path, share_claims: int) -> int:
    """Hold linkage by shares against linkage of the whole; return how many pairs both kept."""
    blocked = block(small.claims, NO_VICTIMS, linkage)
    least = linkage.thresholds.rival
    whole = compare(small.claims, small.figures, NO_VICTIMS, blocked.pairs, linkage, around, least)
    found, summary = spread_incidents(
        Here(folder), small.claims, small.figures, linkage, around, share_claims=share_claims
    )
    assert_frame_equal(summary, blocked.summary, check_exact=True)
    assert_frame_equal(found.pairs, whole.pairs, check_exact=True)
    assert_frame_equal(found.patterns, whole.patterns, check_exact=True)
    return len(whole.pairs)


@given(
    seed=st.integers(0, 10_000), share_claims=st.sampled_from([7, 40, 1, 1000]), most=st.sampled_from([2, 9, 2_000_000])
)  # fmt: skip
@budget(6)
def test_shares_equal_the_whole(rules, around, tmp_path_factory, seed, share_claims, most):
    """Whatever the shares, long windows and narrowed keys among them, pairs, levels and bits are those of the whole."""
    linkage = rules.linkage["incidents"].model_copy(update={"max_pairs_per_key": most})
    hold_equal(years(seed), linkage, around, tmp_path_factory.mktemp("pieces"), share_claims)


@given(small=frames(), share_claims=st.sampled_from([1, 3]))
@budget(8)
def test_small_runs_equal_the_whole(rules, around, tmp_path_factory, small, share_claims):
    """Runs of a few claims, or none, are shared out like any other."""
    hold_equal(small, rules.linkage["incidents"], around, tmp_path_factory.mktemp("pieces"), share_claims)


def test_something_is_shared_out(rules, around, tmp_path):
    """The runs above have pairs over the border of two months, pairs of long windows, and narrowed keys."""
    small, linkage = years(1), rules.linkage["incidents"]
    assert hold_equal(small, linkage, around, tmp_path, 1) > 50
    pairs = block(small.claims, NO_VICTIMS, linkage).pairs
    start, end = small.claims["date_start"], small.claims["date_end"]
    left, right = pairs["left_row"].to_numpy(), pairs["right_row"].to_numpy()
    assert (start.dt.month.to_numpy()[left] != start.dt.month.to_numpy()[right]).any()
    assert ((end - start).dt.days.to_numpy()[left] > spread.LONG_DAYS).any()
    narrow = linkage.model_copy(update={"max_pairs_per_key": 2})
    assert block(small.claims, NO_VICTIMS, narrow).summary["narrowed_keys"].sum() > 0


def test_budget_of_a_rule_is_kept_over_all_shares(rules, around, tmp_path):
    """Where a rule as a whole brings too many pairs, the same keys are narrowed as in the whole run."""
    linkage = rules.linkage["incidents"].model_copy(
        update={"max_pairs_per_claim": 0.2, "max_pairs_per_key": 10}
    )
    small = years(3)
    assert block(small.claims, NO_VICTIMS, linkage).summary["narrowed_keys"].sum() > 0
    hold_equal(small, linkage, around, tmp_path, 7)


def test_halo_is_needed(rules, around, tmp_path, monkeypatch):
    """Without the weeks around a share, chance comes out otherwise: the test above would see it."""
    monkeypatch.setattr(spread, "AROUND_DAYS", -spread.LONG_DAYS)
    with pytest.raises(AssertionError):
        hold_equal(years(1), rules.linkage["incidents"], around, tmp_path, 1)


@given(small=victim_lists(), kind=st.sampled_from(["victims", "incidents"]))
@budget(8)
def test_ranges_equal_the_whole(rules, around, tmp_path_factory, small, kind):
    """Compared range by range elsewhere, victims come to the same levels and bits."""
    linkage = rules.linkage[kind]
    pairs = block(small.claims, small.victims, linkage).pairs
    told = (small.claims, small.figures, small.victims, pairs, linkage, around, linkage.thresholds.rival)
    whole = compare(*told)
    found = spread_compare(Here(tmp_path_factory.mktemp("pieces")), *told)
    assert_frame_equal(found.pairs, whole.pairs, check_exact=True)
    assert_frame_equal(found.patterns, whole.patterns, check_exact=True)


@given(small=victim_lists())
@budget(5)
def test_links_equal(rules, tmp_path_factory, small):
    """Victims, incidents in the light of them, and victims once more: all that linkage returns is the same."""
    places = build_context(rules, "airwars").gazetteer.by_id
    told = (small.claims, small.figures, small.victims, rules, places)
    near = link_claims(*told)
    far = link_claims(*told, engine=Here(tmp_path_factory.mktemp("pieces")))
    for name in ("linked", "verdicts", "patterns", "blocking"):
        assert_frame_equal(getattr(far, name), getattr(near, name), check_exact=True)


def test_stages_are_told_in_order(rules, tmp_path):
    """What is begun elsewhere bears the name of the stage that asks for it, and a person is told the same stages."""
    small, places = years(2), build_context(rules, "airwars").gazetteer.by_id
    told: dict[bool, list[str]] = {True: [], False: []}
    here = Here(tmp_path)
    for engine in (None, here):
        watch = told[engine is None].append
        link_claims(small.claims, small.figures, NO_VICTIMS, rules, places, watch=watch, engine=engine)
    assert told[True] == told[False] == ["block", "compare", "cluster"]
    assert list(dict.fromkeys(stage for stage, _ in here.begun)) == ["block", "compare"]


def test_tallies_do_not_hang_on_parts(around):
    """What a run counts is the same however its claims are dealt out."""
    small = years(4)
    rng = np.random.default_rng(0)
    deal = rng.integers(0, 3, len(small.claims))
    of_figure = pd.Series(deal, index=small.claims["claim_id"]).reindex(small.figures["claim_id"]).to_numpy()
    parts = [
        tally(small.claims[deal == one], small.figures[of_figure == one], around.countries)
        for one in range(3)
    ]
    one, three = whole_of([tally(small.claims, small.figures, around.countries)], 0.0), whole_of(parts, 0.0)
    assert_frame_equal(one.spots, three.spots, check_exact=True)
    assert_frame_equal(one.points, three.points)
    assert len(one.spots)
    assert len(one.points)
    for name in one.borne:
        assert one.borne[name].to_dict() == three.borne[name].to_dict()
    assert one.parts.to_dict() == three.parts.to_dict()


# ---- Spark, as docs/scale.md has it ---------------------------------------------------------------------------------


class Stood:
    """What stands in for a frame of Spark: rows, some of them, and what is made of each group of them."""

    def __init__(self, rows: pd.DataFrame) -> None:
        """Take the rows."""
        self.rows = rows

    def where(self, condition: str) -> Stood:
        """Return some of the rows."""
        return Stood(self.rows.query(condition))

    def groupBy(self, key: str) -> Grouped:  # noqa: N802 - Spark's own word
        """Return the rows in groups."""
        return Grouped([dict(iter(self.rows.groupby(key)))])

    def toPandas(self) -> pd.DataFrame:  # noqa: N802 - Spark's own word
        """Return the rows."""
        return self.rows


class Grouped:
    """Groups of one frame, or of two side by side."""

    def __init__(self, sides: list[dict[int, pd.DataFrame]]) -> None:
        """Take the groups of each frame."""
        self.sides = sides

    def cogroup(self, other: Grouped) -> Grouped:
        """Return the groups of both."""
        return Grouped([*self.sides, *other.sides])

    def applyInPandas(self, work: Callable[..., pd.DataFrame], schema: str) -> Stood:  # noqa: N802 - Spark's own word
        """Return what is made of each group, in the columns that the schema names."""
        names = [column.split()[0] for column in schema.split(", ")]
        none = [next(iter(side.values())).iloc[:0] for side in self.sides]
        made = []
        for number in self.sides[0]:
            groups = [side.get(number, blank) for side, blank in zip(self.sides, none, strict=True)]
            # Spark knows neither our index nor our types of text.
            plain = [group.reset_index(drop=True).astype({"claim_id": object}) for group in groups]
            made.append(work((number,), *plain)[names])
        return Stood(pd.concat(made, ignore_index=True))


def test_spark_form_equals_the_whole(rules, around, tmp_path):
    """The block of docs/scale.md, over what stands in for Spark, comes to the pairs, levels and bits of the whole run."""
    text = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    block_of_code = text.split("```python\n", 1)[1].split("```", 1)[0]
    told: dict[str, Any] = {}
    exec(compile(block_of_code, "scale.md", "exec"), told)  # noqa: S102 - our own documentation
    small, linkage = years(1), rules.linkage["incidents"]
    plan = spread.plan_of(small.claims, linkage, around, tmp_path, 30)
    assert len(plan.firsts) > 3
    start, end = windows_of(small.claims)
    claims = small.claims.assign(row=range(len(start)))
    groups = [claims[start == NO_DAY].assign(share=-1)]
    for number in plan.shares:
        days = plan.days(number)
        halo = spread.halo_of(days, plan.reach)
        needed = (start >= halo[0]) & (start <= halo[1])
        needed |= (start != NO_DAY) & (start < days[0]) & (end + plan.reach >= days[0])
        groups.append(claims[needed].assign(share=number))
    every = pd.concat(groups, ignore_index=True)
    figures = every[["claim_id", "share"]].merge(small.figures, on="claim_id")
    prior = prior_bits(linkage, small.claims)
    found = told["link_incidents"](Stood(every), Stood(figures), plan, linkage, around, prior)
    parts = [part for part, _, _ in found]
    rest = pd.concat([rest for _, rest, _ in found], ignore_index=True)
    assert len(rest)
    least = linkage.thresholds.rival
    holder = comparison_of(small.claims, small.figures, NO_VICTIMS, linkage, around, least)
    parts.append(holder.part(rest))
    pairs = block(small.claims, NO_VICTIMS, linkage).pairs
    whole = compare(small.claims, small.figures, NO_VICTIMS, pairs, linkage, around, least)
    joined_up = joined(spread.in_order(parts), pairs, linkage, prior)
    assert_frame_equal(joined_up.pairs, whole.pairs, check_exact=True)
    assert_frame_equal(joined_up.patterns, whole.patterns, check_exact=True)
