"""The draft: what normalize makes of a file, correct amends and validate turns into frames with contracts.

A draft's rows are numbered by `draft_no`; claims, figures and victims of one draft belong together by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.frames import Claims, Issues, RowFates, empty

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

CLAIM_DRAFT_COLUMNS = ("draft_no", *Claims.to_schema().columns)
FIGURE_DRAFT_COLUMNS = (
    "draft_no",
    "measure_code",
    "population_code",
    "sex_code",
    "age_group_code",
    "low",
    "best",
    "high",
    "qualifier_code",
    "verbatim",
    "role_code",
)
VICTIM_DRAFT_COLUMNS = (
    "draft_no",
    "name_published",
    "name_native",
    "sex_code",
    "age_low_years",
    "age_high_years",
    "birth_year",
)


@dataclass(frozen=True)
class Draft:
    """Claims, figures and victims before their contracts, the issues met on the way, and the fate of every row.

    Attributes:
        claims: columns of `Claims` and `draft_no`.
        figures: columns of `Figures`, `draft_no` in place of the claim's id.
        victims: columns of `Victims`, `draft_no` in place of the ids.
        issues: an `Issues` frame.
        fates: a `RowFates` frame; a row whose fate is still open is `claimed` by at least one draft.
        deleted: ids of claims that their monitor lists as deleted.
    """

    claims: pd.DataFrame
    figures: pd.DataFrame
    victims: pd.DataFrame
    issues: pd.DataFrame
    fates: pd.DataFrame
    deleted: frozenset[str] = frozenset()


@dataclass
class IssueList:
    """Collects issues while one table is worked on; the only thing here that grows."""

    source_file: str
    source_sheet: str
    restricted: frozenset[str] = frozenset()
    _noted: list[tuple[Any, ...]] = field(default_factory=list)

    def add(
        self,
        code: str,
        message: str,
        *,
        row: int = 0,
        column: str = "",
        value: str = "",
        severity: str = "warning",
        rows: int = 1,
    ) -> None:
        """Note one issue; `rows` is how many rows it stands for."""
        self.add_cells(code, severity, column, [row], [value], [message], rows)

    def add_cells(
        self,
        code: str,
        severity: str,
        column: str,
        source_rows: Sequence[int] | npt.NDArray[np.int64] | pd.Series[int],
        values: Sequence[str] | pd.Series[str],
        messages: Sequence[str] | pd.Series[str],
        rows: int = 1,
    ) -> None:
        """Note one issue for each cell of a column."""
        is_restricted = column in self.restricted
        shown = ("(withheld)" if is_restricted else value[:200] for value in values)
        self._noted += [
            (self.source_file, self.source_sheet, int(row), column, value, code, severity, rows, message)
            for row, value, message in zip(source_rows, shown, messages, strict=True)
        ]

    def frame(self) -> pd.DataFrame:
        """Return what was noted as an `Issues` frame, not yet validated."""
        blank = empty(Issues)
        if not self._noted:
            return blank
        return pd.DataFrame(self._noted, columns=blank.columns).astype(blank.dtypes.to_dict())


def gather(drafts: Sequence[Draft]) -> Draft:
    """Return several drafts as one: rows renumbered to stay apart, and ids that stand twice told apart and said."""
    one = stacked(drafts)
    distinct, repeated = _distinct_ids(one.claims)
    return replace(one, claims=distinct, issues=pd.concat([repeated, one.issues], ignore_index=True))


def stacked(drafts: Sequence[Draft]) -> Draft:
    """Return several drafts as one, their rows renumbered to stay apart."""
    claims, figures, victims = [], [], []
    offset = 0
    for draft in drafts:
        claims.append(draft.claims.assign(draft_no=draft.claims["draft_no"] + offset))
        figures.append(draft.figures.assign(draft_no=draft.figures["draft_no"] + offset))
        victims.append(draft.victims.assign(draft_no=draft.victims["draft_no"] + offset))
        offset += int(draft.claims["draft_no"].max()) + 1 if len(draft.claims) else 0
    return Draft(
        claims=_concat(claims, CLAIM_DRAFT_COLUMNS),
        figures=_concat(figures, FIGURE_DRAFT_COLUMNS),
        victims=_concat(victims, VICTIM_DRAFT_COLUMNS),
        issues=pd.concat(
            [empty(Issues), *(draft.issues for draft in drafts if len(draft.issues))],
            ignore_index=True,
        ),
        fates=pd.concat(
            [empty(RowFates), *(draft.fates for draft in drafts if len(draft.fates))], ignore_index=True
        ),
        deleted=frozenset().union(*(draft.deleted for draft in drafts)),
    )


def _concat(parts: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    if len(filled) == 1:
        # Mostly there is one draft, and nothing to copy.
        return filled[0].reset_index(drop=True)
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    return pd.concat(filled, ignore_index=True)


def issue_rows(
    rows: pd.DataFrame, column: str, values: pd.Series[str], code: str, severity: str, message: pd.Series[str]
) -> pd.DataFrame:
    """Return issues about rows of a draft."""
    return pd.DataFrame(
        {
            "source_file": rows["source_file"],
            "source_sheet": rows["source_sheet"],
            "source_row": rows["source_row"],
            "column": column,
            "value": values,
            "code": code,
            "severity": severity,
            "row_count": 1,
            "message": message,
        }
    )


def _distinct_ids(claims: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return claims whose ids stand once, and an issue for each row that shared its id with an earlier one.

    Which of them is first hangs on what they say and not on the order of files.
    """
    if not claims["claim_id"].duplicated().any():
        return claims, empty(Issues)
    order = [
        "claim_id",
        "date_start",
        "date_end",
        "place_name",
        "grade_raw",
        "source_file",
        "source_sheet",
        "source_row",
    ]
    number = (
        claims.sort_values(order, kind="stable")
        .groupby("claim_id", sort=False)
        .cumcount()
        .reindex(claims.index)
    )
    again = claims[number > 0]
    mark = "~"
    while (again["claim_id"] + mark + (number[again.index] + 1).astype("str")).isin(claims["claim_id"]).any():
        mark += "~"
    told = claims.assign(
        claim_id=claims["claim_id"].where(number == 0, claims["claim_id"] + mark + (number + 1).astype("str"))
    )
    message = (
        "Row " + again["source_row"].astype("str") + ": the id " + again["native_id"]
        + " stands on another row of this monitor too; both were kept, as " + again["claim_id"] + " and "
        + told.loc[again.index, "claim_id"] + "."
    )  # fmt: skip
    return told, issue_rows(again, "", again["native_id"], "duplicate_id", "warning", message)
