"""What commands are tried on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> str:
    """SQLite alone: commands only show what workflows found on both."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path)}"
