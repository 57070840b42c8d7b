"""Secrets in files of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from signer.config.secret_files import secret_of
from signer.errors import SettingsError


def test_a_secret_comes_from_its_file_where_one_is_named(tmp_path: Path) -> None:
    """Without the end of its line; else it is the value itself."""
    path = tmp_path / "pin"
    path.write_text("1234\n")
    assert secret_of("SIGNER_SEAL_PIN", "9", path) == "1234"
    assert secret_of("SIGNER_SEAL_PIN", "9", None) == "9"


def test_a_file_that_cannot_be_read_is_named_by_its_setting(tmp_path: Path) -> None:
    """And nothing of it is repeated."""
    path = tmp_path / "pin"
    path.write_bytes(b"\xff1234")
    for one in (path, tmp_path / "none"):
        with pytest.raises(SettingsError) as caught:
            secret_of("SIGNER_SEAL_PIN", "", one)
        assert caught.value.key == "SIGNER_SEAL_PIN_FILE"
        assert "1234" not in str(caught.value)
