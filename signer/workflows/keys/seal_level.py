"""The level of the seals that are made with the settings."""

from __future__ import annotations

from signer.config import Settings
from signer.declaration.seal.levels import LEVEL, LONG_TERM


def level_asked(settings: Settings) -> str:
    """The level of every seal that is made with these settings."""
    return LONG_TERM if settings.tsa_url else LEVEL
