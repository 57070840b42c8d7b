"""The pages in a language that runs from right to left and that nobody speaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from signer.i18n import offered_languages
from signer.mail.kinds import TO_PARENTS, Kind
from tests.browser.walks import states
from tests.browser.walks.stage import SIGNERS, Stage, stage
from tests.locale import pseudo
from tests.mail.examples import AT, SINCE, VALUES, mail
from tests.mail.test_compose import leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.browser

# Words that stay as they are are marked so: English, or a name in letters of its own.
_LATIN = """() => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const marked = node.parentElement.closest(
            "[lang^=en], bdi, style, textarea, [dir=ltr], .languages");
        // A character that cannot be printed is named by its number.
        const words = node.data.replace(/U\\+[0-9A-F]{4,}/g, "");
        if (!marked && /[A-Za-z]/.test(words)) found.push(node.data.trim());
    }
    for (const one of document.querySelectorAll("main [aria-label], nav, iframe")) {
        const said = one.getAttribute("aria-label") || one.title || "";
        if (/[A-Za-z]/.test(said)) found.push(said);
    }
    return found;
}"""
_OUTSIDE = """() => [...document.querySelectorAll("body *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && (box.left < -1 || box.right > innerWidth + 1)
        && !one.closest(".redline-table, .policy table");
}).map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pseudo.write(tmp_path_factory.mktemp("languages")).parent


@pytest.fixture(scope="module")
def school(
    tmp_path_factory: pytest.TempPathFactory, key_files_of_today: KeyFiles, folder: Path
) -> Iterator[Stage]:
    """The school, with a second language."""
    place = tmp_path_factory.mktemp("stage")
    with stage(place, key_files_of_today, folder) as one:
        yield one


WALKS: dict[str, Callable[[Stage, Page], Iterator[str]]] = {
    "signing": lambda stage, page: states.signing(stage, page, SIGNERS[0]),
    "returning": states.returning,
    "telling": lambda stage, page: states.telling(stage, page, SIGNERS[1:5]),
    "links": states.links,
    "mails": states.mails,
}


@pytest.mark.parametrize("walk", WALKS)
def test_every_page_turns_round_and_is_translated_whole(
    school: Stage, browser: Browser, picture: Callable[[Page, str], None], walk: str
) -> None:
    """At 390 and 1280 px: no word of ours in English, nothing sideways or outside."""
    page = browser.new_page()
    page.goto(f"{school.url}/link")
    page.locator(".languages button[value='ar-XB']").click()
    assert page.locator("html").get_attribute("dir") == "rtl"
    for state in WALKS[walk](school, page):
        page.wait_for_load_state()
        assert page.evaluate(_LATIN) == [], state
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(_OUTSIDE) == [], f"{state} at {width} px"
            picture(page, state)
    page.close()


@pytest.mark.parametrize("kind", sorted(TO_PARENTS))
def test_every_mail_turns_round_and_is_translated_whole(
    browser: Browser, picture: Callable[[Page, str], None], kind: Kind, folder: Path
) -> None:
    """Both bodies; the text holds nothing in English but names, text and addresses."""
    _, other = offered_languages(folder, "en-GB")
    written = ("asked_text", "deadline_text", "told_text", "erased_text", "today_text")
    days = dict.fromkeys(written, other.day(AT))
    times: dict[str, Any] = {"signed_at_text": other.moment(AT), **days}
    if kind is Kind.YEARLY:
        for rows in ("declarations", "requests"):
            times[rows] = [
                row | {key: other.day(AT) for key in row if key.endswith("_text")}
                for row in VALUES[kind][rows]
            ]
    made = mail(kind, **SINCE, **times, with_proof=True, language=other)
    assert made["Content-Language"] == "ar-XB"
    html, plain = made.get_body(("html",)), made.get_body(("plain",))
    assert html is not None
    assert plain is not None
    page = browser.new_page()
    page.set_content(html.get_content())
    assert page.evaluate(_LATIN) == []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        picture(page, kind.value)
    page.close()
    text = without_what_stays(str(plain.get_content()))
    assert re.findall(r"[A-Za-z]{3,}", text) == []


def without_what_stays(text: str) -> str:
    """A mail's text without what stays English: all that workflows hand in."""
    handed_in = [
        str(one) for value in (*VALUES.values(), SINCE) for one in leaves(value)
    ]
    text = re.sub(r"https?://\S+|\S+@\S+", "", text)
    for words in sorted(handed_in, key=len, reverse=True):
        text = text.replace(words, "").replace(words.lower(), "")
    return text
