"""Whom the audit of a bundle trusts: what was brought along, or else its own keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from signer.audit.archive import Archive
from signer.audit.bundle import (
    AUTHORITY,
    FORMER_SEAL,
    LOG_KEY_PEM,
    LOG_KEYS,
    REVOCATION_LIST,
    SEAL,
    TIMESTAMPS,
)
from signer.audit.checkpoints import LogKeys
from signer.audit.findings import Findings, OwnKey
from signer.errors import NoteRefused
from signer.ledger.cosignatures import WitnessKey
from signer.ledger.signed_notes import NoteVerifier
from signer.pki.certificates import fingerprint
from signer.pki.chains import chain_of, issuer_of

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever checks brings along, got by another way than the bundle."""

    trust_roots: Sequence[x509.Certificate] = ()
    """The school's authority."""
    tsa_roots: Sequence[x509.Certificate] = ()
    """The timestamp authority."""
    revocation_lists: Sequence[x509.CertificateRevocationList] = ()
    log_keys: Sequence[NoteVerifier] = ()
    held: Mapping[str, str] = field(default_factory=dict)
    """What people hold: signed heads of the log, or proofs, by the names of their
    files."""
    witnesses: Sequence[WitnessKey] = ()
    """The keys of witnesses that cosign the log."""
    quorum: int = 0
    """How many of them must have cosigned the bundle's newest head."""
    unsigned_list: bool = False
    """Whether the bundle is known to be from before lists of files were signed."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to trust; what was given wins over the bundle's own."""

    roots: tuple[x509.Certificate, ...]
    stamps: tuple[x509.Certificate, ...]
    lists: tuple[x509.CertificateRevocationList, ...]
    log: LogKeys
    own_keys: tuple[OwnKey, ...]
    """What of the authority and of the log nobody brought along."""


def read_trust(archive: Archive, given: Given, findings: Findings) -> Trust:
    """Whom to trust, and a plain word where that rests on the bundle alone."""
    own = _certificates(archive, AUTHORITY, findings)
    stamps = _certificates(archive, TIMESTAMPS, findings)
    lists = _read(archive, REVOCATION_LIST, x509.load_der_x509_crl, findings)
    verifiers = _verifiers(archive, findings)
    roots = tuple(given.trust_roots) or own
    tsa = tuple(given.tsa_roots) or stamps
    _tell_of_authority(given, own, findings)
    _tell_of_log(given, verifiers, findings)
    _tell_of_timestamps(given, stamps, findings)
    if lists is not None and not any(_made(lists, one) for one in roots):
        findings.gap(
            REVOCATION_LIST, "No authority that is trusted here signed this list."
        )
    _check_seals(archive, roots, findings)
    _check_log_pem(archive, verifiers, findings)
    return Trust(
        roots=roots,
        stamps=tsa,
        # A list that revokes nothing is as long as nothing, and is one all the same.
        lists=(*given.revocation_lists, *([] if lists is None else [lists])),
        log=LogKeys(given.log_keys or verifiers),
        own_keys=tuple(_own_keys(given, own, verifiers)),
    )


def _own_keys(
    given: Given,
    authorities: tuple[x509.Certificate, ...],
    verifiers: tuple[NoteVerifier, ...],
) -> Iterator[OwnKey]:
    if not given.trust_roots:
        yield OwnKey(AUTHORITY, tuple(map(fingerprint, authorities)))
    if not given.log_keys:
        yield OwnKey(LOG_KEYS, tuple(map(str, verifiers)))


def _tell_of_authority(
    given: Given, own: tuple[x509.Certificate, ...], findings: Findings
) -> None:
    if not given.trust_roots:
        for one in own:
            findings.note(
                AUTHORITY,
                "Whether the school made the seals rests on this file of the bundle "
                "itself. Compare its fingerprint with the school by another way: "
                f"{fingerprint(one)}",
            )
    elif own and set(own).isdisjoint(given.trust_roots):
        findings.gap(
            AUTHORITY, "It is not the certificate that you were given. Yours counts."
        )


def _tell_of_log(
    given: Given, own: tuple[NoteVerifier, ...], findings: Findings
) -> None:
    if not given.log_keys:
        for one in own:
            findings.note(
                LOG_KEYS,
                "Whether the school signed the log rests on this file of the bundle "
                f"itself. Compare the key with the school by another way: {one}",
            )
    elif {one.key for one in own}.isdisjoint(one.key for one in given.log_keys):
        findings.gap(
            LOG_KEYS,
            "It does not hold the log's key that you were given. Yours counts.",
        )
    if not given.held and not given.quorum:
        findings.note(
            "log/checkpoint",
            "No signed head of the log that a witness kept was given. If a log was "
            "rewritten as a whole, with its keys, only such a head can show that: "
            "use --held with each one that somebody outside the school kept, or "
            "--witness-key with the keys of witnesses that cosign it.",
        )


def _tell_of_timestamps(
    given: Given, own: tuple[x509.Certificate, ...], findings: Findings
) -> None:
    if own and not given.tsa_roots:
        findings.note(
            TIMESTAMPS,
            "Whether the times are confirmed rests on this file of the bundle itself. "
            "Get the certificate from the timestamp authority: "
            f"{fingerprint(own[0])}",
        )


def _made(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def _check_seals(
    archive: Archive, roots: Sequence[x509.Certificate], findings: Findings
) -> None:
    for name in archive.names:
        if name == SEAL or FORMER_SEAL.fullmatch(name):
            found = _certificates(archive, name, findings)
            if found and roots and not chain_of(found[0], found[1:], roots):
                findings.gap(
                    name, "No certificate that is trusted here issued this seal's."
                )


def _check_log_pem(
    archive: Archive, verifiers: Sequence[NoteVerifier], findings: Findings
) -> None:
    key = _read(archive, LOG_KEY_PEM, load_pem_public_key, findings)
    if key is None:
        return
    known = {one.key for one in verifiers}
    if not isinstance(key, Ed25519PublicKey) or key.public_bytes_raw() not in known:
        findings.gap(LOG_KEY_PEM, f"It is not the key in {LOG_KEYS}.")


def _verifiers(archive: Archive, findings: Findings) -> tuple[NoteVerifier, ...]:
    def parse(raw: bytes) -> tuple[NoteVerifier, ...]:
        return tuple(map(NoteVerifier.parse, raw.decode().splitlines()))

    return _read(archive, LOG_KEYS, parse, findings) or ()


def _certificates(
    archive: Archive, name: str, findings: Findings
) -> tuple[x509.Certificate, ...]:
    found = _read(archive, name, x509.load_pem_x509_certificates, findings)
    for one in found or ():
        # Nobody else vouches for a root: it must at least vouch for itself.
        if one.issuer == one.subject and issuer_of(one, [one]) is None:
            findings.gap(name, "A certificate in it was damaged or made up.")
    return tuple(found or ())


def _read(
    archive: Archive, name: str, read: Callable[[bytes], _Read], findings: Findings
) -> _Read | None:
    """What a file says; None where there is none, or it says nothing of the kind."""
    if name not in archive:
        return None
    found = None
    with findings.refusals(name):
        try:
            found = read(archive.read(name))
        except (ValueError, TypeError, NoteRefused):
            findings.gap(name, "It is not what a file of this name holds.")
    return found
