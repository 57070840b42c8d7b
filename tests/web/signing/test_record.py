"""What the form showed of the register is what is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from signer.declaration.statement import from_json
from signer.register.rows import read_register
from signer.store.tables import Declaration
from signer.workflows.register.import_register import import_register
from tests.conftest import PEOPLE
from tests.web.browsing import CHECK, GIVEN, SIGN, Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page


def test_a_child_who_was_not_shown_is_not_signed_for(
    app_context: AppContext, visitor: Browser, declare: Callable[[str], Page]
) -> None:
    """When the register changes meanwhile, the form comes back as it is now."""
    checked = visitor.press(declare("Amira Khan"), CHECK, **GIVEN)
    moved_up = PEOPLE.replace("Yusuf Khan,Year 8", "Yusuf Khan,Year 9")
    import_register(app_context, read_register(moved_up.encode()))
    page = visitor.press(checked, SIGN)
    assert page.status == 409
    assert "record has changed" in page.text
    assert "Year 9" in page.text
    assert page.value("typed_name") == "Amira Khan"
    with app_context.sessions.reading() as session:
        assert session.scalars(select(Declaration)).all() == []
    visitor.press(visitor.press(page, CHECK), SIGN)
    with app_context.sessions.reading() as session:
        statement = from_json(session.scalars(select(Declaration)).one().statement)
    assert {one.year_group for one in statement.children} == {"Year 5", "Year 9"}


def test_a_form_that_says_nothing_of_the_record_is_shown_it(
    visitor: Browser, declare: Callable[[str], Page]
) -> None:
    """Without the hidden field nothing is signed; the form comes back."""
    checked = visitor.press(declare("Amira Khan"), CHECK, **GIVEN)
    page = visitor.press(checked, SIGN, record="")
    assert (page.status, "record has changed" in page.text) == (409, True)
