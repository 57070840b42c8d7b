"""The reading page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.markdown.blocks import plain_text
from signer.markdown.rendering import to_html
from tests.html_trees import first
from tests.web.browsing import CHECK, GIVEN, NEXT, Browser

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from tests.web.browsing import Go


def test_the_reading_page_shows_the_whole_text(
    enter: Go, app_context: AppContext
) -> None:
    """Every line of the version stands on the page, in order."""
    page = enter("Amira Khan")
    article = " ".join(first(page.tree, ".//article").text_content().split())
    for line in plain_text(to_html(app_context.versions[-1].body)).splitlines():
        before, found, article = article.partition(" ".join(line.split()))
        assert found, line
        assert not before.strip()


def test_a_first_signature_shows_the_text_alone(
    enter: Go, app_context: AppContext
) -> None:
    """Who has signed nothing before is told of no changes."""
    page = enter("Amira Khan")
    assert "changed" not in page.text.partition("Purpose")[0]
    assert not page.tree.xpath("//ins | //del")
    for one in app_context.versions[-1].summary:
        assert one not in page.text


def test_the_reading_page_says_where_one_is(enter: Go) -> None:
    """Step, version, and how long it takes."""
    page = enter("Amira Khan")
    assert "Step 1 of 4: Read" in page.text
    assert "about 9 minutes to read" in page.text
    assert "Version 2 · August 2022" in page.text


def test_the_contents_lead_to_their_sections(enter: Go) -> None:
    """Each entry of the contents points at a heading with the same words."""
    page = enter("Amira Khan")
    entries = page.tree.xpath("//main//details//a")
    assert len(entries) == 9
    for entry in entries[:-1]:
        heading = page.tree.get_element_by_id(entry.get("href").removeprefix("#"))
        assert heading.text_content() == entry.text_content()


def test_the_form_comes_after_the_text(visitor: Browser, enter: Go) -> None:
    """Without the text's hash the form's address leads back to reading."""
    path = enter("Amira Khan").path
    assert visitor.open(path.replace("/read", "/declare")).path == path


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_text_than_the_one_read_is_shown_anew(
    visitor: Browser, declare: Go, method: str
) -> None:
    """With another hash the present text comes, with a notice, and the name stays."""
    form = declare("Amira Khan")
    path = form.path
    if method == "get":
        page = visitor.open(path, query_string={"text": "0" * 64})
    else:
        page = visitor.press(form, CHECK, **{**GIVEN, "text": "0" * 64})
    assert page.status == 409
    assert "text has changed since you answered" in page.text
    assert "Purpose" in page.text
    page = visitor.press(page, NEXT)
    assert page.heading == "Your declaration"
    expected = "Amira Khan" if method == "post" else ""
    assert page.value("typed_name") == expected
    assert page.value("confirmed") is None


def test_the_way_out_is_on_every_step(visitor: Browser, enter: Go) -> None:
    """Asking, saying no, paper and “not me” stand on reading and on the form."""
    read = enter("Amira Khan")
    for page in (read, visitor.press(read, NEXT)):
        found = {href.rpartition("/")[2] for href in page.links.values()}
        assert {"question", "decline", "paper", "not-me"} <= found
