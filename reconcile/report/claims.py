"""The sheets of claims, and of pairs a person should look at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.compare import prior_bits
from reconcile.discrepancies.evidence import whole_figures
from reconcile.frames import LEVEL_COLUMNS
from reconcile.levels import level_bits, level_title, signed
from reconcile.linkage import RULES_OF
from reconcile.report.decisions import MARK_COLUMN, PAIR_COLUMNS, asked_of_pairs, to_judge
from reconcile.report.listing import first
from reconcile.report.naming import table
from reconcile.sheets import Column, Sheet
from reconcile.views import interval_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconcile.result import RunResult


# A match of a smaller probability is as good as a coin's throw between rivals, and a person's look is worth it.
DOUBTFUL_BELOW = 0.65
# What is less would be told as 0.00.
LEAST_TOLD_BITS = 0.005
LEVEL_TITLES = {
    "date_level": "Dates", "place_level": "Places", "attacker_level": "Attackers", "number_level": "Numbers killed", "injured_level": "Numbers injured",
    "position_level": "Positions", "victims_level": "Victims named", "name_level": "Names", "age_level": "Ages",
    "sex_level": "Sexes", "incident_level": "Incidents",
}  # fmt: skip


def _names(result: RunResult) -> pd.Series[str]:
    """Return the names of victims by claim; all are blank unless names were asked for."""
    victims = result.victims.set_index("claim_id")
    published = victims["name_published"]
    return published.where(published != "", victims["name_native"])


def worth_a_look(verdicts: pd.DataFrame) -> pd.Series[bool]:
    """Return which pairs a person should judge: those possible, and matches that are little more than a coin's throw."""
    thin = (verdicts["verdict_code"] == "match") & (verdicts["match_probability"] < DOUBTFUL_BELOW)
    return (verdicts["verdict_code"] == "possible") | thin


def asked_pairs(result: RunResult) -> pd.DataFrame:
    """Return the verdicts of the pairs that the workbook asks a person about."""
    return result.verdicts[to_judge(result.verdicts, result.decisions, worth_a_look(result.verdicts))]


def _informative(result: RunResult, rows: pd.DataFrame) -> pd.Series[float]:
    """Return how much a person's look at each pair is worth: the nearer to even odds, and the more people it is about."""
    whole = result.figures[
        (result.figures["sex_code"] == "any") & (result.figures["age_group_code"] == "any")
    ]
    most = whole["high"].fillna(whole["low"]).groupby(whole["claim_id"]).max()
    left, right = (
        rows[side].map(most).fillna(1).clip(lower=1).to_numpy(float) for side in ("left_id", "right_id")
    )
    odds = rows["match_probability"].to_numpy(float)
    worth = 4 * odds * (1 - odds) * np.log2(1 + np.maximum(left, right))
    # Rounded, so that what equals another on paper does so on every machine.
    return pd.Series(worth.round(9), index=rows.index)


def possible_matches_sheet(result: RunResult) -> Sheet:
    """Return pairs that a person should judge, the most informative first: those not linked, and those linked on thin odds."""
    asked = asked_pairs(result)
    asked = asked.assign(worth=_informative(result, asked))
    rows = first(asked.sort_values(["worth", "left_id", "right_id"], ascending=[False, True, True]))
    sides_shown = frozenset(rows["left_id"]) | frozenset(rows["right_id"])
    claims = result.claims[result.claims["claim_id"].isin(sides_shown)].set_index("claim_id")
    killed = whole_figures(result.figures[result.figures["claim_id"].isin(sides_shown)])
    killed = (
        killed[(killed["measure_code"] == "killed") & (killed["population_code"] == "civilian")]
        .drop_duplicates("claim_id")
        .set_index("claim_id")
    )
    shown = pd.Series(
        [interval_text(low, high) for low, high in zip(killed["low"], killed["high"], strict=True)],
        index=killed.index,
        dtype="str",
    )
    rows = rows.reset_index(drop=True)
    for side in ("left", "right"):
        about = claims.reindex(rows[f"{side}_id"])
        rows[f"{side}_when"] = about["edtf"].to_numpy()
        rows[f"{side}_where"] = about["place_name"].to_numpy()
        rows[f"{side}_killed"] = shown.reindex(rows[f"{side}_id"]).fillna("").to_numpy()
        rows[f"{side}_says"] = (
            (about["grade_raw"] + " " + about["position_code"].str.replace("_", " ")).str.strip().to_numpy()
        )
    rows, weighed = _weighed(result, asked_of_pairs(result, rows), asked)
    sides = [
        (Column(f"{side}_id", f"Claim {letter}", 20, link_sheet="Claims"), Column(f"{side}_when", f"Day {letter}", 12), Column(f"{side}_where", f"Place {letter}", 26),
         Column(f"{side}_killed", f"Civilians killed {letter}", 11), Column(f"{side}_says", f"Grade or position {letter}", 16))
        for side, letter in (("left", "A"), ("right", "B"))
    ]  # fmt: skip
    names = _names(result)
    has_names = asked[["left_id", "right_id"]].isin(names.index[names != ""]).to_numpy().any()
    for side in ("left", "right"):
        rows[f"{side}_name"] = names.reindex(rows[f"{side}_id"]).fillna("").to_numpy()
    named = (
        *((Column(f"{side}_name", f"Name {letter}", 26)) for side, letter in (("left", "A"), ("right", "B"))),
    )
    columns = (
        Column("kind_code", "Kind", 10),
        Column("verdict_code", "Verdict", 10),
        *PAIR_COLUMNS,
        Column("match_probability", "Probability, rivals set against it", 12, "share"),
        Column("match_weight", "Weight (bits)", 9, "bits"),
        *sides[0],
        *sides[1],
        *(named if has_names else ()),
        *weighed,
        Column("rule_code", "Brought together by", 16),
        MARK_COLUMN,
    )
    return replace(table("Possible matches", rows, columns, freeze=2), left_out=len(asked) - len(rows))


def _weighed(result: RunResult, rows: pd.DataFrame, asked: pd.DataFrame) -> tuple[pd.DataFrame, list[Column]]:
    """Return pairs with what makes up their weight, in the words of `explain`: the start, each level with its bits, rarity.

    What is not compared for a kind of claim is blank; the bits of a row add up to its weight.

    Args:
        result: of the run.
        rows: the pairs that are listed.
        asked: all pairs, which decide on the columns.
    """
    shown = [name for name in LEVEL_COLUMNS if not asked[name].isin(["", "missing"]).all()]
    start = pd.Series(0.0, index=rows.index)
    words = rows[shown].copy()
    bits = pd.DataFrame(np.nan, index=rows.index, columns=shown)
    for kind in rows["kind_code"].unique():
        linkage = result.rules.linkage[RULES_OF[kind]]
        weights = level_bits(linkage)
        own = rows["kind_code"] == kind
        start[own] = prior_bits(linkage, result.claims)
        for name in shown:
            comparison = name.removesuffix("_level")
            levels = rows.loc[own, name]
            distinct = [level for level in levels.unique() if level]
            words.loc[own, name] = levels.replace(
                {level: level_title(linkage, comparison, level) for level in distinct}
            )
            bits.loc[own, name] = levels.map({level: weights[comparison, level] for level in distinct})
    sums = _sums_in_words(rows, start, bits)
    rows = rows.drop(columns=shown).join(words).join(bits.add_suffix("_bits"))
    columns = [
        Column("sum", "How the weight adds up (bits)", 84),
        Column("start", "Start (bits)", 9, "bits"),
    ]
    for name in shown:
        title = LEVEL_TITLES[name]
        columns += [Column(name, title, 30), Column(f"{name}_bits", f"{title} (bits)", 9, "bits")]
    columns.append(Column("rarity_bits", "Rarity (bits)", 9, "bits"))
    return rows.assign(start=start, sum=sums), columns


def _sums_in_words(rows: pd.DataFrame, start: pd.Series[float], bits: pd.DataFrame) -> pd.Series[str]:
    """Return each pair's weight as a sum in one line; what weighs nothing is left out."""
    text = "start " + start.map(signed).astype("str")
    parts = [(LEVEL_TITLES[str(name)].lower(), bits[name]) for name in bits] + [
        ("rarity", rows["rarity_bits"])
    ]
    for title, weights in parts:
        said = " · " + title + " " + weights.fillna(0.0).map(signed).astype("str")
        text = text + said.where(weights.abs() >= LEAST_TOLD_BITS, "")
    return text + " = " + rows["match_weight"].map(signed).astype("str")


def claims_sheet(result: RunResult) -> Sheet:
    """Return every claim with its numbers, its incident and its source row."""
    claims = result.claims
    cluster = result.linked[result.linked["relation_code"] != "covers"].set_index("claim_id")[
        ["cluster_id", "relation_code"]
    ]
    rows = claims.join(cluster, on="claim_id")
    whole = result.figures[
        (result.figures["sex_code"] == "any") & (result.figures["age_group_code"] == "any")
    ]
    added: dict[str, pd.Series[float]] = {}
    numbers = []
    parts: Iterable[Any] = whole.groupby(["measure_code", "population_code", "role_code"], sort=True)
    for (measure, population, role), part in parts:
        by_claim = part.drop_duplicates("claim_id").set_index("claim_id")
        said = "" if role == "alleged" else ", conceded"
        for bound in ("low", "high"):
            name = f"{measure}_{population}_{role}_{bound}"
            added[name] = rows["claim_id"].map(by_claim[bound])
            numbers.append(
                Column(
                    name,
                    f"{str(measure).replace('_', ' ').capitalize()} {population}{said}, {bound}",
                    10,
                    "integer",
                )
            )
    rows = pd.concat([rows, pd.DataFrame(added, index=rows.index)], axis=1)
    texts = (
        (Column("text", "Text", 60, "long_text"), Column("note", "Note", 40, "long_text"))
        if result.facts.include_names
        else ()
    )
    columns = (
        Column("claim_id", "Claim", 22),
        Column("monitor", "Monitor", 12),
        Column("kind_code", "Kind", 10),
        Column("unit_code", "Unit", 13),
        Column("date_start", "From", 11, "date"),
        Column("date_end", "To", 11, "date"),
        Column("edtf", "Window (EDTF)", 22),
        Column("reported_on", "Reported", 11, "date"),
        Column("place_name", "Place", 28),
        Column("place_name_native", "Place, local script", 20),
        Column("admin1", "Governorate", 16),
        Column("country_code", "Country", 8),
        Column("latitude", "Latitude", 10, "number"),
        Column("longitude", "Longitude", 10, "number"),
        Column("location_precision_code", "Place precision", 9, "integer"),
        Column("perpetrator_codes", "Attackers", 22),
        Column("attribution_code", "Attribution", 12),
        Column("violence_code", "Means", 12),
        Column("grade_raw", "Grade as published", 14),
        Column("position_code", "Position", 12),
        *numbers,
        Column("origin_ids", "Origins", 18),
        Column("reported_via", "Reported via", 20),
        Column("report_count", "Reports", 8, "integer"),
        Column("cluster_id", "Incident", 16, link_sheet="Incidents"),
        Column("relation_code", "Relation", 10),
        Column("url", "Where published", 30, "url"),
        *texts,
        Column("file_sha256", "SHA-256 of the file", 20),
        Column("source_file", "Source file", 24),
        Column("source_sheet", "Sheet", 10),
        Column("source_row", "Row", 8, "integer"),
    )
    return table("Claims", rows, columns, key="claim_id", freeze=1)
