"""The proof that a declaration is in the log, for the parent who signed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.ledger.proof_files import read_proof
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Go

LINK = "proof that it is in the school\N{RIGHT SINGLE QUOTATION MARK}s public log"


def test_the_proof_is_offered_once_there_is_one(
    visitor: Browser, sign: Go, app_context: AppContext
) -> None:
    """Before the log is signed the page does not mention it; then it downloads."""
    page = sign("Amira Khan")
    assert LINK not in page.links
    address = page.path.replace("signed", "proof")
    assert visitor.open(address).path == page.path
    sign_checkpoint(app_context)
    before = snapshot(app_context)
    page = visitor.open(page.path)
    answer = visitor.client.get(page.links[LINK], base_url=visitor.address)
    assert page.links[LINK].endswith("/proof")
    assert read_proof(answer.data.decode()).extra
    assert answer.headers["Cache-Control"] == "no-store"
    (reference,) = page.tree.find_class("reference")
    named = answer.headers["Content-Disposition"]
    assert f"declaration-{reference.text_content()}.tlog-proof" in named
    assert snapshot(app_context) == before


def test_there_is_no_proof_before_signing(visitor: Browser, enter: Go) -> None:
    """Its address leads to reading."""
    read = enter("Amira Khan")
    assert visitor.open(read.path.replace("read", "proof")).path == read.path


def test_nobody_else_gets_the_proof(
    visitor: Browser, sign: Go, app_context: AppContext, app: Flask
) -> None:
    """Without the session that a link opens there is nothing at its address."""
    page = sign("Amira Khan")
    sign_checkpoint(app_context)
    stranger = type(visitor)(app)
    answer = stranger.client.get(
        page.path.replace("signed", "proof"), base_url=visitor.address
    )
    assert b"tlog-proof" not in answer.data
    assert answer.mimetype == "text/html"
