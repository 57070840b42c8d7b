"""What most commands need: the context of the settings, closed again afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from signer.cli.settings import read_settings
from signer.config import Settings
from signer.errors import SettingsError
from signer.workflows.context import AppContext, open_context


@contextmanager
def opened_context() -> Iterator[AppContext]:
    """The context, for as long as a command needs it.

    Raises:
        SignerError: whatever keeps it from being opened.
    """
    context = open_context(read_settings())
    with closing(context.sessions):
        yield context


@contextmanager
def waking_context(settings: Settings | None = None) -> Iterator[AppContext]:
    """The context of a command after which a worker is to look at once.

    Args:
        settings: those to go by; the operator's by default.

    Raises:
        SignerError: whatever keeps it from being opened.
    """
    # Most commands change nothing, and none of these needs the queue's packages.
    from signer.worker_queue import WorkerQueue  # noqa: PLC0415

    settings = settings or read_settings()
    with closing(WorkerQueue(settings)) as worker_queue:
        context = open_context(settings, wake_worker=worker_queue.notify)
        with closing(context.sessions):
            yield context


def make_instance(settings: Settings) -> None:
    """Make the instance's folder where it is missing, for its owner's eyes alone.

    Raises:
        SettingsError: it cannot be made.
    """
    try:
        settings.instance_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            "SIGNER_INSTANCE", f"names a folder that cannot be made ({error.strerror})"
        ) from error
