"""A school whose check-list can be done: a public site, a worker, a backup."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from email.utils import format_datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.store.desk.roles import DeskRole
from signer.workflows.backup.create import back_up
from signer.workflows.backup.seen import note_backup
from signer.workflows.checklist.entries import (
    confirm_office,
    confirm_sample,
    office_check_letter,
    send_own_sample,
    write_to_office,
)
from signer.workflows.desk.accounts import add_account
from signer.workflows.operations.heartbeat import Heart

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path
    from typing import Any

    from signer.config import Settings
    from signer.workflows.context import AppContext


class Site(SimpleHTTPRequestHandler):
    """Serves a folder, by the tests' clock."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The time that it tells."""
        del timestamp
        return format_datetime(clock.now(), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def site(tmp_path: Path, versions_dir: Path) -> Path:
    """The public site's folder: the version, and a notice that is the school's own."""
    folder = tmp_path / "public"
    (folder / "versions").mkdir(parents=True)
    (folder / "privacy").mkdir()
    (folder / "index.html").write_text("<h1>The school</h1>")
    (folder / "privacy" / "index.html").write_text("<p>All of it is ours.</p>")
    (folder / "versions" / "2.md").write_bytes((versions_dir / "2.md").read_bytes())
    return folder


@pytest.fixture
def settings(settings: Settings, site: Path) -> Iterator[Settings]:
    """Settings of a school that is about to ask its first parents."""
    with served(site) as address:
        yield replace(
            settings,
            base_url=address,
            mail_url="smtp://mail.school.test",
            mail_from="School <policies@school.test>",
            office_email="office@school.test",
            head_email="head@school.test",
            witnesses=("governor@elsewhere.test",),
        )


class Kept:
    """A way out that keeps what goes."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> str:
        """Keep a mail."""
        self.mails.append(message)
        return "250 kept"


def code_of(context: AppContext) -> str:
    """The code in the mail to the office."""
    letter = office_check_letter(context, None, None)  # type: ignore[arg-type] # unused
    assert letter is not None
    return str(letter.values["code"])


def do_everything(context: AppContext) -> None:
    """Bring every line about that is not so by the settings."""
    Heart(context).beat("mail")
    path = context.settings.instance_path / "one.backup"
    back_up(context.sessions, path)
    note_backup(context.sessions, path)
    assert write_to_office(context, by="Sam")
    confirm_office(context, code_of(context), by="Sam")
    send_own_sample(context, Kept(), "head@school.test", by="Helen")
    confirm_sample(context, by="Helen")


@pytest.fixture
def head(app_context: AppContext) -> str:
    """Somebody who may come in to the desk."""
    return add_account(app_context, "head@school.test", DeskRole.HEAD, name="Helen")
