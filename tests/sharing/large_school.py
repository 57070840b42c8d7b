"""A school of any size with a past, filled row by row of the tables.

It is for counting queries and measuring pages: five campaigns have been, and four of
five parents signed each version of before, three of five the one in force. One in
fifty declined, one in fifty signs on paper, one mail in two hundred came back, and to
four parents in the register there is one who has left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text

from signer import clock
from signer.mail.bounces.reports import Finality
from signer.mail.kinds import Kind
from signer.store.campaigns.staff import StaffMember
from signer.store.columns import Delivery, NoteKind, SignedHow, Status
from signer.store.exemption.tables import Exemption
from signer.store.paper.tables import Paper
from signer.store.tables import (
    Bounce,
    Child,
    Declaration,
    Membership,
    Note,
    Outbox,
    Parent,
    PinnedVersion,
    Relationship,
    Request,
    SealedPdf,
)
from signer.workflows.staff.tell import occasion_of

if TYPE_CHECKING:
    from signer.policy.versions import Version
    from signer.workflows.context import AppContext

YEAR = timedelta(days=365)
PIECE = 1_000
"""How many parents one transaction writes."""

_PER_VERSION = 1_000_000
_REPLY = "250 2.0.0 Ok: queued as 4TQ1Yl5b8Fz9rX"
_STATEMENT = b'{"agreed":"%s"}' % (b"word " * 180)
"""As long as those that parents make."""

_Rows = dict[type, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class _School:
    """What stays the same while it is filled.

    Attributes:
        size: how many parents are in the register.
        began: when the first campaign did.
        versions: those that parents were asked to sign.
    """

    size: int
    began: datetime
    versions: tuple[Version, ...]

    def left_at(self, number: int) -> datetime | None:
        """When a parent left: a month after one of the campaigns began."""
        if number <= self.size:
            return None
        return self.began + number % len(self.versions) * YEAR + YEAR / 12


def fill(app_context: AppContext, size: int, *, questions: int = 500) -> None:
    """Fill an empty register, and let a campaign have been for each version.

    Args:
        app_context: with the versions; nobody was asked to sign any.
        size: how many parents are in the register, beside those who left.
        questions: how many of them wrote to the office; the newest wait.
    """
    versions = app_context.versions
    school = _School(size, clock.now() - len(versions) * YEAR, versions)
    with app_context.sessions.writing() as session:
        session.execute(insert(SealedPdf).values(sha256="0" * 64, kept=b"%PDF"))
        session.add_all(
            PinnedVersion(
                number=version.number,
                sha256=version.sha256,
                title=version.title,
                label=version.label,
                pinned_at=school.began + place * YEAR,
            )
            for place, version in enumerate(versions)
        )
        session.flush()
        _write(session, _teachers(school, max(size // 40, 2)))
    everybody = size + size // 4
    for start in range(1, everybody + 1, PIECE):
        numbers = range(start, min(start + PIECE, everybody + 1))
        with app_context.sessions.writing() as session:
            _write(session, _people(school, numbers))
            for place in range(len(versions)):
                _write(session, _campaign(school, numbers, place, questions))
    _go_on_after(app_context)


def _go_on_after(app_context: AppContext) -> None:
    """Let rows that are added later have numbers that none of these has."""
    if app_context.sessions.engine.dialect.name != "postgresql":
        return
    with app_context.sessions.writing() as session:
        for table in ("parent", "child", "request", "outbox"):
            session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "  # noqa: S608 - of these alone
                    f"(SELECT max(id) FROM {table}))"
                )
            )


def _write(session: Any, rows: _Rows) -> None:
    for table, found in rows.items():
        if found:
            session.execute(insert(table), found)


def _people(school: _School, numbers: range) -> _Rows:
    """Parents, two of each child."""
    return {
        Parent: [
            {
                "id": one,
                "name": f"Parent {one}",
                "name_key": f"parent {one}",
                "email": f"parent{one}@example.org",
                "email_key": f"parent{one}@example.org",
                "added_at": school.began,
                "left_at": school.left_at(one),
            }
            for one in numbers
        ],
        Membership: [
            {
                "parent_id": one,
                "joined_at": school.began,
                "left_at": school.left_at(one),
            }
            for one in numbers
        ],
        Child: [
            {
                "id": one,
                "name": f"Child {one // 2}",
                "name_key": f"child {one // 2}",
                "year_group": f"Year {one // 2 % 11 + 1}",
            }
            for one in numbers
        ],
        Relationship: [
            {"parent_id": one, "child_id": one, "words": "mother"} for one in numbers
        ],
        Exemption: [
            {
                "parent_id": one,
                "reason": "Lives abroad.",
                "made_by": "Office",
                "made_at": school.began,
            }
            for one in numbers
            if one % 400 == 13
        ],
    }


def _teachers(school: _School, count: int) -> _Rows:
    return {
        StaffMember: [
            {
                "ref": f"{one:018x}",
                "name": f"Teacher {one}",
                "email": f"teacher{one}@school.example",
                "email_key": f"teacher{one}@school.example",
                "added_at": school.began,
            }
            for one in range(count)
        ],
        Outbox: [
            _mail(
                Kind.STAFF_RELEASE,
                occasion_of(version.number, f"{one:018x}"),
                school.began + place * YEAR,
            )
            for place, version in enumerate(school.versions)
            for one in range(count)
        ],
    }


def _campaign(school: _School, numbers: range, place: int, questions: int) -> _Rows:
    """What became of the requests for one version, and the mails about them."""
    version = school.versions[place]
    asked_at = school.began + place * YEAR
    rows: _Rows = {
        one: [] for one in (Request, Paper, Outbox, Bounce, Declaration, Note)
    }
    for number in numbers:
        left_at = school.left_at(number)
        if left_at is not None and left_at < asked_at:
            continue
        request_id = version.number * _PER_VERSION + number
        status, how = _answer(school, number, place, left_at)
        if status is None:
            continue
        answered = asked_at + timedelta(days=number % 30, hours=number % 24)
        paper = how is SignedHow.PAPER
        rows[Request].append(
            {
                "id": request_id,
                "ref": f"{request_id:018x}",
                "parent_id": number,
                "version_number": version.number,
                "version_sha256": version.sha256,
                "status": status,
                "signed_how": how,
                "asked_at": asked_at,
                "opened_at": answered if how is SignedHow.LINK else None,
                "closed_at": None if status is Status.PENDING else answered,
                "recorded_by": "Office" if paper else None,
            }
        )
        if paper:
            rows[Paper].append(
                {
                    "request_id": request_id,
                    "signed_on": answered.date().isoformat(),
                    "recorded_by": "Office",
                    "recorded_at": answered,
                }
            )
        if how is SignedHow.LINK:
            rows[Declaration].append(_declaration(request_id, number, answered))
        reply = _REPLY if left_at is None or left_at > clock.now() - YEAR else None
        rows[Outbox] += _mails(request_id, number, asked_at, answered, how, reply)
        if reply and number % 200 == 7:
            rows[Bounce].append(_bounce(request_id, number, asked_at))
        if place == len(school.versions) - 1 and number <= questions:
            rows[Note].append(
                {
                    "request_id": request_id,
                    "kind": NoteKind.QUESTION,
                    "words": "May I share the prospectus?",
                    "written_at": answered,
                }
            )
    return rows


def _answer(
    school: _School, number: int, place: int, left_at: datetime | None
) -> tuple[Status | None, SignedHow | None]:
    """Where a request stands, and how it was signed; None where it was deleted."""
    current = place == len(school.versions) - 1
    if number % 5 < (3 if current else 4):
        paper = number % 50 == 1
        return Status.SIGNED, SignedHow.PAPER if paper else SignedHow.LINK
    if left_at is not None and left_at < clock.now() - YEAR:
        return None, None
    if current and number % 50 == 4:
        return Status.DECLINED, None
    if left_at is not None and current:
        return Status.WITHDRAWN, None
    return (Status.PENDING if current else Status.SUPERSEDED), None


def _declaration(request_id: int, number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": f"D-{request_id:012d}",
        "request_id": request_id,
        "statement": _STATEMENT,
        "statement_sha256": "0" * 64,
        "signed_at": at,
        "pdf_sha256": "0" * 64,
        "sealed_at": at,
        "level": "B-B",
        "sealed_position": number,
    }


def _mails(  # noqa: PLR0917 - facts about one request
    request_id: int,
    number: int,
    asked_at: datetime,
    answered: datetime,
    how: SignedHow | None,
    reply: str | None,
) -> list[dict[str, Any]]:
    """The mail that asked, a reminder to one in three, and a receipt."""
    rows = [_mail(Kind.ASK, f"ask:request:{request_id}", asked_at, request_id)]
    if number % 3 == 0:
        week = timedelta(days=7)
        occasion = f"remind:{request_id}:1"
        rows.append(_mail(Kind.REMIND, occasion, asked_at + week, request_id))
    if how is SignedHow.LINK:
        rows.append(_mail(Kind.RECEIPT, f"receipt:{request_id}", answered, request_id))
    return [{**row, "reply": reply} for row in rows]


def _mail(
    kind: Kind, occasion: str, at: datetime, request_id: int | None = None
) -> dict[str, Any]:
    place = {Kind.ASK: 1, Kind.REMIND: 2, Kind.RECEIPT: 3}.get(kind)
    return {
        # A teacher's mail has the number that comes next.
        **({"id": request_id * 4 + place} if request_id and place else {}),
        "occasion": occasion,
        "kind": kind.value,
        "request_id": request_id,
        "message_ref": occasion[-32:],
        "delivery": Delivery.SENT,
        "queued_at": at,
        "due_at": at,
        "tried_at": at,
        "sent_at": at,
        "attempts": 1,
        "reply": _REPLY,
    }


def _bounce(request_id: int, number: int, at: datetime) -> dict[str, Any]:
    return {
        "outbox_id": request_id * 4 + 1,
        "event_sha256": f"{request_id:064x}",
        "email_key": f"parent{number}@example.org",
        "finality": Finality.PASSING,
        "status": "5.2.2",
        "diagnostic": "550 mailbox full",
        "told_at": at,
    }
