"""signer exempt, as the office types it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.workflows.campaigns.ask import ask_parents
from tests.cli.invoking import signer

if TYPE_CHECKING:
    from signer.workflows.context import AppContext

ADD = ("exempt", "add", "amira@example.org", "--by", "Jo", "--reason", "Staff")
END = ("exempt", "end", "amira@example.org", "--by", "Jo", "--reason", "Left the staff")


def test_what_it_does_is_shown_and_asked(app_context: AppContext) -> None:
    """Noted, listed, ended; a no changes nothing."""
    ask_parents(app_context)
    settings = app_context.settings
    kept = signer(settings, *ADD, answer="n\n")
    assert kept.exit_code == 1
    assert "Their request for version 2 stays open" in kept.stderr
    assert "has to sign" in signer(settings, "exempt", "list").stdout
    done = signer(settings, *ADD, "--yes")
    assert done.stdout.startswith("Noted: Amira Khan <amira@example.org> need not sign")
    told = signer(settings, "status")
    assert "1 in the register need not sign: see `signer exempt list`." in told.stdout
    again = signer(settings, *ADD, "--yes")
    assert again.exit_code == 1
    assert "Nothing was changed: Amira Khan is exempt already." in again.stderr
    ended = signer(settings, *END, answer="y\n")
    assert "reminders continue" in ended.stdout
    listed = signer(settings, "exempt", "list", COLUMNS="200").stdout
    assert "by Jo: Left the staff" in listed
    history = signer(settings, "status", "--parent", "amira@example.org", COLUMNS="200")
    assert "has to sign again" in history.stdout
