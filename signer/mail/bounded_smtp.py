"""An SMTP client whose every wait ends at one moment, however the server behaves.

`smtplib` counts its time-out anew at each read, so that a server which sends one byte
a second, or never ends a reply of several lines, is never given up.
"""

from __future__ import annotations

import re
import smtplib
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    from _typeshed import ReadableBuffer

LONGEST_REPLY_BYTES = 64 * 1024
"""A reply of more is no reply: nothing that a server sends fills the memory."""

_CHUNK = 16 * 1024
"""One TLS record: what a single write hands over before the time is looked at."""

GOODBYE_SECONDS = 2.0

GO_ON = 354
"""The reply to DATA after which the mail itself is wanted."""

_FULL_STOP = re.compile(rb"^\.", re.MULTILINE)

Reply = tuple[int, bytes]


class BoundedSmtp(smtplib.SMTP):
    """A greeted connection; `ends` is when the present exchange must be over.

    Args:
        host: the server's name or address.
        port: its port.
        seconds: for connecting, and for the greeting.
        tls: for TLS from the first byte; None for none.

    Attributes:
        ends: on the clock of `time.monotonic`.
        late: whether it was over before the server had answered.
    """

    def __init__(
        self, host: str, port: int, seconds: float, tls: ssl.SSLContext | None = None
    ) -> None:
        self.ends = time.monotonic() + seconds
        self.late = False
        self._tls = tls
        super().__init__(host, port, timeout=seconds)

    def remaining(self) -> float:
        """Seconds that are left.

        Raises:
            TimeoutError: none.
        """
        left = self.ends - time.monotonic()
        if left <= 0:
            self.late = True
            raise TimeoutError("the time for this mail is over")
        return left

    def end_in(self, seconds: float) -> None:
        """Give the next exchange so much time from now."""
        self.ends = time.monotonic() + seconds

    def offer(self, sender: str, options: list[str], recipient: str) -> Iterator[Reply]:
        """The replies to MAIL, RCPT and DATA, in this order.

        All three are said at once where the server takes that (RFC 2920), which saves
        two journeys a mail; elsewhere each when its reply is asked for. Whoever does
        not ask for all of them calls `give_up`.
        """
        if not self.has_extn("pipelining"):
            yield self.mail(sender, options)
            yield self.rcpt(recipient)
            yield self.docmd("data")
            return
        self.command_encoding = "utf-8" if "SMTPUTF8" in options else "ascii"
        commands = (
            " ".join((f"mail FROM:{smtplib.quoteaddr(sender)}", *options)),
            f"rcpt TO:{smtplib.quoteaddr(recipient)}",
            "data",
        )
        if any(end in one for one in commands for end in "\r\n"):
            raise ValueError("a command of several lines")
        self.send("".join(f"{one}\r\n" for one in commands))
        for _ in commands:
            yield self.getreply()

    def hand_over(self, raw: bytes) -> Reply:
        """Send the mail itself, once the server said `GO_ON`; gives its reply."""
        quoted = _FULL_STOP.sub(b"..", raw)
        self.send(quoted + (b".\r\n" if quoted.endswith(b"\r\n") else b"\r\n.\r\n"))
        return self.getreply()

    def give_up(self, replies: Iterator[Reply]) -> None:
        """Leave a mail that was refused, so that the next may begin.

        Args:
            replies: what `offer` gave, as far as it was read.
        """
        if self.has_extn("pipelining"):
            codes = [code for code, _ in replies]
            if codes[-1:] == [GO_ON]:
                # Nobody is to get it, and nothing is sent (RFC 2920 §3.1).
                self.send(b".\r\n")
                self.getreply()
        self.rset()

    def say_goodbye(self) -> None:
        """Close the connection; a server that does not answer is not waited for."""
        self.end_in(GOODBYE_SECONDS)
        with suppress(smtplib.SMTPException, OSError):
            self.quit()
        self.close()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - smtplib's signature
        problem: OSError = OSError("the name has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            plain = socket.socket(family, kind, protocol)
            try:
                plain.settimeout(self.remaining())
                plain.connect(address)
                # A mail of several writes does not wait for the server's receipts.
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._tls is None:
                    return plain
                plain.settimeout(self.remaining())
                return self._tls.wrap_socket(plain, server_hostname=host)
            except TimeoutError:
                self.late = True
                plain.close()
                raise
            except OSError as error:
                plain.close()
                problem = error
        raise problem

    def getreply(self) -> tuple[int, bytes]:
        """As `smtplib`, within the time and the size that are allowed."""
        if self.file is None and self.sock is not None:
            self.file = _Lines(self)
        if isinstance(self.file, _Lines):
            self.file.room = LONGEST_REPLY_BYTES
        return super().getreply()

    def send(self, s: ReadableBuffer | str) -> None:
        """As `smtplib`, within the time that is allowed."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        raw = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        try:
            for start in range(0, len(raw), _CHUNK):
                self.sock.settimeout(self.remaining())
                self.sock.sendall(raw[start : start + _CHUNK])
        except OSError as error:
            self.late = self.late or isinstance(error, TimeoutError)
            self.close()
            raise smtplib.SMTPServerDisconnected("the server takes no more") from None


class _Lines:
    """Reads a connection line by line, each byte of it before the time is over."""

    def __init__(self, connection: BoundedSmtp) -> None:
        self._connection = connection
        self._buffer = bytearray()
        self.room = LONGEST_REPLY_BYTES

    def readline(self, limit: int) -> bytes:
        """The next line, its end included; what there is where it never ends."""
        while (end := self._buffer.find(b"\n") + 1) == 0:
            if len(self._buffer) >= limit:
                end = limit
                break
            chunk = self._more()
            if not chunk:
                end = len(self._buffer)
                break
            self._buffer += chunk
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        return line

    def _more(self) -> bytes:
        connection = self._connection
        if connection.sock is None:
            return b""
        connection.sock.settimeout(connection.remaining())
        try:
            chunk = connection.sock.recv(4096)
        except TimeoutError:
            connection.late = True
            raise
        self.room -= len(chunk)
        if self.room < 0:
            raise OSError("the reply is too long")
        return chunk

    def close(self) -> None:
        """Nothing to close: the socket is the connection's."""
