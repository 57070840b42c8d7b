"""signer serve: the web processes of production."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import click
from flask import Flask

from signer import logs
from signer.cli.settings import read_settings
from signer.config import Settings
from signer.config.safe_start import check_bind, check_safe_start
from signer.errors import KeyUnusable
from signer.mail.transport import transport_for
from signer.server import Limits, Server
from signer.store.write_turns import Patience
from signer.web import create_app
from signer.web.forms.large import LARGE_PATHS
from signer.web.operations.metrics import share_counters
from signer.web.proxies.client_network import client_network
from signer.web.security import BODY_BYTES, refusal_headers
from signer.web.verify.views import LARGEST_BODY
from signer.worker_queue import WorkerQueue
from signer.workflows.context import open_context
from signer.workflows.keys.warnings import check_key_files, log_key_warnings

PROCESSES = 2
THREADS = 8
"""They wait for the database rather than compute. SQLAlchemy lends 15 connections to a
process, and some requests take two."""

WRITE_SECONDS = 8.0
"""How long a parent waits for others who write, before the page that says so."""


def _application(settings: Settings, patience: Patience) -> Flask:
    """The service, with all that it needs of files held in memory.

    A child that replaces another one needs neither the keys' folder nor the released
    versions. It opens database connections of its own: none survives a fork.
    """
    context = open_context(settings, patience=patience)
    context.seal_key()
    check_key_files(settings)
    log_key_warnings(context)
    worker_queue = WorkerQueue(settings)
    context.wake_worker = worker_queue.notify
    # A version may have been released while nothing ran.
    worker_queue.notify_all()
    worker_queue.close()
    with suppress(KeyUnusable):
        # Only the pages of the log want it, and they tell when it is missing.
        context.log_key()
    app = create_app(settings, context)
    for template in app.jinja_env.list_templates():
        app.jinja_env.get_template(template)
    context.sessions.close()
    return app


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="HOST:PORT")
@click.option(
    "--processes", default=PROCESSES, show_default=True, type=click.IntRange(1)
)
@click.option(
    "--threads",
    default=THREADS,
    show_default=True,
    type=click.IntRange(1),
    help="Requests that each process handles at once.",
)
def serve(bind: str, processes: int, threads: int) -> None:
    """Serve parents over HTTP."""
    settings = read_settings()
    check_safe_start(settings)
    check_bind(settings, bind)
    logs.configure(settings.log_format)
    transport_for(settings.mail_address, settings.bounce_address)
    share_counters()
    # The other half of the threads goes on answering those who only read.
    patience = Patience(WRITE_SECONDS, max(1, threads // 2))
    # Whatever would stop a child stops this process, with its reason.
    server = Server(
        lambda: _application(settings, patience),
        bind=bind,
        processes=processes,
        threads=threads,
        limits=Limits(
            body_bytes=BODY_BYTES,
            large_bodies={"/verify": LARGEST_BODY, **LARGE_PATHS},
            client=partial(client_network, hops=settings.proxy_hops),
        ),
        refusal_headers=refusal_headers(settings),
    )
    server.run()
