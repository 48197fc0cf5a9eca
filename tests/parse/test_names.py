"""Personal names as text: the parts of a name, and the texts under which its spellings and scripts meet. All names are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import budget

from reconcile.parse.names import name_parts, skeleton


def spellings(name: str) -> list[str]:
    """The parts of a name as they are spelled."""
    return [part.spelling for part in name_parts(name)]


def skeletons(name: str) -> list[str]:
    """The consonants of each part of a name."""
    return [part.skeleton for part in name_parts(name)]


def sketches(name: str) -> list[str]:
    """The coarsest text of each part of a name."""
    return [part.sketch for part in name_parts(name)]


# ---- spellings of one name -----------------------------------------------------------------------------------------

# What names are written like that share every consonant, part by part.
ALIKE = {
    "vowels": ("Samer Nuri", "Samir Noory", "Saamer Nouri", "SAMER NURI", "samer  nuri"),
    "q_and_k": ("Qasim Tariq", "Kassem Tarik", "Qasem Tareq"),
    "doubled": ("Hasan Nasir", "Hassan Nasser"),
    "final_h": ("Salma Halima", "Salmah Halimah"),
    "articles": ("Samer al-Nuri", "Samer Al Nuri", "Samer El-Nouri", "Samer Alnuri", "Samer an-Nuri", "Samer Nuri"),
    "kin": ("Samer bin Hani", "Samer ibn Hani", "Samer ben Hani", "Samer Hani", "Samer ould Hani"),
    "kunya": ("Abu Samer Hani", "Abo Samer Hani", "Umm Samer Hani", "Samer Hani"),
    "titles": ("Samer Hani", "Dr. Samer Hani", "Sheikh Samer Hani", "the martyr Samer Hani", "Hajj Samer Hani"),
    "marks": ("Samer Hani", "Samer (Hani)", "Samer, Hani", "Samer-Hani", "Samer 2 Hani", "'Samer' Hani.", "Samer_Hani"),
    "servant": (
        "Abd al-Rahman", "Abdulrahman", "Abdul Rahman", "Abdurrahman", "Abd Al Rahman", "Abdelrahman", "Abd ar-Rahman", "Abdlrahman",
        "Abd Arrahman",
    ),
    "servant_of_a_name_with_l": ("Abd al-Latif", "Abdellatif", "Abdul Latif", "Abdel Latif", "Abdullatif", "Abd Allatif"),
    "servant_of_a_vowel": ("Abd al-Aziz", "Abdulaziz", "Abdel Aziz", "Abdelaziz", "Abdul-Aziz"),
    "servant_of_god": ("Abd Allah", "Abdullah", "Abdallah", "Abdulla"),
    "faith": ("Salah al-Din", "Salahaldin", "Salah Eddin", "Salah ad-Din", "Salaheddine", "Salah El Dine"),
    "faith_with_a_vowel": ("Nur al-Din", "Nureddin", "Noureddine", "Nour Eldin"),
    "god": ("Nasr Allah", "Nasrallah", "Nasr-Allah"),
    "spanish": ("José Núñez de la Peña", "Jose Nunez Pena"),
    "french": ("Zoé Lefèvre", "Zoe Lefevre"),
    "german": ("Jürgen Müller", "Jurgen Muller"),
    "apostrophe": ("Mas'ud Rida'", "Mas’ud Rida", "Masʿud Ridaʾ", "Masud Rida"),
}  # fmt: skip


@pytest.mark.parametrize("names", ALIKE.values(), ids=ALIKE)
def test_spellings_of_one_name_meet(names: tuple[str, ...]) -> None:
    """Romanisation, articles, kinship, titles, marks and spacing do not part one name."""
    assert {tuple(skeletons(name)) for name in names} == {tuple(skeletons(names[0]))}


# ---- scripts -------------------------------------------------------------------------------------------------------

SCRIPTS = {
    "arabic": ("سامر النوري", "Samer al-Nuri"),
    "arabic_hamza": ("أحمد إبراهيم", "Ahmad Ibrahim"),
    "arabic_without_hamza": ("احمد ابراهيم", "Ahmad Ibrahim"),
    "arabic_ayn": ("عمر علي", "Omar Ali"),
    "arabic_two_letters": ("عز هاني", "Izz Hani"),
    "arabic_vowel_marks": ("سَامِر نُورِي", "Samer Nuri"),
    "arabic_stretched": ("ســـامر نوري", "Samer Nuri"),
    "arabic_servant": ("عبد الرحمن قاسم", "Abdulrahman Qasim"),
    "arabic_servant_fused": ("عبدالرحمن قاسم", "Abd al-Rahman Qasim"),
    "arabic_servant_l": ("عبد اللطيف قاسم", "Abdellatif Qasim"),
    "arabic_servant_l_fused": ("عبداللطيف قاسم", "Abd al-Latif Qasim"),
    "arabic_god": ("نصر الله عمر", "Nasrallah Omar"),
    "arabic_god_fused": ("نصرالله عمر", "Nasr Allah Omar"),
    "arabic_faith": ("صلاح الدين حداد", "Salaheddin Haddad"),
    "arabic_faith_fused": ("صلاحالدين حداد", "Salah al-Din Haddad"),
    "arabic_faith_short": ("عز الدين حداد", "Izz al-Din Haddad"),
    "arabic_kunya": ("أبو سامر", "Abu Samer"),
    "arabic_mother": ("أم سامر", "Umm Samer"),
    "arabic_son": ("سامر بن هاني", "Samer bin Hani"),
    "arabic_feminine": ("فاطمة", "Fatima"),
    "arabic_h_after_k": ("سهى", "Suha"),
    "arabic_title": ("الشهيد سامر هاني", "Samer Hani"),
    "arabic_doctor": ("الدكتورة ليلى هاني", "Layla Hani"),
    "arabic_sheikh": ("الشيخ سامر هاني", "Sheikh Samer Hani"),
    "persian": ("پری گلچین", "Pari Golchin"),
    "hebrew": ("דוד כהן", "David Cohen"),
    "hebrew_alef": ("אברהם לוי", "Avraham Levi"),
    "hebrew_son": ("יעקב בן דוד", "Yaakov Ben David"),
    "hebrew_vav": ("יוסף שלום", "Yosef Shalom"),
    "hebrew_last_he": ("רבקה חנה", "Rivka Hana"),
    "hebrew_tsadi": ("יצחק", "Yitzhak"),
    "hebrew_hard_letters": ("בנימין פרץ", "Binyamin Peretz"),
    "ukrainian": ("Дмитро Петренко", "Dmytro Petrenko"),
    "ukrainian_soft": ("Наталія Ткаченко", "Nataliia Tkachenko"),
    "russian": ("Елена Щербакова", "Elena Shcherbakova"),
}


@pytest.mark.parametrize(("native", "latin"), SCRIPTS.values(), ids=SCRIPTS)
def test_scripts_of_one_name_meet(native: str, latin: str) -> None:
    """A name in Arabic, Hebrew or Cyrillic letters has the consonants of its usual romanisation, part by part."""
    assert skeletons(native) == skeletons(latin) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ثائر", "Saer"),
        ("ذياب", "Ziab"),
        ("ضياء", "Zia"),
        ("ظافر", "Dafer"),
        ("جمال", "Gamal"),
        ("خالد", "Kaled"),
        ("משה", "Mose"),
        ("Сергій", "Serhii"),
    ],
)
def test_sketch_meets_where_romanisations_differ(one: str, other: str) -> None:
    """Letters that one romanisation writes d and another z, or k and h, meet in the sketch at the latest."""
    assert sketches(one) == sketches(other)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("ﻣﺤﻤﺪ ﻧﺎﺻﺮ", "محمد ناصر"),
        ("ﻻﻣﻌﺔ", "لامعة"),
        ("عبد ﷲ", "عبد الله"),
        ("\u202bسامر\u202c \u200fنوري\u200e", "سامر نوري"),
        ("سا\u200cمر", "سامر"),
        ("\ufeffSamer Nuri", "Samer Nuri"),
        ("Ｓａｍｅｒ", "Samer"),
        ("Sa\u00admer", "Samer"),
        ("Jose\u0301", "José"),
    ],
)
def test_marks_that_nobody_sees(name: str, plain: str) -> None:
    """Presentation forms, ligatures, marks of direction, joiners and composed letters change nothing."""
    assert name_parts(name) == name_parts(plain) != ()


def test_name_of_two_scripts() -> None:
    """A name that is written half in one script and half in another has the parts of both, in order."""
    assert skeletons("Samer النوري") == skeletons("سامر Nuri") == skeletons("Samer Nuri")


# ---- parts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Samer Yusef Nuri", ["samer", "yusef", "nuri"]),
        ("Nuri, Samer", ["nuri", "samer"]),
        ("Samer Samer", ["samer", "samer"]),
        ("S. Nuri", ["s", "nuri"]),
        ("L. Nuri", ["l", "nuri"]),
        ("Samer y Nuri", ["samer", "nuri"]),
        ("Samer N.", ["samer", "n"]),
        ("A B C", ["a", "b", "k"]),
        ("Abd al-Rahman Abd al-Aziz", ["abdrahman", "abdaziz"]),
        ("Samer Abd al-", ["samer", "abd"]),
        ("Abu", ["abu"]),
        ("Abu Abd Allah", ["abdla"]),
        ("Umm Hani bint Samer al-Nuri", ["hani", "samer", "nuri"]),
        ("Elena Alina Elisa", ["elena", "alina", "elisa"]),
        ("Alahmad Elhaddad", ["ahmad", "hadad"]),
        ("Ali Omar", ["ali", "omar"]),
        ("Din", ["din"]),
    ],
)
def test_parts_of_a_name(name: str, parts: list[str]) -> None:
    """Parts come out in the order published: what is one name is one part, articles and kinship are none."""
    assert spellings(name) == parts


@pytest.mark.parametrize(
    "name",
    ["", " ", "al-", "Dr.", "bin", "123", "?", "-", "()", "\u200f", "الشهيد", "unknown", "child of", "😀"],
)
def test_what_names_nobody(name: str) -> None:
    """Nothing, articles, titles, numbers and marks alone are no part that two persons could share."""
    assert name_parts(name) == ()


@pytest.mark.parametrize("letter", ["A", "h", "W", "Y", "س", "ه", "א", "ע", "Ж", "é"])
def test_one_letter_is_a_part(letter: str) -> None:
    """An initial is a part, whatever its letter, also one that is dropped elsewhere."""
    (part,) = name_parts(letter)
    assert part.skeleton
    assert part.sketch


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Samer", "Nuri"),
        ("Salim", "Salma Qasim"),
        ("Hani", "Hanin Nuri"),
        ("Elena", "Anna"),
        ("Alina", "Ina"),
        ("Olena", "Ena"),
        ("Ulyana", "Yana"),
        ("Abd al-Rahman", "Rahman"),
        ("Abd al-Rahman", "Abd al-Rahim"),
        ("Nur al-Din", "Nur"),
        ("Nasrallah", "Nasr"),
        ("سامر", "نوري"),
    ],
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    """Two names that share no more than letters have other consonants."""
    assert skeletons(one) != skeletons(other)


@pytest.mark.parametrize(
    "name", ["Samer " * 84, "S" * 500, "سامر" * 125, "Abd " * 125, "a" * 500, "al-" * 160]
)
def test_a_very_long_name(name: str) -> None:
    """A cell of 500 letters, as a slip of pasting leaves it, is a name like others."""
    assert name_parts(name) == name_parts(name.strip())


# ---- skeletons -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("samer", "SMR"),
        ("ahmad", "AHMD"),
        ("omar", "AMR"),
        ("yusuf", "YSF"),
        ("wael", "WL"),
        ("shadi", "XD"),
        ("halima", "HLM"),
        ("salih", "SL"),
        ("serhi", "SRH"),
        ("h", "H"),
        ("yitzhak", "YSHK"),
        ("", ""),
    ],
)
def test_skeleton_keeps_the_consonants(spelling: str, expected: str) -> None:
    """Vowels go but for the first, a last h goes, two letters of one sound are one class."""
    assert skeleton(spelling) == expected


# ---- what holds for any text ---------------------------------------------------------------------------------------

ANY_NAME = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [
                "Abd",
                "al-",
                "Abu",
                "Umm",
                "bin",
                "Allah",
                "Din",
                "el",
                "S.",
                "عبد",
                "الله",
                "ال",
                "أبو",
                "الدين",
                "بن",
                "ﷲ",
                "בן",
                "של",
                "Анна",
                "d'Or",
                "'",
                "-",
                "(",
                "\u200f",
                "́",
                "ß",
                "ǅ",
            ]
        ),
        max_size=8,
    ).map(" ".join),
    st.text(st.characters(min_codepoint=0x5D0, max_codepoint=0x6FF), max_size=30),
)


@budget(300)
@given(ANY_NAME)
def test_any_text_has_parts_that_say_something(name: str) -> None:
    """Whatever stands in a cell is read without a fault; no part is blank in any of its texts."""
    for part in name_parts(name):
        assert part.spelling.isascii()
        assert part.spelling.isalpha()
        assert part.spelling == part.spelling.lower()
        assert part.skeleton.isalpha()
        assert len(part.sketch) == len(part.skeleton)


@budget(100)
@given(ANY_NAME)
def test_a_name_is_read_the_same_each_time(name: str) -> None:
    """What was read before, and case and spaces around, change nothing."""
    read = name_parts(name)
    name_parts.cache_clear()
    assert name_parts(name) == read
    assert name_parts(f"  {name} ") == read


@budget(100)
@given(
    st.lists(st.sampled_from(["Samer", "Nuri", "Hani", "سامر", "Layla", "Петренко", "דוד"]), max_size=6),
    st.data(),
)
def test_order_of_words_is_the_order_of_parts(words: list[str], data: st.DataObject) -> None:
    """Plain words in another order are the same parts in that order."""
    turned = data.draw(st.permutations(words))
    assert name_parts(" ".join(turned)) == tuple(part for word in turned for part in name_parts(word))
