"""How many of the numbers that people coded from sentences the quantity reader finds in them.

    python benchmarks/sentences.py [FILE] [--profile airwars]

FILE, or `$RECONCILE_SENTENCES`, holds one JSON object a line: `quote`, `lang`, and the coded numbers `killed_min` and
`killed_max`, `injured`, `children`, `women`, each null where none was coded. The file is not part of this repository.

The procedure is the same for every sentence: `phrases` finds from the left the longest phrase that the quantity reader
reads, and drops ages, spans of time, percentages and families. Of what is left, days of a month (with the word
before or after it the number is a date) and bare years (1900 to 2100, four digits, no noun, no hedge) are dropped here.
In languages that write decimals with a comma, a dot parts thousands.

A coded number is found where some phrase of its sentence reads to an interval that contains it, and named where the
number is also an end of that interval. Which phrase means the killed and which the children is not asked: this
measures the reading of quantities, not of sentences. Of a miss the line, the measure and the reason are printed, and
never the sentence.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from reconcile.parse.counts import Phrase, Quantity, phrases, plain, words_from
from reconcile.parse.dates import parse_window
from reconcile.parse.errors import Unreadable
from reconcile.rulefiles import load_rules

# Unicode CLDR, decimal symbol of the language without a country.
COMMA_LANGUAGES = frozenset({"de", "es", "fr", "id", "it", "nl", "pt", "ru", "tr", "uk"})
FIRST_YEAR, LAST_YEAR = 1900, 2100
# Any year will do to ask whether a day and a month are one; this has a 29 February.
SOME_YEAR = "2000"
WRITTEN = re.compile(r"\d+(?:[.,' ]\d{3})*")


class Coded(NamedTuple):
    """A coded number: its line, its measure, the least and the most of it."""

    line: int
    measure: str
    low: float
    high: float


class Outcome(NamedTuple):
    """What became of a coded number, with the reason of a miss."""

    coded: Coded
    found: bool
    named: bool
    written: bool
    reason: str


def main() -> None:
    """Print one table, and the misses."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, nargs="?", default=os.environ.get("RECONCILE_SENTENCES"))
    parser.add_argument("--profile", default="airwars")
    asked = parser.parse_args()
    if asked.file is None:
        parser.error("give a file, or set RECONCILE_SENTENCES to its path")
    words = words_from(asked.profile, load_rules(None).quantities)
    outcomes: list[Outcome] = []
    kept = coded_phrases = 0
    for line, text in enumerate(Path(asked.file).read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(text)
        mark = "," if row.get("lang") in COMMA_LANGUAGES else None
        found = [one for one in phrases(row["quote"], words, mark) if not dated(one, row["quote"])]
        coded = coded_numbers(line, row)
        outcomes += [outcome(one, found, row["quote"]) for one in coded]
        kept += len(found)
        coded_phrases += sum(any(names(one.quantity, number) for number in coded) for one in found)
    show(outcomes)
    print(f"\nphrases kept: {kept}; those that name a coded number of their sentence: {coded_phrases}")


def coded_numbers(line: int, row: dict[str, Any]) -> list[Coded]:
    """Return the numbers that were coded for a sentence; killed is one, with two ends."""
    out = []
    if row["killed_min"] is not None:
        out.append(Coded(line, "killed", row["killed_min"], row["killed_max"]))
    single = [(name, row[name]) for name in ("injured", "children", "women") if row.get(name) is not None]
    return out + [Coded(line, name, number, number) for name, number in single]


def dated(phrase: Phrase, quote: str) -> bool:
    """Tell whether a phrase is a day of a month or a year, from itself and the words on either side."""
    said = phrase.quantity.verbatim
    if re.fullmatch(r"\d{4}", plain(said)) and FIRST_YEAR <= int(plain(said)) <= LAST_YEAR:
        return True
    before, after = quote[: phrase.start].split(), quote[phrase.end :].split()
    number, first = said.split()[-1], said.split()[0]
    tries = [[number, *after[:1]], [number, *after[:2]], [*before[-1:], first]]
    return any(is_day(" ".join(words)) for words in tries if len(words) > 1)


def is_day(text: str) -> bool:
    """Tell whether a text with a year behind it is a date with a month's name."""
    if not re.search(r"[^\W\d_]", text):
        return False
    try:
        return parse_window(f"{text.strip('.,;:()[]')} {SOME_YEAR}", None) is not None
    except Unreadable:
        return False


def outcome(coded: Coded, found: list[Phrase], quote: str) -> Outcome:
    """Return whether some phrase holds a coded number, and if not, why."""
    named = any(names(one.quantity, coded) for one in found)
    held = any(contains(one.quantity, coded) for one in found)
    figures = {int(re.sub(r"\D", "", digits)) for digits in WRITTEN.findall(quote)}
    written = named or {int(coded.low), int(coded.high)} <= figures
    beyond = any(
        one.quantity.qualifier_code == "more_than" and one.quantity.low == coded.low + 1 for one in found
    )
    reason = (
        "" if held
        else "the sentence says more than it" if beyond
        else "written, and not read" if written
        else "not written in the sentence as one number"
    )  # fmt: skip
    return Outcome(coded, held, named, written, reason)


def contains(quantity: Quantity, coded: Coded) -> bool:
    """Tell whether an interval holds a coded number, both its ends."""
    return quantity.low <= coded.low and (quantity.high is None or coded.high <= quantity.high)


def names(quantity: Quantity, coded: Coded) -> bool:
    """Tell whether an interval holds a coded number and states it: as an end, or as its best value."""
    stated = {quantity.low, quantity.high, quantity.best}
    return contains(quantity, coded) and {coded.low, coded.high} <= stated


def show(outcomes: list[Outcome]) -> None:
    """Print the shares by measure, the sentences, and the misses."""
    print(
        "| coded numbers | all | found | named | written as one number | of these found |\n|---|---|---|---|---|---|"
    )
    for measure in ("killed", "injured", "children", "women", "all"):
        some = [one for one in outcomes if measure in {one.coded.measure, "all"}]
        written = [one for one in some if one.written]
        print(
            f"| {measure} | {len(some)} | {share(some, 'found')} | {share(some, 'named')} | {len(written)} | {share(written, 'found')} |"
        )
    sentences = {one.coded.line for one in outcomes}
    missed = {one.coded.line for one in outcomes if not one.found}
    unnamed = {one.coded.line for one in outcomes if not one.named}
    print(
        f"\nsentences: {len(sentences)}; all numbers found: {len(sentences - missed)}; all named: {len(sentences - unnamed)}"
    )
    for one in outcomes:
        if not one.found:
            print(f"line {one.coded.line}, {one.coded.measure}: {one.reason}")
    print(
        "\n"
        + "; ".join(f"{reason}: {n}" for reason, n in Counter(o.reason for o in outcomes if o.reason).items())
    )


def share(some: list[Outcome], part: str) -> str:
    """Return how many have a part, and in per cent."""
    have = sum(getattr(one, part) for one in some)
    return f"{have} ({have / len(some):.1%})" if some else "-"


if __name__ == "__main__":
    sys.exit(main())
