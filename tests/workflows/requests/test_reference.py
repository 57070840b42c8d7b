"""References of requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from signer.workflows.requests.reference import new_reference

if TYPE_CHECKING:
    import pytest


def test_no_reference_begins_with_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would begin with one is drawn again."""
    drawn = iter(["-Lk2_bW9xQ0a", "-----------z", "_Lk2-bW9xQ0a"])
    monkeypatch.setattr("secrets.token_urlsafe", lambda _size: next(drawn))
    assert new_reference() == "_Lk2-bW9xQ0a"


def test_references_have_one_shape_and_differ() -> None:
    """Twelve characters that an address can hold."""
    references = {new_reference() for _ in range(500)}
    assert len(references) == 500
    assert all(re.fullmatch(r"[\w][\w-]{11}", one, re.ASCII) for one in references)
