"""An SMTP server in a process of its own, which keeps mail and fails as it is told.

    python -m tests.production.harness.mail_server FOLDER PORT

It stores a mail before it says "250", so that what it has accepted is on record even
where nobody heard the answer. The file FOLDER/behaviour says how it behaves, read at
each step: empty for taking everything, or a line for each trouble:

    reply STEP TEXT      answers so, such as "reply rcpt 451 4.7.1 Later"
    silent STEP          never answers
    drop STEP            cuts the connection

STEP is ``mail``, ``rcpt`` or ``data``; ``drop stored`` takes the mail, stores it and
cuts the connection before the answer.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP

from tests.conftest import REPOSITORY
from tests.ports import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope, Session

BEHAVIOUR = "behaviour"
SILENCE = 3600.0
_LINK = re.compile(r"https?://[^\s/]+/s/\S+")


class Keeper:
    """aiosmtpd's handler: stores what it accepts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = itertools.count()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """The sender."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer("mail", server)

    async def handle_RCPT(  # noqa: N802 - the same
        self,
        server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """A recipient."""
        answer = await self._answer("rcpt", server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - the same
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """The mail itself."""
        answer = await self._answer("data", server)
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self._store(envelope.content)
            await self._answer("stored", server)
        return answer

    async def _answer(self, step: str, server: SMTP) -> str:
        for line in self._behaviour():
            what, at, *text = line.split(maxsplit=2)
            if at != step:
                continue
            if what == "reply":
                return text[0]
            if what == "drop":
                assert isinstance(server.transport, asyncio.WriteTransport)
                server.transport.abort()
            await asyncio.sleep(SILENCE)
        return "250 OK"

    def _behaviour(self) -> list[str]:
        try:
            return (self._folder / BEHAVIOUR).read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _store(self, content: bytes) -> None:
        # The number of microseconds since 1970 says when; it sorts as it arrived.
        name = f"{time.time_ns() // 1000}-{next(self._count)}.eml"
        aside = self._folder / f".{name}"
        aside.write_bytes(content)
        aside.rename(self._folder / name)


async def serve(folder: Path, port: int) -> None:
    """Take mail until the process is ended."""
    keeper = Keeper(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, hostname="mail.example", enable_SMTPUTF8=True), HOST, port
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


@dataclass
class Kept:
    """A mail that was accepted.

    Attributes:
        at: when, in seconds since 1970.
        message: the mail.
    """

    at: float
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

    def behave(self, *troubles: str) -> None:
        """Have the troubles named, as the module says; none to be well again."""
        aside = self.folder / f".{BEHAVIOUR}"
        aside.write_text("\n".join(troubles), "utf-8")
        aside.replace(self.folder / BEHAVIOUR)

    def kept(self) -> list[Kept]:
        """Every mail that was accepted so far, in order."""
        for name in sorted(os.listdir(self.folder)):  # noqa: PTH208 - many, often
            if name.endswith(".eml") and name[0] != "." and name not in self._read:
                content = (self.folder / name).read_bytes()
                message = message_from_bytes(content, policy=policy.default)
                at = int(name.split("-")[0]) / 1e6
                self._read[name] = Kept(at, message)
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
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
