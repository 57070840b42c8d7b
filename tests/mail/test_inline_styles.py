"""Mails name their colours and styles as the theme does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from signer.mail import redline_styles
from signer.mail.environment import TEMPLATES
from signer.mail.inline_styles import LIGHT, STYLES
from signer.mail.kinds import Kind
from tests.mail.examples import mail


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


@pytest.mark.parametrize("kind", Kind)
def test_no_text_touches_the_heading(kind: Kind) -> None:
    """What follows it directly is smaller print that belongs to it, or has room."""
    body = mail(kind).get_body(("html",))
    assert body is not None
    found = re.search(
        r'<h1 style="margin:0 0 (\d+)px.*?</h1>\s*<(\w+)( class="quiet")?',
        body.get_content(),
        re.DOTALL,
    )
    assert found
    room, follows, smaller = found.groups()
    assert smaller or follows == "h2" or int(room) >= 16
