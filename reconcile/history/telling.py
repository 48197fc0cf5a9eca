"""Changes in words: of each the claim's monitor and day, its main figure, and a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.history.differ import KEY, place_text
from reconcile.views import interval_text, records, window_text

if TYPE_CHECKING:
    from reconcile.history.sides import Reading, Release

MEASURES = {"killed": 0, "killed_or_injured": 1, "injured": 2}
POPULATIONS = {"civilian": 0, "all": 1, "unknown": 2}
LAST = 9
WHOM = {"civilian": "civilians", "combatant": "combatants", "all": "people", "unknown": "people"}
PERSONS = {
    ("female", "child"): "girls",
    ("male", "child"): "boys",
    ("any", "child"): "children",
    ("female", "adult"): "women",
    ("male", "adult"): "men",
    ("female", "any"): "women and girls",
    ("male", "any"): "men and boys",
    ("any", "adult"): "adults",
}
ONE = {
    "civilians": "civilian", "combatants": "combatant", "people": "person", "girls": "girl", "boys": "boy", "children": "child",
    "women": "woman", "men": "man", "adults": "adult", "women and girls": "woman or girl", "men and boys": "man or boy",
}  # fmt: skip
SENTENCES = {
    "new": "{title} added {now}: {after}.",
    "withdrawn": "{title} no longer has {then}: {before}.",
    "deleted": "{title} lists {then} as deleted: {before}.",
    "back": "{title} has {now} again, which it had withdrawn: {after}.",
    "reopened": "{title} opened {now} again: {before} before, {after} now.",
    "renumbered": "{title} calls {then} {now} now{basis}.",
    "split": "{title} split {then}; {now} is a part of it{basis}.",
    "merged": "{title} made {then} a part of {now}{basis}.",
    "figure_added": "{title} states {whom} of {now}, as it did not before: {after}.",
    "figure_withdrawn": "{title} no longer states {whom} of {now}: {before} before.",
    "revised_up": "{title} raised {whom} of {now} from {before} to {after}.",
    "revised_down": "{title} lowered {whom} of {now} from {before} to {after}.",
    "revised": "{title} revised {whom} of {now} from {before} to {after}.",
    "regraded": "{title} changed the grade of {now} from {before} to {after}.",
    "repositioned": "{title} changed its position on {now} from {before} to {after}.",
    "moved": "{title} changed the place of {now} from {before} to {after}.",
    "redated": "{title} changed the days of {now} from {before} to {after}.",
    "reattributed": "{title} changed the attackers of {now} from {before} to {after}.",
}
BASES = {
    "previous_code": ", as the monitor's own codes say",
    "content": ": nothing but the id differs",
    "likeness": ": the same days, a place and numbers that fit, and no other record as like",
}
PARTS = ": the base of the code, the days and the place are the same"


class Telling:
    """What changes are told with: the claims and figures of both releases."""

    def __init__(self, then: Release, now: Release, reading: Reading) -> None:
        self._then, self._now, self._reading = then, now, reading

    def told(self, changes: pd.DataFrame) -> pd.DataFrame:
        """Return changes with monitor, day, main figure and sentence."""
        of_then = (changes["claim_id"] == "").to_numpy()
        claims = [side.claims.set_index("claim_id") for side in (self._then, self._now)]
        about = claims[1].reindex(changes["claim_id"])
        lost = claims[0].reindex(changes["previous_id"])
        kept = (
            "monitor",
            "date_start",
            "date_end",
            "place_name",
            "admin1",
            "country_code",
            "latitude",
            "longitude",
        )
        shown = pd.DataFrame(
            {name: about[name].where(~of_then, lost[name].to_numpy()).to_numpy() for name in kept}
        )
        changes = changes.reset_index(drop=True)
        changes["monitor"], changes["date_start"] = shown["monitor"], shown["date_start"]
        changes = self._with_main_figures(changes)
        places = [place_text(*row) for row in zip(*(shown[name] for name in kept[3:]), strict=True)]
        windows = [window_text(*row) for row in zip(shown["date_start"], shown["date_end"], strict=True)]
        changes = self._with_texts(changes, windows, places)
        titles = {name: self._reading.title(name) for name in changes["monitor"].unique()}
        changes["explanation"] = [
            _sentence(change, titles[change.monitor], whom)
            for change, whom in zip(records(changes), _whom(changes), strict=True)
        ]
        return changes

    def _with_main_figures(self, changes: pd.DataFrame) -> pd.DataFrame:
        """Return changes of whole claims with the figure each is known by: killed first, civilians first."""
        whole = changes["change_code"].isin(["new", "withdrawn", "reopened", "split", "merged"]).to_numpy()
        for side, release, ids in (("before", self._then, "previous_id"), ("after", self._now, "claim_id")):
            main = _main_figures(release.figures).reindex(changes[ids])
            for bound in ("low", "high"):
                column = f"{side}_{bound}"
                changes[column] = changes[column].where(~whole, main[bound].to_numpy())
            for name in KEY:
                said = pd.Series(main[name].fillna("").to_numpy(), index=changes.index)
                changes[name] = changes[name].where(~whole | (changes[name] != ""), said)
        return changes

    def _with_texts(self, changes: pd.DataFrame, windows: list[str], places: list[str]) -> pd.DataFrame:
        """Return changes of whole claims with what was claimed then and is now."""
        code = changes["change_code"].to_numpy()
        for side, ids in (("before", "previous_id"), ("after", "claim_id")):
            bounds = changes[[f"{side}_low", f"{side}_high"]].to_numpy(dtype=np.float64)
            told = [
                f"{_number(low, high, whom)}, {place}, {window}"
                for (low, high), whom, place, window in zip(
                    bounds, _whom(changes), places, windows, strict=True
                )
            ]
            there = (changes[ids] != "").to_numpy()
            is_whole = np.isin(code, ["new", "withdrawn"]) | (
                (code == "reopened") & (changes["previous_id"] == "")
            )
            is_called = np.isin(code, ["split", "merged", "renumbered"])
            changes[side] = np.select(
                [is_whole & there, is_called], [np.array(told, dtype=object), changes[ids]], changes[side]
            )
        return changes


def _main_figures(figures: pd.DataFrame) -> pd.DataFrame:
    ranks: dict[str, Any] = {
        "is_part": (figures["sex_code"] != "any") | (figures["age_group_code"] != "any"),
        "measure": figures["measure_code"].map(MEASURES).fillna(LAST),
        "role": figures["role_code"] != "alleged",
        "population": figures["population_code"].map(POPULATIONS).fillna(LAST),
    }
    ordered = figures.assign(**ranks).sort_values([*ranks, *KEY, "low"], kind="stable")
    return ordered.drop_duplicates("claim_id").set_index("claim_id")


def _number(low: float, high: float, whom: str) -> str:
    if np.isnan(low):
        return "no number"
    if low == high == 1:
        many = max((word for word in ONE if whom.startswith(f"{word} ")), key=len)
        whom = ONE[many] + whom.removeprefix(many)
    return f"{interval_text(low, high)} {whom}"


def _whom(changes: pd.DataFrame) -> list[str]:
    """Return who is counted, and what became of them, in words."""
    words = []
    for row in zip(*(changes[name] for name in KEY), strict=True):
        measure, population, sex, age, role = row
        who = PERSONS.get((sex, age), WHOM.get(population, "people"))
        words.append(f"{who} {measure.replace('_', ' ')}" + (", conceded" if role == "conceded" else ""))
    return words


def _sentence(change: Any, title: str, whom: str) -> str:
    code = change.change_code
    if code == "withdrawn" and change.basis_code == "deletion":
        code = "deleted"
    elif code == "reopened" and not change.previous_id:
        code = "back"
    is_part = code in {"split", "merged"} and change.basis_code == "likeness"
    basis = PARTS if is_part else BASES.get(change.basis_code, "")
    return SENTENCES[code].format(
        title=title,
        now=change.claim_id,
        then=change.previous_id,
        before=change.before,
        after=change.after,
        basis=basis,
        whom=whom,
    )
