"""signer worker: the process of production that nobody asks over HTTP.

It loads more than a web process does, such as what opens PDFs.
"""

from __future__ import annotations

from contextlib import closing

import click

from signer import logs
from signer.cli.settings import read_settings
from signer.config.safe_start import check_safe_start
from signer.worker import Worker
from signer.worker_queue import WorkerQueue
from signer.workflows.context import open_context
from signer.workflows.keys.warnings import check_key_files, log_key_warnings


@click.command()
def worker() -> None:
    """Seal what is signed, send what is in the outbox, follow releases."""
    settings = read_settings()
    check_safe_start(settings)
    logs.configure(settings.log_format)
    context = open_context(settings)
    context.seal_key()
    check_key_files(settings)
    log_key_warnings(context)
    with closing(WorkerQueue(settings)) as queue:
        Worker(context).run(queue)
