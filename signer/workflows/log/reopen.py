"""Going on, in the open, after the log has lost what it once vouched for."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from signer import clock
from signer.errors import LogBroken, NoteRefused, ReopeningRefused
from signer.ledger.log_key import LogKey
from signer.store.log.append import append_leaf, lock_log
from signer.store.log.hashes import check_count, check_hashes, check_size
from signer.store.log.rebuild import rebuild
from signer.store.log.tables import LogHead, LogOrigin
from signer.user_text import paragraphs
from signer.workflows.context import AppContext
from signer.workflows.log.checkpoint_consistency import (
    Names,
    check_held,
    held_outside,
    keep_outside,
    names_of,
    read_outside,
)
from signer.workflows.log.log_vs_records import REOPENED
from signer.workflows.log.origins import later_origin
from signer.workflows.log.sign_checkpoint import (
    check_beginning,
    newest_checkpoint,
    sign_head,
)


def reopen_log(context: AppContext, reason: str, after_note: str) -> str:
    """Begin the log under a new name, after its newest known head; gives the new one.

    Afterwards the leaves that are left stand in a tree that fits them, a leaf tells
    of the reopening, and a head of it all is signed under the new name. It cites the
    head before, as every later one will. Nothing is signed under the old name again.

    Args:
        context: the context.
        reason: why, for whoever asks in ten years; kept here, its hash in the log.
        after_note: the newest signed head that anybody holds.

    Raises:
        KeyUnusable: the log's key cannot be read.
        TextRefused: the reason cannot be kept.
        ReopeningRefused: nothing is wrong with the log and it fits the head given, or
            a newer head is held than that, or that is no head of this log.
    """
    key = context.log_key()
    reason = paragraphs("reason", reason)
    with context.sessions.writing() as session:
        head = lock_log(session)
        names = names_of(session, context.settings, key)
        number, size, root = _cited(names, after_note)
        newest = _newest_known(context, session, names, after_note)
        if newest > (number, size):
            raise ReopeningRefused(
                f"A newer checkpoint is held than the one given, of {newest[1]} "
                f"entries instead of {size}. Name that one."
            )
        # What a stranger alone holds is told to nobody else but this.
        lost = not _fits(session, names, after_note, head.size)
        if not (lost or _is_broken(context, session, key, head)):
            raise ReopeningRefused(
                "Nothing is wrong with the log: it goes on as it is. Look with "
                "signer log check."
            )
        origin = LogOrigin(
            number=max(newest[0], number, names.number) + 1,
            origin="",
            verifier="",
            began_at=clock.now(),
            reason=reason,
            after=after_note,
        )
        origin.origin = later_origin(names.first, origin.number)
        origin.verifier = str(key.signer(origin.origin).verifier)
        rebuild(session)
        append_leaf(
            session,
            REOPENED,
            after_size=size,
            after_root=root.hex(),
            reason_sha256=hashlib.sha256(reason.encode()).hexdigest(),
        )
        head = lock_log(session)
        head.problem = None
        session.add(origin)
        session.flush()
        note = sign_head(session, key, origin, head.size).note
    keep_outside(context.settings.checkpoint_path, note)
    return note


def _cited(names: Names, note: str) -> tuple[int, int, bytes]:
    try:
        number, cited = names.read(note)
    except NoteRefused as error:
        raise ReopeningRefused(
            f"What was given is no checkpoint of this log: {error}."
        ) from error
    return number, cited.size, cited.root


def _newest_known(
    context: AppContext, session: Session, names: Names, given: str
) -> tuple[int, int]:
    """The name and size of the newest head: the one given, and those held here.

    Of those that the log does not fit, where there are such: heads that were signed
    after an older backup was restored take nothing from the one that was lost.
    """
    size = lock_log(session).size
    outside = read_outside(context.settings)
    notes = [given, *held_outside(context.settings, names, outside).values()]
    newest = newest_checkpoint(session)
    if newest is not None:
        notes.append(newest.note)
    known, lost = [], []
    for note in notes:
        try:
            number, said = names.read(note)
        except NoteRefused:
            # What it is nobody can tell, and the operator has been told.
            continue
        known.append((number, said.size))
        if not _fits(session, names, note, size):
            lost.append((number, said.size))
    return max(lost or known)


def _fits(session: Session, names: Names, note: str, size: int) -> bool:
    try:
        check_held(session, names, note, where="", size=size)
    except LogBroken:
        return False
    return True


def _is_broken(
    context: AppContext, session: Session, key: LogKey, head: LogHead
) -> bool:
    try:
        check_beginning(context, session, key, head)
        check_size(session, head.size)
        check_count(session, head.size)
        check_hashes(session, 0, head.size, openings=True)
    except LogBroken:
        return True
    return False
