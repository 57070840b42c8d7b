"""A visitor's connection: one request at a time, each part of it with a deadline."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from enum import StrEnum
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask

from signer.server.limits import Limits
from signer.server.requests import RequestParser

_log = logging.getLogger(__name__)

_TOO_SLOW = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n"


class Phase(StrEnum):
    """What a connection is waiting for."""

    NEW = "new"
    HEAD = "head"
    BODY = "body"
    APPLICATION = "application"
    ANSWER = "answer"
    IDLE = "idle"
    LINGER = "linger"


class WithoutPaths:
    """The log of a connection. waitress puts paths into it, which may hold a token."""

    @staticmethod
    def info(message: str) -> None:
        """Leave it out: it tells of visitors who went away."""

    @staticmethod
    def warning(message: str, *values: object) -> None:
        """Leave it out: it tells of answers that nobody waits for any more."""

    @staticmethod
    def exception(message: str) -> None:
        """Log the error alone."""
        del message
        _log.exception("an answer could not be given")


class _LastAnswer:
    """Tells the visitor of a server that stops not to send more on this connection.

    Whoever has sent a form, and is told where to read what came of it, may still ask
    for that page.
    """

    def build_response_header(self) -> bytes:
        """The head of the answer."""
        channel = self.channel  # type: ignore[attr-defined]
        if channel.lingers:
            self.set_close_on_finish()  # type: ignore[attr-defined]
        channel.redirected = self.status.startswith("303")  # type: ignore[attr-defined]
        if channel.listener.stopping and not channel.redirected:
            self.set_close_on_finish()  # type: ignore[attr-defined]
        head: bytes = super().build_response_header()  # type: ignore[misc]
        if channel.lingers:
            # It is told, and done when what still comes in has been thrown away.
            self.close_on_finish = False
        return head


class Answer(_LastAnswer, WSGITask):  # type: ignore[misc] # waitress ships no types
    """An answer of the application."""

    logger = WithoutPaths()

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment.

        ``signer.crowded`` says that the body was forgotten. Calling ``signer.halt``
        stops the whole server, which ends as by a fault.
        """
        environ: dict[str, Any] = super().get_environment()
        environ["wsgi.multiprocess"] = True
        environ["signer.crowded"] = self.request.refused
        environ["signer.halt"] = self.channel.listener.halt
        return environ


class Refusal(_LastAnswer, ErrorTask):  # type: ignore[misc] # waitress ships no types
    """The answer to what is no request."""

    logger = WithoutPaths()

    def build_response_header(self) -> bytes:
        """The head of the answer, with the headers that every answer has."""
        self.response_headers.extend(self.channel.listener.refusal_headers.items())
        return super().build_response_header()


class Channel(HTTPChannel):  # type: ignore[misc] # waitress ships no types
    """waitress' connection, with deadlines, and one request at a time.

    waitress takes in further requests while one is answered, and then holds a thread
    for a visitor who sends many and reads nothing. Here the next one waits in its bytes
    until the answer before it has left.
    """

    task_class = Answer
    error_task_class = Refusal
    logger = WithoutPaths()
    request: RequestParser | None = None
    redirected = False
    """Whether the last answer sent a form's sender to another page."""
    lingers = False
    """Whether whatever still comes in is thrown away."""

    def __init__(self, listener: Any, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - waitress ships no types
        self.listener = listener
        self.limits: Limits = listener.limits
        self.phase = Phase.NEW
        self.since = time.monotonic()
        self._ahead = b""
        super().__init__(listener, *arguments, **named)

    def parser_class(self, adj: Any) -> RequestParser:  # noqa: ANN401 - waitress ships no types
        """A parser of this server's limits."""
        return RequestParser(adj, self.limits, self.listener.places, self.addr[0])

    def received(self, data: bytes) -> bool:
        """Take in bytes; a request that is whole goes to the application."""
        with self.requests_lock:
            if self.will_close or self.close_when_flushed:
                return False
            if self.lingers:
                return True
            data = self._ahead + data
            while data and not self.requests:
                if self.request is None:
                    self.request = self.parser_class(self.adj)
                    self._enter(Phase.HEAD)
                taken = self.request.received(data)
                data = data[taken:]
                if self.request.headers_finished:
                    self._enter(Phase.BODY)
                self._invite(self.request)
                if not self.request.completed:
                    continue
                self.sent_continue = False
                request, self.request = self.request, None
                if request.unread:
                    self.lingers, data = True, b""
                if not request.empty:
                    self.requests.append(request)
                    self._enter(Phase.APPLICATION)
                    self.server.add_task(self)
            self._ahead = data
        return True

    def readable(self) -> bool:
        """Whether more may come in."""
        return not self._ahead and bool(super().readable()) and not self.requests

    def writable(self) -> bool:
        """Whether the loop has something to do for this connection."""
        return bool(super().writable()) or self._next_waits()

    def handle_write(self) -> None:
        """Send what there is to send, then go on to the next request."""
        super().handle_write()
        if self.connected and self._next_waits():
            self.received(b"")

    def handle_close(self) -> None:
        """Close, and give back what a half received request held."""
        super().handle_close()
        with self.requests_lock:
            request, self.request = self.request, None
        if request:
            request.close()

    def look(self, now: float) -> None:
        """Note what the connection is waiting for; close it when that took too long."""
        if self.requests:
            self._enter(Phase.APPLICATION)
        elif self.total_outbufs_len:
            self._enter(Phase.ANSWER)
        elif self.phase in {Phase.APPLICATION, Phase.ANSWER}:
            self._enter(Phase.LINGER if self.lingers else Phase.IDLE)
        if self._overdue(now - self.since):
            self.end()

    def end(self) -> None:
        """Close at once; whoever sent half a request is told why."""
        if self.phase in {Phase.HEAD, Phase.BODY} and self.socket:
            headers = self.listener.refusal_headers.items()
            lines = [f"{name}: {value}\r\n" for name, value in headers]
            with suppress(OSError):
                self.socket.send("".join([_TOO_SLOW, *lines, "\r\n"]).encode("latin-1"))
        self.handle_close()

    def _overdue(self, seconds: float) -> bool:
        limits = self.limits
        match self.phase:
            case Phase.APPLICATION:
                return False
            case Phase.NEW | Phase.HEAD:
                return seconds > limits.head_seconds
            case Phase.BODY:
                taken = self.request.body_bytes_received if self.request else 0
                pace = limits.body_seconds + taken / limits.body_rate
                return seconds > min(pace, limits.longest_body_seconds)
            case Phase.ANSWER:
                return seconds > limits.answer_seconds
            case Phase.IDLE:
                return seconds > limits.idle_seconds
            case Phase.LINGER:
                return seconds > limits.linger_seconds

    def _invite(self, request: RequestParser) -> None:
        """Say that a body may come, to whoever waits for that (RFC 9110 §10.1.1)."""
        wanted = request.headers_finished and not request.unread
        if request.expect_continue and wanted:
            self.send_continue()

    def _enter(self, phase: Phase) -> None:
        # Empty lines before a request do not begin its time anew.
        if phase is not self.phase:
            self.phase, self.since = phase, time.monotonic()

    def _next_waits(self) -> bool:
        return bool(self._ahead) and not (self.requests or self.total_outbufs_len)
