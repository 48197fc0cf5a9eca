"""What two runs are compared by: their claims and figures, and what rules say of monitors, terms and distances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconcile.frames import Claims, columns_of

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    import pandas as pd

    from reconcile.ruleset import Monitor, Ruleset, Vocabulary

# Ids that are made of a row's content, since their monitor gives none; and those that stand for an id that names somebody.
NAMELESS = r"^[^:]*:#"
KEYED = r"^[^:]*:k[0-9a-f]{16}"
PRECISIONS = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read from rules.

    Attributes:
        monitors: for titles, and how codes of parts are made.
        vocabularies: for the titles of terms.
        reach_km: how far a place may be off, by its precision.
        channels: whose files they are, by layout.
    """

    monitors: Mapping[str, Monitor]
    vocabularies: Mapping[str, Vocabulary]
    reach_km: Mapping[int, float]
    channels: Mapping[str, str]

    def title(self, monitor: str) -> str:
        """Return a monitor's name for people."""
        return self.monitors[monitor].title if monitor in self.monitors else monitor

    def channel(self, claims: pd.DataFrame) -> pd.Series[str]:
        """Return of each claim the monitor whose file it came in."""
        return claims["layout"].map(self.channels).fillna(claims["monitor"])


@dataclass(frozen=True, slots=True)
class Release:
    """What one run knows of all monitors.

    Attributes:
        claims: a `Claims` frame.
        figures: a `Figures` frame.
        set_aside: claims that are there and that the run does not tell of: outside its scope, or corrected away.
        withdrawn_before: ids of claims that were withdrawn before the earlier run.
        deleted: ids of claims that their monitor lists as deleted.
    """

    claims: pd.DataFrame
    figures: pd.DataFrame
    set_aside: frozenset[str] = frozenset()
    withdrawn_before: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()

    def keyed(self, reading: Reading) -> set[str]:
        """Return whose files have persons under ids made with the job's key."""
        claims = self.claims
        nameless = (claims["kind_code"] == "victim") & claims["claim_id"].str.contains(NAMELESS)
        own = claims[nameless | claims["claim_id"].str.contains(KEYED)]
        return set(own["layout"].map(reading.channels).fillna(own["monitor"]))

    def without(self, monitors: Container[str], reading: Reading) -> Release:
        """Return the release less the claims that came in files of some monitors, sorted."""
        claims = self.claims
        if "previous_ids" not in claims:
            # Reports of before there was such a column.
            claims = claims.assign(previous_ids="")
        claims = claims[columns_of(Claims)]
        channel = reading.channel(claims)
        lost = channel.isin([name for name in channel.unique() if name in monitors])
        claims = claims[~lost].sort_values("claim_id", ignore_index=True)
        figures = self.figures[self.figures["claim_id"].isin(claims["claim_id"])]
        return replace(self, claims=claims, figures=figures.reset_index(drop=True))

    def files(self, reading: Reading) -> dict[str, set[str]]:
        """Return the digests of the files that claims came in, by the monitor whose files they are."""
        told = self.claims[["file_sha256"]].assign(channel=reading.channel(self.claims)).drop_duplicates()
        return {str(name): set(rows["file_sha256"]) for name, rows in told.groupby("channel")}


def reading_of(rules: Ruleset) -> Reading:
    """Return what comparing two runs reads from rules; a place may be off by what LOC-DIST allows its precision."""
    allowed = rules.discrepancies.kinds["LOC-DIST"].parameters
    return Reading(
        rules.monitors,
        rules.vocabularies,
        {precision: allowed[f"km_{precision}"] for precision in PRECISIONS},
        {layout.id: name for name, monitor in rules.monitors.items() for layout in monitor.layouts},
    )
