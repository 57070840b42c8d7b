"""signer serve, signer worker: the processes of production."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from signer import logs
from signer.config import load
from signer.jobs import Jobs
from signer.mail.transport import transport_for
from signer.web import create_app
from signer.workflows.house import open_house
from signer.workflows.key_warnings import check_key_files, log_key_warnings

if TYPE_CHECKING:
    from flask import Flask

    from signer.config import Settings

PROCESSES = 2
THREADS = 4


class _ServerLog(Logger):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn's own words, sent where all others go."""

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn, told what to serve by us and not by files or arguments."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        # Each process opens connections of its own: none survives a fork.
        house = open_house(self._settings, wake_worker=Jobs(self._settings).ring)
        # Held from the start: its file may be gone when the first parent signs.
        house.seal_key()
        return create_app(self._settings, house)


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="HOST:PORT")
@click.option("--processes", default=PROCESSES, show_default=True)
def serve(bind: str, processes: int) -> None:
    """Serve parents over HTTP."""
    settings = load()
    logs.configure(settings.log_format)
    # Whatever would stop a worker process stops this one, with its reason.
    house = open_house(settings)
    house.seal_key()
    check_key_files(settings)
    log_key_warnings(house)
    house.sessions.close()
    transport_for(settings.mail_address)
    # A version may have been released while nothing ran.
    with closing(Jobs(settings)) as jobs:
        jobs.ring_for_all()
    options = {
        "bind": bind,
        "workers": processes,
        "threads": THREADS,
        "worker_class": "gthread",
        # Its access log would print paths, and a path may hold a token.
        "accesslog": None,
        "logger_class": _ServerLog,
        # Two services of one user would share it.
        "control_socket_disable": True,
    }
    _Server(settings, options).run()


@click.command()
def worker() -> None:
    """Seal what is signed, send what is in the outbox, follow releases."""
    settings = load()
    logs.configure(settings.log_format)
    house = open_house(settings)
    house.seal_key()
    check_key_files(settings)
    log_key_warnings(house)
    Jobs(settings).answer(house)
