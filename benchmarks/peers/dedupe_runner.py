"""Dedupe: learned blocking and a learned weighting of fields, from 100 matches and 100 non-matches.

It trains on a sample of 1,200 records and the labelled ones: its search for blocking rules had not finished on 10,000 records
after ten minutes. The three monitors are stacked, since its linking mode takes two. Only for small sets.
"""

# ruff: noqa: E402 - the clock starts before anything is imported
from __future__ import annotations

import time

STARTED = time.perf_counter()

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from measure import Laps, asked, write_run

LAPS = Laps(STARTED)

import random

import dedupe
import numpy as np
import pandas as pd
from dedupe import variables

LAPS.lap("import")

SEED, LABELS, SAMPLE, CUT = 7, 100, 1200, 0.5
# Keys, and the days apart, of the non-matches it is shown: an easier set taught it to link anything of one week.
NEAR_INCIDENTS = {"place_bones": 10, "admin1": 3}
NEAR_VICTIMS = {"given_bones": 10_000, "family_bones": 3}


def days_apart(left: int, right: int) -> float:
    """Return days between two days, capped where they say no more."""
    return float(min(abs(left - right), 30))


def log_apart(left: int, right: int) -> float:
    """Return how far two numbers lie apart by their logarithms."""
    return float(abs(np.log1p(left) - np.log1p(right)))


def main() -> None:
    """Link one folder."""
    wanted = asked()
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 - the tool draws from the global generator
    claims = pd.read_parquet(wanted.folder / f"clean_{wanted.kind}.parquet")
    fields = (_incidents if wanted.kind == "incidents" else _victims)()
    rows = _records(claims, [str(field.field) for field in fields])
    LAPS.lap("read")
    matches, distinct = _labels(claims, wanted.events())
    LAPS.skip()
    labelled = {row for pair in (*matches, *distinct) for row in pair}
    rng = np.random.default_rng(SEED)
    sample = labelled | set(rng.choice(len(rows), min(SAMPLE, len(rows)), replace=False).tolist())
    deduper = dedupe.Dedupe(fields)
    deduper.prepare_training({row: rows[row] for row in sorted(sample)}, sample_size=5000)
    deduper.mark_pairs(
        {
            "match": [(rows[left], rows[right]) for left, right in matches],
            "distinct": [(rows[left], rows[right]) for left, right in distinct],
        }
    )
    deduper.train(recall=0.95)
    LAPS.lap("train")
    scores = deduper.score(deduper.pairs(rows))
    found = pd.DataFrame(
        {
            "left": scores["pairs"][:, 0],
            "right": scores["pairs"][:, 1],
            "probability": np.array(scores["score"]),
        }
    )
    LAPS.lap("predict")
    cluster = np.arange(len(rows)) + len(rows)
    for number, (members, _) in enumerate(deduper.cluster(scores, CUT)):
        cluster[list(members)] = number
    LAPS.lap("cluster")
    run = LAPS.stop() | {"candidates": len(found), "cut": CUT, "clusters_by": ""}
    run["hierarchical"] = True
    clusters = pd.DataFrame({"row": np.arange(len(rows)), "cluster": cluster})
    write_run(wanted.out, run, found.astype({"left": "int64", "right": "int64"}), clusters)


def _records(claims: pd.DataFrame, names: list[str]) -> dict[int, dict[str, object]]:
    if "latitude" in claims:
        located = zip(claims["latitude"], claims["longitude"], strict=True)
        claims["location"] = [None if np.isnan(south) else (south, west) for south, west in located]
    kept = claims[names].astype(object)
    kept = kept.where(kept.notna(), None)
    return dict(enumerate(kept.to_dict("records")))


def _labels(claims: pd.DataFrame, event: np.ndarray) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return true pairs, and pairs that are not true yet near to it: half of them by each of two keys."""
    rng = np.random.default_rng(SEED)
    monitor = claims["monitor"].to_numpy()
    keyed = claims.assign(event=event, row=np.arange(len(claims)))
    keyed = keyed[keyed["event"] >= 0]
    few = keyed.sample(min(len(keyed), 20 * LABELS), random_state=SEED)
    found = [(keyed.merge(keyed, on="event"), LABELS)]
    for key, days in (NEAR_INCIDENTS if "killed" in claims else NEAR_VICTIMS).items():
        near = few[few[key].notna()].merge(keyed, on=key)
        near = near[near["event_x"] != near["event_y"]]
        if near["day_x"].notna().any():
            near = near[(near["day_x"] - near["day_y"]).abs() <= days]
        found.append((near, LABELS // 2))
    picked: list[list[tuple[int, int]]] = []
    for pairs, most in found:
        left, right = pairs["row_x"].to_numpy(), pairs["row_y"].to_numpy()
        apart = np.flatnonzero((left < right) & (monitor[left] != monitor[right]))
        chosen = rng.choice(apart, min(most, len(apart)), replace=False)
        picked.append(list(zip(left[chosen].tolist(), right[chosen].tolist(), strict=True)))
    return picked[0], picked[1] + picked[2]


def _incidents() -> list[object]:
    return [
        variables.String("place_key", has_missing=True),
        variables.Exact("place_bones", has_missing=True),
        variables.LatLong("location", has_missing=True),
        variables.Exact("admin1", has_missing=True),
        variables.Exact("date", has_missing=True),
        variables.Custom("day", comparator=days_apart, has_missing=True, name="day gap"),
        variables.Exact("attacker_group", has_missing=True),
        variables.Custom("killed", comparator=log_apart, name="killed gap"),
        variables.Custom("injured", comparator=log_apart, has_missing=True, name="injured gap"),
    ]


def _victims() -> list[object]:
    names = [
        variables.String(part, has_missing=True) for part in ("given", "father", "grandfather", "family")
    ]
    bones = [variables.Exact(f"{part}_bones", has_missing=True) for part in ("given", "family")]
    return [
        *names,
        *bones,
        variables.Custom("age", comparator=days_apart, has_missing=True, name="age gap"),
        variables.Exact("sex", has_missing=True),
        variables.Exact("date", has_missing=True),
        variables.Custom("day", comparator=days_apart, has_missing=True, name="day gap"),
        variables.Exact("admin1", has_missing=True),
        variables.String("place_key", has_missing=True),
    ]


if __name__ == "__main__":
    main()
