"""The content of the mail that tells a teacher about a release."""

from __future__ import annotations

from sqlalchemy.orm import Session

from signer.mail.kinds import Kind
from signer.mail.letter import Letter
from signer.policy.comparison import compare
from signer.policy.dates import date_in_words
from signer.policy.versions import Version
from signer.store.tables import Outbox
from signer.workflows.context import AppContext
from signer.workflows.mailing.content import REDLINE_CHARACTERS
from signer.workflows.staff.tell import pinned_version, staff_member_of


def staff_letter(context: AppContext, session: Session, row: Outbox) -> Letter | None:
    """The mail about a release; None where its teacher has left the list."""
    teacher = staff_member_of(session, row)
    if teacher is None or teacher.left_at is not None:
        return None
    version = pinned_version(context, session, row.occasion)
    settings = context.settings
    values = {
        "school": settings.school_name,
        "staff_name": teacher.name,
        "policy_title": version.title,
        "version": version.number,
        "label": version.label,
        "released_text": date_in_words(version.released),
        "in_force_text": (
            date_in_words(version.in_force_from) if version.in_force_from else ""
        ),
        "summary": list(version.summary),
        "version_url": f"{settings.base_url}{version.path}",
        "office_email": settings.office_email,
        **_changes(context, version),
    }
    return Letter(Kind.STAFF_RELEASE, teacher.name, teacher.email, values)


def _changes(context: AppContext, version: Version) -> dict[str, object]:
    """The values that tell of the changes since the version before."""
    before = [one for one in context.versions if one.number < version.number]
    if not before:
        return {"previous": None}
    compared = compare(before[-1], version)
    short = len(compared.text) <= REDLINE_CHARACTERS
    numbers = f"{before[-1].number}/{version.number}"
    return {
        "previous": before[-1].number,
        "redline_summary": compared.summary,
        "redline_text": compared.text if short else "",
        "redline_html": compared.changes if short else "",
        "compare_url": f"{context.settings.base_url}/compare/{numbers}",
    }
