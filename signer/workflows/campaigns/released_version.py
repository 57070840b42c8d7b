"""Finding a released version by its number, for anybody who asks."""

from __future__ import annotations

from signer.policy.versions import Version
from signer.store.tables import PinnedVersion
from signer.workflows.context import AppContext

LARGEST_NUMBER = 999_999
"""The highest number that a version's file can have."""


def released_version(context: AppContext, number: int) -> Version | None:
    """The version that parents were asked to sign under a number, or None.

    Raises:
        VersionTampered: its file is missing, or is not the one pinned.
    """
    if number > LARGEST_NUMBER:
        return None
    with context.sessions.reading() as session:
        pinned = session.get(PinnedVersion, number)
        return context.version(number, pinned.sha256) if pinned else None


def is_pinned(context: AppContext, number: int) -> bool:
    """Whether parents have been asked to sign a version, so that it was published."""
    with context.sessions.reading() as session:
        return session.get(PinnedVersion, number) is not None
