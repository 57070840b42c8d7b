"""A listening socket: which connections are taken, and which make way."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher

from signer.server.channel import Channel, Phase
from signer.server.limits import Limits
from signer.server.requests import LargeBodies

_log = logging.getLogger(__name__)

_BACKLOG = 1024
_CROWDED_SECONDS = 60.0
_NEWCOMER_SECONDS = 0.05
"""How often a connection is taken while requests wait. Whoever has one sends the next
request on it, so that a newcomer would wait for as long as there is more to do."""

# It warns of each request that waits for a thread.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class Threads(ThreadedTaskDispatcher):  # type: ignore[misc] # waitress ships no types
    """The threads in which the application computes."""

    @property
    def all_busy(self) -> bool:
        """Whether a request is waiting for one of them."""
        return bool(self.queue)


class _Listener:
    """What is the same for each kind of socket."""

    channel_class = Channel
    limits: Limits
    places: LargeBodies
    stopping = False
    halt: Callable[[], None]
    refusal_headers: Mapping[str, str]
    _told = float("-inf")
    _taken = 0.0

    def readable(self: Any) -> bool:
        """Whether a further connection is taken.

        While requests wait for a thread, another child may have one to spare: then
        few are taken, and not none.
        """
        if not self.accepting:
            return False
        if not self.task_dispatcher.all_busy:
            return True
        return bool(time.monotonic() - self._taken > _NEWCOMER_SECONDS)

    def handle_accept(self: Any) -> None:
        """Take a connection; the one that has waited longest makes way if need be."""
        self._taken = time.monotonic()
        super().handle_accept()  # type: ignore[misc]
        if len(self.active_channels) <= self.limits.connections:
            return
        waiting = [
            channel
            for channel in self.active_channels.values()
            if channel.phase is not Phase.APPLICATION
        ]
        if waiting:
            min(waiting, key=lambda channel: channel.since).end()
        now = time.monotonic()
        if now > self._told + _CROWDED_SECONDS:
            self._told = now
            _log.warning(
                "more than %s connections; those that waited longest are closed",
                self.limits.connections,
            )

    def take_all(self: Any) -> None:
        """Take the connections that stand in the system's queue."""
        for _ in range(_BACKLOG):
            before = len(self.active_channels)
            self.handle_accept()
            if len(self.active_channels) <= before:
                return


class TcpListener(_Listener, TcpWSGIServer):  # type: ignore[misc] # waitress ships no types
    """A socket with a port."""


class UnixListener(_Listener, UnixWSGIServer):  # type: ignore[misc] # waitress ships no types
    """A socket in the file system."""


def listen(
    sockets: Iterable[socket.socket],
    application: Callable[..., Any],
    limits: Limits,
    threads: Threads,
    connections: dict[int, Any],
) -> list[Any]:
    """Listeners on sockets that are bound already.

    Args:
        sockets: bound and listening.
        application: the WSGI application.
        limits: what each connection may take.
        threads: where the application computes.
        connections: what the loop looks after, by file descriptor.
    """
    adjustments = Adjustments(
        # Who the proxies in front are is the application's matter.
        clear_untrusted_proxy_headers=False,
        ident=None,
        backlog=_BACKLOG,
        max_request_header_size=limits.head_bytes,
        max_request_body_size=limits.forgotten_bytes,
        # What is sent in may be a declaration: it never touches a disk.
        inbuf_overflow=2 * max([limits.body_bytes, *limits.large_bodies.values()]),
        log_socket_errors=False,
        asyncore_use_poll=True,
    )
    places = LargeBodies(limits.large_at_once, limits.large_of_one_client)
    listeners = []
    for opened in sockets:
        kind = UnixListener if opened.family == socket.AF_UNIX else TcpListener
        listener = kind(
            application,
            connections,
            False,
            opened,
            dispatcher=threads,
            adj=adjustments,
            sockinfo=(opened.family, opened.type, opened.proto, opened.getsockname()),
            bind_socket=False,
        )
        listener.limits, listener.places = limits, places
        listener.accept_connections()
        listeners.append(listener)
    return listeners
