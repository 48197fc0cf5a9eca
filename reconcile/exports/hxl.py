"""Claims as a table with HXL tags below its header, which humanitarian tools read.

Guarantees:
    each_claim_once: every claim of the report is one row, below the header and the tags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from reconcile.exports.wide import widened
from reconcile.outfiles import csv_bytes

if TYPE_CHECKING:
    from reconcile.exports.stored import Handover
    from reconcile.exports.wide import Counted

TAGS = {
    "claim_id": "#event+code+claim",
    "cluster_id": "#event+code+cluster",
    "monitor": "#meta+source+code",
    "kind_code": "#event+type",
    "date_start": "#date+start",
    "date_end": "#date+end",
    "date_precision_code": "#meta+date+precision+code",
    "reported_on": "#date+reported",
    "country_code": "#country+code+v_iso3",
    "admin1": "#adm1+name",
    "pcode": "#adm1+code+v_pcode",
    "admin2": "#adm2+name",
    "admin3": "#adm3+name",
    "place_name": "#loc+name",
    "place_name_native": "#loc+name+native",
    "place_kind_code": "#loc+type",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "location_precision_code": "#geo+precision+code",
    "perpetrator_codes": "#group+attacker+code+list",
    "attribution_code": "#status+attribution+code",
    "violence_code": "#cause+code",
    "grade_code": "#meta+grade+code",
    "position_code": "#status+position+code",
    "origin_ids": "#meta+source+origin+list",
    "url": "#meta+source+url",
}
ATTRIBUTES = {
    "civilian": "civilians",
    "combatant": "combatants",
    "female": "f",
    "male": "m",
    "child": "children",
    "adult": "adults",
}
BOUND_ATTRIBUTES = {"low": ("min",), "best": (), "high": ("max",)}
# Of what nothing is known: which of the three it is that is unknown has to be told.
UNKNOWN_OF = ("", "population_unknown", "sex_unknown", "age_unknown", "")


def files_of(given: Handover) -> dict[str, bytes]:
    """Return the file by its name."""
    wide = widened(given.tables)
    shown = wide.claims[list(TAGS)]
    texts = [name for name in shown.columns if shown[name].dtype == "str"]
    # Tools of HXL join places by their letters, and warn of every space too many.
    trimmed = {name: shown[name].str.replace(r"\s+", " ", regex=True).str.strip() for name in texts}
    table = pd.concat([shown.assign(**trimmed), wide.numbers], axis=1)
    tags = [*TAGS.values(), *map(tag_of, wide.columns)]
    header, rows = csv_bytes(table).split(b"\n", 1)
    return {"claims.csv": b"\n".join([header, ",".join(tags).encode(), rows])}


def tag_of(column: Counted) -> str:
    """Return the tag of a column of numbers: #affected+killed+civilians+min."""
    parts = [
        unknown if part == "unknown" else ATTRIBUTES.get(part, part)
        for part, unknown in zip(column.group, UNKNOWN_OF, strict=True)
        if part not in {"any", "alleged"}
    ]
    nth = [f"n{column.number}"] if column.number > 1 else []
    # A ledger of allegations counts reports, and nobody was affected by those.
    base = "#indicator+num" if column.group[0].startswith("reports_") else "#affected"
    return "+".join([base, *parts, *nth, *BOUND_ATTRIBUTES[column.bound]])
