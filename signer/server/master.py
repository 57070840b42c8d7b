"""The master: holds the sockets and the application, and replaces children that end."""

from __future__ import annotations

import logging
import resource
import time
from collections.abc import Callable, Mapping
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer
from gunicorn.glogging import Logger

from signer.errors import EXIT_DATABASE_REPLACED
from signer.server.child import HALTED, Child
from signer.server.limits import Limits

LONGEST_WAIT = 10.0
"""The most seconds between two attempts to start a child that does not come up."""

_FIRST_WAIT = 0.25

# A connection, and the file that an answer is read from.
_FILES_OF_A_CONNECTION = 2
_OTHER_FILES = 256

_log = logging.getLogger(__name__)


class Server(BaseApplication):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn's master with children of ours, told what to serve by us alone.

    The application is made once, before the first child: what it needs of files is
    held from then on, and a child that replaces another one needs none of them.

    Args:
        make: makes the WSGI application. It must leave no thread and no connection
            behind: neither survives a fork.
        bind: HOST:PORT, or unix:PATH.
        processes: how many children.
        threads: how many requests each child computes at once.
        limits: what a connection may take.
        refusal_headers: headers of the server's own answers, to what is no request.
    """

    def __init__(  # noqa: PLR0913 - each named by its caller
        self,
        make: Callable[[], Any],
        *,
        bind: str,
        processes: int,
        threads: int,
        limits: Limits | None = None,
        refusal_headers: Mapping[str, str] | None = None,
    ) -> None:
        self.refusal_headers = refusal_headers or {}
        self.limits = limits or Limits()
        self._make = make
        self._options = {
            "bind": bind,
            "workers": processes,
            "threads": threads,
            "worker_class": Child,
            "logger_class": _Log,
            # A little longer than a child takes by itself.
            "graceful_timeout": round(self.limits.shutdown_seconds) + 5,
            # Its access log would print paths, and a path may hold a token.
            "accesslog": None,
            # Two services of one user would share it.
            "control_socket_disable": True,
        }
        super().__init__()
        self.callable = make()

    def load_config(self) -> None:
        """Set the options; no file and no argument is read."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:  # noqa: ANN401 - any WSGI application
        """The application, made already."""
        return self.callable

    def reload(self) -> None:
        """Make the application anew; while that fails, the one there goes on."""
        super().reload()
        try:
            self.callable = self._make()
        except Exception:  # noqa: BLE001 - whatever it is, what is held can be served
            _log.exception("what is served could not be read again, and goes on as is")

    def run(self) -> None:
        """Serve, until told to stop."""
        _allow_files(_FILES_OF_A_CONNECTION * self.limits.connections + _OTHER_FILES)
        Master(self).run()


class _Log(Logger):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn's own words, sent where all others go."""

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Master(Arbiter):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn's master, which goes on when a child cannot start.

    gunicorn itself then stops the healthy children too, and stays down.
    """

    # No process ends with these.
    WORKER_BOOT_ERROR = -1
    APP_LOAD_ERROR = -1

    _failures = 0
    _not_before = 0.0
    _halting = False

    def handle_int(self) -> None:
        """Ctrl-C: as SIGTERM. A second one, or SIGQUIT, waits for nobody."""
        self.handle_term()

    def spawn_workers(self) -> None:
        """Start the children that are missing, later each time they do not come up."""
        if time.monotonic() < self._not_before:
            return
        try:
            super().spawn_workers()
        except OSError as error:
            # No process, or no file, was to be had.
            self._wait(f"a child could not be started: {error}")

    def setup(self, app: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
        """Hear of each child's end."""
        super().setup(app)
        app.cfg.set("child_exit", lambda _, child: self._ended(child))

    def _ended(self, child: Child) -> None:
        served = bool(child.serving[0])
        halted = child.serving[0] == HALTED
        child.serving.close()
        if self._halting:
            # The others end too, and each may have found the same out.
            return
        if halted:
            self._halting = True
            raise HaltServer("no child can go on", EXIT_DATABASE_REPLACED)
        if served:
            self._failures = 0
        else:
            self._wait("a child ended before it served")

    def _wait(self, reason: str) -> None:
        seconds = min(LONGEST_WAIT, _FIRST_WAIT * 2**self._failures)
        self._failures += 1
        self._not_before = time.monotonic() + seconds
        _log.error("%s; the next attempt is in %.1f seconds", reason, seconds)


def _allow_files(wanted: int) -> None:
    """Let this process and its children open so many files, if the system does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        _log.warning("at most %s files can be open, where %s are wanted", most, wanted)
