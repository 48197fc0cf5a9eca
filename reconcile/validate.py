"""draft -> Claims, Figures, Victims: unique ids, the job's scope, and the contracts.

Guarantees:
    nothing_is_lost: rows read = claimed + quarantined + corrected away + out of scope + not data, per file.
    ids_are_unique: a claim id stands once; repeated ids of a monitor are kept apart and said.
    order_does_not_matter: claims come out sorted by id, however files and rows were ordered.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.drafts import issue_rows
from reconcile.frames import Claims, Figures, Issues, RowFates, Victims, empty, typed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import numpy.typing as npt

    from reconcile.drafts import Draft
    from reconcile.ruleset import Term

ROW_KEY = ["source_file", "source_sheet", "source_row"]
FIGURE_KEY = ["place", "measure_code", "population_code", "sex_code", "age_group_code", "role_code"]


@dataclass(frozen=True, slots=True)
class Within:
    """What a job is about; None and empty mean everything. Both days belong to the window."""

    countries: tuple[str, ...] = ()
    from_day: date | None = None
    to_day: date | None = None
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Validated:
    """The frames that every later stage stands on.

    Attributes:
        outside: ids of claims that lie outside the job's scope.
        deleted: ids of claims that their monitor lists as deleted, among these or not.
    """

    claims: pd.DataFrame
    figures: pd.DataFrame
    victims: pd.DataFrame
    issues: pd.DataFrame
    fates: pd.DataFrame
    outside: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()


def validate(draft: Draft, within: Within, countries: Mapping[str, Term], key: bytes = b"") -> Validated:
    """Return frames that keep their contracts.

    Args:
        draft: of all files, corrected.
        within: the job's scope; claims outside are counted and set aside.
        countries: for the rough outline of each country.
        key: of the job, for the ids of persons.
    """
    claims = _sorted(draft.claims)
    has_figure = claims["draft_no"].isin(draft.figures["draft_no"]).to_numpy()
    has_name = claims["draft_no"].isin(draft.victims["draft_no"]).to_numpy()
    hollow = (
        ~has_figure
        & ~has_name
        & claims["date_start"].isna().to_numpy()
        & (claims["place_name"] + claims["place_name_native"] == "").to_numpy()
        # A position on another monitor's record says something without a day of its own.
        & ~(
            (claims["position_code"] != "") & (claims["native_incident_ids"] != claims["native_id"])
        ).to_numpy()
    )
    outside = _outside(claims, within) & ~hollow
    kept = claims[~hollow & ~outside] if hollow.any() or outside.any() else claims
    noted = [
        _note_hollow(claims[hollow]),
        _note_deleted(kept[kept["claim_id"].isin(draft.deleted)]),
        _note_places(kept, countries),
    ]
    fates = _settle(draft.fates, claims[hollow], claims[outside], kept)
    ids = pd.Series(kept["claim_id"].array, index=kept["draft_no"].array)
    figures = _with_ids(draft.figures, ids)
    if within.measures:
        figures = figures[figures["measure_code"].isin(within.measures)]
    return Validated(
        claims=typed(Claims, kept),
        # Claims stand in the order of their ids, so a figure's claim is as good as its id, and cheaper to compare.
        figures=typed(Figures, _numbers(figures).iloc[_order(figures, FIGURE_KEY)]),
        victims=_victims(_with_ids(draft.victims, ids), key),
        issues=typed(Issues, _joined(draft.issues, noted)),
        fates=typed(RowFates, fates.iloc[_order(fates, ROW_KEY)]),
        outside=frozenset(claims.loc[outside, "claim_id"]),
        deleted=draft.deleted,
    )


def _sorted(claims: pd.DataFrame) -> pd.DataFrame:
    """Return claims in the order of their ids, which are told apart when drafts are gathered."""
    ids = claims["claim_id"]
    if ids.is_unique:
        return claims if ids.is_monotonic_increasing else claims.iloc[ids.argsort(kind="stable")]
    # Where a caller did not, the rest decides.
    keys = ["claim_id", "date_start", "date_end", "place_name", "grade_raw", *ROW_KEY]
    return claims.sort_values(keys, kind="stable")


def _order(rows: pd.DataFrame, keys: list[str]) -> npt.NDArray[np.intp]:
    """Return the stable order of rows by several columns, each distinct text compared once."""
    ranks = [
        rows[key].to_numpy() if rows[key].dtype.kind == "i" else pd.factorize(rows[key], sort=True)[0]
        for key in keys
    ]
    return np.lexsort([rank for rank in ranks[::-1] if len(rank) and rank.min() < rank.max()] or [ranks[0]])


def _outside(claims: pd.DataFrame, within: Within) -> np.ndarray:
    outside = np.zeros(len(claims), dtype=bool)
    if within.countries:
        country = claims["country_code"]
        # A total may be of several countries: one of them inside is enough.
        known = {
            text: not text or not set(text.split()).isdisjoint(within.countries) for text in country.unique()
        }
        outside |= ~country.map(known).to_numpy(dtype=bool)
    if within.from_day is not None:
        outside |= (claims["date_end"] < pd.Timestamp(within.from_day)).to_numpy()
    if within.to_day is not None:
        outside |= (claims["date_start"] > pd.Timestamp(within.to_day)).to_numpy()
    return outside


def _settle(
    fates: pd.DataFrame, hollow: pd.DataFrame, outside: pd.DataFrame, kept: pd.DataFrame
) -> pd.DataFrame:
    """Return fates in which a row is claimed as long as one of its claims is."""
    if hollow.empty and outside.empty:
        return fates
    fates = fates.copy()
    keys = pd.MultiIndex.from_frame(fates[ROW_KEY])
    claimed = keys.isin(pd.MultiIndex.from_frame(kept[ROW_KEY]))
    for rows, fate in ((hollow, "quarantined"), (outside, "out_of_scope")):
        hit = (
            keys.isin(pd.MultiIndex.from_frame(rows[ROW_KEY]))
            & ~claimed
            & (fates["fate_code"] == "claimed").to_numpy()
        )
        fates.loc[hit, "fate_code"] = fate
    return fates


def _note_hollow(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return empty(Issues)
    message = (
        "Row "
        + rows["source_row"].astype("str")
        + " has no readable number, day or place; it claims nothing and was set aside. Correct it in the source."
    )
    return issue_rows(
        rows, "", rows["native_id"].mask(rows["native_id"] != "", ""), "hollow_row", "error", message
    )


def _note_deleted(rows: pd.DataFrame) -> pd.DataFrame:
    """Note claims that their monitor lists as deleted and that a file still holds; they stay as published."""
    if rows.empty:
        return empty(Issues)
    message = (
        "Row "
        + rows["source_row"].astype("str")
        + ": "
        + rows["claim_id"]
        + " stands on its monitor's list of deleted records; it was kept. Export the file again, or drop the claim by a correction."
    )
    return issue_rows(rows, "", rows["native_id"], "deleted_but_there", "warning", message)


def _note_places(claims: pd.DataFrame, countries: Mapping[str, Term]) -> pd.DataFrame:
    """Note coordinates outside the rough outline of the claim's own country; they stay as published."""
    boxes = {code: term.bbox for code, term in countries.items() if term.bbox}
    known = claims[
        claims["country_code"].isin(list(boxes)) & claims["latitude"].notna() & claims["longitude"].notna()
    ]
    if known.empty:
        return empty(Issues)
    codes, countries_held = pd.factorize(known["country_code"])
    box = np.array([boxes[code] for code in countries_held], dtype=np.float64)[codes]
    latitude, longitude = known["latitude"].to_numpy(), known["longitude"].to_numpy()
    off = (latitude < box[:, 0]) | (latitude > box[:, 1]) | (longitude < box[:, 2]) | (longitude > box[:, 3])
    rows = known[off]
    if rows.empty:
        return empty(Issues)
    shown = rows["latitude"].map("{:g}".format) + ", " + rows["longitude"].map("{:g}".format)
    message = (
        "Row "
        + rows["source_row"].astype("str")
        + ": the coordinates "
        + shown
        + " lie outside "
        + rows["country_code"]
        + "; they were kept as published. Check them, or swap them."
    )
    return issue_rows(rows, "latitude", shown, "outside_country", "error", message)


def _with_ids(rows: pd.DataFrame, ids: pd.Series[str]) -> pd.DataFrame:
    """Return the rows of the claims that are left, with each one's id and its place among them."""
    places = ids.index.get_indexer(pd.Index(rows["draft_no"]))
    known = places >= 0
    kept = rows if known.all() else rows[known]
    return kept.assign(claim_id=ids.array.take(places[known]), place=places[known])


def _numbers(figures: pd.DataFrame) -> pd.DataFrame:
    return figures.assign(**{name: pd.to_numeric(figures[name]) for name in ("low", "best", "high")})


def _victims(rows: pd.DataFrame, key: bytes) -> pd.DataFrame:
    seen = rows.groupby("claim_id").cumcount().astype("str") if len(rows) else pd.Series(dtype="str")
    named = (
        rows["claim_id"].astype("str")
        + "\x1f"
        + rows["name_published"].astype("str")
        + "\x1f"
        + rows["name_native"].astype("str")
        + "\x1f"
        + seen
    )
    ids = [
        f"per_{hmac.digest(key, text.encode('utf-8', 'surrogatepass'), 'sha256').hex()[:16]}"
        for text in named
    ]
    return typed(
        Victims,
        rows.assign(person_id=pd.Series(ids, index=rows.index, dtype="str")).sort_values(
            ["claim_id", "person_id"]
        ),
    )


def _joined(first: pd.DataFrame, others: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in (first, *others) if len(frame)]
    if not filled:
        return empty(Issues)
    order = {"error": 0, "warning": 1, "note": 2}
    joined = pd.concat(filled, ignore_index=True)
    return (
        joined.assign(order=joined["severity"].map(order))
        .sort_values(["order", "source_file", "source_sheet", "source_row", "column", "value"], kind="stable")
        .drop(columns="order")
    )
