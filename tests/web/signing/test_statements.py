"""A parent waits for few statements of SQL, whichever page they ask for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from flask import request
from sqlalchemy import event

from tests.web.browsing import CHECK, GIVEN, NEXT, SIGN

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Browser, Page

MOST = {
    "landing.land": 4,
    "landing.enter": 5,
    "signing.read": 3,
    "signing.declare": 3,
    "signing.check": 3,
    # The first of its version adds the dictionary, which later ones look for.
    "signing.sign": 24,
    "signing.signed": 4,
}
"""For each page of the journey, with what begins a transaction and without its end."""

COMMITS = 2
"""What is signed, and then its seal, so that no fault in sealing takes a signature."""


def test_each_page_asks_the_database_few_times(
    app_context: AppContext, visitor: Browser, enter: Callable[[str], Page]
) -> None:
    """No relationship is fetched row by row, and signing takes two commits."""
    asked: Counter[str | None] = Counter()
    committed: Counter[str | None] = Counter()
    engine = app_context.sessions.engine
    event.listen(
        engine,
        "before_cursor_execute",
        lambda *_: asked.update([request.endpoint]),
    )
    event.listen(engine, "commit", lambda _: committed.update([request.endpoint]))

    page = visitor.press(enter("Amira Khan"), NEXT)
    page = visitor.press(page, CHECK, **GIVEN)
    page = visitor.press(page, SIGN)

    assert page.heading.startswith("You have signed")
    assert {one: asked[one] for one in MOST if asked[one] > MOST[one]} == {}
    assert all(asked[one] for one in MOST)
    assert committed == {"landing.enter": 1, "signing.sign": COMMITS}
