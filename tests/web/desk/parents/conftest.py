"""Where each parent's page is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.store.tables import Parent

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext


@pytest.fixture
def path_of(app_context: AppContext) -> Callable[[str], str]:
    """The path of the page of a parent of this name."""

    def path_of(name: str) -> str:
        with app_context.sessions.reading() as session:
            query = select(Parent.id).where(Parent.name == name)
            return f"/desk/parents/{session.scalars(query).one()}"

    return path_of
