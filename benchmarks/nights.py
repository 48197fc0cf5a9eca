"""Nightly runs over files that grow and are revised: the changes found against the changes made.

    python benchmarks/nights.py [--nights 30] [--records 300] [--seed 7] [--keep FOLDER]

Three monitors (Airwars, UCDP GED, the Coalition) publish invented records, shuffled anew every night. Between two nights each
adds records, raises, lowers and widens numbers, withdraws, takes back, grades, moves, dates and renames them; Airwars also
splits and merges records, gives freed codes to others, and says which codes a record had before. On some nights a file is
broken, and what changed meanwhile has to be found on the next night that it is read. Each night is `reconcile run JOB --as-of
DAY`. A change is its code, the claim's id then and its id now; no record is edited twice before a run could tell of it.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from reconcile.cli import app

if TYPE_CHECKING:
    from collections.abc import Callable

    Record = dict[str, Any]
    Told = Counter[tuple[str, str, str]]

FIRST_NIGHT, FIRST_DAY = date(2024, 3, 1), date(2022, 1, 1)
DAYS, TOWNS = 700, 400
MONITORS = ("airwars", "ucdp_ged", "cjtf_oir")
BROKEN_SHARE = 0.06
SYLLABLES = (
    "ba",
    "dor",
    "fen",
    "gal",
    "hir",
    "jum",
    "kel",
    "lut",
    "mar",
    "nob",
    "qas",
    "rif",
    "sul",
    "tav",
    "wer",
    "zin",
)
GRADES = {"airwars": ("Confirmed", "Fair", "Weak", "Contested"), "ucdp_ged": ("1", "2")}
ATTACKERS = {"airwars": ("US-led Coalition", "Russian Military"), "ucdp_ged": ("IS", "Government of Syria")}
VERDICTS = ("non_credible", "insufficient_info", "open")
# How many of each edit a monitor makes in a night, at most.
EDITS = {
    "new": 9, "revised_up": 4, "revised_down": 3, "revised": 2, "withdrawn": 3, "reopened": 2, "regraded": 3, "moved": 3, "redated": 3,
    "reattributed": 2, "renumbered": 3, "split": 2, "merged": 2, "figure_added": 2, "figure_withdrawn": 2, "repositioned": 3,
    "unchanged": 20,
}  # fmt: skip
TOLD = ("made", "found", "missed", "invented")
HALF = 0.5
# From which a number can be lowered, and split, and stay one.
LEAST = 4
NOT_OF = {
    "airwars": {"repositioned"},
    "ucdp_ged": {"split", "merged", "figure_added", "figure_withdrawn", "repositioned"},
    "cjtf_oir": {"split", "merged", "renumbered", "regraded", "reattributed"},
}


@dataclass
class Monitor:
    """One monitor's records, and what it changed since it was last read.

    Attributes:
        records: by id.
        gone: records withdrawn, by id.
        freed: ids that no record bears any more.
        made: changes that no run could tell of yet.
        touched: ids of records among them.
        number: of the next id.
    """

    name: str
    rng: random.Random
    towns: list[tuple[str, float, float]]
    records: dict[str, Record] = field(default_factory=dict)
    gone: dict[str, Record] = field(default_factory=dict)
    freed: list[str] = field(default_factory=list)
    made: Told = field(default_factory=Counter)
    touched: set[str] = field(default_factory=set)
    number: int = 1000

    def fresh_id(self) -> str:
        """Return an id that was never used."""
        self.number += 1
        return {"airwars": f"CS{self.number}", "ucdp_ged": f"{self.number + 200000}"}.get(
            self.name, f"R{self.number}"
        )

    def record(self, code: str) -> Record:
        """Return a new record."""
        rng = self.rng
        town, latitude, longitude = rng.choice(self.towns)
        low = rng.randint(2, 40)
        return {
            "id": code,
            "day": FIRST_DAY + timedelta(days=rng.randrange(DAYS)),
            "town": town,
            "at": (latitude + rng.uniform(-0.003, 0.003), longitude + rng.uniform(-0.003, 0.003)),
            "low": low,
            "high": low + rng.choice((0, 2, 8)),
            "injured": rng.choice((None, 3, 11)),
            "grade": rng.choice(GRADES.get(self.name, VERDICTS)),
            "conceded": rng.random() < HALF,
            "attacker": rng.choice(ATTACKERS.get(self.name, ("",))),
            "previous": "",
            "sources": rng.randint(1, 9),
        }

    def night(self) -> None:
        """Make a night's edits."""
        edits: dict[str, Callable[[], None]] = {
            name: getattr(self, f"_{name}") for name in EDITS if name not in NOT_OF[self.name]
        }
        for name, edit in edits.items():
            for _ in range(self.rng.randint(0, EDITS[name])):
                edit()

    def read(self) -> Told:
        """Return what changed since the last time it was read, and begin anew."""
        made = self.made
        self.made, self.touched = Counter(), set()
        return made

    # ---- edits ----------------------------------------------------------------------------------------------------

    def _claim(self, code: str) -> str:
        return f"{self.name}:{code.replace(' ', '_')}" if code else ""

    def _tell(self, change: str, before: str, now: str) -> None:
        self.made[change, self._claim(before), self._claim(now)] += 1
        self.touched |= {before, now}

    def _some(self, is_fit: Callable[[Record], bool] = lambda _: True) -> Record | None:
        fit = [one for code, one in self.records.items() if code not in self.touched and is_fit(one)]
        return self.rng.choice(fit) if fit else None

    def _counted(self, one: Record) -> bool:
        return self.name != "cjtf_oir" or one["conceded"]

    def _changed(self, change: str, one: Record | None, **values: Any) -> None:
        if one:
            one.update(values)
            self._tell(change, one["id"], one["id"])

    def _put(self, code: str, one: Record) -> Record:
        self.records[code] = one | {"id": code}
        return self.records[code]

    def _new(self) -> None:
        code = self.fresh_id()
        if self.freed and self.rng.random() < HALF and self.freed[0] not in self.touched:
            code = self.freed.pop(0)
        self._put(code, self.record(code))
        self._tell("new", "", code)

    def _withdrawn(self) -> None:
        if one := self._some():
            self.gone[one["id"]] = self.records.pop(one["id"])
            self._tell("withdrawn", one["id"], "")

    def _reopened(self) -> None:
        back = [code for code in self.gone if code not in self.touched]
        if back:
            code = self.rng.choice(back)
            self._put(code, self.gone.pop(code))
            self._tell("reopened", "", code)

    def _revised_up(self) -> None:
        if one := self._some(self._counted):
            self._changed("revised_up", one, low=one["low"] + 2, high=one["high"] + self.rng.choice((2, 5)))

    def _revised_down(self) -> None:
        if one := self._some(lambda one: self._counted(one) and one["low"] > LEAST):
            less = self.rng.randint(1, LEAST - 1)
            self._changed("revised_down", one, low=one["low"] - less, high=one["high"] - less)

    def _revised(self) -> None:
        if self.name != "ucdp_ged" and (
            one := self._some(lambda one: self._counted(one) and one["low"] > LEAST)
        ):
            self._changed("revised", one, low=one["low"] - 1, high=one["high"] + 4)

    def _regraded(self) -> None:
        if one := self._some():
            other = [grade for grade in GRADES[self.name] if grade != one["grade"]]
            self._changed("regraded", one, grade=self.rng.choice(other))

    def _repositioned(self) -> None:
        if one := self._some(lambda one: not one["conceded"]):
            grade = self.rng.choice([grade for grade in VERDICTS if grade != one["grade"]])
            self._changed("reopened" if grade == "open" else "repositioned", one, grade=grade)

    def _moved(self) -> None:
        if one := self._some():
            town, *at = self.rng.choice([town for town in self.towns if town[0] != one["town"]])
            self._changed("moved", one, town=town, at=tuple(at))

    def _redated(self) -> None:
        if one := self._some():
            self._changed("redated", one, day=one["day"] + timedelta(days=self.rng.choice((-2, -1, 1, 3))))

    def _reattributed(self) -> None:
        if one := self._some():
            (other,) = (name for name in ATTACKERS[self.name] if name != one["attacker"])
            self._changed("reattributed", one, attacker=other)

    def _figure_added(self) -> None:
        one = self._some(lambda one: self._counted(one) and one["injured"] is None)
        self._changed("figure_added", one, injured=6)

    def _figure_withdrawn(self) -> None:
        one = self._some(lambda one: self._counted(one) and one["injured"] is not None)
        self._changed("figure_withdrawn", one, injured=None)

    def _unchanged(self) -> None:
        """Change what is no claim: the number of sources."""
        if one := self._some():
            one["sources"] += 1

    def _renumbered(self) -> None:
        if one := self._some(lambda one: " " not in one["id"] and one["id"][-1].isdigit()):
            code, was = self.fresh_id(), one["id"]
            del self.records[was]
            # Airwars says which code a record had; whoever does not is followed by likeness.
            told = {"previous": f"{one['previous']} {was}".strip()} if self.name == "airwars" else {}
            self._put(code, one | told)
            self._tell("renumbered", was, code)
            if self.name == "airwars" and self.rng.random() < HALF:
                self._put(was, self.record(was))
                self._tell("new", "", was)
            elif self.name == "airwars":
                self.freed.append(was)

    def _split(self) -> None:
        if one := self._some(lambda one: one["id"][-1].isdigit() and " " not in one["id"] and one["low"] > 1):
            was = one["id"]
            del self.records[was]
            for part in "ab":
                self._put(f"{was}{part}", one | {"low": one["low"] // 2, "high": one["high"] // 2 + 1})
                self._tell("split", was, f"{was}{part}")

    def _merged(self) -> None:
        fit = [
            one
            for code, one in self.records.items()
            if code not in self.touched and " " not in code and code[-1].isdigit()
        ]
        if len(fit) > 1:
            pair = self.rng.sample(fit, 2)
            code = " ".join(sorted(one["id"] for one in pair))
            for one in pair:
                del self.records[one["id"]]
                self._tell("merged", one["id"], code)
            self._put(code, pair[0])


# ---- files ---------------------------------------------------------------------------------------------------------


def cells(name: str, one: Record) -> dict[str, Any]:
    """Return a record as its monitor publishes it."""
    day, (latitude, longitude) = one["day"].isoformat(), one["at"]
    where = {"latitude": f"{latitude:.5f}", "longitude": f"{longitude:.5f}"}
    injured = "" if one["injured"] is None else one["injured"]
    match name:
        case "airwars":
            return {
                "post_id": "1", "post_status": "publish", "permalink": "", "code": one["id"], "previous_codes": one["previous"],
                "date_type": "date", "date": day, "date_end": "", "country_name": "Syria", "location_name": one["town"],
                "region": "Ar-Raqqa", "civilian_harm_status_name": one["grade"], "civilian_harm_status_slug": one["grade"].lower(),
                **where, "geolocation_accuracy_slug": "", "civilian_non_combatants_killed_min": one["low"],
                "civilian_non_combatants_killed_max": one["high"], "civilian_non_combatants_injured_min": injured,
                "civilian_non_combatants_injured_max": injured, "num_sources": one["sources"],
                "belligerent_1_belligerent_name": one["attacker"],
            }  # fmt: skip
        case "ucdp_ged":
            return {
                "id": one["id"], "type_of_violence": "1", "dyad_name": "a dyad", "side_a": one["attacker"], "side_b": "SDF",
                "number_of_sources": one["sources"], "date_start": day, "date_end": day, "date_prec": "1", "event_clarity": one["grade"],
                "where_coordinates": one["town"], "adm_1": "Ar-Raqqa", "where_prec": "1", "country": "Syria", **where,
                "deaths_civilians": one["low"], "deaths_unknown": "0", "best": one["low"], "low": one["low"],
                "high": one["high"], "source_original": "SOHR", "source_headline": "",
            }  # fmt: skip
        case _:
            is_conceded = one["conceded"]
            counts = {
                "conceded_min": one["low"],
                "conceded_max": one["high"],
                "injuries_conceded_min": injured,
                "injuries_conceded_max": injured,
            }
            return {
                "statement_id": one["id"], "date": day, "place_text": f"{one['town']}, Syria", "via": "Airwars report",
                "verdict": "credible" if is_conceded else one["grade"],
                **{key: value if is_conceded else "" for key, value in counts.items()},
                "statement_date": "2024-01-31", "statement_scrubbed": "a statement",
            }  # fmt: skip


def publish(monitor: Monitor, path: Path) -> None:
    """Write a monitor's file, its records in whatever order."""
    rows = [cells(monitor.name, one) for one in monitor.records.values()]
    monitor.rng.shuffle(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def towns_of(rng: random.Random) -> list[tuple[str, float, float]]:
    """Return invented towns with their points, each some km from the next."""
    names: set[str] = set()
    while len(names) < TOWNS:
        names.add("".join(rng.choices(SYLLABLES, k=4)).capitalize())
    return [
        (name, 35.0 + 0.09 * (number // 20), 38.0 + 0.11 * (number % 20))
        for number, name in enumerate(sorted(names))
    ]


# ---- nights --------------------------------------------------------------------------------------------------------


def main() -> None:
    """Print what was made, found, missed and invented, by code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--records", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp())
    try:
        nights(folder, asked.nights, asked.records, asked.seed)
    finally:
        if not asked.keep:
            shutil.rmtree(folder)


@dataclass
class Account:
    """What was made and found on all nights.

    Attributes:
        by_change: made, found, missed and invented, each by code.
        seconds: of each run.
        broken: nights on which a file was broken.
        as_said: nights on which the monitors not compared were just those whose file was broken.
        remarks: every change missed or invented, and every exit code that is another than expected.
    """

    by_change: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in TOLD})
    seconds: list[float] = field(default_factory=list)
    broken: int = 0
    as_said: int = 0
    remarks: list[str] = field(default_factory=list)

    def add(self, night: int, made: Told, found: Told) -> None:
        """Count one night's changes."""
        counted = dict(zip(TOLD, (made, made & found, made - found, found - made), strict=True))
        for name, changes in counted.items():
            for (change, _, _), number in changes.items():
                self.by_change[name][change] += number
        self.remarks += [
            f"night {night}: {name}: {' '.join(change)}"
            for name in ("missed", "invented")
            for change in sorted(counted[name])
        ]


def nights(folder: Path, count: int, records: int, seed: int) -> None:
    """Run the nights and print the table."""
    rng = random.Random(seed)  # noqa: S311 - a seed, and no secret
    towns = towns_of(rng)
    monitors = [
        Monitor(name, random.Random(seed + number), towns)  # noqa: S311 - likewise
        for number, name in enumerate(MONITORS)
    ]
    for monitor in monitors:
        for _ in range(records):
            code = monitor.fresh_id()
            monitor.records[code] = monitor.record(code)
    inputs = "".join(f"  - {{monitor: {name}, files: [{name}.csv]}}\n" for name in MONITORS)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "job.yaml").write_text(f"id: nights\ninputs:\n{inputs}")
    account = Account()
    for night in range(count + 1):
        broken = {one.name for one in monitors if night not in {0, count} and rng.random() < BROKEN_SHARE}
        run_night(folder, night, monitors, broken, account)
    for remark in account.remarks:
        print(remark)
    print("| change | made | found | missed | invented |\n|---|--:|--:|--:|--:|")
    for change in sorted(account.by_change["made"] | account.by_change["invented"]):
        print(f"| {change} | " + " | ".join(str(account.by_change[name][change]) for name in TOLD) + " |")
    print("| all | " + " | ".join(str(account.by_change[name].total()) for name in TOLD) + " |")
    size = sum(len(one.records) for one in monitors)
    print(
        f"{count} nights after the first, {size:,} records on the last. A file was broken on {account.broken} nights; the "
        f"monitors not compared were just those on {account.as_said} of {count}. {statistics.median(account.seconds):.1f} s a night."
    )


def run_night(folder: Path, night: int, monitors: list[Monitor], broken: set[str], account: Account) -> None:
    """Publish, run, and compare what is told with what was made."""
    made: Told = Counter()
    for monitor in monitors:
        if night:
            monitor.night()
        path = folder / f"{monitor.name}.csv"
        publish(monitor, path)
        if monitor.name in broken:
            path.write_bytes(f"<html>502 Bad Gateway: {path.name}</html>\n".encode())
        else:
            made += monitor.read()
    day = FIRST_NIGHT + timedelta(days=night)
    start = time.perf_counter()
    code = app(["run", str(folder / "job.yaml"), "--as-of", str(day), "--quiet"], standalone_mode=False)
    account.seconds.append(time.perf_counter() - start)
    found, silent = told(folder / "reports" / "nights")
    if broken and code != 1:
        account.remarks.append(f"night {night}: exit {code}, 1 expected")
    if night:
        account.add(night, made, found)
        account.broken += bool(broken)
        account.as_said += silent == broken


def told(home: Path) -> tuple[Told, set[str]]:
    """Return the changes that the latest run tells, each once a claim, and the monitors that it did not compare."""
    run = home / json.loads((home / "latest.json").read_text(encoding="utf-8"))["folder"]
    changes = pd.read_parquet(run / "tables" / "changes.parquet")
    once = changes[["change_code", "previous_id", "claim_id"]].drop_duplicates()
    summary = json.loads((run / "run.json").read_text(encoding="utf-8"))
    return Counter(once.itertuples(index=False, name=None)), set(summary.get("not_compared", {}))


if __name__ == "__main__":
    main()
