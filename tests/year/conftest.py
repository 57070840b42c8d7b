"""What the school's year is lived on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> str:
    """SQLite alone: what each step does is tested on both where it is built."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path)}"
