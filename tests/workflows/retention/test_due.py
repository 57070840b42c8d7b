"""What is due is what somebody finds who goes through every family by hand."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from signer import clock
from signer.mail.bounces.reports import Finality
from signer.school_calendar import school_date
from signer.store.columns import Delivery, NoteKind, SignedHow, Status
from signer.store.register.tables import ParentNote
from signer.store.retention import RetentionHold
from signer.store.tables import (
    Bounce,
    Child,
    Note,
    Outbox,
    Parent,
    PinnedVersion,
    Relationship,
    Request,
)
from signer.workflows.retention.due import count_due, expiries
from signer.workflows.retention.rules import DataKind, periods, years_after
from tests.conftest import new_database

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from signer.config import Settings
    from signer.store.engine import Sessions

DAY = timedelta(days=1)
PARENTS = range(1, 41)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each system has a way of its own to count."""
    return new_database(request, tmp_path)


class Families:
    """Parents with children of few names, some of whom have left; and their past."""

    def __init__(self, session: Session, chance: random.Random) -> None:
        now = clock.now()
        self.left: dict[int, datetime | None] = {
            one: chance.choice([None, now - chance.randint(0, 3000) * DAY])
            for one in PARENTS
        }
        self.names = {
            one: {f"child {chance.randint(1, 25)}" for _ in range(chance.randint(0, 2))}
            for one in PARENTS
        }
        self.counts: dict[DataKind, Counter[int]] = {
            kind: Counter() for kind in DataKind
        }
        session.execute(
            insert(Parent),
            [
                {
                    "id": one,
                    "name": f"Parent {one}",
                    "name_key": f"parent {one}",
                    "email": f"{one}@example.org",
                    "email_key": f"{one}@example.org",
                    "added_at": now - 4000 * DAY,
                    "left_at": self.left[one],
                }
                for one in PARENTS
            ],
        )
        for number in (1, 2):
            session.add(
                PinnedVersion(
                    number=number, sha256="0" * 64, title="", label="", pinned_at=now
                )
            )
        session.flush()
        for parent_id, names in self.names.items():
            for name in sorted(names):
                child = Child(name=name, name_key=name, year_group="Year 7")
                session.add(child)
                session.flush()
                session.add(
                    Relationship(parent_id=parent_id, child_id=child.id, words="carer")
                )
            for number in (1, 2):
                if chance.random() < 0.5:
                    self._ask(session, chance, parent_id, number)
            if chance.random() < 0.2:
                session.add(
                    ParentNote(
                        parent_id=parent_id,
                        words="Telephoned.",
                        written_by="Office",
                        written_at=now,
                    )
                )
                self.counts[DataKind.NOTES][parent_id] += 1

    def _ask(
        self, session: Session, chance: random.Random, parent_id: int, number: int
    ) -> None:
        now = clock.now()
        signed = chance.random() < 0.5
        request = Request(
            ref=f"{parent_id}-{number}",
            parent_id=parent_id,
            version_number=number,
            version_sha256="0" * 64,
            status=Status.SIGNED if signed else Status.SUPERSEDED,
            signed_how=SignedHow.LINK if signed else None,
            asked_at=now,
        )
        session.add(request)
        session.flush()
        kind = DataKind.DECLARATIONS if signed else DataKind.UNSIGNED
        self.counts[kind][parent_id] += 1
        for place in range(chance.randint(0, 2)):
            reply = chance.choice([None, "250 ok"])
            mail = Outbox(
                occasion=f"{request.id}:{place}",
                kind="ask",
                request_id=request.id,
                message_ref=f"{request.id}:{place}",
                delivery=Delivery.SENT,
                queued_at=now,
                due_at=now,
                reply=reply,
            )
            session.add(mail)
            if reply:
                self.counts[DataKind.REPLIES][parent_id] += 1
            if chance.random() < 0.3:
                session.flush()
                session.add(
                    Bounce(
                        outbox_id=mail.id,
                        event_sha256="0" * 64,
                        finality=Finality.PASSING,
                        status="",
                        diagnostic="",
                        told_at=now,
                    )
                )
                self.counts[DataKind.REPLIES][parent_id] += 1
        if chance.random() < 0.3:
            session.add(
                Note(
                    request_id=request.id,
                    kind=NoteKind.QUESTION,
                    words="Why?",
                    written_at=now,
                )
            )
            self.counts[DataKind.NOTES][parent_id] += 1

    def due(self, settings: Settings) -> set[tuple[int, DataKind, int, date]]:
        """What is due of whom: how many records, and when."""
        years = periods(settings)
        found = set()
        for parent_id, left_at in self.left.items():
            family = [
                self.left[other]
                for other in PARENTS
                if other == parent_id or self.names[other] & self.names[parent_id]
            ]
            known = [at for at in family if at is not None]
            if left_at is None or len(known) < len(family):
                continue
            left_on = school_date(max(known))
            days = {
                kind: years_after(left_on, years[kind])
                for kind in DataKind
                if kind is DataKind.PARENTS or self.counts[kind][parent_id]
            }
            days[DataKind.PARENTS] = max(
                day
                for kind, day in days.items()
                if kind not in {DataKind.REPLIES, DataKind.NOTES}
            )
            for kind, day in days.items():
                records = self.counts[kind][parent_id] or 1
                found.add((parent_id, kind, records, day))
        return found


@pytest.mark.parametrize("seed", range(3))
def test_every_family_is_counted_by_its_last_child(
    sessions: Sessions, settings: Settings, seed: int
) -> None:
    """In any school, and up to any day: no record too early, and none forgotten."""
    with sessions.writing() as session:
        families = Families(session, random.Random(seed))
    expected = families.due(settings)
    assert len({kind for _, kind, _, _ in expected}) == len(DataKind)
    today = school_date(clock.now())
    untils = [
        None,
        date.max,
        date(2028, 2, 29),
        *(today + days * DAY for days in (-1000, -200, 0, 45, 400, 2000)),
        *(day for _, _, _, day in sorted(expected)[:12]),
    ]
    with sessions.writing() as session:
        for parent_id in list(PARENTS)[::4]:
            session.add(
                RetentionHold(parent_id=parent_id, held_at=clock.now(), reason="Claim")
            )
    with sessions.reading() as session:
        for until in untils:
            told = expiries(session, settings, until)
            assert {(it.parent_id, it.kind, it.records, it.due_on) for it in told} == {
                one for one in expected if until is None or one[3] <= until
            }
            assert [it.due_on for it in told] == sorted(it.due_on for it in told)
            if until in {None, date.max}:
                continue
            counts: Counter[DataKind] = Counter()
            for it in told:
                counts[it.kind] += 0 if it.held else it.records
            assert count_due(session, settings, until) == counts
