"""Every page that a parent may meet, in every state, one after another.

Each walk is a generator that stops at every state and names it. What is pressed is
found by what it is and never by its words, so that the walks go in any language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.workflows.mailing.content import SAMPLE_TOKEN
from tests.browser.walks.stage import EXPIRED, FAITHFUL, LATE, LOYAL, REVOKED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.walks.stage import Stage

MAIN = "main form button.button"


def enter(page: Page, link: str) -> None:
    """From a link to the page that is read, or to what is there instead."""
    page.goto(link)
    page.locator(MAIN).first.click()


def fill(page: Page, name: str) -> None:
    """Answer everything that the declaration asks."""
    page.get_by_role("radio").first.check()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.locator("#typed_name").fill(name)


def word(page: Page) -> str:
    """The word that the page asks to type."""
    return page.locator("#sure-hint strong").last.inner_text()


def signing(
    stage: Stage, page: Page, name: str, *, scripts: bool = True
) -> Iterator[str]:
    """From the link to the receipt, past everything that can go wrong on the way.

    Args:
        stage: the school.
        page: the browser's page.
        name: somebody who has not answered.
        scripts: whether the page can be tampered with.
    """
    link = stage.links(name)[-1]
    page.goto(link)
    yield "landing"
    page.locator(MAIN).click()
    yield "read"
    page.locator(".contents summary").click()
    yield "read-contents"
    page.locator(".onwards button").click()
    yield "declare"
    page.locator(MAIN).click()
    yield "declare-errors"
    fill(page, f"{name}\u202e")
    page.get_by_role("checkbox").last.uncheck()
    page.locator(MAIN).click()
    yield "declare-other-errors"
    fill(page, "Ben Khan")
    page.locator(MAIN).click()
    yield "name"
    page.locator("#sure").fill("?")
    page.locator(MAIN).click()
    yield "name-errors"
    page.locator("#sure").fill(word(page))
    page.locator(MAIN).click()
    yield "check-another-name"
    page.locator("button[formaction$='#typed_name']").click()
    fill(page, name)
    page.locator(MAIN).click()
    yield "check"
    if scripts:
        page.eval_on_selector("#answers [name=csrf_token]", "one => one.value = 'no'")
        page.locator(MAIN).click()
        yield "check-once-more"
    page.locator(MAIN).click()
    yield "signed"
    page.goto(link)
    yield "landing-signed"


def returning(stage: Stage, page: Page) -> Iterator[str]:
    """Those who have signed before, and those whose text was replaced."""
    page.goto(stage.links(LATE)[0])
    yield "landing-superseded"
    page.locator(MAIN).first.click()
    yield "read-of-late"
    page.goto(stage.links(LOYAL)[0])
    yield "landing-newer"
    page.locator("button[name=receipt]").click()
    yield "signed-newer"
    page.locator("main .card a.button").click()
    yield "read-changes"
    enter(page, stage.links(FAITHFUL)[-1])
    yield "signed-twice"
    page.goto(f"{stage.url}/compare/2/3")
    yield "compare"
    page.goto(f"{stage.url}/compare/3/3")
    yield "compare-same"


def telling(stage: Stage, page: Page, names: list[str]) -> Iterator[str]:
    """Every way to answer other than by signing.

    Args:
        stage: the school.
        page: the browser's page.
        names: four people who have not answered.
    """
    ways = ("question", "decline", "paper", "not-me")
    for name, way in zip(names, ways, strict=True):
        enter(page, stage.links(name)[-1])
        page.locator(f"main a[href$='/{way}']").first.click()
        yield way
        hidden = "For\u202e you" if way in {"paper", "not-me"} else ""
        page.locator("textarea").fill(hidden)
        page.locator(MAIN).click()
        yield f"{way}-errors"
        page.locator("textarea").fill("What is a private group?\n\nThank you.")
        page.locator(MAIN).click()
        yield f"{way}-check"
        page.locator(MAIN).click()
        yield f"{way}-check-errors"
        page.locator("#sure").fill(word(page))
        page.locator(MAIN).click()
        yield f"{way}-sent"
    page.goto(stage.links(names[3])[-1])
    yield "landing-disputed"
    page.goto(stage.links(names[1])[-1])
    yield "landing-declined"
    page.locator(MAIN).click()
    yield "read-declined"


def links(stage: Stage, page: Page) -> Iterator[str]:
    """Links that lead nowhere, new ones, and addresses that were mistyped."""
    page.goto(stage.links(EXPIRED)[0])
    yield "link-expired"
    page.goto(stage.links(REVOKED)[0])
    yield "link-revoked"
    page.goto(f"{stage.url}/s/nonsense")
    yield "link-unknown"
    page.goto(f"{stage.url}/s/{SAMPLE_TOKEN}")
    yield "link-sample"
    page.goto(f"{stage.url}/link")
    yield "new-link"
    page.locator(MAIN).click()
    yield "new-link-error"
    page.locator("#email").fill("nobody@families.example")
    page.locator(MAIN).click()
    yield "new-link-sent"
    page.goto(f"{stage.url}/sign/nobody/read")
    yield "link-needed"
    page.goto(f"{stage.url}/nowhere")
    yield "not-found"


def mails(stage: Stage, page: Page) -> Iterator[str]:
    """What the demo shows of the mail that went out, and each kind of mail itself."""
    page.goto(f"{stage.url}/demo/")
    yield "demo-mails"
    page.locator("main .mails a").first.click()
    yield "demo-mail"
