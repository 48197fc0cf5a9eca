"""The page Overlap of victims: which lists name the same persons, and what may be estimated from it, below what forbids most of it.

It is there only where a run has lists of victims. A number stands nowhere without the cautions above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.overlap import STRATUM, titles_of
from reconcile.report.naming import title_of
from reconcile.report.overlap import KNOWS, KNOWS_NOT
from reconcile.sheets import Block, Column, Sheet
from reconcile.views import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconcile.result import RunResult

NAME = "Overlap of victims"
# Histories and strata that are shown one by one; the rest stands in tables/.
SHOWN = 40
CAUTIONS = (
    "What the lists hold is what was documented. It is not all that happened, and no number below says what that was.",
    "The lists are no samples: who is on one depends on who could be asked, and where it was safe to ask.",
    "A match that was missed makes an estimate too high, a false one too low. Judge the possible matches first.",
    "Lists must be free of repeated persons, and speak of the same people, deaths, days and places.",
    "Everybody must have had a chance of being listed, and that chance must not depend on being on the other list.",
    "Lists that cite each other or one origin are merged. Those that copy from each other and do not say so can't be told.",
    "Where some are likelier than others to be listed, an estimate that takes no account of it is too low.",
    "Nobody without a name can be matched. They are left out here, and they are dead all the same.",
    "An overlap that rises or falls tells of the lists, and not of the violence.",
    "Never publish an estimate from here without its interval, its lists, and somebody who knows the method. reconcile export --to histories writes the files for those.",
)
REFUSED = "refused"
METHODS = {
    "chapman": "Chapman, two lists",
    "chao_few_lists": "Chao's lower bound, for few lists",
    "chao": "Chao's lower bound, as published",
    "chao_corrected": "The same, bias-corrected",
}
GROUPS = {"civilian": "Civilians", "combatant": "Fighters", "all": "Everybody", "unknown": "Not told whom"}


def victims_sheet(result: RunResult) -> Sheet | None:
    """Return what lists of victims share; None where the run has none."""
    lists = result.lists[result.lists["unit_code"] == "victim"]
    if lists.empty:
        return None
    titles = titles_of(lists, result.rules.monitors)
    blocks = (
        Block(pd.DataFrame(), (), heading="Before you use any number of this page", notes=CAUTIONS),
        _lists(result, lists),
        _pairs(result),
        *_histories(result, titles),
        _bounds(result, titles),
    )
    return Sheet(NAME, blocks)


def _lists(result: RunResult, lists: pd.DataFrame) -> Block:
    rows = lists.assign(
        title=[title_of(result, monitor) for monitor in lists["monitor"]],
        group=lists["group_code"].map(GROUPS).fillna(lists["group_code"]),
        state=lists["state_code"].str.replace("_", " "),
    )
    columns = (
        Column("title", "List of", 44),
        Column("group", "Whom it takes in", 16),
        Column("records", "Records", 12, "integer"),
        Column("nameless", "Without a name", 12, "integer"),
        Column("members", "Victims", 12, "integer"),
        Column("repeated", "Look repeated", 12, "integer"),
        Column("outside", "Outside what the lists share", 14, "integer"),
        Column("first_day", "From", 11, "date"),
        Column("last_day", "To", 11, "date"),
        Column("state", "Used", 12),
        Column("explanation", "Why", 84, "long_text"),
    )
    return Block(rows, columns, heading="Lists of victims")


def _pairs(result: RunResult) -> Block:
    """Return what every two lists share, with Chapman's estimate or why there is none."""
    pairs = result.overlaps[result.overlaps["unit_code"] == "victim"]
    made = result.estimates[result.estimates["method_code"] == "chapman"]
    given = made[made["refused_code"] == ""].set_index("lists")
    numbers = {str(row.Index): _interval(row.estimate, row.low, row.high) for row in records(given)}
    keys = pairs["left"] + " " + pairs["right"]
    rows = pairs.assign(
        pair=[
            f"{title_of(result, str(row.left))} and {title_of(result, str(row.right))}"
            for row in records(pairs)
        ],
        chapman=keys.map(numbers).astype("str").fillna(REFUSED),
        why=pairs["explanation"].where(pairs["refused_code"] != "", keys.map(given["explanation"])),
    )
    columns = (
        Column("pair", "First and second", 44),
        Column("both", "Victims on both", 12, "integer"),
        Column("left_members", "Of the first", 12, "integer"),
        Column("right_members", "Of the second", 12, "integer"),
        Column("left_share", "Of the first, on both", 12, "share"),
        Column("right_share", "Of the second, on both", 12, "share"),
        Column("jaccard", "Of either, on both (Jaccard)", 14, "share"),
        Column("possible", "Possible matches, not counted", 14, "integer"),
        Column("chapman", "Chapman's estimate (95 % interval)", 26, "range"),
        Column("why", "What to keep in mind, or why it is refused", 84, "long_text"),
    )
    return Block(
        rows,
        columns,
        heading="Two lists",
        notes=("Each pair is compared in the days and countries that both of them cover.",),
    )


def _histories(result: RunResult, titles: Mapping[str, str]) -> tuple[Block, ...]:
    """Return for each group how many victims stand on exactly which lists."""
    whole = result.histories[
        (result.histories["unit_code"] == "victim") & (result.histories["stratum_code"] == "whole")
    ]
    blocks = []
    for group, held in whole.groupby("group_code", sort=True):
        lists = str(held["lists"].iloc[0]).split()
        ranked = held.sort_values(["members", "pattern"], ascending=[False, False])
        rows = pd.DataFrame(
            {
                "history": ranked["pattern"].to_numpy(),
                **{
                    f"on_{place}": [
                        KNOWS if pattern[place] == "1" else KNOWS_NOT for pattern in ranked["pattern"]
                    ]
                    for place in range(len(lists))
                },
                "members": ranked["members"].to_numpy(),
            }
        )
        columns = (
            Column("history", "History", 44),
            *(Column(f"on_{place}", titles.get(code, code), 16) for place, code in enumerate(lists)),
            Column("members", "Victims", 12, "integer"),
        )
        notes = [
            f"{KNOWS} on the list, {KNOWS_NOT} not. Every victim stands in one row. Nobody can count those on no list."
        ]
        if len(rows) > SHOWN:
            notes.append(
                f"The {SHOWN} most frequent of {len(rows):,}; all stand in tables/histories.parquet, by month and place too."
            )
        heading = f"Who stands on which lists: {GROUPS.get(str(group), str(group)).lower()}"
        blocks.append(Block(rows.head(SHOWN), columns, heading=heading, notes=tuple(notes)))
    return tuple(blocks)


def _bounds(result: RunResult, titles: Mapping[str, str]) -> Block:
    """Return Chao's bounds, or why there are none, the whole groups first."""
    made = result.estimates[result.estimates["method_code"] != "chapman"]
    # The forms as published stand once, beside the one that few lists need.
    made = made[(made["method_code"] == "chao_few_lists") | (made["stratum_code"] == "whole")]
    order = {"whole": 0, "month": 1, "place": 2, "month_place": 3}
    rows = made.assign(
        group=made["group_code"].map(GROUPS).fillna(made["group_code"]),
        stratum=[
            " ".join(str(getattr(row, name)) for name in STRATUM).strip() or "whole" for row in records(made)
        ],
        names=[", ".join(titles.get(code, code) for code in str(lists).split()) for lists in made["lists"]],
        method=made["method_code"].map(METHODS),
        number=[
            REFUSED if row.refused_code else _interval(row.estimate, row.low, row.high)
            for row in records(made)
        ],
        rank=made["stratum_code"].map(order),
        given=made["refused_code"] != "",
    ).sort_values(["rank", "given", "group_code", *STRATUM], kind="stable")
    columns = (
        Column("group", "Whom", 44),
        Column("stratum", "Month and place", 26),
        Column("method", "Method", 32),
        Column("observed", "Documented", 12, "integer"),
        Column("number", "Lower bound (95 % interval)", 26, "range"),
        Column("names", "Lists", 30, "long_text"),
        Column("explanation", "What to keep in mind, or why it is refused", 84, "long_text"),
    )
    notes = [
        "Where everything above holds, there were hardly fewer than the low of the interval. How many more there were is not told by it."
    ]
    if len(rows) > SHOWN:
        notes.append(f"The first {SHOWN} of {len(rows):,}; all stand in tables/estimates.parquet.")
    return Block(rows.head(SHOWN), columns, heading="Several lists: a lower bound", notes=tuple(notes))


def _interval(number: float, low: float, high: float) -> str:
    return f"{number:,.0f} ({low:,.0f}–{high:,.0f})"
