"""Alarms: mails to the headteacher or the office about what needs somebody's hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import MailError, PolicyError, VersionTampered
from signer.i18n import counted
from signer.mail.kinds import TO_PARENTS, Kind
from signer.mail.letter import Letter
from signer.policy.versions import read_versions
from signer.school_calendar import school_date
from signer.store.log.append import lock_log
from signer.store.tables import (
    Declaration,
    Outbox,
    Parent,
    PinnedVersion,
    Request,
)
from signer.store.transient import Reconciliation
from signer.workflows.context import AppContext, check_pinned
from signer.workflows.declarations.archive_state import archive_state
from signer.workflows.keys.warnings import key_warnings
from signer.workflows.mailing.dead_letters import MailState, in_state
from signer.workflows.mailing.log_alarms import (
    broken_log,
    contradicted_log,
    lost_entry,
    unproven_declaration,
    vanished_record,
    witness_disagrees,
)
from signer.workflows.mailing.outbox import queue_mail
from signer.workflows.staff.tell import unreached

Words = tuple[str, str] | None
"""What is the matter, and what to do about it."""

_PERIODS = {"day": "%Y-%m-%d", "week": "%G-W%V"}

NAMED = 10
"""How many parents the mail about dead letters names; the rest it counts."""


@dataclass(frozen=True, slots=True)
class _Alarm:
    """A kind of alarm.

    Attributes:
        words: problem and remedy, given the number of the version that it is about
            (else 0); None once there is nothing to be alarmed about.
        every: "day" or "week" at the school: how often it is sent at most.
        after: how long the trouble has to pass by itself.
        to_office: sent to the office, who talks to the parents, not the headteacher.
    """

    words: Callable[[AppContext, Session, int], Words]
    every: str = "day"
    after: timedelta = timedelta()
    to_office: bool = False


def queue_alarm(session: Session, about: str, version: int = 0) -> bool:
    """Queue an alarm, unless there is one for this day or week at the school.

    Gives whether it was queued by this.

    Args:
        session: a transaction that writes; it holds the log's head afterwards.
        about: what it is about: a key of the table below.
        version: the number of the version that it is about, if any.
    """
    alarm = _ALARMS[about]
    period = school_date(clock.now()).strftime(_PERIODS[alarm.every])
    subject = f"{about}:{version}" if version else about
    # Two workers that see the same trouble sound one alarm.
    lock_log(session)
    occasion = f"alarm:{subject}:{period}"
    return queue_mail(session, Kind.HEAD_ALARM, occasion, after=alarm.after)


def sound_alarm(context: AppContext, about: str, version: int = 0) -> bool:
    """Queue an alarm as `queue_alarm` does, in a transaction of its own."""
    with context.sessions.writing() as session:
        return queue_alarm(session, about, version)


def remind_of_keys(context: AppContext) -> bool:
    """Queue a mail to the headteacher's address while a key or certificate ends soon.

    Afterwards there is one for this week. Gives whether it was queued by this.
    """
    return bool(key_warnings(context)) and sound_alarm(context, "keys")


def alarm_letter(context: AppContext, session: Session, row: Outbox) -> Letter | None:
    """The alarm of an outbox row; None once there is nothing to be alarmed about.

    The row's occasion is ``alarm:``, what it is about, perhaps the number of a
    version, and the day or the week.

    Raises:
        MailError: this release knows no such alarm.
    """
    _, about, *rest = row.occasion.split(":")
    if about not in _ALARMS:
        raise MailError(f"no such alarm: {row.occasion}")
    alarm = _ALARMS[about]
    words = alarm.words(context, session, int(rest[0]) if len(rest) > 1 else 0)
    if words is None:
        return None
    problem, what_to_do = words
    values = {
        "school": context.settings.school_name,
        "problem": problem,
        "what_to_do": what_to_do,
        "every": alarm.every,
    }
    settings = context.settings
    to = settings.office_email if alarm.to_office else settings.head_email
    return Letter(Kind.HEAD_ALARM, "", to, values)


def _unsealed(_: AppContext, session: Session, _number: int) -> Words:
    query = select(func.count()).where(Declaration.pdf_sha256.is_(None))
    waiting = session.scalar(query) or 0
    if not waiting:
        return None
    problem = session.scalar(
        select(Declaration.seal_problem)
        .where(Declaration.seal_problem.is_not(None))
        .limit(1)
    )
    return (
        counted(waiting, "signed declaration has", "signed declarations have")
        + " no seal yet"
        + (f": {problem}" if problem else "."),
        (
            "The signatures are safe and sealing is tried every minute. "
            "Ask the person who runs the service to check the seal's key."
        ),
    )


def _versions(context: AppContext, _: Session, _number: int) -> Words:
    try:
        check_pinned(context, read_versions(context.settings.versions_dir))
    except VersionTampered as error:
        what = "has been changed" if error.found else "is missing"
        problem = (
            f"The released file {error.number}.md {what}. It is not the text that "
            "parents were asked to sign any more."
        )
    except PolicyError as error:
        problem = f"The released versions cannot be read: {error}."
    else:
        return None
    return (
        problem,
        (
            "For now parents still see the text they were asked to sign, and "
            "no one is asked to sign another. Ask the person who runs the service to "
            "restore the released file before the service is restarted: it will not "
            "start with this file. The command signer versions check says which "
            "file it is."
        ),
    )


def _unpublished(_: AppContext, session: Session, number: int) -> Words:
    if session.get(PinnedVersion, number) is not None:
        # It was published since, and parents have been asked.
        return None
    return (
        (
            f"Version {number} of the code of conduct has been released, but is "
            "not on the website yet, so no parent has been asked to sign it."
        ),
        (
            "Ask the person who runs the website to publish it. Parents are then asked "
            "automatically, within a minute."
        ),
    )


def _published(_: AppContext, session: Session, number: int) -> Words:
    if session.get(PinnedVersion, number) is not None:
        return None
    return (
        (
            f"The website shows a different text for version {number} from the one "
            "that was released, so no parent has been asked to sign it."
        ),
        (
            "Find out who changed the website, and have it published again from the "
            "released file. Parents are then asked automatically, within a minute."
        ),
    )


def _keys(context: AppContext, _: Session, _number: int) -> Words:
    warnings = key_warnings(context)
    if not warnings:
        return None
    return (
        " ".join(one.problem for one in warnings),
        " ".join(dict.fromkeys(one.what_to_do for one in warnings)),
    )


def _dead_letters(_: AppContext, session: Session, _number: int) -> Words:
    query = (
        select(Outbox, Parent)
        .join(Request, Request.id == Outbox.request_id)
        .join(Parent, Parent.id == Request.parent_id)
        .where(in_state(MailState.DEAD), Outbox.kind.in_(TO_PARENTS))
        .order_by(Outbox.id)
    )
    rows = session.execute(query).all()
    if not rows:
        return None
    named = ", ".join(
        f"{parent.name} ({row.kind.replace('_', ' ')})" for row, parent in rows[:NAMED]
    )
    more = f", and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return (
        (
            "The mail server has not accepted "
            + counted(len(rows), "email to a parent", "emails to parents")
            + " for 5 days, and no more tries will be made. Parents: "
            + f"{named}{more}."
        ),
        (
            "Ask the person who runs the service to find out why with signer mail "
            "list, and to send them again with signer mail retry. Until then these "
            "parents do not have their email."
        ),
    )


def _staff(_: AppContext, session: Session, _number: int) -> Words:
    teachers = unreached(session)
    if not teachers:
        return None
    named = ", ".join(f"{one.name} ({one.email})" for one in teachers[:NAMED])
    more = f", and {len(teachers) - NAMED} more" if len(teachers) > NAMED else ""
    return (
        (
            "The email that tells staff of the new version could not be delivered to "
            f"{named}{more}."
        ),
        (
            "Correct the address in your list of staff, and import the list again with "
            "signer staff import. Then send the email with signer staff tell. The "
            "command signer staff list shows what the mail server said."
        ),
    )


def _held(context: AppContext, session: Session, number: int) -> Words:
    if session.get(PinnedVersion, number) is not None:
        return None
    return (
        (
            f"Parents were to be asked to sign version {number}, and were not: the "
            "check-list of what comes before the first parent is not done."
        ),
        (
            f"Look at it on the desk: {context.settings.base_url}/desk/checklist. Each "
            "line says what to do and who does it, and you can go on without one for "
            "a reason. Parents are then asked within minutes."
        ),
    )


def _version_pdfs(_: AppContext, session: Session, _number: int) -> Words:
    waiting = session.scalars(
        select(PinnedVersion)
        .where(PinnedVersion.pdf_sha256.is_(None))
        .order_by(PinnedVersion.number)
    ).all()
    if not waiting:
        return None
    numbers = ", ".join(str(one.number) for one in waiting)
    problem = next((one.seal_problem for one in waiting if one.seal_problem), None)
    which = f"version {numbers}" if len(waiting) == 1 else f"versions {numbers}"
    return (
        f"The sealed PDF of {which} of the code of conduct could not be made yet"
        + (f": {problem}" if problem else "."),
        (
            "It is tried again every minute, and parents can still sign. "
            "Ask the person who runs the service to check the seal's key."
        ),
    )


def _archive(_: AppContext, session: Session, _number: int) -> Words:
    state = archive_state(session)
    if not state.late:
        return None
    return (
        counted(
            state.late,
            "declaration has no archive copy that lasts",
            "declarations have no archive copy that lasts",
        )
        + (f": {state.problem}" if state.problem else "."),
        (
            "The declarations are sealed and can be checked as before, but perhaps not "
            "by other programs once the timestamp authority's certificate has ended. "
            "Ask the person who runs the service to run signer archive."
        ),
    )


def _record(_: AppContext, session: Session, _number: int) -> Words:
    row = session.get(Reconciliation, 1)
    if row is None or not row.disagreements:
        return None
    first = json.loads(row.first)[0]
    more = row.disagreements - 1
    others = f" And {more} more." if more else ""
    return (
        (
            "The record of declarations does not agree with itself. About "
            f"{first['subject']}: {first['problem']}{others}"
        ),
        (
            "Ask the person who runs the service to run signer check, which lists "
            "each disagreement and what to do about it. Do not change anything first."
        ),
    )


# By what the alarm is about, as it is in the occasion of its mail.
_ALARMS = {
    "archive": _Alarm(_archive, every="week"),
    "contradicted": _Alarm(contradicted_log),
    "held": _Alarm(_held),
    "keys": _Alarm(_keys, every="week"),
    "log": _Alarm(broken_log),
    "lost": _Alarm(lost_entry),
    "mail": _Alarm(_dead_letters, to_office=True),
    "published": _Alarm(_published),
    "record": _Alarm(_record),
    "staff": _Alarm(_staff, to_office=True),
    "unproven": _Alarm(unproven_declaration),
    "unpublished": _Alarm(_unpublished, after=timedelta(hours=1)),
    "unsealed": _Alarm(_unsealed),
    "vanished": _Alarm(vanished_record),
    "version-pdf": _Alarm(_version_pdfs),
    "versions": _Alarm(_versions),
    "witness": _Alarm(witness_disagrees),
}
