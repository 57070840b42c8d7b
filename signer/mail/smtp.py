"""Mail over SMTP (RFC 5321): one connection carries many mails."""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage

from signer.errors import MailServerTrouble, TroubleScope
from signer.mail.bounces.verp import return_address
from signer.mail.bounded_smtp import GO_ON, BoundedSmtp, Reply
from signer.mail.replies import Step, error_of

CONNECT_SECONDS = 30.0
"""The longest wait for a connection that is greeted, encrypted and logged in."""

DEADLINE_SECONDS = 90.0
"""The longest that one mail may take, connecting included, whatever the server does."""

MAILS_PER_CONNECTION = 100
LONGEST_REPLY = 200

_OK = 250
_CLOSING = 421
_ACCEPTED = frozenset({250, 251, 252})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>]+>?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpTransport:
    """Hands mail to a server.

    Attributes:
        host: the server's name or address.
        port: its port.
        user: for logging in, or empty.
        password: for logging in.
        tls: ``always`` (TLS from the first byte), ``require`` (STARTTLS or
            nothing) or ``offered`` (STARTTLS where the server has it).
        trust: whose certificates are believed; the system's by default.
        timeout: seconds for connecting, up to the login.
        deadline: seconds for one mail, connecting included.
        bounce_address: where bounces go (VERP); empty for the mail's own sender.
    """

    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    tls: str = "offered"
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    timeout: float = CONNECT_SECONDS
    deadline: float = DEADLINE_SECONDS
    bounce_address: str = ""

    def send(self, message: EmailMessage) -> str:
        """Hand over one mail; gives the server's reply, without addresses.

        Raises:
            MailDeferred: not now, such as a full mailbox.
            MailServerTrouble: not for a reason that names the recipient.
            MailRefused: never: there is no such recipient.
        """
        with self.session() as session:
            return session.send(message)

    @contextmanager
    def session(self) -> Iterator[SmtpSession]:
        """Send mails over one connection, which is opened for the first of them."""
        session = SmtpSession(self)
        try:
            yield session
        finally:
            session.close()

    def context(self) -> ssl.SSLContext:
        """The TLS rules for this server."""
        if self.trust is not None:
            return self.trust
        context = ssl.create_default_context()
        if self.tls == "offered" and not self.user:
            # Nobody asked for more, and the choice is this or no encryption at
            # all: RFC 7435, opportunistic security.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


class SmtpSession:
    """A connection for as many mails as come; it is opened anew where it broke.

    Args:
        transport: the server.
    """

    def __init__(self, transport: SmtpTransport) -> None:
        self._transport = transport
        self._server: BoundedSmtp | None = None
        self._mails = 0

    def send(self, message: EmailMessage) -> str:
        """Hand over one mail, as `SmtpTransport.send`."""
        its = self._transport
        ends = time.monotonic() + its.deadline
        mail = _Mail(message, its)
        if self._server is not None and self._mails >= MAILS_PER_CONNECTION:
            self.close()
        with self._no_addresses():
            if self._server is not None:
                self._server.ends = ends
                with suppress(_Spent):
                    return self._hand_over(self._server, mail, kept=True)
                self.close()
            return self._hand_over(self._open(ends, mail), mail, kept=False)

    def connect(self, message: EmailMessage) -> None:
        """Open the connection, up to the login, and send nothing.

        Args:
            message: whose sender and recipient no reply is to repeat.

        Raises:
            MailServerTrouble: the server is not there, or does not let us in.
        """
        ends = time.monotonic() + self._transport.timeout
        with self._no_addresses():
            self._open(ends, _Mail(message, self._transport))

    def close(self) -> None:
        """End the connection, where there is one."""
        server, self._server, self._mails = self._server, None, 0
        if server is not None:
            server.say_goodbye()

    def _open(self, ends: float, mail: _Mail) -> BoundedSmtp:
        its = self._transport
        seconds = min(its.timeout, max(ends - time.monotonic(), 0.01))
        always = its.tls == "always"
        try:
            server = BoundedSmtp(
                its.host, its.port, seconds, its.context() if always else None
            )
        except smtplib.SMTPResponseException as error:
            reply = mail.reply(error.smtp_code, error.smtp_error)
            raise _unreachable(f"the server would not talk: {reply}") from None
        except smtplib.SMTPException:
            raise _unreachable(f"{its.host} gave no greeting in time") from None
        try:
            self._log_in(server, mail, encrypted=always)
        except BaseException:
            server.close()
            raise
        server.ends, self._server = ends, server
        return server

    def _log_in(self, server: BoundedSmtp, mail: _Mail, *, encrypted: bool) -> None:
        its = self._transport
        try:
            server.ehlo_or_helo_if_needed()
            if not encrypted and (its.tls == "require" or server.has_extn("starttls")):
                server.starttls(context=its.context())
                server.ehlo_or_helo_if_needed()
                encrypted = True
            # A password never crosses a network in the clear.
            in_the_clear = not encrypted and its.host not in _LOOPBACK
            if its.user and not in_the_clear:
                server.login(its.user, its.password)
        except smtplib.SMTPAuthenticationError as error:
            reply = mail.reply(error.smtp_code, error.smtp_error)
            raise _unreachable(f"the server refused our login: {reply}") from None
        except smtplib.SMTPResponseException as error:
            reply = mail.reply(error.smtp_code, error.smtp_error)
            raise _unreachable(f"the server would not talk: {reply}") from None
        except smtplib.SMTPNotSupportedError:
            raise _unreachable(
                f"{its.host} does not offer the encryption or login that is set"
            ) from None
        except smtplib.SMTPException:
            how = "did not answer in time" if server.late else "broke off"
            raise _unreachable(f"{its.host} {how}, before it let us in") from None
        if its.user and in_the_clear:
            raise _unreachable(f"{its.host} does not offer the encryption that is set")

    def _hand_over(self, server: BoundedSmtp, mail: _Mail, *, kept: bool) -> str:
        """Hand over one mail; gives the reply.

        Raises:
            _Spent: the server had enough of a connection that was kept. Nothing of this
                mail was taken, so that it may be offered on another one.
        """
        replies = server.offer(mail.sender, mail.options(server), mail.recipient)
        try:
            code, words = next(replies)
        except smtplib.SMTPServerDisconnected:
            if server.late or not kept:
                raise
            raise _Spent from None
        if code == _CLOSING and kept:
            raise _Spent
        if code != _OK:
            raise self._refusal(Step.MAIL, code, words, mail, replies)
        code, words = next(replies)
        if code not in _ACCEPTED:
            raise self._refusal(Step.RCPT, code, words, mail, replies)
        code, words = next(replies)
        asked_for = code == GO_ON
        if asked_for:
            code, words = server.hand_over(mail.raw)
        if code != _OK or not asked_for:
            raise self._refusal(Step.DATA, code, words, mail, replies)
        self._mails += 1
        return mail.reply(code, words)

    def _refusal(
        self,
        step: Step,
        code: int,
        words: bytes,
        mail: _Mail,
        replies: Iterator[Reply],
    ) -> Exception:
        """The error of a negative reply; the connection is fit for the next mail."""
        text = words.decode("utf-8", "replace")
        error = error_of(step, code, text, mail.reply(code, words))
        if code == _CLOSING:
            self.close()
        elif self._server is not None:
            try:
                self._server.give_up(replies)
            except (smtplib.SMTPException, OSError):
                self.close()
        return error

    @contextmanager
    def _no_addresses(self) -> Iterator[None]:
        """Turn the library's errors, which carry addresses, into ours.

        `from None` throughout: a traceback in a log would print them.
        """
        host = self._transport.host
        try:
            yield
        except smtplib.SMTPServerDisconnected:
            late = self._server is not None and self._server.late
            self._drop()
            if late:
                raise MailServerTrouble(
                    f"{host} did not answer in time", TroubleScope.STALLED
                ) from None
            raise MailServerTrouble(
                f"{host} broke off the connection", TroubleScope.BUSY
            ) from None
        except smtplib.SMTPException as error:
            self._drop()
            kind = type(error).__name__
            raise MailServerTrouble(
                f"{host} was not understood ({kind})", TroubleScope.SERVER
            ) from None
        except ssl.SSLError as error:
            self._drop()
            reason = getattr(error, "verify_message", "") or error.reason or "TLS"
            raise _unreachable(
                f"{host} could not be trusted or understood: {reason}"
            ) from None
        except OSError as error:
            self._drop()
            reason = error.strerror or "no answer in time"
            raise _unreachable(f"{host} cannot be reached: {reason}") from None

    def _drop(self) -> None:
        """Close a connection that is of no more use, without a goodbye."""
        server, self._server, self._mails = self._server, None, 0
        if server is not None:
            server.close()


class _Spent(Exception):
    """The server takes no more mails over a connection."""


class _Mail:
    """What a server is given of a mail, and what no reply of it may repeat."""

    def __init__(self, message: EmailMessage, transport: SmtpTransport) -> None:
        (sender,) = message["From"].addresses
        (recipient,) = message["To"].addresses
        self._foreign_recipient = not recipient.username.isascii()
        self.sender = _written(sender)
        if transport.bounce_address:
            self.sender = return_address(
                transport.bounce_address, str(message["Message-ID"])
            )
        self._foreign_sender = not self.sender.isascii()
        self.recipient = _written(recipient)
        self.raw = message.as_bytes()
        self._hidden = (
            recipient.username,
            recipient.display_name,
            sender.username,
            transport.user,
            transport.password,
        )

    def options(self, server: BoundedSmtp) -> list[str]:
        """The options of MAIL FROM for a server that has greeted."""
        options = []
        if self._foreign_sender or self._foreign_recipient:
            if not server.has_extn("smtputf8"):
                # Another server takes them: this one is the operator's to mend.
                raise MailServerTrouble(
                    "the server takes no address with letters beyond ASCII (SMTPUTF8)",
                    TroubleScope.SERVER if self._foreign_sender else TroubleScope.MAIL,
                )
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        if server.has_extn("size"):
            options.append(f"SIZE={len(self.raw)}")
        return options

    def reply(self, code: int, words: bytes | str) -> str:
        """What a server said, on one line, without addresses or the login."""
        text = _as_bytes(words).decode("utf-8", "replace")
        text = _ADDRESS.sub("<address>", text)
        for secret in sorted(filter(None, self._hidden), key=len, reverse=True):
            pattern = rf"(?<!\w){re.escape(secret)}(?!\w)"
            text = re.sub(pattern, "…", text, flags=re.IGNORECASE)
        text = "".join(c if c.isprintable() else " " for c in text)
        return f"{code} {' '.join(text.split())[:LONGEST_REPLY]}".strip()


def _unreachable(problem: str) -> MailServerTrouble:
    return MailServerTrouble(problem, TroubleScope.CONNECTION)


def _written(address: Address) -> str:
    return f"{address.username}@{address.domain}"


def _as_bytes(words: bytes | str) -> bytes:
    return words.encode(errors="replace") if isinstance(words, str) else words
