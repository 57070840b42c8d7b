"""The colours of mails and of pages are the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from signer.mail import redline_styles
from signer.mail.environment import TEMPLATES
from signer.mail.inline_styles import DARK, LIGHT, STYLES

TOKENS = Path(__file__).parents[2] / "signer" / "theme" / "tokens.css"


@pytest.mark.parametrize(("position", "colours"), [(0, LIGHT), (1, DARK)])
def test_colours_are_those_of_the_tokens(
    position: int, colours: dict[str, str]
) -> None:
    """Each colour has the value that the style sheet gives it, light and dark."""
    css = TOKENS.read_text(encoding="utf-8")
    found = css.split("prefers-color-scheme: dark")[position]
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", found))
    assert colours == {name: tokens[name] for name in colours}


def test_no_other_colour_is_used() -> None:
    """Styles and templates name colours by their token alone."""
    used = set(re.findall(r"#[0-9a-f]{6}", " ".join(STYLES.values())))
    assert used <= set(LIGHT.values())
    for path in TEMPLATES.rglob("*.html"):
        assert not re.findall(r"#[0-9a-fA-F]{3,6}\b", path.read_text(encoding="utf-8"))


def test_every_style_is_used_and_every_used_style_exists() -> None:
    """No template names a style in vain, and none is left over."""
    html = "".join(p.read_text(encoding="utf-8") for p in TEMPLATES.rglob("*.html"))
    used = set(re.findall(r"look\.(\w+)", html))
    # What a redline is dressed in stands in no template.
    redline = Path(redline_styles.__file__).read_text(encoding="utf-8")
    used |= set(re.findall(r"STYLES\[.(\w+).\]", redline))
    assert used == set(STYLES)
