"""The seal's value: what pyHanko and verification write, with one use of the key."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from signer.declaration.seal.cms_signature import CmsSigner
from signer.declaration.seal.seal import seal
from signer.errors import SealError
from signer.pki.make_keys import SealKey
from tests.conftest import MOMENT
from tests.declaration.forgery import Gap, typeset_declaration
from tests.declaration.pyhanko_signer import HeldKeySigner

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificateIssuerPrivateKeyTypes,
    )

KINDS = ("RSA 2048", "P-256", "P-384", "P-521")
DIGESTS = (bytes(32), bytes(range(32)), b"\xff" * 32)


@cache
def private_key(kind: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, int(kind.split()[1]))
    curves = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
    return ec.generate_private_key(curves[kind])


def certificate(
    key: CertificateIssuerPrivateKeyTypes, serial: int, name: str
) -> x509.Certificate:
    named = x509.Name.from_rfc4514_string(name)
    return (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(MOMENT)
        .not_valid_after(MOMENT + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )


class OneAnswer(SealKey):
    """A key with one answer to everything: on a curve, each answer is another."""

    answer = b"\x30\x06\x02\x01\x01\x02\x01\x01"

    def sign(self, data: bytes) -> bytes:
        """Give the same for everything."""
        assert data
        return self.answer


def key_of(kind: str, chain: int) -> OneAnswer:
    private = private_key(kind)
    # Short names and long ones, serial numbers with and without a leading zero.
    serials = (1, 0x80, 2**159 - 1)
    names = ("CN=S", "O=Ysgol Ŵyn,CN=王小明", f"CN={'Long' * 15}")
    made = [
        certificate(private, serial, name)
        for serial, name in zip(serials, names, strict=True)
    ]
    return OneAnswer(private, made[0], tuple(made[1 : chain + 1]))


@pytest.mark.parametrize("chain", [0, 1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_what_pyhanko_writes(kind: str, chain: int) -> None:
    """Byte for byte, for keys of every kind, with and without their issuers."""
    key = key_of(kind, chain)
    ours, theirs = CmsSigner(key), HeldKeySigner(key)
    assert ours.reserved == theirs.reserved
    for digest in DIGESTS:
        assert ours.sign(digest) == theirs.sign_digest(digest)


class Counting(SealKey):
    """Keeps what its key is asked to sign."""

    def sign(self, data: bytes) -> bytes:
        """Sign, and note what."""
        asked.append(data)
        return super().sign(data)


asked: list[bytes] = []


def test_a_seal_takes_one_signature_of_the_key(key: SealKey) -> None:
    """A key in a token is asked once, for the attributes as RFC 5652 §5.4 has them."""
    asked.clear()
    counting = Counting(key.private_key, key.certificate, key.chain)
    made = seal(typeset_declaration(), counting, at=MOMENT).pdf
    signed = cms.ContentInfo.load(Gap.of(made).value(made))["content"]
    (signer,) = signed["signer_infos"]
    assert asked == [signer["signed_attrs"].untag().dump()]
    assert signer["signature"].native == key.sign(asked[0])


def test_what_is_no_digest_is_not_signed(key: SealKey) -> None:
    """A digest of another length would make a value that says something else."""
    with pytest.raises(SealError, match="20 bytes"):
        CmsSigner(key).sign(bytes(20))
