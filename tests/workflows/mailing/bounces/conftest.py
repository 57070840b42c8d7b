"""Parents who were asked, and a mailbox for what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.workflows.campaigns.ask import ask_parents

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post
from tests.workflows.mailing.bounces.mailbox import Returned


@pytest.fixture
def returned(app_context: AppContext, tmp_path: Path) -> Returned:
    return Returned(app_context, tmp_path / "bounces")


@pytest.fixture
def asked(app_context: AppContext, post: Post) -> AppContext:
    """A context whose parents have been asked by mail."""
    ask_parents(app_context)
    post.send()
    return app_context
