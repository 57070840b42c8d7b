"""The form of a parent: for what they may sign, and nothing is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.errors import PaperRefused
from signer.workflows.paper.form import paper_form
from tests.workflows.conftest import Post, snapshot

if TYPE_CHECKING:
    from signer.workflows.context import AppContext


def test_making_a_form_changes_nothing(app_context: AppContext, asked: Post) -> None:
    """It is a PDF, made as often as the printer needs it."""
    before = snapshot(app_context)
    assert paper_form(app_context, "amira@example.org").startswith(b"%PDF-")
    assert snapshot(app_context) == before


def test_a_form_is_for_what_they_may_sign(app_context: AppContext, asked: Post) -> None:
    """One of another version could not be recorded afterwards."""
    with pytest.raises(PaperRefused, match="They may have signed: 2"):
        paper_form(app_context, "amira@example.org", version=3)
