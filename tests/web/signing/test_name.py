"""The name typed as a signature, where it is not the one in the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.declaration.statement import Statement, from_json
from signer.store.tables import Declaration, Outbox
from tests.web.browsing import CHECK, GIVEN, SIGN, SURE

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Go, Page
    from tests.workflows.conftest import Post

HEADING = "Is this your name?"


def declared(app_context: AppContext) -> list[Statement]:
    with app_context.sessions.reading() as session:
        return [
            from_json(one) for one in session.scalars(select(Declaration.statement))
        ]


def typed(visitor: Browser, form: Page, name: str) -> Page:
    return visitor.press(form, CHECK, **{**GIVEN, "typed_name": name})


@pytest.mark.parametrize("name", ["Lorem ipsum", "王小明"])
def test_the_page_says_whose_name_is_expected(
    visitor: Browser, declare: Go, app_context: AppContext, name: str
) -> None:
    """Nothing is signed, and what was answered stays."""
    page = typed(visitor, declare("Amira Khan"), name)
    assert (page.status, page.heading) == (422, HEADING)
    assert "has asked Amira Khan to sign" in page.text
    assert (page.value("typed_name"), page.value("capacity")) == (name, "Mother")
    again = visitor.press(page, CHECK, typed_name="khan amira")
    assert again.heading == "Check your answers, then sign"
    assert declared(app_context) == []
    visitor.press(again, SIGN)
    (statement,) = declared(app_context)
    assert (statement.typed_name, statement.another_way) == ("khan amira", False)


@pytest.mark.parametrize("sure", [" Yes."])
def test_a_name_written_another_way_is_kept_and_told(
    visitor: Browser, declare: Go, app_context: AppContext, post: Post, sure: str
) -> None:
    """It stands in the statement, and the office has a mail about it."""
    page = typed(visitor, declare("Amira Khan"), "A. J. Khan")
    check = visitor.press(page, CHECK, sure=sure)
    assert "You are Amira Khan, and you write your name in another way." in check.text
    assert visitor.press(check, SIGN).path.endswith("/signed")
    (statement,) = declared(app_context)
    assert (statement.typed_name, statement.another_way) == ("A. J. Khan", True)
    post.send()
    (mail,) = post.to("office@my-online-schooling.example")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "name differs from the register" in text
    assert "> A. J. Khan" in text
    assert "In the register: Amira Khan" in text


@pytest.mark.parametrize("sure", ["", "Lorem ipsum", "on"])
def test_nothing_but_the_word_says_so(
    visitor: Browser, declare: Go, app_context: AppContext, sure: str
) -> None:
    """What a program types into every box signs nothing."""
    page = typed(visitor, declare("Amira Khan"), "Lorem ipsum")
    for _ in range(2):
        page = visitor.press(page, CHECK, sure=sure)
        assert (page.status, page.heading) == (422, HEADING)
    assert bool(page.problems) == bool(sure)
    assert declared(app_context) == []


def test_a_name_changed_after_that_is_compared_anew(
    visitor: Browser, declare: Go
) -> None:
    """The word was said of the name that stood beside it."""
    page = typed(visitor, declare("Amira Khan"), "A. J. Khan")
    page = visitor.press(page, CHECK, sure=SURE)
    form = visitor.press(page, "Change your full name")
    assert typed(visitor, form, "Lorem ipsum").heading == HEADING


def test_the_last_button_compares_the_name_itself(
    visitor: Browser, check: Go, app_context: AppContext
) -> None:
    """Whatever is sent to it."""
    page = visitor.press(check("Amira Khan"), SIGN, typed_name="Lorem ipsum")
    assert (page.status, page.heading) == (422, HEADING)
    assert declared(app_context) == []


def test_a_name_as_registered_is_not_told(
    visitor: Browser, declare: Go, app_context: AppContext
) -> None:
    """The word alone tells nothing."""
    page = typed(visitor, declare("Amira Khan"), "A. J. Khan")
    page = visitor.press(page, CHECK, typed_name="Amira Khan", sure=SURE)
    visitor.press(page, SIGN)
    (statement,) = declared(app_context)
    assert not statement.another_way
    with app_context.sessions.reading() as session:
        kinds = set(session.scalars(select(Outbox.kind)))
    assert "office_name" not in kinds
