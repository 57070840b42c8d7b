"""The timestamp authority of the settings, with what this process learned of it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from signer.config import Settings
from signer.pki.certificates import read_certificates

if TYPE_CHECKING:
    from signer.pki.tsa_client import TimestampAuthority


def timestamp_authority(settings: Settings) -> TimestampAuthority | None:
    """The authority that the settings name; None where they name none.

    Raises:
        KeyUnusable: the certificate that its timestamps are traced back to cannot be
            read.
    """
    if not settings.tsa_url or settings.tsa_trust_file is None:
        return None
    return _authority(settings.tsa_url, settings.tsa_trust_file)


@lru_cache(maxsize=4)
def _authority(url: str, trust_file: Path) -> TimestampAuthority:
    """One for a process, because it remembers what it measured."""
    # It loads pyHanko, for which most schools have no use in their web processes.
    from signer.pki.tsa_client import TimestampAuthority  # noqa: PLC0415

    return TimestampAuthority(url, read_certificates(trust_file))
