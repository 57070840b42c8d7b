"""Asking every parent who owes the version in force a signature."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from signer import clock
from signer.mail.composing import Kind
from signer.policy.versions import Version, in_force
from signer.store import log
from signer.store.tables import Parent, PinnedVersion, Request, Status
from signer.workflows.outbox import new_mail

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from signer.workflows.house import House

BATCH = 1000
REF_BYTES = 9


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking did, or would do.

    Attributes:
        version: the version in force.
        newly: how many parents are asked by this.
        before: how many had been asked already.
    """

    version: Version
    newly: int
    before: int


def ask_parents(
    house: House, *, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Asked:
    """Open a request, and queue one mail, for every active parent without one.

    Afterwards the version is pinned, older open requests are superseded, and each
    active parent has exactly one request for it. Safe to repeat, to interrupt and
    to run twice at once: a batch is one transaction, and batches take turns.

    Args:
        house: the house.
        progress: called after each batch with the parents asked so far and in all.
    """
    version = in_force(house.versions)
    with house.sessions.writing() as session:
        _pin(session, house.versions)
        _supersede_older(session, version)
        before, owing = _count(session, version)
        newly = _ask_returned(session, version)
    while True:
        asked = _ask_batch(house, version)
        newly += asked
        progress(newly, max(owing, newly))
        house.wake_worker()
        if asked < BATCH:
            return Asked(version, newly, before)


def would_ask(house: House) -> Asked:
    """What `ask_parents` would do now; changes nothing."""
    version = in_force(house.versions)
    with house.sessions.reading() as session:
        before, owing = _count(session, version)
    return Asked(version, owing, before)


def _pin(session: Session, versions: tuple[Version, ...]) -> None:
    # Two campaigns that begin at once pin one after the other.
    log.lock(session)
    known = set(session.scalars(select(PinnedVersion.number)))
    for version in versions:
        if version.number in known:
            continue
        session.add(
            PinnedVersion(
                number=version.number,
                sha256=version.sha256,
                title=version.title,
                label=version.label,
                pinned_at=clock.now(),
            )
        )
        log.append(
            session, "version:pinned", version=version.number, sha256=version.sha256
        )


def _supersede_older(session: Session, version: Version) -> None:
    session.execute(
        update(Request)
        .where(
            Request.version_number < version.number, Request.status == Status.PENDING
        )
        .values(status=Status.SUPERSEDED, closed_at=clock.now())
    )


def _ask_returned(session: Session, version: Version) -> int:
    """Open again what was withdrawn when a parent left who is back now."""
    now = clock.now()
    returned = session.scalars(
        select(Request)
        .join(Parent)
        .where(
            Request.version_number == version.number,
            Request.status == Status.WITHDRAWN,
            Parent.left_at.is_(None),
        )
    ).all()
    for request in returned:
        withdrawn_at = request.closed_at
        request.status, request.asked_at, request.closed_at = Status.PENDING, now, None
        session.add(
            new_mail(
                Kind.ASK,
                f"ask:request:{request.id}:after:{withdrawn_at}",
                request_id=request.id,
            )
        )
    return len(returned)


def _owing(version: Version) -> Select[int]:
    """Active parents without a request for a version."""
    asked = (
        select(Request.id)
        .where(Request.parent_id == Parent.id, Request.version_number == version.number)
        .exists()
    )
    return select(Parent.id).where(Parent.left_at.is_(None), ~asked)


def _count(session: Session, version: Version) -> tuple[int, int]:
    before = session.scalar(
        select(func.count()).where(Request.version_number == version.number)
    )
    owing = session.scalar(select(func.count()).select_from(_owing(version).subquery()))
    return before or 0, owing or 0


def _ask_batch(house: House, version: Version) -> int:
    now = clock.now()
    with house.sessions.writing() as session:
        # Whoever holds the version's row asks; another campaign waits its turn.
        session.scalars(
            select(PinnedVersion)
            .where(PinnedVersion.number == version.number)
            .with_for_update()
        ).one()
        parents = session.scalars(_owing(version).order_by(Parent.id).limit(BATCH))
        requests = [
            Request(
                ref=secrets.token_urlsafe(REF_BYTES),
                parent_id=parent_id,
                version_number=version.number,
                version_sha256=version.sha256,
                status=Status.PENDING,
                asked_at=now,
            )
            for parent_id in parents
        ]
        session.add_all(requests)
        session.flush()
        session.add_all(
            new_mail(Kind.ASK, f"ask:request:{one.id}", request_id=one.id)
            for one in requests
        )
    return len(requests)
