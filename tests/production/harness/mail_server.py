"""An SMTP server in a process of its own, which keeps mail and fails as it is told.

    python -m tests.production.harness.mail_server FOLDER PORT

It stores a mail before it says "250", so that what it has accepted is on record even
where nobody heard the answer, and by whom it was sent: each process that sends mail
logs in under a name of its own. The file FOLDER/behaviour says how it behaves, read at
each step: empty for taking everything, or a line for each trouble, which connections
meet in turn:

    reply STEP TEXT      answers so, such as "reply rcpt 451 4.7.1 Later"
    silent STEP          never answers
    dribble STEP         answers one byte a second, without end
    drop STEP            cuts the connection
    untrusted TLS        offers encryption, with a certificate that nobody can trust
    well ALL             takes everything

STEP is ``greeting``, ``ehlo``, ``mail``, ``rcpt``, ``data`` (which is dropped once the
mail has begun to come) or ``end``. What is not answered at the ``end`` is stored all
the same, and a mail that gets a ``reply`` there is not. FOLDER/met lists each trouble
that somebody met. Recipients that FOLDER/unknown names are refused for good.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import re
import ssl
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.conftest import REPOSITORY
from tests.mail.certificates import write_certificate
from tests.ports import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope, Session

BEHAVIOUR = "behaviour"
MET = "met"
UNKNOWN = "unknown"
SILENCE = 3600.0
_LINK = re.compile(r"https?://[^\s/]+/s/\S+")


class Keeper:
    """aiosmtpd's handler: stores what it accepts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = itertools.count()
        self._connections = itertools.count()
        self._certificate = folder / ".certificate.pem"
        write_certificate(self._certificate)

    def connection(self) -> Server:
        """What speaks on a new connection."""
        number = next(self._connections)
        tls = None
        if self.trouble(number, "TLS"):
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(self._certificate)
        return Server(self, number, tls)

    def trouble(self, connection: int, step: str) -> tuple[str, str] | None:
        """What a connection meets at a step, and in which words; None where it is well.

        Args:
            connection: its number.
            step: the step.
        """
        try:
            lines = (self._folder / BEHAVIOUR).read_text("utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        line = lines[connection % len(lines)] if lines else "well ALL"
        what, at, *words = line.split(maxsplit=2)
        if at != step:
            return None
        with (self._folder / MET).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        return what, " ".join(words)

    def _unknown(self) -> list[str]:
        """The addresses that nobody has."""
        with suppress(FileNotFoundError):
            return (self._folder / UNKNOWN).read_text("utf-8").splitlines()
        return []

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        server: Server,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """The sender."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return server.answer_at("mail")

    async def handle_RCPT(  # noqa: N802 - the same
        self,
        server: Server,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """A recipient."""
        answer = server.answer_at("rcpt")
        if address in self._unknown():
            return "550 5.1.1 There is nobody of that name"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - the same
        self, server: Server, _session: Session, envelope: Envelope
    ) -> str:
        """The mail itself."""
        answer = server.answer_at("end")
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            answered = server.trouble is None
            self._store(envelope.content, server.sender, answered=answered)
        return answer

    def _store(self, content: bytes, sender: str, *, answered: bool) -> None:
        # The number of microseconds since 1970 says when; it sorts as it arrived.
        how = "answered" if answered else "unanswered"
        number = next(self._count)
        name = f"{time.time_ns() // 1000}-{number}-{how}-{sender}.eml"
        aside = self._folder / f".{name}"
        aside.write_bytes(content)
        aside.rename(self._folder / name)


class Server(SMTP):
    """A connection.

    Attributes:
        trouble: what it meets at the present step, and in which words.
        sender: the name that the client logged in under.
    """

    sender = ""

    def __init__(self, keeper: Keeper, number: int, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            keeper,
            hostname="mail.example",
            enable_SMTPUTF8=True,
            tls_context=tls,
            auth_require_tls=False,
            authenticator=self._log_in,
        )
        self._keeper = keeper
        self._number = number
        self.answer_at("greeting")

    def _log_in(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        known: LoginPassword,
    ) -> AuthResult:
        """Let in anybody."""
        self.sender = known.login.decode()
        return AuthResult(success=True)

    def answer_at(self, step: str) -> str:
        """Come to a step; gives what is answered there."""
        self._step = step
        self.trouble = self._keeper.trouble(self._number, step)
        if self.trouble and self.trouble[0] == "reply":
            return self.trouble[1]
        return "250 OK"

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd's name
        """The client's greeting."""
        self.answer_at("ehlo")
        await super().smtp_EHLO(hostname)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the same
        """The announcement of a mail."""
        self.answer_at("data")
        await super().smtp_DATA(arg)

    async def push(self, status: AnyStr) -> None:
        """Answer, or do what is worse."""
        what, words = self.trouble or ("well", "")
        if what == "drop":
            if self._step == "data":
                await super().push(status)
            assert isinstance(self.transport, asyncio.WriteTransport)
            self.transport.abort()
        while what == "dribble":
            self._writer.write(b"2")
            await asyncio.sleep(1)
        if what in {"drop", "silent"}:
            await asyncio.sleep(SILENCE)
        if what == "reply" and self._step == "greeting":
            await super().push(words)
            return
        await super().push(status)


async def serve(folder: Path, port: int) -> None:
    """Take mail until the process is ended."""
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(keeper.connection, HOST, port)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


@dataclass
class Kept:
    """A mail that was accepted.

    Attributes:
        at: when, in seconds since 1970.
        answered: whether the sender was told.
        sender: the name under which it was sent.
        message: the mail.
    """

    at: float
    answered: bool
    sender: str
    message: EmailMessage

    @cached_property
    def to(self) -> str:
        """The recipient's address."""
        (address,) = self.message["To"].addresses
        return str(address.addr_spec)

    @cached_property
    def id(self) -> str:
        """Its Message-ID, the same for a second copy."""
        return str(self.message["Message-ID"])

    @cached_property
    def link(self) -> str | None:
        """The link in it that opens a request."""
        body = self.message.get_body(("plain",))
        found = body and _LINK.search(body.get_content())
        return str(found[0]) if found else None

    @cached_property
    def pdf(self) -> bytes | None:
        """The PDF that is attached."""
        return next((one.get_content() for one in self._pdfs()), None)

    @cached_property
    def declaration(self) -> str | None:
        """The reference of the declaration whose PDF is attached."""
        names = (str(one.get_filename()) for one in self._pdfs())
        return next((name.removesuffix(".pdf") for name in names), None)

    def _pdfs(self) -> Iterator[EmailMessage]:
        for part in self.message.iter_attachments():
            if part.get_content_type() == "application/pdf":
                yield part


@dataclass
class MailServer:
    """The server, seen from the tests.

    Attributes:
        folder: where mails are kept.
        port: where it listens.
    """

    folder: Path
    port: int
    _read: dict[str, Kept] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address for ``SIGNER_MAIL_URL``."""
        return f"smtp://{HOST}:{self.port}"

    def url_of(self, sender: str) -> str:
        """The same, for a process that logs in under a name."""
        return f"smtp://{sender}:password@{HOST}:{self.port}"

    def behave(self, *troubles: str) -> None:
        """Deal out troubles, as the module says; none to be well again."""
        aside = self.folder / f".{BEHAVIOUR}"
        aside.write_text("\n".join(troubles), "utf-8")
        aside.replace(self.folder / BEHAVIOUR)

    def refuse(self, *addresses: str) -> None:
        """Know nobody at these addresses, from now on."""
        (self.folder / UNKNOWN).write_text("\n".join(addresses), "utf-8")

    def met(self) -> Counter[str]:
        """How often each trouble was met so far."""
        try:
            lines = (self.folder / MET).read_text("utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        return Counter(lines)

    def kept(self) -> list[Kept]:
        """Every mail that was accepted so far, in order."""
        for name in sorted(os.listdir(self.folder)):  # noqa: PTH208 - many, often
            if name.endswith(".eml") and name[0] != "." and name not in self._read:
                content = (self.folder / name).read_bytes()
                message = message_from_bytes(content, policy=policy.default)
                at, _, how, sender = name.removesuffix(".eml").split("-", 3)
                answered = how == "answered"
                self._read[name] = Kept(int(at) / 1e6, answered, sender, message)
        return [self._read[name] for name in sorted(self._read)]

    def links(self) -> dict[str, str]:
        """The newest link that was mailed to each address."""
        return {one.to: one.link for one in self.kept() if one.link}


@contextmanager
def mail_server(folder: Path) -> Iterator[MailServer]:
    """A server on a free port, for the time of the block."""
    folder.mkdir()
    port = free_port()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.production.harness.mail_server",
            str(folder),
            str(port),
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    try:
        assert process.stdout.readline() == b"ready\n"
        yield MailServer(folder, port)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    # It warns of what it calls itself at each login.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
