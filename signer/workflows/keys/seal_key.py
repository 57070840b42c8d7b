"""The seal's key, wherever the settings say that it is."""

from __future__ import annotations

from signer.config import Settings
from signer.config.secret_files import secret_of
from signer.pki.make_keys import SealKey


def load_seal_key(settings: Settings) -> SealKey:
    """The key from its file, or the one in a token, which is not opened yet.

    Raises:
        KeyUnusable: it cannot be read, or is not fit for sealing.
        SettingsError: the file of the passphrase or the PIN cannot be read.
    """
    if settings.seal_token:
        return SealKey.in_token(
            settings.seal_path, settings.seal_token, pin_of(settings)
        )
    return SealKey.load(settings.seal_path, settings.passphrase())


def pin_of(settings: Settings) -> str:
    """The PIN of the token's user; empty where nobody signs in.

    Raises:
        SettingsError: the file that should hold it cannot be read.
    """
    return secret_of("SIGNER_SEAL_PIN", settings.seal_pin, settings.seal_pin_file)
