"""The last button and the receipt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from signer.store.tables import Declaration
from signer.web import create_app
from signer.workflows.context import open_context
from signer.workflows.paper.record import record_paper
from tests.web.browsing import CHECK, GIVEN, NEXT, SIGN, Browser

if TYPE_CHECKING:
    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Go
    from tests.workflows.conftest import Post


def declarations(app_context: AppContext) -> int:
    with app_context.sessions.reading() as session:
        return session.scalar(select(func.count()).select_from(Declaration)) or 0


def test_a_parent_signs_and_gets_the_pdf(visitor: Browser, sign: Go) -> None:
    """From the link to the receipt, and the sealed PDF from there."""
    page = sign("Amira Khan")
    assert page.path.endswith("/signed")
    assert page.heading == "You have signed the code of conduct"
    (reference,) = page.tree.find_class("reference")
    assert reference.text is not None
    assert reference.text.startswith("D-")
    assert "Step 4 of 4" in page.text
    assert "amira@example.org" in page.text
    path = page.links["Download your declaration (PDF)"]
    answer = visitor.client.get(path, base_url=visitor.address)
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Cache-Control"] == "no-store"
    assert reference.text in answer.headers["Content-Disposition"]
    assert "Khan" not in answer.headers["Content-Disposition"]


def test_another_text_cannot_be_signed(
    visitor: Browser, check: Go, app_context: AppContext
) -> None:
    """The last button refuses a hash that is not the version's."""
    page = visitor.press(check("Amira Khan"), SIGN, text="f" * 64)
    assert page.status == 409
    assert declarations(app_context) == 0


def test_a_second_press_of_the_last_button_is_harmless(
    visitor: Browser, check: Go, app_context: AppContext
) -> None:
    """It leads to the same receipt; there is one declaration."""
    page = check("Amira Khan")
    first = visitor.press(page, SIGN)
    second = visitor.press(page, SIGN)
    assert first.text == second.text
    assert declarations(app_context) == 1


@pytest.mark.parametrize("step", ["read", "declare", "check"])
def test_a_signed_request_leads_to_its_receipt(
    visitor: Browser, sign: Go, step: str
) -> None:
    """The pages before it have nothing left to do."""
    receipt = sign("Amira Khan")
    assert visitor.open(receipt.path.replace("signed", step)).path == receipt.path


@pytest.mark.parametrize("step", ["signed", "declaration.pdf"])
def test_there_is_no_receipt_before_signing(
    visitor: Browser, enter: Go, step: str
) -> None:
    """Its addresses lead to reading."""
    read = enter("Amira Khan")
    assert visitor.open(read.path.replace("read", step)).path == read.path


def test_a_statement_that_is_taken_out_on_the_last_page_is_missed(
    visitor: Browser, check: Go, app_context: AppContext
) -> None:
    """Everything is checked again where it counts."""
    page = visitor.press(check("Amira Khan"), SIGN, confirmed=["0", "7", "x"])
    assert page.status == 422
    assert len(page.problems) == 1
    assert declarations(app_context) == 0


def test_a_wrong_token_on_the_last_page_loses_nothing(
    visitor: Browser, check: Go, app_context: AppContext
) -> None:
    """The same page comes back with its answers, and then signs."""
    page = visitor.press(check("Amira Khan"), SIGN, csrf_token="wrong")
    assert page.status == 400
    assert "Press the button again" in page.text
    assert declarations(app_context) == 0
    assert visitor.press(page, SIGN).path.endswith("/signed")


def test_a_signature_without_its_seal_is_a_signature(
    settings: Settings, post: Post
) -> None:
    """Where sealing fails, the receipt says that the PDF comes by mail."""
    app_context = open_context(replace(settings, seal_passphrase="wrong"))
    visitor = Browser(create_app(settings, app_context))
    page = visitor.open(f"/s/{post.token('Amira Khan')}")
    page = visitor.press(page, "Continue to the code of conduct")
    page = visitor.press(visitor.press(page, NEXT), CHECK, **GIVEN)
    page = visitor.press(page, SIGN)
    assert page.heading == "You have signed the code of conduct"
    assert "still being made" in page.text
    assert "Download your declaration (PDF)" not in page.links
    pdf = visitor.open(page.path.replace("signed", "declaration.pdf"))
    assert pdf.path == page.path
    app_context.sessions.close()


def test_a_paper_declaration_has_a_receipt_of_its_own(
    visitor: Browser, enter: Go, app_context: AppContext
) -> None:
    """What the office recorded is said, and no PDF is promised."""
    read = enter("Amira Khan")
    record_paper(app_context, "amira@example.org", by="Mrs Finch")
    page = visitor.open(read.path)
    assert page.path.endswith("/signed")
    assert "You signed on paper" in page.text
    assert "Download your declaration (PDF)" not in page.links
    assert "Finch" not in page.answer.text
