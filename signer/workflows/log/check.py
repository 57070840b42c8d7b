"""Checking the whole log, and saying all that is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from signer.errors import KeyUnusable, LogBroken, NoteRefused, SettingsError
from signer.ledger.log_key import LogKey
from signer.store.log.append import root_of
from signer.store.log.hashes import check_count, check_size, differences, use_snapshot
from signer.store.log.tables import (
    ContradictingHead,
    LogHead,
    Opening,
    SignedCheckpoint,
)
from signer.store.tables import Declaration
from signer.workflows.context import AppContext
from signer.workflows.log.checkpoint_consistency import (
    Names,
    begins_with,
    check_held,
    held_outside,
    names_of,
    read_outside,
)
from signer.workflows.log.log_vs_records import vanished

MOST_PROBLEMS = 100
"""How many problems of one sort are told; a log of strangers has one for each leaf."""


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """Whether the log fits a checkpoint that somebody holds.

    Attributes:
        where: who holds it: the name of a file.
        size: how many entries it covers; None where it cannot be read.
        problem: why the log does not fit it, as a sentence; None where it does.
        before_reopening: whether the log was reopened since, so that it need not fit.
        begins: whether the log begins with the entries that it covers.
    """

    where: str
    size: int | None
    problem: str | None
    before_reopening: bool = False
    begins: bool = True


@dataclass(frozen=True, slots=True)
class LogReport:
    """What a check of the whole log found.

    Attributes:
        origin: the name under which it is signed.
        size: how many entries it has.
        root: its root hash (hex); None where it cannot be made.
        signed_size: how many of them the newest checkpoint covers; None before the
            first one.
        checkpoints: how many checkpoints the database holds.
        reopened: how often it was reopened.
        problems: all that is wrong, each a sentence.
        beside: those of them that are wrong with the records alone.
        beside_the_log: whether all of them are, so that the log goes on being signed.
        held: what there is to say of each checkpoint that was given.
        key_problem: why the log's key cannot be read, as a clause; None where it can.
    """

    origin: str
    size: int
    root: str | None
    signed_size: int | None
    checkpoints: int
    reopened: int
    problems: tuple[str, ...]
    beside: tuple[str, ...]
    beside_the_log: bool
    held: tuple[HeldAnswer, ...]
    key_problem: str | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong, and every checkpoint given fits."""
        return not self.problems and all(one.problem is None for one in self.held)


def check_log(context: AppContext, held: Sequence[tuple[str, str]] = ()) -> LogReport:
    """Check every leaf, node and checkpoint; changes nothing.

    Args:
        context: the context.
        held: further checkpoints to compare the log with: where each is held, and
            the signed note.
    """
    key, key_problem = _key(context)
    # Before the snapshot begins, or a head that is signed meanwhile is newer.
    outside = read_outside(context.settings)
    with context.sessions.reading() as session:
        use_snapshot(session)
        size = session.scalars(select(LogHead)).one().size
        names = names_of(session, context.settings, key)
        kept = held_outside(context.settings, names, outside)
        signed = session.scalars(
            select(SignedCheckpoint).order_by(
                SignedCheckpoint.origin_number, SignedCheckpoint.size
            )
        ).all()
        problems = [
            *_raised(lambda: check_size(session, size)),
            *_raised(lambda: check_count(session, size)),
            *_some(differences(session, 0, size, openings=True)),
            *_some(_wrong_checkpoints(session, names, signed, size)),
            *_some(_wrong_outside(session, names, kept, size)),
            *_some(_wrong_shown(session, names, size)),
        ]
        beside = [*_some(_unlogged(session)), *_some(vanished(session))]
        answers = tuple(
            _answer(session, names, where, note, size) for where, note in held
        )
        current = [one for one in signed if one.origin_number == names.number]
        return LogReport(
            origin=names.origin,
            size=size,
            root=_root(session, size),
            signed_size=current[-1].size if current else None,
            checkpoints=len(signed),
            reopened=max(names.known - 1, 0),
            # A missing leaf is found by counting too.
            problems=tuple(dict.fromkeys([*problems, *beside])),
            beside=tuple(one for one in beside if one not in problems),
            beside_the_log=bool(beside) and not problems,
            held=answers,
            key_problem=key_problem,
        )


def _key(context: AppContext) -> tuple[LogKey | None, str | None]:
    try:
        return context.log_key(), None
    except KeyUnusable as error:
        return None, f"{error.path} {error.problem}"
    except SettingsError as error:
        return None, str(error)


def _raised(check: Callable[[], None]) -> list[str]:
    try:
        check()
    except LogBroken as error:
        return [error.problem]
    return []


def _some(problems: Iterator[str]) -> Iterator[str]:
    yield from islice(problems, MOST_PROBLEMS)
    if next(problems, None) is not None:
        yield f"And more of the same: the first {MOST_PROBLEMS} are told."


def _wrong_checkpoints(
    session: Session,
    names: Names,
    signed: Sequence[SignedCheckpoint],
    size: int,
) -> Iterator[str]:
    for one in signed:
        where = f"checkpoint {one.size} in the database"
        try:
            number, said = names.read(one.note)
        except NoteRefused as error:
            yield f"The {where} is not signed as it must be: {error}."
            continue
        if (number, said.size, said.root) != (one.origin_number, one.size, one.root):
            yield f"The {where} is filed as another one."
        yield from _raised(
            lambda one=one, where=where: check_held(  # type: ignore[misc]
                session, names, one.note, where=where, size=size
            )
        )


def _wrong_outside(
    session: Session, names: Names, kept: Mapping[str, str], size: int
) -> Iterator[str]:
    for where, note in kept.items():
        yield from _raised(
            lambda where=where, note=note: check_held(  # type: ignore[misc]
                session, names, note, where=where, size=size
            )
        )


def _wrong_shown(session: Session, names: Names, size: int) -> Iterator[str]:
    for note in session.scalars(select(ContradictingHead.note)):
        yield from _raised(
            lambda note=note: check_held(  # type: ignore[misc]
                session, names, note, where="a proof that was shown", size=size
            )
        )


def _unlogged(session: Session) -> Iterator[str]:
    """Each sealed declaration whose seal the log does not tell of."""
    rows = session.execute(
        select(Declaration.id, Declaration.pdf_sha256, Opening.record)
        .outerjoin(Opening, Opening.position == Declaration.sealed_position)
        .where(Declaration.pdf_sha256.is_not(None))
        .order_by(Declaration.id)
    )
    for declaration_id, sha256, record in rows:
        # An outer join: a seal without a leaf has no record.
        said = json.loads(record or b"{}")
        if (said.get("declaration"), said.get("pdf_sha256")) != (
            declaration_id,
            sha256,
        ):
            yield f"The log does not tell of the seal of {declaration_id}."


def _answer(
    session: Session, names: Names, where: str, note: str, size: int
) -> HeldAnswer:
    try:
        number, said = names.read(note)
        check_held(session, names, note, where=where, size=size)
    except NoteRefused as error:
        return HeldAnswer(where, None, f"It is no checkpoint of this log: {error}.")
    except LogBroken as error:
        return HeldAnswer(where, said.size, error.problem)
    return HeldAnswer(
        where,
        said.size,
        None,
        before_reopening=number < names.number,
        begins=begins_with(session, said, size=size),
    )


def _root(session: Session, size: int) -> str | None:
    try:
        return root_of(session, size).hex()
    except NoResultFound:
        return None
