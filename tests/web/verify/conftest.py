"""A declaration, and a stranger who has it checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.store.tables import Declaration, SealedPdf
from tests.web.browsing import Browser, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from signer.workflows.context import AppContext
from tests.web.verify.sending import NAME, form_of


@pytest.fixture(autouse=True)
def _desk_closed(app: Flask) -> Iterator[None]:
    """No process outlives its test."""
    yield
    app.extensions["verification_pool"].close()


@pytest.fixture
def pdf(app_context: AppContext, sign: Callable[[str], Page]) -> bytes:
    """The declaration of a parent who has just signed."""
    sign(NAME)
    with app_context.sessions.reading() as session:
        declaration = session.scalars(select(Declaration)).one()
        sealed = session.get_one(SealedPdf, declaration.pdf_sha256)
        return sealed.content


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """Somebody who has never been here, and keeps no cookies."""
    return Browser(app)


@pytest.fixture
def send(stranger: Browser) -> Callable[..., Page]:
    """Sends a file by the form, as a browser does."""

    def send(
        content: bytes,
        name: str = "declaration.pdf",
        proof: tuple[bytes, str] | None = None,
    ) -> Page:
        files = {"pdf": (content, name), **({"proof": proof} if proof else {})}
        return stranger.post("/verify", **form_of(files))

    return send
