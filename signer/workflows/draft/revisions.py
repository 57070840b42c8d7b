"""The draft at the desk: what it says now, saving it, and what it said before.

Revisions are only added. Whoever saves names the revision that they began from, so that
two people who write at once both find their words again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from signer import clock
from signer.errors import DraftMoved, DraftRefused, RevisionUnknown
from signer.policy.release.draft import DRAFT, read_draft
from signer.policy.release.source import DraftText, split_draft, tidy_body, write_draft
from signer.policy.versions import Version, in_force
from signer.store.draft.tables import DraftRevision, DraftSource, DraftUnsaved
from signer.store.locking import lock_table
from signer.workflows.context import AppContext

PAGE = 50

WRITING = timedelta(minutes=5)
"""For how long after their last word somebody is said to be writing."""

DRAFT_BYTES = 48 * 1024
"""The longest draft, in bytes: four times the first text, and what a form may send."""


@dataclass(frozen=True, slots=True)
class DraftAsSaved:
    """The draft at some moment.

    Attributes:
        number: of the revision; 0 before anybody saved one.
        text: what it says, field by field.
        source: the whole file, as a release takes it.
        sha256: the SHA-256 (hex) of that file.
        based_on: the number of the version that was in force; 0 before the first.
        how: how the revision came to be; None before the first.
        saved_by: who saved it; empty before the first.
        saved_at: when; None before the first.
    """

    number: int
    text: DraftText
    source: str
    sha256: str
    based_on: int
    how: DraftSource | None = None
    saved_by: str = ""
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedRevision:
    """A line of the draft's history.

    Attributes:
        number: of the revision.
        how: how it came to be.
        saved_by: who saved it.
        saved_at: when.
    """

    number: int
    how: DraftSource
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What somebody has typed and not saved.

    Attributes:
        text: what it says.
        revision: the number of the revision that they began from.
        typed_at: when it was kept.
    """

    text: DraftText
    revision: int
    typed_at: datetime


def look_at_draft(context: AppContext) -> DraftAsSaved:
    """The draft as it is; it changes nothing.

    Before anybody saved one at the desk it is the draft of the project, where the
    service's machine has that, and the version in force elsewhere.
    """
    with context.sessions.reading() as session:
        newest = _newest(session)
        draft = _as_saved(newest) if newest is not None else None
    if draft is None:
        return _beginning(context)
    if context.versions:
        released = in_force(context.versions)
        if draft.based_on != released.number and _says_what(released, draft.text):
            # It was released: its summary and review date are those of that release.
            return _as_begun(draft.number, text_in_force(released), released.number)
    return draft


def look_at_revision(context: AppContext, number: int) -> DraftAsSaved:
    """The draft as it was saved once.

    Raises:
        RevisionUnknown: there is no such revision.
    """
    with context.sessions.reading() as session:
        row = session.get(DraftRevision, number)
        if row is None:
            raise RevisionUnknown
        return _as_saved(row)


def list_revisions(
    context: AppContext, *, before: int | None = None
) -> tuple[ListedRevision, ...]:
    """A page of the history, the newest first.

    Args:
        context: the context.
        before: only those with a lower number.
    """
    query = select(DraftRevision).options(joinedload(DraftRevision.account))
    if before is not None:
        query = query.where(DraftRevision.number < before)
    query = query.order_by(DraftRevision.number.desc()).limit(PAGE)
    with context.sessions.reading() as session:
        return tuple(
            ListedRevision(one.number, one.source, one.account.name, one.saved_at)
            for one in session.scalars(query)
        )


def save_draft(
    context: AppContext,
    text: DraftText,
    *,
    account_id: int,
    revision: int,
    how: DraftSource = DraftSource.TYPED,
) -> int:
    """Save the draft; gives the number of the revision that says this now.

    Afterwards it is the draft, and those before are in the history. Approvals of other
    words do not count for it. Where the draft says so already, nothing is added. What
    the same person has typed is no more kept as unsaved, unless what is saved are words
    of a file or of an earlier draft.

    Args:
        context: the context.
        text: what it is to say.
        account_id: of whoever saves it.
        revision: the number of the revision that they began from, 0 where none was.
        how: how it came to be.

    Raises:
        DraftMoved: somebody saved other words meanwhile; what was typed is kept as
            unsaved, and the draft is as they left it.
    """
    typed = how is DraftSource.TYPED
    source = write_draft(text)
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    present = look_at_draft(context)
    if present.saved_at and present.sha256 == sha256:
        if typed:
            forget_unsaved(context, account_id)
        return present.number
    moved = None
    with context.sessions.writing() as session:
        lock_table(session, DraftRevision)
        newest = _newest(session)
        number = newest.number if newest else 0
        if newest and newest.sha256 == sha256:
            return number
        if number != revision:
            moved = number
            if typed:
                keep(session, account_id, source, revision)
        else:
            session.add(
                DraftRevision(
                    number=number + 1,
                    text=source,
                    sha256=sha256,
                    based_on=_in_force_number(context),
                    source=how,
                    account_id=account_id,
                    saved_at=clock.now(),
                )
            )
            if typed:
                own = DraftUnsaved.account_id == account_id
                session.execute(delete(DraftUnsaved).where(own))
    if moved is not None:
        raise DraftMoved(moved)
    return number + 1


def keep(session: Session, account_id: int, source: str, revision: int) -> None:
    """Keep what somebody has typed beside the draft, in place of what was kept before.

    Args:
        session: the transaction.
        account_id: whose.
        source: the whole file.
        revision: the number of the revision that they began from.
    """
    row = session.get(DraftUnsaved, account_id)
    if row is None:
        row = DraftUnsaved(account_id=account_id)
        session.add(row)
    row.revision, row.text, row.typed_at = revision, source, clock.now()


def look_at_unsaved(context: AppContext, account_id: int) -> Unsaved | None:
    """What somebody has typed and not saved; None where there is nothing."""
    with context.sessions.reading() as session:
        row = session.get(DraftUnsaved, account_id)
        if row is None:
            return None
        return Unsaved(split_draft(row.text, path=DRAFT), row.revision, row.typed_at)


def keep_unsaved(
    context: AppContext, text: DraftText, *, account_id: int, revision: int
) -> None:
    """Keep what somebody is typing, in case that they never save it.

    Afterwards they find it again in any browser. The draft is as it was, and nobody
    else sees it. What the draft says already is not kept.

    Args:
        context: the context.
        text: what is in their form.
        account_id: whose.
        revision: the number of the revision that they began from.
    """
    source = write_draft(text)
    if look_at_draft(context).source == source:
        forget_unsaved(context, account_id)
        return
    with context.sessions.writing() as session:
        keep(session, account_id, source, revision)


def who_else_writes(context: AppContext, account_id: int) -> tuple[str, ...]:
    """The names of others who have typed something within the last minutes."""
    query = (
        select(DraftUnsaved)
        .where(
            DraftUnsaved.account_id != account_id,
            DraftUnsaved.typed_at > clock.now() - WRITING,
        )
        .options(joinedload(DraftUnsaved.account))
    )
    with context.sessions.reading() as session:
        return tuple(sorted(row.account.name for row in session.scalars(query)))


def forget_unsaved(context: AppContext, account_id: int) -> None:
    """Forget what somebody has typed and not saved, if there is any."""
    query = select(DraftUnsaved.account_id).where(DraftUnsaved.account_id == account_id)
    with context.sessions.reading() as session:
        there = session.scalar(query) is not None
    if there:
        with context.sessions.writing() as session:
            session.execute(
                delete(DraftUnsaved).where(DraftUnsaved.account_id == account_id)
            )


def text_in_force(version: Version) -> DraftText:
    """A released version as the beginning of the next draft."""
    return DraftText(
        title=version.title,
        declaration=version.declaration,
        body=tidy_body(version.body),
        school=version.school,
        motto=version.motto,
    )


def draft_bytes(context: AppContext) -> bytes:
    """The file of the draft as it is, whose SHA-256 is what people approve."""
    return look_at_draft(context).source.encode()


def _newest(session: Session) -> DraftRevision | None:
    highest = select(func.max(DraftRevision.number)).scalar_subquery()
    query = select(DraftRevision).where(DraftRevision.number == highest)
    return session.scalars(query.options(joinedload(DraftRevision.account))).first()


def _as_saved(row: DraftRevision) -> DraftAsSaved:
    return DraftAsSaved(
        number=row.number,
        text=split_draft(row.text, path=DRAFT),
        source=row.text,
        sha256=row.sha256,
        based_on=row.based_on,
        how=row.source,
        saved_by=row.account.name,
        saved_at=row.saved_at,
    )


def _beginning(context: AppContext) -> DraftAsSaved:
    """The draft of the project; the version in force without one; else nothing."""
    text = _text_of_project(context)
    if text is None and context.versions:
        text = text_in_force(in_force(context.versions))
    text = text or DraftText("", (), "")
    return _as_begun(0, text, _in_force_number(context))


def _as_begun(number: int, text: DraftText, based_on: int) -> DraftAsSaved:
    """A draft that nobody has saved yet, on top of a revision."""
    source = write_draft(text)
    return DraftAsSaved(
        number=number,
        text=text,
        source=source,
        sha256=hashlib.sha256(source.encode()).hexdigest(),
        based_on=based_on,
    )


def _says_what(version: Version, text: DraftText) -> bool:
    """Whether a draft says what a version says, whatever its summary."""
    return replace(text, summary=(), review_by="") == text_in_force(version)


def _text_of_project(context: AppContext) -> DraftText | None:
    """What the project's draft says, where it says something new; None elsewhere."""
    path = context.settings.versions_dir.parent / DRAFT
    try:
        source = path.read_bytes().decode()
        draft = read_draft(source)
    except (OSError, UnicodeDecodeError, DraftRefused):
        return None
    if context.versions and draft.says_the_same_as(in_force(context.versions)):
        return None
    return split_draft(source, path=DRAFT)


def _in_force_number(context: AppContext) -> int:
    return in_force(context.versions).number if context.versions else 0
