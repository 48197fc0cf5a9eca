"""Which victims' claims belong to which incident claims: by the code they carry, inside one monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]


def deaths(claims: pd.DataFrame, victims: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return (position of a victim's claim, position of the incident claim it belongs to), for those that have one.

    Args:
        claims: a `Claims` frame.
        victims: a `Victims` frame of those claims.
    """
    coded = (claims["native_incident_ids"] != "").to_numpy()
    rows = np.flatnonzero(coded)
    # Most lists of victims carry no code of an incident; then nothing is looked up.
    rows = rows[claims["claim_id"].iloc[rows].isin(victims["claim_id"]).to_numpy()]
    codes = [text.split() for text in claims["native_incident_ids"].iloc[rows]]
    row = np.repeat(rows, np.array([len(found) for found in codes], dtype=np.int64))
    code = np.array([one for found in codes for one in found], dtype=object)
    incident = np.flatnonzero((claims["kind_code"] == "incident").to_numpy())
    monitor, native = claims["monitor"].to_numpy(dtype=object), claims["native_id"].to_numpy(dtype=object)
    known = pd.Series(incident, index=pd.MultiIndex.from_arrays([monitor[incident], native[incident]]))
    known = known[~known.index.duplicated()]
    found = known.reindex(pd.MultiIndex.from_arrays([monitor[row], code])).to_numpy(dtype=np.float64)
    held = ~np.isnan(found)
    return row[held].astype(np.int64), found[held].astype(np.int64)
