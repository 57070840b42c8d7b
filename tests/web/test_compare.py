"""Any two released versions, compared for anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.markdown.blocks import plain_text
from signer.policy.release.prepare import agreed_html
from signer.policy.versions import read_version
from tests.web.browsing import Browser
from tests.web.releases import ask_for_newest, release_edit
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post


@pytest.fixture
def released(settings: Settings, post: Post) -> None:
    """Versions 3 and 4, released after the service began."""
    release_edit(settings.versions_dir, "must not take", "must never take", "One.")
    ask_for_newest(settings)
    release_edit(settings.versions_dir, "act in accord", "act fully in accord", "Two.")
    ask_for_newest(settings)


def test_two_versions_are_compared(
    visitor: Browser, released: None, settings: Settings
) -> None:
    """The page holds all that is agreed to, what went, what came, and how much."""
    page = visitor.open("/compare/2/4")
    assert page.status == 200
    assert page.heading == "Versions 2 and 4 compared"
    assert "2 paragraphs changed, none added, none removed" in page.text
    (article,) = page.tree.iter("article")
    for gone in article.xpath(
        ".//del | .//label | .//*[contains(@class, 'redline-said')]"
    ):
        gone.drop_tree()
    version = read_version(settings.versions_dir / "4.md")
    said = " ".join(article.text_content().split())
    assert said == " ".join(plain_text(agreed_html(version)).split())


def test_neighbours_show_their_own_change_alone(
    visitor: Browser, released: None
) -> None:
    """From 3 to 4 the change of 3 is no change."""
    page = visitor.open("/compare/3/4")
    assert "1 paragraph changed" in page.text
    assert "fully" in page.tree.xpath("string(//article//ins)")
    assert len(page.tree.xpath("//article//ins[not(@class)]")) == 1


def test_the_order_of_the_numbers_does_not_matter(
    visitor: Browser, released: None
) -> None:
    """Whichever comes first, with a slash or not: one page for each pair."""
    for address in ("/compare/4/2", "/compare/2/4/", "/compare/4/2/"):
        page = visitor.open(address)
        assert (page.status, page.path) == (200, "/compare/2/4")


def test_a_version_does_not_differ_from_itself(
    visitor: Browser, released: None
) -> None:
    """The page says so."""
    page = visitor.open("/compare/3/3")
    assert "Both versions are the same one" in page.text
    assert not page.tree.xpath("//ins | //del | //input[@id='show-changes']")


def test_the_changes_can_be_switched_off(visitor: Browser, released: None) -> None:
    """A box that is ticked, with words of its own, before the text."""
    page = visitor.open("/compare/2/3")
    (box,) = page.tree.xpath("//article//input[@type='checkbox'][@checked]")
    (label,) = page.tree.xpath(f"//label[@for='{box.get('id')}']")
    assert label.text_content() == "Show the changes"
    assert box.xpath("following-sibling::div[@class='redline']//ins")


@pytest.mark.parametrize(
    "path", ["2/9", "0/2", "9/9", "2/x", "2", "2/99999999999999999999", "-1/2"]
)
def test_an_unknown_version_has_no_page(
    visitor: Browser, released: None, path: str
) -> None:
    """Whatever the numbers are, the answer is a page that says there is none."""
    page = visitor.open(f"/compare/{path}")
    assert (page.status, page.heading) == (404, "There is no page here")


def test_a_version_that_nobody_was_asked_to_sign_has_no_page(
    visitor: Browser, post: Post, settings: Settings
) -> None:
    """What is released and not yet published is not shown here either."""
    release_edit(settings.versions_dir, "must not take", "must never take", "One.")
    assert visitor.open("/compare/2/3").status == 404


def test_anybody_may_keep_it(
    app: Flask, released: None, app_context: AppContext
) -> None:
    """It is public, changes nothing, sets no cookie, and is asked for by its mark."""
    before = snapshot(app_context)
    visitor = Browser(app)
    first = visitor.open("/compare/2/3")
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in first.headers
    mark = first.headers["ETag"]
    again = visitor.client.get(
        "/compare/2/3", base_url=visitor.address, headers={"If-None-Match": mark}
    )
    assert again.status_code == 304
    assert snapshot(app_context) == before
    for personal in ("Khan", "O'Brien", "example.org"):
        assert personal not in first.answer.text


def test_the_styles_hold_those_of_the_redline(visitor: Browser) -> None:
    """One sheet has the look of changes too, and the site finds it where it looks."""
    page = visitor.open("/link")
    sheet = page.tree.xpath("//link[@rel='stylesheet']/@href")[0]
    text = visitor.client.get(sheet, base_url=visitor.address).text
    assert ".redline ins" in text
    assert visitor.open("/look/redline.css").status == 200
