"""The one door to anyascii: any script in plain Latin letters."""

from __future__ import annotations

from anyascii import anyascii


def latin_letters(text: str) -> str:
    """Return a text in lower-case ASCII, letter by letter; languages are not told apart."""
    return anyascii(text).lower()
