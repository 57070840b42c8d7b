"""Text that only the service's keys can read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.workflows.requests.private_text import PrivateText

OLD, NEW = "old key " * 5, "new key " * 5


@given(st.text(max_size=254).map(lambda text: text.rstrip("\0")))
def test_it_is_read_as_it_was_written(text: str) -> None:
    """And looks as long, whatever it is."""
    texts = PrivateText([OLD], purpose="test")
    encrypted = texts.encrypt(text)
    assert texts.decrypt(encrypted) == text
    assert len(encrypted) == len(texts.encrypt(""))


def test_a_new_key_reads_what_the_old_one_wrote() -> None:
    """Keys are replaced while text waits."""
    written = PrivateText([OLD], purpose="test").encrypt("amira@example.org")
    assert PrivateText([OLD, NEW], purpose="test").decrypt(written)
    written = PrivateText([OLD, NEW], purpose="test").encrypt("amira@example.org")
    assert PrivateText([NEW], purpose="test").decrypt(written)


@pytest.mark.parametrize(("key", "purpose"), [(NEW, "test"), (OLD, "other")])
def test_another_key_or_purpose_reads_nothing(key: str, purpose: str) -> None:
    """None, and no error: the key may be gone for good."""
    written = PrivateText([OLD], purpose="test").encrypt("amira@example.org")
    assert PrivateText([key], purpose=purpose).decrypt(written) is None
