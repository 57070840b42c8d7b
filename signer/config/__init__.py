"""The settings: read once, frozen, passed to whatever needs them."""

from __future__ import annotations

from signer.config.reading import PREFIX, environment, load
from signer.config.settings import Settings

__all__ = ["PREFIX", "Settings", "environment", "load"]
