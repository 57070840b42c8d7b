"""Styles and forms that hold for every reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import signer.theme
import signer.web

WEB = Path(signer.web.__file__).parent
LOOK = Path(next(iter(signer.theme.__path__)))
SHEETS = sorted([*WEB.rglob("*.css"), *LOOK.glob("*.css")])
TEMPLATES = sorted(WEB.rglob("*.html"))


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_no_style_knows_left_from_right(path: Path) -> None:
    """Pages turn round for languages that run from right to left."""
    css = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"(?:\b|-)(?:left|right)\b\s*[:;]", css) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_class_has_a_style(path: Path) -> None:
    """A page that asks for a look gets it."""
    styled = {
        name
        for sheet in SHEETS
        for name in re.findall(r"\.([a-z][\w-]*)", sheet.read_text(encoding="utf-8"))
    }
    html = re.sub(r"{[{%].*?[%}]}", " ", path.read_text(encoding="utf-8"))
    asked = " ".join(re.findall(r'class="([^"]*)"', html)).split()
    assert [name for name in asked if name not in styled] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_forms_hide_nothing_and_stop_nobody(path: Path) -> None:
    """No label that vanishes as one types, no button that does not answer."""
    html = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(placeholder|disabled|autofocus=|onpaste)\b", html)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_box_to_type_in_says_what_belongs_there(path: Path) -> None:
    """What a browser knows of the person, such as the name, it can fill in."""
    html = path.read_text(encoding="utf-8")
    for box in re.findall(r'<input class="words"[^>]*>', html):
        assert "autocomplete=" in box
        (name,) = re.findall(r' id="([^"]+)"', box)
        assert re.search(rf'<label[^>]* for="{re.escape(name)}"', html)
