"""What comparisons of incidents count over a whole run, and no part of it can count for itself: counted by parts, put together.

How rare an attacker or a number is, which points are centroids, how common a part of a place's name is, and where the run's
own claims put a place. A part of a run that is given these comes to the same levels and the same bits as the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.compare.incidents import attackers_shown, counts_of
from reconcile.compare.places import Names, is_precise, spots_of
from reconcile.views import CENTROID_CLAIMS, POINT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEASURES = ("killed", "injured")


@dataclass(frozen=True, slots=True)
class Tally:
    """What a part of a run counts.

    Attributes:
        borne: claims by the attackers, and by the number killed and injured, that they state.
        points: columns of `POINT` and `claims`, which bear the point.
        names: `name` and `part` of every distinct name of a place.
        lone: points of claims that bear one name alone, by its skeleton.
    """

    borne: Mapping[str, pd.Series[int]]
    points: pd.DataFrame
    names: pd.DataFrame
    lone: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Whole:
    """What a whole run counts.

    Attributes:
        prior: log2 odds before anything is compared.
        borne: as of `Tally`.
        points: centroids, with the claims that bear them.
        parts: distinct names of places by each part that they hold.
        spots: where the run's own claims put a place: north and east by the skeleton of its name.
    """

    prior: float
    borne: Mapping[str, pd.Series[int]]
    points: pd.DataFrame
    parts: pd.Series[int]
    spots: pd.DataFrame


def tally(claims: pd.DataFrame, figures: pd.DataFrame, countries: frozenset[str]) -> Tally:
    """Return what some claims of a run count.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame of those claims.
        countries: folded names of countries, which tell no place from another.
    """
    borne = {"attackers": attackers_shown(claims).value_counts()}
    for measure in MEASURES:
        best = counts_of(claims, figures, measure).best
        borne[measure] = pd.Series(best[~np.isnan(best)]).value_counts()
    names = Names(claims["place_name"], 0.0, countries)
    latitude, longitude = claims["latitude"].to_numpy(), claims["longitude"].to_numpy()
    return Tally(
        borne,
        claims.groupby(list(POINT)).size().reset_index(name="claims"),
        names.parts_of_names(),
        names.lone_points(latitude, longitude, is_precise(claims)),
    )


def whole_of(tallies: Sequence[Tally], prior: float) -> Whole:
    """Return what a run counts, by what its parts count; in which parts its claims stand does not matter.

    Args:
        tallies: of parts that have no claim in common and leave none out.
        prior: log2 odds before anything is compared.
    """
    borne = {
        name: pd.concat([one.borne[name] for one in tallies]).groupby(level=0).sum()
        for name in ("attackers", *MEASURES)
    }
    every = pd.concat([one.points for one in tallies], ignore_index=True)
    points = every.groupby(list(POINT))["claims"].sum().reset_index()
    names = pd.concat([one.names for one in tallies], ignore_index=True).drop_duplicates()
    lone = pd.concat([one.lone for one in tallies], ignore_index=True)
    return Whole(
        prior,
        borne,
        points[points["claims"] >= CENTROID_CLAIMS].reset_index(drop=True),
        names["part"].value_counts(),
        spots_of(lone),
    )
