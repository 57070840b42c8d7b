"""Who was covered by which text is right for every moment of the past."""

from __future__ import annotations

import random
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from signer import clock
from signer.errors import PaperRefused, RequestClosed
from signer.link_tokens import fingerprint
from signer.policy.versions import read_versions
from signer.register.rows import read_register
from signer.school_calendar import end_of
from signer.store.columns import SignedHow
from signer.store.tables import Link, Membership, Parent, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.coverage import covered_at
from signer.workflows.paper.record import record_paper
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.access import LinkState, state_of
from signer.workflows.requests.sign import sign_declaration
from tests.conftest import MOMENT, PEOPLE
from tests.web.releases import ONE_MORE
from tests.workflows.conftest import answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

    Advance = Callable[[timedelta], None]
    Model = dict[tuple[str, str], tuple[int | None, SignedHow | None, datetime | None]]

HEADER, *ROWS = PEOPLE.splitlines()
PARENTS = [
    ("Amira Khan", "amira@example.org"),
    ("Tom O'Brien", "family@example.org"),
    ("Niamh O'Brien", "family@example.org"),
    ("王小明", "wang@example.org"),
]
DAY = timedelta(days=1)


def register_of(names: set[str]) -> bytes:
    rows = [row for row in ROWS if row.split(",")[0] in names]
    return "\n".join([HEADER, *rows, ""]).encode()


def release_next(app_context: AppContext) -> None:
    """A version after those that are there."""
    last = read_versions(app_context.settings.versions_dir)[-1]
    number = last.number + 1
    text = ONE_MORE.format(previous=last.sha256).replace(
        "version: 3", f"version: {number}"
    )
    (app_context.settings.versions_dir / f"{number}.md").write_text(
        text, encoding="utf-8"
    )


def sign_by_link(app_context: AppContext, name: str) -> bool:
    """Sign the newest request of a parent; whether that could be done."""
    mark = fingerprint(secrets.token_bytes(16))
    with app_context.sessions.writing() as session:
        request = session.scalars(
            select(Request)
            .join(Parent)
            .where(Parent.name == name)
            .order_by(Request.version_number.desc())
            .limit(1)
        ).first()
        if request is None or state_of(session, request) is not LinkState.OPEN:
            return False
        session.add(Link(request_id=request.id, fingerprint=mark, made_at=clock.now()))
        ref = request.ref
    sign_declaration(
        app_context,
        ref,
        link_fingerprint=mark,
        answers=answers(app_context, typed_name=name),
    )
    return True


def sign_on_paper(app_context: AppContext, name: str, email: str) -> bool:
    try:
        record_paper(app_context, email, by="Jo Bloggs", name=name)
    except (RequestClosed, PaperRefused):
        return False
    return True


def as_told(app_context: AppContext, at: datetime) -> Model:
    return {
        (one.name, one.email): (one.version, one.how, one.signed_at)
        for one in covered_at(app_context, at).parents
    }


class Replay:
    """A random history, done to a context and noted in a dictionary."""

    def __init__(self, app_context: AppContext, chance: random.Random) -> None:
        self.context = app_context
        self.chance = chance
        self.here = {name for name, _ in PARENTS}
        self.signed: Model = {}
        self.campaign: int | None = None

    def step(self) -> Model:
        """Something happens; who is here now, and what covers each."""
        self.chance.choice(
            [self.register, self.release, self.ask, self.ask, *[self.sign] * 5]
        )()
        nothing = None, None, None
        return {
            parent: self.signed.get(parent, nothing)
            for parent in PARENTS
            if parent[0] in self.here
        }

    def register(self) -> None:
        """Some leave, some come back."""
        some = {name for name, _ in PARENTS if self.chance.random() < 0.7}
        self.here = some or self.here
        reading = read_register(register_of(self.here))
        import_register(self.context, reading, leavers=True)

    def release(self) -> None:
        """A new version; nobody is asked yet."""
        release_next(self.context)

    def ask(self) -> None:
        """Everybody here is asked for the newest version."""
        self.campaign = ask_parents(self.context).version.number

    def sign(self) -> None:
        """Somebody signs, where they can."""
        name, email = self.chance.choice(PARENTS)
        how = self.chance.choice(list(SignedHow))
        if how is SignedHow.LINK:
            done = sign_by_link(self.context, name)
        else:
            done = sign_on_paper(self.context, name, email)
        if done:
            self.signed[name, email] = self.campaign, how, clock.now()


@pytest.mark.parametrize("seed", range(3))
def test_any_past_moment_is_as_it_was(
    app_context: AppContext, frozen: Advance, seed: int
) -> None:
    """A random history, replayed beside a dictionary, agrees at each of its moments."""
    chance = random.Random(seed)
    replay = Replay(app_context, chance)
    past: list[tuple[datetime, Model]] = []
    for _ in range(40):
        frozen(timedelta(seconds=chance.randint(1, 40_000)))
        past.append((clock.now(), replay.step()))
    told = {version for _, model in past for version, _, _ in model.values()}
    assert len(told) > 2, "a history in which too little happens proves nothing"
    ends = [at - timedelta(seconds=1) for at, _ in past[1:]]
    for (at, expected), end in zip(past, [*ends, past[-1][0] + DAY], strict=True):
        assert as_told(app_context, at) == expected
        assert as_told(app_context, end) == expected


def test_nobody_was_here_before_the_first_import(app_context: AppContext) -> None:
    """Before the register there is nobody and no version."""
    before = covered_at(app_context, MOMENT - DAY)
    assert (before.version, before.parents) == (None, ())


def test_who_left_and_came_back_was_away_meanwhile(
    app_context: AppContext, frozen: Advance
) -> None:
    """The present row forgets the gap; the past does not."""
    for names in ({"Tom O'Brien"}, {"Tom O'Brien", "Amira Khan"}):
        frozen(DAY)
        import_register(app_context, read_register(register_of(names)), leavers=True)
    there = [
        ("Amira Khan", "amira@example.org") in as_told(app_context, MOMENT + days * DAY)
        for days in (0, 1, 2, 3)
    ]
    assert there == [True, False, True, True]


def test_a_signature_by_link_names_its_declaration(
    app_context: AppContext, amira: Followed
) -> None:
    """So that the PDF can be found."""
    assert sign_by_link(app_context, "Amira Khan")
    told = {one.name: one for one in covered_at(app_context, clock.now()).parents}
    assert told["Amira Khan"].declaration_id
    assert told["Amira Khan"].label == app_context.versions[-1].label
    assert told["Tom O'Brien"].declaration_id is None


def test_a_paper_covers_from_the_date_on_it(app_context: AppContext) -> None:
    """It was recorded days later: a day between the two was covered."""
    ask_parents(app_context)
    dated = date(2026, 11, 19)
    record_paper(app_context, "wang@example.org", by="Office", signed_on=dated)
    day = datetime(2026, 11, 19, tzinfo=UTC)
    name = "王小明", "wang@example.org"
    with app_context.sessions.writing() as session:
        session.execute(update(Membership).values(joined_at=day - DAY))
    versions = [
        as_told(app_context, at)[name][0]
        for at in (day - timedelta(seconds=1), end_of(day.date()))
    ]
    assert versions == [None, 2]
    [told] = [
        it for it in covered_at(app_context, MOMENT).parents if it.name == "王小明"
    ]
    assert told.dated == "2026-11-19"
