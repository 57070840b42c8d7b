"""Sessions with tokens and HSMs, by pyHanko and python-pkcs11, which are an extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11.util.ec import encode_ec_public_key
from pkcs11.util.rsa import encode_rsa_public_key
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

from signer.config.token_address import TokenAddress
from signer.errors import KeyUnusable, PinRefused
from signer.pki.certificates import as_asn1
from signer.pki.run_async import run_async

_DIGEST = "sha256"
_ENCODERS = {
    pkcs11.KeyType.RSA: encode_rsa_public_key,
    pkcs11.KeyType.EC: encode_ec_public_key,
}


def open_signer(
    address: TokenAddress, pin: str, certificate: x509.Certificate, begun: set[str]
) -> PKCS11Signer:
    """What signs with a key in a token.

    Args:
        address: where the key is.
        pin: of the token's user; empty where nobody signs in.
        certificate: of the key.
        begun: the libraries that this process has begun to use, and which are to be
            told so; this one is added.

    Raises:
        KeyUnusable: the token cannot be reached.
    """
    with _worded(address):
        return PKCS11Signer(
            _session(address, pin, begun),
            signing_cert=as_asn1(certificate),
            key_label=address.key,
            other_certs_to_pull=(),
            # SoftHSM knows no other for elliptic curves.
            use_raw_mechanism=True,
        )


def sign(address: TokenAddress, signer: PKCS11Signer, data: bytes) -> bytes:
    """The bare value of a signature, with SHA-256.

    Raises:
        KeyUnusable: the token cannot be reached, or has no such key.
    """
    with _worded(address):
        return run_async(signer.async_sign_raw(data, _DIGEST))


def public_key(
    address: TokenAddress, pin: str, begun: set[str]
) -> PublicKeyTypes | None:
    """The public half of a key pair; None where it is of a kind that is not known here.

    Raises:
        KeyUnusable: the token cannot be reached, or has no such key.
    """
    with _worded(address), _session(address, pin, begun) as session:
        found = session.get_key(
            object_class=pkcs11.ObjectClass.PUBLIC_KEY, label=address.key
        )
        encode = _ENCODERS.get(found.key_type)
        if encode is None or not isinstance(found, pkcs11.PublicKey):
            return None
        return load_der_public_key(encode(found))


def _session(address: TokenAddress, pin: str, begun: set[str]) -> pkcs11.Session:
    path = str(address.module)
    if path not in begun:
        module = pkcs11.lib(path)
        # What a fork copied believes that it has begun.
        with suppress(pkcs11.PKCS11Error):
            module.finalize()
        module.initialize()
        begun.add(path)
    return open_pkcs11_session(
        path, token_criteria=TokenCriteria(label=address.token), user_pin=pin or None
    )


@contextmanager
def _worded(address: TokenAddress) -> Iterator[None]:
    """Say what is wrong with a token, where its library says it in codes.

    Raises:
        KeyUnusable: something is.
    """
    try:
        yield
    except pkcs11.PinIncorrect as error:
        raise PinRefused(str(address)) from error
    except pkcs11.NoSuchKey as error:
        raise KeyUnusable(str(address), "has no key of that label") from error
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        said = str(error) or type(error).__name__
        raise KeyUnusable(str(address), f"cannot be used ({said})") from error
