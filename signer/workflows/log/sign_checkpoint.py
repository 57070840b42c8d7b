"""Signing the log's head, once the log is still what it was."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import LogBroken
from signer.ledger.checkpoints import Checkpoint
from signer.ledger.log_key import LogKey
from signer.store.log.append import lock_log, root_of
from signer.store.log.hashes import (
    check_count,
    check_hashes,
    check_size,
    use_snapshot,
)
from signer.store.log.tables import (
    ContradictingHead,
    LogHead,
    LogOrigin,
    SignedCheckpoint,
)
from signer.workflows.context import AppContext
from signer.workflows.log.checkpoint_consistency import (
    Names,
    check_held,
    held_outside,
    keep_outside,
    names_of,
    read_outside,
)
from signer.workflows.log.origins import origins

_FILE_LOST = (
    "The file that keeps the newest signed head outside the database is missing, so "
    "that nothing shows whether this database is an older one. Put a copy of the "
    "newest checkpoint that anybody has in its place. If nobody has one that is newer "
    "than the database, run signer log checkpoint --without-file."
)


def sign_checkpoint(
    context: AppContext, *, whole: bool = False, must_keep: bool = False
) -> str | None:
    """Sign the log's head; gives the newest signed head, or None of an empty log.

    Afterwards the newest head is signed and stored, once for each size, and kept in
    a file outside the database. Where that file cannot be written, this is logged, and
    the next call writes it. Before that every head that is held was found to be a
    beginning of the log, and all that came since was hashed again.

    Args:
        context: the context.
        whole: hash every leaf again, not those alone that came since.
        must_keep: whether to raise where that file cannot be written.

    Raises:
        FileNotWritten: the file outside cannot be written, and must be.
        KeyUnusable: the log's key cannot be read.
        LogBroken: the log is not what it was; nothing was signed.
    """
    key = context.log_key()
    if whole:
        _check_whole(context)
    with context.sessions.writing() as session:
        head = lock_log(session)
        check_beginning(context, session, key, head)
        if not head.size:
            return None
        origin = _origin(context, session, key)
        newest = newest_checkpoint(session)
        if newest is None or newest.size < head.size:
            newest = sign_head(session, key, origin, head.size)
        note, known = newest.cosigned, head.kept_outside
    kept = keep_outside(context.settings.checkpoint_path, note, must=must_keep)
    if kept and not known:
        with context.sessions.writing() as session:
            lock_log(session).kept_outside = True
    return note


def accept_lost_file(context: AppContext) -> None:
    """Go on without the file outside the database, as an operator has decided.

    Afterwards the next head is signed although no such file is there, and kept in a new
    one. A file that is there is compared as before.
    """
    with context.sessions.writing() as session:
        lock_log(session).kept_outside = False


def newest_checkpoint(session: Session) -> SignedCheckpoint | None:
    """The newest signed head; None before the first."""
    return session.scalars(
        select(SignedCheckpoint)
        .order_by(SignedCheckpoint.origin_number.desc(), SignedCheckpoint.size.desc())
        .limit(1)
    ).first()


def sign_head(
    session: Session, key: LogKey, origin: LogOrigin, size: int
) -> SignedCheckpoint:
    """Sign a head of the log, whose lock and correctness are the caller's.

    Args:
        session: a transaction that holds the log's lock.
        key: the log's.
        origin: the name to sign under.
        size: how many leaves the head covers.
    """
    extensions: tuple[str, ...] = ()
    if origin.after is not None:
        extensions = (_cited(origin.after),)
    head = Checkpoint(origin.origin, size, root_of(session, size), extensions)
    signed = SignedCheckpoint(
        origin_number=origin.number,
        size=size,
        root=head.root,
        note=head.signed(key.signer(origin.origin)),
        signed_at=clock.now(),
    )
    session.add(signed)
    return signed


def _cited(after: str) -> str:
    """The line that cites the head a reopened log goes on from."""
    origin, size, encoded, *_ = after.split("\n")
    return Checkpoint(origin, int(size), b64decode(encoded)).citation


def problem_of_log(
    context: AppContext, session: Session, outside: Mapping[Path, str] | None = None
) -> str | None:
    """Why no head is signed, as a sentence; None where nothing prevents it.

    Args:
        context: the context, whose key of the log can be read.
        session: a transaction.
        outside: what `read_outside` gave before the snapshot that the transaction has;
            None where it holds the log's lock.
    """
    head = session.scalars(select(LogHead)).one()
    try:
        check_beginning(context, session, context.log_key(), head, outside)
    except LogBroken as error:
        return error.problem
    return None


def _check_whole(context: AppContext) -> None:
    """Hash every leaf again, and note with the head what was found."""
    problem: LogBroken | None = None
    with context.sessions.reading() as session:
        use_snapshot(session)
        head = session.scalars(select(LogHead)).one()
        known = head.problem
        try:
            check_size(session, head.size)
            check_count(session, head.size)
            check_hashes(session, 0, head.size, openings=True)
        except LogBroken as error:
            problem = error
    found = problem.problem if problem else None
    if found != known:
        with context.sessions.writing() as session:
            lock_log(session).problem = found
    if problem is not None:
        raise problem


def check_beginning(
    context: AppContext,
    session: Session,
    key: LogKey,
    head: LogHead,
    outside: Mapping[Path, str] | None = None,
) -> None:
    """Check that the log begins with every head held, and hash what came since."""
    size = head.size
    if head.problem is not None:
        raise LogBroken(head.problem, size=size)
    check_size(session, size)
    names = names_of(session, context.settings, key)
    newest = newest_checkpoint(session)
    if newest is not None:
        _check_key(names, key, size)
        check_held(session, names, newest.note, where="the database", size=size)
    if outside is None:
        outside = read_outside(context.settings)
    for where, note in held_outside(context.settings, names, outside).items():
        if newest is None or note != newest.note:
            check_held(session, names, note, where=where, size=size)
    for note in session.scalars(select(ContradictingHead.note)):
        check_held(session, names, note, where="a proof that was shown", size=size)
    path = context.settings.checkpoint_path
    # It may have been written since, for the first time of all.
    if head.kept_outside and path not in outside and not path.exists():
        raise LogBroken(_FILE_LOST, size=size)
    check_hashes(session, newest.size if newest else 0, size)


def _check_key(names: Names, key: LogKey, size: int) -> None:
    if names.key_now not in {None, key.public}:
        raise LogBroken(
            "The log's key is not the one that its heads were signed with so far.",
            size=size,
        )


def _origin(context: AppContext, session: Session, key: LogKey) -> LogOrigin:
    """The name to sign under, which the first signature fixes."""
    known = origins(session)
    if known:
        return known[-1]
    names = names_of(session, context.settings, key)
    first = LogOrigin(
        number=names.number,
        origin=names.origin,
        verifier=str(key.signer(names.origin).verifier),
        began_at=clock.now(),
    )
    session.add(first)
    session.flush()
    return first
