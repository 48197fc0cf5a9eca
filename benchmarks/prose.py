"""How well claims are drafted from sentences: precision and recall, field by field.

    python benchmarks/prose.py [FILE] [--split dev|held_out] [--totals period_totals.jsonl] [--misses OUT]

FILE, by default `fixtures/prose/sentences.yaml`, holds sentences and the claims that a careful person would draft from them;
its first lines say how they were coded. A claim is detected where a draft has its measure, its low and its high. Drafts
and claims of a sentence are matched one to one, those that agree in most fields first; a draft left over is a false
claim, unless the file calls it optional. Of detected claims, each field has

    precision   right among the drafts that state it
    recall      right among the claims that state it

Names of speakers and places are compared as vocabularies and gazetteer know them, and letter by letter where they do not.
Drafts from the text before a sentence are not scored, nor are counts of anything but people.

`--totals` scores real sentences as well: JSON lines with `quote`, `published`, `period_start`, `period_end`, `place`,
`perpetrator`, `killed_min`, `killed_max`, `children`, `women`, `injured`, `lang`. Only numbers that stand in the
quote are asked for, and a draft names one where it begins with it and holds it. A quote holds more than what was coded of
it, and what was coded of it (the window above all) is often not in it: there, precision of claims and recall of fields are
lower bounds. No such sentence is printed, and the file is not part of this repository.

`--misses` writes what went wrong in the dev split, sentence by sentence, and nothing of any other.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from calendar import monthrange
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from scipy.optimize import linear_sum_assignment

from reconcile.normalize import build_context
from reconcile.prose.articles import Article
from reconcile.prose.extract import extract_claims
from reconcile.rulefiles import load_rules
from reconcile.ruleset import fold_spelling

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconcile.normalize.cells import Context
    from reconcile.ruleset import Ruleset

ROOT = Path(__file__).parent.parent
SENTENCES = ROOT / "fixtures" / "prose" / "sentences.yaml"
FIELDS = (
    "population", "sex and age", "qualifier", "asserter", "via", "attackers", "violence", "window start", "window end",
    "place", "place basis", "kind", "conceded",
)  # fmt: skip
KEYS = {"asserter": "asserted_by", "window start": "start", "window end": "end", "place basis": "place_basis"}
CASUALTIES = frozenset({"killed", "injured", "killed_or_injured"})
# One agreement more or less never outweighs whether a claim is detected, nor an optional one a claim.
CLAIM_WEIGHT, OPTIONAL_WEIGHT = 1000.0, 100.0
# Shorter names are too often inside another.
SHORTEST_INSIDE = 4
_ARTICLE = re.compile(r"^(the|a|an)\s+", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s\b")
_AND = re.compile(r"\s*,\s*|\s+and\s+|\s+و(?=\S)")
_NUMBER = re.compile(r"\d+(?:,\d{3})*")


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence with what was coded of it."""

    item_id: str
    split: str
    article: Article
    sentence_from: int
    claims: list[dict[str, Any]]
    optional: list[dict[str, Any]] = field(default_factory=list)
    traps: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Counts of one group of sentences."""

    items: int = 0
    claims: int = 0
    drafts: int = 0
    detected: int = 0
    whole: int = 0
    stated: Counter[str] = field(default_factory=Counter)
    coded: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        """Drafts that are claims, among the drafts."""
        return self.detected / self.drafts if self.drafts else 1.0

    @property
    def recall(self) -> float:
        """Claims that were drafted, among the claims."""
        return self.detected / self.claims if self.claims else 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one sentence: matched pairs, claims not drafted, drafts of nothing."""

    item: Item
    matched: list[tuple[dict[str, Any], dict[str, Any]]]
    missed: list[dict[str, Any]]
    false: list[dict[str, Any]]


@dataclass(frozen=True)
class Names:
    """Comparing names of speakers and places, as the program knows them."""

    context: Context

    def same_speaker(self, coded: str, drafted: str) -> bool:
        """Tell whether two names are of one speaker."""
        left, right = self._origin(coded), self._origin(drafted)
        if left and right:
            return left == right
        one, other = fold_spelling(_bare(coded)), fold_spelling(_bare(drafted))
        short, long = sorted((one, other), key=len)
        return one == other or (len(short) >= SHORTEST_INSIDE and short in long)

    def same_via(self, coded: str, drafted: str) -> bool:
        """Tell whether a coded relay is among those of a draft."""
        inner, outer = fold_spelling(_bare(coded)), fold_spelling(drafted)
        return inner in outer or any(
            self.same_speaker(coded, part) for part in re.split(r"\s*[,;/]\s*", drafted) if part
        )

    def same_place(self, coded: str, drafted: str, kind: str) -> bool:
        """Tell whether two names are of one place, or several names of the same places."""
        return (
            _plain(coded) == _plain(drafted)
            or self._places(coded, "") == self._places(drafted, kind)
            or self._places(coded, kind) == self._places(drafted, kind)
        )

    def _origin(self, name: str) -> str:
        known = self.context.spellings["origins"]
        return next((known[key] for key in map(fold_spelling, (name, _bare(name))) if key in known), "")

    def _places(self, name: str, kind: str) -> frozenset[str]:
        whole = self._place(name, kind)
        parts = [self._place(part, "") for part in _AND.split(name)]
        several = len(parts) > 1 and "," not in name and all(parts)
        return frozenset(parts) if several else frozenset({whole or _plain(name)})

    def _place(self, name: str, kind: str) -> str:
        found = self.context.gazetteer.resolve(name, kind=kind)
        return found.place.place_id if found.place else "" if "," in name else found.country_code


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, nargs="?", default=SENTENCES)
    parser.add_argument("--split", choices=["dev", "held_out"])
    parser.add_argument("--totals", type=Path)
    parser.add_argument("--misses", type=Path)
    parser.add_argument("--profile", default="airwars")
    asked = parser.parse_args()
    rules = load_rules(None)
    context = build_context(rules, asked.profile)
    names = Names(context)
    items = [item for item in read_items(asked.file) if asked.split in {None, item.split}]
    outcomes = [outcome(item, drafts_of(item, context, rules), names) for item in items]
    for split in dict.fromkeys(item.split for item in items):
        show(split, [one for one in outcomes if one.item.split == split], names)
    if asked.misses:
        dev = [one for one in outcomes if one.item.split == "dev"]
        asked.misses.write_text(
            "\n".join(told(one, names) for one in dev if told(one, names)), encoding="utf-8"
        )
    if asked.totals:
        show_totals(asked.totals, context, rules, names)


def read_items(path: Path) -> list[Item]:
    """Return the sentences of a file."""
    items = []
    for one in YAML(typ="safe").load(path)["items"]:
        before = f"{one['context'].strip()}\n\n" if one.get("context") else ""
        article = Article(
            one["id"], before + one["sentence"].strip(), one["publisher"], one["published"], one["language"]
        )
        items.append(
            Item(
                one["id"],
                one["split"],
                article,
                len(before),
                one["claims"],
                one.get("optional", []),
                one["traps"],
            )
        )
    return items


def drafts_of(item: Item, context: Context, rules: Ruleset) -> list[dict[str, Any]]:
    """Return the drafts of a sentence in the words of the coding, those of the text before it left out."""
    drafts = extract_claims(item.article, context, rules.prose)
    own = drafts[drafts["span_end"] > item.sentence_from]
    terms = rules.vocabularies["measures"].terms
    people = {code for code, term in terms.items() if term.counts == "persons"}
    return [_as_coded(row) for row in own.to_dict("records") if row["measure_code"] in people]


def _as_coded(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a draft under the keys of the coding, what it does not state left out."""
    said = {
        "measure": row["measure_code"],
        "population": row["population_code"],
        "sex": row["sex_code"],
        "age": row["age_group_code"],
        "low": _number(row["low"]),
        "high": _number(row["high"]),
        "qualifier": row["qualifier_code"],
        "asserted_by": row["asserted_by"],
        "via": row["reported_via"],
        "attackers": row["perpetrator_codes"],
        "violence": row["violence_code"],
        "start": _day(row["date_start"]),
        "end": _day(row["date_end"]),
        "place": row["place_name"],
        "place_kind": row["place_kind_code"],
        "place_basis": row["place_basis_code"],
        "kind": row["kind_code"],
        "role": row["role_code"],
        "verbatim": row["verbatim"],
    }
    return {key: value for key, value in said.items() if value not in {"", None} or key in {"low", "high"}}


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _day(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def outcome(item: Item, drafts: list[dict[str, Any]], names: Names) -> Outcome:
    """Return drafts and claims of a sentence, matched one to one so that most is detected and then most agrees."""
    wanted = [*item.claims, *item.optional]
    matched: list[tuple[dict[str, Any], dict[str, Any]]] = []
    taken_drafts: set[int] = set()
    taken_claims: set[int] = set()
    if wanted and drafts:
        base = np.repeat([CLAIM_WEIGHT, OPTIONAL_WEIGHT], [len(item.claims), len(item.optional)])
        worth = np.array(
            [
                [
                    weight + agreement(claim, draft, names) if detects(claim, draft) else 0.0
                    for draft in drafts
                ]
                for claim, weight in zip(wanted, base, strict=True)
            ]
        )
        for row, column in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
            if worth[row, column]:
                taken_drafts.add(int(column))
                if row < len(item.claims):
                    taken_claims.add(int(row))
                    matched.append((wanted[row], drafts[column]))
    return Outcome(
        item,
        matched,
        [claim for number, claim in enumerate(item.claims) if number not in taken_claims],
        [draft for number, draft in enumerate(drafts) if number not in taken_drafts],
    )


def detects(claim: dict[str, Any], draft: dict[str, Any]) -> bool:
    """Tell whether a draft has a claim's measure, low and high."""
    return all(claim[key] == draft[key] for key in ("measure", "low", "high"))


def agreement(claim: dict[str, Any], draft: dict[str, Any], names: Names) -> int:
    """Return in how many fields a claim and a draft agree."""
    return sum(right for _, _, right in judged(claim, draft, names).values())


def judged(claim: dict[str, Any], draft: dict[str, Any], names: Names) -> dict[str, tuple[bool, bool, bool]]:
    """Return of each field whether the draft states it, whether the claim does, and whether they agree in it."""
    out = {}
    for name in FIELDS:
        coded, drafted = stated(name, claim), stated(name, draft)
        out[name] = (
            bool(drafted),
            bool(coded),
            bool(coded and drafted) and _agree(name, claim, draft, names),
        )
    # Whom the publisher quotes is compared; the publisher alone is nobody's mistake.
    said, meant, right = out["via"]
    out["via"] = (said and meant, meant, right)
    return out


def stated(name: str, claim: dict[str, Any]) -> str:
    """Return what a claim states in a field, as text; empty where it states nothing."""
    match name:
        case "sex and age":
            both = f"{claim.get('sex', 'any')} {claim.get('age', 'any')}"
            return "" if both == "any any" else both
        case "qualifier":
            return str(claim.get("qualifier", "exact"))
        case "conceded":
            return "conceded" if claim.get("role") == "conceded" else ""
        case "attackers":
            return " ".join(sorted(str(claim.get("attackers", "")).split()))
    keys = {
        "asserter": "asserted_by",
        "window start": "start",
        "window end": "end",
        "place basis": "place_basis",
    }
    return str(claim.get(keys.get(name, name), ""))


def _agree(name: str, claim: dict[str, Any], draft: dict[str, Any], names: Names) -> bool:
    coded = claim.get(KEYS.get(name, name), "")
    # Several answers may be as right as each other.
    if isinstance(coded, list):
        return any(_agree(name, claim | {KEYS.get(name, name): one}, draft, names) for one in coded)
    match name:
        case "asserter":
            return names.same_speaker(coded, draft["asserted_by"])
        case "via":
            return names.same_via(coded, draft["via"])
        case "place":
            return names.same_place(coded, draft["place"], draft.get("place_kind", ""))
    return stated(name, claim) == stated(name, draft)


def tally(outcomes: Iterable[Outcome], names: Names, measures: frozenset[str] | None = None) -> Tally:
    """Return the counts of sentences.

    Args:
        outcomes: of the sentences.
        names: for comparing.
        measures: count these alone; None counts all.
    """
    out = Tally()
    for one in outcomes:
        pairs = [pair for pair in one.matched if measures is None or pair[0]["measure"] in measures]
        missed = [claim for claim in one.missed if measures is None or claim["measure"] in measures]
        false = [draft for draft in one.false if measures is None or draft["measure"] in measures]
        out.items += 1
        out.detected += len(pairs)
        out.claims += len(pairs) + len(missed)
        out.drafts += len(pairs) + len(false)
        for claim, draft in pairs:
            fields = judged(claim, draft, names)
            out.whole += all(right or not (said or meant) for said, meant, right in fields.values())
            for name, (said, meant, right) in fields.items():
                out.stated[name] += said
                out.coded[name] += meant
                out.right[name] += right
    return out


def show(split: str, outcomes: list[Outcome], names: Names) -> None:
    """Print one split: claims, fields, and the sentences with false claims."""
    print(
        f"\n## {split}\n\n| claims | sentences | coded | drafted | detected | precision | recall | every field right |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    languages = sorted({one.item.article.language for one in outcomes}, reverse=True)
    groups = {
        code: tally((one for one in outcomes if one.item.article.language == code), names)
        for code in languages
    }
    rows = {"all": tally(outcomes, names), "killed, injured": tally(outcomes, names, CASUALTIES)} | groups
    for name, some in rows.items():
        print(
            f"| {name} | {some.items} | {some.claims} | {some.drafts} | {some.detected} | {some.precision:.3f} | "
            f"{some.recall:.3f} | {share(some.whole, some.detected)} |"
        )
    columns = [("all", rows["all"]), *groups.items()]
    print("\n| field |" + "".join(f" {name} precision | {name} recall |" for name, _ in columns))
    print("|---|" + "--:|--:|" * len(columns))
    for name in FIELDS:
        cells = (
            f" {share(some.right[name], some.stated[name])} | {share(some.right[name], some.coded[name])} |"
            for _, some in columns
        )
        print(f"| {name} |{''.join(cells)}")
    false = [one.item.item_id for one in outcomes if one.item.traps and one.false]
    print(f"\nsentences with false claims: {', '.join(false) or 'none'}")
    print(
        f"sentences with claims missed: {', '.join(one.item.item_id for one in outcomes if one.missed) or 'none'}"
    )


def share(part: int, whole: int) -> str:
    """Return a share with its counts."""
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "-"


def told(one: Outcome, names: Names) -> str:
    """Return what went wrong in a sentence, a line each; empty where nothing did."""
    lines = [f"  missed: {_short(claim)}" for claim in one.missed]
    lines += [f"  false: {_short(draft)}" for draft in one.false]
    for claim, draft in one.matched:
        wrong = [
            f"{name}: {stated(name, draft) or '-'} for {stated(name, claim) or '-'}"
            for name, (said, meant, right) in judged(claim, draft, names).items()
            if (said or meant) and not right
        ]
        if wrong:
            lines.append(f"  {_short(claim)}: {'; '.join(wrong)}")
    sentence = one.item.article.text[one.item.sentence_from :]
    return (
        "\n".join([f"{one.item.item_id} ({one.item.article.published}): {sentence}", *lines]) if lines else ""
    )


def _short(claim: dict[str, Any]) -> str:
    high = "open" if claim["high"] is None else f"{claim['high']:g}"
    low = "?" if claim["low"] is None else f"{claim['low']:g}"
    words = [claim["measure"], f"{low} to {high}", claim.get("population", ""), stated("sex and age", claim)]
    return " ".join(
        word for word in [*words, f"'{claim['verbatim']}'" if "verbatim" in claim else ""] if word
    )


def show_totals(path: Path, context: Context, rules: Ruleset, names: Names) -> None:
    """Print how many coded numbers of real sentences are drafted, with their window, place and attacker."""
    found: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    stated_in: Counter[str] = Counter()
    right: Counter[str] = Counter()
    meant: Counter[str] = Counter()
    drafted = named = 0
    misses = []
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(text)
        if row["lang"] != "en":
            continue
        article = Article(
            f"line {line}", row["quote"], row["reported_via"] or "", last_day(row["published"]), "en"
        )
        drafts = drafts_of(Item(article.name, "", article, 0, []), context, rules)
        drafts = [draft for draft in drafts if draft["measure"] in CASUALTIES]
        wanted = coded_totals(row)
        worth = np.array([[_names_it(claim, draft) for draft in drafts] for claim in wanted], dtype=float)
        pairs = list(zip(*linear_sum_assignment(worth, maximize=True), strict=True)) if worth.size else []
        hits = {int(one): int(other) for one, other in pairs if worth[one, other]}
        drafted += len(drafts)
        named += len(hits)
        for number, claim in enumerate(wanted):
            asked[claim["name"]] += 1
            found[claim["name"]] += number in hits
            if number not in hits:
                misses.append(f"line {line}, {claim['name']}")
        if 0 in hits:
            fields = _judged_total(row, drafts[hits[0]], names)
            stated_in.update(name for name, (said, _, _) in fields.items() if said)
            meant.update(name for name, (_, coded, _) in fields.items() if coded)
            right.update(name for name, (_, _, held) in fields.items() if held)
    print("\n## real totals, English\n\n| coded numbers | in the quotes | drafted |\n|---|--:|--:|")
    for name in asked:
        print(f"| {name} | {asked[name]} | {share(found[name], asked[name])} |")
    print(f"| all | {asked.total()} | {share(found.total(), asked.total())} |")
    print(f"\ndrafts of killed and injured that name a coded number: {share(named, drafted)}")
    print("\n| field of the headline number | precision | recall |\n|---|--:|--:|")
    for name in ("window start", "window end", "place", "attackers", "asserter"):
        print(f"| {name} | {share(right[name], stated_in[name])} | {share(right[name], meant[name])} |")
    print(f"\nmissed: {'; '.join(misses) or 'none'}")


def coded_totals(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the numbers coded of a real sentence that stand in it, the headline number first."""
    written = {int(digits.replace(",", "")) for digits in _NUMBER.findall(row["quote"])}
    words = row["quote"].lower()
    written |= {number for word, number in SMALL.items() if re.search(rf"\b{word}\b", words)}
    low, high = row["killed_min"], row["killed_max"]
    whole = {"children killed": ("any", "child"), "women killed": ("female", "adult")}.get(
        row["kind"], ("any", "any")
    )
    coded = [] if low is None else [("killed", "killed", *whole, low, high)]
    headline = {(low, whole)}
    for name, measure, sex, age, number in (
        ("children", "killed", "any", "child", row["children"]),
        ("women", "killed", "female", "adult", row["women"]),
        ("injured", "injured", "any", "any", row["injured"]),
    ):
        if number is not None and (number, (sex, age)) not in headline:
            coded.append((name, measure, sex, age, number, number))
    keys = ("name", "measure", "sex", "age", "low", "high")
    return [dict(zip(keys, one, strict=True)) for one in coded if {int(one[4]), int(one[5])} <= written]


SMALL = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(1, 13),
        strict=True,
    )
)


def _names_it(claim: dict[str, Any], draft: dict[str, Any]) -> bool:
    """Tell whether a draft begins with a coded number, holds it, and is of the same people."""
    begins = draft["low"] == claim["low"] + (draft.get("qualifier") == "more_than")
    holds = (math.inf if draft["high"] is None else draft["high"]) >= claim["high"]
    ages = {draft.get("age", "any"), "adult"} if claim["sex"] == "female" else {draft.get("age", "any")}
    return (
        draft["measure"] == claim["measure"]
        and begins
        and holds
        and draft.get("sex", "any") == claim["sex"]
        and claim["age"] in ages
    )


def _judged_total(
    row: dict[str, Any], draft: dict[str, Any], names: Names
) -> dict[str, tuple[bool, bool, bool]]:
    attacker = names.context.spellings["perpetrators"].get(
        fold_spelling(re.sub(r"\s*\+ fighting$", "", row["perpetrator"] or "")), ""
    )
    claim = {
        "low": row["killed_min"],
        "high": row["killed_max"],
        "start": row["period_start"] if len(row["period_start"] or "") == len("2017-06-06") else "",
        "end": row["period_end"] if len(row["period_end"] or "") == len("2017-06-06") else "",
        "place": row["place"] or "",
        "attackers": attacker,
        "asserted_by": row["monitor"],
    }
    both = judged(claim, draft, names)
    return {name: both[name] for name in ("window start", "window end", "place", "attackers", "asserter")}


def last_day(published: str) -> date:
    """Return a day of publication; of a month its last day."""
    year, month, *day = (int(part) for part in published.split("-"))
    return date(year, month, day[0] if day else monthrange(year, month)[1])


def _bare(name: str) -> str:
    return _POSSESSIVE.sub("", _ARTICLE.sub("", name.strip()))


def _plain(name: str) -> str:
    return fold_spelling(_bare(name))


if __name__ == "__main__":
    main()
