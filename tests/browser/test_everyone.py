"""Every page in every state is fit for everybody: whatever they see, hear or press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from signer.mail.kinds import TO_PARENTS, Kind
from tests.browser.test_site_pages import COLOURS, newly
from tests.browser.walks import states
from tests.browser.walks.barriers import COLOURS_NEWLY, barriers
from tests.browser.walks.stage import SIGNERS, Stage, stage
from tests.mail.examples import SINCE, mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.browser

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


def test_what_is_a_barrier_at_one_width_alone_is_found(browser: Browser) -> None:
    """What comes with the width, and what changes its colour there."""
    page = browser.new_page()
    page.set_content(
        """<!doctype html><html lang="en"><title>Pale</title><meta name="viewport"
        content="width=device-width"><style>body { background: #fff; color: #000 }
        @media (max-width: 600px) { #wide { display: none } }
        #wide { color: #ccc }
        @media (min-width: 600px) { #light { color: #ccc } }
        @media (max-width: 600px) and (prefers-color-scheme: dark) {
            #dark { background: #333 } }
        </style><main><h1>Pale</h1><p id="wide">Comes.</p>
        <p id="light">Fades.</p><div id="dark"><p>Sinks.</p></div></main>"""
    )
    found = [(where, str(one)) for where, one in barriers(page)]
    assert {(where, "color-contrast" in one) for where, one in found} == {
        ("1280 px, light", True),
        ("1280 px, dark", True),
        ("320 px, dark", True),
    }
    page.close()


def test_words_are_compared_once_with_what_they_stand_on(browser: Browser) -> None:
    """Pages share how words look; on another ground, or smaller, they are compared."""
    page = browser.new_page()
    looks: list[str] = []
    style = "color: #777; font-size: 26px"
    page.set_content(f"<main><p style='{style}'>Large</p></main>")
    assert newly(page, COLOURS, looks) == []
    assert page.evaluate(COLOURS_NEWLY, looks) == []
    for other in (
        f"<div style='background: #888'><p style='{style}'>Grey</p></div>",
        "<p style='color: #777; font-size: 16px'>Small</p>",
    ):
        page.set_content(f"<main><p style='{style}'>Large</p>{other}</main>")
        broken = newly(page, COLOURS, looks)
        assert [rule for rule, _ in broken] == ["color-contrast"]
    page.close()


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
