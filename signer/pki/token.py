"""A key that stays in its token or HSM, and signs there (PKCS#11).

pyHanko's own support does the signing. The library of the token's maker is loaded when
a process signs for the first time, and never before it forks: PKCS#11 wants each
process to begin for itself (PKCS#11 3.0, §5.4).
"""

from __future__ import annotations

import os
import threading
from types import ModuleType
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from signer.config.token_address import TokenAddress
from signer.errors import KeyUnusable, PinRefused
from signer.pki.certificates import PublicKey

if TYPE_CHECKING:
    from pyhanko.sign.pkcs11 import PKCS11Signer


class _Modules:
    """The libraries that this process has begun to use.

    They are called by one thread at a time, as long as nobody tells them otherwise.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.begun: set[str] = set()


_modules = _Modules()


def _begin_anew() -> None:
    """Forget what the process before the fork had begun, and whoever held its lock."""
    global _modules  # noqa: PLW0603 - what a fork copies belongs to another process
    _modules = _Modules()


os.register_at_fork(after_in_child=_begin_anew)


class TokenKey:
    """The private key of a certificate, in a token.

    Args:
        address: where it is.
        pin: of the token's user; empty where nobody signs in.
        certificate: whose key it must be.
    """

    def __init__(
        self, address: TokenAddress, pin: str, certificate: x509.Certificate
    ) -> None:
        self.address = address
        self._pin = pin
        self._certificate = certificate
        self._signer: PKCS11Signer | None = None
        self._of = _modules
        self._refused = False

    def sign(self, data: bytes) -> bytes:
        """The bare value of a signature, with SHA-256, made in the token.

        Raises:
            KeyUnusable: the token cannot be reached, has no such key, or one that is
                not the certificate's.
        """
        with _modules.lock:
            if self._refused:
                raise PinRefused(str(self.address))
            try:
                signature = self._signed_now_or_anew(data)
            except PinRefused:
                self._refused = True
                raise
        if not _fits(self._certificate.public_key(), signature, data):
            raise KeyUnusable(
                str(self.address),
                "has a key that is not the one of the certificate; name the right key, "
                "or make its certificate with “signer keys certify”",
            )
        return signature

    def _signed_now_or_anew(self, data: bytes) -> bytes:
        try:
            return self._signed(data)
        except PinRefused:
            raise
        except KeyUnusable:
            # A session ends when a token is taken out, or an HSM starts anew.
            _modules.begun.discard(str(self.address.module))
            self._signer = None
            return self._signed(data)

    def _signed(self, data: bytes) -> bytes:
        sessions = _sessions(self.address)
        if self._of is not _modules:
            self._signer, self._of = None, _modules
        if self._signer is None:
            self._signer = sessions.open_signer(
                self.address, self._pin, self._certificate, _modules.begun
            )
        value: bytes = sessions.sign(self.address, self._signer, data)
        return value


def public_key_in(address: TokenAddress, pin: str) -> PublicKey:
    """The public half of a key pair in a token.

    Raises:
        KeyUnusable: the token cannot be reached, or has no such key.
    """
    with _modules.lock:
        # Whoever asked before is still signed in.
        _modules.begun.discard(str(address.module))
        key = _sessions(address).public_key(address, pin, _modules.begun)
    if not isinstance(key, PublicKey):
        raise KeyUnusable(
            str(address),
            "is a key that is neither RSA nor elliptic-curve; few readers of PDFs know "
            "others",
        )
    return key


def _sessions(address: TokenAddress) -> ModuleType:
    """The module that talks to tokens, where its package is installed."""
    try:
        from signer.pki import token_sessions  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise KeyUnusable(
            str(address),
            "needs the package python-pkcs11; install requirements/hsm.txt",
        ) from error
    return token_sessions


def _fits(public: object, signature: bytes, data: bytes) -> bool:
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True
