"""Heartbeats: the workers' signs of life, in the database that web processes read."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import secrets
import socket
import threading
import time
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from signer import clock
from signer.errors import StoreError
from signer.store.transient import Heartbeat
from signer.workflows.context import AppContext

_log = logging.getLogger(__name__)

EVERY_SECONDS = 15.0
"""How far apart two heartbeats of a lane are at least."""

KEPT = timedelta(days=1)
"""How long the last heartbeat of a worker that is gone is kept."""


class Heart:
    """What a worker process tells of itself while it runs.

    A heartbeat never fails and is never needed: a worker whose heartbeats cannot be
    written goes on with its work.

    Attributes:
        worker: random, for this process.
    """

    def __init__(self, context: AppContext) -> None:
        self.worker = secrets.token_hex(8)
        self._context = context
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    def beat(self, lane: str) -> None:
        """Say that a lane is alive; cheap, so that a loop may call it each time.

        Args:
            lane: what the worker does there, such as ``mail``.
        """
        now = time.monotonic()
        with self._lock:
            if now - self._last.get(lane, float("-inf")) < EVERY_SECONDS:
                return
            self._last[lane] = now
        try:
            self._write(lane)
        except (SQLAlchemyError, StoreError) as error:
            if not self._context.sessions.writes.explains(error):
                _log.warning("a heartbeat was not written: %s", type(error).__name__)

    def stop(self) -> None:
        """Take this worker's heartbeats away: it ends in good order."""
        try:
            with self._context.sessions.writing() as session:
                session.execute(
                    delete(Heartbeat).where(Heartbeat.worker == self.worker)
                )
        except (SQLAlchemyError, StoreError) as error:
            if not self._context.sessions.writes.explains(error):
                _log.warning("heartbeats were not removed: %s", type(error).__name__)

    def _write(self, lane: str) -> None:
        at = clock.now()
        row = Heartbeat(
            worker=self.worker,
            lane=lane,
            at=at,
            host=socket.gethostname()[:255],
            pid=os.getpid(),
            version=importlib.metadata.version("signer")[:64],
        )
        with self._context.sessions.writing() as session:
            session.merge(row)
            session.execute(delete(Heartbeat).where(Heartbeat.at < at - KEPT))
