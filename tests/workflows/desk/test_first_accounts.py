"""The first accounts of the desk: what is wrong with them is said at the start."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.errors import SettingsError
from signer.workflows.context import open_context

if TYPE_CHECKING:
    from signer.config import Settings
    from signer.workflows.context import AppContext


@pytest.mark.parametrize(
    "named",
    [
        ("head:ada@localhost",),
        ("head:a..b@school.example",),
        ("head:ada@school.example", "office:ADA@school.example"),
        ("queen:ada@school.example",),
        ("ada@school.example",),
    ],
)
def test_no_process_starts_with_an_account_that_cannot_be_made(
    settings: Settings, app_context: AppContext, named: tuple[str, ...]
) -> None:
    """Later it would hold up every link that a parent asks for."""
    del app_context
    with pytest.raises(SettingsError) as refused:
        open_context(replace(settings, desk_accounts=named))
    assert refused.value.key == "SIGNER_DESK_ACCOUNTS"


def test_accounts_that_can_be_made_let_a_process_start(
    settings: Settings, app_context: AppContext
) -> None:
    """One of each role, with other letters in it too."""
    del app_context
    named = ("head:ada@school.example", "office:büro@schüle.example")
    open_context(replace(settings, desk_accounts=named)).sessions.close()
