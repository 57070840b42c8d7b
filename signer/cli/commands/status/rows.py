"""What `signer status` shows: rows of campaigns, and a parent's history as events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signer.cli.output import named
from signer.i18n import counted
from signer.mail.bounces.reports import Finality
from signer.policy.dates import date_in_words
from signer.store.columns import Delivery, NoteKind, SignedHow, Status
from signer.workflows.register.history import (
    Asked,
    CameBack,
    Earlier,
    History,
    Mail,
    SealedAs,
)

Event = tuple[datetime, int | None, str, str]

CAMPAIGN = [
    "version",
    "label",
    "asked",
    "mail_accepted",
    "mail_bounced",
    "mail_refused",
    "mail_waiting",
    "mail_none",
    "signed_by_link",
    "signed_on_paper",
    "declined",
    "superseded",
    "withdrawn",
    "disputed",
    "need_not_sign",
    "outstanding",
    "without_email",
    "unsealed",
    "covered",
]
"""The columns of a campaign in CSV; each is a fact of `Campaign`."""

EVENT = ["at", "version", "event", "details"]
"""The columns of an event."""

_NOTES = {
    NoteKind.DECLINE: "declined",
    NoteKind.QUESTION: "asked the office a question",
    NoteKind.NOT_ME: "said that it reached the wrong person",
    NoteKind.PAPER: "asked to sign on paper",
}

_MAILS = {
    Delivery.QUEUED: "waiting",
    Delivery.SENT: "accepted",
    Delivery.REFUSED: "refused",
    Delivery.DROPPED: "not sent: no longer needed",
}


BOUNCES = {
    Finality.PERMANENT: "no such address",
    Finality.PASSING: "not delivered this once",
    Finality.OPERATOR: "turned away, through no fault of the family",
}


def event_rows(history: History) -> list[Event]:
    """What happened with a parent, oldest first: when, version, what, details."""
    return sorted(_events(history), key=lambda event: event[0])


def _events(history: History) -> Iterator[Event]:
    for stay in history.memberships:
        yield stay.joined_at, None, "joined the register", ""
        if stay.left_at:
            yield stay.left_at, None, "left the register", ""
    for one in history.exemptions:
        yield one.made_at, None, "need not sign", f"by {one.made_by}: {one.reason}"
        if one.ended_at:
            ended = f"by {one.ended_by}: {one.ended_reason}"
            yield one.ended_at, None, "has to sign again", ended
    for former in history.before:
        before = f"before: {named(former.name, former.email)}"
        yield former.until_at, None, "corrected", before
    for mail in history.mails:
        at, what, details = _of_mail(mail)
        yield at, None, what, details
    for request in history.requests:
        for at, what, details in _of_request(request):
            yield at, request.version, what, details


def _of_request(request: Asked) -> Iterator[tuple[datetime, str, str]]:
    for earlier in request.earlier:
        yield from _of_earlier(earlier)
    if request.was_asked:
        yield request.asked_at, "asked", _links(request)
    for mail in request.mails:
        yield _of_mail(mail)
        for bounce in mail.bounces:
            yield from _of_bounce(mail, bounce)
    if request.opened_at:
        yield request.opened_at, "opened a link", ""
    for note in request.notes:
        yield note.written_at, _NOTES[note.kind], ""
        if note.settled_at:
            by = f"settled by {note.settled_by}"
            yield note.settled_at, "no longer in dispute", by
    if request.declaration:
        yield from _of_declaration(request.declaration)
    yield from _of_papers(request)
    yield from _of_ends(request)


def _of_ends(request: Asked) -> Iterator[tuple[datetime, str, str]]:
    """What closed a request without an answer, each once, however often it is kept."""
    ends = {(request.closed_at, request.status)}
    ends |= {
        (paper.closed_before, paper.status_before)
        for paper in request.papers
        if paper.status_before
    }
    # What a paper was recorded for after it was withdrawn may have been asked again.
    ends |= {(earlier.withdrawn_at, Status.WITHDRAWN) for earlier in request.earlier}
    for closed_at, status in ends:
        if closed_at and status in {Status.SUPERSEDED, Status.WITHDRAWN}:
            yield closed_at, f"{status}", ""


def _of_papers(request: Asked) -> Iterator[tuple[datetime, str, str]]:
    for paper in request.papers:
        details = [f"recorded by {paper.recorded_by}"]
        if paper.signed_on:
            details.insert(0, f"dated {date_in_words(paper.signed_on)}")
        if paper.scan_sha256:
            details.append("with a scan")
        yield paper.recorded_at, "signed on paper", ", ".join(details)
        if paper.undone_at:
            why = f"by {paper.undone_by}: {paper.undone_reason}"
            yield paper.undone_at, "paper undone", why
    # A release before this one kept nothing else of a paper.
    known = any(paper.undone_at is None for paper in request.papers)
    if request.closed_at and request.signed_how is SignedHow.PAPER and not known:
        by = f"recorded by {request.recorded_by}"
        yield request.closed_at, "signed on paper", by


def _of_earlier(earlier: Earlier) -> Iterator[tuple[datetime, str, str]]:
    yield earlier.asked_at, "asked", ""
    if earlier.opened_at is not None:
        yield earlier.opened_at, "opened a link", ""


def _links(request: Asked) -> str:
    links = f"{counted(request.links, 'link')} mailed"
    return links + (
        f", {request.links_revoked} no longer working" if request.links_revoked else ""
    )


def _of_mail(mail: Mail) -> tuple[datetime, str, str]:
    kind = mail.kind.replace("_", " ")
    reply = mail.reply if mail.delivery is not Delivery.SENT and mail.reply else ""
    return (
        mail.sent_at or mail.queued_at,
        f"mail ({kind}) {_MAILS[mail.delivery]}",
        reply,
    )


def _of_bounce(mail: Mail, bounce: CameBack) -> Iterator[tuple[datetime, str, str]]:
    kind = mail.kind.replace("_", " ")
    said = f"{bounce.status} {bounce.diagnostic}".strip()
    yield bounce.told_at, f"mail ({kind}) came back: {BOUNCES[bounce.finality]}", said
    if bounce.lifted_at:
        yield bounce.lifted_at, "the office had the address tried again", ""


def _of_declaration(signed: SealedAs) -> Iterator[tuple[datetime, str, str]]:
    replaces = f", replaces {signed.replaces}" if signed.replaces else ""
    yield signed.signed_at, "signed by link", f"{signed.id}{replaces}"
    if signed.sealed_at:
        yield (
            signed.sealed_at,
            f"sealed at level {signed.level_reached} ({signed.level_asked} asked)",
            f"PDF SHA-256 {signed.pdf_sha256}",
        )
    else:
        yield signed.signed_at, "no seal yet", signed.problem or ""
