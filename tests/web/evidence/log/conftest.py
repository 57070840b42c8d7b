"""The log of a school, filled and signed, as strangers are to find it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from signer.ledger.log_key import new_log_key
from signer.store.log.tables import Leaf, LogHead, Opening
from signer.web import create_app
from signer.workflows.log.reopen import reopen_log
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from tests.conftest import PASSPHRASE
from tests.web.evidence.log.public_log import ENTRIES, fill

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.sharing.states import Memory


@cache
def log_key() -> bytes:
    """The key of the log, the same for all tests here."""
    return new_log_key(PASSPHRASE)


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With a key file of the test's own: the other is that of all tests."""
    path = tmp_path / "log.p12"
    path.write_bytes(log_key())
    path.chmod(0o600)
    return replace(settings, log_key_file=path)


@pytest.fixture
def app(settings: Settings, app_context: AppContext) -> Flask:
    """The service of a school that has a key for its log and has asked nobody."""
    return create_app(settings, app_context)


@pytest.fixture
def signed(app: Flask, app_context: AppContext, memory: Memory) -> int:
    """A log of two full tiles and a partial one is signed; gives its size."""
    memory.bring_about(app_context, fill_and_sign)
    return ENTRIES


def fill_and_sign(app_context: AppContext) -> None:
    fill(app_context, ENTRIES)
    sign_checkpoint(app_context)


@pytest.fixture
def reopened(app: Flask, app_context: AppContext, signed: int) -> str:
    """A backup of 300 entries was put back; gives the head from before it."""
    old = sign_checkpoint(app_context)
    assert old
    with app_context.sessions.writing() as session:
        for table, column in ((Opening, Opening.position), (Leaf, Leaf.position)):
            session.execute(delete(table).where(column >= 300))
        session.get_one(LogHead, 1).size = 300
    reopen_log(app_context, "The disk failed on Monday.\n\nWe had a <copy>.", old)
    return old
