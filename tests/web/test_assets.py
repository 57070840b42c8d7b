"""The styles and fonts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from signer.site.host_files import FONTS_KEPT
from signer.web.assets import stylesheet

if TYPE_CHECKING:
    from tests.web.browsing import Browser


def test_a_page_names_a_style_that_never_changes(visitor: Browser) -> None:
    """Its address holds its fingerprint, so that browsers may keep it."""
    (path,) = visitor.open("/link").tree.xpath("//link[@rel='stylesheet']/@href")
    assert re.fullmatch(r"/sign/style-[0-9a-f]{12}\.css", path)
    answer = visitor.client.get(path, base_url=visitor.address)
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.text == stylesheet()[0]


def test_a_style_of_an_older_release_is_not_kept(visitor: Browser) -> None:
    """It gets the present one, for now."""
    answer = visitor.client.get("/sign/style-0.css", base_url=visitor.address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=0"


def test_every_font_that_the_style_names_is_there(visitor: Browser) -> None:
    """At the address that the site has it at too."""
    paths = re.findall(r'url\("([^"]+)"\)', stylesheet()[0])
    assert len(paths) >= 3
    for path in paths:
        assert path.startswith("/look/fonts/")
        answer = visitor.client.get(path, base_url=visitor.address)
        assert answer.mimetype == "font/woff2"
        assert answer.data.startswith(b"wOF2")
        assert answer.headers["Cache-Control"] == FONTS_KEPT


def test_what_has_not_changed_is_not_sent_again(visitor: Browser) -> None:
    """The browser names what it has."""
    path = "/look/tokens.css"
    tag = visitor.open(path).headers["ETag"]
    answer = visitor.client.get(
        path, headers={"If-None-Match": tag}, base_url=visitor.address
    )
    assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize(
    "name",
    ["make-fonts", "fonts/none.woff2", "../config.py", "fonts/../tokens.css", "x.css"],
)
def test_nothing_else_of_the_package_is_served(visitor: Browser, name: str) -> None:
    """Only the files that pages use."""
    assert visitor.open(f"/look/{name}").status == 404
