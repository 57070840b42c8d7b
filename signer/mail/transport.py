"""Where mail goes: what every way of sending offers, and which one is set."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from signer.domain_names import ascii_domain
from signer.errors import SettingsError
from signer.mail.bounces.verp import check_bounce_address
from signer.mail.folder import FolderTransport
from signer.mail.smtp import SmtpTransport

__all__ = [
    "FolderTransport",
    "SmtpTransport",
    "Transport",
    "session_of",
    "transport_for",
]

KEY = "SIGNER_MAIL_URL"
SMTPS_PORT = 465  # RFC 8314 §3.3
SUBMISSION_PORT = 587  # RFC 6409 §3.1
RELAY_PORT = 25


class Transport(Protocol):
    """Takes mails that `compose` made, one at a time."""

    def send(self, message: EmailMessage) -> str:
        """Hand over one mail; gives the reply, without addresses.

        Raises:
            MailDeferred: not accepted now; worth another try.
            MailServerTrouble: not accepted, for a reason that is not the recipient.
            MailRefused: refused for good: there is no such recipient.
        """


def session_of(transport: Transport) -> AbstractContextManager[Transport]:
    """A way to send several mails one after another, over one connection if it can."""
    if isinstance(transport, SmtpTransport):
        return transport.session()
    return nullcontext(transport)


def transport_for(url: str, bounce_address: str = "") -> Transport:
    """The transport that ``SIGNER_MAIL_URL`` names.

    Args:
        url: ``smtp://user:password@host:port`` (user and password percent-encoded;
            ``?tls=require`` insists on encryption), ``smtps://…`` or
            ``folder:PATH``.
        bounce_address: where bounces go, as ``SIGNER_BOUNCE_ADDRESS`` names it.

    Raises:
        SettingsError: the address cannot be used. It says why without repeating it,
            since it may hold a password.
    """
    check_bounce_address(bounce_address)
    scheme, colon, rest = url.strip().partition(":")
    if scheme.lower() == "folder" and colon:
        if not rest:
            raise SettingsError(KEY, "names no folder: write folder:PATH")
        return FolderTransport(Path(rest))
    if scheme.lower() not in {"smtp", "smtps"}:
        raise SettingsError(KEY, "must begin with smtp://, smtps:// or folder:")
    try:
        address = urlsplit(url.strip())
        port = address.port
    except ValueError:
        # Without its cause, which repeats part of the address.
        raise SettingsError(
            KEY, "holds no usable host and port; percent-encode / ? # @ in a password"
        ) from None
    if not address.hostname or address.path not in {"", "/"} or address.fragment:
        raise SettingsError(
            KEY,
            "must be smtp://user:password@host:port with / ? # @ percent-encoded",
        )
    if bool(address.username) != bool(address.password):
        raise SettingsError(KEY, "names a user without a password, or the reverse")
    user, password = unquote(address.username or ""), unquote(address.password or "")
    if not (user + password).isascii():
        raise SettingsError(KEY, "holds letters that SMTP cannot carry: use ASCII")
    try:
        host = ascii_domain(address.hostname)
    except ValueError:
        raise SettingsError(KEY, "has a host that is no domain name") from None
    return SmtpTransport(
        host=host,
        port=port or _usual_port(address.scheme, user),
        user=user,
        password=password,
        tls=_tls(address),
        bounce_address=bounce_address,
    )


def _usual_port(scheme: str, user: str) -> int:
    if scheme == "smtps":
        return SMTPS_PORT
    return SUBMISSION_PORT if user else RELAY_PORT


def _tls(address: SplitResult) -> str:
    options = parse_qsl(address.query, keep_blank_values=True)
    if address.scheme == "smtps" and not options:
        return "always"
    if not options:
        return "offered"
    if address.scheme == "smtp" and options == [("tls", "require")]:
        return "require"
    raise SettingsError(KEY, "knows one option only, ?tls=require, after smtp://…")
