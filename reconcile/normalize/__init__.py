"""SourceRows -> draft: the columns of one layout become claims, figures and victims, by its rule file alone.

Guarantees:
    every_row_has_a_fate: each source row is claimed, quarantined or not data, once.
    a_bad_cell_keeps_its_row: an unreadable cell is an issue, and the rest of its row is read.
    row_order_does_not_matter: shuffled rows give the same claims.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.drafts import CLAIM_DRAFT_COLUMNS, VICTIM_DRAFT_COLUMNS, Draft, IssueList, stacked
from reconcile.frames import Claims, Issues, RowFates, columns_of, empty
from reconcile.gazetteer import build_gazetteer
from reconcile.normalize.cells import (
    AS_IT_STANDS,
    EDGES,
    ONE_WORD,
    Context,
    cleaned,
    date_qualifiers,
    distinct_texts,
    read_cells,
)
from reconcile.normalize.columns import (
    Column,
    combined,
    constant,
    factorized,
    first_stated,
    first_text,
    joined,
    only_where,
    texts,
)
from reconcile.normalize.figures import form_figures, held
from reconcile.normalize.places import set_places
from reconcile.normalize.strays import (
    bare_rows,
    is_filled,
    is_tag_row,
    lone_notes,
    parted_otherwise,
    repeats,
    sums,
)
from reconcile.parse.counts import words_from
from reconcile.parse.dates import edtf_of, parse_window, precision_of
from reconcile.parse.errors import Unreadable
from reconcile.parse.places import fold_name
from reconcile.ruleset import PARSED_AS, ColumnRule, fold_spelling

if TYPE_CHECKING:
    from datetime import date

    import numpy.typing as npt

    from reconcile.read import ReadTable
    from reconcile.ruleset import Layout, Monitor, Ruleset, WhereRule

    Fields = dict[str, Column]
    Days = npt.NDArray[np.datetime64]
    # Of each described column, the table's columns under its spellings.
    Columns = dict[str, list[str]]

__all__ = ["build_context", "normalize"]

PROVENANCE = ("source_file", "source_sheet", "source_row", "file_sha256")
DAYS = ("date_start", "date_end", "reported_on")
NUMBERS = ("latitude", "longitude", "report_count")
HOURS_A_DAY = 24
MONTHS = 12
# Runs of rows that a sentence tells one by one.
RUNS_TOLD = 5
# Columns that nobody knows are told one by one, up to here.
COLUMNS_TOLD = 50
# Words of a name that may yet lack the family's.
SHORT_NAME = 2
CODES = ("date_precision_code", "location_precision_code")
_ASIDE = "above the header, or between the entries of a text; no record."
_NOTE = "Row {row} holds one cell only, and none of those that every record has; it was taken for a note."
_HEADER_AGAIN = "Row {row} holds the header again, or the tags of the columns; it is no record."
_SUM_ROW = (
    "Row {row} looks like a sum of other rows: it is called a total, or holds numbers and no id, day or name. "
    "It was set aside, so that nobody is counted twice; if it is a record, give it an id and a day."
)
_REJECTED = "rejected by a person, so nothing is claimed there."
_DELETED = "of records that the monitor deleted, so nothing is claimed there."
_LONE_NUMBER = (
    "Row {row} holds one number and nothing else. It was kept as a claim without id, day and place; "
    "if it is the sum of other rows, take it out."
)


def build_context(
    rules: Ruleset, profile: str, own_places: pd.DataFrame | None = None, key: bytes = b""
) -> Context:
    """Return what reading cells needs of the rules.

    Args:
        rules: of the run.
        profile: of vague quantities.
        own_places: a user's gazetteer; its rows win.
        key: of the job, for ids made of columns that name persons.
    """
    spellings = {name: vocabulary.lookup() for name, vocabulary in rules.vocabularies.items()}
    countries = {
        fold_name(alias): code
        for code, term in rules.vocabularies["countries"].terms.items()
        for alias in (term.title, *term.aliases)
        if fold_name(alias)
    }
    return Context(
        rules.vocabularies,
        spellings,
        _monitor_spellings(rules),
        build_gazetteer(rules.places, countries, own_places),
        words_from(profile, rules.quantities),
        key,
        {name: monitor.origin_code for name, monitor in rules.monitors.items()},
    )


def _monitor_spellings(rules: Ruleset) -> dict[str, str]:
    """Return the monitor that each spelling names: its id and title, else the names of its origin, else of the belligerent."""
    spellings: dict[str, str] = {}
    for name, monitor in rules.monitors.items():
        spellings |= dict.fromkeys((fold_spelling(name), fold_spelling(monitor.title)), name)
    for vocabulary, code_of in (("origins", "origin_code"), ("perpetrators", "belligerent_code")):
        for code, term in rules.vocabularies[vocabulary].terms.items():
            names = list(map(fold_spelling, (code, term.title, *term.aliases)))
            owners = [name for name, monitor in rules.monitors.items() if getattr(monitor, code_of) == code]
            # Of several monitors that pass on one origin, or speak for one belligerent, the one that it names is meant.
            named = [name for name in owners if spellings.get(fold_spelling(term.title)) == name]
            for owner in named or owners[: len(owners) == 1]:
                for spelling in names:
                    spellings.setdefault(spelling, owner)
    return spellings


def normalize(table: ReadTable, monitor: Monitor, layout: Layout, context: Context) -> Draft:
    """Return the draft of one table: the claims of its layout, and those of the layout's companions.

    Args:
        table: rows of one file, of this layout.
        monitor: whose layout it is.
        layout: the rules of its columns.
        context: from `build_context`.
    """
    header = [name for name in table.rows.columns if name not in PROVENANCE]
    readings = [
        _Reading(one, one.columns_in(header))
        for one in (layout, *monitor.companions_of(layout))
        for one in _laid(one, header)
    ]
    issues = _issue_list(table, layout, readings)
    for severity, sentence in table.remarks:
        issues.add("file", sentence, severity=severity)
    for sheet, count in table.unread:
        if sheet in layout.other_sheets:
            issues.add(
                "other_sheet",
                f"Sheet {sheet!r} holds no claims; it was not read.",
                severity="note",
                value=sheet,
            )
            continue
        issues.add(
            "unread_sheet",
            f"Sheet {sheet!r} ({count} rows) has a header that no layout knows; it was not read.",
            value=sheet,
        )
    if layout.seen_code == "unverified":
        issues.add(
            "unverified_layout",
            f"The layout {layout.id} was never held against a real export ({layout.source or 'no source'}). "
            "Compare a few claims with the file before you rely on them.",
        )
    _note_columns(table.rows, readings, issues)
    is_record, fates = _fates(table, readings[0], issues)
    rejected = is_record & _set_aside(table.rows, readings[0])
    if rejected.any():
        _note_rows(table.rows["source_row"].to_numpy()[rejected], "rejected_row", _REJECTED, issues)
        is_record, fates = is_record & ~rejected, fates.mask(rejected, "corrected_away")
    claimed = [is_record & _is_needed(table.rows, one) for one in readings]
    idle = is_record & ~np.logical_or.reduce(claimed)
    why = (
        f"none of {', '.join(layout.needs)} is filled, so nothing is claimed there."
        if layout.needs
        else "it is of no kind that makes a claim."
    )
    _note_rows(table.rows["source_row"].to_numpy()[idle], "no_claim", why, issues)
    # Texts already noted, by column: a companion reads cells again and says nothing twice.
    told: dict[str, set[str]] = {}
    drafts = [
        _draft(table.rows, wanted, one, monitor, context, issues, told)
        for one, wanted in zip(readings, claimed, strict=True)
        if wanted.any() or one is readings[0]
    ]
    drafted = stacked(drafts)
    if layout.deletes:
        _note_rows(table.rows["source_row"].to_numpy()[is_record], "deleted_record", _DELETED, issues)
        idle |= is_record
        none = drafted.claims.index[:0]
        drafted = replace(
            drafted, claims=drafted.claims.loc[none], deleted=frozenset(drafted.claims["claim_id"])
        )
    outcome = table.rows[list(PROVENANCE[:3])].assign(fate_code=fates.where(~idle, "not_data").array)
    return replace(drafted, issues=issues.frame(), fates=outcome[columns_of(RowFates)])


@dataclass(frozen=True, slots=True)
class _Reading:
    """One layout laid on a table, and which of the table's columns each of its own stands for."""

    layout: Layout
    columns: Columns


def _laid(layout: Layout, header: list[str]) -> list[Layout]:
    """Return a layout as it stands for a header: once, or once for each number that stands in it."""
    if layout.for_each:
        return [layout.numbered([number]) for number in layout.numbers_in(header)]
    return [layout.laid_on(header)]


def _issue_list(table: ReadTable, layout: Layout, readings: list[_Reading]) -> IssueList:
    first = table.rows.iloc[0] if len(table.rows) else None
    restricted = frozenset(
        name
        for reading in readings
        for column in reading.layout.restricted_columns()
        for name in (column, *reading.columns.get(column, ()))
    )
    return IssueList(
        str(first["source_file"]) if first is not None else "",
        str(first["source_sheet"]) if first is not None else "",
        # In a list of persons, or a file of nobody's in particular, any cell may name one: columns shift.
        frozenset(table.rows.columns) if layout.gives_way or layout.kind_code == "victim" else restricted,
    )


def _draft(
    table_rows: pd.DataFrame,
    wanted: npt.NDArray[np.bool_],
    reading: _Reading,
    monitor: Monitor,
    context: Context,
    issues: IssueList,
    told: dict[str, set[str]],
) -> Draft:
    layout, columns = reading.layout, reading.columns
    rows = table_rows if wanted.all() else table_rows[wanted].reset_index(drop=True)
    values, fields, cells = _read_columns(rows, layout, columns, context, issues, told)
    _key_personal_ids(fields, layout, context.key)
    for name, text in layout.constants.items():
        stated = _constant(name, text, len(rows), context)
        fields[name] = first_stated(fields[name], stated) if name in fields else stated
    source_rows = rows["source_row"].to_numpy()
    figures = form_figures(layout.figures, values, cells, fields, source_rows, monitor.scope, issues)
    claims = _claims(rows, fields, cells, monitor, layout, columns, context, issues)
    return Draft(claims, figures, _victims(fields, len(rows)), empty(Issues), empty(RowFates))


def _constant(name: str, text: str, length: int, context: Context) -> Column:
    cells = factorized(constant(text, length))
    rule = ColumnRule.model_validate({"field": name, "parse": PARSED_AS.get(name, "text")})
    return read_cells(cells, rule, context, IssueList("", ""), np.zeros(length, dtype=np.int64), name)


# ---- rows and columns ----------------------------------------------------------------------------------------------


def _note_columns(rows: pd.DataFrame, readings: list[_Reading], issues: IssueList) -> None:
    layout = readings[0].layout
    known = {own for reading in readings for names in reading.columns.values() for own in names}
    known |= _details(rows.columns, layout.group_mark) if layout.group_mark else set()
    strange = list(rows.columns.difference([*known, *PROVENANCE], sort=False))
    filled = {str(name): int(is_filled(rows[name]).sum()) for name in strange}
    hollow = [name for name, count in filled.items() if not count and name.startswith("(column ")]
    strange = [name for name in filled if name not in set(hollow)]
    for name in strange[:COLUMNS_TOLD]:
        _note_unknown(f"Column {name!r} ({filled[name]} cells filled) is", name, filled[name], layout, issues)
    if more := strange[COLUMNS_TOLD:]:
        shown = ", ".join(more)[:400]
        count = sum(filled[name] for name in more)
        _note_unknown(
            f"And {len(more):,} more columns ({count:,} cells filled; {shown}) are", "", count, layout, issues
        )
    if hollow:
        issues.add(
            "unknown_column",
            f"Columns without a name that hold nothing ({len(hollow):,}): none was read.",
            severity="note",
        )
    _note_spelled_twice(rows, readings[0], issues)
    absent = [name for name in layout.columns if name not in readings[0].columns]
    # A layout of nobody's in particular describes far more columns than any one file has.
    if absent and not layout.gives_way:
        issues.add(
            "absent_columns",
            f"Known columns that are absent ({len(absent)}): {', '.join(absent)}.",
            severity="note",
        )


def _note_spelled_twice(rows: pd.DataFrame, reading: _Reading, issues: IssueList) -> None:
    """Note the columns of one meaning that state different things in a row: only the first of them is taken."""
    for name, (first, *others) in reading.columns.items():
        rules = reading.layout.columns[name]
        if not others or all(rule.ignore is not None or rule.parse in {"terms", "part"} for rule in rules):
            continue
        for other in others:
            one, two = rows[first].str.strip(EDGES), rows[other].str.strip(EDGES)
            differs = ((one != two) & (one != "") & (two != "")).to_numpy()
            if differs.any():
                row = int(rows["source_row"].to_numpy()[differs][0])
                issues.add(
                    "spelled_twice",
                    f"Columns {first!r} and {other!r} mean the same in the layout {reading.layout.id}, and differ in {int(differs.sum())} rows, "
                    f"the first of them row {row}; {first!r} was taken. Leave out or rename the one that means something else.",
                    row=row,
                    column=other,
                    rows=int(differs.sum()),
                )


def _note_unknown(beginning: str, column: str, filled: int, layout: Layout, issues: IssueList) -> None:
    issues.add(
        "unknown_column",
        f"{beginning} not described in the layout {layout.id}; {'it was' if column else 'they were'} not read. "
        "Map it, or ignore it by name, in the monitor's rule file.",
        column=column,
        severity="warning" if filled else "note",
        rows=max(filled, 1),
    )


def _details(header: pd.Index[str], mark: str) -> set[str]:
    """Return the columns that say again, one a choice, what a question of a form holds: "who/army" beside "who"."""
    held = set(header)
    return {name for name in header if mark in name and name.rsplit(mark, 1)[0] in held}


def _fates(
    table: ReadTable, reading: _Reading, issues: IssueList
) -> tuple[npt.NDArray[np.bool_], pd.Series[str]]:
    """Return which rows are records that can be read, and the fate of each row as far as that decides it."""
    rows = table.rows
    own = rows.drop(columns=list(PROVENANCE))
    source_rows = rows["source_row"].to_numpy()
    bare = bare_rows(own)
    count = np.zeros(len(bare), dtype=np.int64)
    for at in range(len(own.columns) if len(bare) else 0):
        count += is_filled(own.iloc[bare, at])
    no_claim = np.isin(source_rows, list(table.aside))
    _note_rows(source_rows[no_claim], "not_data", _ASIDE, issues)
    first = int(np.argmin(no_claim)) if len(rows) else 0
    no_claim[bare[count == 0]] = True
    if len(rows) and is_tag_row(own.iloc[first]):
        no_claim[first] = True
    lone = bare[count == 1]
    parted = parted_otherwise(own, lone)
    notes = lone_notes(own, np.setdiff1d(lone, parted), reading.layout, reading.columns)
    again = repeats(own, np.setdiff1d(np.arange(len(own)), bare), reading.layout.spelled())
    for positions, code, sentence in ((notes, "note_row", _NOTE), (again, "header_again", _HEADER_AGAIN)):
        found = positions[~no_claim[positions]]
        no_claim[found] = True
        _note_each(source_rows[found], code, sentence, "note", issues)
    ragged = np.isin(source_rows, [*table.ragged, *source_rows[parted]]) & ~no_claim
    width = sum(not str(name).startswith("(column ") for name in own.columns)
    for row in source_rows[ragged]:
        cells = table.ragged.get(int(row), 1)
        issues.add(
            "ragged_row",
            f"Row {row} has {cells} {'cell' if cells == 1 else 'cells'} where the header has {width}; its cells may be shifted, so none was read. "
            "Correct the row in the source.",
            row=int(row),
            severity="error",
        )
    broken = np.isin(source_rows, list(table.broken)) & ~no_claim
    for row in source_rows[broken]:
        issues.add("broken_entry", table.broken[int(row)], row=int(row), severity="error")
    lost = ragged | broken
    lost |= _summed(own, source_rows, reading, no_claim | lost, issues)
    fates = texts(["claimed", "not_data", "quarantined"]).take(np.select([no_claim, lost], [1, 2], default=0))
    return ~(no_claim | lost), pd.Series(fates)


def _summed(
    own: pd.DataFrame,
    source_rows: npt.NDArray[np.int64],
    reading: _Reading,
    settled: npt.NDArray[np.bool_],
    issues: IssueList,
) -> npt.NDArray[np.bool_]:
    """Return which rows, of those not settled yet, are sums of others; they and lone numbers are issues."""
    summed = np.zeros(len(own), dtype=bool)
    sum_rows, lone = sums(own, reading.layout, reading.columns)
    summed[sum_rows] = True
    summed &= ~settled
    _note_each(source_rows[summed], "sum_row", _SUM_ROW, "error", issues)
    _note_each(source_rows[lone[~settled[lone]]], "lone_number", _LONE_NUMBER, "warning", issues)
    return summed


def _note_each(
    source_rows: npt.NDArray[np.int64], code: str, sentence: str, severity: str, issues: IssueList
) -> None:
    for row in source_rows:
        issues.add(code, sentence.format(row=row), row=int(row), severity=severity)


def _note_rows(source_rows: npt.NDArray[np.int64], code: str, why: str, issues: IssueList) -> None:
    if len(source_rows):
        issues.add(
            code,
            f"{_rows(source_rows)}: {why}",
            row=int(source_rows[0]),
            severity="note",
            rows=len(source_rows),
        )


def _rows(source_rows: npt.NDArray[np.int64]) -> str:
    """Return rows in words: those that follow each other as one range, the first few ranges of many."""
    breaks = np.flatnonzero(np.diff(source_rows) > 1) + 1
    runs = [(int(run[0]), int(run[-1])) for run in np.split(source_rows, breaks)]
    told = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs[:RUNS_TOLD])
    more = f" and {len(runs) - RUNS_TOLD} more runs" if len(runs) > RUNS_TOLD else ""
    return f"{'Row' if len(source_rows) == 1 else 'Rows'} {told}{more}"


def _set_aside(rows: pd.DataFrame, reading: _Reading) -> npt.NDArray[np.bool_]:
    """Return the rows that a person rejected."""
    where = reading.layout.sets_aside
    return _rows_where(rows, where, reading.columns) if where else np.zeros(len(rows), dtype=bool)


def _is_needed(rows: pd.DataFrame, reading: _Reading) -> npt.NDArray[np.bool_]:
    """Return the rows that are of their layout's kind and fill one of the columns it needs to claim anything."""
    where = reading.layout.only_where
    meant = _rows_where(rows, where, reading.columns) if where else np.ones(len(rows), dtype=bool)
    if not reading.layout.needs:
        return meant
    needed = np.zeros(len(rows), dtype=bool)
    for name in reading.layout.needs:
        for own in reading.columns.get(name, ()):
            missing = {text for rule in reading.layout.columns[name] for text in rule.missing}
            needed |= is_filled(rows[own]) & ~rows[own].str.strip().isin(missing).to_numpy()
    return needed & meant


def _read_columns(
    rows: pd.DataFrame,
    layout: Layout,
    columns: Columns,
    context: Context,
    issues: IssueList,
    told: dict[str, set[str]],
) -> tuple[Fields, Fields, Fields]:
    """Return numbers and quantities by column, fields by name, and the texts of the columns that figures and units read."""
    values: Fields = {}
    fields: Fields = {}
    parts: Fields = {}
    deciding = _deciding(layout)
    cells = _passed_over(rows, layout, columns, deciding)
    for name, rule in layout.column_rules():
        for own in columns.get(name, ()) if rule.ignore is None else ():
            text = _texts_of(rows[own], rule, is_read_again=(rule.named or name) in deciding)
            read = read_cells(
                text, rule, context, issues, rows["source_row"].to_numpy(), own, told.setdefault(own, set())
            )
            if rule.where:
                read = only_where(read, _rows_where(rows, rule.where, columns))
            # Under two spellings of one column, the first that is not blank counts.
            is_first = own == columns[name][0]
            number = rule.named or name
            if number in deciding:
                cells[number] = text if is_first else factorized(first_stated(cells[number], text).cells())
            if rule.number or rule.field == "quantity":
                values[number] = read if is_first else first_stated(values[number], read)
                continue
            _merge(parts if rule.parse == "part" else fields, rule, read)
            if is_first:
                _note_wording(fields, rule, text)
    for name, part in parts.items():
        whole = fields.get(name, Column(constant("", len(rows))))
        fields[name] = Column(_completed(whole.cells(), part.cells()))
    return values, fields, cells


def _texts_of(cells: pd.Series[str], rule: ColumnRule, *, is_read_again: bool) -> Column:
    """Return the cells of a column without what stands around them; those that are only passed on are not gone through twice."""
    is_cut = rule.take or rule.drop or rule.upper
    if rule.parse in AS_IT_STANDS and not (rule.number or is_cut or is_read_again):
        return Column(cleaned(cells.array, rule))
    return distinct_texts(cells, rule)


def _passed_over(rows: pd.DataFrame, layout: Layout, columns: Columns, deciding: frozenset[str]) -> Fields:
    """Return the texts of columns that are ignored, and yet decide on figures or units."""
    ignored = {name for name, rule in layout.column_rules() if rule.ignore is not None} & deciding
    return {name: factorized(rows[columns[name][0]].str.strip().array) for name in ignored if name in columns}


def _note_wording(fields: Fields, rule: ColumnRule, text: Column) -> None:
    """Keep what a code leaves out: the words of a grade, and how certain a day is."""
    if rule.field == "grade_code":
        fields["grade_raw"] = text
    qualifiers = date_qualifiers(text, rule) if rule.field == "date_start" else None
    if qualifiers:
        fields.setdefault("date_qualifier", qualifiers)


def _rows_where(rows: pd.DataFrame, where: WhereRule, columns: Columns) -> npt.NDArray[np.bool_]:
    """Return the rows that the rule of a column means."""
    own = columns.get(where.column)
    return held(factorized(rows[own[0]].str.strip().array) if own else None, where, len(rows))


def _deciding(layout: Layout) -> frozenset[str]:
    """Return the columns whose texts are read again: for figures, and to tell rows apart."""
    wheres = [column for figure in layout.figures for _, column in figure.wheres]
    wheres += [unit.where.column for unit in layout.units if unit.where]
    figured = [column for figure in layout.figures for column in figure.columns]
    return frozenset((*figured, *wheres))


def _completed(names: Any, parts: Any) -> Any:
    """Return names, short ones completed by the parts beside them: a list may give a family's name apart."""
    return texts(
        name
        if name and (len(name.split()) > SHORT_NAME or not part)
        else " ".join(dict.fromkeys(f"{name} {part}".split()))
        for name, part in zip(names, parts, strict=True)
    )


def _key_personal_ids(fields: Fields, layout: Layout, key: bytes) -> None:
    """Replace ids that name persons by keyed ones, before they become part of a claim's id."""

    def keyed(text: str) -> str:
        return f"k{hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:16]}" if text else ""

    for name in ("native_id", "native_incident_ids"):
        personal = any(rule.field == name for rule in layout.restricted_rules())
        if personal and name in fields:
            fields[name] = Column(fields[name].mapped(keyed))


def _merge(fields: Fields, rule: ColumnRule, read: Column) -> None:
    name = str(rule.field)
    known = fields.get(name)
    if known is None:
        fields[name] = read
    elif rule.parse == "part":
        fields[name] = joined(known, read, str.strip)
    elif rule.parse == "terms" or rule.field == "previous_ids":
        fields[name] = joined(known, read, lambda both: " ".join(sorted(set(both.split()))))
    else:
        fields[name] = first_stated(known, read)


# ---- claims --------------------------------------------------------------------------------------------------------


def _claims(
    rows: pd.DataFrame,
    fields: Fields,
    cells: Fields,
    monitor: Monitor,
    layout: Layout,
    columns: Columns,
    context: Context,
    issues: IssueList,
) -> pd.DataFrame:
    length = len(rows)
    blank = constant("", length)
    made: dict[str, Any] = {}
    for name in columns_of(Claims):
        column = fields.get(name)
        if name in PROVENANCE:
            made[name] = rows[name].array
        elif name in NUMBERS:
            made[name] = np.full(length, np.nan) if column is None else column.cells()
        elif name not in (*DAYS, *CODES):
            made[name] = blank if column is None else column.cells()
    made["layout"] = constant(layout.id, length)
    made["kind_code"] = constant(layout.kind_code, length)
    claims = pd.DataFrame(made, index=rows.index)
    claims["monitor"] = first_text(claims["monitor"], monitor.id)
    if layout.kind_code != "victim":
        # A record of an incident is one of its codes; a person's record is none.
        claims["native_incident_ids"] = first_text(
            claims["native_incident_ids"], _respaced(claims["native_id"], " ")
        )
    claims["claim_id"] = _claim_ids(rows, claims, layout, columns, context.key)
    claims["location_precision_code"] = _precisions(fields.get("location_precision_code"), length, 6)
    if layout.kind_code != "total":
        # What a column says of who claims outranks whose file it is; their origin goes with it.
        origins = factorized(claims["monitor"].array).mapped(lambda name: context.origins.get(name, ""))
        claims["origin_ids"] = first_text(claims["origin_ids"], pd.Series(origins, index=claims.index))
    _set_windows(claims, fields, layout, issues)
    claims["unit_code"] = _units(claims, cells, monitor, layout)
    set_places(claims, context, issues)
    claims["draft_no"] = np.arange(length)
    return claims[list(CLAIM_DRAFT_COLUMNS)]


def _respaced(ids: pd.Series[str], mark: str) -> pd.Series[str]:
    """Return ids with each run of white space made one mark."""
    spaced = ~ids.str.fullmatch(f"(?:{ONE_WORD})?")
    if not spaced.any():
        return ids
    return ids.mask(
        spaced,
        pd.Series([mark.join(text.split()) for text in ids[spaced]], index=ids.index[spaced], dtype="str"),
    )


def _precisions(column: Column | None, length: int, fallback: int) -> npt.NDArray[np.int64]:
    if column is None:
        return np.full(length, fallback, dtype=np.int64)
    codes = factorized(column.cells())
    known = np.array([int(code) if code else fallback for code in codes.distinct], dtype=np.int64)
    return known[codes.codes]


def _units(claims: pd.DataFrame, cells: Fields, monitor: Monitor, layout: Layout) -> pd.Series[str]:
    own = monitor.unit_code if layout.kind_code != "total" else "total"
    units = first_text(claims["unit_code"], own)
    days = (claims["date_end"] - claims["date_start"]).dt.days.to_numpy() + 1
    for rule in layout.units:
        if rule.longer_than_days:
            units = units.mask(days > rule.longer_than_days, rule.unit_code)
        elif rule.where:
            is_one = held(cells.get(rule.where.column), rule.where, len(units))
            units = units.mask(is_one, rule.unit_code)
    return units


def _claim_ids(
    rows: pd.DataFrame, claims: pd.DataFrame, layout: Layout, columns: Columns, key: bytes
) -> pd.Series[str]:
    nameless = claims["native_id"] == ""
    ids = claims["monitor"] + ":" + _respaced(claims["native_id"], "_")
    if nameless.any():
        # Neither names nor remarks make an id: it would change with their wording, and could be guessed from them. Of a
        # person little else is told, so there they do, under the job's key.
        restricted = frozenset() if layout.kind_code == "victim" else layout.restricted_columns()
        told = [own for name, spelled in columns.items() if name not in restricted for own in spelled]
        own = rows.loc[nameless, told]
        joined = own.agg("\x1f".join, axis=1) if len(own.columns) else pd.Series("", index=own.index)
        contents = (text.encode("utf-8", "surrogatepass") for text in joined)
        hashes = [
            (
                hmac.new(key, content, hashlib.sha256)
                if layout.kind_code == "victim"
                else hashlib.sha256(content)
            ).hexdigest()[:12]
            for content in contents
        ]
        ids = ids.where(
            ~nameless,
            claims["monitor"]
            + ":#"
            + pd.Series(hashes, index=own.index, dtype="str").reindex(ids.index, fill_value=""),
        )
    return ids + f":{layout.id_suffix}" if layout.id_suffix else ids


def _set_windows(claims: pd.DataFrame, fields: Fields, layout: Layout, issues: IssueList) -> None:
    length = len(claims)
    unknown = np.full((length, 2), np.datetime64("NaT"), dtype="datetime64[us]")
    starts, ends, reports = (fields[name].cells() if name in fields else unknown for name in DAYS)
    starts = _in_parts("start", starts, fields, issues, claims["source_row"])
    ends = _in_parts("end", ends, fields, issues, claims["source_row"])
    start, reported = starts[:, 0], np.where(np.isnat(reports[:, 1]), reports[:, 0], reports[:, 1])
    end_stated = ~np.isnat(ends[:, 1])
    # A day without an end is that day; a start that holds for every row is none.
    closed = np.datetime64("NaT") if "date_start" in layout.constants else starts[:, 1]
    end = np.where(end_stated, ends[:, 1], closed)
    if layout.open_window_ends == "day_before_report":
        # Where nobody knows when it was printed, the day before is unknown too: the window stays open.
        end = np.where(end_stated, end, reported - np.timedelta64(1, "D"))
    crossed = end < start
    if crossed.any():
        source_rows = claims.loc[crossed, "source_row"]
        last, first = (days[crossed].astype("datetime64[D]").astype(str) for days in (end, start))
        messages = [
            f"Row {row}: the window ends on {until}, before it starts on {since}; it was kept without its end. Correct it in the source."
            for row, until, since in zip(source_rows, last, first, strict=True)
        ]
        issues.add_cells("window_crossed", "error", "date_end", source_rows, list(map(str, last)), messages)
        # An incident has its first day still; of a period nothing is left that a sum could be laid beside.
        end = np.where(crossed, np.datetime64("NaT") if layout.kind_code == "total" else start, end)
    start = _reaching_back(start, end, fields)
    claims["date_start"], claims["date_end"], claims["reported_on"] = start, end, reported
    claims["edtf"], own = _described(start, end)
    if "date_qualifier" in fields:
        claims["edtf"] = _qualified(claims["edtf"], start, end, fields["date_qualifier"])
    coded = fields.get("date_precision_code")
    claims["date_precision_code"] = (
        own if coded is None else np.where(own == 0, 0, np.maximum(_precisions(coded, length, 0), own))
    )


def _qualified(edtf: pd.Series[str], start: Days, end: Days, qualifiers: Column) -> pd.Series[str]:
    """Return windows in EDTF with the qualifiers of their days, at either end."""
    signs = qualifiers.cells()
    rows = np.flatnonzero((signs != "") & ~np.isnat(start))
    written = [
        edtf_of(since.date(), until and until.date(), sign)
        for since, until, sign in zip(start[rows].tolist(), end[rows].tolist(), signs[rows], strict=True)
    ]
    edtf = edtf.copy()
    edtf.iloc[rows] = texts(written)
    return edtf


def _in_parts(side: str, days: Days, fields: Fields, issues: IssueList, source_rows: pd.Series[int]) -> Days:
    """Return days, those that are not stated put together of year, month and day; 0 or a blank is a part nobody knew."""
    names = [f"{side}_{part}" for part in ("year", "month", "day")]
    open_days = np.isnat(days[:, 0])
    if names[0] not in fields or not open_days.any():
        return days
    parts = [np.nan_to_num(fields[name].cells()) if name in fields else np.zeros(len(days)) for name in names]
    rows, held_by = combined([pd.factorize(part)[0] for part in parts])
    spans = np.full((len(rows), 2), np.datetime64("NaT"), dtype="datetime64[us]")
    impossible = []
    for at, (year, month, day) in enumerate(zip(*(part[rows].tolist() for part in parts), strict=True)):
        if not year:
            continue
        try:
            spans[at] = _span(int(year), int(month), int(day))
        except Unreadable as fault:
            impossible.append((at, str(fault)))
    for at, why in impossible:
        found = source_rows[open_days & (held_by == at)]
        if len(found):
            sentence = f"{why}. The day was left blank; the rest of each row was read."
            issues.add(
                "unreadable",
                sentence,
                row=int(found.iloc[0]),
                column=names[0],
                severity="error",
                rows=len(found),
            )
    return np.where(open_days[:, None], spans[held_by], days)


def _span(year: int, month: int, day: int) -> tuple[date | None, date | None]:
    if month > MONTHS:
        raise Unreadable(f"month {month}, where months go from 1 to {MONTHS}")
    written = f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if month and day else "")
    window = parse_window(written, None)
    return (window.start, window.end) if window else (None, None)


def _reaching_back(start: Days, end: Days, fields: Fields) -> Days:
    """Return the first days of windows that are told by their last day and a number of hours."""
    if "window_hours" not in fields:
        return start
    hours = fields["window_hours"].cells()
    whole = np.ceil(np.nan_to_num(hours) / HOURS_A_DAY).astype(int)
    last = np.where(np.isnat(end), start, end)
    return np.where(whole > 0, last - (np.maximum(whole, 1) - 1) * np.timedelta64(1, "D"), start)


def _described(start: Days, end: Days) -> tuple[Any, npt.NDArray[np.int64]]:
    """Return what `edtf_of` and `precision_of` say of each window: the days that are one at once, the others one by one."""
    is_day = start == end
    days, written = pd.factorize(start[is_day].astype("datetime64[D]"))
    described = np.full(len(start), "", dtype=object)
    described[is_day] = np.datetime_as_string(written).astype(object)[days]
    precisions = is_day.astype(np.int64)
    windows = np.flatnonzero(~is_day & ~np.isnat(start))
    rows, held = combined([pd.factorize(side[windows], use_na_sentinel=False)[0] for side in (start, end)])
    said, codes = [], []
    for first, last in zip(start[windows][rows].tolist(), end[windows][rows].tolist(), strict=True):
        since, until = first.date(), last and last.date()
        said.append(edtf_of(since, until))
        codes.append(precision_of(since, until) if until else 0)
    described[windows] = np.array(said, dtype=object)[held]
    precisions[windows] = np.array(codes, dtype=np.int64)[held]
    return texts(described), precisions


def _victims(fields: Fields, length: int) -> pd.DataFrame:
    if "victim_name" not in fields and "victim_name_native" not in fields:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in VICTIM_DRAFT_COLUMNS})
    blank = Column(constant("", length))
    published, native = (fields.get(name, blank).cells() for name in ("victim_name", "victim_name_native"))
    sexes = fields.get("victim_sex_code", blank)
    ages = fields.get("victim_age", Column(np.full((length, 2), np.nan))).cells()
    victims = pd.DataFrame(
        {
            "draft_no": np.arange(length),
            "name_published": published,
            # A column that may hold either script fills both fields: said once is enough.
            "name_native": texts(
                "" if name in other else name for name, other in zip(native, published, strict=True)
            ),
            "sex_code": sexes.mapped(lambda code: code or "unknown"),
            "age_low_years": ages[:, 0],
            "age_high_years": ages[:, 1],
            "birth_year": fields.get("victim_birth", Column(np.full(length, np.nan))).cells(),
        }
    )
    named = (victims["name_published"] != "") | (victims["name_native"] != "")
    # Of a body that nobody has named yet, sex and age are all there is.
    described = victims[["age_low_years", "birth_year"]].notna().any(axis=1) | (
        victims["sex_code"] != "unknown"
    )
    return victims[named | described]
