"""Importing the register: the file says who the parents are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import LeaversUncounted, RegisterError, RegisterUnsure
from signer.register.matching import (
    NO_ANSWERS,
    Answers,
    Match,
    Verdict,
    match_people,
)
from signer.register.people import Parent as Person
from signer.register.rows import NOTHING_REMEMBERED, Reading
from signer.store.columns import Status
from signer.store.locking import lock_table
from signer.store.log.append import append_leaf
from signer.store.tables import Child, Membership, Parent, Relationship, Request
from signer.user_text import same_name
from signer.workflows.context import AppContext
from signer.workflows.parents.known import read_register_of, records_of
from signer.workflows.register.columns import remember_columns
from signer.workflows.register.deletion import lock_parents
from signer.workflows.register.identity import (
    correct_identity,
    displaced_parents,
    new_email_key,
    vacate,
)
from signer.workflows.register.import_changes import (
    Change,
    as_written,
    change_of,
    leaves_alone,
)
from signer.workflows.register.import_result import (
    Correction,
    Fate,
    Imported,
    Outcome,
)
from signer.workflows.requests.disputes import (
    THE_ADDRESS,
    THE_REGISTER,
    on_hold_at,
    settle_unused,
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an import comes to; nothing is changed by making it.

    Attributes:
        result: what is said of it.
        changes: one for each person of the file whose record may change.
        missing: the ids of active parents whom the file does not name.
        corrected: the ids of parents who get another name or address.
        moved: those of them who get another address, with the one of before in lower
            case.
        displaced: those of them whose name and address others of them get.
    """

    result: Imported
    changes: Sequence[Change]
    missing: Sequence[int]
    corrected: Sequence[int]
    moved: Mapping[int, str]
    displaced: Sequence[Parent]


def import_register(  # noqa: PLR0913 - what the office said, each named by its caller
    context: AppContext,
    reading: Reading,
    *,
    answers: Answers = NO_ANSWERS,
    leavers: bool = False,
    leaving: int | None = None,
    columns: Mapping[str, str] = NOTHING_REMEMBERED,
    dry_run: bool = False,
) -> Imported:
    """Bring the register to what a file says, in one transaction.

    Afterwards every parent in the file is active with the children it names. Whoever
    is known under another name or address keeps what is theirs. A child that the file
    does not name stays with its parent, and parents whom it does not name stay too.
    With ``leavers`` both have left: the open requests of those parents are withdrawn
    and their links open nothing. What they signed stays.

    Args:
        context: the context.
        reading: the file, read.
        answers: to questions that an import before this one had.
        leavers: whether parents and children not in the file leave.
        leaving: how many of them are expected to leave; None for any number.
        columns: what was said of headings for this file, to be remembered.
        dry_run: only say what would be done; nobody leaves.

    Raises:
        RegisterError: the file has problems; nothing was imported.
        RegisterUnsure: somebody in the file may be somebody in the register; nothing
            was imported.
        LeaversUncounted: another number would leave; nothing was imported.
    """
    if reading.problems:
        raise RegisterError(tuple(one.sentence() for one in reading.problems))
    if dry_run:
        with context.sessions.reading() as session:
            return _make_plan(session, reading.parents, answers).result
    with context.sessions.writing() as session:
        # Two imports at once would both add whoever is new.
        lock_table(session, Parent)
        plan = _make_plan(session, reading.parents, answers)
        result = plan.result
        if result.questions:
            raise RegisterUnsure(len(result.questions))
        if leavers and result.leaving and leaving not in {None, result.leaving}:
            raise LeaversUncounted(result.leaving, leaving)
        leaving_now = records_of(session, plan.missing) if leavers else {}
        left = {number: one.email_key for number, one in leaving_now.items()}
        # All at once and before anything is written: one by one, they would be wanted
        # while the log is held, by which whoever answers or asks waits for this.
        lock_parents(session, [*plan.corrected, *left])
        remember_columns(session, columns)
        vacate(session, plan.displaced)
        mailed = sum(
            _carry_out(session, change, leavers=leavers) for change in plan.changes
        )
        if leavers:
            result.left = True
            leave(session, [leaving_now[number] for number in plan.missing])
        session.flush()
        before = list(plan.moved.values())
        settle_unused(session, before, by=THE_ADDRESS)
        settle_unused(session, list(left.values()), by=THE_REGISTER)
        result.on_hold = on_hold_at(session, [*before, *left.values()])
        related = select(Relationship.child_id)
        session.execute(delete(Child).where(Child.id.not_in(related)))
    if mailed:
        context.wake_worker()
    return result


def _make_plan(session: Session, people: Iterable[Person], answers: Answers) -> _Plan:
    here = read_register_of(session)
    matching = match_people(tuple(people), here.known, answers)
    result = Imported(questions=matching.questions)
    result.twice = [
        (former.name, former.email, known.person.name)
        for former, known in matching.twice
    ]
    active = [one for one in here.known if one.active]
    result.parents = len(active)
    result.children = sum(len(one.person.children) for one in active)
    matches = sorted(matching.matches, key=lambda match: match.person.key)
    keys = {one.person.key for one in matches}
    holders = {number for key, number in here.by_keys.items() if key in keys}
    # Of most of a large school nothing is in the file, or to be written.
    same = {
        match.known.id
        for match in matches
        if match.known
        and here.by_keys.get(match.person.key) == match.known.id
        and leaves_alone(match)
    }
    matched = {one.known.id for one in matches if one.known}
    parents = records_of(session, (matched | holders) - same)
    changes = []
    for match in matches:
        if match.known and match.known.id in same:
            _note_same(result, match)
            continue
        parent = parents[match.known.id] if match.known else None
        change = change_of(match, parent)
        changes.append(change)
        _note(result, change)
    missing = sorted(matching.gone, key=lambda one: one.person.key)
    result.missing = [(one.person.name, one.person.email) for one in missing]
    wanted = {change.match.person.key: change.parent for change in changes}
    displaced = displaced_parents(parents.values(), wanted)
    corrected = {
        match.known.id: match.person.email.lower()
        for match in matching.matches
        if match.known and match.verdict is Verdict.CORRECTED
    }
    moved = {
        number: parents[number].email_key
        for number, email in corrected.items()
        if parents[number].email.lower() != email
    }
    result.on_hold = on_hold_at(session, list(moved.values()), without=list(moved))
    ids = [one.id for one in missing]
    return _Plan(result, changes, ids, list(corrected), moved, displaced)


def _note_same(result: Imported, match: Match) -> None:
    who = match.person.name, match.person.email
    result.outcomes.append(Outcome(*who, Fate.SAME, match.why, who))
    result.unchanged += 1


def _note(result: Imported, change: Change) -> None:
    person, parent = change.match.person, change.parent
    who = person.name, person.email
    before = None if parent is None else (parent.name, parent.email)
    fate = _fate(change, parent)
    result.outcomes.append(
        Outcome(*who, fate, change.match.why, before, change.words())
    )
    if parent is None:
        result.added.append(who)
        return
    if change.match.address_kept:
        result.address_missing.append((parent.name, parent.email))
    result.children_missing += [(person.name, one.child.name) for one in change.unnamed]
    if change.match.verdict is Verdict.CORRECTED:
        before = parent.name, parent.email
        result.corrected.append(Correction(*who, before, change.match.why))
    if fate is Fate.BACK:
        result.returned.append(who)
    elif fate is Fate.CHANGED:
        result.changed.append(who)
    elif fate is Fate.SAME:
        result.unchanged += 1


def _fate(change: Change, parent: Parent | None) -> Fate:
    if parent is None:
        return Fate.NEW
    if parent.left_at is not None:
        return Fate.BACK
    if change.match.verdict is Verdict.CORRECTED:
        return Fate.CORRECTED
    return Fate.CHANGED if change.differs else Fate.SAME


def _carry_out(session: Session, change: Change, *, leavers: bool) -> int:
    """Bring a record to what the file says; gives how many mails that makes."""
    person, parent = change.match.person, change.parent
    now = clock.now()
    mailed = 0
    if parent is None:
        parent = Parent(
            name=person.name,
            name_key=same_name(person.name),
            email=person.email,
            email_key=new_email_key(person.email),
            added_at=now,
        )
        parent.memberships = [Membership(joined_at=now)]
        session.add(parent)
    else:
        mailed = correct_identity(session, parent, name=person.name, email=person.email)
        if parent.left_at is not None:
            parent.left_at = None
            session.add(Membership(parent_id=parent.id, joined_at=now))
    if person.identifier:
        parent.identifier = person.identifier
    _relate(parent, change, leavers=leavers)
    return mailed


def _relate(parent: Parent, change: Change, *, leavers: bool) -> None:
    """Make a parent's relationships those of the file; others stay but for leavers."""
    before = {as_written(one.child): one for one in parent.relationships}
    after = [] if leavers else list(change.unnamed)
    for child, words in change.named:
        relation = before.get(as_written(child)) or Relationship(
            child=Child(
                name=child.name,
                name_key=same_name(child.name),
                year_group=child.year_group,
                written_year_group=child.written_year_group or None,
                tutor_group=child.tutor_group or None,
            )
        )
        relation.words = words
        after.append(relation)
    if set(after) != set(parent.relationships):
        parent.relationships = after


def leave(session: Session, parents: Sequence[Parent]) -> None:
    """Note that parents have left, and withdraw what they have not signed.

    Args:
        session: a transaction that writes and holds them (`lock_parents`).
        parents: who.
    """
    now = clock.now()
    for parent in parents:
        parent.left_at = now
        session.execute(
            update(Membership)
            .where(Membership.parent_id == parent.id, Membership.left_at.is_(None))
            .values(left_at=now)
        )
        requests = session.scalars(
            select(Request)
            .where(
                Request.parent_id == parent.id,
                Request.status.in_([Status.PENDING, Status.DECLINED]),
            )
            .order_by(Request.id)
        )
        for request in requests:
            request.status, request.closed_at = Status.WITHDRAWN, now
            append_leaf(session, "request:withdrawn", request=request.ref)
