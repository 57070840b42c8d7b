"""signer disputes, and what signer status says of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from signer.cli import main
from signer.config import environment
from signer.store.columns import NoteKind
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import look_up_link
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from signer.workflows.context import AppContext

    Run = Callable[..., Result]


@pytest.fixture
def run(app_context: AppContext) -> Run:
    """Amira's link has reached somebody else; runs commands there."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    followed = look_up_link(app_context, post.token("Amira Khan"))
    tell_office(
        app_context,
        str(followed.request_ref),
        NoteKind.NOT_ME,
        link_fingerprint=str(followed.link_fingerprint),
        words="",
    )
    variables = {**environment(app_context.settings), "COLUMNS": "120"}
    return lambda *arguments: CliRunner().invoke(main, arguments, env=variables)


def test_a_dispute_is_shown_and_settled(run: Run) -> None:
    """In the words of `status` too, for as long as it is open."""
    assert "Version 2: 1 disputed." in run("status").stdout
    assert "on hold" in run("disputes", "list").stdout
    done = run("disputes", "settle", "amira@example.org", "--by", "Jo Bloggs")
    assert done.stdout == (
        "Settled for Amira Khan: the links open again, and mail goes on.\n"
    )
    (found,) = json.loads(run("disputes", "list", "--json").stdout)
    assert (found["parent"], found["settled_by"]) == ("Amira Khan", "Jo Bloggs")
    assert "disputed" not in run("status").stdout
    history = run("status", "--parent", "amira@example.org").stdout
    assert "no longer in dispute" in history
    assert "settled by Jo Bloggs" in history


def test_what_is_not_in_dispute_is_not_settled(run: Run) -> None:
    """The error names the command that shows what is."""
    result = run("disputes", "settle", "tom@example.org")
    assert result.exit_code == 1
    assert "signer disputes list" in result.stderr
    result = run("disputes", "settle", "amira@example.org", "--name", "Ben Khan")
    assert result.exit_code == 1
    settled = run("disputes", "settle", "amira@example.org", "--json")
    assert json.loads(settled.stdout) == {"settled": ["Amira Khan"]}
