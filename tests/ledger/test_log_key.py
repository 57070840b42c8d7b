"""The key of the log: made, kept locked, read, and refused in words that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    serialize_key_and_certificates,
)

from signer.errors import KeyUnusable
from signer.ledger.checkpoints import Checkpoint, read_checkpoint
from signer.ledger.log_key import LOG_KEY, LogKey, new_log_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_a_key_that_was_made_signs(tmp_path: Path, passphrase: str) -> None:
    """Read from its file it signs heads that its public half checks."""
    path = tmp_path / LOG_KEY
    path.write_bytes(new_log_key(passphrase))
    key = LogKey.load(path, passphrase)
    signer = key.signer("example.org/log")
    note = Checkpoint("example.org/log", 3, bytes(32)).signed(signer)
    assert signer.verifier.key == key.public
    assert read_checkpoint(note, "example.org/log", [signer.verifier]).size == 3
    assert "private" not in repr(key)


def test_no_two_keys_are_alike(tmp_path: Path) -> None:
    """Each call makes another key."""
    for name in "ab":
        (tmp_path / name).write_bytes(new_log_key(""))
    first, second = (LogKey.load(tmp_path / name, "") for name in "ab")
    assert first.public != second.public


def test_a_missing_key_names_the_command_that_makes_it(tmp_path: Path) -> None:
    """A school from before the log was signed learns what to do."""
    with pytest.raises(KeyUnusable, match="signer keys log"):
        LogKey.load(tmp_path / LOG_KEY, "")


@pytest.mark.parametrize("passphrase", ["", "wrong"])
def test_another_passphrase_is_refused(tmp_path: Path, passphrase: str) -> None:
    """The setting is named, and the passphrase is not repeated."""
    (tmp_path / LOG_KEY).write_bytes(new_log_key("correct horse"))
    with pytest.raises(KeyUnusable, match="SIGNER_SEAL_PASSPHRASE") as caught:
        LogKey.load(tmp_path / LOG_KEY, passphrase)
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("raw", [b"", b"PEM", b"\x30\x00"])
def test_what_is_no_key_file_is_refused(tmp_path: Path, raw: bytes) -> None:
    """Other bytes are a file to restore, never a traceback."""
    (tmp_path / LOG_KEY).write_bytes(raw)
    with pytest.raises(KeyUnusable, match="restore"):
        LogKey.load(tmp_path / LOG_KEY, "")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Checkpoints are signed with Ed25519 alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    raw = serialize_key_and_certificates(b"log", key, None, None, NoEncryption())
    (tmp_path / LOG_KEY).write_bytes(raw)
    with pytest.raises(KeyUnusable, match="Ed25519"):
        LogKey.load(tmp_path / LOG_KEY, "")


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    """What the system says is passed on."""
    with pytest.raises(KeyUnusable, match="cannot be read"):
        LogKey.load(tmp_path, "")
