"""No page of the desk asks the database more often because there are more parents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from signer.web import create_app
from signer.web.desk.permissions import WITHOUT_ACCOUNT
from signer.workflows.context import open_context
from tests.conftest import new_database
from tests.sharing.large_school import fill
from tests.web.browsing import ADDRESS
from tests.web.desk.every_page import FILES, paths_of_pages, sign_in_head
from tests.web.releases import release_edit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from signer.config import Settings

    Counted = dict[tuple[str, int], int]

FEW, MANY = 30, 300


def pages_of(app: Flask) -> set[str]:
    """The pages of the desk that somebody with an account can open."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and "GET" in (rule.methods or ())
    } - {*WITHOUT_ACCOUNT, *FILES}


@pytest.fixture(params=["sqlite", "postgresql"])
def queries_in(
    request: pytest.FixtureRequest, tmp_path: Path, settings: Settings, frozen: object
) -> Callable[[int], Counted]:
    """How many queries each page takes in a school of a size, on each system."""
    release_edit(settings.versions_dir, "Purpose", "Our purpose", "A heading.")

    def queries_in(size: int) -> Counted:
        folder = tmp_path / str(size)
        folder.mkdir()
        database = new_database(request, folder)
        own = replace(settings, instance=folder, database_url=database)
        app_context = open_context(own)
        # Whatever fails: a connection that stays open fails another test.
        request.addfinalizer(app_context.sessions.close)
        fill(app_context, size, questions=size // 3)
        app = create_app(own, app_context)
        browser = sign_in_head(app, app_context)
        paths = paths_of_pages(app_context, size)
        assert set(paths) == pages_of(app), "each page is looked at"
        asked: list[str] = []
        event.listen(
            app_context.sessions.engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, *_: asked.append(statement),
        )
        counted = {}
        for endpoint, several in paths.items():
            for place, path in enumerate(several):
                asked.clear()
                answer = browser.client.get(path, base_url=ADDRESS)
                assert answer.status_code == 200, path
                counted[endpoint, place] = len(asked)
        return counted

    return queries_in


def test_the_number_of_queries_does_not_grow(
    queries_in: Callable[[int], Counted],
) -> None:
    """Ten times the parents, whatever there is of each of them, and as many queries."""
    few, many = queries_in(FEW), queries_in(MANY)
    growing = {page: (few[page], many[page]) for page in few if many[page] > few[page]}
    assert growing == {}
