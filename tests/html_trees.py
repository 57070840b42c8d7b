"""Elements of pages that must be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def first(root: HtmlElement, path: str) -> HtmlElement:
    """The first element at a path (ElementPath)."""
    found = root.find(path)
    assert found is not None, path
    return found
