"""The pages of keys and of the public log, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.walks.barriers import WIDTHS, barriers
from tests.site.building import built, copied_project
from tests.site.test_checkpoint import NOTE
from tests.site.test_mkdocs_plugin import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Demo

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site with a checkpoint, as it is published; gives its address."""
    project = copied_project(tmp_path_factory.mktemp("project") / "project")
    note = project / "versions" / "log-checkpoint"
    note.write_text(NOTE, encoding="utf-8", newline="")
    built(project / "site", project=project).check_returncode()
    with served(project / "site", {}) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which nothing moves: that would be measured halfway by chance."""
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


def check(page: Page, picture: Callable[[Page, str], None], name: str) -> None:
    """No barrier that axe knows, and no sideways scrolling, at any width and scheme."""
    assert barriers(page) == [], name
    picture(page, name)


def test_keys_and_log_are_fit_for_everybody(
    demo: Demo, page: Page, picture: Callable[[Page, str], None]
) -> None:
    """On a phone and on a desk, in light and in dark."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for name in ("keys", "log"):
        page.goto(f"{demo.url}/{name}/", wait_until="load")
        check(page, picture, name)
    assert complaints == []


def test_a_fingerprint_has_two_groups_on_each_line(demo: Demo, page: Page) -> None:
    """At every width, so that both on the telephone count the same lines."""
    page.goto(f"{demo.url}/keys/", wait_until="load")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        tops = page.locator(".fingerprint").first.evaluate(
            "(one) => [...one.children].map((group) => group.offsetTop)"
        )
        assert len(tops) == 8
        assert tops[::2] == tops[1::2] == sorted(set(tops)), width


def test_the_sites_page_is_fit_for_everybody(
    site: str, page: Page, picture: Callable[[Page, str], None]
) -> None:
    """With a checkpoint, whose lines are longer than a phone is wide."""
    page.goto(f"{site}/public-log/", wait_until="load")
    check(page, picture, "public-log")
