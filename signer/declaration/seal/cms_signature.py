"""The value of a seal: a CMS signature (RFC 5652) over the digest of a file.

All of it but the digest and the signature is the same for every file that a key
seals, so it is encoded once. Verification demands this very encoding
(`verify.checks.signature_form`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from signer.errors import SealError
from signer.pki.certificates import CONTEXT_0, OCTETS, SEQUENCE, SET, as_asn1, der
from signer.pki.make_keys import SealKey

DIGEST = "sha256"


class CmsForm:
    """The one way in which the values of a certificate's seals are written.

    Args:
        certificate: the signer's.
        chain: the certificates of its issuers that stand beside it.
    """

    def __init__(
        self, certificate: x509.Certificate, chain: Iterable[x509.Certificate]
    ) -> None:
        own = as_asn1(certificate)
        kind = own.public_key.algorithm
        mechanism = f"{DIGEST}_{'rsa' if kind == 'rsa' else 'ecdsa'}"
        digest = algos.DigestAlgorithm({"algorithm": DIGEST}).dump()
        together = {as_asn1(one).dump() for one in (certificate, *chain)}
        self._attributes = _attributes(own)
        self._data_head = (
            core.Integer(1).dump()
            + der(SET, digest)
            + cms.EncapsulatedContentInfo({"content_type": "data"}).dump()
            + der(CONTEXT_0, *sorted(together))
        )
        self._signer_head = (
            core.Integer(1).dump()
            + der(
                SEQUENCE,
                own.issuer.dump(),
                core.Integer(own.serial_number).dump(),
            )
            + digest
        )
        self._mechanism = algos.SignedDigestAlgorithm({"algorithm": mechanism}).dump()

    def signed(self, digest: bytes) -> bytes:
        """What is signed, over a document's SHA-256: RFC 5652 §5.4."""
        return der(SET, self._signed(digest))

    def encoded(self, digest: bytes, signature: bytes) -> bytes:
        """The value (DER).

        Args:
            digest: the document's SHA-256.
            signature: over what `signed` gives for it.
        """
        signer = der(
            SEQUENCE,
            self._signer_head,
            der(CONTEXT_0, self._signed(digest)),
            self._mechanism,
            der(OCTETS, signature),
        )
        data = der(SEQUENCE, self._data_head, der(SET, signer))
        return der(SEQUENCE, _SIGNED_DATA, der(CONTEXT_0, data))

    def _signed(self, digest: bytes) -> bytes:
        """The signed attributes, without what encloses them."""
        before, after = self._attributes
        return before + digest + after


class CmsSigner:
    """Makes the values of seals, with one key."""

    def __init__(self, key: SealKey) -> None:
        self._key = key
        self._form = CmsForm(key.certificate, key.chain)
        # Signatures of one key differ in their value alone, and this is the longest.
        longest = self._form.encoded(_ZERO_DIGEST, key.longest_signature())
        self.reserved = 2 * len(longest)
        """Hexadecimal digits that a signature of this key takes up."""

    def sign(self, digest: bytes) -> bytes:
        """The CMS signature (DER) over a document's SHA-256."""
        if len(digest) != len(_ZERO_DIGEST):
            raise SealError(f"asked to sign {len(digest)} bytes as a SHA-256")
        return self._form.encoded(digest, self._key.sign(self._form.signed(digest)))


_ZERO_DIGEST = bytes(hashlib.new(DIGEST).digest_size)
_SIGNED_DATA = cms.ContentType("signed_data").dump()


def _attributes(certificate: asn1_x509.Certificate) -> tuple[bytes, bytes]:
    """What stands before the digest among the signed attributes, and after it.

    PAdES level B-B (ETSI EN 319 142-1 §6.3): type, digest, certificate. The time
    stands in the file.
    """
    identified = tsp.ESSCertIDv2(
        {
            "hash_algorithm": {"algorithm": DIGEST},
            "cert_hash": hashlib.new(DIGEST, certificate.dump()).digest(),
            "issuer_serial": {
                "issuer": [
                    asn1_x509.GeneralName({"directory_name": certificate.issuer})
                ],
                "serial_number": certificate.serial_number,
            },
        }
    )
    content_type, digest, identity = (
        cms.CMSAttribute({"type": kind, "values": [value]}).dump()
        for kind, value in (
            ("content_type", "data"),
            ("message_digest", _ZERO_DIGEST),
            (
                "signing_certificate_v2",
                tsp.SigningCertificateV2({"certs": [identified]}),
            ),
        )
    )
    # DER orders a set by the encodings. Their lengths differ, so no digest matters.
    ordered = sorted((content_type, digest, identity))
    place = ordered.index(digest)
    before = b"".join(ordered[: place + 1]).removesuffix(_ZERO_DIGEST)
    return before, b"".join(ordered[place + 1 :])
