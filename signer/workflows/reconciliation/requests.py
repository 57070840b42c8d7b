"""Requests against declarations and the register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from signer import clock
from signer.declaration.statement import from_json, statement_sha256
from signer.errors import StatementError
from signer.store.columns import SignedHow, Status
from signer.store.tables import Declaration, Parent, PinnedVersion, Request
from signer.workflows.context import current_number
from signer.workflows.reconciliation.disagreement import Between, Disagreement
from signer.workflows.requests.unasked import owes

CAMPAIGN_TAKES = timedelta(hours=1)
"""How long a campaign may take before a parent without a request is one too many."""

BATCH = 500

RESTORE = (
    "Nothing in the service writes such a thing. Keep a copy of the database as it is, "
    "compare it with the last backup, and ask the person who runs the service to put "
    "right the one that is wrong. “Reconciling the record” in the operator's guide "
    "says how."
)


def check_requests(session: Session) -> Iterator[Disagreement]:
    """Yield each request that its declaration, or the lack of one, contradicts.

    Args:
        session: a transaction with a snapshot.
    """
    requests = session.scalars(
        select(Request)
        .options(selectinload(Request.declaration))
        .order_by(Request.id)
        .execution_options(yield_per=BATCH)
    )
    pinned = {one.number: one.sha256 for one in session.scalars(select(PinnedVersion))}
    for request in requests:
        declaration = request.declaration
        subject = f"request {request.ref}"
        if request.version_sha256 != pinned.get(request.version_number):
            yield _wrong(
                subject,
                f"It is for another text than the one pinned as version "
                f"{request.version_number}.",
            )
        by_link = request.signed_how is SignedHow.LINK
        if by_link and declaration is None:
            yield _wrong(subject, "It is signed, and no declaration is kept of it.")
        if declaration is None:
            continue
        if not by_link:
            yield _wrong(
                f"declaration {declaration.id}",
                f"It is kept, and its request {request.ref} is not signed by link.",
            )
        yield from _check_statement(request, declaration)


def _check_statement(
    request: Request, declaration: Declaration
) -> Iterator[Disagreement]:
    subject = f"declaration {declaration.id}"
    if statement_sha256(declaration.statement) != declaration.statement_sha256:
        yield _wrong(subject, "Its statement is not the one that was hashed.")
    try:
        statement = from_json(declaration.statement)
    except StatementError:
        yield _wrong(subject, "Its statement cannot be read any more.")
        return
    for matches, problem in (
        (statement.declaration_id == declaration.id, "names another reference"),
        (statement.policy_sha256 == request.version_sha256, "is on another text"),
        (statement.confirmed_at == declaration.signed_at, "states another time"),
    ):
        if not matches:
            yield _wrong(subject, f"Its statement {problem} than the record.")


def check_campaign(session: Session) -> Iterator[Disagreement]:
    """Yield what the register and the requests of the version in force disagree on.

    Args:
        session: a transaction with a snapshot.
    """
    number = current_number(session)
    if number is None:
        return
    pinned = session.get_one(PinnedVersion, number)
    # Whoever joined since the campaign is asked by the office's next `signer ask`.
    not_asked = session.scalar(
        select(func.count())
        .select_from(Parent)
        .where(owes(number), Parent.added_at <= pinned.pinned_at)
    )
    if not_asked and clock.now() - pinned.pinned_at > CAMPAIGN_TAKES:
        yield Disagreement(
            Between.CAMPAIGN,
            f"version {number}",
            f"{not_asked} in the register were never asked to sign it.",
            "Run `signer ask`: it asks them, and nobody twice.",
        )
    stale = session.scalars(
        select(Request.ref)
        .join(Parent)
        .where(
            Request.status == Status.PENDING,
            (Request.version_number < number) | Parent.left_at.is_not(None),
        )
        .order_by(Request.id)
    )
    for ref in stale:
        yield Disagreement(
            Between.CAMPAIGN,
            f"request {ref}",
            "It is open, though a newer version is in force or its parent has left.",
            "It cannot be signed. Run `signer ask`, which closes requests of older "
            "versions; for a parent who has left, import the register again.",
        )


def _wrong(subject: str, problem: str) -> Disagreement:
    return Disagreement(Between.REQUESTS, subject, problem, RESTORE)
