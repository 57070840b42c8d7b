"""What a machine that watches over the service is told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.config import Settings
    from signer.workflows.house import House
    from tests.web.browsing import Browser


def test_while_everything_holds_there_is_no_warning(visitor: Browser) -> None:
    """Ready, and an empty list."""
    answer = visitor.client.get("/readyz", base_url=visitor.address)
    assert answer.json == {"status": "ready", "warnings": []}


def test_what_ends_soon_is_a_warning_and_no_failure(
    visitor: Browser,
    house: House,
    settings: Settings,
    frozen: Callable[[timedelta], None],
) -> None:
    """The service is ready still; the list names no file of the server's."""
    house.seal_key()
    frozen(timedelta(days=3 * 365 - 30))
    answer = visitor.client.get("/readyz", base_url=visitor.address)
    assert answer.status_code == 200
    assert answer.json["status"] == "ready"
    (warning,) = answer.json["warnings"]
    assert "ends on 21 November 2029, 30 days from now" in warning
    assert str(settings.seal_path) not in answer.text
