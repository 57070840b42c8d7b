"""Chains of certificates: from one to an authority that is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.x509 import Certificate

LONGEST = 8
"""How many certificates a chain may have; no real one comes near."""


def chain_of(
    certificate: Certificate,
    between: Sequence[Certificate],
    roots: Sequence[Certificate],
) -> tuple[Certificate, ...]:
    """The certificates from one up to a trusted root, their signatures checked.

    Whether they hold at some time, or may do what they do, is not asked here.

    Args:
        certificate: where the chain begins.
        between: certificates that may stand in it.
        roots: the ones to trust; the chain ends with one of them.

    Returns:
        The chain, both ends included; empty where none leads to a root.
    """
    chain = [certificate]
    while len(chain) < LONGEST:
        if chain[-1] in roots:
            return tuple(chain)
        above = issuer_of(chain[-1], roots) or issuer_of(chain[-1], between)
        if above is None or above in chain:
            return ()
        chain.append(above)
    return ()


def issuer_of(
    certificate: Certificate, candidates: Iterable[Certificate]
) -> Certificate | None:
    """The first of several certificates whose key signed this one."""
    return next((one for one in candidates if _issued(certificate, one)), None)


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
