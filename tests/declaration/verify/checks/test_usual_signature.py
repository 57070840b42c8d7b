"""The usual signature is told without pyHanko, and only what pyHanko would accept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from signer.declaration.seal.seal import seal
from signer.declaration.verify import Report, Result
from signer.declaration.verify.checks import signature
from signer.declaration.verify.checks.usual_signature import issued_as_usual
from signer.declaration.verify.verify import verify
from tests.conftest import MOMENT
from tests.declaration.forgery import RELEASED, typeset_declaration

if TYPE_CHECKING:
    from signer.pki.make_keys import KeyFiles, SealKey

pytestmark = pytest.mark.usefixtures("frozen")

AUTHORITY, SEAL = "authority", "seal"


def both_ways(
    monkeypatch: pytest.MonkeyPatch, pdf: bytes, *roots: x509.Certificate
) -> Report:
    """The report on a file, which is the same where pyHanko judges all of it."""
    report = verify(pdf, trust_roots=roots, released=RELEASED)
    with monkeypatch.context() as patch:
        patch.setattr(signature, "usual_signature", lambda *_: None)
        assert verify(pdf, trust_roots=roots, released=RELEASED) == report
    return report


def test_the_schools_seal_is_told_without_pyhanko(
    sealed: bytes, key_files: KeyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its whole validation is not asked, and the report is the one that it gives."""
    assert both_ways(monkeypatch, sealed, key_files.authority).genuine

    def asked(*_args: object, **_more: object) -> None:
        pytest.fail("pyHanko was asked")

    monkeypatch.setattr(signature, "async_validate_pdf_signature", asked)
    report = verify(sealed, trust_roots=[key_files.authority], released=RELEASED)
    assert report.genuine


@pytest.mark.parametrize("days", [-400, 400 * 10])
def test_a_certificate_that_did_not_hold_is_not_the_usual(
    days: int, key: SealKey, key_files: KeyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it began and after it ended, the answer is pyHanko's."""
    at = MOMENT + timedelta(days=days)
    pdf = seal(typeset_declaration(), key, at=at, authority=None).pdf
    report = both_ways(monkeypatch, pdf, key_files.authority)
    assert report.result is not Result.GENUINE


def test_an_unknown_signer_is_not_the_usual(
    sealed: bytes, key_files: KeyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither with no authority, nor where the seal's own certificate is trusted."""
    assert both_ways(monkeypatch, sealed).result is Result.UNKNOWN_SIGNER
    both_ways(monkeypatch, sealed, key_files.seal)


def issued(**changed: object) -> tuple[x509.Certificate, x509.Certificate]:
    """A seal's certificate and its authority's, with something that is not as usual."""
    given = {
        "ca": True,
        "signs certificates": True,
        "constrained": False,
        "signs documents": True,
        "seals as authority": False,
        "issuer's key": None,
        "critical purposes": False,
        "key": ec.generate_private_key(ec.SECP256R1()),
    } | changed
    own, key = ec.generate_private_key(ec.SECP256R1()), given["key"]
    names = {
        one: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)])
        for one in (AUTHORITY, SEAL)
    }

    def begun(subject: str, public: object) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(names[subject])
            .issuer_name(names[AUTHORITY])
            .public_key(public)  # type: ignore[arg-type]
            .serial_number(1)
            .not_valid_before(MOMENT)
            .not_valid_after(MOMENT + timedelta(days=1))
        )

    identity = x509.SubjectKeyIdentifier.from_public_key(own.public_key())
    authority = (
        begun(AUTHORITY, own.public_key())
        .add_extension(x509.BasicConstraints(bool(given["ca"]), None), critical=True)
        .add_extension(usage(authority=bool(given["signs certificates"])), True)
        .add_extension(identity, critical=False)
    )
    if given["constrained"]:
        within = x509.NameConstraints([x509.DNSName("school.example")], None)
        authority = authority.add_extension(within, critical=True)
    issuer = given["issuer's key"] or identity.digest
    certificate = (
        begun(SEAL, key.public_key())  # type: ignore[attr-defined]
        .add_extension(
            x509.BasicConstraints(bool(given["seals as authority"]), None), True
        )
        .add_extension(usage(documents=bool(given["signs documents"])), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier(issuer, None, None), critical=False)  # type: ignore[arg-type]
        .add_extension(
            x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")]),
            critical=bool(given["critical purposes"]),
        )
    )
    return certificate.sign(own, hashes.SHA256()), authority.sign(own, hashes.SHA256())


def usage(*, authority: bool = False, documents: bool = False) -> x509.KeyUsage:
    """What a key is for."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def test_what_the_school_issues_is_the_usual() -> None:
    """Or the next test would hold of everything."""
    assert issued_as_usual(*issued())


@pytest.mark.parametrize(
    "changed",
    [
        {"ca": False},
        {"signs certificates": False},
        {"constrained": True},
        {"signs documents": False},
        {"seals as authority": True},
        {"issuer's key": b"another"},
        {"critical purposes": True},
        {"key": rsa.generate_private_key(65537, 1024)},  # noqa: S505 - that is the point
        {"key": ec.generate_private_key(ec.SECP192R1())},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_else_certificates_say_is_left_to_pyhanko(
    changed: dict[str, object],
) -> None:
    """Whether that is well or not: here it is not told."""
    assert not issued_as_usual(*issued(**changed))


def test_another_authority_did_not_issue_it() -> None:
    """Of the same name, with another key."""
    certificate, _ = issued()
    _, other = issued()
    assert not issued_as_usual(certificate, other)
