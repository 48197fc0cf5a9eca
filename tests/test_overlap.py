"""The pages Overlap and Origins: what they count, and what they leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import ROOT, claim_row, claims_frame

from reconcile.frames import LinkedClaims, PairVerdicts, empty, typed
from reconcile.origins import independent, trace_origins
from reconcile.report.origins import origins_sheet
from reconcile.report.overlap import KNOWS, KNOWS_NOT, overlap_sheet
from reconcile.rulefiles import load_rules

if TYPE_CHECKING:
    from reconcile.sheets import Block, Sheet

RULES = load_rules(ROOT / "rules")


class Known:
    """As much of a run's result as the two pages read: claims, each in the cluster that it names."""

    def __init__(self, *claims: tuple[str, str, dict[str, Any]]) -> None:
        """Take (cluster, monitor, overrides) of each claim."""
        rows = [
            claim_row(number, monitor=monitor, **more) for number, (_, monitor, more) in enumerate(claims, 1)
        ]
        self.claims = claims_frame(*rows)
        own = {row["claim_id"]: cluster for row, (cluster, _, _) in zip(rows, claims, strict=True)}
        linked = pd.DataFrame({"claim_id": list(own), "cluster_id": list(own.values())})
        self.linked = typed(
            LinkedClaims,
            linked.assign(cluster_kind_code="incident", relation_code="same", link_basis_code="weight"),
        )
        self.verdicts = empty(PairVerdicts)
        self.rules = RULES
        origins = RULES.vocabularies["origins"]
        self.origins = trace_origins(self.claims, RULES.monitors, origins)
        named = self.claims.assign(cluster=self.claims["claim_id"].map(own)).groupby("cluster")["origin_ids"]
        self.independent = {str(key): independent(" ".join(texts).split(), origins) for key, texts in named}


def block_of(sheet: Sheet, heading: str) -> Block:
    """Return the block of a heading."""
    return next(block for block in sheet.blocks if block.heading == heading)


@pytest.fixture(scope="module")
def known() -> Known:
    """Two monitors that share one incident of three, one that watches another month, and a summary."""
    return Known(
        ("c1", "airwars", {"origin_ids": "airwars"}),
        ("c1", "ucdp_ged", {"origin_ids": "sohr", "reported_via": "SOHR; AFP"}),
        ("c2", "airwars", {"origin_ids": "airwars"}),
        ("c3", "ucdp_ged", {"origin_ids": "sohr"}),
        ("c4", "cjtf_oir", {"origin_ids": "coalition", "day": "2017-09-01"}),
        ("c5", "ucdp_ged", {"origin_ids": "sohr", "unit_code": "event_summary"}),
    )


def test_each_incident_stands_in_one_combination(known: Any) -> None:
    """The combinations add up to the incidents, summaries aside, and a dot stands for each that knows."""
    rows = block_of(overlap_sheet(known), "By combination of monitors").rows
    both = rows[rows["monitors"].str.contains(" + ", regex=False)]

    assert rows["incidents"].sum() == 4
    assert both[["has_airwars", "has_ucdp_ged", "has_cjtf_oir"]].to_numpy().tolist() == [
        [KNOWS, KNOWS, KNOWS_NOT]
    ]


def test_what_a_monitor_does_not_watch_is_not_held_against_it(known: Any) -> None:
    """A pair is compared where both have claims; elsewhere there is no share at all."""
    rows = block_of(overlap_sheet(known), "By pair of monitors").rows
    pair = rows[rows["common"] == 1].iloc[0]
    apart = rows[rows["common"] == 0]

    assert (pair["left"], pair["right"], pair["left_share"], pair["months"]) == (2, 2, 0.5, 1)
    assert len(apart) == 2
    assert apart["left_share"].isna().all()


def test_monitors_are_told_what_others_know(known: Any) -> None:
    """Incidents of a monitor are those known to another and those known to it alone."""
    rows = block_of(overlap_sheet(known), "Who knows what others know").rows

    assert (rows["shared"] + rows["alone"]).tolist() == rows["incidents"].tolist()
    assert rows["shared"].sum() == 2


def test_reports_stand_beside_origins() -> None:
    """Two monitors that both go back to one voice are 2 monitors over 1 origin."""
    once = Known(("c1", "airwars", {"origin_ids": "sohr"}), ("c1", "ucdp_ged", {"origin_ids": "afp sohr"}))
    row = block_of(origins_sheet(once), "Reports and independent origins").rows.iloc[0]  # type: ignore[arg-type]

    assert row["reports"] == "2 monitors"
    assert (row["voices_1"], row["voices_2"]) == (1, 0)


def test_ways_are_told_apart_from_origins(known: Any) -> None:
    """A wire through which a claim came is a way and no origin."""
    sheet = origins_sheet(known)

    origins = block_of(sheet, "Who first asserted it").rows
    ways = block_of(sheet, "Through whom it came").rows
    assert "Agence France-Presse" not in set(origins["name"])
    assert ways["way"].tolist() == ["Agence France-Presse, from Syrian Observatory for Human Rights"]


def test_nothing_known_is_said(known: Any) -> None:
    """A run without incidents has the pages, and they say so."""
    none = Known(("c1", "airwars", {"unit_code": "event_summary", "origin_ids": ""}))

    assert overlap_sheet(none).blocks[0].notes == ("No incident claims.",)  # type: ignore[arg-type]
    assert origins_sheet(none).blocks[0].notes == ("No claim names a source.",)  # type: ignore[arg-type]
    assert known.origins["claim_id"].nunique() == 6
