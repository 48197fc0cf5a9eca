"""The audit of dependencies: what is known of them is said, and what could not be asked is no pass."""

import importlib.util
import json
import re

import pytest
from conftest import ROOT

spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
audit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(audit)

CLEAN = {"name": "a", "version": "1", "vulns": []}
KNOWN = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3", "4"]}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (1)"}

REPORTS = {
    "clean": ([CLEAN], 0, "1 packages audited: no advisory is known of any."),
    "known": ([CLEAN, KNOWN], 1, "b 2: PYSEC-1, mended in 3, 4."),
    "skipped": ([CLEAN, SKIPPED], 2, "NOT AUDITED: 1 of 2 packages (c): Dependency not found"),
    "known and skipped": ([KNOWN, SKIPPED], 1, "NOT AUDITED: 1 of 2 packages"),
    "nothing to audit": ([], 2, "NOT AUDITED: 0 of 0 packages"),
}


@pytest.mark.parametrize(("packages", "code", "sentence"), REPORTS.values(), ids=REPORTS)
def test_report_is_judged(packages, code, sentence):
    """A package that was not looked up is no pass, although the program that looks them up says that nothing is known."""
    found, lines = audit.judged(json.dumps({"dependencies": packages}))
    assert found == code
    assert sentence in "\n".join(lines)


@pytest.mark.parametrize("report", ["", "{}", "[]", "not JSON"])
def test_service_out_of_reach(report):
    """Where the service can't be reached, that is a sentence with the reason, and exit code 2."""
    code, (line,) = audit.judged(report, "Traceback\n  ...\nConnectionError: no route\n")
    assert code == 2
    assert line.startswith("NOT AUDITED: the advisories can't be reached (ConnectionError: no route).")


def test_check_audits():
    """`make check` audits, unless it is told not to, which it says."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^check: lint\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL)[1]
    assert "$(MAKE) audit" in recipe
    assert re.search(r"NOT AUDITED: AUDIT=no", recipe)


def test_every_pin_is_audited():
    """What is audited are exact versions: a line that pins nothing would be passed over."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[^=;\s]+", line)] == []
