# ruff: noqa: INP001 - a script by itself, of no package
"""Hold the pinned packages against the advisories that are known of them, and say so where that could not be done.

pip-audit ends well where it could look nothing up: a package that its service does not answer for is skipped. Here that is no
pass. Exit codes: 0 all were looked up and nothing is known, 1 something is known, 2 not all could be looked up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

NAMED = 3
CLEAN, KNOWN, UNKNOWN = 0, 1, 2


def main(words: list[str]) -> int:
    """Audit a list of pinned packages and say what was found.

    Args:
        words: the auditing program, and the file that pins.
    """
    program, pins = words
    asked = [program, "--requirement", pins, "--no-deps", "--disable-pip", "--format", "json"]
    told = subprocess.run(  # noqa: S603 - our own words, and no shell
        [*asked, "--progress-spinner", "off"], capture_output=True, check=False, text=True
    )
    code, lines = judged(told.stdout, told.stderr)
    for line in lines:
        sys.stderr.write(f"{line}\n")
    return code


def judged(report: str, complaint: str = "") -> tuple[int, list[str]]:
    """Return an exit code and sentences for what pip-audit wrote.

    Args:
        report: its JSON; empty where it broke off.
        complaint: what it said besides.
    """
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (complaint.strip().splitlines() or ["it said nothing"])[-1]
        return UNKNOWN, [f"NOT AUDITED: the advisories can't be reached ({last[:200]}). {_todo()}"]
    known = [
        f"{one['name']} {one['version']}: {bug['id']}, mended in {', '.join(bug['fix_versions']) or 'no release yet'}."
        for one in packages
        for bug in one.get("vulns", ())
    ]
    skipped = [one["name"] for one in packages if "vulns" not in one]
    if skipped or not packages:
        more = ", ..." if len(skipped) > NAMED else ""
        reason = next(
            (str(one.get("skip_reason", "")) for one in packages if "vulns" not in one), "no package"
        )
        known.append(
            f"NOT AUDITED: {len(skipped):,} of {len(packages):,} packages ({', '.join(skipped[:NAMED])}{more}): {reason}. {_todo()}"
        )
        return (KNOWN if len(known) > 1 else UNKNOWN), known
    if known:
        return KNOWN, [*known, "Raise these in constraints.txt, and their floors in pyproject.toml."]
    return CLEAN, [f"{len(packages):,} packages audited: no advisory is known of any."]


def _todo() -> str:
    return "This is no pass. Run `make audit` where the service can be reached, or `make check AUDIT=no` to go without."


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
