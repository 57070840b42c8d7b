"""The frame that site and service share, as a reader meets both at one address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.conftest import Demo

pytestmark = pytest.mark.browser

SITE = ("/", "/policy/", "/guides/operators/")
SERVICE = ("/link", "/verify", "/keys")

EDGES = """() => {
    const parts = [".school", ".motto p", "h1", ".foot .groups"];
    const left = (it) => it.getBoundingClientRect().left
        + parseFloat(getComputedStyle(it).paddingLeft);
    return parts.map((one) => document.querySelector(one)).map(left).map(Math.round);
}"""
"""Where the school's name, the motto, the heading and the foot begin, in pixels."""

SIZES = """() => [".school a", ".menu summary", ".motto p", ".foot a"].map(
    (one) => getComputedStyle(document.querySelector(one)).fontSize)"""


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_everything_has_one_left_edge(demo: Demo, browser: Browser, width: int) -> None:
    """From page to page, of the site and of the service, nothing moves."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    edges = set()
    for path in (*SITE, *SERVICE):
        page.goto(demo.url + path)
        edges |= set(page.evaluate(EDGES))
    assert len(edges) == 1
    page.close()


def test_head_and_foot_have_one_size(demo: Demo, browser: Browser) -> None:
    """The theme's own units grow with the window; the frame's do not."""
    page = browser.new_page(viewport={"width": 1920, "height": 900})
    sizes = set()
    for path in ("/policy/", "/keys"):
        page.goto(demo.url + path)
        sizes.add(tuple(page.evaluate(SIZES)))
    assert sizes == {("20px", "16px", "16px", "16px")}
    page.close()


def test_the_list_of_versions_is_found_where_it_was(
    demo: Demo, browser: Browser
) -> None:
    """Its address of before leads to the page that has every version now."""
    page = browser.new_page()
    page.goto(f"{demo.url}/versions/")
    page.wait_for_url("**/changes/")
    assert page.get_by_role("link", name="/versions/2/").is_visible()
    page.close()


def test_a_card_is_a_link_as_a_whole(demo: Demo, browser: Browser) -> None:
    """A press on its heading meets the link that is in it."""
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{demo.url}/")
    met = page.get_by_role("heading", name="You have no link").evaluate(
        """(it) => {
            it.scrollIntoView({block: "center"});
            const box = it.getBoundingClientRect();
            return document.elementFromPoint(box.left + 5, box.top + 5).href;
        }"""
    )
    assert met == f"{demo.url}/link"
    context.close()


def test_the_menu_of_the_service_opens_without_a_script(
    demo: Demo, browser: Browser
) -> None:
    """By keyboard, and it leads to the site."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo.url}/link")
    menu = page.get_by_role("navigation", name="Menu")
    assert not menu.is_visible()
    page.locator(".menu summary").focus()
    page.keyboard.press("Enter")
    menu.get_by_role("link", name="What has changed").click()
    assert page.url.endswith("/changes/")
    context.close()
