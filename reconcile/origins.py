"""Claims -> Origins: who first asserted each claim, and through whom it came; ten reports of one voice are one origin.

Guarantees:
    relays_add_no_origin: a wire beside a named first asserter is told, and never counted as an origin.
    nobody_is_lost: every origin that a claim names has a row, and a claim that names any has one that counts.
    order_is_no_matter: the rows are the same whatever the order of the claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.frames import Origins, empty, typed
from reconcile.parse.sources import parse_sources
from reconcile.ruleset import fold_spelling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconcile.ruleset import Monitor, Vocabulary

COUNTED = ("asserts", "last_known")


def trace_origins(
    claims: pd.DataFrame, monitors: Mapping[str, Monitor], vocabulary: Vocabulary
) -> pd.DataFrame:
    """Return a row for each source that a claim names.

    Args:
        claims: a `Claims` frame, without restricted texts.
        monitors: for who speaks where a record names nobody.
        vocabulary: of origins.

    Returns:
        An `Origins` frame, by claim, role and name.
    """
    named = _named(claims, monitors, vocabulary)
    rows = pd.concat([named, _outlets(claims, named, vocabulary)], ignore_index=True)
    if rows.empty:
        return empty(Origins)
    return typed(Origins, rows.sort_values(["claim_id", "role_code", "name"], ignore_index=True))


def independent(origins: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    """Return the origins that count: relays and words that name nobody only where no one else is named.

    Args:
        origins: codes that one claim, or all claims of one incident, name.
        vocabulary: of origins.
    """
    named = frozenset(origins)
    terms = vocabulary.terms
    return (
        frozenset(
            code for code in named if code not in terms or not (terms[code].relays or terms[code].generic)
        )
        or named
    )


def origin_name(code: str, vocabulary: Vocabulary) -> str:
    """Return an origin's name for people: its title, or the words that it was slugged from.

    Args:
        code: of the origin.
        vocabulary: of origins.
    """
    known = vocabulary.terms.get(code)
    return known.title if known else code.removeprefix("x_").replace("_", " ")


def _named(claims: pd.DataFrame, monitors: Mapping[str, Monitor], vocabulary: Vocabulary) -> pd.DataFrame:
    rows = (
        claims[["claim_id", "monitor", "origin_ids"]]
        .assign(origin_code=claims["origin_ids"].str.split())
        .explode("origin_code")
        .dropna(subset="origin_code")
        .reset_index(drop=True)
    )
    terms = vocabulary.terms
    codes = rows["origin_code"].astype("str")
    relays = codes.isin([code for code, term in terms.items() if term.relays])
    unnamed = codes.isin([code for code, term in terms.items() if term.generic])
    is_firm = ~(relays | unnamed)
    # Beside a first asserter a wire is a way; alone it is as far as the claim can be followed.
    has_firm = is_firm.groupby(rows["claim_id"]).transform("any")
    alone = np.where(unnamed, "names_nobody", "passes_on")
    own = rows["monitor"].map({name: rule.origin_code for name, rule in monitors.items()}).fillna("")
    return pd.DataFrame(
        {
            "claim_id": rows["claim_id"],
            "origin_code": codes,
            "name": codes.map({code: origin_name(code, vocabulary) for code in codes.unique()}),
            "role_code": np.where(is_firm, "asserts", np.where(has_firm, alone, "last_known")),
            "basis_code": np.where(rows["origin_ids"] == own, "monitor", "named"),
        }
    )


def _outlets(claims: pd.DataFrame, named: pd.DataFrame, vocabulary: Vocabulary) -> pd.DataFrame:
    """Return those through whom a claim came, but for those that it names as origins."""
    spellings = vocabulary.lookup()

    def is_known(text: str) -> bool:
        return fold_spelling(text) in spellings

    def ways(text: str) -> list[str]:
        found = parse_sources(text, is_known)
        return list(dict.fromkeys(name for one in found for name in (*one.via, one.first)))

    texts = claims.loc[claims["reported_via"] != "", ["claim_id", "reported_via"]]
    read = {text: ways(text) for text in texts["reported_via"].unique()}
    rows = texts.assign(name=texts["reported_via"].map(read)).explode("name").dropna(subset="name")
    codes = {name: spellings.get(fold_spelling(name), "") for name in rows["name"].unique()}
    rows["origin_code"] = rows["name"].map(codes).astype("str")
    titles = {code: origin_name(code, vocabulary) for code in codes.values() if code}
    rows["name"] = (
        rows["origin_code"].map(titles).where(rows["origin_code"] != "", rows["name"]).astype("str")
    )
    rows = rows.drop_duplicates(["claim_id", "name"])
    # One that no vocabulary knows has, as an origin, its own words as its name: in small letters.
    told = pd.MultiIndex.from_arrays([named["claim_id"], named["name"].map(fold_spelling)])
    keys = pd.MultiIndex.from_arrays([rows["claim_id"], rows["name"].map(fold_spelling)])
    rows = rows[~keys.isin(told)]
    return pd.DataFrame(
        {
            "claim_id": rows["claim_id"],
            "origin_code": rows["origin_code"],
            "name": rows["name"],
            "role_code": "passes_on",
            "basis_code": "outlet",
        }
    )
