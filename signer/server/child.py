"""A child of the server: one loop for every connection, threads for the application."""

from __future__ import annotations

import mmap
import os
import signal
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore

from signer.server.channel import Channel, Phase
from signer.server.limits import Limits
from signer.server.listener import Threads, listen

TICK_SECONDS = 0.5
"""How often deadlines are looked at."""

HALTED = 2
"""What a child tells the master that stops because no child can go on."""

HALF_A_REQUEST_SECONDS = 5.0
"""How long a child that stops waits for what is still coming in."""

NEXT_PAGE_SECONDS = 3.0
"""How long it waits for whoever was told where to read what came of a form."""

NEW_SECONDS = 1.0
"""How long it waits for a connection that has sent nothing yet."""


class Child(Worker):  # type: ignore[misc] # gunicorn ships no types
    """A process that answers.

    Attributes:
        serving: one byte that the master sees too: whether it ever got as far, or
            `HALTED`.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
        super().__init__(*arguments, **named)
        self.serving = mmap.mmap(-1, 1)

    def init_signals(self) -> None:
        """Stop in good order on Ctrl-C as well, which reaches every process."""
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_exit)
        signal.siginterrupt(signal.SIGINT, False)

    def halt(self) -> None:
        """Stop in good order, and the whole server with this child.

        For what no other child could do any better, such as a database that is gone.
        """
        self.serving[0] = HALTED
        self.alive = False

    def run(self) -> None:
        """Answer until told to stop, then finish what is under way."""
        limits: Limits = self.app.limits
        connections: dict[int, Any] = {}
        threads = Threads()
        threads.set_thread_count(self.cfg.threads)
        sockets = [one.sock for one in self.sockets]
        listeners = listen(sockets, self.wsgi, limits, threads, connections)
        for listener in listeners:
            listener.halt = self.halt
            listener.refusal_headers = self.app.refusal_headers
        _Wakeup(self.PIPE[0], map=connections)

        def turn(seconds: float = TICK_SECONDS) -> list[Channel]:
            self.notify()
            wasyncore.poll2(seconds, connections)
            now = time.monotonic()
            every = [
                channel
                for listener in listeners
                for channel in listener.active_channels.values()
            ]
            for channel in every:
                channel.look(now)
            return [channel for channel in every if channel.connected]

        self.serving[0] = 1
        while self.alive and self.ppid == os.getppid():
            turn()
        for listener in listeners:
            listener.stopping = True
            listener.take_all()
            # Its own `close` would also take away what wakes the loop.
            wasyncore.dispatcher.close(listener)
        began = time.monotonic()
        while (stopped := time.monotonic() - began) < limits.shutdown_seconds:
            busy = [one for one in turn(0.05) if not _may_go(one, stopped)]
            if not busy:
                break


def _may_go(channel: Channel, stopped: float) -> bool:
    """Close a connection that nothing is owed to; gives whether it is closed.

    Args:
        channel: the connection.
        stopped: how many seconds ago the server was told to stop.
    """
    patience = {
        Phase.NEW: NEW_SECONDS,
        Phase.HEAD: HALF_A_REQUEST_SECONDS,
        Phase.BODY: HALF_A_REQUEST_SECONDS,
        Phase.IDLE: 0.0,
        Phase.LINGER: 0.0,
    }.get(channel.phase)
    if channel.phase is Phase.IDLE and channel.redirected:
        patience, stopped = NEXT_PAGE_SECONDS, time.monotonic() - channel.since
    if patience is None or stopped < patience:
        return False
    channel.end()
    return True


class _Wakeup(wasyncore.file_dispatcher):  # type: ignore[misc] # waitress ships no types
    """Ends the loop's sleep when a signal arrives."""

    def writable(self) -> bool:
        return False

    def handle_read(self) -> None:
        with suppress(OSError):
            self.recv(4096)
