"""Numbers of persons in words, the same wherever the page says them."""

from __future__ import annotations

from typing import Any

from reconcile.views import interval_text

PEOPLE = {
    "civilian": "civilians",
    "combatant": "combatants",
    "all": "people",
    "unknown": "people of unknown status",
}


def figure_told(figure: Any) -> str:
    """Return what a figure says: 3–5 civilians killed, or the same and that it is conceded.

    Args:
        figure: a row of Figures.
    """
    who = PEOPLE.get(figure.population_code, figure.population_code)
    conceded = " (conceded)" if figure.role_code == "conceded" else ""
    return f"{interval_text(figure.low, figure.high)} {who} {figure.measure_code.replace('_', ' ')}{conceded}"
