"""Closed lists of terms, with their spellings and their parents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from reconcile.ruleset.base import Code, Rule, fold_spelling

if TYPE_CHECKING:
    from collections.abc import Iterable


class Term(Rule):
    """One term of a vocabulary.

    Attributes:
        aliases: spellings found in the wild, matched whole, without regard to case and spacing.
        parents: broader terms it is part of.
        attacker: false for a word that stands in an attacker's place without being one (UCDP's "Civilians").
        generic: true for an origin that names nobody ("media report").
        relays: true for an origin that mostly passes on what others assert (wires).
        bbox: south, north, west, east in degrees, for countries.
        rank: order of a grade, the firmest highest; for display only.
        casualty: false for a measure of people who were not hurt (freed, displaced).
        counts: of a measure, what one of it is: persons, or reports of a ledger.
    """

    title: str
    aliases: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    kind: str = ""
    attacker: bool = True
    generic: bool = False
    relays: bool = False
    bbox: tuple[float, float, float, float] | None = None
    rank: int | None = None
    casualty: bool = True
    counts: Literal["persons", "reports"] = "persons"
    reason: str = ""
    source: str = ""


class Dependent(Rule):
    """A spelling that is another term where a column also holds one spelling (`beside`), and not another (`without`)."""

    spelling: str
    beside: str
    without: str
    code: str
    reason: str


class Vocabulary(Rule):
    """A closed list of terms.

    Attributes:
        depends: spellings whose meaning hangs on what else their column holds.
    """

    id: Code
    title: str
    reason: str
    source: str = ""
    depends: tuple[Dependent, ...] = ()
    terms: dict[str, Term]

    def spellings(self) -> list[str]:
        """Return every title and alias."""
        return [name for term in self.terms.values() for name in (term.title, *term.aliases)]

    def lookup(self) -> dict[str, str]:
        """Return code by spelling, folded: every code, title and alias."""
        spellings = {fold_spelling(code): code for code in self.terms}
        spellings |= {fold_spelling(term.title): code for code, term in self.terms.items()}
        spellings |= {
            fold_spelling(alias): code for code, term in self.terms.items() for alias in term.aliases
        }
        return spellings

    def lookup_in(self, texts: Iterable[str]) -> dict[str, str]:
        """Return `lookup` for the cells of one column."""
        held = frozenset(map(fold_spelling, texts)) if self.depends else frozenset()
        return self.lookup() | {
            fold_spelling(one.spelling): one.code
            for one in self.depends
            if one.beside in held and one.without not in held
        }

    def ancestors(self, code: str) -> frozenset[str]:
        """Return the term and all broader terms above it."""
        found: set[str] = set()
        waiting = [code]
        while waiting:
            term = waiting.pop()
            if term not in found:
                found.add(term)
                waiting.extend(self.terms[term].parents if term in self.terms else ())
        return frozenset(found)
