"""Attackers and countries as monitors write them: each spelling is one term's, and leads to the term it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconcile.ruleset import fold_spelling

if TYPE_CHECKING:
    from reconcile.ruleset import Ruleset, Vocabulary

# Spellings of ACLED, UCDP GED, GTD and Airwars, from lists and scripts that analysts published.
WRITTEN = {
    "Syria": {
        "Military Forces of Syria (2000-2024)": "syrian_army",
        "Military Forces of Syria (2000-) Syrian Arab Air Force": "syrian_air_force",
        "Allied Syrian and/or Russian Forces": "syria_or_russia",
        "QSD: Syrian Democratic Forces": "sdf",
        "YPG: Peoples Protection Units - Anti-Terror Unit": "ypg",
        "HTS: Hayat Tahrir al Sham": "hts",
        "JaS: Levant Front": "levant_front",
        "Military Forces of Syria (2024-)": "government_of_syria_2024",
        "Global Coalition Against Daesh": "us_led_coalition",
        "Government of Syria": "government_of_syria",
        "Syrian insurgents": "syrian_opposition",
        "IS": "islamic_state",
        "Jaysh al-Asha’er": "jaysh_al_ashaer",
        "Islamic State of Iraq and the Levant (ISIL)": "islamic_state",
        "Al-Nusrah Front": "jabhat_al_nusra",
        "Jaysh al-Islam (Syria)": "jaysh_al_islam",
        "Kurdistan Workers' Party (PKK)": "pkk",
        "Syrian Regime": "government_of_syria",
        "U.S.-led Coalition": "us_led_coalition",
        "Russian Military": "russia",
    },
    "Iraq": {
        "Military Forces of Iraq (2022-) Peshmerga": "peshmerga",
        "Police Forces of Iraq (2022-) Asayish": "krg",
        "Military Forces of Iraq (2022-) Popular Mobilization Forces": "pmf",
        "Harakat Hezbollah Al Nujaba": "harakat_al_nujaba",
        "Islamic State (Iraq)": "islamic_state",
        "Government of Iraq": "government_of_iraq",
        "Ansar al-Islam": "ansar_al_islam",
        "Al-Qaida in Iraq": "islamic_state",
        "Asa'ib Ahl al-Haqq": "asaib_ahl_al_haq",
        "Al-Naqshabandiya Army": "jrtn",
        "Badr Brigades": "badr_organization",
        "Iraqi Military": "iraqi_security_forces",
    },
    "Yemen": {
        "Military Forces of Yemen (2017-) Houthi": "houthis",
        "Military Forces of Yemen (2016-) Supreme Political Council": "houthis",
        "Houthi Movement - Ansar Allah": "houthis",
        "Military Forces of Yemen (2012-)": "government_of_yemen",
        "Military Forces of Yemen (2012-) Hadhrami Elite Forces": "stc",
        "Operation Restoring Hope": "saudi_led_coalition",
        "AQAP: Al Qaeda in the Arabian Peninsula": "aqap",
        "Southern Resistance": "southern_movement",
        "Ansarallah": "houthis",
        "Forces of Hadi": "government_of_yemen",
        "Government of Yemen (North Yemen)": "government_of_yemen",
        "Islah": "islah",
        "Houthi extremists (Ansar Allah)": "houthis",
        "Al-Qaida in the Arabian Peninsula (AQAP)": "aqap",
        "Hadramawt Province of the Islamic State": "islamic_state",
        "Saudi-led Coalition": "saudi_led_coalition",
        "US Forces": "usa",
    },
    "Gaza, West Bank, Lebanon": {
        "Military Forces of Israel (2022-)": "israel",
        "Police Forces of Israel (2022-) Border Police": "israel",
        "Settlers (Israel)": "israeli_settlers",
        "Hamas Movement": "hamas",
        "PIJ: Katibat Jenin": "pij",
        "AAMB: Katibat Nur ash Shams": "al_aqsa_martyrs_brigades",
        "Lions' Den": "lions_den",
        "Police Forces of Palestine (1994-) West Bank": "palestinian_authority",
        "Police Forces of Palestine (2007-) Gaza Strip": "hamas",
        "Military Forces of Lebanon (2021-)": "government_of_lebanon",
        "Amal Movement": "amal",
        "Government of Israel": "israel",
        "Hezbollah": "hezbollah",
        "Hamas (Islamic Resistance Movement)": "hamas",
        "Popular Front for the Liberation of Palestine, Gen Cmd (PFLP-GC)": "pflp_gc",
        "Palestinian Extremists": "palestinian_armed_groups",
        "Israeli Military": "israel",
        "Palestinian Militants": "palestinian_armed_groups",
    },
    "Ukraine": {
        "Military Forces of Russia (2000-)": "russia",
        "Military Forces of Russia (2000-) Air Force": "russian_air_force",
        "Military Forces of Ukraine (2019-)": "government_of_ukraine",
        "Military Forces of Ukraine (2019-) Marines": "government_of_ukraine",
        "NAF: United Armed Forces of Novorossiya": "russian_affiliated_groups",
        "Wagner Group": "wagner_group",
        "Government of Russia (Soviet Union)": "russia",
        "Government of Ukraine": "government_of_ukraine",
        "DPR": "dpr",
        "LPR": "lpr",
        "RDK": "russian_volunteer_corps",
        "Luhansk People's Republic": "lpr",
        "Pro-Russia Militia": "russian_affiliated_groups",
        "Ukrainian Military": "government_of_ukraine",
    },
    "Sudan": {
        "Military Forces of Sudan (2019-)": "government_of_sudan",
        "Police Forces of Sudan (2019-) General Intelligence Service": "government_of_sudan",
        "Rapid Support Forces": "rsf",
        "Military Forces of Sudan (2019-2023) Rapid Support Forces": "rsf",
        "Darfur Communal Militia (Sudan)": "arab_militias_darfur",
        "SLM/A-Minnawi: Sudan Liberation Movement/Army (Minnawi Faction)": "slm_minnawi",
        "SPLM-N-Abdelaziz: Sudan People's Liberation Movement (North) (Abdelaziz al-Hilu faction)": "splm_n_al_hilu",
        "Darfur Joint Forces/JSAMF: Joint Force of Armed Struggle Movement": "darfur_joint_forces",
        "Sudan Shield Forces": "sudan_shield_forces",
        "Government of Sudan": "government_of_sudan",
        "SLM/A": "slm_a",
        "SPLM/A-North": "splm_n",
        "Janjaweed": "janjaweed",
        "JEM": "jem",
        "Justice and Equality Movement (JEM)": "jem",
        "Sudan Liberation Army-Minni Minawi (SLA-MM)": "slm_minnawi",
        "Sudan People's Liberation Movement - North": "splm_n",
    },
    "Nigeria": {
        "Boko Haram - Jamaatu Ahli is-Sunnah lid-Dawati wal-Jihad": "boko_haram",
        "Boko Haram - Jamatu Ahli is-Sunnah lid-Dawati wal-Jihad": "boko_haram",
        "Islamic State (West Africa)": "iswap",
        "Islamic State (West Africa) and/or Boko Haram - Jamaatu Ahli is-Sunnah lid-Dawati wal-Jihad": "iswap_or_boko_haram",
        "Military Forces of Nigeria (2015-2023)": "government_of_nigeria",
        "Military Forces of Nigeria (2023-)": "government_of_nigeria",
        "Police Forces of Nigeria (2015-)": "nigerian_police",
        "Fulani Ethnic Militia (Nigeria)": "fulani_militias",
        "Zamfara Communal Militia (Nigeria)": "bandits_nigeria",
        "Civilian JTF: Civilian Joint Task Force": "civilian_jtf",
        "Jama'atu Ahlis Sunna Lidda'awati wal-Jihad": "boko_haram",
        "JAS": "boko_haram",
        "Government of Nigeria": "government_of_nigeria",
        "Ansaru": "ansaru",
        "Boko Haram": "boko_haram",
        "Fulani extremists": "fulani_militias",
        "Movement for the Emancipation of the Niger Delta (MEND)": "mend",
    },
    "Somalia": {
        "Al Shabaab": "al_shabaab",
        "Military Forces of Somalia (2022-)": "government_of_somalia",
        "AMISOM: African Union Mission in Somalia (2007-) (Kenya)": "amisom",
        "Military Forces of Puntland (1998-)": "puntland",
        "Military Forces of Somaliland (1991-)": "somaliland",
        "SSC: Sool, Sanaag and Cayn Militia": "ssc_khatumo",
        "ASWJ: Ahlu Sunna Wal Jamaa": "ahlu_sunna",
        "Islamic State (Somalia)": "islamic_state",
        "Al-Shabaab": "al_shabaab",
        "Government of Somalia": "government_of_somalia",
        "ARS/UIC": "islamic_courts_union",
        "Hizbul al Islam (Somalia)": "hizbul_islam",
        "Ahlu-sunah Wal-jamea (Somalia)": "ahlu_sunna",
        "AFRICOM": "usa",
    },
    "Libya": {
        "Operation Libya Dawn": "libya_dawn",
        "Government of Libya (2014-) General National Congress": "gnc",
        "Pro-GNA Faction and/or Military Forces of Turkey (2016-)": "gna_turkey",
        "Pro-Haftar Faction and/or Military Forces of United Arab Emirates (2004-)": "lna_or_uae",
        "Islamic State (Cyrenaica Province)": "islamic_state",
        "Military Forces of Egypt (2014-)": "egypt",
        "NATO Forces (2009-)": "nato",
        "BRSC: Shura Council of Benghazi Revolutionaries": "benghazi_shura_council",
        "Government of Libya": "government_of_libya",
        "Forces of the House of Representatives": "lna",
        "Forces of Muammar Gaddafi": "gaddafi_forces",
        "NTC": "libyan_rebel_forces",
        "Haftar Militia": "lna",
        "Ansar al-Sharia (Libya)": "ansar_al_sharia_libya",
        "Misrata Brigades": "misrata_brigades",
        "Libyan National Army": "lna",
        "Government of National Accord": "gna",
        "GNA/Turkish Military": "gna_turkey",
        "LNA/UAE Military/Egyptian Military": "lna_uae_egypt",
        "French Military": "france",
    },
    "everywhere": {
        "Unknown": "unknown",
        "Muslim extremists": "unknown",
        "Unidentified Armed Group (Nigeria)": "unknown",
        "Unidentified Armed Group": "unknown",
        "Taliban": "taliban",
        "Civilians": "civilians",
        "Civilians (Syria)": "civilians",
        "Protesters (Sudan)": "protesters",
        "Rioters (Palestine)": "rioters",
        "Rioters": "rioters",
    },
}


@pytest.fixture(scope="module")
def attackers(rules: Ruleset) -> Vocabulary:
    """The attackers."""
    return rules.vocabularies["perpetrators"]


@pytest.mark.parametrize("conflict", list(WRITTEN))
def test_attackers_as_monitors_write_them(attackers: Vocabulary, conflict: str) -> None:
    """The names of a conflict's parties, as four monitors spell them, lead to their terms."""
    known = attackers.lookup()
    found = {written: known.get(fold_spelling(written)) for written in WRITTEN[conflict]}
    assert found == WRITTEN[conflict]


@pytest.mark.parametrize("name", ["perpetrators", "countries"])
def test_a_spelling_is_of_one_term(rules: Ruleset, name: str) -> None:
    """No code, title or alias stands under two terms, so that the order of a file decides nothing."""
    owner: dict[str, str] = {}
    for code, term in rules.vocabularies[name].terms.items():
        for spelling in (code, term.title, *term.aliases):
            assert owner.setdefault(fold_spelling(spelling), code) == code, spelling


def test_no_alias_stands_twice_in_its_term(attackers: Vocabulary) -> None:
    """An alias is written once; its code and title count already."""
    for code, term in attackers.terms.items():
        spellings = [fold_spelling(alias) for alias in term.aliases]
        assert len(set(spellings)) == len(spellings), code


def test_parents_exist_and_lead_upwards(attackers: Vocabulary) -> None:
    """Every parent is a term, and none is its own ancestor."""
    for code, term in attackers.terms.items():
        assert set(term.parents) <= set(attackers.terms), code
        assert not any(code in attackers.ancestors(parent) for parent in term.parents), code


@pytest.mark.parametrize("code", ["civilians", "protesters", "rioters"])
def test_who_is_no_attacker(attackers: Vocabulary, code: str) -> None:
    """Words that stand in an attacker's place without being one are no attackers."""
    assert not attackers.terms[code].attacker


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("russia", "government_of_syria"),
        ("hezbollah", "iran"),
        ("rsf", "government_of_sudan"),
        ("arab_militias_darfur", "rsf"),
        ("darfur_joint_forces", "government_of_sudan"),
        ("amisom", "government_of_somalia"),
        ("lna", "egypt"),
        ("civilian_jtf", "government_of_nigeria"),
        ("israeli_settlers", "israel"),
    ],
)
def test_allies_are_no_parent_and_child(attackers: Vocabulary, one: str, other: str) -> None:
    """Who of two allies struck is what claims dispute; recorders keep them apart."""
    assert one not in attackers.ancestors(other)
    assert other not in attackers.ancestors(one)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("oPt", "PSE"),
        ("occupied Palestinian territory", "PSE"),
        ("West Bank and Gaza Strip", "PSE"),
        ("The Gaza Strip", "PSE"),
        ("Yemen (North Yemen)", "YEM"),
        ("Ukraine", "UKR"),
        ("Libyan Arab Jamahiriya", "LBY"),
        ("Republic of the Sudan", "SDN"),
        ("Nigeria", "NGA"),
        ("Federal Republic of Somalia", "SOM"),
        ("Liban", "LBN"),
    ],
)
def test_countries_as_exports_write_them(rules: Ruleset, written: str, code: str) -> None:
    """A country's column is read, also where it names a part of a country."""
    assert rules.vocabularies["countries"].lookup()[fold_spelling(written)] == code
