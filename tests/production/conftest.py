"""Schools in production, for the tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.production.harness.rehearsal import Rehearsal, new_database, rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, on each system in turn."""
    if request.param == "sqlite":
        return ""
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def school(
    tmp_path: Path, database_url: str, key_files_of_today: KeyFiles
) -> Iterator[Rehearsal]:
    """A school with tables and keys; nothing runs yet."""
    with rehearsal(tmp_path / "school", database_url) as school:
        school.furnish(key_files_of_today.seal_key.parent)
        yield school
