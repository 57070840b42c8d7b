"""Walking the parent's journey in a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signer.markdown.blocks import plain_text
from signer.markdown.rendering import to_html
from signer.policy.versions import in_force, read_versions
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from signer.policy.versions import Version

VERSION = in_force(read_versions(REPOSITORY / "versions"))


def walk(
    page: Page, link: str, name: str, picture: Any, version: Version = VERSION
) -> Path:
    """From the mailed link to the downloaded PDF, past a form left empty."""
    enter(page, link, name, picture)
    for sentence in plain_text(to_html(version.body)).splitlines():
        assert squeezed(sentence) in squeezed(page.locator("main").inner_text())
    declare(page, name, picture)
    page.get_by_role("button", name="Sign the code of conduct").click()
    picture(page, "signed")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your declaration").click()
    return Path(download.value.path())


def enter(page: Page, link: str, name: str, picture: Any) -> None:
    """From the mailed link to the page that is read."""
    page.goto(link)
    assert name not in page.content(), "the landing page shows no personal data"
    picture(page, "landing")
    page.get_by_role("button", name="Continue").click()
    assert "/s/" not in page.url, "the token is not in the address any more"
    picture(page, "read")


def declare(page: Page, name: str, picture: Any) -> None:
    """From the page that is read to the page that repeats the answers."""
    page.locator("main form button.button, main a.button").last.click()
    page.get_by_role("button", name="Check your answers").click()
    assert page.title().startswith("Error: ")
    picture(page, "declare-errors")
    page.get_by_role("radio").first.check()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_label("Your full name").fill(name)
    picture(page, "declare")
    page.get_by_role("button", name="Check your answers").click()
    picture(page, "check")
    assert name in page.locator("main").inner_text()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
