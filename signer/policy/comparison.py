"""Two versions compared, once for everybody who has to be shown the difference."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from signer.policy.release.prepare import agreed_html
from signer.policy.versions import Version
from signer.redline.html import redline_html
from signer.redline.model import Redline, redline
from signer.redline.text import redline_summary, redline_text

# In a redline's HTML every < begins a tag: words are escaped.
_HEADING = re.compile(r"(</?h)([1-6])(?=[ >])")

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
        whole: all that is agreed to with every change marked, as HTML with headings
            from level 2 down.
        changes: the changed parts alone, likewise.
        text: the changed parts alone, as plain text.
    """

    older: Version
    newer: Version
    redline: Redline
    summary: str
    whole: str
    changes: str
    text: str


def below(html: str) -> str:
    """The same with each heading a level lower, for a page with a title of its own."""
    return _HEADING.sub(lambda tag: f"{tag[1]}{min(int(tag[2]) + 1, 6)}", html)


@lru_cache(maxsize=KEPT)
def redline_of(older: Version, newer: Version) -> Redline:
    """The changes themselves from one version to another."""
    return redline(agreed_html(older), agreed_html(newer))


@lru_cache(maxsize=KEPT)
def compare(older: Version, newer: Version) -> Comparison:
    """What changed from one version to another, and how it is shown."""
    found = redline_of(older, newer)
    return Comparison(
        older=older,
        newer=newer,
        redline=found,
        summary=redline_summary(found),
        whole=below(redline_html(found)),
        changes=below(redline_html(found, only_changes=True)),
        text=redline_text(found),
    )
