"""The settings of a command: those of the environment, and what its options name."""

from __future__ import annotations

import click

from signer.config import Settings, load


def read_settings() -> Settings:
    """Return the settings, with ``signer --config`` and ``signer --instance`` obeyed.

    Raises:
        SettingsError: a key is unknown or its value unusable.
    """
    options = click.get_current_context().find_root().params
    return load(config=options.get("config"), instance=options.get("instance"))
