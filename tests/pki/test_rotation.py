"""What the authority's key is for: the next seal, and the list of what is revoked."""

from __future__ import annotations

import shutil
import stat
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signer.declaration.seal.seal import seal
from signer.declaration.verify import Result
from signer.declaration.verify.verify import verify
from signer.errors import KeyUnusable
from signer.pki.make_keys import SealKey, make_keys
from signer.pki.revocation import (
    LIST_DAYS,
    read_revocation_lists,
    standing,
)
from signer.pki.rotation import FORMER, AuthorityKey, publish_list, rotate
from tests.conftest import MOMENT, PASSPHRASE, run
from tests.declaration.forgery import RELEASED, typeset_declaration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")

LATER = MOMENT + timedelta(days=900)


@pytest.fixture
def folder(key_files: KeyFiles, tmp_path: Path) -> Path:
    """The school's keys, to be changed."""
    return shutil.copytree(key_files.seal_key.parent, tmp_path / "keys")


@pytest.fixture
def authority(folder: Path) -> AuthorityKey:
    return AuthorityKey.load(folder / "ca.key.p12", PASSPHRASE, at=MOMENT)


def test_earlier_and_later_seals_hold_under_one_authority(
    folder: Path, authority: AuthorityKey, frozen: Callable[[timedelta], None]
) -> None:
    """After a rotation both seals are genuine with the certificate people have."""
    path = folder / "seal.p12"
    before = SealKey.load(path, PASSPHRASE)
    early = seal(typeset_declaration(), before, at=MOMENT).pdf
    frozen(LATER - MOMENT)
    school = "My Online Schooling"  # as the declarations say
    done = rotate(path, authority, school=school, passphrase=PASSPHRASE, at=LATER)
    after = SealKey.load(path, PASSPHRASE)
    late = seal(typeset_declaration(), after, at=LATER).pdf
    assert after.certificate == done.seal != done.before == before.certificate
    for pdf in (early, late):
        report = verify(pdf, trust_roots=[authority.certificate], released=RELEASED)
        assert report.result is Result.GENUINE


def test_the_former_key_is_kept(folder: Path, authority: AuthorityKey) -> None:
    """Key and certificate are in a folder of their own, for their owner alone."""
    path = folder / "seal.p12"
    raw = path.read_bytes()
    done = rotate(path, authority, school="S", passphrase=PASSPHRASE, at=MOMENT)
    again = rotate(path, authority, school="S", passphrase=PASSPHRASE, at=MOMENT)
    assert done.former.read_bytes() == raw
    kept = x509.load_pem_x509_certificate(done.former.with_suffix(".pem").read_bytes())
    assert kept == done.before
    files = list((folder / FORMER).iterdir())
    assert len(files) == 4
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert again.before == done.seal


def test_a_rotation_that_cannot_write_changes_nothing(
    folder: Path, authority: AuthorityKey
) -> None:
    """Where the former key cannot be kept, the present one stays."""
    path = folder / "seal.p12"
    raw = path.read_bytes()
    (folder / FORMER).write_text("in the way")
    with pytest.raises(KeyUnusable, match="cannot be written"):
        rotate(path, authority, school="S", passphrase=PASSPHRASE, at=MOMENT)
    assert path.read_bytes() == raw
    assert list(folder.glob(".*")) == []


def test_there_is_no_rotation_without_the_authority_s_key(folder: Path) -> None:
    """It is kept apart, and has to be brought."""
    (folder / "ca.key.p12").unlink()
    with pytest.raises(KeyUnusable, match="bring it"):
        AuthorityKey.load(folder / "ca.key.p12", PASSPHRASE, at=MOMENT)


def test_another_authority_s_key_is_refused(folder: Path, tmp_path: Path) -> None:
    """A seal that was bought, or is another school's, is not replaced by ours."""
    other = make_keys(tmp_path / "o", school="S", passphrase=PASSPHRASE, at=MOMENT)
    stranger = AuthorityKey.load(other.authority_key, PASSPHRASE, at=MOMENT)
    with pytest.raises(KeyUnusable, match="not issued by this authority"):
        rotate(
            folder / "seal.p12", stranger, school="S", passphrase=PASSPHRASE, at=MOMENT
        )


def test_an_authority_that_has_ended_issues_nothing(folder: Path) -> None:
    """Its key is refused with the day on which it ended."""
    path = folder / "ca.key.p12"
    with pytest.raises(KeyUnusable, match="ended on 17 November 2046"):
        AuthorityKey.load(path, PASSPHRASE, at=MOMENT + timedelta(days=21 * 365))
    with pytest.raises(KeyUnusable, match="--ca-passphrase-file"):
        AuthorityKey.load(path, "wrong", at=MOMENT)


def test_no_seal_outlives_its_authority(folder: Path, authority: AuthorityKey) -> None:
    """The last certificate ends with the authority's own."""
    late = authority.certificate.not_valid_after_utc - timedelta(days=10)
    done = rotate(
        folder / "seal.p12", authority, school="S", passphrase=PASSPHRASE, at=late
    )
    ends = authority.certificate.not_valid_after_utc
    assert done.seal.not_valid_after_utc == ends


def test_a_certificate_says_where_its_revocation_would_stand(
    folder: Path, authority: AuthorityKey
) -> None:
    """The address of the list is in the seal's certificate, where one is given."""
    url = "https://school.example/keys/ca.crl"
    done = rotate(
        folder / "seal.p12",
        authority,
        school="S",
        passphrase=PASSPHRASE,
        at=MOMENT,
        crl_url=url,
    )
    (place,) = done.seal.extensions.get_extension_for_class(
        x509.CRLDistributionPoints
    ).value
    assert [name.value for name in place.full_name or ()] == [url]


def test_a_new_list_keeps_what_was_revoked(
    folder: Path, authority: AuthorityKey, key_files: KeyFiles
) -> None:
    """Each list has a higher number, and every entry of the one before it."""
    path = folder / "ca.crl"
    (first,) = read_revocation_lists(path)
    assert list(first) == []
    publish_list(path, authority, at=MOMENT, revoke=[key_files.seal])
    last = publish_list(path, authority, at=LATER, revoke=[key_files.seal])
    assert read_revocation_lists(path) == (last,)
    number = last.extensions.get_extension_for_class(x509.CRLNumber).value
    assert number.crl_number == 3
    found = standing(key_files.seal, authority.certificate, [last])
    assert found is not None
    assert (found.revoked, found.as_of) == (MOMENT, LATER)
    assert found.until == LATER + timedelta(days=LIST_DAYS)


def test_a_list_names_its_own_certificates_only(
    folder: Path, authority: AuthorityKey, tmp_path: Path
) -> None:
    """A stranger's certificate is not revoked, nor a stranger's list replaced."""
    other = make_keys(tmp_path / "o", school="S", passphrase=PASSPHRASE, at=MOMENT)
    with pytest.raises(KeyUnusable, match="never issued"):
        publish_list(folder / "ca.crl", authority, at=MOMENT, revoke=[other.seal])
    with pytest.raises(KeyUnusable, match="another authority"):
        publish_list(other.revocation_list, authority, at=MOMENT)


def test_a_forged_or_partial_list_says_nothing(
    folder: Path, key_files: KeyFiles, tmp_path: Path
) -> None:
    """Only a whole list with the authority's signature is listened to."""
    other = make_keys(
        tmp_path / "o", school="My Online Schooling", passphrase=PASSPHRASE, at=MOMENT
    )
    forged = read_revocation_lists(other.revocation_list)
    assert forged[0].issuer == key_files.authority.subject
    assert standing(key_files.seal, key_files.authority, forged) is None


def test_what_is_no_list_is_named(tmp_path: Path) -> None:
    """A missing file says how to make one; another says what is wrong."""
    path = tmp_path / "ca.crl"
    with pytest.raises(KeyUnusable, match="signer keys crl"):
        read_revocation_lists(path)
    for content in (b"", b"no list", b"-----BEGIN X509 CRL-----\nx\n"):
        path.write_bytes(content)
        with pytest.raises(KeyUnusable, match="holds no list"):
            read_revocation_lists(path)


@pytest.mark.tool("openssl")
def test_openssl_reads_the_list_and_refuses_what_is_on_it(
    folder: Path, authority: AuthorityKey, key_files: KeyFiles, tmp_path: Path
) -> None:
    """An independent program verifies the list, and the certificate against it."""
    path = folder / "ca.crl"
    seal_pem = tmp_path / "seal.pem"
    seal_pem.write_bytes(key_files.seal.public_bytes(Encoding.PEM))
    pem = tmp_path / "ca.crl.pem"
    command = (
        *("openssl", "verify", "-crl_check", "-CRLfile", pem),
        *("-attime", str(int(MOMENT.timestamp()) + 60)),
        *("-CAfile", folder / "ca.pem", seal_pem),
    )
    convert = ("openssl", "crl", "-inform", "DER", "-in", path, "-out", pem)
    run(*convert)
    assert run(*command).strip().endswith(": OK")
    publish_list(path, authority, at=MOMENT, revoke=[key_files.seal])
    run(*convert)
    assert "certificate revoked" in run(*command, check=False)
    assert read_revocation_lists(pem) == read_revocation_lists(path)
