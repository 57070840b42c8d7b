"""What a release would say of a draft, with the versions as they are now."""

from __future__ import annotations

import logging

from signer import clock
from signer.errors import PolicyError, VersionTampered
from signer.policy.release.check import CheckedDraft, check_draft
from signer.policy.release.source import DraftText
from signer.school_calendar import school_date
from signer.workflows.context import AppContext

log = logging.getLogger(__name__)


def check_text(context: AppContext, text: DraftText) -> CheckedDraft:
    """What a release of a draft would say today; it changes nothing."""
    today = school_date(clock.now()).isoformat()
    return check_draft(text, context.versions, today=today)


def look_for_releases(context: AppContext) -> None:
    """Read the released versions again, for one that was released meanwhile.

    Where they cannot be read, those of before go on being compared with; what is wrong
    with them is said on the first page of the desk.
    """
    try:
        context.reload_versions()
    except (PolicyError, VersionTampered) as error:
        log.warning("the released versions cannot be read again: %s", error)
