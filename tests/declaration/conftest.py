"""Sealed declarations, and verification with everything at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from signer.declaration.verification import Report, verify
from tests.declaration.forgery import RELEASED, genuine, key_folder, school_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.declaration.keys import KeyFiles, SealKey


@pytest.fixture
def key(key_files: KeyFiles) -> SealKey:
    return school_key(key_folder(key_files))


@pytest.fixture
def sealed(key_files: KeyFiles) -> bytes:
    return genuine(key_folder(key_files))


@pytest.fixture
def checked(key_files: KeyFiles) -> Callable[..., Report]:
    """Verification with the school's authority and versions at hand."""

    def check(pdf: bytes, **more: Any) -> Report:
        at_hand = {"trust_roots": [key_files.authority], "released": RELEASED}
        return verify(pdf, **{**at_hand, **more})

    return check
