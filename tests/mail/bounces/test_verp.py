"""A return address of its own for each mail."""

from __future__ import annotations

import pytest

from signer.errors import SettingsError
from signer.mail.bounces.verp import return_address
from signer.mail.transport import transport_for
from tests.mail.bounce_examples import MESSAGE_ID, REF
from tests.mail.examples import mail
from tests.mail.test_smtp import HOST, Mailbox, serving

ADDRESS = "bounces@school.example"


def test_the_envelope_names_the_mail_and_the_header_the_school() -> None:
    """A server that takes the mail is told where to send it back to."""
    mailbox = Mailbox()
    with serving(mailbox) as port:
        transport = transport_for(f"smtp://{HOST}:{port}", ADDRESS)
        transport.send(mail(message_id=MESSAGE_ID))

    (envelope,) = mailbox.received
    assert envelope.mail_from == f"bounces+{REF}@school.example"
    assert b"bounces+" not in (envelope.original_content or b"")


def test_without_the_setting_the_sender_is_the_mails_own() -> None:
    """As it was."""
    mailbox = Mailbox()
    with serving(mailbox) as port:
        transport_for(f"smtp://{HOST}:{port}").send(mail(message_id=MESSAGE_ID))

    (envelope,) = mailbox.received
    assert envelope.mail_from is not None
    assert "+" not in envelope.mail_from


def test_a_mail_without_a_reference_has_the_plain_address() -> None:
    """A sample is nobody's mail."""
    assert return_address(ADDRESS, "<sample@school.example>") == ADDRESS


@pytest.mark.parametrize(
    "address",
    [
        "bounces",
        "School <bounces@school.example>",
        "büro@school.example",
        "bounces+x@school.example",
        f"{'b' * 40}@school.example",
    ],
)
def test_an_unusable_address_is_refused(address: str) -> None:
    """At the start, and not with the first mail."""
    with pytest.raises(SettingsError, match="SIGNER_BOUNCE_ADDRESS"):
        transport_for("smtp://127.0.0.1", address)
