"""The settings: read once, frozen, passed to whatever needs them."""

from __future__ import annotations

from signer.config.reading import CONFIG_FILE, PREFIX, environment, load
from signer.config.settings import Settings

__all__ = ["CONFIG_FILE", "PREFIX", "Settings", "environment", "load"]
