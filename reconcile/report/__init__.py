"""RunResult -> typed sheets: what a person reads, in the order she needs it. No spreadsheet library here.

Guarantees:
    summary_prints_conservation: the Summary shows, per file, the rows read and the five fates they add up from.
    what_is_left_out_is_said: a sheet that lists only its first rows says so, as does the Summary, and where the rest is.
    nothing_restricted: a sheet is made of frames from which restricted texts were withheld before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.processes import in_processes
from reconcile.report.belligerents import belligerents_sheet
from reconcile.report.bridges import bridge_sheet
from reconcile.report.changes import changes_sheet
from reconcile.report.claims import claims_sheet, possible_matches_sheet
from reconcile.report.coverage import coverage_sheet
from reconcile.report.decisions import corrections_sheet, decisions_sheet, run_properties, run_sheet
from reconcile.report.findings import discrepancies_sheet, issues_sheet
from reconcile.report.incidents import incidents_sheet
from reconcile.report.listing import listed
from reconcile.report.method import dictionary_sheet, method_sheet
from reconcile.report.origins import origins_sheet
from reconcile.report.overlap import overlap_sheet
from reconcile.report.series import series_sheet
from reconcile.report.summary import summary_sheet
from reconcile.report.totals import totals_sheet
from reconcile.report.victims import victims_sheet
from reconcile.report.windows import windows_sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.result import RunResult
    from reconcile.sheets import Sheet

__all__ = ["lay_out", "run_properties"]


# Of fewer, all sheets are laid out before a second process is there.
FEW_CLAIMS = 5_000


def lay_out(result: RunResult, workers: int = 1) -> tuple[Sheet, ...]:
    """Return the sheets of a run, in order: what to act on, monitors side by side, totals, who watched, the records, the method.

    Args:
        result: of the run.
        workers: processes at work at the same time, where there are many claims.
    """
    if len(result.claims) < FEW_CLAIMS:
        workers = 1
    elsewhere = [number for number, lay in enumerate(SHEETS) if lay is not claims_sheet]
    sizes = [int(SHEETS[number] in LONGEST) for number in elsewhere]
    made = dict(zip(elsewhere, in_processes(_laid_out, elsewhere, workers, (result,), sizes), strict=True))
    # Its rows are sooner made than sent.
    made[SHEETS.index(claims_sheet)] = claims_sheet(result)
    told = listed(*(sheet for _, sheet in sorted(made.items()) if sheet is not None))
    return (summary_sheet(result, told), *told)


def _laid_out(number: int, result: RunResult) -> Sheet | None:
    return SHEETS[number](result)


def _corrections(_: RunResult) -> Sheet:
    return corrections_sheet()


def _dictionary(_: RunResult) -> Sheet:
    return dictionary_sheet()


def _run(result: RunResult) -> Sheet:
    return run_sheet(result.facts.job, result.facts.run_digest, result.facts.as_of.isoformat())


# Behind the Summary, in the order of their tabs. One that has nothing to say of a run is not there.
SHEETS: tuple[Callable[[RunResult], Sheet | None], ...] = (
    discrepancies_sheet,
    incidents_sheet,
    possible_matches_sheet,
    bridge_sheet,
    totals_sheet,
    windows_sheet,
    series_sheet,
    coverage_sheet,
    overlap_sheet,
    victims_sheet,
    belligerents_sheet,
    origins_sheet,
    changes_sheet,
    decisions_sheet,
    _corrections,
    claims_sheet,
    issues_sheet,
    method_sheet,
    _dictionary,
    _run,
)
LONGEST = (incidents_sheet, possible_matches_sheet, overlap_sheet)
