"""The seal: the school's signature over a whole declaration, in one revision.

PAdES baseline B-B, or B-LT where a timestamp authority is named (ETSI EN 319 142-1),
as a certification signature that allows no changes (ISO 32000-1 §12.8.2.2). The
sealed file begins with exactly the bytes it was made from. A line end follows where
they have none, then one incremental update, which holds the validation data too. The
signature covers all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO

from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    InvisSigSettings,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
)
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import constants
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signer.declaration.seal.validation_data import (
    Authority,
    ValidationData,
    validation_data,
    with_timestamp,
)
from signer.errors import SealError
from signer.pki.certificates import as_asn1
from signer.pki.make_keys import SealKey
from signer.pki.run_async import run_async
from signer.pki.tsa_client import AuthorityChanged

LEVEL = "B-B"
"""The level without a timestamp authority."""
LONG_TERM = "B-LT"
"""The level with one."""
FIELD_NAME = "Seal"
FIELD_TITLE = "Seal of the school"
_DIGEST = "sha256"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed declaration."""

    pdf: bytes
    sha256: str
    """SHA-256 (hex) of the whole sealed file: what the record keeps."""
    level: str
    """The PAdES level reached, such as ``B-B``."""


def seal(
    pdf: bytes, key: SealKey, *, at: datetime, authority: Authority | None = None
) -> Sealed:
    """Seal a typeset declaration.

    Args:
        pdf: the file as it was typeset; no signature in it yet.
        key: the seal's key.
        at: the time that the seal states, in UTC.
        authority: what level B-LT takes; None asks for level B-B.

    Raises:
        SealError: the file cannot be read or extended, or is signed already; or the
            level asked for cannot be reached, and then there is no seal at all.
    """
    try:
        output = _sealed(pdf, key, at, authority)
    except (PdfError, SigningError, ValueError, KeyError, TypeError) as error:
        raise SealError(f"cannot be sealed: {error}") from error
    if not output.startswith(pdf):
        raise SealError("the sealed file does not begin with the typeset one")
    level = LEVEL if authority is None else LONG_TERM
    return Sealed(output, hashlib.sha256(output).hexdigest(), level)


class HeldKeySigner(Signer):
    """Signs with a key that stays loaded.

    pyHanko's own `SimpleSigner` reads its key anew for every signature, which
    costs as much as the rest of the sealing.
    """

    def __init__(self, key: SealKey) -> None:
        certificates = SimpleCertificateStore()
        certificates.register_multiple(map(as_asn1, key.chain))
        super().__init__(
            signing_cert=as_asn1(key.certificate), cert_registry=certificates
        )
        self._key = key
        # The one thing that differs between two signatures of a key is its value,
        # and the dry run reserves the longest there can be.
        dry = self.sign_digest(bytes(hashes.SHA256.digest_size), dry_run=True)
        self.reserved = 2 * len(dry)
        """Hexadecimal digits that a signature of this key takes up."""

    def sign_digest(self, digest: bytes, *, dry_run: bool = False) -> bytes:
        """The CMS signature (DER) over a document's SHA-256."""
        signature = run_async(
            self.async_sign(digest, _DIGEST, use_pades=True, dry_run=dry_run)
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
        if digest_algorithm != _DIGEST:
            raise SealError(f"asked to sign with {digest_algorithm}")
        return self._key.longest_signature() if dry_run else self._key.sign(data)


class Update(IncrementalPdfFileWriter):
    """An update that leaves the document's description of itself alone.

    pyHanko would name itself as the producer, in two places that PDF/A wants equal,
    with a time from another clock than ours.
    """

    def _update_meta(self) -> None:
        pass


@lru_cache(maxsize=4)
def _signer(key: SealKey) -> HeldKeySigner:
    return HeldKeySigner(key)


def _sealed(
    pdf: bytes, key: SealKey, at: datetime, authority: Authority | None
) -> bytes:
    signer = _signer(key)
    if authority is None:
        return _embed(pdf, signer.reserved, at, signer.sign_digest)

    def once() -> bytes:
        data = validation_data(authority, key, at)

        def sign(digest: bytes) -> bytes:
            made = with_timestamp(
                signer.sign_digest(digest), authority.timestamps, data.measured
            )
            if 2 * len(made) > signer.reserved + data.room:
                raise AuthorityChanged("the timestamp is longer than the one measured")
            return made

        return _embed(pdf, signer.reserved + data.room, at, sign, data)

    try:
        return once()
    except AuthorityChanged:
        # Once more, with room and data for its tokens as they are now.
        authority.timestamps.forget()
        return once()


def with_line_end(pdf: bytes) -> bytes:
    """A file that an update may follow: its last line has an end.

    Typst's files end in ``%%EOF`` itself, and PDF/A wants a line end before each object
    number (ISO 19005-3 §6.1.9), the first one of the update included.
    """
    return pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"


def _embed(
    pdf: bytes,
    reserved: int,
    at: datetime,
    sign: Callable[[bytes], bytes],
    data: ValidationData | None = None,
) -> bytes:
    reader = PdfFileReader(BytesIO(with_line_end(pdf)))
    if reader.encrypted or reader.embedded_signatures:
        raise SealError("cannot be sealed: it is encrypted or signed already")
    writer = Update.from_reader(reader)
    # ETSI EN 319 142-1 §5.1: tells readers of PDF 1.7 about the kind of signature.
    writer.register_extension(constants.ESIC_EXTENSION_1)
    if data is not None:
        data.write(writer)
    # PDF/UA forbids an untagged widget on the page, PDF/A forbids hiding it: it
    # stands outside the page, with a name for those who meet it.
    field = SigFieldSpec(
        FIELD_NAME,
        invis_sig_settings=InvisSigSettings(box_out_of_bounds=True),
        readable_field_name=FIELD_TITLE,
    )
    steps = PdfCMSEmbedder(new_field_spec=field).write_cms(FIELD_NAME, writer)
    next(steps)
    placeholder = SignatureObject(
        timestamp=at,
        subfilter=SigSeedSubFilter.PADES,
        bytes_reserved=reserved,
    )
    certify = SigMDPSetup(
        md_algorithm=_DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES
    )
    steps.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=certify))
    output = BytesIO()
    prepared, _ = steps.send(SigIOSetup(md_algorithm=_DIGEST, output=output))
    steps.send(sign(prepared.document_digest))
    return output.getvalue()
