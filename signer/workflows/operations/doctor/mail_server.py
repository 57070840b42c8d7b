"""The outgoing mail server, as far as it can be asked without sending anything."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import urlsplit

from signer import clock
from signer.config import Settings
from signer.errors import MailDeferred, MailRefused, MailServerTrouble, SettingsError
from signer.mail.headers import mailbox, named_mailbox
from signer.mail.transport import SmtpTransport, transport_for
from signer.workflows.operations.doctor.outcomes import (
    Check,
    not_checked,
    ok,
    problem,
)

ABOUT = "mail server"


def check_mail_server(
    settings: Settings, mail_to: str | None = None
) -> Iterator[Check]:
    """Connect, encrypt and log in; send a mail only to the address that is given.

    Args:
        settings: the operator's settings.
        mail_to: who gets a mail that says it is a test; None for nobody.
    """
    try:
        transport = transport_for(settings.mail_address)
    except SettingsError as error:
        yield problem(ABOUT, f"SIGNER_MAIL_URL {error.problem}.", "Set it again.")
        return
    if not isinstance(transport, SmtpTransport):
        yield not_checked(ABOUT, "There is none: mail is written into a folder.")
        return
    server = f"{transport.host}:{transport.port}"
    try:
        message = _message(settings, mail_to)
        with transport.session() as session:
            if mail_to is None:
                session.connect(message)
            else:
                session.send(message)
    except (MailDeferred, MailRefused, MailServerTrouble) as error:
        yield problem(
            ABOUT,
            f"{server}: {error}.",
            "Look at SIGNER_MAIL_URL: name, port, login and encryption. Mails wait, "
            "and go out once the server takes them.",
        )
        return
    done = "lets us in" if mail_to is None else "accepted a mail for that address"
    login = "with our login" if transport.user else "without a login"
    yield ok(ABOUT, f"{server} {done}, {login}.")
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    yield not_checked(
        "sender's domain",
        f"SPF, DKIM and DMARC of {domain} cannot be looked up by this command.",
        "Send a mail to a mailbox elsewhere (--mail-to), and look there at its header "
        "Authentication-Results.",
    )


def _message(settings: Settings, mail_to: str | None) -> EmailMessage:
    message = EmailMessage()
    sender = named_mailbox(settings.mail_from)
    message["From"] = sender
    message["To"] = mailbox("", mail_to) if mail_to else sender
    message["Subject"] = "A test of the mail server"
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=urlsplit(settings.base_url).hostname)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        "The operator of the signing service has sent this to see whether mail "
        "arrives. Nothing needs to be done.\n"
    )
    return message
