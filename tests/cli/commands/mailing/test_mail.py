"""signer mail, as people and programs read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from signer.cli import main
from signer.config import environment
from signer.errors import MailRefused, MailServerTrouble, TroubleScope
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.mailing.send import send_mail
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from email.message import EmailMessage

    from click.testing import Result

    from signer.config import Settings
    from signer.workflows.context import AppContext


def signer(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, arguments, env={**environment(settings), "COLUMNS": "200"}
    )


class Relay:
    """Knows no Amira, and relays for nobody."""

    def send(self, message: EmailMessage) -> str:
        """Refuse."""
        if "amira@" in str(message["To"]):
            raise MailRefused("550 5.1.1 no such mailbox")
        raise MailServerTrouble("554 5.7.1 Relay denied", TroubleScope.SERVER)


@pytest.fixture
def refused(app_context: AppContext) -> Settings:
    """One mail refused for good; three others, and the word of it, wait."""
    ask_parents(app_context)
    send_mail(app_context, Relay())
    return app_context.settings


def test_what_was_not_accepted_is_listed_with_the_reply(refused: Settings) -> None:
    """Who was to get it, where it stands, and what holds all of it up."""
    listed = signer(refused, "mail", "list")
    assert listed.exit_code == 0
    assert "Trouble with sending mail since" in listed.output
    assert "Amira Khan <amira@example.org>" in listed.output
    assert "550 5.1.1 no such mailbox" in listed.output
    assert "office refused" in listed.output
    only = signer(refused, "mail", "list", "--state", "refused", "--json")
    document = json.loads(only.stdout)
    assert document["trouble"]["reply"] == "554 5.7.1 Relay denied"
    [mail] = document["mails"]
    assert mail["state"] == "refused"
    assert mail["kind"] == "ask"
    assert mail["due_at"] is None


def test_mails_are_sent_again_by_number_or_by_state(
    refused: Settings, app_context: AppContext
) -> None:
    """The pause ends with it; a number that is none changes nothing."""
    wrong = signer(refused, "mail", "retry", "1", "4711")
    assert wrong.exit_code == 1
    assert "4711" in wrong.output
    assert signer(refused, "mail", "retry").exit_code == 2
    again = signer(refused, "mail", "retry", "--state", "refused", "--json")
    assert json.loads(again.stdout) == {"retried": 1}
    assert "sent again" in signer(refused, "mail", "retry", "--all").output
    assert Post(app_context).send() == 4, "no word of a refusal that is over"
    listed = signer(refused, "mail", "list")
    assert "every one was accepted by the mail server" in listed.output


def test_a_pause_is_ended_by_hand(refused: Settings, app_context: AppContext) -> None:
    """Once; then there is none."""
    assert Post(app_context).send() == 0
    assert json.loads(signer(refused, "mail", "resume", "--json").stdout) == {
        "resumed": True
    }
    assert "no pause" in signer(refused, "mail", "resume").output
