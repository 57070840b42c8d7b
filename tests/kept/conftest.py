"""A kept school as each module names it, opened by this release in each way."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.ledger.log_key import LOG_KEY
from signer.policy.sha256sums import list_releases
from signer.policy.versions import read_versions
from signer.workflows.context import open_context
from tests.conftest import PASSPHRASE
from tests.kept.opening import DATABASE, agree, empty_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext


@pytest.fixture(params=["upgraded", "restored-sqlite", "restored-postgresql"])
def how(request: pytest.FixtureRequest) -> str:
    """How the school came to this release."""
    return str(request.param)


@pytest.fixture
def database(
    how: str, kept: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> str:
    """The address of the kept database's copy, or of an empty one to restore into."""
    if how == "restored-postgresql":
        return empty_on(request.getfixturevalue("postgresql"))
    if how == "upgraded":
        shutil.copy(kept / DATABASE, tmp_path)
    return f"sqlite:///{tmp_path / DATABASE}"


@pytest.fixture
def settings(settings: Settings, kept: Path, tmp_path: Path) -> Settings:
    """Settings with the versions and the keys that were the school's."""
    keys = shutil.copytree(kept / "keys", tmp_path / "keys")
    for version in kept.glob("*.md"):
        shutil.copy(version, settings.versions_dir)
    list_releases(settings.versions_dir, read_versions(settings.versions_dir))
    return replace(
        settings,
        seal_file=keys / "seal.p12",
        seal_passphrase=PASSPHRASE,
        log_key_file=keys / LOG_KEY,
        trust_file=keys / "ca.pem",
    )


@pytest.fixture
def app_context(
    how: str, settings: Settings, kept: Path, opened_at: datetime
) -> Iterator[AppContext]:
    """The school, with this release: its database upgraded, or its backup restored."""
    command = ("db", "upgrade")
    if how != "upgraded":
        command = ("restore", str(kept / "all.backup"))
    with clock.frozen(opened_at):
        agree(settings, *command)
        context = open_context(settings)
        with closing(context.sessions):
            yield context
