"""What each comparison is worth: precision, recall and F1 on a labelled set with that comparison left out.

    python benchmarks/left_out.py FOLDER --monitors airwars,cjtf_oir [--kind incident] [--json FILE]

FOLDER holds `left.csv`, `right.csv` and `pairs.csv` (left_id, right_id). A comparison is left out by weighing all of its
levels alike and by taking no rarity from it; everything else stays as shipped, thresholds too.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from reconcile.evaluate import evaluate
from reconcile.linkage import RULES_OF
from reconcile.linking import link_files
from reconcile.pipeline import Input, Options
from reconcile.read import SourceFile
from reconcile.result import RunFacts
from reconcile.rulefiles import load_rules
from reconcile.validate import Within

if TYPE_CHECKING:
    from reconcile.ruleset import Linkage, Ruleset


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--monitors", required=True)
    parser.add_argument("--kind", default="incident", choices=list(RULES_OF))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rules = load_rules(None)
    names = asked.monitors.split(",")
    if names[0] == names[1]:
        names[1] += "_right"
        known = rules.monitors | {names[1]: rules.monitors[names[0]].model_copy(update={"id": names[1]})}
        rules = rules.model_copy(update={"monitors": known})
    linkage = rules.linkage[RULES_OF[asked.kind]]
    rows = [("none", *score(asked.folder, names, asked.kind, rules))]
    for name in linkage.comparisons:
        changed = rules.linkage | {linkage.id: without(linkage, name)}
        rows.append(
            (name, *score(asked.folder, names, asked.kind, rules.model_copy(update={"linkage": changed})))
        )
    print("| left out | precision | recall | F1 | F1 lost |\n|---|---|---|---|---|")
    for name, precision, recall, f1 in rows:
        print(f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {rows[0][3] - f1:+.3f} |")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def without(linkage: Linkage, name: str) -> Linkage:
    """Return the rules with one comparison that says nothing."""
    levels = {
        level: rule.model_copy(update={"m": 0.5, "u": 0.5, "usual_share": None})
        for level, rule in linkage.comparisons[name].items()
    }
    return linkage.model_copy(update={"comparisons": linkage.comparisons | {name: levels}})


def score(folder: Path, names: list[str], kind: str, rules: Ruleset) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the shipped threshold."""
    facts = RunFacts("bench", "bench", date(1970, 1, 1), "airwars", False, "", rules.digest, "", "", "", "")
    sides = [
        Input(
            f"{side}/{side}.csv",
            SourceFile(f"{side}/{side}.csv", (folder / f"{side}.csv").read_bytes()),
            monitor,
        )
        for side, monitor in zip(("left", "right"), names, strict=True)
    ]
    options = Options(facts, Within(), key=secrets.token_bytes(32))
    links = link_files(*sides, rules, options, lambda _: None, kind=kind)  # type: ignore[arg-type]
    truth = pd.read_csv(folder / "pairs.csv", dtype="str", keep_default_na=False)
    found = evaluate(links, truth).shipped
    return found.precision, found.recall, found.f1


if __name__ == "__main__":
    sys.exit(main())
