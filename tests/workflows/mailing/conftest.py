"""A campaign of ten mails, and the server that takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.register.rows import read_register
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.import_register import import_register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

    from signer.workflows.context import AppContext
    from tests.sharing.states import Memory

    Advance = Callable[[timedelta], None]
from tests.workflows.mailing.moody_server import TEN, Moody


@pytest.fixture
def ten(app_context: AppContext, memory: Memory) -> Iterator[tuple[AppContext, Moody]]:
    """Ten parents who are to be asked, and a server with moods."""
    memory.bring_about(app_context, _ask_ten)
    office = Moody()
    app_context.settings = replace(app_context.settings, mail_url=office.url)
    with office.open():
        yield app_context, office


def _ask_ten(app_context: AppContext) -> None:
    import_register(app_context, read_register(TEN.encode()), leavers=True)
    ask_parents(app_context)
