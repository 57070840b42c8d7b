"""The seal's key, wherever the settings say that it is."""

from __future__ import annotations

from signer.config import Settings
from signer.pki.make_keys import SealKey


def load_seal_key(settings: Settings) -> SealKey:
    """The key from its file, or the one in a token, which is not opened yet.

    Raises:
        KeyUnusable: it cannot be read, or is not fit for sealing.
        SettingsError: the file of the passphrase or the PIN cannot be read.
    """
    if settings.seal_token:
        return SealKey.in_token(settings.seal_path, settings.seal_token, settings.pin())
    return SealKey.load(settings.seal_path, settings.passphrase())
