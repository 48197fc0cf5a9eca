"""What became of a claim that is in both releases: its grade, position, place, days, attackers and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.parse.places import fold_name
from reconcile.views import great_circle_km, interval_text, window_text

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from reconcile.history.sides import Reading, Release

    Bools = npt.NDArray[np.bool_]
    Rows = pd.DataFrame

KEY = ["measure_code", "population_code", "sex_code", "age_group_code", "role_code"]
BOUNDS = ["low", "best", "high"]
UNDER_REVIEW = "under_review"


def field_changes(then: Release, now: Release, stayed: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Return what changed about claims beside their numbers, as rows of `Changes` without texts of the claims.

    Args:
        then: the earlier release.
        now: the later one.
        stayed: previous_id, claim_id and basis_code of claims that are in both.
        reading: how far places may be off, and what terms are called.
    """
    left = then.claims.set_index("claim_id").reindex(stayed["previous_id"]).reset_index(drop=True)
    right = now.claims.set_index("claim_id").reindex(stayed["claim_id"]).reset_index(drop=True)
    position = _differs(left, right, "position_code")
    again = (
        position
        & (right["position_code"] == UNDER_REVIEW).to_numpy()
        & (left["position_code"] != "").to_numpy()
    )
    # A belligerent's verdict is its grade and its position; any grade says how firmly the attackers are named.
    graded = (_differs(left, right, "grade_code") | _differs_as_words(left, right, "grade_raw")) & ~position
    stated: tuple[tuple[str, Bools, Callable[[Rows], list[str]]], ...] = (
        ("regraded", graded, lambda rows: _grades(rows, reading)),
        ("reopened", again, lambda rows: _terms(rows, ("position_code",), ("positions",), reading)),
        (
            "repositioned",
            position & ~again,
            lambda rows: _terms(rows, ("position_code",), ("positions",), reading),
        ),
        ("moved", _moved(left, right, reading), _places),
        ("redated", _differs(left, right, "date_start") | _differs(left, right, "date_end"), _windows),
        (
            "reattributed",
            _differs(left, right, "perpetrator_codes")
            | (_differs(left, right, "attribution_code") & ~graded & ~position),
            lambda rows: _terms(
                rows, ("perpetrator_codes", "attribution_code"), ("perpetrators", "attributions"), reading
            ),
        ),
    )
    return pd.concat(
        [
            stayed[changed].assign(change_code=code, before=words(left[changed]), after=words(right[changed]))
            for code, changed, words in stated
        ],
        ignore_index=True,
    )


def _differs(left: Rows, right: Rows, column: str) -> Bools:
    a, b = left[column], right[column]
    return ((a != b) & ~(a.isna() & b.isna())).to_numpy(dtype=bool)


def _differs_as_words(left: Rows, right: Rows, column: str) -> Bools:
    """Return where texts differ in more than case and spaces."""
    a, b = (side[column].str.casefold().str.split().str.join(" ") for side in (left, right))
    return (a != b).to_numpy(dtype=bool)


def _moved(left: Rows, right: Rows, reading: Reading) -> Bools:
    """Return where a place is called otherwise, or lies further off than its coarser precision allows."""
    names: dict[str, str] = {}
    for side in (left, right):
        names |= {name: fold_name(name) for name in side["place_name"].unique()}
    a, b = (side["place_name"].map(names).to_numpy(dtype=object) for side in (left, right))
    known = (left["place_id"] != "").to_numpy() & ~_differs(left, right, "place_id")
    other = (a != b) & ~known
    other |= _differs(left, right, "country_code") | _differs(left, right, "admin1")
    apart = great_circle_km(
        *(
            side[name].to_numpy(dtype=np.float64)
            for side in (left, right)
            for name in ("latitude", "longitude")
        )
    )
    coarser = pd.concat([side["location_precision_code"] for side in (left, right)], axis=1).max(axis=1)
    with np.errstate(invalid="ignore"):
        off = apart > coarser.map(reading.reach_km).to_numpy(dtype=np.float64)
    # A point beside a name that stays is no other place.
    nameless = (a == "") & (b == "") & (left["latitude"].isna() != right["latitude"].isna()).to_numpy()
    return np.asarray(other | off | nameless, dtype=bool)


def _terms(
    rows: Rows, columns: tuple[str, ...], vocabularies: tuple[str, ...], reading: Reading
) -> list[str]:
    texts = []
    for column, name in zip(columns, vocabularies, strict=True):
        terms = reading.vocabularies[name].terms
        shown = {
            codes: ", ".join(
                terms[code].title if code in terms else code.removeprefix("x_").replace("_", " ")
                for code in codes.split()
            )
            for codes in rows[column].unique()
        }
        texts.append(rows[column].map(shown))
    if len(texts) == 1:
        return [text or "not stated" for text in texts[0]]
    return [
        f"{first or 'nobody'} ({second.lower()})" if second else first or "nobody"
        for first, second in zip(*texts, strict=True)
    ]


def _grades(rows: Rows, reading: Reading) -> list[str]:
    words = _terms(rows, ("grade_code",), ("grades",), reading)
    return [raw or word for raw, word in zip(rows["grade_raw"], words, strict=True)]


def _windows(rows: Rows) -> list[str]:
    return [window_text(start, end) for start, end in zip(rows["date_start"], rows["date_end"], strict=True)]


def _places(rows: Rows) -> list[str]:
    columns = ("place_name", "admin1", "country_code", "latitude", "longitude")
    return [place_text(*row) for row in zip(*(rows[name] for name in columns), strict=True)]


def place_text(name: str, admin1: str, country: str, latitude: float, longitude: float) -> str:
    """Return a place for people: its name, what it lies in, its coordinates."""
    parts = [part for part in dict.fromkeys((name, admin1, country)) if part]
    point = "" if np.isnan(latitude) or np.isnan(longitude) else f"({latitude:.5g}, {longitude:.5g})"
    return " ".join(part for part in (", ".join(parts), point) if part) or "no place stated"


# ---- figures -------------------------------------------------------------------------------------------------------


def figure_changes(then: Release, now: Release, stayed: pd.DataFrame) -> pd.DataFrame:
    """Return what changed about the numbers of claims that are in both releases, as rows of `Changes`.

    Up is where no end of the interval fell and one rose, and the number put forward likewise; down is the reverse; what is
    neither is wider or narrower.
    """
    left = then.figures.rename(columns={"claim_id": "previous_id"}).merge(stayed, on="previous_id")
    right = now.figures.merge(stayed, on="claim_id")
    keys = ["claim_id", *KEY]
    # A claim may state two numbers of one kind: those that are in both cancel out, the rest are taken in turn.
    left, right = _uncancelled(left, right, [*keys, *BOUNDS])
    for side in (left, right):
        side["turn"] = side.sort_values(BOUNDS, kind="stable").groupby(keys).cumcount()
    columns = [*keys, "turn", *BOUNDS]
    both = left[columns].merge(
        right[columns], on=[*keys, "turn"], how="outer", suffixes=("_then", "_now"), indicator=True
    )
    changes = both.merge(stayed, on="claim_id")
    changes["before_low"], changes["before_high"] = changes["low_then"], changes["high_then"]
    changes["after_low"], changes["after_high"] = changes["low_now"], changes["high_now"]
    code, gap = _directions(changes)
    found_in = changes["_merge"].astype("str").to_numpy()
    changes["change_code"] = np.select(
        [found_in == "right_only", found_in == "left_only"], ["figure_added", "figure_withdrawn"], code
    )
    changes["gap"] = np.where(found_in == "both", gap, np.nan)
    for name, end in (("before", "then"), ("after", "now")):
        changes[name] = [
            "" if np.isnan(low) else _number_text(low, best, high)
            for low, best, high in changes[[f"{bound}_{end}" for bound in BOUNDS]].to_numpy(dtype=np.float64)
        ]
    # Of a number written in other words nothing changed.
    changes = changes[changes["change_code"] != ""]
    kept = ["change_code", "claim_id", "previous_id", "basis_code", *KEY, "before", "after"]
    return changes[[*kept, "before_low", "before_high", "after_low", "after_high", "gap"]]


def _number_text(low: float, best: float, high: float) -> str:
    """Return a number for people, with the one put forward where it is neither end."""
    said = interval_text(low, high)
    return said if np.isnan(best) or best in {low, high} else f"{said} (best {best:,.10g})"


def _uncancelled(left: Rows, right: Rows, keys: list[str]) -> tuple[Rows, Rows]:
    """Return figures of either side less those that are on both."""
    numbered = []
    for side in (left, right):
        spelled = side[keys].astype(dict.fromkeys(BOUNDS, "float64")).fillna(-1.0)
        numbered.append(spelled.assign(turn=spelled.groupby(keys).cumcount()))
    held = [pd.MultiIndex.from_frame(side) for side in numbered]
    return left[~held[0].isin(held[1])].copy(), right[~held[1].isin(held[0])].copy()


def _directions(changes: Rows) -> tuple[Any, Any]:
    """Return the code of each revision, and by how much the number rose."""
    low = (changes["low_now"] - changes["low_then"]).to_numpy(dtype=np.float64)
    best = (changes["best_now"] - changes["best_then"]).to_numpy(dtype=np.float64)
    ends = [changes[f"high_{end}"].fillna(np.inf).to_numpy(dtype=np.float64) for end in ("then", "now")]
    with np.errstate(invalid="ignore"):
        high = np.where(ends[0] == ends[1], 0.0, ends[1] - ends[0])
    moves = np.vstack([low, np.nan_to_num(best, nan=0.0), high])
    # A best number that is stated on one side only says nothing of rise or fall, but it is a change.
    restated = changes["best_now"].isna().to_numpy() != changes["best_then"].isna().to_numpy()
    rises, falls = (moves > 0).any(axis=0), (moves < 0).any(axis=0)
    code = np.select(
        [rises & ~falls, falls & ~rises, rises & falls, restated],
        ["revised_up", "revised_down", "revised", "revised"],
        "",
    )
    first = np.where(np.isnan(best) | (best == 0), np.where(low == 0, high, low), best)
    gap = np.where(np.isin(code, ["revised_up", "revised_down"]) & np.isfinite(first), first, np.nan)
    return code, gap
