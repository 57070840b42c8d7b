"""A link that reached somebody else: on hold until the office has looked."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from signer.errors import DisputeUnknown, RequestClosed
from signer.register.rows import read_register
from signer.store.columns import NoteKind
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.status import count_status
from signer.workflows.operations.figures import take_figures
from signer.workflows.paper.record import record_paper
from signer.workflows.register.identity import correct_parent
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.disputes import list_disputes, settle_disputes
from signer.workflows.requests.follow_link import look_up_link, open_link
from signer.workflows.requests.link_asks import note_ask
from signer.workflows.requests.sign import declaration_pdf
from tests.conftest import PEOPLE
from tests.web.releases import ask_again
from tests.workflows.conftest import Post, sign, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

    Advance = Callable[[timedelta], None]

WANG = "王小明"
SHARED = (
    PEOPLE + "Rashid Khan,amira@example.org,father,Leila Khan,Year 5\n"
    "Rashid Khan,amira@example.org,father,Yusuf Khan,Year 8\n"
)
OFFICE = "office@my-online-schooling.example"


def dispute(context: AppContext, followed: Followed) -> None:
    assert followed.request_ref
    assert followed.link_fingerprint
    tell_office(
        context,
        followed.request_ref,
        NoteKind.NOT_ME,
        link_fingerprint=followed.link_fingerprint,
        words="",
    )


def to_amira(post: Post) -> list[EmailMessage]:
    return [one for one in post.mails() if "amira@example.org" in str(one["To"])]


@pytest.fixture
def disputed(app_context: AppContext, asked: Post, amira: Followed) -> Post:
    """Somebody else has Amira's link, and said so; the office has the mail."""
    dispute(app_context, amira)
    asked.send()
    return asked


def test_every_link_of_the_parent_shows_nothing(
    app_context: AppContext, disputed: Post, amira: Followed
) -> None:
    """Nothing can be signed or told with them."""
    token = disputed.token("Amira Khan")
    assert look_up_link(app_context, token).state is LinkState.DISPUTED
    with pytest.raises(RequestClosed) as caught:
        sign(app_context, amira)
    assert caught.value.status == "disputed"
    with pytest.raises(RequestClosed):
        dispute(app_context, amira)
    tom = look_up_link(app_context, disputed.token("Tom O'Brien"))
    assert tom.state is LinkState.OPEN


def test_no_mail_goes_to_the_address_until_the_office_has_looked(
    app_context: AppContext, disputed: Post, frozen: Advance
) -> None:
    """No reminder, no new link, no mail to another parent there; then all of it."""
    import_register(app_context, read_register(SHARED.encode()))
    ask_parents(app_context)
    before = len(to_amira(disputed))
    for days in (3, 7, 7):
        frozen(timedelta(days=days))
        remind_parents(app_context)
        note_ask(app_context, "amira@example.org")
        disputed.send()
    assert len(to_amira(disputed)) == before
    assert len(disputed.to(WANG)) > 1
    frozen(timedelta(days=7))
    names = settle_disputes(app_context, "AMIRA@example.org", by="Jo Bloggs")
    assert names == ("Amira Khan",)
    disputed.send()
    assert "Rashid Khan" in str(to_amira(disputed)[-1]["To"])
    remind_parents(app_context)
    disputed.send()
    assert "Amira Khan" in str(to_amira(disputed)[-1]["To"])
    token = disputed.token("Amira Khan")
    assert open_link(app_context, token).state is LinkState.OPEN


def test_what_waits_for_the_office_is_no_trouble_with_the_mail(
    app_context: AppContext, disputed: Post, frozen: Advance
) -> None:
    """Nobody is alarmed about it."""
    import_register(app_context, read_register(SHARED.encode()))
    ask_parents(app_context)
    disputed.send()
    frozen(timedelta(hours=5))
    assert take_figures(app_context).untried == 0


def test_the_office_is_told_of_the_hold_and_how_to_end_it(disputed: Post) -> None:
    """By correcting the register, or by a command that can be copied."""
    text = words(disputed.to(OFFICE)[-1])
    assert "on hold" in text
    assert "signer parent correct" in text
    assert "--leavers" not in text
    assert "signer disputes settle amira@example.org --name 'Amira Khan'" in text


def test_status_counts_it_apart(app_context: AppContext, disputed: Post) -> None:
    """It is neither outstanding nor answered."""
    (campaign,) = count_status(app_context).campaigns
    assert (campaign.disputed, campaign.outstanding) == (1, 3)
    assert remind_parents(app_context, dry_run=True).outstanding == 3
    (found,) = list_disputes(app_context)
    assert (found.parent, found.settled_at) == ("Amira Khan", None)


def test_a_corrected_register_settles_it(
    app_context: AppContext, disputed: Post
) -> None:
    """The same person is asked at the right address, and the wrong one no more."""
    corrected = PEOPLE.replace("amira@example.org", "amira.khan@example.org")
    import_register(app_context, read_register(corrected.encode()))
    assert ask_parents(app_context).newly == 0
    disputed.send()
    assert "amira.khan@example.org" in str(disputed.to("Amira Khan")[-1]["To"])
    (found,) = list_disputes(app_context)
    assert found.settled_by == "the register: the address was corrected"
    with pytest.raises(DisputeUnknown):
        settle_disputes(app_context, "amira@example.org", by="Jo Bloggs")


def test_the_hold_goes_on_for_the_other_parent_at_the_same_address(
    app_context: AppContext, disputed: Post
) -> None:
    """One of the two is corrected: a stranger reads the other's mail as before."""
    import_register(app_context, read_register(SHARED.encode()))
    ask_parents(app_context)
    correct = partial(correct_parent, app_context, "amira@example.org")
    move = partial(correct, known_as="Amira Khan", email="new@x.example")
    assert move(dry_run=True).on_hold == move().on_hold == ("Rashid Khan",)
    before = len(to_amira(disputed))
    disputed.send()
    assert len(to_amira(disputed)) == before
    assert "new@x.example" in str(disputed.to("Amira Khan")[-1]["To"])
    token = disputed.token("Amira Khan")
    assert look_up_link(app_context, token).state is LinkState.OPEN
    (found,) = list_disputes(app_context)
    assert (found.email, found.settled_at) == ("amira@example.org", None)
    assert correct(email="rashid@x.example").on_hold == ()
    (found,) = list_disputes(app_context)
    assert found.settled_by == "the register: the address was corrected"
    disputed.send()
    assert "rashid@x.example" in str(disputed.to("Rashid Khan")[-1]["To"])


@pytest.mark.parametrize("leavers", [False, True], ids=["moved", "left"])
def test_an_import_ends_no_hold_of_another_parent_there(
    app_context: AppContext, disputed: Post, *, leavers: bool
) -> None:
    """It says whose mail stays on hold; it goes on once both are corrected."""
    import_register(app_context, read_register(SHARED.encode()))
    lines = SHARED.splitlines(keepends=True)
    rest = "".join(line for line in lines if not line.startswith("Amira"))
    moved = SHARED.replace("Amira Khan,amira@", "Amira Khan,new@")
    reading = read_register((rest if leavers else moved).encode())
    on_hold = [("Rashid Khan", "amira@example.org")]
    if not leavers:
        assert import_register(app_context, reading, dry_run=True).on_hold == on_hold
    assert import_register(app_context, reading, leavers=leavers).on_hold == on_hold
    (found,) = list_disputes(app_context)
    assert found.settled_at is None
    both = (rest if leavers else SHARED).replace("amira@", "khan@").encode()
    assert import_register(app_context, read_register(both)).on_hold == []
    (found,) = list_disputes(app_context)
    assert found.settled_at is not None


def test_a_sheet_of_paper_is_recorded_all_the_same(
    app_context: AppContext, disputed: Post
) -> None:
    """Its holder knows whose it is; the links still show nothing."""
    record_paper(app_context, "amira@example.org", by="Jo Bloggs")
    token = disputed.token("Amira Khan")
    assert look_up_link(app_context, token).state is LinkState.DISPUTED


def test_what_was_signed_before_is_not_shown_either(
    app_context: AppContext, asked: Post, amira: Followed
) -> None:
    """The links open the receipt again once it is settled."""
    sign(app_context, amira)
    marks = str(amira.request_ref), str(amira.link_fingerprint)
    assert declaration_pdf(app_context, *marks)
    later, post = ask_again(app_context.settings)
    with closing(later.sessions):
        dispute(later, open_link(later, post.token("Amira Khan")))
        assert declaration_pdf(later, *marks) is None
        settle_disputes(later, "amira@example.org", by="Jo", name="Amira Khan")
        assert declaration_pdf(later, *marks)
