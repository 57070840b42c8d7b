"""pyHanko's way to a seal's value: for signatures that are none of the school's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signer.pki.certificates import as_asn1
from signer.pki.run_async import run_async

if TYPE_CHECKING:
    from signer.pki.make_keys import SealKey

DIGEST = "sha256"


class HeldKeySigner(Signer):
    """Signs with a key that stays loaded, and lets pyHanko write the rest."""

    def __init__(self, key: SealKey) -> None:
        certificates = SimpleCertificateStore()
        certificates.register_multiple(map(as_asn1, key.chain))
        super().__init__(
            signing_cert=as_asn1(key.certificate), cert_registry=certificates
        )
        self._key = key
        self.reserved = 2 * len(self.sign_digest(bytes(32), dry_run=True))

    def sign_digest(self, digest: bytes, *, dry_run: bool = False) -> bytes:
        """The CMS signature (DER) over a document's SHA-256."""
        signature = run_async(
            self.async_sign(digest, DIGEST, use_pades=True, dry_run=dry_run)
        )
        der: bytes = signature.dump()
        return der

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002  (pyHanko's signature)
    ) -> bytes:
        """The bare signature value; in a dry run, as many bytes as it may take."""
        assert digest_algorithm == DIGEST
        return self._key.longest_signature() if dry_run else self._key.sign(data)
