"""What a parent signed last, and what was released since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from signer.policy.versions import Version
from signer.store.columns import Status
from signer.store.tables import PinnedVersion, Request
from signer.workflows.context import AppContext


@dataclass(frozen=True, slots=True)
class ChangesSinceSigned:
    """From the version that a parent signed last to the one to be signed.

    Attributes:
        version: what they signed last, by link or on paper.
        releases: every release after it, oldest first; the last one is to be signed.
    """

    version: Version
    releases: tuple[Version, ...]


def changes_since_signed(
    context: AppContext, session: Session, request: Request, signed: Sequence[Request]
) -> ChangesSinceSigned | None:
    """What is new to the parent of a request, or None at a first signature.

    Args:
        context: the context.
        session: any transaction.
        request: what is to be signed.
        signed: the requests of the same parent that are signed.
    """
    earlier = [one for one in signed if one.version_number < request.version_number]
    if not earlier:
        return None
    last = max(earlier, key=lambda one: one.version_number)
    pinned = _pinned(session)
    return _changes(
        context, (last.version_number, last.version_sha256), request, pinned
    )


def all_changes_since_signed(
    context: AppContext, session: Session, requests: Sequence[Request]
) -> dict[int, ChangesSinceSigned]:
    """What is new to the parents of requests, by the requests' ids.

    Requests of parents who sign for the first time are left out.
    """
    earlier = aliased(Request)
    # The last one signed is the last one read.
    rows = session.execute(
        select(Request.id, earlier.version_number, earlier.version_sha256)
        .join(earlier, earlier.parent_id == Request.parent_id)
        .where(
            Request.id.in_([request.id for request in requests]),
            earlier.version_number < Request.version_number,
            earlier.status == Status.SIGNED,
        )
        .order_by(earlier.version_number)
    )
    last = {id_: (number, sha256) for id_, number, sha256 in rows}
    if not last:
        return {}
    pinned = _pinned(session)
    return {
        request.id: _changes(context, last[request.id], request, pinned)
        for request in requests
        if request.id in last
    }


def _changes(
    context: AppContext,
    last: tuple[int, str],
    request: Request,
    pinned: Sequence[tuple[int, str]],
) -> ChangesSinceSigned:
    return ChangesSinceSigned(
        context.version(*last),
        tuple(
            context.version(number, sha256)
            for number, sha256 in pinned
            if last[0] < number <= request.version_number
        ),
    )


def _pinned(session: Session) -> list[tuple[int, str]]:
    """Number and SHA-256 (hex) of every pinned version, oldest first."""
    rows = session.execute(
        select(PinnedVersion.number, PinnedVersion.sha256).order_by(
            PinnedVersion.number
        )
    )
    return [(number, sha256) for number, sha256 in rows]
