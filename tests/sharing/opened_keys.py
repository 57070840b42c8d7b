"""A private key is opened once for all tests, however often it signs.

To open an RSA key is to check it, a tenth of a second of a processor. pyHanko's own
signer and the authorities of the tests open theirs for each signature.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def keys_opened_once() -> Iterator[None]:
    """Give the key again that the same bytes and passphrase gave before."""
    with pytest.MonkeyPatch.context() as patch:
        opened = cache(load_pkcs12)
        for module in ("expiry", "make_keys", "rotation"):
            patch.setattr(f"signer.pki.{module}.load_pkcs12", opened)
        for name in ("load_der_private_key", "load_pem_private_key"):
            patch.setattr(serialization, name, cache(getattr(serialization, name)))
        yield
