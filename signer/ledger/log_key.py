"""The key of the log: it signs checkpoints, is made once, and is held in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    load_pkcs12,
    serialize_key_and_certificates,
)

from signer.errors import KeyUnusable
from signer.ledger.signed_notes import NoteSigner

LOG_KEY = "log.p12"
"""The name of its file, beside the seal's."""


@dataclass(frozen=True, eq=False)
class LogKey:
    """The private key of the log. Equal to itself alone."""

    private_key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def load(cls, path: Path, passphrase: str) -> LogKey:
        """The key in a PKCS#12 file.

        Args:
            path: the file.
            passphrase: its passphrase; empty where it has none.

        Raises:
            KeyUnusable: missing, unreadable, locked by another passphrase, or no
                Ed25519 key.
        """
        try:
            held = load_pkcs12(path.read_bytes(), passphrase.encode() or None)
        except FileNotFoundError as error:
            raise KeyUnusable(
                str(path), "is not there; make it with “signer keys log”"
            ) from error
        except OSError as error:
            raise KeyUnusable(
                str(path),
                f"cannot be read ({error.strerror}); let the service's user read it",
            ) from error
        except (ValueError, TypeError) as error:
            raise KeyUnusable(
                str(path),
                "does not open with this passphrase, which is that of the seal; check "
                "SIGNER_SEAL_PASSPHRASE, or restore the file from a backup",
            ) from error
        if not isinstance(held.key, Ed25519PrivateKey):
            raise KeyUnusable(
                str(path),
                "holds no Ed25519 key, which the log needs; make it with "
                "“signer keys log”",
            )
        return cls(held.key)

    @property
    def public(self) -> bytes:
        """Its public half, 32 bytes."""
        return self.private_key.public_key().public_bytes_raw()

    def signer(self, origin: str) -> NoteSigner:
        """What signs the checkpoints of a log.

        Args:
            origin: which log, such as ``example.org/log``.
        """
        return NoteSigner(origin, self.private_key)


def new_log_key(passphrase: str) -> bytes:
    """A new key as the bytes of a PKCS#12 file.

    Args:
        passphrase: locks it; empty leaves it unlocked.
    """
    encryption = (
        BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    )
    return serialize_key_and_certificates(
        b"log", Ed25519PrivateKey.generate(), None, None, encryption
    )
