"""signer keys init, as an operator types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from signer.cli import main
from signer.pki.certificates import fingerprint, read_certificates
from signer.pki.make_keys import SealKey
from tests.conftest import PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

pytestmark = pytest.mark.usefixtures("frozen")


def init(instance: Path, *arguments: str, **environment: str) -> Result:
    environment = {"SIGNER_INSTANCE": str(instance), **environment}
    return CliRunner(env=environment).invoke(main, ["keys", "init", *arguments])


def test_keys_are_made_where_the_service_looks_for_them(tmp_path: Path) -> None:
    """What was made is named, with fingerprints, last days, and what to do now."""
    done = init(tmp_path, SIGNER_SEAL_PASSPHRASE=PASSPHRASE)
    assert done.exit_code == 0, done.output
    (authority,) = read_certificates(tmp_path / "keys" / "ca.pem")
    seal = SealKey.load(tmp_path / "keys" / "seal.p12", PASSPHRASE)
    assert fingerprint(authority) in done.output
    assert fingerprint(seal.certificate) in done.output
    assert "valid until 21 November 2029" in done.output
    assert "Move ca.key.p12 to a medium that is kept locked away" in done.output
    assert PASSPHRASE not in done.output


def test_the_school_stands_in_the_certificates(tmp_path: Path) -> None:
    """The name comes from the settings."""
    init(tmp_path, SIGNER_SEAL_PASSPHRASE="p", SIGNER_SCHOOL_NAME="Hill School")
    (authority,) = read_certificates(tmp_path / "keys" / "ca.pem")
    assert "CN=Hill School declarations authority" in authority.subject.rfc4514_string()


def test_one_document_for_programs(tmp_path: Path) -> None:
    """--json names the files, the fingerprints and the last days."""
    done = init(tmp_path, "--json", SIGNER_SEAL_PASSPHRASE=PASSPHRASE)
    found = json.loads(done.stdout)
    assert found["seal_key"] == str(tmp_path / "keys" / "seal.p12")
    assert found["seal_ends"] == "2029-11-21T14:10:13Z"
    (authority,) = read_certificates(tmp_path / "keys" / "ca.pem")
    assert found["authority_sha256"] == fingerprint(authority)


def test_keys_are_not_made_without_a_passphrase(tmp_path: Path) -> None:
    """The setting that is missing is named, and nothing is made."""
    done = init(tmp_path)
    assert done.exit_code == 1
    assert "SIGNER_SEAL_PASSPHRASE is missing" in done.output
    assert list(tmp_path.iterdir()) == []


def test_keys_are_not_made_twice(tmp_path: Path) -> None:
    """The second time changes nothing and says so."""
    init(tmp_path, SIGNER_SEAL_PASSPHRASE="p")
    before = {one: one.read_bytes() for one in (tmp_path / "keys").iterdir()}
    done = init(tmp_path, SIGNER_SEAL_PASSPHRASE="p")
    assert done.exit_code == 1
    assert "holds keys already" in done.output
    assert {one: one.read_bytes() for one in (tmp_path / "keys").iterdir()} == before


def test_the_authority_may_be_locked_apart(tmp_path: Path) -> None:
    """A file gives the authority's key a passphrase that the server never sees."""
    secret = tmp_path / "secret"
    secret.write_text("another passphrase\n")
    arguments = ("--folder", str(tmp_path / "new"), "--ca-passphrase-file", str(secret))
    done = init(tmp_path, *arguments, SIGNER_SEAL_PASSPHRASE="p")
    assert done.exit_code == 0, done.output
    raw = (tmp_path / "new" / "ca.key.p12").read_bytes()
    assert load_pkcs12(raw, b"another passphrase").key is not None
    with pytest.raises(ValueError, match="password"):
        load_pkcs12(raw, b"p")


def test_an_empty_passphrase_file_is_refused(tmp_path: Path) -> None:
    """A key is not left unlocked because a file was empty."""
    secret = tmp_path / "secret"
    secret.write_text("\n")
    done = init(
        tmp_path, "--ca-passphrase-file", str(secret), SIGNER_SEAL_PASSPHRASE="p"
    )
    assert done.exit_code == 1
    assert "holds no passphrase" in done.output
    assert not (tmp_path / "keys").exists()
