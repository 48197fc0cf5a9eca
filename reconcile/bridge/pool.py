"""The incidents of one monitor as arrays, and what tells quickly which of them can be on any rung of a total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from reconcile.bridge.ground import Shares, Whereabouts, shares_of
from reconcile.views import days_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from reconcile.bridge.ground import Ground
    from reconcile.ruleset import Monitor, Vocabulary
    from reconcile.scopes import Reader

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.intp]

# Terms of violence that say who fought whom, or what kind of event it was, and nothing of the weapon.
NO_WEAPON = "no_weapon"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Low and high of each incident; no low where it states no number, no high where it is open."""

    low: Floats
    high: Floats

    def take(self, rows: Ints) -> Amounts:
        """Return those of some incidents."""
        return Amounts(self.low[rows], self.high[rows]) if len(self.low) else _blank(len(rows))


def _blank(length: int) -> Amounts:
    return Amounts(np.full(length, np.nan), np.full(length, np.nan))


NONE_STATED = _blank(0)


class Attackers(NamedTuple):
    """Who names a total's attacker, who only one above or below it, and who names no attacker."""

    exact: Bools
    rolled: Bools
    unstated: Bools


class Means(NamedTuple):
    """Who states a total's means or one inside them, and who states another; the rest states none, or wider ones."""

    stated: Bools
    other: Bools


class Pool:
    """The incidents of one monitor."""

    def __init__(
        self,
        monitor: str,
        incidents: pd.DataFrame,
        numbers: pd.DataFrame,
        conceded: pd.DataFrame,
        parts: pd.Series[str],
        reader: Reader,
    ) -> None:
        """Take arrays from a monitor's incidents.

        Args:
            monitor: whose they are.
            incidents: rows of `Claims`, numbered from 0.
            numbers: their figures: alleged ones of everybody.
            conceded: likewise, what a belligerent concedes.
            parts: cluster by claim, of parts of one incident.
            reader: monitors, attackers, means and places.
        """
        self.monitor = monitor
        self.ids = incidents["claim_id"].to_numpy(dtype=object)
        self.start, self.end = days_of(incidents, "date_start"), days_of(incidents, "date_end")
        self.first, self.last = incidents["date_start"].min(), incidents["date_end"].max()
        self.rungs = _grades(incidents, reader.monitors.get(monitor))
        self.amounts, self.conceded = (
            {
                key: _amounts(rows, incidents["claim_id"])
                for key, rows in stated.groupby(["measure_code", "population_code"])
            }
            for stated in (numbers, conceded)
        )
        clusters = parts.reindex(incidents["claim_id"]).to_numpy()
        self._clusters = pd.factorize(clusters)[0]
        self._whereabouts = Whereabouts(incidents, reader.gazetteer)
        self._attackers = _Named(incidents["perpetrator_codes"])
        self._means = _Named(incidents["violence_code"])
        self._parties = (incidents["attribution_code"] == "parties").to_numpy()
        self._reader = reader
        self._shares: dict[Ground, Shares] = {}
        self._by: dict[str, Attackers] = {}
        self._how: dict[str, Means] = {}

    def where(self, ground: Ground) -> Shares:
        """Return which incidents lie on the ground of a total."""
        if ground not in self._shares:
            self._shares[ground] = shares_of(ground, self._whereabouts)
        return self._shares[ground]

    def attackers(self, codes: str) -> Attackers:
        """Return how incidents stand to the attackers that a total names."""
        if codes not in self._by:
            self._by[codes] = self._by_attacker(codes)
        return self._by[codes]

    def means(self, codes: str) -> Means:
        """Return how incidents stand to the means that a total states."""
        if codes not in self._how:
            self._how[codes] = self._by_means(codes)
        return self._how[codes]

    def once(self, rows: Ints, low: Floats, high: Floats) -> Ints:
        """Return the positions of rows that count: of parts of one incident with one number, the first."""
        clusters = self._clusters[rows]
        shared = np.flatnonzero(clusters >= 0)
        if len(shared) <= 1:
            return np.arange(len(rows))
        keys = pd.DataFrame({"cluster": clusters[shared], "low": low[shared], "high": high[shared]})
        return np.delete(np.arange(len(rows)), shared[keys.duplicated().to_numpy()])

    def _by_attacker(self, codes: str) -> Attackers:
        named, vocabulary = frozenset(codes.split()), self._reader.attackers
        if not named:
            everyone = np.ones(len(self.ids), dtype=bool)
            return Attackers(everyone, ~everyone, ~everyone)
        above = _above(named, vocabulary)
        hit = self._attackers.where(lambda side: bool(side & named))
        near = self._attackers.where(
            lambda side: bool(side & above) or bool(_above(side, vocabulary) & named)
        )
        unstated = self._parties | self._attackers.where(lambda side: side <= {"unknown"})
        return Attackers(hit & ~unstated, near & ~hit & ~unstated, unstated)

    def _by_means(self, codes: str) -> Means:
        vocabulary = self._reader.means
        named = _weapons(frozenset(codes.split()), vocabulary)
        if not named:
            none = np.zeros(len(self.ids), dtype=bool)
            return Means(none, none)
        above = _above(named, vocabulary)

        def is_inside(terms: frozenset[str]) -> bool:
            return bool(_above(_weapons(terms, vocabulary), vocabulary) & named)

        def is_other(terms: frozenset[str]) -> bool:
            weapons = _weapons(terms, vocabulary)
            return bool(weapons) and not weapons & above and not is_inside(terms)

        return Means(self._means.where(is_inside), self._means.where(is_other))


class _Named:
    """Sets of terms, each distinct one asked about once."""

    def __init__(self, column: pd.Series[str]) -> None:
        self._codes, distinct = pd.factorize(column)
        self._terms = [frozenset(str(text).split()) for text in distinct]

    def where(self, holds: Callable[[frozenset[str]], bool]) -> Bools:
        return np.array([holds(terms) for terms in self._terms], dtype=bool)[self._codes]


def _above(terms: frozenset[str], vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset().union(*(vocabulary.ancestors(term) for term in terms))


def _weapons(terms: frozenset[str], vocabulary: Vocabulary) -> frozenset[str]:
    """Return the terms that say something of the weapon."""
    return frozenset(
        term for term in terms if term not in vocabulary.terms or vocabulary.terms[term].kind != NO_WEAPON
    ) - {"unknown"}


def _amounts(rows: pd.DataFrame, claim_ids: pd.Series[str]) -> Amounts:
    bounds = rows.drop_duplicates("claim_id").set_index("claim_id")[["low", "high"]].reindex(claim_ids)
    return Amounts(bounds["low"].to_numpy(), bounds["high"].to_numpy())


def _grades(incidents: pd.DataFrame, monitor: Monitor | None) -> list[tuple[str, str, Bools, bool]]:
    """Return code, title, incidents and headline of each rung of grades; one rung for all where a monitor grades nothing."""
    grade = incidents["grade_code"]
    rungs = [
        (rung.code, rung.title, grade.isin(rung.grades).to_numpy(dtype=bool), rung.headline)
        for rung in (monitor.grade_rungs if monitor else ())
    ]
    everything = np.ones(len(incidents), dtype=bool)
    return rungs or [("all_incidents", "all incidents that start in the window", everything, True)]
