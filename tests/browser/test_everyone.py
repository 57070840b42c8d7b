"""Every page in every state is fit for everybody: whatever they see, hear or press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from signer.mail.kinds import TO_PARENTS, Kind
from tests.browser.walks import states
from tests.browser.walks.stage import SIGNERS, Stage, stage
from tests.mail.examples import SINCE, mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 1280)
SCHEMES = ("light", "dark")

WALKS: dict[str, Callable[[Stage, Page], Iterator[str]]] = {
    "signing": lambda stage, page: states.signing(stage, page, SIGNERS[0]),
    "returning": states.returning,
    "telling": lambda stage, page: states.telling(stage, page, SIGNERS[1:5]),
    "links": states.links,
    "mails": states.mails,
}


@pytest.fixture(scope="module")
def school(
    tmp_path_factory: pytest.TempPathFactory, key_files_of_today: KeyFiles
) -> Iterator[Stage]:
    """The school, in English alone, as it ships."""
    with stage(tmp_path_factory.mktemp("stage"), key_files_of_today) as one:
        yield one


# What width and scheme can change; everything else is the same page. Colours do not
# change between 320 and 1280 px, nor does the size of anything with the scheme.
_SIZES = ["target-size"]
_COLOURS = ["color-contrast", "link-in-text-block"]
LOOKS: tuple[tuple[str, int, list[str] | None], ...] = (
    ("light", 320, None),
    ("light", 390, _SIZES),
    ("light", 1280, [*_COLOURS, *_SIZES]),
    ("dark", 1280, _COLOURS),
    ("dark", 320, _COLOURS),
)
"""Scheme, width in pixels, and the rules that hold there: None is all of them."""

VIOLATIONS = """(rules) => axe.run({
    resultTypes: ["violations"], ...(rules && {runOnly: rules}),
}).then((found) => found.violations.map((one) => [one.id, one.nodes[0].html]))"""
"""Takes what axe takes as `runOnly`; gives each rule broken and where it first is."""


def barriers(page: Page) -> list[tuple[str, object]]:
    """What axe finds: WCAG 2.0 to 2.2, A and AA, and its best practices.

    At each width, light and dark; and what scrolls sideways there. 400 % zoom of a
    window of 1280 px is one of 320 px.
    """
    page.evaluate(AXE_SCRIPT)
    found: list[tuple[str, object]] = []
    for scheme, width, rules in LOOKS:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 800})
        where = f"{width} px, {scheme}"
        found += [(where, one) for one in page.evaluate(VIOLATIONS, rules)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append((where, "scrolls sideways"))
    return found


@pytest.mark.parametrize("walk", WALKS)
def test_no_state_of_any_page_has_a_barrier(
    school: Stage, browser: Browser, walk: str
) -> None:
    """None that axe knows, and nothing to scroll sideways: any width, light or dark."""
    page = browser.new_context(reduced_motion="reduce").new_page()
    for state in WALKS[walk](school, page):
        page.wait_for_load_state()
        assert barriers(page) == [], state
    page.context.close()


@pytest.mark.parametrize("kind", Kind)
def test_no_mail_has_a_barrier(browser: Browser, kind: Kind) -> None:
    """The same for the HTML of each kind of mail."""
    page = browser.new_page()
    longest = SINCE if kind in TO_PARENTS else {}
    html = mail(kind, **longest).get_body(("html",))
    assert html is not None
    page.set_content(html.get_content())
    assert barriers(page) == []
    page.close()


def test_every_control_shows_where_it_is_in_forced_colours(
    school: Stage, browser: Browser
) -> None:
    """Each button and box has an edge of its own when colours are taken away."""
    page = browser.new_context(forced_colors="active").new_page()
    for state in states.signing(school, page, SIGNERS[6]):
        page.wait_for_load_state()
        bare = page.evaluate(
            """() => [...document.querySelectorAll("main .button, main .words,"
                + " main .choice, .steps .now span")].filter((one) => {
                const style = getComputedStyle(one);
                return style.borderStyle === "none"
                    || style.borderColor === "rgba(0, 0, 0, 0)";
            }).map((one) => one.outerHTML)"""
        )
        assert bare == [], state
    page.context.close()


@pytest.mark.parametrize("walk", ["signing", "returning", "telling", "links"])
def test_every_path_can_be_walked_without_scripts(
    school: Stage, browser: Browser, walk: str
) -> None:
    """Each state is reached, has one first heading, and says nothing went wrong."""
    walks: dict[str, Callable[[Stage, Page], Iterator[str]]] = {
        **WALKS,
        "signing": lambda stage, page: states.signing(
            stage, page, SIGNERS[7], scripts=False
        ),
        "telling": lambda stage, page: states.telling(stage, page, SIGNERS[8:12]),
    }
    page = browser.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False
    ).new_page()
    headings = {}
    for state in walks[walk](school, page):
        page.wait_for_load_state()
        assert page.locator("h1").count() == 1, state
        headings[state] = page.locator("h1").inner_text()
    assert "Something went wrong on our side" not in headings.values()
    if walk == "signing":
        assert headings["signed"].endswith("You have signed the code of conduct")
    page.context.close()


def test_a_link_opened_on_another_device_starts_at_reading(
    school: Stage, browser: Browser
) -> None:
    """What was begun on one device does not lead the other astray."""
    link = school.links(SIGNERS[13])[-1]
    first, second = browser.new_context().new_page(), browser.new_context().new_page()
    states.enter(first, link)
    first.locator(".onwards button").click()
    assert first.url.split("?")[0].endswith("/declare")
    states.enter(second, link)
    assert second.url.endswith("/read")
    for page in (first, second):
        page.context.close()


def test_going_back_after_signing_signs_no_second_time(
    school: Stage, browser: Browser
) -> None:
    """The page before is kept nowhere, and the receipt stays where it was."""
    from playwright.sync_api import Error
    from sqlalchemy import func, select

    from signer.store.tables import Declaration

    page = browser.new_page()
    name = SIGNERS[14]
    states.enter(page, school.links(name)[-1])
    page.locator(".onwards button").click()
    states.fill(page, name)
    page.locator(states.MAIN).click()

    def declarations() -> Any:
        with school.context.sessions.reading() as session:
            return session.scalar(select(func.count()).select_from(Declaration))

    before = declarations()
    page.locator(states.MAIN).click()
    reference = page.locator(".reference").inner_text()
    receipt = page.url
    # The browser asks whether to send the form again.
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
    page.wait_for_url("chrome-error://chromewebdata/")
    page.goto(receipt)
    assert page.locator(".reference").inner_text() == reference
    page.reload()
    assert page.locator(".reference").inner_text() == reference
    assert declarations() == before + 1
    page.close()


def test_pressing_twice_signs_once(school: Stage, browser: Browser) -> None:
    """A double press ends at the one receipt."""
    page = browser.new_page()
    name = SIGNERS[15]
    states.enter(page, school.links(name)[-1])
    page.locator(".onwards button").click()
    states.fill(page, name)
    page.locator(states.MAIN).click()
    page.locator(states.MAIN).dblclick()
    page.wait_for_url("**/signed")
    assert page.locator(".reference").count() == 1
    page.close()
