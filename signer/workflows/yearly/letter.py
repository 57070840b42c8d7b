"""The yearly mail to a parent: what the school holds of them, looked up as it goes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from signer import clock
from signer.declaration.seal.levels import LONG_TERM
from signer.ledger.signed_notes import NoteVerifier
from signer.mail.kinds import Kind
from signer.mail.letter import Attachment, Letter
from signer.school_calendar import end_of
from signer.store.columns import SignedHow, Status
from signer.store.log.tables import ContradictingHead, LogHead
from signer.store.retention import RetentionHold
from signer.store.tables import Declaration, Outbox, Parent, Request
from signer.workflows.context import AppContext
from signer.workflows.exemption.exempt import is_exempt
from signer.workflows.log.origins import origins
from signer.workflows.mailing.alarms import queue_alarm
from signer.workflows.mailing.bounces.dead_addresses import is_dead
from signer.workflows.register.history import papers_of, requests_of
from signer.workflows.requests.access import children_of
from signer.workflows.requests.disputes import is_held
from signer.workflows.yearly.occasions import yearly_parent
from signer.workflows.yearly.standing import Answer, look_up_in_log

PROOFS_BYTES = 100_000
"""How much the attached proofs have together at most: some dozens of them."""

GONE = "gone"
"""Beside the answers of the log: that the record has lost a declaration."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What the mail says of a declaration, and the proof that goes with it."""

    values: dict[str, object]
    answer: str
    proof: Attachment | None = None


def yearly_letter(context: AppContext, session: Session, row: Outbox) -> Letter | None:
    """The mail; None where its parent is not to have it any more.

    Each declaration is proved from the log's newest signed head. Where one is not
    proved that should be, the headteacher's address has an alarm in the outbox too.

    Args:
        context: the context.
        session: a transaction that writes, and holds the row.
        row: of the outbox.
    """
    parent = yearly_parent(session, row)
    if parent is None or parent.left_at is not None or not _takes_mail(session, parent):
        return None
    settings = context.settings
    requests = list(reversed(requests_of(session, parent)))
    held = list(_declarations(context, session, requests))
    if any(one.answer in {Answer.LOST, GONE} for one in held):
        # The log's head is held from here on, so whatever holds requests goes first.
        session.flush()
        queue_alarm(session, "unproven")
    proofs = _small_enough(held)
    values = {
        "school": settings.school_name,
        "parent_name": parent.name,
        "parent_email": parent.email,
        "children": [
            {"name": name, "year_group": year_group}
            for name, year_group, _ in children_of(parent)
        ],
        "declarations": [one.values for one in held],
        "requests": [
            _unsigned(context, one) for one in requests if one.status != Status.SIGNED
        ],
        "need_not_sign": bool(session.scalar(_is(parent, is_exempt(Parent.id)))),
        "kept_longer": session.get(RetentionHold, parent.id) is not None,
        "log_in_doubt": any(one.answer == Answer.PROVED for one in held)
        and _log_in_doubt(session),
        "with_proofs": bool(proofs),
        "today_text": context.language.day(clock.now()),
        "years_declarations": settings.retention_years,
        "years_unsigned": settings.retention_unsigned_years,
        "years_parents": settings.retention_parents_years,
        "verify_url": f"{settings.base_url}/verify",
        "privacy_url": f"{settings.base_url}/privacy/",
        "office_email": settings.office_email,
        "office_phone": settings.office_phone,
    }
    return Letter(Kind.YEARLY, parent.name, parent.email, values, proofs)


def _takes_mail(session: Session, parent: Parent) -> bool:
    if not parent.email:
        return False
    kept_from = is_held(Parent.email_key) | is_dead(Parent.email_key)
    return not session.scalar(_is(parent, kept_from))


def _is(parent: Parent, condition: ColumnElement[bool]) -> Select[int]:
    return select(Parent.id).where(Parent.id == parent.id, condition)


def _declarations(
    context: AppContext, session: Session, requests: Sequence[Request]
) -> Iterator[_Held]:
    verifiers = [NoteVerifier.parse(one.verifier) for one in origins(session)]
    for request in requests:
        if request.status != Status.SIGNED:
            continue
        values = _of_version(context, request)
        if request.signed_how is SignedHow.PAPER:
            yield _on_paper(context, session, request, values)
        elif request.declaration is None:
            closed_at = request.closed_at or request.asked_at
            signed = {"reference": "", "signed_text": context.language.day(closed_at)}
            yield _Held(values | signed | {"answer": GONE}, GONE)
        else:
            yield _by_link(context, session, request.declaration, values, verifiers)


def _by_link(
    context: AppContext,
    session: Session,
    declaration: Declaration,
    values: dict[str, object],
    verifiers: Collection[NoteVerifier],
) -> _Held:
    found = look_up_in_log(session, declaration, verifiers)
    day = context.language.day
    proof = None
    if found.proof is not None:
        content = str(found.proof).encode()
        proof = Attachment(f"{declaration.id}.tlog-proof", content, "octet-stream")
    values |= {
        "answer": found.answer.value,
        "reference": declaration.id,
        "signed_text": context.language.moment(declaration.signed_at),
        "sealed_text": day(declaration.sealed_at) if declaration.sealed_at else "",
        "stamped": declaration.level == LONG_TERM,
        "entry": found.entry,
        "head_size": found.head_size,
        "head_text": day(found.head_at) if found.head_at else "",
    }
    return _Held(values, found.answer, proof)


def _on_paper(
    context: AppContext,
    session: Session,
    request: Request,
    values: dict[str, object],
) -> _Held:
    """What was signed by hand; a release of before kept no more than that it was."""
    day = context.language.day
    closed_at = request.closed_at or request.asked_at
    paper = next(
        (one for one in papers_of(session, request) if one.undone_at is None), None
    )
    signed_on = paper.signed_on if paper else None
    values |= {
        "answer": "paper",
        "reference": "",
        "signed_text": (
            day(end_of(date.fromisoformat(signed_on))) if signed_on else ""
        ),
        "recorded_text": day(paper.recorded_at if paper else closed_at),
        "scanned": paper is not None and paper.scan is not None,
    }
    return _Held(values, "paper")


def _unsigned(context: AppContext, request: Request) -> dict[str, object]:
    return _of_version(context, request) | {
        "status": request.status.value,
        "asked_text": context.language.day(request.asked_at),
    }


def _of_version(context: AppContext, request: Request) -> dict[str, object]:
    version = context.version(request.version_number, request.version_sha256)
    return {
        "policy_title": version.title,
        "version": version.number,
        "label": version.label,
        "version_url": f"{context.settings.base_url}{version.path}",
    }


def _small_enough(held: Sequence[_Held]) -> tuple[Attachment, ...]:
    """The newest proofs, as many as a mail is to hold."""
    proofs, room = [], PROOFS_BYTES
    for one in held:
        if one.proof is not None and len(one.proof.content) <= room:
            proofs.append(one.proof)
            room -= len(one.proof.content)
    return tuple(proofs)


def _log_in_doubt(session: Session) -> bool:
    """Whether the log is known not to be what it was, so that no head is signed."""
    if session.scalar(select(LogHead.problem)) is not None:
        return True
    now = origins(session)[-1].origin
    shown = session.scalars(select(ContradictingHead.note))
    return any(note.partition("\n")[0] == now for note in shown)
