"""Two versions compared, once for everybody who has to be shown the difference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from signer.policy.redline import (
    Redline,
    redline,
    redline_html,
    redline_summary,
    redline_text,
)
from signer.policy.rendering import to_html

if TYPE_CHECKING:
    from signer.policy.versions import Version

KEPT = 64
"""How many comparisons are remembered: one a pair that parents stand between."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one version to another.

    Attributes:
        older: the version before.
        newer: the version after.
        redline: the changes themselves.
        summary: how many, in words.
        whole: the whole new text with every change marked, as HTML.
        changes: the changed parts alone, as HTML.
        text: the changed parts alone, as plain text.
    """

    older: Version
    newer: Version
    redline: Redline
    summary: str
    whole: str
    changes: str
    text: str


@lru_cache(maxsize=KEPT)
def compare(older: Version, newer: Version) -> Comparison:
    """What changed from one version to another."""
    found = redline(to_html(older.body), to_html(newer.body))
    return Comparison(
        older=older,
        newer=newer,
        redline=found,
        summary=redline_summary(found),
        whole=redline_html(found),
        changes=redline_html(found, only_changes=True),
        text=redline_text(found),
    )
