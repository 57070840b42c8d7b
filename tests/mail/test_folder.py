"""Mail kept as files."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.errors import MailDeferred
from signer.mail.folder import FolderTransport
from tests.mail.examples import AT, EMAIL, mail

if TYPE_CHECKING:
    from pathlib import Path


def test_a_mail_is_kept_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    """The file holds the mail as it would be sent; nobody else may read it."""
    folder = tmp_path / "deep" / "mail"
    message = mail()
    reply = FolderTransport(folder).send(message)
    (path,) = folder.iterdir()
    assert reply == f"kept as {path.name}"
    assert path.read_bytes() == message.as_bytes()
    again = message_from_bytes(path.read_bytes(), policy=default)
    assert again["To"].addresses[0].addr_spec == EMAIL
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_names_hold_no_personal_data_and_sort_by_time(tmp_path: Path) -> None:
    """The newest sorts last, also among mails of one second."""
    sent = []
    transport = FolderTransport(tmp_path)
    with clock.frozen(AT) as advance:
        for number in range(30):
            if number == 20:
                advance(timedelta(seconds=1))
            reply = transport.send(mail(message_id=f"<{number}@x.example>"))
            sent.append(reply.removeprefix("kept as "))
    assert sorted(path.name for path in tmp_path.iterdir()) == sent
    assert all(name.startswith("20261122T1410") for name in sent)
    assert not any("obrien" in name.lower() for name in sent)


def test_many_at_once_are_all_kept(tmp_path: Path) -> None:
    """Several workers may share the folder."""
    transport = FolderTransport(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        messages = [mail(message_id=f"<{n}@x.example>") for n in range(40)]
        replies = list(pool.map(transport.send, messages))
    assert len(set(replies)) == 40
    assert all(path.suffix == ".eml" for path in tmp_path.iterdir())


def test_a_folder_that_cannot_be_is_another_try(tmp_path: Path) -> None:
    """A file in the folder's place defers the mail."""
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(MailDeferred, match="mail folder cannot be written"):
        FolderTransport(tmp_path / "mail").send(mail())


def test_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk defers the mail, and no half of it stays."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MailDeferred, match="No space left"):
        FolderTransport(tmp_path).send(mail())
    assert list(tmp_path.iterdir()) == []
