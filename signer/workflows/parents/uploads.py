"""A register file at the desk: kept between the steps of its import, then forgotten."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import UploadUnknown
from signer.register.file.heading_cells import Heading, heading_cells
from signer.register.file.headings import IGNORED, KNOWN_COLUMNS, column_of, folded
from signer.register.matching import Answers
from signer.register.rows import Reading, read_register
from signer.store.transient import RegisterUpload
from signer.workflows.context import AppContext
from signer.workflows.register.columns import remembered_columns
from signer.workflows.register.import_register import import_register
from signer.workflows.register.import_result import Imported

KEPT = timedelta(hours=12)
"""How long a file is kept: a working day."""

MOST_BYTES = 5_000_000
"""The largest file that is taken: 20,000 rows have half of that."""

MOST_FILES = 3
"""How many files one account has at once; the oldest makes way."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, and what was said of it.

    Attributes:
        ref: its reference.
        content: the whole file.
        columns: what was said of its headings, by heading, folded.
        answers: to questions.
        is_applied: whether the register was brought to what it says.
    """

    ref: str
    content: bytes = field(repr=False)
    columns: Mapping[str, str]
    answers: Answers
    is_applied: bool


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file comes to.

    Attributes:
        headings: of the file, each with the column that it means, or empty.
        reading: the file, read.
        result: what its import would do; None where it has problems.
    """

    headings: tuple[tuple[Heading, str], ...]
    reading: Reading
    result: Imported | None

    @property
    def wants_columns(self) -> bool:
        """Whether nothing of it was read, so that its headings may be the reason."""
        return bool(self.reading.problems) and not self.reading.rows


def keep_upload(context: AppContext, account_id: int, content: bytes) -> str:
    """Keep a file of an account for some hours; gives its reference.

    Afterwards the account has no more than `MOST_FILES`.
    """
    now = clock.now()
    with context.sessions.writing() as session:
        own = session.scalars(
            select(RegisterUpload.id)
            .where(RegisterUpload.account_id == account_id)
            .order_by(RegisterUpload.id.desc())
            .offset(MOST_FILES - 1)
        ).all()
        session.execute(delete(RegisterUpload).where(RegisterUpload.id.in_(own)))
        upload = RegisterUpload(
            ref=secrets.token_urlsafe(12),
            account_id=account_id,
            uploaded_at=now,
            content=content,
            columns="{}",
            answers=_written(Answers()),
        )
        session.add(upload)
        return upload.ref


def find_upload(context: AppContext, account_id: int, ref: str) -> Upload:
    """A file of an account.

    Raises:
        UploadUnknown: there is none such of theirs, or its time is over.
    """
    with context.sessions.reading() as session:
        return _upload(_row(session, account_id, ref))


def examine_upload(context: AppContext, upload: Upload) -> Examined:
    """What a file comes to now, and what its import would do; changes nothing."""
    known = {**remembered_columns(context), **upload.columns}
    headings = tuple(
        (one, column_of(one.words, known)) for one in heading_cells(upload.content)
    )
    reading = read_register(upload.content, columns=known)
    result = None
    if not reading.problems:
        result = import_register(context, reading, answers=upload.answers, dry_run=True)
    return Examined(headings, reading, result)


def say_columns(
    context: AppContext, account_id: int, ref: str, columns: Mapping[str, str]
) -> None:
    """Note what the headings of a file mean.

    Afterwards it is read by that, and the school remembers it once it is imported.

    Args:
        context: the context.
        account_id: whose file it is.
        ref: of the file.
        columns: the column of each heading; what is no column is left out.

    Raises:
        UploadUnknown: there is none such of theirs, or its time is over.
    """
    said = {
        folded(heading): column
        for heading, column in columns.items()
        if column in {IGNORED, *KNOWN_COLUMNS}
    }
    with context.sessions.writing() as session:
        row = _row(session, account_id, ref)
        row.columns = json.dumps({**json.loads(row.columns), **said})


def say_answers(
    context: AppContext,
    account_id: int,
    ref: str,
    *,
    same: Collection[str],
    new: Collection[str],
) -> None:
    """Note what was said to questions, beside what was said before.

    Args:
        context: the context.
        account_id: whose file it is.
        ref: of the file.
        same: the codes of those whose sides are one person.
        new: the codes of those whose sides are two.

    Raises:
        UploadUnknown: there is none such of theirs, or its time is over.
    """
    with context.sessions.writing() as session:
        row = _row(session, account_id, ref)
        before = _upload(row).answers
        row.answers = _written(
            Answers(before.same - set(new) | set(same), before.new - set(same) | {*new})
        )


def import_upload(
    context: AppContext,
    account_id: int,
    ref: str,
    *,
    leavers: bool = False,
    leaving: int | None = None,
) -> Imported:
    """Bring the register to what a file says, as `import_register` does.

    Afterwards what was said of its headings is remembered. Nobody leaves by it without
    ``leavers``.

    Args:
        context: the context.
        account_id: whose file it is.
        ref: of the file.
        leavers: whether parents and children not in the file leave.
        leaving: how many of them are expected to leave.

    Raises:
        UploadUnknown: there is none such of theirs, or its time is over.
        RegisterError: as `import_register`.
        RegisterUnsure: likewise.
        LeaversUncounted: likewise.
    """
    upload = find_upload(context, account_id, ref)
    known = {**remembered_columns(context), **upload.columns}
    result = import_register(
        context,
        read_register(upload.content, columns=known),
        answers=upload.answers,
        leavers=leavers,
        leaving=leaving,
        columns=upload.columns,
    )
    with context.sessions.writing() as session:
        _row(session, account_id, ref).applied_at = clock.now()
    return result


def forget_old_uploads(context: AppContext) -> int:
    """Delete files whose time is over; gives how many."""
    old = RegisterUpload.uploaded_at < clock.now() - KEPT
    with context.sessions.reading() as session:
        if session.scalar(select(RegisterUpload.id).where(old).limit(1)) is None:
            return 0
    with context.sessions.writing() as session:
        result = session.execute(delete(RegisterUpload).where(old))
        return result.rowcount if isinstance(result, CursorResult) else 0


def _row(session: Session, account_id: int, ref: str) -> RegisterUpload:
    row = session.scalars(
        select(RegisterUpload).where(
            RegisterUpload.ref == ref,
            RegisterUpload.account_id == account_id,
            RegisterUpload.uploaded_at >= clock.now() - KEPT,
        )
    ).first()
    if row is None:
        raise UploadUnknown
    return row


def _upload(row: RegisterUpload) -> Upload:
    said = json.loads(row.answers)
    return Upload(
        row.ref,
        row.content,
        json.loads(row.columns),
        Answers(frozenset(said["same"]), frozenset(said["new"])),
        row.applied_at is not None,
    )


def _written(answers: Answers) -> str:
    return json.dumps({"same": sorted(answers.same), "new": sorted(answers.new)})
