"""What the check-list asks other servers, and keeping what they said."""

from __future__ import annotations

from sqlalchemy import delete

from signer import clock
from signer.errors import NoticeUnconfirmed, NotPublished, PolicyError
from signer.i18n import counted
from signer.policy.versions import in_force
from signer.store.desk.checklist import ChecklistResult
from signer.store.locking import lock_table
from signer.workflows.campaigns.publication import check_privacy_notice
from signer.workflows.checklist.lines import Item
from signer.workflows.context import AppContext, current_number
from signer.workflows.operations.doctor.http import Unreachable, fetch
from signer.workflows.operations.doctor.outcomes import Check, Outcome
from signer.workflows.operations.doctor.public_address import clock_check, date_of
from signer.workflows.operations.doctor.public_site import check_site


def check_public(context: AppContext) -> None:
    """Look at the public site and at the clock of its server, as a parent would.

    Afterwards what was found is kept, with the time. It takes seconds where a server
    is slow.
    """
    found = {
        Item.NOTICE: _notice(context),
        Item.SITE: _site(context),
        Item.CLOCK: _clock(context),
    }
    with context.sessions.writing() as session:
        # Two who look at once: the rows are those of the second.
        lock_table(session, ChecklistResult)
        session.execute(delete(ChecklistResult))
        for item, (passed, words) in found.items():
            session.add(
                ChecklistResult(
                    item=item.value, passed=passed, found=words, at=clock.now()
                )
            )


def check_public_before_asking(context: AppContext) -> None:
    """Do so each morning, as long as no parent was ever asked."""
    with context.sessions.reading() as session:
        asked = current_number(session) is not None
    if not asked:
        check_public(context)


def _notice(context: AppContext) -> tuple[bool, str]:
    try:
        version = in_force(context.versions)
        check_privacy_notice(context.settings, version)
    except NotPublished as error:
        return False, f"It could not be read: {error.problem}."
    except NoticeUnconfirmed as error:
        parts = counted(error.parts, "part is", "parts are")
        return False, f"{parts} still to be confirmed."
    except PolicyError:
        return False, "No version has been released yet."
    return True, ""


def _site(context: AppContext) -> tuple[bool, str]:
    return _told(check_site(context.settings))


def _clock(context: AppContext) -> tuple[bool, str]:
    """Compare with the clock of whoever serves the public address."""
    try:
        answer = fetch(f"{context.settings.base_url}/")
    except Unreachable as error:
        return False, f"The public address gives no answer ({error})."
    return _told(clock_check("clock", date_of(answer)))


def _told(check: Check) -> tuple[bool, str]:
    return check.outcome is Outcome.OK, check.found
