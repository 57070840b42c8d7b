"""What a parent signed last, and what was released since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from signer.store.tables import PinnedVersion, Request, Status

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from signer.policy.versions import Version
    from signer.workflows.house import House


@dataclass(frozen=True, slots=True)
class Since:
    """From the version that a parent signed last to the one to be signed.

    Attributes:
        version: what they signed last, by link or on paper.
        releases: every release after it, oldest first; the last one is to be signed.
    """

    version: Version
    releases: tuple[Version, ...]


def since_last_signed(house: House, session: Session, request: Request) -> Since | None:
    """What is new to the parent of a request, or None at a first signature."""
    last = session.execute(
        select(Request.version_number, Request.version_sha256)
        .where(
            Request.parent_id == request.parent_id,
            Request.version_number < request.version_number,
            Request.status == Status.SIGNED,
        )
        .order_by(Request.version_number.desc())
        .limit(1)
    ).first()
    if last is None:
        return None
    between = session.execute(
        select(PinnedVersion.number, PinnedVersion.sha256)
        .where(
            PinnedVersion.number > last.version_number,
            PinnedVersion.number <= request.version_number,
        )
        .order_by(PinnedVersion.number)
    )
    return Since(
        house.version(last.version_number, last.version_sha256),
        tuple(house.version(number, sha256) for number, sha256 in between),
    )
