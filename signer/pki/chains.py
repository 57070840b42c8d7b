"""Chains of certificates: from one to an authority that is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    DuplicateExtension,
    ExtensionNotFound,
)

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


def confirmed_by(
    roots: Sequence[Certificate],
    others: Iterable[Certificate],
    known: Iterable[Certificate] = (),
) -> list[Certificate]:
    """The roots, and those of the others that are as their issuers made them.

    They were issued by a root, or by an authority among these; or they lie above, and
    the key that signed one of these signed them as well. Another's certificate for such
    a key is not among them: whoever knows a public key can write one.

    Args:
        roots: the trusted authorities.
        others: the certificates in question.
        known: more that are as their issuers made them, authorities or not.
    """
    found = list(dict.fromkeys((*roots, *known)))
    rest = [one for one in dict.fromkeys(others) if one not in found]
    while rest:
        above = [one for one in found if is_authority(one, trusted=one in roots)]
        more = [
            one
            for one in rest
            if issuer_of(one, above)
            or (_issued(one, one) and any(_issued(by, one) for by in found))
        ]
        if not more:
            break
        found += more
        rest = [one for one in rest if one not in more]
    return found


def is_authority(certificate: Certificate, *, trusted: bool = False) -> bool:
    """Whether a certificate is one that may issue others.

    Args:
        certificate: the one in question.
        trusted: whether it is, where it does not say (RFC 5280 has it so of roots).
    """
    try:
        found = certificate.extensions.get_extension_for_class(BasicConstraints)
    except ExtensionNotFound:
        return trusted
    except (DuplicateExtension, ValueError):
        return False
    return found.value.ca


def needed_for(
    ends: Sequence[Certificate],
    confirmed: Sequence[Certificate],
    held: Sequence[Certificate],
) -> list[Certificate]:
    """The certificates that it takes to check some, these included.

    Args:
        ends: the certificates to check.
        confirmed: those that are as their issuers made them.
        held: others that somebody vouches for. Of several that fit, the one that
            ends the chain is enough, and where none does, there is no telling.
    """
    needed = list(dict.fromkeys(ends))
    for one in needed:
        if _issued(one, one):
            continue
        above = [by for by in confirmed if _issued(one, by)]
        if not above:
            fitting = [by for by in held if _issued(one, by)]
            last = [by for by in fitting if _issued(by, by)]
            above = last or (fitting if len(fitting) == 1 else [])
        needed += [by for by in above if by not in needed]
    return needed
