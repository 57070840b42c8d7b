"""Asking by itself when a version is released: what the worker does each minute."""

from __future__ import annotations

import logging

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer.errors import (
    FirstAskHeld,
    NotPublished,
    PolicyError,
    PublishedDifferently,
    VersionTampered,
)
from signer.policy.versions import in_force
from signer.store.columns import Status
from signer.store.tables import Parent, PinnedVersion, Request
from signer.workflows.campaigns.ask import Asked, ask_parents
from signer.workflows.campaigns.plan_ask import PlanState, plan_of
from signer.workflows.campaigns.publication import check_publication
from signer.workflows.context import AppContext, current_number
from signer.workflows.mailing.alarms import sound_alarm
from signer.workflows.release.call_off import take_back
from signer.workflows.requests.unasked import owes, waits

_log = logging.getLogger(__name__)


def follow_releases(context: AppContext) -> Asked | None:
    """Ask every parent when a newer version has been released and published.

    The first campaign of all is opened by a person, with ``signer ask``. From then
    on each release opens its own, and one that was interrupted is finished. Whoever
    joins the register later is asked where ``SIGNER_ASK_NEW_PARENTS`` says so; else
    with ``signer ask``, after the import.

    Where the files are not what parents were asked to sign, nobody is asked, what is
    held goes on being served, and the headteacher's address is told, once a day. The
    same goes for a site that shows another text, or shows none after an hour.

    Where a day and an hour are planned for the mail, that is waited for, the first
    campaign included; where the mail was called off, nobody is asked (`plan_ask`), and
    what is still queued of one that was called off as it went out is taken back. The
    first campaign of all waits for the check-list too (`check_first_ask`), and the
    headteacher's address is told, once a day.

    Gives what was done, or None where there was nothing to do or it must wait.
    """
    try:
        context.reload_versions()
    except (PolicyError, VersionTampered) as error:
        # The process goes on: what it holds is what was pinned.
        _log.critical("the released versions are not what they must be: %s", error)
        sound_alarm(context, "versions")
        return None
    version = in_force(context.versions)
    with context.sessions.reading() as session:
        pinned = current_number(session)
        unfinished = pinned == version.number and _is_unfinished(session, pinned)
        waiting = (
            context.settings.ask_new_parents
            and pinned == version.number
            and _somebody_waits(session, pinned)
        )
        plan = plan_of(session, version.number)
    is_due = plan is not None and plan.state is PlanState.DUE
    is_held = plan is not None and plan.state in {
        PlanState.WAITING,
        PlanState.CALLED_OFF,
    }
    released = pinned is not None and pinned != version.number
    if pinned == version.number and is_held:
        # It was called off as it went out, by a person.
        take_back(context)
    if is_held or not (unfinished or is_due or waiting or released):
        return None
    if pinned != version.number:
        try:
            check_publication(context.settings, version)
        except NotPublished as error:
            _log.warning("not published yet, nobody was asked: %s", error)
            sound_alarm(context, "unpublished", version.number)
            return None
        except PublishedDifferently as error:
            _log.critical("published differently, nobody was asked: %s", error)
            sound_alarm(context, "published", version.number)
            return None
    try:
        asked = ask_parents(context, version)
    except FirstAskHeld as error:
        _log.warning("nobody was asked: %s", error)
        sound_alarm(context, "held", version.number)
        return None
    _log.info("version %s: %s parents asked", version.number, asked.newly)
    return asked


def _somebody_waits(session: Session, number: int) -> bool:
    return session.scalar(select(Parent.id).where(waits(number)).limit(1)) is not None


def _is_unfinished(session: Session, number: int) -> bool:
    """Whether a campaign has yet to ask, or to supersede, what it should have.

    That is somebody who was here when it began and has not been asked, or a request
    for an older version that is still open.
    """
    left_open = select(Request.id).where(
        Request.version_number < number, Request.status == Status.PENDING
    )
    if session.scalar(left_open.limit(1)) is not None:
        return True
    began = (
        select(func.min(PinnedVersion.pinned_at))
        .where(PinnedVersion.number == number)
        .scalar_subquery()
    )
    missed = select(Parent.id).where(owes(number), Parent.added_at <= began)
    return session.scalar(missed.limit(1)) is not None
