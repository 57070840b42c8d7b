"""Whoever is known under another name or address keeps what is theirs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import ParentUnknown, RegisterError, RegisterUnsure
from signer.register.matching import Answers
from signer.register.rows import read_register
from signer.store.columns import NoteKind, SignedHow
from signer.store.tables import FormerIdentity, Parent
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.export import export_parent
from signer.workflows.register.identity import correct_parent
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.register.search import search_parents
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.disputes import list_disputes
from signer.workflows.requests.follow_link import look_up_link, open_link
from signer.workflows.retention.hold import hold_data, release_data
from tests.conftest import PEOPLE
from tests.workflows.conftest import Post, sign, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.register.rows import Reading
    from signer.workflows.context import AppContext

V1 = """\
parent_name,parent_email,relationship,child_name,year_group
Sean O'Brien,sean@example.org,father,Eva O'Brien,Year 4
Ann Smith-Jones,ann@example.org,mother,Max Jones,Year 4
Amina Yusuf,amina@example.org,mother,Leyla Yusuf,Year 4
Zoë Núñez,zoe@example.org,mother,Ana Núñez,Year 4
David Reid,david@example.org,father,Tom Reid,Year 4
Grace Hill,grace@example.org,mother,Joy Hill,Year 4
"""

V2 = """\
parent_name,parent_email,relationship,child_name,year_group
Sean O\u2019Brien,sean@example.org,father,Eva O\u2019Brien,Year 4
Ann Smith\u2013Jones,ann@example.org,mother,Max Jones,Year 4
Mrs Amina Yusuf,amina@example.org,mother,Leyla Yusuf,Year 4
Zoe Nunez,zoe@example.org,mother,Ana Nunez,Year 4
David Reid\u200b,david@example.org,father,Tom Reid,Year 4
"Hill, Grace",grace@example.org,mother,Joy Hill,Year 4
"""


def read(text: str) -> Reading:
    return read_register(text.encode())


def instead(old: str, new: str) -> Reading:
    return read(PEOPLE.replace(old, new))


def test_another_exports_spelling_asks_nobody_twice(app_context: AppContext) -> None:
    """Six families, as another export spells them: the same people, asked once."""
    import_register(app_context, read(V1))
    asked = ask_parents(app_context).newly
    result = import_register(app_context, read(V2))
    assert (result.added, result.questions) == ([], [])
    assert [name for name, _ in result.missing if name in V1] == []
    # “Hill, Grace” is Grace Hill, and “Zoe Nunez” lost what the register has.
    assert sorted(one.before[0] for one in result.corrected) == [
        *("Amina Yusuf", "Ann Smith-Jones", "Sean O'Brien")
    ]
    names = {parent.name for parent in list_register(app_context)}
    assert names >= {"Grace Hill", "Zoë Núñez"}
    assert ask_parents(app_context).newly == 0
    assert len(list_register(app_context)) == asked
    before = snapshot(app_context)
    import_register(app_context, read(V2))
    assert snapshot(app_context) == before


def test_an_address_in_capitals_corrects_nobody(app_context: AppContext) -> None:
    """It is the same mailbox, and the register's way to write it stays."""
    file = PEOPLE.replace("amira@example.org", "AMIRA@Example.Org")
    assert file != PEOPLE
    found = import_register(app_context, read_register(file.encode()))
    assert (found.corrected, found.changed, found.unchanged) == ([], [], 4)
    assert "amira@example.org" in {one.email for one in list_register(app_context)}


def test_a_new_address_ends_the_old_links_and_is_mailed_the_open_request(
    app_context: AppContext, asked: Post
) -> None:
    """Not a moment later do they open anything; the new address gets a link."""
    token = asked.token("Amira Khan")
    result = import_register(app_context, instead("amira@example.org", "new@x.example"))
    assert [one.email for one in result.corrected] == ["new@x.example"]
    assert look_up_link(app_context, token).state is LinkState.REVOKED
    assert asked.send() == 1
    newest = asked.mails()[-1]
    assert "new@x.example" in str(newest["To"])
    assert look_up_link(app_context, asked.token("Amira Khan")).state is LinkState.OPEN
    assert ask_parents(app_context).newly == 0


def test_a_mail_that_waits_goes_to_the_new_address_alone(
    app_context: AppContext, post: Post
) -> None:
    """One mail, as for everybody else."""
    ask_parents(app_context)
    import_register(app_context, instead("amira@example.org", "new@x.example"))
    post.send()
    [mail] = post.to("Amira Khan")
    assert "new@x.example" in str(mail["To"])


def test_what_was_signed_under_the_old_name_stays_signed(
    app_context: AppContext, asked: Post
) -> None:
    """The request, the declaration and the history are the same person's."""
    sign(app_context, open_link(app_context, asked.token("Amira Khan")))
    reading = instead("Amira Khan", "Mrs Amira Khan")
    import_register(app_context, reading)
    [amira] = [one for one in list_register(app_context) if "Amira" in one.name]
    assert (amira.name, amira.signed_how) == ("Mrs Amira Khan", SignedHow.LINK)
    with app_context.sessions.reading() as session:
        [former] = session.scalars(select(FormerIdentity))
        parent = session.get_one(Parent, former.parent_id)
        assert (former.name, former.email) == ("Amira Khan", "amira@example.org")
        assert former.from_at == parent.added_at <= former.until_at


def test_a_dispute_ends_with_the_address_that_it_is_about(
    app_context: AppContext, asked: Post
) -> None:
    """Settled by the register; the new address gets the mail."""
    followed = open_link(app_context, asked.token("Amira Khan"))
    assert followed.request_ref
    assert followed.link_fingerprint
    tell_office(
        app_context,
        followed.request_ref,
        link_fingerprint=followed.link_fingerprint,
        kind=NoteKind.NOT_ME,
        words="No.",
    )
    import_register(app_context, instead("amira@example.org", "new@x.example"))
    [dispute] = list_disputes(app_context)
    assert dispute.settled_by == "the register: the address was corrected"


@pytest.mark.parametrize(
    "use",
    [
        export_parent,
        partial(erase_parent, dry_run=True),
        partial(hold_data, reason="A complaint."),
        release_data,
    ],
    ids=["export", "erase", "hold", "release"],
)
def test_who_is_at_the_old_address_has_no_say_over_the_parents_data(
    app_context: AppContext, asked: Post, use: Callable[[AppContext, str], object]
) -> None:
    """It may be a stranger's, and it finds the parent for the office alone."""
    followed = open_link(app_context, asked.token("Amira Khan"))
    correct_parent(app_context, "amira@example.org", email="new@x.example")
    for who in ("amira@example.org", str(followed.request_ref)):
        with pytest.raises(ParentUnknown):
            use(app_context, who)
        [found] = search_parents(app_context, who)
        assert found.email == "new@x.example"
        corrected = correct_parent(app_context, who, name="Bell", dry_run=True)
        assert corrected.before == ("Amira Khan", "new@x.example")


def test_nothing_is_imported_while_there_is_a_question(app_context: AppContext) -> None:
    """A marriage, or another parent at the address: the office says which."""
    reading = instead("Amira Khan", "Amira Bell")
    before = snapshot(app_context)
    with pytest.raises(RegisterUnsure):
        import_register(app_context, reading)
    assert snapshot(app_context) == before
    [question] = import_register(app_context, reading, dry_run=True).questions
    answers = Answers(same=frozenset({question.code}))
    result = import_register(app_context, reading, answers=answers)
    assert sorted(one.before[0] for one in result.corrected) == ["Amira Khan"]
    assert import_register(app_context, reading).unchanged == 4


def test_an_identifier_is_kept_and_known_again(app_context: AppContext) -> None:
    """A name and an address that both change, at a school whose export has it."""
    rows = PEOPLE.splitlines()
    identified = [f"{rows[0]},parent_id"]
    identified += [f"{row},P{number}" for number, row in enumerate(rows[1:])]
    text = "\n".join(identified).replace("P1", "P0")
    assert len(import_register(app_context, read(text)).changed) == 4
    assert import_register(app_context, read(text)).unchanged == 4
    moved = text.replace("Amira Khan", "Amira Bell").replace("amira@", "bell@")
    [corrected] = import_register(app_context, read(moved)).corrected
    assert corrected.before == ("Amira Khan", "amira@example.org")


TWO_ANNS = """\
parent_name,parent_email,relationship,child_name,year_group,parent_id
Ann Bell,1@x.example,mother,Mia Bell,Year 4,1
Ann Bell,2@x.example,mother,Leo Bell,Year 5,2
"""


def test_two_of_one_name_may_change_addresses(app_context: AppContext) -> None:
    """Each keeps what is theirs, by the identifier."""
    import_register(app_context, read(TWO_ANNS))
    swapped = TWO_ANNS.replace("1@", "0@").replace("2@", "1@").replace("0@", "2@")
    result = import_register(app_context, read(swapped))
    assert len(result.corrected) == 2
    with app_context.sessions.reading() as session:
        query = select(Parent).where(Parent.name_key == "ann bell")
        emails = {one.identifier: one.email for one in session.scalars(query)}
    assert emails == {"1": "2@x.example", "2": "1@x.example"}


def test_nobody_takes_the_address_of_one_who_keeps_it(app_context: AppContext) -> None:
    """Another of the same name is there; the file does not say what became of them."""
    import_register(app_context, read(TWO_ANNS))
    before = snapshot(app_context)
    header, first, _ = TWO_ANNS.splitlines()
    alone = read("\n".join([header, first.replace("1@", "2@")]))
    for dry_run in (True, False):
        with pytest.raises(RegisterError) as caught:
            import_register(app_context, alone, dry_run=dry_run)
        assert "Ann Bell <2@x.example>" in caught.value.problems[0]
    assert snapshot(app_context) == before


def test_an_address_corrected_by_hand_is_not_changed_back(
    app_context: AppContext,
) -> None:
    """An old export has the wrong one still: that is a question."""
    correct_parent(app_context, "amira@example.org", email="right@x.example")
    with pytest.raises(RegisterUnsure):
        import_register(app_context, read(PEOPLE))
    result = import_register(app_context, read(PEOPLE), dry_run=True)
    assert [one.known.person.email for one in result.questions] == ["right@x.example"]
