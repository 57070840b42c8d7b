"""The register in pages, as the desk shows it, searched and filtered in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, CompoundSelect, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from signer.register.spelling import search_starts
from signer.store.register.search import search_key_of
from signer.store.tables import (
    Child,
    Declaration,
    EarlierAsk,
    FormerIdentity,
    Parent,
    Relationship,
    Request,
)
from signer.workflows.campaigns.selection import (
    Selection,
    State,
    request_for,
    state_of_parent,
    year_group_key,
)
from signer.workflows.context import AppContext, current_number
from signer.workflows.register.list import with_classes
from signer.workflows.requests.access import children_of, tutor_groups_of

PAGE = 50
"""How many parents a page has."""

_FEW = 5_000
"""How many parents a search may find for the statement after it to name each."""

LEFT = "left"
"""The state of whoever is in the register no more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a page is to have.

    Attributes:
        words: an address now or before, or a part of it; the reference of a request or
            declaration; or words of a name, of a parent now or before or of a child.
        year_group: of a child, such as "Year 7"; empty for any.
        state: one of `State`, or `LEFT`; empty for whoever is in the register and,
            where words are given, whoever was.
    """

    words: str = ""
    year_group: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A parent on a page.

    Attributes:
        id: of the row of the register.
        name: in the register.
        email: in the register; empty where they have none.
        classes: each child with year and tutor group.
        before: names and addresses that they had, oldest first.
        state: where they stand, as `Wanted.state` has it.
    """

    id: int
    name: str
    email: str
    classes: tuple[str, ...]
    before: tuple[tuple[str, str], ...]
    state: str


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A page of the register.

    Attributes:
        rows: by name, those who left behind the others.
        number: of the page, from 1.
        pages: how many there are, at least 1.
        found: how many parents are meant in all.
        year_groups: of all children in the register, to choose from.
    """

    rows: tuple[Row, ...]
    number: int
    pages: int
    found: int
    year_groups: tuple[str, ...]


def browse_register(
    context: AppContext, wanted: Wanted, *, page: int = 1
) -> RegisterPage:
    """A page of the parents who are meant; changes nothing.

    How many queries that takes does not depend on how many parents there are.

    Args:
        context: the context.
        wanted: whom.
        page: which, from 1; one that there is not gives the last.
    """
    with context.sessions.reading() as session:
        number = current_number(session)
        meant = _meant(context, session, number, wanted)
        found = session.scalar(select(func.count(Parent.id)).where(meant)) or 0
        pages = max(1, -(-found // PAGE))
        page = min(max(page, 1), pages)
        rows = session.execute(
            select(Parent, state_of_parent())
            .outerjoin(Request, request_for(number))
            .where(meant)
            .order_by(Parent.left_at.is_not(None), Parent.name_key, Parent.id)
            .limit(PAGE)
            .offset((page - 1) * PAGE)
            .options(
                selectinload(Parent.relationships).joinedload(Relationship.child),
                selectinload(Parent.former),
            )
        )
        return RegisterPage(
            tuple(_row(parent, state) for parent, state in rows),
            page,
            pages,
            found,
            _year_groups(session),
        )


def _row(parent: Parent, state: str) -> Row:
    return Row(
        parent.id,
        parent.name,
        parent.email,
        with_classes(children_of(parent), tutor_groups_of(parent)),
        tuple((one.name, one.email or "") for one in parent.former),
        LEFT if parent.left_at is not None else state,
    )


def _year_groups(session: Session) -> tuple[str, ...]:
    """The year groups of children of now, each once however it is written."""
    written = session.scalars(
        select(Child.year_group)
        .join(Relationship, Relationship.child_id == Child.id)
        .join(Parent, Parent.id == Relationship.parent_id)
        .where(Parent.left_at.is_(None))
        .distinct()
    )
    names: Mapping[tuple[int, str], str] = {
        year_group_key(one): one for one in sorted(written)
    }
    return tuple(names[key] for key in sorted(names))


def _meant(
    context: AppContext, session: Session, number: int | None, wanted: Wanted
) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    in_year = frozenset({wanted.year_group} if wanted.year_group else ())
    if wanted.state == LEFT:
        conditions.append(Parent.left_at.is_not(None))
    elif wanted.state or in_year or not wanted.words:
        states = frozenset({State(wanted.state)} if wanted.state else ())
        selection = Selection(year_groups=in_year, states=states)
        conditions.append(selection.condition(context, session, number))
    if wanted.words:
        conditions.append(meant_by(session, wanted.words))
    return and_(*conditions)


def meant_by(session: Session, words: str) -> ColumnElement[bool]:
    """Return the condition that words may mean a parent.

    Args:
        session: the transaction that it is for.
        words: as for `Wanted`; not empty.
    """
    known = _known_by(session, words)
    # Asked for once, since comparing each name is what takes time.
    few = session.scalars(known.limit(_FEW + 1)).all()
    return Parent.id.in_(few if len(few) <= _FEW else known)


def _known_by(session: Session, words: str) -> CompoundSelect[int]:
    """The ids of the parents whom words may mean."""
    part = words.lower()
    named = _with_words(session, Parent.name, words)
    ways = [
        select(Parent.id).where(
            or_(
                and_(
                    Parent.email != "",
                    Parent.email_key.contains(part, autoescape=True),
                ),
                named,
            )
        ),
        select(FormerIdentity.parent_id).where(
            or_(
                FormerIdentity.email_key.contains(part, autoescape=True),
                _with_words(session, FormerIdentity.name, words),
            )
        ),
        select(Relationship.parent_id)
        .join(Child, Child.id == Relationship.child_id)
        .where(_with_words(session, Child.name, words)),
        select(Request.parent_id).where(Request.ref == words),
        select(Request.parent_id)
        .join(Declaration, Declaration.request_id == Request.id)
        .where(Declaration.id == words.upper()),
        select(Request.parent_id)
        .join(EarlierAsk, EarlierAsk.request_id == Request.id)
        .where(EarlierAsk.ref == words),
    ]
    first, *others = ways
    return first.union(*others)


def _with_words(
    session: Session, name: InstrumentedAttribute[str], words: str
) -> ColumnElement[bool]:
    """That a name has words that begin like those asked for, in any order."""
    key = search_key_of(session, name)
    return or_(
        *(
            and_(*(key.contains(f" {start}", autoescape=True) for start in starts))
            for starts in search_starts(words)
        ),
        false(),
    )
