"""“I have finished on this device”, and sessions that end by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from signer.config import Settings
from tests.web.browsing import Browser, Go

BUTTON = "I have finished on this device"


def test_whoever_has_finished_leaves_nothing_behind(visitor: Browser, sign: Go) -> None:
    """The last page offers it; then no page of theirs opens in this browser."""
    receipt = sign("Amira Khan")
    assert visitor.open("/sign/finished").buttons == [BUTTON]
    page = visitor.press(receipt, BUTTON)
    assert (page.path, page.heading) == (
        "/sign/finished",
        "You have finished on this device",
    )
    assert page.buttons == []
    for name in ("signed", "read", "declare", "question", "declaration.pdf"):
        shut = visitor.open(receipt.path.replace("signed", name))
        assert (shut.status, "Amira" in shut.answer.text) == (403, False)


def test_every_page_of_a_parents_is_kept_nowhere(visitor: Browser, check: Go) -> None:
    """Whether it was opened or sent for."""
    page = check("Amira Khan")
    for name in ("read", "question", "decline"):
        opened = visitor.open(page.path.replace("check", name))
        assert opened.headers["Cache-Control"] == "no-store"
    assert page.headers["Cache-Control"] == "no-store"
    signed = visitor.press(page, "Sign the code of conduct")
    assert signed.headers["Cache-Control"] == "no-store"


def test_a_session_ends_when_nothing_was_done_for_long(
    visitor: Browser,
    enter: Go,
    settings: Settings,
    frozen: Callable[[timedelta], None],
) -> None:
    """It is counted from the last page, not from the first."""
    page = enter("Amira Khan")
    hours = timedelta(hours=settings.session_hours)
    for _ in range(3):
        frozen(hours)
        assert visitor.open(page.path).status == 200
    frozen(hours + timedelta(minutes=2))
    assert visitor.open(page.path).status == 403
