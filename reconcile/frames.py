"""The nouns of the program: every frame that passes between stages, each column with its meaning and its unit.

Conventions, the same in every frame:

* Text is never null: an empty text means that the monitor did not state it.
* Numbers are null where not stated. A figure's `high` that is null is open ("at least").
* Several codes or ids in one cell are separated by one space, sorted; ids hold no spaces.
* Dates are local calendar days, without a clock or a zone; both ends of a window belong to it.
* `_code` is a term of a vocabulary in `rules/vocabularies`.

The descriptions are used four times: here, in docs/frames.md, on the workbook's Dictionary sheet, and in messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

if TYPE_CHECKING:
    from collections.abc import Iterator

# Pandas' own unit for days that come from text; a finer one would overflow, a coarser one is no Parquet type.
DAYS_KEPT_AS = "datetime64[us]"
CHANGE_CODES = (
    "new", "withdrawn", "reopened", "revised_up", "revised_down", "revised", "regraded", "repositioned", "moved", "redated",
    "reattributed", "split", "merged", "renumbered", "figure_added", "figure_withdrawn",
)  # fmt: skip
HEALTH_CODES = (
    "failed", "failed_again", "recovered", "fewer_rows", "more_rows", "silent", "same_as_last", "same_as_earlier",
    "copied_release", "column_lost", "column_renamed", "column_emptied", "column_new",
)  # fmt: skip


def _column(description: str, unit: str = "", **checks: Any) -> Any:
    return pa.Field(description=description, metadata={"unit": unit}, **checks)


class _Frame(pa.DataFrameModel):
    class Config:
        """No other columns, and these in order."""

        strict = True
        ordered = True


class SourceRows(pa.DataFrameModel):
    """A row as published: all text, with its place of origin. Its other columns are the source's own."""

    source_file: Series[str] = _column("Name of the file the row was read from.")
    source_sheet: Series[str] = _column("Sheet of the workbook; empty for files without sheets.")
    source_row: Series[np.int64] = _column(
        "Row in the file as a spreadsheet shows it, the header included.", ge=1
    )
    file_sha256: Series[str] = _column("SHA-256 of the file's bytes.")

    class Config:
        """The source's own columns follow."""

        strict = False


class RowFates(_Frame):
    """What became of one row of a source file. Every row read has exactly one fate."""

    source_file: Series[str] = _column("Name of the file.")
    source_sheet: Series[str] = _column("Sheet of the workbook; empty for files without sheets.")
    source_row: Series[np.int64] = _column("Row in the file, the header included.", ge=1)
    fate_code: Series[str] = _column(
        "claimed, quarantined, corrected_away, out_of_scope or not_data.",
        isin=["claimed", "quarantined", "corrected_away", "out_of_scope", "not_data"],
    )


class Claims(_Frame):
    """One monitor's statement about one incident, victim or period. Sorted by `claim_id`."""

    claim_id: Series[str] = _column(
        "`monitor:native id`, or a hash of the row where the monitor gives none.", unique=True
    )
    monitor: Series[str] = _column("Who claims.")
    layout: Series[str] = _column("How the file the claim came in is laid out.")
    kind_code: Series[str] = _column("What is claimed about: incident, victim or total (a period).")
    unit_code: Series[str] = _column(
        "What one record is: incident, allegation, event_summary, person or total."
    )
    native_id: Series[str] = _column("The monitor's own id, as published.")
    native_incident_ids: Series[str] = _column("The monitor's incident codes; a record may carry several.")
    previous_ids: Series[str] = _column(
        "Ids of the monitor's own that the record bore before, where it says so; other records may bear them now."
    )
    date_start: Series[pa.DateTime] = _column("First day the events may have happened on.", nullable=True)
    date_end: Series[pa.DateTime] = _column("Last day the events may have happened on.", nullable=True)
    date_precision_code: Series[np.int64] = _column(
        "1 day, 2 two to six days, 3 week, 4 month, 5 more than a month; 0 no date.", ge=0, le=5
    )
    edtf: Series[str] = _column("The window in EDTF (ISO 8601-2).")
    reported_on: Series[pa.DateTime] = _column("Day the claim was published.", nullable=True)
    place_name: Series[str] = _column("Place, as published in Latin script.")
    place_name_native: Series[str] = _column("Place, as published in the local script.")
    place_kind_code: Series[str] = _column("Kind of place: city, town, village, governorate, ...")
    place_id: Series[str] = _column("The gazetteer's id of the narrowest place recognised in the name.")
    admin1: Series[str] = _column(
        "Governorate or province, in the gazetteer's spelling where it is known there."
    )
    admin2: Series[str] = _column("District, as published.")
    admin3: Series[str] = _column("Sub-district, as published.")
    pcode: Series[str] = _column("OCHA P-code of the governorate, from the gazetteer.")
    country_code: Series[str] = _column("ISO 3166-1 alpha-3 code of the country.")
    latitude: Series[float] = _column(
        "Latitude as published.", unit="degrees, WGS84", nullable=True, ge=-90, le=90
    )
    longitude: Series[float] = _column(
        "Longitude as published.", unit="degrees, WGS84", nullable=True, ge=-180, le=180
    )
    location_precision_code: Series[np.int64] = _column(
        "1 exact or street, 2 neighbourhood, village or town, 3 city or sub-district, 4 district, 5 governorate, "
        "6 country or not stated.",
        ge=1,
        le=6,
    )
    perpetrator_codes: Series[str] = _column(
        "Who is said to have done it; several where they compete or acted together."
    )
    attribution_code: Series[str] = _column(
        "How firmly: confirmed, stated, likely, contested, parties (both sides named, no attacker)."
    )
    violence_code: Series[str] = _column("Means or kind of violence.")
    grade_code: Series[str] = _column("The monitor's own assessment, as a term of the grades vocabulary.")
    grade_raw: Series[str] = _column("The monitor's own assessment, as published.")
    position_code: Series[str] = _column(
        "A belligerent's position on it: conceded, denied, not_assessed; empty for others."
    )
    origin_ids: Series[str] = _column("Who first asserted it, as far as the record says.")
    reported_via: Series[str] = _column("Through whom the claim reached the record, as published.")
    report_count: Series[float] = _column(
        "Reports or sources the monitor says it used.", unit="reports", nullable=True, ge=0
    )
    url: Series[str] = _column("Where it was published.")
    text: Series[str] = _column(
        "The claim's own words, where the source has a text. Blank in outputs by default."
    )
    note: Series[str] = _column("A remark in the source file. Blank in outputs by default.")
    source_file: Series[str] = _column("Name of the file the claim was read from.")
    source_sheet: Series[str] = _column("Sheet of the workbook; empty for files without sheets.")
    source_row: Series[np.int64] = _column("Row in the file, the header included.", ge=1)
    file_sha256: Series[str] = _column("SHA-256 of the file's bytes.")


class Origins(_Frame):
    """One source that a claim names: who first asserted it, or who passed it on."""

    claim_id: Series[str] = _column("The claim.")
    origin_code: Series[str] = _column(
        "The source, as a term of the origins vocabulary; empty for an outlet not there."
    )
    name: Series[str] = _column("The source's name.")
    role_code: Series[str] = _column(
        "asserts (a first asserter), last_known (a relay or nameless word, and no one firmer is named), passes_on (a relay or "
        "outlet beside one) or names_nobody (a nameless word beside one). The first two count as origins.",
        isin=["asserts", "last_known", "passes_on", "names_nobody"],
    )
    basis_code: Series[str] = _column(
        "named (the record names it), monitor (the record names nobody but the monitor itself) or outlet (through whom it came).",
        isin=["named", "monitor", "outlet"],
    )


class Figures(_Frame):
    """One number of one claim: an interval of persons, with the words it was published in."""

    claim_id: Series[str] = _column("The claim it belongs to.")
    measure_code: Series[str] = _column("What is counted: killed, injured, ...")
    population_code: Series[str] = _column("Who is counted: civilian, combatant, all, unknown.")
    sex_code: Series[str] = _column("any, female, male or unknown.")
    age_group_code: Series[str] = _column("any, child (under 18), adult or unknown.")
    low: Series[float] = _column("Lowest number that agrees with the claim.", unit="persons", ge=0)
    best: Series[float] = _column(
        "The number the monitor itself puts forward, where it does.", unit="persons", nullable=True, ge=0
    )
    high: Series[float] = _column(
        "Highest number that agrees with the claim; empty means open.", unit="persons", nullable=True, ge=0
    )
    qualifier_code: Series[str] = _column(
        "exact, at_least, more_than, up_to, about, range, vague, none_reported or not_stated."
    )
    verbatim: Series[str] = _column("The number as published.")
    role_code: Series[str] = _column(
        "alleged, or conceded by a belligerent. A conceded figure enters no comparison and no sum."
    )

    @pa.dataframe_check
    def low_to_high(cls, figures: pd.DataFrame) -> pd.Series[bool]:  # type: ignore[misc]  # noqa: N805 - pandera makes it a class method
        """Low <= best <= high wherever they are stated."""
        best = figures["best"].fillna(figures["low"])
        high = figures["high"].fillna(np.inf)
        return (figures["low"] <= best) & (best <= high)


class Victims(_Frame):
    """A person named by a claim. Restricted: names leave the program only with `--include-names`."""

    person_id: Series[str] = _column(
        "Keyed id (HMAC) of the record; the key stays with the job.", unique=True
    )
    claim_id: Series[str] = _column("The claim that names the person.")
    name_published: Series[str] = _column("Name as published.")
    name_native: Series[str] = _column("Name as published in the local script.")
    sex_code: Series[str] = _column("female, male or unknown.")
    age_low_years: Series[float] = _column(
        "Youngest age at death that agrees with the claim.", unit="years", nullable=True, ge=0
    )
    age_high_years: Series[float] = _column(
        "Oldest age at death that agrees with the claim, equal to the youngest where one number is stated; "
        "empty beside a youngest means open.",
        unit="years",
        nullable=True,
        ge=0,
    )
    birth_year: Series[float] = _column(
        "Year of birth, where it or a day of birth is stated.", unit="year", nullable=True, ge=1800, le=2100
    )

    @pa.dataframe_check
    def young_to_old(cls, victims: pd.DataFrame) -> pd.Series[bool]:  # type: ignore[misc]  # noqa: N805 - pandera makes it a class method
        """Youngest <= oldest wherever an age is stated."""
        return victims["age_low_years"].fillna(0) <= victims["age_high_years"].fillna(np.inf)


class CandidatePairs(_Frame):
    """Two claims worth comparing, each pair once. Rows are positions in `Claims`, left before right."""

    left_row: Series[np.int32] = _column("Position of the left claim in Claims.", ge=0)
    right_row: Series[np.int32] = _column("Position of the right claim in Claims.", ge=0)
    rule_no: Series[np.int8] = _column(
        "Place in its file of the first blocking rule that brought them together, from 0.", ge=0
    )


class ComparedPairs(CandidatePairs):
    """Two claims compared. The levels are packed into one number, since millions of pairs share few patterns of them."""

    pattern: Series[np.int64] = _column("The levels of all comparisons, packed; see `spell_levels`.", ge=0)
    rarity_bits: Series[float] = _column(
        "What agreeing on something rare adds, or on something common takes.", unit="bits"
    )
    match_weight: Series[float] = _column("Sum of the levels' weights and the prior: log2 odds.", unit="bits")
    match_probability: Series[float] = _column("Match weight as a probability.", unit="share", ge=0, le=1)


class _Levels(_Frame):
    """The level of every comparison that any kind of claim has; empty where the kind has no such comparison."""

    kind_code: Series[str] = _column("What is linked: incident or victim.", isin=["incident", "victim"])
    date_level: Series[str] = _column("Level of the dates.")
    place_level: Series[str] = _column("Level of the places.")
    attacker_level: Series[str] = _column("Level of the attackers.")
    number_level: Series[str] = _column("Level of the numbers killed.")
    injured_level: Series[str] = _column("Level of the numbers injured.")
    position_level: Series[str] = _column("Level of a belligerent's position against the other's grade.")
    victims_level: Series[str] = _column("Level of the victims that two incidents name.")
    name_level: Series[str] = _column("Level of two victims' names.")
    age_level: Series[str] = _column("Level of two victims' ages.")
    sex_level: Series[str] = _column("Level of two victims' sexes.")
    incident_level: Series[str] = _column("Level of the incidents that two victims died in.")


LEVEL_COLUMNS = tuple(name for name in _Levels.to_schema().columns if name.endswith("_level"))


class Patterns(_Levels):
    """A pattern of levels and how many candidate pairs stand on it: all that training and explanation need."""

    pattern: Series[np.int64] = _column("The levels, packed.", ge=0)
    pairs: Series[np.int64] = _column("Candidate pairs that stand on it.", unit="pairs", ge=1)
    weight_bits: Series[float] = _column("Prior and weights of the levels, rarity aside.", unit="bits")


class PairVerdicts(_Levels):
    """The verdict of a compared pair after judgements and assignment, for pairs at or above `possible`."""

    left_id: Series[str] = _column("Claim id of the left side.")
    right_id: Series[str] = _column("Claim id of the right side.")
    rule_code: Series[str] = _column("The first blocking rule that brought them together.")
    rarity_bits: Series[float] = _column(
        "What agreeing on something rare adds, or on something common takes.", unit="bits"
    )
    match_weight: Series[float] = _column("Sum of the levels' weights and the prior.", unit="bits")
    match_probability: Series[float] = _column(
        "Probability of a match, the rivals of either side set against it.", unit="share", ge=0, le=1
    )
    verdict_code: Series[str] = _column(
        "match, possible, displaced (lost to a better claim) or rejected (by a judgement).",
        isin=["match", "possible", "displaced", "rejected"],
    )
    displaced_by: Series[str] = _column("The claim that took the place.")


class LinkedClaims(_Frame):
    """A claim in its cluster. A claim is `same` or `part_of` in exactly one; a summary may cover several."""

    claim_id: Series[str] = _column("The claim.")
    cluster_id: Series[str] = _column("The incident or victim it belongs to.")
    cluster_kind_code: Series[str] = _column("incident, victim, summary or total.")
    relation_code: Series[str] = _column("same, part_of or covers.", isin=["same", "part_of", "covers"])
    link_basis_code: Series[str] = _column(
        "What holds it there: weight, judgement, split (one monitor's own parts) or alone.",
        isin=["weight", "judgement", "split", "alone"],
    )


class BridgeSteps(_Frame):
    """One step from a total to the incidents of one monitor in its window."""

    total_id: Series[str] = _column("Claim id of the total.")
    measure_code: Series[str] = _column("What is counted.")
    population_code: Series[str] = _column("Who is counted.")
    monitor: Series[str] = _column("Whose incidents are summed.")
    step_no: Series[np.int64] = _column("Order of the step.", ge=1)
    step_code: Series[str] = _column("What the step lets in.")
    is_headline: Series[bool] = _column("Whether this is the sum the monitor itself would put forward.")
    is_covered: Series[bool] = _column(
        "Whether the monitor's files reach over the whole window of the total."
    )
    incidents: Series[np.int64] = _column(
        "Incidents the step lets in, with a figure or without.", unit="incidents", ge=0
    )
    low: Series[float] = _column("Sum of lows.", unit="persons", ge=0)
    high: Series[float] = _column("Sum of highs; empty means open.", unit="persons", nullable=True)
    residual_low: Series[float] = _column(
        "Total's low minus the sum's high: what the incidents cannot explain.", unit="persons", nullable=True
    )
    residual_high: Series[float] = _column("Total's high minus the sum's low.", unit="persons", nullable=True)
    explanation: Series[str] = _column("The step in a sentence.")
    claim_ids: Series[str] = _column("Claims behind the sum.")
    left_out_ids: Series[str] = _column("Claims that a wider step would let in, and this one leaves out.")


class WindowRelations(_Frame):
    """How the windows of two totals of one topic lie to each other, and whether their numbers may be added."""

    topic_id: Series[str] = _column(
        "Totals that count the same: measure, population, sex, age, attacker and place, or a place inside it."
    )
    measure_code: Series[str] = _column("What is counted.")
    population_code: Series[str] = _column("Who is counted.")
    sex_code: Series[str] = _column("any, female, male or unknown.")
    age_group_code: Series[str] = _column("any, child (under 18), adult or unknown.")
    series: Series[str] = _column("The series, or the monitor, both are of; empty where they are of two.")
    left_id: Series[str] = _column(
        "Claim id of the total that begins earlier, of two that begin together the shorter."
    )
    right_id: Series[str] = _column("Claim id of the other.")
    relation_code: Series[str] = _column(
        "equal, within (the left one in the right), covers (the right one in the left), overlaps, touches (the right "
        "begins on the day after the left) or apart.",
        isin=["equal", "within", "covers", "overlaps", "touches", "apart"],
    )
    shared_days: Series[np.int64] = _column("Days that lie in both windows.", unit="days", ge=0)
    start_gap_days: Series[np.int64] = _column(
        "Days from the left one's first day to the right one's.", unit="days"
    )
    scope_relation_code: Series[str] = _column(
        "How what they count lies to each other: equal, within (the left one's scope in the right one's), covers, "
        "shares (they may share some) or apart (nobody is in both).",
        isin=["equal", "within", "covers", "shares", "apart"],
    )
    may_be_added: Series[bool] = _column(
        "Whether nobody can be in both numbers: the windows share no day, or the places or attackers exclude each other."
    )
    is_one_origin: Series[bool] = _column(
        "Whether both rest on what one origin said, through whomever it came."
    )
    explanation: Series[str] = _column("The relation in a sentence.")


class DerivedTotals(_Frame):
    """What two cumulative totals of one topic imply for the days between their ends. No monitor stated it."""

    derived_id: Series[str] = _column("Hash of the two claims and of what is counted.", unique=True)
    topic_id: Series[str] = _column("The topic of both.")
    monitor: Series[str] = _column("Whose totals they are.")
    later_id: Series[str] = _column("Claim id of the total that reaches further.")
    earlier_id: Series[str] = _column("Claim id of the one taken away.")
    measure_code: Series[str] = _column("What is counted.")
    population_code: Series[str] = _column("Who is counted.")
    sex_code: Series[str] = _column("any, female, male or unknown.")
    age_group_code: Series[str] = _column("any, child (under 18), adult or unknown.")
    date_start: Series[pa.DateTime] = _column("First day after the earlier total's end.")
    date_end: Series[pa.DateTime] = _column("Last day of the later total.")
    low: Series[float] = _column(
        "Later low minus earlier high, open where the earlier is; below zero where the later total is the smaller.",
        unit="persons",
        nullable=True,
    )
    high: Series[float] = _column(
        "Later high minus earlier low; empty means open.", unit="persons", nullable=True
    )
    explanation: Series[str] = _column("The difference in a sentence.")


class InconsistentSets(_Frame):
    """A smallest set of numbers that cannot all be true: leave any one of them out, and the rest can."""

    set_id: Series[str] = _column("Hash of the rule, the claims and what is counted.", unique=True)
    cause_id: Series[str] = _column("Sets that share a number have one cause: the least of their ids.")
    code: Series[str] = _column("Kind of discrepancy it is an instance of.")
    rule_code: Series[str] = _column(
        "Which rule they break: window_subset, window_sum, part_of_whole, parts_sum, ledger_sum, ledger_carry or batch."
    )
    series: Series[str] = _column("The series, or the monitor, whose numbers they are.")
    measure_code: Series[str] = _column("What is counted.")
    population_code: Series[str] = _column("Who is counted.")
    sex_code: Series[str] = _column("any, female, male or unknown.")
    age_group_code: Series[str] = _column("any, child (under 18), adult or unknown.")
    claim_ids: Series[str] = _column("The claims, in the order in which `stated` names their numbers.")
    stated: Series[str] = _column("The numbers as they stand against each other: 15,899 + 725 ≠ 16,248.")
    expected_low: Series[float] = _column("Least that the other numbers allow.", nullable=True)
    expected_high: Series[float] = _column(
        "Most that the other numbers allow; empty means open.", nullable=True
    )
    observed_low: Series[float] = _column("Low of the number held against them.", nullable=True)
    observed_high: Series[float] = _column("High of it; empty means open.", nullable=True)
    gap: Series[float] = _column("By how much the two miss each other.", nullable=True)
    over_missing_days: Series[np.int64] = _column(
        "Days inside the set for which the series has no number, which may hold the gap.", unit="days", ge=0
    )
    date_start: Series[pa.DateTime] = _column(
        "First day of the last number's own window or report.", nullable=True
    )
    date_end: Series[pa.DateTime] = _column("Last day of it.", nullable=True)
    explanation: Series[str] = _column("What does not hold, in a sentence.")


class Drafts(_Frame):
    """A claim read from prose by rules, a draft until a person accepts it. In the order of the text."""

    claim_no: Series[np.int64] = _column("Number of the draft, from 1.", ge=1)
    asserted_by: Series[str] = _column("Who says it, as the article names them; empty where it does not.")
    reported_via: Series[str] = _column("Through whom it reached the article, the publisher last.")
    measure_code: Series[str] = _column("What is counted: killed, injured, freed, displaced, ...")
    population_code: Series[str] = _column("Who is counted: civilian, combatant, all, unknown.")
    low: Series[float] = _column(
        "Lowest number that agrees with the text.", unit="persons", ge=0, nullable=True
    )
    best: Series[float] = _column("A number put forward beside a range.", unit="persons", nullable=True)
    high: Series[float] = _column(
        "Highest number that agrees; empty means open.", unit="persons", nullable=True
    )
    qualifier_code: Series[str] = _column(
        "exact, at_least, more_than, up_to, about, range, vague, none_reported or not_stated."
    )
    verbatim: Series[str] = _column("The number in the article's words.")
    date_start: Series[pa.DateTime] = _column(
        "First day, resolved against the day of publication.", nullable=True
    )
    date_end: Series[pa.DateTime] = _column("Last day, likewise.", nullable=True)
    place_name: Series[str] = _column("Place, as the article writes it.")
    place_basis_code: Series[str] = _column(
        "stated in the sentence, context (carried from the text before it, so inferred), or empty without a place.",
        isin=["stated", "context", ""],
    )
    perpetrator_codes: Series[str] = _column("Who is said to have done it.")
    violence_code: Series[str] = _column("Means or kind of violence.")
    sentence: Series[str] = _column("The sentence.")
    span_start: Series[np.int64] = _column(
        "Where the sentence begins in the article's text.", unit="characters", ge=0
    )
    span_end: Series[np.int64] = _column("Where it ends, exclusive.", unit="characters", ge=0)
    confidence: Series[float] = _column("How far the reading can be trusted.", unit="share", ge=0, le=1)
    reasons: Series[str] = _column("What raised or lowered it.")
    draft: Series[str] = _column("Always `draft`: no person has accepted it.")
    kind_code: Series[str] = _column("incident (one event) or total (a period).", isin=["incident", "total"])
    sex_code: Series[str] = _column("any, female, male or unknown.")
    age_group_code: Series[str] = _column("any, child (under 18), adult or unknown.")
    attribution_code: Series[str] = _column(
        "How firmly the attacker is named: confirmed, stated, likely, contested."
    )
    role_code: Series[str] = _column("alleged, or conceded by a belligerent.")
    place_kind_code: Series[str] = _column("Kind of place, where the text says it: city, governorate, ...")
    country_code: Series[str] = _column("ISO 3166-1 alpha-3 code of the country, where it is known.")
    published: Series[pa.DateTime] = _column("Day the article was published.", nullable=True)
    article: Series[str] = _column("File the article was read from.")
    language: Series[str] = _column("en or ar.")
    window_text: Series[str] = _column("The words the window was read from; empty where none is stated.")
    part_of: Series[np.int64] = _column(
        "Number of the draft whose people these are among (including 25 children); 0 where none.", ge=0
    )
    decision: Series[str] = _column("A person's decision: accept, edit, reject; empty until then.")
    reviewer: Series[str] = _column("Who decided.")
    note: Series[str] = _column("The reviewer's remark.")


class Discrepancies(_Frame):
    """One disagreement: what was found, what was expected, the gap, which claims, and what to do next."""

    discrepancy_id: Series[str] = _column(
        "Hash of code, measure and sorted claim ids, or of what a lasting habit is about: the same from run to run.",
        unique=True,
    )
    code: Series[str] = _column("Kind of discrepancy.")
    severity: Series[str] = _column(
        "S1 resolve before publishing, S2 explain, S3 note.", isin=["S1", "S2", "S3"]
    )
    cluster_id: Series[str] = _column("The incident it is about, where it is about one.")
    claim_ids: Series[str] = _column("The claims that disagree.")
    monitors: Series[str] = _column("Whose claims they are.")
    measure_code: Series[str] = _column("The measure, where it is about a number.")
    left_value: Series[str] = _column("What one side says.")
    right_value: Series[str] = _column("What the other side says.")
    gap: Series[float] = _column("Size of the disagreement.", nullable=True)
    gap_unit: Series[str] = _column("Unit of the gap: persons, days, km, incidents, reports.")
    people: Series[float] = _column(
        "People the claims speak of, at most; for ordering.", unit="persons", nullable=True
    )
    date_start: Series[pa.DateTime] = _column("Earliest day of the claims.", nullable=True)
    explanation: Series[str] = _column("The finding in a sentence.")
    suggested_action: Series[str] = _column("What to do next.")
    status_code: Series[str] = _column("open, explained, accepted, rejected or stale.")
    first_seen: Series[pa.DateTime] = _column("As-of day of the run that first found it.")


class Decisions(_Frame):
    """One decision of a person, and what became of it in this run. In the order of the files they are kept in."""

    kind_code: Series[str] = _column(
        "judgement (of two claims), correction (of one claim) or finding.",
        isin=["judgement", "correction", "finding"],
    )
    about_ids: Series[str] = _column("The two claims, the claim, or the finding.")
    decision_code: Series[str] = _column(
        "same, different, part_of or unsure; set or drop; accepted, explained, rejected or open."
    )
    column: Series[str] = _column("What is corrected; empty for other decisions.")
    expected: Series[str] = _column("The value that has to stand there for the correction to apply.")
    value: Series[str] = _column("The value that it sets.")
    reviewer: Series[str] = _column("Who decided.")
    decided_on: Series[pa.DateTime] = _column("When.")
    note: Series[str] = _column("Why.")
    seen: Series[str] = _column(
        "Print of what was decided on, as it stood then; empty where it was written by hand."
    )
    run: Series[str] = _column("First digits of the digest of the run it was decided on; likewise.")
    status_code: Series[str] = _column(
        "used, stale (what it is about changed since), not_in_run, not_applied (another value stands there now), kept (unsure) or withdrawn.",
        isin=["used", "stale", "not_in_run", "not_applied", "kept", "withdrawn"],
    )
    explanation: Series[str] = _column("What became of it, in a sentence.")


class Issues(_Frame):
    """One thing in a source that could not be taken as it is."""

    source_file: Series[str] = _column("Name of the file.")
    source_sheet: Series[str] = _column("Sheet of the workbook; empty for files without sheets.")
    source_row: Series[np.int64] = _column(
        "Row in the file; 0 where it is about the whole file or column.", ge=0
    )
    column: Series[str] = _column("The source's column.")
    value: Series[str] = _column("What was found; withheld where the column may hold names.")
    code: Series[str] = _column("Kind of issue.")
    severity: Series[str] = _column("error, warning or note.", isin=["error", "warning", "note"])
    row_count: Series[np.int64] = _column("Rows it stands for, this one included.", unit="rows", ge=1)
    message: Series[str] = _column("Where, what was found, what was allowed, what to do.")


class Coverage(_Frame):
    """What one monitor's files hold for one month."""

    monitor: Series[str] = _column("Monitor.")
    month: Series[str] = _column("Month, yyyy-mm.")
    claims: Series[np.int64] = _column("Incident claims that start in the month.", unit="claims", ge=0)
    killed_low: Series[float] = _column(
        "Sum of lows killed, in the population the monitor counts; event summaries aside.",
        unit="persons",
        ge=0,
    )
    state_code: Series[str] = _column(
        "reported, silent (inside its files' span, no claim), not_covered (outside it) or failed (a file was not read).",
        isin=["reported", "silent", "not_covered", "failed"],
    )


class CaptureLists(_Frame):
    """One monitor's list of victims, or of incidents: what it may be set against, and what became of it in the histories."""

    unit_code: Series[str] = _column("victim or incident.", isin=["victim", "incident"])
    group_code: Series[str] = _column(
        "Lists are set against each other inside one group: of victims, the population they take in; of incidents, incidents."
    )
    monitor: Series[str] = _column("Whose list it is.")
    list_code: Series[str] = _column(
        "Name of the list in the histories; lists merged into one share it. Empty where it is left out."
    )
    list_no: Series[np.int64] = _column("Place in the patterns, from 1; 0 where it is left out.", ge=0)
    state_code: Series[str] = _column(
        "kept, merged (with lists it depends on) or left_out.", isin=["kept", "merged", "left_out"]
    )
    records: Series[np.int64] = _column("Records of the list.", unit="records", ge=0)
    nameless: Series[np.int64] = _column(
        "Records of these without a name, which can't be matched and stand in no history.",
        unit="records",
        ge=0,
    )
    members: Series[np.int64] = _column(
        "Victims, or incidents, that the other records speak of.", unit="victims or incidents", ge=0
    )
    repeated: Series[np.int64] = _column(
        "Records that have the name, age, sex and day of another record of the list.", unit="records", ge=0
    )
    outside: Series[np.int64] = _column(
        "Victims outside the days and countries that the lists of the group share.", unit="victims", ge=0
    )
    first_day: Series[pa.DateTime] = _column(
        "Earliest day of a record; empty where none has one.", nullable=True
    )
    last_day: Series[pa.DateTime] = _column("Latest first day of a record.", nullable=True)
    country_codes: Series[str] = _column("Countries of its records.")
    explanation: Series[str] = _column("What became of the list and why, in a sentence.")


class CaptureHistories(_Frame):
    """How many victims, or incidents, of one stratum stand on exactly these lists."""

    unit_code: Series[str] = _column("victim or incident.", isin=["victim", "incident"])
    group_code: Series[str] = _column("The group of lists.")
    stratum_code: Series[str] = _column(
        "whole, month, place or month_place: what those counted are set apart by.",
        isin=["whole", "month", "place", "month_place"],
    )
    month: Series[str] = _column(
        "Month, yyyy-mm; empty where no stratum by month, or where the records do not tell the month."
    )
    country_code: Series[str] = _column("Country of the stratum; likewise.")
    admin1: Series[str] = _column("Governorate or province of the stratum; likewise.")
    lists: Series[str] = _column("The lists, in the order of the pattern.")
    pattern: Series[str] = _column(
        "A digit a list: 1 where it has them, 0 where not. That no list has them can't be counted, so 0 alone never stands."
    )
    members: Series[np.int64] = _column(
        "Victims, or incidents, with this pattern.", unit="victims or incidents", ge=1
    )


class ListOverlap(_Frame):
    """What two monitors' lists share in the days and countries that both cover."""

    unit_code: Series[str] = _column("victim or incident.", isin=["victim", "incident"])
    left: Series[str] = _column("One monitor.")
    right: Series[str] = _column("The other.")
    left_members: Series[np.int64] = _column(
        "Victims, or incidents, of the left one there.", unit="victims or incidents", ge=0
    )
    right_members: Series[np.int64] = _column("Those of the right one.", unit="victims or incidents", ge=0)
    both: Series[np.int64] = _column("Those on both.", unit="victims or incidents", ge=0)
    either: Series[np.int64] = _column("Those on one of them or both.", unit="victims or incidents", ge=0)
    jaccard: Series[float] = _column(
        "Both, of either: 0 nothing shared, 1 the same list; empty without any.",
        unit="share",
        nullable=True,
        ge=0,
        le=1,
    )
    left_share: Series[float] = _column("Of the left one, on both.", unit="share", nullable=True, ge=0, le=1)
    right_share: Series[float] = _column(
        "Of the right one, on both.", unit="share", nullable=True, ge=0, le=1
    )
    possible: Series[np.int64] = _column(
        "Possible matches between the two that wait for a person, not counted.", unit="pairs", ge=0
    )
    refused_code: Series[str] = _column(
        "Why nothing may be estimated from the two: derived, population, deaths, attackers, window, region, repeated or sparse; "
        "incident for incidents; empty where nothing forbids it."
    )
    explanation: Series[str] = _column("The same in a sentence.")


class OverlapEstimates(_Frame):
    """An estimate from the overlap of lists of victims, or why there is none. Never without docs/overlap.md beside it."""

    group_code: Series[str] = _column("The group of lists.")
    stratum_code: Series[str] = _column(
        "whole, month, place or month_place.", isin=["whole", "month", "place", "month_place"]
    )
    month: Series[str] = _column("Month of the stratum.")
    country_code: Series[str] = _column("Country of the stratum.")
    admin1: Series[str] = _column("Governorate or province of the stratum.")
    method_code: Series[str] = _column(
        "chapman (two lists), chao (a lower bound, as published), chao_corrected (its bias-corrected form) or chao_few_lists "
        "(as published, with the factor that few lists need).",
        isin=["chapman", "chao", "chao_corrected", "chao_few_lists"],
    )
    lists: Series[str] = _column("The lists, in the order of their patterns.")
    observed: Series[np.int64] = _column("Victims on any of the lists: documented.", unit="victims", ge=0)
    estimate: Series[float] = _column(
        "The estimate, or bound, of all, documented or not; empty where refused.",
        unit="victims",
        nullable=True,
    )
    low: Series[float] = _column("Low of its interval of 95 %.", unit="victims", nullable=True)
    high: Series[float] = _column("High of it.", unit="victims", nullable=True)
    refused_code: Series[str] = _column(
        "Why there is none: those of ListOverlap, few_lists (fewer than three), empty_list, no_overlap; empty where there is one."
    )
    explanation: Series[str] = _column("Why there is none, or what has to be kept in mind with it.")


class InputColumns(_Frame):
    """One column of one input file: what a later run holds the file's header against."""

    monitor: Series[str] = _column("Whose file it is; empty where a file that failed does not tell.")
    layout: Series[str] = _column("How the file is laid out; empty where it could not be read.")
    file: Series[str] = _column("Name of the file.")
    column: Series[str] = _column("The column, by the layout's own name for it where it has one.")
    use_code: Series[str] = _column(
        "read, ignored (by name, with a reason), or unknown to the layout.",
        isin=["read", "ignored", "unknown"],
    )
    filled: Series[np.int64] = _column("Rows in which it is not blank.", unit="rows", ge=0)
    rows: Series[np.int64] = _column("Rows of the file, its header aside.", unit="rows", ge=0)
    sketch: Series[str] = _column(
        "The least hashes of its first values, by which it is known again under another name; empty where they may name persons."
    )


class InputHealth(_Frame):
    """One thing about an input file that the runs before, or the other files, give reason to look at."""

    monitor: Series[str] = _column("Whose file it is; empty where a file that failed does not tell.")
    layout: Series[str] = _column("How the file is laid out; empty where it could not be read.")
    file: Series[str] = _column("Name of the file; of several that belong together, all of them.")
    code: Series[str] = _column(
        "failed, failed_again, recovered, fewer_rows, more_rows, silent, same_as_last, same_as_earlier, copied_release, "
        "column_lost, column_renamed, column_emptied or column_new.",
        isin=list(HEALTH_CODES),
    )
    severity: Series[str] = _column(
        "error (the run is degraded), warning or note.", isin=["error", "warning", "note"]
    )
    column: Series[str] = _column("The column, where it is about one.")
    value: Series[str] = _column("What was found.")
    expected: Series[str] = _column("What the runs before give reason to expect.")
    message: Series[str] = _column("Where, what was found, what was expected by which runs, what to do.")


class Changes(_Frame):
    """One change of one monitor's claim since the previous run. Told of monitors whose files both runs read whole."""

    change_id: Series[str] = _column("Hash of the change, its claims and what is counted.", unique=True)
    monitor: Series[str] = _column("Whose claim it is.")
    change_code: Series[str] = _column(
        "new, withdrawn, reopened (withdrawn before, or under review again), revised_up, revised_down, revised (neither), "
        "regraded, repositioned, moved, redated, reattributed, split, merged, renumbered, figure_added or figure_withdrawn.",
        isin=list(CHANGE_CODES),
    )
    claim_id: Series[str] = _column("The claim as it is called now; empty where it is withdrawn.")
    previous_id: Series[str] = _column("The claim as it was called then; empty where it is new.")
    basis_code: Series[str] = _column(
        "What tells that both are one claim: id, previous_code (the monitor says so), content (nothing but the id differs) "
        "or likeness; of a claim withdrawn, deletion where the monitor lists it as deleted; else empty.",
        isin=["id", "previous_code", "content", "likeness", "deletion", ""],
    )
    measure_code: Series[str] = _column("What is counted, where it is about a number; else empty.")
    population_code: Series[str] = _column("Who is counted, likewise.")
    sex_code: Series[str] = _column("any, female, male or unknown, likewise.")
    age_group_code: Series[str] = _column("any, child (under 18), adult or unknown, likewise.")
    role_code: Series[str] = _column("alleged, or conceded by a belligerent, likewise.")
    before: Series[str] = _column("What it said then.")
    after: Series[str] = _column("What it says now.")
    before_low: Series[float] = _column("Low of the number then.", unit="persons", nullable=True)
    before_high: Series[float] = _column(
        "High of it; empty beside a low means open.", unit="persons", nullable=True
    )
    after_low: Series[float] = _column("Low of the number now.", unit="persons", nullable=True)
    after_high: Series[float] = _column("High of it.", unit="persons", nullable=True)
    gap: Series[float] = _column(
        "By how much the number rose; below zero where it fell, empty where it did neither.",
        unit="persons",
        nullable=True,
    )
    explanation: Series[str] = _column("The change in a sentence.")
    date_start: Series[pa.DateTime] = _column(
        "First day the events may have happened on, as told now; of a withdrawn claim, as told then.",
        nullable=True,
    )


FRAMES: tuple[type[pa.DataFrameModel], ...] = (
    SourceRows,
    RowFates,
    Claims,
    Origins,
    Figures,
    Victims,
    CandidatePairs,
    ComparedPairs,
    Patterns,
    PairVerdicts,
    LinkedClaims,
    WindowRelations,
    DerivedTotals,
    InconsistentSets,
    BridgeSteps,
    Discrepancies,
    Decisions,
    Issues,
    Coverage,
    CaptureLists,
    CaptureHistories,
    ListOverlap,
    OverlapEstimates,
    InputColumns,
    InputHealth,
    Changes,
    Drafts,
)


def columns_of(frame: type[pa.DataFrameModel]) -> list[str]:
    """Return the names of a frame's declared columns, in order."""
    return list(frame.to_schema().columns)


def describe(frame: type[pa.DataFrameModel]) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, type, unit and description of each declared column of a frame."""
    shown = {
        "str": "text",
        "int64": "whole number",
        "int32": "whole number",
        "int8": "whole number",
        "float64": "number",
        "bool": "yes or no",
        DAYS_KEPT_AS: "day",
    }
    kinds = _dtypes(frame)
    for name, column in frame.to_schema().columns.items():
        metadata = column.metadata or {}
        yield name, shown[kinds[name]], str(metadata.get("unit", "")), str(column.description)


def _dtypes(frame: type[pa.DataFrameModel]) -> dict[str, str]:
    # Pinned here, because pandera's own names for text and days differ from the ones pandas stores them under.
    stored = {"datetime64[ns]": DAYS_KEPT_AS, "bool": "bool", "float64": "float64"} | {
        whole: whole for whole in ("int64", "int32", "int8")
    }
    return {name: stored.get(str(column.dtype), "str") for name, column in frame.to_schema().columns.items()}


def empty(frame: type[pa.DataFrameModel]) -> pd.DataFrame:
    """Return a frame without rows, with the declared columns and their types."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _dtypes(frame).items()})


def typed(frame: type[pa.DataFrameModel], rows: pd.DataFrame) -> pd.DataFrame:
    """Return `rows` with the declared columns in order and in their declared types, and validate them.

    Raises:
        pandera.errors.SchemaErrors: when the frame breaks its contract, which is a bug of ours.
    """
    kinds = _dtypes(frame)
    return cast(
        "pd.DataFrame", frame.validate(rows[list(kinds)].astype(kinds).reset_index(drop=True), lazy=True)
    )
