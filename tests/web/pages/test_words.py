"""The words of the pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import signer.web

ROOM = Path(signer.web.__file__).parent
TEMPLATES = sorted(path for path in ROOM.rglob("*.html"))
NEVER = re.compile(r"\b(please|sorry|invalid|oops|click here)\b", re.IGNORECASE)
# Not words but HTML's own names.
ATTRIBUTES = re.compile(r"aria-invalid")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_page_begs_or_blames(path: Path) -> None:
    """Words that do not help anybody stand on no page."""
    assert not NEVER.search(ATTRIBUTES.sub("", path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["signing/forms.py", "errors.py", "contact/views.py"])
def test_no_sentence_in_the_code_begs_or_blames(name: str) -> None:
    """Nor do the sentences that the code says."""
    assert not NEVER.search((ROOM / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_only_choose_and_repeat(path: Path) -> None:
    """Apart from choosing and repeating, templates only name their pieces."""
    words = set(re.findall(r"{%-?\s*(\w+)", path.read_text(encoding="utf-8")))
    pieces = {"extends", "import", "include", "block", "endblock", "macro", "endmacro"}
    pieces |= {"set", "endset"}
    speaking = {"trans", "pluralize", "endtrans"}
    choosing = {"if", "elif", "else", "endif", "for", "endfor"}
    assert words <= pieces | speaking | choosing
