"""Mails to the headteacher or the office about what needs somebody's hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from signer.errors import PolicyError, VersionTampered
from signer.mail.compose import Kind
from signer.policy.versions import read_versions
from signer.store.tables import Declaration, PinnedVersion
from signer.workflows.context import check_pinned
from signer.workflows.declarations.seal_version import VERSION_PDF, version_pdf_alarm
from signer.workflows.keys.warnings import key_alarm
from signer.workflows.mailing.content import Letter
from signer.workflows.mailing.dead_letters import dead_letter_alarm
from signer.workflows.mailing.log_alert import log_alarm
from signer.workflows.reconciliation.reconcile import record_alarm

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from signer.store.tables import Outbox
    from signer.workflows.context import AppContext


def alarm_letter(context: AppContext, session: Session, row: Outbox) -> Letter | None:
    """The alarm of an outbox row; None once there is nothing to be alarmed about.

    The row's occasion is ``alarm:``, what it is about, and the day: one a day. About
    keys it names the week.
    """
    about, _, rest = row.occasion.removeprefix("alarm:").partition(":")
    if about == "versions":
        words = _versions(context)
    elif about in {"published", "unpublished"}:
        words = _publication(session, about, int(rest.partition(":")[0]))
    elif about == "keys":
        words = key_alarm(context)
    elif about == "log":
        words = log_alarm(context, session)
    elif about == "record":
        words = record_alarm(session)
    elif about == "mail":
        words = dead_letter_alarm(session)
    elif about == VERSION_PDF:
        words = version_pdf_alarm(session)
    else:
        words = _unsealed(session)
    if words is None:
        return None
    problem, what_to_do = words
    values = {
        "school": context.settings.school_name,
        "problem": problem,
        "what_to_do": what_to_do,
        "every": "week" if about == "keys" else "day",
    }
    # Who talks to the parents hears of mails that they did not get.
    to = (
        context.settings.office_email
        if about == "mail"
        else context.settings.head_email
    )
    return Letter(Kind.HEAD_ALARM, "", to, values)


def _unsealed(session: Session) -> tuple[str, str] | None:
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
        f"{waiting} signed declarations have no seal yet"
        + (f": {problem}" if problem else "."),
        (
            "The signatures are safe and sealing is tried every minute. "
            "Ask whoever runs the service to look at the seal's key."
        ),
    )


def _versions(context: AppContext) -> tuple[str, str] | None:
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
            "For now parents go on seeing the text they were asked to sign, and "
            "nobody is asked to sign another. Ask whoever runs the service to put the "
            "released file back as it was, before the service is started anew: with "
            "this file it will not start. The command signer versions check says "
            "which file it is."
        ),
    )


def _publication(session: Session, about: str, number: int) -> tuple[str, str] | None:
    if session.get(PinnedVersion, number) is not None:
        # It was published since, and parents have been asked.
        return None
    if about == "unpublished":
        return (
            (
                f"Version {number} of the code of conduct has been released, and is "
                "not on the website yet. So no parent has been asked to sign it."
            ),
            (
                "Ask whoever runs the website to publish it. Parents are asked by "
                "themselves, a minute after that."
            ),
        )
    return (
        (
            f"The website shows another text for version {number} than the one that "
            "was released. So no parent has been asked to sign it."
        ),
        (
            "Find out who changed the website, and have it published anew from the "
            "released file. Parents are asked by themselves, a minute after that."
        ),
    )
