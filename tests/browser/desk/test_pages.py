"""Every page of the desk is fit for everybody, as each role finds it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.store.columns import NoteKind
from signer.store.desk.roles import DeskRole
from signer.workflows.desk.accounts import add_account
from signer.workflows.desk.inbox import answer_message, list_inbox
from signer.workflows.desk.sign_in import make_sign_in_link
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from tests.browser.walks.barriers import barriers
from tests.browser.walks.stage import SIGNERS, Stage, stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.browser

_ONE_OF_MANY = re.compile(r"(?<=/)(?:\d+|[0-9a-f]{18})(?=/|$)")
"""What tells one page of a kind from another in an address."""

_FILES = re.compile(r"\.(?:csv|xlsx|md|pdf|ics|docx|json)$|/(?:declarations|scans)/")


_MAIN = """() => {
    const main = document.querySelector("main").cloneNode(true);
    main.querySelectorAll("input[type=hidden]").forEach((one) => one.remove());
    return main.outerHTML;
}"""
"""What is on a page beside its frame."""


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """What is on the pages, of any role, in which no barrier was found."""
    return set()


@pytest.fixture(scope="module")
def school(
    tmp_path_factory: pytest.TempPathFactory, key_files_of_today: KeyFiles
) -> Iterator[Stage]:
    """A school whose parents have written, and whose office has answered one."""
    with stage(tmp_path_factory.mktemp("desk"), key_files_of_today) as one:
        told = zip(SIGNERS, NoteKind, strict=False)
        for name, kind in told:
            followed = open_link(one.context, one.links(name)[-1].rpartition("/")[2])
            assert followed.request_ref
            assert followed.link_fingerprint
            tell_office(
                one.context,
                followed.request_ref,
                kind,
                link_fingerprint=followed.link_fingerprint,
                words="Words without a space: " + "x" * 120,
            )
        first = list_inbox(one.context).messages[-1]
        answer_message(one.context, first.note_id, "Yes.", by="Sam", close=True)
        for role in DeskRole:
            add_account(one.context, f"{role.value}@school.example", role)
        yield one


def sign_in(school: Stage, page: Page, role: DeskRole) -> None:
    """Sign in by a link, as a person does."""
    ref = add_account(
        school.context, f"{clock.now().timestamp()}@school.example", role, name="Ada"
    )
    page.goto(make_sign_in_link(school.context, ref, lives=timedelta(hours=1)))
    page.get_by_role("button", name="Sign in").click()


def pages_of(page: Page, start: str) -> Iterator[str]:
    """Each kind of page that links lead to from a page, the page being open."""
    seen: set[str] = set()
    wanted = [start]
    while wanted:
        address = wanted.pop(0)
        path = _ONE_OF_MANY.sub("*", address.partition("?")[0])
        if path in seen or _FILES.search(path):
            continue
        seen.add(path)
        answer = page.goto(address)
        assert answer is not None
        assert answer.ok, path
        yield path
        found = page.locator("a[href*='/desk/']").evaluate_all(
            "(links) => links.map((one) => one.href)"
        )
        wanted += [one.partition("#")[0] for one in found]


@pytest.mark.parametrize("role", DeskRole)
def test_no_page_of_the_desk_has_a_barrier(
    school: Stage, browser: Browser, role: DeskRole, looked_at: set[str]
) -> None:
    """None that axe knows, at any width, light or dark, on any page of the role.

    What one role has seen is not looked at for another, in whose frame all else stands.
    """
    page = browser.new_context(reduced_motion="reduce").new_page()
    sign_in(school, page, role)
    found = []
    for path in pages_of(page, f"{school.url}/desk/"):
        found.append(path)
        main = page.evaluate(_MAIN)
        if len(found) > 1 and main in looked_at:
            continue
        assert barriers(page) == [], path
        looked_at.add(main)
    assert len(found) > 2
    page.context.close()


def test_the_way_in_has_no_barrier(school: Stage, browser: Browser) -> None:
    """Nor have its errors, nor a link that is used."""
    page = browser.new_context(reduced_motion="reduce").new_page()
    page.goto(f"{school.url}/desk/sign-in")
    assert barriers(page) == []
    page.get_by_role("button", name="Email me a link").click()
    assert barriers(page) == []
    page.get_by_role("textbox").fill("ada@school.example")
    page.get_by_role("button", name="Email me a link").click()
    assert barriers(page) == []
    page.goto(f"{school.url}/desk/in/nonsense")
    assert barriers(page) == []
    page.context.close()


def test_the_desk_is_used_by_keyboard_alone(school: Stage, browser: Browser) -> None:
    """From the skip link through the rooms to an answer that is sent."""
    page = browser.new_context(reduced_motion="reduce").new_page()
    sign_in(school, page, DeskRole.OFFICE)
    page.goto(f"{school.url}/desk/inbox")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the main part"
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if "/desk/inbox/" in (page.locator(":focus").get_attribute("href") or ""):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/inbox/*")
    page.close()
