"""An SMTP server of its own process, which writes down each mail that it accepts."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class MailServer:
    """The server's process, and what it wrote down.

    Args:
        port: its port.
        folder: where it writes.
        pipelining: whether it takes several commands at once (RFC 2920).
    """

    def __init__(self, port: int, folder: Path, *, pipelining: bool) -> None:
        self._port, self._pipelining = port, pipelining
        self._accepted, self._calls = folder / "accepted", folder / "calls"
        self._accepted.touch()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it; it takes mail when this returns."""
        words = [str(self._port), str(self._accepted), str(self._calls)]
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bench.mail_server",
                *words,
                str(int(self._pipelining)),
            ],
            cwd=ROOT,
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection((HOST, self._port)).close()
            except ConnectionRefusedError:
                # Whether it starts is not what is measured; a refusal costs a pause.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return process

    def accepted(self) -> int:
        """How many mails it has accepted."""
        return self._accepted.read_bytes().count(b"\n")

    def message_refs(self) -> Counter[str]:
        """How often it accepted each mail."""
        return Counter(
            line.decode().strip("<>").partition("@")[0]
            for line in self._accepted.read_bytes().split(b"\n")
            if line
        )

    def connections(self) -> tuple[int, int]:
        """How many connections came that greeted, and how many there were at once."""
        now = most = total = 0
        for sign in self._calls.read_bytes():
            now = now + 1 if sign == ord("+") else max(now - 1, 0)
            total, most = total + (sign == ord("+")), max(most, now)
        return total, most


async def serve(port: int, accepted: Path, calls: Path, *, pipelining: bool) -> None:
    """Be an SMTP server that takes everything, and writes down what it takes."""
    record, came = (
        os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        for path in (accepted, calls)
    )
    hello = b"250-mail.example\r\n250 PIPELINING\r\n" if pipelining else b"250 OK\r\n"

    async def answer(reader: asyncio.StreamReader, verb: bytes) -> bytes:
        if verb != b"DATA":
            return {b"QUIT": b"221 bye\r\n", b"EHLO": hello}.get(verb, b"250 OK\r\n")
        mail = await reader.readuntil(b"\r\n.\r\n")
        found = _MESSAGE_ID.search(mail)
        os.write(record, (found[1] if found else b"none") + b"\n")
        return b"250 OK\r\n"

    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        greeted = False
        # Whoever calls may be killed in the middle of a mail.
        try:
            writer.write(b"220 mail.example\r\n")
            while line := await reader.readline():
                verb = line[:4].upper().strip()
                if verb == b"EHLO":
                    greeted = True
                    os.write(came, b"+")
                if verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    await writer.drain()
                writer.write(await answer(reader, verb))
                await writer.drain()
                if verb == b"QUIT":
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            if greeted:
                os.write(came, b"-")
            writer.close()

    server = await asyncio.start_server(converse, HOST, port, limit=2**20)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    port, accepted, calls, pipelining = sys.argv[1:]
    asyncio.run(
        serve(int(port), Path(accepted), Path(calls), pipelining=pipelining == "1")
    )
