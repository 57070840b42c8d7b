"""The static site's pages about changes, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.site_building import built, headers_of
from tests.test_site import served
from tests.test_site_releases import project_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

PAGES = {
    "home": "/",
    "policy": "/policy/",
    "change-log": "/changes/",
    "redline": "/redlines/2-3/",
    "since": "/versions/2/changes/",
    "old-version": "/versions/2/",
    "list": "/versions/",
    "draft": "/code-of-conduct/",
    "draft-redline": "/code-of-conduct/changes/",
}
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A preview with three versions, a review and a draft, as it is published."""
    project = project_in(tmp_path_factory.mktemp("project"))
    site = project / "site"
    result = built(site, project=project, SHOW_DRAFT="true")
    assert result.returncode == 0, result.stderr
    with served(site, headers_of(site)) as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_is_fit_for_everybody(
    address: str,
    browser: Browser,
    picture: Callable[[Page, str], None],
    width: int,
    scheme: str,
) -> None:
    """No barrier that axe knows, nothing blocked or missing, no sideways scrolling."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for name, path in PAGES.items():
        page.goto(address + path, wait_until="load")
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], name
        picture(page, f"{name}-{scheme}")
    assert complaints == []
    context.close()


def test_paper_is_light(address: str, browser: Browser) -> None:
    """Printed by a reader who prefers dark, the words are dark on white."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{address}/redlines/2-3/", wait_until="load")
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        """() => ["color", "background-color"].map(
            (name) => getComputedStyle(document.body).getPropertyValue(name))"""
    )
    assert colours == ["rgb(27, 36, 48)", "rgb(255, 255, 255)"]
    context.close()
