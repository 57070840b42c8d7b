"""Releasing the draft of the desk: the version's file, and the plan for its mail.

The plan is committed before the file is written: killed between the two, no version is
there, and none is ever asked about before its hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from signer import clock
from signer.errors import ReleaseExists
from signer.policy.release.check import default_label
from signer.policy.release.draft import DRAFT
from signer.policy.release.prepare import Prepared, prepare_release, write_release
from signer.policy.release.source import split_draft
from signer.policy.versions import Version, read_versions
from signer.school_calendar import school_date
from signer.store.campaigns.release_steps import StepName
from signer.store.log.append import lock_log
from signer.workflows.campaigns.plan_ask import plan_within
from signer.workflows.context import AppContext
from signer.workflows.draft.approvals import ApprovedDraft, approved_draft
from signer.workflows.release.publish import note_within
from signer.workflows.release.stages import finish_stages, subject_of


@dataclass(frozen=True, slots=True)
class Ready:
    """A release that may be made.

    Attributes:
        draft: what was approved.
        prepared: the version to be, and what changes.
    """

    draft: ApprovedDraft
    prepared: Prepared


def ready_release(context: AppContext, *, sign_by: str = "") -> Ready:
    """What a release of the draft would make now. Nothing is written.

    The summary and the next review are those that the draft names.

    Args:
        context: the context.
        sign_by: the day by which parents are to have answered; empty for none.

    Raises:
        ApprovalsMissing: the draft lacks approvals.
        DraftRefused: the draft holds what may not be released.
        ReleaseRefused: it changes nothing, or a value is not fit for a release.
        PolicyError: the versions or approvals cannot be read.
    """
    context.reload_versions()
    draft = approved_draft(context)
    text = split_draft(draft.source.decode(), path=DRAFT)
    today = school_date(clock.now()).isoformat()
    prepared = prepare_release(
        draft.source.decode(),
        context.versions,
        summary=text.summary,
        label=default_label(today, context.versions),
        released=today,
        review_by=text.review_by,
        approvals=draft.state.approvals,
        draft_sha256=draft.sha256,
        sign_by=sign_by,
    )
    return Ready(draft, prepared)


def hold_mail_back(
    context: AppContext, number: int, send_at: datetime, *, by: str
) -> None:
    """Plan the mail for a version before it is released.

    Afterwards its release asks nobody before that moment, wherever it is made.

    Raises:
        ReleaseExists: somebody has released it.
    """
    with _before_release(context, number) as session:
        plan_within(session, number, send_at, by=by)


def release_draft(
    context: AppContext, ready: Ready, *, send_at: datetime, by: str
) -> Version:
    """Release what was shown; gives the version.

    Afterwards its file is there, and so is the plan for its mail. What can be done
    again (the list of releases, the project's draft, git) is done as far as it goes:
    the stages tell what is missing.

    Args:
        context: the context.
        ready: as `ready_release` gave it.
        send_at: from when parents are asked; one that has passed means as soon as the
            public site shows the version.
        by: who releases it.

    Raises:
        ReleaseExists: somebody has released a version meanwhile.
        FileNotWritten: the file could not be written; nothing is released.
    """
    version = ready.prepared.version
    with _before_release(context, version.number) as session:
        plan_within(session, version.number, send_at, by=by)
        note_within(session, subject_of(version), StepName.WRITTEN, done=True)
        session.flush()
        write_release(context.settings.versions_dir, ready.prepared)
    context.reload_versions()
    finish_stages(context)
    return version


@contextmanager
def _before_release(context: AppContext, number: int) -> Iterator[Session]:
    """A transaction in which a version is the next one, and nobody else releases."""
    with context.sessions.writing() as session:
        lock_log(session)
        folder = context.settings.versions_dir
        there = [one.number for one in read_versions(folder)]
        if max(there, default=0) + 1 != number:
            raise ReleaseExists(str(folder / f"{number}.md"))
        yield session
