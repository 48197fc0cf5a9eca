"""What belongs together, gathered: the values of each group as a tuple or a text, without a call a group into pandas."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def gathered(rows: pd.DataFrame, keys: Sequence[str], column: str) -> pd.DataFrame:
    """Return one row a group, in the order of the keys: the keys, and the group's values in the order of its rows, as a tuple.

    A row that lacks a key is in no group.

    Args:
        rows: any frame.
        keys: columns that name a group.
        column: what is gathered.
    """
    return _made_of(rows, keys, column, tuple)


def joined(rows: pd.DataFrame, keys: Sequence[str], column: str, between: str) -> pd.DataFrame:
    """Return the same with the texts of each group joined to one.

    Args:
        rows: any frame.
        keys: columns that name a group.
        column: of texts.
        between: stands between two of them.
    """
    made = _made_of(rows, keys, column, between.join)
    return made.assign(**{column: pd.Series(made[column].tolist(), dtype="str", index=made.index)})


def _made_of(
    rows: pd.DataFrame, keys: Sequence[str], column: str, make: Callable[[list[Any]], Any]
) -> pd.DataFrame:
    group = rows.groupby(list(keys), sort=True).ngroup().fillna(-1).to_numpy(dtype=np.int64)
    order = np.argsort(group, kind="stable")[int((group < 0).sum()) :]
    values = rows[column].astype(object).to_numpy()[order].tolist()
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    bounds = [*starts.tolist(), len(values)]
    found = np.empty(len(starts), dtype=object)
    found[:] = [make(values[start:end]) for start, end in pairwise(bounds)]
    heads = rows[list(keys)].iloc[order[starts]].reset_index(drop=True)
    return heads.assign(**{column: pd.Series(found, dtype=object, index=heads.index)})
