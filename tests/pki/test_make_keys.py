"""The school's keys: made once, refused when unfit."""

from __future__ import annotations

import stat
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    load_pkcs12,
    serialize_key_and_certificates,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from signer import clock
from signer.errors import KeysExist, KeyUnusable
from signer.pki.certificates import (
    AUTHORITY_YEARS,
    SEAL_YEARS,
    authority_certificate,
    common_name,
    fingerprint,
    new_key,
    read_certificates,
    seal_certificate,
)
from signer.pki.make_keys import SealKey, make_keys
from signer.pki.token import TokenKey
from tests.conftest import MOMENT, PASSPHRASE, run
from tests.pki.making_process import make_or_say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")


def usage(certificate: x509.Certificate) -> x509.KeyUsage:
    found = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert found.critical
    return found.value


def test_the_key_comes_back_as_it_was_made(key_files: KeyFiles) -> None:
    """The seal's file holds its key, its certificate and the authority's."""
    key = SealKey.load(key_files.seal_key, PASSPHRASE)
    assert key.certificate == key_files.seal
    assert key.chain == (key_files.authority,)
    assert not isinstance(key.private_key, TokenKey)
    assert key.private_key.public_key() == key.certificate.public_key()


def test_a_loaded_key_is_not_printed(key_files: KeyFiles) -> None:
    """What lands in a log by mistake does not hold the private key."""
    key = SealKey.load(key_files.seal_key, PASSPHRASE)
    assert "private_key" not in repr(key)


def test_nobody_else_may_read_the_keys(key_files: KeyFiles) -> None:
    """The folder and its files belong to their owner alone."""
    folder = key_files.seal_key.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
    assert {one.name for one in folder.iterdir()} == {
        "ca.key.p12",
        "ca.pem",
        "ca.crl",
        "seal.p12",
        "log.p12",
    }
    assert list(folder.parent.glob(".keys-*")) == []


def test_the_seal_certificate_is_one_for_signing_documents(
    key_files: KeyFiles,
) -> None:
    """Key usage, purpose, identifiers and length of life are as readers expect."""
    seal = key_files.seal
    assert usage(seal).digital_signature
    assert usage(seal).content_commitment
    assert not usage(seal).key_cert_sign
    purposes = seal.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [one.dotted_string for one in purposes] == [
        "1.3.6.1.5.5.7.3.36",
        ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string,
    ]
    basic = seal.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca) == (True, False)
    own = key_files.authority.extensions.get_extension_for_class(
        x509.SubjectKeyIdentifier
    )
    above = seal.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    assert above.value.key_identifier == own.value.digest
    assert seal.not_valid_before_utc <= MOMENT
    assert (seal.not_valid_after_utc - MOMENT).days == 365 * SEAL_YEARS


def test_the_authority_may_do_nothing_but_issue(key_files: KeyFiles) -> None:
    """Its certificate signs certificates and revocation lists, one level deep."""
    authority = key_files.authority
    assert usage(authority).key_cert_sign
    assert usage(authority).crl_sign
    assert not usage(authority).digital_signature
    assert not usage(authority).content_commitment
    basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value) == (
        True,
        x509.BasicConstraints(ca=True, path_length=0),
    )
    assert (authority.not_valid_after_utc - MOMENT).days == 365 * AUTHORITY_YEARS
    key_files.seal.verify_directly_issued_by(authority)


@pytest.mark.tool("openssl")
def test_openssl_agrees_on_chain_and_fingerprint(
    key_files: KeyFiles, tmp_path: Path
) -> None:
    """An independent program follows the chain and prints our fingerprint."""
    authority = key_files.authority_certificate
    printed = run(
        "openssl", "x509", "-in", authority, "-noout", "-fingerprint", "-sha256"
    )
    assert printed.strip().endswith(fingerprint(key_files.authority))
    pem = tmp_path / "seal.pem"
    pem.write_text(
        run(
            *("openssl", "pkcs12", "-in", key_files.seal_key, "-nokeys", "-clcerts"),
            *("-passin", f"pass:{PASSPHRASE}"),
        )
    )
    at = str(int(MOMENT.timestamp()))
    command = ("openssl", "verify", "-x509_strict", "-attime", at)
    assert run(*command, "-CAfile", authority, pem).strip().endswith(": OK")


def test_existing_keys_are_never_overwritten(tmp_path: Path) -> None:
    """A folder with anything in it is refused and left as it was."""
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "other.txt").write_text("kept")
    with pytest.raises(KeysExist) as caught:
        make_keys(folder, school="S", passphrase="p", at=MOMENT)
    assert caught.value.path == str(folder)
    assert [one.name for one in folder.iterdir()] == ["other.txt"]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    """A folder that was made beforehand, and is empty, takes the keys."""
    (tmp_path / "keys").mkdir()
    made = make_keys(tmp_path / "keys", school="S", passphrase="p", at=MOMENT)
    assert SealKey.load(made.seal_key, "p").certificate == made.seal


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """Where a file stands in the way, the error names the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyUnusable) as caught:
        make_keys(tmp_path / "file" / "keys", school="S", passphrase="p", at=MOMENT)
    assert caught.value.path == str(tmp_path / "file" / "keys")
    assert "cannot be made" in caught.value.problem


def test_of_two_at_once_one_makes_the_keys(tmp_path: Path) -> None:
    """Processes that start together end with one set of keys, whole and usable."""
    folder = tmp_path / "keys"
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        answers = list(pool.map(make_or_say, [folder] * 4, [MOMENT] * 4))
    assert sorted(answers) == ["exist", "exist", "exist", "made"]
    key = SealKey.load(folder / "seal.p12", "p")
    assert key.chain == read_certificates(folder / "ca.pem")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["keys"]


def test_the_authority_may_have_a_passphrase_of_its_own(tmp_path: Path) -> None:
    """What opens the seal need not open the authority."""
    made = make_keys(
        tmp_path / "keys",
        school="S",
        passphrase="seal",
        authority_passphrase="authority",
        at=MOMENT,
    )
    held = load_pkcs12(made.authority_key.read_bytes(), b"authority")
    assert held.cert is not None
    assert held.cert.certificate == made.authority
    with pytest.raises(ValueError, match="password"):
        load_pkcs12(made.authority_key.read_bytes(), b"seal")
    assert SealKey.load(made.seal_key, "seal").certificate == made.seal


@pytest.mark.parametrize("school", ["S", "ä" * 200, "  A school with spaces  "])
def test_any_name_of_a_school_fits_its_certificates(school: str) -> None:
    """A certificate has room for 64 characters; a longer name is cut."""
    certificate = authority_certificate(new_key(), school=school, at=MOMENT)
    assert len(common_name(certificate.subject)) <= 64
    assert common_name(certificate.subject).endswith("declarations authority")


def pkcs12(
    change: Callable[[x509.CertificateBuilder], x509.CertificateBuilder],
) -> bytes:
    """A seal's file whose certificate was changed before it was issued."""
    key = new_key()
    name = authority_certificate(key, school="S", at=MOMENT).subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(MOMENT - timedelta(days=1))
        .not_valid_after(MOMENT + timedelta(days=1))
    )
    certificate = change(builder).sign(key, hashes.SHA256())
    return serialize_key_and_certificates(b"s", key, certificate, None, NoEncryption())


def only_digital_signature(
    builder: x509.CertificateBuilder,
) -> x509.CertificateBuilder:
    flags = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment"),
            *("key_agreement", "key_cert_sign", "crl_sign"),
            *("encipher_only", "decipher_only"),
        ),
        False,
    )
    return builder.add_extension(
        x509.KeyUsage(digital_signature=True, **flags), critical=True
    )


def refusal(path: Path, passphrase: str) -> str:
    with pytest.raises(KeyUnusable) as caught:
        SealKey.load(path, passphrase)
    assert caught.value.path == str(path)
    return caught.value.problem


def test_a_missing_key_is_named_with_its_remedy(tmp_path: Path) -> None:
    """The problem says which command makes keys."""
    assert refusal(tmp_path / "no.p12", "p") == (
        "is not there; make keys with “signer keys init”"
    )


def test_a_folder_in_place_of_a_key_is_named(tmp_path: Path) -> None:
    """What cannot be read says why."""
    assert "cannot be read (Is a directory)" in refusal(tmp_path, "p")


@pytest.mark.parametrize("content", [b"", b"no key", bytes(100), b"0\x80\x00"])
def test_what_is_no_key_file_is_told_from_a_wrong_passphrase(
    tmp_path: Path, content: bytes
) -> None:
    """Damaged bytes are not blamed on the passphrase."""
    path = tmp_path / "seal.p12"
    path.write_bytes(content)
    assert refusal(path, "p").startswith("is not a PKCS#12 file")


def test_a_wrong_passphrase_names_its_setting(key_files: KeyFiles) -> None:
    """The problem says which setting to look at."""
    assert "SIGNER_SEAL_PASSPHRASE" in refusal(key_files.seal_key, "wrong")
    assert "SIGNER_SEAL_PASSPHRASE" in refusal(key_files.seal_key, "")
    assert refusal(key_files.seal_key, "").startswith("needs its passphrase")


def test_a_file_without_a_passphrase_is_read(tmp_path: Path) -> None:
    """An empty passphrase means that the file has none."""
    made = make_keys(tmp_path / "keys", school="S", passphrase="", at=MOMENT)
    assert SealKey.load(made.seal_key, "").certificate == made.seal


def test_an_expired_key_is_refused(
    key_files: KeyFiles, frozen: Callable[[timedelta], None]
) -> None:
    """After its last day the problem says when that was."""
    frozen(timedelta(days=365 * SEAL_YEARS + 1))
    assert refusal(key_files.seal_key, PASSPHRASE).startswith(
        "expired on 21 November 2029"
    )


def test_a_key_from_the_future_is_refused(key_files: KeyFiles) -> None:
    """A machine whose clock is years behind is told to look at its clock."""
    with clock.frozen(MOMENT - timedelta(days=400)):
        assert "clock" in refusal(key_files.seal_key, PASSPHRASE)


def test_a_key_without_non_repudiation_is_refused(tmp_path: Path) -> None:
    """Readers of PDFs would not accept its seal, so none is made."""
    path = tmp_path / "seal.p12"
    for change in (only_digital_signature, lambda builder: builder):
        path.write_bytes(pkcs12(change))
        assert "nonRepudiation" in refusal(path, "")


def test_certificates_without_a_key_are_refused(
    tmp_path: Path, key_files: KeyFiles
) -> None:
    """A file that holds the certificates alone cannot seal."""
    path = tmp_path / "seal.p12"
    path.write_bytes(
        serialize_key_and_certificates(
            b"s", None, None, [key_files.seal], BestAvailableEncryption(b"p")
        )
    )
    assert "holds no private key" in refusal(path, "p")


def test_a_kind_of_key_that_readers_do_not_know_is_refused(
    tmp_path: Path, key_files: KeyFiles
) -> None:
    """Ed25519 would make a seal that hardly any reader verifies."""
    key = ed25519.Ed25519PrivateKey.generate()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(key_files.seal.subject)
        .issuer_name(key_files.seal.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(MOMENT)
        .not_valid_after(MOMENT + timedelta(days=1))
        .sign(key, None)
    )
    path = tmp_path / "seal.p12"
    path.write_bytes(
        serialize_key_and_certificates(b"s", key, certificate, None, NoEncryption())
    )
    assert "neither RSA nor elliptic-curve" in refusal(path, "")


def test_a_file_of_trust_must_hold_a_certificate(
    tmp_path: Path, key_files: KeyFiles
) -> None:
    """Missing, foreign and empty files are refused; several certificates are read."""
    path = tmp_path / "ca.pem"
    with pytest.raises(KeyUnusable, match="is not there"):
        read_certificates(path)
    for content in (b"", b"no certificate", key_files.seal_key.read_bytes()):
        path.write_bytes(content)
        with pytest.raises(KeyUnusable, match="holds no certificate"):
            read_certificates(path)
    path.write_bytes(key_files.authority_certificate.read_bytes() * 2)
    assert read_certificates(path) == (key_files.authority,) * 2


def test_a_name_that_does_not_print_is_shown_without_harm() -> None:
    """Whoever makes a certificate cannot steer a terminal with its name."""
    key = new_key()
    authority = authority_certificate(key, school="A\x1b[2J\u202eB", at=MOMENT)
    seal = seal_certificate(
        key, authority=authority, authority_key=key, school="S", at=MOMENT
    )
    assert common_name(seal.issuer) == "A�[2J�B declarations authority"


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_a_signature_on_a_curve_is_written_in_one_way(curve: ec.EllipticCurve) -> None:
    """Of the two values that fit, it is the one with the smaller second number."""
    private = ec.generate_private_key(curve)
    certificate = authority_certificate(private, school="S", at=MOMENT)
    key = SealKey(private, certificate, ())
    for number in range(20):
        data = bytes([number])
        value = key.sign(data)
        _, s = decode_dss_signature(value)
        assert 2 * s < curve.group_order
        private.public_key().verify(value, data, ec.ECDSA(hashes.SHA256()))
