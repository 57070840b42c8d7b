"""Writing the draft at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.policy.release.draft import DRAFT, read_draft
from signer.store.desk.roles import DeskRole
from signer.workflows.draft.revisions import (
    DRAFT_BYTES,
    draft_bytes,
    look_at_draft,
    look_at_revision,
)
from tests.web.desk.conftest import NAMES
from tests.web.desk.text.conftest import OTHER
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page

SAVE = "Save the draft"
CHECK = "Check"
MINE = "Save my words as the draft"
ADDED = (
    "\n\nParents may ask for a copy \u2013 on paper, in 王小明\u2019s “own” language.\n"
)
SUMMARY = ["Parents may ask for a copy on paper."]


def body_of(page: Page) -> str:
    """What stands in the box of the text."""
    return page.value("body") or ""


def write(browser: Browser, added: str = ADDED, **more: object) -> Page:
    """Add something to the text and save it."""
    page = browser.open("/desk/text/edit")
    return browser.press(page, SAVE, body=body_of(page) + added, **more)


def test_the_draft_begins_with_the_version_in_force(
    head: Browser, app_context: AppContext
) -> None:
    """Nothing is stored by looking, and there is nothing to release yet."""
    before = snapshot(app_context)
    page = head.open("/desk/text")
    assert "Nobody has begun the next version" in page.text
    assert "says the same as version 2" in page.text
    assert body_of(head.open("/desk/text/edit")).startswith("## Purpose")
    assert snapshot(app_context) == before


def test_the_draft_begins_with_that_of_the_project(
    head: Browser, app_context: AppContext
) -> None:
    """Where the checkout is at hand, what was written there goes on here."""
    version = app_context.versions[-1]
    path = app_context.settings.versions_dir.parent / DRAFT
    path.parent.mkdir()
    path.write_bytes(version.source + b"\nOne more sentence.\n")
    assert body_of(head.open("/desk/text/edit")).endswith("One more sentence.\n")


def test_what_is_saved_is_what_a_release_takes(
    head: Browser, app_context: AppContext
) -> None:
    """Every word and sign comes back, and the file is one that a release reads."""
    page = write(head, summary=SUMMARY, review_by="2099-12", title="The “Code”: 1")
    assert page.path == "/desk/text"
    draft = read_draft(draft_bytes(app_context).decode())
    assert draft.body.endswith(ADDED.lstrip("\n"))
    assert draft.title == "The “Code”: 1"
    assert draft.declaration == app_context.versions[-1].declaration
    saved = look_at_draft(app_context)
    assert (saved.number, saved.saved_by) == (1, NAMES[DeskRole.HEAD])
    assert saved.text.summary == tuple(SUMMARY)
    answer = head.client.get("/desk/text/draft.md", base_url=head.address)
    assert answer.data == draft_bytes(app_context)


def test_the_changes_and_the_page_are_shown(head: Browser) -> None:
    """The redline marks what is new, and the text is there as parents will read it."""
    page = write(head)
    assert "1 added" in page.text
    assert page.tree.xpath("//article//ins[contains(., 'Parents may ask')]")
    page = head.open("/desk/text/edit")
    [article] = page.tree.xpath("//article")
    assert "Parents may ask for a copy" in article.text_content()
    assert article.xpath(".//h2[@id='text-purpose']")


def test_checking_says_what_a_release_would_refuse_and_saves_nothing(
    head: Browser, app_context: AppContext
) -> None:
    """Each thing with its place, and what was typed is still in the form."""
    before = snapshot(app_context)
    page = head.open("/desk/text/edit")
    body = "## Purpose\n\nSome <b>bold</b> words.\n\nTODO: the rest\n"
    page = head.press(
        page, CHECK, body=body, title="", review_by="2099-12", declaration=["", ""]
    )
    assert page.status == 200
    assert body_of(page) == body
    found = page.tree.xpath("//*[@class='told']/li")
    told = [" ".join(one.text_content().split()) for one in found]
    assert [one.partition(": ")[0] for one in told] == [
        "Text, line 3 (“Some <b>bold</b> words.”)",
        "Text, line 5 (“TODO",
        "Title",
        "Statement",
        "Next review",
        "Summary",
    ]
    assert snapshot(app_context) == before


def test_an_unfinished_draft_can_be_saved(head: Browser) -> None:
    """What a release would refuse is said, and nothing that was written is lost."""
    page = write(head, "\n\nTODO: more.\n")
    assert page.path == "/desk/text"
    assert "Before it can be released" in page.text
    assert "TODO" in page.text
    assert body_of(head.open("/desk/text/edit")).endswith("TODO: more.\n")


@pytest.mark.parametrize("markup", ["<script>alert(1)</script>", "<img src=x>"])
def test_markup_in_a_draft_is_never_run(head: Browser, markup: str) -> None:
    """A page shows it as words, or not at all."""
    write(head, f"\n\n{markup}\n", title=f"T{markup}")
    for path in ("/desk/text", "/desk/text/edit", "/desk/text/history/1"):
        page = head.open(path)
        assert page.status == 200
        assert not page.tree.xpath("//main//script | //main//img")


def test_a_character_that_cannot_be_shown_is_refused_with_its_field(
    head: Browser, app_context: AppContext
) -> None:
    """The form keeps everything else."""
    page = head.open("/desk/text/edit")
    page = head.press(page, SAVE, title="A\u202eB", body="Kept.\n")
    assert page.status == 422
    assert len(page.problems) == 1
    assert body_of(page) == "Kept.\n"
    assert look_at_draft(app_context).number == 0


def test_a_nul_and_other_line_ends_are_put_right(
    head: Browser, app_context: AppContext
) -> None:
    """What no file may hold is not in it, and everything else is."""
    write(head, "\r\n\r\nA\0B e\u0301.\r\n\r\n\r\n")
    assert look_at_draft(app_context).text.body.endswith("\n\nAB \u00e9.\n")


def test_a_text_without_end_is_refused(head: Browser, app_context: AppContext) -> None:
    """A draft that no form could send again is not kept."""
    page = write(head, "a" * DRAFT_BYTES)
    assert page.status == 422
    assert page.problems[0].startswith("The draft is longer than 48 KB")
    assert look_at_draft(app_context).number == 0


def test_saving_twice_saves_once(head: Browser, app_context: AppContext) -> None:
    """A double click, or the same words again, adds no draft to the history."""
    page = head.open("/desk/text/edit")
    for _ in range(2):
        head.press(page, SAVE, body=body_of(page) + ADDED)
    assert look_at_draft(app_context).number == 1
    head.press(head.open("/desk/text/edit"), SAVE)
    assert look_at_draft(app_context).number == 1


def test_of_two_people_the_second_sees_both_texts(
    head: Browser, other_head: Browser, app_context: AppContext
) -> None:
    """Nobody's words are overwritten: the second decides, and all is in the history."""
    theirs, mine = "\n\nTheirs alone.\n", "\n\nMine alone.\n"
    begun = other_head.open("/desk/text/edit")
    write(head, theirs)
    page = other_head.press(begun, SAVE, body=body_of(begun) + mine)
    assert page.status == 409
    assert look_at_draft(app_context).text.body.endswith("Theirs alone.\n")
    assert "Theirs alone." in page.text
    assert page.tree.xpath("//ins[contains(., 'Mine')]")
    assert page.tree.xpath("//del[contains(., 'Theirs')]")
    assert body_of(page).endswith("Mine alone.\n")
    page = other_head.press(page, MINE, body=body_of(begun) + theirs + mine)
    assert (page.status, page.path) == (200, "/desk/text")
    saved = look_at_draft(app_context)
    assert (saved.number, saved.saved_by) == (2, OTHER)
    assert saved.text.body.endswith("Theirs alone.\n\n\nMine alone.\n")
    assert look_at_revision(app_context, 1).text.body.endswith("Theirs alone.\n")


def test_words_that_came_second_are_kept_until_their_writer_decides(
    head: Browser, other_head: Browser, app_context: AppContext
) -> None:
    """Closing the browser loses nothing; discarding is a button of its own."""
    begun = other_head.open("/desk/text/edit")
    write(head)
    other_head.press(begun, SAVE, body="## Mine\n\nAlone.\n")
    page = other_head.open("/desk/text/edit")
    assert "your own words" in page.text
    assert body_of(page) == "## Mine\n\nAlone.\n"
    assert other_head.press(page, SAVE).status == 409
    assert "your own words" not in head.open("/desk/text/edit").text
    other_head.press(other_head.open("/desk/text/edit"), "Discard them")
    assert body_of(other_head.open("/desk/text/edit")).endswith(ADDED.lstrip("\n"))
    assert look_at_draft(app_context).number == 1


def test_an_earlier_draft_can_be_taken_up_again(
    head: Browser, app_context: AppContext
) -> None:
    """It becomes a further draft, and what it replaces is still there."""
    write(head, "\n\nFirst.\n")
    write(head, "\n\nSecond.\n")
    page = head.open("/desk/text/history/1")
    assert "What has changed since" in page.text
    head.press(page, "Make this the draft again")
    saved = look_at_draft(app_context)
    assert saved.number == 3
    assert saved.text.body.endswith("First.\n")
    assert look_at_revision(app_context, 2).text.body.endswith("Second.\n")


def test_an_earlier_draft_leaves_what_was_typed(
    head: Browser, other_head: Browser, app_context: AppContext
) -> None:
    """Words that its writer has not saved are still theirs to save or discard."""
    begun = other_head.open("/desk/text/edit")
    write(head, "\n\nFirst.\n")
    other_head.press(begun, SAVE, body="## Mine\n")
    write(head, "\n\nSecond.\n")
    page = other_head.open("/desk/text/history/1")
    other_head.press(page, "Make this the draft again")
    assert look_at_draft(app_context).number == 3
    assert body_of(other_head.open("/desk/text/edit")) == "## Mine\n"


def test_an_earlier_draft_does_not_replace_what_was_saved_since(
    head: Browser, other_head: Browser, app_context: AppContext
) -> None:
    """Whoever presses the button sees the newer draft first."""
    write(head, "\n\nFirst.\n")
    write(head, "\n\nSecond.\n")
    page = head.open("/desk/text/history/1")
    write(other_head, "\n\nThird.\n")
    page = head.press(page, "Make this the draft again")
    assert page.path == "/desk/text/history/1"
    assert "draft 3" in page.text
    assert look_at_draft(app_context).number == 3


def test_who_does_not_write_reads(
    sign_in: Callable[[DeskRole], Browser], head: Browser
) -> None:
    """The others see the draft and its history, and no way to change it."""
    write(head)
    for role in (DeskRole.REVIEWER, DeskRole.OFFICE, DeskRole.AUDITOR):
        browser = sign_in(role)
        page = browser.open("/desk/text")
        assert "Parents may ask" in page.text
        assert "Write the draft" not in page.links
        assert (
            "Make this the draft again"
            not in browser.open("/desk/text/history/1").buttons
        )
        assert browser.open("/desk/text/edit").status == 403
