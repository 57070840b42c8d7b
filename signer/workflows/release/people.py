"""Who will be asked by a release: those never asked before, and one mail of theirs."""

from __future__ import annotations

from collections import defaultdict
from email.message import EmailMessage

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from signer.policy.versions import Version
from signer.store.columns import Status
from signer.store.tables import Child, Parent, Relationship, Request
from signer.workflows.campaigns.selection import State, year_group_key
from signer.workflows.context import AppContext
from signer.workflows.exemption.exempt import is_exempt
from signer.workflows.mailing.sample import sample_mail
from signer.workflows.parents.browse import LEFT, Row, Wanted, browse_register
from signer.workflows.requests.changes_since_signed import ChangesSinceSigned

FEW = 10
"""How many parents a search shows."""


def never_asked(context: AppContext) -> tuple[int, tuple[tuple[str, int], ...]]:
    """How many of those who will be asked never were: all, and by year group.

    A parent with children in two year groups counts in both.
    """
    new = (*_will_be_asked(), ~select(Request.id).where(_theirs()).exists())
    with context.sessions.reading() as session:
        count = session.scalar(select(func.count(Parent.id)).where(*new)) or 0
        if not count:
            return 0, ()
        rows = session.execute(
            select(Child.year_group, Parent.id)
            .join(Relationship, Relationship.child_id == Child.id)
            .join(Parent, Parent.id == Relationship.parent_id)
            .where(*new)
            .distinct()
        ).all()
    groups: dict[tuple[int, str], set[int]] = defaultdict(set)
    names = {}
    for written, parent in sorted(rows, key=lambda row: row[0], reverse=True):
        groups[year_group_key(written)].add(parent)
        names[year_group_key(written)] = written
    return count, tuple((names[one], len(groups[one])) for one in sorted(groups))


def find_parents(context: AppContext, words: str) -> tuple[Row, ...]:
    """The first of those who will be asked whom a search finds; changes nothing."""
    if not words.strip():
        return ()
    rows = browse_register(context, Wanted(words=words)).rows
    out = {LEFT, State.NEED_NOT_SIGN.value}
    return tuple(row for row in rows if row.state not in out)[:FEW]


def mail_to(
    context: AppContext, parent_id: int, version: Version, to_email: str
) -> tuple[str, EmailMessage] | None:
    """The mail as one parent will get it, with a link that opens nothing.

    Args:
        context: the context.
        parent_id: of the register.
        version: that is to be released.
        to_email: where it goes in place of the parent's own address.

    Returns:
        The parent's name and the mail; None for somebody who will not be asked by mail.
    """
    with context.sessions.reading() as session:
        parent = session.scalar(
            select(Parent).where(
                Parent.id == parent_id, Parent.email != "", *_will_be_asked()
            )
        )
        if parent is None:
            return None
        name, since = parent.name, _since(context, session, parent_id, version)
    mail = sample_mail(context, to_email, version, name=name, since=since)
    return name, mail


def _since(
    context: AppContext, session: Session, parent_id: int, version: Version
) -> ChangesSinceSigned | None:
    """What is new to a parent; None for one who has signed nothing."""
    last = session.execute(
        select(Request.version_number, Request.version_sha256)
        .where(Request.parent_id == parent_id, Request.status == Status.SIGNED)
        .order_by(Request.version_number.desc())
        .limit(1)
    ).first()
    if last is None:
        return None
    between = [one for one in context.versions if last[0] < one.number < version.number]
    return ChangesSinceSigned(context.version(*last), (*between, version))


def _will_be_asked() -> tuple[ColumnElement[bool], ...]:
    return (Parent.left_at.is_(None), ~is_exempt(Parent.id))


def _theirs() -> ColumnElement[bool]:
    return Request.parent_id == Parent.id
