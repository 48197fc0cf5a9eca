"""Counts and quantities: what is read, what is refused, and what each vague word stands for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reconcile.parse.counts import folded, parse_count, parse_quantity, plain, words_from
from reconcile.parse.errors import Unreadable

TABLE = YAML(typ="safe").load(
    (Path(__file__).parents[2] / "rules" / "vocabularies" / "quantities.yaml").read_text(encoding="utf-8")
)
WORDS = {profile: words_from(profile, TABLE) for profile in TABLE["profiles"]}
AIRWARS = WORDS["airwars"]
# The only terms that are numbers under another name; every other term is vague.
NUMBERS_BY_NAME = {"one_person", "two_people", "half_a_dozen", "a_dozen"}

COUNTS = {
    "integer": ("3", 3),
    "zero": ("0", 0),
    "float_of_a_spreadsheet": ("28.0", 28),
    "fraction_of_gtd": ("2.5", 2.5),
    "long_fraction_of_gtd": ("0.3333333", 0.3333333),
    "three_decimals_after_zero_are_no_thousands": ("0.333", 0.333),
    "three_decimals_after_four_digits_are_no_thousands": ("1234.567", 1234.567),
    "comma_thousands": ("1,234", 1234),
    "comma_thousands_with_three_decimals": ("1,234.567", 1234.567),
    "space_thousands": ("1 234", 1234),
    "narrow_no_break_space_thousands": ("1\u202f234", 1234),
    "two_groups": ("1,234,567", 1234567),
    "arabic_indic": ("١٢٣", 123),
    "persian": ("۴۵۶", 456),
    "arabic_separators": ("١٬٢٣٤٫٥", 1234.5),
    "byte_order_mark": ("\ufeff12", 12),
    "direction_marks": ("\u200e12\u200f", 12),
    "spaces_around": ("\u00a0 12\t", 12),
}

NO_COUNTS = {
    "dot_thousands_or_decimals": "1.234",
    "dot_thousands_twice": "1.234.567",
    "decimal_comma": "12,5",
    "broken_groups": "12,34",
    "mixed_groups": "1,234 567",
    "negative": "-9",
    "negative_with_a_minus_sign": "−99",
    "nan": "nan",
    "nan_capital": "NaN",
    "infinity": "inf",
    "exponent": "1e3",
    "underscore": "1_000",
    "hexadecimal": "0x1f",
    "plus": "+5",
    "open_end": "5+",
    "superscript_is_no_digit": "²",
    "footnote_is_no_digit": "117²",
    "digits_of_a_script_not_listed": "१२",
    "words": "three",
    "two_numbers": "3 4",
    "phone_number": "963112345678901",
    "dash_for_nothing": "-",
    "trailing_dot": "3.",
    "prose": "3 " * 400,
}


@pytest.mark.parametrize(("text", "expected"), COUNTS.values(), ids=COUNTS)
def test_a_number_cell_is_read(text, expected):
    """Every way of typing one plain number gives that number."""
    assert parse_count(text) == expected


@pytest.mark.parametrize("text", NO_COUNTS.values(), ids=NO_COUNTS)
def test_what_is_not_one_plain_number_is_refused(text):
    """A cell that is not one plain number is refused, never read in part."""
    with pytest.raises(Unreadable):
        parse_count(text)


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\ufeff", "\u200e\u200f", "\n\t"])
def test_a_blank_cell_is_nothing(text):
    """A cell with nothing to see in it has no value, which is not zero."""
    assert parse_count(text) is None
    assert parse_quantity(text, AIRWARS) is None


def test_a_refusal_says_what_was_found_and_what_is_allowed():
    """The message quotes the cell and names the way out."""
    with pytest.raises(
        Unreadable, match=r"found '1\.234', whose dot may part decimals or thousands; write 1234"
    ):
        parse_count("1.234")


def test_a_long_cell_is_cut_in_the_message():
    """A message stays one line long, however long the cell."""
    with pytest.raises(Unreadable) as caught:
        parse_count("x" * 250)
    assert len(str(caught.value)) < 200


# text -> low, best, high, qualifier, under the default profile
QUANTITIES = {
    "number": ("117", 117, 117, 117, "exact"),
    "fraction": ("2.5", 2.5, 2.5, 2.5, "exact"),
    "exactly": ("exactly 5", 5, 5, 5, "exact"),
    "at_least": ("at least 117", 117, None, None, "at_least"),
    "no_fewer_than_is_not_no": ("no fewer than 12", 12, None, None, "at_least"),
    "greater_or_equal": ("≥8", 8, None, None, "at_least"),
    "greater_or_equal_in_ascii": (">=8", 8, None, None, "at_least"),
    "plus_after": ("8+", 8, None, None, "at_least"),
    "or_more": ("8 or more civilians", 8, None, None, "at_least"),
    "or_more_after_the_noun": ("8 civilians or more", 8, None, None, "at_least"),
    "at_least_zero": ("at least 0", 0, None, None, "at_least"),
    "hedge_on_both_sides_that_agrees": ("at least 8+", 8, None, None, "at_least"),
    "more_than": ("more than 1,600", 1601, None, None, "more_than"),
    "over": ("over 50", 51, None, None, "more_than"),
    "greater": (">8", 9, None, None, "more_than"),
    "more_than_a_dozen_is_more_than_12": ("more than a dozen", 13, None, None, "more_than"),
    "more_than_half_a_dozen": ("more than half a dozen", 7, None, None, "more_than"),
    "up_to": ("up to 200", 1, None, 200, "up_to"),
    "no_more_than_is_not_more_than": ("no more than 12", 1, None, 12, "up_to"),
    "fewer_than": ("<10", 1, None, 9, "up_to"),
    "about": ("about 40", 36, 40, 44, "about"),
    "about_rounds_outward": ("about 117", 105, 117, 129, "about"),
    "about_300_has_no_float_dust": ("about 300", 270, 300, 330, "about"),
    "about_few_widens_by_one": ("about 5", 4, 5, 6, "about"),
    "about_none_is_not_negative": ("about 0", 0, 0, 1, "about"),
    "or_so": ("30 or so", 27, 30, 33, "about"),
    "tilde": ("~40", 36, 40, 44, "about"),
    "nearly_is_from_below": ("nearly 300", 270, 300, 300, "about"),
    "hyphen_range": ("205-228", 205, None, 228, "range"),
    "en_dash_range": ("205–228", 205, None, 228, "range"),
    "en_dash_range_with_spaces": ("65 – 73", 65, None, 73, "range"),
    "minus_sign_range": ("205−228", 205, None, 228, "range"),
    "range_with_thousands": ("1,600 - 1,800", 1600, None, 1800, "range"),
    "between": ("between 8 and 10", 8, None, 10, "range"),
    "between_with_and_in_the_numbers": (
        "between one hundred and five and one hundred and ten",
        *(105, None, 110, "range"),
    ),
    "to": ("8 to 10 people", 8, None, 10, "range"),
    "noun_at_both_ends": ("8 civilians to 10 civilians", 8, None, 10, "range"),
    "or": ("five or six", 5, None, 6, "range"),
    "from_zero_says_so": ("0 to 20", 0, None, 20, "range"),
    "range_to_a_hundred": ("fifty to one hundred", 50, None, 100, "range"),
    "about_a_range": ("about 20-30", 18, None, 33, "about"),
    "range_of_one_number": ("5–5", 5, 5, 5, "exact"),
    "range_of_zero": ("0–0", 0, 0, 0, "none_reported"),
    "none": ("none", 0, 0, 0, "none_reported"),
    "no": ("No", 0, 0, 0, "none_reported"),
    "no_civilians": ("no civilians", 0, 0, 0, "none_reported"),
    "zero": ("0", 0, 0, 0, "none_reported"),
    "zero_in_words": ("zero", 0, 0, 0, "none_reported"),
    "unknown": ("unknown", 0, None, None, "not_stated"),
    "question_mark": ("?", 0, None, None, "not_stated"),
    "dozens": ("dozens", 12, None, 24, "vague"),
    "dozens_of_civilians": ("dozens of civilians", 12, None, 24, "vague"),
    "hundreds": ("hundreds", 100, None, None, "vague"),
    "hundreds_killed": ("Hundreds killed", 100, None, None, "vague"),
    "thousands": ("thousands", 1000, None, None, "vague"),
    "several": ("several", 2, None, None, "vague"),
    "at_least_dozens_opens_the_top": ("at least dozens", 12, None, None, "vague"),
    "up_to_dozens_opens_the_bottom": ("up to dozens", 1, None, 24, "vague"),
    "dozens_to_hundreds": ("dozens or hundreds", 12, None, None, "vague"),
    "a_number_is_no_number": ("a number of people", 2, None, None, "vague"),
    "several_hundred_is_not_a_hundred": ("several hundred", 200, None, None, "vague"),
    "tens_of_thousands_is_not_tens": ("tens of thousands", 10000, None, None, "vague"),
    "unknown_number_is_somebody": ("an unknown number of civilians", 2, None, None, "vague"),
    "a_dozen": ("a dozen", 12, 12, 12, "exact"),
    "two_dozen_is_not_2": ("two dozen", 24, 24, 24, "exact"),
    "half_a_dozen": ("half a dozen", 6, 6, 6, "exact"),
    "a_hundred": ("a hundred", 100, 100, 100, "exact"),
    "one": ("one", 1, 1, 1, "exact"),
    "a_civilian": ("a civilian", 1, 1, 1, "exact"),
    "at_least_a_civilian": ("at least a civilian", 1, None, None, "at_least"),
    "tens_and_unit": ("twenty-five", 25, 25, 25, "exact"),
    "hundred_and": ("one hundred and five", 105, 105, 105, "exact"),
    "long_number": (
        "two hundred and five thousand three hundred and one",
        *(205301, 205301, 205301, "exact"),
    ),
    "digits_and_scale": ("3 thousand", 3000, 3000, 3000, "exact"),
    "fraction_and_scale": ("1.5 million", 1500000, 1500000, 1500000, "exact"),
    "person_noun": ("117 civilians", 117, 117, 117, "exact"),
    "person_nouns": ("12 people were killed", 12, 12, 12, "exact"),
    "footnote_star": ("117*", 117, 117, 117, "exact"),
    "footnote_bracket": ("117[1]", 117, 117, 117, "exact"),
    "footnote_superscript_is_no_digit": ("117²", 117, 117, 117, "exact"),
    "footnote_first": ("*117", 117, 117, 117, "exact"),
    "full_stop": ("at least 12.", 12, None, None, "at_least"),
    "quotes": ("“dozens”", 12, None, 24, "vague"),
    "byte_order_mark": ("\ufeff117", 117, 117, 117, "exact"),
    "ar_digits": ("٢٠٥–٢٢٨", 205, None, 228, "range"),
    "ar_direction_marks": ("\u200f205\u200e–\u200f228", 205, None, 228, "range"),
    "ar_at_least": ("ما لا يقل عن 12", 12, None, None, "at_least"),
    "ar_at_least_with_noun": ("ما لا يقل عن ١٢ مدنيًا", 12, None, None, "at_least"),
    "ar_at_least_after": ("12 على الأقل", 12, None, None, "at_least"),
    "ar_more_than": ("أكثر من 50", 51, None, None, "more_than"),
    "ar_more_than_without_hamza": ("اكثر من 50", 51, None, None, "more_than"),
    "ar_up_to": ("ما يصل إلى 20", 1, None, 20, "up_to"),
    "ar_about": ("نحو 40", 36, 40, 44, "about"),
    "ar_between": ("بين 8 و 10", 8, None, 10, "range"),
    "ar_between_and_attached": ("بين 8 و10", 8, None, 10, "range"),
    "ar_between_words_and_attached": ("بين ثمانية وعشرة", 8, None, 10, "range"),
    "ar_from_to": ("من 8 إلى 10", 8, None, 10, "range"),
    "ar_tens_are_not_dozens": ("عشرات", 10, None, 99, "vague"),
    "ar_tens_of_the_dead": ("عشرات القتلى", 10, None, 99, "vague"),
    "ar_hundreds": ("مئات", 100, None, None, "vague"),
    "ar_tens_of_thousands": ("عشرات الآلاف", 10000, None, None, "vague"),
    "ar_dual_is_two": ("قتيلان", 2, 2, 2, "exact"),
    "ar_dual_with_two": ("مدنيين اثنين", 2, 2, 2, "exact"),
    "ar_dual_thousand": ("ألفان", 2000, 2000, 2000, "exact"),
    "ar_singular_is_one": ("قتيل", 1, 1, 1, "exact"),
    "ar_scale": ("12 ألف", 12000, 12000, 12000, "exact"),
    "ar_none": ("لا يوجد", 0, 0, 0, "none_reported"),
}

NO_QUANTITIES = {
    "families_are_not_people": "117 families",
    "family_of_five_may_have_lived": "a family of five",
    "age": "aged 30",
    "age_with_hyphens": "8-year-old",
    "age_group": "6 over-18",
    "per_cent": "30%",
    "arabic_per_cent": "٣٠٪",
    "money": "$30",
    "calibre": "155mm",
    "clock": "10:30",
    "date": "2017-06-18",
    "day_of_a_month": "17 June",
    "numero": "No. 5",
    "one_of_several": "8/10",
    "addition": "another 12",
    "addition_sign": "+12",
    "dozens_more": "dozens more",
    "part_of_a_whole": "12 of them",
    "including": "117 civilians including 20 children",
    "killed_and_wounded": "5 killed and 3 wounded",
    "two_numbers": "8 and 10",
    "brackets_around_a_number_are_no_footnote": "117 (20 children)",
    "number_in_brackets_only": "[117]",
    "negative": "-5",
    "negative_after_hedge": "about -5",
    "reversed_range": "228–205",
    "reversed_vague_range": "hundreds to several",
    "three_ends": "5-6-7",
    "range_without_end": "from 8",
    "between_with_one_number": "between one hundred and five",
    "range_that_parts_in_two_ways": "between one thousand and two hundred and five thousand",
    "range_that_shares_hundreds": "two to three hundred",
    "range_that_shares_thousands": "2-3 thousand",
    "range_that_shares_dozens": "one to two dozen",
    "hedged_range": "at least 8 to 10",
    "contradicting_hedges": "up to 8+",
    "none_with_a_number": "none 5",
    "unknown_with_a_number": "unknown 5",
    "up_to_nobody": "up to 0",
    "fewer_than_one": "<1",
    "hedge_alone": "at least",
    "noun_alone": "civilians",
    "arabic_plural_that_looks_like_a_dual": "مدنيين",
    "article_alone": "a",
    "article_after_a_hedge": "at least a",
    "hundred_without_its_number": "hundred",
    "ordinal": "twenty-first",
    "ordinal_word": "second",
    "words_in_a_row": "six seven",
    "year_in_words": "nineteen eighty",
    "scale_twice": "two hundred hundred",
    "scale_then_digits": "two hundred 5",
    "dozen_and_more": "two dozen five",
    "dot_thousands_or_decimals": "at least 1.234",
    "name": "Noor Qasim",
    "more_than_everyone": "9999999999 million",
}


@pytest.mark.parametrize(("text", "low", "best", "high", "code"), QUANTITIES.values(), ids=QUANTITIES)
def test_a_number_with_its_words_is_read(text, low, best, high, code):
    """A number and the words around it give an interval, a best value and a qualifier."""
    found = parse_quantity(text, AIRWARS)
    assert (found.low, found.best, found.high, found.qualifier_code) == (low, best, high, code)
    assert found.verbatim == text


@pytest.mark.parametrize("text", NO_QUANTITIES.values(), ids=NO_QUANTITIES)
@pytest.mark.parametrize("profile", WORDS)
def test_words_that_change_the_meaning_are_refused(text, profile):
    """A number is not taken out of words that may change what it counts."""
    with pytest.raises(Unreadable):
        parse_quantity(text, WORDS[profile])


@pytest.mark.parametrize(
    ("profile", "text", "low", "high"),
    [
        ("acled", "dozens", 12, None),
        ("acled", "several", 3, None),
        ("acled", "hundreds", 100, None),
        ("acled", "tens", 10, None),
        ("acled", "a dozen", 12, 12),
        ("wide", "dozens", 24, 99),
        ("wide", "several", 3, 9),
        ("wide", "hundreds", 200, 999),
        ("wide", "a dozen", 10, 14),
        ("wide", "dozens or hundreds", 24, 999),
        ("wide", "more than a dozen", 13, None),
    ],
)
def test_a_vague_word_is_read_by_its_profile(profile, text, low, high):
    """The same word stands for another interval under another profile."""
    found = parse_quantity(text, WORDS[profile])
    assert (found.low, found.high) == (low, high)


def test_every_term_has_every_profile_and_a_reason():
    """The vocabulary is complete: an interval per profile, phrases and a reason for every term."""
    for name, term in TABLE["terms"].items():
        assert set(term) - {"source"} == {"forms", "reason", *TABLE["profiles"]}, name
        assert term["forms"], name
        assert term["reason"], name
        for profile in TABLE["profiles"]:
            low, high = term[profile]
            assert low >= 1, name
            assert high is None or low <= high, name
    assert TABLE["default_profile"] in TABLE["profiles"]


@pytest.mark.parametrize("profile", WORDS)
def test_a_vague_word_is_never_a_point(profile):
    """No vague term is a single number under any profile."""
    for name in set(TABLE["terms"]) - NUMBERS_BY_NAME:
        low, high = TABLE["terms"][name][profile]
        assert low != high, name


def test_acled_is_open_above():
    """ACLED's coded number is a floor, so every vague term is open above."""
    assert all(TABLE["terms"][name]["acled"][1] is None for name in set(TABLE["terms"]) - NUMBERS_BY_NAME)


@pytest.mark.parametrize("profile", WORDS)
def test_every_form_is_read_as_its_own_term(profile):
    """No phrase of the vocabulary is swallowed by a hedge, a noun or another term."""
    for name, term in TABLE["terms"].items():
        for form in term["forms"]:
            found = parse_quantity(form, WORDS[profile])
            assert [found.low, found.high] == term[profile], (name, form)


def test_every_hedge_is_read():
    """Every phrase of every hedge that takes a number is read before one."""
    codes = {"nearly": "about", "fewer_than": "up_to"}
    for code, forms in TABLE["hedges"].items():
        for form in forms:
            text = {"range": f"{form} 8 - 10", "none_reported": form, "not_stated": form}.get(
                code, f"{form} 12"
            )
            assert parse_quantity(text, AIRWARS).qualifier_code == codes.get(code, code), form


def test_a_profile_that_is_not_there_is_named():
    """An unknown profile is refused with the profiles there are."""
    with pytest.raises(ValueError, match="airwars, acled, wide"):
        words_from("loose", TABLE)


def test_a_phrase_with_two_meanings_is_refused():
    """A vocabulary that lists one phrase twice with different meanings does not load."""
    twice = {**TABLE, "hedges": {"at_least": ["at least"], "up_to": ["At  Least"]}}
    with pytest.raises(ValueError, match="two meanings"):
        words_from("airwars", twice)


ANY_TEXT = st.text() | st.text(alphabet="0123456789 ,.-–+<>%*[]'\"٣۴²\u200f\u00a0eE")
SOME_WORDS = st.lists(
    st.sampled_from(
        [
            *AIRWARS.intervals,
            *AIRWARS.hedges,
            *AIRWARS.hedges_after,
            *AIRWARS.numbers,
            *AIRWARS.scales,
            *(
                "12",
                "1,600",
                "2.5",
                "0",
                "-",
                "–",
                "to",
                "and",
                "و",
                "a",
                "civilians",
                "*",
                "[2]",
                "families",
                "1.234",
            ),
        ]
    ),
    min_size=1,
    max_size=7,
).map(" ".join)


@given(ANY_TEXT)
def test_any_text_is_a_count_or_refused(text):
    """Whatever the cell holds, it is a number of 0 or more, nothing, or refused."""
    try:
        found = parse_count(text)
    except Unreadable:
        return
    assert found is None or 0 <= found <= 1e10


@given(ANY_TEXT | SOME_WORDS, st.sampled_from(sorted(WORDS)))
def test_any_text_is_a_quantity_or_refused(text, profile):
    """Whatever the cell holds, the interval is in order and the qualifier fits it, or the cell is refused."""
    try:
        found = parse_quantity(text, WORDS[profile])
    except Unreadable:
        return
    if found is None:
        assert not plain(text)
        return
    assert found.low >= 0
    assert found.best is None or found.low <= found.best
    assert found.high is None or found.low <= found.high
    assert None in {found.best, found.high} or found.best <= found.high
    assert (found.qualifier_code in {"exact", "none_reported"}) == (found.low == found.best == found.high)
    assert found.best is None or found.qualifier_code in {"exact", "none_reported", "about"}


@given(st.integers(0, 9_999_999))
def test_a_number_is_read_however_it_is_grouped(number):
    """Commas, spaces, Arabic-Indic digits and a decimal zero do not change a number."""
    arabic = str(number).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for text in (str(number), f"{number:,}", f"{number:,}".replace(",", "\u00a0"), f"{number}.0", arabic):
        assert parse_count(text) == number


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.sampled_from(["-", "–", " – ", " to ", "—"]))
def test_a_range_keeps_its_ends_or_is_refused(low, high, join):
    """A range is read with the ends it states, and refused where they are reversed."""
    text = f"{low}{join}{high}"
    if low > high:
        with pytest.raises(Unreadable):
            parse_quantity(text, AIRWARS)
    else:
        found = parse_quantity(text, AIRWARS)
        assert (found.low, found.high) == (low, high)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    """A vocabulary's phrase and a cell meet only if folding is stable."""
    try:
        once = folded(text)
        assert folded(once) == once
    except Unreadable:
        return
