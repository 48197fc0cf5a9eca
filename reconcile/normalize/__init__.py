"""SourceRows -> draft: the columns of one layout become claims, figures and victims, by its rule file alone.

Guarantees:
    every_row_has_a_fate: each source row is claimed, quarantined or not data, once.
    a_bad_cell_keeps_its_row: an unreadable cell is an issue, and the rest of its row is read.
    row_order_does_not_matter: shuffled rows give the same claims.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reconcile.drafts import CLAIM_DRAFT_COLUMNS, VICTIM_DRAFT_COLUMNS, Draft, IssueList
from reconcile.frames import Claims, RowFates, columns_of
from reconcile.gazetteer import build_gazetteer
from reconcile.normalize.cells import EDGES, Context, cleaned, read_cells
from reconcile.normalize.figures import form_figures
from reconcile.parse.counts import words_from
from reconcile.parse.dates import edtf_of, precision_of
from reconcile.parse.places import fold_name
from reconcile.ruleset import fold_spelling

if TYPE_CHECKING:
    import numpy.typing as npt

    from reconcile.read import ReadTable
    from reconcile.ruleset import ColumnRule, Layout, Monitor, Ruleset

    Fields = dict[str, npt.NDArray[np.object_]]

__all__ = ["build_context", "normalize"]

PROVENANCE = ("source_file", "source_sheet", "source_row", "file_sha256")
DAYS = ("date_start", "date_end", "reported_on")
NUMBERS = ("latitude", "longitude", "report_count")
# A file of two columns may well hold one cell in a row.
FEW_COLUMNS = 2
CODES = ("date_precision_code", "location_precision_code")


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
    monitors: dict[str, str] = {}
    for monitor_id, monitor in rules.monitors.items():
        known = rules.vocabularies["origins"].terms.get(monitor.origin_code)
        for spelling in (monitor_id, monitor.title, *((known.title, *known.aliases) if known else ())):
            monitors[fold_spelling(spelling)] = monitor_id
    countries = {
        fold_name(alias): code
        for code, term in rules.vocabularies["countries"].terms.items()
        for alias in (term.title, *term.aliases)
        if fold_name(alias)
    }
    return Context(
        rules.vocabularies,
        spellings,
        monitors,
        build_gazetteer(rules.places, countries, own_places),
        words_from(profile, rules.quantities),
        key,
    )


def normalize(table: ReadTable, monitor: Monitor, layout: Layout, context: Context) -> Draft:
    """Return the draft of one table.

    Args:
        table: rows of one file, of this layout.
        monitor: whose layout it is.
        layout: the rules of its columns.
        context: from `build_context`.
    """
    first = table.rows.iloc[0] if len(table.rows) else None
    issues = IssueList(
        str(first["source_file"]) if first is not None else "",
        str(first["source_sheet"]) if first is not None else "",
        layout.restricted_columns(),
    )
    for severity, sentence in table.remarks:
        issues.add("file", sentence, severity=severity)
    for sheet, count in table.unread:
        issues.add(
            "unread_sheet",
            f"Sheet {sheet!r} ({count} rows) has a header that no layout knows; it was not read.",
            value=sheet,
        )
    _note_columns(table.rows, layout, issues)
    fates = _fates(table, layout, issues)
    rows = table.rows[(fates == "claimed").to_numpy()].reset_index(drop=True)
    values, fields, cells = _read_columns(rows, layout, context, issues)
    _key_personal_ids(fields, layout, context.key)
    for name, constant in layout.constants.items():
        fields.setdefault(name, np.full(len(rows), None, dtype=object))
        fields[name] = np.array(
            [constant if value in (None, "") else value for value in fields[name]], dtype=object
        )
    figures = form_figures(layout.figures, values, cells, fields, monitor.scope, issues)
    claims = _claims(rows, fields, cells, monitor, layout, context, issues)
    outcome = table.rows[list(PROVENANCE[:3])].assign(fate_code=fates.to_numpy())
    return Draft(claims, figures, _victims(fields, len(rows)), issues.frame(), outcome[columns_of(RowFates)])


# ---- rows and columns ----------------------------------------------------------------------------------------------


def _note_columns(rows: pd.DataFrame, layout: Layout, issues: IssueList) -> None:
    for name in rows.columns.difference([*layout.columns, *PROVENANCE], sort=False):
        filled = int((rows[name].str.strip() != "").sum())
        issues.add(
            "unknown_column",
            f"Column {name!r} ({filled} cells filled) is not described in the layout {layout.id}; it was not read. "
            "Map it, or ignore it by name, in the monitor's rule file.",
            column=str(name),
            severity="warning" if filled else "note",
            rows=max(filled, 1),
        )
    absent = [name for name in layout.columns if name not in rows.columns]
    if absent:
        issues.add(
            "absent_columns",
            f"Known columns that are absent ({len(absent)}): {', '.join(absent)}.",
            severity="note",
        )


def _fates(table: ReadTable, layout: Layout, issues: IssueList) -> pd.Series[str]:
    rows = table.rows
    fates = pd.Series("claimed", index=rows.index, dtype="str")
    own = rows.drop(columns=list(PROVENANCE))
    filled = (
        (own.apply(lambda column: column.str.strip(EDGES)) != "").to_numpy()
        if len(own.columns)
        else np.zeros((len(rows), 0), bool)
    )
    tagged = own.apply(lambda column: column.str.startswith("#")).to_numpy() if len(own.columns) else filled
    count = filled.sum(axis=1)
    fates[count == 0] = "not_data"
    is_tag_row = (count > 0) & ((tagged & filled).sum(axis=1) == count) & (rows.index == 0)
    fates[is_tag_row] = "not_data"
    required = [name for name in layout.required if name in own.columns]
    lone = (
        (count == 1)
        & (own[required].apply(lambda column: column.str.strip()) == "").to_numpy().sum(axis=1).astype(bool)
        if required
        else np.zeros(len(rows), bool)
    )
    numbers = [
        name
        for name, rule in layout.column_rules()
        if name in own.columns and (rule.number or rule.field == "quantity")
    ]
    is_number = filled[:, own.columns.isin(numbers)].any(axis=1)
    notes = lone & ~is_number & ~is_tag_row & (len(own.columns) > FEW_COLUMNS)
    fates[notes] = "not_data"
    for row in rows.loc[notes, "source_row"]:
        issues.add(
            "note_row",
            f"Row {row} holds one cell only, and none of those that every record has; it was taken for a note.",
            row=int(row),
            severity="note",
        )
    ragged = rows["source_row"].isin(list(table.ragged)) & (fates == "claimed")
    fates[ragged] = "quarantined"
    width = sum(not str(name).startswith("(column ") for name in own.columns)
    for row in rows.loc[ragged, "source_row"]:
        issues.add(
            "ragged_row",
            f"Row {row} has {table.ragged[int(row)]} cells where the header has {width}; its cells may be shifted, so none was read. "
            "Correct the row in the source.",
            row=int(row),
            severity="error",
        )
    return fates


def _read_columns(
    rows: pd.DataFrame, layout: Layout, context: Context, issues: IssueList
) -> tuple[Fields, Fields, pd.DataFrame]:
    values: Fields = {}
    fields: Fields = {}
    texts: dict[str, pd.Series[str]] = {"source_row": rows["source_row"]}
    told: dict[str, set[str]] = {}
    for name, rule in layout.column_rules():
        if name not in rows.columns:
            continue
        if rule.ignore is not None:
            texts.setdefault(name, rows[name].str.strip())
            continue
        texts[name] = cleaned(rows[name], rule)
        read = read_cells(
            texts[name], rule, context, issues, rows["source_row"], told.setdefault(name, set())
        )
        if rule.number or rule.field == "quantity":
            values[name] = read
        else:
            _merge(fields, rule, read)
        if rule.field == "grade_code":
            fields["grade_raw"] = texts[name].to_numpy(dtype=object)
    return values, fields, pd.DataFrame(texts)


def _key_personal_ids(fields: Fields, layout: Layout, key: bytes) -> None:
    """Replace ids that name persons by keyed ones, before they become part of a claim's id."""
    for name in ("native_id", "native_incident_ids"):
        personal = any(rule.field == name for rule in layout.restricted_rules())
        if personal and name in fields:
            fields[name] = np.array(
                [
                    f"k{hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:16]}" if text else ""
                    for text in fields[name]
                ],
                dtype=object,
            )


def _merge(fields: Fields, rule: ColumnRule, read: npt.NDArray[np.object_]) -> None:
    name = str(rule.field)
    known = fields.get(name)
    if known is None:
        fields[name] = read
    elif rule.parse == "terms":
        fields[name] = np.array(
            [
                " ".join(sorted({*(a or "").split(), *(b or "").split()}))
                for a, b in zip(known, read, strict=True)
            ],
            dtype=object,
        )
    else:
        fields[name] = np.array(
            [b if a in (None, "") else a for a, b in zip(known, read, strict=True)], dtype=object
        )


# ---- claims --------------------------------------------------------------------------------------------------------


def _claims(
    rows: pd.DataFrame,
    fields: Fields,
    cells: pd.DataFrame,
    monitor: Monitor,
    layout: Layout,
    context: Context,
    issues: IssueList,
) -> pd.DataFrame:
    claims = pd.DataFrame(index=rows.index)
    for name in columns_of(Claims):
        if name in PROVENANCE:
            claims[name] = rows[name]
        elif name in NUMBERS:
            claims[name] = np.array(
                [np.nan if v is None else v for v in fields.get(name, [None] * len(rows))], dtype=np.float64
            )
        elif name not in (*DAYS, *CODES):
            claims[name] = pd.Series(
                [v or "" for v in fields.get(name, [""] * len(rows))], index=rows.index, dtype="str"
            )
    claims["layout"] = layout.id
    claims["kind_code"] = layout.kind_code
    claims["monitor"] = claims["monitor"].mask(claims["monitor"] == "", monitor.id)
    claims["native_incident_ids"] = claims["native_incident_ids"].mask(
        claims["native_incident_ids"] == "", claims["native_id"].str.split().str.join(" ")
    )
    claims["unit_code"] = _units(claims, cells, monitor, layout)
    claims["claim_id"] = _claim_ids(rows, claims, layout)
    claims["location_precision_code"] = _precisions(fields.get("location_precision_code"), len(rows), 6)
    claims["origin_ids"] = (
        claims["origin_ids"].mask(claims["origin_ids"] == "", monitor.origin_code)
        if layout.kind_code != "total"
        else claims["origin_ids"]
    )
    _set_windows(claims, fields, layout, issues)
    _set_places(claims, context, issues)
    claims["draft_no"] = np.arange(len(rows))
    return claims[list(CLAIM_DRAFT_COLUMNS)]


def _precisions(codes: npt.NDArray[np.object_] | None, length: int, fallback: int) -> npt.NDArray[np.int64]:
    if codes is None:
        return np.full(length, fallback, dtype=np.int64)
    return np.array([int(code) if code else fallback for code in codes], dtype=np.int64)


def _units(claims: pd.DataFrame, cells: pd.DataFrame, monitor: Monitor, layout: Layout) -> pd.Series[str]:
    own = monitor.unit_code if layout.kind_code != "total" else "total"
    units = claims["unit_code"].mask(claims["unit_code"] == "", own)
    for rule in layout.units:
        if rule.where.column in cells:
            units = units.mask(
                cells[rule.where.column].str.removesuffix(".0").isin(rule.where.held), rule.unit_code
            )
    return units


def _claim_ids(rows: pd.DataFrame, claims: pd.DataFrame, layout: Layout) -> pd.Series[str]:
    nameless = claims["native_id"] == ""
    ids = claims["monitor"] + ":" + claims["native_id"].str.split().str.join("_")
    if nameless.any():
        # Neither names nor remarks make an id: it would change with their wording, and could be guessed from them.
        told = [
            name
            for name in layout.columns
            if name in rows.columns and name not in layout.restricted_columns()
        ]
        own = rows.loc[nameless, told]
        joined = own.agg("\x1f".join, axis=1) if len(own.columns) else pd.Series("", index=own.index)
        hashes = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12] for text in joined]
        ids = ids.where(
            ~nameless,
            claims["monitor"]
            + ":#"
            + pd.Series(hashes, index=own.index, dtype="str").reindex(ids.index, fill_value=""),
        )
    return ids


def _set_windows(claims: pd.DataFrame, fields: Fields, layout: Layout, issues: IssueList) -> None:
    length = len(claims)
    starts, ends, reports = (fields.get(name, np.full(length, None, dtype=object)) for name in DAYS)
    start = _days([window.start if window else None for window in starts])
    end = _days(
        [
            last.end if last else (window.end if window else None)
            for window, last in zip(starts, ends, strict=True)
        ]
    )
    reported = _days([window.end if window else None for window in reports])
    if layout.open_window_ends == "day_before_report":
        end_stated = np.array([window is not None for window in ends], dtype=bool)
        day_before = reported - pd.Timedelta(timedelta(days=1))
        # Where nobody knows when it was printed, the day before is unknown too: the window stays open.
        end = end.where(end_stated, day_before)
    crossed = (end < start).to_numpy()
    if crossed.any():
        messages = (
            "Row " + claims.loc[crossed, "source_row"].astype("str") + ": the window ends on " + end[crossed].dt.strftime("%Y-%m-%d")
            + ", before it starts on " + start[crossed].dt.strftime("%Y-%m-%d") + "; it was kept without its end. Correct it in the source."
        )  # fmt: skip
        issues.add_cells(
            "window_crossed",
            "error",
            "date_end",
            claims.loc[crossed, "source_row"],
            end[crossed].dt.strftime("%Y-%m-%d").astype("str"),
            messages.astype("str"),
        )
        end = end.where(~crossed, start)
    claims["date_start"], claims["date_end"], claims["reported_on"] = start, end, reported
    claims["edtf"], own = _described(start, end)
    coded = fields.get("date_precision_code")
    claims["date_precision_code"] = (
        own if coded is None else np.where(own == 0, 0, np.maximum(_precisions(coded, length, 0), own))
    )


def _days(days: list[Any]) -> pd.Series[Any]:
    return pd.Series(
        pd.to_datetime(pd.Series(days, dtype="object"), errors="coerce").astype("datetime64[us]")
    )


def _described(start: pd.Series[Any], end: pd.Series[Any]) -> tuple[pd.Series[str], npt.NDArray[np.int64]]:
    """Return the EDTF text and the precision code of each window, each distinct window described once."""
    windows = pd.DataFrame({"start": start, "end": end})
    distinct = windows.drop_duplicates().reset_index(drop=True)
    texts, codes = [], []
    for first, last in zip(distinct["start"], distinct["end"], strict=True):
        texts.append("" if pd.isna(first) else edtf_of(first.date(), None if pd.isna(last) else last.date()))
        codes.append(0 if pd.isna(first) or pd.isna(last) else precision_of(first.date(), last.date()))
    described = windows.merge(
        distinct.assign(edtf=pd.Series(texts, dtype="str"), code=codes), on=["start", "end"], how="left"
    )
    return described["edtf"].fillna(""), described["code"].fillna(0).to_numpy(dtype=np.int64)


def _set_places(claims: pd.DataFrame, context: Context, issues: IssueList) -> None:
    """Fill kind, id, governorate, P-code and country from the gazetteer, and set apart coordinates that can't be."""
    gazetteer = context.gazetteer
    stated = claims["admin1"].map(
        {
            name: place.admin1 if (place := gazetteer.governorate(name)) else name
            for name in claims["admin1"].unique()
        }
    )
    keys = ["name", "admin1", "stated_country", "stated_kind"]
    pairs = pd.DataFrame(
        {
            "name": claims["place_name"].mask(claims["place_name"] == "", claims["place_name_native"]),
            "admin1": stated,
            "stated_country": claims["country_code"],
            "stated_kind": claims["place_kind_code"],
        }
    )
    distinct = pairs.drop_duplicates().reset_index(drop=True)
    known = [
        gazetteer.resolve(name, admin1 if gazetteer.governorate(admin1) else "", country, kind)
        for name, admin1, country, kind in zip(*(distinct[key] for key in keys), strict=True)
    ]
    distinct["place_id"] = [found.place.place_id if found.place else "" for found in known]
    distinct["kind"] = [
        ("" if found.is_ambiguous else found.place.kind_code) if found.place else "" for found in known
    ]
    distinct["found_admin1"] = [found.admin1 for found in known]
    distinct["country"] = [found.country_code for found in known]
    looked = pairs.merge(distinct, on=keys, how="left")
    looked.index = claims.index
    claims["place_id"] = looked["place_id"]
    claims["admin1"] = stated.mask(stated == "", looked["found_admin1"])
    claims["place_kind_code"] = claims["place_kind_code"].mask(
        claims["place_kind_code"] == "", looked["kind"]
    )
    claims["country_code"] = claims["country_code"].mask(claims["country_code"] == "", looked["country"])
    shires = {name: gazetteer.governorate(name) for name in claims["admin1"].unique()}
    claims["pcode"] = claims["admin1"].map(
        {name: place.pcode if place else "" for name, place in shires.items()}
    )
    country = claims["admin1"].map(
        {name: place.country_code if place else "" for name, place in shires.items()}
    )
    claims["country_code"] = claims["country_code"].mask(claims["country_code"] == "", country)
    half = (claims["latitude"].isna() != claims["longitude"].isna()).to_numpy()
    null_island = ((claims["latitude"] == 0) & (claims["longitude"] == 0)).to_numpy()
    for where, code, why in (
        (half, "half_coordinate", "one coordinate without the other"),
        (null_island, "zero_coordinate", "coordinates 0, 0, which lie in the Atlantic"),
    ):
        if where.any():
            rows = claims.loc[where, "source_row"]
            issues.add_cells(
                code,
                "error",
                "latitude",
                rows,
                pd.Series("", index=rows.index, dtype="str"),
                ("Row " + rows.astype("str") + f": {why}; the pair was left blank.").astype("str"),
            )
            claims.loc[where, ["latitude", "longitude"]] = np.nan


def _victims(fields: Fields, length: int) -> pd.DataFrame:
    if "victim_name" not in fields and "victim_name_native" not in fields:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in VICTIM_DRAFT_COLUMNS})
    none = np.full(length, None, dtype=object)
    victims = pd.DataFrame(
        {
            "draft_no": np.arange(length),
            "name_published": [value or "" for value in fields.get("victim_name", none)],
            "name_native": [value or "" for value in fields.get("victim_name_native", none)],
            "sex_code": [value or "unknown" for value in fields.get("victim_sex_code", none)],
            "age_years": [
                np.nan if value is None else float(value) for value in fields.get("victim_age", none)
            ],
        }
    )
    return victims[(victims["name_published"] != "") | (victims["name_native"] != "")]
