"""Mail over SMTP (RFC 5321), one connection for each mail."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from signer.errors import MailDeferred, MailRefused

if TYPE_CHECKING:
    from email.headerregistry import Address
    from email.message import EmailMessage

TIMEOUT_SECONDS = 30
LONGEST_REPLY = 200

_OK = 250
_ACCEPTED = frozenset({250, 251, 252})
_PERMANENT = 500
# Ours to mend, not the recipient's fault: authentication and encryption wanted.
_OPERATORS_MISTAKE = frozenset({530, 534, 535, 538})
_TOO_BIG = 552
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
        timeout: seconds for each step.
    """

    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    tls: str = "offered"
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    timeout: float = TIMEOUT_SECONDS

    def send(self, message: EmailMessage) -> str:
        """Hand over one mail; gives the server's reply, without addresses.

        Raises:
            MailDeferred: not now: the server is away, busy, or will not let us in.
            MailRefused: never: the recipient or the mail itself is refused.
        """
        (sender,) = message["From"].addresses
        (recipient,) = message["To"].addresses
        hidden = (
            recipient.username,
            recipient.display_name,
            sender.username,
            self.user,
            self.password,
        )
        # `from None` throughout: the library's errors carry addresses, and a
        # traceback in a log would print them.
        try:
            with _Connection(self) as server:
                return server.deliver(message, sender, recipient, hidden)
        except smtplib.SMTPAuthenticationError as error:
            reply = _reply(error.smtp_code, error.smtp_error, hidden)
            raise MailDeferred(f"the server refused our login: {reply}") from None
        except smtplib.SMTPResponseException as error:
            reply = _reply(error.smtp_code, error.smtp_error, hidden)
            raise MailDeferred(f"the server would not talk: {reply}") from None
        except smtplib.SMTPNotSupportedError:
            raise MailDeferred(
                f"{self.host} does not offer the encryption or login that is set"
            ) from None
        except smtplib.SMTPException:
            raise MailDeferred(f"{self.host} broke off the connection") from None
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "TLS"
            raise MailDeferred(
                f"{self.host} could not be trusted or understood: {reason}"
            ) from None
        except OSError as error:
            reason = error.strerror or "no answer in time"
            raise MailDeferred(f"{self.host} cannot be reached: {reason}") from None

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


class _Connection:
    """A greeted, encrypted and logged-in connection, for the time of one mail."""

    def __init__(self, transport: SmtpTransport) -> None:
        self._transport = transport

    def __enter__(self) -> Self:
        its = self._transport
        if its.tls == "always":
            self._server: smtplib.SMTP = smtplib.SMTP_SSL(
                its.host, its.port, timeout=its.timeout, context=its.context()
            )
        else:
            self._server = smtplib.SMTP(its.host, its.port, timeout=its.timeout)
        try:
            self._open()
        except BaseException:
            self._server.close()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        # Whatever happens at the goodbye, the answer to the mail stands.
        with suppress(smtplib.SMTPException, OSError):
            self._server.quit()
        self._server.close()

    def _open(self) -> None:
        its, server = self._transport, self._server
        server.ehlo_or_helo_if_needed()
        encrypted = its.tls == "always"
        if not encrypted and (its.tls == "require" or server.has_extn("starttls")):
            server.starttls(context=its.context())
            server.ehlo_or_helo_if_needed()
            encrypted = True
        if its.user:
            if not encrypted and its.host not in _LOOPBACK:
                # A password never crosses a network in the clear.
                raise smtplib.SMTPNotSupportedError("no encryption for the login")
            server.login(its.user, its.password)

    def deliver(
        self,
        message: EmailMessage,
        sender: Address,
        recipient: Address,
        hidden: tuple[str, ...],
    ) -> str:
        server, options = self._server, []
        raw = message.as_bytes()
        if not recipient.username.isascii() or not sender.username.isascii():
            if not server.has_extn("smtputf8"):
                raise MailRefused(
                    "the server takes no address with letters beyond ASCII"
                )
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        if server.has_extn("size"):
            options.append(f"SIZE={len(raw)}")
        code, words = server.mail(f"{sender.username}@{sender.domain}", options)
        if code != _OK:
            answer = _reply(code, words, hidden)
            if code == _TOO_BIG:
                raise MailRefused(answer)
            # Any other refusal of the sender is a mistake of the settings.
            raise MailDeferred(answer)
        to = f"{recipient.username}@{recipient.domain}"
        code, words = server.rcpt(to)
        if code not in _ACCEPTED:
            _refuse(code, _reply(code, words, hidden))
        try:
            code, words = server.data(raw)
        except smtplib.SMTPDataError as error:
            code, words = error.smtp_code, _as_bytes(error.smtp_error)
        if code != _OK:
            _refuse(code, _reply(code, words, hidden))
        return _reply(code, words, hidden)


def _refuse(code: int, reply: str) -> None:
    if code >= _PERMANENT and code not in _OPERATORS_MISTAKE:
        raise MailRefused(reply)
    raise MailDeferred(reply)


def _as_bytes(words: bytes | str) -> bytes:
    return words.encode(errors="replace") if isinstance(words, str) else words


def _reply(code: int, words: bytes | str, hidden: tuple[str, ...]) -> str:
    """What a server said, on one line, without addresses or the login."""
    text = _as_bytes(words).decode("utf-8", "replace")
    text = _ADDRESS.sub("<address>", text)
    for secret in sorted(filter(None, hidden), key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(secret)}(?!\w)"
        text = re.sub(pattern, "…", text, flags=re.IGNORECASE)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"{code} {text[:LONGEST_REPLY]}".strip()
