"""What tests share: the shipped rules, and small frames with plausible defaults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from reconcile.frames import Claims, Figures, Victims, columns_of, empty, typed
from reconcile.rulefiles import load_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.ruleset import Ruleset

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

TEXTS = {
    "monitor": "airwars",
    "layout": "incident_pages",
    "kind_code": "incident",
    "unit_code": "incident",
    "place_name": "Tell Example",
    "admin1": "Ar-Raqqa",
    "country_code": "SYR",
    "perpetrator_codes": "us_led_coalition",
    "attribution_code": "likely",
    "grade_code": "fair",
    "grade_raw": "Fair",
    "source_file": "example.csv",
    "file_sha256": "0" * 64,
}
DAYS = ("date_start", "date_end", "reported_on")
NO_VICTIMS = empty(Victims)


@pytest.fixture(scope="session")
def rules() -> Ruleset:
    """The rules of this checkout."""
    return load_rules(ROOT / "rules")


def claim_row(number: int = 1, **overrides: Any) -> dict[str, Any]:
    """Return one row of Claims with plausible defaults; `day` sets both ends of the window."""
    day = overrides.pop("day", "2017-06-10")
    row: dict[str, Any] = dict.fromkeys(columns_of(Claims), "")
    row |= TEXTS | {
        "source_row": number + 1,
        "date_precision_code": 1,
        "location_precision_code": 2,
        "edtf": day,
    }
    row |= {
        "date_start": day,
        "date_end": day,
        "reported_on": None,
        "latitude": None,
        "longitude": None,
        "report_count": None,
    }
    row |= overrides
    row["native_id"] = row["native_id"] or f"X{number}"
    row["claim_id"] = row["claim_id"] or f"{row['monitor']}:{row['native_id']}"
    row["native_incident_ids"] = row["native_incident_ids"] or row["native_id"]
    return row


def claims_frame(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return a Claims frame of rows made by `claim_row`, sorted as validate leaves them."""
    frame = pd.DataFrame(rows, columns=columns_of(Claims))
    for name in DAYS:
        frame[name] = pd.to_datetime(frame[name])
    for name in ("latitude", "longitude", "report_count"):
        frame[name] = pd.to_numeric(frame[name])
    return typed(Claims, frame.sort_values("claim_id"))


def figure_row(claim_id: str, low: float, high: float | None = None, **overrides: Any) -> dict[str, Any]:
    """Return one row of Figures: civilians killed, alleged, exact where no high is given; `high=None` with `is_open` is open."""
    is_open = overrides.pop("is_open", False)
    top = None if is_open else (low if high is None else high)
    row: dict[str, Any] = {
        "claim_id": claim_id,
        "measure_code": "killed",
        "population_code": "civilian",
        "sex_code": "any",
        "age_group_code": "any",
        "low": low,
        "best": None,
        "high": top,
        "qualifier_code": "at_least" if is_open else ("exact" if low == top else "range"),
        "verbatim": f"{low:g}",
        "role_code": "alleged",
    }
    return row | overrides


def figures_frame(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return a Figures frame of rows made by `figure_row`."""
    frame = pd.DataFrame(rows, columns=columns_of(Figures))
    for name in ("low", "best", "high"):
        frame[name] = pd.to_numeric(frame[name])
    return typed(Figures, frame)


def victim_row(claim_id: str, name: str = "", **overrides: Any) -> dict[str, Any]:
    """Return one row of Victims: a name and nothing else, unless stated; `age` sets both ends of the interval."""
    age = overrides.pop("age", None)
    row: dict[str, Any] = dict.fromkeys(columns_of(Victims), "")
    row |= {"person_id": f"person of {claim_id}", "claim_id": claim_id, "name_published": name}
    row |= {"sex_code": "unknown", "age_low_years": age, "age_high_years": age, "birth_year": None}
    return row | overrides


def victims_frame(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return a Victims frame of rows made by `victim_row`."""
    frame = pd.DataFrame(rows, columns=columns_of(Victims))
    for name in ("age_low_years", "age_high_years", "birth_year"):
        frame[name] = pd.to_numeric(frame[name])
    return typed(Victims, frame)


def on_lists(*persons: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return Claims and Victims of persons on lists; `on` names the list, `name` and `age` the person, `day` the death."""
    claims, victims = [], []
    about_victims = {*columns_of(Victims), "age"}
    nowhere = {"place_name": "", "admin1": "", "country_code": "", "perpetrator_codes": "", "day": None}
    for number, person in enumerate(persons):
        stated = dict(person)
        name, monitor = stated.pop("name", ""), stated.pop("on")
        known = {key: stated.pop(key) for key in list(stated) if key in about_victims}
        claim = claim_row(
            number,
            **{"monitor": monitor, "kind_code": "victim", "unit_code": "person", **nowhere, **stated},
        )
        codes = stated.get("native_incident_ids", "")
        dated = (
            {"date_precision_code": 1, "edtf": "2017"}
            if claim["date_start"]
            else {"date_precision_code": 0, "edtf": ""}
        )
        claims.append(claim | dated | {"native_incident_ids": codes})
        victims.append(victim_row(claim["claim_id"], name, **known))
    return claims_frame(*claims), victims_frame(*victims)


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a text file and returns its path."""

    def make(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return make
