"""The levels that a seal may reach (ETSI EN 319 142-1), by their short names.

What a level takes is loaded where it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, CertificateRevocationList

    from signer.pki.tsa_client import TimestampAuthority

LEVEL = "B-B"
"""The level without a timestamp authority."""
LONG_TERM = "B-LT"
"""The level with one."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What sealing at level B-LT takes."""

    timestamps: TimestampAuthority
    """Who confirms the time."""
    roots: tuple[Certificate, ...]
    """The authorities that the seal's own certificate must lead to."""
    lists: tuple[CertificateRevocationList, ...]
    """The revocation lists of those who issued the certificates in between."""
