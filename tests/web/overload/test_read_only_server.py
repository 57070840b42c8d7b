"""While the database's server can only be read, nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text

from signer.store.tables import Declaration
from tests.conftest import new_database
from tests.web.browsing import GIVEN, SIGN, Browser

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page


@pytest.fixture(params=["postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A server is what fails over; a file on a disk is tried elsewhere."""
    return new_database(request, tmp_path)


def test_a_server_that_can_only_be_read_puts_off_what_was_typed(
    visitor: Browser, check: Callable[[str], Page], app_context: AppContext
) -> None:
    """As after a failover to a standby, or where its disk is nearly full."""
    engine = app_context.sessions.engine
    name = engine.url.database

    def read_only(*, on: bool) -> None:
        value = "on" if on else "off"
        with engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(
                text(
                    f'ALTER DATABASE "{name}" SET default_transaction_read_only = '
                    + value
                )
            )
        engine.dispose()

    checking = check("Amira Khan")
    read_only(on=True)
    page = visitor.press(checking, SIGN)
    assert page.status == 503
    assert page.value("typed_name") == GIVEN["typed_name"]
    read_only(on=False)
    assert visitor.press(page, "Try again").heading.startswith("You have signed")
    with app_context.sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(Declaration)) == 1
