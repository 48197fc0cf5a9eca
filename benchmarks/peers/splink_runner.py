"""Splink on DuckDB, set up as its documentation recommends.

u by random sampling with a seed, the prior from deterministic rules, m by expectation maximisation under two blocking
rules so that every comparison is trained, term-frequency adjustments on names and places, Jaro-Winkler levels, distance
in km, and `cluster_using_single_best_links`, its own answer to one record per source. Blocking on windows of days uses
two sets of buckets, half a bucket apart, because Splink joins on equality.
"""

# ruff: noqa: E402, S608 - the clock starts before anything is imported; the SQL is of our own names
from __future__ import annotations

import time

STARTED = time.perf_counter()

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from keys import KEYS, case_of
from measure import Laps, asked, write_run

LAPS = Laps(STARTED)

import duckdb
import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

LAPS.lap("import")

SEED = 7
U_PAIRS = 1e6
KEPT_FROM, CUT = 0.05, 0.5
CELL = 0.25
TOWN_PRECISION = 3
_SAME_FATHER, _SAME_FAMILY = "father_bones_l = father_bones_r", "family_bones_l = family_bones_r"
COLUMNS = {
    "incidents": f"""
        *,
        cast(floor(day / 6) as int) as days_a, cast(floor((day + 3) / 6) as int) as days_b,
        cast(floor(day / 2) as int) as two_a, cast(floor((day + 1) / 2) as int) as two_b,
        case when location_precision <= {TOWN_PRECISION} then
            cast(floor(latitude / {CELL}) * 10000 + floor(longitude / {CELL}) as int) end as cell_a,
        case when location_precision <= {TOWN_PRECISION} then
            cast(floor(latitude / {CELL} + 0.5) * 10000 + floor(longitude / {CELL} + 0.5) as int) end as cell_b
    """,
    "victims": """
        *,
        cast(floor(day / 6) as int) as days_a, cast(floor((day + 3) / 6) as int) as days_b
    """,
}


def main() -> None:
    """Link one folder."""
    wanted = asked()
    api = DuckDBAPI(duckdb.connect())
    source = (wanted.folder / f"clean_{wanted.kind}.parquet").as_posix()
    connection = api._con  # noqa: SLF001 - there is no other way to prepare columns where it will read them
    connection.execute(f"create table claims as select {COLUMNS[wanted.kind]} from read_parquet('{source}')")
    monitors = [
        name for (name,) in connection.execute("select distinct monitor from claims order by 1").fetchall()
    ]
    for monitor in monitors:
        connection.execute(
            f"create table of_{monitor} as select * exclude (monitor) from claims where monitor = '{monitor}'"
        )
    LAPS.lap("read")
    tables = [api.register(f"of_{monitor}", dataset_display_name=f"list_{monitor}") for monitor in monitors]
    stated = connection.execute("select monitor, admin1, day from claims").df()
    case = case_of(wanted.kind, stated)
    LAPS.skip()
    settings, certain, recall, sessions = (_incidents if wanted.kind == "incidents" else _victims)(case)
    linker = Linker(tables, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(certain, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=SEED)
    for session in sessions:
        linker.training.estimate_parameters_using_expectation_maximisation(session)
    LAPS.lap("train")
    scored = linker.inference.predict(threshold_match_probability=KEPT_FROM)
    LAPS.lap("predict")
    single = linker.clustering.cluster_using_single_best_links(
        scored, duplicate_free_datasets=[f"list_{name}" for name in monitors], threshold_match_probability=CUT
    )
    LAPS.lap("cluster")
    pairs = connection.execute(
        f'select row_l as "left", row_r as "right", match_probability as probability from {scored.physical_name}'
    ).df()
    clusters = connection.execute(f'select "row", cluster_id as cluster from {single.physical_name}').df()
    LAPS.lap("fetch")
    run = LAPS.stop()
    blocked = linker.inference.compute_blocked_pairs_for_predict().physical_name
    (candidates,) = connection.execute(f"select count(*) from {blocked}").fetchone()
    run |= {"candidates": candidates, "cut": CUT, "clusters_by": "single_best_links"}
    clusters["cluster"] = pd.factorize(clusters["cluster"])[0]
    write_run(wanted.out, run, pairs, clusters)


def _rules(case: str) -> list[object]:
    return [block_on(*key) for key in KEYS[case]]


def _days(gap: str, steps: tuple[int, ...]) -> cl.CustomComparison:
    null = "(day_l is null or day_r is null)"
    levels: list[object] = [{"sql_condition": null, "label_for_charts": "null", "is_null_level": True}]
    levels += [_level(f"{gap} <= {step}", f"{step} days") for step in steps]
    return cl.CustomComparison(output_column_name="days", comparison_levels=[*levels, cll.ElseLevel()])


def _given() -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name="given",
        comparison_levels=[
            cll.NullLevel("given"),
            cll.ExactMatchLevel("given", term_frequency_adjustments=True),
            _level("given_bones_l = given_bones_r", "same consonants", "given_bones"),
            cll.JaroWinklerLevel("given", 0.9),
            cll.JaroWinklerLevel("given", 0.8),
            cll.ElseLevel(),
        ],
    )


def _place(*near: cll.DistanceInKMLevel) -> cl.CustomComparison:
    # Town, coordinates and governorate say the same thing thrice; as three comparisons they would be counted thrice, and
    # on these sets that costs Splink 0.13 of its best F1.
    nothing = cll.And(cll.NullLevel("place_key"), cll.NullLevel("admin1"))
    if near:
        nothing = cll.And(cll.NullLevel("place_key"), cll.NullLevel("latitude"), cll.NullLevel("admin1"))
    return cl.CustomComparison(
        output_column_name="place",
        comparison_levels=[
            nothing,
            cll.ExactMatchLevel("place_key", term_frequency_adjustments=True),
            _level("place_bones_l = place_bones_r", "same consonants", "place_bones"),
            cll.JaroWinklerLevel("place_key", 0.9),
            *near,
            cll.ExactMatchLevel("admin1"),
            cll.ElseLevel(),
        ],
    )


def _lineage() -> cl.CustomComparison:
    # Brothers who die in one house share father, grandfather and family: one comparison, for the same reason.
    return cl.CustomComparison(
        output_column_name="lineage",
        comparison_levels=[
            cll.And(cll.NullLevel("father"), cll.NullLevel("family")),
            _level(
                f"{_SAME_FATHER} and grandfather_bones_l = grandfather_bones_r and {_SAME_FAMILY}",
                "all three",
            ),
            _level(f"{_SAME_FATHER} and {_SAME_FAMILY}", "father and family", "family_bones"),
            _level(
                f"{_SAME_FATHER} and jaro_winkler_similarity(family_l, family_r) >= 0.8",
                "father, family alike",
            ),
            _level(
                f"{_SAME_FAMILY} and jaro_winkler_similarity(father_l, father_r) >= 0.8",
                "family, father alike",
            ),
            _level(_SAME_FAMILY, "family", "family_bones"),
            _level(_SAME_FATHER, "father", "father_bones"),
            cll.ElseLevel(),
        ],
    )


def _level(condition: str, title: str, adjusted: str = "") -> dict[str, object]:
    level: dict[str, object] = {"sql_condition": condition, "label_for_charts": title}
    return level | ({"tf_adjustment_column": adjusted, "tf_adjustment_weight": 1.0} if adjusted else {})


def _incidents(case: str) -> tuple[SettingsCreator, list[object], float, list[object]]:
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="row",
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
        blocking_rules_to_generate_predictions=_rules(case),
        comparisons=[
            _days("greatest(day_l, day_r) - least(day_end_l, day_end_r)", (0, 1, 2, 4)),
            _place(*(cll.DistanceInKMLevel("latitude", "longitude", km) for km in (5, 15))),
            cl.CustomComparison(
                output_column_name="attacker",
                comparison_levels=[
                    cll.NullLevel("attacker"),
                    cll.ExactMatchLevel("attacker", term_frequency_adjustments=True),
                    cll.ExactMatchLevel("attacker_group"),
                    cll.ElseLevel(),
                ],
            ),
            cl.CustomComparison(
                output_column_name="killed",
                comparison_levels=[
                    cll.NullLevel("killed"),
                    cll.ExactMatchLevel("killed", term_frequency_adjustments=True),
                    _level("killed_low_l <= killed_high_r and killed_low_r <= killed_high_l", "overlap"),
                    _level(
                        "abs(killed_l - killed_r) <= greatest(1, 0.5 * greatest(killed_l, killed_r))", "near"
                    ),
                    cll.ElseLevel(),
                ],
            ),
            cl.CustomComparison(
                output_column_name="injured",
                comparison_levels=[
                    cll.NullLevel("injured"),
                    cll.ExactMatchLevel("injured", term_frequency_adjustments=True),
                    _level(
                        "abs(injured_l - injured_r) <= greatest(1, 0.5 * greatest(injured_l, injured_r))",
                        "near",
                    ),
                    cll.ElseLevel(),
                ],
            ),
        ],
    )
    certain: list[object] = [block_on("place_bones", "day", "killed")]
    # Of a slip-free day, the right town and an undisputed number: what share of true pairs an analyst would guess.
    return (
        settings,
        certain,
        0.3,
        [
            block_on("place_bones", "day"),
            block_on("place_bones", "killed", "injured"),
            block_on("day", "killed", "injured"),
        ],
    )


def _victims(case: str) -> tuple[SettingsCreator, list[object], float, list[object]]:
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="row",
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
        blocking_rules_to_generate_predictions=_rules(case),
        comparisons=[
            _given(),
            _lineage(),
            cl.CustomComparison(
                output_column_name="age",
                comparison_levels=[
                    cll.NullLevel("age"),
                    cll.ExactMatchLevel("age"),
                    cll.AbsoluteDifferenceLevel("age", 1),
                    cll.AbsoluteDifferenceLevel("age", 2),
                    cll.AbsoluteDifferenceLevel("age", 5),
                    cll.ElseLevel(),
                ],
            ),
            cl.ExactMatch("sex"),
            _days("abs(day_l - day_r)", (0, 1, 2, 4)),
            _place(),
        ],
    )
    certain: list[object] = [block_on("given_bones", "father_bones", "family_bones", "sex")]
    if case != "victims":
        return (
            settings,
            certain,
            0.6,
            [block_on("given_bones", "family_bones"), block_on("father_bones", "age", "sex")],
        )
    return (
        settings,
        certain,
        0.6,
        [block_on("given_bones", "family_bones"), block_on("age", "sex", "day", "admin1")],
    )


if __name__ == "__main__":
    main()
