"""The JSON Schemas by which editors complete rule files are generated, and committed fresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conftest import ROOT

from reconcile.jobs import Job
from reconcile.rulefiles import write_schemas

if TYPE_CHECKING:
    from pathlib import Path


def test_committed_schemas_are_fresh(tmp_path: Path) -> None:
    """`make schema` would change nothing."""
    written = write_schemas(tmp_path, {"job": Job})

    assert sorted(path.name for path in written) == sorted(
        path.name for path in (ROOT / "rules/schema").glob("*.json")
    )
    for path in written:
        assert (ROOT / "rules/schema" / path.name).read_text(encoding="utf-8") == path.read_text(
            encoding="utf-8"
        )
