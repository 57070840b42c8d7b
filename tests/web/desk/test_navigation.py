"""The menu marks the room in which one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.web import create_app
from signer.workflows.context import open_context
from tests.conftest import new_database
from tests.sharing.large_school import fill
from tests.web.desk.every_page import paths_of_pages, sign_in_head
from tests.web.releases import release_edit

if TYPE_CHECKING:
    from pathlib import Path

    from signer.config import Settings
    from tests.web.browsing import Page

OF_ONE_PERSON = {"desk.account", "desk.calendar"}
"""What is in no room: it stands beside one's name."""

PARENTS = 30


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The menu asks no database."""
    return new_database(request, tmp_path)


def marked(page: Page) -> list[str]:
    """The rooms that a page's menu marks."""
    links = page.tree.xpath("//nav[@class='rooms']//a[@aria-current='page']")
    return [one.text_content() for one in links]


def test_each_page_is_in_the_room_to_which_its_way_back_leads(
    settings: Settings, request: pytest.FixtureRequest, frozen: object
) -> None:
    """Every page of the desk marks one room, that of the page that it leads back to."""
    release_edit(settings.versions_dir, "Purpose", "Our purpose", "A heading.")
    app_context = open_context(settings)
    request.addfinalizer(app_context.sessions.close)
    fill(app_context, PARENTS, questions=PARENTS)
    head = sign_in_head(create_app(settings, app_context), app_context)
    rooms = {}
    for endpoint, paths in paths_of_pages(app_context, PARENTS).items():
        if endpoint.rpartition(".")[0] in OF_ONE_PERSON:
            continue
        page = head.open(paths[0])
        assert len(marked(page)) == 1, endpoint
        [rooms[endpoint]] = marked(page)
        for back in page.tree.xpath("//a[@class='back']/@href"):
            assert marked(head.open(back)) == [rooms[endpoint]], endpoint
    assert {*rooms.values()} == {
        "Today",
        "Campaign",
        "Inbox",
        "Parents",
        "Text",
        "Record",
        "Staff",
    }
    assert rooms["desk.teachers.listed"] == "Campaign"
