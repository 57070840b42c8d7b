"""Whom signer verify believes, and who said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from cryptography.x509 import Certificate

import signer
from signer.config import Settings
from signer.pki.certificates import read_certificates


@dataclass(frozen=True, slots=True)
class Trust:
    """The certificates that seals are traced back to."""

    roots: Sequence[Certificate] = ()
    source: str | None = None
    """Where they were read, and who named that file; None where nobody named any."""


def find_trust(named: Path | None, settings: Settings) -> Trust:
    """Read the certificates to trust: those of the option, or else of the settings.

    Args:
        named: the file that the option names.
        settings: those that may name a file, or an instance with a certificate.

    Raises:
        KeyUnusable: the file cannot be read or holds no certificate.
    """
    if named:
        return _read(named, "named with --trust")
    if settings.trust_file:
        return _read(settings.trust_file, "named by SIGNER_TRUST_FILE")
    if settings.instance and settings.trust_path.exists():
        return _read(settings.trust_path, "in the instance that was named")
    return Trust()


def find_versions(named: Path | None, settings: Settings) -> Path | None:
    """Return the folder of released versions; None where there is none.

    It is the option's, or else that of the settings, or that of the checkout this
    program runs in, and never the current folder's: what lies there may be a
    stranger's.

    Args:
        named: the folder that the option names.
        settings: those that may name one.
    """
    of_settings = settings.versions_dir
    if not of_settings.is_absolute():
        of_settings = Path(signer.__file__).parents[1] / "versions"
    folder = named or of_settings
    return folder if folder.exists() else None


def _read(path: Path, who: str) -> Trust:
    source = f"{click.format_filename(path)}, {who}"
    return Trust(read_certificates(path), source)
