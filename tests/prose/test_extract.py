"""Prose to drafts: the starting case, the ways in which claims are told, and what is promised of any text."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.errors import UsageFault
from reconcile.frames import Drafts, columns_of
from reconcile.normalize import build_context
from reconcile.parse.counts import parse_quantity
from reconcile.prose.articles import Article
from reconcile.prose.extract import extract_claims
from reconcile.rulefiles import load_rules

if TYPE_CHECKING:
    from reconcile.normalize.cells import Context
    from reconcile.ruleset import Ruleset

D = date(2017, 6, 18)
RULES = load_rules()
CONTEXT = build_context(RULES, "airwars")

STARTING_CASE = """\
Border post changes hands

Iraqi troops took a border post on Saturday, three weeks after reaching the frontier.

In the northern city of Raqqa, a US-backed force entered new quarters east and west of the city, adding that they were able to \
free dozens of civilians who were trapped in the fighting.

Fighters have captured at least three neighbourhoods of Raqqa since the offensive began on June 6.

The SDF said in a statement on Saturday that its fighters are now in the eastern quarter of Bayatra.

The Britain-based Syrian Observatory for Human Rights, which tracks the war, says airstrikes by the US-led coalition since \
June 6 have killed 117 civilians and wounded hundreds."""


def drafted(
    text: str,
    published: date = D,
    language: str = "en",
    publisher: str = "Example Wire",
    context: Context = CONTEXT,
) -> list[dict[str, Any]]:
    """Return the drafts of a text as rows."""
    article = Article("article.txt", text, publisher, published, language)
    return extract_claims(article, context, RULES.prose).to_dict("records")


def told(row: dict[str, Any]) -> tuple[str, float, float | None, str]:
    """Return measure, bounds and qualifier of a draft."""
    high = None if pd.isna(row["high"]) else row["high"]
    return row["measure_code"], row["low"], high, row["qualifier_code"]


def days(row: dict[str, Any]) -> tuple[str, str]:
    """Return the window of a draft."""
    return tuple("" if pd.isna(row[end]) else str(row[end].date()) for end in ("date_start", "date_end"))


def test_starting_case() -> None:
    """117 killed and hundreds wounded, attributed, dated and placed; people freed are freed; quarters are nobody."""
    freed, killed, injured = drafted(STARTING_CASE)

    assert told(freed) == ("freed", 12, 24, "vague")
    assert told(killed) == ("killed", 117, 117, "exact")
    assert told(injured) == ("injured", 100, None, "vague")
    for row in (killed, injured):
        assert row["asserted_by"] == "Britain-based Syrian Observatory for Human Rights"
        assert row["reported_via"] == "Example Wire"
        assert row["population_code"] == "civilian"
        assert days(row) == ("2017-06-06", "2017-06-17")
        assert (row["place_name"], row["place_basis_code"], row["country_code"]) == (
            "Raqqa",
            "context",
            "SYR",
        )
        assert (row["perpetrator_codes"], row["violence_code"]) == ("us_led_coalition", "air")
        assert (row["kind_code"], row["attribution_code"], row["role_code"]) == ("total", "stated", "alleged")
        assert "inferred" in row["reasons"]
    assert "taken from '117 civilians'" in injured["reasons"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At least 12 people were killed and 30 wounded.", [("killed", 12, None, "at_least"), ("injured", 30, 30, "exact")]),
        ("Between 4 and 6 civilians died in the raid.", [("killed", 4, 6, "range")]),
        ("The raid left 18 civilians dead and more than 40 wounded.", [("killed", 18, 18, "exact"), ("injured", 41, None, "more_than")]),
        ("The strike brought to 117 the number of civilians killed.", [("killed", 117, 117, "exact")]),
        ("The death toll rose from 12 to 19.", [("killed", 19, 19, "exact")]),
        ("Nearly 300 people have lost their lives.", [("killed", 270, 300, "about")]),
        ("Another 12 were wounded.", [("injured", 12, 12, "exact")]),
        ("A three-year-old girl was killed by a sniper.", [("killed", 1, 1, "exact")]),
        ("Civilians were killed in the raid.", [("killed", 2, None, "vague")]),
        ("The blast caused 40 casualties.", [("killed_or_injured", 40, 40, "exact")]),
        ("SDF fighters captured 42 militants and killed eight.", [("captured", 42, 42, "exact"), ("killed", 8, 8, "exact")]),
        ("More than 3,000 people fled the town.", [("displaced", 3001, None, "more_than")]),
        ("Police detained 15 men.", [("detained", 15, 15, "exact")]),
        ("Some 30 civilians remain trapped there.", [("besieged", 27, 33, "about")]),
        ("Gunmen abducted 60 villagers and beheaded five.", [("abducted", 60, 60, "exact"), ("killed", 5, 5, "exact")]),
        ("Four people are missing.", [("missing", 4, 4, "exact")]),
        ("43 displaced people were killed.", [("killed", 43, 43, "exact")]),
    ],
)  # fmt: skip
def test_ways_to_tell(text: str, expected: list[Any]) -> None:
    """Active, passive, nominal and running numbers, each with its own word for what happened."""
    assert [told(row) for row in drafted(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "The attack could kill thousands, aid agencies warned.",
        "If the dam breaks, tens of thousands could be killed.",
        "How many civilians were killed in Raqqa? Was it 500?",
        "Turkey denied killing 12 civilians.",
        "Russia denied that its jets had killed 37 civilians.",
        "They moved by night to avoid killing civilians.",
        "The 93rd Brigade lost 3 tanks on Highway 4, 20 kilometres north of Raqqa, to 120mm mortars.",
        "Some 40 families were sheltering in the school that was hit.",
        "Coalition aircraft carried out 20 air strikes and dropped 1,000-pound bombs.",
        "Fighters captured at least three neighbourhoods and 12 villages.",
        "Of 16 reports, 40 per cent were assessed as credible at 5 p.m. on 3 June 2017.",
        "The ministry spent $12 million on 300 houses.",
        "",
        "Nothing happened.",
    ],
)
def test_no_claim(text: str) -> None:
    """What did not happen, and numbers of anything but people, yield nothing."""
    assert drafted(text) == []


def test_nobody_is_a_zero_with_little_trust() -> None:
    """A statement that nobody was killed is kept as a zero, and never trusted."""
    (row,) = drafted("No civilians were killed in the raid, the Pentagon said.")

    assert told(row) == ("killed", 0, 0, "none_reported")
    assert row["confidence"] < 0.5


def test_parts_name_their_whole() -> None:
    """Women and children among the dead are parts, and inherit window, place, speaker and population."""
    whole, children, women, wounded = drafted(
        "At least 117 civilians, including 25 children and 21 women, were killed in Raqqa since June 6 and 200 "
        "were wounded, the Observatory said."
    )

    assert (whole["part_of"], children["part_of"], women["part_of"], wounded["part_of"]) == (0, 1, 1, 0)
    assert (children["age_group_code"], women["sex_code"]) == ("child", "female")
    for part in (children, women):
        assert part["population_code"] == "civilian"
        assert days(part) == days(whole) == ("2017-06-06", "2017-06-17")
        assert (part["place_name"], part["asserted_by"]) == ("Raqqa", "Observatory")


def test_part_told_before_its_whole() -> None:
    """A part may stand first."""
    children, whole = drafted("Six children were among 23 civilians killed on Friday.")

    assert (children["part_of"], children["age_group_code"]) == (whole["claim_no"], "child")


@pytest.mark.parametrize(
    ("text", "asserted_by", "via"),
    [
        ("12 people were killed, according to SOHR.", "SOHR", "Example Wire"),
        ("SOHR told AFP that 12 people were killed.", "SOHR", "AFP; Example Wire"),
        ("Reuters reported, citing the Observatory, that 12 people were killed.", "Observatory", "Reuters; Example Wire"),
        ("The Observatory spoke on Sunday.\n\nIt said 12 people were killed.", "Observatory", "Example Wire"),
        ("12 people were killed, local activists said.", "local activists", "Example Wire"),
        ("12 people were killed, said the White Helmets.", "White Helmets", "Example Wire"),
        ("The Observatory, which has sources on the ground, says 12 people were killed.", "Observatory", "Example Wire"),
        ("12 people were killed.", "", "Example Wire"),
    ],
)  # fmt: skip
def test_speakers(text: str, asserted_by: str, via: str) -> None:
    """Who says it, and through whom it came."""
    (row,) = drafted(text)

    assert (row["asserted_by"], row["reported_via"]) == (asserted_by, via)


@pytest.mark.parametrize(
    ("text", "attackers", "attribution", "violence", "role"),
    [
        ("12 people were killed by ISIS shelling.", "islamic_state", "stated", "artillery", "alleged"),
        ("Coalition air strikes killed 12 people.", "us_led_coalition", "stated", "air", "alleged"),
        ("12 people died in fighting and air strikes by the US-led coalition.", "us_led_coalition", "stated", "fighting_and_air", "alleged"),
        ("Warplanes believed to belong to the coalition killed 12 people.", "us_led_coalition", "likely", "air", "alleged"),
        ("Fighting between IS and the SDF killed 12 people.", "", "parties", "ground", "alleged"),
        ("12 IS fighters were killed in a car bomb attack.", "", "", "planted_bomb", "alleged"),
        ("The coalition has acknowledged killing 12 civilians.", "us_led_coalition", "confirmed", "", "conceded"),
        ("The Coalition said its strikes unintentionally killed 12 civilians.", "us_led_coalition", "confirmed", "", "conceded"),
        ("The Coalition said its strikes killed 12 IS fighters.", "us_led_coalition", "stated", "", "alleged"),
        ("A strike on a prison run by IS killed 12 people.", "", "", "", "alleged"),
    ],
)  # fmt: skip
def test_attackers(text: str, attackers: str, attribution: str, violence: str, role: str) -> None:
    """Who did it, how firmly, by what; the counted, the held and the two sides of a fight are no attackers."""
    (row,) = drafted(text)

    found = (row["perpetrator_codes"], row["attribution_code"], row["violence_code"], row["role_code"])
    assert found == (attackers, attribution, violence, role)


def test_attackers_by_clause() -> None:
    """Two clauses with two attackers are not mixed."""
    one, two = drafted(
        "Coalition strikes killed 18 civilians in Raqqa, while Russian strikes killed 12 in Mayadin."
    )

    assert (one["perpetrator_codes"], two["perpetrator_codes"]) == ("us_led_coalition", "russia")
    assert (one["place_name"], two["place_name"]) == ("Raqqa", "Mayadin")


def test_an_attack_taken_up() -> None:
    """A definite strike is the one told of just before, with its day and its attacker."""
    _, second = drafted(
        "Turkish air strikes killed 5 people in Afrin on Monday, the Observatory said.\n\n"
        "Another 12 were wounded in the strikes."
    )

    assert second["perpetrator_codes"] == "turkey"
    assert days(second) == ("2017-06-12", "2017-06-12")
    assert "carried" in second["reasons"]


@pytest.mark.parametrize(
    ("place", "name", "kind"),
    [
        ("in Raqqa", "Raqqa", ""),
        ("in the city of Raqqa", "Raqqa", "city"),
        ("in Raqqa province", "Raqqa province", "governorate"),
        ("in Raqqa city and its countryside", "Raqqa city and its countryside", "city_and_countryside"),
        ("in Iraq and Syria", "Iraq and Syria", "country"),
        ("in the village of Tell Invented", "Tell Invented", "village"),
        ("in Raqqa, Syria", "Raqqa", ""),
    ],
)
def test_places(place: str, name: str, kind: str) -> None:
    """Places as written; a kind only where the text says it or nothing else bears the name."""
    (row,) = drafted(f"12 people were killed {place} on Monday, the Observatory said.")

    assert (row["place_name"], row["place_kind_code"], row["place_basis_code"]) == (name, kind, "stated")


def test_contradicting_sentences_stay_two() -> None:
    """Two numbers for one thing are two drafts."""
    rows = drafted(
        "SOHR said 12 civilians were killed in Raqqa on Friday.\n\nSNHR said 19 were killed there on Friday."
    )

    assert [told(row)[1] for row in rows] == [12, 19]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("قتل 12 مدنياً في قصف جوي على مدينة الرقة، بحسب المرصد السوري.", [("killed", 12, 12, "exact")]),
        ("مقتل طفلين وإصابة العشرات بجروح.", [("killed", 2, 2, "exact"), ("injured", 10, 99, "vague")]),
        ("استشهد ما لا يقل عن 25 شخصا وأكثر من 40 جريحا.", [("killed", 25, None, "at_least"), ("injured", 41, None, "more_than")]),
        ("أسر 7 مقاتلين وتحرير 20 مدنيا.", [("captured", 7, 7, "exact"), ("freed", 20, 20, "exact")]),
        ("نزوح ٣٠٠٠ شخص من المدينة.", [("displaced", 3000, 3000, "exact")]),
        ("قتيلان وثلاثة جرحى في انفجار لغم.", [("killed", 2, 2, "exact"), ("injured", 3, 3, "exact")]),
        ("نفذ التحالف 20 غارة ودمر 3 منازل.", []),
        ("لم يقتل 12 مدنيا.", []),
    ],
)  # fmt: skip
def test_arabic(text: str, expected: list[Any]) -> None:
    """Quantity and measure in Arabic: dual, vague words, letters written onto words."""
    assert [told(row) for row in drafted(text, language="ar")] == expected


def test_arabic_place_and_parts() -> None:
    """Place, speaker, attacker and parts in Arabic."""
    whole, part = drafted(
        "قُتل 23 مدنياً بينهم 5 أطفال في غارات للتحالف الدولي على مدينة الرقة أمس، بحسب المرصد السوري.",
        language="ar",
    )

    assert (whole["place_name"], whole["place_basis_code"]) == ("الرقة", "stated")
    assert (whole["asserted_by"], whole["perpetrator_codes"]) == ("المرصد السوري", "us_led_coalition")
    assert days(whole) == ("2017-06-17", "2017-06-17")
    assert (part["part_of"], part["age_group_code"], part["low"]) == (1, "child", 5)


def test_profile_of_quantities() -> None:
    """Vague words follow the profile of the run."""
    wide = build_context(RULES, "wide")
    (row,) = drafted("Dozens of civilians were killed.", context=wide)

    assert (row["low"], row["high"]) == (24, 99)


def test_unknown_language() -> None:
    """A language without rules is told, with those that have some."""
    with pytest.raises(UsageFault, match="'fr' can't be read; known languages are ar, en"):
        drafted("Douze civils ont été tués.", language="fr")


def test_without_spacy(monkeypatch: pytest.MonkeyPatch, rules: Ruleset) -> None:
    """Where spaCy is not installed, a sentence says what to install."""
    monkeypatch.setitem(sys.modules, "spacy", None)
    article = Article("article.txt", "12 people were killed.", "Example Wire", D, "en")
    with pytest.raises(UsageFault, match=r"pip install 'reconcile\[prose\]'"):
        extract_claims(article, replace(CONTEXT), rules.prose)


def test_the_command_line_does_not_load_spacy() -> None:
    """Other commands do not pay for it."""
    code = "import sys, reconcile.cli; raise SystemExit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "text", ["(" * 20_000, "1" * 20_000, "\n" * 20_000, "killed 12 people " * 300, "since " * 2_000]
)
def test_hostile_text(text: str) -> None:
    """Keys, images in letters and texts without an end of sentence are read in a moment, piece by piece."""
    for row in drafted(text):
        assert text[row["span_start"] : row["span_end"]] == row["sentence"]


# ---- guarantees ----------------------------------------------------------------------------------------------------

PIECES = (
    "killed", "were killed", "wounded", "civilians", "people", "children", "12", "1,234", "dozens of", "at least", "no", "and", ",",
    ".", "including", "of them", "(", ")", "since June 6", "on Saturday", "the Observatory said", "according to", "SOHR", "coalition",
    "air strikes", "by", "in Raqqa", "death toll", "rose to", "between", "3-year-old", "fled", "captured", "women", "a", "not",
    "could", "while", "\n\n", "?", "120mm", "another", "more than", "قتل", "مدنيا", "وإصابة", "Raqqa", "it", "-", "’s", "“", "2017",
)  # fmt: skip
ARABIC = ("قتل", "مقتل", "12", "مدنيا", "أطفال", "بينهم", "و", "وإصابة", "عشرات", "في الرقة", "،", ".", "أمس", "المرصد", "غارة", "للتحالف", "ل", "\n\n")  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    """Words of casualty reports in any order, in two languages, and any text at all."""
    return st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join),
        st.lists(st.sampled_from(ARABIC), max_size=20).map(" ".join),
        st.text(max_size=80),
    )


LANGUAGES = st.sampled_from(["en", "ar"])
PUBLISHED = st.dates(date(1901, 1, 1), date(2099, 12, 31))


@given(text=texts(), language=LANGUAGES, published=PUBLISHED)
@budget(150)
def test_extract_any_text_is_read(text: str, language: str, published: date) -> None:
    """Whatever stands in an article, drafts or none come out."""
    article = Article("article.txt", text, "", published, language)

    assert list(extract_claims(article, CONTEXT, RULES.prose).columns) == columns_of(Drafts)


@given(text=texts(), language=LANGUAGES)
@budget(150)
def test_extract_spans_are_exact(text: str, language: str) -> None:
    """The sentence stands where its span says, and its number and window stand in it."""
    for row in drafted(text, language=language):
        assert text[row["span_start"] : row["span_end"]] == row["sentence"]
        assert row["verbatim"] in row["sentence"]
        assert row["window_text"] in row["sentence"]
        assert 0 <= row["confidence"] <= 1


@given(text=texts(), language=LANGUAGES)
@budget(150)
def test_extract_numbers_are_never_invented(text: str, language: str) -> None:
    """Every bound is what the parser of quantities reads in the words quoted."""
    rules = next(one for one in RULES.prose.values() if one.language == language)
    plural = parse_quantity(rules.bare_plural, CONTEXT.words)
    for row in drafted(text, language=language):
        if row["qualifier_code"] == "none_reported" or "no number" in row["reasons"]:
            assert row["low"] in {0, 1, plural.low}
            continue
        read = parse_quantity(row["verbatim"], CONTEXT.words)
        assert told(row)[1:] == (read.low, read.high, read.qualifier_code)


@given(text=texts(), language=LANGUAGES)
@budget(100)
def test_extract_drafts_are_numbered(text: str, language: str) -> None:
    """From 1 in the order of the text, undecided; a part names another draft that is no part of it."""
    rows = drafted(text, language=language)

    assert [row["claim_no"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["span_start"] for row in rows] == sorted(row["span_start"] for row in rows)
    assert {row["draft"] for row in rows} <= {"draft"}
    assert {row["decision"] for row in rows} <= {""}
    for row in rows:
        assert row["part_of"] in {0, *range(1, len(rows) + 1)} - {row["claim_no"]}


@given(text=texts(), more=texts(), language=LANGUAGES)
@budget(100)
def test_extract_what_follows_changes_nothing(text: str, more: str, language: str) -> None:
    """Text behind a paragraph leaves the drafts before it as they are."""
    alone = drafted(text, language=language)

    assert repr(drafted(f"{text}\n\n{more}", language=language)[: len(alone)]) == repr(alone)


@given(one=texts(), two=texts())
@budget(50)
def test_extract_articles_are_read_alone(one: str, two: str) -> None:
    """What was read before changes nothing."""
    first = drafted(one)
    drafted(two)

    assert repr(drafted(one)) == repr(first)


def attacked(text: str, language: str = "en") -> list[tuple[float, str]]:
    """Return the number and the attackers of each draft of a text."""
    return [(row["low"], row["perpetrator_codes"]) for row in drafted(text, language=language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The blast, carried out by al-Shabaab, killed 20 people.", [(20, "al_shabaab")]),
        ("Islamic State claimed responsibility for the attack, which killed 26 people.", [(26, "islamic_state")]),
        ("Snipers from the Islamic State group killed seven civilians.", [(7, "islamic_state")]),
        ("Warplanes of the US-led coalition killed 20 civilians.", [(20, "us_led_coalition")]),
        ("A Saudi-led air strike killed 20 people.", [(20, "saudi_led_coalition")]),
        ("Russian and Syrian air strikes killed 23 civilians.", [(23, "government_of_syria russia")]),
        ("Government shelling killed seven people in Douma.", [(7, "government_of_syria")]),
        ("Government shelling killed seven people.", [(7, "")]),
        ("Shelling by rebels killed ten people in Aleppo.", [(10, "syrian_opposition")]),
        ("Fighters allied with the government killed ten Houthis in Marib.", [(10, "")]),
        ("A blast shook Moscow, killing 12 people.", [(12, "")]),
        ("Islamic State killed 12 SDF fighters.", [(12, "islamic_state")]),
        ("56 people were killed in Yemen, most of them by coalition air strikes.", [(56, "")]),
        ("11 fighters were killed in clashes between the Syrian army and rebels in Daraa.", [(11, "")]),
    ],
)  # fmt: skip
def test_who_attacked(text: str, expected: list[Any]) -> None:
    """The agent, the owner of a means and the subject of a deed; not who was hit, who is allied or who backs."""
    assert attacked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 people were killed in coalition raids and 12 died in Russian strikes.", [(30, "us_led_coalition"), (12, "russia")]),
        ("Of 24 people killed in Idlib, 15 were killed by Russian air strikes and nine by government rocket fire.",
         [(24, ""), (15, "russia"), (9, "government_of_syria")]),
        ("It documented the killing of 900 civilians, of whom Syrian regime forces killed 412, Russian forces 91 and Turkish forces 73.",
         [(900, ""), (412, "government_of_syria"), (91, "russia"), (73, "turkey")]),
        ("The Taliban killed 20 soldiers and an Afghan air strike killed 12 civilians.",
         [(20, "taliban"), (12, "government_of_afghanistan")]),
        ("31 civilians were killed, 11 of them children, in coalition strikes.", [(31, "us_led_coalition"), (11, "us_led_coalition")]),
        ("A Russian strike killed 12 people and wounded 20.", [(12, "russia"), (20, "russia")]),
    ],
)  # fmt: skip
def test_each_number_has_its_own_attacker(text: str, expected: list[Any]) -> None:
    """Where a sentence names several, each number has the one of its own words, and a whole that of all its parts."""
    assert attacked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("قتل تنظيم داعش 12 مقاتلا من قوات سوريا الديمقراطية.", [(12, "islamic_state")]),
        ("قتلت قوات سوريا الديمقراطية المدعومة من الولايات المتحدة 22 عنصرا من داعش.", [(22, "sdf")]),
        ("أسفرت الغارات الجوية الروسية والسورية عن مقتل 23 مدنيا.", [(23, "government_of_syria russia")]),
        ("اتهم ناشطون روسيا بقتل 19 مدنيا.", [(19, "russia")]),
        ("قالت الوزارة إن قوات الاحتلال قتلت 22 فلسطينيا.", [(22, "israel")]),
        ("قتل تسعة مدنيين بانفجار لغم من مخلفات تنظيم داعش.", [(9, "islamic_state")]),
        ("وثق المرصد مقتل 30 مدنيا، 18 منهم في غارات روسية و12 في قصف لقوات النظام.",
         [(30, ""), (18, "russia"), (12, "government_of_syria")]),
        ("اغتال مسلحون مجهولون ثلاثة أشخاص.", [(3, "")]),
    ],
)  # fmt: skip
def test_who_attacked_arabic(text: str, expected: list[Any]) -> None:
    """The same where the verb comes first: those counted are not who killed them, nor is who backs a force."""
    assert attacked(text, "ar") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A Yemeni military source said 13 people were killed.", [("killed", 13, 13, "exact")]),
        ("IS militants executed 15 members of the security forces.", [("killed", 15, 15, "exact")]),
        ("It said they killed 61 civilians in May, and SDF killed 12.", [("killed", 61, 61, "exact"), ("killed", 12, 12, "exact")]),
        ("Civilians came under fire, and six of them were killed.", [("killed", 6, 6, "exact")]),
        ("Nine pro-Iran fighters were killed.", [("killed", 9, 9, "exact")]),
    ],
)  # fmt: skip
def test_numbers_beside_names(text: str, expected: list[Any]) -> None:
    """A people's name is no person, members are people, May is a month, and those of an untold number are counted."""
    assert [told(row) for row in drafted(text)] == expected
