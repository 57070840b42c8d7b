"""A mail scanner with a browser, which fills in and presses all that it is shown."""

from __future__ import annotations

import random
import string
from itertools import cycle, product
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer.store.columns import Status
from signer.store.tables import Request
from tests.browser.walks.stage import SIGNERS, Stage, stage
from tests.web.signing.test_mail_sandbox import SENDING
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.browser

MOST_PRESSES = 30
"""For each link."""

_RANDOM = random.Random(2)

ANSWERS: dict[str, Callable[[], str]] = {
    "empty": str,
    "random": lambda: "".join(_RANDOM.choices(string.ascii_letters + " ", k=12)),
    "lorem": lambda: "Lorem ipsum",
}

UNCHANGED = ("declaration", "note", "outbox", "link", "leaf", "link_ask")


@pytest.fixture(scope="module")
def school(
    tmp_path_factory: pytest.TempPathFactory, key_files_of_today: KeyFiles
) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("stage"), key_files_of_today) as served:
        yield served


def fill_in(page: Page, answer: Callable[[], str]) -> None:
    """Tick every box, choose the first of each, and type into every field."""
    for box in page.locator("main input[type=checkbox]:visible").all():
        box.check()
    for choice in page.locator("main input[type=radio]:visible").all()[:1]:
        choice.check()
    fields = "main input[type=text]:visible, main input[type=email]:visible"
    for field in page.locator(f"{fields}, main textarea:visible").all():
        field.fill(answer())


def press_all(page: Page, answer: Callable[[], str], *, main_first: bool) -> set[str]:
    """Press one thing after another, each once; gives what stands on all of it.

    Args:
        page: where the link has led to.
        answer: gives what is typed into a field.
        main_first: whether a page's main button comes before all others, or after them.
    """
    start = page.url
    pressed: set[tuple[str, str]] = set()
    landing = page.locator("h1").inner_text()
    for _ in range(MOST_PRESSES):
        heading = page.locator("h1").inner_text()
        target = _next(page, heading, pressed, main_first=main_first)
        if target is None:
            # From the start again, by the same button.
            pressed = {key for key in pressed if key[0] != landing}
            page.goto(start)
            continue
        fill_in(page, answer)
        target.click()
        page.wait_for_load_state()
    return {words for _, words in pressed}


def _next(
    page: Page, heading: str, pressed: set[tuple[str, str]], *, main_first: bool
) -> Locator | None:
    own = "main a[href^='/sign/']:visible, main a[href^='/link']:visible"
    targets = page.locator(f"main button:visible, {own}").all()
    targets.sort(
        key=lambda it: (it.get_attribute("class") == "button") is not main_first
    )
    for target in targets:
        key = heading, target.inner_text()
        if key not in pressed:
            pressed.add(key)
            return target
    return None


def test_a_browser_that_presses_everything_answers_nothing(
    school: Stage, browser: Browser
) -> None:
    """Nothing is signed, declined or disputed by it, and nobody gets a mail."""
    before = snapshot(school.context)
    query = select(func.count()).where(Request.status == Status.PENDING)
    with school.context.sessions.reading() as session:
        pending = session.scalar(query)
    ways = cycle(product(ANSWERS, (True, False)))
    pressed: set[str] = set()
    for name, (how, main_first) in zip(SIGNERS[:6], ways, strict=False):
        page = browser.new_context().new_page()
        page.goto(school.links(name)[-1])
        pressed |= press_all(page, ANSWERS[how], main_first=main_first)
        page.context.close()
    assert pressed >= SENDING
    after = snapshot(school.context)
    for table in UNCHANGED:
        assert after[table] == before[table], table
    with school.context.sessions.reading() as session:
        assert session.scalar(query) == pending
