"""Where bounces are read: a mailbox over IMAP (RFC 3501), or a folder of mails."""

from __future__ import annotations

import imaplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from signer.domain_names import ascii_domain
from signer.errors import MailboxUnreadable, SettingsError
from signer.mail.bounces.reports import LARGEST

KEY = "SIGNER_BOUNCE_URL"
IMAPS_PORT = 993  # RFC 8314 §3.2
IMAP_PORT = 143
TIMEOUT_SECONDS = 30
LONGEST_VISIT = 120
"""How many seconds one look at a mailbox may take; the next look goes on."""

MOST_AT_ONCE = 500
"""How many mails one look reads."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail in a mailbox.

    Attributes:
        content: the mail, or its first `LARGEST` bytes.
        settle: mark it as read. Called once what it says is stored, so that a kill
            in between only has it read twice.
    """

    content: bytes
    settle: Callable[[], None]


class BounceSource(Protocol):
    """A mailbox that bounces come to."""

    def unread(self) -> Iterator[StoredMail]:
        """The mails that nobody has read and that this object has not shown yet.

        What is not settled stays as it is, for people, and is shown again by another
        process or after a restart.

        Raises:
            MailboxUnreadable: it cannot be read now.
        """


def source_for(url: str) -> BounceSource:
    """The mailbox that ``SIGNER_BOUNCE_URL`` names.

    Args:
        url: ``imaps://user:password@host/MAILBOX`` (user, password and mailbox
            percent-encoded; ``INBOX`` by default), ``imap://…`` (STARTTLS, or in the
            clear to this machine itself) or ``folder:PATH``.

    Raises:
        SettingsError: the address cannot be used. It says why without repeating it,
            since it may hold a password.
    """
    scheme, colon, rest = url.strip().partition(":")
    if scheme.lower() == "folder" and colon:
        if not rest:
            raise SettingsError(KEY, "names no folder: write folder:PATH")
        return FolderSource(Path(rest))
    if scheme.lower() not in {"imap", "imaps"}:
        raise SettingsError(KEY, "must begin with imaps://, imap:// or folder:")
    try:
        address = urlsplit(url.strip())
        port = address.port
    except ValueError:
        # Without its cause, which repeats part of the address.
        raise SettingsError(
            KEY, "holds no usable host and port; percent-encode / ? # @ in a password"
        ) from None
    user, password = unquote(address.username or ""), unquote(address.password or "")
    if not (address.hostname and user and password) or address.query:
        raise SettingsError(
            KEY,
            "must be imaps://user:password@host/INBOX with / ? # @ percent-encoded",
        )
    mailbox = unquote(address.path.strip("/")) or "INBOX"
    try:
        host = ascii_domain(address.hostname)
    except ValueError:
        raise SettingsError(KEY, "has a host that is no domain name") from None
    if not (user + password + mailbox).isascii():
        raise SettingsError(KEY, "holds letters that IMAP cannot carry: use ASCII")
    tls = address.scheme == "imaps"
    return ImapSource(
        host=host,
        port=port or (IMAPS_PORT if tls else IMAP_PORT),
        user=user,
        password=password,
        mailbox=mailbox,
        tls=tls,
    )


@dataclass(slots=True, kw_only=True)
class ImapSource:
    """A mailbox over IMAP. A bounce that was understood is marked as seen.

    Python's own imaplib serves: five commands are wanted, none of which returns a
    structure that has to be parsed.

    Attributes:
        host: the server's name or address.
        port: its port.
        user: for logging in.
        password: for logging in.
        mailbox: such as ``INBOX``.
        tls: TLS from the first byte; else STARTTLS.
        trust: whose certificates are believed; the system's by default.
        timeout: seconds for each answer of the server.
    """

    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)
    mailbox: str = "INBOX"
    tls: bool = True
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    timeout: float = TIMEOUT_SECONDS
    _shown: set[tuple[bytes, bytes]] = field(default_factory=set, repr=False)

    def unread(self) -> Iterator[StoredMail]:
        """Yield as `BounceSource.unread` says."""
        until = time.monotonic() + LONGEST_VISIT
        with self._worded():
            server = self._connect()
        try:
            with self._worded():
                epoch, waiting = self._waiting(server)
            for uid in waiting[:MOST_AT_ONCE]:
                if time.monotonic() > until:
                    return
                with self._worded():
                    content = self._fetch(server, uid)
                if content is not None:
                    yield StoredMail(content, partial(self._mark_seen, server, uid))
                self._shown.add((epoch, uid))
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()

    @contextmanager
    def _worded(self) -> Iterator[None]:
        # `from None` throughout: the library's errors may carry the login.
        try:
            yield
        except imaplib.IMAP4.abort:
            raise MailboxUnreadable(f"{self.host} broke off the connection") from None
        except imaplib.IMAP4.error:
            raise MailboxUnreadable(
                f"{self.host} refused the login, the encryption or the mailbox"
            ) from None
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "TLS"
            raise MailboxUnreadable(
                f"{self.host} could not be trusted or understood: {reason}"
            ) from None
        except OSError as error:
            reason = error.strerror or "no answer in time"
            raise MailboxUnreadable(
                f"{self.host} cannot be reached: {reason}"
            ) from None

    def _connect(self) -> imaplib.IMAP4:
        context = self.trust or ssl.create_default_context()
        server: imaplib.IMAP4
        if self.tls:
            server = imaplib.IMAP4_SSL(
                self.host, self.port, ssl_context=context, timeout=self.timeout
            )
        else:
            server = imaplib.IMAP4(self.host, self.port, timeout=self.timeout)
        try:
            if not self.tls and self.host not in _LOOPBACK:
                # A password never crosses a network in the clear.
                server.starttls(context)
            server.login(self.user, self.password)
        except BaseException:
            server.shutdown()
            raise
        return server

    def _waiting(self, server: imaplib.IMAP4) -> tuple[bytes, list[bytes]]:
        """The mailbox's epoch, and the UIDs of mails that are new to this object."""
        quoted = self.mailbox.replace("\\", "\\\\").replace('"', '\\"')
        _accepted(server.select(f'"{quoted}"'))
        # A UID means the same mail for as long as this number stays (RFC 3501 §2.3.1).
        epoch = (server.response("UIDVALIDITY")[1] or [None])[0] or b""
        (uids,) = _accepted(server.uid("SEARCH", "UNSEEN UNDELETED"))
        assert isinstance(uids, bytes | None)  # noqa: S101 - for mypy: no literal here
        waiting = [
            uid for uid in (uids or b"").split() if (epoch, uid) not in self._shown
        ]
        return epoch, waiting

    @staticmethod
    def _fetch(server: imaplib.IMAP4, uid: bytes) -> bytes | None:
        """The beginning of a mail; None where somebody deleted it meanwhile."""
        answer = server.uid("FETCH", uid.decode(), f"(BODY.PEEK[]<0.{LARGEST}>)")
        parts = _accepted(answer)
        return next((part[1] for part in parts if isinstance(part, tuple)), None)

    def _mark_seen(self, server: imaplib.IMAP4, uid: bytes) -> None:
        with self._worded():
            _accepted(server.uid("STORE", uid.decode(), "+FLAGS.SILENT", r"(\Seen)"))


def _accepted(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error("the server refused a command")
    return data


class FolderSource:
    """A folder of ``.eml`` files, or a Maildir.

    A bounce that was understood is moved to the folder ``read`` inside, or marked as
    seen in the Maildir's own way.

    Args:
        folder: where the mails are put, each whole under its name at once.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shown: set[str] = set()

    def __repr__(self) -> str:
        return f"FolderSource({str(self.folder)!r})"

    def unread(self) -> Iterator[StoredMail]:
        """Yield as `BounceSource.unread` says."""
        with self._worded():
            waiting = [path for path in self._mails() if path.name not in self._shown]
        for path in waiting[:MOST_AT_ONCE]:
            with self._worded():
                content = _beginning(path)
            if content is not None:
                yield StoredMail(content, partial(self._settle, path))
            self._shown.add(path.name)

    def _mails(self) -> list[Path]:
        if self._is_maildir():
            new = [path for path in (self.folder / "new").iterdir() if path.is_file()]
            unseen = [
                path
                for path in (self.folder / "cur").iterdir()
                if path.is_file() and "S" not in path.name.partition(":2,")[2]
            ]
            return sorted(new + unseen)
        return sorted(path for path in self.folder.iterdir() if _is_mail(path))

    def _is_maildir(self) -> bool:
        return (self.folder / "new").is_dir() and (self.folder / "cur").is_dir()

    def _settle(self, path: Path) -> None:
        with self._worded(), suppress(FileNotFoundError):
            if self._is_maildir():
                name, _, flags = path.name.partition(":2,")
                seen = "".join(sorted({*flags, "S"}))
                path.rename(self.folder / "cur" / f"{name}:2,{seen}")
            else:
                read = self.folder / "read"
                read.mkdir(mode=0o700, exist_ok=True)
                path.rename(read / path.name)

    @contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise MailboxUnreadable("the folder of bounces is not there") from None
        except OSError as error:
            raise MailboxUnreadable(
                f"the folder of bounces cannot be used ({error.strerror})"
            ) from None


def _is_mail(path: Path) -> bool:
    return path.suffix == ".eml" and path.name[:1] != "." and path.is_file()


def _beginning(path: Path) -> bytes | None:
    """The first bytes of a mail; None where somebody took it away meanwhile."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST)
    except FileNotFoundError:
        return None
