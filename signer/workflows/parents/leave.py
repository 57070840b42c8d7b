"""One parent leaves the register, without a file that says so."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from signer.store.columns import Status
from signer.store.locking import lock_table
from signer.store.tables import Parent, Request
from signer.workflows.context import AppContext
from signer.workflows.register.deletion import lock_parents
from signer.workflows.register.find_parent import parent_known_by
from signer.workflows.register.import_register import leave
from signer.workflows.requests.disputes import THE_REGISTER, settle_unused


@dataclass(frozen=True, slots=True)
class Leaving:
    """What it changes that a parent leaves, or would.

    Attributes:
        name: in the register.
        email: likewise; empty where they have none.
        withdrawn: each version that they were asked for and have not signed.
        had_left: whether they had left before, so that nothing is changed.
    """

    name: str
    email: str
    withdrawn: tuple[int, ...]
    had_left: bool


def leave_register(
    context: AppContext, who: str | int, *, dry_run: bool = False
) -> Leaving:
    """Note that a parent has left the school.

    Afterwards their open requests are withdrawn, and their links open nothing. What
    they signed stays. Whoever has left before is as they were.

    Args:
        context: the context.
        who: as for `parents_known_by`.
        dry_run: only say what would be done.

    Raises:
        ParentUnknown: nobody is known by ``who``.
        ParentAmbiguous: several are.
    """
    using = context.sessions.reading if dry_run else context.sessions.writing
    with using() as session:
        if not dry_run:
            # An import may be at work.
            lock_table(session, Parent)
        parent = parent_known_by(session, who)
        if not dry_run:
            lock_parents(session, [parent.id])
        had_left = parent.left_at is not None
        open_requests = select(Request.version_number).where(
            Request.parent_id == parent.id,
            Request.status.in_([Status.PENDING, Status.DECLINED]),
        )
        withdrawn = session.scalars(open_requests.order_by(Request.version_number))
        leaving = Leaving(parent.name, parent.email, tuple(withdrawn), had_left)
        if not (dry_run or had_left):
            leave(session, [parent])
            session.flush()
            settle_unused(session, [parent.email_key], by=THE_REGISTER)
        return leaving
