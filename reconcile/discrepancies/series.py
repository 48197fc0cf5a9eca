"""Kinds about series: one finding for each cause of numbers of one series that can't all be true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.discrepancies.evidence import LISTED_CLAIMS, Finding
from reconcile.views import interval_text, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reconcile.discrepancies.evidence import Evidence
    from reconcile.ruleset import Monitor

# A cause whose sets are of several kinds is told under the first of these.
TOLD_UNDER = ("TOT-MONO", "CNT-BRK", "TOT-DELTA", "TOT-LEDGER", "COV-BATCH")
LISTED = 6
LISTED_ROWS = 24


def series_title(monitors: Mapping[str, Monitor], series: str) -> str:
    """Return the name for people of a series: the monitor's, or that of the first layout that states it.

    A series that stands on a sheet of several is named for who states it there, where that is known.
    """
    sheet, _, owner = series.partition(":")
    known = monitors.get(owner) or monitors.get(sheet)
    if known is not None:
        return known.title
    layouts = (layout for monitor in monitors.values() for layout in monitor.layouts)
    return next((layout.title for layout in layouts if layout.series == series), series)


def set_severity(one: Any, default: str) -> str:
    """Return the severity of a row of `InconsistentSets`: its kind's own, unless what it says weighs more or less."""
    if one.rule_code == "window_sum" and one.over_missing_days > 0:
        return "S3"
    if one.code == "CNT-BRK":
        return "S1" if one.expected_low > _top(one.observed_high) else "S2"
    return default


def find_falling(evidence: Evidence) -> Iterator[Finding]:
    """A cumulative number is smaller than one of the same series for days that it includes."""
    for sets in _causes(evidence, "TOT-MONO"):
        yield _finding(
            evidence,
            sets,
            "Look up what each report said on its day: one may be of another source, a typing error or a correction; quote the number with its day.",
        )


def find_delta(evidence: Evidence) -> Iterator[Finding]:
    """What a series states for some days is not what its cumulative numbers rise by over them."""
    for sets in _causes(evidence, "TOT-DELTA"):
        if (sets["over_missing_days"] > 0).all():
            yield _finding(
                evidence,
                sets,
                "Say that the rise covers days without a report; do not call the last report's number the toll of one day.",
            )
            continue
        yield _finding(
            evidence,
            sets,
            "Take daily numbers either from the reports or from the cumulative ones, say which, and ask the source which number stands.",
        )


def find_ledger(evidence: Evidence) -> Iterator[Finding]:
    """A ledger of reports doesn't balance: what came in is not what was closed or stays open, or it is carried over changed."""
    for sets in _causes(evidence, "TOT-LEDGER"):
        yield _finding(
            evidence,
            sets,
            "Read the statement again for reports that it reopened, merged or withdrew; ask for the missing line.",
        )


def find_batches(evidence: Evidence) -> Iterator[Finding]:
    """Some numbers of a series are of several days at once, or are repeated for weeks and then jump."""
    for sets in _causes(evidence, "COV-BATCH"):
        yield Finding(
            claim_ids=_claims(sets)[:LISTED_CLAIMS],
            about=_topic(evidence, sets),
            measure_code=_measures(sets),
            left_value=_series(evidence, sets),
            right_value="; ".join(dict.fromkeys(sets["stated"])),
            explanation=f"{_series(evidence, sets)} comes in batches. {' '.join(_merged(sets['explanation']))}",
            suggested_action="Draw no single days from such numbers: spread or join the days of a batch, and say so.",
        )


def broken_parts(evidence: Evidence) -> Iterator[Finding]:
    """Return findings of parts and wholes in different claims of one series, or of different places, attackers or people."""
    for sets in _causes(evidence, "CNT-BRK"):
        severities = [set_severity(one, "S2") for one in records(sets)]
        yield _finding(
            evidence,
            sets,
            "Ask the monitor which number stands."
            if "S1" in severities
            else "Ask the monitor whom the parts leave out; do not spread the rest over them.",
        )


def _is_told_by_claim(evidence: Evidence) -> pd.Series[bool]:
    """Return which sets are a sex or age above the whole of its own claim, which is told claim by claim."""
    sets = evidence.sets
    keys = ["claim_ids", "measure_code", "population_code"]
    if sets.empty:
        return pd.Series(index=sets.index, dtype="bool")
    whole = evidence.figures[
        (evidence.figures["sex_code"] == "any") & (evidence.figures["age_group_code"] == "any")
    ].rename(columns={"claim_id": "claim_ids"})
    known = pd.MultiIndex.from_frame(whole[[*keys, "low"]])
    asked = pd.MultiIndex.from_frame(sets[[*keys, "observed_low"]])
    is_part = (sets["sex_code"] != "any") | (sets["age_group_code"] != "any")
    return pd.Series(
        (sets["rule_code"] == "part_of_whole").to_numpy() & is_part.to_numpy() & asked.isin(known),
        index=sets.index,
    )


def _causes(evidence: Evidence, code: str) -> Iterator[pd.DataFrame]:
    """Yield the sets of each cause that is told under a code, in their own order: a cause of several codes is told once."""
    sets = evidence.sets[~_is_told_by_claim(evidence)]
    rank = sets["code"].map({name: place for place, name in enumerate(TOLD_UNDER)})
    first = rank.groupby(sets["cause_id"]).transform("min")
    for _, rows in sets[first == TOLD_UNDER.index(code)].groupby("cause_id", sort=False):
        yield rows


def _finding(evidence: Evidence, sets: pd.DataFrame, action: str) -> Finding:
    kinds = evidence.rules.kinds
    widest = sets.iloc[int(sets["gap"].fillna(0).to_numpy().argmax())]
    unit = "reports" if str(widest["measure_code"]).startswith("reports_") else "persons"
    expected = interval_text(float(widest["expected_low"]), float(widest["expected_high"]))
    observed = interval_text(float(widest["observed_low"]), float(widest["observed_high"]))
    return Finding(
        claim_ids=_claims(sets),
        measure_code=_measures(sets),
        left_value="; ".join(_shortened(sets["stated"].tolist())),
        right_value=f"expected {expected}, stated {observed}",
        gap=float(widest["gap"]),
        gap_unit=unit,
        severity=min(set_severity(one, kinds[one.code].severity) for one in records(sets)),
        explanation=f"{_series(evidence, sets)}: {' '.join(_shortened(sets['explanation'].tolist()))} {_rows(evidence, sets)}",
        suggested_action=action,
    )


def _series(evidence: Evidence, sets: pd.DataFrame) -> str:
    return series_title(evidence.monitors, str(sets["series"].iloc[0]))


def _topic(evidence: Evidence, sets: pd.DataFrame) -> tuple[str, ...]:
    """Return what stays the same of a series while it grows: its code, its places and whom it blames."""
    claims = evidence.claims.loc[list(_claims(sets))]
    places, blamed = (" ".join(sorted(set(claims[name]))) for name in ("place_name", "perpetrator_codes"))
    return (str(sets["series"].iloc[0]), places, blamed)


def _claims(sets: pd.DataFrame) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(sets["claim_ids"]).split()))


def _measures(sets: pd.DataFrame) -> str:
    """Return what the sets count, by its codes: it sets findings about the same claims apart."""
    columns = ["measure_code", "population_code", "age_group_code", "sex_code"]
    words = {
        " ".join(code for place, code in enumerate(codes) if place < 2 or code != "any")  # noqa: PLR2004 - a measure and a population are always named
        for codes in sets[columns].itertuples(index=False, name=None)
    }
    return ", ".join(sorted(words))


def _shortened(texts: Sequence[str]) -> list[str]:
    """Return the texts, the middle ones counted where there are many; the last one says what would mend them."""
    if len(texts) <= LISTED:
        return list(texts)
    return [*texts[: LISTED - 1], f"({len(texts) - LISTED} more stand on the sheet Series.)", texts[-1]]


def _merged(texts: pd.Series[str]) -> list[str]:
    """Return the texts, those that say the same of different counts as one: Injured and killed: ..."""
    told: dict[str, list[str]] = {}
    for text in texts:
        subject, _, rest = text.partition(": ")
        told.setdefault(rest, []).append(subject if not told.get(rest) else subject[:1].lower() + subject[1:])
    return [f"{' and '.join(subjects)}: {rest}" for rest, subjects in told.items()]


def _rows(evidence: Evidence, sets: pd.DataFrame) -> str:
    """Return where the claims stand, as a sentence."""
    about = evidence.claims[["source_file", "source_row"]].reindex(list(_claims(sets)))
    texts = []
    for file in sorted(set(about["source_file"])):
        rows = about.loc[about["source_file"] == file, "source_row"]
        numbers = [str(row) for row in sorted(set(rows))]
        shown = ", ".join(numbers[:LISTED_ROWS]) + (" and more" if len(numbers) > LISTED_ROWS else "")
        texts.append(f"{'row' if len(numbers) == 1 else 'rows'} {shown} of {file}")
    joined = "; ".join(texts)
    return f"{joined[:1].upper()}{joined[1:]}."


def _top(high: float) -> float:
    return np.inf if pd.isna(high) else high
