"""What benchmarks measure with: claims drawn as their page says, and figures told as they were taken."""

from __future__ import annotations

import re
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import generate
import scale

CLAIMS = 3_000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of one small set of incidents."""
    folder = tmp_path_factory.mktemp("generated")
    generate.generate(folder, "incidents", CLAIMS, 7)
    return folder


@pytest.fixture(scope="module")
def claims(made):
    """All claims of the set, with the event that each tells of."""
    parts = []
    for name in generate.MONITORS:
        part = pd.read_csv(made / f"incidents_{name}.csv")
        part["claim_id"] = name + ":" + part[f"{name}_id"].astype(str)
        parts.append(part.assign(monitor=name).drop(columns=f"{name}_id"))
    return pd.concat(parts).merge(pd.read_csv(made / "truth_incidents.csv"), on="claim_id", validate="1:1")


class TestGenerated:
    """The files."""

    def test_same_seed_same_bytes(self, made, tmp_path):
        """Who generates them again has the same files; another seed gives others."""
        generate.generate(tmp_path / "again", "incidents", CLAIMS, 7)
        generate.generate(tmp_path / "other", "incidents", CLAIMS, 8)
        for path in made.glob("incidents_*.csv"):
            assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()
            assert (tmp_path / "other" / path.name).read_bytes() != path.read_bytes()

    def test_each_monitor_knows_six_of_ten(self, claims):
        """Of the events that somebody reports, each of three monitors reports 0.6 / (1 - 0.4 ** 3)."""
        known = claims.groupby("monitor")["event_id"].nunique() / claims["event_id"].nunique()
        assert len(known) == 3
        assert known.between(0.60, 0.68).all()
        assert len(claims) == pytest.approx(CLAIMS, rel=0.05)

    def test_monitors_disagree(self, claims):
        """Of one event monitors tell other numbers, and write its town in other letters."""
        of_event = claims.groupby("event_id")
        several = of_event["monitor"].nunique().gt(1)
        assert of_event["killed_best"].nunique()[several].gt(1).mean() > 0.3
        assert of_event["town"].nunique()[several].gt(1).mean() > 0.1
        assert (claims["killed_low"] <= claims["killed_high"]).all()

    def test_what_is_missing(self, claims):
        """Some claims have no point and no precision, some no attacker; the others have every precision there is."""
        assert claims["latitude"].isna().mean() == pytest.approx(0.1, abs=0.03)
        assert (claims["latitude"].isna() == claims["location_precision"].isna()).all()
        assert claims["attacker"].isna().mean() == pytest.approx(0.15, abs=0.03)
        assert set(claims["location_precision"].dropna()) == {1, 2, 3, 4, 5}

    def test_density_stays(self, tmp_path):
        """Four times the claims lie in twice the area and twice the time, so that as many lie around each."""
        spans = []
        for size in (4_000, 16_000):
            generate.generate(tmp_path, "incidents", size, 7)
            rows = pd.concat(pd.read_csv(tmp_path / f"incidents_{name}.csv") for name in generate.MONITORS)
            days = np.ptp(pd.to_datetime(rows["date"], format="%Y-%m-%d").to_numpy()) / np.timedelta64(1, "D")
            spans.append((np.ptp(rows["latitude"].dropna()) * np.ptp(rows["longitude"].dropna()), days))
        (area, days), (wider, longer) = spans
        assert wider / area == pytest.approx(2, rel=0.25)
        assert longer / days == pytest.approx(2, rel=0.15)


class TestFigures:
    """The table and the curve of whole runs."""

    RUNS = (
        scale.Measured(10_000, "one", 10.0, 9.5, 360.0, 8.0, {"read": (0.5, 0.4, 250.0)}),
        scale.Measured(20_000, "one", 21.0, 20.0, 400.0, 16.0, {"read": (1.0, 0.8, 300.0)}),
        scale.Measured(20_000, "two", 13.0, 22.0, 400.0, 16.0, {"read": (1.0, None, None)}),
        scale.Measured(20_000, "link", 2.0, 2.0, 300.0),
    )

    def test_table_tells_each_run(self):
        """A row a run, with its ratio to its own floor; linking has none."""
        told = scale.table(list(self.RUNS))
        assert "| 20,000 | one | 21.0 | 20.0 | 400 | 16.0 | 1.31 | 1.05 |" in told
        assert "| 20,000 | link | 2.0 | 2.0 | 300 |  |  | 0.10 |" in told
        assert "| read | 0.5, 0.4, 250 | 1.0, 0.8, 300 |" in told
        assert "| read | 1.0, –, – |" in told

    def test_picture_has_a_line_a_way(self):
        """The curve is a picture with a line for each way and the floor, and a point for each run."""
        drawn = scale.picture(list(self.RUNS))
        names = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
        assert {scale.TITLES[way] for way in ("one", "two", "link", "floor")} <= set(names)
        points = [
            (float(x), float(y)) for x, y in re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)"', drawn)
        ]
        # One a run, one a floor of those with one worker, one a way in the legend.
        assert len(points) == 4 + 2 + 4
        assert all(0 <= x <= 700 and 0 <= y <= 500 for x, y in points)
