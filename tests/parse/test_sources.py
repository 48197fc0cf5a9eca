"""Sources as records word them: who first asserted, through whom, and what is never cut or kept."""

from __future__ import annotations

import pytest

from reconcile.parse.sources import Sourced, parse_sources

KNOWN = {
    "sohr",
    "afp",
    "bbc",
    "reuters",
    "airwars",
    "sana",
    "sound and picture",
    "المرصد السوري",
    "syriahr.com",
}


def read(text: str, *separators: str) -> list[tuple[str, ...]]:
    """Return each source as its first asserter and those who passed it on."""
    found = parse_sources(text, lambda name: name.casefold() in KNOWN, separators)
    return [(one.first, *one.via) for one in found]


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("SOHR", [("SOHR",)]),
        ("SOHR; AFP quoting SOHR", [("SOHR",), ("SOHR", "AFP")]),
        ("a-site.example citing SOHR", [("SOHR", "a-site.example")]),
        ("SOHR via AFP", [("SOHR", "AFP")]),
        ("SOHR (via AFP)", [("SOHR", "AFP")]),
        ("SOHR, cited by AFP", [("SOHR", "AFP")]),
        ("BBC citing AFP quoting SOHR", [("SOHR", "BBC", "AFP")]),
        ("according to SOHR", [("SOHR",)]),
        ("AFP نقلا عن المرصد السوري", [("المرصد السوري", "AFP")]),
        ("SOHR /// Reuters\nAFP", [("SOHR",), ("Reuters",), ("AFP",)]),
        ("the official news agency SANA", [("SANA",)]),
        ("https://www.syriahr.com/en/1/a-page", [("syriahr.com",)]),
        ("", []),
        (" ; ;", []),
    ],
)
def test_the_first_asserter_stands_first(text: str, sources: list[tuple[str, ...]]) -> None:
    """A wire that quotes somebody is a way; the one it quotes is the source."""
    assert read(text) == sources


def test_a_list_is_cut_only_where_all_are_names() -> None:
    """A name that holds "and" stays whole."""
    assert read("Sound and Picture") == [("Sound and Picture",)]
    assert read("AFP and Reuters") == read("AFP Reuters") == [("AFP",), ("Reuters",)]
    assert read("Friends and Family") == [("Friends and Family",)]


def test_a_comma_before_a_quotation_cuts_nothing() -> None:
    """The paper that quotes is no source of its own, though commas cut the column."""
    assert read("A Paper, citing SOHR, Reuters", ", ") == [("SOHR", "A Paper"), ("Reuters",)]


def test_a_persons_name_is_not_kept_beside_her_body() -> None:
    """Who speaks for a body is that body."""
    assert read("SOHR director Example Person told AFP") == [("SOHR", "AFP")]


def test_articles_give_their_offices() -> None:
    """Of UCDP's articles only the offices are read; headlines never are."""
    text = '"SOHR,2017-01-03,A headline, with a comma";"Reuters News,2017-01-04,Another"'
    assert read(text) == [("SOHR",), ("Reuters News",)]


def test_each_source_is_told_once() -> None:
    """What a cell repeats is one source."""
    assert parse_sources("SOHR;SOHR; SOHR", lambda name: name == "SOHR") == (Sourced("SOHR"),)
