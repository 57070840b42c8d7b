"""Making the archive copy of each declaration, and renewing it before it ends."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from signer import clock
from signer.declaration.seal.archive_copy import Extended, extended, reach_of
from signer.declaration.seal.levels import Authority
from signer.declaration.verify import Outcome
from signer.declaration.verify.inputs import VerificationInputs
from signer.declaration.verify.verify import verify_with
from signer.errors import SealError, SignerError
from signer.store.archive_copies.tables import ArchiveCopy
from signer.store.tables import Declaration, SealedPdf
from signer.store.write_health import write_problem
from signer.workflows.context import AppContext
from signer.workflows.declarations.archive_state import archive_state, is_due
from signer.workflows.declarations.own_trust import own_trust
from signer.workflows.declarations.seal import FAILURES_IN_A_ROW, authority_of
from signer.workflows.mailing.alarms import queue_alarm

_log = logging.getLogger(__name__)

AT_ONCE = 20
"""Copies in one round of the worker: public timestamp authorities want to be asked
slowly, and other chores come after this one."""

_CHECKED = ("seal", "digest", "signature", "timestamp", "changes")
"""The steps of a verification that a copy must pass before it is kept."""


@dataclass(frozen=True, slots=True)
class Archived:
    """What was done.

    Attributes:
        made: how many declarations have a copy that had none.
        renewed: how many copies reach further than before.
        failed: how many were tried in vain.
        waiting: how many end soon, and would end no later if they were renewed now:
            the authority has no newer certificate yet.
    """

    made: int = 0
    renewed: int = 0
    failed: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class _Due:
    declaration_id: str
    sha256: str | None
    """Of the copy that is there; None where there is none."""
    ends_at: datetime | None


def archive_some(context: AppContext) -> Archived:
    """Do as `archive_declarations` does, for a few: a chore of the worker."""
    return archive_declarations(context, most=AT_ONCE)


def archive_declarations(
    context: AppContext,
    *,
    most: int | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Archived:
    """Make each archive copy that is missing, and renew each that ends soon.

    Afterwards each copy that was made is stored behind its declaration's sealed PDF,
    in one transaction a copy, having passed the checks of `verify`. Two at once leave
    one copy. What went wrong is recorded with the declaration and tried again at the
    next call, and the headteacher's address has an alarm, once a week, where one is
    overdue. Without a timestamp authority in the settings nothing is done.

    Args:
        context: the context.
        most: how many to make or renew at most.
        progress: hears how many are done, and how many there are.

    Raises:
        KeyUnusable: a file of the settings cannot be read.
        VersionTampered: a released file is not what parents were asked to sign.
    """
    if not context.settings.tsa_url:
        return Archived()
    due = _due(context)
    if not due:
        return Archived()
    authority = authority_of(context.settings)
    if authority is None:
        return Archived()
    try:
        reach = reach_of(authority)
    except SealError as error:
        _log.warning("no archive copy can be made now: %s", error)
        _record_failure(context, due[0].declaration_id, str(error))
        _alarm_when_late(context)
        return Archived(failed=len(due))
    useful = [one for one in due if one.ends_at is None or one.ends_at < reach]
    making = _Making(context, authority, own_trust(context))
    made, renewed, failed = making.make_all(useful[:most], progress)
    _alarm_when_late(context)
    return Archived(made, renewed, failed, waiting=len(due) - len(useful))


def _due(context: AppContext) -> list[_Due]:
    """The declarations whose copy is to be made or renewed, the soonest to end first.

    Those that failed come last, so that they hold up no other.
    """
    with context.sessions.reading() as session:
        rows = session.execute(
            select(Declaration.id, ArchiveCopy.sha256, ArchiveCopy.ends_at)
            .outerjoin(ArchiveCopy, ArchiveCopy.declaration_id == Declaration.id)
            .where(is_due())
            .order_by(
                ArchiveCopy.attempts.is_not(None) & (ArchiveCopy.attempts > 0),
                ArchiveCopy.ends_at.is_(None),
                ArchiveCopy.ends_at,
                Declaration.sealed_at,
            )
        ).all()
    return [_Due(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class _Making:
    context: AppContext
    authority: Authority
    known: VerificationInputs

    def make_all(
        self, chosen: Sequence[_Due], progress: Callable[[int, int], None]
    ) -> tuple[int, int, int]:
        """Make or renew copies; gives how many were made, renewed, tried in vain."""
        made = renewed = failed = in_a_row = 0
        for done, one in enumerate(chosen, start=1):
            if self.context.stopping.is_set() or in_a_row == FAILURES_IN_A_ROW:
                break
            self.context.beat()
            stored = self._tried(one)
            in_a_row = in_a_row + 1 if stored is None else 0
            failed += stored is None
            made += bool(stored) and one.sha256 is None
            renewed += bool(stored) and one.sha256 is not None
            progress(done, len(chosen))
        return made, renewed, failed

    def _tried(self, due: _Due) -> bool | None:
        """Whether a copy was stored by this; None where it failed and that is kept."""
        try:
            return self.make(due)
        except Exception as error:
            if write_problem(error):
                # No declaration's fault: nothing can be recorded either.
                raise
            _log.exception("no archive copy was made: %s", due.declaration_id)
            known = isinstance(error, SignerError)
            problem = str(error) if known else type(error).__name__
            _record_failure(self.context, due.declaration_id, problem)
            return None

    def make(self, due: _Due) -> bool:
        """Make or renew a copy; gives whether it was stored by this.

        Raises:
            SealError: it cannot be made, or does not pass the checks.
        """
        sealed, former = self._read(due)
        if sealed is None:
            return False
        now = clock.now()
        # One that has ended proves nothing to go on from: it begins anew.
        ended = due.ends_at is not None and due.ends_at <= now
        base = sealed if former is None or ended else former
        copy = extended(base, self.authority, at=now)
        self._check(copy)
        return self._store(due, len(sealed), copy, now)

    def _read(self, due: _Due) -> tuple[bytes | None, bytes | None]:
        """The sealed file and the copy of it; None for what is not there."""
        with self.context.sessions.reading() as session:
            found = session.execute(
                select(SealedPdf, ArchiveCopy.addition)
                .join(Declaration, Declaration.pdf_sha256 == SealedPdf.sha256)
                .outerjoin(ArchiveCopy, ArchiveCopy.declaration_id == Declaration.id)
                .where(Declaration.id == due.declaration_id)
            ).first()
            if found is None:
                return None, None
            sealed, addition = found[0].content, found[1]
        if addition is None:
            return sealed, None
        former = sealed + addition
        if hashlib.sha256(former).hexdigest() != due.sha256:
            raise SealError(
                "the archive copy in the record is not the one that was made"
            )
        return sealed, former

    def _check(self, copy: Extended) -> None:
        report = verify_with(self.known, copy.pdf, clock.now())
        for check in report.checks:
            if check.name in _CHECKED and check.outcome is not Outcome.PASSED:
                raise SealError(f"the archive copy does not hold: {check.sentence}")
        if not report.archived:
            raise SealError("the archive copy is none")

    def _store(self, due: _Due, size: int, copy: Extended, at: datetime) -> bool:
        with self.context.sessions.writing() as session:
            declaration = session.get(
                Declaration, due.declaration_id, with_for_update=True
            )
            # Whoever has left may be erased at any moment.
            if declaration is None:
                return False
            row = session.get(ArchiveCopy, due.declaration_id)
            if row is None:
                row = ArchiveCopy(declaration_id=due.declaration_id)
                session.add(row)
            if row.sha256 != due.sha256:
                # Another was quicker.
                return False
            row.addition = copy.pdf[size:]
            row.sha256 = hashlib.sha256(copy.pdf).hexdigest()
            row.timestamps = copy.timestamps
            row.made_at = at
            row.ends_at = copy.ends
            row.attempts = 0
            row.problem = None
        _log.info("archive copy made: %s", due.declaration_id)
        return True


def _record_failure(context: AppContext, declaration_id: str, problem: str) -> None:
    with context.sessions.writing() as session:
        declaration = session.get(Declaration, declaration_id, with_for_update=True)
        if declaration is None:
            return
        row = session.get(ArchiveCopy, declaration_id)
        if row is None:
            row = ArchiveCopy(declaration_id=declaration_id, attempts=0, timestamps=0)
            session.add(row)
        row.attempts += 1
        row.problem = problem


def _alarm_when_late(context: AppContext) -> None:
    with context.sessions.writing() as session:
        if archive_state(session).late:
            queue_alarm(session, "archive")
