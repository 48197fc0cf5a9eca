"""The order of the stages, and nothing else: files in, a RunResult out. No clock, no paths, no prints.

read -> normalize -> correct -> validate -> block -> compare -> cluster -> windows -> series -> bridge -> health
-> history -> overlap -> discrepancies -> report
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from reconcile.bridge import bridge, unlaid
from reconcile.cluster import covering
from reconcile.correct import correct_each
from reconcile.coverage import cover
from reconcile.decisions import Followed, claim_prints, follow_decisions
from reconcile.discrepancies import Laid, find_discrepancies, gather_evidence, independent_origins
from reconcile.drafts import Draft, gather
from reconcile.drift import glimpse, joined, kept, observe
from reconcile.errors import InputFault
from reconcile.frames import Issues, LinkedClaims, typed
from reconcile.health import PastInputs, Present, judge_health, unread_monitors
from reconcile.linkage import link_claims
from reconcile.normalize import build_context, normalize
from reconcile.origins import trace_origins
from reconcile.overlap import Overlap, overlap
from reconcile.processes import in_processes
from reconcile.read import FarFile, SourceFile, kinds_of, read_tables, unpack
from reconcile.result import InputAccount, RunFacts, RunResult
from reconcile.scopes import Reader, series_of
from reconcile.series import find_inconsistencies
from reconcile.since import changes_since
from reconcile.threads import side_by_side
from reconcile.validate import Within, validate
from reconcile.windows import relate_windows
from reconcile.withhold import hidden_fields, names_nobody, withhold, withhold_decisions, without_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from reconcile.engine import Engine
    from reconcile.gazetteer import Gazetteer
    from reconcile.normalize.cells import Context
    from reconcile.read import ReadTable
    from reconcile.result import Health
    from reconcile.ruleset import Correction, FindingDecision, Judgement, Layout, Monitor, Ruleset
    from reconcile.validate import Validated

    Watch = Callable[[str], None]


# What `watch` is told, in this order; what shows progress knows it in advance.
STAGES = (
    "read", "normalize", "correct", "validate", "block", "compare", "cluster", "bridge", "health", "history", "overlap", "discrepancies",
)  # fmt: skip
# Of fewer, all are normalized before a second process is there.
FEW_ROWS = 5_000
UNREADABLE_CODES = ("unreadable", "ragged_row", "hollow_row")


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read: its bytes, or why there are none.

    Attributes:
        source: the file; a `FarFile` where an engine's machines read it.
        monitor: the id a job states; empty where the header decides.
        released: the day the job states for this release, as text; empty otherwise.
        remarks: sentences about how the file came, with their severity.
        copy_of: the file of this run that has the same bytes, where this one is not read for it.
    """

    name: str
    source: SourceFile | FarFile | None
    monitor: str = ""
    sheet: str | None = None
    released: str = ""
    fault: str = ""
    remarks: tuple[tuple[str, str], ...] = ()
    copy_of: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """One table of one file, read and normalized: what is left of it once its cells are values.

    Attributes:
        sheet: of a workbook; empty for any other file, and where it has no rows.
        rows: how many were read.
        remarks: sentences about the file as a whole, with their severity.
        columns: an `InputColumns` frame.
        draft: what its layout and the layout's companions made of it.
    """

    monitor_id: str
    layout_id: str
    sheet: str
    rows: int
    remarks: tuple[tuple[str, str], ...]
    columns: pd.DataFrame
    draft: Draft


class Memory(Protocol):
    """Where files that were parsed before are looked up, in a run that does not ask for names.

    What comes back equals what would be parsed now, running texts aside. It is told nothing that may name a person.
    """

    def recall(self, one: Input) -> tuple[Parsed, ...] | None:
        """Return the tables of a file, None where it was not parsed before."""

    def pack(self, parsed: tuple[Parsed, ...]) -> bytes | None:
        """Return the tables of a file as they are kept, None where they can't be; nothing of the memory changes."""

    def keep(self, one: Input, content: bytes) -> None:
        """Keep the packed tables of a file for the next run."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is told besides its files and rules.

    Attributes:
        key_print: what may be said of the key.
        workers: processes of this machine at work at the same time.
        memory: of files parsed before; without it every file is parsed.
        previous_claims: of the run before; None without one.
        previous_figures: likewise.
        previous_summary: that run's `run.json`.
        previous_withdrawn: of each claim that an earlier run found withdrawn, the day of the last such run.
        past: what earlier runs of the job read.
        engine: machines that read, normalize and compare; None does it here.
        bring: reads a `FarFile`; asked of the machine that reads.
    """

    facts: RunFacts
    within: Within
    judgements: tuple[Judgement, ...] = ()
    corrections: tuple[Correction, ...] = ()
    decided: tuple[FindingDecision, ...] = ()
    first_seen: Mapping[str, date] | None = None
    own_places: pd.DataFrame | None = None
    key: bytes = b""
    key_print: str = ""
    workers: int = 1
    memory: Memory | None = None
    previous_claims: pd.DataFrame | None = None
    previous_figures: pd.DataFrame | None = None
    previous_summary: Mapping[str, Any] | None = None
    previous_withdrawn: Mapping[str, date] | None = None
    past: PastInputs | None = None
    engine: Engine | None = None
    bring: Callable[[FarFile], SourceFile] | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Files read and validated: what `check` shows and `link` needs.

    Attributes:
        columns: an `InputColumns` frame, sketches of columns that nobody reviewed included.
        unapplied: why each correction was not applied; empty where it was.
    """

    tables: tuple[tuple[Input, Parsed | None, InputFault | None], ...]
    context: Context
    valid: Validated
    inputs: tuple[InputAccount, ...]
    columns: pd.DataFrame
    unapplied: tuple[str, ...] = ()


def prepare(inputs: Sequence[Input], rules: Ruleset, options: Options, watch: Watch) -> Prepared:
    """Read, normalize, correct and validate.

    Raises:
        InputFault: when nothing at all could be read.
    """
    watch("read")
    context = build_context(rules, options.facts.quantities, options.own_places, options.key)
    if options.engine is None:
        read = _near(inputs, rules, context, options, watch)
    else:
        read = _far(inputs, rules, context, options, watch)
    watch("correct")
    draft, unapplied = correct_each(
        gather([table.draft for _, table, _ in read if table is not None]),
        options.corrections,
        hidden_fields(rules.monitors),
    )
    watch("validate")
    valid = validate(draft, options.within, rules.vocabularies["countries"].terms, options.key)
    valid = replace(
        valid, issues=typed(Issues, pd.concat([_failures(read), valid.issues], ignore_index=True))
    )
    accounts = _accounts(read, draft, valid, rules, options.facts.as_of)
    if lost := [account.file for account in accounts if not account.is_conserved]:
        raise AssertionError(f"rows were lost in {', '.join(lost)}")
    return Prepared(tuple(read), context, valid, accounts, _columns(read, rules), unapplied)


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
    judgements = [one for one in options.judgements if one.status == "active"]
    links = link_claims(claims, figures, victims, rules, places, judgements, watch, options.engine)
    linked = typed(LinkedClaims, pd.concat([links.linked, covering(claims, links.linked)], ignore_index=True))
    if not options.facts.include_names:
        claims, figures, victims = withhold(claims, figures, victims, rules.monitors)
    watch("bridge")
    reader = reader_of(rules, prepared.context.gazetteer, options.within)
    laid = lay_totals(claims, figures, linked, reader)
    watch("health")
    past = options.past or PastInputs()
    unread = unread_monitors(prepared.inputs, past)
    coverage = cover(claims, figures, rules.monitors, unread)
    health = judge_health(_present(prepared, coverage, options), past, rules)
    watch("history")
    history = changes_since(prepared, rules, options, health)
    laid = replace(laid, changes=history.changes)
    watch("overlap")
    origins = trace_origins(claims, rules.monitors, rules.vocabularies["origins"])
    shared = _overlap(prepared, claims, figures, linked, links.verdicts, origins, rules)
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
    evidence = replace(evidence, unread=unread)
    found = find_discrepancies(
        evidence, options.first_seen or {}, options.facts.as_of, 1 if options.engine else options.workers
    )
    followed = _followed(found, claims, figures, victims, rules, prepared.unapplied, options)
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
        discrepancies=followed.discrepancies,
        issues=prepared.valid.issues,
        fates=prepared.valid.fates,
        coverage=coverage,
        blocking=links.blocking,
        origins=origins,
        overlap=shared,
        independent=independent_origins(evidence),
        remarks=(*links.unused_judgements, *followed.remarks),
        rules=rules,
        history=history,
        columns=kept(prepared.columns),
        health=health,
        decisions=followed.decisions,
    )


def _overlap(
    prepared: Prepared,
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    linked: pd.DataFrame,
    verdicts: pd.DataFrame,
    origins: pd.DataFrame,
    rules: Ruleset,
) -> Overlap:
    """Return who is on which lists; names and sources tell who can be matched and what is derived, and stay behind."""
    whole = prepared.valid.claims
    people = whole[whole["kind_code"] == "victim"]
    sources = trace_origins(people, rules.monitors, rules.vocabularies["origins"])
    of_incidents = origins[~origins["claim_id"].isin(people["claim_id"])]
    traced = pd.concat([frame for frame in (of_incidents, sources) if len(frame)] or [origins])
    return overlap(claims, figures, prepared.valid.victims, linked, verdicts, traced, rules.monitors)


def _followed(
    found: pd.DataFrame,
    claims: pd.DataFrame,
    figures: pd.DataFrame,
    victims: pd.DataFrame,
    rules: Ruleset,
    unapplied: tuple[str, ...],
    options: Options,
) -> Followed:
    """Return what became of the decisions of a run, and the findings with their status."""
    judged = {side for one in options.judgements for side in (one.left, one.right)}
    if options.facts.include_names and judged:
        # A print is the same whether names were asked for or not.
        claims, figures, victims = withhold(claims, figures, victims, rules.monitors)
    followed = follow_decisions(
        found,
        options.judgements,
        list(zip(options.corrections, unapplied, strict=True)),
        options.decided,
        frozenset(claims["claim_id"]) if judged else frozenset(),
        claim_prints(claims, figures, victims, judged),
    )
    if options.facts.include_names:
        return followed
    decisions = withhold_decisions(followed.decisions, found, claims, rules.monitors)
    return replace(followed, decisions=decisions)


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


def _near(
    inputs: Sequence[Input], rules: Ruleset, context: Context, options: Options, watch: Watch
) -> list[tuple[Input, Parsed | None, InputFault | None]]:
    """Return the tables of all files, read and normalized in this process."""
    files = opened(inputs, options.workers)
    found = side_by_side(lambda one: _read(one, rules, options.memory), files, options.workers)
    _refuse_nothing([bool(tables) for tables, _ in found], [fault for _, fault in found])
    watch("normalize")
    # What is recalled was normalized before.
    fresh: dict[int, list[ReadTable]] = {}
    for place, (tables, _) in enumerate(found):
        if own := [table for table in tables if not isinstance(table, Parsed)]:
            fresh[place] = own
    rows = [sum(len(table.rows) for table in tables) for tables in fresh.values()]
    workers = options.workers if sum(rows) >= FEW_ROWS else 1
    shared = (rules, context, options.memory)
    made = in_processes(_normalized_and_packed, list(fresh.values()), workers, shared, rows)
    normalized = dict(zip(fresh, made, strict=True))
    read: list[tuple[Input, Parsed | None, InputFault | None]] = []
    for place, (one, (tables, fault)) in enumerate(zip(files, found, strict=True)):
        parsed = tuple(table for table in tables if isinstance(table, Parsed))
        if place in normalized:
            parsed = _remembered(one, *normalized[place], options.memory)
        read += [(one, table, fault) for table in parsed or (None,)]
    return read


def _refuse_nothing(readable: Sequence[bool], faults: Sequence[InputFault | None]) -> None:
    """Refuse a run of which nothing could be read.

    Raises:
        InputFault: with what was wrong with each file.
    """
    if not any(readable):
        raise InputFault(
            "nothing readable",
            " ".join(str(fault) for fault in faults) or "there are no input files.",
            "",
        )


def opened(inputs: Sequence[Input], workers: int = 1) -> list[Input]:
    """Return inputs as they are read: the files of archives in their place, and nothing twice.

    Args:
        inputs: as given.
        workers: files opened at the same time.
    """
    return _once([member for members in side_by_side(_opened, inputs, workers) for member in members])


def _once(inputs: Sequence[Input]) -> list[Input]:
    """Return the inputs with a file that stands there twice, under whatever name, read once."""
    first: dict[tuple[str, str | None], str] = {}
    once: list[Input] = []
    for one in inputs:
        key = (one.source.sha256, one.sheet) if one.source else None
        if key in first:
            fault = f"holds the same bytes as {first[key]}, and was read once. Leave one of them out."
            once.append(replace(one, source=None, fault=fault, copy_of=first[key]))
            continue
        if key:
            first[key] = one.name
        once.append(one)
    return once


def _opened(one: Input) -> list[Input]:
    """Return the files of an archive, each an input of its own; any other file as it is."""
    if not isinstance(one.source, SourceFile):
        return [one]
    try:
        inside = unpack(one.source)
    except InputFault as fault:
        return [replace(one, source=None, fault=f"{fault.found} {fault.todo}".strip())]
    if inside.files == (one.source,):
        return [one]
    others = kinds_of(inside.skipped)
    told = (("note", f"The archive also holds files that are not read: {others}."),) if others else ()
    # What is packed by itself keeps the name that it has on disk.
    is_alone = len(inside.files) == 1 and one.name.startswith(inside.files[0].name)
    files = [replace(member, name=one.name) if is_alone else member for member in inside.files]
    members = [replace(one, name=member.name, source=member) for member in files]
    lost = [
        replace(one, name=fault.file, source=None, fault=f"{fault.found} {fault.todo}".strip())
        for fault in inside.faults
    ]
    return [replace(members[0], remarks=told), *members[1:], *lost]


def _read(
    one: Input, rules: Ruleset, memory: Memory | None
) -> tuple[tuple[ReadTable | Parsed, ...], InputFault | None]:
    if one.source is None:
        return (), InputFault(one.name, one.fault, "")
    if memory and (recalled := memory.recall(one)):
        return recalled, None
    if isinstance(one.source, FarFile):
        raise TypeError(f"{one.name}: is read elsewhere")
    known = _known(one, rules)
    try:
        tables = read_tables(one.source, known, one.sheet, rules.grammars)
    except InputFault as fault:
        return (), fault
    return tuple(replace(table, remarks=(*one.remarks, *table.remarks)) for table in tables), None


def _all_normalized(tables: Sequence[ReadTable], rules: Ruleset, context: Context) -> tuple[Parsed, ...]:
    return tuple(_normalized(table, rules, context) for table in tables)


def _normalized_and_packed(
    tables: Sequence[ReadTable], rules: Ruleset, context: Context, memory: Memory | None
) -> tuple[tuple[Parsed, ...], bytes | None]:
    return _packed(_all_normalized(tables, rules, context), rules, memory)


def _packed(
    parsed: tuple[Parsed, ...], rules: Ruleset, memory: Memory | None
) -> tuple[tuple[Parsed, ...], bytes | None]:
    """Return the tables of a file as a run goes on with them, and as they are kept where they name nobody."""
    if memory is None or not all(
        names_nobody(layout) for table in parsed for layout in _layouts(table, rules)
    ):
        return parsed, None
    # What is remembered names nobody; a run that may remember does without these texts from the start.
    parsed = tuple(
        replace(table, draft=replace(table.draft, claims=without_texts(table.draft.claims)))
        for table in parsed
    )
    return parsed, memory.pack(parsed)


def _remembered(
    one: Input, parsed: tuple[Parsed, ...], content: bytes | None, memory: Memory | None
) -> tuple[Parsed, ...]:
    if memory is not None and content is not None:
        memory.keep(one, content)
    return parsed


# ---- reading elsewhere ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Taken:
    """One file as the machine that read it holds it, and what of it travels first."""

    one: Input
    tables: tuple[ReadTable, ...]
    fault: InputFault | None

    @property
    def told(self) -> _Told:
        """What the run has to know before the file is normalized."""
        return _Told(self.one, bool(self.tables), self.fault)


@dataclass(frozen=True, slots=True)
class _Told:
    one: Input
    readable: bool
    fault: InputFault | None


def _far(
    inputs: Sequence[Input], rules: Ruleset, context: Context, options: Options, watch: Watch
) -> list[tuple[Input, Parsed | None, InputFault | None]]:
    """Return the tables of all files, read and normalized by an engine's machines; equal to what `_near` returns."""
    engine, memory = options.engine, options.memory
    if engine is None:
        raise TypeError("an engine reads what is far")
    known = [memory.recall(one) if memory and one.source else None for one in inputs]
    asked = [one for one, recalled in zip(inputs, known, strict=True) if recalled is None]
    taken = engine.begin("read", _read_there, asked, shared=(rules, options.bring))
    told = iter(engine.take(engine.begin("read", _told_of, taken)))
    # Of each file, whether it stands in an input that was read now, and as which of its members.
    files: list[tuple[_Told, tuple[Parsed, ...] | None]] = []
    places: list[tuple[int, int]] = []
    at = 0
    for one, recalled in zip(inputs, known, strict=True):
        if recalled is not None:
            files.append((_Told(one, readable=True, fault=None), recalled))
            places.append((-1, 0))
            continue
        members = next(told)
        files += [(member, None) for member in members]
        places += [(at, number) for number in range(len(members))]
        at += 1
    once = _once([member.one for member, _ in files])
    outcomes = [
        _Told(one, readable=False, fault=InputFault(one.name, one.fault, "")) if one.copy_of else member
        for one, (member, _) in zip(once, files, strict=True)
    ]
    _refuse_nothing([one.readable for one in outcomes], [one.fault for one in outcomes])
    watch("normalize")
    wanted = [
        number
        for number, (outcome, (_, recalled)) in enumerate(zip(outcomes, files, strict=True))
        if outcome.readable and recalled is None
    ]
    begun = engine.begin(
        "normalize",
        _normalize_there,
        [taken[places[number][0]] for number in wanted],
        [places[number][1] for number in wanted],
        shared=(rules, context),
    )
    parsed = dict(zip(wanted, engine.take(begun), strict=True))
    read: list[tuple[Input, Parsed | None, InputFault | None]] = []
    for number, (outcome, (_, recalled)) in enumerate(zip(outcomes, files, strict=True)):
        tables: tuple[Parsed, ...] = recalled if recalled and outcome.readable else ()
        if number in parsed:
            tables = _remembered(outcome.one, *_packed(parsed[number], rules, memory), memory)
        read += [(outcome.one, table, outcome.fault) for table in tables or (None,)]
    return read


def _read_there(
    one: Input, rules: Ruleset, bring: Callable[[FarFile], SourceFile] | None
) -> tuple[_Taken, ...]:
    """Return the files of an input, read on this machine."""
    if isinstance(one.source, FarFile):
        if bring is None:
            raise TypeError("nobody brings what is far")
        try:
            one = replace(one, source=bring(one.source))
        except InputFault as fault:
            gone = replace(one, source=None, fault=fault.found)
            return (_Taken(gone, (), fault),)
    return tuple(_taken(member, rules) for member in _opened(one))


def _taken(one: Input, rules: Ruleset) -> _Taken:
    tables, fault = _read(one, rules, None)
    source = one.source
    if isinstance(source, SourceFile):
        # What could not be read shows its header, as far as it has one; the bytes stay here.
        header = None if tables else glimpse(source, one.monitor, _known(one, rules), one.sheet)
        one = replace(one, source=FarFile(source.name, source.sha256, header=header))
    return _Taken(one, tuple(table for table in tables if not isinstance(table, Parsed)), fault)


def _told_of(taken: tuple[_Taken, ...]) -> tuple[_Told, ...]:
    return tuple(one.told for one in taken)


def _normalize_there(
    taken: tuple[_Taken, ...], number: int, rules: Ruleset, context: Context
) -> tuple[Parsed, ...]:
    return _all_normalized(taken[number].tables, rules, context)


def _layouts(table: Parsed, rules: Ruleset) -> tuple[Layout, ...]:
    """Return all layouts that made claims of a table."""
    monitor, layout = _layout(table, rules)
    return (layout, *monitor.companions_of(layout))


def _normalized(table: ReadTable, rules: Ruleset, context: Context) -> Parsed:
    monitor, layout = _layout(table, rules)
    return Parsed(
        monitor_id=table.monitor_id,
        layout_id=table.layout_id,
        sheet=str(table.rows["source_sheet"].iloc[0]) if len(table.rows) else "",
        rows=len(table.rows),
        remarks=table.remarks,
        columns=observe(table, monitor),
        draft=normalize(table, monitor, layout, context),
    )


def _layout(table: ReadTable | Parsed, rules: Ruleset) -> tuple[Monitor, Layout]:
    monitor = rules.monitors[table.monitor_id]
    return monitor, next(layout for layout in monitor.layouts if layout.id == table.layout_id)


def _failures(read: Sequence[tuple[Input, Parsed | None, InputFault | None]]) -> pd.DataFrame:
    rows = [
        {
            "source_file": one.name,
            "source_sheet": one.sheet or "",
            "source_row": 0,
            "column": "",
            "value": "",
            "code": "file_copied" if one.copy_of else "file_failed",
            "severity": "error",
            "row_count": 1,
            "message": str(fault)
            if one.copy_of
            else f"{fault} No claim came from this file; its monitor is shown as failed and not as silent.",
        }
        for one, _, fault in read
        if fault is not None
    ]
    return pd.DataFrame(rows, columns=list(Issues.to_schema().columns))


# ---- the account of every file -------------------------------------------------------------------------------------


def _accounts(
    read: Sequence[tuple[Input, Parsed | None, InputFault | None]],
    draft: Draft,
    valid: Validated,
    rules: Ruleset,
    as_of: date,
) -> tuple[InputAccount, ...]:
    keys = ["source_file", "source_sheet"]
    fates = valid.fates.groupby(keys)["fate_code"].value_counts()
    claims = valid.claims.groupby(keys).size()
    # A day that a slip of the pen put into the future is no news.
    known = valid.claims[valid.claims["date_start"] <= pd.Timestamp(as_of)]
    newest = known.groupby(keys)["date_start"].max().dt.strftime("%Y-%m-%d").to_dict()
    owner = valid.claims.set_index("claim_id")[keys]
    figures = owner.reindex(valid.figures["claim_id"]).groupby(keys).size()
    accounts = []
    for one, table, fault in read:
        if table is None:
            accounts.append(_failed_account(one, fault))
            continue
        key = (one.name, table.sheet if table.rows else one.sheet or "")
        count = {
            code: int(fates.get((*key, code), 0))
            for code in ("claimed", "quarantined", "corrected_away", "out_of_scope", "not_data")
        }
        health, remark = _health(one.name, table, count, draft.issues, rules)
        accounts.append(
            InputAccount(
                monitor=table.monitor_id,
                layout=table.layout_id,
                file=one.name,
                sha256=one.source.sha256 if one.source else "",
                released=one.released,
                rows_read=table.rows,
                **{f"rows_{code}": number for code, number in count.items()},
                claims=int(claims.get(key, 0)),
                figures=int(figures.get(key, 0)),
                health=health,
                remark=remark,
                newest=newest.get(key, ""),
            )
        )
    return tuple(accounts)


def _failed_account(one: Input, fault: InputFault | None) -> InputAccount:
    sha = one.source.sha256 if one.source else ""
    health: Health = "degraded" if one.copy_of else "failed"
    return InputAccount(
        one.monitor, "", one.name, sha, one.released, 0, 0, 0, 0, 0, 0, 0, 0, health, str(fault)
    )


def _columns(read: Sequence[tuple[Input, Parsed | None, InputFault | None]], rules: Ruleset) -> pd.DataFrame:
    """Return the columns of all files; of one that no layout recognised, those of its header."""
    seen = []
    for one, table, _ in read:
        if table is not None:
            # What is remembered by its bytes may have had another name.
            seen.append(table.columns.assign(file=one.name))
        elif isinstance(one.source, FarFile):
            if one.source.header is not None:
                seen.append(one.source.header)
        elif one.source is not None:
            seen.append(glimpse(one.source, one.monitor, _known(one, rules), one.sheet))
    return joined(seen)


def _known(one: Input, rules: Ruleset) -> list[Monitor]:
    """Return the monitors whose file it may be."""
    return [rules.monitors[one.monitor]] if one.monitor else list(rules.monitors.values())


def _present(prepared: Prepared, coverage: pd.DataFrame, options: Options) -> Present:
    return Present(
        as_of=options.facts.as_of,
        accounts=prepared.inputs,
        columns=prepared.columns,
        coverage=coverage,
        copies={one.name: one.copy_of for one, _, _ in prepared.tables if one.copy_of},
        within=options.facts.within,
    )


def _health(
    name: str, table: Parsed, count: Mapping[str, int], issues: pd.DataFrame, rules: Ruleset
) -> tuple[Health, str]:
    _, layout = _layout(table, rules)
    expect = layout.expect
    rows = table.rows - count["not_data"]
    remarks = [sentence for severity, sentence in table.remarks if severity == "error"]
    if rows < expect.rows_min:
        remarks.append(f"{rows} rows, at least {expect.rows_min} expected.")
    if expect.rows_max is not None and rows > expect.rows_max:
        remarks.append(f"{rows} rows, at most {expect.rows_max} expected.")
    own = issues[(issues["source_file"] == name) & issues["code"].isin(UNREADABLE_CODES)]
    unreadable = own.loc[own["source_row"] > 0, "source_row"].nunique()
    if rows and unreadable / rows > expect.unreadable_share_max:
        remarks.append(
            f"{unreadable} of {rows} rows have something unreadable; at most {expect.unreadable_share_max:.0%} expected."
        )
    return ("degraded", " ".join(remarks)) if remarks else ("ok", "")
