"""What the database counts of requests and mails is what a person counts by hand."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from signer import clock
from signer.mail.bounces.reports import Finality
from signer.mail.kinds import WITH_LINK
from signer.policy.versions import in_force
from signer.store.columns import Delivery, SignedHow, Status
from signer.store.exemption.tables import Exemption
from signer.store.tables import Bounce, Outbox, Parent, PinnedVersion, Request
from signer.workflows.campaigns.ask import would_ask
from signer.workflows.campaigns.deliveries import BOUNCED, deliveries
from signer.workflows.campaigns.selection import Selection
from signer.workflows.campaigns.status import count_campaigns
from signer.workflows.context import open_context
from signer.workflows.record.answers import count_answers
from signer.workflows.requests.unasked import waits
from tests.conftest import new_database

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from signer.config import Settings
    from signer.store.engine import Sessions

PARENTS = range(1, 61)
VERSIONS = (1, 2, 3)
KINDS = (*WITH_LINK, "receipt")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each system has a way of its own to count."""
    return new_database(request, tmp_path)


class School:
    """Parents, requests and mails of any kind, in any state."""

    def __init__(self, session: Session, chance: random.Random) -> None:
        now = clock.now()
        self.here = {one: chance.random() < 0.8 for one in PARENTS}
        self.address = {one: chance.random() < 0.9 for one in PARENTS}
        self.exempt = {one: chance.random() < 0.1 for one in PARENTS}
        self.requests: dict[int, Request] = {}
        self.mails: dict[int, list[Outbox]] = {}
        self.bounced: set[int] = set()
        session.execute(
            insert(Parent),
            [
                {
                    "id": one,
                    "name": f"Parent {one}",
                    "name_key": f"parent {one}",
                    "email": f"{one}@example.org" if self.address[one] else "",
                    "email_key": f"{one}@example.org" if self.address[one] else "",
                    "added_at": now,
                    "left_at": None if self.here[one] else now,
                }
                for one in PARENTS
            ],
        )
        session.add_all(
            Exemption(parent_id=one, reason="Abroad", made_by="Office", made_at=now)
            for one in PARENTS
            if self.exempt[one]
        )
        session.add_all(
            PinnedVersion(
                number=number, sha256="0" * 64, title="", label="", pinned_at=now
            )
            for number in VERSIONS
        )
        session.flush()
        for parent_id in PARENTS:
            for number in VERSIONS:
                if chance.random() < 0.8:
                    self._ask(session, chance, parent_id, number)

    def _ask(
        self, session: Session, chance: random.Random, parent_id: int, number: int
    ) -> None:
        now = clock.now()
        status = chance.choice(list(Status))
        how = chance.choice(list(SignedHow)) if status is Status.SIGNED else None
        request = Request(
            ref=f"{parent_id}-{number}",
            parent_id=parent_id,
            version_number=number,
            version_sha256="0" * 64,
            status=status,
            signed_how=how,
            recorded_by="Office" if how is SignedHow.PAPER else None,
            asked_at=now,
        )
        session.add(request)
        session.flush()
        self.requests[request.id] = request
        self.mails[request.id] = []
        for place in range(chance.randint(0, 4)):
            mail = Outbox(
                occasion=f"{request.id}:{place}",
                kind=chance.choice(KINDS),
                request_id=request.id,
                message_ref=f"{request.id}:{place}",
                delivery=chance.choice(list(Delivery)),
                queued_at=now,
                due_at=now,
            )
            session.add(mail)
            session.flush()
            self.mails[request.id].append(mail)
            if mail.delivery is Delivery.SENT and chance.random() < 0.3:
                self.bounced.add(mail.id)
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

    def fate(self, request_id: int) -> str | None:
        """What came of the mails of a request, looked at one by one."""
        mails = [one for one in self.mails[request_id] if one.kind in WITH_LINK]
        told = {Delivery.SENT, Delivery.REFUSED}
        known = [one for one in mails if one.delivery in told]
        if known:
            newest = max(known, key=lambda one: one.id)
            return BOUNCED if newest.id in self.bounced else newest.delivery.value
        if any(one.delivery is Delivery.QUEUED for one in mails):
            return Delivery.QUEUED.value
        return None


@pytest.fixture(params=range(2))
def school(sessions: Sessions, request: pytest.FixtureRequest) -> School:
    """A school that chance has made."""
    with sessions.writing() as session:
        return School(session, random.Random(request.param))


def test_each_request_has_the_fate_of_its_newest_mail(
    sessions: Sessions, school: School
) -> None:
    """Of all requests, and of those of one version."""
    for number in (None, *VERSIONS):
        meant = select(Request.id).where(Request.version_number == number)
        mail = deliveries(None if number is None else meant)
        with sessions.reading() as session:
            rows = session.execute(select(mail.c.request_id, mail.c.fate)).all()
        told = {request_id: fate for request_id, fate in rows}  # noqa: C416 - rows
        assert len(rows) == len(told), "each request once"
        assert told == {
            request_id: school.fate(request_id)
            for request_id, one in school.requests.items()
            if number in {None, one.version_number} and school.fate(request_id)
        }


def test_each_campaign_is_counted_as_it_is(sessions: Sessions, school: School) -> None:
    """Alone or among the others, each request and each mail once."""
    with sessions.reading() as session:
        campaigns = count_campaigns(session)
        for one in campaigns:
            assert count_campaigns(session, [one.version]) == (one,)
            [answers] = count_answers(session, [one.version])
            assert (answers.asked, answers.outstanding) == (one.asked, one.outstanding)
    assert [one.version for one in campaigns] == sorted(VERSIONS, reverse=True)
    for one in campaigns:
        requests = {
            request_id: it
            for request_id, it in school.requests.items()
            if it.version_number == one.version
        }
        ended = Counter((it.status, it.signed_how) for it in requests.values())
        pending = [it for it in requests.values() if it.status is Status.PENDING]
        exempt = sum(school.exempt[it.parent_id] for it in pending)
        fates = Counter(map(school.fate, requests))
        assert (
            one.asked,
            one.signed_by_link,
            one.signed_on_paper,
            one.declined,
            one.superseded,
            one.withdrawn,
            one.need_not_sign,
            one.outstanding,
            one.without_email,
        ) == (
            len(requests),
            ended[Status.SIGNED, SignedHow.LINK],
            ended[Status.SIGNED, SignedHow.PAPER],
            ended[Status.DECLINED, None],
            ended[Status.SUPERSEDED, None],
            ended[Status.WITHDRAWN, None],
            exempt,
            len(pending) - exempt,
            sum(
                not school.address[it.parent_id] and not school.exempt[it.parent_id]
                for it in pending
            ),
        )
        assert (
            one.mail_accepted,
            one.mail_bounced,
            one.mail_refused,
            one.mail_waiting,
            one.mail_none,
        ) == tuple(fates[fate] for fate in ("sent", BOUNCED, "refused", "queued", None))


def test_whoever_is_here_and_was_not_asked_waits(
    sessions: Sessions, school: School
) -> None:
    """Or was, and left before answering, and is back; not who need not sign."""
    for number in VERSIONS:
        status = {
            it.parent_id: it.status
            for it in school.requests.values()
            if it.version_number == number
        }
        with sessions.reading() as session:
            found = set(session.scalars(select(Parent.id).where(waits(number))))
        assert found == {
            one
            for one in PARENTS
            if school.here[one]
            and not school.exempt[one]
            and status.get(one, Status.WITHDRAWN) is Status.WITHDRAWN
        }


def test_whoever_was_asked_and_does_not_wait_was_asked_before(
    settings: Settings, frozen: object, request: pytest.FixtureRequest
) -> None:
    """Among them who left; of a part of the parents, those who are here alone."""
    app_context = open_context(settings)
    request.addfinalizer(app_context.sessions.close)
    # Later than the context, which would miss the files of its versions.
    with app_context.sessions.writing() as session:
        school = School(session, random.Random(1))
    number = in_force(app_context.versions).number
    with app_context.sessions.reading() as session:
        waiting = set(session.scalars(select(Parent.id).where(waits(number))))
    before = {
        it.parent_id for it in school.requests.values() if it.version_number == number
    } - waiting
    assert before
    assert waiting
    everybody = would_ask(app_context)
    assert (everybody.before, everybody.newly) == (len(before), len(waiting))
    some = {one for one in PARENTS if school.here[one] and one % 2}
    addresses = frozenset(f"{one}@example.org" for one in some if school.address[one])
    part = would_ask(app_context, Selection(emails=addresses))
    named = {one for one in some if school.address[one]}
    assert (part.before, part.newly) == (len(before & named), len(waiting & named))
