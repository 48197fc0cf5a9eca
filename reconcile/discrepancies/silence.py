"""Kinds about where and when a monitor was not watching, and about numbers that fill such gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import LISTED_CLAIMS, Evidence, Finding
from reconcile.views import days_of, runs, window_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

# Months, and stretches of days, that a finding of many names one by one.
NAMED = 6
# A monitor reports day by day where it has a number for so many of its days.
DAILY_SHARE = 0.5
DAILY_NUMBERS = 10


def find_gap(evidence: Evidence) -> Iterator[Finding]:
    """A monitor has nothing for months or a country in which others have incidents, or a daily series lacks days."""
    claims = evidence.claims
    dated = claims.loc[
        (claims["kind_code"] == "incident") & claims["date_start"].notna() & (claims["country_code"] != ""),
        ["claim_id", "monitor", "country_code", "date_start"],
    ]
    cells = (
        dated.assign(month=dated["date_start"].dt.to_period("M"))
        .groupby(["country_code", "monitor", "month"])
        .size()
    )
    least = evidence.tolerance("COV-GAP", "claims")
    names = sorted(set(dated["monitor"]) - evidence.unread)
    for country in sorted(set(dated["country_code"])):
        held = cells.loc[country]
        months = held.groupby(level="month").sum()
        for monitor in names:
            own = held.loc[monitor] if monitor in held.index.get_level_values("monitor") else months.iloc[:0]
            others = months.sub(own, fill_value=0)
            lacking = others[~others.index.isin(own.index) & (others > 0)]
            inside = (
                (lacking.index > own.index.min()) & (lacking.index < own.index.max())
                if len(own)
                else np.zeros(len(lacking), dtype=bool)
            )
            for about, some in (("silent", lacking[inside]), ("not_covered", lacking[~inside])):
                if some.sum() >= least:
                    yield _gap(evidence, dated, monitor, country, about, some, own)
    yield from _missing_days(evidence)


def _gap(
    evidence: Evidence,
    dated: pd.DataFrame,
    monitor: str,
    country: str,
    about: str,
    lacking: pd.Series[int],
    own: pd.Series[int],
) -> Finding:
    """Return the finding of a monitor and a country: months without it, with what the others have in them.

    Args:
        evidence: of the run.
        dated: incidents with a day and a country.
        monitor: that has nothing.
        country: its code.
        about: silent, inside its own months; or not_covered, before or after them, or without any.
        lacking: how many incidents the others have, by month.
        own: how many it has itself, by month.
    """
    rows = dated[(dated["country_code"] == country) & (dated["monitor"] != monitor)]
    rows = rows[rows["date_start"].dt.to_period("M").isin(lacking.index)]
    terms = evidence.countries.terms
    land = terms[country].title if country in terms else country
    months = [f"{month} ({count:,.10g})" for month, count in lacking.iloc[:NAMED].items()]
    told = ", ".join(months) + (f" and {len(lacking) - NAMED} more months" if len(lacking) > NAMED else "")
    title = evidence.title(monitor)
    if about == "silent":
        found = f"{title} has nothing for {land} in {told}, between months in which it does; the others have {lacking.sum():,.10g} incidents there."
        action = "Ask whether it saw nothing or did not look; a silent month is no month without deaths."
    elif own.empty:
        found = f"{title} has nothing for {land} at all; the others have {lacking.sum():,.10g} incidents there: {told}."
        action = (
            "Look whether the country is in its scope and in the export; do not read this as disagreement."
        )
    else:
        found = f"{title}'s records for {land} begin in {own.index.min()} and end in {own.index.max()}; the others have {lacking.sum():,.10g} incidents outside: {told}."
        action = "Compare only months that both cover; get the rest of its export, if there is one."
    return Finding(
        claim_ids=tuple(sorted(rows.index))[:LISTED_CLAIMS],
        about=(monitor, country, about),
        left_value=f"{title}: {'silent' if about == 'silent' else 'not covered'}, {len(lacking)} {'month' if len(lacking) == 1 else 'months'}",
        right_value=f"others: {lacking.sum():,.10g} incidents",
        gap=float(lacking.sum()),
        gap_unit="incidents",
        explanation=found,
        suggested_action=action,
    )


def _missing_days(evidence: Evidence) -> Iterator[Finding]:
    """Return a finding for each monitor that reports day by day and lacks some days between its first and its last."""
    claims = evidence.claims
    totals = claims[
        (claims["kind_code"] == "total") & claims["date_end"].notna() & ~claims["monitor"].isin(_working(evidence))
    ]  # fmt: skip
    for (monitor, place), rows in totals.groupby(["monitor", "place_name"], sort=True):
        days = np.unique(days_of(rows, "date_end"))
        if len(days) < DAILY_NUMBERS or len(days) < DAILY_SHARE * (days[-1] - days[0] + 1):
            continue
        lacking = _uncovered(rows, days)
        if not len(lacking):
            continue
        stretches = _stretches(lacking)
        told = ", ".join(window_text(first, last) for first, last in stretches[:NAMED])
        more = f" and {len(stretches) - NAMED} more stretches" if len(stretches) > NAMED else ""
        yield Finding(
            claim_ids=tuple(sorted(rows.index))[:LISTED_CLAIMS],
            about=(str(monitor), str(place), "days"),
            left_value=f"{evidence.title(str(monitor))}: {len(days):,} days",
            right_value=f"{len(lacking):,} days missing",
            gap=float(len(lacking)),
            gap_unit="days",
            explanation=f"{evidence.title(str(monitor))} reports day by day{f' ({place})' if place else ''}, and has no number for {len(lacking):,} {'day' if len(lacking) == 1 else 'days'}: {told}{more}.",
            suggested_action="A missing day is no day without deaths: leave it blank in charts, and look whether a later number holds it.",
        )


def _uncovered(totals: pd.DataFrame, days: Ints) -> Ints:
    """Return the days between the first and the last that no number is of; a cumulative one is of the day it ends on."""
    start, end = days_of(totals, "date_start"), days_of(totals, "date_end")
    # Many numbers that begin on one day are cumulative.
    is_period = totals["date_start"].notna().to_numpy() & (
        totals.groupby("date_start")["date_end"].transform("nunique").fillna(0).to_numpy() == 1
    )
    length = np.where(is_period, end - start + 1, 1)
    covered = runs(end - length + 1, length)
    return np.setdiff1d(np.arange(days[0], days[-1] + 1), covered)


def _stretches(days: Ints) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return first and last day of each run of days."""
    breaks = np.flatnonzero(np.diff(days) > 1)
    firsts, lasts = np.append(0, breaks + 1), np.append(breaks, len(days) - 1)
    return [
        (pd.Timestamp(int(days[a]), unit="D"), pd.Timestamp(int(days[b]), unit="D"))
        for a, b in zip(firsts, lasts, strict=True)
    ]


def find_imputed(evidence: Evidence) -> Iterator[Finding]:
    """Numbers that a publisher worked out where nobody had reported one; told once a publisher."""
    claims = evidence.claims
    working = _working(evidence)
    own = claims[claims["monitor"].isin(working)]
    window = ["date_start", "date_end", "country_code"]
    reported = claims[~claims["monitor"].isin(working) & (claims["kind_code"] == "total")]
    stated = pd.MultiIndex.from_frame(reported[window])
    for monitor, rows in own.groupby("monitor", sort=True):
        alone = int((~pd.MultiIndex.from_frame(rows[window]).isin(stated)).sum())
        yield Finding(
            claim_ids=tuple(sorted(rows.index))[:LISTED_CLAIMS],
            about=(str(monitor),),
            left_value=f"{evidence.title(str(monitor))}: {len(rows):,} worked out",
            right_value=f"{alone:,} where nothing was reported",
            gap=float(len(rows)),
            gap_unit="claims",
            explanation=f"{len(rows):,} {'claim' if len(rows) == 1 else 'claims'} of {evidence.title(str(monitor))} {'was' if len(rows) == 1 else 'were'} worked out and not reported by anybody; "
            f"for {alone:,} of these windows no reported number stands beside it.",
            suggested_action="Never mix them with reported numbers; say that they were worked out, and by whom.",
        )


def _working(evidence: Evidence) -> list[str]:
    """Return the monitors whose numbers nobody reported."""
    return sorted(name for name, rule in evidence.monitors.items() if rule.scope.imputed)
