"""Which level seals get follows from the settings alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from signer.declaration.seal.levels import LEVEL, LONG_TERM
from signer.workflows.keys.seal_level import level_asked

if TYPE_CHECKING:
    from signer.config import Settings


def test_a_timestamp_authority_makes_the_level(settings: Settings) -> None:
    """Without one there are no timestamps, and so no data for validation."""
    assert level_asked(replace(settings, tsa_url="")) == LEVEL
    with_one = replace(settings, tsa_url="http://tsa.example/")
    assert level_asked(with_one) == LONG_TERM
