"""A file as the draft."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from signer.workflows.draft.revisions import (
    DRAFT_BYTES,
    look_at_draft,
    look_at_revision,
)
from tests.conversion.word_files import docx, p
from tests.web.desk.text.test_writing import send
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page

TEXT = "## Purpose\n\nWords of \u2019王\u2019.\n"
TAKE = "Make it the draft"


def look(browser: Browser, content: bytes) -> Page:
    """Choose a file and look at what it would change."""
    page = browser.open("/desk/text/upload")
    return browser.press(page, "Look at it", file=(BytesIO(content), "draft"))


def test_a_file_replaces_nothing_before_it_was_seen(
    head: Browser, app_context: AppContext
) -> None:
    """What it changes and a release would refuse is shown; then one button takes it."""
    before = snapshot(app_context)
    text = TEXT + "\nTODO: more\n"
    page = look(head, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert (page.status, page.heading) == (200, "Is this to be the draft?")
    assert "Text, line 5" in page.text
    assert page.tree.xpath("//del")
    assert snapshot(app_context) == before
    page = head.press(page, TAKE)
    assert (page.status, page.path) == (200, "/desk/text")
    draft = look_at_draft(app_context)
    assert draft.text.body == text
    assert draft.text.declaration == app_context.versions[-1].declaration
    assert "says what the draft says" in look(head, text.encode()).heading


def test_a_word_document_brings_its_title_and_text(
    head: Browser, app_context: AppContext
) -> None:
    """What was left out is named; the draft of before is among the earlier ones."""
    head.press(look(head, TEXT.encode()), TAKE)
    body = p("Code", "T") + p("Aims", "H") + p("Be kind", number=1)
    page = look(head, docx(body + p("<w:r><w:commentReference w:id='0'/></w:r>")))
    assert "Left out of the file: a comment." in page.text
    assert "What is different from draft 1" in page.text
    head.press(page, TAKE)
    draft = look_at_draft(app_context)
    assert (draft.number, draft.text.title) == (2, "Code")
    assert draft.text.body == "## 1. Aims\n\n3. Be kind\n"
    assert look_at_revision(app_context, 1).text.body == TEXT


def test_a_file_with_its_own_lines_at_the_top_brings_them(
    head: Browser, app_context: AppContext
) -> None:
    """What it does not say stays, and it can be worked on before it is saved."""
    page = look(head, f"---\ntitle: Other\n---\n\n{TEXT}".encode())
    page = head.press(page, "Work on it first")
    assert page.value("title") == "Other"
    assert (page.value("body") or "").strip() == TEXT.strip()
    assert look_at_draft(app_context).number == 0
    head.press(page, "Save the draft")
    assert look_at_draft(app_context).text.title == "Other"


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b" \n", b"PK\x03\x04\xff", b"---\ntitle: [\n---\nx\n"),
        docx(p(" ")),
        b"x" * (DRAFT_BYTES + 1),
    ],
)
def test_what_is_no_text_is_refused(
    head: Browser, app_context: AppContext, content: bytes
) -> None:
    """With what to choose in its place; the draft is as it was."""
    page = look(head, content)
    assert page.status == 422
    assert len(page.problems) == 1
    assert look_at_draft(app_context).number == 0


def test_a_file_does_not_replace_what_was_saved_meanwhile(
    head: Browser, other_head: Browser, app_context: AppContext
) -> None:
    """Both texts are shown, as for what is typed."""
    page = look(head, TEXT.encode())
    other_head.press(look(other_head, b"## Theirs\n\nWords.\n"), TAKE)
    page = head.press(page, TAKE)
    assert page.status == 409
    assert page.value("body") == TEXT
    assert look_at_draft(app_context).text.body == "## Theirs\n\nWords.\n"


def test_a_file_does_not_replace_what_its_sender_has_typed(
    head: Browser, app_context: AppContext
) -> None:
    """Before it was looked at or after, in another tab: those words are kept."""
    seen = look(head, TEXT.encode())
    send(head, "keep", head.open("/desk/text/edit"), "## Typed\n")
    for page in (look(head, TEXT.encode()), head.press(seen, TAKE)):
        assert page.status == 422
        assert page.problems == [
            "Save or discard first what you have written and not saved."
        ]
    assert look_at_draft(app_context).number == 0
    assert head.open("/desk/text/edit").value("body") == "## Typed\n"
