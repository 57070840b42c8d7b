"""The built site, served by the service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.web import create_app
from signer.web.static_site import read_headers
from tests.web.browsing import Browser

if TYPE_CHECKING:
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

HEADERS = """\
# for every page
/*
  Content-Security-Policy: default-src 'self'
  X-Content-Type-Options: nosniff

/assets/*
  Cache-Control: public, max-age=3600
/versions/2.md
  Content-Type: text/markdown; charset=utf-8
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small built site."""
    folder = tmp_path / "site"
    for name, content in {
        "index.html": "<h1>Home</h1>",
        "policy/index.html": "<h1>Policy</h1>",
        "versions/2.md": "# two",
        "assets/look.css": "a {}",
        "404.html": "<h1>The site has no such page</h1>",
        "_headers": HEADERS,
        "_redirects": "/s/* https://origin.example/s/:splat 200",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def reader(
    settings: Settings, app_context: AppContext, post: Post, site: Path
) -> Browser:
    """Somebody who reads the site where the service serves it too."""
    del post
    return Browser(create_app(replace(settings, site_dir=site), app_context))


def test_pages_are_served_with_the_sites_own_headers(reader: Browser) -> None:
    """The policy for scripts is the site's, and nothing forbids search engines."""
    for path, heading in (("/", "Home"), ("/policy/", "Policy")):
        page = reader.open(path)
        assert (page.status, page.heading) == (200, heading)
        assert page.headers["Content-Security-Policy"] == "default-src 'self'"
        assert "X-Robots-Tag" not in page.headers


def test_headers_are_those_of_every_rule_that_fits(reader: Browser) -> None:
    """A rule for a folder adds to the rule for everything."""
    headers = reader.open("/assets/look.css").headers
    assert headers["Cache-Control"] == "public, max-age=3600"
    assert headers["X-Content-Type-Options"] == "nosniff"
    page = reader.open("/versions/2.md")
    assert page.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert page.answer.text == "# two"


def test_a_folder_is_found_without_its_slash(reader: Browser) -> None:
    """As where the site is published."""
    page = reader.open("/policy")
    assert (page.path, page.heading) == ("/policy/", "Policy")


def test_what_is_not_there_gets_the_sites_page(reader: Browser) -> None:
    """With the status that says so."""
    page = reader.open("/nowhere/")
    assert (page.status, page.heading) == (404, "The site has no such page")


@pytest.mark.parametrize(
    "path",
    [
        "/_headers",
        "/_redirects",
        "/./_headers",
        "/policy/../_redirects",
        "/nowhere/.././_headers",
        "/%5fheaders",
        "/../signer.sqlite3",
        "/policy/../../signer.sqlite3",
        "/%2e%2e/signer.sqlite3",
        "//etc/passwd",
        "/assets/",
        "/policy/%00",
    ],
)
def test_nothing_but_the_pages_is_served(reader: Browser, path: str) -> None:
    """Not the host's own files, nor anything beside the site."""
    answer = reader.client.get(path, base_url=reader.address, buffered=True)
    assert answer.status_code in {301, 308, 400, 404}
    for content in ("secret", "Content-Security-Policy:", "origin.example"):
        assert content not in answer.text


@pytest.mark.parametrize("path", ["a" * 256, "policy/" + "é" * 200, "x/" * 4000])
def test_a_name_that_no_file_can_have_is_not_there(
    reader: Browser, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """No fault of ours, and no line in the log that names the path."""
    page = reader.open(f"/{path}")
    assert (page.status, page.heading) == (404, "The site has no such page")
    assert path not in caplog.text


def test_the_services_own_pages_come_first(reader: Browser, post: Post) -> None:
    """The site hides none of the journey, and lends it no headers."""
    page = reader.open(f"/s/{post.token('Amira Khan')}")
    assert page.buttons == ["Continue to the code of conduct"]
    assert "form-action" in page.headers["Content-Security-Policy"]


def test_a_site_without_headers_gets_the_services(
    settings: Settings, app_context: AppContext, site: Path
) -> None:
    """Nothing is ever served without any."""
    (site / "_headers").unlink()
    (site / "404.html").unlink()
    reader = Browser(create_app(replace(settings, site_dir=site), app_context))
    assert "default-src 'none'" in reader.open("/").headers["Content-Security-Policy"]
    assert reader.open("/nowhere/").heading == "There is no page here"


def test_the_headers_file_is_read_as_it_is_written(site: Path) -> None:
    """Patterns in order, each with its headers; comments passed over."""
    rules = read_headers(site / "_headers")
    assert [pattern for pattern, _ in rules] == ["/*", "/assets/*", "/versions/2.md"]
    assert rules[1][1] == (("Cache-Control", "public, max-age=3600"),)
    assert read_headers(site / "nothing") == ()


def test_the_rules_of_a_new_build_hold_at_once(reader: Browser, site: Path) -> None:
    """A release writes them anew while the service runs."""
    assert reader.open("/policy/").headers["X-Content-Type-Options"] == "nosniff"
    (site / "_headers").write_text("/policy/*\n  X-New: yes\n", encoding="utf-8")
    assert reader.open("/policy/").headers["X-New"] == "yes"
