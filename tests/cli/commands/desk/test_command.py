"""signer desk: who may sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from signer.cli import main
from signer.config import environment
from signer.web import create_app
from tests.web.browsing import Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from signer.config import Settings
    from signer.workflows.context import AppContext


@pytest.fixture
def run(settings: Settings, app_context: AppContext) -> Callable[..., Result]:
    """Runs a command of an instance whose database is there."""
    del app_context

    def run(*arguments: str) -> Result:
        runner = CliRunner()
        return runner.invoke(main, ["desk", *arguments], env=environment(settings))

    return run


def test_an_account_is_added_listed_and_removed(run: Callable[..., Result]) -> None:
    """The list says who may sign in; a second account at an address is refused."""
    assert "Nobody may sign in yet" in run("list").output
    added = run("add", "ada@school.example", "--role", "head", "--name", "Ada Byron")
    assert (
        added.output
        == "ada@school.example may sign in at http://127.0.0.1:8000/desk/\n"
    )
    assert run("add", "Ada@school.example", "--role", "office").exit_code == 1
    assert "Ada Byron" in run("list").output
    refused = run("remove", "ada@school.example")
    assert (refused.exit_code, "only headteacher" in refused.output) == (1, True)
    run("add", "eve@school.example", "--role", "head")
    assert run("remove", "ada@school.example").exit_code == 0
    assert "Ada Byron" not in run("list").output
    assert run("remove", "ada@school.example").exit_code == 1


def test_a_printed_link_signs_in(
    run: Callable[..., Result], settings: Settings, app_context: AppContext
) -> None:
    """Where no mail arrives, the operator hands a link on; it works once."""
    run("add", "ada@school.example", "--role", "head")
    path = run("link", "ada@school.example").output.strip()[len(settings.base_url) :]
    app = create_app(settings, app_context)
    browser = Browser(app)
    assert browser.press(browser.open(path), "Sign in").path == "/desk/"
    assert Browser(app).open(path).status == 410
    assert run("end-sessions").output == "Sessions ended: 1.\n"
    assert browser.open("/desk/").path == "/desk/sign-in"
