"""Claims, Figures, Victims -> the same, without the texts that may name persons.

Columns that a layout marks `personal` or `free_text` fill fields that stay blank in every output, unless names were asked
for. It happens before anything is explained, so that no sentence, sheet, table or log can carry them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from reconcile.ruleset import Layout, Monitor

ALWAYS_RESTRICTED = ("text", "note")


def withhold(
    claims: pd.DataFrame, figures: pd.DataFrame, victims: pd.DataFrame, monitors: Mapping[str, Monitor]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return claims, figures and victims with restricted texts blank."""
    claims, figures = claims.copy(), figures.copy()
    for name in ALWAYS_RESTRICTED:
        claims[name] = ""
    for monitor in monitors.values():
        for layout in monitor.layouts:
            rows = claims["layout"] == layout.id
            for name in _restricted_fields(layout):
                if name in claims.columns and claims[name].dtype == "str":
                    claims.loc[rows, name] = ""
            if any(rule.number or rule.field == "quantity" for rule in layout.restricted_rules()):
                figures.loc[figures["claim_id"].isin(claims.loc[rows, "claim_id"]), "verbatim"] = ""
    return claims, figures, victims.assign(name_published="", name_native="")


def _restricted_fields(layout: Layout) -> set[str]:
    fields = {rule.field for rule in layout.restricted_rules() if rule.field}
    # An id that names a person was replaced by a keyed one when it was read.
    return {str(field) for field in fields} - {"native_id", "native_incident_ids"}
