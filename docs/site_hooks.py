"""What mkdocs is told besides mkdocs.yml: a link to a file outside docs/ is a link in the checkout, and plain words on the site."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.structure.pages import Page

LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Return a page's text, where links that lead out of docs/ are their words alone."""
    folder = posixpath.dirname(page.file.src_uri)

    def kept(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link[2]))
        return link[1] if target.startswith("../") else link[0]

    return LINK.sub(kept, markdown)
