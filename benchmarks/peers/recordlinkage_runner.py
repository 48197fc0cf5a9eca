"""The Python Record Linkage Toolkit: its index, its comparisons, and two of its classifiers.

    python recordlinkage_runner.py KIND FOLDER OUT ecm|logistic

ECM is its unsupervised Fellegi-Sunter, on agreements made binary; logistic regression learns from 2,000 random candidate pairs
with their answers. The blocking keys are those given to Splink. The toolkit dedupes or links two frames, so the three
monitors are stacked and pairs within one monitor dropped. Its one-to-one step takes two frames and is not used.
"""

# ruff: noqa: E402 - the clock starts before anything is imported
from __future__ import annotations

import time

STARTED = time.perf_counter()

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from keys import KEYS, case_of
from measure import Laps, asked, write_run

LAPS = Laps(STARTED)

import warnings

import numpy as np
import pandas as pd
import recordlinkage as rl

# It fills missing values in a way that pandas announces to end; thousands of lines of it would hide an error.
warnings.filterwarnings("ignore", category=FutureWarning, module="recordlinkage")

LAPS.lap("import")

SEED, LABELS, CUT = 7, 2000, 0.5
# What is not stated speaks neither for nor against.
UNKNOWN = 0.5
AGREES_FROM = 0.8
# Of features that say the same thing ECM, which takes them for independent, is given one; the best of five sets tried.
INDEPENDENT = {
    "incidents": ["same_day", "bones", "attacker", "killed", "injured"],
    "victims": ["given_bones", "father_bones", "family_bones", "age", "sex", "days"],
}
CELL = 0.25
TOWN_PRECISION = 3


def main() -> None:
    """Link one folder."""
    wanted, classifier = asked(), sys.argv[4]
    claims = _with_keys(pd.read_parquet(wanted.folder / f"clean_{wanted.kind}.parquet").set_index("row"))
    LAPS.lap("read")
    candidates = _candidates(claims, KEYS[case_of(wanted.kind, claims)])
    LAPS.lap("index")
    features = (_incidents if wanted.kind == "incidents" else _victims)().compute(candidates, claims)
    LAPS.lap("compare")
    probability = (
        _ecm(features[INDEPENDENT[wanted.kind]])
        if classifier == "ecm"
        else _logistic(features, wanted.events())
    )
    LAPS.lap("classify")
    run = LAPS.stop() | {"candidates": len(candidates), "cut": CUT, "clusters_by": ""}
    pairs = pd.DataFrame(
        {
            "left": candidates.get_level_values(0),
            "right": candidates.get_level_values(1),
            "probability": probability,
        }
    )
    write_run(wanted.out, run, pairs)


def _with_keys(claims: pd.DataFrame) -> pd.DataFrame:
    claims = claims.astype({"day": "float64"})
    claims["days_a"], claims["days_b"] = np.floor(claims["day"] / 6), np.floor((claims["day"] + 3) / 6)
    if "age" in claims:
        return claims.astype({"age": "float64"})
    claims = claims.astype({"injured": "float64", "killed": "float64"})
    claims["two_a"], claims["two_b"] = np.floor(claims["day"] / 2), np.floor((claims["day"] + 1) / 2)
    latitude, longitude = claims["latitude"] / CELL, claims["longitude"] / CELL
    precise = claims["location_precision"] <= TOWN_PRECISION
    for name, offset in (("cell_a", 0.0), ("cell_b", 0.5)):
        cell = np.floor(latitude + offset) * 10_000 + np.floor(longitude + offset)
        claims[name] = cell.where(precise)
    return claims


def _candidates(claims: pd.DataFrame, keys: tuple[tuple[str, ...], ...]) -> pd.MultiIndex:
    indexer = rl.Index()
    for key in keys:
        indexer.block(list(key))
    pairs = indexer.index(claims)
    monitor = pd.factorize(claims["monitor"])[0]
    left, right = pairs.get_level_values(0).to_numpy(), pairs.get_level_values(1).to_numpy()
    return pairs[monitor[left] != monitor[right]]


def _incidents() -> rl.Compare:
    compare = rl.Compare()
    compare.numeric("day", "day", method="gauss", offset=0, scale=2, missing_value=UNKNOWN, label="days")
    compare.exact("day", "day", missing_value=UNKNOWN, label="same_day")
    compare.string("place_key", "place_key", method="jarowinkler", missing_value=UNKNOWN, label="place")
    compare.exact("place_bones", "place_bones", missing_value=UNKNOWN, label="bones")
    compare.geo(
        "latitude", "longitude", "latitude", "longitude",
        method="gauss", offset=1, scale=8, missing_value=UNKNOWN, label="km",
    )  # fmt: skip
    compare.exact("admin1", "admin1", missing_value=UNKNOWN, label="admin1")
    compare.exact("attacker", "attacker", missing_value=UNKNOWN, label="attacker")
    compare.exact("attacker_group", "attacker_group", missing_value=UNKNOWN, label="attacker_group")
    compare.exact("killed", "killed", missing_value=UNKNOWN, label="killed")
    compare.numeric("killed", "killed", method="gauss", scale=3, missing_value=UNKNOWN, label="killed_near")
    compare.exact("injured", "injured", missing_value=UNKNOWN, label="injured")
    return compare


def _victims() -> rl.Compare:
    compare = rl.Compare()
    for part in ("given", "father", "grandfather", "family"):
        compare.string(part, part, method="jarowinkler", missing_value=UNKNOWN, label=part)
        compare.exact(f"{part}_bones", f"{part}_bones", missing_value=UNKNOWN, label=f"{part}_bones")
    compare.numeric("age", "age", method="gauss", offset=0, scale=2, missing_value=UNKNOWN, label="age")
    compare.exact("sex", "sex", missing_value=UNKNOWN, label="sex")
    compare.numeric("day", "day", method="gauss", offset=0, scale=2, missing_value=UNKNOWN, label="days")
    compare.exact("day", "day", missing_value=UNKNOWN, label="same_day")
    compare.exact("admin1", "admin1", missing_value=UNKNOWN, label="admin1")
    compare.exact("place_bones", "place_bones", missing_value=UNKNOWN, label="place")
    return compare


def _ecm(features: pd.DataFrame) -> np.ndarray:
    binary = (features >= AGREES_FROM).astype("int8")
    classifier = rl.ECMClassifier()
    classifier.fit(binary)
    return np.asarray(classifier.prob(binary))


def _logistic(features: pd.DataFrame, event: np.ndarray) -> np.ndarray:
    left, right = features.index.get_level_values(0).to_numpy(), features.index.get_level_values(1).to_numpy()
    rng = np.random.default_rng(SEED)
    chosen = rng.choice(len(features), min(LABELS, len(features)), replace=False)
    # A row whose event is not known answers no question.
    chosen = chosen[(event[left[chosen]] >= 0) & (event[right[chosen]] >= 0)]
    sample = features.iloc[chosen]
    classifier = rl.LogisticRegressionClassifier()
    classifier.fit(sample, sample.index[event[left[chosen]] == event[right[chosen]]])
    return np.asarray(classifier.prob(features))


if __name__ == "__main__":
    main()
