"""Place names as text: the parts of a name as published, and the key under which its spellings meet."""

from __future__ import annotations

import pytest

from reconcile.parse.places import directions, fold_name, skeleton, split_place


@pytest.mark.parametrize(
    "spellings",
    [
        ("Raqqa", "Raqqah", "Ar Raqqah", "Ar-Raqqa", "al-Raqqa", "near Raqqa", "Raqqa city", "RAQQA", " raqqa. "),
        ("Sha'afa", "Al Sha’afa", "ash-Shaafah", "al-Shafah"),
        ("Mayadin", "al-Mayadeen", "Mayadin town"),
        ("Ain Issa", "Ayn Isa", "Ein Issa"),
        ("Tabqa", "Al-Tabqah", "at-Tabqa"),
        ("Ḥalab", "Halab", "Halab governorate"),
        ("Sarrin", "Sarin"),
        ("Qamishli", "Kamishly", "Qamishly"),
        ("Sana'a", "Sanaa", "Ṣanʿāʾ", "SANA’A City"),
        ("Kharkiv", "Харків", "Kharkiv Oblast", "Kharkiv raion"),
        ("El Fasher", "Al Fasher", "Fasher"),
    ],
)  # fmt: skip
def test_spellings_of_one_name_meet(spellings: tuple[str, ...]) -> None:
    """Articles, doubled letters, apostrophes, a final h and words for the kind of place do not part one name."""
    assert len({fold_name(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hajin", "Hajar"),
        ("Homs", "Hama"),
        ("Tell Abyad", "Tell Rifaat"),
        ("Bab", "Busayrah"),
        ("هجين", "منبج"),
    ],
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    """Two places do not fold into one key, nor into one skeleton."""
    assert fold_name(one) != fold_name(other)
    assert skeleton(fold_name(one)) != skeleton(fold_name(other))


def test_semivowels_inside_a_name_are_no_consonants() -> None:
    """Two names may share what is left of them without their vowels, and are still two by their keys."""
    assert fold_name("Dara") != fold_name("Dariya")
    assert skeleton(fold_name("Dara")) == skeleton(fold_name("Dariya")) == "dr"


@pytest.mark.parametrize("text", ["", "  ", "near the city", "the countryside of", "al-", "'", "—"])
def test_words_that_name_nothing(text: str) -> None:
    """An article, a direction or a kind of place alone is no key that two claims could share."""
    assert fold_name(text) == ""


def test_skeleton_keeps_the_consonants() -> None:
    """Vowels go, also those written by consonants inside a word; words stand together, and a doubled letter is one."""
    assert skeleton("manbij") == skeleton("manbej") == "mnbj"
    assert skeleton("abu kamal") == "bkml"
    assert skeleton("tatar") == "tr"
    assert skeleton("") == ""


@pytest.mark.parametrize(
    ("arabic", "latin"), [("منبج", "Manbij"), ("حلب", "Halab"), ("تدمر", "Tadmur"), ("مسكنة", "Maskanah")]
)
def test_arabic_meets_its_romanisation(arabic: str, latin: str) -> None:
    """A name in Arabic letters has the skeleton of its usual romanisation."""
    assert skeleton(fold_name(arabic)) == skeleton(fold_name(latin))


@pytest.mark.parametrize(("arabic", "bare"), [("الحسكة", "حسكة"), ("الباب", "باب"), ("الطبقة", "طبقة")])
def test_article_in_arabic_letters_goes_too(arabic: str, bare: str) -> None:
    """The article is taken away in its own script as in its romanisations."""
    assert fold_name(arabic) == fold_name(bare)


@pytest.mark.parametrize("name", ["رقة", "الرقة"])
def test_qaf_before_a_feminine_ending_stays(name: str) -> None:
    """The q of Raqqa does not merge with the h that follows it and vanish."""
    assert "k" in fold_name(name)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("near Raqqah, Syria", ("near Raqqah", "Syria")),
        ("Ar Raqqah: near Sample mosque", ("Ar Raqqah", "Sample mosque")),
        ("Tell Example - Ain Sample", ("Tell Example", "Ain Sample")),
        ("Old Bridge – Raqqa", ("Old Bridge", "Raqqa")),
        ("Deir ez-Zor", ("Deir ez-Zor",)),
        ("Hajin or Susah", ("Hajin", "Susah")),
        ("Hajin and Susah", ("Hajin", "Susah")),
        ("Mosul (west)", ("Mosul", "west")),
        ("Tell Example / Ain Sample", ("Tell Example", "Ain Sample")),
        ("Sandora", ("Sandora",)),
        ("", ()),
        (" , ;", ()),
    ],
)
def test_parts_of_a_name(text: str, parts: tuple[str, ...]) -> None:
    """A published place is parted at its punctuation and joining words, and not inside a word."""
    assert split_place(text) == parts


@pytest.mark.parametrize("text", ["Raqqa،الرقة", "الرقة، سوريا", "الرقة؛ سوريا"])
def test_arabic_punctuation_parts_too(text: str) -> None:
    """The Arabic comma and semicolon part a name as the Latin ones do."""
    assert len(split_place(text)) == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("North Darfur", {"north"}),
        ("northern Gaza", {"north"}),
        ("Central Darfur", {"central"}),
        ("south-east of Idlib", {"southeast"}),
        ("Northampton", set()),
    ],
)
def test_directions_that_a_key_leaves_out(text: str, found: set[str]) -> None:
    """A direction is told from a name that begins like one."""
    assert directions(text) == found
