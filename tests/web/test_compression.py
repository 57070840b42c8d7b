"""Answers made small, and those that must not be."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

import brotli
import pytest

from signer.web import create_app
from tests.web.browsing import ADDRESS, Browser

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from werkzeug.test import TestResponse

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Page

PAGE = "<h1>Policy</h1>" + "<p>The same words again.</p>" * 100
BROWSER = "gzip, deflate, br, zstd"


def asked(
    browser: Browser, path: str, ways: str = BROWSER, **headers: str
) -> TestResponse:
    """The answer to a browser that takes these ways of compression."""
    given = {"Accept-Encoding": ways, **headers}
    return browser.client.get(path, headers=given, base_url=ADDRESS)


@pytest.fixture
def reader(settings: Settings, app_context: AppContext, tmp_path: Path) -> Browser:
    """Somebody who reads a site of one long page and a short one."""
    for name, content in {"index.html": PAGE, "short.html": "<p>Short</p>"}.items():
        (tmp_path / "site").mkdir(exist_ok=True)
        (tmp_path / "site" / name).write_text(content, encoding="utf-8")
    return Browser(
        create_app(replace(settings, site_dir=tmp_path / "site"), app_context)
    )


def test_a_page_comes_as_the_browser_takes_it(reader: Browser) -> None:
    """Brotli first, then gzip, else as it is; what lies between is told so."""
    small = asked(reader, "/")
    assert small.headers["Content-Encoding"] == "br"
    assert brotli.decompress(small.data).decode() == PAGE
    assert len(small.data) < len(PAGE) / 10
    older = asked(reader, "/", "gzip")
    assert older.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(older.data).decode() == PAGE
    plain = asked(reader, "/", "")
    assert "Content-Encoding" not in plain.headers
    assert plain.text == PAGE
    for answer in (small, older, plain):
        assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("ways", [BROWSER, "gzip", ""])
def test_a_page_that_stayed_is_not_sent_again(reader: Browser, ways: str) -> None:
    """A browser asks each time, and gets a page once, however it was compressed."""
    first = asked(reader, "/", ways)
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    again = asked(reader, "/", ways, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_page_that_changed_is_sent_anew(reader: Browser, tmp_path: Path) -> None:
    """The mark is the content's, so that a rebuilt site is seen at once."""
    first = asked(reader, "/")
    (tmp_path / "site" / "index.html").write_text(PAGE + "<p>More</p>")
    again = asked(reader, "/", **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200


def test_what_is_short_stays_as_it_is(reader: Browser) -> None:
    """It fits one packet anyway."""
    assert "Content-Encoding" not in asked(reader, "/short.html").headers


def test_the_policy_comes_small_to_a_parent(
    visitor: Browser, enter: Callable[[str], Page]
) -> None:
    """The longest page of the journey holds nothing of its request."""
    path = enter("Amira Khan").path
    assert asked(visitor, path).headers["Content-Encoding"] == "br"


def test_nothing_is_guessed_from_a_length(
    visitor: Browser, enter: Callable[[str], Page]
) -> None:
    """A page asked for with words of somebody's own is never compressed."""
    path = enter("Amira Khan").path
    for words in ("?text=csrf_token", "?a"):
        assert "Content-Encoding" not in asked(visitor, path + words).headers
    posted = visitor.client.post(
        "/link",
        data={"email": "csrf_token=I@example.org"},
        headers={"Accept-Encoding": BROWSER},
        base_url=ADDRESS,
    )
    assert len(posted.data) > 2000
    assert "Content-Encoding" not in posted.headers


def test_fonts_are_left_alone(visitor: Browser) -> None:
    """They are compressed in themselves."""
    answer = asked(visitor, "/look/fonts/atkinson-regular.woff2")
    assert "Content-Encoding" not in answer.headers
    assert answer.data.startswith(b"wOF2")


def test_the_style_comes_small(visitor: Browser) -> None:
    """It is the same for everybody, whatever was asked with it."""
    (path,) = visitor.open("/link").tree.xpath("//link[@rel='stylesheet']/@href")
    answer = asked(visitor, f"{path}?x=1")
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
