"""The school's certificates, revocation list and log key, for anybody who checks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, CertificateRevocationList
from flask import Blueprint
from flask.typing import ResponseReturnValue

from signer.pki.certificates import common_name, fingerprint
from signer.policy.dates import date_in_words
from signer.school_calendar import school_date
from signer.web.evidence import public_pages
from signer.web.session import context
from signer.workflows.keys.published import (
    authorities,
    former_seals,
    log_key,
    public_key,
    published_file,
    published_former,
    revocation_list,
    seals,
)
from signer.workflows.log.origins import verifiers

blueprint = Blueprint("keys", __name__, url_prefix="/keys")

# RFC 8555 §9.1, RFC 5280 §4.2.1.13; a browser saves the first two as files.
CERTIFICATES = "application/pem-certificate-chain"
REVOCATION_LIST = "application/pkix-crl"
TYPES = {
    "ca.pem": CERTIFICATES,
    "ca.crl": REVOCATION_LIST,
    "seal.pem": CERTIFICATES,
    "log.vkey": "text/plain; charset=utf-8",
    "log.pem": "application/x-pem-file",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate in words.

    Attributes:
        name: whose it says it is.
        groups: its fingerprint, to be read aloud.
        begins: the day it begins to hold.
        ends: the last day.
        file: where it is, below ``/keys/``.
    """

    name: str
    groups: list[str]
    begins: str
    ends: str
    file: str


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """What there is, what it is for, and how to check it by a second channel."""
    key = log_key(context())
    return public_pages.page(
        "evidence/keys/overview.html",
        authorities=[_shown(one, "ca.pem") for one in authorities(context())],
        seals=[_shown(one, "seal.pem") for one in seals(context())[:1]],
        former=[
            _shown(one.certificate, f"former/{one.name}")
            for one in former_seals(context())
        ],
        list=_list_in_words(revocation_list(context())),
        log_groups=key and public_pages.groups(_log_fingerprint(key)),
        log_verifiers=[str(one) for one in verifiers(context())],
    )


@blueprint.get('/<any("ca.pem", "ca.crl", "seal.pem", "log.vkey", "log.pem"):name>')
def file(name: str) -> ResponseReturnValue:
    """One of the files that every school has."""
    return _file(published_file(context(), name), TYPES[name])


@blueprint.get("/former/<name>")
def former(name: str) -> ResponseReturnValue:
    """The certificate of a seal that was used before."""
    return _file(published_former(context(), name), CERTIFICATES)


def _file(content: bytes | None, content_type: str) -> ResponseReturnValue:
    if content is None:
        return public_pages.missing("evidence/keys/missing.html")
    return public_pages.file(content, content_type)


def _shown(certificate: Certificate, file: str) -> Shown:
    return Shown(
        name=common_name(certificate.subject),
        groups=public_pages.groups(fingerprint(certificate)),
        begins=_day(certificate.not_valid_before_utc),
        ends=_day(certificate.not_valid_after_utc),
        file=file,
    )


def _list_in_words(found: CertificateRevocationList | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "made": _day(found.last_update_utc),
        "ends": found.next_update_utc and _day(found.next_update_utc),
        "revoked": len(found),
    }


def _log_fingerprint(key: bytes) -> str:
    digest = hashlib.sha256(public_key(key, Encoding.DER)).digest()
    return digest.hex(":").upper()


def _day(moment: datetime) -> str:
    return date_in_words(school_date(moment).isoformat())
