"""A file as the draft."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from signer.workflows.draft.revisions import look_at_draft, look_at_revision

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page

TEXT = "## Purpose\n\nWords of \u2019王\u2019.\n"


def upload(browser: Browser, content: bytes, page: Page | None = None) -> Page:
    """Choose a file and send it."""
    page = page or browser.open("/desk/text/upload")
    return browser.press(page, "Make it the draft", file=(BytesIO(content), "draft.md"))


def test_a_file_without_more_replaces_the_text_alone(
    head: Browser, app_context: AppContext
) -> None:
    """Title and statements stay, and its changes are shown."""
    page = upload(head, b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert (page.status, page.path) == (200, "/desk/text")
    draft = look_at_draft(app_context)
    assert draft.text.body == TEXT
    assert draft.text.declaration == app_context.versions[-1].declaration
    assert page.tree.xpath("//del")


def test_a_file_with_its_own_title_brings_it(
    head: Browser, app_context: AppContext
) -> None:
    """And the draft that it replaces is among the earlier ones."""
    upload(head, TEXT.encode())
    upload(head, f"---\ntitle: Other\n---\n\n{TEXT}More.\n".encode())
    assert look_at_draft(app_context).text.title == "Other"
    assert look_at_draft(app_context).text.body == f"{TEXT}More.\n"
    assert look_at_revision(app_context, 1).text.body == TEXT


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"PK\x03\x04\xff", b"---\ntitle: [\n---\nx\n"]
)
def test_what_is_no_text_is_refused(
    head: Browser, app_context: AppContext, content: bytes
) -> None:
    """With what to choose in its place; the draft is as it was."""
    page = upload(head, content)
    assert page.status == 422
    assert len(page.problems) == 1
    assert look_at_draft(app_context).number == 0


def test_a_file_does_not_replace_what_was_saved_meanwhile(
    head: Browser, other_head: Browser, app_context: AppContext
) -> None:
    """Both texts are shown, as for what is typed."""
    page = head.open("/desk/text/upload")
    upload(other_head, b"## Theirs\n\nWords.\n")
    page = upload(head, TEXT.encode(), page)
    assert page.status == 409
    assert page.value("body") == TEXT
    assert look_at_draft(app_context).text.body == "## Theirs\n\nWords.\n"
