"""Training: what the claims tell of m, u and the prior, what they can't, and a rule file that keeps its reasons."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import claim_row, claims_frame, figure_row, figures_frame, victim_row, victims_frame

from reconcile.errors import UsageFault
from reconcile.linkage import surroundings_of
from reconcile.rulefiles import load_model, write_linkage
from reconcile.ruleset import Linkage
from reconcile.train import LEAST_MATCHES, train

if TYPE_CHECKING:
    from pathlib import Path

    from reconcile.ruleset import Ruleset
    from reconcile.train import Trained

TOWNS = ("Alder", "Birch", "Cedar", "Damson", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper")
FIRST = pd.Timestamp("2017-01-01")


def war(events: int, seed: int = 1, slips: float = 0.3) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Claims of two monitors about as many events, their figures, and the true pairs.

    The second monitor slips by a day in a share of its claims, and states the same number of killed in nine of ten.
    """
    chance = random.Random(seed)  # noqa: S311 - the same on every run
    rows, figures, pairs = [], [], []
    for number in range(events):
        day = FIRST + pd.Timedelta(days=chance.randrange(700))
        killed = 1 + chance.randrange(12)
        other = killed if chance.random() < 0.9 else 20 + chance.randrange(20)
        slipped = day + pd.Timedelta(days=int(chance.random() < slips))
        about: dict[str, Any] = {"place_name": chance.choice(TOWNS), "admin1": "", "country_code": ""}
        for letter, monitor, when, count in (
            ("A", "airwars", day, killed),
            ("U", "ucdp_ged", slipped, other),
        ):
            row = claim_row(
                number, native_id=f"{letter}{number}", monitor=monitor, day=f"{when.date()}", **about
            )
            rows.append(row)
            figures.append(figure_row(row["claim_id"], count))
        pairs.append((f"airwars:A{number}", f"ucdp_ged:U{number}"))
    return claims_frame(*rows), figures_frame(*figures), pd.DataFrame(pairs, columns=["left_id", "right_id"])


def trained(
    rules: Ruleset, claims: pd.DataFrame, figures: pd.DataFrame, labels: pd.DataFrame | None = None
) -> Trained:
    """Train the shipped rules of incidents."""
    around = surroundings_of(rules, {})
    return train(claims, figures, victims_frame(), rules.linkage["incidents"], rules.monitors, around, labels)


@pytest.mark.parametrize("is_labelled", [True, False])
def test_shares_follow_the_claims(rules: Ruleset, *, is_labelled: bool) -> None:
    """With labels or without, a level that true pairs stand on often gets a large m, and chance pairs give its u."""
    claims, figures, labels = war(300)
    found = trained(rules, claims, figures, labels if is_labelled else None)
    date, number = (found.linkage.comparisons[name] for name in ("date", "number"))
    assert date["next_day"].m == pytest.approx(0.3, abs=0.08)
    assert date["same_day"].m == pytest.approx(0.7, abs=0.08)
    agreeing = number["equal"].m + number["equal_rare"].m
    by_chance = number["equal"].u + number["equal_rare"].u
    assert agreeing > 5 * by_chance
    assert found.matches == pytest.approx(300, rel=0.1)
    assert found.linkage.prior_bits is not None
    assert found.linkage.prior_bits > 0, "nearly every claim has its partner"


def test_levels_nobody_tried_keep_their_shares(rules: Ruleset) -> None:
    """What these claims can't show stays as it was, and the comparison that is never stated is named."""
    claims, figures, _ = war(200)
    found = trained(rules, claims, figures)
    before, after = rules.linkage["incidents"].comparisons, found.linkage.comparisons
    assert after["position"] == before["position"]
    assert after["number"]["conceded_more"] == before["number"]["conceded_more"]
    assert after["date"]["reply_next_day"] == before["date"]["reply_next_day"]
    assert any(remark.startswith("position: ") for remark in found.remarks)
    assert {rule.u for rule in after["place"].values()} == {rule.u for rule in before["place"].values()}


def test_windows_that_share_a_day_are_pooled(rules: Ruleset) -> None:
    """The length of windows is no trait of a match: the same day and overlapping windows share their m."""
    claims, figures, _ = war(200)
    date = trained(rules, claims, figures).linkage.comparisons["date"]
    assert date["same_day"].m == date["overlapping"].m
    assert 0.5 < date["same_day"].m < 0.9


def test_too_few_matches_are_refused(rules: Ruleset) -> None:
    """Claims that hold hardly a match teach nothing, and the sentence says how many there are and how many it takes."""
    claims, figures, labels = war(LEAST_MATCHES - 10)
    with pytest.raises(UsageFault, match=rf"at least {LEAST_MATCHES} are needed"):
        trained(rules, claims, figures)
    with pytest.raises(UsageFault, match="labelled pairs are among the candidates, of 20 given"):
        trained(rules, claims, figures, labels)
    none = claims.head(0)
    with pytest.raises(UsageFault, match="needed"):
        trained(rules, none, figures.head(0))


def test_labels_that_no_rule_blocks_are_counted(rules: Ruleset) -> None:
    """A labelled pair that is no candidate, or of an unknown claim, teaches nothing; the first is said."""
    claims, figures, labels = war(60)
    far = pd.DataFrame(
        [("airwars:A0", "ucdp_ged:U1"), ("airwars:none", "ucdp_ged:U1")], columns=labels.columns
    )
    found = trained(rules, claims, figures, pd.concat([labels.iloc[2:], far], ignore_index=True))
    assert found.matches == 58
    assert "1 labelled pairs are no candidates under the blocking rules, and taught nothing." in found.remarks


def test_order_of_claims_does_not_matter(rules: Ruleset) -> None:
    """The same claims give the same rules, whatever their figures' order."""
    claims, figures, _ = war(80)
    one, other = (trained(rules, claims, some).linkage for some in (figures, figures.iloc[::-1]))
    assert one == other


def test_names_are_taught_by_lists_without_days(rules: Ruleset) -> None:
    """Bare lists of persons have no days to move: chance pairs are drawn, and the ages of true pairs are told from theirs."""
    chance = random.Random(5)  # noqa: S311 - the same on every run
    given = ("Samer", "Layla", "Nabil", "Rima", "Jamil", "Zeina", "Tareq", "Hind", "Fadi", "Wafa")
    family = ("Nuri", "Haddad", "Daher", "Masri", "Barakat", "Ghanem", "Khatib", "Qasim", "Said", "Salti")
    rows, victims = [], []
    for number in range(120):
        name = " ".join(chance.choice(some) for some in (given, given, given, family))
        age = chance.randrange(80)
        for letter, monitor in (("A", "victim_list"), ("B", "victim_list_right")):
            row = claim_row(
                number, native_id=f"{letter}{number}", monitor=monitor, kind_code="victim", unit_code="person", day=None, edtf="",
                place_name="", admin1="", country_code="",
            )  # fmt: skip
            rows.append(row)
            victims.append(victim_row(row["claim_id"], name, age=age))
    monitors = rules.monitors | {"victim_list_right": rules.monitors["victim_list"]}
    found = train(
        claims_frame(*rows), figures_frame(), victims_frame(*victims), rules.linkage["victims"], monitors,
        surroundings_of(rules, {}),
    )  # fmt: skip
    age = found.linkage.comparisons["age"]
    assert age["same_year"].m > 0.9
    assert age["same_year"].u < 0.05
    assert found.matches == pytest.approx(120, rel=0.1)


def test_written_file_keeps_its_reasons_and_loads(rules: Ruleset, tmp_path: Path) -> None:
    """The new rule file has the new numbers, what they come from, and every comment and reason of the old one."""
    claims, figures, _ = war(100)
    found = trained(rules, claims, figures)
    source, target = rules.root / "linkage" / "incidents.yaml", tmp_path / "incidents.yaml"
    write_linkage(source, target, found.linkage)
    text = target.read_text(encoding="utf-8")
    assert load_model(target, Linkage) == found.linkage
    assert "100 claims of airwars" in text
    comments = [
        line for line in source.read_text(encoding="utf-8").splitlines() if line.lstrip().startswith("#")
    ]
    assert [line for line in comments if line not in text] == []
    with pytest.raises(UsageFault, match="can't be written"):
        write_linkage(source, tmp_path / "none" / "incidents.yaml", found.linkage)
