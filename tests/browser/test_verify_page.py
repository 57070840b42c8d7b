"""The page that checks a declaration, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.walks.barriers import WIDTHS, barriers
from tests.browser.walks.walking import declare, enter
from tests.declaration.forgery import genuine, key_folder, with_a_page_appended
from tests.production.harness.launching import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from signer.pki.make_keys import KeyFiles
    from tests.browser.conftest import Demo

pytestmark = pytest.mark.browser

NAME = "अनिता शर्मा"
FIELD = "The declaration"
BUTTON = "Check this file"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which nothing moves: that would be measured halfway by chance."""
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def declaration(
    demo: Demo, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What a parent of the demo has signed."""
    path = tmp_path_factory.mktemp("signed") / "declaration.pdf"
    page = browser.new_page()
    enter(page, demo.link(NAME), NAME, _unseen)
    declare(page, NAME, _unseen)
    page.get_by_role("button", name="Sign the code of conduct").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your declaration").click()
    download.value.save_as(path)
    page.close()
    return path


def _unseen(_page: Page, _name: str) -> None:
    """No picture of what other tests show."""


@pytest.fixture
def files(declaration: Path, key_files: KeyFiles) -> dict[str, tuple[bytes, str]]:
    """Files of every kind, by a name, with the heading of the answer."""
    sealed = declaration.read_bytes()
    return {
        "genuine": (sealed, "This declaration is genuine"),
        "changed": (with_a_page_appended(sealed), "This is not genuine"),
        "stranger": (genuine(key_folder(key_files)), "We do not know who sealed this"),
        "cut": (sealed[:50_000], "We cannot tell"),
        "photo": (b"\xff\xd8\xff\xe0", "Check a declaration"),
        "large": (sealed + bytes(12_000_000), "Check a declaration"),
    }


def test_every_answer_is_fit_for_everybody(
    demo: Demo,
    page: Page,
    files: dict[str, tuple[bytes, str]],
    picture: Callable[[Page, str], None],
    tmp_path: Path,
) -> None:
    """No barrier at any width, in light or dark, and nothing for the console."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for name, (content, heading) in files.items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(content)
        page.goto(f"{demo.url}/verify", wait_until="load")
        page.get_by_label(FIELD).set_input_files(path)
        page.get_by_role("button", name=BUTTON).click()
        assert page.locator("h1").inner_text().replace("\n", " ") == heading
        assert barriers(page) == [], name
        picture(page, name)
    # The browser itself notes answers of 413 and 422 there.
    assert [one for one in complaints if "Failed to load resource" not in one] == []


def test_a_proof_alone_is_answered_for_everybody(
    demo: Demo,
    page: Page,
    declaration: Path,
    picture: Callable[[Page, str], None],
    tmp_path: Path,
) -> None:
    """It says whether the entry still stands, and no barrier is in the way of it."""
    until(lambda: len(demo.attachments(NAME)) == 2)
    path = tmp_path / "declaration.tlog-proof"
    path.write_bytes(demo.attachments(NAME)[1])
    page.goto(f"{demo.url}/verify", wait_until="load")
    page.get_by_label("The proof").set_input_files(path)
    page.get_by_role("button", name=BUTTON).click()
    assert "still" in page.locator("main").inner_text()
    assert barriers(page) == []
    picture(page, "proof")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_file_can_be_let_go_over_the_field(
    demo: Demo, page: Page, declaration: Path, width: int
) -> None:
    """Browsers do that with any field for files; this one is large enough to hit."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{demo.url}/verify", wait_until="load")
    box = page.get_by_label(FIELD).bounding_box()
    assert box
    assert box["height"] >= 80
    session = page.context.new_cdp_session(page)
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(declaration)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})
    page.get_by_role("button", name=BUTTON).click()
    assert "genuine" in page.locator("h1").inner_text()
