"""The PDF of a version, and one with other pages that somebody sealed with the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.store.tables import PinnedVersion, SealedPdf
from signer.workflows.declarations import seal_version
from signer.workflows.declarations.seal import seal_as_asked
from signer.workflows.declarations.seal_version import seal_versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page


def test_only_the_pdf_that_the_school_published_is_called_its_text(
    send: Callable[..., Page],
    pdf: bytes,
    app_context: AppContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same text is attached to both, and the pages of one say something else."""
    assert pdf
    seal_versions(app_context)
    with app_context.sessions.reading() as session:
        pinned = session.scalars(select(PinnedVersion)).one()
        number, sha256 = pinned.number, pinned.sha256
        published = session.get_one(SealedPdf, pinned.pdf_sha256).content
    page = send(published)
    assert page.heading == "This is the text, not a declaration"
    assert f"the PDF of version {number} in the school's record" in page.text
    other = "<p>Parents owe the school money.</p>"
    monkeypatch.setattr(seal_version, "to_html", lambda _: other)
    typeset = seal_version._typeset(app_context, number, sha256)  # noqa: SLF001
    page = send(seal_as_asked(app_context, typeset).pdf)
    assert page.heading == "We cannot tell"
    assert "its pages may say something else than the text attached" in page.text
    assert "You can rely on" not in page.text
