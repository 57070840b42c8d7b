"""The demo's families have done something by the time that somebody looks."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from signer.cli.commands.demo import story
from signer.cli.commands.demo.setup import a_link, demo_settings, furnish
from signer.store.columns import NoteKind
from signer.workflows.campaigns.status import count_status
from signer.workflows.context import open_context
from signer.workflows.desk.inbox import count_waiting
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import look_up_link
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path


def test_the_families_have_a_story(tmp_path: Path) -> None:
    """It is lived once, and whoever the link is for has answered nothing."""
    settings = demo_settings(8000, tmp_path / "instance", REPOSITORY)
    furnish(settings)
    furnish(settings)
    with closing((app_context := open_context(settings)).sessions):
        (campaign,) = count_status(app_context).campaigns
        with app_context.sessions.reading() as session:
            waiting = count_waiting(session)
        link = a_link(settings)
        assert link is not None
        followed = look_up_link(app_context, link.rpartition("/")[2])
    assert (campaign.signed_by_link, campaign.signed_on_paper) == (
        len(story.SIGN),
        1,
    )
    assert (campaign.declined, campaign.disputed, campaign.mail_bounced) == (1, 1, 1)
    assert waiting == {
        NoteKind.DECLINE: 1,
        NoteKind.QUESTION: 1,
        NoteKind.NOT_ME: 1,
    }
    assert followed.state is LinkState.OPEN
