"""signer keys show, rotate and crl, as an operator types them."""

from __future__ import annotations

import json
import logging
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from signer import clock
from signer.cli import main
from signer.declaration.seal.seal import seal
from signer.declaration.verify import Result as Verdict
from signer.declaration.verify.verify import verify
from signer.pki.certificates import KeyKind, fingerprint, read_certificates
from signer.pki.make_keys import SealKey
from signer.pki.revocation import read_revocation_lists
from tests.conftest import MOMENT, PASSPHRASE
from tests.declaration.forgery import RELEASED, typeset_declaration

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")

NEARLY_OVER = MOMENT + timedelta(days=3 * 365 - 30)


@pytest.fixture
def instance(key_files: KeyFiles, tmp_path: Path) -> Path:
    shutil.copytree(key_files.seal_key.parent, tmp_path / "keys")
    return tmp_path


def signer(instance: Path, *arguments: str, **environment: str) -> Result:
    environment = {
        "SIGNER_INSTANCE": str(instance),
        "SIGNER_SEAL_PASSPHRASE": PASSPHRASE,
        **environment,
    }
    return CliRunner(env=environment).invoke(main, ["keys", *arguments])


def test_what_there_is_is_shown(instance: Path, key_files: KeyFiles) -> None:
    """Names, whole fingerprints and last days, and no warning while there is time."""
    done = signer(instance, "show")
    assert done.exit_code == 0, done.output
    for one in (key_files.authority, key_files.seal):
        assert fingerprint(one) in done.output
    assert "1095" in done.output
    assert "WARNING" not in done.output


def test_what_ends_soon_is_warned_of(instance: Path) -> None:
    """Sixty days before, the seal's line comes with what to do."""
    with clock.frozen(NEARLY_OVER):
        done = signer(instance, "show")
        found = json.loads(signer(instance, "show", "--json").stdout)["items"]
    assert "WARNING: seal" in done.output
    assert "signer keys rotate" in done.output
    warned = {one["role"]: one["warning"] for one in found}
    assert warned == {
        "authority": False,
        "seal": True,
        "revocation list": True,
        "log": False,
    }
    assert min(one["days_left"] for one in found if one["role"] != "log") < 0


def test_the_log_warns_at_start(
    instance: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Loading the key, as service and worker do when they start, tells the log."""
    path = instance / "keys" / "seal.p12"
    with caplog.at_level(logging.WARNING):
        SealKey.load(path, PASSPHRASE)
        assert caplog.messages == []
        with clock.frozen(NEARLY_OVER):
            SealKey.load(path, PASSPHRASE)
    (message,) = caplog.messages
    assert "ends in 30 days" in message
    assert PASSPHRASE not in message


def test_the_seal_is_replaced(instance: Path, key_files: KeyFiles) -> None:
    """The new key is in its place, the former kept, and both are shown."""
    done = signer(instance, "rotate", SIGNER_BASE_URL="https://school.example")
    assert done.exit_code == 0, done.output
    assert "Restart the service" in done.output
    key = SealKey.load(instance / "keys" / "seal.p12", PASSPHRASE)
    assert key.certificate != key_files.seal
    assert key.chain == (key_files.authority,)
    assert b"https://school.example/keys/ca.crl" in key.certificate.public_bytes(
        Encoding.DER
    )
    found = json.loads(signer(instance, "show", "--json").stdout)["items"]
    former = [one for one in found if one["role"] == "former seal"]
    assert [one["sha256"] for one in former] == [fingerprint(key_files.seal)]


def test_rotation_for_programs(instance: Path, key_files: KeyFiles) -> None:
    """--json names the new and the former fingerprint."""
    arguments = ("rotate", "--json", "--crl-url", "https://other.example/x.crl")
    found = json.loads(signer(instance, *arguments).stdout)
    assert found["former_sha256"] == fingerprint(key_files.seal)
    assert found["seal_sha256"] != found["former_sha256"]


def test_nothing_is_replaced_without_the_authority_s_key(instance: Path) -> None:
    """Where it was taken away, as it should be, the option that names it is told."""
    shutil.move(instance / "keys" / "ca.key.p12", instance / "medium.p12")
    before = (instance / "keys" / "seal.p12").read_bytes()
    done = signer(instance, "rotate")
    assert done.exit_code == 1
    assert "--ca-key" in done.output
    assert (instance / "keys" / "seal.p12").read_bytes() == before
    secret = instance / "secret"
    secret.write_text(PASSPHRASE)
    arguments = ("--ca-key", str(instance / "medium.p12"))
    done = signer(instance, "rotate", *arguments, "--ca-passphrase-file", str(secret))
    assert done.exit_code == 0, done.output


def test_a_list_is_signed_anew(instance: Path, key_files: KeyFiles) -> None:
    """The file of the settings is replaced, and may revoke a certificate."""
    stolen = instance / "stolen.pem"
    stolen.write_bytes(key_files.seal.public_bytes(Encoding.PEM))
    done = signer(instance, "crl", "--revoke", str(stolen))
    assert done.exit_code == 0, done.output
    assert "1 revoked; valid until 24 December 2027" in done.output
    (made,) = read_revocation_lists(instance / "keys" / "ca.crl")
    assert [one.serial_number for one in made] == [key_files.seal.serial_number]


def test_a_list_may_be_written_elsewhere(instance: Path) -> None:
    """An authority's key that never comes near the server signs it all the same."""
    out = instance / "medium" / "ca.crl"
    found = json.loads(signer(instance, "crl", "--json", "--out", str(out)).stdout)
    assert found == {
        "file": str(out),
        "revoked": 0,
        "ends": clock.iso(MOMENT + timedelta(days=397)),
    }
    (authority,) = read_certificates(instance / "keys" / "ca.pem")
    (made,) = read_revocation_lists(out)
    assert made.issuer == authority.subject


def test_a_school_may_have_keys_on_an_elliptic_curve(tmp_path: Path) -> None:
    """Authority, seal and list, the next seal too, which verification takes."""
    assert signer(tmp_path, "init", "--key-type", "p256").exit_code == 0
    authority, path = tmp_path / "keys" / "ca.pem", tmp_path / "keys" / "seal.p12"
    assert signer(tmp_path, "rotate").exit_code == 0
    assert signer(tmp_path, "crl").exit_code == 0
    key, (root,) = SealKey.load(path, PASSPHRASE), read_certificates(authority)
    kinds = {KeyKind.of(one) for one in (key.certificate, root)}
    assert kinds == {KeyKind.P256}
    (listed,) = read_revocation_lists(tmp_path / "keys" / "ca.crl")
    assert listed.is_signature_valid(key.chain[0].public_key())  # type: ignore[arg-type]
    pdf = seal(typeset_declaration(), key, at=MOMENT).pdf
    report = verify(
        pdf, trust_roots=[root], released=RELEASED, revocation_lists=[listed]
    )
    assert report.result is Verdict.GENUINE


def test_the_next_seal_may_be_of_another_kind(instance: Path) -> None:
    """Of the same authority, whatever kind its key is of."""
    assert signer(instance, "rotate", "--key-type", "p256").exit_code == 0
    key = SealKey.load(instance / "keys" / "seal.p12", PASSPHRASE)
    assert KeyKind.of(key.certificate) is KeyKind.P256
    assert KeyKind.of(key.chain[0]) is KeyKind.RSA
