"""A release while parents read, answer and come back: nobody signs the older text.

The service here runs on from before the release; another process asks the parents.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer import clock
from signer.declaration.statement import from_json
from signer.store.tables import Declaration, Request
from signer.workflows.campaigns import ask as campaign
from signer.workflows.context import open_context
from signer.workflows.paper.record import record_paper
from tests.conftest import run
from tests.html_trees import first
from tests.web.browsing import CHECK, GIVEN, GO_ON, NEXT, SIGN, SURE, Browser
from tests.web.releases import ask_for_newest, release_edit
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Go
    from tests.workflows.conftest import Post


@pytest.fixture
def release(settings: Settings, post: Post) -> Callable[[], Post]:
    """Releases one more version and asks everybody, from another process."""
    edits = iter(
        [
            ("must not take screenshots", "must never take screenshots"),
            ("act in accordance", "act fully in accordance"),
        ]
    )

    def release() -> Post:
        old, new = next(edits)
        release_edit(settings.versions_dir, old, new, f"Now it says “{new}”.")
        return ask_for_newest(settings)

    return release


def die(*_: object, **__: object) -> None:
    """What a campaign does that is stopped in the middle."""
    raise KeyboardInterrupt


def signed_versions(app_context: AppContext) -> list[int]:
    with app_context.sessions.reading() as session:
        return sorted(session.scalars(select(Request.version_number).join(Declaration)))


@pytest.mark.parametrize("step", ["read", "declare"])
def test_a_page_of_an_older_version_leads_to_the_newest(
    visitor: Browser,
    enter: Go,
    app_context: AppContext,
    release: Callable[[], Post],
    step: str,
) -> None:
    """Reading on after a release shows the new text, says why, and changes nothing."""
    read = enter("Amira Khan")
    release()
    before = snapshot(app_context)
    page = visitor.open(read.path.replace("read", step))
    assert page.status == 200
    assert page.path != read.path
    assert "There is a newer version now" in page.text
    assert "released version 3 while you were answering version 2" in page.text
    assert "must never take screenshots" in page.text
    assert snapshot(app_context) == before


def test_what_was_typed_is_kept_and_ticks_are_not(
    visitor: Browser, declare: Go, release: Callable[[], Post]
) -> None:
    """Sent after a release, the form leads to the new text, then to a form with it."""
    form = declare("Amira Khan")
    release()
    page = visitor.press(form, CHECK, **GIVEN)
    assert page.status == 409
    assert "released version 3 while you were answering version 2" in page.text
    assert "We have kept the name that you typed" in page.text
    assert "Version 3 · November 2026" in page.text
    page = visitor.press(page, NEXT)
    assert page.heading == "Your declaration"
    assert page.value("typed_name") == "Amira Khan"
    assert page.value("capacity") == "Mother"
    assert page.value("confirmed") is None


def test_the_last_button_signs_no_older_text(
    visitor: Browser, check: Go, app_context: AppContext, release: Callable[[], Post]
) -> None:
    """Pressed after a release, it signs nothing; the new text is signed from there."""
    page = check("Amira Khan")
    release()
    page = visitor.press(page, SIGN)
    assert page.status == 409
    assert "Nothing was signed" in page.text
    assert signed_versions(app_context) == []
    page = visitor.press(visitor.press(page, NEXT), CHECK, **GIVEN)
    page = visitor.press(page, SIGN)
    assert page.heading == "You have signed the code of conduct"
    assert signed_versions(app_context) == [3]


def test_two_releases_while_answering_lead_to_the_second(
    visitor: Browser, check: Go, app_context: AppContext, release: Callable[[], Post]
) -> None:
    """However many versions were released meanwhile, the newest one is shown."""
    page = check("Amira Khan")
    release()
    page = visitor.press(page, SIGN)
    page = visitor.press(visitor.press(page, NEXT), CHECK, **GIVEN)
    release()
    page = visitor.press(page, SIGN)
    assert "released version 4 while you were answering version 3" in page.text
    page = visitor.press(visitor.press(page, NEXT), CHECK, **GIVEN)
    assert visitor.press(page, SIGN).path.endswith("/signed")
    assert signed_versions(app_context) == [4]


def test_the_statement_says_when_the_new_text_was_opened(
    visitor: Browser,
    enter: Go,
    app_context: AppContext,
    release: Callable[[], Post],
    frozen: Callable[[timedelta], None],
) -> None:
    """Led on by a page that notes nothing, it is when that page was first shown."""
    read = enter("Amira Khan")
    frozen(timedelta(minutes=5))
    release()
    frozen(timedelta(minutes=5))
    page = visitor.open(read.path)
    shown = clock.now()
    frozen(timedelta(minutes=5))
    page = visitor.press(visitor.press(page, NEXT), CHECK, **GIVEN)
    visitor.press(page, SIGN)
    with app_context.sessions.reading() as session:
        statement = from_json(session.scalars(select(Declaration.statement)).one())
    assert statement.opened_at == shown
    assert statement.invited_at < statement.opened_at < statement.confirmed_at


def test_a_parent_who_signed_sees_what_changed_since(
    visitor: Browser, sign: Go, release: Callable[[], Post]
) -> None:
    """Summary, the changed words and the whole text; and the first PDF stays theirs."""
    receipt = sign("Amira Khan")
    post = release()
    mail = post.to("Amira Khan")[-1]
    assert "New version to sign" in str(mail["Subject"])
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    page = visitor.press(page, page.buttons[0])
    assert "What changed since you signed version 2" in page.text
    assert "Now it says “must never take screenshots”." in page.text
    changes = page.tree.find_class("changes")[0]
    assert [one.text_content() for one in changes.xpath(".//div//del")]
    assert changes.text_content().count("never") == 1
    assert (
        "must never take screenshots" in first(page.tree, ".//article").text_content()
    )
    pdf = page.links["your declaration (PDF)"]
    assert pdf == receipt.links["Download your declaration (PDF)"]
    answer = visitor.client.get(pdf, base_url=visitor.address)
    assert answer.data.startswith(b"%PDF-")


def test_skipped_versions_are_told_of_too(
    visitor: Browser, sign: Go, app_context: AppContext, release: Callable[[], Post]
) -> None:
    """Whoever signed 2 and not 3 sees both summaries, and all changes from 2 to 4."""
    sign("Amira Khan")
    release()
    post = release()
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    page = visitor.press(page, page.buttons[0])
    assert "What changed since you signed version 2" in page.text
    first, second = (page.text.index(f"Version {number}, ") for number in (3, 4))
    assert first < second
    changes = page.tree.find_class("changes")[0].text_content()
    assert "never" in changes
    assert "fully" in changes
    body = post.to("Amira Khan")[-1].get_body(("plain",))
    assert body is not None
    words = body.get_content()
    for said in ("Version 3, ", "Version 4, ", "[removed: not]", "[added: never]"):
        assert said in words


def test_what_changed_counts_from_a_signature_on_paper_too(
    visitor: Browser, app_context: AppContext, release: Callable[[], Post]
) -> None:
    """A declaration by hand is a declaration; there is no PDF of it to offer."""
    record_paper(app_context, "amira@example.org", by="Mrs Finch")
    post = release()
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    page = visitor.press(page, page.buttons[0])
    assert "What changed since you signed version 2" in page.text
    assert "on paper" in page.text
    assert "your declaration (PDF)" not in page.links


def test_a_signed_link_offers_the_newer_version_and_the_receipt(
    app: Flask, sign: Go, post: Post, release: Callable[[], Post]
) -> None:
    """The old mail's link leads to either; both change nothing until pressed."""
    old = post.token("Amira Khan")
    receipt = sign("Amira Khan")
    release()
    device = Browser(app)
    page = device.open(f"/s/{old}")
    assert page.heading == "There is a newer code of conduct to sign"
    assert page.buttons == [
        "Read and sign version 3",
        "Go to your receipt for version 2",
    ]
    assert "Amira" not in page.answer.text
    kept = device.press(page, page.buttons[1], receipt="1")
    assert kept.path == receipt.path
    assert kept.heading == "You have signed version 2 of the code of conduct"
    assert "Download your declaration (PDF)" in kept.links
    onwards = device.open(kept.links["Read and sign version 3"])
    assert "Version 3 · November 2026" in onwards.text
    again = device.press(page, page.buttons[0])
    assert again.path == onwards.path


def test_both_declarations_stay_and_the_second_names_the_first(
    visitor: Browser, sign: Go, app_context: AppContext, release: Callable[[], Post]
) -> None:
    """After signing both, each receipt lists the other, and 3 replaces 2 in print."""
    first = sign("Amira Khan")
    post = release()
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    page = visitor.press(page, page.buttons[0])
    page = visitor.press(visitor.press(page, NEXT), CHECK, **GIVEN)
    second = visitor.press(page, SIGN)
    (old,), (new,) = (one.tree.find_class("reference") for one in (first, second))
    assert "Version 2 (August 2022)" in second.links
    older = visitor.open(second.links["Version 2 (August 2022)"])
    assert older.tree.find_class("reference")[0].text == old.text
    with app_context.sessions.reading() as session:
        stored = session.get_one(Declaration, new.text)
        assert stored.replaces == old.text
        assert from_json(stored.statement).replaces == old.text
    for receipt in (first, second):
        path = receipt.links["Download your declaration (PDF)"]
        pdf = visitor.client.get(path, base_url=visitor.address).data
        assert pdf.startswith(b"%PDF-")


@pytest.mark.tool("pdftotext")
def test_the_first_page_of_the_pdf_names_the_declaration_it_replaces(
    visitor: Browser, sign: Go, release: Callable[[], Post], tmp_path: Path
) -> None:
    """A first declaration replaces none, and says nothing of replacing."""
    first = sign("Amira Khan")
    post = release()
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    page = visitor.press(page, page.buttons[0])
    page = visitor.press(visitor.press(page, NEXT), CHECK, **GIVEN)
    second = visitor.press(page, SIGN)
    printed = []
    for receipt in (first, second):
        path = receipt.links["Download your declaration (PDF)"]
        file = tmp_path / "declaration.pdf"
        file.write_bytes(visitor.client.get(path, base_url=visitor.address).data)
        words = run("pdftotext", "-f", "1", "-l", "1", "-layout", file, "-")
        printed.append(" ".join(words.split()))
    reference = first.tree.find_class("reference")[0].text
    assert reference
    assert "replaces" not in printed[0].lower()
    assert "replaces" in printed[1].lower()
    assert reference in printed[1]


@pytest.mark.parametrize("way", ["question", "paper", "not-me"])
def test_words_to_the_office_go_on_to_the_newest_request(
    visitor: Browser,
    enter: Go,
    app_context: AppContext,
    release: Callable[[], Post],
    way: str,
) -> None:
    """What was written while a version was released is sent, and not lost."""
    form = visitor.open(enter("Amira Khan").path.replace("read", way))
    release()
    check = visitor.press(form, GO_ON, words="Does it count for chats?")
    page = visitor.press(check, check.buttons[-1], sure=SURE)
    assert page.path.endswith(f"/{way}/sent")
    assert page.path.split("/")[2] != form.path.split("/")[2]


def test_a_text_is_not_declined_unread(
    visitor: Browser, enter: Go, app_context: AppContext, release: Callable[[], Post]
) -> None:
    """Declining after a release asks once more, with the reason kept."""
    form = visitor.open(enter("Amira Khan").path.replace("read", "decline"))
    release()
    button = "Tell the school I do not agree"
    page = visitor.press(form, GO_ON, words="It is too strict.")
    assert page.status == 409
    assert "released version 3 while you were answering version 2" in page.text
    assert page.value("words") == "It is too strict."
    assert visitor.tell(page, button).path.endswith("/decline/sent")
    with app_context.sessions.reading() as session:
        declined = session.scalars(
            select(Request.version_number).where(Request.status == "declined")
        ).all()
    assert declined == [3]


def test_a_link_is_good_before_the_campaign_comes_to_its_parent(
    settings: Settings,
    visitor: Browser,
    enter: Go,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the pin and the batch a parent is asked at once, and not twice."""
    read = enter("Amira Khan")
    release_edit(settings.versions_dir, "Purpose", "Our purpose", "A heading.")
    worker = open_context(settings)
    with monkeypatch.context() as death, pytest.raises(KeyboardInterrupt):
        death.setattr(campaign, "_ask_batch", die)
        campaign.ask_parents(worker)
    told = visitor.open(read.path)
    assert told.status == 410
    assert "just released a newer version" in told.text
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    page = visitor.press(page, "Continue to the newest version")
    assert "Our purpose" in page.text
    assert campaign.ask_parents(worker).newly == 3
    with worker.sessions.reading() as session:
        numbers = session.scalars(select(Request.version_number)).all()
    worker.sessions.close()
    assert sorted(numbers) == [2] * 4 + [3] * 4


def test_a_changed_or_missing_file_changes_nothing_that_is_served(
    settings: Settings, visitor: Browser, enter: Go
) -> None:
    """The service goes on with the text that was pinned."""
    read = enter("Amira Khan")
    path = settings.versions_dir / "2.md"
    for spoil in (lambda: path.write_text("spoilt"), path.unlink):
        spoil()
        page = visitor.open(read.path)
        assert page.status == 200
        assert page.text == read.text


def test_a_version_that_is_not_here_yet_is_no_other_text(
    settings: Settings, visitor: Browser, enter: Go, release: Callable[[], Post]
) -> None:
    """A machine that lacks the new file says that it cannot answer, and guesses not."""
    read = enter("Amira Khan")
    release()
    path = settings.versions_dir / "3.md"
    kept = path.read_bytes()
    path.write_bytes(kept + b"\nOne more line.\n")
    page = visitor.open(read.path)
    assert (page.status, page.heading) == (503, "We cannot answer just now")
    path.write_bytes(kept)
    assert "Version 3" in visitor.open(read.path).text
