"""A register file at the desk: kept between the steps of its import, then forgotten."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import RegisterError, UploadUnknown
from signer.register.file.heading_cells import heading_cells
from signer.register.file.headings import IGNORED, KNOWN_COLUMNS, column_of, folded
from signer.register.matching import Answers
from signer.register.rows import read_register
from signer.store.transient import RegisterUpload
from signer.workflows.context import AppContext
from signer.workflows.parents.compared import (
    Examined,
    examined_of,
    read_examined,
    write_examined,
)
from signer.workflows.parents.register_mark import mark_of_register
from signer.workflows.register.columns import columns_in, remembered_columns
from signer.workflows.register.import_register import import_register
from signer.workflows.register.import_result import Imported

KEPT = timedelta(hours=12)
"""How long a file is kept: a working day."""

MOST_BYTES = 5_000_000
"""The largest file that is taken: 20,000 rows have half of that."""

_SOFTWARE = importlib.metadata.version("signer")

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


def keep_upload(context: AppContext, account_id: int, content: bytes) -> str:
    """Keep a file of an account for some hours; gives its reference.

    Afterwards the account has no more than `MOST_FILES`, and what the file comes to is
    kept with it.
    """
    now = clock.now()
    upload = Upload(secrets.token_urlsafe(12), content, {}, Answers(), False)
    kept = _comparison(context, upload)
    with context.sessions.writing() as session:
        own = session.scalars(
            select(RegisterUpload.id)
            .where(RegisterUpload.account_id == account_id)
            .order_by(RegisterUpload.id.desc())
            .offset(MOST_FILES - 1)
        ).all()
        session.execute(delete(RegisterUpload).where(RegisterUpload.id.in_(own)))
        session.add(
            RegisterUpload(
                ref=upload.ref,
                account_id=account_id,
                uploaded_at=now,
                content=content,
                columns="{}",
                answers=_written(upload.answers),
                **kept,
            )
        )
    return upload.ref


def find_upload(context: AppContext, account_id: int, ref: str) -> Upload:
    """A file of an account.

    Raises:
        UploadUnknown: there is none such of theirs, or its time is over.
    """
    with context.sessions.reading() as session:
        return _upload(_row(session, account_id, ref))


def examine_upload(context: AppContext, upload: Upload) -> Examined:
    """What a file comes to now, and what its import would do; changes nothing.

    What was found before is given again for as long as the file, what was said of it,
    and the register are what they were.
    """
    with context.sessions.reading() as session:
        kept = session.scalar(
            select(RegisterUpload.comparison).where(
                RegisterUpload.ref == upload.ref,
                RegisterUpload.compared_with == _mark(session, upload),
            )
        )
    return read_examined(kept) if kept else _examine(context, upload)


def compare_upload(context: AppContext, account_id: int, upload: Upload) -> Examined:
    """Compare a file with the register, whatever was found before.

    Afterwards what was found is kept with the file.
    """
    examined, kept = _compare(context, upload)
    with context.sessions.writing() as session:
        session.execute(
            update(RegisterUpload)
            .where(
                RegisterUpload.ref == upload.ref,
                RegisterUpload.account_id == account_id,
            )
            .values(kept)
        )
    return examined


def say_columns(
    context: AppContext, account_id: int, ref: str, columns: Mapping[str, str]
) -> None:
    """Note what the headings of a file mean.

    Afterwards it is read by that, what it comes to so is kept with it, and the school
    remembers it once it is imported.

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
    upload = find_upload(context, account_id, ref)
    upload = replace(upload, columns={**upload.columns, **said})
    kept = _comparison(context, upload)
    with context.sessions.writing() as session:
        row = _row(session, account_id, ref)
        row.columns = json.dumps({**json.loads(row.columns), **said})
        _keep(row, kept)


def say_answers(
    context: AppContext,
    account_id: int,
    ref: str,
    *,
    same: Collection[str],
    new: Collection[str],
) -> None:
    """Note what was said to questions, beside what was said before.

    Afterwards what the file comes to by that is kept with it.

    Args:
        context: the context.
        account_id: whose file it is.
        ref: of the file.
        same: the codes of those whose sides are one person.
        new: the codes of those whose sides are two.

    Raises:
        UploadUnknown: there is none such of theirs, or its time is over.
    """
    upload = find_upload(context, account_id, ref)
    upload = replace(upload, answers=_answered(upload.answers, same, new))
    kept = _comparison(context, upload)
    with context.sessions.writing() as session:
        row = _row(session, account_id, ref)
        row.answers = _written(_answered(_upload(row).answers, same, new))
        _keep(row, kept)


def import_upload(
    context: AppContext,
    account_id: int,
    ref: str,
    *,
    leavers: bool = False,
    leaving: int | None = None,
) -> Imported:
    """Bring the register to what a file says, as `import_register` does.

    Afterwards what was said of its headings is remembered, and what the file comes to
    then is kept with it. Nobody leaves by it without ``leavers``.

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
    kept = _comparison(context, upload)
    with context.sessions.writing() as session:
        row = _row(session, account_id, ref)
        row.applied_at = clock.now()
        _keep(row, kept)
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


def _answered(before: Answers, same: Collection[str], new: Collection[str]) -> Answers:
    """What was said to questions, after more was said: the last word counts."""
    return Answers(
        before.same - set(new) | set(same), before.new - set(same) | set(new)
    )


def _examine(context: AppContext, upload: Upload) -> Examined:
    known = {**remembered_columns(context), **upload.columns}
    headings = tuple(
        (one, column_of(one.words, known)) for one in heading_cells(upload.content)
    )
    reading = read_register(upload.content, columns=known)
    result = None
    if not reading.problems:
        result = import_register(context, reading, answers=upload.answers, dry_run=True)
    return examined_of(headings, reading, result)


def _compare(
    context: AppContext, upload: Upload
) -> tuple[Examined, dict[str, str | None]]:
    """What a file comes to, and what is kept of that: nothing where it is not sure."""
    before = _mark_now(context, upload)
    examined = _examine(context, upload)
    if _mark_now(context, upload) != before:
        # The register was changed meanwhile, and nobody knows which was looked at.
        return examined, {"compared_with": None, "comparison": None}
    return examined, {
        "compared_with": before,
        "comparison": write_examined(examined),
    }


def _comparison(context: AppContext, upload: Upload) -> dict[str, str | None]:
    """What is kept of the comparison, which whoever looks at the file makes again."""
    with suppress(RegisterError):
        return _compare(context, upload)[1]
    return {"compared_with": None, "comparison": None}


def _keep(row: RegisterUpload, kept: Mapping[str, str | None]) -> None:
    row.compared_with, row.comparison = kept["compared_with"], kept["comparison"]


def _mark_now(context: AppContext, upload: Upload) -> str:
    with context.sessions.reading() as session:
        return _mark(session, upload)


def _mark(session: Session, upload: Upload) -> str:
    """What tells that a file would be compared with the same again, in the same way."""
    said = (
        _SOFTWARE,
        mark_of_register(session),
        sorted(columns_in(session).items()),
        sorted(upload.columns.items()),
        _written(upload.answers),
    )
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _written(answers: Answers) -> str:
    return json.dumps({"same": sorted(answers.same), "new": sorted(answers.new)})
