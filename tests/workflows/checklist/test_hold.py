"""The first parents of all are asked once the check-list is done, and not before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer import clock
from signer.errors import ChecklistRefused, FirstAskHeld
from signer.store.tables import Outbox, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.plan_ask import plan_ask
from signer.workflows.campaigns.start_on_release import follow_releases
from signer.workflows.checklist.entries import (
    MOST_AN_HOUR,
    confirm_office,
    confirm_sample,
    set_aside,
    take_up,
    write_to_office,
)
from signer.workflows.checklist.lines import Item
from signer.workflows.checklist.look import look_at_checklist
from signer.workflows.checklist.public import check_public
from signer.workflows.mailing.alarms import alarm_letter
from tests.web.releases import release_edit
from tests.workflows.checklist.conftest import Site, code_of, do_everything

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.context import AppContext


def left_of(context: AppContext) -> set[Item]:
    """The lines that hold the first asking back."""
    return {line.item for line in look_at_checklist(context).left}


def requests(context: AppContext) -> int:
    """How many there are."""
    with context.sessions.reading() as session:
        return len(session.scalars(select(Request.id)).all())


@pytest.mark.usefixtures("head")
def test_the_first_parents_wait_until_every_line_is_done(
    app_context: AppContext,
) -> None:
    """Whoever asks: somebody now, or the worker at the planned hour."""
    plan_ask(app_context, clock.now() + timedelta(seconds=1), by="Helen")
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        with pytest.raises(FirstAskHeld) as held:
            ask_parents(app_context)
        assert follow_releases(app_context) is None
        assert requests(app_context) == 0
        assert len(held.value.left) == 4
        open_lines = {Item.OFFICE, Item.SAMPLE, Item.WORKER, Item.BACKUP}
        assert left_of(app_context) == open_lines
        do_everything(app_context)
        assert left_of(app_context) == set()
        done = follow_releases(app_context)
        assert done is not None
        assert done.newly == 4


@pytest.mark.usefixtures("head")
def test_the_head_is_told_once_a_day_that_the_mail_waits(
    app_context: AppContext,
) -> None:
    """And not any more once parents have been asked."""
    plan_ask(app_context, clock.now() + timedelta(seconds=1), by="Helen")
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        follow_releases(app_context)
        follow_releases(app_context)
        with app_context.sessions.reading() as session:
            held = Outbox.occasion.startswith("alarm:held:")
            (row,) = session.scalars(select(Outbox).where(held)).all()
            letter = alarm_letter(app_context, session, row)
        assert letter is not None
        assert "/desk/checklist" in str(letter.values["what_to_do"])
        do_everything(app_context)
        follow_releases(app_context)
        with app_context.sessions.reading() as session:
            assert alarm_letter(app_context, session, row) is None


@pytest.mark.usefixtures("head")
def test_a_line_that_is_set_aside_holds_nothing_back_until_it_is_taken_up(
    app_context: AppContext,
) -> None:
    """With the reason, and who decided it."""
    do_everything(app_context)
    nameless = replace(app_context.settings, witnesses=())
    app_context.settings = nameless
    with pytest.raises(FirstAskHeld):
        ask_parents(app_context)
    for _ in range(2):
        set_aside(app_context, Item.WITNESS, "A governor is asked", by="王小明")
    (line,) = [one for one in look_at_checklist(app_context).lines if one.set_aside]
    assert line.set_aside is not None
    assert (line.set_aside.reason, line.passed) == ("A governor is asked", False)
    take_up(app_context, Item.WITNESS, by="Helen")
    assert left_of(app_context) == {Item.WITNESS}
    set_aside(app_context, Item.WITNESS, "A governor is asked", by="Helen")
    assert ask_parents(app_context).newly == 4


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("head")
def test_each_of_the_public_lines_is_looked_at_anew(
    app_context: AppContext, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notice with marks, another text, and a clock that is wrong each hold it."""
    do_everything(app_context)
    check_public(app_context)
    assert left_of(app_context) == set()
    notice = site / "privacy" / "index.html"
    ours = notice.read_text()
    notice.write_text("<p>School to confirm</p>")
    with pytest.raises(FirstAskHeld) as held:
        ask_parents(app_context)
    assert left_of(app_context) == {Item.NOTICE}
    assert "privacy notice" in held.value.left[0]
    notice.write_text(ours)
    (site / "versions" / "2.md").write_text("another")
    check_public(app_context)
    assert left_of(app_context) == {Item.SITE}
    (site / "versions" / "2.md").unlink()
    check_public(app_context)
    assert left_of(app_context) == {Item.SITE}
    ahead = clock.now() + timedelta(minutes=5)
    told = format_datetime(ahead, usegmt=True)
    monkeypatch.setattr(Site, "date_time_string", lambda *_: told)
    check_public(app_context)
    assert left_of(app_context) == {Item.SITE, Item.CLOCK}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("head")
def test_an_old_backup_is_none_and_a_new_office_address_is_to_be_proved_anew(
    app_context: AppContext, frozen: Callable[[timedelta], None]
) -> None:
    """What was so once is not taken to be so still."""
    do_everything(app_context)
    check_public(app_context)
    app_context.settings = replace(app_context.settings, office_email="new@school.test")
    assert left_of(app_context) == {Item.OFFICE}
    app_context.settings = replace(
        app_context.settings, office_email="OFFICE@school.test"
    )
    assert left_of(app_context) == set()
    frozen(timedelta(days=3))
    assert Item.BACKUP in left_of(app_context)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_code_proves_that_the_mailbox_is_read(app_context: AppContext) -> None:
    """Another one does not, and no mailbox is filled with codes."""
    with pytest.raises(ChecklistRefused):
        confirm_office(app_context, "123", by="Sam")
    with pytest.raises(ChecklistRefused):
        confirm_sample(app_context, by="Sam")
    sent = [write_to_office(app_context, by="Sam") for _ in range(MOST_AN_HOUR + 1)]
    assert sent == [True] * MOST_AN_HOUR + [False]
    code = code_of(app_context)
    confirm_office(app_context, f" {code[:3]} {code[3:]} ", by="Sam")
    assert Item.OFFICE not in left_of(app_context)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_desk_nobody_is_held(app_context: AppContext) -> None:
    """Nobody there could see the list: the command line asks as it always did."""
    assert ask_parents(app_context).newly == 4


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_instance_that_has_asked_before_is_never_held(
    app_context: AppContext, head: str
) -> None:
    """Whatever is wrong with it: a release of next year asks as before."""
    app_context.settings = replace(app_context.settings, demo=True)
    assert ask_parents(app_context).newly == 4
    app_context.settings = replace(app_context.settings, demo=False)
    folder = app_context.settings.versions_dir
    release_edit(folder, "must not take", "must never take", "A word changed.")
    assert head
    assert ask_parents(app_context).newly == 4


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_accounts_that_the_settings_name_are_a_desk(app_context: AppContext) -> None:
    """They are made when somebody first asks to sign in."""
    app_context.settings = replace(
        app_context.settings, desk_accounts=("head:head@school.test",)
    )
    with pytest.raises(FirstAskHeld):
        ask_parents(app_context)
