"""The whole journey by keyboard: Tab, Space and Enter, and always to be seen where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.walks.stage import SIGNERS, Stage, stage
from tests.browser.walks.states import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.browser

MOST_STEPS = 60

_STATE = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const shown = one.closest(".choice") || one;
    const box = shown.getBoundingClientRect();
    const style = getComputedStyle(shown);
    return {
        top: box.top + scrollY,
        visible: box.bottom > 0 && box.top < innerHeight && box.width > 0,
        look: [style.outlineStyle, style.outlineColor, style.backgroundColor,
            style.boxShadow, style.borderColor].join(),
        marked: one.matches(":focus-visible"),
        words: (one.innerText || one.name || "").trim(),
    };
}"""
_MATCHES = "(wanted) => document.activeElement.matches(wanted)"
_AT_REST = """() => {
    const one = document.activeElement, shown = one.closest(".choice") || one;
    one.blur();
    const style = getComputedStyle(shown);
    const look = [style.outlineStyle, style.outlineColor, style.backgroundColor,
        style.boxShadow, style.borderColor].join();
    one.focus({focusVisible: true});
    return look;
}"""


@pytest.fixture(scope="module")
def school(
    tmp_path_factory: pytest.TempPathFactory, key_files_of_today: KeyFiles
) -> Iterator[Stage]:
    """The school as it ships."""
    with stage(tmp_path_factory.mktemp("stage"), key_files_of_today) as one:
        yield one


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus; every stop on the way can be seen."""
    last_in_main = -1.0
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        state = page.evaluate(_STATE)
        assert state, f"the focus is lost before {selector}"
        assert state["marked"], state
        assert state["visible"], state
        assert state["look"] != page.evaluate(_AT_REST), f"no mark on {state['words']}"
        if page.evaluate("document.activeElement.closest('main') !== null"):
            assert state["top"] >= last_in_main - 4, f"{state['words']} comes late"
            last_in_main = state["top"]
        if page.evaluate(
            "(wanted) => document.activeElement.matches(wanted)", selector
        ):
            return
    pytest.fail(f"{selector} cannot be reached")


def press(page: Page, selector: str) -> None:
    """Go to a button or link by Tab, and press Enter there."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_journey_can_be_walked_by_keyboard_alone(
    school: Stage, browser: Browser
) -> None:
    """From the link to the receipt, past a form left empty."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(school.links(SIGNERS[0])[-1])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    press(page, "main button.button")
    press(page, ".onwards button")
    press(page, "main form button.button")
    # The summary has the focus, and leads to the first field at fault.
    assert page.evaluate("document.activeElement.className") == "summary"
    press_link = ".summary a[href='#capacity-0']"
    tab_to(page, press_link)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "capacity-0"
    page.keyboard.press("Space")
    for place in range(3):
        tab_to(page, f"#confirmed-{place}")
        page.keyboard.press("Space")
    tab_to(page, "#typed_name")
    page.keyboard.type(SIGNERS[0])
    press(page, "main form button.button")
    assert page.locator("h1").inner_text() == "Check your answers, then sign"
    press(page, "main > .back")
    assert page.locator("#typed_name").input_value() == SIGNERS[0]
    press(page, "main form button.button")
    press(page, "#answers > .button")
    assert page.locator(".reference").count() == 1
    tab_to(page, "main a.button")
    page.close()


@pytest.mark.parametrize("way", ["question", "decline", "paper", "not-me"])
def test_every_other_way_can_be_walked_by_keyboard_alone(
    school: Stage, browser: Browser, way: str
) -> None:
    """From the link to what is said at the end."""
    page = browser.new_page(viewport={"width": 320, "height": 640})
    place = ["question", "decline", "paper", "not-me"].index(way) + 1
    page.goto(school.links(SIGNERS[place])[-1])
    press(page, "main button.button")
    press(page, f".ways a[href$='{way}']")
    tab_to(page, "#words")
    page.keyboard.type("In a few words.")
    press(page, "main form button.button")
    tab_to(page, "#sure")
    page.keyboard.type(word(page))
    press(page, "main form button.button")
    assert page.url.endswith(f"/{way}/sent")
    page.close()


def test_a_new_link_can_be_asked_for_by_keyboard_alone(
    school: Stage, browser: Browser
) -> None:
    """A mistake first, then an address."""
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{school.url}/s/nonsense")
    press(page, "main a.button")
    press(page, "main form button.button")
    tab_to(page, ".summary a")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "email"
    page.keyboard.type("nobody@families.example")
    page.keyboard.press("Enter")
    page.wait_for_url("**/link/sent*")
    page.close()


def test_the_changes_can_be_switched_by_keyboard_alone(
    school: Stage, browser: Browser
) -> None:
    """On the page that compares two versions, without a script too."""
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{school.url}/compare/2/3")
    gone = page.locator("article del").first
    assert gone.is_visible()
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.locator("#show-changes:focus").count():
            break
    page.keyboard.press("Space")
    assert not gone.is_visible()
    assert page.locator("article ins").first.is_visible()
    page.keyboard.press("Space")
    assert gone.is_visible()
    context.close()
