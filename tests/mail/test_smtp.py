"""Mail over SMTP, against a real server on this machine."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import traceback
from asyncio import WriteTransport
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from signer.errors import MailDeferred, MailError, MailRefused, MailServerTrouble
from signer.mail.kinds import Kind
from signer.mail.letter import Attachment
from signer.mail.smtp import SmtpTransport
from tests.mail.certificates import write_certificate
from tests.mail.examples import EMAIL, NAME, mail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "127.0.0.1"


class Mailbox:
    """Takes mail, or answers as it is told to."""

    def __init__(self, **replies: str) -> None:
        self.replies = replies
        self.received: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.logins: list[bytes] = []

    def authenticate(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _kind: str,
        data: Any,
    ) -> AuthResult:
        """One login is known."""
        self.logins.append(data.login)
        known = (data.login, data.password) == (b"school", b"p@ss word")
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """The sender."""
        if "mail" in self.replies:
            return self.replies["mail"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the same
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """A recipient."""
        if "rcpt" in self.replies:
            return self.replies["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the same
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """The mail itself."""
        if self.replies.get("data") == "drop":
            assert isinstance(server.transport, WriteTransport)
            server.transport.abort()
            return ""
        self.encrypted.append(session.ssl is not None)
        self.received.append(envelope)
        return self.replies.get("data", f"250 OK kept for {EMAIL} as 42")


@contextmanager
def serving(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """A server on a free port; gives the port."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        mailbox, hostname=HOST, port=port, authenticator=mailbox.authenticate, **options
    )
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture(autouse=True)
def _quiet_server() -> Iterator[None]:
    # The server warns of logins without encryption, which these tests want.
    logger = logging.getLogger("mail.log")
    before, logger.level = logger.level, logging.CRITICAL
    yield
    logger.level = before


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1, signed by itself, in one file."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    write_certificate(path)
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    return tls


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_a_mail_arrives_as_it_was_composed() -> None:
    """Envelope and content are the mail's own; the reply hides the address."""
    box = Mailbox()
    message = mail(Kind.RECEIPT, attachments=(Attachment("D.pdf", b"%PDF\r\n.\r\n\0"),))
    with serving(box) as port:
        reply = SmtpTransport(host=HOST, port=port).send(message)
    assert reply == "250 OK kept for <address> as 42"
    (envelope,) = box.received
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        "policies@school.example",
        [EMAIL],
    )
    assert envelope.original_content == message.as_bytes()
    again = message_from_bytes(envelope.original_content or b"", policy=default)
    (attached,) = again.iter_attachments()
    assert attached.get_content() == b"%PDF\r\n.\r\n\0"


def test_several_mails_may_be_sent_one_after_another() -> None:
    """A transport is good for more than one mail."""
    box = Mailbox()
    with serving(box) as port:
        transport = SmtpTransport(host=HOST, port=port)
        for number in range(3):
            transport.send(mail(message_id=f"<{number}@x.example>"))
    assert len(box.received) == 3


@pytest.mark.parametrize(
    ("step", "reply", "error"),
    [
        ("rcpt", "450 4.2.0 Greylisted", MailDeferred),
        ("rcpt", "550 5.1.1 No such user", MailRefused),
        ("rcpt", "530 5.7.0 Must issue STARTTLS first", MailDeferred),
        ("rcpt", "421 4.3.2 Shutting down", MailDeferred),
        ("mail", "451 4.3.0 Try later", MailDeferred),
        ("mail", "553 5.7.1 Sender not allowed", MailDeferred),
        ("mail", "552 5.3.4 Message too big", MailServerTrouble),
        ("data", "452 4.3.1 Disk full", MailDeferred),
        ("data", "554 5.7.1 Looks like spam", MailServerTrouble),
    ],
)
def test_replies_are_told_apart(step: str, reply: str, error: type[MailError]) -> None:
    """What names the recipient is refused; all else may pass, or be mended."""
    with serving(Mailbox(**{step: reply})) as port, pytest.raises(error) as raised:
        SmtpTransport(host=HOST, port=port).send(mail())
    assert raised.value.reply == reply


def test_no_error_tells_an_address_a_name_or_the_login() -> None:
    """Neither the error nor its traceback repeats what the server says of people."""
    said = f"550 <{EMAIL}> for {NAME} (anna.obrien) is unknown to school"
    with serving(Mailbox(rcpt=said), auth_require_tls=False) as port:
        transport = SmtpTransport(
            host=HOST, port=port, user="school", password="p@ss word"
        )
        with pytest.raises(MailRefused) as raised:
            transport.send(mail())
    assert raised.value.reply == "550 <address> for … (…) is unknown to …"
    printed = "".join(traceback.format_exception(raised.value))
    for secret in (EMAIL, NAME, "p@ss"):
        assert secret not in printed


def test_a_login_is_used_where_one_is_set() -> None:
    """User and password are sent as they are set."""
    box = Mailbox()
    with serving(box, auth_require_tls=False) as port:
        SmtpTransport(host=HOST, port=port, user="school", password="p@ss word").send(
            mail()
        )
    assert box.logins == [b"school"]
    assert len(box.received) == 1


def test_a_refused_login_loses_no_mail() -> None:
    """A wrong password is the operator's mistake: the mail waits."""
    with serving(Mailbox(), auth_require_tls=False) as port:
        transport = SmtpTransport(host=HOST, port=port, user="school", password="wr0ng")
        with pytest.raises(MailDeferred, match="refused our login") as raised:
            transport.send(mail())
    assert "wr0ng" not in "".join(traceback.format_exception(raised.value))


def test_a_missing_login_loses_no_mail(server_tls: ssl.SSLContext) -> None:
    """A server that wants a login we have not set defers the mail."""
    with (
        serving(Mailbox(), tls_context=server_tls, auth_required=True) as port,
        pytest.raises(MailDeferred, match="530"),
    ):
        SmtpTransport(host=HOST, port=port).send(mail())


def test_encryption_is_used_where_it_is_offered(server_tls: ssl.SSLContext) -> None:
    """Without a login any certificate is better than no encryption."""
    box = Mailbox()
    with serving(box, tls_context=server_tls) as port:
        SmtpTransport(host=HOST, port=port).send(mail())
    assert box.encrypted == [True]


def test_required_encryption_needs_a_trusted_certificate(
    server_tls: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    """A stranger's certificate defers the mail; a trusted one lets it through."""
    box = Mailbox()
    with serving(box, tls_context=server_tls) as port:
        with pytest.raises(MailDeferred, match="self-signed"):
            SmtpTransport(host=HOST, port=port, tls="require").send(mail())
        assert box.received == []
        SmtpTransport(host=HOST, port=port, tls="require", trust=trust).send(mail())
    assert box.encrypted == [True]


def test_a_login_is_never_sent_to_a_stranger(server_tls: ssl.SSLContext) -> None:
    """With a login the certificate must be trusted, required or not."""
    box = Mailbox()
    with serving(box, tls_context=server_tls) as port:
        transport = SmtpTransport(host=HOST, port=port, user="school", password="x")
        with pytest.raises(MailDeferred, match="could not be trusted"):
            transport.send(mail())
    assert box.logins == []


def test_a_password_goes_to_no_other_machine_in_the_clear() -> None:
    """A server with a login and no encryption gets neither login nor mail."""
    box = Mailbox()
    with serving(box, auth_require_tls=False) as port:
        # Another name than those of this machine, as any other machine has.
        its = SmtpTransport(
            host="127.1", port=port, user="school", password="p@ss word"
        )
        with pytest.raises(MailServerTrouble, match="encryption that is set"):
            its.send(mail())
    assert (box.logins, box.received) == ([], [])


def test_required_encryption_that_is_not_offered_defers() -> None:
    """Nothing is sent in the clear where encryption is required."""
    box = Mailbox()
    with serving(box) as port, pytest.raises(MailDeferred, match="does not offer"):
        SmtpTransport(host=HOST, port=port, tls="require").send(mail())
    assert box.received == []


def test_encryption_from_the_first_byte(
    server_tls: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    """``smtps`` speaks TLS at once."""
    box = Mailbox()
    with serving(box, ssl_context=server_tls) as port:
        SmtpTransport(host=HOST, port=port, tls="always", trust=trust).send(mail())
    assert len(box.received) == 1


def test_addresses_in_other_letters_go_where_they_are_understood() -> None:
    """A server with SMTPUTF8 gets them; one without is the operator's to mend."""
    message = mail(to_email="jürgen@families.example")
    box = Mailbox()
    with serving(box, enable_SMTPUTF8=True) as port:
        SmtpTransport(host=HOST, port=port).send(message)
    assert box.received[0].rcpt_tos == ["jürgen@families.example"]
    with (
        serving(Mailbox(), enable_SMTPUTF8=False) as port,
        pytest.raises(MailServerTrouble, match="beyond ASCII") as raised,
    ):
        SmtpTransport(host=HOST, port=port).send(message)
    assert raised.value.scope.value == "mail", "it holds up no other mail"


def test_a_connection_that_drops_defers() -> None:
    """No answer to the mail itself means another try, with the same id."""
    with (
        serving(Mailbox(data="drop")) as port,
        pytest.raises(MailDeferred, match="broke off"),
    ):
        SmtpTransport(host=HOST, port=port).send(mail())


def test_a_server_that_is_away_defers() -> None:
    """Nobody listens: the mail waits."""
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        port = closed.getsockname()[1]
        with pytest.raises(MailDeferred, match="cannot be reached"):
            SmtpTransport(host=HOST, port=port).send(mail())


@contextmanager
def saying(*lines: bytes) -> Iterator[int]:
    """A server that says these lines to its first caller, then nothing."""
    with socket.create_server((HOST, 0)) as listener:

        def answer() -> None:
            caller, _ = listener.accept()
            with caller:
                for line in lines:
                    caller.sendall(line)
                while caller.recv(1024):
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_a_server_that_says_nothing_defers_in_time() -> None:
    """Silence ends after the time that is set."""
    with saying() as port, pytest.raises(MailDeferred):
        SmtpTransport(host=HOST, port=port, timeout=0.2).send(mail())


def test_a_server_that_turns_callers_away_defers() -> None:
    """A greeting that says no is another try."""
    with (
        saying(b"554 No service here\r\n") as port,
        pytest.raises(MailDeferred, match="554 No service here"),
    ):
        SmtpTransport(host=HOST, port=port, timeout=5).send(mail())


def test_a_server_that_speaks_something_else_defers() -> None:
    """Whatever listens there, a mail is not lost to it."""
    for greeting in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfe\0\r\n"):
        with saying(greeting) as port, pytest.raises(MailDeferred):
            SmtpTransport(host=HOST, port=port, timeout=1).send(mail())
