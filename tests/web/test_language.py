"""The languages of the pages: a choice where there is one, and nothing where not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.web import create_app
from tests.locale import pseudo
from tests.web.browsing import CHECK, GIVEN, NEXT, Browser

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Go
    from tests.workflows.conftest import Post


@pytest.fixture
def two(
    settings: Settings, app_context: AppContext, post: Post, tmp_path: Path
) -> Flask:
    """The service with a second language, which nobody speaks."""
    folder = pseudo.write(tmp_path / "languages").parent
    return create_app(replace(settings, languages_dir=folder), app_context)


@pytest.fixture
def traveller(two: Flask) -> Browser:
    """A parent's browser on that service."""
    return Browser(two)


def said(words: str) -> str:
    return pseudo.pseudo(words)


def test_one_language_offers_no_choice_and_sets_no_cookie(
    app: Flask, visitor: Browser, enter: Go
) -> None:
    """No chooser, no address for one, and public pages are kept for everybody."""
    assert not enter("Amira Khan").tree.find_class("languages")
    assert visitor.post("/sign/language", {"language": "ar-XB"}).status == 404
    answer = app.test_client().get("/compare/2/2", base_url=visitor.address)
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers


def test_a_parent_chooses_a_language_and_comes_back_to_the_page(
    traveller: Browser, post: Post
) -> None:
    """English until then; afterwards every page is in the language chosen."""
    link = f"/s/{post.token('Amira Khan')}"
    page = traveller.open(link)
    assert page.tree.get("lang") == "en-GB"
    assert page.tree.get("dir") is None
    page = traveller.post("/sign/language", {"language": "ar-XB", "here": link})
    assert page.path == link
    assert (page.tree.get("lang"), page.tree.get("dir")) == ("ar-XB", "rtl")
    assert page.heading == said("Read and sign the code of conduct")
    page = traveller.open("/link")
    assert page.heading == said("Send me a new link")


def test_what_is_signed_stays_english_and_is_marked(
    traveller: Browser, post: Post, app_context: AppContext
) -> None:
    """Title, text, statements and roles are the policy's own, and marked as English."""
    traveller.post("/sign/language", {"language": "ar-XB", "here": "/link"})
    page = traveller.open(f"/s/{post.token('Amira Khan')}")
    page = traveller.press(page, page.buttons[-1])
    version = app_context.versions[-1]
    assert page.heading == version.title
    english = page.tree.xpath("//article/*[@lang='en-GB'][@dir='ltr']")
    assert english
    assert said("Next is a short form.").split()[0] in page.text
    page = traveller.press(page, said(NEXT))
    marked = [one.text for one in page.tree.xpath("//label//*[@lang='en-GB']")]
    roles = ["Mother", "Parent", "Carer", "Legal guardian"]
    assert marked == [*roles, *version.declaration]
    page = traveller.press(page, said(CHECK), **GIVEN | {"typed_name": ""})
    assert page.problems == [said("Type your full name. It is your signature.")]
    page = traveller.press(page, said(CHECK), **GIVEN)
    page = traveller.press(page, said("Sign the code of conduct"))
    assert page.heading == said("You have signed the code of conduct")


def test_a_half_filled_form_offers_no_language(traveller: Browser, post: Post) -> None:
    """To change it there would lose what was typed."""
    page = traveller.open(f"/s/{post.token('Amira Khan')}")
    assert page.tree.find_class("languages")
    page = traveller.press(traveller.press(page, page.buttons[-1]), NEXT)
    assert page.tree.find_class("languages")
    assert not traveller.press(page, CHECK).tree.find_class("languages")


@pytest.mark.parametrize(
    "here",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "////evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "/ /evil.example",
        "\r\n//evil.example",
        "http://[",
        "link",
        "",
    ],
)
def test_the_choice_leads_to_no_other_site(traveller: Browser, here: str) -> None:
    """Whatever was sent, one stays on this service."""
    answer = traveller.client.post(
        "/sign/language",
        data={"language": "ar-XB", "here": here},
        base_url=traveller.address,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_an_unknown_language_changes_nothing(traveller: Browser) -> None:
    """The page comes back as it was."""
    page = traveller.post("/sign/language", {"language": "xx", "here": "/link"})
    assert page.tree.get("lang") == "en-GB"


def test_public_pages_are_kept_apart_by_language(traveller: Browser) -> None:
    """A cache between never gives one reader's language to another."""
    answer = traveller.client.get("/compare/2/2", base_url=traveller.address)
    assert "Cookie" in answer.headers["Vary"]
