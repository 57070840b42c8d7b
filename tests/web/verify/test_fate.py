"""The public page tells a stranger nothing of what became of a parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from signer import clock
from signer.declaration.statement import new_declaration_id
from signer.store.tables import Declaration, Request, SealedPdf
from tests.web.browsing import Browser
from tests.web.verify.sending import form_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page


def test_a_stranger_hears_neither_who_left_nor_who_signed_anew(
    app: Flask, app_context: AppContext, sign: Callable[[str], Page]
) -> None:
    """What the page says of a genuine file is the same before and after."""
    sign("Amira Khan")
    with app_context.sessions.reading() as session:
        pdf = session.scalars(select(SealedPdf)).one().content
    stranger = Browser(app)

    def told() -> str:
        return stranger.post("/verify", **form_of({"pdf": (pdf, "a.pdf")})).text

    before = told()
    later = new_declaration_id()
    with app_context.sessions.writing() as session:
        first = session.scalars(select(Declaration)).one()
        other = session.scalars(
            select(Request).where(Request.id != first.request_id)
        ).first()
        assert other
        session.add(
            Declaration(
                id=later,
                request_id=other.id,
                statement=b"{}",
                statement_sha256="0" * 64,
                signed_at=clock.now(),
                replaces=first.id,
            )
        )
        first.request.parent.left_at = clock.now()
    after = told()
    app.extensions["verification_pool"].close()
    assert "You can rely on it" in before
    assert after == before
