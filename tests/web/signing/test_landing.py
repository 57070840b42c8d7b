"""The emailed link, in every state it can be in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from signer.link_tokens import LinkTokens
from signer.register.rows import read_register
from signer.web import create_app
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.reissue_link import reissue_links
from tests.web.browsing import Browser
from tests.web.releases import ask_again
from tests.workflows.conftest import Post, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Page


def test_opening_a_link_fifty_times_changes_nothing(
    visitor: Browser, post: Post, app_context: AppContext
) -> None:
    """GET and HEAD of a link leave every table as it was."""
    path = f"/s/{post.token('Amira Khan')}"
    before = snapshot(app_context)
    for _ in range(25):
        assert visitor.client.get(path, base_url=visitor.address).status_code == 200
        assert visitor.client.head(path, base_url=visitor.address).status_code == 200
    assert snapshot(app_context) == before


def test_the_landing_page_shows_nothing_personal(visitor: Browser, post: Post) -> None:
    """Whoever opens a link sees what it is for, and nobody's name or address."""
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    assert page.status == 200
    assert "Social Media Code of Conduct for Parents and Carers" in page.text
    for personal in ("Amira", "Khan", "amira@example.org", "Yusuf", "Leila"):
        assert personal not in page.answer.text


def test_the_landing_page_has_one_button(visitor: Browser, post: Post) -> None:
    """There is one thing to press, and it posts to the address of the link."""
    path = f"/s/{post.token('Amira Khan')}"
    page = visitor.open(path)
    assert page.buttons == ["Continue to the code of conduct"]
    (form,) = page.tree.iter("form")
    assert (form.get("method"), form.get("action")) == ("post", path)


def test_the_button_leads_to_an_address_without_the_token(
    visitor: Browser, post: Post
) -> None:
    """After the button, neither the address nor the page holds the token."""
    token = post.token("Amira Khan")
    page = visitor.press(visitor.open(f"/s/{token}"), "Continue to the code of conduct")
    assert page.path.startswith("/sign/")
    assert page.path.endswith("/read")
    assert token not in page.path + page.answer.text
    assert "Amira Khan" in page.text


def test_a_link_works_on_another_device_as_well(app: Flask, post: Post) -> None:
    """Opening a link never uses it up."""
    path = f"/s/{post.token('Amira Khan')}"
    for device in (Browser(app), Browser(app), Browser(app)):
        page = device.press(device.open(path), "Continue to the code of conduct")
        assert page.path.endswith("/read")


def test_what_a_mail_program_adds_to_a_link_is_passed_over(
    visitor: Browser, post: Post
) -> None:
    """A full stop, a bracket, a star or the next word after it does not break it."""
    token = post.token("Amira Khan")
    for added in (
        *".,;:!?)>]'\"/*_~=&|`\\”\u2019… \t\n",
        "\r\n", "\u00a0", "\u200b", "\ufeff", " It takes", "&amp;", "/more",
        ";jsessionid=1", "%3E", "?utm_source=x&fbclid=1", "..", "__", ". ",
    ):  # fmt: skip
        pasted = added if added[0] in "?%" else quote(added)
        page = visitor.open(f"/s/{token}{pasted}")
        assert page.buttons == ["Continue to the code of conduct"], added


def test_what_a_mail_program_puts_inside_a_link_is_passed_over(
    visitor: Browser, post: Post
) -> None:
    """Line ends, soft line ends and hidden characters; the button works as well."""
    token = post.token("Amira Khan")
    inside = (" ", "\n", "\r\n", "=\n", "=\r\n", "\t", "\u00ad", "\u200b", "\u00a0")
    for put in inside:
        page = visitor.open(f"/s/{quote(token[:30] + put + token[30:])}")
        assert page.buttons == ["Continue to the code of conduct"], put
        assert visitor.open(f"/s/{quote(put + token)}").buttons == page.buttons, put
    page = visitor.press(page, "Continue to the code of conduct")
    assert page.path.endswith("/read")


def test_a_line_end_alone_still_leads_to_a_new_link(visitor: Browser) -> None:
    """Whatever stands behind /s/ gets the page that says what to do."""
    page = visitor.open("/s/%0Anonsense%0A")
    assert (page.status, page.heading) == (404, "We do not know this link")
    assert page.links["Send me a new link"] == "/link"
    assert visitor.open("/link/").heading == "Send me a new link"


def foreign(token: str) -> str:
    """A token that somebody else's service made."""
    del token
    return LinkTokens(["another secret that is long enough too"], days=90).mint()[0]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda _: "x",
        lambda token: token[:-8],
        lambda token: token[: len(token) // 2],
        lambda token: ("A" if token[0] != "A" else "B") + token[1:],
        lambda _: "é" * 2000,
        foreign,
    ],
)
def test_a_link_that_is_not_ours_is_explained(
    visitor: Browser, post: Post, spoil: Callable[[str], str]
) -> None:
    """A truncated, altered, foreign or made-up link says what to do."""
    page = visitor.open(f"/s/{spoil(post.token('Amira Khan'))}")
    assert page.status == 404
    assert page.heading == "We do not know this link"
    assert page.links["Send me a new link"] == "/link"


def test_posting_to_a_link_that_is_not_ours_is_explained(
    visitor: Browser, post: Post
) -> None:
    """The button of a page whose link has died since says so too."""
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    token = page.value("csrf_token")
    page = visitor.post("/s/nonsense", {"csrf_token": token})
    assert (page.status, page.heading) == (404, "We do not know this link")


def test_an_expired_link_is_explained(
    settings: Settings, app_context: AppContext, post: Post
) -> None:
    """A link past its days offers a new one."""
    token = post.token("Amira Khan")
    # A token's age is told by the signer's own clock, which no test holds still.
    app_context.tokens = LinkTokens(settings.secret_keys, days=-1)
    page = Browser(create_app(settings, app_context)).open(f"/s/{token}")
    assert (page.status, page.heading) == (410, "This link has expired")
    assert page.links["Send me a new link"] == "/link"


def test_a_replaced_link_is_explained(
    visitor: Browser, post: Post, app_context: AppContext
) -> None:
    """A link older than a re-issued one points to the newest mail."""
    old = post.token("Amira Khan")
    reissue_links(app_context, "amira@example.org")
    post.send()
    page = visitor.open(f"/s/{old}")
    assert (page.status, page.heading) == (410, "This link has been replaced")
    assert "newest email" in page.text
    assert visitor.open(f"/s/{post.token('Amira Khan')}").status == 200


def test_a_withdrawn_link_is_explained(
    visitor: Browser, post: Post, app_context: AppContext
) -> None:
    """Somebody who has left the register is told that nothing is to be done."""
    token = post.token("Amira Khan")
    left = "parent_name,parent_email,relationship,child_name,year_group\n"
    left += "Tom O'Brien,family@example.org,father,Maeve O'Brien,Year 10\n"
    import_register(app_context, read_register(left.encode()), leavers=True)
    page = visitor.open(f"/s/{token}")
    assert (page.status, page.heading) == (410, "You do not need to sign any more")
    assert "Send me a new link" not in page.text


def test_a_superseded_link_leads_to_the_newest_request(
    settings: Settings, post: Post
) -> None:
    """After a new release the old mail's link opens the new text."""
    old = post.token("Amira Khan")
    app_context, _ = ask_again(settings)
    visitor = Browser(create_app(settings, app_context))
    page = visitor.open(f"/s/{old}")
    assert page.heading == "There is a newer code of conduct to sign"
    page = visitor.press(page, "Continue to the newest version")
    assert "Version 3 · November 2026" in page.text
    assert "A text of its own." in page.text
    app_context.sessions.close()


def test_a_signed_link_leads_to_the_receipt(
    visitor: Browser, post: Post, sign: Callable[[str], Page]
) -> None:
    """After signing, the link says so, and its button leads to the receipt."""
    receipt = sign("Amira Khan")
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    assert page.heading == "You have signed this code of conduct"
    assert "Amira" not in page.answer.text
    assert visitor.press(page, "Continue to your receipt").path == receipt.path


def test_a_declined_link_can_still_be_signed(
    visitor: Browser, post: Post, enter: Callable[[str], Page]
) -> None:
    """Having declined is said, and the way to the text stays open."""
    read = enter("Amira Khan")
    page = visitor.open(read.path.replace("/read", "/decline"))
    visitor.tell(page, "Tell the school I do not agree", words="It is too strict.")
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    assert "do not want to sign" in page.text
    page = visitor.press(page, "Continue to the code of conduct")
    assert page.path.endswith("/read")
    assert "You told the school" in page.text


def test_the_button_without_its_cookie_opens_nothing(
    app: Flask, visitor: Browser, post: Post, app_context: AppContext
) -> None:
    """A POST that this service's page did not make changes nothing and says so."""
    path = f"/s/{post.token('Amira Khan')}"
    before = snapshot(app_context)
    page = visitor.post(path, {})
    assert page.status == 400
    assert "Press the button again" in page.text
    assert page.title.startswith("Error: ")
    assert snapshot(app_context) == before
    page = visitor.press(page, "Continue to the code of conduct")
    assert page.path.endswith("/read")
    assert app.config["SESSION_COOKIE_HTTPONLY"]
