"""Secrets that may stand in a file of their own."""

from __future__ import annotations

from pathlib import Path

from signer.errors import SettingsError


def secret_of(key: str, value: str, path: Path | None) -> str:
    """A secret: the value itself, or what is in the file that holds it.

    Args:
        key: the setting of the value, such as ``SIGNER_SEAL_PIN``.
        value: what stands there.
        path: the file, where one is named.

    Raises:
        SettingsError: the file cannot be read.
    """
    if path is None:
        return value
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        # Without its cause where that would repeat the file's bytes.
        raise SettingsError(
            f"{key}_FILE", f"names a file that cannot be read ({reason})"
        ) from None
