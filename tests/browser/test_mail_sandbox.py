"""A mail scanner with a browser, which fills in and presses all that it is shown."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.walks.stage import served
from tests.ports import free_port
from tests.web.signing.test_mail_sandbox import (
    ANSWERS,
    SENDING,
    WAYS,
    ask_many,
    assert_untouched,
)
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from signer.config import Settings
    from signer.workflows.context import AppContext

pytestmark = pytest.mark.browser

MOST_PRESSES = 15
"""For the first link of each way; they come by everything that there is to press."""

FEW_PRESSES = 3
"""For each link after those. A browser takes a fifth of a second of a processor for a
page, whatever is on it."""

MOST_FIELDS = 4
"""Fields to type into, on one page."""

# All of a page in one go: for each thing that Playwright does by itself, it asks the
# browser several questions, and this test is of some hundred pages.
_FILL_IN_AND_PRESS = """([answers, mainFirst, pressed, turn]) => {
    const shown = (wanted) =>
        [...document.querySelector("main").querySelectorAll(wanted)].filter(
            (it) => it.checkVisibility({visibilityProperty: true}));
    const all = shown("button, a[href^='/sign/'], a[href^='/link']");
    const first = turn % (all.length || 1);
    const targets = [...all.slice(first), ...all.slice(0, first)].sort(
        (one, other) => mainFirst
            ? other.matches(".button") - one.matches(".button")
            : one.matches(".button") - other.matches(".button"));
    const heading = document.querySelector("h1").innerText;
    const isNew = (it) => !pressed.some(
        ([page, words]) => page === heading && words === it.innerText);
    const target = targets.find(isNew);
    if (!target) return null;
    shown("input[type=checkbox]").forEach((box) => { box.checked = true; });
    shown("input[type=radio]").slice(0, 1).forEach((box) => { box.checked = true; });
    shown("input[type=text], input[type=email], textarea").forEach(
        (field) => { field.value = answers.pop(); });
    target.click();
    return [heading, target.innerText];
}"""


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> str:
    """SQLite alone: the pages are the same on every database."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path)}"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings of a service that the browser can reach."""
    return replace(settings, base_url=f"http://127.0.0.1:{free_port()}")


def press_all(page: Page, way: tuple[str, bool], presses: int, turn: int) -> set[str]:
    """Press one thing after another, each once; gives what stands on all of it.

    Args:
        page: where the link has led to.
        way: what is typed, and whether a page's main button comes before all others.
        presses: how many there are.
        turn: which of the other buttons comes first.
    """
    how, main_first = way
    start = page.url
    landing = page.locator("h1").inner_text()
    pressed: list[Any] = []
    for _ in range(presses):
        answers = [ANSWERS[how]() for _ in range(MOST_FIELDS)]
        with page.expect_navigation(wait_until="domcontentloaded"):
            key = page.evaluate(
                _FILL_IN_AND_PRESS, [answers, main_first, pressed, turn]
            )
            if key is None:
                page.goto(start)
        if key is None:
            # From the start again, by the same button.
            pressed = [key for key in pressed if key[0] != landing]
        else:
            pressed.append(key)
    return {words for _, words in pressed}


def test_a_browser_that_presses_everything_answers_nothing(
    app_context: AppContext, browser: Browser
) -> None:
    """Many links: nothing is signed, declined or disputed, and nobody gets a mail."""
    tokens = ask_many(app_context)
    before = snapshot(app_context)
    pressed: set[str] = set()
    page = browser.new_page()
    with served(app_context):
        for turn, (token, way) in enumerate(zip(tokens, WAYS, strict=False)):
            # Each link is opened by a browser that remembers nobody.
            page.context.clear_cookies()
            page.goto(f"{app_context.settings.base_url}/s/{token}")
            presses = MOST_PRESSES if turn < len(set(WAYS)) else FEW_PRESSES
            new = press_all(page, way, presses, turn)
            pressed |= new
    page.close()
    # It came as far as there is anything to press.
    assert pressed >= SENDING
    assert_untouched(app_context, before)
