"""Our own: the generated file into frames, and `link_claims` over them, with the shipped rules of linkage.

It reads what was published and not the cleaned columns, so its own seconds hold the folding of names that the peers are
given for nothing; and it reads no rule file of the benchmark but those that say who the monitors are.
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

import numpy as np
import pandas as pd

from reconcile.frames import Claims, Figures, Victims, empty
from reconcile.linking import link_claims
from reconcile.rulefiles import load_model, load_rules
from reconcile.ruleset import Monitor, Ruleset, fold_spelling

LAPS.lap("import")

RULES = Path(__file__).parent.parent / "rules"
COUNTRY_CODE = "YEM"
DAY, FEW_DAYS, NO_DAY, NOWHERE = 1, 2, 0, 6


def main() -> None:
    """Link one folder."""
    wanted = asked()
    rules = _rules()
    made = pd.read_parquet(wanted.folder / f"claims_{wanted.kind}.parquet")
    LAPS.lap("read")
    claims = _claims(made, wanted.kind, rules)
    figures = _figures(made, claims) if wanted.kind == "incidents" else empty(Figures)
    victims = _victims(made, claims) if wanted.kind == "victims" else empty(Victims)
    LAPS.lap("prepare")
    links = link_claims(claims, figures, victims, rules, {}, (), LAPS_BY_STAGE)
    LAPS.lap(LAPS_BY_STAGE.stage)
    run = LAPS.stop()
    kind = wanted.kind.removesuffix("s")
    threshold = rules.linkage[wanted.kind].thresholds.match
    run |= {
        "candidates": int(links.patterns["pairs"].sum()),
        "cut": 1 / (1 + 2.0**-threshold),
        "clusters_by": "reconcile",
        "verdicts": links.verdicts["verdict_code"].value_counts().to_dict(),
    }
    position = pd.Index(claims["claim_id"])
    verdicts = links.verdicts[links.verdicts["kind_code"] == kind]
    pairs = pd.DataFrame(
        {
            "left": position.get_indexer(verdicts["left_id"]),
            "right": position.get_indexer(verdicts["right_id"]),
            "probability": verdicts["match_probability"].to_numpy(),
        }
    )
    clusters = pd.DataFrame(
        {
            "row": position.get_indexer(links.linked["claim_id"]),
            "cluster": pd.factorize(links.linked["cluster_id"])[0],
        }
    )
    write_run(wanted.out, run, pairs, clusters)


class _ByStage:
    """Gives the seconds between two stages to the one that ended."""

    def __init__(self) -> None:
        self.stage = "block"
        self._begun = False

    def __call__(self, stage: str) -> None:
        if self._begun:
            LAPS.lap(self.stage)
        self.stage, self._begun = stage, True


LAPS_BY_STAGE = _ByStage()


def _rules() -> Ruleset:
    rules = load_rules(None)
    own = {path.stem: load_model(path, Monitor) for path in sorted(RULES.glob("gen_*.yaml"))}
    return rules.model_copy(update={"monitors": own})


def _claims(made: pd.DataFrame, kind: str, rules: Ruleset) -> pd.DataFrame:
    """Return a `Claims` frame in the order of the file, which is that of its ids."""
    claims = empty(Claims).reindex(range(len(made)))
    blank = pd.Series("", index=claims.index, dtype="str")
    texts = [name for name, kept in empty(Claims).dtypes.items() if str(kept) == "str"]
    start = _days(made["date"] if kind == "incidents" else made["date_of_death"])
    stated = start.notna()
    filled = dict.fromkeys(texts, blank) | {
        "claim_id": (made["monitor"] + ":" + made["native_id"]).astype("str"),
        "monitor": made["monitor"].astype("str"),
        "kind_code": _constant(kind.removesuffix("s"), blank),
        "unit_code": _constant("incident" if kind == "incidents" else "person", blank),
        "native_id": made["native_id"].astype("str"),
        "date_start": start,
        "date_end": start,
        "date_precision_code": pd.Series(np.where(stated, DAY, NO_DAY), dtype="int64"),
        "place_name": made["town"].astype("str"),
        "admin1": made["governorate"].astype("str"),
        "country_code": _constant(COUNTRY_CODE, blank),
        "location_precision_code": pd.Series(np.full(len(made), NOWHERE), dtype="int64"),
        "source_row": pd.Series(np.arange(2, len(made) + 2), dtype="int64"),
    }
    if kind == "incidents":
        end = _days(made["date_end"])
        precision = pd.to_numeric(made["location_precision"], errors="coerce").fillna(NOWHERE)
        filled |= {
            "date_end": end.fillna(start),
            "date_precision_code": pd.Series(np.where(end.notna(), FEW_DAYS, DAY), dtype="int64"),
            "place_name_native": made["town_native"].astype("str"),
            "latitude": made["latitude"],
            "longitude": made["longitude"],
            "location_precision_code": precision.astype("int64"),
            "perpetrator_codes": _attackers(made["attacker"], rules),
            "attribution_code": pd.Series(np.where(made["attacker"] == "", "", "stated"), dtype="str"),
        }
    return claims.assign(**filled)


def _constant(text: str, blank: pd.Series[str]) -> pd.Series[str]:
    return pd.Series(text, index=blank.index, dtype="str")


def _days(texts: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    return pd.to_datetime(texts.where(texts != "", None), format="%Y-%m-%d").astype("datetime64[us]")


def _attackers(texts: pd.Series[str], rules: Ruleset) -> pd.Series[str]:
    codes = rules.vocabularies["perpetrators"].lookup()
    return texts.map({text: codes[fold_spelling(text)] if text else "" for text in texts.unique()}).astype(
        "str"
    )


def _figures(made: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Return a `Figures` frame: killed and, where it is stated, injured."""
    hurt = made["injured"].notna().to_numpy()
    killed = claims[["claim_id"]].assign(
        measure_code="killed",
        low=made["killed_low"].astype("float64"),
        best=made["killed_best"].astype("float64"),
        high=made["killed_high"].astype("float64"),
    )
    number = made["injured"].astype("float64")
    injured = claims.loc[hurt, ["claim_id"]].assign(
        measure_code="injured", low=number[hurt], best=np.nan, high=number[hurt]
    )
    rows = pd.concat([killed, injured], ignore_index=True).assign(
        population_code="civilian",
        sex_code="any",
        age_group_code="any",
        qualifier_code="exact",
        verbatim="",
        role_code="alleged",
    )
    return rows[list(empty(Figures).columns)]


def _victims(made: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    age = made["age"].astype("float64")
    return pd.DataFrame(
        {
            "person_id": claims["claim_id"],
            "claim_id": claims["claim_id"],
            "name_published": made["name"].astype("str"),
            "name_native": made["name_native"].astype("str"),
            "sex_code": made["sex"].where(made["sex"] != "", "unknown").astype("str"),
            "age_low_years": age,
            "age_high_years": age,
            "birth_year": np.nan,
        }
    )[list(empty(Victims).columns)]


if __name__ == "__main__":
    main()
