"""The order of the stages, and nothing else: files in, a RunResult out. No clock, no paths, no prints.

read -> normalize -> correct -> validate -> block -> compare -> cluster -> windows -> series -> bridge -> discrepancies
-> report
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from reconcile.bridge import bridge, unlaid
from reconcile.cluster import covering
from reconcile.correct import correct
from reconcile.coverage import cover
from reconcile.discrepancies import Laid, find_discrepancies, gather_evidence, independent_origins
from reconcile.drafts import gather
from reconcile.errors import InputFault
from reconcile.frames import Issues, LinkedClaims, typed
from reconcile.linkage import link_claims
from reconcile.normalize import build_context, normalize
from reconcile.read import SourceFile, read_tables, unpack
from reconcile.result import InputAccount, RunFacts, RunResult
from reconcile.scopes import Reader, series_of
from reconcile.series import find_inconsistencies
from reconcile.validate import Within, validate
from reconcile.windows import relate_windows
from reconcile.withhold import withhold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from reconcile.drafts import Draft
    from reconcile.gazetteer import Gazetteer
    from reconcile.normalize.cells import Context
    from reconcile.read import ReadTable
    from reconcile.result import Health
    from reconcile.ruleset import Correction, Judgement, Layout, Monitor, Ruleset
    from reconcile.validate import Validated

    Watch = Callable[[str], None]


UNREADABLE_CODES = ("unreadable", "ragged_row", "hollow_row")


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read: its bytes, or why there are none.

    Attributes:
        monitor: the id a job states; empty where the header decides.
        released: the day the job states for this release, as text; empty otherwise.
        remarks: sentences about how the file came, with their severity.
    """

    name: str
    source: SourceFile | None
    monitor: str = ""
    sheet: str | None = None
    released: str = ""
    fault: str = ""
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is told besides its files and rules."""

    facts: RunFacts
    within: Within
    judgements: tuple[Judgement, ...] = ()
    corrections: tuple[Correction, ...] = ()
    first_seen: Mapping[str, date] | None = None
    own_places: pd.DataFrame | None = None
    key: bytes = b""
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """Files read and validated: what `check` shows and `link` needs."""

    tables: tuple[tuple[Input, ReadTable | None, InputFault | None], ...]
    context: Context
    valid: Validated
    inputs: tuple[InputAccount, ...]


def prepare(inputs: Sequence[Input], rules: Ruleset, options: Options, watch: Watch) -> Prepared:
    """Read, normalize, correct and validate.

    Raises:
        InputFault: when nothing at all could be read.
    """
    watch("read")
    with ThreadPoolExecutor(max_workers=max(options.workers, 1)) as pool:
        opened = [member for members in pool.map(_opened, inputs) for member in members]
        read = [found for batch in pool.map(lambda one: _read(one, rules), _once(opened)) for found in batch]
    if not any(table for _, table, _ in read):
        raise InputFault(
            "nothing readable",
            " ".join(str(fault) for _, _, fault in read) or "there are no input files.",
            "",
        )
    watch("normalize")
    context = build_context(rules, options.facts.quantities, options.own_places, options.key)
    drafts = [normalize(table, *_layout(table, rules), context) for _, table, _ in read if table is not None]
    watch("correct")
    draft = correct(gather(drafts), options.corrections)
    watch("validate")
    valid = validate(draft, options.within, rules.vocabularies["countries"].terms, options.key)
    valid = replace(
        valid, issues=typed(Issues, pd.concat([_failures(read), valid.issues], ignore_index=True))
    )
    accounts = _accounts(read, draft, valid, rules)
    if lost := [account.file for account in accounts if not account.is_conserved]:
        raise AssertionError(f"rows were lost in {', '.join(lost)}")
    return Prepared(tuple(read), context, valid, accounts)


def run(inputs: Sequence[Input], rules: Ruleset, options: Options, watch: Watch) -> RunResult:
    """Run every stage.

    Args:
        inputs: the files.
        rules: every rule.
        options: of the run.
        watch: told the name of each stage as it begins.

    Raises:
        InputFault: when nothing at all could be read.
        UsageFault: when judgements contradict each other.
    """
    prepared = prepare(inputs, rules, options, watch)
    claims, figures, victims = prepared.valid.claims, prepared.valid.figures, prepared.valid.victims
    places = prepared.context.gazetteer.by_id
    links = link_claims(claims, figures, victims, rules, places, options.judgements, watch)
    linked = typed(LinkedClaims, pd.concat([links.linked, covering(claims, links.linked)], ignore_index=True))
    if not options.facts.include_names:
        claims, figures, victims = withhold(claims, figures, victims, rules.monitors)
    watch("bridge")
    reader = reader_of(rules, prepared.context.gazetteer, options.within)
    laid = lay_totals(claims, figures, linked, reader)
    watch("discrepancies")
    evidence = gather_evidence(
        claims,
        figures,
        linked,
        laid,
        prepared.valid.issues,
        rules.monitors,
        rules.vocabularies,
        rules.discrepancies,
    )
    found = find_discrepancies(evidence, options.first_seen or {}, options.facts.as_of)
    failed = {
        account.monitor for account in prepared.inputs if account.health == "failed" and account.monitor
    }
    return RunResult(
        facts=options.facts,
        inputs=prepared.inputs,
        claims=claims,
        figures=figures,
        victims=victims,
        linked=linked,
        verdicts=links.verdicts,
        patterns=links.patterns,
        bridge=laid.bridge,
        relations=laid.relations,
        derived=laid.derived,
        sets=laid.sets,
        unlaid=unlaid(claims, reader),
        discrepancies=found,
        issues=prepared.valid.issues,
        fates=prepared.valid.fates,
        coverage=cover(claims, figures, rules.monitors, failed),
        blocking=links.blocking,
        origins=independent_origins(evidence),
        remarks=links.unused_judgements,
        rules=rules,
    )


def reader_of(rules: Ruleset, gazetteer: Gazetteer, within: Within) -> Reader:
    """Return what the stages about totals read rules from.

    Args:
        rules: monitors, attackers and means.
        gazetteer: of the run.
        within: the job's scope; what lies outside was set aside.
    """
    return Reader(
        rules.monitors,
        rules.vocabularies["perpetrators"],
        rules.vocabularies["violence"],
        gazetteer,
        series_of(rules.monitors),
        within.from_day,
        within.to_day,
    )


def lay_totals(claims: pd.DataFrame, figures: pd.DataFrame, linked: pd.DataFrame, reader: Reader) -> Laid:
    """Lay totals beside each other and beside incidents: windows, series, and then the bridge, derived totals included.

    Args:
        claims: a `Claims` frame.
        figures: a `Figures` frame.
        linked: a `LinkedClaims` frame.
        reader: by `reader_of`.
    """
    relations, derived = relate_windows(claims, figures, reader)
    sets = find_inconsistencies(claims, figures, reader)
    return Laid(bridge(claims, figures, linked, derived, reader), relations, derived, sets)


# ---- reading -------------------------------------------------------------------------------------------------------


def _once(inputs: Sequence[Input]) -> list[Input]:
    """Return the inputs with a file that stands there twice, under whatever name, read once."""
    first: dict[tuple[str, str | None], str] = {}
    once: list[Input] = []
    for one in inputs:
        key = (one.source.sha256, one.sheet) if one.source else None
        if key in first:
            fault = f"holds the same bytes as {first[key]}, and was read once. Leave one of them out."
            once.append(replace(one, source=None, fault=fault))
            continue
        if key:
            first[key] = one.name
        once.append(one)
    return once


def _opened(one: Input) -> list[Input]:
    """Return the files of an archive, each an input of its own; any other file as it is."""
    if one.source is None:
        return [one]
    try:
        inside = unpack(one.source)
    except InputFault as fault:
        return [replace(one, source=None, fault=f"{fault.found} {fault.todo}".strip())]
    if inside.files == (one.source,):
        return [one]
    told = tuple(("note", f"The archive also holds {name}, which was not read.") for name in inside.skipped)
    # What is packed by itself keeps the name that it has on disk.
    is_alone = len(inside.files) == 1 and one.name.startswith(inside.files[0].name)
    files = [replace(member, name=one.name) if is_alone else member for member in inside.files]
    members = [replace(one, name=member.name, source=member) for member in files]
    lost = [
        replace(one, name=fault.file, source=None, fault=f"{fault.found} {fault.todo}".strip())
        for fault in inside.faults
    ]
    return [replace(members[0], remarks=told), *members[1:], *lost]


def _read(one: Input, rules: Ruleset) -> list[tuple[Input, ReadTable | None, InputFault | None]]:
    if one.source is None:
        return [(one, None, InputFault(one.name, one.fault, ""))]
    known = [rules.monitors[one.monitor]] if one.monitor else list(rules.monitors.values())
    try:
        tables = read_tables(one.source, known, one.sheet, rules.grammars)
    except InputFault as fault:
        return [(one, None, fault)]
    return [(one, replace(table, remarks=(*one.remarks, *table.remarks)), None) for table in tables]


def _layout(table: ReadTable, rules: Ruleset) -> tuple[Monitor, Layout]:
    monitor = rules.monitors[table.monitor_id]
    return monitor, next(layout for layout in monitor.layouts if layout.id == table.layout_id)


def _failures(read: Sequence[tuple[Input, ReadTable | None, InputFault | None]]) -> pd.DataFrame:
    rows = [
        {
            "source_file": one.name,
            "source_sheet": one.sheet or "",
            "source_row": 0,
            "column": "",
            "value": "",
            "code": "file_failed",
            "severity": "error",
            "row_count": 1,
            "message": f"{fault} No claim came from this file; its monitor is shown as failed and not as silent.",
        }
        for one, _, fault in read
        if fault is not None
    ]
    return pd.DataFrame(rows, columns=list(Issues.to_schema().columns))


# ---- the account of every file -------------------------------------------------------------------------------------


def _accounts(
    read: Sequence[tuple[Input, ReadTable | None, InputFault | None]],
    draft: Draft,
    valid: Validated,
    rules: Ruleset,
) -> tuple[InputAccount, ...]:
    keys = ["source_file", "source_sheet"]
    fates = valid.fates.groupby(keys)["fate_code"].value_counts()
    claims = valid.claims.groupby(keys).size()
    owner = valid.claims.set_index("claim_id")[keys]
    figures = owner.reindex(valid.figures["claim_id"]).groupby(keys).size()
    accounts = []
    for one, table, fault in read:
        if table is None:
            accounts.append(_failed_account(one, fault))
            continue
        sheet = str(table.rows["source_sheet"].iloc[0]) if len(table.rows) else (one.sheet or "")
        key = (one.name, sheet)
        count = {
            code: int(fates.get((*key, code), 0))
            for code in ("claimed", "quarantined", "corrected_away", "out_of_scope", "not_data")
        }
        health, remark = _health(table, count, draft.issues, rules)
        accounts.append(
            InputAccount(
                monitor=table.monitor_id,
                layout=table.layout_id,
                file=one.name,
                sha256=one.source.sha256 if one.source else "",
                released=one.released,
                rows_read=len(table.rows),
                **{f"rows_{code}": number for code, number in count.items()},
                claims=int(claims.get(key, 0)),
                figures=int(figures.get(key, 0)),
                health=health,
                remark=remark,
            )
        )
    return tuple(accounts)


def _failed_account(one: Input, fault: InputFault | None) -> InputAccount:
    sha = one.source.sha256 if one.source else ""
    return InputAccount(
        one.monitor, "", one.name, sha, one.released, 0, 0, 0, 0, 0, 0, 0, 0, "failed", str(fault)
    )


def _health(
    table: ReadTable, count: Mapping[str, int], issues: pd.DataFrame, rules: Ruleset
) -> tuple[Health, str]:
    _, layout = _layout(table, rules)
    expect = layout.expect
    rows = len(table.rows) - count["not_data"]
    remarks = [sentence for severity, sentence in table.remarks if severity == "error"]
    if rows < expect.rows_min:
        remarks.append(f"{rows} rows, at least {expect.rows_min} expected.")
    if expect.rows_max is not None and rows > expect.rows_max:
        remarks.append(f"{rows} rows, at most {expect.rows_max} expected.")
    name = table.rows["source_file"].iloc[0] if len(table.rows) else ""
    own = issues[(issues["source_file"] == name) & issues["code"].isin(UNREADABLE_CODES)]
    unreadable = own.loc[own["source_row"] > 0, "source_row"].nunique()
    if rows and unreadable / rows > expect.unreadable_share_max:
        remarks.append(
            f"{unreadable} of {rows} rows have something unreadable; at most {expect.unreadable_share_max:.0%} expected."
        )
    return ("degraded", " ".join(remarks)) if remarks else ("ok", "")
