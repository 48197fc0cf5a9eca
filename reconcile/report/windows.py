"""The Windows sheet: totals of one topic on one time line, what must not be added, and what differences leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from reconcile.report.naming import title_of
from reconcile.sheets import Block, Chart, Column, Sheet
from reconcile.views import difference_text, interval_text, records, window_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reconcile.result import RunResult

PERSONS = ["measure_code", "population_code", "sex_code", "age_group_code"]
# Topics shown, and of each the totals drawn and the sentences printed.
TOPICS, DRAWN, SENTENCES = 12, 16, 12
LEAD = (
    "Each bar is the window of one total. Totals whose windows share a day must not be added, nor may a total and one that it lies inside.",
    "A difference is what two totals of one series that begin together imply for the days between their ends; no monitor states it.",
)
WHO = {"civilian": "Civilians", "combatant": "Combatants", "all": "People"}
TOTAL_COLUMNS = (
    Column("label", "Total", 34),
    Column("note", "How it lies to the others", 76, "long_text"),
    Column("date_start", "First day", 13, "date"),
    Column("date_end", "Last day", 13, "date"),
    Column("place_name", "Place", 28),
    Column("scope", "Attacker; means", 24),
    Column("reported_via", "Reported via", 22),
    Column("claim_id", "Claim", 26, link_sheet="Claims"),
    Column("days", "Days", 8, "integer"),
)
TOLD_COLUMNS = (
    Column("kind", "What follows", 34),
    Column("sentence", "In words", 76, "long_text"),
    Column("date_start", "First day", 13, "date"),
    Column("date_end", "Last day", 13, "date"),
    Column("number", "It leaves", 28),
    Column("claim_ids", "Claims", 18, link_sheet="Claims"),
)


class _Topic(NamedTuple):
    """A topic as the sheet shows it.

    Attributes:
        topic_id: of `WindowRelations`.
        totals: one row a total, in the order of their windows.
        relations: among them.
        people: the largest number, for the order of topics.
    """

    topic_id: str
    totals: pd.DataFrame
    relations: pd.DataFrame
    people: float


def windows_sheet(result: RunResult) -> Sheet:
    """Return the page of windows: a block of totals, a time line and a block of sentences for each topic."""
    topics = sorted(_topics(result), key=_place_in_line)
    whole = [topic for topic in topics if _is_whole(topic.relations)]
    shown = whole[:TOPICS]
    blocks = [Block(pd.DataFrame(), (), heading="Windows of totals", notes=_lead(topics, whole, shown))]
    charts = []
    for topic in shown:
        heading = _heading(topic)
        drawn = topic.totals.iloc[_spread(len(topic.totals))].reset_index(drop=True)
        charts.append(
            Chart(
                f"Windows of {len(drawn)} totals",
                block=len(blocks),
                category="label",
                series=("date_start", "days"),
                kind="spans",
                axis="date",
            )
        )
        blocks.append(Block(drawn, TOTAL_COLUMNS, heading=heading, notes=_left_out(topic, len(drawn))))
        told, more = _told(result, topic)
        if len(told):
            notes = (f"{more:,} more are in the table of window relations.",) if more else ()
            blocks.append(Block(told, TOLD_COLUMNS, notes=notes))
    unrelated = _unrelated(result)
    if len(unrelated.rows):
        blocks.append(unrelated)
    return Sheet("Windows", tuple(blocks), charts=tuple(charts))


def _place_in_line(topic: _Topic) -> tuple[bool, float, str]:
    is_killed = (topic.relations["measure_code"] == "killed").all()
    return not is_killed, -topic.people, topic.topic_id


def _lead(topics: list[_Topic], whole: list[_Topic], shown: list[_Topic]) -> tuple[str, ...]:
    if not topics:
        return (
            "No two totals here count the same people in the same place, so there are no windows to compare.",
        )
    rest = len(whole) - len(shown)
    parts = len(topics) - len(whole)
    counted = [
        f"{rest:,} more topics with fewer people" if rest else "",
        f"{parts:,} of children, women or men alone" if parts else "",
    ]
    said = " and ".join(filter(None, counted))
    return (*LEAD, *((f"Not shown: {said}; all are in the table of window relations.",) if said else ()))


def _spread(count: int) -> Any:
    """Return which of so many rows are drawn: all of a few, of many some that lie evenly apart, the ends among them."""
    return np.unique(np.linspace(0, count - 1, min(count, DRAWN)).round().astype("int64"))


def _left_out(topic: _Topic, drawn: int) -> tuple[str, ...]:
    count = len(topic.totals)
    return (
        (f"{drawn} of {count:,} totals are drawn, spread evenly; all are on Claims.",)
        if drawn < count
        else ()
    )


# ---- topics --------------------------------------------------------------------------------------------------------


def _is_whole(relations: pd.DataFrame) -> bool:
    return bool(((relations["sex_code"] == "any") & (relations["age_group_code"] == "any")).iloc[0])


def _topics(result: RunResult) -> Iterator[_Topic]:
    """Yield topics of at least two totals; what lies in a wider topic too is shown in its own only."""
    relations = result.relations
    sides = [
        relations[["topic_id", *PERSONS, name]].set_axis(["topic_id", *PERSONS, "claim_id"], axis=1)
        for name in ("left_id", "right_id")
    ]
    members = pd.concat(sides).drop_duplicates(["topic_id", "claim_id"])
    if members.empty:
        return
    # A wider topic holds what its narrower ones hold, and more.
    members["size"] = members.groupby("topic_id")["claim_id"].transform("size")
    members = members.sort_values(["size", "topic_id", "claim_id"]).drop_duplicates([*PERSONS, "claim_id"])
    totals = _totals(result, members)
    for topic_id, rows in totals.groupby("topic_id", sort=True):
        own = relations[
            (relations["topic_id"] == topic_id)
            & relations["left_id"].isin(rows["claim_id"])
            & relations["right_id"].isin(rows["claim_id"])
        ]
        if len(own) == 0:
            continue
        ordered = rows.sort_values(["date_start", "date_end", "claim_id"], ascending=[True, False, True])
        people = float(rows["high"].fillna(rows["low"]).max())
        yield _Topic(str(topic_id), _noted(ordered, own), own, people)


def _totals(result: RunResult, members: pd.DataFrame) -> pd.DataFrame:
    claims = result.claims.set_index("claim_id")
    figures = result.figures[result.figures["role_code"] == "alleged"]
    numbers = figures.sort_values(["claim_id", *PERSONS, "low", "high"]).drop_duplicates(
        ["claim_id", *PERSONS]
    )
    rows = members.merge(numbers[["claim_id", *PERSONS, "low", "high"]], on=["claim_id", *PERSONS])
    about = claims[
        [
            "monitor",
            "date_start",
            "date_end",
            "place_name",
            "perpetrator_codes",
            "violence_code",
            "reported_via",
        ]
    ]
    rows = rows.join(about, on="claim_id")
    number = [interval_text(low, high) for low, high in zip(rows["low"], rows["high"], strict=True)]
    titles = rows["monitor"].map({name: title_of(result, name) for name in rows["monitor"].unique()})
    windows = rows[["date_start", "date_end"]].drop_duplicates()
    spoken = pd.Series(
        [window_text(a, b) for a, b in zip(windows["date_start"], windows["date_end"], strict=True)],
        index=pd.MultiIndex.from_frame(windows),
        dtype="str",
    )
    return rows.assign(
        number=number,
        label=titles + ": " + number,
        window=spoken.reindex(pd.MultiIndex.from_frame(rows[["date_start", "date_end"]])).to_numpy(),
        days=(rows["date_end"] - rows["date_start"]).dt.days + 1,
        scope=_joined(rows["perpetrator_codes"], rows["violence_code"]),
    )


def _joined(attackers: pd.Series[str], means: pd.Series[str]) -> list[str]:
    spoken = [text.removeprefix("x_").replace("_", " ") for text in attackers]
    weapons = [text.replace("_", " ") for text in means]
    return ["; ".join(filter(None, pair)) for pair in zip(spoken, weapons, strict=True)]


def _heading(topic: _Topic) -> str:
    row = next(records(topic.relations))
    who = WHO.get(row.population_code, "People")
    names = [name for name in topic.totals["place_name"].value_counts().index if name]
    places = f"{names[0]} and {_counted(len(names) - 1, 'more place')}" if len(names) > 1 else "".join(names)
    attackers = topic.totals["perpetrator_codes"]
    codes = sorted({code for text in attackers for code in text.split()})
    by = (
        "any"
        if (attackers == "").any()
        else ", ".join(code.removeprefix("x_").replace("_", " ") for code in codes)
    )
    return f"{who} {row.measure_code.replace('_', ' ')}, {places or 'place not named'}; attacker: {by}"


# ---- notes and sentences -------------------------------------------------------------------------------------------


def _noted(totals: pd.DataFrame, relations: pd.DataFrame) -> pd.DataFrame:
    """Return totals with a note each: the smallest window it lies in, what it shares days with, or that it stands by itself."""
    said = totals.set_index("claim_id")
    # Where only one monitor speaks, its name on every line says nothing.
    spoken = (
        said["number" if (said["monitor"] == said["monitor"].iloc[0]).all() else "label"]
        + " ("
        + said["window"]
        + ")"
    )
    pairs = relations[
        ["left_id", "right_id", "relation_code", "scope_relation_code", "shared_days", "may_be_added"]
    ]
    mirrored = {"within": "covers", "covers": "within"}
    turned = pairs.rename(columns={"left_id": "right_id", "right_id": "left_id"})
    turned = turned.assign(
        relation_code=turned["relation_code"].replace(mirrored),
        scope_relation_code=turned["scope_relation_code"].replace(mirrored),
    )
    seen = pd.concat([pairs, turned], ignore_index=True)
    seen = seen.assign(
        days=said["days"].reindex(seen["right_id"]).to_numpy(),
        other=spoken.reindex(seen["right_id"]).to_numpy(),
    )
    seen = seen.sort_values(["left_id", "days", "right_id"])
    closed = seen[~seen["may_be_added"]]
    same, scope = closed["relation_code"] == "equal", closed["scope_relation_code"]
    phrases = {
        "part": "a part of " + _first(closed[same & (scope == "within")]),
        "inside": "inside " + _first(closed[closed["relation_code"] == "within"]),
        "same": "same days as " + _first(closed[same & scope.isin(["equal", "shares"])]),
        "shares": _shares(closed[closed["relation_code"] == "overlaps"]),
    }
    holds = closed.loc[(closed["relation_code"] == "covers") | (same & (scope == "covers")), "left_id"]
    parts = pd.DataFrame(
        {name: phrase.reindex(totals["claim_id"]).to_numpy() for name, phrase in phrases.items()}
    )
    parts["inside"] = parts["inside"].mask(parts["part"].notna(), np.nan)
    joined = [
        "; ".join(text for text in row if isinstance(text, str)) for row in parts.itertuples(index=False)
    ]
    alone = np.where(
        totals["claim_id"].isin(holds), "Others lie inside it: do not add.", "Shares no day with another."
    )
    notes = [
        f"{text[0].upper()}{text[1:]}: do not add." if text else other
        for text, other in zip(joined, alone, strict=True)
    ]
    return totals.assign(note=notes)


def _shares(pairs: pd.DataFrame) -> pd.Series[str]:
    longest = pairs.sort_values(["left_id", "shared_days", "right_id"], ascending=[True, False, True])
    first = longest.drop_duplicates("left_id").set_index("left_id")
    days = pd.Series(
        [_counted(count, "day") for count in first["shared_days"]], index=first.index, dtype="str"
    )
    return "shares " + days + " with " + first["other"]


def _first(pairs: pd.DataFrame) -> pd.Series[str]:
    return pairs.drop_duplicates("left_id").set_index("left_id")["other"]


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _told(result: RunResult, topic: _Topic) -> tuple[pd.DataFrame, int]:
    """Return the sentences about a topic, differences first, and how many there are beyond those."""
    ids = topic.totals["claim_id"]
    derived = result.derived
    own = derived[
        (derived["topic_id"] == topic.topic_id)
        & derived["later_id"].isin(ids)
        & derived["earlier_id"].isin(ids)
    ]
    differences = pd.DataFrame(
        {
            "kind": "A difference",
            "sentence": own["explanation"],
            "date_start": own["date_start"],
            "date_end": own["date_end"],
            "number": [difference_text(a, b) for a, b in zip(own["low"], own["high"], strict=True)],
            "claim_ids": own["later_id"] + " " + own["earlier_id"],
        }
    )
    pairs = topic.relations
    # That one lies inside the other is in the note of each.
    kinds = {
        "equal": "The same days",
        "overlaps": "Shared days",
        "touches": "One after the other",
        "added": "May be added",
    }
    pairs = pairs[pairs["relation_code"].isin(list(kinds))]
    code = pairs["relation_code"].mask(pairs["may_be_added"], "added")
    claims = result.claims.set_index("claim_id")
    ends = [claims["date_end"].reindex(pairs[name]).to_numpy() for name in ("left_id", "right_id")]
    is_shared = (pairs["shared_days"] > 0).to_numpy()
    told = pd.DataFrame(
        {
            "kind": code.map(kinds),
            "sentence": pairs["explanation"],
            "date_start": np.where(
                is_shared, claims["date_start"].reindex(pairs["right_id"]).to_numpy(), np.datetime64("NaT")
            ),
            "date_end": np.where(is_shared, np.minimum(*ends), np.datetime64("NaT")),
            "days": pairs["shared_days"],
            "number": "",
            "claim_ids": pairs["left_id"] + " " + pairs["right_id"],
            "rank": code.map(list(kinds).index),
        }
    ).sort_values(["rank", "days"], ascending=[True, False], kind="stable")
    rows = pd.concat(
        [part for part in (differences, told.drop(columns="rank")) if len(part)] or [differences],
        ignore_index=True,
    )
    return rows.head(SENTENCES), max(len(rows) - SENTENCES, 0)


def _unrelated(result: RunResult) -> Block:
    """Return the totals that no window could be compared of, with the reason."""
    claims = result.claims[result.claims["kind_code"] == "total"]
    reasons = {
        "states no window": claims["date_start"].isna() | claims["date_end"].isna(),
        "its window ends before it starts": claims["date_end"] < claims["date_start"],
        "states no place that is known": (claims["admin1"] == "") & (claims["country_code"] == ""),
    }
    reason = pd.Series("", index=claims.index, dtype="str")
    for text, where in reversed(reasons.items()):
        reason = reason.mask(where, text)
    rows = claims.assign(kind=[title_of(result, name) for name in claims["monitor"]], reason=reason)[
        reason != ""
    ]
    columns = (Column("kind", "Total", 34), Column("reason", "Why it was not compared", 72), *TOTAL_COLUMNS[2:4], Column("claim_id", "Claim", 24, link_sheet="Claims"))  # fmt: skip
    return Block(rows, columns, heading="Totals that were not compared")
