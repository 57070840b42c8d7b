"""What a seal of level B-LT carries besides its signature (ETSI EN 319 142-1 §6).

A timestamp from an authority, and everything that shows, years later and without
asking anybody, that neither its certificate nor the seal's was revoked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, CertificateRevocationList
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signer import clock
from signer.declaration.seal.levels import Authority
from signer.errors import SealError
from signer.pki.certificates import as_asn1, common_name
from signer.pki.chains import chain_of
from signer.pki.make_keys import SealKey
from signer.pki.revocation import made_by, standing
from signer.pki.tsa_client import Measured, TimestampAuthority

SPARE = 128
"""Bytes by which a token may outgrow the one that was measured: serial numbers and
fractions of a second differ in length."""


@dataclass(frozen=True, slots=True)
class ValidationData:
    """All that goes into the file beside the signature, and room for the timestamp."""

    measured: Measured
    certificates: tuple[Certificate, ...]
    lists: tuple[bytes, ...]
    """Revocation lists (DER), of the seal's authority and the timestamp's."""
    answers: tuple[bytes, ...]
    """Answers of OCSP responders (DER)."""

    @property
    def room(self) -> int:
        """Hexadecimal digits that a timestamp adds to a signature, at most."""
        attribute = len(_attributes(cms.ContentInfo.load(self.measured.token)).dump())
        return 2 * (attribute + SPARE)

    def write(self, writer: IncrementalPdfFileWriter) -> None:
        """Put it into the update that the signature will cover."""
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=[as_asn1(one) for one in self.certificates],
            ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in self.answers],
            crls=[asn1_crl.CertificateList.load(one) for one in self.lists],
        )


def validation_data(authority: Authority, key: SealKey, at: datetime) -> ValidationData:
    """Collect what goes with a seal.

    Args:
        authority: whom to ask, and what is at hand.
        key: the seal's key.
        at: when the seal is made.

    Raises:
        SealError: something that the level needs cannot be had.
    """
    chain = chain_of(key.certificate, key.chain, authority.roots)
    if not chain:
        raise SealError(
            "the seal's certificate does not lead to one in SIGNER_TRUST_FILE"
        )
    lists = lists_for(chain, authority.lists, at)
    measured = authority.timestamps.measured()
    revocation = measured.revocation
    return ValidationData(
        measured=measured,
        certificates=tuple(dict.fromkeys((*chain, *measured.chain))),
        lists=tuple(dict.fromkeys((*lists, *revocation.lists))),
        answers=revocation.answers,
    )


def with_timestamp(
    signature: bytes, timestamps: TimestampAuthority, expected: Measured
) -> bytes:
    """A CMS signature (DER) with a timestamp over its value (RFC 3161, appendix A).

    Raises:
        SealError: the authority gives none that may be relied on.
    """
    made = cms.ContentInfo.load(signature)
    signer = made["content"]["signer_infos"][0]
    token = timestamps.timestamp(signer["signature"].native, expected)
    signer["unsigned_attrs"] = _attributes(token)
    stamped: bytes = made.dump()
    return stamped


def _attributes(token: cms.ContentInfo) -> cms.CMSAttributes:
    return cms.CMSAttributes(
        [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})]
    )


def lists_for(
    chain: Sequence[Certificate],
    lists: Sequence[CertificateRevocationList],
    at: datetime,
    *,
    even_revoked: bool = False,
) -> list[bytes]:
    """Those that show, at a time, that no certificate of a chain is revoked.

    Args:
        chain: from a certificate to its root.
        lists: any lists.
        at: when they must not have run out.
        even_revoked: whether they may also show since when one is revoked: a seal
            that was made before then stays good.

    Raises:
        SealError: one is revoked, or no list tells.
    """
    for certificate, issuer in pairwise(chain):
        name = common_name(certificate.subject)
        found = standing(certificate, issuer, lists)
        if found is None:
            raise SealError(f"no revocation list in SIGNER_CRL_FILE covers “{name}”")
        if found.revoked is not None and not even_revoked:
            raise SealError(f"“{name}” is revoked since {clock.iso(found.revoked)}")
        if found.until < at:
            raise SealError(
                f"the revocation list that covers “{name}” ran out on "
                f"{clock.iso(found.until)}; make a new one with “signer keys crl”"
            )
    own = [one for one in lists if any(made_by(one, issuer) for issuer in chain)]
    return [one.public_bytes(Encoding.DER) for one in own]
