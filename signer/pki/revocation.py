"""Revocation lists: made by the school's authority, and read from anywhere.

A list (RFC 5280 §5) says which certificates of an authority must no longer be
relied on, and since when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from signer.errors import KeyUnusable
from signer.pki.certificates import PrivateKey
from signer.pki.pkcs12 import read_file

LIST_DAYS = 397
"""How long a list of the school's authority holds: a year and a month, because its
key is kept away from any machine that could renew the list by itself."""

_PEM = b"-----BEGIN"


@dataclass(frozen=True, slots=True)
class Standing:
    """What an authority's lists say of one certificate."""

    as_of: datetime
    """When the newest of them was made."""
    until: datetime
    """When its authority promised the next one."""
    revoked: datetime | None
    """Since when the certificate is revoked."""


def revocation_list(
    *,
    authority: x509.Certificate,
    authority_key: PrivateKey,
    at: datetime,
    before: x509.CertificateRevocationList | None = None,
    revoke: Sequence[x509.Certificate] = (),
) -> x509.CertificateRevocationList:
    """A fresh list of what an authority has revoked.

    Args:
        authority: its certificate.
        authority_key: its private key.
        at: when it is made; it holds for `LIST_DAYS`.
        before: the list it replaces, whose entries it keeps.
        revoke: certificates that are revoked from now on.
    """
    number = 1
    entries = list(before or ())
    if before is not None:
        found = before.extensions.get_extension_for_class(x509.CRLNumber)
        number = found.value.crl_number + 1
    known = {one.serial_number for one in entries}
    for certificate in revoke:
        if certificate.serial_number not in known:
            revoked = x509.RevokedCertificateBuilder()
            revoked = revoked.serial_number(certificate.serial_number)
            entries.append(revoked.revocation_date(at).build())
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(at)
        .next_update(at + timedelta(days=LIST_DAYS))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
                identifier.value
            ),
            critical=False,
        )
    )
    for entry in entries:
        made = made.add_revoked_certificate(entry)
    return made.sign(authority_key, hashes.SHA256())


def read_revocation_lists(
    path: Path,
) -> tuple[x509.CertificateRevocationList, ...]:
    """The lists in a file: one in DER form, or any number in PEM form.

    Raises:
        KeyUnusable: the file cannot be read or holds no list.
    """
    raw = read_file(path, absent="is not there; make a list with “signer keys crl”")
    try:
        if not raw.lstrip().startswith(_PEM):
            return (x509.load_der_x509_crl(raw),)
        parts = raw.split(_PEM)[1:]
        return tuple(x509.load_pem_x509_crl(_PEM + part) for part in parts)
    except ValueError as error:
        raise KeyUnusable(str(path), "holds no list of revoked certificates") from error


def standing(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    lists: Iterable[x509.CertificateRevocationList],
) -> Standing | None:
    """What the lists of an issuer say of a certificate.

    One list that revokes it is enough, whatever others say.

    Args:
        certificate: the one in question.
        issuer: the authority that issued it.
        lists: any lists; those that are not the issuer's are passed over, and so
            are those that speak of a part of its certificates only.

    Returns:
        None where no list speaks of it.
    """
    found = [one for one in lists if _is_whole(one) and made_by(one, issuer)]
    if not found:
        return None
    newest = max(found, key=lambda one: one.last_update_utc)
    entries = [
        one.get_revoked_certificate_by_serial_number(certificate.serial_number)
        for one in found
    ]
    since = [one.revocation_date_utc for one in entries if one is not None]
    return Standing(
        as_of=newest.last_update_utc,
        until=newest.next_update_utc or newest.last_update_utc,
        revoked=min(since, default=None),
    )


def made_by(one: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Whether an authority signed a list."""
    if one.issuer != issuer.subject:
        return False
    try:
        return one.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def _is_whole(one: x509.CertificateRevocationList) -> bool:
    """Whether it lists all its issuer revoked, its own certificates only."""
    for extension in one.extensions:
        value = extension.value
        if isinstance(value, x509.IssuingDistributionPoint):
            if (
                value.indirect_crl
                or value.only_some_reasons
                or value.only_contains_attribute_certs
            ):
                return False
        elif extension.critical or isinstance(value, x509.DeltaCRLIndicator):
            return False
    return True
