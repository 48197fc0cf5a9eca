"""What every rule model shares: frozen, and closed to keys it does not know."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Kind = Literal["incident", "victim", "total"]
LinkedKind = Literal["incident", "victim"]
Population = Literal["civilian", "combatant", "all", "unknown"]


class Rule(BaseModel):
    """A frozen piece of a rule file; a key it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def fold_spelling(text: str) -> str:
    """Return a spelling as vocabularies compare it: case, spacing, underscores and typographic apostrophes aside."""
    plain = text.replace("\u2019", "'").replace("_", " ").replace("\u200e", "").replace("\u200f", "")
    return " ".join(plain.casefold().split())


def fold_header(text: str) -> str:
    """Return a header as layouts compare it: case, spacing, underscores and a byte-order mark aside."""
    return " ".join(text.replace("\ufeff", "").replace("_", " ").split()).casefold()


def regular_expression(pattern: str) -> str:
    """Return a pattern as it is.

    Raises:
        ValueError: when it is no regular expression.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern
