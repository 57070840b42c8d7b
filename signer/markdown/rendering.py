"""The one rendering: site, signing page, mail and PDF all start from it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from markdown import Markdown

EXTENSIONS: dict[str, dict[str, Any]] = {
    # MkDocs always has these three. A style attribute would break the site's CSP.
    "toc": {},
    "tables": {"use_align_attribute": True},
    "fenced_code": {},
    "sane_lists": {},
    # The site's own pages use these two; the policy may not (allowed_markdown.py).
    "admonition": {},
    "attr_list": {},
}
"""The Python-Markdown extensions, with their settings, that mkdocs.yml names too."""


def render(markdown: str) -> str:
    """A piece of the policy's text as HTML, as `to_html` gives the whole."""
    return Markdown(extensions=list(EXTENSIONS), extension_configs=EXTENSIONS).convert(
        markdown
    )


# A release checks a text's rendering, and then compares it.
@lru_cache(maxsize=4)
def to_html(markdown: str) -> str:
    """The policy's text as HTML.

    Args:
        markdown: a version's body. What a release allows holds no raw HTML, so none
            comes out; this function itself does not check.
    """
    return render(markdown)
