"""A folder of policies with a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.policy.checkouts import NAMED, new_checkout
from tests.policy.releasing import edited

if TYPE_CHECKING:
    from pathlib import Path

from tests.cli.commands.releasing import draft_of


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frozen: object) -> Path:
    """The folder one types in: a checkout with version 2 and an edited draft."""
    folder = new_checkout(tmp_path / "project")
    draft_of(folder).write_text(edited(), encoding="utf-8")
    monkeypatch.chdir(folder)
    for name, value in NAMED.items():
        monkeypatch.setenv(name, value)
    return folder
