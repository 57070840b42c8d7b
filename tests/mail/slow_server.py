"""A mail server that stops being one at a step of the conversation."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
STEPS = ("greeting", "ehlo", "mail", "rcpt", "data", "end")
_PAUSE = 0.02


class Fault(StrEnum):
    """What it does in place of an answer."""

    SILENT = "silent"
    DRIBBLES = "dribbles"
    ENDLESS = "endless"
    FLOODS = "floods"
    CUT = "cut"


class SlowServer:
    """Answers as a mail server does, until it comes to a step.

    Attributes:
        step: the one that goes wrong; empty for none.
        fault: how.
        offered: how many mails it was given whole.
        connections: how many came.
        refused: the reply to each RCPT in place of "OK"; empty for none.
        go_on: the reply to DATA.
        pipelining: whether it wants MAIL, RCPT and DATA at once: it answers none of
            them before it has all.
    """

    def __init__(
        self,
        step: str = "",
        fault: Fault = Fault.SILENT,
        *,
        pipelining: bool = False,
    ) -> None:
        self.step, self.fault = step, fault
        self.refused, self.pipelining = b"", pipelining
        self.go_on = b"354 go on\r\n"
        self.offered = self.connections = 0
        self._over = threading.Event()
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """The address for ``SIGNER_MAIL_URL``."""
        return f"smtp://{HOST}:{self.port}"

    @contextmanager
    def open(self) -> Iterator[SlowServer]:
        """Listen for the time of the block."""
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            yield self
        finally:
            self._over.set()
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(
                    target=self._converse, args=(caller,), daemon=True
                ).start()

    def _converse(self, caller: socket.socket) -> None:
        with suppress(OSError, _Hung), caller, caller.makefile("rb") as lines:
            self._answer(caller, "greeting", b"220 mx.example\r\n")
            for line in lines:
                verb = line[:4].upper().strip()
                if verb == b"EHLO":
                    known = (
                        b"250 PIPELINING\r\n" if self.pipelining else b"250 HELP\r\n"
                    )
                    self._answer(caller, "ehlo", b"250-mx.example\r\n" + known)
                elif verb == b"MAIL":
                    together = [next(lines) for _ in "RD" if self.pipelining]
                    self._answer(caller, "mail", b"250 OK\r\n")
                    for one in together:
                        self._go_on(caller, one[:4].upper(), lines)
                elif verb in {b"RCPT", b"DATA"}:
                    self._go_on(caller, verb, lines)
                elif verb == b"QUIT":
                    self._answer(caller, "quit", b"221 bye\r\n")
                    return
                else:
                    caller.sendall(b"250 OK\r\n")

    def _go_on(
        self, caller: socket.socket, verb: bytes, lines: Iterator[bytes]
    ) -> None:
        """Answer RCPT, or DATA and the mail, which is asked for in any case."""
        if verb == b"RCPT":
            self._answer(caller, "rcpt", self.refused or b"250 OK\r\n")
            return
        self._answer(caller, "data", self.go_on)
        if not self.go_on.startswith(b"354"):
            return
        mail = 0
        while (next(lines)) != b".\r\n":
            mail += 1
        self.offered += bool(mail)
        self._answer(caller, "end", b"250 kept\r\n" if mail else b"554 nobody\r\n")

    def _answer(self, caller: socket.socket, step: str, reply: bytes) -> None:
        if step != self.step:
            caller.sendall(reply)
            return
        if self.fault is Fault.CUT:
            caller.shutdown(socket.SHUT_RDWR)
            raise _Hung
        while not self._over.is_set():
            if self.fault is Fault.DRIBBLES:
                caller.sendall(b"2")
            elif self.fault is Fault.ENDLESS:
                caller.sendall(reply[:3] + b"-and more\r\n")
            elif self.fault is Fault.FLOODS:
                caller.sendall((reply[:3] + b"-and more\r\n") * 1000)
                continue
            time.sleep(_PAUSE)
        raise _Hung


class _Hung(Exception):
    pass
