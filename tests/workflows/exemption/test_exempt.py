"""Who need not sign is not asked and not reminded, and is counted apart."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer.errors import ExemptionRefused, TextRefused
from signer.register.rows import read_register
from signer.workflows.campaigns.ask import ask_parents, would_ask
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.selection import State
from signer.workflows.campaigns.status import count_status
from signer.workflows.exemption.exempt import (
    end_exemption,
    exempt_parent,
    list_exemptions,
)
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.history import parent_history
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.register.merge_parents import merge_parents
from tests.conftest import MOMENT, PEOPLE
from tests.web.releases import release
from tests.workflows.conftest import Post, sign, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

    Advance = Callable[[timedelta], None]

AMIRA = "amira@example.org"
WHY = "Signs as a member of staff"


def exempt(app_context: AppContext) -> None:
    exempt_parent(app_context, AMIRA, by="Mrs Bell", reason=WHY)


def test_they_are_not_asked(app_context: AppContext, post: Post) -> None:
    """Nor by the next release; the count says how many they are."""
    exempt(app_context)
    assert would_ask(app_context).newly == 3
    assert ask_parents(app_context).newly == 3
    standing = count_status(app_context)
    assert (standing.need_not_sign, standing.not_asked) == (1, 0)
    release(app_context.settings.versions_dir)
    assert ask_parents(app_context).newly == 3
    post.send()
    assert post.to("Amira Khan") == []
    listed = {one.name: one.state for one in list_register(app_context)}
    assert listed["Amira Khan"] is State.NEED_NOT_SIGN


def test_they_are_not_reminded(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """What was open stays so, and is not outstanding."""
    before = len(asked.to("Amira Khan"))
    exempt(app_context)
    frozen(timedelta(days=8))
    assert remind_parents(app_context).outstanding == 3
    asked.send()
    assert len(asked.to("Amira Khan")) == before
    [campaign] = count_status(app_context).campaigns
    assert (campaign.need_not_sign, campaign.outstanding) == (1, 3)
    assert (campaign.asked, campaign.covered) == (4, 0.0)


def test_a_mail_that_waits_is_not_sent(app_context: AppContext, post: Post) -> None:
    """Queued before, and looked at once more as it goes out."""
    ask_parents(app_context)
    exempt(app_context)
    assert post.send() == 3
    assert post.to("Amira Khan") == []


def test_they_may_sign_all_the_same(app_context: AppContext, amira: Followed) -> None:
    """Then they have signed."""
    exempt(app_context)
    assert not sign(app_context, amira).already
    [campaign] = count_status(app_context).campaigns
    assert (campaign.need_not_sign, campaign.signed_by_link) == (0, 1)


def test_it_is_taken_back_and_the_history_kept(
    app_context: AppContext, asked: Post, frozen: Advance
) -> None:
    """Asked or reminded again; who said what, and when, stays."""
    exempt(app_context)
    frozen(timedelta(days=8))
    ended = end_exemption(app_context, AMIRA, by="Jo", reason="Left the staff")
    assert (ended.made_by, ended.outstanding) == ("Mrs Bell", 2)
    assert remind_parents(app_context).reminded == 4
    exempt(app_context)
    [told] = parent_history(app_context, AMIRA)
    first, second = told.exemptions
    assert (first.reason, first.made_at) == (WHY, MOMENT)
    assert (first.ended_by, first.ended_reason) == ("Jo", "Left the staff")
    assert second.ended_at is None
    assert [one.ended_at is None for one in list_exemptions(app_context)] == [
        True,
        False,
    ]


def test_who_was_never_asked_is_asked_afterwards(app_context: AppContext) -> None:
    """By the next campaign."""
    exempt(app_context)
    ask_parents(app_context)
    end_exemption(app_context, AMIRA, by="Jo", reason="A mistake")
    assert ask_parents(app_context).newly == 1


def test_looking_first_changes_nothing(app_context: AppContext) -> None:
    """Neither before it is noted nor before it is ended."""
    before = snapshot(app_context)
    exempt_parent(app_context, AMIRA, by="Jo", reason=WHY, dry_run=True)
    assert snapshot(app_context) == before
    exempt(app_context)
    before = snapshot(app_context)
    end_exemption(app_context, AMIRA, by="Jo", reason=WHY, dry_run=True)
    assert snapshot(app_context) == before


def test_what_makes_no_sense_is_refused(app_context: AppContext) -> None:
    """Twice, none to end, no reason."""
    with pytest.raises(ExemptionRefused):
        end_exemption(app_context, AMIRA, by="Jo", reason=WHY)
    with pytest.raises(TextRefused):
        exempt_parent(app_context, AMIRA, by="Jo", reason=" ")
    exempt(app_context)
    with pytest.raises(ExemptionRefused):
        exempt(app_context)


def test_it_goes_with_its_parent(app_context: AppContext) -> None:
    """A reason may tell of a family."""
    exempt(app_context)
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    erase_parent(app_context, AMIRA)
    assert snapshot(app_context)["exemption"] == []


def test_two_records_of_one_person_are_one_exemption(app_context: AppContext) -> None:
    """What either says is kept; one of them goes on, and one end takes it back."""
    row = "Amira Khan,old@example.org,aunt,Di Khan,Year 1\n"
    import_register(app_context, read_register((PEOPLE + row).encode()))
    exempt(app_context)
    exempt_parent(app_context, "old@example.org", by="Jo", reason="Moved abroad")
    merge_parents(app_context, AMIRA, "old@example.org")
    [told] = parent_history(app_context, AMIRA)
    assert [(one.reason, one.ended_at is None) for one in told.exemptions] == [
        (WHY, True),
        ("Moved abroad", False),
    ]
    end_exemption(app_context, AMIRA, by="Jo", reason="Back")
    assert count_status(app_context).need_not_sign == 0
