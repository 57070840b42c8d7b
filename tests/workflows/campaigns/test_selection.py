"""Which parents are meant, and where each stands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.errors import CampaignUnopened
from signer.register.rows import read_register
from signer.store.columns import NoteKind, SignedHow
from signer.workflows.campaigns.ask import ask_parents, would_ask
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.selection import EVERYBODY, Selection, State
from signer.workflows.campaigns.status import count_status
from signer.workflows.mailing.send import send_mail
from signer.workflows.paper.record import record_paper
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register, list_waiting
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from tests.conftest import MOMENT, PEOPLE
from tests.workflows.campaigns.test_status import Choosy
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext

    Advance = Callable[[timedelta], None]

DAY = timedelta(days=1)
NEW = "Ann Lee,ann@example.org,mother,Bo Lee,Yr 8\n"


@pytest.fixture
def term(app_context: AppContext, frozen: Advance) -> AppContext:
    """Amira signed, Niamh opened, Tom and Wang did not, Wang's mail was refused.

    Ann joined when everybody else had been asked, and three days have gone by.
    """
    ask_parents(app_context)
    send_mail(app_context, Choosy(app_context, "wang@"))
    post = Post(app_context)
    frozen(DAY)
    sign(app_context, open_link(app_context, post.token("Amira Khan")))
    open_link(app_context, post.token("Niamh"))
    import_register(app_context, read_register((PEOPLE + NEW).encode()))
    frozen(2 * DAY)
    remind_parents(app_context)
    send_mail(app_context, Choosy(app_context, "wang@"))
    return app_context


def named(app_context: AppContext, selection: Selection) -> set[str]:
    return {one.name.split()[0] for one in list_register(app_context, selection)}


def test_each_choice_means_those_it_says(term: AppContext) -> None:
    """Choices of one kind add up; those of several kinds narrow."""

    def chosen(**choice: object) -> set[str]:
        return named(term, Selection(**choice))  # type: ignore[arg-type]

    assert named(term, EVERYBODY) == {"Amira", "Tom", "Niamh", "王小明", "Ann"}
    assert chosen(year_groups=frozenset({"8"})) == {"Amira", "Ann"}
    assert chosen(year_groups=frozenset({"year 08", "Yr 7"})) == {
        *("Amira", "Ann", "王小明"),
    }
    assert chosen(year_groups=frozenset({"Reception"})) == set()
    assert chosen(states=frozenset({State.SIGNED})) == {"Amira"}
    assert chosen(states=frozenset({State.NOT_ASKED})) == {"Ann"}
    assert chosen(states=frozenset({State.OUTSTANDING, State.SIGNED})) == {
        *("Amira", "Tom", "Niamh", "王小明"),
    }
    assert chosen(never_opened=True) == {"Tom", "王小明"}
    assert chosen(bounced=True) == {"王小明"}
    assert chosen(emails=frozenset({" Family@Example.org"})) == {"Tom", "Niamh"}
    assert chosen(never_opened=True, emails=frozenset({"family@example.org"})) == {
        "Tom"
    }


def test_a_list_tells_each_step(term: AppContext) -> None:
    """Asked, opened, reminded, signed and mailed, of the version that is asked for."""
    listed = {one.name: one for one in list_register(term)}
    amira, tom = listed["Amira Khan"], listed["Tom O'Brien"]
    assert (amira.state, amira.signed_how) == (State.SIGNED, SignedHow.LINK)
    assert amira.asked_at == MOMENT
    assert amira.opened_at == amira.signed_at == MOMENT + DAY
    assert amira.year_groups == ("Year 5", "Year 8")
    assert (tom.state, tom.delivery) == (State.OUTSTANDING, "sent")
    assert (tom.reminders, tom.reminded_at) == (1, MOMENT + 3 * DAY)
    assert (tom.signed_how, tom.signed_at, tom.opened_at) == (None, None, None)
    assert listed["王小明"].delivery == "refused"
    ann = listed["Ann Lee"]
    assert (ann.state, ann.asked_at, ann.delivery) == (State.NOT_ASKED, None, None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_states_count_everybody_once(term: AppContext) -> None:
    """The counts of `signer status` and the list of people agree."""
    for name, kind in (("Tom", NoteKind.DECLINE), ("Niamh", NoteKind.NOT_ME)):
        link = open_link(term, Post(term).token(name))
        assert link.request_ref
        assert link.link_fingerprint
        tell_office(
            term,
            link.request_ref,
            kind,
            link_fingerprint=link.link_fingerprint,
            words="No.",
        )
    record_paper(term, "wang@example.org", by="Office")
    standing = count_status(term)
    (campaign,) = standing.campaigns
    states = [one.state for one in list_register(term)]
    assert sorted(states) == ["declined", "disputed", "not asked", "signed", "signed"]
    assert (campaign.declined, campaign.disputed, campaign.outstanding) == (1, 1, 0)
    assert standing.not_asked == 1


def test_a_part_of_those_who_wait_is_asked(app_context: AppContext) -> None:
    """The others wait on; the first time everybody is asked."""
    import_register(app_context, read_register((PEOPLE + NEW).encode()))
    only = Selection(year_groups=frozenset({"8"}))
    with pytest.raises(CampaignUnopened):
        ask_parents(app_context, selection=only)
    assert list_register(app_context, Selection(states=frozenset({State.SIGNED}))) == []
    ask_parents(app_context)
    more = NEW + "Cy Day,cy@example.org,father,Di Day,Year 9\n"
    import_register(app_context, read_register((PEOPLE + more).encode()))
    assert [one.name for one in list_waiting(app_context)] == ["Cy Day"]
    assert would_ask(app_context, only).newly == 0
    assert ask_parents(app_context, selection=only).newly == 0
    nine = Selection(year_groups=frozenset({"9"}))
    assert ask_parents(app_context, selection=nine).newly == 1
    assert list_waiting(app_context) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_came_back_waits_to_be_asked(app_context: AppContext, asked: Post) -> None:
    """They are counted and named before, and asked once more by the next `ask`."""
    fewer = PEOPLE.rsplit("王小明", 1)[0]
    import_register(app_context, read_register(fewer.encode()), leavers=True, leaving=1)
    import_register(app_context, read_register(PEOPLE.encode()))
    assert [one.name for one in list_waiting(app_context)] == ["王小明"]
    assert would_ask(app_context).newly == 1
    assert count_status(app_context).not_asked == 1
    assert ask_parents(app_context).newly == 1
    assert would_ask(app_context).newly == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_those_who_are_meant_are_reminded(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """The rest is reminded as usual, and nobody before their day."""
    frozen(3 * DAY)
    ten = Selection(year_groups=frozenset({"Year 10"}))
    planned = remind_parents(app_context, selection=ten, dry_run=True)
    done = remind_parents(app_context, selection=ten)
    assert (done.reminded, done.outstanding) == (2, 2)
    assert planned == done
    assert named_by_id(app_context, done.parents) == {"Tom", "Niamh"}
    assert remind_parents(app_context).reminded == 2
    assert remind_parents(app_context).reminded == 0


def named_by_id(app_context: AppContext, ids: tuple[int, ...]) -> set[str]:
    people = list_register(app_context)
    return {one.name.split()[0] for one in people if one.parent_id in ids}
